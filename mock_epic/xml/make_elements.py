#!/usr/bin/env python3
"""Make elements_names.c, elements_order.c and elements_marks.c: FHIR's types with their elements in order.

usage: make_elements.py FHIR.SCHEMA.JSON            write them
       make_elements.py FHIR.SCHEMA.JSON --check    exit 1 when they are not what the schema gives

The schema is FHIR's own of R4, as the validators of fixtures/fhir/validate bring it along. What belongs to a summary and what is
mandatory stands in marks.txt; make_marks.py says how it came there."""
import json
import os
import re
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
WIDTH = 180
PRIMITIVE, XHTML, RESOURCE, ATTRIBUTE = -1, -2, -3, -4


def reference(member):
    path = member.get("$ref") or member.get("items", {}).get("$ref") or ""
    return path.rsplit("/", 1)[-1]


def kind_of(owner, is_resource, name, member, numbers):
    target = reference(member)
    if (name == "id" and not is_resource) or (owner, name) == ("Extension", "url"):
        return ATTRIBUTE
    if target in ("xhtml",):
        return XHTML
    if target == "ResourceList":
        return RESOURCE
    return numbers.get(target, PRIMITIVE)


def marks_of(types):
    """type, element: 1 of the summary, 2 mandatory, 3 both."""
    marks = {}
    with open(os.path.join(FOLDER, "marks.txt"), encoding="ascii") as file:
        for line in file:
            owner, words = line.rstrip("\n").split(": ")
            assert owner in types
            for word in words.split(" "):
                marks[owner, word.strip("-!")] = (not word.startswith("-")) + 2 * word.endswith("!")
    return marks


def fill(items, indent="    "):
    line = indent.rstrip("\n")
    for item in items:
        if line.strip() and len(line) + len(item) + 1 > WIDTH:
            yield line.rstrip()
            line = indent
        line += item + " "
    yield line.rstrip()


def make(path):
    with open(path, encoding="utf-8") as file:
        definitions = json.load(file)["definitions"]
    types = sorted(name for name, definition in definitions.items() if "properties" in definition and name != "ResourceList")
    numbers = {name: number for number, name in enumerate(types)}
    names, offsets, at = [], {}, 0

    def offset(name):
        nonlocal at
        if name not in offsets:
            offsets[name] = at
            names.append(name)
            at += len(name) + 1
        return offsets[name]

    rows, heads, marks, known_marks = [], [], "", marks_of(numbers)
    for name in types:
        heads.append((offset(name), len(rows)))
        properties = definitions[name]["properties"]
        for member, schema in properties.items():
            if not member.startswith("_") and member != "resourceType":
                rows.append((offset(member), kind_of(name, "resourceType" in properties, member, schema, numbers)))
                marks += str(known_marks.get((name, member), 0))
    heads.append((0, len(rows)))
    head = ["/* Made from FHIR's schema of R4 by make_elements.py; do not edit. */", '#include "mock_epic/xml/elements.h"', "", "/* clang-format off */"]
    text = [*head, '#pragma GCC diagnostic ignored "-Woverlength-strings"', "const char mock_element_names[] =", *fill(f'"\\{len(name):03o}{name}"' for name in names)]
    text[-1] += ";"
    text += ["/* clang-format on */", ""]
    assert at < 65536 and all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) for name in names)
    order = [*head, "const struct mock_element_type mock_element_types[] = {", *fill("{%d,%d}," % row for row in heads), "};"]
    order += [f"const size_t mock_element_type_count = {len(types)};", "const struct mock_element mock_elements[] = {"]
    order += [*fill("{%d,%d}," % row for row in rows), "};", "/* clang-format on */", ""]
    digits = [*head, "const char mock_element_marks[] =", *fill(f'"{marks[i:i + 85]}"' for i in range(0, len(marks), 85))]
    digits[-1] += ";"
    digits.insert(4, '#pragma GCC diagnostic ignored "-Woverlength-strings"')
    digits += ["/* clang-format on */", ""]
    return {"elements_names.c": "\n".join(text), "elements_order.c": "\n".join(order), "elements_marks.c": "\n".join(digits)}


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--check"]):
        sys.exit(__doc__)
    for name, text in make(sys.argv[1]).items():
        path = os.path.join(FOLDER, name)
        if sys.argv[2:]:
            with open(path, encoding="ascii") as file:
                if file.read() != text:
                    sys.exit(f"{name} is not what the schema gives: run make_elements.py")
        else:
            with open(path, "w", encoding="ascii") as file:
                file.write(text)


main()
