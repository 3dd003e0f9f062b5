"""What shapes the answers: parameters kept with their conversation, presets kept with their person."""

import pytest
from playwright.async_api import Locator, expect

from tests.browser.looks import overflow, violations
from tests.browser.person import Visitor
from tests.support.browser import BrowserSession, Scheme, Size
from tests.support.deployment import Deployment


async def opened(alice: Visitor) -> Locator:
    """Open the panel of parameters."""
    await alice.page.locator("[data-part=openParameters]").click()
    panel = alice.page.get_by_role("dialog", name="Parameters")
    await expect(panel).to_be_visible()
    return panel


async def set_to(panel: Locator, label: str, text: str) -> None:
    field = panel.get_by_label(label, exact=True)
    await field.fill(text)
    await field.blur()


async def is_confirmed(alice: Visitor) -> None:
    """Wait until the server has stored all that was changed."""
    await alice.page.wait_for_function("() => !Object.keys(evochat.state().requests).length")


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
async def test_what_is_set_before_the_first_prompt_shapes_its_answer(
    browser: BrowserSession, chat: Deployment, size: Size, scheme: Scheme
) -> None:
    alice = await Visitor.signed_in(browser, chat, "alice", size, scheme)
    panel = await opened(alice)
    await set_to(panel, "System prompt", "Be brief.")
    await set_to(panel, "Temperature", "2,5")
    await expect(panel.get_by_label("Temperature", exact=True)).to_have_attribute(
        "aria-invalid", "true"
    )
    await set_to(panel, "Max tokens", "3")
    await set_to(panel, "Stop sequences", "w0009\n\\n\\n")
    await panel.get_by_label("Temperature", exact=True).scroll_into_view_if_needed()
    await browser.screenshot(alice.page, "wrong")
    assert await overflow(alice.page) == 0
    assert await violations(alice.page) == []
    await alice.page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()
    await alice.page.reload()
    await expect(alice.page.get_by_role("button", name="Parameters: 3 set")).to_be_visible()
    panel = await opened(alice)
    await set_to(panel, "Temperature", "0,5")
    await panel.get_by_role("button", name="Done").click()
    prompt = f"Shaped for {size} [[chunks=9 rate=0]]"
    await alice.say(prompt)
    await alice.until("completed")
    assert await alice.in_words() == "Reached the length limit."
    (call,) = await chat.evolution.calls(prompt)
    body = call["body"]
    assert (body["temperature"], body["max_tokens"]) == (0.5, 3)
    assert body["stop"] == ["w0009", "\n\n"]
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    await alice.answer.locator(".numbers").click()
    said = alice.answer.locator(".details section", has_text="Parameters")
    await expect(said).to_contain_text("Be brief.")
    await expect(said).to_contain_text("0.5")
    await browser.screenshot(alice.page, "numbers")
    await alice.visit("/")
    await expect(alice.page.get_by_role("button", name="Parameters", exact=True)).to_be_visible()
    assert alice.complaints == []


async def test_a_conversation_keeps_its_model_and_parameters_in_every_tab(alice: Visitor) -> None:
    await alice.say("Kept [[chunks=2 rate=0]]")
    await alice.until("completed")
    tab = await alice.another_tab(alice.path)
    panel = await opened(alice)
    await set_to(panel, "Max tokens", "2")
    # Without leaving the field: closing takes what is written.
    await panel.get_by_label("Top-p", exact=True).fill("0.9")
    await alice.page.keyboard.press("Escape")
    await alice.page.get_by_label("Model", exact=True).select_option("scripted/echo-2")
    await is_confirmed(alice)
    await expect(tab.page.get_by_role("button", name="Parameters: 2 set")).to_be_visible()
    await expect(tab.page.get_by_label("Model", exact=True)).to_have_value("scripted/echo-2")
    await tab.say("On [[chunks=5 rate=0]]")
    await tab.until("completed")
    assert await tab.in_words() == "Reached the length limit."
    await expect(tab.answer.locator(".numbers")).to_contain_text("scripted/echo-2")
    # A field that is open here, and in which nothing is written, takes nothing back.
    await (await opened(alice)).get_by_label("Max tokens", exact=True).focus()
    theirs = await opened(tab)
    await theirs.get_by_role("button", name="Clear: Max tokens").click()
    await theirs.get_by_role("button", name="Done").click()
    await expect(panel.get_by_label("Max tokens", exact=True)).to_have_value("")
    await alice.page.keyboard.press("Escape")
    await expect(alice.page.get_by_role("button", name="Parameters: 1 set")).to_be_visible()
    await alice.new_chat()
    await expect(alice.page.get_by_label("Model", exact=True)).to_have_value("scripted/echo-1")


async def test_presets_are_saved_chosen_renamed_and_deleted(
    alice: Visitor, browser: BrowserSession
) -> None:
    panel = await opened(alice)
    await set_to(panel, "Temperature", "0.1")
    await panel.get_by_role("button", name="Save as a preset…").click()
    name = panel.get_by_label("Name of the preset")
    await name.press("Enter")
    await expect(panel.get_by_text("Give it a name.")).to_be_visible()
    await name.fill("Careful")
    await name.press("Enter")
    chooser = panel.get_by_label("Preset", exact=True)
    await expect(chooser.locator("option:checked")).to_have_text("Careful")
    await set_to(panel, "Temperature", "1.9")
    await expect(chooser.locator("option:checked")).to_have_text("None: as set below")
    await panel.get_by_role("button", name="Save as a preset…").click()
    await name.fill("Wild")
    await browser.screenshot(alice.page, "naming")
    await panel.get_by_role("button", name="Save", exact=True).click()
    await is_confirmed(alice)
    tab = await alice.another_tab("/")
    theirs = await opened(tab)
    await theirs.get_by_label("Preset", exact=True).select_option(label="Careful")
    await expect(theirs.get_by_label("Temperature", exact=True)).to_have_value("0.1")
    await theirs.get_by_role("button", name="Rename…").click()
    await theirs.get_by_label("Name of the preset").fill("Wild")
    await theirs.get_by_role("button", name="Save", exact=True).click()
    await expect(theirs.get_by_text("Another preset has this name.")).to_be_visible()
    await theirs.get_by_label("Name of the preset").fill("Cautious")
    await theirs.get_by_role("button", name="Save", exact=True).click()
    await expect(chooser.get_by_role("option", name="Cautious")).to_be_attached()
    await panel.get_by_role("button", name="Delete").click()
    await expect(panel.get_by_text("Delete “Wild”?")).to_be_visible()
    await panel.get_by_role("button", name="Delete").click()
    await expect(theirs.get_by_role("option", name="Wild")).not_to_be_attached()
    assert alice.complaints == []
