"""What stderr says: one line for every refusal, of whatever kind and with its reason; warnings about what was accepted; and
at debug a line for each request. No secret in any of them."""
import contextlib
import json
import os
import re
import ssl
import subprocess
import time

from harness import BIN, Client, FHIR, FIXTURES, MOCK_EPIC, Mock, PREFIX, SLOW, Suite, TOKEN, private_key

CLIENT_ID = "11111111-2222-3333-4444-555555555555"
PATIENT = "erXuFYUfucBZaryVksYEcMg3"
suite = Suite()


def client_hello():
    """How TLS begins."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        ssl._create_unverified_context().wrap_bio(incoming, outgoing).do_handshake()
    return outgoing.read()


# Its bytes are random. libmicrohttpd says nothing of a line without a blank, but closes (one hello in fourteen).
HELLO = next(hello for hello in iter(client_hello, None) if b" " in hello.split(b"\n")[0])
check = suite.check


def said(mock, before):
    """What the log says since it was so long."""
    return mock.log()[before:]


def refused_lines(text):
    return [line for line in text.splitlines() if " refused: " in line or " refused (" in line]


def expect(mock, name, act, *patterns):
    """One refusal, one line, and in it what must be there."""
    before = len(mock.log())
    act()
    end = time.monotonic() + 5 * SLOW  # the line is there before the answer, but for what the server notices by itself
    while not refused_lines(said(mock, before)) and time.monotonic() < end:
        time.sleep(0.02)
    lines = refused_lines(said(mock, before))
    check(len(lines) == 1, f"{name}: {len(lines)} lines {lines}")
    for pattern in patterns:
        check(lines and re.search(pattern, lines[0]), f"{name}: {pattern} is not in {lines}")


def test_kinds(mock, client):
    token = client.post(client.jwt()).json()["access_token"]
    bearer = "Authorization: Bearer " + token

    def read(path, *headers):
        return lambda: mock.request("GET", path, headers=headers)
    patient = f"{FHIR}/Patient/{PATIENT}"
    check(mock.request("GET", patient, headers=[bearer]).status == 200, "the honest read")
    rows = [
        ("token request", lambda: client.post(client.jwt(client.claims(aud="https://elsewhere/token"))),
         (r"token request \d+ refused: aud\.value", "elsewhere")),
        ("no form", lambda: mock.post_form("x"), (r"token request \d+ refused: form\.",)),
        ("no token", read(patient), (f"GET .*Patient/{PATIENT} refused: 401, no access token",)),
        ("unknown token", read(patient, "Authorization: Bearer never-issued-1234567890"), ("refused: 401, .*never issued",)),
        ("no such path", read("/nowhere"), ("GET /nowhere refused: 404, no such path",)),
        ("no such path below the prefix", read(PREFIX + "/oauth2/tokens"), (r"/oauth2/tokens refused: 404, ",)),
        ("no such patient", read(f"{FHIR}/Patient/nobody", bearer), ("Patient/nobody refused: 404, 59008",)),
        ("a bad search", read(f"{FHIR}/Observation?code=x", bearer), ("Observation refused: 400, 59159",)),
        ("no such admin call", read("/mock/nothing"), ("GET /mock/nothing refused: 404, no such",)),
        ("an admin call with a bad body", lambda: mock.request("POST", "/mock/apps", "{", ["Content-Type: application/json"]),
         ("POST /mock/apps refused: 4..,",)),
        ("a foreign host", lambda: mock.send("GET /mock/apps HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
         ("/mock/apps refused: 403, .*Host.*--admin-token-file",)),
        ("a space in the path", lambda: mock.send("GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n"), ("refused: 400, ",)),
        ("two hosts", lambda: mock.send("GET /a HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"), ("GET /a refused: 400, ",)),
        ("no such method", lambda: mock.send("BREW /pot HTTP/1.1\r\nHost: localhost\r\n\r\n"), ("BREW /pot refused: 405, ",)),
        ("a body too long", lambda: mock.send(f"POST {TOKEN} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n"),
         (f"POST {TOKEN} refused: 413, ",)),
        ("a long path", lambda: mock.send("GET /" + "a" * 9000 + " HTTP/1.1\r\nHost: localhost\r\n\r\n"), ("refused: 414, ",)),
        ("a longer one", lambda: mock.send("GET /" + "a" * 30000 + " HTTP/1.1\r\nHost: localhost\r\n\r\n"), ("refused: 414, ",)),
        ("many headers", lambda: mock.send("GET / HTTP/1.1\r\nHost: localhost\r\n" + "X: y\r\n" * 70 + "\r\n"), ("GET / refused: 431, ",)),
        ("a long header", lambda: mock.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "y" * 30000 + "\r\n\r\n"), ("refused: 431, ",)),
        ("https on the port of http", lambda: mock.send(HELLO), ("refused: 400, .*perhaps https",)),
        ("no HTTP", lambda: mock.send("GET / HTTP/1.1\r\nno header\r\n\r\n"), ("refused: 400, ",)),
        ("another HTTP", lambda: mock.send("GET / HTTP/2.0\r\nHost: localhost\r\n\r\n"), ("refused: 505, ",)),
        ("a token in the path", read(f"{FHIR}/Patient/{token}", bearer), (r"Patient/\[redacted\]\** refused: 404",)),
    ]
    for name, act, patterns in rows:
        expect(mock, name, act, *patterns)
    mock.admin("POST", "/tokens/age", {"seconds": 4000})
    expect(mock, "an expired token", read(patient, bearer), "refused: 401, the token expired")


def test_accepted(mock, client):
    before = len(mock.log())
    client.post(client.jwt())
    check(not re.search("warn", said(mock, before)), f"an honest request warns of nothing: {said(mock, before)}")
    check(re.search(rf"mock-epic: POST {TOKEN} 200, \d+ bytes, \d+ us\n", said(mock, before)), f"access: {said(mock, before)}")
    before = len(mock.log())
    mock.request("GET", f"{FHIR}/metadata?access_token=topsecret")
    check(re.search(rf"mock-epic: GET {FHIR}/metadata 200, \d+ bytes, \d+ us\n", said(mock, before)), "a path without its query")
    mock.admin("PUT", "/clock", {"now": 1790000000, "rate": 0})
    edge = client.claims(exp=1790000300, iat=1790000000)
    before = len(mock.log())
    suite.grants("on the edge", client, client.jwt(edge))
    lines = [line for line in said(mock, before).splitlines() if "with a warning" in line]
    check(len(lines) == 1 and "exp.window" in lines[0], f"exp at its very limit: {said(mock, before)}")
    before = len(mock.log())
    suite.grants("a second less", client, client.jwt({**edge, "exp": 1790000295, "iat": 1789999995, "jti": "another"}))
    check("exp.window" not in said(mock, before), f"exp well within: {said(mock, before)}")


def run(options, command):
    done = subprocess.run([MOCK_EPIC, "run", *options, "--", "sh", "-c", command], capture_output=True, text=True,
                          timeout=60 * SLOW, env={**os.environ, "PATH": BIN + ":" + os.environ["PATH"]})
    lines = done.stderr.splitlines()
    return done.returncode, lines[-1] if lines else "", [line for line in lines if "refused" in line][:-1]


def test_sum():
    good, bad = "epic-auth token >/dev/null", "epic-auth token --client-id nobody >/dev/null 2>&1"
    read = "epic-auth get Patient/" + PATIENT + " >/dev/null"
    rows = [
        ([], "true", 0, "0 requests, 0 tokens issued, 0 refused, 0 warnings"),
        ([], good, 0, "1 requests, 1 tokens issued, 0 refused, 0 warnings"),
        ([], f"{read}; {read}", 0, "4 requests, 2 tokens issued, 0 refused, 0 warnings"),
        ([], f"{bad}; {good}; curl -s $MOCK_EPIC_URL/nowhere >/dev/null", 0,
         r"\d+ requests, 1 tokens issued, [2-9] refused, 0 warnings"),
        (["--log-level", "error"], good, 0, "1 requests, 1 tokens issued, 0 refused, 0 warnings"),
        (["--fail-on-refused"], good, 0, "1 requests, 1 tokens issued, 0 refused, 0 warnings"),
        (["--fail-on-refused"], f"{bad}; true", 1, r"\d+ requests, 0 tokens issued, \d+ refused, 0 warnings"),
        (["--fail-on-refused"], f"{bad}; exit 7", 7, r"\d+ requests, 0 tokens issued, \d+ refused, 0 warnings"),
        (["--fail-on-refused"], "curl -s $MOCK_EPIC_URL/nowhere >/dev/null", 0,
         "1 requests, 0 tokens issued, 1 refused, 0 warnings"),
        ([], "exit 3", 3, "0 requests, 0 tokens issued, 0 refused, 0 warnings"),
    ]
    for options, command, status, last in rows:
        got, line, _ = run(options, command)
        check(got == status and re.fullmatch("mock-epic: " + last, line), f"run {options} {command}: {got}, {line!r}")
    _, _, refused = run([], f"{bad}")
    check(refused and re.match(r"mock-epic: warn: token request \d+ refused \(invalid_client\)", refused[0]), f"{refused}")
    _, line, _ = run(["--log", "json"], good)
    check(json.loads(line)["message"].startswith("1 requests, 1 tokens issued"), f"JSON: {line}")
    with Mock("--fail-on-refused", level="info") as mock:
        check(mock.post_form("x").status == 400, "a refused request")
        check(mock.stop() == 1 and "mock-epic: 1 requests, 0 tokens issued, 1 refused, 0 warnings\n" in mock.log(), mock.log())
        mock.process.returncode = 0  # as this server was meant to end


def main():
    test_sum()
    with Mock("--client-id", CLIENT_ID, "--cert", f"{FIXTURES}/keys/rsa2048_a.cert.pem") as mock:
        client = Client(mock, CLIENT_ID, private_key("rsa2048_a"))
        test_kinds(mock, client)
        test_accepted(mock, client)
    with Mock("--tls", "--client-id", CLIENT_ID, "--cert", f"{FIXTURES}/keys/rsa2048_a.cert.pem") as mock:
        expect(mock, "http on the port of https", lambda: mock.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
               "refused: no TLS handshake: plain http")
    with Mock("--log", "json", level="info") as mock:
        expect(mock, "JSON", lambda: mock.request("GET", "/nowhere"), '"message":"GET /nowhere refused: 404, no such path')
        check(all(isinstance(json.loads(line), dict) for line in mock.log().splitlines()), "every line is JSON")
        check("us" not in json.loads(mock.log().splitlines()[-1])["message"].split(), "no access log at info")
    suite.done(least=70)


main()
