"""Presets: a model and parameters under a name, each person's own."""

from __future__ import annotations

from typing import Any

import msgspec
from django.db import transaction

from chat import protocol
from chat.conversations.checks import checked_model
from chat.conversations.done import Done
from chat.conversations.shapes import owner_envelope, preset_shape
from chat.models import Preset, User
from chat.protocol import CommandError

PRESETS_MAX = 50


def listing(user_id: int, command: protocol.PresetList) -> Done:
    presets = [preset_shape(preset) for preset in Preset.objects.filter(owner=user_id)]
    return Done(protocol.PresetListed(command_id=command.echo, presets=presets))


def save(user_id: int, command: protocol.PresetSave) -> Done:
    """Store a preset, new or changed. Raises `CommandError`; then nothing is stored."""
    asked = _asked(command)
    with transaction.atomic():
        # One at a time for each person: that makes the limit and the names exact.
        User.objects.select_for_update(no_key=True).get(pk=user_id)
        stored = Preset.objects.filter(pk=command.preset).first()
        _check(user_id, command, stored, asked["name"])
        if stored is not None and all(getattr(stored, k) == v for k, v in asked.items()):
            return Done.plain(command)
        values = {**asked, "owner_id": user_id}
        preset, _ = Preset.objects.update_or_create(pk=command.preset, defaults=values)
    saved = protocol.PresetSaved(preset=preset_shape(preset))
    return Done.plain(command, [owner_envelope(user_id, preset.pk, saved)])


def delete(user_id: int, command: protocol.PresetDelete) -> Done:
    """Delete a preset of that person's; what is not there is gone already."""
    gone, _ = Preset.objects.filter(pk=command.preset, owner=user_id).delete()
    event = protocol.PresetDeleted(preset=command.preset)
    told = [owner_envelope(user_id, command.preset, event)] if gone else []
    return Done.plain(command, told)


def _asked(command: protocol.PresetSave) -> dict[str, Any]:
    name = " ".join(command.name.split())
    if not name:
        raise CommandError("invalid", "The name is empty", field="name")
    model = checked_model(command.model)
    return {"name": name, "model": model, "params": msgspec.to_builtins(command.params)}


def _check(user_id: int, command: protocol.PresetSave, stored: Preset | None, name: str) -> None:
    if stored is not None and stored.owner_id != user_id:
        raise CommandError("conflict", "This uuid stands for something else", field="preset")
    own = Preset.objects.filter(owner=user_id).exclude(pk=command.preset)
    if own.filter(name=name).exists():
        raise CommandError("conflict", "Another preset has this name", field="name")
    if stored is None and own.count() >= PRESETS_MAX:
        raise CommandError("invalid", f"There are {PRESETS_MAX} presets already", field="preset")
