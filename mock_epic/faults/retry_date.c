/* One date, written from the parts of the usual form: "Mon, 23 Nov 2026 18:00:00 GMT". */
#include "mock_epic/faults/retry_date.h"

#include <string.h>

#include "auth/core/time.h"

int mock_date_form_find(struct auth_view name)
{
    static const char *const names[MOCK_DATE_FORMS] = {"imf", "rfc850", "asctime"};
    for (int i = 0; i < MOCK_DATE_FORMS; i++) {
        if (auth_view_equals(name, names[i]))
            return i;
    }
    return -1;
}

static const char *weekday(const char *imf)
{
    static const char *const days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        if (strncmp(days[i], imf, 3) == 0)
            return days[i];
    }
    return "";
}

void mock_date_write(enum mock_date_form form, int64_t epoch_s, struct auth_buf *out)
{
    char imf[AUTH_TIME_HTTP_N + 1];
    auth_time_write_http(imf, epoch_s);
    const char *day = imf + 5, *month = imf + 8, *year = imf + 12, *time = imf + 17;
    if (form == MOCK_DATE_RFC850)
        auth_buf_addf(out, "%s, %.2s-%.3s-%.2s %.8s GMT", weekday(imf), day, month, year + 2, time);
    else if (form == MOCK_DATE_ASCTIME)
        auth_buf_addf(out, "%.3s %.3s %c%c %.8s %.4s", imf, month, day[0] == '0' ? ' ' : day[0], day[1], time, year);
    else
        auth_buf_add_string(out, imf);
}
