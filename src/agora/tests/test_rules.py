import pytest

from agora import invented, rules
from agora.invented import Verdict
from agora.rules import Address, Facts, Outcome

HOSTS = {"127.0.0.1:8081", "agora.example"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("voir http://127.0.0.1:8081/@corbeau_gris/posts/4102.", [("corbeau_gris", "4102")]),
        ("<http://127.0.0.1:8081/@corbeau_gris/posts/4102>", [("corbeau_gris", "4102")]),
        ("(https://agora.example/%40Corbeau_Gris/posts/4102/?lang=fr#p4102)", [("corbeau_gris", "4102")]),
        ("« http://agora.example/@meute_404 »", [("meute_404", None)]),
        ("http://agora.example/@a_b/posts/1 http://127.0.0.1:8081/@a_b/posts/1", [("a_b", "1")]),
        ("http://agora.example/ et http://agora.example/@a_b/posts/1", [("a_b", "1")]),
        ("http://agora.example/nulle-part", [(None, None)]),
        ("https://veilleurs.example/@corbeau_gris/posts/4102", []),
        ("https://agora.example.evil.example/@corbeau_gris/posts/4102", []),
        ("https://agora.example@evil.example/@corbeau_gris/posts/4102", []),
        ("http://[agora.example/@a_b/posts/1", []),
        ("aucune adresse", []),
    ],
)
def test_an_address_is_found_however_it_is_written(text: str, expected: list[tuple[str, str]]) -> None:
    found = rules.addresses_in(text, hosts=HOSTS)
    assert [(address.handle, address.post_id) for address in found] == expected


@pytest.mark.parametrize(
    ("notice", "is_quoted"),
    [
        ("Mots : « un sale Valdorien »", True),
        ("Words: “sale Valdorien”", True),
        ('Words: "Le vendeur"', True),
        ("Citation :\n> Le vendeur n'est qu'un sale Valdorien.", True),
        ("il écrit que le vendeur n’est qu’un sale valdorien, ce qui est une injure", True),
        ("« LE VENDEUR n'est qu'un… »", True),
        ("Ce post est une injure à raison de l’origine.", False),
        ("Il parle d’un vendeur sale.", False),
        ("« un gentil Valdorien »", False),
        ("«  »", False),
        ("", False),
    ],
)
def test_a_notice_must_quote_words_that_stand_in_the_post(notice: str, is_quoted: bool) -> None:
    assert rules.quotes_words_of(notice, ["Le vendeur n’est qu’un sale Valdorien.", ""]) is is_quoted


@pytest.mark.parametrize(
    ("declared", "text", "language"),
    [
        ("en-GB", "Bonjour, nous vous notifions", "en"),
        ("fr", "We notify you of the content", "fr"),
        ("", "Bonjour, nous vous notifions le contenu qui est à l’adresse", "fr"),
        ("", "Hello, we notify you of the content that is at this address", "en"),
        ("de", "http://agora.example/@a/posts/1", "fr"),
    ],
)
def test_the_answer_is_in_the_language_of_the_notice(declared: str, text: str, language: str) -> None:
    assert rules.language_of(text, declared=declared) == language


@pytest.mark.parametrize(
    ("facts", "notice", "outcome"),
    [
        (Facts(False, False, False, Verdict.ILLEGAL, ()), "« mots »", Outcome.NOT_FOUND),
        (Facts(True, False, True, Verdict.ILLEGAL, ("mots",)), "« mots »", Outcome.ALREADY_GONE),
        (Facts(True, False, False, Verdict.ILLEGAL, ("mots",)), "« mots »", Outcome.REMOVED),
        (Facts(True, True, False, Verdict.ILLEGAL, ("mots",)), "« mots »", Outcome.ACCOUNT_SUSPENDED),
        (Facts(True, False, False, Verdict.ILLEGAL, ("mots",)), "illicite", Outcome.MISSING_INFORMATION),
        (Facts(True, False, False, Verdict.LAWFUL, ("mots",)), "« mots »", Outcome.REFUSED),
        (Facts(True, False, False, Verdict.ASK_A_PERSON, ("mots",)), "« mots »", None),
    ],
)
def test_the_automatic_moderator_decides(facts: Facts, notice: str, outcome: Outcome | None) -> None:
    assert rules.decide(facts, notice=notice) == outcome


def test_an_address_without_handle_is_no_content() -> None:
    assert Address("http://agora.example/").handle is None


def test_a_reference_is_found_in_a_subject() -> None:
    assert rules.reference_in("Re: [AGORA-2026-000123] Décision") == "AGORA-2026-000123"
    assert rules.reference_in("Notification VIG-2026-0001") is None


def test_the_invented_world_is_as_described() -> None:
    """About forty posts by about a dozen accounts, unique ids, replies to posts that are there."""
    ids = [post.id for post in invented.POSTS]
    handles = {account.handle for account in invented.ACCOUNTS}
    assert len(ids) == len(set(ids)) >= 40
    assert 12 <= len(handles) <= 15
    assert {post.handle for post in invented.POSTS} <= handles
    assert {post.reply_to for post in invented.POSTS} - {None} <= set(ids)
    assert {post.kind for post in invented.POSTS if post.verdict is Verdict.ILLEGAL} == {
        "insult-origin", "provocation", "threat", "holocaust-denial", "insult-sexist", "insult-homophobic",
        "apologia", "doxxing", "raid", "coded", "image", "video",
    }  # fmt: skip
