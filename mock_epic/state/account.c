/* Lines about requests, and counts of them. */
#include "mock_epic/state/account.h"

#include <stddef.h>

#include "mock_epic/epic/hints.h"
#include "mock_epic/state/redaction.h"

enum { TEXT_MAX = 24 * 1024, PATH_SHOWN_MAX = 256, METHOD_SHOWN_MAX = 16 };

/* In this account and in those above it. which: offset of the count */
static void add(struct mock_account *account, size_t which, unsigned long long n)
{
    for (; account; account = account->parent)
        atomic_fetch_add_explicit((atomic_ullong *)(void *)((char *)account + which), n, memory_order_relaxed);
}
#define COUNT(member) offsetof(struct mock_account, member)

static unsigned long long read_count(atomic_ullong *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

/* Tokens that are known here by value; the log itself knows secrets by their shape. */
static void mask(const struct mock_account *account, enum mock_redaction kind, struct auth_buf *text)
{
    if (text->n)
        mock_redact(*account->store, kind, text->p, text->n);
}

/* ---- token requests ---- */

/* How an app is registered was said when it was; a request can do nothing about it. */
static bool counts(const struct auth_verdict *verdict, enum auth_result result)
{
    return verdict->result == result && (result != AUTH_WARN || verdict->causes[0] != AUTH_CAUSE_STATIC_KEY);
}

static unsigned long long count_warnings(const struct auth_report *report)
{
    unsigned long long count = 0;
    for (int i = 0; i < AUTH_RULE_COUNT; i++)
        count += counts(&report->verdicts[i], AUTH_WARN);
    return count;
}

static void write_verdicts(const struct auth_report *report, enum auth_result result, const char *label,
                           struct auth_buf *text)
{
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        if (!counts(&report->verdicts[i], result))
            continue;
        auth_buf_addf(text, "\n  %s", label);
        auth_rules_summary(report, (enum auth_rule)i, text);
        auth_buf_add_string(text, "\n    fix: ");
        auth_rules_fix(report, (enum auth_rule)i, text);
    }
}

static void write_refusal(const struct mock_account *account, const struct auth_report *report,
                          struct auth_outcome outcome, struct auth_buf *text)
{
    if (account->detail == MOCK_ACCOUNT_BRIEF) {
        auth_buf_add_string(text, "refused: ");
        auth_rules_summary(report, outcome.because, text);
        return;
    }
    auth_buf_addf(text, "refused (%s)", auth_rules_error_text(outcome.error));
    write_verdicts(report, AUTH_FAIL, "", text);
    write_verdicts(report, AUTH_WARN, "warning: ", text);
}

static void write_warnings(const struct mock_account *account, const struct auth_report *report, struct auth_buf *text)
{
    const char *separator = "accepted, with a warning: ";
    if (account->detail == MOCK_ACCOUNT_FULL) {
        auth_buf_add_string(text, "accepted, with a warning");
        write_verdicts(report, AUTH_WARN, "", text);
        return;
    }
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        if (!counts(&report->verdicts[i], AUTH_WARN))
            continue;
        auth_buf_add_string(text, separator);
        auth_rules_summary(report, (enum auth_rule)i, text);
        separator = "; ";
    }
}

void mock_account_token(struct mock_account *account, const struct auth_report *report, uint64_t journal_id,
                        struct mock_response *response)
{
    struct auth_outcome outcome = auth_rules_outcome(report);
    unsigned long long warnings = count_warnings(report);
    add(account, COUNT(warnings), warnings);
    add(account, outcome.is_accepted ? COUNT(issued) : COUNT(refused_tokens), 1);
    response->is_told = true;
    if (!account->log || (outcome.is_accepted && warnings == 0))
        return;
    struct auth_buf text;
    struct auth_report masked = *report;
    mock_redact_report(*account->store, &masked);
    auth_buf_init(&text, TEXT_MAX);
    auth_buf_addf(&text, "token request %llu ", (unsigned long long)journal_id);
    if (outcome.is_accepted)
        write_warnings(account, &masked, &text);
    else
        write_refusal(account, &masked, outcome, &text);
    mask(account, MOCK_REDACT_PROSE, &text);
    auth_log_text(account->log, AUTH_LOG_WARN, auth_buf_view(&text));
    auth_buf_clear(&text);
}

