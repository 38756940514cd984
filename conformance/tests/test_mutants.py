#!/usr/bin/python3
"""Mutated client assertions against a running mock-epic, judged a second time by somebody else.

Each mutant starts from an honest assertion and breaks one thing, or nothing that matters. The second opinion is PyJWT for the
signature, and for the rest the rules of Epic's specification written here once more, from the text and not from our code.
Where the two do not agree, or the answer is neither a token nor a plain refusal, the test fails. A refusal must not spend the
jti, and a grant must: now and then the honest original is posted after its mutant.

environment: EPIC_BIN_DIR, EPIC_FIXTURES_DIR; MUTANTS (10000), MUTANTS_SEED (1)
"""
import base64
import collections
import http.client
import json
import os
import random
import re
import signal
import string
import subprocess
import sys
import time
import urllib.parse

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

NOW = 1790000000
CLIENT = "d45049c3-3441-40ef-ab4d-b9cd86a17225"
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FIXTURES = os.environ["EPIC_FIXTURES_DIR"]
HASHES = {"RS256": hashes.SHA256, "RS384": hashes.SHA384, "RS512": hashes.SHA512}
LONGEST_NUMBER, DEEPEST, LONGEST_JWT = 63, 32, 16384


def load_key(name):
    with open(f"{FIXTURES}/keys/{name}", "rb") as file:
        return serialization.load_pem_private_key(file.read(), None)


KEY, OTHER_KEY = load_key("rsa2048_a.TESTKEY.pem"), load_key("rsa2048_b.TESTKEY.pem")
PUBLIC = KEY.public_key()


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(key, alg, data):
    return key.sign(data, padding.PKCS1v15(), HASHES[alg]())


def compact(header, payload, key=KEY, alg="RS384"):
    """From the texts of header and payload, as bytes or str."""
    parts = [b64u(p if isinstance(p, bytes) else p.encode("utf-8", "surrogatepass")) for p in (header, payload)]
    text = ".".join(parts)
    return text + "." + b64u(sign(key, alg, text.encode()))


# ---- the second opinion ----

class Refused(Exception):
    pass


def want(condition, why):
    if not condition:
        raise Refused(why)


def decode_part(text):
    want(re.fullmatch("[A-Za-z0-9_-]+", text), "characters outside base64url")
    want(len(text) % 4 != 1, "an impossible length")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    want(b64u(data) == text, "stray bits")
    return data


def check_string(text):
    want("\0" not in text, "a NUL")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Refused("a lone surrogate") from None


def check_value(value, depth=0):
    if isinstance(value, str):
        check_string(value)
    elif isinstance(value, (list, tuple)):
        want(depth < DEEPEST, "too deep")
        for item in value:
            check_value(item, depth + 1)
    elif isinstance(value, dict):
        want(depth < DEEPEST, "too deep")
        for name, item in value.items():
            check_string(name)
            check_value(item, depth + 1)


def no_twins(pairs):
    names = [name for name, _ in pairs]
    want(len(set(names)) == len(names), "a member twice")
    return dict(pairs)


def read_number(kind):
    def read(text):
        want(len(text) <= LONGEST_NUMBER, "a number that long")
        value = kind(text)
        want(kind is int or abs(value) != float("inf"), "a number beyond a double")
        return value
    return read


def no_constant(text):
    raise Refused(text + " is no JSON")


def read_object(data):
    """Strict JSON: RFC 8259 in UTF-8 without BOM, each member once."""
    try:
        text = data.decode("utf-8")
        want(not text.startswith("\ufeff"), "a BOM")
        value = json.loads(text, object_pairs_hook=no_twins, parse_int=read_number(int), parse_float=read_number(float),
                           parse_constant=no_constant)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise Refused(str(error)) from None
    check_value(value)
    want(isinstance(value, dict), "no object")
    return value


def seconds(value):
    """NumericDate as an integer that a double holds exactly; 1790000240.0 is one."""
    want(isinstance(value, (int, float)) and not isinstance(value, bool), "a time that is no number")
    want(abs(value) <= 2 ** 53 - 1 and value == int(value), "a time that is no whole number of seconds")
    return int(value)


def is_audience(value, url):
    host = r"http://(?:127\.0\.0\.1|localhost|\[::1\])(:\d+/.*)"  # the documented aliases of loopback
    ours, theirs = re.fullmatch(host, url), re.fullmatch(host, value, re.S)
    return value == url or bool(theirs and theirs.group(1) == ours.group(1))


