#include "store/edits.h"

#include "core/error.h"

namespace vernier::store {
namespace {

std::vector<std::string> words(const Json& request, const char* key) {
  return request.contains(key) ? request[key].get<std::vector<std::string>>()
                               : std::vector<std::string>();
}

Edit::Kind kind_of(const std::string& what) {
  if (what == "note") return Edit::Kind::note;
  if (what == "tag") return Edit::Kind::tag;
  if (what == "stop") return Edit::Kind::stop;
  fail<UsageError>("[edit] unknown request '{}'; expected note, tag or stop", what);
}

}  // namespace

Edit read_edit(const Store& store, const Json& request) {
  try {
    Edit edit;
    edit.kind = kind_of(request.at("do").get<std::string>());
    edit.study_name = request.at("study").get<std::string>();
    edit.study = store.study(edit.study_name).id;
    if (request.contains("number"))
      edit.number = store.trial(edit.study, request["number"].get<int>()).number;
    if (edit.kind == Edit::Kind::note) edit.text = request.at("text").get<std::string>();
    edit.add = words(request, "add");
    edit.remove = words(request, "remove");
    return edit;
  } catch (const Json::exception& error) {
    fail<UsageError>("[edit] {}; expected a request", error.what());
  }
}

void write_edit(Store& store, const Edit& edit) {
  if (edit.kind == Edit::Kind::note) store.set_note(edit.study, edit.number, edit.text);
  if (edit.kind == Edit::Kind::tag) store.set_tags(edit.study, edit.number, edit.add, edit.remove);
}

}  // namespace vernier::store
