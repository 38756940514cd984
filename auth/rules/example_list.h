/* THE EXAMPLES: for each rule a value that it accepts, the nearest one that it rejects, and the files of fixtures/jwt that
 * prove both. A test judges the files, so an example cannot grow old.
 *
 * X(NAME, accepted, rejected, file that passes the rule, file that fails it and no other) */
#ifndef AUTH_RULES_EXAMPLE_LIST_H
#define AUTH_RULES_EXAMPLE_LIST_H

/* clang-format off */
#define AUTH_EXAMPLE_LIST(X) \
    X(FORM_METHOD, "POST /oauth2/token", "POST /oauth2/token?scope=x", "y_form", "n_form_query") \
    X(FORM_CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8", \
      "application/x-www-form-urlencoded; charset=latin1", "y_form_charset_utf8", "n_form_charset_latin1") \
    X(FORM_DUPLICATES, "grant_type once", "grant_type twice, with the same value", "y_form", "n_form_duplicate") \
    X(FORM_GRANT_TYPE, "client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer", "y_form", "n_form_grant_wrong") \
    X(FORM_ASSERTION_TYPE, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", \
      "the same, percent-encoded twice", "y_form", "n_form_assertion_type_encoded_twice") \
    X(FORM_ASSERTION, "client_assertion=eyJ...", "client-assertion=eyJ...", "y_form", "n_form_assertion_with_dash") \
    X(FORM_ONE_METHOD, "client_id beside the assertion", "client_secret beside the assertion", "y_form_client_id", \
      "n_form_secret_beside") \
    X(JWS_COMPACT, "eyJ....eyJ....c2ln", "eyJ....eyJ...", "y_plain", "n_compact_two_parts") \
    X(JWS_BASE64URL, "the JWT as it was signed", "the JWT and the line end of its file", "y_plain", "n_base64_newline_at_end") \
    X(HEADER_JSON, "{\"alg\":\"RS384\",\"typ\":\"JWT\"}", "{\"alg\":\"none\",\"alg\":\"RS384\"}", "y_plain", "n_header_duplicate") \
    X(HEADER_ALG, "ES384 with a registered JWK Set URL", "ES384 with an uploaded certificate", "y_alg_es384_jwks_url", \
      "n_alg_es384_certificate") \
    X(HEADER_TYP, "jwt, in lower case", "at+jwt", "y_typ_lower_case", "n_typ_other") \
    X(HEADER_CRIT, "no b64", "\"b64\":false", "y_plain", "n_header_b64") \
    X(HEADER_KID, "\"kid\":\"key-a\"", "\"kid\":\"\"", "y_kid_of_set", "n_kid_empty") \
    X(HEADER_JKU, "https://jwks.example.org/epic/jwks.json, as registered", "the same with a ? at its end", "y_jku_registered", \
      "n_jku_other") \
    X(PAYLOAD_JSON, "32 arrays and objects inside one another", "33 of them", "y_payload_depth_32", "n_payload_depth_33") \
    X(CLIENT_KNOWN, "a registered client id", "nobody", "y_plain", "n_client_unknown") \
    X(CLIENT_SYNCED, "at the second at which the registration arrives", "1 s before", "y_plain", "n_client_synced") \
    X(CLIENT_ENVIRONMENT, "the non-production id in the sandbox", "the production id in the sandbox", "y_plain", \
      "n_client_environment") \
    X(KEY_SOURCE, "an app with a certificate", "an app without any key", "y_plain", "n_key_source") \
    X(KEY_FOUND, "\"kid\":\"key-a\", which the set has", "\"kid\":\"KEY-A\"", "y_kid_of_set", "n_kid_upper_case") \
    X(KEY_STRENGTH, "RSA of 2048 bits", "RSA of 1024 bits", "y_plain", "n_key_1024") \
    X(SIGNATURE, "256 bytes of a 2048-bit key", "the same with one bit flipped", "y_plain", "n_signature_flipped") \
    X(ISS_VALUE, "d45049c3-3441-40ef-ab4d-b9cd86a17225", "the same and a space", "y_plain", "n_iss_trailing_space") \
    X(SUB_VALUE, "the value of iss", "somebody-else", "y_plain", "n_sub_other") \
    X(AUD_VALUE, "https://.../oauth2/token", "https://.../oauth2/token/", "y_plain", "n_aud_trailing_slash") \
    X(EXP_TYPE, "1790000240", "\"1790000240\"", "y_plain", "n_exp_string") \
    X(EXP_FUTURE, "1 s ahead", "now", "y_exp_now_plus_1", "n_exp_now") \
    X(EXP_WINDOW, "300 s ahead", "301 s ahead", "y_exp_now_plus_300", "n_exp_now_plus_301") \
    X(NBF_TYPE, "1790000000", "\"1790000000\"", "y_nbf_now", "n_nbf_string") \
    X(NBF_PAST, "now", "1 s ahead", "y_nbf_now", "n_nbf_now_plus_1") \
    X(NBF_WINDOW, "300 s before exp", "301 s before exp", "y_nbf_300_before_exp", "n_nbf_301_before_exp") \
    X(IAT_TYPE, "1790000000", "\"1790000000\"", "y_iat_now", "n_iat_string") \
    X(IAT_PAST, "now", "1 s ahead", "y_iat_now", "n_iat_now_plus_1") \
    X(IAT_WINDOW, "300 s before exp", "301 s before exp", "y_iat_300_before_exp", "n_iat_301_before_exp") \
    X(JTI_TYPE, "\"17\"", "17", "y_jti_digits", "n_jti_number") \
    X(JTI_LENGTH, "151 characters", "152 characters", "y_jti_151", "n_jti_152") \
    X(JTI_REPLAY, "a new jti", "a jti sent before", "y_plain", "n_jti_replay") \
    X(CLIENT_BACKGROUND_USER, "mapped to a user", "mapped to no user", "y_plain", "n_client_background_user") \
    X(SCOPE_VALUE, "system/Patient.read, which the app has", "system/Observation.read, which it has not", "y_smart", \
      "n_smart_scope_too_wide")
/* clang-format on */

#endif
