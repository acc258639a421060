#include "engine/torch/safetensors.h"

#include <span>

#include "core/json.h"

namespace vernier::engine {
namespace {

template <class Number>
void append(std::string& into, const std::vector<Number>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  into.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace

std::string to_safetensors(const std::vector<NamedTensor>& tensors,
                           const std::map<std::string, std::string>& metadata) {
  Json header = Json::object();
  for (const auto& [key, text] : metadata) header["__metadata__"][key] = text;
  std::string data;
  for (const NamedTensor& tensor : tensors) {
    const std::size_t begin = data.size();
    append(data, tensor.values);
    append(data, tensor.integers);
    header[tensor.name] = {{"dtype", tensor.integers.empty() ? "F32" : "I64"},
                           {"shape", tensor.shape},
                           {"data_offsets", {begin, data.size()}}};
  }
  std::string text = header.dump(-1, ' ', true);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  std::string file;
  for (int byte = 0; byte < 8; ++byte) file += static_cast<char>(text.size() >> (8 * byte) & 0xFF);
  return file + text + data;
}

}  // namespace vernier::engine
