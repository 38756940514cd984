/* The jws.* and header.* rules: what can be said before any claim or key is looked at. */
#include <stdio.h>

#include "auth/core/encoding.h"
#include "auth/core/text.h"
#include "auth/rules/around.h"
#include "auth/rules/character.h"
#include "auth/rules/judge.h"
#include "auth/rules/signs.h"

/* Dots or stars in place of what was left out. */
static bool is_abbreviated(struct auth_view text)
{
    return auth_view_contains(text, "...") || auth_view_contains(text, "\xe2\x80\xa6") ||
           auth_view_contains(text, "***") || auth_view_contains(text, "[redacted]");
}

/* A JWT begins with "eyJ", and anything that makes all letters alike changes that. */
static bool is_in_other_case(struct auth_view text)
{
    enum { START_N = 3 };
    struct auth_view start = auth_view_bytes(text.p, text.n < START_N ? text.n : START_N);
    return auth_view_equals_nocase(start, "eyj") && !auth_view_equals(start, "eyJ");
}

/* What is wrong with the text as a whole, whatever its parts are: it is not the JWT alone, or not all of it. */
static enum auth_cause whole_cause(struct auth_view text)
{
    size_t at = auth_around_find(text);
    if (auth_around_is_coloured(text))
        return AUTH_CAUSE_AROUND_COLOUR;
    if (is_in_other_case(text))
        return AUTH_CAUSE_ONE_CASE;
    enum auth_cause cause = at < text.n ? auth_around_jwt(text, at) : auth_around_nothing(text);
    bool is_cut = (cause == AUTH_CAUSE_NONE || cause == AUTH_CAUSE_AROUND_TEXT) && is_abbreviated(text);
    return is_cut ? AUTH_CAUSE_ABBREVIATED : cause;
}

static size_t count_dots(struct auth_view text)
{
    size_t dots = 0;
    for (size_t i = 0; i < text.n; i++)
        dots += text.p[i] == '.';
    return dots;
}

/* How often does the text hold the beginning of a JSON object in base64url? A JWT does twice, in header and payload. */
static size_t count_objects(struct auth_view text)
{
    size_t count = 0;
    while (text.n) {
        text = auth_view_from(text, auth_view_find_text(text, "eyJ"));
        count += text.n > 0;
        text = auth_view_from(text, text.n < 3 ? text.n : 3);
    }
    return count;
}

/* What a text is that has too few parts, or empty ones. */
static enum auth_cause few_parts_cause(struct auth_view text, size_t dots)
{
    struct auth_view rest = auth_view_trim(text);
    if (dots == 2) { /* one of them is empty */
        struct auth_view header = auth_view_split(&rest, '.'), payload = auth_view_split(&rest, '.');
        return header.n == 0 ? AUTH_CAUSE_CUT_OFF : payload.n == 0 ? AUTH_CAUSE_DETACHED : AUTH_CAUSE_ALG_NONE;
    }
    if (!auth_view_starts(rest, "eyJ"))
        return auth_around_find(text) == text.n ? AUTH_CAUSE_PLACE_OTHER : AUTH_CAUSE_NONE;
    return dots == 0 && count_objects(text) >= 2 ? AUTH_CAUSE_DOTS : AUTH_CAUSE_CUT_OFF;
}

/* What a text is that does not have three parts. */
static enum auth_cause parts_cause(struct auth_view text)
{
    enum auth_cause whole = whole_cause(text);
    size_t dots = count_dots(text);
    if (dots >= 3 && count_objects(text) > 2)
        return AUTH_CAUSE_SEVERAL;
    if (whole != AUTH_CAUSE_NONE)
        return whole;
    if (dots == 4)
        return AUTH_CAUSE_JWE;
    if (auth_view_contains(text, "%2E") || auth_view_contains(text, "%2e"))
        return AUTH_CAUSE_DOUBLE_ENCODED;
    return few_parts_cause(text, dots);
}

/* May the text be shown? What was put there in place of a JWT is no secret, unless it is one of another kind. */
static bool is_placeholder(enum auth_cause cause)
{
    return cause >= AUTH_CAUSE_PLACE_NOTHING && cause <= AUTH_CAUSE_PLACE_PARAMETER;
}

