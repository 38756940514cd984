#!/usr/bin/python3
"""FHIR R4 in place of Epic's habits: --switch fhir=r4, which profile smart brings along and fhir=epic undoes."""
import json
import os
import tempfile

from harness import SANITIZER, Mock, Suite
from place import R4, Place

suite = Suite()
check = suite.check
CAMILA = "erXuFYUfucBZaryVksYEcMg3"
MANY = 200001


def ask(place, target, *headers, method="GET", body=b""):
    return place.mock.request(method, R4 + target, body, [f"Authorization: Bearer {place.token}", *headers])


def outcome(answer):
    return [(issue["severity"], issue["code"]) for issue in answer.json()["issue"]]


def test_reads(place):
    answer = ask(place, "Patient/" + CAMILA, "Accept: */*")
    etag = answer.header("ETag")
    check(answer.status == 200 and answer.header("Content-Type") == "application/fhir+json; charset=utf-8", "JSON is the default")
    check(etag.startswith('W/"') and not answer.header("E-Tag"), f"ETag: {etag}")
    for value, status in ((etag, 304), (etag[2:], 304), (f'"x", {etag}', 304), ("*", 304), ('W/"x"', 200), ("", 200)):
        answer = ask(place, "Patient/" + CAMILA, "If-None-Match: " + value)
        check(answer.status == status and bool(answer.body) == (status == 200) and answer.header("ETag") == etag, f"{value}: {answer.status}")
    xml = ask(place, "Patient/" + CAMILA, "Accept: application/fhir+xml", "If-None-Match: " + etag)
    check(xml.status == 304 and not xml.body, "as XML, too")
    for method, target, status, code in (("GET", "Nonsense/x", 404, "not-supported"), ("GET", "Nonsense", 404, "not-supported"),
                                         ("GET", "Patient/nobody", 404, "not-found"), ("GET", f"Patient/{CAMILA}/_history/1", 404, "not-supported"),
                                         ("GET", "Provenance?target=x", 404, "not-supported"), ("DELETE", "Patient/" + CAMILA, 405, "not-supported"),
                                         ("POST", "Patient", 405, "not-supported"), ("GET", "Patient?_format=csv", 406, "not-supported"),
                                         ("GET", "Patient?gender:below=x", 400, "invalid"), ("GET", "Patient?_sort=nonsense", 400, "invalid"),
                                         ("GET", "Patient?birthdate:missing=perhaps", 400, "invalid"), ("GET", "Patient?_cursor=1", 400, "invalid")):
        answer = ask(place, target, method=method, body=b"{}" if method == "POST" else b"")
        check(answer.status == status and outcome(answer) == [("error", code)], f"{method} {target}: {answer.status} {answer.body[:200]}")
    for accept, status in (("text/csv", 406), ("text/csv, */*;q=0.1", 200), ("application/*", 200), ("application/xml", 200)):
        check(ask(place, "Patient/" + CAMILA, "Accept: " + accept).status == status, f"Accept: {accept}")
    check(ask(place, "Patient/" + CAMILA, "Accept: application/xml").body.startswith(b"<Patient "), "XML on demand")


def test_searches(place):
    page = ask(place, "Patient?_count=4&nonsense=1").json()
    links = {link["relation"]: link["url"] for link in page["link"]}
    check(page["total"] == 9 and len(page["entry"]) == 4, "a search without any parameter, and its whole total")
    check(links["self"].endswith("/Patient?_count=4"), f"self without what was ignored: {links}")
    strict = ask(place, "Patient?nonsense=1", "Prefer: handling=strict")
    check(strict.status == 400 and outcome(strict) == [("error", "invalid")], "Prefer: handling=strict")
    check("total" not in ask(place, "Patient?_total=none").json(), "_total=none")
    check(ask(place, "Patient?_total=accurate&_summary=count").json()["total"] == 9, "_summary=count")
    check(ask(place, "Patient?_id=nobody").json()["total"] == 0, "an unknown id is found nowhere")
    check(ask(place, f"Patient?_id={CAMILA},nobody&gender=male").json()["total"] == 0, "_id beside others")
    check(ask(place, f"Observation?patient={CAMILA},nobody&category=laboratory").json()["total"] == 6, "two patients are an OR")
    check(ask(place, "Patient/_search?gender=female", "Content-Type: application/x-www-form-urlencoded", method="POST",
              body=b"family=Lopez").json()["total"] == 1, "query and body of a POST are joined")
    part = ask(place, "Observation?category=laboratory&_count=1&_elements=value").json()["entry"][0]["resource"]
    check(list(part) == ["resourceType", "id", "meta", "status", "code", "valueQuantity"], f"_elements: {list(part)}")
    check(part["meta"]["tag"][0]["code"] == "SUBSETTED", "which says so")
    found = ask(place, "MedicationRequest?_count=1&_include=MedicationRequest:medication").json()
    check([entry["search"]["mode"] for entry in found["entry"]] == ["match", "include"] and found["total"] > 1, "an include is not counted")


