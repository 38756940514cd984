#!/usr/bin/env python3
"""epic-auth against servers that lie, stall, flood and redirect: a raw socket per case. Wanted of each: the exit status, an end
within seconds, bounded memory, no request too many, a new jti for every attempt, and no secret on any output."""
import base64
import concurrent.futures
import gzip
import json
import os
import re
import resource
import socket
import subprocess
import sys
import threading
import time
import zlib

EPIC_AUTH = os.path.join(os.environ["EPIC_BIN_DIR"], "epic-auth")
SLOW = int(os.environ.get("EPIC_SLOW") or 3)
KEY = os.path.join(os.environ["EPIC_FIXTURES_DIR"], "keys", "rsa2048_a.TESTKEY.pem")
IS_SANITIZED = b"__asan_" in open(EPIC_AUTH, "rb").read() or b"__tsan_" in open(EPIC_AUTH, "rb").read()
OK, NETWORK, OAUTH, DENIED, NOT_FOUND, FHIR, THROTTLED = 0, 4, 5, 6, 7, 8, 9  # 8 is also "an answer against the specification"
SECRET = "s3cr3t-t0ken-value"
GOOD = json.dumps({"access_token": SECRET, "token_type": "Bearer", "expires_in": 3600}).encode()
ESC = b"\x1b"


def answer(body, status=200, headers=(), length=None, kind="application/json"):
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(body) if length is None else length}",
             "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def send(*parts, pause=0.0):
    """A behaviour that sends these bytes, with pauses between them, and closes."""
    def behave(conn):
        for part in parts:
            conn.sendall(part)
            time.sleep(pause)
    return behave


def token(**changes):
    fields = {"access_token": SECRET, "token_type": "Bearer", "expires_in": 3600, **changes}
    return send(answer(json.dumps({k: v for k, v in fields.items() if v is not ...}).encode()))


def endless(chunk, head=b"HTTP/1.1 200 OK\r\n\r\n"):
    def behave(conn):
        conn.sendall(head)
        while True:
            conn.sendall(chunk)
    return behave


def drip(conn):
    conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        conn.sendall(b" ")
        time.sleep(0.1)


def drip_headers(conn):
    for byte in b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000:
        conn.sendall(bytes([byte]))
        time.sleep(0.05)


def silent(conn):
    time.sleep(20)


def reset(conn):
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def redirect(status):
    def behave(conn, trap):
        conn.sendall(answer(b"", status, [f"Location: http://127.0.0.1:{trap}/oauth2/token"]))
    behave.wants_trap = True
    return behave


def echo_assertion(conn):
    assertion = re.search(rb"client_assertion=([^&]+)", conn.request)[1].decode()
    conn.sendall(answer(json.dumps({"error": assertion, "error_description": f"not good: {assertion}"}).encode(), 400))


def echo_token(conn):
    header = re.search(rb"(?i)authorization: ([^\r]+)", conn.request)[1].decode()
    conn.sendall(answer(json.dumps({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "x",
                 "details": {"text": header}, "diagnostics": f"you sent {header}, access_token={header[7:]}"}]}).encode(), 400))


def make_bomb(mib):
    """Made in small pieces: this process must stay small, because a child's peak counts the parent's."""
    compressor = zlib.compressobj(9, wbits=31)
    return b"".join([compressor.compress(b" " * 1048576) for _ in range(mib)] + [compressor.flush()])



# longer than a call may take: it ends at once, says so, and asks once
LONG_PAUSES = ("86400", "99999999", "99999999999999999999", "86399.5", "Fri, 31 Dec 9999 23:59:59 GMT",
               "Saturday, 31-Dec-61 23:59:59 GMT", "Fri Dec 31 23:59:59 9999")
NO_PAUSES = ("-1", "0", "soon", "-99999999999999999999", "1.", "Mon, 23 Nov 2020 18:00:00 GMT", "Mon Nov 23 18:00:00 2020")

