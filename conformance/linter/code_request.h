/* A token request written as code: fetch(), axios and their like in JavaScript, requests and httpx in Python.
 *
 * Read next: powershell_command.h, which takes the parameters of Invoke-RestMethod the same way. */
#ifndef CONFORMANCE_LINTER_CODE_REQUEST_H
#define CONFORMANCE_LINTER_CODE_REQUEST_H

#include "conformance/linter/capture.h"
#include "conformance/linter/code_text.h"

/* Is there a call of one of these in the first line? */
bool conf_code_is_request(struct auth_view text);
/* in  all   the whole file, in which variables are looked up
 *     text  from the line of the call on
 * rc  as conf_capture_read() */
AUTH_MUST_CHECK enum auth_rc conf_code_read(struct auth_view all, struct auth_view text, struct conf_capture *capture,
                                            struct auth_err *err);

/* ---- for the reader of PowerShell ---- */

/* What a value is of. */
enum conf_code_part {
    CONF_PART_IGNORED,
    CONF_PART_METHOD,
    CONF_PART_URL,
    CONF_PART_QUERY, /* a table, or a text as it stands in a URL */
    CONF_PART_HEADERS,
    CONF_PART_TYPE,
    CONF_PART_BODY,
    CONF_PART_FORM, /* a body that is a form whatever it is written as */
    CONF_PART_JSON,
    CONF_PART_MULTIPART,
    CONF_PART_BASIC,  /* a name and a password */
    CONF_PART_FILE,   /* a body that is another file */
    CONF_PART_OPTIONS /* a table of all these */
};

struct conf_code_request {
    struct conf_code code;
    struct conf_capture *capture;
    const char *text_type;        /* Content-Type of a body that is a text, when nothing says it; NULL: none is sent */
    enum conf_code_part table_is; /* a body that is a table: FORM, JSON, or IGNORED, which makes it [object Object] */
    bool has_type, is_form, is_json, is_multipart, is_text;
};

/* Take one value.
 * rc   AUTH_E_SYNTAX: it is not in the file; AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc conf_code_take(struct conf_code_request *request, enum conf_code_part part,
                                            struct auth_view value);
/* Set what such a client sends when nothing says otherwise. */
AUTH_MUST_CHECK enum auth_rc conf_code_finish(struct conf_code_request *request, const char *method);

#endif
