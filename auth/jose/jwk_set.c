/* Reading a JWK Set entry by entry; what cannot be used stays, with its reason. */
#include "auth/jose/jwk_set.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/text.h"
#include "auth/jose/jwk_member.h"
#include "auth/jose/key_private.h"

static enum auth_rc ignore(struct auth_jwk_set_entry *entry, const char *why, struct auth_err *err)
{
    auth_key_free(entry->key);
    entry->key = NULL;
    entry->ignored = auth_view_dup(auth_view_from_string(why));
    return entry->ignored ? AUTH_OK : auth_err_no_memory(err);
}

/* An "alg" that the key cannot do: whoever made the set did not mean this key, or not for us. */
static enum auth_rc check_alg(struct auth_jwk_set_entry *entry, struct auth_err *err)
{
    struct auth_buf why;
    if (!entry->alg || auth_alg_fits(auth_alg_named(auth_view_from_string(entry->alg)), entry->key))
        return AUTH_OK;
    auth_buf_init(&why, 256);
    auth_buf_add_string(&why, "its \"alg\" is \"");
    auth_text_escape(&why, auth_view_from_string(entry->alg), 32);
    const char *fault = auth_jwk_alg_fault(auth_view_from_string(entry->alg));
    if (*fault)
        auth_buf_addf(&why, "\"%s", fault);
    else
        auth_buf_addf(&why, "\", which this key (%s) does not make here: leave alg out, or write its own",
                      auth_key_type_text(entry->key));
    enum auth_rc rc = auth_buf_check(&why, err);
    if (rc == AUTH_OK)
        rc = ignore(entry, why.p, err);
    auth_buf_clear(&why);
    return rc;
}

/* An optional string member. *text stays NULL when it is absent or no string. */
static enum auth_rc read_text(const struct auth_json_node *jwk, const char *member, char **text, struct auth_err *err)
{
    const struct auth_json_node *node = auth_json_member(jwk, member);
    if (auth_json_type(node) != AUTH_JSON_STRING)
        return AUTH_OK;
    *text = auth_view_dup(auth_json_string(node));
    return *text ? AUTH_OK : auth_err_no_memory(err);
}

static bool is_other_than_string(const struct auth_json_node *jwk, const char *member)
{
    const struct auth_json_node *node = auth_json_member(jwk, member);
    return node && auth_json_type(node) != AUTH_JSON_STRING;
}

/* The first certificate of x5c (RFC 7517 4.7: base64 of its DER) holds that very key, or says something is wrong. */
static const char *x5c_doubt(const struct auth_json_node *x5c, const struct auth_key *key)
{
    struct auth_view text = auth_json_string(auth_json_first(x5c));
    struct auth_key *other = NULL;
    struct auth_buf pem;
    auth_buf_init(&pem, AUTH_KEY_TEXT_MAX);
    auth_buf_add_string(&pem, "-----BEGIN CERTIFICATE-----\n");
    auth_buf_add_view(&pem, text);
    auth_buf_add_string(&pem, "\n-----END CERTIFICATE-----\n");
    bool is_read = text.n && auth_key_from_cert(auth_buf_view(&pem), &other, NULL) == AUTH_OK;
    bool is_same = is_read && auth_key_equal(other, key);
    auth_key_free(other);
    auth_buf_clear(&pem);
    if (is_same)
        return NULL;
    return is_read ? "its \"x5c\" holds the certificate of another key; n and e (or x and y) count"
                   : "its \"x5c\" holds no certificate in plain base64 (RFC 7517 4.7); leave it out";
}

/* What contradicts a key that is used all the same. */
static const char *doubt_of(const struct auth_json_node *jwk, const struct auth_jwk_set_entry *entry)
{
    const struct auth_json_node *x5c = auth_json_member(jwk, "x5c");
    const char *doubt = x5c ? x5c_doubt(x5c, entry->key) : NULL;
    struct auth_view kid = auth_jwk_set_kid(entry);
    if (doubt)
        return doubt;
    if (auth_key_type(entry->key) == AUTH_KEY_RSA && auth_key_bits(entry->key) % 8)
        return "its size is no multiple of 8 bits, which few programs make: compare n with the key's";
    if (entry->kid && kid.n == 0)
        return "its \"kid\" is empty, which no JWT may send";
    return auth_view_trim(kid).n < kid.n ? "its \"kid\" has white space at its start or end" : NULL;
}

