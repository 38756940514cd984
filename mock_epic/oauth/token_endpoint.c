/* A token request, step by step. */
#include "mock_epic/oauth/token_endpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/text.h"
#include "mock_epic/epic/headers.h"
#include "mock_epic/oauth/token_format.h"

/* One token request on its way through the steps. */
struct exchange {
    struct mock_instance *instance;
    const struct mock_request *request;
    struct mock_wait *wait;
    int64_t now_us, now_s;
    struct auth_request_facts request_facts;
    struct mock_app *app; /* NULL: iss and sub name none */
    struct auth_client_facts client;
    struct auth_buf near_id;   /* that is meant, where there is no app */
    struct mock_store_key jti; /* recorded, when has_recorded_jti */
    bool has_recorded_jti;
    uint64_t journal_id;
    uint64_t token;             /* number of the one that was issued; 0: none */
    int64_t lifetime_s, told_s; /* of that */
    /* big, and filled by whoever needs them: clearing 6 KiB that nobody reads costs every request */
    struct auth_form form;
    struct auth_err form_err;
    struct mock_jwks_cache_look look; /* of an app with a JWK Set URL */
    struct auth_jwt jwt;
    struct auth_report report;
};

static void exchange_init(struct exchange *x, struct mock_instance *instance, struct mock_wait *wait)
{
    memset(x, 0, offsetof(struct exchange, form));
    x->instance = instance;
    x->wait = wait;
    x->now_us = wait->received_us;
    x->now_s = x->now_us / 1000000;
    x->form.count = 0;
    auth_buf_init_secret(&x->form.bytes, 0);
    auth_buf_init(&x->near_id, AUTH_JWT_MAX_N);
    auth_err_clear(&x->form_err);
    x->look.set = x->look.previous = NULL;
    x->look.may_fetch = x->look.is_fresh = false;
    x->look.problem[0] = '\0';
}

static void exchange_clear(struct exchange *x)
{
    mock_app_release(x->app);
    mock_jwks_cache_look_clear(&x->look);
    auth_buf_clear(&x->near_id);
    auth_jwt_clear(&x->jwt);
    auth_form_clear(&x->form);
}

/* ---- finding out ---- */

static void read_form(struct exchange *x)
{
    const struct mock_request *request = x->request;
    x->request_facts = (struct auth_request_facts){
        .method = request->method,
        .query = request->query,
        .content_type = mock_request_header(request, "content-type"),
        .authorization = mock_request_header(request, "authorization"),
        .authority = mock_request_header(request, "host"),
        .form = &x->form,
        .form_rc = auth_form_parse(request->body, &x->form, &x->form_err),
    };
    x->request_facts.form_detail = auth_view_from_string(x->form_err.detail);
}

/* Nobody registered that id: is there one that is meant? */
static void find_near_app(struct exchange *x)
{
    static const char *const names[] = {"iss", "sub"};
    for (size_t i = 0; i < sizeof names / sizeof *names && !x->client.near_id.n; i++) {
        auth_buf_reset(&x->near_id);
        auth_rules_plain_id(auth_jwt_claim_view(&x->jwt, names[i]), &x->near_id);
        struct mock_app *app = mock_apps_acquire(&x->instance->apps, auth_buf_view(&x->near_id));
        if (app)
            x->client.near_id = auth_buf_view(&x->near_id);
        mock_app_release(app);
    }
}

/* The app that the assertion names: by iss, else by sub, so that one wrong claim of the two is told apart from an app
 * that nobody registered. Nothing is trusted by this: the rules compare both with the app found. */
