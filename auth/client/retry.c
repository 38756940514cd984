/* How long to go on: one budget for a whole call, and the pauses that a server asks for. */
#include "auth/client/retry.h"

#include "auth/core/time.h"

bool auth_client_is_transient(enum auth_rc rc, int status)
{
    static const int statuses[] = {408, 429, 500, 502, 503, 504};
    if (rc != AUTH_OK)
        return rc == AUTH_E_NETWORK || rc == AUTH_E_TIMEOUT;
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        if (status == statuses[i])
            return true;
    }
    return false;
}

int64_t auth_client_timeout_ms(const struct epic_auth *auth, int64_t deadline_ms)
{
    int64_t left_ms = deadline_ms - auth->env->steady_ms(auth->env->ctx);
    left_ms = left_ms < auth->timeout_ms ? left_ms : auth->timeout_ms;
    return left_ms < 1 ? 1 : left_ms;
}

static void tell_of_pause(const struct epic_auth *auth, struct epic_auth_error *error, int64_t retry_after_s)
{
    struct auth_buf text;
    auth_buf_init(&text, 256);
    auth_buf_addf(&text, "; it asks for a pause of %lld s (Retry-After), more than is left of the %lld s of this call",
                  (long long)retry_after_s, (long long)(auth->call_timeout_ms / 1000));
    if (auth_buf_ok(&text))
        auth_error_wrap(&auth->voice, error, "", text.p);
    auth_buf_clear(&text);
}

bool auth_client_pause(const struct epic_auth *auth, int count, const struct auth_attempt *attempt, int64_t deadline_ms,
                       struct epic_auth_error *error)
{
    int64_t now_ms = auth->env->steady_ms(auth->env->ctx), left_ms = deadline_ms - now_ms;
    int64_t wait_ms = (int64_t)200 << (count - 1);
    if (attempt->retry_after_s > 0 && attempt->retry_after_s >= left_ms / 1000) {
        tell_of_pause(auth, error, attempt->retry_after_s);
        return false;
    }
    wait_ms =
        attempt->retry_after_s > 0 ? attempt->retry_after_s * 1000 : wait_ms + auth_env_jitter(auth->env, wait_ms / 2);
    /* who took all the time of a request is not asked again with less */
    int64_t needed_ms = wait_ms + (attempt->is_timeout ? auth->timeout_ms / 2 : 1);
    if (needed_ms > left_ms)
        return false;
    auth->env->sleep_ms(auth->env->ctx, wait_ms);
    return true;
}

/* Digits, and perhaps a fraction, which counts as another second. */
static bool read_seconds(struct auth_view text, int64_t *seconds)
{
    size_t n = 0, fraction;
    *seconds = 0;
    for (; n < text.n && text.p[n] >= '0' && text.p[n] <= '9'; n++) {
        *seconds = *seconds * 10 + (text.p[n] - '0');
        *seconds = *seconds < AUTH_TIME_STEP_MAX_S ? *seconds : AUTH_TIME_STEP_MAX_S;
    }
    if (n == 0 || n == text.n)
        return n > 0;
    for (fraction = n + 1; fraction < text.n && text.p[fraction] >= '0' && text.p[fraction] <= '9';)
        fraction++;
    *seconds += 1;
    return text.p[n] == '.' && fraction == text.n && fraction > n + 1;
}

/* Not CURLINFO_RETRY_AFTER: it measures a date by our clock, which may be what is wrong, and scripted transports have none. */
int64_t auth_client_retry_after(const struct epic_auth *auth, const struct auth_http_response *response)
{
    struct auth_view text = auth_http_response_header(response, "retry-after");
    int64_t value = 0;
    if (read_seconds(text, &value))
        return value;
    if (!auth_time_parse_http(text, &value))
        return 0;
    /* a date is by the server's clock, so it is measured by it where it can be read */
    value -= response->date_s ? response->date_s : auth->env->wall_s(auth->env->ctx);
    return value > 0 ? value : 0;
}
