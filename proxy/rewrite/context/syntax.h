// What can be told of an expression or a FROM clause from its form alone.
#ifndef SEALGATE_PROXY_REWRITE_CONTEXT_SYNTAX_H_
#define SEALGATE_PROXY_REWRITE_CONTEXT_SYNTAX_H_

#include <string_view>

#include "proxy/sql/tree.h"

namespace sealgate::rewrite {

/// Whether an expression is a literal value or a parameter, perhaps signed, with
/// an introducer, or in parentheses; `core` is it without the parentheses.
bool IsValue(const sql::Expr& expr, const sql::Expr** core);
bool IsNullLiteral(const sql::Expr& expr);
/// Whether it is a string literal with COLLATE; `value` is the literal.
bool IsCollated(const sql::Expr& expr, const sql::Expr** value);
bool IsOuter(sql::JoinKind join);
/// Whether a column of it may be NULL that is NOT NULL in its own table.
bool HasOuterJoin(const sql::TableRef& table);
/// The expression without the parentheses around it.
const sql::Expr& Inner(const sql::Expr& expr);
/// What a refusal calls the construct that an expression is.
std::string_view ConstructOf(const sql::Expr& expr);
/// Whether the expression can only be true, false or NULL.
bool IsTruth(const sql::Expr& expr);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_CONTEXT_SYNTAX_H_
