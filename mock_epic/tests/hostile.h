/* Token requests, honest or broken in any number of ways, and the apps that they come from. What is broken is said by
 * numbers, so that a test can try one after the other, or draw them. */
#ifndef MOCK_EPIC_TESTS_HOSTILE_H
#define MOCK_EPIC_TESTS_HOSTILE_H

#include "auth/rules/rules.h"
#include "mock_epic/tests/forge.h"
#include "mock_epic/tests/support.h"

#define HOSTILE_AUD "http://127.0.0.1:8423" SUPPORT_TOKEN_PATH

/* ---- who asks ---- */

struct hostile_app {
    const char *client_id, *key, *other_key; /* the fixtures that sign for it; other_key may be NULL */
    const char *alg, *kid;
    enum auth_key_source source;
    const char *file;   /* of fixtures/keys; of a JWK Set URL what it serves, NULL: it is dead */
    const char *scopes; /* JSON; NULL: all */
    int64_t synced_after_s;
    bool is_production, has_no_user, is_nobody;
};
enum {
    HOSTILE_SET,
    HOSTILE_CERT,
    HOSTILE_TWINS,
    HOSTILE_URL,
    HOSTILE_URL_256,
    HOSTILE_URL_384,
    HOSTILE_URL_WEAK,
    HOSTILE_URL_DEAD,
    HOSTILE_LATE,
    HOSTILE_PRODUCTION,
    HOSTILE_NO_USER,
    HOSTILE_NOBODY,
    HOSTILE_APPS
};
extern const struct hostile_app hostile_apps[HOSTILE_APPS];
/* Its JWK Set URL. */
void hostile_url(const struct hostile_app *app, char url[128]);

/* ---- what is sent ---- */

enum hostile_form {
    HOSTILE_USUAL,
    HOSTILE_GET,
    HOSTILE_QUERY,
    HOSTILE_JSON_TYPE,
    HOSTILE_NO_TYPE,
    HOSTILE_CHARSET,
    HOSTILE_EMPTY,
    HOSTILE_JSON,
    HOSTILE_ESCAPE_FIRST,
    HOSTILE_ESCAPE_LAST,
    HOSTILE_MANY,
    HOSTILE_NO_ASSERTION,
    HOSTILE_EMPTY_ASSERTION,
    HOSTILE_ASSERTION_TWICE,
    HOSTILE_MISSPELT,
    HOSTILE_NO_GRANT,
    HOSTILE_OTHER_GRANT,
    HOSTILE_NO_TYPE_PARAMETER,
    HOSTILE_OTHER_TYPE_PARAMETER,
    HOSTILE_BASIC,
    HOSTILE_SECRET,
    HOSTILE_CLIENT_ID,
    HOSTILE_SCOPE,
    HOSTILE_SCOPE_PARTLY,
    HOSTILE_SCOPE_OUT,
    HOSTILE_SCOPE_BAD,
    HOSTILE_SCOPE_LONG,
    HOSTILE_SCOPE_MANY,
    HOSTILE_FORMS
};

/* What one request is made of; 0 is sound everywhere. */
struct hostile {
    unsigned app, header, claim, payload;
    unsigned form;      /* enum hostile_form */
    unsigned signature; /* enum forge_signature */
    bool is_by_stranger, is_header_padded;
};

/* The parts with more than two ways to be, by number. */
enum { HOSTILE_PARTS = 6 };
unsigned hostile_ways(unsigned part);
unsigned *hostile_part(struct hostile *what, unsigned part);
/* The header, claim or payload of that number, to say what was sent; and whether the claims name the app. */
void hostile_describe(const struct hostile *what, struct auth_buf *out);
bool hostile_names_its_app(const struct hostile *what);

/* ---- the request ---- */

struct hostile_request {
    struct auth_buf body, jwt, query, authorization;
    const char *content_type, *method;
};
void hostile_request_init(struct hostile_request *request);
void hostile_request_clear(struct hostile_request *request);
/* Write it anew; key signs. The jti is always the same, unless that is what is broken. */
void hostile_write(struct hostile_request *request, const struct hostile *what, EVP_PKEY *key);

/* ---- the world: a server with these apps, and the web that their JWK Set URLs lead to ---- */

struct hostile_world {
    struct support support;
    struct auth_http web;
    struct auth_jwk_set sets[HOSTILE_APPS]; /* what is registered; empty where nothing is served */
    EVP_PKEY *keys[HOSTILE_APPS][2];        /* [0] signs */
    size_t key_counts[HOSTILE_APPS];
    EVP_PKEY *stranger;
    uint64_t decision; /* of the last answer: its entry in the journal */
};
void hostile_world_init(struct hostile_world *world);
void hostile_world_clear(struct hostile_world *world);
/* Its answer is appended; returns the status. */
int hostile_send(struct hostile_world *world, const struct hostile_request *request, struct auth_buf *answer);

#endif
