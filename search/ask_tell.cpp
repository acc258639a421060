#include "search/ask_tell.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <istream>
#include <map>
#include <ostream>

#include "core/error.h"
#include "core/json_reader.h"
#include "core/text.h"
#include "search/ask_tell_header.h"
#include "search/ask_tell_result.h"
#include "search/json_line.h"
#include "search/strategy.h"

namespace vernier::search {
namespace {

constexpr int most_asked = 10000;

class Conversation {
 public:
  Conversation(const Json& header, const AskTellOptions& options) : header_(header) {
    const auto [strategy_name, strategy_options] =
        chosen(header_.strategy, options.strategy, "full", "strategy");
    const auto [sampler_name, sampler_options] =
        chosen(header_.sampler, options.sampler, default_sampler(strategy_name), "sampler");
    SamplerContext sampler;
    sampler.space = &header_.space();
    sampler.seed = header_.seed;
    sampler.budget = header_.budget;
    sampler.objectives = static_cast<int>(header_.maximize.size());
    sampler.options = sampler_options;
    StrategyContext strategy;
    strategy.sampler = make_sampler(sampler_name, sampler);
    strategy.trials = INT_MAX;  // the program ends the search
    strategy.max_steps = header_.max_epochs.value_or(1);
    strategy.options = strategy_options;
    strategy.space = &header_.space();
    strategy.seed = header_.seed;
    strategy.maximize = header_.maximize.front();
    const auto infos = strategies();
    const bool has_rungs =
        std::any_of(infos.begin(), infos.end(), [&, &name = strategy_name](const auto& info) {
          return info.name == name &&
                 std::any_of(info.options.begin(), info.options.end(),
                             [](const std::string& option) { return option.starts_with("eta:"); });
        });
    if (has_rungs && header_.min_epochs && !strategy.options.contains("min_steps"))
      strategy.options["min_steps"] = std::max(1, *header_.min_epochs);
    strategy_ = make_strategy(strategy_name, std::move(strategy));
  }

  std::optional<Json> answer(const Json& message) {
    if (const auto asked = message.find("ask"); asked != message.end()) return ask(message);
    if (const auto told = message.find("tell"); told != message.end()) {
      tell(*told);
      return std::nullopt;
    }
    if (const auto reported = message.find("report"); reported != message.end())
      return report(*reported);
    if (message.contains("params"))
      fail<UsageError>("[line] a second header; expected ask, tell or report");
    fail<UsageError>("[line] found {}; expected ask, tell or report", shown(message));
  }

 private:
  struct Known {
    int number = 0;
    Json id;
    bool running = true;
    bool foreign = false;
    int epochs = 0;          // it runs until
    int reported = 0;        // the last epoch reported
    double best = HUGE_VAL;  // reported so far, minimised
    Verdict verdict = Verdict::proceed;
  };

  static std::pair<std::string, Json> chosen(const Json& from_header,
                                             const std::string& from_command,
                                             const std::string& otherwise, const char* what) {
    if (!from_command.empty()) {
      const bool same =
          from_header.is_object() && from_header.value("type", Json()) == Json(from_command);
      return {from_command, same ? from_header : Json::object()};
    }
    if (from_header.is_null()) return {otherwise, Json::object()};
    if (from_header.is_string()) return {from_header.get<std::string>(), Json::object()};
    if (!from_header.is_object())
      fail<UsageError>("[header] {} is {}; expected a name or an object with type", what,
                       shown(from_header));
    return {JsonReader(from_header, what).text("type", otherwise), from_header};
  }

  static std::string key_of(const Json& object) {
    const auto id = object.find("id");
    if (id == object.end() || !(id->is_string() || id->is_number_integer()))
      fail<UsageError>("[line] found no id in {}; expected a number or a text", shown(object));
    return id->dump();
  }

  Known& running(const Json& object) {
    const std::string key = key_of(object);
    const auto known = known_.find(key);
    if (known == known_.end())
      fail<UsageError>("[line] unknown id {}; expected that of a running trial",
                       shown(object.at("id")));
    if (!known->second.running)
      fail<UsageError>("[line] trial {} is not running; expected a running one",
                       shown(object.at("id")));
    return known->second;
  }

  Json offer(Known& known, const Config& config, int until) {
    Json trial = {{"id", known.id}, {"params", header_.params(config)}};
    known.running = true;
    known.epochs = std::min(until, strategy_->next_decision(known.number));
    if (header_.max_epochs) trial["epochs"] = known.epochs;
    return trial;
  }

