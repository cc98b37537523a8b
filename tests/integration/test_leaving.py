"""Recipients who leave get no more mails, and one mail can be sent again on purpose, by Airflow and all."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.integration.airflow_api import PATIENCE, Airflow, wait_for
from tests.integration.conftest import Broadsheet, Inbox

pytestmark = pytest.mark.integration

SLOT, NEXT_SLOT = "2013-07-08T11:00:00Z", "2013-07-15T11:00:00Z"
LEAVER, STAYER = "leaver@example.com", "stayer@example.com"


def test_one_click_leaves_a_subscription_for_good_and_others_stay(
    broadsheet: Broadsheet, airflow: Airflow, inbox: Inbox
):
    done = broadsheet.command(
        *("subscribe", "airline_punctuality", "--to", LEAVER, "--to", STAYER, "--name", "to-be-left"),
        *("--cron", "0 7 * * MON", "--zone", "America/New_York", "--owner", "subscriber"),
    )
    assert done.returncode == 0, done.stderr
    dag = "subscription__to-be-left"
    airflow.wait_for_dag(dag)
    airflow.complete(dag, logical_date=SLOT)
    (mail,) = inbox.to(LEAVER)
    headers = headers_of(mail)
    assert headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    address = re.search(r"<(http[^>]+)>", headers["list-unsubscribe"]).group(1)
    assert httpx.get(address, timeout=PATIENCE).status_code == 200
    assert httpx.post(address, data={"List-Unsubscribe": "One-Click"}, timeout=PATIENCE).status_code == 200

    run_id = airflow.complete(dag, logical_date=NEXT_SLOT)
    run = broadsheet.run(dag, run_id)
    assert run["state"] == "completed"
    states = {delivery["recipient"]: delivery["state"] for delivery in run["deliveries"]}
    assert states == {LEAVER: "suppressed", STAYER: "accepted"}
    assert len(inbox.to(LEAVER)) == 1
    assert len(inbox.to(STAYER)) == 2


def test_a_mail_is_sent_again_to_one_recipient_on_purpose_and_to_nobody_else(
    broadsheet: Broadsheet, airflow: Airflow, inbox: Inbox
):
    one, other = "again@example.com", "not-again@example.com"
    dag = "report__airline_punctuality"
    run_id = airflow.complete(dag, period="2013-W30", recipients=[one, other])
    run = broadsheet.run(dag, run_id)
    (delivery,) = [found for found in run["deliveries"] if found["recipient"] == one]
    api = f"{broadsheet.url}/reports/api/v1/jobs/{run['run_id']}"
    token = {"Authorization": airflow.client.headers["Authorization"]}
    path = f"{api}/deliveries/{delivery['delivery_id']}/resend"
    assert httpx.post(path, headers=token, timeout=PATIENCE).is_success
    wait_for(lambda: len(inbox.to(one)) == 2, what="the second mail")
    assert airflow.wait_for_run(dag, run_id) == "success"
    assert broadsheet.run(dag, run_id)["state"] == "completed"
    assert len(inbox.to(other)) == 1
    first, second = inbox.to(one)
    assert headers_of(first)["message-id"] != headers_of(second)["message-id"]


def headers_of(mail: dict[str, Any]) -> dict[str, str]:
    """Return a mail's headers by their names in lower case."""
    return {name.lower(): value for name, value in mail["headers"]}
