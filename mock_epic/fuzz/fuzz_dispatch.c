/* The whole server without sockets: a few requests per input, then the state is put back.
 *
 * Requests are separated by a byte 0x1e; each is "METHOD TARGET", header lines, an empty line, a body. "{token}" stands
 * for a live access token, so that the FHIR API is reached.
 *   - the status is one that the design knows, never 5xx; what says it is JSON is JSON; no header holds a line end
 *   - a token is only issued for an assertion that somebody signed, and only once for each
 *   - resources only leave with a live token, and no answer but the token endpoint's holds one
 *   - after each request an honest one is answered as if nothing had happened: its jti was not burned */
#include <string.h>

#include "auth/core/form.h"
#include "auth/core/fuzz/must.h"
#include "auth/rules/fuzz/honest.h"
#include "mock_epic/instance/instances.h"
#include "mock_epic/server/dispatch.h"
#include "mock_epic/state/tokens.h"

#define PREFIX "/interconnect-fhir-oauth"
enum { REQUESTS_MAX = 8, HEADERS_MAX = 16, GRANTS_MAX = REQUESTS_MAX, BODY_MAX = MOCK_RESPONSE_BODY_MAX };

static struct mock_instance instance;
static struct mock_instances others;
static const char token[] = "a-live-access-token-of-the-honest-client-00";
static const struct honest *honest; /* the assertion of the honest request */
static struct auth_buf honest_form;

/* What this input has done so far. */
static struct {
    bool has_changed_server; /* an admin call may have: what is accepted now is not known here */
    bool honest_is_spent;
    bool has_shown_token; /* where it does not belong, so it may be in what is shown from now on */
    const struct honest *granted[GRANTS_MAX];
    size_t granted_count;
} run;

/* ---- a world in which nothing moves ---- */

static uint64_t random_state;

static int64_t fixed_wall_s(void *ctx)
{
    (void)ctx;
    return HONEST_NOW_S;
}

static int64_t fixed_wall_us(void *ctx)
{
    (void)ctx;
    return (int64_t)HONEST_NOW_S * 1000000;
}

static int64_t fixed_steady_ms(void *ctx)
{
    (void)ctx;
    return 1;
}

static enum auth_rc fixed_random(void *ctx, void *bytes, size_t n)
{
    (void)ctx;
    for (size_t i = 0; i < n; i++) {
        random_state = random_state * 6364136223846793005U + 1442695040888963407U;
        ((unsigned char *)bytes)[i] = (unsigned char)(random_state >> 56);
    }
    return AUTH_OK;
}

static struct auth_env fixed_env;

static void set_up_env(void)
{
    fixed_env = *auth_env_system(); /* to wait as the system does */
    fixed_env.wall_s = fixed_wall_s;
    fixed_env.wall_us = fixed_wall_us;
    fixed_env.steady_ms = fixed_steady_ms;
    fixed_env.random = fixed_random;
}

static void set_up_server(void)
{
    set_up_env();
    struct mock_fhir *fhir = NULL;
    struct mock_app *app = NULL;
    struct auth_buf cert;
    honest_read("keys/rsa2048_a.cert.pem", &cert);
    MUST(mock_fhir_new(&fhir) == AUTH_OK && mock_fhir_load(fhir, "@core", NULL) == AUTH_OK);
    MUST(mock_fhir_seal(fhir, NULL) == AUTH_OK);
    struct mock_options options = {
        .profile = auth_profile_named("epic"),
        .public_url = "http://127.0.0.1:8423",
        .prefix = PREFIX,
        .env = &fixed_env,
        .fhir = fhir,
    };
    MUST(mock_instance_init(&instance, &options, NULL) == AUTH_OK);
    mock_clock_freeze(&instance.clock, true);
    struct mock_app_parts parts = {
        .client_id = auth_view_from_string(HONEST_CLIENT_ID),
        .certificate = auth_buf_view(&cert),
        .has_background_user = true,
    };
    MUST(mock_app_make(&parts, HONEST_NOW_S - 10000, &app, NULL) == AUTH_OK);
    MUST(mock_apps_put(&instance.apps, app, MOCK_APPS_ADD, NULL) == AUTH_OK);
    MUST(mock_instance_mark_start(&instance) == AUTH_OK);
    mock_waiters_stop(&instance.shared->waiters); /* nothing is waited for on a clock that stands still */
    mock_instances_init(&others, &instance);
    auth_buf_clear(&cert);
}

