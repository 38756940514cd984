/* Reading an object by its table of members. */
#include "mock_epic/state/members.h"

#include "auth/core/text.h"
#include "auth/core/time.h"

enum { NAME_SHOWN_MAX = 60 };

/* ---- what is wrong ---- */

/* The one that was meant, perhaps: "clientid" for "client_id". */
static const char *likely(struct auth_view name, const char *(*name_at)(const void *, size_t), const void *names,
                          size_t count)
{
    const char *best = NULL;
    size_t least = name.n / 3 + 1;
    for (size_t i = 0; i < count; i++) {
        size_t distance = auth_text_distance(name, auth_view_from_string(name_at(names, i)));
        if (distance < least) {
            least = distance;
            best = name_at(names, i);
        }
    }
    return best;
}

enum auth_rc mock_members_unknown(const char *what, struct auth_view name, const char *(*name_at)(const void *, size_t),
                                  const void *names, size_t count, struct auth_err *err)
{
    struct auth_buf list;
    const char *meant = likely(name, name_at, names, count);
    const char *mark = auth_text_cut(&name, NAME_SHOWN_MAX);
    auth_buf_init(&list, 1024);
    for (size_t i = 0; i < count; i++)
        auth_buf_addf(&list, "%s%s", i ? ", " : "", name_at(names, i));
    auth_err_set(err, AUTH_E_SYNTAX, "unknown %s \"%.*s%s\"%s%s%s; known: %s", what, (int)name.n, name.p, mark,
                 meant ? ", did you mean \"" : "", meant ? meant : "", meant ? "\"?" : "", list.n ? list.p : "none");
    auth_buf_clear(&list);
    return AUTH_E_SYNTAX;
}

enum auth_rc mock_members_about(const struct auth_json_node *node, struct auth_err *err, enum auth_rc rc)
{
    if (rc != AUTH_OK && err && !err->node)
        err->node = node;
    return rc;
}

static const char *member_name(const void *members, size_t i)
{
    return ((const struct mock_member *)members)[i].name;
}

void mock_members_describe(const struct mock_member *member, struct auth_buf *out)
{
    long long min = (long long)member->min, max = (long long)member->max;
    if (member->meaning)
        auth_buf_add_string(out, member->meaning);
    else if (member->type == MOCK_MEMBER_STRING)
        auth_buf_addf(out, "a string of %lld to %lld bytes", min, max);
    else if (member->type == MOCK_MEMBER_INT)
        auth_buf_addf(out, "a whole number from %lld to %lld", min, max);
    else if (member->type == MOCK_MEMBER_NUMBER)
        auth_buf_addf(out, "a number from %lld to %lld", min, max);
    else if (member->type == MOCK_MEMBER_BOOL)
        auth_buf_add_string(out, "true or false");
    else if (member->type == MOCK_MEMBER_TIME)
        auth_buf_add_string(out, "epoch seconds or an RFC 3339 time, " AUTH_TIME_RANGE_TEXT);
    else if (member->type == MOCK_MEMBER_STRINGS)
        auth_buf_addf(out, "an array of at most %lld strings", max);
    else
        auth_buf_add_string(out, "an object, or its text as a string");
}

/* What came instead, as far as that is short. */
static void describe_value(const struct auth_json_node *node, struct auth_buf *out)
{
    struct auth_view text = auth_json_string(node);
    int64_t value;
    size_t count = 0;
    for (const struct auth_json_node *item = auth_json_first(node); item; item = auth_json_next(item))
        count++;
    if (auth_json_type(node) == AUTH_JSON_STRING)
        auth_buf_addf(out, "a string of %zu bytes", text.n);
    else if (auth_json_type(node) == AUTH_JSON_ARRAY)
        auth_buf_addf(out, "an array of %zu", count);
    else if (auth_json_int(node, &value))
        auth_buf_add_int(out, value);
    else
        auth_buf_add_string(out, auth_json_type_text(auth_json_type(node)));
}

static enum auth_rc refuse(const struct mock_member *member, const struct auth_json_node *node, struct auth_err *err)
{
    struct auth_buf wanted, found;
    auth_buf_init(&wanted, 512);
    auth_buf_init(&found, 128);
    mock_members_describe(member, &wanted);
    describe_value(node, &found);
    auth_err_set(err, AUTH_E_SYNTAX, "%s: %s%s%s", member->name, wanted.n ? wanted.p : "",
                 node ? ", not " : " is needed", node && found.n ? found.p : "");
    auth_buf_clear(&wanted);
    auth_buf_clear(&found);
    return AUTH_E_SYNTAX;
}

/* ---- reading ---- */

