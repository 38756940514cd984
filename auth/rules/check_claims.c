/* The claims: iss, sub, aud, exp, nbf, iat, jti. */
#include <string.h>

#include "auth/core/text.h"
#include "auth/rules/judge.h"

static const struct auth_json_node *claim(const struct auth_judge *j, const char *name)
{
    return auth_jwt_claim(j->in->jwt, name);
}

/* ---- iss and sub ---- */

static enum auth_cause identity_cause(struct auth_view actual, struct auth_view expected, enum auth_cause otherwise)
{
    bool is_trimmed_equal = auth_view_equal(auth_view_trim(actual), expected);
    return is_trimmed_equal ? AUTH_CAUSE_WHITE_SPACE_AROUND : otherwise;
}

/* The client_id parameter of the form, when one was sent, must be the client too (RFC 7521 4.2). */
static bool form_names_another(const struct auth_judge *j, struct auth_view client_id)
{
    const struct auth_request_facts *request = j->in->request;
    struct auth_view sent =
        request && request->form_rc == AUTH_OK ? auth_form_value(request->form, "client_id") : auth_view_of("");
    return sent.n && !auth_view_equal(sent, client_id);
}

/* A string claim that must equal expected; the verdict is given unless it does. */
static bool equals_or_fails(struct auth_judge *j, const struct auth_json_node *node, struct auth_view expected,
                            enum auth_cause otherwise)
{
    struct auth_view actual = auth_json_string(node);
    auth_judge_node(j, node);
    if (actual.n == 0)
        auth_judge_fail(j, auth_json_type(node) == AUTH_JSON_STRING ? AUTH_CAUSE_EMPTY : AUTH_CAUSE_NONE);
    else if (!auth_view_equal(actual, expected))
        auth_judge_fail(j, identity_cause(actual, expected, otherwise));
    else
        return true;
    return false;
}

void auth_check_ISS_VALUE(struct auth_judge *j)
{
    const struct auth_client_facts *client = j->in->client;
    const struct auth_json_node *iss = claim(j, "iss");
    struct auth_view expected = client && client->is_known ? client->client_id : auth_json_string(iss);
    if (!equals_or_fails(j, iss, expected, AUTH_CAUSE_ISS_NOT_SUB))
        return;
    if (form_names_another(j, expected))
        auth_judge_fail(j, AUTH_CAUSE_FORM_CLIENT_ID);
    else
        auth_judge_pass(j);
}

void auth_check_SUB_VALUE(struct auth_judge *j)
{
    const struct auth_client_facts *client = j->in->client;
    struct auth_view expected = client && client->is_known ? client->client_id : auth_json_string(claim(j, "iss"));
    if (equals_or_fails(j, claim(j, "sub"), expected, AUTH_CAUSE_ISS_NOT_SUB))
        auth_judge_pass(j);
}

/* ---- aud ---- */

/* scheme, host, and the rest from ":port" or the path on. */
struct url_parts {
    struct auth_view scheme, host, rest;
};

static bool split_url(struct auth_view url, struct url_parts *parts)
{
    size_t colon = auth_view_find(url, ':');
    if (url.n < colon + 3 || memcmp(url.p + colon, "://", 3) != 0)
        return false;
    parts->scheme = auth_view_bytes(url.p, colon);
    struct auth_view host = auth_view_bytes(url.p + colon + 3, url.n - colon - 3);
    size_t n = 0;
    if (host.n && host.p[0] == '[')
        n = auth_view_find(host, ']') + 1;
    while (n < host.n && host.p[n] != ':' && host.p[n] != '/' && host.p[n] != '?')
        n++;
    n = n < host.n ? n : host.n;
    parts->host = auth_view_bytes(host.p, n);
    parts->rest = auth_view_bytes(host.p + n, host.n - n);
    return true;
}

static bool is_loopback(struct auth_view host)
{
    return auth_view_is(host, "localhost") || auth_view_is(host, "127.0.0.1") || auth_view_is(host, "[::1]");
}

static bool same_but_loopback_name(struct auth_view a, struct auth_view b)
{
    struct url_parts x, y;
    return split_url(a, &x) && split_url(b, &y) && auth_view_equal(x.scheme, y.scheme) && is_loopback(x.host) &&
           is_loopback(y.host) && auth_view_equal(x.rest, y.rest);
}

static struct auth_view without_slash(struct auth_view url)
{
    if (auth_view_ends(url, "/"))
        url.n--;
    return url;
}

static bool is_audience(const struct auth_judge *j, struct auth_view aud, struct auth_view expected)
{
    if (auth_judge_switch(j, AUTH_SWITCH_AUD_SLASH) == 1) {
        aud = without_slash(aud);
        expected = without_slash(expected);
    }
    if (auth_view_equal(aud, expected))
        return true;
    return auth_judge_switch(j, AUTH_SWITCH_LOOPBACK_ALIAS) == 0 && same_but_loopback_name(aud, expected);
}

