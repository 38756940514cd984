#!/usr/bin/python3
"""Connections, not requests: answers that must arrive while the client still writes, memory that clients hold, who is let in
from where, and stopping while requests wait."""
import contextlib
import http.client
import json
import os
import re
import signal
import socket
import ssl
import tempfile
import threading
import time

from harness import FHIR, FORM_TYPE, SANITIZER, SLOW, TOKEN, Client, Mock, Suite, Web, certificate, eventually, private_key, public_jwk

A = private_key("rsa2048_a")
suite = Suite()


# ---- answers to who still writes (RFC 9112 9.6) ----

def ask(make, method, path, body, headers, **how):
    """The status that Python's own client sees: it writes all of the body before it reads."""
    client = make()
    try:
        client.request(method, path, body, headers, **how)
        return client.getresponse().status
    except OSError as error:
        return repr(error)
    finally:
        client.close()


def test_answers_arrive(make, name, rounds):
    form = {"Content-Type": FORM_TYPE}
    big, huge = b"client_assertion=" + b"x" * 2 ** 20, b"x" * 4 * 2 ** 20
    rows = (("413", 413, "POST", TOKEN, big, form), ("413, 4 MiB", 413, "POST", TOKEN, huge, form),
            ("413 of a search", 413, "POST", FHIR + "/Patient/_search", big, form), ("413 of GET", 413, "GET", TOKEN, big, {}),
            ("413 at the admin API", 413, "POST", "/mock/apps", huge, {}),
            ("403 of POST", 403, "POST", "/mock/apps", big[:1000000], {"Host": "evil.example"}),
            ("403 of PUT", 403, "PUT", "/mock/clock", big[:1000000], {"Host": "evil.example"}),
            ("403 of DELETE", 403, "DELETE", "/mock/journal", b"x" * 60000, {"Host": "evil.example"}),
            ("403 of PATCH", 403, "PATCH", "/mock/clock", b"x" * 60000, {"Host": "evil.example"}),
            ("403 of GET", 403, "GET", "/mock/clock", b"x" * 60000, {"Host": "evil.example"}),
            ("403, foreign page", 403, "POST", "/mock/apps", big[:1000000], {"Origin": "http://evil.example"}),
            ("400, no such Host", 400, "POST", TOKEN, big, {"Host": "user@localhost"}), ("400, NUL", 400, "POST", TOKEN + "%00", b"", {}),
            ("405", 405, "BREW", TOKEN, big, {}), ("414", 414, "POST", "/" + "x" * 9000, big, {}), ("431", 431, "POST", TOKEN, big, {f"X-{i}": "y" for i in range(70)}),
            ("431, one header", 431, "POST", TOKEN, big, {"X": "y" * 20000}), ("401", 401, "POST", FHIR + "/Patient/_search", b"x=" * 30000, form),
            ("415 of old", 400, "POST", TOKEN, b"x" * 60000, {"Content-Type": "text/plain"}))
    for what, status, method, path, body, headers in rows:
        if status == 400 and what == "400, NUL":
            continue  # nothing to write, nothing to lose
        got = [ask(make, method, path, body, headers) for _ in range(rounds)]
        suite.check(set(got) == {status}, f"{name}, {what}: {[g for g in got if g != status][:3]} of {rounds}, expected {status}")
        chunks = lambda: iter([body[i:i + 50000] for i in range(0, len(body), 50000)])
        if status != 431:
            got = ask(make, method, path, chunks(), {**headers, "Transfer-Encoding": "chunked"}, encode_chunked=True)
            suite.check(got == status, f"{name}, {what}, chunked: {got}")


def test_expect(mock):
    """Who asks first gets the answer and need not send."""
    head = f"POST {{0}} HTTP/1.1\r\nHost: {{1}}\r\nContent-Type: {FORM_TYPE}\r\nExpect: 100-continue\r\nContent-Length: {{2}}\r\n\r\n"
    for name, target, host, length, status in (("too long", TOKEN, "localhost", 100000, 413), ("foreign", "/mock/apps", "evil.example", 1000, 403),
                                               ("no Host of ours", TOKEN, "a@b", 10, 400)):
        answer = mock.send(head.format(target, host, length))
        suite.check(answer.statuses == [status], f"Expect, {name}: {answer.statuses}")
    answer = mock.send(head.format(TOKEN, "localhost", 3), wait=0.5)
    suite.check(answer.statuses == [100], f"Expect, welcome: {answer.statuses}")


def in_pieces(mock, data, n):
    """The statuses of all that comes back when the bytes arrive n at a time."""
    out = b""
    with mock.connect() as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for i in range(0, len(data), n):
            s.sendall(data[i:i + n])
            time.sleep(0.0005)
        s.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            while chunk := s.recv(65536):
                out += chunk
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", out)]


