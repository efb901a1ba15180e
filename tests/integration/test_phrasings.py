"""Statements in odd phrasings (testdata/phrasings.sql), as text, prepared, and with
parameters for the values: whether they work or are refused, the value that stands in
them never reaches the server, and nothing is stored but envelopes."""

import re
from pathlib import Path

from people import PROTECTED, POLICY, TABLES
from raw_client import RawClient
from raw_packets import ProtocolError, ServerError
from servers import ADMIN, APP, BackendCase, Sealgate, Server, on_each_backend
from test_sentinel import new_marker, places_of

FILE = Path(__file__).resolve().parents[1] / "testdata" / "phrasings.sql"
BESIDE = "CREATE TABLE beside (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(100), v VARCHAR(100))"
ROWS = ("INSERT INTO people (id, name, note, code, latin, age, token, plain) VALUES "
        "(1, 'Ana', 'n', 'A', 'l', 42, 't', 'p'), (2, 'Bob', NULL, 'B', '', 1, NULL, 'q')")
VALUE = re.compile(r"'[^'{]*\{v\}[^'{]*'")
SEALED = " AND ".join(f"({name} IS NULL OR HEX(LEFT({name}, 1)) = 'FE')"
                      for name, _, _ in PROTECTED)


def phrasings():
    parts = FILE.read_text(encoding="utf-8").split("\n;;\n")
    return [part.strip() for part in parts if part.strip() and not part.startswith("--")]


@on_each_backend
class PhrasingsTest(BackendCase):

    @classmethod
    def setUpClass(cls):
        cls.backend = Server(cls.kind, general_log=True)
        cls.addClassCleanup(cls.backend.close)
        cls.backend.start()
        cls.backend.execute(f"CREATE DATABASE {cls.database} CHARACTER SET utf8mb4")
        cls.gate = Sealgate(cls.backend, POLICY)
        cls.addClassCleanup(cls.gate.close)
        cls.gate.start()
        cls.gate.execute(";".join((*TABLES, BESIDE, ROWS)), APP, cls.database)

    def setUp(self):
        """The tables stay."""

    def test_no_value_reaches_the_server(self):
        answers = {way: [self.answer(text, way) for text in phrasings()]
                   for way in ("text", "prepared", "parameters")}
        for way, numbers in answers.items():
            # Both kinds come up, or this tests nothing.
            self.assertGreater(numbers.count(0), 30, way)
            self.assertGreater(numbers.count(1235), 60, way)
        rows = self.backend.execute(f"SELECT COUNT(*), SUM({SEALED}) FROM people", ADMIN,
                                    self.database)
        self.assertEqual(rows[0][0], rows[0][1])

    def answer(self, text, way):
        """The error's number, 0 without one, or None where there is nothing to send."""
        marker = new_marker()
        *before, last = text.split("@@")
        values = []
        if way == "parameters":
            last = VALUE.sub("?", last)
            values = [marker.encode()] * last.count("?")
            if not values or "{v}" in last:
                return None
        seen = self.backend.general_log_size()
        number = self.run_one([self.filled(each, marker) for each in before],
                              self.filled(last, marker), None if way == "text" else values)
        arrived = self.backend.general_log(seen)
        self.assertEqual(places_of(marker, {"general log": arrived}), set(), f"{way}: {text}")
        return number

    def filled(self, text, marker):
        return text.replace("{v}", marker).replace("{x}", marker.encode().hex())

    def run_one(self, before, last, values):
        with RawClient(self.gate.port, APP, self.database) as client:
            try:
                for text in before:
                    client.query(text)
                if values is None:
                    client.query(last)
                else:
                    client.prepared_query(last, values)
            except ServerError as error:
                return error.number
            except ProtocolError:  # a file that the server asks for
                return 2013
        return 0
