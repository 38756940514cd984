"""Field cases: what the mock says of requests that it refuses, and of how it is called."""
from field_cases import row

# Signs with the key that `run` made and posts: send.py TIMES [CLAIMS [HEADER [HTTP HEADERS]]], all JSON; between two posts the
# mock's clock goes on by $STEP.
SEND = r"""
import base64, json, os, sys, time, urllib.error, urllib.parse, urllib.request, uuid
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
arguments = [json.loads(a) for a in sys.argv[1:]] + [{}, {}, {}]
e, now, client = os.environ, int(time.time()), os.environ["EPIC_BACKEND_CLIENT_ID"]
claims = {"iss": client, "sub": client, "aud": e["EPIC_TOKEN_URL"], "jti": str(uuid.uuid4()), "iat": now - 5, "exp": now + 240}
claims.update({k: v.replace("ID", client) if isinstance(v, str) else v for k, v in arguments[1].items()})
claims.update({k: now + int(v[3:]) for k, v in claims.items() if isinstance(v, str) and v.startswith("now+")})
b64 = lambda b: base64.urlsafe_b64encode(b).rstrip(b"=")
data = b64(json.dumps({"alg": "RS384", **arguments[2]}).encode()) + b"." + b64(json.dumps(claims).encode())
with open(e["EPIC_PRIVATE_KEY_PATH"], "rb") as file:
    key = serialization.load_pem_private_key(file.read(), None)
jwt = e.get("JWT") or (data + b"." + b64(key.sign(data, padding.PKCS1v15(), hashes.SHA384()))).decode()
body = urllib.parse.urlencode({"grant_type": "client_credentials", "client_assertion": jwt,
                               "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}).encode()
if e.get("FROZEN"):  # both have the same second, however slow this machine is
    urllib.request.urlopen(urllib.request.Request(e["MOCK_EPIC_URL"] + "/mock/clock", b'{"now":%d,"frozen":true}' % now, method="PUT")).read()
for _ in range(arguments[0]):
    try:
        urllib.request.urlopen(urllib.request.Request(e["EPIC_TOKEN_URL"], body, arguments[3]))
    except urllib.error.HTTPError:
        pass
    if e.get("STEP"):
        urllib.request.urlopen(e["MOCK_EPIC_URL"] + "/mock/clock/advance", b'{"seconds":%s}' % e["STEP"].encode()).read()
"""


def sent(arguments, options="", env=None):
    """`run` around send.py."""
    def run(w):
        w.write("send.py", SEND)
        return w.sh(f"mock-epic run {options} -- python3 send.py {arguments}", env=env)
    return run


# Below the ports that systems hand out by themselves, which another test may be given between here and the mock's start.
FREE_PORT = """
import random, socket
while True:
    port = random.randrange(20000, 32000)
    with socket.socket() as s:
        if s.connect_ex(("127.0.0.1", port)):
            break
print(port)"""


def called(host, options="", path="/mock/clock"):
    """A request to a mock that is called by another name than it knows."""
    return (f"port=$(python3 -c '{FREE_PORT}'); "
            f"mock-epic serve --listen 127.0.0.1:$port {options} --client-id \"$CID\" --cert cert.pem >/dev/null 2>&1 & "
            "mock-epic health --wait 10 http://127.0.0.1:$port >/dev/null; "
            f"curl -s -H 'Host: {host}' http://127.0.0.1:$port{path}; kill $!; wait")


AGES = [(r"\(3[3-6]\d\d s ago\)", "(an hour ago)"), (r"accepted 3[56]\d\d s ago", "accepted an hour ago")]
KEPT = "github.com/smart-on-fhir/client-py/pull/133"
CONTAINER = "github.com/navikt/mock-oauth2-server/issues/312"
NAME = '{"aud":"http://mock-epic:8778/interconnect-fhir-oauth/oauth2/token"}'