def walk(place, target, meanwhile=None):
    ids = []
    while target:
        page = ask(place, target).json()
        ids += [entry["resource"]["id"] for entry in page["entry"]]
        following = [link["url"] for link in page["link"] if link["relation"] == "next"]
        target = following[0].split(R4)[1] if following else None
        if meanwhile:
            meanwhile()
            meanwhile = None
    return ids


def test_pages(place):
    whole = walk(place, "Observation?_count=1000")
    check(len(whole) == len(set(whole)) > 1000 and walk(place, "Observation?_count=77") == whole, "every page once")
    check(sorted(walk(place, "Observation?_count=301&_sort=-date")) == sorted(whole), "sorted, too")
    more = {"resourceType": "Observation", "id": "late", "status": "final", "code": {"text": "x"}}
    check(walk(place, "Observation?_count=500", lambda: place.post(more)) == whole + ["late"], "data that comes meanwhile comes last")
    following = "Observation?_count=500&_cursor=500.0.1361"
    check(ask(place, following).status == 410, "a link that leads to nothing")


def test_limits():
    """What is sorted is bounded; what is not sorted is paged without anything being kept."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "many.repeat.json")
        with open(path, "w", encoding="ascii") as file:
            json.dump({"repeat": {"count": MANY, "start": "2020-01-01T00:00:00Z", "step_s": 60}, "resource": {
                "resourceType": "Observation", "id": "o-{n}", "status": "final", "code": {"text": "x"}, "effectiveDateTime": "{time}"}}, file)
        with Mock("--switch", "fhir=r4", "--no-default-fixtures", "--fixtures", path) as mock:
            place = Place(mock)
            answer = ask(place, "Observation?_sort=date&_count=1")
            check(answer.status == 400 and outcome(answer) == [("error", "too-costly")], f"too many to sort: {answer.status} {answer.body[:200]}")
            answer = ask(place, "Observation?_sort=-date&_count=1&date=gt2020-01-01T00:00:30Z").json()
            check(answer["total"] == MANY - 1 and answer["entry"][0]["resource"]["id"].endswith("200000"), "one fewer is sorted")
            before = mock.rss_kib()
            for start in range(300):
                check(len(ask(place, f"Observation?_count=2&date=ge2020-01-01&_cursor={start + 1}.{start}.{MANY}").json()["entry"]) == 2, "a page")
            check(SANITIZER or mock.rss_kib() - before < 4096, "nothing is kept of a search")  # one keeps what was freed


def test_profiles():
    for options, is_r4 in ((["--profile", "smart"], True), (["--profile", "smart", "--switch", "fhir=epic"], False),
                           (["--profile", "lenient"], False), (["--switch", "fhir=r4"], True)):
        with Mock(*options) as mock:
            answer = mock.request("GET", R4 + "metadata", headers=["Accept: */*"])
            is_own = b'"create"' not in answer.body and b'value="create"' not in answer.body
            is_json = b"{" == answer.body[:1]
            check(is_own == is_r4 and is_json == (is_r4 or "lenient" in options), f"{options}: own {is_own}, JSON {is_json}")


def main():
    with Mock("--switch", "fhir=r4") as mock:
        place = Place(mock)
        test_reads(place)
        test_searches(place)
        test_pages(place)
    test_limits()
    test_profiles()
    suite.done(50)


main()
