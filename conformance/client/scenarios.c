/* Reads the names of scenarios. */
#include "conformance/client/scenarios.h"

#include <stdlib.h>
#include <string.h>

#include "auth/core/file.h"
#include "auth/core/input.h"
#include "conformance/client/scenario_files.h"

enum { SCENARIOS_MAX = 2000, FILE_MAX_N = 1024 * 1024 };

static void clear_one(struct conf_scenario *one)
{
    auth_json_free(one->doc);
    free(one->path);
    *one = (struct conf_scenario){.doc = NULL};
}

void conf_scenarios_clear(struct conf_scenarios *scenarios)
{
    for (size_t i = 0; i < scenarios->count; i++)
        clear_one(&scenarios->items[i]);
    free(scenarios->items);
    *scenarios = (struct conf_scenarios){.count = 0};
}

/* In the place of one of that name, or behind all. Takes what `one` holds. */
static enum auth_rc put(struct conf_scenarios *scenarios, struct conf_scenario one, struct auth_err *err)
{
    size_t i = 0;
    while (i < scenarios->count && !auth_view_equals_view(scenarios->items[i].name, one.name))
        i++;
    if (i == SCENARIOS_MAX) {
        clear_one(&one);
        return auth_err_set(err, AUTH_E_TOO_BIG, "more than %d scenarios", SCENARIOS_MAX);
    }
    if (i < scenarios->count)
        clear_one(&scenarios->items[i]);
    scenarios->items[i] = one;
    scenarios->count += i == scenarios->count;
    return AUTH_OK;
}

/* path: NULL when it is built in; copied */
static enum auth_rc add_text(struct conf_scenarios *scenarios, const char *where, const char *path,
                             struct auth_view text, struct auth_err *err)
{
    struct conf_scenario one = {.path = path ? auth_view_dup(auth_view_from_string(path)) : NULL};
    struct auth_err inner = {0};
    enum auth_rc rc = path && !one.path ? auth_err_no_memory(&inner) : auth_json_parse(text, &one.doc, &inner);
    one.name = auth_json_member_string(auth_json_root(one.doc), "name");
    one.about = auth_json_member_string(auth_json_root(one.doc), "about");
    one.source = auth_json_member_string(auth_json_root(one.doc), "source");
    if (rc == AUTH_OK && one.name.n == 0)
        rc = auth_err_set(&inner, AUTH_E_SYNTAX, "it has no name");
    if (rc == AUTH_OK)
        return put(scenarios, one, err);
    clear_one(&one);
    return auth_err_set(err, rc, "%s: %s", where, inner.detail);
}

enum auth_rc conf_scenarios_add(struct conf_scenarios *scenarios, const char *path, struct auth_err *err)
{
    struct auth_buf text;
    auth_buf_init(&text, FILE_MAX_N);
    enum auth_rc rc = auth_input_read(path, &text, err);
    if (rc == AUTH_OK)
        rc = add_text(scenarios, path, path, auth_buf_view(&text), err);
    auth_buf_clear(&text);
    return rc;
}

static enum auth_rc add_directory(struct conf_scenarios *scenarios, const char *directory, struct auth_err *err)
{
    char **names = NULL;
    size_t count = 0;
    enum auth_rc rc = auth_file_names(directory, &names, &count, err);
    for (size_t i = 0; i < count && rc == AUTH_OK; i++) {
        struct auth_buf path;
        if (!auth_view_ends(auth_view_from_string(names[i]), ".json"))
            continue;
        auth_buf_init(&path, 8192);
        auth_buf_addf(&path, "%s/%s", directory, names[i]);
        rc = auth_buf_check(&path, err);
        if (rc == AUTH_OK)
            rc = conf_scenarios_add(scenarios, path.p, err);
        auth_buf_clear(&path);
    }
    auth_file_names_free(names, count);
    return rc;
}

static int compare(const void *a, const void *b)
{
    const struct auth_view x = ((const struct conf_scenario *)a)->name, y = ((const struct conf_scenario *)b)->name;
    int order = memcmp(x.p, y.p, x.n < y.n ? x.n : y.n);
    return order ? order : x.n < y.n ? -1 : 1;
}

enum auth_rc conf_scenarios_load(const char *directory, struct conf_scenarios *scenarios, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    *scenarios = (struct conf_scenarios){.items = calloc(SCENARIOS_MAX, sizeof *scenarios->items)};
    if (!scenarios->items)
        return auth_err_no_memory(err);
    for (size_t i = 0; i < conf_scenario_files_count && rc == AUTH_OK; i++) {
        const struct auth_embedded_file *file = &conf_scenario_files[i];
        rc = add_text(scenarios, file->name, NULL, auth_view_bytes(file->data, file->n), err);
    }
    if (rc == AUTH_OK && directory)
        rc = add_directory(scenarios, directory, err);
    qsort(scenarios->items, scenarios->count, sizeof *scenarios->items, compare);
    return rc;
}
