#!/usr/bin/python3
"""JSON and claims under attack: what parsers disagree about, times that no clock shows, identities a byte off."""
import time

from harness import ABSENT, Client, Mock, Suite, certificate, new_jti, private_key, public_jwk, to_json

A, B = private_key("rsa2048_a"), private_key("rsa2048_b")
suite = Suite()


# ---- JSON that is none ----

def attack_text(client):
    """Bytes around and inside an otherwise honest payload or header."""
    def rows(good):
        first = good.replace(b"{", b"{ ", 1)
        return {
            "a letter behind": good + b"x", "a NUL behind": good + b"\0", "a second object": good + b"{}", "a comma behind": good + b",",
            "a BOM": b"\xef\xbb\xbf" + good, "UTF-16": good.decode().encode("utf-16"), "UTF-16 without BOM": good.decode().encode("utf-16-le"),
            "UTF-32": good.decode().encode("utf-32"), "single quotes": good.replace(b'"', b"'"), "a comment": good.replace(b"{", b"{/**/", 1),
            "a line comment": good.replace(b"{", b"{//\n", 1), "a trailing comma": good[:-1] + b",}", "a leading comma": b"{," + good[1:],
            "a raw control character": good[:-1] + b',"x":"a\x01"}', "a raw line feed in a string": good[:-1] + b',"x":"a\n"}',
            "a form feed as space": b"\x0c" + good, "a vertical tab as space": b"\x0b" + good, "a no-break space": b"\xc2\xa0" + good,
            "a bad escape": good[:-1] + b',"x":"\\x41"}', "an escape cut off": good[:-1] + b',"x":"\\u12"}', "\\u0000": good[:-1] + b',"x\\u0000":1}',
            "an overlong encoding": good[:-1] + b',"x":"\xc0\xaf"}', "a bad continuation": good[:-1] + b',"x":"\xe2\x28\xa1"}',
            "a surrogate in UTF-8": good[:-1] + b',"x":"\xed\xa0\x80"}', "beyond U+10FFFF": good[:-1] + b',"x":"\xf4\x90\x80\x80"}',
            "a lone byte ff": good[:-1] + b',"\xff":1}', "a leading zero": good[:-1] + b',"x":01}', "2.": good[:-1] + b',"x":2.}',
            "2.e3": good[:-1] + b',"x":2.e3}', ".5": good[:-1] + b',"x":.5}', "+1": good[:-1] + b',"x":+1}', "-": good[:-1] + b',"x":-}',
            "hex": good[:-1] + b',"x":0x10}', "NaN": good[:-1] + b',"x":NaN}', "Infinity": good[:-1] + b',"x":-Infinity}', "1e400": good[:-1] + b',"x":1e400}',
            "True": good[:-1] + b',"x":True}', "a bare word": good[:-1] + b',"x":undefined}', "no value": good[:-1] + b',"x":}',
            "no colon": good[:-1] + b',"x" 1}', "an unquoted name": good[:-1] + b",x:1}", "cut off": good[:-1], "cut in a string": good[:-9],
            "a duplicate": good[:-1] + b"," + good[1:], "a duplicate deep down": good[:-1] + b',"x":{"a":1,"a":2}}',
            "33 levels": good[:-1] + b',"x":' + b"[" * 32 + b"]" * 32 + b"}", "600 levels": good[:-1] + b',"x":' + b"[" * 600 + b"]" * 600 + b"}",
            "5,000 levels": good[:-1] + b',"x":' + b"[" * 5000 + b"]" * 5000 + b"}", "unclosed brackets": good[:-1] + b',"x":' + b"[" * 5000,
            "unclosed objects": good[:-1] + b',"x":' + b'{"a":' * 1500, "an array": b"[" + good + b"]", "a string": b'"' + b"x" * 20 + b'"', "null": b"null",
            "a number": b"1", "nothing": b" ", "no brace": first[1:],
        }
    for name, text in rows(to_json(client.claims())).items():
        suite.refuses(f"payload: {name}", client, client.jwt(claims_text=text), "payload.json")
    for name, text in rows(to_json(client.header)).items():
        suite.refuses(f"header: {name}", client, client.jwt(header_text=text), "header.json")
    answer = client.post(client.jwt(claims_text=b"[" * 100000))
    suite.check(answer.statuses == [413], f"100,000 brackets: {answer.statuses}")
    accepted = {"32 levels": b',"x":' + b"[" * 31 + b"]" * 31 + b"}", "white space": b" \t\r\n}", "a lone surrogate in another claim": None,
                "an unknown claim": b',"x":"y"}', "every escape": b',"x":"\\u00e9\\n\\t\\b\\f\\r\\/\\\\\\""}', "a name in UTF-8": b',"\xc3\xa9":1}'}
    for name, end in accepted.items():
        if end:
            suite.grants(f"payload with {name}", client, client.jwt(claims_text=to_json(client.claims())[:-1] + end))
    lone = client.post(client.jwt(claims_text=to_json(client.claims())[:-1] + b',"x":"\\ud800"}'))
    suite.check(lone.status in (200, 400), f"a lone surrogate: {lone.statuses}")


