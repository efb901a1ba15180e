// What information_schema has of a sealed column as it is stored, otherwise than Sealgate
// shows it: names of columns of COLUMNS and STATISTICS, folded.
#ifndef SEALGATE_POLICY_STORED_DEFINITION_H_
#define SEALGATE_POLICY_STORED_DEFINITION_H_

#include <string_view>

namespace sealgate::policy {

inline constexpr std::string_view kStoredTypeNames[] = {"data_type",
                                                        "column_type",
                                                        "character_maximum_length",
                                                        "character_octet_length",
                                                        "numeric_precision",
                                                        "numeric_scale",
                                                        "datetime_precision",
                                                        "character_set_name",
                                                        "collation_name",
                                                        "column_comment",
                                                        "sub_part"};
/// A unique key shows as one that is not.
inline constexpr std::string_view kStoredKeyName = "column_key";
/// Of a column with a default.
inline constexpr std::string_view kStoredDefaultNames[] = {"column_default", "extra"};

/// Whether the text of a view or program of `schema` names one of the two tables and something
/// of theirs that is stored otherwise, or all columns. On the safe side.
bool MayUseStoredDefinition(std::string_view schema, std::string_view sql);

}  // namespace sealgate::policy

#endif  // SEALGATE_POLICY_STORED_DEFINITION_H_
