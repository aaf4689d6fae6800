#include "tests/conformance/crosscheck/tools.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include "tests/support/corpus.h"

extern char** environ;  // NOLINT: the name is POSIX's

namespace hansa::test {
namespace fs = std::filesystem;
namespace {

std::vector<std::string> split(const std::string& line, char sign) {
    std::vector<std::string> parts;
    std::string part;
    std::istringstream in(line);
    while (std::getline(in, part, sign)) parts.push_back(part);
    return parts;
}

std::string trimmed(const std::string& text) {
    const auto from = text.find_first_not_of(" \t\r");
    if (from == std::string::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t\r") - from + 1);
}

/// Reads until the program closes its output or ten seconds are over.
std::string read_all(int from) {
    constexpr int time_max_ms = 10'000;
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(time_max_ms);
    std::string out;
    std::array<char, 4096> piece{};
    pollfd wait{from, POLLIN, 0};
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) <= 0) return out;
        const ssize_t count = ::read(from, piece.data(), piece.size());
        if (count <= 0) return out;
        out.append(piece.data(), static_cast<std::size_t>(count));
    }
}

int wait_for(pid_t child) {
    int state = 0;
    for (int turn = 0; turn < 100; ++turn) {
        if (::waitpid(child, &state, WNOHANG) == child) return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
        ::usleep(10'000);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, &state, 0);
    return -1;
}

}  // namespace

RunnerOptions runner_options(int argc, char** argv) {
    RunnerOptions options;
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        const bool known = name == "--root" || name == "--only" || name == "--jobs";
        if (!known || i + 1 == argc) {
            std::cerr << "usage: " << argv[0] << " [--root CORPUS] [--only ID] [--jobs N]\n";
            std::exit(2);
        }
        const std::string value = argv[++i];
        if (name == "--root") options.root = value;
        if (name == "--only") options.only = value;
    }
    if (options.root.empty()) options.root = corpus().value_or("");
    if (options.root.empty()) {
        std::cout << "skipped: no corpus" << std::endl;
        std::exit(77);
    }
    return options;
}

void limit_memory() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    const rlimit limit{512u << 20, 512u << 20};
    ::setrlimit(RLIMIT_DATA, &limit);
#endif
}

std::optional<std::string> find_program(const std::string& name) {
    const char* path = std::getenv("PATH");
    for (const std::string& folder : split(path == nullptr ? "" : path, ':')) {
        const std::string candidate = folder + "/" + name;
        if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return std::nullopt;
}

RunResult run(const std::vector<std::string>& arguments, const fs::path& folder) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    std::vector<char*> words;
    for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    pid_t child = 0;
    const int failed = ::posix_spawn(&child, words[0], &actions, nullptr, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    RunResult result;
    if (failed == 0) {
        result.output = read_all(ends[0]);
        result.exit_code = wait_for(child);
    }
    ::close(ends[0]);
    return result;
}

Scratch::Scratch(const std::string& name)
    : path_(fs::temp_directory_path() / ("hansa-" + name + "-" + std::to_string(::getpid()))) {
    fs::remove_all(path_);
    fs::create_directories(path_);
}

Scratch::~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

fs::path Scratch::write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return path_ / name;
}

std::vector<std::map<std::string, std::string>> read_table(const fs::path& path) {
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);
    const auto head = split(line, '\t');
    std::vector<std::map<std::string, std::string>> rows;
    while (std::getline(in, line)) {
        const auto cells = split(line, '\t');
        auto& row = rows.emplace_back();
        for (std::size_t i = 0; i < head.size(); ++i) row[head[i]] = i < cells.size() ? trimmed(cells[i]) : "";
    }
    return rows;
}

Deviations::Deviations(const fs::path& path) {
    std::ifstream in(path);
    if (!in) throw std::runtime_error("cannot read " + path.string());
    std::string line;
    while (std::getline(in, line)) {
        if (line.empty() || line[0] == '#') continue;
        const auto cells = split(line, '|');
        if (cells.size() != 3) throw std::runtime_error(path.string() + ": expected: case | verdict | reason");
        rows_[trimmed(cells[0])] = trimmed(cells[1]);
    }
}

const std::string* Deviations::expected(const std::string& name) {
    const auto found = rows_.find(name);
    if (found == rows_.end()) return nullptr;
    used_.insert(name);
    return &found->second;
}

std::vector<std::string> Deviations::unused() const {
    std::vector<std::string> out;
    for (const auto& [name, verdict] : rows_) {
        if (!used_.contains(name)) out.push_back(name);
    }
    return out;
}

}  // namespace hansa::test
