/* The calls under /mock as a table of methods and paths, and the members that each takes. */
#include "mock_epic/admin/api.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "auth/core/form.h"
#include "auth/core/text.h"
#include "auth/core/time.h"
#include "auth/core/version.h"
#include "mock_epic/admin/guard.h"
#include "mock_epic/oauth/token_endpoint.h"
#include "mock_epic/state/members.h"
#include "mock_epic/state/tokens.h"

/* One admin request; handlers write through `w` and set `status` when it is not 200. */
struct call {
    struct mock_instance *instance;
    const struct mock_request *request;
    struct auth_view id; /* the last path segment, decoded, for routes that take one */
    struct auth_buf id_bytes;
    struct auth_form query;
    const struct auth_json_node *body; /* root of the JSON body; NULL when the body is empty */
    int64_t now_us;
    struct mock_wait *wait;
    bool must_wait; /* nothing is answered: wait says what for */
    struct mock_response *response;
    struct auth_json_writer w;
};

/* ---- answers ---- */

static void fail(struct call *call, int status, const char *error, const char *message)
{
    call->response->status = status;
    mock_response_because(call->response, "%s", message);
    auth_json_write_object(&call->w);
    auth_json_write_member_text(&call->w, "error", error);
    auth_json_write_member_text(&call->w, "message", message);
    auth_json_write_end_object(&call->w);
}

static void fail_rc(struct call *call, enum auth_rc rc, const struct auth_err *err)
{
    static const struct {
        enum auth_rc rc;
        int status;
        const char *error;
    } rows[] = {
        {AUTH_E_KEY, 422, "bad_key"},         {AUTH_E_ALG, 422, "bad_key"},     {AUTH_E_EXISTS, 409, "exists"},
        {AUTH_E_NOT_FOUND, 404, "not_found"}, {AUTH_E_SYNTAX, 400, "bad_json"}, {AUTH_E_DUPLICATE, 400, "bad_json"},
        {AUTH_E_RANGE, 400, "bad_value"},     {AUTH_E_ARG, 400, "bad_value"},   {AUTH_E_TOO_BIG, 413, "too_big"},
    };
    const char *message = err && err->detail[0] ? err->detail : auth_rc_text(rc);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].rc == rc) {
            fail(call, rows[i].status, rows[i].error, message);
            return;
        }
    }
    fail(call, 503, "internal error", message);
}

static int64_t now_s(const struct call *call)
{
    return call->now_us / 1000000;
}

/* Read the body by its table; false when it was refused. Nothing at all reads as {}. */
static bool read_members(struct call *call, const struct mock_member *members, size_t count, void *target,
                         uint32_t *given)
{
    struct auth_err err = {0};
    enum auth_rc rc = mock_members_read(members, count, call->body, target, given, &err);
    if (rc != AUTH_OK)
        fail(call, 400, "bad_value", err.detail);
    return rc == AUTH_OK;
}

/* ---- health, clock ---- */

static void get_health(struct call *call)
{
    auth_json_write_object(&call->w);
    auth_json_write_member_text(&call->w, "status", "ok");
    auth_json_write_member_text(&call->w, "version", AUTH_VERSION);
    auth_json_write_member_text(&call->w, "profile", call->instance->profile.name);
    auth_json_write_member_int(&call->w, "now", now_s(call));
    auth_json_write_end_object(&call->w);
}

static void get_clock(struct call *call)
{
    struct mock_clock_state state = mock_clock_state(&call->instance->clock);
    struct auth_buf time;
    auth_buf_init(&time, 64);
    auth_text_time(&time, state.now_us / 1000000);
    auth_json_write_object(&call->w);
    auth_json_write_member_int(&call->w, "now", state.now_us / 1000000);
    auth_json_write_member_buf(&call->w, "now_rfc3339", &time);
    auth_json_write_member_int(&call->w, "offset_s", state.offset_s);
    auth_json_write_key(&call->w, "rate");
    auth_json_write_double(&call->w, state.rate);
    auth_json_write_member_bool(&call->w, "frozen", state.is_frozen);
    auth_json_write_end_object(&call->w);
    auth_buf_clear(&time);
}