# name: behaviour, exit status, requests
CASES = {
    "good": (token(), OK, 1),
    "good in one-byte pieces": (send(*[bytes([b]) for b in answer(GOOD)]), OK, 1),
    "100 Continue first": (send(b"HTTP/1.1 100 Continue\r\n\r\n", answer(GOOD)), OK, 1),
    "no length, closed at the end": (send(b"HTTP/1.1 200 OK\r\n\r\n" + GOOD), OK, 1),
    "unknown members": (token(scope="x", extra=[1, {"a": None}]), OK, 1),
    "token_type in capitals": (token(token_type="BEARER"), OK, 1),
    "HTML with status 200": (send(answer(b"<html>sign in</html>", kind="text/html")), FHIR, 1),
    "an error in a 200": (send(answer(b'{"error":"invalid_client"}')), FHIR, 1),
    "an error beside a token": (token(error="invalid_client"), FHIR, 1),
    "empty 200": (send(answer(b"")), FHIR, 1),
    "204": (send(b"HTTP/1.1 204 No Content\r\n\r\n"), FHIR, 1),
    "array": (send(answer(b"[" + GOOD + b"]")), FHIR, 1),
    "trailing text": (send(answer(GOOD + b"{}")), FHIR, 1),
    "token missing": (token(access_token=...), FHIR, 1),
    "token null": (token(access_token=None), FHIR, 1),
    "token number": (token(access_token=5), FHIR, 1),
    "token empty": (token(access_token=""), FHIR, 1),
    "token with CRLF": (token(access_token="a\r\nX-Evil: 1"), FHIR, 1),
    "token with NUL": (token(access_token="a\0b"), FHIR, 1),
    "token with a space": (token(access_token="a b"), FHIR, 1),
    "token of 70,000 characters": (token(access_token="a" * 70000), FHIR, 1),
    "token twice": (send(answer(b'{"access_token":"a",' + GOOD[1:])), FHIR, 1),
    "token_type mac": (token(token_type="mac"), FHIR, 1),
    "token_type missing": (token(token_type=...), FHIR, 1),
    "expires_in 1e300": (send(answer(GOOD.replace(b"3600", b"1e300"))), FHIR, 1),
    "expires_in 2^63": (send(answer(GOOD.replace(b"3600", b"9223372036854775808"))), FHIR, 1),
    "expires_in a string": (token(expires_in="3600"), OK, 1),
    "expires_in negative": (token(expires_in=-1), OK, 1),
    "invalid UTF-8": (send(answer(GOOD.replace(b"Bearer", b"Bear\xff\xfe"))), FHIR, 1),
    "JSON 200,000 deep": (send(answer(b"[" * 200000)), FHIR, 1),
    "JSON 2,000,000 deep": (send(answer(b"[" * 2000000)), FHIR, 1),
    "JSON too long": (send(answer(b'{"a":"' + b"x" * 2000000 + b'"}')), FHIR, 1),
    "400 with null description": (send(answer(b'{"error":"invalid_client","error_description":null}', 400)), OAUTH, 1),
    "401 with terminal escapes": (send(answer(b'{"error":"invalid_client\\u001b[31m","error_description":'
                                              b'"\\u001b]0;owned\\u0007\\r\\nepic-auth: all is well"}', 401)), OAUTH, 1),
    "400 in HTML": (send(answer(b"<html>", 400, kind="text/html")), FHIR, 1),
    "the assertion echoed": (echo_assertion, OAUTH, 1),
    "500": (send(answer(b"oops", 500)), THROTTLED, 3),
    **{f"503 with Retry-After {value}": (send(answer(b"", 503, [f"Retry-After: {value}"])), THROTTLED, 1)
       for value in LONG_PAUSES},
    **{f"503 with Retry-After {value}": (send(answer(b"", 503, [f"Retry-After: {value}"])), THROTTLED, 3)
       for value in NO_PAUSES},
    "429 with an OAuth error": (send(answer(b'{"error":"invalid_client"}', 429)), THROTTLED, 3),
    "503 with an OAuth error": (send(answer(b'{"error":"invalid_client"}', 503)), THROTTLED, 3),
    "404 in HTML": (send(answer(b"<html>", 404, kind="text/html")), FHIR, 1),
    "a byte order mark": (send(answer(b"\xef\xbb\xbf" + GOOD)), FHIR, 1),
    **{f"token {value}": (token(access_token=value), FHIR, 1)
       for value in ("x;touch${IFS}/tmp/owned", "$(id)", "`id`", "'", '"', "\\r\\nX: y", "a=b", "a,b", "\u00e9", "=")},
    "truncated body": (send(answer(GOOD[:20], length=len(GOOD))), NETWORK, 3),
    "closed at once": (send(), NETWORK, 3),
    "reset": (reset, NETWORK, 3),
    "silent": (silent, NETWORK, 1),
    "drip": (drip, NETWORK, 1),
    "headers drip": (drip_headers, NETWORK, 1),
    "garbage": (send(b"\x16\x03\x01\x02\0garbage\n\n"), FHIR, 1),
    "HTTP/0.9": (send(GOOD), FHIR, 1),
    "endless body": (endless(b" " * 65536), FHIR, 1),
    "endless chunks": (endless(b"10000\r\n" + b" " * 65536 + b"\r\n",
                               b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), FHIR, 1),
    "2 GiB announced": (send(answer(GOOD, length=2 << 30)), None, None),  # refused or cut off, see below
    "header flood": (endless(b"X-%d: y\r\n" * 1000, b"HTTP/1.1 200 OK\r\n"), FHIR, 1),
    "one endless header": (endless(b"x" * 65536, b"HTTP/1.1 200 OK\r\nX: "), FHIR, 1),
    "100 Continue without end": (endless(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, b""), None, None),
    "gzip nobody asked for": (send(answer(gzip.compress(GOOD), headers=["Content-Encoding: gzip"])), FHIR, 1),
    "gzip bomb": (send(answer(make_bomb(200), headers=["Content-Encoding: gzip"])), FHIR, 1),
    "300": (redirect(300), FHIR, 1),
    "301": (redirect(301), FHIR, 1),
    "302": (redirect(302), FHIR, 1),
    "303": (redirect(303), FHIR, 1),
    "307": (redirect(307), FHIR, 1),
    "308": (redirect(308), FHIR, 1),
    "redirect to a file": (send(answer(b"", 302, ["Location: file:///etc/passwd"])), FHIR, 1),
}


