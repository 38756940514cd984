#!/usr/bin/env python3
"""`epic-conformance jwt` with captured token requests, from the file to the verdict: what cannot be read is refused and
runs nothing, what can is judged whole, and no secret in it is printed."""
import json
import os
import sys
import tempfile

from lint import ABSENT, CERT, NOW, SANDBOX, form, http, judge, jwt, run

failures = 0


def fail(what):
    global failures
    failures += 1
    print("FAILED:", what)


# ---- what is refused, and runs nothing ----

REFUSED = (
    ("curl https://h/t -d @body.txt", "file"),
    ("curl https://h/t --data-urlencode client_assertion@jwt", "file"),
    ("curl https://h/t -H @headers", "file"),
    ("curl https://h/t -d \"client_assertion=$JWT\"", "variable"),
    ("curl https://h/t -d client_assertion=$(touch MARK)", "substitution"),
    ("curl https://h/t -d `touch MARK`", "substitution"),
    ("curl https://h/t -d \"`touch MARK`\"", "substitution"),
    ("curl https://h/t -d a=b&c=d", "&"),
    ("curl https://h/t -d 'a", "never closed"),
    ("curl https://h/t -d \"a", "never closed"),
    ("curl https://h/t -d $'a", "never closed"),
    ("curl https://h/t -d $'\\q'", "escape"),
    ("curl https://h/t -d a \\", "very end"),
    ("curl https://h/t -d", "no value"),
    ("curl -d a=b", "no URL"),
    ("curl https://h/t https://h/u", "two URLs"),
    ("curl https://h/t -d @- > MARK", "file"),
    ("curl https://h/t <(touch MARK)", "redirections"),
    ("curl https://h/t -d a=b > >(tee MARK)", "redirections"),
    ("JWT=$(touch MARK)\ncurl https://h/t -d client_assertion=$JWT", "$JWT"),
    ("JWT=`touch MARK`\ncurl https://h/t -d client_assertion=$JWT", "$JWT"),
    ("A=$B\nB=$A\ncurl https://h/t -d a=$A", "$A"),
    ("curl \u201chttps://h/t\u201d", "word processor"),
    ("curl https://h/t \u2013d a", "word processor"),
    ("curl\u00a0https://h/t", "no-break space"),
    ("curl https://h/t \\ \n -d a", "blank behind the"),
    ("curl https://h/t --upload-file x", "not known"),
    ("curl https://h/t -T x", "not known"),
    ("curl https://h/t\n -d a=b", "end each line but the last"),
    ("curl https://h/t -d a\0b", "NUL"),
    ("curl https://h/t" + " -d a" * 256, "256 words"),
    ("curl https://h/t -d " + "a" * 70000, "65536 bytes"),
    ("https://h/t", "a URL alone"),
    ("HTTP/1.1 400 Bad Request\r\n\r\n{}", "an answer alone"),
    ('{"error":"invalid_client"}', "the answer of a token endpoint"),
    ('127.0.0.1 - - [x] "POST /t HTTP/1.1" 400 60', "server's log"),
    ("nc h 443", "neither a curl command"),
    ("ftp https://h/t", "neither a curl command"),
    ("", "an empty file: neither a curl command"),
    ("POST /t HTTP/1.1\r\nContent-Length: 0\r\n\r\n", "no Host"),
    ("POST /t HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\nab", "no number"),
    ("POST /t HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\nab", "two host"),
    ("POST /t HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "chunked"),
    ("POST /t HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n", "colon"),
)


def refuse():
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        for text, words in REFUSED:
            status, out, err = judge(text, request=True)
            if status != 3 or words not in err or out:
                fail(f"{text[:80]!r}: status {status}, {err or out}")
        if os.listdir(work):
            fail("a command was executed")
        os.chdir("/")


# ---- raw HTTP and the rest ----

def accept():
    token = jwt()
    good = http(form(token))
    path = "POST /interconnect-fhir-oauth/oauth2/token "
    for name, text in (("raw HTTP", good), ("line feeds only", good.replace("\r\n", "\n")),
                       ("no length, and a line end of the file", http(form(token)).replace("Content-Length", "X-Was") + "\n"),
                       ("the whole URL in the request line", good.replace(path, "POST https://fhir.epic.com" + path[5:])),
                       ("blank lines before it", "\n\r\n" + good), ("a prompt", f"$ curl https://fhir.epic.com/x -d '{form(token)}'")):
        status, out, err = judge(text, request=True)
        if status != 0 or err or "would be accepted" not in out:
            fail(f"{name}: {status} {out}{err}")
    # the URL of the request is what aud must be when nothing else says so
    for aud, wanted in (("https://fhir.epic.com/interconnect-fhir-oauth/oauth2/token", 0), ("https://fhir.epic.com/other", 1)):
        status, out, _ = run("jwt", "--at", str(NOW), *CERT, "--request", "-", text=http(form(jwt(aud=aud))))
        if status != wanted:
            fail(f"aud {aud}: {status} {out}")
    # TLS is taken for granted except on this machine, and a name that begins like this machine's is another's
    for host, scheme, wanted in (("127.0.0.1:1", "http", 0), ("localhost", "http", 0), ("localhost.example", "https", 0),
                                 ("localhost.example", "http", 1)):
        url = f"{scheme}://{host}/interconnect-fhir-oauth/oauth2/token"
        text = http(form(jwt(aud=url))).replace("fhir.epic.com", host, 1)
        status, out, _ = run("jwt", "--at", str(NOW), *CERT, "--request", "-", text=text)
        if status != wanted:
            fail(f"{url}: {status} {out}")
    status, _, err = judge(token, "--request", "x")
    if status != 2 or "at once" not in err:
        fail(f"--request and a FILE: {status} {err}")
    status, out, _ = judge(http(form(token, client_assertion=ABSENT)), request=True)
    if status != 1 or "form.assertion" not in out:
        fail(f"no assertion: {status} {out}")
    for secret in ("-u me:s3cret", "--oauth2-bearer s3cret", "-d client_secret=s3cret", "-H 'Authorization: Basic s3cret'"):
        for form_of in ("table", "json"):
            status, out, err = judge(f"curl {SANDBOX} {secret} -d '{form(token)}'", "--format", form_of, request=True)
            if status != 1 or "form.one_method" not in out or "s3cret" in out + err or token.split(".")[2] in out + err:
                fail(f"{secret}: {status} {out}{err}")
    with tempfile.TemporaryDirectory() as work:
        status, out, _ = judge(good, "--format", "json", "--output", work + "/report.json", request=True)
        with open(work + "/report.json", encoding="utf-8") as file:
            report = json.load(file)
        if status or out or report["outcome"] != "accepted" or not report["unseen"]:
            fail("--output")
    for option, value in (("--format", "xml"), ("--profile", "x"), ("--at", "noon"), ("--saved-at", "noon"), ("--epic-error", "no")):
        if judge(token, option, value)[0] != 2:
            fail(f"{option} {value} is no usage error")


# ---- what is switched ----

def switches():
    """No switch of any rule but `signature` makes an unsigned JWT acceptable, in any profile, and the refusal names a rule."""
    rules = [row["rule"] for row in json.loads(run("rules", "--format", "json")[1])]
    header, claims, _ = jwt().split(".")
    unsigned = {"junk": f"{header}.{claims}.{'A' * 342}", "padded": f"{header}=.{claims}.{'A' * 342}"}
    for rule in rules:
        for mode in ("warn", "off"):
            for name, token in unsigned.items():
                status, out, err = judge(token, "--switch", f"{rule}={mode}", "--format", "json")
                because = json.loads(out)["because"] if out else None
                waived = rule == "signature" and name == "junk"
                if status != (0 if waived else 1) or (because in rules) == waived:
                    fail(f"{name} with {rule}={mode}: {status} {because} {err}")
    status, out, _ = judge(unsigned["padded"], "--switch", "jws.base64url=off")
    if status != 1 or "not judged: jws.base64url is switched off and its result is missing" not in out:
        fail(f"the switched rule is not named: {out}")


refuse()
accept()
switches()
sys.exit(failures > 0)
