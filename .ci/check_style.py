#!/usr/bin/env python3
"""What the house wants and no compiler knows.

usage: check_style.py ROOT          exit 1 when a file breaks a rule
       check_style.py --self-test   plants one violation of each kind and wants each one found

Banned functions outside their one home, functions over 50 lines or nested more than 4 deep, files over 600 lines,
files without opening comment, headers without guard, tests whose main returns a count, JSON made with %s, marks of unfinished work,
trailing space, tabs, lock files that say where packages come from, hosts of package registries, and paths of the machine it
was written on. Of tests and scripts: nodes in /dev that something could be written to, addresses that are not this
machine's, processes ended by name."""
import os
import re
import subprocess
import sys
import tempfile

FUNCTION_LINES, NESTING, FILE_LINES = 50, 4, 600

# name: files or folders where it may be called
BANNED = {name: () for name in (
    "strcpy strcat sprintf vsprintf strtok atoi atol atoll atof gets sscanf alloca system popen tmpnam mktemp gmtime "
    "localtime ctime asctime setlocale rand srand random assert time cJSON_GetObjectItem").split()}
# tests and benches may read the clock of the machine
BANNED["clock_gettime"] = ("auth/core/env.c", "mock_epic/faketime/preload.c", "/tests/", "/bench/")
# all waiting goes through struct auth_env, so that it can be done on virtual time
for name in "pthread_cond_wait pthread_cond_timedwait pthread_cond_signal pthread_cond_broadcast pthread_create nanosleep usleep sleep".split():
    BANNED[name] = ("auth/core/env.c", "/tests/", "/bench/")
# there is one way to write a file that a user named
for name in "fopen freopen creat rename".split():
    BANNED[name] = ("auth/core/file.c", "/tests/", "/bench/", "/fuzz/", ".cmake/")
BANNED_CALL = re.compile(r"(?<![\w.])(?<!->)(%s)\s*\(" % "|".join(BANNED))
# "name":"%s" without an escaping writer
JSON_FORMAT = re.compile(r'\\"\s*:\s*\\"%[-.*0-9]*s')
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(home|Users|root)/\w+")
# whoever installs has their own: npm writes such a file with omit-lockfile-registry-resolved
LOCKED_ADDRESS = re.compile(r'"resolved":\s*"[^"]*"')
# one of FHIR's own is named as what it is, a place for extensions
REGISTRY = re.compile(r"\b(?:registry|mirrors?|packages|deb|pypi|crates)\.(?!smarthealthit\.org)[\w-]+\.(?:org|com|net|io|dev)\b")

# What runs on somebody's machine when they check.
RUNS = re.compile(r"/tests/|/long\.d/|/fuzz/|/clients/(?!.*-lock\.json$)|^conformance/(?:check|demo|bench)$|^\.ci/(?!check_style\.py$)")
DEVICE = re.compile(r"(?<![\w}])/dev/\w+|\bos\.devnull\b")
HARMLESS_DEVICE = re.compile(r"[0-9&]?>>?\s*/dev/null\b|<\s*/dev/(?:null|zero|u?random)\b")  # opened by a shell, for a stream
DEVICES = {  # file: nodes it may name, and what becomes of them
    "auth/core/tests/test_input.c": ("/dev/fd", "/dev/stdin"),  # read: its own descriptors
    "conformance/tests/test_pipes.sh": ("/dev/stdin", "/dev/null", "/dev/zero"),  # read
    "auth/cli/tests/test_keys.py": ("/dev/tty",),  # told in a comment
    "mock_epic/tests/test_faketime.py": ("/dev/shm",),  # a directory, listed
    "mock_epic/tests/test_attack_jws.py": ("/dev/zero",),  # a key's id
    "mock_epic/tests/test_attack_keys.py": ("/dev/stdin",),  # openssl reads it
    "mock_epic/tests/test_attack_process.py": ("/dev/null", "/dev/zero", "/dev/tty", "/dev/stdin"),  # read as keys and data
}
ADDRESS = re.compile(r"(?<![\w.])(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![\w.])|"
                     r"(?:(?<=//)|(?<=[\"']))\[[0-9a-fA-F:.]*:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\]")
