#include "proxy/wire/com_stmt_execute.h"

#include "proxy/wire/command.h"

namespace sealgate::wire {
namespace {

constexpr std::uint32_t kIterations = 1;

bool CanHaveParameters(std::uint8_t flags, Capabilities negotiated, std::uint16_t num_params) {
  return num_params > 0 ||
         (Has(negotiated, kClientQueryAttributes) && (flags & kParameterCountAvailable) != 0);
}

void ReadParameters(Capabilities negotiated, const StatementContext& statement, Reader& reader,
                    ComStmtExecute& execute) {
  const bool named = Has(negotiated, kClientQueryAttributes);
  const std::uint64_t count = named ? reader.LenencInt() : statement.num_params;
  if (reader.ok() && count < statement.num_params) reader.Fail(DecodeError::kMalformed);
  if (!reader.ok() || count == 0) return;
  execute.types_sent = ReadParameterBlock(count,
                                          {.named = named,
                                           .previous_types = statement.previous_types,
                                           .long_data = statement.long_data},
                                          reader, execute.params);
}

}  // namespace

Decoded<ComStmtExecute> DecodeComStmtExecute(std::string_view payload, Capabilities negotiated,
                                             const StatementContext& statement) {
  ComStmtExecute execute;
  if (const auto error = ReadComStmtExecute(payload, negotiated, statement, execute)) {
    return tl::unexpected(*error);
  }
  return execute;
}

std::optional<DecodeError> ReadComStmtExecute(std::string_view payload, Capabilities negotiated,
                                              const StatementContext& statement,
                                              ComStmtExecute& execute) {
  Reader reader(payload);
  execute.types_sent = false;
  execute.params.clear();
  reader.Expect(static_cast<std::uint8_t>(Command::kStmtExecute));
  execute.statement_id = reader.U32();
  execute.flags = reader.U8();
  const std::uint32_t iterations = reader.U32();
  if (reader.ok() && iterations != kIterations) reader.Fail(DecodeError::kMalformed);
  if (reader.ok() && CanHaveParameters(execute.flags, negotiated, statement.num_params)) {
    ReadParameters(negotiated, statement, reader, execute);
  }
  // A client that counts a byte for each NULL (node's mysql2) sends more than the
  // parameters; the servers do not look at it.
  const auto whole = execute.params.empty() ? reader.Finish(true) : reader.FinishPrefix(true);
  if (!whole) return whole.error();
  return std::nullopt;
}

void Encode(const ComStmtExecute& execute, Capabilities negotiated, std::uint16_t num_params,
            Writer& out) {
  const bool named = Has(negotiated, kClientQueryAttributes);
  const bool possible = CanHaveParameters(execute.flags, negotiated, num_params);
  const bool count_fits =
      named ? execute.params.size() >= num_params : execute.params.size() == num_params;
  if (!count_fits || (!possible && !execute.params.empty())) return out.Fail();
  out.U8(static_cast<std::uint8_t>(Command::kStmtExecute));
  out.U32(execute.statement_id);
  out.U8(execute.flags);
  out.U32(kIterations);
  if (!possible) return;
  if (named) out.LenencInt(execute.params.size());
  if (execute.params.empty()) return;
  WriteParameterBlock(execute.types_sent, execute.params, named, out);
}

bool SendsTypes(std::string_view payload, Capabilities negotiated, std::uint16_t num_params) {
  Reader reader(payload);
  reader.Skip(sizeof(std::uint8_t) + sizeof(std::uint32_t));
  const std::uint8_t flags = reader.U8();
  reader.U32();
  if (!CanHaveParameters(flags, negotiated, num_params)) return false;
  const std::uint64_t count =
      Has(negotiated, kClientQueryAttributes) ? reader.LenencInt() : num_params;
  if (count == 0 || count > payload.size()) return false;
  reader.Skip((static_cast<std::size_t>(count) + 7) / 8);
  return reader.U8() != 0 && reader.ok();
}

Decoded<std::uint32_t> StatementIdOf(std::string_view payload) {
  Reader reader(payload);
  reader.Skip(1);
  const std::uint32_t id = reader.U32();
  return reader.FinishPrefix(id);
}

}  // namespace sealgate::wire