static void set_up_honest(void)
{
    size_t count;
    const struct honest *all = honest_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(all[i].name, "y_plain") == 0)
            honest = &all[i];
    }
    MUST(honest);
    auth_buf_init(&honest_form, 1 << 16);
    auth_form_write(&honest_form, auth_view_from_string("grant_type"), auth_view_from_string("client_credentials"));
    auth_form_write(&honest_form, auth_view_from_string("client_assertion_type"),
                    auth_view_from_string("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
    auth_form_write(&honest_form, auth_view_from_string("client_assertion"), auth_view_from_string(honest->compact));
}

/* As after the start, whatever the last input did. */
static void restore(void)
{
    memset(&run, 0, sizeof run);
    random_state = 1;
    MUST(mock_instance_reset_apps(&instance) == AUTH_OK);
    mock_clock_reset(&instance.clock, NULL);
    mock_clock_freeze(&instance.clock, true);
    for (int kind = 0; kind < MOCK_STORE_KINDS; kind++)
        MUST(instance.store->ops->clear(instance.store, (enum mock_store_kind)kind) == AUTH_OK);
    mock_journal_empty(&instance.journal);
    mock_sessions_empty(&instance.sessions);
    mock_expectations_empty(&instance.expectations);
    mock_instances_clear(&others);
    mock_instances_init(&others, &instance);
    const struct mock_token_grant grant = {.client_id = auth_view_from_string(HONEST_CLIENT_ID),
                                           .issued_s = HONEST_NOW_S,
                                           .expires_s = HONEST_NOW_S + 3600};
    MUST(mock_tokens_put(instance.store, auth_view_from_string(token), &grant) == AUTH_OK);
}

/* ---- one request ---- */

struct parsed {
    struct mock_request request;
    struct mock_header headers[HEADERS_MAX];
    struct auth_view target;
};

static bool is_method_known(struct auth_view method)
{
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (auth_view_equals(method, known[i]))
            return true;
    }
    return false;
}

/* What server.c would hand over; false for what never gets this far. */
static bool parse(struct auth_view text, struct parsed *to)
{
    memset(to, 0, sizeof *to);
    struct mock_request *request = &to->request;
    struct auth_view line = auth_view_split(&text, '\n');
    request->headers = to->headers;
    request->is_loopback_peer = true;
    request->method = auth_view_split(&line, ' ');
    to->target = line;
    request->path = auth_view_split(&line, '?');
    request->query = line;
    while (text.p) {
        line = auth_view_split(&text, '\n');
        if (line.n == 0)
            break;
        if (request->header_count == HEADERS_MAX)
            return false;
        struct mock_header *header = &to->headers[request->header_count++];
        header->name = auth_view_trim(auth_view_split(&line, ':'));
        header->value = auth_view_trim(line);
    }
    request->body = text;
    return is_method_known(request->method) && request->path.n && request->path.p[0] == '/' &&
           request->body.n <= MOCK_ADMIN_BODY_MAX && auth_view_find(to->target, '\0') == to->target.n;
}

static bool is_status_known(int status)
{
    static const int known[] = {200, 201, 204, 400, 401, 403, 404, 405, 406, 409, 413, 415, 422};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (status == known[i])
            return true;
    }
    return false;
}

static struct auth_view answer_header(const struct mock_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++) {
        if (auth_view_equals_nocase(auth_view_from_string(response->headers[i].name), name))
            return auth_view_from_string(response->headers[i].value);
    }
    return auth_view_from_string("");
}

/* Somewhere else than in an Authorization header, where a journal or an echo may keep it? */
static bool shows_token(const struct parsed *parsed)
{
    bool is_shown = auth_view_contains(parsed->target, token) || auth_view_contains(parsed->request.body, token);
    for (size_t i = 0; i < parsed->request.header_count; i++)
        is_shown |= !auth_view_equals_nocase(parsed->headers[i].name, "authorization") &&
                    auth_view_contains(parsed->headers[i].value, token);
    return is_shown;
}

static void check_answer(const struct parsed *parsed, const struct mock_response *response, struct auth_view body)
{
    MUST(!response->is_spoiled && is_status_known(response->status));
    MUST(response->status != 204 || body.n == 0);
    for (size_t i = 0; i < response->header_count; i++) {
        struct auth_view value = auth_view_from_string(response->headers[i].value);
        MUST(auth_view_find(value, '\r') == value.n && auth_view_find(value, '\n') == value.n);
    }
    struct auth_view type = answer_header(response, "Content-Type");
    if (body.n && (auth_view_starts(type, "application/json") || auth_view_starts(type, "application/fhir+json")))
        MUST(auth_json_check(body, NULL) == AUTH_OK);
    MUST(body.n == 0 || type.n);
    bool is_token_path = auth_view_equals(parsed->request.path, PREFIX "/oauth2/token");
    run.has_shown_token |= shows_token(parsed);
    MUST(is_token_path || run.has_shown_token || !auth_view_contains(body, token));
}

