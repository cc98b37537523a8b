-- Statements of broadsheet.store.jobs: runs as people see them, and what they may do with them.

-- name: page
-- Newest first, from below the cursor on: what is added meanwhile is above it.
SELECT r.run_id, r.dag_id, r.dag_run_id, r.report_id, r.trigger, r.slot, r.period_kind, r.first_day, r.end_day, r.zone,
       r.parameters, r.state, r.reason, r.requested_by, r.opened_at, r.closed_at, s.slug, s.owner, v.title,
       (SELECT count(*) FROM deliveries AS d WHERE d.run_id = r.run_id) AS deliveries,
       (SELECT count(*) FROM deliveries AS d WHERE d.run_id = r.run_id AND d.state = 'accepted') AS accepted
FROM runs AS r
LEFT JOIN subscriptions AS s USING (subscription_id)
LEFT JOIN subscription_revisions AS v ON v.subscription_id = r.subscription_id AND v.revision = r.revision
WHERE (%(sees_all)s OR s.owner = %(caller)s OR r.requested_by = %(caller)s)
  AND (%(states)s::text[] IS NULL OR r.state = ANY (%(states)s::text[]))
  AND (%(report_id)s::text IS NULL OR r.report_id = %(report_id)s)
  AND (%(slug)s::text IS NULL OR s.slug = %(slug)s)
  AND (%(since)s::timestamptz IS NULL OR r.opened_at >= %(since)s)
  AND (%(requested_by)s::text IS NULL OR r.requested_by = %(requested_by)s)
  AND (
      %(text)s::text IS NULL
      OR (r.subscription_id IS NULL AND r.report_id = ANY (%(report_ids)s::text[]))
      OR strpos(lower(concat_ws(' ', v.title, r.report_id, s.slug, r.reason)), lower(%(text)s)) > 0
  )
  AND (
      %(below_at)s::timestamptz IS NULL
      OR (r.opened_at, r.run_id) < (%(below_at)s::timestamptz, %(below_id)s::uuid)
  )
ORDER BY r.opened_at DESC, r.run_id DESC
LIMIT %(limit)s

-- name: by_id
SELECT r.run_id, r.dag_id, r.dag_run_id, r.report_id, r.trigger, r.slot, r.period_kind, r.first_day, r.end_day, r.zone,
       r.parameters, r.state, r.reason, r.requested_by, r.opened_at, r.closed_at, s.slug, s.owner, v.title,
       (SELECT count(*) FROM deliveries AS d WHERE d.run_id = r.run_id) AS deliveries,
       (SELECT count(*) FROM deliveries AS d WHERE d.run_id = r.run_id AND d.state = 'accepted') AS accepted
FROM runs AS r
LEFT JOIN subscriptions AS s USING (subscription_id)
LEFT JOIN subscription_revisions AS v ON v.subscription_id = r.subscription_id AND v.revision = r.revision
WHERE r.run_id = %(run_id)s

-- name: artifacts
-- Newest first: a run that was built again from changed data has more than one of a name.
SELECT a.run_id, a.file_name, a.format, a.key, a.sha256, a.size_bytes, a.pages, a.created_at,
       EXISTS (
           SELECT FROM protected_documents AS p WHERE p.run_id = a.run_id AND p.variant = a.variant AND p.sha256 = a.sha256
       ) AS is_protected
FROM artifacts AS a
WHERE a.run_id = ANY (%(run_ids)s)
ORDER BY a.created_at DESC, a.artifact_id

-- name: move
-- Only from a state in which this may be done: of two who try at once, one is told that it was done.
UPDATE runs
SET state = %(state)s, reason = %(reason)s, closed_at = %(closed_at)s
WHERE run_id = %(run_id)s AND state = ANY (%(allowed)s)
RETURNING run_id

-- name: deliveries
SELECT d.delivery_id, d.recipient, d.state, d.smtp_reply, d.settled_at
FROM deliveries AS d
WHERE d.run_id = %(run_id)s
ORDER BY d.variant, d.recipient

-- name: links
SELECT l.link_id, l.delivery_id, l.created_at, l.expires_at, l.revoked_at, x.opened, x.last_opened_at
FROM links AS l
JOIN deliveries AS d USING (delivery_id)
CROSS JOIN LATERAL (
    SELECT count(*) AS opened, max(a.accessed_at) AS last_opened_at
    FROM link_accesses AS a
    WHERE a.link_id = l.link_id AND a.outcome = 'served' AND a.method = 'GET'
) AS x
WHERE d.run_id = %(run_id)s
ORDER BY l.created_at DESC, l.link_id

-- name: has_delivery
SELECT delivery_id FROM deliveries WHERE delivery_id = %(delivery_id)s AND run_id = %(run_id)s

-- name: revoke_link
-- A repeated call keeps who was first.
UPDATE links AS l
SET revoked_at = COALESCE(l.revoked_at, %(at)s), revoked_by = COALESCE(l.revoked_by, %(by)s)
FROM deliveries AS d
WHERE d.delivery_id = l.delivery_id AND d.run_id = %(run_id)s AND l.link_id = %(link_id)s
RETURNING l.link_id
