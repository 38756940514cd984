/* Next links: what they open, when they die and of what, and what they may cost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "mock_epic/epic/types.h"
#include "mock_epic/fhir/fhir.h"
#include "mock_epic/fhir/session.h"

enum { NOW_S = 1790000000, PAGING_S = 600, MATCHES = 24000 };

/* ---- the table of sessions alone ---- */

struct bench {
    struct mock_sessions sessions;
    struct mock_session_call call;
};

static enum auth_rc counted_random(void *ctx, void *bytes, size_t n)
{
    (void)ctx;
    memset(bytes, 0x5a, n);
    return AUTH_OK;
}

static const struct auth_env env = {.random = counted_random};

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    mock_sessions_init(&bench->sessions);
    bench->call = (struct mock_session_call){.client_id = auth_view_from_string("a"),
                                             .type = &mock_fhir_types[0],
                                             .now_s = NOW_S,
                                             .lifetime_s = PAGING_S,
                                             .env = &env};
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    mock_sessions_clear(&bench->sessions);
    free(bench);
    return 0;
}

static enum auth_rc keep(struct bench *bench, const char *client, const char *self, size_t count,
                         struct mock_session **session)
{
    uint32_t *matches = calloc(count, sizeof *matches);
    assert_non_null(matches);
    bench->call.client_id = auth_view_from_string(client);
    return mock_sessions_keep(&bench->sessions, &bench->call, auth_view_from_string(self), matches, count, 10, session);
}

/* A search of `count` matches by that client, and the link to its second page. */
static void search(struct bench *bench, const char *client, const char *self, size_t count, char id[MOCK_SESSION_ID_N])
{
    struct mock_session *session = NULL;
    assert_int_equal(keep(bench, client, self, count, &session), AUTH_OK);
    assert_int_equal(mock_sessions_link(&bench->sessions, &bench->call, session, 1, id), AUTH_OK);
    mock_session_release(&bench->sessions, session);
}

static enum mock_session_found open_link(struct bench *bench, const char *client, const char *id)
{
    struct mock_session *session = NULL;
    size_t page = 0;
    bench->call.client_id = auth_view_from_string(client);
    enum mock_session_found found =
        mock_sessions_find(&bench->sessions, &bench->call, auth_view_from_string(id), &session, &page);
    if (found == MOCK_SESSION_FOUND)
        assert_int_equal(page, 1);
    mock_session_release(&bench->sessions, session);
    return found;
}

static void test_a_link_dies_on_the_second(void **state)
{
    struct bench *bench = *state;
    char id[MOCK_SESSION_ID_N];
    search(bench, "a", "q", 11, id);
    bench->call.now_s = NOW_S + PAGING_S - 1;
    assert_int_equal(open_link(bench, "a", id), MOCK_SESSION_FOUND);
    bench->call.now_s++;
    assert_int_equal(open_link(bench, "a", id), MOCK_SESSION_EXPIRED);
    /* what is left of it goes with the sweep, on the same second, and the reason stays the true one */
    mock_sessions_sweep(&bench->sessions, NOW_S + PAGING_S - 1, PAGING_S);
    assert_int_equal(bench->sessions.count, 1);
    mock_sessions_sweep(&bench->sessions, NOW_S + PAGING_S, PAGING_S);
    assert_int_equal(bench->sessions.count, 0);
    assert_int_equal(bench->sessions.bytes, 0);
    assert_int_equal(open_link(bench, "a", id), MOCK_SESSION_EXPIRED);
    bench->call.now_s = NOW_S + 400LL * 365 * 86400;
    assert_int_equal(open_link(bench, "a", id), MOCK_SESSION_EXPIRED);
}

/* The same link for half its life, so that a page asked for twice is the same; then a new one, which lives as long. */
static void test_a_link_given_again(void **state)
{
    struct bench *bench = *state;
    char first[MOCK_SESSION_ID_N], again[MOCK_SESSION_ID_N];
    search(bench, "a", "q", 11, first);
    bench->call.now_s = NOW_S + PAGING_S / 2 - 1;
    search(bench, "a", "q", 11, again);
    assert_string_equal(first, again);
    bench->call.now_s++;
    search(bench, "a", "q", 11, again);
    assert_string_not_equal(first, again);
    assert_int_equal(bench->sessions.count, 1);
    bench->call.now_s = NOW_S + PAGING_S;
    assert_int_equal(open_link(bench, "a", first), MOCK_SESSION_EXPIRED);
    assert_int_equal(open_link(bench, "a", again), MOCK_SESSION_FOUND);
    mock_sessions_sweep(&bench->sessions, bench->call.now_s, PAGING_S);
    assert_int_equal(bench->sessions.count, 1);
}

