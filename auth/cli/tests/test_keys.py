#!/usr/bin/env python3
"""Keys as people have them. Assertions of every usable key are verified by Debian's python3-jwt; every other file is refused
at once, by name and in words that say what it is, on a terminal too, where nobody may be asked for a passphrase."""
import fcntl
import json
import os
import pty
import select
import subprocess
import sys
import tempfile
import termios
import time

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

EPIC_AUTH = os.path.join(os.environ["EPIC_BIN_DIR"], "epic-auth")
SLOW = int(os.environ.get("EPIC_SLOW") or 3)
KEYS = os.path.join(os.environ["EPIC_FIXTURES_DIR"], "keys")
TOKEN_URL = "https://epic.example/oauth2/token"
failed = []


def complain(what):
    failed.append(what)
    print("FAILED:", what)


def epic_auth(*arguments, **environment):
    return subprocess.run([EPIC_AUTH, *arguments], capture_output=True, text=True, timeout=20 * SLOW, check=False,
                          stdin=subprocess.DEVNULL, env={"PATH": os.environ["PATH"], **environment})


def make_assertion(key, **environment):
    done = epic_auth("assertion", "--client-id", "me", "--token-url", TOKEN_URL, "--env-file", "",
                     *(["--private-key", key] if key else []), **environment)
    if done.returncode:
        complain(f"{key}: {done.stderr}")
    return done.stdout.strip()


def verify(name, token, public, algorithm):
    try:
        claims = jwt.decode(token, public, algorithms=[algorithm], audience=TOKEN_URL, issuer="me",
                            options={"require": ["iss", "sub", "aud", "jti", "exp", "iat"]})
    except jwt.PyJWTError as error:
        complain(f"{name}: {error!r}")
        return
    if claims["sub"] != "me" or not 230 < claims["exp"] - time.time() <= 240 or "nbf" in claims:
        complain(f"{name}: {claims}")


def check_good_keys():
    rows = [("rsa2048_a.TESTKEY.pem", "RS384"), ("rsa2048_a.pkcs1.TESTKEY.pem", "RS384"), ("rsa3072_a.TESTKEY.pem", "RS384"),
            ("rsa4096_a.TESTKEY.pem", "RS384"), ("p256_a.TESTKEY.pem", "ES256"), ("p384_a.TESTKEY.pem", "ES384"),
            ("p384_a.sec1.TESTKEY.pem", "ES384")]
    for name, algorithm in rows:
        with open(os.path.join(KEYS, name.split(".")[0] + ".cert.pem"), "rb") as file:
            public = x509.load_pem_x509_certificate(file.read()).public_key()
        verify(name, make_assertion(os.path.join(KEYS, name)), public, algorithm)
    with open(os.path.join(KEYS, "rsa2048_a.TESTKEY.pem"), encoding="ascii") as file:
        pem = file.read()
    with open(os.path.join(KEYS, "rsa2048_a.cert.pem"), "rb") as file:
        public = x509.load_pem_x509_certificate(file.read()).public_key()
    for name, text in (("environment", pem), ("environment with \\n", pem.replace("\n", "\\n")),
                       ("environment with CRLF", pem.replace("\n", "\r\n"))):
        verify(name, make_assertion(None, EPIC_PRIVATE_KEY_PEM=text), public, "RS384")


def check_new_keys(work):
    """What is to be published verifies what is signed, and a stranger's libraries read it."""
    done = epic_auth("key", "new", "--dir", work)
    if done.returncode:
        complain(done.stderr)
    token = make_assertion(os.path.join(work, "epic_backend_private_key.pem"))
    with open(os.path.join(work, "epic_backend_jwks.json"), encoding="ascii") as file:
        text = file.read()
    if any(f'"{member}"' in text for member in ("d", "p", "q", "dp", "dq", "qi")):
        complain("the JWK Set holds private members")
    key = next(k for k in jwt.PyJWKSet(json.loads(text)["keys"]).keys if k.key_id == jwt.get_unverified_header(token)["kid"])
    verify("JWK Set", token, key.key, "RS384")
    with open(os.path.join(work, "epic_backend_public_cert.pem"), "rb") as file:
        cert = x509.load_pem_x509_certificate(file.read())
    verify("certificate", token, cert.public_key(), "RS384")
    cert.public_key().verify(cert.signature, cert.tbs_certificate_bytes,
                             padding.PKCS1v15(),
                             cert.signature_hash_algorithm)
    if cert.public_key().key_size != 2048:
        complain("key new: not 2048 bits")


def run_on_terminal(arguments):
    """Exit status, what was shown, seconds. The terminal is the program's controlling one, so /dev/tty works."""
    ours, theirs = pty.openpty()
    started = time.monotonic()
    process = subprocess.Popen([EPIC_AUTH, *arguments], env={"PATH": "/usr/bin:/bin"}, stdin=theirs, stdout=theirs, stderr=theirs,
                               start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    try:
        status = process.wait(10 * SLOW)
    except subprocess.TimeoutExpired:
        process.kill()
        status = process.wait()
    took = time.monotonic() - started
    shown = b""
    while select.select([ours], [], [], 0.05)[0]:
        shown += os.read(ours, 65536)
    os.close(ours)
    os.close(theirs)
    return status, shown.decode(), took


def make_odd_files(work):
    odd = {"empty": b"", "text": b"my key\n", "html": b"<!DOCTYPE html><html></html>",
           "half": b"-----BEGIN PRIVATE KEY-----\nMIIE", "nonsense": b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
           "big": b"x" * 100000}
    for name, text in odd.items():
        with open(os.path.join(work, name), "wb") as file:
            file.write(text)
    os.mkfifo(os.path.join(work, "fifo"))
    key = rsa.generate_private_key(65537, 2048)
    with open(os.path.join(work, "openssh"), "wb") as file:
        file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH,
                                     serialization.NoEncryption()))


def check_bad_keys(work):
    make_odd_files(work)
    rows = [("rsa2048_a.encrypted.TESTKEY.pem", "encrypted"), ("rsa2048_a.cert.pem", "certificate"),
            ("rsa2048_a.pub.pem", "public key"), ("rsa2048_a.csr.pem", "signing request"), ("rsa2048_a.cert.der", "DER"),
            ("rsa2048_a.jwk.json", "JWK"), ("rsa2048_a.jwks.json", "JWK Set"), ("rsa1024_a.TESTKEY.pem", "1024"),
            ("ed25519_a.TESTKEY.pem", "25519"), ("rsapss2048_a.TESTKEY.pem", "PSS"), ("p521_a.TESTKEY.pem", "secp521r1"),
            ("nonexistent", ""), (work, "director"), *((os.path.join(work, name), word) for name, word in (
                ("empty", "empty"), ("text", ""), ("html", "HTML"), ("half", ""), ("nonsense", ""), ("big", ""), ("fifo", ""),
                ("openssh", "OpenSSH")))]
    for name, word in rows:
        path = os.path.join(KEYS, name)
        status, shown, took = run_on_terminal(["assertion", "--client-id", "me", "--token-url", TOKEN_URL, "--env-file", "",
                                               "--private-key", path])
        if status != 3 or word.lower() not in shown.lower() or path not in shown.replace("\r\n", "") or took > 5 * SLOW:
            complain(f"{name}: status {status}, {took:.1f} s, wants \"{word}\": {shown}")
        if shown.count("\n") != 1:
            complain(f"{name}: not one line: {shown}")


def main():
    with tempfile.TemporaryDirectory() as work:
        check_good_keys()
        check_new_keys(work)
        check_bad_keys(work)
    return 1 if failed else 0


sys.exit(main())
