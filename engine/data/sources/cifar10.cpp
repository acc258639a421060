#include "engine/data/cifar.h"

namespace vernier::engine {

Source cifar10_source() {
  return {{"cifar10", "photographs of ten things, 32 x 32 x 3, 50,000 + 10,000 (Krizhevsky 2009)",
           "data_batch_1.bin to data_batch_5.bin, test_batch.bin"},
          Source::Kind::files,
          [](const DataSettings& settings, Folders folders) {
            std::vector<std::string> training;
            for (int k = 1; k <= 5; ++k)
              training.push_back("data_batch_" + std::to_string(k) + ".bin");
            return load_cifar(settings, "cifar10", folders, training, "test_batch.bin", 1,
                              {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog",
                               "horse", "ship", "truck"});
          }};
}

}  // namespace vernier::engine
