"""What an installation asks of a second reader, read once and refused with one sentence. Nothing is loaded here."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from vigie.core.environment import Environment
from vigie.core.errors import BadSetting, UnusableInput
from vigie.core.words import N_

SECOND_VARIABLES = (
    "VIGIE_DATA", "VIGIE_SECOND_READER", "VIGIE_SECOND_BAND", "VIGIE_SECOND_SHARE", "VIGIE_SECOND_LABELS",
    "VIGIE_SECOND_THREADS", "VIGIE_SECOND_MODEL", "VIGIE_SECOND_KEY_FILE", "VIGIE_SECOND_MAY_LEAVE",
    "VIGIE_SECOND_BUDGET", "VIGIE_SECOND_PRICE", "VIGIE_SECOND_A_MINUTE", "VIGIE_SECOND_SECONDS",
)  # fmt: skip


@dataclass(frozen=True)
class Price:
    """Euros for a million tokens, which is millionths of a euro for one."""

    given: float
    answered: float


@dataclass(frozen=True)
class Budget:
    """What may be spent in a day; None: no limit of that kind."""

    tokens: int | None = None
    micro_euros: int | None = None


@dataclass(frozen=True)
class OfFolder:
    """A model in a folder of this machine."""

    folder: Path
    labels: tuple[str, ...] = ()
    """Those that count as hateful; empty: guessed from the model's own names."""
    threads: int = 1


@dataclass(frozen=True)
class OfAddress:
    """A server that answers like OpenAI's, asked by chat."""

    address: str
    """Up to and with the version, as in https://llm.example/v1."""
    model: str
    key_file: Path | None = None
    may_leave: bool = False
    budget: Budget = Budget(tokens=200_000)
    price: Price | None = None
    texts_a_minute: int = 300
    seconds: int = 20


@dataclass(frozen=True)
class Choice:
    """The second reader of an installation, and what it is asked."""

    reader: OfFolder | OfAddress
    band: tuple[float, float]
    most_share: float
    data: Path
    """Where the day's counts are kept."""


def chosen(env: Environment) -> Choice | None:
    """Return what the settings ask for, or None where no second reader is.

    Raises:
        BadSetting: a value is nonsense, or one that is needed is missing.
    """
    where = env.text("VIGIE_SECOND_READER")
    if not where:
        return None
    is_address = "://" in where
    return Choice(
        reader=_of_address(env, where) if is_address else _of_folder(env, where),
        band=_band(env.text("VIGIE_SECOND_BAND") or "0.2-0.8"),
        most_share=env.integer("VIGIE_SECOND_SHARE", default=5, least=1, most=100) / 100,
        data=env.folder("VIGIE_DATA", default=Path("var")),
    )


def checked(env: Environment) -> Choice | None:
    """Return what the settings ask for, once the folder holds what a model needs and something here reads it.

    Nothing is loaded.

    Raises:
        BadSetting: as `chosen`, or the folder cannot serve here.
    """
    choice = chosen(env)
    if choice and isinstance(choice.reader, OfFolder):
        from .folder import look, require_for

        try:
            require_for(look(choice.reader.folder, choice.reader.labels))
        except UnusableInput as fault:
            raise BadSetting(fault.sentence, **fault.values) from fault
    return choice


def _of_folder(env: Environment, where: str) -> OfFolder:
    return OfFolder(
        folder=Path(where).expanduser().resolve(),
        labels=tuple(env.words("VIGIE_SECOND_LABELS")),
        threads=env.integer("VIGIE_SECOND_THREADS", default=1, least=1, most=256),
    )


