-- Statements of broadsheet.store.subscriptions.

-- name: insert_subscription
INSERT INTO subscriptions (subscription_id, slug, owner, revision, due_from, created_at, updated_at)
VALUES (%(subscription_id)s, %(slug)s, %(owner)s, 1, %(at)s, %(at)s, %(at)s)

-- name: insert_revision
INSERT INTO subscription_revisions (
    subscription_id, revision, title, report_id, parameters, cron, zone, period_kind, recipients,
    resend_unknown, created_by, created_at
)
VALUES (
    %(subscription_id)s, %(revision)s, %(title)s, %(report_id)s, %(parameters)s, %(cron)s, %(zone)s,
    %(period_kind)s, %(recipients)s, %(resend_unknown)s, %(created_by)s, %(at)s
)

-- name: move_to_revision
-- Only from the revision that the editor saw: two editors cannot overwrite one another.
UPDATE subscriptions
SET revision = %(revision)s, updated_at = %(at)s,
    due_from = CASE WHEN %(reschedules)s THEN %(at)s ELSE due_from END
WHERE subscription_id = %(subscription_id)s AND revision = %(revision)s - 1 AND state <> 'deleted'
RETURNING subscription_id

-- name: set_state
UPDATE subscriptions
SET state = %(state)s, updated_at = %(at)s,
    due_from = CASE WHEN %(state)s = 'active' AND state <> 'active' THEN %(at)s ELSE due_from END
WHERE slug = %(slug)s AND state <> 'deleted'
RETURNING subscription_id

-- name: by_slug
SELECT s.subscription_id, s.number, s.slug, s.owner, s.state, s.revision, s.created_at,
       r.title, r.report_id, r.parameters, r.cron, r.zone, r.period_kind, r.recipients, r.resend_unknown
FROM subscriptions AS s
JOIN subscription_revisions AS r USING (subscription_id, revision)
WHERE s.slug = %(slug)s

-- name: of_revision
-- The terms that a run was pinned to, with the subscription's present state.
SELECT s.subscription_id, s.number, s.slug, s.owner, s.state, r.revision, s.created_at,
       r.title, r.report_id, r.parameters, r.cron, r.zone, r.period_kind, r.recipients, r.resend_unknown
FROM subscriptions AS s
JOIN subscription_revisions AS r USING (subscription_id)
WHERE s.subscription_id = %(subscription_id)s AND r.revision = %(revision)s

-- name: all_not_deleted
SELECT s.subscription_id, s.number, s.slug, s.owner, s.state, s.revision, s.created_at,
       r.title, r.report_id, r.parameters, r.cron, r.zone, r.period_kind, r.recipients, r.resend_unknown
FROM subscriptions AS s
JOIN subscription_revisions AS r USING (subscription_id, revision)
WHERE s.state <> 'deleted'
ORDER BY s.number

-- name: for_dags
SELECT s.number, s.slug, s.owner, s.state, s.due_from, r.title, r.report_id, r.cron, r.zone
FROM subscriptions AS s
JOIN subscription_revisions AS r USING (subscription_id, revision)
WHERE s.state <> 'deleted'
ORDER BY s.number
