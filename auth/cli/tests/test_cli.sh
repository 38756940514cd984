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

# A full disk: standard output is a file that is as long as files may become, and the signal that says so is ignored.
printf '%4096s' '' >full
FULL_DISK='trap "" XFSZ; ulimit -f 8; exec "$@" >>full'
full_disk() { sh -c "$FULL_DISK" sh "$@"; }

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
# "key inspect" says what a file is, whatever it is
expect 0 "$bin/epic-auth" key inspect epic_backend_jwks.json
says out "$(sed -n 's/.*"kid": "\(.*\)".*/\1/p' epic_backend_jwks.json)"
expect 0 "$bin/epic-auth" key inspect epic_backend_private_key.pem
says out 'RSA, 2048 bits, private'
chmod 644 epic_backend_private_key.pem
expect 0 "$bin/epic-auth" key inspect epic_backend_private_key.pem
says err 'chmod 600'
chmod 600 epic_backend_private_key.pem
openssl rsa -in epic_backend_private_key.pem -traditional -out pkcs1.pem 2>/dev/null
says pkcs1.pem 'BEGIN RSA PRIVATE KEY'
expect 0 "$bin/epic-auth" key match pkcs1.pem --cert epic_backend_public_cert.pem
# a project that has a .env keeps it
mkdir project
echo 'MINE=1' >project/.env
expect 0 "$bin/epic-auth" key new --dir project
says err 'as it was'
[ "$(cat project/.env)" = MINE=1 ] || { echo 'FAILED: .env was changed'; failures=$((failures + 1)); }
[ -f project/epic_backend_private_key.pem ] || { echo 'FAILED: no key beside a .env'; failures=$((failures + 1)); }
# an encrypted key must not make anybody wait for a passphrase, terminal or not
expect 3 timeout $((5 * ${EPIC_SLOW:-3})) script -qec "$bin/epic-auth key inspect $EPIC_FIXTURES_DIR/keys/rsa2048_a.encrypted.TESTKEY.pem" typescript
says out 'encrypted private key'

# configuration
expect 3 "$bin/epic-auth" token
says err 'EPIC_BACKEND_CLIENT_ID is empty (.env)'
expect 3 "$bin/epic-auth" token --env-file ''
says err 'EPIC_BACKEND_CLIENT_ID is not set'
EPIC_TOKEN_URL=https://h/t EPIC_PRIVATE_KEY_PEM=$(cat epic_backend_private_key.pem)
export EPIC_TOKEN_URL EPIC_PRIVATE_KEY_PEM
expect 0 "$bin/epic-auth" config show --client-id me
says out 'EPIC_BACKEND_CLIENT_ID=me  # option'
says out 'EPIC_TOKEN_URL=https://h/t  # environment'
says out 'EPIC_FHIR_BASE_URL=https://fhir.epic.com/interconnect-fhir-oauth/api/FHIR/R4  # .env'
says out "EPIC_PRIVATE_KEY_PEM=[a key with the thumbprint $(sed -n 's/.*"kid": "\(.*\)".*/\1/p' epic_backend_jwks.json)]  # environment"
says_not out "$(sed -n 2p epic_backend_private_key.pem)"
unset EPIC_TOKEN_URL EPIC_PRIVATE_KEY_PEM
expect 2 "$bin/epic-auth" token --formt bare
says err 'did you mean --format?'
expect 2 "$bin/epic-auth" nonsense
expect 0 "$bin/epic-auth" --help
expect 4 "$bin/epic-auth" token --client-id x --token-url http://127.0.0.1:9/t --private-key epic_backend_private_key.pem
nobody=$(printf '%064d' 0).invalid # no name, so that nobody is asked even where this were not refused
expect 3 "$bin/epic-auth" token --client-id x --token-url "http://$nobody/t" --private-key epic_backend_private_key.pem

# neither a password in a URL nor a key where its path belongs is a setting to show
expect 0 "$bin/epic-auth" config show --env-file '' --token-url 'https://u:hunter2@h/t' --fhir-base-url 'https://u@w:hunter2@h/f@x' \
    --private-key "$(printf '%0400d' 0 | tr 0 Q)" --client-id me@home
