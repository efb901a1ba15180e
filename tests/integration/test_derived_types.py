"""Values of all types for all parameters, again and again, through Sealgate and directly. MySQL
derives a parameter's type from what stands around it, and prepares a statement anew where a
value does not fit; that one of them is sealed must not make another value of the others."""

import random
import re
import struct

from people import TWIN, PeopleCase
from raw_client import RawClient
from raw_packets import ServerError, text
from servers import ADMIN, APP, on_each_backend

SEALED = (
    ("note", "VARCHAR(60)", "random"), ("name", "VARCHAR(60)", "searchable"),
    ("age", "INT", "searchable"), ("visits", "INT UNSIGNED", "deterministic"),
    ("amount", "DECIMAL(12,2)", "searchable"), ("born", "DATE", "searchable"),
    ("seen", "DATETIME", "deterministic"), ("token", "VARBINARY(60)", "searchable"),
)
PLAIN = (
    ("p_text", "VARCHAR(60)"), ("p_latin", "VARCHAR(60) CHARACTER SET latin1"), ("p_int", "INT"),
    ("p_count", "BIGINT UNSIGNED"), ("p_decimal", "DECIMAL(12,2)"), ("p_double", "DOUBLE"),
    ("p_float", "FLOAT"), ("p_date", "DATE"), ("p_moment", "DATETIME"), ("p_time", "TIME"),
    ("p_stamp", "TIMESTAMP NULL"), ("p_year", "YEAR"), ("p_blob", "BLOB"),
    ("p_bytes", "VARBINARY(60)"), ("p_enum", "ENUM('a','5','Ana')"), ("p_bits", "BIT(8)"),
)
POLICY = "version: 1\ncolumns:\n" + "".join(
    f"  - {{column: shop.people.{name}, mode: {mode}}}\n" for name, _, mode in SEALED) + """
roles:
  - {name: all, match: any, default: {reveal: clear, write: true}}
"""
TABLES = (
    "CREATE TABLE people (id INT PRIMARY KEY, "
    + ", ".join(f"{column[0]} {column[1]}" for column in SEALED + PLAIN)
    + ") CHARACTER SET utf8mb4",
    "CREATE TABLE orders (id INT PRIMARY KEY)",
)
ROWS = (
    (1, "5", "Ana", 5, 5, "5.00", "2000-01-02", "2000-01-02 03:04:05", "5", "5", "5", 5, 5, "5.00",
     5, 5, "2000-01-02", "2000-01-02 03:04:05", "03:04:05", "2000-01-02 03:04:05", 2024, "5", "5",
     "5", 5),
    (2, "Ana", "5", 7, 7, "1.50", "2020-01-02", "2000-01-02 00:00:00", "Ana", "Ana", "ana", 7, 7,
     "1.50", 1.5, 1.5, "2020-01-02", "2000-01-02 00:00:00", "00:00:05", "2000-01-02 00:00:00", 2000,
     "Ana", "Ana", "Ana", 7),
)
STATEMENTS = (
    "UPDATE people SET {s} = ?, {p} = ? WHERE id = ?",
    "UPDATE people SET {s} = ? WHERE {p} = ?",
    "UPDATE people SET {p} = ? WHERE {q} = ?",
    "UPDATE people SET {s} = CASE WHEN {p} = ? THEN ? ELSE {s} END WHERE id = ?",
    "INSERT INTO people (id, {s}, {p}) VALUES (?, ?, ?)",
    "INSERT INTO people (id, {s}, {p}) VALUES (1, ?, ?) ON DUPLICATE KEY UPDATE {p} = ?",
    "DELETE FROM people WHERE {q} = ? AND {p} = ?",
    "SELECT id, {p}, {q} FROM people WHERE {q} = ? AND {p} >= ? ORDER BY id",
    "SELECT id, ? AS v FROM people WHERE {q} <> ? ORDER BY id",
    "SELECT id, {p} + ? AS v, CONCAT(?, 'x') AS w FROM people WHERE {q} = ? ORDER BY id",
    "SELECT COALESCE({s}, ?) AS v, id FROM people WHERE {p} = ? ORDER BY id",
    "SELECT id FROM people WHERE {q} IN (?, ?) AND {p} IN (?, ?) ORDER BY id",
    "SELECT id FROM people WHERE (? IS NULL OR {q} = ?) AND {p} = ? ORDER BY id LIMIT ?",
    "SELECT {q} AS v FROM people UNION SELECT ? FROM people WHERE {p} = ?",
    "SELECT id FROM people WHERE {q} = ? AND -{p} = -? ORDER BY id",
)
TEXTS = ("Ana", "5", "1.5", "-3", "05", "", "2000-01-02", "2000-01-02 03:04:05", "03:04:05", "abc",
         "2024", "2abc", "\u00e9", " 5", "5.0", "2000-01-02 03:04:05.5", "2020-02-30", "0")
