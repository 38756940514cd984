#!/usr/bin/python3
"""What data cannot say: PUT /mock/access of an instance, and the sub-types that an app was granted."""
from harness import Mock, Suite
from place import Place

suite = Suite()
check = suite.check
CAMILA = "erXuFYUfucBZaryVksYEcMg3"


def issues(body):
    """The numbers and diagnostics of an OperationOutcome, or of the one at the end of a Bundle."""
    if body["resourceType"] == "Bundle":
        body = body["entry"][-1]["resource"] if body.get("entry") else {}
    return [(issue["details"]["coding"][0]["code"], issue.get("diagnostics", "")) for issue in body.get("issue", [])]


def test_access(place, other):
    first = place.fhir(f"Observation?patient={CAMILA}&category=laboratory")[1]
    ids = [entry["resource"]["id"] for entry in first["entry"][:4]]
    check(place.call("GET", "/mock/access") == (200, []), "nothing is said of the core pack")
    rows = [{"type": "Observation", "id": ids[0], "answer": "4118"}, {"type": "Observation", "id": ids[1], "subtype": "Somewhere Else"},
            {"type": "Observation", "id": ids[2], "search": False},
            {"type": "Patient", "id": CAMILA, "answer": "4107", "to": "Patient/eq081-VQEgP8drUUqCWzHfw3"}]
    check(place.call("PUT", "/mock/access", rows) == (200, rows), "rows are shown as they were sent")
    check(place.call("GET", "/mock/access") == (200, rows), "and afterwards")
    check(place.fhir("Observation/" + ids[0])[0] == 403, "what is not to be seen")
    answer = place.fhir("Observation/" + ids[1])
    check(answer[0] == 403 and issues(answer[1]) == [("59203", "Client not authorized for Observation - Somewhere Else")], f"a sub-type: {answer}")
    check(place.fhir("Observation/" + ids[2])[0] == 200, "only hidden from searches")
    check(place.fhir("Observation/" + ids[3])[0] == 200, "what is not listed")
    found = place.fhir(f"Observation?patient={CAMILA}&category=laboratory")[1]
    check(found["total"] == first["total"] - 3, "left out of the search")
    left_out = [text for number, text in issues(found) if number == "59204"]
    check(any("Observation - Somewhere Else. Search results" in text for text in left_out), f"and said so: {left_out}")
    check(other.fhir("Patient/" + CAMILA)[0] == 200 and other.call("GET", "/mock/access")[1] == [], "another instance minds nothing")
    check(place.fhir("Patient/" + CAMILA)[0] == 302, "a patient who was merged")
    brought = [entry["resource"]["resourceType"] for entry in place.fhir(f"Goal?patient={CAMILA}&_include=*")[1].get("entry", [])]
    check(brought and "Patient" not in brought, f"what is not read is not brought along: {brought}")
    brought = [entry["resource"]["resourceType"] for entry in other.fhir(f"Goal?patient={CAMILA}&_include=*")[1]["entry"]]
    check("Patient" in brought, f"but elsewhere it is: {brought}")
    for target, wanted in (("Patient", True), ("Group", False)):
        brought = [entry["resource"]["resourceType"] for entry in other.fhir(f"Goal?patient={CAMILA}&_include=Goal:subject:{target}")[1]["entry"]]
        check(("Patient" in brought) == wanted, f"only targets of that type: {target} {brought}")
    for bad, why in (([{"type": "Patient"}], "row 1: type and id are needed"), ({}, "array of rows"),
                     ([{"type": "P", "id": "x", "anwser": "4118"}], "row 1: a member that is not"), ("[", "JSON")):
        status, answer = place.call("PUT", "/mock/access", bad)
        check(status == 400 and why in answer["message"], f"refused: {bad} {answer}")
    check(place.call("GET", "/mock/access") == (200, rows), "what was refused changes nothing")
    place.call("POST", "/mock/reset", {"what": ["writes"]})
    check(place.fhir("Patient/" + CAMILA)[0] == 200, "a reset of writes forgets the rows")
    check(place.call("PUT", "/mock/access", [])[0] == 200, "no rows at all")


