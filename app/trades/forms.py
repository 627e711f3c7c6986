"""The one form of a trade: to say no, with a reason."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.core.forms import Form, one_line
from app.trades.rules import DeclineReason
from app.trades.words import REASON_WORDS

LONGEST_WORDS = 200
CHOOSE = _l("请选一个原因，对方能看到。")


class DeclineForm(Form):
    """A reason of the closed list, and words for the other side if one wishes."""

    reason = RadioField(
        _l("原因"),
        choices=[SelectChoice(code.value, words) for code, words in REASON_WORDS.items()],
        coerce=DeclineReason,
        invalid_value_message=CHOOSE,
        validators=[InputRequired(CHOOSE)],
    )
    words = StringField(
        _l("说明"),
        filters=[lambda text: (text or "").strip()],
        validators=[
            Optional(),
            Length(max=LONGEST_WORDS, message=_l("说明最多 %(max)d 个字。")),
            one_line,
        ],
    )
