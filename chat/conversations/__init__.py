"""The units of work on conversations: each is one sync function, one transaction, called in a thread."""

from chat.conversations.cancel import Cancelling, cancel, cancel_for_staff
from chat.conversations.done import Done
from chat.conversations.left import LeftToday, left_today
from chat.conversations.offer import Offer, bare_offer, limits, offer
from chat.conversations.reading import Changes, Probe, changes_since, probe, snapshot
from chat.conversations.recent import list_envelopes, recent
from chat.conversations.submit import Submitted, continue_answer, regenerate, submit
from chat.conversations.units import UNITS

__all__ = [
    "UNITS",
    "Cancelling",
    "Changes",
    "Done",
    "LeftToday",
    "Offer",
    "Probe",
    "Submitted",
    "bare_offer",
    "cancel",
    "cancel_for_staff",
    "changes_since",
    "continue_answer",
    "left_today",
    "limits",
    "list_envelopes",
    "offer",
    "probe",
    "recent",
    "regenerate",
    "snapshot",
    "submit",
]
