/* How a call is answered when it fails, and how what it was given is read by its row. */
#include "mock_epic/admin/call.h"

void mock_admin_note(struct mock_admin_call *call, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    auth_err_format(call->note, sizeof call->note, format, args);
    va_end(args);
}

void mock_admin_fail(struct mock_admin_call *call, int status, const char *error, const char *message)
{
    call->response->status = status;
    mock_response_because(call->response, "%s", message);
    auth_json_write_object(&call->w);
    auth_json_write_member_text(&call->w, "error", error);
    auth_json_write_member_text(&call->w, "message", message);
    auth_json_write_end_object(&call->w);
}

void mock_admin_fail_rc(struct mock_admin_call *call, enum auth_rc rc, const struct auth_err *err)
{
    static const struct {
        enum auth_rc rc;
        int status;
        const char *error;
    } rows[] = {
        {AUTH_E_KEY, 422, "bad_key"},         {AUTH_E_ALG, 422, "bad_key"},     {AUTH_E_EXISTS, 409, "exists"},
        {AUTH_E_NOT_FOUND, 404, "not_found"}, {AUTH_E_SYNTAX, 400, "bad_json"}, {AUTH_E_DUPLICATE, 400, "bad_json"},
        {AUTH_E_RANGE, 400, "bad_value"},     {AUTH_E_ARG, 400, "bad_value"},   {AUTH_E_TOO_BIG, 413, "too_big"},
    };
    const char *message = err && err->detail[0] ? err->detail : auth_rc_text(rc);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].rc == rc) {
            mock_admin_fail(call, rows[i].status, rows[i].error, message);
            return;
        }
    }
    mock_admin_fail(call, 503, "internal error", message);
}

bool mock_admin_read(struct mock_admin_call *call, void *target, uint32_t *given)
{
    const struct mock_admin_members *members = call->route->members;
    struct auth_err err = {0};
    enum auth_rc rc = mock_members_read(members->rows, members->count, call->body, target, given, &err);
    if (rc != AUTH_OK)
        mock_admin_fail(call, 400, "bad_value", err.detail);
    return rc == AUTH_OK;
}

static const struct mock_member *parameter_of(const struct mock_admin_call *call, const char *name)
{
    const struct mock_admin_members *parameters = call->route->parameters;
    size_t i = 0;
    while (!auth_view_equals(auth_view_from_string(parameters->rows[i].name), name))
        i++;
    return &parameters->rows[i];
}

bool mock_admin_query_int(struct mock_admin_call *call, const char *name, int64_t *value)
{
    const struct mock_member *parameter = parameter_of(call, name);
    struct auth_view text;
    struct auth_err err = {0};
    int64_t found;
    if (!auth_form_get(&call->query, name, &text))
        return true;
    if (auth_view_int(text, &found) && found >= parameter->min && found <= parameter->max) {
        *value = found;
        return true;
    }
    auth_err_set(&err, AUTH_E_SYNTAX, "%s: %s", name, parameter->meaning);
    mock_admin_fail(call, 400, "bad_value", err.detail);
    return false;
}
