"""What statistics hang on the application: the shelf of what disclosure control has decided."""

from app.statistics.prepared import init_app

__all__ = ["init_app"]
