/* Answers, line by line, what our libraries say of somebody else's test vectors; conformance/long.d/vectors asks.
 *
 *   json HEX                    a JSON text
 *   verify ALG PEM MSG SIG      a signature: public key as PEM text, message, raw signature (EC: r||s), all in hex
 *   jws KEYS COMPACT            a compact JWS against a JWK or JWK Set, both in hex, whatever its payload is
 *
 * One line each: "accepted", or "refused" and why. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/b64u.h"
#include "auth/jose/jwk_set.h"
#include "auth/jose/jws.h"

enum { LINE_MAX_N = 16 << 20, FIELDS_MAX = 5 };

static enum auth_rc unhex(struct auth_view hex, struct auth_buf *out)
{
    static const char digits[] = "0123456789abcdef";
    auth_buf_init(out, LINE_MAX_N);
    for (size_t i = 0; i + 1 < hex.n; i += 2) {
        const char *high = strchr(digits, hex.p[i]), *low = strchr(digits, hex.p[i + 1]);
        if (!high || !low)
            return AUTH_E_SYNTAX;
        auth_buf_add_char(out, (char)((high - digits) << 4 | (low - digits)));
    }
    return hex.n % 2 ? AUTH_E_SYNTAX : auth_buf_check(out, NULL);
}

static enum auth_rc verify(const struct auth_view *fields, struct auth_err *err)
{
    struct auth_buf pem, message, signature;
    struct auth_key *key = NULL;
    enum auth_rc rc = unhex(fields[2], &pem);
    enum auth_rc rc_message = unhex(fields[3], &message), rc_signature = unhex(fields[4], &signature);
    if (rc == AUTH_OK && rc_message == AUTH_OK && rc_signature == AUTH_OK)
        rc = auth_key_from_public_pem(auth_buf_view(&pem), &key, err);
    else
        rc = AUTH_E_ARG;
    if (rc == AUTH_OK)
        rc = auth_jws_verify(key, auth_alg_named(fields[1]), auth_buf_view(&message), auth_buf_view(&signature), err);
    auth_key_free(key);
    auth_buf_clear(&pem);
    auth_buf_clear(&message);
    auth_buf_clear(&signature);
    return rc;
}

/* The algorithm of a header that asks for nothing special. */
static enum auth_rc read_header(struct auth_view text, enum auth_alg *alg, struct auth_buf *kid, struct auth_err *err)
{
    static const char *const refused[] = {"crit", "b64", "zip", "enc"};
    struct auth_json *doc = NULL;
    enum auth_rc rc = auth_json_parse(text, &doc, err);
    const struct auth_json_node *root = auth_json_root(doc);
    *alg = auth_alg_named(auth_json_member_string(root, "alg"));
    auth_buf_add_view(kid, auth_json_member_string(root, "kid"));
    for (size_t i = 0; rc == AUTH_OK && i < sizeof refused / sizeof *refused; i++) {
        if (auth_json_member(root, refused[i]))
            rc = auth_err_set(err, AUTH_E_ALG, "the header holds %s", refused[i]);
    }
    if (rc == AUTH_OK && *alg == AUTH_ALG_COUNT)
        rc = auth_err_set(err, AUTH_E_ALG, "no algorithm of ours");
    auth_json_free(doc);
    return rc;
}

static bool is_candidate(const struct auth_jwk_set_entry *entry, enum auth_alg alg, struct auth_view kid)
{
    bool has_other_kid = kid.n && entry->kid && !auth_jwk_set_has_kid(entry, kid);
    bool has_other_alg = entry->alg && strcmp(entry->alg, auth_alg_name(alg)) != 0;
    return entry->key && entry->for_signing && !has_other_kid && !has_other_alg && !auth_key_weakness(entry->key);
}

