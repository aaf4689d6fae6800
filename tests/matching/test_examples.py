#!/usr/bin/env python3
"""Examples of tables of matches: plugins/*/matching/examples/NAME holds documents and `verdict`.

A verdict is `matched`, `refused` or `incomplete`, then the rules that were broken, or the parts that are missing; of several leads a line each, with the name of its file before it. Every
agreement of a table needs an example that breaks it, and every table one that matches without a word. The documents are
given in both orders of their names.
"""
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(os.environ["HANSA_SOURCE_DIR"])
HANSA = pathlib.Path(os.environ["HANSA_BUILD_DIR"]) / "bin" / "hansa"


def hansa(*arguments):
    done = subprocess.run([HANSA, *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"hansa {arguments[0]} ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def verdict_of(answer):
    """What came out, as the file says it."""
    several = len(answer["leads"]) != 1
    lines = []
    for lead in answer["leads"]:
        rules = sorted({finding["rule"] for finding in lead.get("findings", [])} | set(lead.get("missing", [])))
        lines.append(" ".join([*([pathlib.Path(lead["lead"]).stem] if several else []), lead["verdict"], *rules]))
    return "\n".join(sorted(lines))


def main():
    tables = {table["table"]: table for table in hansa("match", "--list", "--json")}
    broken, quiet, faults = {}, set(), []
    examples = sorted(ROOT.glob("plugins/*/matching/examples/*/verdict"))
    for file in examples:
        wanted = file.read_text(encoding="utf-8").strip()
        documents = sorted(path for path in file.parent.iterdir() if path != file)
        for turned in (documents, documents[::-1]):
            answer = hansa("match", "--json", *turned)
            found = verdict_of(answer)
            if found != wanted:
                faults.append(f"{file.parent.relative_to(ROOT)}: {found}, not {wanted}")
        if wanted == "matched":
            quiet.add(answer["table"])
        broken.setdefault(answer["table"], set()).update(wanted.split()[1:])
    for name, table in tables.items():
        if name not in quiet:
            faults.append(f"{name}: no example that matches")
        for rule in table["rules"]:
            if rule not in broken.get(name, set()):
                faults.append(f"{name}: no example breaks {rule}")
    print(f"{len(examples)} examples of {len(tables)} tables, {len(faults)} faults")
    for fault in faults:
        print(fault)
    return 1 if faults or not examples else 0


if __name__ == "__main__":
    sys.exit(main())
