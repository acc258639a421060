#include "experiments/study/claim_plot.h"

#include <fmt/format.h>

#include "core/text.h"

namespace vernier::experiments {
namespace {

const std::vector<std::string> kinds{"line", "curves", "heat_map", "pictures"};

Json metrics_of(const Reader& reader, const ClaimNames& names) {
  if (reader.json().is_string()) return Json::array({names.metric(reader)});
  reader.list();
  if (reader.json().empty()) reader.error("an empty list; expected metrics");
  Json list = Json::array();
  for (std::size_t i = 0; i < reader.json().size(); ++i) list.push_back(names.metric(reader.at(i)));
  return list;
}

Json line(const Reader& reader, const ClaimNames& names) {
  reader.only({"line", "by", "metrics", "log"});
  Json json{{"line", names.parameter(reader.at("line"))}};
  if (reader.has("by")) {
    json["by"] = names.parameter(reader.at("by"));
    if (json["by"] == json["line"])
      reader.at("by").error("is the same as line; expected another parameter");
  }
  if (reader.has("metrics")) json["metrics"] = metrics_of(reader.at("metrics"), names);
  if (reader.has("log")) json["log"] = reader.at("log").boolean();
  return json;
}

Json heat_map(const Reader& reader, const ClaimNames& names) {
  reader.only({"heat_map"});
  const Reader axes = reader.at("heat_map");
  if (!axes.json().is_array() || axes.json().size() != 2)
    axes.refuse("two parameters, as [train.lr, train.batch_size]");
  Json json{{"heat_map", {names.parameter(axes.at(std::size_t{0})), names.parameter(axes.at(1))}}};
  if (json["heat_map"][0] == json["heat_map"][1])
    axes.at(1).error("is there twice; expected another parameter");
  return json;
}

}  // namespace

Json read_claim_plot(const Reader& reader, const ClaimNames& names) {
  if (reader.json().is_string()) {
    reader.one_of({"strip"});
    return "strip";
  }
  reader.section();
  std::vector<std::string> found;
  for (const std::string& kind : kinds)
    if (reader.has(kind)) found.push_back(kind);
  if (found.size() != 1)
    reader.error(fmt::format("{}; expected strip or one of {}",
                             found.empty() ? "names no plot" : "names " + join(found, " and "),
                             join(kinds, ", ")));
  if (found.front() == "line") return line(reader, names);
  if (found.front() == "heat_map") return heat_map(reader, names);
  reader.only({found.front()});
  if (found.front() == "curves") return {{"curves", metrics_of(reader.at("curves"), names)}};
  return {{"pictures", names.picture(reader.at("pictures"))}};
}

}  // namespace vernier::experiments
