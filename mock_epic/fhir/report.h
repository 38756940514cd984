/* What there is to say about the loading of fixtures. */
#ifndef MOCK_EPIC_FHIR_REPORT_H
#define MOCK_EPIC_FHIR_REPORT_H

#include <stddef.h>

/* Zero it before the first. */
enum { MOCK_FHIR_NOTES_MAX = 10 };
struct mock_fhir_report {
    size_t resources, bytes, replaced;
    size_t ignored_files;         /* in folders: neither .json nor .ndjson */
    size_t linked_references;     /* "urn:..." in Bundles that have become "Type/id" */
    size_t unresolved_references; /* to resources that are not loaded; those of the core pack are not looked at */
    char first_unresolved[320];   /* "Observation/o names Patient/p" */
    size_t note_count;            /* of lines for people; those beyond MOCK_FHIR_NOTES_MAX are only counted */
    char notes[MOCK_FHIR_NOTES_MAX][320];
};

#endif
