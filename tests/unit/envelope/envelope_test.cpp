// Wrappers come off from outside in, documents come out octet by octet, and limits hold.
#include "core/envelope/envelope.h"

#include <gtest/gtest.h>

#include "core/envelope/batch.h"
#include "core/envelope/codes.h"
#include "core/trust/codes.h"
#include "core/trust/container.h"
#include "core/xml/codes.h"

namespace hansa::envelope {
namespace {

const std::string tea = R"(<t:tea xmlns:t="urn:tea" a="1"><t:leaf>green &amp; black</t:leaf><!-- kept --></t:tea>)";
const std::string plain = "<ASYCUDA id=\"x\"><Item/>\r\n</ASYCUDA>";

std::string container(const std::vector<trust::ContainerFile>& files) {
    const auto bytes = trust::write_container(files);
    EXPECT_TRUE(bytes) << bytes.error().text();
    return bytes ? *bytes : std::string();
}

std::string batch_of(const std::vector<std::string>& documents, std::string_view format = {}) {
    const auto bytes = wrap_batch(documents, format);
    EXPECT_TRUE(bytes) << bytes.error().text();
    return bytes ? *bytes : std::string();
}

Code code_of(std::string_view bytes, const Limits& limits = {}) {
    const auto layers = unwrap(bytes, limits);
    return layers ? Code() : layers.error().code;
}

TEST(Unwrap, ADocumentIsItself) {
    for (const std::string& bytes : {tea, plain, std::string("not XML at all"), std::string()}) {
        const auto layers = unwrap(bytes);
        ASSERT_TRUE(layers) << layers.error().text();
        EXPECT_TRUE(layers->wrappers.empty());
        ASSERT_EQ(layers->documents.size(), 1u);
        EXPECT_EQ(layers->documents[0].bytes, bytes);
        EXPECT_EQ(layers->documents[0].path, "");
    }
}

TEST(Unwrap, ABatchMayBeSignedAsAWhole) {
    std::string bytes = batch_of({tea, plain});
    bytes.insert(bytes.rfind("</b:batch>"), "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:SignedInfo>text</ds:SignedInfo></ds:Signature>");
    const auto layers = unwrap(bytes);
    ASSERT_TRUE(layers) << layers.error().text();
    ASSERT_EQ(layers->documents.size(), 2u);
    EXPECT_EQ(layers->documents[1].bytes, plain);
}

TEST(Unwrap, BatchBothWays) {
    const std::string bytes =
        batch_of({"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- before -->" + tea + "\n", plain}, "xx.tea");
    const auto layers = unwrap(bytes);
    ASSERT_TRUE(layers) << layers.error().text() << bytes;
    ASSERT_EQ(layers->wrappers.size(), 1u);
    EXPECT_EQ(layers->wrappers[0].kind, LayerKind::batch);
    EXPECT_EQ(layer_kind_name(layers->wrappers[0].kind), "hansa.batch");
    EXPECT_EQ(layers->wrappers[0].headers.at("count"), "2");
    EXPECT_EQ(layers->wrappers[0].headers.at("format"), "xx.tea");
    ASSERT_EQ(layers->documents.size(), 2u);
    EXPECT_EQ(layers->documents[0].bytes, tea);
    EXPECT_EQ(layers->documents[1].bytes, plain);
    EXPECT_EQ(layers->documents[1].path, "batch[2]");
    EXPECT_EQ(layers->documents[1].headers.at("format"), "xx.tea");
}

TEST(Unwrap, ABatchOfRootsThatAreKnownIsTheSameBytes) {
    const std::vector<std::string> documents{"<a xmlns=\"urn:a\"></a>", "<b>1</b>"};
    for (const std::string format : {"", "xx.declaration", "<&\">"}) {
        std::string out;
        append_batch_start(out, documents.size(), format);
        for (const std::string& document : documents) append_batch_document(out, document);
        append_batch_end(out);
        EXPECT_EQ(out, batch_of(documents, format));
    }
}

TEST(Unwrap, OtherEncodingsBecomeUtf8InABatch) {
    const std::string cyrillic = "<?xml version=\"1.0\" encoding=\"windows-1251\"?><a>\xd7\xe0\xe9</a>";
    const auto layers = unwrap(batch_of({cyrillic}));
    ASSERT_TRUE(layers) << layers.error().text();
    EXPECT_EQ(layers->documents[0].bytes, "<a>\xd0\xa7\xd0\xb0\xd0\xb9</a>");
}

TEST(Unwrap, ContainerGivesItsDocument) {
    const auto layers = unwrap(container({{.name = "declaration.xml", .bytes = tea}}));
    ASSERT_TRUE(layers) << layers.error().text();
    ASSERT_EQ(layers->wrappers.size(), 1u);
    EXPECT_EQ(layer_kind_name(layers->wrappers[0].kind), "asic-e");
    ASSERT_EQ(layers->documents.size(), 1u);
    EXPECT_EQ(layers->documents[0].bytes, tea);
    EXPECT_EQ(layers->documents[0].path, "declaration.xml");
    EXPECT_EQ(layers->documents[0].headers.at("name"), "declaration.xml");
}

TEST(Unwrap, BatchInsideOfAContainer) {
    const auto layers = unwrap(container({{.name = "all.xml", .bytes = batch_of({tea, tea, plain})}}));
    ASSERT_TRUE(layers) << layers.error().text();
    ASSERT_EQ(layers->wrappers.size(), 2u);
    EXPECT_EQ(layers->wrappers[1].depth, 1u);
    ASSERT_EQ(layers->documents.size(), 3u);
    EXPECT_EQ(layers->documents[2].path, "all.xml/batch[3]");
}

TEST(Unwrap, DepthIsBounded) {
    std::string bytes = tea;
    for (int depth = 0; depth != 4; ++depth) bytes = container({{.name = "inner.bin", .bytes = bytes}});
    EXPECT_EQ(code_of(bytes), Code());
    bytes = container({{.name = "inner.bin", .bytes = bytes}});
    EXPECT_EQ(code_of(bytes), codes::too_deep);
    EXPECT_EQ(code_of(batch_of({tea}), {.depth_max = 0}), codes::too_deep);
}

TEST(Unwrap, AllLayersShareOneBudget) {
    const std::string bytes = batch_of({tea, plain});
    const std::size_t all = bytes.size() + tea.size() + plain.size();
    EXPECT_EQ(code_of(bytes, {.bytes_max = all}), Code());
    EXPECT_EQ(code_of(bytes, {.bytes_max = all - 1}), codes::too_large);
    EXPECT_EQ(code_of(bytes, {.bytes_max = 10}), codes::too_large);
    const std::string packed = container({{.name = "a.xml", .bytes = std::string(100'000, ' ') + tea}});
    EXPECT_EQ(code_of(packed, {.bytes_max = packed.size() + 1'000}), trust::codes::container_limit);
}

TEST(Unwrap, DocumentsAreCounted) {
    EXPECT_EQ(code_of(batch_of({tea, tea, tea}), {.documents_max = 3}), Code());
    EXPECT_EQ(code_of(batch_of({tea, tea, tea}), {.documents_max = 2}), codes::too_many);
    EXPECT_EQ(code_of(container({{.name = "a", .bytes = tea}, {.name = "b", .bytes = tea}}), {.documents_max = 1}),
              codes::too_many);
}

TEST(Unwrap, EmptyWrappersAreRefused) {
    EXPECT_EQ(code_of(R"(<batch xmlns="urn:hansa:batch:1" count="1"/>)"), codes::empty);
    const auto none = wrap_batch({});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, codes::empty);
}

struct BadBatch {
    const char* name;
    const char* attributes;
    const char* inside;
    Code code;
};

class BatchFault : public testing::TestWithParam<BadBatch> {};

TEST_P(BatchFault, IsRefusedWithItsPlace) {
    const BadBatch& bad = GetParam();
    const std::string bytes =
        std::string("<b:batch xmlns:b=\"urn:hansa:batch:1\" ") + bad.attributes + ">" + bad.inside + "</b:batch>";
    const auto layers = unwrap(bytes);
    ASSERT_FALSE(layers) << bytes;
    EXPECT_EQ(layers.error().code, bad.code) << layers.error().text();
}

const BadBatch bad_batches[] = {
    {"no_count", "", "<b:document><a/></b:document>", codes::batch_malformed},
    {"wrong_count", "count='2'", "<b:document><a/></b:document>", codes::batch_malformed},
    {"count_is_no_number", "count='one'", "<b:document><a/></b:document>", codes::batch_malformed},
    {"huge_count", "count='99999999999999999999'", "<b:document><a/></b:document>", codes::batch_malformed},
    {"unknown_attribute", "count='1' colour='red'", "<b:document><a/></b:document>", codes::batch_malformed},
    {"document_attribute", "count='1'", "<b:document a='1'><a/></b:document>", codes::batch_malformed},
    {"other_child", "count='1'", "<b:paper><a/></b:paper>", codes::batch_malformed},
    {"foreign_child", "count='1'", "<a/>", codes::batch_malformed},
    {"signature_of_no_document", "count='1'", "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/>", codes::batch_malformed},
    {"behind_the_signature", "count='2'",
     "<b:document><a/></b:document><Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/><b:document><a/></b:document>",
     codes::batch_malformed},
    {"two_signatures", "count='1'",
     "<b:document><a/></b:document><Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/><Signature "
     "xmlns='http://www.w3.org/2000/09/xmldsig#'/>",
     codes::batch_malformed},
    {"two_in_one", "count='1'", "<b:document><a/><a/></b:document>", codes::batch_malformed},
    {"nothing_in_one", "count='1'", "<b:document/>", codes::batch_malformed},
    {"text_between", "count='1'", "x<b:document><a/></b:document>", codes::batch_malformed},
    {"text_in_document", "count='1'", "<b:document>x<a/></b:document>", codes::batch_malformed},
    {"prefix_for_documents", "count='1' xmlns:t='urn:tea'", "<b:document><t:a/></b:document>", codes::batch_inherits},
    {"default_for_documents", "count='1' xmlns='urn:tea'", "<b:document><a/></b:document>", codes::batch_inherits},
    {"prefix_on_document", "count='1'", "<b:document xmlns:t='urn:tea'><t:a/></b:document>", codes::batch_inherits},
    {"own_default", "count='1' xmlns='urn:hansa:batch:1'", "<b:document><a/></b:document>", codes::batch_inherits},
    {"own_prefix_inside", "count='1'", "<b:document><a><b:c/></a></b:document>", codes::batch_inherits},
    {"own_prefix_attribute", "count='1'", "<b:document><a b:c='1'/></b:document>", codes::batch_inherits},
    {"batch_in_batch", "count='1'", "<b:document><b:batch count='1'/></b:document>", codes::batch_inherits},
    {"broken", "count='1'", "<b:document><a></b:document>", xml::codes::not_well_formed},
};

INSTANTIATE_TEST_SUITE_P(Cases, BatchFault, testing::ValuesIn(bad_batches),
                         [](const auto& test) { return test.param.name; });

TEST(WrapBatch, RefusesWhatIsNoDocument) {
    const auto code = [](const std::string& document) {
        const std::vector<std::string> documents{tea, document};
        const auto bytes = wrap_batch(documents);
        EXPECT_FALSE(bytes);
        if (bytes) return Code();
        EXPECT_EQ(bytes.error().place.file, "document 2");
        return bytes.error().code;
    };
    EXPECT_EQ(code("<a><b></a>"), xml::codes::not_well_formed);
    EXPECT_EQ(code("<!DOCTYPE a><a/>"), xml::codes::doctype_refused);
    EXPECT_EQ(code(batch_of({tea})), codes::batch_malformed);
}

TEST(WrapBatch, LimitsHold) {
    const std::vector<std::string> three{tea, tea, tea};
    EXPECT_EQ(wrap_batch(three, {}, {.documents_max = 2}).error().code, codes::too_many);
    EXPECT_EQ(wrap_batch(three, {}, {.bytes_max = 2 * tea.size()}).error().code, codes::too_large);
}

TEST(Unwrap, EveryTruncationEndsInAnErrorOrADocument) {
    const std::string bytes = batch_of({tea, plain});
    for (std::size_t size = 0; size != bytes.size(); ++size) {
        const auto layers = unwrap(std::string_view(bytes).substr(0, size));
        // Too short to see the batch: the document's own reader will refuse it.
        EXPECT_TRUE(!layers || layers->wrappers.empty()) << size;
    }
}

}  // namespace
}  // namespace hansa::envelope
