/* The client.* and key.* rules and the signature: whose app it is, which key counts, whether it signed. */
#include "auth/rules/judge.h"

void auth_check_CLIENT_KNOWN(struct auth_judge *j)
{
    const struct auth_client_facts *client = j->in->client;
    auth_judge_node(j, auth_jwt_claim(j->in->jwt, "iss"));
    if (client->is_known)
        auth_judge_pass(j);
    else if (client->near_id.n)
        auth_judge_near_id(j, client->near_id);
    else
        auth_judge_fail(j, AUTH_CAUSE_NONE);
}

void auth_check_CLIENT_SYNCED(struct auth_judge *j)
{
    const struct auth_client_facts *client = j->in->client;
    if (client->usable_from_s <= j->in->now_s) {
        auth_judge_pass(j);
        return;
    }
    auth_judge_time(j, client->usable_from_s);
    auth_judge_fail(j, AUTH_CAUSE_NOT_SYNCED);
    if (j->in->clock_ahead_s < 0 && j->in->clock_cause == AUTH_CAUSE_CLOCK_MOVED)
        auth_judge_or(j, AUTH_CAUSE_CLOCK_MOVED); /* to before the app was saved, it may be */
}

void auth_check_CLIENT_ENVIRONMENT(struct auth_judge *j)
{
    const struct auth_client_facts *client = j->in->client;
    auth_judge_text(j, auth_view_from_string(client->is_production ? "a production id" : "a non-production id"));
    if (client->is_production == j->in->server_is_production)
        auth_judge_pass(j);
    else
        auth_judge_fail(j, client->is_production ? AUTH_CAUSE_ID_PRODUCTION : AUTH_CAUSE_ID_NON_PRODUCTION);
}

void auth_check_CLIENT_BACKGROUND_USER(struct auth_judge *j)
{
    const struct auth_client_facts *client = j->in->client;
    if (client->has_background_user)
        auth_judge_pass(j);
    else
        auth_judge_fail(j, AUTH_CAUSE_NONE);
}

/* ---- keys ---- */

void auth_check_KEY_SOURCE(struct auth_judge *j)
{
    const struct auth_client_facts *client = j->in->client;
    /* then there is no key at this customer, whatever we know */
    if (auth_judge_switch(j, AUTH_SWITCH_LOCAL_JKU) == 1) {
        auth_judge_fail(j, AUTH_CAUSE_LOCAL_JKU);
        return;
    }
    if (client->key_source == AUTH_KEYS_NONE || !client->keys || auth_jwk_set_usable(client->keys) == 0) {
        auth_judge_text(j, client->key_problem);
        auth_judge_fail(j, AUTH_CAUSE_NONE);
        return;
    }
    j->set = client->keys;
    auth_judge_yield(j); /* accepted here or not, they can be looked through */
    int64_t mode = auth_judge_switch(j, AUTH_SWITCH_STATIC_KEYS), single = auth_judge_switch(j, AUTH_SWITCH_SINGLE_JWK);
    bool is_single = client->keys->is_single && client->key_source != AUTH_KEYS_CERT;
    if (is_single && single != AUTH_SINGLE_JWK_ACCEPT) {
        if (single == AUTH_SINGLE_JWK_REFUSE)
            auth_judge_fail(j, AUTH_CAUSE_SINGLE_JWK);
        else
            auth_judge_warn(j, AUTH_CAUSE_SINGLE_JWK);
        return;
    }
    if (client->key_source == AUTH_KEYS_JWKS_URL || mode == AUTH_STATIC_KEYS_ACCEPT)
        auth_judge_pass(j);
    else if (mode == AUTH_STATIC_KEYS_WARN)
        auth_judge_warn(j, AUTH_CAUSE_STATIC_KEY);
    else
        auth_judge_fail(j, AUTH_CAUSE_STATIC_KEY);
}

/* Epic keeps no kid and no alg of static keys (E, O), so there they cannot decide. */
static bool members_decide(const struct auth_judge *j)
{
    bool is_exact = auth_judge_switch(j, AUTH_SWITCH_KEY_CHOICE) == AUTH_KEY_CHOICE_EXACT;
    return j->in->client->key_source == AUTH_KEYS_JWKS_URL || (is_exact && j->in->client->key_source == AUTH_KEYS_JWKS);
}

static bool entry_fits(const struct auth_judge *j, const struct auth_jwk_set_entry *entry)
{
    if (!entry->key || !entry->for_signing || !auth_alg_fits(j->alg, entry->key))
        return false;
    return !entry->alg || !members_decide(j) ||
           auth_view_equals(auth_view_from_string(entry->alg), auth_alg_name(j->alg));
}

static void add_candidate(struct auth_judge *j, const struct auth_key *key)
{
    if (j->key_count < AUTH_JUDGE_KEYS_MAX)
        j->keys[j->key_count++] = key;
}

