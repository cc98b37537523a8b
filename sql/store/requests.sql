-- Statements of broadsheet.store.requests.

-- name: one_at_a_time
-- Of calls for one person or one subscription that come at once, each sees what the one before has opened. The number
-- only tells this lock from others.
SELECT pg_advisory_xact_lock(7238424, hashtext(%(owner)s))

-- name: forget_old_keys
DELETE FROM idempotency_keys WHERE created_at < %(before)s

-- name: find_key
SELECT body_sha256, run_id, busy_until FROM idempotency_keys WHERE owner = %(owner)s AND key = %(key)s

-- name: add_key
INSERT INTO idempotency_keys (owner, key, body_sha256, run_id, created_at, busy_until)
VALUES (%(owner)s, %(key)s, %(body_sha256)s, %(run_id)s, %(at)s, %(busy_until)s)

-- name: hold_key
UPDATE idempotency_keys SET busy_until = %(busy_until)s WHERE owner = %(owner)s AND key = %(key)s

-- name: asked_since
SELECT opened_at
FROM runs
WHERE requested_by = %(owner)s AND opened_at > %(since)s
ORDER BY opened_at DESC
LIMIT %(limit)s

-- name: under_way
SELECT count(*) AS runs
FROM runs
WHERE requested_by = %(owner)s AND closed_at IS NULL AND opened_at > %(since)s

-- name: waiting_run
SELECT run_id
FROM runs
WHERE subscription_id = %(subscription_id)s AND trigger = 'manual' AND state = 'waiting' AND opened_at > %(since)s
ORDER BY opened_at DESC
LIMIT 1
