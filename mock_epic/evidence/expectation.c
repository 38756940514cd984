/* Reading one expectation, and judging entry by entry. */
#include "mock_epic/evidence/expectation.h"

#include <stddef.h>
#include <stdlib.h>

#include "auth/core/hash.h"
#include "mock_epic/state/members.h"

enum { ENTRY_TEXT_MAX = 256 * 1024, TEXT_MAX = 1000, PATH_DEPTH_MAX = 16, LINE_MAX_N = 1024, CLOCK_SLACK_US = 20000 };

/* ---- reading ---- */

struct expectation_json {
    const struct auth_json_node *count, *order, *follow, *pause, *never, *each, *where;
    int64_t min, max, within_s, at_least_ms, after_step;
    bool is_same_url;
    struct auth_view because, right;
};

enum member {
    COUNT,
    ORDER,
    FOLLOW,
    PAUSE,
    NEVER,
    EACH,
    KINDS,
    WHERE = KINDS,
    MIN,
    MAX,
    WITHIN,
    AT_LEAST,
    SAME_URL,
    AFTER,
    BECAUSE,
    RIGHT
};

#define JSON(member) offsetof(struct expectation_json, member)
static const struct mock_member members[] = {
    [COUNT] = {"count", MOCK_MEMBER_ANY, false, JSON(count), 0, 0, NULL},
    [ORDER] = {"order", MOCK_MEMBER_ANY, false, JSON(order), 0, 0, NULL},
    [FOLLOW] = {"follow", MOCK_MEMBER_ANY, false, JSON(follow), 0, 0, NULL},
    [PAUSE] = {"pause", MOCK_MEMBER_ANY, false, JSON(pause), 0, 0, NULL},
    [NEVER] = {"never", MOCK_MEMBER_ANY, false, JSON(never), 0, 0, NULL},
    [EACH] = {"each", MOCK_MEMBER_ANY, false, JSON(each), 0, 0, NULL},
    [WHERE] = {"where", MOCK_MEMBER_ANY, false, JSON(where), 0, 0, NULL},
    [MIN] = {"min", MOCK_MEMBER_INT, false, JSON(min), 0, 1000000000, NULL},
    [MAX] = {"max", MOCK_MEMBER_INT, false, JSON(max), 0, 1000000000, NULL},
    [WITHIN] = {"within_s", MOCK_MEMBER_INT, false, JSON(within_s), 1, 1000000000, NULL},
    [AT_LEAST] = {"at_least_ms", MOCK_MEMBER_INT, false, JSON(at_least_ms), 1, 1000000000, NULL},
    [SAME_URL] = {"same_url", MOCK_MEMBER_BOOL, false, JSON(is_same_url), 0, 0, NULL},
    [AFTER] = {"after_step", MOCK_MEMBER_INT, false, JSON(after_step), 1, 100, NULL},
    [BECAUSE] = {"because", MOCK_MEMBER_STRING, false, JSON(because), 0, TEXT_MAX, NULL},
    [RIGHT] = {"right", MOCK_MEMBER_STRING, false, JSON(right), 0, TEXT_MAX, NULL},
    {"$schema", MOCK_MEMBER_SHOWN, false, 0, 0, 0, NULL},
};

static enum auth_rc read_two(const struct auth_json_node *two, struct mock_expectation *expectation,
                             struct auth_err *err)
{
    const struct auth_json_node *first = auth_json_first(two), *second = auth_json_next(first);
    if (auth_json_type(two) != AUTH_JSON_ARRAY || !second || auth_json_next(second))
        return auth_err_set(err, AUTH_E_ARG,
                            "order, follow, pause: an array of two matches, what comes first and what follows");
    enum auth_rc rc = mock_entry_match_read(first, &expectation->match, err);
    return rc == AUTH_OK ? mock_entry_match_read(second, &expectation->then, err) : rc;
}

