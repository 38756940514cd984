#!/usr/bin/python3
"""POST /mock/resources: a test brings its own patient, which is seen in its own instance alone, at once, and gone after a reset."""
import json
import threading

import packs
from harness import PREFIX, Mock, Suite
from place import Place

suite = Suite()
check = suite.check
CAMILA = "erXuFYUfucBZaryVksYEcMg3"


def resource(kind, key, **members):
    return {"resourceType": kind, "id": key, **members}


def observation(key, patient, n):
    return resource("Observation", key, status="final", category=[{"coding": [{"code": "vital-signs"}]}], code={"text": "n"},
                    subject={"reference": "Patient/" + patient}, valueInteger=n)


def test_shapes(place):
    check(place.post(resource("Patient", "mine")) == (201, {"resources": ["Patient/mine"], "unresolved_references": 0}), "a resource")
    check(place.fhir("Patient/mine")[0] == 200, "it is read")
    pretty = json.dumps([observation("a", "mine", 1), observation("b", "mine", 2)], indent=2)
    check(place.post(pretty)[1]["resources"] == ["Observation/a", "Observation/b"], "an array")
    check(place.total("Observation?patient=mine&category=vital-signs") == 2, "and searched")
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": "urn:uuid:7", "resource": {"resourceType": "Patient"}}, {"fullUrl": "urn:uuid:8", "resource": {
            "resourceType": "Condition", "subject": {"reference": "urn:uuid:7"}, "code": {"text": "x"}}}]}
    check(place.post(bundle)[1]["resources"] == ["Patient/7", "Condition/8"], "a Bundle")
    check(place.total("Condition?patient=7") == 1, "whose references are led")
    check(place.post("\n".join(json.dumps(observation(f"n{n}", "mine", n)) for n in range(3)))[0] == 201, "NDJSON")
    answer = place.post(observation("lost", "nobody", 1))
    check(answer[1]["first_unresolved"] == "Observation/lost names Patient/nobody", f"a reference that leads nowhere: {answer}")
    check(place.total(f"Observation?patient={CAMILA}&category=vital-signs") == 24, "what was there is there still")


def test_refusals(place):
    before = place.call("GET", "/mock/data")
    for body, why in (("", "no resource in it"), ("[]", "no resource in it"), ("{", "line 1, column 2: JSON"),
                      ('{"resourceType":"Patient"}', "line 1, column 1: Patient without a usable id"),
                      (json.dumps(resource("Patient", "good")) + '\n{"id":"x"}', "line 2, column 1: no resourceType")):
        status, answer = place.post(body)
        check(status == 422 and why in answer["message"], f"{body}: {status} {answer}")
    check(place.fhir("Patient/good")[0] == 404 and place.call("GET", "/mock/data") == before, "of a body that is wrong nothing is taken")


def test_one_that_was_there(place):
    place.post(resource("Patient", CAMILA, active=False))
    check(place.fhir("Patient/" + CAMILA)[2] == json.dumps(resource("Patient", CAMILA, active=False)), "a patient of the pack, replaced")


def test_pages(place):
    place.post([observation(f"p{n}", "paged", n) for n in range(5)] + [resource("Patient", "paged")])
    target, seen, last = "Observation?patient=paged&category=vital-signs&_count=2", [], None
    while target:
        bundle = place.fhir(target)[1]
        seen += [entry["resource"]["id"] for entry in bundle["entry"] if entry["search"]["mode"] == "match"]
        following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        target = following[0][following[0].index(place.path + PREFIX):] if following else None
        place.post(observation("later", "paged", 9))
        last = following[0] if following else last
    check(seen == [f"p{n}" for n in range(5)], f"pages are of what there was: {seen}")
    check(place.total("Observation?patient=paged&category=vital-signs") == 6, "a new search sees it all")
    check(place.call("DELETE", "/mock/resources")[0] == 204 and place.fhir("Patient/paged")[0] == 404, "forgotten")
    status, answer, _ = place.fhir(last[last.index(place.path + PREFIX):])
    check(status >= 400 and "4113" in json.dumps(answer), f"and so are the pages: {status}")
    place.post([observation(f"q{n}", "paged", n) for n in range(5)])
    check(place.fhir(last[last.index(place.path + PREFIX):])[0] >= 400, "also when other resources have taken their numbers")


def test_many_at_once(place):
    """Nothing that two post at once is lost, and who reads meanwhile reads what is there."""
    wrong = []

    def post(thread):
        for n in range(10):
            if place.post(observation(f"t{thread}-{n}", "many", n))[0] != 201:
                wrong.append("a POST")
            if place.fhir("Observation/t{}-{}".format(thread, n))[0] != 200:
                wrong.append("a read")

    threads = [threading.Thread(target=post, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    place.post(resource("Patient", "many"))
    check(not wrong and place.total("Observation?patient=many&category=vital-signs") == 40, f"many at once: {wrong}")


def main():
    with Mock() as mock:
        here = Place(mock)
        check(mock.admin("POST", "/instances", {"name": "other"})[0] == 201, "another instance")
        there = Place(mock, "/i/other")
        for place in (here, there):
            test_shapes(place)
            test_refusals(place)
        there.post(resource("Patient", "there"))
        check(here.fhir("Patient/there")[0] == 404 and there.fhir("Patient/there")[0] == 200, "an instance's own")
        check(mock.admin("POST", "/instances", {"name": "third"})[0] == 201 and Place(mock, "/i/third").fhir("Patient/mine")[0] == 404,
              "a new instance begins with what the server started with")
        for place in (here, there):
            test_one_that_was_there(place)
            test_pages(place)
            test_many_at_once(place)
            check(place.call("GET", "/mock/data")[1]["posted"] == 46, f"posted: {place.call('GET', '/mock/data')[1]['posted']}")
            place.call("POST", "/mock/reset", {"what": ["writes"]})
            served = [line for line in packs.lines("core") if f'"id":"{CAMILA}"' in line]
            check(place.fhir("Patient/" + CAMILA)[2] == served[0] and place.call("GET", "/mock/data")[1]["posted"] == 0, "reset")
    suite.done(least=50)


main()
