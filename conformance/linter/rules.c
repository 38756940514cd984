/* `epic-conformance rules`: the rule table as text, JSON or Markdown. */
#include <stdio.h>
#include <string.h>

#include "auth/core/log.h"
#include "auth/core/opts.h"
#include "auth/report/wrap.h"
#include "auth/rules/rules.h"
#include "conformance/linter/commands.h"
#include "conformance/report/output.h"

static const char *needs_text(enum auth_rule rule)
{
    return rule == AUTH_RULE_NONE ? "" : auth_rules_info(rule)->id;
}

/* "label text", at the column of the texts; broken to the width of a terminal. */
static void add_text(struct conf_style style, const char *label, const char *text, struct auth_buf *out)
{
    enum { COLUMN = 23, ALL_N = 1024 };
    char all[ALL_N];
    (void)snprintf(all, sizeof all, "%s%s", label, text);
    auth_wrap(out, COLUMN, COLUMN, style.width, auth_view_from_string(all));
    auth_buf_add_char(out, '\n');
}

static void add_rule(struct conf_style style, enum auth_rule rule, struct auth_buf *out)
{
    const struct auth_rule_info *info = auth_rules_info(rule);
    const char *error = auth_rules_error_text(info->error);
    const struct {
        const char *label, *text;
    } lines[] = {
        {"error ", error},
        {"source ", info->source},
        {"after ", needs_text(info->needs[0])},
        {"after ", needs_text(info->needs[1])},
        {"accepts ", auth_rules_example(rule)->accepted},
        {"rejects ", auth_rules_example(rule)->rejected},
        {"fix: ", info->fix},
    };
    auth_buf_addf(out, "%-22s ", info->id);
    add_text(style, "", info->demands, out);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (!*lines[i].text)
            continue;
        auth_buf_addf(out, "%-22s ", "");
        add_text(style, lines[i].label, lines[i].text, out);
    }
    auth_buf_add_char(out, '\n');
}

static int print_table(void)
{
    struct conf_style style = conf_output_style(NULL);
    struct auth_buf out;
    struct auth_err err = {0};
    auth_buf_init(&out, 1024 * 1024);
    for (int i = 0; i < AUTH_RULE_COUNT; i++)
        add_rule(style, (enum auth_rule)i, &out);
    auth_wrap(&out, 0, 4, style.width, auth_view_from_string("Sources: " AUTH_EVIDENCE_LEGEND "."));
    auth_buf_add_char(&out, '\n');
    enum auth_rc rc = conf_output_write(&out, NULL, &err);
    if (rc != AUTH_OK)
        auth_complain("epic-conformance", "rules", "%s", err.detail);
    auth_buf_clear(&out);
    return rc == AUTH_OK ? CONF_CONFORMANT : CONF_CANNOT_RUN;
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
    puts("\nSources: " AUTH_EVIDENCE_LEGEND ".");
}

static int print_json(void)
{
    struct auth_buf out;
    struct auth_json_writer w;
    auth_buf_init(&out, 1024 * 1024);
    auth_json_writer_init(&w, &out, AUTH_JSON_PRETTY);
    auth_json_write_array(&w);
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        const struct auth_rule_info *info = auth_rules_info((enum auth_rule)i);
        auth_json_write_object(&w);
        auth_json_write_member_text(&w, "rule", info->id);
        auth_json_write_member_text(&w, "claim", info->claim);
        auth_json_write_member_text(&w, "demands", info->demands);
        auth_json_write_member_text(&w, "accepts", auth_rules_example((enum auth_rule)i)->accepted);
        auth_json_write_member_text(&w, "rejects", auth_rules_example((enum auth_rule)i)->rejected);
        auth_json_write_member_text(&w, "error", auth_rules_error_text(info->error));
        auth_json_write_key(&w, "after");
        auth_json_write_array(&w);
        for (int n = 0; n < 2; n++) {
            if (info->needs[n] != AUTH_RULE_NONE)
                auth_json_write_string(&w, auth_view_from_string(needs_text(info->needs[n])));
        }
        auth_json_write_end_array(&w);
        auth_json_write_member_text(&w, "fix", info->fix);
        auth_json_write_member_text(&w, "source", info->source);
        auth_json_write_end_object(&w);
    }
    auth_json_write_end_array(&w);
    auth_buf_add_char(&out, '\n');
    struct auth_err err = {0};
    enum auth_rc rc = conf_output_write(&out, NULL, &err);
    if (rc != AUTH_OK)
        auth_complain("epic-conformance", "rules", "%s", err.detail);
    auth_buf_clear(&out);
    return rc == AUTH_OK ? CONF_CONFORMANT : CONF_CANNOT_RUN;
}

enum format { TABLE, JSON, MARKDOWN };

struct settings {
    int format; /* enum format */
    bool help;
};

static const struct auth_opt rows[] = {
    {"format", 'f', "table|json|markdown", "how to print", AUTH_OPT_CHOICE(struct settings, format),
     .fallback = "table"},
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(struct settings, help)},
    {.name = NULL},
};

int conf_rules_main(int argc, char **argv)
{
    static const struct auth_opts opts = {.rows = rows};
    struct settings settings = {.help = false};
    struct auth_err err = {0};
    enum auth_rc rc = auth_opts_parse(&opts, &settings, NULL, &argc, argv, &err);
    if (rc == AUTH_OK && !settings.help && argc > 1)
        rc = auth_err_set(&err, AUTH_E_ARG, "no operands, please");
    if (rc != AUTH_OK) {
        auth_complain("epic-conformance", "rules", "%s", err.detail);
        return CONF_USAGE;
    }
    if (settings.help) {
        printf("Usage: epic-conformance rules [OPTION...]\n\nLists the rules in the order in which they decide.\n\n");
        auth_opts_help(stdout, rows);
    } else if (settings.format == TABLE) {
        return print_table();
    } else if (settings.format == MARKDOWN) {
        print_markdown();
    } else {
        return print_json();
    }
    return CONF_CONFORMANT;
}
