"""Whatever a model or a person writes stays text."""

import pytest

from tests.browser.person import Visitor

PAYLOADS = """<script>window.harm = 1</script>
<img src=x onerror="window.harm = 2">

[click](javascript:window.harm=3) [data](data:text/html,<script>window.harm=4</script>)

<svg onload="window.harm = 5"></svg> <iframe srcdoc="<script>parent.harm=6</script>"></iframe>

![picture](https://pictures.invalid/x.png" onerror="window.harm=7)

<a href="javascript:window.harm=8">a</a> <style>body { display: none }</style>

```html"><img src=x onerror=window.harm=9>
<b>code</b><script>window.harm = 10</script>
```

| a |
|---|
| <img src=x onerror=window.harm=11> |

<form action="/evil"><input name="a" autofocus onfocus="window.harm=12"></form>

[safe](https://example.org/ "title" )
"""


@pytest.mark.parametrize("rate", [0, 400])
async def test_an_answer_full_of_traps_is_harmless(alice: Visitor, rate: int) -> None:
    requests: list[str] = []
    alice.page.on("request", lambda request: requests.append(request.url))
    await alice.say(f"[[echo=1 rate={rate}]] {PAYLOADS}")
    await alice.until("completed")
    assert await alice.stored() == PAYLOADS.strip()
    assert await alice.page.evaluate("window.harm") is None
    foreign = "script, img, svg:not(.icon), iframe, style, form, input, [onerror], [onload]"
    assert await alice.answer.locator(f".markdown :is({foreign})").count() == 0
    assert [url for url in requests if not url.startswith(alice.chat.webs[0].url)] == []
    assert await alice.page.locator(".composer").is_visible()
    assert alice.complaints == []


async def test_links_of_an_answer_open_elsewhere_and_know_nothing_of_the_page(
    alice: Visitor,
) -> None:
    await alice.say("[[echo=1 rate=0]] See [the site](https://example.org/a?b=1).")
    await alice.until("completed")
    link = alice.answer.get_by_role("link", name="the site")
    assert await link.get_attribute("href") == "https://example.org/a?b=1"
    assert await link.get_attribute("target") == "_blank"
    assert "noopener" in str(await link.get_attribute("rel"))


async def test_a_prompt_is_shown_as_it_was_written(alice: Visitor) -> None:
    prompt = "<b>bold</b> **stars**\n  <script>window.harm = 1</script> [[chunks=2 rate=0]]"
    await alice.say(prompt)
    await alice.until("completed")
    assert await alice.page.locator(".prompt-text").text_content() == prompt
    assert await alice.page.evaluate("window.harm") is None
