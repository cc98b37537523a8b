-- Statements of broadsheet.store.lost_runs.

-- name: open
SELECT run_id, dag_id, dag_run_id, state = 'waiting' AS is_waiting
FROM runs
WHERE closed_at IS NULL AND opened_at < %(before)s

-- name: close
UPDATE runs
SET state = 'failed', reason = %(reason)s, closed_at = %(at)s
WHERE run_id = %(run_id)s AND closed_at IS NULL
RETURNING run_id