ROWS = [
    # ---- the same JWT again ----
    row("mock.jwt_kept_for_an_hour", KEPT, "a JWT that was accepted is sent again when its token has expired", sent("2", env={"STEP": "3600"}),
        wants="this very JWT was accepted", same=AGES),
    row("mock.jwt_sent_twice", KEPT, "a JWT is sent twice", sent("2"), wants="jti.replay.*used before", same=[(r"\(\d+ s ahead\)", "(ahead)")]),

    # ---- the client id ----
    row("mock.client_id_blank", "", "a blank in front of the client id", sent("1 '{\"iss\":\" ID\",\"sub\":\" ID\"}'"), wants="client.known.*white space"),
    row("mock.client_id_newline", "", "a client id with the line end of its file", sent("1 '{\"iss\":\"ID\\n\",\"sub\":\"ID\\n\"}'"),
        wants="client.known.*white space"),
    row("mock.client_id_quotes", "", "a client id in quotation marks, as docker's --env-file keeps them",
        sent("1 '{\"iss\":\"\\\"ID\\\"\",\"sub\":\"\\\"ID\\\"\"}'"), wants="client.known.*something around it"),
    row("mock.client_id_blank_in_sub", "", "a blank in sub, and iss is something else",
        sent("1 '{\"iss\":\"https://app.example\",\"sub\":\"ID \"}'"), wants="client.known.*white space"),
    row("mock.client_id_braces", "", "a client id in braces", sent("1 '{\"iss\":\"{ID}\",\"sub\":\"{ID}\"}'"), wants="client.known.*something around it"),

    # ---- the name of the mock ----
    row("mock.container_name", CONTAINER, "a client in another container calls the mock mock-epic:8778, in Host and in aud",
        sent(f"1 '{NAME}' '{{}}' '{{\"Host\":\"mock-epic:8778\"}}'"), wants="your client calls this mock http://mock-epic:8778"),
    row("mock.container_name_followed", CONTAINER, "the same with --switch aud_follow_host=accept",
        sent(f"1 '{NAME}' '{{}}' '{{\"Host\":\"mock-epic:8778\"}}'", "--switch aud_follow_host=accept"), wants="1 tokens? issued, 0 refused"),
    row("mock.admin_by_foreign_name", CONTAINER, "/mock asked by a name that the mock was not given", lambda w: w.sh(called("mock-epic:8778")),
        wants="--public-url", read="out"),
    row("mock.admin_by_public_url", CONTAINER, "the same with --public-url", lambda w: w.sh(called("mock-epic:8778", "--public-url http://mock-epic:8778")),
        wants='"now"', read="out", same=[(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME")]),

    # ---- what passes today, and what ran out ----
    row("mock.at_the_very_limit", "github.com/medplum/medplum", "exp is exactly 300 s ahead and iat is now: accepted here, refused by a clock that is 1 s behind",
        sent("1 '{\"exp\":\"now+300\",\"iat\":\"now+0\"}'", env={"FROZEN": "1"}), wants="accepted, with a warning +exp.window"),
    row("mock.read_with_an_expired_token", "", "a FHIR read with a token that has expired",
        lambda w: w.sh("mock-epic run -- sh -c 'epic-auth token -f curl-config >token; mock-epic tokens age 3600; curl -s -K token $EPIC_FHIR_BASE_URL/Patient/1'"), wants="401, the token expired"),
    row("mock.read_without_a_token", "", "a FHIR read without a token", lambda w: w.sh("mock-epic run -- sh -c 'curl -s $EPIC_FHIR_BASE_URL/Patient/1'"), wants="401, no access token"),
    row("mock.path_of_a_bare_fhir_server", "", "a path without Epic's first segment", lambda w: w.sh("mock-epic run -- sh -c 'curl -s $MOCK_EPIC_URL/api/FHIR/R4/metadata'"), wants="begin with /interconnect-fhir-oauth"),

    # ---- how it is called ----
    row("mock.port_option", "", "`serve --port 8080`", lambda w: w.sh("mock-epic serve --port 8080"), wants="did you mean --listen"),
    row("mock.no_dashes", "", "`run --tls pytest x` without a command's dashes is fine; without a command it is not", lambda w: w.sh("mock-epic run --tls"), wants="mock-epic run -- COMMAND"),
    row("mock.command_of_another_tool", "", "`mock-epic start`", lambda w: w.sh("mock-epic start"), wants="no command 'start'; there are", same=[(r"there are .*", "there are ...")]),
    row("mock.no_such_test_runner", "", "`run -- pytst`", lambda w: w.sh("mock-epic run -- pytst"), wants="pytst: No such file"),
    row("mock.command_hangs", "", "`run --timeout 1 -- sleep 30`", lambda w: w.sh("mock-epic run --timeout 1 -- sleep 30"), wants="longer than --timeout 1"),
    row("mock.nobody_there", "", "`mock-epic clock` where no mock runs", lambda w: w.sh("MOCK_EPIC_URL=http://127.0.0.1:1 mock-epic clock"), wants="no mock answers at http://127.0.0.1:1"),
    row("mock.url_without_scheme", "", "MOCK_EPIC_URL=localhost:8423", lambda w: w.sh("MOCK_EPIC_URL=localhost:8423 mock-epic clock"), wants="localhost:PORT: not an absolute http:// or https:// URL"),
    row("mock.run_on_nobody", "", "`run --on URL` where no mock runs", lambda w: w.sh("mock-epic run --on http://127.0.0.1:1 -- true"), wants="--on http://127.0.0.1:1: no mock answers"),
    row("mock.run_on_with_a_port", "", "`run --on URL --listen ...`", lambda w: w.sh("mock-epic run --on http://127.0.0.1:1 --listen 127.0.0.1:0 -- true"), wants="--listen is the server's own"),
    row("mock.env_file_with_a_blank", "", "`serve --env-file` with a TMPDIR that holds a blank", lambda w: w.sh("mkdir 'a b'; TMPDIR=\"$PWD/a b\" mock-epic serve --listen 127.0.0.1:0 --log-level warn --env-file e"),
        wants="EPIC_PRIVATE_KEY_PATH would need quotes", same=[(r"a b/mock-epic-\w+", "TMPDIR/mock-epic")]),
    row("mock.token_on_the_command_line", "", "`--admin-token SECRET`, which everybody on the machine could read", lambda w: w.sh("mock-epic serve --admin-token 0123456789abcdef"), wants="did you mean --admin-token-file"),

    # ---- 2026 ----
    row("mock.rfc7523bis", "github.com/NorskHelsenett/HelseID.Samples/pull/140", "a library that signs by RFC 7523bis",
        sent("1 '{\"aud\":\"http://127.0.0.1/interconnect-fhir-oauth/oauth2\"}' '{\"typ\":\"client-authentication+jwt\"}'"),
        wants="header.typ.*RFC 7523bis"),
    row("mock.local_jku_missing", "", "the customer upgraded and its local JKU is not set", sent("1", "--switch local_jku=missing"), wants="local JKU"),

    # ---- in place of a JWT ----
    row("mock.jwt_undefined", "", "`undefined` as client_assertion", sent("1", env={"JWT": "undefined"}), wants="undefined"),
    row("mock.jwt_python_bytes", "github.com/jpadilla/pyjwt/pull/521", "`b'eyJ…'` as client_assertion", sent("1", env={"JWT": "b'eyJhbGciOiJSUzM4NCJ9.eyJpc3MiOiJjIn0.AAAA'"}),
        wants="bytes of Python"),
]
