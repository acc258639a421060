// The list of a study file as a network: each listed layer, with its settings read, pushed where the stack has come to.
#include "engine/models/layers.h"

#include <fmt/format.h>

#include <array>
#include <functional>

#include "core/error.h"
#include "core/text.h"
#include "engine/models/layers_list.h"
#include "engine/models/registry.h"
#include "engine/models/stack.h"
#include "engine/settings_field.h"

namespace vernier::engine {
namespace {

constexpr int most_layers = 2000;  // with repeats written out
constexpr int most_units = 65536, most_window = 1024;

/// One setting of a layer, where it is written.
struct Setting {
  const Json* json;
  std::string path;
  explicit operator bool() const { return json != nullptr; }
  Field field() const { return {*json, path}; }
};
Setting setting(const ListedLayer& layer, const std::string& key) {
  const auto found = layer.settings.find(key);
  return {found == layer.settings.end() ? nullptr : &*found, layer.path + "." + key};
}

int count(const ListedLayer& layer, const std::string& key, int least, int most, int otherwise) {
  const Setting s = setting(layer, key);
  return s ? s.field().count(least, most) : otherwise;
}

Window read_window(const ListedLayer& layer, int stride) {
  Window window;
  window.height = window.width = count(layer, "kernel", 1, most_window, 1);
  window.stride = count(layer, "stride", 1, most_window, stride > 0 ? stride : window.height);
  const Setting padding = setting(layer, "padding");
  if (!padding || *padding.json == "valid") return window;
  if (*padding.json == "same") return same_window(window.height, window.stride);
  if (!padding.json->is_number()) padding.field().refuse("same, valid or a whole number");
  window.before = window.after = padding.field().count(0, most_window);
  return window;
}

std::string read_activation(const ListedLayer& layer) {
  return setting(layer, "type").field().one_of(layer_activations());
}

double read_rate(const ListedLayer& layer) {
  return setting(layer, "rate").field().number_below(0, 1);
}

int read_times(const ListedLayer& layer) { return count(layer, "times", 0, 1000, 1); }

/// 0: as many as the data ask for.
int read_units(const ListedLayer& layer) {
  const Setting units = setting(layer, "units");
  if (*units.json == "classes") return 0;
  if (!units.json->is_number()) units.field().refuse("a whole number, or classes");
  return units.field().count(1, most_units);
}

std::string read_shortcut(const ListedLayer& layer) {
  const Setting shortcut = setting(layer, "shortcut");
  const std::vector<std::string> names{"identity", "conv", "pad"};
  return shortcut ? shortcut.field().one_of(names) : std::string();
}

std::vector<std::string> initialiser_names(bool with_kernels) {
  std::vector<std::string> names;
  for (const InitialiserInfo& info : initialiser_table) names.emplace_back(info.name);
  if (with_kernels)
    for (const HandKernelInfo& info : hand_kernel_table) names.emplace_back(info.name);
  return names;
}

/// Three rows of three numbers, or the name of such; nullopt: another initialiser, or none given.
std::optional<HandKernel> read_kernel(const ListedLayer& layer) {
  const Setting init = setting(layer, "init");
  if (!init || layer.form != LayerForm::conv) return std::nullopt;
  if (init.json->is_string())
    return hand_kernel_from_name(init.field().one_of(initialiser_names(true)));
  const std::string expected =
      "an initialiser, edge, sharpen, blur, or three rows of three numbers";
  if (!init.json->is_array() || init.json->size() != 3) init.field().refuse(expected);
  HandKernel kernel{};
  for (std::size_t row = 0; row < 3; ++row) {
    const Json& numbers = (*init.json)[row];
    if (!numbers.is_array() || numbers.size() != 3) init.field().refuse(expected);
    for (std::size_t column = 0; column < 3; ++column)
      kernel[3 * row + column] = Field(numbers[column], init.path).number(-1e6, 1e6);
  }
  return kernel;
}

/// bias, init and gain of a layer in place of the model's.
ModelSettings with_own(const ModelSettings& settings, const ListedLayer& layer) {
  ModelSettings own = settings;
  if (const Setting bias = setting(layer, "bias")) own.bias = bias.field().boolean();
  if (const Setting gain = setting(layer, "gain")) own.gain = gain.field().number_between(0);
  const Setting init = setting(layer, "init");
  if (init && !read_kernel(layer)) own.init = init.field().one_of(initialiser_names(false));
  return own;
}

/// Reads what a layer's settings say, for the errors alone.
void check_settings(const ListedLayer& layer) {
  switch (layer.form) {
    case LayerForm::conv:
      (void)count(layer, "filters", 1, most_units, 1);
      (void)count(layer, "groups", 1, most_units, 1);
      (void)read_window(layer, 1);
      (void)with_own({}, layer);
      if (read_kernel(layer) && read_window(layer, 1).height < 3)
        setting(layer, "init").field().refuse("another initialiser for a kernel below 3 x 3");
      break;
    case LayerForm::dense:
      (void)read_units(layer);
      (void)with_own({}, layer);
      break;
    case LayerForm::max_pool:
    case LayerForm::avg_pool:
      (void)read_window(layer, 0);
      break;
    case LayerForm::dropout:
      (void)read_rate(layer);
      break;
    case LayerForm::activation:
      (void)read_activation(layer);
      break;
    case LayerForm::repeat:
      (void)read_times(layer);
      break;
    case LayerForm::residual:
      (void)read_shortcut(layer);
      break;
    case LayerForm::batch_norm:
    case LayerForm::global_avg_pool:
    case LayerForm::flatten:
    case LayerForm::branches:
      break;
  }
  for (const auto& list : layer.inner)
    for (const ListedLayer& inner : list) check_settings(inner);
}

/// Fills `next`, backwards: what follows decides how weights are drawn. Returns the activation that the list starts with.
std::string look_ahead(std::vector<ListedLayer>& list, std::string next) {
  for (auto layer = list.rbegin(); layer != list.rend(); ++layer) {
    layer->next = next;
    switch (layer->form) {
      case LayerForm::conv:
      case LayerForm::dense:
        next.clear();
        break;
      case LayerForm::activation:
        next = read_activation(*layer);
        break;
      case LayerForm::repeat:
        if (read_times(*layer) > 0) next = look_ahead(layer->inner.front(), next);
        break;
      case LayerForm::residual:
      case LayerForm::branches: {
        std::string first = next;
        for (auto& inner : layer->inner) first = look_ahead(inner, next);
        next = first;
        break;
      }
      default:
        break;
    }
  }
  return next;
}

class Builder {
 public:
  Builder(const ModelSettings& settings, int outputs) : settings_(settings), outputs_(outputs) {}

