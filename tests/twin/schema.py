"""Random tables: columns of many types, some protected, some of one domain."""

from dataclasses import dataclass, field, replace

DATABASE = "shop"
# Collations whose equality mode `searchable` has.
SEARCHABLE = {
    "mariadb": (("utf8mb4", "utf8mb4_general_ci"), ("utf8mb4", "utf8mb4_unicode_ci"),
                ("utf8mb4", "utf8mb4_unicode_520_ci"), ("utf8mb4", "utf8mb4_bin"),
                ("utf8mb4", "utf8mb4_general_nopad_ci"), ("utf8mb3", "utf8mb3_general_ci"),
                ("latin1", "latin1_swedish_ci"), ("latin1", "latin1_general_ci"),
                ("latin1", "latin1_bin"), ("ascii", "ascii_general_ci")),
    "mysql": (("utf8mb4", "utf8mb4_general_ci"), ("utf8mb4", "utf8mb4_unicode_ci"),
              ("utf8mb4", "utf8mb4_0900_ai_ci"), ("utf8mb4", "utf8mb4_bin"),
              ("utf8mb4", "utf8mb4_0900_bin"), ("utf8mb3", "utf8mb3_general_ci"),
              ("latin1", "latin1_swedish_ci"), ("latin1", "latin1_general_ci"),
              ("latin1", "latin1_bin"), ("ascii", "ascii_general_ci")),
}
# `deterministic` compares bytes: only what compares bytes in the clear too.
BYTEWISE = {"mariadb": (("utf8mb4", "utf8mb4_nopad_bin"),),
            "mysql": (("utf8mb4", "utf8mb4_0900_bin"),)}
INTEGERS = {"TINYINT": 8, "SMALLINT": 16, "MEDIUMINT": 24, "INT": 32, "BIGINT": 64}


@dataclass(frozen=True)
class Column:
    name: str
    family: str
    type: str
    charset: str = ""
    collation: str = ""
    length: int = 0
    low: int = 0
    high: int = 0
    precision: int = 0
    scale: int = 0
    fraction: int = 0
    unsigned: bool = False
    nullable: bool = True
    default: str = ""
    mode: str = ""  # "" is plain
    domain: str = ""

    @property
    def group(self):
        """Columns of one group may be compared with each other."""
        return self.domain or (self.family, self.collation, self.mode and self.name)

    def definition(self):
        null = "" if self.nullable else " NOT NULL"
        charset = f" CHARACTER SET {self.charset} COLLATE {self.collation}" if self.charset else ""
        if self.family == "timestamp" and self.nullable:
            null = " NULL"
        return f"{self.name} {self.type}{charset}{null}{self.default}"


@dataclass
class Table:
    name: str
    columns: list
    keys: list = field(default_factory=list)
    auto: bool = False
    next_id: int = 1
    dropped: list = field(default_factory=list)  # protected columns

    def create(self):
        parts = ["id INT NOT NULL" + (" AUTO_INCREMENT" if self.auto else "") + " PRIMARY KEY",
                 *(c.definition() for c in self.columns[1:]), *self.keys]
        return f"CREATE TABLE {self.name} ({', '.join(parts)}) DEFAULT CHARACTER SET utf8mb4"

    @property
    def id(self):
        return self.columns[0]


@dataclass
class View(Table):
    """Its columns under its own names; `text` makes it."""

    text: str = ""

    def create(self):
        return self.text


ID = Column("id", "int", "INT", low=-2**31, high=2**31 - 1, nullable=False)


def random_type(rng, kind, name, mode):
    """A column of the mode, without domain, default and NOT NULL."""
    family = rng.choice(("text",) * 6 + ("bytes", "int", "int", "decimal", "date", "datetime",
                                         "time", "year", "timestamp")
                        + (() if mode else ("float", "enum", "json")))
    column = Column(name, family, "", mode=mode)
    if family == "text":
        sets = BYTEWISE[kind] if mode == "deterministic" else SEARCHABLE[kind]
        charset, collation = rng.choice(sets)
        word = rng.choice(("VARCHAR",) * 6 + ("CHAR", "TEXT", "TINYTEXT", "MEDIUMTEXT"))
        if collation in ("utf8mb4_general_nopad_ci", "utf8mb4_0900_ai_ci") and word == "CHAR":
            # Temporary tables pad it on both servers, and then tell 'é' from 'E'.
            word = "VARCHAR"
        length = rng.choice((3, 10, 40, 40, 250)) if word in ("VARCHAR", "CHAR") else 0
        return replace(column, type=f"{word}({length})" if length else word, charset=charset,
                       collation=collation, length=length)
    if family == "bytes":
        word = rng.choice(("VARBINARY", "VARBINARY", "BINARY", "BLOB"))
        length = rng.choice((4, 20)) if word != "BLOB" else 0
        return replace(column, type=f"{word}({length})" if length else word, length=length)
    if family == "int":
        word, unsigned = rng.choice(list(INTEGERS)), rng.random() < 0.3
        bits = INTEGERS[word]
        low, high = (0, 2**bits - 1) if unsigned else (-2**(bits - 1), 2**(bits - 1) - 1)
        return replace(column, type=word + (" UNSIGNED" if unsigned else ""), low=low, high=high,
                       unsigned=unsigned)
    if family == "decimal":
        precision, scale = rng.choice(((10, 2), (5, 0), (20, 6), (65, 30)))
        return replace(column, type=f"DECIMAL({precision},{scale})", precision=precision,
                       scale=scale)
    if family in ("datetime", "timestamp", "time"):
        fraction = rng.choice((0, 0, 0, 3, 6))
        name = family.upper() + (f"({fraction})" if fraction else "")
        return replace(column, type=name, fraction=fraction)
    types = {"date": "DATE", "year": "YEAR", "float": rng.choice(("FLOAT", "DOUBLE")),
             "enum": "ENUM('red','green','Blue')", "json": "JSON"}
    # Names of ENUM values have a collation of their own table.
    extra = {"charset": "utf8mb4", "collation": "utf8mb4_general_ci"} if family == "enum" else {}
    return replace(column, type=types[family], **extra)


