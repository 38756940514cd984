/* What the readers of captured requests make of a text, one row each.
 * With the argument "tell" it reads one from standard input and prints what it made of it, for test_captures.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/core/file.h"
#include "conformance/linter/capture_read.h"

#define FORM "application/x-www-form-urlencoded"
#define U "https://h/t"

struct row {
    const char *text;
    const char *refused; /* part of the message; NULL: read */
    const char *method, *url, *query, *type, *authorization, *body;
};

static const struct row rows[] = {
    // clang-format off
    /* raw HTTP */
    {"POST /t HTTP/1.1\r\nHost: h\r\nContent-Type: x\r\n\r\na=1", NULL, "POST", U, "", "x", "", "a=1"},
    {"POST /t?b=2 HTTP/1.1\nhost: h\nAuthorization: Basic eA==\n\na=1\n", NULL, "POST", U, "b=2", "", "Basic eA==", "a=1"},
    {"\r\n\nPOST /t HTTP/1.1\nHost: h\n\n", NULL, "POST", U, "", "", "", ""},
    {"POST /t HTTP/1.1\nHost: h\nContent-Length: 3\n\na=1\r\n", NULL, "POST", U, "", "", "", "a=1"},
    {"POST /t HTTP/1.1\nHost: h\nContent-Length: 5\n\na=1\r\n", NULL, "POST", U, "", "", "", "a=1\r\n"},
    {.text = "POST /t HTTP/1.1\nHost: h\nContent-Length: -1\n\na=1", .refused = "no number"},
    {.text = "POST /t HTTP/1.1\nHost: h\nContent-Length: 3\nContent-Length: 3\n\na=1", .refused = "two content-length"},
    {.text = "POST /t HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n3\na=1\n0\n\n", .refused = "chunked"},
    {"POST https://h/t HTTP/1.1\n\n", NULL, "POST", U, "", "", "", ""},
    {"POST /t HTTP/1.1\nHost: localhost:80\n\n", NULL, "POST", "http://localhost:80/t", "", "", "", ""},
    {.text = "POST /t HTTP/1.1\n\n", .refused = "no Host"},
    {.text = "POST /t\nHost: h\n\n", .refused = "neither a curl command nor"},
    {.text = "", .refused = "neither a curl command nor"},
    {.text = "POST /t HTTP/1.1\nHost: h\ngrant_type=x", .refused = "without a colon"},
    {"curlew /t HTTP/1.1\nHost: h\n\n", NULL, "curlew", U, "", "", "", ""},
    /* quoting as a shell does it */
    {"curl " U, NULL, "GET", U, "", "", "", ""},
    {"$ curl 'https://h/t'\n", NULL, "GET", U, "", "", "", ""},
    {"curl \"" U "\" -d a'b c'\"d e\"f\\ g", NULL, "POST", U, "", FORM, "", "ab cd ef g"},
    {"curl " U " -d $'a\\'\\n\\x41\\u00e9\\u20ac\\t'", NULL, "POST", U, "", FORM, "", "a'\nA\303\251\342\202\254\t"},
    {"curl " U " -d \"a\\\"b\\\\c\\$d\\e\"", NULL, "POST", U, "", FORM, "", "a\"b\\c$d\\e"},
    {"curl " U " \\\n -d a=1 \\\r\n -d b=2\n\n", NULL, "POST", U, "", FORM, "", "a=1&b=2"},
    {"curl " U " -d \"a\\\nb\" | jq .", NULL, "POST", U, "", FORM, "", "ab"},
    {"curl " U " -d '' ; echo", NULL, "POST", U, "", FORM, "", ""},
    {"curl " U " -d a$ -d b", NULL, "POST", U, "", FORM, "", "a$&b"},
    {.text = "curl " U "?a=1&b=2", .refused = "unquoted &"},
    {.text = "curl " U " -d a=$TOKEN", .refused = "variable"},
    {.text = "curl " U " -d \"a=$TOKEN\"", .refused = "variable"},
    {.text = "curl " U " -d a=`date`", .refused = "variable"},
    {.text = "curl " U " -d 'a", .refused = "never closed"},
    {.text = "curl " U " -d \"a", .refused = "never closed"},
    {.text = "curl " U " -d $'a", .refused = "never closed"},
    {.text = "curl " U " -d $'\\q'", .refused = "escape"},
    {.text = "curl " U " -d $'\\x00'", .refused = "escape"},
    {.text = "curl " U " -d a\\", .refused = "at the very end"},
    {"curl " U " -d a 2>&1 >> out -d b < in", NULL, "POST", U, "", FORM, "", "a&b"},
    {"curl " U " -d 2 > out; echo", NULL, "POST", U, "", FORM, "", "2"},
    {.text = "curl " U " > >(tee x)", .refused = "redirections"},
    {.text = "curl " U " \\ \n -d a=1", .refused = "a blank behind"},
    {"cd x && curl " U, NULL, "GET", U, "", "", "", ""},
    {"  - run: curl " U, NULL, "GET", U, "", "", "", ""},
    {"docker run --rm curlimages/curl " U, NULL, "GET", U, "", "", "", ""},
    {.text = "// see; curl " U, .refused = "neither a curl command nor"},
    /* variables that the text sets */
    {"A=1\nexport U='" U "'\ncurl $U -d \"a=${A}&b=$A\"", NULL, "POST", U, "", FORM, "", "a=1&b=1"},
    {"A='1 &2'\ncurl " U " -d a=$A", NULL, "POST", U, "", FORM, "", "a=1 &2"},
    {"A=1\ncurl " U " -d 'a=$A'", NULL, "POST", U, "", FORM, "", "a=$A"},
    {"A=1 # it's one\n# isn't it $A\ncurl " U " -d a=\\$A -d ${A:-2}", NULL, "POST", U, "", FORM, "", "a=$A&1"},
    {.text = "A=\"$B\"\ncurl " U " -d $A", .refused = "variable $A"},
    {.text = "A=\"1\ncurl " U " -d $A", .refused = "variable $A"},
    {.text = "A=1\ncurl " U " -d ${A%x}", .refused = "variable $A"},
    {.text = "A=1\ncurl " U " -d $AB", .refused = "variable $AB"},
    /* text that no reader knows */
    {"{'grant_type': 'g', 'client_assertion_type': 't', 'client_assertion': 'eyJ.a.b'}", NULL, "POST", "", "", FORM, "", "grant_type=g&client_assertion_type=t&client_assertion=eyJ.a.b"},
    {"{\"url\":\"" U "oken/token\",\"p\":[{\"key\":\"client_assertion\",\"value\":\"eyJ.a\"}]}", NULL, "POST", U "oken/token", "", FORM, "", "client_assertion=eyJ.a"},
    {"x('application/json', 'a=b&client_assertion=eyJ%2Ea&scope=system%2FPatient.read')", NULL, "POST", "", "", "application/json", "", "client_assertion=eyJ.a&scope=system%2FPatient.read"},
    {":authority: h.example\n:path: /t\nclient_assertion\neyJ", NULL, "POST", "https://h.example/t", "", FORM, "", "client_assertion=eyJ"},
    {.text = "client_assertions: eyJ", .refused = "neither a curl command nor"},
    {.text = "client_assertion: jwt, my_client_assertion=eyJ", .refused = "neither a curl command nor"},
    {"grant_type=a\nclient_assertion=b", NULL, "POST", "", "", FORM, "", "grant_type=a&client_assertion=b"},
    {.text = "curl " U "\n -d a=1", .refused = "end each line"},
    /* options as curl takes them */
    {"curl -XPOST -sS -k " U, NULL, "POST", U, "", "", "", ""},
    {"curl -sX PUT --no-progress-meter --max-time 3 " U, NULL, "PUT", U, "", "", "", ""},
    {"curl -da=1 " U, NULL, "POST", U, "", FORM, "", "a=1"},
    {"curl -G -d a=1 --data-urlencode 'b=c d' '" U "?x=y#z'", NULL, "GET", U, "x=y&a=1&b=c+d", "", "", ""},
    {"curl " U " --data-urlencode 'a=b=c&' --data-urlencode =d/ --data-urlencode e+", NULL, "POST", U, "", FORM, "", "a=b%3Dc%26&d%2F&e%2B"},
    {"curl " U " --data-raw @a", NULL, "POST", U, "", FORM, "", "@a"},
    {"curl " U " --json '{}'", NULL, "POST", U, "", "application/json", "", "{}"},
    {"curl " U " -d a -H 'content-type: text/plain'", NULL, "POST", U, "", "text/plain", "", "a"},
    {"curl " U " -d a -H 'Content-Type:'", NULL, "POST", U, "", "", "", "a"},
    {"curl " U " -u me:secret", NULL, "GET", U, "", "", "Basic", ""},
    {"curl " U " --oauth2-bearer x", NULL, "GET", U, "", "", "Bearer x", ""},
    {"curl " U " -H 'Authorization: Basic eA=='", NULL, "GET", U, "", "", "Basic eA==", ""},
    {"curl " U " -F a=1", NULL, "POST", U, "", "multipart/form-data; boundary=-", "", ""},
    {"curl -I " U, NULL, "HEAD", U, "", "", "", ""},
    {"curl --url " U, NULL, "GET", U, "", "", "", ""},
    {.text = "curl " U " -d @file", .refused = "names a file"},
    {.text = "curl " U " --data-binary @-", .refused = "names a file"},
    {.text = "curl " U " --data-urlencode a@file", .refused = "names a file"},
    {.text = "curl " U " -H @file", .refused = "names a file"},
    {.text = "curl " U " " U, .refused = "two URLs"},
    {.text = "curl -s", .refused = "no URL"},
    {.text = "curl " U " -d", .refused = "no value"},
    {.text = "curl " U " --upload-file x", .refused = "not known here"},
    {.text = "curl " U " -T x", .refused = "not known here"},
    // clang-format on
};

