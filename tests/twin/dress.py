"""The same statement in other clothes: names in quotes and in other case,
comments, executable comments."""

import re

COLUMN = re.compile(r"\b([a-z]|t\d)\.(c\d+|id)\b")
TABLE = re.compile(r"\b(FROM|JOIN|INTO|UPDATE|TABLE) (t\d)\b")
WORD = re.compile(r" (WHERE|FROM|GROUP BY|ORDER BY|AND|VALUES|SET|ON) ")
COMMENTS = ("/* it's \" ` */", "/**/", "-- don't `\n", "# a \" b\n", "/* ? ; */", "/*! */")


def dressed(rng, parts, kind, state):
    """Parts like these; values stay what they are."""
    change = rng.choice((_quoted, _other_case, _comments, _executable, _schema))
    return [change(rng, p, kind, state) if isinstance(p, str) else p for p in parts]


def _quote(state, name):
    mark = '"' if state.ansi_quotes else "`"
    return f"{mark}{name}{mark}"


def _quoted(rng, text, kind, state):
    return COLUMN.sub(lambda m: f"{m[1]}.{_quote(state, m[2])}" if rng.random() < 0.5 else
                      f"{_quote(state, m[1])} . {_quote(state, m[2])}", text)


def _other_case(rng, text, kind, state):
    text = COLUMN.sub(lambda m: f"{m[1]}.{rng.choice((m[2].upper(), m[2]))}", text)
    return WORD.sub(lambda m: f" {m[1].lower()} ", text)


def _comments(rng, text, kind, state):
    return WORD.sub(lambda m: f" {rng.choice(COMMENTS)}{m[1]} {rng.choice(COMMENTS)} ", text)


def _executable(rng, text, kind, state):
    mine = "/*M!100000 " if kind == "mariadb" else "/*!80000 "
    other = "/*!999999 nonsense */" if kind == "mysql" else "/*M!999999 nonsense */"
    marks = (("/*! ", " */"), ("/*!50000 ", " */"), (mine, " */"), (f"{other} ", ""))

    def mark(found):
        begin, end = rng.choice(marks)
        return f" {begin}{found[1]}{end} "
    return WORD.sub(mark, text)


def _schema(rng, text, kind, state):
    return TABLE.sub(lambda m: f"{m[1]} {_quote(state, 'shop')}.{m[2]}", text)
