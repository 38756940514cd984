/* Searches over pages that go wrong: nothing that came is lost, nothing comes twice, and after a failure the same call can be
 * made again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/client/tests/support.h"

#define ENTRY(id) "{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"" id "\"},\"search\":{\"mode\":\"match\"}}"
#define BUNDLE(entries) "{\"resourceType\":\"Bundle\",\"entry\":[" entries "]}"
#define PAGE(next, entries)                                                                                               \
    "{\"resourceType\":\"Bundle\",\"link\":[{\"relation\":\"self\",\"url\":\"x\"},{\"relation\":\"next\",\"url\":\"" next \
    "\"}],\"entry\":[" entries "]}"
#define GOT_TOKEN                                                                                                      \
    {                                                                                                                  \
        GIVES(TOKEN_URL, 200, TOKEN("t", "3600"))                                                                      \
    }
#define FIRST BASE "/Patient?family=x"

struct run {
    struct script script;
    struct epic_auth *auth;
    struct epic_auth_search *search;
    struct epic_auth_error error;
    char ids[256]; /* of what came, each followed by a blank; an included one by '+' */
};

static void begin(struct run *run, const struct step *steps, size_t count)
{
    static const struct epic_auth_param params[] = {{"family", "x"}};
    run->ids[0] = '\0';
    run->auth = script_start(&run->script, steps, count, NULL);
    assert_int_equal(epic_auth_fhir_search(run->auth, "Patient", params, 1, &run->search, &run->error), EPIC_AUTH_OK);
}
#define BEGIN(run, steps) begin(run, steps, sizeof(steps) / sizeof *(steps))

static void end(struct run *run)
{
    epic_auth_search_free(run->search);
    epic_auth_free(run->auth);
}

static enum epic_auth_rc next(struct run *run)
{
    char *json = NULL;
    enum epic_auth_rc rc = epic_auth_search_next(run->search, &json, &run->error);
    assert_int_equal(rc == EPIC_AUTH_OK, json != NULL);
    if (!json)
        return rc;
    const char *id = strstr(json, "\"id\":\"");
    bool is_include = strcmp(epic_auth_search_mode(run->search), "include") == 0;
    size_t n = strlen(run->ids);
    snprintf(run->ids + n, sizeof run->ids - n, "%.*s%c", id ? (int)strcspn(id + 6, "\"") : 1, id ? id + 6 : "?",
             is_include ? '+' : ' ');
    epic_auth_string_free(json);
    return rc;
}

static enum epic_auth_rc drain(struct run *run)
{
    enum epic_auth_rc rc;
    while ((rc = next(run)) == EPIC_AUTH_OK) {
    }
    return rc;
}

/* ---- after a failure ---- */

static void test_a_page_that_failed_is_asked_for_again(void **state)
{
    static const struct step steps[] = {
        GOT_TOKEN,
        {GIVES(FIRST, 200, PAGE("?page=2", ENTRY("a") "," ENTRY("b")))},
        {GIVES(BASE "/Patient?page=2", 403, "")},
        {GIVES(BASE "/Patient?page=2", 200, "{\"resourceType\":\"Bund")},
        {GIVES(BASE "/Patient?page=2", 200, OUTCOME("exception"))},
        {GIVES(BASE "/Patient?page=2", 503, ""), .header = "retry-after: 100\n"},
        {.url = BASE "/Patient?page=2", .rc = AUTH_E_TLS},
        {GIVES(BASE "/Patient?page=2", 200, BUNDLE(ENTRY("c")))},
    };
    static const enum epic_auth_rc wanted[] = {EPIC_AUTH_E_DENIED, EPIC_AUTH_E_PROTOCOL, EPIC_AUTH_E_FHIR,
                                               EPIC_AUTH_E_THROTTLED, EPIC_AUTH_E_NETWORK};
    struct run run;
    (void)state;
    BEGIN(&run, steps);
    assert_int_equal(next(&run), EPIC_AUTH_OK);
    assert_int_equal(next(&run), EPIC_AUTH_OK);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        assert_int_equal(next(&run), wanted[i]);
    assert_int_equal(drain(&run), EPIC_AUTH_E_END);
    assert_string_equal(run.ids, "a b c ");
    for (int i = 0; i < 3; i++)
        assert_int_equal(next(&run), EPIC_AUTH_E_END);
    assert_int_equal(run.script.at, run.script.count);
    end(&run);
}