DAY = struct.pack("<BHBB", 4, 2000, 1, 2)
MOMENT = struct.pack("<BHBBBBB", 7, 2000, 1, 2, 3, 4, 5)
FLOAT, DOUBLE, NULL, LONGLONG, DATE, TIME, DATETIME = 4, 5, 6, 8, 10, 11, 12
UNSIGNED, DECIMAL, BLOB, VAR_STRING, STRING = 0x8008, 246, 252, 253, 254
SEED = 20261128
STATEMENT_COUNT = 240
READ = f"SELECT {', '.join(column[0] for column in SEALED + PLAIN)} FROM people ORDER BY id"


def text_value(value):
    return VAR_STRING, text(value.encode())


def integer(value):
    return LONGLONG, struct.pack("<q", value)


def float_value(value):
    return DOUBLE, struct.pack("<d", value)


# What applications send for such a column.
USUAL = {
    "note": [text_value("Ana"), integer(5)],
    "name": [text_value("Ana"), integer(5)],
    "age": [integer(5), text_value("5"), float_value(5), (UNSIGNED, struct.pack("<Q", 7))],
    "visits": [integer(5), text_value("5"), float_value(5), (UNSIGNED, struct.pack("<Q", 7))],
    "amount": [(DECIMAL, text(b"1.50")), text_value("5.00"), float_value(5), integer(5)],
    "born": [(DATE, DAY), text_value("2000-01-02"), (DATETIME, DAY), text_value(TEXTS[7])],
    "seen": [(DATETIME, MOMENT), (DATETIME, DAY), text_value(TEXTS[7]), text_value("2000-01-02")],
    "token": [text_value("Ana"), (BLOB, text(b"5"))],
}


def any_value(chance):
    number = chance.choice((1, 2, 5, 5, -3, 2024, 20200102, 0))
    return chance.choice((
        text_value(chance.choice(TEXTS)), text_value(chance.choice(TEXTS)),
        (STRING, text(chance.choice(TEXTS).encode())), (BLOB, text(chance.choice(TEXTS).encode())),
        integer(number), integer(number), (UNSIGNED, struct.pack("<Q", abs(number))),
        float_value(number), float_value(1.5), (FLOAT, struct.pack("<f", number)),
        (DECIMAL, text(chance.choice((b"5", b"1.5", b"-3")))), (DATE, DAY),
        (DATETIME, MOMENT), (DATETIME, DAY), (TIME, struct.pack("<BBIBBB", 8, 0, 0, 3, 4, 5)),
        (chance.choice((NULL, LONGLONG, VAR_STRING, DATETIME, DOUBLE)), None)))


def columns_of(statement):
    """For each parameter, the word in front of it, or its column in the list of an INSERT."""
    listed = []
    if statement.startswith("INSERT"):
        head, statement = statement.split(" VALUES (")
        listed = re.findall(r"\w+", head[head.index("("):])
        listed = listed[1:] if statement.startswith("1") else listed
        statement = statement.partition("ON DUPLICATE")[2]
    found = (re.findall(r"\w+", statement[:mark.start()]) for mark in re.finditer(r"\?", statement))
    return listed + [words[-1] if words else "" for words in found]


class DerivedTypesCase(PeopleCase):
    policy = POLICY
    tables = TABLES

    def setUp(self):
        super().setUp()
        self.client = RawClient(self.gate.port, APP, self.database)
        self.addCleanup(self.client.close)
        self.alone = RawClient(self.backend.port, ADMIN, TWIN)
        self.addCleanup(self.alone.close)

    def fill(self):
        for client in (self.client, self.alone):
            client.query("DELETE FROM people")
            for row in ROWS:
                client.query(f"INSERT INTO people VALUES {row}")

    @staticmethod
    def outcome(client, statement, values):
        nulls = sum(1 << i for i, (_, value) in enumerate(values) if value is None)
        body = struct.pack("<IBI", statement, 0, 1) + bytes([nulls, 1])
        body += b"".join(struct.pack("<H", kind) for kind, _ in values)
        client.command(0x17, body + b"".join(value for _, value in values if value is not None))
        try:
            answers = client.results(binary=True)
        except ServerError as error:
            return error.number, error.message
        return [(answer.rows, [(column.name, column.type, column.charset, column.decimals)
                               for column in answer.columns]) for answer in answers]

    def executions(self, statement, sequence):
        """The answers of both, and whether one was Sealgate's refusal; ends at a difference."""
        self.fill()
        sealed, _ = self.client.prepare(statement)
        plain, _ = self.alone.prepare(statement)
        done = []
        for values in sequence:
            done.append(values)
            answer = self.outcome(self.client, sealed, values)
            if isinstance(answer, tuple) and answer[1].startswith("sealgate: "):
                yield answer[1]
                done.pop()
                continue
            other = self.outcome(self.alone, plain, values)
            if isinstance(answer, tuple) and isinstance(other, tuple):
                self.assertEqual(answer[0], other[0], (statement, done))
            else:
                self.assertEqual(answer, other, (statement, done))
            self.assertEqual(self.client.query(READ)[0].rows, self.alone.query(READ)[0].rows,
                             (statement, done))
            yield None
        for client, number in ((self.client, sealed), (self.alone, plain)):
            client.command(0x19, struct.pack("<I", number))

    def refusals(self, statement, *sequence):
        return [why is not None and "MySQL might read" in why
                for why in self.executions(statement, sequence)]


