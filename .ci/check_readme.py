#!/usr/bin/env python3
"""Does what the READMEs tell people to type work?

usage: check_readme.py BIN_DIR

Every indented block runs, in order, in a folder of its own per README, with BIN_DIR in PATH; but for those that say in their
first line "# needs the internet". Where a ```text block follows, it is what the commands print: each line that comes must be
there and the other way round, in any order, since two streams are one there; "..." stands for anything. In inline code and blocks, every option of our programs must be one that the program's --help
knows, and every path below the house must exist."""
import os
import re
import subprocess
import sys
import tempfile

READMES = ("README.md", "auth/README.md", "auth/quick_start.md", "auth/setup.md", "auth/environment.md", "mock_epic/README.md", "conformance/README.md")
PROGRAMS = ("epic-auth", "mock-epic", "epic-conformance")
OURS = re.compile(r"(?<![\w/-])(%s) ([a-z-]+)([^|;&)\n`]*)" % "|".join(PROGRAMS))
HOUSE = re.compile(r"^(?:auth|mock_epic|conformance|fixtures|\.ci|\.cmake)/[\w./*-]+$")
INTERNET = "# needs the internet"
NOT_HERE = ("conformance/demo", "conformance/check", ".ci/install_packages")  # they build this house, and the check runs this script
BLOCK = re.compile(r"(?<=\n)(    .*\n(?:    .*\n|\n(?=    ))*)(?:\n```text\n([\s\S]*?)^```$)?", re.M)
FENCED = re.compile(r"^```[\s\S]*?^```$", re.M)

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
failed = []


def complain(readme, what, said=""):
    failed.append(what)
    print(f"{readme}: {what}\n{said}")


def blocks(text):
    """Runs of lines indented by four spaces that follow a blank line or a heading, and what they print, if that is told."""
    for match in BLOCK.finditer(text):
        before = text[:match.start()].rstrip("\n").rpartition("\n")[2]
        if text[:match.start()].endswith("\n\n") or before.startswith("#"):
            yield re.sub(r"(?m)^    ", "", match.group(1)).strip(), match.group(2)


def compare(readme, told, printed):
    wanted = [(line, re.compile(".*".join(map(re.escape, line.split("..."))))) for line in told.splitlines()]
    lines = printed.splitlines()
    for line, pattern in wanted:
        if not any(pattern.fullmatch(got) for got in lines):
            complain(readme, f"is not printed: {line}", printed)
    for got in lines:
        if not any(pattern.fullmatch(got) for _, pattern in wanted):
            complain(readme, f"is printed and not told: {got}", told)


def check_build(readme, block):
    """Of what builds this house: are there such scripts, presets and programs?"""
    with open(os.path.join(root, ".cmake", "CMakePresets.json"), encoding="utf-8") as file:
        presets = file.read()
    for path in re.findall(r"(?m)^(?:conformance|\.ci)/\w+", block):
        if not os.access(os.path.join(root, path), os.X_OK):
            complain(readme, f"{path} cannot be run")
    for preset in re.findall(r"--preset (\S+)|\.build/(\w+)", block):
        if f'"name": "{preset[0] or preset[1]}"' not in presets:
            complain(readme, f"there is no preset {preset}")
    for targets in re.findall(r"--target ([\w -]+)", block):
        for target in targets.split():
            if target not in PROGRAMS:
                complain(readme, f"there is no target {target}")


def run_block(readme, block, told, folder, environment):
    if block.startswith(INTERNET):
        return
    if block.startswith(NOT_HERE):
        check_build(readme, block)
        return
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=folder, env=environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL, timeout=120, check=False)
    if done.returncode:
        complain(readme, f"status {done.returncode} of\n{block}", done.stdout)
    elif told:
        compare(readme, told, done.stdout)


def help_of(bin_dir, program, command):
    done = subprocess.run([os.path.join(bin_dir, program), command, "--help"], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def check_options(readme, text, bin_dir):
    for program, command, rest in OURS.findall(text):
        said = help_of(bin_dir, program, command)
        if said is None:
            complain(readme, f"{program} has no command {command}")
            continue
        own = rest.split(" -- ")[0]  # what follows is another program's
        for option in re.findall(r"(?<=\s)--?[a-z][a-z-]*", own):
            if not re.search(r"(?<![\w-])%s(?![\w-])" % option, said):
                complain(readme, f"{program} {command} knows no {option}")


def check_paths(readme, text):
    for span in re.findall(r"`([^`\n]+)`", text):
        if HOUSE.match(span) and not os.path.exists(os.path.join(root, span)):
            complain(readme, f"there is no {span}")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    bin_dir = os.path.abspath(sys.argv[1])
    count = 0
    for readme in READMES:
        with open(os.path.join(root, readme), encoding="utf-8") as file:
            text = file.read()
        with tempfile.TemporaryDirectory() as folder:
            tools = os.path.join(folder, ".tools")
            os.mkdir(tools)
            with open(os.path.join(tools, "pytest"), "w", encoding="ascii") as file:
                file.write("#!/bin/sh\n# stands for the reader's own tests\n")
            os.chmod(os.path.join(tools, "pytest"), 0o755)
            environment = {k: v for k, v in os.environ.items() if not k.startswith("EPIC_")}
            environment["PATH"] = os.pathsep.join((tools, bin_dir, environment["PATH"]))
            for block, told in blocks(text):
                run_block(readme, block, told, folder, environment)
                count += 1
        commands = [block for block, _ in blocks(text) if not block.startswith(NOT_HERE)]
        prose = FENCED.sub("", text)
        check_options(readme, "\n".join(re.findall(r"`([^`]+)`", prose) + commands), bin_dir)
        check_paths(readme, prose)
    print(f"{count} blocks run")
    if count == 0:
        complain("check_readme.py", "no block was found")
    return 1 if failed else 0


sys.exit(main())
