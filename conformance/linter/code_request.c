/* Calls that send a request, and what their arguments mean. */
#include "conformance/linter/code_request.h"

#include <string.h>

#define FORM_TYPE "application/x-www-form-urlencoded"

static struct auth_view nothing(void)
{
    return auth_view_from_string("");
}

/* ---- texts ---- */

/* A text in a buffer of its own, which the caller clears. */
static enum auth_rc text_of(struct conf_code_request *r, struct auth_view value, struct auth_buf *out)
{
    auth_buf_init_secret(out, CONF_CAPTURE_MAX_N);
    enum auth_rc rc = conf_code_text(&r->code, value, out);
    return rc == AUTH_OK ? auth_buf_check(out, r->code.err) : rc;
}

static enum auth_rc take_method(struct conf_code_request *r, struct auth_view value)
{
    struct auth_buf text;
    enum auth_rc rc = text_of(r, value, &text);
    auth_buf_reset(&r->capture->method);
    for (size_t i = 0; i < text.n && rc == AUTH_OK; i++)
        auth_buf_add_char(&r->capture->method,
                          text.p[i] >= 'a' && text.p[i] <= 'z' ? (char)(text.p[i] - 32) : text.p[i]);
    auth_buf_clear(&text);
    return rc;
}

static enum auth_rc take_url(struct conf_code_request *r, struct auth_view value)
{
    struct auth_buf text;
    struct auth_view inside;
    if (conf_code_inside(&r->code, value, "new URL", &inside))
        value = inside;
    enum auth_rc rc = text_of(r, value, &text);
    if (rc == AUTH_OK)
        conf_capture_set_url(r->capture, auth_buf_view(&text));
    auth_buf_clear(&text);
    return rc;
}

static void set_type(struct conf_code_request *r, struct auth_view type)
{
    r->has_type = true;
    conf_capture_set_header(r->capture, auth_view_from_string("content-type"), type);
}

static enum auth_rc take_header(struct conf_code_request *r, struct auth_view name, struct auth_view value)
{
    struct auth_buf text;
    bool is_type = auth_view_equals_nocase(name, "content-type");
    if (!is_type && !auth_view_equals_nocase(name, "authorization"))
        return AUTH_OK; /* of the others the value may be what it likes */
    enum auth_rc rc = text_of(r, value, &text);
    if (rc == AUTH_OK && is_type)
        set_type(r, auth_buf_view(&text));
    else if (rc == AUTH_OK)
        conf_capture_set_header(r->capture, name, auth_buf_view(&text));
    auth_buf_clear(&text);
    return rc;
}

static enum auth_rc take_type(struct conf_code_request *r, struct auth_view value)
{
    return take_header(r, auth_view_from_string("content-type"), value);
}

/* ---- tables ---- */

/* What stands for a value when the variables that lead to it have been looked up; *name is the last of them. */
static struct auth_view resolved(struct conf_code_request *r, struct auth_view value, struct auth_view *name)
{
    struct auth_view next;
    *name = nothing();
    value = auth_view_trim(value);
    while (conf_code_variable(&r->code, value, &next)) {
        *name = value;
        value = next;
    }
    return value;
}

typedef enum auth_rc take_member(struct conf_code_request *r, struct auth_view name, struct auth_view value);

static enum auth_rc each_member(struct conf_code_request *r, struct auth_view inside, take_member *take)
{
    struct conf_code_member member;
    enum auth_rc rc = AUTH_OK;
    while (rc == AUTH_OK && conf_code_next(&r->code, &inside, &member)) {
        if (member.name.n == 0 && auth_view_starts(member.value, "..."))
            continue;                                                           /* the members of another table */
        rc = take(r, member.name.n ? member.name : member.value, member.value); /* JavaScript's { method } */
    }
    return rc;
}

static enum auth_rc add_field(struct conf_code_request *r, struct auth_view name, struct auth_view value)
{
    struct auth_buf text;
    enum auth_rc rc = text_of(r, value, &text);
    if (rc == AUTH_OK)
        conf_capture_add_field(r->capture, name, auth_buf_view(&text));
    auth_buf_clear(&text);
    return rc;
}

