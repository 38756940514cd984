#!/usr/bin/env bash
# The examples against a real mock: a patient, all pages of a search, a refusal in words; and the installed library as
# another program finds it, through pkg-config.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
examples=$EPIC_BIN_DIR/../examples
patient=$(sed -n '1s/.*"id":"\([^"]*\)".*/\1/p' "$EPIC_FIXTURES_DIR/fhir/core/Patient.ndjson")
run() { "$EPIC_BIN_DIR/mock-epic" run -- "$@"; }

run "$examples/quick_start" "$patient" >out 2>err
grep -q "\"id\":\"$patient\"" out
! run "$examples/quick_start" no-such-patient >out 2>err
grep -q . err
run "$examples/observations" "$patient" >out 2>err
want=$(grep -c "\"vital-signs\".*Patient/$patient\"" "$EPIC_FIXTURES_DIR/fhir/core/Observation.ndjson")
[ "$(wc -l <out)" -eq "$want" ]
EPIC_BACKEND_CLIENT_ID=x EPIC_TOKEN_URL=nothing "$examples/observations" x >out 2>err && exit 1
grep -q 'epic-auth config' err

# a sanitized library cannot be linked without the sanitizer
if nm "$EPIC_BIN_DIR/epic-auth" | grep -qE '__(asan|tsan|gcov)_'; then
    exit 0
fi
cmake --install "$EPIC_BIN_DIR/.." --prefix "$work/usr" >install.log
for file in bin/epic-auth bin/mock-epic bin/epic-conformance include/epic/auth.h share/man/man1/epic-auth.1 \
    share/man/man1/mock-epic.1 share/man/man1/epic-conformance.1 share/mock-epic/fixtures/fhir/core/Patient.ndjson; do
    [ -s "$work/usr/$file" ] || { echo "FAILED: not installed: $file"; exit 1; }
done
! grep -rqF "$EPIC_SOURCE_DIR" "$work/usr/lib" "$work/usr/include" || { echo 'FAILED: the source path is in it'; exit 1; }
[ "$("$work/usr/bin/epic-auth" --version)" = "epic-auth $(sed -n 's/^Version: //p' "$(find "$work/usr" -name epic-auth.pc)")" ]
PKG_CONFIG_PATH=$(dirname "$(find "$work/usr" -name epic-auth.pc)")
export PKG_CONFIG_PATH
sed 's|"auth/auth.h"|<epic/auth.h>|' "$EPIC_SOURCE_DIR/auth/examples/quick_start.c" >quick_start.c
# shellcheck disable=SC2046
cc -std=c11 quick_start.c -o quick_start $(pkg-config --cflags --libs epic-auth)
run ./quick_start "$patient" >out
grep -q "\"id\":\"$patient\"" out

# and through CMake, after the tree was moved
mv "$work/usr" "$work/moved"
mkdir project
cp quick_start.c project/
cat >project/CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.22)
project(user C)
find_package(epic-auth 0.1 REQUIRED)
add_executable(quick_start quick_start.c)
target_link_libraries(quick_start PRIVATE epic::auth)
CMAKE
cmake -G Ninja -S project -B project/build -DCMAKE_PREFIX_PATH="$work/moved" >cmake.log
cmake --build project/build >>cmake.log
run project/build/quick_start "$patient" >out
grep -q "\"id\":\"$patient\"" out
