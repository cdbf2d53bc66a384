"""The people of the demo: the agents of the deals in their regional offices, as in the CRM data, and the recruiters."""

from __future__ import annotations

from collections import Counter

from builder.team import Holders, Seat, Team, Unit
from examples.candidates import recruiters
from examples.deals import TEAM, crm
from examples.parts import Say
from model.latin import latin


def team(t: Say) -> bytes:
    """The file of the team."""
    agents = [row for row in crm("sales_teams.csv") if row["sales_agent"] in TEAM]
    hiring = recruiters(t)
    offices = {row["regional_office"]: _head(agents, row["regional_office"]) for row in agents}
    sold = [(row["sales_agent"], row["regional_office"].lower()) for row in agents]
    people = [*((head, office.lower()) for office, head in offices.items()), *sold, *((name, "personnel") for name in hiring)]
    heads = tuple(map(login, offices.values()))
    return Team(
        departments=(
            Unit(code="sales", title=t("Sales", "Отдел продаж")),
            *(
                Unit(code=office.lower(), title=_office(t, office), parent="sales", head=login(head))
                for office, head in offices.items()
            ),
            Unit(code="personnel", title=t("Personnel", "Отдел персонала"), head=login(hiring[0])),
        ),
        people=tuple(Seat(login=login(name), name=name, department=department) for name, department in people),
        roles={
            "manager": Holders(departments=("sales",)),
            "head": Holders(people=heads),
            "recruiter": Holders(departments=("personnel",)),
            "hr_head": Holders(people=(login(hiring[0]),)),
            "interviewer": Holders(people=heads),
        },
    ).dump_bytes()


def login(name: str) -> str:
    """`Ольга Смирнова` signs in as `olga.smirnova`."""
    return ".".join(latin(name).split())


def _head(agents: list[dict[str, str]], office: str) -> str:
    """The manager of most of an office's agents."""
    return Counter(row["manager"] for row in agents if row["regional_office"] == office).most_common(1)[0][0]


def _office(t: Say, region: str) -> str:
    russian = {"Central": "Центральный офис", "East": "Восточный офис", "West": "Западный офис"}
    return t(f"{region} office", russian[region])
