"""The PostgreSQL that tests run against is real, and comes back with its data."""

import psycopg
import pytest

from tests.support.postgres import PostgresServer


def test_it_answers_with_its_version(postgres: PostgresServer) -> None:
    ((version,),) = postgres.execute("SELECT version()")
    assert str(version).startswith("PostgreSQL 1")


def test_it_folds_the_case_of_cyrillic(postgres: PostgresServer) -> None:
    assert postgres.execute("SELECT lower('ПРИВЕТ')") == [("привет",)]


def test_each_database_is_of_its_own_and_dropped_under_open_connections(
    postgres: PostgresServer,
) -> None:
    one, other = postgres.create_database(), postgres.create_database()
    postgres.execute("CREATE TABLE t (x int)", one)
    with pytest.raises(psycopg.errors.UndefinedTable):
        postgres.execute("SELECT x FROM t", other)
    with psycopg.connect(postgres.database_url(one)):
        postgres.drop_database(one)
    postgres.drop_database(other)
    assert (
        postgres.execute(f"SELECT 1 FROM pg_database WHERE datname IN ('{one}', '{other}')") == []
    )


def test_it_keeps_port_and_data_over_kill_and_start(own_postgres: PostgresServer) -> None:
    own_postgres.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with psycopg.connect(own_postgres.url):
        own_postgres.kill()
        assert not own_postgres.answers()
        own_postgres.start()
    assert own_postgres.execute("SELECT answer FROM kept") == [(42,)]
