#!/usr/bin/python3
"""What an operating system can do to a server: no descriptors left, signals in the middle of writing, files that are none,
ports that are taken, time zones, locales, closed standard streams."""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from harness import FHIR, MOCK_EPIC, SANITIZER, SLOW, Client, Mock, Suite, certificate, eventually, fixture, private_key

A = private_key("rsa2048_a")
PATIENT = "erXuFYUfucBZaryVksYEcMg3"
suite = Suite()
WORK = tempfile.TemporaryDirectory()


def path_of(name, data=None):
    path = os.path.join(WORK.name, name)
    if data is not None:
        with open(path, "wb") as file:
            file.write(data)
    return path


# ---- no descriptors left ----

def out_of_descriptors():
    with Mock(nofile=48) as mock:
        mock.register("app", certificate=certificate("rsa2048_a"))
        client = Client(mock, "app", A)
        before = mock.fds()
        for _ in range(3):
            idle = []
            with contextlib.suppress(OSError):
                for _ in range(200):
                    idle.append(mock.connect(2))
            cpu = mock.cpu_s()
            time.sleep(1)
            used = mock.cpu_s() - cpu
            suite.check(used < 0.3, f"{used:.2f} s of CPU in one second of {len(idle)} idle connections and 48 descriptors")
            suite.check(mock.fds() <= 48 and mock.process.poll() is None, f"{mock.fds()} descriptors")
            for s in idle:
                s.close()
            suite.grants("as soon as they are gone", client, client.jwt())
        suite.check(eventually(lambda: mock.fds() <= before + 2), f"{mock.fds()} descriptors, {before} before")
    for limit in (6, 8, 12, 16, 24):
        status, out, error, seconds = start("--listen", "127.0.0.1:0", before=f"ulimit -n {limit};")
        suite.check((status == 0 and out) or (status == 3 and error.count("\n") == 1), f"{limit} descriptors: {status} {error[:300]!r}")
        suite.check(seconds < 2 * SLOW, f"{limit} descriptors: {seconds:.1f} s")


def start(*options, before="", shell_after="", env=None):
    """Start serve, stop it again when it is ready. Status, stdout, stderr, seconds until either."""
    started = time.monotonic()
    command = f'{before} exec "$@" {shell_after}'
    process = subprocess.Popen(["sh", "-c", command, "sh", MOCK_EPIC, "serve", "--log-level", "error", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})}, cwd=WORK.name)
    out = process.stdout.readline().decode()
    seconds = time.monotonic() - started
    if out:
        process.terminate()
    _, error = process.communicate()
    return process.returncode, out, error.decode("utf-8", "replace"), seconds


# ---- signals ----

def busy(mock, bearer, stack):
    """Connections in the middle of everything: a big answer that nobody reads, half a body, half a header, nothing."""
    search = f"GET {FHIR}/Observation?patient={PATIENT}&category=laboratory HTTP/1.1\r\nHost: 127.0.0.1\r\n{bearer}\r\n\r\n".encode()
    for data in (search * 300, b"POST /mock/apps HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{", b"GET /mock/health HTTP/1.1\r\nHos", b""):
        s = stack.enter_context(socket.socket())
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.connect(("127.0.0.1", mock.port))
        s.settimeout(0.2)
        with contextlib.suppress(OSError):
            s.sendall(data)


def signals():
    for name, numbers, is_busy in (("TERM", [signal.SIGTERM], True), ("INT", [signal.SIGINT], False), ("TERM twice", [signal.SIGTERM, signal.SIGTERM], True),
                                   ("INT and TERM", [signal.SIGINT, signal.SIGTERM], False), ("TERM ten times", [signal.SIGTERM] * 10, False),
                                   ("HUP", [signal.SIGHUP], True)):
        ready = path_of("ready.json")
        with Mock("--ready-file", ready) as mock, contextlib.ExitStack() as stack:
            mock.register("app", certificate=certificate("rsa2048_a"))
            client = Client(mock, "app", A)
            bearer = "Authorization: Bearer " + client.post(client.jwt()).json()["access_token"]
            if is_busy:
                busy(mock, bearer, stack)
            with open(ready, encoding="ascii") as file:
                suite.check(json.load(file) == mock.ready, f"{name}: the ready file")
            started = time.monotonic()
            for number in numbers:
                mock.process.send_signal(number)
                time.sleep(0.02)
            status = None
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = mock.process.wait(5 * SLOW)
            suite.check(status == 0, f"{name}{' in the middle of everything' * is_busy}: status {status} after {time.monotonic() - started:.1f} s")
            suite.check(not os.path.exists(ready), f"{name}: the ready file is still there")
    with Mock() as mock:
        for number in (signal.SIGPIPE, signal.SIGCHLD, signal.SIGWINCH, signal.SIGURG):
            mock.process.send_signal(number)
            time.sleep(0.05)
            suite.check(mock.request("GET", "/mock/health").statuses == [200], f"after {number.name}")
        mock.process.send_signal(signal.SIGSTOP)
        time.sleep(0.2)
        mock.process.send_signal(signal.SIGCONT)
        suite.check(mock.request("GET", "/mock/health").statuses == [200], "after STOP and CONT")
        with open(f"/proc/{mock.pid}/limits", encoding="ascii") as file:
            core = next(line for line in file if line.startswith("Max core file size"))
        suite.check(core.split()[4] == "0", f"a core file could be written: {core}")