struct clock_change {
    int64_t now_s, now_rfc3339_s, offset_s;
    double rate;
    bool frozen;
};

enum clock_member { CLOCK_NOW, CLOCK_NOW_RFC3339, CLOCK_OFFSET, CLOCK_RATE, CLOCK_FROZEN };

static const struct mock_member clock_members[] = {
    [CLOCK_NOW] = {"now", MOCK_MEMBER_TIME, false, offsetof(struct clock_change, now_s), 0, 0, NULL},
    [CLOCK_NOW_RFC3339] = {"now_rfc3339", MOCK_MEMBER_TIME, false, offsetof(struct clock_change, now_rfc3339_s), 0, 0,
                           NULL},
    [CLOCK_OFFSET] = {"offset_s", MOCK_MEMBER_INT, false, offsetof(struct clock_change, offset_s), INT64_MIN, INT64_MAX,
                      "whole seconds relative to real time"},
    [CLOCK_RATE] = {"rate", MOCK_MEMBER_NUMBER, false, offsetof(struct clock_change, rate), 0, MOCK_CLOCK_RATE_MAX,
                    "server seconds per real second, 0 to 1000000"},
    [CLOCK_FROZEN] = {"frozen", MOCK_MEMBER_BOOL, false, offsetof(struct clock_change, frozen), 0, 0, NULL},
};

/* What GET shows may be sent back, and then says one time in three ways, one of them as old as the answer is. */
static const char *settle_clock_change(const struct mock_clock_state *state, struct clock_change *change,
                                       uint32_t *given)
{
    enum { ROUND_TRIP_MAX_S = 3600 };
    const uint32_t now = 1U << CLOCK_NOW, text = 1U << CLOCK_NOW_RFC3339, offset = 1U << CLOCK_OFFSET;
    if ((*given & now) && (*given & text) && change->now_s != change->now_rfc3339_s)
        return "now and now_rfc3339 name different times";
    if (!(*given & now) && (*given & text))
        change->now_s = change->now_rfc3339_s;
    *given |= *given & text ? now : 0;
    if ((*given & now) && (*given & offset)) {
        int64_t apart_s = state->now_us / 1000000 - state->offset_s + change->offset_s - change->now_s;
        if (apart_s > ROUND_TRIP_MAX_S || apart_s < -ROUND_TRIP_MAX_S)
            return "now and offset_s name different times; give one of them";
        *given &= ~offset;
    }
    return NULL;
}

static void put_clock(struct call *call)
{
    struct mock_clock *clock = &call->instance->clock;
    struct mock_clock_state state = mock_clock_state(clock);
    struct clock_change change = {0};
    uint32_t given;
    if (!read_members(call, clock_members, sizeof clock_members / sizeof *clock_members, &change, &given))
        return;
    const char *problem = settle_clock_change(&state, &change, &given);
    if (problem) {
        fail(call, 400, "bad_value", problem);
        return;
    }
    /* now and rate were looked at before, and only one of now and offset_s is there: all is done or nothing */
    if ((given & 1U << CLOCK_NOW && !mock_clock_set(clock, change.now_s)) ||
        (given & 1U << CLOCK_OFFSET && !mock_clock_set_offset(clock, change.offset_s)) ||
        (given & 1U << CLOCK_RATE && !mock_clock_set_rate(clock, change.rate))) {
        fail(call, 400, "bad_value", "offset_s: the clock stays within " AUTH_TIME_RANGE_TEXT);
        return;
    }
    if (given & 1U << CLOCK_FROZEN)
        mock_clock_freeze(clock, change.frozen);
    get_clock(call);
}

static const struct mock_member advance_members[] = {
    {"seconds", MOCK_MEMBER_INT, true, 0, INT64_MIN, INT64_MAX, "a whole number of seconds, e.g. {\"seconds\":3600}"},
};

