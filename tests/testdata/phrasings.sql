-- Statements in which {v}, or {x} in hex, is a value of a protected column of people, or would
-- be compared with one. A line of ;; ends each; @@ stands between statements of one session.
-- Run by tests/integration/test_phrasings.py.
;;
SELECT id FROM people WHERE name = BINARY '{v}'
;;
SELECT id FROM people WHERE name = CAST('{v}' AS CHAR)
;;
SELECT id FROM people WHERE name = CONVERT('{v}' USING utf8mb4)
;;
SELECT id FROM people WHERE CONVERT(name USING utf8mb4) = '{v}'
;;
SELECT id FROM people WHERE name = ('{v}')
;;
SELECT id FROM people WHERE ROW(name) = ROW('{v}')
;;
SELECT id FROM people WHERE ROW(1,name) IN (ROW(1,'{v}'))
;;
SELECT id FROM people WHERE (1,(2,name)) = (1,(2,'{v}'))
;;
SELECT id FROM people WHERE '{v}' MEMBER OF(name)
;;
SELECT id FROM people WHERE name SOUNDS LIKE '{v}'
;;
SELECT id FROM people WHERE MATCH(name) AGAINST('{v}')
;;
SELECT id FROM people WHERE name RLIKE '{v}'
;;
SELECT id FROM people WHERE name = '{v}' IS TRUE
;;
SELECT id FROM people WHERE name = '{v}' = 1
;;
SELECT id FROM people WHERE 1 = (name = '{v}')
;;
SELECT id FROM people WHERE STRCMP(name,'{v}')=0
;;
SELECT INTERVAL(name,'{v}') FROM people
;;
SELECT GREATEST(name,'{v}') FROM people
;;
SELECT LEAST('{v}',name) FROM people
;;
SELECT FIELD('{v}',name), FIELD(name,'{v}') FROM people
;;
SELECT ELT(1,name,'{v}') FROM people
;;
SELECT FIND_IN_SET('{v}',name) FROM people
;;
SELECT INSTR(name,'{v}') FROM people
;;
SELECT LOCATE('{v}',name) FROM people
;;
SELECT POSITION('{v}' IN name) FROM people
;;
SELECT JSON_OBJECT('a',name,'b','{v}') FROM people
;;
SELECT JSON_CONTAINS(name,'{v}') FROM people
;;
SELECT name->'$.{v}' FROM people
;;
SELECT name n FROM people HAVING n = '{v}'
;;
SELECT name n FROM people GROUP BY n HAVING n = '{v}'
;;
SELECT name n FROM people GROUP BY n HAVING MAX(n) = '{v}'
;;
SELECT id FROM people ORDER BY name = '{v}'
;;
SELECT id FROM people ORDER BY FIELD(name,'{v}')
;;
SELECT id FROM people GROUP BY name = '{v}'
;;
SELECT COUNT(name = '{v}' OR NULL), SUM(name = '{v}') FROM people
;;
SELECT SUM(IF(name = '{v}',1,0)) OVER (PARTITION BY name = '{v}') FROM people
;;
SELECT LAG(name,1,'{v}') OVER (ORDER BY id) FROM people
;;
SELECT LEAD(name,1,'{v}') OVER w FROM people WINDOW w AS (ORDER BY id)
;;
SELECT NTH_VALUE(name,1) OVER (ORDER BY name='{v}') FROM people
;;
SELECT GROUP_CONCAT(name SEPARATOR '{v}') FROM people
;;
SELECT GROUP_CONCAT(id ORDER BY name = '{v}') FROM people
;;
UPDATE people SET name = '{v}' ORDER BY name = '{v}' LIMIT 1
;;
UPDATE people p JOIN (SELECT '{v}' n) d SET p.name = d.n
;;
UPDATE people p, (SELECT '{v}' n) d SET p.name = d.n WHERE p.id=1
;;
UPDATE people SET name = (SELECT '{v}') WHERE id=1
;;
UPDATE people SET name = (SELECT MAX('{v}')) WHERE id=1
;;
UPDATE people SET name = (VALUES ('{v}')) WHERE id=1
;;
UPDATE people SET (name) = ('{v}')
;;
UPDATE people SET plain = (name = '{v}')
;;
UPDATE people SET plain = '{v}' WHERE name = plain
;;
UPDATE people SET name = plain, plain = '{v}'
;;
UPDATE people SET plain = '{v}', name = plain
;;
UPDATE people SET name = name = '{v}'
;;
UPDATE people SET name = DEFAULT('{v}')
;;
UPDATE people SET name = INSERT(name,1,1,'{v}')
;;
UPDATE people SET name = '{v}' || ''
;;
UPDATE people SET name = '' || '{v}' WHERE id = 1
;;
SET sql_mode='PIPES_AS_CONCAT'@@UPDATE people SET name = '' || '{v}' WHERE id = 1
;;
SET sql_mode='PIPES_AS_CONCAT'@@SELECT id FROM people WHERE name = '' || '{v}'
;;
SELECT id FROM people WHERE name = '{v}' || ''
;;
SELECT id FROM people WHERE name = ANY (VALUES ROW('{v}'))
;;
SELECT id FROM people WHERE name IN (VALUES ('{v}'))
;;
SELECT id FROM people WHERE name = (TABLE beside LIMIT 1) AND name = '{v}'
;;
SELECT id FROM people JOIN (VALUES ROW('{v}')) v(n) ON v.n = name
;;
SELECT id FROM people JOIN (VALUES ('{v}')) v ON v.`{v}` = name
;;
WITH c(n) AS (SELECT '{v}') SELECT id FROM people, c WHERE name = n
;;
WITH c(n) AS (VALUES ROW('{v}')) SELECT id FROM people, c WHERE name = n
;;
WITH c AS (SELECT '{v}' AS name) SELECT people.id FROM people JOIN c USING (name)
;;
WITH c AS (SELECT '{v}' AS name) SELECT people.id FROM people NATURAL JOIN c
;;
SELECT people.id FROM people NATURAL JOIN (SELECT '{v}' AS name) c
;;
SELECT people.id FROM people LEFT JOIN (SELECT '{v}' AS n, 1 AS i) c ON c.n = people.name AND c.i = people.id
;;
SELECT p.id FROM people p JOIN LATERAL (SELECT '{v}' AS n) l ON l.n = p.name
;;
SELECT p.id FROM people p, LATERAL (SELECT p.name = '{v}' AS n) l
;;
SELECT * FROM (SELECT name n FROM people) d WHERE n = '{v}'
;;
SELECT * FROM (SELECT name n FROM people UNION ALL SELECT '{v}') d WHERE n = 'a'
;;
SELECT * FROM (SELECT '{v}' n UNION ALL SELECT name FROM people) d
;;
SELECT * FROM (SELECT name a, plain b FROM people UNION ALL SELECT plain, '{v}' FROM people) d
;;
SELECT * FROM (SELECT plain a FROM people UNION ALL SELECT name FROM people WHERE name='{v}') d
;;
(SELECT name FROM people) UNION ALL (SELECT '{v}') ORDER BY 1
;;
SELECT id FROM people WHERE EXISTS (SELECT '{v}' AS x HAVING x = people.name)
;;
SELECT id FROM people WHERE EXISTS (SELECT 1 FROM beside WHERE people.name = '{v}')
;;
SELECT id FROM people WHERE EXISTS (SELECT name FROM beside WHERE name = '{v}')
;;
SELECT id, (SELECT people.name = '{v}') FROM people
;;
SELECT id FROM beside WHERE '{v}' = (SELECT name FROM people LIMIT 1)
;;
SELECT id FROM beside WHERE '{v}' IN (SELECT name FROM people)
;;
SELECT id FROM beside WHERE ('{v}', 1) IN (SELECT name, id FROM people)
;;
SELECT id FROM beside WHERE ('{v}', 1) = (SELECT name, id FROM people LIMIT 1)
;;
SELECT id FROM beside WHERE beside.name = '{v}' AND beside.name IN (SELECT name FROM people)
;;
SELECT '{v}' = ALL (SELECT name FROM people)
;;
SELECT '{v}' <> SOME (SELECT name FROM people)
;;
SELECT NOT '{v}' IN (SELECT name FROM people)
;;
DO (SELECT name = '{v}' FROM people LIMIT 1)
;;
DO (SELECT SLEEP(name = '{v}') FROM people LIMIT 1)
;;
SET @a = (SELECT id FROM people WHERE name = '{v}')
;;
SELECT @v := name = '{v}' FROM people
;;
SELECT @v := (SELECT id FROM people WHERE name = '{v}')
;;
CALL nothing((SELECT id FROM people WHERE name = '{v}'))
;;
SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = (SELECT name FROM people WHERE name='{v}')
;;
KILL (SELECT id FROM people WHERE name = '{v}')
;;
INSERT people VALUES (NULL,'{v}','{v}','{v}','{v}',1,1,1,NULL,NULL,'{v}','{v}','p')
;;
INSERT INTO people() VALUES (NULL,'{v}','{v}','{v}','{v}',1,1,1,NULL,NULL,'{v}','{v}','p')
;;
INSERT INTO people VALUES (DEFAULT,'{v}','{v}','{v}','{v}',1,1,1,NULL,NULL,'{v}','{v}','p') ON DUPLICATE KEY UPDATE name = '{v}'
;;
INSERT INTO people (id,name) VALUES (1,'{v}') ON DUPLICATE KEY UPDATE name = CONCAT('{v}','')
;;
INSERT INTO people (id,name) VALUES (1,'{v}') ON DUPLICATE KEY UPDATE name = IF(name='{v}',VALUES(name),'{v}')
;;
INSERT INTO people (id,name) SELECT 1,'{v}' ON DUPLICATE KEY UPDATE plain = name = '{v}'
;;
INSERT INTO people (id,name) SELECT * FROM (SELECT 7,'{v}') d
;;
INSERT INTO people (id,name) SELECT 8, n FROM (SELECT '{v}' n) d
;;
INSERT INTO people (id,name) WITH c AS (SELECT '{v}' n) SELECT 9, n FROM c
;;
INSERT INTO people (id,name) VALUES ROW(10,'{v}')
;;
INSERT INTO people (id,name) TABLE beside
;;
INSERT INTO people (id,name) (SELECT 11,'{v}')
;;
INSERT INTO people (id,name) SELECT 12,'{v}' UNION ALL SELECT 13,'{v}'
;;
INSERT INTO people (id,name) SELECT 14, MAX('{v}')
;;
INSERT INTO people (id,name) SELECT 15, GROUP_CONCAT('{v}')
;;
INSERT INTO people (id,name) SELECT 16, '{v}' FROM beside GROUP BY 2
;;
INSERT INTO people (plain,name) VALUES ('{v}', plain)
;;
INSERT INTO people SET plain = '{v}', name = plain
;;
INSERT INTO people (plain, name) VALUES ('{v}', UPPER(plain))
;;
INSERT INTO people (name) VALUES ('{v}') RETURNING name = '{v}'
;;
INSERT INTO people (name) VALUES ('{v}') RETURNING CONCAT(name,'{v}')
;;
INSERT INTO people (name) VALUES ('{v}' RETURNING name)
;;
INSERT INTO people (name) VALUES ((SELECT '{v}'))
;;
INSERT INTO people (name) VALUES (@x := '{v}')
;;
INSERT INTO people (name) VALUES ('{v}' COLLATE utf8mb4_bin)
;;
INSERT INTO people (name) VALUES (_latin1'{v}')
;;
INSERT INTO people (name) VALUES (_binary'{v}')
;;
INSERT INTO people (name) VALUES (_ucs2 X'{x}')
;;
INSERT INTO people (name) VALUES (X'{x}' + 0)
;;
INSERT INTO people (name) VALUES (x'{x}')
;;
INSERT INTO people (name) VALUES (0x{x})
;;
INSERT INTO people (name) VALUES (UNHEX('{x}'))
;;
INSERT INTO people (name) VALUES (FROM_BASE64('{v}'))
;;
INSERT INTO people (name) VALUES ({fn CONCAT('{v}','')})
;;
INSERT INTO people (name) VALUES ({d '{v}'})
;;
INSERT INTO people (name) VALUES ({x '{v}'})
;;
SELECT id FROM people WHERE name = {x '{v}'}
;;
SELECT {x name} FROM people WHERE {x name} = '{v}'
;;
SELECT id FROM {oj people LEFT OUTER JOIN beside ON people.name = '{v}'}
;;
SELECT id FROM people WHERE name = N'{v}'
;;
SELECT id FROM people WHERE name = n'{v}' 'x'
;;
SELECT id FROM people WHERE name = _utf8mb3'{v}'
;;
SELECT id FROM people WHERE name = _utf8mb4 '{v}' COLLATE utf8mb4_bin
;;
CREATE TABLE t1 AS SELECT '{v}' AS name FROM people
;;
CREATE TABLE t2 (name VARCHAR(100)) AS SELECT name FROM people WHERE name = '{v}'
;;
CREATE TEMPORARY TABLE t3 AS SELECT name = '{v}' AS x FROM people
;;
CREATE OR REPLACE TABLE people AS SELECT '{v}' AS name
;;
CREATE TABLE IF NOT EXISTS people (name VARCHAR(100)) SELECT '{v}' AS name
;;
CREATE TABLE IF NOT EXISTS people (id INT, name VARCHAR(100) DEFAULT '{v}')
;;
ALTER TABLE people ALTER name SET DEFAULT '{v}'
;;
ALTER TABLE people ALTER COLUMN name SET DEFAULT ('{v}')
;;
ALTER TABLE people ADD CHECK (name <> '{v}')
;;
ALTER TABLE people ADD CONSTRAINT c CHECK (LENGTH(name) > LENGTH('{v}'))
;;
ALTER TABLE people ADD COLUMN g INT AS (name = '{v}')
;;
ALTER TABLE people ADD INDEX f ((name = '{v}'))
;;
ALTER TABLE people PARTITION BY LIST COLUMNS(name) (PARTITION a VALUES IN ('{v}'))
;;
ALTER TABLE people MODIFY name VARCHAR(100) DEFAULT '{v}' CHECK (name <> '{v}')
;;
ALTER TABLE people CHANGE name nom VARCHAR(100) DEFAULT '{v}'
;;
ALTER TABLE people ADD name2 VARCHAR(100) DEFAULT (CONCAT(name,'{v}'))
;;
CREATE INDEX f ON people ((CONCAT(name,'{v}')))
;;
CREATE TRIGGER tt BEFORE INSERT ON people FOR EACH ROW SET NEW.name = '{v}'
;;
CREATE TRIGGER tt BEFORE UPDATE ON people FOR EACH ROW BEGIN IF NEW.name = '{v}' THEN SET NEW.id = 1; END IF; END
;;
CREATE EVENT ee ON SCHEDULE AT NOW() + INTERVAL 1 DAY DO UPDATE people SET name = '{v}'
;;
CREATE VIEW vv AS SELECT id FROM people WHERE name = '{v}'
;;
CREATE OR REPLACE VIEW vv (n) AS SELECT 1 WHERE EXISTS (SELECT 1 FROM people WHERE name = '{v}')
;;
CREATE FUNCTION ff() RETURNS INT RETURN (SELECT COUNT(*) FROM people WHERE name = '{v}')
;;
ALTER VIEW vv AS SELECT id FROM people WHERE name = '{v}'
;;
HANDLER people OPEN@@HANDLER people READ FIRST WHERE name = '{v}'
;;
HANDLER people OPEN AS h@@HANDLER h READ name = ('{v}')
;;
LOAD DATA INFILE '/tmp/{v}' INTO TABLE people (name)
;;
LOAD DATA LOCAL INFILE '/tmp/x' INTO TABLE people (id) SET name = '{v}'
;;
LOAD XML LOCAL INFILE '/tmp/x' INTO TABLE people (id) SET name = '{v}'
;;
ANALYZE TABLE people UPDATE HISTOGRAM ON name USING DATA '{v}'
;;
SHOW COLUMNS FROM people WHERE `Default` = '{v}'
;;
SHOW TABLE STATUS WHERE Name = 'people' AND (SELECT name FROM people WHERE name='{v}') IS NULL
;;
SHOW TABLES WHERE EXISTS (SELECT 1 FROM people WHERE name = '{v}')
;;
SHOW STATUS WHERE (SELECT COUNT(*) FROM people WHERE name = '{v}')
;;
EXPLAIN FORMAT=JSON SELECT id FROM people WHERE name = '{v}'
;;
EXPLAIN FORMAT=TREE INTO @e SELECT id FROM people WHERE name = '{v}'
;;
EXPLAIN EXTENDED SELECT id FROM people WHERE CONCAT(name,'') = '{v}'
;;
EXPLAIN FOR CONNECTION 1
;;
BEGIN NOT ATOMIC DECLARE x VARCHAR(99) DEFAULT '{v}'; INSERT INTO people (name) VALUES (x); END
;;
BEGIN NOT ATOMIC FOR r IN (SELECT id FROM people WHERE name = '{v}') DO SELECT 1; END FOR; END
;;
IF (SELECT COUNT(*) FROM people WHERE name = '{v}') THEN SELECT 1; END IF
;;
CASE WHEN EXISTS (SELECT 1 FROM people WHERE name = '{v}') THEN SELECT 1; END CASE
;;
EXECUTE IMMEDIATE 'SELECT id FROM people WHERE name = ?' USING '{v}'
;;
EXECUTE IMMEDIATE 'INSERT INTO people (name) VALUES (?)' USING '{v}'
;;
PREPARE s FROM 'INSERT INTO people (name) VALUES (?)'@@SET @p = '{v}'@@EXECUTE s USING @p
;;
PREPARE s FROM 'SELECT 1'@@EXECUTE s USING (SELECT name FROM people WHERE name='{v}')
;;
SET STATEMENT max_statement_time=1 FOR INSERT INTO people (name) VALUES ('{v}')
;;
SET STATEMENT sql_mode='ANSI_QUOTES' FOR SELECT id FROM people WHERE "name" = '{v}'
;;
SET STATEMENT sql_mode='ANSI_QUOTES' FOR SELECT id FROM people WHERE name = "{v}"
;;
SET STATEMENT character_set_client=latin1 FOR INSERT INTO people (name) VALUES ('{v}')
;;
SELECT SQL_CALC_FOUND_ROWS SQL_NO_CACHE HIGH_PRIORITY STRAIGHT_JOIN id FROM people WHERE name = '{v}'
;;
SELECT id FROM people PARTITION (p0) WHERE name = '{v}'
;;
SELECT id FROM people FORCE INDEX FOR JOIN (name) WHERE name = '{v}'
;;
SELECT id FROM people FOR SYSTEM_TIME ALL WHERE name = '{v}'
;;
SELECT id FROM people FOR SYSTEM_TIME AS OF (SELECT name FROM people WHERE name='{v}')
;;
DELETE FROM people WHERE name = '{v}' RETURNING name = '{v}'
;;
DELETE FROM people USING people JOIN beside ON people.name = '{v}'
;;
DELETE HISTORY FROM people BEFORE SYSTEM_TIME '{v}'
;;
DELETE FROM p USING people AS p WHERE p.name = '{v}'
;;
SELECT id FROM people WHERE name = '{v}' PROCEDURE ANALYSE('{v}')
;;
SELECT id INTO OUTFILE '/tmp/{v}' FROM people
;;
SELECT id FROM people WHERE name = '{v}' INTO @x
;;
SELECT id FROM people WHERE name = '{v}' LIMIT ROWS EXAMINED 5
;;
SELECT id FROM people WHERE name = '{v}' OFFSET 0 ROWS FETCH FIRST 1 ROWS ONLY
;;
SELECT jt.* FROM people, JSON_TABLE(name, '$' COLUMNS (a VARCHAR(99) PATH '$.{v}')) jt
;;
SELECT jt.* FROM people, JSON_TABLE('["{v}"]', '$[*]' COLUMNS (a VARCHAR(99) PATH '$')) jt WHERE jt.a = name
;;
SELECT id FROM people WHERE CASE name WHEN plain THEN 1 WHEN '{v}' THEN 2 END
;;
SELECT CASE WHEN 1 THEN name ELSE '{v}' END = 'x' FROM people
;;
SELECT CASE plain WHEN 'p' THEN name ELSE '{v}' END FROM people
;;
SELECT CASE '{v}' WHEN name THEN 1 END FROM people
;;
SELECT IF(name = '{v}', name, '{v}') FROM people
;;
SELECT NVL(name,'{v}'), NVL2(name,'{v}',name) FROM people
;;
SELECT DECODE(name,'{v}',1,2) FROM people
;;
SET sql_mode=ORACLE@@SELECT DECODE(name,'{v}',1,2) FROM people
;;
SET sql_mode=ORACLE@@SELECT DECODE_ORACLE(name,'{v}',1,2), NVL(name,'{v}') FROM people
;;
SET sql_mode=ORACLE@@SELECT name FROM people MINUS SELECT '{v}' FROM dual
;;
SET sql_mode=ORACLE@@INSERT INTO people (name) VALUES ('a'||'{v}')
;;
SET sql_mode='ANSI'@@SELECT id FROM people WHERE "name" = '{v}'
;;
SET sql_mode='ANSI'@@SELECT id FROM people WHERE name = "{v}"
;;
SET sql_mode='NO_BACKSLASH_ESCAPES'@@SELECT id FROM people WHERE plain = '\' AND name = '{v}'
;;
SET sql_mode='NO_BACKSLASH_ESCAPES'@@INSERT INTO people (plain,name) VALUES ('\',' , ''{v}')
;;
SET sql_mode='HIGH_NOT_PRECEDENCE'@@SELECT id FROM people WHERE NOT name = '{v}'
;;
SET sql_mode='IGNORE_SPACE'@@SELECT COUNT (*) FROM people WHERE name = '{v}'
;;
SELECT id FROM people WHERE !name = '{v}'
;;
SELECT id FROM people WHERE -name = '{v}'
;;
SELECT id FROM people WHERE ~name = '{v}'
;;
SELECT id FROM people WHERE BINARY name = '{v}'
;;
SELECT id FROM people WHERE name = '{v}' XOR 1
;;
SELECT id FROM people WHERE name = '{v}' DIV 1
;;
SELECT id FROM people WHERE name = '{v}' IS NOT NULL
;;
SELECT id FROM people WHERE name = '{v}' AND name IN ('{v}') AND NOT name NOT IN ('{v}', NULL)
;;
SELECT id FROM people WHERE name NOT LIKE '{v}' ESCAPE '|'
;;
SELECT id FROM people WHERE '{v}' LIKE name
;;
SELECT id FROM people WHERE 'a' BETWEEN '{v}' AND name
;;
SELECT id FROM people WHERE name BETWEEN SYMMETRIC '{v}' AND '{v}'
;;
SELECT id FROM people WHERE name COLLATE utf8mb4_general_ci IN ('{v}')
;;
SELECT id FROM people WHERE COALESCE(name) = '{v}'
;;
SELECT id FROM people WHERE COALESCE(NULL,name) IN ('{v}')
;;
SELECT id FROM people WHERE IFNULL(name,'{v}') = '{v}'
;;
SELECT id FROM people WHERE NULLIF(name,'{v}') IS NULL
;;
SELECT id FROM people WHERE ANY_VALUE(name) = '{v}'
;;
SELECT ANY_VALUE(name) n FROM people GROUP BY id HAVING n = '{v}'
;;
SELECT id FROM people WHERE NAME_CONST('x','{v}') = name
;;
SELECT VALUES(name) = '{v}' FROM people
;;
SELECT DEFAULT(name) = '{v}' FROM people
;;
SELECT name '{v}' FROM people ORDER BY `{v}`
;;
SELECT x.name FROM people AS x HAVING x.name = '{v}'
;;
SELECT (name) FROM people WHERE (people.name) = ('{v}') AND ((shop.people.`name`)) = (('{v}'))
;;
SELECT .name FROM people WHERE .people.name = '{v}'
;;
SELECT id FROM shop . people WHERE shop . people . name = '{v}'
;;
SELECT id FROM people WHERE NOT (name <> '{v}' OR FALSE)
;;
SELECT id FROM people WHERE name = '{v}' OR name = plain
;;
SELECT id FROM people p JOIN people q ON p.name = q.note OR q.name = '{v}'
;;
SELECT id FROM people WHERE plain = '{v}' AND name = plain
;;
SELECT id FROM people WHERE name = plain AND plain IN ('{v}')
;;
SELECT p.id FROM people p JOIN beside y ON p.name = y.name WHERE y.name = '{v}'
;;
SELECT p.id FROM people p JOIN beside y USING (name) WHERE name = '{v}'
;;
SELECT p.id FROM people p RIGHT JOIN beside y USING (name) WHERE y.name = '{v}'
;;
SELECT p.id FROM beside y NATURAL LEFT JOIN people p WHERE name = '{v}'
;;
SELECT name FROM beside WHERE name = '{v}' AND EXISTS (SELECT 1 FROM people WHERE people.name = beside.name)
;;
SELECT y.name FROM beside y, people p WHERE name = '{v}'
;;
SELECT name FROM beside y WHERE y.id IN (SELECT id FROM people WHERE name = '{v}')
;;
SELECT name FROM (SELECT id FROM beside) y, (SELECT name FROM people) p WHERE name = '{v}'
;;
SELECT (SELECT y.name FROM beside y WHERE name = '{v}' LIMIT 1) FROM people
;;
SELECT (SELECT y.v FROM beside y WHERE code = '{v}' LIMIT 1) FROM people
;;
SELECT id FROM people WHERE id IN (SELECT id FROM beside WHERE code = '{v}')
;;
SELECT id FROM people WHERE id IN (SELECT id FROM beside GROUP BY id HAVING code = '{v}')
;;
SELECT id FROM people WHERE id = (SELECT 1 ORDER BY code = '{v}')
;;
SELECT id FROM people WHERE id = (SELECT 1 FROM beside y JOIN beside z ON code = '{v}' LIMIT 1)
;;
SELECT id FROM people WHERE id = (SELECT d.a FROM (SELECT 1 a) d WHERE code = '{v}')
;;
SELECT id FROM people WHERE id = (WITH c AS (SELECT 1 a) SELECT a FROM c WHERE code = '{v}')
;;
SELECT id FROM people p WHERE id = (SELECT 1 UNION SELECT 2 WHERE code = '{v}' LIMIT 1)
;;
SELECT id FROM people p WHERE id IN ((SELECT p.code = '{v}'))
;;
WITH RECURSIVE c(n,d) AS (SELECT '{v}',1 UNION ALL SELECT name, d+1 FROM people, c WHERE people.id = d) SELECT * FROM c
;;
WITH c(n) AS (SELECT name FROM people) SELECT * FROM c WHERE n = '{v}' UNION ALL SELECT '{v}'
;;
WITH c(n) AS (SELECT name FROM people), d(m) AS (SELECT '{v}') SELECT * FROM c JOIN d ON n = m
;;
WITH people AS (SELECT * FROM people) SELECT id FROM people WHERE name = '{v}'
;;
WITH beside AS (SELECT * FROM people) SELECT id FROM beside WHERE name = '{v}'
;;
SELECT id FROM (SELECT * FROM people) AS beside WHERE name = '{v}'
;;
INSERT INTO beside (name) SELECT name FROM people WHERE name = '{v}'
;;
INSERT INTO beside (name) VALUES ((SELECT name FROM people WHERE name = '{v}'))
;;
INSERT INTO beside (name) VALUES ('a') ON DUPLICATE KEY UPDATE v = (SELECT id FROM people WHERE name = '{v}')
;;
UPDATE beside SET v = (SELECT name FROM people WHERE name = '{v}')
;;
UPDATE beside y JOIN people p ON p.id = y.id SET y.v = p.name = '{v}'
;;
UPDATE beside y JOIN people p ON p.id = y.id SET y.v = '{v}', p.name = y.v
;;
UPDATE beside y JOIN people p ON p.id = y.id SET name = '{v}'
;;
UPDATE beside y JOIN people p ON p.id = y.id SET code = '{v}'
;;
REPLACE people SET name = '{v}', id = 20
;;
REPLACE DELAYED people (id,name) VALUES (21,'{v}')
;;
INSERT DELAYED people (id,name) VALUES (22,'{v}')
;;
INSERT INTO people (id,name) VALUES (23,'{v}') AS new(a,b) ON DUPLICATE KEY UPDATE name = CONCAT(b,'{v}')
;;
INSERT INTO people (id,name) VALUES (1,'{v}') AS new(a,b) ON DUPLICATE KEY UPDATE name = b, code = b
;;
INSERT INTO people (id,name,plain) VALUES (1,'x','{v}') AS new ON DUPLICATE KEY UPDATE name = new.plain
;;
INSERT INTO people (id,name,plain) VALUES (1,'x','{v}') ON DUPLICATE KEY UPDATE name = VALUES(plain)
;;
INSERT INTO people (id,name,plain) SELECT 1,'x','{v}' ON DUPLICATE KEY UPDATE name = VALUES(plain)
;;
INSERT INTO people (id,plain) SELECT d.a, d.b FROM (SELECT 1 a,'{v}' b) d ON DUPLICATE KEY UPDATE name = d.b
;;
INSERT INTO people (id) SELECT y.id FROM beside y ON DUPLICATE KEY UPDATE name = y.v, code='{v}'
;;
SELECT id FROM people WHERE token = '{v}' OR token IN (_binary'{v}', X'{x}')
;;
INSERT INTO people (token,photo) VALUES ('{v}', REPEAT('{v}',2))
;;
INSERT INTO people (photo) VALUES (LOAD_FILE('/tmp/{v}'))
;;
INSERT INTO people (photo) VALUES (COMPRESS('{v}'))
;;
INSERT INTO people (age) VALUES ('{v}')
;;
INSERT INTO people (born) VALUES ('{v}')
;;
INSERT IGNORE INTO people (age, born, amount) VALUES ('{v}', '{v}', '{v}')
;;
SELECT id FROM people WHERE age = '{v}' OR born = '{v}' OR amount = '{v}'
;;
SELECT id FROM people WHERE (age,'{v}') = (1,name)
;;
SELECT id FROM people WHERE ('{v}',age) IN ((name,1),(code,2))
;;
OPTIMIZE TABLE people
;;
GRANT SELECT (name) ON people TO '{v}'
;;
COMMENT '{v}' SELECT name FROM people
;;
SELECT id FROM people WHERE name = '{v}' /*! AND plain = 'p' */
;;
SELECT id FROM people WHERE name /*!50000 = */ '{v}'
;;
SELECT id FROM people WHERE name = /*!99999 'x' -- */ '{v}'
;;
SELECT id FROM people WHERE name = /*M!999999 'x' */ '{v}'
;;
SELECT id FROM people WHERE /*!80000 name = '{v}' */ /*M!100000 AND code = '{v}' */
;;
/*!50000 SELECT id FROM people */ WHERE name = '{v}'
;;
SELECT id FROM people WHERE name = '{v}' -- x
;;
SELECT id FROM people WHERE name =--'{v}'
;;
SELECT id FROM people WHERE name =-- 'a'
'{v}'
;;
SELECT id FROM people WHERE name =#'
'{v}'
;;
SELECT id FROM people WHERE name = 'a' /* ' */ '{v}'
;;
SELECT id FROM people WHERE name = "a""{v}"
;;
SELECT id FROM people WHERE name = 'a\'{v}'
;;
SELECT id FROM people WHERE name = 'a''{v}'
;;
SELECT id FROM people WHERE name='{v}'COLLATE utf8mb4_general_ci
;;
SELECT id FROM people WHERE name='{v}'AND 1
;;
SELECT id FROM people WHERE name=_utf8mb4'{v}'
;;
SELECT id FROM people WHERE name=_utf8mb4/**/'{v}'
;;
SELECT id FROM people WHERE name = '{v}' UNION SELECT id FROM people WHERE code = '{v}' INTO @z
;;
TABLE people ORDER BY name = '{v}'
;;
VALUES ROW('{v}', (SELECT name FROM people LIMIT 1))
;;
VALUES ('{v}', (SELECT name FROM people LIMIT 1))
;;
SELECT '{v}' INTO @q FROM people WHERE name = @q
;;
SELECT id FROM people WHERE name = (@a := '{v}')
;;
SELECT id FROM people, (SELECT @a := '{v}') x WHERE name = @a
;;
SELECT LAST_INSERT_ID(name = '{v}') FROM people
;;
SELECT BENCHMARK(1, name = '{v}') FROM people
;;
SELECT GET_LOCK('{v}', name) FROM people
;;
SELECT CHARSET(name), COERCIBILITY(name), '{v}' FROM people WHERE CHARSET(name) = '{v}'
;;
SELECT SEALED.name FROM people SEALED WHERE SEALED.name = ('{v}' IS NULL)
;;
SELECT EXTRACTVALUE(name, '{v}') FROM people
;;
SELECT COLUMN_GET(name, '{v}' AS CHAR) FROM people
;;
SELECT COLUMN_CREATE('{v}', name) FROM people
;;
SELECT AES_ENCRYPT(name, '{v}'), AES_ENCRYPT('{v}', name) FROM people
;;
SELECT CONTAINS(name, '{v}') FROM people
;;
SELECT name MOD '{v}' FROM people
;;
SELECT name = '{v}' COLLATE 'utf8mb4_general_ci' FROM people
;;
SELECT name = SOME (SELECT '{v}' UNION SELECT plain FROM people) FROM people
;;
SELECT JSON_ARRAYAGG(name = '{v}') FROM people
;;
SELECT JSON_VALUE(name, '$.a' DEFAULT '{v}' ON EMPTY) FROM people
;;
SELECT TRIM('{v}' FROM name) FROM people
;;
SELECT WEIGHT_STRING(name AS CHAR(3)), '{v}' < name FROM people
;;
SELECT id FROM people USE INDEX (name) IGNORE INDEX (`age`) WHERE name IN ('{v}') FOR UPDATE OF people SKIP LOCKED
;;
SELECT id FROM people WHERE name IN ('{v}') LOCK IN SHARE MODE
;;
LOCK TABLES people READ@@SELECT id FROM people WHERE name = '{v}'
;;
CACHE INDEX people IN `{v}`
;;
INSERT INTO people (name) VALUES ('{v}'), (CONCAT('{v}','x'))
;;
INSERT INTO people (name, name) VALUES ('{v}', '{v}')
;;
INSERT INTO people (people.name) VALUES ('{v}')
;;
INSERT INTO people (shop.people.name) VALUES ('{v}')
;;
INSERT INTO people (NAME) VALUES ('{v}'),(DEFAULT(name)),(NULL)
;;
UPDATE people SET people.name = '{v}', shop.people.code = '{v}' WHERE id = 1
;;
UPDATE people AS x SET x.name = '{v}' WHERE x.name = (SELECT '{v}' FROM beside)
;;
UPDATE IGNORE people SET name = '{v}', plain = name WHERE id = 1
;;
UPDATE people SET name = '{v}' WHERE id = 1 RETURNING name
;;
UPDATE people FOR PORTION OF p FROM '{v}' TO name SET id = 1
;;
MERGE INTO people USING beside ON name = '{v}' WHEN MATCHED THEN UPDATE SET name = '{v}'
;;
SELECT id FROM people TABLESAMPLE SYSTEM (1) WHERE name = '{v}'
;;
SELECT id FROM people QUALIFY name = '{v}'
;;
SELECT id, name FROM people GROUP BY id, name WITH ROLLUP HAVING GROUPING(name) = '{v}'
;;
SELECT name, COUNT(*) FROM people GROUP BY name WITH ROLLUP HAVING name = '{v}'
;;
SELECT IF(GROUPING(name), '{v}', name) FROM people GROUP BY name WITH ROLLUP
;;
SELECT DISTINCT name = '{v}', code FROM people
;;
SELECT name, name = '{v}' x FROM people GROUP BY x, name
;;
SELECT * FROM people WHERE MATCH (name, plain) AGAINST ('{v}' IN BOOLEAN MODE)
;;
SELECT SUBSTR(name FROM 1) = '{v}' FROM people
;;
SELECT (name, 1) <=> ('{v}', 1) FROM people
;;
SELECT name <=> (SELECT '{v}') FROM people
;;
SELECT (SELECT name FROM people ORDER BY id LIMIT 1) = '{v}'
;;
SELECT 1 FROM beside HAVING (SELECT name FROM people LIMIT 1) = '{v}'
;;
SELECT COUNT(*) FROM beside WHERE v = '{v}' OR (SELECT MAX(code) FROM people) = '{v}'
;;
SELECT 1 WHERE '{v}' = (SELECT code FROM people WHERE id = 1)
;;
SELECT 1 WHERE '{v}' IN (SELECT code FROM people UNION SELECT plain FROM people)
;;
SELECT CASE (SELECT code FROM people WHERE id=1) WHEN '{v}' THEN 1 END
;;
SELECT COALESCE((SELECT code FROM people WHERE id=99), '{v}')
;;
SELECT (SELECT code FROM people WHERE id=1) IN ('{v}', 'b')
