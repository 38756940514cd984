/* From the parameters of a request to a plan of its search. Pure: no resource is looked at. */
#ifndef MOCK_EPIC_FHIR_QUERY_H
#define MOCK_EPIC_FHIR_QUERY_H

#include "auth/core/form.h"
#include "auth/rules/profile.h"
#include "mock_epic/data/access.h"
#include "mock_epic/epic/outcome.h"
#include "mock_epic/fhir/match.h"
#include "mock_epic/fhir/subset.h"

enum {
    MOCK_PAGE_DEFAULT = 1000,
    MOCK_INCLUDES_MAX = 32,
    MOCK_VALUES_MAX = 512,
    MOCK_IGNORED_MAX = AUTH_FORM_FIELDS_MAX,
    MOCK_LEFT_OUT_MAX = 8,
    MOCK_SORTS_MAX = 4
};

struct mock_query {
    const struct mock_fhir_type *type;
    const struct auth_form *params; /* the plan borrows from it */
    const struct auth_profile *profile;
    struct auth_view base_url;
    bool is_strict; /* Prefer: handling=strict; counts with fhir=r4 */
};

/* By what a search is sorted. param NULL: by id. */
struct mock_sort {
    const struct mock_fhir_param *param;
    bool is_descending;
};

/* Where a page of fhir=r4 goes on; all that is known of it stands in its link. */
struct mock_cursor {
    bool is_there;
    size_t position; /* in what is searched, or in what was sorted */
    uint32_t number; /* of the resource before it */
    size_t total;
};

enum mock_total { MOCK_TOTAL_ACCURATE, MOCK_TOTAL_NONE };

struct mock_plan {
    const struct mock_fhir_type *type;
    int status;                          /* 0: go on; else refuse with it and the issues */
    struct mock_issues issues;           /* also what is to be said beside a result */
    bool has_ids;                        /* _id: all else but _count and includes is ignored */
    bool is_scored;                      /* a person is looked for: by how much fits, not by all that is native */
    struct auth_view patient;            /* bare id; empty: none was named */
    struct auth_view patient_identifier; /* of patient.identifier */
    struct auth_view encounter;          /* bare id of the encounter that stands for a patient */
    struct mock_condition native[AUTH_FORM_FIELDS_MAX], post[AUTH_FORM_FIELDS_MAX];
    size_t native_count, post_count;
    struct auth_view category; /* the values of the first category, or empty */
    size_t page;               /* matches a page, at least 1 */
    bool is_count_only;
    const struct mock_fhir_param *includes[MOCK_INCLUDES_MAX];
    struct auth_view include_types[MOCK_INCLUDES_MAX]; /* of the targets; empty: any */
    size_t include_count;
    bool wants_provenance;
    /* with fhir=r4 alone */
    bool is_r4;
    enum mock_total total;
    struct mock_sort sorts[MOCK_SORTS_MAX];
    size_t sort_count;
    struct mock_subset subset; /* that is answered of each resource */
    struct mock_cursor cursor;
    bool lacks_required; /* that is why it is refused */
    struct {
        struct auth_view name;
        const char *why;
        bool is_unknown;         /* to Epic */
    } ignored[MOCK_IGNORED_MAX]; /* those beyond are left out */
    size_t ignored_count;
    const struct mock_access_row
        *left_out[MOCK_LEFT_OUT_MAX]; /* of what was not granted, one each; those beyond: not noted */
    size_t left_out_count;
    /* owned */
    struct mock_wanted *wanted;
    size_t wanted_count;
    char *text;
    size_t text_n;
};

/* out  plan: init by this call; caller clears with mock_plan_clear()
 * rc   AUTH_OK, also for what is refused; AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_query_plan(const struct mock_query *query, struct mock_plan *plan);
void mock_plan_clear(struct mock_plan *plan);

/* The parameter _lastUpdated, which FHIR has of every type. */
extern const struct mock_fhir_param mock_query_last_updated;

/* An empty parameter is as if it were not there, and so is one of commas only. */
bool mock_query_has_value(struct auth_view list);

#endif