  void add(Stack& net, const std::vector<ListedLayer>& list) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const ListedLayer& layer = list[i];
      if (++count_ > most_layers)
        fail<UsageError>("[{}] a network of more than {} layers; expected fewer", layer.path,
                         most_layers);
      const bool normed = i + 1 < list.size() && list[i + 1].form == LayerForm::batch_norm;
      at(layer, [&] { add(net, layer, normed); });
    }
  }

 private:
  /// A layer that does not fit is named with its place in the file.
  static void at(const ListedLayer& layer, const std::function<void()>& body) {
    try {
      body();
    } catch (const ShapeError& error) {
      const std::string text = error.what();
      constexpr std::string_view anywhere = "[model] ";
      if (!text.starts_with(anywhere)) throw;  // named by a layer inside this one
      throw ShapeError(fmt::format("[{}] {}", layer.path, text.substr(anywhere.size())));
    }
  }

  void add(Stack& net, const ListedLayer& layer, bool normed) {
    switch (layer.form) {
      case LayerForm::conv:
        return add_conv(net, layer, normed);
      case LayerForm::dense:
        return add_dense(net, layer);
      case LayerForm::max_pool:
        net.push(layer.name, PoolLayer{Pooling::max, read_window(layer, 0)});
        return;
      case LayerForm::avg_pool:
        net.push(layer.name, PoolLayer{Pooling::average, read_window(layer, 0)});
        return;
      case LayerForm::dropout:
        net.dropout(layer.name, read_rate(layer));
        return;
      case LayerForm::activation:
        return add_activation(net, layer);
      case LayerForm::batch_norm:
        net.batch_norm(layer.name);
        return;
      case LayerForm::global_avg_pool:
        net.push(layer.name, GlobalAveragePoolLayer{});
        return;
      case LayerForm::flatten:
        net.push(layer.name, FlattenLayer{});
        return;
      case LayerForm::repeat:
        for (int time = 1; time <= read_times(layer); ++time) {
          Stack once = net.inside(layer.name + std::to_string(time));
          add(once, layer.inner.front());
          net.append(std::move(once));
        }
        return;
      case LayerForm::residual:
        return add_residual(net, layer);
      case LayerForm::branches: {
        std::vector<Stack> branches;
        for (std::size_t b = 0; b < layer.inner.size(); ++b) {
          branches.push_back(net.inside(fmt::format("{}.{}", layer.name, b + 1)));
          add(branches.back(), layer.inner[b]);
        }
        net.branches(layer.name, std::move(branches));
        return;
      }
    }
  }

  /// For the activation behind it; where there is none, the kind of rule follows the one before it, as in the named models.
  InitRule rule(const ListedLayer& layer, double fan_in, double fan_out) {
    ModelSettings own = with_own(settings_, layer);
    own.activation = layer.next.empty() ? last_ : layer.next;
    return weight_rule(own, fan_in, fan_out, !layer.next.empty());
  }

