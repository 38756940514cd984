/* /mock/journal: what was asked and why it was answered so. */
#include "mock_epic/admin/handlers.h"

enum { DEFAULT_LIMIT = 100 };
#define KINDS "token, fhir, bulk, jwks or other"

static const struct mock_member parameters[] = {
    {"kind", MOCK_MEMBER_STRING, false, 0, 1, 16, KINDS},
    {"client_id", MOCK_MEMBER_STRING, false, 0, 1, MOCK_CLIENT_ID_MAX, "entries of this app alone"},
    {"status", MOCK_MEMBER_INT, false, 0, 100, 599, "100 to 599, what was answered"},
    {"limit", MOCK_MEMBER_INT, false, 0, 0, MOCK_JOURNAL_SIZE, "0 to 1000, how many entries are listed; 100"},
};
const struct mock_admin_members mock_admin_journal_parameters = MOCK_ADMIN_MEMBERS(parameters);

void mock_admin_get_journal(struct mock_admin_call *call)
{
    struct mock_journal_filter filter = {.kind = -1, .client_id = auth_form_value(&call->query, "client_id")};
    struct auth_view kind = auth_form_value(&call->query, "kind");
    int64_t status = 0, limit = DEFAULT_LIMIT;
    if (kind.n && (filter.kind = mock_journal_kind_find(kind)) < 0) {
        mock_admin_fail(call, 400, "bad_value", "kind: " KINDS);
        return;
    }
    if (!mock_admin_query_int(call, "status", &status) || !mock_admin_query_int(call, "limit", &limit))
        return;
    filter.status = (int)status;
    filter.limit = (size_t)limit;
    (void)mock_journal_write(&call->instance->journal, &filter, &call->w, NULL);
}

void mock_admin_get_journal_entry(struct mock_admin_call *call)
{
    int64_t id;
    if (!auth_view_int(call->id, &id) || id < 1 ||
        mock_journal_write_one(&call->instance->journal, (uint64_t)id, &call->w) != AUTH_OK)
        mock_admin_fail(call, 404, "not_found", "no such entry: never written, or overwritten by newer ones");
}

void mock_admin_delete_journal(struct mock_admin_call *call)
{
    mock_journal_empty(&call->instance->journal);
}
