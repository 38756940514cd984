/* Load what is named, tell everything that is to be said about it, and judge. */
#include "mock_epic/cli/check_data.h"

#include <stdio.h>
#include <string.h>

#include "auth/core/opts.h"
#include "auth/core/process.h"
#include "auth/core/text.h"
#include "mock_epic/fhir/fhir.h"
#include "mock_epic/start/process.h"

enum format { FORMAT_TEXT, FORMAT_JSON };
enum { FOUND = 1, REPORT_BYTES_MAX = 64 * 1024 * 1024 };

struct check_settings {
    int format;
    bool strict, no_default_fixtures, help;
};

#define SET struct check_settings
static const struct auth_opt rows[] = {
    {"format", 0, "text|json", "json: as GET /mock/data", AUTH_OPT_CHOICE(SET, format), .fallback = "text"},
    {"strict", 0, NULL, "a reference that leads nowhere is a finding, too", AUTH_OPT_FLAG(SET, strict)},
    {"no-default-fixtures", 0, NULL, "without the built-in patients, to whom references may lead",
     AUTH_OPT_FLAG(SET, no_default_fixtures)},
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(SET, help)},
    {.name = NULL},
};
static const struct auth_opts table = {.rows = rows};

static void print_help(void)
{
    printf("Usage: mock-epic check-data [OPTION...] PATH...\n\n"
           "Reads FHIR data as --fixtures does, and says what would be left out and why,\n"
           "without a server. PATH is a resource, an array, a Bundle, NDJSON, these\n"
           "compressed by gzip, a directory of them, @core or @edge.\n\n");
    auth_opts_help(stdout, rows);
    printf("\nExit status: 0 everything is taken; 1 something is not; 2 wrong usage; 3 a path\n"
           "gives nothing.\n");
}

/* Told where it is one line of many, as compilers do. */
static void write_text(const struct mock_fhir_report *report, struct auth_buf *out)
{
    for (size_t i = 0; i < report->note_count; i++) {
        mock_report_write_note(&report->notes[i], out);
        auth_buf_add_char(out, '\n');
    }
    if (report->untold)
        auth_buf_addf(out, "and %zu more like these\n", report->untold);
    if (report->unresolved_references) {
        auth_buf_addf(out, "%zu references name resources that are not loaded, e.g. ", report->unresolved_references);
        auth_text_escape(out, auth_view_from_string(report->first_unresolved), SIZE_MAX);
        auth_buf_add_char(out, '\n');
    }
    auth_buf_addf(out, "%zu resources, %zu left out\n", report->resources, report->left_out);
}

static int print_report(const struct mock_fhir *fhir, enum format format)
{
    struct auth_buf out;
    struct auth_json_writer w;
    auth_buf_init(&out, REPORT_BYTES_MAX);
    if (format == FORMAT_JSON) {
        auth_json_writer_init(&w, &out, AUTH_JSON_PRETTY);
        mock_fhir_write_report(fhir, &w);
        auth_buf_add_char(&out, '\n');
    } else {
        write_text(mock_fhir_report(fhir), &out);
    }
    bool ok = auth_buf_ok(&out) && fwrite(out.p, 1, out.n, stdout) == out.n;
    auth_buf_clear(&out);
    return ok ? 0 : MOCK_EXIT_CANNOT_START;
}

static int check(const struct check_settings *settings, char **paths)
{
    struct mock_fhir *fhir = NULL;
    struct auth_err err = {0};
    int status = 0;
    enum auth_rc rc = mock_fhir_new(&fhir);
    if (rc == AUTH_OK && !settings->no_default_fixtures)
        rc = mock_fhir_load(fhir, "@core", &err);
    for (; rc == AUTH_OK && *paths; paths++) {
        struct auth_err why = {0};
        rc = mock_fhir_load(fhir, *paths, &why);
        if (rc == AUTH_OK)
            continue;
        if (rc != AUTH_E_SYNTAX) /* else it is among the notes */
            auth_complain("mock-epic", NULL, "check-data: %s", why.detail[0] ? why.detail : *paths);
        status = MOCK_EXIT_CANNOT_START;
        rc = rc == AUTH_E_NOMEM ? rc : AUTH_OK; /* go on to the next */
    }
    if (rc == AUTH_OK)
        rc = mock_fhir_seal(fhir, &err);
    if (rc != AUTH_OK) {
        auth_complain("mock-epic", NULL, "check-data: %s", err.detail[0] ? err.detail : "out of memory");
        mock_fhir_release(fhir);
        return MOCK_EXIT_CANNOT_START;
    }
    const struct mock_fhir_report *report = mock_fhir_report(fhir);
    bool is_found = report->left_out || (settings->strict && report->unresolved_references);
    int printed = print_report(fhir, (enum format)settings->format);
    status = status || report->empty_paths ? MOCK_EXIT_CANNOT_START : printed ? printed : is_found ? FOUND : 0;
    mock_fhir_release(fhir);
    return status;
}

int mock_check_data(int argc, char **argv)
{
    struct check_settings settings = {0};
    struct auth_err err = {0};
    int status = MOCK_EXIT_USAGE;
    if (auth_opts_parse(&table, &settings, NULL, &argc, argv, &err) != AUTH_OK)
        auth_complain("mock-epic", NULL, "check-data: %s", err.detail);
    else if (settings.help)
        status = 0;
    else if (argc < 2)
        auth_complain("mock-epic", NULL, "check-data: name a file or a directory");
    else
        status = check(&settings, argv + 1);
    if (settings.help)
        print_help();
    auth_opts_clear(&table, &settings);
    return status;
}