static void test_a_whole_page_that_failed_is_asked_for_again(void **state)
{
    static const struct step steps[] = {
        GOT_TOKEN,
        {GIVES(FIRST, 500, ""), .header = "retry-after: 100\n"},
        {GIVES(FIRST, 200, PAGE("?page=2", ENTRY("a")))},
        {GIVES(BASE "/Patient?page=2", 404, "<html>")},
        {GIVES(BASE "/Patient?page=2", 200, BUNDLE(ENTRY("b")))},
    };
    struct run run;
    char *page = NULL;
    (void)state;
    BEGIN(&run, steps);
    assert_int_equal(epic_auth_search_page(run.search, &page, &run.error), EPIC_AUTH_E_THROTTLED);
    assert_null(page);
    assert_int_equal(epic_auth_search_page(run.search, &page, &run.error), EPIC_AUTH_OK);
    assert_string_equal(page, steps[2].body);
    epic_auth_string_free(page);
    assert_int_equal(epic_auth_search_page(run.search, &page, &run.error), EPIC_AUTH_E_PROTOCOL);
    assert_int_equal(epic_auth_search_page(run.search, &page, NULL), EPIC_AUTH_OK);
    assert_string_equal(page, steps[4].body);
    epic_auth_string_free(page);
    assert_int_equal(epic_auth_search_page(run.search, &page, &run.error), EPIC_AUTH_E_END);
    assert_int_equal(epic_auth_search_page(run.search, &page, &run.error), EPIC_AUTH_E_END);
    assert_null(page);
    end(&run);
}

/* ---- what is given ---- */

static void test_what_include_brought_along_is_given_and_told(void **state)
{
    static const struct step steps[] = {
        GOT_TOKEN,
        {GIVES(FIRST, 200,
               BUNDLE(ENTRY("a") ",{\"search\":{\"mode\":\"include\"},\"resource\":{\"resourceType\":\"Organization\","
                                 "\"id\":\"o\"}},{\"resource\":{\"resourceType\":\"Patient\",\"id\":\"b\"}},"
                                 "{\"search\":{\"mode\":\"outcome\"},\"resource\":" OUTCOME("informational") "}"))},
    };
    struct run run;
    size_t count;
    (void)state;
    BEGIN(&run, steps);
    assert_int_equal(drain(&run), EPIC_AUTH_E_END);
    assert_string_equal(run.ids, "a o+b ");
    (void)epic_auth_search_issues(run.search, &count);
    assert_int_equal(count, 1);
    end(&run);
}

/* Repeated members, endless numbers, deep nesting, odd escapes: the entry is given as it came, like its neighbours. */
static void test_an_odd_resource_does_not_spoil_its_page(void **state)
{
#define DEEP "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
#define UNDEEP "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
    static const char *const odd[] = {
        "{\"resourceType\":\"Patient\",\"id\":\"o\",\"x\":1,\"x\":2}",
        "{\"resourceType\":\"Patient\",\"id\":\"o\",\"x\":1e999}",
        "{\"resourceType\":\"Patient\",\"id\":\"o\",\"x\":" DEEP UNDEEP "}",
        "{\"resourceType\":\"Patient\",\"id\":\"o\",\"x\":\"\\u0000\\ud800\"}",
        "{\"id\":\"o\"}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char body[1024];
        snprintf(body, sizeof body, BUNDLE(ENTRY("a") ",{\"resource\":%s}," ENTRY("b")), odd[i]);
        const struct step steps[] = {GOT_TOKEN, {GIVES(FIRST, 200, body)}};
        struct run run;
        BEGIN(&run, steps);
        if (drain(&run) != EPIC_AUTH_E_END || strcmp(run.ids, "a o b ") != 0)
            fail_msg("%s: %s, %s", odd[i], run.ids, run.error.message);
        end(&run);
    }
}