static enum auth_rc verify_jws(const struct auth_jws *jws, const struct auth_jwk_set *set, struct auth_err *err)
{
    struct auth_buf header, payload, signature, kid;
    enum auth_alg alg = AUTH_ALG_COUNT;
    auth_buf_init(&header, LINE_MAX_N);
    auth_buf_init(&payload, LINE_MAX_N);
    auth_buf_init(&signature, LINE_MAX_N);
    auth_buf_init(&kid, LINE_MAX_N);
    enum auth_rc rc = auth_b64u_decode(jws->header, &header, err);
    if (rc == AUTH_OK)
        rc = auth_b64u_decode(jws->payload, &payload, err);
    if (rc == AUTH_OK)
        rc = auth_b64u_decode(jws->signature, &signature, err);
    if (rc == AUTH_OK)
        rc = read_header(auth_buf_view(&header), &alg, &kid, err);
    if (rc == AUTH_OK) {
        rc = AUTH_E_SIGNATURE;
        for (size_t i = 0; i < set->count && rc != AUTH_OK; i++) {
            if (is_candidate(&set->entries[i], alg, auth_buf_view(&kid)))
                rc = auth_jws_verify(set->entries[i].key, alg, jws->signing_input, auth_buf_view(&signature), err);
        }
    }
    auth_buf_clear(&header);
    auth_buf_clear(&payload);
    auth_buf_clear(&signature);
    auth_buf_clear(&kid);
    return rc;
}

static enum auth_rc check_jws(const struct auth_view *fields, struct auth_err *err)
{
    struct auth_buf keys, compact;
    struct auth_jwk_set set = {0};
    struct auth_jws jws;
    enum auth_rc rc = unhex(fields[1], &keys), rc_compact = unhex(fields[2], &compact);
    if (rc == AUTH_OK && rc_compact == AUTH_OK)
        rc = auth_jwk_set_parse(auth_buf_view(&keys), &set, err);
    else
        rc = AUTH_E_ARG;
    if (rc == AUTH_OK)
        rc = auth_jws_split(auth_buf_view(&compact), &jws, err);
    if (rc == AUTH_OK)
        rc = verify_jws(&jws, &set, err);
    auth_jwk_set_clear(&set);
    auth_buf_clear(&keys);
    auth_buf_clear(&compact);
    return rc;
}

static enum auth_rc check_json(const struct auth_view *fields, struct auth_err *err)
{
    struct auth_buf text;
    struct auth_json *doc = NULL;
    enum auth_rc rc = unhex(fields[1], &text);
    if (rc == AUTH_OK)
        rc = auth_json_parse(auth_buf_view(&text), &doc, err);
    auth_json_free(doc);
    auth_buf_clear(&text);
    return rc;
}

static enum auth_rc answer(struct auth_view line, struct auth_err *err)
{
    static const struct {
        const char *verb;
        size_t fields;
        enum auth_rc (*run)(const struct auth_view *fields, struct auth_err *err);
    } rows[] = {{"json", 2, check_json}, {"verify", 5, verify}, {"jws", 3, check_jws}};
    struct auth_view fields[FIELDS_MAX] = {{NULL, 0}};
    size_t count = 0;
    while (line.p && count < FIELDS_MAX)
        fields[count++] = auth_view_split(&line, ' ');
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (auth_view_equals(fields[0], rows[i].verb) && count == rows[i].fields)
            return rows[i].run(fields, err);
    }
    return auth_err_set(err, AUTH_E_ARG, "no such question");
}

int main(void)
{
    char *line = malloc(LINE_MAX_N);
    while (line && fgets(line, LINE_MAX_N, stdin)) {
        struct auth_err err = {0};
        struct auth_view text = auth_view_from_string(line);
        text.n -= text.n && line[text.n - 1] == '\n';
        enum auth_rc rc = answer(text, &err);
        if (rc == AUTH_OK)
            puts("accepted");
        else
            printf("refused %d %s\n", (int)rc, err.detail);
    }
    bool ok = line && !ferror(stdin) && fflush(stdout) == 0;
    free(line);
    return ok ? 0 : 1;
}
