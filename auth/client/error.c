#include <stdarg.h>
#include <string.h>

#include "auth/client/client.h"
#include "auth/core/redact.h"

enum { ERROR_TEXT_MAX = 64 * 1024 };

const char *epic_auth_rc_text(enum epic_auth_rc rc)
{
    static const char *const texts[] = {
        [EPIC_AUTH_OK] = "success",
        [EPIC_AUTH_E_CONFIG] = "configuration or key",
        [EPIC_AUTH_E_NETWORK] = "network",
        [EPIC_AUTH_E_OAUTH] = "refused by the token endpoint",
        [EPIC_AUTH_E_DENIED] = "denied by the FHIR server",
        [EPIC_AUTH_E_NOT_FOUND] = "not found",
        [EPIC_AUTH_E_FHIR] = "FHIR error",
        [EPIC_AUTH_E_THROTTLED] = "server busy or broken, after retries",
        [EPIC_AUTH_E_PROTOCOL] = "an answer against the specification",
        [EPIC_AUTH_E_ORIGIN] = "another origin",
        [EPIC_AUTH_E_ARGUMENT] = "bad argument",
        [EPIC_AUTH_E_NOMEM] = "out of memory",
        [EPIC_AUTH_E_END] = "no more",
    };
    return texts[rc];
}

void auth_error_clear(struct epic_auth_error *error)
{
    if (error)
        memset(error, 0, sizeof *error);
}

void auth_error_keep(char *to, size_t n, struct auth_view text)
{
    struct auth_buf shown;
    auth_buf_init_secret(&shown, ERROR_TEXT_MAX);
    auth_redact(&shown, auth_view_bytes(text.p, text.n < ERROR_TEXT_MAX / 8 ? text.n : ERROR_TEXT_MAX / 8), NULL);
    size_t used = shown.n < n - 1 ? shown.n : n - 1;
    while (used < shown.n && used && ((unsigned char)shown.p[used] & 0xc0) == 0x80)
        used--; /* not in the middle of a character */
    memcpy(to, shown.p ? shown.p : "", used);
    to[used] = '\0';
    auth_buf_clear(&shown);
}

enum epic_auth_rc auth_error_set(struct epic_auth_error *error, enum epic_auth_rc rc, const char *format, ...)
{
    va_list args;
    struct auth_buf text;
    if (!error)
        return rc;
    auth_buf_init(&text, 4096);
    va_start(args, format);
    auth_buf_vaddf(&text, format, args);
    va_end(args);
    error->rc = rc;
    auth_error_keep(error->message, sizeof error->message, auth_buf_view(&text));
    auth_buf_clear(&text);
    return rc;
}

enum epic_auth_rc auth_error_from(struct epic_auth_error *error, enum auth_rc rc, const struct auth_err *err)
{
    static const struct {
        enum auth_rc from;
        enum epic_auth_rc to;
    } rows[] = {
        {AUTH_E_NOMEM, EPIC_AUTH_E_NOMEM},       {AUTH_E_NETWORK, EPIC_AUTH_E_NETWORK},
        {AUTH_E_TLS, EPIC_AUTH_E_NETWORK},       {AUTH_E_TIMEOUT, EPIC_AUTH_E_NETWORK},
        {AUTH_E_ORIGIN, EPIC_AUTH_E_ORIGIN},     {AUTH_E_ARG, EPIC_AUTH_E_ARGUMENT},
        {AUTH_E_PROTOCOL, EPIC_AUTH_E_PROTOCOL}, {AUTH_E_TOO_BIG, EPIC_AUTH_E_PROTOCOL},
    };
    enum epic_auth_rc to = EPIC_AUTH_E_CONFIG;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].from == rc)
            to = rows[i].to;
    }
    return auth_error_set(error, to, "%s%s", err && err->detail[0] ? err->detail : auth_rc_text(rc),
                          rc == AUTH_E_TLS ? "; EPIC_CA_FILE names a file of authorities to trust" : "");
}

void auth_issue_read(struct epic_auth_issue *issue, const struct auth_json_node *node)
{
    const struct auth_json_node *details = auth_json_member(node, "details");
    const struct auth_json_node *coding = auth_json_first(auth_json_member(details, "coding"));
    auth_error_keep(issue->severity, sizeof issue->severity, auth_json_member_string(node, "severity"));
    auth_error_keep(issue->code, sizeof issue->code, auth_json_member_string(node, "code"));
    auth_error_keep(issue->coding, sizeof issue->coding, auth_json_member_string(coding, "code"));
    auth_error_keep(issue->text, sizeof issue->text, auth_json_member_string(details, "text"));
    auth_error_keep(issue->diagnostics, sizeof issue->diagnostics, auth_json_member_string(node, "diagnostics"));
    auth_error_keep(issue->location, sizeof issue->location,
                    auth_json_string(auth_json_first(auth_json_member(node, "location"))));
}

void auth_error_add_issues(struct epic_auth_error *error, const struct auth_json_node *outcome)
{
    const struct auth_json_node *issues = auth_json_member(outcome, "issue");
    for (const struct auth_json_node *node = auth_json_first(issues); error && node; node = auth_json_next(node)) {
        if (error->issue_count < EPIC_AUTH_ISSUES_MAX)
            auth_issue_read(&error->issues[error->issue_count], node);
        error->issue_count++;
    }
}

/* Epic names no reason, so the usual ones are told, the likeliest first. */
static void print_causes(FILE *to)
{
    fputs("  Epic gives no reason. Usual causes, likeliest first:\n"
          "    the client id is the production one, or not of this environment (EPIC_BACKEND_CLIENT_ID)\n"
          "    the app or its key is newer than this server knows: up to an hour in the sandbox, 12 at a customer\n"
          "    the app page holds another key: compare with 'epic-auth key inspect' and 'epic-auth key match'\n"
          "    EPIC_TOKEN_URL is not, character by character, what the server calls itself (aud)\n"
          "    a clock is wrong: exp may be at most 300 s ahead\n",
          to);
}

void epic_auth_error_print(FILE *to, const struct epic_auth_error *error)
{
    fprintf(to, "%s\n", error->message[0] ? error->message : epic_auth_rc_text(error->rc));
    if (error->oauth_error[0])
        fprintf(to, "  OAuth error: %s%s%s\n", error->oauth_error, error->oauth_description[0] ? ": " : "",
                error->oauth_description);
    if (strcmp(error->oauth_error, "invalid_client") == 0 && !error->oauth_description[0])
        print_causes(to);
    for (size_t i = 0; i < error->issue_count && i < EPIC_AUTH_ISSUES_MAX; i++) {
        const struct epic_auth_issue *issue = &error->issues[i];
        fprintf(to, "  %s %s %s: %s%s%s%s%s\n", issue->severity, issue->code, issue->coding, issue->text,
                issue->diagnostics[0] ? "; " : "", issue->diagnostics, issue->location[0] ? " at " : "",
                issue->location);
    }
    if (error->clock_offset_s > 30 || error->clock_offset_s < -30)
        fprintf(to, "  this computer's clock is %lld s %s the server's\n",
                (long long)(error->clock_offset_s > 0 ? error->clock_offset_s : -error->clock_offset_s),
                error->clock_offset_s > 0 ? "behind" : "ahead of");
}
