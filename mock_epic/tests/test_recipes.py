#!/usr/bin/python3
"""The files of mock_epic/recipes do what they are copied for: their commands are run here as a CI system would, step by step."""
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile

import yaml

from harness import BIN, MOCK_EPIC, SLOW, Suite, eventually

suite = Suite()
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
RECIPES = os.path.join(ROOT, "mock_epic", "recipes")
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("EPIC_", "MOCK_EPIC_", "PYTEST_")) and not name.lower().endswith("_proxy")}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def read(name):
    with open(os.path.join(RECIPES, name), encoding="utf-8") as file:
        return file.read()


def settings_of(command):
    """The variables of a command's options."""
    told = subprocess.run([MOCK_EPIC, command, "--help"], capture_output=True, text=True, check=True).stdout
    names = re.findall(r"^(?:  -\w, |      )--([a-z-]+)", told, re.M)
    return {"MOCK_EPIC_" + name.upper().replace("-", "_") for name in names} | {"MOCK_EPIC_ADMIN_TOKEN", "MOCK_EPIC_URL"}


class Machine:
    """A runner: a checkout with the pytest recipe in it, `pytest` and our programs in PATH."""

    def __init__(self, port):
        self.work = tempfile.mkdtemp(prefix="recipe-")
        shutil.copytree(os.path.join(RECIPES, "pytest"), self.work, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        tools = os.path.join(self.work, "tools")
        os.mkdir(tools)
        with open(os.path.join(tools, "pytest"), "w", encoding="ascii") as file:
            file.write('#!/bin/sh\nexec /usr/bin/python3 -B -m pytest -q -p no:cacheprovider "$@"\n')
        os.chmod(os.path.join(tools, "pytest"), 0o755)
        self.env = {**CLEAN, "PATH": os.pathsep.join((tools, BIN, CLEAN["PATH"])), "TMPDIR": self.work, "GITHUB_ENV": os.path.join(self.work, "github.env"),
                    "MOCK_EPIC_LISTEN": f"127.0.0.1:{port}", "MOCK_EPIC_URL": f"http://127.0.0.1:{port}"}
        self.servers = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.terminate()
            server.wait()
        shutil.rmtree(self.work)

    def service(self, env):
        """What the image runs: mock-epic serve, with a service's variables."""
        unknown = {name for name in env if name.startswith("MOCK_EPIC_")} - settings_of("serve")
        suite.check(not unknown, f"variables that are no option: {unknown}")
        server = subprocess.Popen([MOCK_EPIC, "serve"], env={**self.env, **env}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=self.work)
        suite.check(server.stdout.readline().startswith("{"), f"the service is ready with {env}")
        self.servers.append(server)

    def step(self, name, script, env=None):
        """Its own process group, so that what it leaves in the background can be ended with the machine."""
        out = os.path.join(self.work, "step.log")
        with open(out, "w+", encoding="utf-8") as log:
            process = subprocess.Popen(["bash", "-e", "-o", "pipefail", "-c", script], env={**self.env, **(env or {})}, cwd=self.work, stdout=log, stderr=log,
                                       stdin=subprocess.DEVNULL, start_new_session=True)
            status = process.wait(120 * SLOW)
            log.seek(0)
            said = log.read()
        suite.check(status == 0, f"{name}: {status} {said[-1500:]}")
        if os.path.exists(self.env["GITHUB_ENV"]):
            with open(self.env["GITHUB_ENV"], encoding="ascii") as file:
                self.env.update(line.rstrip("\n").split("=", 1) for line in file)
        return said, process.pid


def pytest_recipe():
    with Machine(0) as machine:
        said, _ = machine.step("mock-epic run -- pytest", "env -u MOCK_EPIC_URL -u MOCK_EPIC_LISTEN mock-epic run -- pytest")
        suite.check("3 passed" in said, said)
        said, _ = machine.step("pytest alone", "env -u MOCK_EPIC_URL -u MOCK_EPIC_LISTEN pytest")
        suite.check("3 passed" in said, said)


PARALLEL = """
import time
import pytest
from test_epic import CAMILA, Client

# Two workers, some tests each: whichever runs moves its clock by hours and back, and reads as if it were alone.
@pytest.mark.parametrize("n", range(8))
def test_alone(epic, n):
    for _ in range(2):
        assert Client().read(CAMILA)["id"]
        assert epic.refusals() == []
        epic.advance_clock(3600 * (n + 1))
        assert epic("clock")["offset_s"] == 3600 * (n + 1)
        with pytest.raises(Exception):
            Client().read(CAMILA)
        epic("reset", "clock", "journal")
"""


def xdist_recipe():
    with Machine(0) as machine:
        with open(os.path.join(machine.work, "test_parallel.py"), "w", encoding="ascii") as file:
            file.write(PARALLEL)
        said, _ = machine.step("two workers", "env -u MOCK_EPIC_URL -u MOCK_EPIC_LISTEN mock-epic run -- pytest -n 2")
        suite.check("11 passed" in said, said)
        said, _ = machine.step("two workers alone", "env -u MOCK_EPIC_URL -u MOCK_EPIC_LISTEN pytest -n 2 test_epic.py")
        suite.check("3 passed" in said, said)


def with_port(text, port):
    """On this machine names of other containers are its own, and any port may be taken."""
    return re.sub(r"\b(?:localhost|epic):8423", f"localhost:{port}", text)


def signal_group(group, number):
    """False when nobody is left in it."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def github_actions():
    for job in ("one-command", "several-steps", "service"):
        port = free_port()
        recipe = yaml.safe_load(with_port(read("github-actions.yml"), port))["jobs"][job]
        with Machine(port) as machine:
            for service in recipe.get("services", {}).values():
                machine.service(service["env"])
            groups = []
            for step in recipe["steps"]:
                if "run" not in step or step["name"].startswith("Build"):
                    continue
                said, group = machine.step(f"{job}: {step['name']}", step["run"], recipe.get("env"))
                groups.append(group)
                suite.check(step["name"] != "Test" or "3 passed" in said, f"{job}: {said}")
            for group in groups:
                signal_group(group, signal.SIGTERM)
                suite.check(eventually(lambda group=group: not signal_group(group, 0)), f"{job}: what runs in the background ends")
        suite.check(groups, f"{job}: steps were run")


def gitlab():
    for job in ("tests", "tests-with-a-service"):
        port = free_port()
        recipe = yaml.safe_load(with_port(read("gitlab-ci.yml"), port))[job]
        with Machine(port) as machine:
            for service in recipe.get("services", ()):
                machine.service(service["variables"])
            said, _ = machine.step(job, "\n".join(recipe["script"]), {name: value for name, value in recipe["variables"].items() if not name.startswith("GIT_")})
            suite.check("3 passed" in said, f"{job}: {said}")


def compose():
    port = free_port()
    with Machine(port) as machine:
        recipe = yaml.safe_load(with_port(read("compose.yaml"), port).replace("/shared", machine.work))
        epic, tests = recipe["services"]["epic"], recipe["services"]["tests"]
        machine.service(epic["environment"])
        test = epic["healthcheck"]["test"]
        suite.check(test[0] == "CMD", f"a health check without a shell: {test}")
        machine.step("compose: health", " ".join(test[1:]))
        command = tests["command"].split("'")[1]
        install, _, rest = command.partition(" && ")
        suite.check(install.startswith("pip install"), install)
        said, _ = machine.step("compose: tests", rest)
        suite.check("3 passed" in said, f"compose: {said}")


def image():
    """The packages that it installs hold every library that the programs are linked with or load, and its health check works."""
    text = read("Dockerfile")
    installed = set(re.search(r"--no-install-recommends (.*?) &&", text, re.S).group(1).replace("\\", " ").split())
    wanted = {"libcurl.so.4"}
    for program in ("mock-epic", "epic-auth"):
        told = subprocess.run(["readelf", "-d", os.path.join(BIN, program)], capture_output=True, text=True, check=True).stdout
        wanted |= set(re.findall(r"NEEDED.*\[(.*)\]", told))
    for library in sorted(wanted):
        owner = subprocess.run(["dpkg", "-S", f"*/{library}"], capture_output=True, text=True, check=False).stdout
        packages = {line.split(":")[0] for line in owner.splitlines()}
        suite.check(packages & (installed | {"libc6", "libasan8", "libubsan1", "libtsan2", "libgcc-s1", "libstdc++6"}), f"{library} is of {packages}, the image has {installed}")
    variables = set(re.findall(r"\b(MOCK_EPIC_[A-Z_]+)=", text))
    suite.check(variables and variables <= settings_of("serve"), f"variables of the image: {variables}")
    suite.check('CMD ["mock-epic", "health"]' in text and 'ENTRYPOINT ["mock-epic"]' in text, "commands without a shell, so that signals arrive")


def main():
    pytest_recipe()
    xdist_recipe()
    github_actions()
    gitlab()
    compose()
    image()
    suite.done(30)


main()
