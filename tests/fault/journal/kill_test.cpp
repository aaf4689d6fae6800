// Faults F3 and row 25: what was said to be recorded is there after kill -9, and nothing is said
// before the disk has it.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <random>
#include <regex>
#include <set>
#include <thread>

#include "tests/support/results.h"
#include "tests/unit/journal/store.h"

namespace hansa::journal::test {
namespace {

namespace fs = std::filesystem;

fs::path child_path() {
    return fs::read_symlink("/proc/self/exe").parent_path() / "journal-child";
}

/// Another program with its standard output in our hands. Ends it with its own end.
class Child {
public:
    explicit Child(std::vector<std::string> command) {
        int ends[2];
        if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
        std::vector<char*> arguments;
        for (std::string& word : command) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        id_ = ::fork();
        if (id_ == 0) {
            ::dup2(ends[1], STDOUT_FILENO);
            ::close(ends[0]);
            ::close(ends[1]);
            ::execvp(arguments[0], arguments.data());
            ::_exit(127);
        }
        ::close(ends[1]);
        output_ = ends[0];
    }
    ~Child() {
        if (id_ > 0) kill_and_wait();
        ::close(output_);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    int kill_and_wait() {
        ::kill(id_, SIGKILL);
        return wait();
    }
    int wait() {
        int status = 0;
        ::waitpid(id_, &status, 0);
        id_ = 0;
        return status;
    }
    std::string first_piece() {
        char piece[4'096];
        const ssize_t got = ::read(output_, piece, sizeof piece);
        return got > 0 ? std::string(piece, static_cast<std::size_t>(got)) : std::string();
    }
    /// All that it says until a line begins with `mark` (or it ends).
    std::string up_to(std::string_view mark) {
        std::string out = first_piece();
        const std::string later = "\n" + std::string(mark);
        while (!out.starts_with(mark) && out.find(later) == std::string::npos) {
            const std::string piece = first_piece();
            if (piece.empty()) break;
            out += piece;
        }
        return out;
    }
    std::string rest() {
        std::string out;
        for (std::string piece = first_piece(); !piece.empty(); piece = first_piece()) out += piece;
        return out;
    }

private:
    pid_t id_ = 0;
    int output_ = -1;
};

struct Said {
    std::set<std::string> messages, deliveries;

    void add(const std::string& text) {
        std::istringstream lines(text);
        for (std::string word, id; lines >> word >> id;) (word == "M" ? messages : deliveries).insert(id);
    }
};

std::size_t lost(Journal& store, const Said& said) {
    std::size_t count = 0;
    for (const std::string& id : said.messages) {
        const auto message = store.message(id);
        const bool kept = message && store.read_body(message->digest) && store.find_key("north", id).value() &&
                          store.find_reference("", "lrn", "L" + id).value().size() == 1;
        count += kept ? 0u : 1u;
    }
    for (const std::string& id : said.deliveries) {
        const auto history = store.delivery_history(id);
        count += history && history->back().state == DeliveryState::delivered ? 0u : 1u;
    }
    return count;
}

int kills_wanted() {
    const char* wanted = std::getenv("HANSA_KILLS");
    return wanted != nullptr ? std::atoi(wanted) : 50;
}

TEST(JournalFault, KilledAtAnyMomentNothingSaidIsLost) {
    const Folder folder;
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    hansa::test::SuiteResult result("fault-journal-kill", seed);
    Said all;
    const int kills = kills_wanted();
    for (int round = 0; round < kills; ++round) {
        Said said;
        {
            Child child({child_path().string(), folder.file().string(), "4", "0"});
            // Some kills come after a delivery was said, some after work has begun, half at any time of
            // the opening too: by what the child says, as no time is long enough on every machine.
            std::string text = round % 4 == 0 ? child.up_to("D") : round % 4 == 2 ? child.first_piece() : std::string();
            std::this_thread::sleep_for(std::chrono::microseconds(random() % 40'000));
            const int status = child.kill_and_wait();
            ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "it ended by itself: " << status;
            text += child.rest();
            said.add(text);
            all.add(text);
        }
        auto store = open_sqlite(folder.file(), {});
        ASSERT_TRUE(store) << store.error().text();
        const std::size_t missing = lost(**store, said);
        EXPECT_EQ(missing, 0u) << "round " << round;
        EXPECT_EQ((*store)->outbox().value().in_flight, 0u);
        missing == 0 ? result.pass("kill") : result.fail("kill");
        if (round % 10 == 9 || round + 1 == kills) {
            Diagnostics faults;
            ASSERT_TRUE((*store)->verify(faults));
            EXPECT_TRUE(faults.empty()) << faults.errors().front().text();
            EXPECT_EQ(lost(**store, all), 0u);
        }
    }
    EXPECT_GT(all.messages.size(), static_cast<std::size_t>(kills)) << "the child hardly worked";
    EXPECT_FALSE(all.deliveries.empty());
    result.publish();
}

/// One system call of the trace.
struct Call {
    std::string name, file, text;
};

std::vector<Call> read_trace(const fs::path& path) {
    static const std::regex line(R"(^\d+ +(\w+)\(\d+<([^>]*)>(.*)$)");
    std::vector<Call> out;
    std::ifstream trace(path);
    for (std::string text; std::getline(trace, text);) {
        std::smatch match;
        if (std::regex_search(text, match, line)) out.push_back({match[1], match[2], match[3]});
    }
    return out;
}

bool can_trace() {
    Child probe({"strace", "-o", "/dev/null", "true"});
    const int status = probe.wait();
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(JournalFault, TheDiskHasItBeforeAnythingIsSaid) {
    if (!can_trace()) GTEST_SKIP() << "no strace that may trace";
    const Folder folder;
    const fs::path trace = folder.file("trace");
    // A leak check traces too, and a process has only one tracer.
    Child child({"strace", "-E", "ASAN_OPTIONS=detect_leaks=0", "-f", "-y", "-s", "64", "-e",
                 "trace=pwrite64,write,fsync,fdatasync", "-o", trace.string(), child_path().string(),
                 folder.file().string(), "1", "20"});
    Said said;
    said.add(child.rest());
    ASSERT_EQ(child.wait(), 0);
    ASSERT_EQ(said.messages.size(), 20u);
    bool flushed = false;
    std::size_t messages = 0, early = 0;
    for (const Call& call : read_trace(trace)) {
        const bool log = call.file.ends_with("journal.db-wal");
        if (log && call.name == "pwrite64") flushed = false;
        if (log && (call.name == "fdatasync" || call.name == "fsync") && call.text.ends_with("= 0")) flushed = true;
        if (call.name == "write" && call.text.find("\"M ") != std::string::npos) {
            ++messages;
            early += flushed ? 0u : 1u;
            flushed = false;  // the next group needs a flush of its own
        }
    }
    EXPECT_EQ(messages, 20u);
    EXPECT_EQ(early, 0u);
}

}  // namespace
}  // namespace hansa::journal::test
