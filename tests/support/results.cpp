#include "tests/support/results.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "tests/support/corpus.h"

namespace hansa::test {

void SuiteResult::pass(const std::string& by, std::uint64_t count) {
    total_.passed += count;
    if (!by.empty()) by_[by].passed += count;
}

void SuiteResult::fail(const std::string& by, std::uint64_t count) {
    total_.failed += count;
    if (!by.empty()) by_[by].failed += count;
}

void SuiteResult::refuse(const std::string& by, std::uint64_t count) {
    total_.refused += count;
    if (!by.empty()) by_[by].refused += count;
}

void SuiteResult::skip(const std::string& reason, std::uint64_t count) {
    skipped_[reason] += count;
}

void SuiteResult::publish() const {
    nlohmann::ordered_json out;
    out["suite"] = suite_;
    out["passed"] = total_.passed;
    out["failed"] = total_.failed;
    out["refused"] = total_.refused;
    out["skipped"] = nlohmann::ordered_json::array();
    for (const auto& [reason, count] : skipped_) out["skipped"].push_back({{"count", count}, {"reason", reason}});
    out["seed"] = seed_;
    out["by"] = nlohmann::ordered_json::object();
    for (const auto& [name, counts] : by_) {
        out["by"][name] = {{"passed", counts.passed}, {"failed", counts.failed}};
        if (counts.refused != 0) out["by"][name]["refused"] = counts.refused;
    }
    const auto folder = build_dir() / "results";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / (suite_ + ".json")) << out.dump() << '\n';
    std::cout << out.dump() << std::endl;
}

}  // namespace hansa::test
