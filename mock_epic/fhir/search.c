/* A search: its parameters, what it must have, what matches, and its pages as Bundles. */
#include "mock_epic/fhir/search.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/env.h"
#include "auth/core/text.h"
#include "mock_epic/epic/headers.h"
#include "mock_epic/fhir/outcome.h"

enum { SELF_MAX = 64 * 1024 };                             /* the query of a self link; every session keeps one */
enum { NEXT_N = MOCK_SESSION_ID_N + sizeof "sessionID=" }; /* the query of a next link */

/* One search on its way. */
struct search {
    const struct mock_fhir_store *store;
    struct mock_sessions *sessions;
    const struct mock_fhir_call *call;
    const struct mock_fhir_type *type;
    const struct auth_form *params;
    const char *content_type;
    struct mock_response *response;
    struct mock_issues issues;
    struct auth_view patient; /* bare id; empty when none was named */
    bool has_category, has_code;
    size_t page;
    bool count_only;
    uint32_t *own; /* found by this request; NULL once a session keeps them */
    size_t match_size;
    const uint32_t *matches; /* own, or those of a session */
    size_t match_count;
};

/* ---- Bundles ---- */

/* self is base + type + the parameters sorted by name with _count last (inferred from captures, O). */
static int by_name(const void *a, const void *b)
{
    const struct auth_form_field *x = *(const struct auth_form_field *const *)a;
    const struct auth_form_field *y = *(const struct auth_form_field *const *)b;
    bool x_last = auth_view_equals(x->name, "_count"), y_last = auth_view_equals(y->name, "_count");
    if (x_last != y_last)
        return x_last - y_last;
    size_t n = x->name.n < y->name.n ? x->name.n : y->name.n;
    int order = n ? memcmp(x->name.p, y->name.p, n) : 0;
    if (order == 0)
        order = (x->name.n > y->name.n) - (x->name.n < y->name.n);
    return order ? order : (x > y) - (x < y);
}

static void write_self(const struct auth_form *params, struct auth_buf *out)
{
    const struct auth_form_field *sorted[AUTH_FORM_FIELDS_MAX];
    for (size_t i = 0; i < params->count; i++)
        sorted[i] = &params->fields[i];
    qsort(sorted, params->count, sizeof *sorted, by_name);
    for (size_t i = 0; i < params->count; i++)
        auth_form_write(out, sorted[i]->name, sorted[i]->value);
}

static void add_link(struct auth_buf *text, const char *relation, const struct mock_fhir_call *call, const char *type,
                     const char *query, bool is_first)
{
    struct auth_json_writer w;
    struct auth_buf url;
    auth_buf_init(&url, SELF_MAX + 4096);
    auth_buf_add_view(&url, call->base_url);
    auth_buf_addf(&url, "/%s%s%s", type, *query ? "?" : "", query);
    auth_buf_add_string(text, is_first ? "" : ",");
    auth_json_writer_init(&w, text, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "relation", relation);
    auth_json_write_member_buf(&w, "url", &url);
    auth_json_write_end_object(&w);
    auth_buf_clear(&url);
}

static void add_entry(struct mock_response *response, const struct mock_fhir_call *call, const char *type,
                      const struct mock_resource *resource, bool is_first)
{
    struct auth_buf *text = &response->text;
    auth_buf_add_string(text, is_first ? "" : ",");
    for (int i = 0; i < 2; i++) { /* link[self] and fullUrl name the same address */
        auth_buf_add_string(text, i == 0 ? "{\"link\":[{\"relation\":\"self\",\"url\":\"" : "\"}],\"fullUrl\":\"");
        auth_buf_add_view(text, call->base_url);
        auth_buf_add_char(text, '/');
        auth_buf_add_string(text, type);
        auth_buf_add_char(text, '/');
        auth_buf_add_view(text, mock_resource_id(resource));
    }
    auth_buf_add_string(text, "\",\"resource\":");
    mock_response_add_borrowed(response, mock_resource_bytes(resource));
    auth_buf_add_string(text, ",\"search\":{\"mode\":\"match\"}}");
}

