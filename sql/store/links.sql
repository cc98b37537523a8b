-- Statements of broadsheet.store.links.

-- name: add_link
INSERT INTO links (link_id, token_sha256, delivery_id, artifact_id, created_at, expires_at, unsubscribe_sha256)
VALUES (
    %(link_id)s, %(token_sha256)s, %(delivery_id)s, %(artifact_id)s, %(at)s, %(expires_at)s, %(unsubscribe_sha256)s
)

-- name: by_token
SELECT l.link_id, l.expires_at, l.revoked_at, a.artifact_id, a.key, a.file_name, a.sha256, a.size_bytes
FROM links AS l
JOIN artifacts AS a USING (artifact_id)
WHERE l.token_sha256 = %(token_sha256)s

-- name: record_access
INSERT INTO link_accesses (link_id, method, outcome, remote_address, user_agent)
VALUES (%(link_id)s, %(method)s, %(outcome)s, %(remote_address)s, %(user_agent)s)

-- name: revoke_by_token
UPDATE links SET revoked_at = %(at)s, revoked_by = %(by)s
WHERE token_sha256 = %(token_sha256)s AND revoked_at IS NULL
RETURNING link_id

-- name: revoke_of_run
UPDATE links AS l SET revoked_at = %(at)s, revoked_by = %(by)s
FROM deliveries AS d
WHERE d.delivery_id = l.delivery_id AND d.run_id = %(run_id)s AND l.revoked_at IS NULL
RETURNING l.link_id

-- name: accesses_of_run
SELECT x.accessed_at, x.method, x.outcome, d.recipient, l.link_id
FROM link_accesses AS x
JOIN links AS l USING (link_id)
JOIN deliveries AS d USING (delivery_id)
WHERE d.run_id = %(run_id)s
ORDER BY x.access_id
