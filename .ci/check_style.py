#!/usr/bin/env python3
"""usage: check_style.py ROOT       exit 1 when a file breaks a rule of the house that no compiler knows

Banned functions outside their one home, functions over 100 lines, files over 900, headers without an opening comment,
tests whose main returns a count, trailing space, tabs, and paths of the machine it was written on."""
import os
import re
import sys

BANNED = {
    r"\b(strcpy|strcat|sprintf|strtok|atoi|atol|gets|sscanf|alloca|system|popen|gmtime|localtime|setlocale)\s*\(": None,
    r"\btime\s*\(\s*(NULL|0|&)": None,
    r"\b(rand|srand)\s*\(": None,
    r"\bassert\s*\(": None,
    r"\bclock_gettime\s*\(": "auth/core/env.c",
    r"\bcJSON_GetObjectItem\s*\(": None,
}
MACHINE_PATH = re.compile("/(" + "|".join(["work", "farm"]) + ")/(main|shared|steering)")


def code_files(root):
    for folder in ("auth", "mock_epic", "conformance", ".cmake"):
        for path, _, names in os.walk(os.path.join(root, folder)):
            for name in names:
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(path, name), root)


def all_files(root):
    for path, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in (".git", ".build", "node_modules")]
        for name in names:
            yield os.path.relpath(os.path.join(path, name), root)


def without_literals(text):
    """Comments and strings blanked, lines kept, so that words in them are no calls."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())
    return re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|//[^\n]*', blank, text, flags=re.S)


def long_functions(code):
    start = None
    for number, line in enumerate(code.split("\n"), 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start:
            if line.rstrip() == "}" and number - start > 100:
                yield start, number - start
            start = None


def check_code(path, text, complain):
    code = without_literals(text)
    is_test = re.search(r"/(tests|fuzz|bench)/", path)
    for pattern, home in BANNED.items():
        for match in re.finditer(pattern, code):
            if path != home and not is_test:
                complain(path, code.count("\n", 0, match.start()) + 1, f"{match.group().strip()}… is banned here")
    for line, length in long_functions(code):
        complain(path, line, f"a function of {length} lines")
    lines = text.split("\n")
    if len(lines) > 901:
        complain(path, 1, f"a file of {len(lines) - 1} lines")
    if path.endswith(".h") and not text.startswith("/*"):
        complain(path, 1, "a header opens with a comment that says what it is for")
    if re.search(r"/tests/test_[^/]*\.c$", path) and re.search(r"return cmocka_run_group_tests\([^;]*\);", code) \
            and not re.search(r"return cmocka_run_group_tests\([^;]*\) *(\?|!=)", code):
        complain(path, 1, "main must return 0 or 1, not a count of failures")
    for number, line in enumerate(lines, 1):
        if line != line.rstrip() or "\t" in line:
            complain(path, number, "trailing space or tab")


def main(root):
    found = []

    def complain(path, line, what):
        found.append(f"{path}:{line}: {what}")

    for path in sorted(code_files(root)):
        with open(os.path.join(root, path), encoding="utf-8") as file:
            check_code(path, file.read(), complain)
    for path in sorted(all_files(root)):
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            match = MACHINE_PATH.search(file.read())
            if match:
                complain(path, 1, f"names a path of somebody's machine: {match.group()}")
    print("\n".join(found) if found else "clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
