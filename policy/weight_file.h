// The weights of one collation as bytes, for the cache on disk.
//
// Format 1; integers are big endian:
//
//   magic       8   "SGWEIGHT"
//   format      1   1
//   version     1+n length, then the server's VERSION()
//   collation   1+n length, then its name
//   padding     1   1 if PAD SPACE, else 0
//   count       4   entries, by rising code point, each:
//     code      3   code point
//     weight    1+n length, then the weight
//   trailer    32   HMAC-SHA-256 of all before it, under a key that is no secret:
//                   a checksum
//
// Pure.
#ifndef SEALGATE_POLICY_WEIGHT_FILE_H_
#define SEALGATE_POLICY_WEIGHT_FILE_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "policy/collation.h"

namespace sealgate::policy {

/// Longest file that is looked at, in bytes.
inline constexpr std::size_t kMaxWeightFile = 64 << 20;

/// Whose weights they are.
struct WeightSourceName {
  std::string server_version;
  std::string collation;
  bool pad_space = true;
};

/// Nothing when a part is longer than its length can say.
std::optional<std::string> EncodeWeights(const WeightSourceName& name,
                                         const CollationWeights& weights);
/// Null unless the bytes are a whole file, undamaged, of exactly this source. The
/// bytes may be anything.
std::shared_ptr<const CollationWeights> DecodeWeights(const WeightSourceName& name,
                                                      std::string_view bytes);
/// The trailer of what stands before it.
std::string WeightTrailer(std::string_view bytes);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_WEIGHT_FILE_H_
