/* The longest that one request is held up by what the server does beside it, with a million live tokens.
 *
 *     bench_pause [TOKENS]       default 1000000
 *
 * Prints a line for each, and at last one of JSON with the longest of all while requests came in: how long one call took at most, how many took over a millisecond, and how long the work beside it
 * took. A busy machine shows here too, since a thread that is not run is held up as well: look at the best of several runs. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mock_epic/state/journal.h"
#include "mock_epic/state/tokens.h"
#include "mock_epic/store/store.h"

enum { NOW_S = 1790000000, JOURNAL_LISTINGS = 50 };

static struct mock_store *store;
static struct mock_journal journal;
static struct auth_report report;
static size_t tokens;
static atomic_bool is_over;

static void check(enum auth_rc rc)
{
    if (rc == AUTH_OK)
        return;
    fprintf(stderr, "bench_pause: %s\n", auth_rc_text(rc));
    exit(3);
}

static double now_us(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void put_token(size_t number)
{
    char text[64];
    int n = snprintf(text, sizeof text, "token-%zu-abcdefghijklmnopqrstuvwxyz", number);
    struct mock_token_grant grant = {
        .client_id = auth_view_from_string("d45049c3-3441-40ef-ab4d-b9cd86a17225"),
        .issued_s = NOW_S,
        .expires_s = NOW_S + 3600,
    };
    check(mock_tokens_put(store, auth_view_bytes(text, (size_t)n), &grant));
    struct mock_store_key key;
    struct auth_view part = auth_view_bytes(text, (size_t)n);
    check(auth_digest_sha256(&part, 1, key.bytes));
    check(store->ops->put_if_absent(store, MOCK_STORE_JTI, &key, auth_view_from_string(""), NOW_S + 300, NOW_S, NULL));
}

static void add_entry(size_t number)
{
    (void)number;
    struct mock_journal_event event = {
        .kind = MOCK_JOURNAL_TOKEN,
        .time_us = (int64_t)NOW_S * 1000000,
        .method = auth_view_from_string("POST"),
        .target = auth_view_from_string("/interconnect-fhir-oauth/oauth2/token"),
        .client_id = auth_view_from_string("d45049c3-3441-40ef-ab4d-b9cd86a17225"),
        .status = 200,
        .is_issued = true,
        .report = &report,
        .jwt_header = auth_view_from_string("{\"alg\":\"RS384\",\"typ\":\"JWT\"}"),
        .jwt_claims =
            auth_view_from_string("{\"iss\":\"d45049c3\",\"sub\":\"d45049c3\",\"jti\":\"1\",\"exp\":1790000300}"),
    };
    (void)mock_journal_append(&journal, &event);
}

static double longest_ms; /* of all that had something beside them */

struct prober {
    void (*work)(size_t number);
    size_t first, count; /* count 0: until is_over */
    clockid_t clock;     /* alone a thread's own time is the truer one */
    double longest_us;
    int64_t pause_us; /* between two; 0: none */
    size_t over, done;
};

static void *probe(void *ctx)
{
    struct prober *prober = ctx;
    prober->work(SIZE_MAX - prober->first); /* a thread's first digest costs a millisecond */
    for (size_t i = 0; prober->count ? i < prober->count : !atomic_load(&is_over); i++) {
        double start = now_us(prober->clock);
        prober->work(prober->first + i);
        double took = now_us(prober->clock) - start;
        prober->longest_us = took > prober->longest_us ? took : prober->longest_us;
        prober->over += took > 1000;
        prober->done++;
        struct timespec pause = {.tv_nsec = (long)prober->pause_us * 1000};
        if (prober->pause_us)
            nanosleep(&pause, NULL);
    }
    return NULL;
}

