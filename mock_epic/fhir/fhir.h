/* The FHIR R4 API: fixtures in, Epic's answers out. Not the bearer check: mock_epic/server/dispatch.c has done that.
 *
 * Resources are kept as the bytes they were loaded from and served byte for byte; a small index beside them knows type, id and
 * patient. Read next: mock_epic/epic/types.h (Epic's surface as a table), load.h and store.h (loading, index), search.h (from a
 * query to a page), outcome.h (Epic's OperationOutcomes), negotiate.h (JSON or XML). */
#ifndef MOCK_EPIC_FHIR_FHIR_H
#define MOCK_EPIC_FHIR_FHIR_H

#include "auth/core/json.h"
#include "auth/rules/profile.h"
#include "mock_epic/epic/scopes.h"
#include "mock_epic/fhir/report.h"
#include "mock_epic/http/message.h"

/* What was loaded, counted: every instance of the server shares one. */
struct mock_fhir;
struct mock_sessions;

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
/* What the last text brought: {"resources":["Patient/a"],"unresolved_references","first_unresolved"?}. */
void mock_fhir_write_posted(const struct mock_fhir *fhir, struct auth_json_writer *w);

/* One request below the FHIR base whose bearer token was found good. */
struct mock_fhir_call {
    const struct mock_request *request;
    struct auth_view path;              /* after ".../api/FHIR/R4", percent-encoded: "/Patient/abc" */
    struct auth_view base_url;          /* absolute, no trailing slash: for fullUrl, links */
    struct auth_view client_id;         /* paging sessions belong to it */
    const struct mock_scopes *scopes;   /* granted */
    const struct auth_profile *profile; /* count_max, paging_s, paging_status */
    int64_t now_s;
    const struct auth_env *env;     /* for session ids */
    struct auth_buf *search;        /* gets what mock_search_note() writes of a search; or NULL */
    struct mock_sessions *sessions; /* of the instance that is asked */
};

/* Answer read and search (GET, HEAD, POST _search where Epic has it), Epic's 403 for missing scopes, its HTML 404 for what
 * does not exist, OperationOutcomes for the rest. Threads safe after mock_fhir_seal(). */
void mock_fhir_handle(const struct mock_fhir *fhir, const struct mock_fhir_call *call, struct mock_response *response);

/* Answer GET metadata (no token needed): CapabilityStatement made from the table of types. */
void mock_fhir_metadata(const struct mock_fhir_call *call, struct auth_view token_url, struct auth_view authorize_url,
                        struct mock_response *response);

#endif
