#!/usr/bin/env python3
"""epic-auth and TLS: who is trusted, who is not, and that nothing is sent to the latter. Certificates by the openssl command."""
import datetime
import ipaddress
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

EPIC_AUTH = os.path.join(os.environ["EPIC_BIN_DIR"], "epic-auth")
SLOW = int(os.environ.get("EPIC_SLOW") or 3)
KEY = os.path.join(os.environ["EPIC_FIXTURES_DIR"], "keys", "rsa2048_a.TESTKEY.pem")
BODY = json.dumps({"access_token": "t", "token_type": "Bearer", "expires_in": 3600}).encode()
ANSWER = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
failed = []


def make_cert(work, name, *arguments):
    path = os.path.join(work, name)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                    path + ".key", "-out", path + ".pem", "-subj", "/CN=test", *arguments], check=True, capture_output=True)
    return path


def make_old_cert(work):
    """The openssl command makes none that is over already."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    day = datetime.timedelta(1)
    now = datetime.datetime.utcnow()
    cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
            .not_valid_before(now - 9 * day).not_valid_after(now - day)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
            .sign(key, hashes.SHA256()))
    path = os.path.join(work, "old")
    with open(path + ".pem", "wb") as file:
        file.write(cert.public_bytes(serialization.Encoding.PEM))
    with open(path + ".key", "wb") as file:
        file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                     serialization.NoEncryption()))
    return path


class Server:
    """Keeps what it was sent, and answers everything with a token."""

    def __init__(self, cert=None, highest=None):
        self.context, self.requests = None, []
        if cert:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(cert + ".pem", cert + ".key")
            if highest:
                self.context.minimum_version = ssl.TLSVersion.TLSv1
                self.context.maximum_version = highest
                self.context.set_ciphers("ALL:@SECLEVEL=0")
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                conn, _ = self.socket.accept()
                conn.settimeout(10 * SLOW)
                with self.context.wrap_socket(conn, server_side=True) if self.context else conn as line:
                    data = line.recv(65536)
                    if data:
                        self.requests.append(data)
                    line.sendall(ANSWER)
            except OSError:
                if self.socket.fileno() < 0:
                    return


def case(name, server, wanted, host="127.0.0.1", scheme="https", says="", requests=None, **environment):
    done = subprocess.run([EPIC_AUTH, "token", "--timeout", str(5 * SLOW)], capture_output=True, text=True, timeout=60 * SLOW, check=False,
                          cwd="/",
                          env={"PATH": os.environ["PATH"], "EPIC_BACKEND_CLIENT_ID": "me", "EPIC_PRIVATE_KEY_PATH": KEY,
                               "EPIC_TOKEN_URL": f"{scheme}://{host}:{server.port}/token", **environment})
    server.socket.close()
    count = len(server.requests)
    if done.returncode != wanted or says not in done.stderr or count != ((wanted == 0) if requests is None else requests):
        failed.append(name)
        print(f"FAILED: {name}: status {done.returncode}, {count} requests: {done.stderr}")
    return server.requests


def main():
    with tempfile.TemporaryDirectory() as work:
        good = make_cert(work, "good", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost")
        other = make_cert(work, "other", "-addext", "subjectAltName=DNS:epic.example")
        old = make_old_cert(work)
        case("nobody vouches for the certificate", Server(good), 4, says="EPIC_CA_FILE")
        case("EPIC_CA_FILE vouches for it", Server(good), 0, EPIC_CA_FILE=good + ".pem")
        case("by name as well", Server(good), 0, host="localhost", EPIC_CA_FILE=good + ".pem")
        case("SSL_CERT_FILE vouches for it", Server(good), 0, SSL_CERT_FILE=good + ".pem")
        case("another vouches for it", Server(good), 4, EPIC_CA_FILE=other + ".pem")
        case("a certificate for another host", Server(other), 4, EPIC_CA_FILE=other + ".pem")
        case("a certificate that has run out", Server(old), 4, EPIC_CA_FILE=old + ".pem")
        case("EPIC_CA_FILE that is not there", Server(good), 3, says="nonexistent", EPIC_CA_FILE="/nonexistent")
        case("TLS 1.1 at most", Server(good, ssl.TLSVersion.TLSv1_1), 4, EPIC_CA_FILE=good + ".pem")
        case("TLS 1.2 at most", Server(good, ssl.TLSVersion.TLSv1_2), 0, EPIC_CA_FILE=good + ".pem")
        hello = case("https to a server that speaks http", Server(), 4, requests=1)
        if b"assertion" in hello[0]:
            failed.append("https to http")
        case("http to a server that speaks https", Server(good), 4, scheme="http", requests=0)
        # neither a proxy nor .netrc has a say about loopback
        trap = Server()
        proxies = {name: f"http://127.0.0.1:{trap.port}" for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY")}
        with open(os.path.join(work, ".netrc"), "w", encoding="ascii") as file:
            file.write("machine 127.0.0.1 login me password letmein\n")
        sent = case("proxies and .netrc", Server(), 0, scheme="http", HOME=work, **proxies)
        if trap.requests or any(b"authorization" in request.lower() for request in sent):
            failed.append("proxies and .netrc")
            print("FAILED: a proxy or .netrc was heard")
    return 1 if failed else 0


sys.exit(main())
