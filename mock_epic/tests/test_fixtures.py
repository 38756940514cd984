#!/usr/bin/python3
"""--fixtures and --app from outside: what is said on stderr about a folder, and when the server does not start."""
import os
import subprocess
import tempfile

from harness import MOCK_EPIC, Mock, SLOW, Suite

suite = Suite()
check = suite.check
PATIENT = '{"resourceType":"Patient","id":"%s"}'


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def refused(*options):
    return subprocess.run([MOCK_EPIC, "serve", "--listen", "127.0.0.1:0", *options], capture_output=True, text=True, timeout=20 * SLOW,
                          check=False)


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
    suite.done(least=6)


main()
