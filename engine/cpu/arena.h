// One aligned block of memory: everything a cohort's lanes need, laid out by a Plan.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "engine/plan/plan.h"

namespace vernier::engine::cpu {

class Arena {
 public:
  /// Zeroed. Throws std::bad_alloc.
  explicit Arena(std::size_t bytes)
      : bytes_((bytes + arena_alignment - 1) / arena_alignment * arena_alignment),
        data_(static_cast<std::byte*>(std::aligned_alloc(arena_alignment, bytes_))) {
    if (!data_) throw std::bad_alloc();
    std::memset(data_.get(), 0, bytes_);
  }
  std::byte* data() const { return data_.get(); }
  std::size_t bytes() const { return bytes_; }
  float* floats(const Region& region, int lane) const {
    return reinterpret_cast<float*>(data() + region.offset +
                                    region.stride * static_cast<std::size_t>(lane));
  }

 private:
  struct Free {
    void operator()(std::byte* p) const { std::free(p); }
  };
  std::size_t bytes_;
  std::unique_ptr<std::byte, Free> data_;
};

}  // namespace vernier::engine::cpu
