// A master in the journal: what is recorded of documents that go out as one, the first time and after a change.
//
// A change or cancellation of a document that has gone out with others changes the master: it is made again of what stands in
// it now, under the reference that it has, and goes out as a change (UN/EDIFACT 1225: 4, or 5 where the receiver's format
// has no 4); where nothing is left in it, it is cancelled. What the receiver's format cannot say is refused, and the sender's
// document stays what it was. The outgoing message hangs under the change, and has besides what gathering.h says
//
//     TAKES-OUT      MESSAGE/DOCUMENT of each cancellation by which a document left it: who is answered, too
//
// Changes of one gateway that come at the same time wait for each other, from reading the master until they are recorded
// (Surroundings::fates), since each must hold what the one before it says.
//
// Internal to the exchange.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/exchange/gathering.h"

namespace hansa::exchange {

/// A document that stands in a master, or leaves it.
struct Standing {
    std::string message;   ///< received
    std::size_t number = 0;  ///< in it
    std::string format;
    pivot::Document document;
};

/// What is to be recorded of a master. Names live as long as the caller says.
struct MasterOrder {
    const Route& route;
    const consolidation::ConsolidationTable& table;
    const pivot::Document& document;
    std::string reference;
    std::string parent;  ///< received message under which it hangs
    std::string format;  ///< of its houses
    std::string name;    ///< of this master among all: what is made up in it depends on it alone
    bool test = false;
    std::int64_t at_ms = 0;
    std::vector<const Standing*> houses, taken_out;
};

/// Renders it for the route's receiver, and adds messages, bodies, references and deliveries of what it returns. Errors (nothing was added): exchange.no-route,
/// those of render()
Result<std::vector<Outgoing>> add_master(journal::Journal& journal, const Surroundings& with, const MasterOrder& order, journal::Group& into);

/// The master of the route that holds a document now; its id. Empty: the document has not gone out by this route. Errors: those of the journal
Result<std::string> master_of(journal::Journal& journal, const Route& route, std::string_view house);

/// Changes of masters that documents of one message ask for.
class Amendments {
public:
    Amendments(Passage& passage, const Route& route, const consolidation::ConsolidationTable& table) : passage_(passage), route_(route), table_(table) {}

    /// The passage's document `number` stands for `house` in the master, or takes it out.
    /// Errors: exchange.gone-out (it is not to be changed any more, and why), those of the journal
    Result<void> add(const std::string& master, const std::string& house, std::size_t number, bool takes_out);
    /// Adds them to what is recorded with the passage. Errors: exchange.gone-out, consolidation.*, those of the journal
    Result<void> finish();

private:
    struct Master {
        journal::Message sent;
        pivot::Document document;
        std::vector<Standing> houses, taken_out;
    };
    Result<Master*> known(const std::string& id);
    Result<void> send(const Master& master);
    Result<pivot::Document> made_again(const Master& master) const;

    Passage& passage_;
    const Route& route_;
    const consolidation::ConsolidationTable& table_;
    std::map<std::string, Master> masters_;
};

}  // namespace hansa::exchange
