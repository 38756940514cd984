#!/usr/bin/python3
"""The admin API from a shell: mock-epic clock, tokens, apps, journal, reset, health; against a mock that runs."""
import json
import os
import subprocess
import tempfile
import time

from harness import BIN, FIXTURES, MOCK_EPIC, SLOW, Client, Mock, Suite, private_key

suite = Suite()
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("EPIC_", "MOCK_EPIC_")) and not name.lower().endswith("_proxy")}
CERT = os.path.join(FIXTURES, "keys", "rsa2048_b.cert.pem")


def call(url, *words, env=None, stdin=None):
    """Status, stdout as JSON where it is, stderr."""
    done = subprocess.run([MOCK_EPIC, *words], capture_output=True, text=True, input=stdin if stdin is not None else "",
                          env={**CLEAN, **({"MOCK_EPIC_URL": url} if url else {}), **(env or {})}, timeout=60 * SLOW, check=False)
    try:
        value = json.loads(done.stdout)
    except ValueError:
        value = done.stdout
    return done.returncode, value, done.stderr


def done(url, *words, **more):
    """What a call that must succeed prints."""
    status, value, error = call(url, *words, **more)
    suite.check(status == 0 and error == "", f"{words}: {status} {error}")
    return value


def refused(url, *words, status=1, said="", **more):
    got, value, error = call(url, *words, **more)
    suite.check(got == status and value == "" and said in error and error.count("\n") <= 2, f"{words}: {got} {value!r} {error!r}, expected {status} and {said!r}")