def after_token(behave):
    """The token endpoint is honest, the FHIR server is not."""
    def both(conn, *trap):
        (send(answer(GOOD)) if conn.is_post else behave)(conn, *trap if not conn.is_post else ())
    both.wants_trap = getattr(behave, "wants_trap", False)
    return both


PATIENT = b'{"resourceType":"Patient","id":"p","name":[{"family":"x"}]}'
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "fatal", "code": "invalid", "details": {
    "text": "\x1b]0;owned\x07\r\nepic-auth: all is well"}, "diagnostics": "x" * 5000}] * 40}



def move_once(conn):
    """A merged patient: the read is redirected, within the server and by a relative path."""
    moved = b"/Patient/p " in conn.request
    conn.sendall(answer(b"", 302, ["Location: q"]) if moved else answer(PATIENT))


def move_for_ever(conn):
    conn.sendall(answer(b"", 307, ["Location: /api/FHIR/R4/Patient/p"]))


def steady(conn):
    """Slow, and longer than the time-out, but never silent."""
    body = PATIENT[:-1] + b" " * 8000 + b"}"
    conn.sendall(answer(b"", length=len(body)))
    for at in range(0, len(body), 1000):
        conn.sendall(body[at:at + 1000])
        time.sleep(0.3)


# the same for "epic-auth get Patient/p"
READS = {
    "read: a merged patient": (after_token(move_once), OK, 3),
    "read: redirects without end": (after_token(move_for_ever), FHIR, 7),
    "read: slow and steady": (after_token(steady), OK, 2),
    "read: drip": (after_token(drip), NETWORK, 2),
    "read: an endless error": (after_token(endless(b" " * 65536, b"HTTP/1.1 400 Bad\r\n\r\n")), FHIR, 2),
    "read: 302": (after_token(redirect(302)), FHIR, 2),
    "read: 307": (after_token(redirect(307)), FHIR, 2),
    "read: 40 issues with terminal escapes": (after_token(send(answer(json.dumps(OUTCOME).encode(), 400))), FHIR, 2),
    "read: the token echoed": (after_token(echo_token), FHIR, 2),
    "read: HTML 502": (after_token(send(answer(b"<html>", 502))), THROTTLED, 4),
    "read: truncated": (after_token(send(answer(b"{}", length=10))), NETWORK, 4),
    "read: reset": (after_token(reset), NETWORK, 4),
    "read: HTML": (after_token(send(answer(b"<html>sign in</html>", kind="text/html"))), FHIR, 2),
    "read: empty": (after_token(send(answer(b""))), FHIR, 2),
    "read: gzip": (after_token(send(answer(gzip.compress(PATIENT), headers=["Content-Encoding: gzip"]))), FHIR, 2),
    "read: gzip without a word": (after_token(send(answer(gzip.compress(PATIENT)))), FHIR, 2),
    "read: half of it": (after_token(send(answer(PATIENT[:30]))), FHIR, 2),
    "read: NUL": (after_token(send(answer(PATIENT[:-1] + b"\0}"))), FHIR, 2),
    "read: cut at NUL": (after_token(send(answer(PATIENT + b"\0" + PATIENT))), FHIR, 2),
    "read: XML": (after_token(send(answer(b"<Patient/>", kind="application/fhir+xml"))), FHIR, 2),
    "read: an OperationOutcome in a 200": (after_token(send(answer(json.dumps(OUTCOME).encode()))), FHIR, 2),
    "read: another resource": (after_token(send(answer(PATIENT.replace(b"Patient", b"Group")))), FHIR, 2),
    "read: no resource": (after_token(send(answer(b'{"a":1}'))), FHIR, 2),
    "read: not here, says FHIR": (after_token(send(answer(json.dumps(OUTCOME).encode(), 404))), NOT_FOUND, 2),
    "read: not here, says HTML": (after_token(send(answer(b"<html>", 404, kind="text/html"))), FHIR, 2),
    "read: not here, says nobody": (after_token(send(answer(b"", 404))), FHIR, 2),
    "read: forbidden": (after_token(send(answer(b"", 403))), DENIED, 2),
    "read: silent": (after_token(silent), NETWORK, 2),
    "read: 503 with Retry-After 86400": (after_token(send(answer(b"", 503, ["Retry-After: 86400"]))), THROTTLED, 2),
    "read: header flood": (after_token(CASES["header flood"][0]), FHIR, 2),
}


