#!/usr/bin/env python3
"""Settings as people really have them: keys in every container, names that other programs use, what docker, PowerShell and
secret stores make of a value, URLs that lead elsewhere. Each either works or is told in words that name the setting; and the
nearest thing that is right is not told of."""
import base64
import os
import subprocess
import sys
import tempfile

BIN = os.environ["EPIC_BIN_DIR"]
EPIC_AUTH, MOCK_EPIC = os.path.join(BIN, "epic-auth"), os.path.join(BIN, "mock-epic")
SLOW = int(os.environ.get("EPIC_SLOW") or 3)
KEYS = os.path.join(os.environ["EPIC_FIXTURES_DIR"], "keys")
KEY, ENCRYPTED, JWK = (os.path.join(KEYS, "rsa2048_a." + end) for end in
                       ("TESTKEY.pem", "encrypted.TESTKEY.pem", "private.jwk.json"))
TOKEN_URL = "https://epic.example/oauth2/token"
PASSPHRASE = "test"  # of the fixtures' encrypted keys
OK, USAGE, CONFIG, FHIR = 0, 2, 3, 8
failed = []


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def run(program, *arguments, folder, stdin="", **environment):
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=30 * SLOW, check=False, cwd=folder,
                          input=stdin, env={"PATH": BIN + os.pathsep + os.environ["PATH"], **environment})


def check(name, done, status, says="", silent=("MIIEv",)):
    said = done.stdout + done.stderr
    wrong = [text for text in silent if text in said]
    if done.returncode != status or says not in said or wrong or (not says and done.stderr):
        failed.append(name)
        print(f"FAILED: {name}: status {done.returncode}, expected {status} and {says!r}\n{said}")


PEM, ONE_LINE = read(KEY), read(KEY).strip().replace("\n", "\\n")
BASE64 = base64.b64encode(PEM.encode()).decode()

# name, environment, status, what is said ("": nothing on stderr)
VALUES = (
    ("a path", {"EPIC_PRIVATE_KEY_PATH": KEY}, OK, ""),
    ("a PEM", {"EPIC_PRIVATE_KEY_PEM": PEM}, OK, ""),
    ("a PEM in one line", {"EPIC_PRIVATE_KEY_PEM": ONE_LINE}, OK, ""),
    ("docker's quotes", {"EPIC_PRIVATE_KEY_PEM": f'"{ONE_LINE}"'}, OK, "docker --env-file"),
    ("docker's quotes around a path", {"EPIC_PRIVATE_KEY_PATH": f"'{KEY}'"}, OK, "quotation marks around EPIC_PRIVATE_KEY_PATH"),
    ("typographic quotes", {"EPIC_PRIVATE_KEY_PATH": f"\u201c{KEY}\u201d"}, OK, "quotation marks"),
    ("base64 of a PEM", {"EPIC_PRIVATE_KEY_PEM": BASE64}, OK, "base64 of a key"),
    ("base64 of base64", {"EPIC_PRIVATE_KEY_PEM": base64.b64encode(BASE64.encode()).decode()}, CONFIG, "decode it twice"),
    ("base64 of something else", {"EPIC_PRIVATE_KEY_PEM": base64.b64encode(b"hello " * 40).decode()}, CONFIG, "EPIC_PRIVATE_KEY_PEM"),
    ("a private JWK", {"EPIC_PRIVATE_KEY_PATH": JWK}, OK, ""),
    ("a private JWK as text", {"EPIC_PRIVATE_KEY_PEM": read(JWK)}, OK, ""),
    ("base64 of a private JWK", {"EPIC_PRIVATE_KEY_PEM": base64.b64encode(read(JWK).encode()).decode()}, OK, "base64 of a key"),
    ("a set with its public and its private half", {"EPIC_PRIVATE_KEY_PEM": '{"keys":[%s,%s]}' % (
        read(os.path.join(KEYS, "rsa2048_a.jwk.json")), read(JWK))}, OK, ""),
    ("two private keys", {"EPIC_PRIVATE_KEY_PEM": '{"keys":[%s,%s]}' % (read(JWK), read(JWK))}, CONFIG, "EPIC_KEY_ID"),
    ("a kid that no private key has", {"EPIC_PRIVATE_KEY_PEM": '{"keys":[%s]}' % read(JWK), "EPIC_KEY_ID": "other"}, CONFIG, "kid"),
    ("a public set", {"EPIC_PRIVATE_KEY_PATH": os.path.join(KEYS, "rsa2048_a.jwks.json")}, CONFIG, "public keys, as it is published"),
    ("a public JWK", {"EPIC_PRIVATE_KEY_PATH": os.path.join(KEYS, "rsa2048_a.jwk.json")}, CONFIG, "public JWK"),
    ("a certificate", {"EPIC_PRIVATE_KEY_PATH": os.path.join(KEYS, "rsa2048_a.cert.pem")}, CONFIG, "an X.509 certificate"),
    ("the key where its path belongs", {"EPIC_PRIVATE_KEY_PATH": PEM}, CONFIG, "EPIC_PRIVATE_KEY_PEM"),
    ("the path where the key belongs", {"EPIC_PRIVATE_KEY_PEM": KEY}, CONFIG, "belongs into EPIC_PRIVATE_KEY_PATH"),
    ("an encrypted key", {"EPIC_PRIVATE_KEY_PATH": ENCRYPTED}, CONFIG, "EPIC_PRIVATE_KEY_PASSPHRASE"),
    ("a wrong passphrase", {"EPIC_PRIVATE_KEY_PATH": ENCRYPTED, "EPIC_PRIVATE_KEY_PASSPHRASE": "wrong"}, CONFIG, "does not open"),
    ("a home that nobody expands", {"EPIC_PRIVATE_KEY_PATH": "~/k.pem"}, CONFIG, "not expanded"),
    ("a variable that nobody expands", {"EPIC_PRIVATE_KEY_PATH": "${HOME}/k.pem"}, CONFIG, "not expanded"),
    ("a switch", {"EPIC_PRIVATE_KEY_PATH": KEY, "EPIC_ALLOW_PLAIN_HTTP": "TRUE"}, OK, ""),
    ("a switch that is none", {"EPIC_PRIVATE_KEY_PATH": KEY, "EPIC_ALLOW_PLAIN_HTTP": "maybe"}, CONFIG, "1 or 0"),
    ("no key at all", {}, CONFIG, "EPIC_PRIVATE_KEY_PATH is not set, nor is EPIC_PRIVATE_KEY_PEM"),
    ("a key by another name", {"EPIC_PRIVATE_KEY": PEM}, CONFIG, "EPIC_PRIVATE_KEY is"),
    ("another's settings", {"EPIC_PRIVATE_KEY_PATH": KEY, "EPIC_PRIVATE_KEY": "x", "EPIC_CLIENT_ID": "x"}, OK, ""),
)

