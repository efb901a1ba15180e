#include "proxy/rewrite/plan/repeat.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sealgate::rewrite {
namespace {

// Where tokens first..last stand.
struct Place {
  enum class Kind : std::uint8_t { kOutside, kItem, kSpans, kBroken };
  Kind kind = Kind::kOutside;
  std::uint16_t run = kNoRun;  // kItem; kSpans: the first of them
  std::uint32_t item = 0;      // kItem

  bool IsItem(std::uint16_t in, std::uint32_t number) const {
    return kind == Kind::kItem && run == in && item == number;
  }
  /// What is said once, whatever the length of the runs.
  bool IsFixed() const {
    return kind == Kind::kOutside || kind == Kind::kSpans || (kind == Kind::kItem && item == 0);
  }
};

Place Locate(std::span<const sql::Run> runs, std::uint32_t first, std::uint32_t last) {
  using Kind = Place::Kind;
  for (std::uint16_t r = 0; r < runs.size(); ++r) {
    const sql::Run& run = runs[r];
    if (first >= run.end()) continue;
    if (last < run.first) return {};
    if (first < run.first) return {last >= run.end() ? Kind::kSpans : Kind::kBroken, r, 0};
    const std::uint32_t item = (first - run.first) / run.stride();
    const bool inside = last < run.Item(item) + run.size;
    return {inside ? Kind::kItem : Kind::kBroken, r, item};
  }
  return {};
}

bool HasValue(const Piece& piece) { return piece.seal != SealAs::kPlain || piece.value_last > 0; }

void Move(Piece& piece, std::uint32_t by) {
  if (!HasValue(piece)) return;
  piece.value_first += by;
  piece.value_last += by;
}

bool Same(Piece piece, const Piece& next, std::uint32_t by) {
  Move(piece, by);
  return piece == next;
}

bool Same(PlannedEdit edit, const PlannedEdit& next, std::uint32_t by) {
  edit.first += by;
  edit.last += by;
  for (Piece& piece : edit.pieces) Move(piece, by);
  return edit == next;
}

class Generaliser {
 public:
  Generaliser(std::span<const sql::Run> runs, Plan& plan)
      : runs_(runs), plan_(plan), items_(runs.size()) {}

  bool Run() {
    for (PlannedEdit& edit : plan_.edits) {
      if (!Take(edit)) return false;
    }
    for (std::size_t r = 0; r < runs_.size(); ++r) {
      const Items& items = items_[r];
      const auto same = [&](const PlannedEdit& a, const PlannedEdit& b) {
        return Same(a, b, runs_[r].stride());
      };
      if (!std::equal(items.second.begin(), items.second.end(), items.third.begin(),
                      items.third.end(), same)) {
        return false;
      }
    }
    plan_.edits = std::move(kept_);
    plan_.runs.assign(runs_.begin(), runs_.end());
    return true;
  }

 private:
  struct Items {
    std::vector<PlannedEdit> second;
    std::vector<PlannedEdit> third;
  };

  bool Take(PlannedEdit& edit) {
    const Place place = Locate(runs_, edit.first, edit.last);
    if (place.kind == Place::Kind::kBroken) return false;
    if (place.kind == Place::Kind::kItem && place.item == 2) {
      items_[place.run].third.push_back(std::move(edit));
      return true;
    }
    if (place.kind == Place::Kind::kItem && place.item == 1) {
      const auto inside = [&](const Piece& piece) {
        return !HasValue(piece) || PlaceOf(piece).IsItem(place.run, 1);
      };
      if (!std::all_of(edit.pieces.begin(), edit.pieces.end(), inside)) return false;
      items_[place.run].second.push_back(edit);
      edit.run = place.run;
    } else {
      if (place.kind == Place::Kind::kSpans && !RepeatPieces(edit, place.run)) return false;
      const auto fixed = [&](const Piece& piece) {
        return piece.run != kNoRun || !HasValue(piece) || PlaceOf(piece).IsFixed();
      };
      if (!std::all_of(edit.pieces.begin(), edit.pieces.end(), fixed)) return false;
    }
    kept_.push_back(std::move(edit));
    return true;
  }

  // Of an edit in place of whole runs, which must then say the values of each.
  bool RepeatPieces(PlannedEdit& edit, std::uint16_t run) {
    for (; run < runs_.size() && runs_[run].first <= edit.last; ++run) {
      if (!RepeatPiecesOf(edit, run)) return false;
    }
    return true;
  }

  // Pieces up to an item's last value belong to that item.
  bool RepeatPiecesOf(PlannedEdit& edit, std::uint16_t run) {
    std::vector<Piece>& pieces = edit.pieces;
    std::size_t behind[sql::kSampleItems] = {};
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      if (!HasValue(pieces[i])) continue;
      const Place place = PlaceOf(pieces[i]);
      if (place.kind == Place::Kind::kItem && place.run == run) behind[place.item] = i + 1;
    }
    const std::size_t size = behind[1] - behind[0];
    if (behind[0] == 0 || behind[1] <= behind[0] || behind[2] != behind[1] + size) return false;
    for (std::size_t i = behind[0]; i < behind[1]; ++i) {
      if (HasValue(pieces[i]) && !PlaceOf(pieces[i]).IsItem(run, 1)) return false;
      if (!Same(pieces[i], pieces[i + size], runs_[run].stride())) return false;
      pieces[i].run = run;
    }
    pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(behind[1]),
                 pieces.begin() + static_cast<std::ptrdiff_t>(behind[2]));
    return true;
  }

  Place PlaceOf(const Piece& piece) const {
    return Locate(runs_, piece.value_first, piece.value_last);
  }

  std::span<const sql::Run> runs_;
  Plan& plan_;
  std::vector<Items> items_;
  std::vector<PlannedEdit> kept_;
};

}  // namespace

bool Generalise(std::span<const sql::Run> runs, Plan& plan) {
  return Generaliser(runs, plan).Run();
}

}  // namespace sealgate::rewrite
