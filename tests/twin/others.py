"""What happens beside a session: another one through Sealgate, an administrator at the
server, names that change what they mean, statements that are kept prepared while they
do, routines and triggers, and writes that are held.

Tables and views called p0 to p2 have the columns `id` and `v`. A view's `v` is a protected
column, so that a name is that of a protected column at one time, and not at another.
Each value that is written to or compared with a `v` is a mark of its own (landed.py)."""

from dataclasses import replace

from expressions import number
from pair import USUAL_SESSION
from session import State
from statement import Statement
from values import Value

NAMES = ("p0", "p1", "p2")
# What a world may leave behind.
LEFT = (*NAMES, "px", "q0", "q1", "dq")
SLOTS = ("k0", "k1", "k2")
TWO, SERVER = "two", "server"
# Filled in anew each time that a text is used.
ID, MARK = object(), object()


def _by_position(statement):
    """An INSERT that names no columns: when the table has changed, what was a protected
    column's value goes into a plain one, in clear, as it should."""
    head = statement.parts[:2]
    return (len(head) == 2 and all(isinstance(part, str) for part in head)
            and "(" not in head[0] and head[1].startswith("VALUE"))


class Others:
    """Mixed into a Maker, for a World with others. `objects`: what each name is."""

    def begin_others(self):
        self.objects = dict.fromkeys(NAMES)
        self.routines = {}
        self.slots, self.texts = {}, {}
        self.marks = 0

    def beside(self):
        """Statements of which the last one may be another session's."""
        drawn = self.pick((14, self.use), (10, self.change), (5, self.keep), (14, self.kept),
                          (2, self.prepare_text), (4, self.execute_text), (4, self.routine),
                          (5, self.call), (3, self.trigger), (3, self.two_defines),
                          (2, self.server_defines), (1, self.reset), (2, self.held),
                          (3, self.two_writes))
        drawn = list(_one_by_one(drawn))
        # What is open would keep the others waiting.
        return [Statement(["COMMIT"], "transaction", session=True), *drawn]

    def _who(self, *more):
        return self.rng.choice(("", TWO, *more))

    # What is written and read.

    def _protected_text(self, table):
        return self.rng.choice([c for c in table.columns if c.mode and c.family == "text"
                                and c.length >= 100] or [None])

    def _template(self):
        """(parts, the name whose `v` the marks are for, whether it writes)."""
        name, other = self.rng.choice(NAMES), self.rng.choice(NAMES)
        if self.chance(0.1):
            return self._of_a_table()
        texts = (
            ((f"INSERT INTO {name} (id, v) VALUES (", ID, ", ", MARK, ")"), True),
            ((f"INSERT INTO {name} VALUES (", ID, ", ", MARK, ")"), True),
            ((f"INSERT INTO {name} (v, id) VALUES (", MARK, ", ", ID, "), (", MARK, ", ", ID, ")"), True),
            ((f"REPLACE INTO {name} SET id = ", ID, ", v = ", MARK), True),
            ((f"INSERT INTO {name} (id, v) VALUES (", ID, ", ", MARK,
              ") ON DUPLICATE KEY UPDATE v = VALUES(v)"), True),
            ((f"INSERT INTO {name} (id, v) VALUES (", ID, ", 'x') ON DUPLICATE KEY UPDATE v = ",
              MARK), True),
            ((f"UPDATE {name} SET v = ", MARK, " WHERE id = ", ID), True),
            ((f"UPDATE {name} SET v = ", MARK), True),
            ((f"DELETE FROM {name} WHERE v = ", MARK), True),
            ((f"UPDATE {name} a JOIN {other} b ON a.id = b.id SET a.v = ", MARK), True),
            ((f"INSERT INTO {name} (id, v) SELECT id + 50, v FROM {other}",), True),
            ((f"SELECT id, v FROM {name} WHERE v = ", MARK, " ORDER BY id"), False),
            ((f"SELECT id, v FROM {name} ORDER BY id",), False),
            ((f"SELECT COUNT(*) FROM {name} WHERE v IN (", MARK, ", ", MARK, ")"), False),
            ((f"SELECT a.id, b.id FROM {name} a JOIN {other} b ON a.v = b.v ORDER BY a.id, b.id",), False),
        )
        parts, writes = self.rng.choice(texts)
        return parts, name, writes

    def _of_a_table(self):
        table = self.table()
        column = self._protected_text(table)
        if column is None:
            return (("SELECT ", MARK, " = ", MARK), "", False)
        parts, writes = self.rng.choice((
            ((f"UPDATE {table.name} SET {column.name} = ", MARK, " WHERE id = ", ID), True),
            ((f"INSERT INTO {table.name} (id, {column.name}) VALUES (", ID, ", ", MARK, ")"), True),
            ((f"SELECT id FROM {table.name} WHERE {column.name} = ", MARK), False)))
        return parts, table.name, writes

    def _mark(self):
        self.marks += 1
        return Value("s", f"Mk{self.world.marker[2:8]}{self.marks}k")

    def _filled(self, parts):
        return [self._mark() if p is MARK else number(self.rng.randint(1, 40)) if p is ID else p
                for p in parts]

    def _statement(self, parts, name, writes, **more):
        """`name`: of what the marks in it are compared with, or stored in."""
        parts = self._filled(parts)
        marks = tuple(p.data for p in parts if isinstance(p, Value) and p.kind == "s")
        return Statement(parts, "beside", ordered=True, writes=writes, marks=marks, name=name, **more)

    def use(self):
        return self._statement(*self._template(), who=self._who())

    def two_writes(self):
        statement = self.pick((3, self.write), (1, self.select))
        statement.who = TWO
        return statement

    # Statements that stay prepared.

    def keep(self):
        who, slot = self._who(), self.rng.choice(SLOTS)
        if self.chance(0.4):
            statement = self.pick((2, self.select), (3, self.write))
            while _by_position(statement):
                statement = self.write()
            self.slots[who, slot] = statement
        else:
            self.slots[who, slot] = self._template()
        return self._kept(who, slot, "prepare")

    def kept(self):
        if not self.slots:
            return self.keep()
        who, slot = self.rng.choice(sorted(self.slots))
        if self.chance(0.04):
            return [self._kept(who, slot, "close"), self.keep()]
        return self._kept(who, slot, "execute")

    def _kept(self, who, slot, verb):
        of = self.slots[who, slot]
        if isinstance(of, Statement):
            statement = replace(of, who=who, marks=(), name="")
        else:
            statement = self._statement(*of, who=who)
        statement.kept = f"{verb} {slot}"
        if verb != "execute":
            statement.session, statement.writes, statement.marks = True, False, ()
        return statement

    def prepare_text(self):
        who, slot = self._who(), self.rng.choice(SLOTS)
        statement = self._statement(*self._template(), who=who)
        text = "".join(p.data if isinstance(p, Value) and p.kind == "i" else
                       f"''{p.data}''" if isinstance(p, Value) else p.replace("'", "''")
                       for p in statement.parts)

        def then():
            self.texts[who, slot] = statement
        # Its own marks show where it is prepared.
        return Statement([f"PREPARE {slot} FROM '{text}'"], "prepare text", session=True, who=who,
                         then=then, as_text=True)

    def execute_text(self):
        if not self.texts:
            return self.prepare_text()
        who, slot = self.rng.choice(sorted(self.texts))
        of = self.texts[who, slot]
        return Statement([f"EXECUTE {slot}"], "execute text", ordered=True, writes=of.writes,
                         session=True, who=who, as_text=True)

    # Names that change what they mean.

    def change(self):
        name, who = self.rng.choice(NAMES), self._who(SERVER, SERVER)
        now = self.objects[name]
        if now is None:
            return self._make(name, who)
        return self.pick((5, lambda: self._drop(name, who)),
                         (5, lambda: [self._drop(name, who), self._make(name, self._who(SERVER))]),
                         (3, lambda: self._rename(name, who)),
                         (2, lambda: self._replace(name, who)),
                         (1, lambda: self._temporary(name)),
                         (1, lambda: self._alter(name, who)))

    def _defines(self, text, who, then=None, known=True):
        """`known`: it changes what a known name means, which Sealgate is told of."""
        if who != SERVER and self.chance(0.3):
            return self._indirectly(text, who, then)
        return Statement([text], "beside definition", writes=True, who=who, then=then,
                         reload=who == SERVER and (known or self.chance(0.5)))

    def _indirectly(self, text, who, then):
        """The same behind a comment, in a text that is executed, or in a routine."""
        def one(sql, then=None):
            return Statement([sql], "beside definition", writes=True, session=True, who=who, then=then,
                             as_text=True)
        quoted = text.replace("'", "''")
        ways = [[one(f"/**/ /*!50000 {text} */", then)],
                [one(f"PREPARE d0 FROM '{quoted}'"), one("EXECUTE d0", then)]]
        if "PROCEDURE" not in text and "TRIGGER" not in text:
            ways.append([one("DROP PROCEDURE IF EXISTS dq"), one(f"CREATE PROCEDURE dq() {text}"),
                         one("CALL dq()", then)])
        if self.world.kind == "mariadb":
            ways += [[one(f"SET STATEMENT max_statement_time = 9 FOR {text}", then)],
                     [one(f"EXECUTE IMMEDIATE '{quoted}'", then)],
                     [one(f"BEGIN NOT ATOMIC {text}; END", then)]]
        return self.rng.choice(ways)

    def _set(self, name, what):
        return lambda: self.objects.__setitem__(name, what)

    def _make(self, name, who):
        others = [n for n in NAMES if self.objects[n] and n != name]
        if self.chance(0.4):
            return self._defines(f"CREATE TABLE {name} (id INT NOT NULL PRIMARY KEY, v VARCHAR(200) "
                                 "CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci)", who,
                                 self._set(name, "table"), known=False)
        if others and self.chance(0.3):
            other = self.rng.choice(others)
            if self.objects[other] == "table" and self.chance(0.4):
                return self._defines(f"CREATE TABLE {name} LIKE {other}", who, self._set(name, "table"),
                                     known=False)
            return self._defines(f"CREATE VIEW {name} AS SELECT id, v FROM {other}", who,
                                 self._set(name, "view"), known=False)
        return self._view("CREATE VIEW", name, who, known=False)

    def _view(self, verb, name, who, known=True):
        table = self.table()
        column = self._protected_text(table)
        if column is None:
            return self.two_writes()
        text = self.rng.choice((f"{verb} {name} (id, v) AS SELECT id, {column.name} FROM {table.name}",
                                f"{verb} {name} AS SELECT t.id AS id, t.{column.name} AS v FROM "
                                f"{table.name} t WHERE t.id > 0"))
        return self._defines(text, who, self._set(name, "view"), known)

    def _drop(self, name, who):
        word = "TABLE" if self.objects[name] == "table" else "VIEW"
        also = self.rng.choice(("", "", "IF EXISTS "))
        return self._defines(f"DROP {word} {also}{name}", who, self._set(name, None))

    def _rename(self, name, who):
        free = [n for n in NAMES if self.objects[n] is None]
        taken = [n for n in NAMES if self.objects[n] and n != name]
        if free:
            new = self.rng.choice(free)
            what = self.objects[name]

            def then():
                self.objects[name], self.objects[new] = None, what
            if what == "table" and self.chance(0.4):
                return self._defines(f"ALTER TABLE {name} RENAME TO {new}", who, then)
            return self._defines(f"RENAME TABLE {name} TO {new}", who, then)
        other = self.rng.choice(taken)

        def swapped():
            self.objects[name], self.objects[other] = self.objects[other], self.objects[name]
        return self._defines(f"RENAME TABLE {name} TO px, {other} TO {name}, px TO {other}", who, swapped)

    def _replace(self, name, who):
        if self.objects[name] == "view":
            return self._view(self.rng.choice(("CREATE OR REPLACE VIEW", "ALTER VIEW")), name, who)
        if self.world.kind == "mariadb":
            return self._defines(f"CREATE OR REPLACE TABLE {name} (id INT NOT NULL PRIMARY KEY, "
                                 "v VARCHAR(90)) CHARACTER SET utf8mb4", who)
        return self._defines(f"TRUNCATE TABLE {name}", who)

    def _temporary(self, name):
        who = self._who()
        return self._defines(self.rng.choice((
            f"CREATE TEMPORARY TABLE {name} (id INT NOT NULL PRIMARY KEY, v VARCHAR(200) "
            "CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci)",
            f"DROP TEMPORARY TABLE IF EXISTS {name}", f"DROP TEMPORARY TABLE IF EXISTS {name}")), who)

    def _alter(self, name, who):
        return self._defines(self.rng.choice((
            f"ALTER TABLE {name} COMMENT = 'x'", f"ALTER TABLE {name} ADD KEY kv (v(10))",
            f"ALTER TABLE {name} DROP KEY kv", f"ALTER TABLE {name} MODIFY v VARCHAR(180) FIRST")), who)

    def two_defines(self):
        statement = self.definition()
        statement.who = self._who()
        return statement

    def server_defines(self):
        """Of the plain columns of a protected table."""
        statement = self.pick((2, self.add_plain), (2, self.rename_plain), (1, self.truncate))
        if not statement.parts[0].startswith(("ALTER", "TRUNCATE")) or "DROP" in statement.parts[0]:
            return statement
        statement.who, statement.reload = SERVER, True
        return statement

    # Routines and triggers.

    def _body(self, number_, value):
        table, name = self.table(), self.rng.choice(NAMES)
        column = self._protected_text(table)
        texts = [f"INSERT INTO {name} (id, v) VALUES ({number_}, {value})",
                 f"UPDATE {name} SET v = {value} WHERE id = {number_}",
                 f"DELETE FROM {name} WHERE v = {value}"]
        if column:
            texts += [f"UPDATE {table.name} SET {column.name} = {value} WHERE id = {number_}",
                      f"INSERT INTO {table.name} (id, {column.name}) VALUES ({number_}, {value})"]
        return self.rng.choice(texts)

    def routine(self):
        name, who = self.rng.choice(("q0", "q1")), self._who(SERVER, SERVER)
        if self.routines.get(name):
            return self._defines(f"DROP PROCEDURE {name}", who,
                                 lambda: self.routines.__setitem__(name, False))
        body = self._body("i", "x")
        if self.chance(0.2):
            body = f"CALL {'q1' if name == 'q0' else 'q0'}(i, x)"
        if self.chance(0.5):
            body = f"BEGIN {body}; END"
        return self._defines(f"CREATE PROCEDURE {name}(i INT, x VARCHAR(200) CHARACTER SET utf8mb4) "
                             f"{body}", who, lambda: self.routines.__setitem__(name, True), known=False)

    def call(self):
        name = self.rng.choice(("q0", "q1"))
        return self._statement((f"CALL {name}(", ID, ", ", MARK, ")"), "", True, who=self._who())

    def trigger(self):
        tables = [n for n in NAMES if self.objects[n] == "table"]
        if not tables:
            return self._make(self.rng.choice([n for n in NAMES if not self.objects[n]] or NAMES), SERVER)
        name = self.rng.choice(tables)
        text = self.rng.choice((
            "DROP TRIGGER IF EXISTS g0", "DROP TRIGGER IF EXISTS g1",
            f"CREATE TRIGGER g0 AFTER INSERT ON {name} FOR EACH ROW {self._body('NEW.id', 'NEW.v')}",
            f"CREATE TRIGGER g1 BEFORE UPDATE ON {name} FOR EACH ROW {self._body('NEW.id', 'NEW.v')}"))
        return self._defines(text, self._who(SERVER, SERVER))

    # The session itself.

    def reset(self):
        who = self._who()
        for slot in [s for s in self.slots if s[0] == who]:
            del self.slots[slot]
        for slot in [s for s in self.texts if s[0] == who]:
            del self.texts[slot]
        if not who:
            self.state = State()
        return [Statement(["RESET"], "reset", session=True, who=who, kept="reset"),
                *(Statement([t], "set", session=True, who=who) for t in USUAL_SESSION)]

    def held(self):
        """A write that is held while the schema changes at the server."""
        statement = self._statement(*self._template())
        changes = []
        for _ in range(self.rng.randint(1, 2)):
            name = self.rng.choice(NAMES)
            drawn = self._drop(name, SERVER) if self.objects[name] else self._make(name, SERVER)
            if drawn.who == SERVER:
                changes.append(drawn)
        if not statement.writes or not changes:
            return statement
        statement.during = changes
        return statement


def _one_by_one(drawn):
    if not isinstance(drawn, list):
        yield drawn
        return
    for each in drawn:
        yield from _one_by_one(each)
