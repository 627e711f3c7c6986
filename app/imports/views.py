"""Pages of imports: the form with its blank tables, and what became of each file."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.core.clock import china_day, now
from app.core.current import current_actor
from app.core.errors import NotFound
from app.core.i18n import day, language
from app.core.jobs.pages import ProgressPanel, fragment, panel
from app.core.office.download import download
from app.core.office.tables import MOST_BYTES
from app.core.permissions import permits
from app.core.request_size import MIB, takes_up_to
from app.core.transactions import current_session
from app.core.vault import own_vault
from app.imports import exports, operations, queries
from app.imports.columns import COLUMNS
from app.imports.forms import ImportForm
from app.imports.models import ImportFile
from app.imports.policy import may_import, reads_imports
from app.imports.queries import ImportView
from app.imports.rules import KEPT, MOST_ROWS, NUMBER, ImportKind, ImportMode, ImportState
from app.imports.words import KIND_WORDS, MODE_WORDS, STATE_WORDS

blueprint = Blueprint("imports", __name__, url_prefix="/imports")
LARGEST_REQUEST = MOST_BYTES + MIB
"""The largest file and the form around it; one just too large still gets the page's own answer."""

TABLE = f"<any({', '.join(ImportKind)}):kind>.<any(xlsx, csv):suffix>"


@blueprint.context_processor
def _words() -> dict[str, Any]:
    return {
        "COLUMNS": COLUMNS,
        "KIND_WORDS": KIND_WORDS,
        "MODE_WORDS": MODE_WORDS,
        "STATE_WORDS": STATE_WORDS,
        "MOST_MB": MOST_BYTES // MIB,
        "MOST_ROWS": MOST_ROWS,
        "KEPT_DAYS": KEPT.days,
        "ImportKind": ImportKind,
        "ImportMode": ImportMode,
        "ImportState": ImportState,
        "may_import": may_import(current_actor()),
    }


@blueprint.url_value_preprocessor
def _refuse_what_is_no_number(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """What cannot be a number is not there; PostgreSQL would choke on some of it."""
    if values and not NUMBER.fullmatch(values.get("number", "I-0000-0000")):
        raise NotFound


@blueprint.get("")
@permits(reads_imports)
def index() -> str:
    """What can be sent in, and what has been."""
    return _index(ImportForm(formdata=None, kind=request.args.get("kind")))


@blueprint.post("")
@permits(may_import)
@takes_up_to(LARGEST_REQUEST)
def send() -> BaseResponse | tuple[str, int]:
    form = ImportForm()
    received = _received(form) if form.validate_on_submit() else None
    if received is None:
        return _index(form), 422
    return redirect(url_for(".show", number=received.number), 303)


@blueprint.get("/<number>")
@permits(reads_imports)
def show(number: str) -> str:
    """How far a file is, and then what became of its rows."""
    found = _view(number)
    progress = None if found.file.state.has_ended else _progress(found)
    return render_template("imports/show.html", found=found, file=found.file, progress=progress)


@blueprint.get("/<number>/progress")
@permits(reads_imports)
def progress(number: str) -> Response:
    return fragment(_progress(_view(number)))


@blueprint.post("/<number>/cancel")
@permits(may_import)
def cancel(number: str) -> BaseResponse:
    operations.cancel(current_session(), current_actor(), number, now())
    flash(_("已要求取消；正在处理的一步停下后生效。"), "waiting")
    return redirect(url_for(".show", number=number), 303)


@blueprint.get("/<number>/remarks")
@permits(reads_imports)
def remarks(number: str) -> Response:
    """The sender's own file, each faulty row with the reason beside it."""
    name, content = queries.remarked_file(current_session(), own_vault(), current_actor(), number)
    return download(content, name)


@blueprint.get(f"/blank/{TABLE}")
@permits(reads_imports)
def blank(kind: str, suffix: str) -> Response:
    """The table to fill in."""
    wanted = ImportKind(kind)
    content = exports.blank_table(current_session(), current_actor(), wanted, f".{suffix}", now())
    return download(content, _("%(kind)s导入模板", kind=KIND_WORDS[wanted]) + f".{suffix}")


@blueprint.get(f"/own/{TABLE}")
@permits(reads_imports)
def own(kind: str, suffix: str) -> Response:
    """What the firm has already, in the columns of the blank table."""
    wanted = ImportKind(kind)
    content = exports.own_table(current_session(), current_actor(), wanted, f".{suffix}", now())
    values = {"kind": KIND_WORDS[wanted], "day": day(china_day(now()))}
    return download(content, _("本企业%(kind)s %(day)s", **values) + f".{suffix}")


def _received(form: ImportForm) -> ImportFile | None:
    """The file as it was taken in; nothing if it cannot be read, which the form then tells."""
    session, vault, actor, sent = current_session(), own_vault(), current_actor(), form.sent_file()
    return form.attempt(lambda: operations.receive(session, vault, actor, sent, language(), now()))


def _index(form: ImportForm) -> str:
    kinds = _kinds()
    if form.kind.data not in kinds:
        form.kind.data = kinds[0]
    return render_template(
        "imports/index.html",
        form=form,
        kinds=kinds,
        rows=queries.own(current_session(), current_actor()),
    )


def _kinds() -> list[ImportKind]:
    """What the reader's firm has to do with: what it lists, and its weighbridges' tickets."""
    actor = current_actor()
    theirs = {
        ImportKind.OFFERS: actor.is_producer,
        ImportKind.REQUIREMENTS: actor.is_consumer,
        ImportKind.TICKETS: True,
    }
    return [kind for kind, has in theirs.items() if has]


def _view(number: str) -> ImportView:
    return queries.show(current_session(), own_vault(), current_actor(), number)


def _progress(found: ImportView) -> ProgressPanel:
    """The panel; who may only read is not offered to call the import off."""
    if found.job is None:
        raise NotFound
    number, is_offered = found.file.number, found.may_cancel and may_import(current_actor())
    return panel(
        found.job,
        title=_("导入进行中"),
        poll_url=url_for(".progress", number=number),
        cancel_url=url_for(".cancel", number=number) if is_offered else "",
    )
