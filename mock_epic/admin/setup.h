/* How an Epic is when it begins, where that is said in JSON: the body of POST /mock/instances, and `setup` of a scenario. */
#ifndef MOCK_EPIC_ADMIN_SETUP_H
#define MOCK_EPIC_ADMIN_SETUP_H

#include "mock_epic/admin/call.h"

enum { MOCK_SETUP_COPIES_MAX = 100 };

/* Borrowed from the text that it was read from. */
struct mock_setup {
    struct auth_view text; /* the whole object */
    struct auth_view profile;
    bool has_at, has_seed, has_real_token_lifetime;
    int64_t at_s, seed, token_lifetime_s, real_token_lifetime_s;   /* token_lifetime_s 0: the server's */
    const struct auth_json_node *switches, *apps, *clock, *faults; /* NULL: none */
    /* POST /mock/instances alone */
    struct auth_view name;
    const struct auth_json_node *scenario;
    /* a scenario alone: what `run` does */
    const struct auth_json_node *app;
    int64_t copies; /* of the command; 1 or more */
};

enum mock_setup_of { MOCK_SETUP_OF_INSTANCE, MOCK_SETUP_OF_SCENARIO };

/* Read and check all of it, but for the apps, which depend on the profile.
 * in   node  the object; NULL reads as {}
 *      text  of the object, as it was parsed
 * rc   AUTH_E_SYNTAX, AUTH_E_ARG; err->node is what is wrong */
AUTH_MUST_CHECK enum auth_rc mock_setup_read(enum mock_setup_of whose, const struct auth_json_node *node,
                                             struct auth_view text, struct mock_setup *setup, struct auth_err *err);
/* Change a profile by `profile` and `switches`. rc AUTH_E_ARG */
AUTH_MUST_CHECK enum auth_rc mock_setup_profile(const struct mock_setup *setup, struct auth_profile *profile,
                                                struct auth_err *err);
/* Add `apps`, each read from its own text. rc as mock_app_parse() */
AUTH_MUST_CHECK enum auth_rc mock_setup_apps(const struct mock_setup *setup, const struct auth_profile *profile,
                                             int64_t now_s, struct mock_apps *apps, struct auth_err *err);
/* Lifetimes and clock of an instance that nobody asks yet. */
AUTH_MUST_CHECK enum auth_rc mock_setup_furnish(const struct mock_setup *setup, struct mock_instance *instance,
                                                struct auth_err *err);
/* Add `faults`. */
AUTH_MUST_CHECK enum auth_rc mock_setup_faults(const struct mock_setup *setup, struct mock_instance *instance,
                                               struct auth_err *err);

/* Whether `app` can be registered so. rc as mock_setup_read() */
AUTH_MUST_CHECK enum auth_rc mock_setup_check_app(const struct mock_setup *setup, struct auth_err *err);
/* The app that `run` makes, registered as `app` says.
 * in   made  its JSON without the closing brace: client_id, name, and certificate or jwks_url
 * rc   as mock_app_parse() */
AUTH_MUST_CHECK enum auth_rc mock_setup_app(const struct mock_setup *setup, struct auth_view made, int64_t now_s,
                                            struct mock_app **app, struct auth_err *err);
/* Whether `app` wants to be registered with a JWK Set URL. */
bool mock_setup_has_jwks_url(const struct mock_setup *setup);

#endif
