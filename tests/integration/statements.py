"""Statements over the people table, each with a value `{v}` for a protected
column (`{x}`: the same in hex): those that have to be refused, and those that
are either right or refused."""

import re
from typing import NamedTuple

# CLOSED: what it answers is of no matter, as long as no value shows.
REFUSED, RIGHT, EITHER, CLOSED = "refused", "right", "either", "closed"


class Statement(NamedTuple):
    name: str
    texts: tuple  # run one after the other in one session
    must: str

    def filled(self, value, database):
        marks = {"{v}": value, "{x}": value.encode().hex(), "{d}": database}
        return [re.sub(r"\{[vxd]\}", lambda m: marks[m[0]], text) for text in self.texts]


def _all(must, table):
    return [Statement(name, (texts,) if isinstance(texts, str) else texts, must)
            for name, texts in table.items()]


INTO = "INSERT INTO people (name) VALUES "

STORED = _all(REFUSED, {
    "a function": INTO + "(CONCAT('{v}', ''))",
    "a function with a space": INTO + "(UPPER ('{v}'))",
    "a conversion": INTO + "(CAST('{v}' AS CHAR))",
    "a cast to binary": INTO + "(BINARY '{v}')",
    "a subquery": INTO + "((SELECT '{v}'))",
    "a subquery in SET": "UPDATE people SET note = (SELECT '{v}' FROM orders LIMIT 1)",
    "a comparison as the value": "UPDATE people SET age = (name = '{v}') WHERE id = 1",
    "INSERT SELECT UNION": "INSERT INTO people (name) SELECT 'a' UNION SELECT '{v}'",
    "COLLATE of another character set": INTO + "('{v}' COLLATE latin1_bin)",
    "a user variable assigned": INTO + "(@x := '{v}')",
    "an operator": INTO + "('{v}' || 'x')",
    "arithmetic": "INSERT INTO people (name, age) VALUES ('{v}', 1 + 1)",
    "INSERT SET with a function": "INSERT INTO people SET name = TRIM('{v}')",
    "on duplicate, a function":
        "INSERT INTO people (id, name) VALUES (1, 'x') ON DUPLICATE KEY UPDATE name = LOWER('{v}')",
    "on duplicate, VALUES in a function":
        "INSERT INTO people (id, name) VALUES (1, '{v}') "
        "ON DUPLICATE KEY UPDATE name = CONCAT(VALUES(name))",
    "into a plain column": "UPDATE people SET name = '{v}', plain = name WHERE id = 1",
    "into another domain": "UPDATE people SET name = '{v}', note = name WHERE id = 1",
    "on duplicate, into a plain column":
        "INSERT INTO people (id, name) VALUES (1, '{v}') "
        "ON DUPLICATE KEY UPDATE plain = VALUES(name)",
    "WITH in INSERT": "INSERT INTO people (name) WITH c AS (SELECT '{v}' AS n) SELECT n FROM c",
    "LOAD DATA": "LOAD DATA INFILE '/{v}' INTO TABLE people (name)",
    "LOAD DATA LOCAL SET":
        "LOAD DATA LOCAL INFILE '/x' INTO TABLE people (id) SET name = CONCAT('{v}', 'x')",
    "LOAD DATA SET": "LOAD DATA INFILE '/x' INTO TABLE people (id) SET name = '{v}'",
    "LOAD XML": "LOAD XML INFILE '/{v}' INTO TABLE people",
    "SELECT INTO OUTFILE": "SELECT name FROM people WHERE name = '{v}' INTO OUTFILE '/{v}'",
    "ALTER TABLE": "ALTER TABLE people ADD COLUMN extra VARCHAR(99) AS (CONCAT(name, '{v}'))",
    "ALTER TABLE, the type": "ALTER TABLE people MODIFY name VARCHAR(100) CHECK (name = '{v}')",
    "CREATE TABLE SELECT": "CREATE TABLE people2 AS SELECT *, '{v}' AS v FROM people",
    "CREATE TABLE LIKE": "CREATE TABLE people2 LIKE people",
    "RENAME TABLE": "RENAME TABLE people TO people3",
    "CREATE VIEW": "CREATE VIEW people_v AS SELECT * FROM people WHERE UPPER(name) = '{v}'",
    "CREATE VIEW, ORDER BY": "CREATE VIEW people_v AS SELECT '{v}' AS v FROM people ORDER BY name",
    "CREATE TRIGGER": "CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW "
                      "INSERT INTO people (name) VALUES ('{v}')",
    "CREATE PROCEDURE": "CREATE PROCEDURE p() INSERT INTO people (name) VALUES ('{v}')",
    "CREATE FUNCTION": "CREATE FUNCTION f() RETURNS INT BEGIN INSERT INTO people (name) "
                       "VALUES ('{v}'); RETURN 1; END",
    "CREATE EVENT": "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO "
                    "INSERT INTO people (name) VALUES ('{v}')",
    "a view of a view": "DELETE FROM view_view WHERE name = '{v}'",
    "a procedure that exists": "CALL store_name('{v}')",
    "a procedure with dynamic SQL": "CALL run_text('INSERT INTO people (name) VALUES (\"{v}\")')",
    "a function that stores": "SELECT store_one('{v}')",
    "a trigger that reaches it": "INSERT INTO letters VALUES ('{v}')",
    "PREPARE of a literal": ("PREPARE s FROM 'INSERT INTO people (name) VALUES (''{v}'')'",
                             "EXECUTE s"),
    "PREPARE of a variable": ("SET @q = 'INSERT INTO people (name) VALUES (''{v}'')'",
                              "PREPARE s FROM @q", "EXECUTE s"),
    "PREPARE of an expression": ("PREPARE s FROM CONCAT('INSERT INTO peo', 'ple (name) "
                                 "VALUES (''{v}'')')", "EXECUTE s"),
    "EXECUTE IMMEDIATE": "EXECUTE IMMEDIATE 'INSERT INTO people (name) VALUES (''{v}'')'",
    "EXECUTE IMMEDIATE, parts":
        "EXECUTE IMMEDIATE CONCAT('INSERT INTO peo', 'ple (name) VALUES (\"{v}\")')",
    "a block": "BEGIN NOT ATOMIC INSERT INTO people (name) VALUES ('{v}'); END",
    "HANDLER": "HANDLER people OPEN AS {v}",
    "HANDLER by name": ("HANDLER people OPEN", "HANDLER people READ name = ('{v}')"),
    "a variable": "SET @n = (SELECT name FROM people WHERE name = '{v}')",
    "SELECT INTO a variable": "SELECT name INTO @n FROM people WHERE name = '{v}'",
    "a second statement that is refused":
        "INSERT INTO people (name) VALUES ('{v}'); SELECT UPPER(name) FROM people",
    "another schema in between": "SELECT 1; USE shop; INSERT INTO people (name) VALUES ('{v}')",
    "a call in between": "SELECT 1; CALL store_name('{v}'); SELECT name FROM people",
    "an empty statement in between": "SELECT 1;; INSERT INTO people (name) VALUES ('{v}')",
    "two after a mode":
        "SET sql_mode = 'ANSI_QUOTES'; INSERT INTO \"people\" (name) VALUES ('{v}')",
    "quoted names without the mode":
        "INSERT INTO \"people\" (\"name\") VALUES ('{v}')",
    "an unterminated string": "INSERT INTO people (name) VALUES ('{v}",
    "an unterminated comment": "INSERT INTO people (name) VALUES ('{v}') /* ",
    "not SQL": "people {v} people '{v}'",
})