/* What the API gives away goes to holders of a token. */
static void check_access(const struct parsed *parsed, const struct mock_response *response)
{
    struct auth_view path = parsed->request.path;
    bool is_open = auth_view_equals(path, PREFIX "/api/FHIR/R4/metadata") ||
                   auth_view_equals(path, PREFIX "/api/FHIR/R4/.well-known/smart-configuration") ||
                   auth_view_equals(parsed->request.method, "OPTIONS");
    bool is_guarded =
        auth_view_starts(path, PREFIX "/api/FHIR/R4") || auth_view_equals(path, PREFIX "/oauth2/introspect");
    if (response->status == 200 && is_guarded && !is_open)
        MUST(run.granted_count || run.has_changed_server ||
             auth_view_contains(mock_request_header(&parsed->request, "authorization"), token));
}

static void check_grant(const struct parsed *parsed, struct auth_view body)
{
    struct auth_form form;
    if (!auth_view_contains(body, "\"access_token\""))
        return;
    MUST(auth_view_equals(parsed->request.method, "POST") && parsed->request.query.n == 0);
    MUST(auth_form_parse(parsed->request.body, &form, NULL) == AUTH_OK);
    const struct honest *used = honest_find(auth_form_value(&form, "client_assertion"));
    MUST(used); /* else it is forged */
    MUST(!used->is_bad || run.has_changed_server);
    for (size_t i = 0; i < run.granted_count && !run.has_changed_server; i++)
        MUST(strcmp(run.granted[i]->jti, used->jti) != 0); /* else it is replayed */
    run.granted[run.granted_count++] = used;
    run.honest_is_spent = run.honest_is_spent || strcmp(used->jti, honest->jti) == 0;
    auth_form_clear(&form);
}

static void send_one(struct auth_view text)
{
    struct parsed parsed;
    struct mock_response response;
    struct auth_buf body;
    if (!parse(text, &parsed))
        return;
    mock_response_init(&response);
    auth_buf_init(&body, BODY_MAX);
    mock_dispatch(&instance, &parsed.request, &response);
    mock_response_body(&response, &body);
    MUST(auth_buf_ok(&body));
    bool is_admin = auth_view_starts(parsed.request.path, "/mock");
    run.has_changed_server = run.has_changed_server || (is_admin && !auth_view_equals(parsed.request.method, "GET"));
    check_answer(&parsed, &response, auth_buf_view(&body));
    check_access(&parsed, &response);
    if (auth_view_equals(parsed.request.path, PREFIX "/oauth2/token"))
        check_grant(&parsed, auth_buf_view(&body));
    auth_buf_clear(&body);
    mock_response_clear(&response);
}

/* ---- the honest request ---- */

static void forget_honest(void)
{
    struct mock_store_key key;
    struct auth_view parts[] = {auth_view_from_string(HONEST_CLIENT_ID), auth_view_bytes("\0", 1),
                                auth_view_from_string(honest->jti)};
    MUST(auth_digest_sha256(parts, 3, key.bytes) == AUTH_OK);
    MUST(instance.store->ops->del(instance.store, MOCK_STORE_JTI, &key) == AUTH_OK);
}

static void send_honest(void)
{
    struct mock_header type = {auth_view_from_string("Content-Type"),
                               auth_view_from_string("application/x-www-form-urlencoded")};
    struct mock_request request = {
        .method = auth_view_from_string("POST"),
        .path = auth_view_from_string(PREFIX "/oauth2/token"),
        .headers = &type,
        .header_count = 1,
        .body = auth_buf_view(&honest_form),
    };
    struct mock_response response;
    mock_response_init(&response);
    mock_dispatch(&instance, &request, &response);
    MUST(response.status == (run.honest_is_spent ? 400 : 200));
    if (!run.honest_is_spent)
        forget_honest();
    mock_response_clear(&response);
}

/* The input with its "{token}" filled in. */
static void fill_in(struct auth_view text, struct auth_buf *out)
{
    static const char mark[] = "{token}";
    while (text.n) {
        size_t at = auth_view_find(text, mark[0]);
        auth_buf_add(out, text.p, at);
        text = auth_view_from(text, at);
        if (text.n == 0)
            return;
        bool is_mark = auth_view_starts(text, mark);
        size_t n = is_mark ? sizeof mark - 1 : 1;
        if (is_mark)
            auth_buf_add_string(out, token);
        else
            auth_buf_add(out, text.p, 1);
        text = auth_view_from(text, n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct auth_buf filled;
    if (!honest) {
        set_up_honest();
        set_up_server();
    }
    restore();
    auth_buf_init(&filled, 1 << 22);
    fill_in(auth_view_bytes(data, n), &filled);
    struct auth_view rest = auth_buf_view(&filled);
    for (int i = 0; i < REQUESTS_MAX && rest.n; i++) {
        send_one(auth_view_split(&rest, 0x1e));
        mock_instance_end_faults(&instance); /* what they make of an answer is fuzz_faults' to judge */
        if (!run.has_changed_server)
            send_honest();
    }
    restore();
    send_honest(); /* whatever an admin call did, the server is not broken */
    auth_buf_clear(&filled);
    return 0;
}
