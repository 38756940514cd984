/* One condition of a search against one resource. Pure: text in, yes or no out. */
#ifndef MOCK_EPIC_FHIR_MATCH_H
#define MOCK_EPIC_FHIR_MATCH_H

#include "mock_epic/data/value.h"
#include "mock_epic/epic/types.h"

/* One value that is looked for, parsed by the kind of its parameter. */
struct mock_wanted {
    struct mock_token token;
    struct mock_reference reference;
    struct mock_interval interval;
    enum mock_prefix prefix;
    struct auth_view text; /* of a string: folded */
};

/* Epic has none; the others do what FHIR R4 3.1.1.4.5 says. */
enum mock_modifier {
    MOCK_MODIFIER_NONE,
    MOCK_MODIFIER_NOT,      /* none of the values fits, or there is none */
    MOCK_MODIFIER_MISSING,  /* there is no value */
    MOCK_MODIFIER_PRESENT,  /* :missing=false */
    MOCK_MODIFIER_EXACT,    /* of a string: the same to the letter; wanted's text is not folded */
    MOCK_MODIFIER_CONTAINS, /* of a string: anywhere in it */
    MOCK_MODIFIERS
};

/* A parameter, any of whose values will do. */
struct mock_condition {
    const struct mock_fhir_param *param;
    const struct mock_wanted *wanted;
    size_t wanted_count;
    enum mock_modifier modifier;
    bool is_by_sound; /* a name: a word of it is the same or sounds so; else a string begins with what is wanted */
};

/* What the server knows beside the resource. */
struct mock_match_context {
    struct auth_view base_url; /* references that begin with it are its own */
    int64_t now_us;
};

bool mock_matches(const struct mock_condition *condition, struct auth_view resource,
                  const struct mock_match_context *context);

/* Walk the references of a resource at the paths of a parameter.
 * in  found  called for each, as it is written; false stops */
void mock_each_reference(const struct mock_fhir_param *param, struct auth_view resource,
                         bool (*found)(void *ctx, struct auth_view reference), void *ctx);

/* What a resource is sorted by: of each value at the paths of a parameter a text (decoded; of strings folded) or a time.
 * in  found  called for each; time counts for dates alone */
void mock_each_key(const struct mock_fhir_param *param, struct auth_view resource,
                   void (*found)(void *ctx, struct auth_view text, int64_t time), void *ctx);

#endif
