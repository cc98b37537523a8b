-- The password that a subscription's documents are protected by. The secret is encrypted with a key that the
-- database does not hold. One that was replaced stays, for the runs that were opened while it was in force.
CREATE TABLE subscription_passwords (
    password_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id uuid NOT NULL REFERENCES subscriptions,
    secret bytea NOT NULL,
    set_by text NOT NULL,
    set_at timestamptz NOT NULL,
    ended_at timestamptz
);

CREATE UNIQUE INDEX subscription_passwords_in_force ON subscription_passwords (subscription_id) WHERE ended_at IS NULL;

-- Encryption gives other bytes each time. What a document became first is what it stays, whoever tries again.
CREATE TABLE protected_documents (
    run_id uuid NOT NULL REFERENCES runs,
    variant text NOT NULL,
    plain_sha256 text NOT NULL,
    password_id bigint NOT NULL REFERENCES subscription_passwords,
    sha256 text NOT NULL,
    PRIMARY KEY (run_id, variant, plain_sha256, password_id)
);
