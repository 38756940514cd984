/* The members of a fault as tables, and what they mean together. */
#include "mock_epic/admin/fault_read.h"

#include <stddef.h>
#include <string.h>

#include "mock_epic/state/app.h"
#include "mock_epic/state/members.h"

enum {
    BODY_MAX = 256 * 1024,
    DELAY_MAX_MS = 3600 * 1000,
    BYTES_MAX = 1024 * 1024 * 1024,
    PATH_MAX_N = 512,
    COUNT_MAX = 1000000000,
    RETRY_MAX_S = 31 * 86400
};

#define ROWS(rows) rows, sizeof(rows) / sizeof *(rows)

/* ---- match ---- */

struct match_json {
    struct auth_view route;
    struct mock_fault_match match;
};

#define MATCH(member) offsetof(struct match_json, match.member)
static const struct mock_member match_members[] = {
    {"route", MOCK_MEMBER_STRING, false, offsetof(struct match_json, route), 1, 16, NULL},
    {"method", MOCK_MEMBER_STRING, false, MATCH(method), 1, 16, NULL},
    {"path", MOCK_MEMBER_STRING, false, MATCH(path), 1, PATH_MAX_N, NULL},
    {"client_id", MOCK_MEMBER_STRING, false, MATCH(client_id), 1, MOCK_CLIENT_ID_MAX, NULL},
    {"nth", MOCK_MEMBER_INT, false, MATCH(nth), 1, COUNT_MAX, NULL},
    {"every", MOCK_MEMBER_INT, false, MATCH(every), 1, COUNT_MAX, NULL},
    {"times", MOCK_MEMBER_INT, false, MATCH(times), 1, COUNT_MAX, NULL},
    {"probability", MOCK_MEMBER_NUMBER, false, MATCH(probability), 0, 1, NULL},
};

static enum auth_rc read_match(const struct auth_json_node *node, struct mock_fault_match *match, struct auth_err *err)
{
    struct match_json json = {.match = *match};
    enum auth_rc rc = mock_members_read(ROWS(match_members), node, &json, NULL, err);
    if (rc != AUTH_OK)
        return rc;
    if (json.route.n) {
        json.match.route = mock_route_find(json.route);
        if (json.match.route < 0)
            return auth_err_set(err, AUTH_E_ARG,
                                "route: token, introspect, fhir, bulk, discovery, metadata, jwks or other");
        if (json.match.route == MOCK_ROUTE_ADMIN)
            return auth_err_set(err, AUTH_E_ARG, "route: the admin API is not disturbed, or nobody could end it");
    }
    *match = json.match;
    return AUTH_OK;
}

/* ---- action ---- */

struct action_json {
    int64_t status, truncate, pad_to, wrong_content_length, delay_ms;
    struct auth_view body, next_link;
    bool gzip;
    const struct auth_json_node *headers, *drip, *reset, *redirect, *set_field, *drop_field, *retry_after_date;
};

enum action_member {
    STATUS,
    HEADERS,
    BODY,
    DELAY,
    DRIP,
    RESET,
    TRUNCATE,
    GZIP,
    PAD_TO,
    LENGTH,
    REDIRECT,
    SET_FIELD,
    DROP_FIELD,
    NEXT_LINK,
    RETRY_DATE
};

