/* A list of NAME=value, copied from environ and changed. */
#include "mock_epic/start/variables.h"

#include <stdlib.h>
#include <string.h>

extern char **environ;

static void drop(char *entry)
{
    if (entry)
        auth_wipe(entry, strlen(entry));
    free(entry);
}

void mock_variables_clear(struct mock_variables *variables)
{
    for (size_t i = 0; i < variables->count; i++)
        drop(variables->entries[i]);
    free(variables->entries);
    *variables = (struct mock_variables){.count = 0};
}

void mock_variables_init(struct mock_variables *variables)
{
    size_t count = 0;
    *variables = (struct mock_variables){.count = 0};
    while (environ && environ[count])
        count++;
    variables->entries = calloc(count + 1, sizeof *variables->entries);
    variables->failed = !variables->entries;
    for (size_t i = 0; i < count && !variables->failed; i++) {
        char *copy = auth_view_dup(auth_view_from_string(environ[i]));
        variables->failed = !copy;
        if (copy)
            variables->entries[variables->count++] = copy;
    }
}

/* Position of the entry, or count. */
static size_t find(const struct mock_variables *variables, const char *name)
{
    size_t n = strlen(name), i = 0;
    while (i < variables->count && (strncmp(variables->entries[i], name, n) != 0 || variables->entries[i][n] != '='))
        i++;
    return i;
}

const char *mock_variables_get(const struct mock_variables *variables, const char *name)
{
    size_t i = find(variables, name);
    return i < variables->count ? variables->entries[i] + strlen(name) + 1 : NULL;
}

static char *entry_of(const char *name, const char *value)
{
    size_t name_n = strlen(name), value_n = strlen(value);
    char *entry = malloc(name_n + value_n + 2);
    if (!entry)
        return NULL;
    memcpy(entry, name, name_n);
    entry[name_n] = '=';
    memcpy(entry + name_n + 1, value, value_n + 1);
    return entry;
}

/* Memory for one entry more and the NULL behind it. */
static bool grow(struct mock_variables *variables)
{
    char **more = realloc(variables->entries, (variables->count + 2) * sizeof *more);
    if (!more)
        return false;
    variables->entries = more;
    variables->entries[variables->count + 1] = NULL;
    return true;
}

void mock_variables_set(struct mock_variables *variables, const char *name, const char *value)
{
    size_t i = find(variables, name);
    char *entry = variables->failed ? NULL : entry_of(name, value);
    if (!entry || (i == variables->count && !grow(variables))) {
        variables->failed = true;
        drop(entry);
        return;
    }
    if (i < variables->count)
        drop(variables->entries[i]);
    else
        variables->count++;
    variables->entries[i] = entry;
}

void mock_variables_unset(struct mock_variables *variables, const char *name)
{
    size_t i = find(variables, name);
    if (i == variables->count)
        return;
    drop(variables->entries[i]);
    variables->count--;
    memmove(variables->entries + i, variables->entries + i + 1,
            (variables->count - i + 1) * sizeof *variables->entries);
}
