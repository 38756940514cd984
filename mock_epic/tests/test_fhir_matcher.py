#!/usr/bin/python3
"""Random searches against a matcher that was written for itself: the same resources, in the same order, on all pages; of a
patient's data as Epic searches it, of people by what is said of them, and as FHIR R4 has it.

SEARCHES=N of all together (5000 unless said otherwise), SEED=N."""
import http.client
import json
import os
import random
import sys
import tempfile
from urllib.parse import quote

import packs
import people_matcher
from harness import FHIR, Client, Mock, Suite, certificate, private_key
from reference_matcher import codings, condition_holds, in_order, matches, read_surface, texts, values

SEARCHES, SEED = int(os.environ.get("SEARCHES", "5000")), int(os.environ.get("SEED", "1"))
# answered by rules of their own, which have tests of their own
LEFT_OUT = {"Patient", "Binary", "EpisodeOfCare", "CarePlan", "Provenance"}
OWN_RULES = {("Encounter", "class"), ("Encounter", "reason-code"), ("MedicationRequest", "category"), ("Observation", "category")}
PAGES_MAX = 100  # of a thousand vital signs one by one, the others tell nothing new
PATIENT_NAMES = ("patient", "subject", "beneficiary", "individual", "for")
suite = Suite()


def read_pack(people):
    """{type: [resource]}, as the server loads them: the last of one id counts."""
    pack = {}
    for resource in [json.loads(line) for line in packs.lines("core")] + people:
        pack.setdefault(resource["resourceType"], []).append(resource)
    return pack


# ---- people ----

FAMILIES = ["Lopez", "Lopes", "López", "Smith", "Smyth", "Schmidt", "O'Brien", "Obrien", "de la Cruz", "Mc Donald", "McDonald", "Tymczak", "Pfister", "Ashcraft",
            "Ashcroft", "Łukasz", "王", "Ng", "Smith-Jones", "Honeyman"]
GIVENS = ["Ann", "Anne", "Anna Maria", "Camila", "Kamila", "José", "Jose", "Li", "Bo", "Robert", "Rupert", "明", "Jean-Luc"]
CITIES = ["Madison", "Mad River", "Verona", "St. Paul", "Saint Paul"]


def make_person(draw, number):
    day = draw.choice(["1948-02-29", "1948-12-01", "1969-12-31", "1970-01-01", "1980-02-28", "1980-02-29", "2000-01-15", "2000-12-28"])
    person = {"resourceType": "Patient", "id": f"person-{number}",
              "identifier": [{"system": draw.choice(["urn:mrn", "urn:other"]), "value": str(draw.randint(1, 150))} for _ in range(draw.choice([1, 1, 2]))],
              "name": [{"use": draw.choice(["official", "usual"]), "family": draw.choice(FAMILIES), "given": draw.sample(GIVENS, draw.choice([1, 2]))} for _ in range(draw.choice([1, 1, 2]))],
              "gender": draw.choice(["female", "male", "other"]), "address": [{"city": draw.choice(CITIES), "state": "WI", "postalCode": draw.choice(["53703", "53593"])}],
              "telecom": [{"system": draw.choice(["phone", "email"]), "value": draw.choice(["608-555-0100", "608-555-0101", "a@example.org"])} for _ in range(draw.choice([1, 2]))],
              "active": draw.random() < 0.8}
    if draw.random() < 0.9:
        person["birthDate"] = draw.choice([day, day, day, day[:7], day[:4]])
    if draw.random() < 0.3:
        person["name"][0]["text"] = " ".join([*person["name"][0]["given"], person["name"][0]["family"]])
    if draw.random() < 0.2:
        del person["gender"]
    return person


def make_people():
    draw = random.Random(SEED)
    return [make_person(draw, number) for number in range(400)]


def patient_of(resource):
    places = [resource.get(name) for name in PATIENT_NAMES] + [part.get("actor") for part in resource.get("participant", []) if isinstance(part, dict)]
    for place in places:
        for reference in place if isinstance(place, list) else [place]:
            text = reference.get("reference", "") if isinstance(reference, dict) else ""
            if text.startswith("Patient/"):
                return text.split("/")[1]
    return None


