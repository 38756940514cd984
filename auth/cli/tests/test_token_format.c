/* What is written for a shell, for curl and for git holds any value as it is, or is not written at all: real shells and a
 * real curl read it. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/cli/token_format.h"
#include "auth/core/env.h"
#include "auth/core/json.h"

static const char *const hostile[] = {
    "plain",
    "x;touch${IFS}/tmp/owned",
    "$(id)",
    "`id`",
    "'",
    "''",
    "'; id; '",
    "\"",
    "\\",
    "\\'",
    "a b",
    " a ",
    "*",
    "~",
    "#x",
    "!!",
    "a\tb",
    "a\nb",
    "a\r\nX-Evil: 1",
    "\\r\\nX-Evil: 1",
    "\\n",
    "\n",
    "\"\nurl = \"http://evil.example/",
    "\x1b[31m",
    "\xc3\xa9",
    "\xff",
    "-n",
    "=",
    "%s%n",
    "",
};
enum { HOSTILE = sizeof hostile / sizeof *hostile, RANDOM = 300, VALUE_MAX = 24 };

/* Value number i: the list, then random bytes but NUL. */
static const char *value_of(size_t i, char text[VALUE_MAX + 1])
{
    unsigned char n;
    if (i < HOSTILE)
        return hostile[i];
    assert_int_equal(auth_env_system()->random(NULL, &n, 1), AUTH_OK);
    assert_int_equal(auth_env_system()->random(NULL, text, VALUE_MAX), AUTH_OK);
    for (size_t k = 0; k < VALUE_MAX; k++)
        text[k] = text[k] ? text[k] : '\'';
    text[n % (VALUE_MAX + 1)] = '\0';
    return text;
}

static void format(enum auth_cli_format format, const char *token, struct auth_buf *out, enum auth_rc wanted)
{
    const struct auth_cli_credential credential = {token, "system/Patient.r", "user", 3600, 1790000000};
    auth_buf_init(out, 4096);
    assert_int_equal(auth_cli_format(format, &credential, out), wanted);
}

static void run(char *const argv[], char *out, size_t size)
{
    int fds[2], status;
    assert_int_equal(pipe(fds), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)dup2(fds[1], STDOUT_FILENO);
        (void)close(fds[0]);
        (void)execvp(argv[0], argv);
        _exit(127);
    }
    (void)close(fds[1]);
    size_t n = 0;
    for (ssize_t got; n < size - 1 && (got = read(fds[0], out + n, size - 1 - n)) > 0;)
        n += (size_t)got;
    out[n] = '\0';
    (void)close(fds[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void test_a_shell_gets_the_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < HOSTILE + RANDOM; i++) {
        static char script[] = "eval \"$1\"; printf %s \"$EPIC_ACCESS_TOKEN\"", sh[] = "sh", c[] = "-c";
        char text[VALUE_MAX + 1], got[256];
        const char *value = value_of(i, text);
        struct auth_buf line;
        format(AUTH_CLI_ENV, value, &line, AUTH_OK);
        char *const argv[] = {sh, c, script, sh, line.p, NULL};
        run(argv, got, sizeof got);
        if (strcmp(got, value) != 0)
            fail_msg("%s became %s", line.p, got);
        auth_buf_clear(&line);
    }
}

/* ---- curl ---- */

static int listen_somewhere(unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

/* What curl sends when it reads this configuration. */
static void ask_curl(int fd, unsigned port, const char *config, char *request, size_t size)
{
    char path[] = "/tmp/epic-curl-XXXXXX", url[64];
    static char curl[] = "curl", silent[] = "-s", from[] = "-K", no_proxy[] = "--noproxy", all[] = "*", no_rc[] = "-q";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, config, strlen(config)), (ssize_t)strlen(config));
    (void)close(file);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", port);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char *const argv[] = {curl, no_rc, silent, no_proxy, all, from, path, url, NULL};
        (void)execvp(curl, argv);
        _exit(127);
    }
    int conn = accept(fd, NULL, NULL), status;
    assert_true(conn >= 0);
    size_t n = 0;
    for (ssize_t got; (got = recv(conn, request + n, size - 1 - n, 0)) > 0;) {
        n += (size_t)got;
        request[n] = '\0';
        if (strstr(request, "\r\n\r\n"))
            break;
    }
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    assert_int_equal(send(conn, answer, sizeof answer - 1, 0), (ssize_t)sizeof answer - 1);
    (void)close(conn);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    (void)unlink(path);
}