static enum auth_rc read_entry(const struct auth_json_node *jwk, struct auth_jwk_set_entry *entry, struct auth_err *err)
{
    struct auth_err inner = {0};
    const char *private_member = auth_key_private_member(jwk);
    if (private_member)
        return auth_err_set(
            err, AUTH_E_KEY,
            "the JWK Set holds a private or secret key (member \"%s\"); publish the public members alone, "
            "as 'epic-auth key jwks FILE' writes them, and treat that key as compromised if somebody has seen it",
            private_member);
    entry->not_for_signing = auth_jwk_purpose_fault(jwk);
    entry->for_signing = entry->not_for_signing == NULL;
    enum auth_rc rc = read_text(jwk, "kid", &entry->kid, err);
    if (rc == AUTH_OK)
        rc = read_text(jwk, "alg", &entry->alg, err);
    if (rc != AUTH_OK)
        return rc;
    entry->kid_n = auth_view_from_string(entry->kid).n; /* exact: a text with a NUL is no JSON here */
    if (is_other_than_string(jwk, "kid"))
        return ignore(entry, "its \"kid\" is no string (RFC 7517 4.5)", err);
    if (is_other_than_string(jwk, "alg"))
        return ignore(entry, "its \"alg\" is no string (RFC 7517 4.4)", err);
    rc = auth_key_from_jwk(jwk, false, &entry->key, &inner);
    if (rc == AUTH_E_NOMEM || rc == AUTH_E_CRYPTO)
        return auth_err_set(err, rc, "%s", inner.detail);
    if (rc != AUTH_OK)
        return ignore(entry, inner.detail, err);
    entry->doubt = doubt_of(jwk, entry);
    return check_alg(entry, err);
}

static enum auth_rc read_all(const struct auth_json_node *keys, struct auth_jwk_set *set, struct auth_err *err)
{
    size_t count = 0;
    for (const struct auth_json_node *node = auth_json_first(keys); node; node = auth_json_next(node))
        count++;
    if (count > AUTH_JWK_SET_KEYS_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "a JWK Set of %zu keys; at most %d", count, AUTH_JWK_SET_KEYS_MAX);
    set->entries = calloc(count ? count : 1, sizeof *set->entries);
    if (!set->entries)
        return auth_err_no_memory(err);
    enum auth_rc rc = AUTH_OK;
    for (const struct auth_json_node *node = auth_json_first(keys); node && rc == AUTH_OK; node = auth_json_next(node))
        rc = read_entry(node, &set->entries[set->count++], err);
    return rc;
}

/* AUTH_OK for JSON that may be a set, broken or not: the parser says where. */
static enum auth_rc check_format(struct auth_view text, struct auth_err *err)
{
    enum auth_key_format format = auth_key_sniff(text);
    struct auth_view start = auth_view_trim(text);
    if (auth_view_starts(start, "\xef\xbb\xbf"))
        return auth_err_set(
            err, AUTH_E_SYNTAX,
            "it begins with a byte order mark, which JSON has not (RFC 8259 8.1); save it as UTF-8 without");
    if (format == AUTH_KEY_FORMAT_JWKS || format == AUTH_KEY_FORMAT_JWK)
        return AUTH_OK;
    if (format == AUTH_KEY_FORMAT_UNKNOWN && (start.p[0] == '{' || start.p[0] == '['))
        return AUTH_OK;
    return auth_key_refuse(format, text, "a JWK Set, {\"keys\":[...]},", "", err);
}

/* JSON that cannot be read: with the reason that a person knows it by, where there is one. */
static enum auth_rc parse_json(struct auth_view text, struct auth_json **doc, struct auth_err *err)
{
    struct auth_err inner = {0};
    struct auth_buf what;
    enum auth_rc rc = auth_json_parse(text, doc, &inner);
    auth_buf_init(&what, AUTH_ERR_DETAIL_N);
    if (rc == AUTH_E_SYNTAX)
        auth_key_describe(AUTH_KEY_FORMAT_UNKNOWN, text, &what);
    if (rc != AUTH_OK)
        auth_err_set(err, rc, "%s", what.n ? what.p : inner.detail);
    auth_buf_clear(&what);
    return rc;
}

