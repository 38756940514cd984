#!/usr/bin/python3
"""The adapter for other people's vectors, on a few made here in their formats by python3-cryptography: it must find them all,
agree with what they say, and disagree aloud when a file says the opposite.

environment: EPIC_BIN_DIR, EPIC_SOURCE_DIR"""
import base64
import json
import os
import subprocess
import sys
import tempfile

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ADAPTER = os.environ["EPIC_SOURCE_DIR"] + "/conformance/long.d/vectors"
TOOL = os.environ["EPIC_BIN_DIR"] + "/../tests/conformance.vector_tool"
MESSAGE = b"message"


def pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def tests_of(rows):
    return [{"tcId": i, "comment": "made here", "msg": MESSAGE.hex(), "sig": sig.hex(), "result": result, "flags": []}
            for i, (sig, result) in enumerate(rows, 1)]


def flipped(data):
    return bytes([data[0] ^ 1]) + data[1:]


def rsa_file(bits, sha):
    key = rsa.generate_private_key(65537, bits)
    good = key.sign(MESSAGE, padding.PKCS1v15(), sha)
    pss = key.sign(MESSAGE, padding.PSS(padding.MGF1(sha), 20), sha)
    rows = [(good, "valid"), (flipped(good), "invalid"), (b"\0" + good, "invalid"), (good[:-1], "invalid"), (b"", "invalid"), (pss, "invalid")]
    name = "SHA-" + sha.name[3:]
    return {"schema": "rsassa_pkcs1_verify_schema_v1.json", "testGroups": [
        {"type": "RsassaPkcs1Verify", "publicKeyPem": pem(key), "sha": name, "tests": tests_of(rows)},
        {"type": "RsassaPkcs1Verify", "publicKeyPem": pem(key), "sha": "SHA-224", "tests": tests_of([(good, "valid")])}]}


def ecdsa_file(curve, name, sha, is_raw):
    key = ec.generate_private_key(curve)
    size = curve.key_size // 8
    der = key.sign(MESSAGE, ec.ECDSA(sha))
    r, s = decode_dss_signature(der)
    raw = r.to_bytes(size, "big") + s.to_bytes(size, "big")
    good, long_form = (raw, b"\0" + raw) if is_raw else (der, der[:1] + b"\x81" + der[1:])
    rows = [(good, "valid"), (good[:-1] + bytes([good[-1] ^ 1]), "invalid"), (long_form, "invalid"), (good + b"\0", "invalid"),
            (bytes(len(raw)) if is_raw else bytes.fromhex("3006020100020100"), "invalid"), (der if is_raw else raw, "invalid")]
    schema = "ecdsa_p1363_verify_schema_v1.json" if is_raw else "ecdsa_verify_schema_v1.json"
    return {"schema": schema, "testGroups": [
        {"publicKey": {"type": "EcPublicKey", "curve": name}, "publicKeyPem": pem(key), "sha": "SHA-" + sha.name[3:], "tests": tests_of(rows)}]}


def jws_file():
    key = rsa.generate_private_key(65537, 2048)
    numbers = key.public_key().public_numbers()
    public = {"kty": "RSA", "kid": "k", "alg": "RS384", "use": "sig", "e": b64u(numbers.e.to_bytes(3, "big")), "n": b64u(numbers.n.to_bytes(256, "big"))}

    def token(header, alg=hashes.SHA384):
        text = b64u(json.dumps(header).encode()) + "." + b64u(b"no JSON")
        return text + "." + b64u(key.sign(text.encode(), padding.PKCS1v15(), alg()))
    good = token({"alg": "RS384", "kid": "k"})
    rows = [(good, "valid"), (good + "=", "invalid"), (good + "\n", "invalid"), (good[:-4], "invalid"), (good.rsplit(".", 1)[0] + ".", "invalid"),
            (token({"alg": "RS256", "kid": "k"}, hashes.SHA256), "invalid"), (token({"alg": "none"}), "invalid"),
            (token({"alg": "RS384", "crit": ["x"], "x": 1}), "invalid"), (token({"alg": "RS384", "kid": "other"}), "acceptable")]
    tests = [{"tcId": i, "comment": "made here", "jws": jws, "result": result, "flags": []} for i, (jws, result) in enumerate(rows, 1)]
    hmac = {"kty": "oct", "alg": "HS256", "k": "AAAA"}
    return {"schema": "json_web_signature_schema_v1.json", "testGroups": [
        {"type": "JsonWebSignature", "private": {"d": "x"}, "public": public, "tests": tests},
        {"type": "JsonWebSignature", "private": hmac, "tests": [{"tcId": 99, "comment": "HMAC", "jws": good, "result": "valid", "flags": []}]}]}


