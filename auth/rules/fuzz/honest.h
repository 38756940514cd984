/* The assertions of fixtures/jwt: the only texts that anybody signed. Whatever else verifies is a forgery.
 *
 * They are made by the openssl command line, so a fuzz target that compares with them trusts no code of ours. */
#ifndef AUTH_RULES_FUZZ_HONEST_H
#define AUTH_RULES_FUZZ_HONEST_H

#include "auth/jose/jwk_set.h"

#define HONEST_CLIENT_ID "d45049c3-3441-40ef-ab4d-b9cd86a17225"
#define HONEST_TOKEN_URL "http://127.0.0.1:8423/interconnect-fhir-oauth/oauth2/token"
enum { HONEST_NOW_S = 1790000000 };

struct honest {
    char *name;    /* "y_plain" */
    char *compact; /* header.payload.signature */
    char *jti;     /* "" when it has none */
    bool is_bad;   /* in profile epic something about the assertion itself is wrong, whoever asks */
};

/* All of them; read once, kept for the life of the process. */
const struct honest *honest_all(size_t *count);
/* The one with exactly this compact form, or NULL. */
const struct honest *honest_find(struct auth_view compact);
/* Did the holder of some key of fixtures/keys sign this header.payload? */
bool honest_signed(struct auth_view signing_input);
/* Read a file of fixtures/. out: init by this call; caller clears. */
void honest_read(const char *path, struct auth_buf *out);

#endif
