"""What is not kept: past its time, of nobody any more, or of a person who is to be forgotten."""

from chat.retention.forget import StillInUseError, forget, to_forget
from chat.retention.purge import past_keeping, purge, to_purge

__all__ = ["StillInUseError", "forget", "past_keeping", "purge", "to_forget", "to_purge"]
