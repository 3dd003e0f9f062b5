"""Read settings from the environment: typed, with `NAME_FILE` for secrets, loud when wrong.

A wrong value stops the start with one line that names the variable.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

import environ

T = TypeVar("T")

_env = environ.FileAwareEnv()


def refuse(name: str, why: str) -> NoReturn:
    """End the process with one line naming the variable; the value is not shown (it may be a secret)."""
    sys.exit(f"evochat: {name}: {why}")


def _read(name: str, default: T, cast: Callable[[str], T], expected: str) -> T:
    try:
        raw = _env.str(name, default="")
    except OSError as error:
        refuse(f"{name}_FILE", f"cannot be read ({error.strerror})")
    raw = raw.strip()
    if not raw:
        return default
    try:
        return cast(raw)
    except ValueError:
        refuse(name, f"expected {expected}")


def text(name: str, default: str = "") -> str:
    return _read(name, default, str, "text")


def flag(name: str, default: bool = False) -> bool:
    return _read(name, default, _to_flag, "one of 1, 0, true, false, yes, no, on, off")


def whole(name: str, default: int, at_least: int = 1) -> int:
    return _read(name, default, _at_least(int, at_least), f"a whole number, at least {at_least}")


def seconds(name: str, default: float) -> float:
    return _read(name, default, _at_least(float, 0.001), "a number of seconds above 0")


def listed(name: str, default: tuple[str, ...] = ()) -> list[str]:
    return _read(name, list(default), _to_list, "a comma-separated list")


def choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    return _read(name, default, _one_of(allowed), "one of " + ", ".join(allowed))


def url(name: str, schemes: tuple[str, ...], default: str = "") -> str:
    return _read(name, default, _url_of(schemes), "a URL starting with " + " or ".join(schemes))


def database(name: str, default_file: Path) -> dict[str, object]:
    """Give Django's settings of the database at `DATABASE_URL` (a SQLite file without one)."""
    value = url(name, ("postgres://", "postgresql://", "sqlite:///"), f"sqlite:///{default_file}")
    try:
        return dict(_env.db_url_config(value))
    except (ValueError, environ.ImproperlyConfigured):
        refuse(name, "cannot be parsed as a database URL")


def _to_flag(raw: str) -> bool:
    known = {"1": True, "true": True, "yes": True, "on": True}
    known |= {"0": False, "false": False, "no": False, "off": False}
    if raw.lower() not in known:
        raise ValueError(raw)
    return known[raw.lower()]


def _to_list(raw: str) -> list[str]:
    return [part.strip() for part in raw.split(",") if part.strip()]


def _at_least(cast: Callable[[str], T], least: float) -> Callable[[str], T]:
    def convert(raw: str) -> T:
        value = cast(raw)
        if not value >= least:  # type: ignore[operator]
            raise ValueError(raw)
        return value

    return convert


def _one_of(allowed: tuple[str, ...]) -> Callable[[str], str]:
    def convert(raw: str) -> str:
        if raw not in allowed:
            raise ValueError(raw)
        return raw

    return convert


def _url_of(schemes: tuple[str, ...]) -> Callable[[str], str]:
    def convert(raw: str) -> str:
        if not raw.startswith(schemes):
            raise ValueError(raw)
        return raw

    return convert
