// Storage engines of both servers that keep the rows of a table themselves, or none, and those
// that may have one stand for others, of this server or another one. Of a third kind only the
// server knows whether it has such an engine.
// Sources: MariaDB manual, "Storage Engines"; MySQL manual, "Alternative Storage Engines".
#ifndef SEALGATE_POLICY_STORAGE_ENGINES_H_
#define SEALGATE_POLICY_STORAGE_ENGINES_H_

#include <algorithm>
#include <iterator>
#include <string_view>

#include "policy/ascii.h"

namespace sealgate::policy {

inline constexpr std::string_view kStoringEngines[] = {
    "InnoDB",  "MyISAM",  "Aria",      "MEMORY",      "HEAP",
    "CSV",     "ARCHIVE", "BLACKHOLE", "ndbcluster",  "NDB",
    "RocksDB", "TokuDB",  "S3",        "ColumnStore", "PERFORMANCE_SCHEMA",
    "EXAMPLE"};

inline constexpr std::string_view kLinkingEngines[] = {
    "FEDERATED", "FEDERATEDX", "SPIDER", "CONNECT", "OQGRAPH", "SPHINX", "MROONGA", "VP"};

inline bool IsMergeEngine(std::string_view engine) {
  return ascii::EqualsAnyCase(engine, "MERGE") || ascii::EqualsAnyCase(engine, "MRG_MyISAM");
}

inline bool LinksTables(std::string_view engine) {
  return std::any_of(
      std::begin(kLinkingEngines), std::end(kLinkingEngines),
      [engine](std::string_view each) { return ascii::EqualsAnyCase(engine, each); });
}

inline bool StoresItsRows(std::string_view engine) {
  return std::any_of(
      std::begin(kStoringEngines), std::end(kStoringEngines),
      [engine](std::string_view each) { return ascii::EqualsAnyCase(engine, each); });
}

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_STORAGE_ENGINES_H_