static void post_clock_advance(struct call *call)
{
    int64_t seconds = 0;
    if (!read_members(call, advance_members, sizeof advance_members / sizeof *advance_members, &seconds, NULL))
        return;
    if (!mock_clock_advance(&call->instance->clock, seconds)) {
        fail(call, 400, "bad_value", "seconds: the clock stays within " AUTH_TIME_RANGE_TEXT);
        return;
    }
    get_clock(call);
}

/* ---- apps ---- */

static void get_apps(struct call *call)
{
    mock_apps_write_all(&call->instance->apps, &call->w);
}

static void get_app(struct call *call)
{
    struct mock_app *app = mock_apps_acquire(&call->instance->apps, call->id);
    if (!app) {
        fail(call, 404, "not_found", "no app of that client_id is registered");
        return;
    }
    mock_apps_write(app, &call->w);
    mock_apps_release(app);
}

static void register_app(struct call *call, enum mock_apps_put how, int status)
{
    struct auth_err err = {0};
    struct mock_app *app = NULL;
    enum auth_rc rc = mock_apps_parse(call->request->body, now_s(call), &app, &err);
    if (rc == AUTH_OK) {
        rc = mock_apps_check(app, &call->instance->profile, &err);
        if (rc == AUTH_OK && how == MOCK_APPS_REPLACE && !auth_view_equals(call->id, app->client_id))
            rc = auth_err_set(&err, AUTH_E_ARG, "client_id in the body differs from the one in the path");
        if (rc != AUTH_OK)
            mock_apps_release(app);
    }
    if (rc == AUTH_OK) {
        atomic_fetch_add(&app->references, 1); /* one for the answer, one that the table takes */
        rc = mock_apps_put(&call->instance->apps, app, how, &err);
        if (rc == AUTH_OK) {
            call->response->status = status;
            mock_apps_write(app, &call->w);
        } else if (rc == AUTH_E_EXISTS) {
            auth_err_set(&err, rc, "client_id %s is registered already; PUT /mock/apps/ID replaces it", app->client_id);
        }
        mock_apps_release(app);
    }
    if (rc != AUTH_OK)
        fail_rc(call, rc, &err);
}

static void post_apps(struct call *call)
{
    register_app(call, MOCK_APPS_ADD, 201);
}

static void put_app(struct call *call)
{
    register_app(call, MOCK_APPS_REPLACE, 200);
}

static void delete_app(struct call *call)
{
    if (mock_apps_remove(&call->instance->apps, call->id))
        call->response->status = 204;
    else
        fail(call, 404, "not_found", "no app of that client_id is registered");
}

/* ---- tokens ---- */

static bool query_int(struct call *call, const char *name, int64_t min, int64_t max, int64_t *value)
{
    struct auth_view text;
    if (!auth_form_get(&call->query, name, &text))
        return true;
    return auth_view_int(text, value) && *value >= min && *value <= max;
}

static void get_tokens(struct call *call)
{
    int64_t limit = INT64_MAX;
    if (query_int(call, "limit", 0, INT64_MAX, &limit))
        mock_tokens_write(call->instance->store, auth_form_value(&call->query, "client_id"), (size_t)limit, now_s(call),
                          &call->w);
    else
        fail(call, 400, "bad_value", "limit: a whole number, how many tokens are listed at most");
}

static void answer_count(struct call *call, enum auth_rc rc, const char *what, size_t count)
{
    if (rc != AUTH_OK) {
        fail_rc(call, rc, NULL);
        return;
    }
    auth_json_write_object(&call->w);
    auth_json_write_member_int(&call->w, what, (int64_t)count);
    auth_json_write_end_object(&call->w);
}

/* Whose tokens are meant. An empty client_id is no client: a script whose variable is unset must not hit everybody. */
struct token_choice {
    int64_t seconds;
    struct auth_view client_id, token;
};

static const struct mock_member age_members[] = {
    {"seconds", MOCK_MEMBER_INT, true, offsetof(struct token_choice, seconds), INT64_MIN, INT64_MAX,
     "a whole number of seconds, e.g. {\"seconds\":3600}"},
    {"client_id", MOCK_MEMBER_STRING, false, offsetof(struct token_choice, client_id), 1, MOCK_CLIENT_ID_MAX, NULL},
};

