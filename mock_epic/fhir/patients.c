/* What fits a patient, as a set of marks; which sets are enough is a table. */
#include "mock_epic/fhir/patients.h"

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

size_t mock_patients_find(const struct mock_fhir_store *store, struct mock_plan *plan,
                          const struct mock_match_context *context, uint32_t found[MOCK_PATIENTS_MAX + 1])
{
    unsigned scores[MOCK_PATIENTS_MAX + 1], given = given_marks(plan);
    struct mock_range all = mock_fhir_store_of_type(store, (size_t)(plan->type - mock_fhir_types));
    size_t count = 0;
    if (!given && !plan->post_count) {
        mock_required_demographics(&plan->issues);
        plan->lacks_required = true;
        plan->status = 400;
    }
    for (size_t i = 0; is_strong(given) && i < all.count && count <= MOCK_PATIENTS_MAX; i++) {
        unsigned set = fitting_marks(plan, given, mock_resource_bytes(&store->items[all.items[i]]), context);
        if (is_strong(set))
            insert(found, scores, count++, all.items[i], score_of(set));
    }
    return count;
}
