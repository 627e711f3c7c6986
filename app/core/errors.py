"""Every error the product raises on purpose, and the one place that turns it into an answer.

    GufeiError
    ├── SignInNeeded   401  nobody is signed in
    ├── Forbidden      403  somebody is, but may not
    ├── NotFound       404  not there, or another company's private object
    ├── Conflict       409  the state has moved on; the message says to what
    ├── TooLarge       413  more was sent than the page takes
    ├── Refused        422  the request breaks a rule; may name the field
    ├── TooMany        429  throttled
    └── Unavailable    503  a part of the service is down

Raising rolls the transaction back. Messages are lazy translations.
"""

from __future__ import annotations

import structlog
from flask import Flask, Response, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import HTTPException

from app.core.current import current_actor
from app.core.htmx import wants_fragment
from app.core.logs import request_id
from app.core.request_size import MIB

log = structlog.get_logger()


class GufeiError(Exception):
    """Root of the tree. `next_step` tells the reader what to do."""

    status = 500
    title = _l("系统出错")
    message: object = _l("这一步没有完成，数据没有改动。")
    next_step: object = _l("请稍后再试；仍不行时，把下面的编号告诉运营方。")

    def __init__(self, message: object | None = None, next_step: object | None = None) -> None:
        super().__init__(str(message) if isinstance(message, str) else type(self).__name__)
        if message is not None:
            self.message = message
        if next_step is not None:
            self.next_step = next_step


class SignInNeeded(GufeiError):
    status = 401
    title = _l("请先登录")
    message = _l("这个页面要登录后才能看。")
    next_step = _l("登录后会回到这里。")


class Forbidden(GufeiError):
    status = 403
    title = _l("没有权限")
    message = _l("您的账号不能做这一步，数据没有改动。")
    next_step = _l("需要权限时，请联系本企业管理员或运营方。")


class NotFound(GufeiError):
    status = 404
    title = _l("没有找到")
    message = _l("这个页面不存在，或者不对您开放。")
    next_step = _l("请核对网址，或从首页重新进入。")


class Conflict(GufeiError):
    status = 409
    title = _l("状态已经变化")
    message = _l("别人已先处理，这一步没有执行。")
    next_step = _l("请刷新页面，按现在的状态再决定。")


class Refused(GufeiError):
    """A rule says no. `field` names the form field the message belongs to, if one does."""

    status = 422
    title = _l("这一步没有执行")
    next_step = _l("请按提示修改后再试。")

    def __init__(
        self, message: object, field: str | None = None, next_step: object | None = None
    ) -> None:
        super().__init__(message, next_step)
        self.field = field


class TooLarge(GufeiError):
    status = 413
    title = _l("内容太大")
    next_step = _l("请返回上一页，把文件拆小后分几次发送。")

    def __init__(self) -> None:
        most = (request.max_content_length or 0) // MIB
        super().__init__(_l("发送的内容超过 %(most)s MB，没有收下，数据没有改动。", most=most))


class TooMany(GufeiError):
    status = 429
    title = _l("尝试次数过多")
    message = _l("为防止盗用，暂时不再受理。")
    next_step = _l("请过 15 分钟再试，或用“忘记密码”重设。")


class Unavailable(GufeiError):
    status = 503
    title = _l("暂时不可用")


HTTP_ERRORS: dict[int, type[GufeiError]] = {
    401: SignInNeeded,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    429: TooMany,
    503: Unavailable,
}


def init_app(app: Flask) -> None:
    app.register_error_handler(GufeiError, _answer)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(Exception, _answer_unexpected)


def _answer(error: GufeiError) -> Response:
    if isinstance(error, SignInNeeded) and request.method == "GET" and not wants_fragment():
        here = request.full_path.removesuffix("?")
        return make_response(redirect(url_for("accounts.sign_in", next=here)))
    return _page(error)


def _answer_http(error: HTTPException) -> Response:
    code = error.code or 500
    if code < 400:
        return make_response(error.get_response())
    known = HTTP_ERRORS.get(code)
    return _page(known() if known else _foreign(error, code))


def _foreign(error: HTTPException, code: int) -> GufeiError:
    """An HTTP error that has no class of its own, such as 400 or 405."""
    mapped = GufeiError(_l("请求无法处理，数据没有改动。"), _l("请返回上一页，刷新后再试。"))
    mapped.status = code
    mapped.title = _l("请求有误")
    return mapped


def _answer_unexpected(error: Exception) -> Response:
    log.error("unexpected_error", exc_info=error)
    return _page(GufeiError())


def _page(error: GufeiError) -> Response:
    template = "errors/fragment.html" if wants_fragment() else "errors/page.html"
    body = render_template(
        template,
        status=error.status,
        title=error.title,
        message=error.message,
        next_steps=[str(error.next_step)],
        reference=request_id(),
        actor=current_actor(),
    )
    return make_response(body, error.status)