HERE = re.compile(r"127\.|0\.0\.0\.0$|\[[0:]+1?\]$")
URL_HOST = re.compile(r"https?://([A-Za-z0-9.-]+\.[A-Za-z]{2,})\b")
# loopback, and names that RFC 2606 keeps for examples
NOBODY = re.compile(r"(?i)(?:^|\.)(?:localhost|example|example\.(?:com|net|org)|test|invalid)$")
ELSEWHERE = {  # file: addresses and hosts it may name, and why nothing there is ever connected to
    "auth/core/tests/test_address.c": re.compile(""),  # asks a function what kind of address each is
    "auth/core/tests/test_url.c": re.compile(""),  # asks a function whether each is loopback
    "mock_epic/tests/test_jwks_sets.c": re.compile(r"169\.254\.169\.254"),  # refused where an app is registered
    "mock_epic/tests/test_attack_process.py": re.compile(r"1\.2\.3\.4"),  # --listen, which binds
}
AUDIENCES = ("fhir.epic.com", "loinc.org", "snomed.info", "hl7.org", "www.hl7.org", "terminology.hl7.org", "unitsofmeasure.org")  # names of things in claims and data
ENDED_BY_NAME = re.compile(r"\b(?:p" r"kill|kill" r"all)\b")

CODE_FOLDERS = ("auth/", "mock_epic/", "conformance/", ".cmake/")
TIDY_TEXT = (".c", ".h", ".in", ".py", ".sh", ".cmake", ".txt", ".mjs")
SKIPPED_FOLDERS = (".git", ".build", "node_modules", "__pycache__")


def list_files(root):
    """Files of the repository, committed or about to be; without git, all of them."""
    done = subprocess.run(["git", "-C", root, "ls-files", "-z", "-co", "--exclude-standard"], capture_output=True, check=False)
    if done.returncode == 0 and os.path.exists(os.path.join(root, ".git")):
        return sorted(p for p in done.stdout.decode().split("\0") if p and os.path.isfile(os.path.join(root, p)))
    found = []
    for path, folders, names in os.walk(root):
        folders[:] = [f for f in folders if f not in SKIPPED_FOLDERS]
        found += [os.path.relpath(os.path.join(path, name), root) for name in names]
    return sorted(found)


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def without_comments(text):
    def keep_strings(match):
        return blank(match) if match.group().startswith("/") else match.group()
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', keep_strings, text, flags=re.S)


def without_literals(code):
    return re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', blank, code)


def without_directives(code):
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, code, flags=re.M)


def opening_word(code, closing):
    """The word before the parenthesis that code[closing] closes: 'if', 'while', a function's name, ''."""
    depth, at = 0, closing
    while at >= 0:
        depth += {")": 1, "(": -1}.get(code[at], 0)
        if depth == 0:
            break
        at -= 1
    word = re.search(r"(\w+)\s*$", code[:max(at, 0)])
    return word.group(1) if word else ""


def is_block(code, at):
    """Whether the brace at `at`, inside a function, opens a block and not an initialiser or a compound literal."""
    before = code[:at].rstrip()
    if before.endswith(")"):
        return opening_word(before, len(before) - 1) in ("if", "for", "while", "switch")
    return before.endswith((";", "{", "}", ":")) or bool(re.search(r"\b(else|do)$", before))


def functions(code):
    """(line, lines, deepest nesting) of every function; a body's own braces are level 0."""
    start, outer, stack, deepest = None, 0, [], 0
    for match in re.finditer(r"[{}]", code):
        at = match.start()
        if match.group() == "{":
            if start is None:
                before = code[:at].rstrip()
                if not outer and before.endswith(")") and "=" not in before[max(before.rfind(";"), before.rfind("}")):]:
                    start, stack, deepest = at, [], 0
                else:
                    outer += not re.search(r"\bextern\s*$", before)
                continue
            stack.append(all(stack) and is_block(code, at))
            deepest = max(deepest, sum(stack))
        elif start is None:
            outer = max(outer - 1, 0)
        elif stack:
            stack.pop()
        else:
            yield code.count("\n", 0, start) + 1, code.count("\n", start, at) + 1, deepest
            start = None


def check_calls(path, code, complain):
    for match in BANNED_CALL.finditer(code):
        name = match.group(1)
        before = code[:match.start()].rstrip()
        is_declared = re.search(r"\w\s*\*?$", before) and not re.search(r"\b(return|else|do|case)$", before)
        if not is_declared and not any(home in path for home in BANNED[name]):
            complain(path, code.count("\n", 0, match.start()) + 1, f"{name}() is banned here")


def check_sleeps(path, code, complain):
    for match in re.finditer(r"\bpoll\s*\(\s*(NULL|0)\b", code) if not re.search("/(tests|bench)/", path) else ():
        complain(path, code.count("\n", 0, match.start()) + 1, "poll() of no file is a sleep: use struct auth_env")


