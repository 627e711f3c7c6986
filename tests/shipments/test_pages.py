"""The pages of trucks: who gets in, what a clerk is told, and that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.transactions import database
from app.shipments.models import Shipment, Ticket
from app.shipments.rules import End, ShipmentStatus
from tests.shipments.factories import LATEST
from tests.shipments.scene import Scene, made, picture, ticket_fields

LOCALES = ("zh", "en")
READERS = {
    "producer": 200,
    "consumer": 200,
    "viewer": 200,
    "carrier": 200,
    "operator": 200,
    "stranger": 404,
    "city": 404,
    "nobody": 302,
}


@pytest.fixture
def scene(app: Flask, freeze: Callable[[datetime], None]) -> Scene:
    freeze(LATEST)
    return made(app)


@pytest.mark.parametrize("person", READERS)
def test_a_note_and_its_photos_are_there_for_its_firms_alone(scene: Scene, person: str) -> None:
    client = scene.client(person)
    of_carrier = scene.notes["on the road"]
    assert client.get(f"/shipments/{of_carrier}").status_code == READERS[person]
    photo = f"/shipments/{scene.notes['whole']}/tickets/loading/photo"
    expected = {"carrier": 404}.get(person, READERS[person])
    assert client.get(photo).status_code == expected


@pytest.mark.parametrize("person", ["stranger", "city", "nobody", "viewer"])
@pytest.mark.parametrize(
    "deed", ["confirm", "void", "arrive", "close", "gate", "weight/propose", "weight/agree"]
)
def test_nobody_else_does_anything_with_a_truck(scene: Scene, person: str, deed: str) -> None:
    data = ticket_fields(End.LOADING) | {"kg": "29500"}
    answer = scene.client(person).post(f"/shipments/{scene.notes['confirmed']}/{deed}", data=data)
    expected = {"stranger": (404,), "nobody": (401,)}.get(person, (403,))
    assert answer.status_code in expected
    assert _status(scene, "confirmed") is ShipmentStatus.CONFIRMED


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("person", ["producer", "consumer", "viewer", "carrier", "operator"])
def test_every_page_opens_in_both_languages(scene: Scene, person: str, language: str) -> None:
    for name, number in scene.notes.items():
        own = person != "carrier" or name in ("draft", "confirmed", "on the road")
        if own:
            assert number in scene.get(person, number, language)
    scene.get(person, "", language)
    if person not in ("carrier",):
        scene.get(person, f"of/{scene.trade}", language)


def test_the_list_finds_by_state_and_plate_and_says_when_there_is_nothing(scene: Scene) -> None:
    page = scene.get("consumer", f"?q={scene.plates['short'][2:]}")
    assert scene.notes["short"] in page
    assert scene.notes["draft"] not in page
    assert scene.notes["draft"] in scene.get("consumer", "?status=draft")
    assert "没有这样的运单" in scene.get("consumer", "?q=ZZZZZ")
    assert "从交易页面派第一辆车" in scene.get("stranger", "")


def test_officials_read_the_sums_of_a_trade_and_no_plate(scene: Scene) -> None:
    page = scene.get("city", f"of/{scene.trade}")
    assert "30,000 kg" in page
    assert not [plate for plate in scene.plates.values() if plate in page]
    assert scene.client("stranger").get(f"/shipments/of/{scene.trade}").status_code == 404


def test_the_gate_lists_the_trucks_by_where_they_stand(scene: Scene) -> None:
    page = scene.get("consumer", "gate")
    assert "在途，将到" in page
    assert _plate(scene, "on the road") in page
    page = scene.get("producer", "gate")
    for title, name in (("待装车", "confirmed"), ("拒收退回，等过磅", "rejected")):
        assert title in page
        assert _plate(scene, name) in page


def test_a_plate_that_fits_one_truck_opens_it_and_an_unknown_one_is_told(scene: Scene) -> None:
    client = scene.client("consumer")
    wanted = scene.plates["on the road"]
    answer = client.get("/shipments/gate", query_string={"q": f"{wanted[:2]}·{wanted[2:].lower()}"})
    assert answer.status_code == 302
    assert answer.location.endswith(f"/{scene.notes['on the road']}/gate")
    assert "没有找到这辆车" in scene.get("consumer", "gate?q=京A99999")


def test_anothers_gate_is_not_there(scene: Scene) -> None:
    other = scene.sites["producer"]
    client = scene.client("consumer")
    assert client.get(f"/shipments/gate?site_id={other}").status_code == 404
    assert client.get(f"/shipments/gate/{other}/settings").status_code == 404


@pytest.mark.parametrize("language", LOCALES)
def test_the_scale_shows_the_truck_and_what_it_is_compared_with(
    scene: Scene, language: str
) -> None:
    page = scene.get("clerk", f"{scene.notes['on the road']}/gate", language)
    assert _plate(scene, "on the road") in page
    assert 'data-sent-kg="30000"' in page
    assert 'data-allowed-kg="300"' in page
    assert 'value="accept"' in page


def test_a_clerk_without_script_loads_and_unloads_a_truck(scene: Scene) -> None:
    path = f"/shipments/{scene.notes['confirmed']}/gate"
    answer = scene.client("producer").post(path, data=ticket_fields(End.LOADING))
    assert answer.status_code == 303
    assert _status(scene, "confirmed") is ShipmentStatus.IN_TRANSIT
    fields = ticket_fields(End.UNLOADING, 29_980, verdict="accept")
    answer = scene.client("clerk").post(path, data=fields, follow_redirects=True)
    assert "收货过磅已记录：净重 29,980 kg。" in answer.get_data(as_text=True)
    assert _status(scene, "confirmed") is ShipmentStatus.RECEIVED


def test_a_ticket_sent_twice_by_the_script_is_one_ticket(scene: Scene) -> None:
    client = scene.client("clerk")
    path = f"/shipments/{scene.notes['on the road']}/gate"
    fields = ticket_fields(End.UNLOADING, verdict="accept")
    for _ in range(2):
        answer = client.post(path, data=fields, headers={"Accept": "application/json"})
        assert answer.status_code == 200
        assert answer.json == {"next": f"/shipments/gate?site_id={scene.sites['consumer']}"}
    assert _tickets(scene, "on the road") == 2


def test_what_is_wrong_comes_back_at_its_field_with_everything_typed(scene: Scene) -> None:
    client = scene.client("clerk")
    path = f"/shipments/{scene.notes['on the road']}/gate"
    fields = ticket_fields(End.UNLOADING, verdict="part", rejected_kg="abc", words="太湿")
    answer = client.post(path, data=fields | {"gross_kg": "14,000"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for kept in ("14,000", "abc", "太湿", 'value="P-unloading"', "key-unloading"):
        assert kept in page
    assert "不是整公斤数" in page
    assert _tickets(scene, "on the road") == 1


def test_the_script_is_told_what_is_wrong_by_field(scene: Scene) -> None:
    path = f"/shipments/{scene.notes['on the road']}/gate"
    fields = ticket_fields(End.UNLOADING, 31_000, verdict="accept")
    headers = {"Accept": "application/json"}
    answer = scene.client("clerk").post(path, data=fields, headers=headers)
    assert answer.status_code == 422
    assert answer.json is not None
    assert "31,000 kg" in answer.json["fields"]["gross_kg"]
    stranger = scene.client("stranger").post(path, data=fields, headers=headers)
    assert stranger.status_code == 404
    assert stranger.json is not None
    assert stranger.json["message"]


def test_a_rejection_without_a_reason_asks_for_one(scene: Scene) -> None:
    path = f"/shipments/{scene.notes['on the road']}/gate"
    fields = ticket_fields(End.UNLOADING, verdict="reject")
    answer = scene.client("clerk").post(path, data=fields)
    assert answer.status_code == 422
    assert "拒收要选一个原因" in answer.get_data(as_text=True)


def test_a_photo_is_kept_and_served_to_nobody_but_its_readers(scene: Scene) -> None:
    path = f"/shipments/{scene.notes['on the road']}/gate"
    fields = ticket_fields(End.UNLOADING, verdict="accept")
    with_photo: dict[str, object] = {**fields, "photo": (BytesIO(picture()), "ticket.jpg")}
    client = scene.client("clerk")
    assert client.post(path, data=with_photo).status_code == 303
    answer = client.get(f"/shipments/{scene.notes['on the road']}/tickets/unloading/photo")
    assert answer.content_type == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.data.startswith(b"\xff\xd8")


def test_a_file_that_is_no_picture_is_refused_at_its_field(scene: Scene) -> None:
    path = f"/shipments/{scene.notes['on the road']}/gate"
    fields = ticket_fields(End.UNLOADING, verdict="accept")
    with_file: dict[str, object] = {**fields, "photo": (BytesIO(b"<svg/>"), "ticket.jpg")}
    answer = scene.client("clerk").post(path, data=with_file)
    assert answer.status_code == 422
    assert "不是能打开的 JPEG 或 PNG" in answer.get_data(as_text=True)


def test_a_truck_is_planned_confirmed_changed_and_voided(scene: Scene) -> None:
    plate = scene.plates["draft"]
    producer, consumer = scene.client("producer"), scene.client("consumer")
    plan = {
        "plate": plate,
        "driver": "司机乙",
        "driver_phone": "13900000000",
        "planned_kg": "31,000",
        "packaging": "tanker",
    }
    answer = producer.post(f"/shipments/plan/{scene.trade}", data=plan)
    assert answer.status_code == 303
    path = answer.location
    assert "等您确认这辆车" in consumer.get(path).get_data(as_text=True)
    assert "确认运单" not in producer.get(path).get_data(as_text=True)
    assert consumer.post(f"{path}/confirm").status_code == 303
    changed = plan | {"plate": scene.plates["confirmed"], "driver": "司机丙"}
    assert producer.post(f"{path}/change", data=changed).status_code == 303
    assert "司机丙" in consumer.get(path).get_data(as_text=True)
    voided = producer.post(f"{path}/void", data={"words": "车坏了"}, follow_redirects=True)
    assert "已作废" in voided.get_data(as_text=True)


def test_a_plan_that_is_refused_keeps_what_was_typed(scene: Scene) -> None:
    plan = {
        "plate": "鲁P0O001",
        "driver": "司机乙",
        "driver_phone": "139",
        "planned_kg": "31,000",
        "packaging": "bags",
        "via": "邯郸市",
    }
    answer = scene.client("producer").post(f"/shipments/plan/{scene.trade}", data=plan)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "字母 I 或 O" in page
    for kept in plan.values():
        assert kept in page


def test_a_gate_is_set_and_its_slots_can_be_booked(scene: Scene) -> None:
    gate = {
        "opens_hour": "7",
        "closes_hour": "19",
        "slot_minutes": "60",
        "trucks_per_slot": "1",
        "least_emission": "china_5",
    }
    consumer = scene.client("consumer")
    settings = f"/shipments/gate/{scene.sites['consumer']}/settings"
    wrong = consumer.post(settings, data=gate | {"closes_hour": "6"})
    assert wrong.status_code == 422
    assert "开门要早于关门" in wrong.get_data(as_text=True)
    assert consumer.post(settings, data=gate).status_code == 303
    assert "每 60 分钟接 1 辆车" in scene.get("consumer", "gate")
    page = scene.get("producer", f"{scene.notes['draft']}/change")
    slot = "2026-11-23 01:00:00+00:00"
    assert f'value="{slot}"' in page
    change = {"plate": scene.plates["draft"], "driver": "司机甲", "driver_phone": "13800000000"}
    path = f"/shipments/{scene.notes['draft']}/change"
    booked = scene.client("producer").post(path, data=change | {"unload_slot": slot})
    assert booked.status_code == 303
    other = f"/shipments/{scene.notes['confirmed']}/change"
    taken = change | {"plate": scene.plates["confirmed"], "unload_slot": slot}
    full = scene.client("producer").post(other, data=taken)
    assert full.status_code == 422
    assert "已约满" in full.get_data(as_text=True)


def test_a_weight_is_proposed_and_agreed_with_two_choices_of_equal_weight(scene: Scene) -> None:
    number = scene.notes["short"]
    page = scene.get("producer", number)
    assert "提出 29,000 kg" in page
    assert "提出这个净重" in page
    path = f"/shipments/{number}/weight"
    wrong = scene.client("producer").post(f"{path}/propose", data={"kg": "31000"})
    assert wrong.status_code == 422
    assert "29,000 至 30,000 kg" in wrong.get_data(as_text=True)
    said = {"kg": "29,600", "words": "复磅"}
    assert scene.client("producer").post(f"{path}/propose", data=said).status_code == 303
    page = scene.get("consumer", number)
    assert "按 29,600 kg 结算" in page
    assert scene.client("consumer").post(f"{path}/agree", data={"kg": "29600"}).status_code == 303
    assert "已按 29,600 kg 商定。" in scene.get("operator", number)


def test_the_note_names_every_field_of_a_transfer_manifest(scene: Scene) -> None:
    page = scene.get("operator", scene.notes["rejected"])
    for told in (
        "示例电厂",
        "示例水泥",
        "0635-1234567",
        "SW02",
        "散装",
        "司机甲",
        "装车过磅",
        "收货过磅",
        "拒收原因",
        "含水过高",
        "5,000 kg",
        "<svg",
        "产废方（签字）",
    ):
        assert told in page, told


def test_vehicles_are_registered_changed_and_retired_by_their_own_firm(scene: Scene) -> None:
    client = scene.client("carrier")
    form = {"plate": "鲁P·5D827", "emission": "china_6", "load_kg": "32,000"}
    assert client.post("/shipments/vehicles", data=form).status_code == 303
    assert "鲁P5D827" in scene.get("carrier", "vehicles")
    again = client.post("/shipments/vehicles", data=form)
    assert again.status_code == 422
    assert "已经登记过" in again.get_data(as_text=True)
    own = f"/shipments/vehicles/{scene.vehicle_id}"
    assert client.get(own).status_code == 200
    assert client.post(f"{own}/retire").status_code == 303
    assert "恢复使用" in scene.get("carrier", "vehicles")
    assert client.post(f"{own}/restore").status_code == 303
    for path in (own, f"{own}/retire"):
        assert scene.client("stranger").post(path, data=form).status_code == 404


def test_the_pass_of_the_script_names_who_is_here_and_nobody_else_gets_one(scene: Scene) -> None:
    answer = scene.client("clerk").get("/shipments/gate/pass")
    assert answer.json is not None
    assert answer.json["person"] == scene.people["clerk"]
    assert answer.json["token"]
    refused = {"nobody": 302, "viewer": 403, "city": 403}
    for person, status in refused.items():
        assert scene.client(person).get("/shipments/gate/pass").status_code == status


def _plate(scene: Scene, name: str) -> str:
    plate = scene.plates[name]
    return f'{plate[:2]}<span aria-hidden="true">·</span>{plate[2:]}'


def _status(scene: Scene, name: str) -> ShipmentStatus:
    with database().reading() as session:
        found = session.scalar(select(Shipment.status).where(Shipment.number == scene.notes[name]))
        assert found is not None
        return found


def _tickets(scene: Scene, name: str) -> int:
    with database().reading() as session:
        counted = select(func.count()).select_from(Ticket).join(Shipment)
        return session.scalar(counted.where(Shipment.number == scene.notes[name])) or 0


@pytest.mark.parametrize("language", LOCALES)
def test_the_operator_closes_a_load_that_never_arrived_from_its_page(
    scene: Scene, freeze: Callable[[datetime], None], language: str
) -> None:
    number = scene.notes["on the road"]
    address = f"/shipments/{number}"
    assert 'id="missing"' not in scene.get("operator", number, language)
    freeze(LATEST + timedelta(days=8))
    client = scene.client("operator", language)
    assert 'id="missing"' in client.get(address).get_data(as_text=True)
    assert 'id="missing"' not in scene.get("producer", number, language)
    assert "12-04 23:42 还没有过磅" in scene.get("producer", number)
    assert client.post(f"{address}/missing", data={"words": ""}).status_code == 422
    assert client.post(f"{address}/missing", data={"words": "司机失联"}).status_code == 303
    assert 'id="missing"' not in client.get(address).get_data(as_text=True)
    page = scene.get("producer", number, "zh")
    assert "未到货" in page
    assert "司机失联" in page


def test_nobody_but_the_operator_closes_a_load_that_never_arrived(
    scene: Scene, freeze: Callable[[datetime], None]
) -> None:
    freeze(LATEST + timedelta(days=8))
    address = f"/shipments/{scene.notes['on the road']}/missing"
    for person, status in {"producer": 403, "carrier": 403, "city": 403, "nobody": 401}.items():
        assert scene.client(person).post(address, data={"words": "没来"}).status_code == status
    assert _status(scene, "on the road") is ShipmentStatus.IN_TRANSIT