/* Words, where anything may stand: a password has digits, a key is long. */
static bool is_harmless(struct auth_view text)
{
    enum { LONGEST_WORD_N = 16, SHORT_N = 4 };
    size_t word_n = 0;
    for (size_t i = 0; i < text.n; i++) {
        bool is_digit = text.p[i] >= '0' && text.p[i] <= '9';
        word_n = text.p[i] == ' ' ? 0 : word_n + 1;
        if (text.n > SHORT_N && (is_digit || word_n > LONGEST_WORD_N))
            return false;
    }
    return true;
}

static struct auth_view first_line(struct auth_view text)
{
    enum { SHOWN_N = 60 };
    text = auth_view_trim(text);
    struct auth_view line = auth_view_split(&text, '\n');
    (void)auth_text_cut(&line, SHOWN_N);
    return line;
}

/* What stands around a JWT, or in its place; the empty view where it says nothing or may be a secret. */
static struct auth_view to_show(struct auth_view text, enum auth_cause cause)
{
    struct auth_view nothing = {NULL, 0}, line = first_line(text);
    size_t at = auth_around_find(text);
    if (is_placeholder(cause))
        return line;
    if (cause == AUTH_CAUSE_PLACE_OTHER || cause == AUTH_CAUSE_PLACE_ERROR)
        return is_harmless(line) ? line : nothing;
    if (cause != AUTH_CAUSE_AROUND_TEXT)
        return nothing;
    line = first_line(auth_around_text(text, at));
    return is_harmless(line) ? line : nothing;
}

void auth_check_JWS_COMPACT(struct auth_judge *j)
{
    const struct auth_jwt *jwt = j->in->jwt;
    if (jwt->split_rc == AUTH_OK) {
        auth_judge_pass(j);
        return;
    }
    enum auth_cause cause = jwt->split_rc == AUTH_E_TOO_BIG ? AUTH_CAUSE_TOO_LONG : parts_cause(jwt->compact);
    struct auth_view shown = to_show(jwt->compact, cause);
    if (shown.n)
        auth_judge_quoted(j, shown);
    else
        auth_judge_text(j, auth_view_from_string(jwt->split_err.detail));
    auth_judge_fail(j, cause);
}

/* What the white space in a part is. A line end that ends the whole token came from a file, another wrapped it. */
static enum auth_cause space_cause(const struct auth_judge *j, struct auth_view part)
{
    const struct auth_view whole = j->in->jwt->compact, trimmed = auth_view_trim(whole);
    bool has_line_end = auth_view_find(part, '\n') < part.n || auth_view_find(part, '\r') < part.n;
    if (auth_view_find(trimmed, '\n') < trimmed.n || auth_view_find(trimmed, '\r') < trimmed.n)
        return AUTH_CAUSE_WRAPPED;
    if (has_line_end)
        return AUTH_CAUSE_LINE_END;
    return j->in->request ? AUTH_CAUSE_PLUS_IS_SPACE : AUTH_CAUSE_WHITE_SPACE;
}

/* What a character is that base64url does not have. */
static enum auth_cause character_cause(struct auth_view part)
{
    for (size_t i = 0; i < part.n; i++) {
        if ((unsigned char)part.p[i] >= 0x80)
            return AUTH_CAUSE_BEYOND_ASCII;
    }
    return auth_view_find(part, '%') < part.n ? AUTH_CAUSE_DOUBLE_ENCODED : AUTH_CAUSE_OTHER_CHARACTER;
}

/* Quoted-printable ends a line that goes on with '='. */
static bool is_wrapped_by_mail(struct auth_view text)
{
    text = auth_view_trim(text);
    return auth_view_contains(text, "=\n") || auth_view_contains(text, "=\r\n");
}

/* Does it begin with hex of {" ? */
static bool is_hex(struct auth_view text)
{
    return auth_view_starts(text, "7b22");
}

