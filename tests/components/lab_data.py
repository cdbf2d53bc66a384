"""Sample data of the lab: Russian words, long words, and text that would be harmful as HTML."""

from locales import words
from pages.parts import components

EVIL = '<img src=x onerror="window.__evil=1"><b>не жирный</b>'

LABELS = {name: {label: words("ru")[f"component.{name}.{label}"] for label in names} for name, names in components.LABELS.items()}

STAGES = [
    ("new", "Новая", "#3b82f6", "P"),
    ("talk", "Переговоры", "#0e9aa7", "P"),
    ("offer", "Предложение отправлено", "#e0a100", "P"),
    ("contract", "Договор", "#a855f7", "P"),
    ("won", "Сделка успешна", "#2f9e44", "S"),
    ("lost", "Сделка проиграна", "#c2410c", "F"),
]
PEOPLE = [
    {"name": "Анна Петрова", "initials": "АП", "color": "#0e7490"},
    {"name": "Борис Иванов", "initials": "БИ", "color": "#facc15"},
    {"name": EVIL, "initials": "<b", "color": "#7c3aed"},
]
TITLES = [
    "ООО «Северный ветер»",
    "Поставка кирпича для жилого комплекса «Речной берег», третья очередь",
    "ИП Смирнова",
    "Аренда крана",
    "Сверхдлинноесловокотороенегдепереноситьнонадокакнибудьпоказать и хвост",
    "Офис на Тверской",
    EVIL,
]


def board_data(n):
    columns = [
        {
            "id": i,
            "title": t,
            "color": c,
            "semantics": s,
            "count": 0,
            "sum": "" if i == "lost" else f"{(k + 3) * 412_500:,} ₽".replace(",", " "),
            "can_add": s == "P",
            "can_drop": i != "lost",
            "more": 25 if i == "new" else 0,
        }
        for k, (i, t, c, s) in enumerate(STAGES)
    ]
    cards = []
    for k in range(n):
        stage = ["new", "talk", "offer", "new", "won"][k % 5]
        marks = []
        if k % 4 == 1:
            marks.append({"kind": "overdue", "text": "2 дня"})
        if k % 5 == 2:
            marks.append({"kind": "slow", "text": "12 дней на стадии"})
        cards.append(
            {
                "id": k + 1,
                "col": stage,
                "title": TITLES[k % len(TITLES)] if n < 500 else f"{TITLES[k % len(TITLES)]} {k}",
                "lines": [
                    {"label": "Сумма", "text": f"{(k * 7919) % 900 + 10} 000 ₽"},
                    {"label": "Срок", "text": f"{k % 28 + 1} ноября"},
                ][: 1 + k % 2],
                "who": PEOPLE[k % 3],
                "marks": marks,
                "version": 1,
                "can_move": k % 11 != 10,
                "key": f"D-{k + 1}",
            }
        )
    return columns, cards


OUT = [{"id": "out", "label": "", "tone": "plain"}]
YES_NO = [{"id": "yes", "label": "да", "tone": "good"}, {"id": "no", "label": "нет", "tone": "bad"}]
CALL = [{"id": "ok", "label": "ответ", "tone": "good"}, {"id": "failed", "label": "ошибка", "tone": "bad"}]
GRAPH_GROUPS = [
    {"id": "trigger", "label": "Когда", "tone": "trigger"},
    {"id": "logic", "label": "Логика", "tone": "logic"},
    {"id": "talk", "label": "Связь", "tone": "robot"},
    {"id": "element", "label": "Элемент", "tone": "robot"},
]
PALETTE = [
    {"kind": k, "label": la, "help": he, "icon": ic, "group": g, "input": g != "trigger", "ports": p}
    for k, la, he, ic, g, p in [
        ("stage_entered", "Вошли на стадию", "Когда элемент попал на стадию", "login", "trigger", OUT),
        ("field_changed", "Поле изменилось", "Когда у поля другое значение", "edit", "trigger", OUT),
        ("webhook", "Вебхук", "Когда снаружи пришёл запрос", "webhook", "trigger", OUT),
        ("condition", "Условие", "Две дороги: да и нет", "alt_route", "logic", YES_NO),
        ("wait", "Подождать", "Пауза до срока или на время", "hourglass_empty", "logic", OUT),
        ("mail", "Письмо", "Отправить письмо", "mail", "talk", OUT),
        ("notify", "Уведомление", "Сообщить сотруднику", "notifications", "talk", OUT),
        ("http", "Запрос", "Позвать внешнюю службу", "public", "talk", CALL),
        ("set_field", "Изменить поле", "Записать значение", "edit_note", "element", OUT),
        ("move_stage", "Перенести на стадию", "Сменить стадию", "move_item", "element", OUT),
        ("odd", "Незнакомый значок", EVIL, "no_such_icon", "element", OUT),
    ]
]


