import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from agora.testing import RunningAgora, running_agora


@pytest.fixture
def agora(tmp_path: Path) -> Iterator[RunningAgora]:
    with running_agora(tmp_path, manual=True) as running:
        yield running


class Answer:
    def __init__(self, answer: http.client.HTTPResponse | urllib.error.HTTPError) -> None:
        with answer:
            self.status, self.headers, self.url = answer.status, answer.headers, answer.url
            self.raw = answer.read()
        self.text = self.raw.decode("utf-8", "replace")


def get(url: str, *, form: dict[str, str] | None = None, method: str | None = None, **headers: str) -> Answer:
    data = None if form is None else urlencode(form).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data=data, headers=named, method=method)
    try:
        return Answer(urllib.request.urlopen(request, timeout=30))
    except urllib.error.HTTPError as error:
        return Answer(error)


def test_a_post_tells_machines_when_it_was_published_and_by_whom(agora: RunningAgora) -> None:
    post = agora.example_of("image")
    page = get(agora.address_of(post))
    published = post.published_at.isoformat(timespec="seconds")
    assert page.status == 200
    assert f'<meta property="article:published_time" content="{published}">' in page.text
    assert f'<time datetime="{published}">' in page.text
    assert f'<link rel="canonical" href="{agora.address_of(post)}">' in page.text
    assert f'<meta property="og:image" content="{agora.url}/media/mot-d-ordre.png">' in page.text
    assert get(f"{agora.url}/media/mot-d-ordre.png").raw.startswith(b"\x89PNG")


def test_a_thread_shows_what_is_answered_and_the_answers(agora: RunningAgora) -> None:
    page = get(agora.address_of(agora.post("4033")))
    assert page.text.count("on viendra tous les jours") == 3
    assert "je serai au micro demain" in get(agora.address_of(agora.post("4109"))).text


def test_pages_speak_french_first_and_english_to_those_who_prefer_it(agora: RunningAgora) -> None:
    assert '<html lang="fr">' in get(agora.url).text
    assert '<html lang="fr">' in get(agora.url, Accept_Language="de, fr;q=0.5, en;q=0.4").text
    english = get(agora.url, Accept_Language="en-GB,en;q=0.9,fr;q=0.8")
    assert '<html lang="en">' in english.text
    assert "Recent posts" in english.text
    assert english.headers["Vary"] == "Accept-Language"


def test_each_state_of_a_post_has_its_answer(agora: RunningAgora) -> None:
    post = agora.example_of("threat")
    address = agora.address_of(post)

    def seen() -> tuple[int, bool]:
        page = get(address)
        return page.status, "Je vais te tuer" in page.text

    assert seen() == (200, True)
    agora.login_wall(post)
    assert seen() == (401, False)
    assert 'type="password"' in get(address).text
    agora.login_wall(post, status=200)
    assert seen() == (200, False)
    agora.make_unavailable(post)
    assert seen() == (503, False)
    agora.delete_by_author(post)
    assert seen() == (404, False)
    assert "supprimée par son auteur" in get(address).text
    agora.remove(post)
    assert seen() == (410, False)
    assert "Ce contenu a été retiré par la modération" in get(address).text
    agora.restore(post)
    agora.edit(post, "Un autre texte.")
    assert "modifié" in get(address).text
    assert "article:modified_time" in get(address).text
    agora.suspend_account(post.handle)
    assert seen() == (403, False)
    assert get(agora.address_of_account(post.handle)).status == 403
    assert "Compte suspendu" in get(address).text


