#!/usr/bin/python3
"""Each scenario tells clients apart: the one that is shipped to be copied passes, and epic-auth, whose processes share a cache;
one that makes the mistake fails with a message that names it, and one that does nothing is not exercised."""
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "mock_epic", "tests"))
from harness import BIN, MOCK_EPIC, SANITIZER, SLOW, Suite  # noqa: E402

suite = Suite()
RIGHT = [os.path.join(ROOT, "mock_epic", "recipes", "python", "epic_client.py")]
OURS = [os.path.join(ROOT, "conformance", "scenarios", "clients", "epic_auth.sh")]
WRONG = os.path.join(ROOT, "conformance", "scenarios", "clients", "wrong.py")
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("EPIC_", "MOCK_EPIC_")) and not name.lower().endswith("_proxy")}
CLEAN["PATH"] = BIN + os.pathsep + CLEAN["PATH"]

# scenario: the mistake, and what the verdict says of it
MISTAKES = {
    "401-forever": ("hammers", "a server that refuses every token is not asked without end"),
    "401-with-valid-token": ("gives-up-when-refused", "a 401 is answered by a new token"),
    "403-forever": ("new-token-on-any-error", "403 is no reason for another token"),
    "429-retry-after-seconds": ("ignores-retry-after", "Retry-After is waited for"),
    "500-forever": ("hammers", "FHIR is not asked without end"),
    "503-retry-after-asctime": ("reads-seconds-only", "the date in Retry-After is waited for"),
    "503-retry-after-date": ("reads-seconds-only", "the date in Retry-After is waited for"),
    "503-retry-after-rfc850": ("reads-seconds-only", "the date in Retry-After is waited for"),
    "503-then-healed": ("reuses-assertion", "each request has one of its own"),
    "app-not-synced": ("hammers", "the token endpoint is not asked without end"),
    "certificate-replaced": ("old-key-for-ever", "a key that is not registered any more is not asked without end"),
    "clock-ahead-1h": ("own-clock", "the client gets a token although its clock is wrong"),
    "clock-ahead-20s": ("own-clock", "the client gets a token although its clock is wrong"),
    "clock-ahead-90s": ("own-clock", "the client gets a token although its clock is wrong"),
    "clock-behind-1h": ("own-clock", "the client gets a token although its clock is wrong"),
    "clock-behind-90s": ("own-clock", "the client gets a token although its clock is wrong"),
    "clock-stepped-back-1h": ("own-clock", "a 401 is answered by a new token"),
    "clock-stepped-forward-1h": ("own-clock", "a 401 is answered by a new token"),
    "empty-page": ("stops-at-an-empty-page", "every page is fetched, or data is lost"),
    "expired-at-birth": ("hammers", "a server that refuses every token is not asked without end"),
    "expires-in-float": ("wants-an-integer", "the token is used"),
    "expires-in-garbage": ("adds-expires-in", "the token is used"),
    "expires-in-huge": ("counts-in-dates", "the token is used"),
    "expires-in-missing": ("adds-expires-in", "the token is used"),
    "expires-in-negative": ("asks-until-fresh", "a token is asked for at most once for each request"),
    "expires-in-null": ("adds-expires-in", "the token is used"),
    "expires-in-string": ("adds-expires-in", "the token is used"),
    "expires-in-zero": ("asks-until-fresh", "a token is asked for at most once for each request"),
    "fhir-503-then-healed": ("new-token-on-any-error", "503 is no reason for another token"),
    "fhir-empty-200": ("hammers", "FHIR is not asked without end"),
    "fhir-gzip": ("hammers", "FHIR is not asked without end"),
    "fhir-html-200": ("new-token-on-any-error", "a page is no reason for another token"),
    "fhir-html-502": ("new-token-on-any-error", "502 is no reason for another token"),
    "fhir-outcome-200": ("hammers", "FHIR is not asked without end"),
    "fhir-redirect-foreign": ("follows-redirects", "the token goes to no other host"),
    "fhir-redirect-loop": ("follows-redirects", "a redirect in a circle is not asked without end"),
    "fhir-redirect-same": ("drops-token-on-redirect", "nothing is sent without a good token"),
    "html-502": ("bearer-none", "nothing is sent without a good token"),
    "jwks-url-down": ("hammers", "the token endpoint is not asked without end"),
    "jwks-url-html": ("hammers", "the token endpoint is not asked without end"),
    "key-rotated-with-overlap": ("old-kid", "either key is taken, with its own kid"),
    "key-rotated-without-overlap": ("old-key-for-ever", "a key that is not registered any more is not asked without end"),
    "last-page-links-to-itself": ("no-loop-guard", "the same page is not asked without end"),
    "lifetime-300s": ("margin-of-five-minutes", "a token of five minutes serves more than one request"),
    "lifetime-301": ("long-assertion", "no assertion lives longer than 300 s"),
    "lifetime-60s": ("margin-of-five-minutes", "a token of a minute serves more than one request"),
    "next-link-blank": ("links-without-token", "nothing is sent without a good token"),
    "next-link-capitals": ("wants-absolute-links", "every page is fetched, or data is lost"),
    "next-link-foreign": ("follows-links-anywhere", "the token goes to no other host"),
    "next-link-long": ("cuts-long-urls", "every page is fetched, or data is lost"),
    "next-link-loop": ("no-loop-guard", "the same page is not asked without end"),
    "next-link-query": ("wants-absolute-links", "every page is fetched, or data is lost"),
    "next-link-relative": ("wants-absolute-links", "every page is fetched, or data is lost"),
    "next-link-rooted": ("wants-absolute-links", "every page is fetched, or data is lost"),
    "odd-entries": ("wants-a-resource-in-each-entry", "every page is fetched, or data is lost"),
    "page-503-mid-search": ("ignores-retry-after", "Retry-After is waited for"),
    "page-gone-4113": ("hammers", "a link that has expired is not asked without end"),
    "page-of-8-mb": ("wants-small-pages", "every page is fetched, or data is lost"),
    "real-lifetime-2s": ("gives-up-when-refused", "a 401 is answered by a new token"),
    "refused-with-401": ("hammers", "the token endpoint is not asked without end"),
    "replayed-jti": ("reuses-assertion", "each request has one of its own"),
    "reset-before-answer": ("new-token-on-any-error", "a lost connection is no reason for another token"),
    "reset-mid-answer": ("hammers", "FHIR is not asked without end"),
    "retry-after-too-long": ("ignores-retry-after", "Retry-After is kept to"),
    "revoked-mid-life": ("never-refreshes", "a refused token is not sent again"),
    "search-refused": ("hammers", "what was refused for good is not asked without end"),
    "slow-drip": ("impatient", "an answer that keeps coming is waited for"),
    "ten-clients-renew": ("jti-by-second", "each request has one of its own"),
    "token-429": ("ignores-retry-after", "Retry-After is waited for"),
    "token-503-json": ("reuses-assertion", "each request has one of its own"),
    "token-endpoint-down": ("hammers", "the token endpoint is not asked without end"),
    "token-endpoint-down-at-renewal": ("hammers", "the token endpoint is not asked without end"),
    "token-expires-between-pages": ("never-refreshes", "a 401 is answered by a new token"),
    "token-gzip": ("hammers", "the token endpoint is not asked without end"),
    "token-html-200": ("bearer-none", "nothing is sent without a good token"),
    "token-is-opaque": ("decodes-token", "the token is used"),
    "token-redirect-foreign": ("follows-redirects", "the assertion goes nowhere else"),
    "token-retry-after-too-long": ("ignores-retry-after", "Retry-After is kept to"),
    "token-without-access-token": ("bearer-none", "nothing is sent without a good token"),
    "truncated-page": ("hammers", "a page that never comes whole is not asked without end"),
    "truncated-token": ("reuses-assertion", "each request has one of its own"),
    "unknown-members": ("knows-its-members-only", "the token is used"),
    "wrong-content-length": ("hammers", "FHIR is not asked without end"),
}
# and other mistakes that people make there
MORE = (
    ("401-with-valid-token", "returns-the-first401", "what was refused is asked for again"),
    ("403-forever", "new-token-when-forbidden", "403 is no reason for another token"),
    ("429-retry-after-seconds", "waits-a-second-at-most", "Retry-After is waited for"),
    ("503-then-healed", "gives-up-at-once", "what may pass is tried again"),
    ("certificate-replaced", "reads-its-key-once", "a new token is got with the new key"),
    ("clock-stepped-back-1h", "gives-up-when-refused", "what was refused is asked for again"),
    ("empty-page", "counts-pages", "every page is fetched, or data is lost"),
    ("fhir-503-then-healed", "gives-up-at-once", "what may pass is tried again"),
    ("html-502", "gives-up-at-once", "what may pass is tried again"),
    ("key-rotated-without-overlap", "reads-its-key-once", "a new token is got with the new key"),
    ("lifetime-300s", "counts-in-milliseconds", "a token of five minutes serves more than one request"),
    ("lifetime-60s", "counts-in-milliseconds", "a token of a minute serves more than one request"),
    ("next-link-rooted", "links-from-the-base", "every page is fetched, or data is lost"),
    ("real-lifetime-2s", "returns-the-first401", "what was refused is asked for again"),
    ("retry-after-too-long", "waits-a-second-at-most", "Retry-After is kept to"),
    ("revoked-mid-life", "returns-the-first401", "what was refused is asked for again"),
    ("token-503-json", "gives-up-at-once", "what may pass is tried again"),
    ("token-expires-between-pages", "gives-up-when-refused", "a 401 is answered by a new token"),
)
FIRST = ("token-expires-between-pages", "clock-ahead-90s", "429-retry-after-seconds", "expires-in-string", "revoked-mid-life")


