/* One Epic as one struct: all that it must know, and what mock_dispatch() works on. Made by mock_epic/start/process.c, tests,
 * fuzzers and benches alike. What it shares with other instances of the process is counted: the loaded FHIR data and shared.h.
 *
 * Read next: mock_epic/instance/instances.h (many of them), mock_epic/server/dispatch.h (which request goes where). */
#ifndef MOCK_EPIC_INSTANCE_INSTANCE_H
#define MOCK_EPIC_INSTANCE_INSTANCE_H

#include "auth/rules/profile.h"
#include "mock_epic/evidence/expectations.h"
#include "mock_epic/faults/faults.h"
#include "mock_epic/fhir/fhir.h"
#include "mock_epic/fhir/session.h"
#include "mock_epic/instance/shared.h"
#include "mock_epic/state/account.h"
#include "mock_epic/state/apps.h"
#include "mock_epic/state/clock.h"
#include "mock_epic/state/journal.h"
#include "mock_epic/state/jwks_cache.h"
#include "mock_epic/store/store.h"

enum { MOCK_AUDIENCES_MAX = 16, MOCK_BODY_MAX = 64 * 1024, MOCK_ADMIN_BODY_MAX = 1024 * 1024 };

struct mock_options {
    const struct auth_profile *profile;
    const char *public_url;       /* "http://127.0.0.1:8423", no trailing slash */
    const char *prefix;           /* "/interconnect-fhir-oauth" */
    const char *const *audiences; /* --aud, beside the token URL */
    size_t audience_count;
    const char *admin_token;       /* NULL: loopback only */
    bool is_production;            /* this server plays a production environment */
    bool explain;                  /* first failure into error_description */
    bool has_faketime;             /* clients live in the time of this clock: one that does not is named */
    int64_t token_lifetime_s;      /* expires_in; 0: the profile's */
    int64_t real_token_lifetime_s; /* what expiry is decided by; 0: as told, or */
    bool is_token_born_expired;    /* at once */
    const struct auth_env *env;
    const struct auth_log *log;
    struct mock_shared *shared;      /* of the other instances; its reference is taken; NULL: a new one */
    struct mock_store *store;        /* taken; NULL: memory */
    struct mock_fhir *fhir;          /* sealed; its reference is taken */
    struct auth_http *jwks_http;     /* taken; fetches JWK Sets; NULL: libcurl */
    const char *jwks_ca_file;        /* trusted for that in place of the system's CAs; NULL: those */
    enum mock_account_detail detail; /* of what is told about a refused token request */
    struct auth_view name;           /* copied; empty: the main instance */
    struct mock_account *parent;     /* also counts what this one's does; NULL: none */
    const int64_t *start_at_s;       /* --at: what the clock of an instance begins with; NULL: none */
    bool has_seed;                   /* what a client could see of chance follows from `seed`: tokens, links, faults */
    int64_t seed;                    /* 0 to MOCK_SEED_MAX */
};

struct mock_instances;
struct mock_snapshot;

/* Named states of it: mock_epic/instance/snapshot.h. */
struct mock_snapshots {
    pthread_mutex_t lock;
    struct mock_snapshot *first; /* by name */
    size_t count, bytes;
};
void mock_snapshots_init(struct mock_snapshots *snapshots);
void mock_snapshots_clear(struct mock_snapshots *snapshots);

/* Whoever has the key of the app, and can put another in its place. */
struct mock_key_rotator {
    /* keep_old: the old key stays registered beside the new one. rc AUTH_E_IO, AUTH_E_KEY, AUTH_E_NOMEM */
    enum auth_rc (*rotate)(void *ctx, bool keep_old, struct auth_err *err);
    void *ctx;
};

