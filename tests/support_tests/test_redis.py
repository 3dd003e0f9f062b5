"""The Redis-protocol server that tests run against is real, and comes back on its port."""

import redis

from tests.support.redis import RedisServer


def test_it_answers_ping(redis_server: RedisServer) -> None:
    with redis.Redis.from_url(redis_server.url) as client:
        assert client.ping() is True


def test_it_comes_back_on_the_same_port_after_a_kill(redis_server: RedisServer) -> None:
    url = redis_server.url
    redis_server.kill()
    assert not redis_server.answers()
    redis_server.start()
    with redis.Redis.from_url(url) as client:
        assert client.ping() is True


def test_paused_it_accepts_and_says_nothing(redis_server: RedisServer) -> None:
    redis_server.pause()
    assert not redis_server.answers()
    redis_server.resume()
    assert redis_server.answers()
