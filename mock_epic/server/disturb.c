/* From the faults of an instance to an answer. */
#include "mock_epic/server/disturb.h"

#include "mock_epic/oauth/bearer.h"
#include "mock_epic/oauth/token_endpoint.h"

enum { URL_MAX = 16 * 1024 };

/* Whose request it says it is, as far as a fault asks: by the assertion's iss, by whose keys are asked for, or by the token.
 * Appended to out. */
static void add_client(struct mock_instance *instance, const struct mock_request *request, enum mock_route route,
                       struct auth_buf *out)
{
    struct auth_view id = request->path;
    while (auth_view_find(id, '/') < id.n)
        (void)auth_view_split(&id, '/');
    if (route == MOCK_ROUTE_TOKEN)
        mock_token_endpoint_client(request, out);
    else if (route == MOCK_ROUTE_JWKS)
        auth_buf_add_view(out, id); /* one that needs escapes is none that Epic gives */
    else
        mock_bearer_client(instance, request, out);
}

static void keep(struct mock_wait *wait, struct mock_fault *fault)
{
    const struct mock_fault_action *action = &fault->action;
    wait->fault = fault;
    wait->fault_id = fault->id;
    wait->fault_status = action->status                           ? action->status
                         : action->redirect != MOCK_REDIRECT_NONE ? action->redirect_status
                                                                  : 0;
}

void mock_disturb_choose(const struct mock_request *request, struct auth_view path, struct mock_wait *wait)
{
    struct mock_faults *faults = &wait->instance->faults;
    struct auth_buf client;
    if (wait->is_fault_known || wait->route == MOCK_ROUTE_ADMIN)
        return;
    wait->is_fault_known = true;
    auth_buf_init(&client, MOCK_CLIENT_ID_MAX);
    if (mock_faults_need_client(faults, wait->route))
        add_client(wait->instance, request, wait->route, &client);
    struct mock_fault_facts facts = {
        .route = wait->route, .method = request->method, .path = path, .client_id = auth_buf_view(&client)};
    struct mock_fault *fault = mock_faults_due(faults, &facts);
    auth_buf_clear(&client);
    if (fault)
        keep(wait, fault);
}

bool mock_disturb_replaces(const struct mock_wait *wait)
{
    return wait->fault && mock_fault_replaces(wait->fault);
}

/* The URL that was asked, as its client called it. */
static void add_url(const struct mock_request *request, bool is_https, struct auth_buf *out)
{
    auth_buf_add_string(out, is_https ? "https://" : "http://");
    auth_buf_add_view(out, mock_request_header(request, "host"));
    auth_buf_add_view(out, request->path);
    if (request->query.n) {
        auth_buf_add_char(out, '?');
        auth_buf_add_view(out, request->query);
    }
}

void mock_disturb_answer(const struct mock_request *request, const struct mock_wait *wait,
                         struct mock_response *response)
{
    struct auth_buf here;
    if (!wait->fault)
        return;
    bool is_https = auth_view_starts(auth_view_from_string(wait->instance->public_url), "https:");
    auth_buf_init(&here, URL_MAX);
    add_url(request, is_https, &here);
    mock_fault_alter(wait->fault, auth_buf_view(&here), response);
    if (response->status >= 400 && !response->reason[0])
        mock_response_because(response, "fault %llu", (unsigned long long)wait->fault_id);
    auth_buf_clear(&here);
}

bool mock_disturb_delays(struct mock_wait *wait, const struct mock_response *response)
{
    if (!wait->fault || !response->wire.delay_ms)
        return false;
    const struct auth_env *env = wait->instance->options.env;
    wait->is_answered = true;
    wait->cause = wait->fault;
    mock_wait_for(wait, env, response->wire.delay_ms);
    return true;
}

void mock_disturb_wait(struct mock_wait *wait)
{
    mock_fault_wait(wait->fault, &wait->instance->shared->waiters, wait);
}

void mock_disturb_end(struct mock_wait *wait)
{
    mock_fault_release(wait->fault);
    wait->fault = NULL;
}
