#!/usr/bin/env python3
"""The C table of Epic's surface is what the reviewed text gives, and what is wrong in a text is named."""
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EPIC = os.path.join(ROOT, "mock_epic", "epic")


def run(folder, *options):
    return subprocess.run([sys.executable, os.path.join(folder, "make_surface.py"), *options], capture_output=True, text=True, check=False)


def main():
    done = run(EPIC, "--check")
    assert done.returncode == 0, done.stderr
    with open(os.path.join(EPIC, "make_surface.py"), encoding="ascii") as file:
        program = file.read()
    rows = {
        "Patient rs\n    name string native - name\n": None,
        "Patient rx\n": "surface.txt:1: a type",
        "    name string native - name\n": "surface.txt:1: name, kind",
        "Patient rs\n    name text native - name\n": "surface.txt:2: kind, how or since of name",
        "Patient rs\n    name string native 2024 name\n": "surface.txt:2: kind, how or since of name",
        "Patient rs\n    name string native - na_me\n": "surface.txt:2: paths of name",
        "Patient rs\n    name string native - - name\n": "surface.txt:2: paths of name",
    }
    for text, wanted in rows.items():
        with tempfile.TemporaryDirectory() as folder:
            for name, content in (("make_surface.py", program), ("surface.txt", text)):
                with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                    file.write(content)
            done = run(folder)
            assert (done.returncode == 0) == (wanted is None) and (wanted or "") in done.stderr, (text, done)
            with open(os.path.join(folder, "surface_table.c"), "a", encoding="ascii") as file:
                file.write("\n")
            assert run(folder, "--check").returncode == 1, "a changed table is found"
    print(f"{len(rows)} texts")


main()
