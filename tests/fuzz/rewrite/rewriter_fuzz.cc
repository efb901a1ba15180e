// Any bytes as a statement. Oracles: a statement that is forwarded without
// edits is the client's own bytes, or they with executable comments blanked; one
// that waits for the catalog is not forwarded; one with edits still reads as one statement,
// has the same number of statements' worth of tokens outside of the edits, and
// asking again gives the same decision.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include "proxy/rewrite/rewriter.h"
#include "proxy/sql/lexer.h"
#include "tests/proxy/rewrite/world.h"

namespace {

// What the session's own tracking becomes.
constexpr std::string_view kTracking = "SET SESSION session_track_system_variables = ";

void Require(bool holds) {
  if (!holds) std::abort();
}

// The statement with executable comments opened: nothing but blanks is new.
bool IsBlanked(std::string_view text, std::string_view original) {
  if (text.size() != original.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != original[i] && text[i] != ' ') return false;
  }
  return true;
}

sealgate::policy::Snapshot WithObjects(const sealgate::policy::Snapshot& snapshot) {
  auto objects = std::make_shared<sealgate::policy::ObjectNames>(true);
  for (const char* name : {"customers", "items"}) objects->AddTable("shop", name);
  sealgate::policy::Snapshot changed = snapshot;
  changed.objects = std::move(objects);
  return changed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealgate;
  static rewrite::World world;
  static const policy::Snapshot snapshot = WithObjects(world.snapshot());
  static rewrite::Rewriter rewriter(world.random(), world.metrics(), {});
  if (size == 0) return 0;
  rewrite::SessionFacts facts = world.Facts((data[0] & 1) != 0 ? "app" : "support");
  facts.lex.ansi_quotes = (data[0] & 2) != 0;
  facts.lex.no_backslash_escapes = (data[0] & 4) != 0;
  if ((data[0] & 8) != 0) facts.client = std::nullopt;
  const bool prepare = (data[0] & 16) != 0;
  const auto age =
      (data[0] & 32) != 0 ? rewrite::CatalogAge::kMayBeOld : rewrite::CatalogAge::kJustRead;
  const std::string_view sql(reinterpret_cast<const char*>(data) + 1, size - 1);
  // One NUL at the end may be left out.
  const bool nul = sql.ends_with('\0') && !sql.ends_with(std::string_view("\0\0", 2)) &&
                   !sql.ends_with(std::string_view(";\0", 2));
  const std::string_view text = sql.substr(0, sql.size() - (nul ? 1 : 0));
  const auto decide = [&] {
    return prepare ? rewriter.Prepare(snapshot, facts, sql, age)
                   : rewriter.Query(snapshot, facts, sql, age);
  };
  const rewrite::Decision first = decide();
  Require(first.plan != nullptr);
  const bool forwarded = first.statement.has_value();
  const bool edited = forwarded && !first.plan->edits.empty();
  if (forwarded && !edited) {
    const bool own = first.statement->text().data() == sql.data();
    Require(own ? first.statement->text() == text || first.statement->text() == sql
                : IsBlanked(first.statement->text(), text) ||
                      IsBlanked(first.statement->text(), sql) ||
                      first.statement->text().starts_with(kTracking));
  }
  Require(!first.needs_catalog || !forwarded);
  Require(first.needs_catalog == !first.unknown.empty());
  if (!prepare && !rewriter.TemporaryTable(snapshot, facts).empty()) {
    Require(sql.size() > std::string_view("CREATE TEMPORARY TABLE").size());
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
