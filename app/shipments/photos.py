"""Pictures of tickets: small ones, cleaned before they are kept."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.core import pictures
from app.core.errors import Refused
from app.shipments.models import Photo

MOST_BYTES = 3 * 1024 * 1024
FIELD = "photo"


def cleaned(content: bytes) -> Photo:
    """A picture fit to be kept; raises `Refused` unless it is a JPEG or PNG of at most 3 MB."""
    if len(content) > MOST_BYTES:
        raise Refused(_l("照片超过 3 MB：请用较低的清晰度重拍。"), field=FIELD)
    found = pictures.cleaned(content, FIELD)
    return Photo(media_type=found.media_type, sha256=found.sha256, content=found.content)
