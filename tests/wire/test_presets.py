"""Presets, and the parameters shown on each answer."""

import uuid
from typing import Any

from tests.support.deployment import Deployment
from tests.support.wire import Frame, Wire

PARAMS = {"system_prompt": "Be brief", "temperature": 0.5}


async def presets(socket: Wire) -> list[Frame]:
    listed: list[Frame] = (await socket.ask("preset.list"))["presets"]
    return listed


async def save(socket: Wire, preset: str, name: str, **fields: Any) -> Frame:
    return await socket.ask("preset.save", preset=preset, name=name, **{"params": PARAMS, **fields})


async def test_a_preset_is_saved_changed_and_deleted_in_every_tab(chat: Deployment) -> None:
    one, two = str(uuid.uuid4()), str(uuid.uuid4())
    async with chat.socket(alice := chat.sign_up("alice")) as socket, chat.socket(alice) as other:
        for _ in range(2):
            assert (await save(socket, one, " Кратко "))["type"] == "done"
        saved = await other.until("preset.saved")
        await save(socket, two, "Аналитик", model="scripted/echo-2", params={})
        await save(socket, one, "Кратко", params={"max_tokens": 9})
        assert await presets(other) == [
            {"id": two, "name": "Аналитик", "model": "scripted/echo-2", "params": {}},
            {"id": one, "name": "Кратко", "model": None, "params": {"max_tokens": 9}},
        ]
        for _ in range(2):
            assert (await socket.ask("preset.delete", preset=one))["type"] == "done"
        assert (await other.until("preset.deleted"))["preset"] == one
        assert [preset["id"] for preset in await presets(other)] == [two]
    assert saved["preset"] == {"id": one, "name": "Кратко", "model": None, "params": PARAMS}
    kinds = [frame["type"] for frame in socket.frames]
    assert (kinds.count("preset.saved"), kinds.count("preset.deleted")) == (3, 1)


async def test_a_preset_is_its_owners(chat: Deployment) -> None:
    preset = str(uuid.uuid4())
    async with chat.socket(chat.sign_up("alice")) as hers, chat.socket(chat.sign_up("bob")) as his:
        await save(hers, preset, "Mine")
        error = await save(his, preset, "Mine")
        assert (error["code"], error["field"]) == ("conflict", "preset")
        await his.ask("preset.delete", preset=preset)
        assert await presets(his) == []
        assert [each["id"] for each in await presets(hers)] == [preset]
        assert [frame["type"] for frame in his.frames].count("preset.saved") == 0


async def test_a_preset_that_cannot_be_is_refused_by_its_field(chat: Deployment) -> None:
    async with chat.socket(chat.sign_up("alice")) as socket:
        await save(socket, str(uuid.uuid4()), "Taken")
        for name, fields, expected in (
            ("Taken", {}, ("conflict", "name")),
            ("  ", {}, ("invalid", "name")),
            ("x" * 81, {}, ("invalid", "name")),
            ("Other", {"model": "no/such"}, ("invalid", "model")),
            ("Other", {"params": {"top_p": 0}}, ("invalid", "params.top_p")),
        ):
            error = await save(socket, str(uuid.uuid4()), name, **fields)
            assert (error["code"], error["field"]) == expected
        for number in range(49):
            await save(socket, str(uuid.uuid4()), f"Number {number}")
        error = await save(socket, str(uuid.uuid4()), "One more")
    assert (error["code"], error["field"]) == ("invalid", "preset")


async def test_an_answer_shows_what_shaped_it(chat: Deployment) -> None:
    prompt = "x" * 500
    async with chat.socket(chat.sign_up("alice")) as socket:
        accepted = await socket.prompt(
            "[[chunks=30 rate=0]]", params={"system_prompt": prompt, "top_p": 0.5}
        )
        await socket.until_end(accepted["generation"])
        conversation = accepted["conversation"]
        await socket.ask("conversation.update", conversation=conversation, params={"top_p": 1})
        again = await socket.prompt(
            "[[chunks=30 rate=0]]", conversation, params={"temperature": 0, "stop": ["."]}
        )
        await socket.until_end(again["generation"])
        created = [f for f in socket.frames if f["type"] == "generation.created"]
        snapshot = await socket.ask("conversation.subscribe", conversation=conversation)
    shown = [m["generation"]["params"] for m in snapshot["messages"] if "generation" in m]
    first = {"system_prompt": "x" * 200 + "…", "top_p": 0.5}
    assert shown == [first, {"temperature": 0, "top_p": 1, "stop": ["."]}]
    assert [frame["params"] for frame in created] == shown
    assert snapshot["conversation"]["params"] == {"top_p": 1}