static void test_only_its_owner_opens_a_link(void **state)
{
    struct bench *bench = *state;
    char id[MOCK_SESSION_ID_N], broken[MOCK_SESSION_ID_N];
    search(bench, "a", "q", 11, id);
    assert_int_equal(open_link(bench, "b", id), MOCK_SESSION_UNKNOWN);
    assert_int_equal(open_link(bench, "", id), MOCK_SESSION_UNKNOWN);
    bench->call.type = &mock_fhir_types[1];
    assert_int_equal(open_link(bench, "a", id), MOCK_SESSION_UNKNOWN);
    bench->call.type = &mock_fhir_types[0];
    for (size_t i = 0; id[i]; i++) { /* page, time, digest, number: none may be changed */
        memcpy(broken, id, sizeof id);
        broken[i] = broken[i] == '0' ? '1' : '0';
        if (open_link(bench, "a", broken) != MOCK_SESSION_UNKNOWN)
            fail_msg("%s opens what %s opens", broken, id);
    }
    static const char *const odd[] = {"",
                                      "-",
                                      "1",
                                      "1-",
                                      "1-0",
                                      "9223372036854775807-00000000000000000000000000000000",
                                      "99999999999999999999-00000000000000000000000000000000",
                                      "0-00000000000000000000000000000000",
                                      "-1-00000000000000000000000000000000",
                                      "1-0000000000000000000000000000000G",
                                      "1-000000000000000000000000000000000"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        assert_int_equal(open_link(bench, "a", odd[i]), MOCK_SESSION_UNKNOWN);
    assert_int_equal(open_link(bench, "a", id), MOCK_SESSION_FOUND);
    mock_sessions_empty(&bench->sessions);
    assert_int_equal(open_link(bench, "a", id), MOCK_SESSION_UNKNOWN);
}

static void test_a_client_evicts_only_itself(void **state)
{
    struct bench *bench = *state;
    char mine[MOCK_SESSION_ID_N], oldest[MOCK_SESSION_ID_N], used[MOCK_SESSION_ID_N], id[MOCK_SESSION_ID_N], self[32];
    bench->sessions.limits.client_count = 3;
    search(bench, "mine", "q", 11, mine);
    search(bench, "other", "used", 11, used);
    search(bench, "other", "oldest", 11, oldest);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(open_link(bench, "other", used), MOCK_SESSION_FOUND); /* what is used stays */
        snprintf(self, sizeof self, "q%d", i);
        search(bench, "other", self, 11, id);
    }
    assert_int_equal(open_link(bench, "other", oldest), MOCK_SESSION_EVICTED);
    assert_int_equal(bench->sessions.count, 4);
    assert_int_equal(open_link(bench, "mine", mine), MOCK_SESSION_FOUND);
    bench->call.now_s = NOW_S + PAGING_S; /* an evicted link expires too, and then that is the reason */
    assert_int_equal(open_link(bench, "other", oldest), MOCK_SESSION_EXPIRED);
}

