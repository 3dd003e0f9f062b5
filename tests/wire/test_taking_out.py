"""Sharing by a link, and taking a conversation out as a file."""

import asyncio
import json
import urllib.error
import urllib.request
import uuid
from email.message import Message
from urllib.parse import unquote

import pytest

from tests.support.database import Person
from tests.support.deployment import Deployment
from tests.support.wire import Frame, Wire

NOBODY = "00000000-0000-4000-8000-000000000000"


async def get(
    chat: Deployment, path: str, person: Person | None = None
) -> tuple[int, str, Message]:
    def fetch() -> tuple[int, str, Message]:
        headers = {} if person is None else {"Cookie": person.cookie}
        request = urllib.request.Request(f"{chat.webs[0].url}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), error.headers

    return await asyncio.to_thread(fetch)


async def answered(
    socket: Wire, content: str, conversation: str | None = None, **place: str
) -> Frame:
    accepted = await socket.prompt(f"{content} [[chunks=30 rate=0]]", conversation, **place)
    await socket.until_end(accepted["generation"])
    return accepted


async def share(socket: Wire, conversation: str) -> str:
    reply = await socket.ask("conversation.share", conversation=conversation)
    assert reply["type"] == "conversation.shared", reply
    path: str = reply["share"]
    return path


# -- Sharing ---------------------------------------------------------------------------------------


async def test_a_link_shows_the_branch_that_was_shared_to_anyone(chat: Deployment) -> None:
    async with chat.socket(alice := chat.sign_up("alice")) as socket, chat.socket(alice) as other:
        first = await answered(socket, "Shared <b>bold</b>")
        conversation = first["conversation"]
        edited = await answered(socket, "The other branch", conversation, parent=None)
        await socket.ask("conversation.update", conversation=conversation, head=first["answer"])
        path = await share(socket, conversation)
        told = await other.until(
            "conversation.updated", conversation=socket.frames[-2]["conversation"]
        )
        later = await answered(socket, "Said later", conversation)
        status, page, headers = await get(chat, path)
        again = await share(socket, conversation)
        _, moved, _ = await get(chat, path)
    assert status == 200
    assert "Shared &lt;b&gt;bold&lt;/b&gt;" in page
    assert chat.database.message(first["answer"]).content in page
    assert "The other branch" not in page
    assert "Said later" not in page
    assert alice.user.username not in page
    assert told["conversation"]["share"] == again == path
    assert "Said later" in moved
    assert edited["conversation"] == later["conversation"] == conversation
    assert headers["Set-Cookie"] is None
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]


async def test_a_revoked_link_looks_like_none(chat: Deployment) -> None:
    async with chat.socket(chat.sign_up("alice")) as socket:
        conversation = (await answered(socket, "Secret"))["conversation"]
        path = await share(socket, conversation)
        for _ in range(2):
            reply = await socket.ask("conversation.unshare", conversation=conversation)
            assert reply["type"] == "done"
        revoked = await get(chat, path)
        fresh = await share(socket, conversation)
        assert (await get(chat, fresh))[0] == 200
        assert (await get(chat, path))[0] == 404
        await socket.ask("conversation.delete", conversation=conversation)
        assert (await get(chat, fresh))[0] == 404
    missing = await get(chat, f"/s/{'A' * 64}/")
    assert revoked[:2] == missing[:2]
    assert revoked[0] == 404
    assert fresh != path


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1] + "_", lambda t: t[:22], lambda t: "x", lambda t: "я" * 64]
)
async def test_a_link_is_its_whole_token(chat: Deployment, change: object) -> None:
    async with chat.socket(chat.sign_up("alice")) as socket:
        path = await share(socket, (await answered(socket, "Secret"))["conversation"])
    token = path.removeprefix("/s/").removesuffix("/")
    assert len(token) == 64
    changed = urllib.request.quote(change(token))  # type: ignore[operator]
    assert (await get(chat, f"/s/{changed}/"))[0] == 404


