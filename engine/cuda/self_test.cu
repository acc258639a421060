#include <cmath>
#include <vector>

#include "core/rng.h"
#include "engine/cuda/buffer.h"
#include "engine/cuda/self_test.h"
#include "engine/math/optimizers.h"

namespace vernier::engine::cuda {
namespace {

constexpr int weights = 1024;
constexpr int updates = 32;
VERNIER_HD inline RngKey key() { return {0x5eed, Stream::init, 0}; }

// A gradient in [-1, 1) that every side can compute: exact in float.
VERNIER_HD inline float gradient(int update, int element) {
  return 2 * unit_float(random_block(key(), static_cast<std::uint32_t>(update),
                                     static_cast<std::uint64_t>(element))
                            .v[1]) -
         1;
}

template <Optimizer O>
VERNIER_HD inline float trained_weight(const OptimizerStep<float>* steps, int element) {
  float w = unit_float(random_block(key(), 0, static_cast<std::uint64_t>(element)).v[0]);
  float a = 0, b = 0, c = 0;
  for (int t = 0; t < updates; ++t) update_weight<O>(steps[t], w, gradient(t, element), a, b, c);
  return w;
}

__global__ void random_kernel(std::uint32_t* out) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < weights) out[i] = random_block(key(), 7, static_cast<std::uint64_t>(i)).v[i & 3];
}

template <Optimizer O>
__global__ void train_kernel(const OptimizerStep<float>* steps, float* out) {
  const int i = static_cast<int>(blockIdx.x * blockDim.x + threadIdx.x);
  if (i < weights) out[i] = trained_weight<O>(steps, i);
}

std::string compare_random() {
  Buffer<std::uint32_t> device(weights);
  random_kernel<<<(weights + 255) / 256, 256>>>(device.data());
  VERNIER_CUDA_CHECK(cudaGetLastError());
  const auto bits = device.download();
  for (int i = 0; i < weights; ++i) {
    if (bits[i] != random_block(key(), 7, static_cast<std::uint64_t>(i)).v[i & 3])
      return "random bits differ at element " + std::to_string(i);
  }
  return "";
}

struct CompareOptimizer {
  const OptimizerInfo& info;

  template <Optimizer O>
  std::string operator()() const {
    std::vector<OptimizerStep<float>> steps;
    OptimizerClock clock;
    for (int t = 0; t < updates; ++t)
      steps.push_back(next_step<float>(O, info.defaults, 0.01, clock));
    Buffer<OptimizerStep<float>> device_steps(steps.size());
    device_steps.upload(steps);
    Buffer<float> device(weights);
    train_kernel<O><<<(weights + 255) / 256, 256>>>(device_steps.data(), device.data());
    VERNIER_CUDA_CHECK(cudaGetLastError());
    const auto trained = device.download();
    for (int i = 0; i < weights; ++i) {
      const float expected = trained_weight<O>(steps.data(), i);
      if (!(std::abs(trained[i] - expected) <= 1e-4f * (1 + std::abs(expected)))) {
        return std::string(info.name) + ": weight " + std::to_string(i) + " is " +
               std::to_string(trained[i]) + " on the device, " + std::to_string(expected) +
               " on the host";
      }
    }
    return "";
  }
};

}  // namespace

std::string self_test(int device) {
  VERNIER_CUDA_CHECK(cudaSetDevice(device));
  if (std::string difference = compare_random(); !difference.empty()) return difference;
  for (const OptimizerInfo& info : optimizer_table) {
    if (std::string difference = with_optimizer(info.id, CompareOptimizer{info});
        !difference.empty())
      return difference;
  }
  return "";
}

}  // namespace vernier::engine::cuda
