"""Every word the site shows exists in every language, is in its catalogue, and comes where it is asked for."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from django.utils.translation import deactivate, override

from chat.admin.words import duration
from chat.models import (
    Conversation,
    Generation,
    LanguageModel,
    Message,
    Role,
    Runner,
    Share,
    Status,
    User,
)
from chat.models.share import share_token
from scripts.languages import (
    DOMAINS,
    LANGUAGES,
    catalogue_path,
    in_step,
    is_translated,
    read,
    words_of,
)
from tests.support.paths import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "chat" / "static" / "chat").rglob("*.js"))
EVERY_CATALOGUE = [(language, domain) for language in LANGUAGES for domain in DOMAINS]
HOW = "Run `make messages`, then give each empty `msgstr` in {} its words."
# What a template says by its tags, and the one block that is an attribute of <body>.
OF_TEMPLATES = re.compile(
    r"{% block body_class %}.*?{% endblock %}"
    r"|{%\s*blocktranslate.*?endblocktranslate\s*%}|{%.*?%}|{{.*?}}|{#.*?#}",
    re.DOTALL,
)
# Names, which are the same everywhere.
NAMES = {"evochat"}


def messages(catalogue: Catalog) -> dict[tuple[Any, Any], Any]:
    return {(message.id, message.context): message for message in catalogue if message.id}


def forms(message: Any) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def every_message() -> Iterator[Any]:
    for language, domain in EVERY_CATALOGUE:
        yield from messages(read(catalogue_path(language, domain))).values()


# -- The catalogues --------------------------------------------------------------------------------


def test_the_languages_of_the_site_are_english_and_those_with_a_catalogue() -> None:
    assert [code for code, _ in settings.LANGUAGES] == ["en", *LANGUAGES]


@pytest.mark.parametrize(("language", "domain"), EVERY_CATALOGUE)
def test_a_catalogue_has_the_words_of_the_code_and_no_others(language: str, domain: str) -> None:
    path = catalogue_path(language, domain)
    code, catalogue = set(messages(words_of(domain))), set(messages(read(path)))
    how = HOW.format(path.relative_to(ROOT))

    assert code - catalogue == set(), f"Words of the code are not in the catalogue. {how}"
    assert catalogue - code == set(), f"The catalogue has words that the code has not. {how}"


@pytest.mark.parametrize(("language", "domain"), EVERY_CATALOGUE)
def test_every_word_is_translated(language: str, domain: str) -> None:
    path = catalogue_path(language, domain)
    left = [word for word, message in messages(read(path)).items() if not is_translated(message)]

    assert left == [], f"Not translated, or marked as fuzzy. {HOW.format(path.relative_to(ROOT))}"


@pytest.mark.parametrize(("language", "domain"), EVERY_CATALOGUE)
def test_a_catalogue_is_written_as_make_messages_writes_it(language: str, domain: str) -> None:
    path = catalogue_path(language, domain)
    written = path.read_text()

    assert written == in_step(language, domain), "Run `make messages`: sorted, and without lines."
    assert "\n#:" not in written


def test_no_word_is_asked_for_by_a_name_that_the_catalogue_is_not_made_from() -> None:
    """`make messages` knows gettext's own names and `_`."""
    named = re.compile(r"\bn?p?gettext(?:_lazy)? as (\w+)")
    sources = [path for app in ("chat", "evochat") for path in (ROOT / app).rglob("*.py")]
    found = {name for path in sources for name in named.findall(path.read_text())}
    assert found == {"_"}


def test_what_is_filled_in_is_the_same_in_every_form() -> None:
    places = re.compile(r"%\(\w+\)s|%s")
    for message in every_message():
        # English may leave the number out of its singular; Russian says "21" in the same form.
        original = message.id[-1] if isinstance(message.id, tuple) else message.id
        for form in forms(message):
            assert sorted(places.findall(form)) == sorted(places.findall(original)), message.id


def test_a_plural_has_all_its_forms() -> None:
    plurals = [message for message in every_message() if isinstance(message.id, tuple)]

    assert plurals
    for message in plurals:
        assert len(message.string) == 3, message.id
        assert all(message.string), message.id


def test_russian_is_set_as_russian_is() -> None:
    """Quotation marks are «these», and a number stays on the line of its unit."""
    for message in every_message():
        for form in forms(message):
            assert not re.search("[\"“”']", form), form
            assert not re.search(r"%\((count|minutes|seconds|amount)\)s [^%(]", form), form
            assert form.endswith(("…", ".")) == message_end(message).endswith(("…", ".")), form


