#!/usr/bin/python3
# odbc.py PORT USER PASSWORD DATABASE text|prepared <steps.json
# Runs the steps through unixODBC with MariaDB's driver and prints what each of
# them gave, as JSON. TLS with the CA of $SEALGATE_TEST_CA, if that is set.
import json
import os
import re
import sys

import pyodbc

port, user, password, database, mode = sys.argv[1:]
ca = os.environ.get("SEALGATE_TEST_CA")
tls = f"SSLCA={ca};SSLVERIFY=1;FORCETLS=1;" if ca else ""
try:
    link = pyodbc.connect(
        f"DRIVER={{MariaDB Unicode}};SERVER=127.0.0.1;PORT={port};UID={user};PWD={password};"
        f"DATABASE={database};CHARSET=utf8mb4;NO_PROMPT=1;{tls}", autocommit=True)
except pyodbc.Error as error:
    print(f"cannot connect: {error}", file=sys.stderr)
    sys.exit(1)


def value_of(value):
    if value is None:
        return None
    kind, text = value
    if kind == "b":
        return bytes.fromhex(text)
    return int(text) if kind == "i" else text


def literal(value):
    if value is None:
        return "NULL"
    kind, text = value
    if kind == "b":
        return f"X'{text}'"
    if kind in "iud":
        return text
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def run(step):
    out = {"name": step["name"], "error": 0, "message": "", "affected": -1, "insert_id": 0,
           "columns": [], "rows": []}
    cursor = link.cursor()
    try:
        if mode == "text":
            parts = step["sql"].split("?")
            sql = parts[0] + "".join(literal(v) + p for v, p in zip(step["values"], parts[1:]))
            cursor.execute(sql)
        else:
            cursor.execute(step["sql"], [value_of(v) for v in step["values"]])
        if cursor.description is None:
            out["affected"] = cursor.rowcount
        else:
            out["columns"] = [[str(item) for item in column] for column in cursor.description]
            out["rows"] = [[repr(value) for value in row] for row in cursor]
    except pyodbc.Error as error:
        out["message"] = str(error)
        found = re.search(r"\((\d+)\) \(SQL", out["message"])
        out["error"] = int(found[1]) if found else -1
    finally:
        cursor.close()
    return out


print(json.dumps([run(step) for step in json.load(sys.stdin)]))
