/* What people meant: names of other programs, slips of the pen, URLs that lead elsewhere; and what is right is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/client/near_name.h"
#include "auth/client/url_hint.h"

static void test_names(void **state)
{
    static const struct {
        const char *name;
        enum auth_setting in_env_file, in_environment;
    } rows[] = {
        {"EPIC_CLIENT_ID", AUTH_SET_CLIENT_ID, AUTH_SET_CLIENT_ID},
        {"EPIC_NON_PROD_CLIENT_ID", AUTH_SET_CLIENT_ID, AUTH_SET_CLIENT_ID},
        {"EPIC_APP_ID", AUTH_SET_CLIENT_ID, AUTH_SET_CLIENT_ID},
        {"EPIC_BACKEND_CLIENTID", AUTH_SET_CLIENT_ID, AUTH_SET_CLIENT_ID},
        {"EPIC_BACKEND_CLENT_ID", AUTH_SET_CLIENT_ID, AUTH_SET_CLIENT_ID},
        {"epic_backend_client_id", AUTH_SET_CLIENT_ID, AUTH_SET_CLIENT_ID},
        {"SMART_CLIENT_ID", AUTH_SET_CLIENT_ID, AUTH_SETTINGS},
        {"CLIENT_ID", AUTH_SET_CLIENT_ID, AUTH_SETTINGS},
        {"GOOGLE_CLIENT_ID", AUTH_SETTINGS, AUTH_SETTINGS},
        {"EPIC_TOKEN_ENDPOINT", AUTH_SET_TOKEN_URL, AUTH_SET_TOKEN_URL},
        {"EPIC_OAUTH2_URL", AUTH_SET_TOKEN_URL, AUTH_SET_TOKEN_URL},
        {"EPIC_FHIR_TOKEN_URL", AUTH_SET_TOKEN_URL, AUTH_SET_TOKEN_URL},
        {"EPIC_TOKN_URL", AUTH_SET_TOKEN_URL, AUTH_SET_TOKEN_URL},
        {"TOKEN_URL", AUTH_SET_TOKEN_URL, AUTH_SETTINGS},
        {"EPIC_BASE_URL", AUTH_SET_FHIR_BASE_URL, AUTH_SET_FHIR_BASE_URL},
        {"EPIC_FHIR_SERVER", AUTH_SET_FHIR_BASE_URL, AUTH_SET_FHIR_BASE_URL},
        {"EPIC_PRIVATE_KEY", AUTH_SET_KEY_PEM, AUTH_SET_KEY_PEM},
        {"EPIC_JWT_PRIVATE_KEY", AUTH_SET_KEY_PEM, AUTH_SET_KEY_PEM},
        {"EPIC_PRIVATE_KEY_FILE", AUTH_SET_KEY_PATH, AUTH_SET_KEY_PATH},
        {"EPIC_KEY_PATH", AUTH_SET_KEY_PATH, AUTH_SET_KEY_PATH},
        {"EPIC_PUBLIC_KEY_PATH", AUTH_SETTINGS, AUTH_SETTINGS},
        {"EPIC_KEY_PASSWORD", AUTH_SET_KEY_PASSPHRASE, AUTH_SET_KEY_PASSPHRASE},
        {"EPIC_KID", AUTH_SET_KEY_ID, AUTH_SET_KEY_ID},
        {"EPIC_KEYID", AUTH_SET_KEY_ID, AUTH_SET_KEY_ID},
        {"EPIC_JWKS_URL", AUTH_SET_JKU, AUTH_SET_JKU},
        {"EPIC_SCOPE", AUTH_SET_SCOPES, AUTH_SET_SCOPES},
        {"EPIC_CA_BUNDLE", AUTH_SET_CA_FILE, AUTH_SET_CA_FILE},
        {"EPIC_TOKEN_CACHE", AUTH_SETTINGS, AUTH_SETTINGS}, /* it is one */
        {"EPIC_TOKEN_URL", AUTH_SETTINGS, AUTH_SETTINGS},
        {"EPIC_ACCESS_TOKEN", AUTH_SETTINGS, AUTH_SETTINGS},
        {"EPIC_CLIENT_SECRET", AUTH_SETTINGS, AUTH_SETTINGS},
        {"EPIC_SLOW", AUTH_SETTINGS, AUTH_SETTINGS},
        {"EPIC_", AUTH_SETTINGS, AUTH_SETTINGS},
        {"PATH", AUTH_SETTINGS, AUTH_SETTINGS},
        {"", AUTH_SETTINGS, AUTH_SETTINGS},
        {"EPIC_AN_UNUSUALLY_LONG_NAME_THAT_AUTH_SETTINGS_HAS_FOR_ANYTHING_AT_ALL_REALLY", AUTH_SETTINGS, AUTH_SETTINGS},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct auth_view name = auth_view_from_string(rows[i].name);
        enum auth_setting ours = auth_near_name(name, true), others = auth_near_name(name, false);
        if (ours != rows[i].in_env_file || others != rows[i].in_environment)
            fail_msg("%s: %d, %d", rows[i].name, (int)ours, (int)others);
    }
}

