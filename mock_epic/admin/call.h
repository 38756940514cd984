/* Inside the admin API only: one call on its way, the row of the table that it belongs to, and how it is answered. */
#ifndef MOCK_EPIC_ADMIN_CALL_H
#define MOCK_EPIC_ADMIN_CALL_H

#include "auth/core/form.h"
#include "mock_epic/http/message.h"
#include "mock_epic/http/wait.h"
#include "mock_epic/instance/instance.h"
#include "mock_epic/state/members.h"

struct mock_admin_call;

/* What a call takes as its body. */
enum mock_admin_body {
    MOCK_ADMIN_NO_BODY,
    MOCK_ADMIN_JSON,       /* an object, read by the row's members */
    MOCK_ADMIN_MAYBE_JSON, /* likewise; nothing at all reads as {} */
    MOCK_ADMIN_OWN_JSON, /* an object of the row's members, or without any an array, that the handler reads from request->body */
    MOCK_ADMIN_TEXT /* text that the handler reads from request->body */
};

/* The members of a body or the parameters of a query. */
struct mock_admin_members {
    const struct mock_member *rows;
    size_t count;
};
#define MOCK_ADMIN_MEMBERS(rows)                                                                                       \
    {                                                                                                                  \
        rows, sizeof(rows) / sizeof *(rows)                                                                            \
    }

/* One call: what routes it, checks it and describes it. */
struct mock_admin_route {
    const char *method;
    const char *path; /* a last segment in braces takes one segment as call->id, and names it */
    enum mock_admin_body body;
    const struct mock_admin_members *members;    /* of the body; NULL: none */
    const struct mock_admin_members *parameters; /* of the query; NULL: none */
    bool takes_any_parameter;                    /* and ignores them */
    int status;                                  /* when it went well */
    bool is_quiet;                               /* changes nothing, whatever its method: no entry in the journal */
    const char *about;                           /* what it does, one line */
    const char *example;                         /* a body; NULL: none */
    void (*handle)(struct mock_admin_call *call);
};

/* What a call did to time or to tokens, as the journal keeps it. */
struct mock_admin_change {
    enum mock_journal_change kind;
    int64_t by_s;
    char client_id[MOCK_CLIENT_ID_MAX + 1]; /* whose tokens; "": everybody's */
    uint64_t token;                         /* the one that is meant; 0: all */
};

/* Handlers write JSON through `w`, which answers with the route's status, or fail the call. */
struct mock_admin_call {
    struct mock_instance *instance;
    const struct mock_request *request;
    struct auth_view path; /* of the request, within its instance */
    const struct mock_admin_route *route;
    struct auth_view id; /* decoded */
    struct auth_buf id_bytes;
    struct auth_form query;
    const struct auth_json_node *body; /* root of the JSON body; NULL when there is none */
    int64_t now_us, now_s;
    struct mock_wait *wait;
    bool must_wait;           /* nothing is answered: wait says what for */
    bool is_quiet;            /* it leaves no entry in the journal, which it has just emptied */
    const char *content_type; /* static; NULL: JSON */
    char note[160];           /* what it changed, for the journal; "" nothing to say */
    struct mock_admin_change change;
    struct mock_response *response;
    struct auth_json_writer w;
};

/* What the call has changed, as printf() would write it; cut where it is too long. */
void mock_admin_note(struct mock_admin_call *call, const char *format, ...) AUTH_PRINTF(2, 3);
/* Answer with an error; what was written before must be nothing. */
void mock_admin_fail(struct mock_admin_call *call, int status, const char *error, const char *message);
/* The same with the status that suits rc; err->detail is the message, or rc's text where it is empty. err may be NULL. */
void mock_admin_fail_rc(struct mock_admin_call *call, enum auth_rc rc, const struct auth_err *err);
/* Read the body by the route's members into *target. given: as mock_members_read(); may be NULL.
 * False when it was refused, and then the call is answered. */
AUTH_MUST_CHECK bool mock_admin_read(struct mock_admin_call *call, void *target, uint32_t *given);
/* The whole number that is the query's parameter of that name, within what its row says; *value stays where it is absent.
 * False when it was refused, and then the call is answered. */
AUTH_MUST_CHECK bool mock_admin_query_int(struct mock_admin_call *call, const char *name, int64_t *value);

#endif
