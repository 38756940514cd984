/* A plan is made, held against the store, and what it finds answered page by page. */
#include "mock_epic/fhir/search.h"

#include <stdlib.h>
#include <string.h>

#include "mock_epic/epic/headers.h"
#include "mock_epic/epic/hints.h"
#include "mock_epic/fhir/bundle.h"
#include "mock_epic/fhir/candidates.h"
#include "mock_epic/fhir/include.h"
#include "mock_epic/fhir/r4.h"
#include "mock_epic/fhir/search_note.h"
#include "mock_epic/fhir/search_r4.h"
#include "mock_epic/fhir/subtypes.h"

enum { NEXT_N = MOCK_SESSION_ID_N + sizeof "sessionID=" }; /* the query of a next link */

/* One search on its way. */
struct search {
    const struct mock_fhir_store *store;
    const struct mock_fhir_call *call;
    const struct auth_form *params;
    const char *content_type;
    struct mock_response *response;
    struct mock_plan plan;
    struct mock_allowed allowed;
    struct mock_found found; /* by this request; items NULL once a session keeps them */
    const uint32_t *matches; /* found, or those of a session */
    size_t match_count;
};

static void refuse(struct search *s, int status)
{
    mock_issues_answer(&s->plan.issues, status, s->content_type, s->response);
}

static struct mock_session_call session_call(const struct search *s)
{
    return (struct mock_session_call){
        .client_id = s->call->client_id,
        .type = s->plan.type,
        .generation = s->store->generation,
        .now_s = s->call->now_s,
        .lifetime_s = s->call->profile->values[AUTH_SWITCH_PAGING_S],
        .env = s->call->env,
    };
}

/* ---- a page ---- */

/* Write the query of the link to page `page`. When there is no memory for it the whole page fails: one without its link
 * would look like the last. */
static void write_next(struct search *s, struct mock_session *session, size_t page, char query[NEXT_N])
{
    static const char name[] = "sessionID=";
    const struct mock_session_call call = session_call(s);
    memcpy(query, name, sizeof name);
    if (mock_sessions_link(s->call->sessions, &call, session, page, query + sizeof name - 1) != AUTH_OK)
        s->response->is_spoiled = true;
}

static size_t count_shown(const uint32_t *matches, size_t count)
{
    size_t shown = 0;
    for (size_t i = 0; matches && i < count; i++)
        shown += !(matches[i] & MOCK_FILTERED_OUT);
    return shown;
}

/* What there is to say stands on the last page (I, of four of 2026), or on every one, as it did in 2025 (O). */
static void keep_issues(struct search *s, bool has_next)
{
    if (has_next && s->call->profile->values[AUTH_SWITCH_OUTCOME_PAGE] == 0)
        s->plan.issues.count = 0;
}

/* What a client may have expected otherwise. shown: matches on the page, of `taken` that were found for it */
static void hint(const struct search *s, size_t shown, size_t taken, bool has_next)
{
    unsigned *hints = &s->response->hints;
    for (size_t i = 0; i < s->plan.ignored_count; i++) {
        bool is_unknown = s->plan.ignored[i].is_unknown;
        bool is_sort = auth_view_equals(s->plan.ignored[i].name, "_sort");
        *hints |= is_sort ? MOCK_HINT_SORT : is_unknown ? MOCK_HINT_IGNORED : 0;
    }
    *hints |= s->plan.issues.count ? MOCK_HINT_OUTCOME : 0;
    *hints |= has_next && shown < taken ? MOCK_HINT_SHORT_PAGE : 0;
    *hints |= has_next ? MOCK_HINT_PAGE_TOTAL : 0;
}

/* Page `number`, counted from 0. total is what this page holds, not what was found (O), except for _summary=count.
 * in  session  what the next page comes from; NULL: this is the only page */