static bool is_test(const struct auth_json_node *test)
{
    static const char *const names[] = {"equals", "distinct", "at_most", "at_least", "present"};
    double number;
    bool truth;
    size_t i = 0;
    while (i < sizeof names / sizeof *names && !auth_view_equals(auth_json_name(test), names[i]))
        i++;
    switch (i) {
    case 0:
        return auth_json_type(test) != AUTH_JSON_ARRAY && auth_json_type(test) != AUTH_JSON_OBJECT;
    case 1:
    case 4:
        return auth_json_bool(test, &truth);
    case 2:
    case 3:
        return auth_json_double(test, &number);
    default:
        return false;
    }
}

static enum auth_rc read_where(const struct auth_json_node *where, struct mock_expectation *expectation,
                               struct auth_err *err)
{
    bool ok = auth_json_type(where) == AUTH_JSON_OBJECT && auth_json_first(where);
    for (const struct auth_json_node *path = auth_json_first(where); path && ok; path = auth_json_next(path)) {
        ok = auth_json_type(path) == AUTH_JSON_OBJECT && auth_json_first(path);
        for (const struct auth_json_node *test = auth_json_first(path); test && ok; test = auth_json_next(test))
            ok = is_test(test);
    }
    expectation->where = where;
    return ok ? AUTH_OK
              : auth_err_set(err, AUTH_E_ARG,
                             "where: {\"jwt.claims.exp\":{\"at_most\":N}}, with equals, distinct, at_most, at_least or "
                             "present");
}

/* Members that belong to another kind. */
static bool has_strangers(uint32_t given, enum member own)
{
    uint32_t others = ((1U << KINDS) - 1) & ~(1U << own);
    others |= own != COUNT ? 1U << MIN | 1U << MAX : 0;
    others |= own != ORDER ? 1U << WITHIN : 0;
    others |= own != FOLLOW ? 1U << SAME_URL : 0;
    others |= own != PAUSE ? 1U << AT_LEAST : 0;
    others |= own != EACH ? 1U << WHERE : 0;
    return given & others;
}

static enum auth_rc read_kind(const struct expectation_json *json, uint32_t given, struct mock_expectation *expectation,
                              struct auth_err *err)
{
    const struct auth_json_node *const matches[KINDS] = {
        [COUNT] = json->count, [ORDER] = json->order, [FOLLOW] = json->follow,
        [PAUSE] = json->pause, [NEVER] = json->never, [EACH] = json->each,
    };
    enum member own = COUNT;
    while (own < EACH && !(given & 1U << own))
        own++;
    if (!(given & 1U << own) || has_strangers(given, own) || (own == PAUSE && !json->at_least_ms))
        return auth_err_set(err, AUTH_E_ARG,
                            "exactly one of count (with min, max), order (with within_s), follow (with same_url), "
                            "pause (with at_least_ms), never and each (with where) is needed");
    expectation->kind = (enum mock_expectation_kind)own; /* one order */
    expectation->within_us = json->within_s * 1000000;
    expectation->pause_us = json->at_least_ms * 1000;
    expectation->is_same_url = json->is_same_url;
    if (own == ORDER || own == FOLLOW || own == PAUSE)
        return read_two(matches[own], expectation, err);
    expectation->min = given & 1U << MIN ? json->min : given & 1U << MAX ? 0 : 1;
    expectation->max = given & 1U << MAX ? json->max : INT64_MAX;
    if (expectation->min > expectation->max)
        return auth_err_set(err, AUTH_E_ARG, "min is greater than max");
    enum auth_rc rc = mock_entry_match_read(matches[own], &expectation->match, err);
    return rc == AUTH_OK && own == EACH ? read_where(json->where, expectation, err) : rc;
}

enum auth_rc mock_expectation_read(const struct auth_json_node *node, struct mock_expectation *expectation,
                                   struct auth_err *err)
{
    struct expectation_json json = {.count = NULL};
    uint32_t given = 0;
    *expectation = (struct mock_expectation){.kind = MOCK_EXPECT_COUNT};
    enum auth_rc rc = mock_members_read(members, sizeof members / sizeof *members, node, &json, &given, err);
    expectation->because = json.because;
    expectation->right = json.right;
    expectation->after_step = json.after_step;
    return rc == AUTH_OK ? read_kind(&json, given, expectation, err) : rc;
}

