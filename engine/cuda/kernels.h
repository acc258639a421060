// Every kernel there is.
#pragma once
#include "engine/cuda/kernels/columns.h"
#include "engine/cuda/kernels/elementwise.h"
#include "engine/cuda/kernels/gather.h"
#include "engine/cuda/kernels/images.h"
#include "engine/cuda/kernels/rows.h"
#include "engine/cuda/kernels/weights.h"

namespace vernier::engine::cuda {

enum class KernelId : int {
#define KERNEL(name) name,
#include "engine/cuda/kernels.def"
#undef KERNEL
};

template <class Kernel>
struct KernelOf;
#define KERNEL(name)                               \
  template <>                                      \
  struct KernelOf<name> {                          \
    static constexpr KernelId id = KernelId::name; \
  };
#include "engine/cuda/kernels.def"
#undef KERNEL

}  // namespace vernier::engine::cuda
