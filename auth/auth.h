/* epic-auth: a client for Epic Backend Services (SMART Backend Services, RFC 7523).
 *
 * One handle signs assertions, keeps the access token fresh and reads FHIR R4:
 *
 *     struct epic_auth *auth;
 *     struct epic_auth_error error;
 *     if (epic_auth_new(NULL, &auth, &error) != EPIC_AUTH_OK)      // NULL: environment and .env
 *         return epic_auth_error_print(stderr, &error), 1;
 *     char *patient;
 *     if (epic_auth_fhir_get(auth, "Patient", "erXuFYUfucBZaryVksYEcMg3", &patient, &error) == EPIC_AUTH_OK)
 *         puts(patient);
 *     epic_auth_string_free(patient);
 *     epic_auth_free(auth);
 *
 * Threads: one struct epic_auth may be shared by any number of threads; a struct epic_auth_search belongs to one.
 * Fork: make handles after fork(). No function touches signals, the locale or the terminal.
 * Strings given in are copied; strings given out are NUL-terminated UTF-8 and freed with epic_auth_string_free(),
 * which wipes them. A NULL where something is needed is EPIC_AUTH_E_ARGUMENT, and never followed. After any failure the
 * handle and the search are as they were before the call, and the same call may be made again; out parameters are NULL.
 * Time: a call that asks a server takes call_timeout_ms at most, with all its repetitions, pauses and waiting for other
 * threads; unless that is left to its default, and a FHIR answer keeps coming, at 1000 bytes a second or more: then it may
 * take ten minutes, and what is cut off on its way is not begun again. What may pass (no connection, 429, 5xx) is tried up to three times within it; a server's Retry-After is
 * obeyed when it fits, and else ends the call at once: retry_after_s tells. Not affiliated with Epic. */
#ifndef EPIC_AUTH_H
#define EPIC_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct epic_auth;

/* What went wrong, by what a caller can do about it. */
enum epic_auth_rc {
    EPIC_AUTH_OK,
    EPIC_AUTH_E_CONFIG,    /* a setting or the private key is missing or wrong */
    EPIC_AUTH_E_NETWORK,   /* DNS, TCP, TLS, timeout: nothing reached the server, or no answer came */
    EPIC_AUTH_E_OAUTH,     /* the token endpoint refused: oauth_error, oauth_description */
    EPIC_AUTH_E_DENIED,    /* FHIR 401 with a fresh token, or 403 */
    EPIC_AUTH_E_NOT_FOUND, /* FHIR 404 or 410 with an OperationOutcome; without one it is no FHIR server that answered */
    EPIC_AUTH_E_FHIR,      /* another FHIR error, or an OperationOutcome in place of what was asked for: see issues */
    EPIC_AUTH_E_THROTTLED, /* 429 or 5xx after the retries, of either endpoint */
    EPIC_AUTH_E_PROTOCOL,  /* an answer that is not what the specification allows: a web page, half a JSON text, another
                            * resource, a redirect; the message names URL, status and the setting to look at */
    EPIC_AUTH_E_ORIGIN,    /* the server named a URL of another origin; no token was sent there */
    EPIC_AUTH_E_ARGUMENT,
    EPIC_AUTH_E_NOMEM,
    EPIC_AUTH_E_END /* epic_auth_search_next(): no more */
};

enum { EPIC_AUTH_ISSUES_MAX = 40 };

/* One issue of an OperationOutcome. */
struct epic_auth_issue {
    char severity[16];
    char code[32];
    char coding[16];   /* Epic's number, e.g. "59108" */
    char display[120]; /* what that number stands for, where it says more than the text */
    char text[320];    /* details.text */
    char diagnostics[480];
    char location[96];
    char expression[96]; /* FHIRPath, where it says it otherwise than location */
};

/* Caller-owned detail of a failure. Holds no secret (key, assertions and tokens are replaced also where a server repeats
 * them), and no patient data beyond what the server wrote into its issues and the id in the URL that was asked for. What
 * does not fit ends in "...". May be NULL wherever one is taken. */
