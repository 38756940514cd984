/* A JWT taken apart: split, decoded, parsed, each as far as it goes. */
#include "auth/rules/jwt.h"

#include <string.h>

static enum auth_rc decode(struct auth_jwt_part *part, struct auth_view text)
{
    part->text = text;
    enum auth_rc rc = auth_b64u_decode(text, &part->bytes, NULL);
    if (rc != AUTH_E_SYNTAX)
        return rc;
    part->defect = auth_b64u_check(text);
    return AUTH_OK;
}

/* Parse one part that must be a JSON object. Only memory trouble is an error of ours. */
static enum auth_rc parse(const struct auth_jwt_part *part, struct auth_json **json, enum auth_rc *json_rc,
                          struct auth_err *err)
{
    if (part->defect != AUTH_B64U_OK)
        return AUTH_OK; /* not reached */
    *json_rc = auth_json_parse(auth_buf_view(&part->bytes), json, err);
    if (*json_rc == AUTH_E_NOMEM) // GCOVR_EXCL_BR_LINE: only when out of memory
        return AUTH_E_NOMEM;      // GCOVR_EXCL_LINE
    if (*json_rc == AUTH_OK && auth_json_type(auth_json_root(*json)) != AUTH_JSON_OBJECT) {
        *json_rc = auth_err_set(err, AUTH_E_SYNTAX, "JSON: %s instead of an object",
                                auth_json_type_text(auth_json_type(auth_json_root(*json))));
        auth_json_free(*json);
        *json = NULL;
    }
    return AUTH_OK;
}

enum auth_rc auth_jwt_read(struct auth_view compact, struct auth_jwt *jwt)
{
    memset(jwt, 0, sizeof *jwt);
    jwt->compact = compact;
    jwt->header_rc = jwt->payload_rc = AUTH_E_INTERNAL;
    auth_buf_init(&jwt->header.bytes, AUTH_JWT_MAX_N);
    auth_buf_init(&jwt->payload.bytes, AUTH_JWT_MAX_N);
    auth_buf_init(&jwt->signature.bytes, AUTH_JWT_MAX_N);
    if (compact.n > AUTH_JWT_MAX_N)
        jwt->split_rc = auth_err_set(&jwt->split_err, AUTH_E_TOO_BIG, "%zu bytes", compact.n);
    else
        jwt->split_rc = auth_jws_split(compact, &jwt->jws, &jwt->split_err);
    if (jwt->split_rc != AUTH_OK)
        return AUTH_OK;

    /* GCOVR_EXCL_BR_START: rc is not AUTH_OK only when out of memory */
    enum auth_rc rc = decode(&jwt->header, jwt->jws.header);
    if (rc == AUTH_OK)
        rc = decode(&jwt->payload, jwt->jws.payload);
    if (rc == AUTH_OK)
        rc = decode(&jwt->signature, jwt->jws.signature);
    if (rc == AUTH_OK)
        rc = parse(&jwt->header, &jwt->header_json, &jwt->header_rc, &jwt->header_err);
    if (rc == AUTH_OK)
        rc = parse(&jwt->payload, &jwt->payload_json, &jwt->payload_rc, &jwt->payload_err);
    /* GCOVR_EXCL_BR_STOP */
    return rc;
}

void auth_jwt_clear(struct auth_jwt *jwt)
{
    auth_json_free(jwt->header_json);
    auth_json_free(jwt->payload_json);
    auth_buf_clear(&jwt->header.bytes);
    auth_buf_clear(&jwt->payload.bytes);
    auth_buf_clear(&jwt->signature.bytes);
    memset(jwt, 0, sizeof *jwt);
}

const struct auth_json_node *auth_jwt_header(const struct auth_jwt *jwt, const char *name)
{
    return auth_json_member(auth_json_root(jwt->header_json), name);
}

const struct auth_json_node *auth_jwt_claim(const struct auth_jwt *jwt, const char *name)
{
    return auth_json_member(auth_json_root(jwt->payload_json), name);
}

struct auth_view auth_jwt_claim_view(const struct auth_jwt *jwt, const char *name)
{
    return auth_json_string(auth_jwt_claim(jwt, name));
}
