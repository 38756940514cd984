/* What stands at the ends of a parameter's paths in the text of a resource, and what it means. Pure: text in, values out; what
 * searches compare and what the index knows are read by the same functions. */
#ifndef MOCK_EPIC_DATA_WALK_H
#define MOCK_EPIC_DATA_WALK_H

#include "mock_epic/data/value.h"

/* ---- paths ---- */

/* One of a parameter's: "participant.actor>Patient", "telecom@phone". */
struct mock_path {
    struct auth_view steps;
    struct auth_view of_type; /* only references to it; or empty */
    struct auth_view of_kind; /* only contacts of it; or empty */
};
/* Cut off the next of a space-separated list. False: there is none. */
bool mock_path_next(struct auth_view *paths, struct mock_path *path);

/* Follow steps ("name.family"; none: the value itself) through objects, and through each item of an array.
 * in  at  called with each value at the end; true ends the walk
 * True: at() ended it. */
bool mock_walk(struct auth_view value, struct auth_view steps, bool (*at)(void *ctx, struct auth_view value),
               void *ctx);

/* ---- what a value means ---- */

enum { MOCK_TEXT_MAX = 512 }; /* of a text: what is behind it is not looked at */

/* Each text that a value holds: a string, or those of a HumanName or an Address, whose use and period are none.
 * in  at  called with the text as mock_fold() leaves it, and as it is written; true ends the walk
 * True: at() ended it. */
bool mock_walk_texts(struct auth_view value, bool (*at)(void *ctx, struct auth_view folded, struct auth_view written),
                     void *ctx);
/* A date, a Period (perhaps open), or a Timing: from its first event to its last, or its bounds. */
bool mock_read_date(struct auth_view value, struct mock_interval *interval);
enum { MOCK_REFERENCE_MAX = 1024 };
/* A Reference, or an address as it is (canonical, uri). *reference borrows from value, or from text where it was decoded. */
bool mock_read_reference(struct auth_view value, char text[MOCK_REFERENCE_MAX], struct mock_reference *reference);

#endif
