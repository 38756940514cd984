/* The library against a real mock-epic process: how many token requests does it really make? */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>

#include "auth/auth.h"
#include "auth/core/file.h"
#include "auth/core/json.h"
#include "auth/net/http.h"

static const char client_id[] = "test-client";
static const char patient[] = "erXuFYUfucBZaryVksYEcMg3";

struct server {
    pid_t pid;
    char directory[64];
    char ready[96];
    struct auth_json *urls;
    struct auth_http *http;
};

static struct server server;

static const char *url(const char *name)
{
    return auth_json_member_string(auth_json_root(server.urls), name).p;
}

static int start(void **state)
{
    struct auth_buf text;
    struct auth_http_options options = {0};
    (void)state;
    snprintf(server.directory, sizeof server.directory, "/tmp/epic-test-XXXXXX");
    assert_non_null(mkdtemp(server.directory));
    snprintf(server.ready, sizeof server.ready, "%s/ready", server.directory);
    server.pid = fork();
    if (server.pid == 0) {
        close(STDOUT_FILENO); /* its ready line is in the file as well */
        execl(EPIC_BIN_DIR "/mock-epic", "mock-epic", "serve", "--listen", "127.0.0.1:0", "--ready-file", server.ready,
              "--client-id", client_id, "--cert", EPIC_FIXTURES_DIR "/keys/rsa2048_a.cert.pem", "--log-level", "error",
              (char *)NULL);
        _exit(127);
    }
    auth_buf_init(&text, 4096);
    for (int i = 0; i < 3000 && auth_file_read(server.ready, &text, NULL) != AUTH_OK; i++)
        (void)poll(NULL, 0, 20);
    assert_int_equal(auth_json_parse(auth_view_trim(auth_buf_view(&text)), &server.urls, NULL), AUTH_OK);
    assert_int_equal(auth_http_new(&options, &server.http, NULL), AUTH_OK);
    auth_buf_clear(&text);
    return 0;
}

static int stop(void **state)
{
    int status = 0;
    (void)state;
    kill(server.pid, SIGTERM);
    waitpid(server.pid, &status, 0);
    auth_http_free(server.http);
    auth_json_free(server.urls);
    rmdir(server.directory);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void admin(const char *method, const char *path, const char *body, struct auth_http_response *response)
{
    char target[256];
    struct auth_http_header header = {"Content-Type", auth_view_from_string("application/json")};
    snprintf(target, sizeof target, "%s%s", url("admin_url"), path);
    struct auth_http_request request = {
        .method = method, .url = target, .headers = &header, .header_count = 1, .body = auth_view_from_string(body)};
    struct auth_err err = {0};
    if (server.http->send(server.http, &request, response, &err) != AUTH_OK)
        fail_msg("%s", err.detail);
    assert_int_equal(response->status, 200);
}

static void age_tokens(int seconds)
{
    struct auth_http_response response;
    char body[64];
    snprintf(body, sizeof body, "{\"seconds\":%d}", seconds);
    admin("POST", "/tokens/age", body, &response);
    auth_http_response_clear(&response);
}

static int token_requests(void)
{
    struct auth_http_response response;
    struct auth_json *doc = NULL;
    int count = 0;
    admin("GET", "/journal?kind=token&limit=1000", "", &response);
    assert_int_equal(auth_json_parse(auth_view_trim(auth_buf_view(&response.body)), &doc, NULL), AUTH_OK);
    const struct auth_json_node *node = auth_json_first(auth_json_root(doc));
    for (; node; node = auth_json_next(node))
        count++;
    auth_json_free(doc);
    auth_http_response_clear(&response);
    return count;
}

static struct epic_auth *client_new(const char *key)
{
    struct epic_auth *auth = NULL;
    struct epic_auth_error error;
    struct epic_auth_options options = {
        .size = sizeof options,
        .client_id = client_id,
        .token_url = url("token_url"),
        .fhir_base_url = url("fhir_base_url"),
        .private_key_path = key,
        .env_file = "",
    };
    if (epic_auth_new(&options, &auth, &error) != EPIC_AUTH_OK)
        fail_msg("%s", error.message);
    return auth;
}

static const char good_key[] = EPIC_FIXTURES_DIR "/keys/rsa2048_a.TESTKEY.pem";

static void read_patient(struct epic_auth *auth)
{
    struct epic_auth_error error;
    char *json = NULL;
    if (epic_auth_fhir_get(auth, "Patient", patient, &json, &error) != EPIC_AUTH_OK)
        fail_msg("%s", error.message);
    assert_non_null(strstr(json, patient));
    epic_auth_string_free(json);
}

static void test_ten_reads_make_one_token_request_and_one_more_when_it_expires(void **state)
{
    (void)state;
    struct epic_auth *auth = client_new(good_key);
    int before = token_requests();
    for (int i = 0; i < 10; i++)
        read_patient(auth);
    assert_int_equal(token_requests(), before + 1);
    age_tokens(3600);
    read_patient(auth);
    assert_int_equal(token_requests(), before + 2);
    epic_auth_free(auth);
}

static void *read_in_thread(void *ctx)
{
    struct epic_auth_error error;
    char *json = NULL;
    enum epic_auth_rc rc = epic_auth_fhir_get(ctx, "Patient", patient, &json, &error);
    epic_auth_string_free(json);
    return rc == EPIC_AUTH_OK ? NULL : ctx;
}

static void test_sixteen_threads_renew_once(void **state)
{
    enum { THREADS = 16 };
    pthread_t threads[THREADS];
    (void)state;
    struct epic_auth *auth = client_new(good_key);
    read_patient(auth);
    int before = token_requests();
    age_tokens(3600);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_in_thread, auth), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(token_requests(), before + 1);
    epic_auth_free(auth);
}

