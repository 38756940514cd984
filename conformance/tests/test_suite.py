#!/usr/bin/env python3
"""`epic-conformance server` and `cases`: that the mock passes, that what is wrong is found and what proves nothing is said to be
blocked, and that reports, choices and exit statuses are as they should be."""
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

BIN = os.environ["EPIC_BIN_DIR"]
ROOT = os.environ["EPIC_SOURCE_DIR"]
PROGRAM = os.path.join(BIN, "epic-conformance")
PATIENCE_S = 40 * int(os.environ.get("EPIC_SLOW") or 3)
bad = 0


def check(condition, message):
    global bad
    if not condition:
        bad += 1
        print("BAD ", message)


def run(*arguments, command="server"):
    done = subprocess.run([PROGRAM, command, *arguments], capture_output=True, text=True, check=False, timeout=PATIENCE_S, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def results(*arguments):
    status, out, err = run("--format", "json", *arguments)
    if not out:
        check(False, f"{arguments}: no report: {status} {err}")
        return status, {}
    return status, {case["id"]: case for case in json.loads(out)["cases"]}


def write(path, value):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(value if isinstance(value, str) else json.dumps(value))


def case_file(case):
    with open(os.path.join(ROOT, "conformance/cases", case["group"], case["id"] + ".json"), encoding="utf-8") as file:
        return json.load(file)


def the_mock_passes(work):
    for profile in ("epic", "smart", "lenient"):
        status, out, err = run("--profile", profile, "--jobs", "3", "--report", f"junit={work}/{profile}.xml", "--report", f"json={work}/{profile}.json")
        check(status == 0 and out.endswith("conformant\n") and not err, f"{profile}: {status} {out[-600:]} {err}")
    for release in ("2024-02", "2025-11", "2026-08"):
        status, out, err = run("--epic-version", release, "--jobs", "3")
        check(status == 0 and not err, f"{release}: {status} {out[-600:]} {err}")
    suites = xml.etree.ElementTree.parse(f"{work}/epic.xml").getroot()
    with open(f"{work}/epic.json", encoding="utf-8") as file:
        report = json.load(file)
    check(int(suites.get("tests")) == len(report["cases"]) > 600 and suites.get("failures") == "0", "JUnit and JSON count the same")
    check(report["result"] == "conformant" and report["profile"] == "epic" and report["target"].endswith("/oauth2/token"), "the JSON report")
    check(all(case["evidence"] for case in report["cases"] if case["group"] == "token"), "each token case names its journal entry")


def what_is_wrong_is_found():
    status, cases = results("--switch", "exp.window=off", "--only", "exp.*", "--only", "n_iss_value_other")
    failed = sorted(name for name, case in cases.items() if case["result"] == "fail")
    check(status == 1 and "n_exp_window_now_plus_301" in failed and all(name.startswith("n_exp_window") for name in failed), f"exp.window=off: {status} {failed}")
    case = cases.get("n_exp_window_now_plus_301", {})
    check(case.get("expected", "").startswith("status 400") and case.get("actual") == "status 200" and "--only n_exp_window" in case.get("again", ""), f"{case}")
    # a server that refuses everything passes no n_ case, and one that accepts everything no y_ case
    status, cases = results("--switch", "signature=off", "--only", "y_signature_plain")
    check(status == 3 and cases["y_signature_plain"]["result"] == "blocked", f"signature=off: {status} {cases}")


def what_a_fhir_case_looks_at(work):
    """An Epic that differs in one thing, and the cases that see it; those that say how it must be have a setup of their own, and do not."""
    for switch, wanted in (("deleted_status=404", {"n_access_deleted", "n_access_told_deleted"}), ("no_token=403", {"n_bearer_token_absent", "n_bearer_token_in_query"}),
                           ("outcome_page=every", {"y_page_next_first_has_no_outcome", "y_page_count_1", "y_page_count_5", "y_page_count_50", "y_page_default_1000", "y_include_medication_page",
                                                   "y_page_short_first"})):
        cases = results("--switch", switch, "--only", "access", "--only", "bearer", "--only", "page", "--only", "include", "--jobs", "2")[1]
        failed = {name for name, case in cases.items() if case["result"] == "fail"}
        check(failed == wanted, f"{switch}: not seen by {sorted(wanted - failed)}, seen by {sorted(failed - wanted)}")
    patient = {"about": "a", "source": "I", "rule": "read.x", "request": {"to": "fhir", "path": "Patient/erXuFYUfucBZaryVksYEcMg3"}, "expect": {"status": [200]}}
    bundle = "Condition?patient=erXuFYUfucBZaryVksYEcMg3&no-such=x"
    search = {**patient, "request": {"to": "fhir", "path": bundle}}
    wanted = [({**patient, "expect": {"status": [200], **expect}}, "fail", words) for expect, words in (
        ({"body": {"id": "x"}}, "id erXu"), ({"body": {"name.#": 3}}, "name.# 2"), ({"body": {"name.0.family": None}}, "name.0.family Lopez"), ({"body": {"active": False}}, "active true"),
        ({"body": {"name[use=usual].given.-1": "Camila"}}, "given.-1 Maria"), ({"body": ""}, "body"), ({"headers": {"E-Tag": None}}, "header e-tag"), ({"headers": {"X": "<any>"}}, "absent"),
        ({"headers": {"Pragma": "no-*x"}}, "no-cache"), ({"contains": ["Nobody"]}, "body with"), ({"lacks": ["Lopez"]}, "body without"), ({"entry": ["match Patient/x"]}, "entry"),
        ({"outcome": [{"code": "4101"}]}, "issue"), ({"issues": 1}, "no issues"), ({"total": 1}, "no total"), ({"entries": 1}, "entries 0"))]
    wanted += [({**search, "expect": {"status": [200], **expect}}, "fail", "") for expect in (
        {"entry": ["match Condition/*", "match Condition/*"]}, {"entry": ["outcome OperationOutcome", "match Condition/*", "match Condition/*"]}, {"outcome": []}, {"issues": 1},
        {"outcome": [{"code": "59204"}, {"code": "59100"}]}, {"outcome": [{"code": "59100", "severity": "fatal"}]}, {"entries": 3})]
    # a control that does not go the other way, and steps that do not hold
    wanted += [({**patient, **part}, result, "") for part, result in (
        ({"control": {"to": "fhir", "path": "Patient/erXuFYUfucBZaryVksYEcMg3"}}, "blocked"), ({"setup": {"switches": {"paging_s": "60"}}}, "blocked"),
        ({"steps": [{"to": "fhir", "path": "Patient/nobody"}]}, "blocked"), ({"steps": [{"to": "fhir", "path": "Patient/nobody", "expect": {"status": [410]}}]}, "fail"),
        ({"steps": [{"to": "fhir", "path": bundle, "keep": {"x": "link.7.url"}}]}, "blocked"), ({"setup": {"switches": {"no": "x"}}}, "error"))]
    for i, (case, _, _) in enumerate(wanted):
        write(f"{work}/seen/read/y_read_x_{i:02}.json", case)
    cases = results("--cases", f"{work}/seen")[1]
    for i, (case, result, words) in enumerate(wanted):
        got = cases[f"y_read_x_{i:02}"]
        check(got["result"] == result and words in (got["actual"] or ""), f"{case} is not {result}: {got}")


def choices(work):
    known = os.path.join(work, "known")
    write(known, "# a comment\nn_exp_window_* not today\n")
    status, cases = results("--switch", "exp.window=off", "--only", "n_exp_window*", "--known-failures", known)
    warned = {case["result"] for name, case in cases.items() if name.startswith("n_exp_window")}
    check(status == 0 and warned == {"warn"} and "not today" in cases["n_exp_window_now_plus_301"]["because"], f"known failures: {status} {warned}")
    status, cases = results("--only", "jti.replay", "--skip", "n_jti_replay_new*=slow")
    check(status == 0 and {c["id"]: c["result"] for c in cases.values()} == {"n_jti_replay_new_claims": "skip", "n_jti_replay_same_jwt": "pass"}
          and cases["n_jti_replay_new_claims"]["because"] == "slow", f"--skip: {cases}")
    for require, wanted in (("n_jti_replay_new*", 1), ("n_jti_replay_same*", 0), ("all", 1)):
        status = run("--only", "jti.replay", "--skip", "n_jti_replay_new*", "--require", require)[0]
        check(status == wanted, f"--require {require}: {status}")
    one, two = (results("--jobs", jobs, "--only", "token")[1] for jobs in ("1", "8"))
    differ = [(k, one.get(k), two.get(k)) for k in {**one, **two} if one.get(k, {}).get("result") != two.get(k, {}).get("result")]
    check([*one] == [*two] and not differ, f"the jobs change nothing: {differ}")


def another_server():
    """One that is there: cases that need the mock's admin API are left out, and a wrong client id blocks what is to be refused."""
    script = ('"$0" server --target "$EPIC_TOKEN_URL" --fhir "$EPIC_FHIR_BASE_URL" --client-id "$1" --key "$EPIC_PRIVATE_KEY_PATH" --format json '
              '--only bearer --only page --only jti.*')
    for client, wanted in (("$EPIC_BACKEND_CLIENT_ID", (0, {"pass", "skip"})), ("nobody", (1, {"blocked", "fail", "skip"}))):
        done = subprocess.run([os.path.join(BIN, "mock-epic"), "run", "--log-level", "error", "--", "sh", "-c", script.replace("$1", client), PROGRAM],
                              capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        found = {case["result"] for case in json.loads(done.stdout or '{"cases":[]}')["cases"]}
        check((done.returncode, found) == wanted, f"--target as {client}: {done.returncode} {found} {done.stderr[-300:]}")


def on_a_mock_that_runs():
    """An Epic of its own in it, with the profile, switches and seed that are asked for, which is gone afterwards."""
    for options, wanted in (("", {"pass"}), ("--profile smart --seed 7 --switch merged_status=301", {"pass", "skip"}), ("--switch deleted_status=404 --epic-version 2024-02", {"pass", "skip", "fail"})):
        script = f'"$0" server --on "$MOCK_EPIC_URL/mock" {options} --format json --only bearer --only n_access_told_deleted --only y_version* --jobs 2; "$1" instances >&2'
        done = subprocess.run([os.path.join(BIN, "mock-epic"), "run", "--log-level", "error", "--", "sh", "-c", script, PROGRAM, os.path.join(BIN, "mock-epic")],
                              capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        report = json.loads(done.stdout or '{"cases":[]}')
        found = {case["result"] for case in report["cases"]}
        check(found == wanted and done.stderr.startswith("[]"), f"--on {options}: {found} {done.stderr[-300:]}")
        check(report.get("seed") == ("7" if "seed" in options else None) and report.get("epic_version") == ("2024-02" if "2024" in options else None), f"--on {options}: {report.get('seed')}")
    for arguments, words in ((("--on", "http://127.0.0.1:9"), "127.0.0.1"), (("--on", "x"), "--on"), (("--on", "http://127.0.0.1:9", "--target", "http://127.0.0.1:9/token"), "--target")):
        status, out, err = run(*arguments)
        check(status in (2, 3) and words in err and not out, f"{arguments}: {status} {err}")


def what_cannot_run(work):
    case = {"about": "a", "source": "I", "rule": "iss.value", "request": {"to": "token"}, "expect": {"status": [200]}}
    for name, value, words in (("y_iss_value_x", {**case, "expects": {}}, "unknown member"), ("x_iss_value_x", case, "neither y_"), ("y_sub_value_x", case, "goes on with the rule"),
                               ("y_iss_value_x", {**case, "request": {"to": "mars"}}, "mars"), ("y_iss_value_x", {**case, "request": {"to": "token", "claims": {"a": "{{b}}"}}}, "{{b}}"),
                               ("y_iss_value_x", "{", "y_iss_value_x")):
        directory = os.path.join(work, "cases")
        write(f"{directory}/token/{name}.json", value)
        status, out, err = run("--cases", directory)
        check(status == 3 and words in out + err, f"{name} {value}: {status} {out} {err}")
        os.unlink(f"{directory}/token/{name}.json")
    for arguments, status, words in ((("--mock", "/nonexistent"), 3, "/nonexistent"), (("--mock", "/bin/false"), 3, "did not start"), (("--cases", work + "/none"), 3, "none"), (("--format", "xml"), 2, "format"),
                                     (("--report", "xml=x"), 2, "--report"), (("--only", "nothing"), 2, "--only"), (("--target", "https://x.example/token"), 2, "--client-id"),
                                     (("x",), 2, "operands")):
        got, out, err = run(*arguments)
        check(got == status and words in err and not out, f"{arguments}: {got} {err}")


def listing():
    status, out, _ = run("--format", "json", command="cases")
    listed = json.loads(out)
    files = {os.path.basename(name)[:-5] for _, _, names in os.walk(os.path.join(ROOT, "conformance/cases")) for name in names}
    check(status == 0 and {case["id"] for case in listed} == files, "cases lists every file")
    rules = {row["rule"] for row in json.loads(run("--format", "json", command="rules")[1])}
    tried = {case["rule"] for case in listed if case["group"] == "token"}
    check(not rules - tried and all(rule in rules or rule.startswith("answer.") for rule in tried), f"rules and token cases: {sorted(rules ^ tried)}")
    vectors = {name[:-5] for name in os.listdir(os.path.join(ROOT, "fixtures/jwt"))}
    named = [case_file(case).get("vector") for case in listed]
    check(vectors <= {*named} and {*named} - vectors == {None}, f"each file of fixtures/jwt has a case that names it: {sorted(vectors - {*named})}")
    for case in listed:
        check(re.match(r"[EOSRI?] ", case["source"]), f"{case['id']}: no evidence tag in {case['source']}")
    with open(os.path.join(ROOT, "mock_epic/FIDELITY.md"), encoding="utf-8") as file:
        check(file.read() == run("--format", "markdown", command="cases")[1], "mock_epic/FIDELITY.md is not what epic-conformance cases --format markdown prints")


with tempfile.TemporaryDirectory() as scratch:
    the_mock_passes(scratch)
    what_is_wrong_is_found()
    what_a_fhir_case_looks_at(scratch)
    choices(scratch)
    another_server()
    on_a_mock_that_runs()
    what_cannot_run(scratch)
    listing()
sys.exit(bad > 0)
