"""A seeded stream of statements on one table whose every column is protected.

A marker stands in string literals where only a value of those columns can
stand, plain or dressed up in everything that SQL has for it; names, blanks and
comments vary. Most are wrong or refused; none may show the marker to the server.
"""

import random

VALUES = (
    "'%s'", '"%s"', "('%s')", "(('%s'))", "_utf8mb4'%s'", "N'%s'", "'a' '%s'", "'%s' 'b'",
    "'x''%s'", "'\\\\%s'", "'%s\\''", "BINARY '%s'", "'%s' COLLATE utf8mb4_bin", "CONCAT('%s','')",
    "(SELECT '%s')", "CASE WHEN 1 THEN '%s' END", "IF(1,'%s',NULL)", "COALESCE('%s')", "@x:='%s'",
    "UPPER('%s')", "/*!50000 '%s'*/", "/*!99999 1 */ '%s'", "{ts '%s'}", "DATE'%s'", "+'%s'",
    "-'%s'", "'%s'||''", "'%s' LIKE 'x'", "'%s',NULL", "NULL,'%s'", "(('%s',1))", "VALUES('%s')",
    "ROW('%s',1)", "'%s' IS NULL", "'%s' IN (1)",
)
COLUMNS = ("a", "b", "c", "`a`", "v.a", "vault.b", "{s}.vault.c", "A", "vault.`c`", "(a)", "((c))",
           "`{s}`.`vault`.`a`")
TABLES = ("vault", "`vault`", "{s}.vault", "VAULT", "{s} . vault", "`{s}`.vault", '"vault"',
          "vault/**/", "/*!50000 vault*/", "/*M!100000 vault*/")
BLANKS = (" ", " ", " ", "\n", "\t", "/**/", " /* x */ ", "-- y\n", "#z\n")
LISTS = ("", "(a)", "(b)", "(c)", "(a,b)", "(`a`)", "(vault.a)", "(v.a)")
CONDITIONS = (
    "{c} = {v}", "{v} = {c}", "{c} <> {v}", "{c}<=>{v}", "{c} IN ({v})", "{c} NOT IN ({v},'q')",
    "{c} LIKE {v}", "{c} > {v}", "{c} BETWEEN {v} AND {v}", "NOT {c}={v}", "({c}, 1) = ({v}, 1)",
    "LOWER({c}) = {v}", "{c} = {v} OR 1", "{c} = ANY (SELECT {v})", "INSTR({c},{v})",
    "EXISTS (SELECT 1 FROM vault WHERE {c}={v})", "{c} REGEXP {v}", "STRCMP({c},{v})",
    "{c} = {v} = 1", "CASE {c} WHEN {v} THEN 1 END", "FIELD({c},{v})",
    "{c} IS NOT NULL AND {c}={v}",
)
REST = (
    "WITH t AS (SELECT * FROM vault WHERE {w}) SELECT * FROM t",
    "EXPLAIN SELECT * FROM vault WHERE {w}", "SET @q=(SELECT 1 FROM vault WHERE {w})",
    "DO (SELECT 1 FROM vault WHERE {w})", "PREPARE s FROM 'UPDATE vault SET a=''{m}'''",
    "EXECUTE IMMEDIATE 'UPDATE vault SET a=''{m}'''", "CALL p((SELECT a FROM vault WHERE {w}))",
    "BEGIN NOT ATOMIC UPDATE vault SET a={v}; END", "SELECT * FROM (SELECT * FROM vault WHERE {w}) d",
    "TABLE vault UNION SELECT {v},1,1 FROM vault",
    "UPDATE vault v, vault w SET v.a={v} WHERE w.b={v}",
    "CREATE VIEW vv AS SELECT * FROM vault WHERE {w}",
    "CREATE TRIGGER tt BEFORE INSERT ON vault FOR EACH ROW SET NEW.a={v}",
    "ALTER TABLE vault ALTER a SET DEFAULT {v}", "HANDLER vault READ a = ({v})",
    "SET STATEMENT max_statement_time=1 FOR UPDATE vault SET a={v}",
)


class Adversary:
    def __init__(self, seed, marker, schema):
        self._random = random.Random(seed)
        self._marker = marker
        self._schema = schema

    def statement(self):
        kind = self._random.random()
        if kind < 0.3:
            return self._insert()
        if kind < 0.4:
            return f"INSERT INTO{self._blank()}{self._table()} SET a{self._blank()}= {self._value()}"
        if kind < 0.5:
            tail = self._pick("", " FROM vault", " UNION SELECT 1")
            return f"INSERT INTO {self._table()} {self._pick(*LISTS)} SELECT {self._value()}{tail}"
        if kind < 0.65:
            tail = self._pick("", f" WHERE {self._condition()}", f", b={self._value()}", " LIMIT 1")
            return f"UPDATE{self._blank()}{self._alias()} SET {self._column()}={self._value()}{tail}"
        if kind < 0.75:
            return f"DELETE FROM {self._table()} WHERE {self._condition()}"
        if kind < 0.9:
            return self._select()
        return self._pick(*REST).format(w=self._condition(), v=self._value(), m=self._marker)

    def _insert(self):
        columns = self._pick(*LISTS)
        count = columns.count(",") + 1 if columns else 3
        row = ",".join(self._value() for _ in range(count))
        verb = self._pick("INSERT", "REPLACE", "INSERT IGNORE", "insert LOW_PRIORITY")
        tail = self._pick("", f",({row})", f" ON DUPLICATE KEY UPDATE a={self._value()}",
                          f" AS n ON DUPLICATE KEY UPDATE a=n.a, b={self._value()}",
                          " RETURNING a", ";", "; SELECT 1")
        return (f"{verb}{self._blank()}{self._pick('INTO ', '')}{self._table()} {columns}"
                f"{self._blank()}{self._pick('VALUES', 'VALUE')}{self._blank()}({row}){tail}")

    def _select(self):
        items = self._pick("1", "a", "*", "COUNT(*)", "v.*", "a AS z")
        join = self._pick("", "JOIN vault w ON w.a=v.a",
                          f"LEFT JOIN vault w ON w.c={self._value()}")
        tail = self._pick("", " ORDER BY 1", " GROUP BY a", " LIMIT 1",
                          f" HAVING {self._condition()}")
        return (f"SELECT{self._blank()}{items} FROM {self._alias()} {join} "
                f"WHERE {self._condition()}{tail}")

    def _pick(self, *choices):
        return self._random.choice(choices)

    def _blank(self):
        return self._pick(*BLANKS)

    def _value(self):
        plain = self._random.random() < 0.5
        return (VALUES[0] if plain else self._pick(*VALUES)) % self._marker

    def _column(self):
        return self._pick(*COLUMNS).format(s=self._schema)

    def _table(self):
        plain = self._random.random() < 0.6
        return "vault" if plain else self._pick(*TABLES).format(s=self._schema)

    def _alias(self):
        return self._table() + self._pick("", " v", " AS v")

    def _condition(self):
        return self._pick(*CONDITIONS).format(c=self._column(), v=self._value())
