/* Paths walked in the text of a resource, and what is found at their ends compared by kind. */
#include "mock_epic/fhir/match.h"

#include <string.h>

#include "mock_epic/data/raw.h"
#include "mock_epic/data/walk.h"

/* Looks at one value at the end of a path; true ends the walk. */
struct visit {
    bool (*at)(const struct visit *visit, struct auth_view value);
    const struct mock_condition *condition;
    const struct mock_match_context *context;
    struct mock_path path; /* that is walked */
    bool (*found)(void *ctx, struct auth_view reference);
    void (*key)(void *ctx, struct auth_view text, int64_t time);
    void *ctx;
};

/* ---- walking ---- */

static bool at_end(void *ctx, struct auth_view value)
{
    const struct visit *visit = ctx;
    return visit->at(visit, value);
}

static bool walk_paths(struct visit *visit, const struct mock_fhir_param *param, struct auth_view resource)
{
    struct auth_view paths = auth_view_from_string(param->paths);
    while (mock_path_next(&paths, &visit->path)) {
        if (mock_walk(resource, visit->path.steps, at_end, visit))
            return true;
    }
    return false;
}

/* ---- tokens ---- */

static bool string_is(struct auth_view object, const char *name, struct auth_view wanted)
{
    return mock_raw_member_equals(object, name, wanted);
}

/* A system and a code in members of those names. */
static bool pair_matches(struct auth_view object, const char *code_name, const struct mock_token *token)
{
    if (token->has_code && !string_is(object, code_name, token->code))
        return false;
    if (!token->has_system)
        return true;
    if (token->system.n == 0)
        return mock_raw_member(object, "system").n == 0;
    return string_is(object, "system", token->system);
}

static bool any_coding(struct auth_view codings, const struct mock_token *token)
{
    struct auth_view coding;
    size_t cursor = 0;
    while (auth_json_raw_next(codings, &cursor, &coding)) {
        if (pair_matches(coding, "code", token))
            return true;
    }
    return false;
}

/* code, string, boolean: what system they are of is not said in the data, so any will do; |code wants none. */
static bool plain_matches(struct auth_view value, const struct mock_token *token)
{
    struct auth_view written;
    if (!mock_raw_string(value, &written))
        written = value;
    return !token->has_code || mock_raw_equals(written, token->code);
}

/* CodeableConcept, Coding, Identifier, ContactPoint, or plain: told by its members. */
static bool token_matches(const struct visit *visit, struct auth_view value, const struct mock_token *token)
{
    if (value.p[0] != '{')
        return plain_matches(value, token);
    struct auth_view codings = mock_raw_member(value, "coding");
    if (codings.n)
        return any_coding(codings, token);
    if (mock_raw_member(value, "code").n)
        return pair_matches(value, "code", token);
    if (visit->path.of_kind.n || auth_view_equals(auth_view_from_string(visit->condition->param->name), "telecom"))
        return !token->has_code || string_is(value, "value", token->code); /* its system says phone or email */
    return pair_matches(value, "value", token);
}

static bool at_token(const struct visit *visit, struct auth_view value)
{
    if (!value.n || (visit->path.of_kind.n && !string_is(value, "system", visit->path.of_kind)))
        return false;
    for (size_t i = 0; i < visit->condition->wanted_count; i++) {
        if (token_matches(visit, value, &visit->condition->wanted[i].token))
            return true;
    }
    return false;
}

/* ---- references ---- */

/* One that the path may mean. */
static bool reference_of(const struct visit *visit, struct auth_view value, char text[MOCK_REFERENCE_MAX],
                         struct mock_reference *reference)
{
    return mock_read_reference(value, text, reference) &&
           (!visit->path.of_type.n || auth_view_equals_view(reference->type, visit->path.of_type));
}

/* What is relative, or begins with this server's address, is this server's. */
static bool is_own(struct auth_view base, const struct mock_match_context *context)
{
    return base.n == 0 || auth_view_equals_view(base, context->base_url);
}

