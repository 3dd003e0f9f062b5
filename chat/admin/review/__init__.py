"""The queue of answers to review: the list, the page of one, what staff do there, and the way from one to the next."""

from chat.admin.review.queue import ReviewAdmin

__all__ = ["ReviewAdmin"]
