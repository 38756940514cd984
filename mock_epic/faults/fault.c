/* What a fault makes of an answer. */
#include "mock_epic/faults/fault.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/time.h"
#include "mock_epic/faults/gzip.h"

enum { URL_MAX = 16 * 1024 };

enum auth_rc mock_fault_new(struct auth_view text, struct mock_fault **out, struct auth_err *err)
{
    struct mock_fault *fault = calloc(1, sizeof *fault);
    if (!fault)
        return auth_err_no_memory(err);
    atomic_init(&fault->references, 1);
    atomic_init(&fault->is_removed, false);
    fault->match.route = MOCK_ANY_ROUTE;
    fault->match.probability = 1;
    fault->text = auth_view_dup(text);
    fault->bytes = sizeof *fault + 3 * text.n; /* the text and its tree */
    enum auth_rc rc = fault->text ? auth_json_parse(auth_view_from_string(fault->text), &fault->json, err)
                                  : auth_err_set(err, AUTH_E_SYNTAX, "no JSON text");
    if (rc == AUTH_OK)
        *out = fault;
    else
        mock_fault_release(fault);
    return rc;
}

struct mock_fault *mock_fault_hold(struct mock_fault *fault)
{
    atomic_fetch_add(&fault->references, 1);
    return fault;
}

void mock_fault_release(struct mock_fault *fault)
{
    if (!fault || atomic_fetch_sub(&fault->references, 1) > 1)
        return;
    if (fault->original) {
        mock_fault_release(fault->original);
    } else {
        auth_json_free(fault->json);
        free(fault->text);
    }
    free(fault);
}

struct mock_fault *mock_fault_copy(struct mock_fault *fault)
{
    struct mock_fault *copy = calloc(1, sizeof *copy);
    if (!copy)
        return NULL;
    atomic_init(&copy->references, 1);
    atomic_init(&copy->is_removed, false);
    copy->id = fault->id;
    copy->match = fault->match;
    copy->action = fault->action;
    copy->client_hash = fault->client_hash;
    copy->count = fault->count;
    copy->hits = fault->hits;
    copy->bytes = fault->bytes;
    copy->text = fault->text;
    copy->json = fault->json;
    copy->original = mock_fault_hold(fault->original ? fault->original : fault);
    return copy;
}

bool mock_fault_replaces(const struct mock_fault *fault)
{
    const struct mock_fault_action *action = &fault->action;
    if (action->set_fields.n || action->drop_fields.n)
        return false;
    return action->status || action->has_body || action->redirect != MOCK_REDIRECT_NONE ||
           (action->wire.is_reset && action->wire.reset_after < 0);
}

/* ---- members of a JSON body ---- */

/* An object under change: kept members with the white space that stood before the first, so that it looks as it did. */
struct edit {
    struct auth_buf *out;
    struct auth_view blank; /* between '{' and the first member */
    bool has_member;
};

static void add_member(struct edit *edit, struct auth_view name, struct auth_view value)
{
    auth_buf_add_string(edit->out, edit->has_member ? "," : "");
    auth_buf_add_view(edit->out, edit->blank);
    auth_buf_add_char(edit->out, '"');
    auth_buf_add_view(edit->out, name);
    auth_buf_add_string(edit->out, edit->blank.n ? "\": " : "\":");
    auth_buf_add_view(edit->out, value);
    edit->has_member = true;
}

static bool is_dropped(struct auth_view drops, struct auth_view name)
{
    struct auth_view item;
    for (size_t cursor = 0; auth_json_raw_next(drops, &cursor, &item);) {
        if (item.n >= 2 && auth_view_equals_view(auth_view_bytes(item.p + 1, item.n - 2), name))
            return true;
    }
    return false;
}

static bool find_member(struct auth_view object, struct auth_view wanted, struct auth_view *value)
{
    struct auth_view name;
    for (size_t cursor = 0; auth_json_raw_next_member(object, &cursor, &name, value);) {
        if (auth_view_equals_view(name, wanted))
            return true;
    }
    return false;
}

