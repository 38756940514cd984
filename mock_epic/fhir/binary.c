/* Base64 with padding, as FHIR's base64Binary is written; blanks within it are passed over. */
#include "mock_epic/fhir/binary.h"

#include "mock_epic/data/raw.h"
#include "mock_epic/epic/headers.h"
#include "mock_epic/fhir/negotiate.h"

static int digit_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* False: it is no base64. */
static bool decode(struct auth_view text, struct auth_buf *out)
{
    unsigned bits = 0, count = 0;
    size_t padding = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
            continue;
        padding += c == '=';
        int digit = digit_of(c);
        if (c == '=')
            continue;
        if (digit < 0 || padding)
            return false;
        bits = bits << 6 | (unsigned)digit;
        if (++count == 4) {
            char bytes[3] = {(char)(bits >> 16), (char)(bits >> 8), (char)bits};
            auth_buf_add(out, bytes, 3);
            bits = count = 0;
        }
    }
    char last[2] = {(char)(bits >> (count == 3 ? 10 : 4)), (char)(bits >> 2)};
    if (count > 1)
        auth_buf_add(out, last, count - 1);
    return count != 1 && padding <= 2;
}

static bool string_member(struct auth_view resource, const char *name, char *to, size_t room, struct auth_view *text)
{
    struct auth_view written;
    if (!mock_raw_string(mock_raw_member(resource, name), &written))
        return false;
    *text = auth_view_bytes(to, mock_raw_decode(written, to, room));
    return true;
}

/* What may stand in a header. */
static bool is_media_type(struct auth_view text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < 0x20 || text.p[i] > 0x7e)
            return false;
    }
    return auth_view_find(text, '/') < text.n;
}

bool mock_binary_answer(const struct mock_request *request, bool is_asked, struct auth_view resource,
                        struct mock_response *response)
{
    char type_text[256];
    struct auth_view type, data = {NULL, 0};
    if (!string_member(resource, "contentType", type_text, sizeof type_text, &type) || !is_media_type(type))
        return false;
    struct auth_view parameters = type, plain = auth_view_trim(auth_view_split(&parameters, ';'));
    if (is_asked && !mock_accepts_by_name(request, plain))
        return false;
    (void)mock_raw_string(mock_raw_member(resource, "data"), &data);
    size_t before = response->text.n;
    if (auth_view_find(data, '\\') < data.n || !decode(data, &response->text)) {
        response->text.n = before;
        return false;
    }
    mock_headers_fhir(response);
    mock_response_header_copy(response, "Content-Type", type);
    mock_response_seal_text(response);
    return true;
}