# bytes of a .env, status of `config show`, what is said
FILES = (
    (b"EPIC_BACKEND_CLIENT_ID=me\n", OK, "EPIC_BACKEND_CLIENT_ID=me  # .env"),
    (b"EPIC_BACKEND_CLIENT_ID=old\nEPIC_BACKEND_CLIENT_ID=new\n", OK, "EPIC_BACKEND_CLIENT_ID=new  # .env"),
    (b"EPIC_BACKEND_CLIENT_ID=\n", OK, "# EPIC_BACKEND_CLIENT_ID: empty, .env, needed"),
    (b"", OK, "# EPIC_TOKEN_URL: not set, needed"),
    (b"EPIC_TOKN_URL=x\n", OK, "did you mean EPIC_TOKEN_URL?"),
    (b"EPIC_TOKEN_ENDPOINT=x\n", OK, "EPIC_TOKEN_ENDPOINT is set in .env: did you mean EPIC_TOKEN_URL?"),
    (b"EPIC_CLIENT_ID=x\n", OK, "EPIC_CLIENT_ID is set in .env; this program reads EPIC_BACKEND_CLIENT_ID"),
    (b"FOO\nspring.x=1\nEPIC_JKU=https://h/j\n", OK, "line 1 of .env"),
    ("EPIC_BACKEND_CLIENT_ID=me\n".encode("utf-16"), CONFIG, "UTF-16"),
    ("EPIC_BACKEND_CLIENT_ID=me\n".encode("utf-16-le"), CONFIG, "UTF-16"),
    ("EPIC_BACKEND_CLIENT_ID=me\n".encode("utf-32-le"), CONFIG, "UTF-32"),
    (b"\x1f\x8b\x08\0\0\0", CONFIG, "compressed"),
    (b"EPIC_PRIVATE_KEY_PASSPHRASE=correct-horse\n", OK, "EPIC_PRIVATE_KEY_PASSPHRASE=[redacted]"),
    (b"EPIC_BACKEND_CLIENT_ID={{client_id}}\n", OK, "placeholder"),
)


def check_values(folder):
    usual = ("assertion", "--client-id", "me", "--token-url", TOKEN_URL, "--env-file", "")
    for name, environment, status, says in VALUES:
        check(name, run(EPIC_AUTH, *usual, folder=folder, **environment), status, says)
    phrase = os.path.join(folder, "phrase")
    with open(phrase, "w", encoding="ascii") as file:
        file.write(PASSPHRASE + "\r\nnot this line\n")
    for source, extra in (("env:P", {"P": PASSPHRASE}), (phrase, {}), ("-", {"stdin": PASSPHRASE + "\n"}),
                          ("fd:0", {"stdin": PASSPHRASE})):
        check(f"a passphrase from {source}", run(EPIC_AUTH, *usual, "--private-key", ENCRYPTED, "--passphrase-from", source,
                                                 folder=folder, **extra), OK)
        check(f"key inspect, {source}", run(EPIC_AUTH, "key", "inspect", ENCRYPTED, "--passphrase-from", source, folder=folder,
                                            **extra), OK, "2048 bits, private")
    check("a passphrase in the environment", run(EPIC_AUTH, *usual, "--private-key", ENCRYPTED, folder=folder,
                                                 EPIC_PRIVATE_KEY_PASSPHRASE=PASSPHRASE), OK)
    check("a passphrase in a file", run(EPIC_AUTH, *usual, "--private-key", ENCRYPTED, folder=folder,
                                        EPIC_PRIVATE_KEY_PASSPHRASE_FILE=phrase), OK)
    for source in ("env:NOWHERE", "fd:", "fd:x", "fd:77", "/nonexistent"):
        check(f"no passphrase from {source}", run(EPIC_AUTH, *usual, "--private-key", ENCRYPTED, "--passphrase-from", source,
                                                  folder=folder), CONFIG, "--passphrase-from")


