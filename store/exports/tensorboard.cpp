// TensorBoard: a run (a folder with one event file) each trial, named by its number; the hparams plugin's summaries beside the scalars, so that its table and
// parallel coordinates show every parameter and metric.
#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "store/exports/event_file.h"
#include "store/exports/exports.h"
#include "store/exports/facts.h"
#include "store/exports/picture.h"

namespace vernier::store {
namespace {

namespace fs = std::filesystem;

// tensorboard/plugins/hparams/plugin_data.proto, api.proto: fields of HParamsPluginData, Status.
constexpr int experiment_field = 2, start_field = 3, end_field = 4;
constexpr int success = 1, failure = 2, running = 3;
constexpr int type_text = 1, type_bool = 2, type_number = 3;

/// google.protobuf.Value
Message protobuf_value(const Value& value) {
  Message message;
  if (const bool* b = std::get_if<bool>(&value)) return message.integer(4, *b), message;
  if (is_number(value)) return message.real(2, as_number(value)), message;
  if (const auto* text = std::get_if<std::string>(&value)) return message.bytes(3, *text), message;
  return message.integer(1, 0), message;
}

/// A Summary.Value of the plugin: its message is the metadata's content.
void add_hparams(EventFile& file, double wall, const char* tag, int field, const Message& message) {
  const Message content = Message().integer(1, 0).message(field, message);
  const Message plugin = Message().bytes(1, "hparams").message(2, content);
  file.add(wall, 0, tag, Message().message(9, Message().message(1, plugin)));
}

Message param_info(const ParamRecord& param) {
  Message info;
  info.bytes(1, param.name);
  const Json& d = param.definition;
  if (!d.contains("choices")) {
    info.integer(4, type_number);
    return info.message(
               6, Message().real(1, d.at("low").get<double>()).real(2, d.at("high").get<double>())),
           info;
  }
  Message list;
  bool numbers = true, bools = true;
  for (const Json& choice : d["choices"]) {
    numbers = numbers && choice.is_number();
    bools = bools && choice.is_boolean();
    list.message(1, protobuf_value(value_from_json(choice)));
  }
  info.integer(4, bools ? type_bool : numbers ? type_number : type_text).message(5, list);
  return info;
}

/// GetHistogram's legacy form: counts between limits, the first bucket empty so that it says where the second begins.
std::optional<Message> histogram(const Artifact& artifact) {
  const Json json = Json::parse(artifact.blob);
  const auto edges = json.at("edges").get<std::vector<double>>();
  const auto counts = json.at("counts").get<std::vector<double>>();
  if (counts.empty() || edges.size() != counts.size() + 1)
    fail<UsageError>("{} edges for {} counts", edges.size(), counts.size());
  std::vector<double> buckets{0};
  double number = 0, sum = 0, squares = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double middle = (edges[i] + edges[i + 1]) / 2;
    buckets.push_back(counts[i]);
    number += counts[i];
    sum += counts[i] * middle;
    squares += counts[i] * middle * middle;
  }
  return Message()
      .real(1, edges.front())
      .real(2, edges.back())
      .real(3, number)
      .real(4, sum)
      .real(5, squares)
      .reals(6, edges)
      .reals(7, buckets);
}

class Exporter {
 public:
  Exporter(const Store& store, const StudyRecord& study, const fs::path& to, ExportNotes& notes)
      : store_(store), study_(study), to_(to), notes_(notes) {}

  void run() {
    fs::create_directory(to_);
    const auto trials = store_.trials(study_.id);
    int width = 1;
    for (const TrialRecord& trial : trials)
      width = std::max(width, static_cast<int>(std::to_string(trial.number).size()));
    for (const TrialRecord& trial : trials) {
      if (trial.state == State::waiting && trial.steps == 0) continue;
      write(fmt::format("{:0{}}", trial.number, width), run_of(trial));
    }
    write("", experiment());
  }