/* What was kept of what went well shows nothing of a failure. */
static void forget_kept(struct mock_expectation *expectation)
{
    while (expectation->id_count)
        free(expectation->lines[--expectation->id_count]);
}

void mock_expectation_clear(struct mock_expectation *expectation)
{
    forget_kept(expectation);
    free(expectation->values);
    expectation->values = NULL;
}

/* ---- the value at a path ---- */

static const struct auth_json_node *child(const struct auth_json_node *node, struct auth_view name)
{
    int64_t index = 0;
    bool is_array = auth_json_type(node) == AUTH_JSON_ARRAY;
    if (is_array && (!auth_view_int(name, &index) || index < 0))
        return NULL;
    for (const struct auth_json_node *item = auth_json_first(node); item; item = auth_json_next(item)) {
        if (is_array ? index-- == 0 : auth_view_equals_view(auth_json_name(item), name))
            return item;
    }
    return NULL;
}

static const struct auth_json_node *value_at(const struct auth_json_node *root, struct auth_view path)
{
    for (int depth = 0; path.n && root && depth < PATH_DEPTH_MAX; depth++)
        root = child(root, auth_view_split(&path, '.'));
    return path.n ? NULL : root;
}

static bool is_equal(const struct auth_json_node *a, const struct auth_json_node *b)
{
    double x = 0, y = 0;
    bool p = false, q = false;
    enum auth_json_type type = auth_json_type(a);
    if (type != auth_json_type(b))
        return false;
    if (type == AUTH_JSON_STRING)
        return auth_view_equals_view(auth_json_string(a), auth_json_string(b));
    if (type == AUTH_JSON_NUMBER)
        return auth_json_double(a, &x) && auth_json_double(b, &y) && !(x < y) && !(x > y);
    if (type == AUTH_JSON_BOOL)
        return auth_json_bool(a, &p) && auth_json_bool(b, &q) && p == q;
    return type == AUTH_JSON_NULL;
}

/* A value by its hash; those that are no scalar are all the same. */
static uint64_t hash_of(const struct auth_json_node *node)
{
    struct auth_view text = auth_json_string(node);
    double number = 0;
    uint64_t start = AUTH_HASH_START + (uint64_t)auth_json_type(node);
    if (auth_json_double(node, &number))
        text = auth_view_bytes(&number, sizeof number);
    return auth_hash(start, text);
}

/* Whether the value is a new one, and keep it. What is beyond the bound is not looked at. */
static bool is_new(struct mock_expectation *expectation, const struct auth_json_node *node)
{
    uint64_t hash = hash_of(node);
    for (size_t i = 0; i < expectation->value_count; i++) {
        if (expectation->values[i] == hash)
            return false;
    }
    uint64_t *values = NULL;
    if (expectation->value_count < MOCK_EXPECTATION_DISTINCT_MAX)
        values =
            auth_array_fit(expectation->values, expectation->value_count, &expectation->value_size, sizeof *values);
    if (!values)
        return true;
    expectation->values = values;
    expectation->values[expectation->value_count++] = hash;
    return true;
}

static bool holds(struct mock_expectation *expectation, const struct auth_json_node *value,
                  const struct auth_json_node *test)
{
    struct auth_view name = auth_json_name(test);
    double number = 0, limit = 0;
    bool wanted = false;
    if (auth_view_equals(name, "present"))
        return auth_json_bool(test, &wanted) && wanted == (value && auth_json_type(value) != AUTH_JSON_NULL);
    if (auth_view_equals(name, "distinct"))
        return auth_json_bool(test, &wanted) && (!wanted || (value && is_new(expectation, value)));
    if (auth_view_equals(name, "equals"))
        return value && is_equal(value, test);
    if (!auth_json_double(value, &number) || !auth_json_double(test, &limit))
        return false;
    return auth_view_equals(name, "at_most") ? number <= limit : number >= limit;
}

