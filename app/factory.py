"""The application factory: settings in, a Flask application out."""

from __future__ import annotations

from flask import Flask
from flask.cli import AppGroup
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from app import navigation
from app.core import (
    errors,
    htmx,
    i18n,
    logs,
    metrics,
    permissions,
    request_size,
    security,
    sheets,
)
from app.core.transactions import Database, TransactionalFlask
from app.core.vault import Vault
from app.features import modules
from app.settings import ROOT, Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; raises `SettingsError` or `UndeclaredRoute`."""
    settings = settings or Settings.from_env()
    logs.configure(settings.log_level)
    app = TransactionalFlask(
        "gufei",
        root_path=str(ROOT),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    _configure(app, settings)
    _connect(app, settings)
    _install_platform(app)
    _register_features(app)
    permissions.verify_routes(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TRANSLATIONS=ROOT / "translations",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _connect(app: Flask, settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    app.extensions["gufei.settings"] = settings
    app.extensions["gufei.database"] = Database(settings.database_url)
    app.extensions["gufei.vault"] = Vault(settings.vault_keys)


def _install_platform(app: Flask) -> None:
    """Order matters: the request id first, then who acts (a feature), then whether they may.

    How much a request may bring is settled before anything looks into its form.
    """
    logs.init_app(app)
    i18n.init_app(app)
    errors.init_app(app)
    htmx.init_app(app)
    sheets.init_app(app)
    metrics.init_app(app)
    request_size.init_app(app)
    security.init_app(app)
    CSRFProtect(app)
    navigation.init_app(app)
    permissions.permits(permissions.anyone)(app.view_functions["static"])


def _register_features(app: Flask) -> None:
    modules("models")
    for module in modules("setup"):
        module.init_app(app)
    permissions.init_app(app)
    for module in modules("views"):
        app.register_blueprint(module.blueprint)
    for module in modules("cli"):
        for group in module.GROUPS:
            _add_group(app, group)


def _add_group(app: Flask, group: AppGroup) -> None:
    """Commands of one name, such as `flask statistics`, may come from several features."""
    known = app.cli.commands.setdefault(group.name or "", group)
    if isinstance(known, AppGroup) and known is not group:
        for command in group.commands.values():
            known.add_command(command)
