#!/usr/bin/python3
"""`run --journal FILE`: every entry is there, on a line of its own, without a secret; and `mock-epic normalize`: two runs of one
client with one seed are the same, and of two clients are not."""
import json
import os
import resource
import signal
import subprocess
import tempfile

from harness import BIN, MOCK_EPIC, SLOW, Mock, Suite

suite = Suite()
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("EPIC_", "MOCK_EPIC_")) and not name.lower().endswith("_proxy")}
CLEAN["PATH"] = BIN + os.pathsep + CLEAN["PATH"]
WORK = tempfile.TemporaryDirectory()
PATIENT = "erXuFYUfucBZaryVksYEcMg3"
FILE = os.path.join(WORK.name, "journal.ndjson")
# a life of a token: used, pages of a search, aged, one of a wrong client, a clock that moves, one used twice
CLIENT = f"""
    epic-auth get Patient/{PATIENT} >/dev/null
    epic-auth search Observation patient={PATIENT} category=laboratory _count=1 >/dev/null
    mock-epic tokens age 3600 >/dev/null
    epic-auth get Patient/{PATIENT} >/dev/null
    EPIC_BACKEND_CLIENT_ID=nobody epic-auth token 2>/dev/null
    mock-epic clock advance 3600 >/dev/null
    epic-auth token >/dev/null 2>&1
    jwt=$(epic-auth assertion)
    for i in 1 2; do
        curl -s $EPIC_TOKEN_URL -d grant_type=client_credentials -d client_assertion=$jwt \\
            -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer -o answer
    done
"""
# three times what the ring holds
MANY = """
import http.client, os, urllib.parse
parts = urllib.parse.urlsplit(os.environ["EPIC_FHIR_BASE_URL"])
connection = http.client.HTTPConnection(parts.hostname, parts.port)
for i in range(3000):
    connection.request("GET", parts.path + f"/Patient/n{i}", headers={"Authorization": "Bearer x"})
    connection.getresponse().read()
"""


def run(*command, options=(), **more):
    return subprocess.run([MOCK_EPIC, "run", *options, "--", *command], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env={**CLEAN, "TMPDIR": WORK.name}, cwd=WORK.name, timeout=60 * SLOW, check=False, **more)


def entries(path=FILE):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def normalize(text):
    return subprocess.run([MOCK_EPIC, "normalize", "-"], input=text, capture_output=True, text=True, timeout=60 * SLOW, check=False)


def read(path=FILE):
    with open(path, encoding="utf-8") as file:
        return file.read()


def is_complete():
    done = run("python3", "-c", MANY, options=("--journal", FILE, "--log-level", "error"))
    found = entries()
    suite.check(done.returncode == 0 and [entry["id"] for entry in found] == list(range(1, 3001)), f"{len(found)} of 3000 entries: {done.stderr[-200:]}")
    suite.check(found[2999]["target"].endswith("/Patient/n2999") and found[0]["status"] == 401, f"what they say: {found[2999]}")


def is_lines():
    """A client may send its claims on many lines, and its token is a secret."""
    script = """
        tok=$(epic-auth token); jwt=$(epic-auth assertion); printf '%s\\n' $tok $jwt
        curl -s -H "Authorization: Bearer $tok" "$EPIC_FHIR_BASE_URL/Patient/$tok?name=$jwt" -o answer
        claims=$(printf '{\\n "iss":\\r\\n "x\\\\n"\\n}' | base64 -w0 | tr -d =)
        curl -s $EPIC_TOKEN_URL -d grant_type=client_credentials -d client_assertion=${jwt%%.*}.$claims.c2ln \\
            -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer -o answer"""
    done = run("sh", "-c", script, options=("--journal", FILE))
    found, text = entries(), read()
    suite.check([entry["status"] for entry in found] == [200, 404, 400] or [entry["status"] for entry in found] == [200, 400, 400], f"three entries: {text[:300]}")
    suite.check(found[2]["jwt"]["claims"] == {"iss": "x\n"}, f"claims of many lines: {found[2]['jwt']}")
    for secret in done.stdout.split():
        suite.check(len(secret) > 40 and secret not in text and secret.rpartition(".")[2][:40] not in text, "a secret is in it")


def goes_where_it_is_told():
    for path, word in (("/no/such/directory/file", "No such file"), (WORK.name, "directory")):
        done = run("touch", "started", options=("--journal", path))
        suite.check(done.returncode == 3 and word in done.stderr and done.stderr.count("\n") == 1, f"{path}: {done.returncode} {done.stderr}")
    fifo = os.path.join(WORK.name, "fifo")
    os.mkfifo(fifo)
    done = run("touch", "started", options=("--journal", fifo))
    suite.check(done.returncode == 3 and "nobody reads" in done.stderr, f"a FIFO: {done.returncode} {done.stderr}")
    suite.check(not os.path.exists(os.path.join(WORK.name, "started")), "the command was started all the same")
    with open(FILE, "w", encoding="utf-8") as file:
        file.write("old\n" * 100000)
    run("true", options=("--journal", FILE))
    suite.check(read() == "", "an old file is begun anew")


