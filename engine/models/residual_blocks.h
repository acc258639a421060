// The two forms of a residual block with two 3 x 3 convolutions.
#pragma once
#include <string>

#include "engine/models/stack.h"

namespace vernier::engine {

/// conv, norm, act, conv, norm, + shortcut, act (He et al. 2015). Where the shape changes the shortcut is a 1 x 1 convolution with norm, or
/// with settings.shortcut "pad" zeros for new channels; `residual` false: no shortcut at all.
void add_basic_block(Stack& net, const ModelSettings& settings, const std::string& name,
                     int filters, int stride, bool residual);
/// norm, act, conv, norm, act, [dropout,] conv, + shortcut (Zagoruyko and Komodakis 2016). Where the shape changes the shortcut is a 1 x 1
/// convolution behind the first activation.
void add_wide_block(Stack& net, const ModelSettings& settings, const std::string& name, int filters,
                    int stride);

}  // namespace vernier::engine
