"""What every client does with the people table, as data: steps of one statement
and its values, which tests/clients and the Python drivers all run.

A value is None or [kind, text]: s text, i integer, u unsigned 64-bit integer,
d decimal number, t date or time, b bytes in hex.
"""

from people import COLUMNS


def s(text):
    return ["s", text]


def i(number):
    return ["i", str(number)]


def u(number):
    return ["u", str(number)]


def d(text):
    return ["d", text]


def t(text):
    return ["t", text]


def b(data):
    return ["b", data.hex()]


ANA = [s("Ana O'Neil \\ \"x\" %s ?"), s("line 1\nline 2\t;-- ' \\' /*! x */"), s("A-1"),
       s("Müller"), i(42), u(2**64 - 1), d("12345.67"), t("1990-02-28"), t("2024-05-06 07:08:09"),
       b(b"\x00\xFF'\\\"\x1A\xFE\x80"), b(bytes(range(256))), s("plain 'text'")]
ZOE = [s("Zoë 😀 𝒳"), s(""), s("😀"), s(""), i(-2**31), u(0), d("-0.01"), t("9999-12-31"),
       t("1000-01-01 00:00:00"), b(b""), b(b""), s("")]
BOB = [s("bob@example.com"), s("x" * 200), s("Code"), s("ÄRGER é"), i(2**31 - 1), u(2**63),
       d("9999999999.99"), t("2000-01-01"), t("2024-12-31 23:59:59"), b(b"\x01" * 64),
       b(b"'" * 999), None]
EMPTY = [s(""), None, s(""), None, i(0), None, d("0"), None, None, None, None, None]

NAMES = ", ".join([*COLUMNS, "plain"])
MARKS = ", ".join("?" * len(ANA))

