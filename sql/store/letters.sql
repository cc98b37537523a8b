-- Statements of broadsheet.store.letters.

-- name: keep
INSERT INTO letters (artifact_id, letter) VALUES (%(artifact_id)s, %(letter)s)
ON CONFLICT (artifact_id) DO UPDATE SET letter = excluded.letter, written_at = now()
WHERE letters.letter <> excluded.letter

-- name: of_artifact
SELECT letter FROM letters WHERE artifact_id = %(artifact_id)s
