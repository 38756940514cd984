/* THE SWITCHES: what the evidence leaves open, or what profiles decide differently, one row each.
 *
 * X(NAME, name, values, epic, smart, lenient, what it decides, source)
 *   values  "first|second|..." and the defaults are indexes; or "MIN..MAX" and the defaults are numbers
 *   source  with its evidence: AUTH_EVIDENCE_LEGEND of rule_list.h */
#ifndef AUTH_RULES_SWITCH_LIST_H
#define AUTH_RULES_SWITCH_LIST_H

/* clang-format off */
#define AUTH_SWITCH_LIST(X) \
    X(SKEW_S, "skew_s", "0..300", 0, 0, 60, \
      "seconds that nbf and iat may lie ahead of the server's clock", "? no tolerance documented") \
    X(MAX_LIFETIME_S, "max_lifetime_s", "1..86400", 300, 300, 3600, \
      "seconds that exp may lie ahead, and that exp may lie after iat and nbf", "E, S 300") \
    X(JTI_MAX, "jti_max", "1..4096", 151, 4096, 4096, "characters of jti", "E 151") \
    X(JTI_CHARSET, "jti_charset", "any|visible|unreserved", 0, 0, 0, \
      "characters of jti: any, visible ASCII without spaces, or A-Z a-z 0-9 - . _ ~", "? not documented") \
    X(ALGORITHMS, "algorithms", "epic|smart|all", 0, 1, 2, \
      "epic: RS256 RS384 RS512, ES256 ES384 with a JWK Set URL; smart: RS384 ES384; all: all five", "E, S") \
    X(TYP, "typ", "optional|required", 0, 1, 0, "whether the header must have typ", "E optional, S required") \
    X(TYP_CASE, "typ_case", "ignore|exact", 0, 1, 0, "whether jwt counts as JWT", "O lower case works at Epic") \
    X(RFC7523BIS, "rfc7523bis", "refuse|accept|require", 0, 0, 1, \
      "the form of client assertions that RFC 7523bis asks for: typ client-authentication+jwt, and the issuer as aud", \
      "E typ is JWT or absent, aud the token URL; I that the new form is refused") \
    X(KID, "kid", "optional|required", 0, 1, 0, "whether the header must have kid", "E optional, S required") \
    X(KEY_CHOICE, "key_choice", "try|exact", 0, 1, 0, \
      "try every fitting key when kid does not decide, or want exactly one by kid and kty", "S exact; ? at Epic") \
    X(KID_MISMATCH, "kid_mismatch", "refuse|ignore", 0, 0, 1, \
      "a kid that no registered key has, when only one key fits alg", "S refuse; ? at Epic") \
    X(JKU_MISMATCH, "jku_mismatch", "refuse|ignore", 0, 0, 1, \
      "a jku that is not the registered URL (no such URL is ever connected to)", "S refuse; E \"the registered URL\", ? its effect") \
    X(STATIC_KEYS, "static_keys", "accept|warn|refuse", 1, 0, 0, \
      "an uploaded certificate or JWK Set, which Epic has retired", \
      "E sandbox February 2026; a customer with its Epic version May 2026") \
    X(SINGLE_JWK, "single_jwk", "refuse|warn|accept", 0, 0, 2, \
      "one JWK where a JWK Set is registered or served", "E, S a JWK Set; ? whether Epic takes less") \
    X(LOCAL_JKU, "local_jku", "set|missing", 0, 0, 0, \
      "whether the customer has configured the app's local JKU, which Epic's version of May 2026 wants", \
      "E a customer's set-up; I that no key is found without it") \
    X(JWKS_CACHE_S, "jwks_cache_s", "0..104400", 104400, 104400, 104400, \
      "longest time that a fetched JWK Set is kept; its Cache-Control shortens it", "E 29 h, default and maximum") \
    X(JWKS_RETRY_S, "jwks_retry_s", "0..3600", 1, 1, 1, \
      "seconds of real time without another fetch after one that failed", "? at Epic") \
    X(JWKS_STALE, "jwks_stale", "refuse|use", 0, 0, 1, \
      "whether an expired JWK Set still counts when it cannot be fetched anew", "? at Epic") \
    X(JWKS_CONTENT_TYPE, "jwks_content_type", "any|json", 0, 1, 0, \
      "whether the JWK Set URL must answer with a JSON media type", "S served as JSON; ? at Epic") \
    X(JWKS_PRIVATE_NETWORK, "jwks_private_network", "refuse|accept", 0, 0, 1, \
      "whether a JWK Set URL may lead to a private address (10/8, 172.16/12, 192.168/16, fc00::/7)", \
      "E a public URL; I for containers") \
    X(AUD_ARRAY, "aud_array", "accept|refuse", 0, 0, 0, "an array as aud, when one member matches", "R RFC 7519; ? at Epic") \
    X(AUD_SLASH, "aud_slash", "exact|ignore", 0, 0, 1, "a trailing slash of aud", "R simple string comparison; ? at Epic") \
    X(AUD_HOST_CASE, "aud_host_case", "exact|ignore", 0, 0, 1, "capitals in scheme and host of aud", \
      "R simple string comparison; ? at Epic") \
    X(AUD_PORT, "aud_port", "exact|ignore", 0, 0, 1, \
      "the scheme's default port (:443, :80) written out or left out in aud", "R simple string comparison; ? at Epic") \
    X(LOOPBACK_ALIAS, "loopback_alias", "accept|refuse", 0, 0, 0, \
      "whether 127.0.0.1, localhost and [::1] in aud count as the same host", "I convenience of the mock") \
    X(AUD_FOLLOW_HOST, "aud_follow_host", "refuse|accept", 0, 0, 1, \
      "an aud that names this server as the request's Host does: a container's name, a mapped port", \
      "I convenience of the mock; E a proxy's URL is no audience of its own") \
    X(JTI_SCOPE, "jti_scope", "client|global", 0, 0, 0, \
      "whether a jti is remembered for its client or for everybody", "S per iss; ? at Epic") \
    X(SCOPE, "scope", "ignore|require|narrow", 0, 1, 2, \
      "the scope parameter: ignored, demanded, or optional; the last two narrow the grant", \
      "E not needed, ? its effect; S required") \
    X(SCOPE_UNKNOWN, "scope_unknown", "refuse|ignore", 0, 0, 1, \
      "words in scope that are no system/, user/ or patient/ scope, where scope is not ignored", \
      "S either is allowed; R invalid_scope") \
    X(GRANT_ERROR, "grant_error", "unsupported_grant_type|invalid_request", 0, 0, 0, \
      "error code for a grant_type that nobody has here", "R RFC 6749 5.2; ? at Epic") \
    X(ERROR_STATUS, "error_status", "400|401", 0, 0, 0, "HTTP status of invalid_client", "E 400; R 401 allowed") \
    X(ERROR_DESCRIPTION, "error_description", "null|text", 0, 1, 1, \
      "whether the error answer says why", "O null at Epic; S a text") \
    X(NO_TOKEN, "no_token", "bare|invalid_token|403", 0, 0, 0, \
      "a FHIR request without token: 401 with \"Bearer\" alone, with error invalid_token, or 403", "R RFC 6750 3.1 bare; ? at Epic") \
    X(EXPIRED_TOKEN, "expired_token", "same|named|403", 0, 1, 0, \
      "an expired token: 401 as for any bad token, 401 that says it expired, or 403", "R RFC 6750 3.1 401; ? at Epic") \
    X(QUERY_TOKEN, "query_token", "ignore|refuse|accept", 0, 0, 2, \
      "access_token in a FHIR URL: not looked at, 400 invalid_request, or good when it stands alone", \
      "R RFC 6750 2.3 should not be used; ? at Epic") \
    X(INTROSPECT_FOREIGN, "introspect_foreign", "inactive|describe", 0, 0, 0, \
      "introspection of another app's live token: inactive, or described as the owner sees it", "R RFC 7662 2.2, 4; ? at Epic") \
    X(INTROSPECT_EXPIRED, "introspect_expired", "bare|members", 0, 0, 0, \
      "introspection of an expired token: active false alone, or with the members beside it", "R RFC 7662 2.2 bare; ? at Epic") \
    X(COUNT_MAX, "count_max", "1..100000", 1000, 1000, 1000, "largest page that _count gets; more is cut to it", \
      "O 1000 honoured; ? maximum") \
    X(PAGING_S, "paging_s", "1..86400", 600, 600, 600, "seconds that a next link lives", "E it expires (4113); ? when") \
    X(PAGING_STATUS, "paging_status", "400|404|410", 0, 0, 0, "HTTP status of an expired next link (4113)", "? status; E 4113") \
    X(FHIR, "fhir", "epic|r4", 0, 1, 0, \
      "the FHIR API as Epic's, or as FHIR R4 has it; r4 brings JSON by default and metadata of its own along", "O epic; R r4") \
    X(DEFAULT_FORMAT, "default_format", "xml|json", 0, 0, 1, \
      "what FHIR answers are when Accept names no format of FHIR; with fhir=r4 JSON", "O XML at Epic; S either") \
    X(METADATA, "metadata", "epic|own", 0, 0, 0, \
      "what the CapabilityStatement announces: what Epic has, or what this mock has of it, as always with fhir=r4", \
      "O Epic's; I own") \
    X(DELETED_STATUS, "deleted_status", "400..499", 410, 410, 410, "HTTP status of a read of what was deleted (4103)", \
      "? status; E 4103; S 410") \
    X(MERGED_STATUS, "merged_status", "300..499", 302, 302, 302, \
      "HTTP status of a read of a patient who was merged (4107); Location names the other", "E a redirect; ? which") \
    X(UNANNOUNCED, "unannounced", "405|html", 0, 0, 0, \
      "a method that Epic's metadata does not have for a type, such as DELETE: 405, or the page of HTML as for what does not exist", \
      "O 405 of a create; ? other methods") \
    X(EPIC_VERSION, "epic_version", \
      "2024-02|2024-05|2024-08|2024-11|2025-02|2025-05|2025-08|2025-11|2026-02|2026-05|2026-08", 9, 9, 9, \
      "which search parameters there are; --epic-version sets what else a release changed, too", "E") \
    X(POST_PARAMETERS, "post_parameters", "body|query", 0, 0, 0, \
      "where the parameters of a POST _search are looked for", "E the body since February 2026, the query before") \
    X(OUTCOME_PAGE, "outcome_page", "last|every", 0, 0, 0, \
      "on which pages of a search an OperationOutcome entry stands", "I from four pages of 2026; O every one in 2025") \
    X(CATEGORY_LIST, "category_list", "or|refuse", 0, 0, 0, \
      "a comma list of categories: any of them, or as one value, which there is none of", \
      "R FHIR R4 search; O such searches both answered and refused") \
    X(CARE_PLAN_DATE, "care_plan_date", "optional|required", 1, 0, 0, \
      "whether a CarePlan search must have activity-date beside patient and category", "O both, 2026 required") \
    X(SCOPE_VERSION, "scope_version", "v1|v2", 1, 1, 1, \
      "how tokens show the scopes of an app that does not say so itself: system/Patient.read, or .r and .s", \
      "E v2 since August 2024; O v2 in the sandbox") \
    X(TOKEN_TYPE, "token_type", "Bearer|bearer", 0, 1, 0, "spelling of token_type", "O Bearer; S bearer") \
    X(TOKEN_FORMAT, "token_format", "opaque|jwt", 0, 0, 0, \
      "whether tokens are random text, or JWTs of about the sandbox's size (to be treated as opaque all the same)", \
      "O JWT in the sandbox; E customers can have either") \
    X(TOKEN_LIFETIME_S, "token_lifetime_s", "1..2678400", 3600, 300, 3600, "expires_in of issued tokens", "E 3600; S at most 300")
/* clang-format on */

#endif
