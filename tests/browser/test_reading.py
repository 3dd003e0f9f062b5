"""Reading an answer: what is written looks right, and what has been read stays where it is."""

import pytest
from playwright.async_api import expect

from tests.browser.looks import overflow, violations
from tests.browser.person import Visitor
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment

RICH = r"""# Everything at once

A paragraph with **bold**, *italic*, ~~struck~~ and `code`, at $5 and $10, about ~5 to ~10 minutes, a link to
[the docs](https://example.org/docs) and one by itself: https://example.org/by/itself?a=1. A claim[^1] has a source.

## Lists

- [x] done
- [ ] to do
  1. nested one
     - and deeper
  2. nested two

     ```sh
     echo "code in a list"
     ```

### Formulas

Euler wrote $e^{i\pi} + 1 = 0$, and \(\vec{v} = \sqrt{a_1^2 + b_2^2}\). Then

\[
\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}, \qquad
\begin{pmatrix} a & b \\ c & d \end{pmatrix} \underbrace{x + \dots + x}_{n} = \left(\sum_{k=1}^{n} k\right)
\]

and one that is no TeX: $\frac{a$.

| function | derivative | a rather long explanation in a column | and another column that makes it wide | more |
|:---------|:----------:|--------------------------------------:|----------------------------------------|------|
| $x^2$ | $2x$ | the power rule | `n * x ** (n - 1)` | with_a_name_that_cannot_be_broken_anywhere |

```python
def merge(intervals: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return sorted(intervals)  # a long line that scrolls inside of its frame and never makes the page wider
```

> A quotation, with an image: ![a cat](https://pictures.invalid/cat.png)

Averyveryverylongword_that_goes_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on

[^1]: The source, with a [link](https://example.org/source).
"""


async def told(visitor: Visitor, text: str, rate: int = 0) -> None:
    await visitor.say(f"[[echo=1 rate={rate}]] {text}")
    await visitor.until("completed")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
async def test_everything_markdown_has_fits_the_screen(
    browser: BrowserSession, chat: Deployment, size: Size, scheme: Scheme
) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice", size, scheme)
    await alice.page.set_viewport_size({"width": 390 if size == "phone" else 1280, "height": 2600})
    await told(alice, RICH)
    await expect(alice.answer.locator(".katex").first).to_be_visible()
    await expect(alice.answer.locator(".hljs-keyword").first).to_be_visible()
    await alice.page.evaluate("document.fonts.ready")
    await browser.screenshot(alice.page, "rich")
    assert await overflow(alice.page) == 0
    assert alice.complaints == []


ARABIC = """# مرحبا بالعالم

هذا نص مع كلمة English في الوسط.

- عنصر أول

> اقتباس

An English paragraph.

```python
x = 1
```
"""


async def test_each_block_goes_the_way_of_its_words(alice: Visitor) -> None:
    await told(alice, f"In two languages\n\n{ARABIC}")
    blocks = alice.answer.locator("> .markdown > .block")
    directions = await blocks.evaluate_all(
        "nodes => nodes.map((n) => getComputedStyle(n).direction)"
    )
    assert directions == ["ltr", "rtl", "rtl", "rtl", "rtl", "ltr", "ltr"]


async def test_formulas_are_drawn_without_a_style_in_the_text(alice: Visitor) -> None:
    """`vec` and fractions need inline styles, which the content policy refuses in HTML."""
    await told(alice, RICH)
    await expect(alice.answer.locator(".katex")).to_have_count(5)
    heights = await alice.answer.locator(".katex .vlist > span").evaluate_all(
        "nodes => nodes.map((node) => node.style.top)"
    )
    assert [height for height in heights if height.endswith("em")]
    await expect(alice.answer.locator(".math-source")).to_have_text(r"\frac{a")
    await expect(alice.answer.locator("> .markdown p").first).to_contain_text("$5 and $10")
    assert await alice.answer.locator("annotation").count() == 0
    assert alice.complaints == []


async def test_what_draws_formulas_and_colours_comes_when_it_is_needed(alice: Visitor) -> None:
    asked: list[str] = []
    alice.page.on("request", lambda request: asked.append(request.url))
    await alice.page.reload()
    await alice.connected()
    assert not [url for url in asked if "katex" in url or "highlight.min" in url]
    await told(alice, "$x$ and\n```js\nlet a;\n```")
    await expect(alice.answer.locator(".katex")).to_be_visible()
    await expect(alice.answer.locator(".hljs-keyword")).to_be_visible()
    assert [url for url in asked if "katex.min" in url and url.endswith(".css")]
    assert [url for url in asked if "highlight.min" in url]


async def test_no_image_of_elsewhere_is_fetched_and_it_is_said(alice: Visitor) -> None:
    asked: list[str] = []
    alice.page.on("request", lambda request: asked.append(request.url))
    await told(alice, "![a cat](https://pictures.invalid/cat.png)")
    image = alice.answer.get_by_role("link", name="Image: a cat")
    assert "Not loaded" in str(await image.get_attribute("title"))
    assert await image.get_attribute("rel") == "noopener noreferrer nofollow"
    assert not [url for url in asked if "pictures.invalid" in url]


