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
#include "auth/core/tests/oom.h"

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

static struct epic_auth_error error; /* of the last call */

/* Go as far as it works. True when all of it did. */
static bool run_session(struct epic_auth *auth, enum epic_auth_rc *rc)
{
    static const struct epic_auth_param params[] = {{"family", "x"}};
    struct epic_auth_search *search = NULL;
    char *text = NULL;
    *rc = epic_auth_fhir_get(auth, "Patient", "p", &text, &error);
    assert_null(text);
    if (*rc != EPIC_AUTH_E_FHIR || error.issue_count != 1)
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

static void lose_each(enum oom_mode mode)
{
    bool was_whole = false;
    for (long n = 1; !was_whole; n += oom_step(n)) {
        enum epic_auth_rc rc = EPIC_AUTH_OK;
        struct epic_auth *auth = START(&script, steps);
        oom_arm(n, mode);
        bool is_done = run_session(auth, &rc);
        bool has_failed = oom_disarm();
        was_whole = is_done && !has_failed;
        /* CONFIG: OpenSSL does not always say that it was memory which it lacked when it could not sign */
        if (!is_done && rc != EPIC_AUTH_E_NOMEM && rc != EPIC_AUTH_E_CONFIG)
            fail_msg("allocation %ld: %s, \"%s\"", n, epic_auth_rc_text(rc), error.message);
        assert_true(has_failed || was_whole);
        epic_auth_free(auth);
    }
}

static void test_a_session_survives_the_loss_of_each_allocation(void **state)
{
    (void)state;
    lose_each(OOM_ONE);
    lose_each(OOM_ON_END);
}

/* ---- going on afterwards ---- */

#define ENTRY(id) "{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"" id "\"}}"

static enum auth_rc serve(struct auth_http *http, const struct auth_http_request *request,
                          struct auth_http_response *response, struct auth_err *err)
{
    bool is_token = strcmp(request->url, TOKEN_URL) == 0, is_last = strstr(request->url, "?p=2") != NULL;
    (void)http;
    memset(response, 0, sizeof *response);
    auth_buf_init(&response->headers, 65536);
    auth_buf_init_secret(&response->body, 65536);
    response->status = 200;
    auth_buf_add_string(&response->body,
                        is_token  ? TOKEN("t", "3600")
                        : is_last ? "{\"resourceType\":\"Bundle\",\"entry\":[" ENTRY("c") "]}"
                                  : "{\"resourceType\":\"Bundle\",\"link\":[{\"relation\":\"next\",\"url\":\"?p=2\"}],"
                                    "\"entry\":[" ENTRY("a") ",{\"resource\":" OUTCOME("x") "}," ENTRY("b") "]}");
    return auth_buf_check(&response->body, err);
}

/* True when all came, each once. */
static bool drain(struct epic_auth_search *search, char ids[8], enum epic_auth_rc *rc)
{
    char *text = NULL;
    while ((*rc = epic_auth_search_next(search, &text, &error)) == EPIC_AUTH_OK) {
        const char *id = strstr(text, "\"id\":\"");
        size_t n = strlen(ids);
        if (n < 7 && id) {
            ids[n] = id[6];
            ids[n + 1] = '\0';
        }
        epic_auth_string_free(text);
    }
    assert_null(text);
    return *rc == EPIC_AUTH_E_END;
}

static void test_a_search_goes_on_after_the_loss_of_any_allocation(void **state)
{
    bool has_failed = true;
    (void)state;
    for (long n = 1; has_failed; n += oom_step(n)) {
        struct epic_auth *auth = START(&script, steps);
        struct epic_auth_search *search = NULL;
        char ids[8] = "";
        size_t issues;
        enum epic_auth_rc rc;
        script.http.send = serve;
        assert_int_equal(epic_auth_fhir_search(auth, "Patient", NULL, 0, &search, &error), EPIC_AUTH_OK);
        oom_arm(n, OOM_ONE);
        bool is_done = drain(search, ids, &rc);
        has_failed = oom_disarm();
        script_pass(&script, 20000); /* that OpenSSL could not sign is remembered as any refusal is */
        if (!is_done && !drain(search, ids, &rc))
            fail_msg("allocation %ld: %s", n, error.message);
        (void)epic_auth_search_issues(search, &issues);
        if (strcmp(ids, "abc") != 0 || issues != 1)
            fail_msg("allocation %ld: \"%s\", %zu issues", n, ids, issues);
        epic_auth_search_free(search);
        epic_auth_free(auth);
    }
}

static void test_a_handle_is_made_whole_or_not_at_all(void **state)
{
    bool has_failed = true;
    (void)state;
    for (long n = 1; has_failed; n += oom_step(n)) {
        struct epic_auth_options options = {
            .size = sizeof options,
            .client_id = "me",
            .token_url = TOKEN_URL,
            .fhir_base_url = BASE "/",
            .private_key_path = EPIC_FIXTURES_DIR "/keys/rsa2048_a.TESTKEY.pem",
            .env_file = "",
        };
        struct epic_auth *auth = NULL;
        oom_arm(n, OOM_ON_END);
        enum epic_auth_rc rc = epic_auth_new(&options, &auth, &error);
        has_failed = oom_disarm();
        if ((rc == EPIC_AUTH_OK) != (auth != NULL) || (!has_failed && rc != EPIC_AUTH_OK))
            fail_msg("allocation %ld: %s", n, epic_auth_rc_text(rc));
        epic_auth_free(auth);
    }
}

/* OpenSSL loads its parts at their first use, and one that fails then stays away for good: use them all before. */
static int warm_up(void **state)
{
    enum epic_auth_rc rc;
    (void)state;
    struct epic_auth *auth = START(&script, steps);
    bool is_whole = run_session(auth, &rc);
    epic_auth_free(auth);
    return is_whole ? 0 : 1;
}

int main(void)
{
    oom_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_handle_is_made_whole_or_not_at_all),
        cmocka_unit_test(test_a_session_survives_the_loss_of_each_allocation),
        cmocka_unit_test(test_a_search_goes_on_after_the_loss_of_any_allocation),
    };
    return cmocka_run_group_tests(tests, warm_up, NULL) ? 1 : 0;
}
