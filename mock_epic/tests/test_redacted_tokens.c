/* Where in a text tokens stand: each is found, wherever it begins, masked as a whole, and in bounded time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/state/opaque_token.h"
#include "mock_epic/state/redaction.h"
#include "mock_epic/state/tokens.h"
#include "mock_epic/tests/support.h"

/* From wherever it is looked for, the first place whose characters alone could be one. */
static void test_finding_tokens(void **state)
{
    enum { BEFORE = 60, N = BEFORE + 43 + 20 };
    char *token = support_plain_token(*state), text[N];
    memset(text, 'w', sizeof text);
    memcpy(text + BEFORE, token, 43);
    for (size_t n = 0; n <= N; n++) {
        for (size_t at = 0; at <= n; at++) {
            size_t first = at;
            while (first + 43 <= n && mock_opaque_token_find(auth_view_bytes(text + first, 43), 0) != 0)
                first++;
            assert_int_equal(mock_opaque_token_find(auth_view_bytes(text, n), at), first + 43 <= n ? first : n);
        }
    }
    free(token);
}

/* One token in some thousands has the three letters in its midst: what stands before them is as much of the secret as the rest. */
static void test_a_token_that_holds_what_a_jwt_begins_with(void **state)
{
    static const char *const formats[] = {"%s", "letters%s", "%sletters", "%s.%s", "x=%s&y=%s", "Bearer %s"};
    struct mock_instance *instance = &((struct support *)*state)->instance;
    const struct mock_token_grant grant = {1, auth_view_from_string(SUPPORT_CLIENT_ID), auth_view_from_string(""),
                                           SUPPORT_NOW_S, SUPPORT_NOW_S + 60};
    struct auth_buf token;
    auth_buf_init_secret(&token, 64);
    size_t at = 0;
    while (at < 8 || at > MOCK_OPAQUE_TOKEN_N - 8) {
        auth_buf_reset(&token);
        assert_int_equal(mock_opaque_token_make(instance->random, &token), AUTH_OK);
        at = auth_view_find_text(auth_buf_view(&token), "eyJ");
    }
    assert_int_equal(mock_tokens_put(instance->store, auth_buf_view(&token), &grant), AUTH_OK);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        char text[256], part[7] = "";
        size_t n = (size_t)snprintf(text, sizeof text, formats[i], token.p, token.p);
        mock_redact(instance->store, i == 5 ? MOCK_REDACT_PROSE : MOCK_REDACT_VALUE, text, n);
        for (size_t from = 0; from + 6 <= token.n; from++) {
            memcpy(part, token.p + from, 6);
            if (strstr(text, part))
                fail_msg("%s: %s of %s is in %s", formats[i], part, token.p, text);
        }
    }
    auth_buf_clear(&token);
}

/* Nothing but words: bounded work, and it ends. */
static void test_a_text_of_nothing_but_words(void **state)
{
    enum { N = 60000 };
    struct support *support = *state;
    char *text = malloc(N);
    assert_non_null(text);
    memset(text, 'A', N);
    mock_redact(support->instance.store, MOCK_REDACT_PROSE, text, N);
    assert_true(text[0] == 'A' && text[N - 1] == 'A');
    memset(text, '%', N);
    mock_redact(support->instance.store, MOCK_REDACT_VALUE, text, N);
    free(text);
}

/* Whoever knows how tokens are made fills a text with what could be ones: after some questions all of it is masked. */
static void test_a_text_of_nothing_but_candidates(void **state)
{
    struct support *support = *state;
    char *tokens[300], *text = malloc(300 * 44 + 1);
    size_t n = 0, count = 0;
    assert_non_null(text);
    for (size_t i = 0; i < 300; i++) {
        tokens[i] = support_plain_token(support);
        n += (size_t)snprintf(text + n, 45, "%s/", tokens[i]);
    }
    assert_int_equal(mock_tokens_revoke(support->instance.store, auth_view_from_string(""), &count), AUTH_OK);
    assert_in_range(count, 300, 400);
    mock_redact(support->instance.store, MOCK_REDACT_PROSE, text, n);
    assert_memory_equal(text, tokens[0], 43); /* revoked and forgotten: no secret any more */
    assert_memory_equal(text + 44 * 299, "[redacted]", 10);
    for (size_t i = 0; i < 300; i++)
        free(tokens[i]);
    free(text);
}

/* Every token is one that is looked for. */
static void test_tokens_fit(void **state)
{
    size_t fitting = 0;
    for (int i = 0; i < 20; i++) {
        char *token = support_plain_token(*state);
        assert_int_equal(strlen(token), 43);
        assert_int_equal(mock_opaque_token_find(auth_view_from_string(token), 0), 0);
        for (size_t j = 0; j < 43; j++) {
            char *other = auth_view_dup(auth_view_from_string(token));
            assert_non_null(other);
            other[j] = other[j] == 'x' ? 'y' : 'x';
            fitting += mock_opaque_token_find(auth_view_from_string(other), 0) == 0;
            free(other);
        }
        free(token);
    }
    assert_true(fitting < 5);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, support_set_up, support_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_finding_tokens),
        TEST(test_a_token_that_holds_what_a_jwt_begins_with),
        TEST(test_a_text_of_nothing_but_words),
        TEST(test_a_text_of_nothing_but_candidates),
        TEST(test_tokens_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
