/* Header by header, and what they say together. */
#include "mock_epic/server/framing.h"

#include <string.h>

#include "auth/core/text.h"
#include "auth/core/url.h"

static bool is_sound(const struct mock_header *header)
{
    for (size_t i = auth_text_printable(header->value); i < header->value.n; i++) {
        unsigned char byte = (unsigned char)header->value.p[i];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return false;
    }
    return header->name.n > 0 && auth_text_is_of(AUTH_TEXT_TOKEN, header->name);
}

/* The headers that decide where a message ends, and whose it is. */
struct found {
    unsigned hosts, lengths, codings;
    struct auth_view host, length, coding;
};

static bool collect(const struct mock_header *headers, size_t count, struct found *found)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_sound(&headers[i]))
            return false;
        if (auth_view_equals_nocase(headers[i].name, "host")) {
            found->hosts++;
            found->host = headers[i].value;
        } else if (auth_view_equals_nocase(headers[i].name, "content-length")) {
            found->lengths++;
            found->length = headers[i].value;
        } else if (auth_view_equals_nocase(headers[i].name, "transfer-encoding")) {
            found->codings++;
            found->coding = headers[i].value;
        }
    }
    return true;
}

int mock_framing_check(const struct mock_header *headers, size_t count, bool is_1_0, struct mock_framing *out)
{
    struct found found = {0};
    struct auth_authority host;
    memset(out, 0, sizeof *out);
    if (!collect(headers, count, &found))
        return 400;
    if (found.hosts > 1 || found.lengths > 1 || found.codings > 1 || (found.lengths && found.codings))
        return 400;
    if (found.hosts == 0 ? !is_1_0 : !auth_authority_parse(found.host, &host))
        return 400;
    if (found.codings && !auth_view_equals_nocase(found.coding, "chunked"))
        return 400;
    if (found.lengths && !auth_view_is_digits(found.length))
        return 400;
    if (found.lengths && !auth_view_int(found.length, &out->length))
        out->length = INT64_MAX;
    out->is_chunked = found.codings > 0;
    out->has_body = out->is_chunked || found.lengths > 0;
    return 0;
}
