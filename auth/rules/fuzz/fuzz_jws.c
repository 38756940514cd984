/* A client assertion, and the judge.
 *
 * The input is a compact JWS; or, after a first line "sign", a header, a line end and a payload, which the target signs
 * itself so that the checks behind the signature are reached.
 *   - base64url has one spelling: what decodes encodes to the same text
 *   - no signature verifies over bytes that nobody signed
 *   - what the judge lets pass was signed by the client, and meets the numbers of Epic's specification, worked out here
 *   - every report can be written: JSON, and one line per rule */
#include <string.h>

#include "auth/core/b64u.h"
#include "auth/core/fuzz/must.h"
#include "auth/core/text.h"
#include "auth/rules/fuzz/honest.h"
#include "auth/rules/rules.h"

enum { OUT_MAX = 1 << 20 };

static struct auth_key *signer;
static struct auth_jwk_set certificate, every_key;

static void set_up(void)
{
    struct auth_key *key = NULL;
    struct auth_buf pem, cert, set;
    if (signer)
        return;
    honest_read("keys/rsa2048_a.TESTKEY.pem", &pem);
    honest_read("keys/rsa2048_a.cert.pem", &cert);
    honest_read("keys/mixed_all.jwks.json", &set);
    MUST(auth_key_from_private_pem(auth_buf_view(&pem), NULL, &signer, NULL) == AUTH_OK);
    MUST(auth_key_from_cert(auth_buf_view(&cert), &key, NULL) == AUTH_OK);
    MUST(auth_jwk_set_of_key(key, &certificate) == AUTH_OK);
    MUST(auth_jwk_set_parse(auth_buf_view(&set), &every_key, NULL) == AUTH_OK);
    MUST(auth_jwk_set_usable(&every_key) >= 3);
    auth_buf_clear(&pem);
    auth_buf_clear(&cert);
    auth_buf_clear(&set);
}

static void check_b64u(struct auth_view text)
{
    struct auth_buf bytes, again;
    auth_buf_init(&bytes, OUT_MAX);
    auth_buf_init(&again, OUT_MAX);
    enum auth_rc rc = auth_b64u_decode(text, &bytes, NULL);
    MUST((rc == AUTH_OK) == (auth_b64u_check(text) == AUTH_B64U_OK));
    if (rc == AUTH_OK) {
        auth_b64u_encode(&again, bytes.p, bytes.n);
        MUST(auth_view_equals_view(auth_buf_view(&again), text));
    } else {
        MUST(rc == AUTH_E_SYNTAX && bytes.n == 0);
    }
    auth_buf_clear(&bytes);
    auth_buf_clear(&again);
}

/* Of RSA each text has one signature, of EC many. */
static bool is_known(const struct auth_jwt *jwt, const struct auth_key *key)
{
    return auth_key_type(key) == AUTH_KEY_RSA ? honest_find(jwt->compact) != NULL
                                              : honest_signed(jwt->jws.signing_input);
}

static void check_signature(const struct auth_jwt *jwt, bool is_signed_here)
{
    struct auth_view signature = auth_buf_view(&jwt->signature.bytes);
    for (size_t i = 0; i < every_key.count; i++) {
        const struct auth_key *key = every_key.entries[i].key;
        for (int alg = 0; key && alg < AUTH_ALG_COUNT; alg++) {
            enum auth_rc rc = auth_jws_verify(key, (enum auth_alg)alg, jwt->jws.signing_input, signature, NULL);
            MUST(rc == AUTH_OK || rc == AUTH_E_SIGNATURE || rc == AUTH_E_ALG);
            MUST((rc == AUTH_E_ALG) != auth_alg_fits((enum auth_alg)alg, key));
            MUST(rc != AUTH_OK || is_signed_here || is_known(jwt, key));
        }
    }
}

static int64_t number(const struct auth_jwt *jwt, const char *claim)
{
    int64_t value = 0;
    MUST(auth_json_int(auth_jwt_claim(jwt, claim), &value));
    return value;
}

