/* The shortest useful program: settings from the environment and .env, one token, one patient.
 *
 *     cc quick_start.c $(pkg-config --cflags --libs epic-auth) && ./a.out erXuFYUfucBZaryVksYEcMg3 */
#include <stdio.h>

#include "auth/auth.h" /* installed: <epic/auth.h> */

int main(int argc, char **argv)
{
    struct epic_auth *auth = NULL;
    struct epic_auth_error error;
    char *patient = NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: quick_start PATIENT_ID\n");
        return 2;
    }
    if (epic_auth_new(NULL, &auth, &error) == EPIC_AUTH_OK)
        (void)epic_auth_fhir_get(auth, "Patient", argv[1], &patient, &error);
    if (patient)
        puts(patient);
    else
        epic_auth_error_print(stderr, &error);
    int status = patient ? 0 : 1;
    epic_auth_string_free(patient);
    epic_auth_free(auth);
    return status;
}