static void test_what_is_no_resource_is_left_out_and_told_at_the_end(void **state)
{
    static const char *const odd[] = {"null", "7", "\"x\"", "[]", "{\"id\":\"\xff\"}"};
    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        char body[1024];
        snprintf(body, sizeof body, PAGE("?page=2", ENTRY("a") ",{\"resource\":%s}," ENTRY("b")), odd[i]);
        const struct step steps[] = {
            GOT_TOKEN, {GIVES(FIRST, 200, body)}, {GIVES(BASE "/Patient?page=2", 200, BUNDLE(ENTRY("c")))}};
        struct run run;
        BEGIN(&run, steps);
        assert_int_equal(drain(&run), EPIC_AUTH_E_PROTOCOL);
        assert_string_equal(run.ids, "a b c ");
        assert_non_null(strstr(run.error.message, "1 of the entries"));
        assert_int_equal(next(&run), EPIC_AUTH_E_PROTOCOL);
        end(&run);
    }
}

static void test_bundles_that_are_none(void **state)
{
    static const char *const bodies[] = {"{\"resourceType\":\"Bundle\",\"entry\":{}}",         PATIENT, "[]", "{}", "",
                                         "{\"resourceType\":\"Bundle\",\"entry\":[" ENTRY("a")};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const struct step steps[] = {GOT_TOKEN, {GIVES(FIRST, 200, bodies[i])}};
        struct run run;
        BEGIN(&run, steps);
        if (drain(&run) != EPIC_AUTH_E_PROTOCOL)
            fail_msg("%s: %s", bodies[i], run.error.message);
        assert_string_equal(run.ids, "");
        end(&run);
    }
}

/* ---- links ---- */

