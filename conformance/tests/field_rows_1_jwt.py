"""Field cases: the JWT itself, what it claims, who signed it."""
from field_cases import DROP, row

ROWS = [
    # ---- who signed ----
    row("jwt.ec_der_under_rs256", "github.com/n8n-io/n8n/pull/32948", "an EC key signed under RS256; an RSA certificate is registered",
        lambda w: w.lint(w.jwt("ec.pem", "RS256")), wants="an ECDSA signature, made with an EC key"),
    row("jwt.ec_der_under_rs256_ec_certificate", "github.com/n8n-io/n8n/pull/32948", "the same, and its EC certificate is registered",
        lambda w: w.lint(w.jwt("ec.pem", "RS256"), keys=("--cert", "certec.pem")), wants="EC key, which Epic takes only by JWK Set URL"),

    # ---- times ----
    row("jwt.time_utc_plus_1", "github.com/jpadilla/pyjwt/issues/321", "local time for UTC, an hour off, exp alone",
        lambda w: w.lint(w.jwt(iat=DROP, exp=lambda now: now - 3300)), wants="local time taken for UTC"),
    row("jwt.time_utc_plus_1_iat", "github.com/jpadilla/pyjwt/issues/631", "the same with iat",
        lambda w: w.lint(w.jwt(iat=lambda now: now - 3600, exp=lambda now: now - 3300)), wants="local time taken for UTC"),
    row("jwt.time_india", "github.com/oauthlib/oauthlib/pull/958", "local time for UTC in India",
        lambda w: w.lint(w.jwt(iat=lambda now: now - 19800, exp=lambda now: now - 19500)), wants="5:30 hours: local time"),
    row("jwt.time_newfoundland", "", "local time for UTC in Newfoundland, exp alone",
        lambda w: w.lint(w.jwt(iat=DROP, exp=lambda now: now + 12900)), wants="3:30 hours: local time"),
    row("jwt.time_exp_is_iat", "", "exp was set to the present time, without a lifetime",
        lambda w: w.lint(w.jwt(iat=lambda now: now, exp=lambda now: now)), wants="no lifetime was added"),
]