static void add_outcome_entry(struct search *s, bool is_first)
{
    struct auth_buf *text = &s->response->text;
    unsigned char u[16] = {0};
    struct auth_json_writer w;
    (void)s->call->env->random(s->call->env->ctx, u, sizeof u);
    auth_buf_addf(text,
                  "%s{\"fullUrl\":\"urn:uuid:%02x%02x%02x%02x-%02x%02x-4%x%02x-a%x%02x-%02x%02x%02x%02x%02x%02x\","
                  "\"resource\":",
                  is_first ? "" : ",", u[0], u[1], u[2], u[3], u[4], u[5], u[6] & 15, u[7], u[8] & 15, u[9], u[10],
                  u[11], u[12], u[13], u[14], u[15]);
    auth_json_writer_init(&w, text, AUTH_JSON_COMPACT);
    mock_issues_write(&s->issues, &w);
    auth_buf_add_string(text, ",\"search\":{\"mode\":\"outcome\"}}");
}

static struct mock_session_call session_call(const struct search *s)
{
    return (struct mock_session_call){
        .client_id = s->call->client_id,
        .type = s->type,
        .now_s = s->call->now_s,
        .lifetime_s = s->call->profile->values[AUTH_SWITCH_PAGING_S],
        .env = s->call->env,
    };
}

/* Write the query of the link to page `page`. When there is no memory for it the whole page fails: one without its link
 * would look like the last. */
static void write_next(struct search *s, struct mock_session *session, size_t page, char query[NEXT_N])
{
    static const char name[] = "sessionID=";
    const struct mock_session_call call = session_call(s);
    memcpy(query, name, sizeof name);
    if (mock_sessions_link(s->sessions, &call, session, page, query + sizeof name - 1) != AUTH_OK)
        s->response->is_spoiled = true;
}

/* Page `number`, counted from 0. total is what this page holds, not what was found (O), except for _summary=count.
 * in  session  what the next page comes from; NULL: this is the only page */
static void answer_page(struct search *s, const char *self, struct mock_session *session, size_t number)
{
    struct mock_response *response = s->response;
    char next[NEXT_N];
    size_t offset = number * s->page, left = s->match_count - offset;
    size_t n = s->count_only ? 0 : left < s->page ? left : s->page;
    bool has_next = session && left > n;
    if (has_next)
        write_next(s, session, number + 1, next);
    if (s->match_count == 0)
        mock_issues_add(&s->issues, MOCK_OUTCOME_4101, NULL, NULL, "%s", "");
    mock_headers_fhir(response);
    mock_response_header(response, "Content-Type", s->content_type);
    auth_buf_addf(&response->text, "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"total\":%zu,\"link\":[",
                  s->count_only ? s->match_count : n);
    if (has_next)
        add_link(&response->text, "next", s->call, s->type->name, next, true);
    add_link(&response->text, "self", s->call, s->type->name, self, !has_next);
    auth_buf_add_char(&response->text, ']');
    bool has_entries = n > 0 || s->issues.count > 0;
    if (has_entries && !s->count_only) {
        auth_buf_add_string(&response->text, ",\"entry\":[");
        for (size_t i = 0; i < n; i++)
            add_entry(response, s->call, s->type->name, &s->store->items[s->matches[offset + i]], i == 0);
        if (s->issues.count)
            add_outcome_entry(s, n == 0);
        auth_buf_add_char(&response->text, ']');
    }
    auth_buf_add_char(&response->text, '}');
    mock_response_seal_text(response);
}

/* ---- parameters ---- */

static void refuse(struct search *s, int status)
{
    mock_issues_answer(&s->issues, status, s->content_type, s->response);
}

