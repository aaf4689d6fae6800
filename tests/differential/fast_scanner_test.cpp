// The fast scanner against the reference, token by token, at every level of vectors that this machine has.
//
// HANSA_SEED and HANSA_MUTANTS change seed and number of the mutants; a failure prints both and the document.
#include "core/xml/fast_scanner.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

#include "core/xml/encoding.h"
#include "tests/conformance/hostile/cases.h"
#include "tests/fuzz/xml_mutator.h"
#include "tests/support/corpus.h"
#include "tests/support/results.h"
#include "tests/support/scanner_pair.h"

namespace hansa {
namespace {

namespace fs = std::filesystem;
using test::difference_at_any_level;

constexpr std::string_view chinese = "\xE5\x8C\x97\xE4\xBA\xAC\xE5\xB8\x82\xE6\xB5\xB7\xE6\xB7\x80\xE5\x8C\xBA";

/// Long enough that the short ways are taken, with what real messages have and what they could have.
struct Spelling {
    std::string prefix;         ///< with its colon
    std::string line;           ///< between elements
    std::string before, after;  ///< around each value
    std::string comment;        ///< behind some elements
    char quote = '"';
    std::string gap = " ";  ///< before attributes
};

std::string message(const Spelling& as, int orders = 3) {
    const std::string& p = as.prefix;
    const auto attribute = [&](const std::string& name, const std::string& value) {
        return as.gap + name + "=" + as.quote + value + as.quote;
    };
    const std::string declaration = p.empty() ? "xmlns" : "xmlns:" + p.substr(0, p.size() - 1);
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + as.line;
    out += "<" + p + "Message" + attribute("version", "1.0") + attribute(declaration, "urn:example:orders") +
           attribute("xmlns:q", "urn:example:other") + ">";
    for (int i = 0; i < orders; ++i) {
        const auto field = [&](const std::string& name, const std::string& value) {
            out += as.line + "<" + p + name + ">" + as.before + value + as.after + "</" + p + name + ">";
        };
        out += as.line + "<" + p + "Order" + attribute("number", std::to_string(i)) + attribute("q:kind", "&lt;x") +
               attribute("note", as.quote == '"' ? "a b'c" : "a b\"c") + ">";
        field("orderNo", "order2026112500000" + std::to_string(i));
        field("name", std::string(chinese));
        field("empty", "");
        out += as.line + "<" + p + "nothing" + attribute("q:a", "1") + attribute("a", "2") + "/>" + as.comment;
        field("address", std::string(chinese) + " 12, " + std::string(chinese));
        field("a-name-that-is-longer-than-one-block-of-thirty-two-bytes", "1.25");
        out += as.line + "<q:inner" + attribute("xmlns:q", "urn:example:inner") + "><q:x/></q:inner>";
        field("q.y", "text > with ] and ]] in it");
        out += as.line + "</" + p + "Order>" + as.comment;
    }
    return out + as.line + "</" + p + "Message>" + as.line +
           "<!-- the end, long enough for the short ways to come here too: " + std::string(100, '.') + " -->";
}

std::vector<Spelling> spellings() {
    return {
        {"", "", "", "", "", '\'', " "},
        {"p:", "", "", "", "", '\'', " "},
        {"a-long-prefix:", "\n\t", "", "", "<!-- c -->", '\'', "  "},
        {"p:", "\r\n  ", "", "", "<!-- \xE4\xB8\xAD\r\n -->", '\'', "\r\n\t"},
        {"p:", "\n", "<![CDATA[", "]]>", "<?p i?>", '\'', "\n"},
        {"", "\n", "<![CDATA[<&]]>", "<![CDATA[]]>", "<!---->", '\'', " "},
        {"", "", "&amp;", "&#20013;&#xD;", "", '\'', " "},
        {"p:", " ", "\r", "\r\n", "", '\'', " "},
        {"", "", "&lt;x&gt;", "]]&gt;", "<?p?>", '\'', " "},
    };
}

void expect_agreement(std::string_view text, const std::string& what) {
    EXPECT_EQ(difference_at_any_level(text), "") << what << ": " << testing::PrintToString(text.substr(0, 4000));
}

TEST(FastScanner, ReadsEachSpelling) {
    for (Spelling as : spellings()) {
        for (const char quote : {'\'', '"'}) {
            as.quote = quote;
            const std::string text = message(as);
            const auto verdict = xml::scan_well_formed(text);
            EXPECT_TRUE(verdict.has_value()) << (verdict ? "" : verdict.error().text()) << text;
            expect_agreement(text, "a spelling");
        }
    }
}

/// Places of lanes and blocks: a text of each length from each place, with each thing that ends or changes it.
TEST(FastScanner, TextsOfEachLengthInEachPlace) {
    const std::string specials[] = {"",
                                    "&amp;",
                                    "\r",
                                    "\r\n",
                                    "]]>",
                                    ">",
                                    "\xE4\xB8\xAD",
                                    "\x01",
                                    "\xFF",
                                    "&x;",
                                    "<!-->",
                                    "]]",
                                    "<b/>",
                                    "\xEF\xBF\xBF",
                                    "<![CDATA[]]]]>",
                                    "\xF0\x9F\x98\x80"};
    xml::FastScanner fast;
    for (std::size_t before = 0; before < 66; before += before < 34 ? 1 : 5) {
        for (std::size_t length = 0; length <= 130; ++length) {
            const std::string& special = specials[(before * 7 + length) % std::size(specials)];
            for (const std::size_t place : {std::size_t{0}, length / 2, length}) {
                const std::string text = "<a>" + std::string(before, ' ') + "<b>" + std::string(place, 'x') + special +
                                         std::string(length - place, length % 2 == 0 ? 'y' : ' ') + "</b>" +
                                         std::string(100, '\n') + "</a>";
                ASSERT_EQ(test::difference(fast, text), "")
                    << before << " " << length << " " << place << testing::PrintToString(text);
            }
        }
    }
}

TEST(FastScanner, NamesAndValuesOfEachLength) {
    for (std::size_t length = 1; length <= 140; ++length) {
        const std::string name(length, 'n');
        const std::string value(length, 'v');
        const std::string tail(120, ' ');
        for (const std::string& text :
             {"<r><" + name + ">x</" + name + "><" + name + "/><" + name + " a='" + value + "' " + name + "=\"" +
                  value + "\">y</" + name + " ></r>" + tail,
              "<r xmlns:" + name + "='u'><" + name + ":a " + name + ":b='1'>x</" + name + ":a></r>" + tail,
              "<r><" + name + ">x</" + name + "n></r>" + tail, "<r><" + name + "n>x</" + name + "></r>" + tail,
              "<r><a b='" + value + "&lt;'/><a b='" + value + "\t'/><a b='" + value + "<'/></r>" + tail,
              "<r><!--" + value + "--><!--" + value + "\r--><!--" + value + "--" + value + "--></r>" + tail}) {
            expect_agreement(text, "length " + std::to_string(length));
        }
    }
}

TEST(FastScanner, CutOffAtEachByte) {
    for (const Spelling& as : spellings()) {
        const std::string text = message(as, 1);
        xml::FastScanner fast;
        for (std::size_t size = 0; size <= text.size(); ++size) {
            const std::string cut = text.substr(0, size);
            ASSERT_EQ(test::difference(fast, cut), "") << size << " bytes of " << text;
            // The same with something behind the cut, so that short ways come to it.
            ASSERT_EQ(test::difference(fast, cut + std::string(90, ' ')), "")
                << size << " bytes and spaces of " << text;
        }
    }
}

TEST(FastScanner, EachByteReplaced) {
    const std::string text = message(spellings()[4], 2);
    const std::string others("<>&'\"/=: \r]-\x01\xC3\xBF", 16);
    xml::FastScanner fast;
    for (std::size_t at = 0; at < text.size(); ++at) {
        for (const char other : others) {
            std::string changed = text;
            changed[at] = other;
            ASSERT_EQ(test::difference(fast, changed), "")
                << at << " becomes " << other << " in " << testing::PrintToString(text);
        }
    }
}

struct LimitCase {
    const char* name;
    xml::Limits limits;
};

TEST(FastScanner, KeepsEachLimit) {
    for (std::size_t bound = 0; bound <= 70; ++bound) {
        const LimitCase rows[] = {
            {"document", {.document_bytes_max = bound * 20}},
            {"depth", {.depth_max = bound}},
            {"attributes", {.attributes_max = bound}},
            {"namespaces", {.namespaces_in_scope_max = bound}},
            {"name", {.name_bytes_max = bound}},
            {"text", {.text_bytes_max = bound}},
        };
        for (const Spelling& as : spellings()) {
            const std::string text = message(as, 1);
            for (const LimitCase& row : rows) {
                ASSERT_EQ(difference_at_any_level(text, row.limits), "") << row.name << " " << bound << " " << text;
            }
        }
        // Names that only declare, or only name an instruction, are names too.
        const std::string longer(bound / 2, 'p');
        for (const std::string& text : {"<a xmlns:" + longer + "x='urn:x'/>", "<a><?" + longer + "x y?></a>"}) {
            const std::string padded = text + std::string(100, '\n');
            ASSERT_EQ(difference_at_any_level(padded, {.name_bytes_max = bound}), "") << bound << " " << text;
            ASSERT_EQ(difference_at_any_level(padded, {.name_bytes_max = 9}), "") << bound << " " << text;
        }
        std::string deep;
        for (std::size_t i = 0; i < bound; ++i) deep += "<d>";
        deep += "<e a='1'/>";
        for (std::size_t i = 0; i < bound; ++i) deep += "</d>";
        deep += std::string(100, '\n');
        ASSERT_EQ(difference_at_any_level(deep), "") << bound;
        ASSERT_EQ(difference_at_any_level(deep, {.depth_max = 1'000}), "") << bound;
    }
}

TEST(FastScanner, DeclaredEncodings) {
    for (const char* name : {"UTF-8", "utf-8", "US-ASCII", "us-ascii", "GB18030", "x y", ""}) {
        for (const std::string_view inside : {std::string_view("plain"), chinese}) {
            const std::string text = "<?xml version='1.0' encoding='" + std::string(name) + "'?><a><b>" +
                                     std::string(inside) + "</b>" + std::string(200, ' ') + "<b c='" +
                                     std::string(inside) + "'/></a>" + std::string(100, ' ');
            for (const auto declared : {xml::DeclaredEncoding::binding, xml::DeclaredEncoding::converted}) {
                EXPECT_EQ(difference_at_any_level(text, {}, declared), "") << text;
                EXPECT_EQ(difference_at_any_level("\xEF\xBB\xBF" + text, {}, declared), "") << text;
            }
        }
    }
}

/// Many names, more than are kept; the same hash places; many attributes; the same attribute twice, far apart.
TEST(FastScanner, ManyNames) {
    std::string text = "<r xmlns:p='u' xmlns:q='u' xmlns:s='v'>";
    for (int i = 0; i < 1'500; ++i) {
        const std::string name = "name-" + std::to_string(i * 7919);
        text += "<" + name + " a='1' " + name + "='2' p:" + name + "='3'>x</" + name + ">";
    }
    expect_agreement(text + "</r>" + std::string(100, ' '), "many names");
    for (const int count : {2, 11, 12, 13, 14, 40, 255, 256, 257}) {
        for (const char* prefix : {"", "p:"}) {
            std::string tag = "<b";
            for (int i = 0; i < count; ++i) tag += " " + std::string(prefix) + "a" + std::to_string(i) + "='v'";
            expect_agreement("<r xmlns:p='u'>" + tag + "/></r>" + std::string(100, ' '), "many attributes");
            const std::string twice = " " + std::string(prefix) + "a0='w'/>";
            expect_agreement("<r xmlns:p='u'>" + tag + twice + "</r>" + std::string(100, ' '), "an attribute twice");
        }
    }
    for (const char* tag :
         {"<b p:x='1' q:x='2'/>", "<b p:x='1' s:x='2' x='3'/>", "<b p:x='1' s:y='2' q:x='3'/>", "<p:x q:x='' x=''/>",
          "<b xmlns:q='w' p:x='1' q:x='2'/>", "<b xmlns='u' x='1' p:x='2'/>", "<b t:x='1'/>", "<t:b/>", "<xmlns:b/>",
          "<b xmlns:p=''/>", "<b xml:lang='x' xml:space='y'/>", "<b:c:d/>", "<:b/>", "<b:/>", "<b a:='1'/>", "<1b/>"}) {
        expect_agreement("<r xmlns:p='u' xmlns:q='u' xmlns:s='v'>" + std::string(tag) + std::string(tag) + "</r>" +
                             std::string(100, ' '),
                         tag);
    }
}

/// Every pair of what can stand in an element, right and wrong, so that each meets each as its neighbour.
TEST(FastScanner, EachThingBesideEachOther) {
    const std::vector<std::string> things = {"text",
                                             " ",
                                             "\r\n",
                                             "\n\t",
                                             "a > b",
                                             "]]",
                                             "]]>",
                                             "&amp;",
                                             "&apos;&quot;&gt;&lt;",
                                             "&#65;",
                                             "&#x4E2D;&#x1F600;&#xE9;",
                                             "&#0;",
                                             "&#xD800;",
                                             "&#x110000;",
                                             "&#1234567;",
                                             "&#12345678;",
                                             "&#;",
                                             "&#x;",
                                             "&#xg;",
                                             "&#65",
                                             "&am;",
                                             "&ampx;",
                                             "& ",
                                             "&",
                                             "<![CDATA[]]>",
                                             "<![CDATA[<&>\r\n]]>",
                                             "<![CDATA[ ]]>",
                                             "<![CDATA[]]]]>",
                                             "<![cdata[]]>",
                                             "<!-- c -->",
                                             "<!---->",
                                             "<!--\r-->",
                                             "<!-- -- -->",
                                             "<!--->",
                                             "<!x>",
                                             "<?p?>",
                                             "<?p d?>",
                                             "<?p  d ?x? ?>",
                                             "<?p ?>",
                                             "<?p\r\nd\r?>",
                                             "<?p?d?>",
                                             "<?pd",
                                             "<?xml d?>",
                                             "<?XmL?>",
                                             "<?p:q d?>",
                                             "<?1?>",
                                             "<? p?>",
                                             "<?\xE4\xB8\xAD d?>",
                                             "<a/>",
                                             "<a />",
                                             "<a></a>",
                                             "<a></a >",
                                             "<a></a\r\n>",
                                             "<a></b>",
                                             "<a></a b>",
                                             "<a x='1'/>",
                                             "<a x=''></a>",
                                             "<a x = '1' y= \"2\" z ='3'/>",
                                             "<a x\n=\n'1'/>",
                                             "<a x='1'y='2'/>",
                                             "<a x='1' x='2'/>",
                                             "<a x='&lt;&#13;&amp;'/>",
                                             "<a x='\t1\r\n2\r3\n'/>",
                                             "<a x='<'/>",
                                             "<a x='&x;'/>",
                                             "<a x=\"'\" y='\"'/>",
                                             "<a x=1/>",
                                             "<a x/>",
                                             "<a x='1'/ >",
                                             "<p:a p:x='1' x='2'/>",
                                             "<q:a/>",
                                             "<a q:x='1'/>",
                                             "<a xmlns='v'/>",
                                             "<a xmlns='v'><a/></a>",
                                             "<a xmlns='v' x='1'>t</a>",
                                             "<p:a xmlns:p='w' p:x='1'><p:b/></p:a>",
                                             "<q:a xmlns:q='w'><q:b q:x=''/></q:a>",
                                             "<q:a xmlns:q='w' xmlns:q='w'/>",
                                             "<a xmlns:q=''/>",
                                             "<a xmlns:q='&amp;'><q:b/></a>",
                                             "<a xmlns:xml='v'/>",
                                             "<a xmlns:xmlns='v'/>",
                                             "<a xmlns='http://www.w3.org/XML/1998/namespace'/>",
                                             "<a xmlns:q='u' p:x='1' q:x='2'/>",
                                             "<a xmlns:q='v' p:x='1' q:x='2'/>",
                                             "<a xmlns=''><b/></a>",
                                             "<a xmlns='v' xmlns='v'/>",
                                             "<a xml:lang='x' xml:lang='y'/>",
                                             "<\xE4\xB8\xAD \xE4\xB8\xAD='1'/>",
                                             "<a\xC2\xB7/>",
                                             "<\xC2\xB7/>",
                                             "<a x='\xFF'/>",
                                             "<a\x01/>"};
    std::size_t well_formed = 0;
    for (const std::string& one : things) {
        for (const std::string& other : things) {
            const std::string text = "<r xmlns:p='u'>" + one + other + "<p:a p:x='3'>" + one + "</p:a>" + other +
                                     "<c/>" + one + "</r>" + std::string(240, '\n');
            if (xml::scan_well_formed(text)) ++well_formed;
            ASSERT_EQ(difference_at_any_level(text), "") << testing::PrintToString(text);
        }
    }
    EXPECT_GT(well_formed, 1'500u);
    EXPECT_LT(well_formed, things.size() * things.size() * 2 / 3);
}

/// What a prefix means changes while names stay known.
TEST(FastScanner, ScopesOpenAndClose) {
    std::string text = "<p:r xmlns:p='u'>";
    for (int i = 0; i < 40; ++i) {
        text += "<p:a p:x='1'><p:b xmlns:p='v" + std::to_string(i % 3) +
                "' p:x='2'><p:a p:x='3'/><c xmlns='w'><d/><p:a/></c></p:b><p:a/></p:a><d/>";
        text += "<e xmlns='' xmlns:p='&#117;&amp;'><p:a/><d/></e>";
    }
    // A tag that declares and is left to Scanner's rules all the same, for its many prefixed attributes.
    std::string many = "<a xmlns:z='u' xmlns:w='v'";
    for (int i = 0; i < 14; ++i) many += (i % 2 == 0 ? " z:a" : " w:a") + std::to_string(i) + "=''";
    expect_agreement("<r>" + many + "/>" + many + "/><z:b/></r>" + std::string(100, ' '), "a scope that is closed");
    expect_agreement("<r>" + many + "><z:b/></a><c/>" + many + "/><z:b/></r>" + std::string(300, ' '),
                     "a scope that is closed");
    for (int i = 0; i < 60; ++i) many += " xmlns:y" + std::to_string(i) + "='u'";
    expect_agreement("<r xmlns:a='1'>" + many + "/>" + many + " xmlns:b='2' xmlns:c='3'/></r>" + std::string(300, ' '),
                     "a full scope");
    expect_agreement(text + "</p:r>" + std::string(100, ' '), "scopes");
    expect_agreement(text + "</p:r><p:a/>" + std::string(100, ' '), "a second root");
    expect_agreement(text + "<q:a/></p:r>" + std::string(100, ' '), "an undeclared prefix");
}

TEST(FastScanner, LongTextsCommentsAndSections) {
    // Rows of what changes or could end something, up to the last byte of the document.
    for (const char* const piece : {"\r", "\r\n", ">", "]", "]>", "a>", "&amp;", "&#65;", "<![CDATA[]]>",
                                    "<![CDATA[\r]]>", "<!---->", "<?p?>", "'", "\"", "\n"}) {
        for (const std::size_t count : {1u, 2u, 15u, 16u, 17u, 33u, 300u}) {
            std::string row;
            for (std::size_t i = 0; i < count; ++i) row += piece;
            for (const char* const behind : {"</t>", "</t></r>", "<b/></t></r>", " </t></r>", "</t>", "&lt;</t></r>",
                                             "\r</t></r>", "<![CDATA[x]]></t></r>", ""}) {
                ASSERT_EQ(difference_at_any_level(std::string("<r><t>") + row + behind), "")
                    << piece << count << behind;
            }
            for (const char* const behind :
                 {"'/>", "'/></r>", "' b='1'/></r>", "'", "'></t></r>", "&lt;'/></r>", "&'/></r>", ""}) {
                ASSERT_EQ(difference_at_any_level(std::string("<r><t a='") + row + behind), "")
                    << piece << count << behind;
            }
        }
    }
    for (const std::size_t size : {4'000u, 4'096u, 8'200u, 100'000u}) {
        std::string body;
        while (body.size() < size) body += std::string(chinese) + "abc ";
        for (const std::string& inside :
             {body, "<![CDATA[" + body + "]]>", "<!--" + body + "-->", "<?p " + body + "?>", body + "&amp;" + body,
              body + "]]>", body + "\xFF", body + "\x02" + body, "<!--" + body + "--", "<![CDATA[" + body}) {
            for (const std::size_t shift : {0u, 1u, 2u, 3u}) {
                expect_agreement("<a>" + std::string(shift, 's') + inside + "<b/></a>" + std::string(100, ' '), "long");
            }
        }
        ASSERT_EQ(difference_at_any_level("<a><b>" + body + "</b></a>", {.text_bytes_max = body.size()}), "");
        ASSERT_EQ(difference_at_any_level("<a><b>" + body + "</b></a>", {.text_bytes_max = body.size() - 1}), "");
    }
}

// --- many documents ----------------------------------------------------------------------------

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(FastScanner, ReadsMutantsAsTheReferenceDoes) {
    const std::uint64_t seed = number_from("HANSA_SEED", 20'261'125);
    const std::uint64_t wanted = number_from("HANSA_MUTANTS", 40'000);
    test::SuiteResult counts("fast-scanner-mutants", seed);
    std::vector<std::string> documents = test::small_documents;
    // Comments behind the root let the short ways come to its last byte.
    for (const std::string& small : test::small_documents)
        documents.push_back(small + "<!--" + std::string(100, 'x') + "-->");
    for (const Spelling& as : spellings()) documents.push_back(message(as, 1));
    for (const Spelling& as : spellings()) documents.push_back(message(as, 1));
    test::Mutator mutator(documents, seed);
    std::size_t well_formed = 0;
    for (std::uint64_t i = 0; i < wanted && counts.failed() < 20; ++i) {
        const std::string mutant = mutator.next();
        if (xml::scan_well_formed(mutant)) ++well_formed;
        const std::string differs = difference_at_any_level(mutant);
        if (differs.empty()) {
            counts.pass();
            continue;
        }
        counts.fail();
        ADD_FAILURE() << "HANSA_SEED=" << seed << ", mutant " << i << ": " << testing::PrintToString(mutant) << "\n"
                      << differs;
    }
    EXPECT_GT(well_formed, wanted / 20);
    EXPECT_LT(well_formed, wanted / 2);
    counts.publish();
}

/// Every document in the corpus, as it is and as UTF-8.
TEST(FastScanner, ReadsTheCorpusAsTheReferenceDoes) {
    const auto corpus = test::corpus();
    if (!corpus) GTEST_SKIP() << "no corpus";
    test::SuiteResult counts("fast-scanner-corpus");
    const auto check = [&](const std::string& name, const std::string& bytes) {
        std::string differs = difference_at_any_level(bytes);
        if (const auto document = xml::to_utf8(bytes); differs.empty() && document) {
            differs = difference_at_any_level(document->text(), {}, xml::DeclaredEncoding::converted);
        }
        differs.empty() ? counts.pass() : counts.fail();
        EXPECT_EQ(differs, "") << name;
    };
    const fs::path unpacked = test::build_dir() / "xmlconf-fast";
    fs::create_directories(unpacked);
    const fs::path archive = *corpus / "w3c-xmlconf" / "xmlconf-shared.tar.gz";
    ASSERT_EQ(std::system(("tar -xzf '" + archive.string() + "' -C '" + unpacked.string() + "'").c_str()), 0);
    for (const fs::path& root : {*corpus, unpacked}) {
        for (const auto& entry : fs::recursive_directory_iterator(root)) {
            const auto extension = entry.path().extension();
            if (!entry.is_regular_file()) continue;
            if (extension == ".xml" || extension == ".xsd" || extension == ".ent" || extension == ".dtd") {
                check(entry.path().string(), test::slurp(entry.path()));
            }
        }
    }
    for (const char* folder : {"malformed", "recurse", "xxe"}) {
        for (const auto& entry : fs::directory_iterator(*corpus / "xml-hostile" / folder)) {
            for (const auto& document : test::hostile_documents(entry.path(), entry.path().filename().string())) {
                check(document.name, document.bytes);
            }
        }
    }
    EXPECT_GT(counts.passed(), 2'000u);
    counts.publish();
}

}  // namespace
}  // namespace hansa
