/* epic-auth token: an access token in the form that another program takes. */
#include <string.h>
#include <unistd.h>

#include "auth/cli/cli.h"
#include "auth/cli/token_format.h"
#include "auth/client/config.h"
#include "auth/core/env.h"
#include "auth/core/file.h"
#include "auth/core/time.h"
#include "auth/core/url.h"

struct token_settings {
    struct auth_cli_common common;
    int format; /* enum auth_cli_format */
    int64_t min_ttl_s;
    bool is_forced;
};

static const struct auth_opt token_rows[] = {{"format", 'f', AUTH_CLI_FORMATS, "how to print it",
                                              AUTH_OPT_CHOICE(struct token_settings, format), .fallback = "bare"},
                                             {"force", 0, NULL, "request a new one, whatever the token cache holds",
                                              AUTH_OPT_FLAG(struct token_settings, is_forced), .also = "refresh"},
                                             {"min-ttl", 0, "S", "one that lives so long at least, if it can be had",
                                              AUTH_OPT_INT(struct token_settings, min_ttl_s, 0, 86400), .fallback = "0",
                                              .also = "min-lifetime"},
                                             AUTH_CLI_COMMON_ROWS(struct token_settings)};

/* ---- git ---- */

/* Is it our FHIR server that git asks for? Else the token is not for it. What git says comes as lines "key=value"; a line
 * that it leaves out does not count. */
static bool is_asked_for(struct auth_view question, const char *base_url)
{
    struct auth_url base;
    struct auth_authority asked;
    if (auth_url_parse(auth_view_from_string(base_url), &base, NULL) != AUTH_OK)
        return false;
    while (question.n) {
        struct auth_view value = auth_view_trim(auth_view_split(&question, '\n'));
        struct auth_view key = auth_view_split(&value, '=');
        if (auth_view_equals(key, "protocol") && !auth_view_equals_nocase(value, base.is_https ? "https" : "http"))
            return false;
        if (!auth_view_equals(key, "host"))
            continue;
        if (!auth_authority_parse(value, &asked) || !auth_view_equals_view_nocase(asked.host, base.host) ||
            (asked.has_port  ? asked.port
             : base.is_https ? 443
                             : 80) != base.port)
            return false;
    }
    return true;
}

/* -1: give the token; else the exit status. */
static int answer_git(const struct auth_cli_common *common, const char *verb)
{
    enum { QUESTION_MAX = 64 * 1024 };
    struct auth_config config;
    struct auth_buf question;
    struct auth_err err = {0};
    if (strcmp(verb, "get") != 0)
        return AUTH_EXIT_OK; /* store, erase: nothing is kept between two runs */
    if (auth_config_load(&common->options, &config, &err) != AUTH_OK)
        return -1; /* which will say what is wrong */
    auth_buf_init_secret(&question, QUESTION_MAX);
    int status = AUTH_EXIT_INTERNAL;
    if (auth_file_read_fd(STDIN_FILENO, &question, &err) != AUTH_OK)
        auth_cli_say("token", "git's question: %s", err.detail);
    else
        status = is_asked_for(auth_buf_view(&question), config.values[AUTH_SET_FHIR_BASE_URL]) ? -1 : AUTH_EXIT_OK;
    auth_buf_clear(&question);
    auth_config_clear(&config);
    return status;
}

/* ---- the command ---- */

static int print_token(const struct token_settings *settings, const struct epic_auth_token *token)
{
    const struct auth_env *env = auth_env_system();
    const struct auth_cli_credential credential = {
        .token = token->text,
        .scope = token->scope,
        .username = "epic-backend",
        .lifetime_s = token->lifetime_s,
        .expires_s = auth_time_shift(env->wall_s(env->ctx), token->lifetime_s),
    };
    struct auth_buf out;
    auth_buf_init_secret(&out, 512 * 1024);
    enum auth_rc rc = auth_cli_format((enum auth_cli_format)settings->format, &credential, &out);
    bool ok = rc == AUTH_OK && auth_cli_print(out.p);
    if (rc != AUTH_OK)
        auth_cli_say("token", "it cannot be written so: %s", auth_rc_text(rc));
    auth_buf_clear(&out);
    return ok ? AUTH_EXIT_OK : AUTH_EXIT_INTERNAL;
}

static bool is_git_verb(const char *verb)
{
    return strcmp(verb, "get") == 0 || strcmp(verb, "store") == 0 || strcmp(verb, "erase") == 0;
}

int auth_cli_token(int argc, char **argv)
{
    struct token_settings settings = {.format = AUTH_CLI_BARE};
    struct epic_auth_error error;
    struct epic_auth *auth = NULL;
    struct epic_auth_token token = {.text = NULL};
    int status =
        auth_cli_parse(&argc, argv, token_rows, &settings,
                       "Usage: epic-auth token [OPTION...]\n\nRequests an access token and prints it. For curl:\n"
                       "  epic-auth token -f curl-config | curl -K - \"$EPIC_FHIR_BASE_URL/Patient/ID\"\n"
                       "For a shell:  eval \"$(epic-auth token -f env)\"\n"
                       "For git:      git config credential.helper '!epic-auth token -f git-credential'\n",
                       &settings.common.help);
    if (status >= 0)
        return status;
    bool is_for_git = settings.format == AUTH_CLI_GIT_CREDENTIAL && argc == 2 && is_git_verb(argv[1]);
    if (argc > 1 && !is_for_git)
        return auth_cli_usage_error("token", "no operands, please");
    if (is_for_git && (status = answer_git(&settings.common, argv[1])) >= 0)
        return status;
    enum epic_auth_rc rc = auth_cli_open(&settings.common, &auth, &error);
    if (rc == EPIC_AUTH_OK && settings.is_forced)
        epic_auth_token_drop(auth);
    if (rc != EPIC_AUTH_OK || epic_auth_token(auth, settings.min_ttl_s, &token, &error) != EPIC_AUTH_OK)
        status = auth_cli_complain("token", &settings.common, &error);
    else
        status = print_token(&settings, &token);
    epic_auth_token_free(&token);
    epic_auth_free(auth);
    return status;
}
