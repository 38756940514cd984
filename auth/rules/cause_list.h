/* THE CAUSES: what exactly went wrong inside a rule, where more can be said than that it failed. A verdict names up to
 * AUTH_CAUSES_MAX of them, the likeliest first; two texts must read well with "; or else " between them.
 *
 * X(NAME, id, what happened, fix)
 *   NAME  in code, and the id that JSON carried before ids were named like those of rules: `cause_old` beside `cause`
 *   id    "what it is about.what is wrong with it"
 *   fix   empty: the rule's own
 * Words in braces are filled in by report.c. */
#ifndef AUTH_RULES_CAUSE_LIST_H
#define AUTH_RULES_CAUSE_LIST_H

/* clang-format off */
#define AUTH_CAUSE_LIST(X) \
    X(NONE, "", "", "") \
    X(RESULT_MISSING, "rule.result_missing", "", \
      "switch that rule on again and fix what it finds, or switch this one too") \
    X(NO_APP, "client.no_app", "a token is issued to an app; without one, switching client.known changes nothing", "") \
    X(QUERY, "form.in_query", "parameters in the URL's query", "move them into the body: a URL ends up in logs") \
    X(JSON_BODY, "form.json", "the body is JSON", "send the parameters form-encoded; OAuth token requests are no JSON") \
    X(BAD_FORM, "form.malformed", "the body is no well-formed form", "percent-encode every value with a library") \
    X(CHARSET, "form.charset", "a parameter other than charset=utf-8", "send the media type alone") \
    X(GRANT_IS_BEARER_URN, "form.grant_is_jwt_bearer", "the jwt-bearer grant, which Epic has for other flows", \
      "send grant_type=client_credentials; the jwt-bearer URN belongs in client_assertion_type") \
    X(MULTIPART, "form.multipart", "a multipart form, as for uploads", \
      "send it url-encoded: curl -d instead of -F, x-www-form-urlencoded in Postman") \
    X(NAME_MISSPELT, "form.name_misspelt", "a parameter of this name was meant to be it", \
      "spell it exactly, in lower case and with underscores") \
    X(ASSERTION_IN_HEADER, "form.assertion_in_header", "the JWT stands in the Authorization header", \
      "send it as client_assertion, in the body") \
    X(ASSERTION_ELSEWHERE, "form.assertion_elsewhere", "the JWT stands in this parameter", "send it as client_assertion") \
    X(NAME_OF_GRANT, "form.assertion_parameter", "the JWT was sent as assertion, the parameter of another grant", \
      "send it as client_assertion") \
    X(TYPE_IS_GRANT, "form.assertion_type_is_grant", "the URN of the jwt-bearer grant, not that of the client assertion", "") \
    X(DOUBLE_ENCODED, "form.encoded_twice", "the value is percent-encoded twice", "percent-encode it once") \
    X(BASIC, "form.authorization_header", "an Authorization header was sent too", \
      "drop it; many HTTP libraries add it when given a client secret") \
    X(SECRET, "form.client_secret", "a client_secret was sent too", "drop it; backend apps have none") \
    X(TOO_LONG, "jws.too_long", "longer than any client assertion", "") \
    X(JSON_JWS, "jws.json_form", "a JWS in JSON form", "send the compact form: three parts with dots") \
    X(SEVERAL, "jws.several", "more than one JWT", "send one: the newest") \
    X(JWE, "jws.encrypted", "five parts are an encrypted JWT", "sign the claims and do not encrypt them") \
    X(CUT_OFF, "jws.cut_off", "cut off on its way", "send the JWT whole: a column, a log or a copy may have cut it") \
    X(ABBREVIATED, "jws.abbreviated", "shortened for display: dots or stars stand for what was left out", \
      "send the JWT itself, not what a log or a page shows of it") \
    X(QUOTED, "jws.quoted", "quotation marks or brackets around the JWT", "send the JWT alone, without quotation marks") \
    X(DOTS, "jws.dots", "other characters stand where the dots between its parts belong", \
      "send the JWT unaltered: header.payload.signature") \
    X(DETACHED, "jws.detached", "the payload is left out, as in a detached JWS", "send all three parts: header.payload.signature") \
    X(ONE_CASE, "jws.letter_case", "its letters are in another case than they were made in: something turned them into capitals or small letters", \
      "leave the letters of a JWT as they are; look for toUpperCase, toLowerCase, or a column or form that does it") \
    X(ESCAPED, "jws.escaped", "escapes of HTML, Markdown or a program stand in it, &...; or a backslash", \
      "take the JWT from where it is made, or unescape it") \
    X(AROUND_PYTHON, "around.python_bytes", "bytes of Python put into a text: b'...' stands around the JWT", \
      "decode them first: token.decode('ascii')") \
    X(AROUND_BEARER, "around.bearer", "the word Bearer or a header's name stands in front of the JWT", "send the JWT alone") \
    X(AROUND_JSON, "around.json", "JSON stands around the JWT, or a list or table of a program", "take the JWT out of it and send that alone") \
    X(AROUND_URL, "around.url", "the JWT stands inside of a URL", "send the JWT alone") \
    X(AROUND_NAME, "around.name", "the name of a parameter or variable stands in front of the JWT", \
      "give the value alone: what stands behind the '='") \
    X(AROUND_MARKUP, "around.markup", "a tag or Markdown stands around the JWT", "send the JWT alone") \
    X(AROUND_REST, "around.other_parameters", "other parameters of a form stand behind the JWT", \
      "give the JWT alone: what stands before the '&'") \
    X(AROUND_LABEL, "around.label", "a label stands in front of the JWT", "send the JWT alone") \
    X(AROUND_LOG, "around.log", "the JWT stands in a log, or among other lines", \
      "take it from where it is made, and keep JWTs out of logs") \
    X(AROUND_COLOUR, "around.colours", "colour codes of a terminal stand in it, which nobody sees", \
      "let what prints it leave colours out (NO_COLOR=1, jq -M), and send the JWT alone") \
    X(AROUND_CODE, "around.code", "code of a program stands around the JWT", "run the code, and send what comes out") \
    X(AROUND_PEM, "around.markers", "the markers of a PEM file stand around the JWT", "send the JWT alone, in one line") \
    X(AROUND_BOM, "around.byte_order_mark", "a byte order mark stands in front of the JWT, as editors and PowerShell write it", \
      "save the file as ASCII, or as UTF-8 without a byte order mark") \
    X(AROUND_TEXT, "around.text", "other text stands around the JWT", "send the JWT alone") \
    X(PLACE_NOTHING, "place.nothing", "no JWT, but the undefined, null or None of a program, turned into text", \
      "look for why the variable is empty: a name misspelt, a step that failed, a value not yet there") \
    X(PLACE_OBJECT, "place.object", "no JWT, but an object or a call that was not waited for, turned into text", \
      "await the call, or take the JWT out of the object") \
    X(PLACE_TEMPLATE, "place.template", "a variable of Postman or of a template that was not filled in", \
      "set that variable, in the environment that is chosen") \
    X(PLACE_VARIABLE, "place.variable", "a variable that no shell has replaced", \
      "put it into double quotation marks, not single ones, or set it in the settings of what runs this") \
    X(PLACE_COMMAND, "place.command", "a command that no shell has run", "put it into double quotation marks, not single ones") \
    X(PLACE_REFERENCE, "place.reference", "the reference to a secret, which nothing has looked up", \
      "let what runs this resolve it: its form must be one that this place knows") \
    X(PLACE_DOCUMENTATION, "place.documentation", "the placeholder of a documentation", "put the signed JWT in its place") \
    X(PLACE_FILE, "place.file", "the name of a file, not what is in it", "send the content of the file") \
    X(PLACE_URL, "place.url", "a URL, not a JWT", "send the signed JWT") \
    X(PLACE_PARAMETER, "place.parameter", "the value of another parameter or setting, and no JWT", \
      "put the signed JWT into client_assertion") \
    X(PLACE_PAGE, "place.page", "a page of HTML or XML", "look for why the program that makes the JWT answers with a page") \
    X(PLACE_KEY, "place.key", "a key or certificate, not a JWT", \
      "sign a JWT with the key, and send that; if this was a private key that left its machine, make a new one") \
    X(PLACE_OTHER, "place.other", "no JWT, which begins with eyJ and has two dots", "send the JWT that you sign") \
    X(PLACE_ERROR, "place.error", "the message of an error, not a JWT", \
      "look for what failed: the program that makes the JWT wrote its error where the JWT belongs") \
    X(PLACE_BASIC, "place.basic", "the credentials of HTTP Basic, not a JWT", \
      "backend apps have no secret: sign a JWT with the private key, and send that") \
    X(PLACE_SAML, "place.saml", "a SAML assertion, not a JWT", "sign a JWT with the private key, and send that") \
    X(PLACE_OPAQUE, "place.opaque", "an opaque token, as access tokens are, or other encoded data", \
      "send the JWT that you sign yourself; an access token belongs into FHIR requests, as Authorization: Bearer") \
    X(PLACE_BINARY, "place.binary", "a binary file or message, not text", "send the JWT itself, as text") \
    X(PLACE_ANSWER, "place.answer", "the answer of a token endpoint, not a client assertion", \
      "send the JWT that you sign yourself") \
    X(PLACE_CLAIMS, "place.claims", "the claims themselves, neither encoded nor signed", "sign them: header.payload.signature") \
    X(PLACE_PACKED, "place.packed", "a compressed file", "unpack it, and send what comes out") \
    X(PLACE_BASE64, "place.base64", "a JWT that was encoded once more, in base64 or hex", "decode it once, and send what comes out") \
    X(PADDING, "jws.padding", "a part holds '=' padding", "strip the '=' characters") \
    X(STD_ALPHABET, "jws.standard_base64", "a part uses '+' or '/' of standard base64", \
      "use the base64url alphabet: '-' and '_'") \
    X(LINE_END, "jws.line_end", "a line end after the last part, as files have one", \
      "trim it off before you send the JWT") \
    X(WRAPPED, "jws.wrapped", "the JWT is wrapped into lines", "send it in one line: base64 -w0, openssl base64 -A") \
    X(PLUS_IS_SPACE, "jws.plus_became_space", "a '+' of standard base64 that the form turned into a space", \
      "use the base64url alphabet: '-' and '_'") \
    X(WHITE_SPACE, "jws.white_space", "a part holds white space", "send the JWT without any white space") \
    X(BEYOND_ASCII, "jws.beyond_ascii", "a part holds a character beyond ASCII: an invisible one, or a dash or mark of a word processor", \
      "take the JWT from where it is made, not from a document or a chat") \
    X(OTHER_CHARACTER, "jws.other_character", "a part holds a character that base64url does not have", \
      "send the JWT unaltered") \
    X(JSON_TWICE, "json.encoded_twice", "it is base64url of base64url: it was encoded twice", "encode the JSON once, in base64url") \
    X(JSON_UTF16, "json.utf16", "it is JSON in UTF-16", "encode the bytes of its UTF-8: StandardCharsets.UTF_8, Encoding.UTF8") \
    X(JSON_STRING, "json.string", "it is JSON written as a JSON string: it was turned into JSON twice", "turn the object into JSON once") \
    X(JSON_QUOTES, "json.quotes", "it is how Python or JavaScript prints an object, with quotation marks that JSON has not", \
      "turn the object into JSON with json.dumps(), JSON.stringify() or a JWT library") \
    X(JSON_PACKED, "json.compressed", "it is compressed, which a JWS never is", "encode the JSON itself") \
    X(JSON_HEX, "json.hex", "it was decoded from hex: the parts are hex, not base64url", "encode the bytes in base64url") \
    X(ALG_NONE, "alg.none", "unsigned", "sign the JWT, with RS384") \
    X(ALG_HMAC, "alg.hmac", "a symmetric algorithm, which would make the public key a password", \
      "sign with the private key: RS384") \
    X(ALG_EC_STATIC, "alg.ec_without_jwks_url", "EC signatures need a JWK Set URL at Epic", \
      "register a JWK Set URL, or sign with an RSA key and RS384") \
    X(ALG_OTHER_CURVE, "alg.other_curve", "ES512 and EdDSA are not accepted", "") \
    X(ALG_PSS, "alg.pss", "RSA-PSS is not accepted", "use RS384 (PKCS#1 v1.5)") \
    X(ALG_OTHER_NAME, "alg.other_name", "another spelling of an algorithm, as a crypto library, XML or a document has it", \
      "write the name that JWS has: RS384, in capitals and without anything between") \
    X(ALG_CASE, "alg.letter_case", "algorithm names are case-sensitive", "write it in capitals") \
    X(CLAIM_NAME, "claim.other_name", "the claim is missing, and one of this name is there", \
      "write its name as JWTs have it: iss, sub, aud, exp, jti, in small letters") \
    X(CLAIM_INSIDE, "claim.inside_another", "the claim stands inside of this one", \
      "let the claims be members of the payload itself; options of a library are no claims") \
    X(WRONG_TYPE, "value.type", "of the wrong JSON type", "") \
    X(EMPTY, "value.empty", "empty", "") \
    X(KEY_UNKNOWN_KID, "kid.unknown", "no key of the registered set has this kid", \
      "send a kid that the JWK Set holds; after a key rotation the set must hold both keys") \
    X(KEY_REMOVED, "kid.removed", "the JWK Set held this kid until it changed", \
      "sign with a key of the present set; when rotating, keep the old key beside the new one until 5 min after its last use") \
    X(KEY_REPLACED, "kid.reused", \
      "made with the key that had this kid before; the JWK Set now holds another one under it", \
      "give each new key a new kid, and keep the old key beside it until 5 min after its last use") \
    X(STATIC_KEY, "key.uploaded", \
      "an uploaded key; Epic's sandbox takes none since February 2026, a customer's system none from its version of May 2026 on", \
      "register a JWK Set URL; a customer sets it as the app's local JKU, which may be a .pem from August 2026 on") \
    X(SINGLE_JWK, "key.single_jwk", "one JWK, where a JWK Set is asked for", "put it into a set: {\"keys\":[...]}") \
    X(LOCAL_JKU, "key.local_jku", "the customer has not configured the app's local JKU, which its Epic wants from May 2026 on", \
      "ask the customer's administrator to set the app's local JKU to your JWK Set URL; from August 2026 it may be a .pem") \
    X(KID_JWK_THUMBPRINT, "kid.thumbprint", "the RFC 7638 thumbprint of a key that has another kid in the set", \
      "use one kid on both sides: that of the set, or put the thumbprint into the set") \
    X(KID_CERT_THUMBPRINT, "kid.certificate_thumbprint", \
      "it looks like the thumbprint of a certificate, and no key of the set has it as kid", \
      "use one kid on both sides: that of the set, or put the thumbprint into the set") \
    X(KID_CASE, "kid.letter_case", "a key of the set has this kid in other capitals", \
      "write it as in the set: kid is case-sensitive") \
    X(KID_UNUSABLE, "kid.key_unusable", "the key with this kid is of no use here", \
      "correct that key in the JWK Set, or sign with another") \
    X(KEY_STALE, "key.set_cached", "the set was changed after Epic fetched it", \
      "wait: Epic keeps a set for up to 29 hours; give each new key a new kid, and keep both in the set for a while") \
    X(KEY_AMBIGUOUS, "key.ambiguous", "several keys of the registered set fit", "send a kid that only one key has") \
    X(KEY_KTY, "key.type", "no registered key is of the type that alg needs", \
      "sign with the algorithm of the registered key: RS384 for RSA, ES256 for P-256, ES384 for P-384") \
    X(KEY_ALG, "key.alg", "the registered key is marked for this algorithm alone, and the header names another", \
      "sign with the algorithm that the JWK names, or leave alg out of the JWK") \
    X(KEY_USE, "key.use", "the registered key is not marked for signatures", \
      "set use to sig in the JWK and key_ops to [\"verify\"], or leave both out; an encryption key cannot serve") \
    X(KEY_EC_UPLOADED, "key.ec_uploaded", "the key of the uploaded certificate is an EC key, which Epic takes only by JWK Set URL", \
      "upload the certificate of an RSA key and sign with RS384, or register a JWK Set URL and sign with ES256 or ES384") \
    X(OTHER_TOKEN, "signature.other_token", "not a client assertion, but an access token or id_token that a server signed", \
      "send the JWT that you sign yourself, with iss and sub your client id") \
    X(SIGNATURE_PSS, "signature.pss", "made by RSA-PSS with the registered key, and the header names PKCS#1 v1.5", \
      "sign with RS384 (RSASSA-PKCS1-v1_5): in OpenSSL, Java and .NET padding is PKCS#1, not PSS") \
    X(SIGNATURE_BARE, "signature.bare_digest", "made with the registered key, with the digest alone and without the name of its algorithm", \
      "let the library hash: SHA384withRSA in Java, not NONEwithRSA; openssl dgst -sign, not pkeyutl without -pkeyopt digest") \
    X(SIGNATURE_OF_PART, "signature.of_other_bytes", "signed with the registered key in place of header.payload", \
      "sign the ASCII bytes of header.payload, both in base64url with the dot between, and nothing else") \
    X(SIGNATURE_DER, "signature.der", "as OpenSSL and many libraries make it", \
      "convert it to r||s: 64 bytes for ES256, 96 for ES384") \
    X(SIGNATURE_OF_EC, "signature.of_ec_key", "an ECDSA signature, made with an EC key, and alg is one of RSA", \
      "sign with the RSA key that is registered; EC keys are for ES256 and ES384, and need a JWK Set URL at Epic") \
    X(SIGNATURE_OF_RSA, "signature.of_rsa_key", "as long as an RSA key makes it, and alg is one of EC", \
      "name the algorithm that you sign with: RS384") \
    X(SIGNATURE_OF_HMAC, "signature.hmac", "as long as an HMAC, made with a text in place of a private key", \
      "hand your JWT library a private key object read from the PEM, not its text as a secret") \
    X(SIGNATURE_TEXT, "signature.encoded_twice", "the signature was encoded twice: it is hex or base64 text", \
      "base64url-encode the signature's bytes, not its text") \
    X(SIGNATURE_CUT, "signature.cut_off", "cut off on its way", \
      "send the JWT whole: a column, a log or a copy may have cut it") \
    X(SIGNATURE_LENGTH, "signature.length", "made with a key of another size or kind", "") \
    X(SIGNATURE_OTHER_KID, "signature.other_kid", "made with the key that has this kid", \
      "send that kid, or sign with the key of the kid you send") \
    X(SIGNATURE_UNTRIED, "signature.key_not_tried", \
      "made with a registered key that is not among the first 8 that fit, and no more are tried", \
      "give each key a kid of its own, and send it") \
    X(SIGNATURE_OTHER_HASH, "signature.other_hash", "made with this algorithm, and the header names another", \
      "name the algorithm in the header that you sign with") \
    X(SIGNATURE_MISMATCH, "signature.other_key", "made with another private key than the registered one", "") \
    X(SIGNATURE_DAMAGED, "signature.damaged", "the signature itself was altered on its way", "send the JWT unaltered") \
    X(SIGNATURE_ALTERED, "signature.altered", "header or payload was altered or encoded anew after signing", \
      "sign the very bytes that you send: header.payload") \
    X(WHITE_SPACE_AROUND, "value.white_space", "white space at its start or end", \
      "trim the value; a trailing newline from a file is the usual reason") \
    X(PLACEHOLDER, "value.placeholder", "a placeholder or a variable that was never filled in", "put the real value in its place") \
    X(ISS_NOT_SUB, "id.iss_is_not_sub", "iss and sub differ", "set both to the client id") \
    X(ID_OTHER, "id.other", "not the client id", "") \
    X(ID_PRODUCTION, "id.production", "the sandbox and test systems know the app's non-production id only", \
      "use that one here") \
    X(ID_NON_PRODUCTION, "id.non_production", "production systems know the app's production id only", "use that one here") \
    X(ID_CUT, "id.cut_off", "a part of the client id, or more than it", "write it as the app page shows it, whole and alone") \
    X(ID_DASHES, "id.dashes", "the client id without its dashes, or with others", "write it as the app page shows it, with its four plain dashes") \
    X(ID_TYPO, "id.typing_error", "the client id but for a few characters", "copy it from the app page") \
    X(ID_CASE, "id.letter_case", "the client id in other capitals", "write it as the app page shows it") \
    X(ID_WRAPPED, "id.wrapped", "the client id with something around it: quotation marks, braces, urn:uuid:", \
      "write it as the app page shows it, and nothing else") \
    X(ISS_IS_URL, "id.is_url", "a URL, as OpenID issuers are; here the client itself is the issuer", "") \
    X(FORM_CLIENT_ID, "form.client_id", "the client_id parameter names another client", \
      "leave client_id out, or send the same id") \
    X(AUD_SLASH, "aud.slash", "a trailing slash more or less", "remove or add the slash, so that it is the token URL") \
    X(AUD_PORT, "aud.port", "the default port written out, or left out", "write the port exactly as in the token URL") \
    X(AUD_FHIR, "aud.fhir_base", "the FHIR base URL", "use the token URL") \
    X(AUD_AUTHORIZE, "aud.authorize", "the authorize URL", "use the token URL: it ends in /oauth2/token") \
    X(AUD_SCHEME, "aud.scheme", "http and https mixed up", "write the scheme of the token URL") \
    X(AUD_CASE, "aud.letter_case", "other capitals", "write the URL exactly as the token URL") \
    X(AUD_INSTANCE, "aud.other_instance", "the token URL of another Epic instance", \
      "use the token URL of the instance that you post to; every customer, and the sandbox, has its own") \
    X(AUD_PROXY, "aud.proxy", "the name of a proxy, which Epic does not know", \
      "ask the customer to allow the proxy's URL as audience") \
    X(AUD_TYPO, "aud.typing_error", "the token URL but for a few characters", "copy the token URL") \
    X(AUD_INTROSPECT, "aud.other_endpoint", "another endpoint of the OAuth server", "use the token URL: it ends in /oauth2/token") \
    X(AUD_MORE, "aud.more", "the token URL and more behind it", "write the token URL alone") \
    X(AUD_LIST, "aud.list_in_text", "a list in one string", "give the token URL alone, as a string") \
    X(AUD_NO_URL, "aud.no_url", "no URL", "set aud to the token URL, as you post to it") \
    X(AUD_WRAPPED, "aud.wrapped", "the token URL with something around it: quotation marks, brackets", "write the URL alone") \
    X(AUD_NO_SCHEME, "aud.no_scheme", "the token URL without its scheme", "begin it with https://, as in the token URL") \
    X(AUD_ENCODED, "aud.percent_encoded", "percent-encoded", "write the URL plainly: JSON needs no percent-encoding") \
    X(AUD_ESCAPED, "aud.escaped", "with backslashes in it, which are the escapes of JSON written twice, or those of Windows", \
      "write the URL plainly and let a JSON library make the claims") \
    X(AUD_HOST, "aud.other_url", "a URL of another host, port or path", "use the token URL of this server") \
    X(AUD_ISSUER, "aud.issuer", "the server's base or issuer", "use the token URL: it ends in /oauth2/token") \
    X(AUD_IS_HOST, "aud.host_agrees", \
      "your client calls this mock {origin}, in Host and in aud, and the mock does not know that name as its own", \
      "start it with --public-url {origin}, or with --switch aud_follow_host=accept") \
    X(AUD_TARGET, "aud.posted_elsewhere", "a token URL, and what it is compared with, {aud}, is none", \
      "post to the URL that aud names; a token URL ends in /oauth2/token") \
    X(AUD_POSTED, "aud.is_posted_url", "the URL that the request was posted to, and not the one that is expected", \
      "post to the expected URL, and name it in aud") \
    X(AUD_NOT_POSTED, "aud.not_posted_url", "accepted, but the request was posted to another URL, {origin}", \
      "post to the URL that aud names, or make sure that both are one server's") \
    X(RFC7523BIS, "assertion.rfc7523bis", \
      "the form of RFC 7523bis, in which newer libraries sign: typ client-authentication+jwt and the issuer as aud", \
      "set typ to JWT and aud to the token URL: in modifyAssertion of oauth4webapi and openid-client, " \
      "setJwtClientAssertionCustomizer of Spring Security, your IClientAssertionService with Duende, a GenerateTokenContext " \
      "handler of OpenIddict; Client assertion audience of Keycloak and aud of requests_oauth2client set the latter; " \
      "elsewhere look for the options of the assertion's audience and type") \
    X(RFC7523BIS_WANTED, "assertion.rfc7523bis_wanted", "the form of RFC 7523, and the switch rfc7523bis wants that of RFC 7523bis", "") \
    X(AUD_ARRAY_USED, "aud.array", "Epic's documentation knows a single string", "send one string") \
    X(MILLISECONDS, "time.milliseconds", "it looks like milliseconds", "send seconds: divide by 1000") \
    X(TIME_STRING, "time.string", "a string", "send the number without quotation marks") \
    X(MICROSECONDS, "time.microseconds", "it looks like microseconds", "send seconds: divide by 1000000") \
    X(MINUTES, "time.minutes", "it looks like minutes", "send seconds: multiply by 60") \
    X(HOURS, "time.hours", "it looks like hours", "send seconds: multiply by 3600") \
    X(DAYS, "time.days", "it looks like days", "send seconds: multiply by 86400, and add the time of day") \
    X(EPOCH, "time.epoch", "seconds counted from another year than 1970, as .NET (1), NTP (1900) and Apple (2001) count", \
      "send seconds since 1970-01-01T00:00:00Z") \
    X(LIFETIME_MS, "time.lifetime_milliseconds", "a lifetime in milliseconds was added to a time in seconds", \
      "set exp to the present time plus {advised}: seconds on both sides") \
    X(TIME_DATE, "time.date", "a date as text", "send the number of seconds since 1970-01-01T00:00:00Z") \
    X(TIME_FRACTION, "time.fraction", "it has a fraction, or is beyond 2^53, as nanoseconds and the ticks of .NET are", "send whole seconds: round down") \
    X(TIME_ZONE, "time.zone", "off by {zone}: local time taken for UTC", \
      "use UTC: seconds since 1970 have no time zone") \
    X(DURATION, "time.duration", "it looks like a duration, not a point in time", \
      "send the present time plus the duration") \
    X(NO_LIFETIME, "time.no_lifetime", "not later than iat: no lifetime was added to it", \
      "set exp to the present time plus at most {advised} s") \
    X(LIFETIME, "time.lifetime", "a longer lifetime than is allowed", "") \
    X(CLOCK_MOVED, "clock.moved", "this mock's clock stands {clock} real time (--clock-offset, --at, PUT /mock/clock)", \
      "put it right with PUT /mock/clock and offset_s 0, or let the client take the time from the Date header") \
    X(CLOCK_CHOSEN, "clock.chosen", "judged as of --at, which is {clock} the present time, and by that it would fit", \
      "leave --at out, or give the time at which the JWT was sent") \
    X(CLOCK_AHEAD, "clock.ahead", "your clock runs ahead of the server's", \
      "set the clock by NTP, and set nbf and iat 10 s back") \
    X(CLOCK_BEHIND, "clock.behind", "your clock runs behind the server's", "set the clock by NTP") \
    X(JUST_EXPIRED, "time.just_expired", "it ran out a moment ago: a cached JWT, a retry, or a slow queue", \
      "make a new JWT for every request") \
    X(KEPT, "time.kept", "this very JWT was accepted {since} s ago: it is kept and sent again", \
      "make a new JWT for every request") \
    X(OLD, "time.old", "an old JWT, kept and sent again", "make a new JWT for every request") \
    X(NO_MARGIN, "time.no_margin", "accepted, but a clock 1 s ahead of the server's would not be", "use {advised} s") \
    X(NO_MARGIN_BACK, "time.no_margin_back", "accepted, but with a clock 1 s ahead of the server's it would not be", \
      "set it 10 s back, or leave it out") \
    X(NO_KID, "kid.absent", "accepted, but which key is meant can only be found by trying", "send the kid of your key") \
    X(KID_DIFFERS, "kid.ignored", "accepted, although no registered key has this kid", "send the kid of your key") \
    X(JKU_OTHER, "jku.other", "not the registered JWK Set URL", "") \
    X(JKU_STATIC, "jku.not_registered", "a jku, and the app has no JWK Set URL registered", \
      "leave jku out, or register that URL") \
    X(JKU_DIFFERS, "jku.ignored", "accepted, although it is not the registered URL; it was not fetched", "leave jku out") \
    X(JTI_CHARACTERS, "jti.characters", "characters that this server does not take", "use a UUID") \
    X(AFTER_EXP, "time.after_exp", "later than exp", "") \
    X(JTI_SPACE, "jti.white_space", \
      "accepted here, but it has white space at its start or end, and Epic says nothing of the characters allowed", \
      "trim the value; a UUID is safe") \
    X(JTI_LONG, "jti.too_long", "more characters than are allowed", "") \
    X(NOT_SYNCED, "client.not_synced", "the app was saved a short while ago, and may arrive only then", "") \
    X(REPLAYED, "jti.replayed", "this jti was used before", "") \
    X(BAD_SCOPE, "scope.malformed", \
      "no scope of the form system/TYPE.LETTERS, with letters out of \"cruds\" in that order, or of v1", \
      "write system/Patient.rs, system/Observation.r?category=..., or system/Patient.read") \
    X(OUT_OF_SCOPE, "scope.not_granted", "nothing of it is granted to the app", "") \
    X(TOO_MANY_SCOPES, "scope.too_many", "more scopes than a token holds", "ask for system/*.rs, or for less") \
    X(SCOPE_LEFT_OUT, "scope.left_out", "left out of the token: the app is not registered for it", "") \
    X(SCOPE_UNKNOWN, "scope.unknown", "left out of the token: no scope that this server knows", "")
/* clang-format on */

enum auth_cause {
#define X(name, ...) AUTH_CAUSE_##name,
    AUTH_CAUSE_LIST(X)
#undef X
        AUTH_CAUSE_COUNT
};

enum { AUTH_CAUSES_MAX = 3 };

#endif
