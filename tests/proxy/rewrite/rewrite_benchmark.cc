// What rewriting costs: a statement of 200 bytes whose plan is in the cache or
// is not, and rows of eight columns of which one is opened.
//   bazel run --config=release //tests/proxy/rewrite:rewrite_benchmark
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>
#include <variant>
#include <vector>

#include "proxy/rewrite/result.h"
#include "proxy/rewrite/rewriter.h"
#include "proxy/wire/row.h"
#include "tests/proxy/rewrite/world.h"

namespace sealgate::rewrite {
namespace {

// 200 bytes each. The first seals nothing; the second seals one value.
const std::string kPlainWhere =
    "SELECT c.id, c.email, c.phone, c.name, c.tax_id, o.id, o.card, o.contact FROM customers c "
    "JOIN orders o ON o.id = c.id WHERE c.id = 1234567 AND c.name = 'somebody or other' AND o.id "
    "< 9999999 LIMIT 10, 25";
const std::string kSealedWhere =
    "SELECT c.id, c.email, c.phone, c.name, c.tax_id, o.id, o.card, o.contact FROM customers c "
    "JOIN orders o ON o.id = c.id WHERE c.email = 'somebody@example.org' AND c.id = 12345 AND o.id "
    "< 9999 LIMIT 10, 25";
const std::string kCold =
    "SELECT p.id, p.title, p.price, p.stock, p.weight, s.name, s.country, s.rating FROM products p "
    "JOIN suppliers s ON s.id = p.supplier_id WHERE p.title = 'a thing' AND p.stock > 12345 AND "
    "s.id < 9999 LIMIT 10, 25";

void Run(benchmark::State& state, const std::string& sql, std::size_t entries) {
  World world;
  Rewriter rewriter(world.random(), world.metrics(), {.plan_cache_entries = entries});
  const SessionFacts facts = world.Facts("app");
  for (auto _ : state) {
    const Decision decision = rewriter.Query(world.snapshot(), facts, sql);
    if (!decision.statement) return state.SkipWithError("refused");
    benchmark::DoNotOptimize(decision.statement->text().data());
  }
  state.counters["bytes"] = static_cast<double>(sql.size());
}

void PlanHit(benchmark::State& state) { Run(state, kPlainWhere, 4096); }
void PlanHitAndSeal(benchmark::State& state) { Run(state, kSealedWhere, 4096); }
void PlanMiss(benchmark::State& state) { Run(state, kPlainWhere, 0); }
void PlanMissAndSeal(benchmark::State& state) { Run(state, kSealedWhere, 0); }
void NothingProtected(benchmark::State& state) { Run(state, kCold, 4096); }

void InsertOf1000Rows(benchmark::State& state) {
  std::string sql = "INSERT INTO customers (id, phone, name) VALUES ";
  for (int i = 0; i < 1000; ++i) {
    sql += (i > 0 ? ", (" : "(") + std::to_string(i) + ", '030 1234567', 'somebody')";
  }
  Run(state, sql, static_cast<std::size_t>(state.range(0)));
}

wire::ColumnDefinition41 Definition(std::string_view table, std::string_view column) {
  wire::ColumnDefinition41 definition;
  definition.schema = "shop";
  definition.table = definition.org_table = table;
  definition.name = definition.org_name = column;
  definition.type = wire::FieldType::kVarString;
  return definition;
}

// Eight columns; `opened`: the second of them is protected.
void RunRows(benchmark::State& state, bool binary, bool opened) {
  World world;
  Rewriter rewriter(world.random(), world.metrics(), {});
  const SessionFacts facts = world.Facts("app");
  const std::string sql =
      opened ? "SELECT id, phone, name, name, name, name, name, name FROM customers"
             : "SELECT id, name, name, name, name, name, name, name FROM customers";
  const auto plan = rewriter.Query(world.snapshot(), facts, sql).plan;
  std::string sealed;
  std::get<crypto::RandomCipher>(*world.snapshot().keys->Find("shop.customers.phone"))
      .Seal("value 12345 of the first column", world.random(), sealed);
  ResultReader reader(world.metrics());
  if (!reader.Begin(world.snapshot(), facts, *plan, 8)) std::abort();
  std::string text;
  std::string row;
  wire::Writer writer(text);
  wire::BinaryRowWriter columns(8, row);
  for (int i = 0; i < 8; ++i) {
    auto definition =
        Definition("customers", i == 0 ? "id" : (i == 1 && opened ? "phone" : "name"));
    if (!reader.Column(definition)) std::abort();
    const std::string_view value = i == 1 && opened ? std::string_view(sealed) : "two or three";
    writer.LenencString(value);
    columns.Append(wire::FieldType::kVarString, value);
  }
  std::string out;
  for (auto _ : state) {
    out.clear();
    const auto done = binary ? reader.BinaryRow(row, out) : reader.TextRow(text, out);
    if (!done) return state.SkipWithError("refused");
    benchmark::DoNotOptimize(out.data());
  }
}

void TextRowOpened(benchmark::State& state) { RunRows(state, false, true); }
void TextRowDecoded(benchmark::State& state) { RunRows(state, false, false); }
void BinaryRowOpened(benchmark::State& state) { RunRows(state, true, true); }
void BinaryRowDecoded(benchmark::State& state) { RunRows(state, true, false); }

BENCHMARK(PlanHit);
BENCHMARK(PlanMiss);
BENCHMARK(PlanHitAndSeal);
BENCHMARK(PlanMissAndSeal);
BENCHMARK(NothingProtected);
BENCHMARK(InsertOf1000Rows)->Arg(4096)->Arg(0);
BENCHMARK(TextRowOpened);
BENCHMARK(TextRowDecoded);
BENCHMARK(BinaryRowOpened);
BENCHMARK(BinaryRowDecoded);

}  // namespace
}  // namespace sealgate::rewrite

BENCHMARK_MAIN();
