#!/usr/bin/python3
"""What a token says of its life and how long it lives, over the wire: expires_in in every shape that a fault can give it, what was
told and what is true apart, ageing by app, and each instance's clock over all that it decides."""
import json
import time
from email.utils import parsedate_to_datetime

from harness import FHIR, FORM_TYPE, TOKEN, Client, Mock, Suite, certificate, form, private_key

suite = Suite()
PATIENT = FHIR + "/Patient/erXuFYUfucBZaryVksYEcMg3"
KEY, CERTIFICATE = private_key("rsa2048_a"), certificate("rsa2048_a")


def ask(mock, client, where=""):
    claims = client.claims(aud=mock.token_url.replace("/interconnect", where + "/interconnect"))
    answer = mock.request("POST", where + TOKEN, form(client.jwt(claims)), [f"Content-Type: {FORM_TYPE}"])
    return answer, answer.json() or {}


def read(mock, token, where=""):
    return mock.request("GET", where + PATIENT, headers=["Authorization: Bearer " + token]).status


def says_what_it_is_told(mock, client):
    """Nothing else of the answer changes, the token works, and the journal still knows the truth."""
    for value in ("3600", "", " 60", "1e3", 0, -1, -9223372036854775808, 0.5, 3600.0, 1e300, 10 ** 30, 9007199254740993, 2147483648, True, None, [], {}, [3600], "NaN"):
        status, fault = mock.admin("POST", "/faults", {"match": {"route": "token"}, "action": {"set_field": {"expires_in": value}}})
        answer, body = ask(mock, client)
        suite.check(status == 201 and answer.status == 200 and body.get("expires_in", "none") == value and type(body["expires_in"]) is type(value), f"{value!r}: {answer.body}")
        suite.check(set(body) == {"access_token", "token_type", "expires_in", "scope"} and answer.body.startswith(b"{\r\n  \"access_token\""), f"{value!r}: the rest: {answer.body}")
        suite.check(read(mock, body["access_token"]) == 200, f"{value!r}: the token")
        entry = mock.verdicts(answer)[0]
        suite.check(entry["expires_in"] == 3600 and entry["lifetime_s"] == 3600 and entry["faults"] == [fault["id"]], f"{value!r}: the journal: {entry['expires_in']} {entry['faults']}")
        mock.admin("DELETE", "/faults")
    mock.admin("POST", "/faults", {"match": {"route": "token"}, "action": {"drop_field": ["expires_in"]}})
    answer, body = ask(mock, client)
    suite.check(answer.status == 200 and set(body) == {"access_token", "token_type", "scope"} and read(mock, body["access_token"]) == 200, f"missing: {answer.body}")
    mock.admin("DELETE", "/faults")
    mock.admin("POST", "/faults", {"match": {"route": "token"}, "action": {"drop_field": ["expires_in"], "set_field": {"expires_in": 5, "ext_expires_in": 7}}})
    answer, body = ask(mock, client)
    suite.check(body.get("ext_expires_in") == 7, f"one more: {answer.body}")
    mock.admin("DELETE", "/faults")
    suite.check("expires_in" in ask(mock, client)[1], "and all is well again")


def is_told_one_thing_and_does_another():
    """Real and told life apart: the second before the end and the end itself."""
    for options, told, real in ((("--token-lifetime", "10", "--real-token-lifetime", "20"), 10, 20), (("--token-lifetime", "20", "--real-token-lifetime", "10"), 20, 10),
                                (("--real-token-lifetime", "1"), 3600, 1), (("--real-token-lifetime", "0"), 3600, 0), (("--token-lifetime", "1"), 1, 1)):
        with Mock(*options) as mock:
            mock.register("times", certificate=CERTIFICATE)
            client = Client(mock, "times", KEY)
            now = int(time.time())
            mock.admin("PUT", "/clock", {"now": now, "frozen": True})
            answer, body = ask(mock, client)
            suite.check(answer.status == 200 and body["expires_in"] == told, f"{options}: told {body}")
            entry = mock.verdicts(answer)[0]
            suite.check((entry["expires_in"], entry["lifetime_s"]) == (told, real), f"{options}: journal {entry['expires_in']} {entry['lifetime_s']}")
            if real:
                mock.admin("PUT", "/clock", {"now": now + real - 1})
                suite.check(read(mock, body["access_token"]) == 200, f"{options}: a second before its end")
            mock.admin("PUT", "/clock", {"now": now + real})
            suite.check(read(mock, body["access_token"]) == 401, f"{options}: at its end")
            mock.admin("PUT", "/clock", {"now": now})
            suite.check(read(mock, body["access_token"]) == (200 if real else 401), f"{options}: the clock went back")