static void test_curl_gets_the_value(void **state)
{
    unsigned port;
    int fd = listen_somewhere(&port);
    size_t asked = 0;
    (void)state;
    for (size_t i = 0; i < HOSTILE + 40; i++) {
        char text[VALUE_MAX + 1], request[4096] = "", wanted[128];
        const char *value = value_of(i, text);
        struct auth_buf line;
        bool is_line = auth_cli_is_line(auth_view_from_string(value));
        format(AUTH_CLI_CURL_CONFIG, value, &line, is_line ? AUTH_OK : AUTH_E_ARG);
        if (is_line) {
            ask_curl(fd, port, line.p, request, sizeof request);
            snprintf(wanted, sizeof wanted, "\r\nAuthorization: Bearer %s\r\n", value);
            if (!strstr(request, wanted) || strstr(request, "\nX-Evil"))
                fail_msg("%s sent %s", line.p, request);
            asked++;
        } else {
            assert_int_equal(line.n, 0);
        }
        auth_buf_clear(&line);
    }
    assert_true(asked > 15);
    (void)close(fd);
}

/* The quoting alone may hold line breaks: for settings that are no headers. */
static void test_curl_quoting_is_undone_by_curls_rules(void **state)
{
    static const char *const rows[][2] = {{"a", "\"a\""},
                                          {"\\", "\"\\\\\""},
                                          {"\"", "\"\\\"\""},
                                          {"a\tb\nc\rd\ve", "\"a\\tb\\nc\\rd\\ve\""},
                                          {"", "\"\""}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_buf out;
        auth_buf_init(&out, 256);
        auth_cli_quote_curl(&out, auth_view_from_string(rows[i][0]));
        assert_string_equal(out.p, rows[i][1]);
        auth_buf_clear(&out);
    }
}

static void test_lines_hold_no_line_break(void **state)
{
    static const enum auth_cli_format formats[] = {AUTH_CLI_BARE, AUTH_CLI_HEADER, AUTH_CLI_CURL_CONFIG,
                                                   AUTH_CLI_GIT_CREDENTIAL};
    static const char *const values[] = {"a\nb", "a\rb", "\n", "a\x7f", "a\x1b", "a\tb"};
    struct auth_buf out;
    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
            format(formats[i], values[k], &out, AUTH_E_ARG);
            assert_int_equal(out.n, 0);
            auth_buf_clear(&out);
        }
    }
    const struct auth_cli_credential credential = {"token", NULL, "a\npassword=x", 1, 1};
    auth_buf_init(&out, 4096);
    assert_int_equal(auth_cli_format(AUTH_CLI_GIT_CREDENTIAL, &credential, &out), AUTH_E_ARG);
    auth_buf_clear(&out);
}

static void test_json_holds_any_text(void **state)
{
    static const enum auth_cli_format formats[] = {AUTH_CLI_JSON, AUTH_CLI_EXEC_CREDENTIAL};
    (void)state;
    for (size_t i = 0; i < 2 * HOSTILE; i++) {
        const char *value = hostile[i / 2];
        struct auth_json *doc = NULL;
        struct auth_buf out;
        format(formats[i % 2], value, &out, AUTH_OK);
        assert_int_equal(auth_json_parse(auth_buf_view(&out), &doc, NULL), AUTH_OK);
        const struct auth_json_node *root = auth_json_root(doc);
        struct auth_view got = i % 2 ? auth_json_member_string(auth_json_member(root, "status"), "token")
                                     : auth_json_member_string(root, "access_token");
        assert_true(auth_view_equals(got, value) || strcmp(value, "\xff") == 0);
        auth_json_free(doc);
        auth_buf_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_shell_gets_the_value),
        cmocka_unit_test(test_curl_gets_the_value),
        cmocka_unit_test(test_curl_quoting_is_undone_by_curls_rules),
        cmocka_unit_test(test_lines_hold_no_line_break),
        cmocka_unit_test(test_json_holds_any_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
