/* The table of paths, and the steps of a request. */
#include "mock_epic/server/dispatch.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "auth/core/text.h"
#include "auth/core/time.h"
#include "mock_epic/admin/act.h"
#include "mock_epic/admin/api.h"
#include "mock_epic/admin/guard.h"
#include "mock_epic/epic/headers.h"
#include "mock_epic/instance/instances.h"
#include "mock_epic/oauth/bearer.h"
#include "mock_epic/oauth/introspection.h"
#include "mock_epic/oauth/smart_configuration.h"
#include "mock_epic/oauth/token_endpoint.h"
#include "mock_epic/server/disturb.h"
#include "mock_epic/state/redaction.h"

/* One request with what every handler needs; the clock is read once, when it arrives. */
struct call {
    struct mock_instance *instance;
    const struct mock_request *request;
    struct mock_wait *wait;
    struct auth_view path; /* below the prefix */
    int64_t now_us;
    struct mock_response *response;
};

/* "/i/NAME/rest" is "/rest" of the instance NAME. False: it is the main one's. */
static bool split_instance(struct auth_view *path, struct auth_view *name)
{
    if (!auth_view_starts(*path, "/i/"))
        return false;
    struct auth_view rest = auth_view_from(*path, 3);
    size_t n = auth_view_find(rest, '/');
    *name = auth_view_bytes(rest.p, n);
    *path = auth_view_from(rest, n);
    return true;
}

/* Whether a path is the prefix or stands below it. */
static bool is_below(struct auth_view path, const char *prefix)
{
    size_t n = strlen(prefix);
    return auth_view_starts(path, prefix) && (path.n == n || path.p[n] == '/');
}

static bool is_read(const struct mock_request *request)
{
    return auth_view_equals(request->method, "GET") || auth_view_equals(request->method, "HEAD");
}

enum { SHOWN_MAX = 256 };

static void show(struct auth_buf *out, struct auth_view text)
{
    struct auth_view part = mock_redaction_cut(text, SHOWN_MAX);
    auth_text_escape(out, part, 4 * SHOWN_MAX); /* an escape takes four */
    auth_buf_add_string(out, part.n < text.n ? "..." : "");
}

/* Whatever is in it, nobody should see it. (An authorization code is told by its value: FHIR searches by code.) */
static bool is_secret_name(struct auth_view name)
{
    static const char *const names[] = {"access_token",     "token",     "bearer",   "authorization",
                                        "client_assertion", "assertion", "id_token", "refresh_token",
                                        "client_secret",    "password"};
    bool is_secret = auth_view_find(name, '%') < name.n; /* which may spell any of them */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        is_secret = is_secret || auth_view_equals_nocase(name, names[i]);
    return is_secret;
}

static void show_query(struct auth_buf *out, struct auth_view query)
{
    for (char mark = '?'; query.n && out->n < 2 * SHOWN_MAX; mark = '&') {
        struct auth_view value = auth_view_split(&query, '&');
        struct auth_view name = auth_view_split(&value, '=');
        auth_buf_add_char(out, mark);
        show(out, name);
        auth_buf_add_string(out, value.n ? "=" : "");
        show(out, value.n && is_secret_name(name) ? auth_view_from_string("(not shown)") : value);
    }
}

/* Path and query as they are shown: mostly the path itself, else what is written onto `out`. */
static struct auth_view target_of(const struct mock_request *request, struct auth_buf *out)
{
    struct auth_view path = request->path;
    if (!request->query.n && path.n <= SHOWN_MAX && auth_text_printable(path) == path.n)
        return path;
    show(out, path);
    show_query(out, request->query);
    return auth_buf_view(out);
}

static void journal_search(const struct call *call, enum mock_journal_kind kind, struct auth_view client_id,
                           uint64_t token, const char *note, struct auth_view search)
{
    struct mock_journal *journal = &call->instance->journal;
    struct auth_buf target;
    auth_buf_init(&target, 8192);
    struct mock_journal_event event = mock_journal_event_of(kind, call->request, call->wait, call->response->status);
    event.target = target_of(call->request, &target);
    event.client_id = client_id;
    event.note = auth_view_from_string(note ? note : call->response->reason);
    event.token = token;
    event.search = search;
    event.hints = call->response->hints;
    if (note)
        mock_response_because(call->response, "%s", note);
    call->response->decision = mock_journal_append(journal, &event);
    auth_buf_clear(&target);
}

