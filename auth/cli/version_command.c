/* epic-auth version: for people, and as JSON for programs. */
#include <stdio.h>

#include "auth/cli/cli.h"
#include "auth/cli/token_format.h"
#include "auth/core/json.h"

struct version_settings {
    bool is_json, help;
};
static const struct auth_opt rows[] = {
    {"json", 0, NULL, "as one JSON object", AUTH_OPT_FLAG(struct version_settings, is_json)},
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(struct version_settings, help)},
    {.name = NULL}};

static void print_json(void)
{
    struct auth_buf text;
    struct auth_json_writer w;
    auth_buf_init(&text, 1024);
    auth_json_writer_init(&w, &text, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "name", "epic-auth");
    auth_json_write_member_text(&w, "version", epic_auth_version());
    auth_json_write_member_text(&w, "token_formats", AUTH_CLI_FORMATS);
    auth_json_write_end_object(&w);
    (void)auth_cli_print(auth_buf_ok(&text) ? text.p : "{}");
    auth_buf_clear(&text);
}

int auth_cli_version(int argc, char **argv)
{
    struct version_settings settings = {.help = false};
    int status = auth_cli_parse(
        &argc, argv, rows, &settings,
        "Usage: epic-auth version [--json]\n\nPrints the version of the program and its library.\n", &settings.help);
    if (status >= 0)
        return status;
    if (argc > 1)
        return auth_cli_usage_error("version", "no operands, please");
    if (settings.is_json)
        print_json();
    else
        printf("epic-auth %s\n", epic_auth_version());
    return AUTH_EXIT_OK;
}
