#!/usr/bin/env python3
"""Reports as other people's programs read them: TAP by Perl's TAP::Parser, JUnit by xmllint and Python's junitparser, JSON and HTML by
Python, SARIF by its schema. What is read back is what was written, hostile texts included."""
import html.parser
import json
import os
import re
import subprocess
import sys

import junitparser

WRITER = os.path.join(os.environ["EPIC_BIN_DIR"], os.pardir, "tests", "auth_report.test_formats")
RESULTS = ("pass", "fail", "warn", "skip", "blocked", "not_exercised", "error")
bad = 0


def check(condition, message):
    global bad
    if not condition:
        bad += 1
        print("BAD ", message)


def write(name):
    return subprocess.run([WRITER, name], capture_output=True, check=True, timeout=60).stdout


READ_TAP = r"""
use TAP::Parser; local $/; my $p = TAP::Parser->new({tap => <STDIN>});
while (my $r = $p->next) {
    print join("|", $r->number, $r->is_ok ? 1 : 0, $r->has_skip ? 1 : 0), "\n" if $r->is_test;
    print "yaml ", ($r->data->{result} // "?"), " ", ($r->data->{source} // "?"), "\n" if $r->is_yaml;
    print "unknown ", $r->as_string, "\n" if $r->is_unknown;
}
print join("|", "end", scalar($p->parse_errors), $p->tests_planned, $p->tests_run, $p->failed + 0), "\n";
print "$_\n" for $p->parse_errors;
"""


def tap():
    text = write("tap13")
    read = subprocess.run(["perl", "-e", READ_TAP], input=text, capture_output=True, check=True, timeout=60).stdout.decode().splitlines()
    check(read == ["1|1|0", "2|0|0", "yaml fail R RFC 7519 4.1.4", "3|1|0", "yaml warn R RFC 7519 4.1.4", "4|1|1", "5|1|1", "6|1|1",
                   "7|0|0", "yaml error R RFC 7519 4.1.4", "end|0|7|7|2"], f"TAP 13: {read}")
    newer = write("tap")
    check(newer.replace(b"version 14", b"version 13", 1) == text, "TAP 14 differs by more than its version")
    # the reader can tell: one line too few
    broken = subprocess.run(["perl", "-e", READ_TAP], input=text.replace(b"1..7", b"1..8"), capture_output=True, check=True, timeout=60).stdout
    check(b"end|1" in broken, "a broken plan was not seen")


def junit():
    text = write("junit")
    done = subprocess.run(["xmllint", "--noout", "-"], input=text, capture_output=True, check=False, timeout=60)
    check(done.returncode == 0 and not done.stderr, f"xmllint: {done.stderr}")
    suites = junitparser.JUnitXml.fromstring(text)
    read = {case.name.split(" ")[0]: case for suite in suites for case in suite}
    check(len(read) == 7 and sorted(read) == sorted("case_" + name for name in RESULTS), f"JUnit cases: {sorted(read)}")
    kinds = {name: [type(part).__name__ for part in read["case_" + name].result] for name in RESULTS}
    check(kinds == {"pass": [], "fail": ["Failure"], "warn": [], "skip": ["Skipped"], "blocked": ["Skipped"], "not_exercised": ["Skipped"],
                    "error": ["Error"]}, f"JUnit results: {kinds}")
    check((suites.tests, suites.failures, suites.errors) == (7, 1, 1), "JUnit counts of all")
    counted = [(suite.tests, suite.failures, suite.errors, suite.skipped) for suite in suites]
    check(counted == [(3, 1, 0, 0), (4, 0, 1, 3)], f"JUnit counts: {counted}")
    check(abs(read["case_fail"].time - 1.500001) < 1e-9, "JUnit time")
    failure = read["case_fail"].result[0]
    check("a & b < c > \"d\" 'e'" in failure.message and "fix: fix" in failure.text and "journal entry: 18" in failure.text,
          f"JUnit failure: {failure.message!r} {failure.text!r}")