static enum auth_rc add_query(struct conf_code_request *r, struct auth_view name, struct auth_view value)
{
    struct auth_buf text;
    enum auth_rc rc = text_of(r, value, &text);
    if (rc == AUTH_OK)
        auth_form_write(&r->capture->query, name, auth_buf_view(&text));
    auth_buf_clear(&text);
    return rc;
}

/* [["a", "b"], ...] and [("a", "b"), ...]: a form as a list of pairs. */
static enum auth_rc each_pair(struct conf_code_request *r, struct auth_view inside, take_member *take)
{
    struct conf_code_member item, name, value;
    struct auth_view pair;
    enum auth_rc rc = AUTH_OK;
    while (rc == AUTH_OK && conf_code_next(&r->code, &inside, &item)) {
        struct auth_buf text;
        if (!conf_code_inside(&r->code, item.value, "", &pair) || !conf_code_next(&r->code, &pair, &name) ||
            !conf_code_next(&r->code, &pair, &value))
            return auth_err_set(r->code.err, AUTH_E_SYNTAX, "a list that is not of pairs; write it as a table");
        rc = text_of(r, name.value, &text);
        if (rc == AUTH_OK)
            rc = take(r, auth_buf_view(&text), value.value);
        auth_buf_clear(&text);
    }
    return rc;
}

/* A line that adds to a variable: params.append("a", "b"). *inside is what stands in its brackets. */
static bool is_appended(const struct conf_code *code, struct auth_view line, struct auth_view name,
                        struct auth_view *inside)
{
    static const char *const verbs[] = {".append", ".set", ".Add"};
    bool is_own = line.n > name.n && auth_view_equals_view(auth_view_bytes(line.p, name.n), name);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs && is_own; i++) {
        if (conf_code_inside(code, auth_view_from(line, name.n), verbs[i], inside))
            return true;
    }
    return false;
}

static enum auth_rc each_appended(struct conf_code_request *r, struct auth_view name, take_member *take)
{
    enum auth_rc rc = AUTH_OK;
    for (struct auth_view rest = r->code.all; rest.n && name.n && rc == AUTH_OK;) {
        struct conf_code_member key, value;
        struct auth_buf text;
        struct auth_view inside, line = auth_view_trim(auth_view_split(&rest, '\n'));
        line.n -= auth_view_ends(line, ";");
        if (!is_appended(&r->code, line, name, &inside) || !conf_code_next(&r->code, &inside, &key) ||
            !conf_code_next(&r->code, &inside, &value))
            continue;
        rc = text_of(r, key.value, &text);
        if (rc == AUTH_OK)
            rc = take(r, auth_buf_view(&text), value.value);
        auth_buf_clear(&text);
    }
    return rc;
}

/* A table in any of these forms; false when it is none, and then it is a text. */
static bool take_table(struct conf_code_request *r, struct auth_view value, struct auth_view name, take_member *take,
                       enum auth_rc *rc)
{
    struct auth_view inside;
    if (conf_code_is_table(&r->code, value, &inside))
        *rc = each_member(r, inside, take);
    else if (value.n && (value.p[0] == '[' || value.p[0] == '(') && conf_code_inside(&r->code, value, "", &inside) &&
             inside.n && strchr("[(", auth_view_trim(inside).p[0]))
        *rc = each_pair(r, inside, take);
    else
        return false;
    if (*rc == AUTH_OK)
        *rc = each_appended(r, name, take);
    return true;
}

/* ---- bodies ---- */

/* What makes a body of its argument: an object that the client knows, or a mere text of which it does not. */
static const struct {
    const char *name;
    enum conf_code_part part;
    bool is_text;
} makers[] = {
    {"new URLSearchParams", CONF_PART_FORM, false},
    {"URLSearchParams", CONF_PART_FORM, false},
    {"qs.stringify", CONF_PART_FORM, true},
    {"querystring.stringify", CONF_PART_FORM, true},
    {"urllib.parse.urlencode", CONF_PART_FORM, true},
    {"parse.urlencode", CONF_PART_FORM, true},
    {"urlencode", CONF_PART_FORM, true},
    {"JSON.stringify", CONF_PART_JSON, true},
    {"json.dumps", CONF_PART_JSON, true},
    {"new FormData", CONF_PART_MULTIPART, false},
};

