/* A resource's version is meta.versionId, or else what its bytes hash to. */
#include "mock_epic/fhir/r4.h"

#include "auth/core/hash.h"
#include "auth/core/time.h"
#include "mock_epic/data/raw.h"
#include "mock_epic/data/value.h"
#include "mock_epic/epic/headers.h"

bool mock_is_r4(const struct mock_fhir_call *call)
{
    return call->profile->values[AUTH_SWITCH_FHIR] != 0;
}

struct mock_issues mock_issues_of(const struct mock_fhir_call *call)
{
    return (struct mock_issues){.is_plain = mock_is_r4(call)};
}

enum { VERSION_N = 64, ETAG_N = VERSION_N + sizeof "W/\"\"" };

/* What may stand in an ETag: FHIR's ids, which versions are. */
static bool is_version(struct auth_view text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] <= ' ' || text.p[i] == '"' || text.p[i] > '~')
            return false;
    }
    return text.n > 0;
}

static void write_etag(struct auth_view resource, struct auth_buf *out)
{
    char text[VERSION_N];
    struct auth_view written, version = auth_view_from_string("");
    if (mock_raw_string(mock_raw_member(mock_raw_member(resource, "meta"), "versionId"), &written))
        version = auth_view_bytes(text, mock_raw_decode(written, text, sizeof text));
    auth_buf_add_string(out, "W/\"");
    if (is_version(version))
        auth_buf_add_view(out, version);
    else
        auth_buf_addf(out, "%016llx", (unsigned long long)auth_hash(AUTH_HASH_START, resource));
    auth_buf_add_char(out, '"');
}

/* Weakly: W/ does not count. */
static bool names_etag(struct auth_view list, struct auth_view etag)
{
    struct auth_view plain = auth_view_from(etag, 2);
    while (list.n) {
        struct auth_view one = auth_view_trim(auth_view_split(&list, ','));
        if (auth_view_equals(one, "*") || auth_view_equals_view(one, etag) || auth_view_equals_view(one, plain))
            return true;
    }
    return false;
}

/* Whether the resource says when it was changed; in whole seconds, as HTTP counts. */
static bool last_modified(struct auth_view resource, int64_t *updated_s)
{
    char text[64];
    struct auth_view written;
    struct mock_interval updated;
    if (!mock_raw_string(mock_raw_member(mock_raw_member(resource, "meta"), "lastUpdated"), &written) ||
        !mock_date_read(auth_view_bytes(text, mock_raw_decode(written, text, sizeof text)), &updated))
        return false;
    *updated_s = updated.start / 1000000;
    return true;
}

/* If-Modified-Since counts where If-None-Match is not said (RFC 9110 13.1.3). */
static bool is_what_client_has(const struct mock_request *request, struct auth_view etag, const int64_t *updated_s)
{
    int64_t since_s;
    struct auth_view etags = mock_request_header(request, "If-None-Match");
    if (etags.n)
        return names_etag(etags, etag);
    return updated_s && auth_time_parse_http(mock_request_header(request, "If-Modified-Since"), &since_s) &&
           *updated_s <= since_s;
}

bool mock_r4_is_unchanged(const struct mock_request *request, struct auth_view resource, struct mock_response *response)
{
    struct auth_buf etag;
    int64_t updated_s;
    char date[AUTH_TIME_HTTP_N + 1];
    auth_buf_init(&etag, ETAG_N);
    write_etag(resource, &etag);
    mock_response_header_copy(response, "ETag", auth_buf_view(&etag));
    bool has_date = last_modified(resource, &updated_s);
    if (has_date) {
        auth_time_write_http(date, updated_s);
        mock_response_header_copy(response, "Last-Modified", auth_view_bytes(date, AUTH_TIME_HTTP_N));
    }
    bool is_unchanged = is_what_client_has(request, auth_buf_view(&etag), has_date ? &updated_s : NULL);
    if (is_unchanged)
        response->status = 304;
    response->is_spoiled = response->is_spoiled || !auth_buf_ok(&etag);
    auth_buf_clear(&etag);
    return is_unchanged;
}

void mock_r4_refuse(const struct mock_fhir_call *call, int status, const char *content_type, const char *why,
                    struct mock_response *response)
{
    struct mock_issues issues = mock_issues_of(call);
    enum mock_outcome what = status == 403 ? MOCK_OUTCOME_FORBIDDEN : MOCK_OUTCOME_UNSUPPORTED;
    mock_issues_add(&issues, what, NULL, NULL, "%s", why);
    mock_issues_answer(&issues, status, content_type, response);
    if (status == 405)
        mock_response_header(response, "Allow", "GET, HEAD, OPTIONS");
}
