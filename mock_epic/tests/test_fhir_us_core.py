#!/usr/bin/python3
"""The searches that certification tests make of US Core's types, in each of their forms, on the core pack: as GET and as POST, with a
reference for the patient, with system|code, with comparators a day either side, with all values of a status joined, with includes.
Each form must find what the plain one finds."""
import datetime
import glob
import http.client
import json
import os
from urllib.parse import urlencode

from harness import FHIR, FIXTURES, FORM_TYPE, Client, Mock, Suite, certificate, private_key

suite = Suite()
check = suite.check
# what a search of the type is made of; "date" names stand for their element
SEARCHES = {
    "AllergyIntolerance": [["patient"]],
    "CareTeam": [["patient", "status"]],
    "Condition": [["patient"], ["patient", "category"], ["patient", "clinical-status"], ["patient", "category", "encounter"]],
    "Coverage": [["patient"]],
    "Device": [["patient"]],
    "DiagnosticReport": [["patient", "category"], ["patient", "code"], ["patient", "category", "date"]],
    "DocumentReference": [["patient"], ["patient", "category"], ["patient", "category", "date"], ["patient", "type"]],
    "Encounter": [["patient"], ["patient", "date"]],
    "Goal": [["patient"], ["patient", "lifecycle-status"]],
    "Immunization": [["patient"], ["patient", "status"], ["patient", "date"]],
    "MedicationDispense": [["patient"]],
    "MedicationRequest": [["patient", "intent"], ["patient", "intent", "status"]],
    "Observation": [["patient", "category"], ["patient", "code"], ["patient", "category", "date"], ["patient", "category", "status"]],
    "Procedure": [["patient"], ["patient", "date"]],
    "QuestionnaireResponse": [["patient"]],
    "ServiceRequest": [["patient"], ["patient", "category"], ["patient", "code"], ["patient", "category", "authored"]],
}
STATUSES = {
    "Observation": "registered,preliminary,final,amended,corrected,cancelled,entered-in-error,unknown",
    "MedicationRequest": "active,on-hold,cancelled,completed,entered-in-error,stopped,draft,unknown",
    "CareTeam": "proposed,active,suspended,inactive,entered-in-error",
    "Immunization": "completed,entered-in-error,not-done",
    "Goal": "proposed,planned,accepted,active,on-hold,completed,cancelled,entered-in-error,rejected",
}
ELEMENTS = {"date": ("effectiveDateTime", "occurrenceDateTime", "performedDateTime", "date", "period", "effectivePeriod", "performedPeriod"), "authored": ("authoredOn",),
            "clinical-status": ("clinicalStatus",), "lifecycle-status": ("lifecycleStatus",)}


def first(resource, name):
    """A value of the element, as a certification test takes it: (plain, system|code) for a token."""
    for element in ELEMENTS.get(name, (name,)):
        value = resource.get(element)
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, dict) and "coding" in value:
            coding = value["coding"][0]
            return coding["code"], f"{coding['system']}|{coding['code']}" if coding.get("system") else coding["code"]
        if isinstance(value, dict):
            value = value["start"][:10] if "start" in value else value.get("reference")
        if value:
            return value, value
    return None


def around(text):
    """Comparators that hold for a date: a day before and after it."""
    day = datetime.date.fromisoformat(text[:10])
    before, after = (day + datetime.timedelta(days=step) for step in (-1, 1))
    return [f"gt{before}", f"ge{before}", f"lt{after}", f"le{after}"]


class Server:
    def __init__(self, mock, token):
        self.connection = http.client.HTTPConnection("127.0.0.1", mock.port, timeout=60)
        self.headers = {"Authorization": "Bearer " + token, "Accept": "application/fhir+json"}

    def ask(self, kind, query, method="GET"):
        """Ids of the matches, and kinds of what was included; None when it was refused."""
        form = urlencode(query)
        if method == "GET":
            self.connection.request("GET", f"{FHIR}/{kind}?{form}", headers=self.headers)
        else:
            self.connection.request("POST", f"{FHIR}/{kind}/_search", form, {**self.headers, "Content-Type": FORM_TYPE})
        answer = self.connection.getresponse()
        bundle = json.loads(answer.read())
        if not check(answer.status == 200, f"{method} {kind}?{form}: {answer.status} {str(bundle)[:300]}"):
            return None, []
        entries = [(entry["search"]["mode"], entry["resource"]) for entry in bundle.get("entry", [])]
        return [resource["id"] for mode, resource in entries if mode == "match"], [resource["resourceType"] for mode, resource in entries if mode == "include"]


