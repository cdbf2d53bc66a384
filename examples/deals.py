"""Deals, with the accounts and products they are about: built from the CRM sales data in `crm_sales/`.

Each deal's product, account, agent, stage, dates and value are those of the data. Three things are not in it and are made up by a
rule: when a deal was first heard of (some days before it was engaged), what an open or lost one is worth (the list price) and
when an open one is expected to close (the data's median of 57 days after it was engaged, or soon).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from builder.package import Sample, pack
from examples.parts import DAY, EDITING, HOUR, Say, chance, enumeration, field, funnel, grants, graph, moment, when
from model.access import Action, Level, Role
from model.field import Field, Section
from model.graph import Graph
from model.process import Process

HOME = Path(__file__).parent / "crm_sales"
AS_OF = date(2018, 1, 1)
"""The day after the last of the data."""
TEAM = (
    "Darcel Schlecht",
    "Anna Snelling",
    "Gladys Colclough",
    "Vicki Laflamme",
    "Kary Hendrixson",
    "Kami Bicknell",
    "Cassey Cress",
    "Corliss Cosme",
    "Donn Cantrell",
)
"""Three agents of each regional office."""
SHARES = {"Prospecting": 14, "Engaging": 38, "Won": 92, "Lost": 56}
"""How many deals of each stage: about the proportions of the data."""
SINCE = date(2017, 6, 1)
"""Older deals are left out, so that the board looks like one that is worked with."""
CYCLE = timedelta(days=57)
STAGE = {"Prospecting": "prospecting", "Engaging": "engaging", "Won": "won", "Lost": "lost"}


def package(t: Say) -> bytes:
    """The package file."""
    places = {sample.title: n for n, sample in enumerate(_linked(t))}
    samples = [*_linked(t, places), *_deals(t, places)]
    return pack((_accounts(t), _products(t), _process(t)), samples, as_of=AS_OF.isoformat())


def crm(name: str) -> list[dict[str, str]]:
    """The rows of one of the data's files."""
    with (HOME / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- samples -----------------------------------------------------------------------------------------------------------


def _linked(t: Say, places: dict[str, int] | None = None) -> Iterator[Sample]:
    """Accounts, then products. `places`: where each stands, to link subsidiaries."""
    born = moment(AS_OF - timedelta(days=240))
    for row in crm("accounts.csv"):
        above = (places or {}).get(row["subsidiary_of"])
        values = {
            "sector": _sector(row["sector"]),
            "established": int(row["year_established"]),
            "revenue": float(row["revenue"]),
            "employees": int(row["employees"]),
            "office": row["office_location"].replace("Philipines", "Philippines"),
        } | ({"parent": {"ref": above}} if above is not None else {})
        yield Sample(process="accounts", title=row["account"], created_at=born, values=values)
    for row in crm("products.csv"):
        values = {"series": row["series"].lower(), "price": float(row["sales_price"])}
        yield Sample(process="products", title=row["product"], created_at=born, values=values)


def _sector(name: str) -> str:
    return "technology" if name == "technolgy" else name


def _deals(t: Say, places: dict[str, int]) -> Iterator[Sample]:
    prices = {row["product"]: float(row["sales_price"]) for row in crm("products.csv")}
    for row in _chosen():
        product = "GTX Pro" if row["product"] == "GTXPro" else row["product"]
        engaged, closed = _day(row["engage_date"]), _day(row["close_date"])
        known = (engaged or AS_OF - timedelta(days=1)) - timedelta(days=1 + int(12 * chance("known", row["opportunity_id"])))
        values = {
            "number": row["opportunity_id"],
            "product": {"ref": places[product]},
            "amount": float(row["close_value"]) if row["deal_stage"] == "Won" else prices[product],
        }
        if row["account"]:
            values["account"] = {"ref": places[row["account"]]}
        if not closed:
            soon = AS_OF + timedelta(days=2 + int(40 * chance("soon", row["opportunity_id"])))
            values["expected_close"] = (max(engaged + CYCLE, soon) if engaged else soon + CYCLE).isoformat()
        moved = [("engaging", engaged)] if engaged else []
        moved += [(STAGE[row["deal_stage"]], closed)] if closed else []
        yield Sample(
            process="deals",
            title=_title(t, product, row["account"]),
            stage="prospecting",
            responsible=row["sales_agent"],
            created_at=moment(known, row["opportunity_id"]),
            values=values,
            moved=tuple((stage, moment(day, row["opportunity_id"], stage)) for stage, day in moved if day),
        )


def _chosen() -> list[dict[str, str]]:
    """The deals of the team since SINCE, as many of each stage as SHARES says, in the order they were engaged."""
    rows = [
        row for row in crm("sales_pipeline.csv") if row["sales_agent"] in TEAM and (_day(row["engage_date"]) or AS_OF) >= SINCE
    ]
    rows.sort(key=lambda row: chance("sample", row["opportunity_id"]))
    chosen = [row for stage, count in SHARES.items() for row in [r for r in rows if r["deal_stage"] == stage][:count]]
    return sorted(chosen, key=lambda row: (_day(row["engage_date"]) or AS_OF, row["opportunity_id"]))


def _day(text: str) -> date | None:
    return datetime.strptime(text, "%m/%d/%Y").date() if text else None  # noqa: DTZ007  a day has no zone


def _title(t: Say, product: str, account: str) -> str:
    return t(f"{product} for {account or 'a new client'}", f"{product} — {account or 'новый клиент'}")


# --- processes ---------------------------------------------------------------------------------------------------------


def _roles(t: Say) -> tuple[Role, Role]:
    return Role(code="manager", title=t("Manager", "Менеджер")), Role(code="head", title=t("Head", "Руководитель"))


def _register(t: Say) -> dict[str, Any]:
    """Roles and rights of the two registers: everybody reads, heads keep them."""
    manager, head = _roles(t)
    rights = grants(manager, {Level.ALL: [Action.READ]}) + grants(head, {Level.ALL: [*EDITING, Action.DELETE, Action.EXPORT]})
    return {"roles": (manager, head), "grants": tuple(rights), "preset": "list"}


def _accounts(t: Say) -> Process:
    sectors = (
        ("retail", t("Retail", "Розничная торговля")),
        ("technology", t("Technology", "Технологии")),
        ("medical", t("Medical", "Медицина")),
        ("marketing", t("Marketing", "Маркетинг")),
        ("finance", t("Finance", "Финансы")),
        ("software", t("Software", "Программное обеспечение")),
        ("entertainment", t("Entertainment", "Развлечения")),
        ("telecommunications", t("Telecommunications", "Телекоммуникации")),
        ("services", t("Services", "Услуги")),
        ("employment", t("Employment", "Подбор персонала")),
    )
    fields = (
        field("sector", t("Sector", "Отрасль"), "enumeration", enumeration(*sectors), on_board=True),
        field("established", t("Founded in", "Год основания"), "integer", {"min": 1800, "max": 2100}),
        field("revenue", t("Revenue, million", "Выручка, млн"), "double", {"digits": 2}),
        field("employees", t("Employees", "Сотрудников"), "integer", {"min": 0}),
        field("office", t("Office", "Офис")),
        field("parent", t("Part of", "Головная компания"), "link", {"process": "accounts"}),
        field("phone", t("Phone", "Телефон"), "phone"),
        field("site", t("Web site", "Сайт"), "url"),
    )
    return Process(
        code="accounts",
        title=t("Accounts", "Компании"),
        element_title=t("Account", "Компания"),
        icon="apartment",
        color="#52399C",
        description=t("The companies that deals are made with.", "Компании, с которыми заключаются сделки."),
        sections=(Section(code="main", title=t("Company", "О компании")),),
        fields=fields,
        **_register(t),
    )


def _products(t: Say) -> Process:
    fields = (
        field("series", t("Series", "Серия"), "enumeration", enumeration(("gtx", "GTX"), ("mg", "MG"), ("gtk", "GTK"))),
        field("price", t("List price", "Цена по прайсу"), "money", {"currency": "USD"}, on_board=True),
    )
    return Process(
        code="products",
        title=t("Products", "Товары"),
        element_title=t("Product", "Товар"),
        icon="inventory_2",
        color="#783801",
        description=t("What is sold, with list prices.", "Что продаём и по какой цене."),
        amount_field="price",
        sections=(Section(code="main", title=t("Product", "О товаре")),),
        fields=fields,
        **_register(t),
    )


def _process(t: Say) -> Process:
    manager, head = _roles(t)
    rights = [
        *grants(manager, {Level.DEPARTMENTS: [Action.READ], Level.OWN: [Action.ADD, Action.CHANGE, Action.EXPORT]}),
        *grants(manager, {Level.ALL: [Action.READ]}, stage="won"),
        *grants(head, {Level.ALL: [*EDITING, Action.EXPORT, Action.IMPORT, Action.ROBOTS], Level.DEPARTMENTS: [Action.DELETE]}),
    ]
    stages = funnel(
        "sales",
        t("Sales", "Продажи"),
        ("prospecting", t("Prospecting", "Знакомство"), 10, 14),
        ("engaging", t("Engaging", "Переговоры"), 45, 60),
        ("won", t("Won", "Сделка заключена"), 100, None),
        ("lost", t("Lost", "Сделка проиграна"), 0, None),
    )
    return Process(
        code="deals",
        title=t("Deals", "Сделки"),
        element_title=t("Deal", "Сделка"),
        icon="handshake",
        color="#0F6E74",
        description=t("From the first contact to the signed order.", "От первого контакта до подписанного заказа."),
        preset="all_inclusive",
        sections=_sections(t),
        fields=_fields(t),
        funnels=(stages,),
        amount_field="amount",
        roles=(manager, head),
        grants=tuple(rights),
        graphs=(_engaging(t), _proposal(t), _won(t), _lost(t), _big(t), _closing(t)),
    )


def _sections(t: Say) -> tuple[Section, ...]:
    titles = (("main", t("Deal", "О сделке")), ("client", t("Client", "Клиент")), ("papers", t("Papers", "Документы")))
    return tuple(Section(code=code, title=title) for code, title in titles)


def _fields(t: Say) -> tuple[Field, ...]:
    reasons = (
        ("price", t("Price", "Цена")),
        ("rival", t("Chose a competitor", "Выбрали конкурента")),
        ("no_budget", t("No budget", "Нет бюджета")),
        ("no_need", t("No need any more", "Потребность отпала")),
        ("silent", t("Stopped answering", "Перестали отвечать")),
    )
    return (
        field("amount", t("Amount", "Сумма"), "money", {"currency": "USD"}, on_board=True, required_at=("won",)),
        field("product", t("Product", "Товар"), "link", {"process": "products"}),
        field(
            "expected_close",
            t("Close by", "Закроется"),
            "date",
            on_board=True,
            help=t("A task reminds the responsible person two days before.", "За два дня до неё ответственный получит задачу."),
        ),
        field("lost_reason", t("Why lost", "Причина проигрыша"), "enumeration", enumeration(*reasons)),
        field("number", t("Number", "Номер"), help=t("As it stands in the CRM data.", "Номер в данных CRM.")),
        field(
            "account",
            t("Account", "Компания"),
            "link",
            {"process": "accounts"},
            section="client",
            required_at=("won",),
        ),
        field("contact", t("Contact person", "Контактное лицо"), section="client"),
        field("email", "E-mail", "email", section="client"),
        field("phone", t("Phone", "Телефон"), "phone", section="client"),
        field("papers", t("Papers", "Документы"), "file", section="papers", multiple=True, in_list=False),
        field("notes", t("Notes", "Заметки"), "text", section="papers", in_list=False),
    )


# --- robots ------------------------------------------------------------------------------------------------------------


def _engaging(t: Say) -> Graph:
    return graph(
        "engaging",
        t("Keep talking", "Не теряем контакт"),
        "start>tell tell>call tell.nobody>call call>wait wait.timeout>big big.yes>boss big.no>remind",
        {
            "start": ("stage_entered", t("Talks begin", "Начались переговоры"), {"stages": ["engaging"]}),
            "tell": (
                "notify",
                t("Tell the manager", "Сообщить менеджеру"),
                {
                    "text": t(
                        "Talks about “{title}” have begun. Call within a day.",
                        "Начались переговоры: «{title}». Позвоните в течение дня.",
                    )
                },
            ),
            "call": (
                "create_task",
                t("Task: call", "Задача: позвонить"),
                {
                    "title": t("Call about “{title}”", "Позвонить: «{title}»"),
                    "due": DAY,
                    "text": t(
                        "Amount: {amount|money}. Client: {account|default:not known yet}.",
                        "Сумма: {amount|money}. Клиент: {account|default:пока неизвестен}.",
                    ),
                },
            ),
            "wait": (
                "wait_event",
                t("Wait 30 days for a move", "Ждать движения 30 дней"),
                {"event": "moved", "timeout": 30 * DAY},
            ),
            "big": ("condition", t("5,000 or more?", "5 000 или больше?"), {"condition": when("amount", "ge", 5000)}),
            "boss": (
                "notify",
                t("Tell the head", "Сообщить руководителю"),
                {
                    "whom": "head",
                    "text": t(
                        "“{title}” ({amount|money}) has not moved for 30 days.",
                        "«{title}» ({amount|money}) — без движения 30 дней.",
                    ),
                },
            ),
            "remind": (
                "add_comment",
                t("Note on the timeline", "Отметка в хронологии"),
                {
                    "text": t(
                        "30 days without a move. Decide whether to go on.", "30 дней без движения. Решите, продолжать ли работу."
                    )
                },
            ),
        },
    )


def _proposal(t: Say) -> Graph:
    return graph(
        "proposal",
        t("Send a proposal", "Отправить предложение"),
        "start>pdf pdf>mail mail>wait wait.timeout>again mail.no_address>ask",
        {
            "start": ("by_hand", t("Button on the card", "Кнопка на карточке"), {}),
            "pdf": (
                "make_pdf",
                t("Proposal as PDF", "Предложение в PDF"),
                {
                    "name": t("Proposal {number}.pdf", "Предложение {number}.pdf"),
                    "title": t("Proposal: {product}", "Коммерческое предложение: {product}"),
                    "field": "papers",
                    "body": t(
                        "For: {account|default:our client}\n\nWe offer you {product} at {amount|money}.\n"
                        "The offer is valid until {expected_close|default:the end of the month}.\n\n"
                        "{responsible.name}\n{today}",
                        "Для: {account|default:нашего клиента}\n\nПредлагаем вам {product} по цене {amount|money}.\n"
                        "Предложение действует до {expected_close|default:конца месяца}.\n\n{responsible.name}\n{today}",
                    ),
                },
            ),
            "mail": (
                "send_mail",
                t("Send it", "Отправить письмо"),
                {
                    "to": "{email}",
                    "subject": t("Our proposal: {product}", "Наше предложение: {product}"),
                    "attach_files": True,
                    "body": t(
                        "Good day, {contact|default:colleagues}!\n\nAttached is our proposal.\n\n{responsible.name}",
                        "Добрый день, {contact|default:коллеги}!\n\nНаше предложение — во вложении.\n\n{responsible.name}",
                    ),
                },
            ),
            "wait": (
                "wait_event",
                t("Wait 3 days for a comment", "Ждать комментария 3 дня"),
                {"event": "commented", "timeout": 3 * DAY},
            ),
            "again": (
                "notify",
                t("No answer yet", "Ответа нет"),
                {
                    "text": t(
                        "{contact|default:The client} has not answered for three days: “{title}”. Get in touch again.",
                        "{contact|default:Клиент} не отвечает три дня: «{title}». Свяжитесь ещё раз.",
                    )
                },
            ),
            "ask": (
                "create_task",
                t("Task: ask for the address", "Задача: узнать адрес"),
                {
                    "title": t(
                        "Find out the client's e-mail and send the proposal", "Узнать e-mail клиента и отправить предложение"
                    ),
                    "due": DAY,
                },
            ),
        },
    )


def _won(t: Say) -> Graph:
    return graph(
        "won",
        t("Deal won", "Сделка заключена"),
        "start>pdf pdf>mail mail>both mail.no_address>both start>head head>both head.nobody>both both>cheer",
        {
            "start": ("stage_entered", t("Won", "Сделка заключена"), {"stages": ["won"]}),
            "pdf": (
                "make_pdf",
                t("Order confirmation", "Подтверждение заказа"),
                {
                    "name": t("Order {number}.pdf", "Заказ {number}.pdf"),
                    "title": t("Order confirmation {number}", "Подтверждение заказа {number}"),
                    "field": "papers",
                    "body": t(
                        "Client: {account}\nProduct: {product}\nAmount: {amount|money}\n\nThank you for your order!\n"
                        "{responsible.name}, {today}",
                        "Клиент: {account}\nТовар: {product}\nСумма: {amount|money}\n\nСпасибо за заказ!\n"
                        "{responsible.name}, {today}",
                    ),
                },
            ),
            "mail": (
                "send_mail",
                t("Mail it to the client", "Письмо клиенту"),
                {
                    "to": "{email}",
                    "subject": t("Your order {number}", "Ваш заказ {number}"),
                    "attach_files": True,
                    "body": t(
                        "Thank you for your order. The confirmation is attached.",
                        "Спасибо за заказ! Подтверждение — во вложении.",
                    ),
                },
            ),
            "head": (
                "notify",
                t("Tell the head", "Сообщить руководителю"),
                {
                    "whom": "head",
                    "text": t(
                        "{responsible.name} has won “{title}”: {amount|money}.",
                        "{responsible.name}: сделка «{title}» заключена, {amount|money}.",
                    ),
                },
            ),
            "both": ("join", t("When both are done", "Когда готово и то и другое"), {"mode": "all"}),
            "cheer": (
                "add_comment",
                t("Well done", "Поздравить"),
                {
                    "text": t(
                        "Won! {amount|money}. Well done, {responsible.name}.",
                        "Победа! {amount|money}. Отличная работа, {responsible.name}.",
                    )
                },
            ),
        },
    )


def _lost(t: Say) -> Graph:
    return graph(
        "lost",
        t("Learn from a loss", "Разбор проигрыша"),
        "start>wait wait>known known.yes>why",
        {
            "start": ("stage_entered", t("Lost", "Сделка проиграна"), {"stages": ["lost"]}),
            "wait": ("wait_for", t("Give an hour", "Подождать час"), {"duration": HOUR}),
            "known": ("condition", t("Reason missing?", "Причина не указана?"), {"condition": when("lost_reason", "empty")}),
            "why": (
                "create_task",
                t("Task: note the reason", "Задача: указать причину"),
                {"title": t("Note why “{title}” was lost", "Указать, почему проиграна сделка «{title}»"), "due": 2 * DAY},
            ),
        },
    )


def _big(t: Say) -> Graph:
    return graph(
        "big",
        t("Big deal", "Крупная сделка"),
        "start>tell",
        {
            "start": (
                "field_changed",
                t("The amount changed", "Изменилась сумма"),
                {"field": "amount", "condition": when("amount", "ge", 20000)},
            ),
            "tell": (
                "notify",
                t("Tell the head", "Сообщить руководителю"),
                {"whom": "head", "text": t("“{title}” is now worth {amount|money}.", "«{title}»: сумма теперь {amount|money}.")},
            ),
        },
    )


def _closing(t: Say) -> Graph:
    open_stages = {"field": "stage", "op": "in", "value": ["prospecting", "engaging"]}
    return graph(
        "closing",
        t("Close in time", "Закрыть в срок"),
        "start>task",
        {
            "start": (
                "date_reached",
                t("Two days before the expected close", "За два дня до закрытия"),
                {"field": "expected_close", "side": "before", "offset": 2 * DAY, "condition": open_stages},
            ),
            "task": (
                "create_task",
                t("Task: push", "Задача: дожать"),
                {
                    "title": t("“{title}” should close on {expected_close}", "«{title}»: закрыть до {expected_close}"),
                    "due": 2 * DAY,
                },
            ),
        },
    )
