"""The form that sends a table in."""

from __future__ import annotations

from pathlib import PurePosixPath

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf

from app.companies.forms import RuleForm
from app.imports.operations import LONGEST_NAME, SentFile
from app.imports.rules import ImportKind, ImportMode
from app.imports.words import MODE_WORDS

NAME_END = 12
"""Signs of a long name's end that stay, since its suffix is among them."""


class ImportForm(RuleForm):
    """A table, what it is a table of, and what is to happen if some of its rows are faulty."""

    kind = HiddenField(validators=[AnyOf(list(ImportKind), _l("请先选要导入的内容。"))])
    file = FileField(_l("填好的文件"), [FileRequired(_l("请选择要导入的文件。"))])
    mode = RadioField(
        _l("有误的行怎么办"),
        choices=[SelectChoice(mode.value, word) for mode, word in MODE_WORDS.items()],
        default=ImportMode.ALL.value,
    )

    def sent_file(self) -> SentFile:
        """What was sent, under the name by which the sender knows it."""
        return SentFile(
            kind=ImportKind(self.kind.data),
            mode=ImportMode(self.mode.data),
            name=own_name(self.file.data.filename),
            content=self.file.data.read(),
        )


def own_name(sent: str) -> str:
    """A file's name without folders and unprintable signs; one too long is cut before its end."""
    last = PurePosixPath(sent.replace("\\", "/")).name
    name = "".join(sign for sign in last if sign.isprintable())
    if len(name) <= LONGEST_NAME:
        return name or str(_l("没有名字的文件"))
    return f"{name[: LONGEST_NAME - NAME_END - 1]}…{name[-NAME_END:]}"
