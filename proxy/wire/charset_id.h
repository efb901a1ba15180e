// The few collation ids that the protocol itself needs; the catalog knows the
// rest. Source: MySQL manual, "Character Set"; INFORMATION_SCHEMA.COLLATIONS.
#ifndef SEALGATE_PROXY_WIRE_CHARSET_ID_H_
#define SEALGATE_PROXY_WIRE_CHARSET_ID_H_

#include <cstdint>

namespace sealgate::wire {

inline constexpr std::uint16_t kCharsetLatin1SwedishCi = 8;
inline constexpr std::uint16_t kCharsetAsciiGeneralCi = 11;
inline constexpr std::uint16_t kCharsetUtf8mb3GeneralCi = 33;
inline constexpr std::uint16_t kCharsetUtf8mb4GeneralCi = 45;
/// Also every number, date and time in a column definition.
inline constexpr std::uint16_t kCharsetBinary = 63;
inline constexpr std::uint16_t kCharsetUtf8mb40900AiCi = 255;

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_CHARSET_ID_H_
