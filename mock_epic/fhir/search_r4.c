/* What a search looks at is walked from where its link says; all of it only to count, or to sort. */
#include "mock_epic/fhir/search_r4.h"

#include <stdlib.h>

#include "mock_epic/epic/headers.h"
#include "mock_epic/fhir/bundle.h"
#include "mock_epic/fhir/candidates.h"
#include "mock_epic/fhir/include.h"
#include "mock_epic/fhir/search_note.h"
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
    struct mock_range range; /* what is looked at, in order */
    uint32_t *ids;           /* that is the range, of _id; or NULL */
    uint32_t *found;         /* of the page; sorted, of all pages */
    size_t found_count, found_size;
    size_t total;
    struct mock_cursor next; /* is_there: there are more */
};

static void refuse(struct search *s, enum mock_outcome what, int status, const char *text)
{
    mock_issues_add(&s->plan.issues, what, NULL, NULL, "%s", text);
    s->plan.status = status;
}

/* ---- what is looked at ---- */

/* Whether each _id parameter names it. */
static bool is_named(const struct search *s, struct auth_view id)
{
    for (size_t i = 0; i < s->params->count; i++) {
        struct auth_view list = s->params->fields[i].value;
        bool is_there = !auth_view_equals(s->params->fields[i].name, "_id") || !mock_query_has_value(list);
        while (!is_there && list.n)
            is_there = auth_view_equals_view(auth_view_split(&list, ','), id);
        if (!is_there)
            return false;
    }
    return true;
}

/* In the order of the first list, each once; an id that there is not is none. */
static bool range_of_ids(struct search *s)
{
    struct auth_view list = auth_view_from_string(""), type = auth_view_from_string(s->plan.type->name);
    for (size_t i = 0; i < s->params->count && !mock_query_has_value(list); i++)
        list = auth_view_equals(s->params->fields[i].name, "_id") ? s->params->fields[i].value : list;
    unsigned char *seen = calloc(s->store->count / 8 + 1, 1);
    s->ids = malloc((list.n / 2 + 1) * sizeof *s->ids);
    size_t count = 0;
    while (seen && s->ids && list.n) {
        struct auth_view id = auth_view_split(&list, ',');
        const struct mock_resource *resource = id.n ? mock_fhir_store_find(s->store, type, id) : NULL;
        uint32_t number = resource ? (uint32_t)(resource - s->store->items) : 0;
        if (!resource || (seen[number / 8] >> number % 8 & 1) || !is_named(s, id))
            continue;
        seen[number / 8] |= (unsigned char)(1U << number % 8);
        s->ids[count++] = number;
    }
    s->range = (struct mock_range){s->ids, count};
    bool has_memory = seen && s->ids;
    free(seen);
    return has_memory;
}

static bool choose_range(struct search *s)
{
    size_t type = (size_t)(s->plan.type - mock_fhir_types);
    if (s->plan.has_ids)
        return range_of_ids(s);
    if (!mock_candidate_patient(s->store, &s->context, &s->plan))
        s->range = (struct mock_range){NULL, 0};
    else if (s->plan.patient.n)
        s->range = mock_fhir_store_about(s->store, s->plan.patient, type);
    else
        s->range = mock_fhir_store_of_type(s->store, type);
    return true;
}

/* ---- what is found ---- */

static bool add(struct search *s, uint32_t number)
{
    if (s->found_count == s->found_size) {
        size_t size = s->found_size ? s->found_size * 2 : 64;
        uint32_t *found = realloc(s->found, size * sizeof *found);
        if (!found)
            return false;
        s->found = found;
        s->found_size = size;
    }
    s->found[s->found_count++] = number;
    return true;
}

/* Where the link goes on: behind the resource that it names, which data that came later has hardly moved. */
static bool find_start(struct search *s, size_t *start)
{
    const struct mock_cursor *cursor = &s->plan.cursor;
    *start = cursor->is_there ? cursor->position : 0;
    if (!cursor->is_there || (*start <= s->range.count && s->range.items[*start - 1] == cursor->number))
        return true;
    for (*start = 1; *start <= s->range.count; ++*start) {
        if (s->range.items[*start - 1] == cursor->number)
            return true;
    }
    refuse(s, MOCK_OUTCOME_4113, 410, "The link leads to data that is no longer there; search anew");
    return false;
}

