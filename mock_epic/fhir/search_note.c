/* The plan again, in words. */
#include "mock_epic/fhir/search_note.h"

#include "auth/core/text.h"

static const char *why_ignored(const struct mock_plan *plan, struct auth_view name)
{
    for (size_t i = 0; i < plan->ignored_count; i++) {
        if (auth_view_equals_view(plan->ignored[i].name, name))
            return plan->ignored[i].why;
    }
    return NULL;
}

static void write_names(struct auth_json_writer *w, const char *key, const struct mock_plan *plan,
                        const struct auth_form *params, bool is_native)
{
    auth_json_write_key(w, key);
    auth_json_write_array(w);
    for (size_t i = 0; i < params->count; i++) {
        const struct auth_form_field *field = &params->fields[i];
        const struct mock_fhir_param *param = mock_fhir_type_param(plan->type, field->name);
        if (param && param->is_native == is_native && mock_query_has_value(field->value) &&
            !why_ignored(plan, field->name))
            auth_json_write_string(w, field->name);
    }
    auth_json_write_end_array(w);
}

static void write_ignored(struct auth_json_writer *w, const struct mock_plan *plan)
{
    auth_json_write_key(w, "ignored");
    auth_json_write_array(w);
    for (size_t i = 0; i < plan->ignored_count; i++) {
        struct auth_view name = plan->ignored[i].name;
        (void)auth_text_cut(&name, 80);
        auth_json_write_object(w);
        auth_json_write_member(w, "name", name);
        auth_json_write_member_text(w, "why", plan->ignored[i].why);
        auth_json_write_end_object(w);
    }
    auth_json_write_end_array(w);
}

/* "Client not authorized for TYPE - NAME. Search ..." */
static void write_left_out(struct auth_json_writer *w, const struct mock_issues *issues)
{
    auth_json_write_key(w, "subtypes_left_out");
    auth_json_write_array(w);
    for (size_t i = 0; i < issues->count; i++) {
        const struct mock_issue *issue = &issues->items[i];
        struct auth_view text = auth_view_from_string(issue->diagnostics);
        size_t at = auth_view_find_text(text, " - ");
        if ((issue->what != MOCK_OUTCOME_59204 && issue->what != MOCK_OUTCOME_59205) || at == text.n)
            continue;
        text = auth_view_from(text, at + 3);
        auth_json_write_string(w, auth_view_bytes(text.p, auth_view_find(text, '.')));
    }
    auth_json_write_end_array(w);
}

void mock_search_note(struct auth_buf *out, const struct mock_plan *plan, const struct auth_form *params,
                      struct mock_search_found found)
{
    struct auth_json_writer w;
    if (!out)
        return;
    auth_buf_reset(out);
    auth_json_writer_init(&w, out, AUTH_JSON_COMPACT);
    auth_json_write_object(&w);
    write_names(&w, "native", plan, params, true);
    write_names(&w, "post", plan, params, false);
    write_ignored(&w, plan);
    auth_json_write_member_bool(&w, "required_params", !plan->lacks_required);
    auth_json_write_member_int(&w, "matched", (int64_t)found.matched);
    auth_json_write_key(&w, "page");
    auth_json_write_object(&w);
    auth_json_write_member_int(&w, "offset", (int64_t)found.offset);
    auth_json_write_member_int(&w, "size", (int64_t)found.size);
    auth_json_write_member_bool(&w, "has_next", found.has_next);
    auth_json_write_end_object(&w);
    write_left_out(&w, &plan->issues);
    auth_json_write_end_object(&w);
}
