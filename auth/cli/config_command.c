/* epic-auth config show: what is in force, where it came from, and what is missing or misspelt. */
#include <stdlib.h>
#include <string.h>

#include "auth/cli/cli.h"
#include "auth/cli/token_format.h"
#include "auth/client/config.h"
#include "auth/core/redact.h"
#include "auth/jose/key_text.h"

/* Of the commands that have no option of their own. */
struct plain_settings {
    struct auth_cli_common common;
};
static const struct auth_opt plain_rows[] = {AUTH_CLI_COMMON_ROWS(struct plain_settings)};

/* A secret is named by what everybody may know of it. */
static void print_secret(enum auth_setting setting, const char *value, const char *origin)
{
    struct auth_key *key = NULL;
    const char *name = auth_setting_name(setting);
    if (setting != AUTH_SET_KEY_PEM)
        printf("%s=[redacted]  # %s\n", name, origin);
    else if (auth_key_from_private_text(auth_view_from_string(value), NULL, &key, NULL, NULL) == AUTH_OK)
        printf("%s=[a key with the thumbprint %s]  # %s\n", name, auth_key_thumbprint(key), origin);
    else
        printf("%s=[not a usable key, or an encrypted one]  # %s\n", name, origin);
    auth_key_free(key);
}

/* A value, less what in it is a secret that stands in the wrong place: a key for its path, a password in a URL. */
static void add_harmless(struct auth_buf *out, const char *value)
{
    const char *scheme = strstr(value, "://"), *user = scheme ? scheme + 3 : value;
    size_t n = scheme ? strcspn(user, "/?#") : 0;
    while (n && user[n - 1] != '@')
        n--;
    if (auth_config_is_key_text(value)) {
        auth_buf_add_string(out, "[the text of a key]");
        return;
    }
    auth_buf_add(out, value, (size_t)(user - value));
    auth_buf_add_string(out, n ? "[redacted]@" : "");
    auth_redact(out, auth_view_from_string(user + n), NULL);
}

/* Fit for a shell, and for a terminal: what is no plain word is quoted, control bytes are shown as \\xNN. */
static void print_setting(const char *name, const char *value, const char *origin)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/:@%+=,";
    struct auth_buf shown, quoted;
    auth_buf_init(&shown, 256 * 1024);
    auth_buf_init(&quoted, 1024 * 1024);
    add_harmless(&shown, value);
    if (!auth_buf_ok(&shown) || (shown.p && shown.p[strspn(shown.p, plain)]))
        auth_cli_quote_shell(&quoted, auth_buf_view(&shown));
    else
        auth_buf_add_view(&quoted, auth_buf_view(&shown));
    printf("%s=%s  # %s\n", name, auth_buf_ok(&quoted) && quoted.p ? quoted.p : "", origin);
    auth_buf_clear(&quoted);
    auth_buf_clear(&shown);
}

/* What has no value, as a comment: so the output is still a .env. */
static void print_missing(const struct auth_config *config, enum auth_setting setting)
{
    bool has_key = config->values[AUTH_SET_KEY_PATH] || config->values[AUTH_SET_KEY_PEM];
    bool is_needed = auth_setting_need(setting) == AUTH_SETTING_NEEDED && !(setting == AUTH_SET_KEY_PATH && has_key);
    const char *near = config->near[setting];
    printf("# %s: %s%s", auth_setting_name(setting), config->origins[setting] ? "empty, " : "not set",
           config->origins[setting] ? config->origins[setting] : "");
    printf("%s", is_needed ? ", needed" : "");
    if (near)
        printf("; %s is set in %s: did you mean %s?", near, config->near_origins[setting], auth_setting_name(setting));
    putchar('\n');
}

static void print_config(const struct auth_config *config)
{
    for (int i = 0; i < AUTH_SETTINGS; i++) {
        enum auth_setting setting = (enum auth_setting)i;
        const char *value = config->values[i];
        if (!value)
            print_missing(config, setting);
        else if (auth_setting_is_secret(setting))
            print_secret(setting, value, config->origins[i]);
        else
            print_setting(auth_setting_name(setting), value, config->origins[i]);
    }
}

static void say_remarks(const struct auth_config *config)
{
    struct auth_view rest = auth_buf_view(&config->remarks);
    while (rest.n) {
        struct auth_view line = auth_view_split(&rest, '\n');
        auth_cli_say("config", "%.*s", (int)line.n, line.p);
    }
}

int auth_cli_config(int argc, char **argv)
{
    struct plain_settings settings = {.common = {.help = false}};
    struct auth_config config;
    struct auth_err err = {0};
    int status = auth_cli_parse(&argc, argv, plain_rows, &settings,
                                "Usage: epic-auth config [OPTION...] show\n\n"
                                "Prints every setting that is in force and where it came from, and, as comments,\n"
                                "those that are not set; names that come near one are told. Secrets are not\n"
                                "shown.\n",
                                &settings.common.help);
    if (status >= 0)
        return status;
    if (argc != 2 || strcmp(argv[1], "show") != 0)
        return auth_cli_usage_error("config", "show is the one thing to do");
    if (auth_config_load(&settings.common.options, &config, &err) != AUTH_OK) {
        auth_cli_say("config", "%s", err.detail);
        return AUTH_EXIT_CONFIG;
    }
    say_remarks(&config);
    print_config(&config);
    auth_config_clear(&config);
    return AUTH_EXIT_OK;
}
