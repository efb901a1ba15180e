// Once warm, a statement costs no allocation on its way: not in the lexer, the
// plan cache, the rewriting, the codecs or the answer. Counted, not timed.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>

#include "proxy/wire/com_stmt_execute.h"
#include "proxy/wire/prepare_response.h"
#include "proxy/wire/row.h"
#include "tests/proxy/relay/script.h"

namespace {

std::size_t allocations = 0;

void* Counted(std::size_t size) noexcept {
  ++allocations;
  return std::malloc(size);
}

void* Allocate(std::size_t size) {
  if (void* const memory = Counted(size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return Allocate(size); }
void* operator new[](std::size_t size) { return Allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return Counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return Counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace sealgate::relay {
namespace {

constexpr int kWarmRounds = 4;

std::string Framed(const std::vector<std::string>& payloads, std::uint8_t seq) {
  std::string frames;
  for (const std::string& payload : payloads) {
    wire::EncodeMessage(payload, seq, wire::kMaxFramePayload, frames);
  }
  return frames;
}

class Allocation : public testing::Test {
 protected:
  void LogIn(const Script& more = {}) { player_.Play(LoggedIn(kNewClient) + more, 1 << 20); }

  /// Says both sides' parts again and again; what the last round allocated.
  std::size_t OfAWarmRound(const std::string& client, const std::string& server) {
    const auto snapshot = std::make_shared<const policy::Snapshot>(player_.world().snapshot());
    Output out;
    std::size_t before = 0;
    for (int round = 0; round <= kWarmRounds; ++round) {
      before = allocations;
      Step step = player_.relay().FromClient(client, snapshot, out);
      if (step.action == Action::kNeedsAdmission) step = player_.relay().Admit(out);
      sent_ = out.to_server.size();
      std::string_view rest = server;
      answered_ = 0;
      while (!rest.empty()) {
        step = player_.relay().FromServer(rest, out);
        rest.remove_prefix(step.consumed);
        answered_ += step.passed.size();
      }
      answered_ += out.to_client.size();
      out.to_client.clear();
      out.to_server.clear();
    }
    const std::size_t grown = allocations - before;
    EXPECT_TRUE(player_.relay().accepts_client());
    EXPECT_GT(sent_, 0u);
    EXPECT_GT(answered_, 0u);
    return grown;
  }

  Player player_;
  std::size_t sent_ = 0;
  std::size_t answered_ = 0;
};

const std::string kEnd = Ok(2, {}, wire::kEofHeader);

TEST_F(Allocation, TheCountCounts) {
  const std::size_t before = allocations;
  const std::string text(100, 'x');
  EXPECT_EQ(allocations, before + 1);
}

TEST_F(Allocation, NoneForAPointSelectAsText) {
  LogIn();
  const std::string email = player_.Seal("email", "somebody@example.org", "S");
  const std::string server =
      Framed({"\x02", Definition("customers", "id"), Definition("customers", "email"),
              TextRow({"17", email}), kEnd},
             1);
  EXPECT_EQ(
      OfAWarmRound(Framed({Query("SELECT id, email FROM customers WHERE email = "
                                 "'somebody.with.a.long.name@example.org' AND id IN (1, 2, 3)")},
                          0),
                   server),
      0u);
  EXPECT_EQ(player_.world().metrics().domains[0].open_failures.Value(), 0u);
}

TEST_F(Allocation, NoneForAStatementThatTouchesNothingProtected) {
  LogIn();
  const std::string server =
      Framed({"\x01", Definition("items", "a_long_column_name"), TextRow({"some value"}), kEnd}, 1);
  EXPECT_EQ(OfAWarmRound(Framed({Query("SELECT a_long_column_name FROM items WHERE "
                                       "another_long_column_name = 'some value'")},
                                0),
                         server),
            0u);
}

TEST_F(Allocation, NoneForAnInsertAsText) {
  LogIn();
  EXPECT_EQ(OfAWarmRound(Framed({Query("INSERT INTO customers (email, phone, tax_id, age) VALUES "
                                       "('somebody@example.org', '030 1234567', 'DE1', 42), "
                                       "('nobody@example.org', '030 7654321', 'DE2', 43)")},
                                0),
                         Framed({Ok()}, 1)),
            0u);
}

TEST_F(Allocation, NoneForAnExecution) {
  const std::string sql = "SELECT id, email FROM customers WHERE email = ? AND id = ?";
  const std::string sent =
      "SELECT id, email FROM customers WHERE (email BETWEEN ? AND ?) AND id = ?";
  const auto prepared = [](std::uint16_t params) {
    std::string out;
    wire::Writer writer(out);
    wire::Encode(wire::PrepareOk{.statement_id = 1, .num_columns = 2, .num_params = params},
                 kNewClient, writer);
    return out;
  };
  LogIn(Script{Client(0, "\x16" + sql), ToServer(0, "\x16" + sent), Server(1, prepared(3)),
               Server(2, Definition("", "?")), Server(3, Definition("", "?")),
               Server(4, Definition("", "?")), Server(5, Definition("customers", "id")),
               Server(6, Definition("customers", "email")), ToClient(1, prepared(2)),
               AnyToClient(2), AnyToClient(3), AnyToClient(4), AnyToClient(5)});
  std::string execute;
  wire::Writer writer(execute);
  const std::string number("\x11\0\0\0", 4);
  wire::Encode(
      wire::ComStmtExecute{
          .statement_id = 1,
          .types_sent = true,
          .params = {{.value = {.type = wire::FieldType::kVarString,
                                .bytes = "somebody.with.a.long.name@example.org"},
                      .name = {}},
                     {.value = {.type = wire::FieldType::kLong, .bytes = number}, .name = {}}}},
      kNewClient, 2, writer);
  std::string row;
  wire::BinaryRowWriter columns(2, row);
  columns.Append(wire::FieldType::kVarString, "17");
  columns.Append(wire::FieldType::kVarString, player_.Seal("email", "somebody@example.org", "S"));
  EXPECT_EQ(OfAWarmRound(Framed({execute}, 0), Framed({"\x02", Definition("customers", "id"),
                                                       Definition("customers", "email"), row, kEnd},
                                                      1)),
            0u);
  EXPECT_EQ(player_.world().metrics().domains[0].open_failures.Value(), 0u);
}

}  // namespace
}  // namespace sealgate::relay
