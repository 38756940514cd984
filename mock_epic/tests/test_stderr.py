"""A stderr that nobody reads never stops the server: not `serve`, not `run`, whatever kind of stream it is. What was dropped
is told, lines stay whole, and SIGTERM ends the server in time."""
import atexit
import contextlib
import fcntl
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import threading
import time
import urllib.request

from harness import MOCK_EPIC, SLOW, Suite, TOKEN

WAIT_S = 30 * SLOW
REFUSALS = 3000
suite = Suite()
check = suite.check


def refuse(port, count):
    """That many refused token requests over one connection."""
    body = b"grant_type=client_credentials&client_assertion=x"
    request = (f"POST {TOKEN} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
               f"Content-Length: {len(body)}\r\n\r\n").encode() + body
    answered = 0
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), WAIT_S) as s:
        for _ in range(count):
            s.sendall(request)
            answer = b""
            while b"\r\n\r\n" not in answer or not answer.endswith(b"}"):
                part = s.recv(65536)
                if not part:
                    return answered
                answer += part
            answered += answer.startswith(b"HTTP/1.1 400")
    return answered


def answers(port):
    with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/mock/health", timeout=WAIT_S) as answer:
        return answer.status == 200
    return False


def start(stderr, *options, **more):
    server = subprocess.Popen([MOCK_EPIC, "serve", "--listen", "127.0.0.1:0", *options], stdout=subprocess.PIPE,
                              stderr=stderr, stdin=subprocess.DEVNULL, **more)
    atexit.register(server.kill)  # a test that goes wrong leaves no server behind
    return server, int(json.loads(server.stdout.readline())["url"].split(":")[2].split("/")[0])


def stop(name, server):
    started = time.monotonic()
    server.terminate()
    try:
        check(server.wait(WAIT_S) == 0, f"{name}: status {server.returncode}")
    except subprocess.TimeoutExpired:
        check(False, f"{name}: SIGTERM does nothing")
        server.kill()
        server.wait()
    return time.monotonic() - started


def drain(fd, until_end, enough=lambda text: False):
    """What fd gives until its end, or until it is enough."""
    out = b""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end and not (not until_end and enough(out)):
        if select.select([fd], [], [], 0.1)[0]:
            try:
                part = os.read(fd, 65536)
            except OSError:  # a terminal whose last user has gone
                break
            if not part:
                break
            out += part
    return out


DROPPED = re.compile(rb"mock-epic: warn: (\d+) lines were dropped: nobody read stderr\r?\n")


def check_lines(name, text, want):
    """Every refusal is there or counted, and every line is whole."""
    dropped = sum(int(number) for number in DROPPED.findall(text))
    lines = text.replace(b"\r\n", b"\n").split(b"\n")
    check(lines[-1] == b"", f"{name}: the last line is cut: {lines[-1][-80:]}")
    shown = [line for line in lines if b" refused: " in line]
    # the last two lines, which are no refusals, may be among the dropped
    others = sum(b"stopping" in line or b" requests, " in line for line in lines)
    check(want <= len(shown) + dropped <= want + 2 - others, f"{name}: {len(shown)} shown and {dropped} dropped of {want}")
    check(dropped > 0, f"{name}: nothing was dropped: is the test too small?")
    broken = [line for line in lines[:-1] if not re.fullmatch(rb"mock-epic: .*", line)]
    check(not broken, f"{name}: broken lines {broken[:2]}")
    check(len(set(shown)) == len(shown), f"{name}: a line came twice")


def test_serve(name, reading, writing):
    server, port = start(writing)
    os.close(writing)
    check(refuse(port, REFUSALS) == REFUSALS and answers(port), f"{name}: it answers on")
    text = drain(reading, False, DROPPED.search)
    check_lines(name, text, REFUSALS)
    check(refuse(port, 10) == 10, f"{name}: and on")
    text = drain(reading, False, lambda out: out.count(b" refused: ") == 10)
    check(text.count(b" refused: ") == 10 and not DROPPED.search(text), f"{name}: then lines come as ever: {text[:200]}")
    stop(name, server)
    os.close(reading)


def test_serve_read_afterwards(name, reading, writing, is_whole):
    server, port = start(writing)
    os.close(writing)
    check(refuse(port, REFUSALS) == REFUSALS and answers(port), f"{name}: it answers on")
    stop(name, server)
    text = drain(reading, True)
    if is_whole:
        check_lines(name, text, REFUSALS)
    os.close(reading)


def pipe():
    return os.pipe()


