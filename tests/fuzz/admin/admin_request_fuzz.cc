// The admin API's request handler on arbitrary requests. Properties: no answer
// leaks the token; without the token nothing changes and nothing but health is
// told; every answer is JSON with a known status; the gate's state is what the
// answer says.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "proxy/admin/admin_api.h"
#include "proxy/admin/duration.h"

namespace {

using namespace sealgate;
using namespace sealgate::admin;

constexpr std::string_view kToken = "T0KENT0KENT0KEN";
constexpr policy::Milliseconds kNow{1'000'000};

void Check(bool holds) {
  if (!holds) std::abort();
}

std::string_view TakeLine(std::string_view& input) {
  const std::size_t end = std::min(input.find('\n'), input.size());
  const std::string_view line = input.substr(0, end);
  input.remove_prefix(std::min(end + 1, input.size()));
  return line;
}

bool IsKnown(unsigned status) {
  return status == 200 || status == 400 || status == 401 || status == 404 || status == 405 ||
         status == 409;
}

void CheckDuration(std::string_view text) {
  const auto parsed = ParseDuration(text);
  Check(!parsed || (parsed->count() > 0 && parsed->count() <= 3'600'000));
  if (parsed) Check(!FormatDuration(*parsed).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.empty()) return 0;
  const bool with_token = (input[0] & 1) != 0;
  const bool closed = (input[0] & 2) != 0;
  input.remove_prefix(1);
  const std::string_view method = TakeLine(input);
  const std::string_view target = TakeLine(input);
  const std::string_view authorization = TakeLine(input);
  CheckDuration(target);

  static const metrics::Metrics metrics({});
  policy::WriteGate gate(policy::GateLimits{});
  if (closed) gate.Begin(policy::Milliseconds(5'000), "before", kNow);
  const auto before = gate.Status(kNow);
  AdminApi api{std::string(kToken), gate, metrics,
               AdminHooks{nullptr,
                          [] {
                            return HookAnswer(nlohmann::json{{"tables", 3}});
                          }},
               kNow};
  const std::string bearer = "Bearer " + std::string(kToken);
  const Response response = api.Handle(
      {method, target, with_token ? std::string_view(bearer) : authorization, input}, kNow);

  Check(IsKnown(response.status));
  const auto body = nlohmann::json::parse(response.body, nullptr, false);
  Check(body.is_object());
  if (response.status != 200) Check(body["error"].is_string() && body["advice"].is_string());
  const bool sent_token = with_token || authorization.find(kToken) != std::string_view::npos ||
                          input.find(kToken) != std::string_view::npos;
  if (!sent_token) {
    Check(response.body.find(kToken) == std::string::npos);
    Check(response.status == 401 || target.substr(0, 8) == "/healthz");
  }
  const auto after = gate.Status(kNow);
  if (response.status != 200 || !sent_token) {
    Check(after.state == before.state && after.reason == before.reason &&
          after.remaining == before.remaining);
  } else if (target.substr(0, target.find('?')) == "/v1/maintenance/begin") {
    Check(after.state == policy::GateState::kQuiesced && body["state"] == "quiesced");
    Check(after.remaining->count() > 0 && after.remaining <= gate.limits().max_duration);
    Check(after.reason.size() <= kMaxReasonBytes);
  }
  return 0;
}
