/* A judge in whose world one thing at a time is changed: an app "c" with one key, an audience, sound claims. Signatures are
 * not valid here. */
#ifndef AUTH_RULES_TESTS_SUPPORT_H
#define AUTH_RULES_TESTS_SUPPORT_H

#include "auth/rules/rules.h"

enum { NOW_S = 1790000000 };

#define LONG_CLIENT_ID "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
#define URL "http://127.0.0.1:8423/p/oauth2/token"

/* Facts that differ from: an app "c" with one certificate, bare JWT, audience URL. */
enum fact {
    UNKNOWN_CLIENT = 2,
    NO_AUDIENCE = 4,
    URL_KEYS = 8,      /* a JWK Set URL, with both keys of ab.jwks.json */
    STATIC_KEYS = 16,  /* the same set uploaded */
    SAME_KID = 32,     /* with STATIC_KEYS: dup_kid.jwks.json */
    NINE_KEYS = 64,    /* one key nine times */
    TEN_KEYS = 65536,  /* one key, and another nine times */
    NOT_SIGNING = 128, /* the key is for encryption */
    ES_ENTRY = 256,    /* the key's entry says ES384 */
    NO_SOURCE = 512,
    NO_KEYS = 1024,
    EMPTY_KEYS = 2048,
    NO_BACKGROUND = 4096,
    PRODUCTION = 8192, /* the app's id */
    PRODUCTION_SERVER = 262144,
    RS_ENTRY = 16384,    /* the key's entry says RS384 */
    NO_ENTRY = 32768,    /* the first entry of the set is of no use */
    HAD_KEYS = 131072,   /* before it changed, the set had keys of which one, and an unusable one, were "gone" */
    NOT_SYNCED = 524288, /* usable a second from now */
    EC_KEYS = 1048576,   /* p256_a.jwks.json in place of the others */
    SINGLE = 8388608,    /* the set was one JWK */
    ONE_KEY = 2097152,   /* of the set the first alone */
    EC_SECOND = 4194304, /* the second is an EC key */
    LONG_ID = 16777216,  /* the client id is LONG_CLIENT_ID */
};

struct row {
    const char *rule;
    enum auth_result result;
    enum auth_cause cause; /* the likeliest, then the others */
    unsigned facts;
    enum auth_cause or_else, third;
    int64_t ahead_s;                                         /* of the clock, of real time */
    enum auth_cause clock;                                   /* what to say of that */
    const char *settings;                                    /* "name=value name=value" */
    const char *header;                                      /* JSON; NULL: RS384 */
    const char *claims;                                      /* JSON; NULL: sound ones */
    const char *audience;                                    /* NULL: URL */
    const char *compact;                                     /* instead of header and claims */
    size_t signature_n;                                      /* bytes of the signature (3) */
    bool has_der;                                            /* it looks like an EC signature in DER */
    const char *content_type, *body, *query, *authorization; /* body NULL: bare JWT */
    const char *host, *posted;                               /* Host; the URL of a captured request */
    const char *near_id;                                     /* of an unknown client */
};

/* Claims with one of them as given. */
#define CLAIMS(iss, aud, times) "{\"iss\":" iss ",\"sub\":\"c\",\"jti\":\"j\"" aud times "}"
#define AUD(json) .claims = CLAIMS("\"c\"", ",\"aud\":" json, ",\"exp\":1790000200")
#define ISS(json) .claims = CLAIMS(json, ",\"aud\":\"" URL "\"", ",\"exp\":1790000200")
#define TIMES(json) .claims = CLAIMS("\"c\"", ",\"aud\":\"" URL "\"", json)
#define JTI(text) .claims = "{\"iss\":\"c\",\"sub\":\"c\",\"jti\":\"" text "\"}"
#define HEADER(json) .header = "{" json "}"
#define MOVED(seconds) .ahead_s = seconds, .clock = AUTH_CAUSE_CLOCK_MOVED
#define CHOSEN(seconds) .ahead_s = seconds, .clock = AUTH_CAUSE_CLOCK_CHOSEN
#define FORM "application/x-www-form-urlencoded"
#define BODY(text) .content_type = FORM, .body = text
#define SCOPE(text) BODY("client_assertion=x&scope=" text)

/* ---- a judge with everything that rows may change ---- */

struct bench {
    struct auth_jwk_set cert, both, same_kid, ec;
    struct auth_profile profile;
    struct auth_buf compact;
    struct auth_form form;
    struct auth_jwt jwt;
    struct auth_report report;
};

/* For cmocka: *state is a struct bench. */
int bench_set_up(void **state);
int bench_tear_down(void **state);
/* Judge as the row has it; the report is then in the bench. */
void bench_judge(struct bench *bench, const struct row *row);
/* Judge each row alone; the rule that it names must come out as it says. */
void bench_expect(struct bench *bench, const struct row *rows, size_t count);

#endif
