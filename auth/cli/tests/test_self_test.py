#!/usr/bin/env python3
"""`epic-auth test` and `doctor`: what works is told with its times, what does not with its reason and a way on; the exit
status is the first failure's; JSON says the same; nothing after a failed token is tried; no name of a patient is printed.
And completion, which must know every command and option."""
import json
import os
import subprocess
import sys
import tempfile

BIN = os.environ["EPIC_BIN_DIR"]
EPIC_AUTH, MOCK_EPIC = os.path.join(BIN, "epic-auth"), os.path.join(BIN, "mock-epic")
SLOW = int(os.environ.get("EPIC_SLOW") or 3)
KEYS = os.path.join(os.environ["EPIC_FIXTURES_DIR"], "keys")
KEY, CERT = os.path.join(KEYS, "rsa2048_a.TESTKEY.pem"), os.path.join(KEYS, "rsa2048_a.cert.pem")
OTHER = os.path.join(KEYS, "rsa2048_b.TESTKEY.pem")
failed = []


def run(*command, folder, **environment):
    return subprocess.run(command, capture_output=True, text=True, timeout=60 * SLOW, check=False, cwd=folder,
                          stdin=subprocess.DEVNULL, env={"PATH": BIN + os.pathsep + os.environ["PATH"], **environment})


def expect(name, is_so, done):
    if not is_so:
        failed.append(name)
        print(f"FAILED: {name}: status {done.returncode}\n{done.stdout}{done.stderr}")


# shell words before `epic-auth test`, its options, exit status, results by step, what is said
TESTS = (
    ("", "", 0, "ok ok ok ok ok", " of category laboratory, all pages"),
    ("", "--category vital-signs --patient eq081-VQEgP8drUUqCWzHfw3", 0, "ok ok ok ok ok", " of category vital-signs, all pages"),
    ("", "--category nonsense", 8, "ok ok ok ok failed", "Invalid category: nonsense"),
    ("", "--patient nobody", 7, "ok ok ok failed failed", "--patient ID names one of yours"),
    (f"EPIC_PRIVATE_KEY_PATH={OTHER}", "", 5, "ok failed skipped skipped skipped", "invalid_client"),
    ("EPIC_PRIVATE_KEY_PATH=/nonexistent", "", 3, "failed skipped skipped skipped skipped", "config show"),
    ("EPIC_TOKEN_URL=${EPIC_TOKEN_URL%/token}", "", 8, "ok failed skipped skipped skipped", "/token is missing"),
    ("EPIC_TOKEN_URL=http://127.0.0.1:9/oauth2/token", "--timeout 5", 4, "ok failed skipped skipped skipped", "reachable"),
    ("EPIC_FHIR_BASE_URL=${EPIC_TOKEN_URL%/oauth2/token}/api/FHIR", "", 8, "ok ok failed failed failed", "/R4 is missing"),
)


def check_tests(folder):
    for words, options, status, results, says in TESTS:
        command = f"{words} epic-auth test {options}".strip()
        done = run(MOCK_EPIC, "run", "--", "sh", "-c", command, folder=folder)
        expect(command, done.returncode == status and says in done.stdout, done)
        expect(command + ": no names", "Lopez" not in done.stdout and "Camila" not in done.stdout, done)
        done = run(MOCK_EPIC, "run", "--", "sh", "-c", command + " -f json", folder=folder)
        report = json.loads(done.stdout)
        expect(command + " as JSON", " ".join(step["result"] for step in report["steps"]) == results and
               report["exit"] == status == done.returncode and report["result"] == ("ok" if status == 0 else "failed"), done)
        for step in report["steps"]:
            expect(command + ": times", (step["result"] == "skipped") != ("ms" in step), done)


