"""The whole protocol in one process: any order of what people, networks, processes and the provider do.

The engine, the consumers, the hub, the runner and its journal are the real ones; what waits (clocks,
threads, sockets, the channel layer, the provider) is simulated, so a failing example can be replayed.

    python -m pytest tests/properties                                  # as in every run: the same examples
    python -m pytest tests/properties --hypothesis-profile=thorough    # others each time, over 100,000 steps
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from chat.models import User
from tests.properties.machine import ProtocolMachine
from tests.properties.record import ComparedRecord, OracleRecord
from tests.properties.world import Person, World

IS_THOROUGH = settings.get_current_profile_name() == "thorough"

# Alone on a core: 30 s, and an hour if thorough.
pytestmark = pytest.mark.timeout(4 * 3600 if IS_THOROUGH else 600)

LIMITS = {
    "EVOLUTION_MAX_PARALLEL": 3,
    "USER_MAX_GENERATIONS": 2,
    "USER_MAX_QUEUED": 4,
    "USER_MESSAGES_PER_MINUTE": 100_000,
    # Ticks of virtual time: with fewer of them more happens between two.
    "DELTA_WINDOW_MS": 500,
    "EVOLUTION_TITLES": False,
}


@pytest.fixture
def people(settings: Any, transactional_db: None) -> dict[str, Person]:
    for name, value in LIMITS.items():
        setattr(settings, name, value)
    return {name: _signed_up(name) for name in ("alice", "bob")}


def test_the_protocol_holds_over_the_oracle(people: dict[str, Person]) -> None:
    _run(OracleRecord, people, examples=90, thorough=2500)


def test_the_protocol_holds_over_sqlite(people: dict[str, Person]) -> None:
    _run(ComparedRecord, people, examples=13, thorough=500)


def _run(
    record: Callable[..., OracleRecord], people: dict[str, Person], examples: int, thorough: int
) -> None:
    bounds = settings(
        max_examples=thorough if IS_THOROUGH else examples,
        stateful_step_count=50,
        derandomize=not IS_THOROUGH,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    machine = partial(ProtocolMachine, partial(World, record, people))
    run_state_machine_as_test(machine, settings=bounds)


def _signed_up(name: str) -> Person:
    user = User.objects.create(username=name)
    client = Client()
    client.force_login(user)
    return Person(user.pk, client.session.session_key or "")