def check_secrets(path, code, complain):
    for match in re.finditer(r"\bauth_view_equals(?:_view|_nocase|_view_nocase)?\s*\([^;{}]*,\s*[\w.>-]*(?:admin_token|secret)\s*\)", code):
        complain(path, code.count("\n", 0, match.start()) + 1, "a secret is compared by auth_view_equals_secret()")


def check_streams(path, code, complain):
    """What a running server says must not wait for whoever should read it."""
    is_start = re.fullmatch(r"mock_epic/cli/(main|calls)\.c", path)  # before or without a server
    for match in re.finditer(r"\b(?:stderr|perror)\b", code) if re.match(r"mock_epic/(?!tests/|fuzz/|bench/)\w+/\w+\.c", path) and not is_start else ():
        complain(path, code.count("\n", 0, match.start()) + 1, "a running server writes to stderr through auth_log_write()")


def check_header(path, text, complain):
    if not text.startswith("/*"):
        complain(path, 1, "a header opens with a comment that says what it is for")
    guard = re.search(r"^#ifndef (\w+)\n#define (\w+)$", text, flags=re.M)
    if not guard or guard.group(1) != guard.group(2):
        complain(path, 1, "a header has a guard: #ifndef X, #define X")


def check_code(path, text, complain):
    code = without_comments(text)
    for number, line in enumerate(code.split("\n"), 1):
        if JSON_FORMAT.search(line) and not re.search("/(tests|bench)/", path):
            complain(path, number, "JSON with %s: use the writer, it escapes")
    code = without_literals(code)
    check_calls(path, code, complain)
    check_sleeps(path, code, complain)
    check_secrets(path, code, complain)
    check_streams(path, code, complain)
    for line, length, nesting in functions(without_directives(code)):
        if length > FUNCTION_LINES:
            complain(path, line, f"a function of {length} lines")
        if nesting > NESTING:
            complain(path, line, f"a function nested {nesting} deep")
    if text.count("\n") > FILE_LINES:
        complain(path, 1, f"a file of {text.count(chr(10))} lines")
    if path.endswith(".c") and not text.startswith("/*"):
        complain(path, 1, "a file opens with a comment that says what it is for")
    if path.endswith(".h"):
        check_header(path, text, complain)
    if re.search(r"/tests/test_[^/]*\.c$", path) and re.search(
            r"return\s+\(?\s*cmocka_run_group_tests\w*\s*\([^;?!]*\)\s*;", code):
        complain(path, 1, "main must return 0 or 1, not a count: 256 failures would exit 0")


def check_text(path, text, complain):
    if MACHINE_PATH.search(text):
        complain(path, 1, f"names a path of somebody's machine: {MACHINE_PATH.search(text).group()}")
    for match in LOCKED_ADDRESS.finditer(text) if path.endswith("-lock.json") else ():
        complain(path, text.count("\n", 0, match.start()) + 1, "says where a package comes from: npm --omit-lockfile-registry-resolved does not")
    for match in REGISTRY.finditer(text):
        complain(path, text.count("\n", 0, match.start()) + 1, f"names a package registry's host: {match.group()}")
    if path.startswith("fixtures/fhir") or not path.endswith(TIDY_TEXT):
        return
    if UNFINISHED.search(text):
        complain(path, text.count("\n", 0, UNFINISHED.search(text).start()) + 1, "unfinished: " + UNFINISHED.search(text).group())
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip() or "\t" in line:
            complain(path, number, "trailing space or tab")
    if text and not text.endswith("\n"):
        complain(path, text.count("\n") + 1, "no newline at the end")


def check_what_runs(path, text, complain):
    """Of a test or a script: what it could do to the machine it runs on, and to others."""
    devices, elsewhere = DEVICES.get(path, ()), ELSEWHERE.get(path)
    for number, line in enumerate(text.split("\n"), 1):
        for node in DEVICE.findall(HARMLESS_DEVICE.sub("", line)):
            if node not in devices:
                complain(path, number, f"{node}: as an output it would be replaced or filled; a full disk is a file at its limit (ulimit -f)")
        for address in ADDRESS.findall(line):
            if not HERE.match(address) and not (elsewhere and elsewhere.match(address)):
                complain(path, number, f"{address} is not this machine; what kind of address it is, is a question to a function")
        for host in URL_HOST.findall(line):
            if not NOBODY.search(host) and host not in AUDIENCES:
                complain(path, number, f"{host} is somebody's: use a name under .example")
        if ENDED_BY_NAME.search(line):
            complain(path, number, "ends processes by name: end those that you started, by their ids")