READ = _all(REFUSED, {
    "ORDER BY": "SELECT id FROM people WHERE name <> '{v}' ORDER BY name",
    "ORDER BY in UPDATE": "UPDATE people SET name = '{v}' ORDER BY name LIMIT 1",
    "LIKE": "SELECT id FROM people WHERE name LIKE '{v}%'",
    "REGEXP": "SELECT id FROM people WHERE name REGEXP '{v}'",
    "less than": "SELECT id FROM people WHERE name < '{v}'",
    "at least": "DELETE FROM people WHERE name >= '{v}'",
    "BETWEEN": "SELECT id FROM people WHERE name BETWEEN 'a' AND '{v}'",
    "MIN": "SELECT MIN(name), '{v}' FROM people",
    "MAX": "SELECT MAX(age) FROM people WHERE name = '{v}'",
    "SUM": "SELECT SUM(amount) FROM people WHERE name <> '{v}'",
    "GROUP_CONCAT": "SELECT GROUP_CONCAT(name) FROM people WHERE name <> '{v}'",
    "CONCAT": "SELECT CONCAT(name, '{v}') FROM people",
    "UNION in a subquery": "SELECT (SELECT name FROM people WHERE id = 1 UNION SELECT '{v}')",
    "a function around the column": "SELECT id FROM people WHERE LOWER(name) = '{v}'",
    "COLLATE on the column": "SELECT id FROM people WHERE name COLLATE utf8mb4_bin = '{v}'",
    "COLLATE on the value": "SELECT id FROM people WHERE name = '{v}' COLLATE utf8mb4_bin",
    "a random column": "SELECT id FROM people WHERE note = '{v}'",
    "columns of two domains": "SELECT id FROM people WHERE name = code OR name = '{v}'",
    "a protected and a plain column": "SELECT id FROM people WHERE name = plain OR name = '{v}'",
    "a window": "SELECT ROW_NUMBER() OVER (ORDER BY name) FROM people WHERE name <> '{v}'",
    "a number for a text": "SELECT id FROM people WHERE name = 0 OR name = '{v}'",
    "the column as a condition": "SELECT id FROM people WHERE name AND name <> '{v}'",
})

