// What a suite counted: build/<preset>/results/<suite>.json and the same as one closing line.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace hansa::test {

/// Counts of one suite. A skipped case never counts as passed.
class SuiteResult {
public:
    explicit SuiteResult(std::string suite, std::uint64_t seed = 0) : suite_(std::move(suite)), seed_(seed) {}

    void pass(const std::string& by = {}, std::uint64_t count = 1);
    void fail(const std::string& by = {}, std::uint64_t count = 1);
    void refuse(const std::string& by = {}, std::uint64_t count = 1);  ///< refused by policy
    void skip(const std::string& reason, std::uint64_t count = 1);

    std::uint64_t passed() const { return total_.passed; }
    std::uint64_t failed() const { return total_.failed; }

    /// Writes the file and prints the closing line.
    void publish() const;

private:
    struct Counts {
        std::uint64_t passed = 0, failed = 0, refused = 0;
    };
    std::string suite_;
    std::uint64_t seed_;
    Counts total_;
    std::map<std::string, Counts> by_;
    std::map<std::string, std::uint64_t> skipped_;
};

}  // namespace hansa::test
