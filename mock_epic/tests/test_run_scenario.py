#!/usr/bin/python3
"""`mock-epic run --scenario` and `--expect`: exit statuses, what stderr quotes, the reports, copies, a key that is rotated, --on."""
import json
import os
import subprocess
import tempfile
import xml.etree.ElementTree as xml

from harness import BIN, MOCK_EPIC, SLOW, Mock, Suite

suite = Suite()
AUTH = os.path.join(BIN, "epic-auth")
PATIENT = "Patient/erXuFYUfucBZaryVksYEcMg3"
SEARCH = [AUTH, "search", "Observation", "patient=erXuFYUfucBZaryVksYEcMg3", "category=laboratory", "_count=1"]
PAGES = "token-expires-between-pages"
# gets a page, and goes on with the token that was refused
STUBBORN = ["sh", "-c", f"{AUTH} token --format curl-config > t; url=\"$EPIC_FHIR_BASE_URL/Observation?"
            "patient=erXuFYUfucBZaryVksYEcMg3&category=laboratory&_count=1\"; "
            "for i in 1 2 3; do curl -s -K t \"$url\" -o page; done"]
ONCE = [AUTH, "get", PATIENT]


def run(directory, options, command):
    done = subprocess.run([MOCK_EPIC, "run", *options, "--", *command], cwd=directory, capture_output=True, text=True,
                          timeout=60 * SLOW)
    return done.returncode, done.stderr


