/* Inside auth/client: what a handle is made of, behind the public functions of auth/auth.h.
 *
 * A refresh goes through five files: client.c (epic_auth_access_token) -> cache.c (is a new one needed, and who asks?) ->
 * shared_token.c (has another process one?) -> token.c (ask, and read the answer) -> assertion.c (sign). A read goes
 * through fhir.c, a search through search.c on top of it; answer.c names what came, error.c tells it. */
#ifndef AUTH_CLIENT_HANDLE_H
#define AUTH_CLIENT_HANDLE_H

#include <stdatomic.h>

#include "auth/client/cache.h"
#include "auth/client/config.h"
#include "auth/client/error.h"
#include "auth/client/key_source.h"
#include "auth/jose/jws.h"
#include "auth/net/http.h"

struct epic_auth {
    struct auth_config config;
    struct auth_key_source key_source;
    const struct auth_key *key; /* its key */
    enum auth_alg alg;
    const char *key_id; /* NULL: none is sent */
    struct auth_http *http;
    const struct auth_env *env;
    struct auth_voice voice;
    int64_t timeout_ms;        /* one request */
    int64_t call_timeout_ms;   /* one call: its requests, pauses and waiting */
    int64_t transfer_ms;       /* one answer that keeps coming; 0: no longer than timeout_ms */
    bool has_worked;           /* the key was accepted once; touched by the thread that asks for a token */
    _Atomic int64_t offset_s;  /* server's clock minus ours, once assertions had to be corrected by it */
    char *fhir_base;           /* without trailing slash; NULL: not configured */
    atomic_bool has_told_base; /* whose URL it is */
    atomic_bool skips_store;   /* the next token comes from the endpoint, whatever the file of tokens holds */
    char *last_token;          /* that the file or the endpoint gave; touched by the thread that asks for one */
    struct auth_cache cache;
};

#endif
