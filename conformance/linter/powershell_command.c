/* Invoke-RestMethod: which parameter is what of a request. */
#include "conformance/linter/powershell_command.h"

#include <string.h>

#include "conformance/linter/code_request.h"

struct parameter {
    const char *name;
    enum conf_code_part part;
    bool is_switch; /* no value */
};

/* A name may be shortened as long as it is one parameter's; of several the first here is it. */
static const struct parameter parameters[] = {
    {"Uri", CONF_PART_URL, false},
    {"Method", CONF_PART_METHOD, false},
    {"Body", CONF_PART_BODY, false},
    {"Headers", CONF_PART_HEADERS, false},
    {"ContentType", CONF_PART_TYPE, false},
    {"Form", CONF_PART_MULTIPART, false},
    {"InFile", CONF_PART_FILE, false},
    {"UseBasicParsing", CONF_PART_IGNORED, true},
    {"SkipCertificateCheck", CONF_PART_IGNORED, true},
    {"SkipHttpErrorCheck", CONF_PART_IGNORED, true},
    {"SkipHeaderValidation", CONF_PART_IGNORED, true},
    {"UseDefaultCredentials", CONF_PART_IGNORED, true},
    {"AllowUnencryptedAuthentication", CONF_PART_IGNORED, true},
    {"DisableKeepAlive", CONF_PART_IGNORED, true},
    {"NoProxy", CONF_PART_IGNORED, true},
    {"PassThru", CONF_PART_IGNORED, true},
    {"Verbose", CONF_PART_IGNORED, true},
    {"Debug", CONF_PART_IGNORED, true},
    {"Credential", CONF_PART_BASIC, false},
};

static const struct parameter *find_parameter(struct auth_view name)
{
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters && name.n; i++) {
        struct auth_view own = auth_view_from_string(parameters[i].name);
        if (name.n <= own.n && auth_view_equals_view_nocase(auth_view_bytes(own.p, name.n), name))
            return &parameters[i];
    }
    return NULL;
}

/* ---- where it begins ---- */

/* What may stand before a command in its line: nothing, NAME =, a prompt, an opening bracket. */
static bool may_stand_before(struct auth_view before)
{
    before = auth_view_trim(before);
    return before.n == 0 || strchr("=({>;|&", before.p[before.n - 1]) != NULL;
}

/* The text behind the command's name; false: none begins in the first line. */
static bool find_command(struct auth_view text, struct auth_view *behind)
{
    static const char *const names[] = {"invoke-restmethod", "invoke-webrequest", "irm", "iwr", "curl", "wget"};
    enum { REAL_NAMES = 4 };
    struct auth_view line = auth_view_bytes(text.p, auth_view_find(text, '\n'));
    bool is_alias = auth_view_contains(line, " -Uri ") || auth_view_contains(line, " -Body ");
    for (size_t i = 0; i < (is_alias ? sizeof names / sizeof *names : REAL_NAMES); i++) {
        size_t n = strlen(names[i]);
        for (size_t at = 0; at + n < line.n; at++) {
            if (!auth_view_equals_nocase(auth_view_bytes(line.p + at, n), names[i]) ||
                !strchr(" \t`", line.p[at + n]) || !may_stand_before(auth_view_bytes(line.p, at)))
                continue;
            *behind = auth_view_from(text, at + n);
            return true;
        }
    }
    return false;
}

bool conf_powershell_is_command(struct auth_view text)
{
    struct auth_view behind;
    return find_command(text, &behind);
}

/* ---- its parameters ---- */

/* The next word of the command; false: it has ended. */
static bool next_word(const struct conf_code *code, struct auth_view *rest, struct auth_view *word)
{
    for (;;) {
        while (rest->n && (rest->p[0] == ' ' || rest->p[0] == '\t'))
            *rest = auth_view_from(*rest, 1);
        size_t join = auth_view_starts(*rest, "`\r\n") ? 3 : auth_view_starts(*rest, "`\n") ? 2 : 0;
        if (join == 0)
            break;
        *rest = auth_view_from(*rest, join);
    }
    *word = conf_code_expression(code, *rest, " \t\r\n|;`");
    *rest = auth_view_from(*rest, word->n);
    return word->n > 0;
}

static enum auth_rc take_parameter(struct conf_code_request *r, struct auth_view name, struct auth_view *rest)
{
    struct auth_view value = name;
    name = auth_view_split(&value, ':');
    const struct parameter *parameter = find_parameter(name);
    if (parameter && parameter->is_switch)
        return AUTH_OK;
    if (!value.p && !next_word(&r->code, rest, &value))
        return auth_err_set(r->code.err, AUTH_E_SYNTAX, "-%.*s has no value", (int)(name.n < 40 ? name.n : 40), name.p);
    return parameter ? conf_code_take(r, parameter->part, value) : AUTH_OK;
}

/* @params, a table of parameters. */
static enum auth_rc take_splat(struct conf_code_request *r, struct auth_view name)
{
    char variable[64] = "$";
    struct auth_view table, inside;
    struct conf_code_member member;
    enum auth_rc rc = AUTH_OK;
    if (name.n + 1 >= sizeof variable)
        return auth_err_set(r->code.err, AUTH_E_SYNTAX, "a name of a variable that is too long");
    memcpy(variable + 1, name.p, name.n);
    if (!conf_code_variable(&r->code, auth_view_bytes(variable, name.n + 1), &table) ||
        !conf_code_is_table(&r->code, table, &inside))
        return auth_err_set(r->code.err, AUTH_E_SYNTAX, "the variable @%.*s; write its value in its place", (int)name.n,
                            name.p);
    while (rc == AUTH_OK && conf_code_next(&r->code, &inside, &member)) {
        const struct parameter *parameter = find_parameter(member.name);
        rc = parameter ? conf_code_take(r, parameter->part, member.value) : AUTH_OK;
    }
    return rc;
}

enum auth_rc conf_powershell_read(struct auth_view all, struct auth_view text, struct conf_capture *capture,
                                  struct auth_err *err)
{
    struct conf_code_request r = {
        .code = {.language = CONF_CODE_POWERSHELL, .all = all, .err = err},
        .capture = capture,
        .text_type = "application/x-www-form-urlencoded",
        .table_is = CONF_PART_FORM,
    };
    struct auth_view rest = text, word;
    enum auth_rc rc = AUTH_OK;
    if (!find_command(text, &rest))
        return auth_err_set(err, AUTH_E_SYNTAX, "no command of PowerShell");
    while (rc == AUTH_OK && next_word(&r.code, &rest, &word)) {
        if (auth_view_starts(word, "@") && word.n > 1 && conf_code_is_name(word.p[1]))
            rc = take_splat(&r, auth_view_from(word, 1));
        else if (auth_view_starts(word, "-") && word.n > 1)
            rc = take_parameter(&r, auth_view_from(word, 1), &rest);
        else
            rc = conf_code_take(&r, CONF_PART_URL, word);
    }
    if (rc == AUTH_OK)
        rc = conf_code_finish(&r, "GET");
    if (rc == AUTH_OK && r.is_form && auth_view_equals(auth_buf_view(&capture->method), "GET"))
        conf_capture_body_to_query(capture);
    return rc;
}
