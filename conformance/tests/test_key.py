#!/usr/bin/env python3
"""`epic-conformance key`: each kind of file that people hold, made by the openssl command line or python3-jwt (fixtures/keys),
beside its nearest neighbour, with the words that must be said about it. Thumbprints are compared with openssl's."""
import base64
import json
import os
import sys
import tempfile

from lint import ID, KEYS, NOW, SANDBOX, fixture_key, jwt, openssl, run

failures = 0


def fail(what):
    global failures
    failures += 1
    print("FAILED:", what)


def key(*names, status=0, says=(), says_not=()):
    code, out, err = run("key", *(n if os.path.isabs(n) else fixture_key(n) for n in names))
    if code != status or err:
        fail(f"{names}: status {code}, not {status}: {out}{err}")
    for words in says:
        if words not in out:
            fail(f"{names}: no '{words}' in\n{out}")
    for words in says_not:
        if words in out:
            fail(f"{names}: '{words}' in\n{out}")
    return out


def read(name, mode="rb"):
    with open(fixture_key(name), mode) as file:
        return file.read()


def kinds(directory):
    static = "an uploaded key; Epic's sandbox takes none since February 2026"
    key("rsa2048_a.cert.pem", says=["an X.509 certificate", "RSA, 2048 bits", "CN=epic-backend-testkey", "warn     " + static])
    key("p256_a.cert.pem", status=1, says=["EC P-256", "fail     EC signatures need a JWK Set URL", static])
    key("rsa1024_a.cert.pem", status=1, says=["fail     RSA of 1024 bits"])
    for name in ("rsa2048_a.TESTKEY.pem", "rsa2048_a.pkcs1.TESTKEY.pem", "p384_a.sec1.TESTKEY.pem"):
        secret = read(name).splitlines()[2].decode()
        copy = os.path.join(directory, "private.pem")
        with open(copy, "wb") as file:
            file.write(read(name))
        os.chmod(copy, 0o600)
        key(copy, says=["a private key", ", private"], says_not=["warn", "fail", secret])
        os.chmod(copy, 0o640)
        key(copy, says=["warn     others can read this private key", "chmod 600"], says_not=["fail", secret])
    key("rsa2048_a.encrypted.TESTKEY.pem", status=1, says=["an encrypted private key", "decrypt it"])
    key("rsa2048_a.pub.pem", status=1, says=["fail     a bare public key, which Epic does not take", "RSA, 2048 bits", "openssl req -new -x509"])
    key("rsa2048_a.csr.pem", status=1, says=["certificate signing request", "openssl req -new -x509"])
    key("rsa2048_a.cert.der", status=1, says=["binary DER", "openssl x509 -inform DER"])
    key("ed25519_a.cert.pem", status=1, says=["ED25519"])
    key("rsapss2048_a.cert.pem", status=1, says=["RSA-PSS"])
    key("ab.jwks.json", says=["a JWK Set", "key-a", "key-b"], says_not=["warn", "fail"])
    key("dup_kid.jwks.json", says=['warn     entry 2 (kid "key-a") has the kid of entry 1'])
    key("mixed.jwks.json", says=['warn     entry 3 (kid "strange") cannot be used: kty OKP'])
    key("private.jwks.json", status=1, says=["private or secret key"], says_not=[json.loads(read("private.jwks.json"))["keys"][0]["d"]])
    key("rsa2048_a.jwk.json", says=["a JWK", "one JWK, where a JWK Set is asked for"])


def thumbprints():
    for name in ("rsa2048_a", "p384_a"):
        out = run("key", fixture_key(name + ".cert.pem"))[1]
        for digest in ("sha1", "sha256"):
            print_ = openssl("x509", "-in", fixture_key(name + ".cert.pem"), "-noout", "-fingerprint", "-" + digest).decode()
            if print_.split("=")[1].strip().replace(":", "") not in out:
                fail(f"{name}: {digest}")
        with open(os.path.join(KEYS, "thumbprints.tsv"), encoding="ascii") as file:
            wanted = next(line.split("\t")[1] for line in file if line.startswith(name + "\t"))
        if wanted not in out:
            fail(f"{name}: RFC 7638 thumbprint")


