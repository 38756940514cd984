#!/usr/bin/python3
"""The signed envelope under attack: algorithms, signatures, parts, base64url, header members."""
import hmac
import json
import socket

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from harness import Client, Mock, Suite, Web, b64u, certificate, first_failure, form, private_key, public_jwk, sign, to_json

A, B = private_key("rsa2048_a"), private_key("rsa2048_b")
PUBLIC = A.public_key()
N = PUBLIC.public_numbers().n
suite = Suite()


# ---- alg ----

def public_as_secret():
    """What a server that confuses keys with secrets might use as the key of an HMAC."""
    encoding, formats = serialization.Encoding, serialization.PublicFormat
    pem = PUBLIC.public_bytes(encoding.PEM, formats.SubjectPublicKeyInfo)
    return {"PEM": pem, "stripped PEM": pem.strip(), "PEM in one line": pem.replace(b"\n", b""),
            "DER": PUBLIC.public_bytes(encoding.DER, formats.SubjectPublicKeyInfo),
            "PKCS#1 PEM": PUBLIC.public_bytes(encoding.PEM, formats.PKCS1), "certificate": certificate("rsa2048_a").encode(),
            "modulus": N.to_bytes(256, "big"), "nothing": b""}


def attack_alg(client):
    for alg in ("none", "None", "NONE", "nOnE", "", " none", "none ", "HS384", "Rs384", "rs384", "RS384 ", " RS384", "RS385", "RS38",
                "RS3840", "ES384", "ES256", "ES512", "PS384", "PS256", "EdDSA", "RSA-OAEP", "ECDH-ES", "RS384,none"):
        suite.refuses(f"alg {alg!r}, well signed", client, client.jwt(header={"alg": alg}), "header.alg")
    for alg in ("none", "None", ""):
        signed = client.jwt(header={"alg": alg})
        suite.refuses(f"alg {alg!r}, signature empty", client, signed.rpartition(".")[0] + ".", "jws.compact")
        suite.refuses(f"alg {alg!r}, two parts", client, signed.rpartition(".")[0], "jws.compact")
    for alg in (["RS384"], 384, None, True, {"RS384": "RS384"}, []):
        suite.refuses(f"alg {alg!r}", client, client.jwt(header={"alg": alg}), "header.alg")
    for text in (b'{"alg":"none\\u0000","typ":"JWT"}', b'{"alg":"RS384\\u0000","typ":"JWT"}', b'{"alg":"RS384","alg":"none"}',
                 b'{"alg":"none","alg":"RS384"}', b'{"alg\\u0000x":"RS384"}'):
        suite.refuses(f"header {text!r}", client, client.jwt(header_text=text), "header.json")
    for text in (b'{"ALG":"RS384"}', b'{"typ":"JWT"}', b'{"ALG":"RS384","alg":"none"}', b"{}"):
        suite.refuses(f"header {text!r}", client, client.jwt(header_text=text), "header.alg")
    suite.grants("a shadow of alg", client, client.jwt(header_text=b'{"ALG":"none","alg":"RS384"}'))
    suite.grants("alg with an escaped letter", client, client.jwt(header_text=b'{"a\\u006cg":"RS384"}'))


def attack_hmac(client):
    for alg, digest in (("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")):
        for what, secret in public_as_secret().items():
            forged = client.jwt(header={"alg": alg}, signature=lambda data: hmac.new(secret, data, digest).digest())
            suite.refuses(f"{alg} keyed by {what}", client, forged, "header.alg")
    for what, secret in public_as_secret().items():
        forged = client.jwt(signature=lambda data: hmac.new(secret, data, "sha384").digest())
        suite.refuses(f"RS384 with an HMAC keyed by {what}", client, forged, "signature")


