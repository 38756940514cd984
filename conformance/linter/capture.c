/* A captured token request as a value, and what the judge wants to know of it. */
#include "conformance/linter/capture.h"

#include <string.h>

#include "auth/core/json.h"
#include "auth/core/time.h"

enum { BUFFERS = 6, NOTES_MAX_N = 4096 };

static void list_buffers(struct conf_capture *capture, struct auth_buf *all[BUFFERS])
{
    struct auth_buf *const list[BUFFERS] = {&capture->method,       &capture->url,           &capture->query,
                                            &capture->content_type, &capture->authorization, &capture->body};
    memcpy(all, list, sizeof list);
}

void conf_capture_clear(struct conf_capture *capture)
{
    struct auth_buf *all[BUFFERS];
    list_buffers(capture, all);
    for (size_t i = 0; i < BUFFERS; i++)
        auth_buf_clear(all[i]);
    auth_buf_clear(&capture->notes);
}

void conf_capture_init(struct conf_capture *capture)
{
    struct auth_buf *all[BUFFERS];
    memset(capture, 0, sizeof *capture);
    list_buffers(capture, all);
    for (size_t i = 0; i < BUFFERS; i++)
        auth_buf_init_secret(all[i], 4 * CONF_CAPTURE_MAX_N); /* percent-encoding makes three bytes of one */
    auth_buf_init(&capture->notes, NOTES_MAX_N);
}

enum auth_rc conf_capture_check(const struct conf_capture *capture, struct auth_err *err)
{
    enum auth_rc rc = auth_buf_check(&capture->notes, err);
    struct conf_capture copy = *capture;
    struct auth_buf *all[BUFFERS];
    list_buffers(&copy, all);
    for (size_t i = 0; i < BUFFERS && rc == AUTH_OK; i++)
        rc = auth_buf_check(all[i], err);
    return rc;
}

static void replace(struct auth_buf *buf, struct auth_view value)
{
    auth_buf_reset(buf);
    auth_buf_add_view(buf, value);
}

void conf_capture_set_url(struct conf_capture *capture, struct auth_view url)
{
    struct auth_view rest = auth_view_split(&url, '#');
    struct auth_view plain = auth_view_split(&rest, '?');
    replace(&capture->url, plain);
    if (capture->query.n && rest.n)
        auth_buf_add_char(&capture->query, '&');
    auth_buf_add_view(&capture->query, rest);
}

void conf_capture_set_header(struct conf_capture *capture, struct auth_view name, struct auth_view value)
{
    if (auth_view_equals_nocase(name, "content-type"))
        replace(&capture->content_type, value);
    else if (auth_view_equals_nocase(name, "authorization"))
        replace(&capture->authorization, value);
}

void conf_capture_add_field(struct conf_capture *capture, struct auth_view name, struct auth_view value)
{
    auth_form_write(&capture->body, name, value);
}

/* "grant_type=": a name in small letters, as all parameters of OAuth have. */
static bool is_parameter(struct auth_view line)
{
    size_t n = 0;
    while (n < line.n && ((line.p[n] >= 'a' && line.p[n] <= 'z') || line.p[n] == '_'))
        n++;
    return n && n < line.n && line.p[n] == '=';
}

void conf_capture_add_line(struct conf_capture *capture, struct auth_view line)
{
    struct auth_view before = auth_buf_view(&capture->body);
    if (before.n && !auth_view_ends(before, "&") && is_parameter(line))
        auth_buf_add_char(&capture->body, '&');
    auth_buf_add_view(&capture->body, line);
}

void conf_capture_body_to_query(struct conf_capture *capture)
{
    if (capture->query.n && capture->body.n)
        auth_buf_add_char(&capture->query, '&');
    auth_buf_add_view(&capture->query, auth_buf_view(&capture->body));
    auth_buf_reset(&capture->body);
}

void conf_capture_note(struct conf_capture *capture, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    auth_buf_vaddf(&capture->notes, format, args);
    va_end(args);
    auth_buf_add_char(&capture->notes, '\n');
}

void conf_capture_set_date(struct conf_capture *capture, struct auth_view date)
{
    if (auth_time_parse_http(auth_view_trim(date), &capture->time_s))
        capture->clock = CONF_CLOCK_ANSWER;
}

void conf_capture_set_answer(struct conf_capture *capture, struct auth_view body)
{
    struct auth_json *doc = NULL;
    size_t from = auth_view_find(body, '{');
    size_t to = body.n;
    while (to > from && body.p[to - 1] != '}') /* around it: sizes of chunks, a prompt, a fence */
        to--;
    if (from >= to || auth_json_parse(auth_view_bytes(body.p + from, to - from), &doc, NULL) != AUTH_OK)
        return;
    struct auth_view error = auth_json_member_string(auth_json_root(doc), "error");
    for (int i = AUTH_OAUTH_INVALID_REQUEST; i <= AUTH_OAUTH_INVALID_SCOPE; i++) {
        if (auth_view_equals(error, auth_rules_error_text((enum auth_oauth_error)i)))
            capture->error = (enum auth_oauth_error)i;
    }
    auth_json_free(doc);
}

struct auth_request_facts conf_capture_facts(const struct conf_capture *capture, struct auth_form *form,
                                             struct auth_err *form_err)
{
    enum auth_rc rc = auth_form_parse(auth_buf_view(&capture->body), form, form_err);
    return (struct auth_request_facts){
        .method = auth_buf_view(&capture->method),
        .query = auth_buf_view(&capture->query),
        .content_type = auth_buf_view(&capture->content_type),
        .authorization = auth_buf_view(&capture->authorization),
        .url = auth_buf_view(&capture->url),
        .form = form,
        .form_rc = rc,
        .form_detail = auth_view_from_string(form_err->detail),
    };
}
