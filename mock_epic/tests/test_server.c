/* The parts of a server that need no HTTP: framing as a table, the budget of memory, seeing connections off, listening, and
 * starting and stopping. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mock_epic/server/budget.h"
#include "mock_epic/server/framing.h"
#include "mock_epic/server/linger.h"
#include "mock_epic/server/listen.h"
#include "mock_epic/server/server.h"
#include "mock_epic/tests/support.h"

static const struct {
    const char *headers; /* "name:value" lines */
    bool is_1_0;
    int status;
    bool has_body, is_chunked;
    int64_t length;
} framing_rows[] = {
    {"Host:h", false, 0, false, false, 0},
    {"hOST:h:80", false, 0, false, false, 0},
    {"Host:[::1]:80", false, 0, false, false, 0},
    {"X:y", false, 400, false, false, 0},
    {"X:y", true, 0, false, false, 0},
    {"Host:", false, 400, false, false, 0},
    {"Host:h\nHost:h", false, 400, false, false, 0},
    {"Host:u@h", true, 400, false, false, 0},
    {"Host:h:65536", false, 400, false, false, 0},
    {"Host:h/", false, 400, false, false, 0},
    {"Host:h\nContent-Length:0", false, 0, true, false, 0},
    {"Host:h\nContent-Length:12", false, 0, true, false, 12},
    {"Host:h\nContent-Length:0012", false, 0, true, false, 12},
    {"Host:h\nContent-Length:9223372036854775807", false, 0, true, false, INT64_MAX},
    {"Host:h\nContent-Length:99999999999999999999", false, 0, true, false, INT64_MAX},
    {"Host:h\nContent-Length:-1", false, 400, false, false, 0},
    {"Host:h\nContent-Length:+1", false, 400, false, false, 0},
    {"Host:h\nContent-Length:1 2", false, 400, false, false, 0},
    {"Host:h\nContent-Length:1,1", false, 400, false, false, 0},
    {"Host:h\nContent-Length:", false, 400, false, false, 0},
    {"Host:h\nContent-Length:1\ncontent-length:1", false, 400, false, false, 0},
    {"Host:h\nTransfer-Encoding:chunked", false, 0, true, true, 0},
    {"Host:h\nTransfer-Encoding:Chunked", false, 0, true, true, 0},
    {"Host:h\nTransfer-Encoding:gzip, chunked", false, 400, false, false, 0},
    {"Host:h\nTransfer-Encoding:", false, 400, false, false, 0},
    {"Host:h\nTransfer-Encoding:chunked\nTransfer-Encoding:chunked", false, 400, false, false, 0},
    {"Host:h\nTransfer-Encoding:chunked\nContent-Length:1", false, 400, false, false, 0},
    {"Host:h\nX:a\tb", false, 0, false, false, 0},
    {"Host:h\nX:a\x01", false, 400, false, false, 0},
    {"Host:h\nX:a\x7f", false, 400, false, false, 0},
    {"Host:h\nX :a", false, 400, false, false, 0},
    {"Host:h\n:a", false, 400, false, false, 0},
    {"Host:h\nX(:a", false, 400, false, false, 0},
};

/* ---- framing ---- */

static void test_framing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof framing_rows / sizeof *framing_rows; i++) {
        struct mock_header headers[8];
        struct mock_framing framing;
        size_t count = 0;
        for (struct auth_view rest = auth_view_from_string(framing_rows[i].headers); rest.n; count++) {
            headers[count].value = auth_view_split(&rest, '\n');
            headers[count].name = auth_view_split(&headers[count].value, ':');
        }
        int status = mock_framing_check(headers, count, framing_rows[i].is_1_0, &framing);
        if (status != framing_rows[i].status)
            fail_msg("%s: %d", framing_rows[i].headers, status);
        if (status)
            continue;
        assert_int_equal(framing.has_body, framing_rows[i].has_body);
        assert_int_equal(framing.is_chunked, framing_rows[i].is_chunked);
        assert_int_equal(framing.length, framing_rows[i].length);
    }
}

