"""A draft becomes a plain letter in French or English: short, and whole before the law.

What it must hold: the reasons, the exact addresses, who notifies and at which e-mail, the statement of good
faith. It stays short because a notice gives actual knowledge only if illegality shows without a detailed
legal examination.

Source: Regulation (EU) 2022/2065, art. 16(2) and 16(3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from vigie.qualification.rules.assessment import Answer
from vigie.qualification.rules.values import Ground, Language

from .draft import Claim, Draft, Notified

_PARIS = ZoneInfo("Europe/Paris")
_MONTHS_FR = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """Exactly what leaves: a subject, a plain text, and the language both are written in."""

    subject: str
    body_text: str
    language: Language


def compose(draft: Draft, language: str) -> Letter:
    """Return the letter for `draft`; any language but French gives the English one."""
    words = _FRENCH if language.lower().startswith("fr") else _ENGLISH
    blocks = list(_blocks(draft, words))
    return Letter(
        subject=words.subject(len(draft.contents), draft.reference),
        body_text="\n\n".join(block for block in blocks if block) + "\n",
        language=words.language,
    )


def moment_text(moment: datetime, language: str) -> str:
    """Return a moment in Paris time and in UTC, in words that need no convention to be read."""
    paris, utc = moment.astimezone(_PARIS), moment.astimezone(UTC)
    if language.lower().startswith("fr"):
        day = "1er" if paris.day == 1 else str(paris.day)
        return (
            f"{day} {_MONTHS_FR[paris.month - 1]} {paris.year} à {paris:%H} h {paris:%M}, heure de Paris "
            f"({utc:%Y-%m-%d %H:%M} UTC)"
        )
    return (
        f"{paris.day} {_MONTHS_EN[paris.month - 1]} {paris.year} at {paris:%H:%M} Paris time ({utc:%Y-%m-%d %H:%M} UTC)"
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """The sentences of one language."""

    language: Language
    subject_one: str
    subject_many: str
    greeting: str
    opening_one: str
    opening_many: str
    priority: str
    reference: str
    content: str
    heading: str
    address: str
    also: str
    identifier: str
    account: str
    published: str
    captured: str
    digest: str
    quoted: str
    media: str
    withheld: str
    ground: str
    provisions: str
    criteria: str
    reasons: str
    excluded: str
    manifest: str
    shown: str
    same: str
    good_faith: str
    person: str
    answer: str
    redress: str
    quote: str
    between: str

    def subject(self, contents: int, reference: str) -> str:
        return (self.subject_one if contents == 1 else self.subject_many).format(n=contents, reference=reference)


_FRENCH = _Words(
    language="fr",
    subject_one="Notification de contenu illicite (DSA, art. 16) – {reference}",
    subject_many="Notification de {n} contenus illicites (DSA, art. 16) – {reference}",
    greeting="Madame, Monsieur,",
    opening_one=(
        "Nous, {name}, vous notifions, en application de l’article 16 du règlement (UE) 2022/2065 (DSA), le "
        "contenu ci-dessous, accessible en France et illicite en droit français. Il ne s’agit pas d’un signalement au "
        "titre de vos conditions d’utilisation. Nous en demandons le retrait."
    ),
    opening_many=(
        "Nous, {name}, vous notifions, en application de l’article 16 du règlement (UE) 2022/2065 (DSA), les {n} "
        "contenus ci-dessous, accessibles en France et illicites en droit français. Il ne s’agit pas d’un signalement "
        "au titre de vos conditions d’utilisation. Nous en demandons le retrait."
    ),
    priority=(
        "Nous avons le statut de signaleur de confiance et les fondements invoqués relèvent de notre domaine "
        "d’expertise : cette notification est prioritaire et appelle une décision dans les meilleurs délais (DSA, art. 22)."
    ),
    reference="Référence à rappeler dans votre réponse : {reference}",
    content="LE CONTENU",
    heading="CONTENU {n}",
    address="Adresse exacte : {url}",
    also="Autre adresse : {url}",
    identifier="Identifiant : {key}",
    account="Compte affiché : {account}",
    published="Mis en ligne le {moment}",
    captured="Capturé par nos soins le {moment}",
    digest="Empreinte SHA-256 de la capture : {digest}",
    quoted="Mots concernés :",
    media="Ce que montre le contenu : {description}",
    withheld="Les informations en cause ne sont pas recopiées ici, pour ne pas les diffuser davantage.",
    ground="Fondement : {title}",
    provisions="Textes : {articles}",
    criteria="À raison de : {criteria}",
    reasons="Pourquoi ce contenu est illicite :",
    excluded=(
        "Le contexte a été examiné : aucune des causes qui écarteraient ce fondement n’y apparaît (citation pour "
        "dénoncer, information, satire ou autre cause prévue)."
    ),
    manifest=(
        "L’illicéité est manifeste : elle ressort des éléments ci-dessus sans examen juridique détaillé "
        "(DSA, art. 16(3))."
    ),
    shown="L’illicéité ressort des éléments ci-dessus, replacés dans leur contexte.",
    same="Fondement et raisons : les mêmes que pour le contenu {n}.",
    good_faith=(
        "Nous déclarons penser, de bonne foi, que les informations et les allégations que contient cette notification "
        "sont exactes et complètes (DSA, art. 16(2)(d))."
    ),
    person="Cette appréciation a été portée par une personne formée de notre association, et non par un automate.",
    answer=(
        "Merci d’en accuser réception dans les meilleurs délais, puis de nous notifier votre décision et les "
        "possibilités de recours (DSA, art. 16(4) et (5))."
    ),
    redress=(
        "En cas de refus, nous nous réservons d’introduire la réclamation interne que prévoit l’article 20, lorsqu’il "
        "s’applique."
    ),
    quote="« {text} »",
    between=" ; ",
)
_ENGLISH = _Words(
    language="en",
    subject_one="Notice of illegal content (DSA, Art. 16) – {reference}",
    subject_many="Notice of {n} items of illegal content (DSA, Art. 16) – {reference}",
    greeting="Dear Sir or Madam,",
    opening_one=(
        "We, {name}, notify you, under Article 16 of Regulation (EU) 2022/2065 (DSA), of the content below, accessible "
        "in France and illegal under French law. This is not a report under your terms and conditions. We ask for "
        "its removal."
    ),
    opening_many=(
        "We, {name}, notify you, under Article 16 of Regulation (EU) 2022/2065 (DSA), of the {n} items of content "
        "below, accessible in France and illegal under French law. This is not a report under your terms and "
        "conditions. We ask for their removal."
    ),
    priority=(
        "We hold the status of trusted flagger and the grounds invoked lie within our designated expertise: this "
        "notice is to be given priority and decided upon without undue delay (DSA, Art. 22)."
    ),
    reference="Reference to quote in your answer: {reference}",
    content="THE CONTENT",
    heading="CONTENT {n}",
    address="Exact address: {url}",
    also="Other address: {url}",
    identifier="Identifier: {key}",
    account="Account shown: {account}",
    published="Published on {moment}",
    captured="Captured by us on {moment}",
    digest="SHA-256 digest of the capture: {digest}",
    quoted="Words concerned, in their original language:",
    media="What the content shows: {description}",
    withheld="The information in question is not repeated here, so as not to spread it further.",
    ground="Ground: {title}",
    provisions="Provisions (French law): {articles}",
    criteria="By reason of: {criteria}",
    reasons="Why this content is illegal:",
    excluded=(
        "The context was examined: nothing in it would set this ground aside (quotation to denounce, information, "
        "satire or another cause provided for)."
    ),
    manifest=(
        "The illegality is manifest: it follows from the above without a detailed legal examination (DSA, Art. 16(3))."
    ),
    shown="The illegality follows from the above, read in its context.",
    same="Ground and reasons: the same as for content {n}.",
    good_faith=(
        "We declare our bona fide belief that the information and allegations contained in this notice are accurate "
        "and complete (DSA, Art. 16(2)(d))."
    ),
    person="This assessment was made by a trained person of our association, not by an automated tool.",
    answer=(
        "Please confirm receipt without undue delay, then notify us of your decision and of the available redress "
        "(DSA, Art. 16(4) and (5))."
    ),
    redress=(
        "Should you refuse, we reserve the right to lodge a complaint through your internal complaint-handling system "
        "(Article 20), where it applies."
    ),
    quote="“{text}”",
    between="; ",
)


def _blocks(draft: Draft, words: _Words) -> Iterator[str]:
    many = len(draft.contents) > 1
    yield words.greeting
    opening = words.opening_many if many else words.opening_one
    yield opening.format(name=draft.notifier.name, n=len(draft.contents))
    if draft.has_priority:
        yield words.priority
    yield words.reference.format(reference=draft.reference)
    for number, content in enumerate(draft.contents, 1):
        yield words.heading.format(n=number) if many else words.content
        yield _identification(content, words)
        yield from _words_concerned(content, words)
        same = _same_claims_before(draft, number - 1)
        if same is not None:
            yield words.same.format(n=same + 1)
            continue
        for claim in content.claims:
            yield from _claim(claim, words)
    statements = [words.good_faith] if draft.in_good_faith else []
    if draft.assessed_by_person:
        statements.append(words.person)
    yield "\n".join(statements)
    yield f"{words.answer} {words.redress}"
    notifier = draft.notifier
    yield "\n".join(line for line in (notifier.name, notifier.email, notifier.postal_address) if line)


def _identification(content: Notified, words: _Words) -> str:
    lines = [(words.address if number == 0 else words.also).format(url=url) for number, url in enumerate(content.urls)]
    lines.append(words.identifier.format(key=content.key))
    if content.account:
        lines.append(words.account.format(account=content.account))
    if content.published_at:
        lines.append(words.published.format(moment=moment_text(content.published_at, words.language)))
    if content.captured_at:
        lines.append(words.captured.format(moment=moment_text(content.captured_at, words.language)))
    if content.manifest_sha256:
        lines.append(words.digest.format(digest=content.manifest_sha256))
    return "\n".join(lines)


def _words_concerned(content: Notified, words: _Words) -> Iterator[str]:
    if content.withholds_words:
        yield words.withheld
    elif content.quotes:
        yield "\n".join([words.quoted, *(words.quote.format(text=quote.text) for quote in content.quotes)])
    if content.media_description:
        yield words.media.format(description=content.media_description)


def ground_heading(ground: Ground, language: str) -> str:
    """Return the line under which a letter invokes a ground."""
    words = _FRENCH if language.lower().startswith("fr") else _ENGLISH
    return words.ground.format(title=ground.title.said_in(words.language))


def _claim(claim: Claim, words: _Words) -> Iterator[str]:
    ground = claim.ground
    heading = [ground_heading(ground, words.language)]
    if ground.articles:
        heading.append(words.provisions.format(articles=words.between.join(ground.articles)))
    if claim.criteria:
        named = ", ".join(criterion.said_in(words.language) for criterion in claim.criteria)
        heading.append(words.criteria.format(criteria=named))
    yield "\n".join(heading)
    stated = [element.said.said_in(words.language) for element in claim.stated() if element.said]
    yield "\n".join([words.reasons, *(f"– {sentence}" for sentence in stated)])
    if claim.explanation.strip():
        yield claim.explanation.strip()
    closing = [words.manifest if ground.manifest_typically else words.shown]
    excluders = [claim.excluder_answers.get(excluder.id) for excluder in ground.excluders]
    if excluders and all(given is Answer.NO for given in excluders):
        closing.insert(0, words.excluded)
    yield " ".join(closing)


def _same_claims_before(draft: Draft, index: int) -> int | None:
    """Return the first earlier content with exactly the same claims: saying it once keeps the letter short."""
    for earlier in range(index):
        if draft.contents[earlier].claims == draft.contents[index].claims:
            return earlier
    return None
