/* One walk over the tree of each entry, and a handful of replacements in its texts. */
#include "mock_epic/evidence/normalize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/buf.h"
#include "auth/core/hash.h"

enum { TEXT_MAX_N = 64 * 1024, EPOCH_DIGITS = 9, NEAR_S = 14 };

struct entry {
    struct auth_json *json;
    int64_t id, server_s;
};

struct normalizer {
    struct entry *entries;
    size_t count, size;
    uint64_t *jtis; /* hashes, in order of appearance */
    size_t jti_count, jti_size;
    /* of the entry that is written */
    const struct entry *at;
    struct auth_view jti; /* empty: none */
    size_t jti_number;    /* from 1 */
    struct auth_json_writer w;
};

/* ---- texts ---- */

static size_t digits_n(struct auth_view text)
{
    size_t n = 0;
    while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9')
        n++;
    return n;
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_';
}

/* How much of the rest of a text is replaced, and by what; 0: nothing here. */
static size_t number_here(struct auth_view before, struct auth_view rest, const char **by)
{
    size_t n = digits_n(rest);
    struct auth_view behind = auth_view_from(rest, n);
    if (n == 0 || (before.n && is_word(before.p[before.n - 1])) || (behind.n && is_word(behind.p[0])))
        return 0;
    bool is_duration = auth_view_starts(behind, " s") && (behind.n == 2 || !is_word(behind.p[2]));
    *by = is_duration ? "#" : "T";
    return is_duration || n >= EPOCH_DIGITS ? n : 0;
}

/* A port stands behind the colon of an authority: of one that follows "://", or that is the whole text. */
static size_t port_here(struct auth_view before, struct auth_view rest, bool is_authority)
{
    size_t n = digits_n(rest), at = before.n;
    if (n == 0 || at == 0 || before.p[at - 1] != ':')
        return 0;
    while (at > 0 && before.p[at - 1] != '/' && before.p[at - 1] != ' ' && before.p[at - 1] != '"')
        at--;
    bool is_url = at >= 3 && memcmp(before.p + at - 3, "://", 3) == 0;
    return is_url || (is_authority && at == 0 && n == rest.n) ? n : 0;
}

static size_t instance_here(struct auth_view before, struct auth_view rest)
{
    struct auth_view name = rest;
    if (!auth_view_ends(before, "/i/") || rest.n == 0 || rest.p[0] != 'i')
        return 0;
    name.n = auth_view_find(name, '/');
    return auth_view_is_digits(auth_view_from(name, 1)) ? name.n : 0;
}

static size_t link_here(struct auth_view before, struct auth_view rest)
{
    static const char mark[] = "sessionID=";
    size_t dash = before.n;
    if (dash == 0 || before.p[dash - 1] != '-')
        return 0;
    for (dash--; dash > 0 && before.p[dash - 1] >= '0' && before.p[dash - 1] <= '9'; dash--)
        continue;
    if (!auth_view_ends(auth_view_bytes(before.p, dash), mark))
        return 0;
    size_t n = 0;
    while (n < rest.n && is_word(rest.p[n]))
        n++;
    return n;
}

/* The entry's jti, wherever it is quoted. */
static size_t jti_here(const struct normalizer *n, struct auth_view rest)
{
    bool is_here = n->jti.n && rest.n >= n->jti.n && memcmp(rest.p, n->jti.p, n->jti.n) == 0;
    return is_here ? n->jti.n : 0;
}

/* Which texts are sentences, with times and durations in them. */
static bool is_prose(struct auth_view name)
{
    static const char *const names[] = {"note", "expected", "actual", "fix", NULL};
    size_t i = 0;
    while (names[i] && !auth_view_equals(name, names[i]))
        i++;
    return names[i] != NULL;
}

/* Bytes of text that are replaced at `at`; what stands for them is added to out. 0: they stay. */
static size_t replace_here(const struct normalizer *n, struct auth_view name, struct auth_view text, size_t at,
                           struct auth_buf *out)
{
    struct auth_view before = auth_view_bytes(text.p, at), rest = auth_view_from(text, at);
    const char *by = "";
    size_t taken = port_here(before, rest, auth_view_equals(name, "authority"));
    if (taken) {
        by = "PORT";
    } else if ((taken = instance_here(before, rest)) != 0) {
        by = "INSTANCE";
    } else if ((taken = link_here(before, rest)) != 0) {
        by = "LINK";
    } else if ((taken = jti_here(n, rest)) != 0) {
        auth_buf_addf(out, "jti-%zu", n->jti_number);
    } else if (is_prose(name)) {
        taken = number_here(before, rest, &by);
        by = taken ? by : "";
    }
    auth_buf_add_string(out, by);
    return taken;
}

