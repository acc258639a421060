#include "engine/cuda/resident.h"

#include <cmath>

#include "core/error.h"

namespace vernier::engine::cuda {
namespace {

/// What `x` was before it was prepared.
std::vector<std::uint8_t> stored_bytes(const Dataset& data, const std::vector<float>& x) {
  const std::vector<double>&offset = data.preparation.offset, &scale = data.preparation.scale;
  std::vector<std::uint8_t> bytes(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t f = i % offset.size();
    if (scale[f] <= 0) continue;  // constant: 0 whatever the byte
    const double value = std::round(static_cast<double>(x[i]) / scale[f] + offset[f]);
    bytes[i] = static_cast<std::uint8_t>(value);
    if (!(value >= 0 && value <= 255) ||
        static_cast<float>((value - offset[f]) * scale[f]) != x[i]) {
      fail<DeviceError>("[engine] number {} of '{}' is {}; expected a byte, prepared", i, data.name,
                        x[i]);
    }
  }
  return bytes;
}

}  // namespace

bool as_bytes(const Dataset& data) {
  return data.from_bytes && !data.preparation.per_image && !data.preparation.whitening;
}

std::size_t resident_bytes(const Dataset& data) {
  if (!as_bytes(data)) return data.bytes();
  std::size_t inputs = 0;
  for (const Part* part : {&data.train, &data.valid, &data.test}) inputs += part->x.size();
  return data.bytes() - inputs * (sizeof(float) - 1) +
         2 * data.preparation.offset.size() * sizeof(double);
}

ResidentData::ResidentData(Device& device, const Dataset& data)
    : offset_(as_bytes(data) ? upload(device, data.preparation.offset) : nullptr),
      scale_(as_bytes(data) ? upload(device, data.preparation.scale) : nullptr),
      train(place(device, data, data.train)),
      valid(place(device, data, data.valid)),
      test(place(device, data, data.test)) {}

template <class T>
const T* ResidentData::upload(Device& device, const std::vector<T>& values) {
  if (values.empty()) return nullptr;
  const std::size_t bytes = values.size() * sizeof(T);
  memory_.emplace_back(device, bytes);
  device.upload(memory_.back().as<void>(), values.data(), bytes);
  return memory_.back().as<T>();
}

Examples ResidentData::place(Device& device, const Dataset& data, const std::vector<float>& x) {
  Examples placed;
  if (offset_ == nullptr) {
    placed.numbers = upload(device, x);
  } else {
    placed.bytes = upload(device, stored_bytes(data, x));
    placed.offset = offset_;
    placed.scale = scale_;
  }
  return placed;
}

ResidentPart ResidentData::place(Device& device, const Dataset& data, const Part& part) {
  return {place(device, data, part.x), upload(device, part.labels), upload(device, part.targets),
          part.n};
}

}  // namespace vernier::engine::cuda
