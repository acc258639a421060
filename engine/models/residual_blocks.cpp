#include "engine/models/residual_blocks.h"

#include <utility>

namespace vernier::engine {

void add_basic_block(Stack& net, const ModelSettings& settings, const std::string& name,
                     int filters, int stride, bool residual) {
  const std::string& act = settings.activation;
  Stack body = net.inside(name);
  body.conv("conv1", filters, same_window(3, stride)).batch_norm("norm1").activation(act + "1");
  body.conv("conv2", filters, same_window(3)).batch_norm("norm2");
  Stack shortcut = net.inside(name);
  if (residual && body.shape() != net.shape()) {
    if (settings.shortcut == "pad") {
      shortcut.pad_shortcut("shortcut", body.channels(), stride);
    } else {
      shortcut.conv("shortcut", filters, same_window(1, stride), false).batch_norm("shortcut_norm");
    }
  }
  if (residual) {
    net.residual(name, std::move(body), std::move(shortcut));
  } else {
    net.append(std::move(body));
  }
  net.activation(name + "." + act + "2");
}

void add_wide_block(Stack& net, const ModelSettings& settings, const std::string& name, int filters,
                    int stride) {
  const std::string& act = settings.activation;
  const bool projects = net.scaled(filters) != net.channels();
  if (projects) net.batch_norm(name + ".norm1").activation(name + "." + act + "1");
  Stack body = net.inside(name);
  if (!projects) body.batch_norm("norm1").activation(act + "1");
  body.conv("conv1", filters, same_window(3, stride)).batch_norm("norm2").activation(act + "2");
  body.dropout("dropout", settings.dropout.value_or(0)).conv("conv2", filters, same_window(3));
  Stack shortcut = net.inside(name);
  if (projects) shortcut.conv("shortcut", filters, same_window(1, stride), false);
  net.residual(name, std::move(body), std::move(shortcut));
}

}  // namespace vernier::engine
