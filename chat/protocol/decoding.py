"""From the text of a frame to a command."""

import json
import re
from typing import Any, NoReturn

import msgspec

from chat.protocol.codes import CommandError
from chat.protocol.commands import COMMANDS, Command

COMMAND_MAX_BYTES = 256 * 1024

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def decode_command(raw: str | bytes) -> Command:
    """Read one frame.

    Raises `CommandError` with `bad_frame` (not a JSON object with a `type`), `unknown_command`,
    `invalid` (and the field), or `too_long` (over 256 KiB).
    """
    size = (
        len(raw) if isinstance(raw, bytes) or raw.isascii() else len(raw.encode(errors="replace"))
    )
    frame = _decode_object(raw)
    command_id = frame.get("command_id")
    if not isinstance(command_id, str) or len(command_id) > 200:
        command_id = None
    if size > COMMAND_MAX_BYTES:
        detail = f"A command may have {COMMAND_MAX_BYTES} bytes, this one has {size}"
        raise CommandError("too_long", detail, command_id=command_id)
    return _convert(frame, command_id)


def _convert(frame: dict[str, Any], command_id: str | None) -> Command:
    kind = frame.get("type")
    if not isinstance(kind, str):
        raise CommandError("bad_frame", "A frame has a `type`", field="type", command_id=command_id)
    if kind not in COMMANDS:
        raise CommandError(
            "unknown_command", "No such command", field="type", command_id=command_id
        )
    try:
        return msgspec.convert(frame, COMMANDS[kind])
    except msgspec.ValidationError as error:
        raise CommandError(
            "invalid", str(error), field=_field_of(str(error)), command_id=command_id
        ) from None


def _decode_object(raw: str | bytes) -> dict[str, Any]:
    try:
        frame = msgspec.json.decode(raw)
        # PostgreSQL stores no NUL, in text or in JSON.
        if "\\u0000" in (raw if isinstance(raw, str) else raw.decode()):
            frame = _cleaned(frame)
    except (msgspec.DecodeError, UnicodeError):
        frame = _decode_with_surrogates(raw)
    except RecursionError:
        raise CommandError("bad_frame", "Nested too deeply") from None
    if not isinstance(frame, dict):
        raise CommandError("bad_frame", "A frame is a JSON object")
    return frame


def _decode_with_surrogates(raw: str | bytes) -> Any:
    """Read JSON that holds half a surrogate pair (a browser can send one): msgspec refuses those."""
    try:
        return _cleaned(json.loads(raw, parse_constant=_refuse_constant))
    except (ValueError, RecursionError):
        raise CommandError("bad_frame", "A frame is JSON") from None


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _field_of(message: str) -> str | None:
    """Find the field in msgspec's words: "… - at `$.params.top_p`", or "… required field `x`"."""
    path = re.search(r"at `\$\.?([^`]*)`", message)
    missing = re.search(r"required field `([^`]+)`", message)
    parts = [found.group(1) for found in (path, missing) if found and found.group(1)]
    return ".".join(parts) or None