static bool reference_matches(const struct mock_reference *wanted, const struct mock_reference *there,
                              const struct mock_match_context *context)
{
    if (!auth_view_equals_view(wanted->id, there->id))
        return false;
    if (wanted->type.n && !auth_view_equals_view(wanted->type, there->type))
        return false;
    return auth_view_equals_view(wanted->base, there->base) ||
           (is_own(wanted->base, context) && is_own(there->base, context));
}

static bool at_reference(const struct visit *visit, struct auth_view value)
{
    char text[MOCK_REFERENCE_MAX];
    struct mock_reference there;
    if (!reference_of(visit, value, text, &there))
        return false;
    for (size_t i = 0; i < visit->condition->wanted_count; i++) {
        if (reference_matches(&visit->condition->wanted[i].reference, &there, visit->context))
            return true;
    }
    return false;
}

static bool at_found(const struct visit *visit, struct auth_view value)
{
    char text[MOCK_REFERENCE_MAX];
    struct mock_reference there;
    struct auth_view written;
    if (!reference_of(visit, value, text, &there))
        return false;
    struct auth_view raw = value.p[0] == '{' ? mock_raw_member(value, "reference") : value;
    return mock_raw_string(raw, &written) && !visit->found(visit->ctx, mock_raw_text(written, text, sizeof text));
}

void mock_each_reference(const struct mock_fhir_param *param, struct auth_view resource,
                         bool (*found)(void *ctx, struct auth_view reference), void *ctx)
{
    struct visit visit = {.at = at_found, .found = found, .ctx = ctx};
    (void)walk_paths(&visit, param, resource);
}

/* ---- dates ---- */

static bool dates_match(const struct visit *visit, struct mock_interval there)
{
    for (size_t i = 0; i < visit->condition->wanted_count; i++) {
        const struct mock_wanted *wanted = &visit->condition->wanted[i];
        if (mock_date_matches(wanted->prefix, wanted->interval, there, visit->context->now_us))
            return true;
    }
    return false;
}

static bool at_date(const struct visit *visit, struct auth_view value)
{
    struct mock_interval there;
    return mock_read_date(value, &there) && dates_match(visit, there);
}

/* ---- strings ---- */

static bool sounds_like(struct auth_view wanted, struct auth_view there)
{
    char a[MOCK_SOUNDEX_N], b[MOCK_SOUNDEX_N];
    return mock_soundex(wanted, a) && mock_soundex(there, b) && memcmp(a, b, sizeof a) == 0;
}

static bool name_matches(struct auth_view wanted, struct auth_view there)
{
    if (auth_view_equals_view(wanted, there) || sounds_like(wanted, there))
        return true;
    while (there.n) {
        struct auth_view word = auth_view_split(&there, ' ');
        if (auth_view_equals_view(wanted, word) || sounds_like(wanted, word))
            return true;
    }
    return false;
}

static bool begins_with(struct auth_view text, struct auth_view wanted)
{
    return wanted.n <= text.n && (wanted.n == 0 || memcmp(wanted.p, text.p, wanted.n) == 0);
}

static bool contains(struct auth_view text, struct auth_view wanted)
{
    for (size_t at = 0; at + wanted.n <= text.n; at++) {
        if (begins_with(auth_view_from(text, at), wanted))
            return true;
    }
    return false;
}

static bool one_text_matches(const struct mock_condition *condition, struct auth_view wanted, struct auth_view folded,
                             struct auth_view written)
{
    if (condition->is_by_sound)
        return name_matches(wanted, folded);
    if (condition->modifier == MOCK_MODIFIER_EXACT)
        return mock_raw_equals(written, wanted);
    return condition->modifier == MOCK_MODIFIER_CONTAINS ? contains(folded, wanted) : begins_with(folded, wanted);
}

static bool text_matches(void *ctx, struct auth_view folded, struct auth_view written)
{
    const struct mock_condition *condition = ((const struct visit *)ctx)->condition;
    for (size_t i = 0; i < condition->wanted_count; i++) {
        if (one_text_matches(condition, condition->wanted[i].text, folded, written))
            return true;
    }
    return false;
}