static void test_links_are_followed_as_they_are_meant(void **state)
{
    static const char *const rows[][2] = {
        {"?date=ge2026-01-01T00:00:00Z&page=2", BASE "/Patient?date=ge2026-01-01T00:00:00Z&page=2"},
        {"Patient?t=00:00&p=2", BASE "/Patient?t=00:00&p=2"},
        {"HTTPS://epic.example/api/FHIR/R4/Patient?p=2", BASE "/Patient?p=2"},
        {"https://EPIC.example:443/p2", "https://EPIC.example:443/p2"},
        {"Patient?family=van der X", BASE "/Patient?family=van%20der%20X"},
        {" ?p=2 ", BASE "/Patient?p=2"},
        {"../R4/./Patient?p=2#x", BASE "/Patient?p=2"},
        {"\\u003fp=2", BASE "/Patient?p=2"},
        {"\\/api\\/FHIR\\/R4\\/Patient?p=2", BASE "/Patient?p=2"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[1024];
        snprintf(body, sizeof body, PAGE("%s", ENTRY("a")), rows[i][0]);
        const struct step steps[] = {
            GOT_TOKEN, {GIVES(FIRST, 200, body)}, {GIVES(rows[i][1], 200, BUNDLE(ENTRY("b")))}};
        struct run run;
        BEGIN(&run, steps);
        if (drain(&run) != EPIC_AUTH_E_END || strcmp(run.ids, "a b ") != 0)
            fail_msg("%s: %s, %s", rows[i][0], run.ids, run.error.message);
        end(&run);
    }
}

/* Servers are known that let the last page name itself. Its entries are good. */
static void test_a_link_back_costs_no_entry_and_gives_none_twice(void **state)
{
    static const struct step itself[] = {
        GOT_TOKEN,
        {GIVES(FIRST, 200, PAGE("?page=2", ENTRY("a")))},
        {GIVES(BASE "/Patient?page=2", 200, PAGE("?page=2", ENTRY("b")))},
    };
    static const struct step back[] = {
        GOT_TOKEN,
        {GIVES(FIRST, 200, PAGE("?page=2", ENTRY("a")))},
        {GIVES(BASE "/Patient?page=2", 200, PAGE("?page=3", ENTRY("b")))},
        {GIVES(BASE "/Patient?page=3", 200, PAGE("?page=2", ENTRY("c")))},
    };
    static const struct step first[] = {
        GOT_TOKEN,
        {GIVES(FIRST, 200, PAGE("?page=2", ENTRY("a")))},
        {GIVES(BASE "/Patient?page=2", 200, PAGE("?family=x", ENTRY("b")))},
    };
    static const struct step at_once[] = {GOT_TOKEN, {GIVES(FIRST, 200, PAGE("Patient?family=x", ENTRY("a")))}};
    static const struct {
        const struct step *steps;
        size_t count;
        const char *ids;
    } rows[] = {{itself, 3, "a b "}, {back, 4, "a b c "}, {first, 3, "a b "}, {at_once, 2, "a "}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct run run;
        begin(&run, rows[i].steps, rows[i].count);
        assert_int_equal(drain(&run), EPIC_AUTH_E_PROTOCOL);
        assert_string_equal(run.ids, rows[i].ids);
        assert_non_null(strstr(run.error.message, "leads back"));
        assert_int_equal(next(&run), EPIC_AUTH_E_PROTOCOL); /* and no other page is asked for */
        assert_int_equal(run.script.at, rows[i].count);
        end(&run);
    }
}

/* JSON lets any character be escaped, in names and values: an entry, or a next page, must not be lost by it. */
static void test_escaped_names_mean_the_same(void **state)
{
    static const char *const bodies[] = {
        "{\"resourceType\":\"Bundle\",\"l\\u0069nk\":[{\"relation\":\"next\",\"url\":\"?p=2\"}],\"entry\":[" ENTRY(
            "a") "]}",
        "{\"resourceType\":\"Bundle\",\"link\":[{\"re\\u006Cation\":\"n\\u0065xt\",\"url\":\"?p=2\"}],\"entry\":[" ENTRY(
            "a") "]}",
        "{\"resourceType\":\"Bundle\",\"link\":[{\"relation\":\"next\",\"\\u0075rl\":\"?p=2\"}],\"\\u0065ntry\":[" ENTRY(
            "a") "]}",
        PAGE("?p=2", "{\"resourc\\u0065\":{\"id\":\"a\"}}"),
        PAGE("?p=2", "{\"resource\":{\"resource\\u0054ype\":\"Operation\\u004futcome\"}}," ENTRY("a")),
    };
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const struct step steps[] = {
            GOT_TOKEN, {GIVES(FIRST, 200, bodies[i])}, {GIVES(BASE "/Patient?p=2", 200, BUNDLE(ENTRY("b")))}};
        struct run run;
        BEGIN(&run, steps);
        if (drain(&run) != EPIC_AUTH_E_END || strcmp(run.ids, "a b ") != 0)
            fail_msg("%s: %s, %s", bodies[i], run.ids, run.error.message);
        end(&run);
    }
}