# These are about the time-out, so theirs is short. A busy machine must not run into the others'.
STALLS = ("silent", "drip", "headers drip", "100 Continue without end", "read: silent", "read: slow and steady", "read: drip")

# what standard error must name
TEXTS = {
    **{f"503 with Retry-After {value}": ["it asks for a pause of ", "(Retry-After)"] for value in LONG_PAUSES},
    "503 with Retry-After 86400": ["a pause of 86400 s"],
    "503 with Retry-After 86399.5": ["a pause of 86400 s"],
    "503 with Retry-After 99999999999999999999": ["a pause of 253402300799 s"],
    "read: 503 with Retry-After 86400": ["a pause of 86400 s"],
    "404 in HTML": ["/oauth2/token answered HTTP 404 with a web page (text/html, 6 bytes)", "EPIC_TOKEN_URL"],
    "HTML with status 200": ["/oauth2/token answered HTTP 200 with a web page", "EPIC_TOKEN_URL"],
    "307": ["answered HTTP 307 and points to http://127.0.0.1:", "no redirect", "EPIC_TOKEN_URL"],
    "a byte order mark": ["byte order mark"],
    "gzip nobody asked for": ["compressed"],
    "429 with an OAuth error": ["HTTP 429, invalid_client"],
    "token $(id)": ["RFC 6750"],
    "read: 302": ["/Patient/p answered HTTP 302 and points to", "EPIC_FHIR_BASE_URL"],
    "read: HTML": ["/Patient/p answered HTTP 200 with a web page (text/html, 20 bytes)", "EPIC_FHIR_BASE_URL"],
    "read: drip": ["stopped sending, or nearly so, after "],
    "read: an endless error": ["sent more than 1048576 bytes"],
    "read: half of it": ["ends too early"],
    "read: NUL": ["NUL"],
    "read: XML": ["XML (application/fhir+xml"],
    "read: another resource": ["a Group, not a Patient"],
    "read: not here, says HTML": ["HTTP 404", "EPIC_FHIR_BASE_URL"],
}


class Connection:
    """A socket that knows what was asked."""

    def __init__(self, conn, request):
        self.sendall, self.setsockopt, self.request = conn.sendall, conn.setsockopt, request
        self.is_post = request.startswith(b"POST")


class Server:
    """Plays one behaviour to every connection and keeps what was sent to it."""

    def __init__(self, behave, trap=None):
        self.requests, self.behave, self.trap = [], behave, trap
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                conn, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.play, args=(conn,), daemon=True).start()

    def play(self, conn):
        with conn:
            try:
                conn.settimeout(10 * SLOW)
                data = b""
                while b"\r\n\r\n" not in data:
                    data += conn.recv(65536)
                length = int((re.search(rb"(?i)content-length: *(\d+)", data) or [0, 0])[1])
                while len(data.split(b"\r\n\r\n", 1)[1]) < length:
                    data += conn.recv(65536)
                self.requests.append(data)
                line = Connection(conn, data)
                self.behave(line, *([self.trap] if getattr(self.behave, "wants_trap", False) else []))
            except OSError:
                pass  # the client had enough

    def close(self):
        self.socket.close()


