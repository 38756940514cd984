/* Settings: every way people write a .env, and which layer wins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "auth/client/config.h"
#include "auth/core/file.h"

static char env_path[64];

static int make_directory(void **state)
{
    static char directory[] = "/tmp/epic-config-XXXXXX";
    (void)state;
    if (!mkdtemp(directory))
        return 1;
    snprintf(env_path, sizeof env_path, "%s/.env", directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    (void)unlink(env_path);
    *strrchr(env_path, '/') = '\0';
    return rmdir(env_path);
}

static void write_env(const char *text, size_t n)
{
    assert_int_equal(auth_file_write(env_path, auth_view_bytes(text, n), 0600, AUTH_FILE_REPLACE, NULL), AUTH_OK);
}

static int clear_environment(void **state)
{
    (void)state;
    for (int i = 0; i < AUTH_SETTINGS; i++)
        unsetenv(auth_setting_name((enum auth_setting)i));
    unsetenv("EPIC_CLIENT_ID");
    return 0;
}

static const struct {
    const char *text, *value; /* of EPIC_BACKEND_CLIENT_ID; NULL: not set */
} env_rows[] = {
    {"EPIC_BACKEND_CLIENT_ID=me", "me"},
    {"EPIC_BACKEND_CLIENT_ID=me\n", "me"},
    {"EPIC_BACKEND_CLIENT_ID=me\r\n", "me"},
    {"\xef\xbb\xbf"
     "EPIC_BACKEND_CLIENT_ID=me\r\n",
     "me"},
    {"  EPIC_BACKEND_CLIENT_ID = me \t\n", "me"},
    {"export EPIC_BACKEND_CLIENT_ID=me\n", "me"},
    {"export  EPIC_BACKEND_CLIENT_ID=me\n", "me"},
    {"EPIC_BACKEND_CLIENT_ID=\"me\"\n", "me"},
    {"EPIC_BACKEND_CLIENT_ID='me'\r\n", "me"},
    {"EPIC_BACKEND_CLIENT_ID=\"m e\" # the app\n", "m e"},
    {"EPIC_BACKEND_CLIENT_ID=me # the app\n", "me"},
    {"EPIC_BACKEND_CLIENT_ID=me\t#the app\n", "me"},
    {"EPIC_BACKEND_CLIENT_ID=m#e\n", "m#e"},
    {"EPIC_BACKEND_CLIENT_ID='m#e' # x\n", "m#e"},
    {"EPIC_BACKEND_CLIENT_ID=\"a\\n\\t\\\"b\\\\\"\n", "a\n\t\"b\\"},
    {"EPIC_BACKEND_CLIENT_ID='a\\nb'\n", "a\\nb"},
    {"EPIC_BACKEND_CLIENT_ID=\"a\nb\n\"\n", "a\nb\n"},
    {"EPIC_BACKEND_CLIENT_ID=a=b\n", "a=b"},
    {"EPIC_BACKEND_CLIENT_ID=$(touch evil)`id`${HOME}\n", "$(touch evil)`id`${HOME}"},
    {"EPIC_BACKEND_CLIENT_ID=\"$(id)\"\n", "$(id)"},
    {"# EPIC_BACKEND_CLIENT_ID=no\n\n \t\n\r\nEPIC_BACKEND_CLIENT_ID=me", "me"},
    {"OTHER=\"two\nlines\"\nEPIC_BACKEND_CLIENT_ID=me", "me"},
    {"EPIC_BACKEND_CLIENT_ID=first\nEPIC_BACKEND_CLIENT_ID=second\n", "second"},
    {"EPIC_BACKEND_CLIENT_ID=first\nEPIC_BACKEND_CLIENT_ID=\n", NULL},
    {"FOO\nmy-name=1\nspring.x=1\nrm -rf /\nA B=x\n9LIVES=x\n=x\nEPIC_BACKEND_CLIENT_ID=me\n", "me"},
    {"export FOO\nEPIC_BACKEND_CLIENT_ID=me\nmy-name=\"x", "me"},
    {"EPIC_BACKEND_CLIENT_ID=\nEPIC_BACKEND_CLIENT_ID=me\n", "me"},
    {"EPIC_BACKEND_CLIENT_ID=\n", NULL},
    {"EPIC_BACKEND_CLIENT_ID=\"\"\n", NULL},
    {"EPIC_BACKEND_CLIENT_ID= # none yet\n", NULL},
    {"epic_backend_client_id=me\n", NULL},
    {"EPIC_BACKEND_CLIENT_IDS=me\n", NULL},
    {"", NULL},
};

