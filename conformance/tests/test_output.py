"""What a name given to -o may be: everything that the shell could write to is written, and nothing is replaced but a regular
file. Tried with epic-conformance; all three programs write through the same function. No node of /dev is touched."""
import contextlib
import os
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time

BIN = os.environ["EPIC_BIN_DIR"]
KEYS = os.path.join(os.environ["EPIC_FIXTURES_DIR"], "keys")
PROGRAM = [os.path.join(BIN, "epic-conformance"), "key", os.path.join(KEYS, "rsa2048_a.cert.pem")]
IS_ROOT = os.geteuid() == 0
PATIENCE_S = 60  # for what should take milliseconds, on a machine that may be busy
bad = []
checks = 0


def check(condition, message):
    global checks
    checks += 1
    if not condition:
        bad.append(message)
        print("BAD  " + message, flush=True)


def run(output, folder, before=None, pass_fds=(), stdout=subprocess.PIPE, program=None):
    return subprocess.run((program or PROGRAM) + ["-o", output], cwd=folder, stdout=stdout, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, preexec_fn=before, pass_fds=pass_fds, timeout=PATIENCE_S)


EXPECTED = subprocess.run(PROGRAM, capture_output=True, check=True).stdout


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data=b"old"):
    with open(path, "wb") as file:
        file.write(data)


@contextlib.contextmanager
def scratch():
    folder = tempfile.mkdtemp(prefix="epic-output-")
    try:
        yield folder
        left = [name for _, _, names in os.walk(folder) for name in names if "tmp-" in name]
        check(not left, f"temporary files left: {left}")
    finally:
        shutil.rmtree(folder)


def wrote(name, done, path):
    check(done.returncode == 0, f"{name}: status {done.returncode}, {done.stderr}")
    check(read(path) == EXPECTED, f"{name}: content {read(path)[:60]}")


def refused(name, done, *words):
    check(done.returncode == 3, f"{name}: status {done.returncode}, {done.stderr}")
    check(done.stderr.count(b"\n") == 1, f"{name}: {done.stderr}")
    for word in words:
        check(word in done.stderr, f"{name}: {done.stderr}")


def test_a_dash_is_standard_output():
    with scratch() as d:
        done = run("-", d)
        check(done.returncode == 0 and done.stdout == EXPECTED and not os.path.exists(os.path.join(d, "-")), f"-o -: {done}")


def test_regular_files():
    with scratch() as d:
        new = os.path.join(d, "new")
        for umask, mode in ((0o022, 0o644), (0o077, 0o600)):
            wrote("new", run("new", d, lambda: os.umask(umask)), new)
            check(stat.S_IMODE(os.stat(new).st_mode) == mode, f"umask {umask:o}: mode {os.stat(new).st_mode:o}")
            os.unlink(new)
        for mode in (0o600, 0o664, 0o640):
            write(new)
            os.chmod(new, mode)
            wrote("there", run("new", d), new)
            check(stat.S_IMODE(os.stat(new).st_mode) == mode, f"mode {mode:o} became {os.stat(new).st_mode:o}")
        other = os.path.join(d, "other")
        write(other)
        os.link(other, os.path.join(d, "hard"))
        wrote("hard link", run("hard", d), os.path.join(d, "hard"))
        check(read(other) == b"old", "the other name of a hard link")
        longest = "x" * 255
        wrote("longest name", run(longest, d), os.path.join(d, longest))
        if IS_ROOT:
            os.chown(new, 12345, 54321)
            wrote("another's", run("new", d), new)
            check((os.stat(new).st_uid, os.stat(new).st_gid) == (12345, 54321), "the owner is kept")
        for name in ("new/", "nowhere/x", "new/x", "."):
            refused(repr(name), run(name, d))


def test_links():
    with scratch() as d:
        target, link = os.path.join(d, "target"), os.path.join(d, "link")
        os.mkdir(os.path.join(d, "deep"))
        os.symlink("target", link)
        for state in ("dangling", "there"):
            wrote(state, run("link", d), target)
            check(os.readlink(link) == "target", f"{state}: the link itself")
        for hops, path in enumerate(("deep/one", "deep/two", "three")):
            os.symlink(("../link", "one", os.path.join(d, "deep/two"))[hops], os.path.join(d, path))
        write(target)
        wrote("chain", run("three", d), target)
        os.unlink(target)
        wrote("dangling chain", run("three", d), target)
        os.symlink(d, os.path.join(d, "folder"))
        wrote("linked folder", run("folder/y", d), os.path.join(d, "y"))
        os.symlink("b", os.path.join(d, "a"))
        os.symlink("a", os.path.join(d, "b"))
        refused("loop", run("a", d), b"symbolic links")
        os.symlink("self", os.path.join(d, "self"))
        refused("link to itself", run("self", d), b"symbolic links")
        os.symlink("nowhere/x", os.path.join(d, "lost"))
        refused("into a folder that is not", run("lost", d), b"lost", b"nowhere/x")
        if IS_ROOT:  # what fs.protected_symlinks keeps the kernel from
            trap = os.path.join(d, "tmp")
            os.mkdir(trap)
            os.chmod(trap, 0o1777)
            write(target)
            os.symlink(target, os.path.join(trap, "out"))
            wrote("own link", run("tmp/out", d), target)
            os.chown(os.path.join(trap, "out"), 12345, 12345, follow_symlinks=False)
            write(target)
            refused("another's link where all may write", run("tmp/out", d), b"ermission")
            check(read(target) == b"old", "the trap's target")
            os.chmod(trap, 0o755)
            wrote("the same link elsewhere", run("tmp/out", d), target)


