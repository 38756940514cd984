#!/usr/bin/python3
"""`epic-conformance snapshot`: what a client does is kept as JSON for people, and what is not as it was is shown and a finding."""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ["EPIC_SOURCE_DIR"], "mock_epic", "tests"))
from harness import BIN, CONFORMANCE, SLOW, Suite  # noqa: E402  the path comes first

suite = Suite()
AUTH = os.path.join(BIN, "epic-auth")
PATIENT = [AUTH, "get", "Patient/erXuFYUfucBZaryVksYEcMg3"]
OTHER = [AUTH, "get", "Patient/eq081-VQEgP8drUUqCWzHfw3"]
PAGES = [AUTH, "search", "Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=laboratory"]


def snapshot(directory, *words, env=None):
    done = subprocess.run([CONFORMANCE, "snapshot", *words], cwd=directory, capture_output=True, text=True, timeout=120 * SLOW,
                          env={**os.environ, **(env or {})})
    return done.returncode, done.stdout, done.stderr


def check(what, result, status, *parts):
    suite.check(result[0] == status and all(part in result[1] + result[2] for part in parts), f"{what}: {result}")


def kept(directory, name):
    with open(os.path.join(directory, name, "journal.json"), encoding="utf-8") as file:
        return file.read()


def recorded_and_checked(directory):
    check("record", snapshot(directory, "record", "a", "--", *PATIENT), 0, "recorded in a/journal.json")
    text = kept(directory, "a")
    entries = json.loads(text)
    suite.check([entry["kind"] for entry in entries] == ["token", "fhir"] and "PORT" in entries[0]["authority"], f"entries: {text}")
    suite.check(max(len(line) for line in text.splitlines() if "fix" not in line and "actual" not in line and "expected" not in line) < 160
                and len(text.splitlines()) > 20, f"it is for people: {text}")
    status, out, err = snapshot(directory, "check", "a", "--", *PATIENT)
    suite.check(status == 0 and out == "", f"as it was: {status} {out} {err}")
    status, out, err = snapshot(directory, "check", "a", "--", *OTHER)
    suite.check(status == 1 and out.startswith("--- a/journal.json\n+++ now\n@@") and "-    \"target\": " in out
                and "+    \"target\": " in out and "record it anew" in err, f"another: {status} {out} {err}")
    suite.check(kept(directory, "a") == text, "check writes nothing")
    check("one request more", snapshot(directory, "check", "a", "--", "sh", "-c", f"{' '.join(PATIENT)}; {' '.join(PATIENT)}"), 1, "+")
    check("without diff", snapshot(directory, "--mock", os.path.join(BIN, "mock-epic"), "check", "a", "--", *OTHER, env={"PATH": directory}),
          1, "there is no diff here", "it is not as in")
    check("record anew", snapshot(directory, "record", "a", "--", *OTHER), 0)
    check("is as it was", snapshot(directory, "check", "a", "--", *OTHER), 0)


def options_of_the_mock(directory):
    """They reach it: a scenario and its verdict; a seed; a journal of the user's does not get in the way."""
    words = ["--scenario", "token-expires-between-pages", "--seed", "7", "--journal", "own.ndjson"]
    check("a scenario", snapshot(directory, "record", "pages", *words, "--", *PAGES), 0, "token-expires-between-pages: pass")
    suite.check('"status": 401' in kept(directory, "pages") and not os.path.exists(os.path.join(directory, "own.ndjson")), "its entries")
    check("again", snapshot(directory, "check", "pages", *words, "--", *PAGES), 0)
    check("another scenario", snapshot(directory, "check", "pages", "--seed", "7", "--", *PAGES), 1, "-    \"status\": 401")
    check("a wrong option", snapshot(directory, "record", "b", "--profil", "smart", "--", "true"), 2, "--profil")


def failures(directory):
    check("a command that fails", snapshot(directory, "record", "c", "--", "false"), 1, "nothing is recorded")
    suite.check(not os.path.exists(os.path.join(directory, "c")), "no directory")
    check("nothing to compare with", snapshot(directory, "check", "c", "--", "true"), 3, "c/journal.json", "record it first")
    check("no such command", snapshot(directory, "record", "c", "--", "no-such-command"), 3, "no-such-command")
    check("no mock", snapshot(directory, "--mock", "no-such-mock", "record", "c", "--", "true"), 3, "no-such-mock")
    check("neither", snapshot(directory, "keep", "c", "--", "true"), 2, "record or check?")
    check("no directory", snapshot(directory, "record", "--", "true"), 2, "it needs a directory")
    check("no command", snapshot(directory, "record", "c"), 2, "it needs a command")
    check("an empty command", snapshot(directory, "record", "c", "--seed", "1", "--"), 2, "it needs a command")
    check("help", snapshot(directory, "--help"), 0, "record|check DIR")
    with open(os.path.join(directory, "file"), "w", encoding="utf-8") as file:
        file.write("x")
    check("a file in its place", snapshot(directory, "record", "file", "--", "true"), 3, "file/journal.json")
    check("nothing was asked", snapshot(directory, "record", "none", "--", "true"), 0)
    suite.check(json.loads(kept(directory, "none")) == [], "an empty journal")
    scratch = os.path.join(directory, "tmp")
    os.mkdir(scratch)
    snapshot(directory, "check", "none", "--", *PATIENT, env={"TMPDIR": scratch})
    suite.check(os.listdir(scratch) == [], f"left behind: {os.listdir(scratch)}")


with tempfile.TemporaryDirectory() as directory:
    for part in (recorded_and_checked, options_of_the_mock, failures):
        part(directory)
suite.done(28)