says out "EPIC_TOKEN_URL='https://[redacted]@h/t'  # option"
says out "EPIC_FHIR_BASE_URL='https://[redacted]@h/f@x'  # option"
says out "EPIC_BACKEND_CLIENT_ID=me@home  # option"
says_not out hunter2
says_not out QQQQ

# what stands in a setting is quoted where a shell or a terminal would take it for more
expect 0 "$bin/epic-auth" config show --env-file '' --client-id "it's \$(x)" --token-url 'http://h/?a&b'
says out "EPIC_BACKEND_CLIENT_ID='it'\\''s \$(x)'  # option"
says out "EPIC_TOKEN_URL='http://h/?a&b'  # option"
expect 0 "$bin/epic-auth" config show --env-file '' --client-id "$(printf 'a\033[31mb\nEPIC_X=1')"
says out "EPIC_BACKEND_CLIENT_ID='a\\x1b[31mb\\x0aEPIC_X=1'  # option"

# a key where its path belongs: a reason that can be read, and nothing of the key
for place in 'env EPIC_PRIVATE_KEY_PATH' 'option' 'inspect' 'match' 'command' 'decode'; do
    pem=$(cat epic_backend_private_key.pem)
    case $place in
    env*) EPIC_PRIVATE_KEY_PATH=$pem "$bin/epic-auth" token --client-id x --token-url https://h/t >out 2>err ;;
    option) "$bin/epic-auth" token --client-id x --token-url https://h/t --private-key "$pem" >out 2>err ;;
    inspect) "$bin/epic-auth" key inspect "$pem" >out 2>err ;;
    match) "$bin/epic-auth" key match epic_backend_private_key.pem --cert "$pem" >out 2>err ;;
    command) "$bin/epic-auth" "$pem" >out 2>err ;;
    decode) "$bin/epic-auth" assertion --decode "$pem" >out 2>err ;;
    esac
    status=$?
    { [ $status -eq 3 ] || [ $status -eq 2 ]; } || { echo "FAILED: $place: status $status"; failures=$((failures + 1)); }
    case $place in command) says err 'a command comes first' ;; decode | inspect) says err '-----BEGIN' ;; match) says err 'a key or certificate itself' ;;
    *) says err 'text of a key' ;; esac
    grep -qF "$(sed -n 2p epic_backend_private_key.pem | cut -c 20-40)" out err && { echo "FAILED: $place: the key is shown"; failures=$((failures + 1)); }
done

