#!/bin/sh
# usage: check_includes.sh ROOT           exit 1 when a layer includes what it may not
#        check_includes.sh --self-test    plants one violation of each kind and wants each one found
# Besides, no file may include what includes it, by whatever way, where x.c and x.h are one.
# The three tables below are the rest of the policy: who may include which layer, who owns which library, what counts as C
# or POSIX. A header of the second kind in tests, fuzz targets and benches is free: foreign code may judge ours there.
set -eu

check() {
    root=${1%/}
    # names hold no spaces (check_style.py sees to it)
    # shellcheck disable=SC2046
    awk -v root="$root/" '
BEGIN {
    n = split("auth:|auth/examples:auth|auth/core:|auth/jose:auth/core|auth/rules:auth/core auth/jose|" \
        "auth/net:auth/core|auth/report:auth/core|auth/jwks:auth/core auth/jose auth/net|auth/client:auth/core auth/jose auth/net auth|" \
        "auth/cli:auth/core auth/jose auth/rules auth/net auth/client auth|" \
        "mock_epic:auth/core auth/jose auth/rules auth/net auth/jwks mock_epic/http mock_epic/epic mock_epic/store mock_epic/faults mock_epic/data mock_epic/xml mock_epic/fhir mock_epic/state mock_epic/evidence mock_epic/instance mock_epic/oauth mock_epic/admin mock_epic/server mock_epic/start mock_epic/cli|" \
        "mock_epic/cli:auth/core auth/jose auth/rules auth/net auth/report mock_epic/start mock_epic/admin mock_epic/evidence mock_epic/fhir mock_epic/data mock_epic/state|" \
        "mock_epic/start:auth/core auth/jose auth/rules auth/net auth/jwks mock_epic/server mock_epic/admin mock_epic/evidence mock_epic/instance mock_epic/state mock_epic/fhir mock_epic/data mock_epic/oauth mock_epic/store mock_epic/epic mock_epic/http mock_epic/faketime|" \
        "mock_epic/faketime:|" \
        "mock_epic/server:auth/core auth/jose auth/rules mock_epic/admin mock_epic/oauth mock_epic/instance mock_epic/state mock_epic/store mock_epic/faults mock_epic/fhir mock_epic/epic mock_epic/http|" \
        "mock_epic/admin:auth/core auth/jose auth/rules mock_epic/oauth mock_epic/instance mock_epic/evidence mock_epic/state mock_epic/store mock_epic/faults mock_epic/fhir mock_epic/epic mock_epic/http|" \
        "mock_epic/oauth:auth/core auth/jose auth/rules mock_epic/instance mock_epic/state mock_epic/store mock_epic/epic mock_epic/http|" \
        "mock_epic/evidence:auth/core mock_epic/state mock_epic/http|" \
        "mock_epic/instance:auth/core auth/jose auth/rules auth/net auth/jwks mock_epic/evidence mock_epic/state mock_epic/faults mock_epic/fhir mock_epic/data mock_epic/store mock_epic/epic mock_epic/http|" \
        "mock_epic/state:auth/core auth/jose auth/rules auth/net auth/jwks mock_epic/faults mock_epic/store mock_epic/epic mock_epic/http|" \
        "mock_epic/fhir:auth/core auth/jose auth/rules mock_epic/xml mock_epic/data mock_epic/epic mock_epic/http|" \
        "mock_epic/xml:auth/core mock_epic/data|" \
        "mock_epic/data:auth/core mock_epic/epic|" \
        "mock_epic/faults:auth/core mock_epic/http|" \
        "mock_epic/store:auth/core auth/jose|" \
        "mock_epic/epic:auth/core auth/rules mock_epic/http|" \
        "mock_epic/http:auth/core|" \
        "conformance:auth/core auth/jose auth/rules auth/net auth/jwks auth/report conformance/linter conformance/client conformance/suite conformance/report|" \
        "conformance/client:auth/core auth/report conformance/report conformance/suite|" \
        "conformance/linter:auth/core auth/jose auth/rules auth/net auth/jwks auth/report conformance/report|" \
        "conformance/suite:auth/core auth/jose auth/net auth/report conformance/report|" \
        "conformance/report:auth/core auth/jose auth/rules auth/report", rows, "|")
    for (i = 1; i <= n; i++) { split(rows[i], pair, ":"); allowed[pair[1]] = " " pair[1] " " pair[2] " " }
    owner["cjson/"] = "auth/core/json_tree.c"; owner["curl/"] = "auth/net/"
    owner["microhttpd.h"] = "mock_epic/server/"; owner["openssl/"] = "auth/jose/"
    owner["zlib.h"] = "mock_epic/data/gunzip.c"; owner["sys/xattr.h"] = "mock_epic/start/reach.c"; owner["sys/prctl.h"] = "auth/core/process.c"; owner["sqlite3.h"] = "mock_epic/store/sqlite.c"; owner["hiredis/"] = "mock_epic/store/redis.c"
    n = split("assert ctype errno fenv float inttypes limits math setjmp signal stdalign stdarg stdatomic stdbool " \
        "stddef stdint stdio stdlib stdnoreturn string time wchar arpa/inet dirent dlfcn fcntl getopt netdb netinet/in " \
        "netinet/tcp poll pthread sched semaphore spawn strings termios unistd sys/file sys/mman sys/random " \
        "sys/resource sys/socket sys/stat sys/time sys/types sys/uio sys/un sys/wait", known, " ")
    for (i = 1; i <= n; i++) standard[known[i] ".h"] = 1
}
function complain(what) { print file ":" FNR ": " what; bad = 1 }
function layer(path,   k, best) {
    best = ""
    for (k in allowed) if (index(path, k "/") == 1 && length(k) > length(best)) best = k
    return best
}
function check_ours(header,   from, to) {
    from = layer(file); to = layer(header)
    if (to == "") complain("write the full path from the root: \"" header "\"")
    else if (index(allowed[from], " " to " ") == 0) complain(from " may not include " header)
    else if (header ~ /\/(tests|fuzz|bench)\// && !is_check) complain("a test header in a product: " header)
}
function check_foreign(header,   k, home) {
    if (header in standard || is_check) return
    home = ""
    for (k in owner) if (index(header, k) == 1) home = owner[k]
    if (home == "") complain("<" header "> is neither C nor POSIX nor a library of ours")
    else if (index(file, home) != 1) complain("only " home " may include <" header ">")
}
function module(path) { sub(/\.[ch]$/, "", path); return path }
# A header without a source of its own that a source shares with others may include that source'"'"'s own header: no circle.
function collect_modules(   pair, m, at) {
    for (pair in includes_it) {
        split(pair, at, SUBSEP)
        if (!(at[1] in has_source) && (at[2], at[1]) in source_includes) continue
        included[at[1]] = included[at[1]] " " at[2]
    }
}
# One of the modules that m includes, of those that are left; "" where there is none.
function next_of(m,   n, i, parts) {
    n = split(included[m], parts, " ")
    for (i = 1; i <= n; i++) if (parts[i] in left) return parts[i]
    return ""
}
# Take away what includes nothing that is left, until all that is left leads into a circle.
function peel(   m, gone, count) {
    do {
        count = 0
        for (m in left) if (next_of(m) == "") gone[++count] = m
        for (; count > 0; count--) { delete left[gone[count]]; again = 1 }
        count = again; again = 0
    } while (count)
}
function check_circles(   m, at, path, been) {
    collect_modules()
    for (m in included) left[m] = 1
    for (peel(); ; peel()) {
        at = ""
        for (m in left) if (at == "" || m < at) at = m
        if (at == "") return
        split("", been)
        while (!(at in been)) { been[at] = 1; at = next_of(at) }
        path = at
        for (m = next_of(at); m != at; m = next_of(m)) path = path " -> " m
        print "a circle of includes: " path " -> " at; bad = 1
        while (at in left) { m = next_of(at); delete left[at]; at = m }
    }
}
FNR == 1 {
    file = FILENAME; sub("^" root, "", file)
    if (file ~ /\.c$/) has_source[module(file)] = 1
    is_check = file ~ /\/(tests|fuzz|bench)\//; includes = 0
    own = file; sub(/\.c$/, ".h", own); has_own = own != file && (getline line < (root own)) >= 0; close(root own)
}
/^[ \t]*#[ \t]*include[ \t]*["<]/ {
    header = $0; sub(/^[^"<]*["<]/, "", header); sub(/[">].*/, "", header)
    if (!includes++ && has_own && header != own) complain("its own header \"" own "\" comes first: that proves it stands alone")
    if ($0 ~ /include[ \t]*"/) {
        check_ours(header)
        if (module(header) != module(file)) includes_it[module(file), module(header)] = 1
        if (file ~ /\.c$/) source_includes[module(file), module(header)] = 1
    }
    else check_foreign(header)
}
END { check_circles(); exit bad }' $(find "$root/auth" "$root/mock_epic" "$root/conformance" -name '*.[ch]' | sort)
}

# beside FILE TEXT: one more file for the next plant
beside() {
    mkdir -p "$tree.beside/$(dirname "$1")"
    printf '%s\n' "$2" >"$tree.beside/$1"
}

# plant FILE TEXT WANTED: a tree of one file, and of those beside it, must be refused, and for the reason wanted
plant() {
    rm -rf "$tree"
    [ ! -d "$tree.beside" ] || mv "$tree.beside" "$tree"
    mkdir -p "$tree/auth" "$tree/mock_epic" "$tree/conformance" "$tree/$(dirname "$1")"
    [ "${1%.c}" = "$1" ] || [ "$3" != 'comes first' ] || touch "$tree/${1%.c}.h"
    printf '%s\n' "$2" >"$tree/$1"
    if said=$(check "$tree"); then
        [ -z "$3" ] || { echo "not found in $1: $2"; lost=1; }
    else
        case $said in
        *"$3"*) [ -n "$3" ] || { echo "refused without reason: $said"; lost=1; } ;;
        *) echo "found for another reason in $1: $said"; lost=1 ;;
        esac
    fi
}

