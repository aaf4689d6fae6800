#include "core/cli/bench_messages.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <span>
#include <vector>

#include "core/base/nearest.h"
#include "core/cli/bench_spelling.h"
#include "core/cli/bench_templates.h"
#include "core/cli/codes.h"
#include "core/envelope/envelope.h"
#include "core/schema/generator.h"
#include "core/schema/reader.h"
#include "core/schema/writer.h"
#include "core/xml/scanner.h"

namespace hansa::bench {
namespace {

using schema::Element;
using schema::Random;
using Values = std::map<std::string, std::string, std::less<>>;

struct ShapeWord {
    std::string_view word;
    Shape shape;
};
constexpr ShapeWord shapes[] = {{"indented", Shape::indented},     {"general", Shape::general},
                                {"comments", Shape::comments},     {"namespaces", Shape::namespaces},
                                {"references", Shape::references}, {"sections", Shape::sections},
                                {"cut", Shape::cut},               {"misfit", Shape::misfit},
                                {"value", Shape::value}};

constexpr std::size_t list_documents_max = 100;  // Inventory, Order: ceb-import-202205.xsd
constexpr std::string_view template_namespace = "urn:hansa:bench-template";

// Invented, on the pattern of published samples.
constexpr std::array platforms{"海淘优选平台", "跨境直购商城", "全球好物网络平台", "Baltic Bazaar"};
constexpr std::array shops{"珠江电子商务有限公司", "示例贸易有限公司", "北京示例跨境电商有限公司", "Example Shop Ltd"};
constexpr std::array carriers{"南方国际货运有限公司", "示例速递股份有限公司", "Example Carrier"};
constexpr std::array agents{"羊城报关服务有限公司", "示例报关行有限公司"};
constexpr std::array persons{"李示例", "王例子", "张样本", "欧阳示范"};
constexpr std::array addresses{"广东省广州市天河区示例路12号3栋504室", "北京市朝阳区样本街7号院",
                               "No 7, Example Lane, Example Town", "上海市浦东新区范例大道100号"};
constexpr std::array notes{"", "", "礼品包装", "gift wrap", "易碎 & 勿压"};
constexpr std::array goods{"Wireless earphones",     "Cotton T-shirt", "LED lamp", "Solar charger", "diapers",
                           "Electric kettle, 1.7 l", "Soap <natural>"};
constexpr std::array goods_national{"无线耳机",   "全棉T恤衫", "LED台灯",         "太阳能充电器",
                                    "婴儿纸尿裤", "电热水壶",  "保湿面霜(50毫升)"};
constexpr std::array goods_cyrillic{"Чайники электрические, 1,7 л", "Наушники беспроводные",
                                    "Полотенца хлопковые, 400 шт.", "Лампы настольные светодиодные"};
constexpr std::array goods_armenian{"ԲԱՄԲԱԿՅԱ ՍՐԲԻՉՆԵՐ, 400 ՀԱՏ", "ԷԼԵԿՏՐԱԿԱՆ ԹԵՅՆԻԿՆԵՐ, 250 ՀԱՏ"};
constexpr std::array models{"TWS-5; Bluetooth 5.3", "knitted; 100% cotton", "5 W; 220 V", "20 W", "L, 54",
                            "不锈钢|1.7升|白色"};
constexpr std::array firms{"ООО \"Пример Импорт\"", "ОАО \"Образец Торг\"", "ЗАО \"Пример & Ко\""};
constexpr std::array tariffs{"8518300000", "6109100010", "9405210090", "8504401400", "9619001100", "8516108000"};
constexpr std::array units{"007", "011", "125"};
constexpr std::array countries{"116", "142", "502", "303"};

template <std::size_t size>
std::string_view one_of(const std::array<const char*, size>& list, Random& random) {
    return list[random.below(size)];
}

std::string digits(Random& random, std::size_t count) {
    std::string out;
    while (out.size() < count) out += static_cast<char>('0' + random.below(10));
    if (!out.empty() && out.front() == '0') out.front() = '4';
    return out;
}

/// Of China, with a day and a check digit (ISO 7064 MOD 11-2) as they should be.
std::string citizen_number(Random& random) {
    std::string out = digits(random, 6) + fmt::format("19{:02}{:02}{:02}", 50 + random.below(50), 1 + random.below(12), 1 + random.below(28)) + digits(random, 3);
    std::size_t sum = 0;
    for (const char sign : out) sum = (sum + static_cast<std::size_t>(sign - '0')) * 2 % 11;
    const std::size_t check = (12 - sum) % 11;
    return out + (check == 10 ? "X" : std::to_string(check));
}

std::string hundredths(std::uint64_t value) {
    return fmt::format("{}.{:02}", value / 100, value % 100);
}

std::string guid(Random& random) {
    const std::uint64_t a = random.next(), b = random.next();
    return fmt::format("{:08X}-{:04X}-4{:03X}-8{:03X}-{:012X}", a >> 32, (a >> 16) & 0xFFFF, a & 0xFFF, b >> 52,
                       b & 0xFFFF'FFFF'FFFF);
}

struct Item {
    Values values;
    std::uint64_t total = 0, quantity = 0, gross = 0, net = 0;
};

Item make_item(std::size_t number, Random& random) {
    Item out;
    out.quantity = 1 + random.below(9);
    const std::uint64_t price = 100 * (5 + random.below(170)) + random.below(2) * 90;  // three lines are within what a buyer may import
    out.total = out.quantity * price;
    out.net = out.quantity * (5 + random.below(120));
    out.gross = out.net + out.quantity * 4;
    out.values = {{"item", std::to_string(number)},
                  {"quantity", std::to_string(out.quantity)},
                  {"price", hundredths(price)},
                  {"total", hundredths(out.total)},
                  {"total.whole", std::to_string(out.total / 100 * 100)},
                  {"item.net", hundredths(out.net)},
                  {"item.gross", hundredths(out.gross)},
                  {"tariff", std::string(one_of(tariffs, random))},
                  {"unit", std::string(one_of(units, random))},
                  {"goods", std::string(one_of(goods, random))},
                  {"goods.national", std::string(one_of(goods_national, random))},
                  {"goods.cyrillic", std::string(one_of(goods_cyrillic, random))},
                  {"goods.armenian", std::string(one_of(goods_armenian, random))},
                  {"model", std::string(one_of(models, random))}};
    return out;
}

struct Filled {
    Values values;
    std::vector<Item> items;
};

Filled make_document(Random& random, std::size_t items) {
    Filled out;
    std::uint64_t sum = 0, whole = 0, gross = 0, net = 0, quantity = 0;
    const std::size_t count = items == 0 ? 1 + random.below(3) : items;
    for (std::size_t i = 0; i < count; ++i) {
        out.items.push_back(make_item(i + 1, random));
        const Item& item = out.items.back();
        sum += item.total, whole += item.total / 100 * 100, gross += item.gross, net += item.net,
            quantity += item.quantity;
    }
    const std::uint64_t freight = 100 * random.below(40), tax = sum / 10;
    out.values = {{"items", std::to_string(count)},
                  {"quantities", std::to_string(quantity)},
                  {"sum", hundredths(sum)},
                  {"sum.whole", std::to_string(whole)},
                  {"tax", hundredths(tax)},
                  {"paid", hundredths(sum + freight + tax)},
                  {"freight", hundredths(freight)},
                  {"insurance", hundredths(50 * random.below(9))},
                  {"gross", hundredths(gross)},
                  {"net", hundredths(net)},
                  {"time", fmt::format("{:02}{:02}{:02}", random.below(24), random.below(60), random.below(60))},
                  {"platform", std::string(one_of(platforms, random))},
                  {"shop", std::string(one_of(shops, random))},
                  {"carrier", std::string(one_of(carriers, random))},
                  {"agent", std::string(one_of(agents, random))},
                  {"person", std::string(one_of(persons, random))},
                  {"address", std::string(one_of(addresses, random))},
                  {"note", std::string(one_of(notes, random))},
                  {"firm", std::string(one_of(firms, random))},
                  {"country", std::string(one_of(countries, random))}};
    return out;
}

/// One {word} of a template.
std::string value_of(std::string_view word, const Values* item, const Values& document, Random& random) {
    const std::size_t space = word.find(' ');
    std::size_t count = 0;
    if (space != word.npos) std::from_chars(word.data() + space + 1, word.data() + word.size(), count);
    const std::string_view name = word.substr(0, space);
    if (name == "digits") return digits(random, count);
    if (name == "citizen") return citizen_number(random);
    if (name == "digits60") return fmt::format("{:02}", random.below(60));
    if (name == "guid") return guid(random);
    if (name == "guid.lower") {
        std::string out = guid(random);
        std::ranges::transform(out, out.begin(),
                               [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
        return out;
    }
    for (const Values* values : {item, &document}) {
        if (values == nullptr) continue;
        const auto found = values->find(name);
        if (found != values->end()) return count == 0 ? found->second : found->second.substr(0, count);
    }
    throw BrokenPromise(fmt::format("a template asks for '{}'", word));
}

std::string fill(std::string_view text, const Values* item, const Values& document, Random& random) {
    std::string out;
    for (;;) {
        const std::size_t open = text.find('{'), close = text.find('}');
        out += text.substr(0, open);
        if (open == text.npos) return out;
        out += value_of(text.substr(open + 1, close - open - 1), item, document, random);
        text.remove_prefix(close + 1);
    }
}

/// A template as a tree, with the prefixes that it declares.
struct Template {
    Element root;
    std::map<std::string, std::string> prefixes;
    bool root_is_document = false;
};

std::string each_of(const Element& element) {
    const schema::Attribute* each = element.attribute("each", template_namespace);
    return each == nullptr ? std::string() : each->value;
}

Template parse_template(std::string_view text) {
    Template out;
    out.root = schema::read_tree(text).value();
    out.root_is_document = each_of(out.root) == "document";
    xml::Scanner scanner(text);
    while (scanner.next().value() != xml::TokenKind::start_element) {
    }
    for (const auto& declaration : scanner.token().declarations) {
        if (declaration.uri != template_namespace) out.prefixes.emplace(declaration.uri, declaration.prefix);
    }
    return out;
}

/// Copies the template's tree, filled.
class Maker {
public:
    Maker(Random& random, std::size_t documents, std::size_t items)
        : random_(random), documents_(documents), items_(items) {}

    /// `documents` counts the elements that stand for one, below a root that is none itself.
    Element make(const Element& from) {
        Filled filled = make_document(random_, items_);
        return copy(from, filled, nullptr);
    }

private:
    Element copy(const Element& from, const Filled& document, const Item* item) {
        Element out;
        out.name = from.name;
        const Values* own = item == nullptr ? nullptr : &item->values;
        for (const schema::Attribute& attribute : from.attributes) {
            if (attribute.name.ns != template_namespace)
                out.attributes.push_back({attribute.name, fill(attribute.value, own, document.values, random_)});
        }
        out.text = from.children.empty() ? fill(from.text, own, document.values, random_) : std::string();
        for (const Element& child : from.children) add(out, child, document, item);
        return out;
    }

    void add(Element& out, const Element& child, const Filled& document, const Item* item) {
        const std::string each = each_of(child);
        if (each == "document") {
            for (std::size_t i = 0; i < documents_; ++i)
                out.children.push_back(copy(child, make_document(random_, items_), nullptr));
        } else if (each == "item") {
            for (const Item& one : document.items) out.children.push_back(copy(child, document, &one));
        } else {
            out.children.push_back(copy(child, document, item));
        }
    }

    Random& random_;
    std::size_t documents_, items_;
};

std::string bytes_of(const Element& root, const Template& from, Shape shape, Random& random) {
    if (shape == Shape::general) return write_generally(root, from.prefixes, random);
    if (is_spelling(shape)) return write_strangely(root, from.prefixes, shape);
    return schema::write_tree(root, {.prefixes = from.prefixes, .indent = shape == Shape::indented});
}

std::string_view template_of(std::string_view format) {
    for (const MessageTemplate& one : message_templates()) {
        if (one.format == format) return one.text;
    }
    return {};
}

Result<std::string> from_generator(const MessageRequest& request) {
    Template plain;
    std::vector<std::string> all;
    for (std::size_t i = 0; i < request.documents; ++i) {
        Random random(request.seed + i);
        const Element root = schema::generate(*request.format.grammar, {.seed = request.seed + i, .items = 3});
        const bool with_prefix = request.shape == Shape::general || is_spelling(request.shape);
        if (with_prefix && !root.name.ns.empty()) plain.prefixes = {{root.name.ns, "g"}};
        all.push_back(request.shape == Shape::general ? schema::write_tree(root, {.prefixes = {{root.name.ns, "g"}}})
                                                      : bytes_of(root, plain, request.shape, random));
    }
    if (all.size() == 1) return all.front();
    return envelope::wrap_batch(all, request.format.id);
}

}  // namespace

Result<Shape> take_shape(std::string& format) {
    const std::size_t plus = format.find('+');
    if (plus == format.npos) return Shape::plain;
    const std::string word = format.substr(plus + 1);
    format.resize(plus);
    const auto found = std::ranges::find(shapes, word, &ShapeWord::word);
    if (found != std::end(shapes)) return found->shape;
    std::vector<std::string_view> words;
    for (const ShapeWord& one : shapes) words.push_back(one.word);
    return Error{cli::codes::usage, fmt::format("'{}' is no shape of messages: {}{}", word, fmt::join(words, ", "), did_you_mean(word, words))};
}

bool has_template(std::string_view format) {
    return !template_of(format).empty();
}

std::size_t documents_max(std::string_view format) {
    const std::string_view text = template_of(format);
    return text.empty() || parse_template(text).root_is_document ? 1 : list_documents_max;
}

Result<std::string> make_message(const MessageRequest& request) {
    const std::string_view text = template_of(request.format.id);
    if (text.empty()) return from_generator(request);
    const Template from = parse_template(text);
    Random random(request.seed);
    if (!from.root_is_document)
        return bytes_of(Maker(random, request.documents, request.items).make(from.root), from, request.shape, random);
    std::vector<std::string> all;
    for (std::size_t i = 0; i < request.documents; ++i)
        all.push_back(bytes_of(Maker(random, 1, request.items).make(from.root), from, request.shape, random));
    if (all.size() == 1) return all.front();
    return envelope::wrap_batch(all, request.format.id);
}

}  // namespace hansa::bench
