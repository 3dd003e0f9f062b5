"""Personal data and keys are taken out of a text, and nothing else is touched."""

from __future__ import annotations

import base64
import random
import string
import time
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chat.redaction import redacted, redaction
from tests.support.paths import ROOT

# -- What is planted -------------------------------------------------------------------------------

DIGITS = st.text(string.digits, min_size=1, max_size=1)
WORDS = st.text(string.ascii_lowercase, min_size=1, max_size=12)
CYRILLIC = st.text("абвгдежзиклмнопрст", min_size=1, max_size=12)


@st.composite
def emails(draw: st.DrawFn) -> str:
    local = ".".join(draw(st.lists(WORDS | CYRILLIC, min_size=1, max_size=3)))
    tag = draw(st.sampled_from(["", "+tag", "_1", "-x", "%a"]))
    names = draw(st.lists(WORDS | CYRILLIC, min_size=1, max_size=3))
    return f"{local}{tag}@{'.'.join(names)}.{draw(st.sampled_from(['ru', 'com', 'museum', 'рф']))}"


@st.composite
def phones(draw: st.DrawFn) -> str:
    number = "".join(draw(st.lists(DIGITS, min_size=9, max_size=9)))
    code, tail = draw(st.sampled_from("3489")) + number[:2], number[2:]
    shapes = [
        "+7 {c} {a}-{b}-{d}",
        "+7({c}){a}{b}{d}",
        "8 ({c}) {a}-{b}-{d}",
        "8{c}{a}{b}{d}",
        "7{c}{a}{b}{d}",
        "8-{c}-{a}-{b}-{d}",
        "({c}) {a}-{b}-{d}",
        "+44 {c} {a} {b}{d}",
        "+1{c}{a}{b}{d}",
        "+1-5{b}-5{b}-{b}{d}",
        "1-5{b}-5{b}-{b}{d}",
        "+375 {b} {a}-{b}-{d}",
    ]
    parts = {"c": code, "a": tail[:3], "b": tail[3:5], "d": tail[5:7]}
    # That one reads as a sum.
    assume(not tail.endswith("000"))
    return draw(st.sampled_from(shapes)).format(**parts)


@st.composite
def cards(draw: st.DrawFn) -> str:
    prefix = draw(st.sampled_from(["4276", "5469", "2200", "2202", "6011", "6759"]))
    digits = prefix + "".join(draw(st.lists(DIGITS, min_size=11, max_size=11)))
    digits += next(n for n in string.digits if luhn(digits + n))
    between = draw(st.sampled_from(["", " ", "-"]))
    return between.join(digits[start : start + 4] for start in range(0, 16, 4))


