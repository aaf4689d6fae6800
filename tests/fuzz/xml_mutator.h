// Documents with small changes, made with a seed: for the tests that read what nobody would write.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace hansa::test {

/// Small documents that have a bit of everything.
inline const std::vector<std::string> small_documents = {
    "<a/>",
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone='yes'?>\n<a>x</a>\n",
    "<a b='1' c=\"2\"><d e='&lt;&#65;'/>x&amp;y</a>",
    "<p:a xmlns:p='urn:p' xmlns='urn:d' p:b='1' b='2'><c xmlns=''/><p:d/></p:a>",
    "<a xmlns:p='urn:p' xmlns:q='urn:p'><p:b q:c=''/><q:b p:d='' q:c=''/></a>",
    "<a><![CDATA[<x>]]]]><![CDATA[>]]></a>",
    "<!-- c --><?p d?><a><!--x--><?q?>\r\n<b>\r</b></a><!---->",
    "<a xml:lang='en' xml:space='preserve'>\t<b c='\r\n&#13;&#9;'/></a>",
    "\xEF\xBB\xBF<a>\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80</a>",
    "<\xE4\xB8\xAD \xC3\xA9='\xC2\xB7'>&#x1F600;</\xE4\xB8\xAD>",
    "<a xmlns='http://www.example.org/x'><b><c><d>1</d></c><c/></b></a>",
};

/// What is put in: markup, halves of it, characters that matter.
inline const std::vector<std::string> mutant_words = {
    "<",
    ">",
    "/",
    "=",
    "\"",
    "'",
    "&",
    ";",
    ":",
    "!",
    "?",
    "-",
    "--",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "<?",
    "?>",
    "/>",
    "</",
    "&#",
    "&#x",
    "&amp;",
    "&e;",
    "&#0;",
    "&#38;",
    "xmlns",
    "xmlns:p",
    "xmlns=''",
    "p:",
    "xml:",
    "xml",
    "<?xml",
    " ",
    "\n",
    "\r",
    "\t",
    "\r\n",
    "\f",
    "\x01",
    "\x7F",
    "a",
    "b='1'",
    " b=''",
    "<a>",
    "</a>",
    "<b/>",
    "version",
    "'1.0'",
    "\xC3",
    "\xA9",
    "\xEF\xBF\xBE",
    "\xED\xA0\x80",
    "\xF4\x90\x80\x80",
    "\xC2\x85",
    "\xE2\x80\xA8",
    "\xCC\x80",
    "\xEF\xBB\xBF",
    "urn:p",
    "http://www.w3.org/2000/xmlns/",
    "http://www.w3.org/XML/1998/namespace",
    "0",
    "9",
};

/// One seed gives one row of mutants, in every build.
class Mutator {
public:
    Mutator(std::vector<std::string> documents, std::uint64_t seed) : documents_(std::move(documents)), random_(seed) {}

    std::string next() {
        std::string out = pick(documents_);
        for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(out);
        return out;
    }

private:
    /// Not std::uniform_int_distribution, whose numbers differ from library to library.
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
    const std::string& pick(const std::vector<std::string>& from) { return from[below(from.size())]; }

    void change(std::string& text) {
        const std::size_t at = below(text.size() + 1);
        const std::size_t length = std::min(text.size() - at, 1 + below(6));
        switch (below(7)) {
            case 0:
                text.insert(at, pick(mutant_words));
                break;
            case 1:
                text.erase(at, length);
                break;
            case 2:
                text.replace(at, length, pick(mutant_words));
                break;
            case 3:
                text.insert(below(text.size() + 1), text.substr(at, 1 + below(20)));
                break;
            case 4:
                if (at < text.size()) text[at] = static_cast<char>(below(256));
                break;
            case 5: {
                const std::string& other = pick(documents_);
                text = text.substr(0, at) + other.substr(below(other.size()));
                break;
            }
            default:
                if (at < text.size() && text[at] < 0x7F && text[at] > 0x20) text[at] = static_cast<char>(text[at] ^ 1);
        }
    }

    std::vector<std::string> documents_;
    std::mt19937_64 random_;
};

}  // namespace hansa::test