async def test_a_footnote_is_followed_within_its_answer(alice: Visitor) -> None:
    await told(alice, "A claim[^1].\n\n[^1]: The *source*.")
    path = alice.path
    await alice.answer.get_by_role("link", name="1", exact=True).click()
    await expect(alice.answer.locator(".notes .note-1")).to_be_focused()
    assert alice.path == path


async def test_long_lines_of_code_wrap_when_asked_and_that_is_remembered(alice: Visitor) -> None:
    await told(alice, f"```py\n{'x = 1; ' * 60}\n```")
    code = alice.answer.locator("pre")
    wide = "node => node.scrollWidth > node.clientWidth"
    assert await code.evaluate(wide)
    await alice.answer.get_by_role("button", name="Wrap lines").click()
    assert not await code.evaluate(wide)
    await alice.page.reload()
    await alice.until("completed")
    assert not await alice.answer.locator("pre").evaluate(wide)


async def test_a_formula_is_copied_as_its_source(alice: Visitor) -> None:
    await alice.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await told(alice, "Let $a_1$ be **one**.")
    await expect(alice.answer.locator(".katex")).to_be_visible()
    await alice.answer.locator("> .markdown").evaluate(
        "node => getSelection().selectAllChildren(node)"
    )
    await alice.page.keyboard.press("Control+c")
    copied = await alice.page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == "Let $a_1$ be one."


GROWING = """First *paragraph* to select from.

- a list
- of two

```python
print("code")
```

| a | b |
|---|---|
| $x$ | 2 |

{words}
"""


async def test_what_is_closed_keeps_its_nodes_and_a_selection_in_it(alice: Visitor) -> None:
    words = " ".join(f"word{number}" for number in range(400))
    prompt = f"[[echo=1 rate=100 hold=40]] {GROWING.format(words=words)}".strip()
    await alice.say(prompt)
    await expect(alice.answer.locator("table")).to_be_visible()
    await expect(alice.answer.locator(".katex")).to_be_visible()
    await alice.page.evaluate("""() => {
      const blocks = document.querySelector(".answer > .markdown");
      window.kept = [...blocks.querySelectorAll(".block:not(:last-child), .block:not(:last-child) *")];
      getSelection().selectAllChildren(blocks.querySelector("em"));
    }""")
    before = await alice.page.evaluate("kept.length")
    await alice.chat.evolution.release_when_held(prompt)
    await alice.until("completed")
    assert before > 10
    assert await alice.page.evaluate("kept.every((node) => node.isConnected)")
    assert await alice.page.evaluate("getSelection().toString()") == "paragraph"


async def test_a_selection_in_the_block_being_written_survives(alice: Visitor) -> None:
    words = " ".join(f"word{number}" for number in range(300))
    prompt = f"[[echo=1 rate=100 hold=60]] Select *this* here. {words}"
    await alice.say(prompt)
    await alice.until_text("word50")
    await alice.answer.locator("em").evaluate("node => getSelection().selectAllChildren(node)")
    await alice.chat.evolution.release_when_held(prompt)
    await alice.until("completed")
    assert await alice.page.evaluate("getSelection().toString()") == "this"


async def test_thoughts_are_open_while_they_come_for_who_wants_that(alice: Visitor) -> None:
    thinking = "[[chunks=3 rate=100 reasoning=6 hold=0]]"
    fold = alice.answer.locator("details")
    await alice.say(f"One {thinking}")
    await expect(fold.locator("summary")).to_contain_text("Thinking")
    await expect(fold).not_to_have_attribute("open", "")
    await fold.locator("summary").click()
    await expect(fold.locator(".markdown")).to_contain_text("r0006")
    await alice.chat.evolution.release_when_held(f"One {thinking}")
    await alice.until("completed")
    # Opened by hand it stays open, and what comes next opens by itself, and closes when the answer begins.
    await expect(fold).to_have_attribute("open", "")
    await alice.page.reload()
    await alice.until("completed")
    await expect(fold.locator("summary")).to_contain_text("Thought for")
    await alice.say(f"Two {thinking}")
    await expect(fold.locator(".markdown")).to_contain_text("r0006")
    await alice.chat.evolution.release_when_held(f"Two {thinking}")
    await alice.until("completed")
    await expect(fold).not_to_have_attribute("open", "")
    assert alice.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_to_complain_about(
    browser: BrowserSession, chat: Deployment, scheme: Scheme
) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice", "desktop", scheme)
    await told(alice, RICH)
    await expect(alice.answer.locator(".katex").first).to_be_visible()
    await expect(alice.answer.locator(".hljs-keyword").first).to_be_visible()
    assert await violations(alice.page) == []
