/* What a page of a long search costs, the first and later ones, and what is kept of it.
 *
 *     bench_pages [MATCHES [COUNT [PAGE]]]      default 24000 matches, pages of 100, page 200
 *
 * Prints as JSON the CPU time of page 1, page 2 and that page, each the best of several, and the bytes kept for paging. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "mock_epic/fhir/fhir.h"
#include "mock_epic/fhir/session.h"

enum { NOW_S = 1790000000, ROUNDS = 200, QUERY_N = 128 };

static struct mock_fhir *fhir;
static struct mock_sessions sessions;
static struct mock_scopes scopes;

static void check(enum auth_rc rc, const char *what)
{
    if (rc == AUTH_OK)
        return;
    fprintf(stderr, "bench_pages: %s: %s\n", what, auth_rc_text(rc));
    exit(3);
}

static void load(long matches)
{
    char path[] = "/tmp/mock-epic-pages-XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file)
        exit(3);
    fprintf(file, "{\"resourceType\":\"Patient\",\"id\":\"p\"}\n");
    for (long i = 0; i < matches; i++)
        fprintf(file,
                "{\"resourceType\":\"Observation\",\"id\":\"o%ld\",\"subject\":{\"reference\":\"Patient/p\"},"
                "\"category\":[{\"coding\":[{\"code\":\"laboratory\"}]}]}\n",
                i);
    fclose(file);
    check(mock_fhir_new(&fhir), "new");
    check(mock_fhir_load(fhir, path, NULL), path);
    check(mock_fhir_seal(fhir, NULL), "seal");
    unlink(path);
}

static double cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Ask for a page; next becomes the query of the one behind it, "" when there is none. */
static double ask(const char *query, char next[QUERY_N])
{
    struct mock_response response;
    const struct mock_header accept = {auth_view_from_string("Accept"), auth_view_from_string("application/json")};
    struct mock_request request = {.method = auth_view_from_string("GET"),
                                   .query = auth_view_from_string(query),
                                   .headers = &accept,
                                   .header_count = 1};
    struct mock_fhir_call call = {
        .request = &request,
        .path = auth_view_from_string("/Observation"),
        .base_url = auth_view_from_string("http://127.0.0.1:8423/interconnect-fhir-oauth/api/FHIR/R4"),
        .client_id = auth_view_from_string("d45049c3-3441-40ef-ab4d-b9cd86a17225"),
        .scopes = &scopes,
        .profile = auth_profile_named("epic"),
        .now_s = NOW_S,
        .env = auth_env_system(),
        .sessions = &sessions,
    };
    mock_response_init(&response);
    double start = cpu_us();
    mock_fhir_handle(fhir, &call, &response);
    double took = cpu_us() - start;
    const char *link = response.text.p ? strstr(response.text.p, "sessionID=") : NULL;
    if (response.status != 200 || response.is_spoiled)
        check(AUTH_E_HTTP, query);
    snprintf(next, QUERY_N, "%.*s", link ? (int)strcspn(link, "\"") : 0, link ? link : "");
    mock_response_clear(&response);
    return took;
}

static double best_of(const char *query)
{
    char next[QUERY_N];
    double best = ask(query, next);
    for (int i = 1; i < ROUNDS; i++) {
        double took = ask(query, next);
        best = took < best ? took : best;
    }
    return best;
}

int main(int argc, char **argv)
{
    char first[QUERY_N], query[QUERY_N], next[QUERY_N], last[QUERY_N];
    long matches = argc > 1 ? strtol(argv[1], NULL, 10) : 24000, count = argc > 2 ? strtol(argv[2], NULL, 10) : 100;
    check(mock_scopes_all(MOCK_SCOPES_V2, &scopes), "scopes");
    mock_sessions_init(&sessions);
    load(matches);
    snprintf(first, sizeof first, "patient=p&category=laboratory&_count=%ld", count);
    long wanted = argc > 3 ? strtol(argv[3], NULL, 10) : 200, page = 2;
    (void)ask(first, query);
    snprintf(last, sizeof last, "%s", query);
    double second = best_of(query);
    for (; query[0] && page < wanted; page++) {
        (void)ask(query, next);
        snprintf(query, sizeof query, "%s", next);
        if (query[0])
            snprintf(last, sizeof last, "%s", query);
    }
    printf("{\"first_us\":%.1f,\"second_us\":%.1f,\"page\":%ld,\"page_us\":%.1f,\"searches\":%zu,\"bytes\":%zu}\n",
           best_of(first), second, page, best_of(last), sessions.count, sessions.bytes);
    mock_sessions_clear(&sessions);
    mock_fhir_release(fhir);
    mock_scopes_clear(&scopes);
    return 0;
}