static void edit_members(const struct mock_fault_action *action, struct auth_view body, struct auth_buf *out)
{
    struct edit edit = {.out = out};
    struct auth_view name, value, other;
    size_t cursor = 0;
    bool is_first = true;
    auth_buf_add_char(out, '{');
    while (auth_json_raw_next_member(body, &cursor, &name, &value)) {
        if (is_first)
            edit.blank = auth_view_bytes(body.p + 1, (size_t)(name.p - body.p) - 2);
        is_first = false;
        if (find_member(action->set_fields, name, &other))
            add_member(&edit, name, other);
        else if (!is_dropped(action->drop_fields, name))
            add_member(&edit, name, value);
    }
    for (cursor = 0; auth_json_raw_next_member(action->set_fields, &cursor, &name, &value);) {
        if (!find_member(body, name, &other))
            add_member(&edit, name, value);
    }
    if (edit.blank.n) /* as deep as the object itself stands: its white space less one step */
        auth_buf_add_string(out, memchr(edit.blank.p, '\r', edit.blank.n)   ? "\r\n"
                                 : memchr(edit.blank.p, '\n', edit.blank.n) ? "\n"
                                                                            : "");
    auth_buf_add_char(out, '}');
}

/* Of a JSON object; whatever else it is stays as it is. */
static void change_json(const struct mock_fault_action *action, struct auth_view here, bool is_link,
                        struct mock_response *response)
{
    struct auth_buf body, out;
    auth_buf_init_secret(&body, MOCK_RESPONSE_BODY_MAX);
    auth_buf_init_secret(&out, MOCK_RESPONSE_BODY_MAX);
    mock_response_body(response, &body);
    struct auth_view text = auth_view_trim(auth_buf_view(&body));
    if (text.n && text.p[0] == '{' && auth_json_check(text, NULL) == AUTH_OK) {
        if (is_link)
            mock_next_link_alter(action->next_link, text, here, &out);
        else
            edit_members(action, text, &out);
        response->is_spoiled = response->is_spoiled || !auth_buf_ok(&out);
        mock_response_replace_body(response, auth_buf_view(&out));
    }
    auth_buf_clear(&out);
    auth_buf_clear(&body);
}

static void change_fields(const struct mock_fault_action *action, struct auth_view here, struct mock_response *response)
{
    if (action->set_fields.n || action->drop_fields.n)
        change_json(action, here, false, response);
    if (action->next_link != MOCK_NEXT_AS_IS)
        change_json(action, here, true, response);
}

/* ---- the body as bytes ---- */

static const char *type_of(struct auth_view body)
{
    struct auth_view text = auth_view_trim(body);
    if (text.n && (text.p[0] == '{' || text.p[0] == '['))
        return "application/json";
    return text.n && text.p[0] == '<' ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
}

static void replace_body(const struct mock_fault_action *action, struct mock_response *response)
{
    if (!action->has_body)
        return;
    mock_response_replace_body(response, action->body);
    if (action->body.n)
        mock_response_header_set(response, auth_view_from_string("Content-Type"),
                                 auth_view_from_string(type_of(action->body)));
}

/* Blanks are nothing in JSON, XML and HTML. */
static void pad(const struct mock_fault_action *action, struct mock_response *response)
{
    static const char blanks[] = "                                                                ";
    size_t size = mock_response_size(response), wanted = (size_t)action->pad_to;
    mock_response_seal_text(response);
    while (size < wanted && !response->is_spoiled) {
        size_t n = wanted - size < sizeof blanks - 1 ? wanted - size : sizeof blanks - 1;
        auth_buf_add(&response->text, blanks, n);
        response->is_spoiled = !auth_buf_ok(&response->text);
        size += n;
    }
    mock_response_seal_text(response);
}

