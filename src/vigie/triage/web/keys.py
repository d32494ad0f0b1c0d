"""The keys, as the page that lists them says them. Each is declared again where it works, by `data-key`."""

from __future__ import annotations

from django.utils.translation import gettext as _

Keys = list[tuple[str, str]]


def row_keys() -> list[tuple[str, str, str]]:
    """Return the keys of a list of cases that have no button of their own: key, what the script does, words."""
    return [
        ("j", "next-row", _("Descendre d’un dossier")),
        ("k", "previous-row", _("Monter d’un dossier")),
        ("o", "open-row", _("Ouvrir le dossier, comme Entrée")),
        ("x", "pick-row", _("Choisir le dossier ; avec Maj, tous jusqu’à lui")),
    ]


def groups() -> list[tuple[str, Keys]]:
    """Return every key by page."""
    return [
        (
            _("Partout"),
            [
                ("?", _("Voir les touches de la page")),
                ("g f", _("Aller à la file d’attente")),
                ("g s", _("Aller aux suites")),
                ("g v", _("Aller à la veille")),
                ("g i", _("Aller aux imports")),
                ("g c", _("Aller aux chiffres")),
            ],
        ),
        (
            _("Dans la file"),
            [
                *[(key, said) for key, _does, said in row_keys()],
                ("n", _("Prendre le dossier suivant")),
                ("/", _("Retrouver un dossier")),
                ("f", _("Filtrer")),
                ("b", _("Agir sur les dossiers choisis")),
                ("u", _("Annuler la dernière action groupée")),
                ("s", _("Page suivante")),
            ],
        ),
        (
            _("Dans un dossier"),
            [
                ("p", _("Prendre ce dossier")),
                ("r", _("Rendre à la file")),
                ("n", _("Prendre le dossier suivant")),
                ("a", _("Ajouter un contenu au dossier")),
                ("v", _("Traiter ensemble avec les dossiers proches cochés")),
                ("m", _("Montrer ou masquer les mots")),
                ("i", _("Montrer ou retirer l’image, en gris et floue")),
                ("o", _("Montrer ou retirer les images de la publication, en gris et floues")),
                ("q", _("Qualifier")),
                ("e", _("Passer à l’étape suivante : notifier, ou ne pas retenir")),
            ],
        ),
        (
            _("Dans une qualification"),
            [
                ("q", _("Citer les mots choisis")),
                ("t", _("Citer tout le texte")),
                ("1 … 9", _("Ouvrir un fondement proposé ou trouvé")),
                ("f", _("Chercher dans tous les fondements")),
                ("a", _("Aller à la liste de tous les fondements")),
                ("o", _("Oui à toutes les conditions")),
                ("x", _("Rien ne l’exclut")),
                (_("Entrée"), _("Retenir ce fondement")),
                ("s", _("Aller à « Demander un second avis » ; Entrée le demande")),
                ("e", _("Ne pas retenir")),
                ("d", _("Revenir au dossier")),
            ],
        ),
    ]
