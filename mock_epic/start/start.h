/* How settings become the parts of a server: everything that can be wrong is found here, before the port answers.
 *
 * process.c calls these in order. rc, of all: AUTH_E_ARG is wrong usage, anything else is a start that failed; detail is one
 * line that names the cause. */
#ifndef MOCK_EPIC_START_START_H
#define MOCK_EPIC_START_START_H

#include "auth/core/file.h"
#include "mock_epic/instance/instances.h"
#include "mock_epic/server/server.h"
#include "mock_epic/start/provision.h"

/* A listening server with its state, as serve and run have one: what is started here, process.c keeps going. */
struct mock_process {
    struct mock_instance instance;
    struct mock_instances instances; /* the others */
    struct mock_server *server;
    struct auth_log log;
    struct auth_profile profile;
    struct mock_provision *provision; /* borrowed, where a scenario is played */
    struct auth_buf admin_token;
    struct auth_buf ca; /* what --tls-ca-file gets */
    struct auth_file_output ca_file;
    unsigned ticks;
    char url[256];
    unsigned port;
};

/* ---- start.c ---- */

/* What can be said of the settings alone. */
AUTH_MUST_CHECK enum auth_rc mock_start_check(const struct mock_settings *settings, struct auth_err *err);
AUTH_MUST_CHECK enum auth_rc mock_start_log(const struct mock_settings *settings, struct auth_log *log,
                                            struct auth_err *err);
/* in   setup  of a scenario; an option that is given counts before it */
AUTH_MUST_CHECK enum auth_rc mock_start_profile(const struct mock_settings *settings, const struct mock_setup *setup,
                                                struct auth_profile *profile, struct auth_err *err);
AUTH_MUST_CHECK enum auth_rc mock_start_clock(struct mock_instance *instance, const struct mock_settings *settings,
                                              struct auth_err *err);
/* Say so where the clock is so far from real time that whoever lives in that gets no token. */
void mock_start_warn_of_clock(struct mock_process *process, const struct mock_settings *settings);
/* The listen address as a URL: what clients use unless --public-url says otherwise. The port is known. */
void mock_start_url(struct mock_process *process, const struct mock_settings *settings);

/* ---- start_tls.c ---- */

bool mock_start_has_tls(const struct mock_settings *settings);
/* What to show over TLS, if anything. Done before the fixtures are read, so that a wrong file is told at once. */
AUTH_MUST_CHECK enum auth_rc mock_start_tls(struct mock_process *process, const struct mock_settings *settings,
                                            struct mock_tls *tls, struct auth_err *err);
/* Write the CA's certificate where it was asked for; a FIFO's reader may come when the server runs already: call again. */
AUTH_MUST_CHECK enum auth_rc mock_start_offer_ca(struct mock_process *process, struct auth_err *err);

/* ---- start_fixtures.c, start_apps.c ---- */

/* out  out  sealed; caller frees */
AUTH_MUST_CHECK enum auth_rc mock_start_fixtures(const struct mock_settings *settings, const struct auth_log *log,
                                                 struct mock_fhir **out, struct auth_err *err);
/* Where the apps go, and by which rules. */
struct mock_app_place {
    struct mock_apps *apps;
    const struct auth_profile *profile;
    int64_t now_s;
    const struct auth_log *log;
};
/* in   extra  may be NULL; taken in every case */
AUTH_MUST_CHECK enum auth_rc mock_start_apps(const struct mock_app_place *place, const struct mock_settings *settings,
                                             struct mock_app *extra, struct auth_err *err);

#endif
