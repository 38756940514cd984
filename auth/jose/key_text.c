/* From a text to the private key in it: unwrap what is wrapped, then let PEM or JWK be read by whoever knows them. */
#include "auth/jose/key_text.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/encoding.h"
#include "auth/jose/key_private.h"

/* ---- base64 ---- */

static bool is_key_format(enum auth_key_format format)
{
    return format == AUTH_KEY_FORMAT_PRIVATE || format == AUTH_KEY_FORMAT_ENCRYPTED || format == AUTH_KEY_FORMAT_JWK ||
           format == AUTH_KEY_FORMAT_JWKS;
}

/* Is the text base64 of a key? Then that is in out. */
static bool unwrap(struct auth_view text, struct auth_buf *out)
{
    return auth_encoding_base64(text, out) && auth_buf_ok(out) && is_key_format(auth_key_sniff(auth_buf_view(out)));
}

/* ---- JWK ---- */

static bool has_private_part(const struct auth_json_node *jwk)
{
    return auth_json_member(jwk, "d") != NULL;
}

static bool is_chosen(const struct auth_json_node *jwk, const char *kid)
{
    return has_private_part(jwk) && (!kid || !*kid || auth_view_equals(auth_json_member_string(jwk, "kid"), kid));
}

static enum auth_rc refuse_set(size_t count, const char *kid, struct auth_err *err)
{
    if (count > 1)
        return auth_err_set(err, AUTH_E_KEY, "this JWK Set holds %zu private keys%s; one must be named by its kid",
                            count, kid && *kid ? " of that kid" : "");
    if (kid && *kid)
        return auth_err_set(err, AUTH_E_KEY, "this JWK Set holds no private key with the kid that is asked for");
    return auth_err_set(err, AUTH_E_KEY,
                        "this is a JWK Set of public keys, as it is published; the private key is needed");
}

/* The one private key of a set. */
static enum auth_rc choose(const struct auth_json_node *keys, const char *kid, const struct auth_json_node **jwk,
                           struct auth_err *err)
{
    size_t count = 0;
    for (const struct auth_json_node *node = auth_json_first(keys); node; node = auth_json_next(node)) {
        if (!is_chosen(node, kid))
            continue;
        *jwk = node;
        count++;
    }
    return count == 1 ? AUTH_OK : refuse_set(count, kid, err);
}

static enum auth_rc read_jwk(struct auth_view text, const struct auth_key_text_wanted *wanted, struct auth_key **out,
                             struct auth_key_text_found *found, struct auth_err *err)
{
    struct auth_json *doc = NULL;
    enum auth_rc rc = auth_json_parse(text, &doc, err);
    if (rc != AUTH_OK)
        return rc;
    const struct auth_json_node *root = auth_json_root(doc), *keys = auth_json_member(root, "keys"), *jwk = root;
    found->is_jwk = true;
    if (keys)
        rc = choose(keys, wanted->kid, &jwk, err);
    else if (!has_private_part(root))
        rc = auth_err_set(err, AUTH_E_KEY, "this is a public JWK; the private key is needed");
    if (rc == AUTH_OK)
        rc = auth_key_from_jwk(jwk, true, out, err);
    struct auth_view kid = auth_json_member_string(jwk, "kid");
    if (rc == AUTH_OK && kid.n && (found->kid = auth_view_dup(kid)) == NULL) {
        auth_key_free(*out);
        *out = NULL;
        rc = auth_err_no_memory(err);
    }
    auth_json_free(doc);
    return rc;
}

/* ---- all of them ---- */

static enum auth_rc read_plain(struct auth_view text, const struct auth_key_text_wanted *wanted, struct auth_key **out,
                               struct auth_key_text_found *found, struct auth_err *err)
{
    enum auth_key_format format = auth_key_sniff(text);
    if (auth_view_starts(text, "\xef\xbb\xbf") && (format == AUTH_KEY_FORMAT_JWK || format == AUTH_KEY_FORMAT_JWKS))
        text = auth_view_from(text, 3);
    if (format == AUTH_KEY_FORMAT_JWK || format == AUTH_KEY_FORMAT_JWKS)
        return read_jwk(auth_view_trim(text), wanted, out, found, err);
    return auth_key_from_private_pem(text, wanted->passphrase, out, err);
}

enum auth_rc auth_key_from_private_text(struct auth_view text, const struct auth_key_text_wanted *wanted,
                                        struct auth_key **out, struct auth_key_text_found *found, struct auth_err *err)
{
    static const struct auth_key_text_wanted nothing = {.kid = NULL};
    struct auth_key_text_found unused;
    struct auth_buf inner;
    found = found ? found : &unused;
    *found = (struct auth_key_text_found){.kid = NULL};
    *out = NULL;
    if (text.n > AUTH_KEY_TEXT_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d bytes; a private key has a few thousand",
                            AUTH_KEY_TEXT_MAX);
    auth_buf_init_secret(&inner, AUTH_KEY_TEXT_MAX);
    if (auth_key_sniff(text) == AUTH_KEY_FORMAT_UNKNOWN)
        found->was_base64 = unwrap(auth_view_trim(text), &inner);
    if (found->was_base64)
        text = auth_buf_view(&inner);
    enum auth_rc rc = read_plain(text, wanted ? wanted : &nothing, out, found, err);
    auth_buf_clear(&inner);
    if (found == &unused)
        free(unused.kid);
    return rc;
}
