// COM_STMT_BULK_EXECUTE of MariaDB: one statement, many rows of parameters.
//
// Source: MariaDB knowledge base, "COM_STMT_BULK_EXECUTE".
// Views as decode_error.h says. Every function is pure and thread-safe.
#ifndef SEALGATE_PROXY_WIRE_COM_STMT_BULK_EXECUTE_H_
#define SEALGATE_PROXY_WIRE_COM_STMT_BULK_EXECUTE_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "proxy/wire/binary_value.h"
#include "proxy/wire/decode_error.h"
#include "proxy/wire/reader.h"
#include "proxy/wire/writer.h"

namespace sealgate::wire {

inline constexpr std::uint16_t kBulkUnitResults = 64;
inline constexpr std::uint16_t kBulkTypesSent = 128;

enum class BulkIndicator : std::uint8_t { kNone = 0, kNull = 1, kDefault = 2, kIgnore = 3 };

///   command          int<1>   0xFA
///   statement id     int<4>
///   flags            int<2>   other bits are kUnsupported
///   types            for each parameter, if TYPES_SENT: int<1> type, int<1> 0x80 if unsigned
///   rows             until the end; for each parameter: int<1> indicator, and a
///                    value (see binary_value.h) if it is NONE
struct ComStmtBulkExecute {
  std::uint32_t statement_id = 0;
  std::uint16_t flags = 0;
  /// Those sent, or the previous ones.
  std::vector<ParamType> types = {};
  /// For BulkRowReader; at least one row's bytes.
  std::string_view rows = {};
  bool operator==(const ComStmtBulkExecute&) const = default;
};

struct BulkParam {
  BulkIndicator indicator = BulkIndicator::kNone;
  std::string_view bytes = {};  // of the value, if kNone
  bool operator==(const BulkParam&) const = default;
};

/// `previous_types` are those of the last execution that sent some.
Decoded<ComStmtBulkExecute> DecodeComStmtBulkExecute(std::string_view payload,
                                                     std::uint16_t num_params,
                                                     std::span<const ParamType> previous_types);
/// The part before the rows; with the types if the flags say so.
void EncodeBulkHead(const ComStmtBulkExecute& bulk, Writer& out);
void EncodeBulkParam(ParamType type, const BulkParam& param, Writer& out);

/// Iterates over the rows.
class BulkRowReader {
 public:
  /// Both must outlive it. There is at least one type.
  BulkRowReader(std::string_view rows, std::span<const ParamType> types)
      : reader_(rows), types_(types) {}
  /// False at the end or at the first row that cannot be read; ok() tells which.
  bool Next(std::vector<BulkParam>& row);
  bool ok() const { return reader_.ok(); }

 private:
  Reader reader_;
  std::span<const ParamType> types_;
};

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_COM_STMT_BULK_EXECUTE_H_
