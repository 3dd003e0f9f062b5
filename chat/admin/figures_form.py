"""What a URL asks the page of figures for; what cannot be shown is refused in words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from chat.figures import Period, PeriodError, Step, Which, between, last
from chat.models import LanguageModel, User

_STEPS = [
    ("", _("as fits")),
    (Step.HOUR, _("by hour")),
    (Step.DAY, _("by day")),
    (Step.MONTH, _("by month")),
]
_WHY_NOT = {
    "order": _("The period ends before it begins."),
    "years": _("Years from 2000 to 2100 can be shown."),
}
_TOO_LONG = ngettext_lazy(
    "By this step at most %(days)d day can be shown: choose a longer step or a shorter period.",
    "By this step at most %(days)d days can be shown: choose a longer step or a shorter period.",
    "days",
)


class Last(TextChoices):
    DAY = "24h", _("24 hours")
    WEEK = "7d", _("7 days")
    MONTH = "30d", _("30 days")
    YEAR = "12m", _("12 months")


class _Day(forms.DateField):
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class FiguresForm(forms.Form):
    """Days go before `period`, which is the last 7 days unless it is given. When valid: `period` and `which`."""

    period: Period
    which: Which

    period_name = forms.ChoiceField(choices=Last.choices, required=False, widget=forms.HiddenInput)
    since = _Day(label=_("From"), required=False)
    until = _Day(label=_("To"), required=False)
    by = forms.ChoiceField(label=_("Shown"), choices=_STEPS, required=False)
    model = forms.CharField(label=_("Model"), max_length=200, required=False, widget=forms.Select)
    user = forms.CharField(label=_("User"), max_length=150, required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="figures-%s", label_suffix="")
        # Any name may be asked for: what the record has of it, the list of models may have no more.
        names = {*LanguageModel.objects.values_list("name", flat=True), data.get("model", "")}
        self.fields["model"].widget.choices = [
            ("", _("all")),
            *((n, n) for n in sorted(names - {""})),
        ]

    def add_prefix(self, field_name: str) -> str:
        return "period" if field_name == "period_name" else field_name

    @property
    def last_chosen(self) -> str:
        """Give which of `Last` is shown; empty for days of one's own."""
        if self.cleaned_data.get("since"):
            return ""
        return self.cleaned_data.get("period_name") or Last.WEEK

    def clean_user(self) -> str:
        name: str = self.cleaned_data["user"]
        if name and not User.objects.filter(username=name).exists():
            raise ValidationError(_("There is no user of this name."))
        return name

    def clean(self) -> None:
        told = self.cleaned_data
        if told.get("until") and not told.get("since") and "since" not in self.errors:
            self.add_error("since", _("Say from when, too."))
        if self.errors:
            return
        self.which = Which(model=told["model"], username=told["user"])
        try:
            self.period = self._period()
        except PeriodError as why:
            raise ValidationError(_in_words(why)) from None

    def _period(self) -> Period:
        told, now, zone = self.cleaned_data, timezone.now(), timezone.get_current_timezone()
        step = Step(told["by"]) if told["by"] else None
        if told["since"] is None:
            return last(self.last_chosen, now, zone, step)
        return between(told["since"], told["until"] or now.astimezone(zone).date(), zone, step)


def _in_words(why: PeriodError) -> Any:
    if why.reason == "long":
        return _TOO_LONG % {"days": why.most_days}
    return _WHY_NOT[why.reason]
