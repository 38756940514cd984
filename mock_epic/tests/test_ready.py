"""The ready line and the ready file: there while the server is, never in its way, and never another server's."""
import atexit
import json
import os
import resource
import signal
import stat
import subprocess
import tempfile
import threading
import time
import urllib.request

from harness import BIN, MOCK_EPIC, SLOW, Suite, certificate

WAIT_S = 30 * SLOW
suite = Suite()
check = suite.check


def start(*options, stdout=subprocess.PIPE, **more):
    server = subprocess.Popen([MOCK_EPIC, "serve", "--listen", "127.0.0.1:0", *options], stdout=stdout,
                              stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, **more)
    atexit.register(server.kill)  # a test that goes wrong leaves no server behind
    return server


def ready_line(process):
    return json.loads(process.stdout.readline())


def stop(process, number=signal.SIGTERM):
    """Its status, and what it had to say."""
    process.send_signal(number)
    try:
        out, err = process.communicate(timeout=WAIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return "no end", process.communicate()
    return process.returncode, out, err


def answers(url):
    with urllib.request.urlopen(url + "/health", timeout=WAIT_S) as answer:
        return answer.status == 200


def read(path):
    with open(path, "rb") as file:
        return file.read()


def until(condition):
    end = time.monotonic() + WAIT_S
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


def test_file_comes_and_goes(d):
    path = os.path.join(d, "ready")
    server = start("--ready-file", path)
    line = ready_line(server)
    check(json.loads(read(path)) == line, "file and line are the same object")
    check(stop(server)[0] == 0 and not os.path.exists(path), "the file goes with the server")
    os.symlink("target", os.path.join(d, "link"))
    server = start("--ready-file", os.path.join(d, "link"))
    line = ready_line(server)
    check(json.loads(read(os.path.join(d, "target"))) == line, "a link is followed")
    stop(server)
    check(os.path.islink(os.path.join(d, "link")) and not os.path.exists(os.path.join(d, "target")), "the link stays")
    os.unlink(os.path.join(d, "link"))


def test_two_servers(d):
    path = os.path.join(d, "ready")
    first = start("--ready-file", path)
    ready_line(first)
    second = start("--ready-file", path)
    line = ready_line(second)
    stop(first)
    check(os.path.exists(path) and json.loads(read(path)) == line, "the first to stop leaves the second's file")
    stop(second)
    check(not os.path.exists(path), "the second removes its own")


def test_what_a_dead_server_left(d):
    path = os.path.join(d, "ready")
    missing = ("--fixtures", os.path.join(d, "missing"))
    server = start("--ready-file", path)
    line = ready_line(server)
    port = line["url"].split(":")[2].split("/")[0]
    busy = subprocess.run([MOCK_EPIC, "serve", "--listen", f"127.0.0.1:{port}", "--ready-file", path], timeout=WAIT_S,
                          capture_output=True, check=False)
    check(busy.returncode == 3 and json.loads(read(path)) == line, "a start that fails leaves the living server's file")
    stop(server, signal.SIGKILL)
    check(os.path.exists(path), "kill -9 leaves the file")
    left = read(path)
    for options, status in ((missing, 3), (("--no-such-option",), 2), (("--listen", "nonsense"), 2), (("--profile", "none"), 2)):
        with open(path, "wb") as file:
            file.write(left)
        failed = start("--ready-file", path, *options)
        check(failed.wait(WAIT_S) == status and not os.path.exists(path), f"{options}: {failed.returncode}, a dead server's file")
        failed.communicate()
    for text in (b"", b"not a ready file", b'{"pid":1}'):
        with open(path, "wb") as file:
            file.write(text)
        failed = start("--ready-file", path, *missing)
        check(failed.wait(WAIT_S) == 3 and read(path) == text, f"{text} is left alone by a start that fails")
        failed.communicate()
    os.unlink(path)


def test_fifos(d):
    ready, authority = os.path.join(d, "ready"), os.path.join(d, "ca.pem")
    os.mkfifo(ready)
    os.mkfifo(authority)
    server = start("--ready-file", ready, "--tls", "--tls-ca-file", authority)
    line = ready_line(server)
    check(line["ca_file"] == authority, "ready although nobody reads")
    time.sleep(0.6)
    check(json.loads(read(ready)) == line, "whoever comes later gets the ready object, and its end")
    check(b"BEGIN CERTIFICATE" in read(authority), "and the authority")
    check(stop(server)[0] == 0, "SIGTERM")
    server = start("--ready-file", ready)
    ready_line(server)
    check(stop(server)[0] == 0, "SIGTERM although nobody ever read")
    got = []
    early = threading.Thread(target=lambda: got.append(read(ready)), daemon=True)
    early.start()
    server = start("--ready-file", ready)
    line = ready_line(server)
    early.join(WAIT_S)
    check(got and json.loads(got[0]) == line, "a reader who waits already")
    stop(server)
    check(stat.S_ISFIFO(os.lstat(ready).st_mode) and stat.S_ISFIFO(os.lstat(authority).st_mode), "FIFOs stay")
    os.unlink(ready)
    os.unlink(authority)


def test_descriptors(d):
    path = os.path.join(d, "log")
    with open(path, "wb") as file:
        file.write(b"before\n")
        file.flush()
        server = start("--ready-file", f"/proc/self/fd/{file.fileno()}", pass_fds=(file.fileno(),))
        line = ready_line(server)
        check(read(path).startswith(b"before\n") and json.loads(read(path)[7:]) == line, "an open descriptor")
        stop(server)
    check(os.path.exists(path), "and nothing is removed at the end")
    os.unlink(path)


def test_stdout(d):
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(writing, True)
    path = os.path.join(d, "ready")
    server = start("--ready-file", path, stdout=writing)
    check(until(lambda: os.path.exists(path)) and answers(json.loads(read(path))["admin_url"]), "a full stdout: it serves")
    got = b""
    while b"}\n" not in got:
        got += os.read(reading, 65536)
    check(json.loads(got.lstrip(b"x")) == json.loads(read(path)), "and the line comes when there is room")
    check(stop(server)[0] == 0, "SIGTERM")
    for unread in (True, False):
        server = start("--ready-file", path, stdout=writing, preexec_fn=None if unread else lambda: os.close(1))
        until(lambda: os.path.exists(path))
        if unread:
            os.close(reading)
        check(answers(json.loads(read(path))["admin_url"]), "nobody reads stdout, and that is no failure")
        check(stop(server)[0] == 0, "SIGTERM")
    os.close(writing)


def test_full_disk(d):
    path, out = os.path.join(d, "ready"), os.path.join(d, "out")

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))
    for options, stdout in ((("--ready-file", path), subprocess.PIPE), ((), "file")):
        with open(out, "wb") as file:
            server = start(*options, stdout=file if stdout == "file" else stdout, preexec_fn=limit)
            check(server.wait(WAIT_S) == 3, f"{options}: no room for the news: {server.returncode}")
            error = server.communicate()[1]
            check(b"too large" in error, f"{options}: {error}")
        check(os.listdir(d) == ["out"], f"left: {os.listdir(d)}")
    os.unlink(out)


