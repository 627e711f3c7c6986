"""What the codes of imports are called on a page."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.imports.rules import ImportKind, ImportMode, ImportState

KIND_WORDS: dict[ImportKind, LazyString] = {
    ImportKind.OFFERS: _l("供应"),
    ImportKind.REQUIREMENTS: _l("需求"),
    ImportKind.TICKETS: _l("磅单"),
}
MODE_WORDS: dict[ImportMode, LazyString] = {
    ImportMode.ALL: _l("全部无误才导入"),
    ImportMode.VALID: _l("只导入无误的行"),
}
STATE_WORDS: dict[ImportState, tuple[str, LazyString]] = {
    ImportState.CHECKING: ("waiting", _l("正在核对")),
    ImportState.WRITING: ("live", _l("正在写入")),
    ImportState.DONE: ("done", _l("已导入")),
    ImportState.REFUSED: ("wrong", _l("没有导入")),
    ImportState.STOPPED: ("wrong", _l("导入中断")),
    ImportState.CANCELLED: ("ended", _l("已取消")),
    ImportState.FAILED: ("wrong", _l("没有完成")),
}
"""The kind of chip and the word for each state."""
