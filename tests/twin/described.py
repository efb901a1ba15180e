"""Metadata of columns in which the two sides may differ: whether nothing but that does."""

import re

NOT_NULL, BLOB, ZEROFILL, BINARY, NO_DEFAULT, GROUP = 1, 16, 64, 128, 4096, 0x8000
# Primary, unique, other key, auto-increment, part of a key.
KEY_FLAGS = 2 | 4 | 8 | 0x200 | 0x4000
INTEGERS = {1, 2, 3, 8, 9, 13}  # a YEAR is one, after a window function of MySQL
TEXTS = {249, 250, 251, 252}
UNSIGNED = 32
VIEW = re.compile(rb"\bw\d\b", re.IGNORECASE)
COMMA_JOIN = re.compile(rb" FROM \w+ a, \w+ b\b")
PLAIN = re.compile(r"/\* 999999 nonsense \*/")


def plan_flags(step, own, theirs, ours, other):
    """Only flags differ that the server sets by its plan: those of keys, all or
    none; NOT NULL in a join or of an expression; GROUP; of groups, whether there
    is a default; and of an expression what its temporary table has."""
    ignored = GROUP
    if not (ours.flags & KEY_FLAGS and other.flags & KEY_FLAGS) or groups(step):
        ignored |= KEY_FLAGS
    if groups(step):
        ignored |= NO_DEFAULT
    if b" JOIN " in step.sql.upper() or b"(SELECT" in step.sql or COMMA_JOIN.search(step.sql):
        ignored |= NOT_NULL
    if representative(step, own, theirs, ours, other):
        ignored |= NOT_NULL | NO_DEFAULT
        if ours.type == 7:  # MariaDB calls the column of a TIMESTAMP unsigned
            ignored |= UNSIGNED
    if not ours.org_table and not other.org_table:
        ignored |= NOT_NULL | BINARY | NO_DEFAULT | UNSIGNED
    return ours.flags | ignored == other.flags | ignored


def derived(step, own, theirs, ours, other):
    return b"(SELECT" in step.sql and ours.name == other.name


def same_charset(step, own, theirs, ours, other):
    return ours.charset in (45, 255) and other.charset == 46


def temporary_table(step, own, theirs, ours, other):
    """An expression's column: with a temporary table MySQL names it and gives it
    the type of that table's column."""
    return (not ours.org_table and not other.org_table
            and {ours.org_name, other.org_name} <= {"", ours.name, other.name}
            and (ours.type == other.type or {ours.type, other.type} == {3, 8}))


def expression_named(step, own, theirs, ours, other):
    return (not ours.org_table and not other.org_table
            and {ours.org_name, other.org_name} == {"", ours.name} and ours.name == other.name)


def of_a_view(step, own, theirs, ours, other):
    return VIEW.search(step.sql) is not None and ours.name.lower() == other.name.lower()


def met_a_literal(step, own, theirs, ours, other):
    """A number of a set operation, another query of which has a literal there."""
    words = step.sql.upper()
    types = {ours.type, other.type}
    return (b" INTERSECT " in words or b" EXCEPT " in words) and types in ({3, 8}, {4, 5})


def chooses(step):
    return any(word in step.sql.upper() for word in (b"COALESCE(", b"IF(", b"IFNULL(", b"CASE "))


def groups(step):
    return any(w in step.sql.upper() for w in (b"GROUP BY", b"DISTINCT", b"UNION"))


def representative(step, own, theirs, ours, other):
    return ours.table == "" and groups(step)


def expression(step, own, theirs, ours, other):
    return not ours.org_table and not other.org_table


def as_column(step, own, theirs, ours, other):
    """Kinds of TEXT and of strings, and flags of the type."""
    types = {ours.type, other.type}
    alike = types <= {249, 250, 251, 252, 253} or types <= {253, 254} or types <= INTEGERS
    # An ENUM after a window function, where MySQL knows before that there are no rows.
    alike = alike or types == {247, 253} and b" OVER " in step.sql.upper()
    # A JSON beside a text, which MySQL calls JSON or a TEXT by what it prepared.
    alike = alike or 245 in types and types - {245} <= TEXTS and chooses(step)
    # MariaDB makes a DECIMAL of CASE of an INT UNSIGNED and NULL.
    decimal = 246 in types and types - {246} <= INTEGERS and ours.flags & UNSIGNED
    bits = UNSIGNED if decimal or 13 in types and types <= INTEGERS else 0
    bits |= BLOB | ZEROFILL | BINARY | GROUP | NOT_NULL | NO_DEFAULT
    return ((alike or decimal or ours.type == other.type) and ours.flags | bits == other.flags | bits
            and (expression(step, own, theirs, ours, other)
                 or representative(step, own, theirs, ours, other)))


def blanks(step, own, theirs, ours, other):
    """One that MySQL once had at the end."""
    return ours.name.strip() == other.name.strip()


def comment_left(step, own, theirs, ours, other):
    """One that does not run, and that MySQL has made a plain one of in the text that it prepares
    anew."""
    return bool(step.values is not None and PLAIN.sub("", ours.name) == PLAIN.sub("", other.name))
