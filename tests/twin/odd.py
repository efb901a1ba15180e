"""Statements of rarer kinds: what most of them do with a protected column has to
be refused."""

from expressions import Ref, number
from statement import Statement, joined
from values import Value, draw, literal


class Odd:
    """Mixed into a Maker."""

    def odd(self):
        return self.pick((4, self.to_variable), (3, self.ordered_by), (3, self.arithmetic),
                         (4, self.windows), (3, self.having), (3, self.values_statement),
                         (3, self.lateral), (3, self.ordered_union), (2, self.text_prepared),
                         (2, self.scalar_compared), (2, self.grouped_derived), (1, self.handler),
                         (3, self.nested))

    def _read(self, parts, kind="odd", ordered=False, folds=None):
        return Statement(parts, kind, ordered, folds=folds or {})

    def to_variable(self):
        table = self.table()
        ref = self.column(self.refs(table, "a"))
        by_id = number(self.rng.randint(1, 20))
        return self.rng.choice((
            self._read([f"SELECT {ref.name} INTO @v FROM {table.name} a WHERE a.id = ", by_id]),
            self._read([f"SET @v = (SELECT {ref.name} FROM {table.name} a WHERE a.id = ", by_id, ")"]),
            self._read([f"DO (SELECT {ref.name} FROM {table.name} a WHERE a.id = ", by_id, ")"]),
            self._read([f"SELECT @v := {ref.name} FROM {table.name} a WHERE a.id = ", by_id]),
            self._read([f"SELECT a.id FROM {table.name} a WHERE {ref.name} = @v"]),
            self._read([f"SELECT a.id INTO @w FROM {table.name} a WHERE a.id = ", by_id])))

    def ordered_by(self):
        source, scope, total = self.source()
        ref = self.column(scope)
        down = self.rng.choice(("", " DESC"))
        return self._read(["SELECT ", ref.name, " FROM ", source, self.where(scope),
                           f" ORDER BY {ref.name}{down}, ", ", ".join(total)], "order by", True)

    def arithmetic(self):
        source, scope, _ = self.source()
        ref = self.column(scope)
        form = self.rng.choice(("{} + 1", "{} * 2", "-{}", "{} || 'x'", "CONCAT({}, 1)", "{} DIV 2",
                                "~{}", "{} IS TRUE", "NOT {}", "{} AND 1", "MD5({})", "{} -> '$.a'",
                                "SUBSTRING({}, 1, 1)", "BINARY {}", "ROUND({})", "JSON_ARRAY({})",
                                "ELT(1, {})", "ISNULL({})", "STRCMP({}, 'a')", "FIELD({}, 'a')",
                                "INTERVAL({}, 1)", "DATE({})"))
        if not ref.column.mode:
            form = "{} IS NULL"
        return self._read(["SELECT ", form.format(ref.name), " FROM ", source, self.where(scope)],
                          "function")

    def windows(self):
        table = self.table()
        scope = self.refs(table, "a")
        ref = self.column(scope)
        if ref.column.family == "json":
            ref = scope[0]
        numbers = [r for r in scope if not r.column.mode and r.column.family == "int"]
        plain = self.rng.choice(numbers or scope[:1])
        call = self.rng.choice((
            f"FIRST_VALUE({ref.name}) OVER (ORDER BY a.id)",
            f"LAST_VALUE({ref.name}) OVER (ORDER BY a.id)",
            f"NTH_VALUE({ref.name}, 2) OVER (ORDER BY a.id)",
            f"LAG({ref.name}) OVER (ORDER BY a.id)", f"LEAD({ref.name}, 2) OVER (ORDER BY a.id)",
            f"SUM({plain.name}) OVER (PARTITION BY {ref.name})",
            f"MAX({plain.name}) OVER (ORDER BY a.id)", f"COUNT({ref.name}) OVER (ORDER BY a.id)",
            f"MAX({ref.name}) OVER (ORDER BY a.id)", f"RANK() OVER (ORDER BY {ref.name})",
            "ROW_NUMBER() OVER w"))
        named = " WINDOW w AS (ORDER BY a.id)" if call.endswith(" w") else ""
        other = self.column(scope)
        return self._read([f"SELECT a.id, {other.name}, {call} FROM {table.name} a",
                           self.where(scope), named, " ORDER BY a.id"], "window", True)

    def having(self):
        table = self.table()
        scope = self.refs(table, "a")
        ref = self.column([r for r in scope if r.column.family != "json"])
        tests = [
            [f"{ref.name} IN (", joined([self.comparable(ref.column) for _ in range(2)]), ")"],
            [f"COUNT(DISTINCT {ref.name}) = 1"], [f"MIN({ref.name}) = ", self.comparable(ref.column)],
            [f"{ref.name} IS NOT NULL AND SUM(a.id) > ", number(10)]]
        if self.world.kind == "mysql":
            # MariaDB finds no group then, when it materialises the subquery.
            tests.append(f"MAX(a.id) = ANY (SELECT s.id FROM {table.name} s)")
        test = self.rng.choice(tests)
        return self._read([f"SELECT {ref.name}, COUNT(*) AS n FROM {table.name} a", self.where(scope),
                           f" GROUP BY {ref.name} HAVING ", test], "group by",
                          folds=self.folds([ref]))

    def values_statement(self):
        """A table value constructor, alone and beside protected columns."""
        table = self.table()
        ref = self.column(self.refs(table, "a"))
        row = "ROW" if self.world.kind == "mysql" else ""
        # MariaDB names the columns by the first row, and they have to differ.
        rows = [[f"{row}(", self.comparable(ref.column), f", {n} + 0)"] for n in (1, 2)]
        column = "column_0" if self.world.kind == "mysql" else "x"
        return self.rng.choice((
            self._read([f"VALUES {row}(1, 'a'), {row}(", number(2), ", NULL)"], "values"),
            self._read([f"SELECT {ref.name}, a.id FROM {table.name} a UNION ALL VALUES ",
                        joined(rows)], "values"),
            self._read([f"SELECT a.id FROM {table.name} a WHERE {ref.name} IN (SELECT {column} FROM "
                        "(VALUES ", joined(rows), ") v)"], "values"),
            self._read([f"TABLE {table.name} ORDER BY id LIMIT 3"], "values",
                       True),
            self._read([f"SELECT a.id FROM {table.name} a WHERE ({ref.name}, a.id) IN (VALUES ",
                        joined(rows), ")"], "values")))

    def lateral(self):
        first, second = self.table(), self.table()
        a, b = self.refs(first, "a"), self.refs(second, "b")
        left = self.column(a)
        right = self.mate(b, Ref("", left.column)) or b[0]
        left = left if right.group == left.group else a[0]
        shown = self.column(b)
        limit = self.rng.choice(("", " ORDER BY b.id LIMIT 1"))
        query = (f"SELECT b.id AS bid, {shown.name} AS x FROM {second.name} b WHERE {right.name} = "
                 f"{left.name}{limit}")
        join = self.rng.choice((f", LATERAL ({query}) l", f" JOIN LATERAL ({query}) l ON TRUE",
                                f" LEFT JOIN LATERAL ({query}) l ON l.bid = a.id"))
        if self.world.kind == "mariadb":
            join = f" JOIN ({query.split(' WHERE ')[0]}) l ON l.bid = a.id"
        return self._read([f"SELECT a.id, {self.column(a).name}, l.bid, l.x FROM {first.name} a{join}",
                           self.where(a)], "lateral")

    def ordered_union(self):
        table, other = self.table(), self.table()
        ref = self.column(self.refs(table, "a"))
        mate = self.mate(self.refs(other, "a"), Ref("", ref.column))
        if mate is None:
            other, mate = table, ref
        word = self.rng.choice(("UNION ALL", "UNION ALL", "UNION"))
        first = [f"SELECT a.id AS k, {ref.name} AS v FROM {table.name} a", self.where(self.refs(table, "a"))]
        second = [f"SELECT a.id + 1000, {mate.name} FROM {other.name} a",
                  self.where(self.refs(other, "a"))]
        folds = {} if word == "UNION ALL" else self.folds([Ref("", ID_LIKE), ref])
        form = self.rng.randint(0, 2)
        if self.chance(0.15):
            second = ["SELECT 0, ", self.comparable(ref.column)]
            form = 2
        if form == 0:
            return self._read([first, f" {word} ", second, " ORDER BY k LIMIT 7"], "union", True, folds)
        if form == 1:
            return self._read(["(", first, f" ORDER BY a.id LIMIT 2) {word} (", second,
                               " ORDER BY a.id DESC LIMIT 3)"], "union", False, folds)
        return self._read(["SELECT d.v, d.k FROM (", first, f" {word} ", second, ") d WHERE d.v = ",
                           self.comparable(ref.column), " OR d.k < ", number(5)], "union", False,
                          {0: folds[1]} if 1 in folds else {})

    def text_prepared(self):
        """PREPARE as text and EXECUTE, one after the other."""
        table = self.table()
        ref = self.column(self.refs(table, "a"))
        # Nothing says of a variable what it will be compared with: no marker here.
        value = literal(draw(self.rng, ref.column), self.state)
        query = self.rng.choice((f"SELECT a.id, {ref.name} FROM {table.name} a WHERE {ref.name} = ?",
                                 f"SELECT a.id FROM {table.name} a WHERE a.id = ?",
                                 f"SELECT COUNT(*) FROM {table.name} a"))
        quoted = literal(Value("s", query), self.state)
        using = " USING @p" if "?" in query else ""
        texts = (f"SET @p = {value}", f"PREPARE s1 FROM {quoted}", f"EXECUTE s1{using}",
                 "DEALLOCATE PREPARE s1")
        if self.world.kind == "mariadb" and self.chance(0.3):
            texts = (f"EXECUTE IMMEDIATE {quoted}" + (f" USING {value}" if using else ""),)
        return [Statement([t], "prepare as text", session=True) for t in texts]

    def scalar_compared(self):
        table, other = self.table(), self.table()
        scope = self.refs(table, "a")
        ref = self.column(scope)
        mate = self.mate(self.refs(other, "q"), Ref("", ref.column)) or Ref(
            f"q.{ref.column.name}", ref.column)
        if mate.name == f"q.{ref.column.name}" and ref.column not in other.columns:
            other = table
        at = number(self.rng.randint(1, 30))
        query = [f"(SELECT {mate.name} FROM {other.name} q WHERE q.id = ", at, ")"]
        side = self.rng.choice((ref.name, self.comparable(ref.column)))
        # Of several NULLs in a unique key, `subquery <=> column` finds one only.
        unique = any(f"({ref.column.name})" in key for key in table.keys)
        word = self.rng.choice(("=", "<>", "=" if unique else "<=>"))
        return self._read([f"SELECT a.id FROM {table.name} a WHERE ", query, f" {word} ", side],
                          "scalar subquery")

    def grouped_derived(self):
        table = self.table()
        scope = self.refs(table, "i")
        ref = self.column([r for r in scope if r.column.family != "json"])
        inner = self.rng.choice((
            [f"SELECT {ref.name} AS v, COUNT(*) AS n FROM {table.name} i", self.where(scope),
             f" GROUP BY {ref.name}"],
            [f"SELECT DISTINCT {ref.name} AS v, 1 AS n FROM {table.name} i", self.where(scope)]))
        return self._read(["SELECT d.v, d.n FROM (", inner, ") d WHERE d.v ",
                           self.rng.choice(("= ", "<> ")), self.comparable(ref.column)],
                          "derived table", folds=self.folds([ref]))

    def handler(self):
        table = self.table()
        return self._read([self.rng.choice((f"HANDLER {table.name} OPEN",
                                            f"SELECT * FROM {table.name} INTO OUTFILE 'x'",
                                            f"SELECT * FROM {table.name} PROCEDURE ANALYSE()",
                                            f"CHECKSUM TABLE {table.name}x",
                                            f"CALL p{table.name}()"))])

    def nested(self):
        """Derived tables and common tables in each other."""
        query, scope = self.inner("d")
        ref = self.column(scope)
        name = ref.name.split(".")[1]
        again = ["SELECT e.", name, " AS y, e.id FROM (SELECT d.", name, ", d.id FROM (", query,
                 ") d", self.where(scope), ") e"]
        if self.chance(0.4):
            again = ["WITH w AS (", again, ") SELECT w.y, w.id FROM w WHERE w.y IS NOT NULL"]
        return self._read(again, "derived table")


ID_LIKE = type("Plain", (), {"collation": ""})()
