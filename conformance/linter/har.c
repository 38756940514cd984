/* HAR: which entry is the token request, and what it holds. */
#include "conformance/linter/har.h"

#include "auth/core/b64u.h"
#include "auth/core/json.h"
#include "auth/core/time.h"

enum { STATUS_MIN = 100, STATUS_REFUSED = 400, STATUS_MAX = 599 };

bool conf_har_is_one(struct auth_view text)
{
    struct auth_view trimmed = auth_view_trim(text);
    return auth_view_starts(trimmed, "{") && auth_view_contains(text, "\"log\"") &&
           auth_view_contains(text, "\"entries\"");
}

/* A HAR file holds everything that a browser loaded, images and all. So only its grammar is checked, and only what matters of
 * an entry is taken apart. */

static struct auth_json *parse_member(struct auth_view object, const char *name)
{
    struct auth_view raw;
    struct auth_json *doc = NULL;
    if (!auth_json_raw_member(object, name, &raw) || auth_json_parse(raw, &doc, NULL) != AUTH_OK)
        return NULL;
    return doc;
}

static int status_of(struct auth_view entry)
{
    struct auth_view response, raw;
    int64_t status = 0;
    bool is_one = auth_json_raw_member(entry, "response", &response) &&
                  auth_json_raw_member(response, "status", &raw) && auth_view_int(raw, &status) &&
                  status >= STATUS_MIN && status <= STATUS_MAX;
    return is_one ? (int)status : 0;
}

/* ---- which entry ---- */

static bool has_assertion(const struct auth_json_node *data)
{
    const struct auth_json_node *param = auth_json_first(auth_json_member(data, "params"));
    if (auth_view_contains(auth_json_member_string(data, "text"), "client_assertion"))
        return true;
    while (param && !auth_view_starts(auth_json_member_string(param, "name"), "client_assertion"))
        param = auth_json_next(param);
    return param != NULL;
}

static bool is_token_url(struct auth_view url)
{
    struct auth_view path = auth_view_split(&url, '#');
    path = auth_view_split(&path, '?');
    return auth_view_ends(path, "/token") || auth_view_ends(path, "/token/");
}

/* 0: no token request; more is more of one. A preflight is less of one. */
static int rank(struct auth_view entry)
{
    struct auth_json *request = parse_member(entry, "request");
    const struct auth_json_node *root = auth_json_root(request);
    int own = 0;
    if (has_assertion(auth_json_member(root, "postData")))
        own = status_of(entry) >= STATUS_REFUSED ? 4 : 3;
    else if (is_token_url(auth_json_member_string(root, "url")))
        own = auth_view_equals_nocase(auth_json_member_string(root, "method"), "post") ? 2 : 1;
    auth_json_free(request);
    return own;
}

struct choice {
    struct auth_view entry;
    size_t number, total, token_requests;
};

static struct choice choose(struct auth_view entries)
{
    struct choice best = {.total = 0};
    struct auth_view entry;
    size_t cursor = 0;
    int best_rank = 1;
    while (auth_json_raw_next(entries, &cursor, &entry)) {
        int own = rank(entry);
        best.total++;
        best.token_requests += own > 0;
        if (own >= best_rank) { /* of equals the last: what was tried then */
            best_rank = own;
            best.entry = entry;
            best.number = best.total;
        }
    }
    return best;
}

/* ---- what it holds ---- */

static void take_params(const struct auth_json_node *data, struct conf_capture *capture)
{
    for (const struct auth_json_node *p = auth_json_first(auth_json_member(data, "params")); p; p = auth_json_next(p)) {
        struct auth_buf name, value;
        struct auth_view written = auth_json_member_string(p, "value");
        auth_buf_init_secret(&name, CONF_CAPTURE_MAX_N);
        auth_buf_init_secret(&value, CONF_CAPTURE_MAX_N);
        /* some exporters write params as sent, others decoded */
        bool is_sent = auth_form_unescape(&name, auth_json_member_string(p, "name"), NULL) == AUTH_OK &&
                       auth_form_unescape(&value, written, NULL) == AUTH_OK;
        conf_capture_add_field(capture, is_sent ? auth_buf_view(&name) : auth_json_member_string(p, "name"),
                               is_sent ? auth_buf_view(&value) : written);
        auth_buf_clear(&name);
        auth_buf_clear(&value);
    }
}

