// What one thread's Rewriter keeps, and the steps that its decisions are made of.
// Internal to rewrite.
#ifndef SEALGATE_PROXY_REWRITE_REWRITER_STATE_H_
#define SEALGATE_PROXY_REWRITE_REWRITER_STATE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/rewrite/bound_values.h"
#include "proxy/rewrite/edited_text.h"
#include "proxy/rewrite/passing_plans.h"
#include "proxy/rewrite/plan/plan_key.h"
#include "proxy/rewrite/plan_maker.h"
#include "proxy/rewrite/rewriter.h"
#include "proxy/rewrite/screen/executable_comment.h"
#include "proxy/rewrite/screen/known_names.h"
#include "proxy/rewrite/screen/screen.h"
#include "proxy/rewrite/sealer.h"
#include "proxy/sql/run.h"

namespace sealgate::rewrite {

Refusal ModeSetterRefusal();
Refusal UnknownNamesRefusal();

/// Some programs count the NUL behind a text of C's as a part of it (mysqlslap does).
/// One alone, in a statement that has not ended yet, the servers take for its end.
std::string_view WithoutFinalNul(std::string_view sql);

struct Rewriter::State {
  State(crypto::RandomSource& random, metrics::Metrics& counters, RewriterLimits bounds);

  metrics::Metrics& metrics;
  RewriterLimits limits;
  Sealer sealer;
  EditedText edited;
  BoundValues values;
  PlanMaker plans;
  PassingPlans passing;
  PlanCache cache;
  std::uint64_t newest = 0;  // snapshot's version
  // The list of names that names_version stands for.
  std::shared_ptr<const policy::ObjectNames> objects;
  std::uint64_t names_version = 0;
  bool keep = false;      // the key can be that of a cached plan
  bool by_shape = false;  // DecidedByShape() of the statement
  bool all_run = true;    // the executable comments that OpenComments() opened
  Screen screen;
  KnownNames names;
  std::string opened;  // the statement without executable comments
  Aftermath after;     // of the tokens, and
  TextPrepared text_prepared;
  sql::TokenList tokens;
  sql::TokenList check;        // of a text other than the statement's own
  std::vector<sql::Run> runs;  // of the tokens, as the plan in use has them
  const std::shared_ptr<const Plan> exact_shape_only;
  sql::KeyBuffer key;
  std::string text;     // of a statement that sets session tracking
  std::string several;  // text of several statements

  PlanCache::Kept* FindPlan(const policy::Snapshot& snapshot, const SessionFacts& facts);
  std::shared_ptr<const Plan> PlanFor(const policy::Snapshot& snapshot, const SessionFacts& facts,
                                      const StatementTraits& traits);
  void Keep(const std::shared_ptr<const Plan>& plan);
  bool RunsModeSetter(const policy::Snapshot& snapshot, const SessionFacts& facts,
                      const sql::TokenList& list);
  /// Whether a program that the list uses may show the role what it is not to see.
  bool ProgramsMayShow(const policy::Snapshot& snapshot, const SessionFacts& facts,
                       const sql::TokenList& list);
  bool SomeProgramMayShow(const policy::Catalog& catalog) const;
  /// Whether the statement of `tokens` is decided by the role though it names nothing hot.
  bool DependsOnRole(const policy::Snapshot& snapshot, const SessionFacts& facts);
  /// Whether no program that there is would have to be looked at.
  static bool ProgramsAreHarmless(const policy::Snapshot& snapshot, const SessionFacts& facts);
  bool NamesKnown(const policy::Snapshot& snapshot, const SessionFacts& facts,
                  PlanCache::Kept& kept);
  Decision Apply(std::shared_ptr<const Plan> plan, const SessionFacts& facts, std::string_view sql,
                 bool prepare);
  bool MakeKey(const policy::Snapshot& snapshot, const SessionFacts& facts);
  bool OpenComments(const policy::Catalog& catalog, const SessionFacts& facts,
                    std::vector<RemovedText>& removed);
  bool AllNamesKnown(const policy::Snapshot& snapshot, const SessionFacts& facts,
                     policy::UnknownNames& unknown);
  StatementTraits Traits(const policy::Catalog& catalog, const SessionFacts& facts);
  void LookAhead(const policy::Snapshot& snapshot, const SessionFacts& facts, std::string_view raw,
                 bool prepare);
  static Decision AsItCame(std::string_view sql, Decision decision);
  Decision Finished(std::string_view sql, Decision decision);
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_REWRITER_STATE_H_
