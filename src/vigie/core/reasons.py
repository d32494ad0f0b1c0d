"""Why something was refused or could not be captured: a code for programs, a sentence for people.

The French sentence is sealed into `capture.json`, outside any request and any language setting; that is
why both languages stand here, side by side, and not in a message catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass

SENTENCES: dict[str, tuple[str, str]] = {
    # Addresses we do not visit.
    "not_an_address": (
        "Cette adresse ne se lit pas comme une adresse web : {detail}.",
        "This does not read as a web address: {detail}.",
    ),
    "not_web": (
        "Seules les adresses http et https sont visitées, pas « {detail} ».",
        "Only http and https addresses are visited, not “{detail}”.",
    ),
    "credentials": (
        "L’adresse contient un nom d’utilisateur ou un mot de passe ; retirez-les.",
        "The address carries a user name or a password; take them out.",
    ),
    "port": (
        "Le port {detail} n’est pas un port de site web habituel ; il n’est pas visité.",
        "Port {detail} is not a usual port of a web site; it is not visited.",
    ),
    "internal_address": (
        "{detail} mène à une adresse interne ou réservée, jamais visitée.",
        "{detail} leads to an internal or reserved address, never visited.",
    ),
    "unknown_host": (
        "Le nom {detail} ne répond pas dans le DNS : site disparu, mal écrit ou inconnu d’ici.",
        "The name {detail} does not answer in the DNS: site gone, misspelt or unknown from here.",
    ),
    "browser_own_call": (
        "Appel du navigateur à son éditeur ({detail}), sans rapport avec la page : bloqué.",
        "The browser’s own call to its maker ({detail}), unrelated to the page: blocked.",
    ),
    # What the other side did.
    "unreachable": (
        "Le serveur {detail} n’a pas accepté la connexion.",
        "The server {detail} did not accept the connection.",
    ),
    "bad_certificate": (
        "Le certificat du site n’est pas valable : {detail}.",
        "The certificate of the site is not valid: {detail}.",
    ),
    "broken_answer": (
        "La réponse du serveur est incomplète ou illisible : {detail}.",
        "The server’s answer is incomplete or unreadable: {detail}.",
    ),
    "too_many_redirects": (
        "Plus de {detail} redirections : arrêté là.",
        "More than {detail} redirects: stopped there.",
    ),
    "http_error": (
        "Le serveur a répondu par une erreur ({detail}) ; c’est cette réponse qui est gardée.",
        "The server answered with an error ({detail}); that answer is what was kept.",
    ),
    "is_download": (
        "L’adresse donne un fichier à télécharger ({detail}), pas une page ; il est gardé dans le WARC.",
        "The address gives a file to download ({detail}), not a page; it is kept in the WARC archive.",
    ),
    "not_html": (
        "La réponse n’est pas une page HTML mais {detail}.",
        "The answer is not an HTML page but {detail}.",
    ),
    "request_failed": (
        "Une partie de la page n’a pas pu être chargée : {detail}.",
        "A part of the page could not be loaded: {detail}.",
    ),
    "body_lost": (
        "Le contenu de cette réponse n’a pas été rendu par le navigateur : {detail}.",
        "The browser did not give the body of this answer: {detail}.",
    ),
    # What we refused or bounded.
    "time_limit": (
        "Pas terminé dans le temps permis ({detail} s).",
        "Not finished within the time allowed ({detail} s).",
    ),
    "killed": (
        "La capture ne rendait plus la main ; elle a été arrêtée de force après {detail} s.",
        "The capture no longer answered; it was ended by force after {detail} s.",
    ),
    "memory_limit": (
        "La page demandait plus de {detail} Mo de mémoire ; la capture a été arrêtée de force.",
        "The page asked for more than {detail} MB of memory; the capture was ended by force.",
    ),
    "size_limit": (
        "Plus de {detail} Mo reçus : le reste n’a pas été chargé.",
        "More than {detail} MB received: the rest was not loaded.",
    ),
    "height_limit": (
        "La page mesure {detail} ; l’image s’arrête avant la fin.",
        "The page measures {detail}; the picture stops before its end.",
    ),
    "popup": (
        "La page a voulu ouvrir une autre fenêtre ({detail}) : refusé.",
        "The page tried to open another window ({detail}): refused.",
    ),
    "dialog": (
        "La page a affiché une boîte de dialogue ({detail}) : refermée.",
        "The page showed a dialog ({detail}): dismissed.",
    ),
    "download": (
        "La page a voulu déposer un fichier ({detail}) : refusé.",
        "The page tried to drop a file ({detail}): refused.",
    ),
    "websocket": (
        "La page a ouvert une connexion continue ({detail}) dont l’échange n’est pas gardé.",
        "The page opened a continuous connection ({detail}) whose exchange is not kept.",
    ),
    # What we lack.
    "no_browser": (
        "Chromium n’est pas installé ici : seule la réponse du serveur est gardée, sans image ni script.",
        "Chromium is not installed here: only the server’s answer is kept, without picture or script.",
    ),
    "browser_failed": (
        "Le navigateur n’a pas pu travailler : {detail}.",
        "The browser could not work: {detail}.",
    ),
    "our_fault": (
        "Une panne de notre côté ({detail}) l’a empêché, après plusieurs essais.",
        "A fault on our side ({detail}) prevented it, after several attempts.",
    ),
    "nothing_received": (
        "Rien n’a été reçu qui permette de le faire.",
        "Nothing was received to make it from.",
    ),
    "authority_silent": (
        "L’autorité d’horodatage n’a pas donné de jeton utilisable : {detail}.",
        "The timestamp authority gave no usable token: {detail}.",
    ),
}


@dataclass(frozen=True)
class Reason:
    """One reason, with the particular of this occasion."""

    code: str
    detail: str = ""

    def sentence(self, language: str = "fr") -> str:
        french, english = SENTENCES[self.code]
        return (french if language.startswith("fr") else english).format(detail=self.detail)