async def test_the_link_of_a_closed_account_opens_nothing(chat: Deployment) -> None:
    alice = chat.sign_up("alice")
    async with chat.socket(alice) as socket:
        path = await share(socket, (await answered(socket, "Secret"))["conversation"])
    chat.database.execute(f"UPDATE chat_user SET is_active = false WHERE id = {alice.user.pk}")
    assert (await get(chat, path))[0] == 404


async def test_only_ones_own_conversation_is_shared(chat: Deployment) -> None:
    async with chat.socket(chat.sign_up("alice")) as hers, chat.socket(chat.sign_up("bob")) as his:
        conversation = (await answered(hers, "Hers"))["conversation"]
        path = await share(hers, conversation)
        for target in (conversation, NOBODY):
            for kind in ("conversation.share", "conversation.unshare"):
                error = await his.ask(kind, conversation=target)
                assert (error["code"], error["field"]) == ("not_found", "conversation")
    assert (await get(chat, path))[0] == 200


# -- Files -----------------------------------------------------------------------------------------

FILES = ("export.md", "export.json", "print/")


async def test_what_is_shown_is_taken_out_as_markdown(chat: Deployment) -> None:
    async with chat.socket(alice := chat.sign_up("alice")) as socket:
        first = await answered(socket, "One **bold**")
        conversation = first["conversation"]
        await answered(socket, "The other branch", conversation, parent=None)
        await socket.ask(
            "conversation.update",
            conversation=conversation,
            head=first["message"],
            title='Море: "ночью" / day',
        )
        status, text, headers = await get(chat, f"/c/{conversation}/export.md", alice)
        _, printed, _ = await get(chat, f"/c/{conversation}/print/", alice)
    answer = chat.database.message(first["answer"]).content
    assert status == 200
    assert text == (
        '# Море: "ночью" / day\n'
        "\n## User\n\nOne **bold** [[chunks=30 rate=0]]\n"
        f"\n## Assistant\n\n{answer}\n"
    )
    assert headers["Content-Type"] == "text/markdown; charset=utf-8"
    named = unquote(headers["Content-Disposition"])
    assert named == "attachment; filename*=utf-8''Море ночью day.md"
    assert "no-store" in headers["Cache-Control"]
    assert "One **bold**" in printed
    assert answer in printed
    assert "The other branch" not in printed


async def test_everything_is_taken_out_as_json(chat: Deployment) -> None:
    async with chat.socket(alice := chat.sign_up("alice")) as socket:
        conversation = None
        for number in range(27):
            accepted = await answered(socket, f"Number {number}", conversation)
            conversation = accepted["conversation"]
        edited = await answered(socket, "Branch", conversation, parent=None)
        await share(socket, edited["conversation"])
        await socket.ask("message.rate", message=edited["answer"], rating="up")
        snapshot = await socket.ask("conversation.subscribe", conversation=conversation)
        status, text, headers = await get(chat, f"/c/{conversation}/export.json", alice)
    taken = json.loads(text)
    assert status == 200
    assert headers["Content-Disposition"].endswith('.json"')
    assert taken["conversation"] == {**snapshot["conversation"], "share": None}
    assert len(taken["messages"]) == 56
    assert taken["messages"][-2:] == snapshot["messages"]
    assert taken["messages"][-1]["generation"]["usage"]["output_tokens"] == 30
    assert taken["messages"][-1]["rating"]["rating"] == "up"


async def test_only_its_owner_takes_a_conversation_out(chat: Deployment) -> None:
    bob = chat.sign_up("bob")
    async with chat.socket(chat.sign_up("alice")) as socket:
        conversation = (await answered(socket, "Hers"))["conversation"]
    for file in FILES:
        foreign = await get(chat, f"/c/{conversation}/{file}", bob)
        missing = await get(chat, f"/c/{uuid.uuid4()}/{file}", bob)
        assert foreign[:2] == missing[:2]
        assert foreign[0] == 404
        _, stranger, _ = await get(chat, f"/c/{conversation}/{file}")
        assert "Hers" not in stranger
        assert 'name="login"' in stranger