def restart_on_the_same_port():
    """Killed without a word; the next one takes its port and its ready file at once."""
    ready = path_of("ready-again.json")
    with Mock("--ready-file", ready) as mock:
        port = mock.port
        idle = mock.connect()
        mock.request("GET", "/mock/health")
        mock.process.kill()
        mock.process.wait()
        status, out, error, _ = start("--listen", f"127.0.0.1:{port}", "--ready-file", ready)
        suite.check(status == 0 and str(port) in out, f"the port of a killed server: {status} {error!r}")
        suite.check(not os.path.exists(ready), "the ready file of a killed server")
        idle.close()
        mock.process.returncode = 0  # killed on purpose


# ---- addresses ----

def addresses():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        status, _, error, seconds = start("--listen", f"127.0.0.1:{port}")
        suite.check(status == 3 and str(port) in error and "in use" in error and error.count("\n") == 1 and seconds < 2 * SLOW, f"a port that is taken: {status} {error!r} {seconds:.1f} s")
    for address in ("127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:70000", "127.0.0.1:-1", "127.0.0.1:8 0", ":0", "", "[::1]", "[::1:0", "999.1.1.1:0", "127.0.0.1.1:0", "1.2.3.4:0",
                    "127.0.0.1:99999999999999999999", "127.0.0.1:0x50", "http://127.0.0.1:0", "unix:/tmp/x", "\x1b[2J:0", "a" * 5000 + ":0"):
        status, _, error, seconds = start("--listen", address)
        suite.check(status in (2, 3) and 1 <= error.count("\n") <= 2 and len(error) < 1000, f"--listen {address[:40]!r}: {status} {error[:200]!r}")
        suite.check("\x1b" not in error, f"--listen {address[:40]!r}: {error!r}")
        suite.check(seconds < 2 * SLOW, f"--listen {address[:40]!r}: {seconds:.1f} s")
    for address in ("127.0.0.1:0", "localhost:0"):
        status, out, error, _ = start("--listen", address)
        suite.check(status == 0 and out, f"--listen {address}: {status} {error!r}")
    if socket.has_ipv6 and os.path.exists("/proc/net/if_inet6") and os.path.getsize("/proc/net/if_inet6"):
        status, out, error, _ = start("--listen", "[::1]:0")
        suite.check(status == 0 and "[::1]" in out, f"--listen [::1]:0: {status} {error!r}")


# ---- files ----

def odd_files():
    """name: what is wrong with it. Each stands where a key, an app, a token or FHIR data should be."""
    os.mkdir(path_of("directory"))
    os.mkfifo(path_of("fifo"))
    os.symlink("loop", path_of("loop"))
    os.symlink("nowhere", path_of("dangling"))
    path_of("empty", b"")
    path_of("zeros", b"\0" * 5000)
    path_of("sparse", b"x")
    os.truncate(path_of("sparse"), 1 << 32)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path_of("socket"))
    return ["directory", "fifo", "loop", "dangling", "empty", "zeros", "sparse", "socket", "missing", "a" * 300, "a\nb", "a\x1b[2Jb", "/dev/null", "/dev/zero", "/dev/tty",
            "/dev/stdin", "/proc/self/mem", "/proc/self/environ", "/"], listener


