"""Values of statements: how they are drawn, written as literals and sent as
parameters of the binary protocol."""

import datetime
import struct
from typing import NamedTuple

from raw_packets import text as lenenc_text

# Letters with case and accent variants, padding, what needs escaping, what
# several collations fold differently, characters of one to four bytes.
WORDS = ("", "a", "A", "á", "Á", "a ", "a  ", " a", "b", "B", "bob", "Bob", "BOB", "bób", "bob ",
         "Bób", "e\u0301", "é", "E", "ß", "ss", "Ä", "ae", "æ", "o'b", 'q"q', "x\\y", "x\\", "%", "_",
         "a%", "line\nbreak", "nul\0l", "\x1a", "日本", "😀", "𝒳", "😀 ", "İ", "i", "ı", "I", "0", "00",
         "1", "1.0", "1e0", "-0", "NULL", "ﬁ", "fi", "Я", "я", "ё", "е", "\u00a0", "a\u00a0", "\t",
         "a\t", "z" * 5, "日" * 5)
BYTES = (b"", b"\0", b"a", b"A", b"a ", b"a\0", b"'", b"\\", b"\xff", b"\xfe\x01", b"\xfe\x02\0\0",
         b"\x80\x81", bytes(range(16)), b"\xf0\x9f\x98\x80")
DATES = ("0001-01-01", "1000-01-01", "9999-12-31", "2000-02-29", "1970-01-01", "2024-03-31", "1999-12-31")
CLOCKS = ("00:00:00", "23:59:59", "12:34:56", "02:30:00")
FRACTIONS = ("", ".5", ".123456", ".999999", ".000001", ".1")
TIMES = ("00:00:00", "-00:00:01", "838:59:59", "-838:59:59", "12:34:56", "100:00:00")
LOOSE = (("s", ""), ("s", "abc"), ("s", "1"), ("s", " 1"), ("s", "1x"), ("i", "0"), ("i", "-1"),
         ("i", "20200229"), ("d", "1.5"), ("f", "1e2"), ("s", "2020-02-30"), ("s", "20-2-3"),
         ("s", "0000-00-00"), ("s", "2020-02-29 10:00:00"), ("s", "12:00"), ("b", b"\xff\xfe"),
         ("s", "x" * 300), ("i", str(2**64)), ("i", str(-2**63)), ("w", "TRUE"), ("s", "1e400"))


class Value(NamedTuple):
    """kind: s text, i integer, d decimal number, f float, t date or time as
    text, b bytes, w a word that stands for a literal, n NULL."""

    kind: str
    data: object = None
    form: str = "plain"

    def without(self, character):
        if self.kind != "s":
            return self
        return self._replace(data=self.data.replace(character, ""))


NULL = Value("n")


def draw(rng, column, marker=None, loose=0.03):
    """A value for the column; mostly one that fits it."""
    if rng.random() < 0.08:
        return NULL
    if rng.random() < loose:
        return Value(*rng.choice(LOOSE))
    return DRAW[column.family](rng, column, marker)


def _text(rng, column, marker):
    if marker and rng.random() < 0.3:
        word = rng.choice((marker, marker.lower(), marker.upper(), marker + " ", marker + "é"))
    else:
        word = rng.choice(WORDS)
        if rng.random() < 0.1:
            word += rng.choice(WORDS)
    if column.charset in ("latin1", "ascii") and rng.random() < 0.97:
        word = word.encode("latin1" if column.charset == "latin1" else "ascii", "ignore").decode(
            "latin1")
    elif column.charset == "utf8mb3" and rng.random() < 0.97:
        word = "".join(c for c in word if ord(c) < 0x10000)
    if column.length and rng.random() < 0.98:
        word = word[:column.length]
    form = rng.random()
    return Value("s", word, "plain" if form < 0.93 else rng.choice(
        ("hex", "national", "adjacent", "introducer", f"COLLATE {column.collation}",
         rng.choice((f"COLLATE {column.collation}", f"COLLATE {column.charset}_bin")))))


def _bytes(rng, column, marker):
    data = rng.choice(BYTES)
    if marker and rng.random() < 0.2:
        data = marker.encode()
    if column.length and rng.random() < 0.98:
        data = data[:column.length]
    return Value("b", data)


def _int(rng, column, marker):
    low, high = column.low, column.high
    number = rng.choice((0, 1, 2, 3, 3, 42, low, high, low + 1, high - 1))
    if rng.random() < 0.02:
        number = rng.choice((low - 1, high + 1))
    if rng.random() < 0.05:
        return Value("s", str(number))
    return Value("i", str(number))


def _decimal(rng, column, marker):
    top = "9" * (column.precision - column.scale)
    text = rng.choice(("0", "1", "1.5", "0.01", "2", "-1", "-0.01", top, "0.00", "1.50"))
    if rng.random() < 0.03:
        text = rng.choice((top + "9", "0.0051", "-0", "00.5"))
    if column.unsigned and rng.random() < 0.95:
        text = text.lstrip("-")
    return Value("d", text)