static bool at_string(const struct visit *visit, struct auth_view value)
{
    struct visit own = *visit;
    return mock_walk_texts(value, text_matches, &own);
}

/* ---- any value ---- */

static bool is_meant(const struct visit *visit, struct auth_view value)
{
    char text[MOCK_REFERENCE_MAX];
    struct mock_reference reference;
    if (!value.n || (visit->path.of_kind.n && !string_is(value, "system", visit->path.of_kind)))
        return false;
    return !visit->path.of_type.n || reference_of(visit, value, text, &reference);
}

/* ---- sorting ---- */

static void give_string(const struct visit *visit, struct auth_view value)
{
    char text[MOCK_TEXT_MAX];
    struct auth_view written = value;
    if (value.n && (mock_raw_string(value, &written) || value.p[0] != '{')) /* true, 5 */
        visit->key(visit->ctx, mock_raw_text(written, text, sizeof text), 0);
}

static bool at_token_key(const struct visit *visit, struct auth_view value)
{
    struct auth_view coding, codings, code;
    size_t cursor = 0;
    if (!is_meant(visit, value))
        return false;
    codings = mock_raw_member(value, "coding");
    code = mock_raw_member(value, "code");
    while (auth_json_raw_next(codings, &cursor, &coding))
        give_string(visit, mock_raw_member(coding, "code"));
    if (!codings.n)
        give_string(visit, value.p[0] != '{' ? value : code.n ? code : mock_raw_member(value, "value"));
    return false;
}

static bool at_reference_key(const struct visit *visit, struct auth_view value)
{
    if (is_meant(visit, value))
        give_string(visit, value.p[0] == '{' ? mock_raw_member(value, "reference") : value);
    return false;
}

static bool at_date_key(const struct visit *visit, struct auth_view value)
{
    struct mock_interval there;
    if (mock_read_date(value, &there))
        visit->key(visit->ctx, auth_view_from_string(""), there.start);
    return false;
}

static bool give_text(void *ctx, struct auth_view folded, struct auth_view written)
{
    const struct visit *visit = ctx;
    (void)written;
    visit->key(visit->ctx, folded, 0);
    return false;
}

static bool at_string_key(const struct visit *visit, struct auth_view value)
{
    struct visit own = *visit;
    return mock_walk_texts(value, give_text, &own);
}

void mock_each_key(const struct mock_fhir_param *param, struct auth_view resource,
                   void (*found)(void *ctx, struct auth_view text, int64_t time), void *ctx)
{
    static bool (*const at[])(const struct visit *visit, struct auth_view value) = {
        [MOCK_PARAM_TOKEN] = at_token_key,
        [MOCK_PARAM_REFERENCE] = at_reference_key,
        [MOCK_PARAM_DATE] = at_date_key,
        [MOCK_PARAM_STRING] = at_string_key,
    };
    struct visit visit = {.at = at[param->kind], .key = found, .ctx = ctx};
    (void)walk_paths(&visit, param, resource);
}

/* ---- the whole ---- */

bool mock_matches(const struct mock_condition *condition, struct auth_view resource,
                  const struct mock_match_context *context)
{
    static bool (*const at[])(const struct visit *visit, struct auth_view value) = {
        [MOCK_PARAM_TOKEN] = at_token,
        [MOCK_PARAM_REFERENCE] = at_reference,
        [MOCK_PARAM_DATE] = at_date,
        [MOCK_PARAM_STRING] = at_string,
    };
    enum mock_modifier modifier = condition->modifier;
    bool is_any = modifier == MOCK_MODIFIER_MISSING || modifier == MOCK_MODIFIER_PRESENT;
    struct visit visit = {
        .at = is_any ? is_meant : at[condition->param->kind], .condition = condition, .context = context};
    bool is_there = walk_paths(&visit, condition->param, resource);
    return modifier == MOCK_MODIFIER_NOT || modifier == MOCK_MODIFIER_MISSING ? !is_there : is_there;
}
