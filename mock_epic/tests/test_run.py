#!/usr/bin/python3
"""`mock-epic run` around a command: signals, the environment, files, and how it ends; and signals for `serve`."""
import glob
import json
import os
import pty
import resource
import shlex
import signal
import socket
import subprocess
import tempfile
import termios
import time

from harness import BIN, FIXTURES, MOCK_EPIC, SLOW, Suite, fixture

suite = Suite()
WORK = tempfile.TemporaryDirectory()
# no variable of whoever runs the tests
CLEAN = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")
         and not name.startswith(("EPIC_", "MOCK_EPIC_")) and name not in ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "TMPDIR")}
PYTHON = "/usr/bin/python3"
END = ["HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "ALRM", "VTALRM", "PROF", "XCPU", "SYS", "TRAP", "POLL", "PWR", "RTMIN", "RTMAX"]
NUMBERS = {name: getattr(signal, "SIG" + name) for name in END if hasattr(signal, "SIG" + name)}
NUMBERS |= {"RTMIN+3": signal.SIGRTMIN + 3, "STKFLT": 16}


def folder(name):
    path = os.path.join(WORK.name, name)
    os.makedirs(path)
    return path


# making a key takes longer than all the rest: where none is looked at, this is the app
MINE = ("--client-id", "mine", "--cert", os.path.join(FIXTURES, "keys", "rsa2048_b.cert.pem"))


def run(*command, options=(), env=None, cwd=None, **more):
    """A finished `mock-epic run`."""
    return subprocess.run([MOCK_EPIC, "run", *options, "--", *command], capture_output=True, text=True, env={**CLEAN, "TMPDIR": WORK.name, **(env or {})},
                          stdin=subprocess.DEVNULL, cwd=cwd or WORK.name, timeout=60 * SLOW, check=False, **more)


def left():
    return glob.glob(f"{WORK.name}/mock-epic-*")


def start(*arguments, env=None, **more):
    """A server or a run whose first line on stdout tells that it is there."""
    process = subprocess.Popen([MOCK_EPIC, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL,
                               env={**CLEAN, "TMPDIR": WORK.name, **(env or {})}, **more)
    return process, process.stdout.readline()


def end(process):
    """Its status, or what is wrong; and stderr."""
    try:
        _, error = process.communicate(timeout=20 * SLOW)
        return process.returncode, error
    except subprocess.TimeoutExpired:
        process.kill()
        return "no end", process.communicate()[1]


# ---- signals ----

def serve_ends():
    """On every signal that asks for it; and what it told the world of itself is gone."""
    for name, number in NUMBERS.items():
        ready = os.path.join(WORK.name, "ready.json")
        process, line = start("serve", "--listen", "127.0.0.1:0", "--ready-file", ready)
        suite.check(line and os.path.exists(ready), f"serve before {name}: {line!r}")
        process.send_signal(number)
        status, error = end(process)
        wanted = 0 if name in ("TERM", "INT", "HUP") else -number
        suite.check(status == wanted, f"serve after SIG{name}: {status}, not {wanted} {error[-300:]}")
        suite.check(not os.path.exists(ready), f"serve after SIG{name} leaves its ready file")
        suite.check("stopping" in error, f"serve after SIG{name} stops in order: {error[-300:]}")


def run_ends():
    """The command gets the signal, its end is the run's, and no key stays."""
    for name, number in NUMBERS.items():
        process, _ = start("run", "--", "sh", "-c", "echo; exec sleep 60")
        suite.check(len(left()) == 1, f"a run has one directory: {left()}")
        process.send_signal(number)
        status, error = end(process)
        suite.check(status == 128 + number, f"run after SIG{name}: {status} {error[-300:]}")
        suite.check(not left(), f"run after SIG{name} leaves {left()}")


COUNTER = """
import os, signal, sys, time
counts = {}
def count(number, _):
    counts[number] = counts.get(number, 0) + 1
for number in (signal.SIGUSR1, signal.SIGINT, signal.SIGHUP, signal.SIGRTMIN):
    signal.signal(number, count)
print('ready', flush=True)
deadline = time.monotonic() + 30
while not counts and time.monotonic() < deadline:
    time.sleep(0.01)
time.sleep(0.5)
print(sum(counts.values()), flush=True)
sys.exit(7)
"""


def run_forwards():
    """Once, and the command decides what to make of it."""
    for number in (signal.SIGUSR1, signal.SIGINT, signal.SIGHUP, signal.SIGRTMIN):
        process, line = start("run", *MINE, "--", PYTHON, "-c", COUNTER)
        suite.check(line == "ready\n", f"the counter: {line!r}")
        process.send_signal(number)
        counted = process.stdout.readline()
        status, _ = end(process)
        suite.check(counted == "1\n" and status == 7, f"signal {number}: counted {counted!r}, status {status}")
    process, _ = start("run", *MINE, "--", "sh", "-c", "echo; kill -STOP $$; exec sleep 60")
    time.sleep(0.3)
    process.terminate()
    status, _ = end(process)
    suite.check(status == 128 + signal.SIGTERM, f"a command that was stopped: {status}")


def keyboard():
    """Ctrl-C comes from the terminal to both, once; kill -INT beside a terminal comes through the run."""
    for how in ("keyboard", "kill"):
        master, slave = pty.openpty()
        settings = termios.tcgetattr(slave)
        settings[3] |= termios.ISIG
        termios.tcsetattr(slave, termios.TCSANOW, settings)

        def own_terminal(slave=slave):
            os.setsid()
            import fcntl  # pylint: disable=import-outside-toplevel
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        process = subprocess.Popen([MOCK_EPIC, "run", *MINE, "--", PYTHON, "-c", COUNTER], stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env={**CLEAN, "TMPDIR": WORK.name}, preexec_fn=own_terminal)
        process.stdout.readline()
        if how == "keyboard":
            os.write(master, b"\x03")
        else:
            process.send_signal(signal.SIGINT)
        counted = process.stdout.readline()
        status, error = end(process)
        suite.check(counted == "1\n" and status == 7, f"SIGINT by {how}: counted {counted!r}, status {status} {error[-300:]}")
        os.close(master)
        os.close(slave)


def as_caller(change):
    """A preexec_fn that leaves out what Python itself ignores."""
    def prepare():
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        change()
    return prepare


def status_of(pid, field):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith(field)).split()[1], 16)


