-- Statements of broadsheet.store.passwords.

-- name: end
UPDATE subscription_passwords SET ended_at = %(at)s
WHERE subscription_id = %(subscription_id)s AND ended_at IS NULL

-- name: add
INSERT INTO subscription_passwords (subscription_id, secret, set_by, set_at)
VALUES (%(subscription_id)s, %(secret)s, %(by)s, %(at)s)

-- name: in_force
SELECT set_by, set_at FROM subscription_passwords
WHERE subscription_id = %(subscription_id)s AND ended_at IS NULL

-- name: of_run
-- The one in force when the run was opened: an edit in mid-run changes the next run.
SELECT password_id, secret FROM subscription_passwords
JOIN runs USING (subscription_id)
WHERE run_id = %(run_id)s AND set_at <= opened_at AND (ended_at IS NULL OR ended_at > opened_at)
ORDER BY password_id DESC
LIMIT 1

-- name: protected
SELECT sha256 FROM protected_documents
WHERE run_id = %(run_id)s AND variant = %(variant)s
  AND plain_sha256 = %(plain_sha256)s AND password_id = %(password_id)s

-- name: is_protected_document
SELECT sha256 FROM protected_documents
WHERE run_id = %(run_id)s AND variant = %(variant)s AND sha256 = %(sha256)s

-- name: note_protected
INSERT INTO protected_documents (run_id, variant, plain_sha256, password_id, sha256)
VALUES (%(run_id)s, %(variant)s, %(plain_sha256)s, %(password_id)s, %(sha256)s)
ON CONFLICT (run_id, variant, plain_sha256, password_id) DO UPDATE SET sha256 = excluded.sha256
