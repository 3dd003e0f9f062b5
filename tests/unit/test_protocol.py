"""The wire: every frame is a command or an error, every event reads back as what was written."""

from __future__ import annotations

import json
import uuid
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import protocol
from chat.protocol import COMMANDS, EVENTS, Command, CommandError, decode_command, encode

UUID = "6f1f5f5e-6f3c-4b8e-9d55-0f6f0c0b7a11"
OTHER = "0d4a4c52-5d0f-4d43-8a52-6f0a3f0a9b22"
SEND = {"type": "message.send", "message": UUID, "content": "Hi", "conversation": None}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def outcome(raw: str | bytes) -> Command | CommandError:
    try:
        return decode_command(raw)
    except CommandError as error:
        return error


def refused(frame: dict[str, Any] | str | bytes) -> CommandError:
    raw = json.dumps(frame) if isinstance(frame, dict) else frame
    with pytest.raises(CommandError) as caught:
        decode_command(raw)
    return caught.value


# -- Commands --------------------------------------------------------------------------------------


def test_it_reads_a_prompt() -> None:
    command = decode_command(json.dumps({**SEND, "command_id": "7", "params": {"stop": ["\n"]}}))

    assert isinstance(command, protocol.MessageSend)
    assert command.message == uuid.UUID(UUID)
    assert command.command_id == "7"
    assert command.params == protocol.Params(stop=["\n"])


def test_a_parent_left_out_is_not_a_parent_of_null() -> None:
    at_head = decode_command(json.dumps(SEND))
    new_root = decode_command(json.dumps({**SEND, "parent": None}))

    assert isinstance(at_head, protocol.MessageSend)
    assert isinstance(new_root, protocol.MessageSend)
    assert at_head.parent is msgspec.UNSET
    assert new_root.parent is None


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "nonsense",
        "[]",
        "1",
        "null",
        '"text"',
        "{}",
        '{"type": 1}',
        '{"type": null}',
        "NaN",
    ],
)
def test_what_is_no_object_with_a_type_is_a_bad_frame(frame: str) -> None:
    assert refused(frame).code == "bad_frame"


@pytest.mark.parametrize("depth", [1_000, 100_000])
@pytest.mark.parametrize("unit", ["[", '{"a":'])
def test_nesting_without_end_is_a_bad_frame(unit: str, depth: int) -> None:
    assert refused(unit * depth).code == "bad_frame"
    assert refused('{"type": "ping", "x": ' + unit * depth).code == "bad_frame"


def test_an_unknown_type_is_named_as_such() -> None:
    error = refused({"type": "message.sent", "command_id": "a"})

    assert (error.code, error.field, error.command_id) == ("unknown_command", "type", "a")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"message": "no uuid"}, "message"),
        ({"content": 5}, "content"),
        ({"conversation": "no uuid"}, "conversation"),
        ({"model": ""}, "model"),
        ({"parent": 1}, "parent"),
        ({"params": {"temperature": 3}}, "params.temperature"),
        ({"params": {"temperature": "hot"}}, "params.temperature"),
        ({"params": {"top_p": 0}}, "params.top_p"),
        ({"params": {"max_tokens": 0}}, "params.max_tokens"),
        ({"params": {"stop": [""]}}, "params.stop[0]"),
        ({"params": {"stop": ["a"] * 5}}, "params.stop"),
        ({"params": []}, "params"),
        ({"command_id": 5}, "command_id"),
    ],
)
def test_a_bad_field_is_named(change: dict[str, Any], field: str) -> None:
    error = refused({**SEND, **change})

    assert (error.code, error.field) == ("invalid", field)


@pytest.mark.parametrize("field", ["message", "content", "conversation"])
def test_a_missing_field_is_named(field: str) -> None:
    error = refused({name: value for name, value in SEND.items() if name != field})

    assert (error.code, error.field) == ("invalid", field)


@pytest.mark.parametrize(
    "targets",
    [
        {},
        {"generation": UUID, "message": OTHER},
        {"generation": UUID, "message": OTHER, "conversation": UUID},
    ],
)
def test_a_cancel_has_one_target(targets: dict[str, str]) -> None:
    assert refused({"type": "generation.cancel", **targets}).code == "invalid"


def test_an_error_carries_the_id_of_its_command() -> None:
    assert refused({"type": "message.send", "command_id": "mine"}).command_id == "mine"


@pytest.mark.parametrize("filler", ["a", "ж", "\U0001f600"])
def test_a_command_over_its_size_is_too_long(filler: str) -> None:
    count = protocol.COMMAND_MAX_BYTES // len(filler.encode()) + 1
    frame = json.dumps({**SEND, "content": filler * count, "command_id": "a"}, ensure_ascii=False)

    error = refused(frame)
    assert (error.code, error.command_id) == ("too_long", "a")
    assert refused(frame.encode()).code == "too_long"


def test_a_command_at_its_size_is_not() -> None:
    empty = json.dumps({**SEND, "content": ""})
    frame = json.dumps({**SEND, "content": "a" * (protocol.COMMAND_MAX_BYTES - len(empty))})

    assert len(frame) == protocol.COMMAND_MAX_BYTES
    assert isinstance(decode_command(frame), protocol.MessageSend)


@pytest.mark.parametrize("escaped", [r"\u0000", r"\ud800", r"\udc00 and \ud83d", "\\ud800\\u0000"])
def test_what_no_database_stores_is_replaced(escaped: str) -> None:
    frame = json.dumps(SEND).replace("Hi", f"a{escaped}b")
    command = decode_command(frame)

    assert isinstance(command, protocol.MessageSend)
    command.content.encode()
    assert "\x00" not in command.content
    assert "\N{REPLACEMENT CHARACTER}" in command.content
    assert (command.content[0], command.content[-1]) == ("a", "b")


