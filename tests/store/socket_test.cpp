// Editing commands reach the writer through FILE.sock; nobody else's bytes disturb it.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "store/socket_path.h"
#include "tests/store/helpers.h"

namespace vernier::store::test {
namespace {

/// Sends in a thread while this one answers.
std::string exchange(WriterSocket& socket, const std::filesystem::path& db, const Json& request,
                     const WriterSocket::Handler& handler) {
  std::atomic<bool> done = false;
  std::string reply;
  std::thread sender([&] {
    try {
      reply = send_to_writer(db, request).dump();
    } catch (const StoreError& error) {
      reply = error.what();
    }
    done = true;
  });
  while (!done) {
    socket.poll(handler);
    std::this_thread::yield();
  }
  sender.join();
  return reply;
}

}  // namespace

TEST_CASE("a request is answered by the writer; the socket is its owner's alone") {
  const TempFolder folder;
  auto deep = folder.path();
  for (int i = 0; i < 8; ++i)
    deep /= "a-folder-with-a-name-that-is-long";  // beyond the 107 bytes of a socket's path
  std::filesystem::create_directories(deep);
  for (const auto& db : {folder.db(), deep / "v.db", deep / (std::string(200, 'n') + ".db")}) {
    CAPTURE(db.string());
    WriterSocket socket(db);
    struct stat info {};
    REQUIRE(stat(socket_path(db).c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    const auto handler = [](const Json& request) -> Json {
      if (request["do"] == "fail") throw UsageError("no such thing");
      return {{"ok", true}, {"text", request["text"]}};
    };
    CHECK(exchange(socket, db, {{"do", "note"}, {"text", "line\nbreak \xC3\xA9"}}, handler) ==
          Json({{"ok", true}, {"text", "line\nbreak \xC3\xA9"}}).dump());
    CHECK(exchange(socket, db, {{"do", "fail"}}, handler) == "{\"error\":\"no such thing\"}");
    CHECK(contains(exchange(socket, db, "just a text", handler), "expected one JSON object"));
    CHECK(contains(exchange(socket, db, {{"do", std::string(2'000'000, 'x')}}, handler), "writer"));
    CHECK(contains(
        exchange(socket, db, {{"do", "x"}, {"text", std::string(100'000, 'x')}}, handler), "xxx"));
  }
  CHECK(contains(store_error([&] {
                   send_to_writer(folder.db(), {{"do", "note"}});
                 }),
                 "no writer listens"));
}

TEST_CASE("many at once are all answered") {
  const TempFolder folder;
  WriterSocket socket(folder.db());
  std::atomic<int> answered = 0, left = 20;
  std::vector<std::thread> senders;
  for (int i = 0; i < 20; ++i) {
    senders.emplace_back([&, i] {
      try {
        answered += send_to_writer(folder.db(), {{"n", i}})["n"] == i;
      } catch (const StoreError&) {
      }
      --left;
    });
  }
  while (left > 0) {
    socket.poll([](const Json& request) { return request; });
    std::this_thread::yield();
  }
  for (auto& sender : senders) sender.join();
  CHECK(answered == 20);
}

TEST_CASE("checkpoints: small in the file, large beside it, shared by content, gone when dropped") {
  const TempFolder folder;
  Store writer = Store::open(folder.db(), Mode::write);
  const StudyId id = writer.create_study(small_study());
  for (int n = 0; n < 3; ++n) writer.add_trial(id, small_trial(n));
  const auto files = [&] {
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
      count += entry.path().extension() == ".ckpt";
    }
    return count;
  };
  const std::vector<std::byte> small(1000, std::byte{1}), large(3'000'000, std::byte{2}), none;
  writer.save_checkpoint(id, 0, {4, "cpu", "resume", small});
  CHECK(files() == 0);
  CHECK(writer.load_checkpoint(id, 0, "resume")->bytes == small);
  CHECK(writer.load_checkpoint(id, 0, "resume")->step == 4);
  CHECK_FALSE(writer.load_checkpoint(id, 0, "best"));
  CHECK_THROWS_AS(writer.load_checkpoint(id, 9, "best"), NotFoundError);
  writer.save_checkpoint(id, 0, {5, "gpu", "resume", large});
  writer.save_checkpoint(id, 1, {5, "gpu", "best", large});
  CHECK(files() == 1);
  CHECK(writer.load_checkpoint(id, 0, "resume")->bytes == large);
  writer.drop_checkpoint(id, 0, "resume");
  CHECK(files() == 1);
  CHECK(writer.load_checkpoint(id, 1, "best")->bytes == large);
  CHECK_THROWS(writer.transaction([&] {
    writer.drop_checkpoint(id, 1, "best");
    throw UsageError("no");
  }));
  CHECK(writer.load_checkpoint(id, 1, "best")->bytes == large);
  writer.drop_checkpoint(id, 1, "best");
  CHECK(files() == 0);
  writer.save_checkpoint(id, 2, {1, "cpu", "resume", none});
  CHECK(writer.load_checkpoint(id, 2, "resume")->bytes.empty());
  // A stopped trial keeps nothing, a completed one its best.
  writer.save_checkpoint(id, 2, {1, "cpu", "best", small});
  writer.finish_trial(id, 2,
                      {.state = State::stopped,
                       .value = {},
                       .objectives = {},
                       .best_step = {},
                       .reason = "rung",
                       .weights_hash = "",
                       .facts = {}});
  CHECK_FALSE(writer.load_checkpoint(id, 2, "resume"));
  CHECK_FALSE(writer.load_checkpoint(id, 2, "best"));
  // A file that a crash left is found at the next opening.
  CHECK_THROWS(writer.transaction([&] {
    writer.save_checkpoint(id, 0, {1, "cpu", "best", large});
    throw UsageError("crash");
  }));
  CHECK(files() == 1);
  { Store gone = std::move(writer); }
  writer = Store::open(folder.db(), Mode::write);
  CHECK(files() == 0);
}

}  // namespace vernier::store::test
