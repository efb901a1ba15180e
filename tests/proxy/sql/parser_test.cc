#include "proxy/sql/parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proxy/sql/lexer.h"
#include "tests/proxy/sql/tree_dump.h"

namespace sealgate::sql {
namespace {

std::string Parsed(std::string_view text, LexMode mode = {}) {
  TokenList tokens;
  Lex(text, mode, tokens);
  Arena arena;
  const auto statement = Parse(tokens, mode, arena);
  if (!statement) {
    return "error " + std::to_string(static_cast<int>(statement.error().code)) + " at " +
           std::to_string(statement.error().token);
  }
  return Dump(tokens, *statement);
}

// Of "select <text>".
std::string ParsedExpr(const std::string& text, LexMode mode = {}) {
  const std::string out = Parsed("select " + text, mode);
  if (out.rfind("{select ", 0) != 0) return out;
  return out.substr(8, out.size() - 9);
}

struct Row {
  std::string text;
  std::string tree;
};

TEST(ParserTest, Views) {
  const std::vector<Row> rows = {
      {"create view v as select 1", "create view v {select 1}"},
      {"create or replace algorithm = merge definer = `a`@`%` sql security invoker view s.v (a, b) "
       "as (select 1) with cascaded check option",
       "create view s.v(a b) {{select 1}} check"},
      {"alter definer=current_user() view v as select a from t where b with check option",
       "alter view v {select a from t where b} check"},
      {"create definer='a'@localhost view if not exists v as values (1)", ""},
      {"create view v as select 1 with local check", "error 0 at 9"},
      {"create view v (a as select 1", "error 0 at 5"},
      {"create algorithm = other view v as select 1", "error 0 at 3"},
      {"create procedure view() select 1", "other create"},
      {"create table t (view int)", "create t view:int;"},
      {"drop view v", "other drop"},
  };
  for (const Row& row : rows) {
    if (row.tree.empty()) {
      EXPECT_EQ(Parsed(row.text).rfind("create view v", 0), 0U) << Parsed(row.text);
    } else {
      EXPECT_EQ(Parsed(row.text), row.tree) << row.text;
    }
  }
}

TEST(ParserTest, ChangesOfTables) {
  // By AlterKind.
  const std::vector<Row> rows = {
      {"alter table t add a int, drop b", "alter t 0 1"},
      {"alter table t modify a int first, change a b text after c", "alter t 2 3"},
      {"alter table t rename column a to b, alter a set default 1", "alter t 4 5"},
      {"alter table t engine=x comment 'c', add key (a)", "alter t 9 9 6"},
      {"alter table t rename to u, convert to character set x", "alter t 7 8"},
      {"alter table t drop index i, drop primary key, force, lock = none", "alter t 10 10 10 10"},
      {"alter table t add partition (partition p values less than (1)), drop a", "alter t 11"},
      {"alter table t", "alter t"},
      {"rename table a to b, c to d", "rename a=b c=d"},
      {"create unique index i on t (a)", "index on t"},
      {"alter table t add", "error 0 at 4"},
      {"alter table t drop", "error 0 at 4"},
      {"alter table t engine=x, 1", "error 0 at 7"},
      {"rename table a", "error 0 at 3"},
      {"load data infile 'f' into table t", "load t - - - - - - -"},
      {"load data low_priority local infile 'f' replace into table s.t partition (p) charset "
       "utf8mb4 "
       "columns escaped by '' optionally enclosed by '\"' terminated by ',' lines starting by "
       "x'41' "
       "terminated by '\\n' ignore 1 rows (a, @b, t.c) set d = @b + 1, e := default",
       "load local s.t utf8mb4 ',' '\"' '' x'41' '\\n' 1 (a @b t.c) set d:=(+ @b 1) e:=(default)"},
      {"load data local infile 'f' into table t ()", "load local t - - - - - - - ()"},
      {"load data local infile 'f' into table t fields (a)", "error 0 at 9"},
      {"load data local infile 'f' into table t lines terminated by 'a' 'b'", "error 0 at 12"},
      {"load data local infile 'f' into table t fields terminated by _utf8mb4'a'", "error 0 at 11"},
      {"load data local infile 'f' into table t (@@x)", "error 0 at 9"},
      {"load xml local infile 'f' into table t", "other load"},
      {"create index i on t", "error 0 at 5"},
  };
  for (const Row& row : rows) EXPECT_EQ(Parsed(row.text), row.tree) << row.text;
}

TEST(ParserTest, Precedence) {
  const std::vector<Row> rows = {
      {"a or b and c", "(or a (and b c))"},
      {"a and b or c and d or e", "(or (and a b) (and c d) e)"},
      {"a or b xor c", "(or a (xor b c))"},
      {"a xor b and c", "(xor a (and b c))"},
      {"a || b && c", "(or a (and b c))"},
      {"not a = b", "(not (= a b))"},
      {"not a and b", "(and (not a) b)"},
      {"not a is null", "(not (is-null a))"},
      {"not not a", "(not (not a))"},
      {"! a = b", "(= (! a) b)"},
      {"a = b = c", "(= (= a b) c)"},
      {"a = b is null", "(is-null (= a b))"},
      {"a = b in (c)", "(= a (in b c))"},
      {"a = b like c", "(= a (like b c))"},
      {"a like b = c", "(= (like a b) c)"},
      {"a between b and c and d", "(and (between a b c) d)"},
      {"a between b and c = d", "(= (between a b c) d)"},
      {"a not between b and c between d and e", "(not-between a b (between c d e))"},
      {"a | b & c", "(| a (& b c))"},
      {"a & b << c", "(& a (<< b c))"},
      {"a << b + c", "(<< a (+ b c))"},
      {"a + b * c", "(+ a (* b c))"},
      {"a - b - c", "(- (- a b) c)"},
      {"a * b ^ c", "(* a (^ b c))"},
      {"a div b mod c % d", "(% (mod (div a b) c) d)"},
      {"- a ^ b", "(^ (- a) b)"},
      {"- a collate x", "(- (collate x a))"},
      {"binary a = b", "(= (binary a) b)"},
      {"~ - a", "(~ (- a))"},
      {"a + b like c", "(like (+ a b) c)"},
      {"a = -1", "(= a (- 1))"},
      {"@a := b or c", "(@a:= (or b c))"},
      {"1 + @a := 5", "(+ 1 (@a:= 5))"},
      {"a + interval 1 day - interval b + 1 hour",
       "(- (+ a (interval-day 1)) (interval-hour (+ b 1)))"},
      {"interval 1 day + a", "(+ (interval-day 1) a)"},
      {"a regexp b + c", "(regexp a (+ b c))"},
      {"a not regexp b", "(not-regexp a b)"},
      {"a sounds like b", "(sounds a b)"},
      {"a member of (b)", "(member a b)"},
      {"a = any (select 1)", "(= a {select 1})"},
      {"a->'$.x' = b", "(= (-> a '$.x') b)"},
  };
  for (const Row& row : rows) EXPECT_EQ(ParsedExpr(row.text), row.tree) << row.text;
  LexMode concat;
  concat.pipes_as_concat = true;
  EXPECT_EQ(ParsedExpr("a || b && c", concat), "(and (|| a b) c)");
  EXPECT_EQ(ParsedExpr("a ^ b || c", concat), "(^ a (|| b c))");
  EXPECT_EQ(ParsedExpr("- a || b", concat), "(|| (- a) b)");
  EXPECT_EQ(ParsedExpr("a like b || c", concat), "(like a (|| b c))");
}

TEST(ParserTest, Operands) {
  const std::vector<Row> rows = {
      {"'a' 'b'", "(adjacent 'a' 'b')"},
      {"_latin1'a' 'b'", "(adjacent (_latin1 'a') 'b')"},
      {"_latin1 x'41'", "(_latin1 x'41')"},
      {"date'2020-01-01'", "'2020-01-01'"},
      {"{d '2020-01-01'}", "(odbc-d '2020-01-01')"},
      {"a 'b'", "a='b'"},
      {"1 x, 2 as y", "1=x 2=y"},
      {"s.t.a, t.*, s.t.*", "s.t.a t.* s.t.*"},
      {"(a), (a, b), row(a, b)", "(paren a) (row a b) (row a b)"},
      {"((select 1)), ((select 1) + 1)", "(query {{select 1}}) (paren (+ (query {select 1}) 1))"},
      {"((select 1) union select 2)", "(query {union {{select 1}} {select 2}})"},
      {"a in (b, c), a in (select 1)", "(in a b c) (in a {select 1})"},
      {"case a when b then c else d end", "(case-of-else a b c d)"},
      {"case when a then b end", "(case a b)"},
      {"count(*), count(distinct a, b)", "(count *) (count distinct a b)"},
      {"group_concat(a order by b separator ',')", "(group_concat a b ',')"},
      {"cast(a as char), convert(b, signed), convert(c using utf8mb4)",
       "(cast a) (cast b) (cast c)"},
      {"trim(both a from b), substring(a from b for c)", "(trim a b) (substring a b c)"},
      {"position(a in b), extract(day from a)", "(position a b) (extract a)"},
      {"timestampadd(day, a, b), interval(a, b)", "(timestampadd a b) (interval a b)"},
      {"weight_string(a as char(3)), char(a using utf8mb4)", "(weight_string a 3) (char a)"},
      {"sum(a) over (partition by b order by c rows d preceding)", "(over sum a b c d)"},
      {"match (a, b) against (c in boolean mode)", "(match a b c)"},
      {"now(), current_timestamp, current_timestamp(3)",
       "(now) (current_timestamp) (current_timestamp 3)"},
      {"s.f(a), `count`(a, b)", "(s.f a) (`count` a b)"},
      {"default(a), @@global.x, @v", "(defaulta) (@@x) @v"},
      {"exists (select 1)", "(exists {select 1})"},
      {"if(a, b, c), left(a, 1)", "(if a b c) (left a 1)"},
  };
  for (const Row& row : rows) EXPECT_EQ(ParsedExpr(row.text), row.tree) << row.text;
}

TEST(ParserTest, Queries) {
  const std::vector<Row> rows = {
      {"select a from t, u x", "{select a from t u=x}"},
      {"select a from t join u join v on b", "{select a from [join [join t u] v on b]}"},
      {"select a from t left join u join v on b on c",
       "{select a from [left t [join u v on b] on c]}"},
      {"select a from (t, u) natural left join v", "{select a from [natural-left [join t u] v]}"},
      {"select a from t join u using (b, c)", "{select a from [join t u using(b c)]}"},
      {"select a from (select b) x (c)", "{select a from {select b}=x(c)}"},
      {"select a from t, lateral (select b) x", "{select a from t lateral {select b}=x}"},
      {"select a from t where b group by c having d order by e limit f_, 1", "error 0 at 15"},
      {"select a from t where b group by c having d order by e limit 2, 1",
       "{select a from t where b group c having d order e limit 2 1}"},
      {"select 1 union select 2 intersect select 3",
       "{union {select 1} {intersect {select 2} {select 3}}}"},
      {"select 1 union all select 2 except select 3 order by 1",
       "{except {union all {select 1} {select 2}} {select 3} order 1}"},
      {"(select 1 limit 1) union (select 2) limit 3",
       "{union {{select 1 limit 1}} {{select 2}} limit 3}"},
      {"with x (a) as (select 1) select a from x", "{with x(a) {select 1} select a from x}"},
      {"values row(1, a), row(b, 2)", "{values <1 a> <b 2>}"},
      {"table t order by a", "{table t order a}"},
      {"select distinct a into @x from t", "{select distinct a from t into}"},
      {"select a from t window w as (order by b)", "{select a from t window b}"},
  };
  for (const Row& row : rows) EXPECT_EQ(Parsed(row.text), row.tree) << row.text;
}

TEST(ParserTest, Modifications) {
  const std::vector<Row> rows = {
      {"insert into t values (1, default), ()", "insert t <1 (default)> <>"},
      {"insert s.t (a, t.b) values (1, 2)", "insert s.t (a t.b) <1 2>"},
      {"insert into t () values ()", "insert t () <>"},
      {"insert into t set a = 1, b = c", "insert t set a:=1 b:=c"},
      {"insert into t (select 1)", "insert t {{select 1}}"},
      {"insert into t (a) select b from u on duplicate key update a = values(a)",
       "insert t (a) {select b from u} update a:=(values a)"},
      {"insert into t values (1) as n (x) on duplicate key update a = n.x",
       "insert t <1>=n(x) update a:=n.x"},
      {"replace into t (a) values (1) returning a, b c", "replace t (a) <1> returning a b=c"},
      {"update t x set x.a = 1, b = default where c limit 1",
       "update t=x set x.a:=1 b:=(default) where c limit 1"},
      {"update t join u on a set b = c", "update [join t u on a] set b:=c"},
      {"with x as (select 1) update t set a = 1", "update with x {select 1} t set a:=1"},
      {"delete from t where a order by b limit 1", "delete t where a order b limit 1"},
      {"delete from t x where a returning b", "delete t=x where a returning b"},
      {"delete t, s.u from t join s.u", "delete t s.u from [join t s.u]"},
      {"delete from t.*, u using t, u", "delete t u from t u"},
      {"set names utf8", "other set"},
  };
  for (const Row& row : rows) EXPECT_EQ(Parsed(row.text), row.tree) << row.text;
}

TEST(ParserTest, CreateTable) {
  const std::vector<Row> rows = {
      {"create table t like s.u", "create t like s.u"},
      {"create table t (a int(3) unsigned not null auto_increment primary key)",
       "create t a:int(3) unsigned not-null auto key-primary;"},
      {"create table t (a varchar(9) charset x collate y default 'z' comment 'w' unique)",
       "create t a:varchar(9) charset x collate y default 'z' key-unique comment 'w';"},
      {"create table t (a varchar(9) not null collate y)",
       "create t a:varchar(9) collate y not-null;"},
      {"create table t (a enum('x', 'y'), b int as (a + 1), c int check (c > 0))",
       "create t a:enum('x' 'y'); b:int as (+ a 1); c:int check (> c 0);"},
      {"create table t (a int, primary key (a), unique u (a desc, b(22)), key ((a + 1)))",
       "create t a:int; primary a; unique=u a b/22; index (+ a 1);"},
      {"create table t (a int, constraint c check (a > 0), foreign key f (a) references u (b))",
       "create t a:int; check=c (> a 0); foreign=f a;"},
      {"create table t (a int) default charset=x collate y partition by hash (a) select 1",
       "create t a:int; charset x collate y partition {select 1}"},
      {"create table t (select 1)", "create t {{select 1}}"},
  };
  for (const Row& row : rows) EXPECT_EQ(Parsed(row.text), row.tree) << row.text;
}

std::string Repeat(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(ParserTest, DepthIsBounded) {
  const int code = static_cast<int>(ParseErrorCode::kTooDeep);
  const std::string deep = "error " + std::to_string(code);
  for (const char* open : {"(", "((", "-", "!", "not ", "(select ", "if(", "case when ", "a + (",
                           "interval(", "@a := ", "1 between 1 and ", "f(1, "}) {
    const std::string text = "select " + Repeat(open, 5000);
    const std::string out = Parsed(text);
    // Parentheses that never close are reported as what comes first.
    EXPECT_EQ(out.rfind("error ", 0), 0u) << open;
    EXPECT_EQ(Parsed("select " + Repeat(open, 60)).rfind(deep, 0), std::string::npos) << open;
  }
  EXPECT_EQ(Parsed("select " + Repeat("(", 1500) + "1" + Repeat(")", 1500)).rfind(deep, 0), 0u);
  EXPECT_EQ(Parsed("select 1" + Repeat(" + 1", 100000)).rfind(deep, 0), 0u);
  EXPECT_EQ(Parsed("select 1 from t" + Repeat(" join t", 5000)).rfind(deep, 0), 0u);
  EXPECT_EQ(Parsed("select 1" + Repeat(" union select 1", 5000)).rfind(deep, 0), 0u);
  EXPECT_EQ(Parsed("select 1 from " + Repeat("(", 5000) + "t").rfind("error", 0), 0u);
  EXPECT_EQ(Parsed("select 1" + Repeat(" or 1", 100000)).rfind("error", 0), std::string::npos);
  EXPECT_EQ(Parsed("select 1" + Repeat(" and 1", 100000)).rfind("error", 0), std::string::npos);
  EXPECT_EQ(Parsed("select 1 in (1" + Repeat(", 1", 100000) + ")").rfind("error", 0),
            std::string::npos);
}

}  // namespace
}  // namespace sealgate::sql
