"""What any part of the page is held to, however it looks: it fits its window, and axe finds nothing wrong with it."""

from typing import Any

from playwright.async_api import Page

from tests.support.paths import ROOT

_AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


async def overflow(page: Page) -> int:
    """Give by how many pixels the page is wider than its window."""
    width: int = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


async def violations(page: Page) -> list[Any]:
    """List what axe finds: the rule and the elements."""
    await page.evaluate(_AXE.read_text())
    found = await page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]
