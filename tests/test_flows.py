"""Does a pass decide, report and send once, and say when something went wrong?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prefect import get_client, runtime, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterKey,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import StateType
from sqlmodel import select

from deployments.cli_passes import tell
from deployments.known_failures import Failed
from deployments.registration import register
from flows import clock, deadlines
from flows.acts import ExtensionForm, WithdrawalForm, extension, withdrawal
from flows.annual_report import YearAsked, annual_report
from flows.candidature import candidature
from flows.cofinancing import Account, cofinancing
from flows.deadlines import OF_THEIR_OWN, Passage, figures_of, run_deadline
from flows.decisions import DecisionForm, decision
from flows.delivery import run_delivery
from flows.digests import Digests, digests
from flows.follow_up import FollowUp, follow_up
from flows.portal import NotRead, portal
from flows.preparation import Preparation, preparing
from flows.proof import Asked, proof
from flows.refusals import FormRefused
from flows.watch import Watch, watch
from models.event_tables import Event
from models.queries import campaign_codes
from models.rules.campaign_file import load_campaign
from models.rules.view import load_view
from models.tables import Campaign, Contact, Decision, Extension, Notice
from models.words import NoticeStatus, Role, Verdict
from notifications.gateway import MailFolder
from notifications.mail import Outcome, RefusedForGood
from notifications.mime import Envelope
from tasks import dashboard_pass
from tasks.agenda import concerned
from tasks.artifacts import key, plain, table, without_addresses
from tasks.campaigns import open_campaign
from tasks.dashboard import dashboard_file
from tasks.database import reading, transaction
from tasks.planning import moments
from tasks.schedules import NothingToPlanOn, schedule_campaign
from tasks.settings import settings
from tasks.steps import step_words
from tests.builders import a_campaign_file
from tests.portal_server import TOKEN, a_dossier, a_file, a_portal, files, text
from tests.prefect_builders import J_7, OPENED, a_small_campaign, at, letters


@pytest.fixture
def campaign(tmp_path: Path, prefect_server: str) -> str:
    return a_small_campaign(tmp_path)


def report(of: str) -> str:
    with get_client(sync_client=True) as client:
        found = client.read_latest_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[of])))
    return str(found[0].data) if found else ""


def test_a_pass_decides_sends_and_says_who_could_not_be_reached(campaign: str) -> None:
    figures = run_deadline("candidature", campaign, J_7)
    wanted = ("territories", "letters", "sent", "dead", "unreachable", "failed")
    assert {name: figures.get(name) for name in wanted} == {
        "territories": 3, "letters": 6, "sent": 6, "dead": 0, "unreachable": 3, "failed": None,
    }  # fmt: skip
    assert len(letters()) == 6


def test_the_same_pass_again_sends_nothing(campaign: str) -> None:
    run_deadline("candidature", campaign, J_7)
    figures = run_deadline("candidature", campaign, J_7 + timedelta(hours=1))
    assert (figures["letters"], figures["sent"]) == (0, 0)


def test_a_pass_may_leave_its_letters_to_the_next_delivery(campaign: str) -> None:
    assert run_deadline("candidature", campaign, J_7, deliver=False).get("sent") is None
    assert letters() == []
    assert run_delivery(J_7)["sent"] == 6


def test_a_pass_narrowed_to_one_zone_writes_to_its_recipients_only(campaign: str) -> None:
    figures = run_deadline("candidature", campaign, J_7, zones=["Indian/Reunion"])
    assert (figures["letters"], figures["territories"]) == (1, 1)


def test_the_report_says_what_was_decided_and_who_is_nobody_without_an_address(campaign: str) -> None:
    run_deadline("candidature", campaign, J_7)
    said = report("candidature-2021")
    assert "Passage du 19 février 2021 à 9 h 00 (heure de Paris)." in said
    assert "| Candidature · J\\-7 | 3 | 6 | à envoyer | 28/02/2021 |" in said
    assert "| Lens | Candidature · J\\-7 | chef de file" in said
    assert "@" not in said
    assert "<img" not in said


def test_a_quiet_hourly_pass_leaves_the_last_report_in_place(campaign: str) -> None:
    run_deadline("candidature", campaign, J_7)
    before = report("candidature-2021")
    candidature(Passage(at=J_7 + timedelta(hours=1)))
    assert report("candidature-2021") == before


def test_a_letter_refused_for_good_turns_the_run_red_and_the_others_leave(
    campaign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry = MailFolder.carry

    def refuses_one(self: MailFolder, envelope: Envelope) -> Outcome:
        if envelope.recipient == "mairie@douai.test":
            return RefusedForGood(reason="550 mairie@douai.test unknown")
        return carry(self, envelope)

    with monkeypatch.context() as patched:
        patched.setattr(MailFolder, "carry", refuses_one)
        ended = candidature(Passage(campaign=campaign, at=J_7), return_state=True)
    assert ended.is_failed()
    figures = figures_of(ended)
    assert {name: figures[name] for name in ("sent", "dead", "waiting", "failed")} == {
        "sent": 5, "dead": 1, "waiting": 0, "failed": 1,
    }  # fmt: skip
    with pytest.raises(Failed, match="1 letter will never leave: read why with `cites mailbox"):
        tell(figures)
    assert len(letters()) == 5
    run_delivery(J_7 + timedelta(minutes=1))
    assert "550 \\(adresse\\) unknown" in report("courrier")


def test_a_region_that_fails_turns_the_run_red_and_the_others_are_decided(
    campaign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = deadlines.decide

    @task(cache_policy=NO_CACHE)
    def breaks_in_32(run_id: int, region: str, zones: list[str] | None = None) -> dict[str, int]:
        if region == "32":
            raise RuntimeError("the lights went out")
        return really.fn(run_id, region, zones)

    with monkeypatch.context() as patched:
        patched.setattr(deadlines, "decide", breaks_in_32)
        figures = run_deadline("candidature", campaign, J_7)
    assert (figures["failed"], figures["letters"], figures["sent"]) == (1, 1, 1)
    assert run_deadline("candidature", campaign, J_7 + timedelta(hours=1))["letters"] == 5


def test_a_deadline_that_a_file_adds_has_a_pass_without_a_flow_of_its_own(tmp_path: Path, prefect_server: str) -> None:
    why = {"assumption": "essai"}
    changes = {
        "deadlines": {"survey": {"title": "Enquête", "armed_by": "opening", "date": date(2021, 3, 31), **why}},
        "reminders": {**why, "steps": {"survey": [{"offset": -30, "copies": [], "letter": "reminder"}]}},
        "requirements": {
            "survey": {
                "reponses": {
                    "title": "Réponses à l’enquête",
                    "parts": {"document": {"title": "document", "owner": "prefet"}},
                    **why,
                }
            }
        },
    }
    code = a_small_campaign(tmp_path, **changes)
    assert concerned.fn("", "", OF_THEIR_OWN) == [(code, "survey")]
    assert run_deadline("survey", code, at("2021-03-01", "09:00"))["letters"] == 2


def test_a_pass_without_campaign_looks_at_every_campaign_that_has_the_deadline(tmp_path: Path) -> None:
    a_small_campaign(tmp_path)
    other = a_campaign_file(campaign="2022", deadlines={"fund_report": None})
    open_campaign(other, name="other.yaml", at=OPENED, author="essai")
    assert concerned.fn("candidature", "", OF_THEIR_OWN) == [("2021", "candidature"), ("2022", "candidature")]
    assert concerned.fn("fund-report", "", OF_THEIR_OWN) == [("2021", "fund-report")]
    assert concerned.fn("", "", OF_THEIR_OWN) == []


def test_a_run_speaks_of_the_instant_it_is_given() -> None:
    assert clock.instant_of_run(J_7) == datetime(2021, 2, 19, 8, tzinfo=UTC)


def test_a_late_run_speaks_of_now_and_an_early_one_of_its_planned_time(monkeypatch: pytest.MonkeyPatch) -> None:
    planned = datetime(2021, 2, 19, 8, tzinfo=UTC)
    monkeypatch.setattr(runtime.flow_run, "scheduled_start_time", planned, raising=False)
    late = planned + timedelta(hours=5)
    for now, told in (
        (planned - timedelta(seconds=0.4), planned),
        (late, late),
    ):
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        assert clock.instant_of_run(None) == told


def test_a_decision_is_checked_first_and_recorded_when_asked(campaign: str) -> None:
    form = DecisionForm(
        campaign=campaign, territory="douai", verdict=Verdict.LABELLED, day=date(2021, 3, 26),
        authority="ministres", author="coordination",
    )  # fmt: skip
    decision(form)
    with reading() as session:
        assert session.exec(select(Decision)).all() == []
    decision(form.model_copy(update={"check_only": False}))
    with reading() as session:
        assert [(row.verdict, row.day.isoformat()) for row in session.exec(select(Decision))] == [
            (Verdict.LABELLED, "2021-03-26")
        ]
    with pytest.raises(FormRefused, match="atlantis"):
        decision(form.model_copy(update={"territory": "atlantis"}))


def test_one_form_decides_on_many_territories_and_says_what_was_missing(campaign: str) -> None:
    form = DecisionForm(
        campaign=campaign, territory="douai, LENS douai", verdict=Verdict.DEFERRED, day=date(2021, 3, 26),
        authority="ministres", author="coordination", grounds="À compléter", check_only=False,
    )  # fmt: skip
    decision(form)
    with reading() as session:
        assert [row.verdict for row in session.exec(select(Decision))] == [Verdict.DEFERRED, Verdict.DEFERRED]
        events = session.exec(select(Event).where(Event.subject == "decisions").order_by(Event.id)).all()  # type: ignore[arg-type]
        assert [(each.author, each.territory) for each in events] == [
            ("coordination", "douai"),
            ("coordination", "lens"),
        ]
    said = report("saisie-2021")
    assert "**Enregistré : 2 lignes nouvelles.**" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert said.count("prise sans le visa du préfet de département") == 2


def test_an_extension_and_a_withdrawal_are_shown_first_and_recorded_when_asked(campaign: str) -> None:
    common = {"campaign": campaign, "day": date(2021, 2, 19), "grounds": "Conseil reporté", "author": "coordination"}
    more = ExtensionForm(
        territories="douai lens", deadline="Candidature", new_due=date(2021, 3, 10), authority="Coordination", **common
    )
    extension(more)
    assert "Aperçu seulement : rien n’est enregistré" in report("saisie-2021").replace("\N{NO-BREAK SPACE}", " ")
    with reading() as session:
        assert session.exec(select(Extension)).all() == []
    extension(more.model_copy(update={"preview": False}))
    withdrawal(WithdrawalForm(territories="saint-denis-974", preview=False, **common))
    with reading() as session:
        assert [(row.deadline, row.new_due) for row in session.exec(select(Extension))] == [
            ("candidature", date(2021, 3, 10))
        ] * 2
        [withdrawn] = session.exec(select(Event).where(Event.subject == "desistements")).all()
        assert (withdrawn.author, withdrawn.territory) == ("coordination", "saint-denis-974")
    assert "| Saint\\-Denis | invitée → désistée |" in report("saisie-2021")
    with pytest.raises(FormRefused, match="atlantis"):
        extension(more.model_copy(update={"territories": "douai atlantis"}))


def test_a_form_about_an_unknown_campaign_or_territory_is_refused_in_french_with_the_cure(campaign: str) -> None:
    refusal = (
        "« 2099 » : campagne inconnue ; écrire le code d’une campagne ouverte (les campagnes ouvertes sont : 2021)."
    )
    asked = {"day": date(2021, 2, 19), "grounds": "Fusion", "author": "coordination", "territories": "douai"}
    for refused in (
        withdrawal(WithdrawalForm(campaign="2099", **asked), return_state=True),
        proof(Asked(campaign="2099", territory="douai"), return_state=True),
        annual_report(YearAsked(campaign="2099", year=2021), return_state=True),
    ):
        assert str(refused.result(raise_on_failure=False)) == refusal
    with pytest.raises(FormRefused, match="« atlantis » : territoire inconnu de la campagne 2021"):
        proof(Asked(campaign=campaign, territory="atlantis"))


def test_the_follow_up_keeps_the_review_the_mandates_and_who_blocks(campaign: str) -> None:
    follow_up(FollowUp(campaign=campaign, at=J_7))
    assert "## Visas et avis qui manquent avant la décision" in report("instruction-2021")
    assert "Aucune cité ne doit encore avoir ses mandats" in report("gouvernance-2021")
    assert "| Lens | chef de file, aucun contact | " in report("blocages-2021")
    assert "@" not in report("blocages-2021")


def test_a_campaign_is_prepared_by_a_form_and_shown_without_being_opened(campaign: str, tmp_path: Path) -> None:
    form = Preparation(
        code="2022", title="Vague 2022", opens=date(2021, 10, 15), candidature=date(2022, 2, 25), like=campaign,
        yearly="fund_report:2022 = 2023-03-31", cite="note-2021-09-01, page 1", tables=str(tmp_path / "tables"),
    )  # fmt: skip
    preparing(form)
    file = tmp_path / "var" / "campagnes" / "campagne-2022.yaml"
    prepared = load_campaign(file.read_text(encoding="utf-8"), name="prepared")
    assert prepared.obligation_names() == (
        "candidature", "action_plan", "fund_report:2022", "convention", "convention_end",
    )  # fmt: skip
    told = report("preparation-2022")
    assert f"`{file}`" in told
    assert '    date: 2022-02-25\n    cite: "note-2021-09-01, page 1"' in told
    assert "| J\\-7 | ven\\. 18/02/2022 |" in told or "| J\\-7 | ven. 18/02/2022 |" in told
    assert "| Candidature | chef de file \\(commune ou intercommunalité\\) | 1 |" in told
    with reading() as session:
        assert campaign_codes(session) == ["2021"]
    preparing(form)
    assert sorted(path.name for path in file.parent.iterdir()) == ["campagne-2022-2.yaml", "campagne-2022.yaml"]


def test_the_cofinancing_is_kept_as_a_table(campaign: str) -> None:
    cofinancing(Account(campaign=campaign, year=2021))
    said = report("cofinancement-2021-2021")
    assert "# Cofinancement 2021 · campagne 2021" in said
    assert "| Hauts\\-de\\-France | " in said
    assert "| Lens | Fonds : part ville de 0" in said.replace("\N{NO-BREAK SPACE}", " ")


def test_a_watch_that_finds_nothing_left_fails_and_keeps_the_alarm_without_an_address(campaign: str) -> None:
    ended = watch(Watch(at=J_7 + timedelta(hours=3, minutes=20)), return_state=True)
    assert ended.is_failed()
    said = report("veille-2021")
    assert "6 lettres prévues ne sont pas parties ; aucune autre n’est partie depuis le même matin." in said
    assert "| Candidature | J\\-7 | 19 février 2021 | 3 | 6 |" in said
    assert "@" not in said
    run_deadline("candidature", campaign, J_7)
    assert watch(Watch(at=J_7 + timedelta(hours=3, minutes=20)), return_state=True).is_completed()


def test_a_whole_pass_keeps_the_calendars_and_one_of_some_zones_leaves_them(campaign: str) -> None:
    run_deadline("candidature", campaign, J_7, zones=["Indian/Reunion"])
    assert not (settings().home / "calendars").exists()
    run_deadline("candidature", campaign, J_7)
    assert len(list((settings().home / "calendars" / campaign).glob("*.ics"))) == 6


def test_the_digests_of_a_morning_are_posted_and_leave(campaign: str) -> None:
    with transaction() as session:
        row = session.exec(select(Campaign)).one()
        session.add(
            Contact(campaign_id=row.id, role=Role.COORDINATION, perimeter="national", email="coordination@cites.test")
        )
    figures = figures_of(digests(Digests(at=at("2021-03-01", "09:00")), return_state=True))
    assert (figures["sent"], figures.get("failed")) == (1, None)


def planned(code: str) -> list[tuple[datetime, str]]:
    """A campaign's upcoming runs as the server shows them: their instants and names, in order of time."""
    asked = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[f"campagne:{code}"]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
    )
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_run_filter=asked, limit=200)
    assert all(run.deployment_id for run in runs)
    found = [(run.expected_start_time, run.name) for run in runs if run.expected_start_time]
    return sorted(found)  # type: ignore[type-var]