/* Bare id, Type/id, or our own absolute URL. */
static struct auth_view bare_id(const struct search *s, struct auth_view reference)
{
    struct auth_view base = s->call->base_url;
    if (reference.n > base.n && memcmp(reference.p, base.p, base.n) == 0 && reference.p[base.n] == '/')
        reference = auth_view_from(reference, base.n + 1);
    if (auth_view_starts(reference, "Patient/"))
        reference = auth_view_from(reference, 8);
    return reference;
}

/* patient and subject mean the same here; two different values contradict each other (4112). */
static bool take_patient(struct search *s, struct auth_view value)
{
    struct auth_view id = bare_id(s, value);
    if (s->patient.n && !auth_view_equals_view(s->patient, id)) {
        mock_issues_add(&s->issues, MOCK_OUTCOME_4112, "/f:patient", "patient",
                        "patient and subject name different patients");
        return false;
    }
    s->patient = id;
    return true;
}

static bool take_count(struct search *s, struct auth_view value)
{
    int64_t count, most = s->call->profile->values[AUTH_SWITCH_COUNT_MAX];
    if (!auth_view_int(value, &count) || count < 0) {
        mock_issues_add(&s->issues, MOCK_OUTCOME_59102, "/f:_count", "_count",
                        "_count must be a whole number, 0 or more");
        return false;
    }
    if (count == 0)
        s->count_only = true;
    else
        s->page = (size_t)(count < most ? count : most);
    return true;
}

static const char *const observation_categories[] = {
    "laboratory",  "vital-signs",    "social-history",   "core-characteristics",
    "LDA",         "LDA-property",   "LDA-assessment",   "functional-mental-status",
    "periodontal", "labor-delivery", "newborn-delivery", "obstetrics-gynecology",
    "survey",      "sdoh",           "imaging",          NULL};

/* An empty parameter is as if it were not there, and so is one of commas only. */
static bool has_value(struct auth_view list)
{
    while (list.n) {
        if (auth_view_split(&list, ',').n)
            return true;
    }
    return false;
}

static struct auth_view code_part(struct auth_view token)
{
    struct auth_view code = token;
    struct auth_view system = auth_view_split(&code, '|');
    return system.n == token.n ? token : code;
}

/* At least one value of an Observation's category list must be one that Epic has (E, O). */
static bool check_categories(struct search *s, struct auth_view list)
{
    struct auth_view rest = list;
    if (!auth_view_equals(auth_view_from_string(s->type->name), "Observation"))
        return true;
    while (rest.n) {
        struct auth_view token = auth_view_split(&rest, ',');
        struct auth_view code = code_part(token);
        for (size_t i = 0; token.n && observation_categories[i]; i++) {
            if (code.n == 0 || auth_view_equals(code, observation_categories[i])) /* "system|" is any code of it */
                return true;
        }
    }
    const char *mark = auth_text_cut(&list, 80);
    mock_issues_add(&s->issues, MOCK_OUTCOME_59109, "/f:category", "category", "Invalid category: %.*s%s", (int)list.n,
                    list.p, mark);
    mock_issues_add(&s->issues, MOCK_OUTCOME_59111, "/f:category", "category",
                    "Required search parameter is provided but has an invalid value");
    return false;
}

/* A list is walked for every resource that it may match. */
static bool check_length(struct search *s, const struct auth_form_field *field)
{
    enum { VALUES_MAX = 512 };
    size_t count = 1;
    for (size_t i = 0; i < field->value.n; i++)
        count += field->value.p[i] == ',';
    if (count <= VALUES_MAX)
        return true;
    mock_issues_add(&s->issues, MOCK_OUTCOME_59102, NULL, NULL, "More than %d values of %.*s", VALUES_MAX,
                    (int)field->name.n, field->name.p);
    return false;
}

static void note_unknown(struct search *s, struct auth_view name)
{
    char upper[80];
    const char *mark = auth_text_cut(&name, sizeof upper - 1);
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        upper[i] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    upper[name.n] = '\0';
    mock_issues_add(&s->issues, MOCK_OUTCOME_59100, NULL, NULL, "Unknown parameter: %s%s. Parameter has been ignored.",
                    upper, mark);
}

