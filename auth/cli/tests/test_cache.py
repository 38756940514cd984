#!/usr/bin/env python3
"""The file that runs share their tokens in. Many processes make one token request; a token that the server refuses, or that is
about to expire, is not taken again; a file that is not ours, or that others can read, is neither believed nor changed."""
import concurrent.futures
import json
import os
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request

BIN = os.environ["EPIC_BIN_DIR"]
EPIC_AUTH, MOCK_EPIC = os.path.join(BIN, "epic-auth"), os.path.join(BIN, "mock-epic")
SLOW = int(os.environ.get("EPIC_SLOW") or 3)
KEYS = os.path.join(os.environ["EPIC_FIXTURES_DIR"], "keys")
PATIENT = "Patient/erXuFYUfucBZaryVksYEcMg3"
failed = []


def expect(name, is_so, seen=""):
    if not is_so:
        failed.append(name)
        print("FAILED:", name, seen)


class Mock:
    """One Epic, and a folder with a cache in it."""

    def __enter__(self):
        command = [MOCK_EPIC, "serve", "--listen", "127.0.0.1:0", "--client-id", "me", "--cert",
                   os.path.join(KEYS, "rsa2048_a.cert.pem")]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.ready = json.loads(self.process.stdout.readline())
        self.folder = tempfile.TemporaryDirectory()
        self.cache = os.path.join(self.folder.name, "tokens.json")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30 * SLOW)
        self.process.stdout.close()
        self.folder.cleanup()

    def run(self, *arguments, **environment):
        return subprocess.run([EPIC_AUTH, *arguments], capture_output=True, text=True, timeout=60 * SLOW, check=False, env={
            "PATH": os.environ["PATH"], "EPIC_BACKEND_CLIENT_ID": "me", "EPIC_TOKEN_URL": self.ready["token_url"],
            "EPIC_FHIR_BASE_URL": self.ready["fhir_base_url"], "EPIC_TOKEN_CACHE": self.cache,
            "EPIC_PRIVATE_KEY_PATH": os.path.join(KEYS, "rsa2048_a.TESTKEY.pem"), **environment}, cwd=self.folder.name)

    def ask(self, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        with urllib.request.urlopen(self.ready["admin_url"] + path, data=data, timeout=30 * SLOW) as answer:
            return json.load(answer)

    def requests(self):
        entries = self.ask("/journal?kind=token&limit=1000")
        return len(entries["entries"] if isinstance(entries, dict) else entries)


def check_many(mock):
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        runs = list(pool.map(lambda _: mock.run("token"), range(12)))
    expect("all have a token", all(run.returncode == 0 for run in runs), [run.stderr for run in runs])
    expect("the same one", len({run.stdout for run in runs}) == 1)
    expect("one request", mock.requests() == 1, mock.requests())
    expect("mode 0600", stat.S_IMODE(os.stat(mock.cache).st_mode) == 0o600)
    shown = mock.run("cache", "show")
    expect("shown", shown.returncode == 0 and "good for" in shown.stdout, shown)
    expect("without the token", runs[0].stdout.strip() not in shown.stdout + shown.stderr)
    return runs[0].stdout


def check_renewal(mock, token):
    expect("another key's token is another", mock.run("token", "--scopes", "system/Patient.r").stdout != token)
    expect("the first is still there", mock.run("token").stdout == token)
    expect("short of what is wanted", mock.run("token", "--min-ttl", "86000").stdout != token)
    forced = mock.run("token", "--force").stdout
    expect("forced", forced != token and mock.run("token").stdout == forced)
    mock.ask("/tokens/revoke", {})
    expect("a refused one is replaced", mock.run("get", PATIENT).returncode == 0)
    expect("for all", mock.run("token").stdout not in (token, forced))
    before = mock.requests()
    expect("and then shared", mock.run("get", PATIENT).returncode == 0 and mock.requests() == before)
    scoped = json.loads(mock.run("token", "-f", "json").stdout)
    expect("its scope is kept", "Patient" in scoped.get("scope", ""), scoped.keys())


def change(mock, **fields):
    with open(mock.cache, encoding="utf-8") as file:
        text = json.load(file)
    for token in text["tokens"]:
        token.update(fields)
    with open(mock.cache, "w", encoding="utf-8") as file:
        json.dump(text, file)


def check_doubt(mock):
    now = int(time.time())
    for name, fields in (("expired", {"issued_s": now - 3600, "expires_s": now - 1}),
                         ("about to expire", {"issued_s": now - 3570, "expires_s": now + 30}),
                         ("from the future", {"issued_s": now + 3600, "expires_s": now + 7200}),
                         ("no lifetime", {"issued_s": "x"}), ("no token", {"access_token": "a\r\nX: y"})):
        token = mock.run("token").stdout
        change(mock, **fields)
        done = mock.run("token")
        expect(name, done.returncode == 0 and done.stdout != token and "\r" not in done.stdout, done)
    for name, content, mode in (("another file", b"precious\n", 0o600), ("JSON of others", b'{"a":1}', 0o600),
                                ("a file that others read", None, 0o644), ("cut off", b'{"about":"x","tokens":[{"ke', 0o600)):
        content = content or open(mock.cache, "rb").read()
        os.unlink(mock.cache)
        with open(mock.cache, "wb") as file:
            file.write(content)
        os.chmod(mock.cache, mode)
        done = mock.run("token")
        expect(name, done.returncode == 0 and "no token cache" in done.stderr, done)
        expect(name + " stays", open(mock.cache, "rb").read() == content)
        cleared = mock.run("cache", "clear")
        expect(name + " is not cleared", cleared.returncode == 3 and open(mock.cache, "rb").read() == content, cleared)
        os.unlink(mock.cache)
        mock.run("token")
    expect("cleared", mock.run("cache", "clear").returncode == 0 and mock.run("cache", "show").stdout == "")
    expect("no folder", mock.run("token", EPIC_TOKEN_CACHE="/nonexistent/x").returncode == 0)
    expect("none set", mock.run("cache", "show", EPIC_TOKEN_CACHE="").returncode == 3)
    expect("what to do", mock.run("cache", "throw").returncode == 2)


def main():
    with Mock() as mock:
        check_renewal(mock, check_many(mock))
        check_doubt(mock)
    return 1 if failed else 0


sys.exit(main())
