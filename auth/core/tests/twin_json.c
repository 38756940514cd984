/* Our JSON tree beside cJSON's, of every JSON fixture and of texts made at random: the same members, strings and numbers. cJSON is
 * the foreign judge and takes no part in any program; where it is not installed this test is not built. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "auth/core/file.h"
#include "auth/core/json.h"

static size_t nodes; /* compared */

static void compare(const struct auth_json_node *ours, const cJSON *theirs);

static void compare_scalar(const struct auth_json_node *ours, const cJSON *theirs)
{
    bool truth = false;
    double number = 0;
    struct auth_view text = auth_json_string(ours);
    switch (auth_json_type(ours)) {
    case AUTH_JSON_STRING:
        assert_true(cJSON_IsString(theirs));
        assert_string_equal(text.p, theirs->valuestring);
        assert_int_equal(text.n, strlen(theirs->valuestring));
        break;
    case AUTH_JSON_NUMBER:
        assert_true(cJSON_IsNumber(theirs) && auth_json_double(ours, &number));
        assert_memory_equal(&number, &theirs->valuedouble, sizeof number);
        break;
    case AUTH_JSON_BOOL:
        assert_true(cJSON_IsBool(theirs) && auth_json_bool(ours, &truth));
        assert_int_equal(truth, cJSON_IsTrue(theirs));
        break;
    default:
        assert_int_equal(auth_json_type(ours), AUTH_JSON_NULL);
        assert_true(cJSON_IsNull(theirs));
    }
}

static void compare_items(const struct auth_json_node *ours, const cJSON *theirs)
{
    const struct auth_json_node *item = auth_json_first(ours);
    const cJSON *other = theirs->child;
    for (; item && other; item = auth_json_next(item), other = other->next) {
        if (other->string) {
            assert_string_equal(auth_json_name(item).p, other->string);
            assert_ptr_equal(auth_json_member(ours, other->string), item);
        } else {
            assert_int_equal(auth_json_name(item).n, 0);
        }
        compare(item, other);
    }
    assert_true(!item && !other);
}

static void compare(const struct auth_json_node *ours, const cJSON *theirs)
{
    nodes++;
    if (cJSON_IsObject(theirs) || cJSON_IsArray(theirs)) {
        assert_int_equal(auth_json_type(ours), cJSON_IsObject(theirs) ? AUTH_JSON_OBJECT : AUTH_JSON_ARRAY);
        compare_items(ours, theirs);
    } else {
        assert_null(auth_json_first(ours));
        compare_scalar(ours, theirs);
    }
}

/* What we take, cJSON must take too, and see the same in it. */
static bool compare_text(struct auth_view text)
{
    struct auth_json *ours = NULL;
    if (auth_json_parse(text, &ours, NULL) != AUTH_OK)
        return false;
    cJSON *theirs = cJSON_ParseWithLength(text.p, text.n);
    if (!theirs)
        fail_msg("cJSON does not take %.*s", (int)(text.n < 200 ? text.n : 200), text.p);
    compare(auth_json_root(ours), theirs);
    cJSON_Delete(theirs);
    auth_json_free(ours);
    return true;
}

static size_t compare_file(const char *path)
{
    struct auth_buf text;
    size_t taken = 0;
    auth_buf_init(&text, 16 * 1024 * 1024);
    assert_int_equal(auth_file_read(path, &text, NULL), AUTH_OK);
    struct auth_view rest = auth_buf_view(&text);
    if (strstr(path, ".ndjson")) {
        while (rest.n)
            taken += compare_text(auth_view_split(&rest, '\n'));
    } else {
        taken += compare_text(rest);
    }
    auth_buf_clear(&text);
    return taken;
}

static void test_fixtures(void **state)
{
    static const char *const folders[] = {"jwt", "keys", "fhir/core"};
    size_t taken = 0;
    (void)state;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        char directory[512], path[1024];
        char **names = NULL;
        size_t count = 0;
        snprintf(directory, sizeof directory, EPIC_FIXTURES_DIR "/%s", folders[i]);
        assert_int_equal(auth_file_names(directory, &names, &count, NULL), AUTH_OK);
        for (size_t k = 0; k < count; k++) {
            snprintf(path, sizeof path, "%s/%s", directory, names[k]);
            if (strstr(names[k], "json"))
                taken += compare_file(path);
        }
        auth_file_names_free(names, count);
    }
    assert_true(taken > 500 && nodes > 10000);
}

/* ---- at random, and the same ones every time ---- */

static uint32_t random_below(uint32_t n)
{
    static uint64_t seed = 1;
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(seed >> 33) % n;
}

static void add_string(struct auth_buf *out)
{
    static const char *const pieces[] = {"a",
                                         "plain words, longer than eight",
                                         "\\\"",
                                         "\\\\",
                                         "\\/",
                                         "\\n",
                                         "\\u00e4",
                                         "\xc3\xa4",
                                         "\x7f",
                                         "\\u20AC",
                                         "\\ud83d\\ude00",
                                         "\xf0\x9f\x98\x80"};
    auth_buf_add_char(out, '"');
    for (uint32_t i = random_below(6); i > 0; i--)
        auth_buf_add_string(out, pieces[random_below(sizeof pieces / sizeof *pieces)]);
    auth_buf_add_char(out, '"');
}

static void add_value(struct auth_buf *out, unsigned depth)
{
    static const char *const scalars[] = {
        "0",    "-0",    "1.5", "-12e3", "9007199254740993", "1E-7", "123456789012345678901234567890",
        "true", "false", "null"};
    uint32_t kind = random_below(depth < 6 ? 4 : 2), count = random_below(5);
    if (kind == 0) {
        auth_buf_add_string(out, scalars[random_below(sizeof scalars / sizeof *scalars)]);
        return;
    }
    if (kind == 1) {
        add_string(out);
        return;
    }
    auth_buf_add_char(out, kind == 2 ? '[' : '{');
    for (uint32_t i = 0; i < count; i++) {
        auth_buf_add_string(out, i ? " , " : "");
        if (kind == 3) {
            add_string(out);
            auth_buf_add_string(out, " :\t");
        }
        add_value(out, depth + 1);
    }
    auth_buf_add_char(out, kind == 2 ? ']' : '}');
}

static void test_random_texts(void **state)
{
    enum { TEXTS = 20000 };
    size_t taken = 0;
    struct auth_buf text;
    (void)state;
    auth_buf_init(&text, 1024 * 1024);
    for (int i = 0; i < TEXTS; i++) {
        auth_buf_reset(&text);
        add_value(&text, 0);
        assert_true(auth_buf_ok(&text));
        taken += compare_text(auth_buf_view(&text)); /* a member twice is refused */
    }
    assert_true(taken > TEXTS / 2 && taken < TEXTS);
    auth_buf_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fixtures), cmocka_unit_test(test_random_texts)};
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
