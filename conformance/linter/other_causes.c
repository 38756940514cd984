/* What cannot be seen from here, ranked. */
#include "conformance/linter/other_causes.h"

/* When a row does not apply. */
enum unless {
    NEVER,
    STATIC_KEY,   /* only a JWK Set URL has this trouble */
    KNOWS_ID,     /* the production id was given, and compared */
    KNOWS_TIME,   /* judged by the time of Epic's answer */
    KNOWS_SAVED,  /* the time of the last save was given, and judged */
    KNOWS_REQUEST /* the whole request was judged */
};

/* One possible cause. Ranks: 1 is the likeliest, 0 means not there. Evidence as in the rule table. */
static const struct {
    enum auth_oauth_error answer;
    int sandbox, customer;
    enum unless unless;
    struct conf_other_cause row;
} causes[] = {
    // clang-format off
    {AUTH_OAUTH_INVALID_CLIENT, 1, 0, KNOWS_SAVED,
     {"client.not_synced", "NOT_SYNCED", "the app or its key has not reached the sandbox yet (E, O)",
      "wait 30 to 60 minutes after the last save; a brand-new account can take a day or two"}},
    {AUTH_OAUTH_INVALID_CLIENT, 2, 0, KNOWS_ID,
     {"id.production", "PRODUCTION_ID", "the client id is the production one (E)",
      "use the non-production client id with the sandbox; --production-client-id compares them here"}},
    {AUTH_OAUTH_INVALID_CLIENT, 3, 3, NEVER,
     {"key.other_id", "OTHER_SLOT", "the key or JWK Set URL is registered for the other of the app's two ids (E)",
      "register it for both, non-production and production"}},
    {AUTH_OAUTH_INVALID_CLIENT, 4, 0, NEVER,
     {"client.draft", "DRAFT", "the app is still a draft, or was changed and not saved as ready for the sandbox (E)",
      "mark the app ready for the sandbox and save it again"}},
    {AUTH_OAUTH_INVALID_CLIENT, 5, 1, STATIC_KEY,
     {"jwks.not_reachable", "EGRESS", "the server cannot fetch the JWK Set URL from where it stands: each customer's own web tier does it (O)",
      "look for its hit in your web server's log; without one ask the customer to allow outbound HTTPS to that host"}},
    {AUTH_OAUTH_INVALID_CLIENT, 0, 2, NEVER,
     {"key.local_jku", "LOCAL_JKU", "the customer's Epic runs its version of May 2026, and the app's local JKU is not set there (E, I)",
      "ask the customer's administrator to set it to your JWK Set URL; from August 2026 it may be a .pem"}},
    {AUTH_OAUTH_INVALID_CLIENT, 0, 3, KNOWS_SAVED,
     {"client.not_synced", "NOT_SYNCED", "the app, its key or its download has not reached the customer yet (E)",
      "wait up to 12 hours after the last save"}},
    {AUTH_OAUTH_INVALID_CLIENT, 0, 4, NEVER,
     {"id.other", "WRONG_ID", "the customer's system knows the other client id: test systems the non-production one (E)",
      "use the non-production id with test systems and the production id with production"}},
    {AUTH_OAUTH_INVALID_CLIENT, 6, 5, STATIC_KEY,
     {"key.set_cached", "OLD_SET", "Epic holds an older copy of the JWK Set, for up to 29 hours (E)",
      "after a key change give the new key a new kid, and keep the old key in the set for a while"}},
    {AUTH_OAUTH_INVALID_CLIENT, 7, 6, KNOWS_TIME,
     {"clock.unknown", "CLOCK", "this was judged by the clock of this machine, which may be off (I)",
      "take the Date header of Epic's answer: --at 'Mon, 23 Nov 2026 18:00:00 GMT'"}},
    {AUTH_OAUTH_INVALID_CLIENT, 8, 7, NEVER,
     {"jti.replayed", "REPLAYED", "this JWT, or another with its jti, was sent before: a cache, a retry, two tests (E)",
      "make a new JWT with a new jti for every request"}},
    {AUTH_OAUTH_INVALID_CLIENT, 0, 8, NEVER,
     {"aud.proxy", "PROXY", "a proxy stands before the server, so that it sees another token URL (E)",
      "ask the customer to add your aud to the allowed audience URLs"}},
    {AUTH_OAUTH_INVALID_CLIENT, 9, 9, KNOWS_REQUEST,
     {"form.not_seen", "REQUEST", "the request around the JWT is at fault; only the JWT was given (I)",
      "judge the whole: --request FILE, with raw HTTP or the curl command"}},
    {AUTH_OAUTH_INVALID_CLIENT, 10, 10, NEVER,
     {"client.app_type", "APP_TYPE", "the app is not of the user type Backend Systems, or Use OAuth 2.0 is not ticked (E)",
      "correct it on the app page; where that is closed, make a new app"}},

    {AUTH_OAUTH_NONE, 11, 11, NEVER,
     {"client.no_background_user", "BACKGROUND_USER", "unauthorized_client: the client id is mapped to no background user (E)",
      "ask the customer's administrator to map the client id to an Epic user; the sandbox does it by itself"}},

    {AUTH_OAUTH_UNAUTHORIZED_CLIENT, 2, 1, NEVER,
     {"client.no_background_user", "BACKGROUND_USER", "authentication went well, but the client id is mapped to no background user (E)",
      "ask the customer's administrator to map the client id to an Epic user; the sandbox does it by itself"}},
    {AUTH_OAUTH_UNAUTHORIZED_CLIENT, 1, 2, NEVER,
     {"client.not_synced", "NOT_SYNCED", "the app's registration has arrived in part only (I)", "wait as long as a save takes, and try again"}},
    {AUTH_OAUTH_UNAUTHORIZED_CLIENT, 3, 3, NEVER,
     {"client.no_api", "NO_API", "the app has no API that a backend may use (I)", "choose the incoming APIs on the app page"}},

    {AUTH_OAUTH_INVALID_REQUEST, 1, 1, KNOWS_REQUEST,
     {"form.not_seen", "REQUEST", "the request around the JWT is at fault; only the JWT was given (E)",
      "judge the whole: --request FILE, with raw HTTP or the curl command"}},
    {AUTH_OAUTH_INVALID_REQUEST, 2, 2, NEVER,
     {"form.changed_on_the_way", "ON_THE_WAY", "your HTTP library or a proxy changes the request: an Authorization header, a redirect that turned POST "
      "into GET, parameters moved into the URL (I)",
      "capture what is really sent, and judge that"}},
    // clang-format on
};

