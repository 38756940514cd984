"""Field cases: the JWT itself, what it claims, who signed it."""
import base64
import gzip
import hashlib
import json
import re

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from field_cases import DROP, ID, TOKEN_URL, b64u, row

PYJWT = "github.com/jpadilla/pyjwt/pull/521"


def header_request(w):
    """A token request whose JWT stands in the Authorization header."""
    return w.request("POST /interconnect-fhir-oauth/oauth2/token HTTP/1.1\r\nHost: fhir.epic.com\r\nAuthorization: Bearer " + w.jwt()
                     + "\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\ngrant_type=client_credentials")


def posted(text):
    """The text as client_assertion, as a curl command."""
    return f"curl https://fhir.epic.com/interconnect-fhir-oauth/oauth2/token -d '{text}'"


def ec_set(w):
    """The JWK Set of ec.pem."""
    numbers = w.key("ec.pem").public_key().public_numbers()
    jwk = {"kty": "EC", "crv": "P-256", "kid": "e", "x": b64u(numbers.x.to_bytes(32, "big")), "y": b64u(numbers.y.to_bytes(32, "big"))}
    return w.write("ec.jwks.json", json.dumps({"keys": [jwk]}))


def signed(w, sign):
    """A JWT whose signature is what sign(key, header.payload) gives."""
    data = w.jwt().rsplit(".", 1)[0]
    return data + "." + b64u(sign(w.key(), data.encode()))


