#!/usr/bin/python3
"""`run --faketime`: what reads the wall clock sees the server's, in any language, thread and child; what waits does not notice."""
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap

from harness import BIN, FIXTURES, MOCK_EPIC, SLOW, Suite

suite = Suite()
WORK = tempfile.TemporaryDirectory()
PYTHON = "/usr/bin/python3"
AT, AT_S = "2030-01-02T03:04:05Z", 1893553445
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("EPIC_", "MOCK_EPIC_", "FAKETIME")) and name != "LD_PRELOAD"}
PATIENT = "Patient/erXuFYUfucBZaryVksYEcMg3"


# an app without a key for the command, which would take most of the time to make
APP = ("--client-id", "faketime", "--cert", os.path.join(FIXTURES, "keys", "rsa2048_a.cert.pem"))


def run(*command, options=("--faketime", "--at", AT), env=None, app=APP):
    return subprocess.run([MOCK_EPIC, "run", *app, *options, "--", *command], capture_output=True, text=True, check=False,
                          env={**CLEAN, "TMPDIR": WORK.name, **(env or {})}, stdin=subprocess.DEVNULL, timeout=60 * SLOW)


def script(name, text):
    path = os.path.join(WORK.name, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(textwrap.dedent(text))
    os.chmod(path, 0o755)
    return path


def shows(name, *command, env=None):
    """The command prints epoch seconds."""
    done = run(*command, env=env)
    seconds = done.stdout.strip()
    suite.check(seconds.isdigit() and 0 <= int(seconds) - AT_S <= 3600, f"{name}: {done.stdout[:100]!r} {done.stderr[-300:]}")


def test_programs():
    shows("date", "date", "+%s")
    shows("python", PYTHON, "-c", "import time; print(int(time.time()))")
    shows("a shell's child", "sh", "-c", "sh -c 'date +%s'")
    shows("LD_PRELOAD of the user's", "date", "+%s", env={"LD_PRELOAD": ""})
    if shutil.which("node"):
        shows("node", "node", "-e", "console.log(Math.floor(Date.now() / 1000))")
    if shutil.which("perl"):
        shows("perl", "perl", "-e", "print time, \"\\n\"")
    if shutil.which("javac"):
        shows("java", "java", script("Now.java", "class Now { public static void main(String[] a) { System.out.println(System.currentTimeMillis() / 1000); } }"))
    done = run(os.path.join(BIN, "epic-auth"), "get", PATIENT, app=())
    suite.check(done.returncode == 0 and PATIENT.split("/")[1] in done.stdout, f"epic-auth: {done.returncode} {done.stderr[-300:]}")
    done = run("sh", "-c", "echo $LD_PRELOAD", env={"LD_PRELOAD": "libm.so.6"})
    suite.check(done.stdout.startswith("libm.so.6:"), f"LD_PRELOAD is kept: {done.stdout}")


FOLLOW = """
    import ctypes, json, os, subprocess, threading, time, urllib.request
    def clock(path="", **body):
        request = urllib.request.Request(os.environ["MOCK_EPIC_URL"] + "/mock/clock" + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST" if path else "PUT")
        return json.load(urllib.request.urlopen(request))
    seen, stop = [], threading.Event()
    def watch():
        while not stop.is_set():
            seen.append(time.time())
    threads = [threading.Thread(target=watch) for _ in range(3)]
    for thread in threads: thread.start()
    for now in (1700000000, 1900000000, 86400, 4102444800):
        clock(now=now, frozen=True)
        assert abs(time.time() - now) < 0.1, (now, time.time())
        pid = os.fork()
        if pid == 0:
            os._exit(0 if abs(time.time() - now) < 0.1 else 1)
        assert os.waitpid(pid, 0)[1] == 0, "a fork"
        assert subprocess.run(["date", "+%s"], capture_output=True, text=True).stdout == f"{now}\\n", "an exec"
    clock("/advance", seconds=3600)
    assert abs(time.time() - 4102448400) < 0.1
    stop.set()
    for thread in threads: thread.join()
    known = (1700000000, 1900000000, 86400, 4102444800, 4102448400)
    torn = [t for t in seen if not any(abs(t - k) < 3600 for k in known) and abs(t - START) > 3600]
    assert not torn, torn[:3]
    clock(now=1800000000, frozen=False, rate=100)
    before, a, after = time.monotonic(), time.time(), time.monotonic()
    time.sleep(0.5)
    least, b, most = time.monotonic() - after, time.time(), time.monotonic() - before
    assert 100 * least - 10 < b - a < 100 * most + 10, (b - a, least, most)
    clock(rate=1)
    gettimeofday = (ctypes.c_long * 2)()
    ctypes.CDLL(None).gettimeofday(gettimeofday, None)
    assert abs(gettimeofday[0] - time.time()) < 600 and abs(ctypes.CDLL(None).time(None) - time.time()) < 600  # real time is years away
"""

# each must take as long as it says, by the steady clock, while the wall clock stands, jumps or runs
WAIT = """
    import ctypes, errno, os, sys, threading, time
    libc = ctypes.CDLL(None, use_errno=True)
    class Timespec(ctypes.Structure):
        _fields_ = [("s", ctypes.c_long), ("ns", ctypes.c_long)]
    def until(seconds):
        ns = time.time_ns() + int(seconds * 1e9)
        return ctypes.byref(Timespec(ns // 10**9, ns % 10**9))
    def sem(seconds):
        semaphore = ctypes.create_string_buffer(64)
        libc.sem_init(semaphore, 0, 0)
        libc.sem_timedwait(semaphore, until(seconds))
        assert ctypes.get_errno() == errno.ETIMEDOUT
    def condition(seconds):
        cond, mutex = ctypes.create_string_buffer(64), ctypes.create_string_buffer(64)
        libc.pthread_mutex_lock(mutex)
        assert libc.pthread_cond_timedwait(cond, mutex, until(seconds)) == errno.ETIMEDOUT
    def mutex(seconds):
        lock = ctypes.create_string_buffer(64)
        libc.pthread_mutex_lock(lock)
        assert libc.pthread_mutex_timedlock(lock, until(seconds)) == errno.ETIMEDOUT
    waits = {"sleep": time.sleep, "event": lambda s: threading.Event().wait(s), "lock": lambda s: (lock := threading.Lock()).acquire() and lock.acquire(timeout=s),
             "semaphore": sem, "condition": condition, "mutex": mutex, "sleep until": lambda s: libc.clock_nanosleep(0, 1, until(s), None)}
    for name, wait in waits.items():
        start = time.monotonic()
        wait(0.3)
        took = time.monotonic() - start
        assert 0.25 < took < 30 * SLOW, (name, took)
"""


def test_following():
    done = run(PYTHON, script("follow.py", FOLLOW.replace("START", str(AT_S))))
    suite.check(done.returncode == 0, f"following: {done.stderr[-500:]}")
    wait = script("wait.py", WAIT.replace("SLOW", str(SLOW)))
    for name, options in (("ahead", ("--clock-offset", "3600")), ("behind", ("--clock-offset", "-3600")), ("far", ("--at", "1971-01-01T00:00:00Z"))):
        done = run(PYTHON, wait, options=("--faketime", *options))
        suite.check(done.returncode == 0, f"waiting, {name}: {done.stderr[-500:]}")
    for body in ('{"frozen":true}', '{"rate":0}'):
        done = run("sh", "-c", f"curl -s -X PUT $MOCK_EPIC_URL/mock/clock -d '{body}' >clock && exec {PYTHON} {wait}")
        suite.check(done.returncode == 0, f"waiting, {body}: {done.stderr[-500:]}")
    # a time-out of curl, and a jump in its midst
    done = run("sh", "-c", "(sleep 0.3; curl -s $MOCK_EPIC_URL/mock/clock/advance -d '{\"seconds\":86400}') & "
               "curl -s -m 20 \"$MOCK_EPIC_URL/mock/journal?after=100&wait_s=1\"; echo \" $?\"")
    suite.check(done.stdout.rstrip().endswith(" 0"), f"curl -m over a jump: {done.stdout[-200:]}")


def test_out_of_reach():
    def names(program, *parts, command=None):
        done = run(*(command or (program,)))
        suite.check(done.returncode == 3 and all(part in done.stderr for part in (program, *parts)), f"{program}: {done.returncode} {done.stderr[-300:]}")

    source, static = os.path.join(WORK.name, "static.c"), os.path.join(WORK.name, "static")
    with open(source, "w", encoding="ascii") as file:
        file.write("int main(void) { return 0; }\n")
    if subprocess.run(["cc", "-static", "-o", static, source], capture_output=True, check=False).returncode == 0:
        names(static, "statically linked")
        names(static, "run by", command=(script("by_static", f"#!{static}\n"),))
        names(static, "run by", command=(script("by_env", f"#!/usr/bin/env -S A=1 {static} x\n"),))
        suite.check(run("static", env={"PATH": f"{WORK.name}:/usr/bin:/bin"}).returncode == 3, "found by PATH")
    other = os.path.join(WORK.name, "other")
    with open("/bin/true", "rb") as file:
        program = bytearray(file.read())
    program[18] = 0x28 if program[18] != 0x28 else 0x3e
    with open(other, "wb") as file:
        file.write(program)
    os.chmod(other, 0o755)
    names(other, "another machine")
    if os.getuid() == 0:
        setuid = os.path.join(WORK.name, "setuid")
        shutil.copy("/bin/true", setuid)
        os.chown(setuid, 65534, 65534)
        os.chmod(setuid, 0o4755)
        names(setuid, "more rights")
        os.chmod(setuid, 0o755)
        suite.check(run(setuid).returncode == 0, "the same without setuid")
    for status, command in ((127, "/nowhere/at/all"), (126, WORK.name), (0, script("plain", "#!/bin/sh\n")), (0, script("by_python", "#!/usr/bin/env python3\n"))):
        done = run(command)
        suite.check(done.returncode == status, f"{command}: {done.returncode} {done.stderr[-200:]}")


def test_real_time_is_named():
    done = run("env", "-u", "LD_PRELOAD", os.path.join(BIN, "epic-auth"), "token", app=())
    suite.check("its iat shows real time; --faketime does not reach this client" in done.stderr, f"real iat: {done.stderr[-500:]}")
    done = run(os.path.join(BIN, "epic-auth"), "token", app=())
    suite.check(done.returncode == 0 and "real time" not in done.stderr, f"server's iat: {done.stderr[-300:]}")


def test_start_warning():
    for name, options, is_warned in (("299 s ahead", ("--clock-offset", "299"), False), ("300 s ahead", ("--clock-offset", "300"), True),
                                     ("30 s behind", ("--clock-offset", "-29"), False), ("a minute behind", ("--clock-offset", "-60"), True),
                                     ("another year", ("--at", AT), True), ("faketime", ("--at", AT, "--faketime"), False), ("nothing", (), False)):
        done = run("true", options=options)
        suite.check(done.returncode == 0 and ("--faketime gives COMMAND" in done.stderr) == is_warned, f"warning, {name}: {done.stderr}")


def test_options():
    for options, status, part in ((("--faketime=2",), 2, "0, 1 or lib"), (("--faketime=",), 2, "empty"), (("--faketime=0",), 0, "")):
        done = run("true", options=options)
        suite.check(done.returncode == status and part in done.stderr, f"{options}: {done.returncode} {done.stderr}")
    done = run("date", "+%s", options=("--at", AT), env={"MOCK_EPIC_FAKETIME": "1"})
    suite.check(done.stdout[:6] == str(AT_S)[:6], f"MOCK_EPIC_FAKETIME=1: {done.stdout}")
    done = run("date", "+%s", options=("--at", AT, "--faketime=lib"))
    if done.returncode == 3:
        suite.check("apt-get install libfaketime" in done.stderr, f"lib: {done.stderr}")
    else:
        suite.check(0 <= int(done.stdout) - AT_S < 3600, f"lib: {done.stdout} {done.stderr}")


def main():
    shared = set(os.listdir("/dev/shm"))
    test_programs()
    test_following()
    test_out_of_reach()
    test_real_time_is_named()
    test_start_warning()
    test_options()
    suite.check(not [name for name in os.listdir(WORK.name) if name.startswith("mock-epic-")], "a run left something")
    suite.check(not {name for name in set(os.listdir("/dev/shm")) - shared if "faketime" in name or "mock" in name}, "something is left in shared memory")
    suite.done(30)


if sys.platform == "linux":
    main()
