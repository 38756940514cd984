/* What all commands share: options, opening a handle, words for people and errors for machines. */
#include "auth/cli/cli.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/core/file.h"
#include "auth/core/input.h"
#include "auth/core/json.h"
#include "auth/core/log.h"

int auth_cli_exit_of(enum epic_auth_rc rc)
{
    static const int statuses[] = {
        [EPIC_AUTH_OK] = AUTH_EXIT_OK,
        [EPIC_AUTH_E_CONFIG] = AUTH_EXIT_CONFIG,
        [EPIC_AUTH_E_NETWORK] = AUTH_EXIT_NETWORK,
        [EPIC_AUTH_E_OAUTH] = AUTH_EXIT_OAUTH,
        [EPIC_AUTH_E_DENIED] = AUTH_EXIT_DENIED,
        [EPIC_AUTH_E_NOT_FOUND] = AUTH_EXIT_NOT_FOUND,
        [EPIC_AUTH_E_FHIR] = AUTH_EXIT_FHIR,
        [EPIC_AUTH_E_THROTTLED] = AUTH_EXIT_THROTTLED,
        [EPIC_AUTH_E_PROTOCOL] = AUTH_EXIT_FHIR,
        [EPIC_AUTH_E_ORIGIN] = AUTH_EXIT_FHIR,
        [EPIC_AUTH_E_ARGUMENT] = AUTH_EXIT_USAGE,
        [EPIC_AUTH_E_NOMEM] = AUTH_EXIT_INTERNAL,
        [EPIC_AUTH_E_END] = AUTH_EXIT_OK,
    };
    size_t index = (size_t)rc;
    return index < sizeof statuses / sizeof *statuses ? statuses[index] : AUTH_EXIT_INTERNAL;
}

void auth_cli_say(const char *command, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    auth_complainv("epic-auth", command, format, args);
    va_end(args);
}

int auth_cli_usage_error(const char *command, const char *what)
{
    auth_cli_say(command, "%s", what);
    fprintf(stderr, "Try 'epic-auth %s --help'.\n", command);
    return AUTH_EXIT_USAGE;
}

int auth_cli_parse(int *argc, char **argv, const struct auth_opt *rows, void *settings, const char *usage,
                   const bool *help)
{
    const struct auth_opts opts = {.rows = rows};
    struct auth_err err = {0};
    if (auth_opts_parse(&opts, settings, NULL, argc, argv, &err) != AUTH_OK)
        return auth_cli_usage_error(argv[0], err.detail);
    if (!*help)
        return -1;
    printf("%s\n", usage);
    auth_opts_help(stdout, rows);
    return AUTH_EXIT_OK;
}

static void print_event(void *ctx, const char *line)
{
    (void)ctx;
    fprintf(stderr, "epic-auth: %s\n", line);
}

/* What a person should know although all goes well; where errors are JSON, so is this. */
static void print_warning(void *ctx, const char *line)
{
    const struct auth_cli_common *common = ctx;
    struct auth_buf text;
    struct auth_json_writer w;
    if (!common->is_json) {
        fprintf(stderr, "epic-auth: note: %s\n", line);
        return;
    }
    auth_buf_init(&text, 256 * 1024);
    auth_json_writer_init(&w, &text, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "note", line);
    auth_json_write_end_object(&w);
    fprintf(stderr, "%s\n", auth_buf_ok(&text) ? text.p : "{}");
    auth_buf_clear(&text);
}

/* Digits behind "fd:"; -1: none. */
static int descriptor_of(const char *source)
{
    int64_t fd = -1;
    return auth_view_int(auth_view_from_string(source), &fd) && fd >= 0 && fd < INT_MAX ? (int)fd : -1;
}

enum auth_rc auth_cli_read_secret(const char *source, struct auth_buf *secret, struct auth_err *err)
{
    enum { SECRET_MAX_N = 64 * 1024 };
    struct auth_view text = auth_view_from_string(source);
    bool is_fd = auth_view_starts(text, "fd:");
    enum auth_rc rc;
    auth_buf_init_secret(secret, SECRET_MAX_N);
    if (auth_view_starts(text, "env:")) {
        const char *value = getenv(source + 4);
        auth_buf_add_string(secret, value ? value : "");
        return value ? auth_buf_check(secret, err) : auth_err_set(err, AUTH_E_CONFIG, "%s is not set", source + 4);
    }
    int fd = is_fd ? descriptor_of(source + 3) : -1;
    if (is_fd && fd < 0)
        return auth_err_set(err, AUTH_E_CONFIG, "a number is needed behind fd:");
    rc = is_fd ? auth_file_read_fd(fd, secret, err) : auth_input_read(source, secret, err);
    if (rc != AUTH_OK)
        return rc == AUTH_E_NOMEM ? rc : AUTH_E_CONFIG;
    secret->n = auth_view_find(auth_buf_view(secret), '\n');
    secret->n -= secret->n && secret->p[secret->n - 1] == '\r';
    if (secret->p)
        secret->p[secret->n] = '\0';
    return AUTH_OK;
}

