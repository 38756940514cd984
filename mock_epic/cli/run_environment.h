/* What the command of `mock-epic run` finds in its environment: where the mock is and with which key, and nothing of the
 * user's that would lead it elsewhere. */
#ifndef MOCK_EPIC_CLI_RUN_ENVIRONMENT_H
#define MOCK_EPIC_CLI_RUN_ENVIRONMENT_H

#include "mock_epic/start/process.h"
#include "mock_epic/start/provision.h"
#include "mock_epic/start/variables.h"

/* Where the mock is. */
struct mock_run_place {
    const char *token_url, *fhir_url, *url; /* url: MOCK_EPIC_URL */
    struct auth_view host;                  /* of the URLs: no proxy is to be asked for it; may be empty */
    bool is_tls;
    struct auth_view ca; /* PEM, which clients are to trust; empty: what they trust already is enough */
    const char *ca_file; /* where it is already; NULL: nowhere that stays */
    const struct auth_log *log;
};

/* The host of --listen, or nothing where that is every address. Borrowed. */
struct auth_view mock_run_listen_host(const char *listen);

/* One log line names what the user had set and the command sees otherwise, never a value.
 * io   provision  its temporary files get bundles of CAs, with --tls
 * out  variables  caller clears, also after a failure
 * rc   AUTH_E_IO, AUTH_E_NOMEM */
AUTH_MUST_CHECK enum auth_rc mock_run_environment(const struct mock_run_place *place, struct mock_provision *provision,
                                                  struct mock_variables *variables, struct auth_err *err);

#endif