def check(root):
    """Violations as lines of text."""
    found = []

    def complain(path, line, what):
        found.append(f"{path}:{line}: {what}")

    for path in list_files(root):
        if re.search(r"\s", path):
            complain(path, 1, "white space in a file name")
        with open(os.path.join(root, path), encoding="utf-8", errors="replace", newline="") as file:
            text = file.read()
        check_text(path, text, complain)
        if RUNS.search(path):
            check_what_runs(path, text, complain)
        if path.startswith(CODE_FOLDERS) and path.endswith((".c", ".h")):
            check_code(path, text, complain)
    return found


def function_of(lines):
    return "int f(int a)\n{\n" + "    a++;\n" * (lines - 2) + "}\n"


def nested(depth):
    return "void f(int a)\n{\n" + "if (a) {\n" * depth + "a++;\n" + "}\n" * (depth + 1)


HEADER = "/* What it is for. */\n#ifndef A_H\n#define A_H\n#endif\n"
OPENING = "a file opens with a comment"
# file, text, what must be said about it (None: nothing); a .c gets its opening comment but for that case
PLANTED = [
    ("auth/core/x.c", "int a;\n", OPENING),
    *(("auth/core/x.c", f"void f(void)\n{{\n    {name}(a);\n}}\n", f"{name}() is banned") for name in BANNED),
    ("auth/core/x.c", "void f(void)\n{\n    int64_t t = time (NULL);\n}\n", "time() is banned"),
    ("auth/core/x.c", "int f(void)\n{\n    return rand();\n}\n", "rand() is banned"),
    ("auth/core/tests/test_x.c", "void f(void)\n{\n    strcpy(a, b);\n}\n", "strcpy() is banned"),
    ("auth/core/x.c", "void f(void)\n{\n    env->time(a);\n    my_time(b);\n    x.system(c);\n}\n", None),
    ("auth/core/x.c", "/* never strcpy() or time(NULL) */\nconst char *s = \"system(\";\n", None),
    ("auth/core/x.c", "int64_t time(void);\nchar *strcpy(char *a, const char *b);\n", None),
    ("auth/core/env.c", "void f(void)\n{\n    clock_gettime(a, b);\n}\n", None),
    ("auth/core/x.c", "void f(void)\n{\n    (void)poll(NULL, 0, 5);\n}\n", "a sleep"),
    ("auth/core/x.c", "void f(void)\n{\n    (void)poll(fds, 1, 5);\n}\n", None),
    ("auth/core/x.c", "void f(void)\n{\n    a = auth_view_equals(given, mock->options.admin_token);\n}\n", "equals_secret"),
    ("auth/core/x.c", "void f(void)\n{\n    a = auth_view_equals(name, \"client_secret\");\n}\n", None),
    ("mock_epic/state/x.c", "void f(void)\n{\n    fprintf(stderr, a);\n}\n", "through auth_log_write()"),
    ("mock_epic/cli/main.c", "void f(void)\n{\n    fprintf(stderr, a);\n}\n", None),
    ("auth/core/x.c", function_of(51), "a function of 51 lines"),
    ("auth/core/x.c", function_of(50), None),
    ("auth/core/x.c", "struct s t[] = {\n" + "    {1, 2},\n" * 150 + "};\n", None),
    ("auth/core/x.c", "#define X(a) \\\n    if (a) {\n" + function_of(51), "a function of 51 lines"),
    ("auth/core/x.c", nested(5), "nested 5 deep"),
    ("auth/core/x.c", nested(4), None),
    ("auth/core/x.c", "void f(void)\n{\n" + "    a = (struct s){{{{{{1}}}}}};\n}\n", None),
    ("auth/core/x.c", "void f(void)\n{\n" + "    g(&(struct s){{{{{{1}}}}}}, '{');\n}\n", None),
    ("auth/core/x.c", "int a;\n" * 600, "a file of 601 lines"),
    ("auth/core/x.c", "int a;\n" * 599, None),
    ("auth/core/x.h", HEADER, None),
    ("auth/core/x.h", "#pragma once\n" + HEADER, "opens with a comment"),
    ("auth/core/x.h", HEADER.replace("#define A_H", "#define B_H"), "guard"),
    ("auth/core/x.h", "/* What it is for. */\nint a;\n", "guard"),
    ("auth/core/tests/test_x.c", "int main(void)\n{\n    return cmocka_run_group_tests(t, NULL, NULL);\n}\n", "0 or 1"),
    ("auth/core/tests/test_x.c", "int main(void)\n{\n    return cmocka_run_group_tests(t, NULL, NULL) ? 1 : 0;\n}\n", None),
    ("auth/core/x.c", r'void f(void) { printf("{\"a\":\"%s\"}", a); }' + "\n", "JSON with %s"),
    ("auth/core/x.c", r'void f(void) { printf("%s: \"%s\"", a, b); }' + "\n", None),
    ("auth/core/x.c", "int a; \n", "trailing space"),
    ("auth/core/x.c", "\tint a;\n", "trailing space or tab"),
    ("auth/core/x.c", "int a;\r\n", "trailing space"),
    ("auth/core/x.c", "int a;", "no newline"),
    ("auth/core/x.c", "/* TO" "DO */\n", "unfinished"),
    ("auth/core/x.c", 'char t[] = "/tmp/x.XXXXXX";\n', None),
    ("README.md", "see /ho" "me/me/auth\n", "somebody's machine"),
    ("README.md", "see /homepage/auth\n", None),
    ("auth core.md", "\n", "white space in a file name"),
    ("conformance/package-lock.json", '"version": "5.0.0",\n"integrity": "sha512-x"\n', None),
    ("conformance/package-lock.json", '"resolved": "https://registry.example/jose-5.tgz"\n', "where a package comes from"),
    ("README.md", "npm config set registry https://registry.exam" "ple.org/\n", "registry's host"),
    ("README.md", "see the registry. Another.org sentence, and registry.example\n", None),
    ("a/tests/test_x.sh", "x >/dev/null 2>&1; x 2> /dev/null </dev/zero; x &>/dev/null\n", None),
    ("a/tests/test_x.sh", "x -o /dev/null\n", "/dev/null: as an output"),
    ("a/tests/test_x.sh", "x >/dev/full\n", "/dev/full: as an output"),
    ("a/tests/test_x.py", 'run("serve", "--ready-file", "/dev/stdout")\n', "/dev/stdout: as an output"),
    ("a/tests/test_x.py", 'run("-o", os.devnull)\n', "os.devnull: as an output"),
    ("a/tests/test_x.c", 'char p[] = "/dev/full";\n', "/dev/full: as an output"),
    ("a/tests/test_x.sh", 'mknod "$work/dev/null" c 1 3; x -o work/dev/null\n', None),
    ("conformance/demo", "x -o /dev/stderr\n", "/dev/stderr: as an output"),
    ("auth/core/process.c", 'char p[] = "/dev/null";\n', None),
    ("auth/cli/tests/test_keys.py", "# /dev/tty\n", None),
    ("auth/cli/tests/test_keys.py", "# /dev/full\n", "/dev/full: as an output"),
    ("a/tests/test_x.py", 'get("http://10.0.0.1/")\n', "10.0.0.1 is not this machine"),
    ("a/tests/test_x.py", 'get("http://[fe80::1]/")\n', "[fe80::1] is not this machine"),
    ("a/tests/test_x.py", 'get("http://[::ffff:10.0.0.1]/")\n', "is not this machine"),
    ("a/tests/test_x.py", 'get("127.0.0.1", "127.9.9.9", "0.0.0.0", "[::1]:8423", "[::]", "1.2.3", x[1:2], x[::2])\n', None),
    ("auth/core/tests/test_address.c", 'char a[] = "10.0.0.1";\n', None),
    ("mock_epic/tests/test_attack_process.py", 'start("1.2.3.4:0")\n', None),
    ("mock_epic/tests/test_attack_process.py", 'start("1.2.3.5:0")\n', "1.2.3.5 is not this machine"),
    ("a/tests/test_x.py", 'get("https://jwks.hospital.org/k")\n', "jwks.hospital.org is somebody's"),
    ("a/tests/test_x.py", 'get("https://k.example/k", "http://a.example.org", "http://localhost:1", "http://127.0.0.1/", "http://h/")\n', None),
    ("a/tests/test_x.sh", "p" "kill mock-epic\n", "by name"),
    ("conformance/demo", "kill" "all -9 mock-epic\n", "by name"),
]


def self_test():
    lost = 0
    for path, text, wanted in PLANTED:
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, os.path.dirname(path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8", newline="") as file:
                file.write(text if wanted == OPENING or not path.endswith(".c") else "/* What it is for. */\n" + text)
            found = check(root)
        is_right = not found if wanted is None else any(wanted in line for line in found)
        if not is_right:
            lost += 1
            print(f"wanted {wanted!r}, got {found} for {path}:\n{text[:200]}")
    print(f"self-test: {len(PLANTED)} cases, {lost} wrong")
    return 1 if lost else 0


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    if sys.argv[1] == "--self-test":
        return self_test()
    found = check(sys.argv[1])
    print("\n".join(found) if found else "clean")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
