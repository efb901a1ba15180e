// COM_STMT_BULK_EXECUTE: one statement with rows of parameters. Each row is bound
// as an EXECUTE's parameters are; NULL, DEFAULT and IGNORE stay what they are.

#include <algorithm>
#include <string>
#include <vector>

#include "policy/ascii.h"
#include "proxy/relay/relay.h"
#include "proxy/wire/com_stmt_execute.h"

namespace sealgate::relay {
namespace {

constexpr std::uint16_t kErMalformed = 1835;
constexpr std::uint16_t kErPacketTooLarge = 1153;
constexpr std::uint16_t kErNotSupported = 1235;

constexpr std::size_t kFlagsAt = 5;

bool IsDefaulted(wire::BulkIndicator indicator) {
  return indicator == wire::BulkIndicator::kDefault || indicator == wire::BulkIndicator::kIgnore;
}

}  // namespace

void Relay::OnBulkExecute(std::string_view message) {
  if (!wire::Has(s_.client_caps, wire::kMariaDbStmtBulkOperations)) {
    return SendUnsupportedCommand();
  }
  std::string named;
  const std::string_view payload = WithStatementId(message, named);
  Prepared* prepared = FindPrepared(payload, "BULK EXECUTE");
  if (prepared == nullptr) return;
  BulkExecuteOrRefuse(payload, *prepared);
  if (s_.phase == Phase::kReady) DropLongDataOf(payload);
}

void Relay::BulkExecuteOrRefuse(std::string_view payload, Prepared& prepared) {
  wire::Reader flags(payload.substr(std::min(kFlagsAt, payload.size())));
  if (!HasTypes((flags.U16() & wire::kBulkTypesSent) != 0, prepared)) return;
  if (!s_.facts.asked) return AskForModes(payload);
  if (RefuseDisturbed(prepared.text)) return;
  UpdateSnapshot(*current_);
  s_.answer = {};
  s_.answer.plan = prepared.plan;
  if (!StillValid(payload, prepared) || !MayExecuteOthers(payload, prepared)) return;
  if (!SendWaitingData(prepared)) return;
  prepared.cursor_open = false;
  prepared.cursor.reset();
  StartExecute(payload, prepared);
  if (prepared.plan->maps_parameters) return BulkExecuteMapped(payload, prepared);
  SendExecute(payload, prepared.plan->writes);
}

void Relay::BulkExecuteMapped(std::string_view payload, Prepared& prepared) {
  auto bulk = wire::DecodeComStmtBulkExecute(payload, prepared.logical, prepared.types);
  if (!bulk || prepared.poisoned || !prepared.kept_data.empty()) {
    TakeLongData(prepared);
    return SendError(kErMalformed, "HY000", "sealgate: malformed packet");
  }
  prepared.types = bulk->types;
  TakeTypes(prepared);
  for (const wire::ParamType& type : bulk->types) {
    if (RefuseType(type.type)) return;
  }
  wire::ComStmtBulkExecute sent = *bulk;
  sent.flags |= wire::kBulkTypesSent;
  sent.types.clear();
  for (const rewrite::PhysicalParameter& parameter : prepared.plan->parameters) {
    const bool plain = parameter.seal == rewrite::SealAs::kPlain;
    const bool text = parameter.seal == rewrite::SealAs::kNullOnly;
    const wire::ParamType made{.type = text ? wire::FieldType::kVarString : wire::FieldType::kBlob};
    sent.types.push_back(plain ? bulk->types[parameter.logical] : made);
  }
  std::string message;
  wire::Writer out(message);
  wire::EncodeBulkHead(sent, out);
  wire::BulkRowReader rows(bulk->rows, bulk->types);
  std::vector<wire::BulkParam> row;
  while (rows.Next(row)) {
    if (!AppendBulkRow(prepared, *bulk, row, out)) return;
    if (message.size() > settings_.max_packet) {
      return SendError(kErPacketTooLarge, "08S01",
                       "sealgate: the sealed rows are longer than limits.max_packet");
    }
  }
  if (!rows.ok() || !out.ok()) {
    return SendError(kErMalformed, "HY000", "sealgate: malformed packet");
  }
  SendExecute(message, prepared.plan->writes);
}

// False: the client has its error.
bool Relay::AppendBulkRow(const Prepared& prepared, const wire::ComStmtBulkExecute& bulk,
                          const std::vector<wire::BulkParam>& row, wire::Writer& out) {
  std::vector<wire::ParamValue> logical;
  std::vector<wire::ParamValue> physical;
  for (std::size_t i = 0; i < row.size(); ++i) {
    logical.push_back({.type = bulk.types[i].type,
                       .is_unsigned = bulk.types[i].is_unsigned,
                       .is_null = row[i].indicator != wire::BulkIndicator::kNone,
                       .long_data = false,
                       .bytes = row[i].bytes});
  }
  const rewrite::Plan& plan = *prepared.plan;
  const auto bound = services_.rewriter.Bind(*s_.snapshot, s_.facts, plan, logical, physical);
  if (!bound) {
    CountStatement(metrics::Outcome::kRefused);
    SendRefusal(bound.error());
    return false;
  }
  for (std::size_t i = 0; i < physical.size(); ++i) {
    const wire::BulkIndicator indicator = row[plan.parameters[i].logical].indicator;
    const rewrite::SealAs seal = plan.parameters[i].seal;
    const bool sealed = seal == rewrite::SealAs::kEnvelope;
    if (!sealed && seal != rewrite::SealAs::kPlain && IsDefaulted(indicator)) {
      CountStatement(metrics::Outcome::kRefused);
      SendError(kErNotSupported, "42000",
                "sealgate: DEFAULT or IGNORE as a parameter that a protected column is compared "
                "with is not supported");
      return false;
    }
    if (sealed && indicator == wire::BulkIndicator::kIgnore &&
        ascii::Contains(prepared.text, "update") &&
        plan.targets[plan.parameters[i].target].column->nullable) {
      CountStatement(metrics::Outcome::kRefused);
      SendError(kErNotSupported, "42000",
                "sealgate: IGNORE as a parameter for a protected column that may be NULL is not "
                "supported in an UPDATE, where the server makes an empty value of a NULL");
      return false;
    }
    wire::EncodeBulkParam({.type = physical[i].type, .is_unsigned = physical[i].is_unsigned},
                          {.indicator = indicator, .bytes = physical[i].bytes}, out);
  }
  return true;
}

}  // namespace sealgate::relay
