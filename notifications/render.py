"""How do facts become words?

A letter is a folder of templates that renders one section; `layout/` wraps one or many sections of any letters into
the mail. Templates choose words, never facts: a fact that they name and that does not exist refuses the letter. What
many letters say alike is written once: `once(macro, facts)`, where `section.anywhere` is a section without its name.
"""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    pass_eval_context,
    select_autoescape,
)
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, Macro
from markupsafe import Markup

from models.rules.amounts import euros
from models.rules.calendar import instant, local
from notifications import french
from notifications.calendar_file import attachment
from notifications.facts import Letter, Posted
from notifications.mail import Attachment
from notifications.reading import Told, merged, told

TEMPLATES = Path(__file__).parent / "templates"
SUBJECT, TEXT, HTML = "subject.txt.j2", "body.txt.j2", "body.html.j2"
LAYOUT = "layout"
POSTED_TEXT, POSTED_HTML = "posted.txt.j2", "posted.html.j2"
SHORT = "short.txt.j2"
LENGTH_OF_A_SUBJECT, LENGTH_OF_A_LINE, LENGTH_OF_SHORT = 90, 120, 300


class LetterRefused(Exception):
    """A letter cannot be written: says the letter, its file, what is wrong in it, and the cure (in French)."""


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """The words of one mail; `short` says the same in a few lines, for channels beside the mail."""

    subject: str
    text: str
    html: str
    short: str = ""
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Written:
    """One section in words, as the layout receives it."""

    facts: Told
    text: str
    html: Markup


def render(letter: Letter | Posted, *, at: datetime, answer_to: str, templates: Path = TEMPLATES) -> Rendered:
    """The mail that says `letter` at the instant `at`, every delay counted on the territory's own calendar.

    `answer_to` is the address that the reader is invited to answer. Raises `LetterRefused`.
    """
    environment = _environment(templates)
    if isinstance(letter, Posted):
        return _posted(environment, letter, at=at, answer_to=answer_to)
    united = merged(letter.sections)
    sections = [
        told(section, local(at, zone).date(), _until(section.due, zone), alone=len(united) == 1)
        for section in united
        for zone in [section.zone or letter.zone]
    ]
    if not sections:
        raise LetterRefused(f"Le courriel à {letter.address} n’a aucune section : rien n’est à dire, annulez-le.")
    said = {"campaign": french.one_line(letter.campaign), "clock": french.clock(letter.zone)}
    written = [
        Written(
            facts=section,
            text=_fill(environment, section.letter, TEXT, {**said, "section": section}).strip("\n"),
            html=Markup(_fill(environment, section.letter, HTML, {**said, "section": section}).strip("\n")),  # noqa: S704 - rendered with autoescape
        )
        for section in sections
    ]
    first, *others = sections
    if others:
        subject = _fill(environment, LAYOUT, SUBJECT, {**said, **_in_common(sections)})
    else:
        subject = _fill(environment, first.letter, SUBJECT, {**said, "section": first})
    subject = french.typeset(french.one_line(subject))
    mail = {
        **said,
        **_in_common(sections),
        "subject": subject,
        "sections": written,
        "answer_to": answer_to,
        "told_on": local(letter.decided_at, letter.zone).date(),
    }
    short = _short(_fill(environment, LAYOUT, SHORT, mail))
    return Rendered(
        subject=subject,
        text=french.folded(_fill(environment, LAYOUT, TEXT, mail)),
        html=french.typeset(_fill(environment, LAYOUT, HTML, {**mail, "preview": _preview(short)})),
        short=short,
        attachments=attachment(united, at=at, organizer=answer_to),
    )


@lru_cache(maxsize=1024)
def _until(due: date, zone: str) -> str:
    """How the due day ends on the territory's clock, and on that of Paris when they differ."""
    return french.until(due, zone, local(instant(due + timedelta(days=1), 0, zone), french.MAINLAND))


def _short(words: str) -> str:
    """Two to four lines, each cut after a word, and all of them within the length of a short message."""
    lines: list[str] = []
    for line in filter(None, (french.typeset(each.strip()) for each in words.splitlines())):
        room = LENGTH_OF_SHORT - sum(len(each) + 1 for each in lines)
        if room >= LENGTH_OF_A_LINE // 2:
            lines.append(french.brief(line, min(room, LENGTH_OF_A_LINE)))
    return "\n".join(lines)


def _preview(short: str) -> str:
    """What a list of letters shows beside the subject: the short lines without it."""
    return " ".join(short.splitlines()[1:3])


def _posted(environment: Environment, letter: Posted, *, at: datetime, answer_to: str) -> Rendered:
    """A letter posted whole: its own three files inside the same layout, without sections."""
    said = {
        "campaign": french.one_line(letter.campaign),
        "clock": french.clock(letter.zone),
        "today": local(at, letter.zone).date(),
        "facts": _on_one_line(letter.facts),
    }
    subject = french.typeset(french.one_line(_fill(environment, letter.letter, SUBJECT, said)))
    mail = {
        **said,
        "subject": subject,
        "text": (text := _fill(environment, letter.letter, TEXT, said).strip("\n")),
        "html": Markup(_fill(environment, letter.letter, HTML, said).strip("\n")),  # noqa: S704 - rendered with autoescape
        "answer_to": answer_to,
        "told_on": local(letter.decided_at, letter.zone).date(),
    }
    short = _short(f"{subject}\n{text.partition(chr(10) * 2)[0].replace(chr(10), ' ')}")
    return Rendered(
        subject=subject,
        text=french.folded(_fill(environment, LAYOUT, POSTED_TEXT, mail)),
        html=french.typeset(_fill(environment, LAYOUT, POSTED_HTML, {**mail, "preview": _preview(short)})),
        short=short,
    )


