#include "metrics/exposition.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <regex>
#include <sstream>

#include "metrics/build_info.h"
#include "metrics/process_reading.h"
#include "tests/metrics/exposition_text.h"

namespace sealgate::metrics {
namespace {

bool IsOurs(const std::string& name) { return name.rfind("sealgate_", 0) == 0; }

TEST(Exposition, DescribesEveryFamily) {
  const ExpositionText text(RenderText(Metrics({"shop.customers.email"}, {"db1:3306"})));
  EXPECT_GE(text.families.size(), 27u);
  for (const auto& [name, family] : text.families) {
    EXPECT_GT(family.help.size(), 5u) << name;
    EXPECT_TRUE(family.type == "counter" || family.type == "gauge" || family.type == "histogram")
        << name;
    EXPECT_FALSE(family.samples.empty()) << name;
  }
}

TEST(Exposition, NamesFollowTheRules) {
  const ExpositionText text(RenderText(Metrics({"d"})));
  const std::regex name_rule("(sealgate|process)_[a-z][a-z0-9_]*");
  const std::regex unit_rule("(milli|micro|nano)s(econds)?|_(ms|us|ns|minutes|kb|kib|mb)(_|$)");
  for (const auto& [name, family] : text.families) {
    EXPECT_TRUE(std::regex_match(name, name_rule)) << name;
    EXPECT_FALSE(std::regex_search(name, unit_rule)) << name;
    const bool total = name.size() > 6 && name.substr(name.size() - 6) == "_total";
    EXPECT_EQ(total, family.type == "counter") << name;
    if (family.type == "histogram") {
      EXPECT_EQ(name.substr(name.size() - 8), "_seconds") << name;
    }
  }
}

TEST(Exposition, StartsAtZero) {
  const ExpositionText text(RenderText(Metrics({"a", "b"})));
  std::size_t samples = 0;
  for (const auto& [name, family] : text.families) {
    if (!IsOurs(name) || name == "sealgate_build_info") continue;
    for (const ParsedSample& sample : family.samples) {
      ++samples;
      const bool open = name == "sealgate_write_gate_state" && sample.labels.at("state") == "open";
      EXPECT_EQ(sample.value, open ? 1 : 0) << sample.name;
    }
  }
  EXPECT_GT(samples, 30u + 2 * 22 + 9 + 6);
}

TEST(Exposition, HasASeriesPerLabelValue) {
  const ExpositionText text(RenderText(Metrics({"a", "b"})));
  EXPECT_EQ(text.families.at("sealgate_statements_total").samples.size(),
            kStatementClasses * kOutcomes);
  EXPECT_EQ(text.families.at("sealgate_refusals_total").samples.size(), kRefusalReasons);
  EXPECT_EQ(text.families.at("sealgate_values_sealed_total").samples.size(), 2u);
  EXPECT_EQ(text.families.at("sealgate_write_gate_state").samples.size(), 3u);
}

TEST(Exposition, ShowsWhatWasCounted) {
  Metrics metrics({"a", "b"});
  metrics.connections.Add(3);
  metrics.connections.Add(-1);
  metrics.statements[1][3].Add(7);
  metrics.domains[1].open_failures.Add(2);
  metrics.refusals[5].Add();
  metrics.plan_misses.Add(4);
  metrics.gate_state = 2;
  metrics.gate_held = 11;
  const ExpositionText text(RenderText(metrics));
  EXPECT_EQ(text.Find("sealgate_connections").value, 2);
  EXPECT_EQ(
      text.Find("sealgate_statements_total", {{"class", "write"}, {"outcome", "server_error"}})
          .value,
      7);
  EXPECT_EQ(text.Find("sealgate_value_open_failures_total", {{"domain", "b"}}).value, 2);
  EXPECT_EQ(text.Find("sealgate_refusals_total", {{"reason", "dynamic_sql"}}).value, 1);
  EXPECT_EQ(text.Find("sealgate_plan_cache_lookups_total", {{"result", "miss"}}).value, 4);
  EXPECT_EQ(text.Find("sealgate_write_gate_state", {{"state", "quiesced"}}).value, 1);
  EXPECT_EQ(text.Find("sealgate_write_gate_state", {{"state", "open"}}).value, 0);
  EXPECT_EQ(text.Find("sealgate_writes_held").value, 11);
}

TEST(Exposition, HistogramsAreCumulative) {
  Metrics metrics({});
  for (std::uint64_t ns = 1; ns < 100'000'000'000; ns *= 3) {
    metrics.backend_seconds.ObserveNanoseconds(ns);
  }
  const ExpositionText text(RenderText(metrics));
  const std::string name = "sealgate_statement_backend_seconds";
  double last_bound = 0;
  double last_count = 0;
  std::size_t buckets = 0;
  for (const ParsedSample& sample : text.families.at(name).samples) {
    if (sample.name != name + "_bucket") continue;
    const double bound = std::stod(sample.labels.at("le"));
    EXPECT_GT(bound, last_bound);
    EXPECT_GE(sample.value, last_count);
    last_bound = bound;
    last_count = sample.value;
    ++buckets;
  }
  EXPECT_EQ(buckets, Histogram::kBounds.size() + 1);
  EXPECT_TRUE(std::isinf(last_bound));
  EXPECT_EQ(last_count, text.Find(name + "_count").value);
  EXPECT_EQ(last_count, 24);
  EXPECT_GT(text.Find(name + "_sum").value, 0);
}

TEST(Exposition, EscapesLabels) {
  const ExpositionText text(RenderText(Metrics({"a\"b\\c"})));
  EXPECT_EQ(text.Find("sealgate_values_opened_total", {{"domain", "a\"b\\c"}}).value, 0);
}

TEST(Exposition, TellsWhatIsRunning) {
  const ExpositionText text(RenderText(Metrics({})));
  EXPECT_EQ(text.Find("sealgate_build_info",
                      {{"version", std::string(kVersion)}, {"compiler", std::string(kCompiler)}})
                .value,
            1);
  const double now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_NEAR(text.Find("process_start_time_seconds").value, now, 120);
  EXPECT_GT(text.Find("process_resident_memory_bytes").value, 1 << 16);
  EXPECT_GE(text.Find("process_open_fds").value, 3);
  EXPECT_GE(text.Find("process_max_fds").value, text.Find("process_open_fds").value);
}

TEST(Exposition, PromtoolAccepts) {
  if (access("/usr/bin/promtool", X_OK) != 0) {
    GTEST_SKIP() << "/usr/bin/promtool is not installed (Debian package prometheus)";
  }
  FILE* promtool = popen("/usr/bin/promtool check metrics 2>&1", "w");
  ASSERT_NE(promtool, nullptr);
  const std::string text = RenderText(Metrics({"shop.customers.email"}));
  EXPECT_EQ(fwrite(text.data(), 1, text.size(), promtool), text.size());
  EXPECT_EQ(pclose(promtool), 0);
}

TEST(MetricsPage, NamesEveryFamily) {
  std::ifstream file("docs/metrics.md");
  ASSERT_TRUE(file) << "docs/metrics.md";
  std::stringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  for (const auto& [name, family] : ExpositionText(RenderText(Metrics({"d"}))).families) {
    EXPECT_TRUE(std::regex_search(page, std::regex("`" + name + "(\\{[a-z,]+\\})?`"))) << name;
  }
}

TEST(ProcStat, ReadsPastTheCommandsParentheses) {
  const auto stat = ParseProcStat(
      "7 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 111 222 13 14 15 16 17 18 5000 4096 42 99 100");
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->cpu_ticks, 333);
  EXPECT_EQ(stat->start_ticks, 5000);
  EXPECT_EQ(stat->virtual_bytes, 4096);
  EXPECT_EQ(stat->resident_pages, 42);
}

TEST(ProcStat, RefusesWhatIsTooShort) {
  EXPECT_FALSE(ParseProcStat(""));
  EXPECT_FALSE(ParseProcStat("7 (a) S 1 2 3"));
  EXPECT_FALSE(ParseProcStat("7 a S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22"));
}

}  // namespace
}  // namespace sealgate::metrics