void mock_account_real_time(struct mock_account *account, uint64_t journal_id, const char *client_id)
{
    struct auth_buf text;
    if (!account->log)
        return;
    auth_buf_init(&text, TEXT_MAX);
    auth_buf_addf(&text,
                  "token request %llu of %s: its iat shows real time; --faketime does not reach this client, which is "
                  "statically linked or asks the kernel itself",
                  (unsigned long long)journal_id, client_id);
    mask(account, MOCK_REDACT_PROSE, &text);
    auth_log_text(account->log, AUTH_LOG_WARN, auth_buf_view(&text));
    auth_buf_clear(&text);
}

/* ---- all requests ---- */

/* "GET /path ", without the query, which is where secrets are put that do not belong there. Nothing where both are empty. */
static void write_target(const struct mock_account *account, struct auth_view method, struct auth_view path,
                         struct auth_buf *out)
{
    if (method.n == 0 && path.n == 0)
        return;
    struct auth_buf shown;
    auth_buf_init(&shown, PATH_SHOWN_MAX);
    auth_buf_add_view(&shown, mock_redaction_cut(path, PATH_SHOWN_MAX));
    mask(account, MOCK_REDACT_VALUE, &shown);
    auth_buf_add_view(out, mock_redaction_cut(method, METHOD_SHOWN_MAX));
    auth_buf_addf(out, " %s ", shown.n ? shown.p : "");
    auth_buf_clear(&shown);
}

static void say(const struct mock_account *account, enum auth_log_level level, struct auth_buf *text)
{
    auth_log_write(account->log, level, "%s", text->n ? text->p : "");
    auth_buf_clear(text);
}

static void tell_refusal(const struct mock_account *account, struct auth_view method, struct auth_view path, int status,
                         const char *why)
{
    struct auth_buf text, reason;
    if (!account->log)
        return;
    auth_buf_init(&text, TEXT_MAX);
    auth_buf_init(&reason, TEXT_MAX);
    write_target(account, method, path, &text);
    auth_buf_add_string(&text, text.n ? "refused: " : "a connection was refused: ");
    if (status)
        auth_buf_addf(&text, "%d%s", status, why[0] ? ", " : "");
    auth_buf_add_string(&reason, why);
    mask(account, MOCK_REDACT_PROSE, &reason);
    auth_buf_add_view(&text, auth_buf_view(&reason));
    auth_buf_clear(&reason);
    say(account, AUTH_LOG_WARN, &text);
}

static void tell_access(const struct mock_account *account, const struct mock_request *request,
                        const struct mock_response *response, int64_t took_us)
{
    struct auth_buf text;
    auth_buf_init(&text, TEXT_MAX);
    write_target(account, request->method, request->path, &text);
    auth_buf_addf(&text, "%d, %zu bytes, %lld us", response->status, mock_response_size(response), (long long)took_us);
    say(account, AUTH_LOG_DEBUG, &text);
}

/* Each once: a client that works in one way does so a thousand times. */
static void tell_hints(struct mock_account *account, const struct mock_request *request, unsigned hints)
{
    unsigned fresh = hints & ~atomic_fetch_or_explicit(&account->hinted, hints, memory_order_relaxed);
    for (int i = 0; i < MOCK_HINTS && account->log; i++) {
        struct auth_buf text;
        if (!(fresh >> i & 1))
            continue;
        auth_buf_init(&text, TEXT_MAX);
        write_target(account, request->method, request->path, &text);
        auth_buf_addf(&text, "hint, told once: %s", mock_hint_text(i));
        say(account, AUTH_LOG_WARN, &text);
    }
}

void mock_account_request(struct mock_account *account, const struct mock_request *request,
                          const struct mock_response *response, const struct auth_env *env, int64_t started_us)
{
    add(account, COUNT(requests), 1);
    if (response->status >= 400) {
        add(account, COUNT(refused), 1);
        if (!response->is_told)
            tell_refusal(account, request->method, request->path, response->status, response->reason);
    }
    if (response->hints)
        tell_hints(account, request, response->hints);
    if (account->log && account->log->level >= AUTH_LOG_DEBUG)
        tell_access(account, request, response, env->wall_us(env->ctx) - started_us);
}

void mock_account_unsound(struct mock_account *account, struct auth_view method, struct auth_view path, int status,
                          bool is_new, const char *why)
{
    add(account, COUNT(refused), 1);
    if (is_new)
        add(account, COUNT(requests), 1);
    tell_refusal(account, method, path, status, why);
}

void mock_account_write(struct mock_account *account, struct auth_buf *out)
{
    auth_buf_addf(out, "%llu requests, %llu tokens issued, %llu refused, %llu warnings", read_count(&account->requests),
                  read_count(&account->issued), read_count(&account->refused), read_count(&account->warnings));
}
