"""Files that pretend to be a ticket's photograph, or that cost far more than they weigh."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from time import process_time
from zlib import crc32

import pytest
from PIL import Image, PngImagePlugin

from app.core import pictures
from app.core.errors import Refused
from app.shipments import photos

POLYGLOT = b"GIF89a/*<svg onload=alert(1)>*/=1;<?php system($_GET[0]); ?>PK\x03\x04"


def picture(kind: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **how: object) -> bytes:
    target = BytesIO()
    Image.new(mode, size).save(target, kind, **how)
    return target.getvalue()


def of_many_scans(count: int) -> bytes:
    """A progressive JPEG of 40 million pixels that refines the same nothing again and again."""
    plain = picture("JPEG", (8_000, 5_000), "L", progressive=True)
    last = plain[plain.rindex(pictures.START_OF_SCAN) : -2]
    return plain[:-2] + last * count + plain[-2:]


def that_claims_a_size(side: int) -> bytes:
    """A PNG of a few bytes whose head says that it is as large as a PNG can be."""
    small = picture("PNG")
    head = b"IHDR" + side.to_bytes(4, "big") * 2 + small[24:29]
    return small[:12] + head + crc32(head).to_bytes(4, "big") + small[33:]


def with_words(kind: str, words: bytes) -> bytes:
    """A sound picture that carries something else in its comments and behind its end."""
    if kind == "JPEG":
        return picture("JPEG", comment=words) + words
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", words.decode("latin-1"))
    return picture("PNG", pnginfo=notes) + words


def two_in_one() -> bytes:
    """What telephones write: a JPEG with a second picture behind the first."""
    return picture("MPO", save_all=True, append_images=[Image.new("RGB", (60, 40), "red")])


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_nothing_but_the_pixels_of_a_polyglot_is_kept(kind: str) -> None:
    kept = photos.cleaned(with_words(kind, POLYGLOT))
    for part in (b"GIF89a", b"<svg", b"<?php", b"PK\x03\x04"):
        assert part not in kept.content


def test_the_two_pictures_that_a_telephone_puts_in_one_file_are_kept_as_one_jpeg() -> None:
    kept = photos.cleaned(two_in_one())
    assert kept.media_type == "image/jpeg"
    assert Image.open(BytesIO(kept.content)).format == "JPEG"


@pytest.mark.parametrize(
    "made",
    [
        partial(of_many_scans, pictures.MOST_SCANS),
        partial(picture, "PNG", (5_000, 4_000), "1"),
        partial(that_claims_a_size, 2**31 - 1),
        partial(picture, "JPEG", (65_000, 650), "L"),
    ],
    ids=["scans", "pixels", "claims", "wide"],
)
def test_a_small_file_that_unfolds_far_is_refused_before_it_does(
    made: Callable[[], bytes],
) -> None:
    content = made()
    assert len(content) < photos.MOST_BYTES
    began = process_time()
    with pytest.raises(Refused):
        photos.cleaned(content)
    assert process_time() - began < 0.5


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGB", "RGBA"])
def test_a_png_of_any_colours_is_kept(mode: str) -> None:
    assert photos.cleaned(picture("PNG", mode=mode)).media_type == "image/png"
