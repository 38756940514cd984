/* What a search must name, and how Epic refuses one that does not: a table, in Epic's order. */
#ifndef MOCK_EPIC_FHIR_REQUIRED_H
#define MOCK_EPIC_FHIR_REQUIRED_H

#include "mock_epic/epic/outcome.h"
#include "mock_epic/epic/types.h"

struct mock_required {
    const char *type;   /* space-separated; NULL: every other one that has the parameters */
    const char *any_of; /* parameters, one of which must have a value; "": none is enough, only _id */
    enum mock_outcome what;
    int status;
    const char *location, *expression, *diagnostics;
};

/* The rows of a type in a release of Epic: *cursor starts at 0; NULL at the end. */
const struct mock_required *mock_required_next(const struct mock_fhir_type *type, int version, size_t *cursor);

/* Say that a search for a Patient must name something of a person, or an id. */
void mock_required_demographics(struct mock_issues *issues);

/* Whether a word is in a space-separated list. */
bool mock_word_in(const char *list, struct auth_view word);

#endif