static void answer_page(struct search *s, const char *self, struct mock_session *session, size_t number)
{
    char next[NEXT_N];
    struct mock_included included;
    size_t offset = number * s->plan.page, left = s->match_count - offset;
    size_t n = s->plan.is_count_only ? 0 : left < s->plan.page ? left : s->plan.page;
    bool has_next = session && left > n;
    const uint32_t *matches = s->matches ? s->matches + offset : NULL;
    if (has_next)
        write_next(s, session, number + 1, next);
    size_t total = s->plan.is_count_only ? count_shown(s->matches, s->match_count) : count_shown(matches, n);
    mock_search_note(s->call->search, &s->plan, s->params, s->match_count, offset, total);
    keep_issues(s, has_next);
    if (total == 0 && !has_next)
        mock_issues_add(&s->plan.issues, MOCK_OUTCOME_4101, NULL, NULL, "%s", "");
    if (s->plan.is_count_only)
        s->plan.issues.count = 0;
    hint(s, total, n, has_next);
    if (mock_include(s->store, &s->plan, s->call, matches, n, &included) != AUTH_OK)
        s->response->is_spoiled = true;
    mock_headers_fhir(s->response);
    mock_response_header(s->response, "Content-Type", s->content_type);
    const struct mock_bundle bundle = {
        .store = s->store,
        .base_url = s->call->base_url,
        .type = s->plan.type->name,
        .self = self,
        .next = has_next ? next : NULL,
        .matches = matches,
        .match_count = n,
        .included = included.items,
        .included_count = included.count,
        .total = total,
        .issues = &s->plan.issues,
    };
    mock_bundle_write(&bundle, s->response);
    free(included.items);
}

/* ---- a page after the first ---- */

/* 4113 on the wire (O its text); the true reason is for the log. */
static void refuse_link(struct search *s, enum mock_session_found found)
{
    static const int statuses[] = {400, 404, 410};
    const int64_t *values = s->call->profile->values;
    const struct mock_sessions_limits *limits = &s->call->sessions->limits;
    s->plan.issues.count = 0;
    mock_issues_add(&s->plan.issues, MOCK_OUTCOME_4113, NULL, NULL, "%s", "");
    refuse(s, statuses[values[AUTH_SWITCH_PAGING_STATUS]]);
    if (found == MOCK_SESSION_EXPIRED)
        mock_response_because(s->response, "4113: the link has expired: it lives %lld s by the server's clock",
                              (long long)values[AUTH_SWITCH_PAGING_S]);
    else if (found == MOCK_SESSION_EVICTED)
        mock_response_because(s->response,
                              "4113: the link was evicted before its time: a client's last %zu searches of several "
                              "pages are kept, at most %zu KiB of them",
                              limits->client_count, limits->client_bytes / 1024);
    else
        mock_response_because(s->response,
                              "4113: the link is unknown: not given to this client for %s since the server started or "
                              "was reset",
                              s->plan.type->name);
}

static enum auth_rc make_plan(struct search *s, const struct auth_form *params)
{
    const struct mock_query query = {s->plan.type, params, s->call->profile, s->call->base_url, false};
    return mock_query_plan(&query, &s->plan);
}

/* The page that a link stands for; its search is read anew for what it includes and says. */
static void answer_session(struct search *s, struct mock_session *session, size_t page)
{
    struct auth_form params;
    struct auth_err err = {0};
    enum auth_rc rc = auth_form_parse(auth_view_from_string(session->self), &params, &err);
    if (rc == AUTH_OK)
        rc = make_plan(s, &params);
    if (rc == AUTH_OK) {
        mock_subtypes_note(&s->plan, s->call);
        s->params = &params;
        s->matches = session->matches;
        s->match_count = session->match_count;
        s->plan.page = session->page;
        answer_page(s, session->self, session, page);
    } else {
        s->response->is_spoiled = true;
    }
    auth_form_clear(&params);
}

static void continue_session(struct search *s, struct auth_view id)
{
    const struct mock_session_call call = session_call(s);
    struct mock_session *session = NULL;
    size_t page = 0;
    enum mock_session_found found = mock_sessions_find(s->call->sessions, &call, id, &session, &page);
    if (found == MOCK_SESSION_TROUBLE)
        s->response->is_spoiled = true;
    else if (found != MOCK_SESSION_FOUND)
        refuse_link(s, found);
    else
        answer_session(s, session, page);
    mock_session_release(s->call->sessions, session);
}

