from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy.orm import Session

from app.core import pictures
from app.core.errors import NotFound, Refused
from app.shipments import photos, queries
from app.shipments.rules import End
from tests.companies.factories import approved_company
from tests.conftest import NOW
from tests.listings.factories import trader
from tests.shipments.factories import confirmed, weigh
from tests.trades.factories import consumer_of, contracted_trade

SECRET = "36.5776N 116.1538E"


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20)) -> bytes:
    """A red picture that tells where it was taken and asks to be turned by a quarter."""
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif[0x0112] = 6
    target = BytesIO()
    Image.new("RGB", size, "red").save(target, kind, exif=exif)
    return target.getvalue()


@pytest.mark.parametrize(("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
def test_a_picture_is_kept_upright_and_without_what_it_hides(kind: str, media_type: str) -> None:
    assert SECRET.encode() in picture(kind)
    kept = photos.cleaned(picture(kind))
    assert kept.media_type == media_type
    assert SECRET.encode() not in kept.content
    found = Image.open(BytesIO(kept.content))
    assert (found.size, dict(found.getexif())) == ((20, 40), {})


def test_a_large_picture_is_made_smaller() -> None:
    found = Image.open(BytesIO(photos.cleaned(picture(size=(4_000, 3_000))).content))
    assert max(found.size) == pictures.LONGEST_SIDE


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture("GIF"),
        picture()[:200],
        picture() + b"x" * photos.MOST_BYTES,
        picture("PNG", (10_000, 5_000)),
    ],
    ids=["nothing", "pdf", "svg", "gif", "cut", "heavy", "bomb"],
)
def test_what_is_no_small_jpeg_or_png_is_refused(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        photos.cleaned(content)
    assert refused.value.field == "photo"


def test_the_picture_of_a_ticket_is_seen_by_those_of_the_load(any_session: Session) -> None:
    trade = contracted_trade(any_session)
    shipment = confirmed(any_session, trade)
    weigh(any_session, shipment, End.LOADING, photo=picture())
    found = queries.photo(any_session, consumer_of(trade), shipment.number, End.LOADING, NOW)
    assert found.media_type == "image/jpeg"
    for actor, end in [
        (trader(approved_company(any_session)), End.LOADING),
        (consumer_of(trade), End.UNLOADING),
    ]:
        with pytest.raises(NotFound):
            queries.photo(any_session, actor, shipment.number, end, NOW)