OTHER = [
    *_all(RIGHT, {
        "a literal": INTO + "('{v}')",
        "a literal with COLLATE": INTO + "('{v}' COLLATE utf8mb4_bin)",
        "COLLATE of the column": "SELECT id FROM people WHERE name = '{v}' COLLATE utf8mb4_general_ci",
        "a second statement": "SELECT 1; " + INTO + "('{v}')",
        "a second statement first": INTO + "('{v}'); SELECT 1",
        "several statements": "BEGIN; " + INTO + "('{v}'); SELECT COUNT(*), 'x;y' FROM orders; "
                              "SELECT name, plain FROM people WHERE name = '{v}'; COMMIT;",
        "several, the second fails": INTO + "('{v}'); INSERT INTO orders VALUES (10, 1, 'twice'); "
                                     "SELECT name FROM people",
        "double quotes": INTO + "(\"{v}\")",
        "parentheses": INTO + "(('{v}'))",
        "a hex literal": INTO + "(X'{x}')",
        "a 0x literal": INTO + "(0x{x})",
        "VALUE": "INSERT INTO people (name) VALUE ('{v}')",
        "the schema": "INSERT INTO `{d}`.`people` (`name`, code) VALUES ('{v}', '{v}')",
        "IGNORE": "INSERT IGNORE INTO people (id, name) VALUES (1, '{v}')",
        "comments": "INSERT /* a */ INTO people -- b\n (name) # c\n VALUES ('{v}')",
        "a semicolon at the end": INTO + "('{v}');",
        "every column": "INSERT INTO people (name, note, code, latin) VALUES "
                        "('{v}', '{v}', '{v}', '{v}'), ('{v}2', '{v}', '{v}', '{v}')",
        "INSERT SET": "INSERT INTO people SET name = '{v}', note = '{v}'",
        "on duplicate": "INSERT INTO people (id, name) VALUES (1, '{v}') ON DUPLICATE KEY UPDATE "
                        "name = VALUES(name), note = '{v}'",
        "REPLACE": "REPLACE people (id, name) VALUES (1, '{v}')",
        "UPDATE": "UPDATE people SET name = '{v}', code = '{v}' WHERE name = 'Ana'",
        "equal": "SELECT * FROM people WHERE name = '{v}' OR name <> '{v}' ORDER BY id",
        "equal, turned": "SELECT id FROM people WHERE '{v}' = name",
        "an introducer": INTO + "(_utf8mb4'{v}')",
        "a national string": INTO + "(N'{v}')",
        "adjacent literals": INTO + "('a' '{v}')",
        "adjacent literals, lines": INTO + "('a'\n'{v}')",
        "an introducer before hex": INTO + "(_latin1 X'{x}')",
        "IN": "SELECT id FROM people WHERE name IN ('{v}', 'ana') AND code NOT IN ('{v}')",
        "null-safe": "SELECT id FROM people WHERE NOT name <=> '{v}' ORDER BY id",
        "an alias": "SELECT p.name n FROM people p WHERE p.name <> '{v}' ORDER BY p.id",
        "DELETE": "DELETE FROM people WHERE name <> '{v}'",
        "ANSI_QUOTES": ("SET sql_mode = 'ANSI_QUOTES'",
                        "INSERT INTO \"people\" (\"name\") VALUES ('{v}')"),
        "NO_BACKSLASH_ESCAPES": ("SET sql_mode = 'NO_BACKSLASH_ESCAPES'",
                                 "INSERT INTO people (name) VALUES ('\\'), ('{v}\\')"),
        "latin1": ("SET NAMES latin1", INTO + "('{v} é')", "SET NAMES utf8mb4"),
        "a database change": ("USE {d}", INTO + "('{v}')"),
    }),
    *_all(EITHER, {
        "a multi-table UPDATE": "UPDATE people p JOIN orders o ON o.person_id = p.id "
                                "SET p.name = '{v}', o.item = 'x' WHERE p.name = 'Ana'",
        "a multi-table UPDATE, comma": "UPDATE people p, orders o SET p.note = '{v}' "
                                       "WHERE o.person_id = p.id",
        "a multi-table DELETE": "DELETE p FROM people p JOIN orders o ON o.person_id = p.id "
                                "WHERE p.name <> '{v}'",
        "a common table": "WITH c AS (SELECT id, name FROM people) "
                          "SELECT * FROM c WHERE name <> '{v}' ORDER BY id",
        "a derived table": "SELECT n FROM (SELECT id, name AS n FROM people) d "
                           "WHERE n <> '{v}' ORDER BY id",
        "EXISTS": "SELECT id FROM orders o WHERE EXISTS (SELECT 1 FROM people p "
                  "WHERE p.id = o.person_id AND p.name <> '{v}') ORDER BY id",
        "a comparison as a column": "SELECT id, name = '{v}', name = 'ana' FROM people ORDER BY id",
        "IF over a comparison": "SELECT IF(name = 'ana', 'yes', 'no') FROM people "
                                "WHERE name <> '{v}' ORDER BY id",
        "CASE over a comparison": "SELECT CASE WHEN name = 'ana' THEN 1 ELSE 0 END FROM people "
                                  "WHERE name <> '{v}' ORDER BY id",
        "USING": "SELECT a.name FROM people a JOIN people b USING (id) WHERE a.name <> '{v}' "
                 "ORDER BY a.id",
        "FOR UPDATE": "SELECT name FROM people WHERE name <> '{v}' ORDER BY id FOR UPDATE",
        "HAVING": "SELECT id, name FROM people HAVING name <> '{v}' ORDER BY id",
        "an INSERT of a row with an alias": "INSERT INTO people (id, name) VALUES (1, '{v}') AS n "
                                            "ON DUPLICATE KEY UPDATE name = n.name",
        "RETURNING": INTO + "('{v}') RETURNING name",
        "VALUES ROW": "INSERT INTO people (name) VALUES ROW('{v}')",
        "a hint": "INSERT /*+ SET_VAR(sort_buffer_size = 65536) */ INTO people (name) "
                  "VALUES ('{v}')",
        "upper case": "INSERT INTO PEOPLE (NAME) VALUES ('{v}')",
        "LOW_PRIORITY": "INSERT LOW_PRIORITY INTO people (name) VALUES ('{v}')",
        "PARTITION": "INSERT INTO people PARTITION (p0) (name) VALUES ('{v}')",
        "a date literal": "INSERT INTO people (name, born) VALUES ('{v}', DATE'2020-02-02')",
        "TRUE": "INSERT INTO people (name, age) VALUES ('{v}', TRUE)",
        "DEFAULT": "INSERT INTO people (name, note) VALUES ('{v}', DEFAULT)",
        "its own value": "UPDATE people SET name = name, note = '{v}' WHERE id = 1",
        "a bit literal": "INSERT INTO people (name, token) VALUES ('{v}', b'0100000101000010')",
        "a number in text": "INSERT INTO people (name, code) VALUES ('{v}', 12)",
        "a text for a number": "INSERT INTO people (name, age) VALUES ('{v}', '12')",
        "a text that is no number": "INSERT INTO people (name, age) VALUES ('{v}', '12a')",
        "a date with time": "INSERT INTO people (name, born) VALUES ('{v}', '2020-02-02 10:00:00')",
        "a loose date": "INSERT INTO people (name, born) VALUES ('{v}', '20-2-3')",
        "a fraction": "INSERT INTO people (name, amount, age) VALUES ('{v}', 1.005, 2.5)",
        "too few values": "INSERT INTO people (name, note) VALUES ('{v}')",
        "an unknown column": "INSERT INTO people (nome) VALUES ('{v}')",
        "an unknown table": "INSERT INTO peoples (name) VALUES (NULL)",
        "TRUNCATE": "TRUNCATE TABLE people",
        "an executable comment": "/*!50000 INSERT INTO people (name) VALUES ('{v}') */",
        "a comment around the table": "INSERT INTO /*!50000 people */ (name) VALUES ('{v}')",
        "a comment around the value": "INSERT INTO people (name) VALUES (/*! '{v}' */)",
        "a comment of the future": "/*!99999 ' */ INSERT INTO people (name) VALUES ('{v}') -- '",
        "a comment of MariaDB": "/*M! INSERT INTO people (name) VALUES ('{v}') */",
        "a comment of MariaDB, version": "/*M!100100 INSERT INTO people (name) VALUES ('{v}') */",
        "a comment with another inside":
            "/*!50000 INSERT /* x */ INTO people (name) VALUES ('{v}') */",
        "a comment that adds a value":
            "INSERT INTO people (plain /*!50000 , name */) VALUES ('x' /*!50000 , '{v}' */)",
        "CASE": "UPDATE people SET name = CASE WHEN id = 1 THEN '{v}' ELSE name END",
        "IF": "UPDATE people SET name = IF(id = 1, '{v}', 'x') WHERE id = 1",
        "INSERT SELECT": "INSERT INTO people (name) SELECT '{v}'",
        "INSERT SELECT of a table": "INSERT INTO people (id, name) SELECT id + 100, '{v}' FROM people",
        "REPLACE SELECT": "REPLACE INTO people (id, name) SELECT 1, '{v}'",
        "WITH UPDATE": "WITH c AS (SELECT 1 AS n) UPDATE people SET name = '{v}' WHERE id = 1",
        "GROUP BY": "SELECT COUNT(*) FROM people WHERE name <> '{v}' GROUP BY name",
        "DISTINCT": "SELECT DISTINCT id, name FROM people WHERE name <> '{v}' ORDER BY id",
        "COUNT DISTINCT": "SELECT COUNT(DISTINCT name) FROM people WHERE name <> '{v}'",
        "UNION ALL, second": "SELECT '{v}' UNION ALL SELECT name FROM people",
        "a row": "SELECT id FROM people WHERE (id, name) = (1, '{v}')",
        "IN with a subquery": "SELECT id FROM people WHERE name IN (SELECT '{v}')",
        "ANY": "SELECT id FROM people WHERE name = ANY (SELECT '{v}')",
        "a scalar subquery": "SELECT (SELECT name FROM people WHERE name = '{v}')",
        "a choice in a choice": "UPDATE people SET name = COALESCE(IF(id = 1, '{v}', NULL), name)",
        "INSERT SELECT of a choice": "INSERT INTO people (id, note) "
                                     "SELECT id + 50, CASE WHEN id = 10 THEN '{v}' END FROM orders",
        "a literal beside the column": "SELECT COALESCE(name, '{v}'), IFNULL(note, '{v}') FROM people "
                                       "ORDER BY id",
        "NULLIF": "SELECT NULLIF(name, '{v}'), NULLIF(code, '{v}') FROM people ORDER BY id",
        "CASE of the column": "SELECT CASE name WHEN '{v}' THEN 1 WHEN 'ana' THEN 2 END FROM people "
                              "ORDER BY id",
        "rows in a list": "SELECT id FROM people WHERE (name, id) IN (('{v}', 1), ('ana', 1))",
        "a row of two domains": "SELECT id FROM people WHERE (name, code) <> ('{v}', '{v}') "
                                "ORDER BY id",
        "a value IN columns": "SELECT id FROM people WHERE '{v}' IN (name, name) OR id = 1",
        "a group's value": "SELECT COUNT(*) FROM people GROUP BY name HAVING name <> '{v}'",
        "UNION": "SELECT name FROM people WHERE name = '{v}' UNION SELECT '{v}'",
        "EXCEPT": "SELECT name FROM people WHERE name = '{v}' EXCEPT SELECT '{v}'",
        "INTERSECT": "SELECT name FROM people INTERSECT SELECT '{v}'",
        "EXISTS of a UNION": "SELECT id FROM people WHERE EXISTS (SELECT name FROM people "
                             "UNION SELECT '{v}') ORDER BY id",
        "UNION of a deterministic column": "SELECT code FROM people WHERE id = 1 "
                                           "UNION ALL SELECT '{v}'",
        "a recursive common table": "WITH RECURSIVE r AS (SELECT id, name FROM people WHERE id = 1 "
                                    "UNION ALL SELECT p.id, p.name FROM people p JOIN r "
                                    "ON p.id = r.id + 1) SELECT * FROM r WHERE name <> '{v}' ORDER BY id",
    }),
    *_all(CLOSED, {
        "a view is made": ("CREATE OR REPLACE VIEW people_made AS SELECT id, name FROM people "
                           "WHERE name = '{v}' OR code IN ('{v}', 'b')",
                           "SELECT * FROM people_made WHERE name = '{v}'"),
        "a view that exists": "INSERT INTO people_view (name) VALUES ('{v}')",
        "a view, UPDATE": "UPDATE people_view SET name = '{v}' WHERE id = 1",
        "a view that exists, read": "SELECT id FROM view_view WHERE name = '{v}'",
        "EXPLAIN": "EXPLAIN SELECT * FROM people WHERE name = '{v}'",
        "EXPLAIN of a write": "EXPLAIN UPDATE people SET name = '{v}' WHERE note = '{v}' OR id = 1",
        "DESCRIBE of a statement": "DESCRIBE INSERT INTO people (name) VALUES ('{v}')",
        "EXPLAIN ANALYZE": "EXPLAIN ANALYZE SELECT * FROM people WHERE name = '{v}'",
        "ANALYZE": "ANALYZE FORMAT=JSON SELECT id FROM people WHERE name IN ('{v}', 'ana')",
    }),
]

ALL = STORED + READ + OTHER
