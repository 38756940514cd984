#!/usr/bin/python3
"""JWK Set URLs against real web servers: TLS and its failures, redirects, logins, HTML, slowness, size; rotation; EC keys;
one slow URL that must not hold up anybody else, on a single server thread.

The certificates are made by the openssl command line; keys and signatures by python3-cryptography."""
import json
import os
import signal
import ssl
import subprocess
import tempfile
import threading
import time
import warnings

from harness import SLOW, Client, Mock, Suite, Web, private_key, public_jwk

warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.1 is offered on purpose
suite = Suite()
A, B, P256, P384 = (private_key(name) for name in ("rsa2048_a", "rsa2048_b", "p256_a", "p384_a"))


def jwks(*pairs):
    return json.dumps({"keys": [public_jwk(key, kid=kid) for kid, key in pairs]}).encode()


# ---- the web ----

def make_ca(work):
    """A CA, and a server certificate of it for localhost; a self-signed one beside."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=work)
    with open(os.path.join(work, "names"), "w", encoding="ascii") as file:
        file.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    for name in ("ca", "self"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj",
                "/CN=localhost", "-days", "2", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile",
            "names", "-out", "server.pem")


def tls(work, name, oldest=ssl.TLSVersion.TLSv1_2, newest=ssl.TLSVersion.MAXIMUM_SUPPORTED):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{work}/{name}.pem", f"{work}/{name}.key")
    if newest == ssl.TLSVersion.TLSv1_1:
        context.set_ciphers("ALL:@SECLEVEL=0")  # so that the server would, and the refusal is the client's
    context.minimum_version, context.maximum_version = oldest, newest
    return context


# ---- what is asked of the mock ----

class App:
    """An app with a JWK Set URL, and its honest client."""

    def __init__(self, mock, client_id, url, key=A, **header):
        mock.register(client_id, jwks_url=url)
        self.mock = mock
        self.client = Client(mock, client_id, key, header)

    def last_fetch(self):
        status, entries = self.mock.admin("GET", f"/journal?kind=jwks&client_id={self.client.client_id}&limit=1")
        return entries[0] if status == 200 and entries else {}

    def grants(self, name, **kwargs):
        suite.grants(name, self.client, self.client.jwt(**kwargs))

    def refuses(self, name, rule, words, error=None, **kwargs):
        answer = self.client.post(self.client.jwt(**kwargs))
        suite.check(answer.status == 400, f"{name}: {answer.statuses}")
        entry, text = self.mock.verdicts(answer)
        suite.check(rule in text, f"{name}: not by {rule}: {text[:300]}")
        suite.check(words in text, f"{name}: no {words!r} in {text[text.find(rule):][:300]}")
        if error:
            suite.check(self.last_fetch().get("error") == error, f"{name}: {self.last_fetch()}")
        return answer


def test_tls(mock, web, work):
    web.serve("/keys", jwks(("a", A), ("b", B)))
    app = App(mock, "tls", web.url("/keys"), kid="a")
    app.grants("a set over TLS from a known CA")
    suite.check(web.count("/keys") == 1, f"{web.count('/keys')} fetches")
    suite.check(app.last_fetch()["status"] == 200, "the fetch is in the journal")
    headers = web.asked[-1][1]
    suite.check(headers.get("Accept") == "application/json", f"Accept: {headers.get('Accept')}")
    suite.check("Authorization" not in headers and "Accept-Encoding" not in headers, f"{headers}")
    App(mock, "tls-name", web.url("/keys", "127.0.0.1"), kid="a").grants("the certificate's address")
    selfsigned = Web(tls(work, "self"))
    selfsigned.serve("/keys", jwks(("a", A)))
    App(mock, "self", selfsigned.url("/keys"), kid="a").refuses("self-signed", "key.source", "TLS certificate is not trusted", "tls")
    old = Web(tls(work, "server", ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_1))
    old.serve("/keys", jwks(("a", A)))
    App(mock, "old", old.url("/keys"), kid="a").refuses("TLS 1.1 only", "key.source", "TLS", "tls")
    suite.check(not old.asked and not selfsigned.asked, "a request went out over bad TLS")
    plain = Web()
    App(mock, "plain-as-tls", f"https://localhost:{plain.port}/keys").refuses("http where https was registered", "key.source", "", "tls")


def test_odd_answers(mock, web):
    target = Web()
    target.serve("/elsewhere", jwks(("a", A)))
    rows = [
        ("redirect", 302, b"", [("Location", target.url("/elsewhere"))], "redirects (", "redirect"),
        ("permanent", 308, b"", [("Location", target.url("/elsewhere"))], "redirects (", "redirect"),
        ("login", 401, b"", [("WWW-Authenticate", "Basic")], "wants a login", "login"),
        ("forbidden", 403, b"<html>", [], "wants a login", "login"),
        ("gone", 404, b"", [], "nothing at the JWK Set URL (404)", "status"),
        ("broken", 500, b"", [], "answers with status 500", "status"),
        ("html", 200, b"<!DOCTYPE html><html><body>Sign in</body></html>", [], "gives an HTML page", "html"),
        ("text", 200, b"hello", [], "the JWK Set URL: ", "not_a_jwks"),
        ("truncated", 200, jwks(("a", A))[:-1], [], "the JWK Set URL: ", "not_a_jwks"),
        ("utf-16", 200, jwks(("a", A)).decode().encode("utf-16"), [], "the JWK Set URL: ", "not_a_jwks"),
        ("empty", 200, b"", [], "the JWK Set URL: ", "not_a_jwks"),
        ("no keys", 200, b'{"keys":[]}', [], "it is empty", "no_key"),
        ("private", 200, json.dumps({"keys": [{**public_jwk(A), "d": "AQAB"}]}).encode(), [], "private", "not_a_jwks"),
        ("65537 bytes", 200, jwks(("a", A)).ljust(65537), [], "more than 65536 bytes", "too_big"),
        ("10 MB", 200, b" " * 10_000_000, [], "more than 65536 bytes", "too_big"),
        ("gzip bomb unasked", 200, b"\x1f\x8b\x08" + bytes(1000), [("Content-Encoding", "gzip")], "answers with Content-Encoding gzip, which nobody asked for", "content_encoding"),
    ]
    for name, status, body, headers, words, error in rows:
        path = "/odd/" + name.replace(" ", "-")
        web.serve(path, body, status, headers)
        App(mock, "odd-" + name.replace(" ", "-"), web.url(path), kid="a").refuses(name, "key.source", words, error)
        suite.check(web.count(path) == 1, f"{name}: {web.count(path)} fetches")
    suite.check(not target.asked, "a redirect was followed")
    web.serve("/odd/most", jwks(("a", A)).ljust(65536))
    App(mock, "odd-most", web.url("/odd/most"), kid="a").grants("65536 bytes")
    web.serve("/odd/old-status", jwks(("a", A)), 200, [("Content-Type", "text/plain")])
    App(mock, "odd-type", web.url("/odd/old-status"), kid="a").grants("text/plain, as raw files are served")


def test_nobody_there(mock):
    quiet = Web()
    port = quiet.port
    quiet.server.shutdown()
    quiet.server.server_close()
    App(mock, "nobody", f"http://127.0.0.1:{port}/keys").refuses("nobody listens", "key.source", "port", "network")
    nobody = "x" * 64 + ".invalid"  # longer than a label may be, so that nobody is asked for it
    App(mock, "no-name", f"https://{nobody}/keys").refuses("no such host", "key.source", nobody, "network")


def test_rotation(mock, web):
    web.serve("/rotating", jwks(("one", A)))
    old = App(mock, "rotating", web.url("/rotating"), A, kid="one")
    new = Client(mock, "rotating", B, {"kid": "two"})
    old.grants("the first key")
    suite.check(new.post(new.jwt()).status == 400, "a key that is not published")
    web.serve("/rotating", jwks(("one", A), ("two", B)))
    suite.grants("the second key, once it is published", new, new.jwt())
    old.grants("the first key beside it")
    fetches = web.count("/rotating")
    suite.grants("both are kept", new, new.jwt())
    suite.check(web.count("/rotating") == fetches, "fetched without need")
    web.serve("/rotating", jwks(("two", B)))
    mock.admin("POST", "/clock/advance", {"seconds": 29 * 3600})
    old.client.claims = in_29_hours(old.client.claims)
    new.claims = in_29_hours(new.claims)
    old.refuses("the first key, removed", "key.found", "held this kid until it changed")
    suite.grants("the second", new, new.jwt())
    web.serve("/rotating", jwks(("two", A)))
    mock.admin("POST", "/clock/advance", {"seconds": 29 * 3600})
    new.claims = in_29_hours(new.claims)
    answer = new.post(new.jwt())
    suite.check("the key that had this kid before" in mock.verdicts(answer)[1], "a kid that was given to another key")
    mock.admin("POST", "/reset", {"what": ["clock"]})


def in_29_hours(claims):
    def later(**changed):
        made = claims(**changed)
        return {name: value + 29 * 3600 if name in ("exp", "iat") else value for name, value in made.items()}
    return later


def test_ec(mock, web):
    web.serve("/ec", jwks(("p256", P256), ("p384", P384), ("rsa", A)))
    App(mock, "ec", web.url("/ec"), P256, alg="ES256", kid="p256").grants("ES256")
    client = Client(mock, "ec", P384, {"alg": "ES384", "kid": "p384"})
    suite.grants("ES384", client, client.jwt())
    suite.refuses("ES384 under the kid of P-256", client, client.jwt(header={"kid": "p256"}), "key.found")
    suite.refuses("ES384 as DER", client, client.jwt(signature=lambda data: b"\x30\x66" + bytes(102)), "signature")
    suite.refuses("ES256 with P-384", client, client.jwt(header={"alg": "ES256"}), "key.found")


def test_slow_url(web):
    """One server thread; the URL answers after seconds; everybody else is served meanwhile."""
    release = threading.Event()

    def slow(handler):
        release.wait(20)
        web.fast(handler)
    web.serve("/slow", jwks(("a", A)))
    web.fast = web.routes["/slow"]
    web.routes["/slow"] = slow

    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(200):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.1)
    web.routes["/drip"] = drip
    with Mock("--threads", "1", "--switch", "jwks_private_network=refuse") as mock:
        app = App(mock, "slow", web.url("/slow"), kid="a")
        answers = []

        def ask():
            answers.append(app.client.post(app.client.jwt()).status)
        waiting = [threading.Thread(target=ask) for _ in range(20)]
        for thread in waiting:
            thread.start()
        time.sleep(0.5)
        worst = 0
        for _ in range(20):
            answer = mock.request("GET", "/mock/health")
            worst = max(worst, answer.seconds)
            suite.check(answer.status == 200, "health while a fetch is slow")
        suite.check(worst < 0.5 * SLOW and not answers, f"others waited {worst:.2f} s; answered early: {answers}")
        release.set()
        for thread in waiting:
            thread.join()
        suite.check(answers == [200] * 20, f"those who waited: {answers}")
        suite.check(web.count("/slow") == 1, f"{web.count('/slow')} fetches for 20 requests")
        mock.patience = 10 * SLOW
        started = time.monotonic()
        App(mock, "drip", web.url("/drip"), kid="a").refuses("a set that drips in", "key.source", "did not answer within 5 s", "timeout")
        suite.check(4 < time.monotonic() - started < 6 * SLOW, f"{time.monotonic() - started:.1f} s for a fetch of 5")
        # a client that hangs up while it waits, and a stop while others wait
        release.clear()
        mock.admin("POST", "/reset", {"what": ["jwks"]})
        with mock.connect() as s:
            body = "grant_type=client_credentials&client_assertion=" + app.client.jwt()
            s.sendall(f"POST /interconnect-fhir-oauth/oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
                      f"Content-Type: application/x-www-form-urlencoded\r\n\r\n{body}".encode())
            time.sleep(0.3)
        late = threading.Thread(target=ask)
        late.start()
        time.sleep(0.3)
        started = time.monotonic()
        mock.process.send_signal(signal.SIGTERM)
        suite.check(mock.process.wait(10 * SLOW) == 0, "the exit status of a stop while requests wait")
        suite.check(time.monotonic() - started < 5 * SLOW, f"the stop took {time.monotonic() - started:.1f} s")
        release.set()
        late.join()


def main():
    with tempfile.TemporaryDirectory() as work:
        make_ca(work)
        web, plain = Web(tls(work, "server")), Web()
        with Mock("--jwks-ca-file", f"{work}/ca.pem") as mock:
            test_tls(mock, web, work)
            test_odd_answers(mock, plain)
            test_nobody_there(mock)
            test_rotation(mock, plain)
            test_ec(mock, plain)
            suite.keeps_secrets(mock)
        test_slow_url(plain)
    suite.done(150)


main()
