#!/usr/bin/python3
"""Clients that each make one mistake that real ones made, for the tests of the scenarios: wrong.py NAME. All else they do as the
client does that is shipped to be copied (mock_epic/recipes/python/epic_client.py)."""
import datetime
import http.client
import json
import os
import sys
import time
import urllib.parse

import jwt

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "mock_epic", "recipes", "python"))
import epic_client  # noqa: E402
from epic_client import EpicClient, EpicError, Passing, send  # noqa: E402

MANY = 15  # what "for ever" is here
CLIENTS = {}


def mistake(client):
    """By its name with hyphens."""
    CLIENTS["".join("-" + c.lower() if c.isupper() else c for c in client.__name__).lstrip("-")] = client
    return client


# ---- tokens ----

@mistake
class NeverRefreshes(EpicClient):
    def drop(self, token):
        pass

    def token(self):
        self.current = self.current or epic_client.with_tries(self.new_token)
        return self.current


@mistake
class GivesUpWhenRefused(EpicClient):
    def once(self, url):
        return send("GET", url, {"Authorization": "Bearer " + self.token().text, "Accept": "application/fhir+json"})


@mistake
class ReturnsTheFirst401(EpicClient):
    """Drops the token, and leaves it to its caller to ask again, who does not."""

    def once(self, url):
        token = self.token()
        answer = send("GET", url, {"Authorization": "Bearer " + token.text, "Accept": "application/fhir+json"})
        if answer.status == 401:
            self.drop(token)
        return answer

    def get(self, url):
        try:
            return super().get(url)
        except EpicError as error:
            print(error, file=sys.stderr)
            return {"id": None}


@mistake
class CountsInMilliseconds(EpicClient):
    """Takes expires_in for milliseconds."""

    def new_token(self):
        token = super().new_token()
        token.until_s = time.monotonic() + (token.until_s - time.monotonic()) / 1000
        return token


@mistake
class NewTokenWhenForbidden(EpicClient):
    """Takes 403 for 401, once."""

    def once(self, url):
        for is_last in (False, True):
            token = self.token()
            answer = send("GET", url, {"Authorization": "Bearer " + token.text, "Accept": "application/fhir+json"})
            if answer.status not in (401, 403) or is_last:
                return answer
            self.drop(token)


@mistake
class GivesUpAtOnce(EpicClient):
    """What may pass is an error as any other."""

    def __init__(self):
        super().__init__()
        epic_client.TRIES = 1


@mistake
class TokenForEachRequest(EpicClient):
    def token(self):
        return epic_client.with_tries(self.new_token)


@mistake
class MarginOfFiveMinutes(EpicClient):
    def token(self):
        token = super().token()
        token.until_s = min(token.until_s, time.monotonic() + self.life_s - 300)
        return token

    def new_token(self):
        asked = super().new_token()
        self.life_s = asked.until_s - time.monotonic()
        return asked


@mistake
class NewTokenOnAnyError(EpicClient):
    def once(self, url):
        answer = None
        try:
            answer = super().once(url)
            answer.json()["resourceType"]
        except (EpicError, KeyError):
            self.current = None
            if not answer:
                raise
        if answer.status != 200:
            self.current = None
        return answer

    def get(self, url):
        for _ in range(4):
            try:
                return super().get(url)
            except EpicError as error:
                last = error
        raise last


@mistake
class BearerNone(EpicClient):
    """Goes on with whatever came, or did not."""

    def token(self):
        try:
            return self.new_token()
        except EpicError:
            token = object.__new__(epic_client.Token)
            token.text, token.until_s = "None", 0
            return token


@mistake
class DecodesToken(EpicClient):
    def new_token(self):
        token = super().new_token()
        jwt.decode(token.text, options={"verify_signature": False})
        return token


@mistake
class KnowsItsMembersOnly(EpicClient):
    def ask_for_token(self):
        answer, asked_s = super().ask_for_token()
        access_token, token_type, expires_in, scope = answer.json().values()
        return answer, asked_s


@mistake
class AddsExpiresIn(EpicClient):
    def ask_for_token(self):
        answer, asked_s = super().ask_for_token()
        if answer.status == 200:
            time.time() + answer.json()["expires_in"]
        return answer, asked_s


