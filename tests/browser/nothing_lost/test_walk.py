"""All of it, at random: nothing is lost and nothing doubled."""

import pytest

from tests.browser.nothing_lost.walk import Walk
from tests.browser.person import Visitor
from tests.support.proxy import Proxy

WALK_STEPS, COMPARE_EVERY = 45, 15
LONG_WALK_DISTURBANCES, LONG_COMPARE_EVERY = 1000, 25
SEED = 20261122


async def test_a_random_walk_loses_and_doubles_nothing(alice: Visitor, link: Proxy) -> None:
    walk = Walk(alice, link, SEED)
    for number in range(1, WALK_STEPS + 1):
        await walk.step()
        if number % COMPARE_EVERY == 0:
            await walk.compare()
    assert walk.compared
    print(f"seed {SEED}: {dict(walk.steps)}, {walk.compared} texts compared")


@pytest.mark.chaos
@pytest.mark.timeout(4 * 3600)
async def test_a_thousand_drops_reloads_and_second_tabs(alice: Visitor, link: Proxy) -> None:
    walk = Walk(alice, link, SEED + 1)
    while walk.disturbances < LONG_WALK_DISTURBANCES:
        for _ in range(LONG_COMPARE_EVERY):
            await walk.step()
        await walk.compare()
        print(
            f"seed {SEED + 1}: {walk.disturbances} disturbances, {walk.compared} texts compared, {dict(walk.steps)}",
            flush=True,
        )
        await walk.begin_anew()
