"""What a review says of itself, and why an act is refused, in words."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.admin.ratings import reason_words
from chat.admin.words import NOTHING
from chat.models import Act, Outcome, Review, ReviewNote
from chat.reviews import Refusal, RefusedError

# What staff may decide, in the order it is offered.
DECISIONS = tuple(outcome for outcome in Outcome if outcome != Outcome.WITHDRAWN)
# What the keys of a review's page do (chat/static/chat/admin/review.js).
KEYS = (
    ("j", _("the next one of the list")),
    ("k", _("the previous one")),
    ("a", _("take it")),
    ("n", _("write a note")),
    ("r", _("to the outcomes: Tab chooses one, Enter resolves")),
    ("?", _("these keys")),
)

_REFUSALS = {
    Refusal.GONE: _("Its conversation is not there any more."),
    Refusal.TAKEN: _("%(holder)s has it."),
    Refusal.NOT_YOURS: _("You do not have it."),
    Refusal.RESOLVED: _("%(holder)s has resolved it."),
    Refusal.NOT_RESOLVED: _("It is open already."),
    Refusal.NO_REVIEWER: _("Choose a colleague who may review."),
    Refusal.NO_WORDS: _("Write something first."),
    Refusal.NO_OUTCOME: _("Choose an outcome."),
    Refusal.NO_ANSWER: _("Only an answer is flagged."),
}
_WITHOUT_HOLDER = {
    Refusal.TAKEN: _("Nobody has it any more. Look again."),
    Refusal.RESOLVED: _("It is resolved."),
}


def why(review: Review) -> str:
    return ", ".join(str(cause.label) for cause in review.causes) or NOTHING


def details(review: Review) -> str:
    """Say what failed and what was wrong, as far as is known."""
    said = [review.code, str(reason_words(review.rating_reason))]
    return ", ".join(each for each in said if each)


def state(review: Review) -> str:
    """Say with whom it is, or what it came to."""
    if review.is_open:
        return review.assigned_name or gettext("nobody")
    decided = str(Outcome(review.outcome).label)
    return f"{decided} · {review.resolved_by_name}" if review.resolved_by_name else decided


def refused(error: RefusedError) -> str:
    words = _REFUSALS[error.refusal]
    if not error.holder:
        words = _WITHOUT_HOLDER.get(error.refusal, words)
    return str(words) % {"holder": error.holder}


def noted(note: ReviewNote) -> str:
    """Say what somebody did, after their name."""
    if note.act == Act.HAND:
        return gettext("handed it to %(name)s") % {"name": note.what}
    if note.act == Act.RESOLVE:
        return gettext("resolved it: %(outcome)s") % {"outcome": Outcome(note.what).label}
    return note.get_act_display()
