// Two agencies one of whose routes gathers: what tests of consolidation in the gateway share.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "core/consolidation/book.h"
#include "core/envelope/envelope.h"
#include "core/exchange/codes.h"
#include "core/exchange/gather_watcher.h"
#include "core/exchange/gathering.h"
#include "core/exchange/outbox.h"
#include "core/exchange/waiting_counts.h"
#include "tests/unit/exchange/two_agencies.h"

namespace hansa::exchange {

using journal::State;

/// Says that it has taken what it is given.
class Taker final : public Transport {
public:
    bool serves(std::string_view url) const override { return url.starts_with("http"); }
    Result<Delivered> deliver(const Attempt&) override { return Delivered{{}, "taken"}; }
};

/// Takes so many, and cannot be reached for the rest.
class TakesSome final : public Transport {
public:
    explicit TakesSome(int takes) : takes_(takes) {}
    bool serves(std::string_view url) const override { return url.starts_with("http"); }
    Result<Delivered> deliver(const Attempt&) override {
        if (takes_-- > 0) return Delivered{{}, "taken"};
        return Error{codes::partner_unreachable, "closed"};
    }

private:
    int takes_;
};

/// Wants none of what it is given.
class Refuser final : public Transport {
public:
    bool serves(std::string_view url) const override { return url.starts_with("http"); }
    Result<Delivered> deliver(const Attempt&) override { return Error{codes::partner_refused, "no"}; }
};

inline constexpr std::int64_t much_later = 4'000'000'000'000;

/// North's declarations of one direction go to south as one; south says of each item how it fares.
class Gathers : public TwoAgencies {
protected:
    void SetUp() override {
        TwoAgencies::SetUp();
        fs::create_directories(folder_ / "plugins/xa/consolidation");
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins/xa/consolidation/parcels.consolidation", R"(consolidation xa.parcels
  text      "Parcels as one declaration"
  source    "A treaty"
  house     declaration xa.declaration
  master    declaration
  limit     9
  by        DirectionCode
  mixed     02
  refusal   items
  reference FunctionalReferenceID
  issued    IssueDateTime
  equal     FunctionCode
  equal     DirectionCode
  items     GoodsShipment/GovernmentAgencyGoodsItem
    identity FunctionalReferenceID = PreviousDocument[TypeCode=703]/ID
    number   SequenceNumeric = PreviousDocument[TypeCode=703]/LineNumeric
)"));
        add_item_answer("xa");
        add_item_answer("xb");
        registry_ = loaded();
        directory_ = std::make_shared<Directory>(*directory());
        for (Agency& agency : directory_->agencies) {
            agency.answer_format = "xa.items";
            agency.address = Address{.url = "http://there", .token_file = {}, .certificate_file = {}, .key_file = {}, .trust_file = {}};
        }
        directory_->routes.front().consolidate = Gathering{"xa.parcels", 3, 600};
        reload();
        open();
    }
    void TearDown() override {
        watcher_.reset();
        TwoAgencies::TearDown();
    }

