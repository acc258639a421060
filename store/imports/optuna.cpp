#include "store/imports/optuna.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>

#include "core/error.h"
#include "core/text.h"
#include "store/sqlite/connection.h"

namespace vernier::store {
namespace {

namespace fs = std::filesystem;
using Kind = OptunaDistribution::Kind;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr int most_levels = 32;

/// "2026-11-21 23:33:55.761414", local time.
std::optional<double> wall_of(const std::string& text) {
  std::tm parts{};
  const char* end = strptime(text.c_str(), "%Y-%m-%d %H:%M:%S", &parts);
  if (!end) return std::nullopt;
  parts.tm_isdst = -1;
  const std::time_t seconds = std::mktime(&parts);
  const auto fraction = *end == '.' ? parse_double("0" + std::string(end)) : std::nullopt;
  return static_cast<double>(seconds) + fraction.value_or(0);
}

class Reader {
 public:
  explicit Reader(const fs::path& file) : db_(file, sqlite::Access::read, 5000) {
    db_.execute("PRAGMA query_only = ON; PRAGMA cell_size_check = ON");
  }

  std::vector<OptunaStudy> run() {
    const sqlite::ReadScope scope(db_);
    check_version();
    std::vector<OptunaStudy> studies;
    std::vector<std::int64_t> ids;
    auto row = db_.query("SELECT study_id, study_name FROM studies ORDER BY study_id");
    while (row.next()) {
      ids.push_back(row.integer(0));
      studies.push_back({row.text(1), {}, {}, {}, {}});
    }
    for (std::size_t i = 0; i < studies.size(); ++i) read(ids[i], studies[i]);
    return studies;
  }

 private:
  [[noreturn]] void refuse(const std::string& where, const std::string& what) const {
    vernier::fail<StoreError>("[{}] {}: {}", db_.file().string(), printable(where), what);
  }

  void check_version() {
    auto table = db_.query(
        "SELECT count(*) FROM sqlite_schema WHERE name IN ('alembic_version', 'version_info', "
        "'studies', 'trials')");
    table.next();
    if (table.integer(0) != 4) refuse("no Optuna database", "expected its tables");
    std::string head;
    if (auto row = db_.query("SELECT version_num FROM alembic_version"); row.next())
      head = row.text(0);
    if (head != "v3.2.0.a" && head != "v3.0.0.d")
      refuse(fmt::format("schema '{}'", head),
             "expected v3.2.0.a; `optuna storage upgrade` brings an older one there");
  }

  Json parse(const std::string& text, const std::string& where) const {
    if (text.size() > 1'000'000) refuse(where, "a JSON text above 1 MB");
    const auto callback = [&](int depth, Json::parse_event_t, Json&) {
      if (depth > most_levels)
        refuse(where, fmt::format("JSON nested more than {} deep", most_levels));
      return true;
    };
    Json json = Json::parse(text, callback, false);
    if (json.is_discarded())
      refuse(where, fmt::format("'{}' is no JSON", printable(text.substr(0, 60))));
    return json;
  }