static bool is_text(const struct auth_buf *buf, const char *wanted)
{
    return auth_view_equals(auth_buf_view(buf), wanted);
}

static bool is_as_wanted(const struct row *row, const struct conf_capture *r, enum auth_rc rc,
                         const struct auth_err *err)
{
    if (row->refused)
        return rc == AUTH_E_SYNTAX && strstr(err->detail, row->refused);
    return rc == AUTH_OK && is_text(&r->method, row->method) && is_text(&r->url, row->url) &&
           is_text(&r->query, row->query) && is_text(&r->content_type, row->type) &&
           is_text(&r->authorization, row->authorization) && is_text(&r->body, row->body);
}

static void test_each_capture(void **state)
{
    unsigned wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct conf_capture r;
        struct auth_err err = {0};
        enum auth_rc rc = conf_capture_read(auth_view_from_string(rows[i].text), &r, &err);
        if (!is_as_wanted(&rows[i], &r, rc, &err)) {
            wrong++;
            print_error("%s\n  rc %d (%s), %s %s ? %s, type %s, body %s\n", rows[i].text, (int)rc, err.detail,
                        r.method.p, r.url.p, r.query.p, r.content_type.p, r.body.p);
        }
        conf_capture_clear(&r);
    }
    assert_int_equal(wrong, 0);
}

