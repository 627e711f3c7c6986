"""Two languages: Chinese is written in the source, English in `translations/`.

The reader's choice is remembered in a cookie; without one the browser's wish decides, and
Chinese is the default. The Jinja filters here are the only way a page writes a quantity.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime

from flask import Flask, has_request_context, request
from flask_babel import Babel, force_locale, get_locale
from flask_babel import gettext as _

from app.core.clock import CHINA, now
from app.core.quantities import KG_PER_TONNE, tonnes_text, yuan_text

LOCALES = ("zh", "en")
COOKIE = "language"
COOKIE_SECONDS = 365 * 24 * 3600
EN_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def init_app(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = "zh"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(app.config["TRANSLATIONS"])
    Babel(app, locale_selector=select_locale)
    masses, times = (tonnes, whole_tonnes, exact_tonnes, kg), (day, moment, short_moment, month)
    for filter_ in (*masses, yuan, price, *times):
        app.add_template_filter(filter_)
    app.jinja_env.globals.update(language=language, months=months, pick=pick, rate=rate)


def select_locale() -> str:
    """The language of this request: cookie, then browser, then Chinese."""
    if not has_request_context():
        return "zh"
    chosen = request.cookies.get(COOKIE)
    if chosen in LOCALES:
        return chosen
    return request.accept_languages.best_match(["zh", "zh-CN", "en"], "zh")[:2]


def language() -> str:
    """`zh` or `en`, as the page is being written now."""
    locale = get_locale()
    return locale.language if locale is not None else "zh"


def is_english() -> bool:
    return language() == "en"


def in_chinese() -> AbstractContextManager[None]:
    """Within it everything is written in Chinese: business papers are, whoever asks for them."""
    return speaking(LOCALES[0])


def speaking(language: str) -> AbstractContextManager[None]:
    """Within it everything is written in this language of `LOCALES`."""
    spoken: AbstractContextManager[None] = force_locale(language)
    return spoken


def pick(zh: str, en: str) -> str:
    """Of a name kept in both languages, the one for this page."""
    return en if is_english() and en else zh


def tonnes(kg: int) -> str:
    """Tonnes with the decimals that are there: `6,000`, `31.46`."""
    return tonnes_text(kg)


def whole_tonnes(kg: int) -> str:
    """Tonnes rounded half up to the whole, for boards: a column of them reads at a glance."""
    return f"{(kg + KG_PER_TONNE // 2) // KG_PER_TONNE:,}"


def exact_tonnes(kg: int) -> str:
    """Tonnes with all three decimals, so that those of a column stand under each other."""
    sign = "−" if kg < 0 else ""
    return f"{sign}{abs(kg) // KG_PER_TONNE:,}.{abs(kg) % KG_PER_TONNE:03d}"


def kg(mass: int) -> str:
    return f"{mass:,}".replace("-", "−")


def yuan(fen: int) -> str:
    return yuan_text(fen)


def price(fen_per_t: int) -> str:
    """A producer-side price that names the payer and never shows a bare minus."""
    amount = yuan_text(abs(fen_per_t))
    if fen_per_t < 0:
        return str(_("产废方付 %(amount)s 元/吨", amount=amount))
    return str(_("产废方收 %(amount)s 元/吨", amount=amount))


def rate(part: int, whole: int) -> str:
    """A rate with one decimal, cut and not rounded: 100 % is reached, never rounded to."""
    if whole <= 0:
        return "—"
    tenths = part * 1000 // whole
    return f"{tenths // 10}.{tenths % 10}%"


def day(value: date) -> str:
    """`2026-11-22`, or `22 Nov 2026`."""
    if is_english():
        return f"{value.day} {EN_MONTHS[value.month - 1]} {value.year}"
    return value.isoformat()


def moment(value: datetime) -> str:
    """An instant in China Standard Time, to the minute."""
    local = value.astimezone(CHINA)
    return f"{day(local.date())} {local:%H:%M}"


def short_moment(value: datetime) -> str:
    """The same without the year while it is this one, for logs and lists."""
    local = value.astimezone(CHINA)
    if local.year != now().astimezone(CHINA).year:
        return moment(value)
    short = f"{local.day} {EN_MONTHS[local.month - 1]}" if is_english() else f"{local:%m-%d}"
    return f"{short} {local:%H:%M}"


def months(first: date, last: date) -> str:
    """One month, or the first and the last of several."""
    if first == last:
        return month(first)
    return str(_("%(first)s 至 %(last)s", first=month(first), last=month(last)))


def month(value: date) -> str:
    """`2026 年 12 月`, or `Dec 2026`."""
    if is_english():
        return f"{EN_MONTHS[value.month - 1]} {value.year}"
    return f"{value.year} 年 {value.month} 月"
