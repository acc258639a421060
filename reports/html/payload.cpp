#include "reports/html/payload.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "core/text.h"
#include "reports/analysis/ranges.h"
#include "reports/analysis/ranking.h"
#include "reports/html/answer.h"
#include "reports/html/artifacts.h"
#include "reports/html/claims.h"
#include "reports/html/columns.h"
#include "reports/html/comparison.h"
#include "reports/plots/plot.h"

namespace vernier::reports {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using Record = store::TrialRecord;

Json numbers(const std::vector<Value>& values) {
  Json list = Json::array();
  for (const auto& value : values) list.push_back(as_number(value));
  return list;
}

/// The rows of one study: columns into the blob, described in JSON.
class StudyWriter {
 public:
  StudyWriter(const StudyData& data, Bytes& blob) : data_(data), blob_(blob) {}

  void number(Json& into, const std::string& name, const std::function<double(std::size_t)>& at) {
    std::vector<double> values(data_.trials.size());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = at(i);
    into[name] = {{"at", add_column(blob_, values)}};
  }

  /// A column of few different JSON values: a dictionary and a column of positions, NaN where `at` gives null.
  void choice(Json& into, const std::string& name, const std::function<Json(std::size_t)>& at,
              Json dictionary = Json::array()) {
    std::vector<double> codes(data_.trials.size(), kMissing);
    for (std::size_t i = 0; i < codes.size(); ++i) {
      Json value = at(i);
      if (value.is_null()) continue;
      const auto found = std::find(dictionary.begin(), dictionary.end(), value);
      codes[i] = static_cast<double>(std::distance(dictionary.begin(), found));
      if (found == dictionary.end()) dictionary.push_back(std::move(value));
    }
    into[name] = {{"values", std::move(dictionary)}, {"at", add_column(blob_, codes)}};
  }

  void text(Json& into, const std::string& name,
            const std::function<const std::string&(const Record&)>& of) {
    choice(into, name, [&](std::size_t i) {
      const std::string& value = of(data_.trials[i]);
      return value.empty() ? Json() : Json(value);
    });
  }

  Json trials() {
    Json columns = Json::object();
    const auto& rows = data_.trials;
    const auto ranks = rank_of_trials(data_);
    const auto since = [this](const std::optional<double>& wall) {
      return wall ? *wall - data_.study.created : kMissing;
    };
    number(columns, "number", [&](auto i) { return rows[i].number; });
    number(columns, "value", [&](auto i) { return rows[i].value.value_or(kMissing); });
    number(columns, "rank", [&](auto i) { return ranks[i] ? *ranks[i] : kMissing; });
    number(columns, "steps", [&](auto i) { return rows[i].steps; });
    number(columns, "best_step",
           [&](auto i) { return rows[i].best_step ? *rows[i].best_step : kMissing; });
    number(columns, "seconds", [&](auto i) { return rows[i].seconds; });
    number(columns, "started", [&](auto i) { return since(rows[i].started); });
    number(columns, "ended", [&](auto i) { return since(rows[i].ended); });
    choice(columns, "state", [&](auto i) { return Json(store::to_text(rows[i].state)); });
    text(columns, "device", [](const Record& r) -> const std::string& { return r.device; });
    text(columns, "reason", [](const Record& r) -> const std::string& { return r.reason; });
    text(columns, "note", [](const Record& r) -> const std::string& { return r.note; });
    choice(columns, "tags",
           [&](auto i) { return rows[i].tags.empty() ? Json() : Json(join(rows[i].tags, " ")); });
    return columns;
  }

  Json params(const std::vector<ParamRange>& ranges) {
    Json list = Json::array();
    for (const auto& range : ranges) {
      Json json{{"name", range.name}, {"type", range.type}, {"when", range.when}};
      const auto value_of = [&](std::size_t i) { return data_.trials[i].config.find(range.name); };
      if (range.numeric) {
        json.update({{"low", range.low}, {"high", range.high}, {"log", range.log}});
        if (range.type == "ordinal") json["choices"] = numbers(range.choices);
        number(json, "column", [&](auto i) {
          const Value* value = value_of(i);
          return value ? as_number(*value) : kMissing;
        });
      } else {
        Json dictionary = Json::array();
        for (const auto& choice : range.choices) dictionary.push_back(to_json(choice));
        choice(
            json, "column",
            [&](auto i) {
              const Value* value = value_of(i);
              return value ? to_json(*value) : Json();
            },
            std::move(dictionary));
      }
      list.push_back(std::move(json));
    }
    return list;
  }

