/* Resources as the bytes they came in, and the index beside them. Filled once, sealed, then never changed.
 *
 * Values that searches look at (categories, codes) are interned, so comparing them is comparing pointers' contents once at
 * load and never parsing again. Read next: mock_epic/fhir/search.h. */
#ifndef MOCK_EPIC_FHIR_STORE_H
#define MOCK_EPIC_FHIR_STORE_H

#include "mock_epic/fhir/fhir.h"

enum mock_fhir_param { MOCK_PARAM_CATEGORY, MOCK_PARAM_CODE };

struct mock_fhir_token {
    enum mock_fhir_param param;
    struct auth_view system; /* empty: none */
    struct auth_view code;
};

struct mock_resource {
    struct auth_view type;
    struct auth_view id;
    struct auth_view bytes;   /* as loaded */
    struct auth_view patient; /* id of the patient it is about; its own for a Patient; empty: none */
    uint32_t order;           /* position in which it was loaded */
    uint32_t first_token, token_count;
};

struct mock_fhir_store {
    struct mock_resource *items;
    size_t count, size;
    struct mock_fhir_token *tokens;
    size_t token_count, token_size;
    char **owned; /* file buffers and interned strings */
    size_t owned_count, owned_size;
    uint32_t *by_id; /* open addressing over (type, id): index + 1 */
    size_t by_id_size;
    uint32_t *by_patient; /* sorted by (patient, type, order) */
    size_t by_patient_count;
    size_t trusted_count;       /* items that came first, from the pack inside the program */
    size_t linked_count;        /* references in Bundles that were led to their resources */
    struct auth_view *interned; /* open addressing */
    size_t interned_count, interned_size;
};

void mock_fhir_store_clear(struct mock_fhir_store *store);
/* Add every resource of a text: resource, array, Bundle or NDJSON. The text must outlive the store.
 * in   name        for messages
 *      is_checked  the text is known to be JSON, as the pack inside the program is: the check takes most of the time */
AUTH_MUST_CHECK enum auth_rc mock_fhir_store_add_text(struct mock_fhir_store *store, const char *name,
                                                      struct auth_view text, bool is_checked, struct auth_err *err);
/* Let the store free this memory in the end. */
AUTH_MUST_CHECK enum auth_rc mock_fhir_store_own(struct mock_fhir_store *store, char *memory);
/* Build the index. *replaced counts resources that a later one of the same type and id hides. */
AUTH_MUST_CHECK enum auth_rc mock_fhir_store_seal(struct mock_fhir_store *store, size_t *replaced,
                                                  struct auth_err *err);
const struct mock_resource *mock_fhir_store_find(const struct mock_fhir_store *store, struct auth_view type,
                                                 struct auth_view id);
/* The resources of one type about one patient: by_patient[*first .. *first + return). */
size_t mock_fhir_store_range(const struct mock_fhir_store *store, struct auth_view patient, struct auth_view type,
                             size_t *first);

#endif
