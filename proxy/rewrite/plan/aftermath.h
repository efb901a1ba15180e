// What is known of a session once a statement of its own was answered.
#ifndef SEALGATE_PROXY_REWRITE_PLAN_AFTERMATH_H_
#define SEALGATE_PROXY_REWRITE_PLAN_AFTERMATH_H_

#include <cstdint>

namespace sealgate::rewrite {

/// Of its modes, see screen/modes_after.h.
enum class ModesAfter : std::uint8_t {
  kKept,             // it changes none; if there is a report, they are not known
  kKeptUnlessError,  // the same, and after an error they are not known
  kReported,         // what it reports is so; after an error they are not known
  kUnknown,
};

/// Of its temporary tables, see screen/temporary_after.h.
enum class TemporaryAfter : std::uint8_t {
  kKept,  // it makes and drops none
  /// What TemporaryTableOf() and EffectOf() say, and no more.
  kNamed,
  kRenamed,  // a temporary table, if there was one, may have another name
  kUnseen,   // any may have been made, dropped or renamed
};

struct Aftermath {
  ModesAfter modes = ModesAfter::kUnknown;
  TemporaryAfter temporary = TemporaryAfter::kUnseen;
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_PLAN_AFTERMATH_H_
