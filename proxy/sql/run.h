// Lists whose items look alike: IN (1, 2, 3), and the rows of INSERT … VALUES.
// Statements that differ only in how many there are share a shape, and a plan.
#ifndef SEALGATE_PROXY_SQL_RUN_H_
#define SEALGATE_PROXY_SQL_RUN_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "proxy/sql/token.h"

namespace sealgate::sql {

/// Neighbours in a list that are the same apart from the values of literals:
/// `size` tokens each, and one comma between two of them.
struct Run {
  std::uint32_t first = 0;  // token of the first item
  std::uint32_t size = 0;
  std::uint32_t count = 0;  // two at least

  std::uint32_t stride() const { return size + 1; }
  /// The first token of item number `index`.
  std::uint32_t Item(std::uint32_t index) const { return first + index * stride(); }
  /// The token behind the last item.
  std::uint32_t end() const { return Item(count) - 1; }

  bool operator==(const Run&) const = default;
};

/// More of them in one statement are not looked for.
inline constexpr std::size_t kMaxRuns = 16;

/// Clears and fills `runs`: in order, never overlapping. Items with a parameter
/// are never in a run, because parameters have numbers. Every other list is left
/// alone: how many arguments a function has, or a SELECT has columns, matters.
void FindRuns(const TokenList& tokens, std::vector<Run>& runs);

/// The same statement with three items in every run: more are left out, and the
/// last one stands twice where there are only two. Tokens keep their places in
/// the text. `sample_runs` are the runs of the sample.
inline constexpr std::uint32_t kSampleItems = 3;
void MakeSample(const TokenList& tokens, std::span<const Run> runs, TokenList& sample,
                std::vector<Run>& sample_runs);

}  // namespace sealgate::sql

#endif  // SEALGATE_PROXY_SQL_RUN_H_
