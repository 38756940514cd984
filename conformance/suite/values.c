/* Replaces {{name}}. */
#include "conformance/suite/values.h"

#include <string.h>

#include "conformance/suite/path.h"
#include "conformance/suite/test_keys.h"

enum { TEXT_MAX_N = 256 * 1024, CERT_YEARS_S = 10 * 365 * 86400 };

/* ---- what was kept ---- */

void conf_kept_init(struct conf_kept *kept)
{
    auth_buf_init_secret(&kept->texts, TEXT_MAX_N);
}

void conf_kept_clear(struct conf_kept *kept)
{
    auth_buf_clear(&kept->texts);
}

enum auth_rc conf_kept_take(struct conf_kept *kept, const struct auth_json_node *places, struct auth_view body,
                            struct auth_err *err)
{
    struct auth_json *doc = NULL;
    enum auth_rc rc = AUTH_OK;
    if (!auth_json_first(places))
        return AUTH_OK;
    (void)!auth_json_parse(body, &doc, NULL);
    for (const struct auth_json_node *p = auth_json_first(places); p && rc == AUTH_OK; p = auth_json_next(p)) {
        struct auth_view path = auth_json_string(p);
        auth_buf_add_view(&kept->texts, auth_json_name(p));
        auth_buf_add_char(&kept->texts, '\0');
        if (!conf_path_text(auth_json_root(doc), path, &kept->texts))
            rc =
                auth_err_set(err, AUTH_E_NOT_FOUND, "the answer has no %.*s", (int)(path.n < 80 ? path.n : 80), path.p);
        auth_buf_add_char(&kept->texts, '\0');
    }
    auth_json_free(doc);
    return rc == AUTH_OK ? auth_buf_check(&kept->texts, err) : rc;
}

/* The one kept last counts. */
static bool add_kept(const struct conf_kept *kept, struct auth_view name, struct auth_buf *out)
{
    struct auth_view rest = {0}, found = {0};
    if (kept)
        rest = auth_buf_view(&kept->texts);
    while (rest.n) {
        bool is_it = auth_view_equals_view(auth_view_split(&rest, '\0'), name);
        struct auth_view text = auth_view_split(&rest, '\0');
        found = is_it ? text : found;
    }
    auth_buf_add_view(out, found);
    return found.p != NULL;
}

/* ---- keys ---- */

enum auth_rc conf_values_key(const struct conf_values *values, struct auth_view name, const struct auth_key **key,
                             struct auth_key **mine, struct auth_err *err)
{
    *mine = NULL;
    *key = auth_view_equals(name, "own") ? values->own : auth_view_equals(name, "other") ? values->other : NULL;
    enum auth_rc rc = *key ? AUTH_OK : conf_test_key(name, mine, err);
    *key = *key ? *key : *mine;
    return rc;
}

static bool add_certificate(const struct auth_key *key, int64_t now_s, struct auth_buf *out)
{
    const struct auth_cert_request request = {
        .common_name = "test", .not_before_s = now_s - CERT_YEARS_S, .not_after_s = now_s + CERT_YEARS_S};
    return auth_key_write_cert(key, &request, NULL, auth_view_from_string(""), out, NULL) == AUTH_OK;
}

/* A member of the public JWK, the whole of it (jwk), or a certificate (cert). */
static bool add_of_key(const struct conf_values *values, struct auth_view name, struct auth_buf *out)
{
    struct auth_view member = name, key_name = auth_view_split(&member, '.');
    const struct auth_key *key;
    struct auth_key *mine;
    struct auth_buf jwk;
    struct auth_json *doc = NULL;
    struct auth_json_writer w;
    if (!member.n || conf_values_key(values, key_name, &key, &mine, NULL) != AUTH_OK)
        return false;
    auth_buf_init(&jwk, TEXT_MAX_N);
    auth_json_writer_init(&w, &jwk, AUTH_JSON_COMPACT);
    bool is_there = auth_key_write_jwk(key, NULL, NULL, &w, NULL) == AUTH_OK &&
                    auth_json_parse(auth_buf_view(&jwk), &doc, NULL) == AUTH_OK;
    if (auth_view_equals(member, "jwk"))
        auth_buf_add_view(out, auth_buf_view(&jwk));
    else if (auth_view_equals(member, "cert"))
        is_there = add_certificate(key, values->now_s, out);
    else
        is_there = is_there && conf_path_text(auth_json_root(doc), member, out);
    auth_json_free(doc);
    auth_buf_clear(&jwk);
    auth_key_free(mine);
    return is_there;
}

/* ---- names ---- */

/* 0xff is that byte: what no JSON file can hold. */
static bool add_byte(struct auth_view name, struct auth_buf *out)
{
    static const char digits[] = "0123456789abcdef";
    if (name.n != 4 || !auth_view_starts(name, "0x"))
        return false;
    const char *high = strchr(digits, name.p[2]), *low = strchr(digits, name.p[3]);
    if (high && low)
        auth_buf_add_char(out, (char)((high - digits) << 4 | (low - digits)));
    return high && low;
}

bool conf_values_time(struct conf_values *values, struct auth_view text, int64_t *time_s)
{
    int64_t step = 0;
    if (!auth_view_starts(text, "now"))
        return false;
    struct auth_view rest = auth_view_from(text, 3);
    if (auth_view_starts(rest, "+"))
        rest = auth_view_from(rest, 1);
    if (rest.n && (!auth_view_int(rest, &step) || (text.p[3] != '+' && text.p[3] != '-')))
        return false;
    values->has_used_now = true;
    *time_s = values->now_s + step;
    return true;
}