#define ACTION(member) offsetof(struct action_json, member)
static const struct mock_member action_members[] = {
    [STATUS] = {"status", MOCK_MEMBER_INT, false, ACTION(status), 200, 599, NULL},
    [HEADERS] = {"headers", MOCK_MEMBER_ANY, false, ACTION(headers), 0, 0, "{\"NAME\":\"VALUE\"}"},
    [BODY] = {"body", MOCK_MEMBER_STRING, false, ACTION(body), 0, BODY_MAX, NULL},
    [DELAY] = {"delay_ms", MOCK_MEMBER_INT, false, ACTION(delay_ms), 0, DELAY_MAX_MS, NULL},
    [DRIP] = {"drip", MOCK_MEMBER_ANY, false, ACTION(drip), 0, 0, "{\"bytes\":N,\"every_ms\":N}"},
    [RESET] = {"reset", MOCK_MEMBER_ANY, false, ACTION(reset), 0, 0, "\"before\", or after how many bytes of the body"},
    [TRUNCATE] = {"truncate", MOCK_MEMBER_INT, false, ACTION(truncate), 0, BYTES_MAX, NULL},
    [GZIP] = {"gzip", MOCK_MEMBER_BOOL, false, ACTION(gzip), 0, 0, NULL},
    [PAD_TO] = {"pad_to", MOCK_MEMBER_INT, false, ACTION(pad_to), 1, MOCK_FAULT_PAD_MAX, NULL},
    [LENGTH] = {"wrong_content_length", MOCK_MEMBER_INT, false, ACTION(wrong_content_length), -BYTES_MAX, BYTES_MAX,
                "by how many bytes Content-Length is too big, or negative, too small"},
    [REDIRECT] = {"redirect", MOCK_MEMBER_ANY, false, ACTION(redirect), 0, 0,
                  "{\"status\":307,\"to\":\"same\"}; to is \"same\", \"foreign\" or a URL"},
    [SET_FIELD] = {"set_field", MOCK_MEMBER_ANY, false, ACTION(set_field), 0, 0, "{\"NAME\":JSON}"},
    [DROP_FIELD] = {"drop_field", MOCK_MEMBER_STRINGS, false, ACTION(drop_field), 0, 64, "[\"NAME\"]"},
    [NEXT_LINK] = {"next_link", MOCK_MEMBER_STRING, false, ACTION(next_link), 1, 16, MOCK_NEXT_LINK_LIST},
    [RETRY_DATE] = {"retry_after_date", MOCK_MEMBER_ANY, false, ACTION(retry_after_date), 0, 0,
                    "{\"in_s\":N,\"form\":\"imf\"}; form is imf, rfc850 or asctime"},
};

static enum auth_rc refuse(enum action_member member, struct auth_err *err)
{
    return auth_err_set(err, AUTH_E_ARG, "%s: %s", action_members[member].name, action_members[member].meaning);
}

/* A header that somebody may set: HTTP's framing and the connection are not answers. */
static bool may_set(struct auth_view name, struct auth_view value)
{
    static const char *const others[] = {"content-length", "transfer-encoding", "connection", "trailer", "upgrade"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (auth_view_equals_nocase(name, others[i]))
            return false;
    }
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] <= ' ' || name.p[i] >= 0x7f || strchr("()<>@,;:\\\"/[]?={}", name.p[i]))
            return false;
    }
    for (size_t i = 0; i < value.n; i++) {
        if ((unsigned char)value.p[i] < ' ' || value.p[i] == 0x7f)
            return false;
    }
    return name.n > 0;
}

static enum auth_rc read_headers(const struct auth_json_node *node, struct mock_fault_action *action,
                                 struct auth_err *err)
{
    size_t bytes = 0;
    if (auth_json_type(node) != AUTH_JSON_OBJECT)
        return refuse(HEADERS, err);
    for (const struct auth_json_node *item = auth_json_first(node); item; item = auth_json_next(item)) {
        struct mock_header header = {auth_json_name(item), auth_json_string(item)};
        bytes += header.name.n + header.value.n + 2;
        if (auth_json_type(item) != AUTH_JSON_STRING || !may_set(header.name, header.value))
            return auth_err_set(err, AUTH_E_ARG,
                                "headers: %.*s cannot be set, or not to that; truncate, reset and "
                                "wrong_content_length disturb the framing",
                                (int)(header.name.n < 60 ? header.name.n : 60), header.name.p);
        if (action->header_count == MOCK_FAULT_HEADERS_MAX || bytes > MOCK_FAULT_HEADERS_BYTES_MAX)
            return auth_err_set(err, AUTH_E_ARG, "headers: at most %d, and %d bytes together", MOCK_FAULT_HEADERS_MAX,
                                MOCK_FAULT_HEADERS_BYTES_MAX);
        action->headers[action->header_count++] = header;
    }
    return AUTH_OK;
}

struct drip_json {
    int64_t bytes, every_ms;
};
static const struct mock_member drip_members[] = {
    {"bytes", MOCK_MEMBER_INT, true, offsetof(struct drip_json, bytes), 1, BYTES_MAX, NULL},
    {"every_ms", MOCK_MEMBER_INT, true, offsetof(struct drip_json, every_ms), 0, DELAY_MAX_MS, NULL},
};

