/* The members of a match, and whether an entry has them. */
#include "mock_epic/evidence/entry_match.h"

#include <stddef.h>

#include "mock_epic/http/pattern.h"
#include "mock_epic/state/members.h"

struct match_json {
    struct auth_view kind, route;
    struct mock_entry_match match;
    bool is_foreign, has_fault;
};

enum { FOREIGN = 8, FAULT = 9 };

#define MATCH(member) offsetof(struct match_json, match.member)
static const struct mock_member members[] = {
    {"kind", MOCK_MEMBER_STRING, false, offsetof(struct match_json, kind), 1, 16, NULL},
    {"route", MOCK_MEMBER_STRING, false, offsetof(struct match_json, route), 1, 16, NULL},
    {"method", MOCK_MEMBER_STRING, false, MATCH(method), 1, 16, NULL},
    {"path", MOCK_MEMBER_STRING, false, MATCH(path), 1, 512, NULL},
    {"client_id", MOCK_MEMBER_STRING, false, MATCH(client_id), 1, 128, NULL},
    {"status", MOCK_MEMBER_INT, false, MATCH(status), 0, 599, NULL},
    {"error", MOCK_MEMBER_STRING, false, MATCH(error), 1, 64, NULL},
    {"outcome", MOCK_MEMBER_STRING, false, MATCH(outcome), 1, 16, "\"issued\" or \"refused\""},
    [FOREIGN] = {"foreign", MOCK_MEMBER_BOOL, false, offsetof(struct match_json, is_foreign), 0, 0, NULL},
    [FAULT] = {"fault", MOCK_MEMBER_BOOL, false, offsetof(struct match_json, has_fault), 0, 0, NULL},
};

enum auth_rc mock_entry_match_read(const struct auth_json_node *node, struct mock_entry_match *match,
                                   struct auth_err *err)
{
    struct match_json json = {.match = {.kind = -1, .route = -1, .status = -1, .is_foreign = -1, .has_fault = -1}};
    uint32_t given = 0;
    enum auth_rc rc = mock_members_read(members, sizeof members / sizeof *members, node, &json, &given, err);
    if (rc != AUTH_OK)
        return rc;
    json.match.is_foreign = given & 1U << FOREIGN ? json.is_foreign : -1;
    json.match.has_fault = given & 1U << FAULT ? json.has_fault : -1;
    if (json.kind.n && (json.match.kind = mock_journal_kind_find(json.kind)) < 0)
        return auth_err_set(err, AUTH_E_ARG, "kind: token, fhir, bulk, jwks, admin or other");
    if (json.route.n && (json.match.route = mock_route_find(json.route)) < 0)
        return auth_err_set(err, AUTH_E_ARG,
                            "route: token, introspect, fhir, bulk, discovery, metadata, jwks, admin or other");
    if (json.match.outcome.n && !auth_view_equals(json.match.outcome, "issued") &&
        !auth_view_equals(json.match.outcome, "refused"))
        return auth_err_set(err, AUTH_E_ARG, "outcome: \"issued\" or \"refused\"");
    *match = json.match;
    return AUTH_OK;
}

static bool fits_text(struct auth_view wanted, struct auth_view text)
{
    return wanted.n == 0 || auth_view_equals_view(wanted, text);
}

static bool fits_outcome(struct auth_view wanted, const struct mock_journal_entry *entry)
{
    return wanted.n == 0 || (entry->has_report && auth_view_equals(wanted, entry->is_issued ? "issued" : "refused"));
}

bool mock_entry_match_fits(const struct mock_entry_match *match, const struct mock_journal_entry *entry)
{
    struct auth_view target = mock_journal_entry_text(entry, MOCK_JOURNAL_TARGET);
    struct auth_view path = auth_view_split(&target, '?');
    return (match->kind < 0 || match->kind == entry->kind) && (match->route < 0 || match->route == entry->route) &&
           (match->status < 0 || match->status == entry->status) &&
           (match->is_foreign < 0 || match->is_foreign == entry->is_foreign) &&
           (match->has_fault < 0 || match->has_fault == (entry->fault != 0)) && fits_outcome(match->outcome, entry) &&
           fits_text(match->method, mock_journal_entry_text(entry, MOCK_JOURNAL_METHOD)) &&
           fits_text(match->client_id, mock_journal_entry_text(entry, MOCK_JOURNAL_CLIENT)) &&
           fits_text(match->error, mock_journal_entry_text(entry, MOCK_JOURNAL_ERROR)) &&
           (match->path.n == 0 || mock_pattern_fits_path(match->path, path));
}

void mock_entry_match_describe(const struct mock_entry_match *match, struct auth_buf *out)
{
    const struct auth_view words[] = {
        auth_view_from_string(match->kind < 0 ? NULL : mock_journal_kind_text((enum mock_journal_kind)match->kind)),
        auth_view_from_string(match->route < 0 ? NULL : mock_route_text((enum mock_route)match->route)),
        match->method,
        match->path,
        match->client_id,
        match->error,
        match->outcome,
    };
    size_t before = out->n;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].n == 0)
            continue;
        auth_buf_add_string(out, out->n > before ? " " : "");
        auth_buf_add_view(out, words[i]);
    }
    if (match->is_foreign >= 0)
        auth_buf_addf(out, "%s%s", out->n > before ? " " : "", match->is_foreign ? "elsewhere" : "here");
    if (match->has_fault >= 0)
        auth_buf_addf(out, "%s%s", out->n > before ? " " : "", match->has_fault ? "with a fault" : "without a fault");
    if (match->status >= 0)
        auth_buf_addf(out, "%sstatus %lld", out->n > before ? " " : "", (long long)match->status);
    if (out->n == before)
        auth_buf_add_string(out, "anything");
}