def luhn(digits: str) -> bool:
    """Add up from the right, every second digit twice and its own digits summed."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value // 10 + value % 10
    return total % 10 == 0


@st.composite
def keys(draw: st.DrawFn) -> str:
    def letters(count: int, alphabet: str = string.ascii_letters + string.digits) -> str:
        return draw(st.text(alphabet, min_size=count, max_size=count))

    upper = string.ascii_uppercase + string.digits
    return draw(
        st.sampled_from(
            [
                lambda: f"sk-{letters(24)}",
                lambda: f"sk-proj-{letters(40)}",
                lambda: f"ghp_{letters(36)}",
                lambda: f"github_pat_{letters(22)}_{letters(59)}",
                lambda: f"glpat-{letters(20)}",
                lambda: f"AKIA{letters(16, upper)}",
                lambda: f"AIza{letters(35)}",
                lambda: f"hf_{letters(34)}",
                lambda: f"xoxb-{letters(12)}-{letters(24)}",
                lambda: f"eyJ{letters(20)}.eyJ{letters(30)}.{letters(43)}",
                lambda: (
                    f"-----BEGIN RSA PRIVATE KEY-----\n{letters(64)}\n-----END RSA PRIVATE KEY-----"
                ),
            ]
        )
    )()


AROUND = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="@+-_.%")
    | st.sampled_from(" \n,;"),
    max_size=30,
)


PLANTED = st.one_of(
    st.tuples(emails(), st.just("[e-mail]")),
    st.tuples(phones(), st.just("[phone]")),
    st.tuples(cards(), st.just("[card]")),
    st.tuples(keys(), st.just("[key]")),
)


@given(AROUND, PLANTED, AROUND)
def test_nothing_of_what_was_planted_stays(
    before: str, planted: tuple[str, str], after: str
) -> None:
    # Digits right behind a number belong to it, as far as anyone can see.
    before, after = f"{before} — ", f" — {after}"
    assume(before + after == redacted(before + after))

    text = redacted(f"{before}{planted[0]}{after}")
    assert text == f"{before}{planted[1]}{after}"
    assert redacted(text) == text


@given(st.lists(PLANTED, min_size=2, max_size=6))
def test_several_of_them_go_each_for_itself(planted: list[tuple[str, str]]) -> None:
    text = redacted("; ".join(text for text, _ in planted))

    assert text.split("; ") == [mark for _, mark in planted]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Пишите на «ivan@почта.рф».", "Пишите на «[e-mail]»."),
        ("<alice@example.com>,bob@example.com", "<[e-mail]>,[e-mail]"),
        ("тел.89161234567", "тел.[phone]"),
        ("8 (48762) 1-23-45", "[phone]"),
        ("Карта 2200 7001 2345 6781 12/29", "Карта [card] 12/29"),
        ("12 4111 1111 1111 1111", "12 [card]"),
        ("Authorization: Bearer abc.DEF-123_456", "Authorization: Bearer [key]"),
        ("postgres://app:hunter2@db/chat", "postgres://app:[key]@db/chat"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQ", "[key]"),
        ("sha 5d41402abc4b2a76b9719d911017c592", "sha [key]"),
        ("wJalrXUt7FEMI/K7mD4Ng/bPxRfi9Yx2AmP1eK3Y", "[key]"),
    ],
)
def test_what_goes_and_what_stays_around_it(text: str, left: str) -> None:
    assert redacted(text) == left


def test_what_was_drawn_by_lot_goes_all_but_always() -> None:
    drawn = random.Random(1)
    keys = [base64.urlsafe_b64encode(drawn.randbytes(32)).decode().rstrip("=") for _ in range(2000)]

    assert sum(redacted(key) == "[key]" for key in keys) > 0.995 * len(keys)
    assert all(redacted(drawn.randbytes(32).hex()) == "[key]" for _ in range(200))


def test_the_secrets_of_a_site_go_wherever_they_stand() -> None:
    words = redaction(["a-plain-one", "", "short"])

    assert words("xa-plain-oney, in short: a@b.example") == "x[key]y, in short: [e-mail]"


# -- What is ordinary ------------------------------------------------------------------------------


@given(
    st.lists(
        st.one_of(
            st.integers(-(10**10) + 1, 10**10 - 1).map(str),
            st.integers(0, 10**12).map(lambda n: f"{n:,}"),
            st.integers(0, 10**12).map(lambda n: f"{n:,}".replace(",", " ")),
            st.floats(0, 1e9).map(str),
            st.decimals(0, 10**7, places=2).map(lambda n: f"{n} ₽"),
            st.datetimes().map(str),
            st.dates().map(lambda day: day.strftime("%d.%m.%Y")),
            st.times().map(str),
            st.uuids().map(str),
            st.ip_addresses().map(str),
            st.text("01", min_size=1, max_size=8).map(lambda bits: f"0x{bits}"),
            WORDS,
            CYRILLIC,
        ),
        max_size=12,
    )
)
def test_numbers_dates_sums_and_uuids_stay(things: list[str]) -> None:
    text = "; ".join(things)

    assert redacted(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "00000000-4111-1111-1111-111111111111",
        "+250 000 000 ₽ за год",
        "1 000 000 000 000 000",
        "1700000000000 ms",
        "2026-11-22T17:39:00.123456+03:00",
        "npm install marked@18.2.1 @types/node@24",
        "@app.route('/users/<int:id>')",
        "user@localhost",
        "3.14159265358979323846",
        "ISBN 978-3-16-148410-0",
        "4111 1111 1111 1112",
        "test_that_a_very_long_name_of_a_function_2_is_left_alone",
        "getHttpResponseFromServerAsBufferedReader2",
        "/usr/lib/python3.11/site-packages/django/contrib/admin",
        "https://docs.djangoproject.com/en/5.2/ref/contrib/admin/#modeladmin-options",
    ],
)
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert redacted(text) == text


def test_code_stays() -> None:
    for path in [*(ROOT / "chat").rglob("*.py"), *(ROOT / "chat" / "static").rglob("*.js")]:
        # It has examples of what it takes out.
        if "redaction" not in Path(path).parts:
            text = path.read_text()
            assert redacted(text) == text, path


# -- Time ------------------------------------------------------------------------------------------

TRAPS = [
    "a" * 50,
    "a@",
    "@a.",
    "a.b-",
    "+7 ",
    "+1(2)-",
    "8 (9",
    "4 ",
    "4111-",
    "411 111-11-",
    "-----BEGIN PRIVATE KEY-----",
    "eyJaaaaaaaaa.",
    "://a:",
    "Bearer ",
    "Aa0_",
    "aA" * 30 + "/",
    "0" * 40,
    "1-",
]


@pytest.mark.parametrize("trap", TRAPS)
def test_time_grows_with_the_text_alone(trap: str) -> None:
    """Ten times the text takes about ten times as long, not a hundred times."""
    short, long = trap * (20_000 // len(trap)), trap * (200_000 // len(trap))

    # The best of three: the machine has other things to do.
    few, many = (min(took(text) for _ in range(3)) for text in (short, long))
    assert many < 40 * max(few, 0.001)


def took(text: str) -> float:
    began = time.process_time()
    redacted(text)
    return time.process_time() - began
