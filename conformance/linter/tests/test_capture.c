/* What the readers of captured requests make of a text, one row each.
 * With the argument "tell" it reads one from standard input and prints what it made of it, for test_curl.sh. */
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
    {.text = "POST /t HTTP/1.1\nHost: h\nContent-Length: 4\n\na=1", .refused = "only 3 bytes"},
    {.text = "POST /t HTTP/1.1\nHost: h\nContent-Length: 2\n\na=1", .refused = "follow the 2"},
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
    {.text = "curl " U " > out", .refused = "redirections"},
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
    {"curl " U " --oauth2-bearer x", NULL, "GET", U, "", "", "Bearer", ""},
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
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
