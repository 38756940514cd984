/* THE CAUSES: what exactly went wrong inside a rule, where more can be said than that it failed. A verdict names up to
 * AUTH_CAUSES_MAX of them, the likeliest first; two texts must read well with "; or else " between them.
 *
 * X(NAME, what happened, fix)    an empty fix means the rule's own; the name is its id in JSON; words in braces are filled
 *                                in by report.c */
#ifndef AUTH_RULES_CAUSE_LIST_H
#define AUTH_RULES_CAUSE_LIST_H

/* clang-format off */
#define AUTH_CAUSE_LIST(X) \
    X(NONE, "", "") \
    X(RESULT_MISSING, "", "switch that rule on again and mend what it finds, or switch this one too") \
    X(NO_APP, "a token is issued to an app; without one, switching client.known changes nothing", "") \
    X(QUERY, "parameters in the URL's query", "move them into the body: a URL ends up in logs") \
    X(JSON_BODY, "the body is JSON", "send the parameters form-encoded; OAuth token requests are no JSON") \
    X(BAD_FORM, "the body is no well-formed form", "percent-encode every value with a library") \
    X(CHARSET, "a parameter other than charset=utf-8", "send the media type alone") \
    X(GRANT_IS_BEARER_URN, "the jwt-bearer grant, which Epic has for other flows", \
      "send grant_type=client_credentials; the jwt-bearer URN belongs in client_assertion_type") \
    X(MULTIPART, "a multipart form, as for uploads", "send it url-encoded: curl -d instead of -F, x-www-form-urlencoded in Postman") \
    X(NAME_MISSPELT, "a parameter of this name was meant to be it", "spell it exactly, in lower case and with underscores") \
    X(NAME_OF_GRANT, "the JWT was sent as assertion, the parameter of another grant", "send it as client_assertion") \
    X(TYPE_IS_GRANT, "the URN of the jwt-bearer grant, not that of the client assertion", "") \
    X(DOUBLE_ENCODED, "the value is percent-encoded twice", "percent-encode it once") \
    X(BASIC, "an Authorization header was sent too", "drop it; many HTTP libraries add it when given a client secret") \
    X(SECRET, "a client_secret was sent too", "drop it; backend apps have none") \
    X(TOO_LONG, "longer than any client assertion", "") \
    X(JSON_JWS, "a JWS in JSON form", "send the compact form: three parts with dots") \
    X(JWE, "five parts are an encrypted JWT", "sign the claims and do not encrypt them") \
    X(CUT_OFF, "cut off on its way", "send the JWT whole: a column, a log or a copy may have cut it") \
    X(QUOTED, "quotation marks or a word around the JWT", "send the JWT alone, without quotation marks and without Bearer") \
    X(PADDING, "a part holds '=' padding", "strip the '=' characters") \
    X(STD_ALPHABET, "a part uses '+' or '/' of standard base64", "use the base64url alphabet: '-' and '_'") \
    X(LINE_END, "a line end after the last part, as files have one", "trim it off before you send the JWT") \
    X(WRAPPED, "the JWT is wrapped into lines", "send it in one line: base64 -w0, openssl base64 -A") \
    X(PLUS_IS_SPACE, "a '+' of standard base64 that the form turned into a space", \
      "use the base64url alphabet: '-' and '_'") \
    X(WHITE_SPACE, "a part holds white space", "send the JWT without any white space") \
    X(OTHER_CHARACTER, "a part holds a character that base64url does not have", "send the JWT unaltered") \
    X(ALG_NONE, "unsigned", "sign the JWT, with RS384") \
    X(ALG_HMAC, "a symmetric algorithm, which would make the public key a password", "sign with the private key: RS384") \
    X(ALG_EC_STATIC, "EC signatures need a JWK Set URL at Epic", "register a JWK Set URL, or sign with an RSA key and RS384") \
    X(ALG_OTHER_CURVE, "ES512 and EdDSA are not accepted", "") \
    X(ALG_PSS, "RSA-PSS is not accepted", "use RS384 (PKCS#1 v1.5)") \
    X(ALG_CASE, "algorithm names are case-sensitive", "write it in capitals") \
    X(WRONG_TYPE, "of the wrong JSON type", "") \
    X(EMPTY, "empty", "") \
    X(KEY_UNKNOWN_KID, "no key of the registered set has this kid", \
      "send a kid that the JWK Set holds; after a key rotation the set must hold both keys") \
    X(KEY_REMOVED, "the JWK Set held this kid until it changed", \
      "sign with a key of the present set; when rotating, keep the old key beside the new one until 5 min after its last use") \
    X(KEY_REPLACED, "made with the key that had this kid before; the JWK Set now holds another one under it", \
      "give each new key a new kid, and keep the old key beside it until 5 min after its last use") \
    X(STATIC_KEY, "an uploaded key; Epic's sandbox takes none since February 2026, customers' systems none since May 2026", \
      "register a JWK Set URL; from August 2026 a customer may configure a local .pem instead") \
    X(KID_JWK_THUMBPRINT, "the RFC 7638 thumbprint of a key that has another kid in the set", \
      "use one kid on both sides: that of the set, or put the thumbprint into the set") \
    X(KID_CERT_THUMBPRINT, "it looks like the thumbprint of a certificate, and no key of the set has it as kid", \
      "use one kid on both sides: that of the set, or put the thumbprint into the set") \
    X(KID_CASE, "a key of the set has this kid in other capitals", "write it as in the set: kid is case-sensitive") \
    X(KID_UNUSABLE, "the key with this kid is of no use here", "mend that key in the JWK Set, or sign with another") \
    X(KEY_STALE, "the set was changed after Epic fetched it", \
      "wait: Epic keeps a set for up to 29 hours; give each new key a new kid, and keep both in the set for a while") \
    X(KEY_AMBIGUOUS, "several keys of the registered set fit", "send a kid that only one key has") \
    X(KEY_KTY, "no registered key is of the type that alg needs", "sign with the algorithm of the registered key") \
    X(SIGNATURE_DER, "as OpenSSL and many libraries make it", "convert it to r||s: 64 bytes for ES256, 96 for ES384") \
    X(SIGNATURE_TEXT, "the signature was encoded twice: it is hex or base64 text", \
      "base64url-encode the signature's bytes, not its text") \
    X(SIGNATURE_CUT, "cut off on its way", "send the JWT whole: a column, a log or a copy may have cut it") \
    X(SIGNATURE_LENGTH, "made with a key of another size or kind", "") \
    X(SIGNATURE_OTHER_KID, "made with the key that has this kid", "send that kid, or sign with the key of the kid you send") \
    X(SIGNATURE_UNTRIED, "made with a registered key that is not among the first 8 that fit, and no more are tried", \
      "give each key a kid of its own, and send it") \
    X(SIGNATURE_OTHER_HASH, "made with this algorithm, and the header names another", \
      "name the algorithm in the header that you sign with") \
    X(SIGNATURE_MISMATCH, "made with another private key than the registered one", "") \
    X(SIGNATURE_ALTERED, "header or payload was altered or encoded anew after signing", \
      "sign the very bytes that you send: header.payload") \
    X(WHITE_SPACE_AROUND, "white space at its start or end", "trim the value; a trailing newline from a file is the usual guest") \
    X(ISS_NOT_SUB, "iss and sub differ", "set both to the client id") \
    X(ID_OTHER, "not the client id", "") \
    X(ID_PRODUCTION, "the sandbox and test systems know the app's non-production id only", "use that one here") \
    X(ID_NON_PRODUCTION, "production systems know the app's production id only", "use that one here") \
    X(ID_CASE, "the client id in other capitals", "write it as the app page shows it") \
    X(ISS_IS_URL, "a URL, as OpenID issuers are; here the client itself is the issuer", "") \
    X(FORM_CLIENT_ID, "the client_id parameter names another client", "leave client_id out, or send the same id") \
    X(AUD_SLASH, "a trailing slash more or less", "remove or add the slash, so that it is the token URL") \
    X(AUD_PORT, "the default port written out, or left out", "write the port exactly as in the token URL") \
    X(AUD_FHIR, "the FHIR base URL", "use the token URL") \
    X(AUD_AUTHORIZE, "the authorize URL", "use the token URL: it ends in /oauth2/token") \
    X(AUD_SCHEME, "http and https mixed up", "write the scheme of the token URL") \
    X(AUD_CASE, "other capitals", "write the URL exactly as the token URL") \
    X(AUD_INSTANCE, "the token URL of another Epic instance", \
      "use the token URL of the instance that you post to; every customer, and the sandbox, has its own") \
    X(AUD_PROXY, "the name of a proxy, which Epic does not know", "ask the customer to allow the proxy's URL as audience") \
    X(AUD_ENCODED, "percent-encoded", "write the URL plainly: JSON needs no percent-encoding") \
    X(AUD_HOST, "a URL of another host, port or path", "use the token URL of this server") \
    X(AUD_ISSUER, "the server's base or issuer", "use the token URL: it ends in /oauth2/token") \
    X(AUD_ARRAY_USED, "Epic's documentation knows a single string", "send one string") \
    X(MILLISECONDS, "it looks like milliseconds", "send seconds: divide by 1000") \
    X(TIME_STRING, "a string", "send the number without quotation marks") \
    X(TIME_FRACTION, "it has a fraction, or is beyond 2^53", "send whole seconds: round down") \
    X(TIME_ZONE, "off by whole hours: local time taken for UTC", "use UTC: seconds since 1970 have no time zone") \
    X(DURATION, "it looks like a duration, not a point in time", "send the present time plus the duration") \
    X(LIFETIME, "a longer lifetime than is allowed", "") \
    X(CLOCK_MOVED, "this mock's clock stands {clock} real time (--clock-offset, --at, PUT /mock/clock)", \
      "put it right with PUT /mock/clock and offset_s 0, or let the client take the time from the Date header") \
    X(CLOCK_CHOSEN, "judged as of --at, which is {clock} the present time, and by that it would fit", \
      "leave --at out, or give the time at which the JWT was sent") \
    X(CLOCK_AHEAD, "your clock runs ahead of the server's", "set the clock by NTP, and set nbf and iat 10 s back") \
    X(CLOCK_BEHIND, "your clock runs behind the server's", "set the clock by NTP") \
    X(JUST_EXPIRED, "it ran out a moment ago: a cached JWT, a retry, or a slow queue", "make a new JWT for every request") \
    X(OLD, "an old JWT, kept and sent again", "make a new JWT for every request") \
    X(NO_MARGIN, "accepted, but a clock 1 s ahead of the server's would not be", "use {advised} s") \
    X(NO_MARGIN_BACK, "accepted, but with a clock 1 s ahead of the server's it would not be", "set it 10 s back, or leave it out") \
    X(NO_KID, "accepted, but which key is meant can only be found by trying", "send the kid of your key") \
    X(KID_DIFFERS, "accepted, although no registered key has this kid", "send the kid of your key") \
    X(JKU_OTHER, "not the registered JWK Set URL", "") \
    X(JKU_STATIC, "a jku, and the app has no JWK Set URL registered", "leave jku out, or register that URL") \
    X(JKU_DIFFERS, "accepted, although it is not the registered URL; it was not fetched", "leave jku out") \
    X(JTI_CHARACTERS, "characters that this server does not take", "use a UUID") \
    X(AFTER_EXP, "later than exp", "") \
    X(JTI_SPACE, "accepted here, but it has white space at its start or end, and Epic says nothing of the characters allowed", \
      "trim the value; a UUID is safe") \
    X(JTI_LONG, "more characters than are allowed", "") \
    X(NOT_SYNCED, "the app was saved a short while ago, and may arrive only then", "") \
    X(REPLAYED, "this jti was used before", "") \
    X(BAD_SCOPE, "no scope of the form system/TYPE.LETTERS, with letters out of \"cruds\" in that order, or of v1", \
      "write system/Patient.rs, system/Observation.r?category=..., or system/Patient.read") \
    X(OUT_OF_SCOPE, "nothing of it is granted to the app", "") \
    X(TOO_MANY_SCOPES, "more scopes than a token holds", "ask for system/*.rs, or for less") \
    X(SCOPE_LEFT_OUT, "left out of the token: the app is not registered for it", "") \
    X(SCOPE_UNKNOWN, "left out of the token: no scope that this server knows", "")
/* clang-format on */

enum auth_cause {
#define X(name, ...) AUTH_CAUSE_##name,
    AUTH_CAUSE_LIST(X)
#undef X
        AUTH_CAUSE_COUNT
};

enum { AUTH_CAUSES_MAX = 3 };

#endif
