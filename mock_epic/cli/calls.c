/* The admin API from a shell: which words become which request. */
#include "mock_epic/cli/calls.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "auth/core/form.h"
#include "auth/core/input.h"
#include "auth/core/json.h"
#include "auth/core/log.h"
#include "auth/core/opts.h"
#include "mock_epic/cli/call_send.h"
#include "mock_epic/start/process.h"

enum { REFUSED = 1, BODY_MAX_N = 1024 * 1024, PATH_MAX_N = 8192 };

/* ---- the tables ---- */

struct call_settings {
    struct auth_opts_given given;
    struct mock_call_target target;
    const char *client_id, *kind, *format;
    int64_t status, limit, after, wait_s;
    bool help;
};

#define SET struct call_settings

/* Options that a call passes on: as a member of its body, else of its query. */
static const struct parameter {
    const char *option, *name;
    size_t at;
    bool is_int;
} parameters[] = {
    {"client-id", "client_id", offsetof(SET, client_id), false},
    {"kind", "kind", offsetof(SET, kind), false},
    {"format", "format", offsetof(SET, format), false},
    {"status", "status", offsetof(SET, status), true},
    {"limit", "limit", offsetof(SET, limit), true},
    {"after", "after", offsetof(SET, after), true},
    {"wait", "wait_s", offsetof(SET, wait_s), true},
};
enum { PARAMETERS = sizeof parameters / sizeof *parameters };

/* What becomes of the words behind the verb. */
enum operand {
    NO_OPERAND,
    OPERAND_ID,      /* the last segment of the path */
    OPERAND_INT,     /* a whole number, as the member */
    OPERAND_NUMBER,  /* likewise, also a fraction */
    OPERAND_TIME,    /* likewise, epoch seconds or text that the server reads */
    OPERAND_NAME,    /* likewise, text; may be left out */
    OPERAND_WORDS,   /* any number of them, none included, as an array */
    OPERAND_SECRET,  /* a file that holds the member's value; may be left out */
    OPERAND_FILE,    /* a file that is the body */
    OPERAND_SAME_APP /* likewise, and its client_id is the last segment of the path */
};

