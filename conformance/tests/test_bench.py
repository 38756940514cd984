#!/usr/bin/python3
"""What conformance/bench says of the machine, and that its load generator takes any number of requests."""
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
import tempfile

BIN = os.environ["EPIC_BIN_DIR"]
LOAD = os.path.join(BIN, "..", "bench", "bench_load")
failed = []


def check(what, ok):
    if not ok:
        failed.append(what)
        print("FAILED:", what)


def load_bench():
    loader = importlib.machinery.SourceFileLoader("bench", os.path.join(os.environ["EPIC_SOURCE_DIR"], "conformance", "bench"))
    bench = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench", loader))
    sys.dont_write_bytecode = True
    loader.exec_module(bench)
    return bench


def busy_cores():
    bench = load_bench()
    bench.CORES = 2
    #        user nice system idle iowait irq softirq steal guest guest_nice
    before = "cpu  1000 100 500 90000 7000 50 60 10 5 5\ncpu0 1 2 3\n"
    for what, after, wanted in (
            ("nothing happened", before, 0.0),
            ("both idle", "cpu  1000 100 500 90200 7000 50 60 10 5 5\n", 0.0),
            ("one idle, one waits for a disk", "cpu  1000 100 500 90100 7100 50 60 10 5 5\n", 0.0),
            ("both wait for a disk", "cpu  1000 100 500 90000 7200 50 60 10 5 5\n", 0.0),
            ("one works", "cpu  1100 100 500 90100 7000 50 60 10 5 5\n", 1.0),
            ("one works, one waits", "cpu  1080 100 520 90000 7100 50 60 10 5 5\n", 1.0),
            ("one works for a guest", "cpu  1100 100 500 90100 7000 50 60 10 105 5\n", 1.0),
            ("both work, or were taken away", "cpu  1060 120 540 90000 7000 60 70 70 5 5\n", 2.0)):
        got = bench.busy_cores(before, after)
        check(f"{what}: {got} cores, not {wanted}", abs(got - wanted) < 1e-9)


def any_number():
    request = "GET /mock/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    server = subprocess.Popen([os.path.join(BIN, "mock-epic"), "serve", "--listen", "127.0.0.1:0", "--log-level", "error"],
                              stdout=subprocess.PIPE, text=True)
    try:
        port = json.loads(server.stdout.readline())["url"].split(":")[2].split("/")[0]
        with tempfile.NamedTemporaryFile("w", suffix=".requests") as file:
            file.write(f"{len(request)}\n{request}" * 3)
            file.flush()
            for connections, repeat in ((1, 3), (2, 3), (3, 3), (4, 3), (16, 3), (16, 1), (16, 15), (16, 16), (16, 17), (16, 100)):
                done = subprocess.run([LOAD, port, str(connections), file.name, str(repeat)], capture_output=True, text=True, check=False)
                said = json.loads(done.stdout) if done.returncode == 0 else {}
                check(f"{repeat} requests over {connections} connections: {done.returncode} {done.stdout}{done.stderr}",
                      said.get("requests") == said.get("ok") == repeat)
            for arguments in (("0", file.name), ("257", file.name)):
                done = subprocess.run([LOAD, port, *arguments], capture_output=True, check=False)
                check(f"{arguments[0]} connections: {done.returncode}", done.returncode == 2)
    finally:
        server.terminate()
        server.wait()


busy_cores()
any_number()
sys.exit(1 if failed else 0)