# a .env that was made elsewhere works from everywhere
expect 0 "$bin/epic-auth" key new --dir elsewhere
[ "$(stat -c %a elsewhere)" = 700 ] || { echo 'FAILED: the directory of the key is not 0700'; failures=$((failures + 1)); }
expect 3 "$bin/epic-auth" key new --dir no/such/place
expect 3 "$bin/epic-auth" key new --dir epic_backend_jwks.json
expect 0 "$bin/epic-auth" assertion --env-file elsewhere/.env --client-id x --token-url https://h/t
(cd / && "$bin/epic-auth" assertion --env-file "$OLDPWD/elsewhere/.env" --client-id x --token-url https://h/t >/dev/null) ||
    { echo 'FAILED: a .env of another folder'; failures=$((failures + 1)); }

# against the mock
run() { "$bin/mock-epic" run -- "$@"; }
run_off() { # SECONDS COMMAND...
    local offset=$1
    shift
    "$bin/mock-epic" run --clock-offset "$offset" -- "$@"
}
expect 0 run "$bin/epic-auth" get Patient/erXuFYUfucBZaryVksYEcMg3
says out '"family":"Lopez"'
expect 7 run "$bin/epic-auth" get Patient/nobody
says err 59008
expect 0 run "$bin/epic-auth" observations eq081-VQEgP8drUUqCWzHfw3 --category vital-signs
[ "$(wc -l <out)" -eq 1056 ] || { echo 'FAILED: not 1056 observations'; failures=1; }
expect 8 run "$bin/epic-auth" observations eq081-VQEgP8drUUqCWzHfw3
says err 59108
expect 0 run "$bin/epic-auth" search Condition patient=egqBHVfQlt4Bw3XGXoxVxHg3
says err 4101
expect 0 run "$bin/epic-auth" search --bundle --max-pages 2 Observation patient=eq081-VQEgP8drUUqCWzHfw3 category=vital-signs _count=5
[ "$(grep -c '"resourceType":"Bundle"' out)" -eq 2 ] || { echo 'FAILED: not two Bundles'; failures=$((failures + 1)); }
expect 0 run "$bin/epic-auth" search Observation patient=eq081-VQEgP8drUUqCWzHfw3 category=vital-signs _count=50
[ "$(wc -l <out)" -eq 1056 ] || { echo 'FAILED: not all pages'; failures=$((failures + 1)); }
expect 2 "$bin/epic-auth" search
expect 2 "$bin/epic-auth" search Patient family
expect 2 "$bin/epic-auth" get Patient
expect 2 "$bin/epic-auth" get /x
expect 2 "$bin/epic-auth" metadata x
expect 2 "$bin/epic-auth" observations
expect 2 "$bin/epic-auth" config
expect 2 "$bin/epic-auth" token x
expect 2 "$bin/epic-auth" assertion x
expect 2 "$bin/epic-auth"
expect 0 "$bin/epic-auth" --version
says out 'epic-auth '
expect 3 "$bin/epic-auth" assertion --decode /nonexistent
expect 3 "$bin/epic-auth" assertion --decode epic_backend_jwks.json
expect 0 run "$bin/epic-auth" metadata
says out CapabilityStatement
expect 5 run env EPIC_PRIVATE_KEY_PATH="$work/epic_backend_private_key.pem" "$bin/epic-auth" token
says err 'invalid_client'
says err 'signature: '
expect 7 run sh -c 'exit 7'
expect 143 run sh -c 'kill -TERM $$'
expect 127 run no-such-command

# formats; standard output holds what was asked for and nothing else, also with --verbose
expect 0 run "$bin/epic-auth" token --verbose
says err 'a new access token was issued'
[ "$(wc -l <out)" -eq 1 ] && grep -qE '^[A-Za-z0-9_-]+$' out || { echo 'FAILED: not a bare token'; failures=$((failures + 1)); }
says_not err "$(cat out)"
token_is() { # FORMAT PATTERN LINES
    expect 0 run "$bin/epic-auth" token --format "$1"
    if ! grep -qE "$2" out || [ "$(wc -l <out)" -ne "$3" ] || grep -qv "^mock-epic: 1 requests, 1 tokens issued, 0 refused" err; then
        echo "FAILED: token --format $1:"
        cat out err
        failures=$((failures + 1))
    fi
}
token_is header '^Authorization: Bearer [A-Za-z0-9_-]+$' 1
token_is env "^EPIC_ACCESS_TOKEN='[A-Za-z0-9_-]+'\$" 1
token_is curl-config '^header = "Authorization: Bearer [A-Za-z0-9_-]+"$' 1
token_is git-credential '^password_expiry_utc=[0-9]{10}$' 3
token_is json '^\{"access_token":"[A-Za-z0-9_-]+","token_type":"Bearer","expires_in":3[0-9]+,"scope":"[A-Za-z/. ]+"\}$' 1
token_is exec-credential '^\{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":\{"token":"[^"]+","expirationTimestamp":"20[0-9T:-]+Z"\}\}$' 1
expect 2 "$bin/epic-auth" token --format yaml
# shellcheck disable=SC2016
expect 0 run sh -c "eval \"\$('$bin/epic-auth' token -f env)\" && curl -sf -H \"Accept: application/json\" -H \"Authorization: Bearer \$EPIC_ACCESS_TOKEN\" \"\$EPIC_FHIR_BASE_URL/Patient/erXuFYUfucBZaryVksYEcMg3\""
says out '"family":"Lopez"'
# git gets it for the FHIR server and for nobody else
git_asks() { # VERB LINES
    # shellcheck disable=SC2016
    run sh -c 'host=${EPIC_FHIR_BASE_URL#http://}; printf "$3" "${host%%/*}" | "$1" token -f git-credential "$2"' sh "$bin/epic-auth" "$1" "$2" >out 2>err ||
        { echo "FAILED: git $1"; cat err; failures=$((failures + 1)); }
}
git_asks get 'protocol=http\nhost=%s\n\n'
[ "$(grep -cE '^(username=[a-z-]+|password=[A-Za-z0-9_-]{40,}|password_expiry_utc=[0-9]+)$' out)" -eq 3 ] || { echo 'FAILED: git get'; failures=$((failures + 1)); }
for lines in 'protocol=https\nhost=%s\n' 'protocol=http\nhost=%s.evil.example\n' 'protocol=http\nhost=github.com\nx=%s\n' 'protocol=http\nhost=127.0.0.1\nx=%s\n'; do
    git_asks get "$lines"
    [ -s out ] && { echo "FAILED: git got a token for $lines"; failures=$((failures + 1)); }
done
for verb in store erase; do
    git_asks $verb 'protocol=http\nhost=%s\n'
    [ -s out ] && { echo "FAILED: git $verb"; failures=$((failures + 1)); }
done
expect 2 "$bin/epic-auth" token -f git-credential fill
# shellcheck disable=SC2016
expect 0 run sh -c "\"$bin/epic-auth\" token -f curl-config | curl -sf -H 'Accept: application/json' -K - \"\$EPIC_FHIR_BASE_URL/Patient/erXuFYUfucBZaryVksYEcMg3\""
says out '"family":"Lopez"'

# errors as JSON
expect 7 run "$bin/epic-auth" get --json Patient/nobody
python3 -c 'import json; e = json.loads([line for line in open("err") if line[0] == "{"][0]); assert (e["exit"], e["http_status"], e["issues"][0]["coding"]) == (7, 404, "59008"), e' ||
    failures=$((failures + 1))

# a clock that is an hour off is corrected by the server's Date, once
expect 0 run_off 3600 "$bin/epic-auth" token --verbose
says err 'refused'
expect 0 run_off -3600 "$bin/epic-auth" get Patient/erXuFYUfucBZaryVksYEcMg3
expect 0 run_off 20 "$bin/epic-auth" token
says_not err 'refused ('

# output that cannot be written is an error; a reader that went away is not worth a word
expect 1 full_disk "$bin/epic-auth" --help
expect 1 run sh -c "$FULL_DISK" sh "$bin/epic-auth" get Patient/erXuFYUfucBZaryVksYEcMg3
says err 'cannot write the output'
run bash -c "\"$bin/epic-auth\" search Observation patient=eq081-VQEgP8drUUqCWzHfw3 category=vital-signs | head -n 1; exit \${PIPESTATUS[0]}" >out 2>err
case $? in 0 | 141) ;; *) echo 'FAILED: SIGPIPE'; failures=$((failures + 1)) ;; esac
says_not err epic-auth
# Ctrl-C while a server is silent: it dies of the signal, so the shell sees 130
python3 - "$bin/epic-auth" <<'PYTHON' || failures=$((failures + 1))
import signal, socket, subprocess, sys
server = socket.create_server(("127.0.0.1", 0))
url = f"http://127.0.0.1:{server.getsockname()[1]}/t"
for number in (signal.SIGINT, signal.SIGTERM):
    command = [sys.argv[1], "token", "--client-id", "x", "--token-url", url, "--private-key", "epic_backend_private_key.pem"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    conn, _ = server.accept()
    conn.recv(1)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    if process.returncode != -number or out or err:
        sys.exit(f"FAILED: {number}: {process.returncode} {out} {err}")
PYTHON

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
expect 1 "$bin/epic-conformance" jwt --cert "$EPIC_FIXTURES_DIR/keys/rsa2048_a.pub.pem" jwt
says out 'bare public key'
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
for command in key assertion token get metadata search observations test doctor cache config completion version; do
    documented auth/man/epic-auth.1 "$bin/epic-auth" "$command"
done
documented mock_epic/man/mock-epic.1 "$bin/mock-epic" serve
documented conformance/man/epic-conformance.1 "$bin/epic-conformance" jwt
documented conformance/man/epic-conformance.1 "$bin/epic-conformance" rules

[ "$failures" -eq 0 ]
