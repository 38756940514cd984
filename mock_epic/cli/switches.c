/* The text of --help-switches, from the tables of the judge. */
#include "mock_epic/cli/switches.h"

#include "auth/core/buf.h"
#include "auth/rules/profile.h"
#include "auth/rules/rules.h"

void mock_switches_help(FILE *to)
{
    fprintf(to,
            "Switches (--switch NAME=VALUE). Defaults: epic, smart, lenient.\nEvidence: " AUTH_EVIDENCE_LEGEND ".\n\n");
    for (int i = 0; i < AUTH_SWITCH_COUNT; i++) {
        struct auth_switch_info info = auth_profile_switch_info((enum auth_switch)i);
        struct auth_buf defaults;
        auth_buf_init(&defaults, 256);
        for (int p = 0; p < 3; p++) {
            auth_buf_add_string(&defaults, p ? ", " : "");
            auth_profile_value_text((enum auth_switch)i, info.defaults[p], &defaults);
        }
        fprintf(to, "%s=%s\n    %s\n    defaults: %s; evidence: %s\n", info.name, info.values, info.decides, defaults.p,
                info.source);
        auth_buf_clear(&defaults);
    }
    fputs(
        "\nEvery rule is a switch too: RULE=on|warn|off, e.g. --switch iat.window=off. A switched rule's failure is waived,\n"
        "and what others needed of it is still missing: those fail then. So a token is issued only for a signature that\n"
        "verified, unless signature itself is switched, and only to a registered app. Rules:\n",
        to);
    for (int i = 0; i < AUTH_RULE_COUNT; i++)
        fprintf(to, "    %-24s %s\n", auth_rules_info((enum auth_rule)i)->id,
                auth_rules_info((enum auth_rule)i)->demands);
}
