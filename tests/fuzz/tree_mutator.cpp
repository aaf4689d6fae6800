#include "tests/fuzz/tree_mutator.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

#include "core/schema/reader.h"
#include "core/schema/writer.h"
#include "tests/differential/respell.h"

namespace hansa::test {

namespace {

using schema::Attribute;
using schema::Element;
using schema::ElementDecl;
using schema::Random;

/// Values at which conversions part ways.
constexpr std::string_view strange[] = {"",
                                        "0",
                                        "-0",
                                        "0.00",
                                        "00012.500",
                                        "-1",
                                        "+7",
                                        "1e5",
                                        "99999999",
                                        ".5",
                                        "5.",
                                        "Y",
                                        "N",
                                        "true",
                                        "1",
                                        "CN",
                                        "156",
                                        "USD",
                                        "840",
                                        "KGM",
                                        "035",
                                        "20260228",
                                        "x",
                                        " x ",
                                        "20261131",
                                        "102",
                                        "a\nb",
                                        "&<>\"",
                                        "]]>",
                                        "2026-11-25",
                                        "9",
                                        "/",
                                        "\xE4\xB8\xAD\xE6\x96\x87",
                                        "\xF0\x9F\x98\x80",
                                        "2026-11-25T12:00:00+08:00",
                                        "2026-11-25T12:00:00Z",
                                        "20261125120000",
                                        "260101",
                                        "A/B",
                                        "A,B, C",
                                        "-"};

struct Place {
    Element* element;
    const ElementDecl* declaration;  ///< nullptr: not known
};

class Change {
public:
    Change(const schema::Grammar& grammar, Element& document, const Element& donor, Random& random)
        : grammar_(grammar), random_(random) {
        collect(donor);
        collect(document, grammar.global(document.name.local, document.name.ns));
    }

    void make() {
        if (places_.empty()) return;
        const Place place = places_[pick(places_.size())];
        switch (random_.below(10)) {
            case 0:
                return value(place);
            case 1:
                return attribute(place);
            case 2:
                return take_out(*place.element);
            case 3:
                return repeat(*place.element);
            case 4:
                return exchange(*place.element);
            case 5:
                return put_in(place);
            default:
                return graft(*place.element);
        }
    }

private:
    std::size_t pick(std::size_t count) { return static_cast<std::size_t>(random_.below(count)); }

    void collect(Element& element, const ElementDecl* declaration) {
        places_.push_back({&element, declaration});
        for (Element& child : element.children) {
            const schema::Child* known =
                declaration != nullptr ? grammar_.child(*declaration, child.name.local, child.name.ns) : nullptr;
            collect(child, known != nullptr ? known->element : grammar_.global(child.name.local, child.name.ns));
        }
    }

    void collect(const Element& donor) {
        donors_[donor.name.local].push_back(&donor);
        for (const Element& child : donor.children) collect(child);
    }

    /// The donor's part of the same name for one below the element, or for itself.
    void graft(Element& element) {
        Element* at = &element;
        while (!at->children.empty() && random_.chance(70)) at = &at->children[pick(at->children.size())];
        const auto found = donors_.find(at->name.local);
        if (found == donors_.end()) return;
        const Element& wanted = *found->second[pick(found->second.size())];
        // Copies of a document into itself would grow without an end.
        if (wanted.children.size() < 200) *at = Element(wanted);
    }

    /// Not in the middle of a character.
    static std::string shortened(const std::string& text, std::size_t size) {
        while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
        return text.substr(0, size);
    }

    std::string text_for(const schema::SimpleType* type, const std::string& before) {
        switch (random_.below(6)) {
            case 0:
                return std::string(strange[pick(std::size(strange))]);
            case 1: {
                // What another leaf holds: equal keys, codes of other lists.
                const Place other = places_[pick(places_.size())];
                return other.element->children.empty() ? other.element->text : before;
            }
            case 2:
                return before.empty() ? "x" : shortened(before, pick(before.size()));
            default: {
                const schema::GenerateOptions options{.boundary_percent = 60};
                return type != nullptr ? schema::generate_value(grammar_, *type, random_, options).value_or(before)
                                       : before;
            }
        }
    }

    /// Of a leaf; elements with children hand it to one of them.
    void value(Place place) {
        for (int steps = 0; steps < 30 && !place.element->children.empty(); ++steps) {
            Element& child = place.element->children[pick(place.element->children.size())];
            const auto at =
                std::find_if(places_.begin(), places_.end(), [&](const Place& one) { return one.element == &child; });
            place = *at;
        }
        place.element->text = text_for(place.declaration != nullptr ? grammar_.text_type(*place.declaration) : nullptr,
                                       place.element->text);
    }

