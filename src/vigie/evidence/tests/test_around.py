"""The posts around a content and its media, as a captured page tells them; what it does not tell is not known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.evidence.rules import around
from vigie.evidence.rules.around import Medium, MediumKind, read_around
from vigie.evidence.tests.test_hostile_markup import TOKENS

MANY = 20_000

PAGE = "https://reseau.example/fil/2"
THREAD = """<html><head><meta property="og:description" content="Le message en cause.">
<meta property="og:image" content="/media/chat.png"><meta property="og:image:alt" content="Un chat"></head><body><main>
<article><a href="/@ana"><img src="/a.png" width="40" height="40" alt="Ana"></a><time datetime="2026-11-01T10:00:00Z">hier</time><p>Le premier message.</p></article>
<article><p>Le message en cause.</p><figure><img src="/media/chat.png" srcset="/media/chat-2x.png 2x" alt="Un chat">
<figcaption>légende</figcaption></figure><video poster="/v.jpg"><source src="/v.webm"><source src="/v.mp4"></video>
<audio src="son.mp3"></audio></article>
<section><article><p>Une réponse.</p></article><article><p>Une autre.</p><script>var cache = 1;</script></article></section>
</main></body></html>"""


def texts(posts: tuple[around.Post, ...]) -> list[str]:
    return [post.text for post in posts]


def test_the_posts_before_and_after_the_content_are_told_in_their_order() -> None:
    found = read_around(THREAD, text="Le message  en cause.", addresses=[PAGE])
    assert found.is_known
    assert [post.text.splitlines()[-1] for post in found.before] == ["Le premier message."]
    assert found.before[0].at == "2026-11-01T10:00:00Z"
    assert texts(found.after) == ["Une réponse.", "Une autre."]


def test_the_media_of_the_content_are_named_and_those_of_others_are_not() -> None:
    found = read_around(THREAD, addresses=[PAGE])  # recognised by what the page says of itself
    site = "https://reseau.example"
    assert found.media == (
        Medium(MediumKind.PICTURE, (f"{site}/media/chat.png", f"{site}/media/chat-2x.png"), "Un chat"),
        Medium(MediumKind.POSTER, (f"{site}/v.jpg",)),
        Medium(MediumKind.VIDEO, (f"{site}/v.webm", f"{site}/v.mp4")),
        Medium(MediumKind.SOUND, (f"{site}/fil/son.mp3",)),
    )


def test_posts_and_comments_of_schema_org_are_read_with_the_words_that_their_markup_names() -> None:
    page = """<div itemscope itemtype="https://schema.org/DiscussionForumPosting" itemid="/fil/2"><div>Ana, 3 amis</div>
    <div itemprop="text">Le <div>sujet</div> du fil.</div><div>Partager</div>
    <div itemprop="comment" itemscope itemtype="http://schema.org/Comment"><div itemprop="text">Dedans.</div></div></div>
    <div itemscope itemtype="http://schema.org/Comment"><span itemprop="text">Après.</span></div>"""
    found = read_around(page, addresses=[PAGE])
    assert found.is_known
    assert (found.before, texts(found.after)) == ((), ["Dedans.", "Après."])
    assert texts(read_around(page, text="après.").before) == ["Le\nsujet\ndu fil.", "Dedans."]


def test_a_page_that_does_not_tell_which_post_it_is_about_is_said_not_to() -> None:
    page = "<article>Un.<img src='/un.png'></article><article>Deux.</article>"
    found = read_around(page, text="Trois.", addresses=[PAGE])
    assert (found.is_known, texts(found.before), found.after, found.media) == (False, ["Un.", "Deux."], (), ())
    assert read_around("<div>Rien de dit.</div>", text="Rien de dit.") == around.Around(is_known=False)


def test_a_huge_page_is_bounded_and_says_so() -> None:
    many = "".join(
        f"<article>Message {number}.{'x' * 3000}<img src='/{number}.png'></article>" for number in range(1000)
    )
    found = read_around(f"{many}<article>Le message.</article>", text="Message 30.", addresses=[PAGE])
    assert found.is_cut
    assert len(found.before) == len(found.after) == around.MAX_SHOWN
    assert (found.more_before, found.more_after) == (30 - around.MAX_SHOWN, around.MAX_POSTS - 31 - around.MAX_SHOWN)
    assert all(post.is_cut and len(post.text) == around.MAX_POST for post in found.after)
    album = read_around(f"<article>{f'<img src=/a?{1}>'}{''.join(f'<img src=/{n}>' for n in range(99))}</article>", addresses=[PAGE])  # fmt: skip
    assert len(album.media) == around.MAX_MEDIA


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:image/png;base64,AAAA", "file:///etc/passwd", "http://[", "blob:x", "x" * 5000])  # fmt: skip
def test_only_addresses_of_the_web_are_media(address: str) -> None:
    assert read_around(f"<article>Un.<img src='{address}'></article>", addresses=[PAGE]).media == ()


@pytest.mark.parametrize(
    "trap", ["<article>", "<article><div>", "<video>", "<source src=/a>", "<img src=/a>", "<div itemprop=text>", "<a "]
)
def test_a_page_that_repeats_itself_is_read_in_one_go(trap: str) -> None:
    read_around(trap * MANY, text="Un message.", addresses=[PAGE])
    read_around(f"<article>{trap * MANY}Un message.</article>", text="Un message.", addresses=[PAGE])


@given(
    st.lists(st.sampled_from([*TOKENS, "<article>", "</article>", "<video>", "</div>", "<div itemprop=text>"])).map(
        "".join
    )
)
def test_no_markup_makes_reading_fail(page: str) -> None:
    read_around(page, text="x", addresses=[PAGE])
