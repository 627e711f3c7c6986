"""The WSGI entrance, found by gunicorn and by the `flask` command alike."""

import sys

from app.factory import create_app
from app.settings import SettingsError

try:
    app = create_app()
except SettingsError as fault:
    sys.exit(f"gufei: {fault}")
