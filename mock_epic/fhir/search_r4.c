/* What a search looks at is walked from where its link says; all of it only to count, or to sort. A link holds all that its page
 * needs; what is kept beside it saves work, and no more. */
#include "mock_epic/fhir/search_r4.h"

#include <stdlib.h>

#include "mock_epic/epic/headers.h"
#include "mock_epic/fhir/bundle.h"
#include "mock_epic/fhir/include.h"
#include "mock_epic/fhir/page.h"
#include "mock_epic/fhir/search_note.h"
#include "mock_epic/fhir/session.h"
#include "mock_epic/fhir/sort.h"
#include "mock_epic/fhir/subtypes.h"
#include "mock_epic/http/accept.h"

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
    size_t total;
};

static struct mock_finding finding_of(struct search *s)
{
    return (struct mock_finding){s->store, s->call, s->params, &s->context, &s->plan, false};
}

static void refuse(struct search *s, enum mock_outcome what, int status, const char *text)
{
    mock_issues_add(&s->plan.issues, what, NULL, NULL, "%s", text);
    s->plan.status = status;
}

/* ---- what is found ---- */

static const struct mock_extent everything = {SIZE_MAX, SIZE_MAX};

/* A page, and one more that shows that there is a next one; all are counted where nobody has yet. */
static enum auth_rc find_page(struct search *s)
{
    const struct mock_finding finding = finding_of(s);
    const struct mock_cursor *cursor = &s->plan.cursor;
    bool counts = !cursor->is_there && s->plan.total == MOCK_TOTAL_ACCURATE;
    struct mock_page_start start = {cursor->is_there ? cursor->position : 0, cursor->number};
    enum auth_rc rc = mock_candidates_choose(&finding, &s->candidates);
    if (rc == AUTH_OK)
        rc = mock_page_find(&finding, s->candidates.range, start, everything, s->plan.is_count_only ? 0 : s->plan.page,
                            counts, &s->page);
    s->total = counts ? s->page.matched : cursor->total;
    if (rc == AUTH_OK && s->page.is_lost)
        refuse(s, MOCK_OUTCOME_4113, 410, "The link leads to data that is no longer there; search anew");
    return rc;
}

/* ---- sorted ---- */

static struct mock_session_call session_call(const struct search *s)
{
    return (struct mock_session_call){.client_id = s->call->client_id,
                                      .type = s->plan.type,
                                      .generation = s->store->generation,
                                      .now_s = s->call->now_s,
                                      .env = s->call->env};
}

/* Everything beside the data that an order depends on: the query without where its page is, the address that references are told
 * by, what is granted, and what stands beside the data. */
static void write_key(const struct search *s, struct auth_buf *key)
{
    struct auth_form asked;
    asked.count = 0;
    for (size_t i = 0; i < s->params->count; i++) {
        const struct auth_form_field *field = &s->params->fields[i];
        if (!auth_view_equals(field->name, "_cursor") && !auth_view_equals(field->name, "_count"))
            asked.fields[asked.count++] = *field;
    }
    mock_bundle_self(&asked, key);
    auth_buf_addf(key, "\n%llu\n", s->call->access->version);
    auth_buf_add_view(key, s->call->base_url);
    for (size_t i = 0; i < s->allowed.count; i++) {
        auth_buf_add_char(key, '\n');
        auth_buf_add_view(key, s->allowed.wanted[i].token.code);
    }
    for (size_t i = 0; s->call->subtypes && i < mock_subtype_count; i++) {
        if (s->call->subtypes->of[i])
            auth_buf_addf(key, "\n%zu %d", i, s->call->subtypes->of[i]);
    }
}

/* "About now" is another time at each page. */
static bool depends_on_time(const struct mock_plan *plan)
{
    for (size_t i = 0; i < plan->native_count; i++) {
        const struct mock_condition *condition = &plan->native[i];
        for (size_t j = 0; condition->param->kind == MOCK_PARAM_DATE && j < condition->wanted_count; j++) {
            if (condition->wanted[j].prefix == MOCK_AP)
                return true;
        }
    }
    return false;
}

