#!/bin/sh
# epic-auth does what a scenario asks for: a process for each line, and one token cache for all of them.
export EPIC_TOKEN_CACHE="$PWD/tokens"
status=0
lines=$(printf '%s' "${EPIC_SCENARIO_DRIVE:-read Patient/erXuFYUfucBZaryVksYEcMg3}")
while read -r verb what; do
    case $verb in
    token) epic-auth token >token.txt || status=$? ;;
    read) epic-auth get "$what" >resource.json || status=$? ;;
    search) epic-auth search "$what" >pages.ndjson || status=$? ;;
    wait) sleep "$what" ;;
    esac
done <<END
$lines
END
exit "$status"
