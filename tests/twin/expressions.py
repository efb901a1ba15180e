"""Random conditions and expressions over the columns of a FROM clause."""

from dataclasses import dataclass

from schema import ID
from statement import joined
from values import NULL, Value, draw

EQUALITY = ("=", "=", "=", "<>", "!=", "<=>")


@dataclass(frozen=True)
class Ref:
    """A column as a statement names it."""

    name: str
    column: object

    @property
    def group(self):
        return self.column.group


def number(n):
    return Value("i", str(n))


class Maker:
    """Draws from `rng` for `world`. A scope is a list of Refs; its first column
    of each table is `id`."""

    def __init__(self, rng, world):
        self.rng, self.world = rng, world

    def chance(self, probability):
        return self.rng.random() < probability

    def pick(self, *weighted):
        """One of the (weight, function) pairs, called."""
        weights, functions = zip(*weighted)
        return self.rng.choices(functions, weights)[0]()

    def table(self):
        return self.rng.choice(self.world.tables)

    def readable(self):
        """A table, or sometimes a view."""
        return self.rng.choice(self.world.tables * 2 + self.world.views)

    def value(self, column, loose=None):
        marker = self.world.marker if column.mode else None
        value = draw(self.rng, column, marker, 0.03 if loose is None else loose)
        if self.world.kind == "mysql" and column.collation == "utf8mb4_unicode_ci":
            # MySQL's GROUP BY takes 'a' and 'a\u00a0' for two, its = for one.
            value = value.without("\u00a0")
        return value

    def _padded(self, column, value):
        """MariaDB finds X'00' in a BINARY(4) by an index, and not without one."""
        if self.world.kind == "mariadb" and column.type.startswith("BINARY") and value.kind == "b":
            return value._replace(data=value.data.ljust(column.length, b"\0"))
        return value

    def comparable(self, column):
        # A loose value beside a plain column gives a warning per row looked at,
        # and which are looked at is the optimizer's affair.
        return self._padded(column, self.value(column, 0.03 if column.mode else 0))

    def refs(self, table, alias):
        return [Ref(f"{alias}.{c.name}", c) for c in table.columns]

    def column(self, scope):
        """A column, more often a protected one."""
        able = [r for r in scope if r.column.mode] if self.chance(0.7) else scope
        return self.rng.choice(able or scope)

    def mate(self, scope, ref):
        """Another column that may be compared with it, or None."""
        able = [r for r in scope if r.group == ref.group and r.name != ref.name]
        if self.misjudges(ref):
            return None
        return self.rng.choice(able) if able else None

    def misjudges(self, ref):
        """`c = 2000 AND c <> d` of YEARs: MariaDB compares 2000 with d as dates, and
        warns, or refuses the write."""
        return self.world.kind == "mariadb" and ref.column.family == "year"

    # Conditions.

    def condition(self, scope, depth=2):
        if depth and self.chance(0.35):
            word = self.rng.choice((" AND ", " AND ", " OR ", " XOR "))
            return ["(", self.condition(scope, depth - 1), word,
                    self.condition(scope, depth - 1), ")"]
        if depth and self.chance(0.1):
            return ["NOT (", self.condition(scope, depth - 1), ")"]
        ref = self.column(scope)
        return self.pick(
            (40, lambda: self.equality(ref)), (12, lambda: self.in_list(ref)),
            (10, lambda: self.is_null(ref)), (2, lambda: self.optional(ref)), (10, lambda: self.two_columns(scope, ref)),
            (12, lambda: self.by_id(scope)), (6, lambda: self.in_subquery(scope, ref)),
            (5, lambda: self.exists(scope)), (4, lambda: self.row(scope)),
            (3, lambda: self.order(scope)), (2, lambda: self.expression_equality(scope)),
            (2, lambda: self.unsupported(ref)))

    def equality(self, ref):
        sides = [ref.name, self.comparable(ref.column)]
        if self.chance(0.15):
            sides.reverse()
        return [sides[0], f" {self.rng.choice(EQUALITY)} ", sides[1]]

    def in_list(self, ref):
        values = [self.comparable(ref.column) for _ in range(self.rng.randint(1, 4))]
        return [ref.name, self.rng.choice((" IN (", " IN (", " NOT IN (")), joined(values), ")"]

    def is_null(self, ref):
        if self.chance(0.1):
            return ["ISNULL(", ref.name, ")"]
        return [ref.name, self.rng.choice((" IS NULL", " IS NOT NULL"))]

    def optional(self, ref):
        value = self.comparable(ref.column)
        test = self.rng.choice((["(", value, " IS NULL"], ["(ISNULL(", value, ")"],
                                ["(NOT ", value, " IS NOT NULL"]))
        return [*test, " OR ", ref.name, " = ", value, ")"]

    def two_columns(self, scope, ref):
        other = self.mate(scope, ref) or ref
        if self.misjudges(ref):
            return self.equality(ref)
        return [ref.name, f" {self.rng.choice(EQUALITY)} ", other.name]

    def by_id(self, scope):
        ref = self.rng.choice([r for r in scope if r.column.name == "id"] or scope)
        if ref.column.name != "id":
            return self.is_null(ref)
        return self.pick(
            (2, lambda: [ref.name, " = ", number(self.rng.randint(1, 30))]),
            (1, lambda: [ref.name, " > ", number(self.rng.randint(1, 30))]),
            (1, lambda: [ref.name, " % 3 = ", number(self.rng.randint(0, 2))]),
            (1, lambda: [ref.name, " BETWEEN ", number(3), " AND ", number(20)]))

    def order(self, scope):
        plain = [r for r in scope if not r.column.mode and r.column.family in ("text", "int", "date")]
        ref = self.rng.choice(plain or scope)
        if ref.column.family == "text" and self.chance(0.5):
            return [ref.name, " LIKE ", Value("s", self.rng.choice(("a%", "%b%", "_", "")))]
        return [ref.name, self.rng.choice((" < ", " >= ")), self.comparable(ref.column)]

    def unsupported(self, ref):
        if not ref.column.mode:
            return self.equality(ref)
        value = self.comparable(ref.column)
        return self.rng.choice((
            [ref.name, " LIKE ", value], [ref.name, " < ", value],
            [ref.name, " BETWEEN ", value, " AND ", value], ["LENGTH(", ref.name, ") = 3"],
            [ref.name], ["CONCAT(", ref.name, ", 'x') = ", value],
            [ref.name, " = CONCAT(", value, ", '')"], [ref.name, " = ANY (SELECT ", value, ")"],
            [ref.name, " REGEXP 'a'"], ["LOWER(", ref.name, ") = ", value]))

    def inner_alias(self, scope):
        """One that hides none of the scope's."""
        taken = {r.name.split(".")[0] for r in scope}
        return next(a for a in "suvwxyz" if a not in taken)

    def subquery_source(self, table, alias, scope):
        """The table, or a derived one that has a subquery in turn."""
        if not self.chance(0.2):
            return [f"{table.name} {alias}"]
        within = self.refs(table, f"{alias}{alias}")
        condition = self.in_subquery(scope + within, self.column(within), nested=True)
        return [f"(SELECT {alias}{alias}.* FROM {table.name} {alias}{alias} WHERE ", condition,
                f") {alias}"]

    def in_subquery(self, scope, ref, nested=False):
        table, alias = self.readable(), self.inner_alias(scope)
        inner = self.refs(table, alias)
        mate = self.mate(inner, Ref("", ref.column)) or self.rng.choice(inner)
        if mate.group != ref.group and not (mate.column.family == ref.column.family == "int"):
            ref, mate = scope[0], inner[0]
        word = self.rng.choice((" IN (", " IN (", " NOT IN (", " = ANY ("))
        source = [f"{table.name} {alias}"] if nested else self.subquery_source(table, alias, scope)
        grouped = mate.column.family != "json" and self.chance(0.1)
        return [ref.name, word, f"SELECT {mate.name} FROM ", source, " WHERE ",
                self.condition(inner, 0), f" GROUP BY {mate.name}" if grouped else "", ")"]

    def exists(self, scope):
        table, alias = self.readable(), self.inner_alias(scope)
        inner = self.refs(table, alias)
        outer = self.column(scope)
        mate = self.mate(inner, Ref("", outer.column))
        link = [f"{mate.name} = {outer.name}"] if mate else [f"{alias}.id = {scope[0].name}"]
        word = self.rng.choice(("EXISTS", "NOT EXISTS"))
        return [f"{word} (SELECT 1 FROM {table.name} {alias} WHERE ", link, " AND ",
                self.condition(inner, 0), ")"]

    def row(self, scope):
        refs = [self.column(scope), self.rng.choice(scope)]
        names = f"({refs[0].name}, {refs[1].name})"
        values = ["(", joined([self.comparable(r.column) for r in refs]), ")"]
        return self.rng.choice(([names, " = ", values], [names, " IN (", values, ")"],
                                [names, " <> ", values]))

    def expression_equality(self, scope):
        expression, column = self.choice_of_columns(scope)
        return [expression, " = ", self.comparable(column)]

    # Expressions.

    def choice_of_columns(self, scope):
        """CASE, COALESCE and the like, whose branches are of one group."""
        ref = self.column(scope)
        other = self.mate(scope, ref)
        second = other.name if other and self.chance(0.6) else self.comparable(ref.column)
        test = self.condition(scope, 0)
        parts = self.rng.choice((
            ["CASE WHEN ", test, " THEN ", ref.name, " ELSE ", second, " END"],
            ["CASE WHEN ", test, " THEN ", ref.name, " END"],
            ["CASE ", ref.name, " WHEN ", self.comparable(ref.column), " THEN 1 ELSE 0 END"],
            ["COALESCE(", ref.name, ", ", second, ")"], ["IFNULL(", ref.name, ", ", second, ")"],
            ["IF(", test, ", ", ref.name, ", ", second, ")"],
            ["NULLIF(", ref.name, ", ", second, ")"]))
        # A value of the column beside a number would rightly go out as it is.
        return parts, ID if " THEN 1 ELSE 0 END" in parts else ref.column

    def expression(self, scope):
        ref = self.column(scope)
        return self.pick(
            (60, lambda: [ref.name]), (12, lambda: self.choice_of_columns(scope)[0]),
            (5, lambda: self.scalar_subquery(scope)), (5, lambda: self.equality(ref)),
            (2, lambda: self.is_null(ref)), (4, lambda: self.plain_function(scope)),
            (2, lambda: [self.rng.choice((NULL, number(7), Value("s", "x")))]),
            (2, lambda: self.function_of_protected(ref)))

    def scalar_subquery(self, scope):
        table = self.readable()
        inner = self.column(self.refs(table, "q"))
        at = self.rng.choice((number(self.rng.randint(1, 20)), scope[0].name))
        return [f"(SELECT {inner.name} FROM {table.name} q WHERE q.id = ", at, ")"]

    def plain_function(self, scope):
        plain = [r for r in scope if not r.column.mode]
        ref = self.rng.choice(plain or scope)
        if ref.column.mode or ref.column.family == "json":
            return ["1 + 1"]
        if ref.column.family == "text":
            return [self.rng.choice(("UPPER({})", "CHAR_LENGTH({})", "CONCAT({}, 'x')")).format(
                ref.name)]
        return [self.rng.choice(("{} IS NULL", "HEX({})", "COALESCE({}, {})")).format(
            ref.name, ref.name)]

    def function_of_protected(self, ref):
        return [self.rng.choice(("UPPER({})", "LENGTH({})", "{} + 1", "CAST({} AS CHAR)", "HEX({})",
                                 "{} COLLATE utf8mb4_bin", "CONVERT({} USING latin1)", "-{}",
                                 "({})", "GREATEST({}, {})", "@v := {}")).format(ref.name, ref.name)]
