"""The record taken out by staff: what a list has found, in pieces, each logged before it leaves."""

from chat.exporting.download import Download, StoppedError
from chat.exporting.formats import FORMATS
from chat.exporting.kinds import May
from chat.exporting.reading import Reading

__all__ = [
    "FORMATS",
    "Download",
    "May",
    "Reading",
    "StoppedError",
]
