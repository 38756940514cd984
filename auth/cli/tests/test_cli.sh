#!/usr/bin/env bash
# epic-auth, mock-epic and epic-conformance as a user meets them.
set -u
bin=$EPIC_BIN_DIR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
unset EPIC_BACKEND_CLIENT_ID EPIC_TOKEN_URL EPIC_FHIR_BASE_URL EPIC_PRIVATE_KEY_PATH
failures=0

# expect STATUS COMMAND...: runs it, keeps stdout and stderr in files
expect() {
    local want=$1 got
    shift
    "$@" >out 2>err
    got=$?
    if [ "$got" -ne "$want" ]; then
        echo "FAILED: $*: status $got, expected $want"
        cat out err
        failures=$((failures + 1))
    fi
}
says() { # FILE TEXT
    if ! grep -qF -- "$2" "$1"; then
        echo "FAILED: no \"$2\" in $1:"
        cat "$1"
        failures=$((failures + 1))
    fi
}
says_not() { # FILE TEXT
    if grep -qF -- "$2" "$1"; then
        echo "FAILED: \"$2\" must not be in $1"
        failures=$((failures + 1))
    fi
}

# keys
expect 0 "$bin/epic-auth" key new --dir "$work"
[ "$(stat -c %a epic_backend_private_key.pem)" = 600 ] || { echo 'FAILED: the key is not 0600'; failures=1; }
thumbprint=$(openssl x509 -in epic_backend_public_cert.pem -noout -fingerprint -sha1 | sed 's/.*=//; s/://g')
says err "$thumbprint"
expect 3 "$bin/epic-auth" key new --dir "$work"
says err 'exists already'
expect 0 "$bin/epic-auth" key match epic_backend_private_key.pem --cert epic_backend_public_cert.pem
expect 0 "$bin/epic-auth" key match epic_backend_private_key.pem --jwks epic_backend_jwks.json
expect 3 "$bin/epic-auth" key match epic_backend_private_key.pem --cert "$EPIC_FIXTURES_DIR/keys/rsa2048_a.cert.pem"
expect 0 "$bin/epic-auth" key inspect epic_backend_public_cert.pem
says out "$thumbprint"
expect 3 "$bin/epic-auth" key inspect "$EPIC_FIXTURES_DIR/keys/rsa1024_a.cert.pem"
expect 0 "$bin/epic-auth" key jwks epic_backend_private_key.pem
says_not out '"d"'
expect 0 "$bin/epic-auth" key cert epic_backend_private_key.pem
expect 2 "$bin/epic-auth" key nonsense
# an encrypted key must not make anybody wait for a passphrase, terminal or not
expect 3 timeout 5 script -qec "$bin/epic-auth key inspect $EPIC_FIXTURES_DIR/keys/rsa2048_a.encrypted.TESTKEY.pem" /dev/null
says out 'encrypted private key'

# configuration
expect 3 "$bin/epic-auth" token
says err 'EPIC_BACKEND_CLIENT_ID is not set'
expect 2 "$bin/epic-auth" token --formt bare
says err 'did you mean --format?'
expect 2 "$bin/epic-auth" nonsense
expect 0 "$bin/epic-auth" --help
expect 4 "$bin/epic-auth" token --client-id x --token-url http://127.0.0.1:9/t --private-key epic_backend_private_key.pem
expect 3 "$bin/epic-auth" token --client-id x --token-url http://example.org/t --private-key epic_backend_private_key.pem

# against the mock
run() { "$bin/mock-epic" run -- "$@"; }
expect 0 run "$bin/epic-auth" get Patient/erXuFYUfucBZaryVksYEcMg3
says out '"family":"Lopez"'
expect 7 run "$bin/epic-auth" get Patient/nobody
says err 59008
expect 0 run "$bin/epic-auth" observations eq081-VQEgP8drUUqCWzHfw3 --category vital-signs
[ "$(wc -l <out)" -eq 72 ] || { echo 'FAILED: not 72 observations'; failures=1; }
expect 8 run "$bin/epic-auth" observations eq081-VQEgP8drUUqCWzHfw3
says err 59108
expect 0 run "$bin/epic-auth" search Condition patient=egqBHVfQlt4Bw3XGXoxVxHg3
says err 4101
expect 0 run "$bin/epic-auth" metadata
says out CapabilityStatement
expect 5 run env EPIC_PRIVATE_KEY_PATH="$work/epic_backend_private_key.pem" "$bin/epic-auth" token
says err 'invalid_client'
says err 'signature: '
expect 7 run sh -c 'exit 7'
expect 143 run sh -c 'kill -TERM $$'
expect 127 run no-such-command

# the assertion that the client makes is judged good, and decoded without its signature
expect 0 "$bin/epic-auth" assertion --client-id me --token-url https://h/t --private-key epic_backend_private_key.pem
cp out jwt
expect 0 "$bin/epic-conformance" jwt --cert epic_backend_public_cert.pem --client-id me --token-url https://h/t jwt
expect 1 "$bin/epic-conformance" jwt --cert epic_backend_public_cert.pem --client-id you --token-url https://h/t jwt
says out 'sub.value'
expect 0 "$bin/epic-auth" assertion --decode jwt
says out '"alg":"RS384"'
says_not out "$(sed 's/.*\.//' jwt)"
expect 2 "$bin/epic-conformance" jwt jwt
expect 3 "$bin/epic-conformance" jwt --cert "$EPIC_FIXTURES_DIR/keys/rsa2048_a.pub.pem" jwt
says err 'bare public key'
expect 0 "$bin/epic-conformance" rules --format json
expect 0 "$bin/epic-conformance" rules --format markdown
if ! sed -n '/^| rule |/,$p' "$EPIC_SOURCE_DIR/conformance/README.md" | cmp - out; then
    echo 'FAILED: conformance/README.md does not end with the rules: write "epic-conformance rules -f markdown" into it'
    failures=$((failures + 1))
fi

# mock-epic's own complaints
expect 2 "$bin/mock-epic" serve --listen nonsense
expect 2 "$bin/mock-epic" serve --profile nonsense
expect 2 "$bin/mock-epic" serve --switch nonsense=1
expect 2 "$bin/mock-epic" run
expect 3 "$bin/mock-epic" serve --listen 127.0.0.1:0 --client-id x --cert "$EPIC_FIXTURES_DIR/keys/rsa2048_a.cert.der"
says err 'binary DER'
expect 3 "$bin/mock-epic" serve --listen 127.0.0.1:0 --fixtures /nonexistent
expect 0 "$bin/mock-epic" serve --help-switches

# the man pages name every option that the help names
documented() { # MAN_PAGE PROGRAM [COMMAND]
    local page=$EPIC_SOURCE_DIR/$1 option
    shift
    for option in $("$@" --help | grep -oE -- '--[a-z-]+' | sort -u); do
        case $option in --help-switches | --help) continue ;; esac
        if ! grep -qE -- " -${option#--}( |\$)" "$page"; then
            echo "FAILED: $page does not name $option"
            failures=$((failures + 1))
        fi
    done
}
for command in key assertion token get metadata search observations config; do
    documented auth/man/epic-auth.1 "$bin/epic-auth" "$command"
done
documented mock_epic/man/mock-epic.1 "$bin/mock-epic" serve
documented conformance/man/epic-conformance.1 "$bin/epic-conformance" jwt
documented conformance/man/epic-conformance.1 "$bin/epic-conformance" rules

[ "$failures" -eq 0 ]
