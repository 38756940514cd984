/* What there is to say about the loading of fixtures: counts, and a note for each thing that was left out or looks odd. */
#ifndef MOCK_EPIC_DATA_REPORT_H
#define MOCK_EPIC_DATA_REPORT_H

#include "auth/core/json.h"

enum { MOCK_REPORT_NOTES_MAX = 1000 };

struct mock_fhir_note {
    char *file;
    size_t line, column; /* from 1; a column is a byte; 0: the file as a whole */
    char what[AUTH_ERR_DETAIL_N];
    bool is_loss; /* something was left out; else it only looks odd */
};

/* Zero it before the first, mock_report_clear() at the end. */
struct mock_fhir_report {
    size_t files, resources, bytes, replaced;
    size_t left_out;              /* resources that are wrong, files that cannot be read */
    size_t empty_paths;           /* that were named, and gave nothing */
    size_t ignored_files;         /* in folders: their names are none of a fixture */
    size_t linked_references;     /* in Bundles, or conditional ones, that have become "Type/id" */
    size_t unresolved_references; /* to resources that are not loaded; those of the packs inside are not looked at */
    char first_unresolved[320];   /* "Observation/o names Patient/p" */
    struct mock_fhir_note *notes;
    size_t note_count, note_size;
    size_t untold; /* notes beyond MOCK_REPORT_NOTES_MAX, or for which there was no memory */
};

void mock_report_clear(struct mock_fhir_report *report);
/* Something was left out. text: of the file, where its at-th byte is what is wrong; empty: the whole file. */
void mock_report_loss(struct mock_fhir_report *report, const char *file, struct auth_view text, size_t at,
                      const char *what);
void mock_report_hint(struct mock_fhir_report *report, const char *file, const char *format, ...) AUTH_PRINTF(3, 4);
/* The first thing that was left out since the report had so many notes, or NULL. */
const struct mock_fhir_note *mock_report_first_loss(const struct mock_fhir_report *report, size_t since);
/* Append "FILE:LINE:COLUMN: what", or "FILE: what", so that it is safe on a terminal. */
void mock_report_write_note(const struct mock_fhir_note *note, struct auth_buf *out);
/* Write the members of an object: the counts, then the notes. */
void mock_report_write(const struct mock_fhir_report *report, struct auth_json_writer *w);

#endif