static void journal(const struct call *call, enum mock_journal_kind kind, struct auth_view client_id, uint64_t token,
                    const char *note)
{
    journal_search(call, kind, client_id, token, note, auth_view_from_string(""));
}

/* ---- handlers ---- */

static enum auth_rc handle_token(const struct call *call)
{
    return mock_token_endpoint_handle(call->instance, call->request, call->wait, call->response);
}

static struct mock_fhir_call fhir_call(const struct call *call, const struct mock_grant *grant)
{
    struct mock_instance *instance = call->instance;
    return (struct mock_fhir_call){
        .request = call->request,
        .path = call->path,
        .base_url = auth_view_from_string(instance->fhir_url),
        .client_id = grant ? auth_view_from_string(grant->app->client_id) : auth_view_from_string(""),
        .scopes = grant ? grant->scopes : NULL,
        .subtypes = grant && mock_subtype_grants_say(&grant->app->subtypes) ? &grant->app->subtypes : NULL,
        .profile = &instance->profile,
        .now_s = call->now_us / 1000000,
        .env = instance->options.env,
        .sessions = &instance->sessions,
    };
}

static enum auth_rc handle_metadata(const struct call *call)
{
    struct mock_fhir_call fhir = fhir_call(call, NULL);
    mock_fhir_metadata(&fhir, auth_view_from_string(call->instance->token_url),
                       auth_view_from_string(call->instance->authorize_url), call->response);
    journal(call, MOCK_JOURNAL_OTHER, auth_view_from_string(""), 0, NULL);
    return AUTH_OK;
}

static enum auth_rc handle_smart_configuration(const struct call *call)
{
    bool is_smart = auth_view_equals(auth_view_from_string(call->instance->profile.name), "smart");
    mock_smart_configuration(auth_view_from_string(call->instance->base_url), is_smart, call->response);
    journal(call, MOCK_JOURNAL_OTHER, auth_view_from_string(""), 0, NULL);
    return AUTH_OK;
}

static enum auth_rc handle_openid_configuration(const struct call *call)
{
    mock_openid_configuration(auth_view_from_string(call->instance->base_url), call->response);
    journal(call, MOCK_JOURNAL_OTHER, auth_view_from_string(""), 0, NULL);
    return AUTH_OK;
}

static void serve_fhir(const struct call *call, const struct mock_grant *grant, struct auth_buf *search)
{
    struct mock_fhir_call fhir = fhir_call(call, grant);
    fhir.search = search;
    struct mock_access_set *access;
    struct mock_fhir *data = mock_instance_data(call->instance, &access);
    fhir.access = access ? mock_access_of(access) : NULL;
    mock_fhir_handle(data, &fhir, call->response);
    mock_access_set_release(access);
    mock_fhir_release(data);
}

static void serve_introspection(const struct call *call, const struct mock_grant *grant, struct auth_buf *search)
{
    (void)search;
    mock_introspect(call->instance, call->request, grant->app, call->now_us / 1000000, call->response);
}

/* What a bearer token opens. */
static void serve_bearer(const struct call *call, enum mock_journal_kind kind,
                         void (*serve)(const struct call *call, const struct mock_grant *grant,
                                       struct auth_buf *search))
{
    struct mock_grant grant;
    struct auth_buf search;
    auth_buf_init(&search, 8192);
    enum mock_bearer bearer = mock_bearer_check(call->instance, call->request, call->now_us / 1000000, &grant);
    if (bearer == MOCK_BEARER_GOOD)
        serve(call, &grant, &search);
    else
        mock_bearer_refuse(&call->instance->profile, bearer, call->response);
    journal_search(call, kind, auth_view_from_string(grant.token.client_id), grant.token.number,
                   bearer == MOCK_BEARER_GOOD ? NULL : mock_bearer_text(bearer, &grant),
                   auth_buf_ok(&search) ? auth_buf_view(&search) : auth_view_from_string(""));
    auth_buf_clear(&search);
    mock_bearer_release(&grant);
}

