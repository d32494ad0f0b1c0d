"""A real browser in front of Django's pages, inside one test and its transaction.

Requests are handed over within the test instead of crossing a socket: what the browser does is rolled back with the
rest, and the journal, which nobody can empty, need not be emptied afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import Context, copy_context
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

HOST = "http://testserver"
PATIENCE_MS = 30_000

expect.set_options(timeout=PATIENCE_MS)  # for every test of the run: a busy machine is no fault of the page


@contextmanager
def a_browser(chromium: str) -> Iterator[Browser]:
    """Start Chromium; for a whole module of tests."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        yield started
        connections.close_all()  # while Playwright's loop runs, Django keeps a connection of that loop's own
        started.close()


@contextmanager
def a_page(browser: Browser, client: Client, *, language: str = "fr") -> Iterator[Page]:
    """Open a page in which every address is answered by `client`; a fault of a script fails the test."""
    context = browser.new_context(locale=language, viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("pageerror", lambda fault: pytest.fail(f"the page's script failed: {fault}"))
    here = copy_context()
    page.route("**/*", lambda route: _hand_over(route, client, here, language))
    yield page
    context.close()


def _hand_over(route: Route, client: Client, here: Context, language: str) -> None:
    """Ask Django what the browser asks, in the context of the test: elsewhere it would open another connection."""
    request = route.request
    address = urlsplit(request.url)
    answer = here.copy().run(
        client.generic, request.method, f"{address.path}?{address.query}", request.post_data_buffer or b"",
        content_type=request.headers.get("content-type", "application/octet-stream"),
        headers={"accept-language": language}, follow=True,
    )  # fmt: skip
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=body)


def press(page: Page, key: str) -> None:
    """Press a key once the page's scripts are there: before, it does nothing."""
    page.wait_for_load_state()
    page.keyboard.press(key)
