#!/usr/bin/python3
"""A client of Epic's Backend Services to copy: one file, the standard library and PyJWT with cryptography.

It reads EPIC_BACKEND_CLIENT_ID, EPIC_TOKEN_URL, EPIC_FHIR_BASE_URL, EPIC_PRIVATE_KEY_PATH, and if set EPIC_KEY_ID and EPIC_SCOPES.

    mock-epic run --scenario token-expires-between-pages -- python3 epic_client.py

What it keeps to, each for a reason that somebody learned the hard way:
- An assertion is signed for each request that is sent, retries too, with a jti of its own, and lives 240 seconds.
- The server's time counts: where a refusal may come from the clock, the Date header corrects it, once.
- A token is used until shortly before its end, counted by a steady clock from before it was asked for; the margin is a part of its
  life, so that short ones are kept, too. What is no number of seconds in expires_in is taken for five minutes.
- 401 ends a token at once: one new one, one more try. 403 does not.
- What may pass (no answer, half an answer, 408, 429, 5xx, HTML in place of JSON) is tried again, four times in all and not
  before Retry-After; where that is longer than anybody would wait, the error comes at once.
- Neither token nor assertion leaves the origin that it is for: a token request follows no redirect, a read and a next link none to
  another origin. A next link that leads back ends the search with an error, as a broken page does: no data is lost in silence."""
import email.utils
import gzip
import http.client
import json
import os
import random
import sys
import time
import urllib.parse
import uuid

import jwt

TRIES = 4
PATIENCE_S = 30  # the longest Retry-After that is waited for
TIMEOUT_S = 30  # of silence
BODY_MAX = 64 * 1024 * 1024
ASSERTION_S = 240
DEFAULT_LIFE_S, LONGEST_LIFE_S = 300, 86400
PASSING = (408, 429, 500, 502, 503, 504)


class EpicError(Exception):
    """What went wrong, with the status where there was one."""

    def __init__(self, message, status=0):
        super().__init__(message)
        self.status = status


class Passing(EpicError):
    """May be gone at the next try, after so many seconds if the server said so."""

    def __init__(self, message, status=0, after_s=None):
        super().__init__(message, status)
        self.after_s = after_s


# ---- HTTP ----

class Answer:
    def __init__(self, url, status, headers, body):
        self.url, self.status, self.headers, self.body = url, status, headers, body
        if headers.get("Content-Encoding", "").lower() == "gzip":  # though nobody asked
            try:
                self.body = gzip.decompress(body)
            except (OSError, EOFError) as broken:
                raise Passing(f"{url}: {broken}", status) from broken

    def date_s(self):
        return http_date_s(self.headers.get("Date"))

    def json(self):
        """The object that it is, or a passing error: a proxy's page, half a page."""
        try:
            value = json.loads(self.body.decode("utf-8-sig"))
        except ValueError as broken:
            raise Passing(f"{self.url} answered {self.status} with what is no JSON", self.status) from broken
        if not isinstance(value, dict):
            raise EpicError(f"{self.url} answered {self.status} with what is no JSON object", self.status)
        return value

    def retry_after_s(self):
        text = (self.headers.get("Retry-After") or "").strip()
        if text.isdigit():
            return int(text)
        until, now = http_date_s(text), self.date_s()
        return None if until is None else max(0, until - (time.time() if now is None else now))


def http_date_s(text):
    try:
        parsed = email.utils.parsedate_tz(text) if text else None
        return email.utils.mktime_tz(parsed) if parsed else None
    except (ValueError, OverflowError):
        return None


def send(method, url, headers, body=None):
    """One request and its whole answer; nothing is followed."""
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=TIMEOUT_S)
    try:
        connection.request(method, (parts.path or "/") + ("?" + parts.query if parts.query else ""), body, headers)
        response = connection.getresponse()
        text = response.read(BODY_MAX + 1)
        if len(text) > BODY_MAX:
            raise EpicError(f"{url} answered more than {BODY_MAX} bytes")
        if response.length:  # read(n) says nothing of what is missing
            raise http.client.IncompleteRead(text, response.length)
        return Answer(url, response.status, response.headers, text)
    except (OSError, http.client.HTTPException) as broken:
        raise Passing(f"{url}: {broken or type(broken).__name__}") from broken
    finally:
        connection.close()


def with_tries(attempt):
    for number in range(TRIES):
        try:
            return attempt()
        except Passing as trouble:
            after_s = 0.1 * 2 ** number * (1 + random.random()) if trouble.after_s is None else trouble.after_s
            if number == TRIES - 1 or after_s > PATIENCE_S:
                raise
            time.sleep(after_s)


def origin(url):
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def passing(answer):
    after_s = answer.retry_after_s()
    when = "" if after_s is None else f"; it may be asked again in {after_s:.0f} s"
    return Passing(f"{answer.url} answered {answer.status}{when}", answer.status, after_s)


# ---- the token ----

def life_s(value):
    """What expires_in says, in seconds; 0: the token is good for one use."""
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        return DEFAULT_LIFE_S
    return max(0, min(value, LONGEST_LIFE_S))


class Token:
    def __init__(self, answer, asked_s):
        self.text = answer.get("access_token")
        if not isinstance(self.text, str) or not self.text or any(not "!" <= c <= "~" for c in self.text):
            raise EpicError("the token response has no access_token that could be sent")
        if str(answer.get("token_type", "")).lower() != "bearer":
            raise EpicError(f"the token is of type {answer.get('token_type')!r}, not Bearer")
        seconds = life_s(answer.get("expires_in"))
        self.until_s = asked_s + seconds - min(60, seconds / 10)

    def is_fresh(self):
        return time.monotonic() < self.until_s


