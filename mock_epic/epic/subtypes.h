/* Epic's sub-types: the parts of a resource type that are granted one by one. The reviewed table, and what an app says of it. */
#ifndef MOCK_EPIC_EPIC_SUBTYPES_H
#define MOCK_EPIC_EPIC_SUBTYPES_H

#include "auth/core/json.h"

enum mock_subtype_usual {
    MOCK_SUBTYPE_ORDINARY, /* granted with the type, unless its scope names categories and not this one's */
    MOCK_SUBTYPE_OUTSIDE,  /* not granted to the usual client (O) */
    MOCK_SUBTYPE_NO_USER   /* the background user may not see it (O) */
};

/* Category codes are space-separated. */
struct mock_subtype {
    const char *type, *name;
    const char
        *looked; /* a search that names one of these categories looks at it, and one that names none; "": any does */
    const char *own; /* a resource with one of these categories is of it; others only where access.json says so */
    enum mock_subtype_usual usual;
};

extern const struct mock_subtype mock_subtypes[];
extern const size_t mock_subtype_count;

/* What an app says of sub-types: of a type that it names, those that are listed are granted and no others. Zero: nothing. */
enum { MOCK_SUBTYPES_MAX = 80 };
struct mock_subtype_grants {
    signed char of[MOCK_SUBTYPES_MAX]; /* by row: 1 granted, -1 not, 0 as usual */
};

/* {"Observation":["Labs","Vital Signs"]}
 * in   object  NULL: nothing is said
 * rc   AUTH_E_SYNTAX: detail names the type or the sub-type, and those that there are */
AUTH_MUST_CHECK enum auth_rc mock_subtype_grants_read(const struct auth_json_node *object,
                                                      struct mock_subtype_grants *grants, struct auth_err *err);
/* Write the same object: the types that something is said of. */
void mock_subtype_grants_write(const struct mock_subtype_grants *grants, struct auth_json_writer *w);
bool mock_subtype_grants_say(const struct mock_subtype_grants *grants); /* anything at all? NULL: no */
/* The row of a sub-type, or mock_subtype_count. */
size_t mock_subtype_find(struct auth_view type, struct auth_view name);

#endif
