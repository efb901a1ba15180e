-- <error> <index of the significant token that is reported>: <statement>
unexpected 3: select 1 from
unexpected 1: select
unexpected 0: 
unexpected 0: frobnicate t
unexpected 0: 1
unexpected 0: `select` 1
unexpected 3: select a from, t
unexpected 5: select a from t where
unexpected 4: select a from t from u
unexpected 3: select 1, * from t
unexpected 5: select a from t group a
unexpected 5: select a from t limit 'x'
unexpected 6: select a from t limit 1 + 1
unexpected 4: select 1 limit 1 union select 2
unexpected 6: select a in (1) + 1
unexpected 3: select 1 = not 1
unexpected 2: select a rank from t
unexpected 3: select a order from t
unexpected 2: select a returning from t
unexpected 1: select from
unexpected 1: select order from t
unexpected 1: select key from t
unexpected 1: select @
unexpected 2: select @@ version
unexpected 2: select t .1a from t
unexpected 3: select t . 1e5 from t
unexpected 2: select `t`.1a from t
unexpected 1: select .t.a from t
unexpected 2: select 1.5.5
unexpected 3: select 1 =
unexpected 3: select 1 => 1
unexpected 2: select 1 := 1
unexpected 1: select _nosuchset'x'
unexpected 2: select _latin1
unexpected 2: select 'a' x'41'
unexpected 4: select case when 1 end
unexpected 5: select cast(1 as frob)
unexpected 3: select extract(a from b)
unexpected 3: select json_table('[]', '$' columns (a int path '$'))
beyond 4: select a from t for system_time as of now()
unexpected 8: select * from json_table('[]', '$') x
unexpected 7: select a from t left join u
unexpected 7: select a from t natural join u on 1
unexpected 4: select a from t tablesample system (10)
unexpected 4: select a from t qualify 1
beyond 9: (select a from t) procedure analyse()
beyond 1: select next value for s
unexpected 4: insert into t values 1
unexpected 6: insert into t (a.*) values (1)
unexpected 3: insert into t
unexpected 7: insert into t set a = 1 where b = 2
unexpected 3: update t set
unexpected 5: update t set a = 
unexpected 2: update t where a = 1
unexpected 3: delete from t set a = 1
unexpected 4: delete t, u where a = 1
unexpected 5: create table t (a frob)
unexpected 6: create table t (a int frob)
beyond 7: create table t (a int) frob=1
unexpected 4: create table t ()
beyond 7: create table t (a int) with system versioning
beyond 7: create table t (a int, period for system_time (a, b))
unexpected 6: select count(*) filter (where a)
illegal 1: select 'x
illegal 1: select `x
illegal 1: select x'4'
illegal 1: select x'4g'
illegal 1: select b'2'
illegal 1: select $$x$$
illegal 1: select $a$x$a$
illegal 1: select 1.5ex
illegal 1: select ?a
illegal 1: select \N
illegal 2: select 1 /* x
illegal 1: select [a]
comment 0: select 1 /*! + 1 */
comment 0: select 1 /*!99999 ' */
comment 0: select 1 /*M! + 1 */
comment 0: /*!50000 select */ 1
second 3: select 1; select 2
second 4: select 1;; drop table t
second 4: use x; ; select 1
