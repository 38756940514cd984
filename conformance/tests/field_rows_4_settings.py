"""Field cases: settings, .env files and keys as epic-auth finds them."""
import base64
import uuid

from field_cases import ID, TOKEN_URL, row

USUAL = f"epic-auth assertion --decode --client-id {ID} --token-url {TOKEN_URL}"
DOTENV = "github.com/motdotla/dotenv/issues/445"
TWICE = "github.com/vlucas/phpdotenv/issues/357"
QUOTES = "github.com/moby/moby/issues/46773"
BASE64 = "github.com/actions/create-github-app-token/pull/155"
PIPES = "github.com/kubernetes/kubernetes/issues/56372"
TIMES = [(r'"(jti)":"[^"]*"', r'"\1":"UUID"')]


def env_file(data, command="epic-auth config show"):
    """A command that reads this .env."""
    name = "env" + uuid.uuid4().hex  # rows run beside each other

    def run(w):
        w.write(name, data)
        done = w.sh(f"{command} --env-file {name}")
        done.err = done.err.replace(name, "env")
        return done
    return run


def with_env(**values):
    """An assertion made with these variables; a value may be a function of the workshop."""
    def run(w):
        return w.sh(USUAL, env={k: v(w) if callable(v) else v for k, v in values.items()})
    return run


def in_mock(script):
    return lambda w: w.sh(f"mock-epic run -- sh -c '{script}'")


def text(name):
    return lambda w: w.read(name).decode()


def one_line(w):
    return '"' + w.read("k.pem").decode().strip().replace("\n", "\\n") + '"'


