#!/usr/bin/env python3
"""Golden pairs: what a message of one country becomes in a partner's format, whole, with what got lost on the way.

pairs/FROM--TO/NAME.xml is what plugins/AUTHORITY/golden/FORMAT/NAME.xml becomes (both end as files of their formats do: .edi,
.txt, .json), NAME.loss.jsonl beside it the ledger, an entry a line; `envelope` in the folder says what stands around the documents,
PATH=VALUE a line; `question` of an answer's folder which example it answers, `FORMAT NAME`: what the answer leaves out is taken from there, as
the gateway does. NAME.errors says that the partner's format demands what the document does not say: `CODE: what (at PLACE)`, a line a
fault. `whole` is the document of tests/share, which says all that its format's page names. All are reviewed files, written from what
the partner's format can say. UPDATE=1 rewrites them; read the difference like code.

    UPDATE=1 tests/golden/test_pairs.py
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(os.environ.get("HANSA_SOURCE_DIR") or HERE.parents[1])
BUILD = pathlib.Path(os.environ.get("HANSA_BUILD_DIR", SOURCE / "build/release"))
HANSA = str(BUILD / "bin/hansa")
RECEIVED = ("when it came", "when the answer came", "the answer says no time")  # reasons of tables, beside those that name the receipt
ENDINGS = (".xml", ".edi", ".txt", ".json")


def translate(source, target, folder, around):
    """The document and its ledger, as text; the command's words where it fails."""
    out, loss = folder / "out", folder / "loss.json"
    run = subprocess.run([HANSA, "translate", "--to", target, str(source), "-o", str(out), "--loss", str(loss), *around],
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        return run.stdout + run.stderr, ""
    entries = [{key: entry.get(key, "") for key in ("kind", "path", "value", "reason")} for entry in json.loads(loss.read_text(encoding="utf-8"))["entries"]]
    document = out.read_text(encoding="utf-8", errors="surrogateescape")
    # The time of receipt is another on every run; what is longer goes first, because a day is a part of a time.
    for entry in sorted(entries, key=lambda one: -len(one["value"])):
        if entry["kind"] == "defaulted" and ("of receipt" in entry["reason"] or entry["reason"] in RECEIVED):
            document = document.replace(entry["value"], "(received)")
            entry["value"] = "(received)"
    return document, "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)


def example_of(format_id, name):
    """An example of a plugin, by its format and name, whatever its file ends in."""
    authority, _, folder = format_id.partition(".")
    stem = SOURCE / "plugins" / authority / "golden" / folder / name
    return stem if stem.exists() else next(path for path in map(stem.with_suffix, ENDINGS) if path.exists())


def faults(source, target, folder, around):
    """Why there is no translation, without the file and its line; what came out where there is one."""
    words, _ = translate(source, target, folder, around)
    lines = [line for line in words.splitlines() if line.startswith(str(source))]
    return "".join(line + "\n" for line in sorted({line.split(": ", 1)[1] for line in lines})) or words


def main():
    update = "UPDATE" in os.environ
    pairs = sorted(path for path in (HERE / "pairs").iterdir() if path.is_dir())
    failed = count = 0
    with tempfile.TemporaryDirectory() as temporary:
        for pair in pairs:
            source, _, target = pair.name.partition("--")
            values = (pair / "envelope").read_text(encoding="utf-8").splitlines() if (pair / "envelope").exists() else []
            # What an example is, its folder says: editions look alike.
            around = ["--from", source, *(word for value in values for word in ("--envelope", value))]
            if (pair / "question").exists():
                asked, name = (pair / "question").read_text(encoding="utf-8").split()
                around += ["--question", str(example_of(asked, name)), "--question-format", asked]
            for expected in sorted(path for path in pair.iterdir() if path.suffix in (*ENDINGS, ".errors")):
                whole = SOURCE / "tests/share/documents" / (source + ".xml")
                example = whole if expected.stem == "whole" else example_of(source, expected.stem)
                if expected.suffix == ".errors":
                    files = {expected: faults(example, target, pathlib.Path(temporary), around)}
                else:
                    document, ledger = translate(example, target, pathlib.Path(temporary), around)
                    files = {expected: document, expected.with_suffix(".loss.jsonl"): ledger}
                count += 1
                for file, given in files.items():
                    if update:
                        file.write_text(given, encoding="utf-8", errors="surrogateescape")
                    wanted = file.read_text(encoding="utf-8", errors="surrogateescape") if file.exists() else ""
                    if wanted != given:
                        failed += 1
                        print(f"{file.relative_to(SOURCE)}: differs\n  expected {wanted}\n  got      {given}")
    print(f"{len(pairs)} pairs, {count} golden documents, {failed} differences")
    return 1 if failed or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
