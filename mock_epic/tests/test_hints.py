#!/usr/bin/python3
"""What works here and surprises at Epic: said on stderr once, in the journal each time; and how older releases show scopes."""
from harness import Client, Mock, Suite, certificate, private_key
from place import R4, Place

suite = Suite()
check = suite.check
PATIENT = "patient=eq081-VQEgP8drUUqCWzHfw3"
JSON = ["Accept: application/fhir+json"]


def hints(place, target, headers=()):
    """The hints of a request, from its journal entry."""
    answer = place.mock.request("GET", R4 + target, headers=[f"Authorization: Bearer {place.token}", *headers])
    entry = place.call("GET", f"/mock/journal/{answer.header('X-Mock-Epic-Decision')}")[1]
    return [text.split(":")[0] for text in entry.get("hints", [])]


def test_hints(place):
    accept, sort = "Accept names no format of FHIR, which */* is not", "Epic does not sort"
    outcome, total = "the last entry is an OperationOutcome and no match, as mostly at Epic", "total is what this page holds, and there are more"
    ignored, short = "a parameter that Epic does not know was ignored", "a page with fewer entries than _count has a next link"
    for target, headers, wanted in (
            ("Patient/eq081-VQEgP8drUUqCWzHfw3", JSON, []), ("Patient/eq081-VQEgP8drUUqCWzHfw3", ["Accept: text/csv"], [accept]),
            ("Patient/eq081-VQEgP8drUUqCWzHfw3", ["Accept: */*"], [accept]), ("Patient/eq081-VQEgP8drUUqCWzHfw3?_format=xml", ["Accept: */*"], []),
            ("Patient/nobody", ["Accept: */*"], []), (f"Goal?{PATIENT}", JSON, []), (f"Goal?{PATIENT}&_sort=start-date", JSON, [sort, outcome]),
            (f"Goal?{PATIENT}&_elements=id", JSON, [ignored, outcome]), (f"Encounter?{PATIENT}", JSON, [outcome]),
            (f"Observation?{PATIENT}&category=vital-signs&_count=5", JSON, [total]),
            (f"Observation?{PATIENT}&category=vital-signs&_count=5&status=preliminary", JSON, [short, total])):
        got = hints(place, target, headers)
        check(got == wanted, f"{target} {headers}: {got}")
    told = [line for line in place.mock.log().splitlines() if "hint, told once" in line]
    check(len(told) == 6 and len(set(told)) == 6, f"each told once: {told}")


def test_scopes():
    """SMART v2 since August 2024, unless the app says otherwise."""
    for version, said, wanted in (("2024-05", {}, "system/Patient.read"), ("2024-08", {}, "system/Patient.r"),
                                  ("2024-05", {"scope_version": 2}, "system/Patient.r"), ("2026-05", {"scope_version": 1}, "system/Patient.read")):
        with Mock("--epic-version", version) as mock:
            mock.register("app", certificate=certificate("rsa2048_a"), scopes=["system/Patient.r"], **said)
            client = Client(mock, "app", private_key("rsa2048_a"))
            answer = client.post(client.jwt()).json()
            check(answer["scope"] == wanted, f"{version} {said}: {answer}")


with Mock() as epic:
    test_hints(Place(epic))
test_scopes()
suite.done(15)