static void find_app(struct exchange *x)
{
    struct mock_instance *instance = x->instance;
    x->app = mock_apps_acquire(&instance->apps, auth_jwt_claim_view(&x->jwt, "iss"));
    if (!x->app)
        x->app = mock_apps_acquire(&instance->apps, auth_jwt_claim_view(&x->jwt, "sub"));
    memset(&x->client, 0, sizeof x->client);
    if (!x->app) {
        find_near_app(x);
        return;
    }
    const struct mock_app *app = x->app;
    x->client = (struct auth_client_facts){
        .is_known = true,
        .client_id = auth_view_from_string(app->client_id),
        /* without a delay the app is there always, also when the clock is set to a day before it was registered */
        .usable_from_s = app->synced_after_s ? app->registered_s + app->synced_after_s : INT64_MIN,
        .is_production = app->is_production,
        .has_background_user = app->has_background_user,
        .key_source = app->key_source,
        .jwks_url = auth_view_from_string(app->jwks_url),
        .keys = app->fetched ? NULL : &app->keys,
        .scopes = app->scopes.items,
        .scope_count = app->scopes.count,
    };
}

/* The keys behind a JWK Set URL, as far as they are here. */
static void look_at_fetched_keys(struct exchange *x)
{
    const struct auth_env *env = x->instance->options.env;
    struct mock_jwks_cache_look *look = &x->look;
    if (!x->app || !x->app->fetched)
        return;
    mock_jwks_cache_look(x->app->fetched, x->now_s, env->steady_ms(env->ctx), look);
    bool has_just_come = x->wait->has_fetched && !look->problem[0]; /* counts once, even with no-store */
    bool counts = look->is_fresh || has_just_come || x->instance->profile.values[AUTH_SWITCH_JWKS_STALE] == 1;
    x->client.key_problem = auth_view_from_string(look->problem);
    x->client.keys = look->set && counts ? &look->set->keys : NULL;
    x->client.previous_keys = look->previous ? &look->previous->keys : NULL;
}

static bool may_fetch(const struct exchange *x)
{
    return x->app && x->app->fetched && !x->wait->has_fetched && x->look.may_fetch;
}

/* Ask for the one fetch that this request may cause. */
static enum auth_rc await_keys(struct exchange *x)
{
    x->wait->jwks = mock_jwks_cache_hold(x->app->fetched);
    x->wait->seen = x->look.ended;
    return AUTH_E_WAIT;
}

static bool did_not_verify(const struct auth_report *report)
{
    return auth_rules_has_failed(report, AUTH_RULE_KEY_FOUND) || auth_rules_has_failed(report, AUTH_RULE_SIGNATURE);
}

/* A JWT whose time has passed: did this server itself take it once? */
static void look_for_acceptance(struct exchange *x)
{
    int64_t accepted_s =
        mock_journal_issued_s(&x->instance->journal, x->client.client_id, auth_buf_view(&x->jwt.payload.bytes));
    if (accepted_s != INT64_MIN)
        auth_rules_set_accepted_before(&x->report, accepted_s);
}

/* Find the app and its keys, and judge. rc AUTH_E_WAIT: the JWK Set must be fetched first, because it is stale or did
 * not verify the JWT (E). */
static enum auth_rc judge(struct exchange *x, const struct auth_request_facts *request_facts)
{
    struct mock_instance *instance = x->instance;
    find_app(x);
    look_at_fetched_keys(x);
    if (may_fetch(x) && !x->look.is_fresh)
        return await_keys(x);
    struct auth_rules_input input = {
        .profile = &instance->profile,
        .now_s = x->now_s,
        .clock_ahead_s = mock_clock_state(&instance->clock).offset_s,
        .clock_cause = AUTH_CAUSE_CLOCK_MOVED,
        .server_is_production = instance->options.is_production,
        .request = request_facts,
        .jwt = &x->jwt,
        .client = &x->client,
        .audiences = instance->audiences,
        .audience_count = instance->audience_count,
    };
    enum auth_rc rc = auth_rules_check(&input, &x->report);
    if (rc == AUTH_OK && auth_rules_is_only_old(&x->report))
        look_for_acceptance(x);
    return rc == AUTH_OK && may_fetch(x) && did_not_verify(&x->report) ? await_keys(x) : rc;
}

/* ---- jti ---- */

