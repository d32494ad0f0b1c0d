"""What names somebody by its form does not leave; the rest does, unchanged."""

from __future__ import annotations

import pytest

from vigie.detection.readers.endpoint.redaction import redacted


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("@amina_93 dit non", "[compte] dit non"),
        ("avec @amina@toot.example, et .@bruno.bsky.social", "avec [compte], et .[compte]"),
        ("écris à amina.b+x@exemple.fr", "écris à [courriel]"),
        ("vu sur https://exemple.fr/amina?x=1 hier", "vu sur [lien] hier"),
        ("vu sur exemple.com/amina", "vu sur [lien]"),
        ("u/amina et /u/bruno", "[compte] et [compte]"),
        ("did:plc:abc123 parle", "[compte] parle"),
        ("appelle le 06 12 34 56 78 ou +33 6.12.34.56.78", "appelle le [téléphone] ou [téléphone]"),
        ("il habite 12 bis, rue des Lilas, à droite", "il habite [adresse], à droite"),
        ("le 2026-11-20, 20 % des 8 000 personnes, score 14.88", "le 2026-11-20, 20 % des 8 000 personnes, score 14.88"),
        ("l’article 24 al. 7 de 1881", "l’article 24 al. 7 de 1881"),
    ],
)  # fmt: skip
def test_what_names_somebody_is_taken_out(text: str, left: str) -> None:
    assert redacted(text) == left
