"""What did territories deposit on Démarche numérique since it was last read?

A pass reads the démarche's dossiers page by page, then those that waited, then the deletions. What it fetches is
fetched outside any transaction; a page enters in one. Each page leaves its cursor: a pass that is cut short goes on
from there. A dossier that cannot be taken waits and is read again; the others are not kept out by it. Nothing here is
a decision: a dossier that is given up there is a withdrawal only if somebody records one.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from models.intake_queries import lock_campaign
from models.portal_queries import dossiers_of, form_of, live_dossiers, places_of, waiting_dossiers
from models.portal_tables import PortalForm
from models.queries import campaign_by_code
from models.rules.portal import Form, PortalPolicy, campaign_of_form, load_form, load_portal_policy
from models.rules.portal_reading import Finding, Gone, Place, Reading, read_submission
from models.rules.portal_submission import AnswerRefused, PortalFile, Submission, submission_of
from models.words import PieceStatus
from tasks.database import reading, transaction
from tasks.portal_client import FileRefused, Portal, PortalKnowsNot, PortalRefused
from tasks.portal_files import keep, place_of
from tasks.portal_form import Described, describe, missing_fields, of_older_forms
from tasks.portal_intake import Taken, take_page
from tasks.portal_questions import DELETED, SUBMISSION, SUBMISSIONS
from tasks.settings import settings

EVER = datetime(1970, 1, 1, tzinfo=UTC)  # with an instant, the portal gives its dossiers in the order of their changes
REASONS = {
    "user_request": "Dossier supprimé par l’usager sur le portail.",
    "user_removed": "Compte de l’usager supprimé sur le portail.",
    "manager_request": "Dossier supprimé à la demande de l’administration du portail.",
}


@dataclass(kw_only=True)
class SyncReport:
    """What one pass read of a démarche, and what it changed (or would change)."""

    demarche: int
    campaign: str
    title: str
    check: bool
    read: int = 0
    new: int = 0
    changed: int = 0
    pieces: Counter[PieceStatus] = field(default_factory=Counter)
    extra_means: int = 0
    files: int = 0  # fetched, or to be fetched
    bytes: int = 0
    refused: list[tuple[str, str, int, str]] = field(default_factory=list)  # territory, part, dossier, gesture
    withdrawn: list[tuple[str, int]] = field(default_factory=list)  # territories with no dossier left, and its number
    findings: list[Finding] = field(default_factory=list)


def open_portal() -> Portal:
    """The portal that the settings name. Raises `PortalRefused`."""
    known = settings()
    return Portal(known.portal_url, known.portal_token.get_secret_value(), load_portal_policy())


def form_in(document: str, *, name: str, url: str | None = None) -> Form:
    """The correspondence in a file's text, against its campaign. Raises `ProgrammeRefused`, `NoSuchCampaign`."""
    with reading(url) as session:
        _, programme = campaign_by_code(session, campaign_of_form(document, name))
    return load_form(document, name=name, programme=programme)


def check_form(document: str, *, name: str, portal: Portal, url: str | None = None) -> Described:
    """What each field of the démarche gives, and what does not match. Raises as `synchronise`."""
    return describe(form_in(document, name=name, url=url), portal)


def synchronise(
    document: str, *, name: str, at: datetime, portal: Portal, since: datetime | None = None, check: bool = False,
    url: str | None = None,
) -> SyncReport:  # fmt: skip
    """Take in what a démarche holds since it was last read (or since `since`); `check` only says what would change.

    Raises `ProgrammeRefused`, `NoSuchCampaign`, `PortalRefused`; what was taken before a failure stays taken.
    """
    form = form_in(document, name=name, url=url)
    described = describe(form, portal)
    with reading(url) as session:
        campaign, _ = campaign_by_code(session, form.campaign)
        assert campaign.id is not None
        known = form_of(session, campaign.id, form.demarche)
        places = places_of(session, campaign.id)
        state = (
            known.model_dump() if known else PortalForm(campaign_id=campaign.id, demarche=form.demarche).model_dump()
        )
    synchronisation = _Pass(
        form=form, policy=portal.policy, portal=portal, at=at, check=check, url=url, places=places, state=state,
        report=SyncReport(
            demarche=form.demarche, campaign=form.campaign, title=described.title, check=check,
            findings=list(described.findings),
        ),
    )  # fmt: skip
    synchronisation.run(since)
    synchronisation.report.findings += missing_fields(described, synchronisation.absent)
    synchronisation.report.findings += of_older_forms(form, described, synchronisation.met)
    return synchronisation.report