struct epic_auth_error {
    enum epic_auth_rc rc;
    int http_status;             /* 0: none */
    char oauth_error[64];        /* "invalid_client" */
    char oauth_description[256]; /* "" when null */
    char message[1024];          /* one line for a person: cause and fix */
    int64_t clock_offset_s;      /* server's Date minus our clock at the last answer; 0 when unknown */
    int64_t retry_after_s;       /* 0: none given */
    size_t issue_count;          /* all issues the server sent, also beyond the array */
    struct epic_auth_issue issues[EPIC_AUTH_ISSUES_MAX];
};

/* Settings. Zero-initialise, set size, fill what you need; NULL and 0 mean: environment, then .env, then default. A size
 * that no version of this struct had, or one of a newer version with members set that this one does not know, is
 * EPIC_AUTH_E_ARGUMENT. */
struct epic_auth_options {
    size_t size;                  /* sizeof(struct epic_auth_options): lets the struct grow */
    const char *client_id;        /* EPIC_BACKEND_CLIENT_ID */
    const char *token_url;        /* EPIC_TOKEN_URL */
    const char *fhir_base_url;    /* EPIC_FHIR_BASE_URL */
    const char *private_key_path; /* EPIC_PRIVATE_KEY_PATH: PEM, or a JWK or JWK Set with private members */
    const char *private_key_pem;  /* EPIC_PRIVATE_KEY_PEM: the key itself, literal "\n" allowed; wins over the path */
    const char *key_id;           /* EPIC_KEY_ID: kid; default the JWK's, else the RFC 7638 thumbprint; "" sends none */
    const char *jku;              /* EPIC_JKU */
    const char *scopes;           /* EPIC_SCOPES: space separated; default none sent (Epic ignores them, E) */
    const char *ca_file;          /* EPIC_CA_FILE */
    const char *env_file;         /* default ".env" in the working directory; "" reads none */
    int64_t timeout_ms;           /* one request; default 30 000; more than a day counts as a day */
    bool allow_plain_http;        /* EPIC_ALLOW_PLAIN_HTTP: http:// to other than loopback, e.g. between containers */
    void (*on_event)(void *ctx, const char *line); /* diagnostics, redacted; by any thread; must not use the handle */
    void *event_ctx;
    int64_t
        call_timeout_ms; /* one call with its retries, pauses and waiting for others; default timeout_ms and a sixth; a day at most */
    /* what a person should know although the call succeeds, e.g. a clock that is wrong; as on_event, which gets it when this
     * is NULL */
    void (*on_warning)(void *ctx, const char *line);
    const char *private_key_passphrase;      /* EPIC_PRIVATE_KEY_PASSPHRASE: of an encrypted key */
    const char *private_key_passphrase_file; /* EPIC_PRIVATE_KEY_PASSPHRASE_FILE: a file whose first line it is */
    /* EPIC_TOKEN_CACHE: a file (mode 0600) that processes of this user share their tokens in; default none */
    const char *token_cache;
};

/* Read and check the settings and the key (a bad key fails here, not at the first request). No network.
 * in   options  may be NULL
 * out  *out     caller frees with epic_auth_free() */
enum epic_auth_rc epic_auth_new(const struct epic_auth_options *options, struct epic_auth **out,
                                struct epic_auth_error *error);
/* No other call with this handle may be under way. NULL is fine. */
void epic_auth_free(struct epic_auth *auth);

/* A token valid now: cached, or requested once however many threads ask (single flight). The counterpart of
 * get_access_token(). Use it soon; do not keep it. It consists of what RFC 6750 allows: letters, digits, - . _ ~ + / and =
 * at its end; a server's other ones are EPIC_AUTH_E_PROTOCOL. A refusal is remembered for some seconds. */
enum epic_auth_rc epic_auth_access_token(struct epic_auth *auth, char **token, struct epic_auth_error *error);
/* The same with what is known of it. min_lifetime_s: a token that lives shorter is renewed first (0: any that is good now);
 * when the server gives none that lives so long, what it gives has to do.
 * out  token  caller frees with epic_auth_token_free() */
struct epic_auth_token {
    char *text;
    char *scope;        /* what was granted, as the server wrote it; NULL: it did not say */
    int64_t lifetime_s; /* from now */
};
enum epic_auth_rc epic_auth_token(struct epic_auth *auth, int64_t min_lifetime_s, struct epic_auth_token *token,
                                  struct epic_auth_error *error);
