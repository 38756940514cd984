"""Field cases: captured token requests, in the forms in which tools hand them out, and old ones."""
import json

from field_cases import BEARER, ID, TOKEN_URL, row

FORM = "application/x-www-form-urlencoded"
DATE = "Mon, 21 Sep 2026 14:13:20 GMT"  # NOW
ANSWER = f'HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nDate: {DATE}\r\n\r\n' + '{"error":"invalid_client","error_description":null}'


def verdict(done):
    """The line that says what would become of it, of a request that was read without a word."""
    done.out = "\n".join(line for line in done.out.splitlines() if line.startswith("would be"))
    return done


def taken(ident, source, situation, text, wants="would be accepted"):
    """A request that is to be read and found sound, or whose reading says what `wants` says."""
    is_sound = wants == "would be accepted"
    return row("request." + ident, source, situation, lambda w: verdict(w.request(text(w))) if is_sound else w.request(text(w)), wants=wants)


LOOSE = "text of no kind that is known here: its parameters were taken out"


def fields(w):
    return (("grant_type", "client_credentials"), ("client_assertion_type", BEARER), ("client_assertion", w.jwt()))


def curl(w):
    return f"curl {TOKEN_URL} -d '{w.form(w.jwt())}'"


def http(body, length=None):
    return (f"POST /interconnect-fhir-oauth/oauth2/token HTTP/1.1\r\nHost: fhir.epic.com\r\nContent-Type: {FORM}\r\n"
            f"Content-Length: {len(body) if length is None else length}\r\n\r\n{body}")


def cmd(w):
    body = w.form(w.jwt())
    return (f'curl ^"{TOKEN_URL}^" ^\r\n  -H ^"content-type: {FORM}^" ^\r\n  --data-raw ^"'
            + body.replace("%", "^%").replace("&", "^&") + '^"\r\n')


def entry(method, url, body, status=200, headers=(), answer="", started="2026-09-21T14:13:20.123Z"):
    return {"startedDateTime": started, "time": 12,
            "request": {"method": method, "url": url, "httpVersion": "h2", "headers": [{"name": "content-type", "value": FORM}],
                        "queryString": [], "cookies": [], "headersSize": -1, "bodySize": -1,
                        **({"postData": {"mimeType": FORM, "text": body}} if body is not None else {})},
            "response": {"status": status, "headers": [{"name": n, "value": v} for n, v in headers],
                         "content": {"mimeType": "application/json", "text": answer}}}


def har(*entries):
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": list(entries)}})


def har_of(w, body=None, **more):
    more.setdefault("headers", (("Date", DATE),))
    return har(entry("GET", "https://fhir.epic.com/x", None, 404),
               entry("POST", TOKEN_URL, w.form(w.jwt()) if body is None else body, 400, answer='{"error":"invalid_client"}', **more))


def as_captured(w, text, *more):
    """Judged without --at: by the capture's own time, if it has one."""
    return w.run("epic-conformance", "jwt", "--cert", "cert.pem", "--client-id", ID, *more, "--request", "-", data=text)


def last_lines(done):
    """The circumstances, which stand below the verdicts."""
    done.err = ""
    done.out = "\n".join(line for line in done.out.splitlines() if line.startswith(("judged", "As of", "The answer")))
    return done


