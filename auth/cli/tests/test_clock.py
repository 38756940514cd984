#!/usr/bin/env python3
"""A clock that is wrong, by seconds or by an hour, ahead or behind: each time a token comes, or the clock is named. The mock's
clock is moved, epic-auth's is real."""
import json
import os
import re
import subprocess
import sys
import urllib.request

BIN = os.environ["EPIC_BIN_DIR"]
EPIC_AUTH = os.path.join(BIN, "epic-auth")
OTHER_KEY = os.path.join(os.environ["EPIC_FIXTURES_DIR"], "keys", "rsa2048_b.TESTKEY.pem")
# what the server's clock is ahead of ours
OFFSETS = [0] + [sign * n for n in (5, 9, 10, 11, 12, 20, 29, 30, 31, 90, 239, 241, 300, 3600) for sign in (1, -1)]
failures = 0


def wrong(text):
    global failures
    failures += 1
    print(f"FAILED: {text}")


def move_clock(offset_s):
    request = urllib.request.Request(os.environ["MOCK_EPIC_URL"] + "/mock/clock", json.dumps({"offset_s": offset_s}).encode(),
                                     {"Content-Type": "application/json"}, method="PUT")
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request).close()


def ask(*options, **environment):
    return subprocess.run([EPIC_AUTH, "token", *options], env={**os.environ, **environment}, capture_output=True, text=True,
                          check=False, timeout=180)


def named(text):
    """By how much the clock is said to be ahead of the server's; None: no word on it."""
    found = re.search(r"your clock is (\d+) s (ahead of|behind) the server's \(Date\)", text)
    return found and int(found[1]) * (1 if found[2] == "ahead of" else -1)


def check(offset_s):
    move_clock(offset_s)
    done = ask()
    said = named(done.stderr)
    if done.returncode != 0 or len(done.stdout.split()) != 1:
        wrong(f"{offset_s} s: no token: {done.stderr}")
    if said is not None and abs(said + offset_s) > 1:
        wrong(f"{offset_s} s are said to be {-said}")
    # iat is 10 s back and exp 240 s ahead: a clock ahead by more is refused at first, one behind by so much too. A second may
    # begin between signing and judging, which makes 11 s ahead 10
    must_correct, may_correct = offset_s < -11 or offset_s > 241, offset_s < -8 or offset_s > 238
    if (must_correct and said is None) or (not may_correct and said is not None):
        wrong(f"{offset_s} s: {'not ' if said is None else ''}told: {done.stderr}")
    if said is not None and "note: " not in done.stderr:
        wrong(f"{offset_s} s: no note: {done.stderr}")
    if must_correct and not re.search(r"Date is [+-]\d+ s from this clock.*signing again", ask("-v").stderr):
        wrong(f"{offset_s} s: -v does not give the numbers")
    # a refusal for another reason: the clock is named first where it is beyond what is allowed for
    refused = ask(EPIC_PRIVATE_KEY_PATH=OTHER_KEY)
    said = named(refused.stderr.split(";")[0])
    if refused.returncode != 5:
        wrong(f"{offset_s} s: another key gives {refused.returncode}")
    if abs(offset_s) > 11 and said is None or abs(offset_s) < 10 and named(refused.stderr) is not None:
        wrong(f"{offset_s} s, refused: {refused.stderr}")


def main():
    if "MOCK_EPIC_URL" not in os.environ:
        done = subprocess.run([os.path.join(BIN, "mock-epic"), "run", "--log-level", "error", "--", sys.executable, __file__],
                              check=False)
        return done.returncode
    for offset_s in OFFSETS:
        check(offset_s)
    print(f"{len(OFFSETS)} clocks, {failures} failures")
    return 1 if failures else 0


sys.exit(main())