/* ---- as people bring them ---- */

#define F "grant_type=client_credentials&client_assertion=eyJ"
#define T "https://h/oauth2/token"
#define SENT "POST /oauth2/token HTTP/1.1\r\nHost: h\r\nContent-Type: " FORM "\r\n"
#define DATE "Mon, 21 Sep 2026 14:13:20 GMT"
#define ANSWER "HTTP/1.1 400 Bad Request\r\nDate: " DATE "\r\n\r\n{\"error\":\"invalid_client\"}"
#define HAR(entries) "{\"log\":{\"version\":\"1.2\",\"entries\":[" entries "]}}"
#define ENTRY(method, url, body, status, more)                                                                         \
    "{\"startedDateTime\":\"2026-09-21T14:13:19.5Z\",\"request\":{\"method\":\"" method "\",\"url\":\"" url            \
    "\",\"headers\":[{\"name\":\"Content-Type\",\"value\":\"" FORM "\"}],\"postData\":{\"mimeType\":\"x\"," body       \
    "}},\"response\":{\"status\":" status more "}}"
#define WIDE(bytes) .text = bytes, .n = sizeof(bytes) - 1

struct brought {
    const char *text;
    size_t n; /* 0: as long as the string */
    const char *refused;
    const char *url, *body, *noted; /* NULL: T, F; nothing is noted */
    int status;
    enum auth_oauth_error error;
    int64_t time_s; /* 0: none */
};

