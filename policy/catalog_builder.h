// Rows of information_schema -> Catalog. Pure.
#ifndef SEALGATE_POLICY_CATALOG_BUILDER_H_
#define SEALGATE_POLICY_CATALOG_BUILDER_H_

#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>

#include "policy/catalog.h"
#include "policy/object_names.h"
#include "policy/policy.h"
#include "policy/schema_rows.h"

namespace sealgate::policy {

/// Gives the weights of a searchable collation.
using WeightSource =
    std::function<tl::expected<std::shared_ptr<const CollationWeights>, std::string>(
        const CollationInfo& collation)>;

/// Fails when two tables' names differ only by case, and when the source does.
tl::expected<Catalog, std::string> BuildCatalog(const Policy& policy, const SchemaRows& rows,
                                                const WeightSource& weights);
/// What the server has, by the same rows.
ObjectNames ListObjects(const SchemaRows& rows);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_CATALOG_BUILDER_H_
