// The translations of the benchmark, and what those of one library share.
//
// A pair is a stylesheet FROM-TO.xsl beside this file, which libxslt and Xalan-C run, and a function
// with_pugixml(task); one pair has with_xerces(task) too. README.md says what each may assume.
#pragma once

#include <deque>
#include <pugixml.hpp>
#include <string>

#include "tests/bench/peer.h"

namespace hansa::bench {

/// The stylesheet of a task's pair, or empty where none is written.
std::string stylesheet_of(const Task& task);

/// How clients of a task's agency write dates in a SAD: as its settings say, or the block of settings that it uses.
std::string date_format(const Task& task);

/// SAX2 of Xerces-C and the same hand-written target as pugixml has: cn.ceb621 to wco.declaration only.
std::unique_ptr<Peer> xerces_translator(const Task& task);

/// Texts of elements. Where a comment or CDATA cut one, its pieces are joined here; views live until clear().
class Texts {
public:
    std::string_view of(const pugi::xml_node& element) {
        const pugi::xml_node first = element.first_child();
        return first.next_sibling() ? joined(first) : std::string_view(first.value());
    }
    void clear() { joined_.clear(); }

private:
    std::string_view joined(pugi::xml_node piece);

    std::deque<std::string> joined_;
};

/// pugixml, parsed in place: copies of the messages are made before the clock runs.
class PugixmlTranslator : public Peer {
public:
    void prepare(std::span<const std::string_view> messages) override;
    bool run(std::string_view message, std::string& output) override;
    bool check(std::string_view message, std::string& output) override;

protected:
    /// `message` are the bytes that were parsed, untouched.
    virtual bool translate(const pugi::xml_document& document, std::string_view message, std::string& output) = 0;

    Texts texts_;  ///< of the message at hand

private:
    bool parse_and_translate(std::string& copy, std::string_view message, std::string& output);

    pugi::xml_document document_;
    std::deque<std::string> copies_;
    std::size_t next_ = 0, made_ = 0;
};

/// The same for formats that hold one document: a bare message becomes a bare one, a hansa.batch becomes a hansa.batch.
class PugixmlDocuments : public PugixmlTranslator {
public:
    explicit PugixmlDocuments(std::string target) : target_(std::move(target)) {}

protected:
    /// Appends the target's root element, without an XML declaration. False: refused.
    virtual bool append_document(const pugi::xml_node& root, std::string& output) = 0;

private:
    bool translate(const pugi::xml_document& document, std::string_view message, std::string& output) final;

    std::string target_;
};

namespace ceb621 {
std::unique_ptr<Peer> with_pugixml(const Task& task);
std::unique_ptr<Peer> with_xerces(const Task& task);
}  // namespace ceb621

namespace goods_declaration {
std::unique_ptr<Peer> with_pugixml(const Task& task);
}  // namespace goods_declaration

namespace sad {
std::unique_ptr<Peer> with_pugixml(const Task& task);
}  // namespace sad

}  // namespace hansa::bench
