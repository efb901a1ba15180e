// The oracle of the wire fuzz targets: what decodes also encodes, and what was
// encoded decodes to an equal value. Encoding may be shorter than the input
// (integers in longer forms, zeros in fillers) but must then be a fixed point.
#ifndef SEALGATE_TESTS_FUZZ_WIRE_ROUND_TRIP_H_
#define SEALGATE_TESTS_FUZZ_WIRE_ROUND_TRIP_H_

#include <cstdlib>
#include <string>
#include <string_view>

#include "proxy/wire/decode_error.h"
#include "proxy/wire/writer.h"

namespace sealgate::wire {

inline void Require(bool holds) {
  if (!holds) std::abort();
}

template <typename DecodeFn, typename EncodeFn>
void RoundTrip(std::string_view bytes, DecodeFn decode, EncodeFn encode) {
  const auto value = decode(bytes);
  if (!value) return;
  std::string first;
  Writer first_writer(first);
  encode(*value, first_writer);
  Require(first_writer.ok());
  const auto again = decode(std::string_view(first));
  Require(again.has_value());
  Require(*again == *value);
  std::string second;
  Writer second_writer(second);
  encode(*again, second_writer);
  Require(second_writer.ok() && second == first);
}

}  // namespace sealgate::wire

#endif  // SEALGATE_TESTS_FUZZ_WIRE_ROUND_TRIP_H_
