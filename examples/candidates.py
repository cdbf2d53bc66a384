"""Candidates: hiring as a smart process of the personnel department, from the resume to the first day at work.

The people are made up, their addresses lead nowhere (example.com). Everything is decided by `parts.chance`, so that the same file
comes out every time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from builder.package import Sample, pack
from examples.parts import DAY, EDITING, HOUR, Say, chance, enumeration, field, funnel, grants, graph, moment, pick, when
from model.access import Action, Level, Role
from model.field import Field, Section
from model.graph import Graph
from model.process import Process

AS_OF = date(2026, 1, 30)
COUNT = 60
PASSED = 70
"""Points from which the test task is passed."""
WAY = (("call", 0.8), ("interview", 0.75), ("test", 0.8), ("offer", 0.75), ("hired", 0.75))
"""The stages after the first, and what share of those who reach the one before comes to each."""
DAYS = {"call": 2, "interview": 5, "test": 4, "offer": 6, "hired": 9, "rejected": 4, "declined": 4}
"""About how many days the stage before takes."""


def package(t: Say) -> bytes:
    """The package file."""
    vacancies = list(_vacancy_samples(t))
    return pack((_vacancies(t), _process(t)), [*vacancies, *_candidates(t, vacancies)], as_of=AS_OF.isoformat())


# --- samples -----------------------------------------------------------------------------------------------------------


def recruiters(t: Say) -> list[str]:
    """Who looks for candidates; the first of them is the head."""
    return [t("Olivia Grant", "Ольга Смирнова"), t("Peter Novak", "Пётр Новиков"), t("Maria Lopez", "Мария Лебедева")]


def _vacancy_samples(t: Say) -> Iterator[Sample]:
    listed = (
        (t("Sales manager", "Менеджер по продажам"), t("Sales", "Отдел продаж"), 3, t("2500", "125000"), "open"),
        (t("Support engineer", "Инженер поддержки"), t("Support", "Служба поддержки"), 2, t("2200", "110000"), "open"),
        (t("Python developer", "Python-разработчик"), t("Development", "Разработка"), 2, t("4000", "200000"), "open"),
        (t("Business analyst", "Бизнес-аналитик"), t("Development", "Разработка"), 1, t("3500", "175000"), "open"),
        (t("Accountant", "Бухгалтер"), t("Finance", "Бухгалтерия"), 1, t("2000", "100000"), "filled"),
        (t("Office manager", "Офис-менеджер"), t("Administration", "Администрация"), 1, t("1500", "75000"), "cancelled"),
    )
    for number, (title, department, places, salary, stage) in enumerate(listed):
        born = AS_OF - timedelta(days=120 - 4 * number)
        moved = () if stage == "open" else ((stage, moment(AS_OF - timedelta(days=20 + number), title)),)
        yield Sample(
            process="vacancies",
            title=title,
            stage="open",
            moved=moved,
            created_at=moment(born, title),
            responsible=recruiters(t)[number % 3],
            values={
                "department": department,
                "places": places,
                "salary": float(salary),
                "close_by": (AS_OF + timedelta(days=30 + 5 * number)).isoformat(),
            },
        )


NAMES = (
    "Alice Brown,Алиса Соколова;Benjamin Clark,Борис Климов;Chloe Davis,Вера Данилова;Daniel Evans,Даниил Егоров;"
    "Emma Foster,Елена Фомина;Felix Green,Фёдор Громов;Grace Harris,Галина Харитонова;Henry Irving,Георгий Исаев;"
    "Isla Johnson,Инна Журавлёва;Jack King,Яков Кириллов;Kate Lewis,Екатерина Лаптева;Liam Moore,Леонид Морозов;"
    "Mia Nelson,Марина Наумова;Noah Owen,Николай Орлов;Olga Parker,Оксана Павлова;Paul Quinn,Павел Куликов;"
    "Ruby Scott,Регина Сафонова;Quentin Reed,Кирилл Рябов;Tara Underwood,Тамара Уварова;Samuel Taylor,Семён Тарасов;"
    "Violet Ward,Виктория Воробьёва;Ulysses Vance,Ульян Власов;Zoe Adams,Зоя Андреева;William Young,Василий Юдин;"
    "Bella Cooper,Белла Цветкова;Adam Baker,Артём Баранов;Diana Ellis,Диана Ершова;Connor Dixon,Константин Дьячков;"
    "Freya Gray,Анна Гусева;Ethan Fox,Евгений Фролов;Hannah Irwin,Надежда Ильина;George Hunt,Глеб Щербаков"
)


def _people(t: Say) -> list[str]:
    """More names than there are candidates: given names and surnames of one sex, each pair once."""
    pairs = [t(*pair.split(",")) for pair in NAMES.split(";")]
    sexes = [[name for n, name in enumerate(pairs) if n % 2 == odd] for odd in (0, 1)]
    mixed = [
        f"{one.split()[0]} {other.split()[1]}" for same in sexes for one, other in zip(same, same[1:] + same[:1], strict=True)
    ]
    return [*pairs, *mixed]


def _candidates(t: Say, vacancies: list[Sample]) -> Iterator[Sample]:
    latin = _people(lambda english, russian: english)
    for number, name in enumerate(_people(t)[:COUNT]):
        place = pick([0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 5], "vacancy", number)
        born = AS_OF - timedelta(days=2 + int(60 * chance("born", number) ** 2))
        if place > 3:
            born -= timedelta(days=25)
        moved, end = _way(number, born)
        yield Sample(
            process="candidates",
            title=name,
            stage="resume",
            created_at=moment(born, number),
            moved=tuple(moved),
            responsible=recruiters(t)[place % 3],
            values=_values(t, number, latin[number], [stage for stage, _ in moved], end, place, vacancies[place]),
        )


def _way(number: int, day: date) -> tuple[list[tuple[str, str]], date]:
    """The moves of one candidate, as far as they have come by AS_OF, and the day of the last."""
    moved: list[tuple[str, str]] = []
    for stage, share in WAY:
        on = chance("on", number, stage) < share
        end = stage if on else ("declined" if stage in ("offer", "hired") and chance("who", number) < 0.6 else "rejected")
        later = day + timedelta(days=1 + int(2 * DAYS[end] * chance("days", number, stage)))
        if later >= AS_OF:
            break
        day = later
        moved.append((end, moment(day, number, end)))
        if not on:
            break
    return moved, day


def _values(t: Say, number: int, latin: str, way: list[str], last: date, place: int, vacancy: Sample) -> dict[str, Any]:
    wish = round(vacancy.values["salary"] * (0.85 + 0.35 * chance("wish", number)), -2)
    cities = [t("London", "Москва"), t("Manchester", "Казань"), t("Leeds", "Самара"), t("Bristol", "Тверь")]
    mail = latin.lower().replace(" ", ".")
    values: dict[str, Any] = {
        "vacancy": {"ref": place},
        "email": f"{mail}@example.com",
        "phone": f"+{t('44', '7')}900{1000000 + int(8999999 * chance('phone', number))}",
        "city": pick(cities, "city", number),
        "source": pick(["site", "site", "board", "board", "board", "friend", "social", "agency"], "source", number),
        "experience": round(12 * chance("experience", number) ** 2 * 2) / 2,
        "salary": wish,
        "relocation": chance("move", number) < 0.3,
        "skills": _skills(number),
        "profile": f"https://example.com/cv/{mail}",
    }
    if "interview" in way:
        ahead = 4 if way[-1] == "interview" else -1
        values["interview_at"] = moment(last + timedelta(days=ahead), "interview", number)
    if {"offer", "hired"} & set(way) or ("test" in way and way[-1] in ("rejected", "declined")):
        good = "offer" in way or way[-1] == "declined"
        values["score"] = int((PASSED if good else 30) + (29 if good else 39) * chance("score", number))
    if "offer" in way:
        values["offer"] = wish
    if "hired" in way:
        values["start_date"] = (last + timedelta(days=14)).isoformat()
    if way and way[-1] == "rejected":
        values["reason"] = "test" if "test" in way else pick(["experience", "salary", "culture"], "reason", number)
    return values


def _skills(number: int) -> list[str]:
    return [code for code in ("talk", "english", "excel", "python", "crm") if chance("skill", number, code) < 0.4]


# --- processes ---------------------------------------------------------------------------------------------------------


def _roles(t: Say) -> tuple[Role, Role, Role]:
    return (
        Role(code="recruiter", title=t("Recruiter", "Рекрутер")),
        Role(code="hr_head", title=t("Head of personnel", "Руководитель отдела персонала")),
        Role(code="interviewer", title=t("Interviewer", "Интервьюер")),
    )


def _vacancies(t: Say) -> Process:
    recruiter, head, interviewer = _roles(t)
    rights = [
        *grants(recruiter, {Level.ALL: EDITING}),
        *grants(interviewer, {Level.ALL: [Action.READ]}),
        *grants(head, {Level.ALL: [*EDITING, Action.DELETE, Action.EXPORT, Action.IMPORT]}),
    ]
    fields = (
        field("department", t("Department", "Отдел"), on_board=True),
        field("places", t("Places", "Сколько мест"), "integer", {"min": 1, "max": 1000}, default=1, on_board=True),
        field("salary", t("Salary up to", "Зарплата до"), "money", {"currency": "USD"}),
        field("close_by", t("Fill by", "Закрыть до"), "date", on_board=True),
        field("duties", t("Duties", "Обязанности"), "text", in_list=False),
    )
    stages = funnel(
        "main",
        t("Vacancies", "Вакансии"),
        ("open", t("Open", "Открыта"), None, 60),
        ("paused", t("On hold", "Приостановлена"), None, None),
        ("filled", t("Filled", "Закрыта"), 100, None),
        ("cancelled", t("Cancelled", "Отменена"), 0, None),
    )
    return Process(
        code="vacancies",
        title=t("Vacancies", "Вакансии"),
        element_title=t("Vacancy", "Вакансия"),
        icon="work",
        color="#557D46",
        description=t("The places that we are looking for people for.", "Места, на которые мы ищем людей."),
        sections=(Section(code="main", title=t("Vacancy", "О вакансии")),),
        fields=fields,
        funnels=(stages,),
        roles=(recruiter, head, interviewer),
        grants=tuple(rights),
    )


def _process(t: Say) -> Process:
    recruiter, head, interviewer = _roles(t)
    rights = [
        *grants(recruiter, {Level.ALL: [Action.READ, Action.ADD], Level.OWN: [Action.CHANGE, Action.EXPORT]}),
        *grants(head, {Level.ALL: [*EDITING, Action.DELETE, Action.EXPORT, Action.IMPORT, Action.ROBOTS]}),
        *(g for stage in ("interview", "test") for g in grants(interviewer, {Level.ALL: [Action.READ, Action.CHANGE]}, stage)),
    ]
    stages = funnel(
        "hiring",
        t("Hiring", "Подбор"),
        ("resume", t("Resume received", "Получено резюме"), 10, 2),
        ("call", t("First call", "Первоначальный звонок"), 20, 3),
        ("interview", t("Interview", "Интервью"), 35, 7),
        ("test", t("Test task", "Тестовое задание"), 50, 5),
        ("offer", t("Offer", "Предложение о работе"), 75, 7),
        ("hired", t("Hired", "Принят"), 100, None),
        ("rejected", t("Rejected", "Отказ"), 0, None),
        ("declined", t("Declined by the candidate", "Кандидат отказался"), 0, None),
    )
    sections = (
        Section(code="main", title=t("Candidate", "О кандидате")),
        Section(code="contacts", title=t("Contacts", "Контакты")),
        Section(code="decision", title=t("Interview and decision", "Интервью и решение")),
        Section(code="more", title=t("Papers", "Документы")),
    )
    return Process(
        code="candidates",
        title=t("Candidates", "Кандидаты"),
        element_title=t("Candidate", "Кандидат"),
        icon="person_search",
        color="#A75EA5",
        description=t(
            "Hiring: from the resume to the first day at work.", "Подбор персонала: от резюме до первого рабочего дня."
        ),
        preset="all_inclusive",
        sections=sections,
        fields=(*_about(t), *_decision(t)),
        funnels=(stages,),
        roles=(recruiter, head, interviewer),
        grants=tuple(rights),
        graphs=(_intake(t), _interview(t), _test(t), _offer(t), _hired(t), _refusal(t)),
    )


def _about(t: Say) -> tuple[Field, ...]:
    sources = (
        ("site", t("Our site", "Наш сайт")),
        ("board", t("Job board", "Сайт вакансий")),
        ("friend", t("Recommendation", "Рекомендация")),
        ("social", t("Social network", "Соцсети")),
        ("agency", t("Agency", "Агентство")),
    )
    skills = (
        ("talk", t("Negotiation", "Переговоры")),
        ("english", t("Foreign language", "Английский язык")),
        ("excel", "Excel"),
        ("python", "Python"),
        ("crm", "CRM"),
    )
    return (
        field("vacancy", t("Vacancy", "Вакансия"), "link", {"process": "vacancies"}, required=True, on_board=True),
        field("source", t("Where from", "Источник"), "enumeration", enumeration(*sources)),
        field("experience", t("Experience, years", "Опыт, лет"), "double", {"digits": 1, "min": 0, "max": 60}),
        field("skills", t("Skills", "Навыки"), "enumeration", enumeration(*skills), multiple=True),
        field("salary", t("Salary", "Зарплата"), "money", {"currency": "USD"}, on_board=True),
        field("relocation", t("Ready to move", "Готов к переезду"), "boolean"),
        field("email", "E-mail", "email", section="contacts"),
        field("phone", t("Phone", "Телефон"), "phone", section="contacts"),
        field("city", t("City", "Город"), section="contacts"),
        field("profile", t("Resume on the web", "Резюме в интернете"), "url", section="contacts"),
    )


def _decision(t: Say) -> tuple[Field, ...]:
    reasons = (
        ("experience", t("Too little experience", "Недостаточно опыта")),
        ("test", t("Test task not passed", "Не прошёл тестовое задание")),
        ("salary", t("Salary too high", "Высокие ожидания по зарплате")),
        ("culture", t("Does not suit the team", "Не подошёл команде")),
    )
    return (
        field("interview_at", t("Interview", "Интервью"), "datetime", section="decision", on_board=True),
        field("interviewer", t("Interviewer", "Интервьюер"), "employee", section="decision"),
        field(
            "score",
            t("Test task, points", "Баллы за тестовое задание"),
            "integer",
            {"min": 0, "max": 100},
            section="decision",
            help=t("From 70 points on the task is passed.", "Задание выполнено, если набрано 70 баллов или больше."),
        ),
        field(
            "offer",
            t("Salary offered", "Предложенная зарплата"),
            "money",
            {"currency": "USD"},
            section="decision",
            required_at=("offer", "hired"),
        ),
        field("start_date", t("First day", "Дата выхода"), "date", section="decision", required_at=("hired",)),
        field("mentor", t("Mentor", "Наставник"), "employee", section="decision"),
        field(
            "reason",
            t("Why rejected", "Причина отказа"),
            "enumeration",
            enumeration(*reasons),
            section="decision",
            required_at=("rejected",),
        ),
        field("papers", t("Resume and papers", "Резюме и документы"), "file", section="more", multiple=True, in_list=False),
        field("notes", t("Notes", "Заметки"), "text", section="more", in_list=False),
    )


# --- robots ------------------------------------------------------------------------------------------------------------


def _intake(t: Say) -> Graph:
    return graph(
        "intake",
        t("Resume received", "Получено резюме"),
        "start>mail start>call call>wait wait.timeout>late",
        {
            "start": ("element_created", t("New candidate", "Новый кандидат"), {"condition": when("stage", "eq", "resume")}),
            "mail": (
                "send_mail",
                t("Thank the candidate", "Ответить кандидату"),
                {
                    "to": "{email}",
                    "subject": t("Your resume: {vacancy}", "Ваше резюме: {vacancy}"),
                    "body": t(
                        "Good day, {title}!\n\nThank you for your resume. We will call you within two working days.\n\n"
                        "{responsible.name}",
                        "Здравствуйте, {title}!\n\nСпасибо за резюме. Мы позвоним вам в течение двух рабочих дней.\n\n"
                        "{responsible.name}",
                    ),
                },
            ),
            "call": (
                "create_task",
                t("Task: first call", "Задача: первый звонок"),
                {
                    "title": t("Call {title}", "Позвонить: {title}"),
                    "due": 2 * DAY,
                    "text": t("Vacancy: {vacancy}. Phone: {phone}.", "Вакансия: {vacancy}. Телефон: {phone}."),
                },
            ),
            "wait": ("wait_event", t("Wait 3 days for a move", "Ждать движения 3 дня"), {"event": "moved", "timeout": 3 * DAY}),
            "late": (
                "notify",
                t("Nobody has called", "Никто не позвонил"),
                {"text": t("{title} has been waiting for a call for three days.", "{title} ждёт звонка уже три дня.")},
            ),
        },
    )


def _interview(t: Say) -> Graph:
    return graph(
        "interview",
        t("Interview", "Интервью"),
        "start>until until>tell tell.nobody>other until.no_date>date",
        {
            "start": ("stage_entered", t("To the interview", "Назначено интервью"), {"stages": ["interview"]}),
            "until": (
                "wait_until",
                t("An hour before", "За час до начала"),
                {"field": "interview_at", "side": "before", "offset": HOUR},
            ),
            "tell": (
                "notify",
                t("Remind the interviewer", "Напомнить интервьюеру"),
                {
                    "whom": "interviewer",
                    "text": t("In an hour: interview with {title}, {vacancy}.", "Через час интервью: {title}, {vacancy}."),
                },
            ),
            "other": (
                "notify",
                t("Remind the recruiter", "Напомнить рекрутеру"),
                {
                    "text": t(
                        "In an hour: interview with {title}. No interviewer is named.",
                        "Через час интервью: {title}. Интервьюер не указан.",
                    )
                },
            ),
            "date": (
                "create_task",
                t("Task: agree on a date", "Задача: назначить дату"),
                {"title": t("Agree on a date with {title}", "Договориться о дате интервью: {title}"), "due": DAY},
            ),
        },
    )


def _test(t: Say) -> Graph:
    return graph(
        "test",
        t("Test task", "Тестовое задание"),
        "start>passed passed.yes>tell passed.no>why why>away",
        {
            "start": (
                "field_changed",
                t("Points entered", "Поставлены баллы"),
                {"field": "score", "condition": when("stage", "eq", "test")},
            ),
            "passed": ("condition", t("Passed?", "Прошёл?"), {"condition": when("score", "ge", PASSED)}),
            "tell": (
                "notify",
                t("Prepare an offer", "Готовить предложение"),
                {
                    "text": t(
                        "{title} has passed with {score} points. Prepare an offer.",
                        "{title}: {score} баллов, задание выполнено. Подготовьте предложение.",
                    )
                },
            ),
            "why": ("set_fields", t("Note the reason", "Указать причину"), {"values": {"reason": "test"}}),
            "away": ("move_stage", t("Reject", "Отказать"), {"stage": "rejected"}),
        },
    )


def _offer(t: Say) -> Graph:
    return graph(
        "offer",
        t("Offer", "Предложение о работе"),
        "start>pdf pdf>mail mail>wait mail.no_address>call wait.timeout>ask",
        {
            "start": ("stage_entered", t("Offer decided", "Решено сделать предложение"), {"stages": ["offer"]}),
            "pdf": (
                "make_pdf",
                t("Offer as PDF", "Предложение в PDF"),
                {
                    "name": t("Offer for {title}.pdf", "Предложение для {title}.pdf"),
                    "title": t("Job offer", "Предложение о работе"),
                    "field": "papers",
                    "body": t(
                        "Dear {title},\n\n"
                        "we offer you the position “{vacancy}” ({vacancy.department}) with a salary of {offer|money}.\n"
                        "Please answer within five days.\n\n{responsible.name}, {today}",
                        "{title}, добрый день!\n\n"
                        "Предлагаем вам должность «{vacancy}» ({vacancy.department}) с зарплатой {offer|money}.\n"
                        "Ждём ответа в течение пяти дней.\n\n{responsible.name}, {today}",
                    ),
                },
            ),
            "mail": (
                "send_mail",
                t("Send the offer", "Отправить предложение"),
                {
                    "to": "{email}",
                    "subject": t("Job offer: {vacancy}", "Предложение о работе: {vacancy}"),
                    "attach_files": True,
                    "body": t("Good day! Our offer is attached.", "Здравствуйте! Наше предложение — во вложении."),
                },
            ),
            "wait": ("wait_event", t("Wait 5 days for an answer", "Ждать ответа 5 дней"), {"event": "moved", "timeout": 5 * DAY}),
            "ask": (
                "notify",
                t("No answer", "Ответа нет"),
                {"text": t("{title} has not answered the offer for five days.", "{title} пять дней не отвечает на предложение.")},
            ),
            "call": (
                "create_task",
                t("Task: offer by phone", "Задача: сообщить по телефону"),
                {
                    "title": t("No e-mail: tell {title} about the offer", "Нет e-mail: сообщить о предложении, {title}"),
                    "due": DAY,
                },
            ),
        },
    )


def _hired(t: Say) -> Graph:
    return graph(
        "hired",
        t("First day", "Выход на работу"),
        "start>mail start>desk start>mentor mail>all mail.no_address>all desk>all mentor>all"
        " all>said said>until until>check until.no_date>check",
        {
            "start": ("stage_entered", t("Hired", "Принят"), {"stages": ["hired"]}),
            "mail": (
                "send_mail",
                t("Welcome letter", "Письмо новому сотруднику"),
                {
                    "to": "{email}",
                    "subject": t("Welcome!", "Добро пожаловать!"),
                    "body": t("We look forward to seeing you on {start_date}.", "Ждём вас {start_date}."),
                },
            ),
            "desk": (
                "create_task",
                t("Task: workplace", "Задача: рабочее место"),
                {
                    "title": t(
                        "Prepare a workplace for {title}, {start_date}", "Подготовить рабочее место: {title}, {start_date}"
                    ),
                    "due": 5 * DAY,
                },
            ),
            "mentor": (
                "create_task",
                t("Task: mentor and introductory courses", "Задача: наставник и вводные курсы"),
                {
                    "title": t(
                        "Find a mentor and plan introductory courses for {title}", "Назначить наставника и вводные курсы: {title}"
                    ),
                    "due": 5 * DAY,
                },
            ),
            "all": ("join", t("Everything arranged", "Всё подготовлено"), {"mode": "all"}),
            "said": (
                "add_comment",
                t("Note on the timeline", "Отметка в хронологии"),
                {"text": t("Hired for {offer|money}, first day {start_date}.", "Зарплата {offer|money}, выход {start_date}.")},
            ),
            "until": (
                "wait_until",
                t("Two weeks after the first day", "Через две недели после выхода"),
                {"field": "start_date", "side": "after", "offset": 14 * DAY},
            ),
            "check": (
                "create_task",
                t("Task: how is it going?", "Задача: как дела у новичка?"),
                {"title": t("Talk with {title} about the first weeks", "Поговорить о первых неделях: {title}"), "due": 2 * DAY},
            ),
        },
    )


def _refusal(t: Say) -> Graph:
    still = when("stage", "eq", "rejected")
    return graph(
        "refusal",
        t("Polite refusal", "Вежливый отказ"),
        "start>wait wait>still still.yes>mail mail>said",
        {
            "start": ("stage_entered", t("Rejected", "Отказ"), {"stages": ["rejected"]}),
            "wait": ("wait_for", t("A day to think again", "День, чтобы передумать"), {"duration": DAY}),
            "still": ("condition", t("Still rejected?", "Отказ в силе?"), {"condition": still}),
            "mail": (
                "send_mail",
                t("Write to the candidate", "Написать кандидату"),
                {
                    "to": "{email}",
                    "subject": t("Your application: {vacancy}", "Ваш отклик: {vacancy}"),
                    "body": t(
                        "Good day, {title}!\n\n"
                        "Thank you for your time. This time we have chosen somebody else, but we will keep your resume.\n\n"
                        "{responsible.name}",
                        "Здравствуйте, {title}!\n\n"
                        "Спасибо, что уделили нам время. В этот раз мы выбрали другого кандидата, но сохраним ваше резюме.\n\n"
                        "{responsible.name}",
                    ),
                },
            ),
            "said": (
                "add_comment",
                t("Note on the timeline", "Отметка в хронологии"),
                {"text": t("A refusal was sent.", "Отказ отправлен.")},
            ),
        },
    )
