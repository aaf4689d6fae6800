#!/usr/bin/env python3
"""JSONTestSuite against the reader of JSON: what must be accepted, what must be refused, and what may be either but must be judged.

Refused by policy is what the suite accepts and a message may not do: the same member twice.
"""
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

SOURCE = pathlib.Path(os.environ.get("HANSA_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[3])
BUILD = pathlib.Path(os.environ.get("HANSA_BUILD_DIR", SOURCE / "build/release"))
CORPUS = pathlib.Path(os.environ.get("HANSA_CORPUS", SOURCE.parent / "shared/corpus"))
POLICY = {"y_object_duplicated_key.json": "syntax.member-twice", "y_object_duplicated_key_and_value.json": "syntax.member-twice"}
LEAST = 160  # files of test_parsing that must be there, so that an empty archive is no success


def main():
    archive = CORPUS / "json/jsontestsuite-shared.tar.gz"
    if not archive.exists():
        print("no corpus")
        return 77
    counts = {kind: {"passed": 0, "failed": 0, "refused": 0} for kind in ("y", "n", "i")}
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(archive) as packed:
            members = [m for m in packed.getmembers() if m.isfile() and "/test_parsing/" in m.name]
            packed.extractall(folder, members)
        files = sorted(pathlib.Path(folder) / m.name for m in members)
        run = subprocess.run([str(BUILD / "tests/json-verdict"), *map(str, files)], capture_output=True, text=True, check=False)
        verdicts = run.stdout.splitlines()
        if run.returncode != 0 or len(verdicts) != len(files) or len(files) < LEAST:
            print(f"json-verdict: {run.returncode}, {len(verdicts)} verdicts on {len(files)} files\n{run.stderr}")
            return 1
    for file, verdict in zip(files, verdicts):
        kind = file.name[0]
        if file.name in POLICY:
            counts[kind]["refused" if verdict == "no " + POLICY[file.name] else "failed"] += 1
            continue
        wanted = {"y": verdict == "yes", "n": verdict.startswith("no "), "i": True}[kind]
        counts[kind]["passed" if wanted else "failed"] += 1
        if not wanted:
            print(f"{file.name}: {verdict}")
    total = {word: sum(count[word] for count in counts.values()) for word in ("passed", "failed", "refused")}
    line = {"suite": "json", **total, "skipped": [], "seed": 0, "by": counts}
    (BUILD / "results").mkdir(parents=True, exist_ok=True)
    (BUILD / "results/json.json").write_text(json.dumps(line) + "\n", encoding="utf-8")
    print(json.dumps(line))
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