/* One that this type has. */
static bool take_native(struct search *s, const struct auth_form_field *field)
{
    if (auth_view_equals(field->name, "patient") || auth_view_equals(field->name, "subject"))
        return take_patient(s, field->value);
    bool is_category = auth_view_equals(field->name, "category");
    if (!is_category && !auth_view_equals(field->name, "code")) {
        note_unknown(s, field->name);
        return true;
    }
    s->has_category = s->has_category || is_category;
    s->has_code = s->has_code || !is_category;
    return check_length(s, field) && (!is_category || check_categories(s, field->value));
}

/* One parameter. False: refuse with what s->issues holds. */
static bool take_param(struct search *s, const struct auth_form_field *field)
{
    struct auth_view name = field->name;
    bool is_native = mock_fhir_type_has(s->type, name);
    if (auth_view_equals(name, "_id") || auth_view_equals(name, "_format"))
        return true;
    if (auth_view_find(name, ':') < name.n) {
        const char *mark = auth_text_cut(&name, 80);
        mock_issues_add(&s->issues, MOCK_OUTCOME_59102, NULL, NULL, "Unsupported modifier: %.*s%s", (int)name.n, name.p,
                        mark);
        return false;
    }
    bool is_known = is_native || auth_view_equals(name, "_count") || auth_view_equals(name, "_summary");
    if (is_known && !has_value(field->value))
        return true;
    if (auth_view_equals(name, "_count"))
        return take_count(s, field->value);
    if (auth_view_equals(name, "_summary") && auth_view_equals(field->value, "count")) {
        s->count_only = true;
        return true;
    }
    if (is_native)
        return take_native(s, field);
    note_unknown(s, name);
    return true;
}

/* ---- Epic's minima ---- */

static bool refuse_minimum(struct search *s, enum mock_outcome what, int status, const char *location,
                           const char *expression, const char *diagnostics)
{
    mock_issues_add(&s->issues, what, location, expression, "%s", diagnostics);
    refuse(s, status);
    return false;
}

static bool meets_minimum(struct search *s)
{
    static const char no_patient[] = "This resource requires a patient or _id parameter for searching.";
    bool has_patient = s->patient.n > 0;
    switch (s->type->required_params) {
    case MOCK_REQUIRED_NO_SEARCH: /* answered before */
        return true;
    case MOCK_REQUIRED_ID_ONLY:
        return refuse_minimum(s, MOCK_OUTCOME_59102, 400, NULL, NULL, "Only an _ID search is allowed.");
    case MOCK_REQUIRED_DEMOGRAPHICS:
        return refuse_minimum(s, MOCK_OUTCOME_59159, 400, "/f:demographics/_id", "demographics/_id",
                              "This resource requires demographics or _id parameter for searching.");
    case MOCK_REQUIRED_PATIENT:
        return has_patient || refuse_minimum(s, MOCK_OUTCOME_59159, 400, "/f:patient/_id", "patient/_id", no_patient);
    case MOCK_REQUIRED_PATIENT_REQUIRED:
        return has_patient ||
               refuse_minimum(s, MOCK_OUTCOME_59159_REQUIRED, 400, "/f:patient/_id", "patient/_id", no_patient);
    case MOCK_REQUIRED_PATIENT_403:
        return has_patient || refuse_minimum(s, MOCK_OUTCOME_4118, 403, NULL, NULL, "");
    case MOCK_REQUIRED_PATIENT_AND_CATEGORY:
        return (has_patient && s->has_category) ||
               refuse_minimum(s, MOCK_OUTCOME_59159, 400, "/f:category", "category",
                              "This resource requires a patient and a category, or an _id, for searching.");
    case MOCK_REQUIRED_PATIENT_AND_CATEGORY_OR_CODE:
        if (!has_patient)
            return refuse_minimum(s, MOCK_OUTCOME_59159, 400, "/f:patient/_id", "patient/_id", no_patient);
        return s->has_category || s->has_code ||
               refuse_minimum(s, MOCK_OUTCOME_59108, 400, "/f:code/category", "code/category",
                              "Must have either code or category.");
    }
    return false;
}

