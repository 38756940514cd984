/* Retry-After as a date, in each of the three forms that a client must read (RFC 9110 5.6.7, 10.2.3). */
#ifndef MOCK_EPIC_FAULTS_RETRY_DATE_H
#define MOCK_EPIC_FAULTS_RETRY_DATE_H

#include "auth/core/buf.h"

enum mock_date_form { MOCK_DATE_IMF, MOCK_DATE_RFC850, MOCK_DATE_ASCTIME, MOCK_DATE_FORMS };
int mock_date_form_find(struct auth_view name); /* "imf", "rfc850", "asctime"; -1 when unknown */
/* Append the time in that form. */
void mock_date_write(enum mock_date_form form, int64_t epoch_s, struct auth_buf *out);

#endif
