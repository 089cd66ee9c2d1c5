"""Do the forms of the mail room do what they say, and refuse in French?"""

from datetime import timedelta
from pathlib import Path

import pytest
from prefect import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from flows import mailroom
from flows.answers import Reading, answers
from flows.forgetting import Forgetting, forgetting
from flows.mailroom import OrderRefused, PauseForm, ReleaseForm, ResumeForm, pausing, releasing, resuming
from tasks.failing_addresses import failing
from tasks.holding import held
from tasks.pauses import pauses
from tasks.settings import settings
from tests.mailroom_builders import EVERYBODY, HELD, a_campaign_of_the_north, a_pass, delivered, point_at
from tests.prefect_builders import J_7
from tests.test_answers import comes

HOUR = timedelta(hours=1)


def report(of: str) -> str:
    with get_client(sync_client=True) as client:
        found = client.read_latest_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[of])))
    return str(found[0].data) if found else ""


@pytest.fixture
def north(tmp_path: Path, prefect_server: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(mailroom, "now", lambda: J_7)
    return tmp_path


def test_letters_are_released_from_the_form(north: Path) -> None:
    a_campaign_of_the_north(north, reminders=HELD)
    a_pass(J_7)
    first = held()[0]
    releasing(ReleaseForm(letters=[first.id], refuse=True, grounds="doublon", author="Mme Roy"))
    assert report("courrier-relecture") == "1 lettre refusée : aucun départ."
    releasing(ReleaseForm(campaign="2021", author="Mme Roy"))
    assert report("courrier-relecture") == "4 lettres libérées : départ à la prochaine heure ouvrée."
    assert delivered(J_7) == [each for each in EVERYBODY if each != first.address]


def test_sending_is_paused_and_resumed_from_the_forms(north: Path) -> None:
    a_campaign_of_the_north(north)
    a_pass(J_7)
    pausing(PauseForm(campaign="2021", until=J_7 + 48 * HOUR, author="Mme Roy", grounds="à revoir"))
    assert report("courrier-pause") == "En pause : campagne 2021, jusqu’au 21/02/2021."
    assert (delivered(J_7), len(pauses(J_7))) == ([], 1)
    resuming(ResumeForm(campaign="2021", author="Mme Roy"))
    assert report("courrier-pause") == "Les envois reprennent : campagne 2021."
    assert delivered(J_7) == EVERYBODY


def test_a_form_refuses_in_french_and_records_nothing(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(sqlite_url, monkeypatch)
    monkeypatch.setattr(mailroom, "now", lambda: J_7)
    a_campaign_of_the_north(tmp_path)
    by = {"author": "Mme Roy"}
    refusals = [
        (releasing, ReleaseForm(**by), "Indiquez des numéros"),
        (releasing, ReleaseForm(letters=[1], refuse=True, **by), "Un refus se motive"),
        (releasing, ReleaseForm(letters=[1], **by), "n’attend pas de relecture"),
        (releasing, ReleaseForm(campaign="1999", **by), "Cette campagne n’existe pas"),
        (pausing, PauseForm(territory="douai", **by), "se nomme avec sa campagne"),
        (pausing, PauseForm(until=J_7, **by), "serait déjà finie"),
        (pausing, PauseForm(campaign="2021", territory="x", **by), "territoire inconnu"),
        (resuming, ResumeForm(campaign="2021", **by), "Rien n’est en pause"),
        (resuming, ResumeForm(territory="douai", **by), "se nomme avec sa campagne"),
    ]
    for flow, form, reason in refusals:
        with pytest.raises(OrderRefused, match=reason):
            flow.fn(form)
    assert pauses(J_7) == []


def test_the_mailbox_is_read_and_the_coordination_told(north: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_campaign_of_the_north(north)
    a_pass(J_7)
    delivered(J_7)
    inbox = north / "inbox"
    inbox.mkdir()
    comes(inbox, "postfix-550")
    monkeypatch.setenv("CITES_MAILBOX_URL", str(inbox))
    settings.cache_clear()
    assert all(state.is_completed() for state in answers(Reading(at=J_7 + HOUR), return_state=True).result())
    assert [each.address for each in failing()] == ["mairie@douai.test"]
    said = report("reponses")
    assert "| rapports de non\\-remise | 1 |" in said
    assert "| 2021 | chef de file | douai |" in said
    assert "@" not in said


def test_forgetting_goes_by_the_delays_of_the_programme(north: Path) -> None:
    a_campaign_of_the_north(north)
    a_pass(J_7)
    delivered(J_7)
    [state] = forgetting(Forgetting(at=J_7 + timedelta(days=1096)), return_state=True).result()
    assert state.result() == {"letters": 5, "contacts": 0, "answers": 0}