 private:
  void write(const std::string& folder, const EventFile& file) {
    const fs::path place = to_ / folder;
    fs::create_directories(place);
    const std::string name =
        fmt::format("events.out.tfevents.{}.{}", static_cast<long long>(study_.created), "vernier");
    write_file_durably(place / name, std::as_bytes(std::span(file.text())));
  }

  /// The columns of the plugin's table.
  EventFile experiment() const {
    Message experiment;
    experiment.bytes(6, study_.name).bytes(1, study_.note).real(3, study_.created);
    for (const ParamRecord& param : study_.params) experiment.message(4, param_info(param));
    for (const std::string& metric : metrics_) {
      const Message name = Message().bytes(2, metric);
      experiment.message(5, Message().message(1, name));
    }
    EventFile file(study_.created);
    add_hparams(file, study_.created, "_hparams_/experiment", experiment_field, experiment);
    return file;
  }

  EventFile run_of(const TrialRecord& trial) {
    const double start = trial.started.value_or(study_.created);
    const double end = std::max(start, trial.ended.value_or(start + trial.seconds));
    const auto wall = [&](int step) {
      return trial.steps > 0 ? start + (end - start) * std::min(step, trial.steps) / trial.steps
                             : start;
    };
    EventFile file(start);
    Message begun;
    for (const auto& [name, value] : trial.config)
      begun.message(1, Message().bytes(1, name).message(2, protobuf_value(value)));
    begun.bytes(4, fmt::format("{}#{}", study_.name, trial.number)).real(5, start);
    add_hparams(file, start, "_hparams_/session_start_info", start_field, begun);
    for (const StepRow& row : store_.curve(study_.id, trial.number)) {
      for (const auto* values : {&row.results, &row.timings}) {
        for (const auto& [metric, value] : *values) {
          file.scalar(wall(row.step), row.step, metric, static_cast<float>(value));
          if (std::find(metrics_.begin(), metrics_.end(), metric) == metrics_.end())
            metrics_.push_back(metric);
        }
      }
    }
    for (const Artifact& artifact : store_.artifacts(study_.id, trial.number))
      add(file, wall(artifact.step), artifact, trial.number);
    if (is_finished(trial.state) || trial.state == State::running) {
      const bool good = trial.state == State::completed || trial.state == State::stopped;
      const int status = trial.state == State::running ? running : good ? success : failure;
      add_hparams(file, end, "_hparams_/session_end_info", end_field,
                  Message().integer(1, status).real(2, end));
    }
    return file;
  }

  void add(EventFile& file, double wall, const Artifact& artifact, int number) {
    try {
      if (artifact.kind == "histogram") {
        file.add(wall, artifact.step, artifact.name, Message().message(5, *histogram(artifact)));
      } else if (const auto png = png_of(artifact)) {
        file.add(wall, artifact.step, artifact.name,
                 Message().message(4, Message()
                                          .integer(1, png->height)
                                          .integer(2, png->width)
                                          .integer(3, png->channels)
                                          .bytes(4, png->bytes)));
      } else if (artifact.kind != "log" && left_out_.insert(artifact.kind).second) {
        notes_.push_back(
            fmt::format("{}: no picture to TensorBoard, left out", printable(artifact.kind)));
      }
    } catch (const std::exception& error) {  // ours, and those of JSON
      notes_.push_back(fmt::format("#{} step {}: '{}' is damaged and left out: {}", number,
                                   artifact.step, printable(artifact.name), error.what()));
    }
  }

  const Store& store_;
  const StudyRecord& study_;
  fs::path to_;
  ExportNotes& notes_;
  std::vector<std::string> metrics_;
  std::set<std::string> left_out_;
};

}  // namespace

void export_tensorboard(const Store& store, const StudyRecord& study, const fs::path& to,
                        ExportNotes& notes) {
  Exporter(store, study, to, notes).run();
}

}  // namespace vernier::store
