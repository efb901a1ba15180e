// Whether what the server has prepared is still what would be prepared now.

#include <algorithm>
#include <utility>

#include "proxy/relay/relay.h"
#include "proxy/rewrite/screen/raw_text.h"
#include "proxy/rewrite/screen/reads_otherwise.h"

namespace sealgate::relay {
namespace {

constexpr std::uint16_t kErNeedsReprepare = 1615;

bool SameMapping(const rewrite::Plan& a, const rewrite::Plan& b) {
  if (a.maps_parameters != b.maps_parameters || a.logical_parameters != b.logical_parameters ||
      a.parameters.size() != b.parameters.size()) {
    return false;
  }
  return std::equal(a.parameters.begin(), a.parameters.end(), b.parameters.begin(),
                    [](const auto& x, const auto& y) { return x.logical == y.logical; });
}

bool SameTables(const rewrite::Plan& a, const rewrite::Plan& b) {
  return std::equal(
      a.targets.begin(), a.targets.end(), b.targets.begin(), b.targets.end(),
      [](const auto& x, const auto& y) { return x.table == y.table || *x.table == *y.table; });
}

bool ShowsProtected(const rewrite::Plan& plan) {
  return std::any_of(plan.result.begin(), plan.result.end(),
                     [](const auto& column) { return column.target.has_value(); });
}

// Whether a literal for such a column may mean something else by now.
bool ReadsOtherwise(policy::TypeKind kind, const rewrite::SessionFacts& then,
                    const rewrite::SessionFacts& now) {
  using policy::TypeKind;
  if (kind == TypeKind::kTimestamp && then.utc_offset != now.utc_offset) return true;
  const bool is_temporal = kind == TypeKind::kTimestamp || kind == TypeKind::kDate ||
                           kind == TypeKind::kDatetime || kind == TypeKind::kTime;
  return is_temporal && (then.zero_date != now.zero_date || then.zero_in_date != now.zero_in_date ||
                         then.extra_fraction != now.extra_fraction);
}

// Whether one of the statement's was sealed by the time zone or sql_mode of then.
bool SealedOtherwise(const rewrite::Plan& plan, const rewrite::SessionFacts& then,
                     const rewrite::SessionFacts& now) {
  return std::any_of(plan.edits.begin(), plan.edits.end(), [&](const auto& edit) {
    return std::any_of(edit.pieces.begin(), edit.pieces.end(), [&](const rewrite::Piece& piece) {
      return piece.seal != rewrite::SealAs::kPlain &&
             ReadsOtherwise(plan.targets[piece.target].column->type.kind, then, now);
    });
  });
}

// Whether the server might read the text otherwise, and find a protected name in it, or
// what was concluded from it holds no longer.
bool PlannedOtherwise(const policy::Catalog& catalog, const Prepared& prepared,
                      const rewrite::SessionFacts& now) {
  const rewrite::SessionFacts& then = prepared.facts;
  const bool otherwise = rewrite::ReadsOtherwise(prepared.text, then, now) ||
                         rewrite::ReadsOtherwise(prepared.server_text, then, now);
  // Names with letters above ASCII are not looked for in a raw text.
  const bool names_hot = prepared.plan->touches_protected || catalog.has_high_names() ||
                         rewrite::RawTextNamesHot(catalog, prepared.text);
  if (otherwise && names_hot) return true;
  if (prepared.plan->needs_strict && !now.strict) return true;
  // Names of expressions are kept as the results' character set has them.
  const bool shown_otherwise =
      now.results_unread() || (prepared.names != nullptr && (then.results != now.results));
  // Nor are rows about the schema, and messages, found in other bytes than ASCII's.
  const bool rows_unread =
      prepared.plan->schema_rows != rewrite::SchemaRows::kNone && !now.results_have_ascii_bytes;
  if (rows_unread) return true;
  return prepared.plan->touches_protected &&
         (shown_otherwise || then.connection != now.connection ||
          then.unsupported_mode != now.unsupported_mode ||
          then.explicit_timestamps != now.explicit_timestamps);
}

}  // namespace

bool Relay::RefuseStale() {
  CountStatement(metrics::Outcome::kRefused);
  SendError(kErNeedsReprepare, "HY000",
            "sealgate: the statement has to be prepared again: since it was, the schema, the "
            "policy or the session's modes have changed");
  return false;
}

// The policy or the schema may have changed since, or the time zone or sql_mode, which
// servers read a date's literals by when they execute, and MySQL the whole text. What the server
// prepared must still be what would be prepared now; drivers prepare again on 1615.
bool Relay::StillValid(std::string_view payload, Prepared& prepared) {
  if (SealedOtherwise(*prepared.plan, prepared.facts, s_.facts) ||
      PlannedOtherwise(*s_.snapshot->catalog, prepared, s_.facts)) {
    return RefuseStale();
  }
  if (IsUpToDate(prepared)) return true;
  rewrite::Decision decision = PrepareNow(prepared);
  const bool open = decision.needs_catalog;
  if (open) {
    if (!WereLookedUp(decision.unknown)) {
      DeferUntilLookedUp(payload, std::move(decision.unknown));
      return false;
    }
    decision = services_.rewriter.Prepare(*s_.snapshot, prepared.facts, prepared.text);
  }
  const bool valid = IsPreparedSo(prepared, std::move(decision));
  if (open) prepared.objects.reset();
  return valid;
}

bool Relay::IsUpToDate(const Prepared& prepared) const {
  return prepared.snapshot_version == s_.snapshot->version &&
         prepared.objects == s_.snapshot->objects &&
         prepared.temporary_version == s_.temporary_version;
}

// For sure, without a look at anything but names that are known.
bool Relay::MeansTheSame(Prepared& prepared) {
  UpdateSnapshot(*current_);
  const policy::Catalog& catalog = *s_.snapshot->catalog;
  const bool otherwise =
      s_.facts.asked ? SealedOtherwise(*prepared.plan, prepared.facts, s_.facts) ||
                           PlannedOtherwise(catalog, prepared, s_.facts)
                     : catalog.has_high_names() || rewrite::RawTextNamesHot(catalog, prepared.text);
  return !otherwise && IsUpToDate(prepared);
}

rewrite::Decision Relay::PrepareNow(Prepared& prepared) {
  prepared.facts.role = s_.facts.role;
  prepared.facts.temporary_tables = s_.facts.temporary_tables;
  prepared.facts.made_temporary = s_.facts.made_temporary;
  prepared.facts.made_unseen = s_.facts.made_unseen;
  return services_.rewriter.Prepare(*s_.snapshot, prepared.facts, prepared.text,
                                    rewrite::CatalogAge::kMayBeOld);
}

bool Relay::IsPreparedSo(Prepared& prepared, rewrite::Decision decision) {
  if (!decision.statement) {
    CountStatement(metrics::Outcome::kRefused);
    SendRefusal(decision.statement.error());
    return false;
  }
  return TakeIfSame(prepared, decision) || RefuseStale();
}

bool Relay::TakeIfSame(Prepared& prepared, rewrite::Decision& decision) {
  const std::string& server_text = prepared.same_text ? prepared.text : prepared.server_text;
  if (decision.statement->text() != server_text || !SameMapping(*decision.plan, *prepared.plan)) {
    return false;
  }
  if (!SameTables(*decision.plan, *prepared.plan)) prepared.derived.Forget();
  prepared.plan = std::move(decision.plan);
  prepared.modes_after = decision.modes_after;
  prepared.temporary_after = decision.temporary_after;
  prepared.temporary_version = s_.temporary_version;
  prepared.executes_any = decision.text_prepared.executes_any;
  prepared.prepares_unseen = decision.text_prepared.prepares_unseen;
  prepared.objects = s_.snapshot->objects;
  prepared.changes_rows = prepared.changes_rows || ShowsProtected(*prepared.plan);
  prepared.snapshot_version = s_.snapshot->version;
  return true;
}

}  // namespace sealgate::relay
