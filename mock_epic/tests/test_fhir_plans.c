/* Whatever is asked of whatever data: where the index leads, all is found that a look at everything finds, in the same order; and
 * page by page the same as at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/data/load_text.h"
#include "mock_epic/fhir/include.h"
#include "mock_epic/fhir/page.h"
#include "mock_epic/fhir/required.h"

enum { WORLDS = 12, RESOURCES = 400, QUERIES = 400, FEW = 2, SOME = 30, TEXT_MAX = 1 << 20 };

/* ---- chance ---- */

static uint64_t state = 1;

static size_t draw(size_t below)
{
    state = state * 6364136223846793005U + 1442695040888963407U;
    return below ? (size_t)(state >> 33) % below : 0;
}

#define PICK(list) list[draw(sizeof(list) / sizeof *(list))]

/* As they stand in JSON; some mean the same, sound alike, hold nothing that sounds, or are longer than an index looks. */
static const char *const names[] = {
    "Lopez",       "Lopes",
    "Lo\\u0070ez", "L\\u00f3pez",
    "de la Cruz",  "O'Brien",
    "Obrien",      "Mc Donald",
    "McDonald",    "\\u738b",
    "\\u738b Li",  "Li",
    "A",           "",
    "-",           "Ann Li",
    "Smith-Jones", "smith",
    "Abcdefghij",  "Abcdefgh",
    "Abcdefgx",    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx y"};
static const char *const days[] = {
    "1980-02-29", "1980-02-28", "1969-12-31",           "1969-12-31T10:00:00Z",      "1970-01-01",
    "1980",       "1980-02",    "1980-02-29T23:30:00Z", "1980-03-01T00:30:00+01:00", "nonsense"};
static const char *const asked_days[] = {"1980-02-29", "1980-02-28", "1969-12-31", "1970-01-01"};
static const char *const codes[] = {"1", "2", "a\\/b", "a/b", "\\u0031", "é", "LONG", "phone-1", "5551", "5552", ""};
static const char *const systems[] = {"urn:a", "urn:b", "urn:\\u0061"};
static const char long_code[] =
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
    "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789";

static void add_code(struct auth_buf *out)
{
    const char *code = PICK(codes);
    auth_buf_add_string(out, strcmp(code, "LONG") == 0 ? long_code + draw(3) : code);
}

static void add_tokens(struct auth_buf *out, const char *name)
{
    char first[] = "\\u00XX"; /* now and then a member is named with an escape */
    (void)snprintf(first, sizeof first, draw(9) ? "%c" : "\\u00%02x", (unsigned char)name[0]);
    auth_buf_addf(out, ",\"%s%s\":[", first, name + 1);
    for (size_t i = 0, n = draw(3); i <= n; i++) {
        auth_buf_addf(out, "%s{\"system\":\"%s\",\"value\":\"", i ? "," : "", PICK(systems));
        add_code(out);
        auth_buf_add_string(out, "\"}");
    }
    auth_buf_add_string(out, draw(9) ? "]" : ",{}]");
}

static void add_concept(struct auth_buf *out, const char *name)
{
    auth_buf_addf(out, ",\"%s\":[{\"coding\":[{\"system\":\"%s\",\"code\":\"", name, PICK(systems));
    add_code(out);
    auth_buf_add_string(out, "\"},{\"code\":\"2\"}]}]");
}

/* To one of the first `most` ids: of few, much is about each. */
static void add_reference(struct auth_buf *out, const char *name, const char *type, size_t most)
{
    static const char *const others[] = {"Practitioner", "Observation"};
    static const char *const before[] = {"", "", "", "http://x/", "http://y/", "urn:uuid:"};
    const char *of = draw(8) ? type : PICK(others);
    auth_buf_addf(out, ",\"%s\":{\"reference\":\"%s%s/%zu%s\"}", name, PICK(before), of, draw(most),
                  draw(5) ? "" : "/_history/1");
}

static void add_name(struct auth_buf *out)
{
    auth_buf_addf(out, ",\"name\":[{\"use\":\"%s\",\"family\":\"%s\",\"given\":[\"%s\",\"%s\"]}", PICK(names),
                  PICK(names), PICK(names), PICK(names));
    auth_buf_addf(out, draw(3) ? "]" : ",{\"text\":\"%s\"}]", PICK(names));
}

static const char *const types[] = {"Patient",   "Patient",           "Practitioner",      "PractitionerRole",
                                    "Location",  "DocumentReference", "DocumentReference", "DocumentReference",
                                    "Encounter", "Observation",       "Provenance"};

static void add_person(struct auth_buf *out)
{
    add_name(out);
    add_tokens(out, "telecom");
    auth_buf_addf(out, ",\"birthDate\":\"%s\",\"gender\":\"%s\"", PICK(days), draw(2) ? "female" : "male");
}

static void add_role(struct auth_buf *out)
{
    add_reference(out, "practitioner", "Practitioner", RESOURCES);
    add_reference(out, "organization", "Organization", RESOURCES);
    add_concept(out, "specialty");
}

static void add_place(struct auth_buf *out)
{
    auth_buf_addf(out, ",\"name\":\"%s\",\"alias\":[\"%s\"],\"address\":{\"city\":\"%s\",\"use\":\"home\"}",
                  PICK(names), PICK(names), PICK(names));
    add_concept(out, "type");
    add_reference(out, "partOf", "Location", RESOURCES);
}

static void add_document(struct auth_buf *out)
{
    add_reference(out, "subject", "Patient", FEW);
    auth_buf_add_string(out, ",\"context\":{\"x\":1");
    add_reference(out, "encounter", "Encounter", SOME);
    auth_buf_add_string(out, "}");
}

static void add_resource(struct auth_buf *out, size_t number)
{
    const char *type = PICK(types);
    size_t id = draw(10) ? number : draw(RESOURCES); /* one in ten may replace another */
    auth_buf_addf(out, "{\"resourceType\":\"%s\",\"id\":\"%zu\"", type, id);
    if (draw(3))
        add_tokens(out, "identifier");
    if (strcmp(type, "Patient") == 0 || strcmp(type, "Practitioner") == 0)
        add_person(out);
    if (strcmp(type, "PractitionerRole") == 0)
        add_role(out);
    if (strcmp(type, "Location") == 0)
        add_place(out);
    if (strcmp(type, "DocumentReference") == 0)
        add_document(out);
    if (strcmp(type, "Encounter") == 0 || strcmp(type, "Observation") == 0)
        add_reference(out, "subject", "Patient", FEW);
    if (strcmp(type, "Observation") == 0)
        add_reference(out, "encounter", "Encounter", SOME);
    if (strcmp(type, "Provenance") == 0)
        add_reference(out, "target", "Patient", RESOURCES);
    auth_buf_add_string(out, "}\n");
}

/* ---- what is asked ---- */

static const struct {
    const char *type, *params;
} askable[] = {
    {"Patient", "identifier name family given birthdate telecom gender address-city phone"},
    {"Patient", "name birthdate"},
    {"Patient", "family given birthdate"},
    {"Patient", "family given gender telecom"},
    {"Practitioner", "identifier name family given telecom"},
    {"PractitionerRole", "identifier practitioner organization specialty"},
    {"Location", "type identifier name address address-city partof"},
    {"DocumentReference", "encounter identifier patient patient.identifier"},
    {"DocumentReference", "encounter patient"},
    {"Encounter", "patient identifier patient.identifier"},
    {"Observation", "patient patient.identifier _id"},
};

/* The value of a JSON string of the lists above. */
static void add_meaning(struct auth_buf *out, const char *written)
{
    struct auth_json *doc = NULL;
    struct auth_buf quoted;
    auth_buf_init(&quoted, TEXT_MAX);
    auth_buf_addf(&quoted, "\"%s\"", written);
    assert_int_equal(auth_json_parse(auth_buf_view(&quoted), &doc, NULL), AUTH_OK);
    auth_buf_add_view(out, auth_json_string(auth_json_root(doc)));
    auth_json_free(doc);
    auth_buf_clear(&quoted);
}

static void add_token_value(struct auth_buf *out)
{
    static const char *const before[] = {"", "", "", "urn:a|", "|", "urn:b|"};
    struct auth_buf code;
    auth_buf_init(&code, TEXT_MAX);
    add_code(&code);
    auth_buf_add_string(out, PICK(before));
    if (draw(8))
        add_meaning(out, code.p ? code.p : "");
    auth_buf_clear(&code);
}

static void add_id_value(struct auth_buf *out, const char *param)
{
    bool is_patient = strcmp(param, "patient") == 0, is_encounter = strcmp(param, "encounter") == 0;
    const char *before = draw(4) ? "" : is_patient ? "Patient/" : "http://x/Location/";
    auth_buf_addf(out, "%s%zu", before, draw(is_patient ? FEW : is_encounter ? SOME : RESOURCES));
}

static bool is_in(const char *list, const char *word)
{
    return mock_word_in(list, auth_view_from_string(word));
}

static void add_value(struct auth_buf *out, const char *param)
{
    if (is_in("birthdate", param))
        auth_buf_add_string(out, PICK(asked_days));
    else if (is_in("gender", param))
        auth_buf_add_string(out, draw(2) ? "female" : "male");
    else if (is_in("identifier telecom phone specialty type patient.identifier", param))
        add_token_value(out);
    else if (is_in("name family given address address-city", param))
        add_meaning(out, PICK(names));
    else
        add_id_value(out, param);
}

/* name=value, or several. */
static void make_query(size_t about, struct auth_buf *names_of, struct auth_buf *values, struct auth_form *form)
{
    struct auth_view params = auth_view_from_string(askable[about].params), all[16] = {{NULL, 0}};
    size_t count = 0, starts[AUTH_FORM_FIELDS_MAX][4];
    while (params.n)
        all[count++] = auth_view_split(&params, ' ');
    form->count = 0;
    size_t wanted = 1 + draw(4);
    for (; form->count < wanted; form->count++) {
        char name[32];
        struct auth_view param = all[draw(count)];
        (void)snprintf(name, sizeof name, "%.*s", (int)param.n, param.p);
        starts[form->count][0] = names_of->n;
        auth_buf_add_string(names_of, name);
        starts[form->count][1] = names_of->n;
        starts[form->count][2] = values->n;
        for (size_t i = 0, n = draw(4) ? 0 : 1 + draw(3); i <= n; i++) {
            auth_buf_add_string(values, i ? "," : "");
            add_value(values, name);
            if (strcmp(name, "birthdate") == 0 || strncmp(name, "patient", 7) == 0)
                break;
        }
        starts[form->count][3] = values->n;
    }
    for (size_t i = 0; i < form->count; i++)
        form->fields[i] = (struct auth_form_field){
            auth_view_bytes(names_of->p + starts[i][0], starts[i][1] - starts[i][0]),
            auth_view_bytes((values->p ? values->p : "") + starts[i][2], starts[i][3] - starts[i][2])};
}

/* ---- the comparison ---- */

struct world {
    struct mock_fhir_store store;
    struct auth_buf text;
    struct auth_profile profile;
    struct mock_fhir_call call;
    struct mock_scopes scopes;
    size_t replaced;
    size_t narrowed, found; /* searches for which the index was asked, and of these such as found something */
};

static void make_world(struct world *world)
{
    struct mock_fhir_report report = {0};
    struct auth_err err = {0};
    memset(world, 0, sizeof *world);
    auth_buf_init(&world->text, TEXT_MAX);
    for (size_t i = 0; i < FEW; i++)
        auth_buf_addf(&world->text, "{\"resourceType\":\"Patient\",\"id\":\"%zu\"}\n", i);
    for (size_t i = 0; i < RESOURCES; i++)
        add_resource(&world->text, i);
    assert_true(auth_buf_ok(&world->text));
    assert_int_equal(mock_fhir_load_text(&world->store, &report, "world", auth_buf_view(&world->text), &err), AUTH_OK);
    const struct mock_fhir_note *loss = mock_report_first_loss(&report, 0);
    if (loss)
        fail_msg("line %zu: %s", loss->line, loss->what);
    mock_report_clear(&report);
    assert_int_equal(mock_fhir_store_seal(&world->store, &world->replaced, &err), AUTH_OK);
    assert_int_equal(mock_scopes_all(MOCK_SCOPES_V2, &world->scopes), AUTH_OK);
    world->call = (struct mock_fhir_call){.base_url = auth_view_from_string("http://x"),
                                          .scopes = &world->scopes,
                                          .profile = &world->profile,
                                          .access = &world->store.access};
}

static void clear_world(struct world *world)
{
    mock_fhir_store_clear(&world->store);
    mock_scopes_clear(&world->scopes);
    auth_buf_clear(&world->text);
}

struct outcome {
    struct mock_plan plan;
    struct mock_candidates candidates;
    struct mock_page page;
};

static void clear_outcome(struct outcome *outcome)
{
    free(outcome->candidates.listed);
    free(outcome->page.items);
    mock_plan_clear(&outcome->plan);
}

/* All at once, or in pages of `size`, joined. */
static void ask(const struct world *world, const struct mock_fhir_type *type, const struct auth_form *form,
                bool is_scanned, size_t size, struct outcome *out)
{
    const struct mock_query query = {type, form, &world->profile, world->call.base_url, false};
    const struct mock_match_context context = {world->call.base_url, 0};
    const struct mock_finding finding = {&world->store, &world->call, form, &context, &out->plan, is_scanned};
    const struct mock_extent everything = {SIZE_MAX, SIZE_MAX};
    struct mock_page_start start = {0, 0};
    memset(&out->page, 0, sizeof out->page);
    memset(&out->candidates, 0, sizeof out->candidates);
    assert_int_equal(mock_query_plan(&query, &out->plan), AUTH_OK);
    if (out->plan.status)
        return;
    assert_int_equal(mock_candidates_choose(&finding, &out->candidates), AUTH_OK);
    bool has_next = !out->plan.status;
    while (has_next) {
        struct mock_page page;
        assert_int_equal(mock_page_find(&finding, out->candidates.range, start, everything, size, false, &page),
                         AUTH_OK);
        assert_false(page.is_lost);
        assert_true(page.count <= size);
        for (size_t i = 0; i < page.count; i++) {
            uint32_t *items = auth_array_fit(out->page.items, out->page.count, &out->page.size, sizeof *items);
            assert_non_null(items);
            out->page.items = items;
            items[out->page.count++] = page.items[i];
        }
        has_next = page.has_next;
        start = page.next;
        free(page.items);
    }
}

static void say(const struct auth_form *form, const struct mock_fhir_type *type, const char *what)
{
    fprintf(stderr, "%s: %s", what, type->name);
    for (size_t i = 0; i < form->count; i++)
        fprintf(stderr, "%c%.*s=%.*s", i ? '&' : '?', (int)form->fields[i].name.n, form->fields[i].name.p,
                (int)form->fields[i].value.n, form->fields[i].value.p ? form->fields[i].value.p : "");
    fprintf(stderr, "\n");
    fail_msg("%s", what);
}

static void compare(struct world *world, const struct mock_fhir_type *type, const struct auth_form *form)
{
    struct outcome scanned, indexed, paged;
    ask(world, type, form, true, RESOURCES, &scanned);
    ask(world, type, form, false, RESOURCES, &indexed);
    ask(world, type, form, false, 1 + draw(3), &paged);
    if (scanned.plan.status != indexed.plan.status)
        say(form, type, "one is refused");
    if (scanned.page.count != indexed.page.count || paged.page.count != indexed.page.count)
        say(form, type, "another number is found");
    if (scanned.page.count &&
        (memcmp(scanned.page.items, indexed.page.items, scanned.page.count * sizeof(uint32_t)) != 0 ||
         memcmp(paged.page.items, indexed.page.items, paged.page.count * sizeof(uint32_t)) != 0))
        say(form, type, "others are found");
    bool is_person = scanned.plan.is_scored && scanned.page.count;
    bool is_narrowed = is_person || (indexed.candidates.listed && !scanned.candidates.listed);
    world->narrowed += is_narrowed;
    world->found += is_narrowed && indexed.page.count;
    clear_outcome(&scanned);
    clear_outcome(&indexed);
    clear_outcome(&paged);
}

static void test_an_index_finds_what_a_scan_finds(void **unused)
{
    size_t narrowed = 0, found = 0, replaced = 0;
    (void)unused;
    for (size_t i = 0; i < WORLDS; i++) {
        struct world world;
        make_world(&world);
        world.profile = *auth_profile_named("epic");
        world.profile.values[AUTH_SWITCH_FHIR] = i % 2; /* r4 every other time */
        for (size_t j = 0; j < QUERIES; j++) {
            struct auth_buf names_of, values;
            struct auth_form form;
            size_t about = draw(sizeof askable / sizeof *askable);
            auth_buf_init(&names_of, TEXT_MAX);
            auth_buf_init(&values, TEXT_MAX);
            make_query(about, &names_of, &values, &form);
            compare(&world, &mock_fhir_types[mock_fhir_type_find(auth_view_from_string(askable[about].type))], &form);
            auth_buf_clear(&names_of);
            auth_buf_clear(&values);
        }
        narrowed += world.narrowed;
        found += world.found;
        replaced += world.replaced;
        clear_world(&world);
    }
    assert_true(replaced > 0);
    assert_true(narrowed > WORLDS * QUERIES / 10);
    assert_true(found > WORLDS * QUERIES / 20);
}

/* ---- Provenance ---- */

static bool names_match(void *ctx, struct auth_view reference)
{
    struct auth_view *id = ctx;
    struct mock_reference there = mock_reference_read(reference);
    bool is_own = there.base.n == 0 || auth_view_equals(there.base, "http://x");
    if (!is_own || !auth_view_equals(there.type, "Patient") || !auth_view_equals_view(there.id, *id))
        return true;
    id->n = 0; /* found */
    return false;
}

static bool is_about(const struct world *world, uint32_t provenance, uint32_t match)
{
    static const struct mock_fhir_param target = {"target", "target", MOCK_PARAM_REFERENCE, true, 0};
    struct auth_view id = mock_resource_id(&world->store.items[match]);
    mock_each_reference(&target, mock_resource_bytes(&world->store.items[provenance]), names_match, &id);
    return id.n == 0;
}

static void test_provenances_of_a_page(void **unused)
{
    size_t included_count = 0;
    (void)unused;
    for (size_t i = 0; i < WORLDS; i++) {
        struct world world;
        make_world(&world);
        world.profile = *auth_profile_named("epic");
        size_t patient = mock_fhir_type_find(auth_view_from_string("Patient"));
        struct mock_range all = mock_fhir_store_of_type(&world.store, patient);
        struct mock_range provenances =
            mock_fhir_store_of_type(&world.store, mock_fhir_type_find(auth_view_from_string("Provenance")));
        for (size_t from = 0; from + 3 < all.count; from++) {
            struct mock_plan plan = {.type = &mock_fhir_types[patient], .wants_provenance = true};
            struct mock_included included;
            size_t n = 1 + draw(3), at = 0;
            assert_int_equal(mock_include(&world.store, &plan, &world.call, all.items + from, n, &included), AUTH_OK);
            for (size_t j = 0; j < provenances.count; j++) {
                bool is_wanted = false;
                for (size_t k = 0; k < n; k++)
                    is_wanted = is_wanted || is_about(&world, provenances.items[j], all.items[from + k]);
                if (is_wanted)
                    assert_true(at < included.count && included.items[at++] == provenances.items[j]);
            }
            assert_int_equal(at, included.count);
            included_count += at;
            free(included.items);
        }
        clear_world(&world);
    }
    assert_true(included_count > 0);
}

int main(void)
{
    const char *seed = getenv("SEED");
    state = seed ? strtoull(seed, NULL, 10) : 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_index_finds_what_a_scan_finds),
        cmocka_unit_test(test_provenances_of_a_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
