// What the runners of the signature suites share: arguments, other programs, folders, deviations.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hansa::test {

/// --root DIR (a corpus), --only ID (cases whose name holds it), --jobs N (taken, one job is enough).
struct RunnerOptions {
    std::filesystem::path root;
    std::string only;

    bool wants(const std::string& name) const { return only.empty() || name.find(only) != std::string::npos; }
};

/// Reads the arguments; without --root the corpus that tests/support finds. Ends the program with 77
/// ("skipped: no corpus") when there is none, and with 2 for wrong usage.
RunnerOptions runner_options(int argc, char** argv);

/// A case may take five seconds and the process half a gigabyte: a hang is a failure.
void limit_memory();
constexpr std::chrono::seconds case_time_max{5};

/// The path of a program in PATH, or nothing.
std::optional<std::string> find_program(const std::string& name);

struct RunResult {
    int exit_code = -1;  ///< -1: it did not end by itself within the time
    std::string output;  ///< standard output and standard error
};

/// Runs a program without a shell in `folder`, at most ten seconds.
RunResult run(const std::vector<std::string>& arguments, const std::filesystem::path& folder);

/// An own folder for a runner, removed with all its content.
class Scratch {
public:
    explicit Scratch(const std::string& name);
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path write(const std::string& name, const std::string& bytes) const;

private:
    std::filesystem::path path_;
};

/// A tab-separated file with a head line: one map a row.
std::vector<std::map<std::string, std::string>> read_table(const std::filesystem::path& path);

/// Known deviations, `case | verdict | reason` a line: a case that changes in either direction fails.
class Deviations {
public:
    explicit Deviations(const std::filesystem::path& path);

    /// The verdict that stands in the list for this case, if any.
    const std::string* expected(const std::string& name);
    /// Rows that no case asked for: the list is out of date.
    std::vector<std::string> unused() const;

private:
    std::map<std::string, std::string> rows_;
    std::set<std::string> used_;
};

}  // namespace hansa::test
