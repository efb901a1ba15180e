// A tree as text, for tests: operators and names as in the statement's text.
#ifndef SEALGATE_TESTS_PROXY_SQL_TREE_DUMP_H_
#define SEALGATE_TESTS_PROXY_SQL_TREE_DUMP_H_

#include <functional>
#include <string>

#include "proxy/sql/token.h"
#include "proxy/sql/tree.h"

namespace sealgate::sql {

std::string Dump(const TokenList& tokens, const Expr* expr);
std::string Dump(const TokenList& tokens, const Query* query);
std::string Dump(const TokenList& tokens, const Statement* statement);

/// Calls `see` for every expression that a walk over the tree reaches.
void Walk(const Expr* expr, const std::function<void(const Expr&)>& see);
void Walk(const Query* query, const std::function<void(const Expr&)>& see);
void Walk(const Statement* statement, const std::function<void(const Expr&)>& see);

}  // namespace sealgate::sql

#endif  // SEALGATE_TESTS_PROXY_SQL_TREE_DUMP_H_
