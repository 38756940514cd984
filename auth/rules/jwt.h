/* A client assertion taken apart for judging, as far as it can be taken apart.
 *
 * Reading never stops at the first defect: each stage that works is kept, each that does not leaves its reason, and
 * auth/rules/rules.h turns the reasons into verdicts. Nothing here is verified yet: auth_jwt_claim_view() answers what
 * the sender claims. */
#ifndef AUTH_RULES_JWT_H
#define AUTH_RULES_JWT_H

#include "auth/core/b64u.h"
#include "auth/core/json.h"
#include "auth/jose/jws.h"

enum { AUTH_JWT_MAX_N = 16384 };

struct auth_jwt_part {
    struct auth_view text; /* base64url as received; borrowed from the compact form */
    enum auth_b64u_defect defect;
    struct auth_buf bytes; /* decoded; empty when there is a defect */
};

struct auth_jwt {
    struct auth_view compact; /* borrowed: must outlive this struct */
    enum auth_rc split_rc;    /* AUTH_OK, AUTH_E_SYNTAX (parts), AUTH_E_TOO_BIG */
    struct auth_err split_err;
    struct auth_jws jws; /* valid when split_rc is AUTH_OK */
    struct auth_jwt_part header, payload, signature;
    enum auth_rc header_rc, payload_rc; /* AUTH_OK, or why the JSON was refused; AUTH_E_INTERNAL when not reached */
    struct auth_err header_err, payload_err;
    struct auth_json *header_json, *payload_json; /* non-NULL when an object was read */
};

/* in   compact  untrusted; borrowed until auth_jwt_clear()
 * out  jwt      init by this call whatever it returns; clear it always
 * rc   AUTH_OK also for garbage (the reasons are in the struct); AUTH_E_NOMEM only */
AUTH_MUST_CHECK enum auth_rc auth_jwt_read(struct auth_view compact, struct auth_jwt *jwt);
void auth_jwt_clear(struct auth_jwt *jwt);

/* Member of the header or payload; NULL when absent or when that part could not be read. */
const struct auth_json_node *auth_jwt_header(const struct auth_jwt *jwt, const char *name);
const struct auth_json_node *auth_jwt_claim(const struct auth_jwt *jwt, const char *name);
/* String value of a claim; the empty view when absent or not a string. */
struct auth_view auth_jwt_claim_view(const struct auth_jwt *jwt, const char *name);

#endif
