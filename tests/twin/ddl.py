"""Random statements that change tables, and what they change in the World; and
those that show tables."""

from dataclasses import replace

from schema import random_type
from statement import Statement

MOST_COLUMNS = 11
TABLES = ("COLUMNS", "STATISTICS")


class Definitions:
    """Mixed into a Maker. What a statement changes is noted when it succeeded on
    both sides (`Statement.then`)."""

    def definition(self):
        return self.pick((4, self.add_plain), (3, self.add_back), (3, self.drop_column),
                         (4, self.modify), (2, self.add_key), (2, self.drop_key),
                         (1, self.truncate), (2, self.copy_table), (2, self.set_default),
                         (1, self.rename_plain), (1, self.refused_definition))

    def _ddl(self, text, then=None):
        return Statement([text], "definition", writes=True, then=then)

    def add_plain(self):
        table = self.table()
        if len(table.columns) >= MOST_COLUMNS:
            return self.truncate()
        name = self._new_name(table, "c")
        column = random_type(self.rng, self.world.kind, name, "")
        where = self.rng.choice(("", f" AFTER {self.rng.choice(table.columns).name}"))

        def then():
            names = [c.name for c in table.columns]
            at = 1 + names.index(where.split()[-1]) if where else len(names)
            table.columns.insert(at, column)
        return self._ddl(f"ALTER TABLE {table.name} ADD COLUMN {column.definition()}{where}", then)

    def _new_name(self, table, letter):
        taken = {c.name for c in table.columns} | {c.name for c in table.dropped}
        return next(n for n in (f"{letter}{i}" for i in range(8, 99)) if n not in taken)

    def add_back(self):
        """A protected column that was dropped, so that the policy still names it."""
        table = self.table()
        if not table.dropped:
            return self.add_plain()
        column = replace(self.rng.choice(table.dropped), nullable=True, default="")

        def then():
            table.columns.append(column)
            table.dropped = [c for c in table.dropped if c.name != column.name]
        return self._ddl(f"ALTER TABLE {table.name} ADD {column.definition()}", then)

    def drop_column(self):
        table = self.table()
        able = [c for c in table.columns if c.name != "id" and not self._keyed(table, c)]
        if len(able) < 3:
            return self.add_plain()
        column = self.rng.choice(able)

        def then():
            table.columns.remove(column)
            if column.mode:
                table.dropped.append(column)
        word = self.rng.choice(("DROP COLUMN", "DROP"))
        return self._ddl(f"ALTER TABLE {table.name} {word} {column.name}", then)

    def _keyed(self, table, column):
        return any(f"({column.name})" in key for key in table.keys)

    def modify(self):
        """The same column, perhaps wider, nullable or with another default."""
        table = self.table()
        column = self.rng.choice([c for c in table.columns if c.name != "id"])
        new = column
        if column.type.startswith("VARCHAR") and self.chance(0.6):
            length = column.length + self.rng.choice((1, 10, 60))
            new = replace(column, type=f"VARCHAR({length})", length=length)
        elif column.type in ("TINYINT", "SMALLINT", "INT") and self.chance(0.6):
            new = replace(column, type="BIGINT", low=-2**63, high=2**63 - 1)
        if self.chance(0.4):
            new = replace(new, nullable=True)
        if self.chance(0.3):
            new = replace(new, default="" if column.default else
                          {"text": " DEFAULT 'x'", "int": " DEFAULT 3"}.get(column.family, ""))
            if "TEXT" in new.type:
                new = replace(new, default="")
        word = self.rng.choice(("MODIFY", "MODIFY COLUMN", f"CHANGE {column.name}"))

        def then():
            table.columns[table.columns.index(column)] = new
        return self._ddl(f"ALTER TABLE {table.name} {word} {new.definition()}", then)

    def set_default(self):
        table = self.table()
        column = self.rng.choice([c for c in table.columns if c.name != "id"])
        word = {"text": "'d'", "int": "7", "date": "'2000-02-29'"}.get(column.family)
        if word is None or "TEXT" in column.type:
            return self.modify()
        drop = self.chance(0.3)

        def then():
            at = table.columns.index(column)
            table.columns[at] = replace(column, default="" if drop else f" DEFAULT {word}")
        change = "DROP DEFAULT" if drop else f"SET DEFAULT {word}"
        return self._ddl(f"ALTER TABLE {table.name} ALTER COLUMN {column.name} {change}", then)

    def rename_plain(self):
        table = self.table()
        able = [c for c in table.columns if not c.mode and c.name != "id"
                and not self._keyed(table, c)]
        if not able:
            return self.add_plain()
        column = self.rng.choice(able)
        new = replace(column, name=self._new_name(table, "c"))

        def then():
            table.columns[table.columns.index(column)] = new
        text = self.rng.choice((f"RENAME COLUMN {column.name} TO {new.name}",
                                f"CHANGE COLUMN {column.name} {new.definition()}"))
        return self._ddl(f"ALTER TABLE {table.name} {text}", then)

    def add_key(self):
        table = self.table()
        able = [c for c in table.columns if c.name != "id" and not self._keyed(table, c)
                and self.world.may_be_key(c)]
        if not able:
            return self.drop_key()
        column = self.rng.choice(able)
        text = self.rng.choice((f"CREATE INDEX k{column.name} ON {table.name} ({column.name})",
                                f"ALTER TABLE {table.name} ADD KEY k{column.name} ({column.name})"))
        return self._ddl(text, lambda: table.keys.append(f"KEY k{column.name} ({column.name})"))

    def drop_key(self):
        table = self.table()
        if not table.keys:
            return self.modify()
        key = self.rng.choice(table.keys)
        name = key.split()[-2]
        text = self.rng.choice((f"DROP INDEX {name} ON {table.name}",
                                f"ALTER TABLE {table.name} DROP KEY {name}"))
        return self._ddl(text, lambda: table.keys.remove(key))

    def truncate(self):
        return self._ddl(f"TRUNCATE TABLE {self.table().name}")

    def copy_table(self):
        """Of the plain columns, or of all: refused, unless the policy protects the copy."""
        table = self.table()
        plain = ", ".join(c.name for c in table.columns if not c.mode)
        text = self.rng.choice((
            f"CREATE TABLE n1 SELECT {plain} FROM {table.name}",
            f"CREATE TABLE n1 LIKE {table.name}", f"CREATE TABLE n1 AS SELECT * FROM {table.name}",
            f"CREATE TEMPORARY TABLE n1 SELECT {plain} FROM {table.name} WHERE id % 2 = 0",
            "DROP TABLE IF EXISTS n1", "SELECT * FROM n1 ORDER BY id",
            f"INSERT INTO n1 (id) SELECT id FROM {table.name}"))
        return self._ddl(text)

    def refused_definition(self):
        table = self.table()
        column = self.column(self.refs(table, "")).column
        return self._ddl(self.rng.choice((
            f"CREATE VIEW v1 AS SELECT id, UPPER({column.name}) AS u FROM {table.name}",
            f"ALTER TABLE {table.name} CONVERT TO CHARACTER SET latin1",
            f"ALTER TABLE {table.name} ADD CHECK ({column.name} <> 'x')",
            f"ALTER TABLE {table.name} MODIFY {column.name} TIMESTAMP",
            f"CREATE INDEX kx ON {table.name} ((UPPER({column.name})))",
            f"ALTER TABLE {table.name} ADD cz VARCHAR(9) AS (UPPER({column.name}))",
            f"CREATE TRIGGER r1 BEFORE INSERT ON {table.name} FOR EACH ROW SET @a = NEW.id")
            if column.mode else (f"ALTER TABLE {table.name} ENGINE = InnoDB",
                                 f"ALTER TABLE {table.name} FORCE",
                                 f"ALTER TABLE {table.name} COMMENT = 'x'")))

    # What shows tables.

    def shown(self):
        table = self.table().name
        text, ordered = self.rng.choice((
            (f"DESCRIBE {table}", True), (f"DESC {table}", True),
            (f"SHOW COLUMNS FROM {table}", True), (f"SHOW FIELDS IN {table} LIKE 'c%'", True),
            (f"SHOW FULL COLUMNS FROM {table}", True), (f"SHOW CREATE TABLE {table}", True),
            (f"SHOW INDEX FROM {table}", True), (f"SHOW KEYS IN {table}", True),
            ("SHOW TABLES LIKE 't%'", True),
            (f"SELECT COLUMN_NAME, DATA_TYPE, IS_NULLABLE, COLUMN_TYPE, COLLATION_NAME, COLUMN_KEY "
             f"FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = '{table}'"
             " ORDER BY ORDINAL_POSITION", True)))
        unicode = self.state.charset.startswith("utf8") and not self.state.other_results
        if "CREATE" in text and not unicode:
            text = f"DESCRIBE {table}"  # sealed defaults do not survive other character sets
        # Prepared, information_schema shows what is stored.
        return Statement([text], "show", ordered, as_text="information_schema" in text)
