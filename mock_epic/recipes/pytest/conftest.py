"""A fixture `epic`: the mock that the tests run in, or one that is started for them.

    mock-epic run -- pytest        one mock around all tests
    pytest                         the same, started here; mock-epic must be in PATH
    mock-epic run -- pytest -n 4   with pytest-xdist: each worker has an Epic of its own in that mock, with its own clock

Tests find EPIC_TOKEN_URL and the rest in os.environ. What a test did to the clock, the tokens and the journal is undone when
it ends."""
import json
import os
import subprocess
import tempfile

import pytest


class Epic:
    """The admin API: epic("clock", "advance", "3600") gives what it answers."""

    def __call__(self, *words):
        done = subprocess.run(["mock-epic", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise AssertionError(done.stderr)
        return json.loads(done.stdout) if done.stdout else None

    def advance_clock(self, seconds):
        return self("clock", "advance", str(seconds))

    def age_tokens(self, seconds):
        """Issued tokens are older; no clock moves."""
        return self("tokens", "age", str(seconds))

    def refusals(self):
        """Why token requests were refused: a list of (rule, actual, fix) for each, the newest first."""
        entries = self("journal", "--kind", "token")
        return [[(v["rule"], v["actual"], v["fix"]) for v in entry["verdicts"] if v["result"] == "fail"]
                for entry in entries if entry["outcome"] == "refused"]


def own_instance(epic, worker):
    """An Epic for this worker alone: same apps and data, its own time, tokens and journal."""
    made = epic("instances", "add", worker)
    os.environ.update(EPIC_TOKEN_URL=made["token_url"], EPIC_FHIR_BASE_URL=made["fhir_base_url"],
                      MOCK_EPIC_URL=made["admin_url"].removesuffix("/mock"))


@pytest.fixture(scope="session")
def running_epic():
    if os.environ.get("MOCK_EPIC_URL"):
        if os.environ.get("PYTEST_XDIST_WORKER"):
            own_instance(Epic(), os.environ["PYTEST_XDIST_WORKER"])
        yield Epic()
        return
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "epic.env")
        with subprocess.Popen(["mock-epic", "serve", "--listen", "127.0.0.1:0", "--env-file", path],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
            server.stdout.readline()  # it is ready
            with open(path, encoding="ascii") as file:
                os.environ.update(line.rstrip("\n").split("=", 1) for line in file)
            yield Epic()
            server.terminate()


@pytest.fixture
def epic(running_epic):  # pylint: disable=redefined-outer-name
    yield running_epic
    running_epic("reset", "clock", "tokens", "jti", "journal")
