// COM_QUERY, with and without query attributes.
//
// Source: MySQL manual, "COM_QUERY". The clients of MySQL 8 and 9 negotiate
// CLIENT_QUERY_ATTRIBUTES by default, and then the statement does not begin
// after the command byte.
// Views as decode_error.h says. Every function is pure and thread-safe.
#ifndef SEALGATE_PROXY_WIRE_COM_QUERY_H_
#define SEALGATE_PROXY_WIRE_COM_QUERY_H_

#include <span>
#include <string_view>
#include <vector>

#include "proxy/wire/capabilities.h"
#include "proxy/wire/decode_error.h"
#include "proxy/wire/parameter_block.h"
#include "proxy/wire/writer.h"

namespace sealgate::wire {

///   command         int<1>        0x03
///   parameters      int<lenenc>   this and the rest if QUERY_ATTRIBUTES
///   parameter sets  int<lenenc>   1
///   parameter block               if parameters > 0, see parameter_block.h; types always
///   statement       string<EOF>
struct ComQuery {
  /// Everything between the command byte and the statement, so that it can be
  /// sent on as it came; empty without QUERY_ATTRIBUTES.
  std::string_view attributes = {};
  std::string_view statement = {};
  bool operator==(const ComQuery&) const = default;
};

Decoded<ComQuery> DecodeComQuery(std::string_view payload, Capabilities negotiated);

/// Empty attributes under QUERY_ATTRIBUTES are written as "no parameters, one
/// set", so {.statement = text} is a statement of the proxy's own on any leg.
/// Fails if there are attributes that were not negotiated.
void Encode(const ComQuery& query, Capabilities negotiated, Writer& out);

/// The attributes of a ComQuery, decoded.
Decoded<std::vector<Param>> DecodeQueryAttributes(std::string_view attributes);
/// Appends what ComQuery::attributes holds.
void EncodeQueryAttributes(std::span<const Param> params, Writer& out);

}  // namespace sealgate::wire

#endif  // SEALGATE_PROXY_WIRE_COM_QUERY_H_
