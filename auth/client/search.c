/* Searches: page after page, and every entry once. What a call changes it changes at its end, when it has succeeded: after a
 * failure the same call can be made again. */
#include <stdlib.h>
#include <string.h>

#include "auth/client/answer.h"
#include "auth/client/fhir.h"
#include "auth/core/form.h"
#include "auth/core/hash.h"
#include "auth/core/text.h"
#include "auth/core/url.h"

enum { PAGES_MAX = 100000, SEARCH_ISSUES_MAX = 64, LINK_SHOWN_N = 128 };

/* Why there is no page behind this one although the server names one. */
enum link_problem { LINK_FINE, LINK_UNREADABLE, LINK_TOO_LONG, LINK_CIRCLE, LINK_TOO_MANY };

/* Where a page says that the next one is. */
struct next_link {
    char *url; /* NULL: nowhere */
    enum link_problem problem;
    char shown[LINK_SHOWN_N]; /* the link that has one */
};

struct epic_auth_search {
    struct epic_auth *auth;
    struct next_link next;
    uint64_t *fetched; /* hashes of the URLs of all pages so far, so that no page comes twice */
    size_t fetched_count, fetched_size;
    struct auth_buf page; /* Bundle text */
    bool is_page_fresh;   /* not given out as a whole yet */
    struct auth_view entries;
    size_t cursor;
    size_t left_out;  /* entries that are no resources */
    size_t pages_max; /* 0: all */
    const char *mode;
    struct epic_auth_issue issues[SEARCH_ISSUES_MAX];
    size_t issue_count;
};

/* ---- life ---- */

static bool has_gap(const struct epic_auth_param *params, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!params[i].name || !*params[i].name || !params[i].value)
            return true;
    }
    return false;
}

static size_t size_of(const struct epic_auth_param *params, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += strlen(params[i].name) + strlen(params[i].value) + 2;
    return n;
}

static char *first_url(const struct epic_auth *auth, const char *type, const struct epic_auth_param *params,
                       size_t count)
{
    struct auth_buf url, query;
    auth_buf_init(&url, AUTH_FHIR_URL_BUF_MAX);
    auth_buf_init(&query, AUTH_FHIR_URL_BUF_MAX);
    for (size_t i = 0; i < count; i++)
        auth_form_write(&query, auth_view_from_string(params[i].name), auth_view_from_string(params[i].value));
    auth_buf_addf(&url, "%s/%s", auth->fhir_base, type);
    if (query.n)
        auth_buf_addf(&url, "?%s", query.p);
    char *text = auth_buf_ok(&query) ? auth_buf_take(&url, NULL) : NULL;
    auth_buf_clear(&query);
    auth_buf_clear(&url);
    return text;
}

enum epic_auth_rc epic_auth_fhir_search(struct epic_auth *auth, const char *type, const struct epic_auth_param *params,
                                        size_t param_count, struct epic_auth_search **out,
                                        struct epic_auth_error *error)
{
    if (!auth || !out)
        return auth_error_null(error);
    *out = NULL;
    enum epic_auth_rc rc = auth_fhir_need_base(auth, error);
    if (rc != EPIC_AUTH_OK)
        return rc;
    if (!type || !auth_fhir_is_type(type) || (param_count && !params) || has_gap(params, param_count))
        return auth_error_set(&auth->voice, error, EPIC_AUTH_E_ARGUMENT,
                              "a resource type in letters and parameters with name and value are needed");
    if (strlen(type) + size_of(params, param_count) > AUTH_FHIR_ARGUMENT_MAX)
        return auth_fhir_too_long(auth, error);
    struct epic_auth_search *search = calloc(1, sizeof *search);
    if (search)
        search->next.url = first_url(auth, type, params, param_count);
    if (!search || !search->next.url) {
        free(search);
        return auth_error_nomem(error);
    }
    search->auth = auth;
    search->mode = "";
    auth_buf_init_secret(&search->page, 0);
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
    free(search->next.url);
    free(search->fetched);
    auth_buf_clear(&search->page);
    free(search);
}

