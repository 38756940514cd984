#!/usr/bin/python3
"""Registration as people get it wrong, and as attackers try it: every file is taken or refused on purpose, by POST /mock/apps
and by serve --cert or --jwks alike, with words that say what it is and what to do.

    test_attack_keys.py --print     prints every message, to be read as a user would"""
import contextlib
import datetime
import json
import os
import pty
import select
import subprocess
import sys
import tempfile
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier

from harness import (MOCK_EPIC, SLOW, Client, Mock, Suite, b64u, b64u_int, certificate, fixture, private_key, public_jwk, to_json)

A, B, P256, P384 = (private_key(name) for name in ("rsa2048_a", "rsa2048_b", "p256_a", "p384_a"))
ENC, FMT, NOENC = serialization.Encoding, serialization.PrivateFormat, serialization.NoEncryption()
N, E = A.public_key().public_numbers().n, 65537
suite = Suite()
WORK = tempfile.TemporaryDirectory()


# ---- making what people have ----

def run(*command, stdin=b""):
    return subprocess.run(command, input=stdin, capture_output=True, check=True, cwd=WORK.name).stdout


def make_cert(key=A, public=None, name="backend", days=(-1, 365), digest=hashes.SHA256(), extensions=()):
    now = datetime.datetime.utcnow()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(public or key.public_key())
    builder = builder.serial_number(7).not_valid_before(now + datetime.timedelta(days[0])).not_valid_after(now + datetime.timedelta(days[1]))
    for extension, is_critical in extensions:
        builder = builder.add_extension(extension, is_critical)
    return builder.sign(key, digest).public_bytes(ENC.PEM)


def pem(label, der):
    import base64
    return f"-----BEGIN {label}-----\n{base64.encodebytes(der).decode()}-----END {label}-----\n".encode()


def rsa_cert(bits=None, e=65537):
    """A certificate of somebody else's RSA numbers, signed by A: nobody checks who signed it."""
    numbers = rsa.generate_private_key(65537, bits).public_key().public_numbers() if bits else A.public_key().public_numbers()
    return make_cert(public=rsa.RSAPublicNumbers(e, numbers.n).public_key())


