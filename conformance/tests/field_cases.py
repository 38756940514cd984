#!/usr/bin/env python3
"""Field cases: what people really bring, and the line that each of them reads first.

To add one, put a row into the file of its kind, field_rows_KIND.py (make the file if there is none; it is found by its name):

    ROWS = [row("jwt.python_bytes", "github.com/owner/project/issues/1", "bytes of Python put into a string",
                lambda w: w.lint(f"b'{w.jwt()}'"), wants="Python")]

then write the table anew and look at what it says:  conformance/tests/field_cases.py --write [ID...]

A row is an id, a public address where somebody met it ("" when it was made here), the situation, a function that makes the
input in the scratch folder of `w` (class Workshop, below) and runs a program of ours, and `wants`: what the first line must
say (a regular expression). `read` is "out" or "err" where the line to read is not the first one that complains. Numbers that
change from run to run are made the same by tidy(); a row may bring more of these as `same=[(pattern, text)]`.

The check runs all of them and compares the table with conformance/FIELD_CASES.md. Without --write the differences are printed
and the status is 1; with IDs these alone are run, and shown in full."""
import difflib
import glob
import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TABLE = os.path.join(ROOT, "conformance", "FIELD_CASES.md")
NOW = 1790000000
ID = "3f9b1c52-7d0e-4a36-9c41-5be2a7d80f11"
TOKEN_URL = "https://fhir.epic.com/interconnect-fhir-oauth/oauth2/token"
BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
DROP = object()
PATIENCE_S = 20 * int(os.environ.get("EPIC_SLOW") or 3)


def programs():
    """The folder of the programs under test."""
    choices = [os.environ.get("EPIC_BIN_DIR") or ""] + [os.path.join(ROOT, ".build", b, "bin") for b in ("dev", "release")]
    found = [c for c in choices if os.path.exists(os.path.join(c, "epic-conformance"))]
    if not found:
        sys.exit("field_cases.py: build the programs first, or set EPIC_BIN_DIR")
    return os.path.abspath(found[0])


def b64u(data):
    import base64
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Done:
    """What a program said: status, out, err."""
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err


class Row:
    """One case; see the top of this file."""
    def __init__(self, ident, source, situation, run, wants, read="", same=()):
        self.ident, self.source, self.situation, self.run = ident, source, situation, run
        self.wants, self.read, self.same = wants, read, same


def row(*arguments, **more):
    return Row(*arguments, **more)


