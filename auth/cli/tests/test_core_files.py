#!/usr/bin/env python3
"""No program of ours leaves a core file with secrets in it; the command under mock-epic run may leave its own."""
import glob
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

BIN = os.environ["EPIC_BIN_DIR"]
SLOW = int(os.environ.get("EPIC_SLOW") or 3)
KEYS = os.path.join(os.environ["EPIC_FIXTURES_DIR"], "keys")
IS_SANITIZED = re.search(rb"__[at]san_init", open(os.path.join(BIN, "epic-auth"), "rb").read()) is not None
failures = []


for name in ("ASAN_OPTIONS", "TSAN_OPTIONS"):  # sanitizers lower the limit themselves unless told not to
    os.environ[name] = os.environ.get(name, "") + ":disable_coredump=0"


def check(what, ok):
    if not ok:
        failures.append(what)
        print("FAILED:", what)


def allow_core():
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def start(work, *command, **more):
    return subprocess.Popen(command, cwd=work, preexec_fn=allow_core, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            text=True, **more)


def soft_limit(pid):
    return resource.prlimit(pid, resource.RLIMIT_CORE)[0]


def is_dumpable(pid):
    """A process that is not dumpable belongs to root in /proc, so its user cannot read its environment."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            file.read()
        return True
    except PermissionError:
        return False


def crash(what, process, work, is_hidden=True):
    """It must have given up core files by itself, and a crash must leave none."""
    end = time.monotonic() + 10 * SLOW
    while soft_limit(process.pid) != 0 and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    check(f"{what} lowers its limit", process.poll() is None and soft_limit(process.pid) == 0)
    if os.getuid() != 0 and sys.platform == "linux" and not IS_SANITIZED:
        check(f"{what}: who may look into it", is_dumpable(process.pid) != is_hidden)
    process.send_signal(signal.SIGSEGV)
    process.communicate()
    check(f"{what} crashed", process.returncode != 0)
    check(f"{what} leaves no core file", not glob.glob(os.path.join(work, "core*")))


def main():
    work = tempfile.mkdtemp()
    try:
        serve = start(work, f"{BIN}/mock-epic", "serve", "--listen", "127.0.0.1:0", "--client-id", "x", "--cert",
                      f"{KEYS}/rsa2048_a.cert.pem")
        urls = json.loads(serve.stdout.readline())
        crash("mock-epic serve", serve, work, is_hidden=False)
        check("it said where it was", urls["pid"] == serve.pid)
        # both of these wait for standard input
        crash("epic-auth", start(work, f"{BIN}/epic-auth", "assertion", "--decode", "-", stdin=subprocess.PIPE), work)
        crash("epic-conformance", start(work, f"{BIN}/epic-conformance", "jwt", "--cert", f"{KEYS}/rsa2048_a.cert.pem", "-",
                                        stdin=subprocess.PIPE), work)
        before = resource.getrlimit(resource.RLIMIT_CORE)[1]
        run = start(work, f"{BIN}/mock-epic", "run", "--", "sh", "-c", "ulimit -S -c; exec sleep 600")
        limit = run.stdout.readline().strip()
        wanted = "unlimited" if before == resource.RLIM_INFINITY else str(before // 512)
        check(f"the command under mock-epic run has its limit back: {limit}", limit == wanted)
        check("while mock-epic run itself has none", soft_limit(run.pid) == 0)
        run.send_signal(signal.SIGTERM)  # it passes this on
        run.communicate(timeout=30 * SLOW)
    finally:
        shutil.rmtree(work)
    return 1 if failures else 0


sys.exit(main())