static void test_framing_names_are_tokens(void **state)
{
    static const char token[] = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        struct mock_framing framing;
        char name[] = {'X', (char)byte};
        const struct mock_header headers[] = {{auth_view_from_string("Host"), auth_view_from_string("h")},
                                              {auth_view_bytes(name, 2), auth_view_from_string("y")}};
        bool is_token = byte && strchr(token, byte);
        assert_int_equal(mock_framing_check(headers, 2, false, &framing), is_token ? 0 : 400);
    }
}

/* ---- memory ---- */

static void test_budget(void **state)
{
    struct mock_budget budget;
    size_t a = 0, b = 0;
    (void)state;
    mock_budget_init(&budget, 100);
    assert_true(mock_budget_hold(&budget, &a, 60));
    assert_false(mock_budget_hold(&budget, &b, 41));
    assert_int_equal(b, 0);
    assert_true(mock_budget_hold(&budget, &b, 40));
    assert_false(mock_budget_hold(&budget, &a, 61));
    assert_int_equal(a, 60);
    assert_true(mock_budget_hold(&budget, &a, 60));
    assert_true(mock_budget_hold(&budget, &a, 10));
    assert_true(mock_budget_hold(&budget, &b, 90));
    assert_int_equal(budget.used, 100);
    mock_budget_release(&budget, &a);
    mock_budget_release(&budget, &a);
    mock_budget_release(&budget, &b);
    assert_int_equal(budget.used, 0);
    assert_int_equal(a + b, 0);
}

/* ---- seeing connections off ---- */

/* Hand one end over; the other is the peer's. */
static int add_peer(struct mock_linger *linger)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(write(ends[0], "answer", 6), 6);
    mock_linger_add(linger, ends[0]);
    close(ends[0]);
    return ends[1];
}

static void test_linger_reads_on_after_the_answer(void **state)
{
    struct mock_linger *linger = NULL;
    char bytes[65536] = {0}, answer[16];
    (void)state;
    assert_int_equal(mock_linger_new(auth_env_system(), 2, &linger), AUTH_OK);
    int peer = add_peer(linger);
    for (int i = 0; i < 32; i++) /* 2 MiB, which no socket buffers */
        assert_int_equal(send(peer, bytes, sizeof bytes, MSG_NOSIGNAL), sizeof bytes);
    assert_int_equal(read(peer, answer, sizeof answer), 6);
    assert_int_equal(read(peer, answer, sizeof answer), 0);
    close(peer);
    mock_linger_free(linger);
}

static void test_linger_is_bounded(void **state)
{
    struct mock_linger *linger = NULL;
    char bytes[65536] = {0};
    size_t sent = 0;
    ssize_t n;
    (void)state;
    assert_int_equal(mock_linger_new(auth_env_system(), 1, &linger), AUTH_OK);
    int first = add_peer(linger), second = add_peer(linger); /* one too many: closed at once */
    assert_int_equal(send(second, bytes, 1, MSG_NOSIGNAL), -1);
    assert_int_equal(errno, EPIPE);
    while ((n = send(first, bytes, sizeof bytes, MSG_NOSIGNAL)) > 0)
        sent += (size_t)n;
    assert_true(sent >= MOCK_LINGER_BYTES / 2 && sent < 4 * MOCK_LINGER_BYTES);
    close(first);
    close(second);
    first = add_peer(linger); /* there is room again */
    assert_int_equal(send(first, bytes, 1, MSG_NOSIGNAL), 1);
    mock_linger_free(linger); /* with one still there */
    assert_int_equal(send(first, bytes, 1, MSG_NOSIGNAL), -1);
    close(first);
    mock_linger_free(NULL);
}

/* ---- listening ---- */