static void take_request(struct auth_view entry, struct conf_capture *capture)
{
    struct auth_json *doc = parse_member(entry, "request");
    const struct auth_json_node *request = auth_json_root(doc), *data = auth_json_member(request, "postData");
    struct auth_view text = auth_json_member_string(data, "text");
    const struct auth_json_node *h = auth_json_first(auth_json_member(request, "headers"));
    auth_buf_add_view(&capture->method, auth_json_member_string(request, "method"));
    conf_capture_set_url(capture, auth_json_member_string(request, "url"));
    auth_buf_add_view(&capture->content_type, auth_json_member_string(data, "mimeType"));
    for (; h; h = auth_json_next(h))
        conf_capture_set_header(capture, auth_json_member_string(h, "name"), auth_json_member_string(h, "value"));
    if (text.n)
        auth_buf_add_view(&capture->body, text);
    else
        take_params(data, capture);
    auth_json_free(doc);
}

/* Standard base64 in the alphabet of base64url, without its padding. */
static void decode_base64(struct auth_view text, struct auth_buf *out)
{
    struct auth_buf safe;
    auth_buf_init(&safe, 2 * CONF_CAPTURE_MAX_N);
    for (size_t i = 0; i < text.n && text.p[i] != '='; i++)
        auth_buf_add_char(&safe, text.p[i] == '+' ? '-' : text.p[i] == '/' ? '_' : text.p[i]);
    if (auth_b64u_decode(auth_buf_view(&safe), out, NULL) != AUTH_OK)
        auth_buf_reset(out);
    auth_buf_clear(&safe);
}

static void take_content(struct auth_view response, struct conf_capture *capture)
{
    struct auth_json *doc = parse_member(response, "content");
    struct auth_view text = auth_json_member_string(auth_json_root(doc), "text");
    struct auth_buf decoded;
    auth_buf_init(&decoded, CONF_CAPTURE_MAX_N);
    if (auth_view_equals(auth_json_member_string(auth_json_root(doc), "encoding"), "base64")) {
        decode_base64(text, &decoded);
        text = auth_buf_view(&decoded);
    }
    conf_capture_set_answer(capture, text);
    auth_buf_clear(&decoded);
    auth_json_free(doc);
}

static void take_answer(struct auth_view entry, struct conf_capture *capture)
{
    struct auth_view response;
    struct auth_json *started = parse_member(entry, "startedDateTime");
    capture->status = status_of(entry);
    if (auth_time_parse(auth_json_string(auth_json_root(started)), &capture->time_s))
        capture->clock = CONF_CLOCK_STARTED;
    auth_json_free(started);
    if (!auth_json_raw_member(entry, "response", &response))
        return;
    struct auth_json *headers = parse_member(response, "headers");
    for (const struct auth_json_node *h = auth_json_first(auth_json_root(headers)); h; h = auth_json_next(h)) {
        if (auth_view_equals_nocase(auth_json_member_string(h, "name"), "date"))
            conf_capture_set_date(capture, auth_json_member_string(h, "value"));
    }
    auth_json_free(headers);
    take_content(response, capture);
}

enum auth_rc conf_har_read(struct auth_view text, struct conf_capture *capture, struct auth_err *err)
{
    struct auth_view log, entries;
    struct auth_err inner = {0};
    struct auth_view trimmed = auth_view_trim(text);
    enum auth_rc rc = auth_json_check_grammar(trimmed, &inner);
    if (rc != AUTH_OK)
        return auth_err_set(err, rc, "a HAR file that cannot be read: %s", inner.detail);
    bool has_entries = auth_json_raw_member(trimmed, "log", &log) && auth_json_raw_member(log, "entries", &entries);
    struct choice choice = choose(has_entries ? entries : auth_view_from_string("[]"));
    if (choice.entry.n == 0)
        return auth_err_set(err, AUTH_E_SYNTAX, "a HAR file of %zu entries, none of which is a token request",
                            choice.total);
    take_request(choice.entry, capture);
    take_answer(choice.entry, capture);
    conf_capture_note(capture, "entry %zu of %zu of the HAR file is judged%s", choice.number, choice.total,
                      choice.token_requests > 1 ? ", one of several token requests" : "");
    if (capture->body.n == 0)
        conf_capture_note(capture, "the HAR file does not hold the request's body");
    return AUTH_OK;
}
