// The hostile corpus: verdicts, time and memory, and that nothing is opened.
//
// expected.tsv says for each document what the scanner must answer, and whether another engine must take
// or refuse it. SOURCE.md of the corpus gives the rule (bombs and DTDs refused, good ones taken, the
// malformed reported); codes are ours.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/conformance/hostile/cases.h"
#include "tests/conformance/hostile/engines.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"

namespace hansa {
namespace {

namespace fs = std::filesystem;

constexpr auto time_max = std::chrono::seconds(1);
constexpr long memory_max_kb = 64 * 1024;

struct File {
    fs::path path;
    std::string name;  ///< below xml-hostile
};

std::vector<File> hostile_files(const fs::path& corpus) {
    std::vector<File> out;
    for (const char* folder : {"malformed", "recurse", "xxe"}) {
        for (const auto& entry : fs::directory_iterator(corpus / "xml-hostile" / folder)) {
            out.push_back({entry.path(), std::string(folder) + "/" + entry.path().filename().string()});
        }
    }
    std::sort(out.begin(), out.end(), [](const File& a, const File& b) { return a.name < b.name; });
    return out;
}

struct Expected {
    std::string said;     ///< "accepted" or the scanner's code
    bool policy = false;  ///< refused by our rule, not by XML's
};

std::map<std::string, Expected> expected_verdicts() {
    std::istringstream in(test::slurp(test::source_dir() / "tests/conformance/hostile/expected.tsv"));
    std::map<std::string, Expected> out;
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line[0] == '#') continue;
        std::istringstream fields(line);
        std::string name, said, note;
        std::getline(fields, name, '\t');
        std::getline(fields, said, '\t');
        std::getline(fields, note, '\t');
        out[name] = {said, note == "policy"};
    }
    return out;
}

/// One counter for the whole suite: published when the last of its tests ends.
class Hostile : public testing::Test {
protected:
    static void SetUpTestSuite() { counts_ = new test::SuiteResult("hostile"); }
    static void TearDownTestSuite() {
        if (test::corpus()) counts_->publish();
        delete counts_;
        counts_ = nullptr;
    }
    void count(bool fits, const std::string& by) { fits ? counts_->pass(by) : counts_->fail(by); }
    static test::SuiteResult* counts_;
};
test::SuiteResult* Hostile::counts_ = nullptr;

TEST_F(Hostile, VerdictsOfEveryEngine) {
    const auto corpus = test::corpus();
    if (!corpus) GTEST_SKIP() << "no corpus";
    const auto expected = expected_verdicts();
    std::set<std::string> seen;
    for (const File& file : hostile_files(*corpus)) {
        for (const auto& document : test::hostile_documents(file.path, file.name)) {
            seen.insert(document.name);
            const auto wanted = expected.find(document.name);
            ASSERT_NE(wanted, expected.end()) << document.name << " has no row in expected.tsv";
            for (const test::Engine& engine : test::engines()) {
                const auto verdict = engine.judge(document.bytes);
                const std::string said = verdict ? "accepted" : std::string(verdict.error().code.name());
                const bool first = engine.name == test::engines().front().name;
                const std::string& expect = wanted->second.said;
                const bool other_encoding = !first && said == "xml.encoding-refused";
                const bool fits =
                    first ? said == expect : other_encoding || (said == "accepted") == (expect == "accepted");
                if (fits && (wanted->second.policy || other_encoding)) {
                    counts_->refuse(engine.name);
                } else {
                    count(fits, engine.name);
                }
                EXPECT_TRUE(fits) << document.name << ": " << engine.name << " says " << said << ", expected " << expect
                                  << (verdict ? "" : ": " + verdict.error().text());
            }
        }
    }
    EXPECT_EQ(seen.size(), expected.size()) << "expected.tsv has rows for documents that are not there";
}

struct Finished {
    int status = -1;
    long memory_kb = 0;
    std::chrono::steady_clock::duration time{};
};

/// Runs the program without a shell and measures it; its output goes nowhere.
Finished run(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    Finished out;
    pid_t child = 0;
    const auto begin = std::chrono::steady_clock::now();
    const int spawned = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (spawned != 0) return out;
    rusage usage{};
    if (wait4(child, &out.status, 0, &usage) != child) out.status = -1;
    out.time = std::chrono::steady_clock::now() - begin;
    out.memory_kb = usage.ru_maxrss;
    return out;
}

