-- Statements of broadsheet.store.unsubscribes.

-- name: standing
SELECT recipient, unsubscribed_at, how
FROM unsubscribes
WHERE subscription_id = %(subscription_id)s AND undone_at IS NULL
ORDER BY recipient

-- name: unsubscribe
-- Of two at once one adds the row.
INSERT INTO unsubscribes (subscription_id, recipient, unsubscribed_at, how, link_id)
VALUES (%(subscription_id)s, %(recipient)s, %(at)s, %(how)s, %(link_id)s)
ON CONFLICT (subscription_id, recipient) WHERE undone_at IS NULL DO NOTHING
RETURNING unsubscribe_id

-- name: undo
UPDATE unsubscribes SET undone_at = %(at)s, undone_how = %(how)s
WHERE subscription_id = %(subscription_id)s AND recipient = %(recipient)s AND undone_at IS NULL
RETURNING unsubscribe_id

-- name: by_token
-- The subscription by its present title; whether the link has expired or was revoked does not matter here.
SELECT l.link_id, s.subscription_id, d.recipient, v.title, u.unsubscribe_id IS NOT NULL AS is_unsubscribed
FROM links AS l
JOIN deliveries AS d USING (delivery_id)
JOIN runs AS r USING (run_id)
JOIN subscriptions AS s USING (subscription_id)
JOIN subscription_revisions AS v ON v.subscription_id = s.subscription_id AND v.revision = s.revision
LEFT JOIN unsubscribes AS u
    ON u.subscription_id = s.subscription_id AND u.recipient = lower(d.recipient) AND u.undone_at IS NULL
WHERE l.unsubscribe_sha256 = %(token_sha256)s

-- name: suppress
-- A delivery of unknown fate stays unknown, but is not tried again.
UPDATE deliveries AS d
SET state = CASE WHEN d.state = 'planned' THEN 'suppressed' ELSE d.state END,
    resend_unknown = false, settled_at = COALESCE(d.settled_at, now())
FROM runs AS r
JOIN unsubscribes AS u USING (subscription_id)
WHERE d.run_id = %(run_id)s AND r.run_id = d.run_id AND u.recipient = lower(d.recipient) AND u.undone_at IS NULL
  AND (d.state = 'planned' OR (d.state = 'unknown' AND d.resend_unknown))
RETURNING d.delivery_id