def small_files():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))


def says_what_is_missing():
    done = run("python3", "-c", MANY.replace("3000", "300"), options=("--journal", FILE, "--log-level", "error"), preexec_fn=small_files)
    suite.check(done.returncode == 3 and "entries are not in it" in done.stderr, f"a full disk: {done.returncode} {done.stderr[-300:]}")
    done = run("sh", "-c", "for i in 1 2 3 4 5; do epic-auth token; done; exit 7", options=("--journal", FILE, "--log-level", "error"), preexec_fn=small_files)
    suite.check(done.returncode == 7, f"the command's own status wins: {done.returncode}")


def is_the_same_there():
    with Mock() as mock:
        here, there = [], []
        for options, out in ((("--seed", "5"), here), (("--seed", "5", "--on", mock.ready["url"]), there)):
            run("sh", "-c", CLIENT, options=("--journal", FILE, *options))
            out += normalize(read()).stdout.replace("/i/INSTANCE", "").splitlines()
        suite.check(len(here) > 10 and here == there, f"an instance elsewhere has another journal: {len(here)} {len(there)}")


def is_repeatable():
    texts, journals = [], []
    for options in (("--seed", "5"), ("--seed", "5"), ()):
        done = run("sh", "-c", CLIENT, options=("--journal", FILE, *options))
        suite.check(done.returncode == 0, f"the client: {done.stderr[-300:]}")
        journals.append(read())
        texts.append(normalize(journals[-1]))
    suite.check(all(text.returncode == 0 for text in texts), f"normalize: {texts[0].stderr}")
    lines = [text.stdout.splitlines() for text in texts]
    suite.check(len(lines[0]) > 10 and lines[0] == lines[1], "two runs differ: " + str([pair for pair in zip(*lines[:2]) if pair[0] != pair[1]][:1])[:1500])
    suite.check(journals[0] != journals[1], "what differs is no test")
    suite.check(lines[0] == lines[2], "what a seed decides is not in a normalised journal")
    other = run("sh", "-c", CLIENT.replace("age 3600", "age 10"), options=("--journal", FILE, "--seed", "5"))
    suite.check(other.returncode == 0 and normalize(read()).stdout.splitlines() != lines[0], "another client looks the same")
    twice = [json.loads(line)["jwt"]["claims"]["jti"] for line in lines[0] if '"kind":"token"' in line][-2:]
    suite.check(twice[0] == twice[1] and twice[0].startswith("jti-"), f"one jti, used twice: {twice}")
    reversed_array = "[" + ",".join(reversed(journals[0].splitlines())) + "]"
    suite.check(normalize(reversed_array).stdout.splitlines() == lines[0], "an array, newest first, as GET /mock/journal answers")


def seeds_decide():
    """Tokens and links of one seed are the same, in each instance others."""
    script = f"""
        epic-auth token; epic-auth token; curl -s $MOCK_EPIC_URL/mock/health
        epic-auth token --format curl-config >config
        curl -s -K config -H 'Accept: application/fhir+json' "$EPIC_FHIR_BASE_URL/Observation?patient={PATIENT}&category=laboratory&_count=1" | tr '"' '\\n' | grep -o 'sessionID=.*'"""
    said = {}
    for name, options in (("a", ("--seed", "5")), ("b", ("--seed", "5")), ("c", ("--seed", "6")), ("d", ()), ("e", ())):
        done = run("sh", "-c", "mock-epic clock freeze >/dev/null; mock-epic clock set 2030-01-01T00:00:00Z >/dev/null; " + script,
                   options=("--at", "2030-01-01T00:00:00Z", *options))
        said[name] = done.stdout.splitlines()
    suite.check(len(said["a"]) == 4, f"two tokens, health, a link: {said['a']}")
    suite.check(said["a"] == said["b"], f"one seed: {said['a']} {said['b']}")
    for name in ("c", "d"):
        suite.check(all(x != y for x, y in zip(said["a"], said[name])), f"seed 5 and {name}: {said['a']} {said[name]}")
    suite.check(said["d"][0] != said["e"][0] and said["d"][3] != said["e"][3], "without a seed tokens and links can be guessed")
    suite.check('"seed":5' in said["a"][2] and '"seed":null' in said["d"][2], f"health: {said['a'][2]}")


def instances_differ():
    with Mock("--seed", "5") as mock:
        for name, wish, seed in (("x", {}, 5), ("y", {"seed": 6}, 6)):
            status, made = mock.admin("POST", "/instances", {"name": name, **wish})
            suite.check(status == 201 and made["seed"] == seed, f"{name}: {status} {made}")
        for wish in ({"seed": -1}, {"seed": 2 ** 53}, {"seed": "1"}, {"seed": 1.5}, {"seed": None}):
            status, made = mock.admin("POST", "/instances", {"name": "z", **wish})
            suite.check(status == 400 and "seed" in made["message"], f"{wish}: {status} {made}")
        status, made = mock.admin("POST", "/instances", {"name": "z", "seed": 2 ** 53 - 1})
        suite.check(status == 201 and made["seed"] == 2 ** 53 - 1, f"the largest: {made}")
    for value in ("-1", "9007199254740992", "x", "1.5"):
        done = run("true", options=("--seed", value))
        suite.check(done.returncode == 2 and "--seed" in done.stderr, f"--seed {value}: {done.returncode} {done.stderr}")