def mask_of(*numbers):
    return sum(1 << (number - 1) for number in numbers)


def inherited():
    """What was ignored stays ignored, here and in the command; what was blocked still reaches us."""
    process, _ = start("serve", "--listen", "127.0.0.1:0", preexec_fn=as_caller(lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)))
    process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    suite.check(process.poll() is None, "nohup mock-epic serve ended by SIGHUP")
    process.terminate()
    suite.check(end(process)[0] == 0, "nohup mock-epic serve, then SIGTERM")
    process, _ = start("serve", "--listen", "127.0.0.1:0", preexec_fn=as_caller(lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})))
    process.terminate()
    suite.check(end(process)[0] == 0, "a serve whose caller had blocked SIGTERM")

    def odd():
        signal.signal(signal.SIGUSR2, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGALRM})
    for name, change, ignored, blocked in (("plain", lambda: None, (), ()), ("odd", odd, (signal.SIGUSR2,), (signal.SIGUSR1, signal.SIGALRM)),
                                           ("no SIGPIPE", lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN), (signal.SIGPIPE,), ())):
        # cat is not a shell: those change what they inherit
        done = run("cat", "/proc/self/status", options=MINE, preexec_fn=as_caller(change), restore_signals=False)
        fields = dict(line.split(":\t", 1) for line in done.stdout.splitlines() if ":\t" in line)
        suite.check(int(fields.get("SigIgn", "x"), 16) == mask_of(*ignored) and int(fields.get("SigBlk", "x"), 16) == mask_of(*blocked)
                    and int(fields.get("SigCgt", "x"), 16) == 0, f"{name}: the command has {[fields.get(f) for f in ('SigIgn', 'SigBlk', 'SigCgt')]}")
    done = run("sh", "-c", "exit 5", options=MINE, preexec_fn=as_caller(lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)))
    suite.check(done.returncode == 5, f"a caller that ignores SIGCHLD: {done.returncode}")


def descriptors():
    for options in ((), ("--tls",)):
        done = run("ls", "/proc/self/fd", options=(*MINE, *options))
        suite.check(done.stdout.split() == ["0", "1", "2", "3"], f"descriptors of ours in the command: {done.stdout}")  # 3: the folder


# ---- how it ends ----