static enum auth_rc jti_key(const struct exchange *x, struct mock_store_key *key)
{
    bool is_global = x->instance->profile.values[AUTH_SWITCH_JTI_SCOPE] == AUTH_REPLAY_SCOPE_GLOBAL;
    struct auth_view parts[] = {
        is_global ? auth_view_from_string("") : auth_view_from_string(x->app->client_id),
        auth_view_bytes("\0", 1),
        auth_jwt_claim_view(&x->jwt, "jti"),
    };
    return auth_digest_sha256(parts, sizeof parts / sizeof *parts, key->bytes);
}

/* Until when a jti must be remembered: an assertion with it could be accepted until exp plus the skew, and where a switch
 * lets expired ones pass, for as long as a new one lives. */
static int64_t jti_until_s(const struct exchange *x)
{
    const int64_t *values = x->instance->profile.values;
    int64_t exp_s = x->now_s;
    (void)auth_json_int(auth_jwt_claim(&x->jwt, "exp"), &exp_s);
    if (exp_s <= x->now_s)
        exp_s = x->now_s + values[AUTH_SWITCH_MAX_LIFETIME_S];
    return exp_s + values[AUTH_SWITCH_SKEW_S];
}

/* Record the jti. Only open when every other rule passed, so a refused request uses up nobody's jti; and one atomic
 * store call, so of any number of equal posts one wins. */
static enum auth_rc record_jti(struct exchange *x)
{
    struct mock_store *store = x->instance->store;
    int64_t seen_until_s = 0;
    if (!x->report.is_replay_open)
        return AUTH_OK;
    enum auth_rc rc = jti_key(x, &x->jti);
    if (rc != AUTH_OK)
        return rc;
    rc = store->ops->put_if_absent(store, MOCK_STORE_JTI, &x->jti, auth_view_from_string(""), jti_until_s(x), x->now_s,
                                   &seen_until_s);
    if (rc != AUTH_OK && rc != AUTH_E_EXISTS)
        return rc;
    x->has_recorded_jti = rc == AUTH_OK;
    auth_rules_set_replay(&x->report, rc == AUTH_E_EXISTS, seen_until_s);
    return AUTH_OK;
}

/* Nothing was issued for it after all (memory, store): the same assertion may be tried again. */
static void undo_jti(struct exchange *x)
{
    struct mock_store *store = x->instance->store;
    if (x->has_recorded_jti)
        (void)store->ops->del(store, MOCK_STORE_JTI, &x->jti);
}

static enum auth_rc look_up_jti(struct exchange *x)
{
    struct mock_store *store = x->instance->store;
    struct mock_store_key key;
    struct auth_buf value;
    int64_t until_s = 0;
    if (!x->report.is_replay_open)
        return AUTH_OK;
    enum auth_rc rc = jti_key(x, &key);
    if (rc != AUTH_OK)
        return rc;
    auth_buf_init(&value, MOCK_STORE_VALUE_MAX);
    rc = store->ops->get(store, MOCK_STORE_JTI, &key, &value, &until_s);
    auth_buf_clear(&value);
    if (rc != AUTH_OK && rc != AUTH_E_NOT_FOUND)
        return rc;
    auth_rules_set_replay(&x->report, rc == AUTH_OK && until_s > x->now_s, until_s);
    return AUTH_OK;
}

/* ---- answering ---- */

static int64_t advertised_lifetime_s(const struct mock_instance *instance)
{
    return instance->options.token_lifetime_s ? instance->options.token_lifetime_s
                                              : instance->profile.values[AUTH_SWITCH_TOKEN_LIFETIME_S];
}

/* What the token is narrowed to, as scope.value found it: nothing is written when it gets all that the app is granted. A
 * scope that a switch let pass although it is to be refused counts as not sent. */
static void write_narrowed(const struct exchange *x, struct auth_buf *out)
{
    struct auth_scope_list asked;
    struct auth_scope_grant grant = {x->app->scopes.items, x->app->scopes.count};
    const struct auth_verdict *verdict = &x->report.verdicts[AUTH_RULE_SCOPE_VALUE];
    if (verdict->is_waived || (verdict->result != AUTH_PASS && verdict->result != AUTH_WARN))
        return;
    auth_scope_list_read(auth_form_value(&x->form, "scope"), &asked);
    if (asked.count && !auth_scope_covers(&asked, &grant))
        (void)auth_scope_narrow(&asked, &grant, out);
}