def _moment(rng, text):
    return Value("t", text, "typed" if rng.random() < 0.12 else "plain")


def _date(rng, column, marker):
    return _moment(rng, rng.choice(DATES))


def _datetime(rng, column, marker):
    fraction = rng.choice(FRACTIONS) if column.fraction or rng.random() < 0.03 else ""
    return _moment(rng, f"{rng.choice(DATES)} {rng.choice(CLOCKS)}{fraction[:column.fraction + 1 or 9]}")


def _timestamp(rng, column, marker):
    dates = ("1970-01-02", "2000-02-29", "2024-03-31", "2037-12-31")
    if rng.random() < 0.02:
        dates = DATES
    fraction = rng.choice(FRACTIONS)[:column.fraction + 1] if column.fraction else ""
    return _moment(rng, f"{rng.choice(dates)} {rng.choice(CLOCKS)}{fraction}")


def _time(rng, column, marker):
    return _moment(rng, rng.choice(TIMES))


def _year(rng, column, marker):
    # Not 0: MySQL shows it as 0 or 0000, by the expression around it.
    return Value("i", rng.choice(("1901", "2155", "2000", "2024")))


def _float(rng, column, marker):
    return Value("d", rng.choice(("0", "1.5", "-2.25", "1024", "0.5")))


def _json(rng, column, marker):
    return Value("s", rng.choice(('{"a": 1}', "[1, 2]", '"x"', "null", "{}")))


def _enum(rng, column, marker):
    return Value("s", rng.choice(("red", "green", "Blue", "RED")))


DRAW = {"text": _text, "bytes": _bytes, "int": _int, "decimal": _decimal, "date": _date,
        "datetime": _datetime, "timestamp": _timestamp, "time": _time, "year": _year,
        "float": _float, "json": _json, "enum": _enum}


def literal(value, state):
    """The value as SQL; `state` is the session's (no_backslash, charset)."""
    if value.kind == "n":
        return "NULL"
    if value.kind == "b":
        return f"X'{value.data.hex()}'"
    if value.kind == "t" and value.form == "typed":
        word = "TIMESTAMP" if " " in value.data else "TIME" if ":" in value.data else "DATE"
        return f"{word}'{value.data}'"
    if value.kind in "idfw":
        return value.data
    if value.form == "hex":
        return f"X'{value.data.encode(state.codec, 'replace').hex()}'"
    quoted = quote(value.data, state)
    if value.form == "national":
        return "N" + quoted
    if value.form == "introducer":
        return f"_{state.charset}{quoted}"
    if value.form.startswith("COLLATE "):
        return f"{quoted} {value.form}"
    if value.form == "adjacent":
        return f"{quote(value.data[:1], state)} {quote(value.data[1:], state)}"
    return quoted


def quote(text, state):
    if state.no_backslash:
        return "'" + text.replace("'", "''") + "'"
    for plain, escaped in (("\\", "\\\\"), ("'", "\\'"), ("\0", "\\0"), ("\n", "\\n")):
        text = text.replace(plain, escaped)
    return f"'{text}'"


def parameter(value, state):
    """(type, flags, bytes or None) of a COM_STMT_EXECUTE parameter. Dates go as
    binary dates half of the time, by the parity of their text."""
    if value.kind == "n":
        return 6, 0, None
    if value.kind == "i":
        number = int(value.data)
        if -2**63 <= number < 2**63:
            if -2**31 <= number < 2**31 and number % 2:
                return 3, 0, struct.pack("<i", number)
            return 8, 0, struct.pack("<q", number)
        if 0 <= number < 2**64:
            return 8, 128, struct.pack("<Q", number)
        return 246, 0, lenenc_text(value.data.encode())
    if value.kind == "d":
        return 246, 0, lenenc_text(value.data.encode())
    if value.kind == "f":
        return 5, 0, struct.pack("<d", float(value.data))
    if value.kind == "w":
        return 1, 0, b"\x01"
    if value.kind == "b":
        return 252, 0, lenenc_text(value.data)
    if value.kind == "t" and sum(value.data.encode()) % 2:
        return _temporal(value.data)
    return 253, 0, lenenc_text(value.data.encode(state.codec, "replace"))


def _temporal(text):
    date, _, clock = text.partition(" ") if "-" in text[1:] else ("", "", text)
    whole, _, fraction = clock.partition(".")
    micro = int(fraction.ljust(6, "0")) if fraction else 0
    if not date:
        negative, hms = whole.startswith("-"), [int(n) for n in whole.lstrip("-").split(":")]
        data = struct.pack("<BIBBB", negative, hms[0] // 24, hms[0] % 24, hms[1], hms[2])
        return 11, 0, bytes([8]) + data
    day = datetime.date.fromisoformat(date)
    data = struct.pack("<HBB", day.year, day.month, day.day)
    if not whole:
        return 10, 0, bytes([4]) + data
    data += bytes(int(n) for n in whole.split(":"))
    if micro:
        data += struct.pack("<I", micro)
    return 12, 0, bytes([len(data)]) + data
