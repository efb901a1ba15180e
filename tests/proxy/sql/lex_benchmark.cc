#include <benchmark/benchmark.h>

#include <string>

#include "proxy/sql/lexer.h"
#include "proxy/sql/parser.h"
#include "proxy/sql/shape.h"

namespace sealgate::sql {
namespace {

const std::string kSelect =
    "SELECT u.id, u.email AS mail, COUNT(o.id) AS orders FROM users u LEFT JOIN orders o ON "
    "u.id = o.user_id WHERE u.email = 'somebody@example.com' AND u.deleted_at IS NULL AND o.total "
    "> 10.50 GROUP BY u.id LIMIT 10";

std::string Insert() {
  std::string text = "INSERT INTO customers (id, name, email, notes) VALUES ";
  for (int i = 0; i < 200; ++i) {
    if (i > 0) text += ", ";
    text += "(" + std::to_string(i) + ", 'Some Name', 'somebody@example.com', '" +
            std::string(120, 'x') + "')";
  }
  return text;
}

void LexText(benchmark::State& state, const std::string& text) {
  TokenList tokens;
  for (auto _ : state) {
    Lex(text, {}, tokens);
    benchmark::DoNotOptimize(tokens.tokens.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
void BM_LexSelect(benchmark::State& state) { LexText(state, kSelect); }
void BM_LexInsert(benchmark::State& state) { LexText(state, Insert()); }
BENCHMARK(BM_LexSelect);
BENCHMARK(BM_LexInsert);

void BM_Shape(benchmark::State& state) {
  TokenList tokens;
  Lex(kSelect, {}, tokens);
  KeyBuffer shape;
  for (auto _ : state) {
    shape.Clear();
    AppendShape(tokens, {}, 1 << 20, shape);
    benchmark::DoNotOptimize(HashShape(shape.bytes()));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * kSelect.size()));
}
BENCHMARK(BM_Shape);

void BM_ParseSelect(benchmark::State& state) {
  TokenList tokens;
  Lex(kSelect, {}, tokens);
  Arena arena;
  for (auto _ : state) {
    arena.Clear();
    benchmark::DoNotOptimize(Parse(tokens, {}, arena));
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * kSelect.size()));
}
BENCHMARK(BM_ParseSelect);

}  // namespace
}  // namespace sealgate::sql

BENCHMARK_MAIN();