const struct epic_auth_issue *epic_auth_search_issues(const struct epic_auth_search *search, size_t *count)
{
    if (count)
        *count = search ? search->issue_count : 0;
    return search ? search->issues : NULL;
}

void epic_auth_search_limit(struct epic_auth_search *search, size_t pages)
{
    if (search)
        search->pages_max = pages;
}

const char *epic_auth_search_mode(const struct epic_auth_search *search)
{
    return search ? search->mode : "";
}

/* ---- the next link ---- */

static uint64_t hash_of(const char *url)
{
    return auth_hash(AUTH_HASH_START, auth_view_from_string(url));
}

static bool was_fetched(const struct epic_auth_search *search, const char *url)
{
    uint64_t hash = hash_of(url);
    for (size_t i = 0; i < search->fetched_count; i++) {
        if (search->fetched[i] == hash)
            return true;
    }
    return strcmp(url, search->next.url) == 0;
}

/* The members of those names, in one walk; empty where there is none. False when one stands twice: whichever were taken, what
 * the other holds would be lost in silence. */
static bool find_members(struct auth_view object, const char *const names[], struct auth_view values[], size_t count)
{
    struct auth_view name, value;
    size_t cursor = 0;
    for (size_t i = 0; i < count; i++)
        values[i] = auth_view_from_string("");
    while (auth_json_raw_next_member(object, &cursor, &name, &value)) {
        for (size_t i = 0; i < count; i++) {
            if (!auth_json_raw_means(name, names[i]))
                continue;
            if (values[i].n)
                return false;
            values[i] = value;
        }
    }
    return true;
}

static bool is_string(struct auth_view value, const char *text)
{
    return auth_json_raw_means(auth_answer_raw_string(value), text);
}

/* The url of the first link whose relation is next; false: there is none. Links in no array are unreadable, not none. */
static bool find_next(struct auth_view links, struct auth_view *url)
{
    struct auth_view link, relation;
    size_t cursor = 0;
    *url = links;
    if (links.n && !auth_view_starts(links, "["))
        return true;
    while (auth_json_raw_next(links, &cursor, &link)) {
        if (!auth_json_raw_member(link, "relation", &relation) || !is_string(relation, "next"))
            continue;
        if (!auth_json_raw_member(link, "url", url))
            *url = auth_view_from_string("null");
        return true;
    }
    return false;
}

static void note_problem(const struct epic_auth_search *search, struct next_link *link, enum link_problem problem,
                         struct auth_view shown)
{
    link->problem = problem;
    free(link->url);
    link->url = NULL;
    shown.n = shown.n < LINK_SHOWN_N ? shown.n : LINK_SHOWN_N;
    auth_error_keep(search->auth->voice.secrets, link->shown, sizeof link->shown, shown);
}

/* Resolve the link against the URL of the page it stands on. By the reader of URLs that servers and judge have too, which do not
 * link libcurl: two readers of one URL may disagree on its host, and the token goes where this one says. */
static enum auth_rc resolve(const struct epic_auth_search *search, struct auth_view written, struct next_link *link)
{
    struct auth_json *doc = NULL;
    struct auth_buf url;
    enum auth_rc rc = auth_json_parse(written, &doc, NULL);
    struct auth_view text = auth_json_string(auth_json_root(doc));
    auth_buf_init(&url, AUTH_FHIR_URL_BUF_MAX);
    if (rc == AUTH_OK && text.n)
        rc = auth_url_resolve(&url, search->next.url, text, NULL);
    if (rc == AUTH_OK && text.n && (link->url = auth_buf_take(&url, NULL)) == NULL)
        rc = AUTH_E_NOMEM;
    auth_buf_clear(&url);
    auth_json_free(doc);
    if (rc == AUTH_E_NOMEM)
        return rc;
    if (!link->url)
        note_problem(search, link, LINK_UNREADABLE, written);
    return AUTH_OK;
}

