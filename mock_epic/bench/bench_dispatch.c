/* Token requests through the whole server without sockets, on several threads at once: what they cost each other (locks,
 * shared memory) shows here without a load generator that competes for the same cores.
 *
 *     bench_dispatch DIR CLIENT_ID TOKEN_URL THREADS [FAULTS [SCENARIO]]     DIR as bench_mint made it
 *
 * FAULTS: so many rules for other routes, which should cost nothing; SCENARIO: a file that is played, for what its steps cost.
 * Prints, as JSON, token requests per second of all threads together, their CPU time each in microseconds, and how long it then
 * takes to keep and to bring back all those tokens as a snapshot, in milliseconds. Every answer must be a token. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auth/core/file.h"
#include "mock_epic/admin/fault_read.h"
#include "mock_epic/admin/scenario_read.h"
#include "mock_epic/instance/instance.h"
#include "mock_epic/instance/snapshot.h"
#include "mock_epic/server/dispatch.h"

enum { REQUESTS_MAX = 1000000, THREADS_MAX = 64 };

static struct mock_instance instance;
static struct auth_view bodies[REQUESTS_MAX];
static size_t body_count;
static atomic_size_t next_body, ok_count;

static void check(enum auth_rc rc, const struct auth_err *err)
{
    if (rc == AUTH_OK)
        return;
    fprintf(stderr, "bench_dispatch: %s %s\n", auth_rc_text(rc), err->detail);
    exit(3);
}

static void read_file(const char *dir, const char *name, struct auth_buf *out)
{
    char path[512];
    struct auth_err err = {0};
    snprintf(path, sizeof path, "%s/%s", dir, name);
    auth_buf_init(out, (size_t)1 << 31);
    check(auth_file_read(path, out, &err), &err);
}

static void find_bodies(char *text, size_t n)
{
    for (char *at = text; at < text + n && body_count < REQUESTS_MAX;) {
        char *request;
        size_t length = (size_t)strtoul(at, &request, 10);
        char *body = strstr(++request, "\r\n\r\n") + 4;
        bodies[body_count++] = auth_view_bytes(body, length - (size_t)(body - request));
        at = request + length;
    }
}

static void make_mock(const char *dir, const char *client_id, const char *token_url)
{
    static const char prefix[] = "/interconnect-fhir-oauth";
    struct auth_err err = {0};
    struct auth_buf cert;
    struct mock_app *app = NULL;
    char public_url[256];
    snprintf(public_url, sizeof public_url, "%.*s", (int)(strstr(token_url, prefix) - token_url), token_url);
    struct mock_options options = {
        .profile = auth_profile_named("epic"),
        .public_url = public_url,
        .prefix = prefix,
        .env = auth_env_system(),
    };
    check(mock_fhir_new(&options.fhir), &err);
    check(mock_instance_init(&instance, &options, &err), &err);
    read_file(dir, "cert.pem", &cert);
    struct mock_app_parts parts = {.client_id = auth_view_from_string(client_id),
                                   .certificate = auth_buf_view(&cert),
                                   .has_background_user = true};
    check(mock_app_make(&parts, 0, &app, &err), &err);
    check(mock_apps_put(&instance.apps, app, MOCK_APPS_ADD, NULL), &err);
    auth_buf_clear(&cert);
}

static void add_faults(unsigned long count)
{
    static const char json[] =
        "{\"match\":{\"route\":\"fhir\",\"client_id\":\"somebody\"},\"action\":{\"status\":503}}";
    struct auth_err err = {0};
    for (unsigned long i = 0; i < count; i++) {
        struct mock_fault *fault = NULL;
        check(mock_fault_read(auth_view_from_string(json), &fault, &err), &err);
        check(mock_faults_add(&instance.faults, fault, &err), &err);
    }
}

static void play(const char *path)
{
    struct auth_buf text;
    struct auth_err err = {0};
    struct mock_scenario *scenario = NULL;
    auth_buf_init(&text, MOCK_SCENARIO_FILE_MAX);
    check(auth_file_read(path, &text, &err), &err);
    check(mock_scenario_read(path, auth_buf_view(&text), &scenario, &err), &err);
    check(mock_scenario_begin(scenario, &instance, &err), &err);
    auth_buf_clear(&text);
}

static double seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The median of some: CPU time in milliseconds. */
static double snapshot_ms(enum auth_rc (*call)(void))
{
    enum { TIMES = 11 };
    double took[TIMES];
    struct auth_err err = {0};
    for (size_t i = 0; i < TIMES; i++) {
        double began = seconds(CLOCK_THREAD_CPUTIME_ID);
        check(call(), &err);
        double ms = (seconds(CLOCK_THREAD_CPUTIME_ID) - began) * 1000;
        size_t at = i;
        for (; at > 0 && took[at - 1] > ms; at--)
            took[at] = took[at - 1];
        took[at] = ms;
    }
    return took[TIMES / 2];
}

static enum auth_rc save(void)
{
    return mock_instance_save(&instance, auth_view_from_string("bench"), NULL);
}

static enum auth_rc restore(void)
{
    uint64_t last_token;
    return mock_instance_restore(&instance, auth_view_from_string("bench"), &last_token, NULL);
}

static void *work(void *ctx)
{
    static const char path[] = "/interconnect-fhir-oauth/oauth2/token";
    const struct mock_header header = {auth_view_from_string("Content-Type"),
                                       auth_view_from_string("application/x-www-form-urlencoded")};
    struct mock_request request = {.method = auth_view_from_string("POST"),
                                   .path = auth_view_from_string(path),
                                   .headers = &header,
                                   .header_count = 1};
    struct mock_response response;
    struct mock_wait wait = {0};
    size_t at;
    (void)ctx;
    mock_response_init(&response);
    while ((at = atomic_fetch_add(&next_body, 1)) < body_count) {
        request.body = bodies[at];
        if (mock_dispatch_step(&instance, &request, &wait, &response) == AUTH_OK && response.status == 200)
            atomic_fetch_add(&ok_count, 1);
        mock_dispatch_end(&wait);
        mock_response_reset(&response);
    }
    mock_response_clear(&response);
    return NULL;
}

int main(int argc, char **argv)
{
    struct auth_buf requests;
    pthread_t threads[THREADS_MAX];
    unsigned long thread_count = argc >= 5 ? strtoul(argv[4], NULL, 10) : 0;
    if (thread_count < 1 || thread_count > THREADS_MAX)
        return 2;
    read_file(argv[1], "requests", &requests);
    find_bodies(requests.p, requests.n);
    make_mock(argv[1], argv[2], argv[3]);
    add_faults(argc > 5 ? strtoul(argv[5], NULL, 10) : 0);
    if (argc > 6)
        play(argv[6]);
    double start = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t i = 0; i < thread_count; i++) {
        if (pthread_create(&threads[i], NULL, work, NULL) != 0)
            return 3;
    }
    for (size_t i = 0; i < thread_count; i++)
        pthread_join(threads[i], NULL);
    double took = seconds(CLOCK_MONOTONIC) - start;
    cpu = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    if (ok_count != body_count) {
        fprintf(stderr, "bench_dispatch: %zu of %zu requests got a token\n", ok_count, body_count);
        return 3;
    }
    double save_ms = snapshot_ms(save), restore_ms = snapshot_ms(restore);
    printf("{\"per_second\":%.0f,\"cpu_us\":%.3f,\"save_ms\":%.3f,\"restore_ms\":%.3f}\n", (double)body_count / took,
           cpu * 1e6 / (double)body_count, save_ms, restore_ms);
    mock_instance_clear(&instance);
    auth_buf_clear(&requests);
    return 0;
}
