/* FHIR reads and searches: a token for every request, one replay after a 401, credentials to one origin only. */
#include <stdlib.h>
#include <string.h>

#include "auth/client/client.h"
#include "auth/core/form.h"
#include "auth/core/json.h"
#include "auth/core/url.h"

enum { ATTEMPTS = 3, BODY_MAX = 256 * 1024 * 1024, URL_MAX = 64 * 1024, PAGES_MAX = 100000, SEARCH_ISSUES_MAX = 64 };

/* ---- one request ---- */

static enum epic_auth_rc check_origin(const struct epic_auth *auth, const char *url, struct epic_auth_error *error)
{
    struct auth_url ours, theirs;
    if (auth_url_parse(auth_view_of(auth->fhir_base), &ours, NULL) != AUTH_OK ||
        auth_url_parse(auth_view_of(url), &theirs, NULL) != AUTH_OK || !auth_url_same_origin(&ours, &theirs))
        return auth_error_set(
            error, EPIC_AUTH_E_ORIGIN,
            "the server named %.100s, which is not of the FHIR server's origin; no token was sent there", url);
    return EPIC_AUTH_OK;
}

static enum auth_rc send_once(struct epic_auth *auth, const char *url, const char *token, int64_t deadline_ms,
                              struct auth_http_response *response, struct auth_err *err)
{
    struct auth_buf bearer;
    auth_buf_init_secret(&bearer, 128 * 1024);
    auth_buf_add_string(&bearer, "Bearer ");
    auth_buf_add_string(&bearer, token);
    struct auth_http_header headers[] = {
        {"Authorization", auth_buf_view(&bearer)},
        {"Accept", auth_view_of("application/fhir+json")},
    };
    struct auth_http_request request = {
        .method = "GET",
        .url = url,
        .headers = headers,
        .header_count = 2,
        .timeout_ms = auth_client_timeout_ms(auth, deadline_ms),
        .body_max = BODY_MAX,
    };
    enum auth_rc rc = auth->http->send(auth->http, &request, response, err);
    auth_buf_clear(&bearer);
    return rc;
}

static enum epic_auth_rc rc_of_status(int status)
{
    if (status == 401 || status == 403)
        return EPIC_AUTH_E_DENIED;
    if (status == 404 || status == 410)
        return EPIC_AUTH_E_NOT_FOUND;
    return auth_client_is_transient(AUTH_OK, status) ? EPIC_AUTH_E_THROTTLED : EPIC_AUTH_E_FHIR;
}

static enum epic_auth_rc explain(const struct auth_http_response *response, struct epic_auth_error *error)
{
    struct auth_json *doc = NULL;
    enum epic_auth_rc rc =
        auth_error_set(error, rc_of_status(response->status), "the FHIR server answered HTTP %d%s", response->status,
                       response->status == 403 ? ": the app lacks this API, or the user may not see it" : "");
    if (error)
        error->http_status = response->status;
    enum auth_rc parsed = auth_json_parse(auth_buf_view(&response->body), &doc, NULL);
    if (parsed == AUTH_OK)
        auth_error_add_issues(error, auth_json_root(doc));
    else if (parsed == AUTH_E_NOMEM)
        rc = auth_error_set(error, EPIC_AUTH_E_NOMEM, "out of memory");
    auth_json_free(doc);
    return rc;
}

/* 401, or the 403 of a server that says in its challenge that it is the token which is bad (RFC 6750 3.1). */
static bool is_token_refused(const struct auth_http_response *response)
{
    struct auth_view challenge = auth_http_response_header(response, "www-authenticate");
    bool names_token = auth_view_contains(challenge, "invalid_token");
    return response->status == 401 || (response->status == 403 && names_token);
}

/* What one attempt told besides its result. */
struct attempt {
    bool is_token_refused, is_transient;
    int64_t retry_after_s;
};

/* One attempt with the cached token, which is forgotten when the server refuses that very one. */
static enum epic_auth_rc try_once(struct epic_auth *auth, const char *url, int64_t deadline_ms,
                                  struct auth_http_response *response, struct attempt *attempt,
                                  struct epic_auth_error *error)
{
    struct auth_err err = {0};
    char *token = NULL;
    uint64_t serial = 0;
    memset(attempt, 0, sizeof *attempt);
    memset(response, 0, sizeof *response);
    enum epic_auth_rc result = auth_cache_acquire(auth, deadline_ms, &token, &serial, error);
    if (result != EPIC_AUTH_OK)
        return result;
    enum auth_rc rc = send_once(auth, url, token, deadline_ms, response, &err);
    epic_auth_string_free(token);
    attempt->is_transient = auth_client_is_transient(rc, response->status);
    auth_error_clear(error);
    if (rc != AUTH_OK)
        return auth_error_from(error, rc, &err);
    attempt->retry_after_s = auth_client_retry_after(auth, response);
    attempt->is_token_refused = is_token_refused(response);
    if (attempt->is_token_refused)
        auth_cache_drop(&auth->cache, serial);
    if (response->status == 200)
        return EPIC_AUTH_OK;
    result = explain(response, error);
    if (error) {
        error->retry_after_s = attempt->retry_after_s;
        error->clock_offset_s = response->date_s ? response->date_s - auth->env->wall_s(auth->env->ctx) : 0;
    }
    return result;
}

