"""The record as the simulated processes meet it: the oracle alone, or the real units of work beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from chat.envelope import Envelope
from chat.generation.prompt import Prompt
from chat.generation.reaper import Reaper, forget_old_logs
from chat.generation.record import LeaseLostError
from chat.models import Conversation, Delta, Generation, Message, Runner, Status
from chat.models.delta import KINDS
from chat.protocol import CommandError, Event, encode
from tests.properties.oracle import Oracle

# Told by real clocks and prices, or not of the protocol.
UNCOMPARED = frozenset(
    {"created_at", "updated_at", "timing", "usage", "model", "detail", "command_id"}
)
# The units that the oracle knows; what else is asked of the database is done by that alone.
MEANT = frozenset(
    {
        "cancel",
        "changes_since",
        "claim",
        "continue_answer",
        "end_generations",
        "enlist",
        "forget_old_logs",
        "list_envelopes",
        "probe",
        "prompt_for",
        "recent",
        "regenerate",
        "renew",
        "retire",
        "snapshot",
        "store_deltas",
        "submit",
    }
)


class OracleRecord:
    """The units of work as dictionaries: fast, so the machine runs many examples over it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.oracle = Oracle(clock)

    def do(self, unit: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        """Do one unit of work. What is not of the record (sessions, models) is done as it is."""
        meant = self._meant(unit)
        return unit(*args) if meant is None else meant(*args)

    def time_passed(self) -> None:
        """Take note of the clock."""

    def logs_grow_old(self) -> None:
        """Let ten minutes pass for what has ended, and forget its log."""
        self.oracle.forget()

    def check(self) -> None:
        """Compare what can be compared."""

    def clear(self) -> None:
        """Leave nothing behind."""

    def _meant(self, unit: Callable[..., Any]) -> Callable[..., Any] | None:
        if isinstance(getattr(unit, "__self__", None), Reaper):
            return lambda: self.oracle.reap(unit.__self__)  # type: ignore[attr-defined]
        name = getattr(unit, "__name__", "")
        return getattr(self.oracle, name) if name in MEANT else None


class ComparedRecord(OracleRecord):
    """The real units on the default database; each answer is compared with the oracle's."""

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__(clock)
        self._clock = clock
        self._is_changed = False
        self.clear()

    def do(self, unit: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        meant = self._meant(unit)
        # What has changed lately is a matter of the clock, which in the rows is a real one.
        if meant is None or unit.__name__ == "recent":
            return unit(*args)
        self._is_changed = True
        real, error = _outcome(unit, args)
        self.oracle.new_id = _ids_of(unit, real)
        expected = _outcome(meant, args)
        assert essence((real, error)) == essence(expected), unit.__name__
        self._hold_lease_up(unit, args)
        if error is not None:
            raise error
        return real

    def time_passed(self) -> None:
        """End the leases whose time is over: rows tell the database's time, which here stands still."""
        runners = self.oracle.runners.items()
        over = [pk for pk, lease in runners if lease.expires_at <= self._clock()]
        held = Runner.objects.filter(pk__in=over, lease_expires_at__gt=timezone.now())
        if over:
            held.update(lease_expires_at=timezone.now() - timedelta(seconds=1))

    def logs_grow_old(self) -> None:
        super().logs_grow_old()
        ended = Generation.objects.filter(ended_at__isnull=False)
        ended.update(ended_at=timezone.now() - timedelta(minutes=11))
        while forget_old_logs():
            pass
        self._is_changed = True

    def check(self) -> None:
        if self._is_changed:
            self._is_changed = False
            assert _rows_of_database() == self._rows_of_oracle()

    def clear(self) -> None:
        for model in (Delta, Generation):
            model.objects.all().delete()
        Conversation.objects.update(head=None)
        for model in (Message, Conversation, Runner):
            model.objects.all().delete()

    def _hold_lease_up(self, unit: Callable[..., Any], args: tuple[Any, ...]) -> None:
        """Put a lease out of reach of the database's own clock."""
        if unit.__name__ in ("enlist", "renew"):
            held = Runner.objects.filter(pk=args[0], lease_expires_at__gt=timezone.now())
            held.update(lease_expires_at=timezone.now() + timedelta(hours=1))

    def _rows_of_oracle(self) -> dict[str, Any]:
        oracle = self.oracle
        return {
            "conversations": {
                c.pk: _picked(c, CONVERSATION) for c in oracle.conversations.values()
            },
            "messages": {m.pk: _picked(m, MESSAGE) for m in oracle.messages.values()},
            "generations": {g.pk: _generation(g) for g in oracle.generations.values()},
            "deltas": {
                (pk, seq): (kind, text)
                for pk, log in oracle.logs.items()
                if pk not in oracle.forgotten
                for seq, kind, text in log
            },
            "ended runners": {pk for pk, lease in oracle.runners.items() if lease.is_ended},
        }


CONVERSATION = ("owner_id", "head_id", "revision", "title")
MESSAGE = ("conversation_id", "parent_id", "role", "content", "reasoning", "revision")
GENERATION = (
    "message_id",
    "owner_id",
    "continues_id",
    "status",
    "position",
    "runner_id",
    "seq",
    "finish_reason",
    "code",
    "content_chars",
    "reasoning_chars",
)


def _rows_of_database() -> dict[str, Any]:
    rows = Delta.objects.values_list("generation", "seq", "kind", "text")
    return {
        "conversations": {c.pk: _picked(c, CONVERSATION) for c in Conversation.objects.all()},
        "messages": {m.pk: _picked(m, MESSAGE) for m in Message.objects.all()},
        "generations": {g.pk: _generation(g) for g in Generation.objects.all()},
        "deltas": {(pk, seq): (KINDS[kind], text) for pk, seq, kind, text in rows},
        "ended runners": set(
            Runner.objects.filter(ended_at__isnull=False).values_list("pk", flat=True)
        ),
    }


def _picked(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _generation(row: Generation) -> dict[str, Any]:
    is_flagged = row.cancel_requested_at is not None
    # One that ended cancelled has the moment set, flagged before or not.
    flagged = is_flagged or row.status == Status.CANCELLED
    return {**_picked(row, GENERATION), "started": row.started_at is not None, "flagged": flagged}


def _ids_of(unit: Callable[..., Any], real: Any) -> Callable[[], UUID]:
    """Give the oracle the ids that the real unit has made."""
    if unit.__name__ == "submit" and real is not None:
        return iter([real.answer, real.generation]).__next__
    return lambda: real.generation


def _outcome(unit: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, Exception | None]:
    try:
        return unit(*args), None
    except (CommandError, LeaseLostError) as error:
        return None, error


def essence(value: Any) -> Any:
    """Reduce an answer to what two records must agree on."""
    if isinstance(value, dict):
        return {key: essence(item) for key, item in value.items() if key not in UNCOMPARED}
    if isinstance(value, list | tuple):
        return [essence(item) for item in value]
    if isinstance(value, Event):
        return essence(json.loads(encode(value)))
    if isinstance(value, models.Model):
        return value.pk
    return _essence_of_ours(value)


def _essence_of_ours(value: Any) -> Any:
    if isinstance(value, CommandError):
        return "CommandError", value.code, value.field
    if isinstance(value, LeaseLostError):
        return "LeaseLostError"
    if isinstance(value, Prompt):
        return None  # What the provider is asked is another test's.
    if isinstance(value, Envelope):
        frames = [essence(json.loads(frame)) for frame in value.frames]
        place = value.conversation, value.revision, value.generation, value.step
        return frames, place, value.ends, value.aside, value.owner
    if is_dataclass(value):
        return {field.name: essence(getattr(value, field.name)) for field in fields(value)}
    return value
