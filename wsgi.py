"""The WSGI entrance, found by gunicorn and by the `flask` command alike."""

from app.factory import create_app

app = create_app()
