/* Tokens that look like JWTs, padded to their size. */
#include "mock_epic/oauth/token_format.h"

#include "auth/core/json.h"
#include "auth/jose/jws.h"
#include "mock_epic/state/opaque_token.h"

static void write_claims(struct auth_view issuer, const struct mock_token_grant *grant, struct auth_view jti,
                         struct auth_view padding, struct auth_buf *out)
{
    struct auth_json_writer w;
    auth_json_writer_init(&w, out, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member(&w, "iss", issuer);
    auth_json_write_member(&w, "aud", issuer);
    auth_json_write_member(&w, "sub", grant->client_id);
    auth_json_write_member(&w, "client_id", grant->client_id);
    auth_json_write_member_int(&w, "iat", grant->issued_s);
    auth_json_write_member_int(&w, "nbf", grant->issued_s);
    auth_json_write_member_int(&w, "exp", grant->expires_s);
    auth_json_write_member(&w, "jti", jti);
    auth_json_write_member(&w, "mock.padding", padding);
    auth_json_write_end_object(&w);
}

/* Padding makes up for whatever the other claims lack of Epic's size; which claims fill it there is unknown. */
static enum auth_rc make_jwt(struct mock_random *source, const struct auth_key *key, struct auth_view issuer,
                             const struct mock_token_grant *grant, struct auth_buf *out)
{
    static const char header[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}", filler[] = "................................";
    const size_t signature_n = (auth_key_bits(key) / 8 * 4 + 2) / 3, header_n = (sizeof header - 1) * 4 / 3 + 1;
    const size_t claims_n = (MOCK_TOKEN_JWT_N - signature_n - header_n - 2) * 3 / 4;
    struct auth_buf jti, claims, padding;
    auth_buf_init_secret(&jti, 64);
    auth_buf_init_secret(&claims, 2048);
    auth_buf_init(&padding, MOCK_TOKEN_JWT_N);
    enum auth_rc rc = mock_opaque_token_make(source, &jti);
    if (rc == AUTH_OK) {
        write_claims(issuer, grant, auth_buf_view(&jti), auth_view_from_string(""), &claims);
        for (size_t n = claims.n; n < claims_n; n += sizeof filler - 1)
            auth_buf_add(&padding, filler, claims_n - n < sizeof filler - 1 ? claims_n - n : sizeof filler - 1);
        auth_buf_reset(&claims);
        write_claims(issuer, grant, auth_buf_view(&jti), auth_buf_view(&padding), &claims);
        rc = auth_buf_check(&claims, NULL);
    }
    if (rc == AUTH_OK)
        rc = auth_jws_write(key, AUTH_RS256, auth_view_from_string(header), auth_buf_view(&claims), out, NULL);
    auth_buf_clear(&padding);
    auth_buf_clear(&claims);
    auth_buf_clear(&jti);
    return rc;
}

enum auth_rc mock_token_format_make(struct mock_random *source, const struct auth_key *jwt_key, struct auth_view issuer,
                                    const struct mock_token_grant *grant, struct auth_buf *out)
{
    return jwt_key ? make_jwt(source, jwt_key, issuer, grant, out) : mock_opaque_token_make(source, out);
}
