/* The one guard for times; what they look like as text is in text.c. */
#include "auth/core/time.h"

#include "auth/core/text.h"

bool auth_time_is_valid(int64_t epoch_s)
{
    return epoch_s >= AUTH_TIME_MIN_S && epoch_s <= AUTH_TIME_MAX_S;
}

bool auth_time_add(int64_t epoch_s, int64_t step_s, int64_t *sum_s)
{
    /* two numbers within these bounds cannot overflow */
    if (!auth_time_is_valid(epoch_s) || step_s < -AUTH_TIME_STEP_MAX_S || step_s > AUTH_TIME_STEP_MAX_S ||
        !auth_time_is_valid(epoch_s + step_s))
        return false;
    *sum_s = epoch_s + step_s;
    return true;
}

int64_t auth_time_shift(int64_t epoch_s, int64_t step_s)
{
    int64_t sum_s;
    if (auth_time_add(epoch_s, step_s, &sum_s))
        return sum_s;
    return step_s < 0 ? AUTH_TIME_MIN_S : AUTH_TIME_MAX_S;
}

int64_t auth_time_clamp_us(int64_t epoch_us)
{
    static const int64_t min_us = AUTH_TIME_MIN_S * 1000000, max_us = AUTH_TIME_MAX_S * 1000000 + 999999;
    if (epoch_us < min_us)
        return min_us;
    return epoch_us > max_us ? max_us : epoch_us;
}

bool auth_time_read(struct auth_view text, int64_t *epoch_s)
{
    return auth_text_parse_time(text, epoch_s) || auth_text_parse_http_date(text, epoch_s);
}