static const struct mock_member revoke_members[] = {
    {"client_id", MOCK_MEMBER_STRING, false, offsetof(struct token_choice, client_id), 1, MOCK_CLIENT_ID_MAX, NULL},
    {"token", MOCK_MEMBER_STRING, false, offsetof(struct token_choice, token), 1, MOCK_TOKEN_TEXT_MAX, NULL},
};

static void post_tokens_age(struct call *call)
{
    struct token_choice choice = {0};
    int64_t issued_s;
    size_t count = 0;
    if (!read_members(call, age_members, sizeof age_members / sizeof *age_members, &choice, NULL))
        return;
    if (!auth_time_add(now_s(call), -choice.seconds, &issued_s)) {
        fail(call, 400, "bad_value", "seconds: a token issued now would be from outside " AUTH_TIME_RANGE_TEXT);
        return;
    }
    enum auth_rc rc = mock_tokens_age(call->instance->store, choice.client_id, choice.seconds, &count);
    answer_count(call, rc, "aged", count);
}

static void post_tokens_revoke(struct call *call)
{
    struct token_choice choice = {0};
    size_t count = 0;
    enum auth_rc rc = AUTH_OK;
    if (!read_members(call, revoke_members, sizeof revoke_members / sizeof *revoke_members, &choice, NULL))
        return;
    if (choice.token.n && choice.client_id.n) {
        fail(call, 400, "bad_value", "give client_id or token, not both; neither revokes every token");
        return;
    }
    if (choice.token.n) {
        rc = mock_tokens_revoke_one(call->instance->store, choice.token);
        count = rc == AUTH_OK;
        rc = rc == AUTH_E_NOT_FOUND ? AUTH_OK : rc; /* as RFC 7009: an unknown token is no error */
    } else {
        rc = mock_tokens_revoke(call->instance->store, choice.client_id, &count);
    }
    answer_count(call, rc, "revoked", count);
}

/* ---- journal ---- */

static void get_journal(struct call *call)
{
    struct mock_journal_filter filter = {.kind = -1, .client_id = auth_form_value(&call->query, "client_id")};
    struct auth_view kind = auth_form_value(&call->query, "kind");
    int64_t status = 0, limit = 100;
    if (kind.n && (filter.kind = mock_journal_kind_find(kind)) < 0) {
        fail(call, 400, "bad_value", "kind: token, fhir, bulk, jwks or other");
        return;
    }
    if (!query_int(call, "status", 100, 599, &status) || !query_int(call, "limit", 0, MOCK_JOURNAL_SIZE, &limit)) {
        fail(call, 400, "bad_value", "status: 100 to 599; limit: 0 to 1000");
        return;
    }
    filter.status = (int)status;
    filter.limit = (size_t)limit;
    mock_journal_write(&call->instance->journal, &filter, &call->w);
}

static void get_journal_entry(struct call *call)
{
    int64_t id;
    if (!auth_view_int(call->id, &id) || id < 1 ||
        mock_journal_write_one(&call->instance->journal, (uint64_t)id, &call->w) != AUTH_OK)
        fail(call, 404, "not_found", "no such entry: never written, or overwritten by newer ones");
}

static void delete_journal(struct call *call)
{
    mock_journal_empty(&call->instance->journal);
    call->response->status = 204;
}

/* ---- judging a JWT ---- */

static void post_jwt_check(struct call *call)
{
    struct auth_report report;
    struct auth_view compact = auth_view_trim(call->request->body);
    enum auth_rc rc = mock_token_endpoint_check(call->instance, compact, call->wait, &report);
    call->must_wait = rc == AUTH_E_WAIT;
    if (call->must_wait)
        return;
    if (rc != AUTH_OK) {
        fail_rc(call, rc, NULL);
        return;
    }
    struct auth_outcome outcome = auth_rules_outcome(&report);
    auth_json_write_object(&call->w);
    auth_json_write_member_text(&call->w, "outcome", outcome.is_accepted ? "accepted" : "refused");
    auth_json_write_member_text(&call->w, "error", outcome.is_accepted ? NULL : auth_rules_error_text(outcome.error));
    auth_json_write_key(&call->w, "verdicts");
    auth_rules_write(&report, &call->w);
    auth_json_write_end_object(&call->w);
}

