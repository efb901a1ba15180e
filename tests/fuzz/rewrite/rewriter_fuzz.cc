// Any bytes as a statement. Oracles: a statement that is forwarded without
// edits is the client's own bytes; one with edits still reads as one statement,
// has the same number of statements' worth of tokens outside of the edits, and
// asking again gives the same decision.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "proxy/rewrite/rewriter.h"
#include "proxy/sql/lexer.h"
#include "tests/proxy/rewrite/world.h"

namespace {

void Require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealgate;
  static rewrite::World world;
  static rewrite::Rewriter rewriter(world.random(), world.metrics(), {});
  if (size == 0) return 0;
  rewrite::SessionFacts facts = world.Facts((data[0] & 1) != 0 ? "app" : "support");
  facts.lex.ansi_quotes = (data[0] & 2) != 0;
  facts.lex.no_backslash_escapes = (data[0] & 4) != 0;
  if ((data[0] & 8) != 0) facts.client = std::nullopt;
  const bool prepare = (data[0] & 16) != 0;
  const std::string_view sql(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto decide = [&] {
    return prepare ? rewriter.Prepare(world.snapshot(), facts, sql)
                   : rewriter.Query(world.snapshot(), facts, sql);
  };
  const rewrite::Decision first = decide();
  Require(first.plan != nullptr);
  const bool forwarded = first.statement.has_value();
  const bool edited = forwarded && !first.plan->edits.empty();
  if (forwarded && !edited) {
    Require(first.statement->text().data() == sql.data() &&
            first.statement->text().size() == sql.size());
  }
  if (edited) {
    sql::TokenList tokens;
    sql::Lex(first.statement->text(), facts.lex, tokens);
    Require(!tokens.has_illegal && !tokens.has_inner_semicolon && !tokens.has_executable_comment);
  }
  if (!forwarded) Require(first.statement.error().message.rfind("sealgate: ", 0) == 0);
  const rewrite::Decision second = decide();
  Require(second.statement.has_value() == forwarded);
  return 0;
}
