"""Limits of single users: operators say who may ask for less, or more, than the settings let everybody."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat.admin.named_list import NamedList
from chat.admin.words import NOTHING
from chat.models import User, UserLimits

_NUMBERS = ("at_once", "queued", "prompts_per_day", "tokens_per_day")
_PAUSE = ("is_paused", "paused_until", "reason")
_FOR_EVERYBODY = {"at_once": "USER_MAX_GENERATIONS", "queued": "USER_MAX_QUEUED"}


class UserLimitsForm(forms.ModelForm):
    """Names the user by username: operators may not list accounts, and a list of all would be long."""

    username = forms.CharField(label=_("User"), max_length=150)
    # One field of the browser's own: the admin's two have no label each, and a script that the CSP stops.
    paused_until = forms.DateTimeField(
        label=_("Until"),
        help_text=_("Empty: until this is changed."),
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, setting in _FOR_EVERYBODY.items():
            if name in self.fields:
                self.fields[name].widget.attrs["placeholder"] = getattr(settings, setting)

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        user = User.objects.filter(username=name).first()
        if user is None:
            raise ValidationError(_("There is no user of this name."))
        if UserLimits.objects.filter(user=user).exists():
            raise ValidationError(_("This user has limits already: change those."))
        self.instance.user = user
        return name

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        until = told.get("paused_until")
        if until and not told.get("is_paused"):
            self.add_error("is_paused", _("Without this the time means nothing."))
        elif until and until <= timezone.now() and "paused_until" in self.changed_data:
            self.add_error("paused_until", _("This time is past."))
        return told


class PausedFilter(admin.SimpleListFilter):
    title = _("may not send")
    parameter_name = "paused"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Now")), ("no", _("Not now"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        paused = Q(is_paused=True) & (Q(paused_until=None) | Q(paused_until__gt=Now()))
        if self.value() is None:
            return queryset
        # `exclude` would leave out those without a time too.
        found = queryset.filter(paused).values("pk")
        return (
            queryset.filter(pk__in=found)
            if self.value() == "yes"
            else queryset.exclude(pk__in=found)
        )


@admin.register(UserLimits)
class UserLimitsAdmin(NamedList):
    """Each change is in the history of the page; it holds from the next prompt on."""

    form = UserLimitsForm
    list_display = ("username", *(f"{name}_said" for name in _NUMBERS), "paused")
    list_display_links = ("username",)
    list_filter = (PausedFilter,)
    list_select_related = ("user",)
    search_fields = ("user__username",)
    search_help_text = _("A username, or a part of one")
    ordering = ("user__username",)
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("username", *_NUMBERS)}),
        (_("Pause"), {"fields": _PAUSE}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("username",)

    @admin.display(description=_("user"), ordering="user__username")
    def username(self, limits: UserLimits) -> str:
        return str(limits)

    @admin.display(description=_("answers at once"), ordering="at_once")
    def at_once_said(self, limits: UserLimits) -> str:
        return _said(limits.at_once)

    @admin.display(description=_("waiting at most"), ordering="queued")
    def queued_said(self, limits: UserLimits) -> str:
        return _said(limits.queued)

    @admin.display(description=_("prompts a day"), ordering="prompts_per_day")
    def prompts_per_day_said(self, limits: UserLimits) -> str:
        return _said(limits.prompts_per_day)

    @admin.display(description=_("tokens a day"), ordering="tokens_per_day")
    def tokens_per_day_said(self, limits: UserLimits) -> str:
        return _said(limits.tokens_per_day)

    @admin.display(description=_("may not send"))
    def paused(self, limits: UserLimits) -> str:
        if not limits.is_paused_at(timezone.now()):
            return NOTHING
        if limits.paused_until is None:
            return gettext("until this is changed")
        until = timezone.localtime(limits.paused_until)
        return gettext("until %(time)s") % {"time": date_format(until, "SHORT_DATETIME_FORMAT")}


def _said(limit: int | None) -> str:
    return NOTHING if limit is None else number_format(limit, force_grouping=True)