/* ---- reset ---- */

static enum auth_rc reset_journal(struct mock_instance *instance)
{
    mock_journal_empty(&instance->journal);
    return AUTH_OK;
}

static enum auth_rc reset_tokens(struct mock_instance *instance)
{
    return instance->store->ops->clear(instance->store, MOCK_STORE_TOKEN);
}

static enum auth_rc reset_jti(struct mock_instance *instance)
{
    return instance->store->ops->clear(instance->store, MOCK_STORE_JTI);
}

static enum auth_rc reset_clock(struct mock_instance *instance)
{
    mock_instance_reset_clock(instance);
    return AUTH_OK;
}

static enum auth_rc reset_writes(struct mock_instance *instance)
{
    mock_sessions_empty(&instance->sessions);
    return AUTH_OK;
}

static enum auth_rc reset_apps(struct mock_instance *instance)
{
    return mock_instance_reset_apps(instance);
}

static enum auth_rc reset_jwks(struct mock_instance *instance)
{
    mock_apps_forget_jwks(&instance->apps);
    return AUTH_OK;
}

static const struct {
    const char *name;
    enum auth_rc (*reset)(struct mock_instance *instance);
} resets[] = {
    {"journal", reset_journal}, {"tokens", reset_tokens}, {"jti", reset_jti},   {"clock", reset_clock},
    {"writes", reset_writes},   {"apps", reset_apps},     {"jwks", reset_jwks},
};
enum { RESETS = sizeof resets / sizeof *resets };

/* Which of `resets` the body names, as a bit set; 0 when it names an unknown one. */
static unsigned wanted_resets(const struct auth_json_node *what)
{
    unsigned wanted = 0;
    if (!what)
        return (1U << RESETS) - 1;
    for (const struct auth_json_node *node = auth_json_first(what); node; node = auth_json_next(node)) {
        unsigned bit = 0;
        for (unsigned i = 0; i < RESETS; i++)
            bit |= auth_view_equals(auth_json_string(node), resets[i].name) ? 1U << i : 0;
        if (!bit)
            return 0;
        wanted |= bit;
    }
    return wanted;
}

#define RESET_LIST "an array of journal, tokens, jti, clock, writes, apps, jwks; or leave it out"
static const struct mock_member reset_members[] = {
    {"what", MOCK_MEMBER_STRINGS, false, 0, 0, RESETS, RESET_LIST},
};

static void post_reset(struct call *call)
{
    const struct auth_json_node *what = NULL;
    if (!read_members(call, reset_members, sizeof reset_members / sizeof *reset_members, &what, NULL))
        return;
    unsigned wanted = wanted_resets(what);
    if (!wanted) {
        fail(call, 400, "bad_value", "what: " RESET_LIST);
        return;
    }
    enum auth_rc rc = AUTH_OK;
    for (unsigned i = 0; i < RESETS && rc == AUTH_OK; i++)
        rc = wanted & 1U << i ? resets[i].reset(call->instance) : AUTH_OK;
    if (rc != AUTH_OK) { /* some may be done; asking again does the rest */
        fail_rc(call, rc, NULL);
        return;
    }
    auth_json_write_object(&call->w);
    auth_json_write_key(&call->w, "reset");
    auth_json_write_array(&call->w);
    for (unsigned i = 0; i < RESETS; i++) {
        if (wanted & 1U << i)
            auth_json_write_string(&call->w, auth_view_from_string(resets[i].name));
    }
    auth_json_write_end_array(&call->w);
    auth_json_write_end_object(&call->w);
}

/* ---- the table ---- */

