"""A real Chromium, driven by Playwright: an installed one, else the one of the npm package `@sparticuz/chromium`.

Driver and browser take 2 s of work to start, so tests share them, each with contexts of its own: no cookie, storage
or cache of one is seen by another. They live on one event loop: what awaits them, tests (tests/conftest.py marks
them) and fixtures, has `loop_scope="session"`. Playwright's synchronous API would leave that loop running between
tests, and then neither Django's ORM nor an asynchronous test works in pytest's thread.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from django.conf import settings
from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright, expect

from scripts.node import find_node
from tests.support.guarded import temporary_directory
from tests.support.paths import CACHE, ROOT, SCREENSHOTS, file_name

if TYPE_CHECKING:
    from tests.support.database import Person

Size = Literal["desktop", "phone"]
Scheme = Literal["light", "dark"]

INSTALLED = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Of the machine's fonts what there is, and those that came with the browser: a bare machine has none, and there
# text would be invisible.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
</fontconfig>
"""


# Playwright's own 5 s are not enough beside other runs on a small machine.
expect.set_options(timeout=30_000)


class BrowserSession:
    """What a test drives: pages at the sizes and colour schemes the product is made for."""

    def __init__(self, process: Browser, title: str) -> None:
        self.process = process
        self._title = file_name(title)
        self._contexts: list[BrowserContext] = []

    async def context(
        self, size: Size = "desktop", scheme: Scheme = "light", locale: str = "en-US"
    ) -> BrowserContext:
        """Open a context, that is a user of one's own: cookies and storage are shared with no other."""
        phone = size == "phone"
        context = await self.process.new_context(
            viewport={"width": 390, "height": 844} if phone else {"width": 1280, "height": 800},
            device_scale_factor=2 if phone else 1,
            is_mobile=phone,
            has_touch=phone,
            color_scheme=scheme,
            locale=locale,
        )
        self._contexts.append(context)
        return context

    async def page(
        self, size: Size = "desktop", scheme: Scheme = "light", locale: str = "en-US"
    ) -> Page:
        """Open a page in a context of its own."""
        return await (await self.context(size, scheme, locale)).new_page()

    async def page_of(
        self, person: Person, url: str, size: Size, scheme: Scheme, locale: str
    ) -> Page:
        """Open a page of someone who has signed in at `url`."""
        context = await self.context(size, scheme, locale)
        name = settings.SESSION_COOKIE_NAME
        await context.add_cookies([{"name": name, "value": person.session_key, "url": url}])
        return await context.new_page()

    async def close(self) -> None:
        """Close all that was opened; nothing that a page still does reaches the next test."""
        for context in self._contexts:
            await context.close()

    async def screenshot(self, page: Page, name: str) -> Path:
        """Save what the page shows as `test-output/screenshots/<test>-<name>.png` and give the path."""
        path = SCREENSHOTS / f"{self._title}-{file_name(name)}.png"
        await page.screenshot(path=path)
        return path


class Chromium:
    """One browser process: started when first asked for, and again if it has died."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self._browser: Browser | None = None

    @property
    def running(self) -> bool:
        return self._browser is not None and self._browser.is_connected()

    @asynccontextmanager
    async def session(self, title: str) -> AsyncIterator[BrowserSession]:
        """Give the browser to a test, and close what the test opened in it. `title` names its screenshots."""
        session = BrowserSession(await self._started(), title)
        try:
            yield session
        finally:
            await session.close()

    async def close(self) -> None:
        if self._browser is not None:
            await self._browser.close()

    async def _started(self) -> Browser:
        if self._browser is None or not self.running:
            executable = find_chromium()
            self._browser = await self._playwright.chromium.launch(
                executable_path=executable, args=[*FLAGS], env=_environment(executable)
            )
        return self._browser


@asynccontextmanager
async def open_chromium() -> AsyncIterator[Chromium]:
    """Start a driver, and end it with the browser that it may have started."""
    async with async_playwright() as playwright:
        chromium = Chromium(playwright)
        try:
            yield chromium
        finally:
            await chromium.close()


def find_chromium() -> Path:
    """Give the Chromium to use: `CHROMIUM` if set, an installed one, else the npm package's, unpacked once."""
    if named := os.environ.get("CHROMIUM"):
        return Path(named)
    for name in INSTALLED:
        if found := shutil.which(name):
            return Path(found)
    mac = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    return mac if mac.exists() else _packaged_chromium()


def _packaged_chromium() -> Path:
    """Give the npm package's Chromium. A directory that is there is complete: it gets its name at the very end."""
    unpacked = _cache() / "chromium"
    if unpacked.exists():
        return unpacked
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise RuntimeError(
            "no Chromium found: install one, or name it by the environment variable CHROMIUM"
        )
    node = find_node()
    if node is None:
        raise RuntimeError("no Node.js to unpack Chromium with: `make test` installs one")
    _cache().parent.mkdir(parents=True, exist_ok=True)
    staging = temporary_directory("chromium")
    # The package unpacks into the system's temporary directory and trusts whatever it finds there: give it its own.
    script = ROOT / "tests" / "support" / "unpack_chromium.mjs"
    subprocess.run(
        [node.node, str(script)], cwd=ROOT, env={**os.environ, "TMPDIR": str(staging)}, check=True
    )
    _publish(staging, _cache())
    return unpacked


def _publish(staging: Path, cache: Path) -> None:
    nearby = cache.with_name(f"{cache.name}.{os.getpid()}")
    shutil.copytree(staging, nearby)
    try:
        nearby.rename(cache)
    except OSError:  # another run was first
        shutil.rmtree(nearby)
    shutil.rmtree(staging, ignore_errors=True)


def _cache() -> Path:
    package = ROOT / "node_modules" / "@sparticuz" / "chromium" / "package.json"
    if not package.exists():
        raise RuntimeError("no Chromium found: `make test` installs one, or name yours by CHROMIUM")
    return CACHE / f"chromium-{json.loads(package.read_text())['version']}"


def _environment(executable: Path) -> dict[str, str | float | bool]:
    fonts = executable.parent / "fonts" / "fonts"
    if not fonts.is_dir():
        return {**os.environ}
    config = executable.parent / "fonts.conf"
    config.write_text(FONTS.format(fonts=fonts, cache=executable.parent / "font-cache"))
    return {**os.environ, "FONTCONFIG_FILE": str(config)}
