/* A plan is made, held against the store, and what it finds answered page by page. */
#include "mock_epic/fhir/search.h"

#include <stdlib.h>
#include <string.h>

#include "mock_epic/epic/headers.h"
#include "mock_epic/epic/hints.h"
#include "mock_epic/fhir/bundle.h"
#include "mock_epic/fhir/include.h"
#include "mock_epic/fhir/page.h"
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
    struct mock_match_context context;
    struct mock_candidates candidates;
    struct mock_page page;
};

static struct mock_finding finding_of(struct search *s)
{
    return (struct mock_finding){s->store, s->call, s->params, &s->context, &s->plan, false};
}

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

/* Write the query of the link to page `number`. When there is no memory for it the whole page fails: one without its link
 * would look like the last. */
static void write_next(struct search *s, struct mock_session *session, uint32_t number, char query[NEXT_N])
{
    static const char name[] = "sessionID=";
    const struct mock_session_call call = session_call(s);
    const struct mock_session_page page = {number, (uint32_t)s->page.next.position, s->page.next.number};
    memcpy(query, name, sizeof name);
    if (mock_sessions_link(s->call->sessions, &call, session, page, query + sizeof name - 1) != AUTH_OK)
        s->response->is_spoiled = true;
}

/* What there is to say stands on the last page (I, of four of 2026), or on every one, as it did in 2025 (O). */
static void keep_issues(struct search *s, bool has_next)
{
    if (has_next && s->call->profile->values[AUTH_SWITCH_OUTCOME_PAGE] == 0)
        s->plan.issues.count = 0;
}

/* What a client may have expected otherwise. */
static void hint(const struct search *s)
{
    const struct mock_page *page = &s->page;
    unsigned *hints = &s->response->hints;
    for (size_t i = 0; i < s->plan.ignored_count; i++) {
        bool is_unknown = s->plan.ignored[i].is_unknown;
        bool is_sort = auth_view_equals(s->plan.ignored[i].name, "_sort");
        *hints |= is_sort ? MOCK_HINT_SORT : is_unknown ? MOCK_HINT_IGNORED : 0;
    }
    *hints |= s->plan.issues.count ? MOCK_HINT_OUTCOME : 0;
    *hints |= page->has_next && page->shown < page->count ? MOCK_HINT_SHORT_PAGE : 0;
    *hints |= page->has_next ? MOCK_HINT_PAGE_TOTAL : 0;
}

/* Page `number`, counted from 0. total is what this page holds, not what was found (O), except for _summary=count.
 * in  session  what the next page comes from; NULL: this is the last page */
