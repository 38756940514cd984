/* Every allocation of a whole session fails once: the call must say so or do without, and leave nothing behind (ASan looks). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "auth/client/tests/support.h"

/* ---- a malloc() that fails when told ---- */

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *p, size_t n);

static long countdown = -1; /* the allocation that fails is the one that brings it to 0; below 0: none */

static bool is_now(void)
{
    return countdown > 0 && --countdown == 0;
}

void *__wrap_malloc(size_t n)
{
    return is_now() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t n)
{
    return is_now() ? NULL : __real_calloc(count, n);
}

void *__wrap_realloc(void *p, size_t n)
{
    return is_now() ? NULL : __real_realloc(p, n);
}

/* ---- a session ---- */

static const struct step steps[] = {
    {GIVES(TOKEN_URL, 200, TOKEN("one", "3600"))},
    {GIVES(BASE "/Patient/p", 401, ""), .header = "www-authenticate: Bearer\n"},
    {GIVES(TOKEN_URL, 200, TOKEN("two", "3600"))},
    {GIVES(BASE "/Patient/p", 400, "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"code\":\"x\"}]}")},
    {GIVES(BASE "/Patient?family=x", 200,
           "{\"resourceType\":\"Bundle\",\"link\":[{\"relation\":\"next\",\"url\":\"?p=2\"}],\"entry\":[{\"resource\":"
           "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"code\":\"y\"}]}},{\"resource\":{\"resourceType\":"
           "\"Patient\",\"id\":\"a\"}}]}")},
    {GIVES(BASE "/Patient?p=2", 200, "{\"resourceType\":\"Bundle\"}")},
};

static struct script script;

/* Go as far as it works. True when all of it did. */
static bool run_session(struct epic_auth *auth, enum epic_auth_rc *rc)
{
    static const struct epic_auth_param params[] = {{"family", "x"}};
    struct epic_auth_error error;
    struct epic_auth_search *search = NULL;
    char *text = NULL;
    *rc = epic_auth_fhir_get(auth, "Patient", "p", &text, &error);
    assert_null(text);
    if (*rc != EPIC_AUTH_E_FHIR)
        return false;
    *rc = epic_auth_fhir_search(auth, "Patient", params, 1, &search, &error);
    while (*rc == EPIC_AUTH_OK) {
        *rc = epic_auth_search_next(search, &text, &error);
        assert_int_equal(*rc == EPIC_AUTH_OK, text != NULL);
        epic_auth_string_free(text);
        text = NULL;
    }
    epic_auth_search_free(search);
    return *rc == EPIC_AUTH_E_END;
}

static void test_a_session_survives_the_loss_of_each_allocation(void **state)
{
    bool was_whole = false;
    long n;
    (void)state;
    for (n = 1; !was_whole && n < 10000; n++) {
        enum epic_auth_rc rc = EPIC_AUTH_OK;
        struct epic_auth *auth = START(&script, steps);
        countdown = n;
        was_whole = run_session(auth, &rc) && countdown > 0;
        bool is_spent = countdown <= 0;
        countdown = -1;
        if (is_spent && rc == EPIC_AUTH_OK)
            fail_msg("allocation %ld: silent loss", n);
        epic_auth_free(auth);
    }
    assert_true(was_whole);
    assert_true(n > 30); /* it did fail something */
}

static void test_a_handle_is_made_whole_or_not_at_all(void **state)
{
    bool is_made = false;
    long n;
    (void)state;
    for (n = 1; !is_made && n < 10000; n++) {
        struct epic_auth_options options = {
            .size = sizeof options,
            .client_id = "me",
            .token_url = TOKEN_URL,
            .fhir_base_url = BASE "/",
            .private_key_path = EPIC_FIXTURES_DIR "/keys/rsa2048_a.TESTKEY.pem",
            .env_file = "",
        };
        struct epic_auth *auth = NULL;
        struct epic_auth_error error;
        countdown = n;
        enum epic_auth_rc rc = epic_auth_new(&options, &auth, &error);
        bool is_spent = countdown <= 0;
        countdown = -1;
        is_made = rc == EPIC_AUTH_OK && !is_spent;
        if ((rc == EPIC_AUTH_OK) != (auth != NULL))
            fail_msg("allocation %ld: %s", n, epic_auth_rc_text(rc));
        epic_auth_free(auth);
    }
    assert_true(is_made);
    assert_true(n > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_handle_is_made_whole_or_not_at_all),
        cmocka_unit_test(test_a_session_survives_the_loss_of_each_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
