-- One statement per line; each must parse. Lines beginning with "-- " are notes.
-- select list
select 1
select 1;
SELECT 1, 2 , 3
select 'a' 'b', 'a''b', 'a\'b', '\%\_', "q""q"
select N'abc', n'abc' 'd', _utf8mb4'x', _utf8mb4 'x' 'y', _latin1 x'41', _latin1 0x41, _binary b'01'
select 0x1F, x'41', X'', b'01', 0b101, 1.5, .5, 5., 1e5, 1.5e-3, .5e+2, 1e5x
select null, true, false, TRUE
select date'2020-01-01', time '10:00:00', timestamp'2020-01-01 00:00:00'
select {d '2020-01-01'}, {t'10:00:00'}, {ts '2020-01-01 10:00:00'}, {fn concat('a', 'b')}
select *
select * from t
select t.* from t
select s.t.* from s.t
select t . * , t . a from t
select *, a from t
select a, t.a, s.t.a, `a`, `t`.`a`, t.`a`, `s`.t.a from s.t
select a as x, b y, c 'z', d as 'w', e `v`, f as `u` from t
select t.1a, t.1, t.1e5, t.0x41, 1a, 0xZZ, 0b2, 1e from t
select a$b, $x, 1_a from t
select distinct a from t
select all a from t
select distinctrow a from t
select high_priority straight_join sql_small_result sql_buffer_result sql_calc_found_rows distinct a from t
select sql_no_cache sql_big_result a from t
select /*+ max_execution_time(1000) */ a from t
select /*+ index(`t` `i`) qb_name(`a'b`) */ a from t
select /* comment */ a -- tail
select a # tail
select 1 -- x
select a from dual
select 1 from dual where 1
select 1 where 1
select 1 having 1
select key_, value, name, status, type, date, time, timestamp, text, user, password, count, position, year, month from t
select offset_, action, bit, bool, comment, data, day, duplicate, end, engine, enum, format, hash, language, level, member, mode, names, next, no, password, plugin, quarter, role, session, start, state, text, truncate, unknown, value, view, week, work from t
-- operators
select 1 + 2 * 3 - 4 / 5 % 6 div 7 mod 8
select a + b, a-b, a*b, a/b, a%b, a div b, a mod b, a^b, a|b, a&b, a<<b, a>>b, ~a, -a, +a, !a from t
select - - 1, -+1, ~-1, not not 1, !1 ^ 2, - 2 ^ 2
select --1
select 1 --1
select a = b, a <> b, a != b, a <=> b, a < b, a <= b, a > b, a >= b from t
select a = b = c, a < b = c from t
select a is null, a is not null, a is true, a is not false, a is unknown, a = b is null, a is null is null from t
select not a is null, not a = b, not a and b, not a or not b from t
select a and b or c xor d, a && b || c from t
select a between 1 and 2, a not between b and c, a between 1 and 2 and c from t
select a between 1 and b between 2 and 3 from t
select a in (1, 2, 3), a not in (1), a in (b, c), (a, b) in ((1, 2), (3, 4)), row(a, b) = row(1, 2) from t
select 2 = 1 in (0)
select a in (select b from u), a not in (select 1), (a, b) in (select 1, 2) from t
select a in ((select 1)), a in ((select 1), 2) from t
select a like 'x%', a not like 'x' escape '!', a like concat('%', b, '%'), a like 'b' collate utf8mb4_bin from t
select a regexp 'x', a not rlike 'x', a regexp concat('a', 'b') from t
select a sounds like 'b' from t
select a collate utf8mb4_bin = 'x', 'a' collate 'utf8mb4_bin', a collate utf8mb4_bin collate utf8mb4_general_ci from t
select binary a = 'x', binary 'a' || 'b' from t
select exists (select 1), not exists (select 1 from t), ! exists (select 1)
select a = any (select 1), a <> all (select b from u), a >= some (select 1) from t
select (select 1), ((select 1)), (((select 1)) union select 2), ((select 1) + 1), (a), ((a)) from t
select (select 1) + (select 2), (1, 2) = (select 1, 2)
select case a when 1 then 2 end, case when a then b else c end, case a when 1 then 'x' when 2 then 'y' else null end from t
select interval 1 day + '2020-01-01', a + interval 1 day, a - interval b + 1 month, a + interval (1) day, a + interval '1:1' minute_second from t
select interval(1, 2, 3), interval (1, 2)
select date_add(now(), interval 1 day) + interval 1 day - interval 1 hour
select @a, @'x y', @`a``b`, @"q", @a.b$c, @1
select @a := 1, @b := @a + 1, @a := @b := 2, 1 + @a := 5
select @@version, @@global.sort_buffer_size, @@session.sql_mode, @@`version`, @@global . sort_buffer_size
select ?, ? + ?, a = ? from t where b in (?, ?) limit ?
select a->'$.x', a->>'$.x', t.a->'$.y' from t
select 1 member of ('[1]')
select a = -1, a = ~b, a = @x, a != !b from t
-- functions
select count(*), count( * ), count(a), count(distinct a, b), count(all a), sum(distinct a), avg(a), min(a), max(distinct b) from t
select bit_and(a), bit_or(a), bit_xor(a), std(a), stddev(a), stddev_pop(a), stddev_samp(a), var_pop(a), var_samp(a), variance(a) from t
select group_concat(a), group_concat(distinct a, b order by a desc, b separator ','), group_concat(a separator '') from t
select json_arrayagg(a), json_objectagg(a, b) from t
select cast(a as char), cast(a as char(2) charset latin1), cast(a as signed), cast(a as signed integer), cast(a as unsigned), cast(a as decimal(3, 1)) from t
select cast(a as binary(2)), cast(a as datetime(3)), cast(a as date), cast(a as time), cast(a as double), cast(a as char character set utf8mb4) from t
select cast(a as json), cast(a as nchar(2)), cast(a as real), cast(a as float(3)), cast(a as year) from t
select cast(a as int), cast(a as varchar(3)) from t
select convert(a using utf8mb4), convert(a, char), convert(a, signed), convert(a using binary) from t
select trim(a), trim(both 'x' from a), trim(leading from a), trim(trailing 'x' from a), trim('x' from a) from t
select substring(a, 1), substring(a from 2), substr(a from 2 for 1), substring(a, 1, 2), mid(a, 1, 1) from t
select position('a' in b), extract(year from a), extract(day_second from now()), locate('a', b) from t
select char(65), char(65, 66 using utf8mb4), ascii(a), hex(a) from t
select timestampadd(day, 1, a), timestampdiff(month, a, b), timestampadd(sql_tsi_day, 1, a) from t
select date_add(a, interval 1 day), date_sub(a, interval 1 hour), adddate(a, 1), subdate(a, interval 1 week) from t
select get_format(date, 'EUR'), weight_string(a as char(3)), weight_string(a) from t
select json_value(a, '$.b'), json_extract(a, '$.b'), json_unquote(json_extract(a, '$.b')) from t
select json_value(a, '$.b' returning char(3)), json_value(a, '$.b' returning signed default 1 on empty null on error) from t
select current_timestamp, current_timestamp(), current_timestamp(6), current_date, current_time, localtime, localtimestamp, utc_date, utc_time(), utc_timestamp, current_user, current_user()
select now(), now(3), curdate(), curtime(), sysdate(), unix_timestamp(), user(), database(), schema(), version(), connection_id(), last_insert_id(), found_rows(), row_count()
select if(a, b, c), ifnull(a, b), nullif(a, b), coalesce(a, b, c), replace(a, 'x', 'y'), left(a, 1), right(a, 1), insert(a, 1, 1, 'x'), repeat(a, 2), mod(a, 2) from t
select concat ('a', 'b'), concat_ws(',', a, b), lower(a), upper(a), length(a), char_length(a), reverse(a), format(a, 2), truncate(a, 2), round(a), abs(a) from t
select year(a), month(a), day(a), hour(a), minute(a), second(a), week(a), quarter(a), date(a), time(a), timestamp(a), microsecond(a) from t
select s.f(1), `f`(1), s.`f`(a, b), f() from t
select default(a) from t
select match(a, b) against ('x'), match(a) against ('x' in boolean mode), match(a) against ('x' in natural language mode with query expansion), match(a) against ('x' with query expansion) from t
select row_number() over (), rank() over (order by a), dense_rank() over (partition by b order by a desc) from t
select sum(a) over w, avg(a) over (w rows between 1 preceding and current row) from t window w as (partition by b order by c)
select sum(a) over (order by a rows unbounded preceding), lag(a, 1) over (order by b), lead(a) over (order by b), ntile(4) over (order by a), first_value(a) over (order by a range between unbounded preceding and unbounded following) from t
select sum(a) over w1, sum(b) over w2 from t window w1 as (order by a), w2 as (w1)
select nth_value(a, 2) over (order by b), sum(a) over (order by b range between interval 1 day preceding and 1 following) from t
select password('x')
select point(1, 2), linestring(a, b), polygon(a) from t
-- from
select a from t x, u as y, s.v z
select a from t join u
select a from t join u on t.id = u.id
select a from t inner join u on t.id = u.id join v on v.id = u.id
select a from t left join u on t.id = u.id left outer join v using (id, x)
select a from t right join u on 1 right outer join v on 1
select a from t cross join u
select a from t cross join u using (a)
select a from t straight_join u
select a from t straight_join u on t.a = u.a
select a from t natural join u natural left join v natural right outer join w
select a from t natural inner join u
select a from t left join u join v on u.a = v.a on t.a = u.a
select a from (t)
select a from (t, u)
select a from (t, u) left join v on 1
select a from (t join u on 1) join (v left join w on 1) on 1
select a from ((t join u))
select a from t left join (u, v) on t.a = u.a and t.b = v.b
select a from (select 1 a) x
select a from (select 1 a) as x, (select 2 b) y
select a from ((select 1 a) union (select 2)) x
select a from (((select 1 a))) x
select a from (select 1 a) x (b)
select a from (select 1 a) as x (b, c)
select a from t, lateral (select t.a) x
select a from t left join lateral (select 1) x on 1
select a from ((select 1 a) x join u on 1)
select a from (values row(1, 2), row(3, 4)) x
select a from (values (1, 2), (3, 4)) x
select a from (table t) x
select a from t use index (i)
select a from t as x use index () ignore index for order by (i, primary) where 1
select a from t force key for group by (i), u force index for join (j)
select a from t partition (p0, p1) as x where 1
select a from s.t where s.t.a = 1
-- where, group, order, limit
select a from t where a = 1 and b = 2 and c = 3 and (d = 4 or e = 5)
select a from t where (a, b) = (1, 2) or not (c = 3)
select a from t where a = (select max(a) from u where u.b = t.b)
select a from t where exists (select * from u where u.a = t.a) and a not in (select a from v)
select a from t where a = 'x' and b = "y" and c = N'z'
select a, count(*) from t group by a
select a, b, count(*) c from t group by a, b with rollup having c > 1 order by c desc, a asc
select a from t group by a desc
select a from t group by 1 order by 1 limit 10
select a from t group by year(b), c + 1 having count(*) > 1 and max(a) < 5
select a from t order by a is null, a desc, field(b, 1, 2), rand()
select a from t order by case when a then 1 else 2 end
select a from t limit 10
select a from t limit 10, 20
select a from t limit 10 offset 20
select a from t limit ?, ?
select a from t for update
select a from t limit 1 for update
select a from t where a = 1 lock in share mode
select a from t for update nowait
select a from t for update skip locked
select a from t for update of t skip locked
select a from t x, u y for share of x nowait for update of y
select a from t for share
select a from t for update wait 5
select a into @x from t
select a, b into @x, @y from t where c = 1
select a from t limit 1 into @x
select a from t into @x for update
select a from t for update into @x
select a from t into outfile '/tmp/x'
select a into outfile '/tmp/x' character set utf8mb4 fields terminated by ',' optionally enclosed by '"' escaped by '\\' lines starting by 'x' terminated by '\n' from t
select a into dumpfile '/tmp/x' from t
-- query expressions
select 1 union select 2
select 1 union all select 2 union distinct select 3
select 1 union select 2 order by 1 limit 1
(select 1) union (select 2)
(select 1 limit 1) union all (select 2 order by 1 limit 1) order by 1 limit 2
(select 1)
((select 1))
((select 1) limit 1)
(select a from t) order by a limit 1
select 1 union (select 2)
(select 1) union select 2
select 1 intersect select 1
select 1 except select 2
select 1 intersect all select 1 except all select 2 union select 3
select 1 union select 2 intersect select 3
(select 1 union select 2) intersect select 3
values row(1, 2), row(3, 4)
values row(1) union select 2
values (1, 2), (3, 4)
table t
table s.t order by a limit 1
with x as (select 1) select * from x
with x as (select 1), y (a, b) as (select 2, 3) select * from x, y
with recursive x (n) as (select 1 union all select n + 1 from x where n < 5) select n from x
with x as (select 1) select * from x union select 2 order by 1
select * from (with x as (select 1) select * from x) y
select (with x as (select 1) select * from x)
with x as ((select 1) union (select 2)) select * from x
with x as (with y as (select 1) select * from y) select * from x
(with x as (select 1) select * from x)
with x as (select 1) (select * from x)
-- insert, replace
insert into t values (1, 'x', null)
insert t values (1)
insert into t value (1), (2)
insert into t values (), ()
insert into t () values ()
insert into t (a, b) values (1, 2), (3, default), (default(a), ?)
insert into s.t (t.a, s.t.b) values (1, 2)
insert low_priority ignore into t (a) values (1)
insert high_priority into t (a) values (1)
insert delayed into t (a) values (1)
insert ignore t (a) values (1)
insert into t partition (p0) (a) values (1)
insert into t partition (p0) values (1)
insert into t set a = 1, b = default, t.c = 'x'
insert into t set a := 1
insert into t (a, b) values (1 + 2, concat('a', 'b'))
insert into t select * from u
insert into t (a, b) select a, b from u where c = 1
insert into t (a) (select 1)
insert into t (select 1)
insert into t (a) (select 1) union (select 2)
insert into t ((select 1) union (select 2))
insert into t with x as (select 1) select * from x
insert into t (a) with x as (select 1) select * from x
insert into t table u
insert into t values row(1, 2), row(3, 4)
insert into t (a) select a from u on duplicate key update a = values(a)
insert into t select * from u join v on u.a = v.a on duplicate key update a = 1
insert into t (a, b) values (1, 2) on duplicate key update a = values(a), b = values(b) + 1, c = default
insert into t (a, b) values (1, 2) on duplicate key update a = if(values(a) > a, values(a), a), b = (values(b) + 1)
insert into t (a, b) values (1, 2) as new on duplicate key update a = new.a
insert into t (a, b) values (1, 2) as new (x, y) on duplicate key update a = x + y
insert into t set a = 1 as new on duplicate key update a = new.a + 1
insert into t (a) values (1) on duplicate key update a = value(a)
insert into t (a) values (1) returning a, b as c
insert into t (a) values (1) returning *
insert into t (a) values (1) on duplicate key update a = 2 returning a
insert into t (`key`, `order`) values ('a', 'b')
insert into t (name, value, type) values (?, ?, ?)
insert into t (a) values ((select max(a) from u)), (@x := 5), (-1), (now()), (x'41'), (_binary 'x'), ('a' 'b')
replace into t values (1)
replace t (a, b) values (1, 2)
replace low_priority into t set a = 1
replace delayed into t (a) values (1)
replace into t (a) select 1
replace into t (a) values (1) returning a
-- update
update t set a = 1
update t set a = 1, b = b + 1, c = default where d = 2 order by e desc limit 3
update low_priority ignore t set a = 1
update s.t set s.t.a = 1 where t.b = 2
update t x set x.a = 1 where x.b = 2
update t as x set a = (select 1) where b in (select 2)
update t, u set t.a = u.a where t.b = u.b
update t join u on t.a = u.a left join v using (b) set t.a = 1, u.b = 2
update t set a = null where b is null
update t set a = ? where b = ? limit ?
update t, (select 1 x) y set t.a = y.x
update t partition (p0) set a = 1
update t set a := 1
with x as (select 1) update t, x set a = 1
with x as (select 1 a) update t set b = 1 where b in (select a from x)
-- delete
delete from t
delete from t where a = 1
delete from t where a = 1 order by b limit 2
delete low_priority quick ignore from t where a = 1
delete from s.t where s.t.a = 1
delete from t as x where x.a = 1
delete from t x where x.a = 1
delete from t partition (p0) where a = 1
delete t from t join u on t.a = u.a where u.b = 1
delete t, u from t join u using (a)
delete t.*, s.u.* from t join s.u using (a)
delete from t using t join u on t.a = u.a
delete from t, u using t join u using (a) where t.b = 1
delete from t.*, u.* using t, u where 1
delete x from t as x where x.a = 1
delete from t where a = 1 returning a, b
delete from t returning *
with x as (select 1 a) delete from t where a in (select a from x)
with x as (select 1 a) delete t from t join x using (a)
-- create table
create table t (a int)
create table if not exists t (a int)
create temporary table t (a int)
create or replace table t (a int)
create or replace temporary table s.t (a int)
create table t like u
create table t (like s.u)
create table if not exists t like u
create table t (a int not null auto_increment primary key, b varchar(255) not null default '', c text)
create table t (a int unsigned zerofill, b bigint(20) unsigned not null, c tinyint(1) default 0, d smallint signed, e mediumint default -1)
create table t (a decimal(10, 2) default 1.5, b numeric(5), c dec, d float, e float(7, 3), f double, g double precision, h real, i fixed(3), j bit(8) default b'0')
create table t (a char(3) character set utf8mb4 collate utf8mb4_bin, b varchar(10) charset latin1, c char varying(5), d national char(3), e nchar(2), f nvarchar(3), g char(1) ascii, h character varying(3), i national varchar(3), j char(3) binary, k varchar(5) character set latin1 binary)
create table t (a binary(16), b varbinary(255), c blob, d tinyblob, e mediumblob, f longblob, g blob(10), h tinytext, i mediumtext, j longtext, k text(100), l long varchar, m long varbinary, n long)
create table t (a date, b time, c time(3), d datetime, e datetime(6) default current_timestamp(6) on update current_timestamp(6), f timestamp default current_timestamp on update current_timestamp, g year, h timestamp null default null)
create table t (a enum('x', 'y') not null default 'x', b set('a', 'b') charset utf8mb4 collate utf8mb4_general_ci, c json, d bool, e boolean default false, f serial)
create table t (a geometry, b point not null, c linestring, d polygon, e geometrycollection, f multipoint)
create table t (a point srid 4326)
create table t (a uuid, b inet6, c inet4)
create table t (a varchar(10) collate utf8mb4_bin not null comment 'x' unique, b int key, c int unique key, d int primary key)
create table t (a varchar(10) not null collate utf8mb4_bin default 'x' comment 'it''s')
create table t (a varchar(10) default 'x' collate utf8mb4_bin)
create table t (a int default (1 + 2), b varchar(10) default (concat('a', 'b')), c datetime default now(), d int default null, e int default +1, f varchar(3) default _utf8mb4'x')
create table t (a int, b int as (a + 1), c int generated always as (a * 2) stored)
create table t (a int, d int as (a) virtual not null)
create table t (a int, e int as (a) persistent)
create table t (a int, b int generated always as (a * 2) stored unique comment 'x')
create table t (a int check (a > 0), b int constraint c check (b > 0), constraint d check (a < b), check (a <> b))
create table t (a int check (a > 0) not enforced, constraint check (a < 5) enforced)
create table t (a int references u (a) on delete cascade on update set null)
create table t (a int invisible, b int visible)
create table t (a int column_format fixed storage disk)
create table t (a int, b int, primary key (a), unique key u (b), key k (a, b), index i (a desc), unique (a), index (b), unique index ui (a))
create table t (a int, primary key using btree (a), key k using hash (a), key (a) using btree)
create table t (a varchar(255), key k (a(22)), fulltext key f (a), fulltext (a), fulltext index g (a) with parser ngram)
create table t (a point not null, spatial index (a), spatial key s (a))
create table t (a int, key ((a + 1)), unique u ((cast(a as char(3))), a))
create table t (a int, key k (a) comment 'x' key_block_size = 1 invisible)
create table t (a int, key k (a) ignored)
create table t (a int, constraint p primary key (a), constraint u unique key k (a), constraint unique (a))
create table t (a int, foreign key (a) references u (b), constraint f foreign key i (a) references s.u (b) match full on delete set null on update no action, foreign key (a) references u (b) on delete restrict)
create table t (a int) engine=InnoDB
create table t (a int) engine InnoDB default charset=utf8mb4 collate=utf8mb4_general_ci auto_increment=5 comment='x'
create table t (a int) default character set utf8mb4, default collate utf8mb4_bin, row_format=dynamic, max_rows=1 min_rows 2
create table t (a int) charset utf8mb4 stats_persistent=default pack_keys=1 checksum=1 delay_key_write=1 key_block_size=8 avg_row_length=3
create table t (a int) data directory='/x' index directory '/y' connection='z' insert_method=last union=(t1, t2)
create table t (a int) compression='zlib' encryption='N' tablespace x
create table t (a int) page_compressed=1 encrypted=yes encryption_key_id=2 transactional=1 page_checksum=1
create table t (a int) partition by hash (a) partitions 4
create table t (a int) engine=innodb partition by range (a) (partition p0 values less than (10), partition p1 values less than maxvalue)
create table t (a int) partition by list columns (a) (partition p0 values in (1, 2) comment = 'x')
create table t (a int) partition by key (a) as select 1
create table t select * from u
create table t as select * from u
create table t (a int) select 1 as a
create table t (a int, key (a)) engine=innodb as select 1 as a
create table t (select 1)
create table t ignore select 1 as a
create table t (a int) replace as select 1 as a
create table t as with x as (select 1) select * from x
create table t as (select 1) union (select 2)
create table `t` (`a` int(11) not null auto_increment, `b` varchar(45) collate utf8mb4_unicode_ci default null, primary key (`a`), unique key `b_unique` (`b`)) engine=InnoDB auto_increment=7 default charset=utf8mb4 collate=utf8mb4_unicode_ci
create table wp_users (ID bigint(20) unsigned NOT NULL auto_increment, user_login varchar(60) NOT NULL default '', user_registered datetime NOT NULL default '0000-00-00 00:00:00', PRIMARY KEY  (ID), KEY user_login_key (user_login)) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci
-- what applications send
SELECT `wp_posts`.* FROM wp_posts  LEFT JOIN wp_term_relationships ON (wp_posts.ID = wp_term_relationships.object_id) WHERE 1=1  AND ( wp_term_relationships.term_taxonomy_id IN (1) ) AND wp_posts.post_type = 'post' AND ((wp_posts.post_status = 'publish')) GROUP BY wp_posts.ID ORDER BY wp_posts.post_date DESC LIMIT 0, 10
SELECT SQL_CALC_FOUND_ROWS  wp_posts.ID FROM wp_posts  WHERE 1=1  AND (((wp_posts.post_title LIKE '{x}hello{x}') OR (wp_posts.post_excerpt LIKE '{x}hello{x}')))  ORDER BY wp_posts.post_title LIKE '{x}hello{x}' DESC LIMIT 0, 10
INSERT INTO `wp_options` (`option_name`, `option_value`, `autoload`) VALUES ('a', 'b', 'yes') ON DUPLICATE KEY UPDATE `option_name` = VALUES(`option_name`), `option_value` = VALUES(`option_value`), `autoload` = VALUES(`autoload`)
SELECT option_name, option_value FROM wp_options WHERE autoload IN ( 'yes', 'on', 'auto-on', 'auto' )
SELECT (1) AS `a` FROM `auth_user` WHERE `auth_user`.`username` = 'x' LIMIT 1
SELECT COUNT(*) AS `__count` FROM `auth_user` WHERE (`auth_user`.`email` = 'x' AND NOT (`auth_user`.`id` = 1))
SELECT `u`.`id`, COALESCE(SUM(`o`.`total`), 0) AS `total` FROM `users` `u` LEFT OUTER JOIN `orders` `o` ON (`u`.`id` = `o`.`user_id`) GROUP BY `u`.`id` HAVING SUM(`o`.`total`) > 10.5 ORDER BY NULL
select user0_.id as id1_0_, user0_.email as email2_0_ from users user0_ where user0_.email=? and (user0_.deleted_at is null) limit ?
UPDATE `users` SET `last_login` = '2020-01-01 00:00:00.000000', `login_count` = `login_count` + 1 WHERE `users`.`id` = 1
DELETE FROM `sessions` WHERE `sessions`.`expire_date` < CURRENT_TIMESTAMP
SELECT c FROM sbtest1 WHERE id BETWEEN 100 AND 199 ORDER BY c
SELECT DISTINCT c FROM sbtest1 WHERE id BETWEEN 1 AND 2 ORDER BY c
SELECT t.id, t.name AS `text`, IF(t.parent IS NULL, '#', t.parent) AS parent FROM tree t WHERE t.lft BETWEEN (SELECT lft FROM tree WHERE id = 5) AND (SELECT rgt FROM tree WHERE id = 5)
-- others, known by their verb
set names utf8mb4
set @a = 1, session sql_mode = ''
show tables
show full columns from t
use s
begin
start transaction read only
commit
rollback
savepoint x
alter table t add column a int
drop table if exists t
truncate table t
rename table t to u
create index i on t (a)
create view v as select 1
create database x
grant select on s.* to 'u'@'localhost'
call p(1, @x)
explain select * from t
describe t
desc t
do sleep(1)
handler t open
load data infile 'x' into table t
lock tables t read
unlock tables
prepare s from 'select 1'
execute s using @a
deallocate prepare s
analyze table t
optimize table t
check table t
repair table t
kill 5
flush privileges
xa start 'x'
-- MariaDB's own
select a from t limit rows examined 10
select a from t limit 2, 3 rows examined 10
select a from t fetch first 2 rows only
select a from t order by a offset 1 row fetch next 3 rows with ties
select a in (values (1), (2)) from t
select match a, b against ('x') from t
select weight_string('a' as char(3) level 1 desc reverse, 2), weight_string('a' level 1-3), weight_string('a', 1, 2, 0xC0)
select column_create('a', 1 as int, 'b', 'x'), column_get(a, 'b' as char) from t
select percentile_cont(0.5) within group (order by a) over (partition by b) from t
select cast('1' as interval day_second(6))
create table t (a number(10), b varchar2(10), c clob, d raw(10))
select a like b + 1, a like b | c, a like b in (0, 1), a regexp b like c, a not like b between 1 and 3 from t
select cast('a' as char(10) binary charset utf8), cast('a' as char ascii binary) from t
select * from {oj t left outer join s on t.a = s.a} where t.b > 1
insert into t values (1, ignore), (ignore, default)
update t set a = ignore, b = 2
create table t (a text compressed charset ucs2, b varchar(10) compressed=zlib binary not null, c blob not null compressed)
select a like 'x' escape b | 1 from t
select a from t where a > 1 limit 2 procedure analyse()
select 1 from t join s join u on s.a = u.a on t.a = s.a natural straight_join v
create table t (a int) tablespace x storage disk engine=innodb
select {date "1997-10-20"}
create table t (t.a int, d.t.b int)
create table t (a mariadb_schema.date, b int not null constraint c references t (a))
select * from t join s join u using (a) using (b)
select * from t join s left join u on s.a = u.a on t.a = s.a
