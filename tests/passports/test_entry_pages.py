"""The pages on which a firm enters quality data: who opens them, and what bad input is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.accounts.models import User
from app.assays import queries
from app.assays.models import Assay, AssayReport
from app.core.actor import CompanyRole
from app.core.transactions import database
from app.listings.models import Listing
from app.listings.rules import ListingStatus
from tests.accounts.factories import operator_user, regulator, sign_in, user_of
from tests.companies.factories import approved_company
from tests.conftest import TODAY
from tests.html import CheckedClient
from tests.listings.factories import published_offer, published_requirement

SHEET = """检测单位：聊城市产品质量监督检验所,,,
采样日期：2026-11-05,,,
项目,单位,检测结果,检测方法
烧失量,%,4.2,GB/T 176-2017
细度（45μm筛余）,%,10.5,GB/T 1596-2017
氯离子,mg/kg,100,GB/T 176-2017
神秘指标,%,7.7,
"""
MIB = 1 << 20
PDF = (
    b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    b"trailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
)
SELECT = re.compile(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', re.DOTALL)
ERROR = re.compile(r'class="field-error"[^>]*>(.*?)</p>', re.DOTALL)
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Works:
    """A producer with an offer of fly ash, its neighbours and its people."""

    app: Flask
    people: Mapping[str, int]
    offer: str
    other: str
    need: str

    def client(self, person: str = "trader", language: str = "zh") -> CheckedClient:
        client = self.app.test_client()
        assert isinstance(client, CheckedClient)
        client.set_cookie("language", language)
        if person != "nobody":
            with database().reading() as session:
                sign_in(client, session.get_one(User, self.people[person]))
        return client

    def get(self, page: str, person: str = "trader", language: str = "zh") -> TestResponse:
        return self.client(person, language).get(f"/passports/{self.offer}/{page}")

    def page(self, page: str, person: str = "trader", language: str = "zh") -> str:
        answer = self.get(page, person, language)
        assert answer.status_code == 200, (page, answer.status_code)
        return answer.get_data(as_text=True)

    def post(
        self, page: str, sent: Mapping[str, object], person: str = "trader", language: str = "zh"
    ) -> TestResponse:
        client, path = self.client(person, language), f"/passports/{self.offer}/{page}"
        if "file" not in sent:
            return client.post(path, data=dict(sent))
        # From memory whatever its size, so that no file is left open.
        boundary, body = encode_multipart(sent)
        kind = f"multipart/form-data; boundary={boundary}"
        return client.post(path, data=body, content_type=kind)

    def send(
        self, content: bytes | str = SHEET, name: str = "检测.csv", language: str = "zh"
    ) -> TestResponse:
        """Send a file in as the form on the page does."""
        body = content.encode() if isinstance(content, str) else content
        file = FileStorage(BytesIO(body), name)
        return self.post("reports", {"file": file}, language=language)

    def sent(self, content: bytes | str = SHEET, name: str = "检测.csv") -> str:
        """The page on which a file that was sent is confirmed, after `/passports/<number>/`."""
        answer = self.send(content, name)
        assert answer.status_code == 303, shown(answer)
        return answer.location.partition(f"{self.offer}/")[2]


@pytest.fixture
def works(app: Flask, frozen: object) -> Works:
    with database().writing() as session:
        offer = published_offer(session)
        other = published_offer(session, offer.site)
        need = published_requirement(session)
        people = {
            "trader": user_of(session, offer.company, CompanyRole.TRADER),
            "viewer": user_of(session, offer.company, CompanyRole.VIEWER),
            "stranger": user_of(session, approved_company(session)),
            "operator": operator_user(session),
            "city": regulator(session),
            "elsewhere": regulator(session, "371502"),
        }
        session.flush()
        ids = {name: user.id for name, user in people.items()}
        return Works(app, ids, offer.number, other.number, need.number)


def shown(answer: TestResponse) -> str:
    """The words of a page without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())