  OptunaDistribution distribution(const std::string& text, const std::string& where) const {
    const Json json = parse(text, where);
    OptunaDistribution found;
    try {
      const std::string name = json.at("name").get<std::string>();
      const Json& a = json.at("attributes");
      if (name == "CategoricalDistribution") {
        found.kind = Kind::categorical;
        found.choices = a.at("choices");
        if (!found.choices.is_array() || found.choices.empty()) refuse(where, "no choices");
        for (const Json& choice : found.choices)
          if (choice.is_structured()) refuse(where, "a choice that is a list or an object");
        return found;
      }
      const bool known = name == "FloatDistribution" || name == "IntDistribution";
      if (!known)
        refuse(where, fmt::format("'{}'; expected a float, int or categorical distribution",
                                  printable(name)));
      if (name == "IntDistribution") found.kind = Kind::integer;
      found.low = a.at("low").get<double>();
      found.high = a.at("high").get<double>();
      found.log = a.value("log", false);
      if (a.contains("step") && !a["step"].is_null()) found.step = a["step"].get<double>();
    } catch (const Json::exception& error) {
      refuse(where, fmt::format("a distribution that Optuna does not write: {}", error.what()));
    }
    const bool whole = found.kind == Kind::real ||
                       (found.low == std::floor(found.low) && found.high == std::floor(found.high));
    if (!std::isfinite(found.low) || !std::isfinite(found.high) || found.low > found.high ||
        !whole || std::fabs(found.low) > 1e15 || std::fabs(found.high) > 1e15)
      refuse(where, fmt::format("a range from {} to {}", found.low, found.high));
    if (found.step && !(*found.step > 0 && std::isfinite(*found.step)))
      refuse(where, fmt::format("a step of {}", *found.step));
    return found;
  }

  void widen(OptunaDistribution& known, const OptunaDistribution& other,
             const std::string& where) const {
    if (known.kind != other.kind || known.log != other.log || known.choices != other.choices)
      refuse(where, "its trials have distributions of different kinds or choices");
    if (known.step != other.step ||
        (known.step && std::fmod(other.low - known.low, *known.step) != 0))
      known.step = known.kind == Kind::integer ? std::optional(1.0) : std::nullopt;
    known.low = std::min(known.low, other.low);
    known.high = std::max(known.high, other.high);
  }

  Json external(const OptunaDistribution& d, double value, const std::string& where) const {
    if (d.kind == Kind::categorical) {
      const bool index =
          value >= 0 && value < static_cast<double>(d.choices.size()) && value == std::floor(value);
      if (!index) refuse(where, fmt::format("choice {} of {}", value, d.choices.size()));
      return d.choices[static_cast<std::size_t>(value)];
    }
    if (!(value >= d.low && value <= d.high))
      refuse(where, fmt::format("{} outside its range {} .. {}", value, d.low, d.high));
    if (d.kind == Kind::real) return value;
    if (value != std::floor(value)) refuse(where, fmt::format("{} is no whole number", value));
    return std::llround(value);
  }

  /// SQLite would read a text as 0.
  double number(const sqlite::Cursor& row, int column, const std::string& where) const {
    const Value value = row.value(column);
    if (!is_number(value))
      refuse(where, fmt::format("{} is '{}'; expected a number", row.name(column),
                                printable(to_text(value).substr(0, 60))));
    return as_number(value);
  }
  int small(const sqlite::Cursor& row, int column, const std::string& where) const {
    const double value = number(row, column, where);
    if (!(value >= 0 && value <= 100'000'000) || value != std::floor(value))
      refuse(where, fmt::format("{} is {}; expected a whole number from 0 to 100000000",
                                row.name(column), value));
    return static_cast<int>(value);
  }

  double typed(const sqlite::Cursor& row, int value, int type, const std::string& where) const {
    const std::string name = row.text(type);
    if (name == "INF_POS") return infinity;
    if (name == "INF_NEG") return -infinity;
    if (name == "NAN") return std::nan("");
    if (name != "FINITE") refuse(where, fmt::format("a value of type '{}'", printable(name)));
    return number(row, value, where);
  }

