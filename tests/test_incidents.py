"""Is a run that goes wrong told to the coordination once, and by nobody to itself?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect import get_client
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterTags
from prefect.client.schemas.objects import State
from prefect.states import Completed, Crashed, Failed, Running, Scheduled
from sqlmodel import select

from deployments.automations import register_automations
from deployments.registration import register
from flows.incident import Incident
from models.rules.digests import load_digests
from models.tables import Campaign, Contact, Message
from models.words import Role
from tasks.database import reading, transaction
from tasks.incidents import incident_report, tell, what_happened
from tests.prefect_builders import a_small_campaign, at

MORNING = at("2021-02-19", "08:04")
TAG = "essai-alerte"
ASKED: dict[str, dict[str, Any]] = {
    "Alerte": {"incident": {"run": str(uuid4())}},
    "Région": {"part": {"run_id": 1, "region": "32"}},
}
FOUND = {
    "outcome": "failed", "deployment": "Candidature", "run": "Candidature 2021", "day": "2021-02-19",
    "clock": "8 h 04", "reason": "en échec : envoyer les lettres",
}  # fmt: skip


@pytest.fixture(scope="module")
def client(prefect_server: str) -> Iterator[SyncPrefectClient]:
    with get_client(sync_client=True) as speaking:
        register(speaking, folder=Path.cwd())
        yield speaking
        ours = FlowRunFilter(tags=FlowRunFilterTags(all_=[TAG]))
        for run in speaking.read_flow_runs(flow_run_filter=ours):  # other modules' tests share the server's database
            speaking.delete_flow_run(run.id)


@pytest.fixture
def campaign(tmp_path: Path, sqlite_url: str) -> str:
    code = a_small_campaign(tmp_path)
    with transaction() as session:
        row = session.exec(select(Campaign)).one()
        session.add(
            Contact(campaign_id=row.id, role=Role.COORDINATION, perimeter="national", email="coordination@cites.test")
        )
    return code


def a_run(client: SyncPrefectClient, deployment: str, *states: State) -> UUID:
    """The id of a run of this deployment that went through these states."""
    [there] = [each for each in client.read_deployments() if each.name == deployment]
    run = client.create_flow_run_from_deployment(there.id, parameters=ASKED.get(deployment, {}), tags=[TAG])
    for state in states:
        client.set_flow_run_state(run.id, state, force=True)
    return run.id


def test_registering_twice_gives_one_of_each_automation_and_keeps_one_switched_off(client: SyncPrefectClient) -> None:
    first = {each.name: each.id for each in client.read_automations()}
    client.pause_automation(first["Un passage a échoué"])
    register_automations(client)
    assert sorted(first) == ["Un passage a échoué", "Un passage n’a pas commencé"]
    assert {each.name: (each.id, each.enabled) for each in client.read_automations()} == {
        "Un passage a échoué": (first["Un passage a échoué"], False),
        "Un passage n’a pas commencé": (first["Un passage n’a pas commencé"], True),
    }
    client.resume_automation(first["Un passage a échoué"])


def test_a_run_that_failed_is_told_with_its_reason_and_without_an_address(client: SyncPrefectClient) -> None:
    said = "Flow run encountered an exception: DeliveryFailed: prefet@nord.test is unknown."
    found = what_happened.fn(a_run(client, "Candidature", Running(), Failed(message=said)))
    assert (found["outcome"], found["deployment"], found["reason"]) == (
        "failed", "Candidature", "DeliveryFailed: (adresse) is unknown",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("deployment", "states", "outcome"),
    [
        ("Courrier", (Running(), Crashed(message="SIGKILL")), "crashed"),
        ("Courrier", (Scheduled(name="Late"),), "late"),
        ("Veille", (Running(), Crashed()), "crashed"),
    ],
)
def test_a_run_cut_short_or_not_begun_is_told(
    client: SyncPrefectClient, deployment: str, states: tuple[State, ...], outcome: str
) -> None:
    assert what_happened.fn(a_run(client, deployment, *states))["outcome"] == outcome


@pytest.mark.parametrize(
    ("deployment", "states"),
    [
        ("Alerte", (Running(), Failed())),  # it would tell of itself for ever
        ("Région", (Running(), Failed())),  # its pass fails too
        ("Veille", (Running(), Failed())),  # it has written already
        ("Courrier", (Scheduled(name="Late"), Running())),  # it has begun since
        ("Courrier", (Running(), Completed())),
        ("Courrier", ()),  # its time has not come
    ],
)
def test_nothing_is_told_of_the_alert_itself_of_the_watch_or_of_what_is_well(
    client: SyncPrefectClient, deployment: str, states: tuple[State, ...]
) -> None:
    assert what_happened.fn(a_run(client, deployment, *states)) == {}


def test_nothing_is_told_of_a_run_that_was_taken_back(client: SyncPrefectClient) -> None:
    assert what_happened.fn(uuid4()) == {}


def test_the_coordination_is_written_to_once_a_deployment_and_hour(campaign: str) -> None:
    assert tell.fn(FOUND, MORNING) == {"letters": 1}
    assert tell.fn(FOUND, at("2021-02-19", "08:59")) == {"letters": 0}
    assert tell.fn({**FOUND, "deployment": "Courrier"}, at("2021-02-19", "08:59")) == {"letters": 1}
    assert tell.fn(FOUND, at("2021-02-19", "09:00")) == {"letters": 1}
    with reading() as session:
        keys = session.exec(select(Message.key).order_by(Message.key)).all()
    assert keys == [
        "incident:candidature:2021-02-19T07:coordination@cites.test",
        "incident:candidature:2021-02-19T08:coordination@cites.test",
        "incident:courrier:2021-02-19T07:coordination@cites.test",
    ]


def test_the_report_of_an_incident_says_what_happened_and_whether_it_was_told() -> None:
    assert incident_report(FOUND, 0).split("\n\n") == [
        "# Candidature a échoué",
        "Passage « Candidature 2021 », le 19 février 2021 à 8 h 04 (heure de Paris).",
        "Raison : en échec : envoyer les lettres.",
        "Aucune lettre : la coordination en a déjà reçu une cette heure-ci, ou n’a pas d’adresse.",
        "Rien n’est perdu : le passage suivant rattrape. Que faire : docs/exploitation.md, « Un passage est rouge ».",
    ]


def test_several_hours_make_one_occasion_where_the_programme_says_so() -> None:
    said = load_digests("vade-mecum-2020").incident
    assert said.occasion(MORNING) == at("2021-02-19", "08:00")


def test_the_form_takes_a_run_as_an_event_names_it() -> None:
    run = str(uuid4())
    assert [Incident(run=run).run, Incident(run=f"prefect.flow-run.{run}").run] == [run, run]
    with pytest.raises(ValueError, match="badly formed"):
        Incident(run="hier")
