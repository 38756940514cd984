/* The shapes in which people have their data: what is taken of each, and where what is wrong is said to be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "mock_epic/data/conditional.h"
#include "mock_epic/data/load_text.h"
#include "mock_epic/epic/types.h"
#include "mock_epic/fhir/fhir.h"

#define PATIENT(id) "{\"resourceType\":\"Patient\",\"id\":\"" id "\"}"
#define TWICE "{\"resourceType\":\"Patient\",\"id\":\"x\",\"id\":\"y\"}"

struct loaded {
    struct mock_fhir_store store;
    struct mock_fhir_report report;
};

static void load(struct loaded *loaded, const char *text)
{
    struct auth_err err = {0};
    memset(loaded, 0, sizeof *loaded);
    if (mock_fhir_load_text(&loaded->store, &loaded->report, "f", auth_view_from_string(text), &err) != AUTH_OK ||
        mock_conditional_resolve(&loaded->store, &loaded->report, &err) != AUTH_OK ||
        mock_fhir_store_seal(&loaded->store, &loaded->report.replaced, &err) != AUTH_OK)
        fail_msg("%s: %s", text, err.detail);
}

static void clear(struct loaded *loaded)
{
    mock_fhir_store_clear(&loaded->store);
    mock_report_clear(&loaded->report);
}

static const char *bytes_of(const struct loaded *loaded, const char *type, const char *id)
{
    static char text[1024];
    const struct mock_resource *found =
        mock_fhir_store_find(&loaded->store, auth_view_from_string(type), auth_view_from_string(id));
    struct auth_view bytes = found ? mock_resource_bytes(found) : auth_view_from_string("");
    snprintf(text, sizeof text, "%.*s", (int)bytes.n, bytes.p);
    return text;
}

/* ids: of what is taken, in order. notes: "line:column what" of what is not, each with a ';' behind it. */
static void expect(const char *text, const char *ids, const char *notes)
{
    struct loaded loaded;
    struct auth_buf found, said;
    load(&loaded, text);
    auth_buf_init(&found, 10000);
    auth_buf_init(&said, 10000);
    for (size_t i = 0; i < loaded.store.count; i++) {
        auth_buf_add_view(&found, mock_resource_id(&loaded.store.items[i]));
        auth_buf_add_char(&found, ' ');
    }
    for (size_t i = 0; i < loaded.report.note_count; i++) {
        const struct mock_fhir_note *note = &loaded.report.notes[i];
        auth_buf_addf(&said, "%zu:%zu %s;", note->line, note->column, note->what);
    }
    assert_int_equal(loaded.report.left_out, loaded.report.note_count);
    if (!auth_view_equals(auth_buf_view(&found), ids) || !auth_view_equals(auth_buf_view(&said), notes))
        fail_msg("%s\n  took \"%s\", not \"%s\"\n  said \"%s\",\n   not \"%s\"", text, found.n ? found.p : "", ids,
                 said.n ? said.p : "", notes);
    auth_buf_clear(&found);
    auth_buf_clear(&said);
    clear(&loaded);
}

static void test_shapes(void **state)
{
    (void)state;
    expect("", "", "");
    expect(" \r\n\t ", "", "");
    expect(PATIENT("a"), "a ", "");
    expect("\r\n {\n  \"resourceType\": \"Patient\",\n  \"id\": \"a\"\n}\n\n", "a ", "");
    expect("[" PATIENT("a") ",[" PATIENT("b") "],[]]", "a b ", "");
    expect(PATIENT("a") "\r\n\r\n" PATIENT("b") "\n  " PATIENT("c"), "a b c ", "");
    expect("[" PATIENT("a") "]\n[" PATIENT("b") "]\n", "a b ", "");
    expect("{\"resourceType\":\"Bundle\"}", "", "");
    expect("{\"repeat\":{\"count\":2},\"resource\":" PATIENT("r{n}") "}", "r0 r1 ", "");
}

static void test_bundles_of_every_type(void **state)
{
    static const char *const types[] = {"document",  "message",        "transaction", "transaction-response",
                                        "batch",     "batch-response", "history",     "searchset",
                                        "collection"};
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char text[1024];
        snprintf(
            text, sizeof text,
            "{\"resourceType\":\"Bundle\",\"id\":\"no\",\"type\":\"%s\",\"link\":[],\"entry\":[{\"resource\":%s},"
            "{\"request\":{\"method\":\"DELETE\",\"url\":\"Patient/z\"}},{\"response\":{\"status\":\"201\"}},"
            "{\"resource\":{\"resourceType\":\"OperationOutcome\",\"issue\":[]},\"search\":{\"mode\":\"outcome\"}},"
            "{\"resource\":{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":%s}]}}]}",
            types[i], PATIENT("a"), PATIENT("b"));
        expect(text, "a b ", "");
    }
}