def attack_duplicates(client):
    """Parsers differ about which of two members wins, so neither may."""
    for name in ("iss", "sub", "aud", "exp", "iat", "jti", "nbf"):
        claims = client.claims(nbf=int(time.time()) - 5)
        good = to_json(claims)
        for spelling in (name, "\\u%04x%s" % (ord(name[0]), name[1:])):
            for value in (to_json(claims[name]), b'"other"', b"null"):
                row = b",".join((good[:-1], b'"' + spelling.encode() + b'":' + value)) + b"}"
                suite.refuses(f"{name} twice, as {spelling}: {value[:9]}", client, client.jwt(claims_text=row), "payload.json", claims["jti"])
                claims = client.claims(nbf=claims["nbf"])
                good = to_json(claims)
    many = {f"x{i}": i for i in range(200)}
    suite.grants("200 unknown claims", client, client.jwt(client.claims(**many)))
    suite.refuses("200 unknown claims, the last twice", client,
                  client.jwt(claims_text=to_json(client.claims(**many))[:-1] + b',"x199":0}'), "payload.json")


def attack_shadows(client):
    for name, rule in (("iss", "client.known"), ("sub", "sub.value"), ("aud", "aud.value"), ("exp", "exp.type"), ("jti", "jti.type")):
        for spelling in (name.upper(), name.capitalize(), name + " ", " " + name):
            claims = client.claims()
            suite.grants(f"{spelling!r} beside {name}", client, client.jwt({**claims, spelling: "shadow"}))
            claims = client.claims()
            moved = {spelling if key == name else key: value for key, value in claims.items()}
            # an app is also found by sub, so that a wrong iss is told apart from an app that nobody registered
            suite.refuses(f"{spelling!r} in place of {name}", client, client.jwt(moved), "iss.value" if name == "iss" else rule)
    suite.refuses("ISS and SUB alone", client, client.jwt({**client.claims(iss=ABSENT, sub=ABSENT), "ISS": "app", "SUB": "app"}), "client.known")


# ---- times ----

def numbers(now):
    """name: a JSON text for exp, and the rule that refuses it."""
    return {
        "a string": (f'"{now + 200}"', "exp.type"), "an empty string": ('""', "exp.type"), "a fraction": (f"{now + 200}.5", "exp.type"),
        "a small fraction": (f"{now + 200}.0001", "exp.type"), "0": ("0", "exp.future"), "-0": ("-0", "exp.future"), "-1": ("-1", "exp.future"),
        "-2^63": (str(-2 ** 63), "exp.type"), "-2^53": (str(-2 ** 53 + 1), "exp.future"), "2^31-1": (str(2 ** 31 - 1), "exp.window"),
        "2^31": (str(2 ** 31), "exp.window"), "2^32": (str(2 ** 32), "exp.window"), "2^32 + now": (str(2 ** 32 + now + 200), "exp.window"),
        "2^53-1": (str(2 ** 53 - 1), "exp.window"), "2^53": (str(2 ** 53), "exp.type"), "2^53+1": (str(2 ** 53 + 1), "exp.type"),
        "2^63-1": (str(2 ** 63 - 1), "exp.type"), "2^63": (str(2 ** 63), "exp.type"), "2^64 + now": (str(2 ** 64 + now + 200), "exp.type"),
        "1e308": ("1e308", "exp.type"), "1e400": ("1e400", "payload.json"), "1e-400, read as 0": ("1e-400", "exp.future"), "NaN": ("NaN", "payload.json"),
        "400 digits": ("9" * 400, "payload.json"), "hex": (hex(now + 200), "payload.json"), "octal": (f"0{now + 200:o}", "payload.json"),
        "an ISO date": ('"2030-01-01T00:00:00Z"', "exp.type"), "true": ("true", "exp.type"), "null": ("null", "exp.type"),
        "an array": (f"[{now + 200}]", "exp.type"), "an object": ("{}", "exp.type"), "milliseconds": (f"{(now + 200) * 1000}", "exp.window"),
        "microseconds": (f"{(now + 200) * 1000000}", "exp.window"), "yesterday": (str(now - 86400), "exp.future"),
        "a decade ahead": (str(now + 315360000), "exp.window"),
    }


def with_time(client, name, text):
    claims = client.claims(**{name: ABSENT})
    return client.jwt(claims_text=to_json(claims)[:-1] + f',"{name}":{text}}}'.encode()), claims["jti"]