def attack_other_algorithms(client, smart):
    hash_of = {"RS256": hashes.SHA256(), "RS384": hashes.SHA384(), "RS512": hashes.SHA512()}
    for alg, digest in hash_of.items():
        suite.grants(f"{alg} (Epic takes all three)", client, client.jwt(header={"alg": alg}, digest=digest))
        for other, other_digest in hash_of.items():
            if other != alg:
                suite.refuses(f"{alg}, signed as {other}", client, client.jwt(header={"alg": alg}, digest=other_digest), "signature")
        pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
        suite.refuses(f"{alg} with a PSS signature", client,
                      client.jwt(header={"alg": alg}, signature=lambda data: A.sign(data, pss, digest)), "signature")
    for alg in ("RS256", "RS512"):
        suite.refuses(f"{alg} in the smart profile", smart, smart.jwt(header={"alg": alg}, digest=hash_of[alg]), "header.alg")
    suite.refuses("ES384 with only an RSA key", smart, smart.jwt(header={"alg": "ES384"}), "key.found")
    suite.refuses("ES384 signed by an EC key", smart, smart.jwt(header={"alg": "ES384"}, key=private_key("p384_a")), "key.found")


# ---- RSA signatures ----

def with_signature(client, claims, change):
    good = client.jwt(claims)
    signing_input, _, text = good.rpartition(".")
    s = sign(A, signing_input.encode())
    assert b64u(s) == text
    return f"{signing_input}.{b64u(change(s))}"