class EpicClient:
    def __init__(self, env=os.environ):
        self.client_id, self.token_url = env["EPIC_BACKEND_CLIENT_ID"], env["EPIC_TOKEN_URL"]
        self.base = env["EPIC_FHIR_BASE_URL"].rstrip("/")
        self.key_path, self.key_id, self.scopes = env["EPIC_PRIVATE_KEY_PATH"], env.get("EPIC_KEY_ID"), env.get("EPIC_SCOPES")
        self.current = None
        self.server_ahead_s = 0  # by the Date header, once a refusal gave reason to look

    def assertion(self):
        now = int(time.time() + self.server_ahead_s)
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": self.token_url, "jti": str(uuid.uuid4()), "iat": now - 10,
                  "exp": now + ASSERTION_S}
        with open(self.key_path, encoding="ascii") as file:  # each time: it may have been rotated
            return jwt.encode(claims, file.read(), "RS384", {"kid": self.key_id} if self.key_id else None)

    def ask_for_token(self):
        form = {"grant_type": "client_credentials", "client_assertion": self.assertion(),
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
        if self.scopes:
            form["scope"] = self.scopes
        asked_s = time.monotonic()
        answer = send("POST", self.token_url, {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
                      urllib.parse.urlencode(form))
        if answer.status in PASSING:
            raise passing(answer)
        if 300 <= answer.status < 400:
            raise EpicError(f"{self.token_url} redirects ({answer.status}); the assertion goes nowhere else: set the right URL", answer.status)
        return answer, asked_s

    def is_clock_corrected(self, answer):
        date_s = answer.date_s()
        ahead_s = 0 if date_s is None else date_s - time.time()
        if abs(ahead_s - self.server_ahead_s) < 2:
            return False
        self.server_ahead_s = ahead_s
        return True

    def new_token(self):
        answer, asked_s = self.ask_for_token()
        if answer.status in (400, 401) and self.is_clock_corrected(answer):
            answer, asked_s = self.ask_for_token()
        value = answer.json()
        if answer.status != 200:
            raise EpicError(f"no token: {answer.status} {value.get('error')} {value.get('error_description') or ''}", answer.status)
        return Token(value, asked_s)

    def token(self):
        if not self.current or not self.current.is_fresh():
            try:
                self.current = with_tries(self.new_token)
            except Passing as trouble:  # tried often enough: whoever reads must not begin again
                raise EpicError(str(trouble), trouble.status) from trouble
        return self.current

    def drop(self, token):
        if self.current is token:
            self.current = None

    # ---- FHIR ----

    def once(self, url):
        """GET with a token, and with another one where it was not taken."""
        for is_last in (False, True):
            token = self.token()
            answer = send("GET", url, {"Authorization": f"Bearer {token.text}", "Accept": "application/fhir+json"})
            if answer.status != 401 or is_last:
                return answer
            self.drop(token)

    def follow(self, url):
        """As once(), and where the same origin redirects to."""
        for _ in range(5):
            answer = self.once(url)
            if answer.status not in (301, 302, 303, 307, 308) or not answer.headers.get("Location"):
                return answer
            url = self.same_origin(url, answer.headers["Location"])
        raise EpicError(f"{url} redirects without end")

    def same_origin(self, url, link):
        target = urllib.parse.urljoin(url, urllib.parse.quote(link.strip(), safe="%/:=&?~#+!$,;'@()*[]"))
        if origin(target) != origin(self.base):
            raise EpicError(f"{url} leads to another origin, {target}, which gets no token")
        return urllib.parse.urlunsplit(urllib.parse.urlsplit(target)._replace(fragment=""))

    def get(self, url):
        """The resource at a URL."""
        def attempt():
            answer = self.follow(url)
            if answer.status in PASSING:
                raise passing(answer)
            if answer.status >= 400:
                raise EpicError(f"{url} answered {answer.status}: {issues(answer)}", answer.status)
            resource = answer.json()
            if not isinstance(resource.get("resourceType"), str):
                raise EpicError(f"{url} answered {answer.status} with what is no FHIR resource")
            return resource
        return with_tries(attempt)

    def read(self, reference):
        return self.get(f"{self.base}/{urllib.parse.quote(reference)}")

    def search(self, query):
        """Every resource of every page of 'TYPE?NAME=VALUE&...'."""
        url, seen = f"{self.base}/{query}", set()
        while url:
            if url in seen:
                raise EpicError(f"the search leads in a circle, back to {url}")
            seen.add(url)
            bundle = self.get(url)
            for entry in bundle.get("entry") or []:
                if isinstance(entry, dict) and isinstance(entry.get("resource"), dict):
                    yield entry["resource"]
            link = next((link.get("url") for link in bundle.get("link") or [] if link.get("relation") == "next"), None)
            url = self.same_origin(url, link) if link else None


def issues(answer):
    try:
        return "; ".join(str(issue.get("diagnostics") or issue.get("details", {}).get("text") or issue.get("code"))
                         for issue in answer.json().get("issue", []))
    except (EpicError, AttributeError, TypeError):
        return "no OperationOutcome"


# ---- what it is asked for ----

DEFAULT = "read Patient/erXuFYUfucBZaryVksYEcMg3\nsearch Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=laboratory"


def work(client, line):
    verb, _, what = line.partition(" ")
    if verb == "token":
        client.token()
    elif verb == "read":
        print(client.read(what)["id"])
    elif verb == "search":
        print(sum(1 for _ in client.search(what)), "resources")
    elif verb == "wait":
        time.sleep(float(what))


def main(client_class=EpicClient):
    client = client_class()
    try:
        for line in (os.environ.get("EPIC_SCENARIO_DRIVE") or DEFAULT).splitlines():
            work(client, line.strip())
    except EpicError as error:
        sys.exit(f"epic_client: {error}")


if __name__ == "__main__":
    main()
