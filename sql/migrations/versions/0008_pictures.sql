-- A document's first page may be stored as a picture beside it.

ALTER TABLE artifacts
    DROP CONSTRAINT artifacts_format_check,
    ADD CHECK (format IN ('pdf', 'xlsx', 'csv', 'png'));
