/* The fast pass over JSON and the loader above it: what the pass takes, auth_json_check() takes, too, and it has found the same
 * members; loading any text ends, and what was loaded can be found again. */
#include "auth/core/fuzz/must.h"
#include "mock_epic/fhir/load_text.h"
#include "mock_epic/fhir/scan.h"

static void check_pass(struct auth_view text)
{
    struct mock_scan scan;
    struct auth_view name, value;
    size_t end = 0, cursor = 0, count = 0;
    if (!mock_scan_fast(text, &scan, &end))
        return;
    MUST(end <= text.n);
    MUST(auth_json_check(auth_view_bytes(text.p, end), NULL) == AUTH_OK);
    while (auth_json_raw_next_member(scan.value, &cursor, &name, &value)) {
        if (count == MOCK_SCAN_MEMBERS_MAX)
            break;
        MUST(auth_view_equals_view(scan.members[count].name, name));
        MUST(auth_view_equals_view(scan.members[count++].value, value));
    }
    MUST(scan.member_count == count);
}

static void check_load(struct auth_view text)
{
    struct mock_fhir_store store = {0};
    size_t replaced = 0;
    enum auth_rc rc = mock_fhir_load_text(&store, "input", text, NULL);
    MUST(rc != AUTH_E_NOMEM && rc != AUTH_E_INTERNAL);
    MUST(mock_fhir_store_seal(&store, &replaced, NULL) == AUTH_OK);
    MUST(store.shown_count + replaced == store.count);
    for (size_t i = 0; i < store.count; i++) {
        const struct mock_resource *resource = &store.items[i];
        const struct mock_resource *found =
            mock_fhir_store_find(&store, mock_resource_type(&store, resource), mock_resource_id(resource));
        MUST(found && found >= resource);
    }
    mock_fhir_store_clear(&store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct auth_view text = auth_view_bytes(data, n);
    check_pass(text);
    check_load(text);
    return 0;
}
