#!/usr/bin/env python3
"""Makes what comes from the pivot's table (core/pivot/*.tsv).

    make_pivot.py code FOLDER OUT         generated/core/pivot/pivot_table.cpp
    make_pivot.py reference FOLDER OUT    docs/reference/pivot.md

FOLDER holds pivot.tsv (classes and fields), lists.tsv (short lists), countries.tsv, currencies.tsv.
"""
import os
import re
import sys

FORMS = {"text": "text", "id": "identifier", "code": "code", "number": "number", "amount": "amount",
         "measure": "measure", "date-time": "date_time", "indicator": "indicator", "place": "place"}
COLUMNS = ["class", "field", "type", "card", "wco", "list", "source", "note"]
TYPE = re.compile(r"(text|id|code|number|amount|measure) (an|a|n)(\.\.)?(\d+)(?:,(\d+))?((?: @\w+)*)$")


def table(folder, name, width):
    path = os.path.join(folder, name)
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            parts = line.split("\t")
            if len(parts) != width:
                sys.exit(f"{path}:{number}: {len(parts)} columns, expected {width}")
            yield f"{path}:{number}", parts


def limits(where, card):
    found = re.fullmatch(r"(\d+)\.\.(\d+|n)", card)
    if not found or (found[2] != "n" and int(found[2]) < max(1, int(found[1]))):
        sys.exit(f"{where}: cardinality '{card}', expected least..most")
    return int(found[1]), 0 if found[2] == "n" else int(found[2])


def read(folder):
    """Kinds in order, and classes: name -> rows, with "*" rows replaced by what they take in."""
    kinds, classes = [], {}
    rows = list(table(folder, "pivot.tsv", len(COLUMNS)))
    if [parts for _, parts in rows[:1]] != [COLUMNS]:
        sys.exit("pivot.tsv: the first row names the columns")
    for where, parts in rows[1:]:
        row = dict(zip(COLUMNS, parts), where=where)
        if row["class"] == "kind":
            kinds.append(row)
        elif row["field"] == "*":
            if row["type"] not in classes:
                sys.exit(f"{where}: class {row['type']} is not described before")
            classes.setdefault(row["class"], []).extend(classes[row["type"]])
        else:
            row["least"], row["most"] = limits(where, row["card"])
            if not row["source"] or not row["wco"]:
                sys.exit(f"{where}: every field names its source and its WCO id, or says ours")
            classes.setdefault(row["class"], []).append(row)
    for name, members in classes.items():
        names = [row["field"] for row in members]
        if len(set(names)) != len(names):
            sys.exit(f"pivot.tsv: a field of {name} stands twice")
        for row in members:
            resolve(row, classes)
    for kind in kinds:
        if kind["type"] not in classes:
            sys.exit(f"{kind['where']}: no class {kind['type']}")
        depth(kind["type"], classes, [])
    return kinds, classes


def resolve(row, classes):
    kind = row["type"]
    row.update(form="group", charset="", length_min=0, length_max=0, fraction=0, extra=[])
    if kind in ("date-time", "indicator", "place"):
        row["form"] = FORMS[kind]
        return
    found = TYPE.fullmatch(kind)
    if found:
        form, charset, upto, width, fraction, extra = found.groups()
        row.update(form=FORMS[form], charset=charset, length_max=int(width), fraction=int(fraction or 0),
                   length_min=0 if upto else int(width), extra=re.findall(r"@(\w+)", extra))
    elif kind not in classes:
        sys.exit(f"{row['where']}: type '{kind}' is neither a type nor a class")


def depth(name, classes, above):
    if name in above:
        sys.exit(f"pivot.tsv: class {name} contains itself: {' / '.join(above + [name])}")
    for row in classes[name]:
        if row["form"] == "group":
            depth(row["type"], classes, above + [name])


