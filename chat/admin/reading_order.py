"""The messages of a conversation in an order that a person can follow, and which of them one page shows. Pure.

The branch that is open, the one that ends in the head, is the trunk. The other versions of a message
stand before the one that is on it, each with all that follows from it, one level further in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

# As deep as the style sheet goes; what branches further stays at that level.
DEEPEST_LEVEL = 6
# So much a page shows: as much as it can load and lay out at once. Messages, and characters.
PIECE = 200
MOST_CHARS = 1_000_000


class Turn(NamedTuple):
    """A message without its text."""

    pk: UUID
    parent: UUID | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands: its version among its siblings counts from 1."""

    pk: UUID
    level: int
    version: int
    versions: int
    is_on_head_branch: bool
    is_head: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """What one page shows of a transcript, and where it is in the whole: `first` and `last` count from 1."""

    places: Sequence[Place]
    first: int
    whole: int

    @property
    def last(self) -> int:
        return self.first + len(self.places) - 1

    @property
    def is_whole(self) -> bool:
        return len(self.places) == self.whole

    @property
    def before(self) -> UUID | None:
        """Name the message that earlier ones stand before; none if there are none."""
        return self.places[0].pk if self.first > 1 else None

    @property
    def after(self) -> UUID | None:
        """Name the message that later ones come after; none if there are none."""
        return self.places[-1].pk if self.last < self.whole else None


def in_reading_order(turns: Iterable[Turn], head: UUID | None) -> list[Place]:
    """Place all messages of a conversation, which come in the order they were made."""
    turns = list(turns)
    trunk = _branch_of(head, turns)
    children = _children(turns)
    versions = {
        turn.pk: number
        for siblings in children.values()
        for number, turn in enumerate(siblings, start=1)
    }
    return [
        Place(
            pk=turn.pk,
            level=min(level, DEEPEST_LEVEL),
            version=versions[turn.pk],
            versions=len(children[turn.parent]),
            is_on_head_branch=turn.pk in trunk,
            is_head=turn.pk == head,
        )
        for turn, level in _walk(children, trunk)
    ]


def piece_of(
    places: Sequence[Place],
    sizes_of: Callable[[Sequence[Place]], Mapping[UUID, int]],
    *,
    around: UUID | None = None,
    before: UUID | None = None,
    after: UUID | None = None,
) -> Piece:
    """Give the piece around a message, or before or after one; the end, if it is asked for nothing that is there.

    `sizes_of`: how many characters messages have; asked of those that may be in it.
    """
    index = {place.pk: number for number, place in enumerate(places)}
    low, high, centre = 0, len(places), len(places) - 1
    if around in index:
        centre = index[around]
    elif before in index and index[before] > 0:
        high = index[before]
        centre = high - 1
    elif after in index and index[after] < len(places) - 1:
        low = centre = index[after] + 1
    low, high = max(low, centre - PIECE + 1), min(high, centre + PIECE)
    near = places[low:high]
    if not near:
        return Piece([], 1, 0)
    sizes = sizes_of(near)
    shown = _grown([sizes.get(place.pk, 0) for place in near], centre - low)
    return Piece(near[shown], low + shown.start + 1, len(places))


def _grown(sizes: Sequence[int], centre: int) -> slice:
    """Take what is nearest to the centre, which itself may be of any size."""
    first = last = centre
    room = MOST_CHARS - sizes[centre]
    while last - first + 1 < PIECE:
        beside = [n for n in (first - 1, last + 1) if 0 <= n < len(sizes) and sizes[n] <= room]
        if not beside:
            break
        nearest = min(beside, key=lambda n: abs(n - centre))
        room -= sizes[nearest]
        first, last = min(first, nearest), max(last, nearest)
    return slice(first, last + 1)


def _children(turns: Iterable[Turn]) -> dict[UUID | None, list[Turn]]:
    children: dict[UUID | None, list[Turn]] = {}
    for turn in turns:
        children.setdefault(turn.parent, []).append(turn)
    return children


def _branch_of(head: UUID | None, turns: Iterable[Turn]) -> set[UUID]:
    parents = {turn.pk: turn.parent for turn in turns}
    branch: set[UUID] = set()
    while head is not None and head in parents:
        branch.add(head)
        head = parents[head]
    return branch


def _walk(children: dict[UUID | None, list[Turn]], trunk: set[UUID]) -> Iterator[tuple[Turn, int]]:
    """Walk the tree without recursion: a conversation may be thousands of messages deep."""
    waiting = [*_next_down(children.get(None, []), trunk, 0)]
    while waiting:
        turn, level = waiting.pop()
        yield turn, level
        waiting += _next_down(children.get(turn.pk, []), trunk, level)


def _next_down(siblings: list[Turn], trunk: set[UUID], level: int) -> Iterator[tuple[Turn, int]]:
    """List siblings last first: the one that goes on at this level, then the others further in."""
    if not siblings:
        return
    main = next((turn for turn in siblings if turn.pk in trunk), siblings[-1])
    yield main, level
    for turn in reversed(siblings):
        if turn is not main:
            yield turn, level + 1
