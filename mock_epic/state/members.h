/* The members of a JSON object that somebody sends, as a table: it drives the reading, says what is wrong, and is the list of
 * what there is. A member that is not in it is refused and never ignored: a misspelt one would else do something else than
 * was meant. */
#ifndef MOCK_EPIC_STATE_MEMBERS_H
#define MOCK_EPIC_STATE_MEMBERS_H

#include "auth/core/json.h"

enum mock_member_type {
    MOCK_MEMBER_STRING,  /* struct auth_view; min to max bytes; borrowed from the document */
    MOCK_MEMBER_INT,     /* int64_t, min to max */
    MOCK_MEMBER_NUMBER,  /* double, min to max */
    MOCK_MEMBER_BOOL,    /* bool */
    MOCK_MEMBER_TIME,    /* int64_t: epoch seconds, or a string as auth_time_read() takes it */
    MOCK_MEMBER_STRINGS, /* const struct auth_json_node *: an array of at most max strings */
    MOCK_MEMBER_JSON,    /* const struct auth_json_node *: an object or a string; whose it is reads on */
    MOCK_MEMBER_ANY, /* const struct auth_json_node *: whatever it is; whose it is reads on, and says so in `meaning` */
    MOCK_MEMBER_SHOWN /* what an answer shows beside what can be set: taken and ignored, so that an answer can be sent back */
};

struct mock_member {
    const char *name;
    enum mock_member_type type;
    bool is_required;
    size_t offset; /* of the target */
    int64_t min, max;
    const char *meaning; /* for people: "1 or 2, ..." ; NULL: type and range say it */
};

/* Read an object by its table, at most 32 rows, those that are only shown last, into *target, whose other members keep what they were set to.
 * in   object  NULL reads as {}
 *      target  NULL: it is only looked at
 * out  *given  bit i is set when member i was there; may be NULL
 * rc   AUTH_E_SYNTAX: detail names the member, and what it should be or which there are */
AUTH_MUST_CHECK enum auth_rc mock_members_read(const struct mock_member *members, size_t count,
                                               const struct auth_json_node *object, void *target, uint32_t *given,
                                               struct auth_err *err);
/* The same of a member of something larger: details begin with what it is, "drip: ...". */
AUTH_MUST_CHECK enum auth_rc mock_members_read_as(const char *what, const struct mock_member *members, size_t count,
                                                  const struct auth_json_node *object, void *target, uint32_t *given,
                                                  struct auth_err *err);
/* The error is about that node, unless its reader said something more precise. Returns rc. */
enum auth_rc mock_members_about(const struct auth_json_node *node, struct auth_err *err, enum auth_rc rc);
/* What a member takes, in words: "a whole number from 1 to 5". */
void mock_members_describe(const struct mock_member *member, struct auth_buf *out);
/* Refuse a name that is not one of these, with the likely one and the list. what: "member", "parameter". */
enum auth_rc mock_members_unknown(const char *what, struct auth_view name, const char *(*name_at)(const void *, size_t),
                                  const void *names, size_t count, struct auth_err *err);

#endif
