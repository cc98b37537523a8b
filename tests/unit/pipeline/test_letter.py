"""What a mail says: the same words and numbers as the document that it leads to."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.seed import store_run
from tests.unit.pipeline.conftest import MakeSpec

from broadsheet.catalog import Catalog
from broadsheet.domain.letter import Headline, Letter, Mailing
from broadsheet.domain.objects import MemoryObjectStore
from broadsheet.domain.report import ReportDefinition
from broadsheet.domain.run import RunSpec
from broadsheet.errors import NotFoundError, Problem
from broadsheet.pipeline.letter import prepare_mailings, write_letter
from broadsheet.pipeline.payload import KpiPart, ParameterPart, Payload, PeriodPart, write_payload

WEEKS = {12: "Week 12, 18–24 March 2013", 11: "Week 11, 11–17 March 2013"}


def week(number: int, spec: RunSpec) -> PeriodPart:
    period = spec.period if number == 12 else spec.period.previous()
    return PeriodPart(
        name=period.name, label=WEEKS[number], zone=period.zone, start=period.start, end=period.end
    )


def kpi(label: str, **changes: Any) -> KpiPart:
    usual = {
        "label": label,
        "display": "72.3",
        "unit": "%",
        "change_display": "−8.5 points",
        "direction": "down",
        "good": False,
    }
    return KpiPart.model_validate(usual | changes)


@pytest.fixture
def letter(report: ReportDefinition, make_spec: MakeSpec) -> Any:
    """Write the letter about a payload with these figures."""

    def write(
        *kpis: KpiPart,
        subscription_id: UUID | None = None,
        staging: MemoryObjectStore | None = None,
        **changes: Any,
    ) -> Letter:
        spec = make_spec("2013-W12").model_copy(update={"subscription_id": subscription_id, "revision": 1})
        staging = staging or MemoryObjectStore()
        payload = Payload(
            report_id=report.id,
            title=report.title,
            parameters=(ParameterPart(name="carrier", label="Airline", value="UA", display="United"),),
            period=week(12, spec),
            previous_period=week(11, spec),
            data_as_of_display="20 November 2026, 07:00 EST",
            kpis={"summary": kpis, "others": (kpi("of no headline"),)},
        ).model_copy(update=changes)
        write_payload(spec, "main", payload, staging=staging)
        return write_letter(spec, report, "main", staging=staging)

    return write


def test_the_first_figures_are_the_headlines_with_their_changes(letter: Any) -> None:
    names = ["On time", "Flights", "Cancelled", "Median delay", "Mean delay"]
    written = letter(*(kpi(name) for name in names))
    assert [headline.label for headline in written.headlines] == names[:4]
    assert written.headlines[0] == Headline(label="On time", value="72.3 %", change="−8.5 points", good=False)


def test_changes_name_the_period_that_they_are_against(letter: Any) -> None:
    assert letter(kpi("On time")).comparison == WEEKS[11]
    assert letter(kpi("Flights", direction="none", change_display="no comparison"), kpi("On time")).comparison


def test_where_nothing_can_be_compared_nothing_is_said_of_it(letter: Any) -> None:
    written = letter(kpi("On time", direction="none", change_display="no comparison", good=None))
    assert (written.headlines[0].change, written.comparison) == ("", "")


def test_a_figure_that_did_not_move_is_unchanged(letter: Any) -> None:
    written = letter(kpi("On time", direction="flat", change_display="+0.0 points", good=None))
    assert (written.headlines[0].change, written.comparison) == ("unchanged", WEEKS[11])


def test_a_period_without_data_has_no_headlines(letter: Any) -> None:
    written = letter(kpi("On time"), empty=True, notices=("The source was late.",))
    assert (written.headlines, written.comparison) == ((), "")
    assert written.notices == ("The source was late.",)
    assert letter().headlines == ()


def test_the_subject_names_the_report_and_the_period(letter: Any, report: ReportDefinition) -> None:
    written = letter(kpi("On time"))
    assert report.title in written.subject
    assert WEEKS[12] in written.subject
    assert (written.title, written.period, written.zone) == (report.title, WEEKS[12], "America/New_York")
    assert written.parameters == (("Airline", "United"),)
    assert written.data_as_of == "20 November 2026, 07:00 EST"


def test_the_reader_is_told_why_the_mail_came(letter: Any) -> None:
    assert "asked for this report" in letter(kpi("On time")).reason
    assert "recipient of a subscription" in letter(kpi("On time"), subscription_id=UUID(int=5)).reason


def test_without_the_working_files_there_is_no_letter(report: ReportDefinition, make_spec: MakeSpec) -> None:
    with pytest.raises(NotFoundError):
        write_letter(make_spec(), report, "main", staging=MemoryObjectStore())


class Kept:
    """A run whose document is stored, and what its mails say."""

    def __init__(self, dsn: str, spec: RunSpec, report: ReportDefinition) -> None:
        self.dsn, self.spec = dsn, spec
        self.artifact = store_run(dsn, spec)
        self.catalog = Catalog(reports={report.id: report}, broken={})
        self.staging = MemoryObjectStore()

    def prepare(self) -> Mailing:
        artifacts = {"main": self.artifact}
        return prepare_mailings(self.spec, artifacts, self.catalog, staging=self.staging, dsn=self.dsn)[
            "main"
        ]


@pytest.fixture
def kept(database_dsn: str, make_spec: MakeSpec, report: ReportDefinition) -> Kept:
    return Kept(database_dsn, make_spec("2013-W12"), report)


def test_a_letter_is_kept_for_when_the_working_files_are_gone(kept: Kept, letter: Any) -> None:
    written = letter(kpi("On time"), staging=kept.staging)
    assert kept.prepare() == Mailing(letter=written, artifact_id=kept.artifact)
    kept.staging = MemoryObjectStore()
    assert kept.prepare().letter == written


def test_a_kept_letter_outlives_its_report_in_the_catalog(kept: Kept, letter: Any) -> None:
    written = letter(kpi("On time"), staging=kept.staging)
    kept.prepare()
    for broken in ({}, {kept.spec.report_id: (Problem(Path("x.yaml"), 1, "wrong"),)}):
        kept.catalog = Catalog(reports={}, broken=broken)
        assert kept.prepare().letter == written


def test_while_the_working_files_are_there_the_letter_is_written_anew(kept: Kept, letter: Any) -> None:
    letter(kpi("On time"), staging=kept.staging)
    kept.prepare()
    newer = letter(kpi("Late"), staging=kept.staging)
    assert kept.prepare().letter == newer


def test_without_files_and_without_a_kept_letter_there_is_nothing_to_mail(kept: Kept) -> None:
    with pytest.raises(NotFoundError, match="clear the whole run"):
        kept.prepare()


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("{{ title }} for {{ period.short }}", "Airline punctuality for"),
        ("{{ displays.on_time }} on time", f"Airline punctuality, {WEEKS[12]}"),
    ],
)
def test_the_mail_about_a_protected_document_has_no_figures(
    kept: Kept, letter: Any, subject: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    email = kept.catalog.reports[kept.spec.report_id].email.model_copy(update={"subject": subject})
    quoting = kept.catalog.reports[kept.spec.report_id].model_copy(update={"email": email})
    kept.catalog = Catalog(reports={kept.spec.report_id: quoting}, broken={})
    letter(
        kpi("On time"),
        staging=kept.staging,
        displays={"on_time": "72.3 %"},
        notices=("72.3 % only.",),
    )
    assert "72.3" in kept.prepare().letter.model_dump_json()

    monkeypatch.setattr("broadsheet.pipeline.letter.password_of_run", lambda *_: object())
    written = kept.prepare().letter

    assert written.subject.startswith(told)
    assert "72.3" not in written.model_dump_json()
    assert (written.headlines, written.comparison, written.protected) == ((), "", True)
    assert "opens with a password" in written.notices[0]
