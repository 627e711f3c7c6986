"""The WSGI entrance, found by gunicorn and by the `flask` command alike."""

import gc
import sys

gc.disable()  # next to nothing that is loaded here is garbage, and looking for it takes its time

from app.factory import create_app  # noqa: E402
from app.settings import SettingsError  # noqa: E402

try:
    app = create_app()
except SettingsError as fault:
    sys.exit(f"gufei: {fault}")

gc.freeze()  # it all stays until the process ends: no later collection goes through it again
gc.enable()
