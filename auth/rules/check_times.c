/* The claims that say when: exp, nbf, iat. A time that is off is nearly always off for one of a few reasons, and by how much it
 * is off tells which. */
#include "auth/rules/judge.h"

static const struct auth_json_node *claim(const struct auth_judge *j, const char *name)
{
    return auth_jwt_claim(j->in->jwt, name);
}

enum { HOUR_S = 3600, CLOCK_DRIFT_S = 120, DURATION_MAX_S = 100000000, LIFETIME_S = 300 };

static int64_t max_lifetime_s(const struct auth_judge *j)
{
    return auth_judge_switch(j, AUTH_SWITCH_MAX_LIFETIME_S);
}

/* ---- units ---- */

static bool looks_like_milliseconds(int64_t value)
{
    return value > 100000000000; /* seconds get there in the year 5138 */
}

/* What a number that is no time near now would be, counted otherwise: in other units, or from another year. */
static enum auth_cause unit_cause(const struct auth_judge *j, int64_t value)
{
    enum { NEAR_S = 2 * 24 * HOUR_S };
    static const struct {
        int64_t seconds, from_s; /* one is so many seconds; 0 is so many seconds after 1970 */
        enum auth_cause cause;
    } rows[] = {
        {60, 0, AUTH_CAUSE_MINUTES},
        {HOUR_S, 0, AUTH_CAUSE_HOURS},
        {24 * HOUR_S, 0, AUTH_CAUSE_DAYS},
        {1, INT64_C(-62135596800), AUTH_CAUSE_EPOCH}, /* year 1, .NET */
        {1, INT64_C(-2208988800), AUTH_CAUSE_EPOCH},  /* 1900, NTP */
        {1, 315964800, AUTH_CAUSE_EPOCH},             /* 1980, GPS */
        {1, 946684800, AUTH_CAUSE_EPOCH},             /* 2000 */
        {1, 978307200, AUTH_CAUSE_EPOCH},             /* 2001, Apple */
    };
    if (looks_like_milliseconds(value))
        return value > 100000000000000 ? AUTH_CAUSE_MICROSECONDS : AUTH_CAUSE_MILLISECONDS;
    for (size_t i = 0; value > 0 && i < sizeof rows / sizeof *rows; i++) {
        int64_t off_s = value * rows[i].seconds + rows[i].from_s - j->in->now_s;
        if (off_s >= -NEAR_S && off_s <= NEAR_S)
            return rows[i].cause;
    }
    return AUTH_CAUSE_NONE;
}

/* Fail with that, if there is one. */
static bool fail_unit(struct auth_judge *j, int64_t value)
{
    enum auth_cause cause = unit_cause(j, value);
    if (cause != AUTH_CAUSE_NONE)
        auth_judge_fail(j, cause);
    return cause != AUTH_CAUSE_NONE;
}

/* 300 s written as 300000: minutes, 1 to 60 of them, in milliseconds. The lifetime is known up to a few seconds. */
static bool is_lifetime_in_milliseconds(int64_t lifetime_s, int64_t blur_s)
{
    enum { MINUTE_MS = 60 * 1000 };
    int64_t above = (lifetime_s + blur_s) % MINUTE_MS;
    return lifetime_s + blur_s >= MINUTE_MS && lifetime_s <= 60 * MINUTE_MS && above <= 2 * blur_s;
}

/* ---- time zones ---- */

/* Do some people's clocks differ from UTC by so many minutes, either way? Whole hours; or one of the odd ones, with and
 * without daylight saving time. */
static bool is_zone(int64_t minutes)
{
    static const int64_t odd[] = {150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825};
    enum { FURTHEST_MIN = 14 * 60 };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        if (minutes == odd[i])
            return true;
    }
    return minutes > 0 && minutes <= FURTHEST_MIN && minutes % 60 == 0;
}

/* The offset of a time zone, in seconds and without its sign, that leaves of a distance from `low` to `high` seconds; 0: there
 * is none. */
static int64_t zone_within(int64_t distance_s, int64_t low_s, int64_t high_s)
{
    enum { STEP_S = 15 * 60 };
    int64_t nearest =
        distance_s - low_s - ((distance_s - low_s) % STEP_S + STEP_S) % STEP_S; /* the multiple not above */
    int64_t offset_s = nearest < 0 ? -nearest : nearest;
    return distance_s - nearest <= high_s && is_zone(offset_s / 60) ? offset_s : 0;
}

