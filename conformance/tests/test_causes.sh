#!/usr/bin/env bash
# The 32 causes of Epic's invalid_client that people report, one or more rows each: made with the openssl command line and
# Python, judged by epic-conformance jwt, which must name the rule and the cause, or say that it cannot see it from here.
#
#     --print, or PRINT_CAUSES=1     prints the table: row, rule, the first line about it as the user sees it
set -u
PYTHONDONTWRITEBYTECODE=1 exec /usr/bin/python3 - "$@" <<'PYTHON'
import http.server
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import time

FIXTURES = os.environ["EPIC_FIXTURES_DIR"]
sys.path.insert(0, FIXTURES)
import make_jwts as mint

PROGRAM = os.environ["EPIC_BIN_DIR"] + "/epic-conformance"
NOW, ID = mint.NOW, mint.ID
SANDBOX = "https://fhir.epic.com/interconnect-fhir-oauth/oauth2/token"
CUSTOMER = "https://epic.hospital.example/interconnect-prd-oauth/oauth2/token"
URN = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
work = tempfile.TemporaryDirectory()
os.chdir(work.name)
failures = 0
tried = set()
asked = []
shows_table = "--print" in sys.argv or os.environ.get("PRINT_CAUSES")


def key(name):
    return f"{FIXTURES}/keys/{name}"


def jwt(payload=None, header=None, alg="RS384", key_name="rsa2048_a", der=False, mangle=None, **claims):
    claims = {"aud": SANDBOX, **claims}
    header = {"alg": alg, "typ": "JWT"} if header is None else header
    parts = [mint.b64u(json.dumps(part).encode()) for part in (header, payload or mint.claims(**claims))]
    data = ".".join(parts)
    out = data + "." + mint.b64u(mint.sign(alg, key_name, data.encode(), der))
    return mangle(out) if mangle else out


