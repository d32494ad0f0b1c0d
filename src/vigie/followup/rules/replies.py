"""Read what a platform writes: a receipt, a decision, a question, a bounce. A suggestion, never a decision. Pure.

Each suggestion shows the sentence that made it. Where the letter says several different things, nothing is
suggested: a person reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from vigie.notice.rules.outcomes import MEANINGS, Outcome


class ReplyKind(StrEnum):
    """What kind of letter it seems to be."""

    RECEIPT = "receipt"
    DECISION = "decision"
    QUESTION = "question"
    BOUNCE = "bounce"
    AUTOMATIC = "automatic"  # an absence, a delay of delivery: nobody has read anything
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Suggestion:
    """What the letter seems to say, and the sentence it seems to say it in."""

    kind: ReplyKind
    outcome: Outcome | None = None
    sentence: str = ""


_BOUNCE = re.compile(
    r"(?:delivery (?:has |to the following recipients? |status notification )?(?:failed|failure)|undeliver(?:able|ed)"
    r"|could not be delivered|n'a pas pu être (?:remis|distribué|délivré)|mailbox (?:full|unavailable)"
    r"|(?:address|user|recipient) (?:rejected|unknown|not found))"
)
_ABSENCE = re.compile(
    r"out of (?:the )?office|on (?:annual |parental |maternity |sick )?leave\b|(?:i am|i'm|we are|currently) (?:away|on vacation|on holiday)"
    r"|(?:je suis|nous sommes|actuellement)(?: \w+)? (?:absente?s?|en congés?|en vacances|fermés)|absente?s? (?:du bureau|jusqu'au|pour)"
    r"|de retour le|(?:will be|be) back on|message d'absence|absence du bureau"
)
# In this order: what denies comes before what affirms («we have not removed» holds «removed»).
_OUTCOMES: tuple[tuple[Outcome, re.Pattern[str]], ...] = tuple(
    (outcome, re.compile(pattern))
    for outcome, pattern in (
        (
            Outcome.ALREADY_REMOVED,
            r"n'était déjà plus|était déjà (?:retiré|supprimé|indisponible)|déjà (?:indisponible|supprimé|retiré)"
            r"|already (?:been )?(?:removed|unavailable|deleted|taken down)|(?:is|was) no longer available",
        ),
        (
            Outcome.URL_NOT_FOUND,
            r"adresse (?:introuvable|incorrecte)|url (?:was )?not found|trouvé aucun contenu|found no content"
            r"|(?:could not|couldn't|cannot|can't|unable to|were not able to) (?:find|locate|access|open) (?:the|this|that|any|your)"
            r"|n'avons pas (?:pu )?(?:trouver|trouvé|localis\w+|accéd\w+)",
        ),
        (
            Outcome.NO_VIOLATION,
            r"(?:aucune|pas d') ?(?:infraction|violation|manquement)|n'avons (?:pas )?(?:constaté|relevé|identifié|trouvé) aucune? "
            r"|n(?:e|')(?:\w+ )?(?:viole|enfreint|contrevient|constitue)(?:nt)? pas|n'est pas (?:manifestement )?(?:illicite|contraire)"
            r"|(?:décidé de|choisi de) ne pas|n'avons pas (?:retiré|supprimé)|ne (?:sera|serait) pas (?:retiré|supprimé)|reste(?:ra)? en ligne"
            r"|no violations?\b|(?:did|does|do)(?: not|n't) (?:find|violate|break|breach|infringe|go against|contravene)"
            r"|(?:has|have|was|were|will)(?: not|n't) (?:been |be )?(?:removed|remove|taken down)|decided not to"
            r"|stays online|remains? (?:online|available)",
        ),
        (
            Outcome.ACCOUNT_REMOVED,
            r"suspendu (?:ce|le|son) compte|compte[^.]{0,40}(?:suspendu|supprimé|fermé|désactivé|clos)"
            r"|(?:suspended|terminated|removed|disabled|closed|banned) (?:this|the|their) account"
            r"|account[^.]{0,40}(?:suspended|terminated|removed|disabled|closed|banned)",
        ),
        (
            Outcome.GEO_RESTRICTION,
            r"(?:restrei\w+|bloqu\w+|inaccessible|indisponible)[^.]{0,60}(?:en france|dans (?:votre|ce) pays|sur le territoire)"
            r"|(?:restrict\w+|withh?e?ld|block\w+|disabled)[^.]{0,60}(?:in france|in your country|in the eu\b|in the european union)",
        ),
        (
            Outcome.REDUCED_VISIBILITY,
            r"(?:visibilité|diffusion|portée)[^.]{0,30}(?:réduite|limitée)|(?:limited|reduced)[^.]{0,30}(?:visibility|distribution|reach)",
        ),
        (
            Outcome.CONTENT_REMOVED,
            r"(?:avons|a été|ont été|est|sont)(?: \w+)? (?:retiré|supprimé|désactivé|enlevé)|contenus? retirés?|retrait (?:est )?effecti"
            r"|(?:we|we've|have|has|was|were|been)(?: \w+)? (?:removed|taken down|deleted)|took (?:it|this|the \w+) down|content removed",
        ),
        (
            Outcome.WARNING,
            r"(?:adressé|envoyé|donné) un avertissement|(?:issued|sent|given) a warning|warned the (?:user|author|account)",
        ),
        (
            Outcome.WRONG_RECIPIENT,
            r"mauvais (?:destinataire|service)|wrong (?:address|department|team|form|channel)"
            r"|(?:not|isn't|n'est pas) (?:monitored|surveillée|relevée)|only accept(?:s|ed)?[^.]{0,40}(?:form|portal)",
        ),
        (Outcome.NOT_AUTHORISED, r"(?:non|pas) habilité|not (?:an )?authori[sz]ed"),
        (Outcome.DUPLICATE, r"\bdoublon\b|déjà été signalé|\bduplicate\b|already been reported|already submitted"),
        (
            Outcome.MISSING_INFORMATION,
            r"il manque|informations? (?:manquante|complémentaire|supplémentaire)s?|pas suffisamment (?:précis|étay)"
            r"|(?:missing|additional|further|more|insufficient) (?:information|details?)|are missing|incomplete",
        ),
    )
)
_QUESTION = re.compile(
    r"(?:pourriez|pouvez)-vous|besoin d'une précision|merci de (?:nous )?(?:préciser|indiquer|confirmer)"
    r"|(?:could|can|would) you (?:please )?(?:clarify|confirm|provide|specify|tell|send)|need (?:one more|some more) detail"
    r"|please (?:clarify|confirm|provide|specify)"
)
_RECEIPT = re.compile(
    r"accusé de réception|(?:avons )?bien reçu|a (?:bien )?été (?:reçue?|enregistrée?)|merci (?:pour|de) votre (?:signalement|notification|message)"
    r"|confirmation of receipt|(?:we have|we've|has been|have) (?:successfully )?received|thank(?:s| you) for (?:your|submitting|reporting|contacting|the)"
    r"|(?:ticket|request|case|report)[^.]{0,40}(?:created|opened|received|submitted)"
)


def classify_reply(subject: str, body: str, *, is_bounce: bool = False) -> Suggestion:
    """Return what a letter seems to say.

    Args:
        body: plain text, with whatever it quotes of our own letter: that is left out here.
        is_bounce: its headers say that a machine returns our letter (RFC 3834, an empty return path).
    """
    sentences = list(_sentences(f"{_own_subject(subject)}\n{own_words(body)}"))
    bounce = _first(sentences, _BOUNCE)
    if is_bounce or bounce:
        return Suggestion(ReplyKind.BOUNCE, Outcome.NOT_RECORDED, bounce)
    found = _outcomes(sentences)
    absence = _first(sentences, _ABSENCE)
    decisions = {outcome: said for outcome, said in found.items() if MEANINGS[outcome].is_decision}
    if absence:
        # Somebody who is away has decided nothing; where the letter says more, a person reads it.
        return (
            Suggestion(ReplyKind.UNCLEAR)
            if decisions
            else Suggestion(ReplyKind.AUTOMATIC, Outcome.NOT_RECORDED, absence)
        )
    if len(decisions) > 1:
        return Suggestion(ReplyKind.DECISION, None, next(iter(decisions.values())))
    first = next(iter({**decisions, **found}.items()), None)
    if first is not None:
        kind = ReplyKind.QUESTION if first[0] is Outcome.MISSING_INFORMATION else ReplyKind.DECISION
        return Suggestion(kind, *first)
    question = _first(sentences, _QUESTION)
    if question:
        return Suggestion(ReplyKind.QUESTION, Outcome.MISSING_INFORMATION, question)
    receipt = _first(sentences, _RECEIPT)
    if receipt:
        return Suggestion(ReplyKind.RECEIPT, Outcome.ACKNOWLEDGEMENT_ONLY, receipt)
    return Suggestion(ReplyKind.UNCLEAR)


def own_words(body: str) -> str:
    """Return what the platform wrote itself: without the lines it quotes of our letter, or what follows them."""
    lines: list[str] = []
    for line in body.splitlines():
        if _QUOTED_BELOW.match(line.strip()):
            break
        if not line.lstrip().startswith((">", "|>")):
            lines.append(line)
    return "\n".join(lines)


_QUOTED_BELOW = re.compile(
    r"(?:-{2,} ?(?:original message|message d'origine|message original|forwarded message|message transféré)"
    r"|_{10,}|(?:on|le) .{6,90}(?:wrote|a écrit|écrivit) ?:$)",
    re.IGNORECASE,
)


def _own_subject(subject: str) -> str:
    """Return what they say in the subject, without the part they repeat from ours after «Re:»."""
    return re.split(r"\b(?:re|ré|réf|tr|fwd?)\s*:", subject, maxsplit=1, flags=re.IGNORECASE)[0]


def _sentences(text: str) -> Iterator[str]:
    for piece in re.split(r"(?<=[.!?])\s+|\n{2,}|\n(?=\s*[-–•*])|(?<=:)\s*\n", text):
        sentence = " ".join(piece.split())
        if sentence:
            yield sentence


def _outcomes(sentences: list[str]) -> dict[Outcome, str]:
    """Return the outcomes that stand in the letter, each with its first sentence; one sentence says one thing."""
    found: dict[Outcome, str] = {}
    for sentence in sentences:
        for outcome, pattern in _OUTCOMES:
            if pattern.search(_plain(sentence)) and not _CONDITIONAL.search(_plain(sentence)):
                found.setdefault(outcome, sentence)
                break
    return found


# «If it breaks our rules we will remove it» decides nothing.
_CONDITIONAL = re.compile(
    r"^(?:si |if |should |when |lorsque )|\bmay (?:be |have )|\b(?:will|would|could) (?:then )?(?:remove|review|take)"
    r"|\b(?:pourra|pourrait|pourrons|examinerons|retirerons)\b"
)


def _first(sentences: list[str], pattern: re.Pattern[str]) -> str:
    return next((sentence for sentence in sentences if pattern.search(_plain(sentence))), "")


def _plain(sentence: str) -> str:
    return sentence.lower().replace("’", "'").replace("\N{NO-BREAK SPACE}", " ")