static void test_env_lines_in_every_form(void **state)
{
    const struct epic_auth_options options = {.size = sizeof options, .env_file = env_path};
    (void)state;
    for (size_t i = 0; i < sizeof env_rows / sizeof *env_rows; i++) {
        struct auth_config config;
        struct auth_err err = {0};
        write_env(env_rows[i].text, strlen(env_rows[i].text));
        if (auth_config_load(&options, &config, &err) != AUTH_OK)
            fail_msg("row %zu: %s", i, err.detail);
        const char *value = config.values[AUTH_SET_CLIENT_ID];
        if (!value != !env_rows[i].value || (value && strcmp(value, env_rows[i].value) != 0))
            fail_msg("row %zu: \"%s\"", i, value ? value : "(none)");
        auth_config_clear(&config);
    }
}

static void test_what_is_odd_in_a_env_is_remarked(void **state)
{
    static const struct {
        const char *text, *remark;
        bool is_base_alone;
    } rows[] = {
        {"EPIC_JKU=a\n# x\n\n", "", false},
        {"EPIC_CLIENT_ID=a\n", "EPIC_CLIENT_ID is set in .env; this program reads EPIC_BACKEND_CLIENT_ID\n", false},
        {"EPIC_CLIENT_ID=a\nEPIC_BACKEND_CLIENT_ID=b\n", "", false},
        {"EPIC_TOKEN_ENDPOINT=a\n", "this program reads EPIC_TOKEN_URL\n", false},
        {"EPIC_PRIVATE_KEY=a\n", "this program reads EPIC_PRIVATE_KEY_PEM\n", false},
        {"EPIC_PRIVATE_KEY=a\nEPIC_PRIVATE_KEY_PATH=k\n", "", false},
        {"EPIC_PRIVATE_KEY_FILE=a\n", "this program reads EPIC_PRIVATE_KEY_PATH\n", false},
        {"EPIC_KID=a\n", "this program reads EPIC_KEY_ID\n", false},
        {"EPIC_TOKN_URL=a\n", "this program reads EPIC_TOKEN_URL\n", false},
        {"epic_token_url=a\n", "this program reads EPIC_TOKEN_URL\n", false},
        {"CLIENT_ID=a\n", "this program reads EPIC_BACKEND_CLIENT_ID\n", false},
        {"GOOGLE_CLIENT_ID=a\nEPIC_ACCESS_TOKEN=b\nEPIC_CLIENT_SECRET=c\n", "", false},
        {"EPIC_SCOPES=\xe2\x80\x9c"
         "a\xe2\x80\x9d\n",
         "the quotation marks around EPIC_SCOPES (.env) do not count", false},
        {"EPIC_SCOPES=\"a \"\n", "white space", false},
        {"EPIC_SCOPES=a\xe2\x80\x8b\n", "nobody sees", false},
        {"EPIC_BACKEND_CLIENT_ID=<your client id>\n", "placeholder", false},
        {"EPIC_PRIVATE_KEY_PATH=~/k.pem\n", "EPIC_PRIVATE_KEY_PATH (.env) holds ~, which is not expanded", false},
        {"EPIC_PRIVATE_KEY_PATH=${HOME}/k.pem\n", "holds $, which is not expanded", false},
        {"EPIC_JKU=a\nspring.x=1\nFOO\n", "line 2 of .env", false},
        {"EPIC_JKU=a\nEPIC_JKU=b\n", "EPIC_JKU stands twice", false},
        {"EPIC_JKU=\nEPIC_JKU=b\n", "", false},
        {"EPIC_FHIR_BASE_URL=https://h/t\n", "", true},
        {"EPIC_FHIR_BASE_URL=https://h/t\nEPIC_TOKEN_URL=https://h/t\n", "", false},
        {"EPIC_FHIR_BASE_URL=https://h/t\nEPIC_PRIVATE_KEY_PATH=k\n", "", false},
    };
    const struct epic_auth_options options = {.size = sizeof options, .env_file = env_path};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_config config;
        write_env(rows[i].text, strlen(rows[i].text));
        assert_int_equal(auth_config_load(&options, &config, NULL), AUTH_OK);
        struct auth_view remarks = auth_buf_view(&config.remarks);
        if ((rows[i].remark[0] == '\0') != (remarks.n == 0) ||
            (remarks.n && !auth_view_contains(remarks, rows[i].remark)) ||
            auth_config_is_base_alone(&config) != rows[i].is_base_alone)
            fail_msg("row %zu: %.*s", i, (int)remarks.n, remarks.p);
        auth_config_clear(&config);
    }
}

