#include "engine/cuda/resident.h"

namespace vernier::engine::cuda {

ResidentData::ResidentData(Device& device, const Dataset& data)
    : train(place(device, data.train)),
      valid(place(device, data.valid)),
      test(place(device, data.test)) {}

ResidentPart ResidentData::place(Device& device, const Part& part) {
  ResidentPart placed;
  placed.n = part.n;
  const auto upload = [&]<class T>(const std::vector<T>& values) -> const T* {
    if (values.empty()) return nullptr;
    const std::size_t bytes = values.size() * sizeof(T);
    memory_.emplace_back(device, bytes);
    device.upload(memory_.back().as<void>(), values.data(), bytes);
    return memory_.back().as<T>();
  };
  placed.x = upload(part.x);
  placed.labels = upload(part.labels);
  placed.targets = upload(part.targets);
  return placed;
}

}  // namespace vernier::engine::cuda