  Json metrics(int of_best) {
    add_steps();
    const auto ranks = rank_of_trials(data_);
    std::vector<std::size_t> all(data_.trials.size()), best;
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i] = i;
      if (ranks[i] && *ranks[i] <= of_best) best.push_back(i);
    }
    if (data_.trials.size() <= static_cast<std::size_t>(of_best)) best = all;
    Json list = Json::array();
    for (std::size_t k = 0; k < data_.metrics.size(); ++k) {
      const bool objective = data_.metrics[k] == data_.objective;
      Json json{{"name", data_.metrics[k]}};
      number(json, "at_best", [&](auto i) { return at_best_step(i, k); });
      number(json, "last", [&](auto i) {
        const auto& values = data_.curves[i].metrics[k];
        return values.empty() ? kMissing : values.back();
      });
      if (objective) {
        number(json, "best", [&](auto i) { return best_of(data_.curves[i].metrics[k]); });
      }
      json["curves"] =
          curves(objective ? all : best, [&](std::size_t i) { return data_.curves[i].metrics[k]; });
      list.push_back(std::move(json));
    }
    seconds_ = curves(best, [&](std::size_t i) {
      const Curve& curve = data_.curves[i];
      return curve.seconds.empty() ? std::vector<double>(curve.steps.size(), kMissing)
                                   : curve.seconds;
    });
    return list;
  }

  std::size_t steps_at() const { return steps_; }
  const Json& seconds() const { return seconds_; }

 private:
  /// Of the objective, by the study's direction; missing where nothing was measured.
  double best_of(const std::vector<double>& values) const {
    double best = kMissing;
    for (const double x : values) {
      if (std::isnan(x)) continue;
      if (std::isnan(best) || data_.minimised(x) < data_.minimised(best)) best = x;
    }
    return best;
  }

  double at_best_step(std::size_t i, std::size_t k) const {
    const Curve& curve = data_.curves[i];
    if (curve.empty()) return kMissing;
    const auto& step = data_.trials[i].best_step;
    const auto found =
        step ? std::find(curve.steps.begin(), curve.steps.end(), *step) : curve.steps.end() - 1;
    return found == curve.steps.end()
               ? kMissing
               : curve.metrics[k]
                              [static_cast<std::size_t>(std::distance(curve.steps.begin(), found))];
  }

  void add_steps() {
    steps_ = blob_.size();
    for (const auto& curve : data_.curves) {
      add_varint(blob_, static_cast<std::uint32_t>(curve.steps.size()));
      int previous = 0;
      for (const int step : curve.steps) {
        add_signed(blob_, step - previous);
        previous = step;
      }
    }
  }

  template <class CurveOf>
  Json curves(const std::vector<std::size_t>& rows, CurveOf curve_of) {
    Json json{{"at", blob_.size()}};
    if (rows.size() != data_.trials.size()) json["rows"] = rows;
    for (const std::size_t i : rows) add_curve(blob_, curve_of(i));
    return json;
  }

  const StudyData& data_;
  Bytes& blob_;
  std::size_t steps_ = 0;
  Json seconds_;
};

Json study_json(const StudyData& data, const PayloadOptions& options, Bytes& blob) {
  const auto& study = data.study;
  const auto ranges = param_ranges(data);
  StudyWriter writer(data, blob);
  Json json{{"name", study.name},
            {"note", study.note},
            {"state", study.state},
            {"sampler", study.sampler},
            {"strategy", study.strategy},
            {"seed", study.seed},
            {"planned", study.trials},
            {"created", study.created},
            {"code_version", study.code_version},
            {"host", study.host},
            {"objective", data.objective},
            {"maximize", data.maximize},
            {"rows", data.trials.size()}};
  json["trials"] = writer.trials();
  json["params"] = writer.params(ranges);
  json["metrics"] = writer.metrics(options.curves_of_best);
  json["steps_at"] = writer.steps_at();
  json["seconds"] = writer.seconds();
  json["answer"] = answer(data, ranges, options.db);
  Json drawn = Json::object();
  for (const auto& plot : plots()) drawn[plot.name] = plot.numbers({data, ranges, options.created});
  json["plots"] = std::move(drawn);
  json["artifacts"] = Json::object();
  for (const auto& [number, list] : data.artifacts)
    json["artifacts"][std::to_string(number)] = artifacts_json(list, options.artifact_bytes);
  return json;
}

}  // namespace

Payload make_payload(const std::vector<StudyData>& studies, const PayloadOptions& options) {
  Payload payload;
  payload.json = {{"format", 1},
                  {"title", options.title},
                  {"created", options.created},
                  {"trial", options.trial > 0 ? Json(options.trial) : Json()},
                  {"where", database_option(options.db)},
                  {"comparison", comparison_json(studies, options.db)},
                  {"studies", Json::array()}};
  for (const auto& study : studies) {
    payload.json["studies"].push_back(study_json(study, options, payload.blob));
  }
  // The page of one trial has no room for them.
  payload.json["claims"] =
      options.trial > 0 ? Json::array()
                        : claims_json(studies, {false, options.artifact_bytes, options.artifacts});
  return payload;
}

Bytes pack(const Payload& payload, bool quick) {
  const std::string text = payload.json.dump(-1, ' ', false, Json::error_handler_t::replace);
  Bytes bytes(4 + text.size() + payload.blob.size());
  for (std::size_t i = 0; i < 4; ++i) {
    bytes[i] = static_cast<unsigned char>(text.size() >> (8 * i) & 255);
  }
  const auto blob_at = std::copy(text.begin(), text.end(), bytes.begin() + 4);
  std::copy(payload.blob.begin(), payload.blob.end(), blob_at);
  return deflate(bytes, quick ? 1 : 0);
}

}  // namespace vernier::reports
