#!/usr/bin/python3
"""--fixtures, --strict, check-data, /mock/data and --app from outside: what is said about a folder and about what is wrong in it,
and when the server does not start."""
import gzip
import json
import os
import subprocess
import tempfile

import packs
from harness import FHIR, MOCK_EPIC, SLOW, Client, Mock, Suite, certificate, private_key

suite = Suite()
check = suite.check
PATIENT = '{"resourceType":"Patient","id":"%s"}'


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def refused(*options):
    return subprocess.run([MOCK_EPIC, "serve", "--listen", "127.0.0.1:0", *options], capture_output=True, text=True, timeout=20 * SLOW,
                          check=False)


def check_data(*arguments):
    return subprocess.run([MOCK_EPIC, "check-data", *arguments], capture_output=True, text=True, timeout=20 * SLOW, check=False)


def test_what_is_wrong():
    with tempfile.TemporaryDirectory() as folder:
        write(folder, "a.ndjson", PATIENT % "a" + '\n{"resourceType":"Patient","id":"b",}\n' + PATIENT % "c" + "\n")
        place = os.path.join(folder, "a.ndjson") + ":2:36: JSON: "
        with Mock("--fixtures", folder, "--no-default-fixtures") as mock:
            check(f"fixtures: {place}" in mock.log(), f"a broken line: {mock.log()}")
            data = mock.admin("GET", "/data")[1]
            check(data["types"] == {"Patient": 2} and data["left_out"] == 1 and data["notes"][0]["line"] == 2, f"/mock/data: {data}")
        done = refused("--fixtures", folder, "--strict")
        check(done.returncode == 3 and f"--strict: 1 left out, the first {place}" in done.stderr, f"--strict: {done}")
        done = check_data(folder)
        check(done.returncode == 1 and place in done.stdout and done.stdout.endswith(", 1 left out\n"), f"check-data: {done}")
        done = check_data("--format", "json", "--no-default-fixtures", folder)
        check(json.loads(done.stdout) == data, f"check-data as JSON: {done}")
        write(folder, "b.json", '{"resourceType":')
        done = refused("--fixtures", os.path.join(folder, "b.json"))
        check(done.returncode == 3 and "b.json:1:17: JSON: " in done.stderr, f"nothing left: {done}")
        check(check_data(os.path.join(folder, "b.json"), folder).returncode == 3, "check-data: nothing left of a path")
        check(check_data(os.path.join(folder, "none")).returncode == 3 and check_data().returncode == 2, "check-data: no file, no name")
        for name, content, why in (("empty.json", b"", "no resource in it"), ("cut.json.gz", gzip.compress(b"{}")[:-5], "gzip: cut short")):
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                file.write(content)
            done = check_data(path)
            check(done.returncode == 3 and f"{path}: {why}\n" in done.stdout, f"check-data: a path that gives nothing: {done}")
            os.remove(path)
        path = os.path.join(folder, "odd.json")
        with open(path, "w", encoding="ascii") as file:
            file.write((PATIENT % "x").replace("Patient", "patient") + "\n" + (PATIENT % "x").replace("Patient", "\\u001b[31mFoo\\n"))
        done = check_data("--no-default-fixtures", path)
        check(done.returncode == 0 and "patient: Epic has no type of that name" in done.stdout, f"check-data: a type that is none: {done}")
        check("\\x1b[31mFoo\\x0a: Epic has no type" in done.stdout, f"check-data: a type that a terminal would obey: {done}")
        os.remove(path)


def test_references():
    with tempfile.TemporaryDirectory() as folder:
        write(folder, "o.json", '{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/nobody"}}')
        check(check_data(folder).returncode == 0, "check-data: a reference that leads nowhere")
        check(check_data("--strict", folder).returncode == 1, "check-data --strict: a reference that leads nowhere")


def test_gzip():
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("a.ndjson.gz", PATIENT % "a" + "\n" + PATIENT % "b" + "\n"), ("c.json.gz", PATIENT % "c")):
            with gzip.open(os.path.join(folder, name), "wt") as file:
                file.write(text)
        with open(os.path.join(folder, "a.ndjson.gz"), "rb") as file:
            cut = file.read()[:-5]
        done = check_data("--no-default-fixtures", folder)
        check(done.returncode == 0 and done.stdout == "3 resources, 0 left out\n", f"gzip: {done}")
        with open(os.path.join(folder, "d.json.gz"), "wb") as file:
            file.write(cut)
        done = check_data("--no-default-fixtures", folder)
        check(done.returncode == 1 and "d.json.gz: gzip: cut short\n3 resources, 1 left out" in done.stdout, f"cut gzip: {done}")


def test_packs():
    made = list(packs.lines("core"))[-984:]
    with Mock("--fixtures", "@edge", "--fixtures", "@core") as mock:
        mock.register("app", certificate=certificate("rsa2048_a"))
        token = mock.post(Client(mock, "app", private_key("rsa2048_a")).jwt()).json()["access_token"]

        def get(path):
            return mock.request("GET", f"{FHIR}/{path}", headers=[f"Authorization: Bearer {token}", "Accept: application/fhir+json"])

        check(get("Patient/edge.empty").status == 200, "@edge")
        check(get("Patient/edge.many-119").status == 200 and get("Patient/edge.many-120").status == 404, "a template of @edge")
        path = "Observation?patient=eq081-VQEgP8drUUqCWzHfw3&category=vital-signs"
        page = get(path)
        bundle = page.json()
        check(bundle["total"] == 1000 and bundle["link"][0]["relation"] == "next", f"a page of 1,000: {bundle['total']}")
        count = get(path + "&_summary=count").json()["total"]
        check(count == 1056, f"more than 1,000 vital signs: {count}")
        served = page.body.decode()
        check(all(line in served for line in made[:900]), "copies of the template")
        last = json.loads(made[-1])
        check(get("Observation/" + last["id"]).body.decode() == made[-1], "the last copy, as it is made")
    done = refused("--fixtures", "@none")
    check(done.returncode == 3 and "there are the packs @core and @edge" in done.stderr, f"@none: {done}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        for link in ("l1", "l2"):
            os.symlink(".", os.path.join(folder, link))
        write(folder, "a.json", PATIENT % "a")
        os.mkfifo(os.path.join(folder, "fifo.ndjson"))
        write(folder, "o.json", '{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/nobody"}}')
        with Mock("--fixtures", folder) as mock:
            log = mock.log()
            check("l1: a folder that was met before" in log, f"a folder that leads to itself: {log}")
            check("fifo.ndjson: " in log, f"a FIFO: {log}")
            check("1 references name resources that are not loaded, e.g. Observation/o names Patient/nobody" in log, log)
    with tempfile.TemporaryDirectory() as folder:
        write(folder, "patients.txt", PATIENT % "a")
        with Mock("--fixtures", folder) as mock:
            check("no resource in it; 1 files whose names end in neither" in mock.log(), f"other names: {mock.log()}")
        with Mock("--app", folder) as mock:
            check("no app in it; none of its 1 names ends in .json" in mock.log(), f"a folder without apps: {mock.log()}")
        done = refused("--no-default-fixtures", "--fixtures", folder)
        check(done.returncode == 3 and "no resource in it" in done.stderr, f"nothing at all to serve: {done}")
    test_what_is_wrong()
    test_references()
    test_gzip()
    test_packs()
    suite.done(least=20)


main()