def test_instants_are_planned_once_moved_with_the_date_and_other_campaigns_keep_theirs(
    tmp_path: Path, prefect_server: str
) -> None:
    with get_client(sync_client=True) as client:
        register(client, folder=tmp_path)
    at_opening = OPENED
    code = a_small_campaign(tmp_path)
    other = a_small_campaign(tmp_path, campaign="2022", deadlines={"fund_report": None, "convention": None})
    first = schedule_campaign(code, from_day=None, at=at_opening)
    assert planned(code) == sorted((each.at, each.label) for each in moments(code, None, at_opening))
    assert len(planned(code)) == first["planned"] > 20
    assert first["next"] == at("2020-10-15", "09:00")
    assert schedule_campaign(code, from_day=None, at=at_opening) == {**first, "planned": 0, "kept": first["planned"]}
    theirs = schedule_campaign(other, from_day=None, at=at_opening)

    moved = {"candidature": [
        {"date": date(2021, 2, 28), "cite": "vade-mecum-2020, partie 1"},
        {"date": date(2021, 3, 15), "since": date(2021, 2, 10), "cite": "note-2021-02-10, page 1"},
    ]}  # fmt: skip
    a_small_campaign(tmp_path, deadlines=moved)
    before, of_the_other = planned(code), planned(other)
    after = schedule_campaign(code, from_day=None, at=at_opening)
    now_planned = planned(code)
    assert now_planned == sorted((each.at, each.label) for each in moments(code, None, at_opening))
    gone, new = set(before) - set(now_planned), set(now_planned) - set(before)
    assert (after["removed"], after["planned"]) == (len(gone), len(new))
    assert (at("2021-02-12", "09:00"), "Candidature 2021 · J-15") in gone
    assert (at("2021-02-26", "09:00"), "Candidature 2021 · J-15") in new
    assert planned(other) == of_the_other

    with get_client(sync_client=True) as client:  # a redeployment
        register(client, folder=tmp_path)
    assert (planned(code), planned(other)) == (now_planned, of_the_other)
    assert schedule_campaign(other, from_day=None, at=at_opening) == {**theirs, "planned": 0, "kept": theirs["planned"]}