def fields_of(page: str) -> dict[str, str]:
    """The entry form as a browser would send it back."""
    form = page[page.index("data-guard") : page.rindex("</form>")]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        told = {key: unescape(text) for key, text in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if "name" in told and (told.get("type") != "checkbox" or " checked" in tag):
            found[told["name"]] = told.get("value", "")
    for name, body in re.findall(
        r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL
    ):
        chosen = re.search(r'<option selected value="([^"]*)"|value="([^"]*)" selected', body)
        found[name] = next(filter(None, chosen.groups()), "") if chosen else ""
    return found


def row_of(fields: Mapping[str, str], parameter: str) -> str:
    """How the fields of a value begin: `samples-0-rows-3-`."""
    return next(
        name.removesuffix("parameter")
        for name, value in fields.items()
        if name.endswith("-parameter") and value == parameter
    )


def typed(
    works: Works, values: Mapping[str, str], language: str = "zh", **head: str
) -> dict[str, str]:
    """The typed form, filled in."""
    fields = fields_of(works.page("assay", language=language))
    for parameter, text in values.items():
        fields[f"{row_of(fields, parameter)}text"] = text
    return fields | {f"samples-0-{name}": text for name, text in head.items()}


def assays() -> int:
    with database().reading() as session:
        return session.scalar(select(func.count()).select_from(Assay)) or 0


def reports() -> int:
    with database().reading() as session:
        return session.scalar(select(func.count()).select_from(AssayReport)) or 0


def status(number: str) -> ListingStatus:
    with database().reading() as session:
        return session.scalars(select(Listing).where(Listing.number == number)).one().status


def readings(number: str) -> set[str]:
    with database().reading() as session:
        return set(queries.readings(session, [number], TODAY).get(number, {}))


PAGES = ("reports", "assay", "facts")
DEEDS = ("reports", "assay", "assay/pasted", "carry", "kind", "facts", "reports/1/throw")


def test_only_the_firms_own_traders_find_the_pages(works: Works) -> None:
    for page in PAGES:
        assert works.get(page).status_code == 200
        assert works.get(page, "nobody").status_code == 302
        assert works.get(page, "viewer").status_code == 403
        for person in ("stranger", "operator", "city"):
            assert works.get(page, person).status_code == 404, (page, person)
    for deed in DEEDS:
        assert works.post(deed, {}, "viewer").status_code == 403, deed
        for person in ("stranger", "operator", "city"):
            assert works.post(deed, {}, person).status_code == 404, (deed, person)


def test_a_requirement_and_what_is_no_number_have_no_such_page(works: Works) -> None:
    client = works.client()
    for number in (works.need, "S-2611-9999", "x", "S-2611-0001'"):
        assert client.get(f"/passports/{number}/reports").status_code == 404


def test_nothing_is_entered_without_the_token_of_the_form(works: Works) -> None:
    client = works.client()
    works.app.config["WTF_CSRF_ENABLED"] = True
    try:
        answers = [client.post(f"/passports/{works.offer}/{deed}", data={}) for deed in DEEDS]
    finally:
        works.app.config["WTF_CSRF_ENABLED"] = False
    assert {answer.status_code for answer in answers} == {400}


def test_a_typed_assay_is_saved_with_its_head(works: Works) -> None:
    sent = typed(works, {"loi": "4.2", "cl": "<0.01"}, sampled_on="2026-11-05", laboratory="质检所")
    answer = works.post("assay", sent | {"offers": works.other})
    assert answer.location == f"/passports/{works.offer}"
    assert readings(works.offer) == readings(works.other) == {"loi", "cl"}


@pytest.mark.parametrize(
    ("values", "head", "words"),
    [
        ({"loi": "140"}, {}, "烧失量 不可能是这个数值"),
        ({"ph": "19"}, {}, "pH 不可能是这个数值"),
        ({"loi": "4.2 mg/L"}, {}, "的单位应是 %"),
        ({"loi": "四点二"}, {}, "的“四点二”不是数值"),
        ({"sio2": "60", "al2o3": "40", "cao": "5.1"}, {}, "各氧化物之和超过 105%"),
        ({"loi": "4.2"}, {"sampled_on": "2026-11-23"}, "还没有到"),
        ({"loi": "4.2"}, {"sampled_on": "昨天"}, "“昨天”不是日期"),
        ({"loi": "4.2"}, {"batch": "2000"}, "就要填含水量"),
        ({"loi": "4.2"}, {"certificate": "CMA 12", "laboratory": "所"}, "不是证书编号"),
        ({}, {}, "至少要有一项检测值"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_typed_is_lost(
    works: Works, values: dict[str, str], head: dict[str, str], words: str
) -> None:
    sent = typed(works, values, note="第一车", **head)
    answer = works.post("assay", sent)
    assert answer.status_code == 422
    assert words in shown(answer)
    again = fields_of(answer.get_data(as_text=True))
    assert {name: text for name, text in sent.items() if text} == {
        name: text for name, text in again.items() if text
    }
    assert assays() == 0


def test_the_field_with_a_fault_says_so(works: Works) -> None:
    page = works.post("assay", typed(works, {"loi": "140", "so3": "1"})).get_data(as_text=True)
    assert page.count('aria-invalid="true"') == 1


def test_faults_are_told_in_the_language_of_the_reader(works: Works) -> None:
    answer = works.post("assay", typed(works, {"loi": "140"}, "en"), language="en")
    error = ERROR.search(answer.get_data(as_text=True))
    assert error
    assert "Loss on ignition cannot have this value" in error[1]


def test_a_sheet_is_shown_beside_its_cells_and_saved_only_when_confirmed(works: Works) -> None:
    path = works.sent()
    page = works.page(path)
    assert assays() == 0
    for words in ("C4", "C5", "C6", "烧失量", "神秘指标", "聊城市产品质量监督检验所", "0.01 %"):
        assert words in page, words
    assert works.post(path, fields_of(page)).status_code == 303
    assert readings(works.offer) == {"loi", "residue_45um", "cl"}
    with database().reading() as session:
        assay = session.scalars(select(Assay)).one()
        assert assay.report_id is not None
        assert assay.laboratory == "聊城市产品质量监督检验所"
        cells = {value.parameter: (value.cell, value.text, value.unit) for value in assay.values}
        assert cells["cl"] == ("C6", "100", "mg/kg")


def test_a_row_that_is_not_kept_is_left_out_and_an_unread_one_may_be_named(works: Works) -> None:
    path = works.sent()
    fields = fields_of(works.page(path))
    del fields[f"{row_of(fields, 'loi')}keep"]
    fields[f"{row_of(fields, '')}parameter"] = "so3"
    assert works.post(path, fields).status_code == 303
    assert readings(works.offer) == {"residue_45um", "cl", "so3"}


def test_a_value_of_a_sheet_that_cannot_be_is_told_at_its_row(works: Works) -> None:
    path = works.sent(SHEET.replace("4.2", "140"))
    fields = fields_of(works.page(path))
    answer = works.post(path, fields)
    assert answer.status_code == 422
    assert "烧失量 不可能是这个数值" in shown(answer)
    assert answer.get_data(as_text=True).count("row-invalid") == 1
    assert assays() == 0
    fields[f"{row_of(fields, 'loi')}text"] = "14.0"
    assert works.post(path, fields).status_code == 303


def test_two_rows_of_the_same_parameter_are_told_at_both(works: Works) -> None:
    path = works.sent()
    fields = fields_of(works.page(path))
    fields[f"{row_of(fields, '')}parameter"] = "loi"
    answer = works.post(path, fields)
    assert answer.get_data(as_text=True).count("row-invalid") == 2


def test_the_same_file_leads_to_the_page_that_waits(works: Works) -> None:
    assert works.sent() == works.sent()
    assert reports() == 1
    page = works.page("reports")
    assert "等您核对的文件" in page
    assert works.post(f"{works.sent()}/throw", {}).status_code == 303
    assert "等您核对的文件" not in works.page("reports")


def test_a_table_is_pasted_and_confirmed_like_a_file(works: Works) -> None:
    answer = works.post("assay/pasted", {"pasted": "烧失量 4.2 %\n细度 10.5 %"})
    assert answer.status_code == 200
    assert assays() == 0
    fields = fields_of(answer.get_data(as_text=True))
    assert works.post("assay", fields).status_code == 303
    assert readings(works.offer) == {"loi", "residue_45um"}
    with database().reading() as session:
        assert session.scalars(select(Assay)).one().report_id is None


@pytest.mark.parametrize("pasted", ["", "您好", "x" * 20_001])
def test_what_was_pasted_and_says_nothing_stays_on_the_page(works: Works, pasted: str) -> None:
    answer = works.post("assay/pasted", {"pasted": pasted})
    assert answer.status_code == 422
    assert pasted in answer.get_data(as_text=True)


def test_a_pdf_is_kept_and_its_values_typed_sample_by_sample(works: Works) -> None:
    path = works.sent(PDF, "报告.pdf")
    fields = fields_of(works.page(path))
    fields[f"{row_of(fields, 'loi')}text"] = "4.2"
    more = works.post(path, fields | {"more": "1"})
    assert more.status_code == 200
    again = fields_of(more.get_data(as_text=True))
    assert again[f"{row_of(again, 'loi')}text"] == "4.2"
    again["samples-1-rows-0-text"] = "4.4"
    again["samples-1-sampled_on"] = "2026-11-09"
    assert works.post(path, again).status_code == 303
    assert assays() == 2


def test_the_file_is_handed_out_to_be_kept_and_to_few(works: Works) -> None:
    path = f"{works.sent(PDF, '报告.pdf')}/file"
    for person in ("trader", "viewer", "operator", "city"):
        answer = works.get(path, person)
        assert answer.data == PDF
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
    for person in ("stranger", "elsewhere"):
        assert works.get(path, person).status_code == 404


def test_the_file_of_one_offer_is_not_found_under_another(works: Works) -> None:
    path = works.sent()
    client = works.client()
    assert client.get(f"/passports/{works.other}/{path}").status_code == 404
    assert client.post(f"/passports/{works.other}/{path}", data={}).status_code == 404
    assert client.post(f"/passports/{works.other}/{path}/throw").status_code == 404


def zipped(**members: bytes) -> bytes:
    """An archive that looks like a workbook, with these members beside."""
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        for name, content in members.items():
            archive.writestr(f"xl/{name}", content)
    return target.getvalue()


BAD_FILES: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "password": ("检测.xlsx", lambda: OLD_OFFICE + "EncryptedPackage".encode("utf-16-le")),
    "old": ("检测.xls", lambda: OLD_OFFICE),
    "macro": ("检测.xlsm", lambda: zipped(**{"vbaProject.bin": b"x"})),
    "bomb": ("检测.xlsx", lambda: zipped(sheet=b"0" * (300 * MIB))),
    "program": ("检测.xlsx", lambda: b"MZ\x90\x00" + b"\x00" * 200),
    "page": ("检测.csv", lambda: b"<html><script>alert(1)</script></html>"),
    "empty": ("检测.csv", lambda: b""),
    "torn": ("检测.xlsx", lambda: b"PK\x03\x04" + b"\x01" * 99),
    "other": ("检测.pdf", SHEET.encode),
}


@pytest.mark.parametrize("what", BAD_FILES)
def test_a_file_that_is_no_report_is_refused_with_a_sentence(works: Works, what: str) -> None:
    name, made = BAD_FILES[what]
    answer = works.send(made(), name)
    assert answer.status_code == 422
    error = re.search(
        'class="field-error"[^>]*>(.*?)</p>', answer.get_data(as_text=True), re.DOTALL
    )
    assert error
    assert "请" in error[1]
    assert reports() == 0


@pytest.mark.parametrize(("language", "words"), [("zh", "超过 21 MB"), ("en", "21 MB")])
def test_a_file_of_40_mb_is_told_the_limit(works: Works, language: str, words: str) -> None:
    answer = works.send(b"%PDF-1.7 " + b"0" * (40 * MIB), "大.pdf", language)
    assert answer.status_code == 413
    assert words in shown(answer)
    assert reports() == 0


def test_without_a_file_the_form_says_so(works: Works) -> None:
    answer = works.post("reports", {})
    assert answer.status_code == 422
    assert "请选择要上传的文件" in shown(answer)


def test_a_hazard_is_told_before_it_is_saved_and_takes_the_offer_down(works: Works) -> None:
    sent = typed(works, {"ph": "13"})
    answer = works.post("assay", sent)
    assert answer.status_code == 422
    words = shown(answer)
    assert "GB 5085.1-2007" in words
    assert "我知道：这批物料属于危险废物，挂牌将撤下" in words
    assert assays() == 0
    assert works.post("assay", sent | {"knows_hazard": "y"}).status_code == 303
    assert (status(works.offer), status(works.other)) == (
        ListingStatus.WITHDRAWN,
        ListingStatus.ACTIVE,
    )
    answer = works.client().post(f"/passports/{works.other}/carry", data={"source": works.offer})
    assert answer.status_code == 422
    assert "GB 5085.1-2007" in shown(answer)


def test_an_assay_is_voided_with_a_reason_by_the_firm_or_the_operator(works: Works) -> None:
    works.post("assay", typed(works, {"loi": "4.2"}))
    with database().reading() as session:
        number = session.scalars(select(Assay.number)).one()
    page = f"assays/{number}/void"
    assert "烧失量" in works.page(page)
    assert "烧失量" in works.page(page, "operator")
    assert {works.get(page, person).status_code for person in ("city", "stranger")} == {404}
    assert works.post(page, {"reason": " "}).status_code == 422
    assert works.post(page, {"reason": "样品弄错"}).status_code == 303
    assert readings(works.offer) == set()
    assert "已经作废" in works.page(page)


def test_assays_are_carried_over_by_one_button(works: Works) -> None:
    works.post("assay", typed(works, {"loi": "4.2"}))
    client = works.client()
    page = client.get(f"/passports/{works.other}/reports").get_data(as_text=True)
    assert f"本厂区同种物料已有 1 份检测（{works.offer}" in page
    answer = client.post(f"/passports/{works.other}/carry", data={"source": works.offer})
    assert answer.status_code == 303
    assert readings(works.other) == {"loi"}


def test_the_facts_of_the_site_are_told_once(works: Works) -> None:
    assert "锅炉类型" in works.page("facts")
    assert works.post("facts", {"boiler_type": "solar"}).status_code == 422
    assert works.post("facts", {"boiler_type": "pulverised"}).status_code == 303
    page = works.client().get(f"/passports/{works.other}/facts").get_data(as_text=True)
    assert re.search('<option selected value="pulverised"', page)


def test_a_slag_is_named_before_anything_is_asked_of_it(works: Works) -> None:
    with database().writing() as session:
        site = session.scalars(select(Listing).where(Listing.number == works.offer)).one().site
        number = published_offer(session, site, material="smelting_slag").number
    client = works.client()
    assert "先说明是哪一种渣" in client.get(f"/passports/{number}/reports").get_data(as_text=True)
    assert client.get(f"/passports/{number}/facts").status_code == 200
    assert client.get(f"/passports/{number}/assay").status_code == 200
    for kind, code in (("", 422), ("red_mud", 422), ("steel_slag", 303)):
        assert client.post(f"/passports/{number}/kind", data={"kind": kind}).status_code == code
    page = client.get(f"/passports/{number}/reports").get_data(as_text=True)
    assert "先说明是哪一种渣" not in page
