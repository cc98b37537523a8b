"""``email``: mail each planned delivery of a run once, and record the mail server's verdict."""

from broadsheet.pipeline.mail.deliver import send_deliveries
from broadsheet.pipeline.mail.envelope import Envelope
from broadsheet.pipeline.mail.message import build_message
from broadsheet.pipeline.mail.summary import DeliverySummary, settled_summary

__all__ = ["DeliverySummary", "Envelope", "build_message", "send_deliveries", "settled_summary"]