JSON_FILES = {"y_object.json": b'{"a":[1,2.5e3,null]}', "y_object_duplicated_key.json": b'{"a":1,"a":2}', "n_comma.json": b"[1,]",
              "n_utf8.json": b'["\xff"]', "n_empty.json": b"", "i_surrogate.json": b'["\\ud800"]'}


def files():
    yield "w/rsa_signature_2048_sha384_test.json", rsa_file(2048, hashes.SHA384())
    yield "w/rsa_signature_3072_sha512_test.json", rsa_file(3072, hashes.SHA512())
    for curve, name, sha in ((ec.SECP256R1(), "secp256r1", hashes.SHA256()), (ec.SECP384R1(), "secp384r1", hashes.SHA384())):
        yield f"w/ecdsa_{name}_p1363_test.json", ecdsa_file(curve, name, sha, True)
        yield f"w/ecdsa_{name}_test.json", ecdsa_file(curve, name, sha, False)
    yield "w/ecdsa_secp521r1_test.json", {"schema": "ecdsa_verify_schema_v1.json", "testGroups": [
        {"publicKey": {"curve": "secp521r1"}, "publicKeyPem": "", "sha": "SHA-512", "tests": tests_of([(b"x", "valid")])}]}
    yield "w/json_web_signature_test.json", jws_file()
    yield "w/aes_gcm_test.json", {"schema": "aead_test_schema_v1.json", "testGroups": [{"tests": [{"tcId": 1}]}]}


def run(root):
    environment = {**os.environ, "VECTOR_TOOL": TOOL}
    environment.pop("EXTRA_VECTORS", None)
    if root:
        environment["EXTRA_VECTORS"] = root
    done = subprocess.run([sys.executable, "-B", ADAPTER], env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def expect(result, status, *parts):
    if result[0] != status or not all(part in result[1] for part in parts):
        sys.exit(f"wanted status {status} and {parts}, got {result[0]}:\n{result[1]}")


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def main():
    expect(run(None), 0, "skipped: EXTRA_VECTORS")
    with tempfile.TemporaryDirectory() as root:
        expect(run(root), 1, "holds neither")
        made = dict(files())
        for name, data in made.items():
            write(f"{root}/{name}", json.dumps(data).encode())
        for name, text in JSON_FILES.items():
            write(f"{root}/suite/test_parsing/{name}", text)
        expect(run(root), 0, "Wycheproof: 46 vectors", "7 valid and accepted", "37 invalid and refused", "1 acceptable and refused",
               "1 valid but refused on purpose: another algorithm",
               "JSONTestSuite: 6 vectors", "3 invalid and refused", "1 valid and accepted", "refused on purpose: a member twice")

        # the same files, each saying the opposite once
        for name, data in made.items():
            if "aes" in name or "521" in name:
                continue
            tests = data["testGroups"][0]["tests"]
            for index, other in ((0, "invalid"), (1, "valid")):
                kept, tests[index]["result"] = tests[index]["result"], other
                write(f"{root}/{name}", json.dumps(data).encode())
                is_excused = "json_web" in name and other == "valid"  # padding: refused on purpose, and counted so
                expect(run(root), 0 if is_excused else 1, *([] if is_excused else [f"{os.path.basename(name)} {index + 1}"]))
                tests[index]["result"] = kept
            write(f"{root}/{name}", json.dumps(data).encode())
        write(f"{root}/suite/test_parsing/n_fine.json", b"[]")
        expect(run(root), 1, "n_fine.json: invalid, and accepted")
    print("found, agreed, and disagreed where it had to")


main()