static enum auth_rc read_drip(const struct auth_json_node *node, struct mock_wire *wire, struct auth_err *err)
{
    struct drip_json drip = {0};
    if (mock_members_read_as("drip", ROWS(drip_members), node, &drip, NULL, err) != AUTH_OK)
        return AUTH_E_ARG;
    wire->drip_bytes = drip.bytes;
    wire->drip_every_ms = drip.every_ms;
    return AUTH_OK;
}

static enum auth_rc read_reset(const struct auth_json_node *node, struct mock_wire *wire, struct auth_err *err)
{
    wire->is_reset = true;
    if (auth_view_equals(auth_json_string(node), "before"))
        wire->reset_after = -1;
    else if (!auth_json_int(node, &wire->reset_after) || wire->reset_after < 0 || wire->reset_after > BYTES_MAX)
        return refuse(RESET, err);
    return AUTH_OK;
}

struct redirect_json {
    int64_t status;
    struct auth_view to;
};
static const struct mock_member redirect_members[] = {
    {"status", MOCK_MEMBER_INT, false, offsetof(struct redirect_json, status), 300, 399, NULL},
    {"to", MOCK_MEMBER_STRING, true, offsetof(struct redirect_json, to), 1, 1024, "\"same\", \"foreign\" or a URL"},
};

static enum auth_rc read_redirect(const struct auth_json_node *node, struct mock_fault_action *action,
                                  struct auth_err *err)
{
    struct redirect_json redirect = {.status = 307};
    if (mock_members_read_as("redirect", ROWS(redirect_members), node, &redirect, NULL, err) != AUTH_OK)
        return AUTH_E_ARG;
    action->redirect = auth_view_equals(redirect.to, "same")      ? MOCK_REDIRECT_SAME
                       : auth_view_equals(redirect.to, "foreign") ? MOCK_REDIRECT_FOREIGN
                                                                  : MOCK_REDIRECT_URL;
    if (!may_set(auth_view_from_string("Location"), redirect.to))
        return refuse(REDIRECT, err);
    action->redirect_status = (int)redirect.status;
    action->redirect_url = redirect.to;
    return AUTH_OK;
}

struct retry_json {
    int64_t in_s;
    struct auth_view form;
};
static const struct mock_member retry_members[] = {
    {"in_s", MOCK_MEMBER_INT, true, offsetof(struct retry_json, in_s), -RETRY_MAX_S, RETRY_MAX_S, NULL},
    {"form", MOCK_MEMBER_STRING, false, offsetof(struct retry_json, form), 1, 16, "imf, rfc850 or asctime"},
};

static enum auth_rc read_retry_date(const struct auth_json_node *node, struct mock_fault_action *action,
                                    struct auth_err *err)
{
    struct retry_json retry = {.form = auth_view_from_string("imf")};
    if (mock_members_read_as("retry_after_date", ROWS(retry_members), node, &retry, NULL, err) != AUTH_OK)
        return AUTH_E_ARG;
    int form = mock_date_form_find(retry.form);
    if (form < 0)
        return refuse(RETRY_DATE, err);
    action->has_retry_date = true;
    action->retry_in_s = retry.in_s;
    action->retry_form = (enum mock_date_form)form;
    return AUTH_OK;
}

static enum auth_rc read_next_link(struct auth_view name, struct mock_fault_action *action, struct auth_err *err)
{
    int how = name.n ? mock_next_link_find(name) : MOCK_NEXT_AS_IS;
    if (how < 0)
        return refuse(NEXT_LINK, err);
    action->next_link = (enum mock_next_link)how;
    return AUTH_OK;
}

/* The fields as they are written: digits and white space stay. */
static enum auth_rc read_fields(const struct action_json *json, struct auth_view text, struct mock_fault_action *action,
                                struct auth_err *err)
{
    struct auth_view raw;
    if (json->set_field && (auth_json_type(json->set_field) != AUTH_JSON_OBJECT || !auth_json_first(json->set_field)))
        return refuse(SET_FIELD, err);
    if (!auth_json_raw_member(text, "action", &raw))
        return auth_err_set(err, AUTH_E_ARG, "action: write the member's name without escapes");
    if ((json->set_field && !auth_json_raw_member(raw, "set_field", &action->set_fields)) ||
        (json->drop_field && !auth_json_raw_member(raw, "drop_field", &action->drop_fields)))
        return auth_err_set(err, AUTH_E_ARG, "set_field, drop_field: write the members' names without escapes");
    return AUTH_OK;
}