self_test() {
    tree=$(mktemp -d)
    trap 'rm -rf "$tree" "$tree.beside"' EXIT
    lost=0
    plant auth/client/x.c '#include "auth/rules/rules.h"' 'auth/client may not include'
    plant auth/rules/x.c '#include "auth/net/http.h"' 'auth/rules may not include'
    plant auth/rules/tests/test_x.c '#include "auth/client/client.h"' 'auth/rules may not include'
    plant auth/report/x.c '#include "auth/rules/rules.h"' 'auth/report may not include'
    plant auth/core/x.h '#include "auth/jose/key.h"' 'auth/core may not include'
    plant auth/auth.h '#include "auth/core/buf.h"' 'auth may not include'
    plant mock_epic/x.c '#include "auth/client/client.h"' 'mock_epic may not include'
    plant mock_epic/x.c '#  include "auth/auth.h"' 'mock_epic may not include'
    plant conformance/x.c '#include "mock_epic/instance/instance.h"' 'conformance may not include'
    plant conformance/report/x.c '#include "conformance/linter/keys.h"' 'conformance/report may not include'
    plant auth/core/x.c '#include "buf.h"' 'full path'
    plant mock_epic/x.c '#include "../auth/core/buf.h"' 'full path'
    plant auth/core/x.c '#include "auth/core/tests/support.h"' 'a test header'
    plant auth/core/buf.c '#include <cjson/cJSON.h>' 'only auth/core/json_tree.c'
    plant auth/core/buf.c '#include <curl/curl.h>' 'only auth/net/'
    plant auth/core/x.c '#include <openssl/evp.h>' 'only auth/jose/'
    plant mock_epic/oauth/bearer.c '#include <microhttpd.h>' 'only mock_epic/server'
    plant auth/core/x.c '#include <sys/prctl.h>' 'only auth/core/process.c'
    plant auth/core/x.c '#include <jansson.h>' 'neither C nor POSIX'
    plant auth/core/x.c '#include <locale.h>' 'neither C nor POSIX'
    plant auth/core/x.c '#include <string.h>' ''
    plant auth/core/y.c '#include <string.h>
#include "auth/core/y.h"' 'comes first'
    beside auth/core/b.h '#include "auth/core/a.h"'
    plant auth/core/a.h '#include "auth/core/b.h"' 'a circle of includes: auth/core/a -> auth/core/b -> auth/core/a'
    beside auth/core/b.h '#include "auth/core/c.h"'
    beside auth/core/c.c '#include "auth/core/c.h"
#include "auth/core/a.h"'
    plant auth/core/a.h '#include "auth/core/b.h"' 'a circle of includes: auth/core/a -> auth/core/b -> auth/core/c'
    beside mock_epic/store/b.h '#include "mock_epic/store/a.h"'
    beside mock_epic/store/a.h '#include "mock_epic/store/b.h"'
    beside auth/core/b.h '#include "auth/core/a.h"'
    plant auth/core/a.h '#include "auth/core/b.h"' 'mock_epic/store/a -> mock_epic/store/b'
    # and the nearest things that are allowed
    beside auth/core/b.c '#include "auth/core/a.h"'
    plant auth/core/a.c '#include "auth/core/a.h"' ''
    beside auth/core/c.c '#include "auth/core/b.h"
#include "auth/core/a.h"'
    plant auth/core/b.h '#include "auth/core/a.h"' ''
    plant auth/core/json_tree.c '#include <cjson/cJSON.h>' ''
    plant auth/jose/x.c '#include <openssl/evp.h>
#include "auth/core/buf.h"' ''
    plant auth/client/x.c '#include "auth/auth.h"' ''
    plant mock_epic/bench/bench_x.c '#include <microhttpd.h>
#include "mock_epic/instance/instance.h"' ''
    plant auth/core/tests/test_x.c '#include <cmocka.h>
#include "auth/core/tests/support.h"' ''
    plant conformance/x.c '/* #include "mock_epic/instance/instance.h" is not allowed */' ''
    [ "$lost" -eq 0 ] && echo 'self-test: every planted violation was found'
    return "$lost"
}

case ${1:-} in
--self-test) self_test ;;
'') echo 'usage: check_includes.sh ROOT | --self-test' >&2 && exit 2 ;;
*) check "$1" ;;
esac