def node(id, kind, label, summary, x, y, state=None, **more):
    item = next(p for p in PALETTE if p["kind"] == kind)
    return {
        "id": id,
        "kind": kind,
        "label": label,
        "summary": summary,
        "icon": item["icon"],
        "group": item["group"],
        "x": x,
        "y": y,
        "input": item["input"],
        "ports": item["ports"],
        "problems": [],
        "state": state,
        **more,
    }


def graph(ran=False):
    s = (lambda v: v) if ran else (lambda v: None)
    nodes = [
        node("start", "stage_entered", "Вошли на стадию", "Стадия «Предложение отправлено»", 0, 120, s("done")),
        node("amount", "condition", "Условие", "Сумма > 100 000 ₽", 300, 120, s("done"), note="120 000 ₽" if ran else ""),
        node("boss", "notify", "Уведомление", "Руководителю отдела: крупная сделка, посмотрите до вечера", 620, 20, s("running")),
        node("letter", "mail", "Письмо", "", 620, 220, s("skipped"), problems=["Не указан получатель", EVIL]),
        node("call", "http", "Запрос", EVIL, 940, 20, s("failed")),
    ]
    edges = [
        {"id": "e1", "source": "start", "target": "amount", "port": "out"},
        {"id": "e2", "source": "amount", "target": "boss", "port": "yes"},
        {"id": "e3", "source": "amount", "target": "letter", "port": "no"},
        {"id": "e4", "source": "boss", "target": "call", "port": "out"},
    ]
    return nodes, edges


