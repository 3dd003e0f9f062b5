"""What of the queue is shown: a form beside it, as other lists have one, whose fields are in the URL."""

from __future__ import annotations

from typing import Any, cast, get_args

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat.admin.filter_forms import ANY, PeopleForm
from chat.admin.filters import FormFilter
from chat.admin.ratings import reason_words
from chat.models import Cause, LanguageModel, User
from chat.protocol import FailureCode, RatingReason

STATE = "state"
# Of `STATE`: what is open is shown unless something else is asked for.
OPEN = ""
_COLUMNS = ("model", "code", "rating_reason")


def _choice(label: Any, *choices: tuple[str, Any]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False)


class ReviewForm(PeopleForm):
    """By why, with whom, and what is known of the answer. The dates are of when it came."""

    state = _choice(_("State"), (OPEN, _("Open")), ("resolved", _("Resolved")), ("all", _("All")))
    why = _choice(_("Why"), ANY, *Cause.choices)
    assigned = _choice(
        _("Assigned to"),
        ANY,
        ("me", _("me")),
        ("nobody", _("nobody")),
        ("somebody", _("somebody")),
    )
    model = _choice(_("Model"), ANY)
    code = _choice(_("Error code"), ANY, *((code, code) for code in sorted(get_args(FailureCode))))
    rating_reason = _choice(
        _("Reason of the rating"),
        ANY,
        *((reason, reason_words(reason)) for reason in get_args(RatingReason)),
    )

    field_order = ("state", "why", "assigned", "user")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        names = LanguageModel.objects.order_by("name").values_list("name", flat=True)
        offered: Any = self.fields["model"]
        offered.choices = [ANY, *((name, name) for name in names)]


class ReviewFilter(FormFilter):
    form = ReviewForm
    moment = "since"

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        rows = super().queryset(request, queryset)
        wanted = self.bound.cleaned_data.get("assigned")
        me = cast("User", request.user).pk
        with_whom = {
            "me": Q(assigned_to=me),
            "nobody": Q(assigned_to__isnull=True),
            "somebody": Q(assigned_to__isnull=False),
        }
        return rows.filter(with_whom[wanted]) if wanted else rows

    def narrowed(self, rows: QuerySet, said: dict[str, Any]) -> QuerySet:
        rows = super().narrowed(rows, said)
        wanted = {name: said[name] for name in _COLUMNS if said[name]}
        if said["why"]:
            wanted[said["why"]] = True
        if said["user"]:
            wanted["conversation__owner__in"] = said["user"]
        if said["state"] != "all":
            wanted["resolved_at__isnull"] = said["state"] == OPEN
        return rows.filter(**wanted)