def attack_times(client):
    """The clock stands still, so that one second more or less is exact."""
    now = int(time.time())
    client.mock.admin("PUT", "/clock", {"now": now, "frozen": True})
    for name, (text, rule) in numbers(now).items():
        assertion, jti = with_time(client, "exp", text)
        suite.refuses(f"exp: {name}", client, assertion, rule, jti)
    for name in ("nbf", "iat"):
        for what, (text, rule) in numbers(now).items():
            if rule == "exp.window" or what in ("2^53-1",):
                assertion, jti = with_time(client, name, text)
                suite.refuses(f"{name}: {what}", client, assertion, name + ".past", jti)
            elif rule == "exp.type" and what != "null":
                assertion, jti = with_time(client, name, text)
                suite.refuses(f"{name}: {what}", client, assertion, name + ".type", jti)
            elif rule == "exp.future":
                assertion, jti = with_time(client, name, text)
                suite.refuses(f"{name}: {what}", client, assertion, name + ".window", jti)
    suite.refuses("exp missing", client, client.jwt(client.claims(exp=ABSENT)), "exp.type")
    bounds = [("exp", 0, "exp.future"), ("exp", 1, None), ("exp", 300, None), ("exp", 301, "exp.window"), ("nbf", 0, None), ("nbf", 1, "nbf.past"),
              ("iat", 0, None), ("iat", 1, "iat.past"), ("iat", -60, None), ("iat", -61, "iat.window"), ("nbf", -60, None), ("nbf", -61, "nbf.window")]
    for name, distance, rule in bounds:
        base = {"iat": ABSENT} if name == "exp" else {"exp": now + 240, "iat": ABSENT}
        claims = client.claims(**{**base, name: now + distance})
        if rule:
            suite.refuses(f"{name} = now {distance:+}", client, client.jwt(claims), rule, claims["jti"])
        else:
            suite.grants(f"{name} = now {distance:+}", client, client.jwt(claims))
    for text in (f"{now + 200}.0", f"{(now + 200) // 10 * 10}e0", f"{(now + 200) / 1e9:.9f}e9"):
        suite.grants(f"exp spelt {text}, an integer all the same", client, with_time(client, "exp", text)[0])
    suite.refuses("nbf after exp", client, client.jwt(client.claims(nbf=now, exp=now)), "exp.future")
    client.mock.admin("POST", "/reset", {"what": ["clock"]})


def attack_other_times(mock):
    """Years that are no longer 32 bits."""
    client = Client(mock, "app", A)
    for year, now in (("2038", 2 ** 31), ("2106", 2 ** 32), ("1970", 1000), ("a leap second", 1483228799), ("9999", 253402300000)):
        mock.admin("PUT", "/clock", {"now": now, "frozen": True})
        for distance in (1, 300):
            suite.grants(f"{year}: exp {distance} s ahead", client, client.jwt(client.claims(exp=now + distance, iat=now)))
        for distance, rule in ((0, "exp.future"), (301, "exp.window")):
            answer = client.post(client.jwt(client.claims(exp=now + distance, iat=now)))
            suite.is_refusal(f"{year}: exp {distance} s ahead", answer)
            failed = [v["rule"] for v in mock.verdicts(answer)[0]["verdicts"] if v["result"] == "fail"]
            suite.check(rule in failed, f"{year}: exp {distance} s ahead: {failed}")
    mock.admin("POST", "/reset", {"what": ["clock"]})


# ---- identities ----

JUNK = (("null", None), ("empty", ""), ("an object", {}), ("an array", []), ("true", True), ("a number", 5), ("an array of it", ["app"]))


def attack_identity(client):
    for name, rule in (("iss", "iss.value"), ("sub", "sub.value")):
        for what, value in JUNK + (("missing", ABSENT),):
            suite.refuses(f"{name}: {what}", client, client.jwt(client.claims(**{name: value})), rule)
        for value in ("app ", " app", "app\n", "App", "APP", "ap", "appp", "app\u200b", "\uff41pp", "app'--", "' OR '1'='1", "*", "%", "app/../app"):
            suite.refuses(f"{name} {value!r}", client, client.jwt(client.claims(**{name: value})), rule)
            suite.refuses(f"iss and sub {value!r}", client, client.jwt(client.claims(iss=value, sub=value)), "client.known")
        suite.refuses(f"{name} with NUL", client, client.jwt(client.claims(**{name: "app\0x"})), "payload.json")
        suite.refuses(f"{name} of 10 KB", client, client.jwt(client.claims(**{name: "a" * 10000})), rule)
        suite.refuses(f"{name} of 36 KB", client, client.jwt(client.claims(**{name: "a" * 36000})), "jws.compact")
    suite.refuses("another registered client's id", client, client.jwt(client.claims(iss="two-keys", sub="two-keys")), "signature")
    suite.refuses("iss of another registered client", client, client.jwt(client.claims(iss="two-keys")), "signature")
    suite.refuses("sub of another registered client", client, client.jwt(client.claims(sub="two-keys")), "sub.value")
    for value in ("other", "app ", "APP", "two-keys"):
        suite.refuses(f"client_id parameter {value!r}", client, client.jwt(), "iss.value", client_id=value)
    for value in ("app", ""):
        suite.grants(f"client_id parameter {value!r}", client, client.jwt(), client_id=value)