def test_a_pair_of_surrogates_is_one_character() -> None:
    command = decode_command(json.dumps(SEND).replace("Hi", r"\ud83d\ude00"))

    assert isinstance(command, protocol.MessageSend)
    assert command.content == "\U0001f600"


@settings(max_examples=500, deadline=None)
@given(st.text() | st.binary())
def test_any_frame_is_a_command_or_an_error(raw: str | bytes) -> None:
    command = outcome(raw)
    assert isinstance(command, Command) or command.code in get_args(protocol.ErrorCode)


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from([*COMMANDS, "unknown"]),
    st.dictionaries(
        st.sampled_from(
            [
                "command_id",
                "message",
                "content",
                "conversation",
                "parent",
                "model",
                "params",
                "answer",
                "generation",
                "revision",
                "before",
                "type",
            ]
        ),
        json_values
        | st.sampled_from([UUID, OTHER, "text"])
        | st.fixed_dictionaries(
            {}, optional=dict.fromkeys(protocol.Params.__struct_fields__, json_values)
        ),
    ),
)
def test_any_object_is_a_command_or_an_error(kind: str, fields: dict[str, Any]) -> None:
    command = outcome(json.dumps({"type": kind, **fields}))
    if isinstance(command, CommandError):
        assert command.code in get_args(protocol.ErrorCode)
        protocol.encode(protocol.Error.of(command, command.command_id))
    else:
        msgspec.json.encode(command)


storable = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=50)
named = storable.filter(bool)
params = st.builds(
    protocol.Params,
    system_prompt=st.none() | storable,
    temperature=st.none() | st.floats(0, 2),
    top_p=st.none() | st.floats(0, 1, exclude_min=True),
    max_tokens=st.none() | st.integers(1, 1_000_000),
    stop=st.none() | st.lists(named, max_size=4),
)
# The types of the structs say less than their constraints do, and JSON has no NaN.
st.register_type_strategy(protocol.Params, params)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


def all_commands() -> st.SearchStrategy[Command]:
    uuids = st.uuids()
    echo = st.none() | storable
    chosen = {"command_id": echo, "model": st.none() | named, "params": st.none() | params}
    send = st.builds(
        protocol.MessageSend,
        message=uuids,
        content=storable,
        conversation=st.none() | uuids,
        parent=st.just(msgspec.UNSET) | st.none() | uuids,
        **chosen,
    )
    create = st.builds(protocol.GenerationCreate, message=uuids, answer=uuids, **chosen)
    cancel = st.builds(
        lambda target, value, echo: protocol.GenerationCancel(command_id=echo, **{target: value}),
        st.sampled_from(["generation", "message", "conversation"]),
        uuids,
        echo,
    )
    subscribe = st.builds(
        protocol.ConversationSubscribe,
        conversation=uuids,
        revision=st.none() | st.integers(0, 2**53),
        command_id=echo,
    )
    return st.one_of(
        send,
        create,
        cancel,
        subscribe,
        st.builds(protocol.GenerationContinue, generation=uuids, command_id=echo),
        st.builds(protocol.ConversationUnsubscribe, conversation=uuids, command_id=echo),
        st.builds(protocol.ConversationList, before=st.none() | storable, command_id=echo),
        st.builds(protocol.ConversationHistory, conversation=uuids, before=uuids, command_id=echo),
        st.builds(protocol.Ping, command_id=echo),
    )


@given(all_commands())
def test_every_command_reads_back_as_it_was_written(command: Command) -> None:
    assert decode_command(msgspec.json.encode(command)) == command
    assert decode_command(msgspec.json.encode(command).decode()) == command


# -- Events ----------------------------------------------------------------------------------------

_decoder = msgspec.json.Decoder(dict[str, Any])


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: str(kind.__struct_config__.tag))
def test_every_event_reads_back_as_it_was_written(kind: type[protocol.Event]) -> None:
    @settings(max_examples=25, deadline=None)
    @given(st.from_type(kind))
    def check(event: protocol.Event) -> None:
        text = encode(event)
        assert "\n" not in text
        assert msgspec.json.decode(text, type=kind) == event
        assert _decoder.decode(text)["type"] == kind.__struct_config__.tag

    check()


def test_no_two_events_or_commands_share_a_type() -> None:
    tags = [str(event.__struct_config__.tag) for event in EVENTS]

    assert len(set(tags)) == len(tags)
    assert len(COMMANDS) == len(set(COMMANDS.values()))


def test_an_error_without_a_command_has_no_id() -> None:
    error = protocol.Error.of(CommandError("bad_frame", "A frame is JSON"), None)

    assert _decoder.decode(encode(error)) == {
        "type": "error",
        "code": "bad_frame",
        "detail": "A frame is JSON",
    }


def test_an_error_says_which_field_and_when_to_try_again() -> None:
    error = CommandError("rate_limited", "Slowly", field="content", retry_after_ms=0)

    assert _decoder.decode(encode(protocol.Error.of(error, "7"))) == {
        "type": "error",
        "command_id": "7",
        "code": "rate_limited",
        "detail": "Slowly",
        "field": "content",
        "retry_after_ms": 0,
    }


def test_a_uuid_is_written_with_its_dashes() -> None:
    event = protocol.GenerationStarted(generation=uuid.UUID(UUID))

    assert f'"generation":"{UUID}"' in encode(event)
