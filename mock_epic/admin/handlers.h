/* Inside the admin API only: what the rows of routes.c name, by the file that holds it. */
#ifndef MOCK_EPIC_ADMIN_HANDLERS_H
#define MOCK_EPIC_ADMIN_HANDLERS_H

#include "mock_epic/admin/call.h"

/* index.c */
void mock_admin_get_index(struct mock_admin_call *call);
/* openapi.c */
void mock_admin_get_openapi(struct mock_admin_call *call);
/* health.c */
void mock_admin_get_health(struct mock_admin_call *call);
/* data.c */
void mock_admin_get_data(struct mock_admin_call *call);
void mock_admin_post_resources(struct mock_admin_call *call);
void mock_admin_delete_resources(struct mock_admin_call *call);
void mock_admin_get_access(struct mock_admin_call *call);
void mock_admin_put_access(struct mock_admin_call *call);
/* apps_api.c */
void mock_admin_get_apps(struct mock_admin_call *call);
void mock_admin_post_apps(struct mock_admin_call *call);
void mock_admin_get_app(struct mock_admin_call *call);
void mock_admin_put_app(struct mock_admin_call *call);
void mock_admin_delete_app(struct mock_admin_call *call);
void mock_admin_post_jwt_check(struct mock_admin_call *call);
extern const struct mock_admin_members mock_admin_app_members;
/* jwks_api.c */
void mock_admin_get_jwks(struct mock_admin_call *call);
void mock_admin_put_jwks(struct mock_admin_call *call);
void mock_admin_delete_jwks(struct mock_admin_call *call);
/* clock_api.c */
void mock_admin_get_clock(struct mock_admin_call *call);
void mock_admin_put_clock(struct mock_admin_call *call);
/* As PUT /mock/clock with that body; all of it is done or nothing. rc AUTH_E_SYNTAX, AUTH_E_ARG with detail */
AUTH_MUST_CHECK enum auth_rc mock_admin_change_clock(struct mock_clock *clock, const struct auth_json_node *body,
                                                     struct auth_err *err);
void mock_admin_post_clock_advance(struct mock_admin_call *call);
extern const struct mock_admin_members mock_admin_clock_members, mock_admin_advance_members;
/* tokens_api.c */
void mock_admin_get_tokens(struct mock_admin_call *call);
void mock_admin_post_tokens_age(struct mock_admin_call *call);
void mock_admin_post_tokens_revoke(struct mock_admin_call *call);
extern const struct mock_admin_members mock_admin_tokens_parameters, mock_admin_age_members, mock_admin_revoke_members;
/* journal_api.c */
void mock_admin_get_journal(struct mock_admin_call *call);
void mock_admin_get_journal_entry(struct mock_admin_call *call);
void mock_admin_delete_journal(struct mock_admin_call *call);
extern const struct mock_admin_members mock_admin_journal_parameters;
/* instances_api.c */
void mock_admin_get_instances(struct mock_admin_call *call);
void mock_admin_post_instances(struct mock_admin_call *call);
void mock_admin_get_instance(struct mock_admin_call *call);
void mock_admin_delete_instance(struct mock_admin_call *call);
extern const struct mock_admin_members mock_admin_instance_members;
/* faults_api.c */
void mock_admin_get_faults(struct mock_admin_call *call);
void mock_admin_post_faults(struct mock_admin_call *call);
void mock_admin_delete_faults(struct mock_admin_call *call);
void mock_admin_delete_fault(struct mock_admin_call *call);
extern const struct mock_admin_members mock_admin_fault_members;
/* evidence_api.c */
void mock_admin_get_expectations(struct mock_admin_call *call);
void mock_admin_put_expectations(struct mock_admin_call *call);
void mock_admin_get_verdict(struct mock_admin_call *call);
/* snapshot_api.c */
void mock_admin_get_snapshots(struct mock_admin_call *call);
void mock_admin_post_snapshot(struct mock_admin_call *call);
void mock_admin_post_restore(struct mock_admin_call *call);
void mock_admin_delete_snapshot(struct mock_admin_call *call);
extern const struct mock_admin_members mock_admin_snapshot_members;
/* timeline_api.c */
void mock_admin_get_timeline(struct mock_admin_call *call);
extern const struct mock_admin_members mock_admin_timeline_parameters;
/* reset.c */
void mock_admin_post_reset(struct mock_admin_call *call);
extern const struct mock_admin_members mock_admin_reset_members;

#endif
