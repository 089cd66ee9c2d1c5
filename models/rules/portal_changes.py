"""Which rows of the table `pieces` does a dossier of the portal call for, given what is already known of it?

Rows are dated by the portal's own instants. All that a dossier delivers is said again at each reading: the intake finds
that nothing changed. What is no longer there is taken back, unless another delivery stands; what is refused is refused
once more only if the portal says so at a later instant; a refusal that is lifted gives the piece back.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from models.rules.portal import Part
from models.rules.portal_reading import Delivered, Reading
from models.words import PieceStatus

FILE_GONE = "Fichier retiré sur le portail."


@dataclass(frozen=True, kw_only=True)
class Known:
    """What was recorded of one delivery of a dossier."""

    part: Part
    champ: str
    checksum: str
    at: datetime
    file: str = ""
    refused_at: datetime | None = None
    gone_at: datetime | None = None
    id: int | None = None

    @property
    def key(self) -> tuple[Part, str, str]:
        return self.part, self.champ, self.checksum


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The last row of a part."""

    status: PieceStatus
    at: datetime
    file: str = ""


@dataclass(frozen=True, kw_only=True)
class PieceRow:
    """One row of the exchanged table, for one part."""

    part: Part
    status: PieceStatus
    at: datetime
    reason: str = ""
    file: str = ""


@dataclass(kw_only=True)
class Called:
    """The rows that a dossier calls for, and what is to be remembered of its deliveries."""

    rows: list[PieceRow] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)


def called_for(
    reading: Reading, files: Mapping[tuple[str, str], str], known: Sequence[Known], others: Collection[Part],
    standing: Mapping[Part, Standing], seen_at: datetime,
) -> Called:  # fmt: skip
    """The rows that `reading` calls for.

    `files`: where each (champ, checksum) is kept; what is absent of it could not be had, and waits. `others`: the parts
    that another dossier of the territory delivers. `standing`: the last row of each part. `seen_at`: an instant for
    what the portal does not date.
    """
    made = _Made(latest=dict(standing), seen_at=seen_at, modified_at=reading.modified_at)
    here = {(each.part, each.champ, each.checksum): each for each in ([] if reading.gone else reading.delivered)}
    before = {each.key: each for each in known}
    for former in known:  # in the order in which they were first said, so that rows alike keep their places
        made.say_again(former, former.key in here, files.get((former.champ, former.checksum), ""))
    for key, each in here.items():
        if key not in before and (each.file is None or (each.champ, each.checksum) in files):
            made.receive(each, files.get((each.champ, each.checksum), ""))
    for former in known:
        if former.key not in here:
            made.take_back(former, reading, others)
    _refuse(reading, made)
    return made.called


@dataclass(kw_only=True)
class _Made:
    """The rows so far, and the last row of each part with them."""

    latest: dict[Part, Standing]
    seen_at: datetime
    modified_at: datetime
    called: Called = field(default_factory=Called)

    def say_again(self, former: Known, is_here: bool, file: str) -> None:
        at, file = former.at, former.file or file  # the same content keeps its first place
        if is_here and former.gone_at is not None:  # it came back
            at = self.after(former.gone_at)
        self.add(PieceRow(part=former.part, status=PieceStatus.RECEIVED, at=at, file=file))
        if is_here:
            self.called.known.append(replace(former, at=at, file=file, gone_at=None))

    def receive(self, delivery: Delivered, file: str) -> None:
        self.add(PieceRow(part=delivery.part, status=PieceStatus.RECEIVED, at=delivery.at, file=file))
        self.called.known.append(
            Known(part=delivery.part, champ=delivery.champ, checksum=delivery.checksum, at=delivery.at, file=file)
        )

    def take_back(self, former: Known, reading: Reading, others: Collection[Part]) -> None:
        if former.gone_at is not None:
            self.called.known.append(former)
            return
        stays = former.part in others or any(
            each.part == former.part and each.gone_at is None for each in self.called.known
        )
        stood = self.latest.get(former.part)
        theirs = stood is not None and stood.status is PieceStatus.RECEIVED and stood.file == former.file
        floor = stood.at if stood else former.at
        changed = reading.changed_at.get(former.champ) or self.modified_at
        at = reading.gone.at if reading.gone else changed
        at = at if at > floor else self.after(floor)
        if theirs and not stays:
            reason = reading.gone.reason if reading.gone else FILE_GONE
            self.add(PieceRow(part=former.part, status=PieceStatus.TAKEN_BACK, at=at, reason=reason))
        self.called.known.append(replace(former, gone_at=at, refused_at=None))

    def add(self, row: PieceRow) -> None:
        self.called.rows.append(row)
        stood = self.latest.get(row.part)
        if stood is None or row.at > stood.at:
            self.latest[row.part] = Standing(status=row.status, at=row.at, file=row.file)

    def after(self, floor: datetime) -> datetime:
        """The first of the portal's instant, and of our own, that comes after `floor`."""
        return next((each for each in (self.modified_at, self.seen_at) if each > floor), floor + timedelta(seconds=1))


def _refuse(reading: Reading, made: _Made) -> None:
    live = {each.part for each in made.called.known if each.gone_at is None}
    refused: dict[Part, datetime] = {}
    for refusal in sorted(reading.refusals, key=lambda each: each.at):
        for part in sorted(refusal.parts & live):
            stood = made.latest.get(part)
            if stood and stood.status is PieceStatus.RECEIVED and stood.at == refusal.at:
                made.latest[part] = Standing(status=PieceStatus.REFUSED, at=refusal.at)
            made.add(PieceRow(part=part, status=PieceStatus.REFUSED, at=refusal.at, reason=refusal.reason))
            refused[part] = refusal.at
    kept = []
    for each in made.called.known:
        lifted = each.refused_at is not None and each.part not in refused and each.gone_at is None
        stood = made.latest.get(each.part)
        if lifted and stood and stood.status is PieceStatus.REFUSED and stood.at == each.refused_at:
            answered = reading.resolved_at
            at = answered if answered and answered > stood.at else made.after(stood.at)
            made.add(PieceRow(part=each.part, status=PieceStatus.RECEIVED, at=at, file=each.file))
        kept.append(replace(each, refused_at=refused.get(each.part)) if each.gone_at is None else each)
    made.called.known = kept
