/* The names that formats go by, and which of them wins. */
#include "mock_epic/fhir/negotiate.h"

#include <string.h>

#include "mock_epic/http/accept.h"
#include "mock_epic/xml/xml.h"

static const struct {
    struct auth_view asked;
    const char *answered;
    bool is_xml;
} types[] = {
#define TYPE(asked, answered, is_xml)                                                                                  \
    {                                                                                                                  \
        {asked, sizeof(asked) - 1}, answered, is_xml                                                                   \
    }
    TYPE("application/fhir+json", "application/fhir+json; charset=utf-8", false),
    TYPE("application/fhir json", "application/fhir+json; charset=utf-8", false), /* an unescaped '+' in a query */
    TYPE("application/json+fhir", "application/json+fhir; charset=utf-8", false),
    TYPE("application/json fhir", "application/json+fhir; charset=utf-8", false),
    TYPE("application/json", "application/json; charset=utf-8", false),
    TYPE("text/json", "application/json; charset=utf-8", false),
    TYPE("json", "application/fhir+json; charset=utf-8", false),
    TYPE("application/fhir+xml", "application/fhir+xml; charset=utf-8", true),
    TYPE("application/fhir xml", "application/fhir+xml; charset=utf-8", true),
    TYPE("application/xml+fhir", "application/xml+fhir; charset=utf-8", true),
    TYPE("application/xml fhir", "application/xml+fhir; charset=utf-8", true),
    TYPE("application/xml", "application/xml; charset=utf-8", true),
    TYPE("text/xml", "application/xml; charset=utf-8", true),
    TYPE("xml", "application/fhir+xml; charset=utf-8", true),
#undef TYPE
};
enum { TYPES = sizeof types / sizeof *types };

static const struct mock_format default_xml = {"application/xml; charset=utf-8", true, false, false, false};
static const struct mock_format default_json = {"application/fhir+json; charset=utf-8", false, false, false, false};

/* Whether a range names the type itself: no wildcard chooses among formats at Epic (O). */
static bool is_named(const struct mock_accept *accept, struct auth_view type)
{
    for (size_t i = 0; i < accept->count; i++) {
        if (auth_view_equals_view_nocase(accept->ranges[i].range, type))
            return true;
    }
    return false;
}

/* The named type of most weight is answered, of two alike the one that was asked for first, and echoed (O). */
static struct mock_format choose(const struct mock_accept *accept, struct mock_format fallback)
{
    struct mock_format chosen = fallback;
    int best = 0;
    size_t first = 0, position = 0;
    bool json_is_refused = false, xml_is_refused = false;
    for (size_t i = 0; i < TYPES; i++) {
        if (!is_named(accept, types[i].asked))
            continue;
        int weight = mock_accept_weight(accept, types[i].asked.p, &position);
        if (weight == 0)
            *(types[i].is_xml ? &xml_is_refused : &json_is_refused) = true;
        if (weight <= 0 || weight < best || (weight == best && position >= first))
            continue;
        best = weight;
        first = position;
        chosen = (struct mock_format){types[i].answered, types[i].is_xml, true, false, false};
    }
    if (best == 0 && (fallback.is_xml ? xml_is_refused && !json_is_refused : json_is_refused && !xml_is_refused))
        return fallback.is_xml ? default_json : default_xml; /* who says what he does not want, gets the other */
    return chosen;
}

static bool is_json_usual(const struct auth_profile *profile)
{
    return profile->values[AUTH_SWITCH_DEFAULT_FORMAT] || profile->values[AUTH_SWITCH_FHIR];
}

/* Something is asked for, and neither JSON nor XML is covered by it. */
static bool is_refused(const struct mock_accept *accept)
{
    size_t position;
    for (size_t i = 0; i < TYPES; i++) {
        if (mock_accept_weight(accept, types[i].asked.p, &position) > 0)
            return false;
    }
    return accept->count > 0;
}

/* What nearly every client sends: no Accept, or one that names a type or "any" and nothing else; the same comes of it as of
 * weighing. False: it says more. */