static bool is_strings(const struct auth_json_node *node, int64_t max)
{
    int64_t count = 0;
    if (auth_json_type(node) != AUTH_JSON_ARRAY)
        return false;
    for (const struct auth_json_node *item = auth_json_first(node); item; item = auth_json_next(item)) {
        if (auth_json_type(item) != AUTH_JSON_STRING || ++count > max)
            return false;
    }
    return true;
}

static bool take_string(const struct mock_member *member, const struct auth_json_node *node, struct auth_view *to)
{
    *to = auth_json_string(node);
    return auth_json_type(node) == AUTH_JSON_STRING && to->n >= (size_t)member->min && to->n <= (size_t)member->max;
}

static bool take_int(const struct mock_member *member, const struct auth_json_node *node, int64_t *to)
{
    return auth_json_int(node, to) && *to >= member->min && *to <= member->max;
}

static bool take_number(const struct mock_member *member, const struct auth_json_node *node, double *to)
{
    return auth_json_double(node, to) && *to >= (double)member->min && *to <= (double)member->max;
}

static bool take_time(const struct auth_json_node *node, int64_t *to)
{
    return auth_json_int(node, to) ? auth_time_is_valid(*to) : auth_time_read(auth_json_string(node), to);
}

static bool take_node(const struct auth_json_node *node, const struct auth_json_node **to)
{
    *to = node;
    return true;
}

static bool take(const struct mock_member *member, const struct auth_json_node *node, void *target)
{
    union {
        struct auth_view view;
        int64_t number;
        double fraction;
        bool truth;
        const struct auth_json_node *node;
    } nowhere;
    void *to = target ? (char *)target + member->offset : (char *)&nowhere;
    enum auth_json_type type = auth_json_type(node);
    switch (member->type) {
    case MOCK_MEMBER_STRING:
        return take_string(member, node, to);
    case MOCK_MEMBER_INT:
        return take_int(member, node, to);
    case MOCK_MEMBER_NUMBER:
        return take_number(member, node, to);
    case MOCK_MEMBER_BOOL:
        return auth_json_bool(node, to);
    case MOCK_MEMBER_TIME:
        return take_time(node, to);
    case MOCK_MEMBER_STRINGS:
        return is_strings(node, member->max) && take_node(node, to);
    case MOCK_MEMBER_JSON:
        return (type == AUTH_JSON_OBJECT || type == AUTH_JSON_STRING) && take_node(node, to);
    case MOCK_MEMBER_ANY:
        return take_node(node, to);
    case MOCK_MEMBER_SHOWN:
        return true;
    }
    return false;
}

/* How many can be set: those that are only shown stand last. */
static size_t settable(const struct mock_member *members, size_t count)
{
    while (count && members[count - 1].type == MOCK_MEMBER_SHOWN)
        count--;
    return count;
}

static size_t find(const struct mock_member *members, size_t count, struct auth_view name)
{
    size_t i = 0;
    while (i < count && !auth_view_equals(name, members[i].name))
        i++;
    return i;
}

enum auth_rc mock_members_read(const struct mock_member *members, size_t count, const struct auth_json_node *object,
                               void *target, uint32_t *given, struct auth_err *err)
{
    uint32_t seen = 0;
    if (object && auth_json_type(object) != AUTH_JSON_OBJECT)
        return mock_members_about(object, err,
                                  auth_err_set(err, AUTH_E_SYNTAX, "a JSON object is needed, not %s",
                                               auth_json_type_text(auth_json_type(object))));
    for (const struct auth_json_node *node = auth_json_first(object); node; node = auth_json_next(node)) {
        size_t i = find(members, count, auth_json_name(node));
        if (i == count)
            return mock_members_about(node, err,
                                      mock_members_unknown("member", auth_json_name(node), member_name, members,
                                                           settable(members, count), err));
        if (!take(&members[i], node, target))
            return mock_members_about(node, err, refuse(&members[i], node, err));
        seen |= (uint32_t)1 << i;
    }
    for (size_t i = 0; i < count; i++) {
        if (members[i].is_required && !(seen & (uint32_t)1 << i))
            return mock_members_about(object, err, refuse(&members[i], NULL, err));
    }
    if (given)
        *given = seen;
    return AUTH_OK;
}

enum auth_rc mock_members_read_as(const char *what, const struct mock_member *members, size_t count,
                                  const struct auth_json_node *object, void *target, uint32_t *given,
                                  struct auth_err *err)
{
    struct auth_err inner = {0};
    enum auth_rc rc = mock_members_read(members, count, object, target, given, &inner);
    return rc == AUTH_OK ? rc
                         : mock_members_about(inner.node, err, auth_err_set(err, rc, "%s: %s", what, inner.detail));
}