static void test_ids_of_entries(void **state)
{
    static const char text[] =
        "{\"resourceType\":\"Bundle\",\"entry\":["
        "{\"fullUrl\":\"urn:uuid:0a\",\"resource\":{\"resourceType\":\"Patient\"},\"request\":{\"method\":\"POST\",\"url\":\"Patient\"}},"
        "{\"request\":{\"method\":\"PUT\",\"url\":\"Patient/put\"},\"resource\":{\"resourceType\":\"Patient\"}},"
        "{\"fullUrl\":\"http://s.example/fhir/Patient/url\",\"resource\":{\"resourceType\":\"Patient\"}},"
        "{\"fullUrl\":\"urn:uuid:own\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"mine\"}},"
        "{\"fullUrl\":\"urn:uuid:0e\",\"resource\":{\"resourceType\":\"Condition\",\"subject\":{\"reference\":\"urn:uuid:0a\"},"
        "\"asserter\":{\"reference\":\"http://s.example/fhir/Patient/url\"}}}]}";
    struct loaded loaded;
    (void)state;
    expect(text, "0a put url mine 0e ", "");
    load(&loaded, text);
    assert_string_equal(bytes_of(&loaded, "Patient", "put"), "{\"id\":\"put\",\"resourceType\":\"Patient\"}");
    assert_string_equal(bytes_of(&loaded, "Condition", "0e"),
                        "{\"id\":\"0e\",\"resourceType\":\"Condition\",\"subject\":{\"reference\":\"Patient/0a\"},"
                        "\"asserter\":{\"reference\":\"Patient/url\"}}");
    assert_int_equal(loaded.report.linked_references, 2);
    clear(&loaded);
}

/* One that is wrong costs none that is right, and is named by its place. */
static void test_what_is_wrong_among_good_ones(void **state)
{
    (void)state;
    expect(PATIENT("a") "\n{\"resourceType\":\"Patient\",}\n" PATIENT("c"), "a c ", "2:27 JSON: no member name;");
    expect(PATIENT("a") "\n{\"resourceType\":\"Pat\n" PATIENT("c"), "a c ",
           "2:21 JSON: a raw control character in a string;");
    expect(PATIENT("a") "\n" PATIENT("b") "x\n" PATIENT("c"), "a c ",
           "2:36 JSON: something after the end of the value;");
    expect(PATIENT("a") "\nnull\n" PATIENT("c"), "a c ", "2:1 no resourceType: this is no FHIR resource;");
    expect(PATIENT("a") "\n" TWICE "\n" PATIENT("c"), "a c ",
           "2:36 JSON: the member \"id\" occurs twice in one object;");
    expect("[" PATIENT("a") ",\n" TWICE ",\n 7," PATIENT("c") "]", "a c ",
           "2:36 JSON: the member \"id\" occurs twice in one object;3:2 no resourceType: this is no FHIR resource;");
    expect("{\"resourceType\":\"Bundle\",\"entry\":[\n{\"resource\":" TWICE
           "},\n{\"resource\":" PATIENT("b") "},\n"
                                             "{\"fullUrl\":\"x/\",\"resource\":{\"resourceType\":\"Patient\"}}]}",
           "b ",
           "2:48 JSON: the member \"id\" occurs twice in one object;"
           "4:28 Patient without a usable id (1 to 256 of A-Z a-z 0-9 - . are allowed);");
    expect("{\"repeat\":{\"count\":2},\"resource\":{\"resourceType\":\"Patient\",\"id\":\"_\"}}\n" PATIENT("b"), "b ",
           "1:1 Patient without a usable id (1 to 256 of A-Z a-z 0-9 - . are allowed);"
           "1:1 Patient without a usable id (1 to 256 of A-Z a-z 0-9 - . are allowed);");
    expect("{\"repeat\":{},\"resource\":1}", "", "1:1 repeat: count is a whole number from 1 to 1000000;");
}

/* A text that is no JSON as a whole gives nothing, and one note. */
static void test_what_is_wrong_as_a_whole(void **state)
{
    (void)state;
    expect("{\n  \"resourceType\": \"Patient\",\n  \"id\": \"a\"\n  \"active\": true\n}\n", "",
           "4:3 JSON: neither ',' nor the closing bracket;");
    expect("[" PATIENT("a") ",\n" PATIENT("b"), "", "2:36 JSON: neither ',' nor the closing bracket;");
    expect("[\n" PATIENT("a") "\n" PATIENT("b") "\n]", "", "3:1 JSON: neither ',' nor the closing bracket;");
    expect("<Patient/>", "", "1:1 JSON: no value;");
    expect("\xef\xbb\xbf" PATIENT("a"), "", "1:1 JSON: a byte order mark that must go (RFC 8259 8.1);");
}

