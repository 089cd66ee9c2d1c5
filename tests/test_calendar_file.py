"""Do due days enter a reader's calendar, move there, and leave it, in files that any calendar reads (RFC 5545)?"""

import re
from datetime import UTC, date, datetime

import icalendar
import pytest
import vobject

from deployments.tables_out import print_plan
from models.rules.due_days import Standing, due_days
from notifications.calendar_file import FALLEN, attachment, feed, uid_of
from notifications.facts import Section
from notifications.render import render
from tasks.sections import agenda
from tests.builders import a_dossier, a_piece, a_programme, an_instant
from tests.letter_builders import NINE, PREFET_VISA, a_letter, a_section, an_item

COORDINATION = "coordination@cites-educatives.test"
PROGRAMME = a_programme()


def a_told(at: str, obligation: str = "candidature", **facts: object) -> Section:
    """A section whose agenda is what the rules say at `at` of a dossier with these facts."""
    dossier = a_dossier(code="douai", departement="59", **facts)  # type: ignore[arg-type]
    [day] = due_days(PROGRAMME, dossier, obligation, an_instant(at))
    return a_section(due=day.due, deadline=obligation, agenda=agenda(PROGRAMME, dossier, day))


def attached(*sections: Section, at: datetime = NINE) -> tuple[str, bytes]:
    """The method and bytes of the one file that goes with a letter of these sections."""
    [file] = render(a_letter(*sections), at=at, answer_to=COORDINATION).attachments
    assert file.name == "echeances.ics"
    assert file.kind == "text/calendar; charset=utf-8"
    return str(icalendar.Calendar.from_ical(file.content)["METHOD"]), file.content


def events(content: bytes) -> list[icalendar.Event]:
    return [each for each in icalendar.Calendar.from_ical(content).walk("VEVENT") if isinstance(each, icalendar.Event)]


def of_both_libraries(content: bytes) -> list[dict[str, str]]:
    """What two readers that know nothing of one another make of the events; they must agree."""
    one = [
        {
            "uid": str(event["UID"]), "summary": str(event["SUMMARY"]), "description": str(event["DESCRIPTION"]),
            "start": event["DTSTART"].dt.isoformat(), "end": event["DTEND"].dt.isoformat(),
            "sequence": str(event["SEQUENCE"]), "status": str(event["STATUS"]),
        }
        for event in events(content)
    ]  # fmt: skip
    [calendar] = vobject.readComponents(content.decode())
    calendar.validate(raiseException=True)
    other = [
        {
            "uid": event.uid.value, "summary": event.summary.value, "description": event.description.value,
            "start": event.dtstart.value.isoformat(), "end": event.dtend.value.isoformat(),
            "sequence": event.sequence.value, "status": event.status.value,
        }
        for event in calendar.vevent_list
    ]  # fmt: skip
    assert one == other
    return one


# The file itself


