"""Random statements that read."""

from dataclasses import replace

from expressions import Ref, number
from statement import Statement, joined


class Selects:
    """Mixed into a Maker."""

    def select(self):
        return self.pick((34, self.simple), (10, self.grouped), (8, self.distinct),
                         (8, self.union), (8, self.derived), (6, self.common_table),
                         (6, self.counted), (3, self.window), (2, self.whole_table),
                         (2, self.recursive))

    # FROM.

    def source(self):
        """(parts of the FROM clause, scope, [names whose order is total])."""
        first = self.readable()
        if self.chance(0.55):
            alias = self.rng.choice((first.name, "a", "a"))
            as_ = "" if alias == first.name else f" {alias}"
            return [f"{first.name}{as_}"], self.refs(first, alias), [f"{alias}.id"]
        second = self.readable()
        a, b = self.refs(first, "a"), self.refs(second, "b")
        if self.chance(0.1):
            parts, common = self.join_using(first, second, a, b)
            return parts, a + b + common, ["a.id", "b.id"]
        parts = self.pick(
            (4, lambda: self.join_on(first, second, a, b)),
            (1, lambda: [f"{first.name} a, {second.name} b"]),
            (2, lambda: [f"{first.name} a {self.join_word()} {second.name} b USING (id)"]),
            (1, lambda: [f"{first.name} a NATURAL JOIN {second.name} b"]))
        return parts, a + b, ["a.id", "b.id"]

    def join_word(self):
        return self.rng.choice(("JOIN", "INNER JOIN", "LEFT JOIN", "RIGHT JOIN"))

    def join_using(self, first, second, a, b):
        """Of a column that both have; and that, as its name alone means it."""
        pairs = [(x, y) for x in a[1:] for y in b[1:] if x.column.name == y.column.name]
        able = [(x, y) for x, y in pairs
                if x.group == y.group and x.column.mode in ("", "deterministic")]
        if not pairs:
            return self.join_on(first, second, a, b), []
        left, right = self.rng.choice(able or pairs)
        word = self.join_word()
        name = left.column.name
        common = (right if "RIGHT" in word else left).column
        return ([f"{first.name} a {word} {second.name} b USING ({name})"],
                [Ref(name, common)] * 3)

    def join_on(self, first, second, a, b):
        left = self.column(a)
        right = self.mate(b, Ref("", left.column))
        if right is None:
            left, right = a[0], b[0]
        extra = [" AND ", self.condition(a + b, 0)] if self.chance(0.2) else []
        return [f"{first.name} a {self.join_word()} {second.name} b ON {left.name} = {right.name}",
                extra]

    def where(self, scope, always=False):
        if not always and self.chance(0.15):
            return []
        return [" WHERE ", self.condition(scope)]

    def tail(self, total):
        """ORDER BY and LIMIT, or neither; and whether the order is total."""
        if self.chance(0.6):
            return [], False
        down = self.rng.choice(("", " DESC"))
        parts = [" ORDER BY " + ", ".join(name + down for name in total)]
        if self.chance(0.4):
            parts.append(f" LIMIT {self.rng.randint(0, 5)}")
            if self.chance(0.3):
                parts.append(f" OFFSET {self.rng.randint(0, 3)}")
        if self.chance(0.05):
            parts.append(" FOR UPDATE")
        return parts, True

    # Statements.

    def simple(self):
        source, scope, total = self.source()
        items = [self.expression(scope) for _ in range(self.rng.randint(1, 4))]
        if self.chance(0.2):
            items = ["*"]
        elif self.chance(0.15):
            items = [[scope[0].name.split(".")[0] + ".*"], *items]
        items = [[i, f" AS x{n}"] if i != "*" and self.chance(0.2) and "*" not in str(i) else i
                 for n, i in enumerate(items)]
        tail, ordered = self.tail(total)
        return Statement(["SELECT ", joined(items), " FROM ", source, self.where(scope), tail],
                         "select", ordered)

    def keys(self, scope, most=2):
        """Distinct columns to group by, and what of them folds."""
        refs = [self.column(scope) for _ in range(self.rng.randint(1, most))]
        refs = [r for r in dict.fromkeys(refs) if r.column.family != "json"] or [scope[0]]
        return refs

    def folds(self, refs):
        # A NULL-padded CHAR or a number with a sign has no variants; text has.
        return {n: r.column.collation for n, r in enumerate(refs) if r.column.collation}

    def aggregate(self, scope):
        ref = self.column(scope)
        plain = [r for r in scope if not r.column.mode and r.column.family == "int"]
        return self.pick(
            (4, lambda: ["COUNT(*)"]), (3, lambda: [f"COUNT({ref.name})"]),
            (4, lambda: [f"COUNT(DISTINCT {ref.name})"]),
            (1, lambda: [f"COUNT(DISTINCT {ref.name}, {scope[0].name})"]),
            (2, lambda: [f"SUM({self.rng.choice(plain or scope[:1]).name})"]),
            (2, lambda: [f"MAX({self.rng.choice(plain or scope[:1]).name})"]),
            (1, lambda: [f"{self.rng.choice(('MIN', 'MAX', 'SUM', 'GROUP_CONCAT'))}({ref.name})"]
             if ref.column.mode else ["COUNT(*)"]),
            (1, lambda: ["SUM(", self.condition(scope, 0), ")"]))

    def grouped(self):
        source, scope, _ = self.source()
        refs = self.keys(scope)
        names = [r.name for r in refs]
        items = [*names, *(self.aggregate(scope) for _ in range(self.rng.randint(1, 2)))]
        having = self.pick((5, list), (2, lambda: [" HAVING COUNT(*) > ", number(1)]),
                           (1, lambda: [" HAVING ", self.equality(refs[0])]))
        by = names if self.chance(0.85) else [str(n + 1) for n in range(len(names))]
        return Statement(["SELECT ", joined(items), " FROM ", source, self.where(scope),
                          " GROUP BY " + ", ".join(by), having], "group by",
                         folds=self.folds(refs))

    def distinct(self):
        source, scope, _ = self.source()
        refs = self.keys(scope, 3)
        order = f" ORDER BY {self.rng.choice(refs).name}" if self.chance(0.2) else ""
        return Statement(["SELECT DISTINCT " + ", ".join(r.name for r in refs), " FROM ", source,
                          self.where(scope), order], "distinct", folds=self.folds(refs))

    def counted(self):
        source, scope, _ = self.source()
        items = [self.aggregate(scope) for _ in range(self.rng.randint(1, 3))]
        return Statement(["SELECT ", joined(items), " FROM ", source, self.where(scope)], "count")

    def union(self):
        parts, refs, folds = self.set_operation()
        names = [r.name.split(".")[1] for r in refs]
        twice = len(set(names)) < len(names)
        if self.chance(0.15) and not twice:
            return Statement(["SELECT * FROM (", parts, ") d"], "union", folds=folds)
        if self.chance(0.12):
            listed = ", ".join(f"n{n}" for n in range(len(refs)))
            return Statement([f"WITH c ({listed}) AS (", parts, ") SELECT c.n0, COUNT(*) FROM c "
                              "GROUP BY c.n0"], "union", folds=self.folds(refs[:1]))
        if self.chance(0.08):
            table = self.readable()
            return Statement([f"SELECT o.id FROM {table.name} o WHERE EXISTS (", parts, ")"],
                             "union")
        tail = " ORDER BY 1" if refs[0].column.name == "id" and self.chance(0.5) else ""
        return Statement([parts, tail], "union", folds=folds)

    def set_operation(self):
        """A set operation, what its columns are, and what of them folds."""
        first = self.readable()
        scope = self.refs(first, "a")
        refs = [self.column(scope) for _ in range(self.rng.randint(1, 3))]
        if self.chance(0.3):
            refs.insert(0, scope[0])
        refs = [r for r in refs if r.column.family != "json"] or [scope[0]]
        word = self.rng.choice(("UNION", "UNION ALL", "UNION", "EXCEPT", "INTERSECT"))
        mixed = self.chance(0.3)
        if mixed:  # MariaDB makes derived tables of some, and takes no name twice there
            refs = list(dict.fromkeys(refs))
        parts, words = [self.branch(first, refs)], set()
        for _ in range(self.rng.randint(1, 3)):
            if mixed:
                word = self.rng.choice(("UNION", "UNION DISTINCT", "UNION ALL", "EXCEPT",
                                        "INTERSECT"))
            words.add(word)
            second = self.readable()
            mates = [self.mate(self.refs(second, "a"), Ref("", r.column)) for r in refs]
            if None in mates or mixed and len(set(mates)) < len(mates):
                second, mates = first, refs
            branch = self.branch(second, mates)
            if self.chance(0.15):
                branch = ["(", branch, self.rng.choice(("", f" ORDER BY a.id LIMIT {second.next_id}")),
                          ")"]
            parts += [f" {word} ", branch]
        if self.chance(0.1):
            parts += [f" {word} SELECT ", joined([self.value(r.column) for r in refs])]
        return parts, refs, {} if words == {"UNION ALL"} else self.folds(refs)

    def branch(self, table, refs):
        scope = self.refs(table, "a")
        return ["SELECT " + ", ".join(r.name for r in refs) + f" FROM {table.name} a",
                self.where(scope)]

    def inner(self, alias):
        """A query of some columns of a table, and their Refs from outside."""
        table = self.readable()
        scope = self.refs(table, "i")
        refs = [scope[0], *dict.fromkeys(self.column(scope) for _ in range(3))]
        refs = list(dict.fromkeys(refs))
        items, outside = [], []
        for ref in refs:
            name = ref.column.name
            if name != "id" and self.chance(0.3):
                name = f"r_{name}"
            items.append(ref.name + (f" AS {name}" if name != ref.column.name else ""))
            outside.append(Ref(f"{alias}.{name}", replace(
                ref.column, name=name, domain=ref.column.domain)))
        limit = f" ORDER BY i.id LIMIT {self.rng.randint(1, 9)}" if self.chance(0.15) else ""
        return ["SELECT " + ", ".join(items) + f" FROM {table.name} i", self.where(scope),
                limit], outside

    def derived(self):
        query, scope = self.inner("d")
        source, extra = ["(", query, ") d"], []
        total = ["d.id"]
        if self.chance(0.4):
            table = self.readable()
            extra = self.refs(table, "t")
            left = self.column(scope)
            right = self.mate(extra, Ref("", left.column)) or extra[0]
            if right.group != left.group:
                left = scope[0]
            source += [f" {self.join_word()} {table.name} t ON {left.name} = {right.name}"]
            total.append("t.id")
        scope = scope + extra
        items = ["*"] if self.chance(0.2) else [self.expression(scope) for _ in range(2)]
        tail, ordered = self.tail(total)
        return Statement(["SELECT ", joined(items), " FROM ", source, self.where(scope), tail],
                         "derived table", ordered)

    def common_table(self):
        query, scope = self.inner("c")
        items = ["*"] if self.chance(0.2) else [self.expression(scope) for _ in range(2)]
        tail, ordered = self.tail(["c.id"])
        names = ", ".join(r.name.split(".")[1] for r in scope)
        listed = f" ({names})" if self.chance(0.3) else ""
        return Statement([f"WITH c{listed} AS (", query, ") SELECT ", joined(items), " FROM c",
                          self.where(scope), tail], "common table", ordered)

    def recursive(self):
        table = self.readable()
        scope = self.refs(table, "a")
        return Statement(["WITH RECURSIVE n AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM n WHERE "
                          "n < 4) SELECT n.n, ", self.expression(scope),
                          f" FROM n JOIN {table.name} a ON a.id = n.n", self.where(scope)],
                         "recursive")

    def window(self):
        table = self.readable()
        scope = self.refs(table, "a")
        ref = self.column(scope)
        over = self.rng.choice((f"PARTITION BY {ref.name}", f"PARTITION BY {ref.name} ORDER BY a.id",
                                "ORDER BY a.id"))
        if ref.column.family == "json":
            over = "ORDER BY a.id"
        call = self.rng.choice(("COUNT(*)", "ROW_NUMBER()", "RANK()"))
        if call == "ROW_NUMBER()" and "ORDER" not in over:
            call = "COUNT(*)"
        return Statement([f"SELECT a.id, {call} OVER ({over}) FROM {table.name} a",
                          self.where(scope)], "window")

    def whole_table(self):
        table = self.readable()
        return Statement([self.rng.choice((f"TABLE {table.name}", f"SELECT * FROM {table.name}",
                                           f"SELECT {table.name}.* FROM {table.name}",
                                           f"SELECT COUNT(*) FROM {table.name}",
                                           f"(SELECT id FROM {table.name})"))], "whole table")