def number_of(change):
    def apply(s):
        value = change(int.from_bytes(s, "big"))
        return value.to_bytes(max(256, (value.bit_length() + 7) // 8), "big")
    return apply


def attack_rsa(client):
    rows = {
        "s = 0": number_of(lambda s: 0), "s = 1": number_of(lambda s: 1), "s = n-1": number_of(lambda s: N - 1),
        "s = n": number_of(lambda s: N), "s = n+1": number_of(lambda s: N + 1), "s + n": number_of(lambda s: s + N),
        "n - s": number_of(lambda s: N - s), "s + 1": number_of(lambda s: s + 1), "2s mod n": number_of(lambda s: 2 * s % N),
        "leading 00": lambda s: b"\0" + s, "trailing 00": lambda s: s + b"\0", "one byte short": lambda s: s[:-1],
        "first byte gone": lambda s: s[1:], "twice": lambda s: s + s, "backwards": lambda s: s[::-1],
        "all ff": lambda s: b"\xff" * 256, "one byte": lambda s: s[:1], "8 KiB": lambda s: s * 32,
        "last bit": lambda s: s[:-1] + bytes([s[-1] ^ 1]), "first bit": lambda s: bytes([s[0] ^ 0x80]) + s[1:],
    }
    for name, change in rows.items():
        claims = client.claims()
        suite.refuses("RSA " + name, client, with_signature(client, claims, change), "signature", claims["jti"])
    claims = client.claims()
    while int.from_bytes(sign(A, client.jwt(claims).rpartition(".")[0].encode()), "big") + N >= 1 << 2048:
        claims = client.claims()  # until s+n fits into 256 bytes: the same residue in another spelling
    suite.refuses("s + n in 256 bytes", client, with_signature(client, claims, number_of(lambda s: s + N)), "signature", claims["jti"])
    suite.refuses("a signature of 32 KiB", client, with_signature(client, client.claims(), lambda s: s * 128), "jws.compact")
    answer = client.post(with_signature(client, client.claims(), lambda s: s * 256))
    suite.check(answer.statuses == [413], f"a signature of 64 KiB: {answer.statuses}")
    suite.grants("after it", client, client.jwt())
    suite.refuses("signed by another key", client, client.jwt(key=B), "signature")
    suite.refuses("other claims under the signature", client, swap_claims(client), "signature")


def swap_claims(client):
    first, second = client.jwt().split("."), client.jwt().split(".")
    return f"{first[0]}.{second[1]}.{first[2]}"


def tlv(tag, value, length=None):
    n = len(value)
    coded = length if length is not None else bytes([n]) if n < 128 else bytes([0x81, n])
    return bytes([tag]) + coded + value


SHA256_OID, SHA384_OID, SHA512_OID, SHA3_384_OID = (bytes.fromhex("06096086480165030402" + last) for last in ("01", "02", "03", "09"))
NULL = b"\x05\x00"


def digest_of(data, digest):
    h = hashes.Hash(digest)
    h.update(data)
    return h.finalize()


def encoded(info, block_type=1, pad=None, first=0, zero=b"\0"):
    pad = pad if pad is not None else b"\xff" * (256 - 3 - len(info))
    block = bytes([first, block_type]) + pad + zero + info
    return block + b"\0" * (256 - len(block))


def emsa_rows():
    """name: the 256 bytes that a sloppy verifier might take for the encoding of a digest. All are signed with the real
    private key, so only the strictness of the comparison stands between them and a token."""
    h384 = lambda data: digest_of(data, hashes.SHA384())
    algorithm = tlv(0x30, SHA384_OID + NULL)
    good = lambda data: tlv(0x30, algorithm + tlv(4, h384(data)))
    return {
        "NULL missing": lambda d: encoded(tlv(0x30, tlv(0x30, SHA384_OID) + tlv(4, h384(d)))),
        "garbage for NULL": lambda d: encoded(tlv(0x30, tlv(0x30, SHA384_OID + b"\x04\x01\x00") + tlv(4, h384(d)))),
        "NULL of one byte": lambda d: encoded(tlv(0x30, tlv(0x30, SHA384_OID + b"\x05\x01\x00") + tlv(4, h384(d)))),
        "garbage behind NULL": lambda d: encoded(tlv(0x30, tlv(0x30, SHA384_OID + NULL + b"\x04\x02ab") + tlv(4, h384(d)))),
        "BER length outside": lambda d: encoded(tlv(0x30, good(d)[2:], b"\x81\x41")),
        "BER length of two bytes": lambda d: encoded(tlv(0x30, good(d)[2:], b"\x82\x00\x41")),
        "BER length inside": lambda d: encoded(tlv(0x30, tlv(0x30, SHA384_OID + NULL, b"\x81\x0d") + tlv(4, h384(d)))),
        "BER length of the digest": lambda d: encoded(tlv(0x30, algorithm + tlv(4, h384(d), b"\x81\x30"))),
        "indefinite length": lambda d: encoded(b"\x30\x80" + algorithm + tlv(4, h384(d)) + b"\0\0"),
        "behind the digest": lambda d: encoded(tlv(0x30, algorithm + tlv(4, h384(d)) + b"\x04\x02ab")),
        "behind the digest info": lambda d: encoded(good(d) + b"ab"),
        "eight bytes of padding, garbage behind": lambda d: encoded(good(d), pad=b"\xff" * 8),
        "no padding": lambda d: encoded(good(d), pad=b""),
        "seven bytes of padding": lambda d: encoded(good(d), pad=b"\xff" * 7),
        "a byte fe in the padding": lambda d: encoded(good(d), pad=b"\xff" * 100 + b"\xfe" + b"\xff" * (152 - len(good(d)))),
        "a zero in the padding": lambda d: encoded(good(d), pad=b"\xff" * 100 + b"\0" + b"\xff" * (152 - len(good(d)))),
        "no zero": lambda d: encoded(good(d), pad=b"\xff" * (254 - len(good(d))), zero=b""),
        "block type 0": lambda d: encoded(good(d), block_type=0, pad=b"\0" * (253 - len(good(d)))),
        "block type 0, padded with ff": lambda d: encoded(good(d), block_type=0),
        "block type 2": lambda d: encoded(good(d), block_type=2),
        "first byte 1": lambda d: encoded(good(d), first=1),
        "SHA-256 in it": lambda d: encoded(tlv(0x30, tlv(0x30, SHA256_OID + NULL) + tlv(4, digest_of(d, hashes.SHA256())))),
        "SHA-512 in it": lambda d: encoded(tlv(0x30, tlv(0x30, SHA512_OID + NULL) + tlv(4, digest_of(d, hashes.SHA512())))),
        "the OID of SHA-256": lambda d: encoded(tlv(0x30, tlv(0x30, SHA256_OID + NULL) + tlv(4, h384(d)))),
        "the OID of SHA3-384": lambda d: encoded(tlv(0x30, tlv(0x30, SHA3_384_OID + NULL) + tlv(4, h384(d)))),
        "the digest alone": lambda d: encoded(h384(d)),
        "the digest as an octet string": lambda d: encoded(tlv(4, h384(d))),
        "digest cut off": lambda d: encoded(tlv(0x30, algorithm + tlv(4, h384(d)[:47]))),
        "digest and a byte": lambda d: encoded(tlv(0x30, algorithm + tlv(4, h384(d) + b"\0"))),
        "a digest of no bytes": lambda d: encoded(tlv(0x30, algorithm + tlv(4, b""))),
    }, lambda d: encoded(good(d))


def attack_pkcs1(client):
    d = A.private_numbers().d
    rows, good = emsa_rows()
    raw = lambda block: lambda data: pow(int.from_bytes(block(data), "big") % N, d, N).to_bytes(256, "big")
    suite.grants("PKCS#1 v1.5 by hand", client, client.jwt(signature=raw(good)))
    for name, block in rows.items():
        claims = client.claims()
        suite.refuses("PKCS#1 v1.5, " + name, client, client.jwt(claims, signature=raw(block)), "signature", claims["jti"])


def cube_root(number):
    low, high = 0, 1 << (number.bit_length() // 3 + 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if middle ** 3 < number else (low, middle)
    return low


def attack_small_exponent(mock):
    """Bleichenbacher 2006: with e = 3 a cube root forges what a sloppy verifier takes, without any private key."""
    key = rsa.generate_private_key(3, 2048)
    mock.register("small-exponent", jwks={"keys": [public_jwk(key)]})
    client = Client(mock, "small-exponent", key)
    suite.grants("e = 3, honestly signed", client, client.jwt())
    _, good = emsa_rows()

    def forge(pad_n):
        def made(data):
            info = good(data)[-67:]
            start = b"\x00\x01" + b"\xff" * pad_n + b"\x00" + info
            root = cube_root(int.from_bytes(start + b"\0" * (256 - len(start)), "big"))
            block = (root ** 3).to_bytes(256, "big")
            assert block.startswith(start), "the forgery has the digest in its place"
            return root.to_bytes(256, "big")
        return made
    for pad_n in (0, 1, 8):
        suite.refuses(f"e = 3, a cube root, {pad_n} bytes of padding", client, client.jwt(signature=forge(pad_n)), "signature")


# ---- EC signatures ----

CURVES = {
    "P-256": ("p256_a", "ES256", 32, 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
              0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff),
    "P-384": ("p384_a", "ES384", 48,
              0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973,
              0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff),
}


def ec_rows(width, order, prime):
    """name: the signature bytes made from an honest r||s, all to be refused."""
    byte = lambda value: value.to_bytes(width, "big")
    rows = {}
    edges = {"0": 0, "1": 1, "n-1": order - 1, "n": order, "n+1": order + 1, "p": prime, "max": (1 << 8 * width) - 1}
    for r_name, r in edges.items():
        for s_name, s in edges.items():
            rows[f"r = {r_name}, s = {s_name}"] = lambda raw, r=r, s=s: byte(r) + byte(s)
        rows[f"r = {r_name}"] = lambda raw, r=r: byte(r) + raw[width:]
        rows[f"s = {r_name}"] = lambda raw, s=r: raw[:width] + byte(s)
    number = lambda half: int.from_bytes(half, "big")
    rows.update({
        "DER": lambda raw: utils.encode_dss_signature(number(raw[:width]), number(raw[width:])),
        "one byte short": lambda raw: raw[:-1], "a 00 behind": lambda raw: raw + b"\0", "a 00 before": lambda raw: b"\0" + raw,
        "two bytes more": lambda raw: b"\0" + raw[:width] + b"\0" + raw[width:], "half": lambda raw: raw[:width],
        "64 bytes": lambda raw: (raw * 2)[:64] if width != 32 else (raw * 2)[:96], "132 bytes": lambda raw: (raw * 3)[:132],
        "swapped": lambda raw: raw[width:] + raw[:width], "little-endian": lambda raw: raw[:width][::-1] + raw[width:][::-1],
        "all backwards": lambda raw: raw[::-1], "r + n": lambda raw: (number(raw[:width]) + order).to_bytes(width + 1, "big") + raw[width:],
        "s + n": lambda raw: raw[:width] + (number(raw[width:]) + order).to_bytes(width + 1, "big"),
        "n - r": lambda raw: byte(order - number(raw[:width])) + raw[width:],
        "nothing but zeros": lambda raw: bytes(2 * width), "last bit": lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]),
    })
    return rows


def attack_ec(mock, web):
    """EC keys come by JWK Set URL alone; each of the two curves has its one algorithm."""
    for curve, (name, alg, width, order, prime) in CURVES.items():
        key = private_key(name)
        web.serve("/" + curve, to_json({"keys": [public_jwk(key, kid="k")]}))
        mock.register(curve, jwks_url=web.url("/" + curve))
        client = Client(mock, curve, key, {"alg": alg, "kid": "k"})
        suite.grants(f"{alg}, honestly signed", client, client.jwt())
        for row, change in ec_rows(width, order, prime).items():
            claims = client.claims()
            suite.refuses(f"{alg}, {row}", client, client.jwt(claims, signature=lambda data: change(sign(key, data))), "signature", claims["jti"])

        def other_half(data):
            raw = sign(key, data)
            return raw[:width] + (order - int.from_bytes(raw[width:], "big")).to_bytes(width, "big")
        claims = client.claims()
        suite.grants(f"{alg}, n - s: the same signature to ECDSA", client, client.jwt(claims, signature=other_half))
        suite.refuses(f"{alg}, s after n - s", client, client.jwt(claims), "jti.replay")
        other_alg = {"ES256": "ES384", "ES384": "ES256"}[alg]
        suite.refuses(f"{other_alg} with a key on {curve}", client, client.jwt(header={"alg": other_alg}), "key.found")
        suite.refuses(f"RS384 with a key on {curve}", client, client.jwt(header={"alg": "RS384"}, key=A), "key.found")
        for digest in (hashes.SHA1(), hashes.SHA512(), hashes.SHA384() if width == 32 else hashes.SHA256()):
            suite.refuses(f"{alg} over {digest.name}", client, client.jwt(digest=digest), "signature")
        suite.refuses(f"ES512 with a key on {curve}", client, client.jwt(header={"alg": "ES512"}), "header.alg")
        suite.refuses(f"{alg}, another key of the curve", client, client.jwt(key=ec.generate_private_key(key.curve)), "signature")
        for kid in ("K", "k ", "k\n", "../k", "k" * 5000, "\u212a"):
            suite.refuses(f"kid {kid[:9]!r}", client, client.jwt(header={"kid": kid}), "key.found")


def attack_kid_lookup(mock, web):
    """Where a kid decides it is compared byte for byte."""
    odd = "../../etc/passwd' OR 1=1 --%n${x}\r\n\x1b[2J\u00e9"
    web.serve("/odd", to_json({"keys": [public_jwk(A, kid=odd), public_jwk(B, kid="b")]}))
    mock.register("odd-kid", jwks_url=web.url("/odd"))
    client = Client(mock, "odd-kid", A, {"kid": odd})
    suite.grants("an odd kid, exactly", client, client.jwt())
    for kid in (odd + " ", odd.upper(), odd[:-1], "e\u0301".join(odd.rsplit("\u00e9", 1)), "*", "%"):
        suite.refuses(f"kid {kid!r}", client, client.jwt(header={"kid": kid}), "key.found")
    suite.refuses("the kid of the other key", client, client.jwt(header={"kid": "b"}), "signature")
    suite.refuses("the other key under this kid", client, client.jwt(key=B), "signature")
    suite.grants("jku is the registered URL", client, client.jwt(header={"jku": web.url("/odd")}))
    asked = len(web.asked)
    for jku in (web.url("/attacker"), web.url("/odd") + "?", web.url("/odd") + "/", web.url("/odd").upper(), web.url("/odd").replace("http", "https", 1), "", 5, None):
        suite.refuses(f"jku {jku!r}", client, client.jwt(header={"jku": jku}), "header.jku")
    suite.check(web.count("/attacker") == 0 and len(web.asked) - asked < 20, f"{len(web.asked) - asked} fetches for jku")


# ---- replay under another guise ----

def attack_replay(mock, client):
    claims = client.claims()
    suite.grants("first use", client, client.jwt(claims))
    for name, again in {"the same bytes": client.jwt(claims), "the members in another order": client.jwt(dict(reversed(claims.items()))),
                        "another header": client.jwt(claims, header={"kid": "x"}), "a later exp": client.jwt({**claims, "exp": claims["exp"] + 30}),
                        "another alg": client.jwt(claims, header={"alg": "RS256"}, digest=hashes.SHA256())}.items():
        suite.refuses("replay, " + name, client, again, "jti.replay")
    mock.register("two-keys", jwks={"keys": [public_jwk(A, kid="a"), public_jwk(B, kid="b")]})
    two = Client(mock, "two-keys", A)
    claims = two.claims()
    suite.grants("signed by the first key", two, two.jwt(claims))
    suite.refuses("signed again by the second", two, two.jwt(claims, key=B), "jti.replay")
    suite.grants("the second key, another jti", two, two.jwt(key=B))
    claims = client.claims()
    suite.grants("a jti", client, client.jwt(claims))
    suite.grants("the same jti of another client", two, two.jwt(two.claims(jti=claims["jti"])))


# ---- parts and base64url ----

def attack_parts(client):
    good = client.jwt()
    h, p, s = good.split(".")
    for name, compact in {
            "1 part": h, "2 parts": f"{h}.{p}", "4 parts": f"{good}.{s}", "5 parts": f"{good}.{s}.{s}", "no header": f".{p}.{s}",
            "no payload": f"{h}..{s}", "no signature": f"{h}.{p}.", "leading dot": f".{good}", "trailing dot": f"{good}.", "dots alone": "..",
            "one dot": ".", "10,000 dots": "." * 10000, "a JWE's five parts": f"{h}.{s}.{s}.{p}.{s}",
            "flattened JSON": json.dumps({"protected": h, "payload": p, "signature": s}),
            "general JSON": json.dumps({"payload": p, "signatures": [{"protected": h, "signature": s}]}), "a bearer": f"Bearer {good}",
            "quoted": f'"{good}"', "two tokens": f"{good} {good}", "17 KB": good + "A" * 16384}.items():
        rule = "jws.base64url" if name in ("a bearer", "quoted") else "jws.compact"
        suite.refuses(name, client, compact, rule)
    suite.grants("after them the token itself", client, good)


def attack_base64url(client):
    good = client.jwt()
    for part in range(3):
        def changed(change):
            parts = good.split(".")
            parts[part] = change(parts[part])
            return ".".join(parts)
        name = ("header", "payload", "signature")[part]
        for what, change in {
                "=": lambda t: t + "=", "==": lambda t: t + "==", "=\u00a0": lambda t: t + "=", "a space behind": lambda t: t + " ",
                "a space before": lambda t: " " + t, "a line feed": lambda t: t[:40] + "\n" + t[40:], "CR LF": lambda t: t + "\r\n",
                "a tab": lambda t: t[:5] + "\t" + t[5:], "+": lambda t: t[:7] + "+" + t[8:], "/": lambda t: t[:7] + "/" + t[8:],
                "?": lambda t: t + "?", "#": lambda t: t + "#", "%": lambda t: t + "%", "a letter more": lambda t: t[:len(t) // 4 * 4] + "A",
                "non-ASCII": lambda t: t[:9] + "\u00e9".encode().decode("latin-1") + t[9:],
                "a fullwidth letter": lambda t: t[:8] + "\uff21".encode().decode("latin-1") + t[8:], "a comma": lambda t: t[:9] + "," + t[9:],
                "line-wrapped": lambda t: "\n".join(t[i:i + 16] for i in range(0, len(t), 16))}.items():
            suite.refuses(f"{name} with {what}", client, changed(change), "jws.base64url")
    h, p, s = good.split(".")
    fullwidth = "\uff0e".encode().decode("latin-1")
    suite.refuses("fullwidth dots", client, fullwidth.join((h, p, s)), "jws.compact")
    for what, odd in {"unused bits of the signature": f"{h}.{p}.{next_letter(s)}", "unused bits of the header": f"{odd_tail(client)}.{p}.{s}"}.items():
        suite.refuses(what, client, odd, "jws.base64url")
    answer = client.mock.post_form(form(good).replace(".", "%00."))
    suite.is_refusal("a NUL in it", answer)
    suite.check(first_failure(client.mock.verdicts(answer)[0])[0] == "form.content_type", "a NUL in it: rule")
    suite.grants("after them the token itself", client, good)


def next_letter(text):
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) + 1]