def test_a_whole_attachment_reads_like_this() -> None:
    method, content = attached(a_told("2021-02-19 09:00"))
    assert method == "PUBLISH"
    unfolded = content.decode().replace("\r\n ", "").replace("\u00a0", " ")
    assert unfolded.split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Cités éducatives//Échéances//FR",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        "SUMMARY:Douai / Waziers : échéance « Candidature »",
        "DTSTART;VALUE=DATE:20210228",
        "DTEND;VALUE=DATE:20210301",
        "DTSTAMP:20210219T080000Z",
        f"UID:{uid_of('2021', 'douai', 'candidature', None)}",
        "SEQUENCE:0",
        "CATEGORIES:Cités éducatives,Candidature",
        "CLASS:PUBLIC",
        "DESCRIPTION:Dernier jour : le dimanche 28 février 2021 inclus.\\n\\nAttendu de vous\\, une pièce :\\n"
        "• Diagnostic partagé : volet scolaire\\n\\nTransmettez-la en répondant à l’un de nos courriels\\, ou à "
        "l’adresse de l’organisateur.\\n\\nSource : Vade-mecum d’octobre 2020\\, partie 1\\, "
        "« Une candidature portée collectivement ».",
        "LAST-MODIFIED:20201014T220000Z",
        'ORGANIZER;CN="Coordination des Cités éducatives":mailto:coordination@cites-educatives.test',
        "STATUS:CONFIRMED",
        "TRANSP:TRANSPARENT",
        "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_lines_end_with_crlf_and_hold_at_most_75_octets() -> None:
    long = an_item(requirement_title="Diagnostic « partagé » des enjeux éducatifs, sociaux et urbains ; " * 5)
    _, content = attached(a_told("2021-02-19 09:00"), Section.from_json(a_section(owes=(long,)).to_json()))
    lines = content.split(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert lines[-1] == b""
    assert max(len(line) for line in lines) <= 75


def test_what_people_typed_adds_no_line_of_its_own() -> None:
    section = a_told("2021-02-19 09:00")
    hostile = an_item(requirement_title="x\r\nATTENDEE:mailto:a@b.test\nEND:VEVENT", part_title="y;z,\\n")
    told = Section.from_json({**section.to_json(), "territory_name": "Douai\r\nMETHOD:REQUEST"} | {
        "owes": [a_section(owes=(hostile,)).to_json()["owes"][0]]
    })  # fmt: skip
    _, content = attached(told)
    [event] = of_both_libraries(content)
    assert event["summary"].replace("\u00a0", " ") == "Douai METHOD:REQUEST : échéance « Candidature »"
    assert content.count(b"\r\nATTENDEE") + content.count(b"\r\nMETHOD:REQUEST") == 0
    assert content.count(b"END:VEVENT\r\n") == 1


def test_two_libraries_read_the_same_day() -> None:
    [event] = of_both_libraries(attached(a_told("2021-02-19 09:00"))[1])
    assert (event["start"], event["end"], event["sequence"], event["status"]) == (
        "2021-02-28", "2021-03-01", "0", "CONFIRMED",
    )  # fmt: skip


def test_nothing_asks_for_an_answer_nor_names_a_reader() -> None:
    _, content = attached(a_told("2021-02-19 09:00"))
    [event] = events(content)
    assert {"ATTENDEE", "VALARM", "RRULE"} & set(event) == set()
    assert [each.name for each in event.subcomponents] == []
    unfolded = content.decode().replace("\r\n ", "")
    assert re.findall(r"[\w.-]+@[\w.-]+", unfolded) == [COORDINATION]


def test_a_territory_overseas_reads_whose_clock_ends_the_day() -> None:
    dossier = a_dossier(code="saint-benoit", departement="974")
    [day] = due_days(PROGRAMME, dossier, "candidature", NINE)
    _, content = attached(a_section(due=day.due, agenda=agenda(PROGRAMME, dossier, day)))
    [event] = of_both_libraries(content)
    assert "Dernier jour : le dimanche 28 février 2021 inclus (heure de La Réunion)." in event["description"].replace(
        "\u00a0", " "
    )


def test_a_copy_reads_that_nothing_is_expected_of_it() -> None:
    section = a_told("2021-02-19 09:00")
    copy = a_section(copy=True, owes=(), others=(an_item(), PREFET_VISA), agenda=section.agenda)
    [event] = of_both_libraries(attached(copy)[1])
    description = event["description"].replace("\u00a0", " ")
    assert "Pour information : rien n’est attendu de vous." in description
    assert "À recevoir de chef de file et préfet de département : 2 pièces." in description


# The life of an event


def test_a_date_that_moves_is_the_same_event_with_a_greater_sequence() -> None:
    extension = ("candidature", "2021-03-15", "2021-02-22")
    before = of_both_libraries(attached(a_told("2021-02-19 09:00", extensions=[extension]))[1])
    after = of_both_libraries(attached(a_told("2021-02-22 09:00", extensions=[extension]))[1])
    assert before[0]["uid"] == after[0]["uid"]
    assert [(event["start"], event["sequence"]) for event in (*before, *after)] == [
        ("2021-02-28", "0"),
        ("2021-03-15", "1"),
    ]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"received": ["candidature"]}, "(satisfaite)"),
        ({"decisions": [("2021-02-19", "refuse")]}, "(candidature décidée)"),
        ({"withdrawals": ["2021-02-19"]}, "(désistement)"),
    ],
)
def test_an_obligation_that_falls_cancels_its_event(facts: dict[str, object], words: str) -> None:
    method, content = attached(a_told("2021-02-19 09:00", **facts))
    assert method == "CANCEL"
    [event] = of_both_libraries(content)
    assert (event["status"], event["sequence"], event["uid"]) == (
        "CANCELLED", "1", uid_of("2021", "douai", "candidature", None),
    )  # fmt: skip
    assert event["summary"].endswith(words)
    assert "ce rendez-vous est annulé" in event["description"]


