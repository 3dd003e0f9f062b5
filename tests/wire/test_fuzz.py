"""Random frames: the socket answers `error` and lives. It never dies with 1011."""

import asyncio
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.protocol import COMMANDS
from tests.support.deployment import Deployment

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.uuids().map(str),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=10,
)
field_names = st.sampled_from(
    sorted({field for command in COMMANDS.values() for field in command.__struct_fields__})
)
commands = st.builds(
    lambda kind, fields: {**fields, "type": kind},
    st.sampled_from(sorted(COMMANDS)) | st.text(max_size=10),
    st.dictionaries(field_names, json_values, max_size=6),
)
frames = st.text(max_size=200) | commands.map(json.dumps) | json_values.map(json.dumps)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sent=st.lists(frames | st.binary(max_size=50), min_size=1, max_size=30))
def test_a_socket_survives_any_frames(chat: Deployment, sent: list[Any]) -> None:
    asyncio.run(_send_all(chat, sent))


async def _send_all(chat: Deployment, sent: list[Any]) -> None:
    async with chat.socket(chat.sign_up("mallory")) as socket:
        for frame in sent:
            await socket.send_raw(frame)
        assert (await socket.ask("ping"))["type"] == "pong"
