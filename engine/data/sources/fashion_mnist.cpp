#include "engine/data/idx.h"

namespace vernier::engine {

Source fashion_mnist_source() {
  return {{"fashion-mnist", "clothes, 28 x 28, 60,000 + 10,000 (Xiao et al. 2017)",
           "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte, "
           "t10k-labels-idx1-ubyte (plain or .gz)"},
          Source::Kind::files,
          [](const DataSettings& settings, Folders folders) {
            return load_idx_set(settings, "fashion-mnist", folders,
                                {"t-shirt", "trouser", "pullover", "dress", "coat", "sandal",
                                 "shirt", "sneaker", "bag", "boot"});
          }};
}

}  // namespace vernier::engine