def test_pages(place):
    """What was left out of one page is said where all is said: at the end of the last, and in the journal of each."""
    target = f"Observation?patient={CAMILA}&category=laboratory&_count=2"
    first = place.fhir(target)[1]["entry"][0]["resource"]["id"]
    place.call("PUT", "/mock/access", [{"type": "Observation", "id": first, "subtype": "Somewhere Else"}])
    pages, shown = 0, []
    while target:
        bundle = place.fhir(target)[1]
        shown += [entry["resource"]["id"] for entry in bundle["entry"] if entry["search"]["mode"] == "match"]
        entry = place.call("GET", "/mock/journal?kind=fhir&limit=1")[1][0]
        search = place.call("GET", f"/mock/journal/{entry['id']}")[1]["search"]
        following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        check("Somewhere Else" in search["subtypes_left_out"], f"page {pages} in the journal: {search}")
        check(search["page"]["offset"] == 2 * pages and search["page"]["has_next"] == bool(following), f"where the page is: {search}")
        check(search["matched"] == len(shown) + bool(following), f"what is known to match: {search}")
        pages, target = pages + 1, following[0].split("/api/FHIR/R4/")[1] if following else None
    check(pages > 1 and first not in shown and len(set(shown)) == len(shown), f"all but what is barred, once: {shown}")
    check(any("Observation - Somewhere Else." in text for _, text in issues(bundle)), f"the last page says so: {issues(bundle)}")
    place.call("POST", "/mock/reset", {"what": ["writes"]})


def test_subtypes(mock):
    place = Place(mock, instance(mock, "subtypes"), subtypes={"Observation": ["Labs", "Outside Record Results"], "Procedure": ["Outside Record"]})
    shown = place.call("GET", "/mock/apps/app")[1]["subtypes"]
    check(shown == {"Observation": ["Outside Record Results", "Labs"], "Procedure": ["Outside Record"]} or
          shown == {"Procedure": ["Outside Record"], "Observation": ["Outside Record Results", "Labs"]}, f"an app shows its own: {shown}")
    answer = place.fhir(f"Observation?patient={CAMILA}&category=laboratory")
    check(answer[1]["total"] == 6 and issues(answer[1]) == [("59204", "Client not authorized for Observation - SmartData Elements. Search "
                                                             "results of this type have not been included.")], f"{issues(answer[1])}")
    answer = place.fhir(f"Observation?patient={CAMILA}&category=vital-signs")
    check(answer[0] == 400 and issues(answer[1])[-1][0] == "59022" and
          "Client not authorized for Observation - Vital Signs." in issues(answer[1])[1][1], f"not granted: {answer}")
    vital = Place(mock, instance(mock, "plain")).fhir(f"Observation?patient={CAMILA}&category=vital-signs")[1]["entry"][0]["resource"]["id"]
    check(place.fhir("Observation/" + vital)[0] == 403, "nor read")
    answer = place.fhir(f"Procedure?patient={CAMILA}")
    check([number for number, _ in issues(answer[1])] == ["59205", "59204", "59204"] and answer[1]["total"] == 2, f"{issues(answer[1])}")
    status, answer = place.call("PUT", "/mock/apps/app", {**place.call("GET", "/mock/apps/app")[1], "subtypes": {"Observation": ["Lab"]}})
    check(status == 400 and "no sub-type \"Lab\"; there are Outside Record Results" in answer["message"], f"{answer}")
    status, answer = place.call("PUT", "/mock/apps/app", {**place.call("GET", "/mock/apps/app")[1], "subtypes": {"Coverage": []}})
    check(status == 400 and "no sub-types of \"Coverage\"; there are Procedure" in answer["message"], f"{answer}")
    outside = place.fhir(f"Observation?patient={CAMILA}&category=laboratory")[1]["entry"][0]["resource"]["id"]
    place.call("PUT", "/mock/access", [{"type": "Observation", "id": outside, "subtype": "Outside Record Results"}])
    check(place.fhir("Observation/" + outside)[0] == 200, "what was granted by name is read")
    check(place.fhir(f"Observation?patient={CAMILA}&category=laboratory")[1]["total"] == 6, "and found")


def instance(mock, name):
    """The path of a new instance."""
    check(mock.admin("POST", "/instances", {"name": name})[0] == 201, f"an instance {name}")
    return f"/i/{name}"


def main():
    with Mock() as mock:
        test_access(Place(mock, instance(mock, "one")), Place(mock, instance(mock, "two")))
        test_pages(Place(mock, instance(mock, "pages")))
        test_subtypes(mock)
    suite.done(25)


main()
