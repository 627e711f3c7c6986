"""What may stand behind an assay, and what is refused whatever it calls itself."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from time import process_time
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from docx import Document
from fpdf import FPDF
from PIL import Image

from app.assays import pdf
from app.assays.attachments import CSV, JPEG, MOST_BYTES, PDF, PNG, TEXT, XLSX, checked, is_table
from app.core.errors import Refused
from tests.core.office.sheets import book_of, changed

BOOK = book_of([["检测项目", "检测结果"], ["烧失量", 4.9]])
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
SHEET_TEXT = "检测项目,检测结果\n烧失量,4.9\n"


def report() -> bytes:
    made = FPDF()
    made.add_page()
    made.set_font("helvetica", size=12)
    made.cell(text="LOI 4.9 %")
    return bytes(made.output())


def picture(kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "36.5776N 116.1538E"
    Image.new("RGB", (40, 20), "red").save(out, kind, exif=exif)
    return out.getvalue()


def with_object(body: bytes) -> bytes:
    """A report with one more object in it."""
    return report().replace(b"\nxref", b"\n99 0 obj\n<< " + body + b" >>\nendobj\nxref", 1)


def with_packed(body: bytes, before: bytes = b"", packed: bytes | None = None) -> bytes:
    """A report with one more object that is packed with others into a stream."""
    data = zlib.compress(b"98 0 << " + body + b" >>") if packed is None else packed
    head = b"/Type /ObjStm /N 1 /First 5 /Filter /FlateDecode " + before
    stream = b"<< " + head + b">>\nstream\n" + data + b"\nendstream"
    return report().replace(b"\nxref", b"\n99 0 obj\n" + stream + b"\nendobj\nxref", 1)


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def docx() -> bytes:
    out = io.BytesIO()
    Document().save(out)
    return out.getvalue()


def locked_zip() -> bytes:
    """An archive whose members say that they are encrypted."""
    content = bytearray(zipped({"a.csv": b"1"}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    return bytes(content)


def bomb() -> bytes:
    return zipped({"xl/workbook.xml": bytes(301 << 20), "[Content_Types].xml": b"<Types/>"})


def macro_book() -> bytes:
    return changed(BOOK, {"xl/vbaProject.bin": b"\xd0\xcf"})


def macro_types() -> bytes:
    main = b"spreadsheetml.sheet.main+xml"
    return changed(
        BOOK, {"[Content_Types].xml": lambda xml: xml.replace(main, b"sheet.macroEnabled.main+xml")}
    )


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("报告.pdf", report(), PDF),
        ("报告.PDF", report(), PDF),
        ("数据.xlsx", BOOK, XLSX),
        ("数据.csv", SHEET_TEXT.encode(), CSV),
        ("数据.csv", SHEET_TEXT.encode("gb18030"), CSV),
        ("数据.txt", SHEET_TEXT.encode("utf-16"), TEXT),
    ],
)
def test_a_report_is_kept_as_it_was_sent(name: str, content: bytes, media_type: str) -> None:
    kept = checked(name, content)
    assert (kept.name, kept.media_type, kept.content) == (name, media_type, content)
    assert kept.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("name", "kind", "shown", "media_type"),
    [
        ("a.jpeg", "JPEG", "a.jpg", JPEG),
        ("a.png", "PNG", "a.png", PNG),
        ("a.png", "JPEG", "a.jpg", JPEG),
        ("IMG_1", "PNG", "IMG_1.png", PNG),
    ],
)
def test_a_photo_is_kept_without_what_it_hides(
    name: str, kind: str, shown: str, media_type: str
) -> None:
    kept = checked(name, picture(kind))
    assert (kept.name, kept.media_type) == (shown, media_type)
    assert b"36.5776N" not in kept.content
    assert kept.sha256 == hashlib.sha256(kept.content).hexdigest()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(b"", "空的", id="empty"),
        pytest.param(b" \r\n\t", "空的", id="blank"),
        pytest.param(b"1" * (MOST_BYTES + 1), "超过 20 MB", id="too large"),
        pytest.param(OLE + "EncryptedPackage".encode("utf-16-le"), "密码", id="with a password"),
        pytest.param(OLE + "Workbook".encode("utf-16-le"), "旧版", id="old excel"),
        pytest.param(macro_book(), "宏", id="macro inside"),
        pytest.param(macro_types(), "宏", id="macro workbook"),
        pytest.param(changed(BOOK, {"xl/activeX/activeX1.bin": b"1"}), "宏", id="active x"),
        pytest.param(changed(BOOK, {"xl/macrosheets/sheet1.xml": b"<x/>"}), "宏", id="macro sheet"),
        pytest.param(
            changed(
                BOOK, {"xl/externalLinks/externalLink1.xml": b'<e><ddeLink ddeService="cmd"/></e>'}
            ),
            "别的程序",
            id="dde",
        ),
        pytest.param(changed(BOOK, {"xl/embeddings/a.bin": b"1"}), "嵌有", id="embedded"),
        pytest.param(changed(BOOK, {"xl/media/a.png": zipped({"b": b"1"})}), "嵌有", id="nested"),
        pytest.param(changed(BOOK, {"xl/media/a.png": b"MZ\x90\0"}), "嵌有", id="program within"),
        pytest.param(bomb(), "过大", id="bomb"),
        pytest.param(zipped({"a.csv": b"1"}), "压缩包", id="zip"),
        pytest.param(locked_zip(), "密码", id="locked zip"),
        pytest.param(docx(), "Word", id="word"),
        pytest.param(BOOK[:-100], "损坏", id="cut off"),
        pytest.param(b"Rar!\x1a\x07\0", "压缩包", id="rar"),
        pytest.param(b"7z\xbc\xaf\x27\x1c", "压缩包", id="7z"),
        pytest.param(b"\x1f\x8b\x08\0", "压缩包", id="gzip"),
        pytest.param(bytes(257) + b"ustar\0", "压缩包", id="tar"),
        pytest.param(b"MZ\x90\0\x03", "程序", id="windows"),
        pytest.param(b"\x7fELF\x02\x01", "程序", id="linux"),
        pytest.param(b"\xcf\xfa\xed\xfe\x07", "程序", id="mach-o"),
        pytest.param(b"\xca\xfe\xba\xbe\0", "程序", id="fat mach-o or java"),
        pytest.param(b"#!/bin/sh\nrm -rf /\n", "程序", id="script"),
        pytest.param(b"<html><script>alert(1)</script></html>", "网页", id="html"),
        pytest.param(b"\xef\xbb\xbf \n<svg xmlns='http://www.w3.org/2000/svg'/>", "网页", id="svg"),
        pytest.param("1,2\n<script>1</script>".encode("utf-16"), "网页", id="html in utf-16"),
        pytest.param(b"LOI,4.9\n<IMG SRC=x><iframe src=x>", "网页", id="html further down"),
        pytest.param(b"GIF89a\x01\0", "格式的图片", id="gif"),
        pytest.param(b"\0\0\0\x18ftypheic\0\0", "格式的图片", id="heic"),
        pytest.param(b"\x01\x02\x03\x04" * 20, "认不出", id="unknown"),
        pytest.param(picture()[:200], "照片", id="cut photo"),
        pytest.param(report()[:400], "不完整", id="cut pdf"),
        pytest.param(b"\n" + report(), "不完整", id="pdf behind something else"),
        pytest.param(with_object(b"/Encrypt 5 0 R"), "密码", id="pdf with a password"),
        pytest.param(with_object(b"/S /JavaScript /JS (1)"), "运行", id="pdf with a script"),
        pytest.param(with_object(b"/S /J#61va#53cript"), "运行", id="pdf with a hidden script"),
        pytest.param(with_object(b"/S /Launch /F (cmd.exe)"), "运行", id="pdf that launches"),
        pytest.param(with_object(b"/EmbeddedFiles 7 0 R"), "别的文件", id="pdf with files"),
        pytest.param(with_object(b"/Type/Filespec/EF 3 0 R"), "别的文件", id="pdf with a file"),
        pytest.param(with_packed(b"/S /JavaScript"), "运行", id="pdf with a packed script"),
        pytest.param(
            with_packed(b"", before=b"/DecodeParms << /Predictor 12 >> "),
            "看不清楚",
            id="predictor",
        ),
        pytest.param(with_packed(b"", packed=b"<~abc~>"), "看不清楚", id="packed otherwise"),
        pytest.param(
            with_packed(b"", packed=zlib.compress(b"1 0 " + bytes(pdf.MOST_UNPACKED))),
            "看不清楚",
            id="pdf bomb",
        ),
    ],
)
def test_what_is_no_report_is_refused_by_its_content(content: bytes, told: str) -> None:
    began = process_time()
    for name in ("报告.pdf", "照片.jpg", "数据.xlsx", "无后缀"):
        with pytest.raises(Refused) as refusal:
            checked(name, content)
        assert refusal.value.field == "file"
        assert told in str(refusal.value.message)
    assert process_time() - began < 8


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("报告.pdf", picture(), (".pdf", ".jpg")),
        ("报告.xls", BOOK, (".xls", ".xlsx")),
        ("报告.xlsm", BOOK, (".xlsm", ".xlsx")),
        ("报告.exe", report(), (".exe", ".pdf")),
        ("报告.pdf.html", report(), (".html", ".pdf")),
        ("数据.xls", SHEET_TEXT.encode(), (".xls", ".txt")),
    ],
)
def test_a_name_that_lies_about_the_kind_is_told(
    name: str, content: bytes, told: tuple[str, str]
) -> None:
    with pytest.raises(Refused) as refusal:
        checked(name, content)
    assert all(f" {suffix}" in str(refusal.value.message) for suffix in told)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/报告.pdf", "报告.pdf"),
        ("C:\\fakepath\\报告.pdf", "报告.pdf"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("报告\u202efdp.pdf", "报告fdp.pdf"),
        ('<img src="x">.pdf', "_img src=_x__.pdf"),
        ("...", "检测报告.pdf"),
        ("", "检测报告.pdf"),
        ("粉煤灰2026.11", "粉煤灰2026.11.pdf"),
        ("长" * 300 + ".pdf", "长" * 100 + ".pdf"),
    ],
)
def test_a_name_is_for_show_alone(name: str, shown: str) -> None:
    assert checked(name, report()).name == shown


def test_a_packed_pdf_that_does_nothing_is_kept() -> None:
    content = with_packed(b"/Type /Catalog /Pages 1 0 R")
    assert checked("报告.pdf", content).content == content


def test_a_pdf_of_endless_streams_is_refused_soon() -> None:
    content = report() + b"stream\nx\x9c" * 500_000
    began = process_time()
    with pytest.raises(Refused):
        checked("报告.pdf", content)
    assert process_time() - began < 5


def test_an_archive_in_a_foreign_packing_is_refused() -> None:
    content = bytearray(BOOK)
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = content.index(mark) + place
        content[at : at + 2] = struct.pack("<H", 14)
    with pytest.raises(Refused):
        checked("数据.xlsx", bytes(content))


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("数据.xlsx", BOOK, True),
        ("数据.csv", SHEET_TEXT.encode("gb18030"), True),
        ("数据.txt", SHEET_TEXT.encode(), True),
        ("报告.pdf", report(), False),
        ("照片.png", picture("PNG"), False),
        ("空白.xlsx", book_of([]), False),
    ],
)
def test_tables_are_told_from_papers(name: str, content: bytes, *, found: bool) -> None:
    assert is_table(checked(name, content)) is found