static enum auth_rc write_token(const struct exchange *x, struct auth_view token, struct auth_view scope,
                                int64_t lifetime_s, struct mock_response *response)
{
    const struct mock_instance *instance = x->instance;
    struct auth_json_writer w;
    mock_headers_token(response);
    auth_json_writer_init(&w, &response->text, AUTH_JSON_PRETTY_CRLF);
    auth_json_write_object(&w);
    auth_json_write_member(&w, "access_token", token);
    auth_json_write_member_text(&w, "token_type",
                                instance->profile.values[AUTH_SWITCH_TOKEN_TYPE] == 0 ? "Bearer" : "bearer");
    auth_json_write_member_int(&w, "expires_in", lifetime_s);
    if (scope.n)
        auth_json_write_member(&w, "scope", scope);
    else
        mock_scopes_write(&x->app->scopes,
                          (enum mock_scopes_version)(1 + instance->profile.values[AUTH_SWITCH_SCOPE_VERSION]), &w);
    auth_json_write_end_object(&w);
    mock_response_seal_text(response);
    return response->is_spoiled ? AUTH_E_NOMEM : auth_buf_check(&response->text, NULL);
}

static enum auth_rc make_text(const struct mock_instance *instance, const struct mock_token_grant *grant,
                              struct auth_buf *text)
{
    const struct auth_key *key = NULL;
    enum auth_rc rc = AUTH_OK;
    if (instance->profile.values[AUTH_SWITCH_TOKEN_FORMAT] == 1)
        rc = mock_shared_token_key(instance->shared, &key);
    return rc == AUTH_OK
               ? mock_token_format_make(instance->random, key, auth_view_from_string(instance->issuer_url), grant, text)
               : rc;
}

/* The answer is written before the token is stored, so that nothing can fail once it is. */
static enum auth_rc answer_token(struct exchange *x, struct mock_response *response)
{
    struct mock_instance *instance = x->instance;
    struct auth_buf token, scope;
    int64_t advertised_s = advertised_lifetime_s(instance);
    bool is_as_told = !instance->options.real_token_lifetime_s && !instance->options.is_token_born_expired;
    int64_t real_s = is_as_told ? advertised_s : instance->options.real_token_lifetime_s;
    auth_buf_init_secret(&token, MOCK_TOKEN_TEXT_MAX);
    auth_buf_init(&scope, AUTH_SCOPE_TEXT_MAX);
    write_narrowed(x, &scope);
    struct mock_token_grant grant = {
        .number = atomic_fetch_add(&instance->tokens_issued, 1) + 1,
        .client_id = auth_view_from_string(x->app->client_id),
        .scope = auth_buf_view(&scope),
        .issued_s = x->now_s,
        .expires_s = x->now_s + real_s,
    };
    enum auth_rc rc = auth_buf_check(&scope, NULL);
    if (rc == AUTH_OK)
        rc = make_text(instance, &grant, &token);
    if (rc == AUTH_OK)
        rc = write_token(x, auth_buf_view(&token), grant.scope, advertised_s, response);
    if (rc == AUTH_OK)
        rc = mock_tokens_put(instance->store, auth_buf_view(&token), &grant);
    x->token = rc == AUTH_OK ? grant.number : 0;
    x->lifetime_s = real_s;
    x->told_s = advertised_s;
    auth_buf_clear(&token);
    auth_buf_clear(&scope);
    return rc;
}

/* RFC 6749 5.2 asks for 401 when the client tried HTTP authentication; Epic answers 400 to JWTs (E). */
static int refusal_status(const struct exchange *x, enum auth_oauth_error error)
{
    if (error != AUTH_OAUTH_INVALID_CLIENT)
        return 400;
    if (x->request_facts.authorization.n > 0)
        return 401;
    return x->instance->profile.values[AUTH_SWITCH_ERROR_STATUS] == 0 ? 400 : 401;
}

