/* An answer of the web as one of ours, what the fault makes of it, and back. */
#include "mock_epic/state/disturbed_fetch.h"

#include <string.h>

#include "auth/core/url.h"

enum { HEADERS_MAX = 16 * 1024 };

/* What whoever fetches a set looks at. */
static const struct {
    const char *name, *key;
} headers[] = {
    {"Content-Type", "content-type"},
    {"Content-Encoding", "content-encoding"},
    {"Cache-Control", "cache-control"},
    {"Location", "location"},
};

/* ---- time ---- */

/* A wait that blocks its thread, as a slow web does. */
struct blocked {
    struct mock_wait wait; /* first: resume() gets its address */
    pthread_mutex_t lock;
    pthread_cond_t resumed;
    bool is_over;
    const struct auth_env *env;
};

static void resume(struct mock_wait *wait)
{
    struct blocked *blocked = (struct blocked *)wait;
    pthread_mutex_lock(&blocked->lock);
    blocked->is_over = true;
    blocked->env->wake(blocked->env->ctx, &blocked->resumed);
    pthread_mutex_unlock(&blocked->lock);
}

/* So long, or until the fault ends. */
static void wait_ms(const struct mock_disturbed_fetch *fetch, int64_t ms)
{
    const struct auth_env *env = fetch->env;
    struct blocked blocked = {.wait = {.resume = resume, .cause = fetch->fault}, .env = env};
    mock_wait_for(&blocked.wait, env, ms);
    pthread_mutex_init(&blocked.lock, NULL);
    auth_env_cond_init(&blocked.resumed);
    mock_fault_wait(fetch->fault, fetch->waiters, &blocked.wait);
    pthread_mutex_lock(&blocked.lock);
    while (!blocked.is_over)
        env->wait(env->ctx, &blocked.resumed, &blocked.lock, AUTH_ENV_FOREVER);
    pthread_mutex_unlock(&blocked.lock);
    pthread_cond_destroy(&blocked.resumed);
    pthread_mutex_destroy(&blocked.lock);
}

/* How long after its time the last byte comes. */
static int64_t late_ms(const struct mock_wire *wire, size_t size)
{
    int64_t drops = wire->drip_bytes && size ? ((int64_t)size - 1) / wire->drip_bytes : 0;
    return wire->delay_ms + drops * wire->drip_every_ms;
}

static bool comes_in_time(const struct mock_disturbed_fetch *fetch, int64_t late, int64_t timeout_ms)
{
    if (late > 0)
        wait_ms(fetch, late < timeout_ms ? late : timeout_ms);
    return late < timeout_ms || atomic_load(&fetch->fault->is_removed);
}

/* ---- bytes ---- */

static void take_answer(const struct auth_http_response *from, struct mock_response *to)
{
    to->status = from->status;
    mock_response_add_text(to, auth_buf_view(&from->body));
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        struct auth_view value = auth_http_response_header(from, headers[i].key);
        if (value.n)
            mock_response_header_copy(to, headers[i].name, value);
    }
}

static const char *lower_name(const char *name)
{
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        if (auth_view_equals_nocase(auth_view_from_string(name), headers[i].name))
            return headers[i].key;
    }
    return NULL;
}

static enum auth_rc give_answer(const struct mock_response *from, size_t body_max, struct auth_http_response *to,
                                struct auth_err *err)
{
    if (mock_response_size(from) > body_max)
        return auth_err_set(err, AUTH_E_TOO_BIG, "it sent more than %zu bytes", body_max);
    to->status = from->status;
    auth_buf_reset(&to->headers);
    for (size_t i = 0; i < from->header_count; i++) {
        const char *name = lower_name(from->headers[i].name);
        if (name)
            auth_buf_addf(&to->headers, "%s: %s\n", name, from->headers[i].value);
    }
    auth_buf_reset(&to->body);
    mock_response_body(from, &to->body);
    return from->is_spoiled ? auth_err_no_memory(err) : auth_buf_check(&to->body, err);
}

/* What the connection does to the body. */
static enum auth_rc cut(const struct mock_wire *wire, struct auth_buf *body, struct auth_err *err)
{
    int64_t size = (int64_t)body->n;
    if (wire->is_reset)
        return auth_err_set(err, AUTH_E_NETWORK, "the connection was reset");
    if ((wire->is_truncated && wire->truncate_at < size) || wire->length_delta > 0)
        return auth_err_set(err, AUTH_E_NETWORK, "the connection was closed before the answer was whole");
    if (wire->length_delta < 0)
        body->n = size + wire->length_delta > 0 ? (size_t)(size + wire->length_delta) : 0;
    return AUTH_OK;
}

static enum auth_rc disturb(const struct mock_disturbed_fetch *fetch, const struct auth_http_request *request,
                            struct auth_http_response *response, struct auth_err *err)
{
    struct mock_response answer;
    mock_response_init(&answer);
    take_answer(response, &answer);
    mock_fault_alter(fetch->fault, auth_view_from_string(request->url), &answer);
    const struct mock_wire *wire = &answer.wire;
    enum auth_rc rc = AUTH_OK;
    if (!comes_in_time(fetch, late_ms(wire, mock_response_size(&answer)), request->timeout_ms))
        rc = auth_err_set(err, AUTH_E_TIMEOUT, "it did not answer in time");
    if (rc == AUTH_OK)
        rc = give_answer(&answer, request->body_max, response, err);
    if (rc == AUTH_OK)
        rc = cut(wire, &response->body, err);
    mock_response_clear(&answer);
    return rc;
}

/* ---- the transport ---- */

static enum auth_rc send_disturbed(struct auth_http *base, const struct auth_http_request *request,
                                   struct auth_http_response *response, struct auth_err *err)
{
    struct mock_disturbed_fetch *fetch = (struct mock_disturbed_fetch *)base;
    enum auth_rc rc = AUTH_OK;
    if (mock_fault_replaces(fetch->fault)) {
        *response = (struct auth_http_response){.status = 200};
        auth_buf_init(&response->headers, HEADERS_MAX);
        auth_buf_init_secret(&response->body, request->body_max);
    } else {
        rc = fetch->inner->send(fetch->inner, request, response, err);
    }
    return rc == AUTH_OK ? disturb(fetch, request, response, err) : rc;
}

static void free_nothing(struct auth_http *base)
{
    (void)base; /* its maker's */
}

/* From the first '/', without query. */
static struct auth_view path_of(const char *url)
{
    struct auth_url parts;
    if (auth_url_parse(auth_view_from_string(url), &parts, NULL) != AUTH_OK)
        return auth_view_from_string("");
    return auth_view_split(&parts.path, '?');
}

void mock_disturbed_fetch_begin(struct mock_disturbed_fetch *fetch, struct auth_http *inner, struct mock_faults *faults,
                                struct mock_waiters *waiters, const char *url, const char *client_id)
{
    struct mock_fault_facts facts = {
        .route = MOCK_ROUTE_JWKS,
        .method = auth_view_from_string("GET"),
        .path = path_of(url),
        .client_id = auth_view_from_string(client_id),
    };
    *fetch = (struct mock_disturbed_fetch){
        .base = {.send = send_disturbed, .free = free_nothing},
        .inner = inner,
        .fault = mock_faults_due(faults, &facts),
        .waiters = waiters,
        .env = waiters->env,
    };
}

void mock_disturbed_fetch_end(struct mock_disturbed_fetch *fetch)
{
    mock_fault_release(fetch->fault);
    fetch->fault = NULL;
}