def read_later(path, wait_s, into):
    def reader():
        time.sleep(wait_s)
        into.append(read(path))
    thread = threading.Thread(target=reader, daemon=True)
    thread.start()
    return thread


def test_fifos():
    with scratch() as d:
        fifo = os.path.join(d, "fifo")
        os.mkfifo(fifo)
        os.symlink("fifo", os.path.join(d, "link"))
        for name in ("fifo", "link"):
            for wait_s in (0, 0.3):
                got = []
                thread = read_later(fifo, wait_s, got)
                done = run(name, d)
                thread.join(PATIENCE_S)
                check(done.returncode == 0 and got == [EXPECTED], f"{name} read after {wait_s} s: {done.stderr} {got}")
        check(stat.S_ISFIFO(os.lstat(fifo).st_mode), "the FIFO is still one")
        waiting = subprocess.Popen(PROGRAM + ["-o", "fifo"], cwd=d, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(0.3)
        check(waiting.poll() is None, "a FIFO that nobody reads is waited for")
        waiting.terminate()
        check(waiting.wait(PATIENCE_S) == -signal.SIGTERM, "and SIGTERM ends the waiting")
        waiting.communicate()


def test_devices_and_sockets():
    with scratch() as d:
        os.mkdir(os.path.join(d, "folder"))
        refused("folder", run("folder", d), b"irectory")
        with socket.socket(socket.AF_UNIX) as listener:
            os.chdir(d)
            listener.bind("socket")
            listener.listen()
            os.chdir("/")
            refused("socket", run("socket", d), b"socket")
            check(stat.S_ISSOCK(os.lstat(os.path.join(d, "socket")).st_mode), "the socket is still one")
        null = os.path.join(d, "null")
        try:
            os.mknod(null, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
            with open(null, "wb"):
                pass
        except OSError:
            return  # not root, or a file system without devices
        os.symlink("null", os.path.join(d, "link"))
        for name in ("null", "link"):
            done = run(name, d)
            check(done.returncode == 0, f"{name}: {done.returncode} {done.stderr}")
            info = os.lstat(null)
            check(stat.S_ISCHR(info.st_mode) and info.st_rdev == os.makedev(1, 3), "the device is still one")


def names_of_descriptor(d, number):
    os.symlink(f"/proc/self/fd/{number}", os.path.join(d, f"out{number}"))
    os.symlink("/proc/self/fd", os.path.join(d, f"fds{number}"))
    return (f"/proc/self/fd/{number}", f"/proc/self/../self/fd/{number}", f"out{number}", f"fds{number}/{number}",
            f"/proc/thread-self/fd/{number}", f"/proc/self/fd/../fd/{number}")


def test_descriptors():
    if not os.path.exists("/proc/self/fd"):
        return
    with scratch() as d:
        for name in names_of_descriptor(d, 1):
            done = run(name, d)
            check(done.returncode == 0 and done.stdout == EXPECTED, f"{name}: {done.returncode} {done.stderr}")
        path = os.path.join(d, "log")
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
        os.set_inheritable(fd, True)
        before = os.fstat(fd).st_ino
        for name in names_of_descriptor(d, fd):
            os.ftruncate(fd, 0)
            os.lseek(fd, 0, os.SEEK_SET)
            os.write(fd, b"before\n")
            done = run(name, d, pass_fds=(fd,))
            os.write(fd, b"after\n")
            check(done.returncode == 0, f"{name}: {done.returncode} {done.stderr}")
            check(read(path) == b"before\n" + EXPECTED + b"after\n", f"{name}: {read(path)[:200]}")
        check(os.stat(path).st_ino == before, "an open file is not replaced")
        os.close(fd)
        reading, writing = os.pipe()
        done = run(f"/proc/{os.getpid()}/fd/{writing}", d)  # another process's
        os.close(writing)
        check(done.returncode == 0 and os.read(reading, 65536) == EXPECTED, f"another's descriptor: {done.stderr}")
        os.close(reading)
        refused("a closed descriptor", run("/proc/self/fd/77", d))


def limit(n):
    def before():
        resource.setrlimit(resource.RLIMIT_FSIZE, (n, n))
    return before


def test_full_disk():
    with scratch() as d:
        old, out = os.path.join(d, "old"), os.path.join(d, "out")
        write(old, b"old" * 1000)
        for name in ("old", "new"):
            for n in (0, 100, len(EXPECTED) - 1):
                refused(f"{name}, room for {n} bytes", run(name, d, limit(n)), b"too large")
        check(read(old) == b"old" * 1000 and not os.path.exists(os.path.join(d, "new")), "what was there is as it was")
        wrote("just enough room", run("old", d, limit(len(EXPECTED))), old)
        programs = [([os.path.join(BIN, "epic-conformance"), *args], 3) for args in
                    (["rules"], ["rules", "--format", "json"], ["--help"], ["--version"], ["jwt", "--help"], PROGRAM[1:])]
        programs += [([os.path.join(BIN, "epic-auth"), *args], 1) for args in (["--help"], ["--version"], ["token", "--help"])]
        programs += [([os.path.join(BIN, "mock-epic"), *args], 3) for args in
                     (["--help"], ["--version"], ["serve", "--help"], ["run", "--help-switches"])]
        for program, status in programs:
            name = " ".join(program)[len(BIN):]
            for n in (0, 5):
                with open(out, "wb") as stdout:
                    done = subprocess.run(program, stdout=stdout, stderr=subprocess.PIPE, preexec_fn=limit(n),
                                          timeout=PATIENCE_S)
                check(done.returncode == status, f"{name} on a full disk: status {done.returncode}")
                check(done.stderr.count(b"\n") == 1 and b"too large" in done.stderr, f"{name}: {done.stderr}")
            closed = subprocess.run(program, stderr=subprocess.PIPE, preexec_fn=lambda: os.close(1), timeout=PATIENCE_S)
            check(closed.returncode == status and closed.stderr.count(b"\n") == 1, f"{name}, stdout closed: {closed}")


def test_keys():
    """Keys are never written over anything, not even through a dangling link, and a set is made whole or not at all."""
    new = [os.path.join(BIN, "epic-auth"), "key", "new", "--dir"]

    def key_new(folder, before=None):
        return subprocess.run(new + [folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=before,
                              timeout=PATIENCE_S).returncode
    with scratch() as d:
        deep = os.path.join(d, *["x" * 250] * 14)  # 3,500 characters: made and entered step by step
        here = os.getcwd()
        os.chdir(d)
        for _ in range(14):
            os.mkdir("x" * 250)
            os.chdir("x" * 250)
        os.chdir(here)
        for folder in (os.path.join(d, "a"), deep):
            os.makedirs(folder, exist_ok=True)
            check(key_new(folder, lambda: os.umask(0)) == 0 and len(os.listdir(folder)) == 4, f"...{folder[-20:]}: a set of keys")
            mode = os.stat(os.path.join(folder, "epic_backend_private_key.pem")).st_mode
            check(stat.S_IMODE(mode) == 0o600, f"a private key with mode {mode:o}")
            check(key_new(folder) == 3, "what is there is not overwritten")
        for n in (0, 500, 1300):
            os.mkdir(os.path.join(d, f"room{n}"))
            check(key_new(os.path.join(d, f"room{n}"), limit(n)) == 3, f"room for {n} bytes")
            check(os.listdir(os.path.join(d, f"room{n}")) == [], f"room for {n} bytes: {os.listdir(os.path.join(d, f'room{n}'))}")
        os.mkdir(os.path.join(d, "b"))
        os.symlink("../stolen", os.path.join(d, "b", "epic_backend_private_key.pem"))
        check(key_new(os.path.join(d, "b")) == 3 and not os.path.exists(os.path.join(d, "stolen")), "a dangling link")


def test_signals():
    """Whenever it comes, a signal leaves the old file or the new one, and nothing else."""
    with scratch() as d:
        path = os.path.join(d, "out")
        write(path)
        took = time.monotonic()
        run("out", d)
        took = time.monotonic() - took
        for i in range(40):
            write(path)
            number = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM)[i % 4]
            process = subprocess.Popen(PROGRAM + ["-o", "out"], cwd=d, stderr=subprocess.PIPE)
            time.sleep(took * i / 32)
            process.send_signal(number)
            process.communicate(timeout=PATIENCE_S)
            check(read(path) in (b"old", EXPECTED), f"after signal {number}: {read(path)[:60]}")
            check(os.listdir(d) == ["out"], f"after signal {number}: {os.listdir(d)}")


def main():
    for test in (test_a_dash_is_standard_output, test_regular_files, test_links, test_fifos, test_devices_and_sockets, test_descriptors,
                 test_full_disk, test_keys, test_signals):
        test()
    if checks < 250:
        bad.append(f"only {checks} checks were made")
    print("\n".join(bad[-20:]))
    print(f"{checks} checks, {len(bad)} failed")
    sys.exit(1 if bad else 0)


main()