enum auth_rc auth_jwk_set_parse(struct auth_view text, struct auth_jwk_set *out, struct auth_err *err)
{
    struct auth_json *doc = NULL;
    memset(out, 0, sizeof *out);
    if (text.n > AUTH_KEY_TEXT_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "a JWK Set of %zu bytes; at most %d", text.n, AUTH_KEY_TEXT_MAX);
    enum auth_rc rc = check_format(text, err);
    if (rc == AUTH_OK)
        rc = parse_json(text, &doc, err);
    if (rc != AUTH_OK)
        return rc;
    const struct auth_json_node *root = auth_json_root(doc);
    const struct auth_json_node *keys = auth_json_member(root, "keys");
    if (auth_json_type(keys) == AUTH_JSON_ARRAY) {
        rc = read_all(keys, out, err);
    } else if (keys) {
        rc = auth_err_set(err, AUTH_E_SYNTAX, "\"keys\" is %s; in a JWK Set it is an array",
                          auth_json_type_text(auth_json_type(keys)));
    } else {
        out->is_single = true;
        out->entries = calloc(1, sizeof *out->entries);
        out->count = out->entries ? 1 : 0;
        rc = out->entries ? read_entry(root, out->entries, err) : auth_err_no_memory(err);
    }
    auth_json_free(doc);
    if (rc != AUTH_OK)
        auth_jwk_set_clear(out);
    return rc;
}

enum auth_rc auth_jwk_set_of_key(struct auth_key *key, struct auth_jwk_set *out)
{
    struct auth_jwk_set_entry *entry = calloc(1, sizeof *entry);
    if (!entry) {
        auth_key_free(key);
        return AUTH_E_NOMEM;
    }
    *entry = (struct auth_jwk_set_entry){.key = key, .for_signing = true};
    *out = (struct auth_jwk_set){.entries = entry, .count = 1};
    return AUTH_OK;
}

void auth_jwk_set_clear(struct auth_jwk_set *set)
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

struct auth_view auth_jwk_set_kid(const struct auth_jwk_set_entry *entry)
{
    return auth_view_bytes(entry->kid, entry->kid_n);
}

bool auth_jwk_set_has_kid(const struct auth_jwk_set_entry *entry, struct auth_view kid)
{
    return entry->kid && auth_view_equals_view(kid, auth_jwk_set_kid(entry));
}

/* ---- for people ---- */

static void name_entry(const struct auth_jwk_set *set, size_t i, struct auth_buf *lines)
{
    auth_buf_addf(lines, "key %zu", i + 1);
    if (!set->entries[i].kid)
        return;
    auth_buf_add_string(lines, " (kid \"");
    auth_text_escape(lines, auth_jwk_set_kid(&set->entries[i]), 80);
    auth_buf_add_string(lines, "\")");
}

/* kty of RFC 7517: P-256 and P-384 are one. */
static bool is_same_type(const struct auth_key *a, const struct auth_key *b)
{
    return (auth_key_type(a) == AUTH_KEY_RSA) == (auth_key_type(b) == AUTH_KEY_RSA);
}

static void warn_of_twins(const struct auth_jwk_set *set, size_t i, struct auth_buf *lines)
{
    const struct auth_jwk_set_entry *entry = &set->entries[i];
    for (size_t other = 0; other < i && entry->key && entry->kid; other++) {
        const struct auth_jwk_set_entry *before = &set->entries[other];
        if (!before->key || !auth_jwk_set_has_kid(before, auth_jwk_set_kid(entry)) ||
            !is_same_type(before->key, entry->key))
            continue;
        name_entry(set, i, lines);
        auth_buf_addf(lines,
                      " has kid and kty of key %zu: which one is meant can only be found by trying, and SMART "
                      "refuses both\n",
                      other + 1);
        return;
    }
}

const char *auth_jwk_set_problem(const struct auth_jwk_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct auth_jwk_set_entry *entry = &set->entries[i];
        if (entry->ignored || entry->not_for_signing)
            return entry->ignored ? entry->ignored : entry->not_for_signing;
    }
    return set->count ? "no key of it is for signatures" : "it is empty";
}

void auth_jwk_set_warnings(const struct auth_jwk_set *set, struct auth_buf *lines)
{
    if (set->is_single)
        auth_buf_add_string(lines, "a single JWK, where a JWK Set is asked for: put it into {\"keys\":[...]}\n");
    for (size_t i = 0; i < set->count; i++) {
        const struct auth_jwk_set_entry *entry = &set->entries[i];
        warn_of_twins(set, i, lines);
        if (entry->key && entry->for_signing && !entry->doubt)
            continue;
        name_entry(set, i, lines);
        if (entry->ignored || entry->not_for_signing)
            auth_buf_addf(lines, " is not used: %s\n", entry->ignored ? entry->ignored : entry->not_for_signing);
        else
            auth_buf_addf(lines, ": %s\n", entry->doubt);
    }
}

size_t auth_jwk_set_usable(const struct auth_jwk_set *set)
{
    size_t count = 0;
    for (size_t i = 0; i < set->count; i++)
        count += set->entries[i].key != NULL && set->entries[i].for_signing;
    return count;
}
