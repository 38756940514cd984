#!/usr/bin/python3
"""`mock-epic run --on URL`: an Epic of its own in a mock that runs already, for as long as the command runs."""
import json
import os
import subprocess
import tempfile

from harness import BIN, FIXTURES, MOCK_EPIC, SLOW, Mock, Suite

suite = Suite()
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("EPIC_", "MOCK_EPIC_")) and not name.lower().endswith("_proxy")}
CLEAN["PATH"] = BIN + os.pathsep + CLEAN["PATH"]
CERT = os.path.join(FIXTURES, "keys", "rsa2048_b.cert.pem")
KEY = os.path.join(FIXTURES, "keys", "rsa2048_b.TESTKEY.pem")
WORK = tempfile.TemporaryDirectory()
CLIENT = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "recipes", "python", "epic_client.py")


def run(url, *command, options=(), env=None):
    return subprocess.run([MOCK_EPIC, "run", "--on", url, *options, "--", *command], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env={**CLEAN, "TMPDIR": WORK.name, **(env or {})}, cwd=WORK.name, timeout=60 * SLOW, check=False)


def shell(url, script, **more):
    return run(url, "sh", "-c", script, **more)


def is_clean(mock, name):
    suite.check(mock.admin("GET", "/instances")[1] == [], f"{name}: an instance is left")
    suite.check(not [left for left in os.listdir(WORK.name) if left.startswith("mock-epic-")], f"{name}: a key is left")


def works(mock):
    """By every URL of the ready object; its clock is its own, its end the command's."""
    for name in ("url", "admin_url", "token_url"):
        done = shell(mock.ready[name], "epic-auth get Patient/erXuFYUfucBZaryVksYEcMg3; mock-epic clock advance 7200 >&2; echo $MOCK_EPIC_URL; exit 4")
        suite.check(done.returncode == 4 and '"Patient"' in done.stdout, f"by {name}: {done.returncode} {done.stderr}")
        origin = f"http://127.0.0.1:{mock.port}/i/"
        suite.check(done.stdout.rstrip().rpartition("\n")[2].startswith(origin), f"MOCK_EPIC_URL: {done.stdout[-80:]}")
        suite.check("mock-epic: 3 requests, 1 tokens issued, 0 refused, 0 warnings" in done.stderr, f"the closing line: {done.stderr}")
        suite.check(mock.admin("GET", "/clock")[1]["offset_s"] == 0, "the clock of the server stands as it was")
        is_clean(mock, name)


def explains(mock):
    """Refusals of each kind, in the words of a server of its own; the server's own stay the server's."""
    script = """
        EPIC_BACKEND_CLIENT_ID=nobody epic-auth token
        curl -s -H 'Authorization: Bearer none' "$EPIC_FHIR_BASE_URL/Patient/x?name=secret" -o out
        curl -s $MOCK_EPIC_URL/nothing -o out; mock-epic clock set x
        exit 0"""
    lines = {}
    for name, options in (("there", ("--on", mock.ready["url"])), ("here", ())):
        done = subprocess.run([MOCK_EPIC, "run", *options, "--fail-on-refused", "--", "sh", "-c", script], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env={**CLEAN, "TMPDIR": WORK.name}, cwd=WORK.name, timeout=60 * SLOW, check=False)
        suite.check(done.returncode == 1, f"{name}: --fail-on-refused: {done.returncode}")
        said = done.stderr.replace("/i/" + done.stderr.partition("/i/")[2].partition("/")[0], "", 9) if name == "there" else done.stderr
        lines[name] = [line for line in said.splitlines() if line.startswith(("mock-epic: ", "  client", "    fix"))]
    for line in lines["here"][:4]:
        suite.check(line in lines["there"], f"is not told there: {line} in {lines['there']}")
    suite.check(lines["here"][-1] == lines["there"][-1], f"closing lines: {lines['here'][-1]} {lines['there'][-1]}")
    suite.check("name=secret" not in str(lines), "a query is told")
    is_clean(mock, "refusals")


def takes(mock):
    """What an instance may have of its own: apps, profile, switches, clock."""
    done = shell(mock.ready["url"], "epic-auth token >/dev/null && mock-epic health && mock-epic clock", options=("--client-id", "mine", "--cert", CERT, "--profile", "lenient", "--clock-offset", "-60"),
                 env={"EPIC_PRIVATE_KEY_PATH": KEY})
    suite.check(done.returncode == 0 and '"profile":"lenient"' in done.stdout, f"own app and profile: {done.stdout} {done.stderr}")
    offset = json.loads(done.stdout.splitlines()[-1])["offset_s"] if done.returncode == 0 else None
    suite.check(offset is not None and abs(offset + 60) <= 2, f"own clock: {offset}")
    done = shell(mock.ready["url"], "mock-epic clock", options=("--at", "2030-01-01T00:00:00Z"))
    suite.check("2030-01-01" in done.stdout, f"--at: {done.stdout}")
    done = shell(mock.ready["url"], "epic-auth token", options=("--switch", "static_keys=refuse"))
    suite.check(done.returncode != 0 and "key.source" in done.stderr, f"--switch: {done.stderr}")
    is_clean(mock, "apps")


