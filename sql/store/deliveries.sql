-- Statements of broadsheet.store.deliveries: the state machine behind "one mail per recipient and slot".

-- name: plan_delivery
INSERT INTO deliveries (delivery_id, run_id, variant, recipient, message_id, resend_unknown)
VALUES (%(delivery_id)s, %(run_id)s, %(variant)s, %(recipient)s, %(message_id)s, %(resend_unknown)s)
ON CONFLICT DO NOTHING

-- name: of_run
SELECT delivery_id, run_id, variant, recipient, state, message_id, attempts, unknowns, resend_unknown, lease_until
FROM deliveries
WHERE run_id = %(run_id)s
ORDER BY variant, recipient

-- name: expire_leases
-- A sender that died between its claim and its verdict leaves nobody knowing whether the mail was accepted.
UPDATE deliveries
SET state = 'unknown', unknowns = unknowns + 1, attempt_token = NULL, lease_until = NULL
WHERE run_id = %(run_id)s AND state = 'sending' AND lease_until <= now()
RETURNING delivery_id

-- name: claim
-- The conditional UPDATE is the lock: of two senders only one gets the row. An unknown delivery is claimed once more.
UPDATE deliveries
SET state = 'sending', attempt_token = %(attempt_token)s, lease_until = now() + %(lease)s,
    attempts = attempts + 1, artifact_id = %(artifact_id)s, settled_at = NULL
WHERE delivery_id = %(delivery_id)s
  AND (state = 'planned' OR (state = 'unknown' AND resend_unknown AND unknowns < 2))
RETURNING delivery_id

-- name: settle
-- Only the attempt that holds the claim may say how it ended; a sender that lost its lease changes nothing.
-- Given back, a delivery whose earlier attempt may have been accepted is unknown again, not planned.
UPDATE deliveries
SET state = CASE WHEN %(state)s = 'planned' AND unknowns > 0 THEN 'unknown' ELSE %(state)s END, smtp_reply = %(reply)s, attempt_token = NULL, lease_until = NULL,
    unknowns = unknowns + CASE WHEN %(state)s = 'unknown' THEN 1 ELSE 0 END,
    settled_at = CASE WHEN %(state)s = 'planned' THEN NULL ELSE now() END
WHERE delivery_id = %(delivery_id)s AND state = 'sending' AND attempt_token = %(attempt_token)s
RETURNING delivery_id
