/* JSON as XML: of any JSON it ends; of a resource it gives text whose tags close one another and that holds no character which
 * XML does not have. Narrative is passed on as it is, so its tags are not looked at. Parts of a resource are JSON again. */
#include "auth/core/fuzz/must.h"
#include "auth/core/text.h"
#include "mock_epic/fhir/subset.h"
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
    size_t depth = 0, at = 0;
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

static void check_subsets(struct auth_view resource)
{
    struct auth_buf part;
    auth_buf_init(&part, 1 << 26);
    for (int kind = MOCK_SUBSET_NAMED; kind <= MOCK_SUBSET_DATA; kind++) {
        const struct mock_subset subset = {
            .kind = (enum mock_subset_kind)kind, .names = {{"name", 4}, {"value", 5}}, .name_count = 2};
        auth_buf_reset(&part);
        mock_subset_write(resource, &subset, &part);
        enum auth_rc rc = auth_json_check(auth_buf_view(&part), NULL);
        MUST(rc == AUTH_OK || (rc == AUTH_E_TOO_BIG && auth_view_contains(resource, "\"tag\"")));
    }
    auth_buf_clear(&part);
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
        check_subsets(auth_view_trim(json));
    }
    auth_buf_clear(&xml);
    return 0;
}
