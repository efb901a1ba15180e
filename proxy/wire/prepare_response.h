// The first message that answers COM_STMT_PREPARE.
//
// Source: MySQL manual, "COM_STMT_PREPARE_OK". Definitions of the parameters
// and of the columns follow it, each list ended by EOF without DEPRECATE_EOF.
#ifndef SEALGATE_PROXY_WIRE_PREPARE_RESPONSE_H_
#define SEALGATE_PROXY_WIRE_PREPARE_RESPONSE_H_

#include <cstdint>
#include <string_view>

#include "proxy/wire/capabilities.h"
#include "proxy/wire/decode_error.h"
#include "proxy/wire/writer.h"

namespace sealgate::wire {

///   status            int<1>   0x00
///   statement id      int<4>
///   columns           int<2>
///   parameters        int<2>
///   filler            int<1>   0
///   warnings          int<2>
///   metadata follows  int<1>   if OPTIONAL_RESULTSET_METADATA: 0 none, 1 full
struct PrepareOk {
  std::uint32_t statement_id = 0;
  std::uint16_t num_columns = 0;
  std::uint16_t num_params = 0;
  std::uint16_t warnings = 0;
  bool metadata_follows = true;
  bool operator==(const PrepareOk&) const = default;
};

Decoded<PrepareOk> DecodePrepareOk(std::string_view payload, Capabilities negotiated);
void Encode(const PrepareOk& prepared, Capabilities negotiated, Writer& out);

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_PREPARE_RESPONSE_H_
