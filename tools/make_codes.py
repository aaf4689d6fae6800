#!/usr/bin/env python3
"""Makes C++ from the tables of error codes (core/*/errors.table).

    make_codes.py header MODULE TABLE OUT       the module's codes.h
    make_codes.py catalogue OUT TABLE...        one source with every row, for `hansa errors`

A row: word | HTTP status | what it means | what to do.  The code is MODULE.word.
"""
import os
import re
import sys


def rows(path):
    with open(path, encoding="utf-8") as table:
        for number, line in enumerate(table, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            parts = [part.strip() for part in line.split("|")]
            if len(parts) != 4 or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", parts[0]) or not parts[1].isdigit():
                sys.exit(f"{path}:{number}: expected: word | HTTP status | meaning | advice")
            yield parts


def literal(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


def header(module, table, out):
    lines = [f"// Made by tools/make_codes.py from core/{module}/errors.table. Change the table, not this file.",
             "#pragma once", "", '#include "core/base/code.h"', "", f"namespace hansa::{module}::codes {{", ""]
    seen = set()
    for word, status, meaning, advice in rows(table):
        if word in seen:
            sys.exit(f"{table}: {word} stands twice")
        seen.add(word)
        name = word.replace("-", "_")
        lines.append(f"inline constexpr CodeRow {name}_row{{{literal(module + '.' + word)}, {status}, {literal(meaning)}, {literal(advice)}}};")
        lines.append(f"inline constexpr Code {name}{{{name}_row}};")
    lines += ["", f"}}  // namespace hansa::{module}::codes", ""]
    write(out, "\n".join(lines))


def catalogue(out, tables):
    lines = ["// Made by tools/make_codes.py from core/*/errors.table. Change the tables, not this file.", '#include "core/base/code.h"', ""]
    entries = []
    for table in tables:
        module = os.path.basename(os.path.dirname(table))
        lines.append(f'#include "core/{module}/codes.h"')
        entries += [f"    hansa::{module}::codes::{word.replace('-', '_')}_row," for word, *_ in rows(table)]
    lines += ["", "namespace hansa {", "namespace {", "constexpr CodeRow all_rows[] = {"] + entries
    lines += ["};", "}  // namespace", "", "std::span<const CodeRow> catalogue() { return all_rows; }", "", "}  // namespace hansa", ""]
    write(out, "\n".join(lines))


if __name__ == "__main__":
    if len(sys.argv) == 5 and sys.argv[1] == "header":
        header(*sys.argv[2:])
    elif len(sys.argv) >= 4 and sys.argv[1] == "catalogue":
        catalogue(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(__doc__)
