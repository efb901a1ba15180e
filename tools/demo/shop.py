"""The shop of the quick start: its policy, its tables and its rows."""

# Column of customers or orders: (mode, envelope overhead in bytes). The
# overheads are those of docs/envelope_format.md.
MODES = {"random": (1, 46), "searchable": (2, 66), "deterministic": (3, 22)}
PROTECTED = {
    "customers.email": "searchable",
    "customers.phone": "random",
    "customers.birth_date": "random",
    "customers.tax_id": "deterministic",
    "orders.card": "random",
}

POLICY = "version: 1\n\ncolumns:\n" + "".join(
    f"  - {{column: shop.{name}, mode: {mode}}}\n" for name, mode in PROTECTED.items()) + """
roles:
  - name: application
    match: [{user: app}]
    default: {reveal: clear, write: true}

  - name: support
    match: [{user: support}]
    default: {reveal: deny}
    columns:
      shop.customers.email: {reveal: {mask: {keep_first: 2, keep_last: 4}}, search: true}
      shop.customers.phone: {reveal: {mask: {keep_last: 3}}}
      shop.customers.birth_date: {reveal: "null"}
      shop.orders.card: {reveal: {mask: {keep_last: 4}}}
"""

CUSTOMERS = """\
CREATE TABLE customers (
  id INT PRIMARY KEY,
  name VARCHAR(80) NOT NULL,
  email VARCHAR(120) NOT NULL,
  phone VARCHAR(30),
  birth_date DATE,
  tax_id VARCHAR(20),
  UNIQUE KEY email (email),
  KEY tax_id (tax_id)
) DEFAULT CHARSET=utf8mb4;
"""
ORDERS = """\
CREATE TABLE orders (
  id INT PRIMARY KEY,
  customer_id INT NOT NULL,
  total DECIMAL(10,2) NOT NULL,
  card VARCHAR(19),
  KEY customer_id (customer_id)
) DEFAULT CHARSET=utf8mb4;
"""

_FIRST = ["Ada", "Björn", "Chloé", "Dmitri", "Eva", "Farid", "Grace", "Hana", "Ivo", "June"]
_LAST = ["Okafor", "Lindqvist", "Müller", "Rossi", "Tanaka", "Novák", "Silva", "Haddad", "Kowalska",
         "Byrne"]
_ASCII = str.maketrans("öéüá", "oeua")


def customers(count):
    """Rows of customers; the first has no tricks, some later ones have NULLs."""
    rows = []
    for number in range(1, count + 1):
        first, last = _FIRST[number % 10], _LAST[number // 10 % 10]
        address = f"{first}.{last}{number}@example.com".translate(_ASCII)
        rows.append((number, f"{first} {last}", address,
                     f"+49 30 {5550000 + number * 17}" if number % 9 else None,
                     f"{1950 + number % 55}-{number % 12 + 1:02}-{number % 28 + 1:02}",
                     f"DE{811000000 + number * 7919}"))
    return rows


def orders(customer_rows):
    """One order for every second customer."""
    return [(1000 + row[0], row[0], f"{row[0] * 37 % 900 + 9}.90",
             f"4111 {1000 + row[0]} {2000 + row[0] * 3} {3000 + row[0] * 7}")
            for row in customer_rows if row[0] % 2 == 1]


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def insert(table, columns, rows):
    values = ",\n  ".join(f"({', '.join(map(literal, row))})" for row in rows)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES\n  {values};\n"


CUSTOMER_COLUMNS = ("id", "name", "email", "phone", "birth_date", "tax_id")
ORDER_COLUMNS = ("id", "customer_id", "total", "card")
