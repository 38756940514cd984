/* A client with nothing real around it: answers from a script, clocks that the test moves, sleeps that are only noted. */
#ifndef AUTH_CLIENT_TESTS_SUPPORT_H
#define AUTH_CLIENT_TESTS_SUPPORT_H

#include "auth/client/answer.h"
#include "auth/client/assertion.h"
#include "auth/client/client.h"
#include "auth/client/fhir.h"
#include "auth/client/retry.h"
#include "auth/client/token.h"

#define TOKEN_URL "https://epic.example/oauth2/token"
#define BASE "https://epic.example/api/FHIR/R4"
#define TOKEN(text, life) "{\"access_token\":\"" text "\",\"token_type\":\"Bearer\",\"expires_in\":" life "}"
#define PATIENT "{\"resourceType\":\"Patient\",\"id\":\"p\",\"x\":1.0}"
#define OUTCOME(code)                                                                                                  \
    "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"error\",\"code\":\"" code "\"}]}"
#define REFUSAL "{\"error\":\"invalid_client\",\"error_description\":null}"

/* The usual part of a step: {GIVES(TOKEN_URL, 200, TOKEN("t", "3600")), .takes_ms = 10} */
#define GIVES(url_, status_, body_) .url = (url_), .status = (status_), .body = (body_)

/* One request that must come, and its answer. */
struct step {
    const char *url;
    int status;
    const char *body, *header; /* header: "name: value\n" lines */
    enum auth_rc rc;           /* not AUTH_OK: the network fails so */
    int64_t date_s;            /* Date of the answer */
    int64_t takes_ms;          /* time that passes meanwhile */
};

enum { SCRIPT_KEPT = 16 };

struct script {
    struct auth_http http;
    struct auth_env env;
    const struct step *steps;
    size_t count, at;
    char bearer[SCRIPT_KEPT][64]; /* the Authorization header of each request, or "" */
    char form[SCRIPT_KEPT][4096]; /* its body */
    int64_t timeout_ms[SCRIPT_KEPT];
    _Atomic int64_t steady_ms, wall_s; /* the clocks */
    unsigned char jitter;              /* what single random bytes are */
    int64_t slept_ms;                  /* sum of all pauses, which move the clocks as well */
    int sleeps;
    char events[4096]; /* lines of on_event */
};

/* A handle that plays the script. more: settings beyond the usual ones, may be NULL. */
struct epic_auth *script_start(struct script *script, const struct step *steps, size_t count,
                               const struct epic_auth_options *more);
#define START(script, steps) script_start(script, steps, sizeof(steps) / sizeof *(steps), NULL)
/* Both clocks. */
void script_pass(struct script *script, int64_t ms);
/* Ask for a token; the text is kept for comparing until the next call ("" when there was none). */
enum epic_auth_rc script_token(struct epic_auth *auth, const char **text, struct epic_auth_error *error);
/* Like it, and demand this token. */
void expect_token(struct epic_auth *auth, const char *text);
/* The claims (or header, part 0) of the assertion in a form, as JSON text. */
void script_jwt_part(const char *form, int part, struct auth_buf *json);

#endif
