/* Files compiled into mock-epic: the default FHIR fixtures.
 *
 * The tables are generated at build time by epic_embed() (.cmake/epic.cmake, .cmake/embed.c) from the files
 * themselves; nothing here is edited by hand. Bytes are exactly those of the file, in .rodata, shared by all
 * processes and never copied: a resource may be served straight from here.
 * Not for big packs (a gigabyte belongs in --fixtures). Read next: mock_epic/fhir/fhir.h. */
#ifndef MOCK_EPIC_FHIR_EMBEDDED_H
#define MOCK_EPIC_FHIR_EMBEDDED_H

#include <stddef.h>

struct mock_embedded_file {
    const char *name;          /* base name, e.g. "Patient.ndjson" */
    const unsigned char *data; /* one NUL follows the n bytes */
    size_t n;
};

/* fixtures/fhir/core and edge: one NDJSON file per resource type, and templates. After the last entry comes one whose name is
 * NULL. */
extern const struct mock_embedded_file mock_core_pack[];
extern const size_t mock_core_pack_count;
extern const struct mock_embedded_file mock_edge_pack[];
extern const size_t mock_edge_pack_count;

#endif
