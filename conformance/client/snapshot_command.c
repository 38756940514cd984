/* `epic-conformance snapshot`: what a client does, kept as a file that people can read, and compared with what it does now. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth/core/file.h"
#include "auth/core/json.h"
#include "auth/core/log.h"
#include "auth/core/opts.h"
#include "conformance/client/commands.h"
#include "conformance/client/pretty.h"
#include "conformance/client/process.h"
#include "conformance/report/output.h"
#include "conformance/suite/child.h"

enum { JOURNAL_MAX_N = 256 * 1024 * 1024, MOCK_USAGE = 2, MOCK_CANNOT_RUN = 3, CANNOT_START = 126, NOT_FOUND = 127 };

struct settings {
    const char *mock;
    bool help;
};

static const struct auth_opt rows[] = {
    {"mock", 0, "PATH", "the mock to run (mock-epic beside this program, else in PATH)",
     AUTH_OPT_STRING(struct settings, mock)},
    {"help", 'h', NULL, "this text", AUTH_OPT_ASK(struct settings, help)},
    {.name = NULL},
};
static const struct auth_opts opts = {.rows = rows, .stops_at_operand = true};

static void print_help(void)
{
    printf("Usage: epic-conformance snapshot [OPTION...] record|check DIR [MOCK OPTION...]\n"
           "       -- COMMAND [ARG...]\n\n"
           "record runs COMMAND in a mock and writes the requests that came, with their\n"
           "verdicts, to DIR/journal.json, which belongs into your repository. check runs\n"
           "it again, and shows as a unified diff what is not as it was. What differs from\n"
           "run to run is left out: see mock-epic normalize --help. COMMAND should make its\n"
           "requests one after another, or their order differs.\n\n"
           "MOCK OPTION: any of mock-epic run, --scenario NAME and --seed N among them.\n");
    auth_opts_help(stdout, rows);
    printf("\nExit status: 0 recorded, or as it was; 1 COMMAND failed, or it is not as it was;\n"
           "2 wrong usage; 3 could not run.\n");
}

/* One call. */
struct job {
    const char *mock, *directory;
    char **words;  /* options of the mock */
    char **dashes; /* behind them: the -- and the command */
    bool is_check;
    char *scratch, *raw, *normal, *now, *kept; /* the last one is in directory */
};

static char *path_in(const char *directory, const char *name)
{
    struct auth_buf path;
    auth_buf_init(&path, 64 * 1024);
    auth_buf_addf(&path, "%s/%s", directory, name);
    char *taken = auth_buf_take(&path, NULL);
    auth_buf_clear(&path);
    return taken;
}

/* ---- running ---- */

static enum auth_rc run_mock(const struct job *job, int *status, struct auth_err *err)
{
    size_t n = 0, out = 0;
    while (job->words[n])
        n++;
    const char **argv = calloc(n + 5, sizeof *argv);
    if (!argv)
        return auth_err_no_memory(err);
    argv[out++] = job->mock;
    argv[out++] = "run";
    for (char **word = job->words; word < job->dashes; word++)
        argv[out++] = *word;
    argv[out++] = "--journal"; /* of two the last one counts */
    argv[out++] = job->raw;
    for (char **word = job->dashes; *word; word++)
        argv[out++] = *word;
    enum auth_rc rc = conf_process_run(argv, STDERR_FILENO, STDERR_FILENO, status, err);
    free(argv);
    return rc;
}

