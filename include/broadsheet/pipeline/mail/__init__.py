"""``email``: mail each planned delivery of a run once, and record the mail server's verdict."""

from broadsheet.pipeline.mail.deliver import DeliverySummary, send_deliveries, settled_summary
from broadsheet.pipeline.mail.message import Envelope, build_message

__all__ = ["DeliverySummary", "Envelope", "build_message", "send_deliveries", "settled_summary"]