def jtis(requests):
    found = []
    for request in requests:
        claims = re.search(rb"client_assertion=[\w-]+\.([\w-]+)\.", request)[1]
        found.append(json.loads(base64.urlsafe_b64decode(claims + b"=="))["jti"])
    return found


def find_secrets(output):
    pem = open(KEY, "rb").read().split(b"\n")[1:-2]
    found = [line for line in pem if line and line in output]
    return found + re.findall(rb"eyJ[\w-]{20,}\.[\w-]+", output)


def run(name, behave, status, count):
    trap = Server(send(answer(GOOD)))
    server = Server(behave, trap.port)
    environment = {"PATH": os.environ["PATH"], "EPIC_BACKEND_CLIENT_ID": "me", "EPIC_PRIVATE_KEY_PATH": KEY,
                   "EPIC_TOKEN_URL": f"http://127.0.0.1:{server.port}/oauth2/token",
                   "EPIC_FHIR_BASE_URL": f"http://127.0.0.1:{server.port}/api/FHIR/R4"}
    for variable in ("ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"):
        if variable in os.environ:
            environment[variable] = os.environ[variable]
    command = [EPIC_AUTH, *(["get", "Patient/p"] if name in READS else ["token"]), "--verbose", "--env-file", "", "--timeout", "1" if name in STALLS else str(10 * SLOW)]
    started = time.monotonic()
    done = subprocess.run(command, env=environment, capture_output=True, timeout=60 * SLOW, check=False)
    took = time.monotonic() - started
    server.close()
    trap.close()
    wrong = []
    if status is not None and done.returncode != status:
        wrong.append(f"exit status {done.returncode}, not {status}")
    if done.returncode < 0 or done.returncode not in (OK, NETWORK, OAUTH, DENIED, NOT_FOUND, FHIR, THROTTLED):
        wrong.append(f"died of {done.returncode}")
    if count is not None and len(server.requests) != count:
        wrong.append(f"{len(server.requests)} requests, not {count}")
    posts = [request for request in server.requests if request.startswith(b"POST")]
    if len(posts) > 3:
        wrong.append(f"a storm of {len(server.requests)} requests")
    if len(set(jtis(posts))) != len(posts):
        wrong.append("a jti was used twice")
    if any(b"Expect:" in request or b"Accept-Encoding" in request for request in server.requests):
        wrong.append("it sent Expect or Accept-Encoding")
    if trap.requests:
        wrong.append("the assertion followed a redirect")
    if took > 15 * SLOW:
        wrong.append(f"took {took:.1f} s")
    wanted = PATIENT[:-1] if name in READS else SECRET.encode() + b"\n"
    if done.returncode == OK and not done.stdout.startswith(wanted):
        wrong.append(f"stdout {done.stdout[:100]!r}")
    if done.returncode != OK and done.stdout:
        wrong.append(f"stdout is not empty: {done.stdout[:100]!r}")
    if SECRET.encode() in done.stderr or find_secrets(done.stdout + done.stderr):
        wrong.append("a secret was printed")
    for text in TEXTS.get(name, []):
        if text.encode() not in done.stderr:
            wrong.append(f"stderr does not say {text!r}")
    if ESC in done.stderr or b"\r" in done.stderr or b"\nepic-auth: all is well" in done.stderr:
        wrong.append(f"stderr obeys the server: {done.stderr!r}")
    for what in wrong:
        print(f"FAILED: {name}: {what}\n    {done.stderr.decode(errors='replace').strip()}")
    return not wrong


def main():
    cases = {**CASES, **READS}
    names = [name for name in cases if not sys.argv[1:] or name in sys.argv[1:]]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        good = sum(pool.map(lambda name: run(name, *cases[name]), names))
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"{good} of {len(names)} cases, at most {peak_mib:.0f} MiB")
    if peak_mib > 40 and not IS_SANITIZED:
        print("FAILED: an answer made the client grow")
        return 1
    return 0 if good == len(names) else 1


sys.exit(main())