def test_planning_without_an_engine_says_how_to_start_one(sqlite_url: str) -> None:
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with (
        temporary_settings(updates={PREFECT_API_URL: None}, restore_defaults={PREFECT_API_URL}),
        pytest.raises(NothingToPlanOn, match="cites up"),
    ):
        schedule_campaign("2021", from_day=None, at=OPENED)


def test_what_people_typed_stays_text_in_a_report() -> None:
    assert plain("a | b\n<img src=x> [x](y)") == "a \\| b &lt;img src=x&gt; \\[x\\]\\(y\\)"


def test_a_long_table_is_cut_and_says_so() -> None:
    said = table(("Rang",), [(number,) for number in range(250)], none="Rien.")
    assert "| 99 |" in said
    assert "| 100 |" not in said
    assert said.endswith("… et d’autres : seules les 100 premières lignes sont montrées.")


def test_keys_steps_and_reasons_are_written_for_their_readers() -> None:
    assert key("Échéance_x", "2021/b") == "echeance-x-2021-b"
    assert [step_words(step) for step in ("-7", "1", "receipt")] == ["J-7", "J+1", "accusé de réception"]
    assert without_addresses("550 <a@b.test>: no") == "550 (adresse) no"


def test_notices_of_a_pass_are_marked_sent_once_delivered(campaign: str) -> None:
    run_deadline("candidature", campaign, J_7)
    with reading() as session:
        steps = {(row.step, row.status) for row in session.exec(select(Notice))}
    assert ("-7", NoticeStatus.SENT) in steps
    assert ("-15", NoticeStatus.SUPERSEDED) in steps
    assert ("-7", NoticeStatus.DECIDED) not in steps


