#!/usr/bin/python3
"""The JSON Schemas and the readers of mock-epic say the same: of everything that is shipped, and of each example beside its nearest
reject. python3-jsonschema judges the schemas."""
import glob
import json
import os
import subprocess
import tempfile

import jsonschema

from harness import MOCK_EPIC, Mock, Suite, certificate

suite = Suite()
ROOT = os.environ["EPIC_SOURCE_DIR"]
SCHEMAS = {}
for path in glob.glob(os.path.join(ROOT, "mock_epic", "schemas", "*.schema.json")):
    with open(path, encoding="utf-8") as file:
        SCHEMAS[os.path.basename(path)] = json.load(file)


def validator(name):
    schema = SCHEMAS[name + ".schema.json"]
    jsonschema.Draft202012Validator.check_schema(schema)
    resolver = jsonschema.RefResolver(schema["$id"], schema, store=SCHEMAS)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


VALIDATORS = {name: validator(name) for name in ("app", "fault", "expectation", "scenario")}


def why(name, value):
    error = jsonschema.exceptions.best_match(VALIDATORS[name].iter_errors(value))
    return error.message[:300] if error else ""


def takes_scenario(value):
    """None, or why the program refuses it."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(value, file)
        file.flush()
        done = subprocess.run([MOCK_EPIC, "scenarios", file.name], capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else done.stderr


def both(name, value, wanted, refusal):
    """Schema and program agree, and on what is wanted."""
    said = why(name, value)
    suite.check((not said) == wanted and (refusal is None) == wanted,
                f"{name} {json.dumps(value)[:300]}: wanted {wanted}; schema: {said or 'taken'}; program: {refusal or 'taken'}")


def by_call(mock, method, path):
    def ask(value):
        status, answer = mock.admin(method, path, value)
        if path == "/apps" and status == 201:
            mock.request("DELETE", "/mock/apps/" + value["client_id"])
        return None if status < 300 else f"{status} {answer}"
    return ask


# ---- what is taken, and beside it what is not, by one change ----

APP = {"client_id": "my-app", "certificate": certificate("rsa2048_a")}
APPS = (APP, {**APP, "$schema": "app.schema.json"}, {**APP, "scopes": ["system/Patient.r"], "scope_version": 1, "environment": "production",
        "background_user": False, "synced_after_s": 0, "name": "", "warnings": []}, {"client_id": "a", "jwks_url": "http://127.0.0.1:1/"})
NOT_APPS = ({**APP, "clientid": "a"}, {"client_id": "a"}, {"certificate": APP["certificate"]}, {**APP, "jwks_url": "http://127.0.0.1:1/"},
            {**APP, "client_id": ""}, {**APP, "client_id": "a" * 129}, {**APP, "scope_version": 3}, {**APP, "scopes": "a"},
            {**APP, "environment": "test"}, {**APP, "background_user": 1}, {**APP, "synced_after_s": -1}, {**APP, "name": "a" * 257}, [])

FAULTS = ({"action": {"status": 503}}, {"$schema": "fault.schema.json", "match": {}, "action": {"gzip": True}},
          {"match": {"route": "token", "method": "POST", "path": "*", "client_id": "a", "nth": 1, "every": 2, "times": 3, "probability": 0.5},
           "action": {"status": 200, "headers": {"Retry-After": "1"}, "body": "", "delay_ms": 0}},
          {"action": {"drip": {"bytes": 1, "every_ms": 0}}}, {"action": {"reset": "before"}}, {"action": {"reset": 0}},
          {"action": {"redirect": {"to": "foreign"}}}, {"action": {"set_field": {"a": None}, "drop_field": []}},
          {"action": {"wrong_content_length": -1}}, {"action": {"truncate": 0}}, {"action": {"pad_to": 1}}, {"action": {"next_link": "self"}},
          {"action": {"retry_after_date": {"in_s": 1, "form": "rfc850"}}})
NOT_FAULTS = ({}, {"action": {}}, {"match": {}}, {"action": {"status": 199}}, {"action": {"status": 600}}, {"action": {"stats": 503}},
              {"match": {"route": "admin"}, "action": {"gzip": True}}, {"match": {"nth": 0}, "action": {"gzip": True}},
              {"match": {"probability": 1.1}, "action": {"gzip": True}}, {"match": {"pth": "a"}, "action": {"gzip": True}},
              {"action": {"headers": {"Content-Length": "1"}}}, {"action": {"headers": {"a": 1}}}, {"action": {"headers": {"a b": "c"}}},
              {"action": {"drip": {"bytes": 0, "every_ms": 0}}}, {"action": {"drip": {"bytes": 1}}}, {"action": {"reset": "after"}},
              {"action": {"reset": -1}}, {"action": {"redirect": {"status": 307}}}, {"action": {"redirect": {"to": "same", "status": 200}}},
              {"action": {"set_field": {}}}, {"action": {"drop_field": "a"}}, {"action": {"truncate": 1, "reset": 1}}, {"action": {"pad_to": 0}},
              {"action": {"delay_ms": 3600001}}, {"action": {"next_link": "nowhere"}}, {"action": {"retry_after_date": {"form": "imf"}}}, [])

SAID = {"because": "b", "right": "r"}
EXPECTATIONS = ({"count": {}}, {"count": {"kind": "token", "route": "token", "method": "POST", "path": "*", "client_id": "a", "status": 200,
                                         "error": "e", "outcome": "issued"}, "min": 0, "max": 0, **SAID},
                {"order": [{}, {}], "within_s": 1}, {"follow": [{"foreign": True}, {"fault": False}], "same_url": True}, {"pause": [{}, {}], "at_least_ms": 1},
                {"$schema": "expectation.schema.json", "never": {}}, {"never": {"kind": "admin", "route": "admin"}}, {"never": {}, "after_step": 1},
                {"each": {}, "where": {"a.b": {"equals": None, "distinct": True, "at_most": 1.5, "at_least": 0, "present": False}}})
NOT_EXPECTATIONS = ({}, SAID, {"count": {}, "never": {}}, {"cuont": {}}, {"count": {"knid": "token"}}, {"count": {"kind": "tokens"}},
                    {"count": {"outcome": "granted"}}, {"count": {"status": 600}}, {"count": {}, "min": -1}, {"never": {}, "max": 1},
                    {"order": [{}]}, {"order": [{}, {}, {}]}, {"order": {}}, {"order": [{}, {}], "within_s": 0}, {"count": {}, "within_s": 1},
                    {"follow": [{}]}, {"follow": [{}, {}], "at_least_ms": 1}, {"follow": [{}, {}], "same_url": 1}, {"never": {}, "same_url": True}, {"pause": [{}, {}]}, {"pause": [{}, {}], "at_least_ms": 0},
                    {"never": {"foreign": 1}}, {"never": {"fault": "yes"}},
                    {"each": {}}, {"each": {}, "where": {}}, {"each": {}, "where": {"a": {}}}, {"each": {}, "where": {"a": {"equals": []}}},
                    {"each": {}, "where": {"a": {"at_most": "1"}}}, {"never": {}, "because": 1}, {"never": {}, "right": "r" * 1001},
                    {"never": {}, "after_step": 0}, {"never": {}, "after_step": 101})

MINE = {"name": "mine", "about": "a", "source": "R s", "expect": [{"never": {"kind": "jwks"}, **SAID}]}


def step(**parts):
    return {**MINE, "steps": [{"when": {}, "do": [], **parts}]}


def does(action):
    return step(do=[action])


def setup(**parts):
    return {**MINE, "setup": parts}


SCENARIOS = (MINE, {**MINE, "$schema": "x", "drive": ["token"], "steps": []}, setup(), setup(clock={"offset_s": -90, "rate": 0.5, "frozen": True}),
             setup(at="2030-01-01T00:00:00Z"), setup(profile="smart", switches={"kid": "optional"}, seed=0), setup(switches=["kid=optional"]),
             setup(token_lifetime_s=1, real_token_lifetime_s=0, copies=100), setup(faults=[FAULTS[0]]), setup(apps=[APP]),
             setup(app={"key": "jwks_url", "scopes": [], "synced_after_s": 1}), step(nth=1, every=2, times=3), step(optional=True),
             does({"rotate_key": {}}), does({"rotate_key": {"keep_old": True}}), does({"POST /mock/tokens/age": {"seconds": -1}}),
             does({"POST /mock/tokens/revoke": {}}), does({"POST /mock/tokens/revoke": None}), does({"PUT /mock/clock": {"now": 1}}),
             does({"POST /mock/clock/advance": {"seconds": 1}}), does({"DELETE /mock/faults": {}}), does({"DELETE /mock/faults/1": {}}),
             does({"POST /mock/faults": FAULTS[2]}), does({"POST /mock/reset": {"what": ["jti"]}}), does({"POST /mock/apps": APP}),
             does({"PUT /mock/apps/my-app": APP}), does({"PUT /mock/expectations": [EXPECTATIONS[0]]}), does({"DELETE /mock/journal": None}))
NOT_SCENARIOS = ([], {}, *({key: value for key, value in MINE.items() if key != left} for left in MINE), {**MINE, "nam": 1}, {**MINE, "name": "A"},
                 {**MINE, "name": "-a"}, {**MINE, "name": "a" * 65}, {**MINE, "about": ""}, {**MINE, "expect": []},
                 {**MINE, "expect": [{"never": {}}]}, {**MINE, "expect": [{"never": {}, "because": "", "right": "r"}]}, {**MINE, "drive": "token"},
                 {**MINE, "drive": [1]}, {**MINE, "setup": []}, setup(name="a"), setup(copies=0), setup(copies=101), setup(seed=-1),
                 setup(profile="epik"), setup(clock={"offset": 1}), setup(clock={}, at=1), setup(real_token_lifetime_s=-1),
                 setup(token_lifetime_s=0), setup(faults={}), setup(faults=[NOT_FAULTS[0]]), setup(apps=[NOT_APPS[0]]),
                 setup(app={"client_id": "a"}), setup(app={"key": "pem"}), setup(app=[]), {**MINE, "steps": {}}, step(when=[]),
                 step(do={}), step(nth=0), step(evry=1), step(optional=1), does({}), does({"rotate_key": {"keep": True}}),
                 does({"rotate_key": {}, "DELETE /mock/faults": {}}), does({"GET /mock/clock": {}}), does({"POST /mock/instances": {}}),
                 does({"POST /mock/tokens/age": {}}), does({"POST /mock/tokens/aged": {"seconds": 1}}), does({"DELETE /mock/faults": {"a": 1}}),
                 does({"POST /mock/faults": NOT_FAULTS[1]}), does({"PUT /mock/expectations": [NOT_EXPECTATIONS[0]]}),
                 does({"PUT /mock/clock": {"rate": -1}}))

for value in SCENARIOS:
    both("scenario", value, True, takes_scenario(value))
for value in NOT_SCENARIOS:
    both("scenario", value, False, takes_scenario(value))
with Mock() as mock:
    tables = (("app", APPS, NOT_APPS, by_call(mock, "POST", "/apps"), lambda value: value),
              ("fault", FAULTS, NOT_FAULTS, by_call(mock, "POST", "/faults"), lambda value: value),
              ("expectation", EXPECTATIONS, NOT_EXPECTATIONS, by_call(mock, "PUT", "/expectations"), lambda value: [value]))
    for name, good, bad, ask, wrap in tables:
        for value in good:
            both(name, value, True, ask(wrap(value)))
        for value in bad:
            both(name, value, False, ask(wrap(value)))
for path in sorted(glob.glob(os.path.join(ROOT, "conformance", "scenarios", "*.json"))):
    with open(path, encoding="utf-8") as file:
        suite.check(why("scenario", shipped := json.load(file)) == "", f"{path}: {why('scenario', shipped)}")
for path in glob.glob(os.path.join(ROOT, "mock_epic", "recipes", "**", "*app*.json"), recursive=True):
    with open(path, encoding="utf-8") as file:
        suite.check(why("app", shipped := json.load(file)) == "", f"{path}: {why('app', shipped)}")
suite.done(150)