/* MAYBE_JSON: without a body it is meant as it stands, as {}. */
enum body { NO_BODY, JSON_BODY, MAYBE_JSON, RAW_BODY };

/* Those who ask whether the server lives add what they like, to get past caches. */
static const char *const any_parameters[] = {NULL};
static const char *const token_parameters[] = {"client_id", "limit", NULL};
static const char *const journal_parameters[] = {"kind", "client_id", "status", "limit", NULL};

static const struct route {
    const char *method;
    const char *path; /* a trailing '*' takes one segment as id */
    enum body body;
    void (*handle)(struct call *call);
    const char *const *parameters; /* of the query; NULL: none */
} routes[] = {
    {"GET", "/mock/health", NO_BODY, get_health, any_parameters},
    {"GET", "/mock/apps", NO_BODY, get_apps, NULL},
    {"POST", "/mock/apps", RAW_BODY, post_apps, NULL},
    {"GET", "/mock/apps/*", NO_BODY, get_app, NULL},
    {"PUT", "/mock/apps/*", RAW_BODY, put_app, NULL},
    {"DELETE", "/mock/apps/*", NO_BODY, delete_app, NULL},
    {"GET", "/mock/clock", NO_BODY, get_clock, NULL},
    {"PUT", "/mock/clock", JSON_BODY, put_clock, NULL},
    {"POST", "/mock/clock/advance", JSON_BODY, post_clock_advance, NULL},
    {"GET", "/mock/tokens", NO_BODY, get_tokens, token_parameters},
    {"POST", "/mock/tokens/age", JSON_BODY, post_tokens_age, NULL},
    {"POST", "/mock/tokens/revoke", MAYBE_JSON, post_tokens_revoke, NULL},
    {"GET", "/mock/journal", NO_BODY, get_journal, journal_parameters},
    {"DELETE", "/mock/journal", NO_BODY, delete_journal, NULL},
    {"GET", "/mock/journal/*", NO_BODY, get_journal_entry, NULL},
    {"POST", "/mock/jwt/check", RAW_BODY, post_jwt_check, NULL},
    {"POST", "/mock/reset", MAYBE_JSON, post_reset, NULL},
};
enum { ROUTES = sizeof routes / sizeof *routes };

static bool path_matches(const struct route *route, struct auth_view path, struct auth_view *id)
{
    size_t n = strlen(route->path);
    if (route->path[n - 1] != '*')
        return auth_view_equals(path, route->path);
    if (path.n < n || memcmp(path.p, route->path, n - 1) != 0)
        return false;
    *id = auth_view_from(path, n - 1);
    return auth_view_find(*id, '/') == id->n;
}

static const struct route *find_route(const struct mock_request *request, struct auth_view *id, bool *path_is_known)
{
    *path_is_known = false;
    for (size_t i = 0; i < ROUTES; i++) {
        if (!path_matches(&routes[i], request->path, id))
            continue;
        *path_is_known = true;
        bool is_head = auth_view_equals(request->method, "HEAD") &&
                       auth_view_equals(auth_view_from_string(routes[i].method), "GET");
        if (is_head || auth_view_equals(request->method, routes[i].method))
            return &routes[i];
    }
    return NULL;
}

/* ---- handling ---- */

static const char *parameter_name(const void *names, size_t i)
{
    return ((const char *const *)names)[i];
}

/* A parameter that is none of the call's would be taken for a filter that it is not. */
static enum auth_rc check_query(const struct call *call, const struct route *route, struct auth_err *err)
{
    size_t count = 0;
    while (route->parameters && route->parameters[count])
        count++;
    struct auth_view duplicate = auth_form_duplicate(&call->query);
    const char *mark = auth_text_cut(&duplicate, 60);
    if (duplicate.n && route->parameters != any_parameters)
        return auth_err_set(err, AUTH_E_DUPLICATE, "the parameter %.*s%s is given twice", (int)duplicate.n, duplicate.p,
                            mark);
    for (size_t i = 0; i < call->query.count && route->parameters != any_parameters; i++) {
        size_t at = 0;
        while (at < count && !auth_view_equals(call->query.fields[i].name, route->parameters[at]))
            at++;
        if (at == count)
            return mock_members_unknown("parameter", call->query.fields[i].name, parameter_name, route->parameters,
                                        count, err);
    }
    return AUTH_OK;
}

