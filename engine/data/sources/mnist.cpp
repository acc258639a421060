#include "engine/data/idx.h"

namespace vernier::engine {

Source mnist_source() {
  return {{"mnist", "handwritten digits, 28 x 28, 60,000 + 10,000 (LeCun et al. 1998)",
           "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, "
           "t10k-labels-idx1-ubyte (plain or .gz)"},
          Source::Kind::files,
          [](const DataSettings& settings, Folders folders) {
            return load_idx_set(settings, "mnist", folders,
                                {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
          }};
}

}  // namespace vernier::engine