static enum auth_rc handle_fhir(const struct call *call)
{
    serve_bearer(call, MOCK_JOURNAL_FHIR, serve_fhir);
    return AUTH_OK;
}

static enum auth_rc handle_introspection(const struct call *call)
{
    serve_bearer(call, MOCK_JOURNAL_OTHER, serve_introspection);
    return AUTH_OK;
}

static enum auth_rc handle_unknown(const struct call *call)
{
    const char *prefix = call->instance->prefix;
    struct auth_view path = call->request->path, name;
    (void)split_instance(&path, &name);
    bool has_prefix = is_below(path, prefix);
    mock_headers_html_404(call->response);
    mock_response_because(call->response, "no such path%s%s", has_prefix ? "" : "; Epic's begin with ",
                          has_prefix ? "" : prefix);
    journal(call, MOCK_JOURNAL_OTHER, auth_view_from_string(""), 0, NULL);
    return AUTH_OK;
}

static enum auth_rc handle_admin(const struct call *call)
{
    return mock_admin_handle(call->instance, call->request, call->path, call->wait, call->response);
}

/* ---- the table ---- */

enum { EXACT, BELOW }; /* BELOW: the path itself and everything under it */

static const struct route {
    bool has_prefix; /* counts below the prefix */
    int match;
    const char *path;
    bool only_read; /* GET and HEAD; other methods fall through to the next row */
    enum mock_route route;
    /* rc AUTH_OK: answered; AUTH_E_WAIT: call->wait says what to wait for */
    enum auth_rc (*handle)(const struct call *call);
} routes[] = {
    {true, EXACT, "/oauth2/token", false, MOCK_ROUTE_TOKEN, handle_token},
    {true, EXACT, "/oauth2/introspect", false, MOCK_ROUTE_INTROSPECT, handle_introspection},
    {true, EXACT, "/api/FHIR/R4/metadata", true, MOCK_ROUTE_METADATA, handle_metadata},
    {true, EXACT, "/api/FHIR/R4/.well-known/smart-configuration", true, MOCK_ROUTE_DISCOVERY,
     handle_smart_configuration},
    {true, EXACT, "/oauth2/.well-known/openid-configuration", true, MOCK_ROUTE_DISCOVERY, handle_openid_configuration},
    {true, BELOW, "/api/FHIR/R4", false, MOCK_ROUTE_FHIR, handle_fhir},
    {false, BELOW, "/mock/jwks", true, MOCK_ROUTE_JWKS, handle_admin},
    {false, BELOW, "/mock", false, MOCK_ROUTE_ADMIN, handle_admin},
};
static const struct route no_route = {false, EXACT, "", false, MOCK_ROUTE_OTHER, handle_unknown};

static bool matches(const struct route *route, struct auth_view path)
{
    size_t n = strlen(route->path);
    bool has_end = path.n == n || (route->match == BELOW && path.n > n && path.p[n] == '/'); /* decides for most */
    return has_end && auth_view_starts(path, route->path);
}

/* The row of a request; *path becomes what its handler wants to see: what stands below the prefix, and below a FHIR base what is
 * asked for. */
static const struct route *find_route(const char *prefix, const struct mock_request *request, struct auth_view *path)
{
    bool has_prefix = is_below(*path, prefix);
    if (has_prefix)
        *path = auth_view_from(*path, strlen(prefix));
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        const struct route *route = &routes[i];
        if (route->has_prefix != has_prefix || !matches(route, *path) || (route->only_read && !is_read(request)))
            continue;
        if (route->match == BELOW && has_prefix)
            *path = auth_view_from(*path, strlen(route->path));
        return route;
    }
    return &no_route;
}

/* Browsers ask first; Epic allows every origin (O*), and so does the mock but for the admin API. */
static bool is_preflight(const struct mock_request *request, const struct route *route)
{
    return auth_view_equals(request->method, "OPTIONS") && route->route != MOCK_ROUTE_ADMIN;
}