static bool has_all(struct mock_expectation *expectation, const struct auth_json_node *entry)
{
    bool ok = true;
    for (const struct auth_json_node *path = auth_json_first(expectation->where); path; path = auth_json_next(path)) {
        const struct auth_json_node *value = value_at(entry, auth_json_name(path));
        for (const struct auth_json_node *test = auth_json_first(path); test; test = auth_json_next(test))
            ok = holds(expectation, value, test) && ok;
    }
    return ok;
}

/* ---- judging ---- */

/* The ring may have lost the entry when the verdict is read, so what shows it is written down now. */
static void keep(struct mock_expectation *expectation, const struct mock_journal_entry *entry)
{
    struct auth_buf line;
    size_t i = expectation->id_count;
    if (i == MOCK_EVIDENCE_MAX)
        return;
    auth_buf_init(&line, LINE_MAX_N);
    mock_journal_entry_line(entry, &line);
    expectation->ids[i] = entry->id;
    expectation->lines[i] = auth_buf_take(&line, NULL);
    expectation->id_count++;
    auth_buf_clear(&line);
}

static void fail(struct mock_expectation *expectation, const struct mock_journal_entry *entry)
{
    bool is_of_two = expectation->kind == MOCK_EXPECT_ORDER || expectation->kind == MOCK_EXPECT_PAUSE;
    if (!expectation->has_failed && !is_of_two)
        forget_kept(expectation);
    expectation->has_failed = true;
    keep(expectation, entry);
}

static void see_order(struct mock_expectation *expectation, const struct mock_journal_entry *entry)
{
    if (expectation->has_ended || expectation->has_failed)
        return;
    if (!expectation->has_begun) {
        if (mock_entry_match_fits(&expectation->match, entry)) {
            expectation->has_begun = true;
            expectation->begun_us = entry->time_us;
            keep(expectation, entry);
        } else if (mock_entry_match_fits(&expectation->then, entry)) {
            fail(expectation, entry);
        }
    } else if (mock_entry_match_fits(&expectation->then, entry)) {
        bool is_late = expectation->within_us && entry->time_us - expectation->begun_us > expectation->within_us;
        expectation->has_ended = !is_late;
        if (is_late)
            fail(expectation, entry);
        else
            keep(expectation, entry);
    }
}

static void see_follow(struct mock_expectation *expectation, const struct mock_journal_entry *entry)
{
    uint64_t url = auth_hash(AUTH_HASH_START, mock_journal_entry_text(entry, MOCK_JOURNAL_TARGET));
    bool begins = !expectation->has_begun && mock_entry_match_fits(&expectation->match, entry);
    bool ends = expectation->has_begun && !expectation->has_ended && mock_entry_match_fits(&expectation->then, entry) &&
                (!expectation->is_same_url || url == expectation->begun_url);
    if (begins)
        expectation->begun_url = url;
    expectation->has_begun = expectation->has_begun || begins;
    expectation->has_ended = expectation->has_ended || ends;
    if (begins || ends)
        keep(expectation, entry);
}

/* By real time, which is what the client waits in. */
static void see_pause(struct mock_expectation *expectation, const struct mock_journal_entry *entry)
{
    if (expectation->has_failed)
        return;
    bool is_early =
        expectation->has_begun && entry->real_us - expectation->begun_us < expectation->pause_us - CLOCK_SLACK_US;
    if (is_early && mock_entry_match_fits(&expectation->then, entry)) {
        fail(expectation, entry);
    } else if (mock_entry_match_fits(&expectation->match, entry)) {
        forget_kept(expectation);
        keep(expectation, entry);
        expectation->has_begun = true;
        expectation->begun_us = entry->real_us;
    }
}

static void see_each(struct mock_expectation *expectation, const struct mock_journal_entry *entry)
{
    struct auth_buf text;
    struct auth_json_writer w;
    struct auth_json *doc = NULL;
    auth_buf_init(&text, ENTRY_TEXT_MAX);
    auth_json_writer_init(&w, &text, AUTH_JSON_COMPACT);
    mock_journal_entry_write(entry, &w);
    if (!auth_buf_ok(&text) || auth_json_parse(auth_buf_view(&text), &doc, NULL) != AUTH_OK ||
        !has_all(expectation, auth_json_root(doc)))
        fail(expectation, entry);
    else if (!expectation->has_failed)
        keep(expectation, entry);
    auth_json_free(doc);
    auth_buf_clear(&text);
}