def check_header(header):
    want(header.get("alg") in HASHES if isinstance(header.get("alg"), str) else False, "alg")
    want("typ" not in header or (isinstance(header["typ"], str) and re.fullmatch("[jJ][wW][tT]", header["typ"])), "typ")
    want("kid" not in header or (isinstance(header["kid"], str) and header["kid"]), "kid")
    want("jku" not in header, "jku, and the app has none")
    for name in ("crit", "b64", "zip", "enc"):
        want(name not in header, name)


def check_claims(claims, url):
    want(claims.get("iss") == CLIENT and claims.get("sub") == CLIENT, "iss or sub")
    aud = claims.get("aud")
    want(isinstance(aud, str) or (isinstance(aud, list) and all(isinstance(a, str) for a in aud)), "shape of aud")
    want(any(is_audience(a, url) for a in (aud if isinstance(aud, list) else [aud])), "aud")
    exp = seconds(claims.get("exp"))
    want(NOW < exp <= NOW + 300, "exp")
    for name in ("nbf", "iat"):
        if name in claims:
            want(seconds(claims[name]) <= NOW and exp - seconds(claims[name]) <= 300, name)
    want(isinstance(claims.get("jti"), str) and 1 <= len(claims["jti"]) <= 151, "jti")


def opinion(text, url):
    """(None, claims) when a token is due, else (why not, None)."""
    try:
        want(len(text.encode("utf-8", "surrogatepass")) <= LONGEST_JWT, "too long")
        parts = text.split(".")
        want(len(parts) == 3 and all(parts), "no three parts")
        header, payload, _ = [decode_part(part) for part in parts]
        header, claims = read_object(header), read_object(payload)
        check_header(header)
        try:  # PyJWT: nothing but the signature, since it is laxer than Epic in the rest
            jwt.PyJWS().decode(text, PUBLIC, algorithms=list(HASHES))
        except jwt.exceptions.InvalidTokenError as error:
            raise Refused(f"PyJWT: {error}") from None
        check_claims(claims, url)
        return None, claims
    except Refused as why:
        return str(why), None


# ---- mutations ----

TIMES = [NOW, NOW + 1, NOW - 1, NOW + 60, NOW + 299, NOW + 300, NOW + 301, NOW - 60, NOW - 299, NOW - 300, NOW + 3600, 0, -1,
         -2 ** 63, 2 ** 31, 2 ** 32 + NOW, 2 ** 53 - 1, 2 ** 53, 2 ** 63 - 1, 2 ** 63, 2 ** 64 + NOW, NOW * 1000, 1.5, NOW + 0.5,
         float(NOW + 100), str(NOW + 100), None, True, [], {}, [NOW + 100], ""]
ODD_STRINGS = ["", " ", "x", CLIENT, CLIENT.upper(), CLIENT + " ", " " + CLIENT, CLIENT + "\n", CLIENT[:-1], "é" * 20, "\U0001f600",
               "' OR 1=1 --", "../../etc/passwd", "%n%s", "${jndi:x}", "\u202e", "a" * 5000]
NOT_STRINGS = [None, True, 0, 17, 1e3, [], {}, [CLIENT], {"a": CLIENT}]


class World:
    """What the mutations draw from."""

    def __init__(self, seed, url):
        self.random = random.Random(seed)
        self.url = url
        self.count = 0

    def pick(self, items):
        return self.random.choice(items)

    def honest(self):
        """Header and claims of a fresh sound assertion."""
        self.count += 1
        claims = {"iss": CLIENT, "sub": CLIENT, "aud": self.url, "jti": f"mutant-{self.count}-{self.random.getrandbits(64):x}",
                  "exp": NOW + self.random.randrange(1, 301)}
        for name in ("iat", "nbf"):
            if self.random.random() < 0.5:
                claims[name] = self.random.randrange(claims["exp"] - 300, NOW + 1)
        return {"alg": "RS384", "typ": "JWT"}, claims


def shuffled(world, value):
    items = list(value.items())
    world.random.shuffle(items)
    return dict(items)