ROWS = [
    # ---- what stands around it ----
    row("jwt.python_bytes", PYJWT, "`b'eyJ…'`, bytes put into a string", lambda w: w.lint(f"b'{w.jwt()}'"), wants="bytes of Python"),
    row("jwt.python_bytes_in_request", PYJWT, "the same in a captured request",
        lambda w: w.request(posted(w.form("b%27" + w.jwt() + "%27"))), wants="bytes of Python"),
    row("jwt.parameter_name", "", "`client_assertion=eyJ…`", lambda w: w.lint("client_assertion=" + w.jwt()), wants="name of a parameter"),
    row("jwt.form_body", "", "the whole body of the request", lambda w: w.lint(w.form(w.jwt())), wants="name of a parameter"),
    row("jwt.shell_assignment", "", "`export JWT=\"eyJ…\"`", lambda w: w.lint(f'export JWT="{w.jwt()}"'), wants="parameter or variable"),
    row("jwt.json", "", "`{\"client_assertion\":\"eyJ…\"}`", lambda w: w.lint('{"client_assertion":"' + w.jwt() + '"}'), wants="JSON stands around"),
    row("jwt.label", "", "`JWT: eyJ…`", lambda w: w.lint(f"JWT: {w.jwt()}\n"), wants="label"),
    row("jwt.bearer", "", "`Bearer eyJ…`", lambda w: w.lint("Bearer " + w.jwt()), wants="Bearer"),
    row("jwt.header_line", "", "`Authorization: Bearer eyJ…`", lambda w: w.lint("Authorization: Bearer " + w.jwt()), wants="header's name"),
    row("jwt.url", "", "an address of a JWT viewer with the JWT in it", lambda w: w.lint("https://viewer.example/#token=" + w.jwt()), wants="inside of a URL"),
    row("jwt.quotes", "", "quotation marks", lambda w: w.lint(f'"{w.jwt()}"'), wants="quotation marks"),
    row("jwt.typographic_quotes", "", "quotation marks of a word processor", lambda w: w.lint(f"\u201c{w.jwt()}\u201d"), wants="quotation marks"),
    row("jwt.backquotes", "", "backquotes of Markdown", lambda w: w.lint(f"`{w.jwt()}`"), wants="quotation marks"),
    row("jwt.xml", "", "`<jwt>eyJ…</jwt>`", lambda w: w.lint(f"<jwt>{w.jwt()}</jwt>"), wants="a tag or Markdown stands around"),
    row("jwt.zero_width_space", "", "an invisible character out of a chat", lambda w: w.lint(w.jwt()[:-9] + "\u200b" + "A" * 9), wants="beyond ASCII"),
    row("jwt.abbreviated", "", "`eyJ…` as a page shows it", lambda w: w.lint(w.jwt()[:60] + "..."), wants="shortened for display"),
    row("jwt.redacted", "", "out of a log that hides secrets", lambda w: w.lint("eyJhbGciOiJSUzM4NCJ9.[redacted]"), wants="shortened for display"),
    row("jwt.base64_once_more", "", "base64 of the JWT, from a secret store", lambda w: w.lint(base64.b64encode(w.jwt().encode())), wants="encoded once more"),
    row("jwt.percent_encoded_twice", "", "percent-encoded twice", lambda w: w.lint(w.jwt().replace(".", "%2E")), wants="percent-encoded twice"),
    row("jwt.in_authorization_header", "", "the JWT as `Authorization: Bearer` of the token request", header_request, wants="stands in the Authorization header"),
    row("jwt.in_client_secret", "", "the JWT as client_secret",
        lambda w: w.request(posted("grant_type=client_credentials&client_secret=" + w.jwt())), wants='"client_secret": the JWT stands in this parameter'),

    # ---- what stands in its place ----
    row("jwt.postman_variable", "", "`{{jwt}}`", lambda w: w.lint("{{jwt}}"), wants="variable of Postman"),
    row("jwt.javascript_undefined", "", "`undefined`", lambda w: w.lint("undefined"), wants="undefined"),
    row("jwt.javascript_undefined_in_request", "", "the same in a captured request", lambda w: w.request(posted(w.form("undefined"))), wants="undefined"),
    row("jwt.python_none", "", "`None`", lambda w: w.lint("None\n"), wants="None"),
    row("jwt.javascript_object", "", "`[object Promise]`", lambda w: w.lint("[object Promise]"), wants="not waited for"),
    row("jwt.python_coroutine", "", "a coroutine that was not awaited", lambda w: w.lint("<coroutine object sign at 0x7f2a>"), wants="not waited for"),
    row("jwt.shell_variable", "", "`$JWT` in single quotation marks", lambda w: w.lint("$JWT"), wants="no shell has replaced"),
    row("jwt.windows_variable", "", "`%JWT%` outside of cmd", lambda w: w.lint("%JWT%"), wants="no shell has replaced"),
    row("jwt.shell_command", "", "`$(cat jwt)` in single quotation marks", lambda w: w.lint("$(cat jwt)"), wants="no shell has run"),
    row("jwt.documentation", "", "`<JWT>`", lambda w: w.lint("<JWT>"), wants="placeholder of a documentation"),
    row("jwt.file_name", "", "`@jwt.txt`", lambda w: w.lint("@jwt.txt"), wants="name of a file"),
    row("jwt.empty", "", "an empty file", lambda w: w.lint(""), wants="empty"),
    row("jwt.private_key", "", "the private key in place of the JWT", lambda w: w.lint(w.read("k.pem")), wants="a key or certificate"),
    row("jwt.html_page", "", "a page of HTML", lambda w: w.lint("<!DOCTYPE html><html></html>"), wants="a page"),
    row("jwt.claims", "", "the claims, not signed", lambda w: w.lint('{"iss":"x","aud":"y"}'), wants="neither encoded nor signed"),
    row("jwt.token_answer", "", "the answer of the token endpoint", lambda w: w.lint('{"access_token":"x","expires_in":3600}'), wants="answer of a token endpoint"),

    row("jwt.gzip", "", "a compressed file", lambda w: w.lint(gzip.compress(b"eyJhbGciOiJSUzM4NCJ9.e30.AAAA", mtime=0)),
        wants="a compressed file", same=[(r"jws.compact \d+ parts?; a compact JWS has 3|jws.base64url \w+", "jws.compact")]),
    row("jwt.utf16", "", "a JWT saved by PowerShell's > in UTF-16", lambda w: w.lint(w.jwt().encode("utf-16")), wants="UTF-16.*the JWT in it was read"),
    row("jwt.byte_order_mark", "", "a JWT saved with a byte order mark", lambda w: w.lint(b"\xef\xbb\xbf" + w.jwt().encode() + b"\r\n"),
        wants="byte order mark.*the JWT in it was read"),
    row("jwt.byte_order_mark_in_request", "", "a byte order mark in a captured request", lambda w: w.request(posted(w.form("%EF%BB%BF" + w.jwt()))), wants="byte order mark"),

    row("jwt.two", "", "two JWTs, one a line", lambda w: w.lint(w.jwt() + "\n" + w.jwt()), wants="more than one JWT"),
    row("jwt.with_rest_of_form", "", "the JWT and what followed it in the body", lambda w: w.lint(w.jwt() + "&scope=system/*.rs"), wants="other parameters of a form"),
    row("jwt.escaped_newline", "", "a line end written as \\n", lambda w: w.lint(w.jwt() + "\\n"), wants="a line end after the last part"),
    row("jwt.go_nil", "", "Go's `%!s(<nil>)`", lambda w: w.lint("%!s(<nil>)"), wants="undefined, null or None"),
    row("jwt.github_secret", "", "`***`, as a CI's log shows a secret", lambda w: w.lint("***"), wants="shortened for display"),

    # ---- where it went ----
    row("jwt.posted_to_oauth2", "", "the JWT is right, and posted to a URL without /token",
        lambda w: w.request(f"curl https://fhir.epic.com/interconnect-fhir-oauth/oauth2 -d '{w.form(w.jwt())}'"), wants="a token URL, and what it is compared with"),
    row("jwt.posted_to_fhir", "", "the JWT is right, and posted to the FHIR base",
        lambda w: w.request(f"curl https://fhir.epic.com/interconnect-fhir-oauth/api/FHIR/R4 -d '{w.form(w.jwt())}'"), wants="a token URL, and what it is compared with"),
    row("jwt.posted_elsewhere", "", "the JWT is for the customer, and the request went to the sandbox",
        lambda w: w.request(posted(w.form(w.jwt(aud="https://c.example/oauth2/token"))), "--token-url", "https://c.example/oauth2/token", "--switch", "static_keys=accept"),
        wants="the request was posted to another URL"),
    row("jwt.aud_is_posted_url", "", "aud is the URL posted to, and not the token URL",
        lambda w: w.request(f"curl https://proxy.example/epic/token -d '{w.form(w.jwt(aud='https://proxy.example/epic/token'))}'", "--token-url",
                            "https://c.example/oauth2/token"), wants="the URL that the request was posted to"),

    # ---- 2026 ----
    row("jwt.rfc7523bis_typ", "github.com/NorskHelsenett/HelseID.Samples/pull/140", "typ client-authentication+jwt",
        lambda w: w.lint(w.jwt(header={"typ": "client-authentication+jwt"})), wants="the form of RFC 7523bis"),
    row("jwt.rfc7523bis", "github.com/guillp/requests_oauth2client/pull/267", "typ client-authentication+jwt, and the issuer as aud: one cause twice",
        lambda w: w.run("sh", "-c", "epic-conformance jwt --at 1790000000 --cert cert.pem --client-id \"$CID\" --token-url \"$TOK\" - | grep '^fail *aud'",
                        data=w.jwt(header={"typ": "client-authentication+jwt"}, aud=TOKEN_URL[:-6])), wants="the form of RFC 7523bis", read="out"),
    row("jwt.aud_issuer", "github.com/modelcontextprotocol/ruby-sdk/pull/432", "aud is the issuer, typ JWT", lambda w: w.lint(w.jwt(aud=TOKEN_URL[:-6])),
        wants="base or issuer; or else the form of RFC 7523bis"),

    # ---- who signed ----
    row("jwt.hmac_under_rs384", "", "an HMAC under RS384: the PEM's text as a secret", lambda w: w.lint(w.jwt(signature=b"\1" * 48)), wants="as long as an HMAC"),
    row("jwt.rsa_under_es256", "", "an RSA signature under ES256", lambda w: w.lint(w.jwt(header={"alg": "ES256"}), keys=("--jwks", ec_set(w), "--jwks-url", "https://k.example/")),
        wants="as long as an RSA key makes it"),
    row("jwt.ec_raw_under_rs384", "", "an ES256 signature under RS384", lambda w: w.lint(w.jwt("ec.pem", "ES256", header={"alg": "RS384"})), wants="an ECDSA signature"),
    row("jwt.key_marked_for_other_alg", "", "the JWK is marked RS256, the header names RS384",
        lambda w: w.lint(w.jwt(header={"kid": "a"}), keys=("--jwks", w.write("rs256.json", json.dumps({"keys": [w.jwk(alg="RS256")]})), "--jwks-url", "https://k.example/")),
        wants="marked for this algorithm alone"),
    row("jwt.ec_der_under_rs256", "github.com/n8n-io/n8n/pull/32948", "an EC key signed under RS256; an RSA certificate is registered",
        lambda w: w.lint(w.jwt("ec.pem", "RS256")), wants="an ECDSA signature, made with an EC key"),
    row("jwt.ec_der_under_rs256_ec_certificate", "github.com/n8n-io/n8n/pull/32948", "the same, and its EC certificate is registered",
        lambda w: w.lint(w.jwt("ec.pem", "RS256"), keys=("--cert", "certec.pem")), wants="EC key, which Epic takes only by JWK Set URL"),

    # ---- times ----
    row("jwt.time_utc_plus_1", "github.com/jpadilla/pyjwt/issues/321", "local time for UTC, an hour off, exp alone",
        lambda w: w.lint(w.jwt(iat=DROP, exp=lambda now: now - 3300)), wants="local time taken for UTC"),
    row("jwt.time_utc_plus_1_iat", "github.com/jpadilla/pyjwt/issues/631", "the same with iat",
        lambda w: w.lint(w.jwt(iat=lambda now: now - 3600, exp=lambda now: now - 3300)), wants="local time taken for UTC"),
    row("jwt.time_india", "github.com/oauthlib/oauthlib/pull/958", "local time for UTC in India",
        lambda w: w.lint(w.jwt(iat=lambda now: now - 19800, exp=lambda now: now - 19500)), wants="5:30 hours: local time"),
    row("jwt.time_newfoundland", "", "local time for UTC in Newfoundland, exp alone",
        lambda w: w.lint(w.jwt(iat=DROP, exp=lambda now: now + 12900)), wants="3:30 hours: local time"),
    row("jwt.time_milliseconds", "", "milliseconds", lambda w: w.lint(w.jwt(exp=lambda now: (now + 240) * 1000)), wants="milliseconds"),
    row("jwt.time_microseconds", "", "microseconds", lambda w: w.lint(w.jwt(exp=lambda now: (now + 240) * 1000000)), wants="microseconds"),
    row("jwt.time_nanoseconds", "", "nanoseconds", lambda w: w.lint(w.jwt(exp=lambda now: (now + 240) * 1000000000)), wants="nanoseconds"),
    row("jwt.time_minutes", "", "minutes since 1970", lambda w: w.lint(w.jwt(exp=lambda now: now // 60 + 4, iat=DROP)), wants="it looks like minutes"),
    row("jwt.time_days", "", "days since 1970", lambda w: w.lint(w.jwt(exp=lambda now: now // 86400 + 1, iat=DROP)), wants="it looks like days"),
    row("jwt.time_iat_minutes", "", "iat alone in minutes", lambda w: w.lint(w.jwt(iat=lambda now: now // 60)), wants="it looks like minutes"),
    row("jwt.time_iat_milliseconds", "", "iat alone in milliseconds", lambda w: w.lint(w.jwt(iat=lambda now: now * 1000)), wants="it looks like milliseconds"),
    row("jwt.time_lifetime_milliseconds", "", "five minutes in milliseconds, added to seconds",
        lambda w: w.lint(w.jwt(exp=lambda now: now - 5 + 300000)), wants="lifetime in milliseconds was added"),
    row("jwt.time_ticks", "", "ticks of .NET", lambda w: w.lint(w.jwt(exp=lambda now: (now + 62135596800) * 10**7)), wants="ticks of .NET"),
    row("jwt.time_seconds_of_dotnet", "", "seconds since the year 1, as .NET counts", lambda w: w.lint(w.jwt(exp=lambda now: now + 62135596800, iat=DROP)), wants="another year than 1970"),
    row("jwt.time_apple", "", "seconds since 2001, as Apple counts", lambda w: w.lint(w.jwt(exp=lambda now: now + 240 - 978307200, iat=DROP)), wants="another year than 1970"),
    row("jwt.time_duration", "", "the lifetime alone", lambda w: w.lint(w.jwt(exp=300, iat=DROP)), wants="a duration"),
    row("jwt.time_text", "", "the number as text", lambda w: w.lint(w.jwt(exp=lambda now: str(now + 240))), wants="a string"),
    row("jwt.time_python_float", "", "time.time() + 240, with its fraction", lambda w: w.lint(w.jwt(exp=lambda now: now + 240.25)), wants="a fraction"),
    row("jwt.iss_placeholder", "", "iss and sub as the documentation has them", lambda w: w.lint(w.jwt(iss="YOUR_CLIENT_ID", sub="YOUR_CLIENT_ID")), wants="never filled in"),
    row("jwt.iss_undefined", "", "iss is a program's undefined", lambda w: w.lint(w.jwt(iss="undefined", sub="undefined")), wants="never filled in"),
    row("jwt.aud_variable", "", "aud is a variable that nobody replaced", lambda w: w.lint(w.jwt(aud="${TOKEN_URL}")), wants="never filled in"),
    row("jwt.aud_escaped", "", "aud with the escapes of JSON in it", lambda w: w.lint(w.jwt(aud=TOKEN_URL.replace("/", "\\/"))), wants="backslashes"),
    row("jwt.secret_reference", "", "the reference to a secret", lambda w: w.lint("arn:aws:secretsmanager:us-east-1:1:secret:epic-jwt"), wants="reference to a secret"),
    row("jwt.java_object", "", "an object of Java, turned into text", lambda w: w.lint("com.nimbusds.jwt.SignedJWT@1b2c3d"), wants="turned into text"),
    row("jwt.quoted_printable", "", "the JWT out of a mail", lambda w: w.lint("=\n".join(re.findall(".{1,75}", w.jwt()))), wants="wrapped into lines"),
    row("jwt.markdown_link", "", "the JWT as a link of Markdown", lambda w: w.lint(f"[jwt]({w.jwt()})"), wants="a tag or Markdown stands around"),
    row("jwt.on_the_command_line", "", "the JWT itself as argument: jwt \"$(cat jwt)\"", lambda w: w.run("epic-conformance", "jwt", w.jwt()), wants="give it on standard input"),
    row("jwt.time_date", "", "a date as text", lambda w: w.lint(w.jwt(exp="2026-09-21T13:33:20Z")), wants="a date as text"),
    row("jwt.aud_in_brackets", "", "aud in angle brackets", lambda w: w.lint(w.jwt(aud=f"<{TOKEN_URL}>")), wants="something around it"),
    row("jwt.aud_without_scheme", "", "aud without https://", lambda w: w.lint(w.jwt(aud=TOKEN_URL[8:])), wants="without its scheme"),
    row("jwt.time_exp_is_iat", "", "exp was set to the present time, without a lifetime",
        lambda w: w.lint(w.jwt(iat=lambda now: now, exp=lambda now: now)), wants="no lifetime was added"),
    # ---- more of what stands around it ----
    row("jwt.colours", "", "colour codes of a terminal", lambda w: w.lint(f"\x1b[32m{w.jwt()}\x1b[0m\n"), wants="colour codes"),
    row("jwt.colours_printed", "", "the same as a log prints them", lambda w: w.lint(f"\\x1b[32m{w.jwt()}\\x1b[0m"), wants="colour codes"),
    row("jwt.log_line", "", "a line of a log", lambda w: w.lint(f"2026-11-28T12:00:00.123Z INFO assertion {w.jwt()}"), wants="stands in a log"),
    row("jwt.docker_compose_log", "", "a line of docker compose logs", lambda w: w.lint(f"app-1  | {w.jwt()}"), wants="stands in a log"),
    row("jwt.markdown_list", "", "an entry of a list of Markdown", lambda w: w.lint(f"- {w.jwt()}"), wants="Markdown"),
    row("jwt.markdown_fence", "", "a fenced block of Markdown", lambda w: w.lint(f"```jwt\n{w.jwt()}\n```\n"), wants="Markdown"),
    row("jwt.mail_quote", "", "quoted in a mail, in lines", lambda w: w.lint("\n".join("> " + x for x in re.findall(".{1,70}", w.jwt()))), wants="Markdown"),
    row("jwt.python_tuple", "", "`('eyJ…',)`", lambda w: w.lint(f"('{w.jwt()}',)"), wants="brackets around"),
    row("jwt.python_dictionary", "", "a dictionary as Python prints it", lambda w: w.lint("{'client_assertion': '" + w.jwt() + "'}"), wants="JSON stands around"),
    row("jwt.japanese_quotes", "", "quotation marks of Japanese", lambda w: w.lint(f"\u300c{w.jwt()}\u300d"), wants="quotation marks"),
    row("jwt.php_var_dump", "", "what PHP's var_dump prints", lambda w: w.lint(f'string(700) "{w.jwt()}"'), wants="code of a program"),
    row("jwt.yaml", "", "a line of YAML", lambda w: w.lint(f"client_assertion: {w.jwt()}"), wants="label"),
    row("jwt.yaml_folded", "", "folded by YAML", lambda w: w.lint("\n".join("    " + x for x in re.findall(".{1,64}", w.jwt()))), wants="wrapped into lines"),
    row("jwt.basic_scheme", "", "`Basic eyJ…`", lambda w: w.lint("Basic " + w.jwt()), wants="header's name"),
    row("jwt.pem_markers", "", "between the markers of a PEM file", lambda w: w.lint(f"-----BEGIN JWT-----\n{w.jwt()}\n-----END JWT-----\n"), wants="markers of a PEM file"),
    row("jwt.soft_hyphen", "", "a soft hyphen, out of a web page", lambda w: w.lint(w.jwt()[:-9] + "\u00ad" + "A" * 9), wants="U\\+00AD, a soft hyphen"),
    row("jwt.no_break_space", "", "a no-break space in front of it", lambda w: w.lint("\u00a0" + w.jwt()), wants="U\\+00A0, a no-break space"),
    row("jwt.nul", "", "a NUL behind it, as C strings have one", lambda w: w.lint(w.jwt() + "\0"), wants="U\\+0000, a NUL"),
    row("jwt.percent_encoded_quotes", "", "quotation marks that were percent-encoded", lambda w: w.lint("%22" + w.jwt() + "%22"), wants="quotation marks"),
    row("jwt.html_entities", "", "its dots as entities of HTML", lambda w: w.lint(w.jwt().replace(".", "&#46;")), wants="escapes of HTML"),
    row("jwt.br", "", "wrapped by <br>", lambda w: w.lint("<br>".join(re.findall(".{1,64}", w.jwt()))), wants="wrapped into lines"),
    row("jwt.commas_for_dots", "", "commas in place of the dots", lambda w: w.lint(w.jwt().replace(".", ",")), wants="where the dots"),
    row("jwt.upper_case", "", "a tool made it upper case", lambda w: w.lint(w.jwt(signature=bytes(256)).upper()), wants="in another case"),
    row("jwt.lower_case", "", "a tool made it lower case", lambda w: w.lint(w.jwt(signature=bytes(256)).lower()), wants="in another case"),
    row("jwt.two_in_a_line", "", "two JWTs, one behind the other", lambda w: w.lint(w.jwt() + w.jwt()), wants="more than one JWT"),
    row("jwt.utf32", "", "a JWT in UTF-32", lambda w: w.lint(w.jwt().encode("utf-32")), wants="UTF-32.*the JWT in it was read"),
    row("jwt.base64_twice_more", "", "base64 of base64 of the JWT", lambda w: w.lint(base64.b64encode(base64.b64encode(w.jwt().encode()))), wants="encoded once more"),
    row("jwt.base64_of_utf16", "", "base64 as PowerShell makes it, of UTF-16", lambda w: w.lint(base64.b64encode(w.jwt().encode("utf-16-le"))), wants="encoded once more"),

    # ---- more of what stands in its place ----
    row("jwt.opaque_token", "", "an opaque access token", lambda w: w.lint("Fcs8vIbQ2hV8hX0bTq7Q_oiFbMIxNjC7T5OMCZfBzYY"), wants="opaque token"),
    row("jwt.id_token", "", "an id_token", lambda w: w.lint(w.jwt("k2.pem", "RS256", iss="https://fhir.epic.com/interconnect-fhir-oauth/oauth2", sub="ePz", nonce="n")), wants="access token or id_token"),
    row("jwt.saml", "", "a SAML assertion in base64", lambda w: w.lint(base64.b64encode(b"<saml2:Assertion xmlns:saml2='urn:oasis'>" + b"a" * 99)), wants="SAML assertion"),
    row("jwt.basic_credentials", "", "the credentials of HTTP Basic", lambda w: w.lint("Basic " + base64.b64encode(b"id:secret").decode()), wants="HTTP Basic"),
    row("jwt.key_in_base64", "", "the private key in base64", lambda w: w.lint(base64.b64encode(w.read("k.pem"))), wants="key or certificate"),
    row("jwt.client_id", "", "the client id", lambda w: w.lint("3f9b1c52-7d0e-4a36-9c41-5be2a7d80f11"), wants="another parameter"),
    row("jwt.error_message", "", "the error of a shell", lambda w: w.lint("cat: jwt.txt: No such file or directory\n"), wants="message of an error"),
    row("jwt.filtered", "", "`[FILTERED]`, as Rails shows a secret", lambda w: w.lint("[FILTERED]"), wants="shortened for display"),
    row("jwt.words", "", "words", lambda w: w.lint("ask Peter"), wants='"ask Peter": no JWT'),
    row("jwt.picture", "", "a picture", lambda w: w.lint(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), wants="binary file"),
    row("jwt.unsigned", "", "header.payload. without a signature", lambda w: w.lint(w.jwt().rsplit(".", 1)[0] + "."), wants="unsigned"),
    row("jwt.detached", "", "header..signature", lambda w: w.lint(".".join([w.jwt().split(".")[0], "", w.jwt().split(".")[2]])), wants="detached"),
    row("jwt.json_serialization", "", "the JSON serialization of a JWS", lambda w: w.lint(json.dumps(dict(zip(("protected", "payload", "signature"), w.jwt().split("."))))), wants="JWS in JSON form"),
    row("jwt.parts_encoded_twice", "", "its parts encoded twice", lambda w: w.lint(".".join(b64u(x.encode()) for x in w.jwt().split("."))), wants="encoded twice"),

    # ---- who signed it, and what ----
    row("jwt.pss_under_rs384", "", "RSA-PSS under RS384", lambda w: w.lint(signed(w, lambda key, data: key.sign(data, padding.PSS(padding.MGF1(hashes.SHA384()), 48), hashes.SHA384()))), wants="RSA-PSS with the registered key"),
    row("jwt.sha1_under_rs384", "", "SHA-1 under RS384", lambda w: w.lint(signed(w, lambda key, data: key.sign(data, padding.PKCS1v15(), hashes.SHA1()))), wants="SHA1: made with this algorithm"),
    row("jwt.signed_payload_alone", "", "the payload alone was signed", lambda w: w.lint(signed(w, lambda key, data: key.sign(data.split(b".")[1], padding.PKCS1v15(), hashes.SHA384()))), wants="the payload alone"),
    row("jwt.signed_digest", "", "a digest was hashed once more", lambda w: w.lint(signed(w, lambda key, data: key.sign(hashlib.sha384(data).digest(), padding.PKCS1v15(), hashes.SHA384()))), wants="hashed once more"),
    row("jwt.signed_with_line_end", "", "a line end was signed too", lambda w: w.lint(signed(w, lambda key, data: key.sign(data + b"\n", padding.PKCS1v15(), hashes.SHA384()))), wants="and a line end"),
    row("jwt.altered", "", "a claim was changed after signing", lambda w: w.lint(".".join(w.jwt().split(".")[:2] + [w.jwt().split(".")[2]])), wants="altered or encoded anew"),
    row("jwt.other_key", "", "signed with another key", lambda w: w.lint(w.jwt("k2.pem")), wants="made with another private key"),
    row("jwt.alg_of_java", "", "alg as Java calls it", lambda w: w.lint(w.jwt(header={"alg": "SHA384withRSA"})), wants="another spelling of an algorithm"),

    # ---- claims, nearly ----
    row("jwt.iss_without_dashes", "", "the client id without its dashes", lambda w: w.lint(w.jwt(iss=ID.replace("-", ""), sub=ID.replace("-", ""))), wants="without its dashes"),
    row("jwt.iss_cut", "", "the client id cut off", lambda w: w.lint(w.jwt(iss=ID[:8], sub=ID[:8])), wants="a part of the client id"),
    row("jwt.iss_typing_error", "", "two digits of the client id changed places", lambda w: w.lint(w.jwt(iss=ID.replace("3f9b", "3fb9"), sub=ID.replace("3f9b", "3fb9"))), wants="a few characters"),
    row("jwt.iss_capitals", "", "`Iss` for `iss`", lambda w: w.lint(w.jwt(iss=DROP, Iss=ID)), wants='"Iss": the claim is missing'),
    row("jwt.claims_inside", "", "the claims stand inside of `payload`", lambda w: w.lint(w.jwt(iss=DROP, payload={"iss": ID})), wants="stands inside of this one"),
    row("jwt.aud_typing_error", "", "a letter of the token URL is missing", lambda w: w.lint(w.jwt(aud=TOKEN_URL.replace("interconnect", "interconect"))), wants="a few characters"),
    row("jwt.aud_list_in_text", "", "aud is a list that was turned into text", lambda w: w.lint(w.jwt(aud=f"['{TOKEN_URL}']")), wants="a list in one string"),
    row("jwt.aud_with_query", "", "aud with a query behind it", lambda w: w.lint(w.jwt(aud=TOKEN_URL + "?grant=x")), wants="more behind it"),
    row("jwt.aud_no_url", "", "aud is a word", lambda w: w.lint(w.jwt(aud="epic")), wants="no URL"),
    row("jwt.time_iat_zone", "", "iat in local time, exp in UTC", lambda w: w.lint(w.jwt(iat=lambda now: now - 3600)), wants="whole hours"),
    row("jwt.time_lifetime_text", "", "the lifetime as text", lambda w: w.lint(w.jwt(exp="5m")), wants="duration"),
]