static enum auth_cause base64_cause(const struct auth_judge *j, const struct auth_jwt_part *part)
{
    enum auth_cause whole = whole_cause(j->in->jwt->compact);
    if (whole != AUTH_CAUSE_NONE)
        return whole;
    switch (part->defect) {
    case AUTH_B64U_PADDING:
        return is_wrapped_by_mail(j->in->jwt->compact) ? AUTH_CAUSE_WRAPPED : AUTH_CAUSE_PADDING;
    case AUTH_B64U_STD_ALPHABET:
        return AUTH_CAUSE_STD_ALPHABET;
    case AUTH_B64U_SPACE:
        return space_cause(j, part->text);
    case AUTH_B64U_CHARACTER:
        return character_cause(part->text);
    default:
        return is_hex(j->in->jwt->compact) ? AUTH_CAUSE_JSON_HEX : AUTH_CAUSE_CUT_OFF;
    }
}

/* The part, and which character of it base64url does not have, since most of these are invisible. */
static void show_part(struct auth_judge *j, const char *name, struct auth_view part, enum auth_cause cause)
{
    char text[96] = "";
    if (cause == AUTH_CAUSE_BEYOND_ASCII || cause == AUTH_CAUSE_OTHER_CHARACTER)
        auth_character_describe(part, cause == AUTH_CAUSE_BEYOND_ASCII, text, sizeof text);
    char line[128];
    (void)snprintf(line, sizeof line, "%s%s%s", name, text[0] ? ", " : "", text);
    auth_judge_text(j, auth_view_from_string(line));
}

void auth_check_JWS_BASE64URL(struct auth_judge *j)
{
    const struct auth_jwt *jwt = j->in->jwt;
    const struct {
        const char *name;
        const struct auth_jwt_part *part;
    } parts[] = {{"header", &jwt->header}, {"payload", &jwt->payload}, {"signature", &jwt->signature}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].part->defect == AUTH_B64U_OK)
            continue;
        enum auth_cause cause = base64_cause(j, parts[i].part);
        struct auth_view shown = to_show(jwt->compact, cause);
        if (shown.n)
            auth_judge_quoted(j, shown);
        else
            show_part(j, parts[i].name, parts[i].part->text, cause);
        auth_judge_fail(j, cause);
        return;
    }
    auth_judge_pass(j);
}

/* How a header or payload looks that is no JSON object. */
static enum auth_cause json_cause(const struct auth_judge *j, struct auth_view text)
{
    static const struct auth_sign signs[] = {
        {AUTH_STARTS, "eyJ", AUTH_CAUSE_JSON_TWICE},       {AUTH_STARTS, "\"{", AUTH_CAUSE_JSON_STRING},
        {AUTH_STARTS, "\x1f\x8b", AUTH_CAUSE_JSON_PACKED}, {AUTH_STARTS, "x\x9c", AUTH_CAUSE_JSON_PACKED},
        {AUTH_STARTS, "{'", AUTH_CAUSE_JSON_QUOTES},
    };
    if (is_in_other_case(j->in->jwt->compact))
        return AUTH_CAUSE_ONE_CASE;
    if (auth_encoding_of(text) == AUTH_ENCODING_UTF16)
        return AUTH_CAUSE_JSON_UTF16;
    if (is_hex(j->in->jwt->compact))
        return AUTH_CAUSE_JSON_HEX;
    return auth_signs_first(text, signs, sizeof signs / sizeof *signs);
}

static void check_json(struct auth_judge *j, const struct auth_jwt_part *part, enum auth_rc rc,
                       const struct auth_err *err)
{
    if (part->defect != AUTH_B64U_OK) {
        (void)auth_judge_lacks(j, AUTH_RULE_JWS_BASE64URL); /* it does: of this part nothing was decoded */
    } else if (rc == AUTH_OK) {
        auth_judge_pass(j);
    } else {
        auth_judge_text(j, auth_view_from_string(err->detail));
        auth_judge_fail(j, json_cause(j, auth_buf_view(&part->bytes)));
    }
}

void auth_check_HEADER_JSON(struct auth_judge *j)
{
    check_json(j, &j->in->jwt->header, j->in->jwt->header_rc, &j->in->jwt->header_err);
}

void auth_check_PAYLOAD_JSON(struct auth_judge *j)
{
    check_json(j, &j->in->jwt->payload, j->in->jwt->payload_rc, &j->in->jwt->payload_err);
}

/* ---- alg ---- */

