"""The whole story as people live it, in a real browser on the whole stack."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import httpx
import pypdf
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.integration.airflow_api import Airflow, wait_for
from tests.integration.browser import PATIENCE, Tab, chromium, tab
from tests.integration.conftest import Broadsheet, Inbox

pytestmark = pytest.mark.integration

# The same patience for every expectation: reports are built on the same two cores.
expect.set_options(timeout=PATIENCE)

TITLE = "United, every Monday"
ME = "subscriber@broadsheet.example"
SIZES = [
    pytest.param(1280, False, id="wide"),
    pytest.param(1280, True, id="dark"),
    pytest.param(360, False, id="phone"),
]


@pytest.fixture(scope="module")
def browser(broadsheet: Broadsheet) -> Iterator[Browser]:
    assert broadsheet.url
    with chromium() as browser:
        yield browser


@pytest.fixture
def subscriber(browser: Browser, broadsheet: Broadsheet) -> Iterator[Tab]:
    """A window in which the plain subscriber is logged in."""
    with tab(browser, broadsheet.url) as opened:
        opened.log_in("subscriber", broadsheet.stack.secrets.user_subscriber)
        yield opened
        assert opened.wrong == []


def subscribe(page: Page, *, title: str) -> str:
    """Fill in the form as a person would and return the new subscription's name."""
    page.get_by_role("link", name="Subscribe to Airline punctuality").click()
    page.get_by_label("Airline").select_option(label="United Air Lines")
    page.get_by_label("Origin airport").select_option(label="Newark (EWR)")
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Subscribe", exact=True).click()
    page.wait_for_url(re.compile(r"/reports/subscriptions/[a-z0-9-]+"))
    return page.url.rsplit("/", 1)[-1].partition("?")[0]


def test_a_subscriber_finds_previews_subscribes_runs_reads_and_revokes(
    subscriber: Tab, broadsheet: Broadsheet, airflow: Airflow, inbox: Inbox, browser: Browser
) -> None:
    page = subscriber.page
    page.get_by_role("link", name="Subscribe to Airline punctuality").click()
    page.get_by_role("button", name="Preview page one").click()
    # Until it comes, a sample stands in its place.
    expect(page.locator("#preview")).to_contain_text("With your settings")
    picture = page.locator("#preview img")
    assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") > 400
    page.get_by_label("Title").fill(TITLE)
    expect(page.locator("#dates time")).to_have_count(5)
    page.get_by_role("button", name="Subscribe", exact=True).click()
    page.wait_for_url(re.compile(r"/reports/subscriptions/[a-z0-9-]+"))
    name = page.url.rsplit("/", 1)[-1].partition("?")[0]
    airflow.wait_for_dag(f"subscription__{name}")

    page.get_by_role("button", name=re.compile("Run now")).first.click()
    page.wait_for_url(re.compile(r"/reports/runs/[0-9a-f-]{36}"))
    job_id = page.url.rsplit("/", 1)[-1].partition("?")[0]
    seen = set()

    def over() -> bool:
        # The bar is drawn anew every second; the page itself is never loaded again.
        seen.add(page.locator("#run-bar").get_attribute("value"))
        return seen >= {"100"}

    page.evaluate("window.stayed = true")
    wait_for(over, what="the run's end in the page", seconds=120, every=0.1)
    assert len(seen) > 2, seen
    assert page.evaluate("window.stayed") is True
    first_page = page.locator(".run-sheet img")
    expect(first_page).to_be_visible()
    assert first_page.evaluate("one => one.decode().then(() => one.naturalWidth)") > 400
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("PDF")).click()
    pdf = download.value.path().read_bytes()
    assert "United Air Lines" in pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()

    mail = next(mail for mail in inbox.to(ME) if job_mail(mail, pdf))
    link = re.search(r"http://\S+/r/[A-Za-z0-9_-]{43}", mail["text"]).group()
    page.reload()
    expect(page.get_by_text("Opened once")).to_be_visible()
    page.locator("summary", has_text="Revoke the link").click()
    page.get_by_role("button", name="Revoke it").click()
    expect(page.get_by_text("link revoked")).to_be_visible()
    with tab(browser, broadsheet.url) as anybody:
        anybody.page.goto(link)
        expect(anybody.page.locator("body")).to_contain_text("withdrawn")
    assert job_id in page.url


def job_mail(mail: dict[str, str], pdf: bytes) -> bool:
    """Whether a mail's link leads to a document; opening it counts as its first opening."""
    link = re.search(r"http://\S+/r/[A-Za-z0-9_-]{43}", mail["text"])
    answer = httpx.get(link.group(), timeout=60) if link else None
    return answer is not None and answer.content == pdf


def test_wrong_entries_are_named_beside_their_fields_and_nothing_is_stored(
    subscriber: Tab, broadsheet: Broadsheet
) -> None:
    page = subscriber.page
    page.get_by_role("link", name="Subscribe to Airline punctuality").click()
    page.get_by_label("Expert").check()
    page.get_by_label("Cron line").fill("99 7 * * MON")
    page.get_by_label("Time zone").fill("Mars/Olympus")
    page.get_by_label("Title").fill("Not to be stored")
    page.get_by_role("button", name="Subscribe", exact=True).click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("99 7 * * MON")
    expect(summary).to_contain_text("Mars/Olympus")
    expect(page.locator("#f-cron")).to_have_attribute("aria-invalid", "true")
    subscriber.check()
    assert "Not to be stored" not in broadsheet.command("subscriptions", "list").stdout


