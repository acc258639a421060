#include "store/exports/event_file.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <vector>

using namespace vernier::store;

// Written by TensorBoard 2.21's RecordWriter from its own messages: the file's version, a scalar, a histogram.
TEST_CASE("event files are byte for byte those of TensorBoard") {
  EventFile file(1.5);
  file.scalar(2.25, 300, "val_loss", 0.25F);
  file.add(3, 1, "weights",
           Message().message(5, Message()
                                    .real(1, -1)
                                    .real(2, 2)
                                    .real(3, 3)
                                    .real(4, 0.5)
                                    .real(5, 4)
                                    .reals(6, std::vector<double>{-1, 0.5, 2})
                                    .reals(7, std::vector<double>{0, 2, 1})));
  std::string hex;
  for (const char c : file.text()) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
  CHECK(hex ==
        "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c"
        "1f00000000000000514b441809000000000000024010ac022a110a0f0a0876616c5f6c6f73731500"
        "00803e408792897b000000000000001bf7cfce09000000000000084010012a6e0a6c0a0777656967"
        "6874732a6109000000000000f0bf11000000000000004019000000000000084021000000000000e0"
        "3f2900000000000010403218000000000000f0bf000000000000e03f00000000000000403a180000"
        "0000000000000000000000000040000000000000f03f7e3de34d");
}