def literal(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def root_name(kind):
    return "".join(part.capitalize() for part in kind.split("-"))


def write(path, lines):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")


def wco(row):
    """Id of the place itself, ids it gives to members of its class, and whether we added it."""
    parts = row["wco"].split(" ")
    own = "" if parts[0] in ("ours", "place", "-") else parts[0]
    return own, " ".join(parts[1:]), parts[0] == "ours"


def code(folder, out):
    kinds, classes = read(folder)
    names = list(classes)
    lines = ["// Made by tools/make_pivot.py from core/pivot/*.tsv. Change the tables, not this file.",
             '#include "core/pivot/table_rows.h"', "", "namespace hansa::pivot::rows {", "namespace {", "",
             "using enum Form;", "", "constexpr Row all_rows[] = {"]
    first, at = {}, 0
    for name in names:
        first[name] = at
        for row in classes[name]:
            own, given, added = wco(row)
            group = names.index(row["type"]) if row["form"] == "group" else -1
            cells = [literal(row["field"]), row["form"], str(group), str(row["least"]), str(row["most"]),
                     str(row["length_min"]), str(row["length_max"]), str(row["fraction"]),
                     f"'{row['charset']}'" if len(row["charset"]) == 1 else "'*'",
                     literal(own), literal(given), "true" if row["wco"] == "place" else "false",
                     "true" if added else "false", literal(row["list"]), literal(row["source"]), literal(row["note"]),
                     literal(row["extra"][0] if row["extra"] else "")]
            lines.append("    {" + ", ".join(cells) + "},")
            at += 1
    lines += ["};", "", "constexpr Class all_classes[] = {"]
    lines += [f"    {{{literal(name)}, {first[name]}, {len(classes[name])}}}," for name in names]
    lines += ["};", "", "constexpr KindRow all_kinds[] = {"]
    for kind in kinds:
        lines.append(f"    {{Kind::{kind['field'].replace('-', '_')}, {literal(kind['field'])}, "
                     f"{literal(root_name(kind['field']))}, {names.index(kind['type'])}, {literal(wco(kind)[0])}, {literal(kind['note'])}}},")
    lines += ["};", "", "constexpr ListRow all_list_rows[] = {"]
    lines += [f"    {{{', '.join(literal(cell) for cell in parts)}}}," for _, parts in table(folder, "lists.tsv", 3)]
    lines += ["};", "", "constexpr Country all_countries[] = {"]
    lines += [f"    {{{', '.join(literal(cell) for cell in parts)}}}," for _, parts in table(folder, "countries.tsv", 3)]
    lines += ["};", "", "constexpr Currency all_currencies[] = {"]
    lines += [f"    {{{', '.join(literal(cell) for cell in parts)}}}," for _, parts in table(folder, "currencies.tsv", 3)]
    lines += ["};", "", "}  // namespace", "",
              "std::span<const Row> rows() { return all_rows; }",
              "std::span<const Class> classes() { return all_classes; }",
              "std::span<const KindRow> kinds() { return all_kinds; }",
              "std::span<const ListRow> list_rows() { return all_list_rows; }",
              "std::span<const Country> countries() { return all_countries; }",
              "std::span<const Currency> currencies() { return all_currencies; }",
              "", "}  // namespace hansa::pivot::rows"]
    write(out, lines)


def places(name, classes):
    return sum(1 + (places(row["type"], classes) if row["form"] == "group" else 0) for row in classes[name])


def reference(folder, out):
    kinds, classes = read(folder)
    lines = ["<!-- Made by tools/make_pivot.py from core/pivot/*.tsv. Change the tables, not this file. -->", "",
             "# The pivot: kinds, classes and fields", "",
             "Every format maps to one kind of pivot document and back. Names, ids and order are those of the WCO Data Model",
             "where it has the field; limits are wide. Fields marked **ours** are not in the held information packages (DEC, RES);",
             "the note names why they are there. A path is the names from below the root: `GoodsShipment/Buyer/Name`.", "",
             "Types: `an..35` up to 35 characters, `a2` exactly two letters, `n..22,5` a decimal of up to 22 digits, 5 of them after",
             "the point. An `amount` has `@currencyID`, a `measure` has `@unitCode`, an `id` may have `@schemeID`; a `code` is a pair",
             "of list and value, where no list means the standard's own. A `date-time` is a day or a moment with its zone.", "",
             "## Kinds", "", "| kind | root | class | places | what it is |", "| --- | --- | --- | ---: | --- |"]
    for kind in kinds:
        lines.append(f"| {kind['field']} | {root_name(kind['field'])} | {link(kind['type'])} | {places(kind['type'], classes)} | {kind['note']} |")
    lines += ["", "## Classes", ""]
    for name in classes:
        lines += [f"### {name}", "", "| field | type | card | WCO id | list | source | note |", "| --- | --- | --- | --- | --- | --- | --- |"]
        for row in classes[name]:
            kind = link(row["type"]) if row["form"] == "group" else f"`{row['type']}`"
            own, given, added = wco(row)
            ident = "**ours**" if added else "by place" if row["wco"] == "place" else own
            ident += f" ({given})" if given else ""
            lines.append(f"| {row['field']} | {kind} | {row['card']} | {ident} | {row['list']} | {row['source']} | {row['note']} |")
        lines.append("")
    lines += ["## Lists that are checked", "",
              "`iso3166` and `iso4217` are ISO's own codes (currencies that were withdrawn are still read); `rec20` is checked by shape.", "",
              "| list | code | meaning |", "| --- | --- | --- |"]
    lines += [f"| {' | '.join(parts)} |" for _, parts in table(folder, "lists.tsv", 3)]
    write(out, lines)


def link(name):
    return f"[{name}](#{name.lower()})"


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in ("code", "reference"):
        sys.exit(__doc__)
    (code if sys.argv[1] == "code" else reference)(sys.argv[2], sys.argv[3])