void epic_auth_token_free(struct epic_auth_token *token); /* wipes and empties it; NULL is fine */
/* Seconds until the cached token expires; -1 when there is none. */
int64_t epic_auth_token_lifetime(struct epic_auth *auth);
/* Forget the cached token, whatever its age: the next call requests a new one, also where a token_cache holds another. */
void epic_auth_token_drop(struct epic_auth *auth);

/* Read one resource as the bytes the server sent: whole JSON in UTF-8 whose resourceType is `type`. The counterpart of
 * get_fhir_resource(type, resource_id). After a 401 the token is renewed and the read repeated once. Up to five redirects
 * within the origin of the FHIR base are followed, as Epic redirects reads of merged patients.
 * in   type  letters
 *      id    one segment of the URL, not escaped */
enum epic_auth_rc epic_auth_fhir_get(struct epic_auth *auth, const char *type, const char *id, char **json,
                                     struct epic_auth_error *error);
/* GET any JSON below the FHIR base, e.g. "metadata" or ".well-known/smart-configuration".
 * in   path  escaped, may have a query; "." and ".." would lead out of the base and are refused */
enum epic_auth_rc epic_auth_fhir_get_path(struct epic_auth *auth, const char *path, char **json,
                                          struct epic_auth_error *error);

struct epic_auth_search;
struct epic_auth_param {
    const char *name, *value; /* not escaped; repeat a name to AND */
};

/* Search. Nothing is sent before the first next().
 * in   params  copied */
enum epic_auth_rc epic_auth_fhir_search(struct epic_auth *auth, const char *type, const struct epic_auth_param *params,
                                        size_t param_count, struct epic_auth_search **out,
                                        struct epic_auth_error *error);
/* The counterpart of get_patient_observations(patient, category): all pages, not only the first. category may be NULL
 * (Epic then refuses with 59108, E). */
enum epic_auth_rc epic_auth_patient_observations(struct epic_auth *auth, const char *patient_id, const char *category,
                                                 struct epic_auth_search **out, struct epic_auth_error *error);
/* Next resource of the answer, as the bytes of the page: a match, or what _include brought along; epic_auth_search_mode()
 * tells. Pages are fetched as needed, each with a token of its own time, and only from the origin of the FHIR base.
 * OperationOutcome entries are not given out: see epic_auth_search_issues().
 * A page's entries are given out before its next link matters: one that leads back to a page already given, or nowhere, is
 * an error after the last of them. So is an entry that is no object in UTF-8, after all others.
 * rc  EPIC_AUTH_E_END after the last, however often it is asked; after a failure the same page is asked for again */
enum epic_auth_rc epic_auth_search_next(struct epic_auth_search *search, char **json, struct epic_auth_error *error);
/* No more than so many pages: behind the last of them is EPIC_AUTH_E_END. 0: all, which is the default. */
void epic_auth_search_limit(struct epic_auth_search *search, size_t pages);
/* Of the resource that epic_auth_search_next() gave last: "match", "include", or "" when there is none; static. */
const char *epic_auth_search_mode(const struct epic_auth_search *search);
/* Issues that came inside successful pages so far; borrowed until the next call with this search. count: may be NULL. */
const struct epic_auth_issue *epic_auth_search_issues(const struct epic_auth_search *search, size_t *count);
/* The raw next page instead of single resources (do not mix with epic_auth_search_next()). rc as there. */
enum epic_auth_rc epic_auth_search_page(struct epic_auth_search *search, char **bundle, struct epic_auth_error *error);
void epic_auth_search_free(struct epic_auth_search *search);

/* A new signed assertion for the token URL, for looking at. Every call has its own jti. It is a credential: handle it
 * like one. */
enum epic_auth_rc epic_auth_assertion(struct epic_auth *auth, char **jwt, struct epic_auth_error *error);

void epic_auth_string_free(char *string);            /* wipes; NULL is fine */
const char *epic_auth_rc_text(enum epic_auth_rc rc); /* static; of any number */
/* The message, OAuth error and all issues as lines for a person. Nothing when either is NULL. */
void epic_auth_error_print(FILE *to, const struct epic_auth_error *error);
const char *epic_auth_version(void);

#ifdef __cplusplus
}
#endif

#endif
