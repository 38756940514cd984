/* An OperationOutcome from issues, as Epic writes it. */
#include "mock_epic/epic/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mock_epic/epic/headers.h"

/* The middle of this OID differs from site to site (O); this is the one of the public sandbox's kind. */
static const char coding_system[] = "urn:oid:1.2.840.114350.1.13.0.1.7.2.657369";

/* O, both */
#define SUPPRESSED(who, what)                                                                                          \
    "The authenticated " who "'s search request applies to a sub-resource that the " who " is not authorized " what    \
    ". Results of this sub-type will not be returned."

static const struct {
    const char *number, *severity, *code, *text;
} rows[MOCK_OUTCOMES] = {
    [MOCK_OUTCOME_4101] = {"4101", "warning", "processing", "Resource request returns no results."},
    /* E: the names of 4103, 4107, 4127, 4130 and 4131 in its list of errors; I: that they are the texts, and the codes of FHIR's */
    [MOCK_OUTCOME_4103] = {"4103", "fatal", "deleted", "The resource requested has been deleted"},
    [MOCK_OUTCOME_4107] = {"4107", "fatal", "processing", "The read resource request has been merged"},
    [MOCK_OUTCOME_4112] = {"4112", "fatal", "invalid",
                           "The resource request contained an invalid combination of parameters"},
    [MOCK_OUTCOME_4113] = {"4113", "fatal", "processing", "Session ID for cached search results has expired."},
    [MOCK_OUTCOME_4118] = {"4118", "fatal", "processing",
                           "The authenticated user is not authorized to view the requested data."},
    [MOCK_OUTCOME_4127] = {"4127", "fatal", "too-costly", "Additional data may exist"},
    [MOCK_OUTCOME_4130] = {"4130", "fatal", "security",
                           "Break-the-Glass security does not authorize you to access the selected patient/resource"},
    [MOCK_OUTCOME_4131] = {"4131", "fatal", "security",
                           "The patient you are attempting to access is restricted. You must break the glass to access "
                           "patient data."},
    [MOCK_OUTCOME_59008] = {"59008", "fatal", "not-found", "The FHIR ID provided was not found."},
    [MOCK_OUTCOME_59008_INFORMATION] = {"59008", "information", "not-found", "The FHIR ID provided was not found."},
    [MOCK_OUTCOME_59022] = {"59022", "fatal", "invalid", "Content invalid against the specification or a profile."},
    [MOCK_OUTCOME_59100] = {"59100", "information", "invalid",
                            "Content invalid against the specification or a profile."},
    [MOCK_OUTCOME_59101] = {"59101", "warning", "invalid", "Content invalid against the specification or a profile."},
    [MOCK_OUTCOME_59102] = {"59102", "fatal", "invalid", "Content invalid against the specification or a profile."},
    [MOCK_OUTCOME_59108] = {"59108", "fatal", "required", "A required element is missing."},
    [MOCK_OUTCOME_59109] = {"59109", "information", "value", "An element value is invalid."},
    [MOCK_OUTCOME_59111] = {"59111", "fatal", "value", "An element value is invalid."},
    /* I: its text */
    [MOCK_OUTCOME_59144] = {"59144", "fatal", "not-found", "The reference provided was not found."},
    [MOCK_OUTCOME_59159] = {"59159", "fatal", "business-rule",
                            "The content/operation failed to pass a business rule, and so could not proceed."},
    [MOCK_OUTCOME_59203] = {"59203", "fatal", "forbidden", "The user does not have the rights to perform this action."},
    [MOCK_OUTCOME_59204] = {"59204", "warning", "suppressed", SUPPRESSED("client", "for")},
    [MOCK_OUTCOME_59205] = {"59205", "warning", "suppressed", SUPPRESSED("user", "to view")},
    [MOCK_OUTCOME_59205_READ] = {"59205", "fatal", "forbidden",
                                 "The user does not have the rights to perform this action."},
    [MOCK_OUTCOME_FORBIDDEN] = {"59203", "fatal", "forbidden",
                                "The user does not have the rights to perform this action."},
    [MOCK_OUTCOME_UNANNOUNCED] = {NULL, "fatal", "not-supported",
                                  "The interaction, operation, resource or profile is not supported."},
    [MOCK_OUTCOME_UNSUPPORTED] = {"59102", "fatal", "not-supported",
                                  "Content invalid against the specification or a profile."},
    [MOCK_OUTCOME_TOO_COSTLY] = {"59102", "fatal", "too-costly",
                                 "Content invalid against the specification or a profile."},
};