static const struct brought cases[] = {
    // clang-format off
    /* a prompt, a path, words that run another */
    {.text = "user@host:~/x$ curl " T " -d '" F "'"},
    {.text = "[me@host x]# curl " T " -d '" F "'"},
    {.text = "PS C:\\Users\\me> curl.exe " T " -d \"" F "\""},
    {.text = "C:\\Users\\me>curl " T " -d \"" F "\""},
    {.text = "time curl " T " -d '" F "'"},
    {.text = "foo curl " T, .refused = "neither"},
    {.text = "time sudo /usr/bin/curl " T " -d '" F "'"},
    {.text = "TOKEN=$(curl -s " T " -d '" F "')"},
    {.text = "TOKEN=\"$(curl -s " T " -d '" F "' | jq -r .access_token)\""},
    {.text = "# curl " T " -d '" F "'"},
    {.text = "C:\\Windows\\System32\\curl.exe " T " -d \"" F "\""},
    /* what stands before and behind */
    {.text = "# token request\ncurl " T " -d '" F "'"},
    {.text = "#!/bin/sh\nset -e\n\ncurl " T " -d '" F "'\n"},
    {.text = "#!/usr/bin/env bash\n# uses curl, see below\ncurl " T " \\\n  -d '" F "'\necho done\n"},
    {.text = "Here is it:\n```bash\ncurl " T " -d '" F "'\n```\nThanks"},
    {.text = "```\n" SENT "\r\n" F "\n```\n"},
    {.text = "@echo off\r\nREM the token\r\ncurl " T " -d \"" F "\"\r\n"},
    {.text = "curl " T " -d '" F "' && echo"},
    {.text = "curl https://h/x\ncurl " T " -d '" F "'\n", .noted = "2 requests"},
    {.text = "curl " T " -d '" F "'\n{\"error\":\"invalid_client\"}", .error = AUTH_OAUTH_INVALID_CLIENT},
    {.text = "curl -i " T " -d '" F "'\n" ANSWER, .status = 400, .error = AUTH_OAUTH_INVALID_CLIENT, .time_s = 1790000000},
    /* encodings */
    {.text = "\xef\xbb\xbf" "curl " T " -d '" F "'"},
    {WIDE("\xff\xfe" "c\0u\0r\0l\0 \0h\0t\0t\0p\0:\0/\0/\0h\0 \0-\0d\0 \0a\0"), .url = "http://h", .body = "a", .noted = "UTF-16"},
    {WIDE("\0c\0u\0r\0l\0 \0h\0t\0t\0p\0:\0/\0/\0h\0 \0-\0d\0 \0a"), .url = "http://h", .body = "a", .noted = "UTF-16"},
    /* cmd */
    {.text = "curl ^\"" T "^\" ^\r\n  -H ^\"content-type: " FORM "^\" ^\r\n  --data-raw ^\"grant_type=client_credentials^&client_assertion=eyJ^\"\r\n"},
    {.text = "curl \"" T "\" ^\n --data-raw \"" F "\" --compressed"},
    {.text = "curl ^\"" T "^\" ^\r\n --data-raw ^\"a=urn^%3Ab^&b=^%22c^%22^\"", .body = "a=urn%3Ab&b=%22c%22"},
    {.text = "curl " T " ^\n -d \"a=\\\"b\\\"\\\\\" -H \"x: y\"", .body = "a=\"b\"\\"},
    {.text = "curl " T " ^\n -d \"a=\"\"b\"\"\"", .body = "a=\"b\""},
    {.text = "curl ^\"" T "^\" -d ^\"a=1^\n\nb^\"", .body = "a=1\nb"},
    {.text = "curl " T " ^\n -d a=%JWT%", .refused = "%JWT%"},
    {.text = "curl " T " ^\n -d \"a=b", .refused = "never closed"},
    {.text = "curl " T " ^\n -d a=b | clip", .body = "a=b"},
    /* PowerShell */
    {.text = "curl.exe " T " `\n  -d \"" F "\""},
    {.text = "curl.exe " T " `\r\n  -d 'a=''b'''", .body = "a='b'"},
    {.text = "curl.exe " T " -d \"a=`\"b`\"\"\"c\"", .body = "a=\"b\"\"c"},
    {.text = "curl.exe " T " `\n -d \"a=$jwt\"", .refused = "$jwt"},
    {.text = "curl.exe " T " `\n -d $env:JWT", .refused = "$env:JWT"},
    {.text = "curl.exe " T " `\n -d 'a", .refused = "never closed"},
    /* variables are named */
    {.text = "curl " T " -d client_assertion=$JWT", .refused = "$JWT"},
    {.text = "curl " T " -d \"a=${TOKEN}\"", .refused = "$TOKEN"},
    /* raw HTTP with its answer, or with another length */
    {.text = SENT "Content-Length: 50\r\n\r\n" F "\r\n\r\n" ANSWER, .status = 400, .error = AUTH_OAUTH_INVALID_CLIENT, .time_s = 1790000000},
    {.text = SENT "\r\n" F "\r\n\r\n" ANSWER, .status = 400, .error = AUTH_OAUTH_INVALID_CLIENT, .time_s = 1790000000},
    {.text = SENT "\r\n" F "\r\n------------------\r\n" ANSWER, .status = 400, .error = AUTH_OAUTH_INVALID_CLIENT, .time_s = 1790000000},
    {.text = SENT "\r\n" F "\r\n\r\nHTTP/2 200\r\ndate: " DATE "\r\n\r\n{\"access_token\":\"x\"}", .status = 200, .time_s = 1790000000},
    {.text = SENT "\r\n" F "\r\n\r\nHTTP/1.1 400\r\nDate: yesterday\r\n\r\n1a\r\n{\"error\":\"invalid_scope\"}\r\n0\r\n", .status = 400, .error = AUTH_OAUTH_INVALID_SCOPE},
    {.text = "=====\n10:00:00  https://h:443  [host]\n=====\n" SENT "\r\n" F "\n=====\n"},
    {.text = SENT "Content-Length: 5\r\n\r\n" F, .noted = "Content-Length is 5, but the body has 50"},
    {.text = SENT "Content-Length: 900\r\n\r\n" F "\n", .noted = "Content-Length is 900"},
    {.text = SENT "Content-Length: 49\r\n\r\n" F, .noted = "Content-Length is 49"},
    /* .http files and Hurl */
    {.text = "### token\nPOST " T "\nContent-Type: " FORM "\n\ngrant_type=client_credentials\n&client_assertion=eyJ\n\n### next\nGET https://h/x\n", .noted = "2 requests"},
    {.text = "// @name token\n# @no-log\nPOST " T " HTTP/1.1\nContent-Type: " FORM "\n\n" F "\n"},
    {.text = "@host = https://h\n@jwt=eyJ\n\nPOST {{host}}/oauth2/token\nContent-Type: " FORM "\n\ngrant_type=client_credentials&client_assertion={{jwt}}\n"},
    {.text = "@a = {{b}}\nPOST " T "\nContent-Type: " FORM "\n\nclient_assertion={{a}}\n", .refused = "{{b}}"},
    {.text = "POST " T "\nContent-Type: " FORM "\n\ngrant_type=client_credentials&client_assertion={{jwt}}\n", .refused = "{{jwt}}"},
    {.text = "POST {{host}}/oauth2/token\nContent-Type: " FORM "\n\na=1\n", .refused = "{{host}}"},
    {.text = "POST " T "\nContent-Type: " FORM "\n\n< ./body.txt\n", .refused = "another file"},
    {.text = "POST " T "\n[FormParams]\ngrant_type: client_credentials\nclient_assertion: eyJ\nHTTP 200\n"},
    /* the body alone */
    {.text = F, .url = "", .noted = "the body alone"},
    {.text = "grant_type=client_credentials\n&client_assertion=eyJ\n", .url = "", .noted = "the body alone"},
    /* HAR */
    {.text = HAR(ENTRY("GET", "https://h/x", "\"text\":\"\"", "200", "") "," ENTRY("POST", T, "\"text\":\"" F "\"", "400", "")),
     .noted = "entry 2 of 2", .status = 400, .time_s = 1789999999},
    {.text = "\xef\xbb\xbf" HAR(ENTRY("POST", T, "\"text\":\"" F "\"", "400", ",\"headers\":[{\"name\":\"date\",\"value\":\"" DATE "\"}],\"content\":{\"text\":\"{\\\"error\\\":\\\"invalid_client\\\"}\"}")),
     .noted = "entry 1 of 1", .status = 400, .error = AUTH_OAUTH_INVALID_CLIENT, .time_s = 1790000000},
    {.text = HAR(ENTRY("POST", T, "\"text\":\"" F "\"", "400", ",\"content\":{\"encoding\":\"base64\",\"text\":\"eyJlcnJvciI6ImludmFsaWRfY2xpZW50In0=\"}")),
     .noted = "entry 1 of 1", .status = 400, .error = AUTH_OAUTH_INVALID_CLIENT, .time_s = 1789999999},
    {.text = HAR(ENTRY("POST", T, "\"text\":\"" F "\"", "400", "") "," ENTRY("POST", T, "\"text\":\"" F "2\"", "200", "")),
     .noted = "entry 1 of 2 of the HAR file is judged, one of several", .status = 400, .time_s = 1789999999},
    {.text = HAR(ENTRY("POST", T, "\"params\":[{\"name\":\"grant_type\",\"value\":\"client_credentials\"},{\"name\":\"client_assertion\",\"value\":\"eyJ\"}]", "400", "")),
     .noted = "entry 1 of 1", .status = 400, .time_s = 1789999999},
    {.text = HAR(ENTRY("OPTIONS", T, "\"text\":\"\"", "204", "") "," ENTRY("POST", T, "\"text\":\"" F "\"", "0", "")), .noted = "entry 2 of 2", .time_s = 1789999999},
    {.text = HAR("{\"response\":{\"content\":{\"text\":\"\\u0000\\ud800\"}}}," ENTRY("POST", T, "\"text\":\"" F "\"", "400", "")),
     .noted = "entry 2 of 2", .status = 400, .time_s = 1789999999},
    {.text = HAR(ENTRY("POST", T, "\"comment\":\"\"", "400", "")), .body = "", .noted = "does not hold", .status = 400, .time_s = 1789999999},
    {.text = HAR(ENTRY("GET", "https://h/x", "\"text\":\"\"", "200", "")), .refused = "none of which"},
    {.text = HAR(""), .refused = "0 entries"},
    {.text = "{\"log\":{\"entries\":[}}", .refused = "HAR file that cannot be read"},
    /* PowerShell; T, F and FORM stand in each */
    {.text = "Invoke-RestMethod -Uri '" T "' -Method Post -Body '" F "'"},
    {.text = "$r = invoke-webrequest " T " `\n -Me POST `\r\n -Headers @{\"a\"=\"`\"b`\"\"} `\n -ContentType \"" FORM "\" -Body \"" F "\"\n$r\n"},
    {.text = "$B = @{\n client_assertion = \"eyJ\" # c\n}\n(irm -Uri:" T " -Method POST -Body $b).access_token", .body = "client_assertion=eyJ"},
    {.text = "$p = @{ Uri = '" T "'; Method = 'POST'; Body = [ordered]@{a='b';c=\"$($x)\"} }\n$x = 'd'\niwr @p -UseBasicParsing", .body = "a=b&c=d"},
    {.text = "$b = @\"\n" F "\n\"@\nirm " T " -Method POST -Body $b"},
    {.text = "curl -Uri " T " -Method POST -Body (\"" F "\")"},
    {.text = "irm " T " -Method POST -Body \"a=$jwt\"", .refused = "variable $jwt"},
    {.text = "irm " T " -Method POST -Body (Get-Content a)", .refused = "Get-Content"},
    {.text = "irm " T " -Method POST -InFile a", .refused = "another file"},
    {.text = "irm @p", .refused = "variable @p"},
    {.text = "irm -Method", .refused = "-Method has no value"},
    {.text = "irm -Method POST -Body a", .refused = "no URL"},
    /* JavaScript and Python: test_captures.sh has them run */
    {.text = "await fetch('" T "', {method: 'POST', body: new URLSearchParams({grant_type: 'client_credentials', client_assertion: 'eyJ'})})"},
    {.text = "axios.post('" T "', qs.stringify({a: 'b'}))", .body = "a=b"},
    {.text = "const d = {url: '" T "', method: 'post', data: x, headers: h}\nlet x = '" F "'\nvar h = {'content-type': '" FORM "'}\naxios(d)"},
    {.text = "$.post('" T "', {a: 'b', ...c})", .body = "a=b"},
    {.text = "got.post(`" T "`, {form: {'a-b': `c`}})", .body = "a-b=c"},
    {.text = "session.post('" T "', data=d, **k)\nd = {'a': 'b'}\nk = {'headers': {}}", .body = "a=b"},
    {.text = "httpx.post(url='" T "', data={\"a\": r'''b''' \"c\"})", .body = "a=bc"},
    {.text = "fetch('" T "', {method: 'POST', body: await sign(x)})", .refused = "what sign gives"},
    {.text = "fetch(process.env.URL, {method: 'POST'})", .refused = "variable process.env.URL"},
    {.text = "requests.post('" T "', data=[a for a in b])", .refused = "write its value"},
    {.text = "x = x\nfetch(x)", .refused = "variable x"},
    {.text = "fetch()", .refused = "no URL"},
    {.text = "function fetch(a) {}\n// fetch('a')\n", .refused = "neither"},
    /* wget and HTTPie */
    {.text = "wget --post-data='" F "' -O - -q " T},
    {.text = "$ wget --method=POST --body-data '" F "' --header='Content-Type: " FORM "' -qO- " T},
    {.text = "wget --post-file=a " T, .refused = "--post-file names a file"},
    {.text = "wget " T " --header", .refused = "--header has no value"},
    {.text = "wget " T " " T, .refused = "two URLs"},
    {.text = "wget -q", .refused = "no URL"},
    {.text = "http -f " T " grant_type=client_credentials client_assertion=eyJ"},
    {.text = "https --form POST h/oauth2/token grant_type=client_credentials client_assertion=eyJ"},
    {.text = "http --form :8423/t a=b", .url = "http://localhost:8423/t", .body = "a=b"},
    {.text = "http --form :/t a=b", .url = "http://localhost/t", .body = "a=b"},
    {.text = "http POST " T " Content-Type:" FORM " --raw '" F "'"},
    {.text = "http -f " T " a@b", .refused = "names a file"},
    {.text = "http -f " T " a", .refused = "without a separator"},
    {.text = "http --form", .refused = "no URL"},
    {.text = "http --auth", .refused = "--auth has no value"},
    /* what is not read says what it is */
    {.text = "eyJhbGciOiJSUzM4NCJ9.e30.c2ln", .refused = "a JWT alone"},
    {.text = "PK\003\004", .refused = "ZIP"},
    {.text = "> POST /oauth2/token HTTP/1.1\n> Host: h\n", .refused = "lacks the body"},
    {.text = "import requests\nrequests.post\n", .refused = "Python"},
    {.text = "client.PostAsync(new HttpClient())", .refused = "Java or .NET"},
    {.text = "", .refused = "empty"},
    // clang-format on
};

