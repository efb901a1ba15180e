// Dynamic SQL whose text is not a literal: PREPARE s FROM @v, EXECUTE IMMEDIATE
// CONCAT(@v, @w). The server can tell what the text is before it runs: a query of the
// proxy's own asks for it on the same session, the answer is screened like any
// statement, and only then does the dynamic SQL leave. A user variable belongs to
// the session alone, so it still has the same text then; any other expression
// gives way to the text that was looked at.
// Sources: MariaDB manual, "PREPARE Statement", "EXECUTE IMMEDIATE".
#ifndef SEALGATE_PROXY_REWRITE_SCREEN_DYNAMIC_SQL_H_
#define SEALGATE_PROXY_REWRITE_SCREEN_DYNAMIC_SQL_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/rewrite/plan/refusal.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// What the server said of the text: NULL, or the text in the character set
/// that the query named. A variable that is not NULL, but whose text cannot be told
/// (bytes that are no characters, or too many), is lost.
struct DynamicText {
  std::optional<std::string_view> text;
  bool is_lost = false;
  bool is_binary = false;  // the value itself has the character set "binary"
};

/// Tokens first..last (both included) that give the text. Nothing that reads
/// tables, calls stored functions, holds a literal (which the server would see
/// before the text was looked at) or could reach out of its place is a source.
struct DynamicSource {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  bool is_variable = false;
};

/// Of a statement that is one PREPARE or EXECUTE IMMEDIATE and nothing else.
std::optional<DynamicSource> FindDynamicSource(const sql::TokenList& tokens);

/// A name alone, which outside of a program is nothing's: the server runs no text for it.
bool IsUnknownColumn(const sql::TokenList& tokens, const DynamicSource& source);

/// Whether tokens first..end (`end` not included) give the same however often they
/// are looked at in one statement.
bool FollowsFromItself(const sql::TokenList& tokens, std::size_t first, std::size_t end);

/// The query that asks: one row of the text as binary, and of a variable that is not NULL
/// its character set.
std::string AskForText(const sql::TokenList& tokens, const DynamicSource& source,
                       const SessionFacts& facts, bool is_mariadb);

/// Whether the server will read the text as these very bytes. MariaDB converts what it
/// runs to character_set_client; MySQL to that of collation_connection, and reads the
/// bytes as character_set_client.
bool ReadsTheSame(const DynamicText& text, const DynamicSource& source, const SessionFacts& facts,
                  bool is_mariadb);

/// The same of a literal, which MariaDB converts to the character set of
/// collation_connection before, and MySQL to utf8mb3.
bool LiteralReadsTheSame(std::string_view text, const SessionFacts& facts, bool is_mariadb);

/// Of a text that does not.
Refusal RefuseReadOtherwise();

/// Of SET GLOBAL init_connect = @text and the like, alone (server_sql.cc).
std::optional<DynamicSource> FindServerSqlSource(const sql::TokenList& tokens);

/// The statement with the text in place of the source; as it was for a variable.
std::string WithText(const sql::TokenList& tokens, const DynamicSource& source,
                     const DynamicText& text, const SessionFacts& facts, bool is_mariadb);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_SCREEN_DYNAMIC_SQL_H_
