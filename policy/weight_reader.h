// Learns the weights of a collation from the server's WEIGHT_STRING, which is
// asked about code points and never about data.
#ifndef SEALGATE_POLICY_WEIGHT_READER_H_
#define SEALGATE_POLICY_WEIGHT_READER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "policy/catalog.h"
#include "policy/collation.h"
#include "policy/server_connection.h"

namespace sealgate::policy {

/// Every code point that the collation's character set can hold in planes 0 to
/// 3 and 14, without surrogates. One to two seconds for a Unicode collation.
tl::expected<std::shared_ptr<const CollationWeights>, std::string> ReadWeights(
    ServerConnection& server, const CollationInfo& collation);

/// Whether they are worth keeping: asking for them again takes time.
bool IsLargeCollation(const CollationInfo& collation);
/// Whether the server says the same of U+0000 to U+00FF and of some hundred code
/// points that the seed chooses.
tl::expected<bool, std::string> AgreesWithServer(ServerConnection& server,
                                                 const CollationInfo& collation,
                                                 const CollationWeights& weights,
                                                 std::uint32_t seed);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_WEIGHT_READER_H_