@mistake
class WantsAnInteger(EpicClient):
    def ask_for_token(self):
        answer, asked_s = super().ask_for_token()
        if answer.status == 200 and type(answer.json().get("expires_in")) is not int:
            raise EpicError("expires_in is no integer")
        return answer, asked_s


@mistake
class CountsInDates(EpicClient):
    def ask_for_token(self):
        answer, asked_s = super().ask_for_token()
        if answer.status == 200:
            datetime.datetime.now() + datetime.timedelta(seconds=answer.json()["expires_in"])
        return answer, asked_s


@mistake
class AsksUntilFresh(EpicClient):
    def token(self):
        for _ in range(MANY):
            token = super().token()
            if token.is_fresh():
                break
        return token


# ---- assertions ----

@mistake
class OwnClock(EpicClient):
    def is_clock_corrected(self, answer):
        return False

    def assertion(self):
        now = int(time.time())
        return self.signed(now, now + 60)

    def signed(self, iat, exp, jti=None):
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": self.token_url, "jti": jti or os.urandom(16).hex(), "iat": iat, "exp": exp}
        with open(self.key_path, encoding="ascii") as file:
            return jwt.encode(claims, file.read(), "RS384")


@mistake
class LongAssertion(OwnClock):
    def assertion(self):
        now = int(time.time())
        return self.signed(now, now + 301)


@mistake
class ReusesAssertion(EpicClient):
    def assertion(self):
        self.kept = getattr(self, "kept", None) or super().assertion()
        return self.kept


@mistake
class JtiBySecond(OwnClock):
    def assertion(self):
        now = int(time.time())
        return self.signed(now - 10, now + 240, f"{self.client_id}-{now}")


# ---- keys ----

@mistake
class OldKid(EpicClient):
    """Names the key that it began with, whichever it signs with."""

    def assertion(self):
        if not self.key_id:
            url = os.environ["MOCK_EPIC_URL"] + "/mock/jwks/" + self.client_id
            self.key_id = send("GET", url, {}).json()["keys"][0]["kid"]
        return super().assertion()


@mistake
class ReadsItsKeyOnce(EpicClient):
    """When it begins, and gives up in time."""

    def __init__(self):
        super().__init__()
        with open(self.key_path, encoding="ascii") as file:
            kept = file.read()
        self.key_path = "kept.pem"
        with open(self.key_path, "w", encoding="ascii") as file:
            file.write(kept)


@mistake
class OldKeyForEver(EpicClient):
    def assertion(self):
        if not hasattr(self, "kept"):
            with open(self.key_path, encoding="ascii") as file:
                self.kept, self.key_path = file.read(), "key.pem"
            with open(self.key_path, "w", encoding="ascii") as file:
                file.write(self.kept)
        return super().assertion()

    def new_token(self):
        for _ in range(MANY):
            try:
                return super().new_token()
            except EpicError as error:
                last = error
        raise last


# ---- trying again ----

def at_once(attempt):
    """Whatever it was, and without a pause."""
    for _ in range(MANY):
        try:
            return attempt()
        except EpicError as error:
            last = error
    raise last


@mistake
class Hammers(EpicClient):
    def get(self, url):
        def attempt():
            answer = self.once(url)
            if answer.status != 200 or "Content-Encoding" in answer.headers or answer.json()["resourceType"] == "OperationOutcome":
                raise EpicError(f"{answer.status}")
            return answer.json()
        return at_once(attempt)

    def token(self):
        def attempt():
            answer, asked_s = self.ask_for_token()
            if answer.status != 200 or "Content-Encoding" in answer.headers:
                raise EpicError(f"{answer.status}")
            return epic_client.Token(answer.json(), asked_s)
        try:
            self.current = self.current or at_once(attempt)
        except EpicError as error:
            sys.exit(str(error))
        return self.current

    def once(self, url):
        for _ in range(MANY):
            token = self.token()
            answer = send("GET", url, {"Authorization": f"Bearer {token.text}", "Accept": "application/fhir+json"})
            if answer.status != 401:
                break
            self.current = None
        return answer


@mistake
class IgnoresRetryAfter(EpicClient):
    def __init__(self):
        super().__init__()
        epic_client.Answer.retry_after_s = lambda self: None