static void answer_page(struct search *s, const char *self, struct mock_session *session, uint32_t number)
{
    char next[NEXT_N];
    struct mock_included included;
    const struct mock_page *page = &s->page;
    size_t offset = number * s->plan.page;
    if (session)
        write_next(s, session, number + 1, next);
    const struct mock_search_found found = {offset + page->matched, offset, page->shown, page->has_next};
    mock_search_note(s->call->search, &s->plan, s->params, found);
    keep_issues(s, page->has_next);
    if (page->shown == 0 && !page->has_next)
        mock_issues_add(&s->plan.issues, MOCK_OUTCOME_4101, NULL, NULL, "%s", "");
    if (s->plan.is_count_only)
        s->plan.issues.count = 0;
    hint(s);
    if (mock_include(s->store, &s->plan, s->call, page->items, page->count, &included) != AUTH_OK)
        s->response->is_spoiled = true;
    mock_headers_fhir(s->response);
    mock_response_header(s->response, "Content-Type", s->content_type);
    const struct mock_bundle bundle = {
        .store = s->store,
        .base_url = s->call->base_url,
        .type = s->plan.type->name,
        .self = self,
        .next = session ? next : NULL,
        .matches = page->items,
        .match_count = page->count,
        .included = included.items,
        .included_count = included.count,
        .total = page->shown,
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
    if (found == MOCK_SESSION_MOVED)
        mock_response_because(s->response, "4113: the resource that the link goes on behind is no longer there");
    else if (found == MOCK_SESSION_EXPIRED)
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

/* Look, and find the page; what was left out is the same on every page. */
static enum auth_rc find_page(struct search *s, struct mock_page_start start, struct mock_extent extent)
{
    const struct mock_finding finding = finding_of(s);
    enum auth_rc rc = mock_candidates_choose(&finding, &s->candidates);
    if (rc != AUTH_OK || s->plan.status)
        return rc;
    bool counts = s->plan.is_count_only;
    mock_candidates_left_out(&finding, &s->candidates);
    mock_subtypes_note(&s->plan, s->call);
    return mock_page_find(&finding, s->candidates.range, start, extent, counts ? 0 : s->plan.page, counts, &s->page);
}

/* The page that a link stands for: its search is made anew from where the link says. What is found is what the token that asks is
 * granted, and what the data holds now of what it held then. */
static void answer_session(struct search *s, struct mock_session *session, struct mock_session_page page)
{
    const struct auth_form *asked = s->params;
    struct auth_form params;
    struct auth_err err = {0};
    enum auth_rc rc = auth_form_parse(auth_view_from_string(session->self), &params, &err);
    s->params = &params;
    if (rc == AUTH_OK)
        rc = make_plan(s, &params);
    if (rc == AUTH_OK && !s->plan.status)
        mock_subtypes_limit(&s->plan, s->call, &s->allowed);
    s->plan.page = session->page;
    if (rc == AUTH_OK && !s->plan.status)
        rc = find_page(s, (struct mock_page_start){page.position, page.number}, session->extent);
    if (rc != AUTH_OK)
        s->response->is_spoiled = true;
    else if (s->plan.status)
        refuse(s, s->plan.status);
    else if (s->page.is_lost)
        refuse_link(s, MOCK_SESSION_MOVED);
    else
        answer_page(s, session->self, s->page.has_next ? session : NULL, page.page);
    s->params = asked;
    auth_form_clear(&params);
}

static void continue_session(struct search *s, struct auth_view id)
{
    const struct mock_session_call call = session_call(s);
    struct mock_session *session = NULL;
    struct mock_session_page page = {0};
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

/* Keep the search for what comes after the first page. False: spoiled. */
static bool keep_search(struct search *s, struct auth_view self, struct mock_session **session)
{
    const struct mock_session_call call = session_call(s);
    const struct mock_extent extent = {s->candidates.range.count, s->store->count};
    if (s->page.has_next &&
        mock_sessions_keep(s->call->sessions, &call, self, s->plan.page, extent, session) != AUTH_OK)
        s->response->is_spoiled = true;
    return !s->page.has_next || *session;
}

static void answer_first_page(struct search *s)
{
    struct auth_buf self;
    auth_buf_init(&self, MOCK_SELF_MAX);
    mock_bundle_self(s->params, &self);
    enum { LONGEST_PIECE = 3 }; /* it is written in pieces no longer than "%XX" */
    struct mock_session *session = NULL;
    if (auth_buf_ok(&self)) {
        if (keep_search(s, auth_buf_view(&self), &session))
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
    enum auth_rc rc = make_plan(s, s->params);
    if (rc == AUTH_OK && !s->plan.status)
        mock_subtypes_limit(&s->plan, s->call, &s->allowed);
    if (rc == AUTH_OK && !s->plan.status)
        rc = find_page(s, (struct mock_page_start){0, 0}, (struct mock_extent){SIZE_MAX, SIZE_MAX});
    if (rc != AUTH_OK) {
        s->response->is_spoiled = true;
    } else if (s->plan.status) {
        mock_search_note(s->call->search, &s->plan, s->params, (struct mock_search_found){0});
        refuse(s, s->plan.status);
    } else {
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
    s.context = (struct mock_match_context){call->base_url, call->now_s * 1000000};
    s.candidates.listed = NULL;
    s.page = (struct mock_page){0};
    if (session.n)
        continue_session(&s, session);
    else
        begin_search(&s);
    mock_plan_clear(&s.plan);
    free(s.candidates.listed);
    free(s.page.items);
}
