/* Reads case files and checks their form. */
#include "conformance/suite/case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/file.h"
#include "conformance/suite/embedded.h"

enum { CASES_MAX = 20000, FILE_MAX_N = 256 * 1024, NAMES_MAX_N = 8 * 1024 * 1024 };

void conf_cases_clear(struct conf_cases *cases)
{
    for (size_t i = 0; i < cases->count; i++)
        auth_json_free(cases->items[i].doc);
    free(cases->items);
    auth_buf_clear(&cases->names);
    *cases = (struct conf_cases){.count = 0};
}

/* ---- one file ---- */

static const char *const members[] = {"about",  "source",  "profiles", "rule",   "needs",  "setup", "request", "steps",
                                      "expect", "control", "limit",    "unseen", "vector", "since", "until",   NULL};

/* A member that nobody knows is a slip, and would make a case prove nothing. */
static enum auth_rc check_members(const struct auth_json_node *root, struct auth_err *err)
{
    for (const struct auth_json_node *m = auth_json_first(root); m; m = auth_json_next(m)) {
        struct auth_view name = auth_json_name(m);
        size_t i = 0;
        while (members[i] && !auth_view_equals(name, members[i]))
            i++;
        if (!members[i])
            return auth_err_set(err, AUTH_E_SYNTAX, "unknown member \"%.*s\"", (int)(name.n < 40 ? name.n : 40),
                                name.p);
    }
    return AUTH_OK;
}

/* y_RULE_WHAT: the rule's id with an underscore for each dot. */
static bool has_rule(struct auth_view id, struct auth_view rule)
{
    if (rule.n == 0 || id.n < rule.n + 2)
        return false;
    for (size_t i = 0; i < rule.n; i++) {
        if (id.p[2 + i] != (rule.p[i] == '.' ? '_' : rule.p[i]))
            return false;
    }
    return id.p[2 + rule.n] == '_' || id.n == rule.n + 2;
}

static enum auth_rc check_form(struct conf_case *one, struct auth_err *err)
{
    static const char kinds[] = "yni";
    const char *kind = one->id.n > 2 && one->id.p[1] == '_' ? strchr(kinds, one->id.p[0]) : NULL;
    if (auth_json_type(one->root) != AUTH_JSON_OBJECT)
        return auth_err_set(err, AUTH_E_SYNTAX, "no JSON object");
    one->about = auth_json_member_string(one->root, "about");
    one->rule = auth_json_member_string(one->root, "rule");
    one->source = auth_json_member_string(one->root, "source");
    if (!kind)
        return auth_err_set(err, AUTH_E_SYNTAX, "its name begins with neither y_, n_ nor i_");
    one->kind = (enum conf_case_kind)(kind - kinds);
    if (one->about.n == 0 || one->source.n == 0 || !has_rule(one->id, one->rule))
        return auth_err_set(
            err, AUTH_E_SYNTAX,
            "about, source and rule are needed, and the name goes on with the rule, with _ for each dot");
    if (auth_json_type(auth_json_member(one->root, "request")) != AUTH_JSON_OBJECT ||
        auth_json_type(auth_json_member(one->root, "expect")) != AUTH_JSON_OBJECT)
        return auth_err_set(err, AUTH_E_SYNTAX, "request and expect are needed");
    return check_members(one->root, err);
}

/* name: "area/id.json" */
static enum auth_rc add(struct conf_cases *cases, const char *name, struct auth_view text, struct auth_err *err)
{
    struct conf_case one = {.kind = CONF_CASE_EITHER};
    struct auth_err inner = {0};
    size_t at = cases->names.n;
    if (cases->count == CASES_MAX)
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d cases", CASES_MAX);
    auth_buf_add_string(&cases->names, name); /* its memory was reserved: views into it stay */
    struct auth_view rest = auth_view_from(auth_buf_view(&cases->names), at);
    one.area = auth_view_split(&rest, '/');
    one.id = auth_view_bytes(rest.p, rest.n - strlen(".json"));
    enum auth_rc rc = auth_json_parse(text, &one.doc, &inner);
    one.root = auth_json_root(one.doc);
    if (rc == AUTH_OK)
        rc = check_form(&one, &inner);
    if (rc != AUTH_OK) {
        auth_json_free(one.doc);
        return auth_err_set(err, rc, "case %s: %s", name, inner.detail);
    }
    cases->items[cases->count++] = one;
    return AUTH_OK;
}

/* ---- a directory ---- */

static enum auth_rc add_file(struct conf_cases *cases, const char *directory, const char *name, struct auth_err *err)
{
    struct auth_buf path, text;
    auth_buf_init(&path, 8192);
    auth_buf_init(&text, FILE_MAX_N);
    auth_buf_addf(&path, "%s/%s", directory, name);
    enum auth_rc rc = auth_buf_check(&path, err);
    if (rc == AUTH_OK)
        rc = auth_file_read(path.p, &text, err);
    if (rc == AUTH_OK)
        rc = add(cases, name, auth_buf_view(&text), err);
    auth_buf_clear(&path);
    auth_buf_clear(&text);
    return rc;
}

