"""What the attack tests share: a real mock-epic process, HTTP as raw bytes, keys and signatures made with
python3-cryptography (nothing of ours judges itself), and what every refusal must look like.

A test file is a table of attacks walked by a Suite. Each attack stands beside its nearest honest neighbour; after each
refusal the honest request with the same jti must succeed: nothing was burned and the server is well."""
import base64
import contextlib
import hashlib
import http.server
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from urllib.parse import quote_from_bytes, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

BIN = os.environ["EPIC_BIN_DIR"]
FIXTURES = os.environ["EPIC_FIXTURES_DIR"]
MOCK_EPIC = os.path.join(BIN, "mock-epic")
CONFORMANCE = os.path.join(BIN, "epic-conformance")
PREFIX = "/interconnect-fhir-oauth"
TOKEN = PREFIX + "/oauth2/token"
FHIR = PREFIX + "/api/FHIR/R4"
FORM_TYPE = "application/x-www-form-urlencoded"
BEARER_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
OAUTH_ERRORS = ("invalid_request", "invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope")


def sanitizer():
    """Which sanitizer the server under test was built with, or ''."""
    with open(MOCK_EPIC, "rb") as file:
        program = file.read()
    return "thread" if b"__tsan_init" in program else "address" if b"__asan_init" in program else ""


SANITIZER = sanitizer()
SLOW = int(os.environ.get("EPIC_SLOW") or 3)  # see .cmake/epic.cmake
SECRET_N = 40  # characters of a secret that are remembered
RUN = re.compile(r"[A-Za-z0-9_-]{%d,}" % SECRET_N)
ANSWER_S = 1.0 * SLOW  # what an answer may take


# ---- bytes, keys, signatures ----

