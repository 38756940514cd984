/* Lists the scenarios, or shows one: for people, or as its file. */
#include "mock_epic/cli/scenarios.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/core/file.h"
#include "auth/core/log.h"
#include "auth/core/opts.h"
#include "mock_epic/start/played.h"
#include "mock_epic/start/process.h"

enum format { TEXT, JSON };
enum { OUT_MAX_N = 4 * 1024 * 1024 };

struct scenarios_settings {
    const char *scenarios;
    int format; /* enum format */
    bool help;
};

static const struct auth_opt rows[] = {
    {"scenarios", 0, "DIR", "those of a directory, too, in place of what is built in under a name",
     AUTH_OPT_STRING(struct scenarios_settings, scenarios)},
    {"format", 'f', "text|json", "json: the file", AUTH_OPT_CHOICE(struct scenarios_settings, format),
     .fallback = "text"},
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(struct scenarios_settings, help)},
    {.name = NULL},
};
static const struct auth_opts opts = {.rows = rows};

static void add(struct auth_buf *out, const char *before, struct auth_view text)
{
    auth_buf_add_string(out, before);
    auth_buf_add_view(out, text);
    auth_buf_add_char(out, '\n');
}

/* ---- the list ---- */

static void add_json_row(struct auth_json_writer *w, const struct mock_scenario *scenario)
{
    auth_json_write_object(w);
    auth_json_write_member(w, "name", scenario->name);
    auth_json_write_member(w, "about", scenario->about);
    auth_json_write_member(w, "source", scenario->source);
    auth_json_write_end_object(w);
}

/* Names, each once, in order; their memory is here. */
struct names {
    char **items;
    size_t count, size;
};

static void clear_names(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
}

static enum auth_rc add_name(struct names *names, struct auth_view name, struct auth_err *err)
{
    for (size_t i = 0; i < names->count; i++) {
        if (auth_view_equals(name, names->items[i]))
            return AUTH_OK;
    }
    if (names->count == names->size) {
        size_t size = names->size ? 2 * names->size : 128;
        char **items = realloc(names->items, size * sizeof *items);
        if (!items)
            return auth_err_no_memory(err);
        names->items = items;
        names->size = size;
    }
    char *copy = auth_view_dup(name);
    if (!copy)
        return auth_err_no_memory(err);
    names->items[names->count++] = copy;
    return AUTH_OK;
}

static enum auth_rc add_directory(struct names *names, const char *directory, struct auth_err *err)
{
    static const char end[] = ".json";
    char **files = NULL;
    size_t count = 0;
    enum auth_rc rc = auth_file_names(directory, &files, &count, err);
    for (size_t i = 0; i < count && rc == AUTH_OK; i++) {
        struct auth_view name = auth_view_from_string(files[i]);
        if (auth_view_ends(name, end) && name.n >= sizeof end)
            rc = add_name(names, auth_view_bytes(name.p, name.n - (sizeof end - 1)), err);
    }
    auth_file_names_free(files, count);
    return rc;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static enum auth_rc find_names(const char *directory, struct names *names, struct auth_err *err)
{
    enum auth_rc rc = directory ? add_directory(names, directory, err) : AUTH_OK;
    for (size_t i = 0; i < mock_scenario_count() && rc == AUTH_OK; i++)
        rc = add_name(names, mock_scenario_name_at(i), err);
    if (names->count)
        qsort(names->items, names->count, sizeof *names->items, compare);
    return rc;
}

static enum auth_rc list(const struct scenarios_settings *settings, struct auth_buf *out, struct auth_err *err)
{
    struct auth_json_writer w;
    struct names names = {.items = NULL};
    bool is_json = settings->format == JSON;
    enum auth_rc rc = find_names(settings->scenarios, &names, err);
    auth_json_writer_init(&w, out, AUTH_JSON_PRETTY);
    if (is_json)
        auth_json_write_array(&w);
    for (size_t i = 0; i < names.count && rc == AUTH_OK; i++) {
        struct mock_scenario *scenario = NULL;
        rc = mock_played_find(names.items[i], settings->scenarios, &scenario, err);
        if (rc == AUTH_OK && is_json) {
            add_json_row(&w, scenario);
        } else if (rc == AUTH_OK) {
            add(out, "", scenario->name);
            add(out, "    ", scenario->about);
        }
        mock_scenario_release(scenario);
    }
    if (is_json) {
        auth_json_write_end_array(&w);
        auth_buf_add_char(out, '\n');
    }
    clear_names(&names);
    return rc;
}

/* ---- one ---- */

static void add_text(struct auth_buf *out, const struct mock_scenario *scenario)
{
    add(out, "", scenario->name);
    add(out, "    ", scenario->about);
    add(out, "    source: ", scenario->source);
    for (const struct auth_json_node *line = auth_json_first(scenario->drive); line; line = auth_json_next(line))
        add(out, "    do:     ", auth_json_string(line));
    for (const struct auth_json_node *one = auth_json_first(scenario->expect); one; one = auth_json_next(one)) {
        add(out, "    expect: ", auth_json_member_string(one, "because"));
        add(out, "    right:  ", auth_json_member_string(one, "right"));
    }
    auth_buf_add_string(out, "    run:    mock-epic run --scenario ");
    add(out, "", scenario->name);
}

static enum auth_rc show(const struct scenarios_settings *settings, const char *name, struct auth_buf *out,
                         struct auth_err *err)
{
    struct mock_scenario *scenario = NULL;
    enum auth_rc rc = mock_played_find(name, settings->scenarios, &scenario, err);
    if (rc == AUTH_OK && settings->format == JSON)
        add(out, "", auth_view_trim(auth_view_from_string(scenario->text)));
    else if (rc == AUTH_OK)
        add_text(out, scenario);
    mock_scenario_release(scenario);
    return rc;
}

/* ---- the command ---- */

int mock_scenarios(int argc, char **argv)
{
    struct scenarios_settings settings = {.help = false};
    struct auth_err err = {0};
    struct auth_buf out;
    enum auth_rc rc = auth_opts_parse(&opts, &settings, NULL, &argc, argv, &err);
    if (rc == AUTH_OK && settings.help) {
        printf("Usage: mock-epic scenarios [OPTION...] [NAME|PATH]\n\n"
               "Lists what 'mock-epic run --scenario NAME' plays, or says what one of them does\n"
               "to a client and expects of it.\n\n");
        auth_opts_help(stdout, rows);
        return 0;
    }
    if (rc == AUTH_OK && argc > 2)
        rc = auth_err_set(&err, AUTH_E_ARG, "one name, or none");
    auth_buf_init(&out, OUT_MAX_N);
    if (rc == AUTH_OK)
        rc = argc > 1 ? show(&settings, argv[1], &out, &err) : list(&settings, &out, &err);
    if (rc == AUTH_OK)
        rc = auth_buf_check(&out, &err);
    if (rc == AUTH_OK)
        (void)fwrite(out.p, 1, out.n, stdout);
    else
        auth_complain("mock-epic", "scenarios", "%s", err.detail);
    auth_buf_clear(&out);
    return rc == AUTH_OK ? 0 : MOCK_EXIT_USAGE;
}