/* ---- matching ---- */

/* A string of the text as written means so. */
static bool string_means(struct auth_view object, const char *name, struct auth_view wanted)
{
    struct auth_view raw;
    if (!auth_json_raw_member(object, name, &raw) || raw.n < 2 || raw.p[0] != '"')
        return wanted.n == 0;
    return auth_view_equals_view(auth_view_bytes(raw.p + 1, raw.n - 2), wanted);
}

/* code | system|code | |code (no system) | system| (FHIR R4 3.1.1.5.16) */
static bool coding_matches(struct auth_view coding, struct auth_view wanted)
{
    struct auth_view code = wanted;
    struct auth_view system = auth_view_split(&code, '|');
    if (system.n == wanted.n)
        return string_means(coding, "code", wanted);
    if (code.n && !string_means(coding, "code", code))
        return false;
    return string_means(coding, "system", system);
}

/* A CodeableConcept, or an array of them. */
static bool concept_matches(struct auth_view concept, struct auth_view wanted)
{
    struct auth_view item, codings;
    size_t cursor = 0;
    while (auth_json_raw_next(concept, &cursor, &item)) { /* no step when it is no array */
        if (concept_matches(item, wanted))
            return true;
    }
    if (!auth_json_raw_member(concept, "coding", &codings))
        return false;
    for (cursor = 0; auth_json_raw_next(codings, &cursor, &item);) {
        if (coding_matches(item, wanted))
            return true;
    }
    return false;
}

static struct auth_view code_part(struct auth_view token);

static bool may_have(const struct mock_resource *resource, struct auth_view wanted)
{
    struct auth_view code = code_part(wanted);
    return code.n == 0 || (resource->codes & mock_code_bit(code));
}

static bool has_any_token(const struct mock_resource *resource, struct auth_view name, struct auth_view list)
{
    struct auth_view concept = {NULL, 0};
    const char *member = auth_view_equals(name, "category") ? "category" : "code";
    while (list.n) {
        struct auth_view wanted = auth_view_split(&list, ',');
        if (!wanted.n || !may_have(resource, wanted))
            continue;
        if (!concept.n && !auth_json_raw_member(mock_resource_bytes(resource), member, &concept))
            return false;
        if (concept_matches(concept, wanted))
            return true;
    }
    return false;
}

/* Every category and code parameter must match (repeats are ANDed, commas ORed). */
static bool matches(const struct search *s, const struct mock_resource *resource)
{
    for (size_t i = 0; i < s->params->count; i++) {
        const struct auth_form_field *field = &s->params->fields[i];
        bool is_category = auth_view_equals(field->name, "category");
        if ((!is_category && !auth_view_equals(field->name, "code")) || !has_value(field->value) ||
            !mock_fhir_type_has(s->type, field->name))
            continue;
        if (!has_any_token(resource, field->name, field->value))
            return false;
    }
    return true;
}

static bool add_match(struct search *s, uint32_t index)
{
    if (s->match_count == s->match_size) {
        size_t size = s->match_size ? s->match_size * 2 : 64;
        uint32_t *grown = realloc(s->own, size * sizeof *grown);
        if (!grown)
            return false;
        s->matches = s->own = grown;
        s->match_size = size;
    }
    s->own[s->match_count++] = index;
    return true;
}

static bool match_patient(struct search *s)
{
    struct mock_range range = mock_fhir_store_about(s->store, s->patient, (size_t)(s->type - mock_fhir_types));
    for (size_t i = 0; i < range.count; i++) {
        uint32_t index = range.items[i];
        if (matches(s, &s->store->items[index]) && !add_match(s, index))
            return false;
    }
    return true;
}