static bool read_simple(const struct mock_request *request, struct mock_format fallback, struct mock_format *format)
{
    const struct auth_view *only = NULL;
    *format = fallback;
    for (size_t i = 0; i < request->header_count; i++) {
        if (!auth_view_equals_nocase(request->headers[i].name, "accept"))
            continue;
        if (only)
            return false;
        only = &request->headers[i].value;
    }
    for (size_t i = 0; only && i < TYPES; i++) {
        if (auth_view_equals_view_nocase(*only, types[i].asked)) {
            *format = (struct mock_format){types[i].answered, types[i].is_xml, true, false, false};
            return true;
        }
    }
    return !only || auth_view_equals(*only, "*/*");
}

static struct mock_format read_accept(const struct mock_request *request, struct mock_format fallback,
                                      const struct auth_profile *profile)
{
    struct mock_accept accept;
    struct mock_format format;
    if (read_simple(request, fallback, &format))
        return format;
    mock_accept_of(request, &accept);
    format = choose(&accept, fallback);
    format.is_refused = profile->values[AUTH_SWITCH_FHIR] && !format.is_asked && is_refused(&accept);
    return format;
}

struct mock_format mock_negotiate(const struct mock_request *request, const struct auth_form *body,
                                  const struct auth_profile *profile)
{
    struct auth_form query;
    struct mock_accept accept;
    struct mock_format fallback = is_json_usual(profile) ? default_json : default_xml;
    struct mock_format format = {NULL, false, false, false, false};
    struct auth_view asked = {NULL, 0};
    bool has_query = request->query.n > 0;
    enum auth_rc rc = has_query ? auth_form_parse(request->query, &query, NULL) : AUTH_E_NOT_FOUND;
    if (rc == AUTH_OK)
        asked = auth_form_value(&query, "_format");
    if (!asked.n && body)
        asked = auth_form_value(body, "_format");
    if (asked.n) {
        accept.count = 0;
        mock_accept_add(&accept, asked);
        format = choose(&accept, fallback);
        format.is_refused = !format.is_asked;
    }
    if (!format.is_asked) {
        bool is_unknown = format.is_refused;
        format = read_accept(request, fallback, profile);
        format.is_refused = format.is_refused || is_unknown;
    }
    if (has_query)
        auth_form_clear(&query);
    format.is_out_of_memory = rc == AUTH_E_NOMEM;
    return format;
}

bool mock_accepts_by_name(const struct mock_request *request, struct auth_view type)
{
    struct mock_accept accept;
    mock_accept_of(request, &accept);
    for (size_t i = 0; i < accept.count; i++) {
        if (auth_view_equals_view_nocase(accept.ranges[i].range, type) && accept.ranges[i].weight > 0)
            return true;
    }
    return false;
}

/* ---- XML ---- */

static bool has_type(const struct mock_response *response, const char *content_type)
{
    for (size_t i = 0; i < response->header_count; i++) {
        if (response->headers[i].value == content_type)
            return true;
    }
    return false;
}

/* The body in one piece: a resource as it was loaded, or a copy of what was spliced. */
static struct auth_view whole_body(const struct mock_response *response, struct auth_buf *copy)
{
    if (response->piece_count == 1 && response->pieces[0].borrowed)
        return auth_view_bytes(response->pieces[0].borrowed, response->pieces[0].n);
    mock_response_body(response, copy);
    return auth_buf_view(copy);
}

void mock_format_finish(const struct mock_format *format, struct mock_response *response)
{
    struct auth_buf copy;
    if (!format->is_xml || response->is_spoiled || !auth_buf_ok(&response->text) ||
        !has_type(response, format->content_type))
        return;
    auth_buf_init(&copy, SIZE_MAX / 2);
    struct auth_view json = whole_body(response, &copy);
    bool ok = auth_buf_ok(&copy);
    response->piece_count = 0;
    auth_buf_reset(&response->text);
    enum auth_rc rc = ok ? mock_xml_write(json, &response->text) : AUTH_E_NOMEM;
    if (rc == AUTH_OK)
        mock_response_seal_text(response);
    else if (!response->text.is_full)
        response->is_spoiled = true;
    auth_buf_clear(&copy);
}
