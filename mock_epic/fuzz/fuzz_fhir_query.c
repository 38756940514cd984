/* A query against a resource: "TYPE QUERY", a byte 0x1e, JSON. A plan is made or refused with an issue; its conditions say yes or
 * no of any JSON; what is written of the query as a self link means the same query again. */
#include "auth/core/fuzz/must.h"
#include "mock_epic/fhir/bundle.h"
#include "mock_epic/fhir/query.h"

static void match_all(const struct mock_plan *plan, struct auth_view resource)
{
    const struct mock_match_context context = {auth_view_from_string("http://x"), 1790000000000000};
    if (auth_json_check(resource, NULL) != AUTH_OK)
        return;
    resource = auth_view_trim(resource);
    for (size_t i = 0; i < plan->native_count; i++)
        (void)mock_matches(&plan->native[i], resource, &context);
    for (size_t i = 0; i < plan->post_count; i++) {
        struct mock_condition by_sound = plan->post[i];
        bool is_match = mock_matches(&plan->post[i], resource, &context);
        by_sound.is_by_sound = true;
        MUST(by_sound.param->kind == MOCK_PARAM_STRING || mock_matches(&by_sound, resource, &context) == is_match);
    }
}

static void check_self(const struct auth_form *form)
{
    struct auth_buf self;
    struct auth_form again;
    auth_buf_init(&self, 1 << 22);
    mock_bundle_self(form, &self);
    MUST(auth_buf_ok(&self));
    MUST(auth_form_parse(auth_buf_view(&self), &again, NULL) == AUTH_OK && again.count == form->count);
    for (size_t i = 0; i < form->count; i++) {
        bool is_there = false;
        for (size_t k = 0; k < again.count; k++)
            is_there = is_there || (auth_view_equals_view(form->fields[i].name, again.fields[k].name) &&
                                    auth_view_equals_view(form->fields[i].value, again.fields[k].value));
        MUST(is_there);
    }
    auth_form_clear(&again);
    auth_buf_clear(&self);
}

/* Epic's search, and that of FHIR R4 in profile smart. */
static void plan_by(const char *profile, const struct mock_fhir_type *type, const struct auth_form *form,
                    struct auth_view resource)
{
    struct mock_plan plan;
    const struct mock_query query = {type, form, auth_profile_named(profile), auth_view_from_string("http://x"), false};
    MUST(mock_query_plan(&query, &plan) == AUTH_OK);
    MUST(!plan.status || plan.issues.count);
    MUST(plan.page >= 1);
    if (!plan.status)
        match_all(&plan, resource);
    mock_plan_clear(&plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct auth_view resource = auth_view_bytes(data, n), text = auth_view_split(&resource, '\x1e');
    size_t type = mock_fhir_type_find(auth_view_split(&text, ' '));
    struct auth_form form;
    if (type == mock_fhir_type_count)
        return 0;
    if (auth_form_parse(text, &form, NULL) == AUTH_OK) {
        plan_by("epic", &mock_fhir_types[type], &form, resource);
        plan_by("smart", &mock_fhir_types[type], &form, resource);
        check_self(&form);
    }
    auth_form_clear(&form);
    return 0;
}