def files():
    names, listener = odd_files()
    secret = "canary-5a4f9c1e"
    options = (("--cert", ("--client-id", "x")), ("--jwks", ("--client-id", "x")), ("--app", ()), ("--admin-token-file", ()), ("--fixtures", ()))
    for name in names:
        path = name if name.startswith("/") else path_of(name)
        for option, more in options:
            if option == "--fixtures" and name == "sparse":
                continue  # data may be big, and is read
            is_fine = option in ("--app", "--fixtures") and name in ("directory", "/dev/null", "/") or option == "--fixtures" and name == "empty"
            if is_fine and name == "/":
                continue  # reading all of a machine is what was asked for
            status, _, error, seconds = start(*more, option, path, "--listen", "127.0.0.1:0", env={"SECRET": secret})
            where = f"{option} {name[:40]!r}"
            suite.check(seconds < 2 * SLOW, f"{where}: {seconds:.1f} s")
            suite.check(secret not in error and "\x1b" not in error, f"{where}: {error!r}")
            if not is_fine:
                # a name that holds a line feed may be shown with it escaped
                suite.check(status in (2, 3) and error.count("\n") == 1, f"{where}: {status} {error!r}")
                suite.check(os.path.dirname(path) in error and error.count(os.path.dirname(path)) == 1 or name.startswith("/"), f"{where}: {error!r} names no file, or twice")
    listener.close()
    os.symlink(path_of("cert.pem", fixture("rsa2048_a.cert.pem")), path_of("link"))
    status, _, error, _ = start("--client-id", "x", "--cert", path_of("link"), "--listen", "127.0.0.1:0")
    suite.check(status == 0, f"a symbolic link to a certificate: {status} {error!r}")
    for ready in (path_of("no/such/folder/ready"), path_of("directory"), path_of("empty") + "/x", "/proc/ready"):
        status, _, error, seconds = start("--ready-file", ready, "--listen", "127.0.0.1:0")
        suite.check(status == 3 and error.count("\n") == 1 and seconds < 2 * SLOW, f"--ready-file {ready!r}: {status} {error!r}")


def unreadable_file():
    if os.geteuid() != 0:
        path = path_of("unreadable", fixture("rsa2048_a.cert.pem"))
        os.chmod(path, 0)
        status, _, error, _ = start("--client-id", "x", "--cert", path, "--listen", "127.0.0.1:0")
        suite.check(status == 3 and "unreadable" in error and "ermission" in error, f"unreadable: {status} {error!r}")
        return
    # root may read everything, so it becomes nobody
    with tempfile.TemporaryDirectory() as open_to_all:
        os.chmod(open_to_all, 0o755)
        program = shutil.copy(MOCK_EPIC, open_to_all)
        path = os.path.join(open_to_all, "unreadable")
        with open(path, "wb") as file:
            file.write(fixture("rsa2048_a.cert.pem"))
        os.chmod(path, 0o600)
        try:
            done = subprocess.run([program, "serve", "--client-id", "x", "--cert", path, "--listen", "127.0.0.1:0", "--log-level", "error"], capture_output=True, timeout=10 * SLOW,
                                  user=65534, group=65534, check=False)
        except (PermissionError, subprocess.SubprocessError) as error:
            print(f"skipped: unreadable file, because a process of nobody cannot be started here ({error})")
            return
        # under a coverage build, nobody cannot write the counts and says so
        error = "".join(line for line in done.stderr.decode().splitlines(True) if not line.startswith("profiling:"))
        suite.check(done.returncode == 3 and "unreadable" in error and "ermission" in error and error.count("\n") == 1, f"unreadable: {done.returncode} {error!r}")


# ---- time zones and locales ----

def works(name, mock):
    mock.register("app", certificate=certificate("rsa2048_a"))
    client = Client(mock, "app", A)
    suite.grants(name, client, client.jwt())
    now = int(time.time())
    _, clock = mock.admin("GET", "/clock")
    shown = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(clock["now"]))
    suite.check(abs(clock["now"] - now) <= 2 * SLOW and clock["now_rfc3339"].startswith(shown), f"{name}: {clock}")
    answer = mock.request("GET", "/mock/health")
    suite.check(answer.header("Date") == "" or answer.header("Date").startswith(time.strftime("%a, %d %b %Y ", time.gmtime(now))), f"{name}: {answer.header('Date')}")
    status, clock = mock.admin("PUT", "/clock", {"rate": 2.5, "now": 1800000000})
    suite.check(status == 200 and clock["rate"] == 2.5 and clock["now_rfc3339"].startswith("2027-01-15T08:00:0"), f"{name}: {status} {clock}")
    answer = mock.request("PUT", "/mock/clock", '{"rate":2,5}')
    suite.check(answer.statuses == [400], f"{name}: a decimal comma: {answer.statuses}")
    mock.admin("POST", "/reset", {"what": ["clock"]})
    for text, rule in ((".5", "exp.type"), (",5", "payload.json")):
        claims = client.jwt(claims_text=json.dumps(client.claims(exp=0)).replace('"exp": 0', f'"exp": {int(time.time()) + 200}{text}').encode())
        suite.refuses(f"{name}: exp with {text}", client, claims, rule)