def test_what_is_gone_is_gone_from_every_page(agora: RunningAgora) -> None:
    raid = agora.post("4109")
    agora.remove(raid)
    for path in ("/", "/?page=2", f"/@{raid.handle}", "/@lison_m/posts/4033"):
        assert f"/posts/{raid.id}" not in get(agora.url + path).text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nulle-part", 404),
        ("/@personne", 404),
        ("/@gazette/posts/1", 404),
        ("/@gazette/posts/4101", 404),
        ("/@gazette/posts/999999999999", 404),
        ("/media/rien.png", 404),
        ("/static/..%2fweb.css", 404),
        ("/?page=-1", 200),
        ("/?page=9999", 200),
        ("/%FF", 404),
        ("/ecrire?reponse=abc", 200),
        ("/moderation/AGORA-2026-000009", 404),
        ("/signaler-un-contenu/AGORA-2026-000009", 404),
        ("/coulisses/1", 404),
        ("/robots.txt", 200),
        ("/healthz", 200),
    ],
)
def test_no_address_breaks_the_server(agora: RunningAgora, path: str, status: int) -> None:
    assert get(agora.url + path).status == status


def test_a_capital_or_a_slash_leads_to_the_one_address(agora: RunningAgora) -> None:
    assert get(f"{agora.url}/@Gazette/posts/4021/").url == f"{agora.url}/@gazette/posts/4021"


def test_head_answers_without_a_body_and_other_methods_are_refused(agora: RunningAgora) -> None:
    head = get(agora.url, method="HEAD")
    assert (head.status, head.raw) == (200, b"")
    assert int(head.headers["Content-Length"]) > 0
    assert get(agora.url, method="DELETE").status == 405


def test_pages_run_no_script_and_ask_nothing_of_others(agora: RunningAgora) -> None:
    for path in (
        "/",
        "/@meute_404/posts/4114",
        "/ecrire",
        "/signaler-un-contenu",
        "/moderation",
        "/coulisses",
    ):
        page = get(agora.url + path)
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["Set-Cookie"] is None
        assert "<script" not in page.text
        assert not re.search(r"""(?:src|href)=["'](?:https?:)?//(?!127\.0\.0\.1)""", page.text)


def test_a_visitor_writes_a_post_and_its_markup_stays_text(agora: RunningAgora) -> None:
    form = {"texte": "<b>Bonjour</b> @gazette", "compte": "Amina_9", "langue": "fr", "verdict": "illegal"}
    page = get(f"{agora.url}/ecrire", form=form)
    assert re.fullmatch(rf"{agora.url}/@amina_9/posts/9\d{{5}}", page.url)
    assert '&lt;b&gt;Bonjour&lt;/b&gt; <a href="/@gazette">@gazette</a>' in page.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"texte": "  "}, "Écrivez quelque chose."),
        ({"texte": "a" * 1001}, "Votre texte dépasse 1 000 caractères."),
        ({"compte": "a b"}, "Ce nom de compte n’est pas valable."),
        ({"compte": "gazette"}, "Ce nom est celui d’un compte inventé d’Agora"),
        ({"verdict": "?"}, "Choisissez une réponse de la liste."),
    ],
)
def test_a_post_that_cannot_be_published_says_why(agora: RunningAgora, changes: dict[str, str], sentence: str) -> None:
    before = len(agora.posts())
    form = {"texte": "Bonjour", "compte": "visiteur", "langue": "fr", "verdict": "lawful"} | changes
    page = get(f"{agora.url}/ecrire", form=form)
    assert page.status == 422
    assert sentence in page.text
    assert len(agora.posts()) == before


def _report(agora: RunningAgora, **changes: str) -> dict[str, str]:
    return {
        "adresse": agora.address_of(agora.post("4101")),
        "motifs": "Injure publique à raison de l’origine.",
        "loi": "Loi du 29 juillet 1881, article 33, alinéa 3",
        "citation": "sale Arabe",
        "nom": "Les Veilleurs",
        "courriel": "reponses@veilleurs.example",
        "bonne_foi": "oui",
    } | changes


