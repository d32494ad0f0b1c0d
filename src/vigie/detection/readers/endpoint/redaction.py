"""What names somebody is taken out of a text before it leaves: by its form alone, so a name written as a name stays.

>>> redacted("@amina écrit à a.b@exemple.fr, voir https://exemple.fr/x")
'[compte] écrit à [courriel], voir [lien]'
"""

from __future__ import annotations

import re

_FORMS = (
    ("[compte]", re.compile(r"(?<![\w/])(?:[@＠][\w.-]*\w(?:@[\w.-]*\w)?|/?u/[\w-]+)|\bdid:\w+:[\w.:-]+")),
    ("[courriel]", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("[lien]", re.compile(r"\b(?:https?://|www\.)\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|fr|org|net|eu|be|ch|social|io|gg|me|tv)(?:/\S*)?\b", re.I)),
    ("[téléphone]", re.compile(r"(?<!\w)(?:\+|0)\d?(?:[ .\-/()]{0,2}\d){8,14}(?!\w)")),
    ("[adresse]", re.compile(
        r"\b\d{1,4}(?:\s?(?:bis|ter|quater))?,?\s+(?:rue|avenue|av\.|boulevard|bd\.?|place|chemin|impasse|allée|quai|cours|route|square|street|road)"
        r"(?:\s+(?:de|du|des|la|le|les|l['’]|d['’])?\s*[\w'’-]+){1,4}", re.I)),
)  # fmt: skip


def redacted(text: str) -> str:
    """Return a text without accounts, mail addresses, links, telephone numbers and street addresses."""
    for name, form in _FORMS:
        text = form.sub(name, text)
    return text
