"""What the demonstration is made of, and how `vigie serve --demo` starts it. Free of Django."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from dataclasses import dataclass
from pathlib import Path

from vigie.core.words import N_
from vigie.site.serving import Part

PASSWORD = "vigie-demonstration"  # noqa: S105 printed at the start: it opens invented cases on this machine only
MAIL_DOMAIN = "veille.example"
NOTICE_ADDRESS = f"signalements@{MAIL_DOMAIN}"


@dataclass(frozen=True)
class Player:
    """A member of the demonstration; `roles` are names of the six roles."""

    name: str
    email: str
    association: str
    roles: tuple[str, ...]
    what: str

    @property
    def totp_secret(self) -> str:
        """A fixed secret: the second factor is real, and its code is shown on the log-in page of the demonstration."""
        return base64.b32encode(hashlib.sha256(self.email.encode()).digest()[:20]).decode()


PLAYERS = [
    Player(
        "Chloé",
        "chloe@veille.example",
        "veille-solidaire",
        ("lead", "moderator"),
        N_("responsable : fait tout le chemin"),
    ),
    Player("Bruno", "bruno@veille.example", "veille-solidaire", ("moderator",), N_("modération")),
    Player("Judith", "judith@veille.example", "veille-solidaire", ("jurist",), N_("juriste : seconds avis")),
    Player(
        "Anatole", "anatole@veille.example", "veille-solidaire", ("analyst",), N_("analyste : chiffres sans identités")
    ),
    Player(
        "Adèle",
        "adele@veille.example",
        "veille-solidaire",
        ("administrator",),
        N_("administration : ne voit aucun dossier"),
    ),
    Player("Victor", "victor@veille.example", "veille-solidaire", ("volunteer",), N_("bénévole : signale et suit")),
    Player(
        "Dario",
        "dario@rive.example",
        "autre-rive",
        ("lead", "moderator"),
        N_("une autre association : ne voit rien des autres"),
    ),
]


def totp_code(secret: str, at: float | None = None) -> str:
    """Return the six digits of RFC 6238 for this half minute (SHA-1, 30 s)."""
    counter = struct.pack(">Q", int((time.time() if at is None else at) // 30))
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


AGORA = """\
# Written by the demonstration at each start: what Vigie knows of Agora, the fictional network.
name: Agora
is_vlop: false
last_verified: 2026-11-20
verification: read
source: src/agora/README.md
addresses:
  base: {address}
  hosts: [{hosts}]
  parts: {{user: '[a-z0-9_]{{2,30}}', id: '[0-9]+'}}
  patterns:
    - {{kind: post, path: '/@{{user}}/posts/{{id}}', key: 'post:{{id}}', canonical: '/@{{user}}/posts/{{id}}', account: '{{user}}'}}
    - {{kind: account, path: '/@{{user}}', key: 'account:{{user}}', canonical: '/@{{user}}', account: '{{user}}'}}
notices:
  channel: email
  email: {{address: moderation@agora.example, verification: read}}
  forms: [{{url: '{address}/signaler-un-contenu', verification: read, what_for: Contenu illégal (DSA art. 16)}}]
  menu: Sous chaque publication, « Signaler un contenu illégal »
  takes_many_addresses: true
  needs_login: false
  languages: [fr, en]
"""


def demonstration(environment: dict[str, str], *, host: str, port: int) -> tuple[dict[str, str], list[Part]]:
    """Return the settings of the demonstration and the parts that start before the desk.

    Agora takes the two ports after the desk's; settings already given stay as they are.
    """
    data = Path(environment.get("VIGIE_DATA", "var")).resolve()
    agora = data / "agora"
    agora_port, smtp_port = port + 1, port + 2
    # By name: passkeys do not work on a bare number.
    name = "localhost" if host == "127.0.0.1" else host
    address = f"http://{name}:{agora_port}"
    hosts = list(dict.fromkeys([f"{name}:{agora_port}", f"{host}:{agora_port}"]))
    platforms = data / "platforms"
    platforms.mkdir(parents=True, exist_ok=True)
    (platforms / "agora.yaml").write_text(AGORA.format(address=address, hosts=", ".join(hosts)), encoding="utf-8")
    given = {
        "VIGIE_DATA": str(data),
        "VIGIE_DEMO": "1",
        "VIGIE_DEMO_AGORA": address,
        "VIGIE_SMTP_HOST": host,
        "VIGIE_SMTP_PORT": str(smtp_port),
        "VIGIE_SMTP_SECURITY": "none",
        "VIGIE_MAILBOX_VEILLE_SOLIDAIRE": f"maildir://{agora / 'mail' / MAIL_DOMAIN / 'signalements'}",
        "VIGIE_MAILBOX_EVERY": "1",
        "VIGIE_EXTRA_PLATFORMS": str(platforms),
        "VIGIE_CAPTURE_ALLOW_HOSTS_FOR_TESTS": ",".join(hosts),
        "VIGIE_PUBLIC_ORGANISATION": "veille-solidaire",
    }
    arguments = [
        "agora", "--host", host, "--port", str(agora_port), "--smtp-port", str(smtp_port), "--data", str(agora),
        "--public-url", address,
    ]  # fmt: skip
    settings = given | environment
    return settings, [Part("Agora", arguments, settings)]


def welcome(environment: dict[str, str]) -> str:
    """Return what a stranger needs to walk the demonstration."""
    desk = environment["VIGIE_URL"]
    players = "\n".join(f"    {player.email:<24} {player.what}" for player in PLAYERS)
    return f"""
Démonstration · demonstration (everything in it is invented)

  Signaler · report       {desk}/
  Suivre · follow         {desk}/suivi
  Bureau · desk           {desk}/bureau/
  Agora (réseau fictif)   {environment["VIGIE_DEMO_AGORA"]}/

  Mot de passe · password: {PASSWORD}   (second facteur : le code est affiché sur la page de connexion)
{players}

Ctrl-C arrête tout · stops everything.
"""
