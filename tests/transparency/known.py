#!/usr/bin/python3
"""What is known to differ through Sealgate, and the tables of it in the docs.

exceptions.txt (files of the suite) and client_exceptions.txt (tests of
mysql_client_test) have one "name: cause" a line. "name (sometimes): cause" is one
whose difference depends on timing. Run as a program, this writes the tables of
docs/transparency.md."""

import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIST = HERE / "exceptions.txt"
CLIENT_LIST = HERE / "client_exceptions.txt"
DOCUMENT = HERE.parents[1] / "docs" / "transparency.md"


class Exceptions:
    def __init__(self, path=LIST):
        self.causes, self.sometimes = {}, set()
        for line in path.read_text("utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            name, cause = line.split(": ", 1)
            if name.endswith(" (sometimes)"):
                name = name.removesuffix(" (sometimes)")
                self.sometimes.add(name)
            self.causes[name] = cause

    def names(self):
        return set(self.causes)

    def expects(self, name):
        return name in self.causes

    def must_differ(self, name):
        return name in self.causes and name not in self.sometimes

    def table(self, heading):
        lines = [f"| {heading} | cause |", "| --- | --- |"]
        for name in sorted(self.causes):
            mark = " (sometimes)" if name in self.sometimes else ""
            lines.append(f"| `{name}`{mark} | {self.causes[name]} |")
        return "\n".join(lines)


def with_tables(text):
    for mark, path, heading in (("files", LIST, "file"), ("client tests", CLIENT_LIST, "test")):
        begin, end = f"<!-- begin: {mark} -->", f"<!-- end: {mark} -->"
        table = Exceptions(path).table(heading)
        text = re.sub(f"{begin}.*?{end}", lambda _, made=f"{begin}\n{table}\n{end}": made, text,
                      flags=re.DOTALL)
    return text


def document_is_current():
    text = DOCUMENT.read_text("utf-8")
    return with_tables(text) == text


if __name__ == "__main__":
    DOCUMENT.write_text(with_tables(DOCUMENT.read_text("utf-8")), "utf-8")
