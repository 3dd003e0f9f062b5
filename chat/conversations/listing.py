"""The list of a person's conversations, page by page."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from msgspec import UNSET

from chat import protocol
from chat.conversations.done import Done
from chat.conversations.shapes import conversation_shape
from chat.conversations.tags import tags_of
from chat.models import Conversation
from chat.protocol import CommandError

PAGE = 50

Place = tuple[bool, datetime, UUID]


def listing(user_id: int, command: protocol.ConversationList) -> Done:
    """Read the next 50 conversations, pinned ones first. Raises `CommandError` for a bad cursor.

    The first page brings the names of the tags too.
    """
    found = Conversation.objects.owned_by(user_id).filter(archived=command.archived)
    if command.tag is not None:
        found = found.tagged(command.tag)
    if command.before is not None:
        found = found.listed_after(_place(command.before))
    rows = list(found.in_list_order()[: PAGE + 1])
    shown = rows[:PAGE]
    return Done(
        protocol.ConversationListed(
            command_id=command.echo,
            conversations=[conversation_shape(conversation) for conversation in shown],
            before=_cursor(shown[-1]) if len(rows) > PAGE else None,
            tags=UNSET if command.before is not None else tags_of(user_id),
        )
    )


def _cursor(last: Conversation) -> str:
    return f"{int(last.pinned)}~{last.updated_at.isoformat()}~{last.pk}"


def _place(cursor: str) -> Place:
    try:
        pinned, moment, last = cursor.split("~")
        when = datetime.fromisoformat(moment).astimezone(UTC)
        return {"0": False, "1": True}[pinned], when, UUID(last)
    except (ValueError, OverflowError, KeyError):
        raise CommandError("invalid", "Not a cursor of ours", field="before") from None
