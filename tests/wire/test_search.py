"""Search: words of titles and messages, Russian and English, as one types; one's own alone."""

import uuid
from typing import Any

from tests.support.deployment import Deployment
from tests.support.wire import Frame, Wire


async def said(socket: Wire, content: str, conversation: str | None = None) -> Frame:
    accepted = await socket.prompt(f"{content} [[chunks=2 rate=0]]", conversation)
    await socket.until_end(accepted["generation"])
    return accepted


async def named(socket: Wire, conversation: str, title: str) -> None:
    done = await socket.ask("conversation.update", conversation=conversation, title=title)
    assert done["type"] == "done"


async def hits(socket: Wire, query: str, **place: Any) -> list[Frame]:
    found = await socket.ask("conversation.search", query=query, **place)
    assert found["type"] == "conversation.found", found
    listed: list[Frame] = found["hits"]
    return listed


async def found(socket: Wire, query: str) -> set[str]:
    return {hit["message"] for hit in await hits(socket, query)}


def matched(hit: Frame) -> list[str]:
    """Cut the matches out of a snippet as JavaScript would."""
    units = hit["snippet"].encode("utf-16-le")
    return [units[2 * start : 2 * end].decode("utf-16-le") for start, end in hit["matches"]]


async def test_what_was_said_is_found(either: Deployment) -> None:
    alice, bob = either.sign_up("alice"), either.sign_up("bob")
    is_postgres = "postgres" in either.env["DATABASE_URL"]
    async with either.socket(alice) as socket, either.socket(bob) as his:
        sea = await said(
            socket, "🚢 Старый Корабль\nшёл по морю: chat.models, snake_case & the Café"
        )
        other = await said(socket, "Another ship sails, chat and models apart", sea["conversation"])
        await named(socket, sea["conversation"], "Путешествие по морю")
        theirs = await said(his, "Корабль, ship, models")
        await named(his, theirs["conversation"], "Mine")

        assert await found(socket, "корабль ") == {sea["message"]}
        assert await found(socket, "КОРАБЛЬ ") == {sea["message"]}
        assert await found(socket, "кор") == {sea["message"]}
        assert await found(socket, "кор ") == set()
        assert await found(socket, "шел ") == {sea["message"]}
        assert await found(socket, "models ") == {sea["message"], other["message"]}
        assert await found(socket, "chat.models ") == {sea["message"]}
        assert await found(socket, "case ship") == set()
        assert await found(socket, '"старый корабль"') == {sea["message"]}
        assert await found(socket, '"корабль старый"') == set()
        assert await found(socket, "models -корабль") == {other["message"]}
        assert await found(socket, "models ship") == {other["message"]}
        assert await found(his, "корабль ") == {theirs["message"]}
        if is_postgres:
            assert await found(socket, "корабли ") == {sea["message"]}
            assert await found(socket, "sailing ") == {other["message"]}
        else:
            assert await found(socket, "cafe ") == {sea["message"]}

        (hit,) = await hits(socket, "кора")
        assert matched(hit) == ["Корабль"]
        assert hit["snippet"].startswith("🚢 Старый Корабль шёл по морю: chat.models")
        assert (hit["conversation"], hit["role"]) == (sea["conversation"], "user")
        (answer, *_) = await hits(socket, "w0002 ")
        assert (answer["role"], matched(answer)) == ("assistant", ["w0002"])

        title, message = await hits(socket, "морю ")
        assert (title["message"], title["snippet"]) == (None, "Путешествие по морю")
        assert matched(title) == matched(message) == ["морю"]


async def test_what_is_renamed_or_deleted_is_found_no_more(either: Deployment) -> None:
    async with either.socket(either.sign_up("alice")) as socket:
        sea = await said(socket, "Старый корабль")
        await named(socket, sea["conversation"], "Путешествие")
        assert await found(socket, "путешествие ") == {None}
        await named(socket, sea["conversation"], "Прогулка")
        assert await found(socket, "путешествие ") == set()
        assert await found(socket, "прогулка ") == {None}
        await socket.ask("conversation.delete", conversation=sea["conversation"])
        assert await found(socket, "корабль ") == set()
        await socket.ask("conversation.restore", conversation=sea["conversation"])
        assert await found(socket, "корабль ") == {sea["message"]}


async def test_the_index_survives_tables_that_are_made_anew(either: Deployment) -> None:
    """Back to before there was an index, then on: Django makes SQLite's tables anew on the way."""
    async with either.socket(either.sign_up("alice")) as socket:
        before = await said(socket, "needle in the hay")
        await named(socket, before["conversation"], "Hay")
        for target in (("chat", "0004"), ()):
            migration = either.processes.manage("migrate", *target, "-v0", env=either.env)
            assert migration.wait() == 0
        after = await said(socket, "needle", before["conversation"])
        assert await found(socket, "needle ") == {before["message"], after["message"]}
        assert await found(socket, "hay ") == {before["message"], None}


async def test_hits_come_page_by_page(either: Deployment) -> None:
    async with either.socket(either.sign_up("alice")) as socket:
        first = await said(socket, "needle")
        for number in range(22):
            await said(socket, f"needle {number}", first["conversation"])
        await named(socket, first["conversation"], "Hay")
        pages = [await socket.ask("conversation.search", query="needle")]
        pages.append(
            await socket.ask("conversation.search", query="needle", before=pages[0]["before"])
        )
    messages = [hit["message"] for page in pages for hit in page["hits"]]
    assert [len(page["hits"]) for page in pages] == [20, 3]
    assert len(set(messages)) == 23
    assert pages[1]["before"] is None


ODD = [
    '"',
    "-",
    "*",
    "a* OR NOT (",
    'NEAR("a" "b", 5)',
    "text : a",
    "owner : u1",
    "=1",
    "'; DROP TABLE chat_message --",
    "a & | ! <-> b:*",
    "\\'",
    "%s %(a)s",
    "\N{REPLACEMENT CHARACTER}",
    "и не the",
    "-и the ",
    "漢字 ไทย １２",
    "x" * 200,
    "x " * 100,
]


async def test_no_query_is_refused_for_its_syntax(either: Deployment) -> None:
    async with either.socket(either.sign_up("alice")) as socket:
        await said(socket, "a b the и не")
        for query in ODD:
            reply = await socket.ask("conversation.search", query=query)
            assert reply["type"] == "conversation.found", (query, reply)
        assert await hits(socket, "-a ") == []


async def test_a_query_that_is_none_is_refused(chat: Deployment) -> None:
    async with chat.socket(chat.sign_up("alice")) as socket:
        for wrong, field in (
            ({"query": ""}, "query"),
            ({"query": "x" * 201}, "query"),
            ({"query": "x", "before": "-1"}, "before"),
            ({"query": "x", "before": str(uuid.uuid4())}, "before"),
        ):
            error = await socket.ask("conversation.search", **wrong)
            assert (error["code"], error["field"]) == ("invalid", field)
        assert await hits(socket, "x", before="9999") == []