static void test_nested_containers(void **state)
{
    char text[20000];
    (void)state;
    expect("[[[[[[[[" PATIENT("a") "]]]]]]]]", "a ", "");
    expect("[[[[[[[[[" PATIENT("a") "]]]]]]]]]", "", "1:9 arrays or Bundles in one another, too deep;");
    memset(text, '[', 9000);
    memset(text + 9000, ']', 9000);
    text[18000] = '\0';
    expect(text, "", "1:9 arrays or Bundles in one another, too deep;");
}

static void test_conditional_references(void **state)
{
    static const char text[] =
        "{\"resourceType\":\"Encounter\",\"id\":\"e\",\"subject\":{\"reference\":\"Patient?identifier=s|1\"},"
        "\"a\":{\"reference\":\"Practitioner?identifier=http://x|9\"},\"b\":{\"reference\":\"Practitioner?identifier=9\"},"
        "\"c\":{\"reference\":\"Practitioner?identifier=s%7C8\"},\"d\":{\"reference\":\"Location?identifier=s|1\"},"
        "\"e\":{\"reference\":\"Practitioner?name=x\"},\"f\":{\"reference\":\"Practitioner?identifier=two\"},"
        "\"g\":{\"reference\":\"Practitioner?identifier=s|8&active=true\"}}\n"
        "{\"resourceType\":\"Patient\",\"id\":\"p\",\"identifier\":[{\"value\":\"0\"},{\"system\":\"s\",\"value\":\"1\"}]}\n"
        "{\"resourceType\":\"Practitioner\",\"id\":\"d\",\"identifier\":[{\"system\":\"http://x\",\"value\":\"9\"}]}\n"
        "{\"resourceType\":\"Practitioner\",\"id\":\"d2\",\"identifier\":[{\"system\":\"s\",\"value\":\"8\"},{\"value\":\"two\"}]}\n"
        "{\"resourceType\":\"Practitioner\",\"id\":\"d3\",\"identifier\":[{\"value\":\"two\"}]}\n";
    struct loaded loaded;
    (void)state;
    load(&loaded, text);
    assert_string_equal(
        bytes_of(&loaded, "Encounter", "e"),
        "{\"resourceType\":\"Encounter\",\"id\":\"e\",\"subject\":{\"reference\":\"Patient/p\"},"
        "\"a\":{\"reference\":\"Practitioner/d\"},\"b\":{\"reference\":\"Practitioner/d\"},"
        "\"c\":{\"reference\":\"Practitioner/d2\"},\"d\":{\"reference\":\"Location?identifier=s|1\"},"
        "\"e\":{\"reference\":\"Practitioner?name=x\"},\"f\":{\"reference\":\"Practitioner?identifier=two\"},"
        "\"g\":{\"reference\":\"Practitioner?identifier=s|8&active=true\"}}");
    assert_int_equal(loaded.report.linked_references, 4);
    /* it has become one about that patient */
    assert_int_equal(mock_fhir_store_about(&loaded.store, auth_view_from_string("p"),
                                           mock_fhir_type_find(auth_view_from_string("Encounter")))
                         .count,
                     1);
    clear(&loaded);
}

static void test_packs(void **state)
{
    struct mock_fhir *fhir;
    struct auth_err err = {0};
    (void)state;
    assert_int_equal(mock_fhir_new(&fhir), AUTH_OK);
    assert_int_equal(mock_fhir_load(fhir, "@other", &err), AUTH_E_NOT_FOUND);
    assert_string_equal(err.detail, "@other: there are the packs @core and @edge; a file of that name is ./@other");
    assert_int_equal(mock_fhir_load(fhir, "@edge", NULL), AUTH_OK);
    assert_int_equal(mock_fhir_load(fhir, "@core", NULL), AUTH_OK);
    assert_int_equal(mock_fhir_load(fhir, "@core", NULL), AUTH_OK); /* once is enough */
    assert_int_equal(mock_fhir_seal(fhir, NULL), AUTH_OK);
    const struct mock_fhir_report *report = mock_fhir_report(fhir);
    assert_int_equal(report->replaced, 0);
    assert_int_equal(report->note_count + report->untold + report->left_out, 0);
    assert_true(report->resources > 2000);
    mock_fhir_release(fhir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_bundles_of_every_type),
        cmocka_unit_test(test_ids_of_entries),
        cmocka_unit_test(test_what_is_wrong_among_good_ones),
        cmocka_unit_test(test_what_is_wrong_as_a_whole),
        cmocka_unit_test(test_nested_containers),
        cmocka_unit_test(test_conditional_references),
        cmocka_unit_test(test_packs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL) == 0 ? 0 : 1;
}
