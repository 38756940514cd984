/* JSON as XML: of any JSON it ends; of a resource it gives text whose tags close one another and that holds no character which
 * XML does not have. Narrative is passed on as it is, so its tags are not looked at. */
#include "auth/core/fuzz/must.h"
#include "auth/core/text.h"
#include "mock_epic/xml/xml.h"

static size_t after_tag(struct auth_view xml, size_t at)
{
    bool is_quoted = false;
    for (; at < xml.n && (is_quoted || xml.p[at] != '>'); at++)
        is_quoted = is_quoted != (xml.p[at] == '"');
    MUST(at < xml.n); /* every tag ends */
    return at + 1;
}

static void check_tags(struct auth_view xml)
{
    size_t depth = 0, at = auth_view_find(xml, '>') + 1;
    while (at < xml.n) {
        MUST(xml.p[at] == '<');
        size_t end = after_tag(xml, at);
        if (xml.p[at + 1] == '/')
            MUST(depth-- > 0);
        else
            depth += xml.p[end - 2] != '/';
        MUST(depth > 0 || end == xml.n);
        at = end;
    }
    MUST(depth == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct auth_view json = auth_view_bytes(data, n);
    struct auth_buf xml;
    auth_buf_init(&xml, 1 << 26);
    if (auth_json_check(json, NULL) == AUTH_OK && mock_xml_write(json, &xml) == AUTH_OK) {
        struct auth_view text = auth_buf_view(&xml);
        MUST(auth_text_is_utf8(text));
        for (size_t i = 0; i < text.n; i++)
            MUST((unsigned char)text.p[i] >= 0x20 || text.p[i] == '\t' || text.p[i] == '\n' || text.p[i] == '\r');
        if (!auth_view_contains(json, "div") && !auth_view_contains(json, "\\"))
            check_tags(text);
    }
    auth_buf_clear(&xml);
    return 0;
}
