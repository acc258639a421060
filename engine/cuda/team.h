// The threads of one block, as a kernel sees them. On the host a team has one member, so that every kernel runs there too.
//
// A kernel is a plain struct of its arguments with
//   static constexpr int threads;                                  members of a team on the device
//   VERNIER_HD void operator()(const Team&, int lane, int block) const;   the work of one team
// and a line in kernels.def. All members call sum() the same number of times.
#pragma once
#include "core/rng.h"

namespace vernier::engine::cuda {

#ifdef __CUDA_ARCH__
struct Team {
  int member, size;

  /// The sum over the members, known to all of them; the order is fixed.
  template <class T>
  __device__ T sum(T value) const {
    __shared__ T of_warp[32];
    for (int distance = 16; distance > 0; distance /= 2)
      value += __shfl_xor_sync(0xFFFFFFFFu, value, distance);
    __syncthreads();  // those of the call before are read
    if (member % 32 == 0) of_warp[member / 32] = value;
    __syncthreads();
    T total = T(0);
    for (int warp = 0; warp < size / 32; ++warp) total += of_warp[warp];
    return total;
  }
};
#else
struct Team {
  int member = 0, size = 1;

  template <class T>
  VERNIER_HD T sum(T value) const {
    return value;
  }
};
#endif

}  // namespace vernier::engine::cuda