@dataclass(kw_only=True)
class _Pass:
    """One pass over one démarche; `state` is what is remembered of it, as it stands."""

    form: Form
    policy: PortalPolicy
    portal: Portal
    at: datetime
    check: bool
    url: str | None
    places: list[Place]
    state: dict[str, Any]
    report: SyncReport
    seen: set[int] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)  # the dossiers that this pass finds deleted
    given_up: dict[int, int] = field(default_factory=dict)  # by territory, the last dossier given up
    absent: Counter[str] = field(default_factory=Counter)  # dossiers without a field that the file names
    met: dict[tuple[str, str, bool], None] = field(default_factory=dict)  # fields of dossiers: id, label, annotation?

    def run(self, since: datetime | None) -> None:
        if self.state["fingerprint"] != self.form.fingerprint:  # another correspondence: all of it is read again
            self.state |= {"since": None, "cursor": "", "cursor_since": None, "reached": None}
            self.state["fingerprint"] = self.form.fingerprint
        waiting = self._waiting()
        for nodes, cursor in self._pages(since):
            readings = [self._reading(node) for node in nodes]
            reached = [each.modified_at for each in readings if each.state]
            self.state["reached"] = max([*reached, *filter(None, [self.state["reached"]])], default=None)
            self.state["cursor"] = cursor
            self._take(readings)
        asked = [self._asked(number) for number in waiting if number not in self.seen]
        self._take([each for each in asked if each])
        self._deletions(since)
        self._finish()

    # The dossiers

    def _pages(self, since: datetime | None) -> Iterator[tuple[Sequence[Mapping[str, Any]], str]]:
        if self.state["cursor"] and since is None:
            resumed = self._asked_pages(self.state["cursor_since"] or EVER, self.state["cursor"])
            try:
                first = next(resumed)
            except PortalRefused:
                pass  # the portal no longer knows this cursor, or will say again what is wrong
            else:
                yield first
                yield from resumed
                return
        start = since or self.state["since"]
        start = start - timedelta(minutes=self.policy.overlap_minutes) if start else EVER
        self.state |= {"cursor_since": start, "reached": None}
        yield from self._asked_pages(start, "")

    def _asked_pages(self, since: datetime, cursor: str) -> Iterator[tuple[Sequence[Mapping[str, Any]], str]]:
        yield from self.portal.pages(
            SUBMISSIONS, "dossiers", after=cursor, demarche=self.form.demarche,
            since=since.isoformat(),
        )  # fmt: skip

    def _waiting(self) -> list[int]:
        with reading(self.url) as session:
            return waiting_dossiers(session, self.state["id"] or 0)

    def _asked(self, number: int) -> Reading | None:
        try:
            node = self.portal.ask(SUBMISSION, number=number)["dossier"]
        except PortalKnowsNot:
            return None  # deleted: the deletions will say so
        return self._reading(node) if node["demarche"]["number"] == self.form.demarche else None

    def _reading(self, node: Mapping[str, Any]) -> Reading:
        try:
            submission = submission_of(node)
        except AnswerRefused:
            number = node["number"] if isinstance(node.get("number"), int) else 0
            found = Reading(number=number, state="", modified_at=self.at, waiting=True)
            found.note("illisible", "le portail le décrit d’une façon que le moteur ne connaît pas",
                       "le dire à qui exploite le moteur")  # fmt: skip
            return found
        self.met |= {(each.id, each.label, False): None for each in submission.answers}
        self.met |= {(each.id, each.label, True): None for each in submission.annotations}
        self.absent.update(each.name for each in self.form.fields() if not submission.found(each))
        return read_submission(submission, self.form, self.places, self.policy)

    # What they hold

    def _take(self, readings: list[Reading]) -> None:
        files: dict[tuple[int, str, str], str] = {}
        for each in readings:
            files.update(self._files(each))
            self.seen.add(each.number)
        self.report.read += sum(each.deleted_at is None for each in readings)
        if self.check:
            with reading(self.url) as session:
                self._count(self._taken(session, readings, files))
            return
        with transaction(self.url) as session:
            lock_campaign(session, self.state["campaign_id"])
            row = form_of(session, self.state["campaign_id"], self.form.demarche)
            if row is None:
                row = PortalForm(campaign_id=self.state["campaign_id"], demarche=self.form.demarche)
            session.add(row)
            session.flush()
            self.state["id"] = row.id
            taken = self._taken(session, readings, files)
            for name in ("fingerprint", "since", "deleted_since", "cursor", "cursor_since", "reached"):
                setattr(row, name, self.state[name])
        self._count(taken)

    def _taken(self, session: Session, readings: list[Reading], files: dict[tuple[int, str, str], str]) -> Taken:
        return take_page(
            session, readings, self.form, form_id=self.state["id"] or 0,
            codes={place.id: place.code for place in self.places}, files=files, at=self.at, check=self.check,
        )  # fmt: skip

    def _count(self, taken: Taken) -> None:
        self.report.new += taken.new
        self.report.changed += len(taken.changed)
        self.report.pieces.update(taken.pieces)
        self.report.refused += taken.refused
        self.report.extra_means += taken.extra_means
        self.report.findings += taken.findings

    def _files(self, found: Reading) -> dict[tuple[int, str, str], str]:
        """Where each file of a dossier is kept, once it is; what could not be had is a finding, and waits."""
        kept: dict[tuple[int, str, str], str] = {}
        for each in found.delivered:
            key = (found.number, each.champ, each.checksum)
            if each.file is None or found.territory is None or found.gone or key in kept:
                continue
            if each.file.size > self.policy.most_bytes:
                kept[key] = ""
                most = self.policy.most_bytes // 10**6
                found.note("volume", f"un fichier de la pièce {each.part} dépasse {most} Mo : il compte comme reçu, "
                           "sans copie", "le garder depuis le portail")  # fmt: skip
                continue
            try:
                kept[key] = self._kept(found, found.territory, each.champ, each.file)
            except FileRefused as refusal:
                found.waiting = True
                found.note("fichier", f"un fichier de la pièce {each.part} n’est pas pris : {refusal}",
                           "il sera redemandé au prochain passage")  # fmt: skip
        return kept

    def _kept(self, found: Reading, territory: Place, champ: str, file: PortalFile) -> str:
        place = place_of(self.form.campaign, territory.code, found.number, file)
        if self.check:
            fetched = 0 if (settings().home / place).exists() else file.size
        else:
            fetched = keep(
                self.portal, file, settings().home, place, lambda: self._link(found.number, champ, file.checksum)
            )
        self.report.files += bool(fetched)
        self.report.bytes += fetched
        return place

    def _link(self, number: int, champ: str, checksum: str) -> str | None:
        """A new link for a file whose hour is over."""
        try:
            fresh: Submission = submission_of(self.portal.ask(SUBMISSION, number=number)["dossier"])
        except (PortalKnowsNot, AnswerRefused):
            return None
        sides = (*fresh.answers, *fresh.annotations)
        answers = (*sides, *(each for side in sides for row in side.rows for each in row))
        files = (file for each in answers if each.id == champ for file in each.files if file.checksum == checksum)
        return next((file.url for file in files), None)

    # What was deleted

    def _deletions(self, since: datetime | None) -> None:
        start = since or self.state["deleted_since"]
        if start is not None:
            start -= timedelta(minutes=self.policy.overlap_minutes)
        latest = [start] if start else []
        for under, question in DELETED.items():
            pages = self.portal.pages(
                question, under, demarche=self.form.demarche, since=start.isoformat() if start else None
            )
            for nodes, _ in pages:
                readings = self._deleted(nodes)
                self.deleted.update(each.number for each in readings)
                latest += [datetime.fromisoformat(node["dateSupression"]) for node in nodes]
                self._take(readings)
        self.state["deleted_since"] = max(latest, default=None)
        self._propose()

    def _propose(self) -> None:
        """Name the territories whose last dossier was given up."""
        with reading(self.url) as session:
            alive = live_dossiers(session, self.state["id"] or 0, list(self.given_up))
        codes = {place.id: place.code for place in self.places}
        for territory, number in self.given_up.items():
            if not set(alive.get(territory, ())) - self.deleted:
                self.report.withdrawn.append((codes[territory], number))

    def _deleted(self, nodes: Sequence[Mapping[str, Any]]) -> list[Reading]:
        """Of the dossiers that were deleted, those that we knew and did not know to be gone."""
        by_number = {int(node["number"]): node for node in nodes}
        places = {place.id: place for place in self.places}
        readings = []
        with reading(self.url) as session:
            stored = dossiers_of(session, self.state["id"] or 0, list(by_number))
            for number, dossier in stored.items():
                if dossier.gone_at is None and number not in self.seen:
                    readings.append(self._given_up(by_number[number], places.get(dossier.territory_id or 0)))
        return readings

    def _given_up(self, node: Mapping[str, Any], territory: Place | None) -> Reading:
        at, reason = datetime.fromisoformat(node["dateSupression"]), str(node["reason"])
        found = Reading(number=int(node["number"]), state=str(node["state"]), modified_at=at, deleted_at=at)
        found.territory = territory
        if reason not in self.policy.deletions:
            found.note("suppression", "il est supprimé pour une raison inconnue du moteur : ses pièces restent",
                       "le dire à qui exploite le moteur")  # fmt: skip
        if self.policy.withdraws(reason, found.state):
            found.gone = Gone(at=at, reason=REASONS.get(reason, "Dossier supprimé sur le portail."))
            if territory:
                self.given_up[territory.id] = found.number
        return found

    def _finish(self) -> None:
        if self.check:
            return
        self.state["since"] = max(filter(None, (self.state["since"], self.state["reached"])), default=None)
        with transaction(self.url) as session:
            row = form_of(session, self.state["campaign_id"], self.form.demarche)
            assert row is not None  # the pass has written it
            row.since, row.deleted_since = self.state["since"], self.state["deleted_since"]
            row.cursor, row.cursor_since, row.reached, row.read_at = "", None, None, self.at
