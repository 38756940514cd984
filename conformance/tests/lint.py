"""What the tests of `epic-conformance` share: JWTs and requests made by the openssl command line and Python's standard
library, and a run of the command. Nothing of ours makes what ours is to judge."""
import base64
import json
import os
import subprocess
import urllib.parse

KEYS = os.path.join(os.environ["EPIC_FIXTURES_DIR"], "keys")
PROGRAM = os.path.join(os.environ["EPIC_BIN_DIR"], "epic-conformance")
NOW = 1790000000
ID = "d45049c3-3441-40ef-ab4d-b9cd86a17225"
SANDBOX = "https://fhir.epic.com/interconnect-fhir-oauth/oauth2/token"
URN = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CERT = ("--cert", os.path.join(KEYS, "rsa2048_a.cert.pem"))
ABSENT = object()


def fixture_key(name):
    return os.path.join(KEYS, name)


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt(**changes):
    """A sound compact JWT for the sandbox, apart from the claims given."""
    claims = {"iss": ID, "sub": ID, "aud": SANDBOX, "jti": "b1f6c0de-0000-4000-8000-000000000001", "exp": NOW + 240,
              "iat": NOW - 10, **changes}
    data = ".".join(b64u(json.dumps(part).encode()) for part in ({"alg": "RS384", "typ": "JWT"}, claims))
    return data + "." + b64u(openssl("dgst", "-sha384", "-sign", fixture_key("rsa2048_a.TESTKEY.pem"), "-binary",
                                     data=data.encode()))


def form(token, **changes):
    fields = {"grant_type": "client_credentials", "client_assertion_type": URN, "client_assertion": token, **changes}
    return urllib.parse.urlencode({k: v for k, v in fields.items() if v is not ABSENT})


def http(body):
    return ("POST /interconnect-fhir-oauth/oauth2/token HTTP/1.1\r\nHost: fhir.epic.com\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}")


def run(*arguments, text=""):
    """(status, stdout, stderr) of epic-conformance."""
    done = subprocess.run([PROGRAM, *arguments], input=text.encode(), capture_output=True, check=False, timeout=20 * int(os.environ.get("EPIC_SLOW") or 3))
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def judge(text, *arguments, request=False):
    """Judge a JWT or a captured request as of NOW, for the app ID and the sandbox."""
    return run("jwt", "--at", str(NOW), "--client-id", ID, "--token-url", SANDBOX, *CERT, *arguments,
               *(("--request", "-") if request else ("-",)), text=text)
