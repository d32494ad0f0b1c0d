"""Drive one Chromium through one visit. Runs in its own process, started by `warden.py`.

Each step has its own bound inside the visit's, and each step that fails is recorded as missing with the
reason, so that what was kept and what was not can both be shown. Everything found is on disk at once: a
visit killed from outside still leaves what it had.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import platform
import sys
import time
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Dialog,
    Download,
    Page,
    Request,
    Route,
    WebSocket,
    async_playwright,
)
from playwright.async_api import Error as PlaywrightError

from vigie import __version__
from vigie.evidence.captures.chromium.job import Job
from vigie.evidence.captures.chromium.proxy import Proxy
from vigie.evidence.captures.page import DOM, SCREENSHOT, TEXT, WARC, Visit, utc_now
from vigie.evidence.captures.warc import Exchange, WarcFile
from vigie.evidence.guard import Blocked, Guard
from vigie.evidence.rules.reasons import Missing, Reason
from vigie.evidence.rules.seen import tidy

LOCALE = "fr-FR"
TIMEZONE = "Europe/Paris"
SETTLE_SECONDS = 6.0  # waited for the network to fall silent, after loading and again after scrolling
SILENCE_SECONDS = 0.5  # without a request under way: silent
ANSWER_SECONDS = 5.0  # for one small question to the page
STEP_SECONDS = 12.0  # one reading of the page; a script that never yields is left there
LISTED_PARTS = 60  # parts of the page listed one by one as missing; the rest is counted

FLAGS = [
    "--disable-quic",  # UDP would pass beside the proxy
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # the proxy resolves; Chromium never does
    "--dns-prefetch-disable",
    "--no-pings",
    "--disable-domain-reliability",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--disable-extensions",
    "--disable-notifications",
    "--deny-permission-prompts",
    "--disable-print-preview",
    "--disable-gpu",
    "--disable-3d-apis",
    "--mute-audio",
]


class Recorder:
    """What one visit sees, written down as it happens."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.folder = Path(job.folder)
        self.limits = job.limits
        self.deadline = time.monotonic() + job.limits.seconds
        # The last part of the time is for reading what has come.
        self.browse_until = self.deadline - min(2 * STEP_SECONDS, job.limits.seconds / 3)
        self.guard = Guard(allowed_for_tests=frozenset(job.allowed_for_tests))
        self.proxy = Proxy(self.guard, self.limits, on_full=self._full)
        self.visit = Visit(
            asked=job.url,
            method="chromium",
            started_at=utc_now(),
            software=_software(),
            options={
                "locale": LOCALE,
                "timezone": TIMEZONE,
                "window": [self.limits.width_px, self.limits.window_height_px],
                "profile": "new, temporary",
                "service_workers": "blocked",
                "sandbox": job.has_sandbox,
                "limits": self.limits.as_json(),
                "warc": "bodies as decoded by the browser (CDP); web socket frames are not kept",
            },
        )
        self.page: Page | None = None
        self.navigations = 0
        self.is_loaded = False
        self.is_stopped = False
        self.is_download = False
        self._under_way: set[Request] = set()
        self._last_stir = time.monotonic()
        self._decoded = 0
        self._warc: WarcFile | None = None
        self._writing: set[asyncio.Task[None]] = set()

    # -- the way of the visit ------------------------------------------------

    async def run(self) -> None:
        """Make the visit; whatever happens, `visit.json` tells it."""
        self.save()
        port = await self.proxy.start()
        with WarcFile(self.folder / WARC) as self._warc:
            try:
                playwright = await async_playwright().start()
                browser = await playwright.chromium.launch(
                    executable_path=self.job.chromium,
                    headless=True,
                    chromium_sandbox=self.job.has_sandbox,
                    proxy={"server": f"http://127.0.0.1:{port}", "bypass": "<-loopback>"},
                    args=FLAGS,
                    timeout=30_000,
                )
                self.visit.software["chromium"] = browser.version
                self.save()
                await self._tour(browser)
            except (PlaywrightError, TimeoutError) as error:
                self.visit.lacks(Missing("page", Reason("browser_failed", _first_line(error))))
            await self._finish_writing()
        await self.proxy.stop()
        self._close()

    async def _tour(self, browser: Browser) -> None:
        context = await browser.new_context(
            locale=LOCALE,
            timezone_id=TIMEZONE,
            service_workers="block",
            accept_downloads=False,
            viewport={"width": self.limits.width_px, "height": self.limits.window_height_px},
        )
        self._listen(context)
        await context.route("**/*", self._route)
        page = self.page = await context.new_page()
        session = await context.new_cdp_session(page)
        await session.send("Network.enable", {"maxResourceBufferSize": self.limits.max_body_bytes})
        session.on("Network.dataReceived", self._data)
        if await self._arrive(page):
            await self._settle()
            await self._scroll(page)
            await self._settle()
            await self._read(page, session)

    async def _arrive(self, page: Page) -> bool:
        """Go there; say whether a page of the site is what now stands in the window."""
        try:
            response = await page.goto(self.job.url, wait_until="commit", timeout=self._left() * 1000)
        except PlaywrightError as error:
            self._not_arrived(error)
            return False
        if response is not None:
            self.visit.status = response.status
            self.save()
        while self._is_browsing() and not self.is_loaded:
            self.is_loaded = await self._ask(page, "() => document.readyState") == "complete"
            await asyncio.sleep(0.1)
        return True

    def _not_arrived(self, error: PlaywrightError) -> None:
        self.is_download = self.is_download or "Download is starting" in error.message
        if self.is_download:
            return
        if any(entry.what == "page" for entry in self.visit.missing):
            return  # the failed request has already told why
        reason = Reason("time_limit", str(self.limits.seconds))
        if "Timeout" not in error.message:
            reason = self._reason_for(self.job.url, _first_line(error))
        self.visit.lacks(Missing("page", reason))

    async def _settle(self) -> None:
        """Wait until the page asks for nothing more; one that never falls silent is read as it stands."""
        until = min(time.monotonic() + SETTLE_SECONDS, self.browse_until)
        while self._is_browsing() and time.monotonic() < until:
            if not self._under_way and time.monotonic() - self._last_stir > SILENCE_SECONDS:
                return
            await asyncio.sleep(0.1)

    def _is_browsing(self) -> bool:
        return not self.is_stopped and time.monotonic() < self.browse_until

    async def _scroll(self, page: Page) -> None:
        """Walk down the page once, so that what loads on sight is loaded."""
        step = self.limits.window_height_px
        end = "scrollY + innerHeight >= document.documentElement.scrollHeight - 2"
        for _ in range(self.limits.max_height_px // step):
            at_end = await self._ask(page, f"() => {{ scrollBy(0, {step}); return {end} }}")
            if at_end is not False or not self._is_browsing():
                break
            await asyncio.sleep(0.08)
        if self._is_browsing():
            await self._ask(page, "() => scrollTo(0, 0)")

    async def _ask(self, page: Page, script: str) -> Any:
        try:
            return await asyncio.wait_for(page.evaluate(script), ANSWER_SECONDS)
        except (PlaywrightError, TimeoutError):
            return None

    async def _read(self, page: Page, session: CDPSession) -> None:
        if page.url.startswith("chrome-error:"):
            self._lacks_all(Reason("nothing_received"))
            if not any(entry.what == "page" for entry in self.visit.missing):
                self.visit.lacks(Missing("page", Reason("broken_answer", "chrome-error")))
            return
        self.visit.final = page.url
        if not self.is_loaded:
            self.visit.lacks(Missing("page", Reason("time_limit", str(self.limits.seconds))))
        if self.visit.status is not None and self.visit.status >= 400:
            self.visit.lacks(Missing("answer", Reason("http_error", str(self.visit.status))))
        self.save()
        await self._step("text", lambda: self._keep_text(page))
        await self._step("dom", lambda: self._keep_dom(page))
        await self._step("screenshot", lambda: self._keep_screenshot(session))

    async def _step(self, what: str, do: Callable[[], Awaitable[None]]) -> None:
        # A page that used up its time is still read once; the warden's grace covers it.
        seconds = min(STEP_SECONDS, max(self._left(), 2.0))
        try:
            await asyncio.wait_for(do(), seconds)
        except TimeoutError:
            self.visit.lacks(Missing(what, Reason("time_limit", f"{seconds:.0f}")))
        except PlaywrightError as error:
            self.visit.lacks(Missing(what, Reason("browser_failed", _first_line(error))))
        self.save()

    async def _keep_text(self, page: Page) -> None:
        self.visit.title = await page.title()
        pieces = []
        for frame in page.frames:
            text = tidy(await frame.evaluate("() => document.body ? document.body.innerText : ''"))
            if frame is page.main_frame:
                pieces.append(text)
            elif text and not frame.url.startswith("chrome-error:"):
                pieces.append(f"\n[{frame.url}]\n{text}")
        (self.folder / TEXT).write_text("\n".join(pieces), encoding="utf-8", newline="")

    async def _keep_dom(self, page: Page) -> None:
        (self.folder / DOM).write_text(await page.content(), encoding="utf-8", newline="")

    async def _keep_screenshot(self, session: CDPSession) -> None:
        metrics = await session.send("Page.getLayoutMetrics")
        size = metrics["cssContentSize"]
        height = min(size["height"], self.limits.max_height_px)
        if size["height"] > height:
            self.visit.lacks(Missing("screenshot", Reason("height_limit", f"{size['height']:.0f} px > {height} px")))
        shot = await session.send(
            "Page.captureScreenshot",
            {
                "format": "png",
                "captureBeyondViewport": True,
                "clip": {"x": 0, "y": 0, "width": self.limits.width_px, "height": max(height, 1), "scale": 1},
            },
        )
        (self.folder / SCREENSHOT).write_bytes(base64.b64decode(shot["data"]))

    # -- what the page does --------------------------------------------------

    def _listen(self, context: BrowserContext) -> None:
        context.on("page", self._window)
        context.on("request", self._request)
        context.on("requestfinished", self._ended)
        context.on("requestfinished", lambda request: self._spawn(self._finished(request)))
        context.on("requestfailed", self._ended)
        context.on("requestfailed", self._failed)
        context.on("dialog", lambda dialog: self._spawn(self._dismiss(dialog)))

    async def _route(self, route: Route) -> None:
        """Refuse a navigation before it starts, so that the page that asked for it stays in the window."""
        with contextlib.suppress(PlaywrightError):  # the window may have closed meanwhile
            refusal = await self._refusal(route.request)
            if refusal is None:
                await route.continue_()
            else:
                self.visit.lacks(refusal)
                await route.abort("aborted")

    async def _refusal(self, request: Request) -> Missing | None:
        if not request.is_navigation_request():
            return None  # the proxy judges it
        try:
            frame = request.frame
        except PlaywrightError:  # no frame yet: a window is being opened
            return Missing("window", Reason("popup", request.url[:300]))
        if frame.page != self.page:
            return Missing("window", Reason("popup", request.url[:300]))
        if frame.parent_frame is not None:
            return None
        try:
            self._require_few_navigations()
            await asyncio.to_thread(self.guard.resolve, self.guard.target(request.url))
        except Blocked as blocked:
            return Missing("page", blocked.reason)
        return None

    def _require_few_navigations(self) -> None:
        if self.navigations > self.limits.max_redirects:
            raise Blocked(Reason("too_many_redirects", str(self.limits.max_redirects)))

    def _request(self, request: Request) -> None:
        self._under_way.add(request)
        self._last_stir = time.monotonic()
        if not self._is_main_navigation(request):
            return
        self.navigations += 1
        by = "server" if request.redirected_from else "page" if self.visit.chain else "asked"
        self.visit.chain.append({"url": request.url, "status": None, "by": by})
        if self.navigations > self.limits.max_redirects + 1:
            self._stop(Missing("page", Reason("too_many_redirects", str(self.limits.max_redirects))))

    def _ended(self, request: Request) -> None:
        self._under_way.discard(request)
        self._last_stir = time.monotonic()

    def _is_main_navigation(self, request: Request) -> bool:
        if not request.is_navigation_request():
            return False
        with contextlib.suppress(PlaywrightError):  # no frame yet: a window being opened, not ours
            return self.page is not None and request.frame == self.page.main_frame
        return False

    async def _finished(self, request: Request) -> None:
        try:
            await asyncio.wait_for(self._keep_exchange(request), STEP_SECONDS)
        except (PlaywrightError, TimeoutError) as error:
            self._part_missing(request.url, Reason("body_lost", _first_line(error)))

    async def _keep_exchange(self, request: Request) -> None:
        if not request.url.startswith(("http://", "https://")):
            return
        at = utc_now()
        response = await request.response()
        if response is None or self._warc is None:
            return
        body, truncated = b"", ""
        headers = [(h["name"], h["value"]) for h in await response.headers_array()]
        if request.is_navigation_request() and _opens_the_viewer(headers):
            # The trap: what the browser then calls the answer's body is the page of its own PDF viewer.
            self.is_download = self.is_download or self._is_main_navigation(request)
            truncated = "unspecified"
            self._part_missing(request.url, Reason("body_lost", "PDF"))
        elif not 300 <= response.status < 400 and response.status not in {204, 304}:
            try:
                body = await response.body()
            except PlaywrightError as error:
                truncated = "unspecified"
                self._part_missing(request.url, Reason("body_lost", _first_line(error)))
        if len(body) > self.limits.max_body_bytes:
            body, truncated = body[: self.limits.max_body_bytes], "length"
        if self._is_main_navigation(request):
            self._answered(request.url, response.status)
        posted = request.post_data_buffer
        self._warc.add(
            Exchange(
                url=request.url.partition("#")[0],
                method=request.method,
                request_headers=[(h["name"], h["value"]) for h in await request.headers_array()],
                request_body=posted or b"",
                status=response.status,
                status_text=response.status_text,
                headers=headers,
                body=body,
                at=at,
                ip=self.guard.reached.get(_host_port(request.url), ""),
                truncated=truncated,
                is_decoded=True,
            )
        )
        self.visit.requests["answered"] += 1

    def _answered(self, url: str, status: int) -> None:
        for hop in self.visit.chain:
            if hop["url"] == url and hop["status"] is None:
                hop["status"] = status
                return

    def _failed(self, request: Request) -> None:
        self.visit.requests["failed"] += 1
        error = request.failure or "unknown"
        if self._is_main_navigation(request):
            if "ERR_ABORTED" not in error:
                self.visit.lacks(Missing("page", self._reason_for(request.url, error)))
        elif "ERR_ABORTED" not in error:  # the page itself gave up on it, or moved on
            self._part_missing(request.url, self._reason_for(request.url, error))

    def _reason_for(self, url: str, error: str) -> Reason:
        refused = self.proxy.refused.get(_host_port(url))
        if refused is not None:
            return refused
        if "ERR_CERT_" in error or "ERR_SSL_" in error:
            return Reason("bad_certificate", error)
        if "ERR_TOO_MANY_REDIRECTS" in error:
            return Reason("too_many_redirects", str(self.limits.max_redirects))
        return Reason("request_failed", error)

    def _part_missing(self, url: str, reason: Reason) -> None:
        if len(self.visit.missing) < LISTED_PARTS:
            self.visit.lacks(Missing(url[:500], reason))

    def _window(self, window: Page) -> None:
        window.on("download", lambda download: self._spawn(self._refuse_download(download)))
        if self.page is None:  # the first window is the visit's own
            window.on("websocket", self._websocket)
            return
        self._spawn(self._refuse_window(window))

    async def _refuse_window(self, window: Page) -> None:
        self.visit.lacks(Missing("window", Reason("popup", (window.url or "about:blank")[:300])))
        with contextlib.suppress(PlaywrightError):  # it may have closed itself
            await window.close()

    async def _refuse_download(self, download: Download) -> None:
        if not self.visit.chain or download.url == self.visit.chain[-1]["url"]:
            self.is_download = True
        self.visit.lacks(Missing("window", Reason("download", download.url[:300])))
        with contextlib.suppress(PlaywrightError):
            await download.cancel()

    async def _dismiss(self, dialog: Dialog) -> None:
        self.visit.lacks(Missing("window", Reason("dialog", dialog.type)))
        with contextlib.suppress(PlaywrightError):
            await dialog.dismiss()

    def _websocket(self, socket: WebSocket) -> None:
        self._part_missing(socket.url, Reason("websocket", urlsplit(socket.url).netloc))

    def _data(self, event: dict[str, Any]) -> None:
        self._decoded += int(event.get("dataLength", 0))
        if self._decoded > self.limits.max_decoded_bytes and not self.is_stopped:
            self._stop(Missing("page", Reason("size_limit", str(self.limits.max_decoded_bytes // 1_000_000))))

    # -- ends ----------------------------------------------------------------

    def _full(self) -> None:
        self._stop(Missing("page", Reason("size_limit", str(self.limits.max_bytes // 1_000_000))))

    def _stop(self, missing: Missing) -> None:
        """Let nothing more in; what has arrived is still read."""
        self.visit.lacks(missing)
        if self.is_stopped:
            return
        self.is_stopped = True
        self.proxy.is_closed = True
        if self.page is not None:
            self._spawn(self._stop_loading(self.page))

    async def _stop_loading(self, page: Page) -> None:
        with contextlib.suppress(PlaywrightError):
            session = await page.context.new_cdp_session(page)
            await session.send("Page.stopLoading")
            await page.context.set_offline(True)

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _finish_writing(self) -> None:
        if self._writing:
            await asyncio.wait(list(self._writing), timeout=min(5.0, max(self._left(), 1.0)))
        for task in list(self._writing):
            task.cancel()

    def _lacks_all(self, reason: Reason) -> None:
        for what in ("screenshot", "text", "dom"):
            self.visit.lacks(Missing(what, reason))

    def _close(self) -> None:
        known = {entry.what for entry in self.visit.missing}
        for what, name in (("screenshot", SCREENSHOT), ("text", TEXT), ("dom", DOM)):
            if not (self.folder / name).exists() and what not in known:
                self.visit.lacks(Missing(what, Reason("nothing_received")))
        if self._warc is not None and self._warc.records == 0:
            self.visit.lacks(Missing("warc", Reason("nothing_received")))
        if self.is_download:
            self.visit.options["is_download"] = True
        self.visit.ended_at = utc_now()
        self.save()

    def save(self) -> None:
        """Write down what is known by now."""
        self.visit.remote = dict(self.guard.reached)
        self.visit.bytes_received = self.proxy.bytes_received
        self.visit.options["local_addresses"] = sorted(self.proxy.local_addresses)
        blocked = sorted({r.detail for r in self.proxy.refused.values() if r.code == "browser_own_call"})
        self.visit.options["browser_calls_blocked"] = blocked
        self.visit.save(self.folder / "visit.json")

    def _left(self) -> float:
        return max(0.05, self.deadline - time.monotonic())


def _software() -> dict[str, str]:
    return {
        "vigie": __version__,
        "python": platform.python_version(),
        "playwright": version("playwright"),
        "warcio": version("warcio"),
        "system": platform.platform(),
    }


def _opens_the_viewer(headers: list[tuple[str, str]]) -> bool:
    kind = next((value for name, value in headers if name.lower() == "content-type"), "")
    return kind.partition(";")[0].strip().lower() in {"application/pdf", "text/pdf"}


def _host_port(url: str) -> str:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    return f"{parts.hostname or ''}:{port or (443 if parts.scheme in {'https', 'wss'} else 80)}"


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


async def _main() -> None:
    await Recorder(Job.read(Path(sys.argv[1]))).run()
    # All is written. The browser is not asked to close, which it might never do: the warden kills it.
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(_main())