/* Without the calls at its end that make a text of it, of which there was one when *is_text is set. */
static struct auth_view without_call(struct auth_view value, bool *is_text)
{
    static const char *const calls[] = {".toString()", ".encode()", ".encode(\"utf-8\")", ".encode('utf-8')"};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        if (auth_view_ends(value, calls[i])) {
            value.n -= strlen(calls[i]);
            *is_text = true;
        }
    }
    return value;
}

static enum auth_rc take_raw(struct conf_code_request *r, struct auth_view value)
{
    auth_buf_add_view(&r->capture->body, value);
    return AUTH_OK;
}

static enum auth_rc take_text(struct conf_code_request *r, struct auth_view value)
{
    struct auth_buf text;
    enum auth_rc rc = text_of(r, value, &text);
    auth_buf_add_view(&r->capture->body, auth_buf_view(&text));
    auth_buf_clear(&text);
    r->is_text = true;
    return rc;
}

static enum auth_rc take_form(struct conf_code_request *r, struct auth_view value, struct auth_view name)
{
    enum auth_rc rc = AUTH_OK;
    struct auth_view inner_name, inner = resolved(r, value, &inner_name);
    r->is_form = true;
    if (auth_view_trim(inner).n == 0) /* an empty one, to be filled */
        return each_appended(r, name, add_field);
    if (!take_table(r, inner, inner_name, add_field, &rc))
        rc = take_text(r, inner);
    return rc == AUTH_OK ? each_appended(r, name, add_field) : rc;
}

static enum auth_rc take_made(struct conf_code_request *r, enum conf_code_part part, struct auth_view inside,
                              struct auth_view name)
{
    if (part == CONF_PART_FORM)
        return take_form(r, inside, name);
    r->is_multipart = r->is_multipart || part == CONF_PART_MULTIPART;
    return part == CONF_PART_JSON ? take_raw(r, inside) : AUTH_OK;
}

/* The same as a text, of which the client does not know what it is. */
static enum auth_rc take_text_of(struct conf_code_request *r, enum conf_code_part part, struct auth_view inside,
                                 struct auth_view name)
{
    enum auth_rc rc = take_made(r, part, inside, name);
    r->is_form = false;
    r->is_text = true;
    return rc;
}

static bool is_null(struct auth_view value)
{
    return auth_view_equals(value, "null") || auth_view_equals(value, "None") || auth_view_equals(value, "undefined") ||
           auth_view_equals_nocase(value, "$null");
}

static enum auth_rc take_body(struct conf_code_request *r, struct auth_view value)
{
    struct auth_view name, inside;
    bool is_text = false;
    value = without_call(resolved(r, without_call(auth_view_trim(value), &is_text), &name), &is_text);
    if (r->code.language == CONF_CODE_POWERSHELL && conf_code_inside(&r->code, value, "", &inside) && value.p[0] == '(')
        value = auth_view_trim(inside);
    struct auth_view pipe = conf_code_expression(&r->code, value, "|");
    if (pipe.n < value.n && auth_view_contains(auth_view_from(value, pipe.n), "ConvertTo-Json"))
        return take_text_of(r, CONF_PART_JSON, pipe, nothing());
    if (is_null(value))
        return AUTH_OK;
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
        if (conf_code_inside(&r->code, value, makers[i].name, &inside))
            return is_text || makers[i].is_text ? take_text_of(r, makers[i].part, inside, name)
                                                : take_made(r, makers[i].part, inside, name);
    }
    if (!conf_code_is_table(&r->code, value, &inside) && !auth_view_starts(value, "["))
        return take_text(r, value);
    if (r->table_is == CONF_PART_FORM)
        return take_form(r, value, name);
    r->is_json = r->table_is == CONF_PART_JSON;
    r->is_text = !r->is_json;
    return take_raw(r, r->is_json ? value : auth_view_from_string("[object Object]"));
}

/* ---- all parts ---- */

static enum auth_rc take_option(struct conf_code_request *r, struct auth_view name, struct auth_view value);

