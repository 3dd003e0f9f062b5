"""Which unit of work does what a command asks, for those that a reply and events answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chat import protocol
from chat.conversations import presets
from chat.conversations.delete import delete, restore
from chat.conversations.done import Done
from chat.conversations.listing import listing
from chat.conversations.rate import rate
from chat.conversations.reading import history
from chat.conversations.search import search
from chat.conversations.share import share, unshare
from chat.conversations.update import update

UNITS: dict[type[protocol.Command], Callable[[int, Any], Done]] = {
    protocol.ConversationList: listing,
    protocol.ConversationHistory: history,
    protocol.ConversationUpdate: update,
    protocol.ConversationDelete: delete,
    protocol.ConversationRestore: restore,
    protocol.ConversationShare: share,
    protocol.ConversationUnshare: unshare,
    protocol.ConversationSearch: search,
    protocol.MessageRate: rate,
    protocol.PresetList: presets.listing,
    protocol.PresetSave: presets.save,
    protocol.PresetDelete: presets.delete,
}