static bool refuse_id(struct search *s)
{
    mock_issues_add(&s->issues, MOCK_OUTCOME_59008_INFORMATION, "/f:_id", "_id", "Invalid FHIR ID provided");
    mock_issues_add(&s->issues, MOCK_OUTCOME_59102, "/f:_id", "_id", "Invalid FHIR ID provided");
    refuse(s, 400);
    return false;
}

/* Count for each resource of the store how many lists name it, in one byte; a list counts once however often it does. */
static bool count_ids(struct search *s, struct auth_view list, unsigned number, unsigned char *counts)
{
    while (list.n) {
        struct auth_view id = auth_view_split(&list, ',');
        const struct mock_resource *resource = mock_fhir_store_find(s->store, auth_view_from_string(s->type->name), id);
        if (id.n && !resource)
            return refuse_id(s);
        if (resource && counts[resource - s->store->items] == number)
            counts[resource - s->store->items]++;
    }
    return true;
}

/* Take what all lists name, in the order of the first. */
static bool take_ids(struct search *s, struct auth_view list, unsigned number, unsigned char *counts)
{
    while (list.n) {
        struct auth_view id = auth_view_split(&list, ',');
        const struct mock_resource *resource = mock_fhir_store_find(s->store, auth_view_from_string(s->type->name), id);
        uint32_t index = resource ? (uint32_t)(resource - s->store->items) : 0;
        if (!resource || counts[index] != number)
            continue;
        counts[index] = 0;
        if (!add_match(s, index)) {
            s->response->is_spoiled = true;
            return false;
        }
    }
    return true;
}

/* The values of a list are ORed, however often one is named, and repeated parameters ANDed. _id stands alone: other parameters
 * are ignored (metadata text, E). An unknown id is refused, not empty (O). */
static bool match_ids(struct search *s)
{
    struct auth_view first = auth_view_from_string("");
    unsigned number = 0;
    unsigned char *counts = calloc(s->store->count + 1, 1);
    bool ok = counts != NULL;
    s->response->is_spoiled = !ok;
    for (size_t i = 0; ok && i < s->params->count; i++) {
        const struct auth_form_field *field = &s->params->fields[i];
        if (!auth_view_equals(field->name, "_id") || !has_value(field->value))
            continue;
        first = number ? first : field->value;
        ok = count_ids(s, field->value, number++, counts);
    }
    ok = ok && take_ids(s, first, number, counts);
    free(counts);
    return ok;
}

static bool names_ids(const struct search *s)
{
    for (size_t i = 0; i < s->params->count; i++) {
        if (auth_view_equals(s->params->fields[i].name, "_id") && has_value(s->params->fields[i].value))
            return true;
    }
    return false;
}

/* ---- the search ---- */

static bool run(struct search *s)
{
    for (size_t i = 0; i < s->params->count; i++) {
        if (!take_param(s, &s->params->fields[i])) {
            refuse(s, 400);
            return false;
        }
    }
    if (names_ids(s))
        return match_ids(s);
    if (!meets_minimum(s))
        return false;
    if (!mock_fhir_store_find(s->store, auth_view_from_string("Patient"), s->patient)) {
        mock_issues_add(&s->issues, MOCK_OUTCOME_59102, "/f:patient", "patient", "Invalid FHIR ID provided");
        refuse(s, 400);
        return false;
    }
    if (!match_patient(s)) {
        s->response->is_spoiled = true;
        return false;
    }
    return true;
}

/* 4113 in each case, and the true reason behind it. */
static void refuse_link(struct search *s, enum mock_session_found found)
{
    static const int statuses[] = {400, 404, 410};
    const int64_t *values = s->call->profile->values;
    const struct mock_sessions_limits *limits = &s->sessions->limits;
    if (found == MOCK_SESSION_EXPIRED)
        mock_issues_add(&s->issues, MOCK_OUTCOME_4113, NULL, NULL,
                        "the link has expired: it lives %lld s by the server's clock; search again",
                        (long long)values[AUTH_SWITCH_PAGING_S]);
    else if (found == MOCK_SESSION_EVICTED)
        mock_issues_add(&s->issues, MOCK_OUTCOME_4113, NULL, NULL,
                        "the link was evicted before its time: a client's last %zu searches of several pages are kept, "
                        "at most %zu KiB of them; search again",
                        limits->client_count, limits->client_bytes / 1024);
    else
        mock_issues_add(&s->issues, MOCK_OUTCOME_4113, NULL, NULL,
                        "the link is unknown: not given to this client for %s since the server started or was reset; "
                        "search again",
                        s->type->name);
    refuse(s, statuses[values[AUTH_SWITCH_PAGING_STATUS]]);
}

