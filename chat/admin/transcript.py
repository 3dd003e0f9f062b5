"""A piece of a conversation as staff read it: messages in reading order, each with its attempts and ratings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models.functions import Length
from django.http import QueryDict

from chat.admin.attempts import Attempt, attempts_of
from chat.admin.ratings import Rated, ratings_of
from chat.admin.reading_order import Piece, Place, Turn, in_reading_order, piece_of
from chat.models import Conversation, Message, Role

# Of the pages that show answers.
STYLES = ("chat/css/markdown.css", "chat/admin/transcript.css", "chat/admin/reading.css")


@dataclass(frozen=True, slots=True)
class Entry:
    """One message, and where it stands."""

    message: Message
    place: Place
    attempts: list[Attempt] = field(default_factory=list)
    ratings: list[Rated] = field(default_factory=list)

    @property
    def is_answer(self) -> bool:
        return self.message.role == Role.ASSISTANT

    @property
    def anchor(self) -> str:
        return f"#message-{self.message.pk}"

    @property
    def live(self) -> Attempt | None:
        """Give the attempt under way: an answer has at most one."""
        return next((attempt for attempt in self.attempts if attempt.is_live), None)

    @property
    def content(self) -> str:
        """Give the text, with what is stored of an attempt under way."""
        return self.message.content + (self.live.so_far.content if self.live else "")

    @property
    def reasoning(self) -> str:
        return self.message.reasoning + (self.live.so_far.reasoning if self.live else "")


def piece_asked_for(conversation: Conversation, query: QueryDict) -> Piece:
    """Say which messages to show: those around, before or after one that the query names, else the last."""
    messages = Message.objects.filter(conversation=conversation).order_by("created_at", "id")
    turns = (Turn(*row) for row in messages.values_list("pk", "parent"))
    wanted = {name: _uuid(query.get(name, "")) for name in ("around", "before", "after")}
    return piece_of(in_reading_order(turns, conversation.head_id), _sizes, **wanted)


def _sizes(places: Sequence[Place]) -> dict[UUID, int]:
    messages = Message.objects.filter(pk__in=[place.pk for place in places])
    return dict(messages.values_list("pk", Length("content") + Length("reasoning")))


def entries(places: Iterable[Place], *, with_generations: bool) -> list[Entry]:
    """Read these messages with their ratings, and with their generations if asked: at most four queries."""
    places = list(places)
    ids = [place.pk for place in places]
    messages = Message.objects.in_bulk(ids)
    attempts = attempts_of(ids) if with_generations else {}
    ratings = ratings_of(ids)
    return [
        Entry(messages[place.pk], place, attempts.get(place.pk, []), ratings.get(place.pk, []))
        for place in places
        # One may have gone since the order was read.
        if place.pk in messages
    ]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
