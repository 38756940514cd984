/* Loading fixtures: folders that lead back to themselves, what cannot be read, what leads nowhere, and Bundles whose entries name
 * each other by urn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <dirent.h>

#include "auth/core/tests/oom.h"
#include "mock_epic/data/conditional.h"
#include "mock_epic/data/link.h"
#include "mock_epic/data/load.h"
#include "mock_epic/data/load_text.h"
#include "mock_epic/epic/types.h"

#define PATIENT(id) "{\"resourceType\":\"Patient\",\"id\":\"" id "\"}"

struct place {
    char path[64];
    struct mock_fhir_store store;
    struct mock_fhir_report report;
    struct auth_err err;
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    snprintf(place->path, sizeof place->path, "/tmp/mock-epic-load-XXXXXX");
    assert_non_null(mkdtemp(place->path));
    *state = place;
    return 0;
}

/* Everything below, links not followed. */
static void remove_below(const char *path)
{
    char inner[512];
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (const struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        assert_int_equal(lstat(inner, &status), 0);
        if (S_ISDIR(status.st_mode))
            remove_below(inner);
        else
            assert_int_equal(unlink(inner), 0);
    }
    assert_int_equal(closedir(folder), 0);
    assert_int_equal(rmdir(path), 0);
}

static int tear_down(void **state)
{
    struct place *place = *state;
    mock_fhir_store_clear(&place->store);
    mock_report_clear(&place->report);
    remove_below(place->path);
    free(place);
    return 0;
}

static const char *full(const struct place *place, const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", place->path, name);
    return path;
}

