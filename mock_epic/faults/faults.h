/* The faults of an instance: which of them acts on a request.
 *
 * Nothing is looked at but what may fit: rules are listed by route, and in a route by client; where there are none, asking
 * costs one load. Pure but for its lock: no clock and no chance of its own, so that a run can be repeated. Threads safe. */
#ifndef MOCK_EPIC_FAULTS_FAULTS_H
#define MOCK_EPIC_FAULTS_FAULTS_H

#include <pthread.h>

#include "mock_epic/faults/fault.h"

enum { MOCK_FAULTS_MAX = 10000, MOCK_FAULTS_BYTES_MAX = 16 * 1024 * 1024, MOCK_FAULT_BUCKETS = 64 };

/* In the order in which they were made. */
struct mock_fault_list {
    struct mock_fault **items; /* borrowed from the list of all */
    size_t count, size;
};

struct mock_fault_index {
    struct mock_fault_list anybody;
    struct mock_fault_list by_client[MOCK_FAULT_BUCKETS];
    size_t clients; /* how many are in by_client */
};

struct mock_faults {
    pthread_mutex_t lock;
    atomic_size_t count;                          /* of all */
    struct mock_fault_list all;                   /* with a reference each */
    struct mock_fault_index *routes[MOCK_ROUTES]; /* NULL: nothing is for that route */
    uint64_t last_id;
    size_t bytes;
    uint64_t seed; /* of what is left to chance */
};

void mock_faults_init(struct mock_faults *faults, uint64_t seed);
void mock_faults_clear(struct mock_faults *faults);

/* Give the fault its id and let it act. Its reference is taken in every case.
 * rc  AUTH_E_TOO_BIG (too many, or too many bytes; detail says which), AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_faults_add(struct mock_faults *faults, struct mock_fault *fault,
                                             struct auth_err *err);
/* Take out the fault of that id; with a reference for the caller, or NULL. */
struct mock_fault *mock_faults_take(struct mock_faults *faults, uint64_t id);
/* Take out any; NULL: none is left. */
struct mock_fault *mock_faults_take_any(struct mock_faults *faults);

/* The id that was given out last; 0: none was. */
uint64_t mock_faults_last_id(struct mock_faults *faults);

/* All faults with their ids and counts, as they were at a moment. */
struct mock_faults_image {
    struct mock_fault_list list; /* with a reference each */
    size_t bytes;
};
/* out  *image  clear it in every case. rc AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_faults_save(struct mock_faults *faults, struct mock_faults_image *image);
void mock_faults_image_clear(struct mock_faults_image *image); /* zeroed is fine */
/* Let those of `fresh` act in place of those that do, which are in `fresh` afterwards; what they delay is the caller's to end. Ids go
 * on from the larger one. */
void mock_faults_exchange(struct mock_faults *faults, struct mock_faults *fresh);
/* Faults of their own with these ids and counts, in `fresh`, which was init by mock_faults_init(). rc AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_faults_load(struct mock_faults *fresh, const struct mock_faults_image *image);

/* Whether somebody must find out whose request it is before mock_faults_due() is asked. */
bool mock_faults_need_client(struct mock_faults *faults, enum mock_route route);

struct mock_fault_facts {
    enum mock_route route;
    struct auth_view method, path, client_id; /* client_id: empty when unknown or not needed */
};
/* Count the request at every fault that it fits, and answer the first one that is due, with a reference; or NULL. */
struct mock_fault *mock_faults_due(struct mock_faults *faults, const struct mock_fault_facts *facts);

/* Write all of them as an array, in order. */
void mock_faults_write(struct mock_faults *faults, struct auth_json_writer *w);

#endif
