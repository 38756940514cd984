/* Bundles are spliced: resources stay the bytes that were loaded. */
#include "mock_epic/fhir/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/hash.h"
#include "mock_epic/data/data_private.h"

/* ---- self ---- */

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

/* Percent-encoded but for what Epic leaves bare (O): unreserved characters and : | , / */
static void write_escaped(struct auth_buf *out, struct auth_view text)
{
    size_t done = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (!memchr(":|,/", text.p[i], 4))
            continue;
        auth_form_escape(out, auth_view_bytes(text.p + done, i - done));
        auth_buf_add_char(out, text.p[i]);
        done = i + 1;
    }
    if (done < text.n)
        auth_form_escape(out, auth_view_from(text, done));
}

void mock_bundle_self(const struct auth_form *params, struct auth_buf *out)
{
    const struct auth_form_field *sorted[AUTH_FORM_FIELDS_MAX];
    for (size_t i = 0; i < params->count; i++)
        sorted[i] = &params->fields[i];
    qsort(sorted, params->count, sizeof *sorted, by_name);
    for (size_t i = 0; i < params->count; i++) {
        auth_buf_add_string(out, i ? "&" : "");
        write_escaped(out, sorted[i]->name);
        auth_buf_add_char(out, '=');
        write_escaped(out, sorted[i]->value);
    }
}

/* ---- links and entries ---- */

/* Escaped they need nothing of JSON's. */
static void add_link(const struct mock_bundle *bundle, struct auth_buf *text, const char *relation, const char *query)
{
    auth_buf_add_string(text, "{\"relation\":\"");
    auth_buf_add_string(text, relation);
    auth_buf_add_string(text, "\",\"url\":\"");
    auth_buf_add_view(text, bundle->base_url);
    auth_buf_add_char(text, '/');
    auth_buf_add_string(text, bundle->type);
    auth_buf_add_string(text, *query ? "?" : "");
    auth_buf_add_string(text, query);
    auth_buf_add_string(text, "\"}");
}

/* _elements names those of the type that is searched; a summary is one of everything. */
static bool is_part(const struct mock_subset *subset, const char *mode)
{
    if (!subset || subset->kind == MOCK_SUBSET_WHOLE)
        return false;
    return subset->kind != MOCK_SUBSET_NAMED || strcmp(mode, "match") == 0;
}

static void add_entry(const struct mock_bundle *bundle, struct mock_response *response, uint32_t number,
                      const char *mode)
{
    const struct mock_resource *resource = &bundle->store->items[number];
    struct auth_buf *text = &response->text;
    for (int i = 0; i < 2; i++) { /* link[self] and fullUrl name the same address */
        auth_buf_add_string(text, i == 0 ? "{\"link\":[{\"relation\":\"self\",\"url\":\"" : "\"}],\"fullUrl\":\"");
        auth_buf_add_view(text, bundle->base_url);
        auth_buf_add_char(text, '/');
        auth_buf_add_view(text, mock_resource_type(bundle->store, resource));
        auth_buf_add_char(text, '/');
        auth_buf_add_view(text, mock_resource_id(resource));
    }
    auth_buf_add_string(text, "\",\"resource\":");
    if (is_part(bundle->subset, mode))
        mock_subset_write(mock_resource_bytes(resource), bundle->subset, text);
    else
        mock_resource_answer(bundle->store, resource, response);
    auth_buf_add_string(text, ",\"search\":{\"mode\":\"");
    auth_buf_add_string(text, mode);
    auth_buf_add_string(text, "\"}}");
}

/* The number of its entry follows from what is answered: the same question has the same answer to the last byte. */
static void add_outcome(const struct mock_bundle *bundle, struct auth_buf *text)
{
    uint64_t a = auth_hash(AUTH_HASH_START, auth_view_from_string(bundle->self)), b = a;
    struct auth_json_writer w;
    for (size_t i = 0; i < bundle->issues->count; i++)
        b = auth_hash(b ^ (uint64_t)bundle->issues->items[i].what << 32,
                      auth_view_from_string(bundle->issues->items[i].diagnostics));
    a ^= b >> 7;
    auth_buf_addf(text, "{\"fullUrl\":\"urn:uuid:%08x-%04x-4%03x-a%03x-%012llx\",\"resource\":", (unsigned)(a >> 32),
                  (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xfff), (unsigned)(b >> 52),
                  (unsigned long long)(b & 0xffffffffffffU));
    auth_json_writer_init(&w, text, AUTH_JSON_COMPACT);
    mock_issues_write(bundle->issues, &w);
    auth_buf_add_string(text, ",\"search\":{\"mode\":\"outcome\"}}");
}

static void separate(struct auth_buf *text, size_t *count)
{
    auth_buf_add_string(text, *count == 0 ? ",\"entry\":[" : ",");
    ++*count;
}

void mock_bundle_write(const struct mock_bundle *bundle, struct mock_response *response)
{
    struct auth_buf *text = &response->text;
    size_t count = 0;
    auth_buf_add_string(text, "{\"resourceType\":\"Bundle\",\"type\":\"searchset\",");
    if (!bundle->has_no_total)
        auth_buf_addf(text, "\"total\":%zu,", bundle->total);
    auth_buf_add_string(text, "\"link\":[");
    if (bundle->next) {
        add_link(bundle, text, "next", bundle->next);
        auth_buf_add_char(text, ',');
    }
    add_link(bundle, text, "self", bundle->self);
    auth_buf_add_char(text, ']');
    for (size_t i = 0; i < bundle->match_count; i++) {
        if (bundle->matches[i] & MOCK_FILTERED_OUT)
            continue;
        separate(text, &count);
        add_entry(bundle, response, bundle->matches[i], "match");
    }
    for (size_t i = 0; i < bundle->included_count; i++) {
        separate(text, &count);
        add_entry(bundle, response, bundle->included[i], "include");
    }
    if (bundle->issues->count) {
        separate(text, &count);
        add_outcome(bundle, text);
    }
    auth_buf_add_string(text, count ? "]}" : "}");
    mock_response_seal_text(response);
}

void mock_resource_answer(const struct mock_fhir_store *store, const struct mock_resource *resource,
                          struct mock_response *response)
{
    if (store->generation.lineage == 0 || (size_t)(resource - store->items) < store->trusted_count)
        mock_response_add_borrowed(response, mock_resource_bytes(resource));
    else
        mock_response_add_text(response, mock_resource_bytes(resource));
}
