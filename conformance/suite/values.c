/* Replaces {{name}}. */
#include "conformance/suite/values.h"

enum { TEXT_MAX_N = 256 * 1024 };

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

static bool look_up(struct conf_values *values, struct auth_view name, struct auth_buf *out)
{
    struct auth_view port = values->origin;
    while (auth_view_find(port, ':') < port.n)
        (void)auth_view_split(&port, ':');
    const struct {
        const char *name;
        struct auth_view value;
    } rows[] = {
        {"client_id", values->client_id},
        {"token_url", values->token_url},
        {"fhir", values->fhir},
        {"origin", values->origin},
        {"port", port},
        {"jti", values->jti},
        {"kid", values->kid},
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
    if (!conf_values_time(values, name, &time_s))
        return false;
    auth_buf_add_int(out, time_s);
    return true;
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

static enum auth_rc write_items(struct conf_values *values, const struct auth_json_node *node, bool is_object,
                                struct auth_json_writer *w, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    for (const struct auth_json_node *e = auth_json_first(node); e && rc == AUTH_OK; e = auth_json_next(e)) {
        char name[128];
        struct auth_view view = auth_json_name(e);
        if (is_object) {
            if (view.n >= sizeof name)
                return auth_err_set(err, AUTH_E_SYNTAX, "a member's name is too long");
            for (size_t i = 0; i <= view.n; i++)
                name[i] = i < view.n ? view.p[i] : '\0';
            auth_json_write_key(w, name);
        }
        rc = conf_values_write(values, e, w, err);
    }
    return rc;
}

/* A string is expanded, and "now+N" becomes a number. */
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