/* repeat:12000:A is so many of that text. */
static bool add_repeated(struct auth_view name, struct auth_buf *out)
{
    struct auth_view text = name;
    int64_t count;
    if (!auth_view_equals(auth_view_split(&text, ':'), "repeat") || !auth_view_int(auth_view_split(&text, ':'), &count))
        return false;
    for (; count > 0 && auth_buf_ok(out); count--)
        auth_buf_add_view(out, text);
    return true;
}

static bool look_up(struct conf_values *values, struct auth_view name, struct auth_buf *out)
{
    struct auth_view port = values->origin;
    while (auth_view_find(port, ':') < port.n)
        (void)auth_view_split(&port, ':');
    struct auth_view issuer = values->token_url;
    issuer.n -= issuer.n > strlen("/token") ? strlen("/token") : 0;
    const struct {
        const char *name;
        struct auth_view value;
    } rows[] = {
        {"issuer", issuer},
        {"client_id", values->client_id},
        {"token_url", values->token_url},
        {"token_path", auth_view_from(values->token_url, values->origin.n)},
        {"fhir", values->fhir},
        {"origin", values->origin},
        {"port", port},
        {"jti", values->jti},
        {"kid", values->kid},
        {"jwks_url", values->jwks_url},
        {"token", values->token},
        {"jwt", values->jwt},
        {"header", values->header},
        {"payload", values->payload},
        {"signature", values->signature},
    };
    int64_t time_s;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (auth_view_equals(name, rows[i].name)) {
            auth_buf_add_view(out, rows[i].value);
            return true;
        }
    }
    if (conf_values_time(values, name, &time_s)) {
        auth_buf_add_int(out, time_s);
        return true;
    }
    return add_byte(name, out) || add_repeated(name, out) || add_kept(values->kept, name, out) ||
           add_of_key(values, name, out);
}

enum auth_rc conf_values_expand(struct conf_values *values, struct auth_view text, struct auth_buf *out,
                                struct auth_err *err)
{
    while (text.n) {
        size_t at = auth_view_find_text(text, "{{");
        auth_buf_add(out, text.p, at);
        if (at == text.n)
            break;
        text = auth_view_from(text, at + 2);
        size_t n = auth_view_find_text(text, "}}");
        if (n == text.n || !look_up(values, auth_view_bytes(text.p, n), out))
            return auth_err_set(err, AUTH_E_SYNTAX, "{{%.*s}}: nothing stands for this", (int)(n < 40 ? n : 40),
                                text.p);
        text = auth_view_from(text, n + 2);
    }
    return auth_buf_check(out, err);
}

/* ---- JSON ---- */

enum auth_rc conf_values_write_member(struct conf_values *values, const struct auth_json_node *member,
                                      struct auth_json_writer *w, struct auth_err *err)
{
    char name[128];
    struct auth_view view = auth_json_name(member);
    if (view.n >= sizeof name)
        return auth_err_set(err, AUTH_E_SYNTAX, "a member's name is too long");
    memcpy(name, view.p, view.n);
    name[view.n] = '\0';
    auth_json_write_key(w, name);
    return conf_values_write(values, member, w, err);
}

static enum auth_rc write_items(struct conf_values *values, const struct auth_json_node *node, bool is_object,
                                struct auth_json_writer *w, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    for (const struct auth_json_node *e = auth_json_first(node); e && rc == AUTH_OK; e = auth_json_next(e))
        rc = is_object ? conf_values_write_member(values, e, w, err) : conf_values_write(values, e, w, err);
    return rc;
}

/* A string is expanded, "now+N" becomes a number, and a JWK an object. */
static enum auth_rc write_string(struct conf_values *values, struct auth_view text, struct auth_json_writer *w,
                                 struct auth_err *err)
{
    int64_t number;
    struct auth_buf expanded;
    if (conf_values_time(values, text, &number)) {
        auth_json_write_int(w, number);
        return AUTH_OK;
    }
    auth_buf_init_secret(&expanded, TEXT_MAX_N);
    enum auth_rc rc = conf_values_expand(values, text, &expanded, err);
    if (auth_view_starts(text, "{{") && auth_view_ends(text, ".jwk}}") && auth_view_find(text, '}') == text.n - 2)
        auth_json_write_raw(w, auth_buf_view(&expanded));
    else
        auth_json_write_string(w, auth_buf_view(&expanded));
    auth_buf_clear(&expanded);
    return rc;
}

enum auth_rc conf_values_write(struct conf_values *values, const struct auth_json_node *node,
                               struct auth_json_writer *w, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    double number = 0;
    int64_t whole = 0;
    bool flag = false;
    switch (auth_json_type(node)) {
    case AUTH_JSON_STRING:
        return write_string(values, auth_json_string(node), w, err);
    case AUTH_JSON_NUMBER:
        if (auth_json_int(node, &whole))
            auth_json_write_int(w, whole);
        else if (auth_json_double(node, &number))
            auth_json_write_double(w, number);
        break;
    case AUTH_JSON_BOOL:
        (void)auth_json_bool(node, &flag);
        auth_json_write_bool(w, flag);
        break;
    case AUTH_JSON_ARRAY:
        auth_json_write_array(w);
        rc = write_items(values, node, false, w, err);
        auth_json_write_end_array(w);
        break;
    case AUTH_JSON_OBJECT:
        auth_json_write_object(w);
        rc = write_items(values, node, true, w, err);
        auth_json_write_end_object(w);
        break;
    default:
        auth_json_write_null(w);
        break;
    }
    return rc;
}
