-- Two tables of a report may hold the same rows, both none at all: their files are two, with the same bytes.

ALTER TABLE artifacts
    ADD COLUMN part text NOT NULL DEFAULT '',
    DROP CONSTRAINT artifacts_run_id_variant_format_sha256_key,
    ADD UNIQUE (run_id, variant, format, part, sha256);