/* rc  AUTH_OK, also when the link is problem; AUTH_E_NOMEM */
static enum auth_rc read_next(const struct epic_auth_search *search, struct auth_view links, struct next_link *link)
{
    struct auth_view written;
    *link = (struct next_link){.url = NULL};
    if (!find_next(links, &written))
        return AUTH_OK;
    if (written.n > AUTH_FHIR_URL_MAX) {
        note_problem(search, link, LINK_TOO_LONG, written);
        return AUTH_OK;
    }
    enum auth_rc rc = resolve(search, written, link);
    if (rc == AUTH_OK && link->url && was_fetched(search, link->url))
        note_problem(search, link, LINK_CIRCLE, written);
    else if (rc == AUTH_OK && link->url && search->fetched_count + 1 >= PAGES_MAX)
        note_problem(search, link, LINK_TOO_MANY, written);
    return rc;
}

/* ---- pages ---- */

static enum epic_auth_rc say_end(struct epic_auth_error *error)
{
    if (error)
        error->rc = EPIC_AUTH_E_END;
    return EPIC_AUTH_E_END;
}

/* There is no page any more. Was that all? */
static enum epic_auth_rc end(const struct epic_auth_search *search, struct epic_auth_error *error)
{
    static const char *const texts[] = {
        [LINK_UNREADABLE] = "cannot be read as a URL",
        [LINK_TOO_LONG] = "is longer than 64 KiB",
        [LINK_CIRCLE] = "leads back to a page that was given already",
        [LINK_TOO_MANY] = "would be the 100000th",
    };
    const struct next_link *link = &search->next;
    if (link->problem != LINK_FINE)
        return auth_error_set(
            &search->auth->voice, error, EPIC_AUTH_E_PROTOCOL,
            "all entries so far were given, but there may be more: the next link of the last page %s: %s",
            texts[link->problem], link->shown);
    if (search->left_out)
        return auth_error_set(
            &search->auth->voice, error, EPIC_AUTH_E_PROTOCOL,
            "all else was given, but %zu of the entries are no JSON objects in UTF-8, or hold two resources, and were left out",
            search->left_out);
    return say_end(error);
}

static bool grow_fetched(struct epic_auth_search *search)
{
    uint64_t *grown =
        auth_array_fit(search->fetched, search->fetched_count, &search->fetched_size, sizeof *search->fetched);
    search->fetched = grown ? grown : search->fetched;
    return grown != NULL;
}

static void turn_page(struct epic_auth_search *search, struct auth_buf *page, const struct next_link *next,
                      struct auth_view entries)
{
    search->fetched[search->fetched_count++] = hash_of(search->next.url);
    auth_buf_clear(&search->page);
    search->page = *page;
    search->is_page_fresh = true;
    search->entries = entries;
    search->cursor = 0;
    free(search->next.url);
    search->next = *next;
}

/* Fetch the page at search->next and find the one behind it. */
static enum epic_auth_rc fetch_page(struct epic_auth_search *search, struct epic_auth_error *error)
{
    struct auth_buf page;
    struct next_link next = {.url = NULL};
    static const char *const names[] = {"entry", "link"};
    struct auth_view values[2], *entries = &values[0], *links = &values[1];
    if (search->pages_max && search->fetched_count >= search->pages_max)
        return say_end(error);
    if (!search->next.url)
        return end(search, error);
    enum epic_auth_rc rc = auth_fhir_send(search->auth, search->next.url, "Bundle", &page, error);
    if (rc == EPIC_AUTH_OK && !find_members(auth_buf_view(&page), names, values, 2))
        rc = auth_error_set(&search->auth->voice, error, EPIC_AUTH_E_PROTOCOL, "the Bundle has entry or link twice");
    else if (rc == EPIC_AUTH_OK && entries->n && !auth_view_starts(*entries, "["))
        rc = auth_error_set(&search->auth->voice, error, EPIC_AUTH_E_PROTOCOL, "the Bundle's entry is no array");
    if (rc == EPIC_AUTH_OK && (!grow_fetched(search) || read_next(search, *links, &next) != AUTH_OK))
        rc = auth_error_nomem(error);
    if (rc == EPIC_AUTH_OK)
        turn_page(search, &page, &next, *entries);
    else
        auth_buf_clear(&page);
    return rc;
}