static void test_listening(void **state)
{
    static const char *const bad[] = {"",      "127.0.0.1",       "127.0.0.1:",    "127.0.0.1:x",  "127.0.0.1:-1",
                                      ":8423", "127.0.0.1:65536", "[::1]",         "[::1",         "::1:0",
                                      "[]:0",  "u@127.0.0.1:0",   "127.0.0.1:0/x", "127.0.0.1: 0", "[127.0.0.1]x:0"};
    static const char *const good[] = {"127.0.0.1:0", "localhost:0", "0.0.0.0:00"};
    struct auth_err err = {0};
    unsigned port = 0, taken = 0;
    int fd = -1, other = -1;
    char text[32];
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (mock_listen(bad[i], &fd, &port, &err) != AUTH_E_ARG)
            fail_msg("%s: %s", bad[i], err.detail);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(mock_listen(good[i], &fd, &port, &err), AUTH_OK);
        assert_true(port > 0);
        close(fd);
    }
    assert_int_equal(mock_listen("127.0.0.1:0", &fd, &taken, &err), AUTH_OK);
    snprintf(text, sizeof text, "127.0.0.1:%u", taken);
    err = (struct auth_err){0};
    assert_int_equal(mock_listen(text, &other, &port, &err), AUTH_E_IO);
    assert_non_null(strstr(err.detail, "port 0 picks a free one"));
    close(fd);
    assert_int_equal(mock_listen(text, &fd, &port, &err), AUTH_OK);
    assert_int_equal(port, taken);
    close(fd);
}

/* ---- a whole server ---- */

static int set_up(void **state)
{
    static struct support support;
    support_init(&support, "epic");
    *state = &support;
    return 0;
}

static int tear_down(void **state)
{
    support_clear(*state);
    return 0;
}

/* The number of the next descriptor, which tells whether any was left or closed twice. */
static int next_fd(void)
{
    int fd = dup(STDERR_FILENO);
    assert_true(fd >= 0);
    close(fd);
    return fd;
}

static void test_servers_start_and_stop_in_every_order(void **state)
{
    struct support *support = *state;
    struct mock_server_options options = {.listen = "127.0.0.1:0", .threads = 2};
    struct mock_server *server = NULL;
    unsigned port;
    int next = next_fd();
    mock_server_stop(NULL, 0);
    assert_int_equal(mock_server_listen(&options, &server, &port, NULL), AUTH_OK);
    mock_server_stop(server, 0); /* never started */
    for (unsigned threads = 1; threads < 4; threads++) {
        options.threads = threads;
        assert_int_equal(mock_server_listen(&options, &server, &port, NULL), AUTH_OK);
        assert_int_equal(mock_server_start(server, &support->instance, NULL, NULL), AUTH_OK);
        mock_server_tick(server);
        mock_server_stop(server, 1000);
    }
    assert_int_equal(next_fd(), next);
    struct mock_tls tls;
    mock_tls_init(&tls);
    auth_buf_add_string(&tls.certificate, "no certificate");
    auth_buf_add_string(&tls.key, "no key");
    options.listen = "127.0.0.1:0";
    assert_int_equal(mock_server_listen(&options, &server, &port, NULL), AUTH_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(mock_server_start(server, &support->instance, &tls, NULL), AUTH_E_IO);
    assert_int_equal(mock_server_start(server, &support->instance, NULL, NULL), AUTH_OK);
    mock_server_stop(server, 1000);
    assert_int_equal(mock_server_listen(&options, &server, &port, NULL), AUTH_OK);
    assert_int_equal(mock_server_start(server, &support->instance, &tls, NULL), AUTH_E_IO);
    mock_server_stop(server, 0);
    mock_tls_clear(&tls);
    assert_int_equal(next_fd(), next);
    options.listen = "nonsense";
    assert_int_equal(mock_server_listen(&options, &server, &port, NULL), AUTH_E_ARG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_framing),
        cmocka_unit_test(test_framing_names_are_tokens),
        cmocka_unit_test(test_budget),
        cmocka_unit_test(test_linger_reads_on_after_the_answer),
        cmocka_unit_test(test_linger_is_bounded),
        cmocka_unit_test(test_listening),
        cmocka_unit_test_setup_teardown(test_servers_start_and_stop_in_every_order, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