def test_the_annual_report_is_written_to_files_and_its_tables_are_kept(campaign: str, tmp_path: Path) -> None:
    annual_report(YearAsked(campaign=campaign, year=2021, at=at("2021-03-01", "09:00")))
    files = sorted((tmp_path / "var" / "rapports").iterdir())
    assert [file.suffix for file in files] == [".docx", ".html", ".json", ".pdf"]
    told = report(f"rapport-annuel-{campaign}-2021")
    assert "| Candidature | 0 | 0 | 3 | 0 | 0 |" in told
    assert f"* `{files[0]}`" in told


def test_the_report_of_an_action_plan_s_pass_has_the_plans_and_a_candidature_s_has_not(campaign: str) -> None:
    run_deadline("action-plan", campaign, J_7, deliver=False)
    assert report(f"action-plan-{campaign}").endswith(
        "## Programmes d’action\n\nAucun territoire n’est labellisé.\n\nLe détail, axe par axe : `cites action-plan`."
    )
    run_deadline("candidature", campaign, J_7, deliver=False)
    assert "## Programmes d’action" not in report(f"candidature-{campaign}")


def test_a_pass_leaves_the_dashboard_behind_it_and_its_report_leads_there(
    campaign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITES_DASHBOARD_URL", "http://127.0.0.1:4201")
    settings.cache_clear()
    run_deadline("candidature", campaign, J_7)
    page = dashboard_file(campaign)
    assert "data-k='day.2021-02-19.sent' data-f='n'>6<" in page.read_text(encoding="utf-8")
    link = "[Tableau de bord de la campagne](http://127.0.0.1:4201/2021.html)"
    assert link in report("candidature-2021")
    assert report("tableau-de-bord-2021").endswith(f"{link}, au 19 février 2021 à 9 h 00 (heure de Paris).")


def test_a_quiet_pass_of_the_same_day_leaves_the_dashboard_as_it_is_and_the_next_day_draws_it(campaign: str) -> None:
    run_deadline("candidature", campaign, J_7)
    page = dashboard_file(campaign)
    first = page.stat().st_mtime
    candidature(Passage(at=J_7 + timedelta(hours=1)))
    assert page.stat().st_mtime == first == J_7.timestamp()
    candidature(Passage(at=J_7 + timedelta(days=1)))
    assert page.stat().st_mtime == (J_7 + timedelta(days=1)).timestamp()


def test_a_dashboard_that_cannot_be_written_is_a_warning_and_the_pass_ends_well(
    campaign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(dashboard_pass, "write_dashboard", full)
    figures = run_deadline("candidature", campaign, J_7)
    assert (figures["sent"], figures.get("failed")) == (6, None)
    assert "**Le tableau de bord n’a pas pu être écrit** au passage du 19 février 2021" in report(
        "tableau-de-bord-2021"
    )


def test_a_campaign_too_large_is_drawn_on_demand(campaign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(load_view(), drawn_by_passes_up_to=2)
    monkeypatch.setattr(dashboard_pass, "load_view", lambda: small)
    run_deadline("candidature", campaign, J_7, deliver=False)
    assert not dashboard_file(campaign).exists()
    assert "La campagne compte 3 territoires" in report("tableau-de-bord-2021")


def test_the_portal_is_read_for_each_correspondence_of_the_engine_s_home(
    campaign: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert portal() == []  # nobody follows a démarche: nothing is asked of anybody
    folder = settings().home / "portail"
    folder.mkdir(parents=True)
    (folder / "candidature.yaml").write_text(
        'demarche: 108223\ncampaign: "2021"\nterritory: {field: Cité, by: code}\n'
        "pieces: [{field: Bilan, piece: diagnostic}]\n",
        encoding="utf-8",
    )
    with a_portal() as opened:
        opened.put(
            a_dossier(1, text("Cité", "douai"), files("Bilan", a_file())), a_dossier(2, text("Cité", "nulle part"))
        )
        monkeypatch.setenv("CITES_PORTAL_URL", opened.url)
        monkeypatch.setenv("CITES_PORTAL_TOKEN", TOKEN)
        settings.cache_clear()
        (folder / "a-relire.yaml").write_text("demarche: 1\ncampaign: inconnue\n", encoding="utf-8")
        with pytest.raises(NotRead, match=r"a-relire\.yaml : no campaign is called «inconnue»"):
            portal()
    told = report("portail-108223")
    assert "**2 dossiers lus, 1 change quelque chose.**" in told.replace("\u00a0", " ")
    assert "| parties reçues | 4 |" in told
    assert "| 2 | ce qu’il nomme n’est pas un territoire de la campagne |" in told
    assert "nulle part" not in told.replace("n’est repris nulle part", "")