def made_files(work):
    def put(name, data):
        path = os.path.join(work, name)
        with open(path, "wb") as file:
            file.write(data if isinstance(data, bytes) else data.encode())
        return path

    def jwks(**changes):
        member = {k: v for k, v in {**json.loads(read("rsa2048_a.jwk.json")), **changes}.items() if v is not None}
        return put("set.json", json.dumps({"keys": [member]}))

    cert = read("rsa2048_a.cert.pem")
    key(put("crlf.pem", cert.replace(b"\n", b"\r\n")), says=["an X.509 certificate"], says_not=["fail"])
    key(put("text.pem", openssl("x509", "-in", fixture_key("rsa2048_a.cert.pem"), "-text")), says_not=["fail"])
    key(put("two.pem", cert + read("rsa2048_b.cert.pem")), status=1, says=["2 certificates in one file"])
    key(put("bare.txt", b"".join(cert.splitlines()[1:-1])), status=1, says=["fail"])
    key(put("page.html", "<!DOCTYPE html><html></html>"), status=1, says=["an HTML page"])
    key(put("empty", ""), status=1, says=["empty"])
    key(put("p12", openssl("pkcs12", "-export", "-inkey", fixture_key("rsa2048_a.TESTKEY.pem"), "-in",
                           fixture_key("rsa2048_a.cert.pem"), "-passout", "pass:x")), status=1, says=["a PKCS#12 file"])
    key(jwks(kid=None), says=["warn     entry 1 has no kid"])
    key(jwks(use="enc"), status=1, says=["is not for signatures"])
    key(jwks(use="sig"), says_not=["warn", "fail"])
    n = json.loads(read("rsa2048_a.jwk.json"))["n"]
    key(jwks(n=n + "=="), status=1, says=["entry 1", "padding", "fail     no key of it can be used"])
    key(jwks(n=base64.urlsafe_b64encode(b"\0" + base64.urlsafe_b64decode(n + "==")).rstrip(b"=").decode()), status=1, says=["starts with a zero byte"])
    key(jwks(kid="a\x1b[31m\n"), says_not=["\x1b"])
    key(put("none.json", '{"keys":[]}'), status=1, says=["no key of it can be used"])
    key(put("other.json", '{"hello":1}'), status=1, says=["JSON that is no JWK Set"])


def repairs(work):
    """What had to be mended is said by `key`, and by `jwt` on stderr; a report on standard output stays what it is."""
    lines = read("rsa2048_a.cert.pem", "r").strip().split("\n")
    for name, text, says in (("plain", "\n".join(lines) + "\n", None), ("one", "".join(lines), "in one line"),
                             ("indented", "\n".join("  " + line for line in lines), "indented"), ("escaped", "\\n".join(lines), "written as")):
        path = os.path.join(work, name + ".pem")
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        key(path, says=[says] if says else [], says_not=[] if says else ["PEM text"])
        code, out, err = run("jwt", "--at", str(NOW), "--client-id", ID, "--token-url", SANDBOX, "--cert", path, "--format", "json", "-", text=jwt())
        if code or json.loads(out)["outcome"] != "accepted" or bool(says) != bool(err) or (says or "") not in err:
            fail(f"jwt with {name}: {code} {err}")
    code, _, err = run("jwt", "--at", str(NOW), "--client-id", ID, "--token-url", SANDBOX, "--jwks", fixture_key("dup_kid.jwks.json"), "-", text=jwt())
    if code or "has kid and kty of key 1" not in err:
        fail(f"jwt with twins: {code} {err}")


def pairs():
    a = "rsa2048_a.TESTKEY.pem"
    for other in ("rsa2048_a.cert.pem", "rsa2048_a.jwks.json", "ab.jwks.json"):
        key(a, other, says=["belong together"], says_not=["do not"])
        key(other, a, says=["belong together"], says_not=["do not"])
    for other in ("rsa2048_b.cert.pem", "p256_a.jwks.json"):
        key(a, other, status=1, says=["do not belong together"])
    key("rsa2048_a.cert.pem", "rsa2048_b.cert.pem", says_not=["belong together"])
    code, out, _ = run("key", "--format", "json", fixture_key(a), fixture_key("rsa2048_a.cert.pem"))
    report = json.loads(out)
    if code or [p["match"] for p in report["pairs"]] != [True] or [len(f["keys"]) for f in report["files"]] != [1, 1]:
        fail(f"JSON: {out}")
    if report["files"][0]["keys"][0]["private"] is not True or report["files"][1]["findings"][0]["result"] != "warn":
        fail(f"JSON: {out}")


def usage():
    for arguments, status in (((), 2), (("--format", "xml", "x"), 2), (("--nonsense",), 2), (("/nonexistent",), 3), (("--help",), 0),
                              (["x"] * 33, 2)):
        code, _, err = run("key", *arguments)
        if code != status or bool(err) != bool(status):
            fail(f"key {arguments}: {code} {err}")


with tempfile.TemporaryDirectory() as temporary:
    kinds(temporary)
    made_files(temporary)
    repairs(temporary)
thumbprints()
pairs()
usage()
sys.exit(failures > 0)
