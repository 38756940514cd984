#!/usr/bin/env bash
# The reader of curl commands against bash and curl themselves: each command is run against a server here that notes what
# arrives, and the reader must have found the same in the text.
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
failures = 0
for command in COMMANDS:
    seen.clear()
    subprocess.run(["bash", "-c", command], stdout=subprocess.DEVNULL, check=False)
    done = subprocess.run([sys.argv[1], "tell"], input=command.encode(), capture_output=True, check=False)
    fields = done.stdout.split(b"\0")[:-1]
    wanted = [U.encode() if i == 1 else f if isinstance(f, bytes) else f.encode() for i, f in enumerate(seen[0])] if seen else []
    if not seen or fields != wanted:
        failures += 1
        print(f"FAILED: {command}\n  curl sent {wanted}\n  read as   {fields} {done.stderr.decode()}")
print(len(COMMANDS) - failures, "of", len(COMMANDS), "commands read as bash and curl do")
sys.exit(failures > 0)
PYTHON
