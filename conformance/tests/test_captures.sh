#!/usr/bin/env bash
# The readers of commands and of code against curl, wget, Node and Python themselves: each is run against a server here that
# notes what arrives, and the reader must have found the same in the text. wget and Python's requests are tried where they are installed.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 - "$EPIC_BIN_DIR/../tests/conformance_linter.test_capture" <<'PYTHON'
import http.server
import subprocess
import sys
import threading

seen = []


class Notes(http.server.BaseHTTPRequestHandler):
    def answer(self):
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen.append([self.command, path, query, self.headers.get("Content-Type", ""),
                     self.headers.get("Authorization", ""), body])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PUT = do_HEAD = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Notes)
threading.Thread(target=server.serve_forever, daemon=True).start()
U = f"http://127.0.0.1:{server.server_address[1]}/t"

COMMANDS = [
    f"curl -s {U}",
    f"curl -s '{U}?a=1&b=2#c' | cat",
    f"curl -s {U} -d a=1 -d b=2",
    f"curl -sS -XPUT \"{U}\" \\\n  -d 'a b' \\\n  --data-raw @c",
    f"curl -s {U} -d a'b c'\"d e\"f\\ g",
    f"curl -s {U} -d $'a\\'\\n\\x41\\u00e9\\u20ac\\t\\\\\\\"'",
    f"curl -s {U} -d \"a\\\"b\\\\c\\$d\\e\\\nf\"",
    f"curl -s {U} -d '' ; true",
    f"curl -s {U} -d a$ -d ''",
    f"curl -s -G -d a=1 --data-urlencode 'b=c d' '{U}?x=y#z'",
    f"curl -s {U} --data-urlencode 'a=b=c&' --data-urlencode =d/ --data-urlencode e+~",
    f"curl -s {U} --data-urlencode 'a= b  c ' --data-urlencode ' '",
    f"curl -s {U} --data-binary 'a=é ü'",
    f"curl -s {U} --json '{{\"a\":1}}'",
    f"curl -s {U} -d a -H 'content-type: text/plain; x=y'",
    f"curl -s -H 'Content-Type: text/plain' {U} -d a",
    f"curl -s {U} --json '{{}}' -H 'Content-Type: application/x-www-form-urlencoded'",
    f"curl -s {U} -d a -H 'Content-Type:'",
    f"curl -s {U} -H 'Authorization: Basic eA=='",
    f"curl -s --url {U} --max-time 5 -o out -da=1",
    f"curl -sI {U}",
    f"curl -s {U} --request POST --no-keepalive",
]
FORM = '"Content-Type": "application/x-www-form-urlencoded"'
WGET = [
    f"wget -qO- --post-data='a=1&b=c%20d' {U}",
    f"wget --quiet \\\n --method POST \\\n --header 'Content-Type: text/plain' \\\n --body-data 'a b' \\\n -O - '{U}?x=y'",
    f"wget -q -O- {U}",
]
NODE = [
    f"fetch('{U}')",
    f'fetch("{U}?x=y", {{\n  "headers": {{\n    "accept": "*/*",\n    {FORM}\n  }},\n  "body": "a=1&b=c%20d",\n  "method": "POST"\n}});',
    f"const jwt = 'e.y';\nconst r = await fetch('{U}', {{method: 'post', body: new URLSearchParams({{a: 'b c', d: jwt, // e\n}})}})",
    f"const p = new URLSearchParams();\np.append('a', '1');\np.set(\"b\", `2`);\nfetch(`{U}`, {{ method: 'POST', body: p.toString() }})",
    f"const p = new URLSearchParams({{a: 1}})\np.append('b', 'é')\nawait fetch('{U}', {{ method: 'PUT', headers: new Headers({{{FORM}}}), body: p }})",
    f"await fetch('{U}', {{method: 'POST', body: 'a=1' +\n '&b=\\u00e9\\x41\\'' + `&${{'c'}}=\\n`}})",
    f"fetch('{U}', {{method: 'POST', body: {{a: 1}}}})",
    f"fetch(new URL('{U}'), {{method: 'POST', headers: {{Authorization: 'Basic eA=='}}, body: new URLSearchParams([['a', 'b'], ['a', 'c']])}})",
    f"fetch('{U}', {{method: 'POST', body: new URLSearchParams('a=b&c=d')}})",
]
REQUESTS = [
    f'requests.post("{U}", data={{"a": "b c", "d": "é"}})',
    f"t = 'e.y'\nbody = {{\n 'a': t,  # b\n 'c': f'{{t}}.z',\n}}\nrequests.post(\n\"{U}\", data=body, headers={{'Content-Type': 'text/plain'}})",
    f"requests.post(url='{U}', data='a=1&'\n 'b=2', params={{'x': 'y'}})",
    f"requests.request('put', '{U}', data=[('a', 'b'), ('a', 'c')])",
    f"requests.post('{U}', data=dict(a='b', c='d'))",
]


def media_type(field):
    return field.split(b";")[0]


def has(*command):
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


failures = 0
wget = WGET if has("wget", "--version") else []
node = NODE if has("node", "--version") else []
python = REQUESTS if has("python3", "-c", "import requests") else []
RUNS = [*((c, ["bash", "-c", c]) for c in COMMANDS + wget), *((c, ["node", "--input-type=module", "-e", c]) for c in node),
        *((c, ["python3", "-c", "import requests\n" + c]) for c in python)]
for command, run in RUNS:
    seen.clear()
    subprocess.run(run, stdout=subprocess.DEVNULL, check=False, timeout=120)
    done = subprocess.run([sys.argv[1], "tell"], input=command.encode(), capture_output=True, check=False)
    fields = done.stdout.split(b"\0")[:-1]
    wanted = [U.encode() if i == 1 else f if isinstance(f, bytes) else f.encode() for i, f in enumerate(seen[0])] if seen else []
    if run[0] != "bash" and seen and len(fields) == len(wanted):  # the charset that is added means what none means
        fields[3], wanted[3] = media_type(fields[3]), media_type(wanted[3])
        fields[5], wanted[5] = fields[5].replace(b"%20", b"+"), wanted[5].replace(b"%20", b"+")  # a blank of a form
    if not seen or fields != wanted:
        failures += 1
        print(f"FAILED: {command}\n  it sent  {wanted}\n  read as   {fields} {done.stderr.decode()}")
print(len(RUNS) - failures, "of", len(RUNS), "read as who runs them does")
sys.exit(failures > 0)
PYTHON