static void compress(const struct mock_fault_action *action, struct mock_response *response)
{
    struct auth_buf body, out;
    if (!action->gzip)
        return;
    auth_buf_init_secret(&body, MOCK_RESPONSE_BODY_MAX);
    auth_buf_init_secret(&out, MOCK_RESPONSE_BODY_MAX);
    mock_response_body(response, &body);
    mock_gzip(auth_buf_view(&body), &out);
    response->is_spoiled = response->is_spoiled || !auth_buf_ok(&body) || !auth_buf_ok(&out);
    mock_response_replace_body(response, auth_buf_view(&out));
    mock_response_header_set(response, auth_view_from_string("Content-Encoding"), auth_view_from_string("gzip"));
    auth_buf_clear(&out);
    auth_buf_clear(&body);
}

/* ---- all of it ---- */

static void redirect(const struct mock_fault_action *action, struct auth_view here, struct mock_response *response)
{
    struct auth_buf foreign;
    if (action->redirect == MOCK_REDIRECT_NONE)
        return;
    auth_buf_init(&foreign, URL_MAX);
    if (action->redirect == MOCK_REDIRECT_FOREIGN)
        mock_foreign_url(here, &foreign);
    struct auth_view to = action->redirect == MOCK_REDIRECT_SAME      ? here
                          : action->redirect == MOCK_REDIRECT_FOREIGN ? auth_buf_view(&foreign)
                                                                      : action->redirect_url;
    response->status = action->redirect_status;
    mock_response_header_set(response, auth_view_from_string("Location"), to);
    auth_buf_clear(&foreign);
}

static struct auth_view header_of(const struct mock_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++) {
        if (auth_view_equals_nocase(auth_view_from_string(response->headers[i].name), name))
            return auth_view_from_string(response->headers[i].value);
    }
    return auth_view_from_string("");
}

/* By the Date of the answer, which is what a client has to count from. */
static void set_retry_date(const struct mock_fault_action *action, struct mock_response *response)
{
    struct auth_buf date;
    int64_t now_s = 0;
    auth_buf_init(&date, 64);
    if (auth_time_parse_http(header_of(response, "Date"), &now_s)) {
        mock_date_write(action->retry_form, auth_time_shift(now_s, action->retry_in_s), &date);
        mock_response_header_set(response, auth_view_from_string("Retry-After"), auth_buf_view(&date));
    }
    auth_buf_clear(&date);
}

void mock_fault_alter(const struct mock_fault *fault, struct auth_view here, struct mock_response *response)
{
    const struct mock_fault_action *action = &fault->action;
    change_fields(action, here, response);
    replace_body(action, response);
    if (action->pad_to)
        pad(action, response);
    compress(action, response);
    redirect(action, here, response);
    if (action->status)
        response->status = action->status;
    for (size_t i = 0; i < action->header_count; i++)
        mock_response_header_set(response, action->headers[i].name, action->headers[i].value);
    if (action->has_retry_date)
        set_retry_date(action, response);
    response->wire = action->wire;
}

void mock_fault_wait(struct mock_fault *fault, struct mock_waiters *waiters, struct mock_wait *wait)
{
    mock_fault_hold(fault);
    mock_waiters_add(waiters, wait);
    if (atomic_load(&fault->is_removed))
        mock_waiters_wake(waiters, fault);
    mock_fault_release(fault);
}

void mock_fault_write(const struct mock_fault *fault, struct auth_json_writer *w)
{
    static const char *const names[] = {"match", "action"};
    auth_json_write_object(w);
    auth_json_write_member_int(w, "id", (int64_t)fault->id);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct auth_view raw = auth_view_from_string("{}");
        (void)auth_json_raw_member(auth_view_from_string(fault->text), names[i], &raw);
        auth_json_write_member_raw(w, names[i], raw);
    }
    auth_json_write_member_int(w, "count", (int64_t)fault->count);
    auth_json_write_member_int(w, "hits", (int64_t)fault->hits);
    auth_json_write_end_object(w);
}