static enum auth_rc add_area(struct conf_cases *cases, const char *directory, const char *area, struct auth_err *err)
{
    char **names = NULL, path[4096], name[512];
    size_t count = 0;
    (void)snprintf(path, sizeof path, "%s/%s", directory, area);
    if (!auth_file_is_directory(path))
        return AUTH_OK;
    enum auth_rc rc = auth_file_names(path, &names, &count, err);
    for (size_t i = 0; i < count && rc == AUTH_OK; i++) {
        int n = snprintf(name, sizeof name, "%s/%s", area, names[i]);
        if (n > 0 && (size_t)n < sizeof name && auth_view_ends(auth_view_from_string(name), ".json"))
            rc = add_file(cases, directory, name, err);
    }
    auth_file_names_free(names, count);
    return rc;
}

static enum auth_rc add_directory(struct conf_cases *cases, const char *directory, struct auth_err *err)
{
    char **areas = NULL;
    size_t count = 0;
    enum auth_rc rc = auth_file_names(directory, &areas, &count, err);
    for (size_t i = 0; i < count && rc == AUTH_OK; i++)
        rc = add_area(cases, directory, areas[i], err);
    auth_file_names_free(areas, count);
    if (rc == AUTH_OK && cases->count == 0)
        return auth_err_set(err, AUTH_E_NOT_FOUND, "%s: no case in its directories", directory);
    return rc;
}

/* ---- all ---- */

static int compare(const void *a, const void *b)
{
    const struct conf_case *x = a, *y = b;
    const struct auth_view keys[2][2] = {{x->area, y->area}, {x->id, y->id}};
    for (int i = 0; i < 2; i++) {
        size_t n = keys[i][0].n < keys[i][1].n ? keys[i][0].n : keys[i][1].n;
        int order = memcmp(keys[i][0].p, keys[i][1].p, n);
        if (order || keys[i][0].n != keys[i][1].n)
            return order ? order : keys[i][0].n < keys[i][1].n ? -1 : 1;
    }
    return 0;
}

static enum auth_rc check_unique(const struct conf_cases *cases, struct auth_err *err)
{
    for (size_t i = 1; i < cases->count; i++) {
        struct auth_view id = cases->items[i].id;
        if (auth_view_equals_view(id, cases->items[i - 1].id))
            return auth_err_set(err, AUTH_E_DUPLICATE, "two cases are called %.*s", (int)id.n, id.p);
    }
    return AUTH_OK;
}

enum auth_rc conf_cases_load(const char *directory, struct conf_cases *cases, struct auth_err *err)
{
    *cases = (struct conf_cases){.count = 0};
    auth_buf_init(&cases->names, NAMES_MAX_N);
    cases->items = calloc(CASES_MAX, sizeof *cases->items);
    if (!cases->items || !auth_buf_reserve(&cases->names, NAMES_MAX_N))
        return auth_err_no_memory(err);
    enum auth_rc rc = directory ? add_directory(cases, directory, err) : AUTH_OK;
    for (size_t i = 0; !directory && i < conf_case_files_count && rc == AUTH_OK; i++)
        rc = add(cases, conf_case_files[i].name, auth_view_bytes(conf_case_files[i].data, conf_case_files[i].n), err);
    if (rc == AUTH_OK)
        rc = auth_buf_check(&cases->names, err);
    qsort(cases->items, cases->count, sizeof *cases->items, compare);
    return rc == AUTH_OK ? check_unique(cases, err) : rc;
}

/* ---- questions ---- */

static bool lists(const struct auth_json_node *array, const char *word)
{
    for (const struct auth_json_node *e = auth_json_first(array); e; e = auth_json_next(e)) {
        if (auth_view_equals(auth_json_string(e), word))
            return true;
    }
    return false;
}

bool conf_case_needs(const struct conf_case *one, const char *what)
{
    bool is_setup = auth_view_equals(auth_view_from_string(what), "admin") && auth_json_member(one->root, "setup");
    return is_setup || lists(auth_json_member(one->root, "needs"), what);
}

/* Epic's FHIR API; profile smart has FHIR R4's in its place. */
static bool is_epics(const struct conf_case *one)
{
    const struct auth_json_node *request = auth_json_member(one->root, "request");
    return auth_view_equals(auth_json_string(auth_json_member(request, "to")), "fhir");
}

bool conf_case_is_for(const struct conf_case *one, const char *profile)
{
    const struct auth_json_node *profiles = auth_json_member(one->root, "profiles");
    if (auth_json_first(profiles))
        return lists(profiles, profile);
    return !is_epics(one) || strcmp(profile, "smart") != 0;
}

/* Releases are years and months, which sort as texts. */
static bool is_before(struct auth_view release, struct auth_view other)
{
    size_t n = release.n < other.n ? release.n : other.n;
    return n && memcmp(release.p, other.p, n) < 0;
}

bool conf_case_is_for_release(const struct conf_case *one, const char *release)
{
    struct auth_view until = auth_json_member_string(one->root, "until");
    if (!release)
        return !until.n;
    struct auth_view own = auth_view_from_string(release);
    return !is_before(own, auth_json_member_string(one->root, "since")) && !is_before(until, own);
}

/* Greedy, with one place to come back to: linear in the product of the lengths. */
bool conf_case_matches(struct auth_view pattern, struct auth_view name)
{
    size_t p = 0, n = 0, star = pattern.n, from = 0;
    while (n < name.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            from = n;
        } else if (p < pattern.n && (pattern.p[p] == '?' || pattern.p[p] == name.p[n])) {
            p++;
            n++;
        } else if (star < pattern.n) {
            p = star + 1;
            n = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}
