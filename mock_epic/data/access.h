/* What data cannot say: a resource that was deleted, a patient who was merged, what somebody may not see, the sub-type of a
 * resource. It stands beside the data, in a file access.json of its folder:
 *
 *     [{"type":"Patient","id":"a","answer":"4107","to":"Patient/b"}, {"type":"Binary","id":"c","answer":"59203","subtype":"Provider Photo"},
 *      {"type":"Observation","id":"d","subtype":"Outside Record Results"}, {"type":"Observation","id":"e","search":false}]
 *
 * answer is what a read gets: 4103 deleted, 4107 merged, 4118, 4130 and 4131 not to be seen, 59203 and 59205 not granted. A resource of a
 * sub-type that is not granted is not read either; nothing that is listed is found by a search. */
#ifndef MOCK_EPIC_DATA_ACCESS_H
#define MOCK_EPIC_DATA_ACCESS_H

#include "auth/core/json.h"
#include "mock_epic/epic/outcome.h"

enum { MOCK_ACCESS_MAX = 10000 };

struct mock_access_row {
    struct auth_view type, id;
    struct auth_view to;      /* of 4107 */
    struct auth_view subtype; /* or empty */
    bool is_hidden;           /* "search":false */
    bool has_answer;
    enum mock_outcome answer;
};

/* Zero it first. Rows given later win. */
struct mock_access {
    struct mock_access_row *rows;
    size_t count, size;
    uint32_t *slots; /* open addressing by type and id: number of the last row + 1 */
    size_t slots_size;
    unsigned long long version; /* another one for all that was ever said otherwise, in any of them */
    struct auth_json **docs;    /* what the rows borrow from */
    size_t doc_count;
};

/* Take the rows of a file.
 * rc  AUTH_E_SYNTAX (detail: which row, and what), AUTH_E_TOO_BIG, AUTH_E_NOMEM, or as auth_json_parse(); then none is taken */
AUTH_MUST_CHECK enum auth_rc mock_access_add(struct mock_access *access, struct auth_view json, struct auth_err *err);
/* Begin *to, which is zeroed, with the rows of *from, which must outlive it. rc AUTH_E_NOMEM; clear *to in every case */
AUTH_MUST_CHECK enum auth_rc mock_access_copy(const struct mock_access *from, struct mock_access *to);
void mock_access_clear(struct mock_access *access);
/* Write the rows as mock_access_add() reads them. */
void mock_access_write(const struct mock_access *access, struct auth_json_writer *w);
/* The row of a resource, or NULL. access may be NULL. */
const struct mock_access_row *mock_access_find(const struct mock_access *access, struct auth_view type,
                                               struct auth_view id);

/* Rows of an instance's own in place of those that were loaded; counted, for requests hold on to them. */
struct mock_access_set;
/* rc  as mock_access_add() */
AUTH_MUST_CHECK enum auth_rc mock_access_set_new(struct auth_view json, struct mock_access_set **out,
                                                 struct auth_err *err);
struct mock_access_set *mock_access_set_hold(struct mock_access_set *set); /* one more reference; NULL is fine */
void mock_access_set_release(struct mock_access_set *set);                 /* NULL is fine */
const struct mock_access *mock_access_of(const struct mock_access_set *set);

#endif