def as_json():
    report = json.loads(write("json"))
    check(list(report) == ["tool", "version", "command", "profile", "epic_version", "seed", "date", "target", "result", "counts", "groups",
                           "cases"], f"members: {list(report)}")
    check(report["result"] == "findings" and report["date"] == "2026-09-21T14:13:20Z" and report["epic_version"] is None, "about")
    check(report["counts"] == {name: 1 for name in RESULTS}, f"counts: {report['counts']}")
    check(report["groups"]["token"] == {"pass": 1, "total": 3}, f"groups: {report['groups']}")
    case = report["cases"][1]
    check(list(case) == ["id", "group", "result", "because", "expected", "actual", "fix", "source", "evidence", "ms", "again"], f"case: {list(case)}")
    check(case["evidence"] == ["17", "18"] and case["ms"] == 1500.001 and "line\nend é" in case["actual"], f"case: {case}")
    check(report["cases"][3]["ms"] is None, "a time that was not measured")


def ctrf():
    """The members that the format demands (ctrf.io), and counts that add up."""
    results = json.loads(write("ctrf"))["results"]
    summary = results["summary"]
    check(results["tool"]["name"] == "epic-conformance", "tool")
    check(summary["tests"] == 7 == sum(summary[name] for name in ("passed", "failed", "pending", "skipped", "other")), f"summary: {summary}")
    check(summary["start"] == 1790000000000 < summary["stop"], "times in milliseconds")
    for test in results["tests"]:
        check(isinstance(test["name"], str) and isinstance(test["duration"], int) and test["status"] in ("passed", "failed", "skipped", "pending", "other"),
              f"test: {test}")


def sarif():
    """The schema that is published for SARIF 2.1.0, of the npm package @microsoft/jest-sarif, and what code scanning wants besides."""
    text = write("sarif")
    root = os.environ["EPIC_SOURCE_DIR"]
    done = subprocess.run([os.path.join(root, ".ci/run_node"), os.path.join(root, "auth/report/validate"), "validate.mjs"], input=text, capture_output=True,
                          check=False, timeout=300)
    check(done.returncode == 0 and done.stdout == b"valid\n", f"SARIF: {done.stdout.decode()} {done.stderr.decode()}")
    run, = json.loads(text)["runs"]
    found = {result["ruleId"].split(" ")[0]: (result["kind"], result["level"]) for result in run["results"]}
    check(found == {"case_pass": ("pass", "none"), "case_fail": ("fail", "error"), "case_warn": ("fail", "warning"), "case_skip": ("notApplicable", "none"),
                    "case_blocked": ("open", "none"), "case_not_exercised": ("open", "none"), "case_error": ("fail", "error")}, f"SARIF kinds: {found}")
    for i, result in enumerate(run["results"]):
        check(result["ruleIndex"] == i and run["tool"]["driver"]["rules"][i]["id"] == result["ruleId"], "a result's rule")
        check(re.fullmatch(r"[A-Za-z0-9._~%/-]+", result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]), "a result's place")
    check("fix: fix" in run["results"][1]["message"]["text"] and "actual: actual a & b" in run["results"][1]["message"]["text"], "a result's message")


class Page(html.parser.HTMLParser):
    """Elements that are opened and closed, and whatever would fetch something or run."""

    def __init__(self, text):
        super().__init__()
        self.open, self.wrong, self.facts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "link", "img", "iframe", "object", "a", "form") or any(name in ("src", "href") or name.startswith("on") for name, _ in attrs):
            self.wrong.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append("/" + tag)

    def handle_data(self, data):
        if self.open and self.open[-1] in ("dd", "code", "h2", "summary"):
            self.facts.append(data)


def as_html():
    text = write("html").decode()
    page = Page(text)
    check(text.startswith("<!DOCTYPE html>") and not page.open and not page.wrong, f"HTML: {page.open} {page.wrong}")
    check("default-src 'none'" in text and "url(" not in text and "//" not in text, "HTML: nothing is fetched")
    seen = " ".join(page.facts)
    check("a & b < c > \"d\" 'e' # f" in seen and "epic-conformance --only" not in seen and "R RFC 7519 4.1.4" in seen, f"HTML texts: {seen[:300]}")
    check(text.count("<details open>") == 5 and text.count("<details>") == 2 and text.count('<details class="group">') == 2 and text.index("case_error") < text.index("case_pass"),
          "HTML: what passed and what was skipped is folded, and comes last")


tap()
junit()
sarif()
as_html()
as_json()
ctrf()
sys.exit(bad > 0)
