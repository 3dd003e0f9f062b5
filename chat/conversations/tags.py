"""Names that a person gives to conversations, to find them together."""

from __future__ import annotations

from collections.abc import Iterable

from chat.models import Conversation
from chat.protocol import CommandError


def tags_of(user_id: int) -> list[str]:
    """List the names a person uses, in alphabetical order."""
    lists = Conversation.objects.owned_by(user_id).exclude(tags=[]).values_list("tags", flat=True)
    return sorted({name for names in lists for name in names}, key=str.casefold)


def checked_tags(user_id: int, names: Iterable[str]) -> list[str]:
    """Return the names each once, spelled as that person has spelled them before.

    Raises `CommandError` for a name of nothing but space.
    """
    words = [" ".join(name.split()) for name in names]
    if not all(words):
        raise CommandError("invalid", "A tag has a name", field="tags")
    spelled = {name.casefold(): name for name in tags_of(user_id)} if words else {}
    chosen = [spelled.setdefault(word.casefold(), word) for word in words]
    return list(dict.fromkeys(chosen))
