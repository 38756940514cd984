#!/usr/bin/python3
"""A mock whose clock was moved, and an honest client in real time: what is said blames the mock's clock, and nobody else's."""
import os
import re
import shlex
import subprocess

from harness import BIN, MOCK_EPIC, SLOW, Suite

suite = Suite()
# no variable of whoever runs the tests
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("EPIC_", "MOCK_EPIC_"))}
TOKEN = os.path.join(BIN, "epic-auth") + " token"
BLAMED = re.compile(r"your clock|NTP|time zone|local time")


def put(body):
    return f"curl -s -X PUT $MOCK_EPIC_URL/mock/clock -d '{body}' >/dev/null;"


def run(options, script):
    done = subprocess.run([MOCK_EPIC, "run", *options, "--", "sh", "-c", script], env=CLEAN, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60 * SLOW, check=False)
    # the mock's own words; what a client says of the Date header is its affair
    return "".join(line for line in done.stderr.splitlines(True) if not line.startswith("epic-auth:"))


def case(name, options, script, says):
    said = run(options, script)
    suite.check(re.search(says, said), f"{name}: {says} is not in {said}")
    suite.check(not BLAMED.search(said), f"{name}: somebody is blamed in {said}")


def lint(name, seconds, says, unless):
    """An assertion of now, judged as of `seconds` from now."""
    script = (f'{BIN}/epic-auth assertion --client-id "$EPIC_BACKEND_CLIENT_ID" --token-url "$EPIC_TOKEN_URL" --private-key "$EPIC_PRIVATE_KEY_PATH" >"$TMPDIR/jwt";'
              f'{BIN}/epic-auth key jwks "$EPIC_PRIVATE_KEY_PATH" >"$TMPDIR/jwks";'
              f'{BIN}/epic-conformance jwt --jwks "$TMPDIR/jwks" --token-url "$EPIC_TOKEN_URL" --at $(($(date +%s) + {seconds})) "$TMPDIR/jwt"')
    done = subprocess.run(["sh", "-c", 'TMPDIR=$(mktemp -d); export TMPDIR; trap \'rm -rf "$TMPDIR"\' EXIT; ' + " ".join([shlex.quote(MOCK_EPIC), "run", "--", "sh", "-c", shlex.quote(script)])],
                          env=CLEAN, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60 * SLOW, check=False)
    suite.check(re.search(says, done.stdout), f"{name}: {says} is not in {done.stdout}{done.stderr}")
    suite.check(not re.search(unless, done.stdout), f"{name}: {unless} is in {done.stdout}")


AHEAD, BEHIND = r"this mock's clock stands \d+ s ahead of real time", r"this mock's clock stands \d+ s behind real time"
case("--clock-offset 3600", ["--clock-offset", "3600"], TOKEN, r"this mock's clock stands 3600 s ahead of real time \(--clock-offset")
case("--clock-offset -3600", ["--clock-offset", "-3600"], TOKEN, r"this mock's clock stands 3600 s behind real time")
case("--clock-offset -60", ["--clock-offset", "-60"], TOKEN, r"this mock's clock stands 60 s behind real time")
case("--at in the past", ["--at", "2026-01-01T00:00:00Z"], TOKEN, BEHIND)
case("--at in the future", ["--at", "2099-01-01T00:00:00Z"], TOKEN, AHEAD)
case("PUT /mock/clock", [], put('{"offset_s":86400}') + TOKEN, AHEAD)
case("frozen and advanced", [], put('{"frozen":true}') + "curl -s $MOCK_EPIC_URL/mock/clock/advance -d '{\"seconds\":7200}' >/dev/null;" + TOKEN, AHEAD)
case("a rate", [], put('{"rate":100000}') + "sleep 0.2;" + put('{"rate":1}') + TOKEN, AHEAD)
lint("the linter a day later", 86400, r"judged as of --at, which is 86(3\d\d|400) s ahead of the present time", BLAMED.pattern)
lint("the linter a day before", -86400, r"judged as of --at, which is 86(399|4\d\d) s behind the present time", BLAMED.pattern)
lint("the linter by the Date of an answer, a minute ago", -60, "your clock runs ahead", "judged as of --at")
suite.done(least=22)
