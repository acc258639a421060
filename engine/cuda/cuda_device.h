// A GPU behind the Device interface.
#pragma once
#include <memory>

#include "engine/cuda/device.h"

namespace vernier::engine::cuda {

/// Throws CudaError where there is no such device, or cuBLASLt cannot be opened.
std::unique_ptr<Device> make_cuda_device(int index);

}  // namespace vernier::engine::cuda