def check_doctor(folder):
    good = {"EPIC_BACKEND_CLIENT_ID": "me", "EPIC_TOKEN_URL": "https://h.example/oauth2/token",
            "EPIC_FHIR_BASE_URL": "https://h.example/api/FHIR/R4", "EPIC_PRIVATE_KEY_PATH": KEY}
    rows = (
        ({}, ("--cert", CERT), 0, "of this key; the app page must show SHA-1"),
        ({}, ("--cert", os.path.join(KEYS, "rsa2048_b.cert.pem")), 3, "another key than the private one"),
        ({}, ("--jwks", os.path.join(KEYS, "rsa2048_a.jwks.json"), "--key-id", "nobody"), 3, "another kid"),
        ({}, ("--jwks", os.path.join(KEYS, "p256_a.jwks.json")), 3, "is not in it"),
        ({"EPIC_TOKEN_URL": "https://h.example/oauth2"}, (), 0, "/token is missing at its end"),
        ({"EPIC_FHIR_BASE_URL": "https://other.example/api/FHIR/R4"}, (), 0, "different hosts"),
        ({"EPIC_TOKEN_URL": "h.example/oauth2/token"}, (), 3, "http"),
        ({"EPIC_TOKEN_URL": "http://h.example/oauth2/token"}, (), 3, "EPIC_ALLOW_PLAIN_HTTP"),
        ({"EPIC_CA_FILE": KEY}, (), 3, "no PEM certificate"),
        ({"EPIC_PRIVATE_KEY_PATH": CERT}, (), 3, "an X.509 certificate"),
        ({"EPIC_BACKEND_CLIENT_ID": ""}, (), 3, "EPIC_BACKEND_CLIENT_ID is empty (environment)"),
        ({"EPIC_BACKEND_CLIENT_ID": " me"}, (), 0, "white space"),
    )
    for changes, options, status, says in rows:
        done = run(EPIC_AUTH, "doctor", *options, folder=folder, **{**good, **changes})
        expect(f"doctor {changes} {options}", done.returncode == status and says in done.stdout, done)
        done = run(EPIC_AUTH, "doctor", "-f", "json", *options, folder=folder, **{**good, **changes})
        expect("doctor as JSON", json.loads(done.stdout)["exit"] == status, done)


def check_completion(folder):
    helped = run(EPIC_AUTH, "--help", folder=folder).stdout
    commands = [line.split()[0] for line in helped.splitlines() if line.startswith("  ")]
    script = ('eval "$(epic-auth completion bash)"; COMP_CWORD=$(($# - 1)); COMP_WORDS=("$@"); _epic_auth "$1"; '
              'echo "${COMPREPLY[*]}"')
    done = run("bash", "-c", script, "x", "epic-auth", "", folder=folder)
    expect("commands are completed", set(done.stdout.split()) == set(commands) and "test" in commands, done)
    for command in commands:
        done = run("bash", "-c", script, "x", "epic-auth", command, "--", folder=folder)
        options = {word.strip(",") for word in run(EPIC_AUTH, command, "--help", folder=folder).stdout.split()
                   if word.startswith("--") and word not in ("--")}
        expect(f"options of {command}", set(done.stdout.split()) <= options and "--help" in done.stdout.split(), done)
    for shell in ("bash", "zsh", "fish"):
        script = run(EPIC_AUTH, "completion", shell, folder=folder).stdout
        expect(shell, all(program in script for program in ("epic-auth", "mock-epic", "epic-conformance")), done)
    done = run(EPIC_AUTH, "completion", "tcsh", folder=folder)
    expect("another shell", done.returncode == 2, done)
    done = run(EPIC_AUTH, "version", "--json", folder=folder)
    expect("version", json.loads(done.stdout)["name"] == "epic-auth", done)


def check_dry_run(folder):
    done = run(EPIC_AUTH, "assertion", "--dry-run", "--client-id", "me", "--private-key", KEY, "--token-url",
               "https://h.example:8443/oauth2/token", folder=folder)
    expect("a dry run", done.returncode == 0 and "\nHost: h.example:8443\n" in done.stdout, done)
    with open(os.path.join(folder, "request"), "w", encoding="utf-8", newline="") as file:
        file.write(done.stdout)
    done = run(os.path.join(BIN, "epic-conformance"), "jwt", "--request", "request", "--cert", CERT, "--client-id", "me",
               "--token-url", "https://h.example:8443/oauth2/token", folder=folder)
    expect("a judge takes it", done.returncode == 0, done)


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_tests(folder)
        check_doctor(folder)
        check_completion(folder)
        check_dry_run(folder)
    return 1 if failed else 0


sys.exit(main())