def test_pieces(mock):
    """However the bytes of requests arrive, the same is seen of them, and what stands behind a NUL is not overlooked."""
    host = b"Host: localhost\r\n"
    get = b"GET /mock/journal?limit=1&kind=token HTTP/1.1\r\n" + host + b"X: \t y \r\nEmpty:\r\n\r\n"
    big = b"GET /mock/clock HTTP/1.1\r\n" + host + b"X: " + b"a" * 7000 + b"\r\nY: z\r\n\r\n"
    uri = b"GET /mock/journal?client_id=" + b"a" * 7000 + b" HTTP/1.1\r\n" + host + b"\r\n"
    post = b"POST /mock/clock/advance HTTP/1.1\r\n" + host + b'Content-Length: 13\r\n\r\n{"seconds":0}'
    chunked = b"POST /mock/clock/advance HTTP/1.1\r\n" + host + b'Transfer-Encoding: chunked\r\n\r\n5;x=y\r\n{"sec\r\n8\r\nonds":0}\r\n0\r\nT: x\r\n\r\n'
    nul = b"GET /mock/clock HTTP/1.1\r\n" + host[:-2] + b"\0.evil\r\nX: y\r\n\r\n"
    folded = b"GET /mock/clock HTTP/1.1\r\n" + host + b"X: y\r\n z\r\n\r\n"
    for name, data, statuses in (("a request", get, [200]), ("many", get * 30, [200] * 30), ("big ones between", (get + big) * 3, [200] * 6), ("long queries", uri * 2 + get, [200] * 3),
                                 ("bodies", post + chunked + get + post, [200] * 4), ("empty lines before", b"\r\n\r\n" + get, [200]), ("HTTP/1.0", b"GET /mock/health HTTP/1.0\r\n\r\n", [200]),
                                 ("a NUL", nul, [400]), ("a NUL in the third", get + big + nul, [200, 200, 400]), ("a folded line in the third", get + post + folded, [200, 200, 400])):
        for n in (1, 7, 100, 1500, len(data)):
            if n > 1 or len(data) < 2000:
                got = in_pieces(mock, data, n)
                suite.check(got == statuses, f"{name}, {n} bytes at a time: {got}")


