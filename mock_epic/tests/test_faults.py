#!/usr/bin/env python3
"""What faults do on the wire, byte for byte, and what waiting costs: no thread, and nobody else's time."""
import contextlib
import gzip
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor

from harness import FHIR, SLOW, Client, Mock, Suite, Web, eventually, private_key, public_jwk

suite = Suite()
PATH = FHIR + "/.well-known/smart-configuration"
MANY = 1000


def read(mock, path=PATH):
    """(head, body, how it ended, seconds)"""
    started, out = time.monotonic(), b""
    with mock.connect(30 * SLOW) as s:
        s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{mock.port}\r\nConnection: close\r\n\r\n".encode())
        end = "closed"
        try:
            while chunk := s.recv(65536):
                out += chunk
        except ConnectionResetError:
            end = "reset"
    head, _, body = out.partition(b"\r\n\r\n")
    return head.decode(), body, end, time.monotonic() - started


def header(head, name):
    return next((line.split(": ", 1)[1] for line in head.split("\r\n") if line.lower().startswith(name.lower() + ": ")), "")


def with_fault(mock, action, **match):
    status, answer = mock.admin("POST", "/faults", {"match": match, "action": action})
    suite.check(status == 201, f"{action}: {status} {answer}")
    result = read(mock)
    mock.request("DELETE", "/mock/faults")
    return result


def case(mock, action, holds):
    head, body, end, seconds = with_fault(mock, action)
    suite.check(holds(head, body, end, seconds), f"{action}: {head!r} {body[:80]!r} {len(body)} {end} {seconds}")


def threads(mock):
    return mock.status_line("Threads")


