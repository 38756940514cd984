/* A server whose apps' JWK Sets come from a scripted web, by a clock that tests turn. Every answer of the script is counted,
 * so a fetch too many shows. */
#ifndef MOCK_EPIC_TESTS_SUPPORT_JWKS_H
#define MOCK_EPIC_TESTS_SUPPORT_JWKS_H

#include <pthread.h>

#include "mock_epic/tests/support.h"

#define STAGE_APP_ID "url-app"
enum { DAY_29H_S = 29 * 3600 };

struct web {
    struct auth_http base;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int sent;       /* requests so far */
    bool is_held;   /* answers wait until it is false */
    int64_t now_ms; /* steady clock */
    /* the next answers */
    enum auth_rc rc;
    int status;
    const char *fixture; /* body: a file of fixtures/keys */
    const char *body;    /* or this */
    const char *headers; /* lower-case lines */
};

struct stage {
    struct support support;
    struct web web;
    struct auth_env env;
};

struct stage *stage_new(const char *profile);
/* For cmocka: *state is a stage of profile epic. */
int stage_set_up(void **state);
int stage_tear_down(void **state);
/* Move the server's clock. */
void stage_advance(struct stage *stage, int64_t seconds);

/* What the next requests are answered. Texts are borrowed. */
void web_serve(struct web *web, const char *fixture, const char *headers);
void web_answer(struct web *web, int status, const char *body, const char *headers);
void web_fail(struct web *web, enum auth_rc rc);
/* Requests so far. */
int web_sent(struct web *web);

/* A token request signed by `key` with that kid ("" sends none). Its answer's status; *decision names the entry. */
int ask(struct stage *stage, const char *key, const char *kid, char decision[32]);
/* By a key that the set served first holds. */
int ask_a(struct stage *stage);
/* The answer to GET holds that part. */
void expect_in(struct stage *stage, const char *target, const char *part);
/* The request fails, and its journal entry says so in these words. */
void expect_refused(struct stage *stage, const char *key, const char *kid, const char *words);

#endif