static void answer_preflight(struct mock_response *response)
{
    mock_headers_fhir(response);
    mock_response_header(response, "Allow", "GET, HEAD, POST, OPTIONS");
}

/* ---- whose it is ---- */

/* The instance that is asked, from now on held by the wait, and the path within it. False: there is none of that name. */
static bool choose_instance(struct mock_instance *main, struct auth_view *path, struct mock_wait *wait)
{
    struct auth_view name;
    bool has_name = split_instance(path, &name);
    if (!wait->instance)
        wait->instance = !has_name ? main : main->instances ? mock_instances_acquire(main->instances, name) : NULL;
    return wait->instance != NULL;
}

static void answer_no_instance(const struct call *call)
{
    struct auth_json_writer w;
    mock_response_because(call->response, "no instance has that name; POST /mock/instances makes one");
    call->response->status = 404;
    auth_json_writer_init(&w, &call->response->text, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "error", "no_such_instance");
    auth_json_write_member_text(&w, "message", call->response->reason);
    auth_json_write_end_object(&w);
    mock_response_seal_text(call->response);
    mock_response_header(call->response, "Content-Type", "application/json");
    journal(call, MOCK_JOURNAL_OTHER, auth_view_from_string(""), 0, NULL);
}

/* ---- the steps of a request ---- */

/* What the request waited for has come. */
static void wait_end(struct mock_wait *wait, struct mock_clock *clock)
{
    if (!wait->received_us)
        wait->received_us = mock_clock_read(clock, &wait->started_us);
    if (!wait->jwks)
        return;
    mock_jwks_cache_release(wait->jwks);
    wait->jwks = NULL;
    wait->has_fetched = true;
}

static enum mock_journal_kind kind_of(enum mock_route route)
{
    switch (route) {
    case MOCK_ROUTE_TOKEN:
        return MOCK_JOURNAL_TOKEN;
    case MOCK_ROUTE_FHIR:
        return MOCK_JOURNAL_FHIR;
    case MOCK_ROUTE_BULK:
        return MOCK_JOURNAL_BULK;
    case MOCK_ROUTE_JWKS:
        return MOCK_JOURNAL_JWKS;
    default:
        return MOCK_JOURNAL_OTHER;
    }
}

static void answer_by_fault(const struct call *call)
{
    char note[64];
    (void)snprintf(note, sizeof note, "fault %llu answered, not Epic", (unsigned long long)call->wait->fault_id);
    journal(call, kind_of(call->wait->route), auth_view_from_string(""), 0, note);
}

static enum auth_rc answer(struct call *call)
{
    struct auth_view path = call->path;
    const struct route *route = find_route(call->instance->prefix, call->request, &call->path);
    call->wait->route = route->route;
    mock_disturb_choose(call->request, path, call->wait);
    if (mock_disturb_replaces(call->wait))
        answer_by_fault(call);
    else if (is_preflight(call->request, route))
        answer_preflight(call->response);
    else
        return route->handle(call);
    return AUTH_OK;
}

/* What every answer has, and what becomes of it. The number, which is another each time, comes last: what is kept of an answer
 * for the next one is kept up to what changes. */
static void finish(const struct call *call)
{
    char date[AUTH_TIME_HTTP_N + 1];
    auth_time_write_http(date, call->now_us / 1000000);
    mock_response_header_copy(call->response, "Date", auth_view_bytes(date, AUTH_TIME_HTTP_N));
    if (call->response->decision)
        mock_response_header_number(call->response, "X-Mock-Epic-Decision", call->response->decision);
    mock_disturb_answer(call->request, call->wait, call->response);
    mock_account_request(&call->instance->account, call->request, call->response, call->instance->options.env,
                         call->wait->started_us);
}

