-- Statements of broadsheet.store.subscriptions.

-- name: insert_subscription
INSERT INTO subscriptions (subscription_id, slug, owner, revision, due_from, created_at, updated_at)
VALUES (%(subscription_id)s, %(slug)s, %(owner)s, 1, %(at)s, %(at)s, %(at)s)

-- name: insert_revision
INSERT INTO subscription_revisions (
    subscription_id, revision, title, report_id, parameters, cron, zone, period_kind, recipients,
    resend_unknown, locale, theme, formats, created_by, created_at
)
VALUES (
    %(subscription_id)s, %(revision)s, %(title)s, %(report_id)s, %(parameters)s, %(cron)s, %(zone)s,
    %(period_kind)s, %(recipients)s, %(resend_unknown)s, %(locale)s, %(theme)s, %(formats)s,
    %(created_by)s, %(at)s
)

-- name: move_to_revision
-- Only from the revision that the editor saw: two editors cannot overwrite one another.
UPDATE subscriptions
SET revision = %(revision)s, updated_at = %(at)s,
    due_from = CASE WHEN %(reschedules)s THEN %(at)s ELSE due_from END
WHERE subscription_id = %(subscription_id)s AND revision = %(revision)s - 1 AND state <> 'deleted'
RETURNING subscription_id

-- name: lock_state
SELECT subscription_id, state FROM subscriptions WHERE slug = %(slug)s FOR UPDATE

-- name: set_state
UPDATE subscriptions
SET state = %(state)s, updated_at = %(at)s, due_from = CASE WHEN %(state)s = 'active' THEN %(at)s ELSE due_from END
WHERE subscription_id = %(subscription_id)s

-- name: insert_event
INSERT INTO subscription_events (subscription_id, former_state, new_state, happened_by, happened_at)
VALUES (%(subscription_id)s, %(former_state)s, %(state)s, %(by)s, %(at)s)

-- name: state_before_deletion
SELECT former_state
FROM subscription_events
WHERE subscription_id = %(subscription_id)s AND new_state = 'deleted'
ORDER BY event_id DESC
LIMIT 1

-- name: by_slug
SELECT s.subscription_id, s.number, s.slug, s.owner, s.state, s.revision, s.created_at,
       r.title, r.report_id, r.parameters, r.cron, r.zone, r.period_kind, r.recipients, r.resend_unknown,
       r.locale, r.theme, r.formats
FROM subscriptions AS s
JOIN subscription_revisions AS r USING (subscription_id, revision)
WHERE s.slug = %(slug)s

-- name: of_revision
-- The terms that a run was pinned to, with the subscription's present state.
SELECT s.subscription_id, s.number, s.slug, s.owner, s.state, r.revision, s.created_at,
       r.title, r.report_id, r.parameters, r.cron, r.zone, r.period_kind, r.recipients, r.resend_unknown,
       r.locale, r.theme, r.formats
FROM subscriptions AS s
JOIN subscription_revisions AS r USING (subscription_id)
WHERE s.subscription_id = %(subscription_id)s AND r.revision = %(revision)s

-- name: listed
SELECT s.subscription_id, s.number, s.slug, s.owner, s.state, s.revision, s.created_at,
       r.title, r.report_id, r.parameters, r.cron, r.zone, r.period_kind, r.recipients, r.resend_unknown,
       r.locale, r.theme, r.formats
FROM subscriptions AS s
JOIN subscription_revisions AS r USING (subscription_id, revision)
WHERE (%(owner)s::text IS NULL OR s.owner = %(owner)s) AND (%(include_deleted)s OR s.state <> 'deleted')
ORDER BY s.number

-- name: owned
SELECT count(*) AS owned FROM subscriptions WHERE owner = %(owner)s AND state <> 'deleted'

-- name: received
SELECT s.subscription_id, s.number, s.slug, s.owner, s.state, s.revision, s.created_at,
       r.title, r.report_id, r.parameters, r.cron, r.zone, r.period_kind, r.recipients, r.resend_unknown,
       r.locale, r.theme, r.formats
FROM subscriptions AS s
JOIN subscription_revisions AS r USING (subscription_id, revision)
WHERE s.owner <> %(name)s AND s.state <> 'deleted'
  AND EXISTS (SELECT FROM unnest(r.recipients) AS one (address) WHERE lower(address) = lower(%(address)s))
ORDER BY s.number

-- name: last_runs
-- Of each the run with the latest slot: a backfill of the past is not the last run.
SELECT wanted.subscription_id, r.run_id, r.state, r.slot, COALESCE(r.closed_at, r.opened_at) AS at
FROM unnest(%(subscription_ids)s::uuid[]) AS wanted (subscription_id)
CROSS JOIN LATERAL (
    SELECT run_id, state, slot, closed_at, opened_at
    FROM runs
    WHERE runs.subscription_id = wanted.subscription_id
    ORDER BY slot DESC
    LIMIT 1
) AS r

-- name: left_by
SELECT subscription_id, recipient
FROM unsubscribes
WHERE subscription_id = ANY(%(subscription_ids)s::uuid[]) AND undone_at IS NULL
ORDER BY recipient

-- name: revisions
SELECT revision, created_by, created_at,
       title, report_id, parameters, cron, zone, period_kind, recipients, resend_unknown, locale, theme,
       formats
FROM subscription_revisions
WHERE subscription_id = %(subscription_id)s
ORDER BY revision

-- name: events
SELECT former_state, new_state, happened_by, happened_at
FROM subscription_events
WHERE subscription_id = %(subscription_id)s
ORDER BY event_id

-- name: for_dags
SELECT s.number, s.slug, s.owner, s.state, s.due_from, r.title, r.report_id, r.cron, r.zone
FROM subscriptions AS s
JOIN subscription_revisions AS r USING (subscription_id, revision)
WHERE s.state <> 'deleted'
ORDER BY s.number
