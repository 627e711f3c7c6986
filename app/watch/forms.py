"""What is said about a flag: the question, the answer, the outcome."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from app.core.forms import Form
from app.watch.rules import Outcome
from app.watch.words import OUTCOMES

LONGEST_WORDS = 500
TOO_LONG = _l("最多 %(max)d 个字。")
CHOOSE = _l("请选一个结论。")


def _stripped(text: str | None) -> str:
    return (text or "").strip()


class AskForm(Form):
    """What the firm is to explain."""

    question = TextAreaField(
        _l("要企业说明什么"),
        filters=[_stripped],
        validators=[
            DataRequired(_l("请写明要企业说明什么，企业会看到这段话。")),
            Length(max=LONGEST_WORDS, message=TOO_LONG),
        ],
    )


class AnswerForm(Form):
    """What the firm says to it."""

    account = TextAreaField(
        _l("情况说明"),
        filters=[_stripped],
        validators=[
            DataRequired(_l("请写明情况，监管部门会看到这段话。")),
            Length(max=LONGEST_WORDS, message=TOO_LONG),
        ],
    )


class CloseForm(Form):
    """What it turned out to be, and on what that rests."""

    outcome = RadioField(
        _l("结论"),
        choices=[SelectChoice(outcome, words.text) for outcome, words in OUTCOMES.items()],
        coerce=Outcome,
        invalid_value_message=CHOOSE,
        validators=[InputRequired(CHOOSE)],
    )
    grounds = TextAreaField(
        _l("结论依据"),
        filters=[_stripped],
        validators=[
            DataRequired(_l("请写明结论的依据。")),
            Length(max=LONGEST_WORDS, message=TOO_LONG),
        ],
    )