enum epic_auth_rc epic_auth_search_page(struct epic_auth_search *search, char **bundle, struct epic_auth_error *error)
{
    if (!search || !bundle)
        return auth_error_null(error);
    *bundle = NULL;
    auth_error_clear(error);
    enum epic_auth_rc rc = search->is_page_fresh ? EPIC_AUTH_OK : fetch_page(search, error);
    if (rc != EPIC_AUTH_OK)
        return rc;
    struct auth_view page = auth_buf_view(&search->page);
    if (auth_text_is_utf8(page))
        *bundle = auth_view_dup(page);
    else
        return auth_error_set(&search->auth->voice, error, EPIC_AUTH_E_PROTOCOL,
                              "the FHIR server's answer is not in UTF-8");
    if (!*bundle)
        return auth_error_nomem(error);
    search->is_page_fresh = false;
    return EPIC_AUTH_OK;
}

/* ---- entries ---- */

enum entry_kind { ENTRY_MATCH, ENTRY_INCLUDE, ENTRY_OUTCOME, ENTRY_EMPTY, ENTRY_ODD };

static enum entry_kind kind_of(struct auth_view entry, struct auth_view *resource)
{
    static const char *const names[] = {"resource", "search"};
    struct auth_view values[2], type, mode = auth_view_from_string("");
    if (!auth_view_starts(entry, "{") || !find_members(entry, names, values, 2))
        return ENTRY_ODD;
    *resource = values[0];
    if (!resource->n)
        return ENTRY_EMPTY;
    if (!auth_view_starts(*resource, "{") || !auth_text_is_utf8(*resource))
        return ENTRY_ODD;
    if (auth_json_raw_member(*resource, "resourceType", &type) && is_string(type, "OperationOutcome"))
        return ENTRY_OUTCOME;
    (void)auth_json_raw_member(values[1], "mode", &mode);
    return is_string(mode, "include") ? ENTRY_INCLUDE : ENTRY_MATCH;
}

/* An OperationOutcome inside a good page: remembered, not returned. rc  AUTH_OK, AUTH_E_NOMEM */
static enum auth_rc take_outcome(struct epic_auth_search *search, struct auth_view resource)
{
    struct auth_json *doc = NULL;
    if (auth_json_parse(resource, &doc, NULL) == AUTH_E_NOMEM)
        return AUTH_E_NOMEM;
    const struct auth_json_node *node = auth_json_first(auth_json_member(auth_json_root(doc), "issue"));
    for (; node && search->issue_count < SEARCH_ISSUES_MAX; node = auth_json_next(node))
        auth_issue_read(&search->auth->voice, &search->issues[search->issue_count++], node);
    auth_json_free(doc);
    return AUTH_OK;
}

/* The next entry of this page that is to be given out; *json stays NULL when there is none. */
static enum auth_rc next_entry(struct epic_auth_search *search, char **json)
{
    struct auth_view entry, resource;
    size_t cursor = search->cursor;
    while (!*json && auth_json_raw_next(search->entries, &cursor, &entry)) {
        enum entry_kind kind = kind_of(entry, &resource);
        bool is_given = kind == ENTRY_MATCH || kind == ENTRY_INCLUDE;
        if (is_given && (*json = auth_view_dup(resource)) == NULL)
            return AUTH_E_NOMEM;
        if (kind == ENTRY_OUTCOME && take_outcome(search, resource) != AUTH_OK)
            return AUTH_E_NOMEM;
        search->left_out += kind == ENTRY_ODD;
        search->cursor = cursor;
        if (is_given)
            search->mode = kind == ENTRY_MATCH ? "match" : "include";
    }
    return AUTH_OK;
}

enum epic_auth_rc epic_auth_search_next(struct epic_auth_search *search, char **json, struct epic_auth_error *error)
{
    if (!search || !json)
        return auth_error_null(error);
    *json = NULL;
    auth_error_clear(error);
    for (;;) {
        if (next_entry(search, json) != AUTH_OK)
            return auth_error_nomem(error);
        if (*json)
            return EPIC_AUTH_OK;
        search->mode = "";
        enum epic_auth_rc rc = fetch_page(search, error);
        if (rc != EPIC_AUTH_OK)
            return rc;
    }
}