static const struct call_row {
    const char *command, *verb; /* verb "": what is done when none is given */
    const char *operand_name;
    enum operand operand;
    const char *member;
    const char *method, *path;
    const char *body;    /* as it stands; NULL: made of operand and options */
    const char *options; /* of parameters[], with spaces between */
    const char *help;
} calls[] = {
    {"clock", "", NULL, NO_OPERAND, NULL, "GET", "/clock", NULL, "", "what time it is there"},
    {"clock", "advance", "SECONDS", OPERAND_INT, "seconds", "POST", "/clock/advance", NULL, "", "move it, also back"},
    {"clock", "set", "TIME", OPERAND_TIME, "now", "PUT", "/clock", NULL, "", "RFC 3339 or epoch seconds"},
    {"clock", "offset", "SECONDS", OPERAND_INT, "offset_s", "PUT", "/clock", NULL, "", "relative to real time"},
    {"clock", "rate", "N", OPERAND_NUMBER, "rate", "PUT", "/clock", NULL, "", "seconds in a real second"},
    {"clock", "freeze", NULL, NO_OPERAND, NULL, "PUT", "/clock", "{\"frozen\":true}", "", "stop it"},
    {"clock", "run", NULL, NO_OPERAND, NULL, "PUT", "/clock", "{\"frozen\":false}", "", "let it go on"},
    {"tokens", "", NULL, NO_OPERAND, NULL, "GET", "/tokens", NULL, "client-id limit", "list them, without their text"},
    {"tokens", "age", "SECONDS", OPERAND_INT, "seconds", "POST", "/tokens/age", NULL, "client-id",
     "make them older; no clock moves"},
    {"tokens", "revoke", "[FILE]", OPERAND_SECRET, "token", "POST", "/tokens/revoke", NULL, "client-id",
     "all, or the one in FILE (- is stdin)"},
    {"apps", "", NULL, NO_OPERAND, NULL, "GET", "/apps", NULL, "", "list them"},
    {"apps", "show", "ID", OPERAND_ID, NULL, "GET", "/apps/", NULL, "", "one, with its keys and warnings"},
    {"apps", "add", "FILE", OPERAND_FILE, NULL, "POST", "/apps", NULL, "client-id",
     "an app as JSON, or the key of one (- is stdin)"},
    {"apps", "replace", "FILE", OPERAND_SAME_APP, NULL, "PUT", "/apps/", NULL, "", "the one of the same client_id"},
    {"apps", "remove", "ID", OPERAND_ID, NULL, "DELETE", "/apps/", NULL, "", "one"},
    {"journal", "", NULL, NO_OPERAND, NULL, "GET", "/journal", NULL, "kind client-id status limit after wait",
     "the newest entries first"},
    {"journal", "show", "ID", OPERAND_ID, NULL, "GET", "/journal/", NULL, "", "one, with all verdicts"},
    {"journal", "clear", NULL, NO_OPERAND, NULL, "DELETE", "/journal", NULL, "", "forget them"},
    {"timeline", "", NULL, NO_OPERAND, NULL, "GET", "/timeline", NULL, "format", "the run as a picture"},
    {"instances", "", NULL, NO_OPERAND, NULL, "GET", "/instances", NULL, "", "list them"},
    {"instances", "add", "[NAME]", OPERAND_NAME, "name", "POST", "/instances", NULL, "", "one more Epic, at /i/NAME"},
    {"instances", "show", "NAME", OPERAND_ID, NULL, "GET", "/instances/", NULL, "",
     "one: its URLs, how much it was asked"},
    {"instances", "remove", "NAME", OPERAND_ID, NULL, "DELETE", "/instances/", NULL, "", "one"},
    {"faults", "", NULL, NO_OPERAND, NULL, "GET", "/faults", NULL, "", "list them, with how often each acted"},
    {"faults", "add", "FILE", OPERAND_FILE, NULL, "POST", "/faults", NULL, "", "one, as JSON (- is stdin)"},
    {"faults", "remove", "ID", OPERAND_ID, NULL, "DELETE", "/faults/", NULL, "", "one, and what it delays"},
    {"faults", "clear", NULL, NO_OPERAND, NULL, "DELETE", "/faults", NULL, "", "all"},
    {"expectations", "", NULL, NO_OPERAND, NULL, "GET", "/expectations", NULL, "", "what must have happened"},
    {"expectations", "set", "FILE", OPERAND_FILE, NULL, "PUT", "/expectations", NULL, "",
     "an array of them (- is stdin)"},
    {"verdict", "", NULL, NO_OPERAND, NULL, "GET", "/verdict", NULL, "", "whether it happened, and what shows it"},
    {"snapshots", "", NULL, NO_OPERAND, NULL, "GET", "/snapshots", NULL, "", "list them"},
    {"snapshots", "take", "NAME", OPERAND_NAME, "name", "POST", "/snapshot", NULL, "", "keep how it is"},
    {"snapshots", "restore", "NAME", OPERAND_NAME, "name", "POST", "/restore", NULL, "", "bring it back"},
    {"snapshots", "remove", "NAME", OPERAND_ID, NULL, "DELETE", "/snapshots/", NULL, "", "one"},
    {"reset", "", "[WHAT...]", OPERAND_WORDS, "what", "POST", "/reset", NULL, "",
     "journal tokens jti clock writes apps jwks faults sessions expectations"},
};
enum { CALLS = sizeof calls / sizeof *calls };

// clang-format off
#define TARGET_ROWS                                                                                                    \
    AUTH_OPT_HEADING("Which mock"),                                                                                    \
    {"url", 0, "URL", "its origin, or any URL of its ready object; else MOCK_EPIC_URL, else " MOCK_CALL_DEFAULT_URL, AUTH_OPT_STRING(SET, target.url), .also = "admin-url base-url"},                                                 \
    {"admin-token-file", 0, "FILE", "the token that it wants, if it wants one; else MOCK_EPIC_ADMIN_TOKEN",            \
     AUTH_OPT_STRING(SET, target.admin_token_file), .also = "admin-token token"},                                      \
    {"tls-ca-file", 0, "FILE", "CAs (PEM) trusted over https, as serve --tls writes one there",                        \
     AUTH_OPT_STRING(SET, target.ca_file), .also = "ca-file cacert"},                                                  \
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(SET, help)},                                                         \
    {.name = NULL}