static bool is_brought_as_wanted(const struct brought *c, const struct conf_capture *r, enum auth_rc rc,
                                 const struct auth_err *err)
{
    if (c->refused)
        return rc == AUTH_E_SYNTAX && strstr(err->detail, c->refused);
    bool is_noted = c->noted ? r->notes.n && strstr(r->notes.p, c->noted) : r->notes.n == 0;
    int64_t time_s = r->clock == CONF_CLOCK_NONE ? 0 : r->time_s;
    return rc == AUTH_OK && is_noted && is_text(&r->method, "POST") && is_text(&r->url, c->url ? c->url : T) &&
           is_text(&r->body, c->body ? c->body : F) && is_text(&r->content_type, FORM) && r->status == c->status &&
           r->error == c->error && time_s == c->time_s;
}

static void test_each_as_brought(void **state)
{
    unsigned wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct conf_capture r;
        struct auth_err err = {0};
        struct auth_view text = auth_view_bytes(cases[i].text, cases[i].n ? cases[i].n : strlen(cases[i].text));
        enum auth_rc rc = conf_capture_read(text, &r, &err);
        if (!is_brought_as_wanted(&cases[i], &r, rc, &err)) {
            wrong++;
            print_error("%.300s\n  rc %d (%s), %s %s, type %s, body %s, notes %s, status %d, error %d, time %lld\n",
                        cases[i].text, (int)rc, err.detail, r.method.p, r.url.p, r.content_type.p, r.body.p, r.notes.p,
                        r.status, (int)r.error, (long long)r.time_s);
        }
        conf_capture_clear(&r);
    }
    assert_int_equal(wrong, 0);
}

