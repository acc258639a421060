// Two .npy files as a data set: inputs and what is to be predicted.
#pragma once
#include "engine/data/npy.h"
#include "engine/data/source.h"

namespace vernier::engine {

/// x: (N, features), images (N, height, width) or (N, height, width, channels). y: (N) or (N, 1): whole numbers from 0
/// are classes, floats are numbers to be predicted. Throws UsageError "[file] byte OFFSET: ...".
RawData npy_examples(const NpyArray& x, const NpyArray& y, const std::string& x_name,
                     const std::string& y_name);

}  // namespace vernier::engine
