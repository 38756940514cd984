#!/usr/bin/env bash
# HTTP that a server must not be fooled by, sent as raw bytes to a real mock-epic.
set -u
work=$(mktemp -d)
"$EPIC_BIN_DIR/mock-epic" serve --listen 127.0.0.1:0 --ready-file "$work/ready" --log-level error >/dev/null &
mock=$!
trap 'kill $mock 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 200); do [ -s "$work/ready" ] && break || sleep 0.05; done
/usr/bin/python3 - "$work/ready" <<'PYTHON' || exit 1
import json
import socket
import sys
import time
from urllib.parse import urlsplit

with open(sys.argv[1]) as file:
    ready = json.load(file)
port = urlsplit(ready["url"]).port
TOKEN = "/interconnect-fhir-oauth/oauth2/token"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


def send(data, wait=2.0):
    """All bytes the server answers until it closes or falls silent."""
    with socket.create_connection(("127.0.0.1", port), 5) as s:
        s.settimeout(wait)
        try:
            s.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))
        except OSError:
            pass
        out = b""
        try:
            while chunk := s.recv(65536):
                out += chunk
        except OSError:
            pass
        return out


def statuses(answer):
    return [int(line.split()[1]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


def post(headers, body, target=TOKEN):
    return f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{FORM}{headers}\r\n{body}"


bad = []


def expect(name, data, allowed):
    started = time.monotonic()
    got = statuses(send(data))
    took = time.monotonic() - started
    if got not in allowed:
        bad.append(f"{name}: {got}, expected one of {allowed}")
    if took > 2.5:
        bad.append(f"{name}: took {took:.1f} s")


smuggled = "GET /mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
once = [[400], [413], [501], []]
# What libmicrohttpd 0.9.75 refuses by itself it refuses with its status line and headers written twice, then it closes.
its_own = [[400], [400, 400], [413], [413, 413]]
expect("good form, bad grant", post("Content-Length: 12\r\n", "grant_type=x"), [[400]])
expect("length and chunked", post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + smuggled), once)
expect("two lengths", post("Content-Length: 4\r\nContent-Length: 5\r\n", "a=12" + smuggled), once)
expect("two equal lengths", post("Content-Length: 3\r\nContent-Length: 3\r\n", "a=1"), once)
expect("xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), once)
expect("gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), once)
expect("negative length", post("Content-Length: -1\r\n", ""), its_own)
expect("plus length", post("Content-Length: +3\r\n", "a=1"), its_own)
expect("hex length", post("Content-Length: 0x3\r\n", "a=1"), its_own)
expect("length 2^64", post("Content-Length: 18446744073709551616\r\n", ""), its_own)
expect("declared 10 GiB", post("Content-Length: 10737418240\r\n", ""), [[413], [400]])
expect("65537 bytes", post("Content-Length: 65537\r\n", ""), [[413]])
expect("65536 bytes", post("Content-Length: 65536\r\n", "a=" + "x" * 65534), [[400]])
expect("chunked form", post("Transfer-Encoding: chunked\r\n", "3\r\na=1\r\n0\r\n\r\n"), [[400]])
expect("two hosts", f"GET /mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil\r\nConnection: close\r\n\r\n", [[400]])
expect("no host", "GET /mock/health HTTP/1.1\r\nConnection: close\r\n\r\n", [[400]])
expect("space before colon", "GET /mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\nX : y\r\nConnection: close\r\n\r\n", [[400]])
expect("unknown method", "BREW /mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", [[405], [501]])
expect("lower-case method", "get /mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", [[405]])
expect("TRACE", f"TRACE {TOKEN} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", [[405]])
expect("absolute form", "GET http://evil/mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", [[400]])
expect("URL of 8 KiB", f"GET /{'a' * 8191} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", [[404]])
expect("one byte more", f"GET /{'a' * 8192} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", [[414]])
expect("header of 8 KiB", f"GET /mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX: {'a' * 8192}\r\n\r\n", [[200]])
expect("long URL", f"GET /{'a' * 40000} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", [[414], [431], []])
expect("many headers", "GET /mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\n" + "X: y\r\n" * 3000 + "\r\n", [[431], []])
expect("65 headers", "GET /mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + "X: y\r\n" * 63 + "\r\n", [[431]])
expect("64 headers", "GET /mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" + "X: y\r\n" * 62 + "\r\n", [[200]])
expect("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20, [[400], []])
expect("foreign host header", "GET /mock/health HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", [[403]])
expect("GET token", f"GET {TOKEN} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", [[400]])
expect("HEAD metadata", "HEAD /interconnect-fhir-oauth/api/FHIR/R4/metadata HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", [[200]])
for _ in range(200):  # connections that vanish in the middle of a body
    s = socket.create_connection(("127.0.0.1", port), 5)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    s.sendall(post("Content-Length: 1000\r\n", "a=").encode())
    s.close()
idle = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(300)]
expect("among 300 idle connections", "GET /mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", [[200]])
for s in idle:
    s.close()
expect("after all that", "GET /mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n", [[200]])
print("\n".join(bad))
sys.exit(1 if bad else 0)
PYTHON
started=$(date +%s)
kill -TERM $mock
wait $mock
status=$?
trap 'rm -rf "$work"' EXIT
[ "$status" -eq 0 ] && [ $(($(date +%s) - started)) -le 5 ] || { echo "stop: status $status"; exit 1; }
[ ! -e "$work/ready" ]