def shorten(draw, text):
    """A date of less precision."""
    cuts = [n for n in (4, 7, 10, 16) if n <= len(text)]
    cut = draw.choice(cuts + [len(text)])
    return text[:cut] if len(text[:cut]) > 4 or cut == 4 else text


def token_of(draw, value):
    system, code = draw.choice(list(codings(value)) or [(None, None)])
    if not code or any(c in code for c in ",|$\\"):
        return None
    if system is ... or not system:
        return draw.choice([code, code, "|" + code]) if not system else code
    return draw.choice([code, f"{system}|{code}", f"{system}|"])


def value_of(draw, param, resource):
    """Something that may be looked for: mostly what some resource has."""
    there = list(values(resource, param))
    if not there or draw.random() < 0.05:
        return {"date": "2020", "reference": "nobody", "token": "nothing", "string": "zzz"}[param.kind]
    value = draw.choice(there)
    if param.kind == "token":
        return token_of(draw, value)
    if param.kind == "reference":
        text = value.get("reference") if isinstance(value, dict) else value
        return draw.choice([text, text.split("/")[-1]]) if text and "," not in text else None
    if param.kind == "string":
        text = draw.choice(list(texts(value)) or [""])
        return text[:draw.randint(1, 12)].strip() if text and not any(c in text[:12] for c in ",|$\\") else None
    texts_of = [text for text in texts(value if isinstance(value, str) else {**value, "start": value.get("start", ""), "x": value.get("end", "")}) if text[:4].isdigit()]
    if isinstance(value, dict):
        texts_of = [value[name] for name in ("start", "end") if name in value]
    if not texts_of:
        return None
    return draw.choice(["", "eq", "ge", "gt", "le", "lt"]) + shorten(draw, draw.choice(texts_of))


def make_search(draw, surface, pack):
    kind = draw.choice([name for name in pack if surface.get(name) and name not in LEFT_OUT])
    about = draw.choice(pack[kind])
    patient = patient_of(about)
    params = surface[kind]
    names = [name for name in params if params[name].paths and name not in PATIENT_NAMES and (kind, name) not in OWN_RULES]
    conditions = []
    for name in draw.sample(names, min(len(names), draw.randint(0, 3))):
        wanted = [value for value in (value_of(draw, params[name], draw.choice([about, draw.choice(pack[kind])])) for _ in range(draw.choice([1, 1, 1, 2, 3]))) if value]
        if wanted:
            conditions.append((name, wanted))
    if kind == "Observation":
        codes = [code["code"] for category in about.get("category", []) for code in category["coding"]]
        conditions.append(("category", codes[:1]))
    return kind, patient, conditions


def expected(kind, patient, conditions, surface, pack):
    found = []
    for resource in pack[kind]:
        if patient and patient_of(resource) != patient:
            continue
        native = [all(any(matches(surface[kind][name], value, resource) for value in wanted) for name, wanted in conditions if surface[kind][name].is_native == is_native)
                  for is_native in (True, False)]
        if native[0]:
            found.append((resource["id"], native[1]))
    return found


class Server:
    def __init__(self, mock, client):
        self.mock, self.client = mock, client
        self.connection = http.client.HTTPConnection("127.0.0.1", mock.port, timeout=60)
        self.headers = {"Accept": "application/fhir+json"}
        self.renew()

    def renew(self):
        self.headers["Authorization"] = "Bearer " + self.client.post(self.client.jwt()).json()["access_token"]

    def get(self, target):
        """Of a long run the first token expires on the way."""
        for _ in range(2):
            self.connection.request("GET", target, headers=self.headers)
            answer = self.connection.getresponse()
            body = answer.read()
            if answer.status != 401:
                break
            self.renew()
        return answer.status, json.loads(body)

    def walk(self, target, total=None):
        """(status, [[id] of each page]), of the first PAGES_MAX of them. total: what each page must say; None: how many it holds"""
        pages = []
        while target and len(pages) < PAGES_MAX:
            status, bundle = self.get(target)
            if status != 200:
                return status, bundle
            entries = [entry["resource"]["id"] for entry in bundle.get("entry", []) if entry["search"]["mode"] == "match"]
            suite.check(bundle["total"] == (len(entries) if total is None else total), f"{target}: total {bundle['total']} of {len(entries)}")
            pages.append(entries)
            following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
            target = following[0][following[0].index("/interconnect"):] if following else None
        return 200, pages


