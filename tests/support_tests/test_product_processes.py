"""The product's own processes start on each database, tell that they are ready, and end when asked."""

import urllib.request

from tests.support.processes import Processes
from tests.support.redis import RedisServer
from tests.support.waiting import listens

# Nobody is asked anything here: the address only keeps the local model from being started.
NO_PROVIDER = {"EVOLUTION_BASE_URL": "http://127.0.0.1:9/v1", "EVOLUTION_API_KEY": "none"}


def test_a_web_process_is_alive_on_each_database(processes: Processes, database_url: str) -> None:
    web = processes.serve(env={"DATABASE_URL": database_url, **NO_PROVIDER})
    with urllib.request.urlopen(f"{web.url}/healthz") as answer:
        assert answer.status == 200
    assert web.stop() == 0
    assert not listens(web.port)


def test_a_runner_says_that_it_writes(
    processes: Processes, postgres_url: str, redis_server: RedisServer
) -> None:
    env = {"DATABASE_URL": postgres_url, "REDIS_URL": redis_server.url, **NO_PROVIDER}
    runner = processes.run_generations(env=env)
    assert runner.stop() == 0


def test_a_busy_port_is_one_clear_line(processes: Processes, sqlite_url: str) -> None:
    web = processes.serve(env={"DATABASE_URL": sqlite_url, **NO_PROVIDER})
    command = ("serve", "--port", str(web.port))
    second = processes.manage(*command, name="second", env={"DATABASE_URL": sqlite_url})
    assert second.wait() == 1
    assert str(web.port) in second.output()
    assert "Traceback" not in second.output()
    assert listens(web.port)
