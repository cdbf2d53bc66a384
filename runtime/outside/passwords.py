"""Passwords as argon2id hashes. The only door to argon2."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

AT_ONCE = 4
"""Hashes that are made at a time, whoever asks for them; the next ones wait."""


class Passwords:
    """Hashes and checks passwords. The defaults are RFC 9106's for small memory: 64 MiB, three passes, four lanes."""

    def __init__(self, time_cost: int = 3, memory_kib: int = 65_536, lanes: int = 4) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=lanes)
        self._turns = threading.Semaphore(AT_ONCE)
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """The text to store; different each time."""
        with self._turns:
            return self._hasher.hash(password)

    def verify(self, stored: str, password: str) -> bool:
        """Whether the password fits; an empty or broken `stored` takes as long as a wrong password and never fits."""
        try:
            with self._turns:
                return self._hasher.verify(stored or self._nobody, password) and bool(stored)
        except (Argon2Error, InvalidHashError, UnicodeEncodeError):
            return False

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)