def odd_tail(client):
    text = to_json({**client.header, "x": ""})
    while len(text) % 3 == 0:
        text = text.replace(b'"x":"', b'"x":"x')
    return next_letter(b64u(text))


# ---- header members ----

def attack_members(client):
    for member in ({"crit": ["exp"]}, {"crit": []}, {"crit": "exp"}, {"crit": ""}, {"crit": None}, {"crit": ["b64"], "b64": False},
                   {"b64": False}, {"b64": True}, {"zip": "DEF"}, {"enc": "A128GCM"}):
        suite.refuses(f"header {member}", client, client.jwt(header=member), "header.crit")
    for typ in ("at+jwt", "JWS", "JOSE", "", 5, None, ["JWT"], "application/at+jwt", "JWT "):
        suite.refuses(f"typ {typ!r}", client, client.jwt(header={"typ": typ}), "header.typ")
    for member in ({"typ": "jwt"}, {"cty": "JWT"}, {"cty": 1}, {"x": {"y": []}}, {"iss": "somebody else", "exp": 0}):
        suite.grants(f"header {member}", client, client.jwt(header=member))
    for kid in (5, None, ["k"], {"k": 1}, True, ""):
        suite.refuses(f"kid {kid!r}", client, client.jwt(header={"kid": kid}), "header.kid")
    suite.refuses("kid with NUL", client, client.jwt(header={"kid": "a\0b"}), "header.json")
    for kid in ("../../etc/passwd", "/dev/zero", "' OR 1=1 --", "%n%n%n%s", "k" * 10000, "a\r\nSet-Cookie: x=1", "${jndi:ldap://127.0.0.1/x}",
                "\x1b[2J\x1b]0;owned\x07", "\u202etxt.exe", "k\u00e9y", "\ud83d\ude00"):
        header = {"kid": kid}
        suite.grants(f"kid {kid[:40]!r}, which Epic drops for static keys", client, client.jwt(header=header))
        suite.refuses(f"kid {kid[:40]!r}, another's signature", client, client.jwt(header=header, key=B), "signature")


