/* THE CAUSES: what exactly went wrong inside a rule, where more can be said than that it failed.
 *
 * X(NAME, what happened, fix)    an empty fix means the rule's own */
#ifndef AUTH_RULES_CAUSE_LIST_H
#define AUTH_RULES_CAUSE_LIST_H

/* clang-format off */
#define AUTH_CAUSE_LIST(X) \
    X(NONE, "", "") \
    X(QUERY, "parameters in the URL's query", "move them into the body: a URL ends up in logs") \
    X(JSON_BODY, "the body is JSON", "send the parameters form-encoded; OAuth token requests are no JSON") \
    X(BAD_FORM, "the body is no well-formed form", "percent-encode every value with a library") \
    X(CHARSET, "a parameter other than charset=utf-8", "send the media type alone") \
    X(GRANT_IS_BEARER_URN, "the jwt-bearer grant, which Epic has for other flows", \
      "send grant_type=client_credentials; the jwt-bearer URN belongs into client_assertion_type") \
    X(GRANT_MISSING, "grant_type is missing", "send grant_type=client_credentials") \
    X(NAME_WITH_DASH, "a parameter is spelt with '-' instead of '_'", "spell it with underscores") \
    X(DOUBLE_ENCODED, "the value is percent-encoded twice", "percent-encode it once") \
    X(BASIC, "an Authorization header was sent too", "drop it; many HTTP libraries add it when given a client secret") \
    X(SECRET, "a client_secret was sent too", "drop it; backend apps have none") \
    X(TOO_LONG, "longer than any client assertion", "") \
    X(JSON_JWS, "a JWS in JSON form", "send the compact form: three parts with dots") \
    X(PADDING, "a part holds '=' padding", "strip the '=' characters") \
    X(STD_ALPHABET, "a part uses '+' or '/' of standard base64", "use the base64url alphabet: '-' and '_'") \
    X(WHITE_SPACE, "a part holds white space or a line break", \
      "send the JWT in one line; a '+' in a form is a space, so percent-encode it") \
    X(NOT_BASE64URL, "a part holds other characters or a cut-off end", "send the JWT unaltered and whole") \
    X(ALG_NONE, "unsigned", "sign the JWT, with RS384") \
    X(ALG_HMAC, "a symmetric algorithm, which would make the public key a password", "sign with the private key: RS384") \
    X(ALG_EC_STATIC, "EC signatures need a JWK Set URL at Epic", "register a JWK Set URL, or sign with an RSA key and RS384") \
    X(ALG_PSS, "RSA-PSS is not accepted", "use RS384 (PKCS#1 v1.5)") \
    X(ALG_CASE, "algorithm names are case-sensitive", "write it in capitals") \
    X(WRONG_TYPE, "of the wrong JSON type", "") \
    X(MISSING, "missing", "") \
    X(EMPTY, "empty", "") \
    X(KEY_UNKNOWN_KID, "no key of the registered set has this kid", \
      "send a kid that the JWK Set holds; after a key rotation the set must hold both keys") \
    X(KEY_REMOVED, "the JWK Set held this kid until it changed", \
      "sign with a key of the present set; when rotating, keep the old key beside the new one until 5 min after its last use") \
    X(KEY_REPLACED, "made with the key that had this kid before; the JWK Set now holds another one under it", \
      "give each new key a new kid, and keep the old key beside it until 5 min after its last use") \
    X(STATIC_KEY, "an uploaded key; Epic's sandbox takes none since February 2026, customers' systems none since May 2026", \
      "register a JWK Set URL; from August 2026 a customer may configure a local .pem instead") \
    X(KEY_AMBIGUOUS, "several keys of the registered set fit", "send a kid that only one key has") \
    X(KEY_KTY, "no registered key is of the type that alg needs", "sign with the algorithm of the registered key") \
    X(SIGNATURE_DER, "the EC signature is in DER form", "convert it to r||s: 64 bytes for ES256, 96 for ES384") \
    X(SIGNATURE_LENGTH, "the signature has a length that this key never makes", \
      "send the signature whole; or it was made with another key") \
    X(SIGNATURE_MISMATCH, "made with another key, or the JWT was altered after signing", "") \
    X(WHITE_SPACE_AROUND, "white space at its start or end", "trim the value; a trailing newline from a file is the usual guest") \
    X(ISS_NOT_SUB, "iss and sub differ", "set both to the client id") \
    X(FORM_CLIENT_ID, "the client_id parameter names another client", "leave client_id out, or send the same id") \
    X(AUD_SLASH, "a trailing slash more or less", "remove or add the slash, so that it is the token URL") \
    X(AUD_FHIR, "the FHIR base URL", "use the token URL") \
    X(AUD_AUTHORIZE, "the authorize URL", "use the token URL: it ends in /oauth2/token") \
    X(AUD_SCHEME, "http and https mixed up", "write the scheme of the token URL") \
    X(AUD_CASE, "other capitals", "write the URL exactly as the token URL") \
    X(AUD_HOST, "a URL of another host or port", \
      "use the token URL of this server; behind a proxy ask the customer to allow the proxy's URL as audience") \
    X(AUD_ISSUER, "the server's base or issuer", "use the token URL: it ends in /oauth2/token") \
    X(AUD_ARRAY_USED, "an array; Epic's documentation knows a single string", "send one string") \
    X(MILLISECONDS, "looks like milliseconds", "send seconds: divide by 1000") \
    X(TIME_STRING, "a string", "send the number without quotation marks") \
    X(TIME_FRACTION, "has a fraction, or is beyond 2^53", "send whole seconds") \
    X(TIME_ZONE, "off by whole hours: local time taken for UTC", "use UTC: seconds since 1970 have no time zone") \
    X(CLOCK_AHEAD, "your clock runs ahead of the server's", "set the clock by NTP, and set the claim 10 s back") \
    X(JUST_EXPIRED, "expired a moment ago: a cached JWT, a slow queue, or a clock behind", "make a new JWT for every request") \
    X(NO_MARGIN, "accepted, but a clock 1 s ahead of the server's would not be", "use 240 s") \
    X(NO_KID, "accepted, but which key is meant can only be found by trying", "send the kid of your key") \
    X(AFTER_EXP, "later than exp", "") \
    X(REPLAYED, "this jti was used before", "") \
    X(OUT_OF_SCOPE, "a scope that the app is not registered for", "")
/* clang-format on */

enum auth_cause {
#define X(name, ...) AUTH_CAUSE_##name,
    AUTH_CAUSE_LIST(X)
#undef X
        AUTH_CAUSE_COUNT
};

#endif