def test_a_subscription_is_edited_paused_resumed_deleted_and_brought_back(
    subscriber: Tab, airflow: Airflow
) -> None:
    page = subscriber.page
    name = subscribe(page, title="To be changed")
    subscriber.open(f"/subscriptions/{name}/edit")
    page.get_by_label("Title").fill("Changed")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Changed")
    for button, state in (("Pause", "paused"), ("Resume", "active")):
        page.get_by_role("button", name=re.compile(button)).first.click()
        expect(page.locator(".page-head .badge")).to_contain_text(re.compile(state, re.IGNORECASE))
    subscriber.open(f"/subscriptions/{name}/history")
    expect(page.locator("main")).to_contain_text("Changed")
    subscriber.open("/subscriptions")
    row = page.locator(f"#s-{name}")
    row.get_by_role("button", name="Delete").click()
    expect(row).to_contain_text("is deleted")
    row.get_by_role("button", name="Undo").click()
    expect(row.get_by_role("button", name="Delete")).to_be_visible()
    dag = f"subscription__{name}"
    wait_for(
        lambda: airflow.wait_for_dag(dag)["dag_display_name"] == "Changed", what="the new title in Airflow"
    )


def test_a_report_for_others_is_neither_offered_nor_reachable(subscriber: Tab) -> None:
    page = subscriber.page
    expect(page.get_by_text("For the board alone")).to_have_count(0)
    for path in ("/catalog/board_only/subscribe", "/catalog/board_only/get", "/catalog/no_such_report/get"):
        answer = page.goto(f"{subscriber.url}/reports{path}")
        assert answer is not None
        assert answer.status == 404
        assert "board alone" not in page.content()
    assert page.request.get(f"{subscriber.url}/reports/api/v1/catalog/board_only").status == 404
    assert page.request.get(f"{subscriber.url}/reports/operations").status == 404
    expect(page.get_by_role("link", name="Operations")).to_have_count(0)


def test_an_operator_sees_everybodys_runs_and_a_subscriber_only_his_own(
    browser: Browser, broadsheet: Broadsheet, airflow: Airflow, subscriber: Tab
) -> None:
    run_id = airflow.complete("report__airline_punctuality", period="2013-W20")
    job = broadsheet.run("report__airline_punctuality", run_id)
    address = f"{broadsheet.url}/reports/runs/{job['run_id']}"
    assert subscriber.page.request.get(address).status == 404
    with tab(browser, broadsheet.url) as operator:
        operator.log_in("operator", broadsheet.stack.secrets.user_operator, path="/operations")
        expect(operator.page.get_by_role("heading", level=1)).to_contain_text("Operations")
        operator.page.goto(address)
        expect(operator.page.get_by_role("heading", level=1)).to_contain_text("Airline punctuality")
        of_run = f"/of-run?dag_id=report__airline_punctuality&run_id={run_id.replace('+', '%2B')}"
        operator.open(of_run)
        assert operator.page.url.partition("?")[0] == address


@pytest.mark.parametrize(("width", "dark"), SIZES)
def test_every_page_can_be_used_by_everybody(
    browser: Browser, broadsheet: Broadsheet, airflow: Airflow, width: int, dark: bool
) -> None:
    run_id = airflow.complete(
        "report__airline_punctuality", period="2013-W21", recipients=["eve@example.com"]
    )
    job = broadsheet.run("report__airline_punctuality", run_id)
    with tab(browser, broadsheet.url, width=width, dark=dark) as opened:
        opened.log_in("operator", broadsheet.stack.secrets.user_operator)
        name = subscribe(opened.page, title=f"Seen at {width} {dark}")
        opened.check()
        for path in (
            "/",
            "/catalog/airline_punctuality/subscribe",
            "/catalog/airline_punctuality/get",
            "/subscriptions",
            f"/subscriptions/{name}/edit",
            f"/subscriptions/{name}/history",
            "/runs",
            f"/runs/{job['run_id']}",
            "/operations",
        ):
            opened.open(path)
            opened.check()


def test_a_report_is_asked_for_with_the_keyboard_alone(subscriber: Tab) -> None:
    page = subscriber.page

    def press_until(name: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            focused = page.evaluate(
                "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText"
            )
            if str(focused).strip() == name:
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none", f"{name} shows no focus"
                return
        raise AssertionError(f"{name} cannot be reached by the Tab key")

    press_until("Get Airline punctuality now")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/catalog/airline_punctuality/get"))
    press_until("Get it now")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/reports/runs/[0-9a-f-]{36}"))


def test_the_portal_is_a_page_of_airflow_and_works_in_its_frame(
    browser: Browser, broadsheet: Broadsheet
) -> None:
    with tab(browser, broadsheet.url) as opened:
        opened.log_in("subscriber", broadsheet.stack.secrets.user_subscriber)
        opened.page.goto(f"{broadsheet.url}/plugin/reports")
        frame = opened.page.frame_locator("iframe")
        expect(frame.get_by_role("heading", level=1)).to_have_text("Reports")
        frame.get_by_role("link", name="My subscriptions").click()
        expect(frame.get_by_role("heading", level=1)).to_have_text("My subscriptions")
