#!/bin/sh
# The whole suite in two processes at once: the tests of the whole stack wait most of the time, the others compute.
# The second gives way to the first, whose people and mails have deadlines.
# Usage: tests/run_all.sh PYTEST. What the second process says is shown when the first is over, and what failed last.
set -u

pytest=$1
said=$(mktemp -d)
nice -n 15 "$pytest" tests/unit tests/dags -p no:cacheprovider >"$said/computing" 2>&1 &
second=$!
trap 'kill -INT $second 2>/dev/null; wait $second; cat "$said/computing"; rm -rf "$said"; exit 130' INT TERM HUP

{ "$pytest" tests/integration || echo $? >"$said/status"; } 2>&1 | tee "$said/waiting"
wait $second || echo $? >"$said/status"
cat "$said/computing"

status=0
if [ -e "$said/status" ]; then
    status=$(cat "$said/status")
    printf '\nWhat failed, and why:\n'
    grep -hE '^(E   |FAILED|ERROR|={4,} .*(passed|failed|error))' "$said/waiting" "$said/computing" | cut -c1-240 | tail -60
fi
rm -rf "$said"
exit "$status"