def big_graph(n):
    """A trigger and n - 1 robots in ten rows."""
    kinds = ["mail", "condition", "set_field", "wait", "notify"]
    nodes = [node("n0", "stage_entered", "Вошли на стадию", "", 0, 0)]
    edges = []
    for k in range(1, n):
        kind = kinds[k % 5]
        nodes.append(node(f"n{k}", kind, f"Робот {k}", f"Шаг {k}", 320 * (1 + k // 10), 130 * (k % 10)))
        source = nodes[max(0, k - 10)]
        port = source["ports"][k % len(source["ports"])]
        edges.append({"id": f"e{k}", "source": source["id"], "target": f"n{k}", "port": port["id"]})
    return nodes, edges


def sort_groups(kinds=None):
    return [
        {
            "id": "main",
            "title": "Главное",
            "can_add": True,
            "items": [
                {"id": "title", "label": "Название", "hint": "строка", "icon": "text_fields", "locked": True},
                {"id": "amount", "label": "Сумма", "hint": "деньги", "icon": "payments", "badge": "обязательное"},
                {"id": "client", "label": EVIL, "hint": "связь", "icon": "link"},
                {"id": "deadline", "label": "Срок", "hint": "дата", "icon": "calendar_month"},
            ],
        },
        {
            "id": "stages",
            "title": "Стадии",
            "can_add": True,
            **({"can_drop_kinds": [kinds]} if kinds else {}),
            "items": [{"id": f"s_{i}", "label": t, "color": c} for i, t, c, _ in STAGES[:4]],
        },
        {"id": "none", "title": "Пустой раздел", "can_add": False, "items": []},
    ]


def stages(evil=False):
    return [
        {
            "id": i,
            "title": EVIL if evil and i == "new" else t,
            "color": c,
            "semantics": s,
            "can": i != "contract",
            "hint": "Только руководитель" if i == "contract" else "",
        }
        for i, t, c, s in [*STAGES, ("dup", "Дубль", "#6b7280", "F")]
    ]


def timeline_items():
    a, b, evil = PEOPLE
    return [
        {
            "id": "1",
            "icon": "chat",
            "tone": "plain",
            "when": "14:05",
            "day": "Сегодня",
            "who": a,
            "title": "Анна Петрова",
            "text": "Позвонила, просят скидку 5 %.\nСмета: https://example.com/offer?id=7.",
        },
        {
            "id": "2",
            "icon": "smart_toy",
            "tone": "robot",
            "when": "13:40",
            "day": "Сегодня",
            "who": None,
            "title": "Роботы стадии «Предложение отправлено»",
            "trace": [
                {"label": "Условие", "port": "да", "state": "done", "text": "Сумма 120 000 ₽ > 100 000 ₽"},
                {"label": "Письмо", "port": "", "state": "failed", "text": EVIL},
                {"label": "Подождать", "port": "", "state": "waiting", "text": "до 24 ноября, 10:00"},
            ],
        },
        {
            "id": "3",
            "icon": "edit",
            "tone": "info",
            "when": "12:10",
            "day": "Сегодня",
            "who": b,
            "title": "Борис Иванов изменил поля",
            "changes": [
                {"label": "Сумма", "before": "80 000 ₽", "after": "120 000 ₽"},
                {"label": "Комментарий", "before": "", "after": EVIL},
            ],
        },
        *(
            {
                "id": f"q{n}",
                "icon": "edit",
                "tone": "plain",
                "when": f"11:{20 - n}",
                "day": "Сегодня",
                "who": PEOPLE[n % 2],
                "quiet": True,
                "title": "Поля изменены",
                "changes": [{"label": f"Поле {k}", "before": f"{k}", "after": f"{k + n}"} for k in range(1 + 4 * (n == 1))],
            }
            for n in range(3)
        ),
        {
            "id": "4",
            "icon": "flag",
            "tone": "good",
            "when": "09:30",
            "day": "20 ноября, четверг",
            "who": b,
            "title": "Стадия: Новая → Переговоры",
            "quiet": True,
        },
        {
            "id": "5",
            "icon": "error",
            "tone": "bad",
            "when": "09:29",
            "day": "20 ноября, четверг",
            "who": None,
            "title": "Письмо не ушло",
            "text": "Почтовый сервер не отвечает: " + "оченьдлинноеслово" * 9,
        },
        {
            "id": "6",
            "icon": "add",
            "tone": "plain",
            "when": "09:00",
            "day": "20 ноября, четверг",
            "who": evil,
            "title": EVIL,
            "text": EVIL,
            "link": {"id": "open-77", "label": "Заявка 77 " + EVIL},
        },
    ]


def funnel():
    counts = [240, 132, 78, 41, 29]
    out = [
        {
            "id": i,
            "title": t,
            "color": c,
            "count": n,
            "count_text": f"{n}",
            "sum_text": f"{n * 85} 000 ₽",
            "conversion_text": "" if k == 0 else f"{n * 100 // counts[k - 1]} %",
            "share": n / counts[0],
            "semantics": s,
        }
        for k, ((i, t, c, s), n) in enumerate(zip(STAGES, counts, strict=False))
    ]
    out[1]["title"] = EVIL
    return out


def sections():
    values = [{"text": "120 000 ₽"}]
    return [
        {
            "code": "main",
            "title": "О сделке " + EVIL,
            "facts": [
                {"code": "amount", "label": "Сумма", "values": values, "help": "Без НДС"},
                {"code": "owner", "label": "Ответственный", "values": [{"text": "Анна Петрова", "who": PEOPLE[0]}]},
                {"code": "site", "label": "Сайт", "values": [{"text": "example.com", "href": "https://example.com/"}]},
                {"code": "bad", "label": "Плохая ссылка", "values": [{"text": EVIL, "href": "javascript:window.__evil=1"}]},
                {
                    "code": "client",
                    "label": "Клиент",
                    "values": [{"text": "ООО «Ромашка»", "open": 77}, {"text": "ИП Иванов", "open": 78}],
                },
                {
                    "code": "kind",
                    "label": "Вид",
                    "values": [{"text": "Услуги", "color": "#0e9aa7"}, {"text": "Товары", "color": "red;x"}],
                },
                {"code": "made", "label": "Создана", "values": [{"text": "20 ноября 2026"}], "locked": True},
            ],
            "empty": [{"code": "phone", "label": "Телефон", "values": []}, {"code": "note", "label": "Заметка", "values": []}],
        },
        {"code": "extra", "title": "Доставка", "facts": [], "empty": [{"code": "address", "label": "Адрес", "values": []}]},
    ]