enum epic_auth_rc auth_cli_open(struct auth_cli_common *common, struct epic_auth **auth, struct epic_auth_error *error)
{
    struct auth_buf passphrase;
    struct auth_err err = {0};
    auth_buf_init(&passphrase, 0);
    common->options.size = sizeof common->options;
    common->options.timeout_ms = common->timeout_s * 1000;
    common->options.on_warning = print_warning;
    common->options.event_ctx = common;
    if (common->is_verbose)
        common->options.on_event = print_event;
    if (common->passphrase_from && auth_cli_read_secret(common->passphrase_from, &passphrase, &err) != AUTH_OK) {
        memset(error, 0, sizeof *error);
        error->rc = EPIC_AUTH_E_CONFIG;
        (void)snprintf(error->message, sizeof error->message, "--passphrase-from: %s", err.detail);
        auth_buf_clear(&passphrase);
        return error->rc;
    }
    if (common->passphrase_from)
        common->options.private_key_passphrase = passphrase.p;
    enum epic_auth_rc rc = epic_auth_new(&common->options, auth, error);
    common->options.private_key_passphrase = NULL;
    auth_buf_clear(&passphrase);
    return rc;
}

/* ---- what is printed ---- */

bool auth_cli_print(const char *text)
{
    size_t n = strlen(text);
    fwrite(text, 1, n, stdout);
    if (n == 0 || text[n - 1] != '\n')
        putchar('\n');
    return !ferror(stdout);
}

static void write_issues(struct auth_json_writer *w, const struct epic_auth_error *error)
{
    auth_json_write_key(w, "issues");
    auth_json_write_array(w);
    for (size_t i = 0; i < error->issue_count && i < EPIC_AUTH_ISSUES_MAX; i++) {
        const struct epic_auth_issue *issue = &error->issues[i];
        auth_json_write_object(w);
        auth_json_write_member_text(w, "severity", issue->severity);
        auth_json_write_member_text(w, "code", issue->code);
        auth_json_write_member_text(w, "coding", issue->coding);
        auth_json_write_member_text(w, "display", issue->display);
        auth_json_write_member_text(w, "text", issue->text);
        auth_json_write_member_text(w, "diagnostics", issue->diagnostics);
        auth_json_write_member_text(w, "location", issue->location);
        auth_json_write_member_text(w, "expression", issue->expression);
        auth_json_write_end_object(w);
    }
    auth_json_write_end_array(w);
}

/* The members of an error, but for the command's name and its exit status. */
static void write_error_members(struct auth_json_writer *w, const struct epic_auth_error *error)
{
    auth_json_write_member_text(w, "kind", epic_auth_rc_text(error->rc));
    auth_json_write_member_text(w, "message", error->message);
    auth_json_write_member_int(w, "http_status", error->http_status);
    auth_json_write_member_text(w, "oauth_error", error->oauth_error);
    auth_json_write_member_text(w, "oauth_description", error->oauth_description);
    auth_json_write_member_int(w, "retry_after_s", error->retry_after_s);
    auth_json_write_member_int(w, "clock_offset_s", error->clock_offset_s);
    write_issues(w, error);
}

void auth_cli_write_error(struct auth_json_writer *w, const struct epic_auth_error *error)
{
    auth_json_write_key(w, "error");
    auth_json_write_object(w);
    write_error_members(w, error);
    auth_json_write_end_object(w);
}

static void print_error_json(const char *command, const struct epic_auth_error *error)
{
    struct auth_buf text;
    struct auth_json_writer w;
    auth_buf_init(&text, 256 * 1024);
    auth_json_writer_init(&w, &text, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "command", command);
    auth_json_write_member_int(&w, "exit", auth_cli_exit_of(error->rc));
    write_error_members(&w, error);
    auth_json_write_end_object(&w);
    fprintf(stderr, "%s\n", auth_buf_ok(&text) ? text.p : "{}");
    auth_buf_clear(&text);
}

int auth_cli_complain(const char *command, const struct auth_cli_common *common, const struct epic_auth_error *error)
{
    if (common->is_json) {
        print_error_json(command, error);
    } else {
        fprintf(stderr, "epic-auth %s: ", command);
        epic_auth_error_print(stderr, error);
    }
    return auth_cli_exit_of(error->rc);
}
