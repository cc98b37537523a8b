-- What the portal and the API add: who asked for a run, who may have what, and the keys of repeated requests.

-- NULL: a schedule asked for it.
ALTER TABLE runs ADD COLUMN requested_by text;

-- Lists are read page by page, from the newest run on.
DROP INDEX runs_by_opening;
CREATE INDEX runs_by_opening ON runs (opened_at DESC, run_id DESC);
CREATE INDEX runs_by_requester ON runs (requested_by, opened_at DESC) WHERE requested_by IS NOT NULL;
-- Few runs are open at a time, and they are asked for often.
CREATE INDEX runs_open ON runs (opened_at) WHERE closed_at IS NULL;

-- What Airflow's auth manager says of its users; a run is not built for an owner who lost the right to it.
CREATE TABLE people (
    name text PRIMARY KEY,
    email text,
    roles text[] NOT NULL,
    is_active boolean NOT NULL,
    -- Whether the row came from the auth manager's tables: one that is gone there is inactive here.
    is_synced boolean NOT NULL,
    seen_at timestamptz NOT NULL
);

-- A caller's own name of a request: repeated, it leads to the same run. Kept for a day.
CREATE TABLE idempotency_keys (
    owner text NOT NULL,
    key text NOT NULL,
    body_sha256 text NOT NULL CHECK (body_sha256 ~ '^[0-9a-f]{64}$'),
    run_id uuid NOT NULL REFERENCES runs,
    created_at timestamptz NOT NULL,
    -- Until when a call is starting the run in Airflow; NULL once it is started. Ends by itself if that call dies.
    busy_until timestamptz,
    PRIMARY KEY (owner, key)
);

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
