#!/usr/bin/python3
"""TLS as clients meet it: curl, the openssl command line, Python, Node and epic-auth against --tls and given files; what is
refused at the start; a peer that stalls, or speaks plain HTTP; nothing secret left behind."""
import contextlib
import glob
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from harness import BIN, FHIR, MOCK_EPIC, SANITIZER, SLOW, Client, Mock, Suite, Web, certificate, private_key, public_jwk, to_json

suite = Suite()
PATIENT = "erXuFYUfucBZaryVksYEcMg3"
CLEAN = {name: value for name, value in os.environ.items() if "CA" not in name and "SSL" not in name}


def command(*arguments, timeout=30, **more):
    return subprocess.run(arguments, capture_output=True, text=True, timeout=timeout * SLOW, check=False, stdin=subprocess.DEVNULL,
                          **more)


def openssl(*arguments, **more):
    done = command("openssl", *arguments, **more)
    if done.returncode != 0:
        raise SystemExit(f"openssl {arguments}: {done.stderr}")


class Server:
    def __init__(self, *options):
        self.process = subprocess.Popen([MOCK_EPIC, "serve", "--listen", "127.0.0.1:0", *options], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, env=CLEAN)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("mock-epic did not start: " + self.process.stderr.read())
        self.ready = json.loads(line)
        self.url = self.ready["admin_url"]
        self.port = urlsplit(self.url).port

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        suite.check(self.process.wait(10 * SLOW) == 0, "the exit status of a TLS server")
        self.log = self.process.stderr.read()
        suite.check("PRIVATE KEY" not in self.log, "a private key is in the log")

    def health(self, ca, host="localhost"):
        """What a client says that trusts `ca`: the answer's status, or its complaint."""
        context = ssl.create_default_context(cafile=ca)
        url = f"https://{host}:{self.port}/mock/health"
        try:
            with urllib.request.urlopen(url, context=context, timeout=5 * SLOW) as answer:
                return json.load(answer)["status"]
        except (urllib.error.URLError, OSError) as error:
            return str(error)