static void test_bytes_of_a_client_and_of_all(void **state)
{
    struct bench *bench = *state;
    struct mock_sessions *sessions = &bench->sessions;
    char small[MOCK_SESSION_ID_N], id[MOCK_SESSION_ID_N], self[32], client[32];
    search(bench, "small", "q", 11, small);
    size_t before = sessions->bytes;
    search(bench, "c0", "q", 1000, id);
    size_t one = sessions->bytes - before;
    sessions->limits.client_bytes = one * 3;
    for (int i = 0; i < 50; i++) {
        snprintf(self, sizeof self, "%02d", i);
        search(bench, "c0", self, 1000, id);
        assert_true(sessions->bytes <= before + one * 3 + 64);
    }
    /* many clients: together they hold no more than the bound, and it is the greedy who pay */
    sessions->limits.bytes = one * 10;
    for (int i = 0; i < 200; i++) {
        snprintf(client, sizeof client, "c%d", i % 20);
        snprintf(self, sizeof self, "all %d", i);
        search(bench, client, self, 1000, id);
        assert_true(sessions->bytes <= one * 10);
        assert_int_equal(open_link(bench, client, id), MOCK_SESSION_FOUND);
    }
    assert_int_equal(open_link(bench, "small", small), MOCK_SESSION_FOUND);
    /* one that is larger than all the room is refused and evicts nobody; the next byte less is kept */
    size_t count = sessions->count;
    struct mock_session *session = NULL;
    assert_int_equal(keep(bench, "c1", "larger", 1000 * 20, &session), AUTH_E_TOO_BIG);
    assert_null(session);
    assert_int_equal(sessions->count, count);
    sessions->limits.bytes = one;
    assert_int_equal(keep(bench, "c1", "q", 1000, &session), AUTH_OK);
    mock_session_release(sessions, session);
    sessions->limits.bytes = one / 2;
    assert_int_equal(keep(bench, "c1", "r", 1000, &session), AUTH_E_TOO_BIG);
    mock_sessions_empty(sessions);
    assert_int_equal(sessions->bytes, 0);
}

/* A page that is being written keeps its list, whatever becomes of the session. */
static void test_a_page_under_way_keeps_its_list(void **state)
{
    struct bench *bench = *state;
    struct mock_session *session = NULL;
    char id[MOCK_SESSION_ID_N];
    assert_int_equal(keep(bench, "a", "q", 11, &session), AUTH_OK);
    mock_sessions_empty(&bench->sessions);
    assert_int_equal(bench->sessions.bytes, 0);
    assert_int_equal(session->matches[10], 0);
    assert_string_equal(session->self, "q");
    assert_int_equal(mock_sessions_link(&bench->sessions, &bench->call, session, 1, id), AUTH_OK);
    mock_session_release(&bench->sessions, session);
}

/* ---- through the FHIR API ---- */

static struct mock_fhir *load_many(void)
{
    char path[] = "/tmp/mock-epic-session-XXXXXX";
    struct mock_fhir *fhir = NULL;
    struct auth_err err = {0};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    fprintf(file, "{\"resourceType\":\"Patient\",\"id\":\"p\"}\n");
    for (int i = 0; i < MATCHES; i++)
        fprintf(file,
                "{\"resourceType\":\"Observation\",\"id\":\"o%d\",\"subject\":{\"reference\":\"Patient/p\"},"
                "\"category\":[{\"coding\":[{\"code\":\"laboratory\"}]}]}\n",
                i);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(mock_fhir_new(&fhir), AUTH_OK);
    if (mock_fhir_load(fhir, path, &err) != AUTH_OK || mock_fhir_seal(fhir, &err) != AUTH_OK)
        fail_msg("%s", err.detail);
    unlink(path);
    return fhir;
}

/* The body of one answer, and the reason that the log gets; free() it. */
static char *get(const struct mock_fhir *fhir, struct mock_sessions *sessions, const char *client_id, const char *query,
                 int *status)
{
    struct mock_scopes scopes;
    struct mock_response response;
    struct auth_buf body;
    assert_int_equal(mock_scopes_all(MOCK_SCOPES_V2, &scopes), AUTH_OK);
    const struct mock_header accept = {auth_view_from_string("Accept"), auth_view_from_string("application/json")};
    struct mock_request request = {.method = auth_view_from_string("GET"),
                                   .query = auth_view_from_string(query),
                                   .headers = &accept,
                                   .header_count = 1};
    struct mock_fhir_call call = {
        .request = &request,
        .path = auth_view_from_string("/Observation"),
        .base_url = auth_view_from_string("http://x"),
        .client_id = auth_view_from_string(client_id),
        .scopes = &scopes,
        .profile = auth_profile_named("epic"),
        .now_s = NOW_S,
        .env = auth_env_system(),
        .sessions = sessions,
    };
    mock_response_init(&response);
    mock_fhir_handle(fhir, &call, &response);
    assert_false(response.is_spoiled);
    *status = response.status;
    auth_buf_init(&body, 1 << 24);
    mock_response_body(&response, &body);
    auth_buf_add_string(&body, response.reason);
    char *text = auth_buf_take(&body, NULL);
    assert_non_null(text);
    mock_response_clear(&response);
    mock_scopes_clear(&scopes);
    return text;
}

