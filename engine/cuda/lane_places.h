// The device memory of a cohort, and in which place of it each lane lies. Lanes that train are moved to the first places, so that a launch is for
// few places where few lanes are left. A lane's bits are the same in any place.
#pragma once
#include <vector>

#include "engine/cuda/device.h"
#include "engine/cuda/host_copy.h"
#include "engine/cuda/layout.h"

namespace vernier::engine::cuda {

class LanePlaces {
 public:
  /// Takes layout.bytes, all 0. Both outlive it.
  LanePlaces(Device& device, const Layout& layout, int lanes);

  std::byte* memory() const { return memory_.bytes_at(0); }
  int place(int lane) const { return places_[static_cast<std::size_t>(lane)]; }
  /// A lane's part of a region.
  std::byte* at(const Region& region, int lane) const {
    return memory_.bytes_at(region.offset + region.stride * static_cast<std::size_t>(place(lane)));
  }
  void write(int lane, const HostCopy& copy) const;
  void read(int lane, HostCopy& copy) const;

  /// The lanes that train (at least one) come to lie in the first of all places, half of them, a quarter and so on, as few as hold them: so
  /// many. Few sizes, since each is recorded anew; nothing is moved that does not have to be.
  int gather(const std::vector<bool>& trains);

 private:
  void swap(int lane, int other);

  Device& device_;
  const Layout& layout_;
  Memory memory_;
  std::vector<int> places_;  // of each lane, free ones too
};

}  // namespace vernier::engine::cuda
