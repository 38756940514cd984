/* From the name of a scenario to what it says. */
#include "mock_epic/start/played.h"

#include <string.h>

#include "auth/core/file.h"
#include "auth/core/input.h"

enum { PATH_MAX_N = 4096 };

static enum auth_rc read_path(const char *path, struct mock_scenario **out, struct auth_err *err)
{
    struct auth_buf text;
    auth_buf_init(&text, MOCK_SCENARIO_FILE_MAX);
    enum auth_rc rc = auth_input_read(path, &text, err);
    if (rc == AUTH_OK)
        rc = mock_scenario_read(path, auth_buf_view(&text), out, err);
    auth_buf_clear(&text);
    return rc;
}

/* rc AUTH_E_NOT_FOUND: it is not in the directory */
static enum auth_rc read_from(const char *directory, const char *name, struct mock_scenario **out, struct auth_err *err)
{
    struct auth_buf path, text;
    auth_buf_init(&path, PATH_MAX_N);
    auth_buf_init(&text, MOCK_SCENARIO_FILE_MAX);
    auth_buf_addf(&path, "%s/%s.json", directory, name);
    enum auth_rc rc = auth_buf_check(&path, err);
    struct auth_err inner = {0};
    if (rc == AUTH_OK)
        rc = auth_file_read(path.p, &text, &inner);
    if (rc == AUTH_OK)
        rc = mock_scenario_read(path.p, auth_buf_view(&text), out, err);
    else if (rc != AUTH_E_NOT_FOUND)
        auth_err_set(err, rc, "%s", inner.detail);
    auth_buf_clear(&path);
    auth_buf_clear(&text);
    return rc;
}

enum auth_rc mock_played_find(const char *name, const char *directory, struct mock_scenario **out, struct auth_err *err)
{
    enum auth_rc rc = AUTH_E_NOT_FOUND;
    if (strchr(name, '/') || auth_view_ends(auth_view_from_string(name), ".json"))
        return read_path(name, out, err);
    if (directory && !auth_file_is_directory(directory))
        return auth_err_set(err, AUTH_E_ARG, "--scenarios %s: no such directory", directory);
    if (directory)
        rc = read_from(directory, name, out, err);
    return rc == AUTH_E_NOT_FOUND ? mock_scenario_named(auth_view_from_string(name), out, err) : rc;
}

enum auth_rc mock_played_load(struct mock_played *played, const char *name, const char *directory, struct auth_err *err)
{
    struct auth_err inner = {0};
    enum auth_rc rc = AUTH_OK;
    *played = (struct mock_played){.scenario = NULL};
    if (name)
        rc = mock_played_find(name, directory, &played->scenario, &inner);
    if (rc == AUTH_OK && played->scenario)
        rc = mock_scenario_setup(played->scenario, &played->setup, &inner);
    else
        played->setup.copies = 1;
    return rc == AUTH_OK ? rc : auth_err_set(err, AUTH_E_ARG, "--scenario: %s", inner.detail);
}

void mock_played_clear(struct mock_played *played)
{
    mock_scenario_release(played->scenario);
    played->scenario = NULL;
}
