// How many sessions each user has, over all threads. Asked at logins only.
// Thread rule: any thread.
#ifndef SEALGATE_PROXY_RELAY_USER_LIMIT_H_
#define SEALGATE_PROXY_RELAY_USER_LIMIT_H_

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace sealgate::relay {

class UserLimit {
 public:
  /// 0: no limit.
  explicit UserLimit(std::uint32_t most) : most_(most) {}

  /// One more session of a user who has proven to be that. False when there are
  /// as many as may be.
  bool Enter(const std::string& user) {
    if (most_ == 0) return true;
    const std::lock_guard lock(mutex_);
    std::uint32_t& sessions = sessions_[user];
    if (sessions >= most_) return false;
    ++sessions;
    return true;
  }

  /// After an Enter that was true.
  void Leave(const std::string& user) {
    if (most_ == 0) return;
    const std::lock_guard lock(mutex_);
    const auto found = sessions_.find(user);
    if (found != sessions_.end() && --found->second == 0) sessions_.erase(found);
  }

 private:
  const std::uint32_t most_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::uint32_t> sessions_;
};

}  // namespace sealgate::relay

#endif  // SEALGATE_PROXY_RELAY_USER_LIMIT_H_
