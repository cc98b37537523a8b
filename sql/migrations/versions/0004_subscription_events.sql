-- What the portal adds to subscriptions: who paused, resumed, deleted and restored them. Edits are revisions.

CREATE TABLE subscription_events (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id uuid NOT NULL REFERENCES subscriptions,
    -- The state before and after: a deletion is undone by going back to what it was before.
    former_state text NOT NULL CHECK (former_state IN ('active', 'paused', 'deleted')),
    new_state text NOT NULL CHECK (new_state IN ('active', 'paused', 'deleted')),
    happened_by text NOT NULL,
    happened_at timestamptz NOT NULL,
    CHECK (former_state <> new_state)
);

CREATE INDEX subscription_events_by_subscription ON subscription_events (subscription_id, event_id);

CREATE TRIGGER subscription_events_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON subscription_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Everybody's own list.
CREATE INDEX subscriptions_by_owner ON subscriptions (owner, number);
