"""The list of models, as leniently as providers write it."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from chat.evolution import ModelInfo, Provider, ProviderError
from chat.evolution.catalog import parse_models


def one(**fields: Any) -> ModelInfo:
    (model,) = parse_models(msgspec.json.encode({"data": [{"id": "a/b", **fields}]}))
    return model


async def test_the_scripted_models_have_prices(provider: Provider) -> None:
    model = (await provider.models())[0]
    assert (model.input_price, model.output_price) == (Decimal(10), Decimal(20))
    assert model.reasoning is False


@pytest.mark.parametrize(
    ("value", "price"),
    [
        (10, "10"),
        (0, "0"),
        (12.5, "12.5"),
        (0.1, "0.1"),
        ("35.00", "35.00"),
        (" 7 ", "7"),
        ("", None),
        ("free", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e99", None),
        (-1, None),
        (True, None),
        (None, None),
        ([10], None),
    ],
)
def test_a_price_is_a_number_or_one_as_text(value: Any, price: str | None) -> None:
    model = one(metadata={"prompt_tokens_cost": value, "generated_tokens_cost": value})
    expected = None if price is None else Decimal(price)
    assert (model.input_price, model.output_price) == (expected, expected)


@pytest.mark.parametrize("metadata", [None, [], "x", {}, {"prompt_tokens_cost": {}}])
def test_metadata_may_be_anything(metadata: Any) -> None:
    assert one(metadata=metadata) == ModelInfo("a/b", "a/b", None)


def test_without_metadata_nothing_is_known() -> None:
    assert one() == ModelInfo("a/b", "a/b", None, None, None, None)


@pytest.mark.parametrize(
    ("value", "reasoning"), [(True, True), (False, False), ("yes", None), (None, None)]
)
def test_reasoning_is_told_or_not(value: Any, reasoning: bool | None) -> None:
    assert one(reasoning=value).reasoning is reasoning


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"data": 1}', b'{"error": "no"}', b"[" * 99_999, b'"\xff"']
)
def test_what_is_no_list_is_an_error(body: bytes) -> None:
    with pytest.raises(ProviderError):
        parse_models(body)