enum epic_auth_rc auth_fhir_send(struct epic_auth *auth, const char *url, struct auth_buf *body,
                                 struct epic_auth_error *error)
{
    int64_t deadline_ms = auth->env->steady_ms(auth->env->ctx) + auth->call_timeout_ms;
    bool was_replayed = false;
    auth_buf_init_secret(body, BODY_MAX);
    enum epic_auth_rc rc = check_origin(auth, url, error);
    if (rc != EPIC_AUTH_OK)
        return rc;
    for (int count = 1;;) {
        struct auth_http_response response;
        struct attempt attempt;
        rc = try_once(auth, url, deadline_ms, &response, &attempt, error);
        if (rc == EPIC_AUTH_OK) {
            *body = response.body;
            memset(&response.body, 0, sizeof response.body);
        }
        auth_http_response_clear(&response);
        if (attempt.is_token_refused && !was_replayed) {
            was_replayed = true;
            continue;
        }
        if (!attempt.is_transient || count >= ATTEMPTS ||
            !auth_client_pause(auth, count++, attempt.retry_after_s, deadline_ms))
            return rc;
    }
}

/* ---- reads ---- */

static enum epic_auth_rc get(struct epic_auth *auth, struct auth_buf *url, char **json, struct epic_auth_error *error)
{
    struct auth_buf body;
    enum epic_auth_rc rc = EPIC_AUTH_OK;
    *json = NULL;
    auth_buf_init(&body, 0);
    if (!auth_buf_ok(url))
        rc = auth_error_set(error, EPIC_AUTH_E_NOMEM, "out of memory");
    if (rc == EPIC_AUTH_OK)
        rc = auth_fhir_send(auth, url->p, &body, error);
    if (rc == EPIC_AUTH_OK && !(*json = auth_buf_take(&body, NULL)))
        rc = auth_error_set(error, EPIC_AUTH_E_NOMEM, "out of memory");
    auth_buf_clear(&body);
    auth_buf_clear(url);
    return rc;
}

static enum epic_auth_rc need_base(const struct epic_auth *auth, struct epic_auth_error *error)
{
    auth_error_clear(error);
    if (auth->fhir_base)
        return EPIC_AUTH_OK;
    return auth_error_set(error, EPIC_AUTH_E_CONFIG, "EPIC_FHIR_BASE_URL is not set");
}

enum epic_auth_rc epic_auth_fhir_get(struct epic_auth *auth, const char *type, const char *id, char **json,
                                     struct epic_auth_error *error)
{
    struct auth_buf url;
    enum epic_auth_rc rc = need_base(auth, error);
    *json = NULL;
    if (rc != EPIC_AUTH_OK)
        return rc;
    if (!type || !*type || !id || !*id || strcmp(id, ".") == 0 || strcmp(id, "..") == 0)
        return auth_error_set(error, EPIC_AUTH_E_ARGUMENT, "a resource type and an id are needed");
    auth_buf_init(&url, URL_MAX);
    auth_buf_addf(&url, "%s/", auth->fhir_base);
    auth_form_escape(&url, auth_view_of(type));
    auth_buf_add_char(&url, '/');
    auth_form_escape(&url, auth_view_of(id));
    return get(auth, &url, json, error);
}

static bool is_path(const char *path)
{
    for (const char *c = path; c && *c; c++) {
        if ((unsigned char)*c <= 0x20 || *c == '\\' || *c == 0x7f)
            return false;
    }
    return path != NULL;
}

enum epic_auth_rc epic_auth_fhir_get_path(struct epic_auth *auth, const char *path, char **json,
                                          struct epic_auth_error *error)
{
    struct auth_buf url;
    enum epic_auth_rc rc = need_base(auth, error);
    *json = NULL;
    if (rc != EPIC_AUTH_OK)
        return rc;
    if (!is_path(path))
        return auth_error_set(error, EPIC_AUTH_E_ARGUMENT, "a path without spaces and control bytes is needed");
    auth_buf_init(&url, URL_MAX);
    auth_buf_addf(&url, "%s/%s", auth->fhir_base, path[0] == '/' ? path + 1 : path);
    return get(auth, &url, json, error);
}