def time_zones():
    for zone in ("Pacific/Kiritimati", "America/St_Johns", "Europe/Berlin", "QQQ+99", "right/UTC", ":/etc/passwd", ""):
        with Mock(env={"TZ": zone}) as mock:
            works(f"TZ={zone!r}", mock)


def locales():
    """de_DE writes 1,5 and tr_TR has an i without a dot; both are made here, where the sources of locales are."""
    for name in ("de_DE", "tr_TR"):
        made = subprocess.run(["localedef", "-i", name, "-f", "UTF-8", path_of(f"{name}.UTF-8")], capture_output=True, check=False) if shutil.which("localedef") else None
        if not os.path.exists(path_of(f"{name}.UTF-8/LC_NUMERIC")):
            print(f"skipped: {name}.UTF-8 cannot be made here (Debian package locales): {made.stderr.decode()[:200] if made else 'no localedef'}")
            continue
        # glibc never frees its copy of LOCPATH
        with Mock(env={"LOCPATH": WORK.name, "LC_ALL": f"{name}.UTF-8", "LANGUAGE": name[:2], "ASAN_OPTIONS": "detect_leaks=0"}) as mock:
            works(f"LC_ALL={name}.UTF-8", mock)


# ---- standard streams ----

def standard_streams():
    """Closed streams must not become the sockets of clients; a full disk or a closed pipe must not stop anything."""
    full = path_of("full", b"x" * 4096)  # as long as a file may become here, so that nothing more can be written to it
    for number, redirect in enumerate(("<&-", ">&-", "2>&-", "<&- >&- 2>&-", "2>>full", ">/dev/null 2>&1")):
        ready = path_of(f"streams-{number}.json")
        process = subprocess.Popen(["sh", "-c", f'trap "" XFSZ; ulimit -f 8; exec "$@" {redirect}', "sh", MOCK_EPIC, "serve", "--listen", "127.0.0.1:0", "--log-level", "debug", "--ready-file", ready],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, cwd=WORK.name)
        try:
            if not suite.check(eventually(lambda: os.path.exists(ready) or process.poll() is not None) and os.path.exists(ready), f"{redirect}: did not start, status {process.poll()}"):
                continue
            with open(ready, encoding="ascii") as file:
                port = int(json.load(file)["url"].split(":")[2].split("/")[0])
            streams = {fd: os.readlink(f"/proc/{process.pid}/fd/{fd}") for fd in range(3)}
            suite.check(set(streams.values()) <= {"/dev/null", full}, f"{redirect}: the standard streams are {streams}")
            with socket.create_connection(("127.0.0.1", port), 5 * SLOW) as idle, socket.create_connection(("127.0.0.1", port), 5 * SLOW) as s:
                for _ in range(20):
                    s.sendall(b"POST /interconnect-fhir-oauth/oauth2/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n")
                    answer = s.recv(65536)
                    suite.check(answer.startswith(b"HTTP/1.1 400 "), f"{redirect}: {answer[:80]!r}")
                idle.settimeout(0.2)
                with contextlib.suppress(socket.timeout):
                    suite.check(False, f"{redirect}: a silent connection was told {idle.recv(1000)[:80]!r}")
        finally:
            process.terminate()
            suite.check(process.wait(10 * SLOW) == 0, f"{redirect}: status {process.returncode}")
    closed, write_end = os.pipe()
    os.close(closed)
    process = subprocess.Popen([MOCK_EPIC, "serve", "--listen", "127.0.0.1:0", "--log-level", "error"], stdout=write_end, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    os.close(write_end)
    time.sleep(0.5)  # it may die of it, or serve; a verdict that comes too soon lets either pass
    alive = process.poll() is None
    process.terminate()
    process.communicate()
    suite.check(alive or process.returncode == 3, f"nobody reads its ready line: {process.returncode}")


def main():
    with WORK:
        out_of_descriptors()
        signals()
        restart_on_the_same_port()
        addresses()
        files()
        unreadable_file()
        time_zones()
        locales()
        standard_streams()
    suite.done(700)


main()