/* Fill j->keys; the number of keys that fit alg, whatever their kid. */
static size_t collect_candidates(struct auth_judge *j, struct auth_view kid, bool by_kid)
{
    const struct auth_jwk_set *set = j->set;
    size_t fitting = 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct auth_jwk_set_entry *entry = &set->entries[i];
        if (!entry_fits(j, entry))
            continue;
        fitting++;
        if (!by_kid || auth_jwk_set_has_kid(entry, kid))
            add_candidate(j, entry->key);
    }
    return fitting;
}

/* No key fits: those of the right type are marked for something else, or there are only others. That there is one of any type
 * key.source has seen to. */
static void fail_type(struct auth_judge *j)
{
    const struct auth_jwk_set *set = j->set;
    const struct auth_key *other = NULL;
    for (size_t i = 0; i < set->count; i++) {
        const struct auth_jwk_set_entry *entry = &set->entries[i];
        other = entry->key ? entry->key : other;
        if (!entry->key || !auth_alg_fits(j->alg, entry->key))
            continue;
        if (entry->for_signing)
            auth_judge_quoted(j, auth_view_from_string(entry->alg));
        auth_judge_fail(j, entry->for_signing ? AUTH_CAUSE_KEY_ALG : AUTH_CAUSE_KEY_USE);
        return;
    }
    auth_judge_text(j, auth_view_from_string(auth_key_type_text(other)));
    bool is_uploaded_ec = j->in->client->key_source != AUTH_KEYS_JWKS_URL && auth_key_type(other) != AUTH_KEY_RSA;
    auth_judge_fail(j, is_uploaded_ec ? AUTH_CAUSE_KEY_EC_UPLOADED : AUTH_CAUSE_KEY_KTY);
}

void auth_check_KEY_FOUND(struct auth_judge *j)
{
    if (auth_judge_lacks(j, AUTH_RULE_HEADER_KID))
        return;
    const struct auth_json_node *node = auth_jwt_header(j->in->jwt, "kid");
    struct auth_view kid = auth_json_string(node);
    size_t fitting = collect_candidates(j, kid, kid.n && members_decide(j));
    auth_judge_node(j, node);
    if (j->key_count)
        auth_judge_yield(j); /* several, of which one is wanted, can still be tried */
    if (fitting == 1 && j->key_count == 0 && auth_judge_switch(j, AUTH_SWITCH_KID_MISMATCH) == 1) {
        (void)collect_candidates(j, kid, false);
        auth_judge_warn(j, AUTH_CAUSE_KID_DIFFERS);
        return;
    }
    if (fitting == 0)
        fail_type(j);
    else if (j->key_count == 0)
        auth_judge_explain_kid(j, auth_json_string(node));
    else if (j->key_count > 1 && auth_judge_switch(j, AUTH_SWITCH_KEY_CHOICE) == AUTH_KEY_CHOICE_EXACT)
        auth_judge_fail(j, AUTH_CAUSE_KEY_AMBIGUOUS);
    else
        auth_judge_pass(j);
}

/* Keep the strong candidates; when there is none, all stay, so that the signature can still be judged. */
static bool keep_strong(struct auth_judge *j)
{
    size_t strong = 0;
    const struct auth_key *keys[AUTH_JUDGE_KEYS_MAX];
    for (size_t i = 0; i < j->key_count; i++) {
        if (!auth_key_weakness(j->keys[i]))
            keys[strong++] = j->keys[i];
    }
    for (size_t i = 0; i < strong; i++)
        j->keys[i] = keys[i];
    if (strong)
        j->key_count = strong;
    return strong > 0;
}

void auth_check_KEY_STRENGTH(struct auth_judge *j)
{
    if (keep_strong(j)) {
        auth_judge_pass(j);
    } else {
        auth_judge_text(j, auth_view_from_string(auth_key_weakness(j->keys[0])));
        auth_judge_fail(j, AUTH_CAUSE_NONE);
    }
}

/* ---- signature ---- */

void auth_check_SIGNATURE(struct auth_judge *j)
{
    const struct auth_jwt *jwt = j->in->jwt;
    struct auth_err err = {0};
    enum auth_rc rc = AUTH_E_SIGNATURE;
    if (auth_judge_lacks(j, AUTH_RULE_JWS_BASE64URL))
        return;
    for (size_t i = 0; i < j->key_count && rc == AUTH_E_SIGNATURE; i++)
        rc = auth_jws_verify(j->keys[i], j->alg, jwt->jws.signing_input, auth_buf_view(&jwt->signature.bytes), &err);
    if (rc == AUTH_OK) {
        auth_judge_pass(j);
    } else if (rc == AUTH_E_SIGNATURE) { // GCOVR_EXCL_BR_LINE: the else is an internal error, out of memory
        auth_judge_explain_signature(j, &err);
    } else {
        j->rc = rc; // GCOVR_EXCL_LINE
    }
}
