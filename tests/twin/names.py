"""Statements in which it takes care to tell what a name means: aliases of one name,
or that differ in case, expressions without a name, aliases that subqueries see."""

from expressions import Ref, number
from statement import Statement, joined
from values import draw


class Names:
    """Mixed into a Maker."""

    def named(self):
        return self.pick((3, self.shadowed), (2, self.unnamed), (2, self.renamed), (2, self.common),
                         (2, self.seen_by_subquery), (2, self.common_columns),
                         (2, self.row_of_itself), (2, self.select_on_duplicate),
                         (2, self.behind_parentheses))

    def _read(self, parts):
        return Statement(parts, "names")

    def _any(self, ref):
        """A value without a marker: what it is compared with may not be protected."""
        return draw(self.rng, ref.column)

    def _column(self, table, alias):
        ref = self.column([r for r in self.refs(table, alias) if r.column.family != "json"])
        return ref, ref.name.split(".")[1]

    def shadowed(self):
        """The same alias within and without, or one that differs in case."""
        outer, inner = self.table(), self.table()
        ref, name = self._column(outer, "a")
        alias = self.rng.choice(("a", "A", "a", outer.name))
        qualifier = self.rng.choice(("a", "A", alias))
        first = f"{outer.name} a" if alias != outer.name else outer.name
        qualifier = outer.name if alias == outer.name else qualifier
        return self._read([f"SELECT 1 FROM {first} WHERE EXISTS (SELECT 1 FROM {inner.name} AS {alias} "
                           f"WHERE {qualifier}.{name} = ", self._any(ref), ")"])

    def behind_parentheses(self):
        """ORDER BY of a block in parentheses: a column of it, or an alias called so."""
        table = self.table()
        ref, name = self._column(table, "a")
        selected = self.rng.choice((f"-a.id AS {name}", f"a.{name}", f"a.{name} AS {name}", "a.id AS p"))
        opened = self.rng.choice(("(", "(("))
        closed = ")" * len(opened)
        use = self.rng.choice((f"{name} IS NULL", name, f"a.{name}"))
        condition = [use] if "NULL" in use else [f"{use} = ", self.comparable(ref.column)]
        tail = f", n LIMIT {self.rng.randint(1, 4)}"
        parts = [f"{opened}SELECT {selected}, a.id AS n FROM {table.name} a{closed} ORDER BY ",
                 *condition, self.rng.choice(("", " DESC")), tail]
        if self.rng.random() < 0.3:
            parts = ["SELECT * FROM (", *parts, ") d"]
        return self._read(parts)

    def unnamed(self):
        """An expression by its text, alone or beside a table that may have such a column."""
        table, other = self.table(), self.table()
        ref, name = self._column(table, "a")
        text = self.rng.choice((f"COALESCE({name})", f"COALESCE({name}, {name})"))
        source = self.rng.choice(("", f", {other.name} o", f" JOIN {other.name} o ON TRUE"))
        return self.rng.choice((
            self._read([f"SELECT 1 FROM (SELECT {text} FROM {table.name}) d{source} WHERE `{text}` = ",
                        self.comparable(ref.column)]),
            self._read([f"SELECT `{text}` FROM (SELECT {text} FROM {table.name}) d{source}"]),
            self._read([f"SELECT 1 FROM (SELECT {text}, id AS i FROM {table.name}) d NATURAL JOIN "
                        f"(SELECT {text} FROM {table.name}) e"]),
            self._read([f"SELECT x FROM (SELECT 'x' UNION ALL SELECT {name} FROM {table.name}) d{source} "
                        "WHERE x = ", self.comparable(ref.column)])))

    def renamed(self):
        """Aliases that the servers take for one, or not: of other case, with blanks."""
        table, other = self.table(), self.table()
        ref, name = self._column(table, "a")
        alias, used = self.rng.choice((("Zed", "zED"), ("` zed`", "zed"), ("\u00f6", "\u00d6"),
                                       ("`z d`", "`Z D`"), ("\u00e9z", "ez"), ("'zed'", "zed")))
        source = self.rng.choice(("", f", {other.name} o"))
        return self._read([f"SELECT 1 FROM (SELECT {name} AS {alias} FROM {table.name}) d{source} WHERE "
                           f"{used} = ", self._any(ref)])

    def common(self):
        """Common tables of a table's name, of other case, and TABLE of one."""
        table = self.table()
        ref, name = self._column(table, "a")
        forms = [[f"WITH {table.name.upper()} AS (SELECT 1 AS id, 'x' AS {name}) SELECT id FROM "
                  f"{table.name} WHERE {name} = ", self._any(ref)],
                 [f"WITH {table.name} AS (SELECT id, {name} FROM {table.name}) SELECT id FROM "
                  f"{table.name} WHERE {name} = ", self.comparable(ref.column)],
                 [f"WITH Ct AS (SELECT id, {name} AS z FROM {table.name}) SELECT id FROM cT WHERE z = ",
                  self.comparable(ref.column)]]
        if self.world.kind == "mysql":
            forms.append([f"WITH ct AS (SELECT {name} FROM {table.name}) TABLE ct"])
            forms.append([f"WITH ct AS (SELECT {name} FROM {table.name}) SELECT id FROM {table.name} "
                          "WHERE ", self.comparable(ref.column), " IN (TABLE ct)"])
        return self._read(self.rng.choice(forms))

    def seen_by_subquery(self):
        """A literal's alias, read by a subquery of the same list."""
        table, other = self.table(), self.table()
        ref, name = self._column(table, "a")
        seen = self._column(other, "s")[0]
        reads = self.rng.choice((f"(SELECT COUNT(*) FROM {other.name} s WHERE {seen.name} = n)",
                                 "(SELECT HEX(n))", "(SELECT n)"))
        return self._read([f"SELECT {name}, '1' FROM {table.name} UNION ALL SELECT ",
                           self.value(ref.column), f" AS n, {reads}"])

    def common_columns(self):
        """What * shows of a join with common columns."""
        table, other = self.table(), self.table()
        name = self._column(table, "a")[1]
        inner = self.rng.choice((f"(SELECT {name} AS zz, id FROM {table.name})",
                                 f"(SELECT COALESCE({name}) AS zz, id FROM {table.name})"))
        join = self.rng.choice(("LEFT JOIN {} b USING (id)", "JOIN {} b USING (id)"))
        return self._read([f"SELECT * FROM {inner} a " + join.format(other.name)])

    def row_of_itself(self):
        """Values of a new row that read it."""
        table = self.table()
        columns = table.columns[1:]
        column, read = self.rng.choice(columns), self.rng.choice(columns)
        table.next_id += 1
        form = self.rng.choice(("IF({} IS NULL, 1, 2)", "{}", "IF({} = 'a', 1, 2)"))
        value = form.format(read.name)
        rest = [c for c in columns if not c.nullable and c is not column]
        sets = [["id = ", number(table.next_id)], [f"{column.name} = {value}"],
                *([f"{c.name} = ", self.stored(table, c)] for c in rest)]
        if self.chance(0.5):
            sets.append([f"{read.name} = ", self.stored(table, read)])
        return Statement([f"INSERT INTO {table.name} SET ", joined(sets)], "insert", writes=True)

    def select_on_duplicate(self):
        """ON DUPLICATE KEY UPDATE with the columns of the query that is read."""
        into, source = self.table(), self.table()
        changed = self.rng.choice(into.columns[1:])
        name = self._column(source, "s")[1]
        mate = self.mate(self.refs(source, "s"), Ref("", changed))
        value = self.rng.choice((f"({name} IS NULL)", f"s.{name}", name, f"VALUES({changed.name})",
                                 mate.name if mate else name))
        return Statement([f"INSERT INTO {into.name} (id) SELECT s.id FROM {source.name} s WHERE s.id < ",
                          number(5), f" ORDER BY s.id ON DUPLICATE KEY UPDATE {changed.name} = {value}"],
                         "insert select", writes=True)