  Json ask(const Json& message) {
    const auto wanted = JsonReader(message, "").integer("ask", 1, 1, most_asked);
    Json trials = Json::array();
    while (static_cast<std::int64_t>(trials.size()) < wanted) {
      const Ask next = strategy_->ask();
      if (const auto* start = std::get_if<Start>(&next)) {
        while (known_.contains(Json(next_id_).dump())) ++next_id_;
        Known& known = known_[Json(next_id_).dump()];
        known.number = last_number_ = start->number;
        known.id = next_id_++;
        by_number_[start->number] = {known.id.dump(), start->config};
        trials.push_back(offer(known, start->config, start->until));
        if (start->clone_of)
          trials.back()["clone_of"] = known_.at(by_number_.at(*start->clone_of).first).id;
      } else if (const auto* resume = std::get_if<Resume>(&next)) {
        const auto& [key, config] = by_number_.at(resume->number);
        trials.push_back(offer(known_.at(key), config, resume->until));
      } else if (!std::holds_alternative<Drop>(next)) {
        break;
      }
    }
    return {{"trials", trials}};
  }

  void tell(const Json& told) {
    if (!told.is_object()) fail<UsageError>("[tell] found {}; expected an object", shown(told));
    const std::string key = key_of(told);
    const bool foreign =
        told.contains("params") && (!known_.contains(key) || known_.at(key).foreign);
    if (foreign) return tell_foreign(key, told);
    Known& known = running(told);
    AskTellResult reading = read_result(told, header_);
    if (reading.value) reading.value = best_so_far(known, *reading.value);
    const int epoch = reading.epoch.value_or(header_.max_epochs ? known.epochs : 1);
    finish(known, reading, epoch);
    known.running = false;
  }

  /// NaN where `now` is: a strategy may act on it.
  static double best_so_far(Known& known, double now) {
    if (std::isnan(now)) return now;
    return known.best = std::min(known.best, now);
  }

  void finish(Known& known, const AskTellResult& reading, int epoch) {
    const auto end = [&](Outcome outcome) {
      strategy_->tell(known.number, {outcome, reading.value, epoch, reading.values});
    };
    if (reading.failed) return end(Outcome::failed);
    if (reading.stopped.value_or(false))
      return end(known.verdict == Verdict::pause ? Outcome::pending : Outcome::stopped);
    const bool whole = !header_.max_epochs || epoch >= *header_.max_epochs || epoch < known.epochs;
    if (whole) return end(Outcome::completed);
    if (known.reported < epoch)
      known.verdict = strategy_->report(known.number, {epoch, *reading.value});
    end(known.verdict == Verdict::stop ? Outcome::stopped : Outcome::pending);
  }

  void tell_foreign(const std::string& key, const Json& told) {
    const Config config = header_.config(told.at("params"));
    const AskTellResult reading = read_result(told, header_);
    PastTrial past;
    past.number = last_number_ + 1;
    past.config = config;
    past.steps = reading.epoch.value_or(header_.max_epochs.value_or(1));
    past.outcome = reading.failed ? Outcome::failed : Outcome::completed;
    past.value = reading.value;
    past.values = reading.values;
    if (!reading.failed && header_.max_epochs && past.steps < *header_.max_epochs) {
      past.outcome = Outcome::stopped;
      past.reports.push_back({past.steps, *reading.value});
    }
    strategy_->replay({&past, 1});
    last_number_ = past.number;
    Known& known = known_[key];
    known.number = past.number;
    known.running = false;
    known.foreign = true;
  }

  Json report(const Json& reported) {
    if (!reported.is_object())
      fail<UsageError>("[report] found {}; expected an object", shown(reported));
    Known& known = running(reported);
    JsonReader reader(reported, "report");
    const auto epoch = reader.optional_integer("epoch", 1, most_epochs);
    if (!epoch) reader.refuse("epoch", "is missing; expected a number from 1");
    const Json* value = reader.find("value");
    if (!value) reader.refuse("value", "is missing; expected a number");
    known.reported = std::max(known.reported, static_cast<int>(*epoch));
    const double now = minimised(header_, *value, 0).value_or(NAN);
    known.verdict =
        strategy_->report(known.number, {static_cast<int>(*epoch), best_so_far(known, now)});
    constexpr const char* names[] = {"continue", "pause", "stop"};
    return {{"decision", names[static_cast<int>(known.verdict)]}};
  }

  AskTellHeader header_;
  std::unique_ptr<Strategy> strategy_;
  std::map<std::string, Known> known_;                       // by id, as JSON
  std::map<int, std::pair<std::string, Config>> by_number_;  // id and configuration
  std::int64_t next_id_ = 0;
  int last_number_ = 0;
};

}  // namespace

void ask_tell(std::istream& in, std::ostream& out, const AskTellOptions& options) {
  std::unique_ptr<Conversation> conversation;
  const auto say = [&](const Json& json) {
    out << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n' << std::flush;
  };
  std::string line;
  while (std::getline(in, line)) {
    if (trim(line).empty()) continue;
    try {
      const Json message = parse_json_line(line);
      if (conversation) {
        if (const auto answer = conversation->answer(message)) say(*answer);
      } else {
        if (!message.contains("params"))
          fail<UsageError>("[line] found {}; expected a header with params first", shown(message));
        conversation = std::make_unique<Conversation>(message, options);
      }
    } catch (const std::exception& error) {
      say({{"error", error.what()}});
    }
  }
}

}  // namespace vernier::search
