// Updates of a cohort's first lanes, recorded once and replayed: what is trained is on the device, the host only says how many there are.
#pragma once
#include <atomic>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "engine/cuda/device.h"
#include "engine/cuda/layout.h"
#include "engine/cuda/resident.h"

namespace vernier::engine::cuda {

class Updates {
 public:
  struct Kind {
    int lanes = 1;
    bool layer_norms = false;  // Runner::update
    auto operator<=>(const Kind&) const = default;
  };

  /// `memory`: layout.bytes on the device. All outlive it.
  Updates(Device& device, const Layout& layout, std::byte* memory, const ResidentPart& part)
      : device_(device), layout_(layout), memory_(memory), part_(part) {}

  /// Records them, where that is not done. No lane trains meanwhile: what the device knew of their steps is gone.
  void prepare(Kind kind);
  /// So many of a kind that is prepared, waiting every 64 for the device. False where it was cancelled.
  bool run(Kind kind, std::int64_t count, const std::atomic<bool>& cancel,
           const std::function<void()>& heartbeat) const;

 private:
  struct Recorded {
    std::unique_ptr<Recording> once, several;
  };
  std::unique_ptr<Recording> record(Kind kind, int count) const;

  Device& device_;
  const Layout& layout_;
  std::byte* memory_;
  const ResidentPart& part_;
  std::map<Kind, Recorded> recorded_;
};

}  // namespace vernier::engine::cuda
