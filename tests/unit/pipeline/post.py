"""One run with planned deliveries and a real mail server, for the tests of sending."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

from tests.seed import LETTER, NOW, plan, run_spec, store_run
from tests.smtp_server import ScriptedMailServer

from broadsheet.domain.delivery import Delivery, DeliveryState, lease_of
from broadsheet.domain.letter import Letter, Mailing
from broadsheet.domain.run import RunSpec
from broadsheet.domain.subscription import Subscription
from broadsheet.pipeline.mail import DeliverySummary, send_deliveries
from broadsheet.settings import Endpoint, Settings
from broadsheet.store.database import transaction
from broadsheet.store.deliveries import claim_delivery, deliveries_of_run
from broadsheet.store.ledger import artifact_of_variant
from broadsheet.store.links import LinkOutcome, find_link

ADA, BOB, CY = "ada@broadsheet.example", "bob@broadsheet.example", "cy@broadsheet.example"
State = DeliveryState


class Post:
    """One run with planned deliveries, and what it takes to send them."""

    def __init__(
        self, dsn: str, server: ScriptedMailServer, *, subscription: Subscription | None = None
    ) -> None:
        self.dsn, self.server = dsn, server
        self.endpoint: Endpoint = server.endpoint()
        self.settings = Settings(mail_timeout=5, public_url="https://reports.example")
        self.spec = run_spec(subscription=subscription)
        store_run(dsn, self.spec)

    def plan(self, *recipients: str, resend_unknown: bool = True) -> None:
        plan(self.dsn, self.spec, *recipients, resend_unknown=resend_unknown)

    def send(self, *, spec: RunSpec | None = None, **more: Callable[[float], None]) -> DeliverySummary:
        spec = spec or self.spec
        return send_deliveries(
            spec,
            mailings(self.dsn, spec),
            dsn=self.dsn,
            endpoint=self.endpoint,
            settings=self.settings,
            clock=lambda: NOW,
            **more,
        )

    def ledger(self) -> dict[str, Delivery]:
        with transaction(self.dsn) as connection:
            return {row.recipient: row for row in deliveries_of_run(connection, self.spec.run_id)}

    def state(self, recipient: str) -> State:
        return self.ledger()[recipient].state

    def reply(self, recipient: str) -> str:
        with transaction(self.dsn) as connection:
            row = connection.execute(
                "SELECT smtp_reply FROM deliveries WHERE recipient = %s AND run_id = %s",
                (recipient, self.spec.run_id),
            ).fetchone()
        assert row is not None
        return str(row["smtp_reply"])

    def expire_lease(self) -> None:
        with transaction(self.dsn) as connection:
            connection.execute(
                "UPDATE deliveries SET lease_until = now() - interval '1 second' WHERE state = 'sending'"
            )

    def link_outcome(self, mail: EmailMessage) -> LinkOutcome:
        with transaction(self.dsn) as connection:
            return find_link(connection, link_token(mail), at=NOW + timedelta(days=1)).outcome

    def valid_links(self) -> int:
        with transaction(self.dsn) as connection:
            row = connection.execute("SELECT count(*) FROM links WHERE revoked_at IS NULL").fetchone()
        assert row is not None
        return int(row["count"])


def mailings(dsn: str, spec: RunSpec, *, letter: Letter = LETTER) -> dict[str, Mailing]:
    """What `upload` and the letter come to: a letter about the newest document of each variant."""
    with transaction(dsn) as connection:
        return {
            variant.name: Mailing(
                letter=letter,
                artifact_id=artifact_of_variant(connection, spec.run_id, variant.name).artifact_id,
            )
            for variant in spec.variants
        }


def link_token(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    lines = [line for line in body.get_content().splitlines() if line.startswith("https://")]
    assert all(line.startswith("https://reports.example/r/") for line in lines)
    return str(lines[0]).rpartition("/")[2]


def claim_as_another(post: Post, recipient: str) -> None:
    with transaction(post.dsn) as connection:
        artifact = artifact_of_variant(connection, post.spec.run_id, "main")
        (delivery,) = (
            row for row in deliveries_of_run(connection, post.spec.run_id) if row.recipient == recipient
        )
        claim = claim_delivery(
            connection,
            delivery.delivery_id,
            artifact_id=artifact.artifact_id,
            lease=lease_of(post.settings.mail_timeout),
        )
        assert claim is not None