static void write_file(const struct place *place, const char *name, const char *text)
{
    FILE *file = fopen(full(place, name), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void load(struct place *place, const char *path)
{
    if (mock_fhir_load_path(&place->store, path, &place->report, &place->err) != AUTH_OK)
        fail_msg("%s", place->err.detail);
}

static void seal(struct place *place)
{
    assert_int_equal(mock_fhir_store_seal(&place->store, &place->report.replaced, &place->err), AUTH_OK);
    mock_fhir_check_references(&place->store, &place->report);
    /* what was noted while loading says what the texts say */
    struct mock_fhir_report by_text = {0};
    place->store.references.is_partial = true;
    mock_fhir_check_references(&place->store, &by_text);
    assert_int_equal(place->report.unresolved_references, by_text.unresolved_references);
    assert_string_equal(place->report.first_unresolved, by_text.first_unresolved);
}

static void expect_note(const struct place *place, const char *part)
{
    struct auth_buf text;
    bool is_there = false;
    auth_buf_init(&text, 8192);
    for (size_t i = 0; i < place->report.note_count && !is_there; i++) {
        auth_buf_reset(&text);
        mock_report_write_note(&place->report.notes[i], &text);
        is_there = strstr(text.p, part) != NULL;
    }
    if (!is_there)
        fail_msg("no note says \"%s\" among %zu, e.g. \"%s\"", part, place->report.note_count, text.p);
    auth_buf_clear(&text);
}

/* ---- folders ---- */

static void test_a_folder_that_leads_to_itself(void **state)
{
    struct place *place = *state;
    write_file(place, "a.json", PATIENT("a"));
    assert_int_equal(mkdir(full(place, "sub"), 0700), 0);
    write_file(place, "sub/b.ndjson", PATIENT("b") "\n" PATIENT("c") "\n");
    assert_int_equal(symlink(".", full(place, "l1")), 0);
    assert_int_equal(symlink(".", full(place, "l2")), 0);
    assert_int_equal(symlink("..", full(place, "sub/up")), 0);
    assert_int_equal(symlink("sub", full(place, "z")), 0);
    load(place, place->path);
    assert_int_equal(place->store.count, 3);
    assert_int_equal(place->report.note_count, 4);
    expect_note(place, "/l1: a folder that was met before");
    expect_note(place, "/sub/up: a folder that was met before");
    load(place, place->path); /* named again by the user, it is loaded again */
    assert_int_equal(place->store.count, 6);
}

static void test_links_to_other_folders_are_followed(void **state)
{
    struct place *place = *state;
    char other[64] = "/tmp/mock-epic-other-XXXXXX", target[128];
    assert_non_null(mkdtemp(other));
    snprintf(target, sizeof target, "%s/a.json", other);
    FILE *file = fopen(target, "w");
    assert_non_null(file);
    assert_true(fputs(PATIENT("a"), file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(symlink(other, full(place, "link")), 0);
    assert_int_equal(symlink(target, full(place, "file.json")), 0);
    load(place, place->path);
    assert_int_equal(place->store.count, 2);
    assert_int_equal(place->report.note_count, 0);
    assert_int_equal(unlink(target), 0);
    assert_int_equal(rmdir(other), 0);
}

static void test_what_cannot_be_read_is_named(void **state)
{
    struct place *place = *state;
    write_file(place, "a.json", PATIENT("a"));
    write_file(place, "b.txt", "no fixture");
    write_file(place, "c.JSON", PATIENT("c"));
    assert_int_equal(mkfifo(full(place, "fifo.json"), 0600), 0);
    assert_int_equal(symlink("nothing", full(place, "gone.ndjson")), 0);
    assert_int_equal(mkdir(full(place, "empty.json"), 0700), 0); /* a folder, whatever its name */
    load(place, place->path);
    assert_int_equal(place->store.count, 1);
    assert_int_equal(place->report.ignored_files, 2);
    assert_int_equal(place->report.note_count, 2);
    expect_note(place, "fifo.json: ");
    expect_note(place, "gone.ndjson: ");
}

static void test_a_folder_of_other_names(void **state)
{
    struct place *place = *state;
    write_file(place, "patients.txt", PATIENT("a"));
    write_file(place, "zzz.xml", "<x/>");
    load(place, place->path);
    assert_int_equal(place->store.count, 0);
    expect_note(place, "no resource in it; 2 files whose names end in neither .json nor .ndjson, as patients.txt");
    assert_int_equal(mkdir(full(place, "empty"), 0700), 0);
    load(place, full(place, "empty"));
    expect_note(place, "/empty: no resource in it");
    write_file(place, "empty.json", " \n");
    load(place, full(place, "empty.json"));
    expect_note(place, "/empty.json: no resource in it");
    load(place, full(place, "patients.txt")); /* named by the user, a file is read whatever its name */
    assert_int_equal(place->store.count, 1);
    assert_int_equal(place->report.note_count, 3);
}

static void test_more_notes_than_are_kept(void **state)
{
    struct place *place = *state;
    char line[32];
    FILE *file = fopen(full(place, "a.ndjson"), "w");
    assert_non_null(file);
    assert_true(fputs(PATIENT("a") "\n", file) >= 0);
    for (int i = 0; i < MOCK_REPORT_NOTES_MAX + 5; i++) {
        snprintf(line, sizeof line, "{\"x\":%d}\n", i);
        assert_true(fputs(line, file) >= 0);
    }
    assert_int_equal(fclose(file), 0);
    load(place, place->path);
    assert_int_equal(place->report.note_count, MOCK_REPORT_NOTES_MAX);
    assert_int_equal(place->report.untold, 5);
    assert_int_equal(place->report.left_out, MOCK_REPORT_NOTES_MAX + 5);
    expect_note(place, "a.ndjson:1001:1: no resourceType");
}

static void test_a_deep_folder(void **state)
{
    enum { DEEP = 80 };
    struct place *place = *state;
    char path[64 + 2 * DEEP + 16];
    int n = snprintf(path, sizeof path, "%s", place->path);
    for (int i = 0; i < DEEP; i++) {
        n += snprintf(path + n, sizeof path - (size_t)n, "/d");
        assert_int_equal(mkdir(path, 0700), 0);
    }
    write_file(place, "a.json", PATIENT("a"));
    load(place, place->path);
    assert_int_equal(place->store.count, 1);
    expect_note(place, "too deep a folder; left out");
}

static void test_what_is_wrong_is_left_out(void **state)
{
    struct place *place = *state;
    write_file(place, "a.json", PATIENT("a"));
    write_file(place, "b.json", "{\"resourceType\":\"Patient\"}");
    load(place, place->path);
    assert_int_equal(place->store.count, 1);
    assert_int_equal(place->report.left_out, 1);
    expect_note(place, "b.json:1:1: Patient without a usable id");
    /* where nothing is left of what was named, that is an error */
    assert_int_equal(mock_fhir_load_path(&place->store, full(place, "b.json"), &place->report, &place->err),
                     AUTH_E_SYNTAX);
    assert_non_null(strstr(place->err.detail, "b.json:1:1: Patient without a usable id"));
    auth_err_clear(&place->err);
    assert_int_equal(mock_fhir_load_path(&place->store, full(place, "none"), &place->report, &place->err),
                     AUTH_E_NOT_FOUND);
}

static void test_access_is_no_fixture(void **state)
{
    struct place *place = *state;
    write_file(place, "a.json", PATIENT("a"));
    write_file(place, "access.json", "[{\"type\":\"Patient\",\"id\":\"a\",\"answer\":\"4103\"}]");
    load(place, place->path);
    assert_int_equal(place->store.count, 1);
    assert_int_equal(place->report.note_count, 0);
    assert_int_equal(place->report.ignored_files, 0);
}

/* What is too large to be read is mapped; here everything is. */
static void test_a_mapped_file(void **state)
{
    struct place *place = *state;
    write_file(place, "a.ndjson", PATIENT("a") "\n" PATIENT("b"));
    write_file(place, "empty.ndjson", "");
    place->store.map_from = 1;
    load(place, place->path);
    seal(place);
    assert_int_equal(place->store.count, 2);
    assert_true(auth_view_equals(mock_resource_bytes(&place->store.items[1]), PATIENT("b")));
}

/* ---- references ---- */

static void test_references_that_lead_nowhere(void **state)
{
    struct place *place = *state;
    write_file(
        place, "a.ndjson",
        PATIENT(
            "p") "\n"
                 "{\"resourceType\":\"Observation\",\"id\":\"replaced\",\"subject\":{\"reference\":\"Patient/nobody\"}}\n"
                 "{\"resourceType\":\"Observation\",\"id\":\"replaced\",\"subject\":{\"reference\":\"Patient/p\"}}\n"
                 "{\"resourceType\":\"Observation\",\"id\":\"o\",\"subject\":{ \"reference\" : \"Patient/q\"},"
                 "\"performer\":[{\"reference\":\"Patient/p/_history/2\"},{\"reference\":\"Practitioner/z\"}],"
                 "\"note\":\"say \\\"reference\\\":\\\"Patient/no\\\"\",\"x\":\"reference\",\"reference\":7,"
                 "\"a\":{\"reference\":\"#contained\"},\"b\":{\"reference\":\"https://x.example/Patient/r\"},"
                 "\"c\":{\"reference\":\"Practitioner?identifier=a|b\"},\"d\":{\"reference\":\"urn:uuid:1\"},"
                 "\"e\":{\"reference\":\"\"},\"f\":{\"reference\":\"Patient\"},\"g\":{\"reference\":\"Patient/\"}}\n");
    load(place, full(place, "a.ndjson"));
    seal(place);
    assert_int_equal(place->report.unresolved_references, 3);
    assert_string_equal(place->report.first_unresolved, "Observation/o names Patient/q");
    /* what the program brings along was looked at when it was built */
    mock_fhir_store_clear(&place->store);
    mock_report_clear(&place->report);
    assert_int_equal(
        mock_fhir_load_text(&place->store, &place->report, "pack",
                            auth_view_from_string("{\"resourceType\":\"Observation\",\"id\":\"t\",\"subject\":{"
                                                  "\"reference\":\"Patient/x\"}}"),
                            &place->err),
        AUTH_OK);
    mock_fhir_trust(&place->store);
    seal(place);
    assert_int_equal(place->report.unresolved_references, 0);
}

static const char bundle[] =
    "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":["
    "{\"fullUrl\":\"urn:uuid:0a\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p\"}},"
    "{\"fullUrl\":\"urn:uuid:0b\",\"resource\":{\"resourceType\":\"Observation\",\"id\":\"o\",\"valueQuantity\":{\"value\":1.50},"
    "\"subject\":{\"reference\":\"urn:uuid:0a\"},\"category\":[{\"coding\":[{\"code\":\"x\"}]}],"
    "\"hasMember\":[{\"reference\": \"urn:uuid:0b\"},{\"reference\":\"urn:uuid:0c\"}],\"note\":\"urn:uuid:0a\"}},"
    "{\"fullUrl\":\"https://x.example/Patient/q\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"q\"}}]}";

/* The same as often as it is named, more of them than are listed of one resource, and a name that is written with an escape. */
static void test_references_of_all_sorts(void **state)
{
    static const struct {
        const char *name;
        size_t repeated, wanted;
    } rows[] = {{"reference", 1, 2}, {"reference", 63, 64}, {"reference", 64, 65}, {"refer\\u0065nce", 3, 1}};
    struct place *place = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_buf text;
        auth_buf_init(&text, 65536);
        auth_buf_add_string(&text, PATIENT("p") "\n{\"resourceType\":\"Group\",\"id\":\"g\",\"member\":[");
        for (size_t k = 0; k < rows[i].repeated; k++)
            auth_buf_addf(&text, "{\"%s\":\"Patient/gone\"},", rows[i].name);
        auth_buf_add_string(&text, "{\"reference\":\"Patient/p\"},{\"reference\":\"Patient/lost\"}]}");
        assert_int_equal(mock_fhir_load_text(&place->store, &place->report, "text", auth_buf_view(&text), &place->err),
                         AUTH_OK);
        seal(place);
        assert_int_equal(place->report.unresolved_references, rows[i].wanted);
        mock_fhir_store_clear(&place->store);
        mock_report_clear(&place->report);
        auth_buf_clear(&text);
    }
}

static void test_urns_in_a_bundle_are_linked(void **state)
{
    struct place *place = *state;
    write_file(place, "bundle.json", bundle);
    load(place, place->path);
    seal(place);
    assert_int_equal(place->report.linked_references, 2);
    assert_int_equal(place->report.unresolved_references, 1); /* 0c: no entry of that name */
    const struct mock_resource *observation =
        mock_fhir_store_find(&place->store, auth_view_from_string("Observation"), auth_view_from_string("o"));
    assert_non_null(observation);
    assert_true(auth_view_equals(mock_resource_patient(&place->store, observation), "p"));
    assert_int_equal(mock_fhir_store_about(&place->store, auth_view_from_string("p"),
                                           mock_fhir_type_find(auth_view_from_string("Observation")))
                         .count,
                     1);
    /* and nothing else of it was touched */
    assert_true(
        auth_view_equals(mock_resource_bytes(observation),
                         "{\"resourceType\":\"Observation\",\"id\":\"o\",\"valueQuantity\":{\"value\":1.50},"
                         "\"subject\":{\"reference\":\"Patient/p\"},\"category\":[{\"coding\":[{\"code\":\"x\"}]}],"
                         "\"hasMember\":[{\"reference\": \"Observation/o\"},{\"reference\":\"urn:uuid:0c\"}],"
                         "\"note\":\"urn:uuid:0a\"}"));
}

/* The names of one Bundle are its own. */
static void test_urns_of_two_bundles(void **state)
{
    struct place *place = *state;
    static const char line[] =
        "{\"resourceType\":\"Bundle\",\"entry\":[{\"fullUrl\":\"urn:uuid:1\",\"resource\":{\"resourceType\":"
        "\"Patient\",\"id\":\"%s\"}},{\"resource\":{\"resourceType\":\"Condition\",\"id\":\"c%s\",\"subject\":{"
        "\"reference\":\"urn:uuid:1\"}}}]}\n";
    char text[1024];
    int n = snprintf(text, sizeof text, line, "a", "a");
    snprintf(text + n, sizeof text - (size_t)n, line, "b", "b");
    write_file(place, "two.ndjson", text);
    load(place, place->path);
    seal(place);
    assert_int_equal(place->report.linked_references, 2);
    assert_int_equal(place->report.unresolved_references, 0);
    assert_true(auth_view_equals(
        mock_resource_patient(&place->store, mock_fhir_store_find(&place->store, auth_view_from_string("Condition"),
                                                                  auth_view_from_string("cb"))),
        "b"));
}

/* A resource that is written anew where it names an entry, and stays where it does not. */
static void test_what_is_written_anew(void **state)
{
    static const struct {
        const char *resource, *id, *wanted; /* NULL: as it was */
    } rows[] = {
        {"{\"id\":\"x\"}", "x", NULL},
        {"{\"id\":\"x\",\"note\":\"urn:uuid:1\"}", "x", NULL},
        {"{\"id\":\"x\",\"subject\":{\"reference\":\"urn:uuid:1#a\"}}", "x", NULL},
        {"{\"id\":\"x\",\"a\":{\"reference\":\"urn:uuid:1\"},\"b\":{\"url\":\"http://s.example/Binary/2\"}}", "x",
         "{\"id\":\"x\",\"a\":{\"reference\":\"Patient/p\"},\"b\":{\"url\":\"Binary/b\"}}"},
        {"{ \"a\":1}", "n", "{\"id\":\"n\", \"a\":1}"},
        {"{ }", "n", "{\"id\":\"n\" }"},
        {"{}", "", NULL},
    };
    static const char links_of[] =
        "{\"entry\":[{\"fullUrl\":\"urn:uuid:1\",\"resource\":{\"resourceType\":\"Patient\",\"id\":\"p\"}},"
        "{},{\"fullUrl\":7,\"resource\":{}},{\"fullUrl\":\"http://s.example/Binary/2\",\"resource\":{"
        "\"resourceType\":\"Binary\",\"id\":\"b\"}}]}";
    struct mock_links links = {0};
    (void)state;
    assert_int_equal(mock_links_read(auth_view_from_string(links_of), &links), AUTH_OK);
    assert_int_equal(links.count, 2);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_buf out;
        size_t count = 0;
        auth_buf_init(&out, 1000);
        mock_links_write(&links, auth_view_from_string(rows[i].resource), auth_view_from_string(rows[i].id), &out,
                         &count);
        assert_true(auth_view_equals(auth_buf_view(&out), rows[i].wanted ? rows[i].wanted : ""));
        auth_buf_clear(&out);
    }
    free(links.items);
}

static void test_loading_without_memory(void **state)
{
    struct place *place = *state;
    bool has_failed = true;
    write_file(place, "a.json", "{\"repeat\":{\"count\":2},\"resource\":" PATIENT("r{n}") "}");
    write_file(place, "bundle.json", bundle);
    write_file(place, "c.json",
               "{\"resourceType\":\"Condition\",\"id\":\"c\",\"subject\":{\"reference\":\"Patient?identifier=x\"}}");
    write_file(place, "d.json", "{\"resourceType\":\"Patient\",\"id\":\"d\",\"identifier\":[{\"value\":\"x\"}]}");
    for (long i = 1; has_failed; i++) {
        oom_arm(i, OOM_ONE);
        enum auth_rc rc = mock_fhir_load_path(&place->store, place->path, &place->report, &place->err);
        if (rc == AUTH_OK)
            rc = mock_conditional_resolve(&place->store, &place->report, &place->err);
        has_failed = oom_disarm();
        assert_int_equal(rc, has_failed ? AUTH_E_NOMEM : AUTH_OK);
        auth_err_clear(&place->err);
        mock_fhir_store_clear(&place->store);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        TEST(test_a_folder_that_leads_to_itself),
        TEST(test_links_to_other_folders_are_followed),
        TEST(test_what_cannot_be_read_is_named),
        TEST(test_a_folder_of_other_names),
        TEST(test_more_notes_than_are_kept),
        TEST(test_a_deep_folder),
        TEST(test_what_is_wrong_is_left_out),
        TEST(test_access_is_no_fixture),
        TEST(test_a_mapped_file),
        TEST(test_references_that_lead_nowhere),
        TEST(test_references_of_all_sorts),
        TEST(test_urns_in_a_bundle_are_linked),
        TEST(test_urns_of_two_bundles),
        TEST(test_what_is_written_anew),
        TEST(test_loading_without_memory),
    };
    oom_init();
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