def _on_one_line(value: Any) -> Any:
    """The same facts, whatever people typed in them on one line."""
    match value:
        case str():
            return french.one_line(value)
        case Mapping():
            return {name: _on_one_line(each) for name, each in value.items()}
        case list() | tuple():
            return [_on_one_line(each) for each in value]
        case _:
            return value


def letters(templates: Path = TEMPLATES) -> tuple[str, ...]:
    """The names of the letters that there are templates for."""
    return tuple(sorted(folder.name for folder in templates.iterdir() if folder.is_dir() and folder.name != LAYOUT))


def _in_common(sections: Sequence[Told]) -> dict[str, Any]:
    """What several sections share, `None` for what they do not: their letter, deadline, day and territory."""
    return {
        "letter": _shared([section.letter for section in sections]),
        "deadline_title": _shared([section.deadline_title for section in sections]),
        "due": _shared([section.due for section in sections]),
        "days": _shared([section.days for section in sections]),
        "latest": max(section.days for section in sections),
        "territory_name": _shared([section.territory_name for section in sections]),
        "territories": len({section.territory_name for section in sections}),
        "points": len(sections),
        "awaited": sum(section.owed_count for section in sections),
        "awaited_due": _shared([section.due for section in sections if section.owed_count]),
        "only_copies": all(section.copy for section in sections),
        "reminding": not any(section.occasion for section in sections),
        "acting": tuple(dict.fromkeys(each.owner for section in sections for each in section.others)),
    }


def _shared(values: Sequence[Any]) -> Any:
    return values[0] if len(set(values)) == 1 else None


def _fill(environment: Environment, folder: str, file: str, facts: dict[str, Any]) -> str:
    name = f"{folder}/{file}"
    try:
        return environment.get_template(name).render(facts)
    except TemplateNotFound as missing:
        raise LetterRefused(
            f"La lettre « {folder} » ne peut pas être écrite : le fichier {missing.name} manque ; "
            f"ajoutez-le dans notifications/templates/, ou corrigez le nom de la lettre dans le programme."
        ) from missing
    except TemplateSyntaxError as fault:
        raise LetterRefused(
            f"La lettre « {folder} » ne peut pas être écrite : {fault.name}, ligne {fault.lineno}, "
            f"n’est pas un gabarit correct ({fault.message}) ; corrigez cette ligne."
        ) from fault
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as fault:
        raise LetterRefused(
            f"La lettre « {folder} » ne peut pas être écrite : {_place(fault, name)} : {fault} ; "
            f"corrigez ce nom ou retirez-le du gabarit."
        ) from fault


def _place(fault: BaseException, name: str) -> str:
    """The template and line where `fault` was raised, from its traceback."""
    place, step = name, fault.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if file.endswith(".j2"):
            place = f"{'/'.join(Path(file).parts[-2:])}, ligne {step.tb_lineno}"
        step = step.tb_next
    return place


class _UnknownFact(StrictUndefined):
    """A fact that a template names and that does not exist: says its name, and those that do."""

    @property
    def _undefined_message(self) -> str:
        known = _names(self._undefined_obj)
        return f"le fait « {self._undefined_name} » n’existe pas" + (f" (connus : {', '.join(known)})" if known else "")


def _names(owner: Any) -> list[str]:
    if is_dataclass(owner):
        return [field.name for field in fields(owner)]
    return sorted(owner) if isinstance(owner, dict) else []


class _QuickContext(Context):
    """A context that calls macros straight: a letter calls eighty, and finding out how costs as much as each."""

    def call(self, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        if type(__obj) is not Macro:
            return super().call(__obj, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        return __obj(self.eval_ctx, *args, **kwargs)


class _QuickEnvironment(Environment):
    """Templates that are read once, whose globals are one plain dictionary: they are the same for all."""

    context_class = _QuickContext

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._known: dict[str, Template] = {}

    def get_template(
        self, name: str | Template, parent: str | None = None, globals: MutableMapping[str, Any] | None = None
    ) -> Template:
        if isinstance(name, Template):
            return name
        if name not in self._known:
            self._known[name] = super().get_template(name, parent, globals)
        return self._known[name]

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


@pass_eval_context
def _once(context: EvalContext, macro: Macro, *facts: Any) -> str:
    """What `macro` says of these facts: written once for all letters that tell the same."""
    return said_once(context.environment, context.autoescape, macro, facts)


@lru_cache(maxsize=2048)
def said_once(environment: Environment, autoescape: bool, macro: Macro, facts: tuple[Any, ...]) -> str:
    """What `macro`, imported from a file of templates, says of these facts; kept for the next letter."""
    context = EvalContext(environment)
    context.autoescape = autoescape
    return macro(context, *facts)


@lru_cache(maxsize=8)
def _environment(templates: Path) -> Environment:
    environment = _QuickEnvironment(
        loader=FileSystemLoader(templates),
        autoescape=lru_cache(select_autoescape(["html.j2"], default=False)),
        undefined=_UnknownFact,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "day": date.fromisoformat,  # a letter posted whole keeps its days as text
        "long_date": french.long_date,
        "short_date": french.short_date,
        "listing": french.listing,
        "euros": euros,
        "brief": french.brief,
        "sentence": french.sentence,
    }
    environment.globals |= {
        "delay": french.delay,
        "countdown": french.countdown,
        "count": french.count,
        "once": _once,
        "span": french.span,
        "subject_length": LENGTH_OF_A_SUBJECT,
    }
    return environment