def ages_by_app(mock, client):
    mock.register("other", certificate=CERTIFICATE)
    other = Client(mock, "other", KEY)
    now = int(time.time())
    mock.admin("PUT", "/clock", {"now": now, "frozen": True})
    mine, theirs = ask(mock, client)[1]["access_token"], ask(mock, other)[1]["access_token"]
    for seconds, status in ((3599, 200), (1, 401), (-1, 200), (3600, 401)):
        answer = mock.admin("POST", "/tokens/age", {"seconds": seconds, "client_id": "times"})
        suite.check(answer[0] == 200 and read(mock, mine) == status and read(mock, theirs) == 200, f"aged by {seconds}: {read(mock, mine)} {read(mock, theirs)}")
    entry = mock.admin("GET", "/journal?kind=admin&limit=1")[1][0]
    suite.check((entry["change"], entry["by_s"], entry["client_id"]) == ("aged", 3600, "times"), f"what the journal says: {entry}")
    suite.check(mock.admin("POST", "/tokens/age", {"seconds": 3600, "client_id": "nobody"})[1] == {"aged": 0} and read(mock, theirs) == 200, "of nobody")
    mock.admin("POST", "/tokens/age", {"seconds": 3600})
    suite.check(read(mock, theirs) == 401, "of all")
    mock.admin("POST", "/reset", {"what": ["clock", "tokens"]})


def has_a_clock_of_its_own(mock):
    """An instance's clock decides its assertions, jti, tokens, sync, pages and Date, and nobody else's."""
    at = 2000000000
    mock.admin("POST", "/instances", {"name": "w", "at": at, "apps": [{"client_id": "times", "certificate": CERTIFICATE}]})
    where, here = "/i/w", int(time.time())

    def there(method, path, value=None):
        answer = mock.request(method, where + "/mock" + path, json.dumps(value) if value is not None else b"", ["Content-Type: application/json"] if value is not None else [])
        return answer.status, answer.json()

    def ask_there(**claims):
        client = Client(mock, "times", KEY)
        url = mock.token_url.replace("/interconnect", where + "/interconnect")
        return mock.request("POST", where + TOKEN, form(client.jwt(client.claims(aud=url, **claims))), [f"Content-Type: {FORM_TYPE}"])

    there("PUT", "/clock", {"now": at, "frozen": True})
    suite.check(ask_there().status == 400 and ask_there(iat=at, exp=at + 300, jti="a").status == 200 and ask_there(iat=at, exp=at + 301).status == 400, "assertions by its clock")
    suite.check(ask_there(iat=at, exp=at + 300, jti="a").status == 400, "jti")
    answer = ask_there(iat=at, exp=at + 200)
    token = answer.json()["access_token"]
    date = parsedate_to_datetime(answer.header("Date")).timestamp()
    suite.check(date == at, f"Date: {date}")
    entry = there("GET", "/journal?kind=token&limit=1")[1][0]
    suite.check(entry["server_us"] // 1000000 == at and abs(entry["real_us"] / 1e6 - time.time()) < 60, f"both times: {entry['server_us']} {entry['real_us']}")
    page = mock.request("GET", where + FHIR + "/Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=laboratory&_count=1", headers=["Authorization: Bearer " + token]).json()
    link = next(item["url"] for item in page["link"] if item["relation"] == "next")
    target = link[link.index("/i/w"):]
    next_page = [mock.request("GET", target, headers=["Authorization: Bearer " + token]).status]
    there("POST", "/clock/advance", {"seconds": 3599})
    suite.check(read(mock, token, where) == 200, "a second before the end of the token")
    there("POST", "/clock/advance", {"seconds": 1})
    suite.check(read(mock, token, where) == 401 and next_page == [200], f"the end of the token, and a page: {next_page}")
    suite.check(ask_there(iat=at + 3600, exp=at + 3900, jti="a").status == 200, "a jti is free again when its assertion is long over")
    there("POST", "/apps", {"client_id": "late", "certificate": CERTIFICATE, "synced_after_s": 600})
    late = Client(mock, "late", KEY)
    url = mock.token_url.replace("/interconnect", where + "/interconnect")
    for seconds, status in ((599, 400), (1, 200)):
        there("POST", "/clock/advance", {"seconds": seconds})
        now = there("GET", "/clock")[1]["now"]
        answer = mock.request("POST", where + TOKEN, form(late.jwt(late.claims(aud=url, iat=now, exp=now + 100))), [f"Content-Type: {FORM_TYPE}"])
        suite.check(answer.status == status, f"synced after {seconds} s more: {answer.status}")
    suite.check(abs(mock.admin("GET", "/clock")[1]["now"] - here) < 120, "the clock of the server stands where it was")
    suite.check(ask(mock, Client(mock, "times", KEY))[0].status == 200, "and its clients live in real time")


def main():
    with Mock() as mock:
        mock.register("times", certificate=CERTIFICATE)
        client = Client(mock, "times", KEY)
        says_what_it_is_told(mock, client)
        ages_by_app(mock, client)
        has_a_clock_of_its_own(mock)
    is_told_one_thing_and_does_another()
    suite.done(90)


main()