void mock_expectation_see(struct mock_expectation *expectation, const struct mock_journal_entry *entry)
{
    if (expectation->kind == MOCK_EXPECT_ORDER) {
        see_order(expectation, entry);
        return;
    }
    if (expectation->kind == MOCK_EXPECT_FOLLOW) {
        see_follow(expectation, entry);
        return;
    }
    if (expectation->kind == MOCK_EXPECT_PAUSE) {
        see_pause(expectation, entry);
        return;
    }
    if (!mock_entry_match_fits(&expectation->match, entry))
        return;
    expectation->seen++;
    if (expectation->kind == MOCK_EXPECT_EACH)
        see_each(expectation, entry);
    else if (expectation->kind == MOCK_EXPECT_NEVER || expectation->seen > (uint64_t)expectation->max)
        fail(expectation, entry);
    else if (!expectation->has_failed)
        keep(expectation, entry);
}

enum mock_expectation_result mock_expectation_result(const struct mock_expectation *expectation, bool is_at_point)
{
    const enum mock_expectation_result missing = is_at_point ? MOCK_EXPECT_FAIL : MOCK_EXPECT_NOT_EXERCISED;
    if (expectation->has_failed)
        return MOCK_EXPECT_FAIL;
    switch (expectation->kind) {
    case MOCK_EXPECT_COUNT:
        return expectation->seen >= (uint64_t)expectation->min ? MOCK_EXPECT_PASS : missing;
    case MOCK_EXPECT_ORDER:
        return expectation->has_ended ? MOCK_EXPECT_PASS : expectation->has_begun ? missing : MOCK_EXPECT_NOT_EXERCISED;
    case MOCK_EXPECT_FOLLOW:
        return expectation->has_begun && !expectation->has_ended ? missing : MOCK_EXPECT_PASS;
    case MOCK_EXPECT_EACH:
        return expectation->seen ? MOCK_EXPECT_PASS : MOCK_EXPECT_NOT_EXERCISED;
    case MOCK_EXPECT_PAUSE:
    case MOCK_EXPECT_NEVER:
        break;
    }
    return MOCK_EXPECT_PASS;
}

void mock_expectation_describe(const struct mock_expectation *expectation, struct auth_buf *out)
{
    static const char *const kinds[] = {"count of ", "", "", "", "never ", "each "};
    auth_buf_add_string(out, kinds[expectation->kind]);
    mock_entry_match_describe(&expectation->match, out);
    if (expectation->kind == MOCK_EXPECT_ORDER || expectation->kind == MOCK_EXPECT_FOLLOW) {
        auth_buf_add_string(out, ", then ");
        mock_entry_match_describe(&expectation->then, out);
    }
    if (expectation->is_same_url)
        auth_buf_add_string(out, " of the same URL");
    if (expectation->kind == MOCK_EXPECT_PAUSE) {
        auth_buf_addf(out, ", then for %lld ms no ", (long long)(expectation->pause_us / 1000));
        mock_entry_match_describe(&expectation->then, out);
    }
    if (expectation->kind == MOCK_EXPECT_COUNT) {
        bool is_bounded = expectation->max != INT64_MAX;
        auth_buf_add_string(out, ":");
        if (expectation->min || !is_bounded)
            auth_buf_addf(out, " at least %lld%s", (long long)expectation->min, is_bounded ? "," : "");
        if (is_bounded)
            auth_buf_addf(out, " at most %lld", (long long)expectation->max);
        auth_buf_addf(out, "; there were %llu", (unsigned long long)expectation->seen);
    }
    if (expectation->after_step)
        auth_buf_addf(out, " (after step %lld)", (long long)expectation->after_step);
}