def exits():
    script = os.path.join(WORK.name, "no-interpreter")
    with open(script, "w", encoding="ascii") as file:
        file.write("#!/no/such/interpreter\n")
    os.chmod(script, 0o755)
    for command, status, says in ((("true",), 0, ""), (("sh", "-c", "exit 3"), 3, ""), (("sh", "-c", "kill -9 $$"), 137, ""), (("sh", "-c", "kill -QUIT $$"), 131, ""),
                                  (("no-such-command",), 127, "no-such-command: No such file"), (("/no/such/command",), 127, "/no/such/command: No such file"),
                                  (("/etc/passwd/x",), 127, "/etc/passwd/x: Not a directory"), (("",), 127, ": No such file"), ((script,), 127, "No such file"),
                                  (("/etc/passwd",), 126, "/etc/passwd: Permission denied"), (("/etc",), 126, "/etc: Permission denied")):
        done = run(*command, options=() if says else MINE)
        lines = [line for line in done.stderr.splitlines() if "profiling" not in line and not line.startswith("mock-epic: 0 requests")]
        suite.check(done.returncode == status and len(lines) == (1 if says else 0) and says in done.stderr, f"{command}: {done.returncode} {done.stderr!r}")
        suite.check(not left(), f"{command} leaves {left()}")


def temporary():
    here = folder("tmp")
    long = os.path.join(here, *["x" * 100] * 6)
    os.makedirs(long)
    with open(os.path.join(here, "file"), "w", encoding="ascii"):
        pass
    for value, where in ((long, long), ("tmp", here), (os.path.join(here, ""), here), ("/tmp/../tmp", "/tmp"), ("", "/tmp"), (None, "/tmp")):
        env = {"TMPDIR": value} if value is not None else {}
        done = subprocess.run([MOCK_EPIC, "run", "--", "sh", "-c", "cd / && echo $EPIC_PRIVATE_KEY_PATH && cat $EPIC_PRIVATE_KEY_PATH"], capture_output=True, text=True,
                              env={**CLEAN, **env}, cwd=WORK.name, timeout=60 * SLOW, check=False)
        path = done.stdout.split("\n", 1)[0]
        suite.check(done.returncode == 0 and "PRIVATE KEY" in done.stdout, f"TMPDIR={value}: {done.returncode} {done.stderr}")
        suite.check(os.path.dirname(os.path.dirname(path)) == os.path.realpath(where), f"TMPDIR={value}: {path}")
        suite.check(not os.path.exists(os.path.dirname(path)), f"TMPDIR={value}: {path} is left")
    for value in ("/no/such", os.path.join(here, "file"), "no/such", "/proc"):
        done = run("true", env={"TMPDIR": value})
        suite.check(done.returncode == 3 and f"TMPDIR is {value}" in done.stderr and done.stderr.count("\n") == 1, f"TMPDIR={value}: {done.returncode} {done.stderr}")


# ---- what was typed ----

def typed():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = run("sh", "-c", "echo $MOCK_EPIC_URL", options=(*MINE, "--listen", f"127.0.0.1:{port}"))
    suite.check(done.stdout == f"http://127.0.0.1:{port}\n", f"--listen: {done.stdout} {done.stderr}")
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        is_ours = True
        try:
            taken.bind(("127.0.0.1", 8423))
            taken.listen()
        except OSError:
            is_ours = False  # somebody's mock: also taken
        for env, options in (({}, ("--listen", "127.0.0.1:8423")), ({"MOCK_EPIC_LISTEN": "127.0.0.1:8423"}, ())):
            done = run("true", options=(*MINE, *options), env=env)
            suite.check(done.returncode == 3 and "8423" in done.stderr, f"the default port, asked for ({is_ours}): {done.returncode} {done.stderr}")
        suite.check(run("true", options=MINE).returncode == 0, "the default port, not asked for")
    for env, options, says in (({}, (), False), ({}, ("--log-level", "info"), True), ({"MOCK_EPIC_LOG_LEVEL": "info"}, (), True),
                               ({"MOCK_EPIC_LOG_LEVEL": "info"}, ("--log-level", "warn"), False)):
        done = run("true", options=(*MINE, *options), env=env)
        suite.check(("FHIR resources" in done.stderr) == says, f"{env} {options}: {done.stderr}")
    ready = os.path.join(WORK.name, "run-ready.json")
    done = run("sh", "-c", f"cat {ready}; echo $MOCK_EPIC_URL", options=(*MINE, "--ready-file", ready))
    lines = done.stdout.splitlines()
    suite.check(len(lines) == 2 and json.loads(lines[0])["admin_url"] == lines[1] + "/mock", f"--ready-file: {done.stdout} {done.stderr}")
    suite.check(not os.path.exists(ready), "the ready file of a run that has ended")
    done = run("sh", "-c", "curl -s $EPIC_TOKEN_URL -d grant_type=x; exec no-such-command", options=(*MINE, "--log", "json"), env={"MOCK_EPIC_THREADS": "1"})
    lines = done.stderr.splitlines()
    for line in lines:
        suite.check(line.startswith("{") and isinstance(json.loads(line), dict) or line.startswith("sh:"), f"--log json: {line!r}")
    suite.check(len(lines) >= 3 and "refused" in done.stderr, f"--log json: {done.stderr!r}")
    done = run("no-such-command", options=(*MINE, "--log", "json"))
    suite.check("no-such-command" in json.loads(done.stderr)["message"], f"--log json, no command: {done.stderr!r}")