/* error_description may hold %x20-21 / %x23-5B / %x5D-7E only (RFC 6749 5.2). */
static void keep_description_charset(struct auth_buf *text)
{
    for (size_t i = 0; i < text->n; i++) {
        char c = text->p[i];
        if (c < 0x20 || c > 0x7e || c == '"' || c == '\\')
            text->p[i] = '\'';
    }
}

static void answer_refusal(struct exchange *x, struct auth_outcome outcome, struct mock_response *response)
{
    const struct mock_instance *instance = x->instance;
    struct auth_json_writer w;
    struct auth_buf description;

    response->status = refusal_status(x, outcome.error);
    mock_headers_token(response);
    if (response->status == 401)
        mock_response_header(response, "WWW-Authenticate", "Basic realm=\"mock-epic\"");
    auth_buf_init(&description, 16 * 1024);
    if (instance->options.explain || instance->profile.values[AUTH_SWITCH_ERROR_DESCRIPTION] == 1) {
        auth_rules_summary(&x->report, outcome.because, &description);
        keep_description_charset(&description);
    }
    auth_json_writer_init(&w, &response->text, AUTH_JSON_PRETTY_CRLF);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "error", auth_rules_error_text(outcome.error));
    if (description.n || !auth_buf_ok(&description))
        auth_json_write_member_buf(&w, "error_description", &description);
    else
        auth_json_write_member_text(&w, "error_description", NULL);
    auth_json_write_end_object(&w);
    mock_response_seal_text(response);
    auth_buf_clear(&description);
}

/* Something of ours failed (memory, store): no token, and never a silent pass. */
static void answer_internal_error(struct mock_response *response)
{
    mock_response_reset(response);
    response->status = 503;
    mock_headers_token(response);
    mock_response_add_text(response, auth_view_from_string("{\r\n  \"error\": \"temporarily_unavailable\",\r\n"
                                                           "  \"error_description\": null\r\n}"));
}

/* Is its iat plainly nearer to real time than to this server's? Some clients set it a minute back. */
static bool shows_real_time(const struct exchange *x)
{
    enum { PLAINLY_S = 60 };
    int64_t iat_s, real_s = x->wait->started_us / 1000000;
    return auth_json_int(auth_jwt_claim(&x->jwt, "iat"), &iat_s) &&
           llabs(iat_s - real_s) + PLAINLY_S < llabs(iat_s - x->now_s);
}

static void write_journal(struct exchange *x, struct mock_response *response, struct auth_outcome outcome)
{
    struct mock_instance *instance = x->instance;
    const struct auth_jwt *jwt = &x->jwt;
    struct mock_journal_event event = mock_journal_event_of(MOCK_JOURNAL_TOKEN, x->request, x->wait, response->status);
    event.client_id = x->app ? auth_view_from_string(x->app->client_id) : auth_jwt_claim_view(jwt, "iss");
    event.error = auth_view_from_string(outcome.is_accepted ? "" : auth_rules_error_text(outcome.error));
    event.is_issued = outcome.is_accepted;
    event.token = x->token;
    event.lifetime_s = x->lifetime_s;
    event.told_s = x->told_s;
    event.report = &x->report;
    event.jwt_header = jwt->header_json ? auth_buf_view(&jwt->header.bytes) : auth_view_from_string("");
    event.jwt_claims = jwt->payload_json ? auth_buf_view(&jwt->payload.bytes) : auth_view_from_string("");
    mock_journal_add(&instance->journal, x->journal_id, &event);
    mock_account_token(&instance->account, &x->report, x->journal_id, response);
    if (instance->options.has_faketime && shows_real_time(x))
        mock_account_real_time(&instance->account, x->journal_id, x->app ? x->app->client_id : "an unknown client");
}

