#!/bin/sh
# The whole suite in two processes at once: the tests of the whole stack wait most of the time, the others compute.
# Usage: tests/run_all.sh PYTEST. What the second process says is shown when the first is over.
set -u

pytest=$1
said=$(mktemp)
"$pytest" tests/unit tests/dags -p no:cacheprovider >"$said" 2>&1 &
second=$!
trap 'kill -INT $second 2>/dev/null; wait $second; cat "$said"; rm -f "$said"; exit 130' INT TERM HUP

status=0
"$pytest" tests/integration || status=$?
wait $second || status=$?
cat "$said"
rm -f "$said"
exit $status