static bool applies(const struct conf_other_causes_facts *facts, enum unless unless)
{
    switch (unless) {
    case STATIC_KEY:
        return facts->source == AUTH_KEYS_JWKS_URL;
    case KNOWS_ID:
        return !facts->knows_production_id;
    case KNOWS_TIME:
        return !facts->knows_time;
    case KNOWS_SAVED:
        return !facts->knows_saved_time;
    case KNOWS_REQUEST:
        return !facts->knows_request;
    default:
        return true;
    }
}

/* Refused without a word from the user: nearly always it is invalid_client. */
static bool is_about(enum auth_oauth_error row, enum auth_oauth_error answer)
{
    return row == answer || (answer == AUTH_OAUTH_NONE && row == AUTH_OAUTH_INVALID_CLIENT);
}

size_t conf_other_causes_list(const struct conf_other_causes_facts *facts,
                              struct conf_other_cause rows[CONF_OTHER_CAUSES_MAX])
{
    size_t count = 0;
    for (int rank = 1; rank <= CONF_OTHER_CAUSES_MAX; rank++) {
        for (size_t i = 0; i < sizeof causes / sizeof *causes && count < CONF_OTHER_CAUSES_MAX; i++) {
            int own = facts->is_sandbox ? causes[i].sandbox : causes[i].customer;
            if (own == rank && is_about(causes[i].answer, facts->answer) && applies(facts, causes[i].unless))
                rows[count++] = causes[i].row;
        }
    }
    return count;
}