def refuses(mock):
    url = mock.ready["url"]
    for options in (("--listen", "127.0.0.1:0"), ("--threads", "1"), ("--tls",), ("--tls-cert", CERT, "--tls-key", KEY), ("--fixtures", WORK.name), ("--no-default-fixtures",), ("--token-lifetime", "60")):
        done = run(url, "true", options=options)
        suite.check(done.returncode == 2 and options[0] in done.stderr and done.stderr.count("\n") == 1, f"{options}: {done.returncode} {done.stderr}")
    for what, options, wanted in (("nothing", (), 2), ("http://127.0.0.1:1", (), 3), (url, ("--profile", "x"), 2), (url, ("--switch", "x=y"), 2), (url, ("--client-id", "a"), 2), (url, ("--client-id", "a", "--cert", KEY), 3),
                                  (url.replace("interconnect", "x"), (), 3)):
        done = run(what, "true", options=options)
        suite.check(done.returncode == wanted and done.stderr.count("\n") == 1, f"{what} {options}: {done.returncode}, not {wanted}: {done.stderr}")
    done = run(url, "no-such-command")
    suite.check(done.returncode == 127 and "No such file" in done.stderr, f"no such command: {done.returncode} {done.stderr}")
    done = run(url, "sleep", "60", options=("--timeout", "1"))
    suite.check(done.returncode == 124, f"--timeout: {done.returncode}")
    is_clean(mock, "refused")


def loses(mock):
    """What its journal forgets while run cannot look (it is stopped meanwhile) is counted, not passed over."""
    path = os.path.join(WORK.name, "lost.ndjson")
    ask = "for i in 1 2 3; do curl -s $EPIC_FHIR_BASE_URL/metadata >/dev/null; done; "
    done = shell(mock.ready["url"], f"kill -STOP $PPID; {ask} mock-epic journal clear; {ask} kill -CONT $PPID", options=("--journal", path))
    with open(path, encoding="utf-8") as file:
        text = file.read()
    suite.check(done.returncode == 3 and "overwritten" in done.stderr and "entries are not in it" in done.stderr and '{"dropped":' in text,
                f"lost: {done.returncode} {done.stderr} {text}")
    done = shell(mock.ready["url"], ask, options=("--journal", path))
    with open(path, encoding="utf-8") as file:
        text = file.read()
    suite.check(done.returncode == 0 and text.count("/metadata") == 3 and "dropped" not in text, f"none is lost: {done.stderr} {text}")
    is_clean(mock, "lost")


def plays(mock):
    """A scenario whose app has a JWK Set URL: its instance serves the set. A key at the user's cannot be rotated by another server."""
    done = run(mock.ready["url"], CLIENT, options=("--scenario", "jwks-url-down"))
    suite.check(done.returncode == 0 and "jwks-url-down: pass" in done.stderr, f"jwks-url-down: {done.returncode} {done.stderr}")
    path = os.path.join(WORK.name, "by-url.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"name": "by-url", "about": "a", "source": "R s", "setup": {"app": {"key": "jwks_url"}}, "expect": [
            {"count": {"kind": "jwks", "status": 200}, "because": "the set is fetched", "right": "r"},
            {"count": {"kind": "token", "outcome": "issued"}, "because": "its key is good", "right": "r"}]}, file)
    done = run(mock.ready["url"], CLIENT, options=("--scenario", path))
    suite.check(done.returncode == 0 and "by-url: pass" in done.stderr, f"a set that is served: {done.returncode} {done.stderr}")
    done = run(mock.ready["url"], CLIENT, options=("--scenario", "key-rotated-with-overlap"))
    suite.check(done.returncode == 3 and "rotates a key" in done.stderr, f"rotating: {done.returncode} {done.stderr}")
    is_clean(mock, "plays")


def gone():
    with Mock() as mock:
        done = shell(mock.ready["url"], f"kill {mock.pid}; sleep 1; exit 0")
        suite.check(done.returncode == 3 and "has gone" in done.stderr, f"a server that goes meanwhile: {done.returncode} {done.stderr}")


def main():
    with WORK, Mock() as mock:
        works(mock)
        explains(mock)
        takes(mock)
        refuses(mock)
        loses(mock)
        plays(mock)
        gone()
    suite.done(57)


main()
