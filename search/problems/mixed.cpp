#include "search/problems/mixed.h"

#include <cmath>

namespace vernier::search {
namespace {

double value(const Config& config) {
  const auto number = [&](const char* name) { return as_number(*config.find(name)); };
  const double x = number("x") - 0.3, y = number("y") - 0.6, k = number("k") - 7,
               m = std::log2(number("m") / 64);
  const std::string& kind = std::get<std::string>(*config.find("kind"));
  double offset = kind == "plain" ? 0.2 : 0.4;
  if (kind == "shaped") offset = (number("shape") - 0.25) * (number("shape") - 0.25);
  return 2 * x * x + 2 * y * y + 0.008 * k * k + 0.05 * m * m + offset;
}

Parameter range(const char* name, Kind kind, double low, double high, Scale scale = Scale::linear) {
  Parameter p;
  p.name = name;
  p.kind = kind;
  p.low = low;
  p.high = high;
  p.scale = scale;
  return p;
}

}  // namespace

Problem mixed() {
  Problem out;
  out.name = "mixed";
  Parameter kind;
  kind.name = "kind";
  kind.kind = Kind::categorical;
  kind.choices = {std::string("plain"), std::string("shaped"), std::string("rough")};
  Parameter shape = range("shape", Kind::float_, 0, 1);
  shape.condition = expr::parse("kind = 'shaped'");
  out.parameters = {range("x", Kind::float_, 0, 1),
                    range("y", Kind::float_, 0, 1),
                    range("k", Kind::int_, 1, 20),
                    range("m", Kind::int_, 1, 1024, Scale::log),
                    std::move(kind),
                    std::move(shape)};
  out.value = value;
  out.minimiser = Config({{"x", 0.3},
                          {"y", 0.6},
                          {"k", std::int64_t{7}},
                          {"m", std::int64_t{64}},
                          {"kind", std::string("shaped")},
                          {"shape", 0.25}});
  return out;
}

}  // namespace vernier::search