ROWS = [
    # ---- shells ----
    taken("curl_windows_cmd", "", "Chrome, copy as cURL (cmd)", cmd),
    taken("curl_exe", "", "`curl.exe` on one line", lambda w: f'curl.exe -X POST "{TOKEN_URL}" -H "Content-Type: {FORM}" -d "{w.form(w.jwt())}"'),
    taken("curl_powershell", "", "curl.exe with PowerShell's backticks", lambda w: f'curl.exe "{TOKEN_URL}" `\r\n  -d "{w.form(w.jwt())}"'),
    taken("powershell_prompt", "", "copied with the prompt of PowerShell", lambda w: f'PS C:\\Users\\me> curl.exe {TOKEN_URL} -d "{w.form(w.jwt())}"'),
    taken("prompt", "", "copied with the prompt of a shell", lambda w: "me@host:~/epic$ " + curl(w)),
    taken("time", "", "`time curl`", lambda w: "time " + curl(w)),
    taken("substitution", "", "`TOKEN=$(curl … | jq …)`", lambda w: "TOKEN=$(" + curl(w) + " | jq -r .access_token)"),
    taken("comment", "", "a comment above it", lambda w: "# token request\n" + curl(w)),
    taken("shebang", "", "a shell script", lambda w: "#!/bin/sh\nset -e\n\n" + curl(w) + "\necho done\n"),
    taken("fence", "", "a fenced block of Markdown", lambda w: "This is what I send:\n```bash\n" + curl(w) + "\n```\n"),
    taken("variable", "", "a shell variable in it", lambda w: f'curl {TOKEN_URL} -d "client_assertion=$JWT"', wants=r"\$JWT; write its value"),
    taken("variable_cmd", "", "a variable of cmd in it", lambda w: f'curl "{TOKEN_URL}" ^\n -d "client_assertion=%JWT%"', wants="%JWT%; write its value"),
    taken("wget", "", "wget", lambda w: f"wget -qO- --header 'Content-Type: {FORM}' --post-data='{w.form(w.jwt())}' {TOKEN_URL}"),
    taken("httpie", "", "HTTPie", lambda w: f"http --form POST {TOKEN_URL} " + " ".join(f"'{n}={v}'" for n, v in fields(w))),
    taken("httpie_json", "", "HTTPie without --form, which sends JSON", lambda w: f"http POST {TOKEN_URL} " + " ".join(f"'{n}={v}'" for n, v in fields(w)),
          wants="the body is JSON"),
    # ---- code ----
    taken("copy_as_powershell", "", "the browser's copy as PowerShell", lambda w: '$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n'
          f'Invoke-WebRequest -UseBasicParsing -Uri "{TOKEN_URL}" `\n-Method "POST" `\n-WebSession $session `\n-Headers @{{\n"sec-ch-ua"="`"Chromium`";v=`"140`""\n}} `\n'
          f'-ContentType "{FORM}" `\n-Body "{w.form(w.jwt())}"\n'),
    taken("invoke_restmethod", "", "Invoke-RestMethod with a table", lambda w: "$body = @{\n" + "\n".join(f'  {n} = "{v}"' for n, v in fields(w))
          + f"\n}}\n(Invoke-RestMethod -Uri {TOKEN_URL} -Method Post -Body $body).access_token\n"),
    taken("invoke_restmethod_get", "", "the same without -Method Post", lambda w: f"irm {TOKEN_URL} -Body @{{" + ";".join(f'{n}="{v}"' for n, v in fields(w)) + "}",
          wants="form.method GET"),
    taken("invoke_restmethod_json", "", "the same as JSON", lambda w: "$body = @{" + ";".join(f'{n}="{v}"' for n, v in fields(w))
          + f"}} | ConvertTo-Json\nirm {TOKEN_URL} -Method Post -Body $body -ContentType 'application/json'", wants="the body is JSON"),
    taken("copy_as_fetch", "", "the browser's copy as fetch", lambda w: f'fetch("{TOKEN_URL}", {{\n  "headers": {{\n    "content-type": "{FORM}"\n  }},\n'
          f'  "body": "{w.form(w.jwt())}",\n  "method": "POST"\n}});'),
    taken("fetch", "", "fetch with URLSearchParams", lambda w: f"const res = await fetch('{TOKEN_URL}', {{ method: 'post',\n  body: new URLSearchParams({json.dumps(dict(fields(w)))}),\n}});"),
    taken("fetch_json", "", "fetch with JSON.stringify", lambda w: f"fetch('{TOKEN_URL}', {{ method: 'POST', headers: {{'Content-Type': 'application/json'}},\n"
          f"  body: JSON.stringify({json.dumps(dict(fields(w)))}) }})", wants="the body is JSON"),
    taken("fetch_unsigned", "", "fetch with what a function gives", lambda w: f"fetch('{TOKEN_URL}', {{ method: 'POST', body: new URLSearchParams({{client_assertion: await sign(claims)}}) }})",
          wants="what sign gives is not in the text"),
    taken("axios", "", "axios with an object, which it sends as JSON", lambda w: f"axios.post('{TOKEN_URL}', {json.dumps(dict(fields(w)))})", wants="the body is JSON"),
    taken("requests", "", "Python's requests", lambda w: f"import requests\ntoken = '{w.jwt()}'\nr = requests.post('{TOKEN_URL}', data={{'grant_type': 'client_credentials',\n"
          f"    'client_assertion_type': '{BEARER}', 'client_assertion': token}})"),
    taken("requests_text", "", "Python's requests with a text, for which it names no type", lambda w: f'requests.post("{TOKEN_URL}", data="{w.form(w.jwt())}")',
          wants="form.content_type absent"),
    # ---- encodings ----
    taken("byte_order_mark", "", "saved by Notepad: a byte order mark", lambda w: "\ufeff" + curl(w)),
    taken("utf_16", "", "saved by PowerShell's `>`: UTF-16", lambda w: curl(w).encode("utf-16"), wants="UTF-16"),
    row("request.jwt_utf_16", "", "the JWT alone, saved by PowerShell's `>`", lambda w: w.lint(w.jwt().encode("utf-16")), wants="UTF-16.*was read"),
    row("request.jwt_byte_order_mark", "", "the JWT alone, saved by Notepad", lambda w: w.lint(b"\xef\xbb\xbf" + w.jwt().encode() + b"\r\n"),
        wants="byte order mark.*was read"),
    # ---- HTTP ----
    taken("content_length", "", "the body edited, Content-Length as before", lambda w: http(w.form(w.jwt()), 5), wants="edited or cut off"),
    taken("content_length_too_long", "", "the same, shortened", lambda w: http(w.form(w.jwt()), 5000), wants="edited or cut off"),
    taken("with_answer", "", "Fiddler, Burp: the answer in the same file", lambda w: http(w.form(w.jwt())) + "\r\n\r\n" + ANSWER),
    taken("http_file", "", "a `.http` file", lambda w: f"@host = https://fhir.epic.com\n\n### token\nPOST {{{{host}}}}/interconnect-fhir-oauth/oauth2/token\n"
          f"Content-Type: {FORM}\n\n" + w.form(w.jwt()).replace("&", "\n&") + "\n"),
    taken("http_file_variable", "", "a `.http` file whose variable is set elsewhere",
          lambda w: f"POST {TOKEN_URL}\nContent-Type: {FORM}\n\nclient_assertion={{{{jwt}}}}\n", wants=r"\{\{jwt\}\} is a variable"),
    row("request.body_alone", "", "the body alone", lambda w: w.request(w.form(w.jwt()), "--token-url", TOKEN_URL), wants="taken for granted"),
    row("request.har", "", "HAR out of the browser's network tab", lambda w: w.request(har_of(w)), wants="entry 2 of 2"),
    row("request.har_without_token", "", "HAR without the token request", lambda w: w.request(har(entry("GET", "https://x.example/", None))), wants="none of which is a token request"),
    row("request.without_option", "", "a curl command given without --request", lambda w: w.lint(curl(w)), wants="captured request"),
    # ---- what is not read ----
    taken("jwt_alone", "", "--request with the JWT alone", lambda w: w.jwt(), wants="leave --request out"),
    taken("saz", "", "Fiddler's .saz archive", lambda w: "PK\x03\x04...", wants="as text or as HAR"),
    taken("curl_verbose", "", "what `curl -v` shows", lambda w: "> POST /oauth2/token HTTP/1.1\n> Host: fhir.epic.com\n", wants="lacks the body"),
    taken("python", "", "Python code whose variables are set elsewhere", lambda w: "requests.post(url, data={'grant_type': 'client_credentials'})",
          wants="the variable url"),
    taken("dotnet", "", "code of .NET", lambda w: "var r = await new HttpClient().PostAsync(url, content);", wants="Java or .NET"),
    # ---- old ones ----
    row("request.old", "", "a capture of yesterday, without its answer", lambda w: last_lines(as_captured(w, curl(w))),
        wants="--at 'its Date header'; and --saved-at", read="out"),
    row("request.old_answer", "", "the same with its answer", lambda w: last_lines(as_captured(w, http(w.form(w.jwt())) + "\r\n\r\n" + ANSWER)),
        wants="judged as of .* the Date of the captured answer", read="out"),
    row("request.old_har", "", "the same as HAR", lambda w: last_lines(as_captured(w, har_of(w, headers=()))),
        wants="judged as of .* when the capture says", read="out"),
    row("request.at_wins", "", "--at is given, and the answer has a Date",
        lambda w: last_lines(w.request(http(w.form(w.jwt())) + "\r\n\r\n" + ANSWER)), wants="The answer in the capture is 400, invalid_client", read="out"),
    # ---- what other tools show or keep ----
    taken("variables_set", "", "a script that sets its variables above", lambda w: f"export JWT=\"{w.jwt()}\"\nURL='{TOKEN_URL}'\ncurl -s $URL -d grant_type=client_credentials \\\n"
          f"  -d client_assertion_type={BEARER} -d \"client_assertion=${{JWT}}\" > answer.json"),
    taken("variable_in_single_quotes", "", "a variable in single quotation marks, which a shell leaves alone", lambda w: f"JWT={w.jwt()}\ncurl {TOKEN_URL} -d 'grant_type=client_credentials' "
          f"-d client_assertion_type={BEARER} -d 'client_assertion=$JWT'", wants="a variable that no shell has replaced"),
    taken("behind_another", "", "`cd x && curl …`", lambda w: "cd x && " + curl(w)),
    taken("github_step", "", "a step of a GitHub job", lambda w: "      - run: " + curl(w)),
    taken("docker_run", "", "`docker run … curlimages/curl`", lambda w: "docker run --rm curlimages/" + curl(w)),
    taken("word_processor", "", "quotation marks of a word processor", lambda w: f"curl \u201c{TOKEN_URL}\u201d", wants="quotation marks of a word processor"),
    taken("no_break_space", "", "no-break spaces of a web page", lambda w: f"curl\u00a0{TOKEN_URL}", wants="a no-break space"),
    taken("blank_behind_backslash", "", "a blank behind the backslash", lambda w: f"curl {TOKEN_URL} \\ \n -d 'a=b'", wants="a blank behind"),
    taken("postman_collection", "", "a collection of Postman", lambda w: json.dumps({"info": {"schema": "getpostman.com collection v2.1.0"}, "item": [
        {"request": {"method": "POST", "url": {"raw": TOKEN_URL}, "body": {"mode": "urlencoded", "urlencoded": [{"key": n, "value": v} for n, v in fields(w)]}}}]}), wants=LOOSE),
    taken("insomnia_export", "", "an export of Insomnia", lambda w: json.dumps({"_type": "export", "resources": [{"url": TOKEN_URL, "method": "POST", "body": {
        "params": [{"name": n, "value": v} for n, v in fields(w)]}}]}), wants=LOOSE),
    taken("bruno", "", "a file of Bruno", lambda w: f"post {{\n  url: {TOKEN_URL}\n}}\n\nbody:form-urlencoded {{\n" + "".join(f"  {n}: {v}\n" for n, v in fields(w)) + "}\n", wants=LOOSE),
    taken("wireshark", "", "what Wireshark shows", lambda w: "HTML Form URL Encoded: " + FORM + "\n" + "".join(f'    Form item: "{n}" = "{v}"\n        Key: {n}\n        Value: {v}\n' for n, v in fields(w)), wants=LOOSE),
    taken("mitmproxy", "", "what mitmproxy shows", lambda w: f"2026-09-21 14:13:20 POST {TOKEN_URL} HTTP/2.0\n    content-type: {FORM}\n\n    " + "\n    ".join(f"{n}: {v}" for n, v in fields(w)), wants=LOOSE),
    taken("pseudo_headers", "", "the pseudo headers of HTTP/2", lambda w: f":method: POST\n:authority: fhir.epic.com\n:path: /interconnect-fhir-oauth/oauth2/token\n\n{w.form(w.jwt())}", wants=LOOSE),
    taken("devtools_payload", "", "the payload as the browser's tools list it", lambda w: "Form Data\n" + "\n".join(f"{n}: {v}" for n, v in fields(w)), wants=LOOSE),
    taken("python_dictionary", "", "a dictionary as Python prints it", lambda w: repr(dict(fields(w))), wants=LOOSE),
    taken("java", "", "Java's HttpClient", lambda w: f'HttpRequest.newBuilder().uri(URI.create("{TOKEN_URL}")).POST(HttpRequest.BodyPublishers.ofString("{w.form(w.jwt())}")).build();', wants=LOOSE),
    taken("csharp", "", "HttpClient of .NET with its values", lambda w: f'await client.PostAsync("{TOKEN_URL}", new FormUrlEncodedContent(new Dictionary<string,string> {{ '
          + ", ".join(f'{{"{n}", "{v}"}}' for n, v in fields(w)) + " }));", wants=LOOSE),
    taken("go", "", "http.PostForm of Go with its values", lambda w: f'http.PostForm("{TOKEN_URL}", url.Values{{' + ", ".join(f'"{n}": {{"{v}"}}' for n, v in fields(w)) + "})", wants=LOOSE),
    taken("both_streams", "", "both streams of a connection, one behind the other", lambda w: http(w.form(w.jwt())) + ANSWER),
    taken("form_in_lines", "", "a body with a parameter a line and no `&`", lambda w: w.form(w.jwt()).replace("&", "\n"), wants="the body alone"),
    taken("url_alone", "", "the token URL alone", lambda w: TOKEN_URL, wants="a URL alone"),
    taken("answer_alone", "", "the answer alone", lambda w: ANSWER, wants="an answer alone"),
    taken("access_log", "", "a line of a server's log", lambda w: '127.0.0.1 - - [21/Sep/2026:14:13:20 +0000] "POST /oauth2/token HTTP/1.1" 400 60', wants="a server's log"),
]
