/* /mock/timeline: the run as a picture. */
#include "mock_epic/admin/handlers.h"
#include "mock_epic/evidence/timeline.h"
#include "mock_epic/http/accept.h"

enum { VERDICT_MAX_N = 8 * 1024 * 1024 };

static const struct mock_member parameters[] = {
    {"format", MOCK_MEMBER_STRING, false, 0, 1, 8, "text or html; else Accept decides"},
};
const struct mock_admin_members mock_admin_timeline_parameters = MOCK_ADMIN_MEMBERS(parameters);

/* Programs that take anything get text. */
static bool wants_page(const struct mock_request *request)
{
    struct mock_accept accept;
    size_t position;
    mock_accept_of(request, &accept);
    int html = mock_accept_weight(&accept, "text/html", &position);
    return html > 0 && html > mock_accept_weight(&accept, "text/plain", &position);
}

static void write_timeline(struct mock_instance *instance, bool is_page, struct auth_buf *out)
{
    struct mock_timeline timeline;
    struct auth_buf verdict;
    struct auth_json_writer w;
    mock_timeline_init(&timeline);
    auth_buf_init(&verdict, VERDICT_MAX_N);
    auth_json_writer_init(&w, &verdict, AUTH_JSON_COMPACT);
    mock_expectations_write_verdict(&instance->expectations, &w);
    mock_journal_each(&instance->journal, mock_timeline_see, &timeline);
    struct mock_timeline_about about = {
        .instance = instance->name,
        .profile = instance->profile.name,
        .has_seed = instance->options.has_seed,
        .seed = instance->options.seed,
        .verdict = auth_buf_view(&verdict),
    };
    if (is_page)
        mock_timeline_write_page(&timeline, &about, out);
    else
        mock_timeline_write_text(&timeline, &about, out);
    auth_buf_clear(&verdict);
    mock_timeline_clear(&timeline);
}

void mock_admin_get_timeline(struct mock_admin_call *call)
{
    struct auth_view format = auth_form_value(&call->query, "format");
    bool is_html = auth_view_equals(format, "html");
    if (format.n && !is_html && !auth_view_equals(format, "text")) {
        mock_admin_fail(call, 400, "bad_value", "format: text or html");
        return;
    }
    bool is_page = is_html || (!format.n && wants_page(call->request));
    write_timeline(call->instance, is_page, &call->response->text);
    call->content_type = is_page ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
}
