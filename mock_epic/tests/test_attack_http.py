#!/usr/bin/python3
"""HTTP and forms under attack, sent as raw bytes: framing that two servers read differently, sizes, slowness, paths,
searches, credentials, and forms that mean two things."""
import contextlib
import json
import os
import signal
import socket
import struct
import threading
import time
import xml.etree.ElementTree
from urllib.parse import quote

from harness import (ANSWER_S, BEARER_TYPE, FHIR, FORM_TYPE, PREFIX, SANITIZER, SLOW, TOKEN, Client, Mock, Suite, certificate, eventually, first_failure, form,
                     private_key)

A = private_key("rsa2048_a")
PATIENT = "erXuFYUfucBZaryVksYEcMg3"
suite = Suite()


def healthy(mock, after):
    answer = mock.request("GET", "/mock/health")
    suite.check(answer.statuses == [200], f"after {after}: {answer.statuses}")


def expect(mock, name, data, *allowed):
    """allowed: lists of statuses; an empty list is a connection closed without a word."""
    answer = mock.send(data, wait=4 * ANSWER_S)
    suite.check(answer.statuses in allowed, f"{name}: {answer.statuses}, expected one of {allowed}")
    suite.check(answer.seconds < ANSWER_S, f"{name}: {answer.seconds:.1f} s")
    return answer


# ---- framing (RFC 9112 6) ----

