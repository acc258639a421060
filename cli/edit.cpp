#include "cli/edit.h"

#include "cli/output.h"
#include "cli/trial_name.h"
#include "core/error.h"
#include "store/edits.h"

namespace vernier::cli {
namespace {

void write(store::Store& store, const Json& request) {
  const store::Edit edit = store::read_edit(store, request);
  if (edit.kind != store::Edit::Kind::stop) return store::write_edit(store, edit);
  if (!edit.number) fail<UsageError>("[stop] no search of study '{}' is running", edit.study_name);
  const store::TrialRecord trial = store.trial(edit.study, *edit.number);
  if (store::is_finished(trial.state))
    fail<UsageError>("[stop] trial {}#{} is {} already", edit.study_name, *edit.number,
                     store::to_text(trial.state));
  store::TrialEnd end;
  end.state = store::State::stopped;
  end.value = trial.value;
  end.reason = "stopped by a person";
  store.finish_trial(edit.study, *edit.number, end);
}

}  // namespace

bool edit(const std::filesystem::path& db, const Json& request) {
  std::string held;
  try {
    store::Store writer = store::Store::open(db, store::Mode::write);
    write(writer, request);
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
