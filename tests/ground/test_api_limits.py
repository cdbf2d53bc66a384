"""The limits: no bucket makes ordinary people wait, and a flood waits as long as it has sent too much."""

from __future__ import annotations

import pytest

from api.limits import Bucket, Limits, Pace, place


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_back_with_time_and_never_more_than_it_holds() -> None:
    seconds = Seconds()
    bucket = Bucket(Pace(10, 5), seconds)
    assert [bucket.take() for _ in range(6)] == [0, 0, 0, 0, 0, 0.1]
    seconds.now = 0.2
    assert bucket.take() == 0
    seconds.now = 1000
    assert [bucket.take() for _ in range(6)][-1] == 0.1


def test_an_office_behind_one_address_is_never_slowed() -> None:
    """Fifty people with ten tabs each, whose server starts anew: all tabs come back at once, then each works for ten minutes on a
    board on which robots move four cards a second, and types as quickly as people do."""
    limits, seconds = Limits(), Seconds()
    assert limits.sockets_of_address >= 50 * 10 * 2 and limits.sockets >= 10 * 4
    opening, frames, size = (Bucket(pace, seconds) for pace in (limits.opening, limits.all_frames, limits.bytes))
    sockets = [Bucket(limits.frames, seconds) for _ in range(10)]
    assert max(opening.take() for _ in range(10 * 4)) == 0
    waits = []
    for tick in range(600 * 4):
        seconds.now = tick / 4
        waits += [max(each.take(), frames.take(), size.take(4_000)) for each in sockets]  # news, which every tab asks after
        waits += [
            max(sockets[0].take(), frames.take(), size.take(20_000)) for _ in range(2)
        ]  # eight acts a second in one of them
    assert max(waits) == 0


@pytest.mark.parametrize(
    ("address", "counted"),
    [("10.1.2.3", "10.1.2.3"), ("::ffff:10.1.2.3", "10.1.2.3"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
     ("fe80::1%eth0", "fe80::/64"), ("", ""), ("testclient", "testclient")],
)  # fmt: skip
def test_what_counts_as_one_address(address: str, counted: str) -> None:
    assert place(address) == counted
