"""What the address of the public board says. All of it is optional."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import Optional

from app.core.forms import Form, MonthField


class ProducersForm(Form):
    """The reader's choices; they live in the address, so the form carries no token."""

    class Meta:
        csrf = False

    month = MonthField(_l("月份"), [Optional()])
    material = SelectField(_l("物料"), [Optional()], validate_choice=False)