def run(server, draw, surface, pack):
    kind, patient, conditions = make_search(draw, surface, pack)
    count = draw.choice([None, None, 1, 2, 3, 7])
    query = ([("patient" if "patient" in surface[kind] else "subject", draw.choice([patient, "Patient/" + patient]))] if patient else []) + [(name, ",".join(wanted)) for name, wanted in conditions]
    draw.shuffle(query)
    query += [("_count", str(count))] if count else []
    target = f"{FHIR}/{kind}?" + "&".join(f"{name}={quote(value)}" for name, value in query)
    status, pages = server.walk(target)
    if status == 400 and not patient:
        return False  # this type wants another parameter
    found = expected(kind, patient, conditions, surface, pack)
    size = count or 1000
    wanted = [[name for name, stays in found[at:at + size] if stays] for at in range(0, len(found), size)][:PAGES_MAX] or [[]]
    suite.check(status == 200 and pages == wanted, f"{target}: {status}, {str(pages)[:300]}, wanted {str(wanted)[:300]}")
    return True


# ---- people, as Epic finds them ----

# what is asked for together; each may stand beside whatever else there is
SOUGHT = [["identifier"], ["family", "birthdate"], ["family", "given", "birthdate"], ["name", "birthdate"], ["family", "given", "gender", "telecom"],
          ["family", "given", "legal-sex", "telecom"], ["given", "birthdate", "name"], ["name"], ["family"], ["birthdate"], ["telecom", "gender"], []]


def mistake(draw, text):
    """What a clerk may type."""
    how = draw.randrange(8)
    if how == 0 and len(text) > 2:
        at = draw.randrange(1, len(text))
        return text[:at] + text[at - 1] + text[at:]
    if how == 1:
        return text.upper()
    if how == 2:
        return draw.choice(text.split() or [text])
    return text.replace("e", "a") if how == 3 else text


def person_value(draw, name, param, person):
    if name == "birthdate":
        day = person.get("birthDate", "1980-01-01")
        return draw.choice(["", "", "eq"]) + (day + "-01-01"[len(day) - 4:] if len(day) < 10 else day)
    if name in ("family", "given", "name"):
        parts = [text for value in values(person, param) for text in texts(value)]
        if name == "name" and draw.random() < 0.5 and "name" in person:
            parts = [" ".join([*person["name"][0].get("given", []), person["name"][0].get("family", "")])]
        return mistake(draw, draw.choice(parts)) if parts else "Nobody"
    return value_of(draw, param, person)


def run_people(server, draw, surface, pack):
    params, people = surface["Patient"], pack["Patient"]
    about = draw.choice(people)
    usable = [name for name in params if params[name].paths]
    names = list(dict.fromkeys(draw.choice(SOUGHT) + draw.sample(usable, draw.choice([0, 0, 1, 2]))))
    conditions = []
    for name in names:
        several = 1 if name == "birthdate" else draw.choice([1, 1, 1, 2])
        wanted = [person_value(draw, name, params[name], draw.choice([about, about, about, draw.choice(people)])) for _ in range(several)]
        wanted = [value for value in wanted if value and not any(c in value for c in ",$\\") and people_matcher.fold(value)]
        conditions += [(name, wanted)] if wanted else []
    draw.shuffle(conditions)
    count = draw.choice([None, None, 1, 3, 7])
    query = conditions + ([("_count", [str(count)])] if count else [])
    target = f"{FHIR}/Patient?" + "&".join(f"{name}={quote(','.join(wanted))}" for name, wanted in query)
    status, pages = server.walk(target)
    found = people_matcher.find(params, conditions, people)
    if found is None or len(found) > people_matcher.MOST:
        suite.check(status == 400, f"{target}: {status}, wanted 400")
        return True
    post = [(name, wanted) for name, wanted in conditions if not params[name].is_native]
    size = count or 1000
    wanted = [[person["id"] for person in found[at:at + size] if all(any(matches(params[name], value, person) for value in values_of) for name, values_of in post)]
              for at in range(0, len(found), size)] or [[]]
    suite.check(status == 200 and pages == wanted, f"{target}: {status}, {str(pages)[:300]}, wanted {str(wanted)[:300]}")
    return True


