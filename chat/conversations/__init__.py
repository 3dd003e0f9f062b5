"""The units of work on conversations: each is one sync function, one transaction, called in a thread."""

from chat.conversations.cancel import Cancelling, cancel
from chat.conversations.reading import (
    Changes,
    Probe,
    changes_since,
    history,
    listing,
    probe,
    snapshot,
)
from chat.conversations.submit import Submitted, continue_answer, regenerate, submit

__all__ = [
    "Cancelling",
    "Changes",
    "Probe",
    "Submitted",
    "cancel",
    "changes_since",
    "continue_answer",
    "history",
    "listing",
    "probe",
    "regenerate",
    "snapshot",
    "submit",
]
