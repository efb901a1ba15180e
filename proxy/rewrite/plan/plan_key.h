// The plan cache's key of a statement. Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_PLAN_PLAN_KEY_H_
#define SEALGATE_PROXY_REWRITE_PLAN_PLAN_KEY_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/sql/key_buffer.h"
#include "proxy/sql/run.h"
#include "proxy/sql/token.h"

namespace sealgate::rewrite {

/// Clears and fills `key` with everything that a plan depends on: the snapshot's
/// version, the role, what the session's modes and character sets are, its schema,
/// and the shape of the tokens with `runs`. False: the shape is longer than
/// `max_shape`, so the key is of no use.
bool MakePlanKey(std::uint64_t snapshot_version, const SessionFacts& facts,
                 const sql::TokenList& tokens, std::span<const sql::Run> runs,
                 std::size_t max_shape, sql::KeyBuffer& key);

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_PLAN_PLAN_KEY_H_
