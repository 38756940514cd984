/* The fast pass over JSON: what it takes, auth_json_check() takes, too, and it has found the same members. The loader above it is
 * in fuzz_fixtures.c. */
#include "auth/core/fuzz/must.h"
#include "mock_epic/data/scan.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    check_pass(auth_view_bytes(data, n));
    return 0;
}