def _of_address(env: Environment, where: str) -> OfAddress:
    address = env.web_address("VIGIE_SECOND_READER", default=where)
    parts = urlsplit(address)
    if parts.username or parts.query or parts.fragment:
        raise BadSetting(
            N_("VIGIE_SECOND_READER : une adresse sans mot de passe ni « ? », comme https://serveur.example/v1 ; la clé va dans VIGIE_SECOND_KEY_FILE.")
        )  # fmt: skip
    if parts.scheme == "http" and not _is_near(parts.hostname or ""):
        raise BadSetting(
            N_("VIGIE_SECOND_READER=%(address)s : les textes y partiraient en clair ; écrivez https://, ou l’adresse en chiffres d’une machine de votre réseau."),
            address=address,
        )  # fmt: skip
    if not env.boolean("VIGIE_SECOND_MAY_LEAVE"):
        raise BadSetting(
            N_("VIGIE_SECOND_READER=%(address)s enverrait des textes à cette adresse : si vous le voulez, écrivez VIGIE_SECOND_MAY_LEAVE=yes."),
            address=address,
        )  # fmt: skip
    model = env.text("VIGIE_SECOND_MODEL")
    if not model:
        raise BadSetting(
            N_("VIGIE_SECOND_READER est une adresse : VIGIE_SECOND_MODEL doit nommer le modèle à y demander.")
        )
    price = _price(env.text("VIGIE_SECOND_PRICE"))
    key_file = env.text("VIGIE_SECOND_KEY_FILE")
    if key_file:
        read_key(Path(key_file))
    return OfAddress(
        address=address,
        model=model,
        key_file=Path(key_file) if key_file else None,
        may_leave=True,
        budget=_budget(env.text("VIGIE_SECOND_BUDGET") or "200000 tokens", price),
        price=price,
        texts_a_minute=env.integer("VIGIE_SECOND_A_MINUTE", default=300, least=1, most=100_000),
        seconds=env.integer("VIGIE_SECOND_SECONDS", default=20, least=1, most=300),
    )  # fmt: skip


def read_key(file: Path) -> str:
    """Return the key that a file holds.

    Raises:
        BadSetting: there is none.
    """
    try:
        key = file.expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise BadSetting(N_("VIGIE_SECOND_KEY_FILE=%(file)s ne peut être lu."), file=file) from fault
    if not key or not key.isascii() or len(key.split()) != 1:
        raise BadSetting(N_("VIGIE_SECOND_KEY_FILE=%(file)s ne contient pas une clé, seule sur une ligne."), file=file)
    return key


def _is_near(host: str) -> bool:
    """Say whether a host is this machine, or one of its own network named by its number."""
    if host == "localhost":
        return True
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return False
    return number.is_loopback or number.is_private


def _band(given: str) -> tuple[float, float]:
    low, sign, high = given.partition("-")
    try:
        band = float(low), float(high)
    except ValueError:
        band = (1.0, 0.0)
    if not sign or not 0 <= band[0] <= band[1] <= 1:
        raise BadSetting(
            N_("VIGIE_SECOND_BAND=%(given)s : écrivez deux nombres de 0 à 1, comme 0.2-0.8 (0.2-1 y joint le haut)."),
            given=given,
        )
    return band


def _price(given: str) -> Price | None:
    if not given:
        return None
    first, sign, second = given.partition("/")
    try:
        price = Price(float(first), float(second))
    except ValueError:
        price = Price(-1, -1)
    if not sign or not (0 <= price.given < 1e6 and 0 <= price.answered < 1e6):
        raise BadSetting(
            N_("VIGIE_SECOND_PRICE=%(given)s : écrivez les euros par million de jetons donnés et répondus, comme 0.15/0.60."),
            given=given,
        )  # fmt: skip
    return price


def _budget(given: str, price: Price | None) -> Budget:
    number, _sign, unit = given.partition(" ")
    try:
        amount = float(number)
    except ValueError:
        amount = -1
    if unit not in {"tokens", "euros"} or not 0 < amount < 1e12:
        raise BadSetting(
            N_("VIGIE_SECOND_BUDGET=%(given)s : écrivez ce qui peut être dépensé par jour, comme « 200000 tokens » ou « 2 euros »."),
            given=given,
        )  # fmt: skip
    if unit == "tokens":
        return Budget(tokens=int(amount))
    if price is None:
        raise BadSetting(N_("VIGIE_SECOND_BUDGET est en euros : VIGIE_SECOND_PRICE doit dire le prix des jetons."))
    return Budget(micro_euros=int(amount * 1_000_000))
