/* What may be connected to: the sets of kinds as they are, and that the transport asks before it connects. The address that is
 * refused is one of loopback, where a listener sees whether anybody came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "auth/net/http.h"

enum { EVERY = AUTH_REACH_ANYWHERE };

static void test_reach_sets(void **state)
{
    static const struct {
        enum auth_address_kind kind;
        bool is_public, is_network;
    } rows[] = {
        {AUTH_ADDRESS_GLOBAL, true, true},       {AUTH_ADDRESS_LOOPBACK, true, true},
        {AUTH_ADDRESS_PRIVATE, false, true},     {AUTH_ADDRESS_TRANSLATED, false, true},
        {AUTH_ADDRESS_LINK_LOCAL, false, false}, {AUTH_ADDRESS_UNSPECIFIED, false, false},
        {AUTH_ADDRESS_MULTICAST, false, false},  {AUTH_ADDRESS_BROADCAST, false, false},
        {AUTH_ADDRESS_RESERVED, false, false},   {AUTH_ADDRESS_OTHER, false, false},
    };
    (void)state;
    assert_int_equal(sizeof rows / sizeof *rows, AUTH_ADDRESS_KINDS);
    for (size_t i = 0; i < AUTH_ADDRESS_KINDS; i++) {
        assert_int_equal(rows[i].is_public, AUTH_REACH_PUBLIC >> rows[i].kind & 1U);
        assert_int_equal(rows[i].is_network, AUTH_REACH_NETWORKS >> rows[i].kind & 1U);
        assert_int_equal(1, EVERY >> rows[i].kind & 1U);
    }
}

/* ---- the transport ---- */

struct web {
    int fd;
    unsigned port;
};

static int open_web(void **state)
{
    static struct web web;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof address;
    web.fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(web.fd >= 0);
    assert_int_equal(bind(web.fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(web.fd, 8), 0);
    assert_int_equal(getsockname(web.fd, (struct sockaddr *)&address, &n), 0);
    web.port = ntohs(address.sin_port);
    *state = &web;
    return 0;
}

static int close_web(void **state)
{
    const struct web *web = *state;
    return close(web->fd);
}

static void *answer_one(void *ctx)
{
    static const char answer[] = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    const struct web *web = ctx;
    char request[4096];
    int fd = accept(web->fd, NULL, NULL);
    if (fd >= 0 && read(fd, request, sizeof request) > 0 && write(fd, answer, sizeof answer - 1) < 0)
        perror("write");
    close(fd);
    return NULL;
}

static enum auth_rc get(const struct web *web, const char *scheme, const char *host, unsigned reach,
                        struct auth_err *err)
{
    struct auth_http_options options = {.reach = reach, .timeout_ms = 20000, .allow_plain_http = true};
    struct auth_http *http = NULL;
    struct auth_http_response response;
    char url[96];
    (void)snprintf(url, sizeof url, "%s://%s:%u/", scheme, host, web->port);
    struct auth_http_request request = {.method = "GET", .url = url};
    assert_int_equal(auth_http_new(&options, &http, err), AUTH_OK);
    enum auth_rc rc = http->send(http, &request, &response, err);
    auth_http_response_clear(&response);
    auth_http_free(http);
    return rc;
}

static bool somebody_came(const struct web *web)
{
    struct pollfd poll_fd = {.fd = web->fd, .events = POLLIN};
    return poll(&poll_fd, 1, 0) > 0;
}

/* Odd spellings too: libcurl and the resolver know them all, so the address decides. */
static void test_reach_refuses_before_it_connects(void **state)
{
    static const char *const hosts[] = {"127.0.0.1", "127.1", "0x7f.1", "017700000001", "2130706433"};
    const unsigned reach = AUTH_REACH_PUBLIC & ~(1U << AUTH_ADDRESS_LOOPBACK);
    const struct web *web = *state;
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        for (int tls = 0; tls < 2; tls++) {
            struct auth_err err = {0};
            enum auth_rc rc = get(web, tls ? "https" : "http", hosts[i], reach, &err);
            if (rc != AUTH_E_ORIGIN || somebody_came(web))
                fail_msg("%s: %s, %s", hosts[i], auth_rc_text(rc), err.detail);
            assert_non_null(strstr(err.detail, "at an address that is loopback, and is not connected to"));
        }
    }
}

static void test_reach_lets_through_what_is_in_it(void **state)
{
    struct web *web = *state;
    static const unsigned reaches[] = {AUTH_REACH_PUBLIC, AUTH_REACH_NETWORKS, AUTH_REACH_ANYWHERE, 0};
    for (size_t i = 0; i < sizeof reaches / sizeof *reaches; i++) {
        struct auth_err err = {0};
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, answer_one, web), 0);
        enum auth_rc rc = get(web, "http", "127.0.0.1", reaches[i], &err);
        if (rc != AUTH_OK)
            fail_msg("%x: %s", reaches[i], err.detail);
        pthread_join(thread, NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reach_sets),
        cmocka_unit_test_setup_teardown(test_reach_refuses_before_it_connects, open_web, close_web),
        cmocka_unit_test_setup_teardown(test_reach_lets_through_what_is_in_it, open_web, close_web),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