def write(directory, name, value):
    path = os.path.join(directory, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(value if isinstance(value, str) else json.dumps(value))
    return path


def scenario(**parts):
    return {"name": "mine", "about": "a", "source": "R s", "expect": [
        {"count": {"kind": "token", "outcome": "issued"}, "because": "a token", "right": "gets one"}], **parts}


def check(what, result, status, *parts):
    suite.check(result[0] == status and all(part in result[1] for part in parts), f"{what}: {result[0]} {result[1]}")


def statuses(directory):
    """The contract: pass 0, fail 1, not exercised 0 or 1, whatever the command's own status is."""
    check("right", run(directory, ["--scenario", PAGES], SEARCH), 0, f"scenario {PAGES}: pass")
    check("wrong", run(directory, ["--scenario", PAGES], STUBBORN), 1, f"scenario {PAGES}: fail",
          "a refused token is not sent again", "expected: count of fhir status 401: at most 1; there were 2",
          "entry 5 ", "401  t1  the token expired", "right: never sends a token again")
    check("right, and fails", run(directory, ["--scenario", PAGES], ["sh", "-c", " ".join(SEARCH) + "; exit 9"]), 0, "pass")
    check("not exercised", run(directory, ["--scenario", PAGES], ONCE), 0, "not exercised: step 1 did not come: fhir Observation",
          "to come to the point: search Observation?")
    check("required", run(directory, ["--scenario", PAGES, "--require"], ["true"]), 1, "the client asked nothing")
    check("no such command", run(directory, ["--scenario", PAGES], ["no-such-command"]), 127)
    check("a name", run(directory, ["--scenario", "token-expires-between-page"], ["true"]), 2, f"did you mean {PAGES}?")
    check("a path", run(directory, ["--scenario", "./none.json"], ["true"]), 2, "none.json")
    check("interrupted", run(directory, ["--scenario", PAGES], ["sh", "-c", "kill -TERM $$"]), 143)
    check("hangs", run(directory, ["--scenario", PAGES, "--timeout", "1", "--junit", "hung.xml"], ["sleep", "60"]), 124,
          "longer than --timeout", f"scenario {PAGES}: fail", "the command ends by itself", "right: gives up with an error")
    with open(os.path.join(directory, "hung.xml"), encoding="utf-8") as file:
        suite.check('failures="1"' in file.read(), "a command that hangs is a failure in the report")


def files(directory):
    """An unknown member anywhere is usage, with line and column; a directory of scenarios comes before what is built in."""
    text = json.dumps(scenario(setup={"clock": {}})).replace('"clock": {', '"clock":{\n\n  "offset":1')
    path = write(directory, "bad.json", text)
    check("a bad file", run(directory, ["--scenario", path], ["true"]), 2, "bad.json:3:3: unknown member \"offset\"")
    write(directory, PAGES + ".json", scenario(name=PAGES))
    check("a directory", run(directory, ["--scenario", PAGES, "--scenarios", directory], ONCE), 0, f"{PAGES}: pass")
    check("no directory", run(directory, ["--scenario", PAGES, "--scenarios", "none"], ONCE), 2, "no such directory")
    shown = subprocess.run([MOCK_EPIC, "scenarios", "--format", "json"], capture_output=True, text=True, check=True).stdout
    suite.check(PAGES in [one["name"] for one in json.loads(shown)], f"the list: {shown}")
    write(directory, "own.json", scenario(name="own"))
    os.remove(os.path.join(directory, "bad.json"))
    shown = subprocess.run([MOCK_EPIC, "scenarios", "--scenarios", directory, "--format", "json"], capture_output=True, text=True, check=True).stdout
    listed = [(one["name"], one["about"]) for one in json.loads(shown)]
    suite.check(("own", "a") in listed and (PAGES, "a") in listed and listed == sorted(listed), f"the list with a directory: {shown}")
    shown = subprocess.run([MOCK_EPIC, "scenarios", PAGES], capture_output=True, text=True, check=True).stdout
    suite.check("right:  drops the token that was refused" in shown, f"one of them: {shown}")


def reports(directory):
    names = [os.path.join(directory, name) for name in ("j.xml", "t.tap", "v.json")]
    run(directory, ["--scenario", PAGES, "--junit", names[0], "--tap", names[1], "--verdict", names[2]], STUBBORN)
    cases = xml.parse(names[0]).getroot().iter("testcase")
    suite.check([case.find("failure") is not None for case in cases] == [True] * 4, "JUnit: four failures")
    with open(names[1], encoding="utf-8") as file:
        tap = file.read()
    suite.check(tap.count("\nnot ok ") == 4 and "1..4" in tap, f"TAP: {tap}")
    with open(names[2], encoding="utf-8") as file:
        verdict = json.load(file)
    suite.check(verdict["verdict"] == "fail" and verdict["scenario"] == PAGES and len(verdict["results"]) == 4 and
                verdict["steps"] == [{"done": 1, "entries": [2]}, {"done": 1, "entries": [4]}], f"JSON: {verdict}")


def expectations(directory):
    """Without a scenario the command's status counts, and a failed expectation where that is 0."""
    once = [{"count": {"kind": "token"}, "max": 1, "because": "one token", "right": "keeps it"}]
    path = write(directory, "expect.json", once)
    twice = ["sh", "-c", f"{' '.join(ONCE)}; {' '.join(ONCE)}"]
    check("holds", run(directory, ["--expect", path], ONCE), 0, "expectations: pass")
    check("fails", run(directory, ["--expect", path], twice), 1, "expectations: fail", "one token", "right: keeps it", "entry 3 ")
    check("fails already", run(directory, ["--expect", path], ["sh", "-c", twice[2] + "; exit 9"]), 9, "expectations: fail")
    check("with a scenario", run(directory, ["--expect", path, "--scenario", PAGES], SEARCH), 1, f"scenario {PAGES}: fail",
          "one token")
    check("no file", run(directory, ["--expect", "none.json"], ONCE), 3, "none.json")
    check("no expectation", run(directory, ["--expect", write(directory, "e.json", [{"cuont": {}}])], ONCE), 2, "\"count\"?")
    tap = os.path.join(directory, "e.tap")
    check("a report", run(directory, ["--expect", path, "--tap", tap], twice), 1)
    with open(tap, encoding="utf-8") as file:
        text = file.read()
    suite.check("ok 1 - command" in text and "not ok 2 - expectation-1" in text, f"TAP: {text}")


def setups(directory):
    """What a setup says of the server, and of the app that run makes."""
    born = write(directory, "born.json", scenario(setup={"token_lifetime_s": 3600, "real_token_lifetime_s": 0}, expect=[
        {"count": {"kind": "fhir", "status": 401}, "because": "expired at birth", "right": "gives up"}]))
    check("expired at birth", run(directory, ["--scenario", born], ONCE), 0, "scenario mine: pass")
    check("an option wins", run(directory, ["--scenario", born, "--real-token-lifetime", "60"], ONCE), 1, "mine: fail")
    scopes = write(directory, "scopes.json", scenario(setup={"app": {"scopes": ["system/Observation.r"]}}, expect=[
        {"count": {"kind": "fhir", "status": 403}, "because": "not granted", "right": "gives up"}]))
    check("scopes", run(directory, ["--scenario", scopes], ONCE), 0, "scenario mine: pass")
    copies = write(directory, "copies.json", scenario(setup={"copies": 5}, expect=[
        {"count": {"kind": "token"}, "min": 5, "max": 5, "because": "five", "right": "five"}]))
    check("copies", run(directory, ["--scenario", copies], ONCE), 0, "10 requests, 5 tokens issued", "mine: pass")
    faults = write(directory, "faults.json", scenario(setup={"faults": [
        {"match": {"route": "token", "nth": 1}, "action": {"status": 503, "headers": {"Retry-After": "1"}}}]}))
    check("faults", run(directory, ["--scenario", faults], ONCE), 0, "mine: pass")


def rotation(directory):
    """A new key is at the path, and in what is registered, when the answer is there."""
    again = ["sh", "-c", f"""cp "$EPIC_PRIVATE_KEY_PATH" old; {AUTH} token > first;
        {AUTH} token --private-key old > second; {AUTH} token > third; ls -l "$EPIC_PRIVATE_KEY_PATH"; cmp -s old "$EPIC_PRIVATE_KEY_PATH" && exit 9"""]
    for key in ("certificate", "jwks_url"):
        for keep_old in (True, False):
            # Epic keeps a set that it fetched, so a key that was taken out of it is missed only later
            refused = 0 if keep_old or key == "jwks_url" else 1
            path = write(directory, "rotate.json", scenario(setup={"app": {"key": key}}, steps=[
                {"when": {"kind": "token", "outcome": "issued"}, "do": [{"rotate_key": {"keep_old": keep_old}}]}], expect=[
                    {"count": {"kind": "token", "outcome": "issued"}, "min": 3 - refused, "max": 3 - refused, "because": "b", "right": "r"},
                    {"count": {"kind": "token", "outcome": "refused"}, "min": 0, "max": 2, "because": "b", "right": "r"}]))
            check(f"rotated, {key}, {keep_old}", run(directory, ["--scenario", path], again), 0, "mine: pass")
    path = write(directory, "rotate.json", scenario(steps=[{"when": {}, "do": [{"rotate_key": {}}]}]))
    check("no key of ours", run(directory, ["--scenario", path, "--client-id", "a", "--jwks-url", "http://127.0.0.1:1/"], ONCE), 2,
          "rotates the key")


def there(directory):
    """In an instance of a server that runs: the same verdicts."""
    with Mock() as mock:
        on = ["--on", f"http://127.0.0.1:{mock.port}"]
        check("on: right", run(directory, [*on, "--scenario", PAGES], SEARCH), 0, f"scenario {PAGES}: pass")
        check("on: wrong", run(directory, [*on, "--scenario", PAGES], STUBBORN), 1, "401  t1  the token expired")
        check("on: nothing", run(directory, [*on, "--scenario", PAGES, "--require"], ["true"]), 1, "not exercised")
        path = write(directory, "expect.json", [{"never": {"kind": "fhir"}, "because": "nothing is read", "right": "r"}])
        check("on: expect", run(directory, [*on, "--expect", path], ONCE), 1, "nothing is read")
        path = write(directory, "mine.json", scenario(setup={"profile": "smart", "clock": {"offset_s": 0}}))
        check("on: a path", run(directory, [*on, "--scenario", path], ONCE), 1, "mine: fail")
        path = write(directory, "rotate.json", scenario(steps=[{"when": {}, "do": [{"rotate_key": {}}]}]))
        check("on: rotation", run(directory, [*on, "--scenario", path], ONCE), 3, "rotates a key")


with tempfile.TemporaryDirectory() as directory:
    for part in (statuses, files, reports, expectations, setups, rotation, there):
        part(directory)
suite.done(40)
