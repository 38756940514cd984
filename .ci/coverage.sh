#!/usr/bin/env bash
# usage: coverage.sh BUILD_DIR       exit 1 when the tests that ran in a coverage build reached too little
# Lines of core, jose and rules: 95 of 100. Branches of rules: all, for a rule that never failed in a test is no rule.
# A branch that cannot be reached (out of memory, a library that fails) is marked GCOVR_EXCL_BR_LINE, with a reason.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=${1:?usage: coverage.sh BUILD_DIR}

summary=$(mktemp)
trap 'rm -f "$summary"' EXIT
gcovr --root "$root" --object-directory "$build" --filter "$root/auth/(core|jose|rules)/[^/]*\\.[ch]\$" \
    --exclude-unreachable-branches --exclude-throw-branches --json-summary "$summary" "$build"

python3 - "$summary" <<'PYTHON'
import json
import sys

WANTED = {"auth/core": (95, 0), "auth/jose": (95, 0), "auth/rules": (95, 100)}  # per cent of lines, of branches
with open(sys.argv[1], encoding="utf-8") as file:
    files = json.load(file)["files"]
is_short = False
for folder, (lines_wanted, branches_wanted) in WANTED.items():
    rows = [f for f in files if f["filename"].rsplit("/", 1)[0] == folder]

    def percent(what):
        total = sum(f[what + "_total"] for f in rows)
        return 100.0 * sum(f[what + "_covered"] for f in rows) / total if total else 0.0

    lines, branches = percent("line"), percent("branch")
    is_bad = lines < lines_wanted or branches < branches_wanted
    is_short |= is_bad
    wanted = f"wanted {lines_wanted}" + (f" and {branches_wanted}" if branches_wanted else "")
    print(f"{folder:12} lines {lines:5.1f} %  branches {branches:5.1f} %  ({wanted})")
    for f in sorted(rows, key=lambda f: f["filename"]) if is_bad else ():
        if f["line_covered"] < f["line_total"] or (branches_wanted and f["branch_covered"] < f["branch_total"]):
            print(f"    {f['filename']:32} {f['line_total'] - f['line_covered']:4} lines and "
                  f"{f['branch_total'] - f['branch_covered']:4} branches were not reached")
sys.exit(is_short)
PYTHON