def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64u_int(number, width=0):
    return b64u(number.to_bytes(width or (number.bit_length() + 7) // 8, "big"))


def fixture(name):
    with open(os.path.join(FIXTURES, "keys", name), "rb") as file:
        return file.read()


def private_key(name):
    return serialization.load_pem_private_key(fixture(name + ".TESTKEY.pem"), None)


def certificate(name):
    return fixture(name + ".cert.pem").decode()


def to_json(value):
    return json.dumps(value, separators=(",", ":")).encode()


def sign(key, data, digest=None):
    """PKCS#1 v1.5, or r||s of an EC key."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        digest = digest or (hashes.SHA256() if key.key_size == 256 else hashes.SHA384())
        width = (key.key_size + 7) // 8
        r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(digest)))
        return r.to_bytes(width, "big") + s.to_bytes(width, "big")
    return key.sign(data, padding.PKCS1v15(), digest or hashes.SHA384())


def public_jwk(key, **members):
    public = key.public_key() if hasattr(key, "private_bytes") else key
    numbers = public.public_numbers()
    if isinstance(public, ec.EllipticCurvePublicKey):
        width = (public.key_size + 7) // 8
        jwk = {"kty": "EC", "crv": f"P-{public.key_size}", "x": b64u_int(numbers.x, width), "y": b64u_int(numbers.y, width)}
    else:
        jwk = {"kty": "RSA", "n": b64u_int(numbers.n), "e": b64u_int(numbers.e)}
    return {**jwk, **members}


def new_jti():
    return str(uuid.uuid4())


# ---- HTTP ----

class Answer:
    """The first answer in some bytes; `statuses` are those of all."""

    def __init__(self, raw, seconds):
        self.raw, self.seconds = raw, seconds
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.statuses = [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", raw)]
        self.status = self.statuses[0] if self.statuses else 0
        self.headers = [tuple(part.strip() for part in line.partition(":")[::2]) for line in lines[1:]]

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def is_run(text):
    return bool(RUN.fullmatch(text))


def as_bytes(text):
    return text if isinstance(text, bytes) else text.encode("latin-1")


class Mock:
    """A mock-epic that serves on a free port, with its log in a file. Stopped by leaving the `with` block: it must then
    end well, and its log must name no secret that was remembered."""

    def __init__(self, *options, nofile=None, env=None, level="debug"):
        self.work = tempfile.mkdtemp(prefix="mock-epic-")
        self.log_path = os.path.join(self.work, "log")
        self.secrets = set()
        self.patience = 3 * SLOW  # seconds of silence after which an answer is taken to be complete
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (nofile, nofile))) if nofile else None
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [MOCK_EPIC, "serve", "--listen", "127.0.0.1:0", "--log-level", level, *options], stdout=subprocess.PIPE,
                stderr=log, stdin=subprocess.DEVNULL, preexec_fn=limit, env={**os.environ, **(env or {})})
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            sys.exit("mock-epic did not start: " + self.log())
        self.ready = json.loads(line)
        self.token_url = self.ready["token_url"]
        self.port = urlsplit(self.ready["url"]).port
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        status = self.stop()
        log = self.log()
        shutil.rmtree(self.work)
        if kind is None:
            leaked = self.leaked(log)
            if status != 0 or leaked:
                sys.exit(f"mock-epic ended with {status}, {leaked} secrets in its log\n{log[-3000:] if status else ''}")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(10 * SLOW)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return "no end within time"

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def connect(self, timeout=5 * SLOW):
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def send(self, data, wait=None):
        """All that the server answers until it closes, or stays silent for `wait` seconds (default: patience)."""
        started = time.monotonic()
        out = b""
        with self.connect() as s:
            s.settimeout(wait or self.patience)
            with contextlib.suppress(OSError):
                s.sendall(as_bytes(data))
            with contextlib.suppress(OSError):
                while chunk := s.recv(65536):
                    out += chunk
        return Answer(out, time.monotonic() - started)

    def request(self, method, target, body=b"", headers=()):
        body = as_bytes(body)
        asked = [] if any(as_bytes(header).lower().startswith(b"accept:") for header in headers) else ["Accept: application/fhir+json"]
        lines = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Connection: close", *asked, *headers]
        if body or method in ("POST", "PUT"):
            lines.append(f"Content-Length: {len(body)}")
        return self.send(as_bytes("\r\n".join(lines) + "\r\n\r\n") + body)

    def admin(self, method, path, value=None):
        """Status and JSON of an admin call."""
        answer = self.request(method, "/mock" + path, to_json(value) if value is not None else b"",
                              ["Content-Type: application/json"] if value is not None else [])
        return answer.status, answer.json()

    def register(self, client_id, **app):
        status, answer = self.admin("POST", "/apps", {"client_id": client_id, **app})
        if status != 201:
            sys.exit(f"{client_id} could not be registered: {answer}")

    def post_form(self, body, *headers):
        return self.request("POST", TOKEN, body, headers or [f"Content-Type: {FORM_TYPE}"])

    def post(self, assertion, **fields):
        """A token request with that assertion (text, or bytes of any kind)."""
        self.remember(assertion)
        answer = self.post_form(form(assertion, **fields))
        body = answer.json()
        if isinstance(body, dict) and body.get("access_token"):
            self.secrets.add(body["access_token"][:SECRET_N])
        return answer

    def remember(self, assertion):
        text = assertion if isinstance(assertion, str) else assertion.decode("latin-1")
        signature = text.rpartition(".")[2][:SECRET_N]
        if len(set(signature)) > 10 and is_run(signature):  # not the all-zero forgeries
            self.secrets.add(signature)

    def leaked(self, text):
        """How many remembered secrets the text holds."""
        found = set()
        for run in RUN.findall(text):
            found |= {run[i:i + SECRET_N] for i in range(len(run) - SECRET_N + 1)} & self.secrets
        return len(found)

    def verdicts(self, answer):
        """The journal entry behind an answer, with its text."""
        entry = self.request("GET", "/mock/journal/" + answer.header("X-Mock-Epic-Decision"))
        return entry.json(), entry.body.decode("utf-8", "replace")

    def status_line(self, name):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(name))

    def rss_kib(self):
        return self.status_line("VmRSS")

    def cpu_s(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def fds(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))


def form(assertion, **fields):
    values = {"grant_type": "client_credentials", "client_assertion_type": BEARER_TYPE, "client_assertion": assertion, **fields}
    return "&".join(f"{name}={quote_from_bytes(as_bytes(value), safe='')}" for name, value in values.items() if value is not None)


# ---- the web, where JWK Sets live ----

class Web:
    """One server whose paths are Python functions of the handler; counts what it is asked."""

    def __init__(self, context=None):
        self.asked, self.routes = [], {}
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                web.asked.append((self.path, dict(self.headers)))
                with contextlib.suppress(OSError):
                    web.routes[self.path](self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # clients that give up are what is tested
        if context:
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_port
        self.scheme = "https" if context else "http"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path, host="localhost"):
        return f"{self.scheme}://{host}:{self.port}{path}"

    def serve(self, path, body, status=200, headers=()):
        def answer(handler):
            handler.send_response(status)
            for name, value in (("Content-Type", "application/json"), *headers):
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)
        self.routes[path] = answer

    def count(self, path):
        return sum(1 for asked, _ in self.asked if asked == path)


# ---- a client that does it right, and can do one thing wrong ----

class Client:
    def __init__(self, mock, client_id, key, header=None, **fields):
        self.mock, self.client_id, self.key, self.fields = mock, client_id, key, fields
        self.header = {"alg": "RS384", "typ": "JWT", **(header or {})}

    def claims(self, **changed):
        now = int(time.time())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": self.mock.token_url, "jti": new_jti(),
                  "exp": now + 240, "iat": now - 5, **changed}
        return {name: value for name, value in claims.items() if value is not ABSENT}

    def jwt(self, claims=None, header=None, key=None, digest=None, header_text=None, claims_text=None, signature=None):
        """A compact JWS; whatever is given replaces its part. signature is bytes, or makes bytes from the signing input."""
        first = b64u(header_text if header_text is not None else to_json({**self.header, **(header or {})}))
        second = b64u(claims_text if claims_text is not None else to_json(claims if claims is not None else self.claims()))
        data = f"{first}.{second}".encode()
        if signature is None:
            made = sign(key or self.key, data, digest)
        else:
            made = signature(data) if callable(signature) else signature
        return f"{first}.{second}.{b64u(made)}"

    def post(self, assertion, **fields):
        return self.mock.post(assertion, **{**self.fields, **fields})


ABSENT = object()


# ---- judging the server ----

class Suite:
    """Counts what was checked and prints what went wrong; `done` ends the program."""

    def __init__(self):
        self.checks, self.bad = 0, []

    def check(self, condition, message):
        self.checks += 1
        if not condition:
            self.bad.append(message)
            print("BAD  " + message, flush=True)
        return condition

    def is_refusal(self, name, answer):
        """What every refused token request must look like."""
        body = answer.json()
        return all((
            self.check(answer.statuses in ([400], [401]), f"{name}: statuses {answer.statuses}"),
            self.check(answer.header("Content-Type").startswith("application/json"), f"{name}: {answer.header('Content-Type')}"),
            self.check("no-store" in answer.header("Cache-Control"), f"{name}: {answer.header('Cache-Control')}"),
            self.check(isinstance(body, dict) and body.get("error") in OAUTH_ERRORS, f"{name}: body {answer.body[:200]}"),
            self.check(b"access_token" not in answer.body, f"{name}: a token"),
            self.check(answer.seconds < ANSWER_S, f"{name}: {answer.seconds:.2f} s")))

    def grants(self, name, client, assertion, **fields):
        answer = client.post(assertion, **fields)
        body = answer.json()
        ok = answer.status == 200 and isinstance(body, dict) and isinstance(body.get("access_token"), str)
        why = ""
        if not ok and answer.header("X-Mock-Epic-Decision"):
            why = first_failure(client.mock.verdicts(answer)[0])
        return self.check(ok, f"{name}: {answer.statuses} {answer.body[:120]} {why}; expected a token")

    def refuses(self, name, client, assertion, rule, jti=None, **fields):
        """Refused by that rule, nothing kept of it; then the same jti in an honest assertion gets its token."""
        answer = client.post(assertion, **fields)
        if self.is_refusal(name, answer):
            entry, text = client.mock.verdicts(answer)
            self.check(first_failure(entry)[0] == rule, f"{name}: refused by {first_failure(entry)}, expected {rule}")
            self.check(client.mock.leaked(text) == 0, f"{name}: a secret is in the journal")
        honest = client.claims(**({"jti": jti} if jti else {}))
        self.grants(name + ", then an honest one", client, client.jwt(honest))

    def keeps_secrets(self, mock):
        """No signature, token or private key in the journal; the log is looked at when the server has stopped."""
        text = mock.request("GET", "/mock/journal?limit=1000").body.decode("utf-8", "replace")
        self.check(len(mock.secrets) > 3, "hardly a secret was sent")
        self.check(mock.leaked(text) == 0 and "PRIVATE KEY" not in text, f"{mock.leaked(text)} secrets in the journal")

    def done(self, least):
        """least: checks that must have been made, so that an emptied table does not pass."""
        if self.checks < least:
            self.bad.append(f"only {self.checks} checks were made, not {least}")
        print("\n".join(self.bad[-20:]))
        print(f"{self.checks} checks, {len(self.bad)} failed")
        sys.exit(1 if self.bad else 0)


def eventually(condition, seconds=5):
    """Whether the condition holds within that time; asks again until it does."""
    end = time.monotonic() + seconds * SLOW
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def first_failure(entry):
    """Rule and actual value of the verdict that decided."""
    failed = [v for v in (entry or {}).get("verdicts", []) if v["result"] == "fail"]
    return (failed[0]["rule"], failed[0]["actual"]) if failed else (None, None)


def sha384(data):
    return hashlib.sha384(data).digest()


def stop_on_signal():
    """A test that ctest ends must not leave its server behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))


stop_on_signal()
