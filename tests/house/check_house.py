#!/usr/bin/env python3
"""The house keeps its own rules.

    check_house.py dependencies ROOT   a folder of core/ uses only folders with a smaller number
    check_house.py codes ROOT          every error code is provoked by a test
    check_house.py files ROOT          each folder of core/ has a README; no country's name in core/
    check_house.py self ROOT           the checks above can fail: each is shown a fault it must find
"""
import pathlib
import re
import sys
import tempfile

NUMBER = re.compile(r"hansa_module\((\w+)\s+(\d+)")
INCLUDE = re.compile(r'^\s*#\s*include\s+"core/(\w+)/', re.M)
COUNTRY = re.compile(r"\b(ceb\d{3}|asycuda|esad|afcfta|guangzhou|armenia|benin|chinaport)\w*\b", re.I)
SOURCES = ("*.h", "*.cpp")


def sources(folder):
    for pattern in SOURCES:
        yield from sorted(folder.rglob(pattern))


def numbers(root):
    out = {}
    for cmake in sorted((root / "core").glob("*/CMakeLists.txt")):
        for name, number in NUMBER.findall(cmake.read_text()):
            out[name] = int(number)
    return out


def dependencies(root):
    number = numbers(root)
    faults = []
    for name, own in number.items():
        for path in sources(root / "core" / name):
            for used in INCLUDE.findall(path.read_text(encoding="utf-8")):
                if used != name and number.get(used, 99) >= own:
                    faults.append(f"{path.relative_to(root)}: core/{name} ({own}) uses core/{used} ({number.get(used, '?')})")
    return faults


def codes(root):
    """A code counts as provoked when a test names it, as text or as the generated constant."""
    tests = "\n".join(p.read_text(encoding="utf-8", errors="replace")
                      for p in sorted((root / "tests").rglob("*"))
                      if p.is_file() and p.suffix in {".cpp", ".h", ".py", ".txt", ".errors", ".tsv", ".sh", ".json"})
    faults = []
    for table in sorted((root / "core").glob("*/errors.table")):
        module = table.parent.name
        for line in table.read_text(encoding="utf-8").splitlines():
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            word = line.split("|")[0].strip()
            constant = word.replace("-", "_")
            if f"{module}.{word}" not in tests and not re.search(rf"\bcodes::{constant}\b", tests):
                faults.append(f"core/{module}/errors.table: no test provokes {module}.{word}")
    return faults


def files(root):
    faults = []
    for folder in sorted(p for p in (root / "core").iterdir() if p.is_dir() and any(sources(p))):
        if not (folder / "README.md").exists():
            faults.append(f"core/{folder.name} has no README.md")
        for path in sources(folder):
            if folder.name == "cli":
                continue  # help shows examples that people can run
            code = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
            for found in COUNTRY.finditer(code):
                faults.append(f"{path.relative_to(root)}: '{found.group(0)}' is one country's word; it belongs in a table")
    return faults


def self_check(_):
    """Builds a small wrong house and sees each rule find its fault."""
    faults = []
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for module, number in (("low", 1), ("high", 2)):
            folder = root / "core" / module
            folder.mkdir(parents=True)
            (folder / "CMakeLists.txt").write_text(f"hansa_module({module} {number})\n")
        (root / "core/low/a.cpp").write_text('#include "core/high/b.h"\nconst char* a = \"asycuda\"; // esad\n')
        (root / "core/low/errors.table").write_text("never-seen | 400 | m | a\n")
        (root / "tests").mkdir()
        for rule, wanted in ((dependencies, 1), (codes, 1), (files, 2)):
            if len(rule(root)) != wanted:
                faults.append(f"{rule.__name__} found {rule(root)}, wanted {wanted} fault(s)")
    return faults


def main():
    rules = {"dependencies": dependencies, "codes": codes, "files": files, "self": self_check}
    if len(sys.argv) != 3 or sys.argv[1] not in rules:
        sys.exit(__doc__)
    faults = rules[sys.argv[1]](pathlib.Path(sys.argv[2]))
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