def message_end(message: Any) -> str:
    text: str = message.id[-1] if isinstance(message.id, tuple) else message.id
    return text


# -- Words that no catalogue would find --------------------------------------------------------------


class VisibleText(HTMLParser):
    """Collects what a person reads or hears of a page."""

    READ = frozenset({"aria-label", "alt", "title", "placeholder", "content", "value"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.found += [value for name, value in attrs if name in self.READ and value]
        if tag in {"script", "style", "code"}:
            self._tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._tags and self._tags[-1] == tag:
            self._tags.pop()

    def handle_data(self, data: str) -> None:
        if not self._tags:
            self.found.append(data)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_says_nothing_by_itself(path: Path) -> None:
    source = OF_TEMPLATES.sub("", path.read_text())
    said = {word for text in VisibleText(source).found for word in re.findall(r"[^\W\d_]+", text)}

    assert said - NAMES == set(), "Words outside {% translate %}"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_says_nothing_but_by_words_js(path: Path) -> None:
    source = path.read_text()
    shown = r"""(?:text|title|placeholder|alt|["']aria-label["']|textContent|innerText)"""
    said = re.findall(
        rf"""\b{shown}\s*[:=]\s*["'`]([^"'`]*[A-Za-zА-я]{{2,}}[^"'`]*)["'`]""", source
    )

    assert said == [], "Words outside of words.js"
    if path.name != "words.js":
        assert "gettext(" not in source


# -- The pages -------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    """Leave no language behind: a request leaves its own in the thread, until the next."""
    yield
    deactivate()


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", password="correct horse")


@pytest.fixture
def russian() -> Client:
    return Client(headers={"accept-language": "ru,en;q=0.5"})


@pytest.fixture
def signed_in(russian: Client, alice: User) -> Client:
    russian.force_login(alice)
    return russian


def html(response: HttpResponse) -> str:
    return response.content.decode()


def conversation_of(owner: User) -> Conversation:
    conversation = Conversation.objects.create(owner=owner, title="О приливах")
    prompt = Message.objects.create(
        conversation=conversation, role=Role.USER, content="Почему?", revision=1
    )
    conversation.head = Message.objects.create(
        conversation=conversation, role=Role.ASSISTANT, content="Луна.", parent=prompt, revision=2
    )
    conversation.save()
    return conversation


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/", "Новый чат"),
        ("/nowhere/", "Здесь ничего нет"),
        ("/accounts/logout/", "Ваши разговоры останутся здесь."),
        ("/accounts/password/change/", "Изменить пароль"),
    ],
)
def test_a_page_is_in_the_language_asked_for(signed_in: Client, path: str, said: str) -> None:
    page = html(signed_in.get(path))

    assert '<html lang="ru">' in page
    assert said in page


@pytest.mark.django_db
def test_sign_in_is_in_the_language_asked_for_its_errors_too(russian: Client) -> None:
    answer = russian.post("/accounts/login/", {"login": "alice", "password": "wrong"})

    assert '<html lang="ru">' in html(answer)
    for said in ("Вход", "Имя пользователя", "Пароль", "Оставаться в системе", "пароль неверны"):
        assert said.lower() in html(answer).lower(), said


def test_a_form_that_was_open_for_too_long_is_refused_in_words_of_ours(alice: User) -> None:
    russian = Client(enforce_csrf_checks=True, headers={"accept-language": "ru"})
    answer = russian.post("/accounts/login/", {"login": "alice"})

    assert answer.status_code == 403
    assert "Нет доступа" in html(answer)


@pytest.mark.parametrize(
    ("name", "said"), [("400", "Запрос не удалось разобрать"), ("500", "У нас что-то пошло не так")]
)
def test_it_speaks_of_failure_in_russian(name: str, said: str) -> None:
    from django.template.loader import render_to_string

    with override("ru"):
        page = render_to_string(f"{name}.html")
    assert '<html lang="ru">' in page
    assert said in page


def test_what_is_printed_and_shared_is_in_russian(signed_in: Client, alice: User) -> None:
    conversation = conversation_of(alice)
    share = Share.objects.create(conversation=conversation, head=conversation.head)
    stranger = Client(headers={"accept-language": "ru"})

    for answer in (
        signed_in.get(f"/c/{conversation.pk}/print/"),
        stranger.get(f"/s/{share_token(share.pk)}/"),
    ):
        assert '<html lang="ru">' in html(answer)
        assert "<h2>Пользователь</h2>" in html(answer)
        assert "<h2>Ассистент</h2>" in html(answer)