/* No token for a reason of our own: the log and the journal say which. */
static void tell_internal_error(struct exchange *x, enum auth_rc rc, struct mock_response *response)
{
    struct mock_instance *instance = x->instance;
    char reason[200];
    if (rc == AUTH_E_TOO_BIG)
        (void)snprintf(
            reason, sizeof reason,
            "the store holds %zu MiB of tokens or jti, the most it may; what expires is forgotten, and so is "
            "what POST /mock/tokens/revoke and /mock/reset name",
            instance->store->bytes_max[MOCK_STORE_TOKEN] / 1024 / 1024);
    else
        (void)snprintf(reason, sizeof reason, "%s", auth_rc_text(rc));
    mock_response_because(response, "%s", reason);
    if (!x->journal_id)
        x->journal_id = mock_journal_reserve(&instance->journal);
    struct mock_journal_event event = mock_journal_event_of(MOCK_JOURNAL_TOKEN, x->request, x->wait, 503);
    event.client_id = auth_view_from_string(x->app ? x->app->client_id : "");
    event.error = auth_view_from_string("temporarily_unavailable");
    event.note = auth_view_from_string(reason);
    mock_journal_add(&instance->journal, x->journal_id, &event);
}

static enum auth_rc decide(struct exchange *x, struct mock_response *response)
{
    x->journal_id = mock_journal_reserve(&x->instance->journal);
    enum auth_rc rc = record_jti(x);
    if (rc != AUTH_OK)
        return rc;
    struct auth_outcome outcome = auth_rules_outcome(&x->report);
    if (outcome.is_accepted) { /* so there is an app: nothing waives client.known */
        rc = answer_token(x, response);
        if (rc != AUTH_OK)
            undo_jti(x);
    } else {
        answer_refusal(x, outcome, response);
    }
    if (rc == AUTH_OK)
        write_journal(x, response, outcome);
    return rc;
}

enum auth_rc mock_token_endpoint_handle(struct mock_instance *instance, const struct mock_request *request,
                                        struct mock_wait *wait, struct mock_response *response)
{
    struct exchange x;
    exchange_init(&x, instance, wait);
    x.request = request;
    read_form(&x);
    enum auth_rc rc = auth_jwt_read(auth_form_value(&x.form, "client_assertion"), &x.jwt);
    if (x.request_facts.form_rc == AUTH_E_NOMEM) /* nothing that the form should be blamed for */
        rc = AUTH_E_NOMEM;
    if (rc == AUTH_OK)
        rc = judge(&x, &x.request_facts);
    if (rc == AUTH_OK)
        rc = decide(&x, response);
    if (rc != AUTH_OK && rc != AUTH_E_WAIT) {
        answer_internal_error(response);
        tell_internal_error(&x, rc, response);
    }
    if (rc != AUTH_E_WAIT)
        response->decision = x.journal_id;
    exchange_clear(&x);
    return rc == AUTH_E_WAIT ? rc : AUTH_OK;
}

enum auth_rc mock_token_endpoint_check(struct mock_instance *instance, struct auth_view compact, struct mock_wait *wait,
                                       struct auth_report *report)
{
    struct exchange x;
    exchange_init(&x, instance, wait);
    enum auth_rc rc = auth_jwt_read(compact, &x.jwt);
    if (rc == AUTH_OK)
        rc = judge(&x, NULL);
    if (rc == AUTH_OK)
        rc = look_up_jti(&x);
    if (rc == AUTH_OK)
        *report = x.report;
    exchange_clear(&x);
    return rc;
}

void mock_token_endpoint_client(const struct mock_request *request, struct auth_buf *out)
{
    struct auth_form form;
    struct auth_jwt jwt;
    struct auth_err err;
    auth_buf_init_secret(&form.bytes, 0);
    form.count = 0;
    if (auth_form_parse(request->body, &form, &err) == AUTH_OK) {
        if (auth_jwt_read(auth_form_value(&form, "client_assertion"), &jwt) == AUTH_OK)
            auth_buf_add_view(out, auth_jwt_claim_view(&jwt, "iss"));
        auth_jwt_clear(&jwt);
    }
    auth_form_clear(&form);
}
