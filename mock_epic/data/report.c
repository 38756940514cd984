/* Notes with their places. A report that grows too long, or for which there is no memory, counts what it does not tell. */
#include "mock_epic/data/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/text.h"

void mock_report_clear(struct mock_fhir_report *report)
{
    for (size_t i = 0; i < report->note_count; i++)
        free(report->notes[i].file);
    free(report->notes);
    memset(report, 0, sizeof *report);
}

/* A new note on a file, or NULL. */
static struct mock_fhir_note *add_note(struct mock_fhir_report *report, const char *file)
{
    char *name = report->note_count < MOCK_REPORT_NOTES_MAX ? strdup(file) : NULL;
    struct mock_fhir_note *grown =
        name ? auth_array_fit(report->notes, report->note_count, &report->note_size, sizeof *grown) : NULL;
    report->notes = grown ? grown : report->notes;
    if (!grown) {
        free(name);
        report->untold++;
        return NULL;
    }
    struct mock_fhir_note *note = &report->notes[report->note_count++];
    *note = (struct mock_fhir_note){.file = name};
    return note;
}

static void find_place(struct mock_fhir_note *note, struct auth_view text, size_t at)
{
    size_t line = 1, start = 0;
    for (size_t i = 0; i < at && i < text.n; i++) {
        if (text.p[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    note->line = line;
    note->column = at - start + 1;
}

void mock_report_loss(struct mock_fhir_report *report, const char *file, struct auth_view text, size_t at,
                      const char *what)
{
    struct mock_fhir_note *note = add_note(report, file);
    report->left_out++;
    if (!note)
        return;
    note->is_loss = true;
    (void)snprintf(note->what, sizeof note->what, "%s", what);
    if (text.n)
        find_place(note, text, at);
}

void mock_report_hint(struct mock_fhir_report *report, const char *file, const char *format, ...)
{
    struct mock_fhir_note *note = add_note(report, file);
    va_list args;
    if (!note)
        return;
    va_start(args, format);
    if (vsnprintf(note->what, sizeof note->what, format, args) < 0)
        note->what[0] = '\0';
    va_end(args);
}

const struct mock_fhir_note *mock_report_first_loss(const struct mock_fhir_report *report, size_t since)
{
    for (size_t i = since; i < report->note_count; i++) {
        if (report->notes[i].is_loss)
            return &report->notes[i];
    }
    return NULL;
}

void mock_report_write_note(const struct mock_fhir_note *note, struct auth_buf *out)
{
    auth_text_escape(out, auth_view_from_string(note->file), SIZE_MAX);
    if (note->line)
        auth_buf_addf(out, ":%zu:%zu", note->line, note->column);
    auth_buf_add_string(out, ": ");
    auth_text_escape(out, auth_view_from_string(note->what), SIZE_MAX);
}

static void write_note(const struct mock_fhir_note *note, struct auth_json_writer *w)
{
    auth_json_write_object(w);
    auth_json_write_member_text(w, "file", note->file);
    if (note->line) {
        auth_json_write_member_int(w, "line", (int64_t)note->line);
        auth_json_write_member_int(w, "column", (int64_t)note->column);
    }
    auth_json_write_member_text(w, "what", note->what);
    auth_json_write_member_bool(w, "left_out", note->is_loss);
    auth_json_write_end_object(w);
}

void mock_report_write(const struct mock_fhir_report *report, struct auth_json_writer *w)
{
    const struct {
        const char *name;
        size_t count;
    } counts[] = {
        {"files", report->files},
        {"bytes", report->bytes},
        {"replaced", report->replaced},
        {"left_out", report->left_out},
        {"ignored_files", report->ignored_files},
        {"linked_references", report->linked_references},
        {"unresolved_references", report->unresolved_references},
        {"untold", report->untold},
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        auth_json_write_member_int(w, counts[i].name, (int64_t)counts[i].count);
    if (report->first_unresolved[0])
        auth_json_write_member_text(w, "first_unresolved", report->first_unresolved);
    auth_json_write_key(w, "notes");
    auth_json_write_array(w);
    for (size_t i = 0; i < report->note_count; i++)
        write_note(&report->notes[i], w);
    auth_json_write_end_array(w);
}
