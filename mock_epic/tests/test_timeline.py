#!/usr/bin/python3
"""A run as a picture: `GET /mock/timeline`, `mock-epic timeline` and `run --report FILE.html`. Text fits 80 columns, a page needs
nothing from elsewhere, and neither can be bent by what a client sends. In Chromium, where there is one, at two widths and on paper."""
import html.parser
import json
import os
import re
import shutil
import subprocess
import tempfile

from harness import BIN, MOCK_EPIC, SLOW, Mock, Suite

suite = Suite()
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("EPIC_", "MOCK_EPIC_")) and not name.lower().endswith("_proxy")}
CLEAN["PATH"] = BIN + os.pathsep + CLEAN["PATH"]
WORK = tempfile.TemporaryDirectory()
REPORT = os.path.join(WORK.name, "report.html")
EXPECT = os.path.join(WORK.name, "expect.json")
PATIENT = "Patient/erXuFYUfucBZaryVksYEcMg3"
HOSTILE = "</td></svg><script>alert(1)</script>\"'&\u202e\u00e9 x"
LIFE = f"""
    curl -s $MOCK_EPIC_URL/mock/faults -d '{{"match":{{"route":"fhir","nth":2}},"action":{{"status":503}}}}' -o answer
    epic-auth get {PATIENT} >/dev/null
    mock-epic tokens age 3600 >/dev/null
    epic-auth get {PATIENT} >/dev/null 2>&1
    epic-auth get {PATIENT} >/dev/null
    EPIC_BACKEND_CLIENT_ID="$HOSTILE" epic-auth token 2>/dev/null
    curl -s -g "$MOCK_EPIC_URL/<script>alert(2)</script>?x=\\"'&" -o answer
    mock-epic clock advance 7200 >/dev/null
    epic-auth token >/dev/null 2>&1
    mock-epic tokens revoke >/dev/null
    epic-auth token
"""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def run(*command, options=()):
    return subprocess.run([MOCK_EPIC, "run", *options, "--", *command], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env={**CLEAN, "TMPDIR": WORK.name, "HOSTILE": HOSTILE}, cwd=WORK.name, timeout=120 * SLOW, check=False)


def read(path=REPORT):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Page(html.parser.HTMLParser):
    """What is in a page: its elements, what they lead to, its text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.text, self.open = [], [], "", []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src", "xlink:href", "style") or name.startswith("on")]

    def handle_data(self, data):
        self.text += data


def is_safe(text, what):
    page = Page(text)
    suite.check(not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags), f"{what}: elements {set(page.tags)}")
    suite.check(all(link.startswith("#e") for link in page.links), f"{what}: it leads to {page.links}")
    suite.check(not re.search(r"@import|url\(|expression\(", text), f"{what}: its style fetches something")
    return page


def is_text():
    done = run("sh", "-c", LIFE + "mock-epic timeline >&2", options=("--real-token-lifetime", "1800", "--seed", "7", "--expect", EXPECT, "--report", REPORT))
    lines = done.stderr[done.stderr.index("mock-epic, instance"):].splitlines()
    lines = lines[:next(i for i, line in enumerate(lines) if line.startswith("mock-epic: "))]
    suite.check(all(len(line) <= 80 and line.isascii() and line.isprintable() for line in lines), f"lines: {[line for line in lines if len(line) > 80]}")
    text = "\n".join(lines)
    for wanted in ("instance (main), profile epic, seed 7", "verdict: fail", "FAIL    one token is enough (entries ", "right:  keeps its token", "o.......  #2 200 t1 token for 1800 s (told 3600 s)",
                   "|.......  #3 200 t1 GET " + PATIENT, "tokens become 3600 s older", "x.......     t1 expires", "by fault 1 ", "the clock moves by +7200 s", "t2 expires",
                   "tokens revoked", "<script>alert(1)</script>"):
        suite.check(wanted in text, f"no {wanted!r} in\n{text}")
    suite.check(re.search(r"\nt\d lives until \d{4}-", text), f"who lives: {lines[-3:]}")
    rows = [re.match(r"[0-9:.]{12}  ([.|:!ox]{8})  ", line) for line in lines]
    suite.check(sum(bool(row) for row in rows) > 12, f"rows: {text}")
    token = done.stdout.strip().splitlines()[-1]
    suite.check(len(token) == 43 and token not in text and token not in read(), "a token is in it")


def is_brought_back():
    """A snapshot brings a token back to life in a lane of its own, ends what was issued after it, and undoes ageing."""
    call = 'curl -s -o out -X POST $MOCK_EPIC_URL/mock/'
    script = "".join(f"{call}{path} -d '{body}'; " if path else f"{body}; " for path, body in (
        ("", "epic-auth token >out"), ("snapshot", '{"name":"s"}'), ("tokens/revoke", "{}"), ("restore", '{"name":"s"}'),
        ("tokens/age", '{"seconds":3000}'), ("", "epic-auth token >out"), ("restore", '{"name":"s"}'), ("", "mock-epic timeline >&2")))
    done = run("sh", "-c", script, options=("--report", REPORT))
    rows = [match.groups() for match in re.finditer(r"^[0-9:.]{12}  ([.|:!ox]{8})  (.*)$", done.stderr, re.M)]
    lanes = [(lane[:3], what.partition(" ")[2]) for lane, what in rows if what.startswith("#")]
    wanted = [("o..", "token for 3600"), ("|..", "/mock/snapshot"), ("x..", "tokens revoked"), (":o.", "/mock/restore"), (":|.", "3000 s older"),
              (":|o", "token for 3600"), (":|x", "/mock/restore")]
    suite.check(len(lanes) >= len(wanted) and all(lane == now and text in what for (now, what), (lane, text) in zip(lanes, wanted)), f"{lanes}\n{done.stderr}")
    ends = re.findall(r"^t1 lives until \S+T(\d\d:\d\d:\d\d)", done.stderr, re.M)
    suite.check(len(ends) == 1 and "t2 lives" not in done.stderr, f"who lives: {ends} {done.stderr}")
    is_safe(read(), "a picture with a snapshot")


def is_page():
    page = is_safe(read(), "report")
    for wanted in ("failed", "one token is enough", "keeps its token", "seed 7", "t1 expires", "client.known", HOSTILE.replace("\u202e\u00e9", "")[:20], "Not affiliated with Epic"):
        suite.check(wanted in page.text, f"no {wanted!r} in the report")
    suite.check(page.tags.count("svg") == 1 and page.tags.count("rect") >= 6 and "circle" in page.tags and "figcaption" in page.tags, f"the picture: {page.tags}")
    suite.check(page.links and all(f'id="{link[1:]}"' in read() for link in page.links), f"entries of the verdict: {page.links}")


def is_answered():
    with Mock() as mock:
        for target, accept, kind in (("", "*/*", "text/plain"), ("", "text/html", "text/html"), ("?format=html", "*/*", "text/html"), ("?format=text", "text/html", "text/plain"),
                                     ("", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html"), ("", "application/json", "text/plain")):
            answer = mock.request("GET", "/mock/timeline" + target, headers=[f"Accept: {accept}"])
            suite.check(answer.status == 200 and answer.header("Content-Type") == kind + "; charset=utf-8", f"{target} {accept}: {answer.status} {answer.header('Content-Type')}")
            if kind == "text/html":
                is_safe(answer.body.decode(), "an empty page")
        for target in ("?format=pdf", "?format=", "?x=1"):
            suite.check(mock.request("GET", "/mock/timeline" + target).status in (200, 400) and (target == "?format=" or mock.admin("GET", "/timeline" + target)[0] == 400), target)
        suite.check(mock.admin("GET", "/journal?kind=admin")[1] == [], "looking at it is in it")
        done = run("sh", "-c", LIFE, options=("--on", mock.ready["url"], "--expect", EXPECT, "--report", REPORT))
        text = is_safe(read(), "report of an instance").text
        suite.check("one token is enough" in text and "instance i" in text, f"--on: {done.stderr[-300:]}")


def is_bounded():
    """Ten thousand entries are a page, and what came before is counted."""
    script = """