static bool next_query(const char *body, char *query, size_t size)
{
    const char *at = strstr(body, "sessionID=");
    if (at)
        snprintf(query, size, "%.*s", (int)strcspn(at, "\""), at);
    return at != NULL;
}

/* A walk of 240 pages keeps one list, not 240, and every match comes once, in order. */
static void test_a_walk_keeps_one_list(void **state)
{
    struct mock_fhir *fhir = load_many();
    struct mock_sessions *sessions = &((struct bench *)*state)->sessions;
    char query[128] = "patient=p&category=laboratory&_count=100", mine[128], wanted[64];
    int status, seen = 0, pages = 0;
    char *body = get(fhir, sessions, "mine", query, &status);
    assert_true(next_query(body, mine, sizeof mine));
    free(body);
    size_t bytes = 0;
    bool has_next = true;
    while (has_next) {
        body = get(fhir, sessions, "walker", query, &status);
        char *again = get(fhir, sessions, "walker", query, &status);
        assert_int_equal(status, 200);
        assert_string_equal(body, again);
        for (int i = 0; i < 100; i++, seen++) {
            snprintf(wanted, sizeof wanted, "\"id\":\"o%d\"", seen);
            if (!strstr(body, wanted))
                fail_msg("page %d lacks %s", pages, wanted);
        }
        if (pages++ == 0)
            bytes = sessions->bytes;
        assert_int_equal(sessions->bytes, bytes);
        has_next = next_query(body, query, sizeof query);
        free(again);
        free(body);
    }
    assert_int_equal(seen, MATCHES);
    assert_int_equal(pages, MATCHES / 100);
    assert_int_equal(sessions->count, 2);
    assert_true(sessions->bytes < 2 * (MATCHES * sizeof(uint32_t) + MATCHES / 100 * sizeof(int64_t) + 1024));
    free(get(fhir, sessions, "mine", mine, &status));
    assert_int_equal(status, 200);
    mock_sessions_sweep(sessions, NOW_S + PAGING_S, PAGING_S);
    assert_int_equal(sessions->bytes, 0);
    mock_fhir_release(fhir);
}

static void test_the_reason_is_told(void **state)
{
    struct mock_fhir *fhir = load_many();
    struct mock_sessions *sessions = &((struct bench *)*state)->sessions;
    char first[128], query[128];
    int status;
    sessions->limits.client_count = 1;
    char *body = get(fhir, sessions, "a", "patient=p&category=laboratory&_count=7", &status);
    assert_true(next_query(body, first, sizeof first));
    free(body);
    body = get(fhir, sessions, "b", first, &status);
    assert_int_equal(status, 400);
    assert_non_null(strstr(body, "\"4113\""));
    assert_non_null(strstr(body, "not given to this client"));
    free(body);
    free(get(fhir, sessions, "a", "patient=p&category=laboratory&_count=8", &status));
    body = get(fhir, sessions, "a", first, &status);
    assert_non_null(strstr(body, "\"4113\""));
    assert_non_null(strstr(body, "evicted before its time: a client's last 1 search"));
    free(body);
    sessions->limits.bytes = 1000;
    body = get(fhir, sessions, "a", "patient=p&category=laboratory&_count=9", &status);
    assert_int_equal(status, 400);
    assert_non_null(strstr(body, "24000 matches: more than this server keeps for paging"));
    free(body);
    sessions->limits.bytes = MOCK_SESSIONS_BYTES; /* and the next search is answered as ever */
    body = get(fhir, sessions, "a", "patient=p&category=laboratory&_count=9", &status);
    assert_int_equal(status, 200);
    assert_true(next_query(body, query, sizeof query));
    free(body);
    free(get(fhir, sessions, "a", query, &status));
    assert_int_equal(status, 200);
    mock_fhir_release(fhir);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_link_dies_on_the_second),    TEST(test_a_link_given_again),
        TEST(test_only_its_owner_opens_a_link),  TEST(test_a_client_evicts_only_itself),
        TEST(test_bytes_of_a_client_and_of_all), TEST(test_a_page_under_way_keeps_its_list),
        TEST(test_a_walk_keeps_one_list),        TEST(test_the_reason_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
