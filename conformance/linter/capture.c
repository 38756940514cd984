/* A captured token request as a value, and what the judge wants to know of it. */
#include "conformance/linter/capture.h"

#include <string.h>

enum { BUFFERS = 6 };

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
}

void conf_capture_init(struct conf_capture *capture)
{
    struct auth_buf *all[BUFFERS];
    list_buffers(capture, all);
    for (size_t i = 0; i < BUFFERS; i++)
        auth_buf_init_secret(all[i], 4 * CONF_CAPTURE_MAX_N); /* percent-encoding makes three bytes of one */
}

void conf_capture_set_url(struct conf_capture *capture, struct auth_view url)
{
    struct auth_view rest = auth_view_split(&url, '#');
    struct auth_view plain = auth_view_split(&rest, '?');
    auth_buf_reset(&capture->url);
    auth_buf_add_view(&capture->url, plain);
    if (capture->query.n && rest.n)
        auth_buf_add_char(&capture->query, '&');
    auth_buf_add_view(&capture->query, rest);
}

enum auth_rc conf_capture_check(const struct conf_capture *capture, struct auth_err *err)
{
    enum auth_rc rc = AUTH_OK;
    struct conf_capture copy = *capture;
    struct auth_buf *all[BUFFERS];
    list_buffers(&copy, all);
    for (size_t i = 0; i < BUFFERS && rc == AUTH_OK; i++)
        rc = auth_buf_check(all[i], err);
    return rc;
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
        .form = form,
        .form_rc = rc,
        .form_detail = auth_view_from_string(form_err->detail),
    };
}
