// What Python sees of the library: the classes as they are, without the GIL while they work. src/vernier gives them Optuna's names.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <vernier/vernier.h>

#include <optional>
#include <string>
#include <vector>

namespace py = pybind11;
using namespace vernier;

namespace {

using Free = py::call_guard<py::gil_scoped_release>;

/// What the wrapper in Python makes of an objective: its values, or ("failed" | "stopped" | "ended" | "interrupted", reason). `ended`: failed, and the
/// search ends with it.
std::vector<double> outcome_of(const py::object& result, bool& ended) {
  if (!py::isinstance<py::tuple>(result)) return result.cast<std::vector<double>>();
  const auto [what, reason] = result.cast<std::pair<std::string, std::string>>();
  if (what == "stopped") throw TrialStopped();
  if (what == "interrupted") throw Interrupted();
  if (what == "failed") throw std::runtime_error(reason);
  ended = true;
  throw UsageError(reason);
}

void optimize(Study& study, const py::function& objective, int n, std::optional<double> seconds,
              int threads, const std::optional<py::function>& after) {
  bool ended = false, interrupted = false;  // read and written with the GIL
  std::optional<py::error_already_set> raised;
  OptimizeOptions options{.threads = threads, .seconds = seconds};
  if (after)
    options.after = [&](int number) {
      const py::gil_scoped_acquire held;
      if (!(*after)(number).cast<bool>()) throw Interrupted();  // Python raises what it raised
    };
  options.idle = [&] {  // Python looks at signals between the lines of the main thread only
    const py::gil_scoped_acquire held;
    if (PyErr_CheckSignals() == 0) return;
    raised.emplace();
    throw Interrupted();
  };
  try {
    const py::gil_scoped_release free;
    study.optimize(
        [&](Trial& trial) -> std::vector<double> {
          const py::gil_scoped_acquire held;
          py::object result;
          try {
            result = objective(trial);
          } catch (py::error_already_set& error) {
            // Ctrl-C before the wrapper's first line; else it lets nothing through but its own faults.
            interrupted = error.matches(PyExc_KeyboardInterrupt);
            if (interrupted) throw Interrupted();
            throw std::runtime_error(error.what());
          }
          return outcome_of(result, ended);
        },
        n, options);
  } catch (const UsageError&) {
    if (!ended) throw;  // else Python raises what its objective raised
  }
  if (raised) throw *raised;
  if (!interrupted) return;
  PyErr_SetNone(PyExc_KeyboardInterrupt);
  throw py::error_already_set();
}

Study open_study(const std::string& name, const std::string& database, const std::string& sampler,
                 const std::map<std::string, Value>& sampler_options, const std::string& strategy,
                 const std::map<std::string, Value>& strategy_options, int max_steps,
                 const std::optional<std::vector<Direction>>& directions,
                 const std::vector<std::string>& metrics, std::optional<std::uint64_t> seed,
                 int trials, const std::string& note, const std::optional<Space>& space) {
  StudyOptions options{.name = name, .database = database, .sampler = sampler};
  options.seed = seed;
  options.trials = trials;
  options.strategy = strategy;
  options.max_steps = max_steps;
  options.space = space;
  if (directions) options.directions = *directions;
  options.metrics = metrics;
  options.sampler_options = sampler_options;
  options.strategy_options = strategy_options;
  options.note = note;
  return Study(options);
}

void bind_records(py::module_& m) {
  py::enum_<Direction>(m, "Direction")
      .value("minimize", Direction::minimize)
      .value("maximize", Direction::maximize);
  py::enum_<State> states(m, "State");
  for (const State state :
       {State::waiting, State::running, State::paused, State::completed, State::stopped,
        State::failed, State::diverged, State::infeasible, State::interrupted})
    states.value(to_text(state).c_str(), state);
  py::class_<TrialInfo>(m, "TrialInfo")
      .def_readonly("number", &TrialInfo::number)
      .def_readonly("state", &TrialInfo::state)
      .def_property_readonly("params",
                             [](const TrialInfo& trial) {
                               py::dict params;
                               for (const auto& [name, value] : trial.params)
                                 params[py::str(name)] = value;
                               return params;
                             })
      .def_readonly("value", &TrialInfo::value)
      .def_readonly("values", &TrialInfo::values)
      .def_readonly("steps", &TrialInfo::steps)
      .def_readonly("seconds", &TrialInfo::seconds)
      .def_readonly("started", &TrialInfo::started)
      .def_readonly("ended", &TrialInfo::ended)
      .def_readonly("reason", &TrialInfo::reason)
      .def_readonly("attributes", &TrialInfo::attributes);
  py::class_<StudyInfo>(m, "StudyInfo")
      .def_readonly("name", &StudyInfo::name)
      .def_readonly("note", &StudyInfo::note)
      .def_readonly("sampler", &StudyInfo::sampler)
      .def_readonly("strategy", &StudyInfo::strategy)
      .def_readonly("state", &StudyInfo::state)
      .def_readonly("objectives", &StudyInfo::objectives)
      .def_readonly("params", &StudyInfo::params)
      .def_readonly("planned", &StudyInfo::planned)
      .def_readonly("created", &StudyInfo::created);
}

void bind_space(py::module_& m) {
  const auto scale = [](bool log) { return log ? Scale::log : Scale::linear; };
  py::class_<Space>(m, "Space")
      .def(py::init<>())
      .def("add_float",
           [=](Space& space, const std::string& name, double low, double high, bool log,
               const std::string& when) { space.add_float(name, low, high, scale(log), when); })
      .def("add_stepped",
           [](Space& space, const std::string& name, double low, double high, double step,
              const std::string& when) { space.add_stepped(name, low, high, step, when); })
      .def("add_int",
           [=](Space& space, const std::string& name, std::int64_t low, std::int64_t high, bool log,
               std::int64_t step,
               const std::string& when) { space.add_int(name, low, high, scale(log), step, when); })
      .def("add_categorical",
           [](Space& space, const std::string& name, const std::vector<Value>& choices,
              const std::string& when) { space.add_categorical(name, choices, when); })
      .def("add_constraint",
           [](Space& space, const std::string& expression) { space.add_constraint(expression); });
}

void bind_trial(py::module_& m) {
  py::class_<Trial>(m, "Trial")
      .def_property_readonly("number", &Trial::number)
      .def(
          "suggest_float",
          [](Trial& trial, const std::string& name, double low, double high, bool log) {
            return trial.suggest_float(name, low, high, log ? Scale::log : Scale::linear);
          },
          Free())
      .def(
          "suggest_stepped",
          [](Trial& trial, const std::string& name, double low, double high, double step) {
            return trial.suggest_float(name, low, high, step);
          },
          Free())
      .def(
          "suggest_int",
          [](Trial& trial, const std::string& name, std::int64_t low, std::int64_t high,
             std::int64_t step, bool log) {
            return log ? trial.suggest_int(name, low, high, Scale::log)
                       : trial.suggest_int(name, low, high, step);
          },
          Free())
      .def("suggest_value", &Trial::suggest_value, Free())
      .def("report", &Trial::report, Free())
      .def("should_stop", &Trial::should_stop, Free())
      .def("last_step", &Trial::last_step, Free())
      .def("set_attribute", &Trial::set_attribute, Free())
      .def("params", &Trial::params, Free());
}

void bind_study(py::module_& m) {
  py::class_<Study>(m, "Study")
      .def(py::init(&open_study), Free())
      .def("ask", &Study::ask, Free())
      .def("tell", py::overload_cast<int, const std::vector<double>&>(&Study::tell), Free())
      .def("end", py::overload_cast<int, State, const std::string&>(&Study::tell), Free())
      .def("enqueue", &Study::enqueue, Free())
      .def("add", &Study::add, Free())
      .def("stop", &Study::stop, Free())
      .def("optimize", &optimize)
      .def("name", &Study::name)
      .def("database", &Study::database)
      .def("directions", &Study::directions)
      .def("planned", &Study::planned)
      .def("best", &Study::best, Free())
      .def("front", &Study::front, Free())
      .def("trials", &Study::trials, Free())
      .def("trial", &Study::trial, Free());
}

void bind_database(py::module_& m) {
  py::class_<Database>(m, "Database")
      .def(py::init<const std::string&>(), Free())
      .def("studies", &Database::studies, Free())
      .def("study", &Database::study, Free())
      .def("trials", &Database::trials, Free())
      .def(
          "curve",
          [](const Database& database, const std::string& study, int number) {
            std::vector<std::pair<int, Metrics>> points;
            for (CurvePoint& point : database.curve(study, number))
              points.emplace_back(point.step, std::move(point.metrics));
            return points;
          },
          Free());
}

}  // namespace

PYBIND11_MODULE(_vernier, m) {
  // The last registered is tried first: bases before what derives from them.
  auto& error = py::register_exception<Error>(m, "Error", PyExc_RuntimeError);
  const auto derived = [&](PyObject* other) {
    return py::make_tuple(error, py::reinterpret_borrow<py::object>(other));
  };
  py::register_exception<UsageError>(m, "UsageError", derived(PyExc_ValueError));
  py::register_exception<NotFoundError>(m, "NotFoundError", derived(PyExc_LookupError));
  py::register_exception<StoreError>(m, "StoreError", derived(PyExc_OSError));
  py::register_exception<SpaceExhausted>(m, "SpaceExhausted", error);
  bind_records(m);
  bind_space(m);
  bind_trial(m);
  bind_study(m);
  bind_database(m);
}
