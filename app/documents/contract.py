"""The contract of a trade, with the contents the law asks for and a quality annex.

For transfers inside a province the producer checks the receiver's standing and ability and writes
the duties against pollution into the contract; see domain facts in docs/data-sources.md, "Law in
motion": articles are not cited by number while the code of 2026 renumbers them.
"""

from __future__ import annotations

from app.companies.models import Company, Site
from app.core.i18n import tonnes, yuan
from app.core.office.paper import (
    Block,
    Facts,
    Heading,
    NewPage,
    Paper,
    Paragraph,
    Signatures,
    Table,
)
from app.declarations.models import WasteSource
from app.declarations.words import FORMS
from app.documents.ledger_forms import DEMO
from app.trades.models import Trade

DUTIES = (
    (
        "甲方已核实乙方的主体资格和技术能力。乙方承诺具备利用本合同废物的场地、设施和环境保护手续，"
        "并在生产中按规定利用，不得倾倒、堆放、转卖给不具备条件的第三方。"
    ),
    (
        "装车前的污染防治责任由甲方承担；出厂后至收货前由承运方按约定承担；收货后由乙方承担。"
        "运输车辆应密闭或苫盖，防止扬散、流失、渗漏。"
    ),
    "双方如实记录台账，保存磅单和运单不少于五年，并接受生态环境主管部门检查。",
    "乙方应按约定向甲方书面反馈利用情况；发现不符合约定的废物，可拒收并说明原因，由甲方运回。",
)
CHANGE = (
    "本合同经双方盖章生效；变更须经双方书面同意。争议先协商，协商不成的，向甲方所在地人民法院起诉。"
)
BLANK_LINES = 6


def contract_of(trade: Trade, source: WasteSource | None, material: str) -> Paper:
    """The contract as a paper; `material` is the Chinese name, `source` the line of form 1."""
    return Paper(
        title="一般工业固体废物委托利用合同",
        number=trade.contract_number or trade.number,
        blocks=(
            Heading("一、双方"),
            Facts(_party("甲方（产废方）", trade.producer, trade.producer_site)),
            Facts(_party("乙方（利废方）", trade.consumer, trade.consumer_site)),
            Heading("二、废物与数量"),
            Facts(_goods(trade, source, material)),
            Heading("三、价格与结算"),
            Facts(_money(trade)),
            Paragraph(
                "按收货净重结算，金额四舍五入到分；重量差异超过约定允差时，按双方认定的重量结算。"
            ),
            Heading("四、交付与运输"),
            *(Paragraph(text) for text in _delivery(trade)),
            Heading("五、污染防治责任"),
            *(Paragraph(f"{count}. {text}") for count, text in enumerate(DUTIES, 1)),
            Heading("六、其他"),
            Paragraph(CHANGE),
            Signatures(
                (("甲方（盖章）：", "签字：", "日期："), ("乙方（盖章）：", "签字：", "日期："))
            ),
            NewPage(),
            *_annex(source, material),
        ),
        notice=DEMO if trade.producer.is_synthetic or trade.consumer.is_synthetic else "",
    )


def _party(label: str, company: Company, site: Site) -> tuple[tuple[str, str], ...]:
    return (
        (label, company.name),
        ("统一社会信用代码", company.credit_code),
        ("地址", site.address or site.name),
        ("联系人", f"{company.contact_name}　{company.contact_phone}"),
    )


def _goods(trade: Trade, source: WasteSource | None, material: str) -> tuple[tuple[str, str], ...]:
    return (
        ("名称", source.waste_name if source else material),
        ("代码", source.waste_code if source else "以排污许可证载明的为准"),
        ("类别", f"第{source.waste_class}类" if source else "以属性鉴别结论为准"),
        ("物理性状", str(FORMS[source.form]) if source else "以实物为准"),
        ("数量", f"{tonnes(trade.kg)} 吨"),
        ("交付月份", f"{trade.month:%Y 年 %m 月}"),
        ("利用方式", "综合利用，作为生产原料"),
        ("交易编号", trade.number),
    )


def _money(trade: Trade) -> tuple[tuple[str, str], ...]:
    payer = "甲方支付乙方" if trade.price_producer < 0 else "乙方支付甲方"
    gate = "乙方收取" if trade.price_consumer < 0 else "乙方支付"
    return (
        ("出厂价", f"{payer} {yuan(abs(trade.price_producer))} 元/吨"),
        ("运费", f"{yuan(trade.freight)} 元/吨"),
        ("到厂价（含运费）", f"{gate} {yuan(abs(trade.price_consumer))} 元/吨"),
    )


def _delivery(trade: Trade) -> tuple[str, ...]:
    return (
        (
            f"装货地点：{trade.producer_site.address or trade.producer_site.name}；"
            f"卸货地点：{trade.consumer_site.address or trade.consumer_site.name}。"
        ),
        "每车附电子运单，装货、卸货两端过磅，磅单和运单是结算与台账的凭据。",
        "省内转移不需审批；如改为跨省转移，应先按规定办理审批或备案，办妥前不得转移。",
    )


def _annex(source: WasteSource | None, material: str) -> tuple[Block, ...]:
    return (
        Heading("附件　品质约定"),
        Facts(
            (
                ("物料", material),
                ("主要成分", (source.composition if source else "") or "按检测报告"),
                ("污染特性", (source.pollution if source else "") or "按检测报告"),
            )
        ),
        Paragraph("双方约定的指标、限值和检测方法填入下表；未填的指标不作为拒收理由。"),
        Table(
            ("指标", "限值", "检测方法", "检测频次"),
            (("", "", "", ""),) * BLANK_LINES,
            (3, 2, 3, 2),
        ),
    )
