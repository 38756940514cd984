#!/usr/bin/env python3
"""Make surface_table.c from surface.txt.

usage: make_surface.py            write it
       make_surface.py --check    exit 1 when it is not what surface.txt gives"""
import os
import re
import string
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
SOURCE, TARGET = os.path.join(FOLDER, "surface.txt"), os.path.join(FOLDER, "surface_table.c")
KINDS = ("token", "reference", "date", "string")
PATH = re.compile(r"[A-Za-z]+(\.[A-Za-z]+)*(>[A-Z][A-Za-z]*|@[a-z]+)?")
WIDTH = 120


def complain(number, what):
    sys.exit(f"surface.txt:{number}: {what}")


def read_param(number, fields):
    name, kind, how, since, *paths = fields
    if kind not in KINDS or how not in ("native", "post") or not re.fullmatch(r"-|20\d\d-\d\d", since):
        complain(number, f"kind, how or since of {name}")
    if paths != ["-"] and not (paths and all(PATH.fullmatch(path) for path in paths)):
        complain(number, f"paths of {name}")
    version = 0 if since == "-" else int(since.replace("-", ""))
    text = "" if paths == ["-"] else " ".join(paths)
    return f'{how.upper()}({kind.upper()}, {version}, "{name}", "{text}")'


def read_surface():
    """[(type, letters, [row])], in the order of the file."""
    types = []
    with open(SOURCE, encoding="ascii") as file:
        for number, line in enumerate(file, 1):
            fields = line.split("#")[0].split()
            if not fields:
                continue
            if not line.startswith(" "):
                if len(fields) != 2 or not re.fullmatch("r?s?c?u?", fields[1]):
                    complain(number, "a type, and what may be done with it")
                types.append((*fields, []))
            elif not types or len(fields) < 5:
                complain(number, "name, kind, how, since, paths")
            else:
                types[-1][2].append(read_param(number, fields))
    return types


def fill(items):
    """Lines of items, as many as fit."""
    line = "   "
    for item in items:
        if line.strip() and len(line) + len(str(item)) + 2 > WIDTH:
            yield line
            line = "   "
        line += f" {item},"
    yield line


def make():
    types = read_surface()
    out = ["/* Made from surface.txt by make_surface.py; do not edit. */", '#include "mock_epic/epic/types.h"', "", "/* clang-format off */",
           "#define NATIVE(kind, since, name, paths) {name, paths, MOCK_PARAM_##kind, true, since}",
           "#define POST(kind, since, name, paths) {name, paths, MOCK_PARAM_##kind, false, since}"]
    for name, _, rows in types:
        if rows:
            out += [f"static const struct mock_fhir_param {name.lower()}[] = {{", *fill(rows), "};"]
    out += ["", "const struct mock_fhir_type mock_fhir_types[] = {"]
    names = [name for name, _, _ in types]
    for name, letters, rows in types:
        flags = " | ".join({"r": "MOCK_CAN_READ", "s": "MOCK_CAN_SEARCH", "c": "MOCK_CAN_CREATE", "u": "MOCK_CAN_UPDATE"}[letter] for letter in letters)
        out.append(f'    {{"{name}", {name.lower() if rows else "NULL"}, {len(rows)}, {flags}}},')
    capitals = [name[0] for name in names]
    if capitals != sorted(capitals):
        sys.exit("surface.txt: the types are not in the order of their first letters")
    first = [sum(capital < letter for capital in capitals) for letter in string.ascii_uppercase]
    out += ["};", "const unsigned char mock_fhir_type_first[26 + 1] = {", *fill([*first, len(names)]), "};",
            "_Static_assert(sizeof mock_fhir_types / sizeof *mock_fhir_types <= MOCK_FHIR_TYPES_MAX, \"a grant has a place for each\");",
            "const size_t mock_fhir_type_count = sizeof mock_fhir_types / sizeof *mock_fhir_types;", "/* clang-format on */", ""]
    return "\n".join(out)


def main():
    text = make()
    if sys.argv[1:] == ["--check"]:
        with open(TARGET, encoding="ascii") as file:
            sys.exit(0 if file.read() == text else "surface_table.c is not what surface.txt gives: run make_surface.py")
    if sys.argv[1:]:
        sys.exit(__doc__)
    with open(TARGET, "w", encoding="ascii") as file:
        file.write(text)


main()
