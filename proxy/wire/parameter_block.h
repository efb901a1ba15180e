// The parameters that COM_QUERY (its query attributes) and COM_STMT_EXECUTE
// carry. Private to the codecs of these two; include their headers instead.
//
// Sources: MySQL manual, "COM_QUERY" and "COM_STMT_EXECUTE".
//
//   NULL bitmap      string[(count + 7) / 8]
//   new params bind  int<1>   1 if types follow
//   types            for each: int<1> type, int<1> 0x80 if unsigned,
//                    string<lenenc> name if `named`
//   values           those neither NULL nor sent as long data, see binary_value.h
#ifndef SEALGATE_PROXY_WIRE_PARAMETER_BLOCK_H_
#define SEALGATE_PROXY_WIRE_PARAMETER_BLOCK_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "proxy/wire/binary_value.h"
#include "proxy/wire/reader.h"
#include "proxy/wire/writer.h"

namespace sealgate::wire {

struct Param {
  ParamValue value = {};
  /// Of a query attribute; empty for a statement's own parameter.
  std::string_view name = {};
  bool operator==(const Param&) const = default;
};

/// What the codec needs to know besides the bytes.
struct ParameterContext {
  /// Names stand beside the types (CLIENT_QUERY_ATTRIBUTES).
  bool named = false;
  /// For a block without types.
  std::span<const ParamType> previous_types = {};
  /// Non-zero at the index of a parameter sent as long data. May be shorter
  /// than the count of parameters.
  std::span<const std::uint8_t> long_data = {};
};

/// The servers' own limit of parameters in one statement.
inline constexpr std::uint64_t kMaxParameters = 0xFFFF;

/// `count` must be greater than zero. Fills `params`, whose memory is used again.
/// True when types were sent.
bool ReadParameterBlock(std::uint64_t count, const ParameterContext& context, Reader& reader,
                        std::vector<Param>& params);
void WriteParameterBlock(bool types_sent, std::span<const Param> params, bool named, Writer& out);

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_PARAMETER_BLOCK_H_
