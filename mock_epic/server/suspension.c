/* Letting a request sleep, so that none is asleep when libmicrohttpd stops. */
#include "mock_epic/server/private.h"

/* Nothing may be suspended when libmicrohttpd stops, or it aborts the process. So suspending goes through this gate, which
 * the stop closes, and whoever went through is counted until it is back in libmicrohttpd's hands. */
bool mock_server_enter_suspension(struct connection *c)
{
    struct mock_server *server = c->server;
    pthread_mutex_lock(&server->lock);
    bool may = !server->is_closing;
    server->suspended += may;
    pthread_mutex_unlock(&server->lock);
    c->is_suspended = may;
    return may;
}

void mock_server_extend_deadline(struct connection *c)
{
    const struct auth_env *env = c->server->env;
    int64_t more_ms = c->wait.until_ms - env->steady_ms(env->ctx);
    if (more_ms > 0)
        atomic_fetch_add_explicit(&c->deadline_ms, more_ms, memory_order_relaxed);
}

void mock_server_leave_suspension(struct connection *c)
{
    struct mock_server *server = c->server;
    if (!c->is_suspended)
        return;
    c->is_suspended = false;
    pthread_mutex_lock(&server->lock);
    if (--server->suspended == 0)
        server->env->wake(server->env->ctx, &server->resumed);
    pthread_mutex_unlock(&server->lock);
}
