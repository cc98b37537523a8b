-- The application's own tables: who wants what (subscriptions), and what was due, built, stored and sent (the ledger).
-- Every *_at is timestamptz. States are CHECKed here, so that no code path can invent one.

CREATE TABLE subscriptions (
    subscription_id uuid PRIMARY KEY,
    -- Position in the generated DAG files: subscriptions are cut into shards by this number.
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9_-]{0,99}$'),
    owner text NOT NULL,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'deleted')),
    revision integer NOT NULL CHECK (revision >= 1),
    -- No slot before this instant is run by itself: when it was made, resumed, or given another schedule.
    due_from timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

-- An edit never changes a row: it adds one, and moves subscriptions.revision.
CREATE TABLE subscription_revisions (
    subscription_id uuid NOT NULL REFERENCES subscriptions,
    revision integer NOT NULL CHECK (revision >= 1),
    title text NOT NULL,
    report_id text NOT NULL,
    parameters jsonb NOT NULL,
    cron text NOT NULL,
    zone text NOT NULL,
    period_kind text NOT NULL CHECK (period_kind IN ('day', 'week', 'month', 'quarter', 'year')),
    recipients text[] NOT NULL,
    -- What to do when it is unknown whether a mail was accepted: send it once more, or never twice.
    resend_unknown boolean NOT NULL DEFAULT true,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (subscription_id, revision)
);

ALTER TABLE subscriptions
    ADD CONSTRAINT subscriptions_revision_exists
    FOREIGN KEY (subscription_id, revision) REFERENCES subscription_revisions DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE runs (
    run_id uuid PRIMARY KEY,
    dag_id text NOT NULL,
    dag_run_id text NOT NULL,
    subscription_id uuid,
    revision integer,
    report_id text NOT NULL,
    trigger text NOT NULL CHECK (trigger IN ('schedule', 'manual', 'backfill')),
    slot timestamptz NOT NULL,
    period_kind text NOT NULL,
    first_day date NOT NULL,
    end_day date NOT NULL,
    zone text NOT NULL,
    parameters jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'active', 'completed', 'partial', 'failed', 'skipped', 'cancelled')),
    reason text,
    opened_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    UNIQUE (dag_id, dag_run_id),
    UNIQUE (subscription_id, slot),
    FOREIGN KEY (subscription_id, revision) REFERENCES subscription_revisions,
    CHECK ((subscription_id IS NULL) = (revision IS NULL)),
    CHECK (end_day > first_day)
);

CREATE INDEX runs_by_opening ON runs (opened_at DESC);

CREATE TABLE variants (
    run_id uuid NOT NULL REFERENCES runs,
    name text NOT NULL,
    parameters jsonb NOT NULL,
    PRIMARY KEY (run_id, name)
);

CREATE TABLE artifacts (
    artifact_id uuid PRIMARY KEY,
    run_id uuid NOT NULL,
    variant text NOT NULL,
    format text NOT NULL CHECK (format IN ('pdf', 'xlsx', 'csv')),
    key text NOT NULL UNIQUE,
    file_name text NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size_bytes bigint NOT NULL CHECK (size_bytes > 0),
    pages integer CHECK (pages > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (run_id, variant) REFERENCES variants,
    UNIQUE (run_id, variant, format, sha256)
);

CREATE TABLE deliveries (
    delivery_id uuid PRIMARY KEY,
    run_id uuid NOT NULL,
    variant text NOT NULL,
    recipient text NOT NULL,
    channel text NOT NULL DEFAULT 'mail' CHECK (channel IN ('mail')),
    state text NOT NULL DEFAULT 'planned'
        CHECK (state IN ('planned', 'sending', 'accepted', 'refused', 'unknown', 'suppressed')),
    -- Pinned from the subscription's revision when the delivery was planned.
    resend_unknown boolean NOT NULL,
    message_id text NOT NULL UNIQUE,
    -- Attempts that reached the claim. An unknown delivery is claimed again at most once.
    attempts integer NOT NULL DEFAULT 0,
    unknowns integer NOT NULL DEFAULT 0,
    attempt_token uuid,
    lease_until timestamptz,
    artifact_id uuid REFERENCES artifacts,
    smtp_reply text,
    planned_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    FOREIGN KEY (run_id, variant) REFERENCES variants,
    UNIQUE (run_id, variant, recipient, channel),
    CHECK ((state = 'sending') = (attempt_token IS NOT NULL AND lease_until IS NOT NULL)),
    CHECK ((state = 'accepted') <= (artifact_id IS NOT NULL AND smtp_reply IS NOT NULL))
);

CREATE TABLE links (
    link_id uuid PRIMARY KEY,
    token_sha256 bytea NOT NULL UNIQUE CHECK (octet_length(token_sha256) = 32),
    delivery_id uuid NOT NULL REFERENCES deliveries,
    artifact_id uuid NOT NULL REFERENCES artifacts,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
    revoked_at timestamptz,
    revoked_by text
);

CREATE INDEX links_by_delivery ON links (delivery_id);

-- The audit of every fetch. A token that matches no link leaves link_id NULL; the token itself is never stored.
CREATE TABLE link_accesses (
    access_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    link_id uuid REFERENCES links,
    accessed_at timestamptz NOT NULL DEFAULT now(),
    method text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('served', 'expired', 'revoked', 'unknown', 'unavailable')),
    remote_address text,
    user_agent text
);

CREATE INDEX link_accesses_by_link ON link_accesses (link_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER link_accesses_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON link_accesses
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER subscription_revisions_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON subscription_revisions
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