static void test_urls(void **state)
{
#define HOST "https://h.example/interconnect-fhir-oauth"
    static const struct {
        enum auth_setting setting;
        const char *url, *says; /* "": nothing to say */
    } rows[] = {
        {AUTH_SET_TOKEN_URL, HOST "/oauth2/token", ""},
        {AUTH_SET_TOKEN_URL, "https://h.example/FhirProxy/oauth2/token", ""},
        {AUTH_SET_TOKEN_URL, HOST "/oauth2/token/", "ends in a slash"},
        {AUTH_SET_TOKEN_URL, HOST "/oauth2", "/token is missing"},
        {AUTH_SET_TOKEN_URL, HOST "/oauth2/", "token is missing"},
        {AUTH_SET_TOKEN_URL, HOST "/oauth2/authorize", "users log in"},
        {AUTH_SET_TOKEN_URL, HOST "/oauth2/introspect", "asked about"},
        {AUTH_SET_TOKEN_URL, HOST "/api/FHIR/R4", "a FHIR base URL"},
        {AUTH_SET_TOKEN_URL, HOST "/api/FHIR/R4/.well-known/smart-configuration", "discovery document"},
        {AUTH_SET_TOKEN_URL, "https://h.example", "end in /oauth2/token"},
        {AUTH_SET_FHIR_BASE_URL, HOST "/api/FHIR/R4", ""},
        {AUTH_SET_FHIR_BASE_URL, HOST "/api/FHIR/R4/", ""},
        {AUTH_SET_FHIR_BASE_URL, HOST "/api/FHIR/R4/Patient", "goes on behind /R4"},
        {AUTH_SET_FHIR_BASE_URL, HOST "/api/FHIR/R4/metadata", "/metadata"},
        {AUTH_SET_FHIR_BASE_URL, HOST "/api/FHIR", "/R4 is missing"},
        {AUTH_SET_FHIR_BASE_URL, HOST "/api/FHIR/DSTU2", "DSTU2"},
        {AUTH_SET_FHIR_BASE_URL, HOST "/api/FHIR/STU3", "STU3"},
        {AUTH_SET_FHIR_BASE_URL, HOST "/oauth2/token", "OAuth server"},
        {AUTH_SET_FHIR_BASE_URL, HOST, "end in /api/FHIR/R4"},
        {AUTH_SET_FHIR_BASE_URL, "no URL", ""}, /* for whoever reads URLs to say */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *said = auth_url_hint(rows[i].setting, rows[i].url);
        if (!*said != !*rows[i].says || !strstr(said, rows[i].says))
            fail_msg("%s: %s", rows[i].url, said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_names), cmocka_unit_test(test_urls)};
    return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
