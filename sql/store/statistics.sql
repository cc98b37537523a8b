-- Statements of broadsheet.store.statistics: counts for operators.

-- name: run_counts
SELECT (opened_at AT TIME ZONE 'UTC')::date AS day, report_id, state, count(*) AS runs, max(opened_at) AS last_at
FROM runs
WHERE opened_at >= %(since)s OR closed_at IS NULL
GROUP BY day, report_id, state

-- name: delivery_counts
SELECT state, count(*) AS deliveries
FROM deliveries
WHERE planned_at >= %(since)s
GROUP BY state

-- name: failure_reasons
SELECT COALESCE(reason, 'no reason was recorded') AS reason, count(*) AS runs,
       max(COALESCE(closed_at, opened_at)) AS last_at,
       (array_agg(run_id ORDER BY opened_at DESC, run_id))[1] AS last_job
FROM runs
WHERE opened_at >= %(since)s AND state IN ('failed', 'partial')
GROUP BY 1
ORDER BY runs DESC, last_at DESC
LIMIT 20

-- name: active_schedules
SELECT s.subscription_id, r.cron, r.zone, s.due_from
FROM subscriptions AS s
JOIN subscription_revisions AS r USING (subscription_id, revision)
WHERE s.state = 'active'

-- name: slots_without_run
SELECT s.slug, r.title, due.slot
FROM unnest(%(ids)s::uuid[], %(slots)s::timestamptz[]) AS due (subscription_id, slot)
JOIN subscriptions AS s USING (subscription_id)
JOIN subscription_revisions AS r USING (subscription_id, revision)
WHERE NOT EXISTS (
    SELECT FROM runs WHERE runs.subscription_id = due.subscription_id AND runs.slot = due.slot
)
ORDER BY due.slot
LIMIT 200

-- name: open_since
SELECT r.run_id, r.dag_id, r.dag_run_id, r.report_id, s.slug, v.title, r.state, r.slot, r.opened_at
FROM runs AS r
LEFT JOIN subscriptions AS s ON s.subscription_id = r.subscription_id
LEFT JOIN subscription_revisions AS v ON v.subscription_id = r.subscription_id AND v.revision = r.revision
WHERE r.closed_at IS NULL AND r.opened_at < %(before)s
ORDER BY r.opened_at
LIMIT 200

-- name: newest_migration
SELECT version_num FROM broadsheet_migrations