static bool is_any_audience(const struct auth_judge *j, struct auth_view aud)
{
    for (size_t i = 0; i < j->in->audience_count; i++) {
        if (is_audience(j, aud, j->in->audiences[i]))
            return true;
    }
    return j->in->audience_count == 0 && aud.n > 0; /* nothing to compare with: any string has the shape */
}

static bool contains(struct auth_view text, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= text.n; i++) {
        if (memcmp(text.p + i, word, n) == 0)
            return true;
    }
    return false;
}

static enum auth_cause aud_cause(struct auth_view aud, struct auth_view expected)
{
    struct url_parts a, e;
    if (auth_view_equal(auth_view_trim(aud), expected))
        return AUTH_CAUSE_WHITE_SPACE_AROUND;
    if (auth_view_equal(without_slash(aud), without_slash(expected)))
        return AUTH_CAUSE_AUD_SLASH;
    if (auth_view_equal_nocase(aud, expected))
        return AUTH_CAUSE_AUD_CASE;
    if (!split_url(aud, &a) || !split_url(expected, &e))
        return AUTH_CAUSE_NONE;
    bool is_same_host = auth_view_equal(a.host, e.host) || (is_loopback(a.host) && is_loopback(e.host));
    if (is_same_host && auth_view_equal(a.rest, e.rest))
        return auth_view_equal(a.scheme, e.scheme) ? AUTH_CAUSE_AUD_HOST : AUTH_CAUSE_AUD_SCHEME;
    if (contains(aud, "/api/FHIR"))
        return AUTH_CAUSE_AUD_FHIR;
    if (auth_view_ends(without_slash(aud), "/oauth2/authorize"))
        return AUTH_CAUSE_AUD_AUTHORIZE;
    if (is_same_host && a.rest.n < e.rest.n && (a.rest.n == 0 || memcmp(a.rest.p, e.rest.p, a.rest.n) == 0))
        return AUTH_CAUSE_AUD_ISSUER;
    return AUTH_CAUSE_AUD_HOST;
}

static void fail_aud(struct auth_judge *j, struct auth_view aud)
{
    struct auth_view expected = j->in->audience_count ? j->in->audiences[0] : auth_view_of("");
    auth_judge_fail(j, aud.n ? aud_cause(aud, expected) : AUTH_CAUSE_EMPTY);
}

