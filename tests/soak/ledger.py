"""What the soak's clients store, and how they know a wrong answer: each row
carries a checksum of its values in a column that is not protected."""

import random
import string
import zlib
from dataclasses import dataclass, field

DATABASE = "shop"
TABLE = """CREATE TABLE soak (
  id BIGINT NOT NULL PRIMARY KEY, owner VARCHAR(40) NOT NULL, email VARCHAR(120),
  note TEXT, checksum BIGINT NOT NULL, KEY email (email)) CHARACTER SET utf8mb4"""
POLICY = """version: 1
columns:
  - {column: shop.soak.email, mode: searchable}
  - {column: shop.soak.note, mode: random}
roles:
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""
IDS_PER_CLIENT = 1_000_000

# What may go wrong while servers restart and connections are killed: the
# connection is refused or lost, or a statement was interrupted or rolled back.
EXPECTED = {1053, 1105, 1152, 1184, 1205, 1213, 1290, 1317, 1927, 2002, 2003, 2006, 2013, 2014,
            2055}


def checksum(number, owner, email, note):
    return zlib.crc32("\0".join([str(number), owner, email or "", note or ""]).encode())


def is_right(row):
    number, owner, email, note, found = row
    return checksum(int(number), owner, email, note) == int(found)


def new_values(source, number, owner):
    """(id, owner, email, note, checksum); some values are long, some NULL."""
    email = f"{owner}.{number}@example.com" if source.random() < 0.9 else None
    size = source.choice((0, 10, 100, 1_000, 20_000))
    note = None if source.random() < 0.1 else "".join(
        source.choices(string.ascii_letters + "äß😀 '\\\"", k=min(size, 500))) * max(1, size // 500)
    return number, owner, email, note, checksum(number, owner, email, note)


@dataclass
class Ledger:
    """One client's own account of what it was told. Written by its thread only."""

    name: str
    first_id: int
    acknowledged: set = field(default_factory=set)
    statements: int = 0
    connections: int = 0
    errors: dict = field(default_factory=dict)
    wrong: list = field(default_factory=list)
    last_sign: float = 0.0

    def source(self, seed):
        return random.Random(f"{seed} {self.name}")

    def failed(self, number, message):
        self.errors[number] = self.errors.get(number, 0) + 1
        if number not in EXPECTED:
            self.wrong.append(f"{self.name}: error {number}: {message[:200]}")
