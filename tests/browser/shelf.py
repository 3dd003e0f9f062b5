"""Conversations that a person already has: said, named, tagged and dated before the page is opened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.support.database import Person
from tests.support.deployment import Deployment

# More words than a title has: nothing happens to the conversation after its end.
SAID = "[[chunks=30 rate=0]]"


@dataclass(frozen=True)
class Kept:
    """One to make: its title, what was said, how long ago it was, and what else is set."""

    title: str
    prompts: tuple[str, ...] = ("Hello",)
    days: int = 0
    set: dict[str, Any] = field(default_factory=dict)


async def fill(chat: Deployment, person: Person, *shelf: Kept) -> dict[str, str]:
    """Make the conversations, the last one as the newest of its day, and give their ids by title."""
    made: dict[str, str] = {}
    async with chat.socket(person) as socket:
        for kept in shelf:
            conversation: str | None = None
            for prompt in kept.prompts:
                accepted = await socket.prompt(f"{prompt} {SAID}", conversation)
                conversation = accepted["conversation"]
                await socket.until_end(accepted["generation"])
            assert conversation
            fields = {"conversation": conversation, "title": kept.title, **kept.set}
            done = await socket.ask("conversation.update", **fields)
            assert done["type"] == "done", done
            made[kept.title] = conversation
    for kept in shelf:
        if kept.days:
            _age(chat, made[kept.title], kept.days)
    return made


def _age(chat: Deployment, conversation: str, days: int) -> None:
    moment = datetime.now(UTC) - timedelta(days=days)
    chat.database.execute(
        "UPDATE chat_conversation SET updated_at = %s WHERE id = %s",
        moment.strftime("%Y-%m-%d %H:%M:%S.%f"),
        UUID(conversation).hex,
    )
