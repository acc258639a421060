// The safetensors file (huggingface/safetensors, README "Format"): u64 length of the header, a JSON object of names with type, shape and place, the data.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace vernier::engine {

struct NamedTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;           // F32
  std::vector<std::int64_t> integers;  // else I64
};

/// The header is padded to a multiple of 8, so that the data lie aligned. `metadata`: texts, under "__metadata__".
std::string to_safetensors(const std::vector<NamedTensor>& tensors,
                           const std::map<std::string, std::string>& metadata);

}  // namespace vernier::engine
