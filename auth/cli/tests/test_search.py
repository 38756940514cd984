#!/usr/bin/env python3
"""epic-auth search over Bundles of every make: indented, with included resources, with a last page that names itself, with links
as servers write them. What came is printed, one resource a line, before any error; a command ends in about one timeout."""
import http.server
import json
import os
import subprocess
import sys
import threading
import time

EPIC_AUTH = os.path.join(os.environ["EPIC_BIN_DIR"], "epic-auth")
KEY = os.path.join(os.environ["EPIC_FIXTURES_DIR"], "keys", "rsa2048_a.TESTKEY.pem")
SLOW = int(os.environ.get("EPIC_SLOW") or 3)
TOKEN = json.dumps({"access_token": "t" * 40, "token_type": "Bearer", "expires_in": 3600}).encode()
failures = 0


def entry(kind, name, mode="match"):
    return {"resource": {"resourceType": kind, "id": name, "text": "a  b\n"}, "search": {"mode": mode}}


def bundle(*entries, following=None, indent=None):
    links = [{"relation": "self", "url": "x"}] + ([{"relation": "next", "url": following}] if following else [])
    return json.dumps({"resourceType": "Bundle", "link": links, "entry": list(entries)}, indent=indent).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    pages = {}  # what follows /R4/ -> body, or (status, headers, body)

    def log_message(self, *args):
        pass

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, {"Content-Type": "application/json"}, TOKEN)

    def do_GET(self):
        page = self.pages.get(self.path.removeprefix("/R4/"), (404, {"Content-Type": "text/html"}, b"<html>"))
        if page == "silent":
            time.sleep(5)
        elif isinstance(page, bytes):
            self.answer(200, {"Content-Type": "application/fhir+json"}, page)
        else:
            self.answer(*page)


def check(name, port, pages, ids, status, *texts, options=()):
    global failures
    Handler.pages = pages
    environment = {**os.environ, "EPIC_BACKEND_CLIENT_ID": "me", "EPIC_PRIVATE_KEY_PATH": KEY, "NO_PROXY": "127.0.0.1",
                   "EPIC_TOKEN_URL": f"http://127.0.0.1:{port}/token", "EPIC_FHIR_BASE_URL": f"http://127.0.0.1:{port}/R4"}
    done = subprocess.run([EPIC_AUTH, "search", "--env-file", "", *options, "Patient", "family=x"], env=environment,
                          capture_output=True, text=True, check=False, timeout=60 * SLOW)
    try:
        got = " ".join(json.loads(line)["id"] for line in done.stdout.splitlines())
    except (ValueError, KeyError):
        got = f"lines that are no resources: {done.stdout}"
    missing = [text for text in texts if text not in done.stderr]
    if got != ids or done.returncode != status or missing:
        failures += 1
        print(f"FAILED: {name}: \"{got}\", status {done.returncode}, {done.stderr}")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    a, b, c = entry("Patient", "a"), entry("Patient", "b"), entry("Patient", "c")
    first = "Patient?family=x"
    last = bundle(c)
    outcome = {"resource": {"resourceType": "OperationOutcome", "issue": [{"severity": "warning", "code": "x", "diagnostics": "hm"}]},
               "search": {"mode": "outcome"}}
    check("indented", port, {first: bundle(a, b, following="?p=2", indent=2), "Patient?p=2": bundle(c, indent=8)}, "a b c", 0)
    check("included", port, {first: bundle(a, entry("Organization", "o", "include"), b)}, "a o b", 0)
    check("a remark", port, {first: bundle(a, outcome, b)}, "a b", 0, "hm")
    check("itself", port, {first: bundle(a, following="?p=2"), "Patient?p=2": bundle(b, following="?p=2")}, "a b", 8, "leads back")
    check("back", port, {first: bundle(a, following="?p=2"), "Patient?p=2": bundle(b, following="?family=x")}, "a b", 8, "leads back")
    for link, path in (("?date=ge2026-01-01T00:00:00Z&p=2", "Patient?date=ge2026-01-01T00:00:00Z&p=2"),
                       (f"HTTP://127.0.0.1:{port}/R4/Patient?p=2", "Patient?p=2"), ("?n=van der X", "Patient?n=van%20der%20X"),
                       ("/R4/./Patient?p=2", "Patient?p=2")):
        check(f"link {link}", port, {first: bundle(a, b, following=link), path: last}, "a b c", 0)
    check("a long link", port, {first: bundle(a, following="?" + "x" * 70000)}, "a", 8, "longer than 64 KiB")
    check("another origin", port, {first: bundle(a, following="http://127.0.0.1:9/R4/Patient?p=2")}, "a", 8, "http://127.0.0.1:9/R4/Patient")
    odd = {"resource": None}
    check("no resource", port, {first: bundle(a, odd, b, following="?p=2"), "Patient?p=2": last}, "a b c", 8, "1 of the entries")
    twice = bundle(a, b).replace(b'"id": "a"', b'"id": "a", "id": "a", "n": 1e999')
    check("a repeated member", port, {first: twice}, "a b", 0)
    check("page 2 in HTML", port, {first: bundle(a, following="?p=2")}, "a", 8, "/R4/Patient?... answered HTTP 404 with a web page", "EPIC_FHIR_BASE_URL")
    check("page 2 busy", port, {first: bundle(a, following="?p=2"), "Patient?p=2": (503, {"Retry-After": "9999"}, b"")}, "a", 9, "a pause of 9999 s")
    check("page 2 half", port, {first: bundle(a, following="?p=2"), "Patient?p=2": last[:60]}, "a", 8, "ends too early")
    check("an OperationOutcome", port, {first: json.dumps(outcome["resource"]).encode()}, "", 8, "hm")
    started = time.monotonic()
    check("page 2 silent", port, {first: bundle(a, following="?p=2"), "Patient?p=2": "silent"}, "a", 4, options=("--timeout", "1"))
    if time.monotonic() - started > 4 * SLOW:
        print(f"FAILED: silence of one timeout took {time.monotonic() - started:.1f} s")
        return 1
    print(f"{failures} failures")
    return 1 if failures else 0


sys.exit(main())
