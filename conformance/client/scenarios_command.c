/* `epic-conformance scenarios`: what a client can be tried in. */
#include <stdio.h>

#include "auth/core/log.h"
#include "auth/core/opts.h"
#include "conformance/client/commands.h"
#include "conformance/client/scenarios.h"
#include "conformance/report/output.h"

enum format { TABLE, JSON };
enum { OUT_MAX_N = 16 * 1024 * 1024 };

struct settings {
    const char *scenarios, *output;
    int format; /* enum format */
    bool help;
};

static const struct auth_opt rows[] = {
    {"scenarios", 0, "DIR", "scenarios of a directory, too", AUTH_OPT_STRING(struct settings, scenarios)},
    {"format", 'f', "table|json", "how to print", AUTH_OPT_CHOICE(struct settings, format), .fallback = "table"},
    {"output", 'o', "FILE", "print into this file", AUTH_OPT_STRING(struct settings, output)},
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(struct settings, help)},
    {.name = NULL},
};

static void add_table(const struct conf_scenarios *scenarios, struct auth_buf *out)
{
    for (size_t i = 0; i < scenarios->count; i++) {
        const struct conf_scenario *one = &scenarios->items[i];
        auth_buf_addf(out, "%.*s\n        %.*s\n        %.*s\n", (int)one->name.n, one->name.p, (int)one->about.n,
                      one->about.p, (int)one->source.n, one->source.p);
    }
    auth_buf_addf(out, "%zu scenarios\n", scenarios->count);
}

static void add_json(const struct conf_scenarios *scenarios, struct auth_buf *out)
{
    struct auth_json_writer w;
    auth_json_writer_init(&w, out, AUTH_JSON_PRETTY);
    auth_json_write_array(&w);
    for (size_t i = 0; i < scenarios->count; i++) {
        const struct conf_scenario *one = &scenarios->items[i];
        auth_json_write_object(&w);
        auth_json_write_member(&w, "name", one->name);
        auth_json_write_member(&w, "about", one->about);
        auth_json_write_member(&w, "source", one->source);
        auth_json_write_end_object(&w);
    }
    auth_json_write_end_array(&w);
    auth_buf_add_char(out, '\n');
}

static enum auth_rc run(const struct settings *settings, struct auth_err *err)
{
    struct conf_scenarios scenarios;
    struct auth_buf out;
    auth_buf_init(&out, OUT_MAX_N);
    enum auth_rc rc = conf_scenarios_load(settings->scenarios, &scenarios, err);
    if (rc == AUTH_OK) {
        (settings->format == JSON ? add_json : add_table)(&scenarios, &out);
        rc = conf_output_write(&out, settings->output, err);
    }
    conf_scenarios_clear(&scenarios);
    auth_buf_clear(&out);
    return rc;
}

int conf_scenarios_main(int argc, char **argv)
{
    static const struct auth_opts opts = {.rows = rows};
    struct settings settings = {.help = false};
    struct auth_err err = {0};
    enum auth_rc rc = auth_opts_parse(&opts, &settings, NULL, &argc, argv, &err);
    if (rc == AUTH_OK && settings.help) {
        printf("Usage: epic-conformance scenarios [OPTION...]\n\n"
               "Lists the scenarios that 'epic-conformance client' tries a client in.\n\n");
        auth_opts_help(stdout, rows);
        return CONF_CONFORMANT;
    }
    if (rc == AUTH_OK && argc > 1)
        rc = auth_err_set(&err, AUTH_E_ARG, "no operands, please");
    int usage = rc != AUTH_OK;
    if (!usage)
        rc = run(&settings, &err);
    if (rc == AUTH_OK)
        return CONF_CONFORMANT;
    auth_complain("epic-conformance", "scenarios", "%s", err.detail[0] ? err.detail : auth_rc_text(rc));
    return usage ? CONF_USAGE : CONF_CANNOT_RUN;
}
