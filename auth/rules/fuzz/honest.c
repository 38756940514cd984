/* An honest assertion and its app, for fuzzers to start from. */
#include "auth/rules/fuzz/honest.h"

#include <string.h>

#include "auth/core/file.h"
#include "auth/core/fuzz/must.h"

enum { HONEST_MAX = 512, FILE_MAX = 1 << 20 };

static struct honest all[HONEST_MAX];
static size_t all_count;

void honest_read(const char *path, struct auth_buf *out)
{
    char full[512];
    struct auth_err err = {0};
    auth_buf_init(out, FILE_MAX);
    snprintf(full, sizeof full, "%s/%s", EPIC_FIXTURES_DIR, path);
    if (auth_file_read(full, out, &err) != AUTH_OK) {
        fprintf(stderr, "%s\n", err.detail);
        abort();
    }
}

/* The rules that look at nothing but the assertion and the clock. */
static bool is_about_assertion(struct auth_view rule)
{
    static const char *const prefixes[] = {"jws.",     "header.alg", "header.typ", "header.crit", "header.json",
                                           "payload.", "iss.",       "sub.",       "aud.",        "exp.",
                                           "nbf.",     "iat.",       "signature",  "jti.type",    "jti.length"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (auth_view_starts(rule, prefixes[i]))
            return true;
    }
    return false;
}

static bool is_bad(const struct auth_json_node *root)
{
    const struct auth_json_node *fail = auth_json_member(auth_json_member(root, "expect"), "fail");
    const struct auth_json_node *client = auth_json_member(root, "client");
    bool is_usual = auth_view_equals(auth_json_member_string(root, "profile"), "epic") &&
                    auth_view_starts(auth_json_member_string(client, "keys"), "rsa2048_a.cert");
    for (const struct auth_json_node *rule = auth_json_first(fail); rule && is_usual; rule = auth_json_next(rule)) {
        /* a client_id beside it in the form, not the assertion, is what iss does not equal there */
        bool has_form = auth_json_type(auth_json_member(root, "request")) == AUTH_JSON_OBJECT;
        if (!has_form && is_about_assertion(auth_json_string(rule)))
            return true;
    }
    return false;
}

static char *jti_of(const struct auth_json_node *root)
{
    struct auth_json *claims = NULL;
    char *jti = NULL;
    if (auth_json_parse(auth_json_member_string(root, "claims"), &claims, NULL) == AUTH_OK)
        jti = auth_view_dup(auth_json_member_string(auth_json_root(claims), "jti"));
    auth_json_free(claims);
    return jti ? jti : auth_view_dup(auth_view_from_string(""));
}

static void read_one(const char *name)
{
    char path[256];
    struct auth_buf text;
    struct auth_json *doc = NULL;
    struct honest *one = &all[all_count++];
    snprintf(path, sizeof path, "jwt/%s", name);
    honest_read(path, &text);
    MUST(auth_json_parse(auth_buf_view(&text), &doc, NULL) == AUTH_OK);
    const struct auth_json_node *root = auth_json_root(doc);
    one->name = auth_view_dup(auth_view_bytes(name, strlen(name) - strlen(".json")));
    one->compact = auth_view_dup(auth_json_member_string(root, "compact"));
    one->jti = jti_of(root);
    one->is_bad = is_bad(root);
    MUST(one->name && one->compact && one->jti);
    auth_json_free(doc);
    auth_buf_clear(&text);
}

const struct honest *honest_all(size_t *count)
{
    char **names = NULL;
    size_t names_n = 0;
    if (!all_count) {
        MUST(auth_file_names(EPIC_FIXTURES_DIR "/jwt", &names, &names_n, NULL) == AUTH_OK);
        for (size_t i = 0; i < names_n && all_count < HONEST_MAX; i++) {
            if (auth_view_ends(auth_view_from_string(names[i]), ".json"))
                read_one(names[i]);
        }
        auth_file_names_free(names, names_n);
        MUST(all_count > 100);
    }
    *count = all_count;
    return all;
}

const struct honest *honest_find(struct auth_view compact)
{
    size_t count;
    const struct honest *them = honest_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (auth_view_equals(compact, them[i].compact))
            return &them[i];
    }
    return NULL;
}

bool honest_signed(struct auth_view signing_input)
{
    size_t count;
    const struct honest *them = honest_all(&count);
    for (size_t i = 0; i < count; i++) {
        struct auth_view compact = auth_view_from_string(them[i].compact);
        if (compact.n > signing_input.n && compact.p[signing_input.n] == '.' &&
            memcmp(compact.p, signing_input.p, signing_input.n) == 0)
            return true;
    }
    return false;
}
