#include "proxy/admin/admin_client.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <ostream>
#include <thread>
#include <tl/expected.hpp>
#include <utility>

#include "proxy/admin/duration.h"

namespace sealgate::admin {
namespace {

using nlohmann::json;
using std::chrono::system_clock;

constexpr std::chrono::milliseconds kPollInterval{200};
// Reading a large schema takes longer than any other request.
constexpr std::chrono::milliseconds kReloadTimeout{120'000};

// What a proxy answers is not trusted to be what we expect: each reader takes
// any JSON value and falls back to nothing.
std::string Text(const json& object, const char* key) {
  const auto member = object.is_object() ? object.find(key) : object.end();
  return member != object.end() && member->is_string() ? member->get<std::string>() : "";
}

double Number(const json& object, const char* key, double otherwise = 0) {
  const auto member = object.is_object() ? object.find(key) : object.end();
  if (member == object.end() || !member->is_number()) return otherwise;
  const double number = member->get<double>();
  return number >= 0 && number < 1e12 ? number : otherwise;
}

bool Flag(const json& object, const char* key) {
  const auto member = object.is_object() ? object.find(key) : object.end();
  return member != object.end() && member->is_boolean() && member->get<bool>();
}

std::string Amount(double number, std::string_view one, std::string_view many) {
  return fmt::format("{:.0f} {}", number, number == 1 ? one : many);
}

std::chrono::milliseconds FromSeconds(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1e3));
}

std::string WhyNot(ExchangeError error, const Endpoint& endpoint) {
  const std::string where = fmt::format("{}:{}", endpoint.address, endpoint.port);
  switch (error) {
    case ExchangeError::kAddress:
      return fmt::format("admin.listen is not an IP address: {}", endpoint.address);
    case ExchangeError::kUnreachable:
      return fmt::format(
          "no proxy answers on {}\n  Is it running, and is admin.listen the same "
          "in its configuration?",
          where);
    case ExchangeError::kTimeout:
      return fmt::format("the proxy on {} did not answer in time", where);
    case ExchangeError::kNotHttp:
      return fmt::format(
          "what listens on {} is not Sealgate's admin API, or it is busy\n  "
          "Is admin.listen right?",
          where);
  }
  return where;
}

std::string WhyRefused(const Incoming& answer) {
  const json body = json::parse(answer.body, nullptr, false);
  const std::string error = Text(body, "error");
  if (error.empty()) return fmt::format("the proxy answered with HTTP status {}", answer.status);
  const std::string advice = Text(body, "advice");
  return advice.empty() ? error : fmt::format("{}\n  {}", error, advice);
}

/// The answer's JSON, or what to tell the user.
tl::expected<json, std::string> Call(const ClientOptions& options, std::string method,
                                     std::string target, std::string body = "") {
  const auto answer = Exchange(
      options.endpoint, {std::move(method), std::move(target), options.token, std::move(body)},
      options.timeout);
  if (!answer) return tl::unexpected(WhyNot(answer.error(), options.endpoint));
  if (answer->status != 200) return tl::unexpected(WhyRefused(*answer));
  json value = json::parse(answer->body, nullptr, false);
  if (!value.is_object()) return tl::unexpected(std::string("the proxy's answer is not JSON"));
  return value;
}

int Fail(const std::string& why, std::ostream& errors) {
  errors << "sealgate: " << why << "\n";
  return kFailed;
}

void Print(const ClientOptions& options, const json& value, const std::string& text,
           std::ostream& out) {
  if (options.json) {
    out << value.dump(-1, ' ', false, json::error_handler_t::replace) << "\n";
  } else {
    out << text;
  }
}

std::string LocalTime(system_clock::time_point when) {
  const std::time_t seconds = system_clock::to_time_t(when);
  std::tm local{};
  localtime_r(&seconds, &local);
  return fmt::format("{:%F %T}", local);
}

std::string DescribeClosedGate(const json& gate, system_clock::time_point now) {
  const double in_flight = Number(gate, "in_flight");
  const double transactions = Number(gate, "open_transactions");
  std::string text = "Gate: " + Text(gate, "state");
  if (in_flight > 0) text += ", " + Amount(in_flight, "write", "writes") + " in flight";
  if (transactions > 0) {
    text += ", " + Amount(transactions, "transaction", "transactions") + " open that wrote";
  }
  const double remaining = Number(gate, "remaining_seconds", -1);
  if (remaining >= 0) {
    const auto left = FromSeconds(remaining);
    text +=
        fmt::format("; opens by itself at {} (in {})", LocalTime(now + left), FormatDuration(left));
  }
  text += ".\n";
  if (Flag(gate, "overdue")) {
    text +=
        "The drain deadline has passed: what is still in flight or open holds the gate from "
        "being quiesced.\n";
  }
  if (const std::string reason = Text(gate, "reason"); !reason.empty()) {
    text += "Reason: " + reason + "\n";
  }
  return text;
}

/// Asks until the gate is quiesced or has opened.
tl::expected<json, std::string> AwaitQuiesced(const ClientOptions& options, json gate) {
  while (Text(gate, "state") == "draining") {
    std::this_thread::sleep_for(kPollInterval);
    auto next = Call(options, "GET", "/v1/maintenance");
    if (!next) return tl::unexpected(next.error());
    gate = *std::move(next);
  }
  if (Text(gate, "state") != "quiesced") {
    return tl::unexpected(
        std::string("the gate opened before the last write was done\n  "
                    "Begin again with a longer --for, or end the transaction "
                    "that stays open."));
  }
  return gate;
}

}  // namespace