/* By what time zone is this JWT off, 0 for none? iat (or nbf) is the second at which it was made, a minute before at most; exp
 * alone says less, because nobody knows how long it was to live. */
static int64_t zone_of(const struct auth_judge *j, int64_t exp_s)
{
    enum { BACK_DATED_S = 75, AHEAD_S = 15 };
    int64_t start_s, now_s = j->in->now_s;
    if (auth_json_int(claim(j, "iat"), &start_s) || auth_json_int(claim(j, "nbf"), &start_s))
        return zone_within(start_s - now_s, -BACK_DATED_S, AHEAD_S);
    return zone_within(exp_s - now_s, -CLOCK_DRIFT_S, LIFETIME_S + CLOCK_DRIFT_S / 4);
}

/* ---- whose fault ---- */

/* Would all times fit, if this were the time? */
static bool fits_at(const struct auth_judge *j, int64_t now_s)
{
    static const char *const starts[] = {"nbf", "iat"};
    int64_t value;
    if (auth_json_int(claim(j, "exp"), &value) && (value <= now_s || value - now_s > max_lifetime_s(j)))
        return false;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        if (auth_json_int(claim(j, starts[i]), &value) && value > now_s + auth_judge_switch(j, AUTH_SWITCH_SKEW_S))
            return false;
    }
    return true;
}

static bool blames_a_clock(enum auth_cause cause)
{
    return cause == AUTH_CAUSE_CLOCK_AHEAD || cause == AUTH_CAUSE_CLOCK_BEHIND || cause == AUTH_CAUSE_TIME_ZONE;
}

static int64_t distance(int64_t seconds)
{
    return seconds < 0 ? -seconds : seconds;
}

/* Is it our own clock? A time that somebody asked for is meant, unless it is further away than any JWT lives; a clock that
 * was moved is the likeliest reason also where it explains but half of what is off. */
static bool is_our_clock(const struct auth_judge *j, int64_t off_s)
{
    int64_t ahead_s = j->in->clock_ahead_s;
    if (j->in->clock_cause == AUTH_CAUSE_NONE || ahead_s == 0)
        return false;
    bool explains_all = fits_at(j, j->in->now_s - ahead_s);
    if (j->in->clock_cause == AUTH_CAUSE_CLOCK_MOVED)
        return explains_all || distance(ahead_s) >= distance(off_s) / 2;
    return explains_all && distance(ahead_s) > max_lifetime_s(j);
}

/* Fail, because a claim is off_s seconds from where it should be. Nobody else's clock is blamed where ours may be it. */
static void fail_time(struct auth_judge *j, int64_t off_s, enum auth_cause likely, enum auth_cause other)
{
    const enum auth_cause guesses[] = {likely, other};
    bool is_ours = is_our_clock(j, off_s);
    auth_judge_fail(j, is_ours ? j->in->clock_cause : likely);
    if (is_ours && fits_at(j, j->in->now_s - j->in->clock_ahead_s))
        return;
    for (size_t i = is_ours ? 0 : 1; i < 2; i++) {
        if (!is_ours || !blames_a_clock(guesses[i]))
            auth_judge_or(j, guesses[i]);
    }
}

static void fail_zone(struct auth_judge *j, int64_t off_s, int64_t zone_s, enum auth_cause other)
{
    j->report->zone_s = (int32_t)zone_s;
    fail_time(j, off_s, AUTH_CAUSE_TIME_ZONE, other);
}

/* nbf or iat lies in the future. */
static void explain_ahead(struct auth_judge *j, int64_t value)
{
    int64_t off_s = value - j->in->now_s;
    int64_t zone_s = zone_within(off_s, -LIFETIME_S, CLOCK_DRIFT_S);
    if (fail_unit(j, value))
        return;
    if (zone_s)
        fail_zone(j, off_s, zone_s, AUTH_CAUSE_CLOCK_AHEAD);
    else
        fail_time(j, off_s, AUTH_CAUSE_CLOCK_AHEAD, AUTH_CAUSE_NONE);
}

