/* One fault: which requests it is for, and what it does to them. Immutable but for its counts, and reference-counted, so that
 * an answer on its way outlives the removal of the fault that shaped it. */
#ifndef MOCK_EPIC_FAULTS_FAULT_H
#define MOCK_EPIC_FAULTS_FAULT_H

#include <stdatomic.h>

#include "auth/core/json.h"
#include "mock_epic/faults/next_link.h"
#include "mock_epic/faults/retry_date.h"
#include "mock_epic/http/message.h"
#include "mock_epic/http/route.h"
#include "mock_epic/http/wait.h"

enum {
    MOCK_ANY_ROUTE = -1,
    MOCK_FAULT_HEADERS_MAX = 8,
    MOCK_FAULT_HEADERS_BYTES_MAX = 2048,
    MOCK_FAULT_PAD_MAX = 64 * 1024 * 1024
};

/* All that is given must fit; then, of the requests that fit, counted from 1: */
struct mock_fault_match {
    int route; /* enum mock_route, or MOCK_ANY_ROUTE: all but the admin API */
    struct auth_view method, path,
        client_id;      /* empty: any. path: '*' stands for anything, and for what is before a path that
                                                 does not begin with '/' */
    int64_t nth;        /* that one; 0: all */
    int64_t every;      /* each N-th; 0: all */
    int64_t times;      /* at most so many; 0: no end */
    double probability; /* of each; 1: always */
};

enum mock_redirect { MOCK_REDIRECT_NONE, MOCK_REDIRECT_SAME, MOCK_REDIRECT_FOREIGN, MOCK_REDIRECT_URL };

struct mock_fault_action {
    int status;                                         /* 0: as it was */
    struct mock_header headers[MOCK_FAULT_HEADERS_MAX]; /* set, in place of those of the same name */
    size_t header_count;
    bool has_body;
    struct auth_view body;
    bool gzip;
    int64_t pad_to; /* blanks behind the body up to so many bytes; 0: none */
    enum mock_redirect redirect;
    int redirect_status;
    struct auth_view redirect_url;
    struct auth_view set_fields;  /* a JSON object: members to set; empty: none */
    struct auth_view drop_fields; /* a JSON array of names; empty: none */
    enum mock_next_link next_link;
    bool has_retry_date; /* Retry-After is a date, so many seconds after that of the answer */
    int64_t retry_in_s;
    enum mock_date_form retry_form;
    struct mock_wire wire;
};

struct mock_fault {
    atomic_uint references;
    atomic_bool is_removed;
    uint64_t id;
    struct mock_fault_match match;
    struct mock_fault_action action;
    uint64_t client_hash;
    uint64_t count, hits; /* requests that fitted, and that it acted on; under the lock of the faults */
    size_t bytes;         /* about what it takes */
    char *text;           /* the JSON object that it was made of, and its tree: behind all views */
    struct auth_json *json;
    struct mock_fault *original; /* whose text and tree it shares, with a reference; NULL: they are its own */
};

/* A fault that fits everything and does nothing yet, with its JSON, from which the caller fills match and action.
 * in   text  copied
 * out  *out  with one reference
 * rc   as auth_json_parse() */
AUTH_MUST_CHECK enum auth_rc mock_fault_new(struct auth_view text, struct mock_fault **out, struct auth_err *err);
struct mock_fault *mock_fault_hold(struct mock_fault *fault); /* one more reference, for the caller */
void mock_fault_release(struct mock_fault *fault);            /* NULL is fine */
/* The same fault with the same id, and counts of its own that begin as these are; NULL: no memory. */
struct mock_fault *mock_fault_copy(struct mock_fault *fault);

/* Does it answer in Epic's place, so that no token is issued, no jti remembered and nothing read? */
bool mock_fault_replaces(const struct mock_fault *fault);

/* Make of an answer, Epic's or an empty one, what the fault makes of it. What happens on the wire is left in response->wire.
 * in   here  the URL that was asked: where a redirect leads to, or by the other loopback name */
void mock_fault_alter(const struct mock_fault *fault, struct auth_view here, struct mock_response *response);

/* Hold the wait until its time, or until the fault ends. The wait may be over, and gone, when this returns. */
void mock_fault_wait(struct mock_fault *fault, struct mock_waiters *waiters, struct mock_wait *wait);

/* {"id","match","action","count","hits"} */
void mock_fault_write(const struct mock_fault *fault, struct auth_json_writer *w);

#endif