# ---- as FHIR R4 has it ----

MODIFIERS = {"token": ["", "", "", "not", "missing"], "string": ["", "", "exact", "contains", "missing"], "date": ["", "", "missing"],
             "reference": ["", "", "", "missing"]}


def r4_condition(draw, params, name, about, others):
    modifier = draw.choice(MODIFIERS[params[name].kind])
    if modifier == "missing":
        return name, modifier, [draw.choice(["true", "false"])]
    wanted = [value_of(draw, params[name], draw.choice([about, draw.choice(others)])) for _ in range(draw.choice([1, 1, 1, 2, 3]))]
    if params[name].kind == "date":
        wanted = [draw.choice(["ne", "sa", "eb"]) + value if value and value[0].isdigit() and draw.random() < 0.5 else value for value in wanted]
    return name, modifier, [value for value in wanted if value]


def run_r4(server, draw, surface, pack):
    kind = draw.choice([name for name in pack if surface.get(name) and name != "Provenance"])
    params, others, about = surface[kind], pack[kind], draw.choice(pack[kind])
    names = [name for name in params if params[name].paths]
    conditions = [r4_condition(draw, params, name, about, others) for name in draw.sample(names, min(len(names), draw.randint(0, 3)))]
    conditions = [condition for condition in conditions if condition[2]]
    sorts = [(name, draw.random() < 0.5) for name in draw.sample(names + ["_id"], draw.choice([0, 0, 1, 2]) if len(names) > 1 else 0)]
    found = [resource for resource in others if all(condition_holds(params[name], modifier, wanted, resource) for name, modifier, wanted in conditions)]
    found = [resource["id"] for resource in in_order(found, [(params.get(name), is_descending) for name, is_descending in sorts])]
    count = draw.choice([None, None, 2, 7, 50])
    query = [(name + (":" + modifier if modifier else ""), ",".join(wanted)) for name, modifier, wanted in conditions]
    query += [("_sort", ",".join(("-" if is_descending else "") + name for name, is_descending in sorts))] if sorts else []
    query += [("_count", str(count))] if count else []
    target = f"{FHIR}/{kind}?" + "&".join(f"{name}={quote(value)}" for name, value in query)
    status, pages = server.walk(target, len(found))
    size = count or 1000
    wanted = [found[at:at + size] for at in range(0, len(found), size)][:PAGES_MAX] or [[]]
    suite.check(status == 200 and pages == wanted, f"{target}: {status}, {str(pages)[:300]}, wanted {str(wanted)[:300]}")
    return True


def judge(how, searches, fixtures, pack, *options):
    surface, draw, judged = read_surface(), random.Random(SEED), 0
    client_id, key = "matcher", private_key("rsa2048_a")
    with Mock("--fixtures", "@core", "--fixtures", fixtures, *options, level="warn") as mock:
        mock.register(client_id, certificate=certificate("rsa2048_a"))
        client = Client(mock, client_id, key)
        server = Server(mock, client)
        while judged < searches and len(suite.bad) <= 10:
            is_judged = how(server, draw, surface, pack)
            judged += is_judged
            if is_judged and judged % 5000 == 0:
                print(f"  {how.__name__}: {judged} of {searches}", file=sys.stderr, flush=True)
    print(f"{how.__name__}: {judged} of {searches} searches were judged, seed {SEED}")
    return judged


def main():
    people = make_people()
    pack = read_pack(people)
    with tempfile.TemporaryDirectory() as work:
        fixtures = os.path.join(work, "people.ndjson")
        with open(fixtures, "w", encoding="utf-8") as file:
            file.write("".join(json.dumps(person) + "\n" for person in people))
        judged = judge(run, SEARCHES * 2 // 5, fixtures, pack)
        judged += judge(run_people, SEARCHES // 5, fixtures, pack)
        judged += judge(run_r4, SEARCHES * 2 // 5, fixtures, pack, "--switch", "fhir=r4")
    suite.done(least=judged)


main()
