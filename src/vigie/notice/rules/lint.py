"""What a platform could throw out, and what would hurt somebody, found before it leaves.

A blocking finding stops the notice; an advisory one is shown and a person decides. No finding is ever dropped
to make a notice pass.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from vigie.qualification.rules.assessment import Verdict
from vigie.qualification.rules.limitation import limitation
from vigie.qualification.rules.quotes import NoWords, WordsNotInContent, check_quotes
from vigie.qualification.rules.values import Bilingual, Catalogue, Status, Urgency

from .draft import Claim, Draft, Notified
from .letter import Letter, compose
from .pharos import goes_to_pharos_first

DSA_16 = "DSA, art. 16(2)"
DSA_22 = "DSA, art. 22(6)"
HOUSE = "règle de la maison"
# As many words in a row as this, taken from what somebody told us, could identify who told us.
TOLD_WORDS = 6
LONG_LETTER_CHARACTERS = 6000
REVIEWED_WITHIN = timedelta(days=366)
_PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the check found: which rule, whether it stops the notice, why, and where the rule comes from."""

    rule_id: str
    is_blocking: bool
    sentence: Bilingual
    source: str


@dataclass(frozen=True, slots=True)
class Reporter:
    """What is known of the person who reported and must not leave the house.

    `told` are their own words; a name, an e-mail address or a telephone number that stands in them is theirs too.
    """

    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    handles: tuple[str, ...] = ()
    receipt_codes: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the check needs to know beside the draft: the law as it stands now, and the moment."""

    catalogue: Catalogue
    now: datetime
    reporters: tuple[Reporter, ...] = ()


def lint(draft: Draft, letter: Letter, circumstances: Circumstances) -> tuple[Finding, ...]:
    """Return all that is wrong with this notice, blocking findings first.

    Source: Regulation (EU) 2022/2065, art. 16(2) (content of a notice), art. 22(6) and 23(2) (what imprecise or
    unfounded notices cost); house rules for the person who reported.
    """
    found = [
        *_of_the_sender(draft),
        *_of_the_contents(draft, circumstances),
        *_of_the_letter(draft, letter),
        *_of_the_reporters(draft, letter, circumstances.reporters),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: not finding.is_blocking))


def may_leave(findings: Iterable[Finding]) -> bool:
    """Say whether nothing found stops the notice."""
    return not any(finding.is_blocking for finding in findings)


def _block(rule_id: str, fr: str, en: str, source: str = HOUSE) -> Finding:
    return Finding(rule_id, True, Bilingual(fr, en), source)


def _advise(rule_id: str, fr: str, en: str, source: str = HOUSE) -> Finding:
    return Finding(rule_id, False, Bilingual(fr, en), source)


# --- who sends, and to whom ----------------------------------------------------------------------------------


def _of_the_sender(draft: Draft) -> Iterator[Finding]:
    notifier = draft.notifier
    if not notifier.name.strip():
        yield _block(
            "notifier-name", "Le nom de l’association manque : complétez les réglages.",
            "The association’s name is missing: fill in the settings.", f"{DSA_16}(c)",
        )  # fmt: skip
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", notifier.email):
        yield _block(
            "notifier-email", "L’adresse électronique de l’association manque ou n’en est pas une.",
            "The association’s e-mail address is missing, or is not one.", f"{DSA_16}(c)",
        )  # fmt: skip
    if not draft.reference.strip():
        yield _block(
            "reference", "La référence à rappeler manque : la réponse ne retrouverait pas sa notification.",
            "The reference to quote is missing: the answer could not find its notice.",
        )  # fmt: skip
    if not draft.in_good_faith:
        yield _block(
            "good-faith", "La déclaration de bonne foi manque.", "The statement of good faith is missing.",
            f"{DSA_16}(d)",
        )  # fmt: skip
    if not draft.assessed_by_person:
        yield _block(
            "human-author", "Aucune personne n’a porté cette appréciation : un automate ne notifie pas.",
            "No person made this assessment: a machine does not notify.",
        )  # fmt: skip
    if notifier.is_trusted_flagger and draft.claims() and not draft.has_priority:
        yield _advise(
            "outside-expertise",
            "Un fondement sort de votre domaine d’expertise : la priorité de signaleur de confiance n’est pas "
            "invoquée.",
            "A ground lies outside your designated expertise: trusted-flagger priority is not invoked.",
            "DSA, art. 22(1)",
        )


# --- what is notified ----------------------------------------------------------------------------------------


def _of_the_contents(draft: Draft, circumstances: Circumstances) -> Iterator[Finding]:
    if not draft.contents:
        yield _block("no-content", "Aucun contenu n’est notifié.", "No content is notified.", DSA_16)
    for number, content in enumerate(draft.contents, 1):
        where = f"n° {number}" if len(draft.contents) > 1 else ""
        for finding in (
            *_of_the_addresses(content),
            *_of_the_words(content),
            *_of_the_claims(content, circumstances),
        ):
            yield _located(finding, where)


def _located(finding: Finding, where: str) -> Finding:
    if not where:
        return finding
    sentence = Bilingual(
        f"Contenu {where}\u00a0: {finding.sentence.fr}", f"Content {where.replace('n° ', '')}: {finding.sentence.en}"
    )
    return Finding(finding.rule_id, finding.is_blocking, sentence, finding.source)


_SHORTENERS = frozenset({"t.co", "bit.ly", "tinyurl.com", "goo.gl", "ow.ly", "is.gd", "buff.ly", "lnkd.in", "t.ly"})
# Hosts where one path segment, or an @name alone, is an account and not a publication.
_PROFILE_PATHS = {
    "x.com": r"/[A-Za-z0-9_]+", "twitter.com": r"/[A-Za-z0-9_]+", "instagram.com": r"/[\w.]+",
    "facebook.com": r"/(?!watch|photo|story|permalink|groups|reel)[\w.]+", "tiktok.com": r"/@[\w.]+",
    "threads.net": r"/@[\w.]+", "threads.com": r"/@[\w.]+", "youtube.com": r"/(@[\w.-]+|channel/[\w-]+|c/[\w-]+)",
    "bsky.app": r"/profile/[\w.:-]+", "t.me": r"/(s/)?\w+", "twitch.tv": r"/\w+",
    "reddit.com": r"/(user|u|r)/[\w-]+", "linkedin.com": r"/in/[^/]+", "vk.com": r"/(?!wall)[\w.]+",
}  # fmt: skip
_NOT_A_PUBLICATION = frozenset({"account", "page", "site", "channel", "group"})


def _of_the_addresses(content: Notified) -> Iterator[Finding]:
    if not content.urls:
        yield _block("no-address", "L’adresse exacte manque.", "The exact address is missing.", f"{DSA_16}(b)")
    for url in content.urls:
        yield from _of_one_address(url, content.kind)
    if content.kind == "account":
        yield _advise(
            "account-notified", "C’est un compte entier qui est notifié, non une publication : est-ce voulu ?",
            "A whole account is notified, not one publication: is that meant?",
        )  # fmt: skip


def _of_one_address(url: str, kind: str) -> Iterator[Finding]:
    parts = urlsplit(url.strip())
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    if parts.scheme not in {"http", "https"} or not host or any(blank in url.strip() for blank in " \t\n"):
        yield _block(
            "address-not-exact",
            f"«\u00a0{url}\u00a0» n’est pas une adresse complète : elle doit commencer par https:// et nommer le site.",
            f"“{url}” is not a complete address: it must begin with https:// and name the site.",
            f"{DSA_16}(b)",
        )
        return
    if host in _SHORTENERS:
        yield _block(
            "address-shortened", f"«\u00a0{url}\u00a0» est une adresse raccourcie : donnez celle où elle mène.",
            f"“{url}” is a shortened address: give the one it leads to.", f"{DSA_16}(b)",
        )  # fmt: skip
        return
    path = parts.path.rstrip("/")
    is_home = not path and not parts.query
    is_profile = re.fullmatch(_PROFILE_PATHS.get(host, r"/@[\w.-]+(@[\w.-]+)?"), path) and not parts.query
    if kind not in _NOT_A_PUBLICATION and (is_home or is_profile):
        yield _block(
            "address-too-wide",
            f"«\u00a0{url}\u00a0» mène à un accueil ou à un profil, non à la publication : donnez son adresse exacte.",
            f"“{url}” leads to a home page or a profile, not to the publication: give its exact address.",
            f"{DSA_16}(b)",
        )
    elif is_home:
        yield _advise(
            "address-is-home", f"«\u00a0{url}\u00a0» est la page d’accueil d’un site : une page précise vaut mieux.",
            f"“{url}” is a site’s home page: a precise page is better.", f"{DSA_16}(b)",
        )  # fmt: skip


def _of_the_words(content: Notified) -> Iterator[Finding]:
    if content.withholds_words:
        if not content.media_description.strip():
            yield _block(
                "not-described", "Décrivez le contenu sans recopier les informations qu’il divulgue.",
                "Describe the content without repeating the information it discloses.", f"{DSA_16}(a)",
            )  # fmt: skip
        return
    if not content.quotes:
        if content.text.strip() or not content.media_description.strip():
            yield _block(
                "no-words",
                "Aucun mot n’est cité : sélectionnez les mots concernés, ou décrivez l’image ou le son "
                "s’il n’y en a pas.",
                "No words are quoted: select the words concerned, or describe the picture or sound if there are none.",
                f"{DSA_16}(a)",
            )
        return
    try:
        check_quotes(content.text, content.quotes)
    except (WordsNotInContent, NoWords):
        yield _block(
            "words-not-captured", "Des mots cités ne figurent pas tels quels dans le texte capturé.",
            "Some quoted words are not in the captured text as they stand.", f"{DSA_16}(a), (d)",
        )  # fmt: skip


def _of_the_claims(content: Notified, circumstances: Circumstances) -> Iterator[Finding]:
    if not content.claims:
        yield _block("no-ground", "Aucun fondement légal n’est invoqué.", "No legal ground is invoked.", f"{DSA_16}(a)")
    if len(content.claims) > 1:
        yield _advise(
            "several-grounds", "Plusieurs fondements : un seul, le plus solide, est lu plus vite.",
            "Several grounds: one alone, the strongest, is read faster.", "DSA, art. 16(3)",
        )  # fmt: skip
    for claim in content.claims:
        yield from _of_one_claim(claim, content, circumstances)
    if content.captured_at is None:
        yield _advise(
            "no-capture", "Aucune capture n’est jointe au dossier : si le contenu disparaît, rien ne le prouvera.",
            "The case holds no capture: if the content disappears, nothing will prove it.",
        )  # fmt: skip


def _of_one_claim(claim: Claim, content: Notified, circumstances: Circumstances) -> Iterator[Finding]:
    ground = claim.ground
    if not ground.can_stand_alone:
        yield _block(
            "not-a-ground", f"«\u00a0{ground.title.fr}\u00a0» ne peut pas fonder une notification : "
            f"{_WHY_NOT[ground.status].fr}.",
            f"“{ground.title.en}” cannot found a notice: {_WHY_NOT[ground.status].en}.", "catalogue",
        )  # fmt: skip
        return
    if ground.urgency is Urgency.CSAM:
        yield _block(
            "referral-only",
            "Ce contenu ne se notifie pas : l’adresse seule va à PHAROS ou à Point de Contact, puis est purgée.",
            "This content is not notified: the address alone goes to PHAROS or Point de Contact, then is purged.",
            "C. pén., art. 227-23",
        )
    yield from _of_the_law(claim, content, circumstances)
    yield from _of_the_reasons(claim)
    if ground.protected_criteria and not claim.criteria:
        yield _advise(
            "no-criterion",
            "Aucun critère n’est coché (origine, religion, sexe…) : la lettre ne dit pas à raison de quoi la personne ou "
            "le groupe est visé. Revenez à la qualification.",
            "No criterion is ticked (origin, religion, sex…): the letter does not say by reason of what the person or the "
            "group is targeted. Go back to the qualification.",
            f"{DSA_16}(a)",
        )
    yield from _worth_knowing(claim, content, circumstances)


_WHY_NOT = {
    Status.AGGRAVATING: Bilingual(
        "c’est une circonstance qui aggrave un autre fondement", "it only aggravates another ground"
    ),
    Status.NOT_AN_OFFENCE: Bilingual("ce n’est pas, ou plus, une infraction", "it is not, or no longer, an offence"),
    Status.DECLINE_REASON: Bilingual("c’est une raison de ne pas retenir", "it is a reason to decline"),
}


def _of_the_law(claim: Claim, content: Notified, circumstances: Circumstances) -> Iterator[Finding]:
    ground, today = claim.ground, _in_paris(circumstances.now)
    said_on = _in_paris(content.published_at) if content.published_at else today
    now_reads = circumstances.catalogue.grounds.get(ground.id)
    if now_reads is None or not now_reads.is_in_force_on(today):
        yield _block(
            "out-of-force",
            f"«\u00a0{ground.title.fr}\u00a0» n’est plus un fondement en vigueur (catalogue du "
            f"{circumstances.catalogue.version}) : requalifiez.",
            f"“{ground.title.en}” is no longer a ground in force (catalogue of {circumstances.catalogue.version}): "
            "qualify again.",
            "catalogue",
        )
    elif not ground.is_in_force_on(said_on):
        yield _block(
            "not-yet-in-force", "Ce texte n’était pas en vigueur le jour de la publication.",
            "This provision was not in force on the day of publication.", "catalogue",
        )  # fmt: skip
    elif claim.catalogue_version != circumstances.catalogue.version:
        yield _advise(
            "older-catalogue",
            f"Qualifié d’après le catalogue du {claim.catalogue_version} ; celui du "
            f"{circumstances.catalogue.version} est en usage.",
            f"Qualified under the catalogue of {claim.catalogue_version}; that of "
            f"{circumstances.catalogue.version} is in use.",
            "catalogue",
        )


def _of_the_reasons(claim: Claim) -> Iterator[Finding]:
    assessment = claim.assessment()
    if assessment.verdict is Verdict.MADE_OUT:
        return
    if assessment.verdict is Verdict.DOUBTFUL:
        if not claim.settled_by_jurist:
            yield _block(
                "doubt", "Un doute subsiste : il faut un second avis avant d’envoyer.",
                "A doubt remains: a second opinion is needed before sending.", DSA_22,
            )  # fmt: skip
        return
    missing = assessment.reasons[0].question.text
    yield _block(
        "reason-missing", f"Une condition n’est pas établie : «\u00a0{missing.fr}\u00a0»",
        f"One condition is not established: “{missing.en}”", f"{DSA_16}(a)",
    )  # fmt: skip


def _worth_knowing(claim: Claim, content: Notified, circumstances: Circumstances) -> Iterator[Finding]:
    ground, version = claim.ground, circumstances.catalogue.version
    if ground.id.startswith("provocation-") and not claim.explanation.strip():
        yield _advise(
            "say-which-call",
            "Dites quels mots appellent ou exhortent : un propos hostile sans appel n’est pas une provocation.",
            "Say which words call or exhort: a hostile statement without a call is not incitement.",
            "Cass. crim., 20 juin 2023",
        )
    if ground.id == "nazi-insignia":
        yield _advise(
            "symbol-as-image", "L’image d’un symbole diffusée en ligne ne relève pas de R. 645-1 : voyez l’apologie.",
            "A symbol posted as an image is not R. 645-1: consider apologia.",
            "Cass. crim., 5 septembre 2023, n° 22-85.540",
        )  # fmt: skip
    if not ground.manifest_typically:
        yield _advise(
            "rarely-manifest", "Ce fondement est rarement manifeste : la plateforme peut demander une analyse.",
            "This ground is rarely manifest: the platform may ask for an analysis.", "DSA, art. 16(3)",
        )  # fmt: skip
    if ground.verification.level.is_weak:
        yield _advise(
            "law-not-read", f"Fondement {ground.verification.label.fr} : à contrôler sur Légifrance.",
            f"Ground {ground.verification.label.en}: to be checked on Légifrance.", f"catalogue {version}",
        )  # fmt: skip
    if _in_paris(circumstances.now) - ground.verification.verified_at > REVIEWED_WITHIN:
        yield _advise(
            "law-not-reviewed", "Cette entrée du catalogue n’a pas été revue depuis plus d’un an.",
            "This entry of the catalogue has not been reviewed for more than a year.", f"catalogue {version}",
        )  # fmt: skip
    if goes_to_pharos_first(ground):
        yield _advise(
            "pharos-first", "PHAROS avant la plateforme : ses agents doivent voir le contenu avant qu’il disparaisse.",
            "PHAROS before the platform: its agents must see the content before it disappears.",
            "service-public.gouv.fr, R17674",
        )  # fmt: skip
    period = limitation(ground, content.published_at, circumstances.now)
    if period is not None and period.is_time_barred:
        yield _advise(
            "time-barred", "Prescrit pour l’action pénale ; le contenu reste illicite et notifiable.",
            "Time-barred for prosecution; the content stays illegal and notifiable.", period.basis,
        )  # fmt: skip


# --- the letter as it leaves ---------------------------------------------------------------------------------

_PLACEHOLDERS = (
    re.compile(r"\[(?!\s*(?:…|\.{3})\s*\])[^\]\n]{0,120}\]"),  # «[…]» is how words left out are marked
    re.compile(r"<[^<>@:\n]{1,60}>"),
    re.compile(r"\.{5,}|…{2,}"),
    re.compile(r"\{[^}\n]{0,120}\}"),
    re.compile(r"\bX{3,}\b"),
    re.compile(r"_{3,}"),
    re.compile(r"à compléter|to be completed|lorem ipsum", re.IGNORECASE),
    re.compile(r"\b(?:TODO|TBD|FIXME)\b"),
)


def _of_the_letter(draft: Draft, letter: Letter) -> Iterator[Finding]:
    ours = _without_the_contents(draft, f"{letter.subject}\n{letter.body_text}")
    for placeholder in _PLACEHOLDERS:
        left = placeholder.search(ours)
        if left:
            yield _block(
                "placeholder", f"Un passage reste à remplir : «\u00a0{left.group()}\u00a0»",
                f"A passage is still to be filled in: “{left.group()}”",
            )  # fmt: skip
            break
    limit = draft.addressee.max_characters
    if limit and len(letter.body_text) > limit:
        yield _advise(
            "longer-than-channel", f"Le texte fait {len(letter.body_text)} caractères ; ce canal en prend {limit}.",
            f"The text has {len(letter.body_text)} characters; this channel takes {limit}.",
        )  # fmt: skip
    if len(letter.body_text) > LONG_LETTER_CHARACTERS * max(1, len(draft.contents)):
        yield _advise(
            "long", "Le texte est long : l’illicéité doit apparaître sans examen approfondi.",
            "The text is long: illegality must show without detailed examination.", "DSA, art. 16(3)",
        )  # fmt: skip
    typed = [one for one in _typed_fields(draft) if one.strip() and one in letter.body_text]
    if letter.language != "fr" and typed:
        yield _advise(
            "typed-language", "Votre explication ou description est reprise telle quelle : vérifiez qu’elle est en anglais.",
            "Your explanation or description is taken over as it is: make sure that it is in English.",
        )  # fmt: skip
    if draft.addressee.languages and letter.language not in draft.addressee.languages:
        known = ", ".join(draft.addressee.languages)
        yield _advise(
            "language", f"{draft.addressee.name} traite les notifications en : {known}.",
            f"{draft.addressee.name} handles notices in: {known}.",
        )  # fmt: skip


def _without_the_contents(draft: Draft, text: str) -> str:
    """Return the text without what is not ours: addresses, keys, account names and quoted words."""
    for content in draft.contents:
        foreign = [*content.urls, content.key, content.account, *(quote.text for quote in content.quotes)]
        for piece in sorted(filter(None, foreign), key=len, reverse=True):
            text = text.replace(piece, " ")
    return text


# --- the person who reported ---------------------------------------------------------------------------------


def _of_the_reporters(draft: Draft, letter: Letter, reporters: Iterable[Reporter]) -> Iterator[Finding]:
    whole = f"{letter.subject}\n{letter.body_text}"
    ours = _without_the_contents(draft, whole)
    notifier = f"{draft.notifier.name}\n{draft.notifier.email}\n{draft.notifier.postal_address}"
    for reporter in map(_with_what_they_told, reporters):
        yield from _contact_details(reporter, whole, ours, notifier)
        yield from _names(reporter, draft, letter, ours, notifier)
        if _told_words(reporter, draft, ours):
            yield _block(
                "reporter-words",
                "La lettre reprend mot pour mot ce que la personne nous a écrit : dites-le avec vos mots.",
                "The letter repeats word for word what the person wrote to us: say it in your own words.",
            )


_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<!\d)(?:(?:\+|00)\d{1,3}[\s.\-()]*(?:\(0\)\s*)?|0)[1-9](?:[\s.\-]*\d{2}){4}(?!\d)")
_CALLED = re.compile(r"(?:m['’]appelle|mon nom est|my name is)\s+((?:[^\W\d_][\w'’-]+[ ]?){1,3})", re.IGNORECASE)


def _with_what_they_told(reporter: Reporter) -> Reporter:
    told = "\n".join(reporter.told)
    called = (found.group(1).split() for found in _CALLED.finditer(told))
    names = (" ".join(word for word in words if word[0].isupper()) for words in called)
    return replace(
        reporter,
        names=(*reporter.names, *filter(None, names)),
        emails=(*reporter.emails, *_EMAIL.findall(told)),
        phones=(*reporter.phones, *(found.group() for found in _PHONE.finditer(told))),
    )


def _leak(rule_id: str, what_fr: str, what_en: str) -> Finding:
    return _block(
        rule_id, f"La lettre contient {what_fr} de la personne qui a signalé : retirez-le.",
        f"The letter contains the reporter’s {what_en}: take it out.", "RGPD, art. 5 ; DSA, art. 17",
    )  # fmt: skip


def _contact_details(reporter: Reporter, whole: str, ours: str, notifier: str) -> Iterator[Finding]:
    folded = whole.casefold()
    for email in reporter.emails:
        if email.strip() and email.casefold().strip() in folded and email.casefold().strip() not in notifier.casefold():
            yield _leak("reporter-email", "l’adresse électronique", "e-mail address")
    for phone in reporter.phones:
        digits = re.sub(r"\D", "", phone)[-9:]
        if len(digits) >= 8 and _spaced(digits).search(ours):
            yield _leak("reporter-phone", "le numéro de téléphone", "telephone number")
    for code in reporter.receipt_codes:
        digits = re.sub(r"\D", "", code)
        if len(digits) >= 8 and _spaced(digits).search(ours):
            yield _leak("reporter-receipt", "le code de suivi", "receipt code")
    for handle in reporter.handles:
        name = handle.strip().lstrip("@")
        if name and re.search(rf"(?<![\w.]){re.escape(name)}(?![\w])", ours, re.IGNORECASE):
            yield _leak("reporter-handle", "le pseudonyme", "handle")


def _spaced(digits: str) -> re.Pattern[str]:
    """Return a pattern for these digits however a person spaces them."""
    return re.compile(r"(?<!\d)(?:\+?\d{1,5}[\s.\-()]*)?" + r"[\s.\-/()\u00a0\u202f]*".join(digits) + r"(?!\d)")


def _names(reporter: Reporter, draft: Draft, letter: Letter, ours: str, notifier: str) -> Iterator[Finding]:
    written = " ".join(_tokens(ours))
    typed = set(letter.body_text.splitlines()) - set(compose(draft, letter.language).body_text.splitlines())
    # One part alone may be a common word («claire», «paris»): looked for as a proper name, in what was typed.
    proper = {
        token
        for word in re.findall(r"\w+", " ".join([*typed, *_typed_fields(draft)]))
        if word[0].isupper()
        for token in _tokens(word)
    }
    quoted = " ".join(_tokens(" ".join(quote.text for content in draft.contents for quote in content.quotes)))
    for name in reporter.names:
        tokens = _tokens(name)
        if not tokens or _contains(" ".join(_tokens(notifier)), " ".join(tokens)):
            continue
        whole_name = len(tokens) > 1 and any(_contains(written, " ".join(order)) for order in (tokens, tokens[::-1]))
        if whole_name or _parts_of(name) & proper:
            yield _leak("reporter-name", "le nom", "name")
        elif _contains(quoted, " ".join(tokens)):
            yield _advise(
                "reporter-name-quoted", "Les mots cités contiennent le nom de la personne qui a signalé : vérifiez.",
                "The quoted words contain the reporter’s name: please check.",
            )  # fmt: skip


def _parts_of(name: str) -> set[str]:
    """Return the parts that name somebody, however they were typed: neither «de» nor «van», unless all is small."""
    words = re.findall(r"\w+", name)
    named = [word for word in words if word[0].isupper()] or words
    return {token for word in named if len(word) >= 3 for token in _tokens(word)}


def _typed_fields(draft: Draft) -> Iterator[str]:
    for content in draft.contents:
        yield content.media_description
        yield from (claim.explanation for claim in content.claims)


def _told_words(reporter: Reporter, draft: Draft, ours: str) -> bool:
    """Say whether the letter repeats a run of words from what somebody told us.

    What stands in the content, in the law or in the association's own name is not theirs, though they may have
    copied it.
    """
    public = set(_runs(f"{draft.notifier.name} {draft.notifier.postal_address}"))
    for content in draft.contents:
        public.update(_runs(content.text))
        for claim in content.claims:
            for text in _law_texts(claim):
                public.update(_runs(text))
    written = set(_runs(ours)) - public
    return any(run in written for told in reporter.told for run in _runs(told))


def _law_texts(claim: Claim) -> Iterator[str]:
    read: tuple[Callable[[Bilingual], str], ...] = (lambda text: text.fr, lambda text: text.en)
    for language in read:
        yield language(claim.ground.title)
        yield from (language(element.text) for element in claim.ground.elements)
        yield from (language(element.said) for element in claim.ground.elements if element.said)
    yield from claim.ground.articles


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    tokens = _tokens(text)
    for start in range(len(tokens) - TOLD_WORDS + 1):
        yield tuple(tokens[start : start + TOLD_WORDS])


def _tokens(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall(r"\w+", "".join(letter for letter in plain if not unicodedata.combining(letter)))


def _contains(words: str, sought: str) -> bool:
    return f" {sought} " in f" {words} "


def _in_paris(moment: datetime) -> date:
    return moment.astimezone(_PARIS).date()