def dump(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def mutate_nothing(world, header, claims):
    return compact(dump(shuffled(world, header)), dump(shuffled(world, claims)))


def mutate_claim(world, header, claims):
    name = world.pick(list(claims) + ["iat", "nbf", "exp", "jti", "aud"])
    if name in ("exp", "iat", "nbf"):
        claims[name] = world.pick(TIMES) if world.random.random() < 0.7 else claims["exp"] - world.random.randrange(-5, 310)
    elif name == "aud":
        url = world.url
        claims[name] = world.pick([
            url, url + "/", url + "?", url + "#", url.upper(), url[:-1], url.replace("http:", "https:"),
            url.replace("127.0.0.1", "localhost"), url.replace("127.0.0.1", "[::1]"), url.replace("127.0.0.1", "127.0.0.2"),
            url.replace("127.0.0.1", "localhost.evil.example"), url.replace("oauth2/token", "api/FHIR/R4"), [url], [url, "x"],
            ["x", url], ["x"], [], [url, 1], [[url]], {"a": url}, None, 1, True, "", " " + url, url + "\n"])
    elif name == "jti":
        size = world.pick([0, 1, 36, 150, 151, 152, 153, 4096])
        claims[name] = world.pick(NOT_STRINGS + ["j%d" % world.count + "j" * size, ("%07d" % world.count + "é" * size)[:size],
                                                 ("%07d" % world.count + "\U0001f600" * size)[:size]])
    else:
        claims[name] = world.pick(ODD_STRINGS + NOT_STRINGS)
    return compact(dump(header), dump(claims))


def mutate_edge(world, header, claims):
    """One number of the specification, one step inside or outside of it; nothing else is odd."""
    for name in ("iat", "nbf"):
        claims.pop(name, None)
    name = world.pick(["exp", "iat", "nbf", "jti"])
    if name == "exp":
        claims["exp"] = NOW + world.pick([0, 1, 299, 300, 301])
    elif name == "jti":
        filler = world.pick(["j", "\u00e9", "\U0001f600"])
        claims["jti"] = (claims["jti"] + filler * 153)[:world.pick([150, 151, 152, 153])]
    else:
        claims[name] = world.pick([NOW - 1, NOW, NOW + 1, claims["exp"] - 299, claims["exp"] - 300, claims["exp"] - 301])
    return compact(dump(header), dump(claims))


def mutate_members(world, header, claims):
    """Which members there are, and how they are called."""
    name = world.pick(list(claims))
    how = world.pick(["drop", "case", "extra", "extra", "twin", "twin_escaped", "rename", "nested"])
    text = None
    if how == "drop":
        del claims[name]
    elif how == "case":
        claims[name.upper()] = claims.pop(name) if world.random.random() < 0.5 else "x"
    elif how == "extra":
        claims[world.pick(["scope", "nonce", "azp", "ISS", "EXP", "x", "", "__proto__", "é"])] = world.pick(
            ODD_STRINGS + NOT_STRINGS + [dict(claims)])
    elif how == "rename":
        claims[world.pick([name + " ", " " + name, name[:-1], name + name])] = claims.pop(name)
    elif how == "nested":
        claims = {"claims": claims} if world.random.random() < 0.5 else [claims]
    else:
        twin = name if how == "twin" else "".join("\\u%04x" % ord(c) for c in name)
        text = dump(claims)[:-1] + f',"{twin}":{dump(claims[name])}}}'
    return compact(dump(header), text or dump(claims))


def mutate_header(world, header, claims):
    key, alg = KEY, "RS384"
    how = world.pick(["alg", "alg_true", "typ", "kid", "jku", "crit", "extra", "drop", "twin"])
    text = None
    if how == "alg":
        header["alg"] = world.pick(["none", "None", "nOnE", "", " none", "none\0", "HS256", "HS384", "RS384 ", "rs384", "PS384",
                                    "ES384", "RS1", "RS256", "EdDSA", ["RS384"], None, 384, {"a": "RS384"}, "RS384\n"])
    elif how == "alg_true":
        alg = header["alg"] = world.pick(list(HASHES))
    elif how == "typ":
        header["typ"] = world.pick(["jwt", "Jwt", "JWT ", "at+jwt", "JOSE", "", None, 1, ["JWT"], "application/jwt"])
    elif how == "kid":
        header["kid"] = world.pick(ODD_STRINGS + NOT_STRINGS)
    elif how == "jku":
        header["jku"] = world.pick(["http://127.0.0.1:1/jwks", world.url, "", None, "file:///etc/passwd"])
    elif how == "crit":
        header[world.pick(["crit", "b64", "zip", "enc"])] = world.pick([[], ["exp"], "exp", False, True, None, "DEF", 1])
    elif how == "extra":
        header[world.pick(["jwk", "x5c", "x5u", "x5t", "x5t#S256", "cty", "ALG", "Crit", "x", "é"])] = world.pick(
            ODD_STRINGS + NOT_STRINGS + [["MIIB"], {"kty": "RSA", "n": "AQAB", "e": "AQAB"}])
    elif how == "drop":
        del header[world.pick(list(header))]
    else:
        text = dump(header)[:-1] + world.pick([',"alg":"RS384"}', ',"\\u0061lg":"none"}', ',"typ":"JWT"}'])
    return compact(text or dump(header), dump(claims), key, alg)


def spell(world, claims):
    """The same claims in another spelling that means the same."""
    text = json.dumps(claims, ensure_ascii=world.random.random() < 0.5, indent=world.pick([None, 1, 4]),
                      separators=world.pick([None, (",", ":"), (" , ", " : "), (",\t", ":\r\n")]))
    if world.random.random() < 0.5:
        name = world.pick(list(claims))
        text = text.replace(f'"{name}"', '"' + "".join("\\u%04x" % ord(c) for c in name) + '"', 1)
    if world.random.random() < 0.3:
        exp = claims["exp"]
        text = text.replace(str(exp), world.pick([f"{exp}.0", f"{exp}e0", f"{exp}0E-1", f"{exp / 1e9:.9f}e9", f"{exp}.000"]), 1)
    return world.pick(["", " ", "\n", "\r\n\t"]) + text + world.pick(["", "", " ", "\n"])


def mutate_spelling(world, header, claims):
    return compact(world.pick(["", " "]) + dump(header), spell(world, claims))


def mutate_text(world, header, claims):
    """JSON that is no JSON, or just about is."""
    text = dump(claims)
    body = text[:-1]
    broken = world.pick([
        text + "x", text + "{}", text + "\0", "\ufeff" + text, "\f" + text, text.replace('"', "'"), body, body + ",}",
        body + ',"x":01}', body + ',"x":1.}', body + ',"x":.5}', body + ',"x":+1}', body + ',"x":-}', body + ',"x":1e}',
        body + ',"x":1e400}', body + ',"x":-1e400}', body + ',"x":1e-400}', body + ',"x":NaN}', body + ',"x":Infinity}',
        body + ',"x":0x10}', body + ',"x":' + "1" * 63 + "}", body + ',"x":' + "1" * 64 + "}", body + ',"x":-0}',
        body + ',"x":"\\u0000"}', body + ',"\\u0000":1}', body + ',"x":"\\ud800"}', body + ',"x":"\\udc00\\ud800"}',
        body + ',"x":"\\ud83d\\ude00"}', body + ',"x":"\\x41"}', body + ',"x":"\t"}', body + ',"x":"\x7f"}', body + ',"x":"\\u12"}',
        body + ',"x":"\\/"}', body + ',"x":True}', body + ',"x":nul}', body + ',"x":}', body + ',,"x":1}', body + ',"x" 1}',
        body + ',"x":' + "[" * 31 + "]" * 31 + "}", body + ',"x":' + "[" * 32 + "]" * 32 + "}", body + ',"x":' + "[" * 500,
        body + ',"x":' + '{"a":' * 31 + "1" + "}" * 31 + "}", body + "/**/}", body + "}//", "[" + text + "]", '"' + CLIENT + '"',
        "null", "1", "", "{}", text.encode("utf-16-le"), text.encode("utf-16"), body.encode() + b',"x":"\xff"}',
        body.encode() + b',"x":"\xc0\x80"}', body.encode() + b',"x":"\xed\xa0\x80"}', body.encode() + b',"x":"\xf4\x90\x80\x80"}',
        body.encode() + b',"x":"\xc3\xa9"}', body + "," + ",".join(f'"m{i}":{i}' for i in range(100)) + "}",
        body + "," + ",".join(f'"m{i % 99}":{i}' for i in range(100)) + "}"])
    return compact(dump(header), broken)


def mutate_signature(world, header, claims):
    good = compact(dump(header), dump(claims))
    head, sig = good.rsplit(".", 1)
    data = bytearray(base64.urlsafe_b64decode(sig + "=="))
    n = PUBLIC.public_numbers().n
    how = world.pick(["flip", "flip", "cut", "grow", "zero", "plus_n", "minus", "other_key", "other_hash", "double", "text", "reverse"])
    if how == "flip":
        data[world.random.randrange(len(data))] ^= 1 << world.random.randrange(8)
    elif how == "cut":
        data = data[:world.random.randrange(len(data))] or b"\0"
    elif how == "grow":
        data = world.pick([b"\0" + data, data + b"\0", data + data[:1]])
    elif how == "zero":
        data = world.pick([bytes(256), (1).to_bytes(256, "big"), (n - 1).to_bytes(256, "big"), n.to_bytes(256, "big"), b"\xff" * 256])
    elif how == "plus_n":
        data = (int.from_bytes(data, "big") + n).to_bytes(257, "big").lstrip(b"\0")
    elif how == "minus":
        data = (n - int.from_bytes(data, "big")).to_bytes(256, "big")
    elif how == "other_key":
        data = sign(OTHER_KEY, "RS384", head.encode())
    elif how == "other_hash":
        data = sign(KEY, world.pick(["RS256", "RS512"]), head.encode())
    elif how == "double":
        data = data + data
    elif how == "text":
        data = world.pick([b"x", head.encode()[:256], b"0" * 256])
    else:
        data = data[::-1]
    return head + "." + b64u(bytes(data))


def mutate_encoding(world, header, claims):
    parts = compact(dump(header), dump(claims)).split(".")
    which = world.random.randrange(3)
    part = parts[which]
    at = world.random.randrange(len(part) + 1)
    letters = string.ascii_letters + string.digits + "-_"
    parts[which] = world.pick([
        part + "=", part + "==", part[:at] + world.pick("+/= \t\n\r\0?#%&é\u3002") + part[at:], part[:at] + "\r\n" + part[at:],
        part[:-1] + letters[(letters.index(part[-1]) + 1) % 64], part[:-1], part + "A", part + "AAAA", part + "%3D",
        part.replace("-", "+").replace("_", "/") + "+", urllib.parse.quote(part) + "%41", part.lower(), part.swapcase(),
        b64u(base64.b64encode(part.encode())), part[::-1]])
    return ".".join(parts)


def mutate_parts(world, header, claims):
    good = compact(dump(header), dump(claims))
    h, p, s = good.split(".")
    return world.pick([
        f"{h}.{p}", f"{h}.{p}.", f".{p}.{s}", f"{h}..{s}", f"{good}.", f".{good}", f"{good}.{s}", f"{good}.{h}.{p}", h, "", "..", "." * 50,
        f"{p}.{h}.{s}", f"{h}.{s}.{p}", f"{h}.{h}.{s}", f"{h}.{p}.{s} ", f" {good}", f"{good}\n", f"Bearer {good}", f'"{good}"',
        json.dumps({"payload": p, "protected": h, "signature": s}), f"{good},{good}", f"{h}\u3002{p}\u3002{s}", f"{h}. {p}.{s}",
        good + "A" * (LONGEST_JWT - len(good)), good + "A" * (LONGEST_JWT + 1 - len(good))])


def mutate_bytes(world, header, claims):
    text = compact(dump(header), dump(claims))
    for _ in range(world.pick([1, 1, 1, 2, 5])):
        at = world.random.randrange(len(text))
        letter = world.pick(string.ascii_letters + string.digits + "-_.")
        text = world.pick([text[:at] + letter + text[at + 1:], text[:at] + text[at + 1:], text[:at] + letter + text[at:],
                           text[:at] + text[at:at + 8] + text[at:]])
    return text


FAMILIES = [mutate_nothing, mutate_claim, mutate_claim, mutate_edge, mutate_members, mutate_header, mutate_spelling, mutate_text, mutate_signature,
            mutate_encoding, mutate_parts, mutate_bytes]


# ---- the server ----

class Server:
    def __init__(self):
        self.process = subprocess.Popen(
            [os.environ["EPIC_BIN_DIR"] + "/mock-epic", "serve", "--listen", "127.0.0.1:0", "--client-id", CLIENT, "--cert",
             FIXTURES + "/keys/rsa2048_a.cert.pem", "--at", str(NOW), "--log-level", "error"],
            stdout=subprocess.PIPE)
        ready = json.loads(self.process.stdout.readline())
        self.url = ready["token_url"]
        self.http = http.client.HTTPConnection(urllib.parse.urlsplit(self.url).netloc, timeout=30 * int(os.environ.get("EPIC_SLOW") or 3))
        status, _ = self.ask("PUT", "/mock/clock", json.dumps({"now": NOW, "frozen": True}), "application/json")
        assert status == 200

    def ask(self, method, path, body=None, kind="application/x-www-form-urlencoded"):
        for attempt in (1, 2):  # the server may have closed an idle connection
            try:
                self.http.request(method, path, body, {"Content-Type": kind})
                answer = self.http.getresponse()
                return answer.status, answer.read()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.http.close()
                if attempt == 2 or self.process.poll() is not None:
                    raise
        return None

    def post(self, assertion):
        """'issued' or 'refused', or what else was answered."""
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "client_assertion_type": TYPE,
                                       "client_assertion": assertion.encode("utf-8", "surrogatepass")})
        status, body = self.ask("POST", urllib.parse.urlsplit(self.url).path, form)
        members = json.loads(body)
        if status == 200 and len(members.get("access_token", "")) > 20:
            return "issued"
        if status == 400 and members.get("error") in ("invalid_client", "invalid_request") and "access_token" not in members:
            return "refused"
        return f"{status} {body[:200]!r}"

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


