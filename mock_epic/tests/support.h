/* A whole server without sockets at the fixtures' time, for tests: one app, its key, a frozen clock. */
#ifndef MOCK_EPIC_TESTS_SUPPORT_H
#define MOCK_EPIC_TESTS_SUPPORT_H

#include "mock_epic/instance/instance.h"
#include "mock_epic/server/dispatch.h"

#define SUPPORT_CLIENT_ID "d45049c3-3441-40ef-ab4d-b9cd86a17225"
#define SUPPORT_TOKEN_PATH "/interconnect-fhir-oauth/oauth2/token"
#define SUPPORT_FHIR_PATH "/interconnect-fhir-oauth/api/FHIR/R4"
#define SUPPORT_PATIENT_PATH SUPPORT_FHIR_PATH "/Patient/erXuFYUfucBZaryVksYEcMg3"
#define SUPPORT_FORM_TYPE "application/x-www-form-urlencoded"
enum { SUPPORT_NOW_S = 1790000000 };

struct support {
    struct mock_instance instance;
};

/* profile: its name, then switches, e.g. "smart kid=optional". */
void support_init(struct support *support, const char *profile);
/* The same with these apps' JWK Sets fetched through `http` (taken) and these clocks. */
void support_init_with(struct support *support, const char *profile, struct auth_http *http,
                       const struct auth_env *env);
/* Register an app with a JWK Set URL. */
void support_add_url_app(struct support *support, const char *client_id, const char *url);
void support_clear(struct support *support);
/* The same for cmocka: *state is a struct support of profile epic. */
int support_set_up(void **state);
int support_tear_down(void **state);

/* An answer, copied. */
struct support_answer {
    int status;
    char *body;
    char decision[32];
    char headers[4096]; /* "Name: value" lines */
};
void support_answer_clear(struct support_answer *answer);
/* bearer, body and content_type may be NULL. target: path and query. */
struct support_answer support_send(struct support *support, const char *method, const char *target, const char *bearer,
                                   const char *content_type, const char *body);
/* The status alone. */
int support_status(struct support *support, const char *method, const char *target, const char *bearer,
                   const char *content_type, const char *body);
int support_get(struct support *support, const char *target, const char *bearer);
/* The status of a call with a JSON body, or none (NULL), that needs no token. */
int support_admin(struct support *support, const char *method, const char *target, const char *body);
/* The test fails unless the answer's body holds that part. */
void support_expect(struct support *support, const char *method, const char *target, const char *bearer,
                    const char *body, const char *part);
/* The form with the compact JWT of a fixture, e.g. "y_plain"; free() it. */
char *support_form(const char *fixture);
/* A token issued for a new assertion signed here; free() it. */
char *support_token(struct support *support);
/* One without the three letters that a JWT begins with, which one in some thousands has: what follows them is masked anew. */
char *support_plain_token(struct support *support);
/* The form with a freshly signed assertion of that jti; free() it. */
char *support_new_form(const char *jti, int64_t exp_s);
/* The same for another token URL than the main one; token_path begins with a slash. */
char *support_new_form_for(const char *token_path, const char *jti, int64_t exp_s);
/* The same of another app, signed by fixtures/keys/<key>.TESTKEY.pem, with that header; the jti is always new. */
char *support_signed_form(const char *client_id, const char *key, const char *header, int64_t exp_s);
/* A string of a JSON object; free() it. */
char *support_member(const char *json, const char *name);
/* Register the app's key under that id with these scopes (a JSON array; NULL: the default). */
void support_put_app(struct support *support, const char *id, const char *scopes, int version);
/* Ask for a token with that scope parameter (percent-encoded; NULL: none). */
struct support_answer support_ask(struct support *support, const char *scope);
/* A file of fixtures/, whole; caller clears. */
void support_read_fixture(const char *path, struct auth_buf *out);

#endif
