#include "engine/data/downloads.h"

#include "core/error.h"
#include "core/text.h"

namespace vernier::engine {

std::span<const Download> downloads() {
  // Mirrors pack MNIST anew, so its sums are of the contents. The others' are as the publishers (and torchvision) give them.
  static const std::vector<Download> table{
      {"mnist",
       "https://ossci-datasets.s3.amazonaws.com/mnist/",
       {{"train-images-idx3-ubyte.gz", "6bbc9ace898e44ae57da46a324031adb", true},
        {"train-labels-idx1-ubyte.gz", "a25bea736e30d166cdddb491f175f624", true},
        {"t10k-images-idx3-ubyte.gz", "2646ac647ad5339dbf082846283269ea", true},
        {"t10k-labels-idx1-ubyte.gz", "27ae3e4e09519cfbb04c329615203637", true}},
       {}},
      {"fashion-mnist",
       "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
       {{"train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"},
        {"train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"},
        {"t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"},
        {"t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"}},
       {}},
      {"cifar10",
       "https://www.cs.toronto.edu/~kriz/",
       {{"cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530"}},
       {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
        "data_batch_5.bin", "test_batch.bin"}},
      {"cifar100",
       "https://www.cs.toronto.edu/~kriz/",
       {{"cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8"}},
       {"train.bin", "test.bin"}},
      {"svhn",
       "http://ufldl.stanford.edu/housenumbers/",
       {{"train_32x32.mat", "e26dedcc434d2e4c54c9b2d4a06d8373"},
        {"test_32x32.mat", "eb5a983be6a315427106f1b164d9cef3"}},
       {}}};
  return table;
}

const Download& find_download(const std::string& set) {
  std::vector<std::string> names;
  for (const Download& download : downloads()) {
    if (download.set == set) return download;
    names.push_back(download.set);
  }
  fail<UsageError>("[datasets get] '{}' cannot be downloaded{}; expected one of {}", printable(set),
                   hint(set, names), join(names, ", "));
}

}  // namespace vernier::engine
