"""Photographs people send: checked, freed of hidden data (place, device, time), written anew."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from io import BytesIO

from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps, UnidentifiedImageError

from app.core.errors import Refused

MOST_PIXELS = {"JPEG": 40_000_000, "PNG": 16_000_000}
"""What a small file may not unfold beyond; a JPEG need not be unfolded in full to be made small."""
START_OF_SCAN, MOST_SCANS = b"\xff\xda", 40
"""A progressive JPEG has about ten scans; each costs a walk over the whole picture."""
LONGEST_SIDE = 2_400
READ = {"JPEG": "JPEG", "MPO": "JPEG", "PNG": "PNG"}
"""What is read, and as what it is kept: telephones put two pictures into one JPEG and call it MPO.
"""
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}
QUALITY = 85


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture fit to be kept."""

    media_type: str
    sha256: str
    content: bytes


def cleaned(content: bytes, field: str) -> Picture:
    """The picture without all that is not to be seen on it.

    Raises `Refused` on the form's `field` unless it is a JPEG or PNG that can be opened.
    """
    picture = _opened(content, field)
    kind = READ[picture.format or ""]
    if _unfolds_too_far(picture, kind, content):
        raise _too_large(field)
    try:
        written = _written(picture, kind)
    except (OSError, SyntaxError, ValueError) as fault:
        raise _unreadable(field) from fault
    return Picture(MEDIA_TYPES[kind], hashlib.sha256(written).hexdigest(), written)


def _opened(content: bytes, field: str) -> Image.Image:
    """The picture by its header; its size is known before anything is unfolded."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(BytesIO(content), formats=list(MEDIA_TYPES))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as fault:
        raise _unreadable(field) from fault
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as fault:
        raise _too_large(field) from fault
    return picture


def _unfolds_too_far(picture: Image.Image, kind: str, content: bytes) -> bool:
    """Whether a picture takes far more time or room than its bytes let expect."""
    scans = content.count(START_OF_SCAN) if kind == "JPEG" else 1
    return picture.width * picture.height > MOST_PIXELS[kind] or scans > MOST_SCANS


def _written(picture: Image.Image, kind: str) -> bytes:
    """The bare pixels, upright; made small first, so that little of a large one is unfolded."""
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(picture).convert("RGB")
    bare = Image.new("RGB", upright.size)
    bare.paste(upright)
    target = BytesIO()
    bare.save(target, kind, **({"quality": QUALITY} if kind == "JPEG" else {}))
    return target.getvalue()


def _unreadable(field: str) -> Refused:
    return Refused(_l("这个文件不是能打开的 JPEG 或 PNG 照片：请重拍，或先不附照片。"), field=field)


def _too_large(field: str) -> Refused:
    return Refused(_l("照片的像素太多：请用较低的清晰度重拍。"), field=field)
