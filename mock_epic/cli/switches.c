/* The text of --help-switches, from the tables of the judge. */
#include "mock_epic/cli/switches.h"

#include "auth/core/buf.h"
#include "auth/report/wrap.h"
#include "auth/rules/profile.h"
#include "auth/rules/rules.h"

enum { WIDTH = 80, INDENT = 4, ALL_MAX_N = 64 * 1024 };

/* A paragraph, its lines behind the first indented. */
static void add_text(unsigned at, unsigned indent, const char *label, const char *text, struct auth_buf *out)
{
    struct auth_buf all;
    auth_buf_init(&all, 4096);
    auth_buf_addf(&all, "%s%s", label, text);
    auth_wrap(out, at, indent, WIDTH, auth_buf_view(&all));
    auth_buf_add_char(out, '\n');
    auth_buf_clear(&all);
}

static void add_switch(enum auth_switch which, struct auth_buf *out)
{
    struct auth_switch_info info = auth_profile_switch_info(which);
    struct auth_buf defaults;
    auth_buf_init(&defaults, 1024);
    for (int p = 0; p < 3; p++) {
        auth_buf_add_string(&defaults, p ? ", " : "");
        auth_profile_value_text(which, info.defaults[p], &defaults);
    }
    auth_buf_addf(&defaults, "; evidence: %s", info.source);
    auth_buf_addf(out, "%s=%s\n    ", info.name, info.values);
    add_text(INDENT, INDENT, "", info.decides, out);
    auth_buf_add_string(out, "    ");
    add_text(INDENT, INDENT, "defaults: ", auth_buf_ok(&defaults) ? defaults.p : "", out);
    auth_buf_clear(&defaults);
}

static void add_rule(const struct auth_rule_info *rule, struct auth_buf *out)
{
    enum { COLUMN = 29 };
    auth_buf_addf(out, "    %-24s ", rule->id);
    add_text(COLUMN, COLUMN, "", rule->demands, out);
}

/* In pieces, so that what stdio still holds at the end tells why it could not be written. */
static void print(struct auth_buf *out, FILE *to)
{
    fwrite(out->p ? out->p : "", 1, out->n, to);
    auth_buf_reset(out);
}

void mock_switches_help(FILE *to)
{
    struct auth_buf out;
    auth_buf_init(&out, ALL_MAX_N);
    auth_buf_add_string(&out, "Switches (--switch NAME=VALUE). Defaults: epic, smart, lenient.\n");
    add_text(0, 0, "Evidence: ", AUTH_EVIDENCE_LEGEND ".", &out);
    auth_buf_add_char(&out, '\n');
    for (int i = 0; i < AUTH_SWITCH_COUNT; i++) {
        add_switch((enum auth_switch)i, &out);
        print(&out, to);
    }
    auth_buf_add_char(&out, '\n');
    add_text(0, 0, "",
             "Every rule is a switch too: RULE=on|warn|off, e.g. --switch iat.window=off. A switched rule's failure is "
             "waived, and what others needed of it is still missing: those fail then. So a token is issued only for a "
             "signature that verified, unless signature itself is switched, and only to a registered app. Rules:",
             &out);
    for (int i = 0; i < AUTH_RULE_COUNT; i++) {
        add_rule(auth_rules_info((enum auth_rule)i), &out);
        print(&out, to);
    }
    auth_buf_clear(&out);
}
