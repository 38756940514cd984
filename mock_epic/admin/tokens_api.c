/* /mock/tokens: listing issued tokens, making them older, revoking them. */
#include "mock_epic/admin/handlers.h"

#include <stddef.h>
#include <stdio.h>

#include "auth/core/time.h"
#include "mock_epic/state/tokens.h"

static const struct mock_member list_parameters[] = {
    {"client_id", MOCK_MEMBER_STRING, false, 0, 1, MOCK_CLIENT_ID_MAX, "tokens of this app alone"},
    {"limit", MOCK_MEMBER_INT, false, 0, 0, INT64_MAX, "a whole number, how many tokens are listed at most"},
};
const struct mock_admin_members mock_admin_tokens_parameters = MOCK_ADMIN_MEMBERS(list_parameters);

void mock_admin_get_tokens(struct mock_admin_call *call)
{
    int64_t limit = INT64_MAX;
    if (mock_admin_query_int(call, "limit", &limit))
        mock_tokens_write(call->instance->store, auth_form_value(&call->query, "client_id"), (size_t)limit, call->now_s,
                          &call->w);
}

static void answer_count(struct mock_admin_call *call, enum auth_rc rc, const char *what, size_t count)
{
    if (rc != AUTH_OK) {
        mock_admin_fail_rc(call, rc, NULL);
        return;
    }
    mock_admin_note(call, "%zu tokens %s", count, what);
    auth_json_write_object(&call->w);
    auth_json_write_member_int(&call->w, what, (int64_t)count);
    auth_json_write_end_object(&call->w);
}

/* Whose tokens are meant. An empty client_id is no client: a script whose variable is unset must not hit everybody. */
struct token_choice {
    int64_t seconds;
    struct auth_view client_id, token;
};

static const struct mock_member age_members[] = {
    {"seconds", MOCK_MEMBER_INT, true, offsetof(struct token_choice, seconds), INT64_MIN, INT64_MAX,
     "a whole number of seconds, e.g. {\"seconds\":3600}"},
    {"client_id", MOCK_MEMBER_STRING, false, offsetof(struct token_choice, client_id), 1, MOCK_CLIENT_ID_MAX, NULL},
};
const struct mock_admin_members mock_admin_age_members = MOCK_ADMIN_MEMBERS(age_members);

static const struct mock_member revoke_members[] = {
    {"client_id", MOCK_MEMBER_STRING, false, offsetof(struct token_choice, client_id), 1, MOCK_CLIENT_ID_MAX, NULL},
    {"token", MOCK_MEMBER_STRING, false, offsetof(struct token_choice, token), 1, MOCK_TOKEN_TEXT_MAX, NULL},
};
const struct mock_admin_members mock_admin_revoke_members = MOCK_ADMIN_MEMBERS(revoke_members);

/* For the journal: which tokens became what. */
static void note_change(struct mock_admin_call *call, enum mock_journal_change kind, const struct token_choice *choice,
                        uint64_t token)
{
    call->change = (struct mock_admin_change){.kind = kind, .by_s = choice->seconds, .token = token};
    (void)snprintf(call->change.client_id, sizeof call->change.client_id, "%.*s", (int)choice->client_id.n,
                   choice->client_id.p ? choice->client_id.p : "");
}

/* Its number; 0: nobody knows it. */
static uint64_t number_of(struct mock_admin_call *call, struct auth_view text)
{
    struct mock_token token;
    return mock_tokens_find(call->instance->store, text, &token) == AUTH_OK ? token.number : 0;
}

void mock_admin_post_tokens_age(struct mock_admin_call *call)
{
    struct token_choice choice = {0};
    int64_t issued_s;
    size_t count = 0;
    if (!mock_admin_read(call, &choice, NULL))
        return;
    if (!auth_time_add(call->now_s, -choice.seconds, &issued_s)) {
        mock_admin_fail(call, 400, "bad_value",
                        "seconds: a token issued now would be from outside " AUTH_TIME_RANGE_TEXT);
        return;
    }
    enum auth_rc rc = mock_tokens_age(call->instance->store, choice.client_id, choice.seconds, &count);
    note_change(call, MOCK_CHANGE_AGED, &choice, 0);
    answer_count(call, rc, "aged", count);
}

void mock_admin_post_tokens_revoke(struct mock_admin_call *call)
{
    struct token_choice choice = {0};
    size_t count = 0;
    uint64_t number = 0;
    enum auth_rc rc = AUTH_OK;
    if (!mock_admin_read(call, &choice, NULL))
        return;
    if (choice.token.n && choice.client_id.n) {
        mock_admin_fail(call, 400, "bad_value", "give client_id or token, not both; neither revokes every token");
        return;
    }
    if (choice.token.n) {
        number = number_of(call, choice.token);
        rc = mock_tokens_revoke_one(call->instance->store, choice.token);
        count = rc == AUTH_OK;
        rc = rc == AUTH_E_NOT_FOUND ? AUTH_OK : rc; /* as RFC 7009: an unknown token is no error */
    } else {
        rc = mock_tokens_revoke(call->instance->store, choice.client_id, &count);
    }
    if (number || !choice.token.n) /* an unknown token changes nothing */
        note_change(call, MOCK_CHANGE_REVOKED, &choice, number);
    answer_count(call, rc, "revoked", count);
}
