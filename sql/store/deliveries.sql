-- Statements of broadsheet.store.deliveries: the state machine behind "one mail per recipient and slot".

-- name: plan_delivery
-- Who has left the run's subscription is in the ledger too, so that its owner sees why there was no mail.
INSERT INTO deliveries (delivery_id, run_id, variant, recipient, message_id, resend_unknown, state, settled_at)
SELECT %(delivery_id)s, r.run_id, %(variant)s, %(recipient)s, %(message_id)s, %(resend_unknown)s,
       CASE WHEN u.unsubscribe_id IS NULL THEN 'planned' ELSE 'suppressed' END,
       CASE WHEN u.unsubscribe_id IS NULL THEN NULL ELSE now() END
FROM runs AS r
LEFT JOIN unsubscribes AS u
    ON u.subscription_id = r.subscription_id AND u.recipient = lower(%(recipient)s) AND u.undone_at IS NULL
WHERE r.run_id = %(run_id)s
ON CONFLICT DO NOTHING

-- name: of_run
SELECT delivery_id, run_id, variant, recipient, state, message_id, attempts, unknowns, resend_unknown, lease_until,
       EXISTS (SELECT FROM delivery_reissues AS x WHERE x.delivery_id = d.delivery_id) AS is_reissued
FROM deliveries AS d
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
-- The run's row is locked against a change of its state: of a claim and a cancellation, one sees the other.
-- Whoever leaves the subscription while the mails to others go out gets none: the next sender suppresses theirs.
WITH going AS (
    SELECT r.run_id
    FROM runs AS r
    WHERE r.run_id = (SELECT d.run_id FROM deliveries AS d WHERE d.delivery_id = %(delivery_id)s)
      AND r.state <> 'cancelled'
      AND NOT EXISTS (
          SELECT FROM deliveries AS d
          JOIN unsubscribes AS u ON u.subscription_id = r.subscription_id AND u.recipient = lower(d.recipient)
          WHERE d.delivery_id = %(delivery_id)s AND u.undone_at IS NULL
      )
    FOR SHARE
)
UPDATE deliveries
SET state = 'sending', attempt_token = %(attempt_token)s, lease_until = now() + %(lease)s,
    attempts = attempts + 1, artifact_id = %(artifact_id)s, settled_at = NULL
WHERE delivery_id = %(delivery_id)s AND run_id IN (SELECT run_id FROM going)
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

-- name: for_reissue
SELECT d.state, d.message_id, r.state = 'cancelled' AS is_cancelled,
       EXISTS (
           SELECT FROM unsubscribes AS u
           WHERE u.subscription_id = r.subscription_id AND u.recipient = lower(d.recipient) AND u.undone_at IS NULL
       ) AS is_unsubscribed,
       (SELECT count(*) FROM delivery_reissues AS x WHERE x.delivery_id = d.delivery_id) AS reissues
FROM deliveries AS d
JOIN runs AS r USING (run_id)
WHERE d.delivery_id = %(delivery_id)s
FOR UPDATE OF d

-- name: note_reissue
INSERT INTO delivery_reissues (
    delivery_id, reissued_at, reissued_by, previous_state, previous_message_id, previous_reply, previous_settled_at
)
SELECT delivery_id, %(at)s, %(by)s, state, message_id, smtp_reply, settled_at
FROM deliveries
WHERE delivery_id = %(delivery_id)s

-- name: reissue
-- Attempts go on counting; what was unknown of the mail before is nothing to this one.
UPDATE deliveries
SET state = 'planned', message_id = %(message_id)s, unknowns = 0, smtp_reply = NULL, settled_at = NULL
WHERE delivery_id = %(delivery_id)s
