/* One way to print what was found, for `test` and `doctor`. */
#include "auth/cli/report.h"

#include <stdio.h>
#include <stdlib.h>

#include "auth/cli/cli.h"
#include "auth/core/json.h"

static const char *const words[] = {
    [AUTH_REPORT_OK] = "ok",
    [AUTH_REPORT_NOTE] = "note",
    [AUTH_REPORT_FAILED] = "FAILED",
    [AUTH_REPORT_SKIPPED] = "skipped",
};

enum { TEXT_MAX_N = 64 * 1024 };

struct auth_report_step *auth_report_add(struct auth_report *report, const char *name)
{
    /* the last row is written over rather than memory behind it: no command has so many steps */
    size_t at = report->count < AUTH_REPORT_STEPS_MAX ? report->count++ : AUTH_REPORT_STEPS_MAX - 1;
    struct auth_report_step *step = &report->steps[at];
    *step = (struct auth_report_step){.name = name, .ms = -1};
    auth_buf_init(&step->said, TEXT_MAX_N);
    auth_buf_init(&step->advice, TEXT_MAX_N);
    return step;
}

static int status_of(const struct auth_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct auth_report_step *step = &report->steps[i];
        if (step->result == AUTH_REPORT_FAILED)
            return step->error.rc == EPIC_AUTH_OK ? AUTH_EXIT_CONFIG : auth_cli_exit_of(step->error.rc);
    }
    return AUTH_EXIT_OK;
}

/* ---- for people ---- */

static void print_indented(struct auth_view text)
{
    while (text.n) {
        struct auth_view line = auth_view_split(&text, '\n');
        printf("          %.*s\n", (int)line.n, line.p ? line.p : "");
    }
}

/* What a failure says beyond its message: OAuth error, issues, usual causes. */
static void print_detail(const struct epic_auth_error *error)
{
    char *lines = NULL;
    size_t n = 0;
    FILE *memory = open_memstream(&lines, &n);
    if (!memory)
        return;
    epic_auth_error_print(memory, error);
    if (fclose(memory) == 0 && lines) {
        struct auth_view rest = auth_view_bytes(lines, n);
        (void)auth_view_split(&rest, '\n'); /* the message itself was printed */
        print_indented(rest);
    }
    free(lines);
}

static void print_step(const struct auth_report_step *step)
{
    char took[32] = "";
    if (step->ms >= 0)
        (void)snprintf(took, sizeof took, "%lld ms", (long long)step->ms);
    printf("%-8s  %-13s %9s  %s\n", words[step->result], step->name, took, step->said.p ? step->said.p : "");
    if (step->error.rc != EPIC_AUTH_OK)
        print_detail(&step->error);
    print_indented(auth_buf_view(&step->advice));
}

static void print_table(const struct auth_report *report)
{
    size_t counts[4] = {0};
    for (size_t i = 0; i < report->count; i++) {
        print_step(&report->steps[i]);
        counts[report->steps[i].result]++;
    }
    printf("%s: %zu passed, %zu failed, %zu skipped\n", report->command,
           counts[AUTH_REPORT_OK] + counts[AUTH_REPORT_NOTE], counts[AUTH_REPORT_FAILED], counts[AUTH_REPORT_SKIPPED]);
}

/* ---- for machines ---- */

static void write_step(struct auth_json_writer *w, const struct auth_report_step *step)
{
    auth_json_write_object(w);
    auth_json_write_member_text(w, "step", step->name);
    auth_json_write_member_text(w, "result", step->result == AUTH_REPORT_FAILED ? "failed" : words[step->result]);
    if (step->ms >= 0)
        auth_json_write_member_int(w, "ms", step->ms);
    auth_json_write_member_buf(w, "said", &step->said);
    if (step->advice.n)
        auth_json_write_member(w, "advice", auth_view_trim(auth_buf_view(&step->advice)));
    if (step->error.rc != EPIC_AUTH_OK)
        auth_cli_write_error(w, &step->error);
    auth_json_write_end_object(w);
}

static void print_json(const struct auth_report *report, int status)
{
    struct auth_buf text;
    struct auth_json_writer w;
    auth_buf_init(&text, 1024 * 1024);
    auth_json_writer_init(&w, &text, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    auth_json_write_member_text(&w, "command", report->command);
    auth_json_write_member_text(&w, "result", status == AUTH_EXIT_OK ? "ok" : "failed");
    auth_json_write_member_int(&w, "exit", status);
    auth_json_write_key(&w, "steps");
    auth_json_write_array(&w);
    for (size_t i = 0; i < report->count; i++)
        write_step(&w, &report->steps[i]);
    auth_json_write_end_array(&w);
    auth_json_write_end_object(&w);
    printf("%s\n", auth_buf_ok(&text) ? text.p : "{}");
    auth_buf_clear(&text);
}

int auth_report_print(const struct auth_report *report, bool as_json)
{
    int status = status_of(report);
    if (as_json)
        print_json(report, status);
    else
        print_table(report);
    return status;
}

void auth_report_clear(struct auth_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        auth_buf_clear(&report->steps[i].said);
        auth_buf_clear(&report->steps[i].advice);
    }
    report->count = 0;
}