static void continue_session(struct search *s, struct auth_view id)
{
    const struct mock_session_call call = session_call(s);
    struct mock_session *session = NULL;
    size_t page = 0;
    enum mock_session_found found = mock_sessions_find(s->sessions, &call, id, &session, &page);
    if (found == MOCK_SESSION_TROUBLE) {
        s->response->is_spoiled = true;
    } else if (found != MOCK_SESSION_FOUND) {
        refuse_link(s, found);
    } else {
        s->matches = session->matches;
        s->match_count = session->match_count;
        s->page = session->page;
        answer_page(s, session->self, session, page);
    }
    mock_session_release(s->sessions, session);
}

/* Keep what comes after the first page, if anything does. False: answered or spoiled. */
static bool keep_matches(struct search *s, struct auth_view self, struct mock_session **session)
{
    const struct mock_session_call call = session_call(s);
    if (s->count_only || s->match_count <= s->page)
        return true;
    enum auth_rc rc = mock_sessions_keep(s->sessions, &call, self, s->own, s->match_count, s->page, session);
    s->own = NULL;
    if (rc == AUTH_OK) {
        s->matches = (*session)->matches;
    } else if (rc == AUTH_E_TOO_BIG) {
        mock_issues_add(&s->issues, MOCK_OUTCOME_TOO_COSTLY, NULL, NULL,
                        "%zu matches: more than this server keeps for paging (%zu KiB); search for less",
                        s->match_count, s->sessions->limits.bytes / 1024);
        refuse(s, 400);
    } else {
        s->response->is_spoiled = true;
    }
    return rc == AUTH_OK;
}

static void answer_first_page(struct search *s)
{
    struct auth_buf self;
    auth_buf_init(&self, SELF_MAX);
    write_self(s->params, &self);
    enum { LONGEST_PIECE = 3 }; /* it is written in pieces no longer than "%XX" */
    struct mock_session *session = NULL;
    if (auth_buf_ok(&self)) {
        if (keep_matches(s, auth_buf_view(&self), &session))
            answer_page(s, self.p ? self.p : "", session, 0);
    } else if (self.n + LONGEST_PIECE <= SELF_MAX) { /* not full: no memory */
        s->response->is_spoiled = true;
    } else { /* a body that percent-encoding makes longer */
        mock_issues_add(&s->issues, MOCK_OUTCOME_59102, NULL, NULL, "The parameters are too long for a self link");
        refuse(s, 400);
    }
    mock_session_release(s->sessions, session);
    auth_buf_clear(&self);
}

void mock_fhir_search(const struct mock_fhir_store *store, struct mock_sessions *sessions,
                      const struct mock_fhir_call *call, const struct mock_fhir_type *type,
                      const struct auth_form *params, const char *content_type, struct mock_response *response)
{
    struct search s = {
        .store = store,
        .sessions = sessions,
        .call = call,
        .type = type,
        .params = params,
        .content_type = content_type,
        .response = response,
        .page = MOCK_PAGE_DEFAULT,
    };
    struct auth_view session = auth_form_value(params, "sessionID");
    if (s.page > (size_t)call->profile->values[AUTH_SWITCH_COUNT_MAX])
        s.page = (size_t)call->profile->values[AUTH_SWITCH_COUNT_MAX];
    if (session.n) {
        continue_session(&s, session);
        return;
    }
    if (run(&s))
        answer_first_page(&s);
    free(s.own);
}
