"""What would opening a campaign file change: which dates move, for how many territories, and which letters?

The opening is made for real, tables included, in a transaction that is then undone: what is shown is what would be.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session

from models.notice_queries import recorded_notices
from models.queries import Directory, KnownDossier, campaign_by_code, find_campaign, known_dossiers, programme_of
from models.rules.calendar import instant, local
from models.rules.campaign_file import load_campaign
from models.rules.dossier import Dossier, candidature_is_decided, has_withdrawn
from models.rules.effects import Known, ObligationEffect, obligation_effects
from models.rules.programme import Programme
from tasks.campaigns import Opening, open_within, read_opening
from tasks.database import prepare, transaction

MIDDAY = 12


@dataclass(frozen=True, kw_only=True)
class Move:
    """A due date that becomes another one, for so many territories; None: the obligation does not exist."""

    before: date | None
    after: date | None
    territories: int


@dataclass(frozen=True, kw_only=True)
class DeadlinePreview:
    """What becomes of one obligation over all territories; letters are counted one a territory and a reader."""

    obligation: str
    title: str
    moves: tuple[Move, ...]
    cancelled: int
    already_sent: int
    to_come_before: int
    to_come_after: int


@dataclass(frozen=True, kw_only=True)
class OpeningPreview:
    """What the opening would do, and to which letters."""

    opening: Opening
    deadlines: tuple[DeadlinePreview, ...]


class _Undone(Exception):
    """Carries the preview out of its transaction, which is rolled back by it."""

    def __init__(self, preview: OpeningPreview) -> None:
        self.preview = preview


def preview_opening(
    path: Path, *, at: datetime, author: str, tables: Path | None = None, url: str | None = None
) -> OpeningPreview:
    """What `open_campaign_file` would do at `at`; nothing is written.

    A date to come (`since`) is looked at from its day on. Raises ProgrammeRefused, IntakeRefused (every fault).
    """
    document, given = read_opening(path, tables)
    programme = load_campaign(document, name=str(path))
    prepare(url)
    try:
        with transaction(url) as session:
            raise _Undone(_preview(session, programme, document, at, author, given))
    except _Undone as undone:
        return undone.preview


def _preview(
    session: Session, programme: Programme, document: str, at: datetime, author: str, tables: Sequence[Path]
) -> OpeningPreview:
    campaign = find_campaign(session, programme.code)
    old = programme_of(campaign) if campaign else None
    before = _dossiers(session, campaign.id) if campaign and campaign.id else {}
    opening = open_within(session, programme, document, at=at, author=author, tables=tables)
    session.flush()
    row, _ = campaign_by_code(session, programme.code)
    assert row.id is not None
    directory, recorded = Directory(session, row.id, programme), recorded_notices(session, row.id)
    effects: list[ObligationEffect] = []  # of what still runs: neither given up nor decided
    for code, after in _dossiers(session, row.id).items():
        known = before.get(code)
        when = _when(old, programme, after, at)
        effects += (
            each
            for each in obligation_effects(
                Known(programme=old, dossier=known.dossier) if old and known else None,
                Known(programme=programme, dossier=after.dossier),
                directory.recipients(after.dossier),
                *recorded.letters_of(after),
                when,
            )
            if _runs(programme, after.dossier, each.due.obligation, when)
        )
    return OpeningPreview(opening=opening, deadlines=tuple(_by_obligation(programme, effects)))


def _dossiers(session: Session, campaign_id: int) -> dict[str, KnownDossier]:
    return {known.dossier.code: known for known in known_dossiers(session, campaign_id)}


def _when(old: Programme | None, new: Programme, known: KnownDossier, at: datetime) -> datetime:
    """When the effect is looked at: now, or midday of the last day on which a new date begins to hold."""
    zone = new.calendar.zone(known.dossier.departement)
    fresh = _sinces(new) - (_sinces(old) if old else set())
    last = max(fresh, default=local(at, zone).date())
    return max(at, instant(last, MIDDAY, zone)) if fresh else at


def _runs(programme: Programme, dossier: Dossier, obligation: str, at: datetime) -> bool:
    day = local(at, programme.calendar.zone(dossier.departement)).date()
    decided = obligation == "candidature" and candidature_is_decided(dossier, day)
    return not decided and not has_withdrawn(dossier, day)


def _sinces(programme: Programme) -> set[date]:
    return {
        dated.since
        for deadline in programme.deadlines.values()
        for dates in deadline.occurrences.values()
        for dated in dates
        if dated.since
    }


def _by_obligation(programme: Programme, effects: Iterable[ObligationEffect]) -> Iterable[DeadlinePreview]:
    effects = list(effects)
    for name in programme.obligation_names():
        own = [each for each in effects if each.due.obligation == name]
        moves = Counter((each.due.before, each.due.after) for each in own if each.due.before != each.due.after)
        yield DeadlinePreview(
            obligation=name,
            title=programme.title_of(name),
            moves=tuple(
                Move(before=before, after=after, territories=number)
                for (before, after), number in sorted(moves.items(), key=lambda each: str(each[0]))
            ),
            cancelled=sum(each.cancelled for each in own),
            already_sent=sum(each.already_sent for each in own),
            to_come_before=sum(each.to_come_before for each in own),
            to_come_after=sum(each.to_come_after for each in own),
        )
