#!/usr/bin/python3
"""mock-epic as in a container, without a container engine: a root that holds the program and its libraries alone, process 1 of a
namespace of its own, and clients that reach it by another port and name than it listens at.

Skipped where the system lets nobody make namespaces; says so."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

from harness import BIN, MOCK_EPIC, SLOW, Suite, eventually

suite = Suite()
NAMESPACES = ["unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--kill-child"]
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("EPIC_", "MOCK_EPIC_")) and not name.lower().endswith("_proxy")}


def needed(path):
    """The shared libraries and the loader, as far as ldd sees them."""
    told = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"(/\S+) \(0x", told))


def fill(root):
    """The program, what it is linked with, and libcurl, which it loads when it sends a request itself (health)."""
    files = needed(MOCK_EPIC)
    curl = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    libcurl = re.search(r"libcurl\.so\.4 \([^)]*\) => (\S+)", curl).group(1)
    files |= {libcurl} | needed(libcurl)
    for path in files:
        target = root + path
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy(path, target)
    os.makedirs(root + "/bin")
    shutil.copy(MOCK_EPIC, root + "/bin/mock-epic")
    for folder in ("tmp", "proc"):
        os.mkdir(f"{root}/{folder}")
    return sorted(os.listdir(root + "/bin"))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Mapped:
    """A port of the host's that leads to one of the container's."""

    def __init__(self, port):
        self.port, self.target = free_port(), port
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.target))
            for a, b in ((client, server), (server, client)):
                threading.Thread(target=self.copy, args=(a, b), daemon=True).start()

    @staticmethod
    def copy(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Container:
    def __init__(self, root, *, proc, **env):
        self.port = free_port()
        self.root, self.log = root, open(os.path.join(root, "tmp", "log"), "wb")  # pylint: disable=consider-using-with
        self.settings = {"PATH": "/bin", "MOCK_EPIC_LISTEN": f"0.0.0.0:{self.port}", **env}
        mount = f"mount -t proc proc {root}/proc && " if proc else ""
        self.process = subprocess.Popen([*NAMESPACES, "sh", "-c", f"{mount}exec chroot {root} /bin/mock-epic serve"], env={**self.settings, "PATH": os.environ["PATH"]},
                                        stdout=subprocess.PIPE, stderr=self.log, stdin=subprocess.DEVNULL, text=True)
        self.ready = self.process.stdout.readline()

    def inside(self, *words):
        """Another program in it, as a health check is."""
        return subprocess.run(["unshare", "--user", "--map-root-user", "chroot", self.root, *words], env={**self.settings, "PATH": os.environ["PATH"]}, capture_output=True, text=True,
                              timeout=60 * SLOW, check=False)

    def first_process(self):
        """mock-epic's id out here. In there it is 1."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
            return int(file.read().split()[0])

    def end(self, number):
        """How it ends on a signal to process 1, and what it said."""
        os.kill(self.first_process(), number)
        try:
            status = self.process.wait(20 * SLOW)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = "no end"
        self.log.close()
        with open(self.log.name, encoding="utf-8") as file:
            return status, file.read()


def run(*words, env=None):
    return subprocess.run(words, env={**CLEAN, **(env or {})}, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60 * SLOW, check=False)


def serves(root):
    """Ready, well, and it gives tokens to whoever calls it by its public URL."""
    container = Container(root, proc=False)
    status, log = container.end(signal.SIGTERM)
    suite.check(status == 0 and "stopping" in log, f"SIGTERM to process 1: {status} {log}")
    mapped = Mapped(free_port())
    public = f"http://localhost:{mapped.port}"
    container = Container(root, proc=True, MOCK_EPIC_PUBLIC_URL=public, MOCK_EPIC_ENV_FILE="/tmp/epic.env", MOCK_EPIC_ADMIN_TOKEN="0123456789abcdef")
    mapped.target = container.port
    with open(f"/proc/{container.first_process()}/status", encoding="ascii") as file:
        suite.check(re.search(r"^NSpid:.*\t1$", file.read(), re.M), "mock-epic is process 1")
    ready = json.loads(container.ready or "{}")
    suite.check(ready.get("pid") == 1 and ready.get("token_url", "").startswith(public), f"ready: {container.ready}")
    suite.check('"ok"' in run(MOCK_EPIC, "health", "--wait", "10", public).stdout, "health from outside, by the mapped port")
    suite.check('"ok"' in run(MOCK_EPIC, "health", ready["admin_url"]).stdout, "health by the announced URL")
    inside = container.inside("/bin/mock-epic", "health", f"http://127.0.0.1:{container.port}")
    suite.check(inside.returncode == 0 and '"ok"' in inside.stdout, f"health inside: {inside.returncode} {inside.stderr}")
    named = run("curl", "-sS", "--resolve", f"epic:{mapped.port}:127.0.0.1", f"http://epic:{mapped.port}/mock/health")
    suite.check('"ok"' in named.stdout, f"health by a name of the network's: {named.stdout} {named.stderr}")
    with open(root + "/tmp/epic.env", encoding="ascii") as file:
        env = dict(line.rstrip("\n").split("=", 1) for line in file)
    env["EPIC_PRIVATE_KEY_PATH"] = root + env["EPIC_PRIVATE_KEY_PATH"]  # the volume that both have
    read = run(os.path.join(BIN, "epic-auth"), "get", "Patient/erXuFYUfucBZaryVksYEcMg3", env=env)
    suite.check(read.returncode == 0 and '"Patient"' in read.stdout, f"a patient by these variables: {read.stderr}")
    refused = run(MOCK_EPIC, "clock", env={"MOCK_EPIC_URL": public})
    suite.check(refused.returncode == 1 and "admin token" in refused.stderr, f"/mock without a token: {refused.stderr}")
    moved = run(MOCK_EPIC, "clock", "advance", "60", env={"MOCK_EPIC_URL": public, "MOCK_EPIC_ADMIN_TOKEN": "0123456789abcdef"})
    suite.check(moved.returncode == 0, f"with it: {moved.stderr}")
    status, log = container.end(signal.SIGTERM)
    suite.check(status == 0 and "stopping" in log and "1 tokens issued" in log, f"SIGTERM to process 1: {status} {log}")
    suite.check(not os.path.exists(env["EPIC_PRIVATE_KEY_PATH"]), "the key is gone")
    suite.check(not [name for name in os.listdir(root + "/tmp") if name.startswith("mock-epic-")], "nothing is left in /tmp")


def ends(root):
    """Process 1 is not ended by a signal's default action: it must end by itself, whatever it is sent."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
        container = Container(root, proc=True)
        status, log = container.end(number)
        wanted = 0 if number in (signal.SIGINT, signal.SIGHUP) else 128 + number
        suite.check(status == wanted and "stopping" in log, f"signal {number} to process 1: {status}, not {wanted} {log}")


def main():
    if subprocess.run([*NAMESPACES, "true"], capture_output=True, check=False).returncode:
        print("skipped: this system gives no namespaces of their own (unshare)")
        return
    if any(re.search("lib[at]san", path) for path in needed(MOCK_EPIC)):
        print("skipped: sanitizers want more of a system than there is in a container")
        return
    with tempfile.TemporaryDirectory() as root:
        os.chmod(root, 0o755)
        suite.check(fill(root) == ["mock-epic"], "the program and its libraries alone")
        serves(root)
        ends(root)
        suite.check(eventually(lambda: not os.path.ismount(root + "/proc")), "no mount is left")
    suite.done(18)


main()
