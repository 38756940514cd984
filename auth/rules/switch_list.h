/* THE SWITCHES: what the evidence leaves open, or what profiles decide differently, one row each.
 *
 * X(NAME, name, values, epic, smart, lenient, what it decides, source)
 *   values  "first|second|..." and the defaults are indexes; or "MIN..MAX" and the defaults are numbers */
#ifndef AUTH_RULES_SWITCH_LIST_H
#define AUTH_RULES_SWITCH_LIST_H

/* clang-format off */
#define AUTH_SWITCH_LIST(X) \
    X(SKEW_S, "skew_s", "0..300", 0, 0, 60, \
      "seconds that nbf and iat may lie ahead of the server's clock", "? no tolerance documented") \
    X(MAX_LIFETIME_S, "max_lifetime_s", "1..86400", 300, 300, 3600, \
      "seconds that exp may lie ahead, and that exp may lie after iat and nbf", "E, S 300") \
    X(JTI_MAX, "jti_max", "1..4096", 151, 4096, 4096, "characters of jti", "E 151") \
    X(ALGORITHMS, "algorithms", "epic|smart|all", 0, 1, 2, \
      "epic: RS256 RS384 RS512, ES256 ES384 with a JWK Set URL; smart: RS384 ES384; all: all five", "E, S") \
    X(TYP, "typ", "optional|required", 0, 1, 0, "whether the header must have typ", "E optional, S required") \
    X(TYP_CASE, "typ_case", "ignore|exact", 0, 1, 0, "whether jwt counts as JWT", "O lower case works at Epic") \
    X(KID, "kid", "optional|required", 0, 1, 0, "whether the header must have kid", "E optional, S required") \
    X(KEY_CHOICE, "key_choice", "try|exact", 0, 1, 0, \
      "try every fitting key when kid does not decide, or want exactly one by kid and kty", "S exact; ? at Epic") \
    X(STATIC_KEYS, "static_keys", "accept|warn|refuse", 1, 0, 0, \
      "an uploaded certificate or JWK Set, which Epic has retired", "E sandbox February 2026, customers May 2026") \
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
    X(LOOPBACK_ALIAS, "loopback_alias", "accept|refuse", 0, 0, 0, \
      "whether 127.0.0.1, localhost and [::1] in aud count as the same host", "I convenience of the mock") \
    X(REPLAY_SCOPE, "replay_scope", "client|global", 0, 0, 0, \
      "whether a jti is remembered for its client or for everybody", "S per iss; ? at Epic") \
    X(SCOPE, "scope", "ignore|require", 0, 1, 0, \
      "whether the scope parameter is ignored or demanded and checked", "E not needed, S required") \
    X(ERROR_STATUS, "error_status", "400|401", 0, 0, 0, "HTTP status of invalid_client", "E 400; R 401 allowed") \
    X(ERROR_DESCRIPTION, "error_description", "null|text", 0, 1, 1, \
      "whether the error answer says why", "O null at Epic; S a text") \
    X(TOKEN_TYPE, "token_type", "Bearer|bearer", 0, 1, 0, "spelling of token_type", "O Bearer; S bearer") \
    X(TOKEN_LIFETIME_S, "token_lifetime_s", "1..2678400", 3600, 300, 3600, "expires_in of issued tokens", "E 3600; S at most 300")
/* clang-format on */

#endif
