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

static const struct mock_session_page second = {1, 20, 77};

/* A search by that client whose query is so long, at least. */
static enum auth_rc keep(struct bench *bench, const char *client, const char *self, size_t size,
                         struct mock_session **session)
{
    char padded[2048];
    snprintf(padded, sizeof padded, "%s%*s", self, (int)size, "");
    bench->call.client_id = auth_view_from_string(client);
    return mock_sessions_keep(&bench->sessions, &bench->call, auth_view_from_string(padded), 10,
                              (struct mock_extent){0, 0}, session);
}

/* The same, and the link to its second page. */
static void search(struct bench *bench, const char *client, const char *self, size_t size, char id[MOCK_SESSION_ID_N])
{
    struct mock_session *session = NULL;
    assert_int_equal(keep(bench, client, self, size, &session), AUTH_OK);
    assert_int_equal(mock_sessions_link(&bench->sessions, &bench->call, session, second, id), AUTH_OK);
    mock_session_release(&bench->sessions, session);
}

static enum mock_session_found open_link(struct bench *bench, const char *client, const char *id)
{
    struct mock_session *session = NULL;
    struct mock_session_page page = {0};
    bench->call.client_id = auth_view_from_string(client);
    enum mock_session_found found =
        mock_sessions_find(&bench->sessions, &bench->call, auth_view_from_string(id), &session, &page);
    if (found == MOCK_SESSION_FOUND)
        assert_memory_equal(&page, &second, sizeof page);
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
    bench->call.now_s = NOW_S + (1 << 24); /* of the time it says no more than 24 bits */
    assert_int_equal(open_link(bench, "a", id), MOCK_SESSION_EXPIRED);
    bench->call.now_s = NOW_S + PAGING_S;
    assert_int_equal(strlen(strchr(id, '-') + 1), 32); /* as Epic's */
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
    for (size_t i = 0; id[i]; i++) { /* session, page, place, time, digest: none may be changed */
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
                                      "9223372036854775807-000000000000000000000000000000000000000000000000",
                                      "99999999999999999999-000000000000000000000000000000000000000000000000",
                                      "0-000000000000000000000000000000000000000000000000",
                                      "-1-000000000000000000000000000000000000000000000000",
                                      "1-00000000000000000000000000000000000000000000000G",
                                      "1-0000000000000000000000000000000000000000000000000"};
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
    mock_sessions_empty(sessions);
    assert_int_equal(sessions->bytes, 0);
}

/* A page that is being written keeps its search, whatever becomes of the session. */
static void test_a_page_under_way_keeps_its_search(void **state)
{
    struct bench *bench = *state;
    struct mock_session *session = NULL;
    char id[MOCK_SESSION_ID_N];
    assert_int_equal(keep(bench, "a", "q", 0, &session), AUTH_OK);
    mock_sessions_empty(&bench->sessions);
    assert_int_equal(bench->sessions.bytes, 0);
    assert_string_equal(session->self, "q");
    assert_int_equal(mock_sessions_link(&bench->sessions, &bench->call, session, second, id), AUTH_OK);
    mock_session_release(&bench->sessions, session);
}

/* The last links that were given are given again; one of long ago is given anew, and either opens its page. */
static void test_links_given_lately(void **state)
{
    struct bench *bench = *state;
    struct mock_session *session = NULL, *found = NULL;
    char first[MOCK_SESSION_ID_N], again[MOCK_SESSION_ID_N];
    struct mock_session_page page = {1, 20, 77}, opened = {0};
    assert_int_equal(keep(bench, "a", "q", 0, &session), AUTH_OK);
    assert_int_equal(mock_sessions_link(&bench->sessions, &bench->call, session, page, first), AUTH_OK);
    for (bench->call.now_s++, page.page = 2; page.page < 1 + MOCK_SESSION_GIVEN_N; page.page++)
        assert_int_equal(mock_sessions_link(&bench->sessions, &bench->call, session, page, again), AUTH_OK);
    assert_int_equal(mock_sessions_link(&bench->sessions, &bench->call, session, second, again), AUTH_OK);
    assert_string_equal(first, again);
    assert_int_equal(mock_sessions_link(&bench->sessions, &bench->call, session, page, again), AUTH_OK); /* one more */
    assert_int_equal(mock_sessions_link(&bench->sessions, &bench->call, session, second, again), AUTH_OK);
    assert_string_not_equal(first, again);
    assert_int_equal(open_link(bench, "a", first), MOCK_SESSION_FOUND);
    assert_int_equal(mock_sessions_find(&bench->sessions, &bench->call, auth_view_from_string(again), &found, &opened),
                     MOCK_SESSION_FOUND);
    assert_memory_equal(&opened, &second, sizeof opened);
    mock_session_release(&bench->sessions, found);
    mock_session_release(&bench->sessions, session);
}

/* An order is found by its own key, client, type and data alone, and is the first to go. */
static void test_an_order_is_kept(void **state)
{
    enum { COUNT = 100000 };
    struct bench *bench = *state;
    struct mock_sessions *sessions = &bench->sessions;
    uint32_t *order = calloc(COUNT, sizeof *order);
    struct auth_view key = auth_view_from_string("key");
    assert_non_null(order);
    order[COUNT - 1] = 7;
    assert_null(mock_sessions_order(sessions, &bench->call, key));
    assert_int_equal(mock_sessions_keep_order(sessions, &bench->call, key, order, COUNT), AUTH_OK);
    free(order);
    struct mock_session *kept = mock_sessions_order(sessions, &bench->call, key);
    assert_non_null(kept);
    assert_int_equal(kept->match_count, COUNT);
    assert_int_equal(kept->matches[COUNT - 1], 7);
    assert_null(mock_sessions_order(sessions, &bench->call, auth_view_from_string("keys")));
    struct mock_session_call other = bench->call;
    other.client_id = auth_view_from_string("b");
    assert_null(mock_sessions_order(sessions, &other, key));
    other = bench->call;
    other.type = &mock_fhir_types[1];
    assert_null(mock_sessions_order(sessions, &other, key));
    other = bench->call;
    other.generation.number++;
    assert_null(mock_sessions_order(sessions, &other, key));
    const uint32_t few[4] = {0};
    for (char name[2] = "A"; name[0] <= 'Z'; name[0]++)
        assert_int_equal(
            mock_sessions_keep_order(sessions, &bench->call, auth_view_from_string(name), few, name[0] == 'A' ? 0 : 4),
            AUTH_OK);
    assert_int_equal(kept->matches[COUNT - 1], 7); /* it is held */
    mock_session_release(sessions, kept);
    assert_true(sessions->bytes <= MOCK_SESSIONS_CLIENT_BYTES + 64);
    mock_sessions_sweep(sessions, NOW_S + PAGING_S, PAGING_S);
    assert_int_equal(sessions->bytes, 0);
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

/* A walk of 240 pages keeps no list, and every match comes once, in order. */
static void test_a_walk_keeps_no_list(void **state)
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
    assert_true(sessions->bytes < 2 * 1024);
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
    char first[128];
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
    mock_fhir_release(fhir);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_link_dies_on_the_second),    TEST(test_a_link_given_again),
        TEST(test_only_its_owner_opens_a_link),  TEST(test_a_client_evicts_only_itself),
        TEST(test_bytes_of_a_client_and_of_all), TEST(test_a_page_under_way_keeps_its_search),
        TEST(test_links_given_lately),           TEST(test_an_order_is_kept),
        TEST(test_a_walk_keeps_no_list),         TEST(test_the_reason_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