def refused_options():
    secret = "s3cr3t-of-an-administrator-0123456789"
    for program in ((MOCK_EPIC, "serve"), (MOCK_EPIC, "run"), (f"{BIN}/epic-auth", "token"), (f"{BIN}/epic-conformance", "jwt")):
        for arguments in ((f"--admin-token={secret}",), ("--admin-token", secret), ("operand", f"--tokn={secret}"), (f"-Z{secret}",), (f"--help={secret}",), (f"--client-i={secret}",)):
            done = subprocess.run([*program, *arguments, "--", "true"], capture_output=True, text=True, stdin=subprocess.DEVNULL, env=CLEAN, timeout=60 * SLOW, check=False)
            said = done.stdout + done.stderr
            if program[1] == "run" and arguments[0] == "operand":
                continue  # a command, with its arguments
            suite.check(done.returncode == 2 and secret[:6] not in said, f"{program[1]} {arguments}: {done.returncode} {said}")
    for arguments, says in ((("--port", "1"), "did you mean --listen?"), (("--listen", ""), "--listen needs a value"), (("--at", "9223372036854775807"), "9999-12-31"),
                            (("--at", "1969-12-31T23:59:59Z"), "1970-01-01"), (("--at", "0000-01-01T00:00:00Z"), "1970-01-01"), (("--clock-offset", "-9000000000"), "1970-01-01"),
                            (("--clock-offset", "253402300799"), "9999-12-31"), (("--clock-offset", "253402300800"), "a whole number from"),
                            (("--at", "2026-01-01T00:00:00Z", "--clock-offset", "0"), "contradict"), (("--environment", "prod"), "non-production or production"),
                            (("--log", "xml"), "text or json")):
        done = subprocess.run([MOCK_EPIC, "serve", "--listen", "127.0.0.1:0", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, env=CLEAN, timeout=60 * SLOW, check=False)
        suite.check(done.returncode == 2 and says in done.stderr, f"{arguments}: {done.returncode} {done.stderr}")
    for program, words in ((MOCK_EPIC, ("help",)), (f"{BIN}/epic-auth", ("help",)), (f"{BIN}/epic-auth", ("help", "token")), (f"{BIN}/epic-conformance", ("help",)),
                           (f"{BIN}/epic-conformance", ("help", "jwt"))):
        done = subprocess.run([program, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, env=CLEAN, timeout=60 * SLOW, check=False)
        suite.check(done.returncode == 0 and done.stdout.startswith("Usage: ") and not done.stderr, f"{words}: {done.returncode} {done.stderr}")


def misplaced():
    """A key or a JWT where a name should be: whatever is said of it, it is not shown."""
    pem = fixture("rsa2048_a.TESTKEY.pem").decode()
    jwt = "eyJhbGciOiJSUzM4NCIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4Iiwic3ViIjoieCJ9.c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJl"
    listen = ("--listen", "127.0.0.1:0")
    for command in (("mock-epic",), ("mock-epic", "serve", *listen, "--client-id", "x", "--cert"), ("mock-epic", "serve", *listen, "--switch"), ("mock-epic", "serve", "--listen"),
                    ("mock-epic", "serve", "--public-url"), ("mock-epic", "serve", "--fixtures"), ("mock-epic", "serve", "--threads"), ("mock-epic", "serve", "--at"),
                    ("mock-epic", "serve", "--log"), ("mock-epic", "serve", *listen, "--admin-token-file"), ("mock-epic", "run", *MINE, "--"), ("epic-auth",), ("epic-auth", "help"),
                    ("epic-auth", "key", "inspect", "--"), ("epic-auth", "token", "--private-key"), ("epic-auth", "token", "--timeout"), ("epic-auth", "assertion", "-d", "--"),
                    ("epic-conformance",), ("epic-conformance", "jwt", "--cert"), ("epic-conformance", "jwt", "--cert", "x"), ("epic-conformance", "jwt", "--format"),
                    ("epic-conformance", "key", "--")):
        for name, value, parts in (("key", pem, pem.splitlines()[2:-1]), ("JWT", jwt, jwt.split("."))):
            done = subprocess.run([f"{BIN}/{command[0]}", *command[1:], value], capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=WORK.name,
                                  env={**CLEAN, "EPIC_BACKEND_CLIENT_ID": "x", "EPIC_TOKEN_URL": "http://127.0.0.1:1/", "TMPDIR": WORK.name}, timeout=60 * SLOW, check=False)
            said = done.stdout + done.stderr
            suite.check(done.returncode not in (0, -signal.SIGSEGV) and done.stderr, f"{command} {name}: {done.returncode} {said[-200:]}")
            suite.check(not [part for part in parts if part in said], f"{command} shows a {name}: {said[-300:]}")


def admin_token():
    token = "an-admin-token-of-enough-letters"
    process, line = start("serve", "--listen", "127.0.0.1:0", env={"MOCK_EPIC_ADMIN_TOKEN": token})
    url = json.loads(line)["admin_url"]
    for header, status in ((None, "401"), ("Authorization: Bearer wrong", "401"), (f"Authorization: Bearer {token}", "200")):
        done = subprocess.run(["curl", "-s", "--noproxy", "*", "-o", "-", "-w", "\n%{http_code}", f"{url}/clock", *(["-H", header] if header else [])], capture_output=True, text=True, check=False)
        suite.check(done.stdout.endswith("\n" + status), f"MOCK_EPIC_ADMIN_TOKEN and {header}: {done.stdout}")
        suite.check(header or "--admin-token-file" in done.stdout, f"how to give the token: {done.stdout}")
    process.terminate()
    status, error = end(process)
    suite.check(status == 0 and token not in error, f"the admin token: {status} {error}")
    done = run("env", options=MINE, env={"MOCK_EPIC_ADMIN_TOKEN": token})
    suite.check(done.returncode == 0 and token not in done.stdout + done.stderr, "the admin token in the command's environment")
    for bad in ("short", "with a space in it, that is"):
        done = run("true", options=MINE, env={"MOCK_EPIC_ADMIN_TOKEN": bad})
        suite.check(done.returncode == 3 and "MOCK_EPIC_ADMIN_TOKEN: an admin token" in done.stderr and bad not in done.stderr, f"{bad}: {done.returncode} {done.stderr}")


# ---- the environment ----

def seen(env=None, options=(), cwd=None):
    done = run("env", "-0", env=env, options=options, cwd=cwd)
    said = "".join(line for line in done.stderr.splitlines(True) if not line.startswith("mock-epic: 0 requests, "))
    return dict(entry.split("=", 1) for entry in done.stdout.split("\0") if entry), said


def variables():
    other = fixture("rsa2048_b.TESTKEY.pem").decode()
    ours = {"EPIC_PRIVATE_KEY_PEM": other, "EPIC_KEY_ID": "theirs", "EPIC_JKU": "https://example.org/jwks", "EPIC_CA_FILE": "/no/such", "EPIC_TOKEN_CACHE": "/no/such",
            "EPIC_TOKEN_URL": "https://example.org/token", "MOCK_EPIC_THREADS": "1", "MOCK_EPIC_URL": "http://example.org", "EPIC_SCOPES": "system/Patient.read", "EPIC_OTHERS": "kept"}
    env, error = seen(ours)
    for name in ("EPIC_PRIVATE_KEY_PEM", "EPIC_KEY_ID", "EPIC_JKU", "EPIC_CA_FILE", "EPIC_TOKEN_CACHE", "MOCK_EPIC_THREADS"):
        suite.check(name not in env, f"{name} is {env.get(name)!r}")
        suite.check(name in error, f"{name} is not named: {error}")
    for name in ("EPIC_TOKEN_URL", "MOCK_EPIC_URL"):
        suite.check(env[name].startswith("http://127.0.0.1:") and name in error, f"{name} is {env[name]!r}: {error}")
    suite.check(env["EPIC_SCOPES"] == "system/Patient.read" and env["EPIC_OTHERS"] == "kept" and "EPIC_SCOPES" not in error and "EPIC_OTHERS" not in error, f"{env} {error}")
    suite.check(error.count("\n") == 1 and "example" not in error and "theirs" not in error and "PRIVATE KEY" not in error, f"one line without values: {error}")
    env, error = seen()
    suite.check(error == "" and not [name for name in env if name.startswith("MOCK_EPIC_") and name != "MOCK_EPIC_URL"], f"nothing was there: {error} {env}")
    for name in ("EPIC_PRIVATE_KEY_PEM", "EPIC_KEY_ID", "EPIC_JKU", "EPIC_CA_FILE"):
        done = run(f"{BIN}/epic-auth", "token", env={name: ours[name]})
        suite.check(done.returncode == 0 and done.stdout, f"a token in spite of {name}: {done.returncode} {done.stderr}")


def dot_env():
    """What a .env sets is kept out by an empty variable."""
    here = folder("project")
    other = fixture("rsa2048_b.TESTKEY.pem").decode()
    with open(os.path.join(here, ".env"), "w", encoding="ascii") as file:
        file.write(f"# mine\nEPIC_PRIVATE_KEY_PEM='{other}'\nexport EPIC_JKU=https://example.org/jwks\n EPIC_KEY_ID = theirs\nEPIC_CA_FILE=/no/such\nEPIC_TOKEN_CACHE=x\nEPIC_TOKEN_URL=http://127.0.0.1:1/\n")
    env, error = seen(cwd=here)
    for name in ("EPIC_PRIVATE_KEY_PEM", "EPIC_KEY_ID", "EPIC_JKU", "EPIC_CA_FILE", "EPIC_TOKEN_CACHE"):
        suite.check(env.get(name) == "" and name in error, f"{name} is {env.get(name)!r}: {error}")
    done = run(f"{BIN}/epic-auth", "token", cwd=here)
    suite.check(done.returncode == 0 and done.stdout, f"a token in spite of .env: {done.returncode} {done.stderr}")
    done = run(f"{BIN}/epic-auth", "config", "show", cwd=here)
    suite.check("example.org" not in done.stdout and "no/such" not in done.stdout, f"what is in force: {done.stdout}")


def own_app():
    """With an app of the user's, his key is what is needed."""
    key = os.path.join(FIXTURES, "keys", "rsa2048_b.TESTKEY.pem")
    options = MINE
    theirs = {"EPIC_PRIVATE_KEY_PEM": fixture("rsa2048_b.TESTKEY.pem").decode(), "EPIC_KEY_ID": "k", "EPIC_JKU": "https://example.org/jwks"}
    env, error = seen(theirs, options)
    suite.check(all(env.get(name) == value for name, value in theirs.items()) and not error, f"kept: {error} {[env.get(n) for n in theirs]}")
    suite.check(env["EPIC_BACKEND_CLIENT_ID"] == "mine" and "EPIC_PRIVATE_KEY_PATH" not in env and not left(), f"{env}")
    for env in ({"EPIC_PRIVATE_KEY_PEM": theirs["EPIC_PRIVATE_KEY_PEM"]}, {"EPIC_PRIVATE_KEY_PATH": key}):
        done = run(f"{BIN}/epic-auth", "token", options=options, env=env)
        suite.check(done.returncode == 0 and done.stdout, f"a token with {list(env)}: {done.returncode} {done.stderr}")


def proxies():
    loopback = ["127.0.0.1", "localhost", "::1", "[::1]"]
    for env, lower, upper in (({}, [], []), ({"NO_PROXY": "corp"}, ["corp"], ["corp"]), ({"no_proxy": "a, b"}, ["a", " b"], ["a", " b"]), ({"no_proxy": "a", "NO_PROXY": "b"}, ["a"], ["b"]),
                              ({"no_proxy": ""}, [], [])):
        got, _ = seen(env, MINE)
        suite.check(got["no_proxy"].split(",") == lower + loopback and got["NO_PROXY"].split(",") == upper + loopback, f"{env}: {got['no_proxy']} {got['NO_PROXY']}")
    got, error = seen({"NO_PROXY": "localhost,::1", "no_proxy": "*"}, MINE)
    suite.check(got["NO_PROXY"] == "localhost,::1,127.0.0.1,[::1]" and got["no_proxy"] == "*", f"{got['NO_PROXY']} {got['no_proxy']}")
    suite.check("NO_PROXY" in error and "no_proxy" not in error, f"{error}")
    proxy = {name: "http://127.0.0.1:1" for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")}
    ask = "import os,urllib.request as u;u.urlopen(os.environ['MOCK_EPIC_URL']+'/mock/health').read()"
    for options in ((), ("--tls",), ("--listen", "127.0.0.2:0"), ("--listen", "localhost:0")):
        for command in ((f"{BIN}/epic-auth", "get", "Patient/erXuFYUfucBZaryVksYEcMg3"), ("sh", "-c", "curl -sS --fail $MOCK_EPIC_URL/mock/health"), (PYTHON, "-c", ask)):
            done = run(*command, options=options if "epic-auth" in command[0] else (*MINE, *options), env=proxy)
            suite.check(done.returncode == 0, f"{options} {command[0]} behind a proxy: {done.returncode} {done.stderr[-300:]}")
    process, line = start("serve", "--listen", "127.0.0.1:0")
    done = subprocess.run([f"{BIN}/epic-auth", "metadata", "--fhir-base-url", json.loads(line)["fhir_base_url"]], capture_output=True, text=True,
                          env={**CLEAN, **proxy, "EPIC_BACKEND_CLIENT_ID": "x", "EPIC_PRIVATE_KEY_PEM": fixture("rsa2048_a.TESTKEY.pem").decode(), "EPIC_TOKEN_URL": json.loads(line)["token_url"]},
                          cwd=WORK.name, timeout=60 * SLOW, check=False)
    suite.check("127.0.0.1:1" not in done.stderr and "proxy" not in done.stderr.lower(), f"epic-auth beside a server on loopback, with a proxy: {done.stderr}")
    process.terminate()
    end(process)


def authorities():
    """Ours beside those that were trusted, not in their place."""
    mine, extra = os.path.join(WORK.name, "mine.pem"), os.path.join(WORK.name, "extra.pem")
    for path, text in ((mine, fixture("rsa2048_a.cert.pem")), (extra, fixture("rsa2048_b.cert.pem").rstrip(b"\n"))):
        with open(path, "wb") as file:
            file.write(text)
    system = next((path for path in ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem") if os.path.exists(path)), None)
    script = "import json,os;print(json.dumps({n: open(os.environ[n]).read() for n in ('EPIC_CA_FILE','SSL_CERT_FILE','CURL_CA_BUNDLE','REQUESTS_CA_BUNDLE','NODE_EXTRA_CA_CERTS')}))"
    names = ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
    for env, wanted in (({}, (system, system, system)), ({"SSL_CERT_FILE": mine}, (mine, mine, system)), ({"REQUESTS_CA_BUNDLE": extra}, (system, system, extra)),
                        ({"CURL_CA_BUNDLE": extra}, (system, extra, extra)), ({"SSL_CERT_FILE": mine, "CURL_CA_BUNDLE": extra}, (mine, extra, extra)),
                        ({"SSL_CERT_FILE": "/no/such"}, (system, system, system)), ({"REQUESTS_CA_BUNDLE": WORK.name}, (system, system, system)), ({"SSL_CERT_FILE": ""}, (system, system, system))):
        done = run(PYTHON, "-c", script, options=(*MINE, "--tls"), env={"NODE_EXTRA_CA_CERTS": extra, **env})
        got = json.loads(done.stdout or "{}")
        if not suite.check(got, f"{env}: {done.stderr}"):
            continue
        authority = got["EPIC_CA_FILE"]
        suite.check(authority.count("BEGIN CERTIFICATE") == 1, f"EPIC_CA_FILE: {authority}")
        for name, base in zip((*names, "NODE_EXTRA_CA_CERTS"), (*wanted, extra)):
            before = ""
            if base:
                with open(base, encoding="utf-8") as file:
                    before = file.read().rstrip("\n") + "\n"
            suite.check(got[name] == before + authority, f"{env}: {name} holds {got[name].count('BEGIN')} certificates, not {before.count('BEGIN')} and ours")
        is_lost = env.get("SSL_CERT_FILE") == "/no/such" or "REQUESTS_CA_BUNDLE" in env and wanted[2] == system
        suite.check(("not passed on" in done.stderr) == is_lost, f"{env}: {done.stderr}")
    ca = os.path.join(WORK.name, "asked-for.pem")
    done = run("sh", "-c", f"cmp {shlex.quote(ca)} $EPIC_CA_FILE && curl -sS --fail $MOCK_EPIC_URL/mock/health", options=("--tls", "--tls-ca-file", ca))
    suite.check(done.returncode == 0 and os.path.exists(ca), f"--tls-ca-file: {done.stderr}")
    env, _ = seen()
    suite.check(not [name for name in (*names, "EPIC_CA_FILE", "NODE_EXTRA_CA_CERTS") if name in env], f"without --tls: {env}")
    suite.check(not left(), f"bundles are left: {left()}")


# ---- a command that takes too long; variables for whatever starts later ----

def timeouts():
    """SIGTERM, and SIGKILL for a command that minds no SIGTERM; a command that ends in time is none of it."""
    started = time.monotonic()
    done = run("sleep", "60", options=(*MINE, "--timeout", "1"))
    suite.check(done.returncode == 124 and "--timeout 1" in done.stderr and time.monotonic() - started >= 1, f"--timeout: {done.returncode} {done.stderr}")
    done = run("sh", "-c", "trap 'exit 0' TERM; sleep 60 & wait", options=(*MINE, "--timeout", "1"))
    suite.check(done.returncode == 124, f"a command that ends well when asked: {done.returncode}")
    started = time.monotonic()
    done = run("sh", "-c", "trap '' TERM; exec sleep 60", options=(*MINE, "--timeout", "1"))
    suite.check(done.returncode == 124 and time.monotonic() - started >= 6, f"a command that minds no SIGTERM: {done.returncode}")
    for status in (0, 7):
        done = run("sh", "-c", f"exit {status}", options=(*MINE, "--timeout", "60"))
        suite.check(done.returncode == status and "timeout" not in done.stderr, f"in time: {done.returncode} {done.stderr}")
    for command, options in (("run", ("--timeout", "0")), ("serve", ("--timeout", "5")), ("run", ("--env-file", "x"))):
        done = subprocess.run([MOCK_EPIC, command, *options, "--", "true"], capture_output=True, text=True, env=CLEAN, timeout=60 * SLOW, check=False)
        suite.check(done.returncode == 2, f"{command} {options}: {done.returncode}")


def read_env_file(path):
    with open(path, encoding="ascii") as file:
        return dict(line.rstrip("\n").split("=", 1) for line in file)


def env_file():
    """Lines that are whole, once the server is ready; the key is there as long as the server is."""
    path = os.path.join(WORK.name, "later.env")
    with open(path, "w", encoding="ascii") as file:
        file.write("A=first\nB=no end")
    process, line = start("serve", "--listen", "127.0.0.1:0", "--tls", "--env-file", path)
    got = read_env_file(path)
    ready = json.loads(line or "{}")
    wanted = {"A": "first", "B": "no end", "EPIC_TOKEN_URL": ready.get("token_url"), "EPIC_FHIR_BASE_URL": ready.get("fhir_base_url"), "MOCK_EPIC_URL": ready.get("admin_url", "")[:-5]}
    suite.check(all(got.get(name) == value for name, value in wanted.items()), f"the lines: {got}, expected {wanted}")
    key, ca = got["EPIC_PRIVATE_KEY_PATH"], got["EPIC_CA_FILE"]
    suite.check(os.stat(key).st_mode & 0o777 == 0o600 and os.path.exists(ca), "key and CA are there")
    asked = subprocess.run([f"{BIN}/epic-auth", "token"], capture_output=True, text=True, stdin=subprocess.DEVNULL, env={**CLEAN, **got}, cwd=WORK.name, timeout=60 * SLOW, check=False)
    suite.check(asked.returncode == 0 and asked.stdout, f"a token by these: {asked.stderr}")
    process.terminate()
    status, error = end(process)
    suite.check(status == 0 and not os.path.exists(key) and not left(), f"the key goes: {status} {error} {left()}")
    suite.check(read_env_file(path) == got, "the lines stay")
    process, _ = start("serve", "--listen", "127.0.0.1:0", *MINE, env={"MOCK_EPIC_ENV_FILE": path})
    got = read_env_file(path)
    suite.check(got["EPIC_BACKEND_CLIENT_ID"] == "mine" and got["EPIC_PRIVATE_KEY_PATH"] == key, "an app of the user's brings its key; the last line counts")
    process.terminate()
    end(process)


def env_file_refused():
    """What cannot be written ends the start, with nothing left; and a file is as it was."""
    path = os.path.join(WORK.name, "full.env")
    with open(path, "w", encoding="ascii") as file:
        file.write("A" * 1000)
    strange = folder("strange folder")

    def full():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1100, 1100))

    cases = [
        ("spaces in TMPDIR", (path,), {"TMPDIR": strange}, "EPIC_PRIVATE_KEY_PATH would need quotes", None),
        ("spaces in a client id", (path, *("--client-id", "a b", "--cert", MINE[3])), {}, None, None),
        ("a directory", (WORK.name,), {}, "Is a directory", None),
        ("no directory", (os.path.join(WORK.name, "none", "x"),), {}, "No such file", None),
        ("a full disk", (path, *MINE), {}, "too large", full),
    ]
    for name, options, env, said, before in cases:
        done = subprocess.run([MOCK_EPIC, "serve", "--listen", "127.0.0.1:0", "--env-file", *options], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env={**CLEAN, "TMPDIR": WORK.name, **env}, timeout=60 * SLOW, check=False, preexec_fn=before)
        suite.check(done.returncode == 3 and not done.stdout and (not said or said in done.stderr), f"{name}: {done.returncode} {done.stderr[-300:]}")
        suite.check(os.path.getsize(path) == 1000 and not left() and not os.listdir(strange), f"{name}: the file has {os.path.getsize(path)} bytes; {left()}")


def main():
    with WORK:
        timeouts()
        env_file()
        env_file_refused()
        serve_ends()
        run_ends()
        run_forwards()
        keyboard()
        inherited()
        descriptors()
        exits()
        temporary()
        typed()
        refused_options()
        misplaced()
        admin_token()
        variables()
        dot_env()
        own_app()
        proxies()
        authorities()
    suite.done(400)


main()
