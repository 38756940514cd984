/* THE RULE TABLE. Every check of a token request is one row here; the mock, the linter, the conformance cases and
 * the documentation are all driven by it. Table order is the order of verdicts, and the first FAIL decides the answer.
 *
 * X(NAME, id, claim, OAuth error, needs A, needs B, what it demands, fix, source)
 *   needs   rules whose results this one takes: when one of them failed it is blocked, and when one was waived (off, warn)
 *           and its result is missing it fails itself; NONE when there is nothing to wait for
 *   source  with its evidence: AUTH_EVIDENCE_LEGEND
 * The check behind a row is auth_check_NAME() in check_form.c, check_header.c, check_key.c, check_claims.c or
 * check_times.c.
 * Read next: auth/rules/rules.h. */
#ifndef AUTH_RULES_RULE_LIST_H
#define AUTH_RULES_RULE_LIST_H

/* What the letters mean that stand in front of a source here, in switch_list.h, and in brackets in comments and messages of
 * all three programs. `epic-conformance rules` prints it. */
#define AUTH_EVIDENCE_LEGEND                                                                                           \
    "E Epic documents it; O observed at Epic, on the wire or by its users; S SMART App Launch or Bulk Data Access; "   \
    "R an RFC; I inferred; ? not known, so a switch decides"

