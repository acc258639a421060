// Networks written as a list: model: {type: layers, layers: [...]} of a study file. A layer is its name alone (relu, flatten), its name
// with its main setting ({dense: 128}), or with a section:
//
//   conv             filters, kernel; stride 1, padding valid | same | n (zeros on every side), groups 1, bias, init, gain
//   dense            units: a number, or `classes`: the outputs that the data ask for; bias, init, gain
//   max_pool         kernel; stride (the kernel), padding valid
//   avg_pool         likewise, zeros outside the image not counted
//   dropout          rate
//   activation       type: an activation's name. Each name is a layer too: relu, {relu: {name: r1}}
//   batch_norm, global_avg_pool, flatten
//   repeat           times, layers: the same layers one after the other, with weights of their own
//   residual         layers; shortcut identity, conv (1 x 1, with batch norm where the layers end with one; of units a dense layer without
//                    bias) or pad (zeros for new channels). Not given: identity where the shapes agree, else conv
//   branches         a list of lists: channels side by side
//
// Every layer may have a `name` (letters, digits, _ and -; not twice); the others are numbered: conv1, relu1, conv2. In a network,
// layers inside others carry their names: blocks2.residual1.c1. `init` names an initialiser, for conv also edge, sharpen or blur, or gives three rows of
// three numbers. Weights are drawn for the activation that follows, as in the named models; a convolution straight before batch norm
// has no bias unless it asks for one.
#pragma once
#include <string>
#include <vector>

#include "core/json.h"

namespace vernier::engine {

/// All that is wrong with a list whatever the data. Errors of this header are UsageError, "[model.layers.7.residual.2.conv] ...": where
/// in the file the layer stands; those of shapes come from build_layers (registry.h), with the shape it gets and the shape it needs.
void check_layers(const Json& layers);

/// What can be set in a list, "c1.filters" and "0.filters" alike: by the name of a layer, given or numbered, or by its index (of a layer inside
/// another "8.0.filters", in branches "8.1.0.filters").
std::vector<std::string> layer_setting_names(const Json& layers);
/// Sets one of them. Returns where it stands now, "0.conv.filters".
std::string set_layer_setting(Json& layers, const std::string& setting, const Json& value);
/// As written; null where it is not written.
Json layer_setting(const Json& layers, const std::string& setting);

}  // namespace vernier::engine