/* ---- searches ---- */

struct epic_auth_search {
    struct epic_auth *auth;
    char *next;           /* URL of the page to fetch; NULL: no more */
    char *milestone;      /* a URL already fetched: see is_circle() */
    struct auth_buf page; /* Bundle text */
    struct auth_view entries;
    size_t cursor;
    size_t pages;
    struct epic_auth_issue issues[SEARCH_ISSUES_MAX];
    size_t issue_count;
};

static bool has_gap(const struct epic_auth_param *params, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!params[i].name || !*params[i].name || !params[i].value)
            return true;
    }
    return false;
}

enum epic_auth_rc epic_auth_fhir_search(struct epic_auth *auth, const char *type, const struct epic_auth_param *params,
                                        size_t param_count, struct epic_auth_search **out,
                                        struct epic_auth_error *error)
{
    struct auth_buf url, query;
    enum epic_auth_rc rc = need_base(auth, error);
    *out = NULL;
    if (rc != EPIC_AUTH_OK)
        return rc;
    if (!type || !*type || has_gap(params, param_count))
        return auth_error_set(error, EPIC_AUTH_E_ARGUMENT,
                              "a resource type and parameters with name and value are needed");
    auth_buf_init(&url, URL_MAX);
    auth_buf_init(&query, URL_MAX);
    for (size_t i = 0; i < param_count; i++)
        auth_form_write(&query, auth_view_of(params[i].name), auth_view_of(params[i].value));
    auth_buf_addf(&url, "%s/", auth->fhir_base);
    auth_form_escape(&url, auth_view_of(type));
    if (query.n)
        auth_buf_addf(&url, "?%s", query.p);
    struct epic_auth_search *search = calloc(1, sizeof *search);
    if (search) {
        search->auth = auth;
        auth_buf_init_secret(&search->page, BODY_MAX);
        search->next = auth_buf_ok(&query) ? auth_buf_take(&url, NULL) : NULL;
    }
    auth_buf_clear(&query);
    auth_buf_clear(&url);
    if (!search || !search->next) {
        epic_auth_search_free(search);
        return auth_error_set(error, EPIC_AUTH_E_NOMEM, "out of memory, or a query of more than %d bytes", URL_MAX);
    }
    *out = search;
    return EPIC_AUTH_OK;
}

enum epic_auth_rc epic_auth_patient_observations(struct epic_auth *auth, const char *patient_id, const char *category,
                                                 struct epic_auth_search **out, struct epic_auth_error *error)
{
    const struct epic_auth_param params[] = {{"patient", patient_id}, {"category", category}};
    return epic_auth_fhir_search(auth, "Observation", params, category ? 2 : 1, out, error);
}

void epic_auth_search_free(struct epic_auth_search *search)
{
    if (!search)
        return;
    free(search->next);
    free(search->milestone);
    auth_buf_clear(&search->page);
    free(search);
}

const struct epic_auth_issue *epic_auth_search_issues(const struct epic_auth_search *search, size_t *count)
{
    *count = search->issue_count;
    return search->issues;
}

/* The url of the next link, resolved against the page's own URL; *out stays NULL when there is none. */
static enum auth_rc next_link(const struct auth_json_node *bundle, const char *page_url, char **out)
{
    struct auth_buf url;
    const struct auth_json_node *link = auth_json_first(auth_json_member(bundle, "link"));
    *out = NULL;
    while (link && !auth_view_is(auth_json_member_string(link, "relation"), "next"))
        link = auth_json_next(link);
    if (!link)
        return AUTH_OK;
    auth_buf_init(&url, URL_MAX);
    enum auth_rc rc = auth_url_resolve(&url, page_url, auth_json_member_string(link, "url"), NULL);
    *out = rc == AUTH_OK ? auth_buf_take(&url, NULL) : NULL;
    if (rc == AUTH_OK && !*out)
        rc = AUTH_E_NOMEM;
    auth_buf_clear(&url);
    return rc;
}

/* Do the links lead in a circle? Brent's way: compare with one milestone, and move the milestone to each page whose number
 * is a power of two; a circle of any length is found, with the memory of one URL. */
static bool is_circle(struct epic_auth_search *search, const char *next)
{
    if (strcmp(next, search->next) == 0 || (search->milestone && strcmp(next, search->milestone) == 0))
        return true;
    if ((search->pages & (search->pages - 1)) == 0) {
        free(search->milestone);
        search->milestone = auth_view_dup(auth_view_of(next)); /* without memory, PAGES_MAX still ends it */
    }
    return false;
}