/* Nothing was added to the time at which it was made. */
static bool has_no_lifetime(const struct auth_judge *j, int64_t exp_s)
{
    int64_t start_s;
    return auth_json_int(claim(j, "iat"), &start_s) && exp_s <= start_s && !looks_like_milliseconds(start_s);
}

/* exp lies in the past. */
static void explain_expired(struct auth_judge *j, int64_t exp_s)
{
    int64_t ago_s = j->in->now_s - exp_s;
    int64_t zone_s = zone_of(j, exp_s);
    if (fail_unit(j, exp_s))
        return;
    if (exp_s < DURATION_MAX_S)
        auth_judge_fail(j, AUTH_CAUSE_DURATION);
    else if (has_no_lifetime(j, exp_s))
        auth_judge_fail(j, AUTH_CAUSE_NO_LIFETIME);
    else if (zone_s)
        fail_zone(j, ago_s, zone_s, AUTH_CAUSE_OLD);
    else
        fail_time(j, ago_s, ago_s <= max_lifetime_s(j) ? AUTH_CAUSE_JUST_EXPIRED : AUTH_CAUSE_OLD,
                  AUTH_CAUSE_CLOCK_BEHIND);
}

/* exp lies too far ahead and nothing else tells why. Whole hours to the second are a lifetime that somebody chose; a
 * time zone adds them to the few minutes that were meant. */
static void guess_far_ahead(struct auth_judge *j, int64_t exp_s)
{
    int64_t ahead_s = exp_s - j->in->now_s;
    int64_t zone_s = zone_of(j, exp_s);
    if (is_lifetime_in_milliseconds(ahead_s, CLOCK_DRIFT_S)) {
        auth_judge_fail(j, AUTH_CAUSE_LIFETIME_MS);
    } else if (ahead_s <= max_lifetime_s(j) + CLOCK_DRIFT_S) {
        fail_time(j, ahead_s, AUTH_CAUSE_CLOCK_AHEAD, AUTH_CAUSE_LIFETIME);
    } else if (!zone_s) {
        fail_time(j, ahead_s, AUTH_CAUSE_LIFETIME, AUTH_CAUSE_CLOCK_AHEAD);
    } else if (ahead_s % HOUR_S == 0) {
        j->report->zone_s = (int32_t)zone_s;
        fail_time(j, ahead_s, AUTH_CAUSE_LIFETIME, AUTH_CAUSE_TIME_ZONE);
    } else {
        fail_zone(j, ahead_s, zone_s, AUTH_CAUSE_LIFETIME);
    }
}

static enum auth_cause lifetime_cause(int64_t lifetime_s)
{
    return is_lifetime_in_milliseconds(lifetime_s, 0) ? AUTH_CAUSE_LIFETIME_MS : AUTH_CAUSE_LIFETIME;
}

/* exp lies too far ahead: iat, when there is one, tells a long lifetime from a wrong clock. */
static void explain_far_ahead(struct auth_judge *j, int64_t exp_s)
{
    int64_t iat_s;
    if (fail_unit(j, exp_s))
        return;
    if (!auth_json_int(claim(j, "iat"), &iat_s) || unit_cause(j, iat_s) != AUTH_CAUSE_NONE)
        guess_far_ahead(j, exp_s);
    else if (exp_s - iat_s > max_lifetime_s(j))
        auth_judge_fail(j, lifetime_cause(exp_s - iat_s));
    else
        explain_ahead(j, iat_s);
}

/* "2026-11-28T09:00:00Z", "Sat, 28 Nov 2026 ...", "11/28/2026". */
static bool is_date(struct auth_view text)
{
    enum { SHORTEST_N = 8 };
    return text.n >= SHORTEST_N && (auth_view_find(text, ':') < text.n || auth_view_find(text, '-') < text.n ||
                                    auth_view_find(text, '/') < text.n || auth_view_find(text, '(') < text.n);
}

/* "5m", "300s", "PT5M", "5 minutes": digits, and a unit before or behind them. */
static bool is_duration(struct auth_view text)
{
    size_t digits = 0;
    for (size_t i = 0; i < text.n; i++)
        digits += text.p[i] >= '0' && text.p[i] <= '9';
    return digits && digits < text.n && (auth_view_starts(text, "PT") || (text.p[0] >= '0' && text.p[0] <= '9'));
}

