/* What fits a patient, as a set of marks; which sets are enough is a table. */
#include "mock_epic/fhir/patients.h"

#include <stdlib.h>

#include "mock_epic/data/index.h"
#include "mock_epic/fhir/required.h"

enum { FAMILY = 1, GIVEN = 2, NAME = 4, BIRTHDATE = 8, GENDER = 16, TELECOM = 32, IDENTIFIER = 64, OTHER = 128 };

/* O: these find somebody, and a mistake in what else was given does not hide him. */
static const unsigned strong[] = {IDENTIFIER, FAMILY | BIRTHDATE, NAME | BIRTHDATE, FAMILY | GIVEN | GENDER | TELECOM};

static const struct {
    const char *parameter;
    unsigned mark;
} marks[] = {{"family", FAMILY},       {"given", GIVEN},   {"name", NAME},
             {"birthdate", BIRTHDATE}, {"gender", GENDER}, {"legal-sex", GENDER},
             {"telecom", TELECOM},     {"phone", TELECOM}, {"identifier", IDENTIFIER}};

static unsigned mark_of(const struct mock_condition *condition)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (auth_view_equals(auth_view_from_string(condition->param->name), marks[i].parameter))
            return marks[i].mark;
    }
    return OTHER;
}

static bool is_strong(unsigned set)
{
    for (size_t i = 0; i < sizeof strong / sizeof *strong; i++) {
        if ((set & strong[i]) == strong[i])
            return true;
    }
    return false;
}

/* Each word of a whole name must be one of his. */
static bool name_fits(const struct mock_condition *condition, struct auth_view patient,
                      const struct mock_match_context *context)
{
    struct auth_view rest = condition->wanted[0].text;
    while (rest.n) {
        const struct mock_wanted word = {.text = auth_view_split(&rest, ' ')};
        const struct mock_condition one = {
            .param = condition->param, .wanted = &word, .wanted_count = 1, .is_by_sound = true};
        if (!mock_matches(&one, patient, context))
            return false;
    }
    return true;
}

static bool fits(const struct mock_condition *condition, struct auth_view patient,
                 const struct mock_match_context *context)
{
    struct mock_condition by_sound = *condition;
    unsigned mark = mark_of(condition);
    if (mark == NAME && condition->wanted_count == 1)
        return name_fits(condition, patient, context);
    by_sound.is_by_sound = (mark & (FAMILY | GIVEN | NAME)) != 0;
    return mock_matches(&by_sound, patient, context);
}

/* With parts of a name given, the whole is not looked at (E). */
static unsigned given_marks(const struct mock_plan *plan)
{
    unsigned set = 0;
    for (size_t i = 0; i < plan->native_count; i++)
        set |= mark_of(&plan->native[i]);
    return set & (FAMILY | GIVEN) ? set & ~(unsigned)NAME : set;
}

static unsigned fitting_marks(const struct mock_plan *plan, unsigned given, struct auth_view patient,
                              const struct mock_match_context *context)
{
    unsigned set = 0;
    for (size_t i = 0; i < plan->native_count; i++) {
        unsigned mark = mark_of(&plan->native[i]);
        if ((given & mark) && fits(&plan->native[i], patient, context))
            set |= mark;
    }
    return set;
}

static unsigned score_of(unsigned set)
{
    unsigned score = 0;
    for (; set; set >>= 1)
        score += set & 1;
    return score;
}

/* Best first; of two alike the one that was loaded first. */
static void insert(uint32_t *found, unsigned *scores, size_t count, uint32_t number, unsigned score)
{
    size_t at = count;
    for (; at > 0 && scores[at - 1] < score; at--) {
        found[at] = found[at - 1];
        scores[at] = scores[at - 1];
    }
    found[at] = number;
    scores[at] = score;
}

/* ---- by what the index knows ---- */

enum { HASHES_MAX = 2 * MOCK_VALUES_MAX };

/* Of which each patient who fits has one at least. */
struct hashes {
    uint32_t items[HASHES_MAX];
    size_t count;
    bool is_short; /* not all: the index does not help */
};

static void add_hash(struct hashes *hashes, uint32_t hash)
{
    hashes->is_short = hashes->is_short || hashes->count == HASHES_MAX;
    if (!hashes->is_short)
        hashes->items[hashes->count++] = hash;
}

