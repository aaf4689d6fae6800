// Two small countries, a gateway between them, and a journal.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "core/base/file.h"
#include "core/base/ids.h"
#include "core/exchange/gateway.h"
#include "core/plugin/scaffold.h"
#include "tests/support/corpus.h"
#include "tests/unit/trust/people.h"

namespace hansa::exchange {

namespace fs = std::filesystem;

inline constexpr std::string_view long_reference = "REFERENCE-OF-THE-NORTH-THAT-THE-SOUTH-CANNOT-HOLD";

inline void replace_in(const fs::path& path, std::string_view from, std::string_view to) {
    std::string text = test::slurp(path);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << path << ": " << from;
    text.replace(at, from.size(), to);
    ASSERT_TRUE(write_file_atomically(path, text));
}

/// North writes references of any length; south holds 22 characters and has an answer.
class TwoAgencies : public testing::Test {
protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("hansa-gateway-" + random_uuid());
        for (const char* code : {"xa", "xb"})
            ASSERT_TRUE(plugin::scaffold({folder_ / "plugins", folder_ / "schemas"}, code));
        replace_in(folder_ / "schemas/xa/declaration.xsd", "<xs:maxLength value=\"22\"/>",
                   "<xs:maxLength value=\"60\"/>");
        replace_in(folder_ / "plugins/xb/mappings/declaration.map", "<-> FunctionalReferenceID\n",
                   "<-> FunctionalReferenceID  alias\n");
        add_answer();
        registry_ = loaded();
        auto keys = std::make_shared<Keyring>();
        for (const char* profile : {"asice.ecdsa-p256-sha256", "enveloped.ecdsa-p256-sha256"}) {
            keys->by_profile.emplace(profile, test::people().ec.signer());
        }
        keys_ = keys;
        open_gateway();
    }

    /// Anew, as another process would.
    void open_gateway() {
        gateway_.reset();
        journal_.reset();
        journal_ = test::must(journal::open_sqlite(folder_ / "journal.db", {}));
        gateway_ = std::make_unique<Gateway>(Surroundings{directory(), registry_, keys_}, *journal_);
    }

    /// Another process does the work with a gateway of its own, and is killed by itself in it; this one has none then.
    void killed(const std::function<void()>& work) {
        gateway_.reset();
        journal_.reset();
        const pid_t child = ::fork();
        if (child == 0) {
            try {
                open_gateway();
                work();
            } catch (const std::exception&) {
                ::_exit(3);
            }
            ::_exit(4);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
    }

    std::shared_ptr<const plugin::Registry> loaded() {
        plugin::LoadOptions options;
        options.plugin_folders = {folder_ / "plugins"};
        options.schema_folder = folder_ / "schemas";
        Diagnostics faults;
        auto registry = plugin::Registry::load(options, faults);
        EXPECT_TRUE(faults.empty()) << faults.errors().front().text();
        return registry;
    }

    /// From now on the fast way works, with the tables of `registry`.
    std::shared_ptr<const Engines> use_fast(std::shared_ptr<const plugin::Registry> registry, double shadow) {
        auto engines = std::make_shared<const Engines>(std::move(registry), EngineSettings{.fast = true, .shadow = shadow});
        gateway_->reload(Surroundings{directory(), registry_, keys_, engines});
        return engines;
    }
    void TearDown() override {
        gateway_.reset();
        journal_.reset();
        fs::remove_all(folder_);
    }

    void add_answer() {
        const fs::path plugin = folder_ / "plugins/xb/plugin.toml";
        ASSERT_TRUE(write_file_atomically(plugin, test::slurp(plugin) + R"(
[[format]]
id        = "xb.answer"
title     = "Answer"
edition   = "1"
root      = "{urn:example:xb:answer:1}Answer"
schema    = "xb/answer.xsd"
mapping   = "mappings/answer.map"
kind      = "response"
certainty = "facts only"
signature = "asice.ecdsa-p256-sha256"
)"));
        ASSERT_TRUE(write_file_atomically(folder_ / "schemas/xb/answer.xsd",
                                          R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
  targetNamespace="urn:example:xb:answer:1" elementFormDefault="qualified">
  <xs:element name="Answer"><xs:complexType><xs:sequence>
    <xs:element name="Number" type="xs:token"/>
    <xs:element name="About" type="xs:token"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
)"));
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins/xb/mappings/answer.map", R"(format   xb.answer
pivot    response
schema   xb/answer#Answer
empty    absent
zone     required

in Answer <-> document
  "11"                                 <-> FunctionCode
  Number                               <-> FunctionalReferenceID
  About                                <-> Declaration/FunctionalReferenceID     alias
)"));
    }

    static std::shared_ptr<const Directory> directory() {
        auto out = std::make_shared<Directory>();
        for (const auto& [id, authority] : {std::pair{"north", "xa"}, std::pair{"south", "xb"}}) {
            Agency agency;
            agency.id = agency.name = id;
            agency.authority = authority;
            agency.unsigned_allowed = true;
            agency.answer_format = "xb.answer";
            out->agencies.push_back(std::move(agency));
        }
        for (const auto& [from, to, format] :
             {std::tuple{"north", "south", "xb.declaration"}, std::tuple{"south", "north", "xa.declaration"}}) {
            Route route;
            route.name = std::string(from) + "-" + to;
            route.from = from;
            route.kind = "declaration";
            route.to = to;
            route.to_format = format;
            route.test = true;
            out->routes.push_back(std::move(route));
        }
        return out;
    }

    /// A declaration in the authority's own format; the remark stands in line 6.
    static std::string declaration(std::string_view authority, std::string_view reference) {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Declaration xmlns=\"urn:example:" +
               std::string(authority) + ":declaration:1\">\n  <Reference>" + std::string(reference) +
               "</Reference>\n  <Direction>OUT</Direction>\n  <Issued>2026-01-31T08:00:00Z</Issued>\n  "
               "<Remark>urgent</Remark>\n"
               "  "
               "<Item><Number>1</Number><Description>Tea</Description><GrossMass>2.5</GrossMass></Item>\n</"
               "Declaration>\n";
    }

    Acceptance accepted(std::string_view agency, std::string bytes) {
        Diagnostics faults;
        auto done = gateway_->accept({.agency = std::string(agency),
                                      .bytes = std::move(bytes),
                                      .idempotency_key = {},
                                      .format = {},
                                      .test = true,
                                      .transport = "test"},
                                     faults);
        if (!done) throw std::runtime_error(done.error().text());
        return *std::move(done);
    }

    std::string body(const std::string& message, journal::BodyKind kind) {
        for (const journal::BodyRef& one : test::must(journal_->bodies_of(message))) {
            if (one.kind == kind) return test::must(journal_->read_body(one.digest));
        }
        return {};
    }

    fs::path folder_;
    std::shared_ptr<const plugin::Registry> registry_;
    std::shared_ptr<const Keyring> keys_;
    std::unique_ptr<journal::Journal> journal_;
    std::unique_ptr<Gateway> gateway_;
};

}  // namespace hansa::exchange
