#!/bin/sh
# usage: check_includes.sh ROOT        exit 1 when a layer includes what it may not
# The two tables below are the whole policy: who may include which layer, and who owns which library.
# shellcheck disable=SC2046
awk -v root="$1" '
BEGIN {
    n = split("auth/core:|auth/jose:auth/core|auth/rules:auth/core auth/jose|auth/net:auth/core|" \
        "auth/client:auth/core auth/jose auth/net auth|auth/cli:auth/core auth/jose auth/rules auth/net auth/client auth|" \
        "auth/examples:auth|auth:|" \
        "mock_epic:auth/core auth/jose auth/rules auth/net|conformance:auth/core auth/jose auth/rules auth/net", rows, "|")
    for (i = 1; i <= n; i++) { split(rows[i], pair, ":"); allowed[pair[1]] = " " pair[1] " " pair[2] " " }
    owner["cjson/"] = "auth/core/json.c"; owner["curl/"] = "auth/net/http.c"
    owner["microhttpd.h"] = "mock_epic/server.c"; owner["openssl/"] = "auth/jose/"
    owner["sqlite3.h"] = "mock_epic/store_sqlite.c"; owner["hiredis/"] = "mock_epic/store_redis.c"
}
function layer(file,   k, best) {
    best = ""
    for (k in allowed) if (index(file, k "/") == 1 && length(k) > length(best)) best = k
    return best
}
/^[ \t]*#[ \t]*include[ \t]*["<]/ {
    file = FILENAME; sub("^" root "/", "", file)
    if (file ~ /\/(tests|fuzz|bench)\// || file ~ /^\./) next
    header = $0; sub(/^[^"<]*["<]/, "", header); sub(/[">].*/, "", header)
    if ($0 ~ /"/) {
        from = layer(file); to = layer(header)
        if (to == "") { print file ": write the full path from the root: \"" header "\""; bad = 1 }
        else if (index(allowed[from], " " to " ") == 0) { print file ": " from " may not include " header; bad = 1 }
    } else for (k in owner) if (index(header, k) == 1 && index(file, owner[k]) != 1) {
        print file ": only " owner[k] " may include <" header ">"; bad = 1
    }
}
END { exit bad }' $(find "$1/auth" "$1/mock_epic" "$1/conformance" -name '*.[ch]' | sort) # names hold no spaces
