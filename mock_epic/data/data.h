/* What was loaded: fixtures in, resources that can be asked for. fhir.h answers requests from it. */
#ifndef MOCK_EPIC_DATA_DATA_H
#define MOCK_EPIC_DATA_DATA_H

#include "auth/core/json.h"
#include "mock_epic/data/access.h"
#include "mock_epic/data/report.h"

/* What was loaded, counted: every instance of the server shares one. */
struct mock_fhir;

/* With a reference for the caller. rc AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_fhir_new(struct mock_fhir **out);
struct mock_fhir *mock_fhir_hold(struct mock_fhir *fhir); /* one more reference, for the caller */
void mock_fhir_release(struct mock_fhir *fhir);           /* NULL is fine */

/* Load a pack that the program brings along (@core, @edge; its bytes are borrowed), a file, or a directory.
 *
 * A file is a resource, a JSON array, a Bundle of any type, NDJSON, or a template (repeat.h), told by content, perhaps
 * compressed by gzip; of a directory those whose names say so, recursive, sorted, through links too, each place once. Later
 * resources replace earlier ones of the same type and id. What is wrong is left out and noted, unless nothing is left of the path.
 * rc  AUTH_E_NOT_FOUND, AUTH_E_IO, AUTH_E_SYNTAX (detail: file, line, column, what), AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_fhir_load(struct mock_fhir *fhir, const char *path, struct auth_err *err);
/* Finish loading: lead conditional references, build the index. After it the resources never change, so threads may share
 * them. */
AUTH_MUST_CHECK enum auth_rc mock_fhir_seal(struct mock_fhir *fhir, struct auth_err *err);
const struct mock_fhir_report *mock_fhir_report(const struct mock_fhir *fhir);
/* The report as a JSON object: {"resources","posted","types":{TYPE:count},"files","bytes","replaced","left_out","ignored_files",
 * "linked_references","unresolved_references","first_unresolved"?,"notes":[{"file","line"?,"column"?,"what","left_out"}],
 * "untold"}. types: of what is served, those of the packs included. */
void mock_fhir_write_report(const struct mock_fhir *fhir, struct auth_json_writer *w);

/* What was loaded beside the resources, in files access.json. fhir may be NULL. */
const struct mock_access *mock_fhir_access(const struct mock_fhir *fhir);
/* The resources of a type of Epic's, as they were loaded: the first max of them.
 * out  resources  borrowed from fhir
 * How many there are in all. */
size_t mock_fhir_list(const struct mock_fhir *fhir, const char *type, struct auth_view *resources, size_t max);

/* What the server started with, borrowed: fhir itself, unless it was made by mock_fhir_extend(). */
struct mock_fhir *mock_fhir_root(struct mock_fhir *fhir);
/* The same data and more: a generation of its own, which costs the index and a copy of all that was ever posted; texts of the
 * start are shared. Of two resources of one type and id the later counts. The number of each resource stays what it was.
 * in   text  as a file for mock_fhir_load(); all of it must be right
 * out  *out  sealed; with a reference for the caller
 * rc   AUTH_E_SYNTAX (detail: line, column, what), AUTH_E_TOO_BIG, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_fhir_extend(struct mock_fhir *current, struct auth_view text, struct mock_fhir **out,
                                              struct auth_err *err);
/* How much text was posted beside what the server started with; 0 for NULL. */
size_t mock_fhir_posted_bytes(const struct mock_fhir *fhir);
/* What the last text brought: {"resources":["Patient/a"],"unresolved_references","first_unresolved"?}. */
void mock_fhir_write_posted(const struct mock_fhir *fhir, struct auth_json_writer *w);

#endif
