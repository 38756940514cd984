#!/usr/bin/env bash
# What conformance/check and conformance/demo say when something is missing. They run in a copy, where every tool that matters
# is a stand-in that fails as it is told: one line that says why, nothing that is pointless after it, the closing line.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
fail() {
    echo "FAILED: $1"
    [ ! -f "$work/out" ] || sed 's/^/    /' "$work/out"
    failures=$((failures + 1))
}

house=$work/house tools=$work/tools
mkdir -p "$house"/{auth,mock_epic,fixtures/fhir/validate,conformance/clients/one,.ci} "$tools"
cp "$EPIC_SOURCE_DIR"/conformance/{check,demo} "$house/conformance/"
cp "$EPIC_SOURCE_DIR"/.ci/{install_packages,packages.build,packages.check,run_node} "$house/.ci/"
touch "$house"/{CMakeLists.txt,README.md} "$house/fixtures/make_fhir.py"
stand_in() { # PATH [LINE OF SHELL...]
    printf '%s\n' '#!/bin/sh' "${@:2}" >"$1"
    chmod +x "$1"
}
for path in .ci/check_includes.sh .ci/coverage.sh fixtures/fhir/validate/run conformance/clients/one/run; do
    stand_in "$house/$path"
done
for path in .ci/check_style.py .ci/check_readme.py; do
    printf '#!/usr/bin/python3\n' >"$house/$path"
    chmod +x "$house/$path"
done
# only these tools are there, so that no sudo is
for tool in bash sh sed tr cat cp grep sleep mktemp rm dirname basename env xargs nproc cc; do
    ln -s "$(command -v $tool)" "$tools/$tool"
done
ln -s /usr/bin/python3 "$tools/python3"
for tool in clang-format clang-tidy shellcheck; do stand_in "$tools/$tool"; done
stand_in "$tools/npm" 'echo "npm ERR! no such host" >&2; exit 1'
stand_in "$tools/node"
stand_in "$tools/dpkg-query" 'echo "install ok installed"'
stand_in "$tools/id" 'echo 1000'
stand_in "$tools/git" 'case $* in *-z*) printf "conformance/check\0" ;; *) echo README.md ;; esac'
stand_in "$tools/cmake" 'echo "$*" >>"$0.said"'
stand_in "$tools/ctest" 'echo "100% tests passed, 0 tests failed out of 7"'

# run STATUS COMMAND [ARG...]: in the copy, with those tools alone
run() {
    local want=$1 got
    shift
    (cd "$house" && PATH=$tools "$tools/bash" "$@" >"$work/out" 2>&1)
    got=$?
    [ "$got" -eq "$want" ] || fail "$*: status $got, not $want"
}
says() { grep -qE -- "$1" "$work/out" || fail "nobody said \"$1\""; }
says_not() { ! grep -qE -- "$1" "$work/out" || fail "somebody said \"$1\""; }
closes() { [ "$(tail -n 1 "$work/out")" = "$1" ] || fail "it does not close with \"$1\""; }
lines() { [ "$(wc -l <"$work/out")" -eq "$1" ] || fail "these are not $1 lines"; }

run 0 conformance/check --quick
says 'unit tests: 7 of 7'
says 'left out'
closes '15 passed, 0 failed'

# packages that are missing, and nobody who may install them
stand_in "$tools/dpkg-query" 'case $4 in gcovr | libcmocka-dev) exit 1 ;; esac; echo "install ok installed"'
for options in '' --quick --long; do
    # shellcheck disable=SC2086
    run 1 conformance/check $options
    says '^missing, and neither root nor sudo to install them: libcmocka-dev gcovr$'
    closes '0 passed, 1 failed'
    lines 2
done
# packages that apt cannot fetch: its words are shown
stand_in "$tools/id" 'echo 0'
stand_in "$tools/apt-get" 'echo "E: unable to locate package" >&2; exit 100'
run 1 conformance/check
says 'unable to locate'
says '^could not be installed: libcmocka-dev gcovr$'
says_not 'builds|tests'
closes '0 passed, 1 failed'
# the demo builds programs, and needs none of that
: >"$tools/cmake.said"
stand_in "$tools/openssl" 'exit 1'
run 1 conformance/demo
says '2. A key pair'
says '^conformance/demo: line [0-9]+ failed: openssl'
grep -q -- '--target epic-auth mock-epic epic-conformance' "$tools/cmake.said" || fail 'the demo builds more than the programs'
stand_in "$tools/dpkg-query" 'echo "install ok installed"'

# a list that is gone must not pass for an empty one
mv "$house/.ci/packages.build" "$work/"
run 1 conformance/check
closes '0 passed, 1 failed'
mv "$work/packages.build" "$house/.ci/"

# a system that is no Debian
mv "$tools/dpkg-query" "$work/"
run 1 conformance/check
says 'this is no Debian'
closes '0 passed, 1 failed'
lines 2
mv "$work/dpkg-query" "$tools/"

# what does not compile is not tested
stand_in "$tools/cmake" 'case $* in *release* | *dev*) echo "x.c:1: error"; exit 1 ;; esac'
run 1 conformance/demo
says 'x.c:1: error'
says_not '2. A key pair'
for options in '' --quick; do
    # shellcheck disable=SC2086
    run 1 conformance/check $options
    says 'x.c:1: error'
    says '^stopped: '
    says_not 'tests|foreign client|clang'
    grep -qE "^[0-9]+ passed, 1 failed\$" "$work/out" || fail "no closing line"
done
stand_in "$tools/cmake" 'case $* in *asan*) exit 1 ;; esac'
run 1 conformance/check
says '^FAILED .*builds with ASan and UBSan'
says '^not run: tests with ASan'
says_not 'tests with ASan and UBSan: '
says 'tests with TSan: 7 of 7'
says 'foreign client'
stand_in "$tools/cmake"

# tests that fail, and a run in which there were none
stand_in "$tools/ctest" 'echo "71% tests passed, 2 tests failed out of 7"; exit 8'
run 1 conformance/check --quick
closes '13 passed, 2 failed'
stand_in "$tools/ctest" 'echo "No tests were found!!!"'
run 1 conformance/check --quick
says 'no test ran'
closes '8 passed, 1 failed'
stand_in "$tools/ctest" 'echo "100% tests passed, 0 tests failed out of 7"'

# another tree than this, or none that git knows
touch "$house/stray"
run 1 conformance/check --quick
says 'not agreed at the top level: stray'
says '^stopped: '
rm "$house/stray"
stand_in "$tools/git" 'echo "fatal: not a git repository"; exit 128'
run 1 conformance/check
says 'not a git repository'
says '^stopped: '
says_not 'builds'

# npm says why
mkdir "$work/program"
touch "$work/program"/{package.json,package-lock.json,x.mjs}
run 1 .ci/run_node "$work/program" x.mjs
says 'no such host'
says 'npm could not install what'

# typed wrongly
for words in 'check --fast' 'check --quick --long' 'check x' 'demo x' 'demo --help x'; do
    # shellcheck disable=SC2086
    run 2 conformance/$words
    lines 1
done
for words in 'check --help' 'check -h' 'demo --help'; do
    # shellcheck disable=SC2086
    run 0 conformance/$words
    says '^ *conformance/(check|demo)'
    says_not '^#|pipefail'
done
[ "$failures" -eq 0 ]
