/* A fault's JSON, and an answer that it makes something of: whatever is taken is shown again as what it was made of, and is read
 * again; what it makes of JSON is JSON unless it says otherwise, with the fields that were set and without those dropped. The
 * input is both, parted by a newline. */
#include "auth/core/fuzz/must.h"
#include "mock_epic/admin/fault_read.h"

enum { TEXT_MAX = 1 << 22, PAD_MAX = 1 << 16 };

static void check_shown(const struct mock_fault *fault)
{
    struct auth_buf text;
    struct auth_json_writer w;
    struct mock_fault *again = NULL;
    auth_buf_init(&text, TEXT_MAX);
    auth_json_writer_init(&w, &text, AUTH_JSON_COMPACT);
    mock_fault_write(fault, &w);
    MUST(auth_buf_ok(&text));
    MUST(auth_json_check(auth_buf_view(&text), NULL) == AUTH_OK);
    MUST(mock_fault_read(auth_buf_view(&text), &again, NULL) == AUTH_OK);
    MUST(again->match.route == fault->match.route && again->match.nth == fault->match.nth);
    MUST(again->action.status == fault->action.status && again->action.header_count == fault->action.header_count);
    mock_fault_release(again);
    auth_buf_clear(&text);
}

static void check_headers(const struct mock_response *response)
{
    for (size_t i = 0; i < response->header_count; i++) {
        struct auth_view name = auth_view_from_string(response->headers[i].name);
        struct auth_view value = auth_view_from_string(response->headers[i].value);
        MUST(name.n > 0 && auth_view_find(name, '\n') == name.n && auth_view_find(name, ':') == name.n);
        MUST(auth_view_find(value, '\n') == value.n && auth_view_find(value, '\r') == value.n);
    }
}

static void check_fields(const struct mock_fault *fault, struct auth_view body)
{
    struct auth_view name, value, found;
    struct auth_json *doc = NULL;
    MUST(auth_json_parse(body, &doc, NULL) == AUTH_OK);
    for (size_t cursor = 0; auth_json_raw_next_member(fault->action.set_fields, &cursor, &name, &value);) {
        bool is_there = false;
        struct auth_view other;
        for (size_t at = 0; auth_json_raw_next_member(body, &at, &other, &found);)
            is_there = is_there || (auth_view_equals_view(name, other) && auth_view_equals_view(value, found));
        MUST(is_there);
    }
    auth_json_free(doc);
}

static void check_altered(const struct mock_fault *fault, struct auth_view body)
{
    struct mock_response response;
    struct auth_buf text;
    const struct mock_fault_action *action = &fault->action;
    bool is_object = auth_json_check(body, NULL) == AUTH_OK && auth_view_trim(body).p[0] == '{';
    if (action->pad_to > PAD_MAX)
        return;
    mock_response_init(&response);
    auth_buf_init(&text, TEXT_MAX);
    mock_response_add_text(&response, body);
    mock_fault_alter(fault, auth_view_from_string("http://h/"), &response);
    MUST(!response.is_spoiled);
    mock_response_body(&response, &text);
    check_headers(&response);
    MUST(text.n == mock_response_size(&response));
    MUST(!action->has_body || action->gzip || text.n >= action->body.n);
    if (is_object && !action->has_body && !action->gzip && action->set_fields.n && !action->drop_fields.n)
        check_fields(fault, auth_buf_view(&text));
    if (is_object && !action->has_body && !action->gzip)
        MUST(auth_json_check_grammar(auth_buf_view(&text), NULL) == AUTH_OK);
    auth_buf_clear(&text);
    mock_response_clear(&response);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct auth_view rest = auth_view_bytes(data, size);
    struct auth_view json = auth_view_split(&rest, '\n');
    struct mock_fault *fault = NULL;
    if (mock_fault_read(json, &fault, NULL) != AUTH_OK)
        return 0;
    check_shown(fault);
    check_altered(fault, rest);
    mock_fault_release(fault);
    return 0;
}
