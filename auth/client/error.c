/* What a caller is told, kept free of secrets, safe for terminals and of bounded size. */
#include "auth/client/error.h"

#include <stdarg.h>
#include <string.h>

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
    size_t index = (size_t)rc;
    return index < sizeof texts / sizeof *texts ? texts[index] : "an unknown code";
}

void auth_error_clear(struct epic_auth_error *error)
{
    if (error)
        memset(error, 0, sizeof *error);
}

void auth_error_keep(struct auth_secrets *secrets, char *to, size_t n, struct auth_view text)
{
    static const char mark[] = "...";
    struct auth_buf shown;
    auth_buf_init_secret(&shown, ERROR_TEXT_MAX);
    auth_secrets_redact(secrets, &shown,
                        auth_view_bytes(text.p, text.n < ERROR_TEXT_MAX / 8 ? text.n : ERROR_TEXT_MAX / 8));
    size_t used = shown.n;
    if (used > n - 1)
        used = n - sizeof mark;
    while (used < shown.n && used && ((unsigned char)shown.p[used] & 0xc0) == 0x80)
        used--; /* not in the middle of a character */
    if (used)   /* a buffer that never held anything has no bytes to name */
        memcpy(to, shown.p, used);
    to[used] = '\0';
    if (used < shown.n)
        memcpy(to + used, mark, sizeof mark);
    auth_buf_clear(&shown);
}

enum epic_auth_rc auth_error_set(const struct auth_voice *voice, struct epic_auth_error *error, enum epic_auth_rc rc,
                                 const char *format, ...)
{
    va_list args;
    struct auth_buf text;
    if (!error)
        return rc;
    auth_buf_init_secret(&text, ERROR_TEXT_MAX);
    va_start(args, format);
    auth_buf_vaddf(&text, format, args);
    va_end(args);
    error->rc = rc;
    auth_error_keep(voice ? voice->secrets : NULL, error->message, sizeof error->message, auth_buf_view(&text));
    auth_buf_clear(&text);
    return rc;
}

void auth_error_wrap(const struct auth_voice *voice, struct epic_auth_error *error, const char *before,
                     const char *behind)
{
    char said[sizeof error->message];
    if (!error)
        return;
    memcpy(said, error->message, sizeof said);
    (void)auth_error_set(voice, error, error->rc, "%s%s%s", before, said, behind);
}

enum epic_auth_rc auth_error_nomem(struct epic_auth_error *error)
{
    static const char text[] = "out of memory"; /* said without needing any */
    if (error) {
        error->rc = EPIC_AUTH_E_NOMEM;
        memcpy(error->message, text, sizeof text);
    }
    return EPIC_AUTH_E_NOMEM;
}

enum epic_auth_rc auth_error_null(struct epic_auth_error *error)
{
    auth_error_clear(error);
    return auth_error_set(NULL, error, EPIC_AUTH_E_ARGUMENT, "a pointer that is needed is NULL");
}

/* ---- events ---- */

static void tell(const struct auth_voice *voice, void (*to)(void *ctx, const char *line), const char *format,
                 va_list args)
{
    struct auth_buf text, shown;
    if (!to)
        return;
    auth_buf_init_secret(&text, ERROR_TEXT_MAX);
    auth_buf_init_secret(&shown, 4 * ERROR_TEXT_MAX);
    auth_buf_vaddf(&text, format, args);
    auth_secrets_redact(voice->secrets, &shown, auth_buf_view(&text));
    to(voice->ctx, auth_buf_ok(&shown) && shown.p ? shown.p : "(a line that does not fit into memory)");
    auth_buf_clear(&shown);
    auth_buf_clear(&text);
}

void auth_voice_tell(const struct auth_voice *voice, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(voice, voice->on_event, format, args);
    va_end(args);
}

void auth_voice_warn(const struct auth_voice *voice, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(voice, voice->on_warning ? voice->on_warning : voice->on_event, format, args);
    va_end(args);
}

/* ---- from elsewhere ---- */

enum epic_auth_rc auth_error_rc(enum auth_rc rc)
{
    static const struct {
        enum auth_rc from;
        enum epic_auth_rc to;
    } rows[] = {
        {AUTH_OK, EPIC_AUTH_OK},
        {AUTH_E_NOMEM, EPIC_AUTH_E_NOMEM},
        {AUTH_E_NETWORK, EPIC_AUTH_E_NETWORK},
        {AUTH_E_TLS, EPIC_AUTH_E_NETWORK},
        {AUTH_E_TIMEOUT, EPIC_AUTH_E_NETWORK},
        {AUTH_E_ORIGIN, EPIC_AUTH_E_ORIGIN},
        {AUTH_E_ARG, EPIC_AUTH_E_ARGUMENT},
        {AUTH_E_PROTOCOL, EPIC_AUTH_E_PROTOCOL},
        {AUTH_E_TOO_BIG, EPIC_AUTH_E_PROTOCOL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].from == rc)
            return rows[i].to;
    }
    return EPIC_AUTH_E_CONFIG;
}

