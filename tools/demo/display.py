"""What the quick start prints: headings, aligned tables, and its failures."""

import sys
import unicodedata

_LIVE = sys.stdout.isatty()
_BOLD, _DIM, _OFF = ("\033[1m", "\033[2m", "\033[0m") if _LIVE else ("", "", "")


class Wrong(Exception):
    """Something is not as the quick start promises; says what and how."""


def check(condition, message, detail=""):
    if not condition:
        raise Wrong(f"{message}\n{detail}".rstrip())


def step(text):
    """What happens next, in the manner of tools/steps.sh."""
    print(f"{_BOLD}==>{_OFF} {text}", flush=True)


def heading(text):
    print(f"\n{_BOLD}--- {text} {'-' * max(3, 92 - len(text))}{_OFF}\n", flush=True)


def note(text):
    for line in text.strip("\n").splitlines():
        print(f"  {line}" if line else "", flush=True)


def shell(command, text):
    """A command that a reader could type, and what it printed."""
    print(f"  {_DIM}${_OFF} {_BOLD}{command}{_OFF}")
    for line in text.rstrip("\n").splitlines():
        print(f"    {line}")
    sys.stdout.flush()


def width(text):
    """Columns that a terminal needs: two for wide characters, none for marks."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF"
               else 1 for c in text)


def table(titles, rows):
    """`rows` are sequences of text; None draws a line."""
    cells = [list(titles)] + [list(row) for row in rows if row is not None]
    sizes = [max(width(row[i]) for row in cells) for i in range(len(titles))]
    rule = "  +" + "+".join("-" * (size + 2) for size in sizes) + "+"

    def line(row):
        padded = (f" {text}{' ' * (size - width(text))} " for text, size in zip(row, sizes))
        return "  |" + "|".join(padded) + "|"

    print(rule, line(titles), rule, sep="\n")
    for row in rows:
        print(rule if row is None else line(row))
    print(rule, flush=True)