class Workshop:
    """A scratch folder with keys made anew, and the programs on the PATH. Files: k.pem and cert.pem belong together, k2.pem and
    cert2.pem are another pair, ec.pem and certec.pem P-256, jwks.json the set of k.pem with kid "a"."""

    def __init__(self, folder):
        self.folder = folder
        self.lock = threading.Lock()
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("EPIC_", "MOCK_EPIC_"))}
        self.env.update(PATH=programs() + ":" + os.environ["PATH"], LC_ALL="C.UTF-8", HOME=folder, CID=ID, TOK=TOKEN_URL)
        for name, cert, cn in (("k.pem", "cert.pem", "field"), ("k2.pem", "cert2.pem", "other")):
            self.openssl("genrsa", "-out", name, "2048")
            self.openssl("req", "-new", "-x509", "-key", name, "-out", cert, "-days", "365", "-subj", "/CN=" + cn)
        self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ec.pem")
        self.openssl("req", "-new", "-x509", "-key", "ec.pem", "-out", "certec.pem", "-days", "365", "-subj", "/CN=ec")
        self.write("jwks.json", json.dumps({"keys": [self.jwk()]}))

    def openssl(self, *arguments, data=None):
        return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True, cwd=self.folder).stdout

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        """A file of the scratch folder; text is written as UTF-8."""
        with open(self.path(name), "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
        return name

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def key(self, name="k.pem"):
        return serialization.load_pem_private_key(self.read(name), None)

    def jwk(self, name="k.pem", **changes):
        """The public JWK of an RSA key, with members changed, added or taken away (DROP)."""
        numbers = self.key(name).public_key().public_numbers()
        jwk = {"kty": "RSA", "kid": "a", "n": b64u(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")), "e": "AQAB"}
        jwk.update(changes)
        return {k: v for k, v in jwk.items() if v is not DROP}

    def jwt(self, key="k.pem", alg="RS384", header=None, now=NOW, signature=None, **claims):
        """A compact JWT, sound apart from what is said: a claim as DROP is left out, one as a function is given now. An EC key
        under an RS algorithm signs in DER, as node's createSign does."""
        head = {"alg": alg, "typ": "JWT", **(header or {})}
        body = {"iss": ID, "sub": ID, "aud": TOKEN_URL, "jti": str(uuid.uuid4()), "iat": now - 5, "exp": now + 240, **claims}
        body = {k: v(now) if callable(v) else v for k, v in body.items() if v is not DROP}
        head = {k: v for k, v in head.items() if v is not DROP}
        data = b64u(json.dumps(head).encode()) + "." + b64u(json.dumps(body).encode())
        return data + "." + b64u(self.sign(key, alg, data.encode()) if signature is None else signature)

    def sign(self, name, alg, data):
        key, digest = self.key(name), {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}[alg[2:]]()
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(data, padding.PKCS1v15(), digest)
        der = key.sign(data, ec.ECDSA(digest))
        if alg[:2] != "ES":
            return der
        size = (key.curve.key_size + 7) // 8
        return b"".join(part.to_bytes(size, "big") for part in utils.decode_dss_signature(der))

    def form(self, jwt):
        """The body of a token request."""
        return (f"grant_type=client_credentials&client_assertion_type={BEARER.replace(':', '%3A')}&client_assertion={jwt}")

    def run(self, *command, data=b"", env=None):
        """Run a program of ours in the scratch folder."""
        data = data.encode() if isinstance(data, str) else data
        done = subprocess.run(command, input=data, capture_output=True, cwd=self.folder, env={**self.env, **(env or {})},
                              check=False, timeout=PATIENCE_S)
        return Done(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def sh(self, script, data=b"", env=None):
        """A line for a shell, run in the scratch folder; CID and TOK are the client id and the token URL."""
        return self.run("bash", "-c", script, data=data, env=env)

    def lint(self, text, *more, keys=("--cert", "cert.pem"), at=str(NOW)):
        """Judge a JWT, as text or bytes, by its certificate, for the app ID and the sandbox."""
        time = ("--at", at) if at else ()
        return self.run("epic-conformance", "jwt", *time, *keys, "--client-id", ID, "--token-url", TOKEN_URL, *more, data=text)

    def request(self, text, *more):
        """Judge a captured token request."""
        return self.run("epic-conformance", "jwt", "--at", str(NOW), "--cert", "cert.pem", "--client-id", ID, *more,
                        "--request", "-", data=text)

    def inspect(self, name, data):
        """What `epic-conformance key` says of a file."""
        return self.run("epic-conformance", "key", self.write(name, data))


# ---- the line that is read first ----

SAME = [(r"\b(127\.0\.0\.1|localhost):\d{4,5}\b", r"\1:PORT"), (r"\b\d{10}\b", "TIME"), (r"\b(6[89]|7[0-2]) bytes", "71 bytes"),
        (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "UUID"), (r"\b[A-Za-z0-9_-]{43}\b", "THUMBPRINT")]


def tidy(text, case, folder):
    for pattern, same in [(re.escape(folder) + "/?", ""), *case.same, *SAME]:
        text = re.sub(pattern, same, text)
    return text


def first_line(case, done):
    """Of the stream that `read` names; else the first of both that complains, else the first of all."""
    streams = {"out": done.out, "err": done.err}
    text = re.sub(r"(token request \d+ (?:refused \(\w+\)|accepted, with a warning))\n", r"\1", streams[case.read] if case.read else done.err + done.out)
    lines = [line for line in text.splitlines() if line.strip()]
    if not case.read:
        bad = [line for line in lines if re.match(r"(fail|warn)\b|(epic-auth|epic-conformance|mock-epic)\b", line)]
        fails = [line for line in bad if line.startswith("fail")]
        lines = fails or bad or lines
    return re.sub(r"\s+", " ", lines[0]).strip() if lines else "(nothing)"


def cell(text):
    return text.replace("|", "\\|")


def heading(kind):
    return {"jwt": "The JWT", "key": "Keys, certificates and JWK Sets", "request": "Captured requests", "settings": "Settings",
            "mock": "The mock"}.get(kind, kind)


def all_rows():
    sys.modules.setdefault("field_cases", sys.modules[__name__])  # the rows import this file, which may be __main__
    sys.path.insert(0, HERE)
    rows = []
    for name in sorted(glob.glob(os.path.join(HERE, "field_rows_*.py"))):
        rows += importlib.import_module(os.path.basename(name)[:-3]).ROWS
    idents = [case.ident for case in rows]
    twice = {i for i in idents if idents.count(i) > 1}
    if twice:
        sys.exit(f"field_cases.py: two rows of one id: {', '.join(sorted(twice))}")
    return rows


def work(case, workshop):
    """(line, complaint) of a row."""
    try:
        done = case.run(workshop)
    except Exception as trouble:  # pylint: disable=broad-except
        return "", f"{case.ident}: {type(trouble).__name__}: {trouble}"
    line = tidy(first_line(case, done), case, workshop.folder)
    if re.search(case.wants, line):
        return line, ""
    return line, f"{case.ident}: /{case.wants}/ is not in\n    {line}\n    {done.err[-900:]}{done.out[-900:]}"


INTRODUCTION = """# Field cases
What people really bring, and the line that they read first. Written by `conformance/tests/field_cases.py --write`, which makes
each input anew, runs the program and wants the cause in that line; the check compares. How to add a row stands in its first lines.
"""


def table(rows, lines):
    out, kind = [INTRODUCTION], None
    for case, line in zip(rows, lines):
        if case.ident.split(".")[0] != kind:
            kind = case.ident.split(".")[0]
            out.append(f"\n## {heading(kind)}\n| id | situation | met at | the first line |\n|---|---|---|---|\n")
        out.append(f"| {case.ident} | {cell(case.situation)} | {case.source} | {cell(line)} |\n")
    return "".join(out)


def main(arguments):
    chosen = [a for a in arguments if a != "--write"]
    rows = [case for case in all_rows() if not chosen or case.ident in chosen or case.ident.split(".")[0] in chosen]
    with tempfile.TemporaryDirectory() as folder:
        workshop = Workshop(folder)
        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(lambda case: work(case, workshop), rows))
    complaints = [complaint for _, complaint in results if complaint]
    for complaint in complaints:
        print("FAILED:", complaint)
    if chosen:
        for case, (line, _) in zip(rows, results):
            print(f"{case.ident}: {line}")
        return 1 if complaints else 0
    text = table(rows, [line for line, _ in results])
    if "--write" in arguments:
        with open(TABLE, "w", encoding="utf-8") as file:
            file.write(text)
    else:
        with open(TABLE, encoding="utf-8") as file:
            difference = list(difflib.unified_diff(file.read().splitlines(), text.splitlines(), "FIELD_CASES.md", "now", "", "", 0))
        if difference:
            print("FAILED: conformance/FIELD_CASES.md is old: write it with conformance/tests/field_cases.py --write\n"
                  + "\n".join(difference))
            return 1
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