static void write_text(struct normalizer *n, struct auth_view name, struct auth_view text)
{
    struct auth_buf out;
    auth_buf_init(&out, TEXT_MAX_N);
    for (size_t at = 0; at < text.n;) {
        size_t taken = replace_here(n, name, text, at, &out);
        if (!taken)
            auth_buf_add_char(&out, text.p[at]);
        at += taken ? taken : 1;
    }
    n->w.out->is_spoiled = n->w.out->is_spoiled || !auth_buf_ok(&out);
    auth_json_write_string(&n->w, auth_buf_view(&out));
    auth_buf_clear(&out);
}

/* ---- claims ---- */

/* Which one it is, by first appearance. */
static enum auth_rc number_jti(struct normalizer *n, struct auth_view jti)
{
    uint64_t hash = auth_hash(AUTH_HASH_START, jti);
    size_t i = 0;
    while (i < n->jti_count && n->jtis[i] != hash)
        i++;
    n->jti = jti;
    n->jti_number = i + 1;
    if (i < n->jti_count || jti.n == 0)
        return AUTH_OK;
    uint64_t *grown = auth_array_fit(n->jtis, n->jti_count, &n->jti_size, sizeof *grown);
    if (!grown)
        return AUTH_E_NOMEM;
    n->jtis = grown;
    n->jtis[n->jti_count++] = hash;
    return AUTH_OK;
}

static void write_time(struct normalizer *n, const struct auth_json_node *claims, const struct auth_json_node *claim)
{
    int64_t time_s = 0, iat_s = 0;
    char text[48];
    (void)auth_json_int(claim, &time_s);
    bool has_iat = auth_json_int(auth_json_member(claims, "iat"), &iat_s);
    int64_t ahead_s = time_s - n->at->server_s;
    if (has_iat && !auth_view_equals(auth_json_name(claim), "iat"))
        (void)snprintf(text, sizeof text, "iat%+lld", (long long)(time_s - iat_s));
    else
        (void)snprintf(text, sizeof text, "%s", ahead_s > NEAR_S ? "ahead" : ahead_s < -NEAR_S ? "behind" : "now");
    auth_json_write_string(&n->w, auth_view_from_string(text));
}

static bool is_one_of(struct auth_view name, const char *const *names)
{
    while (*names && !auth_view_equals(name, *names))
        names++;
    return *names != NULL;
}

/* ---- the tree ---- */

/* The member that a value stands in, and the one that its object stands in. */
struct place {
    struct auth_view name, above;
    const struct auth_json_node *container;
};

static void write_node(struct normalizer *n, const struct auth_json_node *node, const struct place *place);

static void write_number(struct normalizer *n, const struct auth_json_node *node)
{
    int64_t whole;
    double value = 0;
    if (auth_json_int(node, &whole))
        auth_json_write_int(&n->w, whole);
    else if (auth_json_double(node, &value))
        auth_json_write_double(&n->w, value);
    else
        auth_json_write_null(&n->w);
}

static void write_scalar(struct normalizer *n, const struct auth_json_node *node, const struct place *place)
{
    static const char *const times[] = {"exp", "iat", "nbf", "auth_time", NULL};
    static const char *const keys[] = {"kid", "x5t", "x5t#S256", NULL};
    enum auth_json_type type = auth_json_type(node);
    bool is_claim = auth_view_equals(place->above, "claims"), value = false;
    if (type == AUTH_JSON_NUMBER && is_claim && is_one_of(place->name, times))
        write_time(n, place->container, node);
    else if (type == AUTH_JSON_NUMBER)
        write_number(n, node);
    else if (type == AUTH_JSON_BOOL && auth_json_bool(node, &value))
        auth_json_write_bool(&n->w, value);
    else if (type == AUTH_JSON_STRING && auth_view_equals(place->above, "header") && is_one_of(place->name, keys))
        auth_json_write_string(&n->w, auth_view_from_string("KEY"));
    else if (type == AUTH_JSON_STRING)
        write_text(n, place->name, auth_json_string(node));
    else
        auth_json_write_null(&n->w);
}

static bool is_left_out(const struct auth_json_node *member, const struct auth_json_node *object, bool is_entry)
{
    static const char *const moments[] = {"time", "server_us", "real_us", NULL};
    static const char *const kept[] = {"rule", "result", NULL};
    bool has_passed =
        auth_json_member(object, "rule") && auth_view_equals(auth_json_member_string(object, "result"), "pass");
    return (is_entry && is_one_of(auth_json_name(member), moments)) ||
           (has_passed && !is_one_of(auth_json_name(member), kept));
}

