/* /mock/journal: what was asked and why it was answered so. */
#include "mock_epic/admin/handlers.h"

enum { DEFAULT_LIMIT = 100, WAIT_MAX_S = 60 };
#define KINDS "token, fhir, bulk, jwks, admin or other"

static const struct mock_member parameters[] = {
    {"kind", MOCK_MEMBER_STRING, false, 0, 1, 16, KINDS},
    {"client_id", MOCK_MEMBER_STRING, false, 0, 1, MOCK_CLIENT_ID_MAX, "entries of this app alone"},
    {"status", MOCK_MEMBER_INT, false, 0, 100, 599, "100 to 599, what was answered"},
    {"limit", MOCK_MEMBER_INT, false, 0, 0, MOCK_JOURNAL_SIZE, "0 to 1000, how many entries are listed; 100"},
    {"after", MOCK_MEMBER_INT, false, 0, 0, INT64_MAX, "the id of an entry: those that came after it, oldest first"},
    {"wait_s", MOCK_MEMBER_INT, false, 0, 0, WAIT_MAX_S, "0 to 60, how long to wait for an entry when there is none"},
};
const struct mock_admin_members mock_admin_journal_parameters = MOCK_ADMIN_MEMBERS(parameters);

/* `after` and `wait_s`; who waits without an id waits for what comes from now on. */
static bool read_waiting(struct mock_admin_call *call, struct mock_journal_filter *filter, int64_t *wait_s)
{
    int64_t after = -1;
    if (!mock_admin_query_int(call, "after", &after) || !mock_admin_query_int(call, "wait_s", wait_s))
        return false;
    if (after < 0 && *wait_s) {
        if (!call->wait->until_ms)
            call->wait->after = mock_journal_last_id(&call->instance->journal);
        after = (int64_t)call->wait->after;
    }
    filter->has_after = after >= 0;
    filter->after = after >= 0 ? (uint64_t)after : 0;
    return true;
}

/* Wait once more whenever something came that was not asked for; whoever was woken for no such reason has waited long
 * enough, or the server stops. */
static void list_or_wait(struct mock_admin_call *call, const struct mock_journal_filter *filter, int64_t wait_s)
{
    const struct auth_env *env = call->instance->options.env;
    struct mock_wait *wait = call->wait;
    uint64_t seen = 0;
    size_t count = mock_journal_write(&call->instance->journal, filter, &call->w, &seen);
    bool is_over = wait->until_ms && (seen == wait->seen || env->steady_ms(env->ctx) >= wait->until_ms);
    if (count || wait_s == 0 || filter->limit == 0 || is_over)
        return;
    if (!wait->until_ms)
        mock_wait_for(wait, env, wait_s * 1000);
    wait->seen = seen;
    call->must_wait = true;
}

void mock_admin_get_journal(struct mock_admin_call *call)
{
    struct mock_journal_filter filter = {.kind = -1, .client_id = auth_form_value(&call->query, "client_id")};
    struct auth_view kind = auth_form_value(&call->query, "kind");
    int64_t status = 0, limit = DEFAULT_LIMIT, wait_s = 0;
    if (kind.n && (filter.kind = mock_journal_kind_find(kind)) < 0) {
        mock_admin_fail(call, 400, "bad_value", "kind: " KINDS);
        return;
    }
    if (!mock_admin_query_int(call, "status", &status) || !mock_admin_query_int(call, "limit", &limit))
        return;
    filter.status = (int)status;
    filter.limit = (size_t)limit;
    if (read_waiting(call, &filter, &wait_s))
        list_or_wait(call, &filter, wait_s);
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