def forms(kind, names, resource, patient):
    """(name of the form, query) of a search for what the resource has, the plain one first; None when it lacks a value."""
    found = {name: first(resource, name) for name in names if name != "patient"}
    if not all(found.values()):
        return None
    plain = [("patient", patient)] + [(name, value[0]) for name, value in found.items()]
    result = [("plain", plain), ("Patient/id", [("patient", "Patient/" + patient), *plain[1:]])]
    if "subject" in {name for name, _ in plain} or kind in ("Condition", "Observation", "Procedure", "DiagnosticReport", "ServiceRequest", "Encounter"):
        result.append(("subject", [("subject", patient), *plain[1:]]))
    result.append(("system|code", [("patient", patient)] + [(name, value[1]) for name, value in found.items()]))
    return result


def run(server, kind, names, resource):
    patient = next(resource[name]["reference"].split("/")[1] for name in ("patient", "subject", "beneficiary") if name in resource)
    made = forms(kind, names, resource, patient)
    if not made:
        return 0
    plain, _ = server.ask(kind, made[0][1])
    if plain is None:
        return 0
    check(resource["id"] in plain, f"{kind} {made[0][1]}: its own resource is not found")
    for name, query in made[1:]:
        found, _ = server.ask(kind, query)
        check(found == plain, f"{kind} {name} {query}: {found} is not {plain}")
    found, _ = server.ask(kind, made[0][1], "POST")
    check(found == plain, f"{kind} by POST {made[0][1]}: {found} is not {plain}")
    for date in {"date", "authored"} & set(names):
        for value in around(dict(made[0][1])[date]):
            found, _ = server.ask(kind, [(name, value if name == date else plain_value) for name, plain_value in made[0][1]])
            check(found is not None and resource["id"] in found, f"{kind} {date}={value}: not found")
    for status in {"status", "lifecycle-status"} & set(names):
        found, _ = server.ask(kind, [(name, STATUSES[kind] if name == status else value) for name, value in made[0][1]])
        check(found is not None and set(plain) <= set(found), f"{kind} with all of {status}: {found}")
    found, included = server.ask(kind, made[0][1] + [("_revinclude", "Provenance:target")])
    check(found == plain and set(included) <= {"Provenance"}, f"{kind} with Provenance: {found} {included}")
    return 1


def main():
    pack = {}
    for path in sorted(glob.glob(os.path.join(FIXTURES, "fhir", "core", "*.ndjson"))):
        with open(path, encoding="utf-8") as file:
            pack[os.path.basename(path)[:-7]] = [json.loads(line) for line in file]
    with Mock(level="warn") as mock:
        mock.register("us-core", certificate=certificate("rsa2048_a"))
        client = Client(mock, "us-core", private_key("rsa2048_a"))
        server = Server(mock, client.post(client.jwt()).json()["access_token"])
        for kind, searches in SEARCHES.items():
            for names in searches:
                made = sum(run(server, kind, names, resource) for resource in pack[kind][:6] if any(name in resource for name in ("patient", "subject", "beneficiary")))
                check(made, f"{kind} {names}: no resource has what is searched")
        for plan in [plan for plan in pack["CarePlan"] if len(plan["category"]) > 1]:  # US Core's category, which is not the first
            patient, category = plan["subject"]["reference"].split("/")[1], plan["category"][1]["coding"][0]
            for form in ([("patient", patient), ("category", category["code"])], [("patient", "Patient/" + patient), ("category", f"{category['system']}|{category['code']}")]):
                for method in ("GET", "POST"):
                    found, _ = server.ask("CarePlan", form, method)
                    check(found == [plan["id"]], f"{method} CarePlan {form}: {found}")
        _, included = server.ask("MedicationRequest", [("patient", pack["MedicationRequest"][0]["subject"]["reference"]), ("intent", "order"), ("_include", "MedicationRequest:medication")])
        check("Medication" in included, f"MedicationRequest:medication: {included}")
        for patient in pack["Patient"][:3]:
            name = patient["name"][0]
            for query in ([("_id", patient["id"])], [("identifier", "|".join((patient["identifier"][0]["system"], patient["identifier"][0]["value"])))],
                          [("family", name["family"]), ("birthdate", patient["birthDate"])], [("name", name["family"]), ("birthdate", patient["birthDate"])],
                          [("family", name["family"]), ("given", name["given"][0]), ("birthdate", patient["birthDate"]), ("gender", patient["gender"])]):
                for method in ("GET", "POST"):
                    found, _ = server.ask("Patient", query, method)
                    check(found is not None and patient["id"] in found, f"{method} Patient {query}: {found}")
    suite.done(least=300)


main()