/* All that is found, put in order. */
static enum auth_rc sort_all(struct search *s, struct mock_page *all)
{
    const struct mock_finding finding = finding_of(s);
    const struct mock_page_start first = {0, 0};
    enum auth_rc rc = mock_candidates_choose(&finding, &s->candidates);
    if (rc == AUTH_OK)
        rc = mock_page_find(&finding, s->candidates.range, first, everything, MOCK_SORT_MAX, false, all);
    if (rc == AUTH_OK && all->has_next)
        refuse(s, MOCK_OUTCOME_TOO_COSTLY, 400, "More than 200000 matches are not sorted; search for less");
    if (rc != AUTH_OK || s->plan.status || s->plan.is_count_only)
        return rc;
    return mock_sort(s->store, &s->plan, all->items, all->count);
}

/* The page out of an order, which it borrows nothing of. */
static enum auth_rc take_page(struct search *s, const uint32_t *order, size_t count)
{
    struct mock_page *page = &s->page;
    size_t offset = s->plan.cursor.position < count ? s->plan.cursor.position : count;
    size_t left = s->plan.is_count_only ? 0 : count - offset;
    s->total = count;
    page->count = left < s->plan.page ? left : s->plan.page;
    page->items = malloc((page->count + 1) * sizeof *page->items);
    if (!page->items)
        return AUTH_E_NOMEM;
    for (size_t i = 0; i < page->count; i++)
        page->items[i] = order[offset + i];
    page->has_next = left > page->count;
    page->next = (struct mock_page_start){offset + page->count, 0};
    return AUTH_OK;
}

/* Sort, and keep the order for the pages that come. */
static enum auth_rc sort_anew(struct search *s, struct auth_view key)
{
    const struct mock_session_call call = session_call(s);
    struct mock_page all = {0};
    enum auth_rc rc = sort_all(s, &all);
    if (rc == AUTH_OK && !s->plan.status)
        rc = take_page(s, all.items, all.count);
    if (rc == AUTH_OK && !s->plan.status && s->page.has_next && key.n)
        rc = mock_sessions_keep_order(s->call->sessions, &call, key, all.items, all.count);
    free(all.items);
    return rc;
}

/* Later pages are cut out of the order that the first one made, for as long as it is kept. */
static enum auth_rc find_sorted(struct search *s)
{
    const struct mock_session_call call = session_call(s);
    struct auth_buf key;
    auth_buf_init(&key, 2 * MOCK_SELF_MAX);
    if (!depends_on_time(&s->plan))
        write_key(s, &key);
    struct auth_view known = auth_buf_ok(&key) ? auth_buf_view(&key) : auth_view_from_string("");
    struct mock_session *kept = known.n ? mock_sessions_order(s->call->sessions, &call, known) : NULL;
    enum auth_rc rc = kept ? take_page(s, kept->matches, kept->match_count) : sort_anew(s, known);
    mock_session_release(s->call->sessions, kept);
    auth_buf_clear(&key);
    return rc;
}

/* ---- the answer ---- */

/* The query that is answered: without what was ignored. */
static void write_query(const struct search *s, bool has_cursor, struct auth_buf *out)
{
    struct auth_form used;
    used.count = 0;
    for (size_t i = 0; i < s->params->count; i++) {
        const struct auth_form_field *field = &s->params->fields[i];
        bool is_ignored = auth_view_equals(field->name, "_format") || !mock_query_has_value(field->value) ||
                          (!has_cursor && auth_view_equals(field->name, "_cursor"));
        for (size_t j = 0; j < s->plan.ignored_count && !is_ignored; j++)
            is_ignored = auth_view_equals_view(s->plan.ignored[j].name, field->name);
        if (!is_ignored)
            used.fields[used.count++] = *field;
    }
    mock_bundle_self(&used, out);
}

static void write_next(const struct search *s, struct auth_buf *out)
{
    write_query(s, false, out);
    auth_buf_addf(out, "%s_cursor=%zu.%u.%zu", out->n ? "&" : "", s->page.next.position, s->page.next.number, s->total);
}