# (name, statement, values); `text` marks what only works as text.
STEPS = [
    ("insert two rows", f"INSERT INTO people (id, {NAMES}) VALUES (?, {MARKS}), (?, {MARKS})",
     [i(1), *ANA, i(2), *ZOE]),
    ("insert without a list", f"INSERT INTO people VALUES (?, {MARKS})", [i(3), *BOB]),
    ("insert an empty name", f"INSERT INTO people ({NAMES}) VALUES ({MARKS})", EMPTY),
    ("insert NULLs", f"INSERT INTO people (id, {NAMES}) VALUES (?, {MARKS})",
     [i(5), *[None] * len(ANA)]),
    ("insert by SET", "INSERT INTO people SET id = ?, name = ?, age = ?",
     [i(6), s("Set"), i(-7)]),
    ("orders", "INSERT INTO orders VALUES (?, ?, ?), (?, ?, ?)",
     [i(10), i(1), s("book"), i(11), i(3), s("lamp")]),
    ("a name twice", "INSERT INTO people (name) VALUES (?)", [s("BOB@Example.com")]),
    ("too long", "INSERT INTO people (latin) VALUES (?)", [s("y" * 51)]),
    ("out of range", "INSERT INTO people (age) VALUES (?)", [i(2**31)]),
    ("all", "SELECT * FROM people ORDER BY id", []),
    ("aliases", "SELECT p.id AS number, p.name AS n, p.amount a, plain, p.born "
                "FROM people AS p WHERE p.id = ?", [i(1)]),
    ("by id", "SELECT name, note, photo FROM people WHERE id IN (?, ?) ORDER BY id",
     [i(1), i(5)]),
    ("case", "SELECT id FROM people WHERE name = ?", [s("BOB@EXAMPLE.COM")]),
    ("accent", "SELECT id, name FROM people WHERE name = ?", [s("ZOE 😀 𝒳")]),
    ("padding", "SELECT id FROM people WHERE name = ?", [s("bob@example.com   ")]),
    ("quotes", "SELECT id FROM people WHERE name = ?", [ANA[0]]),
    ("empty", "SELECT id FROM people WHERE name = ?", [s("")]),
    ("nobody", "SELECT id, name FROM people WHERE name = ?", [s("nobody")]),
    ("not equal", "SELECT id FROM people WHERE name <> ? ORDER BY id", [s("bob@example.com")]),
    ("IN", "SELECT id FROM people WHERE name IN (?, ?, ?) ORDER BY id",
     [s("BOB@example.com"), s("none"), ANA[0]]),
    ("NOT IN", "SELECT id FROM people WHERE name NOT IN (?, ?) ORDER BY id", [s("Set"), s("")]),
    ("IS NULL", "SELECT id FROM people WHERE name IS NULL OR note IS NULL ORDER BY id", []),
    ("IS NOT NULL", "SELECT id FROM people WHERE photo IS NOT NULL ORDER BY id", []),
    ("null-safe, a number", "SELECT id FROM people WHERE big <=> ?", [u(2**63)]),
    ("null-safe NULL", "SELECT id FROM people WHERE name <=> NULL ORDER BY id", []),
    ("AND OR NOT", "SELECT id FROM people WHERE NOT (name = ? OR id = ?) AND age = ? ORDER BY id",
     [s("Set"), i(1), i(0)]),
    ("swedish", "SELECT id FROM people WHERE latin = ?", [s("MYLLER")]),
    ("swedish, other", "SELECT id, latin FROM people WHERE latin IN (?, ?)",
     [s("ärger É"), s("Muller")]),
    ("deterministic", "SELECT id FROM people WHERE code = ?", [s("A-1")]),
    ("deterministic, case", "SELECT id FROM people WHERE code = ?", [s("a-1")]),
    ("deterministic IN", "SELECT id FROM people WHERE code IN (?, ?) ORDER BY id",
     [s("😀"), s("Code")]),
    ("integer", "SELECT id, age FROM people WHERE age = ?", [i(42)]),
    ("integer IN", "SELECT id FROM people WHERE age IN (?, ?, ?) ORDER BY id",
     [i(0), i(-7), i(-2**31)]),
    ("integer <>", "SELECT id FROM people WHERE age <> ? ORDER BY id", [i(42)]),
    ("unsigned", "SELECT id, big FROM people WHERE big = ?", [u(2**64 - 1)]),
    ("decimal", "SELECT id, amount FROM people WHERE amount = ?", [d("12345.67")]),
    ("decimal, shorter", "SELECT id FROM people WHERE amount IN (?, ?) ORDER BY id",
     [d("0"), d("-0.010")]),
    ("date", "SELECT id, born FROM people WHERE born = ?", [t("1990-02-28")]),
    ("datetime", "SELECT id, seen FROM people WHERE seen = ?", [t("2024-12-31 23:59:59")]),
    ("bytes", "SELECT id, token FROM people WHERE token = ?", [ANA[9]]),
    ("counts", "SELECT COUNT(*), COUNT(name), COUNT(note) FROM people", []),
    # One row each, without a sort: flags of sorted rows depend on the server's plan.
    ("join", "SELECT p.name, o.item, p.* FROM people p JOIN orders o ON o.person_id = p.id "
             "WHERE p.age = ?", [i(42)]),
    ("left join", "SELECT o.item, p.name FROM people p LEFT JOIN orders AS o "
                  "ON p.id = o.person_id ORDER BY p.id", []),
    ("join by name", "SELECT a.id, b.name FROM people a JOIN people b ON a.name = b.name "
                     "WHERE b.id = ?", [i(2)]),
    ("update", "UPDATE people SET name = ?, amount = ?, note = NULL, plain = ? WHERE id = ?",
     [s("Ana Two"), d("-1.5"), s("changed"), i(1)]),
    ("update by name", "UPDATE people SET born = ?, token = ? WHERE name = ?",
     [t("2001-02-03"), b(b"\xFF\x00"), s("ANA TWO")]),
    ("update nobody", "UPDATE people SET age = ? WHERE name = ?", [i(1), s("nobody")]),
    ("duplicate key, by id", "INSERT INTO people (id, name, plain) VALUES (?, ?, ?) "
                             "ON DUPLICATE KEY UPDATE name = VALUES(name), plain = ?",
     [i(6), s("Doubled"), s("p"), s("on duplicate")]),
    ("duplicate key, by name", "INSERT INTO people (name, age) VALUES (?, ?) "
                               "ON DUPLICATE KEY UPDATE age = ?", [s("DOUBLED"), i(1), i(99)]),
    ("replace", "REPLACE INTO people (id, name, seen) VALUES (?, ?, ?), (?, ?, ?)",
     [i(2), s("Neu ☃"), t("2020-02-29 12:00:00"), i(7), s("seven"), None]),
    ("delete by name", "DELETE FROM people WHERE name = ?", [s("SEVEN")]),
    ("delete IN", "DELETE FROM people WHERE age IN (?, ?)", [i(12345), i(2**31 - 1)]),
    ("all at the end", "SELECT * FROM people ORDER BY id", []),
]

# What some steps must yield on a server, so that two equal wrong answers fail.
EXPECTED_ERRORS = {"a name twice": 1062, "too long": 1406, "out of range": 1264}
EXPECTED_ROWS = {"all": 6, "case": 1, "accent": 1, "padding": 1, "quotes": 1, "empty": 1,
                 "nobody": 0, "not equal": 4, "IN": 2, "NOT IN": 3, "IS NULL": 3,
                 "IS NOT NULL": 3, "null-safe, a number": 1, "null-safe NULL": 1, "AND OR NOT": 1,
                 "swedish": 1, "deterministic": 1, "deterministic, case": 0, "integer": 1,
                 "integer IN": 3, "unsigned": 1, "decimal": 1, "decimal, shorter": 2, "date": 1,
                 "datetime": 1, "bytes": 1, "join": 1, "all at the end": 5}


def as_json():
    return [{"name": name, "sql": sql, "values": values} for name, sql, values in STEPS]


def literal(value):
    """A value as SQL text, for sql_mode without NO_BACKSLASH_ESCAPES."""
    if value is None:
        return "NULL"
    kind, text = value
    if kind == "b":
        return f"X'{text}'"
    if kind in "iud":
        return text
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def as_sql(sql, values):
    parts = sql.split("?")
    assert len(parts) == len(values) + 1, sql
    return "".join(part + literal(value) for part, value in zip(parts, values)) + parts[-1]