/* Of two members with one name nobody knows which is meant: what one of them holds is not lost in silence. */
static void test_what_stands_twice_is_told(void **state)
{
    static const struct {
        const char *body, *ids;
    } rows[] = {
        {"{\"resourceType\":\"Bundle\",\"entry\":[" ENTRY("a") "],\"entry\":[" ENTRY("b") "]}", ""},
        {"{\"resourceType\":\"Bundle\",\"link\":[],\"entry\":[],\"l\\u0069nk\":[]}", ""},
        {"{\"resourceType\":\"Bundle\",\"link\":{\"relation\":\"next\",\"url\":\"?p=2\"},\"entry\":[" ENTRY("a") "]}",
         "a "},
        {BUNDLE("{\"resource\":{\"id\":\"x\"},\"resource\":{\"id\":\"y\"}}," ENTRY("b")), "b "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct step steps[] = {GOT_TOKEN, {GIVES(FIRST, 200, rows[i].body)}};
        struct run run;
        BEGIN(&run, steps);
        if (drain(&run) != EPIC_AUTH_E_PROTOCOL || strcmp(run.ids, rows[i].ids) != 0)
            fail_msg("%s: %s, %s", rows[i].body, run.ids, run.error.message);
        end(&run);
    }
}

static void test_links_to_nowhere_cost_no_entry(void **state)
{
    static const struct {
        const char *url, *told;
        enum epic_auth_rc rc;
    } rows[] = {
        {"\"a\\nb\"", "cannot be read", EPIC_AUTH_E_PROTOCOL},
        {"\"\"", "cannot be read", EPIC_AUTH_E_PROTOCOL},
        {"7", "cannot be read", EPIC_AUTH_E_PROTOCOL},
        {"\"\\ud800\"", "cannot be read", EPIC_AUTH_E_PROTOCOL},
        {"\"ftp://epic.example/x\"", "ftp://", EPIC_AUTH_E_ORIGIN},
        {"\"https://evil.example/?page=2\"", "https://evil.example/", EPIC_AUTH_E_ORIGIN},
        {"\"https://epic.example\\\\@evil.example/\"", "evil.example", EPIC_AUTH_E_ORIGIN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char body[1024];
        snprintf(
            body, sizeof body,
            "{\"resourceType\":\"Bundle\",\"link\":[{\"url\":%s,\"relation\":\"next\"}],\"entry\":[" ENTRY("a") "]}",
            rows[i].url);
        const struct step steps[] = {GOT_TOKEN, {GIVES(FIRST, 200, body)}};
        struct run run;
        BEGIN(&run, steps);
        if (drain(&run) != rows[i].rc || strcmp(run.ids, "a ") != 0 || !strstr(run.error.message, rows[i].told))
            fail_msg("%s: %s, %s", rows[i].url, run.ids, run.error.message);
        assert_int_equal(next(&run), rows[i].rc);
        assert_int_equal(run.script.at, 2);
        end(&run);
    }
}

static void test_a_link_of_64_kib_is_long_enough(void **state)
{
    static char link[70000], body[80000];
    (void)state;
    for (size_t n = 65534; n <= 65535; n++) { /* with its quotation marks 64 KiB, and a byte more */
        memset(link, 'x', n);
        link[0] = '?';
        link[n] = '\0';
        snprintf(body, sizeof body, PAGE("%s", ENTRY("a")), link);
        static char url[80000];
        snprintf(url, sizeof url, BASE "/Patient%s", link);
        const struct step steps[] = {GOT_TOKEN, {GIVES(FIRST, 200, body)}, {GIVES(url, 200, BUNDLE(ENTRY("b")))}};
        struct run run;
        BEGIN(&run, steps);
        assert_int_equal(drain(&run), n == 65534 ? EPIC_AUTH_E_END : EPIC_AUTH_E_PROTOCOL);
        assert_string_equal(run.ids, n == 65534 ? "a b " : "a ");
        if (n == 65535)
            assert_non_null(strstr(run.error.message, "longer than 64 KiB: \"?xxx"));
        end(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_page_that_failed_is_asked_for_again),
        cmocka_unit_test(test_a_whole_page_that_failed_is_asked_for_again),
        cmocka_unit_test(test_what_include_brought_along_is_given_and_told),
        cmocka_unit_test(test_an_odd_resource_does_not_spoil_its_page),
        cmocka_unit_test(test_what_is_no_resource_is_left_out_and_told_at_the_end),
        cmocka_unit_test(test_bundles_that_are_none),
        cmocka_unit_test(test_links_are_followed_as_they_are_meant),
        cmocka_unit_test(test_a_link_back_costs_no_entry_and_gives_none_twice),
        cmocka_unit_test(test_escaped_names_mean_the_same),
        cmocka_unit_test(test_what_stands_twice_is_told),
        cmocka_unit_test(test_links_to_nowhere_cost_no_entry),
        cmocka_unit_test(test_a_link_of_64_kib_is_long_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