static void test_bounds(void **state)
{
    static char text[CONF_CAPTURE_MAX_N + 2];
    struct conf_capture r;
    (void)state;
    memset(text, ' ', sizeof text - 1);
    memcpy(text, "curl " U, strlen("curl " U));
    assert_int_equal(conf_capture_read(auth_view_bytes(text, CONF_CAPTURE_MAX_N), &r, NULL), AUTH_OK);
    conf_capture_clear(&r);
    assert_int_equal(conf_capture_read(auth_view_bytes(text, CONF_CAPTURE_MAX_N + 1), &r, NULL), AUTH_E_TOO_BIG);
    conf_capture_clear(&r);
    for (size_t i = 20; i + 3 < 4000; i += 3) /* more than 256 words */
        memcpy(text + i, "-s ", 3);
    assert_int_equal(conf_capture_read(auth_view_bytes(text, 4000), &r, NULL), AUTH_E_TOO_BIG);
    conf_capture_clear(&r);
    assert_int_equal(conf_capture_read(auth_view_bytes("curl a\0b", 8), &r, NULL), AUTH_E_SYNTAX);
    conf_capture_clear(&r);
}

/* Method, URL, query, content type, authorization and body, each followed by a NUL byte. */
static int tell(void)
{
    struct conf_capture r;
    struct auth_buf text;
    struct auth_err err = {0};
    auth_buf_init(&text, CONF_CAPTURE_MAX_N);
    enum auth_rc rc = auth_file_read_fd(0, &text, &err);
    if (rc == AUTH_OK)
        rc = conf_capture_read(auth_buf_view(&text), &r, &err);
    if (rc != AUTH_OK) {
        fprintf(stderr, "%s\n", err.detail);
        return 1;
    }
    const struct auth_buf *all[] = {&r.method, &r.url, &r.query, &r.content_type, &r.authorization, &r.body};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        fwrite(all[i]->n ? all[i]->p : "", 1, all[i]->n, stdout);
        putchar('\0');
    }
    conf_capture_clear(&r);
    auth_buf_clear(&text);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "tell") == 0)
        return tell();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_capture),
        cmocka_unit_test(test_each_as_brought),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