    /// A verdict on the whole, and on items by their numbers.
    void add_item_answer(const std::string& code) {
        const fs::path plugin = folder_ / "plugins" / code / "plugin.toml";
        ASSERT_TRUE(write_file_atomically(plugin, test::slurp(plugin) + "\n[[format]]\nid = \"" + code + ".items\"\ntitle = \"Answer\"\nedition = \"1\"\nroot = \"{urn:example:" + code +
                                                      ":items:1}Items\"\nschema = \"" + code + "/items.xsd\"\nmapping = \"mappings/items.map\"\nkind = \"response\"\ncertainty = \"facts only\"\nsignature = "
                                                      "\"asice.ecdsa-p256-sha256\"\n"));
        ASSERT_TRUE(write_file_atomically(folder_ / "schemas" / code / "items.xsd", R"(<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
  targetNamespace="urn:example:)" + code + R"(:items:1" elementFormDefault="qualified">
  <xs:element name="Items"><xs:complexType><xs:sequence>
    <xs:element name="Kind" type="xs:token"/>
    <xs:element name="About" type="xs:token"/>
    <xs:element name="Fault" minOccurs="0" maxOccurs="99"><xs:complexType><xs:sequence>
      <xs:element name="Why" type="xs:token"/>
      <xs:element name="Where" type="xs:token" minOccurs="0"/>
    </xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
)"));
        const std::string alias = code == "xb" ? "     alias" : "";
        ASSERT_TRUE(write_file_atomically(folder_ / "plugins" / code / "mappings/items.map", "format   " + code + ".items\npivot    response\nschema   " + code + R"(/items#Items
empty    absent
zone     required

in Items <-> document
  Kind                                 <-> FunctionCode
  About                                <-> Declaration/FunctionalReferenceID)" + alias + R"(
  each Fault                           <-> Error
    Why                                <-> Description
    Where                              <-> Place
)"));
    }

    virtual void add_services(Surroundings&) {}
    void reload() {
        Diagnostics faults;
        Surroundings with{directory_, registry_, keys_};
        with.consolidations = consolidation::ConsolidationBook::load(*registry_, faults);
        ASSERT_TRUE(faults.empty()) << faults.errors().front().text();
        with.waiting = waiting_;
        add_services(with);
        gateway_->reload(with);
    }
    void open(std::function<void(std::string_view)> between = [](std::string_view) {}) {
        watcher_.reset();
        watcher_ = test::must(GatherWatcher::open(folder_ / "consolidation.db", {[this] { return gateway_->surroundings(); }, *journal_, [this] { ++released_; }, std::move(between)}));
    }
    void follow(std::int64_t now_ms = milliseconds_since_epoch(now_utc())) {
        Follower follower([this] { return gateway_->surroundings(); }, *journal_, {watcher_});
        follower.run_once(now_ms);
    }
    /// Another process on the same files.
    void restart() {
        watcher_.reset();
        open_gateway();
        reload();
        open();
    }
    std::size_t deliver(std::shared_ptr<Transport> transport = std::make_shared<Taker>(), std::int64_t now_ms = std::int64_t{1} << 50) {
        Outbox outbox([this] { return gateway_->surroundings(); }, *journal_, {std::move(transport)}, {});
        return outbox.run_once(now_ms);
    }
    /// One message of two documents that go out in two masters.
    std::string send_both_ways(const std::string& outward, const std::string& inward) {
        return accepted("north", test::must(envelope::wrap_batch(std::vector{declaration("xa", outward), inwards(inward)}, "xa.declaration"))).message_id;
    }
    std::string inwards(const std::string& reference) {
        std::string text = declaration("xa", reference);
        return text.replace(text.find("OUT"), 3, "IN");
    }

    std::string send(const std::string& reference, const std::string& goods = "Tea") {
        std::string text = declaration("xa", reference);
        text.replace(text.find("Tea"), 3, goods);
        return accepted("north", text).message_id;
    }
    std::string refused(const std::string& text) {
        Diagnostics faults;
        const auto done = gateway_->accept({.agency = "north", .bytes = text, .idempotency_key = {}, .format = {}, .test = true, .transport = "test"}, faults);
        return done ? std::string() : std::string(done.error().code.name());
    }
    State state(const std::string& id) { return test::must(journal_->message(id)).state; }
    std::string reason(const std::string& id) { return test::must(journal_->message(id)).reason; }
    std::vector<journal::Message> masters() {
        journal::Filter filter;
        filter.direction = journal::Direction::out;
        filter.oldest_first = true;
        std::vector<journal::Message> out;
        for (const journal::Message& one : test::must(journal_->search(filter)).messages) {
            if (!test::must(messages_in(*journal_, one.id)).empty()) out.push_back(one);
        }
        return out;
    }
    std::string sent_bytes(const std::string& id) { return test::must(envelope::unwrap(body(id, journal::BodyKind::sent))).documents.at(0).bytes; }
    static std::string element(const std::string& text, const std::string& name) {
        const std::size_t from = text.find("<" + name + ">") + name.size() + 2;
        return text.substr(from, text.find("</" + name + ">") - from);
    }
    std::string south_says(const std::string& about, const std::string& kind, const std::string& faults = {}) {
        const std::string text = "<Items xmlns=\"urn:example:xb:items:1\"><Kind>" + kind + "</Kind><About>" + about + "</About>" + faults + "</Items>";
        return accepted("south", text).message_id;
    }
    /// What north got as answers, in the order in which it was made.
    std::vector<std::string> told(const std::string& parent) {
        std::vector<std::string> out;
        for (const journal::Message& child : test::must(journal_->children(parent))) {
            if (child.direction == journal::Direction::out && child.agency_to == "north") out.push_back(sent_bytes(child.id));
        }
        return out;
    }
    void expect_clean() {
        Diagnostics faults;
        ASSERT_TRUE(journal_->verify(faults));
        EXPECT_TRUE(faults.empty()) << faults.errors().front().text();
    }

    std::shared_ptr<Directory> directory_;
    std::shared_ptr<GatherWatcher> watcher_;
    std::shared_ptr<WaitingCounts> waiting_ = std::make_shared<WaitingCounts>();
    int released_ = 0;
};

/// Declarations say what they are for.
class GathersChanges : public Gathers {
protected:
    void SetUp() override {
        Gathers::SetUp();
        replace_in(folder_ / "schemas/xa/declaration.xsd", "<xs:element name=\"Reference\"", "<xs:element name=\"Function\" type=\"xs:token\" minOccurs=\"0\"/><xs:element name=\"Reference\"");
        replace_in(folder_ / "plugins/xa/mappings/declaration.map", "\"9\"      ", "Function ");
        replace_in(folder_ / "plugins/xa/consolidation/parcels.consolidation", "  refusal   items\n", "  refusal   items\n  anew      xa.declaration\n");
        registry_ = loaded();
        reload();
    }
    static std::string text_of(const std::string& function, const std::string& reference, const std::string& goods = "Tea") {
        std::string text = declaration("xa", reference);
        text.replace(text.find("Tea"), 3, goods);
        return text.insert(text.find("  <Reference>"), "  <Function>" + function + "</Function>\n");
    }
    std::string send(const std::string& function, const std::string& reference, const std::string& goods = "Tea") { return accepted("north", text_of(function, reference, goods)).message_id; }
    std::vector<std::string> names(const std::string& master) {
        std::vector<std::string> out = test::must(messages_in(*journal_, master));
        std::ranges::sort(out);
        return out;
    }
    static std::vector<std::string> sorted(std::vector<std::string> ids) {
        std::ranges::sort(ids);
        return ids;
    }
};

}  // namespace hansa::exchange
