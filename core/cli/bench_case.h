// One case of `hansa bench`: its name taken apart, and the messages that it measures with.
//
//     parse/FORMAT/N   validate/FORMAT/N   refuse/FORMAT/N   digest/FORMAT/N   translate/FROM/TO/N
//     sign/PROFILE/N   verify/PROFILE/N    pipeline/FROM/TO/PROFILE/N   durable/FROM/TO/PROFILE/N   journal/N
//     end-to-end/FROM/TO/PROFILE/N
//
// N is the number of documents in a message; FORMAT may end in +indented, +general or another Shape
// (bench_messages.h), as what is refused must; FROM may end in +rules: then each
// document is asked the numbered rules of its authority, too, on the fast way. PROFILE ends in
// rsa, ecdsa or sm2. Cases of no FORMAT (sign, verify, journal) take import lists (cn.ceb621).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/cli/bench_messages.h"
#include "core/cli/bench_peer.h"
#include "core/mapping/translate.h"
#include "core/plugin/registry.h"

namespace hansa::bench {

struct Case {
    std::string name;
    Work work = Work::parse;
    const plugin::Format* from = nullptr;
    const plugin::Format* to = nullptr;
    const trust::Profile* profile = nullptr;
    Shape shape = Shape::plain;
    bool rules = false;  ///< numbered rules are asked
    std::size_t documents = 1;
    Task task;                          ///< the same, for peers
    std::vector<std::string> messages;  ///< of about the same size
    const char* unit = "order";
};

struct CaseOptions {
    std::uint64_t seed = 1;
    std::size_t messages = 0;   ///< 0: as many as make about 300 KB, 2 to 32
    std::size_t items = 0;      ///< of a document; 0: 1 to 3
    std::string schema_folder;  ///< where schemas/ lies
    std::string data_folder;    ///< tests/bench of the source tree, or where it is installed
    std::string scratch;        ///< a folder for what must be durable
};

/// Errors: cli.bench-case (with what is wrong in the name), cli.usage, and those of signing and translating
Result<Case> make_case(const plugin::Registry& registry, const std::string& name, const CaseOptions& options);

/// The cases of a run without --case, in the order of the table.
std::vector<std::string> default_cases();

/// The case's name fits the words of --case: the name itself, its beginning up to a '/', or a
/// pattern with '*'.
bool fits(std::string_view name, std::string_view wanted);

/// Settings of the agency that sends a format in the bench's messages.
mapping::Settings settings_of(std::string_view format);

}  // namespace hansa::bench