void mock_issues_add(struct mock_issues *issues, enum mock_outcome what, const char *location, const char *expression,
                     const char *format, ...)
{
    if (issues->count == MOCK_ISSUES_MAX)
        return;
    struct mock_issue *issue = &issues->items[issues->count++];
    va_list args;
    issue->what = what;
    issue->location = location;
    issue->expression = expression;
    va_start(args, format);
    auth_err_format(issue->diagnostics, sizeof issue->diagnostics, format, args);
    va_end(args);
}

static void write_string_array(struct auth_json_writer *w, const char *key, const char *value)
{
    if (!value)
        return;
    auth_json_write_key(w, key);
    auth_json_write_array(w);
    auth_json_write_string(w, auth_view_from_string(value));
    auth_json_write_end_array(w);
}

static void write_plain(const struct mock_issue *issue, struct auth_json_writer *w)
{
    bool is_fatal = strcmp(rows[issue->what].severity, "fatal") == 0;
    auth_json_write_object(w);
    auth_json_write_member_text(w, "severity", is_fatal ? "error" : rows[issue->what].severity);
    auth_json_write_member_text(w, "code", rows[issue->what].code);
    auth_json_write_member_text(w, "diagnostics", issue->diagnostics[0] ? issue->diagnostics : rows[issue->what].text);
    auth_json_write_end_object(w);
}

static void write_coding(const char *number, const char *text, struct auth_json_writer *w)
{
    auth_json_write_key(w, "coding");
    auth_json_write_array(w);
    auth_json_write_object(w);
    auth_json_write_member_text(w, "system", coding_system);
    auth_json_write_member_text(w, "code", number);
    auth_json_write_member_text(w, "display", text);
    auth_json_write_end_object(w);
    auth_json_write_end_array(w);
}

static void write_issue(const struct mock_issue *issue, struct auth_json_writer *w)
{
    auth_json_write_object(w);
    auth_json_write_member_text(w, "severity", rows[issue->what].severity);
    auth_json_write_member_text(w, "code", rows[issue->what].code);
    auth_json_write_key(w, "details");
    auth_json_write_object(w);
    if (rows[issue->what].number)
        write_coding(rows[issue->what].number, rows[issue->what].text, w);
    auth_json_write_member_text(w, "text", rows[issue->what].text);
    auth_json_write_end_object(w);
    if (issue->diagnostics[0])
        auth_json_write_member_text(w, "diagnostics", issue->diagnostics);
    write_string_array(w, "location", issue->location);
    write_string_array(w, "expression", issue->expression);
    auth_json_write_end_object(w);
}

void mock_issues_write(const struct mock_issues *issues, struct auth_json_writer *w)
{
    auth_json_write_object(w);
    auth_json_write_member_text(w, "resourceType", "OperationOutcome");
    auth_json_write_key(w, "issue");
    auth_json_write_array(w);
    for (size_t i = 0; i < issues->count; i++)
        (issues->is_plain ? write_plain : write_issue)(&issues->items[i], w);
    auth_json_write_end_array(w);
    auth_json_write_end_object(w);
}

static void give_reason(const struct mock_issue *issue, struct mock_response *response)
{
    const char *number = rows[issue->what].number;
    mock_response_because(response, "%s%s%s%s%s", number ? number : "", number ? ": " : "", rows[issue->what].text,
                          issue->diagnostics[0] ? " " : "", issue->diagnostics);
}

void mock_issues_answer(const struct mock_issues *issues, int status, const char *content_type,
                        struct mock_response *response)
{
    struct auth_json_writer w;
    mock_response_reset(response);
    response->status = status;
    mock_headers_fhir(response);
    mock_response_header(response, "Content-Type", content_type);
    auth_json_writer_init(&w, &response->text, AUTH_JSON_COMPACT);
    mock_issues_write(issues, &w);
    mock_response_seal_text(response);
    if (status >= 400 && issues->count > 0)
        give_reason(&issues->items[0], response);
}