static enum auth_rc take_members(struct conf_code_request *r, struct auth_view value, take_member *take)
{
    struct auth_view name, inside, table = resolved(r, value, &name);
    enum auth_rc rc = AUTH_OK;
    if (conf_code_inside(&r->code, table, "new Headers", &inside) ||
        conf_code_inside(&r->code, table, "new URLSearchParams", &inside))
        table = resolved(r, inside, &name);
    if (table.n && !take_table(r, table, name, take, &rc) && take == add_query) {
        struct auth_buf text;
        rc = text_of(r, table, &text);
        auth_buf_add_view(&r->capture->query, auth_buf_view(&text));
        auth_buf_clear(&text);
    }
    return rc;
}

enum auth_rc conf_code_take(struct conf_code_request *r, enum conf_code_part part, struct auth_view value)
{
    switch (part) {
    case CONF_PART_METHOD:
        return take_method(r, value);
    case CONF_PART_URL:
        return take_url(r, value);
    case CONF_PART_QUERY:
        return take_members(r, value, add_query);
    case CONF_PART_HEADERS:
        return take_members(r, value, take_header);
    case CONF_PART_TYPE:
        return take_type(r, value);
    case CONF_PART_BODY:
        return take_body(r, value);
    case CONF_PART_FORM:
        return take_form(r, value, nothing());
    case CONF_PART_JSON:
        r->is_json = true;
        return take_raw(r, value);
    case CONF_PART_OPTIONS:
        return take_members(r, value, take_option);
    case CONF_PART_MULTIPART:
        r->is_multipart = true;
        return AUTH_OK;
    case CONF_PART_BASIC:
        conf_capture_set_header(r->capture, auth_view_from_string("authorization"), auth_view_from_string("Basic"));
        return AUTH_OK;
    case CONF_PART_FILE:
        return auth_err_set(r->code.err, AUTH_E_SYNTAX, "the body is another file; write its content in its place");
    default:
        return AUTH_OK;
    }
}

static enum auth_rc take_option(struct conf_code_request *r, struct auth_view name, struct auth_view value)
{
    static const struct {
        const char *name;
        enum conf_code_part part;
    } rows[] = {
        {"method", CONF_PART_METHOD},   {"type", CONF_PART_METHOD},      {"url", CONF_PART_URL},
        {"uri", CONF_PART_URL},         {"params", CONF_PART_QUERY},     {"searchParams", CONF_PART_QUERY},
        {"headers", CONF_PART_HEADERS}, {"contentType", CONF_PART_TYPE}, {"body", CONF_PART_BODY},
        {"data", CONF_PART_BODY},       {"content", CONF_PART_BODY},     {"form", CONF_PART_FORM},
        {"json", CONF_PART_JSON},       {"files", CONF_PART_MULTIPART},  {"auth", CONF_PART_BASIC},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (auth_view_equals(name, rows[i].name))
            return conf_code_take(r, rows[i].part, value);
    }
    return AUTH_OK;
}

enum auth_rc conf_code_finish(struct conf_code_request *r, const char *method)
{
    const char *type = r->is_multipart ? "multipart/form-data; boundary=-"
                       : r->is_json    ? "application/json"
                       : r->is_form    ? FORM_TYPE
                       : r->is_text    ? r->text_type
                                       : NULL;
    if (r->capture->url.n == 0)
        return auth_err_set(r->code.err, AUTH_E_SYNTAX, "the request has no URL");
    if (r->capture->method.n == 0)
        auth_buf_add_string(&r->capture->method, method);
    if (type && !r->has_type)
        set_type(r, auth_view_from_string(type));
    return AUTH_OK;
}

/* ---- calls ---- */

struct call {
    const char *name;
    enum conf_code_language language;
    const char *arguments; /* in their order: u URL, m method, d data, o options */
    const char *method, *text_type;
    enum conf_code_part table_is;
};

