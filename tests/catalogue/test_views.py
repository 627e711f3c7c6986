"""The public page of the reference data, and the command that loads it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask

from app.settings import ROOT
from tests.html import CheckedClient


@pytest.fixture
def page(client: CheckedClient, frozen: object) -> str:
    answer = client.get("/catalogue/")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_past_target_is_said_to_be_past(page: str) -> None:
    assert "目标 100%（期限 2025-12-31，已过）" in page
    assert "目标 15%（期限 2027-12-31，还有 404 天）" in page
    assert "45 亿吨/年" in page


def test_published_figures_keep_the_words_and_the_source_they_came_with(page: str) -> None:
    assert "超过 75%" in page
    assert "约 36.8 亿吨/年" in page
    assert "15,391 家" in page
    assert "大众日报" in page


def test_what_is_unsure_is_marked_and_red_mud_stands_apart(page: str) -> None:
    assert page.count("待核实") >= 2
    assert "不计入，单列" in page


def test_the_terms_of_the_market_are_public_as_sentences(page: str) -> None:
    assert "双方确认后，7 天内签订合同" in page
    assert "两端磅单相差不超过 1% 算作一致" in page
    assert "少交不超过 5% 的" in page


def test_the_block_list_is_public_with_its_reasons(page: str) -> None:
    assert "生活垃圾焚烧飞灰属于危险废物" in page
    assert "国家危险废物名录" in page
    assert "交给持有 HW29 类经营许可证的汞回收单位" in page


def test_the_page_stands_in_english(client: CheckedClient, frozen: object) -> None:
    client.set_cookie("language", "en")
    page = client.get("/catalogue/").get_data(as_text=True)
    assert "municipal waste incineration fly ash" in page
    assert "4,500,000,000 t/year" in page
    assert "31 Dec 2025" in page


def test_the_command_loads_and_names_every_fault(app: Flask, tmp_path: Path) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["catalogue", "load"]).exit_code == 0
    folder = Path(shutil.copytree(ROOT / "data" / "catalogue", tmp_path / "d" / "catalogue"))
    (folder / "industries.csv").unlink()
    targets = folder / "targets.csv"
    targets.write_text(targets.read_text(encoding="utf-8").replace(",100,", ",viel,"), "utf-8")
    result = runner.invoke(args=["catalogue", "load", str(tmp_path / "d")])
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        "targets.csv:2: value: “viel”不是允许的值",
        "industries.csv: 没有这个文件",
    ]
