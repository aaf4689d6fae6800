#!/usr/bin/env python3
"""Examples of tables of consolidation: plugins/*/consolidation/examples/NAME holds documents and `expected`.

    table  xx.master            # the table that is asked
    format xx.list              # of the documents, where they are pivot lines
    to     xx.report            # a format that the masters must fit
    envelope PATH=VALUE         # for it
    master A1 A2                # the identities in each master, in order
    total  InvoiceAmount 16.00  # a field of the first master
    refused consolidation.not-equal Declarant
    left   GoodsShipment/Payment/PaymentAmount

Every table needs an example that refuses nothing. Each master is taken apart again: the same houses must come back,
and every way apart that the table has must cover each item once.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(os.environ["HANSA_SOURCE_DIR"])
HANSA = pathlib.Path(os.environ["HANSA_BUILD_DIR"]) / "bin" / "hansa"


def hansa(*arguments, codes=(0, 1)):
    done = subprocess.run([HANSA, *arguments], capture_output=True, text=True, check=False)
    if done.returncode not in codes:
        sys.exit(f"hansa {' '.join(map(str, arguments))} ended with {done.returncode}: {done.stderr}")
    return done


def wanted_of(file):
    out = {"master": [], "total": [], "refused": [], "left": [], "format": [], "to": []}
    for line in file.read_text(encoding="utf-8").splitlines():
        word, _, rest = line.partition(" ")
        out.setdefault(word, []).append(rest.strip())
    return out


def lines_of(text):
    """The lines of each pivot document."""
    documents, own = [], None
    for line in text.splitlines():
        if line.startswith("document "):
            own = []
            documents.append(own)
        else:
            own.append(line)
    return documents


def field(lines, path):
    return next((line[len(path) + 1:] for line in lines if line.startswith(path + " ")), None)


def check_example(file, tables, faults):
    def fault(text):
        faults.append(f"{file.parent.relative_to(ROOT)}: {text}")

    wanted = wanted_of(file)
    table = wanted["table"][0]
    documents = sorted(path for path in file.parent.iterdir() if path != file)
    form = ["--format", wanted["format"][0]] if wanted["format"] else []
    made = hansa("consolidate", "--table", table, *form, "--json", "--issued", "2026-11-26T10:00:00Z", *documents)
    answer = json.loads(made.stdout)
    masters = [" ".join(part["identity"] for part in master["parts"]) for master in answer["masters"]]
    if masters != wanted["master"]:
        fault(f"masters of {masters}, not {wanted['master']}")
    refused = [f"{one['code']} {one['path']}".strip() for one in answer["refused"]]
    if refused != wanted["refused"]:
        fault(f"refused {refused}, not {wanted['refused']}")
    if (made.returncode == 1) != bool(wanted["refused"]):
        fault(f"exit code {made.returncode}")
    left = sorted({one["path"] for one in answer["left"]})
    if left != sorted(wanted["left"]):
        fault(f"left {left}, not {wanted['left']}")
    with tempfile.TemporaryDirectory() as name:
        lines = pathlib.Path(name) / "masters.pivot"
        hansa("consolidate", "--table", table, *form, "-o", lines, "--issued", "2026-11-26T10:00:00Z", *documents)
        text = lines.read_text(encoding="utf-8")
        if text:
            first = lines_of(text)[0]
            for total in wanted["total"]:
                path, _, value = total.partition(" ")
                if field(first, path) != value:
                    fault(f"{path} is {field(first, path)}, not {value}")
            check_apart(lines, tables[table], answer, form, fault)
        for to in wanted["to"]:
            around = [word for value in wanted.get("envelope", []) for word in ("--envelope", value)]
            written = hansa("consolidate", "--table", table, *form, "--to", to, *around, "--issued", "2026-11-26T10:00:00Z", *documents)
            if "</" not in written.stdout:
                fault(f"does not fit {to}: {written.stderr}")
    return table if not wanted["refused"] else None


def check_apart(lines, table, answer, form, fault):
    form = form or ["--format", "wco.declaration"]
    parts = json.loads(hansa("split", "--table", table["table"], *form, "--json", lines, codes=(0,)).stdout)
    back = [(part["identity"], part["items"]) for part in parts]
    gone = [(part["identity"], part["items"]) for master in answer["masters"] for part in master["parts"]]
    if back != gone:
        fault(f"comes back as {back}, not {gone}")
    for way in table["apart"]:
        done = hansa("split", "--table", table["table"], *form, "--by", way, "--json", lines)
        if done.returncode == 1:
            if "consolidation.key-missing" not in done.stderr:
                fault(f"by {way}: {done.stderr}")
            continue
        items = sorted(item for part in json.loads(done.stdout) for item in part["items"])
        if items != sorted(item for _, own in gone for item in own):
            fault(f"by {way}: items {items}")


def check_answers(faults):
    """Answers on the command line: gathered from the parts, scattered from the whole, and what is wrong is named."""
    folder = ROOT / "plugins/wco/consolidation/examples/parcels-of-a-bill"
    with tempfile.TemporaryDirectory() as name:
        room = pathlib.Path(name)
        master = room / "master.pivot"
        hansa("consolidate", "--table", "wco.parcels", "--format", "wco.declaration", "--reference", "M-1", "-o", master, folder / "houses.pivot")
        place = "Declaration/GoodsShipment/GovernmentAgencyGoodsItem"
        parts = {"one": "01", "two": "03"}
        for part, function in parts.items():
            more = f"Error[1]/ValidationCode 12036\nError[1]/Place {place}[1]\n" if function == "03" else ""
            (room / part).write_text(f"document response\nFunctionCode {function}\n{more}Declaration/FunctionalReferenceID LIST-{part.upper()}\n", encoding="utf-8")
        common = ["split", "--table", "wco.parcels", "--format", "wco.declaration", master, "--answer-format", "wco.response"]
        gathered = json.loads(hansa(*common, "--json", "--answers", room / "one", room / "two").stdout)
        verdicts = [(item["item"], item["identity"], item["function"]) for item in gathered["items"]]
        if verdicts != [(1, "W-1", "01"), (2, "W-2", "03"), (3, "W-2", "03")]:
            faults.append(f"gathered verdicts {verdicts}")
        missing = hansa(*common, "--json", "--partial", "--answers", room / "two")
        if [item["function"] for item in json.loads(missing.stdout)["items"]] != ["", "03", "03"]:
            faults.append(f"partial: {missing.stdout}")
        written = hansa(*common, "--to", "wco.response", "--answers", room / "one", room / "two")
        if written.stdout.count("Status>") != 6 or written.stdout.count("Pointer>") != 24 or "item 2 of W-2: 03" not in written.stderr:
            faults.append(f"not one status an item: {written.stdout} {written.stderr}")
        (room / "whole").write_text(f"document response\nFunctionCode 03\nError[1]/ValidationCode 1\nError[1]/Place {place}[3]\nDeclaration/FunctionalReferenceID M-1\n", encoding="utf-8")
        each = json.loads(hansa(*common, "--json", "--answers", room / "whole").stdout)
        if "[2]" not in json.dumps(each[1]["answer"]) or "12036" in json.dumps(each[0]["answer"]) or '"Error"' in json.dumps(each[0]["answer"]):
            faults.append(f"scattered: {each}")
        (room / "stranger").write_text("document response\nFunctionCode 03\nDeclaration/FunctionalReferenceID ELSE\n", encoding="utf-8")
        for arguments, code in ((["--answers", room / "stranger", room / "one"], "consolidation.answer-unknown"), (["--by", "nowhere"], "consolidation.table-unknown")):
            done = hansa(*common, *arguments)
            if done.returncode != 1 or code not in done.stderr:
                faults.append(f"{arguments}: {done.returncode} {done.stderr}")
    for arguments, code in ((["consolidate"], 2), (["split", "--table", "wco.parcels"], 2), (["consolidate", "--table", "wco.parcels", "/nowhere"], 3)):
        if hansa(*arguments, codes=(0, 1, 2, 3, 4)).returncode != code:
            faults.append(f"{arguments}: not exit code {code}")


def main():
    tables = {table["table"]: table for table in json.loads(hansa("consolidate", "--list", "--json").stdout)}
    faults, good = [], set()
    examples = sorted(ROOT.glob("plugins/*/consolidation/examples/*/expected"))
    for file in examples:
        good.add(check_example(file, tables, faults))
    for name in tables:
        if name not in good:
            faults.append(f"{name}: no example that refuses nothing")
    check_answers(faults)
    print(f"{len(examples)} examples of {len(tables)} tables, {len(faults)} faults")
    for fault in faults:
        print(fault)
    return 1 if faults or not examples else 0


if __name__ == "__main__":
    sys.exit(main())