def check_files(folder):
    for content, status, says in FILES:
        with open(os.path.join(folder, "env"), "wb") as file:
            file.write(content)
        check(repr(content), run(EPIC_AUTH, "config", "show", "--env-file", "env", folder=folder), status, says, ("correct-horse",))


def check_key_commands(folder):
    check("key jwks of a JWK", run(EPIC_AUTH, "key", "jwks", JWK, folder=folder), OK, '"keys"', silent=('"d"',))
    check("key pem of a JWK", run(EPIC_AUTH, "key", "pem", JWK, folder=folder), OK, "BEGIN PRIVATE KEY", silent=())
    check("key match of a JWK", run(EPIC_AUTH, "key", "match", JWK, "--cert", os.path.join(KEYS, "rsa2048_a.cert.pem"),
                                    folder=folder), OK, "match")
    check("key inspect of a JWK", run(EPIC_AUTH, "key", "inspect", JWK, folder=folder), OK, "never publish it")
    check("key inspect of standard input", run(EPIC_AUTH, "key", "inspect", "-", folder=folder, stdin=PEM), OK,
          "2048 bits, private")
    pem = run(EPIC_AUTH, "key", "pem", ENCRYPTED, folder=folder, EPIC_PRIVATE_KEY_PASSPHRASE=PASSPHRASE).stdout
    check("key pem of an encrypted key", run(EPIC_AUTH, "key", "match", "-", "--cert", os.path.join(KEYS, "rsa2048_a.cert.pem"),
                                             folder=folder, stdin=pem), OK, "match")


# what the setting becomes, the command, what is said
URLS = (
    ("EPIC_TOKEN_URL", "%s/oauth2", "token", "/token is missing at its end"),
    ("EPIC_TOKEN_URL", "%s/oauth2/token/", "token", "it ends in a slash"),
    ("EPIC_TOKEN_URL", "%s/api/FHIR/R4", "token", "it is a FHIR base URL"),
    ("EPIC_TOKEN_URL", "%s/oauth2/authorize", "token", "where users log in"),
    ("EPIC_TOKEN_URL", "%s/x", "token", "end in /oauth2/token"),
    ("EPIC_FHIR_BASE_URL", "%s/oauth2/token", "metadata", "it is of the OAuth server"),
    ("EPIC_FHIR_BASE_URL", "%s/api/FHIR", "metadata", "/R4 is missing at its end"),
    ("EPIC_FHIR_BASE_URL", "%s", "metadata", "end in /api/FHIR/R4"),
)


def check_urls(folder):
    prefix = "${EPIC_TOKEN_URL%/oauth2/token}"
    for name, value, command, says in URLS:
        done = run(MOCK_EPIC, "run", "--", "sh", "-c", f"{name}={value % prefix} epic-auth {command}", folder=folder)
        check(f"{name}={value}", done, FHIR, f"{name} is wrong, ")
        check(f"{name}={value}", done, FHIR, says)
    url = "http://mock.invalid:8423/oauth2/token"
    usual = ("--client-id", "me", "--private-key", KEY, "--env-file", "", "--token-url", url)
    check("plain http to another host", run(EPIC_AUTH, "assertion", *usual, folder=folder), CONFIG, "EPIC_ALLOW_PLAIN_HTTP")
    check("and when it is allowed", run(EPIC_AUTH, "assertion", *usual, "--allow-plain-http", folder=folder), OK)
    check("or by the environment", run(EPIC_AUTH, "assertion", *usual, folder=folder, EPIC_ALLOW_PLAIN_HTTP="1"), OK)
    query = "Observation?patient=eq081-VQEgP8drUUqCWzHfw3&category=vital%2Dsigns"
    done = run(MOCK_EPIC, "run", "--", "epic-auth", "search", query, folder=folder)
    check("a query as in a URL", done, OK, "vital-signs")
    plain = run(MOCK_EPIC, "run", "--", "epic-auth", "search", "Observation", "patient=eq081-VQEgP8drUUqCWzHfw3",
                "category=vital-signs", folder=folder)
    if done.stdout != plain.stdout or done.stdout.count("\n") < 10:
        failed.append("the same either way")
        print("FAILED:", done.stdout.count("\n"), "and", plain.stdout.count("\n"), "observations")
    check("a query that cannot be decoded", run(MOCK_EPIC, "run", "--", "epic-auth", "search", "Patient?a=%zz", folder=folder),
          USAGE, "behind '?'")


def main():
    with tempfile.TemporaryDirectory() as folder:
        check_values(folder)
        check_files(folder)
        check_key_commands(folder)
        check_urls(folder)
    return 1 if failed else 0


sys.exit(main())
