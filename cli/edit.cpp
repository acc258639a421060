#include "cli/edit.h"

#include "cli/output.h"
#include "cli/trial_name.h"
#include "core/error.h"
#include "store/store.h"

namespace vernier::cli {
namespace {

void write_edit(store::Store& store, const Json& request) {
  const store::StudyRecord study = store.study(request["study"].get<std::string>());
  std::optional<int> number;
  if (request.contains("number")) number = request["number"].get<int>();
  const std::string what = request["do"];
  if (what == "note") {
    store.set_note(study.id, number, request["text"].get<std::string>());
  } else if (what == "tag") {
    store.set_tags(study.id, number, request["add"].get<std::vector<std::string>>(),
                   request["remove"].get<std::vector<std::string>>());
  } else if (!number) {
    fail<UsageError>("[stop] no search of study '{}' is running", study.name);
  } else if (const store::TrialRecord trial = store.trial(study.id, *number);
             store::is_finished(trial.state)) {
    fail<UsageError>("[stop] trial {}#{} is {} already", study.name, *number,
                     store::to_text(trial.state));
  } else {
    store::TrialEnd end;
    end.state = store::State::stopped;
    end.value = trial.value;
    end.reason = "stopped by a person";
    store.finish_trial(study.id, *number, end);
  }
}

}  // namespace

bool edit(const std::filesystem::path& db, const Json& request) {
  std::string held;
  try {
    store::Store writer = store::Store::open(db, store::Mode::write);
    write_edit(writer, request);
    return false;
  } catch (const StoreError& error) {
    held = error.what();  // another process writes: it may take the request
  }
  Json answer;
  try {
    answer = store::send_to_writer(db, request);
  } catch (const StoreError&) {
    fail<StoreError>("{}", held);
  }
  if (answer.contains("error")) fail<StoreError>("{}", answer["error"].get<std::string>());
  return true;
}

bool edit(const Options& options, const std::string& trial, Json request) {
  const TrialName name = parse_trial_name(trial);
  request["study"] = name.study;
  {
    const store::Store reader = open_database(options);
    reader.study(name.study);
    if (name.number || name.best) request["number"] = find_trial(reader, name).number;
  }
  return edit(database_of(options), request);
}

}  // namespace vernier::cli