static unsigned allowed_algs(const struct auth_judge *j)
{
    static const unsigned rsa = AUTH_ALG_BIT(AUTH_RS256) | AUTH_ALG_BIT(AUTH_RS384) | AUTH_ALG_BIT(AUTH_RS512);
    static const unsigned ec = AUTH_ALG_BIT(AUTH_ES256) | AUTH_ALG_BIT(AUTH_ES384);
    const struct auth_client_facts *client = j->in->client;
    switch (auth_judge_switch(j, AUTH_SWITCH_ALGORITHMS)) {
    case AUTH_ALGORITHMS_EPIC: /* EC only through a JWK Set URL (E); when nothing is known about the app it may have one */
        return !client->is_known || client->key_source == AUTH_KEYS_JWKS_URL ? rsa | ec : rsa;
    case AUTH_ALGORITHMS_SMART:
        return AUTH_ALG_BIT(AUTH_RS384) | AUTH_ALG_BIT(AUTH_ES384);
    default:
        return rsa | ec;
    }
}

static bool starts_nocase(struct auth_view text, const char *prefix, size_t n)
{
    return text.n >= n && auth_view_equals_nocase(auth_view_bytes(text.p, n), prefix);
}

static bool is_name_in_other_case(struct auth_view name)
{
    for (int i = 0; i < AUTH_ALG_COUNT; i++) {
        if (auth_view_equals_nocase(name, auth_alg_name((enum auth_alg)i)))
            return true;
    }
    return false;
}

/* "SHA384withRSA", "RSA-SHA384", "RS-384", "sha384": what others call it. */
static bool is_name_elsewhere(struct auth_view name)
{
    static const struct auth_sign signs[] = {
        {AUTH_HOLDS, "RSA", AUTH_CAUSE_ALG_OTHER_NAME},   {AUTH_HOLDS, "SHA", AUTH_CAUSE_ALG_OTHER_NAME},
        {AUTH_STARTS, "RS", AUTH_CAUSE_ALG_OTHER_NAME},   {AUTH_STARTS, "ES", AUTH_CAUSE_ALG_OTHER_NAME},
        {AUTH_HOLDS, "ECDSA", AUTH_CAUSE_ALG_OTHER_NAME},
    };
    return auth_signs_first(name, signs, sizeof signs / sizeof *signs) != AUTH_CAUSE_NONE;
}

static enum auth_cause alg_cause(const struct auth_judge *j, struct auth_view name)
{
    if (j->alg != AUTH_ALG_COUNT) /* known here, and not allowed: Epic says why, others need not */
        return auth_judge_switch(j, AUTH_SWITCH_ALGORITHMS) == AUTH_ALGORITHMS_EPIC ? AUTH_CAUSE_ALG_EC_STATIC
                                                                                    : AUTH_CAUSE_NONE;
    if (starts_nocase(name, "none", 4))
        return AUTH_CAUSE_ALG_NONE;
    if (starts_nocase(name, "HS", 2))
        return AUTH_CAUSE_ALG_HMAC;
    if (starts_nocase(name, "PS", 2))
        return AUTH_CAUSE_ALG_PSS;
    if (auth_view_equals(name, "ES512") || auth_view_equals(name, "ES256K") || auth_view_equals(name, "EdDSA") ||
        auth_view_equals(name, "Ed25519"))
        return AUTH_CAUSE_ALG_OTHER_CURVE;
    if (is_name_in_other_case(auth_view_trim(name)))
        return auth_view_trim(name).n < name.n ? AUTH_CAUSE_WHITE_SPACE_AROUND : AUTH_CAUSE_ALG_CASE;
    return is_name_elsewhere(name) ? AUTH_CAUSE_ALG_OTHER_NAME : AUTH_CAUSE_NONE;
}

void auth_check_HEADER_ALG(struct auth_judge *j)
{
    const struct auth_json_node *node = auth_jwt_header(j->in->jwt, "alg");
    struct auth_view name = auth_json_string(node);
    auth_judge_node(j, node);
    if (auth_json_type(node) != AUTH_JSON_STRING) {
        auth_judge_fail(j, node ? AUTH_CAUSE_WRONG_TYPE : AUTH_CAUSE_NONE);
        return;
    }
    j->alg = auth_alg_named(name);
    if (j->alg == AUTH_ALG_COUNT) {
        auth_judge_fail(j, alg_cause(j, name));
        return;
    }
    auth_judge_yield(j); /* allowed or not, it can be verified */
    if (allowed_algs(j) & AUTH_ALG_BIT(j->alg))
        auth_judge_pass(j);
    else
        auth_judge_fail(j, alg_cause(j, name));
}