static void check_aud_array(struct auth_judge *j, const struct auth_json_node *array)
{
    bool has_ours = false;
    auth_judge_text(j, auth_view_of("an array"));
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

void auth_check_AUD_VALUE(struct auth_judge *j)
{
    const struct auth_json_node *node = claim(j, "aud");
    struct auth_view aud = auth_json_string(node);
    if (auth_json_type(node) == AUTH_JSON_ARRAY) {
        check_aud_array(j, node);
        return;
    }
    auth_judge_node(j, node);
    if (auth_json_type(node) != AUTH_JSON_STRING)
        auth_judge_fail(j, node ? AUTH_CAUSE_WRONG_TYPE : AUTH_CAUSE_NONE);
    else if (is_any_audience(j, aud))
        auth_judge_pass(j);
    else
        fail_aud(j, aud);
}

/* ---- times ---- */

enum { HOUR_S = 3600, HOUR_SLACK_S = 300, CLOCK_DRIFT_S = 120 };

static int64_t max_lifetime_s(const struct auth_judge *j)
{
    return auth_judge_switch(j, AUTH_SWITCH_MAX_LIFETIME_S);
}

static bool looks_like_milliseconds(int64_t value)
{
    return value > 100000000000; /* seconds get there in the year 5138 */
}

/* Off by whole hours, give or take the few minutes that a sound assertion may lie from now. */
static bool looks_like_time_zone(int64_t distance_s)
{
    int64_t distance = distance_s < 0 ? -distance_s : distance_s;
    int64_t rest = distance % HOUR_S;
    return distance > HOUR_S - HOUR_SLACK_S && distance <= 14 * HOUR_S + HOUR_SLACK_S &&
           (rest <= HOUR_SLACK_S || rest >= HOUR_S - HOUR_SLACK_S);
}

static enum auth_cause ahead_cause(int64_t value, int64_t now_s)
{
    if (looks_like_milliseconds(value))
        return AUTH_CAUSE_MILLISECONDS;
    if (looks_like_time_zone(value - now_s))
        return AUTH_CAUSE_TIME_ZONE;
    return value - now_s <= CLOCK_DRIFT_S ? AUTH_CAUSE_CLOCK_AHEAD : AUTH_CAUSE_NONE;
}

static void check_type(struct auth_judge *j, const char *name, bool is_required)
{
    const struct auth_json_node *node = claim(j, name);
    int64_t value;
    auth_judge_node(j, node);
    if (!node && !is_required)
        auth_judge_pass(j);
    else if (auth_json_int(node, &value))
        auth_judge_pass(j);
    else if (auth_json_type(node) == AUTH_JSON_STRING)
        auth_judge_fail(j, AUTH_CAUSE_TIME_STRING);
    else
        auth_judge_fail(j, auth_json_type(node) == AUTH_JSON_NUMBER ? AUTH_CAUSE_TIME_FRACTION : AUTH_CAUSE_NONE);
}

void auth_check_EXP_TYPE(struct auth_judge *j)
{
    check_type(j, "exp", true);
}

void auth_check_NBF_TYPE(struct auth_judge *j)
{
    check_type(j, "nbf", false);
}

void auth_check_IAT_TYPE(struct auth_judge *j)
{
    check_type(j, "iat", false);
}

/* The claim's value, noted with its distance from now; false (and the verdict given) when it is absent. exp.type and
 * its like passed before, so it is an integer when it is there; a profile that only warns about types may leave none. */
static bool time_of(struct auth_judge *j, const char *name, int64_t *value)
{
    if (auth_json_int(claim(j, name), value)) {
        auth_judge_time(j, *value);
        return true;
    }
    auth_judge_absent(j);
    auth_judge_pass(j);
    return false;
}

void auth_check_EXP_FUTURE(struct auth_judge *j)
{
    int64_t exp_s;
    if (!time_of(j, "exp", &exp_s)) {
        auth_judge_fail(j, AUTH_CAUSE_NONE); /* whatever the profile says of its type: no end, no pass */
        return;
    }
    int64_t ago_s = j->in->now_s - exp_s;
    if (ago_s < 0)
        auth_judge_pass(j);
    else if (looks_like_time_zone(ago_s))
        auth_judge_fail(j, AUTH_CAUSE_TIME_ZONE);
    else
        auth_judge_fail(j, ago_s <= max_lifetime_s(j) ? AUTH_CAUSE_JUST_EXPIRED : AUTH_CAUSE_NONE);
}

void auth_check_EXP_WINDOW(struct auth_judge *j)
{
    int64_t exp_s;
    if (!time_of(j, "exp", &exp_s))
        return;
    int64_t room_s = max_lifetime_s(j) - (exp_s - j->in->now_s);
    if (room_s > 0)
        auth_judge_pass(j);
    else if (room_s == 0)
        auth_judge_warn(j, AUTH_CAUSE_NO_MARGIN);
    else if (looks_like_milliseconds(exp_s))
        auth_judge_fail(j, AUTH_CAUSE_MILLISECONDS);
    else if (looks_like_time_zone(exp_s - j->in->now_s) && (exp_s - j->in->now_s) % HOUR_S != 0)
        auth_judge_fail(j, AUTH_CAUSE_TIME_ZONE); /* whole hours to the second are a lifetime, not a zone */
    else
        auth_judge_fail(j, AUTH_CAUSE_NONE);
}

static void check_past(struct auth_judge *j, const char *name)
{
    int64_t value;
    if (!time_of(j, name, &value))
        return;
    if (value > j->in->now_s + auth_judge_switch(j, AUTH_SWITCH_SKEW_S))
        auth_judge_fail(j, ahead_cause(value, j->in->now_s));
    else
        auth_judge_pass(j);
}

void auth_check_NBF_PAST(struct auth_judge *j)
{
    check_past(j, "nbf");
}

void auth_check_IAT_PAST(struct auth_judge *j)
{
    check_past(j, "iat");
}

static void check_window(struct auth_judge *j, const char *name)
{
    int64_t value, exp_s;
    if (!time_of(j, name, &value))
        return;
    if (!auth_json_int(claim(j, "exp"), &exp_s))
        auth_judge_skip(j);
    else if (value > exp_s)
        auth_judge_fail(j, AUTH_CAUSE_AFTER_EXP);
    else if (exp_s - value > max_lifetime_s(j))
        auth_judge_fail(j, AUTH_CAUSE_NONE);
    else
        auth_judge_pass(j);
}

void auth_check_NBF_WINDOW(struct auth_judge *j)
{
    check_window(j, "nbf");
}

void auth_check_IAT_WINDOW(struct auth_judge *j)
{
    check_window(j, "iat");
}

/* ---- jti ---- */

void auth_check_JTI_TYPE(struct auth_judge *j)
{
    const struct auth_json_node *node = claim(j, "jti");
    auth_judge_node(j, node);
    if (auth_json_string(node).n)
        auth_judge_pass(j);
    else if (auth_json_type(node) == AUTH_JSON_STRING)
        auth_judge_fail(j, AUTH_CAUSE_EMPTY);
    else
        auth_judge_fail(j, node ? AUTH_CAUSE_WRONG_TYPE : AUTH_CAUSE_NONE);
}

void auth_check_JTI_LENGTH(struct auth_judge *j)
{
    size_t length = auth_text_length(auth_json_string(claim(j, "jti")));
    auth_judge_number(j, (int64_t)length);
    if ((int64_t)length <= auth_judge_switch(j, AUTH_SWITCH_JTI_MAX))
        auth_judge_pass(j);
    else
        auth_judge_fail(j, AUTH_CAUSE_NONE);
}

void auth_check_JTI_REPLAY(struct auth_judge *j)
{
    auth_judge_skip(j); /* auth_rules_set_replay() closes it */
}