def client(port, *options):
    """openssl s_client: its output and exit status."""
    done = command("openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options, env=CLEAN)
    return done.returncode, done.stdout + done.stderr


class TlsMock(Mock):
    """The harness's server, talked to over TLS with the same raw bytes."""

    def __init__(self, ca, *options):
        super().__init__("--tls", "--tls-ca-file", ca, *options)
        self.context = ssl.create_default_context(cafile=ca)

    def connect(self, timeout=5 * SLOW):
        return self.context.wrap_socket(super().connect(timeout), server_hostname="localhost")


# ---- a throw-away authority ----

def generated(work):
    ca = f"{work}/ca.pem"
    with Server("--tls", "--tls-ca-file", ca) as server:
        suite.check(server.ready["ca_file"] == ca and server.ready["token_url"].startswith("https://"), f"{server.ready}")
        suite.check(os.stat(ca).st_mode & 0o777 == 0o644, "the mode of the authority's certificate")
        with open(ca, encoding="ascii") as file:
            suite.check("PRIVATE" not in file.read(), "the authority's key is in its file")
        for host in ("localhost", "127.0.0.1"):
            suite.check(server.health(ca, host) == "ok", f"{host}: {server.health(ca, host)}")
        suite.check("verify failed" in server.health(None), "a client without the authority")
        for name, option, accepted in (("localhost", "-verify_hostname", True), ("127.0.0.1", "-verify_ip", True),
                                       ("::1", "-verify_ip", True), ("localhost.example", "-verify_hostname", False),
                                       ("127.0.0.2", "-verify_ip", False)):
            status, out = client(server.port, "-CAfile", ca, "-verify_return_error", option, name)
            suite.check((status == 0 and "Verification: OK" in out) == accepted, f"{name}: {out[-300:]}")
        for version, accepted in (("-tls1_1", False), ("-tls1_2", True), ("-tls1_3", True)):
            status, out = client(server.port, "-CAfile", ca, version, *(["-cipher", "ALL:@SECLEVEL=0"] if not accepted else []))
            suite.check(("Cipher is (NONE)" not in out and status == 0) == accepted, f"{version}: {out[-300:]}")
        for cipher, accepted in (("ECDHE-ECDSA-AES256-GCM-SHA384", True), ("ECDHE-ECDSA-CHACHA20-POLY1305", True),
                                 ("ECDHE-ECDSA-AES128-SHA", False), ("ECDHE-ECDSA-AES256-SHA384", False)):
            out = client(server.port, "-tls1_2", "-cipher", cipher + ":@SECLEVEL=0")[1]
            suite.check(("Cipher is " + cipher in out) == accepted, f"{cipher}: {out[-300:]}")
        # the chain as another tool judges it
        out = client(server.port, "-showcerts")[1]
        with open(f"{work}/leaf.pem", "w", encoding="ascii") as file:
            file.write(out[out.index("-----BEGIN"):out.index("-----END CERTIFICATE-----") + 25] + "\n")
        done = command("openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", ca, f"{work}/leaf.pem")
        suite.check(done.returncode == 0, done.stdout + done.stderr)
        odd_peers(server, ca)
        suite.check(not [path for path in glob.glob(f"{work}/*") if "PRIVATE" in open(path, encoding="ascii").read()],
                    "a private key is on the disk")
    with Server("--tls") as server:
        suite.check("ca_file" not in server.ready, "a file that nobody asked for")
    suite.check("--tls-ca-file" in server.log, f"no word about the authority: {server.log}")


def odd_peers(server, ca):
    """Plain HTTP, silence and rubbish on the TLS port, and many who only sit there; others are served meanwhile."""
    plain = b"GET /mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for data in (plain, b"\x16\x03\x01\xff\xff" + bytes(200), b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03", bytes(1000)):
        with socket.create_connection(("127.0.0.1", server.port), 5 * SLOW) as s:
            s.sendall(data)
            s.settimeout(3 * SLOW)
            try:
                answer = s.recv(1000)
            except OSError:
                answer = b""
            suite.check(b"HTTP/1." not in answer, f"{data[:10]}: answered in plain HTTP: {answer[:50]}")
        suite.check(server.health(ca) == "ok", f"after {data[:10]}")
    before = rss_kib(server)
    idle = [socket.create_connection(("127.0.0.1", server.port), 5) for _ in range(300)]
    suite.check(server.health(ca) == "ok", "beside 300 that say nothing")
    context = ssl.create_default_context(cafile=ca)
    idle += [context.wrap_socket(socket.create_connection(("127.0.0.1", server.port), 5 * SLOW), server_hostname="localhost")
             for _ in range(30 if SANITIZER else 300)]
    suite.check(server.health(ca) == "ok", "beside 300 more that shook hands")
    grown = rss_kib(server) - before
    for s in idle:
        s.close()
    suite.check(SANITIZER or grown < 40 * 1024, f"600 silent peers cost {grown} KiB")


