// Consents of invented people, signed by keys made at run time.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "core/disclosure/consent.h"
#include "core/pivot/text.h"
#include "tests/support/corpus.h"
#include "tests/unit/trust/people.h"

namespace hansa::disclosure::test {

using hansa::test::people;

inline std::shared_ptr<const plugin::Registry> registry() {
    static const auto loaded = [] {
        Diagnostics faults;
        auto out = plugin::Registry::load({.plugin_folders = {hansa::test::source_dir() / "plugins/hansa"}, .schema_folder = hansa::test::source_dir() / "schemas"}, faults);
        EXPECT_TRUE(faults.empty()) << faults.errors().front().text();
        return out;
    }();
    return loaded;
}

inline std::int64_t moment(std::string_view iso) { return milliseconds_since_epoch(parse_iso(iso).value()); }

/// Parts of a consent; a test changes what it is about.
struct Draft {
    std::string reference = "C-2026-0001";
    std::string subject = R"(<subject place="GoodsShipment/Buyer/AdditionalDocument/ID">ID-OF-ANNA</subject>)";
    std::string recipient = "bank", purpose = "payment-check", kind = "declaration";
    std::string fields = "<field>InvoiceAmount</field>\n  <field>InvoiceAmount/@currencyID</field>";
    std::string from = "2026-11-01T00:00:00Z", to = "2027-11-01T00:00:00Z";

    std::string text() const {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<consent xmlns=\"urn:hansa:consent:1\">\n  <reference>" + reference + "</reference>\n  " + subject +
               "\n  <recipient>" + recipient + "</recipient>\n  <purpose>" + purpose + "</purpose>\n  <kind>" + kind + "</kind>\n  " + fields + "\n  <from>" + from +
               "</from>\n  <to>" + to + "</to>\n</consent>\n";
    }
};

inline std::string signed_by(const hansa::test::Person& person, const std::string& text, std::string_view profile = "enveloped.ecdsa-p256-sha256") {
    return hansa::test::must(trust::sign(text, hansa::test::core_profile(profile), person.signer()));
}

inline Result<Opened> opened(const std::string& bytes, Diagnostics& faults) {
    return open_consent(*registry(), bytes, {.trust = &people().store}, faults);
}

inline pivot::Document declaration_of(const std::string& lines) { return pivot::read_text("document declaration\n" + lines).value().front(); }

}  // namespace hansa::disclosure::test
