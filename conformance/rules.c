/* `epic-conformance rules`: the rule table as text, JSON or Markdown. */
#include <stdio.h>
#include <string.h>

#include "auth/core/opts.h"
#include "auth/rules/rules.h"
#include "conformance/conformance.h"

static const char *needs_text(enum auth_rule rule)
{
    return rule == AUTH_RULE_NONE ? "" : auth_rules_info(rule)->id;
}

static void print_table(void)
{
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        const struct auth_rule_info *info = auth_rules_info((enum auth_rule)i);
        printf("%-22s %s\n", info->id, info->demands);
        printf("%-22s error %s; source %s\n", "", auth_rules_error_text(info->error), info->source);
        if (info->needs[0] != AUTH_RULE_NONE)
            printf("%-22s after %s %s\n", "", needs_text(info->needs[0]), needs_text(info->needs[1]));
        printf("%-22s accepts %s\n", "", auth_rules_example((enum auth_rule)i)->accepted);
        printf("%-22s rejects %s\n", "", auth_rules_example((enum auth_rule)i)->rejected);
        printf("%-22s fix: %s\n\n", "", info->fix);
    }
}

static void print_markdown(void)
{
    printf(
        "| rule | demands | accepts | rejects | OAuth error | after | fix | source |\n|---|---|---|---|---|---|---|---|\n");
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        const struct auth_rule_info *info = auth_rules_info((enum auth_rule)i);
        const struct auth_rule_example *example = auth_rules_example((enum auth_rule)i);
        const char *second = needs_text(info->needs[1]);
        printf("| `%s` | %s | %s | %s | %s | %s%s%s | %s | %s |\n", info->id, info->demands, example->accepted,
               example->rejected, auth_rules_error_text(info->error), needs_text(info->needs[0]), *second ? ", " : "",
               second, info->fix, info->source);
    }
}

static int print_json(void)
{
    struct auth_buf out;
    struct auth_jsonw w;
    auth_buf_init(&out, 1024 * 1024);
    auth_jsonw_init(&w, &out, AUTH_JSON_PRETTY);
    auth_jsonw_array(&w);
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        const struct auth_rule_info *info = auth_rules_info((enum auth_rule)i);
        auth_jsonw_object(&w);
        auth_jsonw_member_text(&w, "rule", info->id);
        auth_jsonw_member_text(&w, "claim", info->claim);
        auth_jsonw_member_text(&w, "demands", info->demands);
        auth_jsonw_member_text(&w, "accepts", auth_rules_example((enum auth_rule)i)->accepted);
        auth_jsonw_member_text(&w, "rejects", auth_rules_example((enum auth_rule)i)->rejected);
        auth_jsonw_member_text(&w, "error", auth_rules_error_text(info->error));
        auth_jsonw_key(&w, "after");
        auth_jsonw_array(&w);
        for (int n = 0; n < 2; n++) {
            if (info->needs[n] != AUTH_RULE_NONE)
                auth_jsonw_string(&w, auth_view_of(needs_text(info->needs[n])));
        }
        auth_jsonw_end_array(&w);
        auth_jsonw_member_text(&w, "fix", info->fix);
        auth_jsonw_member_text(&w, "source", info->source);
        auth_jsonw_end_object(&w);
    }
    auth_jsonw_end_array(&w);
    bool ok = auth_buf_ok(&out);
    if (ok)
        printf("%s\n", out.p);
    auth_buf_clear(&out);
    return ok ? CONF_CONFORMANT : CONF_CANNOT_RUN;
}

int conf_rules_main(int argc, char **argv)
{
    const char *format = "table";
    bool help = false;
    int first;
    struct auth_err err = {0};
    const struct auth_opt rows[] = {
        {"format", 'f', AUTH_OPT_STRING, "table|json|markdown", "how to print (table)", &format, 0, 0},
        {"help", 'h', AUTH_OPT_FLAG, NULL, "this text", &help, 0, 0},
        {0},
    };
    if (auth_opts_parse(argc, argv, rows, true, &first, &err) != AUTH_OK || (!help && first < argc)) {
        fprintf(stderr, "epic-conformance rules: %s\n", err.detail[0] ? err.detail : "no operands, please");
        return CONF_USAGE;
    }
    if (help) {
        printf("Usage: epic-conformance rules [OPTION...]\n\nLists the rules in the order in which they decide.\n\n");
        auth_opts_help(stdout, rows);
    } else if (strcmp(format, "table") == 0) {
        print_table();
    } else if (strcmp(format, "markdown") == 0) {
        print_markdown();
    } else if (strcmp(format, "json") == 0) {
        return print_json();
    } else {
        fprintf(stderr, "epic-conformance rules: --format %s: table, json or markdown\n", format);
        return CONF_USAGE;
    }
    return CONF_CONFORMANT;
}