std::string scan_program() {
    return (test::build_dir() / "tests" / "hostile-scan").string();
}

TEST_F(Hostile, EachFileWithinOneSecondAnd64Megabytes) {
    const auto corpus = test::corpus();
    if (!corpus) GTEST_SKIP() << "no corpus";
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    counts_->skip("memory is not measured under a sanitizer");
    GTEST_SKIP() << "memory is not measured under a sanitizer";
#endif
    for (const File& file : hostile_files(*corpus)) {
        for (const test::Engine& engine : test::engines()) {
            const Finished measured = run({scan_program(), "--engine", engine.name, file.path.string()});
            const bool fits = measured.status == 0 && measured.time < time_max && measured.memory_kb < memory_max_kb;
            count(fits, engine.name + "/limits");
            EXPECT_TRUE(fits) << file.name << " by " << engine.name << ": status " << measured.status << ", "
                              << measured.memory_kb << " kB, "
                              << std::chrono::duration_cast<std::chrono::milliseconds>(measured.time).count() << " ms";
        }
    }
}

/// What a traced run opened (or tried to), and how many sockets it made.
struct Trace {
    std::set<std::string> opened;
    std::size_t sockets = 0;
    bool complete = false;
};

Trace trace(const std::string& name, const std::vector<std::string>& files) {
    const fs::path log = test::build_dir() / (name + ".strace");
    // Leak checking, where it is built in, cannot run under a tracer.
    std::vector<std::string> words = {"strace",
                                      "-f",
                                      "-qq",
                                      "-E",
                                      "ASAN_OPTIONS=detect_leaks=0",
                                      "-e",
                                      "trace=openat,open,openat2,socket,connect",
                                      "-o",
                                      log.string(),
                                      scan_program()};
    words.insert(words.end(), files.begin(), files.end());
    fs::remove(log);
    Trace out;
    if (run(words).status != 0 || !fs::exists(log)) return out;
    std::istringstream in(test::slurp(log));
    const std::regex open_call(R"re((openat2?|open)\([^"]*"((?:[^"\\]|\\.)*)")re");
    const std::regex socket_call(R"((socket|connect)\()");
    for (std::string line; std::getline(in, line);) {
        std::smatch found;
        if (std::regex_search(line, found, open_call)) out.opened.insert(found[2]);
        if (std::regex_search(line, socket_call)) ++out.sockets;
    }
    out.complete = !out.opened.empty();
    return out;
}

TEST_F(Hostile, NoFileIsOpenedAndNoSocketMade) {
    const auto corpus = test::corpus();
    if (!corpus) GTEST_SKIP() << "no corpus";
    if (run({"strace", "-qq", "-e", "trace=none", "true"}).status != 0) {
        counts_->skip("no strace, or it may not trace here");
        GTEST_SKIP() << "no strace, or it may not trace here";
    }
    // What the program opens anyway (libraries, tables of encodings) is seen with harmless documents.
    const fs::path plain = test::build_dir() / "hostile-plain.xml", latin = test::build_dir() / "hostile-latin.xml";
    std::ofstream(plain) << "<a/>";
    std::ofstream(latin) << "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>";
    const Trace harmless = trace("hostile-plain", {plain.string(), latin.string()});
    ASSERT_TRUE(harmless.complete);
    ASSERT_TRUE(harmless.opened.contains(plain.string())) << "the trace does not see what is opened";

    std::vector<std::string> files;
    for (const File& file : hostile_files(*corpus)) files.push_back(file.path.string());
    const Trace hostile = trace("hostile", files);
    ASSERT_TRUE(hostile.complete);
    for (const std::string& file : files) {
        count(hostile.opened.contains(file), "trace");
        EXPECT_TRUE(hostile.opened.contains(file)) << file << " was not scanned";
    }
    for (const std::string& path : hostile.opened) {
        const bool ours = harmless.opened.contains(path) || std::find(files.begin(), files.end(), path) != files.end();
        if (!ours) count(false, "trace");
        EXPECT_TRUE(ours) << "opened: " << path;
    }
    EXPECT_EQ(hostile.sockets, 0u);
}

}  // namespace
}  // namespace hansa
