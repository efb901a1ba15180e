// COM_STMT_EXECUTE.
//
// Source: MySQL manual, "COM_STMT_EXECUTE".
// Views as decode_error.h says. Every function is pure and thread-safe.
#ifndef SEALGATE_PROXY_WIRE_COM_STMT_EXECUTE_H_
#define SEALGATE_PROXY_WIRE_COM_STMT_EXECUTE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "proxy/wire/capabilities.h"
#include "proxy/wire/decode_error.h"
#include "proxy/wire/parameter_block.h"
#include "proxy/wire/writer.h"

namespace sealgate::wire {

inline constexpr std::uint8_t kCursorReadOnly = 0x01;
inline constexpr std::uint8_t kCursorForUpdate = 0x02;
inline constexpr std::uint8_t kCursorScrollable = 0x04;
inline constexpr std::uint8_t kParameterCountAvailable = 0x08;

///   command          int<1>        0x17
///   statement id     int<4>
///   flags            int<1>
///   iterations       int<4>        1
///   parameter count  int<lenenc>   if QUERY_ATTRIBUTES and there can be parameters
///   parameter block                if there are parameters, see parameter_block.h
///
/// There can be parameters if the statement has some, or if QUERY_ATTRIBUTES
/// is negotiated and the flags contain PARAMETER_COUNT_AVAILABLE. Parameters
/// beyond the statement's own are query attributes.
struct ComStmtExecute {
  std::uint32_t statement_id = 0;
  std::uint8_t flags = 0;
  /// Whether the types stand in the packet. Set it after changing a type.
  bool types_sent = false;
  std::vector<Param> params = {};
  bool operator==(const ComStmtExecute&) const = default;
};

/// What earlier packets about this statement said.
struct StatementContext {
  /// From COM_STMT_PREPARE_OK.
  std::uint16_t num_params = 0;
  /// Of the last execution that sent types; empty if there was none. Types of
  /// query attributes count.
  std::span<const ParamType> previous_types = {};
  /// Non-zero for each parameter for which COM_STMT_SEND_LONG_DATA came since
  /// the last execution or reset.
  std::span<const std::uint8_t> long_data = {};
};

Decoded<ComStmtExecute> DecodeComStmtExecute(std::string_view payload, Capabilities negotiated,
                                             const StatementContext& statement);
/// The same into `execute`, whose memory is used again; undefined after an error.
std::optional<DecodeError> ReadComStmtExecute(std::string_view payload, Capabilities negotiated,
                                              const StatementContext& statement,
                                              ComStmtExecute& execute);
/// `num_params` as in StatementContext.
void Encode(const ComStmtExecute& execute, Capabilities negotiated, std::uint16_t num_params,
            Writer& out);

/// Whether the types stand in the packet, without decoding the rest. False for one that
/// cannot be read so far. `num_params` as in StatementContext.
bool SendsTypes(std::string_view payload, Capabilities negotiated, std::uint16_t num_params);

/// The statement id of any COM_STMT_* message but PREPARE, to find its context.
Decoded<std::uint32_t> StatementIdOf(std::string_view payload);

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_COM_STMT_EXECUTE_H_