def test_a_piece_refused_afterwards_puts_the_day_back() -> None:
    facts = {
        "received": ["candidature"],
        "received_at": "2021-02-10 10:00",
        "pieces": [a_piece("diagnostic/social", "2021-02-18 10:00", "refusee")],
    }
    method, content = attached(a_told("2021-02-19 09:00", **facts))
    [event] = of_both_libraries(content)
    assert (method, event["status"], event["sequence"]) == ("PUBLISH", "CONFIRMED", "2")


def test_a_letter_of_several_sections_carries_one_file_with_an_event_for_each() -> None:
    kept, fallen = a_told("2021-02-19 09:00"), a_told("2021-02-19 09:00", received=["candidature"])
    other = a_section(
        territory="lens",
        territory_name="Lens",
        agenda={**fallen.agenda, "uid": uid_of("2021", "lens", "candidature", None)},
    )
    method, content = attached(kept, other)
    assert method == "PUBLISH"
    assert [(event["summary"].split("\u00a0")[0], event["status"]) for event in of_both_libraries(content)] == [
        ("Douai / Waziers", "CONFIRMED"),
        ("Lens", "CANCELLED"),
    ]


def test_two_sections_of_one_obligation_are_one_event_that_says_the_latest() -> None:
    reminder, receipt = a_told("2021-02-19 09:00"), a_told("2021-02-19 09:00", received=["candidature"])
    _, content = attached(
        a_section(letter="receipt", occasion={"day": date(2021, 2, 19)}, agenda=receipt.agenda), reminder
    )
    assert [event["status"] for event in of_both_libraries(content)] == ["CANCELLED"]


def test_a_letter_decided_before_agendas_were_kept_carries_no_file() -> None:
    assert render(a_letter(a_section()), at=NINE, answer_to=COORDINATION).attachments == ()
    assert attachment([a_section()], at=NINE, organizer=COORDINATION) == ()


def test_a_section_keeps_its_agenda_in_the_outbox() -> None:
    section = a_told("2021-02-19 09:00")
    assert Section.from_json(section.to_json()).agenda == section.agenda


def test_uids_are_made_of_codes_alone_and_differ() -> None:
    made = [
        uid_of("2021", "douai", "candidature", None),
        uid_of("2021", "douai", "action_plan", None),
        uid_of("2021", "lens", "candidature", None),
        uid_of("2022", "douai", "candidature", None),
        uid_of("2021", "douai", "convention_end", date(2023, 12, 31)),
        uid_of("2021", "douai", "convention_end", date(2026, 12, 31)),
    ]
    assert len(set(made)) == 6
    assert made[0] == "a83f2ea6-c42b-5584-bbcb-fa38d9b8539f"


def test_every_standing_but_the_first_has_its_words() -> None:
    assert set(FALLEN) == set(Standing) - {Standing.AWAITED}


# Feeds and the plan


def test_a_feed_stays_the_same_byte_for_byte_until_something_changes() -> None:
    section = a_told("2021-02-19 09:00")
    monday, tuesday = (
        feed([section], at=datetime(2021, 2, day, 8, tzinfo=UTC), organizer=COORDINATION, title="Cités")
        for day in (22, 23)
    )
    assert monday == tuesday
    assert b"\r\nMETHOD:" not in monday
    assert b"\r\nNAME:Cit" in monday
    [event] = events(monday)
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == an_instant("2020-10-15 00:00")


def test_the_plan_as_a_calendar_says_each_instant_in_utc(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    row = {"deadline": "candidature", "step": -7, "territory": "douai", "to": "mairie@douai.test"}
    rows = [
        {**row, "at": "2021-02-19T09:00:00+01:00"},
        {**row, "at": "2021-02-19T09:00:00+01:00", "territory": "lens", "to": "mairie@lens.test"},
        {**row, "at": "2021-02-19T09:00:00+04:00", "territory": "saint-denis-974", "to": "mairie@saint-denis.test"},
    ]
    print_plan(rows, "ics", "Relance à blanc 2021")
    content = capsysbinary.readouterr().out
    assert [(event["start"], event["summary"], event["description"]) for event in of_both_libraries(content)] == [
        ("2021-02-19T05:00:00+00:00", "candidature · -7 : 1 avis", "mairie@saint-denis.test (saint-denis-974)"),
        (
            "2021-02-19T08:00:00+00:00",
            "candidature · -7 : 2 avis",
            "mairie@douai.test (douai)\nmairie@lens.test (lens)",
        ),
    ]
    assert b"TZID" not in content
