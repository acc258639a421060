// The device against the host, from the same source.
#pragma once
#include <string>

namespace vernier::engine::cuda {

/// Empty where all agree, else the first difference.
std::string self_test(int device);

}  // namespace vernier::engine::cuda