/* A page, and one more that shows that there is a next one; all are counted where nobody has yet. */
static bool find_page(struct search *s)
{
    size_t at;
    bool counts = !s->plan.cursor.is_there && s->plan.total == MOCK_TOTAL_ACCURATE;
    size_t wanted = s->plan.is_count_only ? 0 : s->plan.page;
    s->total = s->plan.cursor.total;
    if (!find_start(s, &at))
        return true;
    for (; at < s->range.count && (counts || !s->next.is_there); at++) {
        uint32_t number = s->range.items[at];
        if (!mock_candidate_fits(s->store, s->call, &s->context, &s->plan, number))
            continue;
        s->total += counts;
        if (s->found_count < wanted) {
            if (!add(s, number))
                return false;
            if (!s->next.is_there)
                s->next = (struct mock_cursor){false, at + 1, number, 0};
        } else {
            s->next.is_there = wanted > 0;
        }
    }
    return true;
}

static bool find_sorted(struct search *s)
{
    size_t offset = s->plan.cursor.position;
    for (size_t i = 0; i < s->range.count; i++) {
        if (!mock_candidate_fits(s->store, s->call, &s->context, &s->plan, s->range.items[i]))
            continue;
        if (s->found_count == MOCK_SORT_MAX) {
            refuse(s, MOCK_OUTCOME_TOO_COSTLY, 400, "More than 200000 matches are not sorted; search for less");
            return true;
        }
        if (!add(s, s->range.items[i]))
            return false;
    }
    s->total = s->found_count;
    if (s->plan.is_count_only)
        s->found_count = 0;
    if (mock_sort(s->store, &s->plan, s->found, s->found_count) != AUTH_OK)
        return false;
    offset = offset < s->found_count ? offset : s->found_count;
    size_t left = s->found_count - offset, n = left < s->plan.page ? left : s->plan.page;
    for (size_t i = 0; i < n; i++)
        s->found[i] = s->found[offset + i];
    s->found_count = n;
    s->next = (struct mock_cursor){left > n, offset + n, 0, 0};
    return true;
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
    auth_buf_addf(out, "%s_cursor=%zu.%u.%zu", out->n ? "&" : "", s->next.position, s->next.number, s->total);
}

static void write_bundle(struct search *s, const char *self, const char *next)
{
    struct mock_included included;
    bool is_unsorted = s->plan.sort_count == 0, has_total = s->plan.total != MOCK_TOTAL_NONE || s->plan.is_count_only;
    if (mock_include(s->store, &s->plan, s->call, s->found, s->found_count, &included) != AUTH_OK)
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
        .matches = s->found,
        .match_count = s->found_count,
        .included = included.items,
        .included_count = included.count,
        .has_no_total = !has_total,
        .total = s->total,
        .elements = s->plan.elements,
        .element_count = s->plan.element_count,
        .issues = &none,
    };
    mock_search_note(s->call->search, &s->plan, s->params, s->total, is_unsorted ? 0 : s->plan.cursor.position,
                     s->found_count);
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
        write_bundle(s, self.n ? self.p : "", s->next.is_there ? next.p : NULL);
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

/* False: no memory. */
static bool search(struct search *s)
{
    const struct mock_query query = {s->plan.type, s->params, s->call->profile, s->call->base_url,
                                     is_strict(s->call->request)};
    if (mock_query_plan(&query, &s->plan) != AUTH_OK)
        return false;
    if (s->plan.status)
        return true;
    mock_subtypes_limit(&s->plan, s->call, &s->allowed);
    if (s->plan.total == MOCK_TOTAL_NONE && s->plan.is_count_only)
        s->plan.total = MOCK_TOTAL_ACCURATE;
    return choose_range(s) && (s->plan.sort_count ? find_sorted(s) : find_page(s));
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
    if (!search(&s)) {
        response->is_spoiled = true;
    } else if (s.plan.status) {
        mock_search_note(call->search, &s.plan, params, 0, 0, 0);
        mock_issues_answer(&s.plan.issues, s.plan.status, content_type, response);
    } else {
        answer(&s);
    }
    mock_plan_clear(&s.plan);
    free(s.ids);
    free(s.found);
}