  void add_conv(Stack& net, const ListedLayer& layer, bool normed) {
    if (net.shape().size() != 3)
      fail<ShapeError>(
          "[model] layer '{}' gets an input of shape {}; expected (height, width, channels)",
          layer.name, to_text(net.shape()));
    Conv2dLayer conv;
    conv.filters = count(layer, "filters", 1, most_units, 1);
    conv.groups = count(layer, "groups", 1, most_units, 1);
    conv.window = read_window(layer, 1);
    conv.bias = with_own(settings_, layer).bias && (!normed || setting(layer, "bias"));
    const Window& w = conv.window;
    const double area = static_cast<double>(w.height) * w.width / conv.groups;
    conv.weights = rule(layer, area * net.channels(), area * conv.filters);
    if (const auto kernel = read_kernel(layer)) {
      const Setting gain = setting(layer, "gain");
      conv.weights =
          kernel_rule(*kernel, {w.height, w.width, net.channels() / conv.groups, conv.filters},
                      gain ? gain.field().number_between(0) : 1.0);
    }
    net.push(layer.name, conv);
  }

  void add_dense(Stack& net, const ListedLayer& layer) {
    const int given = read_units(layer);
    DenseLayer dense;
    dense.units = given > 0 ? given : outputs_;
    dense.bias = with_own(settings_, layer).bias;
    dense.weights = rule(layer, net.channels(), dense.units);
    net.push(layer.name, dense);
  }

  void add_activation(Stack& net, const ListedLayer& layer) {
    last_ = read_activation(layer);
    if (last_ == "softmax") {
      net.push(layer.name, SoftmaxLayer{});
    } else {
      net.push(layer.name, ActivationLayer{*activation_from_name(last_)});
    }
  }

  void add_residual(Stack& net, const ListedLayer& layer) {
    Stack body = net.inside(layer.name);
    add(body, layer.inner.front());
    Stack shortcut = net.inside(layer.name);
    const std::string form = read_shortcut(layer);
    const bool same = body.shape() == net.shape();
    if (form == "conv" || (form.empty() && !same)) {
      project(shortcut, layer, body.shape());
    } else if (form == "pad" && !same) {
      shortcut.pad_shortcut("shortcut", body.channels(), stride_to(layer, net, body.shape()));
    }
    net.residual(layer.name, std::move(body), std::move(shortcut));
  }

  void project(Stack& shortcut, const ListedLayer& layer, const Shape& to) {
    ListedLayer plain = layer;  // drawn as the model's weights are, for no activation
    plain.settings = Json::object();
    plain.next.clear();
    if (shortcut.shape().size() == 1 && to.size() == 1) {
      shortcut.push("shortcut", DenseLayer{to[0], false, rule(plain, shortcut.channels(), to[0])});
    } else {
      Conv2dLayer conv;
      conv.filters = to.back();
      conv.window = same_window(1, stride_to(layer, shortcut, to));
      const bool normed = layer.inner.front().back().form == LayerForm::batch_norm;
      conv.bias = settings_.bias && !normed;
      conv.weights = rule(plain, shortcut.channels(), conv.filters);
      shortcut.push("shortcut", conv);
    }
    if (layer.inner.front().back().form == LayerForm::batch_norm)
      shortcut.batch_norm("shortcut_norm");
  }

  /// The stride that takes every s-th row and column of the input to `to`.
  static int stride_to(const ListedLayer& layer, const Stack& from, const Shape& to) {
    const Shape& shape = from.shape();
    if (shape.size() == 3 && to.size() == 3) {
      for (int s = 1; s <= shape[0]; ++s)
        if ((shape[0] - 1) / s + 1 == to[0] && (shape[1] - 1) / s + 1 == to[1]) return s;
    }
    fail<ShapeError>(
        "[model] layer '{}' adds layers of shape {} to an input of shape {}; expected height and "
        "width that a stride leads to",
        layer.name, to_text(to), to_text(shape));
  }

  const ModelSettings& settings_;
  int outputs_;
  int count_ = 0;
  std::string last_ = "identity";
};

}  // namespace

void check_layers(const Json& layers) {
  for (const ListedLayer& layer : read_list(layers, "model.layers")) check_settings(layer);
}

Architecture build_layers(const ModelSettings& settings, const Shape& input, int outputs) {
  if (settings.layers.is_null())
    fail<UsageError>(
        "[model.layers] no list; expected layers: [...], as [flatten, {{dense: classes}}]");
  std::vector<ListedLayer> list = read_list(settings.layers, "model.layers");
  for (const ListedLayer& layer : list) check_settings(layer);
  look_ahead(list, "");
  Stack net(settings, input);
  Builder builder(settings, outputs);
  builder.add(net, list);
  if (net.shape() != Shape{outputs})
    fail<ShapeError>(
        "[{}] layer '{}' ends the network with shape {}; expected ({}): end with "
        "{{dense: classes}}",
        list.back().path, list.back().name, to_text(net.shape()), outputs);
  Architecture architecture = net.finish(input);
  if (!std::holds_alternative<DenseLayer>(architecture.layers.back().kind))
    fail<UsageError>(
        "[{}] layer '{}' ends the network; expected {{dense: classes}} last (the loss "
        "applies its own softmax)",
        list.back().path, list.back().name);
  return architecture;
}

}  // namespace vernier::engine
