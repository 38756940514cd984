/* Inside auth/client: the handle and the rooms behind the public functions of auth/auth.h.
 *
 * assertion.c signs, token.c asks the token endpoint, cache.c decides when, fhir.c reads, search.c pages, answer.c says what
 * it was that came, retry.c how long to go on, error.c explains. Tests replace the clocks (env) and the network (http). */
#ifndef AUTH_CLIENT_CLIENT_H
#define AUTH_CLIENT_CLIENT_H

#include <stdatomic.h>

#include "auth/client/cache.h"
#include "auth/client/config.h"
#include "auth/client/error.h"
#include "auth/jose/jws.h"
#include "auth/net/http.h"

struct epic_auth {
    struct auth_config config;
    struct auth_key *key;
    enum auth_alg alg;
    const char *key_id; /* NULL: none is sent */
    struct auth_http *http;
    const struct auth_env *env;
    struct auth_secrets *secrets; /* key, assertions and tokens: kept out of every text for people */
    int64_t timeout_ms;           /* one request */
    int64_t call_timeout_ms;      /* one call: its requests, pauses and waiting */
    bool has_worked;              /* the key was accepted once; touched by the thread that flies */
    _Atomic int64_t offset_s;     /* server's clock minus ours, once assertions had to be corrected by it */
    char *fhir_base;              /* without trailing slash; NULL: not configured */
    atomic_bool has_told_base;    /* whose URL it is */
    void (*on_event)(void *ctx, const char *line);
    void (*on_warning)(void *ctx, const char *line);
    void *event_ctx;
    struct auth_cache cache;
};

/* Make a handle from parts: tests give http and env, NULL means the real ones. Takes http in every case. */
enum epic_auth_rc auth_client_new(const struct epic_auth_options *given, struct auth_http *http,
                                  const struct auth_env *env, struct epic_auth **out, struct epic_auth_error *error);

enum { AUTH_ASSERTION_BACKDATE_S = 10 };
/* Append a new signed assertion: own jti, exp = now + 240 s, iat = now - 10 s, with `now` moved by offset_s. */
AUTH_MUST_CHECK enum auth_rc auth_assertion_make(const struct epic_auth *auth, int64_t offset_s, struct auth_buf *out,
                                                 struct auth_err *err);

/* Ask the token endpoint, with a new assertion for each attempt. What may pass is tried `attempts` times; a refusal is
 * answered once in each attempt by another assertion, when our clock is seen to be wrong or when this key was accepted
 * before (Epic was seen to refuse good ones, O).
 * in   deadline_ms  steady clock: nothing is begun after it
 * note called by one thread at a time (single flight) */
enum epic_auth_rc auth_token_request(struct epic_auth *auth, int attempts, int64_t deadline_ms,
                                     struct auth_token *token, struct epic_auth_error *error);
/* Read a 200 answer that is JSON. Whole or nothing. rc AUTH_E_PROTOCOL, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_token_parse(struct auth_view body, struct auth_token *token, struct auth_err *err);

/* ---- answer.c ---- */

/* What a body is, whatever its headers call it. */
enum auth_answer_kind {
    AUTH_ANSWER_JSON,
    AUTH_ANSWER_EMPTY,
    AUTH_ANSWER_CUT, /* JSON that ends too early */
    AUTH_ANSWER_WEB_PAGE,
    AUTH_ANSWER_XML,
    AUTH_ANSWER_COMPRESSED,
    AUTH_ANSWER_MARKED, /* behind a byte order mark */
    AUTH_ANSWER_NUL,
    AUTH_ANSWER_OTHER
};
struct auth_answer {
    enum auth_answer_kind kind;
    struct auth_view resource_type; /* of a JSON object that has one, without quotation marks; borrowed from the body */
};
/* Behind the description of a 429 or 5xx, whatever its body is: a gateway's web page says nothing about our settings. */
#define AUTH_ANSWER_BUSY "; it, or what stands before it, is busy or down: try again later"
/* rc  AUTH_OK, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_answer_look(const struct auth_http_response *response, struct auth_answer *answer);
/* Append "URL answered HTTP 404 with a web page (text/html, 512 bytes)", and where a redirect points to. */
void auth_answer_describe(struct auth_buf *out, const char *url, const struct auth_http_response *response,
                          const struct auth_answer *answer);
/* Append a URL for people: without its query, which may name a patient, and cut to what a line can hold. */
void auth_answer_show_url(struct auth_buf *out, const char *url);
/* The string that a raw JSON value is, without its quotation marks and escapes as written; empty when it is none. */
struct auth_view auth_answer_raw_string(struct auth_view value);

/* ---- fhir.c, search.c ---- */

/* GET a URL of the FHIR origin with a token, renewing it once after a 401, retrying what may pass. Only JSON is given out.
 * in   type  the resourceType that must come; NULL: any JSON but an OperationOutcome
 * out  body  init by this call; a secret buffer (patient data) */
enum epic_auth_rc auth_fhir_send(struct epic_auth *auth, const char *url, const char *type, struct auth_buf *body,
                                 struct epic_auth_error *error);
/* rc  EPIC_AUTH_OK; EPIC_AUTH_E_CONFIG: no FHIR base URL */
enum epic_auth_rc auth_fhir_need_base(const struct epic_auth *auth, struct epic_auth_error *error);
/* A resource type is letters: nothing in it can lead out of the FHIR base. */
bool auth_fhir_is_type(const char *type);
/* What a caller may give for one URL, all together, and what a server may name as the next one. */
enum { AUTH_FHIR_ARGUMENT_MAX = 64 * 1024, AUTH_FHIR_URL_MAX = 64 * 1024, AUTH_FHIR_URL_ROOM = 1024 * 1024 };
/* EPIC_AUTH_E_ARGUMENT: more than that. */
enum epic_auth_rc auth_fhir_too_long(const struct epic_auth *auth, struct epic_auth_error *error);

/* ---- retry.c ---- */

/* May the same request succeed a moment later? */
bool auth_client_is_transient(enum auth_rc rc, int status);
/* What one attempt told besides its result. */
struct auth_attempt {
    bool is_transient, is_timeout;
    bool is_refusal; /* the token endpoint: 400 or 401, of the assertion most likely; FHIR: of the token */
    int64_t retry_after_s;
};
/* Wait before try number `count` + 1: as long as Retry-After says, else 0.2 s doubling, with jitter. False, without
 * waiting, when there would be no time left for it; what a Retry-After asked for is then added to the error. */
bool auth_client_pause(const struct epic_auth *auth, int count, const struct auth_attempt *attempt, int64_t deadline_ms,
                       struct epic_auth_error *error);
/* What of the request's timeout the deadline leaves, at least 1 ms. */
int64_t auth_client_timeout_ms(const struct epic_auth *auth, int64_t deadline_ms);
/* Seconds of a Retry-After header (a number, also one with a fraction or of any size, or an HTTP date); 0 when absent,
 * negative, past or unreadable. */
int64_t auth_client_retry_after(const struct epic_auth *auth, const struct auth_http_response *response);

#endif
