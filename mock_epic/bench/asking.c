/* As mock-epic answers, from the request on. */
#include "mock_epic/bench/asking.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NOW_S = 1790000000 };

void bench_check(enum auth_rc rc, const char *what)
{
    if (rc == AUTH_OK)
        return;
    fprintf(stderr, "bench: %s: %s\n", what, auth_rc_text(rc));
    exit(3);
}

void bench_begin(struct bench_asking *asking, void (*write)(FILE *file, long count), long count)
{
    char path[] = "/tmp/mock-epic-bench-XXXXXX";
    int fd = mkstemp(path);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    bench_check(file ? AUTH_OK : AUTH_E_IO, path);
    write(file, count);
    bench_check(fclose(file) == 0 ? AUTH_OK : AUTH_E_IO, path);
    bench_check(mock_scopes_all(MOCK_SCOPES_V2, &asking->scopes), "scopes");
    mock_sessions_init(&asking->sessions);
    bench_check(mock_fhir_new(&asking->fhir), "new");
    bench_check(mock_fhir_load(asking->fhir, path, NULL), path);
    bench_check(mock_fhir_seal(asking->fhir, NULL), "seal");
    unlink(path);
}

void bench_end(struct bench_asking *asking)
{
    mock_sessions_clear(&asking->sessions);
    mock_fhir_release(asking->fhir);
    mock_scopes_clear(&asking->scopes);
}

static double cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

double bench_ask(struct bench_asking *asking, const char *path, const char *query, char *next, size_t *n)
{
    struct mock_response response;
    const struct mock_header accept = {auth_view_from_string("Accept"), auth_view_from_string("application/json")};
    struct mock_request request = {.method = auth_view_from_string("GET"),
                                   .query = auth_view_from_string(query),
                                   .headers = &accept,
                                   .header_count = 1};
    struct mock_fhir_call call = {
        .request = &request,
        .path = auth_view_from_string(path),
        .base_url = auth_view_from_string("http://127.0.0.1:8423/interconnect-fhir-oauth/api/FHIR/R4"),
        .client_id = auth_view_from_string("d45049c3-3441-40ef-ab4d-b9cd86a17225"),
        .scopes = &asking->scopes,
        .profile = auth_profile_named("epic"),
        .now_s = NOW_S,
        .env = auth_env_system(),
        .sessions = &asking->sessions,
    };
    mock_response_init(&response);
    double start = cpu_us();
    mock_fhir_handle(asking->fhir, &call, &response);
    double took = cpu_us() - start;
    const char *link = response.text.p ? strstr(response.text.p, "sessionID=") : NULL;
    if (response.status != 200 || response.is_spoiled)
        bench_check(AUTH_E_HTTP, query);
    (void)snprintf(next, BENCH_QUERY_N, "%.*s", link ? (int)strcspn(link, "\"") : 0, link ? link : "");
    if (n)
        *n = mock_response_size(&response);
    mock_response_clear(&response);
    return took;
}

double bench_best(struct bench_asking *asking, const char *path, const char *query, int rounds)
{
    char next[BENCH_QUERY_N];
    double best = bench_ask(asking, path, query, next, NULL);
    for (int i = 1; i < rounds; i++) {
        double took = bench_ask(asking, path, query, next, NULL);
        best = took < best ? took : best;
    }
    return best;
}
