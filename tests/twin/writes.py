"""Random statements that change rows."""

from expressions import Ref, number
from statement import Statement, joined
from values import NULL, Value

MOST_ROWS = 60


class Writes:
    """Mixed into a Maker."""

    def write(self):
        return self.pick((40, self.insert), (22, self.update), (8, self.delete),
                         (7, self.insert_select), (5, self.update_many), (3, self.delete_many))

    def new_id(self, table, fresh=0.75):
        if self.chance(fresh):
            table.next_id += 1
            return number(table.next_id)
        return number(self.rng.randint(max(1, table.next_id - MOST_ROWS), table.next_id + 1))

    def insert(self):
        table = self.table()
        if table.next_id % MOST_ROWS == 0:
            table.next_id += 1
            return Statement([f"DELETE FROM {table.name} WHERE id < ",
                              number(table.next_id - 20)], "delete", writes=True)
        verb = self.rng.choice(("INSERT INTO",) * 7 + ("REPLACE INTO", "INSERT IGNORE INTO",
                                                       "REPLACE"))
        columns = table.columns
        if self.chance(0.6):
            columns = [c for c in columns if c.name == "id" or self.chance(0.75)]
        listed = columns is not table.columns or self.chance(0.5)
        # MySQL's REPLACE updates in place by the last unique key, and a key over a
        # prefix comes elsewhere; so other numbers are used up.
        if table.auto and not verb.startswith("REPLACE") and listed and self.chance(0.4) and len(columns) > 1:
            columns = columns[1:]
        if self.chance(0.3):
            order = list(columns)
            self.rng.shuffle(order)
            columns, listed = order, True
        if self.chance(0.12):
            parts = [f"{verb} {table.name} SET ", joined(
                [[c.name, " = ", self.stored(table, c)] for c in columns])]
        else:
            names = f" ({', '.join(c.name for c in columns)})" if listed else ""
            rows = [["(", joined([self.stored(table, c) for c in columns]), ")"]
                    for _ in range(self.rng.choice((1, 1, 1, 2, 3)))]
            parts = [f"{verb} {table.name}{names} ", self.rng.choice(("VALUES ", "VALUE ")),
                     joined(rows)]
        if verb.startswith("INSERT") and self.chance(0.2):
            parts.append(self.on_duplicate(table, parts))
        if self.world.kind == "mariadb" and self.chance(0.08):
            refs = [self.column([Ref(c.name, c) for c in table.columns]) for _ in range(2)]
            parts.append(" RETURNING " + ", ".join(r.name for r in refs))
        return Statement(parts, "insert", writes=True)

    def has_default(self, column):
        """IGNORE gives a JSON of MySQL without one no bytes: null, but not equal to null."""
        return column.family != "json" or column.nullable or self.world.kind != "mysql"

    def stored(self, table, column):
        if column.name == "id":
            return self.new_id(table)
        if self.chance(0.04) and self.has_default(column):
            return "DEFAULT"
        value = self.value(column)
        if not column.nullable and value == NULL and self.chance(0.9):
            return self.stored(table, column)
        return value

    def on_duplicate(self, table, parts):
        column = self.column([Ref(c.name, c) for c in table.columns[1:]]).column
        alias = self.world.kind == "mysql" and self.chance(0.3)
        value = self.pick((3, lambda: self.value(column)),
                          (3, lambda: f"new.{column.name}" if alias else f"VALUES({column.name})"),
                          (1, lambda: column.name),
                          (1, lambda: ["IF(", column.name, " <=> ", f"VALUES({column.name})", ", ",
                                       column.name, ", ", self.value(column), ")"]))
        return [" AS new" if alias else "", f" ON DUPLICATE KEY UPDATE {column.name} = ", value]

    def assignment(self, scope, ref):
        other = self.mate(scope, ref)
        return self.pick(
            (10, lambda: [self.value(ref.column)]),
            (3, lambda: [other.name] if other else [self.value(ref.column)]),
            (1, lambda: ["CASE WHEN ", self.condition(scope, 0), " THEN ", self.value(ref.column),
                         " ELSE ", ref.name, " END"]),
            (1, lambda: ["CASE WHEN ", self.condition(scope, 0), " THEN ", self.value(ref.column),
                         self.rng.choice((" END", " ELSE NULL END"))]),
            (1, lambda: ["COALESCE(", ref.name, ", ", self.value(ref.column), ")"]),
            (1, lambda: ["DEFAULT" if self.has_default(ref.column) else self.value(ref.column)]),
            (0.5, lambda: ["CONCAT(", self.value(ref.column), ", 'x')"]))

    def update(self):
        table = self.table()
        scope = [Ref(c.name, c) for c in table.columns]
        refs = dict.fromkeys(self.column(scope[1:]) for _ in range(self.rng.randint(1, 2)))
        sets = joined([[r.name, " = ", self.assignment(scope, r)] for r in refs])
        # Which row meets a duplicate first is the plan's affair, but for an order.
        ignore = " IGNORE" if self.chance(0.05) else ""
        tail = " ORDER BY id" if ignore or self.chance(0.1) else ""
        if tail and self.chance(0.5):
            tail += f" LIMIT {self.rng.randint(1, 4)}"
        return Statement([f"UPDATE{ignore} {table.name} SET ", sets,
                          self.where(scope, self.chance(0.9)), tail], "update", writes=True)

    def update_many(self):
        first, second = self.table(), self.table()
        a, b = self.refs(first, "a"), self.refs(second, "b")
        sides = a if self.chance(0.7) else b
        ref = self.column(sides[1:])
        value = self.assignment(a + b, ref)
        source = self.rng.choice((f"{first.name} a JOIN {second.name} b ON a.id = b.id",
                                  f"{first.name} a LEFT JOIN {second.name} b USING (id)"))
        return Statement([f"UPDATE {source} SET {ref.name} = ", value, self.where(a + b)],
                         "update of a join", writes=True)

    def delete(self):
        table = self.table()
        scope = [Ref(c.name, c) for c in table.columns]
        tail = ""
        if self.chance(0.2):
            tail = f" ORDER BY id LIMIT {self.rng.randint(1, 3)}"
        parts = [f"DELETE FROM {table.name} WHERE id % 4 = ", number(self.rng.randint(0, 3)),
                 " AND ", self.condition(scope), tail]
        if self.world.kind == "mariadb" and self.chance(0.15):
            parts.append(f" RETURNING id, {self.column(scope).name}")
        return Statement(parts, "delete", writes=True)

    def delete_many(self):
        first, second = self.table(), self.table()
        a, b = self.refs(first, "a"), self.refs(second, "b")
        head = self.rng.choice(("DELETE a FROM", "DELETE a, b FROM"))
        return Statement([f"{head} {first.name} a JOIN {second.name} b ON a.id = b.id WHERE "
                          "a.id % 5 = ", number(self.rng.randint(0, 4)), " AND ",
                          self.condition(a + b, 1)], "delete of a join", writes=True)

    def insert_select(self):
        into, from_ = self.table(), self.table()
        scope = self.refs(from_, "s")
        pairs = []
        for column in into.columns[1:]:
            mate = self.mate(scope, Ref("", column))
            if mate and self.chance(0.8):
                pairs.append((column.name, mate.name))
            elif not column.nullable or self.chance(0.2):
                pairs.append((column.name, self.value(column)))
        start = into.next_id + 1
        into.next_id += 40
        verb = self.rng.choice(("INSERT INTO", "INSERT INTO", "INSERT IGNORE INTO", "REPLACE INTO"))
        names = ", ".join(["id", *(name for name, _ in pairs)])
        items = joined([[f"s.id % 40 + {start}"], *([value] for _, value in pairs)])
        return Statement([f"{verb} {into.name} ({names}) SELECT ", items, f" FROM {from_.name} s",
                          self.where(scope, True), " ORDER BY s.id LIMIT 5"], "insert select",
                         writes=True)


def fill(maker, table, rows):
    """Statements that give a new table its first rows."""
    for _ in range(rows):
        table.next_id += 1
        names = ", ".join(c.name for c in table.columns)
        values = [Value("i", str(table.next_id))]
        for column in table.columns[1:]:
            value = maker.value(column, 0)
            while value == NULL and not column.nullable:
                value = maker.value(column, 0)
            values.append(value)
        yield Statement([f"INSERT INTO {table.name} ({names}) VALUES (", joined(values), ")"],
                        "insert", writes=True)
