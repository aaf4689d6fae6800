#include "tests/bench/translate/translators.h"

#include <array>
#include <filesystem>
#include <stdexcept>

#include "tests/bench/translate/output.h"

namespace hansa::bench {
namespace {

struct Pair {
    std::string_view from, to;
    MakePeer pugixml;
};

constexpr std::array pairs{
    Pair{"cn.ceb621", "wco.declaration", ceb621::with_pugixml},
    Pair{"eaeu.goods-declaration", "am.esad", goods_declaration::with_pugixml},
    Pair{"asycuda.sad", "wco.declaration", sad::with_pugixml},
};

const Pair* pair_of(const Task& task) {
    for (const Pair& pair : pairs) {
        if (pair.from == task.from && pair.to == task.to) return &pair;
    }
    return nullptr;
}

const Pair& written_pair(const Task& task) {
    const Pair* pair = pair_of(task);
    if (pair == nullptr) throw std::runtime_error("no translation of " + task.from + " to " + task.to + " is written");
    return *pair;
}

}  // namespace

bool translation_written(const Task& task) {
    return pair_of(task) != nullptr;
}

std::string stylesheet_of(const Task& task) {
    const Pair& pair = written_pair(task);
    const std::filesystem::path file = std::filesystem::path(task.data_folder) / "translate" /
                                       (std::string(pair.from) + "-" + std::string(pair.to) + ".xsl");
    if (!std::filesystem::exists(file)) throw std::runtime_error(file.string() + " is missing");
    return file.string();
}

std::string date_format(const Task& task) {
    const auto own = task.settings.find("date-format");
    if (own != task.settings.end()) return own->second;
    const auto block = task.settings.find("settings");
    const std::string_view name = block == task.settings.end() ? std::string_view() : block->second;
    return name == "bj" ? "dd/MM/yy" : "M/d/yy";
}

std::unique_ptr<Peer> pugixml_translator(const Task& task) {
    return written_pair(task).pugixml(task);
}

std::unique_ptr<Peer> xerces_translator(const Task& task) {
    if (written_pair(task).from != "cn.ceb621") throw std::runtime_error("written for cn.ceb621 only");
    return ceb621::with_xerces(task);
}

std::string_view Texts::joined(pugi::xml_node piece) {
    std::string& text = joined_.emplace_back();
    for (; piece; piece = piece.next_sibling()) text += piece.value();
    return text;
}

void PugixmlTranslator::prepare(std::span<const std::string_view> messages) {
    next_ = 0;
    made_ = messages.size();
    if (copies_.size() < made_) copies_.resize(made_);
    for (std::size_t i = 0; i < made_; ++i) copies_[i].assign(messages[i]);
}

bool PugixmlTranslator::run(std::string_view message, std::string& output) {
    if (next_ == made_) return check(message, output);
    return parse_and_translate(copies_[next_++], message, output);
}

bool PugixmlTranslator::check(std::string_view message, std::string& output) {
    std::string copy(message);
    return parse_and_translate(copy, message, output);
}

bool PugixmlTranslator::parse_and_translate(std::string& copy, std::string_view message, std::string& output) {
    const pugi::xml_parse_result result =
        document_.load_buffer_inplace(copy.data(), copy.size(), pugi::parse_default, pugi::encoding_utf8);
    if (!result) return refuse(result.description());
    texts_.clear();
    return translate(document_, message, output);
}

bool PugixmlDocuments::translate(const pugi::xml_document& document, std::string_view, std::string& output) {
    constexpr std::string_view declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    const pugi::xml_node root = document.document_element();
    output = declaration;
    if (by_hand::local_name(root.name()) != "batch") return append_document(root, output);
    std::size_t count = 0;
    for (pugi::xml_node one = root.first_child(); one; one = one.next_sibling()) ++count;
    if (count == 1) return append_document(root.first_child().first_child(), output);
    output += "<b:batch xmlns:b=\"urn:hansa:batch:1\" count=\"";
    output += std::to_string(count);
    output += "\" format=\"";
    output += target_;
    output += "\">";
    for (pugi::xml_node one = root.first_child(); one; one = one.next_sibling()) {
        output += "<b:document>";
        if (!append_document(one.first_child(), output)) return false;
        output += "</b:document>";
    }
    output += "</b:batch>";
    return true;
}

}  // namespace hansa::bench