/* One Epic. */
struct mock_instance {
    char *name; /* NULL: the main one, which no reference keeps alive */
    atomic_uint references;
    struct mock_instances *instances; /* the others; NULL: there are none */
    struct mock_options options;
    struct auth_profile profile;
    struct mock_clock clock;
    struct mock_shared *shared;
    struct mock_random *random; /* what its tokens are made of: of shared, or its own when it has a seed */
    struct mock_store *store;
    struct mock_apps apps;
    struct mock_apps published;    /* sets at /mock/jwks in place of the apps' own; of each only id and jwks count */
    struct mock_apps start_apps;   /* as mock_instance_mark_start() found them */
    struct mock_clock_state start; /* likewise */
    bool has_start_at;
    int64_t start_at_s;
    struct mock_journal journal;
    struct mock_account account;
    struct mock_fhir
        *fhir; /* under data_lock: mock_instance_fhir(); of the start, shared with other instances, or more */
    struct mock_access_set *access; /* under data_lock: PUT /mock/access; NULL: as it was loaded */
    pthread_mutex_t data_lock;      /* of the pointers */
    pthread_mutex_t post_lock;      /* held while data is made from data */
    struct mock_sessions sessions;
    struct mock_faults faults;
    struct mock_snapshots snapshots;
    struct mock_expectations expectations;
    pthread_mutex_t act_lock;        /* held while a scenario's step is done */
    struct mock_key_rotator rotator; /* rotate NULL: nobody can; set before the first request */
    struct mock_jwks_fetcher *fetcher;
    atomic_ullong tokens_issued; /* the number of the last one */
    /* URLs, made once */
    char *public_url;
    char *base_url; /* public_url + prefix */
    char *token_url;
    char *authorize_url;
    char *issuer_url;
    char *fhir_url;
    char *prefix;
    char *audience_texts[MOCK_AUDIENCES_MAX];
    struct auth_view audiences[MOCK_AUDIENCES_MAX]; /* [0] is the token URL */
    size_t audience_count;
};

/* rc  AUTH_E_NOMEM; AUTH_E_ARG (too many audiences). The store, fhir and jwks_http are taken in every case. */
AUTH_MUST_CHECK enum auth_rc mock_instance_init(struct mock_instance *instance, const struct mock_options *options,
                                                struct auth_err *err);
void mock_instance_clear(struct mock_instance *instance);
/* The public URL became known (port 0): work out all URLs anew. Before the first request only. */
AUTH_MUST_CHECK enum auth_rc mock_instance_set_public_url(struct mock_instance *instance, const char *public_url);
/* Forget what has expired. Call every few seconds, from no thread that serves. Threads safe. */
void mock_instance_sweep(struct mock_instance *instance);
/* The apps registered so far are the ones that POST /mock/reset comes back to, without a set published for them; likewise the
 * clock as it stands. */
AUTH_MUST_CHECK enum auth_rc mock_instance_mark_start(struct mock_instance *instance);
AUTH_MUST_CHECK enum auth_rc mock_instance_reset_apps(struct mock_instance *instance);
/* The data as it is now, with a reference for the caller: mock_fhir_release(); NULL when there is none. Threads safe. */
struct mock_fhir *mock_instance_fhir(struct mock_instance *instance);
/* Add to the data of this instance alone. Requests that are being answered, and pages of searches that were begun, see what there
 * was. Threads safe.
 * out  *now  the data afterwards, with a reference for the caller
 * rc   as mock_fhir_extend() */
AUTH_MUST_CHECK enum auth_rc mock_instance_post(struct mock_instance *instance, struct auth_view text,
                                                struct mock_fhir **now, struct auth_err *err);
/* What data cannot say, this instance's own, with a reference for the caller; NULL: what was loaded counts. Threads safe. */
struct mock_access_set *mock_instance_access(struct mock_instance *instance);
/* Both of the same moment, for who reads. */
struct mock_fhir *mock_instance_data(struct mock_instance *instance, struct mock_access_set **access);
/* Let these rows count from now on, for this instance alone; taken. NULL: what was loaded again. Threads safe. */
void mock_instance_set_access(struct mock_instance *instance, struct mock_access_set *access);
/* Back to data of this instance that was there before, shared; where it is other data, searches of several pages are forgotten. NULL
 * changes nothing. Threads safe. */
void mock_instance_set_fhir(struct mock_instance *instance, struct mock_fhir *fhir);
/* Back to the data of the start; searches of several pages are forgotten. Threads safe. */
void mock_instance_forget_posted(struct mock_instance *instance);
/* Write the members that say where it is: "url", "token_url", "fhir_base_url", "admin_url". */
void mock_instance_write_urls(const struct mock_instance *instance, struct auth_json_writer *w);
/* End one fault, or all, and whatever they delay. False: there is none of that id. */
bool mock_instance_end_fault(struct mock_instance *instance, uint64_t id);
void mock_instance_end_faults(struct mock_instance *instance);
/* Faults as they were then, at once; what those delay that act now ends. rc AUTH_E_NOMEM: nothing has changed */
AUTH_MUST_CHECK enum auth_rc mock_instance_restore_faults(struct mock_instance *instance,
                                                          const struct mock_faults_image *image);
/* Resume the requests that wait for something of it. */
void mock_instance_wake(struct mock_instance *instance);
void mock_instance_reset_clock(struct mock_instance *instance);

#endif