def attack_embedded_keys(client):
    """The attacker brings the key along. Nothing of it is used, and no URL of it is dialled."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        listener.settimeout(0)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/keys"
        cert = "".join(certificate("rsa2048_b").split("\n")[1:-2])
        for member in ({"jwk": public_jwk(B)}, {"jwk": public_jwk(B, kid="k"), "kid": "k"}, {"x5c": [cert]}, {"x5t": "AAAA"},
                       {"x5t#S256": "AAAA"}, {"x5u": url}, {"jwk": "x"}, {"x5c": "x"}, {"x5u": 5}):
            suite.refuses(f"{list(member)} of the attacker", client, client.jwt(header=member, key=B), "signature")
        for jku in (url, "file:///etc/passwd", "", 5, None, [url]):
            suite.refuses(f"jku {jku!r} of the attacker", client, client.jwt(header={"jku": jku}, key=B), "header.jku")
            suite.refuses(f"jku {jku!r}, but our own signature", client, client.jwt(header={"jku": jku}), "header.jku")
        try:
            listener.accept()
            suite.check(False, "the server dialled a URL out of the header")
        except BlockingIOError:
            suite.check(True, "nobody called")


def check_log(mock):
    log = mock.log()
    controls = {c for c in log if ord(c) < 0x20 and c not in "\n\t"} | {c for c in log if c in "\x7f\u202e"}
    suite.check(not controls, f"control characters in the log: {controls!r}")


def main():
    with Mock() as mock, Mock("--profile", "smart") as smart_mock:
        mock.register("app", certificate=certificate("rsa2048_a"))
        smart_mock.register("app", jwks={"keys": [public_jwk(A, kid="a")]}, scopes=["system/Patient.r"])
        client = Client(mock, "app", A)
        smart = Client(smart_mock, "app", A, {"kid": "a"}, scope="system/Patient.r")
        suite.grants("an honest assertion", client, client.jwt())
        suite.grants("an honest assertion, smart", smart, smart.jwt())
        attack_alg(client)
        attack_hmac(client)
        attack_other_algorithms(client, smart)
        attack_rsa(client)
        attack_pkcs1(client)
        attack_small_exponent(mock)
        web = Web()
        attack_ec(mock, web)
        attack_kid_lookup(mock, web)
        attack_replay(mock, client)
        attack_parts(client)
        attack_base64url(client)
        attack_members(client)
        attack_embedded_keys(client)
        check_log(mock)
        suite.keeps_secrets(mock)
    suite.done(3000)


main()