/* Fetch the page at search->next and find the one behind it. */
static enum epic_auth_rc fetch_page(struct epic_auth_search *search, struct epic_auth_error *error)
{
    struct auth_json *doc = NULL;
    struct auth_err err = {0};
    auth_error_clear(error);
    if (!search->next)
        return EPIC_AUTH_E_END;
    auth_buf_clear(&search->page);
    enum epic_auth_rc rc = auth_fhir_send(search->auth, search->next, &search->page, error);
    if (rc != EPIC_AUTH_OK)
        return rc;
    enum auth_rc parsed = auth_json_parse(auth_buf_view(&search->page), &doc, &err);
    if (parsed != AUTH_OK)
        return auth_error_set(error, parsed == AUTH_E_NOMEM ? EPIC_AUTH_E_NOMEM : EPIC_AUTH_E_PROTOCOL,
                              "the Bundle cannot be read: %s", err.detail);
    const struct auth_json_node *root = auth_json_root(doc);
    char *next = NULL;
    enum auth_rc linked = next_link(root, search->next, &next);
    if (!auth_view_is(auth_json_member_string(root, "resourceType"), "Bundle"))
        rc = auth_error_set(error, EPIC_AUTH_E_PROTOCOL, "the answer to a search is no Bundle");
    else if (linked == AUTH_E_NOMEM)
        rc = auth_error_set(error, EPIC_AUTH_E_NOMEM, "out of memory, or a link of more than %d bytes", URL_MAX);
    else if (linked != AUTH_OK || ++search->pages > PAGES_MAX || (next && is_circle(search, next)))
        rc = auth_error_set(error, EPIC_AUTH_E_PROTOCOL, "the next link leads nowhere new");
    auth_json_free(doc);
    if (rc != EPIC_AUTH_OK) {
        free(next);
        return rc;
    }
    free(search->next);
    search->next = next;
    search->cursor = 0;
    if (!auth_json_raw_member(auth_buf_view(&search->page), "entry", &search->entries))
        search->entries = auth_view_of("");
    return EPIC_AUTH_OK;
}

/* An OperationOutcome inside a good page: remembered, not returned. */
static void take_outcome(struct epic_auth_search *search, struct auth_view resource)
{
    struct auth_json *doc = NULL;
    if (auth_json_parse(resource, &doc, NULL) != AUTH_OK)
        return;
    const struct auth_json_node *node = auth_json_first(auth_json_member(auth_json_root(doc), "issue"));
    for (; node && search->issue_count < SEARCH_ISSUES_MAX; node = auth_json_next(node))
        auth_issue_read(&search->issues[search->issue_count++], node);
    auth_json_free(doc);
}

static bool is_match(struct epic_auth_search *search, struct auth_view entry, struct auth_view *resource)
{
    struct auth_view type, details, mode;
    if (!auth_json_raw_member(entry, "resource", resource))
        return false;
    if (auth_json_raw_member(*resource, "resourceType", &type) && auth_view_is(type, "\"OperationOutcome\"")) {
        take_outcome(search, *resource);
        return false;
    }
    return !auth_json_raw_member(entry, "search", &details) || !auth_json_raw_member(details, "mode", &mode) ||
           auth_view_is(mode, "\"match\"");
}

enum epic_auth_rc epic_auth_search_next(struct epic_auth_search *search, char **json, struct epic_auth_error *error)
{
    struct auth_view entry, resource;
    *json = NULL;
    for (;;) {
        while (auth_json_raw_next(search->entries, &search->cursor, &entry)) {
            if (!is_match(search, entry, &resource))
                continue;
            *json = auth_view_dup(resource);
            return *json ? EPIC_AUTH_OK : auth_error_set(error, EPIC_AUTH_E_NOMEM, "out of memory");
        }
        enum epic_auth_rc rc = fetch_page(search, error);
        if (rc != EPIC_AUTH_OK)
            return rc;
    }
}

enum epic_auth_rc epic_auth_search_page(struct epic_auth_search *search, char **bundle, struct epic_auth_error *error)
{
    enum epic_auth_rc rc = fetch_page(search, error);
    *bundle = rc == EPIC_AUTH_OK ? auth_view_dup(auth_buf_view(&search->page)) : NULL;
    if (rc == EPIC_AUTH_OK && !*bundle)
        rc = auth_error_set(error, EPIC_AUTH_E_NOMEM, "out of memory");
    return rc;
}
