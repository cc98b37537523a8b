-- What mails add: who left a subscription, which mails were sent again on purpose, and what each mail said.

-- The second random value of a mail: whoever has it may leave the subscription, and come back. NULL where a mail
-- belongs to no subscription. It works for as long as the row exists, expired or revoked as the link may be.
ALTER TABLE links
    ADD COLUMN unsubscribe_sha256 bytea UNIQUE CHECK (octet_length(unsubscribe_sha256) = 32);

-- A row stands until it is undone; it outlives edits of the subscription, so that nobody is added back by one.
CREATE TABLE unsubscribes (
    unsubscribe_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id uuid NOT NULL REFERENCES subscriptions,
    recipient text NOT NULL CHECK (recipient = lower(recipient)),
    unsubscribed_at timestamptz NOT NULL,
    -- One click in a mail program, the page behind the mail's link, or the portal.
    how text NOT NULL CHECK (how IN ('one-click', 'page', 'portal')),
    -- The mail whose link was used.
    link_id uuid REFERENCES links,
    undone_at timestamptz,
    undone_how text CHECK (undone_how IN ('page', 'portal')),
    CHECK ((undone_at IS NULL) = (undone_how IS NULL))
);

CREATE UNIQUE INDEX unsubscribes_standing ON unsubscribes (subscription_id, recipient) WHERE undone_at IS NULL;

CREATE FUNCTION refuse_all_but_undoing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.undone_at IS NOT NULL
       OR (NEW.unsubscribe_id, NEW.subscription_id, NEW.recipient, NEW.unsubscribed_at, NEW.how, NEW.link_id)
          IS DISTINCT FROM
          (OLD.unsubscribe_id, OLD.subscription_id, OLD.recipient, OLD.unsubscribed_at, OLD.how, OLD.link_id)
    THEN
        RAISE EXCEPTION '% is append-only but for undoing', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER unsubscribes_only_undone
    BEFORE UPDATE ON unsubscribes
    FOR EACH ROW EXECUTE FUNCTION refuse_all_but_undoing();

CREATE TRIGGER unsubscribes_append_only
    BEFORE DELETE OR TRUNCATE ON unsubscribes
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a delivery was before somebody had it sent again.
CREATE TABLE delivery_reissues (
    reissue_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES deliveries,
    reissued_at timestamptz NOT NULL,
    reissued_by text NOT NULL,
    previous_state text NOT NULL CHECK (previous_state IN ('accepted', 'refused', 'unknown')),
    previous_message_id text NOT NULL UNIQUE,
    previous_reply text,
    previous_settled_at timestamptz
);

CREATE INDEX delivery_reissues_by_delivery ON delivery_reissues (delivery_id);

CREATE TRIGGER delivery_reissues_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON delivery_reissues
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The words of the mail about a document, kept because they are made from working files, which are dropped.
CREATE TABLE letters (
    artifact_id uuid PRIMARY KEY REFERENCES artifacts,
    letter jsonb NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now()
);