std::string DescribeGate(const json& gate, system_clock::time_point now) {
  const std::string state = Text(gate, "state");
  const double held = Number(gate, "held");
  std::string text = state == "open" ? "Gate: open.\n" : DescribeClosedGate(gate, now);
  if (held > 0) {
    text += state == "open" ? "Being released: " : "Held: ";
    text += Amount(held, "write", "writes");
    const double oldest = Number(gate, "oldest_held_seconds", -1);
    if (oldest >= 0) text += ", the oldest for " + FormatDuration(FromSeconds(oldest));
    text += ".\n";
  }
  return text;
}

int MaintenanceBegin(const ClientOptions& options, const BeginArguments& arguments,
                     std::ostream& out, std::ostream& errors) {
  json request = json::object();
  if (!arguments.duration.empty()) {
    if (!ParseDuration(arguments.duration)) {
      errors << "sealgate: --for takes a duration such as 90s, 10m or 1h30m\n";
      return kUsage;
    }
    request["for"] = arguments.duration;
  }
  if (!arguments.reason.empty()) request["reason"] = arguments.reason;
  auto gate = Call(options, "POST", "/v1/maintenance/begin",
                   request.dump(-1, ' ', false, json::error_handler_t::replace));
  if (gate && arguments.wait) gate = AwaitQuiesced(options, *std::move(gate));
  if (!gate) return Fail(gate.error(), errors);
  Print(options, *gate, "Writes are held. " + DescribeGate(*gate, system_clock::now()), out);
  return kDone;
}

int MaintenanceStatus(const ClientOptions& options, std::ostream& out, std::ostream& errors) {
  const auto gate = Call(options, "GET", "/v1/maintenance");
  if (!gate) return Fail(gate.error(), errors);
  Print(options, *gate, DescribeGate(*gate, system_clock::now()), out);
  return kDone;
}

int MaintenanceEnd(const ClientOptions& options, std::ostream& out, std::ostream& errors) {
  const auto gate = Call(options, "POST", "/v1/maintenance/end");
  if (!gate) return Fail(gate.error(), errors);
  Print(options, *gate, "Writes go on. " + DescribeGate(*gate, system_clock::now()), out);
  return kDone;
}

int ProxyStatus(const ClientOptions& options, std::ostream& out, std::ostream& errors) {
  const auto status = Call(options, "GET", "/v1/status");
  if (!status) return Fail(status.error(), errors);
  std::string text = fmt::format(
      "Sealgate {}, up for {}, {}.\n", Text(*status, "version"),
      FormatDuration(FromSeconds(Number(*status, "uptime_seconds"))),
      Amount(Number(*status, "connections"), "client connection", "client connections"));
  const auto gate = status->find("gate");
  if (gate != status->end()) text += DescribeGate(*gate, system_clock::now());
  Print(options, *status, text, out);
  return kDone;
}

int CatalogReload(const ClientOptions& options, std::ostream& out, std::ostream& errors) {
  ClientOptions patient = options;
  patient.timeout = std::max(patient.timeout, kReloadTimeout);
  const auto answer = Call(patient, "POST", "/v1/catalog/reload");
  if (!answer) return Fail(answer.error(), errors);
  Print(options, *answer, "The catalog was read again.\n", out);
  return kDone;
}

}  // namespace sealgate::admin