def test_openssl_settings(d):
    """What this machine's OpenSSL is set up for has no part in which keys are good."""
    path = os.path.join(d, "openssl.cnf")
    with open(path, "w", encoding="ascii") as file:
        file.write("openssl_conf = all\n[all]\nproviders = some\n[some]\nnone = one\n[one]\nactivate = 1\nmodule = /none.so\n")
    with open(os.path.join(d, "cert.pem"), "w", encoding="ascii") as file:
        file.write(certificate("rsa2048_a"))
    server = start("--client-id", "x", "--cert", file.name, env={**os.environ, "OPENSSL_CONF": path})
    line = server.stdout.readline()
    check(line.startswith(b"{"), f"a broken openssl.cnf: {line}")
    check(stop(server)[0] == 0, "a broken openssl.cnf, and the end")


def test_signals(d):
    """Whenever a signal comes, no ready file and nothing half written is left."""
    path = os.path.join(d, "ready")
    for i in range(20):
        server = start("--ready-file", path)
        time.sleep(0.003 * i)
        stop(server)
        check(os.listdir(d) == [], f"after SIGTERM: {os.listdir(d)}")
        if os.path.exists(path):
            os.unlink(path)


def main():
    check(os.path.isdir(BIN), "programs")
    for test in (test_file_comes_and_goes, test_two_servers, test_what_a_dead_server_left, test_fifos, test_descriptors,
                 test_stdout, test_full_disk, test_openssl_settings, test_signals):
        with tempfile.TemporaryDirectory(prefix="epic-ready-") as d:
            test(d)
    suite.done(least=50)


main()
