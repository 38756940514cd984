/* The claims that say who and for whom: iss, sub, aud, jti. */
#include <string.h>

#include "auth/core/text.h"
#include "auth/core/url.h"
#include "auth/rules/around.h"
#include "auth/rules/judge.h"

static const struct auth_json_node *claim(const struct auth_judge *j, const char *name)
{
    return auth_jwt_claim(j->in->jwt, name);
}

/* "undefined", "${CLIENT_ID}", "YOUR_CLIENT_ID": what stands where a value was to be put. */
static bool is_placeholder(struct auth_view value)
{
    enum auth_cause cause = auth_around_nothing(value);
    return cause >= AUTH_CAUSE_PLACE_NOTHING && cause <= AUTH_CAUSE_PLACE_DOCUMENTATION;
}

/* ---- a claim that is not there ---- */

/* Is it what libraries, forms and other kinds of tokens call that claim? In other capitals it is, too. */
static bool is_other_name(struct auth_view name, struct auth_view claim)
{
    static const char *const rows[][2] = {
        {"iss", "issuer"},    {"iss", "client_id"},  {"iss", "clientId"},   {"sub", "subject"},
        {"sub", "client_id"}, {"aud", "audience"},   {"aud", "audiences"},  {"aud", "url"},
        {"exp", "expires"},   {"exp", "expiration"}, {"exp", "expiresIn"},  {"exp", "expires_in"},
        {"exp", "expiry"},    {"exp", "expiresAt"},  {"exp", "expires_at"}, {"exp", "expirationTime"},
        {"jti", "id"},        {"jti", "jwtid"},      {"jti", "jwt_id"},     {"jti", "uuid"},
        {"jti", "nonce"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (auth_view_equals(claim, rows[i][0]) && auth_view_equals_nocase(name, rows[i][1]))
            return true;
    }
    return auth_view_equals_view_nocase(auth_view_trim(name), claim);
}

void auth_judge_fail_absent(struct auth_judge *j)
{
    const char *claim = auth_rules_info(j->rule)->claim;
    const struct auth_json_node *root = auth_json_root(j->in->jwt->payload_json);
    for (const struct auth_json_node *member = auth_json_first(root); member; member = auth_json_next(member)) {
        struct auth_view name = auth_json_name(member);
        bool is_inside = auth_json_member(member, claim) != NULL;
        if (!is_inside && !is_other_name(name, auth_view_from_string(claim)))
            continue;
        auth_judge_quoted(j, name);
        auth_judge_fail(j, is_inside ? AUTH_CAUSE_CLAIM_INSIDE : AUTH_CAUSE_CLAIM_NAME);
        return;
    }
    auth_judge_absent(j);
    auth_judge_fail(j, AUTH_CAUSE_NONE);
}

/* ---- iss and sub ---- */

/* What an id may have around it, in the order in which it is taken off. */
static struct auth_view without_around(struct auth_view id)
{
    static const char *const around[] = {
        "\"",           "'",        "`",        "{", "}", "<", ">", "\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x8b",
        "\xef\xbb\xbf", "\xc2\xa0", "urn:uuid:"};
    size_t before;
    do {
        before = id.n;
        id = auth_view_trim(id);
        for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
            if (auth_view_starts(id, around[i]))
                id = auth_view_from(id, strlen(around[i]));
            if (auth_view_ends(id, around[i]))
                id.n -= strlen(around[i]);
        }
    } while (id.n < before);
    return id;
}

void auth_rules_plain_id(struct auth_view id, struct auth_buf *out)
{
    struct auth_view plain = without_around(id);
    for (size_t i = 0; i < plain.n; i++) {
        char c = plain.p[i];
        auth_buf_add_char(out, c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c);
    }
}

