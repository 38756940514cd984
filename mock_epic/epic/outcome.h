/* Epic's OperationOutcomes as a table: number, severity, issue code, text. */
#ifndef MOCK_EPIC_EPIC_OUTCOME_H
#define MOCK_EPIC_EPIC_OUTCOME_H

#include "auth/core/json.h"
#include "mock_epic/http/message.h"

enum mock_outcome {
    MOCK_OUTCOME_4101,  /* nothing found (in a 200) */
    MOCK_OUTCOME_4103,  /* deleted */
    MOCK_OUTCOME_4107,  /* merged into another */
    MOCK_OUTCOME_4112,  /* contradicting patients */
    MOCK_OUTCOME_4113,  /* paging session gone */
    MOCK_OUTCOME_4118,  /* user may not see it */
    MOCK_OUTCOME_4127,  /* too many patients */
    MOCK_OUTCOME_4130,  /* behind the glass, and not for this user even if he breaks it */
    MOCK_OUTCOME_4131,  /* behind the glass */
    MOCK_OUTCOME_59008, /* no such id */
    MOCK_OUTCOME_59008_INFORMATION,
    MOCK_OUTCOME_59022, /* nothing of it is granted */
    MOCK_OUTCOME_59100, /* unknown parameter, ignored */
    MOCK_OUTCOME_59101, /* unknown category, ignored */
    MOCK_OUTCOME_59102, /* bad content or parameter */
    MOCK_OUTCOME_59108, /* required element missing */
    MOCK_OUTCOME_59109, /* optional value bad */
    MOCK_OUTCOME_59111, /* required parameter's value bad */
    MOCK_OUTCOME_59144, /* reference not found */
    MOCK_OUTCOME_59159, /* business rule: minimum of a search */
    MOCK_OUTCOME_59203, /* read of a sub-type that is not granted */
    MOCK_OUTCOME_59204, /* sub-type left out of a search: the client may not */
    MOCK_OUTCOME_59205, /* the same: the user may not */
    MOCK_OUTCOME_59205_READ,
    MOCK_OUTCOME_FORBIDDEN,   /* with fhir=r4: no scope for it */
    MOCK_OUTCOME_UNANNOUNCED, /* a method that Epic does not have for a type; no number of Epic's is known */
    MOCK_OUTCOME_UNSUPPORTED, /* with fhir=r4: a type, format or interaction that is not there */
    MOCK_OUTCOME_TOO_COSTLY,  /* more than a limit of the mock's lets through */
    MOCK_OUTCOMES
};

enum { MOCK_ISSUES_MAX = 32 };

struct mock_issue {
    enum mock_outcome what;
    char diagnostics[384]; /* "" none; made safe for JSON by the writer */
    const char *location;  /* "/f:category", or NULL */
    const char *expression;
};

struct mock_issues {
    struct mock_issue items[MOCK_ISSUES_MAX];
    size_t count;
    bool is_plain; /* FHIR's, without Epic's numbers */
};

/* Add an issue; beyond MOCK_ISSUES_MAX it is dropped (a request has at most 64 parameters). */
void mock_issues_add(struct mock_issues *issues, enum mock_outcome what, const char *location, const char *expression,
                     const char *format, ...) AUTH_PRINTF(5, 6);
/* Write the OperationOutcome resource. */
void mock_issues_write(const struct mock_issues *issues, struct auth_json_writer *w);
/* Make the whole answer: status and an OperationOutcome body. content_type static. */
void mock_issues_answer(const struct mock_issues *issues, int status, const char *content_type,
                        struct mock_response *response);

#endif