def run(arguments, text):
    done = subprocess.run([PROGRAM, *arguments], input=text, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def judge(token, *options, keys=("--cert", key("rsa2048_a.cert.pem")), url=SANDBOX, status=1, request=False):
    options = ["--at", str(NOW), "--switch", "static_keys=accept", *keys, *options]
    if not request:
        options += ["--token-url", url]
    got, out, err = run(["jwt", *(["--request", "-"] if request else []), *options], token)
    if got != status:
        complain(f"status {got} instead of {status}: {out}{err}")
    return out


def complain(what):
    global failures
    failures += 1
    print("FAILED:", what)


def show(number, rule, line):
    tried.add(number)
    if shows_table:
        print(f"| {number} | {rule} | {line.strip()} |")


def row(number, rule, words, out):
    """The table must hold a line of that rule, not passed, with those words; what fails must fail first."""
    lines = [line for line in out.splitlines() if line.split()[1:2] == [rule] and line.split()[0] in ("fail", "warn")]
    if not lines or words not in lines[0]:
        complain(f"row {number}: no line of {rule} says \"{words}\" in\n{out}")
    elif lines[0].startswith("fail") and f"because of {rule}\n" not in out:
        complain(f"row {number}: {rule} is not the first to fail in\n{out}")
    else:
        show(number, rule, lines[0])


def unseen(number, words, out, rank=None):
    """It must be in the list of what cannot be seen, at that rank if one is given."""
    lines = [line for line in out.splitlines() if words in line and line.split()[0].rstrip(".").isdigit()]
    if not lines or (rank and not lines[0].strip().startswith(f"{rank}. ")):
        complain(f"row {number}: not listed (as number {rank}): {words}\n{out}")
    else:
        show(number, "(cannot be seen)", lines[0])


def curl(token=None, url=SANDBOX, grant="client_credentials", kind=URN, extra="", names=("grant_type", "client_assertion_type",
                                                                                     "client_assertion")):
    token = token or jwt()
    return (f"curl -sS '{url}' \\\n  -d {names[0]}={grant} --data-urlencode {names[1]}='{kind}' \\\n"
            f"  -d $'{names[2]}={token}' {extra} | jq .\n")


def raw(body, headers="", target="/interconnect-fhir-oauth/oauth2/token"):
    return (f"POST {target} HTTP/1.1\r\nHost: fhir.epic.com\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"{headers}Content-Length: {len(body)}\r\n\r\n{body}")


def form(token):
    return f"grant_type=client_credentials&client_assertion_type={mint.TYPE}&client_assertion={token}"


url_keys = ("--jwks", key("ab.jwks.json"), "--jwks-url", "https://keys.example.org/jwks.json")
kid = lambda value, **more: {"alg": "RS384", "typ": "JWT", "kid": value, **more}

# what is sound is accepted, from every source of keys and as every kind of request
sound = judge(jwt(), status=0)
sound_url = judge(jwt(header=kid("key-a")), keys=url_keys, status=0)
customer = judge(jwt(header=kid("key-a"), aud=CUSTOMER), keys=url_keys, url=CUSTOMER, status=0)
judge(curl(), request=True, status=0)
judge(raw(form(jwt())), request=True, status=0)

row(1, "client.environment", "a production id: the sandbox and test systems know", judge(jwt(), "--production-client-id", ID))
judge(jwt(), "--production-client-id", ID + "0", status=0)
unseen(1, "the client id is the production one", sound, 2)
unseen(2, "has not reached the sandbox yet", sound, 1)
row(2, "client.synced", "saved a short while ago", judge(jwt(), "--saved-at", str(NOW - 3599), status=0))
if "client.synced" in judge(jwt(), "--saved-at", str(NOW - 3600), status=0):
    complain("row 2: an hour is enough")
unseen(3, "still a draft", sound)
row(4, "exp.window", "a longer lifetime than is allowed", judge(jwt(exp=NOW + 3600, iat=NOW - 10)))
row(4, "exp.window", "your clock runs ahead", judge(jwt(exp=NOW + 310, iat=NOW + 70)))
row(5, "exp.window", "milliseconds", judge(jwt(exp=(NOW + 240) * 1000)))
row(5, "iat.past", "milliseconds", judge(jwt(iat=NOW * 1000)))
row(6, "exp.type", "a string", judge(jwt(exp=str(NOW + 240))))
row(6, "iat.type", "it has a fraction", judge(jwt(iat=NOW - 10.25)))
row(7, "iat.past", "your clock runs ahead", judge(jwt(iat=NOW + 30)))
row(7, "nbf.past", "your clock runs ahead", judge(jwt(nbf=NOW + 1)))
row(8, "exp.future", "off by whole hours", judge(jwt(exp=NOW + 240 - 5 * 3600, iat=NOW - 5 * 3600)))
row(8, "exp.future", "it ran out a moment ago", judge(jwt(exp=NOW - 5, iat=NOW - 245)))
row(8, "exp.future", "a duration", judge(jwt(exp=300, iat=mint.ABSENT)))
row(9, "iat.window", "a longer lifetime", judge(jwt(iat=NOW - 100, exp=NOW + 240)))
unseen(10, "was sent before", sound)
row(11, "jti.length", "152: more characters than are allowed", judge(jwt(jti="j" * 152)))
row(11, "jti.type", "of the wrong JSON type", judge(jwt(jti=17)))
row(11, "jti.type", "empty", judge(jwt(jti="")))
row(11, "jti.type", "white space", judge(jwt(jti="17\n"), status=0))
for aud, words in ((SANDBOX + "/", "a trailing slash"), (SANDBOX.replace("oauth2/token", "api/FHIR/R4"), "the FHIR base URL"),
                   (SANDBOX.replace("/token", ""), "base or issuer"), (SANDBOX.replace("/token", "/authorize"), "authorize"),
                   (SANDBOX.replace("https", "http"), "http and https"), (CUSTOMER, "another Epic instance"),
                   (SANDBOX.replace("interconnect-fhir-oauth", "interconnect-amcurprd-oauth"), "another Epic instance"),
                   (SANDBOX.replace("fhir.epic.com", "proxy.example"), "or else the name of a proxy"),
                   (SANDBOX.upper(), "other capitals"), (SANDBOX + "\n", "white space"),
                   (SANDBOX.replace(".com", ".com:443"), "the default port"),
                   (SANDBOX.replace(":", "%3A").replace("/", "%2F"), "percent-encoded")):
    row(12, "aud.value", words, judge(jwt(aud=aud)))
unseen(12, "a proxy stands before the server", customer)
row(13, "iss.value", "iss and sub differ", judge(jwt(iss="other"), "--client-id", ID))
row(13, "sub.value", "white space", judge(jwt(sub=ID + "\n")))
row(13, "iss.value", "not the client id", judge(jwt(iss="x", sub="x"), "--client-id", ID))
row(13, "iss.value", "a URL", judge(jwt(iss="https://me.example", sub=ID), "--client-id", ID))
row(13, "iss.value", "in other capitals", judge(jwt(iss=ID.upper()), "--client-id", ID))
row(14, "form.grant_type", "jwt-bearer grant",
    judge(curl(grant="urn:ietf:params:oauth:grant-type:jwt-bearer"), request=True))
row(15, "form.grant_type", '"grant-type": a parameter of this name',
    judge(curl(names=("grant-type", "client_assertion_type", "client_assertion")), request=True))
row(15, "form.assertion", '"client-assertion"', judge(curl(names=("grant_type", "client_assertion_type", "client-assertion")),
                                                     request=True))
row(15, "form.assertion_type", "percent-encoded twice", judge(curl(kind=mint.TYPE), request=True))
row(15, "form.assertion_type", "absent", judge(raw("grant_type=client_credentials&client_assertion=" + jwt()), request=True))
row(16, "form.content_type", "the body is JSON",
    judge("curl " + SANDBOX + " --json '" + json.dumps({"grant_type": "client_credentials"}) + "'\n", request=True))
row(16, "form.method", "parameters in the URL's query", judge(curl(extra="-G -X POST"), request=True))
row(16, "form.method", "GET", judge(curl(extra="-G"), request=True))
row(16, "form.content_type", "a multipart form", judge("curl " + SANDBOX + " -F grant_type=client_credentials\n", request=True))
got, out, _ = run(["key", key("rsa2048_b.TESTKEY.pem"), key("rsa2048_a.cert.pem")], "")
if got != 1 or "do not belong together" not in out:
    complain(f"row 17: {out}")
row(17, "signature", "made with another private key", judge(jwt(), keys=("--cert", key("rsa2048_b.cert.pem"))))
for name, words in (("rsa2048_a.pub.pem", "a bare public key"), ("rsa2048_a.cert.der", "binary DER"),
                    ("rsa2048_a.csr.pem", "a certificate signing request"), ("rsa2048_a.TESTKEY.pem", "a private key")):
    row(18, "key.source", words, judge(jwt(), keys=("--cert", key(name))))
with open(key("rsa2048_a.cert.pem"), encoding="ascii") as file:
    cert = file.read()
with open("text.pem", "w", encoding="ascii") as file:
    file.write("Bag Attributes\n    friendlyName: x\n" + cert.replace("\n", "\r\n"))
judge(jwt(), keys=("--cert", "text.pem"), status=0)
row(19, "header.kid", "accepted, but which key is meant", judge(jwt(), keys=url_keys, status=0))
row(19, "key.found", "no key of the registered set has this kid", judge(jwt(header=kid("key-z")), keys=url_keys))
thumbprint, sha1, _ = mint.thumbprints("rsa2048_a")
row(19, "key.found", "the RFC 7638 thumbprint of a key", judge(jwt(header=kid(thumbprint)), keys=url_keys))
row(19, "key.found", "like the thumbprint of a certificate", judge(jwt(header=kid(sha1)), keys=url_keys))
unseen(20, "registered for the other of the app's two ids", sound_url, 3)

with open(key("ab.jwks.json"), "rb") as file:
    jwks = file.read()
ANSWERS = {"/ok": (200, {}, jwks), "/html": (200, {}, b"<!DOCTYPE html><html></html>"), "/login": (401, {}, b""),
           "/moved": (302, {"Location": "/ok"}, b""), "/none": (404, {}, b""), "/big": (200, {}, b" " * 65537),
           "/forbidden": (403, {}, b""), "/slow": (200, {}, jwks), "/empty": (200, {}, b'{"keys":[]}'), "/json": (200, {}, b"{}"),
           "/fits": (200, {}, jwks + b" " * (65536 - len(jwks)))}


class Keys(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append((self.path, self.headers))
        status, headers, body = ANSWERS[self.path]
        if self.path == "/slow":
            time.sleep(6)
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        try:
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # the other side had enough of it

    def log_message(self, *_):
        pass


def serve(context=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


plain = serve()
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(key("rsa2048_a.cert.pem"), key("rsa2048_a.TESTKEY.pem"))
tls = serve(context)
with_kid = jwt(header=kid("key-a"))
for path in ("/ok", "/fits"):
    judge(with_kid, keys=("--jwks-url", f"http://127.0.0.1:{plain}{path}"), status=0)
for path, words in (("/html", "an HTML page"), ("/login", "wants a login (401)"), ("/forbidden", "wants a login (403)"), ("/slow", "did not answer within 5 s"),
                    ("/empty", "no key"), ("/moved", "redirects (302) to /ok"),
                    ("/none", "nothing at the JWK Set URL (404)"), ("/big", "more than 65536 bytes"), ("/json", "JSON that is no JWK Set")):
    row(21, "key.source", words, judge(with_kid, keys=("--jwks-url", f"http://127.0.0.1:{plain}{path}")))
row(21, "key.source", "is not trusted", judge(with_kid, keys=("--jwks-url", f"https://127.0.0.1:{tls}/ok")))
row(21, "key.source", "plain http", judge(with_kid, keys=("--jwks-url", f"http://{'0' * 64}.invalid/jwks.json")))  # a name that nobody is asked for
row(21, "key.source", "127.0.0.1 port 1", judge(with_kid, keys=("--jwks-url", "http://127.0.0.1:1/jwks.json")))
unseen(22, "cannot fetch the JWK Set URL from where it stands", customer, 1)
unseen(0, "the app's local JKU is not set there", customer, 2)
unseen(23, "an older copy of the JWK Set", sound_url)
row(23, "signature", "the set was changed after Epic fetched it",
    judge(jwt(header=kid("key-a"), key_name="rsa2048_b"),
          keys=("--jwks", key("rsa2048_a.jwks.json"), "--jwks-url", "https://keys.example.org/")))
for alg, words in (("HS256", "symmetric"), ("PS384", "RSA-PSS"), ("ES512", "ES512 and EdDSA"), ("none", "unsigned"),
                   ("rs384", "case-sensitive")):
    row(24, "header.alg", words, judge(jwt(header={"alg": alg})))
row(24, "header.alg", "need a JWK Set URL", judge(jwt(alg="ES384", key_name="p384_a")))
row(25, "signature", "in DER form", judge(jwt(alg="ES384", key_name="p384_a", der=True, header={"alg": "ES384", "kid": "key-ec"}),
                                         keys=("--jwks", key("p384_a.jwks.json"), "--jwks-url", "https://k.example/")))
row(26, "key.strength", "1024 bits", judge(jwt(key_name="rsa1024_a"), keys=("--cert", key("rsa1024_a.cert.pem"))))
row(26, "key.source", "private", judge(jwt(), keys=("--jwks", key("private.jwks.json"))))
padded = json.loads(jwks)
for entry in padded["keys"]:
    entry["n"] += "=="
with open("padded.json", "w", encoding="ascii") as file:
    json.dump(padded, file)
row(26, "key.source", "padding", judge(jwt(), keys=("--jwks", "padded.json")))
row(27, "jws.compact", "cut off on its way", judge(jwt()[:200]))
row(27, "signature", "cut off on its way", judge(jwt()[:-6]))
row(27, "jws.base64url", "wrapped into lines", judge(jwt(mangle=lambda s: s[:76] + "\n" + s[76:])))
row(27, "jws.base64url", "a line end after the last part", judge(raw(form(jwt() + "%0A")), request=True))
row(27, "jws.base64url", "that the form turned into a space", judge(raw(form(jwt()[:-9] + "+" + "A" * 8)), request=True))
row(27, "jws.base64url", "standard base64", judge(jwt()[:-9] + "+" + "A" * 8))
row(28, "key.source", "an uploaded key", judge(jwt(), "--switch", "static_keys=warn", status=0))
row(28, "key.source", "an uploaded key", judge(jwt(), "--switch", "static_keys=refuse"))
unseen(29, "not of the user type Backend Systems", sound)
row(30, "form.one_method", "an Authorization header was sent too", judge(curl(extra="-u id:secret"), request=True))
row(30, "form.one_method", "a client_secret was sent too", judge(curl(extra="-d client_secret=s"), request=True))
unseen(31, "unauthorized_client: the client id is mapped to no background user", sound)
unseen(31, "mapped to no background user",
       judge(jwt(header=kid("key-a"), aud=CUSTOMER), "--epic-error", "unauthorized_client", keys=url_keys, url=CUSTOMER, status=0), 1)
row(32, "header.jku", "not the registered JWK Set URL", judge(jwt(header=kid("key-a", jku="https://keys.example.org/other")), keys=url_keys))
judge(jwt(header=kid("key-a", jku=url_keys[3])), keys=url_keys, status=0)

# what passes today and bites later
row(0, "exp.window", "a clock 1 s ahead", judge(jwt(exp=NOW + 300, iat=mint.ABSENT), status=0))
row(0, "iat.past", "a clock 1 s ahead", judge(jwt(iat=NOW), status=0))
row(0, "aud.value", "an array", judge(jwt(aud=[SANDBOX]), status=0))

# the other formats, and no secret in any
token = jwt(exp=NOW)
for name in ("json", "tap", "table"):
    out = judge(token, "--format", name)
    if token.split(".")[2] in out:
        complain(f"{name} shows the signature")
report = json.loads(judge(token, "--format", "json"))
if report["because"] != "exp.future" or [v for v in report["verdicts"] if v["rule"] == "exp.future"][0]["causes"] != \
        ["time.just_expired", "clock.behind"]:
    complain("json does not name the causes")
if judge(token, "--output", "out.json", "--format", "json") or json.load(open("out.json"))["outcome"] != "refused":
    complain("--output")
for arguments in (["jwt", "--at", "never"], ["jwt", "--epic-error", "x"], ["jwt", "--format", "xml"], ["jwt", "--request", "-", "x"],
                  ["jwt"], ["jwt", "--cert", "x", "--jwks", "y"]):
    if run(arguments, "")[0] != 2:
        complain(f"{arguments} is no usage error")
if run(["jwt", "--cert", "/nonexistent"], "x")[0] != 3 or run(["jwt", "--request", "/nonexistent"], "x")[0] != 3:
    complain("a file that is not there")

# the URL was asked once for each verdict, the redirect was not followed, and nothing was sent along
if any(name in headers for _, headers in asked for name in ("Authorization", "Cookie")):
    complain("a credential went to the JWK Set URL")
if [path for path, _ in asked].count("/ok") != 1:
    complain(f"/ok was asked for other than once: {[path for path, _ in asked]}")
if tried != set(range(33)):
    complain(f"rows not tried: {sorted(set(range(33)) - tried)}")
sys.exit(failures > 0)
PYTHON