/* ---- the other members ---- */

bool auth_judge_has_bis_type(const struct auth_judge *j)
{
    struct auth_view typ = auth_json_string(auth_jwt_header(j->in->jwt, "typ"));
    return auth_view_equals_nocase(typ, "client-authentication+jwt") ||
           auth_view_equals_nocase(typ, "application/client-authentication+jwt");
}

/* Does the switch rfc7523bis decide about typ? Then the verdict is given. */
static bool is_bis_type(struct auth_judge *j)
{
    int64_t mode = auth_judge_switch(j, AUTH_SWITCH_RFC7523BIS);
    bool is_bis = auth_judge_has_bis_type(j);
    if (!is_bis && mode != AUTH_RFC7523BIS_REQUIRE)
        return false;
    if (is_bis && mode != AUTH_RFC7523BIS_REFUSE)
        auth_judge_pass(j);
    else
        auth_judge_fail(j, is_bis ? AUTH_CAUSE_RFC7523BIS : AUTH_CAUSE_RFC7523BIS_WANTED);
    return true;
}

void auth_check_HEADER_TYP(struct auth_judge *j)
{
    const struct auth_json_node *node = auth_jwt_header(j->in->jwt, "typ");
    struct auth_view typ = auth_json_string(node);
    bool is_exact = auth_judge_switch(j, AUTH_SWITCH_TYP_CASE) == 1;
    auth_judge_node(j, node);
    if (is_bis_type(j))
        return;
    if (!node && auth_judge_switch(j, AUTH_SWITCH_TYP) == AUTH_OPTIONAL)
        auth_judge_pass(j);
    else if (is_exact ? auth_view_equals(typ, "JWT") : auth_view_equals_nocase(typ, "JWT"))
        auth_judge_pass(j);
    else
        auth_judge_fail(j, AUTH_CAUSE_NONE);
}

void auth_check_HEADER_CRIT(struct auth_judge *j)
{
    static const char *const names[] = {"crit", "b64", "zip", "enc"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!auth_jwt_header(j->in->jwt, names[i]))
            continue;
        auth_judge_text(j, auth_view_from_string(names[i]));
        auth_judge_fail(j, AUTH_CAUSE_NONE);
        return;
    }
    auth_judge_pass(j);
}

void auth_check_HEADER_KID(struct auth_judge *j)
{
    const struct auth_json_node *node = auth_jwt_header(j->in->jwt, "kid");
    auth_judge_node(j, node);
    auth_judge_yield(j); /* a kid, or that there is none to go by */
    if (auth_json_string(node).n)
        auth_judge_pass(j);
    else if (node)
        auth_judge_fail(j, auth_json_type(node) == AUTH_JSON_STRING ? AUTH_CAUSE_EMPTY : AUTH_CAUSE_WRONG_TYPE);
    else if (auth_judge_switch(j, AUTH_SWITCH_KID) == AUTH_REQUIRED)
        auth_judge_fail(j, AUTH_CAUSE_NONE);
    else if (j->in->client->key_source == AUTH_KEYS_JWKS_URL)
        auth_judge_warn(j, AUTH_CAUSE_NO_KID);
    else
        auth_judge_pass(j);
}

void auth_check_HEADER_JKU(struct auth_judge *j)
{
    const struct auth_json_node *node = auth_jwt_header(j->in->jwt, "jku");
    const struct auth_client_facts *client = j->in->client;
    auth_judge_node(j, node);
    if (!node)
        auth_judge_pass(j);
    else if (client->key_source == AUTH_KEYS_JWKS_URL && auth_json_string(node).n &&
             auth_view_equals_view(auth_json_string(node), client->jwks_url))
        auth_judge_pass(j);
    else if (auth_judge_switch(j, AUTH_SWITCH_JKU_MISMATCH) == 1)
        auth_judge_warn(j, AUTH_CAUSE_JKU_DIFFERS);
    else
        auth_judge_fail(j, client->key_source == AUTH_KEYS_JWKS_URL ? AUTH_CAUSE_JKU_OTHER : AUTH_CAUSE_JKU_STATIC);
}
