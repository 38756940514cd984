#include "auth/jose/keyset.h"

#include <stdlib.h>
#include <string.h>

#include "auth/jose/jws.h"

static bool has_verify_operation(const struct auth_json_node *operations)
{
    for (const struct auth_json_node *node = auth_json_first(operations); node; node = auth_json_next(node)) {
        if (auth_view_is(auth_json_string(node), "verify"))
            return true;
    }
    return false;
}

static bool is_for_signing(const struct auth_json_node *jwk)
{
    const struct auth_json_node *use = auth_json_member(jwk, "use");
    const struct auth_json_node *operations = auth_json_member(jwk, "key_ops");
    if (use && !auth_view_is(auth_json_string(use), "sig"))
        return false;
    return !operations || has_verify_operation(operations);
}

/* An "alg" that the key cannot do: whoever made the set did not mean this key. */
static bool contradicts(const struct auth_keyset_entry *entry)
{
    enum auth_alg alg = auth_jws_alg(auth_view_of(entry->alg));
    return entry->alg && (alg == AUTH_ALG_COUNT || !auth_jws_alg_fits(alg, entry->key));
}

static enum auth_rc ignore(struct auth_keyset_entry *entry, const char *why)
{
    auth_key_free(entry->key);
    entry->key = NULL;
    entry->ignored = auth_view_dup(auth_view_of(why));
    return entry->ignored ? AUTH_OK : AUTH_E_NOMEM;
}

static enum auth_rc read_entry(const struct auth_json_node *jwk, struct auth_keyset_entry *entry, struct auth_err *err)
{
    struct auth_err inner = {0};
    struct auth_view kid = auth_json_member_string(jwk, "kid");
    struct auth_view alg = auth_json_member_string(jwk, "alg");
    if (auth_json_member(jwk, "d") || auth_json_member(jwk, "k"))
        return auth_err_set(err, AUTH_E_KEY,
                            "the JWK Set holds a private or secret key (member \"d\" or \"k\"); publish only public "
                            "members, and consider that key spent if somebody has seen it");
    entry->for_signing = is_for_signing(jwk);
    if (auth_json_type(auth_json_member(jwk, "kid")) == AUTH_JSON_STRING) {
        entry->kid = auth_view_dup(kid);
        entry->kid_n = kid.n;
        if (!entry->kid)
            return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    }
    if (alg.n && !(entry->alg = auth_view_dup(alg)))
        return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    enum auth_rc rc = auth_key_from_jwk(jwk, false, &entry->key, &inner);
    if (rc == AUTH_E_NOMEM || rc == AUTH_E_CRYPTO)
        return auth_err_set(err, rc, "%s", inner.detail);
    if (rc != AUTH_OK)
        return ignore(entry, inner.detail);
    return contradicts(entry) ? ignore(entry, "its \"alg\" is not one that this key can do") : AUTH_OK;
}

static enum auth_rc read_all(const struct auth_json_node *keys, struct auth_keyset *set, struct auth_err *err)
{
    size_t count = 0;
    for (const struct auth_json_node *node = auth_json_first(keys); node; node = auth_json_next(node))
        count++;
    if (count > AUTH_KEYSET_KEYS_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "a JWK Set of %zu keys; at most %d", count, AUTH_KEYSET_KEYS_MAX);
    set->entries = calloc(count ? count : 1, sizeof *set->entries);
    if (!set->entries)
        return auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    enum auth_rc rc = AUTH_OK;
    for (const struct auth_json_node *node = auth_json_first(keys); node && rc == AUTH_OK; node = auth_json_next(node))
        rc = read_entry(node, &set->entries[set->count++], err);
    return rc;
}

enum auth_rc auth_keyset_parse(struct auth_view text, struct auth_keyset *out, struct auth_err *err)
{
    struct auth_json *doc = NULL;
    memset(out, 0, sizeof *out);
    enum auth_key_format format = auth_key_sniff(text);
    if (format != AUTH_KEY_FORMAT_JWKS && format != AUTH_KEY_FORMAT_JWK && format != AUTH_KEY_FORMAT_UNKNOWN)
        return auth_err_set(err, AUTH_E_SYNTAX, "this is %s; a JWK Set, {\"keys\":[...]}, is needed",
                            auth_key_format_text(format));
    enum auth_rc rc = auth_json_parse(text, &doc, err);
    if (rc != AUTH_OK)
        return rc;
    const struct auth_json_node *root = auth_json_root(doc);
    const struct auth_json_node *keys = auth_json_member(root, "keys");
    if (keys && auth_json_type(keys) == AUTH_JSON_ARRAY) {
        rc = read_all(keys, out, err);
    } else if (auth_json_member(root, "kty")) {
        out->entries = calloc(1, sizeof *out->entries);
        out->count = out->entries ? 1 : 0;
        rc = out->entries ? read_entry(root, out->entries, err) : auth_err_set(err, AUTH_E_NOMEM, "out of memory");
    } else {
        rc = auth_err_set(err, AUTH_E_SYNTAX, "no array \"keys\": this is no JWK Set");
    }
    auth_json_free(doc);
    if (rc != AUTH_OK)
        auth_keyset_clear(out);
    return rc;
}

enum auth_rc auth_keyset_of_key(struct auth_key *key, const char *kid, struct auth_keyset *out)
{
    struct auth_keyset_entry *entry = calloc(1, sizeof *entry);
    char *copy = kid ? auth_view_dup(auth_view_of(kid)) : NULL;
    if (!entry || (kid && !copy)) {
        free(entry);
        free(copy);
        return AUTH_E_NOMEM;
    }
    *entry = (struct auth_keyset_entry){.key = key, .kid = copy, .kid_n = kid ? strlen(kid) : 0, .for_signing = true};
    *out = (struct auth_keyset){.entries = entry, .count = 1};
    return AUTH_OK;
}

void auth_keyset_clear(struct auth_keyset *set)
{
    for (size_t i = 0; i < set->count; i++) {
        auth_key_free(set->entries[i].key);
        free(set->entries[i].kid);
        free(set->entries[i].alg);
        free(set->entries[i].ignored);
    }
    free(set->entries);
    memset(set, 0, sizeof *set);
}

size_t auth_keyset_usable(const struct auth_keyset *set)
{
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++)
        count += set->entries[i].key != NULL && set->entries[i].for_signing;
    return count;
}