static void test_what_is_no_setting_names_its_line(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        const char *line;
    } rows[] = {
        {"A=1\n\nEPIC_TOKEN_URL\n", sizeof "A=1\n\nEPIC_TOKEN_URL\n" - 1, "line 3"},
        {"A=1\nEPIC_TOKEN_URL: x\nB=2\n", sizeof "A=1\nEPIC_TOKEN_URL: x\nB=2\n" - 1, "line 2"},
        {"A=\"x\n\ny\"\nB='never closed\n", sizeof "A=\"x\n\ny\"\nB='never closed\n" - 1, "line 4"},
        {"A=x\nEPIC_TOKEN_URL=a\0b\n", sizeof "A=x\nEPIC_TOKEN_URL=a\0b\n" - 1, "line 2"},
    };
    const struct epic_auth_options options = {.size = sizeof options, .env_file = env_path};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_config config;
        struct auth_err err = {0};
        write_env(rows[i].text, rows[i].n);
        if (auth_config_load(&options, &config, &err) != AUTH_E_CONFIG || !strstr(err.detail, rows[i].line))
            fail_msg("row %zu: \"%s\"", i, err.detail);
    }
}

static void test_options_beat_the_environment_which_beats_the_file(void **state)
{
    struct epic_auth_options options = {.size = sizeof options, .env_file = env_path};
    static const char text[] = "EPIC_BACKEND_CLIENT_ID=file\nEPIC_TOKEN_URL=file\nEPIC_SCOPES=file\nEPIC_KEY_ID=\n";
    struct auth_config config;
    (void)state;
    write_env(text, strlen(text));
    setenv("EPIC_TOKEN_URL", "environment", 1);
    setenv("EPIC_SCOPES", "environment", 1);
    setenv("EPIC_BACKEND_CLIENT_ID", "", 1); /* set, to nothing: the file's is kept out */
    options.scopes = "option";
    assert_int_equal(auth_config_load(&options, &config, NULL), AUTH_OK);
    assert_null(config.values[AUTH_SET_CLIENT_ID]);
    assert_string_equal(config.origins[AUTH_SET_CLIENT_ID], "environment");
    assert_string_equal(config.values[AUTH_SET_TOKEN_URL], "environment");
    assert_string_equal(config.values[AUTH_SET_SCOPES], "option");
    assert_string_equal(config.values[AUTH_SET_KEY_ID], ""); /* "send none" can be said in a file, too */
    auth_config_clear(&config);
}

static void test_the_key_is_one_setting_with_two_names(void **state)
{
    static const char text[] = "EPIC_PRIVATE_KEY_PEM=file\nEPIC_PRIVATE_KEY_PATH=file\n";
    struct epic_auth_options options = {.size = sizeof options, .env_file = env_path};
    struct auth_config config;
    (void)state;
    write_env(text, strlen(text));
    assert_int_equal(auth_config_load(&options, &config, NULL), AUTH_OK);
    assert_string_equal(config.values[AUTH_SET_KEY_PEM], "file"); /* within one layer the PEM wins */
    auth_config_clear(&config);
    setenv("EPIC_PRIVATE_KEY_PATH", "", 1); /* no path, so the file's PEM it is */
    assert_int_equal(auth_config_load(&options, &config, NULL), AUTH_OK);
    assert_string_equal(config.values[AUTH_SET_KEY_PEM], "file");
    assert_null(config.values[AUTH_SET_KEY_PATH]);
    auth_config_clear(&config);
    setenv("EPIC_PRIVATE_KEY_PATH", "environment", 1);
    assert_int_equal(auth_config_load(&options, &config, NULL), AUTH_OK);
    assert_null(config.values[AUTH_SET_KEY_PEM]);
    assert_string_equal(config.values[AUTH_SET_KEY_PATH], "environment");
    auth_config_clear(&config);
    setenv("EPIC_PRIVATE_KEY_PEM", "environment", 1);
    assert_int_equal(auth_config_load(&options, &config, NULL), AUTH_OK);
    assert_string_equal(config.values[AUTH_SET_KEY_PEM], "environment");
    auth_config_clear(&config);
    options.private_key_path = "option";
    assert_int_equal(auth_config_load(&options, &config, NULL), AUTH_OK);
    assert_null(config.values[AUTH_SET_KEY_PEM]);
    assert_string_equal(config.values[AUTH_SET_KEY_PATH], "option");
    auth_config_clear(&config);
}