def test_lingering_ends(mock):
    """Not for ever, and not for many: who never stops writing is cut, and the server has its descriptors back."""
    before = mock.fds()
    started, sent = time.monotonic(), 0
    with mock.connect() as s:
        s.sendall(f"POST {TOKEN} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n".encode())
        with contextlib.suppress(OSError):
            while sent < 2 ** 30:
                sent += s.send(b"x" * 65536)
        suite.check(sent < 100 * 2 ** 20, f"{sent} bytes were taken of a body that was refused")
    suite.check(time.monotonic() - started < 10 * SLOW, f"cut after {time.monotonic() - started:.1f} s")
    with mock.connect() as s:
        s.sendall(f"POST {TOKEN} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        sent = 0
        with contextlib.suppress(OSError):
            while sent < 2 ** 30:
                sent += s.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")
        suite.check(sent < 100 * 2 ** 20, f"{sent} bytes were taken of chunks without end")
    quiet = []
    for _ in range(300):
        s = mock.connect()
        s.sendall(f"POST {TOKEN} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n".encode())
        quiet.append(s)
    suite.check(eventually(lambda: mock.fds() <= before + 2), f"{mock.fds()} descriptors for {len(quiet)} that were refused and stay, {before} before")
    for s in quiet:
        s.close()
    suite.check(mock.request("GET", "/mock/health").status == 200, "after all that")


# ---- memory ----

def hold(mock, count, host, size, headers=""):
    """Connections that have sent all of a body but its last byte."""
    peers = []
    for _ in range(count):
        s = mock.connect()
        s.sendall(f"POST /mock/apps HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {size}\r\n\r\n".encode())
        with contextlib.suppress(OSError):
            s.sendall(b" " * (size - 1))
        peers.append(s)
    return peers


def test_memory():
    with Mock("--no-default-fixtures") as mock:
        before = mock.rss_kib()
        for name, host, headers in (("a foreign Host", "evil.example", ""), ("a foreign page", "localhost", "Origin: http://evil.example\r\n")):
            peers = hold(mock, 300, host, 2 ** 20, headers)
            grown = mock.rss_kib() - before
            suite.check(SANITIZER or grown < 24 * 1024, f"{name}: 300 bodies of 1 MiB cost {grown} KiB")
            answer = peers[0].recv(100)
            suite.check(answer.startswith(b"HTTP/1.1 403"), f"{name}: {answer}")
            for s in peers:
                s.close()
        peers = hold(mock, 150, "localhost", 2 ** 20)
        grown = mock.rss_kib() - before
        suite.check(SANITIZER or grown < 110 * 1024, f"150 bodies of 1 MiB cost {grown} KiB")
        suite.check(mock.request("GET", "/mock/health").status == 200, "a request without a body, meanwhile")
        statuses = []
        for s in peers:
            s.sendall(b" ")
            s.settimeout(5 * SLOW)
            data = s.recv(4096)
            statuses.append(int(data[9:12] or 0))
            if statuses[-1] == 503:
                suite.check(b"\r\nRetry-After: " in data, f"503 without Retry-After: {data}")
            s.close()
        suite.check(set(statuses) == {400, 503}, f"150 bodies at a time: {sorted(set(statuses))}")
        answer = mock.request("POST", "/mock/apps", b" " * 2 ** 20)
        suite.check(answer.status == 400, f"afterwards: {answer.statuses}")


def test_unread_answers():
    """Answers that nobody reads: what they hold is bounded, and given back."""
    with Mock("--no-default-fixtures") as mock:
        client = http.client.HTTPConnection("127.0.0.1", mock.port, timeout=10 * SLOW)
        for i in range(500):
            client.request("POST", "/mock/apps", json.dumps({"client_id": f"app-{i}", "certificate": certificate("rsa2048_a"),
                                                             "scopes": [f"system/Patient.r?x={n}" for n in range(300)]}))
            answer = client.getresponse()
            answer.read()
            suite.check(answer.status == 201, f"an app: {answer.status}")
        client.close()
        size = len(mock.request("GET", "/mock/apps").body)
        peers = []
        before = mock.rss_kib()
        for _ in range(400 * 2 ** 20 // size):
            s = socket.socket()
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            s.connect(("127.0.0.1", mock.port))
            s.sendall(b"GET /mock/apps HTTP/1.1\r\nHost: localhost\r\n\r\n")
            peers.append(s)
        refused = 0
        for s in peers:
            s.settimeout(20 * SLOW)
            refused += s.recv(12).endswith(b"503")
        grown = mock.rss_kib() - before
        for s in peers:
            s.close()
        suite.check(SANITIZER or grown < 200 * 1024, f"{len(peers)} answers of {size} bytes that nobody reads cost {grown} KiB")
        suite.check(0 < refused < len(peers), f"{refused} of {len(peers)} answers were refused")
        suite.check(eventually(lambda: mock.request("GET", "/mock/apps").status == 200), "afterwards")


# ---- from where ----

def test_every_address():
    """[::] is IPv4 too, and 127.0.0.1 is loopback however it is written."""
    if not (socket.has_ipv6 and os.path.exists("/proc/net/if_inet6") and os.path.getsize("/proc/net/if_inet6")):
        return
    with Mock("--listen", "[0:0::0]:0") as mock:
        suite.check(mock.ready["url"].startswith(f"http://[::1]:{mock.port}/"), f"the URL of [0:0::0]: {mock.ready['url']}")
        for address in ("127.0.0.1", "127.0.0.2", "::1"):
            for path, host, status in (("/mock/clock", f"localhost:{mock.port}", 200), ("/mock/clock", "mock:8423", 403), ("/mock/health", "mock:8423", 200)):
                client = http.client.HTTPConnection(address, mock.port, timeout=5 * SLOW)
                client.request("GET", path, headers={"Host": host})
                answer = client.getresponse()
                body = answer.read()
                suite.check(answer.status == status, f"{path} on {address} as {host}: {answer.status} {body[:200]}")
                client.close()


# ---- stopping ----

def pipelined(mock, web):
    """Connections that each ask for many tokens of an app whose JWK Set is fetched for every request."""
    client = Client(mock, "waits", A, {"kid": "a"})
    peers = []
    for _ in range(40):
        s = mock.connect()
        requests = b""
        for _ in range(12):
            body = "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=" + client.jwt()
            mock.remember(body.rpartition("=")[2])
            requests += f"POST {TOKEN} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM_TYPE}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        s.sendall(requests)
        peers.append(s)
    return peers


def test_stop_while_requests_wait():
    web = Web()
    web.serve("/keys", json.dumps({"keys": [public_jwk(A, kid="a")]}).encode(), headers=[("Cache-Control", "no-store")])
    with tempfile.TemporaryDirectory() as work:
        ready = os.path.join(work, "ready")
        for i in range(6):
            with Mock("--no-default-fixtures", "--threads", str(1 + i % 3), "--ready-file", ready) as mock:
                mock.register("waits", jwks_url=web.url("/keys"))
                suite.check(os.path.exists(ready), "the ready file")
                peers = pipelined(mock, web)
                time.sleep(0.02 * i)
                mock.process.send_signal(signal.SIGTERM)
                status = mock.stop()
                suite.check(status == 0 and not os.path.exists(ready), f"stopped while requests waited, round {i}: {status}, ready file {os.path.exists(ready)} {mock.log()[-300:]}")
                for s in peers:
                    s.close()
    web.server.shutdown()


def trusting(path):
    return ssl.create_default_context(cafile=path)


def main():
    rounds = 20 if not SANITIZER else 3
    with tempfile.TemporaryDirectory() as work:
        with Mock() as mock:
            test_answers_arrive(lambda: http.client.HTTPConnection("127.0.0.1", mock.port, timeout=10 * SLOW), "http", rounds)
            test_expect(mock)
            test_pieces(mock)
            test_lingering_ends(mock)
        authority = os.path.join(work, "ca.pem")
        with Mock("--tls", "--tls-ca-file", authority) as mock:
            context = trusting(authority)
            test_answers_arrive(lambda: http.client.HTTPSConnection("127.0.0.1", mock.port, timeout=10 * SLOW, context=context), "https", 3)
    test_memory()
    test_unread_answers()
    test_every_address()
    test_stop_while_requests_wait()
    suite.done(150)


main()