static enum auth_rc read_wire(const struct action_json *json, uint32_t given, struct mock_wire *wire,
                              struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    wire->delay_ms = json->delay_ms;
    wire->length_delta = json->wrong_content_length;
    wire->is_truncated = given & 1U << TRUNCATE;
    wire->truncate_at = json->truncate;
    if (json->drip)
        rc = read_drip(json->drip, wire, err);
    if (rc == AUTH_OK && json->reset)
        rc = read_reset(json->reset, wire, err);
    if (rc == AUTH_OK && wire->is_truncated + wire->is_reset + (wire->length_delta != 0) > 1)
        rc = auth_err_set(err, AUTH_E_ARG, "truncate, reset and wrong_content_length exclude each other");
    return rc;
}

static enum auth_rc read_action(const struct auth_json_node *node, struct auth_view text,
                                struct mock_fault_action *action, struct auth_err *err)
{
    struct action_json json = {0};
    uint32_t given = 0;
    enum auth_rc rc = mock_members_read(ROWS(action_members), node, &json, &given, err);
    if (rc == AUTH_OK && !given)
        rc = auth_err_set(err, AUTH_E_ARG, "action: at least one of what it can do is needed, e.g. {\"status\":503}");
    if (rc != AUTH_OK)
        return rc;
    action->status = (int)json.status;
    action->has_body = given & 1U << BODY;
    action->body = json.body;
    action->gzip = json.gzip;
    action->pad_to = json.pad_to;
    if (json.headers)
        rc = read_headers(json.headers, action, err);
    if (rc == AUTH_OK && json.redirect)
        rc = read_redirect(json.redirect, action, err);
    if (rc == AUTH_OK && json.retry_after_date)
        rc = read_retry_date(json.retry_after_date, action, err);
    if (rc == AUTH_OK)
        rc = read_next_link(json.next_link, action, err);
    if (rc == AUTH_OK)
        rc = read_wire(&json, given, &action->wire, err);
    return rc == AUTH_OK ? read_fields(&json, text, action, err) : rc;
}

/* ---- both ---- */

struct fault_json {
    const struct auth_json_node *match, *action;
};
static const struct mock_member fault_members[] = {
    {"match", MOCK_MEMBER_ANY, false, offsetof(struct fault_json, match), 0, 0, NULL},
    {"action", MOCK_MEMBER_ANY, true, offsetof(struct fault_json, action), 0, 0, "what to do, e.g. {\"status\":503}"},
    {"id", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"count", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"hits", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
    {"$schema", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
};

static enum auth_rc fill(const struct auth_json_node *node, struct auth_view text, struct mock_fault_match *match,
                         struct mock_fault_action *action, struct auth_err *err)
{
    struct fault_json json = {NULL, NULL};
    enum auth_rc rc = mock_members_read(ROWS(fault_members), node, &json, NULL, err);
    if (rc == AUTH_OK && json.match) {
        rc = read_match(json.match, match, err);
        if (rc != AUTH_OK)
            return mock_members_about(json.match, err, rc);
    }
    if (rc == AUTH_OK) {
        rc = read_action(json.action, text, action, err);
        if (rc != AUTH_OK)
            return mock_members_about(json.action, err, rc);
    }
    return rc;
}

enum auth_rc mock_fault_check(const struct auth_json_node *node, struct auth_view text, struct auth_err *err)
{
    struct mock_fault_match match = {.route = MOCK_ANY_ROUTE};
    struct mock_fault_action action = {0};
    return fill(node, text, &match, &action, err);
}

enum auth_rc mock_fault_read(struct auth_view json, struct mock_fault **out, struct auth_err *err)
{
    struct mock_fault *fault = NULL;
    enum auth_rc rc = mock_fault_new(auth_view_trim(json), &fault, err);
    if (rc != AUTH_OK)
        return rc;
    rc = fill(auth_json_root(fault->json), auth_view_from_string(fault->text), &fault->match, &fault->action, err);
    if (rc == AUTH_OK)
        *out = fault;
    else
        mock_fault_release(fault);
    if (err)
        err->node = NULL; /* its document is ours */
    return rc;
}