/* Epic's numbers, and who it is, once more (epic profile, no skew). */
static void check_accepted(const struct auth_jwt *jwt)
{
    int64_t exp_s = number(jwt, "exp");
    struct auth_view jti = auth_jwt_claim_view(jwt, "jti");
    MUST(auth_view_equals(auth_jwt_claim_view(jwt, "iss"), HONEST_CLIENT_ID));
    MUST(auth_view_equals(auth_jwt_claim_view(jwt, "sub"), HONEST_CLIENT_ID));
    MUST(exp_s > HONEST_NOW_S && exp_s <= HONEST_NOW_S + 300);
    MUST(jti.n > 0 && auth_text_length(jti) <= 151);
    static const char *const times[] = {"iat", "nbf"};
    for (size_t i = 0; i < 2; i++) {
        if (auth_jwt_claim(jwt, times[i]))
            MUST(number(jwt, times[i]) <= HONEST_NOW_S && number(jwt, times[i]) >= exp_s - 300);
    }
    static const char *const refused[] = {"crit", "b64", "zip", "enc", "jku"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        MUST(!auth_jwt_header(jwt, refused[i]));
    struct auth_view alg = auth_json_string(auth_jwt_header(jwt, "alg"));
    MUST(auth_view_equals(alg, "RS256") || auth_view_equals(alg, "RS384") || auth_view_equals(alg, "RS512"));
}

static void check_report(const struct auth_report *report)
{
    struct auth_buf text;
    struct auth_json_writer w;
    auth_buf_init(&text, OUT_MAX);
    auth_json_writer_init(&w, &text, AUTH_JSON_COMPACT);
    auth_rules_write(report, &w);
    MUST(auth_buf_ok(&text) && auth_json_check(auth_buf_view(&text), NULL) == AUTH_OK);
    for (int rule = 0; rule < AUTH_RULE_COUNT; rule++) {
        MUST(report->verdicts[rule].result <= AUTH_BLOCKED);
        auth_buf_reset(&text);
        auth_rules_summary(report, (enum auth_rule)rule, &text);
        MUST(auth_buf_ok(&text) && auth_text_is_utf8(auth_buf_view(&text)));
        for (size_t i = 0; i < text.n; i++)
            MUST((unsigned char)text.p[i] >= 0x20 && text.p[i] != 0x7f);
    }
    auth_buf_clear(&text);
}

static void judge(const struct auth_jwt *jwt, const char *profile, const struct auth_jwk_set *keys,
                  enum auth_key_source source, bool is_signed_here)
{
    struct auth_report report;
    struct auth_view aud = auth_view_from_string(HONEST_TOKEN_URL);
    struct auth_scope scope;
    MUST(auth_scope_read(auth_view_from_string("system/Patient.read"), &scope));
    struct auth_client_facts client = {
        .is_known = true,
        .client_id = auth_view_from_string(HONEST_CLIENT_ID),
        .has_background_user = true,
        .key_source = source,
        .jwks_url = auth_view_from_string("https://app.example/jwks.json"),
        .keys = keys,
        .scopes = &scope,
        .scope_count = 1,
    };
    struct auth_rules_input input = {
        .profile = auth_profile_named(profile),
        .now_s = HONEST_NOW_S,
        .jwt = jwt,
        .client = &client,
        .audiences = &aud,
        .audience_count = 1,
    };
    MUST(auth_rules_check(&input, &report) == AUTH_OK);
    if (source == AUTH_KEYS_CERT) /* texts cost more than judging, and differ little between profiles */
        check_report(&report);
    if (!auth_rules_outcome(&report).is_accepted)
        return;
    MUST(is_signed_here || honest_signed(jwt->jws.signing_input));
    if (source == AUTH_KEYS_CERT && strcmp(profile, "epic") == 0)
        check_accepted(jwt);
}

static void check_compact(struct auth_view compact, bool is_signed_here)
{
    struct auth_jwt jwt;
    check_b64u(compact);
    MUST(auth_jwt_read(compact, &jwt) == AUTH_OK);
    if (jwt.split_rc == AUTH_OK) {
        MUST(jwt.jws.signing_input.n + 1 + jwt.jws.signature.n == compact.n);
        check_b64u(jwt.jws.header);
        check_b64u(jwt.jws.payload);
        check_b64u(jwt.jws.signature);
        check_signature(&jwt, is_signed_here);
    }
    judge(&jwt, "epic", &certificate, AUTH_KEYS_CERT, is_signed_here);
    judge(&jwt, "smart", &every_key, AUTH_KEYS_JWKS_URL, is_signed_here);
    judge(&jwt, "lenient", &every_key, AUTH_KEYS_JWKS, is_signed_here);
    auth_jwt_clear(&jwt);
}

static void sign_and_check(struct auth_view rest)
{
    struct auth_buf compact;
    struct auth_view header = auth_view_split(&rest, '\n');
    auth_buf_init(&compact, OUT_MAX);
    if (header.n + rest.n < AUTH_JWT_MAX_N)
        MUST(auth_jws_write(signer, AUTH_RS384, header, rest, &compact, NULL) == AUTH_OK);
    check_compact(auth_buf_view(&compact), true);
    auth_buf_clear(&compact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct auth_view text = auth_view_bytes(data, n);
    set_up();
    if (auth_view_starts(text, "sign\n"))
        sign_and_check(auth_view_bytes(data + 5, n - 5));
    else
        check_compact(text, false);
    return 0;
}