static enum auth_cause text_cause(struct auth_view text)
{
    if (is_date(text))
        return AUTH_CAUSE_TIME_DATE;
    return is_duration(text) ? AUTH_CAUSE_DURATION : AUTH_CAUSE_TIME_STRING;
}

static void check_type(struct auth_judge *j, const char *name, bool is_required)
{
    const struct auth_json_node *node = claim(j, name);
    int64_t value;
    auth_judge_node(j, node);
    if (!node && !is_required)
        auth_judge_pass(j);
    else if (!node)
        auth_judge_fail_absent(j);
    else if (auth_json_int(node, &value))
        auth_judge_pass(j);
    else if (auth_json_type(node) == AUTH_JSON_STRING)
        auth_judge_fail(j, text_cause(auth_json_string(node)));
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

/* The claim's value, noted with its distance from now; false (and the verdict given) when it is absent. It is an integer
 * when it is there: nbf.type and its like yielded before. */
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

/* Of rules that exp.type yields to. */
static int64_t exp_of(const struct auth_judge *j)
{
    int64_t exp_s = 0;
    (void)auth_json_int(claim(j, "exp"), &exp_s);
    return exp_s;
}

void auth_check_EXP_FUTURE(struct auth_judge *j)
{
    int64_t exp_s = exp_of(j);
    auth_judge_time(j, exp_s);
    if (exp_s > j->in->now_s)
        auth_judge_pass(j);
    else
        explain_expired(j, exp_s);
}

void auth_check_EXP_WINDOW(struct auth_judge *j)
{
    int64_t exp_s = exp_of(j);
    auth_judge_time(j, exp_s);
    int64_t room_s = max_lifetime_s(j) - (exp_s - j->in->now_s);
    if (room_s > 0)
        auth_judge_pass(j);
    else if (room_s == 0)
        auth_judge_warn(j, AUTH_CAUSE_NO_MARGIN);
    else
        explain_far_ahead(j, exp_s);
}

static void check_past(struct auth_judge *j, const char *name)
{
    int64_t value;
    if (!time_of(j, name, &value))
        return;
    int64_t room_s = j->in->now_s + auth_judge_switch(j, AUTH_SWITCH_SKEW_S) - value;
    if (room_s > 0)
        auth_judge_pass(j);
    else if (room_s == 0)
        auth_judge_warn(j, AUTH_CAUSE_NO_MARGIN_BACK);
    else
        explain_ahead(j, value);
}

void auth_check_NBF_PAST(struct auth_judge *j)
{
    check_past(j, "nbf");
}

void auth_check_IAT_PAST(struct auth_judge *j)
{
    check_past(j, "iat");
}

/* exp is right, and iat or nbf lies so far back that their distance is too long: by a time zone, or a lifetime. */
static void explain_far_back(struct auth_judge *j, int64_t value, int64_t exp_s)
{
    enum { BACK_DATED_S = 75, AHEAD_S = 15 };
    int64_t off_s = value - j->in->now_s;
    int64_t zone_s = exp_s - j->in->now_s <= max_lifetime_s(j) ? zone_within(off_s, -BACK_DATED_S, AHEAD_S) : 0;
    if (zone_s)
        fail_zone(j, off_s, zone_s, lifetime_cause(exp_s - value));
    else
        auth_judge_fail(j, lifetime_cause(exp_s - value));
}

static void check_window(struct auth_judge *j, const char *name)
{
    int64_t value, exp_s = exp_of(j);
    if (!time_of(j, name, &value))
        return;
    if (value <= exp_s && exp_s - value <= max_lifetime_s(j))
        auth_judge_pass(j);
    else if (fail_unit(j, value) || fail_unit(j, exp_s))
        return;
    else if (value > exp_s)
        auth_judge_fail(j, AUTH_CAUSE_AFTER_EXP);
    else
        explain_far_back(j, value, exp_s);
}

void auth_check_NBF_WINDOW(struct auth_judge *j)
{
    check_window(j, "nbf");
}

void auth_check_IAT_WINDOW(struct auth_judge *j)
{
    check_window(j, "iat");
}
