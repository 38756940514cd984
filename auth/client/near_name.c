/* Names are taken apart into words, since programs agree on the words and on nothing else: EPIC_CLIENT_ID, EPIC_APP_ID,
 * SMART_CLIENT_ID. What no words tell, the distance of two names may. */
#include "auth/client/near_name.h"

#include <string.h>

#include "auth/core/text.h"

enum { LONG_NAME_N = 12 };

/* A name that has a word of each list (the second may be missing) means the setting; the first row that fits counts. */
static const struct {
    const char *first, *second; /* words between blanks */
    enum auth_setting setting;
} rows[] = {
    {" PASSPHRASE PASSWORD PASS ", " KEY PRIVATE PEM PRIVATEKEY ", AUTH_SET_KEY_PASSPHRASE},
    {" KEY PEM PRIVATEKEY KEYFILE ", " PATH FILE LOCATION FILENAME KEYFILE ", AUTH_SET_KEY_PATH},
    {" KID KEYID ", NULL, AUTH_SET_KEY_ID},
    {" KEY ", " ID ", AUTH_SET_KEY_ID},
    {" PRIVATE PRIV SIGNING JWT PEM PRIVATEKEY ", " KEY PEM PRIVATEKEY ", AUTH_SET_KEY_PEM},
    {" JWKS JWK JKU ", " URL URI ENDPOINT JKU ", AUTH_SET_JKU},
    {" CLIENT APP APPLICATION CLIENTID ", " ID CLIENTID ", AUTH_SET_CLIENT_ID},
    {" TOKEN OAUTH OAUTH2 AUTH ", " URL URI ENDPOINT ", AUTH_SET_TOKEN_URL},
    {" FHIR BASE R4 API SERVER ", " URL URI SERVER ENDPOINT BASE HOST ", AUTH_SET_FHIR_BASE_URL},
    {" BACKEND ", " ID CLIENT ", AUTH_SET_CLIENT_ID},
    {" AUDIENCE AUD ", NULL, AUTH_SET_TOKEN_URL},
    {" JWK JWKS ", NULL, AUTH_SET_KEY_PEM},
    {" RSA ", " KEY ", AUTH_SET_KEY_PEM},
    {" SCOPE SCOPES ", NULL, AUTH_SET_SCOPES},
    {" CACERT CAFILE CABUNDLE ", NULL, AUTH_SET_CA_FILE},
    {" CA ", " FILE CERT BUNDLE PATH CERTS ", AUTH_SET_CA_FILE},
    {" PLAIN INSECURE ALLOW ", " HTTP ", AUTH_SET_ALLOW_PLAIN_HTTP},
};
/* Words that say whose setting it is, and nothing of which. */
static const char owners[] = " EPIC SMART BACKEND SANDBOX NONPROD NON PROD PRODUCTION TEST ";

static bool is_word_of(struct auth_view word, const char *list)
{
    char text[32];
    if (word.n == 0 || word.n > sizeof text - 3)
        return false;
    text[0] = ' ';
    for (size_t i = 0; i < word.n; i++)
        text[i + 1] = word.p[i] >= 'a' && word.p[i] <= 'z' ? (char)(word.p[i] - 32) : word.p[i];
    memcpy(text + word.n + 1, " ", 2);
    return strstr(list, text) != NULL;
}

/* Does a word of the name stand in the list? */
static bool has_word(struct auth_view name, const char *list)
{
    while (name.n) {
        if (is_word_of(auth_view_split(&name, '_'), list))
            return true;
    }
    return false;
}

/* Without EPIC_ a name may be any program's, unless it is made of our words alone. */
static bool is_made_of_ours(struct auth_view name)
{
    while (name.n) {
        struct auth_view word = auth_view_split(&name, '_');
        bool is_known = is_word_of(word, owners);
        for (size_t i = 0; i < sizeof rows / sizeof *rows && !is_known; i++)
            is_known = is_word_of(word, rows[i].first) || (rows[i].second && is_word_of(word, rows[i].second));
        if (!is_known)
            return false;
    }
    return true;
}

/* What front-end tools want in front of every name. */
static struct auth_view without_prefix(struct auth_view name)
{
    static const char *const prefixes[] = {"REACT_APP_", "VITE_", "NEXT_PUBLIC_", "NUXT_", "EXPO_PUBLIC_"};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (auth_view_starts(name, prefixes[i]))
            return auth_view_from(name, strlen(prefixes[i]));
    }
    return name;
}

/* The next character that is no separator of words, in capitals; NUL at the end. */
static char next_letter(struct auth_view *name)
{
    while (name->n && strchr("_-. ", name->p[0]))
        *name = auth_view_from(*name, 1);
    char c = name->n ? name->p[0] : '\0';
    *name = auth_view_from(*name, name->n > 0);
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

enum auth_setting auth_near_letters(struct auth_view name)
{
    for (int i = 0; i < AUTH_SETTINGS; i++) {
        struct auth_view ours = auth_view_from_string(auth_setting_name((enum auth_setting)i)), theirs = name;
        char one, other;
        do {
            one = next_letter(&ours);
            other = next_letter(&theirs);
        } while (one == other && one);
        if (one == other)
            return (enum auth_setting)i;
    }
    return AUTH_SETTINGS;
}

static enum auth_setting by_distance(struct auth_view name)
{
    size_t limit = name.n < LONG_NAME_N ? 1 : 2;
    enum auth_setting best = AUTH_SETTINGS;
    for (int i = 0; i < AUTH_SETTINGS; i++) {
        struct auth_view ours = auth_view_from_string(auth_setting_name((enum auth_setting)i));
        size_t distance = auth_view_equals_view_nocase(name, ours) ? 0 : auth_text_distance(name, ours);
        if (distance > limit || (best != AUTH_SETTINGS && distance == limit))
            continue;
        best = (enum auth_setting)i;
        limit = distance;
    }
    return best;
}

enum auth_setting auth_near_name(struct auth_view name, bool is_ours)
{
    name = without_prefix(name);
    struct auth_view rest = name;
    bool is_epic = auth_view_equals_nocase(auth_view_split(&rest, '_'), "EPIC");
    for (int i = 0; i < AUTH_SETTINGS; i++) {
        if (auth_view_equals(name, auth_setting_name((enum auth_setting)i)))
            return AUTH_SETTINGS;
    }
    enum auth_setting close = auth_near_letters(name);
    if (close == AUTH_SETTINGS)
        close = by_distance(name);
    if (close != AUTH_SETTINGS)
        return close;
    if (!is_epic && (!is_ours || !is_made_of_ours(name)))
        return AUTH_SETTINGS;
    if (has_word(name, " PUBLIC SECRET ACCESS "))
        return AUTH_SETTINGS;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (has_word(name, rows[i].first) && (!rows[i].second || has_word(name, rows[i].second)))
            return rows[i].setting;
    }
    return AUTH_SETTINGS;
}