def test_the_form_gives_a_reference_and_is_answered_by_mail(tmp_path: Path) -> None:
    with running_agora(tmp_path) as agora:
        page = get(f"{agora.url}/signaler-un-contenu", form=_report(agora))
        assert agora.notices()[0].reference in page.text
        receipt, decision = agora.wait_for_mail("reponses@veilleurs.example", count=2)
        assert receipt["In-Reply-To"] is None
        assert "contenu retiré" in decision["Subject"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"adresse": "https://ailleurs.example/@a/posts/1"}, "Donnez au moins une adresse d’Agora."),
        ({"motifs": ""}, "Expliquez pourquoi ce contenu est illicite."),
        ({"citation": ""}, "Citez les mots que vous estimez illicites."),
        ({"nom": ""}, "Donnez un nom."),
        ({"courriel": "personne"}, "Donnez une adresse e-mail valable."),
        ({"bonne_foi": ""}, "Cochez la déclaration de bonne foi."),
    ],
)
def test_an_incomplete_notice_says_what_is_missing(agora: RunningAgora, changes: dict[str, str], sentence: str) -> None:
    page = get(f"{agora.url}/signaler-un-contenu", form=_report(agora, **changes))
    assert page.status == 422
    assert sentence in page.text
    assert agora.notices() == []


def test_a_visitor_plays_the_moderator(agora: RunningAgora) -> None:
    get(f"{agora.url}/signaler-un-contenu", form=_report(agora))
    reference = agora.notices()[0].reference
    assert reference in get(f"{agora.url}/moderation").text
    page = f"{agora.url}/moderation/{reference}"
    assert get(page, form={"contenu": "0"}).status == 422
    assert get(page, form={"contenu": "0", "decision": "question"}).status == 422
    assert get(page, form={"decision": "removed"}).status == 422
    assert agora.post("4101").is_online
    answer = get(page, form={"contenu": "0", "decision": "removed", "note": "Merci."})
    assert "contenu retiré" in answer.text
    assert agora.post("4101").state == "removed"
    assert "Merci." in agora.wait_for_mail("reponses@veilleurs.example", count=2)[1].get_content()


def test_a_visitor_starts_and_stops_the_automatic_moderator(agora: RunningAgora) -> None:
    assert "est arrêté" in get(f"{agora.url}/moderation").text
    assert "décide des nouvelles" in get(f"{agora.url}/moderation/robot", form={"robot": "marche"}).text
    get(f"{agora.url}/signaler-un-contenu", form=_report(agora))
    agora.wait_for_mail("reponses@veilleurs.example", count=2)
    assert agora.post("4101").state == "removed"


def test_a_visitor_plays_the_author_and_the_failures(agora: RunningAgora) -> None:
    get(f"{agora.url}/coulisses/4101", form={"etat": "deleted", "texte": "Rien."})
    assert get(agora.address_of(agora.post("4101"))).status == 404
    assert agora.post("4101").text == "Rien."
    assert get(f"{agora.url}/coulisses/4101", form={"etat": "?", "texte": ""}).status == 422


def test_a_form_sent_by_another_site_is_refused(agora: RunningAgora) -> None:
    form = {"etat": "deleted", "texte": "Rien."}
    assert get(f"{agora.url}/coulisses/4101", form=form, Origin="https://ailleurs.example").status == 403
    assert get(f"{agora.url}/coulisses/4101", form=form, Origin="null").status == 403
    assert get(f"{agora.url}/coulisses/4101", form=form, Origin=agora.url).status == 200


def test_a_form_too_long_is_refused(agora: RunningAgora) -> None:
    assert get(f"{agora.url}/ecrire", form={"texte": "a" * 200_000}).status == 413


def test_a_feed_gives_the_latest_posts_with_their_addresses(agora: RunningAgora) -> None:
    post = agora.example_of("image")
    feed = get(f"{agora.url}/flux.xml")
    assert feed.headers["Content-Type"].startswith("application/rss+xml")
    items = {item.findtext("link"): item for item in ElementTree.fromstring(feed.raw).iter("item")}
    assert items[agora.address_of(post)].findtext("description") == post.text
