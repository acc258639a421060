#include "store/records.h"

#include <array>

#include "core/error.h"

namespace vernier::store {

namespace {
constexpr std::array<std::string_view, 9> names = {"waiting",   "running",    "paused",
                                                   "completed", "stopped",    "failed",
                                                   "diverged",  "infeasible", "interrupted"};
}

std::string_view to_text(State state) { return names.at(static_cast<std::size_t>(state)); }

State state_from_text(std::string_view text) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == text) return static_cast<State>(i);
  }
  fail<StoreError>("[store] unknown state of a trial '{}'; expected one of {}", text,
                   fmt::join(names, ", "));
}

bool is_finished(State state) {
  switch (state) {
    case State::completed:
    case State::stopped:
    case State::failed:
    case State::diverged:
    case State::infeasible:
      return true;
    default:
      return false;
  }
}

}  // namespace vernier::store