static void write_bundle(struct search *s, const char *self, const char *next)
{
    struct mock_included included;
    bool is_unsorted = s->plan.sort_count == 0, has_total = s->plan.total != MOCK_TOTAL_NONE || s->plan.is_count_only;
    if (mock_include(s->store, &s->plan, s->call, s->page.items, s->page.count, &included) != AUTH_OK)
        s->response->is_spoiled = true;
    mock_headers_fhir(s->response);
    mock_response_header(s->response, "Content-Type", s->content_type);
    const struct mock_issues none = {.count = 0};
    const struct mock_bundle bundle = {
        .store = s->store,
        .base_url = s->call->base_url,
        .type = s->plan.type->name,
        .self = self,
        .next = next,
        .matches = s->page.items,
        .match_count = s->page.count,
        .included = included.items,
        .included_count = included.count,
        .has_no_total = !has_total,
        .total = s->total,
        .subset = &s->plan.subset,
        .issues = &none,
    };
    const struct mock_search_found found = {s->total, is_unsorted ? 0 : s->plan.cursor.position, s->page.count,
                                            s->page.has_next};
    mock_search_note(s->call->search, &s->plan, s->params, found);
    mock_bundle_write(&bundle, s->response);
    free(included.items);
}

static void answer(struct search *s)
{
    struct auth_buf self, next;
    auth_buf_init(&self, MOCK_SELF_MAX);
    auth_buf_init(&next, MOCK_SELF_MAX);
    write_query(s, true, &self);
    write_next(s, &next);
    if (auth_buf_ok(&self) && auth_buf_ok(&next)) {
        write_bundle(s, self.n ? self.p : "", s->page.has_next ? next.p : NULL);
    } else if (self.is_full || next.is_full) {
        refuse(s, MOCK_OUTCOME_59102, 400, "The parameters are too long for a link");
        mock_issues_answer(&s->plan.issues, 400, s->content_type, s->response);
    } else {
        s->response->is_spoiled = true;
    }
    auth_buf_clear(&self);
    auth_buf_clear(&next);
}

static bool is_strict(const struct mock_request *request)
{
    struct auth_view prefer = mock_request_header(request, "Prefer");
    return auth_view_find_text(prefer, "handling=strict") < prefer.n;
}

static enum auth_rc search(struct search *s)
{
    const struct mock_query query = {s->plan.type, s->params, s->call->profile, s->call->base_url,
                                     is_strict(s->call->request)};
    enum auth_rc rc = mock_query_plan(&query, &s->plan);
    if (rc == AUTH_OK && !s->plan.status && s->plan.subset.kind == MOCK_SUBSET_TEXT &&
        (s->plan.include_count || s->plan.wants_provenance))
        refuse(s, MOCK_OUTCOME_59102, 400, "_include and _revinclude cannot be mixed with _summary=text");
    if (rc != AUTH_OK || s->plan.status)
        return rc;
    mock_subtypes_limit(&s->plan, s->call, &s->allowed);
    if (s->plan.total == MOCK_TOTAL_NONE && s->plan.is_count_only)
        s->plan.total = MOCK_TOTAL_ACCURATE;
    return s->plan.sort_count ? find_sorted(s) : find_page(s);
}

void mock_fhir_search_r4(const struct mock_fhir_store *store, const struct mock_fhir_call *call,
                         const struct mock_fhir_type *type, const struct auth_form *params, const char *content_type,
                         struct mock_response *response)
{
    struct search s = {.store = store,
                       .call = call,
                       .params = params,
                       .content_type = content_type,
                       .response = response,
                       .context = {call->base_url, call->now_s * 1000000}};
    s.plan.type = type;
    if (search(&s) != AUTH_OK) {
        response->is_spoiled = true;
    } else if (s.plan.status) {
        mock_search_note(call->search, &s.plan, params, (struct mock_search_found){0});
        mock_issues_answer(&s.plan.issues, s.plan.status, content_type, response);
    } else {
        answer(&s);
    }
    mock_plan_clear(&s.plan);
    free(s.candidates.listed);
    free(s.page.items);
}