class Trial:
    def __init__(self, server, world):
        self.server, self.world = server, world
        self.counts = collections.Counter()
        self.faults = []
        self.spent = set()  # jti that got a token

    def fault(self, family, what, text):
        self.faults.append(f"mutant {self.world.count} ({family}): {what}")
        parts = text.split(".")
        for part in parts[:2]:  # never the signature
            self.faults.append("    " + repr(base64.urlsafe_b64decode(part.encode("ascii", "replace") + b"==")[:600]))

    def run_one(self):
        mutate = self.world.pick(FAMILIES)
        family = mutate.__name__[len("mutate_"):]
        header, claims = self.world.honest()
        original = compact(dump(header), dump(claims))
        text = mutate(self.world, dict(header), dict(claims))
        why, accepted = opinion(text, self.server.url)
        if accepted and accepted["jti"] in self.spent:
            why = "its jti was used before"
        due = "refused" if why else "issued"
        got = self.server.post(text)
        self.counts[family, got if got in ("issued", "refused") else "other"] += 1
        if got != due:
            self.fault(family, f"{got}, and the second opinion is {due} ({why or 'nothing against it'})", text)
        if got == "issued":
            self.spent.add(accepted["jti"] if accepted else None)
        if got == "issued" or self.world.count % 5 == 0:
            again = self.server.post(original)
            if again != ("refused" if claims["jti"] in self.spent else "issued"):
                self.fault(family, f"its honest original was {again} afterwards", text)
            if self.server.post(original) != "refused":
                self.fault(family, "the original was granted twice", text)
            self.spent.add(claims["jti"])
            self.counts["originals", "posted"] += 1


def main():
    count, seed = int(os.environ.get("MUTANTS", "10000")), int(os.environ.get("MUTANTS_SEED", "1"))
    server = Server()
    trial = Trial(server, World(seed, server.url))
    start = time.monotonic()
    try:
        while trial.world.count < count and len(trial.faults) < 60:
            trial.run_one()
    finally:
        status = server.stop()
    if status != 0:
        trial.faults.append(f"the server ended with status {status}")
    issued, refused, other = (sum(n for (_, what), n in trial.counts.items() if what == wanted) for wanted in ("issued", "refused", "other"))
    if issued * 10 < issued + refused or refused * 10 < issued + refused:
        trial.faults.append("fewer than a tenth were issued, or refused: that tries nothing")
    families = sorted({family for family, _ in trial.counts} - {"originals"})
    print("\n".join(trial.faults))
    print(f"{issued + refused + other} mutants (seed {seed}, {time.monotonic() - start:.1f} s): {issued} issued, {refused} refused, {other} "
          f"other; {trial.counts['originals', 'posted']} originals posted after; issued/refused by family: "
          + ", ".join(f"{f} {trial.counts[f, 'issued']}/{trial.counts[f, 'refused']}" for f in families))
    sys.exit(1 if trial.faults else 0)


main()
