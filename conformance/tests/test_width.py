#!/usr/bin/env python3
"""On a terminal of 80 columns nothing is broken: help texts of all programs fit, and tables of epic-conformance are broken at blanks and indented.
Where standard output is no terminal, lines stay whole, so that they can be searched."""
import os
import pty
import re
import subprocess
import sys

from lint import CERT, ID, NOW, PROGRAM, SANDBOX, fixture_key, jwt, run

WIDTH = 80
bad = 0


def check(condition, message):
    global bad
    if not condition:
        bad += 1
        print("BAD ", message)


def on_terminal(*arguments, text=""):
    """What a terminal shows, without colours."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([PROGRAM, *arguments], stdin=subprocess.PIPE, stdout=theirs, stderr=subprocess.DEVNULL, env={**os.environ, "NO_COLOR": "1"}) as process:
        os.close(theirs)
        process.stdin.write(text.encode())
        process.stdin.close()
        shown = b""
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:
                break
            if not more:
                break
            shown += more
    os.close(ours)
    return shown.decode().replace("\r\n", "\n").splitlines()


def fits(name, lines):
    check(len(lines) > 2, f"{name}: {lines}")
    for line in lines:
        # a word that is wider than a line stays whole, so that it can be copied
        check(len(line) <= WIDTH or " " not in line.strip(), f"{name}: {len(line)} columns: {line}")


def commands_of(program):
    """Asked of the program itself, so that none is forgotten."""
    shown = subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout
    return re.findall(r"^  ([a-z][a-z-]+) ", shown, re.M)


for name in ("epic-auth", "mock-epic", "epic-conformance"):
    path = os.path.join(os.path.dirname(PROGRAM), name)
    names = commands_of(path)
    check(len(names) > 3, f"{name} has commands: {names}")
    pages = [("--help",), *((command, "--help") for command in names)]
    if name == "mock-epic":
        pages.append(("serve", "--help-switches"))
    for words in pages:
        fits(f"{name} {' '.join(words)}", subprocess.run([path, *words], capture_output=True, text=True, check=True).stdout.splitlines())
JUDGE = ("jwt", "--at", str(NOW), "--client-id", ID, "--token-url", SANDBOX, *CERT)
for name, token in (("sound", jwt()), ("refused", jwt(aud=SANDBOX + "/", exp=NOW + 9000, jti="x" * 200, sub="somebody else"))):
    lines = on_terminal(*JUDGE, "-", text=token)
    fits(name, lines)
    whole = run(*JUDGE, "-", text=token)[1]
    check(" ".join(" ".join(lines).split()) == " ".join(whole.split()), f"{name}: the terminal shows other words than a pipe gets")
    check(any(len(line) > WIDTH for line in whole.splitlines()), f"{name}: a pipe gets lines as they are")
fits("all", on_terminal(*JUDGE, "--all", "-", text=jwt()))
fits("rules on a terminal", on_terminal("rules"))
fits("cases on a terminal", on_terminal("cases"))
for key in ("rsa2048_a.cert.pem", "rsa2048_a.pub.pem", "rsa1024_a.TESTKEY.pem"):
    fits(key, on_terminal("key", fixture_key(key)))
sys.exit(bad > 0)
