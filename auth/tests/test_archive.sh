#!/usr/bin/env bash
# libepic_auth.a exports what auth/auth.h declares and nothing else: a program that gives its own functions the names of
# ours inside is linked and served, in C and in C++.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
build=$EPIC_BIN_DIR/..
archive=$build/lib/libepic_auth.a
fail() { echo "FAILED: $*"; exit 1; }

# where names cannot be made local the build says so, and the archive is a plain one
[ "$(uname)" = Linux ] || find "$build" -name epic_auth.symbols | grep -q . || exit 0

# exported = declared, in both directions; the compiler, not a pattern, tells what is a comment in the header
names_of() { nm -g --defined-only "$@" | awk 'NF == 3 { print $3 }' | LC_ALL=C sort -u; }
cc -E -P "$EPIC_SOURCE_DIR/auth/auth.h" | grep -oE '\bepic_auth_[A-Za-z0-9_]+ *\(' | tr -d ' (' | LC_ALL=C sort -u >declared
names_of "$archive" >exported
grep -qx epic_auth_new declared || fail 'no function was found in auth.h'
diff declared exported || fail 'declared (<) is not what is exported (>)'
cmake --install "$build" --prefix "$work/usr" >install.log
installed=$(find "$work/usr" -name libepic_auth.a)
cmp "$archive" "$installed" || fail 'another archive is installed than was built'
readelf -SW "$installed" >sections
! grep -q 'gnu\.\(debug\)\?lto_' sections || fail "LTO's form of the code is in the installed library"
! grep -qF .note.gnu.build-id sections || fail 'a build id is in it, which would be taken for that of the program'

# every name that our layers share among themselves, as a function of the program
names_of "$build"/lib/libauth_{core,jose,net,client}.a >internal
LC_ALL=C comm -23 internal declared | grep '^auth_' >clashing
grep -qx auth_cache_init clashing || fail 'auth_cache_init is no name inside; choose another that is'
grep -qx auth_buf_add clashing || fail 'auth_buf_add is no name inside; choose another that is'

# a sanitized library cannot be linked without the sanitizer
if nm "$EPIC_BIN_DIR/epic-auth" | grep -qE '__(asan|tsan|gcov)_'; then
    exit 0
fi
PKG_CONFIG_PATH=$(dirname "$(find "$work/usr" -name epic-auth.pc)")
export PKG_CONFIG_PATH
{
    printf '#include <epic/auth.h>\n#include <stdlib.h>\n#ifdef __cplusplus\nextern "C" {\n#endif\n'
    sed 's/.*/void &(void);\nvoid &(void) { fputs("& of the program was called by the library\\n", stderr); abort(); }/' clashing
    printf '#ifdef __cplusplus\n}\n#endif\n'
    cat <<'PROGRAM'
int main(int argc, char **argv)
{
    struct epic_auth *auth;
    struct epic_auth_error error;
    char *json = NULL;
    int failed = argc != 2 || epic_auth_new(NULL, &auth, &error) != EPIC_AUTH_OK;
    if (!failed) {
        failed = epic_auth_fhir_get(auth, "Patient", argv[1], &json, &error) != EPIC_AUTH_OK;
        epic_auth_free(auth);
    }
    if (failed)
        epic_auth_error_print(stderr, &error);
    else
        puts(json);
    epic_auth_string_free(json);
    return failed;
}
PROGRAM
} >program.c
cp program.c program.cc
patient=$(sed -n '1s/.*"id":"\([^"]*\)".*/\1/p' "$EPIC_FIXTURES_DIR/fhir/core/Patient.ndjson")
try() { # SOURCE COMPILER...
    local source=$1
    shift
    # shellcheck disable=SC2046
    "$@" -Wall -Wextra -Werror "$source" -o program $(pkg-config --cflags --libs epic-auth) || fail "$1: not linked"
    "$EPIC_BIN_DIR/mock-epic" run -- ./program "$patient" >out || fail "$1: not served"
    grep -q "\"id\":\"$patient\"" out || fail "$1: another answer"
}
try program.c cc -std=c11
if command -v c++ >found; then
    try program.cc c++ -std=c++11
fi