/* Is it that id, but for what stands around it and its capitals? */
static bool is_meant(struct auth_view actual, struct auth_view expected)
{
    return auth_view_equals_view_nocase(without_around(actual), expected);
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Cut the next letter or digit off, whatever stands in front of it; the empty view: there is none left. */
static struct auth_view next_letter(struct auth_view *text)
{
    while (text->n && !is_letter_or_digit(text->p[0]))
        *text = auth_view_from(*text, 1);
    struct auth_view letter = auth_view_bytes(text->p, text->n > 0);
    *text = auth_view_from(*text, letter.n);
    return letter;
}

/* The same but for dashes of any kind, or anything else that is no letter. */
static bool has_same_letters(struct auth_view a, struct auth_view b)
{
    for (;;) {
        struct auth_view one = next_letter(&a), other = next_letter(&b);
        if (!auth_view_equals_view_nocase(one, other))
            return false;
        if (one.n == 0)
            return true;
    }
}

static bool holds(struct auth_view whole, struct auth_view part)
{
    enum { SHORTEST_N = 6 };
    for (size_t at = 0; part.n >= SHORTEST_N && at + part.n <= whole.n; at++) {
        if (auth_view_equals_view(auth_view_bytes(whole.p + at, part.n), part))
            return true;
    }
    return false;
}

/* The id but for what a hand or an editor does. */
static enum auth_cause near_id_cause(struct auth_view actual, struct auth_view expected)
{
    enum { FEW = 3 };
    if (has_same_letters(actual, expected))
        return AUTH_CAUSE_ID_DASHES;
    if (holds(expected, actual) || holds(actual, expected))
        return AUTH_CAUSE_ID_CUT;
    bool is_long = expected.n > 4 * FEW;
    return is_long && auth_text_distance(actual, expected) <= FEW ? AUTH_CAUSE_ID_TYPO : AUTH_CAUSE_NONE;
}

static enum auth_cause identity_cause(const struct auth_judge *j, struct auth_view actual, struct auth_view expected)
{
    if (auth_view_equals_view(auth_view_trim(actual), expected))
        return AUTH_CAUSE_WHITE_SPACE_AROUND;
    if (auth_view_equals_view_nocase(actual, expected))
        return AUTH_CAUSE_ID_CASE;
    if (is_meant(actual, expected))
        return AUTH_CAUSE_ID_WRAPPED;
    enum auth_cause near = near_id_cause(actual, expected);
    if (near != AUTH_CAUSE_NONE)
        return near;
    if (is_placeholder(actual))
        return AUTH_CAUSE_PLACEHOLDER;
    if (auth_view_contains(actual, "://"))
        return AUTH_CAUSE_ISS_IS_URL;
    bool do_agree =
        auth_view_equals_view(auth_jwt_claim_view(j->in->jwt, "iss"), auth_jwt_claim_view(j->in->jwt, "sub"));
    return do_agree ? AUTH_CAUSE_ID_OTHER : AUTH_CAUSE_ISS_NOT_SUB;
}

void auth_judge_near_id(struct auth_judge *j, struct auth_view near_id)
{
    const char *name = is_meant(auth_jwt_claim_view(j->in->jwt, "iss"), near_id) ? "iss" : "sub";
    auth_judge_node(j, auth_jwt_claim(j->in->jwt, name));
    auth_judge_fail(j, identity_cause(j, auth_jwt_claim_view(j->in->jwt, name), near_id));
}

/* The client_id parameter of the form, when one was sent, must be the client too (RFC 7521 4.2). */
static bool form_names_another(const struct auth_judge *j, struct auth_view client_id)
{
    const struct auth_request_facts *request = j->in->request;
    struct auth_view sent = request ? auth_form_value(request->form, "client_id") : auth_view_from_string("");
    return sent.n && !auth_view_equals_view(sent, client_id);
}

/* A string claim that must equal expected; the verdict is given unless it does. */
static bool equals_or_fails(struct auth_judge *j, const struct auth_json_node *node, struct auth_view expected)
{
    struct auth_view actual = auth_json_string(node);
    auth_judge_node(j, node);
    if (!node)
        auth_judge_fail_absent(j);
    else if (actual.n == 0)
        auth_judge_fail(j, auth_json_type(node) == AUTH_JSON_STRING ? AUTH_CAUSE_EMPTY : AUTH_CAUSE_NONE);
    else if (!auth_view_equals_view(actual, expected))
        auth_judge_fail(j, identity_cause(j, actual, expected));
    else
        return true;
    return false;
}

void auth_check_ISS_VALUE(struct auth_judge *j)
{
    struct auth_view expected = j->in->client->client_id;
    if (!equals_or_fails(j, claim(j, "iss"), expected))
        return;
    if (form_names_another(j, expected))
        auth_judge_fail(j, AUTH_CAUSE_FORM_CLIENT_ID);
    else
        auth_judge_pass(j);
}

void auth_check_SUB_VALUE(struct auth_judge *j)
{
    const struct auth_client_facts *client = j->in->client;
    struct auth_view expected = client->is_known ? client->client_id : auth_json_string(claim(j, "iss"));
    if (equals_or_fails(j, claim(j, "sub"), expected))
        auth_judge_pass(j);
}

/* ---- aud ---- */

static bool is_loopback(struct auth_view host)
{
    return auth_view_equals(host, "localhost") || auth_view_equals(host, "127.0.0.1") ||
           auth_view_equals(host, "[::1]");
}

static struct auth_view without_slash(struct auth_view url)
{
    if (auth_view_ends(url, "/"))
        url.n--;
    return url;
}

/* The port that is meant: the scheme's own when none is written. */
static struct auth_view meant_port(const struct auth_url_parts *url)
{
    if (url->port.n)
        return url->port;
    if (auth_view_equals_nocase(url->scheme, "https"))
        return auth_view_from_string("443");
    return auth_view_from_string(auth_view_equals_nocase(url->scheme, "http") ? "80" : "");
}

static bool same_host(const struct auth_judge *j, struct auth_view a, struct auth_view b, bool any_case)
{
    if (any_case ? auth_view_equals_view_nocase(a, b) : auth_view_equals_view(a, b))
        return true;
    return auth_judge_switch(j, AUTH_SWITCH_LOOPBACK_ALIAS) == 0 && is_loopback(a) && is_loopback(b);
}

/* Equal byte by byte, or but for what the switches forgive. */
static bool is_audience(const struct auth_judge *j, struct auth_view aud, struct auth_view expected)
{
    bool any_case = auth_judge_switch(j, AUTH_SWITCH_AUD_HOST_CASE) == 1;
    bool any_port = auth_judge_switch(j, AUTH_SWITCH_AUD_PORT) == 1;
    struct auth_url_parts a, e;
    if (auth_judge_switch(j, AUTH_SWITCH_AUD_SLASH) == 1) {
        aud = without_slash(aud);
        expected = without_slash(expected);
    }
    if (auth_view_equals_view(aud, expected))
        return true;
    if (!auth_url_split(aud, &a) || !auth_url_split(expected, &e) || !auth_view_equals_view(a.path, e.path))
        return false;
    return (any_case ? auth_view_equals_view_nocase(a.scheme, e.scheme) : auth_view_equals_view(a.scheme, e.scheme)) &&
           same_host(j, a.host, e.host, any_case) &&
           (any_port ? auth_view_equals_view(meant_port(&a), meant_port(&e)) : auth_view_equals_view(a.port, e.port));
}

static bool is_any_audience(const struct auth_judge *j, struct auth_view aud)
{
    for (size_t i = 0; i < j->in->audience_count; i++) {
        if (is_audience(j, aud, j->in->audiences[i]))
            return true;
    }
    return j->in->audience_count == 0 && aud.n > 0; /* nothing to compare with: any string has the shape */
}

/* aud is a URL of the wrong place; parts of it and of the expected one. */
static enum auth_cause url_cause(struct auth_view aud, struct auth_url_parts a, struct auth_url_parts e)
{
    bool is_same_scheme = auth_view_equals_view(a.scheme, e.scheme);
    bool is_same_host = auth_view_equals_view(a.host, e.host) || (is_loopback(a.host) && is_loopback(e.host));
    bool is_same_port = auth_view_equals_view(a.port, e.port);
    bool is_same_path = auth_view_equals_view(a.path, e.path);
    if (is_same_host && is_same_port && is_same_path)
        return is_same_scheme ? AUTH_CAUSE_AUD_HOST : AUTH_CAUSE_AUD_SCHEME;
    if (is_same_host && is_same_scheme && is_same_path && auth_view_equals_view(meant_port(&a), meant_port(&e)))
        return AUTH_CAUSE_AUD_PORT;
    if (auth_view_contains(aud, "/api/FHIR"))
        return AUTH_CAUSE_AUD_FHIR;
    if (auth_view_ends(without_slash(aud), "/oauth2/authorize"))
        return AUTH_CAUSE_AUD_AUTHORIZE;
    if (auth_view_ends(a.path, "/oauth2/introspect") || auth_view_ends(a.path, "/oauth2/revoke"))
        return AUTH_CAUSE_AUD_INTROSPECT;
    if (is_same_host && (is_same_port || !a.port.n) && a.path.n < e.path.n &&
        (!a.path.n || memcmp(a.path.p, e.path.p, a.path.n) == 0))
        return AUTH_CAUSE_AUD_ISSUER;
    return auth_view_ends(without_slash(aud), "/oauth2/token") ? AUTH_CAUSE_AUD_INSTANCE : AUTH_CAUSE_AUD_HOST;
}

static bool is_percent_encoded_url(struct auth_view text)
{
    return auth_view_starts(text, "http") &&
           (auth_view_contains(text, "%3A%2F%2F") || auth_view_contains(text, "%3a%2f%2f"));
}

/* Is one URL the other but for a few characters in one place? */
static bool is_near_url(struct auth_view a, struct auth_view b, size_t few)
{
    while (a.n && b.n && a.p[0] == b.p[0]) {
        a = auth_view_from(a, 1);
        b = auth_view_from(b, 1);
    }
    while (a.n && b.n && a.p[a.n - 1] == b.p[b.n - 1]) {
        a.n--;
        b.n--;
    }
    return auth_text_distance(a, b) <= few;
}

static bool is_list(struct auth_view text)
{
    return auth_view_find(text, ',') < text.n || auth_view_find(text, ' ') < text.n || auth_view_starts(text, "[");
}

/* Words beside the token URL, or a slip of the hand in it. */
static enum auth_cause near_url_cause(struct auth_view aud, struct auth_view expected)
{
    enum { FEW = 2 };
    if (holds(aud, expected))
        return AUTH_CAUSE_AUD_MORE;
    return is_near_url(aud, expected, FEW) ? AUTH_CAUSE_AUD_TYPO : AUTH_CAUSE_NONE;
}

static enum auth_cause aud_cause(struct auth_view aud, struct auth_view expected)
{
    struct auth_url_parts a, e;
    if (auth_view_equals_view(auth_view_trim(aud), expected))
        return AUTH_CAUSE_WHITE_SPACE_AROUND;
    if (auth_view_equals_view(without_slash(aud), without_slash(expected)))
        return AUTH_CAUSE_AUD_SLASH;
    if (auth_view_equals_view_nocase(aud, expected))
        return AUTH_CAUSE_AUD_CASE;
    if (is_percent_encoded_url(aud))
        return AUTH_CAUSE_AUD_ENCODED;
    if (auth_view_equals_view(without_around(aud), expected))
        return AUTH_CAUSE_AUD_WRAPPED;
    if (auth_url_split(expected, &e) &&
        auth_view_equals_view(aud, auth_view_from(expected, e.scheme.n + strlen("://"))))
        return AUTH_CAUSE_AUD_NO_SCHEME;
    if (is_list(aud) && holds(aud, expected))
        return AUTH_CAUSE_AUD_LIST;
    if (is_placeholder(aud))
        return AUTH_CAUSE_PLACEHOLDER;
    if (auth_view_find(aud, '\\') < aud.n)
        return AUTH_CAUSE_AUD_ESCAPED;
    bool is_url = auth_url_split(aud, &a), is_known = auth_url_split(expected, &e);
    if (!is_known)
        return AUTH_CAUSE_NONE;
    enum auth_cause cause = is_url ? url_cause(aud, a, e) : AUTH_CAUSE_AUD_NO_URL;
    bool is_vague = cause == AUTH_CAUSE_AUD_INSTANCE || cause == AUTH_CAUSE_AUD_HOST || cause == AUTH_CAUSE_AUD_NO_URL;
    enum auth_cause near = is_vague ? near_url_cause(aud, expected) : AUTH_CAUSE_NONE;
    return near != AUTH_CAUSE_NONE ? near : cause;
}

/* ---- aud and where the request went ---- */

static struct auth_view request_url(const struct auth_judge *j)
{
    return j->in->request ? j->in->request->url : auth_view_from_string("");
}

static bool is_token_url(struct auth_view url)
{
    return auth_view_ends(url, "/oauth2/token");
}

/* The scheme, host and port of a URL as written. */
static struct auth_view origin_of(struct auth_view url, const struct auth_url_parts *parts)
{
    return auth_view_bytes(url.p, url.n - parts->path.n);
}

/* Does aud call this server as the request does, in its Host? */
static bool is_host_of_request(const struct auth_judge *j, struct auth_view aud, struct auth_url_parts *a)
{
    struct auth_view host = j->in->request ? j->in->request->authority : auth_view_from_string("");
    struct auth_url_parts e;
    if (!host.n || !auth_url_split(aud, a) || !auth_url_split(j->in->audiences[0], &e) ||
        !auth_view_equals_view(a->path, e.path))
        return false;
    struct auth_view origin = origin_of(aud, a);
    struct auth_view authority = auth_view_from(origin, a->scheme.n + strlen("://"));
    return auth_view_equals_view_nocase(authority, host);
}

struct auth_view auth_rules_issuer_of(struct auth_view token_url)
{
    static const char last[] = "/token";
    size_t n = sizeof last - 1;
    return auth_view_bytes(token_url.p, auth_view_ends(token_url, last) ? token_url.n - n : 0);
}

static bool is_issuer(const struct auth_judge *j, struct auth_view aud)
{
    return aud.n && auth_view_equals_view(aud, auth_rules_issuer_of(j->in->audiences[0]));
}

static enum auth_cause target_cause(const struct auth_judge *j, struct auth_view aud, struct auth_view expected)
{
    if (!aud.n)
        return AUTH_CAUSE_EMPTY;
    if (request_url(j).n && is_audience(j, aud, request_url(j)))
        return AUTH_CAUSE_AUD_POSTED;
    enum auth_cause cause = aud_cause(aud, expected);
    bool is_unlike = cause == AUTH_CAUSE_AUD_INSTANCE || cause == AUTH_CAUSE_AUD_HOST || cause == AUTH_CAUSE_NONE ||
                     cause == AUTH_CAUSE_AUD_MORE || cause == AUTH_CAUSE_AUD_TYPO;
    if (is_unlike && is_token_url(aud) && !is_token_url(expected))
        return AUTH_CAUSE_AUD_TARGET;
    return cause == AUTH_CAUSE_AUD_ISSUER && auth_judge_has_bis_type(j) ? AUTH_CAUSE_RFC7523BIS : cause;
}

static void fail_aud(struct auth_judge *j, struct auth_view aud)
{
    struct auth_view expected = j->in->audience_count ? j->in->audiences[0] : auth_view_from_string("");
    enum auth_cause cause = target_cause(j, aud, expected);
    auth_judge_fail(j, cause);
    if (cause == AUTH_CAUSE_AUD_INSTANCE)
        auth_judge_or(j, AUTH_CAUSE_AUD_PROXY);
    else if (cause == AUTH_CAUSE_AUD_ISSUER)
        auth_judge_or(j, AUTH_CAUSE_RFC7523BIS);
}

/* aud is one of the server's own names. */
static void pass_aud(struct auth_judge *j, struct auth_view aud)
{
    struct auth_view url = request_url(j);
    if (!url.n || is_audience(j, aud, url)) {
        auth_judge_pass(j);
        return;
    }
    auth_judge_origin(j, url);
    auth_judge_warn(j, AUTH_CAUSE_AUD_NOT_POSTED);
}

static void check_aud_array(struct auth_judge *j, const struct auth_json_node *array)
{
    bool has_ours = false;
    auth_judge_text(j, auth_view_from_string("an array"));
    for (const struct auth_json_node *node = auth_json_first(array); node; node = auth_json_next(node)) {
        if (auth_json_type(node) != AUTH_JSON_STRING) {
            auth_judge_fail(j, AUTH_CAUSE_WRONG_TYPE);
            return;
        }
        has_ours = has_ours || is_any_audience(j, auth_json_string(node));
    }
    if (has_ours && auth_judge_switch(j, AUTH_SWITCH_AUD_ARRAY) == 0) {
        auth_judge_warn(j, AUTH_CAUSE_AUD_ARRAY_USED);
    } else {
        if (auth_json_first(array))
            auth_judge_node(j, auth_json_first(array));
        auth_judge_fail(j, has_ours ? AUTH_CAUSE_AUD_ARRAY_USED : AUTH_CAUSE_NONE);
    }
}

/* A string, as aud nearly always is. */
static void check_aud_string(struct auth_judge *j, struct auth_view aud)
{
    struct auth_url_parts parts;
    int64_t bis = auth_judge_switch(j, AUTH_SWITCH_RFC7523BIS);
    if (j->in->audience_count && bis != AUTH_RFC7523BIS_REFUSE && is_issuer(j, aud)) {
        auth_judge_pass(j);
    } else if (bis == AUTH_RFC7523BIS_REQUIRE) {
        auth_judge_fail(j, AUTH_CAUSE_RFC7523BIS_WANTED);
    } else if (is_any_audience(j, aud)) {
        pass_aud(j, aud);
    } else if (j->in->audience_count && is_host_of_request(j, aud, &parts)) {
        auth_judge_origin(j, origin_of(aud, &parts));
        if (auth_judge_switch(j, AUTH_SWITCH_AUD_FOLLOW_HOST) == 1)
            auth_judge_pass(j);
        else
            auth_judge_fail(j, AUTH_CAUSE_AUD_IS_HOST);
    } else {
        fail_aud(j, aud);
    }
}

void auth_check_AUD_VALUE(struct auth_judge *j)
{
    const struct auth_json_node *node = claim(j, "aud");
    if (auth_json_type(node) == AUTH_JSON_ARRAY) {
        check_aud_array(j, node);
        return;
    }
    auth_judge_node(j, node);
    if (auth_json_type(node) == AUTH_JSON_STRING)
        check_aud_string(j, auth_json_string(node));
    else if (node)
        auth_judge_fail(j, AUTH_CAUSE_WRONG_TYPE);
    else
        auth_judge_fail_absent(j);
}

/* ---- jti ---- */

static bool has_jti_characters(const struct auth_judge *j, struct auth_view jti)
{
    int64_t charset = auth_judge_switch(j, AUTH_SWITCH_JTI_CHARSET);
    if (charset == AUTH_JTI_CHARSET_VISIBLE)
        return auth_text_printable(jti) == jti.n && auth_view_find(jti, ' ') == jti.n;
    return !charset || auth_text_is_of(AUTH_TEXT_UNRESERVED, jti);
}

void auth_check_JTI_TYPE(struct auth_judge *j)
{
    const struct auth_json_node *node = claim(j, "jti");
    struct auth_view jti = auth_json_string(node);
    auth_judge_node(j, node);
    if (jti.n)
        auth_judge_yield(j); /* it can be measured and remembered, whatever is in it */
    if (jti.n && !has_jti_characters(j, jti))
        auth_judge_fail(j, AUTH_CAUSE_JTI_CHARACTERS);
    else if (jti.n && auth_view_trim(jti).n < jti.n)
        auth_judge_warn(j, AUTH_CAUSE_JTI_SPACE);
    else if (jti.n)
        auth_judge_pass(j);
    else if (auth_json_type(node) == AUTH_JSON_STRING)
        auth_judge_fail(j, AUTH_CAUSE_EMPTY);
    else if (node)
        auth_judge_fail(j, AUTH_CAUSE_WRONG_TYPE);
    else
        auth_judge_fail_absent(j);
}

void auth_check_JTI_LENGTH(struct auth_judge *j)
{
    size_t length = auth_text_length(auth_json_string(claim(j, "jti")));
    auth_judge_number(j, (int64_t)length);
    if ((int64_t)length <= auth_judge_switch(j, AUTH_SWITCH_JTI_MAX))
        auth_judge_pass(j);
    else
        auth_judge_fail(j, AUTH_CAUSE_JTI_LONG);
}