def odd_modulus(bits):
    """A modulus of exactly so many bits, without known factors."""
    return (1 << (bits - 1)) | int.from_bytes(os.urandom(bits // 8 - 1), "big") | 1


def roca_modulus():
    """Made as the broken chips made theirs (CVE-2017-15361): both factors are k*M + 65537^a mod M."""
    primes = [p for p in range(2, 360) if all(p % q for q in range(2, p))][:71]
    m = 1
    for p in primes:
        m *= p
    factor = lambda k, a: k * m + pow(65537, a, m)
    return factor((3 << 1022) // m + 12345, 1234567) * factor((3 << 1022) // m + 67890, 7654321)


def trusted():
    return run("openssl", "x509", "-trustout", stdin=fixture("rsa2048_a.cert.pem"))


def explicit_ec():
    key = run("openssl", "ecparam", "-name", "secp384r1", "-genkey", "-noout", "-param_enc", "explicit")
    with open(os.path.join(WORK.name, "explicit.pem"), "wb") as file:
        file.write(key)
    return run("openssl", "req", "-new", "-x509", "-key", "explicit.pem", "-subj", "/CN=explicit")


def patched(change):
    der = x509.load_pem_x509_certificate(fixture("rsa2048_a.cert.pem")).public_bytes(ENC.DER)
    return pem("CERTIFICATE", change(der))


def jwk(**members):
    value = {**public_jwk(A), **members}
    return {k: v for k, v in value.items() if v is not DROP}


DROP = object()


def jwks(*keys):
    return to_json({"keys": list(keys)})


# ---- the table: name, bytes, None when accepted or else the words of the refusal ----

def certificates():
    good = fixture("rsa2048_a.cert.pem")
    public = fixture("rsa2048_a.pub.pem")
    private, encrypted = fixture("rsa2048_a.TESTKEY.pem"), fixture("rsa2048_a.encrypted.TESTKEY.pem")
    other = fixture("rsa2048_b.cert.pem")
    body = b"".join(good.split(b"\n")[1:-2])
    make = ("openssl req -new -x509",)
    yield "as openssl writes it", good, None
    yield "CR LF", good.replace(b"\n", b"\r\n"), None
    yield "CR alone", good.replace(b"\n", b"\r"), None
    yield "no final newline", good.rstrip(), None
    yield "spaces behind the lines", good.replace(b"\n", b"  \n"), None
    yield "indented", good.replace(b"\n", b"\n    "), None
    yield "all in one line", good.replace(b"\n", b""), None
    yield "one line with spaces", good.replace(b"\n", b" "), None
    yield "literal \\n", good.replace(b"\n", b"\\n"), None
    yield "literal \\r\\n", good.replace(b"\n", b"\\r\\n"), None
    yield "text before BEGIN", b"subject=CN = backend\nissuer=CN = backend\n" + good, None
    yield "text behind END", good + b"\nbest regards\n", None
    yield "the output of openssl x509 -text", run("openssl", "x509", "-text", stdin=good), None
    yield "a BOM", b"\xef\xbb\xbf" + good, None
    yield "empty lines", b"\n\n" + good.replace(b"-----\nM", b"-----\n\nM") + b"\n\n", None
    yield "lines of 76", b"-----BEGIN CERTIFICATE-----\n" + b"\n".join(body[i:i + 76] for i in range(0, len(body), 76)) + b"\n-----END CERTIFICATE-----\n", None
    yield "TRUSTED CERTIFICATE", trusted(), None
    yield "X509 CERTIFICATE", good.replace(b"CERTIFICATE", b"X509 CERTIFICATE"), None
    yield "expired", make_cert(days=(-400, -30)), None
    yield "not yet valid", make_cert(days=(30, 400)), None
    yield "signed with MD5", make_cert(digest=hashes.MD5()), None
    yield "signed with SHA-1", make_cert(digest=hashes.SHA1()), None
    yield "an unknown critical extension", make_cert(extensions=[(x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4.5"), b"\x05\x00"), True)]), None
    yield "keyUsage for CAs only", make_cert(extensions=[(x509.KeyUsage(False, False, False, False, False, True, True, False, False), True)]), None
    yield "a CA", make_cert(extensions=[(x509.BasicConstraints(True, 3), True)]), None
    yield "signed by somebody else", make_cert(B, A.public_key()), None
    yield "its own signature broken", patched(lambda der: der[:-1] + bytes([der[-1] ^ 1])), None
    yield "a subject with escape sequences", make_cert(name="\x1b[2J\x1b]0;owned\x07\nFAKE LOG LINE\u202e"), None
    yield "a subject of 60 quotes", make_cert(name='"' * 60), None
    yield "3072 bits", fixture("rsa3072_a.cert.pem"), None
    yield "e = 3", rsa_cert(e=3), None
    yield "8192 bits", make_cert(public=rsa.RSAPublicNumbers(E, odd_modulus(8192)).public_key()), None
    yield "empty", b"", ("empty", "-----BEGIN CERTIFICATE-----")
    yield "white space", b" \r\n\t\n", ("empty",)
    yield "a bare public key", public, ("a bare public key", "X.509 certificate", *make)
    yield "a PKCS#1 public key", A.public_key().public_bytes(ENC.PEM, serialization.PublicFormat.PKCS1), ("a bare public key", *make)
    yield "a private key", private, ("a private key", "keep this file secret", *make)
    yield "a PKCS#1 private key", fixture("rsa2048_a.pkcs1.TESTKEY.pem"), ("a private key", "keep this file secret", *make)
    yield "an EC private key", fixture("p384_a.sec1.TESTKEY.pem"), ("a private key", "keep this file secret")
    yield "an encrypted private key", encrypted, ("an encrypted private key", "keep this file secret", *make)
    yield "an encrypted key of old", run("openssl", "rsa", "-aes256", "-traditional", "-passout", "pass:test", stdin=private), ("an encrypted private key",)
    yield "a signing request", fixture("rsa2048_a.csr.pem"), ("a certificate signing request", *make)
    yield "a bundle", good + other, ("2 certificates", "only the one of your key")
    yield "the same one twice", good + good, ("2 certificates",)
    yield "with its private key", good + private, ("private key in the same file", "take it out")
    yield "its private key before it", private + good, ("private key", "secret")
    yield "with an encrypted private key", good + encrypted, ("private key in the same file",)
    yield "DER", fixture("rsa2048_a.cert.der"), ("binary DER", "openssl x509 -inform DER")
    yield "DER in base64, no markers", body, ("bare base64", "-----BEGIN", "missing")
    yield "PKCS#12", run("openssl", "pkcs12", "-export", "-nokeys", "-passout", "pass:x", stdin=good), ("PKCS#12", "openssl pkcs12")
    yield "PKCS#7", run("openssl", "crl2pkcs7", "-nocrl", "-certfile", "/dev/stdin", stdin=good), ("PKCS#7", "openssl pkcs7 -print_certs")
    yield "an SSH public key", A.public_key().public_bytes(ENC.OpenSSH, serialization.PublicFormat.OpenSSH), ("OpenSSH", *make, "/CN=backend'")
    yield "an SSH private key", A.private_bytes(ENC.PEM, FMT.OpenSSH, NOENC), ("OpenSSH", "secret")
    yield "SSH2's format", b"---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END SSH2 PUBLIC KEY ----\n", ("is needed", "-----BEGIN CERTIFICATE-----")
    yield "a PGP key", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENBF\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n", ("PGP PUBLIC KEY BLOCK", "of no use here")
    yield "a CRL", b"-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n", ("X509 CRL",)
    yield "cut off", good[:600], ("cut off", "-----END CERTIFICATE-----")
    yield "cut off inside", good[:600] + b"\n-----END CERTIFICATE-----\n", ("damaged",)
    yield "no BEGIN line", good.partition(b"\n")[2], ("half a PEM block", "BEGIN")
    yield "four dashes", good.replace(b"-----", b"----"), ("markers", "five plain dashes")
    yield "long dashes", good.replace(b"-----", "\u2014\u2014".encode()), ("markers", "five plain dashes")
    yield "END of another label", good.replace(b"END CERTIFICATE", b"END PUBLIC KEY"), ("END CERTIFICATE", "missing")
    yield "a letter that is none", good[:300] + b"~" + good[301:], ("damaged", "no base64")
    yield "a letter changed", patched(lambda der: der[:4] + b"\xff" + der[5:]), ("damaged",)
    yield "base64 of nothing", b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", ("damaged",)
    yield "64 KiB of markers", b"-----BEGIN X PARAMETERS-----" * 2340, ("X PARAMETERS",)
    yield "a megabyte of markers", b"-----BEGIN X PARAMETERS-----" * 37000, ("65536",)
    yield "HTML", b"<!DOCTYPE html><html><body>Sign in</body></html>", ("HTML",)
    yield "a JWK Set", jwks(jwk()), ("a JWK Set", "register it as a JWK Set")
    yield "a JWK", to_json(jwk()), ("a JWK", "register it as a JWK Set")
    yield "other JSON", b'{"a":1}', ("JSON",)
    yield "a file name", b"cert.pem", ("is needed", "-----BEGIN CERTIFICATE-----")
    yield "an environment variable unexpanded", b"$EPIC_CERT", ("is needed",)
    yield "UTF-16", good.decode().encode("utf-16"), ("UTF-16", "UTF-8")
    yield "512 bits", pem_of_weak(512), ("RSA of 512 bits", "2048", "openssl")
    yield "1024 bits", fixture("rsa1024_a.cert.pem"), ("RSA of 1024 bits", "2048", "openssl")
    yield "2047 bits", make_cert(public=rsa.RSAPublicNumbers(E, odd_modulus(2048) >> 1 | 1).public_key()), ("RSA of 2047 bits", "2048", "openssl")
    yield "16384 bits", make_cert(public=rsa.RSAPublicNumbers(E, odd_modulus(16384)).public_key()), ("16384 bits", "8192")
    yield "the ROCA pattern", make_cert(public=rsa.RSAPublicNumbers(E, roca_modulus()).public_key()), ("ROCA", "CVE-2017-15361", "new key")
    yield "an even modulus", patched(lambda der: der.replace(N.to_bytes(256, "big"), (N - 1).to_bytes(256, "big"))), ("even",)
    yield "an even exponent", patched(lambda der: der.replace(b"\x02\x03\x01\x00\x01", b"\x02\x03\x01\x00\x00")), ("exponent", "65537")
    yield "an exponent beyond 2^32", make_cert(public=rsa.RSAPublicNumbers(2 ** 33 + 1, N).public_key()), ("exponent", "65537")
    yield "RSA-PSS", fixture("rsapss2048_a.cert.pem"), ("RSA-PSS", "plain RSA", "openssl genpkey")
    yield "DSA", make_cert(dsa.generate_private_key(2048)), ("DSA", "RSA", "openssl genpkey")
    yield "Ed25519", fixture("ed25519_a.cert.pem"), ("ED25519", "RSA", "openssl genpkey")
    yield "P-256", fixture("p256_a.cert.pem"), ("EC P-256", "JWK Set URL", "RSA")
    yield "P-384", fixture("p384_a.cert.pem"), ("EC P-384", "JWK Set URL", "RSA")
    yield "P-521", fixture("p521_a.cert.pem"), ("secp521r1", "RSA")
    for curve in (ec.SECP256K1(), ec.BrainpoolP384R1(), ec.SECP224R1()):
        yield curve.name, make_cert(ec.generate_private_key(curve)), (curve.name, "RSA")
    yield "explicit EC parameters", explicit_ec(), ("explicit", "named curve")
    yield "100 KB", good + b"x" * 100000, ("65536 bytes",)
    yield "a NUL inside", good[:100] + b"\0" + good[101:], ("damaged",)


def pem_of_weak(bits):
    key = rsa.generate_private_key(65537, bits)
    return make_cert(public=key.public_key())


def sets():
    private = json.loads(fixture("rsa2048_a.private.jwk.json"))
    kty, odd = jwk(kid="a"), public_jwk(B, kid="b")
    point = public_jwk(P384)
    shifted = {**point, "y": b64u_int(P384.public_key().public_numbers().y ^ 1, 48)}
    secret = {"kty": "oct", "k": "c2VjcmV0", "kid": "s"}
    okp = {"kty": "OKP", "crv": "Ed25519", "x": b64u(b"\1" * 32)}
    yield "one key", jwks(kty), None
    yield "two keys", jwks(kty, odd), None
    yield "one kid twice, which Epic drops anyway", jwks(kty, {**odd, "kid": "a"}), None
    yield "no kid", jwks(jwk()), None
    yield "a JWK alone", to_json(kty), None
    yield "alg and use", jwks(jwk(alg="RS384", use="sig", key_ops=["verify"])), None
    yield "unknown members", jwks(jwk(x={"y": [1, 2]}, iat=5)), None
    yield "an unknown kty beside it (RFC 7517 5: ignored)", jwks({"kty": "XYZ", "z": 1}, kty), None
    yield "an OKP key beside it", jwks(okp, kty), None
    yield "a key for encryption beside it", jwks({**odd, "use": "enc"}, kty), None
    yield "a broken x5c, which nobody reads", jwks(jwk(x5c=["!!!"], x5t="x")), None
    yield "white space", b"\n\t " + json.dumps({"keys": [kty]}, indent=2).encode() + b"\n", None
    yield "64 keys", jwks(*[jwk(kid=str(i)) for i in range(64)]), None
    yield "8192 bits", jwks(jwk(n=b64u_int(odd_modulus(8192)))), None
    yield "e = 3", jwks(jwk(e="Aw")), None
    for member in ("d", "p", "q", "dp", "dq", "qi"):
        yield f"private member {member}", jwks(jwk(**{member: private[member]})), ("private or secret", f'"{member}"', "publish the public members alone")
    yield "a whole private key", jwks(private), ("private or secret", "compromised")
    yield "a private key as second", jwks(kty, {**private, "kid": "x"}), ("private or secret", "compromised")
    yield "a private JWK alone", to_json(private), ("private or secret", "compromised")
    yield "oct", jwks(secret), ("private or secret", '"k"')
    yield "oct beside RSA", jwks(kty, secret), ("private or secret", '"k"')
    yield "an EC private key", jwks({**point, "d": "AA"}), ("private or secret", '"d"')
    yield "EC P-384", jwks(point), ("EC P-384", "JWK Set URL", "RSA")
    yield "EC P-256", jwks(public_jwk(P256)), ("EC P-256", "JWK Set URL", "RSA")
    yield "EC beside RSA", jwks(kty, {**point, "kid": "ec"}), ("EC P-384", "JWK Set URL", '"ec"')
    yield "OKP alone", jwks(okp), ("no usable key", "OKP", "RSA")
    yield "an unknown kty alone", jwks({"kty": "XYZ"}), ("no usable key", "XYZ", "RSA")
    yield "kty in lower case", jwks(jwk(kty="rsa")), ("no usable key", "rsa", "RSA")
    yield "no kty", jwks(jwk(kty=DROP)), ("no usable key", '"kty"')
    yield "kty a number", jwks(jwk(kty=5)), ("no usable key", '"kty"')
    yield "kid a number", jwks(jwk(kid=5)), ("no usable key", '"kid"', "string")
    yield "alg a number", jwks(jwk(alg=5)), ("no usable key", '"alg"', "string")
    yield "use enc", jwks(jwk(use="enc")), ("no usable key", '"use"', "sig")
    yield "key_ops encrypt", jwks(jwk(key_ops=["encrypt"])), ("no usable key", '"key_ops"', "verify")
    yield "key_ops sign", jwks(jwk(key_ops=["sign"])), ("no usable key", '"key_ops"', "verify")
    yield "alg of another type", jwks(jwk(alg="ES384")), ("no usable key", "ES384", "RSA")
    yield "alg PS384", jwks(jwk(alg="PS384")), ("no usable key", "PS384")
    yield "alg RSA-OAEP", jwks(jwk(alg="RSA-OAEP")), ("no usable key", "RSA-OAEP")
    yield "n with a leading zero", jwks(jwk(n=b64u(b"\0" + N.to_bytes(256, "big")))), ("no usable key", '"n"', "zero byte")
    yield "n in standard base64", jwks(jwk(n=public_jwk(A)["n"].replace("-", "+").replace("_", "/"))), ("no usable key", '"n"', "base64url")
    yield "n with padding", jwks(jwk(n=public_jwk(A)["n"] + "==")), ("no usable key", '"n"', "padding")
    yield "n with a line break", jwks(jwk(n=public_jwk(A)["n"][:64] + "\n" + public_jwk(A)["n"][64:])), ("no usable key", '"n"')
    yield "n in hex", jwks(jwk(n=hex(N))), ("no usable key",)
    yield "n a number", jwks(jwk(n=5)), ("no usable key", '"n"', "string")
    yield "n missing", jwks(jwk(n=DROP)), ("no usable key", '"n"', "missing")
    yield "n empty", jwks(jwk(n="")), ("no usable key", '"n"', "empty")
    yield "n = 0", jwks(jwk(n="AA")), ("no usable key", '"n"')
    yield "n = 1", jwks(jwk(n="AQ")), ("no usable key",)
    yield "n even", jwks(jwk(n=b64u_int(N - 1))), ("no usable key", "even")
    yield "n of 512 bits", jwks(jwk(n=b64u_int(odd_modulus(512)))), ("RSA of 512 bits", "2048", "openssl")
    yield "n of 1024 bits", jwks(jwk(n=b64u_int(odd_modulus(1024)), kid="small")), ("RSA of 1024 bits", "2048", '"small"')
    yield "n of 2047 bits", jwks(jwk(n=b64u_int(odd_modulus(2048) >> 1 | 1))), ("RSA of 2047 bits", "2048")
    yield "n of 16384 bits", jwks(jwk(n=b64u_int(odd_modulus(16384)))), ("no usable key", "8192 bits")
    yield "n of 64 Kbit", jwks(jwk(n=b64u_int(odd_modulus(65536)))), ("no usable key", "8192 bits")
    yield "n of 1 Mbit", jwks(jwk(n=b64u_int(odd_modulus(2 ** 20)))), ("65536",)
    yield "the ROCA pattern", jwks(jwk(n=b64u_int(roca_modulus()))), ("ROCA", "CVE-2017-15361")
    yield "e = 1", jwks(jwk(e="AQ")), ("no usable key", "exponent", "65537")
    yield "e even", jwks(jwk(e="AQAA")), ("no usable key", "exponent", "65537")
    yield "e beyond 2^32", jwks(jwk(e=b64u_int(2 ** 32 + 1))), ("no usable key", "exponent", "65537")
    yield "e as long as n", jwks(jwk(e=b64u_int(N))), ("no usable key", '"e"', "65537")
    yield "e missing", jwks(jwk(e=DROP)), ("no usable key", '"e"', "missing")
    yield "e a number", jwks(jwk(e=65537)), ("no usable key", '"e"', "string")
    yield "a point off the curve", jwks(shifted), ("no usable key", "no point of its curve")
    yield "the point (0,0)", jwks({**point, "x": b64u(bytes(48)), "y": b64u(bytes(48))}), ("no usable key", "no point of its curve")
    yield "x beyond the field", jwks({**point, "x": b64u(b"\xff" * 48)}), ("no usable key", "no point of its curve")
    yield "x too short", jwks({**point, "x": b64u(b"\1" * 47)}), ("no usable key", '"x"', "47 bytes")
    yield "x too long", jwks({**point, "x": b64u(b"\0" + b"\1" * 48)}), ("no usable key", '"x"', "49 bytes")
    yield "P-384's point called P-256", jwks({**point, "crv": "P-256"}), ("no usable key", "48 bytes")
    yield "crv P-521", jwks({**point, "crv": "P-521"}), ("no usable key", "P-521")
    yield "crv missing", jwks({"kty": "EC", "x": point["x"], "y": point["y"]}), ("no usable key", "crv")
    yield "no keys", jwks(), ("no usable key", "empty")
    yield "keys an object", b'{"keys":{}}', ("array",)
    yield "keys null", b'{"keys":null}', ("array",)
    yield "keys of strings", b'{"keys":["x"]}', ("no usable key", "object")
    yield "an array", to_json([kty]), ("JSON", '{"keys":[...]}')
    yield "an empty object", b"{}", ("JSON", '{"keys":[...]}')
    yield "a configuration", b'{"jwks_uri":"https://x.example"}', ("JSON", '{"keys":[...]}')
    yield "a member twice", b'{"keys":[],"keys":[' + to_json(kty) + b"]}", ("occurs twice",)
    yield "n twice", b'{"keys":[' + to_json(kty)[:-1] + b',"n":"AQAB"}]}', ("occurs twice",)
    yield "65 keys", jwks(*[jwk(kid=str(i)) for i in range(65)]), ("65 keys", "64")
    yield "5,000 keys", jwks(*[{"kty": "x"} for _ in range(5000)]), ("5000 keys", "64")
    yield "deep", jwks(jwk(x=json.loads("[" * 30 + "]" * 30))), ("32",)
    yield "64 KiB of markers", b"-----BEGIN X PARAMETERS-----" * 2340, ("X PARAMETERS",)
    yield "a megabyte of markers", b"-----BEGIN X PARAMETERS-----" * 37000, ("65536",)
    yield "a BOM", b"\xef\xbb\xbf" + jwks(kty), ("byte order mark", "UTF-8")
    yield "cut off", jwks(kty)[:-20], ("JSON", "byte")
    yield "a trailing comma", jwks(kty)[:-1] + b",}", ("JSON", "byte")
    yield "HTML", b"<!DOCTYPE html><html><title>Sign in</title></html>", ("HTML", '{"keys":[...]}')
    yield "UTF-16", jwks(kty).decode().encode("utf-16"), ("UTF-16", "UTF-8")
    yield "NUL in kid", b'{"keys":[' + to_json(kty)[:-1].replace(b'"kid":"a"', b'"kid":"a\\u0000b"') + b"}]}", ("u0000",)
    yield "a kid with escape sequences, EC", jwks({**point, "kid": "\x1b[2J\u202e"}), ("EC P-384", "\\xe2\\x80\\xae")
    yield "a certificate", certificate("rsa2048_a").encode(), ("an X.509 certificate", '"certificate"', "--cert")
    yield "a public key in PEM", fixture("rsa2048_a.pub.pem"), ("a bare public key", "JWK Set", "epic-auth key jwks")
    yield "a private key in PEM", fixture("rsa2048_a.TESTKEY.pem"), ("a private key", "secret", "epic-auth key jwks")
    yield "empty", b"", ("empty",)
    yield "a URL", b"https://keys.example/jwks.json", ("URL", "jwks_url", "--jwks-url")
    yield "a file name", b"jwks.json", ("is needed",)


# ---- registering ----

def is_text(data):
    with contextlib.suppress(UnicodeDecodeError):
        return b"\0" not in data and data.decode() is not None
    return False


def over_admin(mock, number, member, data):
    """Accepted or not, and the message; None when JSON cannot carry it."""
    if not is_text(data):
        return None
    client_id = f"app-{number}"
    status, answer = mock.admin("POST", "/apps", {"client_id": client_id, member: data.decode()})
    return status == 201, answer if status == 201 else (status, answer["message"] if answer else "")


def over_file(option, path):
    """Exit status (None: it served), stdout or the message, seconds."""
    started = time.monotonic()
    process = subprocess.Popen([MOCK_EPIC, "serve", "--listen", "127.0.0.1:0", "--no-default-fixtures", "--log-level", "error", "--client-id", "x", option, path],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    line = process.stdout.readline().decode()
    if line:
        process.terminate()
    _, error = process.communicate()
    return (None if line else process.returncode), line or error.decode("utf-8", "replace"), time.monotonic() - started


def secrets_of(data):
    """Long lines of the input that must not come back."""
    return [line for line in data.decode("latin-1").split("\n") if len(line) > 40 and " " not in line and "{" not in line]


def check_message(name, message, words, data):
    for word in words:
        suite.check(word in message, f"{name}: no {word!r} in {message!r}")
    controls = [c for c in message.rstrip("\n") if ord(c) < 0x20 or c in "\x7f\u202e"]
    suite.check(not controls and len(message) < 450, f"{name}: {len(message)} characters, {controls}")
    suite.check(not any(line[:40] in message for line in secrets_of(data)), f"{name}: the message quotes the file: {message!r}")


def walk(mock, rows, member, option, is_printing):
    path = os.path.join(WORK.name, "file with spaces.pem")
    for number, (name, data, words) in enumerate(rows):
        name = f"{member}: {name}"
        with open(path, "wb") as file:
            file.write(data)
        status, text, seconds = over_file(option, path)
        answer = over_admin(mock, f"{member}-{number}", member, data)
        if is_printing:
            print(f"{'ok    ' if status is None else 'REFUSE'} {name}\n       {'' if status is None else text.strip().removeprefix('mock-epic: ' + path)}")
        suite.check(seconds < 2 * SLOW, f"{name}: {seconds:.1f} s")
        if words is None:
            suite.check(status is None, f"{name} as a file: {status} {text!r}")
            suite.check(answer is None or answer[0], f"{name}: {answer}")
        else:
            suite.check(status == 3 and text.count("\n") == 1 and path in text, f"{name} as a file: {status} {text!r}")
            check_message(name, text, words, data)
            if answer:
                suite.check(not answer[0] and answer[1][0] in (400, 413, 422), f"{name}: {answer}")
                check_message(name, answer[1][1] if not answer[0] else "", words, data)


def accepted_details(mock):
    """What an accepted app says of itself, and that its key works whatever the certificate said."""
    expired = make_cert(days=(-400, -30)).decode()
    future = make_cert(days=(30, 400)).decode()
    for name, pem_text, warning in (("expired", expired, "has expired"), ("future", future, "not valid yet")):
        status, app = mock.admin("POST", "/apps", {"client_id": name, "certificate": pem_text})
        suite.check(status == 201 and any(warning in text for text in app["warnings"]), f"{name}: {app}")
        digest = x509.load_pem_x509_certificate(pem_text.encode()).fingerprint(hashes.SHA1()).hex().upper()
        suite.check(app.get("thumbprint_sha1") == digest and app.get("key_bits") == 2048, f"{name}: {app.get('thumbprint_sha1')}, expected {digest}")
        client = Client(mock, name, A)
        suite.grants(name, client, client.jwt())
    mock.register("kids", jwks={"keys": [jwk(kid="a", alg="RS256"), public_jwk(B, kid="a")]})
    client = Client(mock, "kids", A)
    suite.grants("a static set: kid is dropped, so any will do (E)", client, client.jwt(header={"kid": "nobody"}))
    suite.grants("a static set: the second key", client, client.jwt(key=B))
    suite.grants("a static set: alg is dropped too (E)", client, client.jwt(header={"alg": "RS384"}))
    for odd in ("a\x1b[2J", "", "a b", "\u00e9", "x" * 129, 5, None):
        status, answer = mock.admin("POST", "/apps", {"client_id": odd, "certificate": certificate("rsa2048_a")})
        suite.check(status == 400 and "client_id" in answer["message"], f"client_id {odd!r}: {status} {answer}")
    status, answer = mock.admin("POST", "/apps", {"client_id": "both", "certificate": certificate("rsa2048_a"), "jwks": {"keys": [jwk()]}})
    suite.check(status == 400 and "exactly one" in answer["message"], f"two sources: {answer}")
    answer = mock.request("POST", "/mock/apps", to_json({"client_id": "big", "certificate": "x" * 3000000}))
    suite.check(answer.statuses == [413], f"3 MB: {answer.statuses}")


def never_prompts():
    """On a terminal, with a key that wants a passphrase: nothing is asked and nothing is waited for."""
    path = os.path.join(WORK.name, "encrypted.pem")
    with open(path, "wb") as file:
        file.write(fixture("rsa2048_a.encrypted.TESTKEY.pem"))
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(MOCK_EPIC, [MOCK_EPIC, "serve", "--listen", "127.0.0.1:0", "--client-id", "x", "--cert", path])
    out, started = b"", time.monotonic()
    with contextlib.suppress(OSError):
        while time.monotonic() - started < 10 * SLOW and select.select([terminal], [], [], 5 * SLOW)[0]:
            data = os.read(terminal, 4096)
            if not data:
                break
            out += data
    _, status = os.waitpid(pid, os.WNOHANG) if time.monotonic() - started >= 10 * SLOW else os.waitpid(pid, 0)
    suite.check(os.WIFEXITED(status) and os.WEXITSTATUS(status) == 3 and b"encrypted" in out, f"on a terminal: {status} {out!r}")
    suite.check(b"pass phrase" not in out.lower().replace(b"passphrase", b"") and time.monotonic() - started < 3 * SLOW, f"on a terminal: {out!r}")


def main():
    is_printing = "--print" in sys.argv
    with WORK, Mock("--no-default-fixtures") as mock:
        walk(mock, certificates(), "certificate", "--cert", is_printing)
        walk(mock, sets(), "jwks", "--jwks", is_printing)
        accepted_details(mock)
        never_prompts()
        text = mock.request("GET", "/mock/apps").body.decode()
        suite.check("\x1b" not in text and "\\u001b" not in text, "escape sequences in the list of apps")
        suite.check("PRIVATE KEY" not in text + mock.log() and "\x1b" not in mock.log(), "the log")
    suite.done(900)


main()
