"""Agora's pages: a WSGI application with a table of routes, served by the standard library in threads.

Works without JavaScript, sets no cookie, asks nothing of third parties.
"""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIEnvironment

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from agora import invented, letters, moderation, pictures, rules
from agora.invented import Verdict
from agora.rules import Outcome, PostState
from agora.store import Decision, Letter, Message, NewNotice, Notice, Post
from agora.words import ENGLISH

if TYPE_CHECKING:
    from agora.service import Agora

_HERE = Path(__file__).parent
_MAX_FORM_BYTES = 100_000
_MAX_FIELDS = 500
_MAX_POST_CHARACTERS = 1000
_POSTS_PER_PAGE = 20
_POSTS_IN_FEED = 50
_HANDLE = re.compile(r"[a-z0-9_]{2,30}")
_MENTION = re.compile(r"(?<![\w.])@([a-z0-9_]{2,30})")
_EMAIL = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,255}")

_SECURITY_HEADERS = (
    ("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
     " base-uri 'none'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    # Not `no-referrer`: a form must say which origin it comes from, see `_comes_from_elsewhere`.
    ("Referrer-Policy", "same-origin"),
)  # fmt: skip

_STATE_WORDS = {
    PostState.ONLINE: "en ligne",
    PostState.REMOVED: "retirée par la modération",
    PostState.DELETED: "supprimée par son auteur",
    PostState.LOGIN_WALL: "derrière une connexion (401)",
    PostState.LOGIN_WALL_200: "derrière une connexion (200)",
    PostState.UNAVAILABLE: "indisponible (503)",
}
_BY_HAND = {
    Outcome.REMOVED: "Retirer",
    Outcome.REFUSED: "Refuser",
    Outcome.ACCOUNT_SUSPENDED: "Suspendre le compte",
    Outcome.QUESTION: "Poser une question",
    Outcome.SILENCE: "Ne rien répondre",
}
_VERDICTS = {
    Verdict.ILLEGAL: "le retirera, si la notification en cite les mots",
    Verdict.LAWFUL: "refusera : rien d’illicite",
    Verdict.ASK_A_PERSON: "laissera une personne décider sur la page Modération",
}
_MONTHS = {
    "fr": ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: Mapping[str, list[str]]
    form: Mapping[str, list[str]]
    language: str

    def asked(self, name: str) -> str:
        return self.query.get(name, [""])[0]

    def given(self, name: str) -> str:
        return self.form.get(name, [""])[0].replace("\r\n", "\n").strip()


@dataclass(frozen=True)
class Response:
    body: bytes
    status: HTTPStatus = HTTPStatus.OK
    content_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = field(default=())


View = Callable[..., Response]


class Site:
    """The WSGI application."""

    def __init__(self, agora: Agora) -> None:
        self._agora = agora
        self._store = agora.store
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {"mentions": _mentions, "iso": _iso, "rfc822": format_datetime, "tint": _tint}
        self._get: list[tuple[re.Pattern[str], View]] = [
            (re.compile(pattern), view)
            for pattern, view in (
                ("/", self._home),
                ("/@([A-Za-z0-9_]{2,30})", self._account),
                ("/@([A-Za-z0-9_]{2,30})/posts/([0-9]{1,12})", self._post),
                ("/ecrire", self._write_form),
                ("/signaler-un-contenu", self._report_form),
                ("/signaler-un-contenu/(AGORA-[0-9]{4}-[0-9]{6})", self._report_received),
                ("/moderation", self._moderation),
                ("/moderation/(AGORA-[0-9]{4}-[0-9]{6})", self._moderation_notice),
                ("/coulisses", self._backstage),
                ("/coulisses/([0-9]{1,12})", self._backstage_post),
                ("/connexion", self._login),
                ("/media/([a-z-]+)\\.png", self._picture),
                ("/static/([a-z]+\\.(?:css|svg))", self._static),
                ("/favicon\\.ico", self._favicon),
                ("/flux\\.xml", self._feed),
                ("/robots\\.txt", self._robots),
                ("/healthz", self._health),
            )
        ]
        self._post_views: list[tuple[re.Pattern[str], View]] = [
            (re.compile(pattern), view)
            for pattern, view in (
                ("/ecrire", self._write),
                ("/signaler-un-contenu", self._report),
                ("/moderation/robot", self._switch_bot),
                ("/moderation/(AGORA-[0-9]{4}-[0-9]{6})", self._decide),
                ("/coulisses/([0-9]{1,12})", self._change_post),
                ("/connexion", self._login),
            )
        ]

    # From WSGI to a view and back

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        response = self._respond(environ)
        headers = [
            ("Content-Type", response.content_type),
            ("Content-Length", str(len(response.body))),
            *_SECURITY_HEADERS,
            *response.headers,
        ]
        start_response(f"{response.status.value} {response.status.phrase}", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else response.body]

    def _respond(self, environ: WSGIEnvironment) -> Response:
        request = Request(
            method=environ["REQUEST_METHOD"],
            # WSGI hands the bytes of the path as Latin-1.
            path=environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace") or "/",
            query=_fields(environ.get("QUERY_STRING", "")),
            form={},
            language=_language(environ.get("HTTP_ACCEPT_LANGUAGE", "")),
        )
        if request.method in ("GET", "HEAD"):
            return self._dispatch(self._get, request)
        if request.method != "POST":
            return self._refusal(request, HTTPStatus.METHOD_NOT_ALLOWED, "Cette page ne s’utilise pas ainsi.")
        if _comes_from_elsewhere(environ):
            return self._refusal(request, HTTPStatus.FORBIDDEN, "Ce formulaire a été envoyé depuis un autre site.")
        length = environ.get("CONTENT_LENGTH") or "0"
        if not (length.isascii() and length.isdigit()) or int(length) > _MAX_FORM_BYTES:
            status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            return self._refusal(request, status, "Ce qui a été envoyé est trop long.")
        sent = environ["wsgi.input"].read(int(length)).decode("utf-8", "replace")
        return self._dispatch(self._post_views, replace(request, form=_fields(sent)))

    def _dispatch(self, routes: list[tuple[re.Pattern[str], View]], request: Request) -> Response:
        for pattern, view in routes:
            match = pattern.fullmatch(request.path)
            if match:
                return view(request, *match.groups())
        if request.path != "/" and request.path.endswith("/") and request.method != "POST":
            return _redirect(quote(request.path.rstrip("/") or "/", safe="/@"), HTTPStatus.MOVED_PERMANENTLY)
        return self._not_found(request)

    def _page(
        self, request: Request, template: str, *, status: HTTPStatus = HTTPStatus.OK, **values: object
    ) -> Response:
        language = request.language

        def translate(french: str) -> str:
            return french if language == "fr" else ENGLISH[french]

        html = self._templates.get_template(template).render(
            _=translate,
            language=language,
            path=request.path,
            base=self._agora.url,
            moment=lambda at: _moment(at, language),
            state_word=lambda post: translate(
                "compte suspendu" if post.account_is_suspended else _STATE_WORDS[post.state]
            ),
            outcome_word=lambda outcome: letters.TITLES[language][outcome],
            **values,
        )
        headers = (("Vary", "Accept-Language"), ("Content-Language", language), ("Cache-Control", "no-store"))
        return Response(html.encode(), status, headers=headers)

    # Refusals

    def _message(self, request: Request, status: HTTPStatus, title: str, text: str) -> Response:
        return self._page(request, "message.html", status=status, title=title, text=text)

    def _refusal(self, request: Request, status: HTTPStatus, text: str) -> Response:
        return self._message(request, status, "Demande refusée", text)

    def _not_found(self, request: Request) -> Response:
        return self._message(request, HTTPStatus.NOT_FOUND, "Page introuvable", "Il n’y a rien à cette adresse.")

    def _suspended(self, request: Request) -> Response:
        text = "Ce compte a été suspendu par la modération d’Agora."
        return self._message(request, HTTPStatus.FORBIDDEN, "Compte suspendu", text)

    # Posts and accounts

    def _home(self, request: Request) -> Response:
        number = request.asked("page")
        page = int(number) if re.fullmatch(r"[1-9][0-9]{0,3}", number) else 1
        posts, more = self._store.timeline(page=page, size=_POSTS_PER_PAGE)
        return self._page(request, "home.html", posts=posts, page=page, more=more)

    def _account(self, request: Request, handle: str) -> Response:
        if handle != handle.lower():
            return _redirect(f"/@{handle.lower()}", HTTPStatus.MOVED_PERMANENTLY)
        account = self._store.account(handle)
        if account is None:
            return self._not_found(request)
        if account.is_suspended:
            return self._suspended(request)
        return self._page(request, "account.html", account=account, posts=self._store.posts_of(handle))

    def _post(self, request: Request, handle: str, post_id: str) -> Response:
        if handle != handle.lower():
            return _redirect(f"/@{handle.lower()}/posts/{post_id}", HTTPStatus.MOVED_PERMANENTLY)
        post = self._store.post(post_id)
        if post is None or post.handle != handle:
            return self._not_found(request)
        if post.account_is_suspended:
            return self._suspended(request)
        match post.state:
            case PostState.REMOVED:
                title = "Ce contenu a été retiré par la modération"
                return self._message(
                    request, HTTPStatus.GONE, title, "La modération d’Agora a retiré cette publication."
                )
            case PostState.DELETED:
                title = "Publication supprimée par son auteur"
                text = "Cette publication a été supprimée par son auteur."
                return self._message(request, HTTPStatus.NOT_FOUND, title, text)
            case PostState.UNAVAILABLE:
                text = "Cette publication ne peut pas être affichée pour le moment. Réessayez plus tard."
                status = HTTPStatus.SERVICE_UNAVAILABLE
                return self._message(request, status, "Momentanément indisponible", text)
            case PostState.LOGIN_WALL:
                return self._page(request, "login.html", status=HTTPStatus.UNAUTHORIZED)
            case PostState.LOGIN_WALL_200:
                return self._page(request, "login.html")
            case PostState.ONLINE:
                parent = self._store.post(post.reply_to) if post.reply_to else None
                return self._page(
                    request,
                    "post.html",
                    post=post,
                    parent=parent if parent is not None and parent.is_online else None,
                    replies=[reply for reply in self._store.replies_to(post.id) if reply.is_online],
                )

    def _login(self, request: Request) -> Response:
        return self._page(request, "login.html", status=HTTPStatus.UNAUTHORIZED)

    # Writing

    def _write_form(self, request: Request) -> Response:
        parent = self._answerable(request.asked("reponse"))
        return self._write_page(request, parent=parent, given={}, errors={})

    def _write_page(
        self, request: Request, *, parent: Post | None, given: Mapping[str, str], errors: Mapping[str, str]
    ) -> Response:
        defaults = {
            "texte": "",
            "compte": invented.VISITOR,
            "langue": request.language,
            "verdict": Verdict.ILLEGAL,
        }
        return self._page(
            request,
            "write.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
            parent=parent,
            given={**defaults, **given},
            errors=errors,
            verdicts=_VERDICTS,
        )

    def _answerable(self, post_id: str) -> Post | None:
        post = self._store.post(post_id) if re.fullmatch(r"[0-9]{1,12}", post_id) else None
        return post if post is not None and post.is_online else None

    def _write(self, request: Request) -> Response:
        parent = self._answerable(request.given("reponse"))
        given = {name: request.given(name) for name in ("texte", "compte", "langue", "verdict")}
        handle = given["compte"].lower().removeprefix("@")
        errors: dict[str, str] = {}
        if not given["texte"]:
            errors["texte"] = "Écrivez quelque chose."
        elif len(given["texte"]) > _MAX_POST_CHARACTERS:
            errors["texte"] = "Votre texte dépasse 1 000 caractères."
        if not _HANDLE.fullmatch(handle):
            errors["compte"] = "Ce nom de compte n’est pas valable."
        elif handle != invented.VISITOR and self._store.is_invented(handle):
            errors["compte"] = "Ce nom est celui d’un compte inventé d’Agora : choisissez-en un autre."
        if given["langue"] not in ("fr", "en"):
            errors["langue"] = "Choisissez une réponse de la liste."
        if given["verdict"] not in list(Verdict):
            errors["verdict"] = "Choisissez une réponse de la liste."
        if errors:
            return self._write_page(request, parent=parent, given=given, errors=errors)
        with self._store.writing(_now()) as writing:
            post_id = writing.add_post(
                handle=handle,
                name=handle.capitalize(),
                text=given["texte"],
                lang=given["langue"],
                verdict=Verdict(given["verdict"]),
                reply_to=parent.id if parent else None,
            )
        return _redirect(f"/@{handle}/posts/{post_id}")

    # The notice form of DSA art. 16

    def _report_form(self, request: Request) -> Response:
        return self._report_page(request, given={"adresse": request.asked("adresse")}, errors={})

    def _report_page(self, request: Request, *, given: Mapping[str, str], errors: Mapping[str, str]) -> Response:
        empty = dict.fromkeys(("adresse", "motifs", "loi", "citation", "nom", "courriel", "bonne_foi"), "")
        return self._page(
            request,
            "report.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
            given={**empty, **given},
            errors=errors,
        )

    def _report(self, request: Request) -> Response:
        names = ("adresse", "motifs", "loi", "citation", "nom", "courriel", "bonne_foi")
        given = {name: request.given(name) for name in names}
        addresses = rules.addresses_in(given["adresse"], hosts=self._agora.hosts)
        required = {
            "adresse": ("Donnez au moins une adresse d’Agora.", bool(addresses)),
            "motifs": ("Expliquez pourquoi ce contenu est illicite.", bool(given["motifs"])),
            "citation": ("Citez les mots que vous estimez illicites.", bool(given["citation"])),
            "nom": ("Donnez un nom.", bool(given["nom"])),
            "courriel": ("Donnez une adresse e-mail valable.", bool(_EMAIL.fullmatch(given["courriel"]))),
            "bonne_foi": ("Cochez la déclaration de bonne foi.", bool(given["bonne_foi"])),
        }
        errors = {name: sentence for name, (sentence, is_right) in required.items() if not is_right}
        if errors:
            return self._report_page(request, given=given, errors=errors)
        body = "\n\n".join(
            (
                given["adresse"],
                given["motifs"],
                given["loi"],
                f"« {given['citation']} »",
                given["nom"],
                given["courriel"],
            )
        )
        new = NewNotice(
            door="form",
            sender=given["courriel"],
            answer_to=given["courriel"],
            subject="",
            language=request.language,
            addresses=addresses,
            body=body,
        )
        reference = moderation.receive(self._store, new, pace=self._agora.pace, now=_now())
        return _redirect(f"/signaler-un-contenu/{reference}")

    def _report_received(self, request: Request, reference: str) -> Response:
        notice = self._store.notice(reference)
        if notice is None or notice.door != "form":
            return self._not_found(request)
        return self._page(request, "report_received.html", notice=notice)

    # The moderation, played by whoever visits

    def _moderation(self, request: Request) -> Response:
        return self._page(
            request,
            "moderation.html",
            notices=self._store.notices(),
            bot_decides=self._agora.pace.bot_decides,
        )

    def _switch_bot(self, request: Request) -> Response:
        self._agora.let_bot_decide(request.given("robot") == "marche")
        return _redirect("/moderation")

    def _moderation_notice(self, request: Request, reference: str) -> Response:
        notice = self._store.notice(reference)
        if notice is None:
            return self._not_found(request)
        return self._notice_page(request, notice, errors={})

    def _notice_page(self, request: Request, notice: Notice, *, errors: Mapping[str, str]) -> Response:
        return self._page(
            request,
            "moderation_notice.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
            notice=notice,
            contents=[(address, self._notified_post(address)) for address in notice.addresses],
            choices=_BY_HAND,
            exchanges=_exchanges(notice),
            bot_decides=self._agora.pace.bot_decides,
            given={"decision": request.given("decision"), "note": request.given("note")},
            chosen=request.form.get("contenu", [str(n) for n in range(len(notice.addresses))]),
            errors=errors,
        )

    def _notified_post(self, address: rules.Address) -> Post | None:
        post = self._store.post(address.post_id) if address.post_id else None
        return post if post is not None and post.handle == address.handle else None

    def _decide(self, request: Request, reference: str) -> Response:
        notice = self._store.notice(reference)
        if notice is None:
            return self._not_found(request)
        decision, note = request.given("decision"), request.given("note")
        wanted = request.form.get("contenu", [])
        addresses = [address for number, address in enumerate(notice.addresses) if str(number) in wanted]
        errors: dict[str, str] = {}
        if decision not in list(_BY_HAND):
            errors["decision"] = "Choisissez une décision."
        elif decision == Outcome.QUESTION and not note:
            errors["note"] = "Écrivez votre question."
        elif decision == Outcome.QUESTION and not notice.answer_to:
            errors["decision"] = "Personne ne recevra cette question : le message était automatique."
        elif decision not in (Outcome.QUESTION, Outcome.SILENCE) and notice.addresses and not addresses:
            errors["contenu"] = "Choisissez au moins un contenu."
        if errors:
            return self._notice_page(request, notice, errors=errors)
        moderation.decide_by_hand(self._store, notice, Outcome(decision), addresses=addresses, note=note, now=_now())
        return _redirect(f"/moderation/{reference}")

    # Backstage: what happens to posts without the moderation

    def _backstage(self, request: Request) -> Response:
        return self._page(request, "backstage.html", posts=self._store.posts())

    def _backstage_post(self, request: Request, post_id: str) -> Response:
        post = self._store.post(post_id)
        if post is None:
            return self._not_found(request)
        return self._backstage_page(request, post, errors={})

    def _backstage_page(self, request: Request, post: Post, *, errors: Mapping[str, str]) -> Response:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
        text = request.given("texte") if errors else post.text
        return self._page(
            request,
            "backstage_post.html",
            status=status,
            post=post,
            text=text,
            states=_STATE_WORDS,
            errors=errors,
        )

    def _change_post(self, request: Request, post_id: str) -> Response:
        post = self._store.post(post_id)
        if post is None:
            return self._not_found(request)
        state, text = request.given("etat"), request.given("texte")
        errors: dict[str, str] = {}
        if state not in list(PostState):
            errors["etat"] = "Choisissez une réponse de la liste."
        if not text:
            errors["texte"] = "Écrivez quelque chose."
        elif len(text) > _MAX_POST_CHARACTERS:
            errors["texte"] = "Votre texte dépasse 1 000 caractères."
        if errors:
            return self._backstage_page(request, post, errors=errors)
        with self._store.writing(_now()) as writing:
            writing.set_post_state(post_id, PostState(state))
            if text != post.text:
                writing.edit_post(post_id, text)
        return _redirect(f"/coulisses#p{post_id}")

    # Files

    def _picture(self, request: Request, name: str) -> Response:
        picture = pictures.png(name)
        if picture is None:
            return self._not_found(request)
        return Response(picture, content_type="image/png", headers=(("Cache-Control", "public, max-age=3600"),))

    def _static(self, request: Request, name: str) -> Response:
        path = _HERE / "static" / name
        if not path.is_file():
            return self._not_found(request)
        kind = "text/css; charset=utf-8" if path.suffix == ".css" else "image/svg+xml"
        return Response(path.read_bytes(), content_type=kind)

    def _favicon(self, request: Request) -> Response:
        return _redirect("/static/agora.svg", HTTPStatus.MOVED_PERMANENTLY)

    def _feed(self, request: Request) -> Response:
        """The latest posts for those who follow by a feed reader (RSS 2.0)."""
        posts, _more = self._store.timeline(page=1, size=_POSTS_IN_FEED)
        template = self._templates.get_template("feed.xml")
        body = template.render(base=self._agora.url, posts=posts).encode()
        return Response(body, content_type="application/rss+xml; charset=utf-8")

    def _robots(self, request: Request) -> Response:
        return Response(b"User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")

    def _health(self, request: Request) -> Response:
        return Response(b"ok\n", content_type="text/plain; charset=utf-8")


@dataclass(frozen=True)
class Exchange:
    """One thing that was said or done about a notice, for its page."""

    kind: str
    at: datetime
    what: Message | Decision | Letter


def _exchanges(notice: Notice) -> list[Exchange]:
    received = [Exchange("message", message.received_at, message) for message in notice.messages]
    decided = [Exchange("decision", decision.decided_at, decision) for decision in notice.decisions]
    written = [Exchange("letter", letter.written_at, letter) for letter in notice.letters]
    return sorted(received + decided + written, key=lambda exchange: exchange.at)


def _now() -> datetime:
    return datetime.now(UTC)


def _fields(encoded: str) -> Mapping[str, list[str]]:
    """Return the fields of a query or a form; none at all of one with an absurd number of them."""
    try:
        return parse_qs(encoded, keep_blank_values=True, errors="replace", max_num_fields=_MAX_FIELDS)
    except ValueError:
        return {}


def _redirect(path: str, status: HTTPStatus = HTTPStatus.SEE_OTHER) -> Response:
    return Response(b"", status, headers=(("Location", path),))


def _comes_from_elsewhere(environ: WSGIEnvironment) -> bool:
    """Tell whether a form was sent by a page of another site, which no log-in would stop here."""
    origin = environ.get("HTTP_ORIGIN")
    return bool(origin) and urlsplit(origin).netloc != environ.get("HTTP_HOST")


def _language(accepted: str) -> str:
    """Return `en` when the browser prefers English to French, else `fr`."""
    weights = {"fr": 0.0, "en": 0.0}
    for wish in accepted.lower().split(","):
        tag, _, quality = wish.strip().partition(";q=")
        language = tag.partition("-")[0].strip()
        if language in weights:
            try:
                weight = float(quality) if quality else 1.0
            except ValueError:
                weight = 0.0
            weights[language] = max(weights[language], weight)
    return "en" if weights["en"] > weights["fr"] else "fr"


def _moment(at: datetime, language: str) -> str:
    month = _MONTHS[language][at.month - 1]
    return f"{at.day} {month} {at.year}, {at:%H:%M} UTC"


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _tint(handle: str) -> int:
    """Return one of eight tints, always the same for an account."""
    return sum(handle.encode()) % 8


def _mentions(text: str) -> Markup:
    """Return the text escaped, its `@names` linked to their accounts."""
    return Markup(_MENTION.sub(r'<a href="/@\1">@\1</a>', str(escape(text))))  # noqa: S704 — escaped on this line


class _Handler(WSGIRequestHandler):
    timeout = 30  # a connection that says nothing does not hold a thread for ever

    def log_message(self, format: str, *arguments: Any) -> None:
        """Log nothing: addresses asked for are nobody's business."""

    def address_string(self) -> str:
        return str(self.client_address[0])  # no name look-up


class WebServer(ThreadingMixIn, WSGIServer):
    """The standard library's WSGI server, one thread for each request, on a socket already bound."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, site: Site) -> None:
        address = listening.getsockname()
        super().__init__(address, _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening
        self.server_name, self.server_port = address[0], address[1]
        self.setup_environ()
        self.set_app(site)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a visitor who left; anything else is a bug and is printed."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def serve(self) -> None:
        self.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