enum auth_rc mock_dispatch_step(struct mock_instance *main, const struct mock_request *request, struct mock_wait *wait,
                                struct mock_response *response)
{
    struct call call = {.request = request, .wait = wait, .path = request->path, .response = response};
    if (wait->is_answered)
        return AUTH_OK;
    bool is_there = choose_instance(main, &call.path, wait);
    struct mock_instance *instance = is_there ? wait->instance : main;
    enum auth_rc rc = AUTH_OK;
    wait_end(wait, &instance->clock);
    call.instance = instance;
    call.now_us = wait->received_us;
    mock_act(instance); /* by entries that no answer waited for, as of a fetch */
    if (is_there)
        rc = answer(&call);
    else
        answer_no_instance(&call);
    if (rc != AUTH_OK)
        return rc;
    mock_act(instance); /* before the answer leaves */
    finish(&call);
    return mock_disturb_delays(wait, response) ? AUTH_E_WAIT : AUTH_OK;
}

void mock_dispatch_wait(struct mock_wait *wait)
{
    if (wait->is_answered)
        mock_disturb_wait(wait);
    else if (wait->jwks)
        mock_jwks_cache_wait(wait->instance->fetcher, wait->jwks, wait);
    else
        mock_journal_wait(&wait->instance->journal, wait);
}

void mock_dispatch_end(struct mock_wait *wait)
{
    mock_jwks_cache_release(wait->jwks);
    mock_disturb_end(wait);
    mock_instances_release(wait->instance);
    *wait = (struct mock_wait){.resume = wait->resume};
}

void mock_dispatch_hurry(struct mock_instance *main)
{
    mock_waiters_stop(&main->shared->waiters);
}

void mock_dispatch_stop(struct mock_instance *main)
{
    if (main->instances) {
        mock_instances_stop(main->instances);
    } else {
        mock_waiters_stop(&main->shared->waiters);
        mock_jwks_fetcher_stop(main->fetcher);
    }
}

/* A wait that blocks its thread. */
struct blocked_thread {
    struct mock_wait wait; /* first: resume() gets its address */
    pthread_mutex_t lock;
    pthread_cond_t resumed;
    bool is_resumed;
    const struct auth_env *env;
};

static void resume_thread(struct mock_wait *wait)
{
    struct blocked_thread *thread = (struct blocked_thread *)wait;
    pthread_mutex_lock(&thread->lock);
    thread->is_resumed = true;
    thread->env->wake(thread->env->ctx, &thread->resumed);
    pthread_mutex_unlock(&thread->lock);
}

static void wait_in_thread(struct blocked_thread *thread)
{
    thread->is_resumed = false;
    mock_dispatch_wait(&thread->wait);
    pthread_mutex_lock(&thread->lock);
    while (!thread->is_resumed)
        thread->env->wait(thread->env->ctx, &thread->resumed, &thread->lock, AUTH_ENV_FOREVER);
    pthread_mutex_unlock(&thread->lock);
}

void mock_dispatch(struct mock_instance *main, const struct mock_request *request, struct mock_response *response)
{
    struct blocked_thread thread = {.wait = {.resume = resume_thread}, .env = main->options.env};
    pthread_mutex_init(&thread.lock, NULL);
    auth_env_cond_init(&thread.resumed);
    while (mock_dispatch_step(main, request, &thread.wait, response) == AUTH_E_WAIT)
        wait_in_thread(&thread);
    mock_dispatch_end(&thread.wait);
    pthread_cond_destroy(&thread.resumed);
    pthread_mutex_destroy(&thread.lock);
}

struct mock_body_rule mock_dispatch_body(const struct mock_instance *main, const struct mock_request *request)
{
    static const char *const readers[] = {"POST", "PUT", "PATCH"};
    struct mock_body_rule rule = {.max = MOCK_BODY_MAX};
    struct auth_view path = request->path, name;
    (void)split_instance(&path, &name);
    const struct route *route = find_route(main->prefix, request, &path);
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        rule.is_read = rule.is_read || auth_view_equals(request->method, readers[i]);
    if (route->route != MOCK_ROUTE_ADMIN)
        return rule;
    rule.is_refused = mock_guard_refusal(main->options.admin_token, main->public_url, request, path) != NULL;
    rule.max = rule.is_read && !rule.is_refused ? MOCK_ADMIN_BODY_MAX : MOCK_BODY_MAX;
    return rule;
}
