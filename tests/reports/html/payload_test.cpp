#include "reports/html/payload.h"

#include <doctest/doctest.h>

#include "reports/html/answer.h"
#include "reports/html/columns.h"
#include "reports/plots/plot.h"
#include "tests/reports/study.h"

using namespace vernier;
using namespace vernier::reports;
using store::State;

namespace {

StudyData small() {
  auto data = test::study();
  data.study.name = "it's";
  data.study.params = {{"x", "float", {{"low", 0.0}, {"high", 1.0}}},
                       {"act", "categorical", {{"choices", {"relu", "tanh"}}}}};
  test::add(data, State::completed, 0.1 + 0.2, {0.1, 0.3}).config.set("x", 0.5);
  auto& second = test::add(data, State::failed, std::nullopt, {0.05});
  second.config.set("act", std::string("tanh"));
  second.reason = "\xFF</script>";
  return data;
}

}  // namespace

TEST_CASE("columns are exact, missing values are NaN, choices keep the order of the space") {
  const Payload payload = make_payload({small()}, {"t", "vernier.db", 0, 200});
  const Json& study = payload.json["studies"][0];
  const auto column = [&](const Json& json) { return read_column(payload.blob, json["at"], 2); };
  CHECK(column(study["trials"]["value"])[0] == 0.1 + 0.2);
  CHECK(std::isnan(column(study["trials"]["value"])[1]));
  CHECK(column(study["trials"]["rank"])[0] == 1);
  CHECK(study["trials"]["state"]["values"] == Json({"completed", "failed"}));
  CHECK(study["params"][1]["column"]["values"] == Json({"relu", "tanh"}));
  CHECK(std::isnan(column(study["params"][1]["column"])[0]));
  CHECK(column(study["params"][1]["column"])[1] == 1);
}

TEST_CASE(
    "the packed payload begins with the length of its JSON, which is valid UTF-8 whatever the "
    "names") {
  const Bytes bytes = inflate(pack(make_payload({small()}, {"t", "vernier.db", 0, 200})));
  const std::size_t length = bytes[0] | bytes[1] << 8 | bytes[2] << 16;
  const Json json = Json::parse(bytes.begin() + 4, bytes.begin() + 4 + static_cast<long>(length));
  CHECK(json["format"] == 1);
  CHECK(json["studies"][0]["trials"]["reason"]["values"][0] == "\xEF\xBF\xBD</script>");
}

TEST_CASE("metrics other than the objective are kept for the best trials only") {
  auto data = test::study();
  data.metrics = {"m", "other"};
  for (int i = 0; i < 5; ++i) test::add(data, State::completed, i, {1, 2});
  const Payload payload = make_payload({data}, {"t", "d", 0, 2});
  const Json& metrics = payload.json["studies"][0]["metrics"];
  CHECK_FALSE(metrics[0]["curves"].contains("rows"));
  CHECK(read_column(payload.blob, metrics[0]["best"]["at"], 5)[0] == 2);
  CHECK(read_column(payload.blob, metrics[0]["last"]["at"], 5)[0] == 2);
  CHECK_FALSE(metrics[1].contains("best"));
  CHECK(metrics[1]["curves"]["rows"] == Json({3, 4}));
}

TEST_CASE("a study without trials has a payload, and every plot has numbers") {
  const Payload payload = make_payload({test::study()}, {"t", "d", 0, 200});
  const Json& study = payload.json["studies"][0];
  CHECK(study["rows"] == 0);
  CHECK(study["answer"]["best"].is_null());
  for (const auto& plot : plots()) CHECK(study["plots"].contains(plot.name));
}

TEST_CASE("commands are safe in a shell and name the database where it is not the default") {
  CHECK(shell_word("mnist-mlp") == "mnist-mlp");
  CHECK(shell_word("a b$(x)") == "'a b$(x)'");
  CHECK(shell_word("it's") == "'it'\\''s'");
  CHECK(shell_word("") == "''");
  const auto data = small();
  const Json json = answer(data, param_ranges(data), "runs/a.db");
  CHECK(json["commands"][0]["text"] == "vernier rerun 'it'\\''s#1' --db runs/a.db");
  CHECK(answer(data, param_ranges(data), "vernier.db")["commands"][1]["text"] ==
        "vernier best 'it'\\''s' --yaml");
}

TEST_CASE("quantiles run from the best to the worst") {
  auto data = test::study(false);
  for (const double x : {4.0, 2.0, 3.0, 1.0, 5.0}) test::add(data, x);
  CHECK(answer(data, {}, "d")["quantiles"] == Json({1.0, 1.2, 2.0, 3.0, 4.0, 4.8, 5.0}));
}
