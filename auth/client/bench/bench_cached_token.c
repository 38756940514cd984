/* What a cached token costs: ns of CPU time per epic_auth_access_token() and epic_auth_string_free(), by 1, 2 and 4 threads
 * of one handle; and the clock reading that is part of it, alone.
 *
 *     bench_cached_token KEY.pem [CALLS]       prints one JSON line */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auth/client/client.h"

enum { THREADS_MAX = 4 };

static long calls = 5000000;

/* A token endpoint that always has a token, of the length that Epic's have. */
static enum auth_rc answer(struct auth_http *http, const struct auth_http_request *request,
                           struct auth_http_response *response, struct auth_err *err)
{
    (void)http;
    (void)request;
    memset(response, 0, sizeof *response);
    auth_buf_init(&response->headers, 1024);
    auth_buf_init_secret(&response->body, 4096);
    auth_buf_add_string(&response->body, "{\"token_type\":\"Bearer\",\"expires_in\":3600,\"access_token\":\"");
    for (int i = 0; i < 700; i++)
        auth_buf_add_char(&response->body, 'x');
    auth_buf_add_string(&response->body, "\"}");
    response->status = 200;
    return auth_buf_check(&response->body, err);
}

static void do_not_free(struct auth_http *http)
{
    (void)http;
}

static double now_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void *work(void *ctx)
{
    for (long i = 0; i < calls; i++) {
        char *token = NULL;
        if (epic_auth_access_token(ctx, &token, NULL) != EPIC_AUTH_OK)
            exit(3);
        epic_auth_string_free(token);
    }
    return NULL;
}

static double measure(struct epic_auth *auth, int threads)
{
    pthread_t ids[THREADS_MAX];
    double started = now_ns();
    for (int i = 0; i < threads; i++) {
        if (pthread_create(&ids[i], NULL, work, auth) != 0)
            exit(3);
    }
    for (int i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    return (now_ns() - started) / (double)calls / threads;
}

static double measure_clock(void)
{
    const struct auth_env *env = auth_env_system();
    int64_t sum = 0;
    double started = now_ns();
    for (long i = 0; i < calls; i++)
        sum += env->steady_ms(env->ctx);
    return sum ? (now_ns() - started) / (double)calls : 0;
}

int main(int argc, char **argv)
{
    struct auth_http http = {.send = answer, .free = do_not_free};
    struct epic_auth_options options = {
        .size = sizeof options, .client_id = "bench", .token_url = "https://epic.example/token", .env_file = ""};
    struct epic_auth *auth = NULL;
    struct epic_auth_error error;
    options.private_key_path = argc > 1 ? argv[1] : "";
    if (argc > 2)
        calls = strtol(argv[2], NULL, 10);
    if (auth_client_new(&options, &http, NULL, &auth, &error) != EPIC_AUTH_OK) {
        epic_auth_error_print(stderr, &error);
        return 3;
    }
    double one = measure(auth, 1), two = measure(auth, 2), four = measure(auth, 4);
    printf("{\"cached_token_ns\":%.1f,\"two_threads_ns\":%.1f,\"four_threads_ns\":%.1f,\"clock_ns\":%.1f}\n", one, two,
           four, measure_clock());
    epic_auth_free(auth);
    return 0;
}
