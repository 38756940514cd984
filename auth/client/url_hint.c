/* Two tables of spellings, the more special first. */
#include "auth/client/url_hint.h"

#include <string.h>

#include "auth/core/url.h"

enum place { ANYWHERE, AT_END };

struct hint {
    const char *part;
    enum place place;
    const char *text;
};

#define TOKEN "Epic's token endpoints end in /oauth2/token"
#define BASE "Epic's FHIR base URLs end in /api/FHIR/R4"

static const struct hint token_hints[] = {
    {"smart-configuration", ANYWHERE, "it is the discovery document; token_endpoint in it is the URL"},
    {"/api/fhir", ANYWHERE, "it is a FHIR base URL, and " TOKEN},
    {"/authorize", AT_END, "it is where users log in, and " TOKEN},
    {"/introspect", AT_END, "it is where tokens are asked about, and " TOKEN},
    {"/token/", AT_END, "it ends in a slash, and " TOKEN},
    {"/oauth2", AT_END, "/token is missing at its end"},
    {"/oauth2/", AT_END, "token is missing at its end"},
    {"/token", AT_END, ""},
    {"", AT_END, TOKEN},
};

static const struct hint base_hints[] = {
    {"/oauth2", ANYWHERE, "it is of the OAuth server, and " BASE},
    {"smart-configuration", ANYWHERE, "it is the discovery document, and " BASE},
    {"/metadata", AT_END, "it ends in /metadata, and " BASE},
    {"/dstu2", ANYWHERE, "it is of DSTU2, and " BASE},
    {"/stu3", ANYWHERE, "it is of STU3, and " BASE},
    {"/r4", AT_END, ""},
    {"/r4/", AT_END, ""},
    {"/r4/", ANYWHERE, "it goes on behind /R4, and " BASE},
    {"/fhir", AT_END, "/R4 is missing at its end"},
    {"/fhir/", AT_END, "R4 is missing at its end"},
    {"/r4b", ANYWHERE, "it is of R4B, and " BASE},
    {"", AT_END, BASE},
};

static bool fits(const struct hint *hint, struct auth_view path)
{
    size_t n = strlen(hint->part);
    if (path.n < n)
        return false;
    for (size_t at = hint->place == AT_END ? path.n - n : 0; at + n <= path.n; at++) {
        if (auth_view_equals_nocase(auth_view_bytes(path.p + at, n), hint->part))
            return true;
    }
    return false;
}

const char *auth_url_hint(enum auth_setting setting, const char *url)
{
    struct auth_url parts;
    const struct hint *hint = setting == AUTH_SET_TOKEN_URL ? token_hints : base_hints;
    if (auth_url_parse(auth_view_from_string(url), &parts, NULL) != AUTH_OK)
        return "";
    while (!fits(hint, parts.path))
        hint++; /* the last one fits everything */
    return hint->text;
}