def clock(url):
    suite.check(done(url, "clock")["offset_s"] == 0, "the clock as it is")
    suite.check(done(url, "clock", "advance", "300")["offset_s"] == 300, "advance")
    suite.check(done(url, "clock", "advance", "-60")["offset_s"] == 240, "advance by a negative number")
    suite.check(done(url, "clock", "offset", "-5")["offset_s"] == -5, "offset")
    suite.check(done(url, "clock", "set", "2027-01-01T00:00:00Z")["now"] // 60 == 1798761600 // 60, "set by RFC 3339")
    suite.check(done(url, "clock", "set", "1798761000")["now"] // 60 == 1798761000 // 60, "set by seconds")
    suite.check(done(url, "clock", "rate", "2.5")["rate"] == 2.5, "rate")
    suite.check(done(url, "clock", "freeze")["frozen"] is True, "freeze")
    suite.check(done(url, "clock", "run")["frozen"] is False, "run")
    refused(url, "clock", "set", "tomorrow", said="now")
    refused(url, "clock", "advance", status=2, said="advance takes SECONDS")
    refused(url, "clock", "advance", "1", "2", status=2, said="advance takes SECONDS")
    refused(url, "clock", "advance", "1.5", status=2, said="whole number")
    refused(url, "clock", "rate", "fast", status=2, said="takes a number")
    refused(url, "clock", "rate", '1},"x":{', status=2, said="takes a number")
    refused(url, "clock", "freeze", "1", status=2, said="freeze takes no operand")
    refused(url, "clock", "stop", status=2, said="stop is none of its calls")
    refused(url, "clock", "--limit", "3", status=2, said="unknown option --limit")
    suite.check(done(url, "reset", "clock") == {"reset": ["clock"]}, "reset of one thing")
    refused(url, "reset", "time", said="an array of")


def tokens(url, mock):
    client = Client(mock, "mine", private_key("rsa2048_b"))
    token = json.loads(client.post(client.jwt()).body)["access_token"]
    suite.check(done(url, "tokens") == done(url, "tokens", "--client-id", "mine") != [], "tokens, and those of a client")
    suite.check(done(url, "tokens", "--client-id", "others") == [], "of another")
    suite.check(token not in json.dumps(done(url, "tokens")), "a list shows no token")
    suite.check(done(url, "tokens", "age", "60", "--client-id", "others") == {"aged": 0}, "age of another client")
    suite.check(done(url, "tokens", "age", "60") == {"aged": 1}, "age")
    suite.check(done(url, "tokens", "revoke", "-", stdin=token + "\n") == {"revoked": 1}, "revoke by standard input")
    refused(url, "tokens", "revoke", "-", stdin="\n", status=2, said="holds nothing")
    suite.check(done(url, "tokens", "revoke", "--client-id", "others") == {"revoked": 0}, "revoke of another client")
    # a variable of the server's is no filter here
    status, value, _ = call(url, "tokens", "revoke", env={"MOCK_EPIC_CLIENT_ID": "others"})
    suite.check((status, value) == (0, {"revoked": 1}) or value == {"revoked": 0}, f"revoke of all: {status} {value}")
    refused(url, "tokens", "age", "3", "--limit", "1", status=2, said="age takes no --limit")
    refused(url, "tokens", "--client-id", "", status=2)


def apps(url, folder):
    with open(CERT, encoding="ascii") as file:
        app = {"client_id": "a/b%c", "certificate": file.read()}
    path = os.path.join(folder, "app.json")
    with open(path, "w", encoding="ascii") as file:
        json.dump(app, file)
    suite.check(done(url, "apps", "add", path)["client_id"] == "a/b%c", "add")
    refused(url, "apps", "add", path, said="registered already")
    suite.check(done(url, "apps", "replace", "-", stdin=json.dumps({**app, "name": "new"}))["name"] == "new", "replace, its id is in the body")
    suite.check(done(url, "apps", "show", "a/b%c")["name"] == "new", "show: an id is escaped")
    suite.check(len(done(url, "apps")) == 2, "list")
    suite.check(done(url, "apps", "remove", "a/b%c") == "", "remove prints nothing")
    refused(url, "apps", "show", "a/b%c", said="no app of that client_id")
    refused(url, "apps", "add", os.path.join(folder, "none"), status=2, said="No such file")
    refused(url, "apps", "replace", "-", stdin="[", status=2)
    refused(url, "apps", "show", status=2, said="show takes ID")
    suite.check(done(url, "apps", "add", "--client-id", "by-cert", CERT)["thumbprint_sha1"], "a certificate with a client id")
    with open(os.path.join(FIXTURES, "keys", "rsa2048_a.jwks.json"), encoding="ascii") as file:
        jwks = file.read()
    suite.check(done(url, "apps", "add", "--client-id", "by-set", "-", stdin=jwks)["client_id"] == "by-set", "a JWK Set with a client id")
    refused(url, "apps", "add", "--client-id", "by-nothing", "-", stdin="nothing", said="PEM")
    refused(url, "apps", "replace", "--client-id", "by-cert", path, status=2, said="takes no --client-id")
    refused(url, "apps", "remove", "--client-id", "by-cert", "by-cert", status=2, said="takes no --client-id")


def journal(url):
    entries = done(url, "journal", "--kind", "token", "--limit", "1")
    suite.check(len(entries) == 1 and entries[0]["kind"] == "token", f"journal: {entries}")
    suite.check(done(url, "journal", "show", str(entries[0]["id"]))["verdicts"], "one entry")
    suite.check(done(url, "journal", "--status", "200", "--client-id", "nobody") == [], "filters go together")
    refused(url, "journal", "--status", "99", status=2)
    refused(url, "journal", "--kind", "tokn", said="kind")
    suite.check(done(url, "journal", "clear") == "" and done(url, "journal", "--kind", "token") == [], "clear")


def faults(url):
    fault = {"match": {"route": "metadata"}, "action": {"status": 503}}
    made = done(url, "faults", "add", "-", stdin=json.dumps(fault))
    suite.check(made["id"] == 1 and [one["hits"] for one in done(url, "faults")] == [0], f"a fault: {made}")
    refused(url, "faults", "add", "-", stdin='{"match":{}}', said="action")
    suite.check(done(url, "faults", "remove", "1") == "", "remove")
    refused(url, "faults", "remove", "1", said="no fault has that id")
    suite.check(done(url, "faults", "clear") == "" and done(url, "faults") == [], "clear")


def expectations(url):
    expected = [{"never": {"route": "discovery"}, "because": "b", "right": "r"}]
    suite.check(done(url, "verdict")["verdict"] == "not_exercised", "nothing is expected")
    suite.check(done(url, "expectations", "set", "-", stdin=json.dumps(expected)) == expected, "set")
    suite.check(done(url, "expectations") == expected and done(url, "verdict")["verdict"] == "pass", "as it was set")
    refused(url, "expectations", "set", "-", stdin='[{"nevr":{}}]', said="never")
    done(url, "reset", "expectations")


def instances(url):
    made = done(url, "instances", "add", "one")
    suite.check(made["name"] == "one" and done(url, "instances", "show", "one")["name"] == "one", f"an instance by name: {made}")
    suite.check(done(None, "clock", "advance", "60", "--url", made["admin_url"])["offset_s"] == 60, "its clock")
    suite.check(done(url, "clock")["offset_s"] == 0, "is not the server's")
    refused(url, "instances", "add", "one", said="one")
    other = done(url, "instances", "add")["name"]
    suite.check([one["name"] for one in done(url, "instances")] == sorted([other, "one"]), "list")
    for name in (other, "one"):
        suite.check(done(url, "instances", "remove", name) == "", "remove")
    refused(url, "instances", "show", "one", said="no instance")
    refused(url, "instances", "add", "a", "b", status=2, said="add takes [NAME]")


def where(mock):
    """Every URL that the ready object shows leads there; what does not is named."""
    for name, url in mock.ready.items():
        if name.endswith("url"):
            suite.check(done(None, "clock", "--url", url)["rate"] == 1, f"by {name}")
            suite.check(done(None, "health", url)["status"] == "ok", f"health by {name}")
    origin = f"http://localhost:{mock.port}"
    suite.check(done("http://127.0.0.1:1", "clock", "--url", origin)["rate"] == 1, "the option wins")
    suite.check(done(origin, "clock", env={"http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"})["rate"] == 1, "no proxy is asked")
    suite.check(done("", "health", origin + "/")["status"] == "ok", "an empty variable is unset")
    refused("http://127.0.0.1:1", "clock", status=3, said="no mock answers at http://127.0.0.1:1")
    refused("http://127.0.0.1:1", "health", said="127.0.0.1 port 1")
    refused(origin + "/elsewhere", "clock", said="HTTP 404")
    for url in ("ftp://localhost", "localhost:80", "http://u:p@localhost", origin + "?a=b"):
        refused(url, "clock", status=2)
        refused(None, "health", url, status=2)
    refused(origin, "health", "a", "b", status=2, said="one URL")
    refused(origin, "health", "--wait", "x", status=2, said="--wait")


def admin_token(folder):
    path = os.path.join(folder, "token")
    with open(path, "w", encoding="ascii") as file:
        file.write("0123456789abcdef\n")
    with Mock("--admin-token-file", path) as mock:
        url = mock.ready["admin_url"]
        refused(url, "clock", said="wants its admin token")
        suite.check(done(url, "clock", "--admin-token-file", path)["rate"] == 1, "a token by file")
        suite.check(done(url, "clock", env={"MOCK_EPIC_ADMIN_TOKEN": "0123456789abcdef"})["rate"] == 1, "by variable")
        suite.check(done(url, "clock", env={"MOCK_EPIC_ADMIN_TOKEN_FILE": path})["rate"] == 1, "by a variable that names the file")
        refused(url, "clock", env={"MOCK_EPIC_ADMIN_TOKEN": "0123456789abcdeF"}, said="wants its admin token")
        refused(url, "clock", env={"MOCK_EPIC_ADMIN_TOKEN": "short"}, status=2, said="at least 16")
        suite.check(done(url, "health", env={"MOCK_EPIC_ADMIN_TOKEN": "short"})["status"] == "ok", "health needs none")


def tls(folder):
    ca = os.path.join(folder, "ca.pem")
    with Mock("--tls", "--tls-ca-file", ca) as mock:
        url = mock.ready["url"]
        suite.check(done(url, "clock", "--tls-ca-file", ca)["rate"] == 1, "https")
        suite.check(done(url, "health", env={"MOCK_EPIC_TLS_CA_FILE": ca})["status"] == "ok", "health over https, as in the server's own environment")
        refused(url, "clock", status=3, said="not trusted")


def waiting():
    """health --wait asks until the server is there."""
    with Mock() as mock:
        port = mock.port
    asking = subprocess.Popen([MOCK_EPIC, "health", "--wait", str(20 * SLOW), f"http://127.0.0.1:{port}"], stdout=subprocess.PIPE, text=True, env=CLEAN)
    time.sleep(0.3)
    suite.check(asking.poll() is None, "health waits")
    server = subprocess.Popen([MOCK_EPIC, "serve", "--listen", f"127.0.0.1:{port}", "--log-level", "error"], stdout=subprocess.DEVNULL, env=CLEAN)
    said = asking.communicate()[0]
    suite.check(asking.returncode == 0 and json.loads(said or "{}").get("status") == "ok", f"health after waiting: {asking.returncode} {said}")
    server.terminate()
    server.wait()
    started = time.monotonic()
    refused(f"http://127.0.0.1:{port}", "health", "--wait", "1", said="port")
    suite.check(time.monotonic() - started >= 1, "health waits as long as it was told")


def main():
    with tempfile.TemporaryDirectory() as folder:
        with Mock("--client-id", "mine", "--cert", CERT) as mock:
            url = f"http://127.0.0.1:{mock.port}"
            clock(url)
            tokens(url, mock)
            apps(url, folder)
            journal(url)
            instances(url)
            faults(url)
            expectations(url)
            where(mock)
        admin_token(folder)
        tls(folder)
        waiting()
    help_of = subprocess.run([os.path.join(BIN, "mock-epic"), "help", "tokens"], capture_output=True, text=True, check=False).stdout
    suite.check("mock-epic tokens age SECONDS" in help_of, "help COMMAND")
    suite.done(90)


main()