def ask(mock):
    s = mock.connect(60 * SLOW)
    s.sendall(f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{mock.port}\r\n\r\n".encode())
    return s


with Mock() as mock:
    whole = read(mock)[1]
    size = len(whole)
    length = str(size)
    case(mock, {"status": 503, "headers": {"Retry-After": "7"}}, lambda h, b, e, s: h.startswith("HTTP/1.1 503") and header(h, "Retry-After") == "7" and b == b"")
    case(mock, {"body": "<h1>502</h1>", "status": 502}, lambda h, b, e, s: b == b"<h1>502</h1>" and header(h, "Content-Type").startswith("text/html"))
    case(mock, {"reset": "before"}, lambda h, b, e, s: h == "" and e == "reset")
    case(mock, {"reset": 0}, lambda h, b, e, s: b == b"" and e == "reset")
    case(mock, {"reset": 100}, lambda h, b, e, s: b == whole[:100] and e == "reset")
    case(mock, {"truncate": 0}, lambda h, b, e, s: b == b"" and e == "closed" and header(h, "Content-Length") == length)
    case(mock, {"truncate": 100}, lambda h, b, e, s: b == whole[:100] and e == "closed" and header(h, "Content-Length") == length)
    case(mock, {"truncate": size}, lambda h, b, e, s: b == whole and e == "closed" and header(h, "Content-Length") == length)
    case(mock, {"wrong_content_length": 1}, lambda h, b, e, s: b == whole and header(h, "Content-Length") == str(size + 1))
    case(mock, {"wrong_content_length": -1}, lambda h, b, e, s: b == whole and header(h, "Content-Length") == str(size - 1))
    case(mock, {"wrong_content_length": -size - 5}, lambda h, b, e, s: b == whole and header(h, "Content-Length") == "0")
    case(mock, {"gzip": True}, lambda h, b, e, s: gzip.decompress(b) == whole and header(h, "Content-Encoding") == "gzip")
    case(mock, {"pad_to": 200000}, lambda h, b, e, s: len(b) == 200000 and json.loads(b) == json.loads(whole))
    case(mock, {"set_field": {"issuer": "x"}, "drop_field": ["jwks_uri"]},
         lambda h, b, e, s: json.loads(b) == {**{k: v for k, v in json.loads(whole).items() if k != "jwks_uri"}, "issuer": "x"})
    case(mock, {"redirect": {"to": "same"}}, lambda h, b, e, s: h.startswith("HTTP/1.1 307") and header(h, "Location") == f"http://127.0.0.1:{mock.port}{PATH}")
    case(mock, {"redirect": {"to": "foreign", "status": 302}}, lambda h, b, e, s: header(h, "Location") == f"http://localhost:{mock.port}{PATH}")
    case(mock, {"delay_ms": 200}, lambda h, b, e, s: b == whole and s >= 0.2)
    case(mock, {"drip": {"bytes": size // 4 + 1, "every_ms": 60}}, lambda h, b, e, s: b == whole and s >= 0.18)
    case(mock, {"drip": {"bytes": 1, "every_ms": 0}}, lambda h, b, e, s: b == whole)
    case(mock, {"drip": {"bytes": 50, "every_ms": 1}, "truncate": 120, "delay_ms": 1}, lambda h, b, e, s: b == whole[:120])
    suite.check(read(mock)[1] == whole, "nothing is left of the faults")

    # a redirect that is followed shows by the name it came by
    mock.admin("POST", "/faults", {"match": {"nth": 1}, "action": {"redirect": {"to": "foreign"}}})
    target = header(read(mock)[0], "Location")
    suite.check(mock.send(f"GET {PATH} HTTP/1.1\r\nHost: {target.split('/')[2]}\r\nConnection: close\r\n\r\n").status == 200, "the foreign name is ours")
    newest = mock.admin("GET", "/journal?limit=1")[1][0]
    suite.check(newest["authority"] == f"localhost:{mock.port}" and newest["faults"] == [] and newest["foreign"], str(newest))
    read(mock)
    suite.check("foreign" not in mock.admin("GET", "/journal?limit=1")[1][0], "its own name is not")
    mock.request("DELETE", "/mock/faults")

    # a thousand that wait
    before = threads(mock)
    mock.admin("POST", "/faults", {"match": {"route": "discovery"}, "action": {"delay_ms": 3600000}})
    with contextlib.ExitStack() as stack:
        waiting = [stack.enter_context(ask(mock)) for _ in range(MANY)]
        suite.check(eventually(lambda: mock.admin("GET", "/faults")[1][0]["hits"] == MANY, 30 * SLOW), "all are waiting")
        suite.check(threads(mock) <= before + 1, f"{threads(mock)} threads, {before} before")
        suite.check(read(mock, FHIR + "/metadata")[0].startswith("HTTP/1.1 200"), "somebody else does not wait")
        mock.request("DELETE", "/mock/faults")
        with ThreadPoolExecutor(8) as pool:
            heads = list(pool.map(lambda s: s.recv(15), waiting))
        suite.check(all(head == b"HTTP/1.1 200 OK" for head in heads), "the end of the fault ends the waiting")

    # a JWK Set that is fetched, here from this very server, and from another: late ones, and too late ones
    web = Web()
    key = private_key("rsa2048_a")
    jwks = json.dumps({"keys": [public_jwk(key, kid="a")]}).encode()
    web.serve("/jwks", jwks)
    mock.register("kept-elsewhere", jwks_url=web.url("/jwks"))
    mock.register("kept-here", jwks_url=f"http://127.0.0.1:{mock.port}/mock/jwks/kept-here")
    suite.check(mock.request("PUT", "/mock/jwks/kept-here", jwks, ["Content-Type: application/json"]).status == 200, "publishing a set")
    for client_id, asked in (("kept-elsewhere", lambda: web.count("/jwks")), ("kept-here", lambda: 1)):
        client = Client(mock, client_id, key, {"kid": "a"})
        mock.admin("POST", "/faults", {"match": {"route": "jwks", "nth": 1}, "action": {"delay_ms": 300}})
        answer = client.post(client.jwt())
        suite.check(answer.status == 200 and answer.seconds >= 0.3, f"{client_id}: a late set: {answer.statuses} {answer.seconds}")
        suite.check(mock.admin("GET", "/faults")[1][0]["count"] == 1 and asked() == 1, f"{client_id}: one fetch counts once")
        mock.request("DELETE", "/mock/faults")
        mock.admin("POST", "/reset", {"what": ["jwks"]})
        mock.admin("POST", "/faults", {"match": {"route": "jwks"}, "action": {"drip": {"bytes": 1, "every_ms": 3600000}}})
        with ThreadPoolExecutor(1) as pool:
            late = pool.submit(client.post, client.jwt())
            suite.check(eventually(lambda: mock.admin("GET", "/faults")[1][0]["hits"] == 1, 5), f"{client_id}: the fault acts")
            mock.request("DELETE", "/mock/faults")
            suite.check(late.result().status == 200, f"{client_id}: its end ends the wait: {late.result().statuses}")
        mock.admin("POST", "/reset", {"what": ["jwks"]})
    mock.admin("POST", "/faults", {"match": {"route": "jwks"}, "action": {"delay_ms": 3600000}})
    mock.patience = 60 * SLOW
    client = Client(mock, "kept-elsewhere", key, {"kid": "a"})
    answer = client.post(client.jwt())
    suite.check(answer.status == 400 and "did not answer within 5 s" in mock.verdicts(answer)[1], f"too late: {answer.statuses}")
    mock.request("DELETE", "/mock/faults")

    # the end of the server does, too; and what drips
    mock.admin("POST", "/faults", {"match": {"nth": 1}, "action": {"delay_ms": 3600000}})
    mock.admin("POST", "/faults", {"match": {"nth": 2}, "action": {"drip": {"bytes": 1, "every_ms": 3600000}}})
    with ask(mock) as late, ask(mock) as dripping:
        suite.check(eventually(lambda: sum(fault["hits"] for fault in mock.admin("GET", "/faults")[1]) == 2, 30 * SLOW), "both wait")
        started = time.monotonic()
        status = mock.stop()
        suite.check(status == 0 and time.monotonic() - started < 60 * SLOW, f"{status} after {time.monotonic() - started}")
        suite.check(late.recv(15) == b"HTTP/1.1 200 OK", "the late one is answered at the stop")
        out = b""
        with contextlib.suppress(socket.timeout, ConnectionResetError):
            while chunk := dripping.recv(65536):
                out += chunk
        suite.check(out.endswith(whole), f"what drips is finished at the stop: {len(out)}")
suite.done(least=50)
