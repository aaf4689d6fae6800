// Facts from the tape against facts from the pivot document, for every format of the source tree.
//
// Documents are drawn inside of the table's domain; golden files, the demonstration's messages and what the reference
// made of them for other formats would say the same. A message whose facts the tape does not give is counted, with
// why; one that gives others is a fault.
//
//   HANSA_FORMATS=cn.ceb621 HANSA_DOCUMENTS=500 test-facts-differential
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <map>

#include "core/exchange/facts.h"
#include "core/exchange/fast_translation.h"
#include "core/mapping/model.h"
#include "core/schema/reader.h"
#include "core/schema/writer.h"
#include "tests/property/domain.h"
#include "tests/property/formats.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"

namespace hansa::test {
namespace {

/// Beside what the gateway always asks: a destination, a list's member, a code, a key.
const std::vector<std::string> asked{"GoodsShipment/Destination/CountryCode", "DeclarationOfficeID",
                                     "GoodsShipment/ExportCountry/ID", "GoodsShipment/TradeParty[RoleCode=PLT]/Name"};

std::string words_of(const exchange::Facts& facts) {
    std::string out = "function " + facts.function + ", own " + facts.own_reference + ", number " + facts.number;
    for (const auto& [scheme, value] : facts.references) out += ", " + scheme + " " + value;
    for (const std::string& name : facts.names) out += ", name " + name;
    for (const std::string& value : facts.asked) out += ", asked " + value;
    return out;
}

struct Counts {
    std::size_t same = 0, left = 0, wrong = 0;
    std::map<std::string, std::size_t> why;
};

class Formats {
public:
    Formats() : registry_(plugin::Registry::load({.plugin_folders = {source_dir() / "plugins"}, .schema_folder = source_dir() / "schemas"}, faults_)),
                fast_(registry_), finder_(registry_) {}

    void compare(const std::string& format_id, const std::string& bytes, const std::string& name, Counts& counts) const {
        const plugin::Format& format = *registry_->find(format_id);
        const exchange::FastRead read = fast_.read(format, bytes);
        if (!read.valid()) return;
        std::string why;
        const auto found = finder_.find(format, {}, read.tape(), asked, why);
        if (!found) {
            ++counts.left;
            ++counts.why[why];
            return;
        }
        Diagnostics faults;
        const mapping::Context context;
        auto reading = exchange::read_message(*registry_, {format, bytes, bytes, context, true}, faults);
        if (!reading) return;  // what the reference refuses has no facts to compare
        std::string ours, theirs;
        for (const exchange::Facts& one : *found) ours += words_of(one) + "\n";
        for (std::size_t i = 0; i < reading->documents.size(); ++i)
            theirs += words_of(exchange::facts_of(reading->documents[i], reading->references[i], asked)) + "\n";
        if (ours == theirs) {
            ++counts.same;
        } else if (++counts.wrong < 3) {
            ADD_FAILURE() << format_id << ", " << name << ":\nfrom the tape:  " << ours << "from the pivot: " << theirs << bytes.substr(0, 4'000);
        }
    }

private:
    Diagnostics faults_;
    std::shared_ptr<const plugin::Registry> registry_;
    exchange::FastTranslator fast_;
    exchange::FactFinder finder_;
};

TEST(Facts, OfTheTapeAreThoseOfThePivot) {
    Diagnostics faults;
    const Formats formats;
    const std::uint64_t seed = number_from("HANSA_SEED", 20261126), documents = number_from("HANSA_DOCUMENTS", 60);
    SuiteResult result("facts-differential", seed);
    std::size_t by_tape = 0;
    for (const Subject& subject : xml_subjects(faults)) {
        Counts counts;
        Domain domain(subject.mapping);
        for (std::uint64_t i = 0; i < documents; ++i) {
            const auto drawn = domain.draw(seed + i * 7'919, {.items = static_cast<std::uint32_t>(1 + i % 3), .optional_percent = static_cast<unsigned>(20 + i % 7 * 13)});
            if (drawn) formats.compare(subject.id, schema::write_tree(*drawn), "seed " + std::to_string(seed + i * 7'919), counts);
        }
        for (const auto& folder : {source_dir() / "plugins" / subject.mapping->authority() / "golden", source_dir() / "conf/demo/messages"}) {
            if (!std::filesystem::exists(folder)) continue;
            for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
                if (file.path().extension() != ".xml") continue;
                const std::string bytes = slurp(file.path());
                const auto tree = schema::read_tree(bytes);
                if (tree && tree->name == subject.mapping->model().root->name) formats.compare(subject.id, bytes, file.path().string(), counts);
            }
        }
        std::cout << subject.id << ": " << counts.same << " the same, " << counts.left << " left to the reference, " << counts.wrong << " wrong\n";
        for (const auto& [why, count] : counts.why) std::cout << "    " << count << " " << why << "\n";
        by_tape += counts.same;
        result.pass(subject.id, counts.same);
        result.fail(subject.id, counts.wrong);
        for (const auto& [why, count] : counts.why) result.skip(why, count);
    }
    result.publish();
    EXPECT_GT(by_tape, 0u);
}

}  // namespace
}  // namespace hansa::test