def normalizes():
    def entry(**members):
        return {"id": 1, "time": "2026-01-01T00:00:00Z", "server_us": 1790000000000000, "real_us": 1, **members}

    def claims(**members):
        return entry(jwt={"header": {"kid": "abc", "x5t": "d", "alg": "RS384"}, "claims": members})

    rows = (
        ({"authority": "127.0.0.1:40000"}, {"authority": "127.0.0.1:PORT"}),
        ({"authority": "[::1]:40000"}, {"authority": "[::1]:PORT"}),
        ({"authority": "epic.test"}, {"authority": "epic.test"}),
        ({"target": "/i/i12/x/Patient/1790000000"}, {"target": "/i/INSTANCE/x/Patient/1790000000"}),
        ({"target": "/i/worker-1/x"}, {"target": "/i/worker-1/x"}),
        ({"target": "/x?sessionID=3-00000001006B0AB4"}, {"target": "/x?sessionID=3-LINK"}),
        ({"note": "went from 1790000000 to 1790003600, 3600 s, at http://h:80/a:80"}, {"note": "went from T to T, # s, at http://h:PORT/a:80"}),
        ({"note": "3 tokens aged, 3600 seconds, v1790000000, 3600 such"}, {"note": "3 tokens aged, 3600 seconds, v1790000000, 3600 such"}),
        ({"verdicts": [{"rule": "a", "result": "pass", "actual": "1"}, {"rule": "b", "result": "fail", "actual": "1790000000 (5 s ago)", "fix": "x"}]},
         {"verdicts": [{"rule": "a", "result": "pass"}, {"rule": "b", "result": "fail", "actual": "T (# s ago)", "fix": "x"}]}),
        ({"by_s": 3600, "token": "t1", "faults": [1], "x": [1.5, True, None, {"time": "kept"}]}, {"by_s": 3600, "token": "t1", "faults": [1], "x": [1.5, True, None, {"time": "kept"}]}),
    )
    for given, wanted in rows:
        done = normalize(json.dumps(entry(**given)))
        suite.check(done.returncode == 0 and json.loads(done.stdout) == {"id": 1, **wanted}, f"{given}: {done.stdout} {done.stderr}")
    times = (({"iat": 1790000000, "exp": 1790000300, "nbf": 1789999995}, {"iat": "now", "exp": "iat+300", "nbf": "iat-5"}),
             ({"iat": 1790000014}, {"iat": "now"}), ({"iat": 1790000015}, {"iat": "ahead"}), ({"iat": 1789999986}, {"iat": "now"}),
             ({"iat": 1789999985}, {"iat": "behind"}), ({"exp": 1790000300}, {"exp": "ahead"}), ({"exp": "soon"}, {"exp": "soon"}))
    for given, wanted in times:
        done = json.loads(normalize(json.dumps(claims(**given))).stdout)
        suite.check(done["jwt"] == {"header": {"kid": "KEY", "x5t": "KEY", "alg": "RS384"}, "claims": wanted}, f"{given}: {done}")
    jtis = [{**claims(jti=jti), "id": i, "note": f"the jti {jti} again"} for i, jti in enumerate(("b" * 9, "a" * 9, "b" * 9))]
    done = [json.loads(line) for line in normalize("\n\n".join(json.dumps(jti) for jti in reversed(jtis))).stdout.splitlines()]
    suite.check([(x["id"], x["jwt"]["claims"]["jti"], x["note"]) for x in done] == [(0, "jti-1", "the jti jti-1 again"), (1, "jti-2", "the jti jti-2 again"), (2, "jti-1", "the jti jti-1 again")],
                f"numbers of jti: {done}")
    suite.check(normalize("").stdout == "" and normalize("[]").returncode == 0, "nothing is no error")
    for bad, word in (("x", "entry 1"), ('{"id":1}\n{"id":', "entry 2"), ("[1]", "entry 1"), ('[{"id":1},', "")):
        done = normalize(bad)
        suite.check(done.returncode == 1 and word in done.stderr and not done.stdout, f"{bad}: {done.returncode} {done.stderr}")
    for words, status in (((), 2), (("a", "b"), 2), (("--x", "a"), 2), (("/no/such/file",), 3), (("--help",), 0)):
        done = subprocess.run([MOCK_EPIC, "normalize", *words], capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
        suite.check(done.returncode == status, f"normalize {words}: {done.returncode} {done.stderr}")


def main():
    with WORK:
        is_complete()
        is_lines()
        goes_where_it_is_told()
        says_what_is_missing()
        is_repeatable()
        is_the_same_there()
        seeds_decide()
        instances_differ()
        normalizes()
    suite.done(60)


main()