#define CLIENT_ID_ROW                                                                                                  \
    {"client-id", 0, "ID", "of this client alone", AUTH_OPT_STRING(SET, client_id), .also = "client app"}
#define LIMIT_ROW {"limit", 0, "N", "at most so many", AUTH_OPT_INT(SET, limit, 0, INT64_MAX), .also = "count max"}
// clang-format on

static const struct auth_opt target_rows[] = {TARGET_ROWS};
static const struct auth_opt app_rows[] = {
    AUTH_OPT_HEADING("Add"),
    {"client-id", 0, "ID", "FILE is the certificate (PEM) or the JWK Set of this client",
     AUTH_OPT_STRING(SET, client_id), .also = "client id"},
    TARGET_ROWS,
};
static const struct auth_opt token_rows[] = {AUTH_OPT_HEADING("Which tokens"), CLIENT_ID_ROW, LIMIT_ROW, TARGET_ROWS};
static const struct auth_opt journal_rows[] = {
    AUTH_OPT_HEADING("Which entries"),
    {"kind", 0, "KIND", "token, fhir, bulk, jwks, admin or other", AUTH_OPT_STRING(SET, kind), .also = "route"},
    CLIENT_ID_ROW,
    {"status", 0, "N", "answered with this status", AUTH_OPT_INT(SET, status, 100, 599)},
    LIMIT_ROW,
    {"after", 0, "ID", "written after this one, the oldest first", AUTH_OPT_INT(SET, after, 0, INT64_MAX),
     .also = "since"},
    {"wait", 0, "S", "if there is none yet, wait so many seconds for one", AUTH_OPT_INT(SET, wait_s, 0, 3600)},
    TARGET_ROWS,
};

static const struct auth_opt timeline_rows[] = {
    AUTH_OPT_HEADING("As what"),
    {"format", 0, "text|html", "text, of at most 80 columns, or a page", AUTH_OPT_STRING(SET, format), .also = "html"},
    TARGET_ROWS,
};

