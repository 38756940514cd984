#!/usr/bin/env bash
# Wherever the three programs read a file that the user names, a pipe and - do as well.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
PATH=$EPIC_BIN_DIR:$PATH
keys=$EPIC_FIXTURES_DIR/keys
key=$keys/rsa2048_a.TESTKEY.pem cert=$keys/rsa2048_a.cert.pem
bad=0

# wants STATUS WORDS COMMAND...: WORDS are on either stream
wants() {
    status=$1 words=$2
    shift 2
    said=$("$@" 2>&1)
    got=$?
    case $said in
    *"$words"*) [ "$got" -eq "$status" ] && return ;;
    esac
    echo "BAD $*: status $got, $said"
    bad=1
}

url=https://fhir.epic.com/interconnect-fhir-oauth/oauth2/token
epic-auth assertion --client-id me --token-url $url --private-key <(cat "$key") >jwt 2>err || { cat err; bad=1; }
epic-auth key jwks "$key" >jwks.json
common=(--client-id me --token-url "$url")

wants 0 'would be accepted' epic-conformance jwt "${common[@]}" --cert <(cat "$cert") <(cat jwt)
wants 0 'would be accepted' epic-conformance jwt "${common[@]}" --jwks <(cat jwks.json) jwt
wants 0 'would be accepted' epic-conformance jwt "${common[@]}" --cert - jwt <"$cert"
wants 0 'would be accepted' epic-conformance jwt "${common[@]}" --cert /dev/stdin jwt <"$cert"
wants 2 'once only' epic-conformance jwt "${common[@]}" --cert - - <"$cert"
wants 0 'X.509 certificate' epic-conformance key <(cat "$cert")
wants 0 'X.509 certificate' epic-conformance key - <"$cert"
wants 0 'X.509 certificate' epic-conformance key /dev/stdin < <(cat "$cert")
wants 0 'belong together' epic-conformance key <(cat "$key") <(cat "$cert")
wants 0 'sha1' epic-auth key inspect <(cat "$cert")
wants 0 'sha1' epic-auth key inspect - <"$cert"
wants 0 '' epic-auth key match <(cat "$key") --cert <(cat "$cert")
wants 0 '"keys"' epic-auth key jwks <(cat "$key")
wants 0 'eyJ' epic-auth assertion --env-file <(printf 'EPIC_BACKEND_CLIENT_ID=me\nEPIC_TOKEN_URL=%s\n' "$url") --private-key <(cat "$key")
wants 0 'ran' mock-epic run --client-id me --cert <(cat "$cert") -- echo ran
wants 0 'ran' mock-epic run --client-id me --jwks <(cat jwks.json) -- echo ran
wants 0 'ran' mock-epic run --client-id me --cert - -- echo ran <"$cert"
python3 -B - "$cert" >app.json <<'PYTHON'
import json, sys
print(json.dumps({"client_id": "x", "certificate": open(sys.argv[1], encoding="ascii").read()}))
PYTHON
wants 0 'ran' mock-epic run --app <(cat app.json) -- echo ran
wants 0 'ran' mock-epic run --fixtures <(echo '{"resourceType":"Patient","id":"p"}') -- echo ran

# and the nearest that cannot be read: nobody writes, too much, a device, a directory
mkfifo fifo
wants 3 'nobody writes' epic-conformance key fifo
wants 3 'nobody writes' epic-conformance jwt "${common[@]}" --cert fifo jwt
wants 3 'more than' epic-conformance key <(head -c 1100000 </dev/zero)
wants 3 'is a directory' epic-conformance key .
wants 3 'is a device' epic-conformance key /dev/null
exit $bad
