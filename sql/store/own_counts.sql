-- Statements of broadsheet.store.own_counts: what one person owns or asked for, counted.

-- name: runs
SELECT r.report_id, r.state, count(*) AS runs, max(r.opened_at) AS last_at
FROM runs AS r
LEFT JOIN subscriptions AS s USING (subscription_id)
WHERE (s.owner = %(caller)s OR r.requested_by = %(caller)s)
  AND (r.opened_at >= %(since)s OR r.closed_at IS NULL)
GROUP BY r.report_id, r.state