/* `beside` runs while requests go on; NULL: nothing. */
static void measure(const char *what, struct prober prober, void (*beside)(void))
{
    pthread_t thread;
    atomic_store(&is_over, false);
    prober.clock = beside ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID;
    prober.pause_us = beside ? 10000 : 0; /* a hundred requests a second */
    double start = now_us(CLOCK_MONOTONIC);
    if (pthread_create(&thread, NULL, probe, &prober) != 0)
        exit(3);
    if (beside)
        beside();
    double took = now_us(CLOCK_MONOTONIC) - start;
    atomic_store(&is_over, true);
    pthread_join(thread, NULL);
    printf("%-42s longest %8.3f ms, over 1 ms: %zu of %zu; the work beside: %.1f ms\n", what, prober.longest_us / 1e3,
           prober.over, prober.done, beside ? took / 1e3 : 0.0);
    fflush(stdout);
    if (beside && prober.longest_us / 1e3 > longest_ms)
        longest_ms = prober.longest_us / 1e3;
}

static void sweep_nothing(void)
{
    for (int kind = 0; kind < MOCK_STORE_KINDS; kind++)
        check(store->ops->sweep(store, (enum mock_store_kind)kind, NOW_S - 1));
}

/* One that expires now, so that every entry has to be looked at. */
static void sweep_little(void)
{
    struct mock_store_key key = {{0}};
    for (int kind = 0; kind < MOCK_STORE_KINDS; kind++) {
        check(store->ops->put_if_absent(store, (enum mock_store_kind)kind, &key, auth_view_from_string(""), NOW_S - 1,
                                        NOW_S - 2, NULL));
        check(store->ops->sweep(store, (enum mock_store_kind)kind, NOW_S - 1));
    }
}

static void age(void)
{
    size_t count;
    check(mock_tokens_age(store, auth_view_from_string(""), 1, &count));
}

static void sweep_all(void)
{
    for (int kind = 0; kind < MOCK_STORE_KINDS; kind++)
        check(store->ops->sweep(store, (enum mock_store_kind)kind, NOW_S + 7200));
}

static void list_journal(void)
{
    struct mock_journal_filter filter = {.kind = -1, .limit = MOCK_JOURNAL_SIZE};
    for (int i = 0; i < JOURNAL_LISTINGS; i++) {
        struct auth_buf out;
        struct auth_json_writer w;
        auth_buf_init(&out, 1 << 26);
        auth_json_writer_init(&w, &out, AUTH_JSON_COMPACT);
        (void)mock_journal_write(&journal, &filter, &w, NULL);
        check(auth_buf_check(&out, NULL));
        auth_buf_clear(&out);
    }
}

static void fill_report(void)
{
    struct auth_rules_input input = {.profile = auth_profile_named("epic"), .now_s = NOW_S};
    struct auth_jwt jwt;
    struct auth_client_facts client = {0};
    check(auth_jwt_read(auth_view_from_string("eyJhbGciOiJSUzM4NCJ9.eyJpc3MiOiJhIn0.AAAA"), &jwt));
    input.jwt = &jwt;
    input.client = &client;
    check(auth_rules_check(&input, &report));
    auth_jwt_clear(&jwt);
}

int main(int argc, char **argv)
{
    tokens = argc > 1 ? (size_t)strtoul(argv[1], NULL, 10) : 1000000;
    check(mock_store_memory_new(&store));
    check(mock_journal_init(&journal, MOCK_JOURNAL_SIZE));
    fill_report();
    measure("issue them", (struct prober){.work = put_token, .count = tokens}, NULL);
    printf("%zu bytes a token with its jti\n",
           (store->ops->bytes(store, MOCK_STORE_TOKEN) + store->ops->bytes(store, MOCK_STORE_JTI)) / tokens);
    measure("issue during a sweep with nothing to free", (struct prober){.work = put_token, .first = tokens},
            sweep_nothing);
    measure("issue during a sweep that frees little", (struct prober){.work = put_token, .first = tokens * 2},
            sweep_little);
    measure("issue while all tokens are aged", (struct prober){.work = put_token, .first = tokens * 3}, age);
    measure("issue during a sweep that frees all", (struct prober){.work = put_token, .first = tokens * 4}, sweep_all);
    for (size_t i = 0; i < MOCK_JOURNAL_SIZE; i++)
        add_entry(i);
    measure("journal while it is listed", (struct prober){.work = add_entry}, list_journal);
    printf("{\"longest_ms\":%.3f}\n", longest_ms);
    mock_journal_clear(&journal);
    mock_store_free(store);
    return 0;
}
