"""The page about the scripted server names everything it can do."""

from pathlib import Path

import msgspec
import pytest

from scripted_evolution import Record
from scripted_evolution.directives import FAULTS, Directive

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "scripted-evolution.md").read_text()


@pytest.mark.parametrize("key", [field.name for field in msgspec.structs.fields(Directive)])
def test_every_key_is_explained(key: str) -> None:
    assert f"| `{key}=" in PAGE


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_explained(fault: str) -> None:
    assert f"`{fault}`" in PAGE


@pytest.mark.parametrize("name", [field.name for field in msgspec.structs.fields(Record)])
def test_every_field_of_a_record_is_listed(name: str) -> None:
    assert name in PAGE