static void hash_codes(const struct mock_condition *condition, size_t type, struct hashes *hashes)
{
    uint64_t seed = 0;
    if (!mock_index_knows(type, condition->param, &seed))
        hashes->is_short = true;
    for (size_t i = 0; i < condition->wanted_count && !hashes->is_short; i++) {
        hashes->is_short = !condition->wanted[i].token.has_code;
        add_hash(hashes, mock_index_code(seed, condition->wanted[i].token.code));
    }
}

/* A name that is looked for by itself counts as a whole; of several words of a name one is enough to begin with. */
static void hash_people(const struct mock_condition *name, int64_t born_us, struct hashes *hashes)
{
    bool is_cut = mark_of(name) == NAME && name->wanted_count == 1;
    for (size_t i = 0; i < name->wanted_count; i++) {
        struct auth_view text = name->wanted[i].text;
        if (is_cut)
            text = auth_view_split(&text, ' ');
        hashes->is_short = hashes->is_short || !text.n;
        add_hash(hashes, mock_index_person(born_us, text));
    }
}

static void hash_born(const struct mock_plan *plan, const struct mock_condition *name, struct hashes *hashes)
{
    for (size_t i = 0; i < plan->native_count; i++) {
        const struct mock_condition *born = &plan->native[i];
        for (size_t j = 0; mark_of(born) == BIRTHDATE && j < born->wanted_count; j++)
            hash_people(name, born->wanted[j].interval.start, hashes);
    }
}

/* Whatever strong set is given, each of its marks must fit: so must the one that leads to fewest. */
static void hash_all(const struct mock_plan *plan, unsigned given, size_t type, struct hashes *hashes)
{
    for (size_t i = 0; i < plan->native_count; i++) {
        const struct mock_condition *condition = &plan->native[i];
        unsigned mark = mark_of(condition) & given;
        if (mark == IDENTIFIER)
            hash_codes(condition, type, hashes);
        else if (mark & (FAMILY | NAME) && given & BIRTHDATE)
            hash_born(plan, condition, hashes);
        else if (mark == TELECOM && (given & (FAMILY | GIVEN | GENDER)) == (FAMILY | GIVEN | GENDER))
            hash_codes(condition, type, hashes);
    }
}

/* Those who may fit. *listed: free() */
static enum auth_rc choose(const struct mock_finding *f, unsigned given, uint32_t **listed, struct mock_range *range)
{
    size_t type = (size_t)(f->plan->type - mock_fhir_types), count = 0;
    struct hashes hashes;
    hashes.count = 0;
    hashes.is_short = f->is_scanned;
    *listed = NULL;
    hash_all(f->plan, given, type, &hashes);
    if (hashes.is_short) {
        *range = mock_fhir_store_of_type(f->store, type);
        return AUTH_OK;
    }
    enum auth_rc rc = mock_index_find(f->store, hashes.items, hashes.count, listed, &count);
    *range = (struct mock_range){*listed, count};
    return rc;
}

/* ---- the whole ---- */

static void refuse_nobody(struct mock_plan *plan)
{
    mock_required_demographics(&plan->issues);
    plan->lacks_required = true;
    plan->status = 400;
}

enum auth_rc mock_patients_find(const struct mock_finding *f, uint32_t found[MOCK_PATIENTS_MAX + 1], size_t *count)
{
    unsigned scores[MOCK_PATIENTS_MAX + 1], given = given_marks(f->plan);
    struct mock_range all = {NULL, 0};
    uint32_t *listed = NULL;
    *count = 0;
    if (!given && !f->plan->post_count)
        refuse_nobody(f->plan);
    enum auth_rc rc = is_strong(given) ? choose(f, given, &listed, &all) : AUTH_OK;
    for (size_t i = 0; rc == AUTH_OK && i < all.count && *count <= MOCK_PATIENTS_MAX; i++) {
        struct auth_view patient = mock_resource_bytes(&f->store->items[all.items[i]]);
        unsigned set = fitting_marks(f->plan, given, patient, f->context);
        if (is_strong(set))
            insert(found, scores, (*count)++, all.items[i], score_of(set));
    }
    free(listed);
    if (*count > MOCK_PATIENTS_MAX) {
        mock_issues_add(&f->plan->issues, MOCK_OUTCOME_4127, NULL, NULL, "%s", "");
        f->plan->status = 400;
    }
    return rc;
}