@mistake
class ReadsSecondsOnly(EpicClient):
    """A date is no number of seconds, and none is no pause."""

    def __init__(self):
        super().__init__()
        epic_client.Answer.retry_after_s = lambda self: int(self.headers["Retry-After"]) if (self.headers["Retry-After"] or "").isdigit() else 0


@mistake
class Impatient(EpicClient):
    """So long for the whole of an answer."""

    def once(self, url):
        token, parts = self.token(), urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port)
        connection.request("GET", f"{parts.path}?{parts.query}", headers={"Authorization": f"Bearer {token.text}", "Accept": "application/fhir+json"})
        end, response, text = time.monotonic() + 0.15, connection.getresponse(), b""
        while chunk := response.read1(100):
            text += chunk
            if time.monotonic() > end:
                raise Passing("too slow")
        return epic_client.Answer(url, response.status, response.headers, text)


# ---- where it goes ----

@mistake
class FollowsRedirects(EpicClient):
    """With all that it has."""

    def __init__(self):
        super().__init__()

        def everywhere(method, url, headers, body=None):
            for _ in range(130):
                answer = send(method, url, headers, body)
                if answer.status not in (302, 307):
                    break
                url = answer.headers["Location"]
            return answer
        epic_client.send = everywhere


@mistake
class DropsTokenOnRedirect(EpicClient):
    def follow(self, url):
        answer = self.once(url)
        return send("GET", answer.headers["Location"], {"Accept": "application/fhir+json"}) if answer.status == 307 else answer


@mistake
class FollowsLinksAnywhere(EpicClient):
    def same_origin(self, url, link):
        return urllib.parse.urljoin(url, link)


@mistake
class LinksWithoutToken(EpicClient):
    """Takes a link for one that opens by itself."""

    def once(self, url):
        if "sessionID" in url:
            return send("GET", url, {"Accept": "application/fhir+json"})
        return super().once(url)


@mistake
class CountsPages(EpicClient):
    """Two are enough."""

    def search(self, query):
        url = f"{self.base}/{query}"
        for _ in range(2):
            bundle = self.get(url)
            yield from bundle.get("entry", [])
            url = self.same_origin(url, next(link["url"] for link in bundle["link"] if link["relation"] == "next"))


@mistake
class LinksFromTheBase(EpicClient):
    """Whatever a link begins with, the base URL goes before it."""

    def same_origin(self, url, link):
        return self.base + "/" + link.lstrip("/")


@mistake
class WaitsASecondAtMost(EpicClient):
    def __init__(self):
        super().__init__()
        told = epic_client.Answer.retry_after_s
        epic_client.Answer.retry_after_s = lambda self: None if told(self) is None else min(1, told(self))


@mistake
class WantsAbsoluteLinks(EpicClient):
    """What does not begin with the base URL is no link."""

    def same_origin(self, url, link):
        return link if link.startswith(self.base) else None


@mistake
class CutsLongUrls(EpicClient):
    def same_origin(self, url, link):
        start, _, end = link.partition("?")
        return super().same_origin(url, start + "?" + end[::-1][:2048][::-1])


@mistake
class NoLoopGuard(EpicClient):
    def search(self, query):
        url = f"{self.base}/{query}"
        for _ in range(MANY):
            if not url:
                break
            bundle = self.get(url)
            yield from bundle.get("entry", [])
            url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)


@mistake
class StopsAtAnEmptyPage(EpicClient):
    def get(self, url):
        bundle = super().get(url)
        return bundle if "entry" in bundle else {**bundle, "link": []}


@mistake
class WantsAResourceInEachEntry(EpicClient):
    def get(self, url):
        bundle = super().get(url)
        for entry in bundle.get("entry", []):
            if entry["resource"]["resourceType"] not in ("Observation", "OperationOutcome"):
                raise EpicError("a type that nobody knows")
        return bundle


@mistake
class WantsSmallPages(EpicClient):
    def __init__(self):
        super().__init__()
        epic_client.BODY_MAX = 1024 * 1024


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in CLIENTS:
        sys.exit("usage: wrong.py NAME\n" + json.dumps(sorted(CLIENTS), indent=2))
    epic_client.main(CLIENTS[sys.argv[1]])