/* Whether the request has a body, also one that the server did not read because its method takes none. */
static bool has_body(const struct mock_request *request)
{
    struct auth_view length = auth_view_trim(mock_request_header(request, "content-length"));
    return request->body.n || (length.n && !auth_view_equals(length, "0")) ||
           mock_request_header(request, "transfer-encoding").n;
}

static enum auth_rc read_body(struct call *call, enum body body, struct auth_json **doc, struct auth_err *err)
{
    struct auth_view text = auth_view_trim(call->request->body);
    if (body == RAW_BODY)
        return AUTH_OK;
    if (body == NO_BODY)
        return has_body(call->request) ? auth_err_set(err, AUTH_E_ARG, "this call takes no body") : AUTH_OK;
    if (text.n == 0)
        return body == MAYBE_JSON ? AUTH_OK : auth_err_set(err, AUTH_E_SYNTAX, "a JSON object is needed as the body");
    enum auth_rc rc = auth_json_parse(text, doc, err);
    call->body = rc == AUTH_OK ? auth_json_root(*doc) : NULL;
    return rc;
}

static void run_route(struct call *call, const struct route *route)
{
    struct auth_json *doc = NULL;
    struct auth_err err = {0};
    enum auth_rc rc = auth_form_parse(call->request->query, &call->query, &err);
    if (rc == AUTH_OK)
        rc = check_query(call, route, &err);
    if (rc == AUTH_OK)
        rc = auth_form_unescape(&call->id_bytes, call->id, &err);
    call->id = auth_buf_view(&call->id_bytes);
    if (rc == AUTH_OK)
        rc = read_body(call, route->body, &doc, &err);
    if (rc == AUTH_OK)
        route->handle(call);
    else
        fail_rc(call, rc, &err);
    auth_json_free(doc);
    auth_form_clear(&call->query);
}

/* What was half written gives way to the reason. */
static void refuse_too_big(struct call *call)
{
    char message[160];
    size_t max = call->response->text.cap;
    mock_response_reset(call->response);
    auth_json_writer_init(&call->w, &call->response->text, AUTH_JSON_COMPACT);
    (void)snprintf(message, sizeof message,
                   "the answer would be larger than %zu bytes, the most that this server writes; ask for less", max);
    fail(call, 500, "answer_too_big", message);
}

enum auth_rc mock_admin_handle(struct mock_instance *instance, const struct mock_request *request,
                               struct mock_wait *wait, struct mock_response *response)
{
    struct call call = {
        .instance = instance, .request = request, .now_us = wait->received_us, .wait = wait, .response = response};
    bool path_is_known;
    auth_json_writer_init(&call.w, &response->text, AUTH_JSON_COMPACT);
    const char *refusal = mock_guard_refusal(instance->options.admin_token, request);
    const struct route *route = find_route(request, &call.id, &path_is_known);
    auth_buf_init(&call.id_bytes, call.id.n + 1);
    if (refusal)
        fail(&call, instance->options.admin_token ? 401 : 403, "forbidden", refusal);
    else if (route)
        run_route(&call, route);
    else if (path_is_known)
        fail(&call, 405, "method_not_allowed", "this path does not take that method");
    else
        fail(&call, 404, "not_found", "no such admin call; mock-epic(1) lists them");
    auth_buf_clear(&call.id_bytes);
    if (call.must_wait)
        return AUTH_E_WAIT;
    if (mock_response_is_too_big(response))
        refuse_too_big(&call);
    if (response->text.n) {
        auth_buf_add_char(&response->text, '\n');
        mock_response_header(response, "Content-Type", "application/json");
    }
    mock_response_header(response, "Cache-Control", "no-store");
    mock_response_seal_text(response);
    return AUTH_OK;
}
