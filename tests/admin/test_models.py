"""The models in the admin: an administrator decides which are offered, and what the list leaves open."""

import pytest
from django.test import Client
from django.urls import reverse

from chat.evolution import ModelInfo
from chat.generation.catalogue import sync_models
from chat.models import LanguageModel, User

pytestmark = pytest.mark.django_db

FORM = {"title": "", "context_length": "", "input_price": "", "output_price": ""}


@pytest.fixture
def root(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("root"))
    sync_models(
        [ModelInfo("b/second", "b/second", None), ModelInfo("a/first", "A", 4096)], demo=False
    )
    return client


def save(client: Client, name: str, **fields: str) -> int:
    path = reverse("admin:chat_languagemodel_change", args=[name])
    return client.post(path, {**FORM, **fields}).status_code


def test_the_first_of_the_providers_list_is_the_default(root: Client) -> None:
    assert LanguageModel.objects.default_name() == "b/second"


def test_an_administrator_chooses_the_default_and_there_is_one(root: Client) -> None:
    assert save(root, "a/first", enabled="on", is_default="on") == 302
    assert LanguageModel.objects.default_name() == "a/first"
    # A second default is a form with an error, not a failure.
    assert save(root, "b/second", enabled="on", is_default="on") == 200
    assert LanguageModel.objects.default_name() == "a/first"


def test_a_model_that_is_switched_off_is_not_offered(root: Client) -> None:
    assert save(root, "b/second") == 302
    assert list(LanguageModel.objects.offered()) == [LanguageModel.objects.get(name="a/first")]


def test_what_an_administrator_sets_stays_where_the_list_says_nothing(root: Client) -> None:
    prices = {"input_price": "12.5", "output_price": "30"}
    assert save(root, "b/second", enabled="on", **{**FORM, **prices, "title": "The second"}) == 302
    sync_models([ModelInfo("b/second", "b/second", 8192)], demo=False)
    second = LanguageModel.objects.get(name="b/second")
    assert (second.title, second.input_price, second.context_length) == ("The second", 12.5, 8192)
    assert second.cost(1_000_000, 100_000) == pytest.approx(15.5)
    assert not LanguageModel.objects.get(name="a/first").listed


def test_a_refusal_is_remembered_even_before_the_list_is_read() -> None:
    LanguageModel.objects.note_refusal("early")
    assert not LanguageModel.objects.offered().exists()
    sync_models([ModelInfo("early", "early", None)], demo=False)
    assert LanguageModel.objects.offered().get().is_refusing


def test_nobody_adds_or_deletes_a_model_by_hand(root: Client) -> None:
    assert root.get(reverse("admin:chat_languagemodel_add")).status_code == 403
    path = reverse("admin:chat_languagemodel_delete", args=["a/first"])
    assert root.post(path, {"post": "yes"}).status_code == 403
