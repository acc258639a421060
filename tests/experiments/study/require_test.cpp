#include "experiments/study/require.h"

#include <cmath>

#include "tests/experiments/support.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

namespace {

Requirements limits(const std::string& list) {
  const Spec spec =
      load("study: s\nparameters: {model.depth: {min: 1, max: 3}}\nrequire: " + list + "\n");
  return Requirements(spec, Requirements::Of::all);
}

}  // namespace

TEST_CASE("margins say how far each limit is from being met, at most 0 exactly where it holds") {
  const Requirements some = limits(
      "[\"val_loss <= 0.5\", \"parameters < 1000 and val_acc > 0.9\", \"val_acc >= 0.99 or "
      "val_loss < 0.1\", "
      "\"not val_loss > 2 * 0.3\"]");
  const std::vector<double> at =
      some.margins({{"val_loss", 0.7}, {"val_acc", 0.95}, {"parameters", 400.0}});
  REQUIRE(at.size() == 4);
  CHECK(at[0] == doctest::Approx(0.2));
  CHECK(at[1] == doctest::Approx(-0.05));  // the one nearer to being broken
  CHECK(at[2] == doctest::Approx(0.04));   // the one nearer to being met
  CHECK(at[3] == doctest::Approx(0.1));
  for (int i = 0; i < 200; ++i) {
    const double loss = i / 200.0, accuracy = std::fmod(i * 0.37, 1.0);
    const std::vector<std::pair<std::string, double>> values{
        {"val_loss", loss}, {"val_acc", accuracy}, {"parameters", 7.0 * i}};
    const std::vector<double> margins = some.margins(values);
    const bool all = std::all_of(margins.begin(), margins.end(), [](double m) { return m <= 0; });
    CHECK(all == !some.broken(values).has_value());
  }
}

TEST_CASE("a margin is unknown where its limit names what is missing") {
  const Requirements some =
      limits("[\"parameters <= 1000\", \"val_loss <= 0.5\", \"val_loss < 1 or parameters < 5\"]");
  const std::vector<double> at = some.margins({{"parameters", 1200.0}, {"val_loss", std::nan("")}});
  CHECK(at[0] == 200);
  CHECK(std::isnan(at[1]));
  CHECK(std::isnan(at[2]));
}