/* clang-format off */
#define AUTH_RULE_LIST(X) \
    X(FORM_METHOD, "form.method", "request", INVALID_REQUEST, NONE, NONE, \
      "POST, with every parameter in the body and none in the URL", \
      "send the parameters with POST, in the body of the request", \
      "E OAuth troubleshooting; R RFC 6749 3.2") \
    X(FORM_CONTENT_TYPE, "form.content_type", "request", INVALID_REQUEST, NONE, NONE, \
      "Content-Type application/x-www-form-urlencoded and a well-formed form in UTF-8", \
      "send Content-Type: application/x-www-form-urlencoded and percent-encode the values", \
      "E OAuth troubleshooting; R RFC 6749 appendix B") \
    X(FORM_DUPLICATES, "form.duplicates", "request", INVALID_REQUEST, FORM_CONTENT_TYPE, NONE, \
      "no parameter twice", \
      "send each parameter once", \
      "R RFC 6749 3.2; I for Epic") \
    X(FORM_GRANT_TYPE, "form.grant_type", "grant_type", UNSUPPORTED_GRANT_TYPE, FORM_CONTENT_TYPE, NONE, \
      "grant_type is client_credentials", \
      "send grant_type=client_credentials", \
      "E OAuth 2.0 specification, backend; R RFC 6749 4.4.2") \
    X(FORM_ASSERTION_TYPE, "form.assertion_type", "client_assertion_type", INVALID_CLIENT, FORM_CONTENT_TYPE, NONE, \
      "client_assertion_type is urn:ietf:params:oauth:client-assertion-type:jwt-bearer", \
      "send client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer", \
      "E OAuth 2.0 specification, backend; R RFC 7523 2.2") \
    X(FORM_ASSERTION, "form.assertion", "client_assertion", INVALID_CLIENT, FORM_CONTENT_TYPE, NONE, \
      "client_assertion holds the signed JWT", \
      "send the signed JWT as client_assertion", \
      "E OAuth 2.0 specification, backend; R RFC 7521 4.2") \
    X(FORM_ONE_METHOD, "form.one_method", "request", INVALID_REQUEST, FORM_CONTENT_TYPE, NONE, \
      "the assertion is the only client authentication: no Authorization header, no client_secret", \
      "drop the Authorization header and client_secret; the assertion authenticates the client", \
      "R RFC 6749 2.3") \
    X(JWS_COMPACT, "jws.compact", "client_assertion", INVALID_CLIENT, FORM_ASSERTION, NONE, \
      "three non-empty parts separated by dots, at most 16384 bytes", \
      "send the whole compact JWS: header.payload.signature", \
      "R RFC 7515 3.1") \
    X(JWS_BASE64URL, "jws.base64url", "client_assertion", INVALID_CLIENT, JWS_COMPACT, NONE, \
      "each part is base64url without padding, in its one canonical spelling", \
      "encode with base64url (A-Z a-z 0-9 - _), without '=' and without line breaks", \
      "R RFC 7515 2") \
    X(HEADER_JSON, "header.json", "header", INVALID_CLIENT, JWS_COMPACT, NONE, \
      "the header is one JSON object in UTF-8, without duplicate members", \
      "make the header with a JSON library", \
      "R RFC 7515 4") \
    X(HEADER_ALG, "header.alg", "alg", INVALID_CLIENT, HEADER_JSON, NONE, \
      "an allowed algorithm: RS256, RS384, RS512; ES256, ES384 only with a registered JWK Set URL", \
      "sign with RS384", \
      "E OAuth 2.0 specification, creating a JWT; R RFC 8725 3.1") \
    X(HEADER_TYP, "header.typ", "typ", INVALID_CLIENT, HEADER_JSON, NONE, \
      "typ, if present, is JWT", \
      "set typ to JWT or leave it out", \
      "E OAuth 2.0 specification, creating a JWT; O lower case works") \
    X(HEADER_CRIT, "header.crit", "crit", INVALID_CLIENT, HEADER_JSON, NONE, \
      "no header member that changes how the JWS is processed: crit, b64, zip, enc", \
      "leave out crit, b64, zip and enc", \
      "R RFC 7515 4.1.11, RFC 7797") \
    X(HEADER_KID, "header.kid", "kid", INVALID_CLIENT, HEADER_JSON, NONE, \
      "kid, if present, is a non-empty string", \
      "set kid to the kid of your key in the JWK Set", \
      "E OAuth 2.0 specification, JWK Sets; S required; ? when absent") \
    X(HEADER_JKU, "header.jku", "jku", INVALID_CLIENT, HEADER_JSON, CLIENT_KNOWN, \
      "jku, if present, is the registered JWK Set URL", \
      "leave jku out, or send exactly the URL that is registered", \
      "E OAuth 2.0 specification, creating a JWT; S; R RFC 8725 3.10") \
    X(PAYLOAD_JSON, "payload.json", "payload", INVALID_CLIENT, JWS_COMPACT, NONE, \
      "the payload is one JSON object in UTF-8, without duplicate members", \
      "make the claims with a JSON library", \
      "R RFC 7519 4") \
    X(CLIENT_KNOWN, "client.known", "iss", INVALID_CLIENT, PAYLOAD_JSON, NONE, \
      "iss (or sub) names a registered app", \
      "use the client id of the app page, and the non-production one with the sandbox", \
      "E OAuth 2.0 specification; R RFC 7521 4.2") \
    X(CLIENT_SYNCED, "client.synced", "iss", INVALID_CLIENT, CLIENT_KNOWN, NONE, \
      "the registration has reached this server", \
      "wait: up to an hour in the sandbox, up to 12 hours at a customer", \
      "E testing guide; O one to two days for new accounts") \
    X(CLIENT_ENVIRONMENT, "client.environment", "iss", INVALID_CLIENT, CLIENT_KNOWN, NONE, \
      "the client id belongs to this environment", \
      "use the non-production client id with the sandbox and test systems, the production one elsewhere", \
      "E OAuth 2.0 specification, two client ids per app") \
    X(KEY_SOURCE, "key.source", "signature", INVALID_CLIENT, CLIENT_KNOWN, NONE, \
      "the app has a key that can be used", \
      "upload a certificate, or make the JWK Set URL serve a JWK Set without a login", \
      "E OAuth 2.0 specification, JWK Sets") \
    X(KEY_FOUND, "key.found", "kid", INVALID_CLIENT, KEY_SOURCE, HEADER_ALG, \
      "a registered key fits alg and kid", \
      "sign with the registered key, and send its kid", \
      "S key choice; E the kid helps to find the key; R RFC 7515 6") \
    X(KEY_STRENGTH, "key.strength", "signature", INVALID_CLIENT, KEY_FOUND, NONE, \
      "RSA of at least 2048 bits, or P-256 or P-384", \
      "make a new key of 2048 bits or more and register it", \
      "E OAuth 2.0 specification, RSA size; R RFC 7518 3.3") \
    X(SIGNATURE, "signature", "signature", INVALID_CLIENT, KEY_FOUND, NONE, \
      "the signature over header.payload verifies with the registered key", \
      "sign with the private key whose certificate or JWK is registered", \
      "R RFC 7515 5.2, RFC 7523 3(9)") \
    X(ISS_VALUE, "iss.value", "iss", INVALID_CLIENT, PAYLOAD_JSON, CLIENT_KNOWN, \
      "iss is the client id", \
      "set iss to the client id, exactly", \
      "E OAuth 2.0 specification, claims; R RFC 7523 3(1)") \
    X(SUB_VALUE, "sub.value", "sub", INVALID_CLIENT, PAYLOAD_JSON, NONE, \
      "sub is the client id, the same as iss", \
      "set sub to the client id, exactly as iss", \
      "E OAuth 2.0 specification, claims; R RFC 7523 3(2)") \
    X(AUD_VALUE, "aud.value", "aud", INVALID_CLIENT, PAYLOAD_JSON, NONE, \
      "aud is the URL of the token endpoint", \
      "set aud to the token URL, character by character as you post to it", \
      "E OAuth 2.0 specification, claims; R RFC 7523 3(3); ? slash, case, array") \
    X(EXP_TYPE, "exp.type", "exp", INVALID_CLIENT, PAYLOAD_JSON, NONE, \
      "exp is an integer number of seconds", \
      "send exp as a JSON integer: seconds since 1970-01-01T00:00:00Z", \
      "E OAuth 2.0 specification, claims; R RFC 7523 3(4)") \
    X(EXP_FUTURE, "exp.future", "exp", INVALID_CLIENT, EXP_TYPE, NONE, \
      "exp is in the future", \
      "set exp to the present time plus at most 240 s, in UTC, when you send the request", \
      "E OAuth 2.0 specification, claims; R RFC 7519 4.1.4") \
    X(EXP_WINDOW, "exp.window", "exp", INVALID_CLIENT, EXP_TYPE, NONE, \
      "exp is at most 300 s ahead", \
      "set exp to the present time plus at most 240 s, which leaves room for clock drift", \
      "E OAuth 2.0 specification, claims; S") \
    X(NBF_TYPE, "nbf.type", "nbf", INVALID_CLIENT, PAYLOAD_JSON, NONE, \
      "nbf, if present, is an integer number of seconds", \
      "send nbf as a JSON integer, or leave it out", \
      "E OAuth 2.0 specification, claims; R RFC 7519 4.1.5") \
    X(NBF_PAST, "nbf.past", "nbf", INVALID_CLIENT, NBF_TYPE, NONE, \
      "nbf, if present, is not in the future", \
      "set your clock by NTP, and leave nbf out or set it 10 s back", \
      "E OAuth 2.0 specification, claims; R RFC 7519 4.1.5") \
    X(NBF_WINDOW, "nbf.window", "nbf", INVALID_CLIENT, NBF_TYPE, EXP_TYPE, \
      "nbf, if present, is at most 300 s before exp and not after it", \
      "keep exp - nbf at 300 s or less", \
      "E OAuth 2.0 specification, claims") \
    X(IAT_TYPE, "iat.type", "iat", INVALID_CLIENT, PAYLOAD_JSON, NONE, \
      "iat, if present, is an integer number of seconds", \
      "send iat as a JSON integer, or leave it out", \
      "E OAuth 2.0 specification, claims; R RFC 7519 4.1.6") \
    X(IAT_PAST, "iat.past", "iat", INVALID_CLIENT, IAT_TYPE, NONE, \
      "iat, if present, is not in the future", \
      "set your clock by NTP, and set iat 10 s back", \
      "E OAuth 2.0 specification, claims") \
    X(IAT_WINDOW, "iat.window", "iat", INVALID_CLIENT, IAT_TYPE, EXP_TYPE, \
      "iat, if present, is at most 300 s before exp and not after it", \
      "keep exp - iat at 300 s or less", \
      "E OAuth 2.0 specification, claims") \
    X(JTI_TYPE, "jti.type", "jti", INVALID_CLIENT, PAYLOAD_JSON, NONE, \
      "jti is a non-empty string", \
      "send a new UUID as a JSON string", \
      "E required, a string since November 2024; S") \
    X(JTI_LENGTH, "jti.length", "jti", INVALID_CLIENT, JTI_TYPE, NONE, \
      "jti has at most 151 characters", \
      "use a UUID: 36 characters", \
      "E OAuth 2.0 specification, claims") \
    X(JTI_REPLAY, "jti.replay", "jti", INVALID_CLIENT, JTI_TYPE, NONE, \
      "this jti was not used before by this client", \
      "make a new JWT with a new jti for every request, retries included", \
      "E OAuth 2.0 specification, claims; S; R RFC 7523 3(7)") \
    X(CLIENT_BACKGROUND_USER, "client.background_user", "iss", UNAUTHORIZED_CLIENT, CLIENT_KNOWN, NONE, \
      "the customer has mapped the client id to a background user", \
      "ask the customer's administrator to map the client id to an Epic user", \
      "E OAuth troubleshooting") \
    X(SCOPE_VALUE, "scope.value", "scope", INVALID_SCOPE, FORM_CONTENT_TYPE, CLIENT_KNOWN, \
      "scope names what the app may be granted", \
      "send scope with system/ scopes that the app is registered for", \
      "S required; E not needed, granted from the app's APIs; ? its effect")
/* clang-format on */

#endif
