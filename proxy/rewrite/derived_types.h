// What MySQL takes the parameters of a prepared statement for, and whether sealing one makes
// it take another one otherwise.
//
// Since 8.0.22 MySQL derives a parameter's type from what stands around it. A value of
// another type is converted to it, or, where that may not be done, the whole statement is
// prepared anew with the types of all values as they are. A sealed value goes as bytes and
// never has that done, where the client's own would have: from then on a parameter that is
// not sealed may be of another type to the server than it would be without Sealgate.
//
// Source: MySQL manual, "PREPARE Statement"; tests/integration/test_derived_types.py.
//
// Thread rule: none of its own.
#ifndef SEALGATE_PROXY_REWRITE_DERIVED_TYPES_H_
#define SEALGATE_PROXY_REWRITE_DERIVED_TYPES_H_

#include <tl/expected.hpp>
#include <vector>

#include "proxy/rewrite/plan/plan.h"
#include "proxy/rewrite/plan/refusal.h"
#include "proxy/rewrite/plan/session_facts.h"
#include "proxy/rewrite/value/derived_type.h"
#include "proxy/wire/binary_value.h"
#include "proxy/wire/column_definition.h"

namespace sealgate::rewrite {

/// Of the parameters of one prepared statement at MySQL, in the server's order.
class DerivedTypes {
 public:
  /// The definition of the next one, as the server's answer to COM_STMT_PREPARE has it.
  void Add(const wire::ColumnDefinition41& definition);
  /// The tables are others by now; what was derived from their columns is not known.
  void Forget() { known_ = false; }
  /// Before each execution with values that can be sealed: refused where one that is not
  /// sealed might be another value to the server than it would be without Sealgate.
  tl::expected<void, Refusal> Check(const Plan& plan, const SessionFacts& facts,
                                    const std::vector<wire::ParamValue>& logical);

 private:
  struct Parameter {
    DerivedType own{};        // that it has by what stands around it
    bool of_column = false;   // one that is sealed: a column stands there
    bool is_long = false;     // a TEXT or BLOB
    DerivedTypeSet sent = 0;  // of the values so far
  };
  DerivedTypeSet PossibleOf(const Plan& plan, const PhysicalParameter& planned,
                            const Parameter& parameter, const SessionFacts& facts) const;
  bool MeansTheSame(const PhysicalParameter& planned, const Parameter& parameter,
                    const SessionFacts& facts, const wire::ParamValue& value) const;

  std::vector<Parameter> parameters_;
  bool known_ = true;
  bool differ_ = false;  // MySQL alone might have prepared anew, and has not
};

}  // namespace sealgate::rewrite

#endif  // SEALGATE_PROXY_REWRITE_DERIVED_TYPES_H_