    void attribute(const Place& place) {
        std::vector<Attribute>& held = place.element->attributes;
        if (!held.empty() && random_.chance(30)) {
            held.erase(held.begin() + static_cast<std::ptrdiff_t>(pick(held.size())));
            return;
        }
        if (place.declaration == nullptr) return;
        const auto declared = grammar_.attributes(*place.declaration);
        if (declared.empty()) return value(place);
        const schema::AttributeUse& use = declared[pick(declared.size())];
        const auto found =
            std::find_if(held.begin(), held.end(), [&](const Attribute& one) { return one.name == use.name; });
        const std::string before = found == held.end() ? "" : found->value;
        const std::string text = text_for(&grammar_.type(use), before);
        if (found == held.end())
            held.push_back({use.name, text});
        else
            found->value = text;
    }

    void take_out(Element& element) {
        if (element.children.empty()) return;
        element.children.erase(element.children.begin() + static_cast<std::ptrdiff_t>(pick(element.children.size())));
    }

    void repeat(Element& element) {
        if (element.children.empty() || element.children.size() > 40) return;
        const std::size_t at = pick(element.children.size());
        const Element copy = element.children[at];
        element.children.insert(element.children.begin() + static_cast<std::ptrdiff_t>(at), copy);
    }

    /// Two of one name: the order of members changes, validity does not.
    void exchange(Element& element) {
        if (element.children.size() < 2) return;
        const std::size_t at = pick(element.children.size());
        for (std::size_t i = 0; i < element.children.size(); ++i) {
            if (i != at && element.children[i].name == element.children[at].name)
                return std::swap(element.children[i], element.children[at]);
        }
    }

    void put_in(const Place& place) {
        if (place.declaration == nullptr) return;
        const auto declared = grammar_.children(*place.declaration);
        if (declared.empty()) return value(place);
        const ElementDecl& wanted = *declared[pick(declared.size())].element;
        const schema::GenerateOptions options{
            .seed = random_.next(), .items = 2, .optional_percent = 30, .elements_max = 200};
        Element made = schema::generate_element(grammar_, wanted, options);
        // Behind the last child that is declared before it.
        std::vector<Element>& children = place.element->children;
        auto at = children.begin();
        for (auto child = children.begin(); child != children.end(); ++child) {
            const auto order = std::find_if(declared.begin(), declared.end(),
                                            [&](const schema::Child& one) { return one.element->name == child->name; });
            const auto own = std::find_if(declared.begin(), declared.end(),
                                          [&](const schema::Child& one) { return one.element->name == wanted.name; });
            if (order <= own) at = std::next(child);
        }
        children.insert(at, std::move(made));
    }

    const schema::Grammar& grammar_;
    Random& random_;
    std::vector<Place> places_;
    std::map<std::string, std::vector<const Element*>, std::less<>> donors_;
};

std::string broken(std::string bytes, Random& random) {
    constexpr std::string_view pieces[] = {"<", ">", "&", "]]>", "\"", "<!--", "-->", "<![CDATA[", "<x>", "&#65;", " "};
    const auto at = static_cast<std::size_t>(random.below(bytes.size() + 1));
    if (random.chance(50))
        bytes.insert(at, pieces[random.below(std::size(pieces))]);
    else
        bytes.erase(at, 1 + static_cast<std::size_t>(random.below(4)));
    return bytes;
}

}  // namespace

void change_tree(const schema::Grammar& grammar, Element& document, const Element& donor, unsigned changes,
                 Random& random) {
    for (; changes > 0; --changes) Change(grammar, document, donor, random).make();
}

std::string mutated_document(const schema::Grammar& grammar, std::string_view bytes, std::string_view donor,
                             Random& random) {
    auto tree = schema::read_tree(bytes, {}, &grammar);
    const auto other = schema::read_tree(donor, {}, &grammar);
    if (!tree || !other || random.chance(2)) return broken(std::string(bytes), random);
    change_tree(grammar, *tree, *other, 1 + static_cast<unsigned>(random.below(3)), random);
    if (random.chance(30)) return respell(grammar, *tree, any_respelling(random), random);
    return schema::write_tree(*tree, {.indent = random.chance(20)});
}

}  // namespace hansa::test