def pair():
    a, b = socket.socketpair()
    return a.detach(), b.detach()


def terminal():
    master, slave = os.openpty()
    attributes = termios.tcgetattr(slave)
    attributes[3] &= ~termios.ECHO
    termios.tcsetattr(slave, termios.TCSANOW, attributes)
    return master, slave


def test_terminal():
    master, slave = terminal()
    server, port = start(slave)
    termios.tcflow(slave, termios.TCOOFF)
    check(refuse(port, REFUSALS) == REFUSALS and answers(port), "^S: it answers on")
    termios.tcflow(slave, termios.TCOON)
    check_lines("^Q", drain(master, False, DROPPED.search), REFUSALS)
    termios.tcflow(slave, termios.TCOOFF)
    refuse(port, REFUSALS)
    stop("^S", server)
    os.close(slave)
    os.close(master)


def test_closed():
    for close in (lambda: os.close(2), None):
        reading, writing = os.pipe()
        server, port = start(writing, preexec_fn=close)
        os.close(writing)
        os.close(reading)
        check(refuse(port, REFUSALS) == REFUSALS and answers(port), "a stderr that is closed, or whose reader has gone")
        stop("closed", server)


def test_file():
    """A file has the line when the client has its answer; and what others write to it stays."""
    with tempfile.NamedTemporaryFile("r+b") as file:
        os.write(file.fileno(), b"before\n")
        server, port = start(file.fileno())
        for i in range(20):
            refuse(port, 1)
            check(os.pread(file.fileno(), 65536, 0).count(b" refused: ") == i + 1, "the line is there before the answer")
        os.write(file.fileno(), b"after\n")
        stop("file", server)
        text = os.pread(file.fileno(), 65536, 0)
        check(text.startswith(b"before\n") and b"\nafter\n" in text, "one place in the file for all who share it")


COMMAND = r"""
import os, sys
sys.path.insert(0, os.environ["TESTS"])
sys.argv = ["x"]
import urllib.request, urllib.error
body = b"grant_type=client_credentials&client_assertion=x"
refused = 0
for _ in range(%d):
    try:
        urllib.request.urlopen(os.environ["EPIC_TOKEN_URL"], body)
    except urllib.error.HTTPError as error:
        refused += error.code == 400
print(refused)
""" % (REFUSALS // 3)


def test_run(log):
    run = subprocess.Popen([MOCK_EPIC, "run", "--log", log, "--", sys.executable, "-c", COMMAND], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "TESTS": "."})
    got = []
    reader = threading.Thread(target=lambda: got.append(run.stdout.read()), daemon=True)
    reader.start()
    try:
        status = run.wait(4 * WAIT_S)
    except subprocess.TimeoutExpired:
        status = "never"
        run.kill()
    reader.join(WAIT_S)
    check(status == 0 and got == [b"%d\n" % (REFUSALS // 3)], f"run --log {log}: ends with {status} {got}")
    text = run.stderr.read()
    check(text.endswith(b"\n"), f"run --log {log}: the last line is whole: {text[-80:]}")
    if sys.platform == "linux":
        check(b" dropped: nobody read stderr" in text, f"run --log {log}: what was dropped is told")
    if log == "json":
        for line in text.splitlines():
            check(isinstance(json.loads(line).get("message"), str), "a line of JSON")


def widens_pipes():
    return hasattr(fcntl, "F_SETPIPE_SZ") or sys.platform == "linux"


def test_what_the_command_gets():
    """Its stderr is the caller's, and waits as ever: only ours does not."""
    reading, writing = os.pipe()
    script = "import fcntl, os; print(fcntl.fcntl(2, fcntl.F_GETFL) & os.O_NONBLOCK, sorted(map(int, os.listdir('/proc/self/fd')))[:-1])"
    done = subprocess.run([MOCK_EPIC, "run", "--", sys.executable, "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=writing, timeout=WAIT_S, check=False)
    check(done.stdout == b"0 [0, 1, 2]\n" or not os.path.exists("/proc/self/fd"), f"the command's descriptors: {done.stdout}")
    os.close(reading)
    os.close(writing)


def main():
    test_what_the_command_gets()
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    for name, make in (("pipe", pipe), ("socket", pair)):
        test_serve(name, *make())
        test_serve_read_afterwards(name + ", read afterwards", *make(), is_whole=name == "pipe" and widens_pipes())
    test_terminal()
    test_closed()
    test_file()
    for log in ("text", "json"):
        test_run(log)
    suite.done(least=60)


main()
