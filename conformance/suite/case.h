/* The cases of the suite: one JSON file each, built into the program or read from a directory.
 *
 * conformance/README.md says what a file holds. Its name is the case's id: y_ (a server must accept), n_ (it must refuse) or
 * i_ (both are right), the rule with _ for each dot, and what is tried.
 * Read next: suite/exchange.h, which makes requests of them. */
#ifndef CONFORMANCE_SUITE_CASE_H
#define CONFORMANCE_SUITE_CASE_H

#include "auth/core/json.h"

enum conf_case_kind { CONF_CASE_ACCEPT, CONF_CASE_REFUSE, CONF_CASE_EITHER };

struct conf_case {
    struct auth_view id;   /* "n_exp_window_301_ahead" */
    struct auth_view area; /* "token", "fhir", ...: the directory that it stands in */
    enum conf_case_kind kind;
    struct auth_view about, rule, source; /* of the file */
    struct auth_json *doc;
    const struct auth_json_node *root;
};

struct conf_cases {
    struct conf_case *items; /* sorted by area, then by id */
    size_t count;
    struct auth_buf names; /* what ids and areas borrow from */
};

/* in   directory  with a directory for each area; NULL: the cases that are built in
 * out  cases      init by this call; caller clears with conf_cases_clear(), also after a failure
 * rc   AUTH_E_SYNTAX, AUTH_E_DUPLICATE (detail names file and place); AUTH_E_IO and its like; AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc conf_cases_load(const char *directory, struct conf_cases *cases, struct auth_err *err);
void conf_cases_clear(struct conf_cases *cases);

/* Does the case need that: "admin" (so does whatever has a setup), "edge" (the data of that pack)? */
bool conf_case_needs(const struct conf_case *one, const char *what);
/* Is it for that profile? One that names none is for all. */
bool conf_case_is_for(const struct conf_case *one, const char *profile);
/* Is it for that release of Epic ("2026-05"; NULL: of now)? By its members since and until, each with the release that it names. */
bool conf_case_is_for_release(const struct conf_case *one, const char *release);
/* Does a pattern with * and ? mean this name? */
bool conf_case_matches(struct auth_view pattern, struct auth_view name);

#endif