static void test_wrong_key_is_refused_with_the_oauth_error(void **state)
{
    struct epic_auth_error error;
    char *token = NULL;
    (void)state;
    struct epic_auth *auth = client_new(EPIC_FIXTURES_DIR "/keys/rsa2048_b.TESTKEY.pem");
    assert_int_equal(epic_auth_access_token(auth, &token, &error), EPIC_AUTH_E_OAUTH);
    assert_string_equal(error.oauth_error, "invalid_client");
    assert_string_equal(error.oauth_description, "");
    assert_null(token);
    int before = token_requests();
    assert_int_equal(epic_auth_access_token(auth, &token, &error), EPIC_AUTH_E_OAUTH);
    assert_int_equal(token_requests(), before); /* a definite refusal is remembered for some seconds */
    epic_auth_free(auth);
}

static void test_search_reads_every_page(void **state)
{
    static const struct epic_auth_param params[] = {
        {"patient", "eq081-VQEgP8drUUqCWzHfw3"}, {"category", "vital-signs"}, {"_count", "100"}};
    struct epic_auth_error error;
    struct epic_auth_search *search = NULL;
    char *json;
    int count = 0;
    (void)state;
    struct epic_auth *auth = client_new(good_key);
    assert_int_equal(epic_auth_fhir_search(auth, "Observation", params, 3, &search, &error), EPIC_AUTH_OK);
    while (epic_auth_search_next(search, &json, &error) == EPIC_AUTH_OK) {
        count++;
        if (count == 25)
            age_tokens(3600); /* the token dies between two pages */
        epic_auth_string_free(json);
    }
    assert_int_equal(count, 1056);
    epic_auth_search_free(search);
    epic_auth_free(auth);
}

static void test_errors_carry_every_issue(void **state)
{
    struct epic_auth_error error;
    struct epic_auth_search *search = NULL;
    char *json = NULL;
    (void)state;
    struct epic_auth *auth = client_new(good_key);
    assert_int_equal(epic_auth_patient_observations(auth, patient, NULL, &search, &error), EPIC_AUTH_OK);
    assert_int_equal(epic_auth_search_next(search, &json, &error), EPIC_AUTH_E_FHIR);
    assert_int_equal(error.issue_count, 1);
    assert_string_equal(error.issues[0].coding, "59108");
    epic_auth_search_free(search);
    assert_int_equal(epic_auth_fhir_get(auth, "Patient", "nobody", &json, &error), EPIC_AUTH_E_NOT_FOUND);
    assert_string_equal(error.issues[0].coding, "59008");
    epic_auth_free(auth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ten_reads_make_one_token_request_and_one_more_when_it_expires),
        cmocka_unit_test(test_sixteen_threads_renew_once),
        cmocka_unit_test(test_wrong_key_is_refused_with_the_oauth_error),
        cmocka_unit_test(test_search_reads_every_page),
        cmocka_unit_test(test_errors_carry_every_issue),
    };
    return cmocka_run_group_tests(tests, start, stop) ? 1 : 0;
}
