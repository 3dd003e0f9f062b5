"""Who watches what in this process, and the link to the other processes."""

from chat.hub.hub import Hub, Place, Watcher
from chat.hub.link import Link

__all__ = ["Hub", "Link", "Place", "Watcher"]
