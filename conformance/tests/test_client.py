#!/usr/bin/python3
"""`epic-conformance client`: a command in scenarios, a case each, its reports and exit statuses; and `scenarios`, the list."""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

sys.path.insert(0, os.path.join(os.environ["EPIC_SOURCE_DIR"], "mock_epic", "tests"))
from harness import BIN, CONFORMANCE, SLOW, Mock, Suite  # noqa: E402  the path comes first

suite = Suite()
AUTH = os.path.join(BIN, "epic-auth")
PAGES, CLOCK = "token-expires-between-pages", "clock-ahead-90s"
RIGHT = [AUTH, "search", "Observation", "patient=erXuFYUfucBZaryVksYEcMg3", "category=laboratory", "_count=1"]
STUBBORN = ["sh", "-c", f"{AUTH} token --format curl-config > t; url=\"$EPIC_FHIR_BASE_URL/Observation?"
            "patient=erXuFYUfucBZaryVksYEcMg3&category=laboratory&_count=1\"; "
            "for i in 1 2 3; do curl -s -K t \"$url\" -o page; done"]


def client(directory, *words, env=None):
    done = subprocess.run([CONFORMANCE, "client", *words], cwd=directory, capture_output=True, text=True,
                          timeout=120 * SLOW, env={**os.environ, **(env or {})})
    return done.returncode, done.stdout, done.stderr


def check(what, result, status, *parts):
    suite.check(result[0] == status and all(part in result[1] + result[2] for part in parts), f"{what}: {result}")


def both(*options):
    return ["--scenario", PAGES, "--scenario", CLOCK, *options, "--"]


def statuses(directory):
    check("right", client(directory, *both("-a"), *RIGHT), 0, f"pass     {PAGES}", f"pass     {CLOCK}", "scenarios: 2 of 2 passed")
    check("wrong", client(directory, "--scenario", PAGES, "--", *STUBBORN), 1, f"fail     {PAGES}",
          "because   a 401 is answered by a new token", "fix       drops the token that was refused", "source    S ",
          f"again     mock-epic run --scenario {PAGES} -- sh -c '")
    check("nothing", client(directory, *both(), "true"), 0, "0 of 2 passed, 2 not_exercised")
    check("required", client(directory, *both("--require", "all"), "true"), 1, "--require")
    check("one required", client(directory, *both("--require", "clock-*"), "true"), 1, "--require")
    check("another required", client(directory, *both("--require", "none-*"), "true"), 0)
    check("skipped", client(directory, *both("--skip", "clock-*=not ours"), *RIGHT), 0, "1 of 2 passed, 1 skip")
    check("only", client(directory, "--only", PAGES, "--", *RIGHT), 0, "1 of 1 passed")
    check("hangs", client(directory, "--scenario", PAGES, "--timeout", "1", "--", "sleep", "60"), 1, "did not end within 1 s")
    known = os.path.join(directory, "known")
    with open(known, "w", encoding="utf-8") as file:
        file.write(f"# a remark\n{PAGES} ticket 7\n")
    check("known", client(directory, "--scenario", PAGES, "--known-failures", known, "--", *STUBBORN), 0, "a known failure: ticket 7")


def usage(directory):
    check("no command", client(directory, "--scenario", PAGES), 2, "it needs a command")
    check("no such scenario", client(directory, "--scenario", "nono", "--", "true"), 2, "--scenario nono")
    check("none is meant", client(directory, "--only", "nono", "--", "true"), 2, "no scenario is meant")
    check("no such report", client(directory, "--report", "xls=a", "--", "true"), 2, "--report")
    check("no such command", client(directory, "--scenario", PAGES, "--", "no-such-command"), 3, "no-such-command")
    check("no mock", client(directory, "--mock", "no-such-mock", "--scenario", PAGES, "--", "true"), 3, "--mock names it")
    check("a bad switch", client(directory, "--switch", "nono=1", "--scenario", PAGES, "--", "true"), 3, "no verdict", "nono")