def rss_kib(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def seconds_until_cut(s, pause):
    """Stay silent (pause None), or send one byte per pause; how long the server listened."""
    started = time.monotonic()
    s.settimeout(pause or 10 * SLOW)
    while time.monotonic() - started < 10 * SLOW:
        try:
            if not s.recv(100):
                break
        except TimeoutError:
            with contextlib.suppress(OSError):
                s.sendall(b"A")
        except OSError:
            break
    return time.monotonic() - started


def stalled(work):
    """A handshake that does not go on, or drips, and after it a request that drips: cut at the request's deadline."""
    ca = f"{work}/stalled.pem"
    with Server("--tls", "--tls-ca-file", ca, "--request-timeout", "1") as server:
        context = ssl.create_default_context(cafile=ca)
        for pause in (None, 0.2):
            for has_shaken in (False, True):
                with socket.create_connection(("127.0.0.1", server.port), 5 * SLOW) as plain:
                    if not has_shaken:
                        plain.sendall(b"\x16\x03\x01\x02\x00")
                    s = context.wrap_socket(plain, server_hostname="localhost") if has_shaken else plain
                    seconds = seconds_until_cut(s, pause)
                    s.close()
                suite.check(0.5 < seconds < 4 * SLOW, f"{has_shaken} {pause}: {seconds:.1f} s")


# ---- the whole server over TLS ----

def served(work):
    """The clients and admins of the other tests, with TLS between."""
    key = private_key("rsa2048_a")
    with TlsMock(f"{work}/served.pem") as mock:
        mock.register("tls", certificate=certificate("rsa2048_a"))
        client = Client(mock, "tls", key)
        suite.check(client.claims()["aud"].startswith("https://127.0.0.1:"), "the token URL")
        answer = client.post(client.jwt())
        suite.check(answer.status == 200, f"a token: {answer.raw[:300]}")
        suite.refuses("the same URL without TLS", client, client.jwt(client.claims(aud=mock.token_url.replace("https:", "http:"))),
                      "aud.value")
        bearer = "Authorization: Bearer " + answer.json()["access_token"]
        answer = mock.request("GET", FHIR + "/Patient/" + PATIENT, headers=[bearer])
        suite.check(answer.status == 200 and answer.json()["id"] == PATIENT, f"a patient: {answer.raw[:300]}")
        answer = mock.request("GET", FHIR + f"/Observation?patient={PATIENT}&category=vital-signs", headers=[bearer])
        link = answer.json()["link"][0]["url"] if answer.status == 200 else ""
        suite.check(link.startswith("https://") and answer.json()["entry"][0]["fullUrl"].startswith("https://"),
                    f"a Bundle: {answer.raw[:300]}")
        for origin, status in ((f"https://127.0.0.1:{mock.port}", 200), ("https://127.0.0.1:1", 403), ("https://evil.example", 403)):
            answer = mock.request("GET", "/mock/apps", headers=["Origin: " + origin])
            suite.check(answer.status == status, f"Origin {origin}: {answer.status}")
        answer = mock.send(f"GET /mock/apps HTTP/1.1\r\nHost: evil.example:{mock.port}\r\nConnection: close\r\n\r\n")
        suite.check(answer.status == 403, f"a foreign Host: {answer.status}")
        records(mock)
        suite.keeps_secrets(mock)


def records(mock):
    """TLS cuts bytes into records where it likes: two requests in one, one request in many, more bytes than fit in one."""
    get = f"GET /mock/health HTTP/1.1\r\nHost: 127.0.0.1:{mock.port}\r\n"
    answer = mock.send(f"{get}\r\n{get}\r\n{get}Connection: close\r\n\r\n")
    suite.check(answer.statuses == [200] * 3, f"three requests in one record: {answer.statuses}")
    with mock.connect() as s:
        for byte in (get + "Connection: close\r\n\r\n").encode():
            s.sendall(bytes([byte]))
        suite.check(s.recv(100).startswith(b"HTTP/1.1 200"), "a record for each byte")
    big = {"client_id": "big", "certificate": "x" * 200000 + certificate("rsa2048_a")}
    answer = mock.request("POST", "/mock/apps", to_json(big), ["Content-Type: application/json"])
    suite.check(answer.status == 400 and b"65536" in answer.body, f"a body of 200 KB: {answer.raw[:300]}")
    answer = mock.request("POST", "/mock/apps", bytes(1 << 21), ["Content-Type: application/json"])
    suite.check(answer.status == 413, f"a body of 2 MB: {answer.statuses}")


def waiting(work):
    """Connections that libmicrohttpd has suspended while a JWK Set comes: one server thread, twenty who wait."""
    web, go = Web(), threading.Event()
    key = private_key("rsa2048_a")
    web.serve("/set", to_json({"keys": [public_jwk(key, kid="a")]}))
    fast = web.routes["/set"]
    web.routes["/set"] = lambda handler: go.wait(20) and fast(handler)
    with TlsMock(f"{work}/waiting.pem", "--threads", "1") as mock:
        mock.register("slow", jwks_url=web.url("/set"))
        mock.patience = 20 * SLOW
        client, statuses = Client(mock, "slow", key, {"kid": "a"}), []
        threads = [threading.Thread(target=lambda: statuses.append(client.post(client.jwt()).status)) for _ in range(20)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        answer = mock.request("GET", "/mock/health")
        suite.check(answer.status == 200 and not statuses, f"another's request meanwhile: {answer.statuses} {statuses}")
        go.set()
        for thread in threads:
            thread.join()
        suite.check(statuses == [200] * 20, f"those who waited: {statuses}")


# ---- mock-epic run ----

def run_clients(work):
    """A token and a patient over TLS, with the authority from the environment alone."""
    rows = {
        "epic-auth": f"'{BIN}/epic-auth' get Patient/{PATIENT}",
        "curl": "curl -sS --fail $MOCK_EPIC_URL/mock/health",
        "python": "/usr/bin/python3 -c 'import os,urllib.request as u;print(u.urlopen(os.environ[\"MOCK_EPIC_URL\"]+\"/mock/health\").read())'",
        "wrong name": "! curl -sS --fail --resolve other.example:${MOCK_EPIC_URL##*:}:127.0.0.1 https://other.example:${MOCK_EPIC_URL##*:}/mock/health",
        "no authority": "! env -u CURL_CA_BUNDLE -u SSL_CERT_FILE curl -sS --fail $MOCK_EPIC_URL/mock/health",
        "epic-auth without it": f"! env -u EPIC_CA_FILE -u SSL_CERT_FILE '{BIN}/epic-auth' token",
    }
    if shutil.which("node"):
        rows["node"] = "node -e 'fetch(process.env.MOCK_EPIC_URL+\"/mock/health\").then(r=>process.exit(r.ok?0:1),()=>process.exit(1))'"
    for name, script in rows.items():
        done = command(MOCK_EPIC, "run", "--tls", "--", "sh", "-c", script, env={**CLEAN, "TMPDIR": work})
        suite.check(done.returncode == 0, f"{name}: {done.returncode} {done.stdout} {done.stderr}")
        suite.check(name != "epic-auth" or PATIENT in done.stdout, f"{name}: {done.stdout}")
    suite.check(not glob.glob(f"{work}/mock-epic-*"), "something is left of a run")
    secrets(work)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        process = subprocess.Popen([MOCK_EPIC, "run", "--tls", "--", "sh", "-c", "echo; exec sleep 60"], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, env={**CLEAN, "TMPDIR": work})
        process.stdout.readline()
        suite.check(len(glob.glob(f"{work}/mock-epic-*/ca.pem")) == 1, "the authority's file of a run")
        process.send_signal(number)
        suite.check(process.wait(10 * SLOW) == 128 + number, f"the status of a run that got signal {number}: {process.returncode}")
        suite.check(not glob.glob(f"{work}/mock-epic-*"), f"something is left of a run that got signal {number}")


def secrets(work):
    """The one private key that a run writes is that of its app: the server's is nowhere, not in argv or environment either."""
    script = ('grep -rl "PRIVATE [K]EY" "$TMPDIR"; stat -c %a "$EPIC_CA_FILE" "$(dirname "$EPIC_CA_FILE")";'
              ' grep -la "PRIVATE [K]EY" /proc/$PPID/cmdline /proc/$$/environ; echo "$EPIC_PRIVATE_KEY_PATH";'
              ' for f in "$SSL_CERT_FILE" "$CURL_CA_BUNDLE" "$REQUESTS_CA_BUNDLE" "$NODE_EXTRA_CA_CERTS"; do tail -c "$(wc -c <"$EPIC_CA_FILE")" "$f" | cmp - "$EPIC_CA_FILE"; done')
    done = command("sh", "-c", f"umask 077; exec '{MOCK_EPIC}' run --tls --log-level debug -- sh -c '{script}'", env={**CLEAN, "TMPDIR": work})
    lines = done.stdout.split()
    suite.check(len(lines) == 4 and lines[0] == lines[3] and lines[1:3] == ["600", "700"], f"{done.stdout} {done.stderr}")
    suite.check("PRIVATE" not in done.stderr, f"a private key is in the log: {done.stderr}")
    done = command(MOCK_EPIC, "run", "--", "sh", "-c", "env", env={**CLEAN, "TMPDIR": work})
    suite.check("EPIC_TOKEN_URL=http://" in done.stdout and "CERT_FILE" not in done.stdout, f"a run without TLS: {done.stdout}")


# ---- given files ----

def make_files(work):
    """An authority, one below it, a server's certificate of that, and files that are wrong in one way each."""
    os.chdir(work)
    with open("names", "w", encoding="ascii") as file:
        file.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    with open("below", "w", encoding="ascii") as file:
        file.write("basicConstraints=critical,CA:TRUE\n")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem", "-subj", "/CN=root", "-days", "9")
    for name, issuer, extensions, days in (("mid", "root", "below", "9"), ("leaf", "mid", "names", "9"), ("old", "mid", "names", "-1")):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key", "-CAcreateserial", "-days", days,
                "-extfile", extensions, "-out", f"{name}.pem")
    with open("chain.pem", "w", encoding="ascii") as chain:
        for name in ("leaf.pem", "mid.pem"):
            with open(name, encoding="ascii") as file:
                chain.write(file.read())
    openssl("rsa", "-aes128", "-passout", "pass:x", "-in", "leaf.key", "-out", "encrypted.key")
    openssl("rsa", "-traditional", "-aes128", "-passout", "pass:x", "-in", "leaf.key", "-out", "encrypted1.key")
    openssl("x509", "-in", "leaf.pem", "-outform", "DER", "-out", "leaf.der")
    for name, parts in (("together.pem", ("leaf.pem", "leaf.key")), ("upside_down.pem", ("mid.pem", "leaf.pem")),
                        ("cut.pem", ("leaf.pem", "mid.pem"))):
        text = "".join(open(part, encoding="ascii").read() for part in parts)
        with open(name, "w", encoding="ascii") as file:
            file.write(text[:-100] if name == "cut.pem" else text)
    os.mkfifo("fifo")
    openssl("req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout", "weak.key", "-out", "weak.pem", "-subj", "/CN=weak", "-days", "9")
    with open("empty", "w", encoding="ascii"):
        pass


def given(work):
    with Server("--tls-cert", "chain.pem", "--tls-key", "leaf.key") as server:
        suite.check(server.health("root.pem") == "ok", f"a chain: {server.health('root.pem')}")
        suite.check("ca_file" not in server.ready, f"{server.ready}")
    suite.check("expired" not in server.log, server.log)
    with open("chain.pem", encoding="ascii") as file, open("pasted.pem", "w", encoding="utf-8") as pasted:
        pasted.write("\ufeffcertificate of localhost\r\n" + file.read().replace("\n", "\r\n") + "the end")
    with Server("--tls-cert", "pasted.pem", "--tls-key", "leaf.key", "--threads", "1") as server:
        suite.check(server.health("root.pem") == "ok", f"a pasted chain: {server.health('root.pem')}")
        for cipher, accepted in (("ECDHE-RSA-AES128-GCM-SHA256", True), ("AES128-GCM-SHA256", False), ("ECDHE-RSA-AES128-SHA", False)):
            out = client(server.port, "-tls1_2", "-cipher", cipher + ":@SECLEVEL=0")[1]
            suite.check(("Cipher is " + cipher in out) == accepted, f"{cipher}: {out[-300:]}")
        for algorithms, accepted in (("RSA+SHA256", True), ("RSA+SHA1", False)):
            status, out = client(server.port, "-tls1_2", "-cipher", "ALL:@SECLEVEL=0", "-sigalgs", algorithms)
            suite.check((status == 0) == accepted, f"{algorithms}: {out[-300:]}")
    with Server("--tls-cert", "leaf.pem", "--tls-key", "leaf.key") as server:
        suite.check("verify failed" in server.health("root.pem"), "without the certificate between")
    with Server("--tls-cert", "old.pem", "--tls-key", "old.key") as server:
        suite.check("expired" in server.health("mid.pem") or "verify failed" in server.health("mid.pem"), "an expired certificate")
    suite.check("has expired" in server.log, f"no warning: {server.log}")
    rows = [
        (2, "go together", "--tls-cert", "leaf.pem"), (2, "go together", "--tls-key", "leaf.key"),
        (2, "not both", "--tls", "--tls-cert", "leaf.pem", "--tls-key", "leaf.key"), (2, "give --tls too", "--tls-ca-file", "x.pem"),
        (3, "nowhere.pem", "--tls-cert", "nowhere.pem", "--tls-key", "leaf.key"),
        (3, "nowhere.key", "--tls-cert", "leaf.pem", "--tls-key", "nowhere.key"),
        (3, "is not the key of", "--tls-cert", "leaf.pem", "--tls-key", "mid.key"),
        (3, "encrypted", "--tls-cert", "leaf.pem", "--tls-key", "encrypted.key"),
        (3, "encrypted", "--tls-cert", "leaf.pem", "--tls-key", "encrypted1.key"),
        (3, "leaf.der: this is an X.509 certificate in binary DER", "--tls-cert", "leaf.der", "--tls-key", "leaf.key"),
        (3, "not the key of the first", "--tls-cert", "upside_down.pem", "--tls-key", "leaf.key"),
        (3, "cut.pem: certificate 2: the PEM block is cut off", "--tls-cert", "cut.pem", "--tls-key", "leaf.key"),
        (3, "beside the certificate", "--tls-cert", "together.pem", "--tls-key", "leaf.key"),
        (3, "nobody writes", "--tls-cert", "fifo", "--tls-key", "leaf.key"),
        (3, "is a directory", "--tls-cert", "leaf.pem", "--tls-key", "/"),
        (2, "b\u00fccher.example", "--tls", "--public-url", "https://b\u00fccher.example"),
        (3, "leaf.key: this is", "--tls-cert", "leaf.key", "--tls-key", "leaf.key"),
        (3, "leaf.pem: this is", "--tls-cert", "leaf.pem", "--tls-key", "leaf.pem"),
        (3, "empty", "--tls-cert", "empty", "--tls-key", "leaf.key"), (3, "1024 bits", "--tls-cert", "weak.pem", "--tls-key", "weak.key"),
        (3, "/nowhere/ca.pem", "--tls", "--tls-ca-file", "/nowhere/ca.pem"),
    ]
    for status, words, *options in rows:
        started = time.monotonic()
        done = command(MOCK_EPIC, "serve", "--listen", "127.0.0.1:0", *options, env=CLEAN)
        suite.check(done.returncode == status, f"{options}: {done.returncode} {done.stderr}")
        suite.check(words in done.stderr and "MII" not in done.stderr and done.stderr.count("\n") == 1, f"{options}: {done.stderr}")
        suite.check(time.monotonic() - started < 1 * SLOW, f"{options}: {time.monotonic() - started:.1f} s")


def main():
    with tempfile.TemporaryDirectory() as work:
        generated(work)
        served(work)
        waiting(work)
        stalled(work)
    with tempfile.TemporaryDirectory() as work:
        run_clients(work)
    with tempfile.TemporaryDirectory() as work:
        make_files(work)
        given(work)
        os.chdir("/")
    suite.done(150)


main()
