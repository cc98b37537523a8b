-- How documents are wanted. NULL is the report's own language and theme, and all of its formats; a run pins its language.

ALTER TABLE subscription_revisions
    ADD COLUMN locale text,
    ADD COLUMN theme text,
    ADD COLUMN formats text[] CHECK ('pdf' = ANY (formats));

ALTER TABLE runs
    ADD COLUMN locale text NOT NULL DEFAULT 'en-GB',
    ADD COLUMN theme text,
    ADD COLUMN formats text[] CHECK ('pdf' = ANY (formats));