enum epic_auth_rc auth_error_from(const struct auth_voice *voice, struct epic_auth_error *error, enum auth_rc rc,
                                  const struct auth_err *err)
{
    if (rc == AUTH_E_NOMEM)
        return auth_error_nomem(error);
    return auth_error_set(voice, error, auth_error_rc(rc), "%s%s",
                          err && err->detail[0] ? err->detail : auth_rc_text(rc),
                          rc == AUTH_E_TLS ? "; EPIC_CA_FILE names a file of authorities to trust" : "");
}

void auth_issue_read(const struct auth_voice *voice, struct epic_auth_issue *issue, const struct auth_json_node *node)
{
    struct auth_secrets *secrets = voice->secrets;
    const struct auth_json_node *details = auth_json_member(node, "details");
    const struct auth_json_node *coding = auth_json_first(auth_json_member(details, "coding"));
    struct auth_view expression = auth_json_string(auth_json_first(auth_json_member(node, "expression")));
    struct auth_view display = auth_json_member_string(coding, "display");
    struct auth_view text = auth_json_member_string(details, "text");
    struct auth_view location = auth_json_string(auth_json_first(auth_json_member(node, "location")));
    auth_error_keep(secrets, issue->severity, sizeof issue->severity, auth_json_member_string(node, "severity"));
    auth_error_keep(secrets, issue->code, sizeof issue->code, auth_json_member_string(node, "code"));
    auth_error_keep(secrets, issue->coding, sizeof issue->coding, auth_json_member_string(coding, "code"));
    auth_error_keep(secrets, issue->text, sizeof issue->text, text);
    if (!auth_view_equals_view(display, text))
        auth_error_keep(secrets, issue->display, sizeof issue->display, display);
    else
        issue->display[0] = '\0';
    if (!auth_view_equals_view(expression, location))
        auth_error_keep(secrets, issue->expression, sizeof issue->expression, expression);
    else
        issue->expression[0] = '\0';
    auth_error_keep(secrets, issue->diagnostics, sizeof issue->diagnostics,
                    auth_json_member_string(node, "diagnostics"));
    auth_error_keep(secrets, issue->location, sizeof issue->location, location);
}

void auth_error_add_issues(const struct auth_voice *voice, struct epic_auth_error *error,
                           const struct auth_json_node *outcome)
{
    const struct auth_json_node *issues = auth_json_member(outcome, "issue");
    for (const struct auth_json_node *node = auth_json_first(issues); error && node; node = auth_json_next(node)) {
        if (error->issue_count < EPIC_AUTH_ISSUES_MAX)
            auth_issue_read(voice, &error->issues[error->issue_count], node);
        error->issue_count++;
    }
}

/* ---- for people ---- */

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

static void put(FILE *to, const char *before, const char *text)
{
    if (*text)
        fprintf(to, "%s%s", before, text);
}

static void print_issue(FILE *to, const struct epic_auth_issue *issue)
{
    bool has_name = issue->severity[0] || issue->code[0] || issue->coding[0];
    const char *colon = has_name ? ": " : " ";
    fputs(" ", to);
    put(to, " ", issue->severity);
    put(to, " ", issue->code);
    put(to, " ", issue->coding);
    put(to, colon, issue->text);
    put(to, issue->text[0] ? "; " : colon, issue->diagnostics);
    put(to, issue->text[0] || issue->diagnostics[0] ? "; " : colon, issue->display);
    put(to, " at ", issue->location);
    put(to, issue->location[0] ? ", " : " at ", issue->expression);
    if (!has_name && !issue->text[0] && !issue->diagnostics[0] && !issue->display[0])
        fputs(" an issue without a word about what it is", to);
    fputc('\n', to);
}

void epic_auth_error_print(FILE *to, const struct epic_auth_error *error)
{
    if (!to || !error)
        return;
    fprintf(to, "%s\n", error->message[0] ? error->message : epic_auth_rc_text(error->rc));
    if (error->oauth_error[0])
        fprintf(to, "  OAuth error: %s%s%s\n", error->oauth_error, error->oauth_description[0] ? ": " : "",
                error->oauth_description);
    if (strcmp(error->oauth_error, "invalid_client") == 0 && !error->oauth_description[0])
        print_causes(to);
    for (size_t i = 0; i < error->issue_count && i < EPIC_AUTH_ISSUES_MAX; i++)
        print_issue(to, &error->issues[i]);
    if (error->issue_count > EPIC_AUTH_ISSUES_MAX)
        fprintf(to, "  and %zu issues more\n", error->issue_count - EPIC_AUTH_ISSUES_MAX);
}
