"""Which letters leave, when, to whom, and how do they read?

One page that stands alone and shows every sample (`deployments.letter_samples`): what the letter is for, when it leaves
and to whom, its subject, its text and its HTML side by side. Beside it, each letter as .txt, .html and .eml.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from deployments.letter_samples import Sample, programme_of_samples, samples
from deployments.posted_samples import PostedSample, posted_samples
from models.rules.deadlines import Step
from models.rules.programme import Programme
from models.words import Role
from notifications.french import count, listing, long_date, sentence, typeset
from notifications.gateway import Gateway
from notifications.mail import Mail, Sent
from notifications.pages import framed
from notifications.render import Rendered, render
from tasks.settings import settings

EVENTS = {
    "opening": "à l’ouverture de la campagne",
    "receipt": "dès que l’échéance est satisfaite",
    "decision": "dès qu’une décision est enregistrée",
    "extension": "dès qu’un délai est accordé",
}
STYLE = Markup("""
body{font-family:"Open Sans",Arial,sans-serif;line-height:1.5;color:#161616}
body{max-width:96rem;margin:1.5rem auto;padding:0 1rem}
h1{color:#000091;font-size:1.7rem}h2{color:#000091;font-size:1.25rem;margin:0 0 .5rem}
a{color:#000091}nav{margin-top:2rem}nav ol{columns:22rem;padding-left:1.4rem}
table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:bold;padding:.4rem 0}
th,td{border:1px solid #9ca3af;padding:.3rem .5rem;text-align:left;vertical-align:top}thead th{background:#f5f5fe}
article{border-top:4px solid #000091;margin-top:2.5rem;padding-top:1rem}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0 0 1rem}dt{font-weight:bold}dd{margin:0}
.both{display:grid;grid-template-columns:1fr 1fr;gap:1rem}
pre,iframe{box-sizing:border-box;width:100%;height:42rem;margin:0;border:1px solid #9ca3af;background:#fff}
pre{overflow:auto;padding:1rem;font:.85rem/1.45 "DejaVu Sans Mono",Consolas,monospace;white-space:pre-wrap}
.short{white-space:pre-line}
@media(max-width:60rem){.both,dl{grid-template-columns:1fr}}
""")
TITLE = "Les lettres du programme"
BODY = Markup("""<main>
<h1>{title}</h1>
<p>{number}, écrites par les règles et les gabarits du moteur sur des dossiers inventés. Une lettre part à
{hour} heures à l’horloge de son destinataire, un jour ouvré dans le département du territoire.</p>
{steps}
<nav aria-label="Sommaire"><h2>Sommaire</h2><ol>{contents}</ol></nav>
{articles}
</main>""")
ARTICLE = Markup("""<article id="{name}" aria-labelledby="{name}-titre">
<h2 id="{name}-titre">{purpose}</h2>
<dl>
<dt>Quand</dt><dd>{when}</dd>
<dt>À qui</dt><dd>{to}</dd>
<dt>En copie</dt><dd>{copies}</dd>
<dt>Objet</dt><dd>{subject}</dd>
<dt>En bref</dt><dd class="short">{short}</dd>
<dt>Fichiers</dt><dd>{files}</dd>
</dl>
<div class="both">
<pre tabindex="0" role="region" aria-label="Texte de la lettre {name}">{text}</pre>
<iframe title="Lettre {name}, telle qu’elle s’affiche" sandbox="" srcdoc="{html}"></iframe>
</div>
</article>
""")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One sample in words."""

    sample: Sample | PostedSample
    words: Rendered


def every_sample() -> tuple[Sample | PostedSample, ...]:
    """All the letters of the programme: those that obligations make, then those posted whole."""
    return (*samples(), *posted_samples(programme_of_samples()))


def write_gallery(out: Path) -> list[Path]:
    """Write the page and, for each sample, its text, its HTML and its mail; gives the files. Raises OSError."""
    out.mkdir(parents=True, exist_ok=True)
    configured = settings()
    written = []
    entries = []
    folder = f"mailfolder://{out.resolve()}"
    gateway = Gateway.open(folder, sender=configured.mail_from, reply_to=configured.mail_reply_to)
    for sample in every_sample():
        words = render(sample.letter, at=sample.at, answer_to=gateway.answer_to())
        entries.append(Entry(sample=sample, words=words))
        for suffix, content in ((".txt", words.text), (".html", words.html)):
            file = out / f"{sample.name}{suffix}"
            file.write_text(content, encoding="utf-8")
            written.append(file)
        written.append(_mail(gateway, sample, words, out))
    index = out / "index.html"
    index.write_text(page(entries), encoding="utf-8")
    return [index, *written]


def _mail(gateway: Gateway, sample: Sample | PostedSample, words: Rendered, out: Path) -> Path:
    """The letter as it would leave, by the gateway itself."""
    letter = sample.letter
    outcome = gateway.send(
        Mail(to=letter.address, name=letter.name, subject=words.subject, text=words.text, html=words.html,
             attachments=words.attachments, message_id=f"<{sample.name}@exemple.test>", at=sample.at)
    )  # fmt: skip
    if not isinstance(outcome, Sent):
        raise OSError(outcome.reason)
    return Path(outcome.where).replace(out / f"{sample.name}.eml")


def page(entries: Sequence[Entry]) -> str:
    """The page, in French."""
    contents = Markup("\n").join(
        Markup('<li><a href="#{}">{}</a></li>').format(each.sample.name, each.sample.purpose) for each in entries
    )
    rules = programme_of_samples()
    return framed(
        TITLE,
        STYLE,
        BODY.format(
            title=TITLE,
            number=sentence(count(len(entries), "lettre")),
            hour=rules.hour,
            steps=_steps(rules),
            contents=contents,
            articles=Markup("").join(_article(each) for each in entries),
        ),
    )


def _article(entry: Entry) -> Markup:
    sample, words = entry.sample, entry.words
    name = sample.name
    files = Markup(", ").join(
        Markup('<a href="{}{}">{}{}</a>').format(name, suffix, name, suffix) for suffix in (".txt", ".html", ".eml")
    )
    return ARTICLE.format(
        name=name, purpose=typeset(sample.purpose), when=typeset(_when(sample)), to=typeset(_to(sample)),
        copies=typeset(_copies(sample)), subject=words.subject, short=words.short, files=files,
        text=words.text, html=words.html,
    )  # fmt: skip


def _when(sample: Sample | PostedSample) -> str:
    """The step, the event or the day that makes the letter leave, and the day it does here."""
    day = long_date(sample.at.date())
    if isinstance(sample, PostedSample):
        return f"{sample.when} Ici, le {day}."
    section = sample.letter.sections[0]
    if section.step in EVENTS:
        return f"{sentence(EVENTS[section.step])}. Ici, le {day}."
    offset = int(section.step)
    side = "avant" if offset < 0 else "après"
    return (
        f"{sentence(count(abs(offset), 'jour'))} {side} l’échéance « {section.deadline_title} », ou le jour ouvré "
        f"{'qui précède' if offset < 0 else 'qui suit'}. Ici, le {day}."
    )


def _to(sample: Sample | PostedSample) -> str:
    if isinstance(sample, PostedSample):
        return sentence(sample.letter.name) + "."
    owner = any(not each.copy for each in sample.letter.sections)
    return f"{sentence(sample.letter.name)}, {'à qui il revient d’agir' if owner else 'en copie'}."


def _copies(sample: Sample | PostedSample) -> str:
    if isinstance(sample, PostedSample):
        return "Personne."
    rules, section = sample.rules, sample.letter.sections[0]
    if section.step in EVENTS:
        letter = rules.letters[section.step]
        copies = letter.copies + (letter.if_labelled if section.occasion.get("verdict") == "labellise" else ())
    else:
        steps = rules.deadline_of(section.deadline).steps
        copies = next(step.copies for step in steps if str(step.offset) == section.step)
    return sentence(_titles(rules, copies)) + "."


def _steps(rules: Programme) -> Markup:
    rows = Markup("\n").join(
        Markup("<tr><th scope='row'>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>").format(
            deadline.title, _offset(step), step.letter, sentence(_titles(rules, step.copies))
        )
        for deadline in rules.deadlines.values()
        for step in deadline.steps
    )
    return Markup(
        "<div tabindex='0' role='region' aria-label='Étapes' style='overflow-x:auto'>"
        "<table><caption>Quelle lettre à quelle étape</caption><thead><tr><th scope='col'>Échéance</th>"
        "<th scope='col'>Étape</th><th scope='col'>Gabarit</th><th scope='col'>En copie</th></tr></thead>"
        "<tbody>{}</tbody></table></div>"
    ).format(rows)


def _offset(step: Step) -> str:
    return f"J{step.offset:+d}".replace("-", "−") if step.offset else "jour J"


def _titles(rules: Programme, roles: Iterable[Role]) -> str:
    return listing([rules.roles[role] for role in roles]) or "personne"
