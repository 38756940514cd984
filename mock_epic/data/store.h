/* Resources as the bytes they came in, and the index beside them. Filled once, sealed, then never changed.
 *
 * The index is small (some 70 bytes a resource) because it knows only what a search needs to find its candidates: type and
 * id, the patient, which codes may be among category and code, and what is searched without a patient (index.h). All else is
 * looked up in the text by match.h.
 * Read next: mock_epic/data/load.h, mock_epic/fhir/search.h. */
#ifndef MOCK_EPIC_DATA_STORE_H
#define MOCK_EPIC_DATA_STORE_H

#include "mock_epic/data/access.h"
#include "mock_epic/data/keys.h"
#include "mock_epic/data/references.h"

struct mock_resource {
    const char *bytes;   /* as loaded */
    const char *id;      /* mostly within bytes */
    uint64_t codes;      /* a bit for each code in category and code: mock_code_bit() */
    uint32_t n;          /* of bytes */
    uint32_t patient;    /* whom it is about: its number in the store's patients, plus one; 0: nobody */
    uint32_t tag;        /* of a Patient: the number that Epic's reads carry as E-Tag */
    uint32_t id_hash;    /* so that the index is built, and a wrong guess seen, without the text */
    uint16_t id_n, type; /* type: its number in the store's types */
};

/* Whoever is named as a patient, loaded or not. */
struct mock_patient {
    struct auth_view id;
    uint32_t first; /* in by_patient; its last is before the next one's first */
};

/* Numbers of resources. */
struct mock_range {
    const uint32_t *items;
    size_t count;
};

/* Which data it is. Of one lineage, a resource's number means the same in each generation; so it does in all for what came with
 * the start, whose lineage is 0. */
struct mock_generation {
    unsigned long long lineage, number;
};

/* What there was when a search began: a resource that came later is not found by its later pages, but in the place of one that
 * it replaced. */
struct mock_extent {
    size_t candidates, resources; /* SIZE_MAX: all that there is */
};

struct mock_owned;
struct mock_indexed;

enum { MOCK_TYPE_SLOTS = 2048, MOCK_TYPES_MAX = 1024 };

struct mock_fhir_store {
    struct mock_resource *items;
    size_t count, size;
    struct auth_view *types; /* the first mock_fhir_type_count are Epic's, in the order of that table */
    size_t type_count, type_size;
    uint16_t *type_slots; /* open addressing: number + 1 */
    struct mock_patient *patients;
    size_t patient_count, patient_size;
    uint32_t *patient_slots; /* open addressing: number + 1 */
    size_t patient_slots_size;
    struct mock_owned *owned; /* texts and decoded strings */
    size_t owned_count, owned_size;
    size_t trusted_count;      /* items that came first, from the pack inside the program */
    struct mock_access access; /* what data cannot say */
    struct mock_generation generation;
    struct mock_references references; /* of the items that came behind those; until they were looked at */
    struct mock_keys keys;             /* what is looked up without a patient: mock_epic/data/index.h */
    struct mock_indexed *indexed;      /* by type: what of; or NULL */
    size_t map_from;                   /* files of so many bytes are mapped, not read; 0: MOCK_MAP_FROM */
    /* made by sealing */
    uint32_t *by_id; /* open addressing over (type, id): number + 1 */
    size_t by_id_size;
    uint32_t *by_type, *by_patient; /* sorted by type, and by patient and type; then in the order of loading */
    uint32_t *type_first;           /* [type_count + 1] in by_type */
    size_t shown_count;             /* in by_type: all but those that a later one replaced */
};

void mock_fhir_store_clear(struct mock_fhir_store *store);

/* ---- filling ---- */

/* The number of a type, or of a patient plus one (0 for the empty id), which are added where they are new; the texts outlive the
 * store. Epic's types have the numbers that they have in mock_fhir_types.
 * rc  AUTH_E_NOMEM, AUTH_E_TOO_BIG (more than a thousand types) */
AUTH_MUST_CHECK enum auth_rc mock_fhir_store_type(struct mock_fhir_store *store, struct auth_view name, uint16_t *type);
AUTH_MUST_CHECK enum auth_rc mock_fhir_store_patient(struct mock_fhir_store *store, struct auth_view id,
                                                     uint32_t *patient);
/* Add one resource of which all is known, its numbers in this store too; nothing of its bytes is looked at.
 * rc  AUTH_E_NOMEM, AUTH_E_TOO_BIG (more than four milliards) */
AUTH_MUST_CHECK enum auth_rc mock_fhir_store_add_known(struct mock_fhir_store *store,
                                                       const struct mock_resource *resource);
/* Add one resource.
 * in  resource  bytes, n, id, id_n, codes, tag; the bytes outlive the store
 *     type, patient (may be empty): outlive the store, too
 * rc  AUTH_E_NOMEM, AUTH_E_TOO_BIG (more than four milliards, or a thousand types) */
AUTH_MUST_CHECK enum auth_rc mock_fhir_store_add(struct mock_fhir_store *store, const struct mock_resource *resource,
                                                 struct auth_view type, struct auth_view patient);
/* The same in the place of one that was added, of the same type. */
AUTH_MUST_CHECK enum auth_rc mock_fhir_store_set(struct mock_fhir_store *store, size_t number,
                                                 const struct mock_resource *resource, struct auth_view patient);
/* Begin *to, which is zeroed, with what *from holds and owns, which must outlive it.
 * rc  AUTH_E_NOMEM; clear *to in every case */
AUTH_MUST_CHECK enum auth_rc mock_fhir_store_copy(const struct mock_fhir_store *from, struct mock_fhir_store *to);
/* Let the store free this memory in the end, also when it fails. mapped_n: it was mapped, and so long; 0: malloc()ed. */
AUTH_MUST_CHECK enum auth_rc mock_fhir_store_own(struct mock_fhir_store *store, void *memory, size_t mapped_n);
/* Build the index. *replaced counts resources that a later one of the same type and id hides. */
AUTH_MUST_CHECK enum auth_rc mock_fhir_store_seal(struct mock_fhir_store *store, size_t *replaced,
                                                  struct auth_err *err);

/* ---- asking; threads safe once sealed ---- */

const struct mock_resource *mock_fhir_store_find(const struct mock_fhir_store *store, struct auth_view type,
                                                 struct auth_view id);
/* The resources of one of Epic's types (its index in mock_fhir_types), all or those about one patient, as they were loaded.
 * This is the order in which searches find; a resource's place in keys is its place in by_type. */
struct mock_range mock_fhir_store_of_type(const struct mock_fhir_store *store, size_t type);
struct mock_range mock_fhir_store_about(const struct mock_fhir_store *store, struct auth_view patient, size_t type);
struct auth_view mock_resource_type(const struct mock_fhir_store *store, const struct mock_resource *resource);
struct auth_view mock_resource_patient(const struct mock_fhir_store *store, const struct mock_resource *resource);
struct auth_view mock_resource_id(const struct mock_resource *resource);
struct auth_view mock_resource_bytes(const struct mock_resource *resource);

/* The bit that stands for a code: a resource without it does not have the code, one with it may. */
uint64_t mock_code_bit(struct auth_view code);

#endif