def attack_framing(mock):
    def post(headers, body):
        return f"POST {TOKEN} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {FORM_TYPE}\r\n{headers}\r\n{body}"

    def get(target="/mock/health", headers="Host: 127.0.0.1\r\n", method="GET"):
        return f"{method} {target} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n"
    smuggled = "GET /mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    # libmicrohttpd 0.9.75 writes status line and headers of its own refusals twice, then it closes
    its_own = ([400], [400, 400], [413], [413, 413])
    end = "0\r\n\r\n"
    for name, headers, body in (
            ("length and chunked", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", end + smuggled),
            ("chunked and length", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", end + smuggled),
            ("two lengths", "Content-Length: 3\r\nContent-Length: 60\r\n", "a=1" + smuggled),
            ("two equal lengths", "Content-Length: 3\r\nContent-Length: 3\r\n", "a=1" + smuggled),
            ("a list of lengths", "Content-Length: 3, 3\r\n", "a=1" + smuggled),
            ("xchunked", "Transfer-Encoding: xchunked\r\n", end + smuggled), ("gzip, chunked", "Transfer-Encoding: gzip, chunked\r\n", end + smuggled),
            ("chunked, identity", "Transfer-Encoding: chunked, identity\r\n", end + smuggled),
            ("chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", end + smuggled),
            ("chunked and gzip", "Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", end + smuggled),
            ("chunked with a vertical tab", "Transfer-Encoding: \x0bchunked\r\n", end + smuggled), ("quoted", 'Transfer-Encoding: "chunked"\r\n', end + smuggled),
            ("identity", "Transfer-Encoding: identity\r\n", smuggled), ("an empty coding", "Transfer-Encoding:\r\n", smuggled),
            ("a folded coding", "Transfer-Encoding:\r\n chunked\r\nContent-Length: 3\r\n", "a=1" + smuggled),
            ("a folded value", "X: y\r\n z\r\nContent-Length: 3\r\n", "a=1" + smuggled), ("folded with a tab", "Content-Length: 3\r\n\t0\r\n", "a=1" + smuggled),
            ("a name made by folding", "Content-Lengt: 3\r\n h\r\n", "a=1" + smuggled), ("an empty folded line", "X: y\r\n \r\nContent-Length: 3\r\n", "a=1" + smuggled),
            ("a space before the colon", "Content-Length : 3\r\n", "a=1" + smuggled), ("a NUL in a name", "X\0: y\r\nContent-Length: 3\r\n", "a=1" + smuggled),
            ("a control character", "X: a\x01b\r\nContent-Length: 3\r\n", "a=1"), ("a bare CR", "X: a\rContent-Length: 3\r\n", smuggled)):
        expect(mock, name, post(headers, body), *its_own, [501], [])
    for name, length in (("negative", "-1"), ("plus", "+3"), ("hex", "0x3"), ("2^64", "18446744073709551616"), ("2^64 + 3", "18446744073709551619"),
                         ("2^63", "9223372036854775808"), ("empty", ""), ("a letter", "3x"), ("a float", "3.0"), ("two numbers", "3 3"), ("ten GiB", "10737418240")):
        expect(mock, f"length {name}", post(f"Content-Length: {length}\r\n", "a=1" + smuggled), *its_own, [])
    for name, chunks in (("hex of 17 digits", "10000000000000003\r\na=1\r\n" + end), ("a negative chunk", "-3\r\na=1\r\n" + end), ("0x3", "0x3\r\na=1\r\n" + end),
                         ("plus", "+3\r\na=1\r\n" + end), ("a letter", "g\r\na=1\r\n" + end), ("no size", "\r\na=1\r\n" + end), ("2^64 - 1", "ffffffffffffffff\r\na=1\r\n" + end),
                         ("longer than told", "3\r\na=1234\r\n" + end), ("CR alone", "3\ra=1\r\n" + end)):
        # a size that never ends is cut by the deadline, not answered
        answer = mock.send(post("Transfer-Encoding: chunked\r\n", chunks + smuggled), wait=0.3)
        suite.check(answer.statuses in (*its_own, []), f"chunk {name}: {answer.statuses}")
    close = "Connection: close\r\n"
    expect(mock, "an honest form", post(close + "Content-Length: 12\r\n", "grant_type=x"), [400])
    expect(mock, "an honest chunked form", post(close + "Transfer-Encoding: chunked\r\n", "3\r\na=1\r\n" + end), [400])
    expect(mock, "a chunk extension", post(close + "Transfer-Encoding: Chunked\r\n", "3;x=y\r\na=1\r\n" + end), [400])
    answer = mock.send(post("Content-Length: 3\r\n", "a=1" + get()))
    suite.check(answer.statuses == [400, 200], f"two honest requests in one go: {answer.statuses}")
    for name, request, allowed in (
            ("two hosts", get(headers="Host: 127.0.0.1\r\nHost: evil\r\n"), [400]), ("no host", get(headers=""), [400]),
            ("space before colon", get(headers="Host: 127.0.0.1\r\nX : y\r\n"), [400]), ("unknown method", get(method="BREW"), [405]),
            ("lower-case method", get(method="get"), [405]), ("TRACE", get(TOKEN, method="TRACE"), [405]), ("CONNECT", get("evil:443", method="CONNECT"), [400]),
            ("absolute form", get("http://evil/mock/health"), [400]), ("star", get("*", method="OPTIONS"), [400]),
            ("foreign host at the admin API", get("/mock/clock", "Host: evil.example\r\n"), [403]),
            ("foreign host asking for health", get(headers="Host: evil.example\r\n"), [200]),
            ("loopback with a tail", get("/mock/clock", "Host: localhost.evil.example\r\n"), [403]),
            ("loopback with a dot", get("/mock/clock", "Host: localhost.\r\n"), [403]), ("user part", get(headers="Host: localhost@evil\r\n"), [400]),
            ("a port too large", get(headers="Host: localhost:65536\r\n"), [400]), ("the largest port", get(headers="Host: localhost:65535\r\n"), [200]),
            ("a port of letters", get(headers="Host: localhost:http\r\n"), [400]), ("no name", get(headers="Host:\r\n"), [400]),
            ("two names", get(headers="Host: localhost, evil\r\n"), [400]), ("white space around the name", get("/mock/clock", "Host: \t localhost \t\r\n"), [200]),
            ("NUL in Host", get("/mock/clock", "Host: localhost\0.evil\r\nX: y\r\n"), [400]), ("NUL in Host, last", get("/mock/clock", "Host: localhost\0.evil\r\n"), [400]),
            ("NUL before Host", get("/mock/clock", "Host: \0localhost\r\n"), [400]), ("NULs in Host", get("/mock/clock", "Host: localhost\0\0\0.evil\r\n"), [400]),
            ("NUL in a path", get("/mock/health\0evil"), [400]), ("NUL in a query", get("/mock/health?a\0evil"), [400]), ("NUL in a method", get(method="GET\0evil"), [400]),
            ("NUL alone as a value", get(headers="Host: localhost\r\nX: \0y\r\n"), [400]), ("two spaces", get(" /mock/health"), [400]), ("a space in the path", get("/mock/health x"), [400]),
            ("an empty value", get(headers="Host: localhost\r\nX:\r\nY: \r\n"), [200]), ("lines that end in LF", get().replace("\r\n", "\n"), [200])):
        expect(mock, name, request, allowed)
    expect(mock, "no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n" * 20, [400], [400, 400], [])
    expect(mock, "HTTP/0.9", "GET /mock/health\r\n\r\n", [400], [400, 400], [])
    healthy(mock, "all that framing")


# ---- sizes ----

def attack_sizes(mock):
    before = mock.rss_kib()
    host = "Host: 127.0.0.1\r\nConnection: close\r\n"
    rows = [(f"GET /{'a' * 8191} HTTP/1.1\r\n{host}\r\n", [404]), (f"GET /{'a' * 8192} HTTP/1.1\r\n{host}\r\n", [414]),
            (f"GET /mock/health HTTP/1.1\r\n{host}X: {'a' * 8192}\r\n\r\n", [200]),
            (f"GET /mock/health HTTP/1.1\r\n{host}" + "X: y\r\n" * 62 + "\r\n", [200]), (f"GET /mock/health HTTP/1.1\r\n{host}" + "X: y\r\n" * 63 + "\r\n", [431])]
    for data, allowed in rows:
        expect(mock, f"{data[:40]!r}, {len(data)} bytes", data, allowed)
    for name, data in (("URL of 1 MiB", f"GET /{'a' * 2 ** 20} HTTP/1.1\r\n{host}\r\n"), ("header of 1 MiB", f"GET / HTTP/1.1\r\n{host}X: {'a' * 2 ** 20}\r\n\r\n"),
                       ("3,000 headers", f"GET / HTTP/1.1\r\n{host}" + "X: y\r\n" * 3000 + "\r\n"), ("a name of 1 MiB", f"GET / HTTP/1.1\r\n{host}{'X' * 2 ** 20}: y\r\n\r\n"),
                       ("a method of 5,000 letters", f"{'G' * 5000} / HTTP/1.1\r\n{host}\r\n"), ("a method of 1 MiB", f"{'G' * 2 ** 20} / HTTP/1.1\r\n{host}\r\n"),
                       ("a method without end", "G" * 2 ** 20)):
        expect(mock, name, data, [414], [431], [405], [400], [400, 400], [431, 431], [])
    for count, data in ((250, "GET /mock/health?{0} HTTP/1.1\r\n{1}\r\n"), (8000, "GET /mock/health?{0} HTTP/1.1\r\n{1}\r\n"),
                        (250, "GET /mock/health HTTP/1.1\r\n{1}Cookie: {0}\r\n\r\n"), (8000, "GET /mock/health HTTP/1.1\r\n{1}Cookie: {0}\r\n\r\n")):
        for piece in ("&", "a=b&", ";", "a=b;"):
            expect(mock, f"{count} times {piece!r} in {data[:24]!r}", data.format(piece * count, host), [200], [413], [414], [431], [431, 431], [400], [])
    for size, allowed in ((65536, [400]), (65537, [413]), (2 ** 20, [413]), (8 * 2 ** 20, [413])):
        body = b"a=" + b"x" * (size - 2)
        answer = mock.post_form(body)
        suite.check(answer.statuses == allowed, f"a body of {size}: {answer.statuses}")
        chunked = f"POST {TOKEN} HTTP/1.1\r\n{host}Content-Type: {FORM_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n{size:x}\r\n".encode()
        answer = mock.send(chunked + body + b"\r\n0\r\n\r\n", wait=5 * SLOW)
        suite.check(answer.statuses == allowed, f"a chunked body of {size}: {answer.statuses}")
    for count, fields in ((64, "a{0}=1"), (65, "a{0}=1"), (5000, "a{0}=1"), (65536, "")):
        answer = mock.post_form("&".join(fields.format(i) for i in range(count)))
        suite.is_refusal(f"{count} parameters", answer)
    answer = mock.post_form("&".join(f"a{i}=1" for i in range(100000)))
    suite.check(answer.statuses == [413], f"100,000 parameters: {answer.statuses}")
    for _ in range(10):
        mock.post_form(b"a=" + b"x" * (8 * 2 ** 20))
        mock.request("POST", "/mock/apps", b"[" * 2 ** 20)
    grown = mock.rss_kib() - before
    suite.check(SANITIZER or grown < 8 * 1024, f"grew by {grown} KiB")
    healthy(mock, "all those sizes")


# ---- methods ----

def attack_methods(mock):
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        suite.is_refusal(f"{method} on the token endpoint", mock.request(method, TOKEN, "a=1"))
    answer = mock.request("HEAD", TOKEN)
    suite.check(answer.statuses == [400] and not answer.body, f"HEAD on the token endpoint: {answer.statuses}, {len(answer.body)} bytes")
    for method in ("TRACE", "BREW", "post", "POST2", "G" * 100):
        answer = mock.request(method, TOKEN)
        suite.check(answer.statuses == [405] and "POST" in answer.header("Allow"), f"{method}: {answer.statuses} {answer.header('Allow')}")
    answer = mock.request("OPTIONS", TOKEN)
    suite.check(answer.statuses == [200] and "POST" in answer.header("Allow"), f"OPTIONS: {answer.statuses}")
    suite.check("secret=x" not in mock.request("TRACE", TOKEN, headers=["X: secret=x"]).raw.decode("latin-1"), "TRACE echoes")


# ---- forms ----

def form_rows(good):
    """Body, headers, and the rule that refuses."""
    typed = lambda value: [f"Content-Type: {value}"] if value is not None else ["X: y"]
    for value in (None, "application/json", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencodedX", "xapplication/x-www-form-urlencoded",
                  "application/x-www-form-urlencoded, text/plain", "application/x-www-form-urlencoded;charset=utf-16", "application/x-www-form-urlencoded; boundary=x",
                  "application /x-www-form-urlencoded", "x" * 7000, '"application/x-www-form-urlencoded"'):
        yield f"content type {value and value[:60]!r}", good, typed(value), "form.content_type"
    for tail in ("&grant_type=client_credentials", "&grant_type=x", "&grant_type=", "&grant_type", "&%67rant_type=x", "&client_assertion=x", "&client_assertion_type=",
                 "&scope=a&scope=b", "&x=1&x=1"):
        yield f"twice: {tail}", good + tail, typed(FORM_TYPE), "form.duplicates"
    yield "twice, the odd one first", "client_assertion=x&" + good, typed(FORM_TYPE), "form.duplicates"
    for tail in ("&a=%", "&a=%z", "&a=%zz", "&a=%0", "&a=%00", "&a%00b=1", "&a=\0", "&a=%ff", "&a=\xff", "&a=%c0%af", "&a=%ed%a0%80", "&%=1", "&a=%u0041"):
        yield f"encoding: {tail!r}", good + tail, typed(FORM_TYPE), "form.content_type"
    yield "client_secret too", good + "&client_secret=x", typed(FORM_TYPE), "form.one_method"
    yield "client_secret too, empty", good + "&client_secret=", typed(FORM_TYPE), "form.one_method"
    yield "JSON", json.dumps(dict(piece.split("=", 1) for piece in good.split("&"))), typed("application/json"), "form.content_type"
    yield "JSON as a form", json.dumps({"grant_type": "client_credentials"}), typed(FORM_TYPE), "form.grant_type"
    yield "nothing", "", typed(FORM_TYPE), "form.grant_type"
    yield "semicolons", good.replace("&", ";"), typed(FORM_TYPE), "form.grant_type"
    yield "a BOM", "\xef\xbb\xbf" + good, typed(FORM_TYPE), "form.grant_type"
    yield "a question mark before it", "?" + good, typed(FORM_TYPE), "form.grant_type"
    yield "a line feed behind", good + "\n", typed(FORM_TYPE), "jws.base64url"
    yield "CR LF behind", good + "\r\n", typed(FORM_TYPE), "jws.base64url"
    for old, new, rule in (("client_credentials", "Client_Credentials", "form.grant_type"), ("client_credentials", "client_credentials%20", "form.grant_type"),
                           ("client_credentials", "client%5Fcredentials%0A", "form.grant_type"), ("client_credentials", "", "form.grant_type"),
                           ("client_credentials", "password", "form.grant_type"), ("client_credentials", quote("urn:ietf:params:oauth:grant-type:jwt-bearer"), "form.grant_type"),
                           ("grant_type", "Grant_Type", "form.grant_type"), ("grant_type", "grant-type", "form.grant_type"), ("grant_type", "grant_type%20", "form.grant_type"),
                           ("client_assertion_type", "client_assertion_Type", "form.assertion_type"), (quote(BEARER_TYPE, safe=""), "", "form.assertion_type"),
                           (quote(BEARER_TYPE, safe=""), quote(quote(BEARER_TYPE, safe=""), safe=""), "form.assertion_type"), ("jwt-bearer", "saml2-bearer", "form.assertion_type"),
                           ("jwt-bearer", "jwt-bearer%20", "form.assertion_type"), ("client_assertion=", "Client_Assertion=", "form.assertion"),
                           ("client_assertion=", "client_assertion=&x=", "form.assertion"), (".", "%252e", "jws.compact"), ("client_assertion=", "client_assertion=+", "jws.base64url")):
        yield f"{old} -> {new}", good.replace(old, new), typed(FORM_TYPE), rule


def attack_forms(mock, client):
    assertion = client.jwt()
    good = form(assertion)
    mock.remember(assertion)
    for name, body, headers, rule in form_rows(good):
        answer = mock.post_form(body, *headers)
        if suite.is_refusal(name, answer):
            got = first_failure(mock.verdicts(answer)[0])
            suite.check(got[0] == rule, f"{name}: refused by {got}, expected {rule}")
    for name, method, target, headers, rule in (
            ("a query", "POST", TOKEN + "?x=1", [], "form.method"), ("all in the query", "POST", TOKEN + "?" + good, [], "form.method"),
            ("GET with all in the query", "GET", TOKEN + "?" + good, [], "form.method"),
            ("Basic too", "POST", TOKEN, ["Authorization: Basic YTpi"], "form.one_method"), ("Bearer too", "POST", TOKEN, ["Authorization: Bearer x"], "form.one_method")):
        answer = mock.request(method, target, good if method == "POST" else b"", [f"Content-Type: {FORM_TYPE}", *headers])
        suite.is_refusal(name, answer)
        entry, text = mock.verdicts(answer)
        suite.check(first_failure(entry)[0] == rule, f"{name}: refused by {first_failure(entry)}, expected {rule}")
        suite.check(mock.leaked(text) == 0, f"{name}: the assertion is in the journal")
        suite.check(not headers or "WWW-Authenticate" not in dict(answer.headers) or answer.status == 401, f"{name}: {answer.status}")
    suite.grants("after all those, the same assertion", client, assertion)
    encoded = lambda text: "".join(f"%{b:02x}" for b in text.encode())
    for name, headers, change in (("charset", FORM_TYPE + "; charset=UTF-8", str), ("a quoted charset", FORM_TYPE + ';charset="utf-8"', str),
                                  ("capitals", FORM_TYPE.upper(), str), ("empty pieces", FORM_TYPE, lambda body: "&&" + body.replace("&", "&&") + "&"),
                                  ("an unknown parameter", FORM_TYPE, lambda body: body + "&x=%C3%A9&y=%25"),
                                  ("everything percent-encoded", FORM_TYPE, lambda body: "&".join("=".join(encoded(side) for side in piece.split("=")) for piece in body.replace("%3A", ":").split("&")))):
        answer = mock.post_form(change(form(client.jwt())), f"Content-Type: {headers}")
        suite.check(answer.status == 200, f"form with {name}: {answer.statuses} {answer.body[:100]}")
    for odd in ("grant_type=x&client_assertion=" + "A" * 60000, "=" * 65536, "&" * 65536, "%" * 65536, "a" * 65536, "+" * 65536):
        suite.is_refusal(f"{odd[:20]}, {len(odd)} bytes", mock.post_form(odd))


# ---- paths ----

ESCAPES = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "..\\", "%2e%2e%5c", "%252e%252e%252f", "%252e%252e/", "..%c0%af", "%c0%ae%c0%ae/", "..%c1%9c", "....//", "..;/", "..%00/",
           "%2e./", ".%2e/", "..%0d/", "..%0a/", "..%09/", "%u002e%u002e/", "..%ef%bc%8f", "\\..\\", "..//", "./../", "..%2f%2f")


def attack_paths(mock, bearer):
    for step in ESCAPES:
        for target in (f"{FHIR}/Patient/{step * 8}etc/passwd", f"/{step * 8}etc/passwd", f"{FHIR}/{step * 3}mock/health", f"/mock/journal/{step * 4}etc/passwd", f"{PREFIX}/{step}mock/apps"):
            answer = mock.request("GET", target, headers=[bearer, "Accept: application/json"])
            suite.check(answer.statuses in ([400], [404]) and b"root:" not in answer.body and b"client_id" not in answer.body, f"GET {target}: {answer.statuses}")
    good = f"{FHIR}/Patient/{PATIENT}"
    for target in (good + "%00", good + "%00.json", good + "%zz", good + "%", good + "/", good + "//", good + "%20", good + ";x", FHIR + "/Patient/" + "a" * 65, FHIR + "/Patient/a%0d%0aX:y",
                   FHIR + "/Patient/.", FHIR + "/Patient/..", FHIR + "/Patient/%2e", FHIR + "/Patient/" + quote("' OR 1=1 --"), FHIR + "/Patient/*", FHIR + "/Patient/\xe9", FHIR + "/patient/" + PATIENT,
                   FHIR + "/Patient/" + PATIENT.upper(), FHIR + "//Patient/" + PATIENT, FHIR.lower() + "/Patient/" + PATIENT, good.replace("Patient", "%50atient"), FHIR + "/Patient%2f" + PATIENT,
                   FHIR + "/" + "A" * 8000, FHIR + "/Binary/../Patient/" + PATIENT, good + "/_history/1", good + "/" * 500):
        answer = mock.request("GET", target, headers=[bearer])
        suite.check(answer.statuses in ([400], [404], [414]), f"GET {target[:120]!r}: {answer.statuses}")
        suite.check("X" not in dict(answer.headers), f"GET {target[:120]!r}: a header was injected")
    for target in (good, good + "?_format=json", good + "?x=%41"):
        answer = mock.request("GET", target, headers=[bearer])
        suite.check(answer.statuses == [200] and b'"Patient"' in answer.body, f"GET {target}: {answer.statuses}")
    for target in (FHIR + "/metadata", FHIR + "/.well-known/smart-configuration"):
        for host, status in (("evil.example", 200), ("evil.example:80", 200), ("127.0.0.1@evil.example", 400), ('"><script>', 400)):
            answer = mock.send(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
            suite.check(answer.statuses == [status] and b"evil" not in answer.body and b"<script>" not in answer.body, f"{target} reflects Host {host}")


# ---- searches ----

def attack_search(mock, bearer):
    observation = f"{FHIR}/Observation?patient={PATIENT}&category=laboratory"
    for target in (f"{FHIR}/Patient?_id=" + quote("' OR 1=1 --"), f"{FHIR}/Patient?_id=%00", f"{FHIR}/Patient?_id=%zz", f"{FHIR}/Patient?name=%ff",
                   *(f"{observation}&_count={value}" for value in ("-1", "0", "1", "1e20", "abc", "", "99999999999999999999", "1.5", "0x10", "+5", "%001")),
                   f"{FHIR}/Patient?_id=" + ",".join(["x"] * 2000), f"{FHIR}/Patient?_id=" + ",".join([PATIENT] * 300), f"{FHIR}/Patient?name=" + quote("(a+)+" * 500 + "!"),
                   f"{FHIR}/Patient?name=" + "a" * 7000, f"{observation}&_include=*", f"{observation}&_include=Observation:*&_revinclude=*:*", f"{observation}&_include:iterate=*",
                   *(f"{observation}&date={value}" for value in ("x", "ge", "2020-13-01", "2020-02-30", "20200101", "ge99999999999", "2020-01-01T25:00:00Z", "%00", "geNaN", "0000", "-1", "ge" * 500)),
                   f"{FHIR}/Observation?patient=https://evil.example/Patient/1&category=laboratory", f"{FHIR}/Observation?patient=../../etc/passwd", f"{observation}&_format=xml", f"{observation}&_format=html",
                   f"{observation}&_format=" + "x" * 3000, f"{observation}&_sort=-date,x,,,", f"{observation}&_elements=*", f"{observation}&_summary=x", f"{observation}&code=|||", f"{observation}&code=%7C",
                   f"{FHIR}/Observation?sessionID=1-" + "A" * 32, f"{FHIR}/Observation?sessionID=%00", f"{FHIR}/Observation?sessionID=-1", f"{FHIR}/Observation?" + "&".join(f"x{i}=1" for i in range(65)),
                   f"{FHIR}/Observation?" + "&" * 7000, f"{FHIR}/Patient?family=" + quote("\u202e\u0000"), f"{FHIR}/Patient?birthdate=lt", f"{FHIR}/Patient?identifier=|", f"{FHIR}/Patient?__proto__=x"):
        answer = mock.request("GET", target, headers=[bearer, "Accept: application/fhir+json"])
        name = f"search {target[len(FHIR):len(FHIR) + 100]}"
        if answer.statuses == [] and target.count("&") > 200:
            continue  # cut: libmicrohttpd has no room for so many
        suite.check(answer.statuses in ([200], [400], [404]), f"{name}: {answer.statuses}")
        suite.check(answer.seconds < ANSWER_S, f"{name}: {answer.seconds:.1f} s")
        body = answer.json()
        kind = body.get("resourceType") if isinstance(body, dict) else None
        if answer.header("Content-Type").startswith("application/fhir+xml"):
            kind = xml.etree.ElementTree.fromstring(answer.body).tag.rpartition("}")[2]
        suite.check(kind in ("Bundle",) if answer.status == 200 else kind == "OperationOutcome" or answer.status == 404, f"{name}: {answer.statuses} {kind} {answer.body[:80]}")
        suite.check(b"evil.example" not in answer.body or answer.status == 400, f"{name}: an absolute reference was followed")
    post = lambda body: mock.request("POST", f"{FHIR}/Observation/_search", body, [bearer, f"Content-Type: {FORM_TYPE}"])
    for body in ("x=" + "\u00e9" * 15000, "x=" + "%C3%A9" * 10000, "_id=" + ",".join(["x"] * 30000), f"patient={PATIENT}&category=laboratory&x=" + "%C3%A9" * 10000, f"patient={PATIENT}&category=laboratory&x=" + "\u00e9" * 30000, "patient=" + "p" * 60000):
        answer = post(body.encode())
        suite.check(answer.statuses in ([200], [400], [413]), f"POST _search {body[:50]}, {len(body)} characters: {answer.statuses}")


def attack_memory_of_connection(mock, bearer):
    """Requests that leave less and less room for their own answer: libmicrohttpd must never find too little of it."""
    for target in (f"{FHIR}/Observation?patient={PATIENT}&category=laboratory", f"{FHIR}/Patient/{PATIENT}", "/mock/apps", "/nothing"):
        for pad in range(13500, 16500, 200 if SANITIZER else 20):
            head = f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n{bearer}\r\nX: {'a' * (pad // 2)}\r\nY: {'a' * (pad // 2)}\r\n\r\n"
            answer = mock.send(head)
            if not suite.check(answer.statuses in ([200], [404], [413], [431], [431, 431], []), f"{target} with {pad} bytes of headers: {answer.statuses}"):
                return
    healthy(mock, "requests that fill their connection's memory")


# ---- bearer tokens ----

def attack_bearer(mock, client):
    token = client.post(client.jwt()).json()["access_token"]
    target = f"{FHIR}/Patient/{PATIENT}"
    good = f"Authorization: Bearer {token}"
    for name, headers in {"wrong token": ["Authorization: Bearer " + "x" * 43], "two spaces": [f"Authorization: Bearer  {token}"], "cut off": [good[:-1]], "a letter more": [good + "x"], "a letter less": [good[:-2]],
                          "swapped case": [f"Authorization: Bearer {token.swapcase()}"], "Basic": [f"Authorization: Basic {token}"], "no scheme": [f"Authorization: {token}"], "scheme alone": ["Authorization: Bearer"],
                          "two headers": [good, good], "a good and a bad": [good, "Authorization: Bearer x"], "quoted": [f'Authorization: Bearer "{token}"'], "with a comma": [good + ", Bearer x"],
                          "8 KB": ["Authorization: Bearer " + "x" * 7000], "none": [], "an assertion": [f"Authorization: Bearer {client.jwt()}"], "a tab": [f"Authorization: Bearer\t{token}"]}.items():
        answer = mock.request("GET", target, headers=headers)
        suite.check(answer.statuses == [401] and answer.header("WWW-Authenticate").startswith("Bearer"), f"bearer, {name}: {answer.statuses}")
        suite.check(b"resourceType" not in answer.body and "no-store" in answer.header("Cache-Control"), f"bearer, {name}: a body")
    for name, asked in {"in the query": target + f"?access_token={token}", "in the query too": target + f"?token={token}"}.items():
        answer = mock.request("GET", asked)
        suite.check(answer.statuses == [401], f"bearer {name}: {answer.statuses}")
    for scheme in ("Bearer", "bearer", "BEARER", "bEARER"):
        answer = mock.request("GET", target, headers=[f"Authorization: {scheme} {token}"])
        suite.check(answer.statuses == [200], f"scheme {scheme}: {answer.statuses}")
    mock.request("GET", target, headers=["Authorization:  Bearer " + token + " "])
    mock.secrets.discard(token[:40])  # it stood in a query: that is in the journal, as the sender wrote it
    return good


# ---- many and slow connections ----

def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def attack_with_many(mock):
    before = mock.fds()
    for _ in range(200):
        s = mock.connect()
        s.sendall(f"POST {TOKEN} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {FORM_TYPE}\r\nContent-Length: 1000\r\n\r\na=".encode())
        reset(s)
    healthy(mock, "200 resets in the middle of a body")
    idle = [mock.connect() for _ in range(400)]
    answer = mock.request("GET", "/mock/health")
    suite.check(answer.statuses == [200] and answer.seconds < ANSWER_S, f"among 400 idle connections: {answer.statuses} {answer.seconds:.1f} s")
    for s in idle:
        s.close()
    suite.check(eventually(lambda: mock.fds() <= before + 5), f"{mock.fds()} descriptors, {before} before")


class Slow(threading.Thread):
    """One connection that takes its time; `seconds` until the server cut it."""

    def __init__(self, mock, name, first, drip=b"", reads=True):
        super().__init__(daemon=True)
        self.mock, self.name, self.first, self.drip, self.reads, self.seconds, self.out = mock, name, first, drip, reads, None, b""

    def run(self):
        started = time.monotonic()
        s = socket.socket()
        if not self.reads:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(("127.0.0.1", self.mock.port))
        s.settimeout(0.05)
        end = started + 20 * SLOW
        with s, contextlib.suppress(ConnectionError):
            for piece in range(0, len(self.first), 65536):
                with contextlib.suppress(socket.timeout):
                    s.sendall(self.first[piece:piece + 65536])
            while time.monotonic() < end:
                if self.drip:
                    s.sendall(self.drip)
                    time.sleep(0.02)
                if not self.reads:
                    time.sleep(0.1)
                    s.sendall(b"x")  # fails when the server has gone
                    continue
                with contextlib.suppress(socket.timeout):
                    data = s.recv(65536)
                    self.out += data
                    if not data:
                        break
        self.seconds = time.monotonic() - started


def attack_slowly():
    """A deadline of one second for all of a request, however busy the connection looks."""
    with Mock("--request-timeout", "1") as mock:
        mock.register("app", certificate=certificate("rsa2048_a"))
        client = Client(mock, "app", A)
        bearer = "Authorization: Bearer " + client.post(client.jwt()).json()["access_token"]
        post = f"POST {TOKEN} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {FORM_TYPE}\r\nContent-Length: 5000\r\n\r\n".encode()
        search = f"GET {FHIR}/Observation?patient={PATIENT}&category=laboratory&_count=1000 HTTP/1.1\r\nHost: 127.0.0.1\r\n{bearer}\r\n\r\n".encode()
        health = b"GET /mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        attackers = [Slow(mock, "says nothing", b""), Slow(mock, "stops in the request line", b"POST /inter"), Slow(mock, "stops in a header", b"GET / HTTP/1.1\r\nHost: 127"),
                     Slow(mock, "stops before the body", post), Slow(mock, "stops in the body", post + b"a=1"), Slow(mock, "drips the request line", b"GET /", b"a"),
                     Slow(mock, "drips headers", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"X: y\r\n"), Slow(mock, "drips one header", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ", b"y"),
                     Slow(mock, "drips the body", post, b"a"), Slow(mock, "drips chunks", post.replace(b"Content-Length: 5000", b"Transfer-Encoding: chunked"), b"1\r\na\r\n"),
                     Slow(mock, "never ends a chunk size", post.replace(b"Content-Length: 5000", b"Transfer-Encoding: chunked"), b"0"), Slow(mock, "sends empty lines", b"", b"\r\n"),
                     Slow(mock, "idles after an answer", health), Slow(mock, "reads nothing", search * 400, reads=False)]
        for attacker in attackers:
            attacker.start()
        honest = [mock.request("GET", "/mock/health") for _ in range(50) if not time.sleep(0.02)]
        suite.check(all(a.statuses == [200] and a.seconds < ANSWER_S for a in honest), "honest requests beside the slow ones")
        suite.grants("a token beside the slow ones", client, client.jwt())
        for attacker in attackers:
            attacker.join(20 * SLOW)
            suite.check(attacker.seconds is not None and attacker.seconds < 3.5 * SLOW, f"who {attacker.name}: cut after {attacker.seconds} s")
            if attacker.name not in ("idles after an answer", "reads nothing"):
                suite.check(attacker.seconds is None or attacker.seconds > 0.9 or b"HTTP/1.1 4" in attacker.out, f"who {attacker.name}: cut after {attacker.seconds} s already")
        suite.check(mock.fds() < 40, f"{mock.fds()} descriptors left")
        cpu = mock.cpu_s()
        time.sleep(0.5)
        suite.check(mock.cpu_s() - cpu < 0.2, "busy while nobody asks")


def attack_all_at_once():
    """As many ready connections as an event loop takes in one turn, and nothing afterwards: none may be forgotten."""
    with Mock("--threads", "1") as mock:
        for count in (127, 128, 129, 256) * 5:
            peers = [mock.connect() for _ in range(count)]
            time.sleep(0.02)
            os.kill(mock.pid, signal.SIGSTOP)
            for s in peers:
                s.sendall(b"GET /mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            os.kill(mock.pid, signal.SIGCONT)
            started = time.monotonic()
            answered = 0
            for s in peers:
                s.settimeout(max(0.01, started + ANSWER_S + 1 - time.monotonic()))
                with contextlib.suppress(OSError):
                    answered += s.recv(100).startswith(b"HTTP/1.1 200")
                s.close()
            suite.check(answered == count, f"{answered} of {count} that asked at once were answered")


def main():
    attack_all_at_once()
    with Mock() as mock:
        mock.register("app", certificate=certificate("rsa2048_a"))
        client = Client(mock, "app", A)
        attack_framing(mock)
        attack_sizes(mock)
        attack_methods(mock)
        attack_forms(mock, client)
        bearer = attack_bearer(mock, client)
        attack_paths(mock, bearer)
        attack_search(mock, bearer)
        attack_memory_of_connection(mock, bearer)
        attack_with_many(mock)
        suite.grants("after all of it", client, client.jwt())
        suite.keeps_secrets(mock)
    attack_slowly()
    suite.done(1000)


main()
