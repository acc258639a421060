#include "engine/torch/model.h"

#include <fmt/format.h>

#include "core/error.h"
#include "engine/cohort/recipe.h"
#include "engine/data/dataset.h"
#include "engine/torch/sequential.h"

namespace vernier::engine {
namespace {

/// A number that Python reads back equal.
std::string number(double value) { return fmt::format("{}", value); }

/// torch.tensor([...]) that multiplies (n, features) or (n, channels, height, width). Images have one statistic a channel.
std::string tensor(const std::vector<double>& values, const std::vector<int>& shape) {
  const std::size_t shown = shape.size() == 3 ? static_cast<std::size_t>(shape[2]) : values.size();
  std::string list;
  for (std::size_t i = 0; i < shown; ++i) list += (i ? ", " : "") + number(values[i]);
  return fmt::format("torch.tensor([{}]){}", list, shape.size() == 3 ? ".view(-1, 1, 1)" : "");
}

std::string preparation(const Dataset& data, const DataSettings& settings) {
  const auto why_not = [](const std::string& what) {
    return fmt::format(
        "# The inputs must be prepared as in the study ({}), which is not written here.\n", what);
  };
  if (settings.permute) return why_not("data.permute");
  const Preparation& p = data.preparation;
  if (p.whitening) return why_not("normalize: whiten");
  std::string text;
  if (!p.per_image)
    text = fmt::format("offset = {}\nscale = {}\n\n\n", tensor(p.offset, data.shape),
                       tensor(p.scale, data.shape));
  text +=
      "def prepare(x):\n    \"\"\"What the network takes, of inputs as the data set has "
      "them.\"\"\"\n";
  if (!p.per_image) return text + "    return (x - offset) * scale\n";
  return text + fmt::format(
                    "    flat = x.flatten(1).double()\n"
                    "    deviation = flat.std(1, unbiased=False).clamp(min={} ** -0.5)\n"
                    "    return ((flat - flat.mean(1, keepdim=True)) / deviation[:, "
                    "None]).float().view_as(x)\n",
                    data.features);
}

std::string python_of(const Sequential& net, const Dataset& data, const DataSettings& settings,
                      const std::string& title, const std::string& file) {
  std::string shape = fmt::format("(n, {})", data.features);
  if (data.shape.size() == 3)
    shape = fmt::format("(n, {}, {}, {}): channels, height, width", data.shape[2], data.shape[0],
                        data.shape[1]);
  std::string text = fmt::format(
      "\"\"\"{}. Inputs {}.\"\"\"\nimport torch\nfrom safetensors.torch import load_file\n\nmodel "
      "= "
      "{}",
      title, shape, net.text());
  if (data.classes > 0) {
    text += "\n# The outputs are before the softmax" +
            std::string(data.outputs == 1 ? " (sigmoid)" : "") + ".\n";
    text += "classes = " + Json(data.names_of_classes()).dump(-1, ' ', true) + "\n";
  } else {
    text += fmt::format(
        "\n\ndef to_units(y):\n    \"\"\"Outputs in the data's own units.\"\"\"\n    return y * {} "
        "+ "
        "{}\n\n\n",
        number(data.target_deviation), number(data.target_mean));
  }
  text += preparation(data, settings);
  return text +
         fmt::format(
             "\n\ndef load(path={}):\n    model.load_state_dict(load_file(path))\n    return "
             "model.eval()\n",
             Json(file).dump(-1, ' ', true));
}

}  // namespace

TorchModel torch_model(const TrialSettings& settings, const Checkpoint& weights,
                       std::span<const std::filesystem::path> dirs, const std::string& title,
                       const std::string& file, const Log& log) {
  if (settings.data.folds > 0)
    fail<UsageError>(
        "[data.folds] the trial has {} networks, one a fold; expected a study without folds",
        settings.data.folds);
  const Dataset data = load_dataset(settings.data, dirs, log);
  const Recipe recipe = make_recipe(settings, shape_of(data), null_log());
  const Sequential net = to_sequential(recipe.architecture, CheckpointReader(weights.bytes));
  TorchModel model;
  model.sequential = net.text();
  model.python = python_of(net, data, settings.data, title, file);
  model.safetensors = to_safetensors(
      net.tensors, {{"format", "pt"}, {"sequential", model.sequential}, {"trial", title}});
  return model;
}

}  // namespace vernier::engine