/* ---- the first page ---- */

/* Keep what comes after the first page, if anything does. False: answered or spoiled. */
static bool keep_matches(struct search *s, struct auth_view self, struct mock_session **session)
{
    const struct mock_session_call call = session_call(s);
    if (s->plan.is_count_only || s->match_count <= s->plan.page)
        return true;
    enum auth_rc rc =
        mock_sessions_keep(s->call->sessions, &call, self, s->found.items, s->match_count, s->plan.page, session);
    s->found.items = NULL;
    if (rc == AUTH_OK) {
        s->matches = (*session)->matches;
    } else if (rc == AUTH_E_TOO_BIG) {
        mock_issues_add(&s->plan.issues, MOCK_OUTCOME_TOO_COSTLY, NULL, NULL,
                        "%zu matches: more than this server keeps for paging (%zu KiB); search for less",
                        s->match_count, s->call->sessions->limits.bytes / 1024);
        refuse(s, 400);
    } else {
        s->response->is_spoiled = true;
    }
    return rc == AUTH_OK;
}

static void answer_first_page(struct search *s)
{
    struct auth_buf self;
    auth_buf_init(&self, MOCK_SELF_MAX);
    mock_bundle_self(s->params, &self);
    enum { LONGEST_PIECE = 3 }; /* it is written in pieces no longer than "%XX" */
    struct mock_session *session = NULL;
    if (auth_buf_ok(&self)) {
        if (keep_matches(s, auth_buf_view(&self), &session))
            answer_page(s, self.p ? self.p : "", session, 0);
    } else if (self.n + LONGEST_PIECE <= MOCK_SELF_MAX) { /* not full: no memory */
        s->response->is_spoiled = true;
    } else { /* a body that percent-encoding makes longer */
        mock_issues_add(&s->plan.issues, MOCK_OUTCOME_59102, NULL, NULL, "The parameters are too long for a self link");
        refuse(s, 400);
    }
    mock_session_release(s->call->sessions, session);
    auth_buf_clear(&self);
}

static void begin_search(struct search *s)
{
    const struct mock_match_context context = {s->call->base_url, s->call->now_s * 1000000};
    enum auth_rc rc = make_plan(s, s->params);
    if (rc == AUTH_OK && !s->plan.status)
        mock_subtypes_limit(&s->plan, s->call, &s->allowed);
    if (rc == AUTH_OK && !s->plan.status)
        rc = mock_candidates(s->store, s->call, s->params, &context, &s->plan, &s->found);
    if (rc != AUTH_OK) {
        s->response->is_spoiled = true;
    } else if (s->plan.status) {
        mock_search_note(s->call->search, &s->plan, s->params, 0, 0, 0);
        refuse(s, s->plan.status);
    } else {
        mock_subtypes_note(&s->plan, s->call);
        s->matches = s->found.items;
        s->match_count = s->found.count;
        answer_first_page(s);
    }
}

void mock_fhir_search(const struct mock_fhir_store *store, const struct mock_fhir_call *call,
                      const struct mock_fhir_type *type, const struct auth_form *params, const char *content_type,
                      struct mock_response *response)
{
    struct search s;
    struct auth_view session = auth_form_value(params, "sessionID");
    if (mock_is_r4(call)) {
        mock_fhir_search_r4(store, call, type, params, content_type, response);
        return;
    }
    s.store = store;
    s.call = call;
    s.params = params;
    s.content_type = content_type;
    s.response = response;
    s.plan.type = type;
    s.plan.issues.count = 0;
    s.plan.issues.is_plain = false;
    s.plan.wanted = NULL;
    s.plan.text = NULL;
    s.found.items = NULL;
    s.matches = NULL;
    s.match_count = 0;
    if (session.n)
        continue_session(&s, session);
    else
        begin_search(&s);
    mock_plan_clear(&s.plan);
    free(s.found.items);
}
