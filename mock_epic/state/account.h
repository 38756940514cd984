/* What is said about requests on stderr, and what is counted of them.
 *
 * A refusal of whatever kind is one line (or a few, where each rule is explained), and so is a warning about a request that
 * was accepted; at debug every request has a line. Nothing here waits: the log drops what nobody reads. Threads safe. */
#ifndef MOCK_EPIC_STATE_ACCOUNT_H
#define MOCK_EPIC_STATE_ACCOUNT_H

#include <stdatomic.h>

#include "auth/core/env.h"
#include "auth/core/log.h"
#include "auth/rules/rules.h"
#include "mock_epic/http/message.h"
#include "mock_epic/store/store.h"

enum mock_account_detail {
    MOCK_ACCOUNT_BRIEF, /* of a refused token request, the rule that decided */
    MOCK_ACCOUNT_FULL   /* every rule that failed, and how to fix it */
};

struct mock_account {
    const struct auth_log *log; /* NULL: it is only counted */
    enum mock_account_detail detail;
    struct mock_store *const *store; /* of the tokens that no line shows */
    struct mock_account *parent;     /* counts the same; NULL: none */
    atomic_uint hinted;              /* bits of hints that were told */
    atomic_ullong requests;
    atomic_ullong issued;         /* tokens */
    atomic_ullong refused;        /* requests of any kind that were answered with a status of 400 or more */
    atomic_ullong refused_tokens; /* those of them that asked for a token */
    atomic_ullong warnings;       /* of token requests: verdicts that were no failure yet */
};

/* A token request was judged. The response knows then that its refusal has been told. */
void mock_account_token(struct mock_account *account, const struct auth_report *report, uint64_t journal_id,
                        struct mock_response *response);
/* The clients were given this server's time (run --faketime), and this one's iat shows the real one. */
void mock_account_real_time(struct mock_account *account, uint64_t journal_id, const char *client_id);
/* A request is answered. Called once for each that came as far as mock_dispatch().
 * in   env, started_us  real time when it came; the time that it took is only looked up where the log is to say it */
void mock_account_request(struct mock_account *account, const struct mock_request *request,
                          const struct mock_response *response, const struct auth_env *env, int64_t started_us);
/* A request that HTTP itself forbids, something that is no request, or an answer that could not be sent. method and path may be
 * empty.
 * in   status  0: nothing was answered
 *      is_new  a request that nobody counted yet */
void mock_account_unsound(struct mock_account *account, struct auth_view method, struct auth_view path, int status,
                          bool is_new, const char *why);
/* "3 requests, 1 tokens issued, 1 refused, 0 warnings" */
void mock_account_write(struct mock_account *account, struct auth_buf *out);

#endif