class World:
    """A schema, its policy and what is drawn for it."""

    def __init__(self, rng, kind, others=False):
        self.others = others  # sessions beside the first one (others.py)
        self.kind, self.marker = kind, "Zq" + "".join(
            rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(12)) + "qZ"
        self.domains = []
        for number in range(rng.randint(1, 3)):
            mode = rng.choice(("searchable", "searchable", "searchable", "deterministic"))
            self.domains.append(replace(random_type(rng, kind, "", mode), domain=f"d{number}"))
        self.tables = [self._table(rng, f"t{n}") for n in range(rng.randint(1, 4))]
        if not others and rng.random() < 0.4:
            self.tables.append(self._plain_table(rng, f"t{len(self.tables)}"))
        self.views = [self._view(rng, f"w{n}") for n in range(rng.randint(0, 2))]

    def _table(self, rng, name):
        columns = [ID]
        for number in range(rng.randint(3, 8)):
            columns.append(self._column(rng, f"c{number}", name))
        if self.others:
            # Rows of two values are enough.
            columns = [c if c is ID else replace(c, nullable=True) for c in columns]
            columns.append(self._long_text(rng, f"c{len(columns) - 1}"))
        if not any(c.mode for c in columns):
            columns.append(self._protected(rng, f"c{len(columns) - 1}"))
        table = Table(name, columns, auto=rng.random() < 0.25)
        self._keys(rng, table)
        return table

    def _plain_table(self, rng, name):
        """One that the policy does not name."""
        columns = [ID]
        for number in range(rng.randint(2, 5)):
            drawn = (rng.choice(self.domains) if rng.random() < 0.4
                     else random_type(rng, self.kind, "", ""))
            columns.append(replace(drawn, name=f"c{number}", mode="", domain="",
                                   nullable=rng.random() < 0.7))
        table = Table(name, columns, auto=rng.random() < 0.25)
        self._keys(rng, table)
        return table

    def _long_text(self, rng, name):
        mode = rng.choice(("random", "searchable", "searchable", "deterministic"))
        sets = BYTEWISE if mode == "deterministic" else SEARCHABLE
        charset, collation = rng.choice(sets[self.kind])
        return Column(name, "text", "VARCHAR(120)", charset, collation, length=120, mode=mode)

    def _view(self, rng, name):
        """Of some columns of a table, perhaps under other names, all rows or some."""
        table = rng.choice(self.tables)
        columns = [table.id, *(c for c in table.columns[1:] if rng.random() < 0.7)]
        shown = [replace(c, name=f"r_{c.name}") if c.name != "id" and rng.random() < 0.3 else c
                 for c in columns]
        where = rng.choice(("", "", " WHERE id % 3 <> 1", " WHERE id > 2",
                            f" WHERE {rng.choice(columns).name} IS NOT NULL"))
        listed = rng.random() < 0.5
        items = ", ".join(c.name if listed or c is s else f"{c.name} AS {s.name}"
                          for c, s in zip(columns, shown))
        names = f" ({', '.join(c.name for c in shown)})" if listed else ""
        head = rng.choice(("CREATE VIEW", "CREATE OR REPLACE VIEW", "CREATE ALGORITHM = MERGE VIEW"))
        return View(name, shown, next_id=20,
                    text=f"{head} {name}{names} AS SELECT {items} FROM {table.name}{where}")

    def _column(self, rng, name, table):
        column = (self._protected(rng, name) if rng.random() < 0.55
                  else random_type(rng, self.kind, name, ""))
        if rng.random() < 0.3:
            column = replace(column, nullable=False)
        if column.family in ("text", "int") and column.type.find("TEXT") < 0 and rng.random() < 0.3:
            words = {"text": "''", "int": str(max(column.low, 0))}
            column = replace(column, default=f" DEFAULT {words[column.family]}")
        return column

    def _protected(self, rng, name):
        if rng.random() < 0.5:
            return replace(rng.choice(self.domains), name=name)
        mode = rng.choice(("random", "searchable", "searchable", "deterministic"))
        return random_type(rng, self.kind, name, mode)

    def _keys(self, rng, table):
        able = [c for c in table.columns[1:] if c.mode != "random" and self.may_be_key(c)]
        unique = False
        for column in able:
            if rng.random() < 0.3:
                # Two would be looked at in an order that depends on whether a
                # key is over a prefix, and ON DUPLICATE KEY UPDATE on that order.
                word = "KEY" if unique else rng.choice(("UNIQUE KEY", "KEY", "KEY"))
                unique = unique or word != "KEY"
                table.keys.append(f"{word} k{column.name} ({column.name})")

    def may_be_key(self, column):
        """MariaDB 10.11 finds 0.01 as 0 in the index of a DECIMAL(5,0)."""
        families = ("int", "date") if self.kind == "mariadb" else ("int", "date", "decimal")
        return column.length in range(1, 41) and "TEXT" not in column.type or (
            column.family in families)

    def policy(self):
        lines = ["version: 1", "columns:"]
        for table in self.tables:
            for column in table.columns:
                if column.mode:
                    domain = f", domain: {column.domain}" if column.domain else ""
                    lines.append(f"  - {{column: {DATABASE}.{table.name}.{column.name}, "
                                 f"mode: {column.mode}{domain}}}")
        return "\n".join(lines) + (
            "\nroles:\n  - {name: all, match: any, default: {reveal: clear, write: true}}\n")
