#include <fmt/ostream.h>

#include <condition_variable>
#include <mutex>
#include <ostream>

#include "cli/edit.h"
#include "cli/output.h"
#include "cli/stop_signals.h"
#include "core/error.h"
#include "core/text.h"
#include "reports/html/page.h"
#include "reports/live/follower.h"
#include "reports/live/server.h"

namespace vernier::cli {

int serve(const Invocation& invocation) {
  Options options(
      "serve [STUDY...] [options]",
      "Shows the page of some studies (default: the newest 20) on http://127.0.0.1, "
      "live while a search runs. From another machine: ssh -L 8787:127.0.0.1:8787 HOST.");
  options.argument("STUDY", 0, -1).database();
  options.value("port", "N", "the port (default: the first free one from 8787 on)")
      .flag("edit", "allow notes, tags and stops to whoever opens the link with the token");
  if (!options.parse(invocation)) return 0;
  open_database(options);
  const int port = options.has("port") ? static_cast<int>(*options.integer("port", 1, 65535))
                                       : reports::live::free_port(8787);
  const StopSignals signals;
  const std::filesystem::path db = database_of(options);
  const bool editing = options.has("edit");
  reports::live::FollowerOptions following;
  following.db = db;
  following.studies = options.list("STUDY");
  if (editing) following.edit = [&](const Json& request) { edit(db, request); };
  following.complain = [&](const std::string& text) {
    fmt::print(invocation.err, "{}\n", printable(text));
  };
  reports::live::Follower follower(following);
  const std::string token = editing ? reports::live::new_token() : "";
  const std::string title =
      following.studies.empty() ? db.filename().string() : join(following.studies, ", ");
  const reports::live::Site site(reports::page_template(), follower, {port, title, token});
  const reports::live::Server server(site, port);
  fmt::print(invocation.out, "http://127.0.0.1:{}/{}\n", port,
             editing ? "#token=" + token : std::string());
  invocation.out.flush();
  fmt::print(invocation.err, "{}; Ctrl-C ends it\n",
             editing ? "whoever has this link may write notes and tags and stop trials"
                     : "read-only (--edit allows notes, tags and stops)");
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, signals.requests().pause, [] { return false; });
  return 0;
}

}  // namespace vernier::cli