def reports(directory):
    names = {name: os.path.join(directory, "r." + name) for name in ("junit", "json", "tap", "ctrf")}
    words = [word for name, path in names.items() for word in ("--report", f"{name}={path}")]
    check("reports", client(directory, *both(*words), *STUBBORN), 1)
    failures = [case.get("name") for case in xml.parse(names["junit"]).getroot().iter("testcase") if case.find("failure") is not None]
    suite.check(any(PAGES in name for name in failures), f"JUnit: {failures}")
    with open(names["json"], encoding="utf-8") as file:
        report = json.load(file)
    case = next(case for case in report["cases"] if case["id"] == PAGES)
    suite.check(report["command"] == "epic-conformance client" and case["result"] == "fail" and case["ms"] >= 0 and case["again"],
                f"JSON: {report}")
    with open(names["ctrf"], encoding="utf-8") as file:
        suite.check(len(json.load(file)["results"]["tests"]) == 2, "CTRF: two tests")
    status, out, err = client(directory, "--scenario", CLOCK, "-f", "tap", "--", *RIGHT)
    suite.check(status == 0 and f"ok 1 - {CLOCK}" in out and not err, f"stdout is the report alone: {status} {out} {err}")
    status, out, err = client(directory, "--scenario", CLOCK, "-v", "-f", "tap", "--", *RIGHT)
    suite.check(out.startswith("TAP") and "scenario clock-ahead-90s: pass" in err, f"--verbose: {out} {err}")


def own(directory):
    """A user's own, by path and by directory, also in the place of what is built in; in a mock that runs; one that is wrong."""
    own_dir = os.path.join(directory, "own")
    os.mkdir(own_dir)
    path = os.path.join(own_dir, "mine.json")
    mine = {"name": "mine", "about": "a", "source": "R s", "setup": {"seed": 1}, "expect": [
        {"never": {"kind": "fhir"}, "because": "nothing is read", "right": "r"}]}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(mine, file)
    check("a path", client(directory, "--scenario", path, "--", AUTH, "token"), 0, "1 of 1 passed")
    check("a directory", client(directory, "--scenarios", own_dir, "--only", "mi*", "--", *RIGHT), 1, "nothing is read",
          f"run --scenario {path} --")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({**mine, "drvie": []}, file)
    check("a wrong one", client(directory, "--scenario", path, "--", "true"), 3, "did you mean", "drive")
    with Mock() as mock:
        check("--on", client(directory, "--on", f"http://127.0.0.1:{mock.port}", *both(), *RIGHT), 0, "2 of 2 passed")
    scratch = os.path.join(directory, "tmp")
    os.mkdir(scratch)
    client(directory, "--scenario", PAGES, "--", *STUBBORN, env={"TMPDIR": scratch})
    suite.check(os.listdir(scratch) == [], f"left behind: {os.listdir(scratch)}")


def side_by_side(directory):
    """Both at once: each waits for the other to have begun. The order of the results stays; who is interrupted ends them all."""
    begun = os.path.join(directory, "begun")
    meet = ["sh", "-c", 'touch "$0/$$"; while [ "$(ls "$0" | wc -l)" -lt 2 ]; do sleep 0.05; done', begun]
    os.mkdir(begun)
    status, out, err = client(directory, *both("--jobs", "2", "--timeout", "60", "-f", "tap"), *meet)
    suite.check(status == 0 and out.index(CLOCK) < out.index(PAGES), f"--jobs 2: {status} {out} {err}")
    check("one that cannot start", client(directory, *both("-j", "2"), "no-such-command"), 3, "no-such-command")
    check("no number of jobs", client(directory, *both("-j", "0"), "true"), 2, "--jobs")
    started = os.path.join(directory, "started")
    os.mkdir(started)
    process = subprocess.Popen([CONFORMANCE, "client", *both("-j", "2"), "sh", "-c", 'touch "$0/$$"; exec sleep 600', started],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    suite.check(until(lambda: len(os.listdir(started)) == 2), "two were started")
    process.terminate()
    suite.check(process.wait(60 * SLOW) == -signal.SIGTERM, f"ended by it: {process.returncode}")
    suite.check(until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in os.listdir(started))), "the commands have ended")


def until(condition):
    end = time.monotonic() + 60 * SLOW
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def listed():
    out = subprocess.run([CONFORMANCE, "scenarios", "--format", "json"], capture_output=True, text=True, check=True).stdout
    names = [one["name"] for one in json.loads(out)]
    suite.check(PAGES in names and names == sorted(names) and all(one["about"] and one["source"] for one in json.loads(out)), out)
    # what mock-epic has built in is the same
    mock = subprocess.run([os.path.join(BIN, "mock-epic"), "scenarios", "--format", "json"], capture_output=True, text=True, check=True)
    suite.check(json.loads(mock.stdout) == json.loads(out), "both programs list the same")
    out = subprocess.run([CONFORMANCE, "scenarios"], capture_output=True, text=True, check=True).stdout
    suite.check(re.search(rf"^{len(names)} scenarios$", out, re.M) is not None, out)


with tempfile.TemporaryDirectory() as directory:
    for part in (statuses, usage, reports, own, side_by_side):
        part(directory)
listed()
suite.done(34)