def attack_aud(client):
    url = client.mock.token_url
    for what, value in JUNK + (("missing", ABSENT),):
        suite.refuses(f"aud: {what}", client, client.jwt(client.claims(aud=value)), "aud.value")
    for value in (url + "/", url + "?", url + "?a=b", url + "#", url + "#x", url + " ", " " + url, url + "\n", url[:-1], url + "x", url.upper(),
                  url.replace("http:", "https:"), url.replace("http:", "HTTP:"), url.replace("//", "//user@"), url.rpartition("/")[0],
                  url.replace("/oauth2/token", ""), url.replace("/oauth2/token", "/api/FHIR/R4"), url.replace("/token", "/authorize"),
                  url.replace("127.0.0.1", "127.0.0.1.evil.example"), url.replace("127.0.0.1", "evil.example"), url.replace("127.0.0.1", "127.0.0.2"),
                  url.replace("127.0.0.1", "127.1"), url.replace("127.0.0.1", "0x7f000001"), url.replace(":", ":0", 2).replace(":0//", "://"),
                  url.replace("/oauth2", "//oauth2"), url.replace("/oauth2", "/./oauth2"), url.replace("oauth2", "%6fauth2"), "app", "*",
                  [url + "/"], [], [url, 5], [5, url], [[url]], ["other", "else"], {"0": url}):
        suite.refuses(f"aud {value!r}", client, client.jwt(client.claims(aud=value)), "aud.value")
    for value in (url, url.replace("127.0.0.1", "localhost"), url.replace("127.0.0.1", "[::1]"), [url], [url, "https://other.example"],
                  ["https://other.example", url]):
        suite.grants(f"aud {value!r}", client, client.jwt(client.claims(aud=value)))


# ---- jti ----

def attack_jti(client):
    for what, value in JUNK + (("missing", ABSENT), ("a float", 1.5)):
        suite.refuses(f"jti: {what}", client, client.jwt(client.claims(jti=value)), "jti.type")
    suite.refuses("jti with NUL", client, client.jwt(client.claims(jti="a\0b")), "payload.json")
    unique = new_jti()
    for length, letter in ((152, "j"), (10000, "j"), (152, "\u00e9"), (152, "\U0001f600")):
        suite.refuses(f"jti of {length} {letter!r}", client, client.jwt(client.claims(jti=(unique + letter * length)[:length])), "jti.length")
    for letter in ("j", "\u00e9", "\U0001f600"):
        suite.grants(f"jti of 151 {letter!r}", client, client.jwt(client.claims(jti=(new_jti() + letter * 151)[:151])))
    for odd in ("a\nb", "a\r\nSet-Cookie: x=1", "'; DROP TABLE jti; --", "../../../etc/passwd", "\u202e", " ", "caf\u00e9", "cafe\u0301", "%00", "*", "${x}"):
        jti = new_jti() + odd
        suite.grants(f"jti {odd!r}", client, client.jwt(client.claims(jti=jti)))
        suite.refuses(f"jti {odd!r} again", client, client.jwt(client.claims(jti=jti)), "jti.replay")
    base = new_jti()
    for near in (base, base.upper(), base + " ", base + "\n", " " + base, base[:-1], base + "0"):
        suite.grants(f"{near!r} is a jti of its own", client, client.jwt(client.claims(jti=near)))
    suite.refuses("an escaped spelling of a used jti", client,
                  client.jwt(claims_text=to_json(client.claims(jti=base)).replace(base.encode(), b"\\u%04x" % ord(base[0]) + base[1:].encode())), "jti.replay")


def main():
    with Mock() as mock:
        mock.register("app", certificate=certificate("rsa2048_a"))
        mock.register("two-keys", jwks={"keys": [public_jwk(B, kid="b")]})
        client = Client(mock, "app", A)
        attack_text(client)
        attack_duplicates(client)
        attack_shadows(client)
        attack_times(client)
        attack_identity(client)
        attack_aud(client)
        attack_jti(client)
        suite.keeps_secrets(mock)
    with Mock() as mock:
        mock.register("app", certificate=certificate("rsa2048_a"))
        attack_other_times(mock)
    suite.done(3000)


main()