static const struct command {
    const char *name;
    struct auth_opts options;
} commands[] = {
    {"clock", {target_rows, false, NULL}},      {"tokens", {token_rows, false, NULL}},
    {"apps", {app_rows, false, NULL}},          {"journal", {journal_rows, false, NULL}},
    {"timeline", {timeline_rows, false, NULL}}, {"instances", {target_rows, false, NULL}},
    {"faults", {target_rows, false, NULL}},     {"expectations", {target_rows, false, NULL}},
    {"verdict", {target_rows, false, NULL}},    {"snapshots", {target_rows, false, NULL}},
    {"reset", {target_rows, false, NULL}},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static const struct command *command_named(const char *name)
{
    size_t i = 0;
    while (i < COMMANDS - 1 && strcmp(commands[i].name, name) != 0)
        i++;
    return &commands[i];
}

static void print_help(const struct command *command)
{
    const char *start = "Usage:";
    for (size_t i = 0; i < CALLS; i++) {
        char form[64];
        if (strcmp(calls[i].command, command->name) != 0)
            continue;
        const char *operand = calls[i].operand_name ? calls[i].operand_name : "";
        (void)snprintf(form, sizeof form, "mock-epic %s%s%s%s%s", command->name, calls[i].verb[0] ? " " : "",
                       calls[i].verb, operand[0] ? " " : "", operand);
        bool fits = strlen(calls[i].help) <= 40; /* beside the form, in 80 columns */
        printf(fits ? "%-6s %-32s %s\n" : "%-6s %s\n       %s\n", start, form, calls[i].help);
        start = "";
    }
    auth_opts_help(stdout, command->options.rows);
    printf("\nPrints the answer, which is JSON but for a timeline.\n"
           "Exit status: 0 done, 1 refused, 2 wrong usage, 3 no mock answers.\n");
}

/* ---- from words to a request ---- */

struct asked {
    const struct command *command;
    const struct call_row *row;
    const struct call_settings *settings;
    char **operands;
    size_t count;
    struct auth_buf path, body;
    struct auth_json_writer w; /* on body */
    struct auth_err *err;
};

static const struct call_row *row_of(const struct command *command, const char *verb)
{
    for (size_t i = 0; i < CALLS; i++) {
        if (strcmp(calls[i].command, command->name) == 0 && strcmp(calls[i].verb, verb) == 0)
            return &calls[i];
    }
    return NULL;
}

/* The verb is the first operand; a command that has but one call has no verbs. */
static enum auth_rc find_call(struct asked *a)
{
    const struct call_row *plain = row_of(a->command, "");
    a->row = a->count && plain->operand == NO_OPERAND ? row_of(a->command, a->operands[0]) : plain;
    if (!a->row)
        return auth_err_set(a->err, AUTH_E_ARG, "%.40s is none of its calls", a->operands[0]);
    bool has_verb = a->row->verb[0];
    a->operands += has_verb;
    a->count -= has_verb;
    bool is_optional = a->row->operand == OPERAND_SECRET || a->row->operand == OPERAND_NAME;
    bool is_list = a->row->operand == OPERAND_WORDS;
    size_t most = a->row->operand != NO_OPERAND;
    if (!is_list && (a->count > most || (a->count < most && !is_optional)))
        return auth_err_set(a->err, AUTH_E_ARG, "%s takes %s", has_verb ? a->row->verb : "it",
                            most ? a->row->operand_name : "no operand");
    return AUTH_OK;
}

static enum auth_rc read_operand_file(const struct asked *a, struct auth_buf *out)
{
    return auth_input_read(a->operands[0], out, a->err);
}

static enum auth_rc add_number(struct asked *a, struct auth_view text)
{
    struct auth_json *doc = NULL;
    bool is_number =
        auth_json_parse(text, &doc, NULL) == AUTH_OK && auth_json_type(auth_json_root(doc)) == AUTH_JSON_NUMBER;
    auth_json_free(doc);
    if (!is_number)
        return auth_err_set(a->err, AUTH_E_ARG, "%s takes a number", a->row->verb);
    auth_json_write_member_raw(&a->w, a->row->member, text);
    return AUTH_OK;
}

static enum auth_rc add_secret(struct asked *a)
{
    struct auth_buf text;
    if (a->count == 0)
        return AUTH_OK;
    auth_buf_init_secret(&text, BODY_MAX_N);
    enum auth_rc rc = read_operand_file(a, &text);
    struct auth_view value = auth_view_trim(auth_buf_view(&text));
    if (rc == AUTH_OK && value.n == 0)
        rc = auth_err_set(a->err, AUTH_E_ARG, "%.200s holds nothing", a->operands[0]);
    if (rc == AUTH_OK)
        auth_json_write_member(&a->w, a->row->member, value);
    auth_buf_clear(&text);
    return rc;
}

static void add_words(struct asked *a)
{
    if (a->count == 0)
        return;
    auth_json_write_key(&a->w, a->row->member);
    auth_json_write_array(&a->w);
    for (size_t i = 0; i < a->count; i++)
        auth_json_write_string(&a->w, auth_view_from_string(a->operands[i]));
    auth_json_write_end_array(&a->w);
}

/* An operand that is a member of the body. */
static enum auth_rc add_member(struct asked *a)
{
    struct auth_view text = auth_view_from_string(a->count ? a->operands[0] : "");
    int64_t number;
    bool is_int = auth_view_int(text, &number);
    switch (a->row->operand) {
    case OPERAND_INT:
    case OPERAND_TIME:
        if (is_int)
            auth_json_write_member_int(&a->w, a->row->member, number);
        else if (a->row->operand == OPERAND_TIME)
            auth_json_write_member(&a->w, a->row->member, text);
        else
            return auth_err_set(a->err, AUTH_E_ARG, "%s takes a whole number", a->row->verb);
        return AUTH_OK;
    case OPERAND_NUMBER:
        return add_number(a, text);
    case OPERAND_SECRET:
        return add_secret(a);
    case OPERAND_NAME:
        if (a->count)
            auth_json_write_member(&a->w, a->row->member, text);
        return AUTH_OK;
    case OPERAND_WORDS:
        add_words(a);
        return AUTH_OK;
    default:
        return AUTH_OK;
    }
}

static bool is_word_of(const char *list, const char *word)
{
    struct auth_view rest = auth_view_from_string(list);
    while (rest.n) {
        if (auth_view_equals(auth_view_split(&rest, ' '), word))
            return true;
    }
    return false;
}

static void add_parameter(struct asked *a, const struct parameter *parameter, bool is_member, struct auth_buf *query)
{
    const char *at = (const char *)a->settings + parameter->at;
    struct auth_buf text;
    auth_buf_init(&text, PATH_MAX_N);
    if (parameter->is_int)
        auth_buf_add_int(&text, *(const int64_t *)(const void *)at);
    else
        auth_buf_add_string(&text, *(const char *const *)(const void *)at);
    if (is_member) /* those of the calls that have a body are all strings */
        auth_json_write_member_buf(&a->w, parameter->name, &text);
    else
        auth_form_write(query, auth_view_from_string(parameter->name), auth_buf_view(&text));
    auth_buf_clear(&text);
}

static enum auth_rc add_parameters(struct asked *a, bool is_member, struct auth_buf *query)
{
    for (size_t i = 0; i < PARAMETERS; i++) {
        const char *at = (const char *)a->settings + parameters[i].at;
        if (!auth_opts_is_given(&a->command->options, &a->settings->given, a->settings, at))
            continue;
        if (!is_word_of(a->row->options, parameters[i].option))
            return auth_err_set(a->err, AUTH_E_ARG, "%s takes no --%s",
                                a->row->verb[0] ? a->row->verb : a->command->name, parameters[i].option);
        add_parameter(a, &parameters[i], is_member, query);
    }
    return AUTH_OK;
}

/* {"client_id":ID,"certificate":PEM} or {"client_id":ID,"jwks":SET} */
static enum auth_rc wrap_key(struct asked *a)
{
    struct auth_buf key;
    auth_buf_init(&key, BODY_MAX_N);
    enum auth_rc rc = read_operand_file(a, &key);
    struct auth_view text = auth_view_trim(auth_buf_view(&key));
    bool is_set = rc == AUTH_OK && auth_json_check(text, NULL) == AUTH_OK;
    auth_json_writer_init(&a->w, &a->body, AUTH_JSON_COMPACT);
    auth_json_write_object(&a->w);
    auth_json_write_member_text(&a->w, "client_id", a->settings->client_id);
    if (is_set)
        auth_json_write_member_raw(&a->w, "jwks", text);
    else
        auth_json_write_member(&a->w, "certificate", text);
    auth_json_write_end_object(&a->w);
    auth_buf_clear(&key);
    return rc;
}

/* A file that is the body. Of one that is put, its client_id says where. */
static enum auth_rc read_app(struct asked *a)
{
    struct auth_json *doc = NULL;
    bool is_added = a->row->operand == OPERAND_FILE;
    if (!is_added && a->settings->client_id)
        return auth_err_set(a->err, AUTH_E_ARG, "%s takes no --client-id", a->row->verb);
    if (a->settings->client_id)
        return wrap_key(a);
    enum auth_rc rc = read_operand_file(a, &a->body);
    if (rc != AUTH_OK || is_added)
        return rc;
    if (auth_json_parse(auth_buf_view(&a->body), &doc, a->err) != AUTH_OK)
        return AUTH_E_ARG;
    auth_form_escape(&a->path, auth_json_member_string(auth_json_root(doc), "client_id"));
    auth_json_free(doc);
    return AUTH_OK;
}

static enum auth_rc make_members(struct asked *a, struct auth_buf *query)
{
    bool is_post = strcmp(a->row->method, "POST") == 0 || strcmp(a->row->method, "PUT") == 0;
    if (!is_post || a->row->body) {
        auth_buf_add_string(&a->body, a->row->body ? a->row->body : "");
        return add_parameters(a, false, query);
    }
    auth_json_writer_init(&a->w, &a->body, AUTH_JSON_COMPACT);
    auth_json_write_object(&a->w);
    enum auth_rc rc = add_member(a);
    if (rc == AUTH_OK)
        rc = add_parameters(a, true, query);
    auth_json_write_end_object(&a->w);
    return rc;
}

static enum auth_rc make_request(struct asked *a)
{
    struct auth_buf query;
    auth_buf_init(&query, PATH_MAX_N);
    auth_buf_add_string(&a->path, a->row->path);
    if (a->row->operand == OPERAND_ID)
        auth_form_escape(&a->path, auth_view_from_string(a->operands[0]));
    bool is_file = a->row->operand == OPERAND_FILE || a->row->operand == OPERAND_SAME_APP;
    enum auth_rc rc = is_file ? read_app(a) : make_members(a, &query);
    if (query.n)
        auth_buf_addf(&a->path, "?%s", query.p);
    auth_buf_clear(&query);
    if (rc == AUTH_OK)
        rc = auth_buf_check(&a->path, a->err);
    return rc == AUTH_OK ? auth_buf_check(&a->body, a->err) : rc;
}

/* ---- the call ---- */

static int complain(const char *command, const char *what, int status)
{
    auth_complain("mock-epic", command, "%s", what);
    return status;
}

static int send_call(const struct asked *a, const struct mock_call *call)
{
    struct auth_http_response response;
    struct auth_err err = {0};
    struct auth_buf reason;
    int status = 0;
    auth_buf_init(&reason, 4096);
    enum auth_rc rc = mock_call_send(call, a->row->method, a->path.p, auth_buf_view(&a->body), &response, &err);
    if (rc != AUTH_OK) {
        auth_buf_addf(&reason, "no mock answers at %s: %s", call->root.p, err.detail);
        status = MOCK_EXIT_CANNOT_START;
    } else if (response.status / 100 != 2) {
        mock_call_reason(call, &response, &reason);
        status = REFUSED;
    } else {
        (void)fwrite(response.body.n ? response.body.p : "", 1, response.body.n, stdout);
    }
    if (status)
        (void)complain(a->command->name, reason.n ? reason.p : "", status);
    auth_http_response_clear(&response);
    auth_buf_clear(&reason);
    return status;
}

static int open_and_send(struct asked *a)
{
    struct mock_call call;
    enum auth_rc rc = mock_call_open(&call, &a->settings->target, a->err);
    int status = rc == AUTH_OK ? send_call(a, &call) : complain(a->command->name, a->err->detail, MOCK_EXIT_USAGE);
    mock_call_clear(&call);
    return status;
}

int mock_calls(int argc, char **argv)
{
    struct call_settings settings = {.target = {.timeout_s = 30}};
    struct auth_err err = {0};
    struct asked asked = {.command = command_named(argv[0]), .settings = &settings, .err = &err};
    enum auth_rc rc = auth_opts_parse(&asked.command->options, &settings, &settings.given, &argc, argv, &err);
    if (rc == AUTH_OK && settings.help) {
        print_help(asked.command);
        return 0;
    }
    settings.target.timeout_s += settings.wait_s;
    mock_call_target_complete(&settings.target);
    asked.operands = argv + 1;
    asked.count = (size_t)argc - 1;
    auth_buf_init(&asked.path, PATH_MAX_N);
    auth_buf_init_secret(&asked.body, BODY_MAX_N);
    if (rc == AUTH_OK)
        rc = find_call(&asked);
    if (rc == AUTH_OK)
        rc = make_request(&asked);
    int status = rc == AUTH_OK ? open_and_send(&asked) : complain(argv[0], err.detail, MOCK_EXIT_USAGE);
    if (status == MOCK_EXIT_USAGE)
        fprintf(stderr, "Try 'mock-epic %s --help'.\n", asked.command->name);
    auth_buf_clear(&asked.path);
    auth_buf_clear(&asked.body);
    return status;
}
