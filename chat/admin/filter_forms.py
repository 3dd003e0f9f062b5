"""What the record can be narrowed down to, as forms: their fields are the parameters of the URL."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, get_args

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import Q
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from chat.admin.words import status_words
from chat.models import Accessed, LanguageModel, Role, Status, User
from chat.protocol import FailureCode

# A beginning of a name that more people share is no use as a filter.
MOST_CALLED_SO = 20
# Choices of a filter.
MOST_READERS = 100
# What PostgreSQL's whole numbers hold.
MOST = 2_147_483_647
MOST_SECONDS = 2_000_000
# Not every date has a day before and a day after in every time zone.
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2999, 12, 31)
# The OpenAI-compatible literals.
FINISH_REASONS = ("stop", "length", "content_filter", "tool_calls")
ANY = ("", "—")


def people_called(name: str) -> list[int]:
    """Give who has that username, or else whose begins so: by index, and one more than is of use."""
    people = User.objects.order_by("username").values_list("pk", flat=True)
    return list(people.filter(username=name)) or list(
        people.filter(Q(username__startswith=name) | Q(username=name.lower()))[: MOST_CALLED_SO + 1]
    )


class _Choice(forms.ChoiceField):
    """One of what is known beforehand, or whatever there is."""

    def __init__(self, choices: Any, **options: Any) -> None:
        super().__init__(choices=choices, required=False, **options)


class _Day(forms.DateField):
    def __init__(self, **options: Any) -> None:
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        validators = [MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]
        super().__init__(
            widget=widget,
            input_formats=["%Y-%m-%d"],
            validators=validators,
            required=False,
            **options,
        )


def _whole(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=MOST, required=False)


def _decimal(label: Any, most: int, places: int) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_value=most, decimal_places=places, required=False
    )


class FilterForm(forms.Form):
    """By when. `ranges` says which fields begin a pair, and its legend."""

    since = _Day(label=_("from"))
    until = _Day(label=_("to"))

    ranges: dict[str, Any] = {"since": _("Date")}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        for first in self.ranges:
            last = _other_end(first)
            low, high = said.get(first), said.get(last)
            if low is not None and high is not None and low > high:
                self.add_error(last, gettext("It ends before it begins."))
        return self.cleaned_data


class AccessForm(FilterForm):
    """Offers the staff there are now, whose names are known without reading the log; others are searched for."""

    reader = _Choice((), label=_("Reader"))
    what = _Choice([ANY, *Accessed.choices], label=_("What was shown"))

    field_order = ("reader", "what")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        staff = User.objects.filter(is_staff=True).order_by("username")
        names = staff.values_list("username", flat=True)[:MOST_READERS]
        _offer(self, "reader", names)


class PeopleForm(FilterForm):
    """By whom, too. `user` becomes the ids of those it names."""

    user = forms.CharField(
        label=_("User"),
        max_length=150,
        required=False,
        help_text=_("A username, or how it begins"),
    )

    field_order: tuple[str, ...] = ("user",)

    def clean_user(self) -> list[int]:
        name = self.cleaned_data["user"]
        if not name:
            return []
        people = people_called(name)
        if not people:
            raise ValidationError(gettext("Nobody's name begins so."))
        if len(people) > MOST_CALLED_SO:
            raise ValidationError(
                ngettext(
                    "More than %(count)s person is called so. Write more of the name.",
                    "More than %(count)s people are called so. Write more of the name.",
                    MOST_CALLED_SO,
                )
                % {"count": MOST_CALLED_SO}
            )
        return people


class GenerationForm(PeopleForm):
    """By how an answer was written, and what people thought of it."""

    model = _Choice((), label=_("Model"))
    status = _Choice(
        [ANY, *((status.value, status_words(status)) for status in Status)], label=_("Status")
    )
    finish_reason = _Choice(
        [ANY, *((reason, reason) for reason in FINISH_REASONS)], label=_("Finish reason")
    )
    code = _Choice(
        [ANY, *((code, code) for code in sorted(get_args(FailureCode)))], label=_("Error code")
    )
    rating = _Choice(
        [
            ANY,
            ("up", _("Good")),
            ("down", _("Bad")),
            ("reason", _("With a reason or a comment")),
        ],
        label=_("Rating"),
    )
    review = _Choice(
        [
            ANY,
            ("flagged", _("Flagged")),
            ("open", _("Waits for review")),
            ("resolved", _("Reviewed")),
        ],
        label=_("Review"),
    )
    tokens_from = _whole(_("from"))
    tokens_to = _whole(_("to"))
    cost_from = _decimal(_("from"), 99_999_999, 6)
    cost_to = _decimal(_("to"), 99_999_999, 6)
    seconds_from = _decimal(_("from"), MOST_SECONDS, 3)
    seconds_to = _decimal(_("to"), MOST_SECONDS, 3)

    ranges = {
        **FilterForm.ranges,
        "tokens_from": _("Tokens, in and out"),
        "cost_from": _("Cost, in roubles"),
        "seconds_from": _("Duration, in seconds"),
    }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        names = LanguageModel.objects.order_by("name").values_list("name", flat=True)
        _offer(self, "model", names)


class ConversationForm(GenerationForm):
    field_order = ("user", "deleted")
    deleted = _Choice(
        [ANY, ("no", _("Not deleted")), ("yes", _("Deleted by the user"))], label=_("Deleted")
    )


class MessageForm(GenerationForm):
    field_order = ("user", "role")
    role = _Choice([ANY, *Role.choices], label=_("Role"))


def _offer(form: forms.Form, name: str, values: Iterable[str]) -> None:
    field: Any = form.fields[name]
    field.choices = [ANY, *((value, value) for value in values)]


def _other_end(first: str) -> str:
    return "until" if first == "since" else first.replace("_from", "_to")


def rows_of(form: FilterForm) -> list[tuple[Any, list[forms.BoundField]]]:
    """Give the fields as they are laid out: each alone, or two under one legend."""
    ends = {_other_end(first) for first in form.ranges}
    return [
        (form.ranges[name], [form[name], form[_other_end(name)]])
        if name in form.ranges
        else ("", [form[name]])
        for name in form.fields
        if name not in ends
    ]
