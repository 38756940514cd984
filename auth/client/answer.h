/* What a body is that came, by its bytes, and how it is named in messages. Knows no handle. */
#ifndef AUTH_CLIENT_ANSWER_H
#define AUTH_CLIENT_ANSWER_H

#include "auth/client/error.h"
#include "auth/net/http.h"

/* What a body is, whatever its headers call it. */
enum auth_answer_kind {
    AUTH_ANSWER_JSON,
    AUTH_ANSWER_EMPTY,
    AUTH_ANSWER_CUT, /* JSON that ends too early */
    AUTH_ANSWER_WEB_PAGE,
    AUTH_ANSWER_XML,
    AUTH_ANSWER_COMPRESSED,
    AUTH_ANSWER_MARKED, /* behind a byte order mark */
    AUTH_ANSWER_NUL,
    AUTH_ANSWER_OTHER
};
struct auth_answer {
    enum auth_answer_kind kind;
    struct auth_view resource_type; /* of a JSON object that has one, without quotation marks; borrowed from the body */
};
/* Behind the description of a 429 or 5xx, whatever its body is: a gateway's web page says nothing about our settings. */
#define AUTH_ANSWER_BUSY "; it, or what stands before it, is busy or down: try again later"
/* rc  AUTH_OK, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc auth_answer_look(const struct auth_http_response *response, struct auth_answer *answer);
/* Append "URL answered HTTP 404 with a web page (text/html, 512 bytes)", and where a redirect points to. */
void auth_answer_describe(struct auth_buf *out, const char *url, const struct auth_http_response *response,
                          const struct auth_answer *answer);
/* Append a URL for people: without its query, which may name a patient, and cut to what a line can hold. */
void auth_answer_show_url(struct auth_buf *out, const char *url);
/* The string that a raw JSON value is, without its quotation marks and escapes as written; empty when it is none. */
struct auth_view auth_answer_raw_string(struct auth_view value);

#endif