def run(name, command):
    """The verdict, and all that was said."""
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run([MOCK_EPIC, "run", "--scenario", name, "--timeout", str(60 * SLOW), "--", *command], cwd=directory,
                              env=CLEAN, capture_output=True, text=True)
    verdict = re.search(rf"^mock-epic: scenario {name}: (pass|fail|not exercised)", done.stderr, re.M)
    return verdict and verdict.group(1), done.returncode, done.stderr


def check(task):
    """Who does not wait as long as he should has waited where the machine stood still meanwhile: he is tried again."""
    name, command, wanted, text = task
    for _ in range(5 if "waited for" in text or "kept to" in text else 1):
        verdict, status, said = run(name, command)
        if verdict == wanted:
            break
    good = verdict == wanted and status == (wanted == "fail") and text in said
    return good, f"{name} with {os.path.basename(command[0])} {' '.join(command[1:])}: {verdict}, not {wanted}: {text}\n{said}"


def main():
    told = subprocess.run([MOCK_EPIC, "scenarios", "--format", "json"], capture_output=True, text=True, check=True).stdout
    known = sorted(one["name"] for one in json.loads(told))
    suite.check(known == sorted(MISTAKES), f"a row for each scenario: {set(known) ^ set(MISTAKES)}")
    names = FIRST if SANITIZER else known
    tasks = [(name, right, "pass", "") for name in names for right in (RIGHT, OURS)] + [(name, ["true"], "not exercised", "the client asked nothing") for name in names]
    tasks += [(name, [WRONG, MISTAKES[name][0]], "fail", MISTAKES[name][1]) for name in names]
    tasks += [(name, [WRONG, mistake], "fail", text) for name, mistake, text in MORE if name in names]
    with ThreadPoolExecutor(2 * (os.cpu_count() or 1)) as pool:
        for good, message in pool.map(check, tasks):
            suite.check(good, message)
    suite.done(len(tasks))


main()