import http.client, os, urllib.parse
parts = urllib.parse.urlsplit(os.environ["EPIC_FHIR_BASE_URL"])
connection = http.client.HTTPConnection(parts.hostname, parts.port)
for i in range(10100):
    connection.request("GET", parts.path + "/Patient/n%d" % i, headers={"Authorization": "Bearer x"})
    connection.getresponse().read()
"""
    done = run("python3", "-c", script, options=("--report", REPORT, "--log-level", "error"))
    text = read()
    suite.check(done.returncode == 0 and "10000 entries, and 100 before them" in text, f"{done.stderr[-300:]} {text[3000:3500]}")
    suite.check(text.count("<tr id=") == 10000 and 'id="e101"' in text and 'id="e10100"' in text and 'id="e100"' not in text, "the newest ones")
    suite.check(len(text) < 8_000_000, f"{len(text)} bytes")


def is_refused():
    done = run("true", options=("--report", "/no/such/directory/report.html"))
    suite.check(done.returncode == 3 and "--report" in done.stderr, f"{done.returncode} {done.stderr}")
    done = run("false", options=("--report", "/no/such/directory/report.html"))
    suite.check(done.returncode == 1, f"the command's own status wins: {done.returncode}")


def chromium(*arguments):
    return subprocess.run([CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={WORK.name}/chromium", *arguments], capture_output=True, text=True,
                          env={**CLEAN, "HOME": WORK.name}, stdin=subprocess.DEVNULL, timeout=120 * SLOW, check=False)


def is_seen():
    """A browser shows all of it in the width that there is, and runs nothing."""
    run("sh", "-c", LIFE, options=("--real-token-lifetime", "1800", "--expect", EXPECT, "--report", REPORT))
    measured = os.path.join(WORK.name, "measured.html")
    with open(measured, "w", encoding="utf-8") as file:
        file.write(read() + "<script>document.title = document.documentElement.scrollWidth + ' ' + document.querySelectorAll('tr').length</script>")
    for width in (1280, 500):  # it has no narrower windows
        done = chromium(f"--window-size={width},1000", "--dump-dom", "file://" + measured)
        title = re.search(r"<title>(\d+) (\d+)</title>", done.stdout)
        suite.check(title and int(title[1]) <= width and int(title[2]) > 12, f"at {width}: {title and title[0]} {done.stderr[-300:]}")
        shot = os.path.join(WORK.name, f"{width}.png")
        chromium(f"--window-size={width},1000", f"--screenshot={shot}", "file://" + REPORT)
        suite.check(os.path.exists(shot) and os.path.getsize(shot) > 20000, f"a picture at {width}")
    paper = os.path.join(WORK.name, "report.pdf")
    chromium(f"--print-to-pdf={paper}", "file://" + REPORT)
    suite.check(os.path.exists(paper) and os.path.getsize(paper) > 20000, "on paper")


def main():
    with WORK:
        with open(EXPECT, "w", encoding="utf-8") as file:
            json.dump([{"count": {"kind": "token", "outcome": "issued"}, "max": 1, "because": "one token is enough", "right": "keeps its token <b>"},
                       {"never": {"status": 599}, "because": "nothing breaks"}], file)
        is_text()
        is_page()
        is_answered()
        is_brought_back()
        is_bounded()
        is_refused()
        if CHROMIUM:
            is_seen()
    suite.done(43)


main()