def test_the_admin_is_in_russian(russian: Client, db: None) -> None:
    russian.force_login(User.objects.create_superuser("root"))
    conversation = conversation_of(User.objects.create_user("alice"))
    Generation.objects.create(
        conversation=conversation,
        message=conversation.head,
        owner=conversation.owner,
        status=Status.COMPLETED,
        ended_at=timezone.now(),
        seq=1,
    )
    LanguageModel.objects.create(name="one")
    Runner.objects.create(id=uuid.uuid4(), name="one", lease_expires_at=timezone.now())

    index = html(russian.get("/admin/"))
    for said in ("Чат", "Разговоры", "Генерации", "Языковые модели", "Исполнители"):
        assert said in index, said
    assert not re.search(r">(Conversations|Generations|Language models|Runners|Chat)<", index)
    for name in ("conversation", "generation", "message", "languagemodel", "runner", "access"):
        page = html(russian.get(f"/admin/chat/{name}/"))
        headers = re.findall(r'<div class="text"><(?:a|span)[^>]*>([^<]+)<', page)
        assert headers
        assert not [header for header in headers if re.search("[A-Za-z]", header)], name


@pytest.mark.parametrize(
    ("ms", "english", "russian"),
    [
        (7, "7 ms", "7\u00a0мс"),
        (12_345, "12.3 s", "12,3\u00a0с"),
        (125_000, "2 min 5 s", "2\u00a0мин 5\u00a0с"),
    ],
)
def test_an_operator_reads_times_as_they_are_written(ms: int, english: str, russian: str) -> None:
    assert duration(ms) == english
    with override("ru"):
        assert duration(ms) == russian


# -- The choice --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_who_asks_for_no_language_of_ours_gets_english() -> None:
    page = html(Client(headers={"accept-language": "fr"}).get("/accounts/login/"))

    assert '<html lang="en">' in page
    assert 'value="ru" lang="ru">Русский<' in page
    assert 'value="en"' not in page


def test_a_choice_is_kept_and_goes_before_what_the_browser_asks_for(signed_in: Client) -> None:
    answer = signed_in.post("/language/", {"language": "en"}, headers={"referer": "/"})

    assert answer.status_code == 302
    cookie = answer.cookies["evochat_language"]
    assert cookie["max-age"] == 31_536_000
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert '<html lang="en">' in html(signed_in.get("/"))
    signed_in.post("/language/", {"language": "ru"})
    assert '<html lang="ru">' in html(signed_in.get("/"))


def test_it_leads_back_to_where_one_was_and_nowhere_else(signed_in: Client) -> None:
    here = "http://testserver/accounts/login/?next=/c/1/"
    for referer, back in ((here, here), ("https://elsewhere.example/", "/")):
        answer = signed_in.post("/language/", {"language": "en"}, headers={"referer": referer})
        assert answer["Location"] == back


@pytest.mark.parametrize("language", ["fr", "", "../ru"])
def test_a_language_that_is_not_ours_is_not_chosen(signed_in: Client, language: str) -> None:
    signed_in.post("/language/", {"language": language})

    assert '<html lang="ru">' in html(signed_in.get("/"))


def test_only_a_post_with_a_token_chooses(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/language/", {"language": "ru"}).status_code == 403
    assert "evochat_language" not in strict.get("/language/?language=ru").cookies


# -- The words of the scripts --------------------------------------------------------------------------


def script_address(page: str) -> str | None:
    found = re.search(r'<script defer src="(/words/[^"]+)"></script>', page)
    return found and found[1]


def test_the_page_brings_the_words_of_its_scripts(signed_in: Client) -> None:
    address = script_address(html(signed_in.get("/")))
    assert address
    answer = signed_in.get(address)

    assert answer["Content-Type"].startswith("text/javascript")
    assert "immutable" in answer["Cache-Control"]
    assert "max-age=31536000" in answer["Cache-Control"]
    for word in ("Отправить", "Останавливаем…"):
        assert word.encode("unicode_escape").decode() in html(answer)
    assert not answer.cookies


def test_english_needs_no_words(alice: User) -> None:
    client = Client()
    client.force_login(alice)

    assert script_address(html(client.get("/"))) is None
    assert client.get("/words/en.0.js").status_code == 404
    assert client.get("/words/fr.0.js").status_code == 404


def test_words_of_another_version_are_not_kept(client: Client) -> None:
    answer = client.get("/words/ru.000000000000.js")

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_the_address_of_the_words_is_that_of_their_content(signed_in: Client) -> None:
    address = script_address(html(signed_in.get("/"))) or ""
    english = Client().get(address)

    assert english.content == signed_in.get(address).content
    assert english["Content-Language"] == "ru"
