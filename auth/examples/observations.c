/* All vital signs of a patient, however many pages they fill, and what to do about each kind of failure.
 *
 * The handle keeps the token: ten patients in a row cost one token request, and a token that runs out between two
 * pages is renewed without being noticed here. */
#include <stdio.h>
#include <string.h>

#include "auth/auth.h" /* installed: <epic/auth.h> */

static int explain(const struct epic_auth_error *error)
{
    epic_auth_error_print(stderr, error);
    switch (error->rc) {
    case EPIC_AUTH_E_CONFIG:
        fprintf(stderr, "-> look at .env, or run 'epic-auth config'\n");
        break;
    case EPIC_AUTH_E_OAUTH:
        fprintf(stderr, "-> run 'epic-auth assertion | epic-conformance jwt -' to see what is wrong with it\n");
        break;
    case EPIC_AUTH_E_THROTTLED:
        fprintf(stderr, "-> try again in %lld s\n", (long long)error->retry_after_s);
        break;
    default:
        break;
    }
    return 1;
}

int main(int argc, char **argv)
{
    struct epic_auth *auth = NULL;
    struct epic_auth_search *search = NULL;
    struct epic_auth_error error;
    size_t count = 0;
    char *observation;
    if (argc != 2) {
        fprintf(stderr, "usage: observations PATIENT_ID\n");
        return 2;
    }
    enum epic_auth_rc rc = epic_auth_new(NULL, &auth, &error);
    if (rc == EPIC_AUTH_OK)
        rc = epic_auth_patient_observations(auth, argv[1], "vital-signs", &search, &error);
    while (rc == EPIC_AUTH_OK && (rc = epic_auth_search_next(search, &observation, &error)) == EPIC_AUTH_OK) {
        puts(observation);
        epic_auth_string_free(observation);
        count++;
    }
    epic_auth_search_free(search);
    epic_auth_free(auth);
    fprintf(stderr, "%zu observations\n", count);
    return rc == EPIC_AUTH_E_END ? 0 : explain(&error);
}
