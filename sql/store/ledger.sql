-- Statements of broadsheet.store.ledger: runs, variants and artifacts.

-- name: open_run
-- A cleared or retried plan finds its run again: what was pinned first stays.
INSERT INTO runs (
    run_id, dag_id, dag_run_id, subscription_id, revision, report_id, trigger, slot,
    period_kind, first_day, end_day, zone, parameters, state, requested_by, opened_at,
    locale, theme, formats
)
VALUES (
    %(run_id)s, %(dag_id)s, %(dag_run_id)s, %(subscription_id)s, %(revision)s, %(report_id)s, %(trigger)s, %(slot)s,
    %(period_kind)s, %(first_day)s, %(end_day)s, %(zone)s, %(parameters)s, %(state)s, %(requested_by)s,
    COALESCE(%(at)s, now()), %(locale)s, %(theme)s, %(formats)s
)
ON CONFLICT DO NOTHING

-- name: run_of_dag_run
SELECT run_id, dag_id, dag_run_id, subscription_id, revision, report_id, trigger, slot,
       period_kind, first_day, end_day, zone, parameters, state, reason, requested_by, closed_at, locale, theme, formats
FROM runs
WHERE dag_id = %(dag_id)s AND dag_run_id = %(dag_run_id)s

-- name: lock_run_of_dag_run
-- Of plan or finalize and somebody who cancels, one is first and the other sees what it did.
SELECT run_id, dag_id, dag_run_id, subscription_id, revision, report_id, trigger, slot,
       period_kind, first_day, end_day, zone, parameters, state, reason, requested_by, closed_at, locale, theme, formats
FROM runs
WHERE dag_id = %(dag_id)s AND dag_run_id = %(dag_run_id)s
FOR NO KEY UPDATE

-- name: state_of_run
SELECT state FROM runs WHERE run_id = %(run_id)s

-- name: run_of_slot
SELECT run_id, dag_id, dag_run_id FROM runs WHERE subscription_id = %(subscription_id)s AND slot = %(slot)s

-- name: adopt_run
-- Only a closed run: one that is open belongs to the DAG run that works on it.
UPDATE runs AS r SET dag_run_id = %(dag_run_id)s
FROM subscriptions AS s
WHERE r.subscription_id = s.subscription_id AND s.slug = %(slug)s AND r.slot = %(slot)s AND r.dag_id = %(dag_id)s
  AND r.closed_at IS NOT NULL

-- name: reopen_run
UPDATE runs SET state = 'active', reason = NULL, closed_at = NULL WHERE run_id = %(run_id)s

-- name: withdraw_run
-- Nothing is to be built: plan found that the slot is not wanted any more. finalize closes it.
UPDATE runs SET state = 'skipped', reason = %(reason)s WHERE run_id = %(run_id)s

-- name: close_run
UPDATE runs SET state = %(state)s, reason = %(reason)s, closed_at = %(at)s WHERE run_id = %(run_id)s

-- name: add_variant
INSERT INTO variants (run_id, name, parameters)
VALUES (%(run_id)s, %(name)s, %(parameters)s)
ON CONFLICT DO NOTHING

-- name: variants_of_run
SELECT name, parameters FROM variants WHERE run_id = %(run_id)s ORDER BY name

-- name: add_artifact
INSERT INTO artifacts (artifact_id, run_id, variant, format, part, key, file_name, sha256, size_bytes, pages)
VALUES (
    %(artifact_id)s, %(run_id)s, %(variant)s, %(format)s, %(part)s, %(key)s, %(file_name)s, %(sha256)s, %(size_bytes)s, %(pages)s
)
ON CONFLICT DO NOTHING

-- name: artifacts_of_run
-- Newest first: a run that was built again from changed data has more than one.
SELECT artifact_id, variant, format, key, file_name, sha256, size_bytes, pages, created_at
FROM artifacts
WHERE run_id = %(run_id)s
ORDER BY created_at DESC, artifact_id

-- name: recent_runs
SELECT r.run_id, r.dag_id, r.dag_run_id, r.report_id, r.trigger, r.slot, r.period_kind, r.first_day, r.end_day,
       r.zone, r.state, r.reason, r.opened_at, r.closed_at,
       (SELECT count(*) FROM artifacts AS a WHERE a.run_id = r.run_id) AS artifacts,
       (SELECT count(*) FROM deliveries AS d WHERE d.run_id = r.run_id) AS deliveries,
       (SELECT count(*) FROM deliveries AS d WHERE d.run_id = r.run_id AND d.state = 'accepted') AS accepted
FROM runs AS r
WHERE %(dag_id)s::text IS NULL OR r.dag_id = %(dag_id)s
ORDER BY r.opened_at DESC
LIMIT %(limit)s

-- name: delivery_counts
SELECT state, count(*) AS deliveries FROM deliveries WHERE run_id = %(run_id)s GROUP BY state