static const struct call calls[] = {
    {"fetch", CONF_CODE_JAVASCRIPT, "uo", "GET", "text/plain;charset=UTF-8", CONF_PART_IGNORED},
    {"axios.post", CONF_CODE_JAVASCRIPT, "udo", "POST", FORM_TYPE, CONF_PART_JSON},
    {"axios.request", CONF_CODE_JAVASCRIPT, "o", "GET", FORM_TYPE, CONF_PART_JSON},
    {"axios", CONF_CODE_JAVASCRIPT, "uo", "GET", FORM_TYPE, CONF_PART_JSON},
    {"got.post", CONF_CODE_JAVASCRIPT, "uo", "POST", NULL, CONF_PART_IGNORED},
    {"request.post", CONF_CODE_JAVASCRIPT, "uo", "POST", NULL, CONF_PART_JSON},
    {"$.post", CONF_CODE_JAVASCRIPT, "ud", "POST", FORM_TYPE, CONF_PART_FORM},
    {"$.ajax", CONF_CODE_JAVASCRIPT, "uo", "GET", FORM_TYPE, CONF_PART_FORM},
    {"requests.post", CONF_CODE_PYTHON, "ud", "POST", NULL, CONF_PART_FORM},
    {"requests.request", CONF_CODE_PYTHON, "mud", "GET", NULL, CONF_PART_FORM},
    {"session.post", CONF_CODE_PYTHON, "ud", "POST", NULL, CONF_PART_FORM},
    {"httpx.post", CONF_CODE_PYTHON, "ud", "POST", NULL, CONF_PART_FORM},
    {"client.post", CONF_CODE_PYTHON, "ud", "POST", NULL, CONF_PART_FORM},
};

/* Where in the first line a call begins; NULL: none does. */
static const struct call *find_call(struct auth_view text, struct auth_view *arguments)
{
    struct auth_view line = auth_view_bytes(text.p, auth_view_find(text, '\n'));
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        size_t n = strlen(calls[i].name), at = auth_view_find_text(line, calls[i].name);
        bool is_whole =
            at < line.n && at + n < line.n && line.p[at + n] == '(' &&
            (at == 0 || (!conf_code_is_name(line.p[at - 1]) &&
                         (line.p[at - 1] != '.' || auth_view_ends(auth_view_bytes(line.p, at), "window."))));
        if (!is_whole || auth_view_ends(auth_view_bytes(line.p, at), "function "))
            continue;
        *arguments = auth_view_from(text, at + n);
        return &calls[i];
    }
    return NULL;
}

bool conf_code_is_request(struct auth_view text)
{
    struct auth_view arguments;
    return find_call(text, &arguments) != NULL;
}

static enum auth_rc take_argument(struct conf_code_request *r, const struct conf_code_member *argument, char letter)
{
    struct auth_view inside;
    bool is_python = r->code.language == CONF_CODE_PYTHON;
    if (argument->name.n && is_python)
        return take_option(r, argument->name, argument->value);
    if (is_python && auth_view_starts(argument->value, "**")) /* the members of a table, as arguments */
        return conf_code_take(r, CONF_PART_OPTIONS, auth_view_from(argument->value, 2));
    struct auth_view name, value = resolved(r, argument->value, &name);
    bool is_table = conf_code_is_table(&r->code, value, &inside);
    switch (letter) {
    case 'm':
        return take_method(r, argument->value);
    case 'u':
        return is_table ? conf_code_take(r, CONF_PART_OPTIONS, argument->value) : take_url(r, argument->value);
    case 'd':
        return take_body(r, argument->value);
    case 'o':
        return conf_code_take(r, CONF_PART_OPTIONS, argument->value);
    default:
        return AUTH_OK;
    }
}

enum auth_rc conf_code_read(struct auth_view all, struct auth_view text, struct conf_capture *capture,
                            struct auth_err *err)
{
    struct auth_view from = text;
    const struct call *call = find_call(text, &from);
    if (!call)
        return auth_err_set(err, AUTH_E_SYNTAX, "no call of a program");
    struct conf_code_request r = {
        .code = {.language = call->language, .all = all, .err = err},
        .capture = capture,
        .text_type = call->text_type,
        .table_is = call->table_is,
    };
    struct auth_view rest = conf_code_expression(&r.code, auth_view_from(from, 1), "");
    struct conf_code_member argument;
    const char *letter = call->arguments;
    enum auth_rc rc = AUTH_OK;
    while (rc == AUTH_OK && conf_code_next(&r.code, &rest, &argument)) {
        rc = take_argument(&r, &argument, *letter);
        letter += *letter != '\0';
    }
    return rc == AUTH_OK ? conf_code_finish(&r, call->method) : rc;
}