def private_jwk(w, kid="a"):
    import json
    numbers = w.key().private_numbers()
    number = lambda n: base64.urlsafe_b64encode(n.to_bytes((n.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()
    parts = {"d": numbers.d, "p": numbers.p, "q": numbers.q, "dp": numbers.dmp1, "dq": numbers.dmq1, "qi": numbers.iqmp}
    return json.dumps(w.jwk(kid=kid, **{name: number(value) for name, value in parts.items()}))


def encrypted(w):
    w.openssl("pkcs8", "-topk8", "-in", "k.pem", "-passout", "pass:secret", "-out", "encrypted.pem")
    return "encrypted.pem"


def encrypted_too(w):
    w.write("encrypted_too.pem", w.openssl("pkcs8", "-topk8", "-in", "k.pem", "-passout", "pass:secret"))
    return "encrypted_too.pem"


ROWS = [
    # ---- the .env ----
    row("settings.utf16", DOTENV, "a .env written by PowerShell's `>`", env_file("EPIC_BACKEND_CLIENT_ID=x\n".encode("utf-16")), wants="UTF-16.*UTF-8"),
    row("settings.utf16_unmarked", DOTENV, "the same without a byte order mark", env_file("EPIC_BACKEND_CLIENT_ID=x\n".encode("utf-16-le")), wants="UTF-16"),
    row("settings.gzip", "", "a .env that is compressed", env_file(b"\x1f\x8b\x08\x00\x00"), wants="compressed"),
    row("settings.bom_crlf", "", "a .env of Windows: byte order mark, CR LF", env_file("\ufeffEPIC_BACKEND_CLIENT_ID=x\r\n"), wants="^EPIC_BACKEND_CLIENT_ID=x # .env"),
    row("settings.twice", TWICE, "a name twice, the new value behind the old", env_file("EPIC_JKU=https://h.example/1\nEPIC_JKU=https://h.example/2\n"), wants="stands twice in .env: the last one counts"),
    row("settings.foreign_line", "", "a line of another program", env_file("spring.x=1\nEPIC_BACKEND_CLIENT_ID=x\n"), wants="line 1 of .env"),
    row("settings.open_quote", "", "a quotation mark that never ends", env_file('EPIC_JKU="https://h.example\n'), wants="line 1.*closed quotes"),
    row("settings.other_client_id", "", "EPIC_CLIENT_ID, as other connectors have it", env_file(f"EPIC_CLIENT_ID={ID}\n"), wants="EPIC_CLIENT_ID is set in .env; this program reads EPIC_BACKEND_CLIENT_ID"),
    row("settings.other_token_url", "", "EPIC_TOKEN_ENDPOINT", env_file("EPIC_TOKEN_ENDPOINT=https://h.example/oauth2/token\n"), wants="reads EPIC_TOKEN_URL"),
    row("settings.other_key", "", "EPIC_PRIVATE_KEY", env_file("EPIC_PRIVATE_KEY=x\n"), wants="reads EPIC_PRIVATE_KEY_PEM"),
    row("settings.other_kid", "", "EPIC_KID", env_file("EPIC_KID=a\n"), wants="reads EPIC_KEY_ID"),
    row("settings.other_base", "", "EPIC_BASE_URL", env_file("EPIC_BASE_URL=https://h.example/api/FHIR/R4\n"), wants="reads EPIC_FHIR_BASE_URL"),
    row("settings.bare_client_id", "", "CLIENT_ID without a prefix", env_file(f"CLIENT_ID={ID}\n"), wants="reads EPIC_BACKEND_CLIENT_ID"),
    row("settings.misspelt", "", "EPIC_TOKN_URL", env_file("EPIC_TOKN_URL=https://h.example/oauth2/token\n"), wants="EPIC_TOKN_URL.*EPIC_TOKEN_URL"),
    row("settings.small_letters", "", "the name in small letters", env_file("epic_token_url=https://h.example/oauth2/token\n"), wants="epic_token_url.*EPIC_TOKEN_URL"),
    row("settings.template", "", "a template that was not filled in", env_file("EPIC_BACKEND_CLIENT_ID=\n", "epic-auth token"), wants="EPIC_BACKEND_CLIENT_ID is empty"),
    row("settings.placeholder", "", "`<your client id>`", env_file("EPIC_BACKEND_CLIENT_ID=<your client id>\n"), wants="placeholder"),
    row("settings.nothing", "", "no settings at all", lambda w: w.sh("epic-auth token --env-file ''"), wants="EPIC_BACKEND_CLIENT_ID is not set"),

    # ---- values ----
    row("settings.docker_quotes", QUOTES, "docker --env-file keeps the quotation marks", with_env(EPIC_PRIVATE_KEY_PEM=one_line), wants="quotation marks.*docker", same=TIMES),
    row("settings.typographic_quotes", "", "typographic quotation marks around a path", with_env(EPIC_PRIVATE_KEY_PATH="\u201ck.pem\u201d"), wants="quotation marks", same=TIMES),
    row("settings.zero_width_space", "", "a character that nobody sees", env_file(f"EPIC_BACKEND_CLIENT_ID={ID}\u200b\n"), wants="nobody sees"),
    row("settings.blank", "", "a blank behind the client id", env_file(f'EPIC_BACKEND_CLIENT_ID="{ID} "\n'), wants="white space"),
    row("settings.cmd_set", "", "`set NAME=VALUE`, as cmd has it", env_file(f"set EPIC_BACKEND_CLIENT_ID={ID}\n"), wants="'set' is of cmd"),
    row("settings.powershell_env", "", "`$env:NAME = ...`, as PowerShell has it", env_file(f'$env:EPIC_BACKEND_CLIENT_ID = "{ID}"\n'), wants="of PowerShell"),
    row("settings.yaml", "", "`NAME: VALUE`", env_file(f"EPIC_BACKEND_CLIENT_ID: {ID}\n"), wants="not NAME: VALUE"),
    row("settings.json", "", "JSON", env_file(f'{{"EPIC_BACKEND_CLIENT_ID": "{ID}"}}\n'), wants="this is JSON"),
    row("settings.semicolon", "", "a semicolon at the end of a line", env_file(f"export EPIC_BACKEND_CLIENT_ID={ID};\n"), wants="ends with a ;"),
    row("settings.label", "", "the label of the app page with the id", env_file(f"EPIC_BACKEND_CLIENT_ID=Client ID: {ID}\n"), wants="more than an id"),
    row("settings.percent", "", "`%USERPROFILE%\\k.pem`", env_file("EPIC_PRIVATE_KEY_PATH=%USERPROFILE%\\k.pem\n", USUAL), wants="%.*not expanded"),
    row("settings.file_url", "", "`file:///k.pem`", env_file("EPIC_PRIVATE_KEY_PATH=file:///k.pem\n", USUAL), wants="is a URL, where a path"),
    row("settings.command_misspelt", "", "`epic-auth tokn`", lambda w: w.run("epic-auth", "tokn"), wants="did you mean token", same=[(r"there are .*", "there are ...")]),
    row("settings.tilde", "", "`~/k.pem` in a .env", env_file("EPIC_PRIVATE_KEY_PATH=~/k.pem\n", USUAL), wants="~.*not expanded"),
    row("settings.variable", "", "`${HOME}/k.pem` in a .env", env_file("EPIC_PRIVATE_KEY_PATH=${HOME}/k.pem\n", USUAL), wants="not expanded"),
    row("settings.switch", "", "a switch that is neither on nor off", with_env(EPIC_PRIVATE_KEY_PATH="k.pem", EPIC_ALLOW_PLAIN_HTTP="maybe"), wants="EPIC_ALLOW_PLAIN_HTTP.*1 or 0"),

    # ---- the key ----
    row("settings.key_in_path", "", "the text of the key where its path belongs", with_env(EPIC_PRIVATE_KEY_PATH=text("k.pem")), wants="EPIC_PRIVATE_KEY_PATH holds the text of a key.*EPIC_PRIVATE_KEY_PEM"),
    row("settings.path_in_key", "", "the path where the text of the key belongs", with_env(EPIC_PRIVATE_KEY_PEM="./k.pem"), wants="EPIC_PRIVATE_KEY_PEM holds the path.*EPIC_PRIVATE_KEY_PATH"),
    row("settings.key_base64", BASE64, "base64 of the PEM, from a secret store", with_env(EPIC_PRIVATE_KEY_PEM=lambda w: base64.b64encode(w.read("k.pem")).decode()), wants="base64", same=TIMES),
    row("settings.private_jwk", "", "a private JWK as the key", with_env(EPIC_PRIVATE_KEY_PEM=private_jwk), wants='"kid":"a"', same=TIMES),
    row("settings.two_private_jwks", "", "a JWK Set with two private keys", with_env(EPIC_PRIVATE_KEY_PEM=lambda w: '{"keys":[%s,%s]}' % (private_jwk(w), private_jwk(w, "b"))), wants="2 private keys.*EPIC_KEY_ID"),
    row("settings.public_jwks", "", "the published JWK Set as the key", with_env(EPIC_PRIVATE_KEY_PATH="jwks.json"), wants="public keys.*private key is needed"),
    row("settings.certificate", "", "the certificate as the key", with_env(EPIC_PRIVATE_KEY_PATH="cert.pem"), wants="an X.509 certificate"),
    row("settings.encrypted", "", "an encrypted key", with_env(EPIC_PRIVATE_KEY_PATH=encrypted), wants="encrypted.*EPIC_PRIVATE_KEY_PASSPHRASE"),
    row("settings.wrong_passphrase", "", "a passphrase of another key", with_env(EPIC_PRIVATE_KEY_PATH=encrypted_too, EPIC_PRIVATE_KEY_PASSPHRASE="x"), wants="passphrase does not open"),
    row("settings.key_pipe", PIPES, "`epic-auth key inspect <(cat cert.pem)`", lambda w: w.sh("epic-auth key inspect <(cat cert.pem)"), wants="RSA, 2048 bits"),
    row("settings.key_stdin", PIPES, "`cat cert.pem | epic-auth key inspect -`", lambda w: w.sh("cat cert.pem | epic-auth key inspect -"), wants="RSA, 2048 bits"),

    # ---- URLs ----
    row("settings.token_url_short", "", "the token URL without /token", in_mock('EPIC_TOKEN_URL=${EPIC_TOKEN_URL%/token} epic-auth token 2>&1 | grep ^epic-auth'), wants="EPIC_TOKEN_URL is wrong, /token is missing", read="out"),
    row("settings.token_url_slash", "", "the token URL with a slash behind it", in_mock('EPIC_TOKEN_URL=$EPIC_TOKEN_URL/ epic-auth token 2>&1 | grep ^epic-auth'), wants="EPIC_TOKEN_URL is wrong, it ends in a slash", read="out"),
    row("settings.token_url_base", "", "the FHIR base as token URL", in_mock('EPIC_TOKEN_URL=$EPIC_FHIR_BASE_URL epic-auth token 2>&1 | grep ^epic-auth'), wants="it is a FHIR base URL", read="out"),
    row("settings.base_url_token", "", "the token URL as FHIR base", in_mock('EPIC_FHIR_BASE_URL=$EPIC_TOKEN_URL epic-auth metadata 2>&1 | grep ^epic-auth'), wants="EPIC_FHIR_BASE_URL is wrong, it is of the OAuth server", read="out"),
    row("settings.plain_http", "", "http:// to another container", lambda w: w.sh(f"epic-auth assertion --client-id {ID} --private-key k.pem --token-url http://mock:8423/oauth2/token"), wants="EPIC_ALLOW_PLAIN_HTTP"),
    row("settings.no_scheme", "", "a token URL without https://", lambda w: w.sh(f"epic-auth assertion --client-id {ID} --private-key k.pem --token-url fhir.epic.com/oauth2/token"), wants="EPIC_TOKEN_URL.*http"),
    row("settings.search_as_url", "", "`search Observation?patient=…&category=…`", in_mock('epic-auth search "Observation?patient=erXuFYUfucBZaryVksYEcMg3&category=laboratory" | head -c 29'), wants="Observation", read="out"),
    # ---- names and forms of other tools ----
    row("settings.react_prefix", "", "the prefix that a front end wants", env_file(f"REACT_APP_EPIC_CLIENT_ID={ID}\n"), wants="REACT_APP_EPIC_CLIENT_ID.*EPIC_BACKEND_CLIENT_ID"),
    row("settings.no_underscores", "", "EPICBACKENDCLIENTID", env_file(f"EPICBACKENDCLIENTID={ID}\n"), wants="EPICBACKENDCLIENTID.*EPIC_BACKEND_CLIENT_ID"),
    row("settings.dots", "", "epic.backend.client.id, as Java has it", env_file(f"epic.backend.client.id={ID}\n"), wants="with _ between the words"),
    row("settings.dashes", "", "EPIC-TOKEN-URL", env_file(f"EPIC-TOKEN-URL={TOKEN_URL}\n"), wants="with _ between the words"),
    row("settings.private_jwk_name", "", "EPIC_PRIVATE_JWK", env_file("EPIC_PRIVATE_JWK={}\n"), wants="EPIC_PRIVATE_JWK.*EPIC_PRIVATE_KEY_PEM"),
    row("settings.fish", "", "`set -x NAME VALUE`, as fish has it", env_file(f"set -x EPIC_BACKEND_CLIENT_ID {ID}\n"), wants="of fish"),
    row("settings.dockerfile", "", "`ENV NAME=VALUE`, as a Dockerfile has it", env_file(f"ENV EPIC_BACKEND_CLIENT_ID={ID}\n"), wants="of a Dockerfile"),
    row("settings.make", "", "`NAME := VALUE`, as make has it", env_file(f"EPIC_BACKEND_CLIENT_ID := {ID}\n"), wants="not NAME := VALUE"),
    row("settings.diff", "", "out of a diff", env_file(f"+EPIC_BACKEND_CLIENT_ID={ID}\n"), wants="of a diff"),
    row("settings.unseen_in_name", "", "a zero-width space in front of the name", env_file(f"\u200bEPIC_BACKEND_CLIENT_ID={ID}\n"), wants="a character beyond ASCII"),
    row("settings.cyrillic_name", "", "a Cyrillic letter in the name", env_file(f"\u0415PIC_BACKEND_CLIENT_ID={ID}\n"), wants="a character beyond ASCII"),
    row("settings.windows_path", "", "`C:\\Users\\me\\k.pem`", env_file("EPIC_PRIVATE_KEY_PATH=C:\\Users\\me\\k.pem\n", USUAL), wants="a path of Windows"),
    row("settings.at_path", "", "`@k.pem`", env_file("EPIC_PRIVATE_KEY_PATH=@k.pem\n", USUAL), wants="begins with @"),
    row("settings.id_with_dashes_of_word", "", "a client id with the dashes of a word processor", env_file("EPIC_BACKEND_CLIENT_ID=" + ID.replace("-", "\u2013") + "\n"), wants="more than an id"),
    row("settings.id_of_x", "", "a client id of nothing but x", env_file("EPIC_BACKEND_CLIENT_ID=xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx\n"), wants="placeholder"),
    row("settings.utf32", "", "a .env in UTF-32", env_file("EPIC_BACKEND_CLIENT_ID=x\n".encode("utf-32")), wants="UTF-32"),
]