/* The whole way: a PEM inside a .env, on one line with literal \n, in quotes, or over several lines. */
static void test_a_pem_in_the_file_becomes_a_key(void **state)
{
    struct auth_buf pem, text;
    struct epic_auth *auth;
    struct epic_auth_error error;
    const struct epic_auth_options options = {
        .size = sizeof options, .client_id = "me", .token_url = "https://h/t", .env_file = env_path};
    (void)state;
    auth_buf_init_secret(&pem, 65536);
    auth_buf_init_secret(&text, 65536);
    assert_int_equal(auth_file_read(EPIC_FIXTURES_DIR "/keys/rsa2048_a.TESTKEY.pem", &pem, NULL), AUTH_OK);
    for (int form = 0; form < 4; form++) {
        const char *quote = form == 0 ? "" : form == 3 ? "'" : "\"";
        auth_buf_reset(&text);
        auth_buf_addf(&text, "EPIC_PRIVATE_KEY_PEM=%s", quote);
        for (size_t i = 0; i < pem.n; i++) {
            if (pem.p[i] == '\n' && form < 2)
                auth_buf_add_string(&text, "\\n");
            else
                auth_buf_add_char(&text, pem.p[i]);
        }
        auth_buf_addf(&text, "%s\nOTHER=1\n", quote);
        write_env(text.p, text.n);
        if (epic_auth_new(&options, &auth, &error) != EPIC_AUTH_OK)
            fail_msg("form %d: %s", form, error.message);
        epic_auth_free(auth);
    }
    auth_buf_clear(&text);
    auth_buf_clear(&pem);
}

static void test_a_file_that_was_asked_for_must_be_there(void **state)
{
    const struct epic_auth_options options = {.size = sizeof options, .env_file = "/nonexistent/.env"};
    struct auth_config config;
    struct auth_err err = {0};
    (void)state;
    assert_int_equal(auth_config_load(&options, &config, &err), AUTH_E_CONFIG);
    assert_non_null(strstr(err.detail, "/nonexistent/.env"));
}

/* A key pasted where its path belongs is found out before it is shown as one; whatever a file system allows is a path. */
static void test_text_of_a_key_is_no_path(void **state)
{
    char base64[400];
    (void)state;
    memset(base64, 'A', sizeof base64);
    base64[64] = '\n';
    base64[sizeof base64 - 1] = '\0';
    assert_true(auth_config_is_key_text("-----BEGIN PRIVATE KEY-----\nMII"));
    assert_true(auth_config_is_key_text("{\"kty\":\"RSA\"}"));
    assert_true(auth_config_is_key_text(base64));
    assert_false(auth_config_is_key_text("/tmp/a b\nc/key.pem"));
    assert_false(auth_config_is_key_text("key.pem"));
}

static void test_a_long_setting_is_named(void **state)
{
    static char longest[8192 + 2];
    struct epic_auth_options options = {
        .size = sizeof options, .client_id = longest, .token_url = "https://h/t", .private_key_path = "/nonexistent"};
    (void)state;
    for (size_t n = 8192; n <= 8193; n++) {
        struct epic_auth *auth;
        struct epic_auth_error error;
        memset(longest, 'a', n);
        options.env_file = "";
        assert_int_equal(epic_auth_new(&options, &auth, &error), EPIC_AUTH_E_CONFIG);
        assert_int_equal(strstr(error.message, "EPIC_BACKEND_CLIENT_ID is longer than 8192 bytes") != NULL, n > 8192);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_env_lines_in_every_form, clear_environment),
        cmocka_unit_test_setup(test_what_is_odd_in_a_env_is_remarked, clear_environment),
        cmocka_unit_test_setup(test_what_is_no_setting_names_its_line, clear_environment),
        cmocka_unit_test_setup(test_options_beat_the_environment_which_beats_the_file, clear_environment),
        cmocka_unit_test_setup(test_the_key_is_one_setting_with_two_names, clear_environment),
        cmocka_unit_test_setup(test_a_pem_in_the_file_becomes_a_key, clear_environment),
        cmocka_unit_test_setup(test_text_of_a_key_is_no_path, clear_environment),
        cmocka_unit_test_setup(test_a_long_setting_is_named, clear_environment),
        cmocka_unit_test_setup(test_a_file_that_was_asked_for_must_be_there, clear_environment),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory) ? 1 : 0;
}