static void write_object(struct normalizer *n, const struct auth_json_node *node, const struct place *place)
{
    auth_json_write_object(&n->w);
    for (const struct auth_json_node *member = auth_json_first(node); member; member = auth_json_next(member)) {
        struct place below = {auth_json_name(member), place->name, node};
        char *name = is_left_out(member, node, !place->container) ? NULL : auth_view_dup(below.name);
        if (!name)
            continue;
        auth_json_write_key(&n->w, name);
        write_node(n, member, &below);
        free(name);
    }
    auth_json_write_end_object(&n->w);
}

static void write_node(struct normalizer *n, const struct auth_json_node *node, const struct place *place)
{
    if (auth_json_type(node) == AUTH_JSON_OBJECT) {
        write_object(n, node, place);
    } else if (auth_json_type(node) == AUTH_JSON_ARRAY) {
        struct place below = {.above = place->above, .name = place->name, .container = node};
        auth_json_write_array(&n->w);
        for (const struct auth_json_node *item = auth_json_first(node); item; item = auth_json_next(item))
            write_node(n, item, &below);
        auth_json_write_end_array(&n->w);
    } else {
        write_scalar(n, node, place);
    }
}

static enum auth_rc write_entry(struct normalizer *n, const struct entry *entry, struct auth_buf *out)
{
    const struct auth_json_node *root = auth_json_root(entry->json);
    const struct auth_json_node *claims = auth_json_member(auth_json_member(root, "jwt"), "claims");
    const struct place top = {.container = NULL};
    enum auth_rc rc = number_jti(n, auth_json_member_string(claims, "jti"));
    n->at = entry;
    auth_json_writer_init(&n->w, out, AUTH_JSON_COMPACT);
    write_node(n, root, &top);
    auth_buf_add_char(out, '\n');
    return rc;
}

/* ---- reading ---- */

static enum auth_rc read_entry(struct normalizer *n, struct auth_view text, struct auth_err *err)
{
    struct entry entry = {.json = NULL};
    struct auth_err inner = {0};
    struct entry *grown = auth_array_fit(n->entries, n->count, &n->size, sizeof *n->entries);
    if (!grown)
        return auth_err_no_memory(err);
    n->entries = grown;
    enum auth_rc rc = auth_json_parse(text, &entry.json, &inner);
    const struct auth_json_node *root = auth_json_root(entry.json);
    int64_t server_us = 0;
    if (rc == AUTH_OK && auth_json_type(root) != AUTH_JSON_OBJECT)
        rc = auth_err_set(&inner, AUTH_E_SYNTAX, "no journal entry");
    if (rc != AUTH_OK) {
        auth_json_free(entry.json);
        return auth_err_set(err, rc, "entry %zu: %s", n->count + 1, inner.detail);
    }
    (void)auth_json_int(auth_json_member(root, "id"), &entry.id);
    (void)auth_json_int(auth_json_member(root, "server_us"), &server_us);
    entry.server_s = server_us / 1000000;
    n->entries[n->count++] = entry;
    return AUTH_OK;
}

static enum auth_rc read_all(struct normalizer *n, struct auth_view journal, struct auth_err *err)
{
    struct auth_view rest = auth_view_trim(journal), item;
    size_t cursor = 0;
    enum auth_rc rc = AUTH_OK;
    if (rest.n && rest.p[0] == '[') {
        rc = auth_json_check(rest, err);
        while (rc == AUTH_OK && auth_json_raw_next(rest, &cursor, &item))
            rc = read_entry(n, item, err);
        return rc;
    }
    while (rc == AUTH_OK && rest.n) {
        item = auth_view_trim(auth_view_split(&rest, '\n'));
        rc = item.n ? read_entry(n, item, err) : AUTH_OK;
    }
    return rc;
}

static int by_id(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return x->id < y->id ? -1 : x->id > y->id;
}

enum auth_rc mock_normalize(struct auth_view journal, struct auth_buf *out, struct auth_err *err)
{
    struct normalizer n = {.count = 0};
    enum auth_rc rc = read_all(&n, journal, err);
    if (rc == AUTH_OK && n.count)
        qsort(n.entries, n.count, sizeof *n.entries, by_id);
    for (size_t i = 0; i < n.count && rc == AUTH_OK; i++)
        rc = write_entry(&n, &n.entries[i], out);
    if (rc == AUTH_OK)
        rc = auth_buf_check(out, err);
    for (size_t i = 0; i < n.count; i++)
        auth_json_free(n.entries[i].json);
    free(n.entries);
    free(n.jtis);
    return rc;
}