@on_each_backend
class DerivedTypesTest(DerivedTypesCase):

    def expect(self, refused, statement, *sequence):
        """MariaDB derives no types, and refuses nothing."""
        if self.kind == "mariadb":
            refused = [False] * len(refused)
        self.assertEqual(self.refusals(statement, *sequence), refused)

    def test_a_text_for_an_integer_beside_a_number_for_a_text(self):
        statement = "UPDATE people SET note = ?, p_text = ? WHERE id = ?"
        self.expect([False, True, True, False], statement,
                    [integer(5), text_value("x"), text_value("1")],
                    [integer(5), text_value("x"), text_value("")],
                    [integer(5), text_value("x"), text_value("2abc")],
                    [integer(5), text_value("x"), integer(2)])

    def test_a_type_of_an_earlier_execution(self):
        self.expect([False, False, True], "UPDATE people SET note = ?, p_text = ? WHERE id = ?",
                    [text_value("Ana"), (DATETIME, DAY), integer(1)],
                    [integer(1), (LONGLONG, None), integer(2)],
                    [integer(1), integer(20200102), integer(2)])

    def test_what_applications_send(self):
        """Integers without a sign's bit, floats for integers, texts of dates and decimals."""
        moment = text_value("2000-01-02 03:04:05")
        for values in ([integer(9), integer(5), integer(5), text_value("1.50"), moment, moment],
                       [integer(9), float_value(5), float_value(5), float_value(1.5), moment,
                        (DATETIME, MOMENT)],
                       [float_value(9), integer(5), text_value("5"), text_value("7"), moment,
                        text_value("2000-01-02")]):
            with self.subTest(values):
                columns = "id, visits, age, p_decimal, p_moment, seen"
                self.expect([False], f"INSERT INTO people ({columns}) VALUES (?, ?, ?, ?, ?, ?)",
                            values)
        for statement in (
                "SELECT id FROM people WHERE visits = ? AND EXISTS (SELECT 1 FROM orders WHERE "
                "orders.id = people.id AND orders.id > ?)",
                "SELECT people.id FROM people JOIN orders ON orders.id = people.id AND "
                "people.p_count = ? WHERE visits <> ?",
                "SELECT id FROM people WHERE visits = ? AND NOT (p_count = ?) UNION ALL "
                "SELECT id FROM orders WHERE id = ?",
                "SELECT id FROM people WHERE visits = ? AND YEAR(p_moment) = ?",
                "UPDATE people SET visits = ?, p_year = ? WHERE id = ?"):
            with self.subTest(statement):
                self.expect([False, False], statement,
                            *([integer(number)] * statement.count("?") for number in (2000, 2024)))
        found = "SELECT id FROM people WHERE visits = ? AND p_moment >= ? ORDER BY id LIMIT ?"
        self.expect([False, False], found, [integer(5), moment, integer(3)],
                    [integer(7), text_value("2000-01-02"), integer(1)])

    def test_any(self):
        chance = random.Random(SEED)
        passed, refused = 0, 0
        for _ in range(STATEMENT_COUNT):
            statement = chance.choice(STATEMENTS).format(
                s=chance.choice(SEALED)[0], p=chance.choice(PLAIN)[0],
                q=chance.choice([name for name, _, mode in SEALED if mode != "random"]))
            columns = columns_of(statement)
            self.assertEqual(len(columns), statement.count("?"), statement)
            sequence = [[chance.choice(USUAL[column]) if column in USUAL and chance.random() < 0.8
                         else any_value(chance) for column in columns]
                        for _ in range(chance.choice((1, 2, 3, 5)))]
            try:
                answers = list(self.executions(statement, sequence))
            except ServerError as error:  # of the preparation
                self.assertTrue(error.message.startswith("sealgate: "), (statement, error))
                continue
            passed += answers.count(None)
            refused += len(answers) - answers.count(None)
        self.assertGreater(passed, STATEMENT_COUNT / 2)
        self.assertGreater(refused, 0)