static enum auth_rc normalize(const struct job *job, struct auth_err *err)
{
    const char *const argv[] = {job->mock, "normalize", job->raw, NULL};
    int status = 0, fd = open(job->normal, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return auth_err_set(err, AUTH_E_IO, "%s: %s", job->normal, strerror(errno));
    enum auth_rc rc = conf_process_run(argv, fd, STDERR_FILENO, &status, err);
    if (close(fd) != 0 && rc == AUTH_OK)
        rc = auth_err_set(err, AUTH_E_IO, "%s: %s", job->normal, strerror(errno));
    if (rc == AUTH_OK && status != 0)
        rc = auth_err_set(err, AUTH_E_IO, "mock-epic normalize ended with status %d", status);
    return rc;
}

/* Lines of one entry each become an array that people can read. */
static enum auth_rc make_readable(const struct job *job, struct auth_buf *out, struct auth_err *err)
{
    struct auth_buf lines;
    auth_buf_init(&lines, JOURNAL_MAX_N);
    enum auth_rc rc = auth_file_read(job->normal, &lines, err);
    struct auth_view rest = auth_buf_view(&lines);
    auth_buf_add_string(out, "[");
    for (bool is_first = true; rc == AUTH_OK && rest.n; is_first = false) {
        auth_buf_add_string(out, is_first ? "\n  " : ",\n  ");
        conf_pretty(auth_view_split(&rest, '\n'), 1, out);
    }
    auth_buf_add_string(out, "\n]\n");
    auth_buf_clear(&lines);
    return rc == AUTH_OK ? auth_buf_check(out, err) : rc;
}

/* ---- what comes of it ---- */

static enum auth_rc record(const struct job *job, struct auth_view text, struct auth_err *err)
{
    if (mkdir(job->directory, 0777) != 0 && errno != EEXIST)
        return auth_err_set(err, AUTH_E_IO, "%s: %s", job->directory, strerror(errno));
    enum auth_rc rc = auth_file_write(job->kept, text, 0644, AUTH_FILE_REPLACE, err);
    if (rc == AUTH_OK)
        fprintf(stderr, "epic-conformance snapshot: recorded in %s\n", job->kept);
    return rc;
}

static enum auth_rc compare(const struct job *job, struct auth_view text, bool *is_same, struct auth_err *err)
{
    const char *const argv[] = {"diff", "-u", "-L", job->kept, "-L", "now", job->kept, job->now, NULL};
    struct auth_buf kept;
    int status = 0;
    auth_buf_init(&kept, JOURNAL_MAX_N);
    enum auth_rc rc = auth_file_read(job->kept, &kept, err);
    *is_same = rc == AUTH_OK && auth_view_equals_view(auth_buf_view(&kept), text);
    auth_buf_clear(&kept);
    if (rc != AUTH_OK || *is_same)
        return rc;
    rc = auth_file_write(job->now, text, 0600, AUTH_FILE_REPLACE, err);
    if (rc == AUTH_OK && conf_process_run(argv, STDOUT_FILENO, STDERR_FILENO, &status, NULL) != AUTH_OK)
        fprintf(stderr, "epic-conformance snapshot: what differs is not shown: there is no diff here\n");
    if (rc == AUTH_OK)
        fprintf(stderr, "epic-conformance snapshot: it is not as in %s; where that is right, record it anew\n",
                job->kept);
    return rc;
}

static bool has_run(int status)
{
    return status != MOCK_USAGE && status != MOCK_CANNOT_RUN && status != CANNOT_START && status != NOT_FOUND;
}

static int conclude(const struct job *job, int status, struct auth_err *err)
{
    struct auth_buf text;
    bool is_same = true;
    auth_buf_init(&text, JOURNAL_MAX_N);
    enum auth_rc rc = normalize(job, err);
    if (rc == AUTH_OK)
        rc = make_readable(job, &text, err);
    if (rc == AUTH_OK && job->is_check)
        rc = compare(job, auth_buf_view(&text), &is_same, err);
    else if (rc == AUTH_OK && status == 0)
        rc = record(job, auth_buf_view(&text), err);
    auth_buf_clear(&text);
    if (rc != AUTH_OK)
        return CONF_CANNOT_RUN;
    if (status != 0)
        fprintf(stderr, "epic-conformance snapshot: mock-epic run ended with status %d%s\n", status,
                job->is_check ? "" : ": nothing is recorded");
    return status != 0 || !is_same ? CONF_FINDINGS : CONF_CONFORMANT;
}

/* In the scratch directory, and with all paths known. */
static int run_there(const struct job *job, struct auth_err *err)
{
    int status = 0;
    if (job->is_check && access(job->kept, R_OK) != 0) {
        auth_err_set(err, AUTH_E_NOT_FOUND, "%s: %s; record it first", job->kept, strerror(errno));
        return CONF_CANNOT_RUN;
    }
    if (run_mock(job, &status, err) != AUTH_OK)
        return CONF_CANNOT_RUN;
    if (!has_run(status)) /* it said why */
        return status == MOCK_USAGE ? CONF_USAGE : CONF_CANNOT_RUN;
    return conclude(job, status, err);
}

static int run(struct job *job, struct auth_err *err)
{
    int result = CONF_CANNOT_RUN;
    if (conf_scratch_make(&job->scratch, err) != AUTH_OK)
        return result;
    job->raw = path_in(job->scratch, "journal.ndjson");
    job->normal = path_in(job->scratch, "normal.ndjson");
    job->now = path_in(job->scratch, "now.json");
    job->kept = path_in(job->directory, "journal.json");
    if (job->raw && job->normal && job->now && job->kept)
        result = run_there(job, err);
    else
        auth_err_no_memory(err);
    conf_scratch_remove(job->scratch);
    free(job->raw);
    free(job->normal);
    free(job->now);
    free(job->kept);
    return result;
}

/* ---- the command line ---- */

static enum auth_rc read_words(int argc, char **argv, struct job *job, struct auth_err *err)
{
    bool is_record = argc > 1 && strcmp(argv[1], "record") == 0;
    job->is_check = argc > 1 && strcmp(argv[1], "check") == 0;
    if (!is_record && !job->is_check)
        return auth_err_set(err, AUTH_E_ARG, "record or check? epic-conformance snapshot record DIR -- COMMAND");
    if (argc < 3 || argv[2][0] == '-' || argv[2][0] == '\0')
        return auth_err_set(err, AUTH_E_ARG, "it needs a directory: epic-conformance snapshot %s DIR -- COMMAND",
                            argv[1]);
    job->directory = argv[2];
    job->words = argv + 3;
    job->dashes = job->words;
    while (*job->dashes && strcmp(*job->dashes, "--") != 0)
        job->dashes++;
    if (!job->dashes[0] || !job->dashes[1])
        return auth_err_set(err, AUTH_E_ARG, "it needs a command behind --: epic-conformance snapshot %s %s -- COMMAND",
                            argv[1], job->directory);
    return AUTH_OK;
}

int conf_snapshot_main(int argc, char **argv)
{
    struct settings settings = {.help = false};
    struct job job = {.mock = NULL};
    struct auth_err err = {0};
    char path[PATH_MAX];
    int result = CONF_USAGE;
    enum auth_rc rc = auth_opts_parse(&opts, &settings, NULL, &argc, argv, &err);
    if (rc == AUTH_OK && settings.help) {
        print_help();
        return CONF_CONFORMANT;
    }
    if (rc == AUTH_OK)
        rc = read_words(argc, argv, &job, &err);
    if (rc == AUTH_OK) {
        job.mock = settings.mock ? settings.mock : conf_child_mock(path);
        result = run(&job, &err);
    }
    if (err.detail[0])
        auth_complain("epic-conformance", "snapshot", "%s", err.detail);
    return result;
}
