-- Statements of broadsheet.store.people.

-- name: by_name
SELECT name, email, roles, is_active FROM people WHERE name = %(name)s

-- name: note
INSERT INTO people (name, email, roles, is_active, is_synced, seen_at)
VALUES (%(name)s, %(email)s, %(roles)s, true, false, %(at)s)
ON CONFLICT (name) DO UPDATE
SET email = EXCLUDED.email, roles = EXCLUDED.roles, is_active = true, seen_at = EXCLUDED.seen_at

-- name: sync
-- Written only where something differs: this runs twice a minute, and most often nothing has changed.
INSERT INTO people AS p (name, email, roles, is_active, is_synced, seen_at)
SELECT n.name, n.email, n.roles, n.is_active, true, %(at)s
FROM jsonb_to_recordset(%(people)s) AS n (name text, email text, roles text[], is_active boolean)
ON CONFLICT (name) DO UPDATE
SET email = EXCLUDED.email, roles = EXCLUDED.roles, is_active = EXCLUDED.is_active, is_synced = true,
    seen_at = EXCLUDED.seen_at
WHERE (p.email, p.roles, p.is_active, p.is_synced)
    IS DISTINCT FROM (EXCLUDED.email, EXCLUDED.roles, EXCLUDED.is_active, true)

-- name: retire_others
-- Removed from the auth manager: nothing is built for them any more.
UPDATE people SET is_active = false, seen_at = %(at)s
WHERE is_synced AND is_active
  AND name NOT IN (SELECT n.name FROM jsonb_to_recordset(%(people)s) AS n (name text))
