#!/usr/bin/python3
"""Every option that a message, a man page or a README names is one of the program that it speaks of; and man pages name all.

The options are asked of the programs themselves, so this holds for whatever table they have."""
import glob
import os
import re
import subprocess
import sys

BIN = os.environ["EPIC_BIN_DIR"]
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAMS = ("mock-epic", "epic-auth", "epic-conformance")
# whose options the messages of a folder name, unless they name the program first; longest match wins
SPEAKS_OF = {"mock_epic/": ("mock-epic",), "auth/cli/": ("epic-auth",), "auth/client/": ("epic-auth",), "conformance/": ("epic-conformance",), "auth/": PROGRAMS}
# options of other people's programs, where ours speak of them
FOREIGN = {
    "README.md": {"preset", "build", "quick", "target"},
    "auth/README.md": {"preset", "build", "prefix", "cflags", "libs", "header", "install"},
    "conformance/README.md": {"preset", "build", "long", "quick", "print", "write", "client-id"},
    "fixtures/README.md": {"verify"},
    "auth/report/html.c": {"ink", "paper", "soft", "line", "band", "pass", "fail", "warn", "none"},  # of its style sheet
    "conformance/client/play.c": {"verdict"},  # of mock-epic run
    "conformance/client/snapshot_command.c": {"journal"},
    "conformance/suite/target.c": {"listen", "log-level", "fixtures"},  # of the mock that it starts
    "conformance/linter/curl_command.c": {"data", "form", "get", "cookie"},
}
# files that hold other programs' options alone, or what looks like them
OF_OTHERS = {"mock_epic/evidence/timeline_page.c", "conformance/linter/wget_command.c", "conformance/linter/httpie_command.c"}
OPTION = re.compile(r"(?<![\w-])--([a-z][a-z0-9-]*[a-z0-9])")
STYLE = re.compile(r"--([\w-]+):")  # what a style sheet defines
LITERALS = re.compile(r'"(?:\\.|[^"\\\n])*"(?:\s*"(?:\\.|[^"\\\n])*")*')
bad = []
checks = 0


def check(condition, message):
    global checks  # pylint: disable=global-statement
    checks += 1
    if not condition:
        bad.append(message)
        print("BAD  " + message)


def ask(*command):
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=True).stdout


def rows_of(text):
    return set(re.findall(r"^(?:  -\w, |      )--([a-z0-9-]+)", text, re.M))


def options():
    """program: its options, of all its commands."""
    all_options = {}
    for program in PROGRAMS:
        names = re.findall(r"^  ([a-z-]+) ", ask(f"{BIN}/{program}", "--help"), re.M)
        all_options[program] = {"help", "version"}.union(*(rows_of(ask(f"{BIN}/{program}", name, "--help")) for name in names))
    return all_options


def completed(*words):
    """What bash would offer behind these words."""
    script = f'eval "$({BIN}/epic-auth completion bash)"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _epic_auth "$1"; printf "%s\\n" "${{COMPREPLY[@]}}"'
    env = {**os.environ, "PATH": BIN + ":" + os.environ["PATH"]}
    done = subprocess.run(["bash", "-c", script, "bash", *words], capture_output=True, text=True, timeout=60, check=True, env=env)
    return set(done.stdout.split())


def completion():
    """It knows every command, and every option of each, of all three programs."""
    for program in PROGRAMS:
        names = set(re.findall(r"^  ([a-z-]+) ", ask(f"{BIN}/{program}", "--help"), re.M))
        check(completed(program, "") == names, f"{program}: completed are {completed(program, '')}, there are {names}")
        for name in names:
            rows = {"--" + row for row in rows_of(ask(f"{BIN}/{program}", name, "--help"))}
            check(completed(program, name, "--") == rows, f"{program} {name}: completed are {completed(program, name, '--') ^ rows} more or less")


def without_comments(text):
    return re.sub(r'("(?:\\.|[^"\\\n])*")|/\*.*?\*/|//[^\n]*', lambda match: match.group(1) or " ", text, flags=re.S)


def spoken_of(path, before):
    """The programs whose options may follow these words: the last that was named, or the folder's own."""
    named = [(before.rfind(program), program) for program in PROGRAMS if program in before]
    if named:
        return (max(named)[1],)
    folder = max((prefix for prefix in SPEAKS_OF if path.startswith(prefix)), key=len, default=None)
    return SPEAKS_OF.get(folder, PROGRAMS)


def look(path, text, known, where):
    of_style = STYLE.findall(text) if ":root" in text else ()
    for match in OPTION.finditer(text):
        if match.group(1) in FOREIGN.get(path, ()) or match.group(1) in of_style:
            continue
        programs = spoken_of(path, text[:match.start()])
        check(any(match.group(1) in known[program] for program in programs), f"{path}:{where}: --{match.group(1)} is no option of {' or '.join(programs)}: {text.strip()[:120]}")


def sources(known):
    for path in sorted(glob.glob("auth/**/*.[ch]", recursive=True) + glob.glob("mock_epic/**/*.[ch]", recursive=True) + glob.glob("conformance/**/*.[ch]", recursive=True)):
        if re.search(r"/(tests|fuzz|bench|examples)/", path) or path in OF_OTHERS:
            continue
        with open(path, encoding="utf-8") as file:
            text = without_comments(file.read())
        for match in LITERALS.finditer(text):
            joined = "".join(re.findall(r'"((?:\\.|[^"\\\n])*)"', match.group())).replace("\\n", "\n")
            look(path, joined, known, text.count("\n", 0, match.start()) + 1)


def pages(known):
    for path in sorted(glob.glob("*.md") + glob.glob("*/README.md")):
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file.read().split("\n\n"), 1):
                look(path, line, known, f"paragraph {number}")
    for path in sorted(glob.glob("*/man/*.1")):
        program = os.path.basename(path)[:-2]
        with open(path, encoding="utf-8") as file:
            text = file.read()
        # .Fl -name, also several on a line
        named = set()
        for line in re.findall(r"\bFl .*", text):
            named |= set(re.findall(r"(?<![\w-])-([a-z][a-z0-9-]+)", line))
        example = set(OPTION.findall(text))
        check(named, f"{path} names options")
        for name in sorted(named):
            check(name in known[program], f"{path}: --{name} is no option of {program}")
        for name in sorted(example):
            check(any(name in known[p] for p in PROGRAMS), f"{path}: --{name} is no option of any")
        for name in sorted(known[program] - named):
            check(False, f"{path} lacks --{name}")


def main():
    os.chdir(ROOT)
    known = options()
    for program in PROGRAMS:
        check(len(known[program]) > 5, f"{program} has options: {known[program]}")
    check(not known["mock-epic"] & {"admin-token", "port"}, "what could not be told from an option")
    sources(known)
    pages(known)
    completion()
    # this can fail
    before = len(bad)
    look("mock_epic/admin/api.c", "start the server with --admin-token FILE", known, 0)
    look("conformance/linter/jwt.c", "see mock-epic serve --cert, or epic-auth --cert-file", known, 0)
    check(len(bad) == before + 2, f"two planted words were found {len(bad) - before} times")
    del bad[before:before + 2]
    print(f"{checks} names, {len(bad)} bad")
    return 1 if bad or checks < 150 else 0


sys.exit(main())