  void read(std::int64_t id, OptunaStudy& study) {
    const std::string here = fmt::format("study '{}'", study.name);
    auto direction = db_.query(
        "SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective", id);
    while (direction.next()) {
      const std::string text = direction.text(0);
      if (text != "MAXIMIZE" && text != "MINIMIZE" && text != "NOT_SET")
        refuse(here, fmt::format("direction '{}'", printable(text)));
      study.maximize.push_back(text == "MAXIMIZE");
    }
    if (study.maximize.empty()) study.maximize = {false};
    auto names = db_.query(
        "SELECT value_json FROM study_system_attributes WHERE study_id = ? AND \"key\" = "
        "'study:metric_names'",
        id);
    if (names.next()) {
      for (const Json& name : parse(names.text(0), here + ", metric names"))
        study.metrics.push_back(name.is_string() ? name.get<std::string>() : name.dump());
      if (study.metrics.size() != study.maximize.size())
        refuse(here, "as many metric names as directions were expected");
    }
    std::vector<std::int64_t> ids;
    auto row = db_.query(
        "SELECT trial_id, number, state, datetime_start, datetime_complete FROM trials WHERE "
        "study_id = ? ORDER BY number, trial_id",
        id);
    while (row.next()) {
      OptunaTrial trial;
      trial.number = small(row, 1, here);
      if (!study.trials.empty() && study.trials.back().number == trial.number)
        refuse(here, fmt::format("two trials with number {}", trial.number));
      trial.state = row.text(2);
      static const std::vector<std::string> states{"COMPLETE", "PRUNED", "FAIL", "RUNNING",
                                                   "WAITING"};
      if (std::find(states.begin(), states.end(), trial.state) == states.end())
        refuse(here, fmt::format("state '{}' of trial {}{}", printable(trial.state), trial.number,
                                 hint(trial.state, states)));
      trial.started = wall_of(row.text(3));
      trial.ended = wall_of(row.text(4));
      ids.push_back(row.integer(0));
      study.trials.push_back(std::move(trial));
    }
    for (std::size_t i = 0; i < ids.size(); ++i)
      read_trial(ids[i], study, study.trials[i],
                 fmt::format("{}, trial {}", here, study.trials[i].number));
  }

  void read_trial(std::int64_t id, OptunaStudy& study, OptunaTrial& trial,
                  const std::string& here) {
    auto param = db_.query(
        "SELECT param_name, param_value, distribution_json FROM trial_params WHERE trial_id = ? "
        "ORDER BY param_id",
        id);
    while (param.next()) {
      const std::string name = param.text(0), where = here + ", parameter '" + name + "'";
      const OptunaDistribution d = distribution(param.text(2), where);
      trial.params.emplace_back(name, external(d, number(param, 1, where), where));
      const auto known = std::find_if(study.params.begin(), study.params.end(),
                                      [&](const auto& p) { return p.first == name; });
      if (known == study.params.end()) {
        study.params.emplace_back(name, d);
      } else {
        widen(known->second, d, where);
      }
    }
    auto value = db_.query(
        "SELECT objective, value, value_type FROM trial_values WHERE trial_id = ? ORDER BY "
        "objective",
        id);
    while (value.next()) {
      if (small(value, 0, here) != static_cast<int>(trial.values.size()))
        refuse(here, "its objectives are not 0, 1, ...");
      trial.values.push_back(typed(value, 1, 2, here));
    }
    auto step = db_.query(
        "SELECT step, intermediate_value, intermediate_value_type FROM trial_intermediate_values "
        "WHERE trial_id = ? ORDER BY step",
        id);
    while (step.next()) {
      const int at = small(step, 0, here);
      if (!trial.intermediate.empty() && trial.intermediate.back().first == at)
        refuse(here, fmt::format("step {} is there twice", at));
      trial.intermediate.emplace_back(at, typed(step, 1, 2, here));
    }
    auto user = db_.query(
        "SELECT \"key\", value_json FROM trial_user_attributes WHERE trial_id = ? ORDER BY "
        "trial_user_attribute_id",
        id);
    while (user.next()) trial.user[user.text(0)] = parse(user.text(1), here + ", a user attribute");
  }

  sqlite::Connection db_;
};

}  // namespace

std::vector<OptunaStudy> read_optuna(const fs::path& file) {
  if (fs::is_directory(file)) fail<StoreError>("[{}] is a directory", file.string());
  if (!fs::exists(file)) fail<StoreError>("[{}] no such file", file.string());
  return Reader(file).run();
}

}  // namespace vernier::store
