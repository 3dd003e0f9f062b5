"""What is not kept: past its time, of nobody any more, or of a person who is to be forgotten."""

from chat.retention.purge import past_keeping, purge, to_purge

__all__ = ["past_keeping", "purge", "to_purge"]
