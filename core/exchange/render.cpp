// The stage render: who gets which documents, in which format, with which signature.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/ids.h"
#include "core/base/log.h"
#include "core/envelope/batch.h"
#include "core/envelope/envelope.h"
#include "core/exchange/codes.h"
#include "core/exchange/conversation.h"
#include "core/exchange/gathering.h"
#include "core/exchange/passage.h"
#include "core/mapping/mapping.h"
#include "core/plugin/document.h"
#include "core/trust/fast_sign.h"

namespace hansa::exchange {
namespace {

/// Answers have no route that could name their profile: what the agency's frame is told of them does.
constexpr std::string_view answer_signature = "Answer/Signature";

/// What a receiver is to get: some of the documents, in one format.
struct Order {
    const Route* route = nullptr;
    const Agency* receiver = nullptr;
    const plugin::Format* format = nullptr;
    std::string profile;
    Purpose purpose = Purpose::copy;
    bool batch = false;
    std::vector<std::size_t> documents;
    const journal::Message* answered = nullptr;  ///< the message that an answer goes back to
};

bool takes(const Route& route, const Passage& passage) {
    const std::string today = format_iso(passage.received).substr(0, 10);
    return takes(route, Traveller{passage.sender->id, passage.format->id, pivot::kind_name(passage.format->kind), today});
}

/// `number` of the document.
bool takes(const Route& route, const Passage& passage, std::size_t number) {
    if (route.when_field.empty()) return true;
    const auto field = std::ranges::find(passage.asked, route.when_field) - passage.asked.begin();
    return passage.facts[number].asked[static_cast<std::size_t>(field)] == route.when_value;
}

Result<Order> order_for(const Route& route, const Passage& passage) {
    Order out;
    out.route = &route;
    out.receiver = passage.with.directory->agency(route.to);
    out.format = passage.with.registry->find(route.to_format);
    if (out.receiver == nullptr || out.format == nullptr) {
        return Error{codes::no_route, fmt::format("route '{}' leads to an agency or a format that is not there", route.name)};
    }
    out.profile = route.signature.empty() ? out.format->signature : route.signature;
    out.purpose = route.purpose;
    out.batch = route.batch;
    return out;
}

/// Each document must find at least one route; the reason why none was found is told apart.
Result<std::vector<Order>> routed(const Passage& passage) {
    std::vector<Order> out;
    std::vector<bool> found(passage.facts.size(), false);
    bool other_side = false;
    for (const Route& route : passage.with.directory->routes) {
        if (!takes(route, passage)) continue;
        if (route.test != passage.submission.test) {
            other_side = true;
            continue;
        }
        auto order = order_for(route, passage);
        if (!order) return order.error();
        for (std::size_t i = 0; i < passage.facts.size(); ++i) {
            if (!takes(route, passage, i)) continue;
            order->documents.push_back(i);
            found[i] = true;
        }
        if (!order->documents.empty()) out.push_back(*std::move(order));
    }
    const auto lost = std::ranges::find(found, false);
    if (lost == found.end()) return out;
    const auto number = lost - found.begin() + 1;
    if (other_side && out.empty()) {
        return Error{codes::test_on_production, passage.submission.test ? "only production routes take this message" : "only test routes take this message"};
    }
    return Error{codes::no_route, fmt::format("from '{}', {}, document {} of {}", passage.sender->id, passage.format->id, number, found.size())};
}

/// An answer goes to whoever asked, in the format that answers the question's own.
Result<Order> answer_order(const Passage& passage, const Question& question) {
    Order out;
    out.receiver = passage.with.directory->agency(question.received.agency_from);
    if (out.receiver == nullptr) return Error{codes::question_unknown, "the asking agency is gone"};
    const plugin::Format* asked = passage.with.registry->find(question.received.format);
    std::string id = asked == nullptr ? "" : asked->answer;
    if (id.empty()) id = out.receiver->answer_format;
    if (id.empty() && passage.format != nullptr) id = passage.format->id;
    out.format = passage.with.registry->find(id);
    if (out.format == nullptr) return Error{codes::format_needed, fmt::format("'{}' for the answer", id)};
    out.profile = out.format->signature;
    const auto framed = out.receiver->envelope.find(out.receiver->frame);
    if (framed != out.receiver->envelope.end() && framed->second.contains(answer_signature)) out.profile = framed->second.find(answer_signature)->second;
    out.purpose = Purpose::answer;
    out.answered = &question.received;
    return out;
}

/// What was gathered from many messages is answered to each of them.
Result<std::vector<Order>> answered(const Passage& passage) {
    std::map<std::string, Order> by_receiver;
    for (std::size_t i = 0; i < passage.questions.size(); ++i) {
        const Question& question = *passage.questions[i];
        if (question.sent.test != passage.submission.test) {
            return Error{codes::test_on_production, "the answer and its question are not both tests"};
        }
        auto order = answer_order(passage, question);
        if (!order) return order.error();
        const std::string message = passage.scattered ? "/" + question.received.id : std::string();
        Order& kept = by_receiver.try_emplace(order->receiver->id + "/" + order->format->id + message, *order).first->second;
        kept.documents.push_back(i);
    }
    std::vector<Order> out;
    for (auto& [name, order] : by_receiver) out.push_back(std::move(order));
    return out;
}

/// Facts of what is sent, read back from its bytes by the reference.
Result<std::vector<Facts>> read_back(const Passage& passage, const Outgoing& outgoing, std::string_view unsigned_bytes) {
    const auto document = plugin::read_document(*outgoing.format, unsigned_bytes);
    if (!document) return document.error();
    Diagnostics faults;
    const mapping::Context context = context_of(passage, *outgoing.receiver, *outgoing.format, outgoing.id);
    auto reading = mapping::read(*outgoing.format->mapping, document->tree, context, faults);
    if (!reading) return Error{codes::own_output_invalid, fmt::format("{} cannot be read back: {}", outgoing.format->id, reading.error().text())};
    std::vector<Facts> out;
    for (const pivot::Document& one : reading->documents) out.push_back(facts_of(one, {}, {}));
    return out;
}

/// References under which the receiver will speak of it: those that stand in the bytes.
std::vector<journal::Reference> references_as_sent(const Outgoing& outgoing, const std::vector<Facts>& facts) {
    std::vector<journal::Reference> out;
    for (const Facts& one : facts) {
        for (const auto& [scheme, value] : one.references) {
            out.push_back({outgoing.id, outgoing.receiver->id, scheme, value});
            // An answer whose table puts aliases back names what stands behind it.
            const auto alias = std::ranges::find(outgoing.aliases, value, &mapping::Alias::alias);
            if (alias != outgoing.aliases.end()) out.push_back({outgoing.id, outgoing.receiver->id, scheme, alias->value});
        }
    }
    return out;
}

Result<std::string> signed_bytes(const Passage& passage, const Order& order, const std::string& bytes, const std::string& id) {
    if (order.profile.empty()) return bytes;
    const trust::Profile* profile = passage.with.registry->profile(order.profile);
    const trust::Signer* signer = passage.with.keys->signer(order.profile);
    if (profile == nullptr || signer == nullptr) return Error{codes::no_signer, fmt::format("'{}'", order.profile)};
    trust::SignOptions options;
    options.document_name = id + "." + plugin::file_ending(*order.format);
    options.signing_time = passage.received;
    // The reference signs what the reference wrote, where both do the message.
    const bool fast = passage.fast != nullptr && !passage.watched && order.format->syntax == "xml" && profile->form != trust::Form::within;
    if (!fast) return trust::sign(bytes, *profile, *signer, options);
    return passage.fast->signatures().sign(bytes, *profile, *signer, options);
}

/// Does the signature stand inside of the document, so that only now the document is whole?
bool signs_inside(const Passage& passage, const Order& order) {
    const trust::Profile* profile = passage.with.registry->profile(order.profile);
    return profile != nullptr && profile->form == trust::Form::enveloped;
}

/// What is sent is valid in the receiver's schema, or it is not sent.
Result<void> check_signed(const Passage& passage, const Order& order, const std::string& bytes) {
    Diagnostics own;
    const auto valid = plugin::validate_document(*passage.with.registry, *order.format, bytes, own);
    if (!valid) return Error{codes::own_output_invalid, fmt::format("{}: {}", order.format->id, valid.error().text())};
    return {};
}

/// One document of our own making: validity with its signature, and the references that stand in it.
struct Made {
    bool valid = false;
    bool lacks_signature = false;  ///< ... only: it comes beside the document, or nowhere
    std::optional<std::vector<Facts>> facts;
};

/// By the compiled reader and probes; what they cannot say is left to the reference.
Made look_at(const Passage& passage, const Order& order, const std::string& bytes) {
    Made out;
    if (passage.fast == nullptr || order.purpose == Purpose::answer) return out;
    const FastRead read = passage.fast->fast().read(*order.format, bytes);
    out.valid = read.valid();
    out.lacks_signature = read.outcome() == FastOutcome::invalid && only_signature_missing(*passage.with.registry, *order.format, read.faults());
    if (!out.valid) return out;
    std::string why;
    out.facts = passage.fast->facts().find(*order.format, order.receiver->settings, read.tape(), {}, why);
    if (!out.facts) leave(passage, why);
    return out;
}

/// References of one document that was made; `whole` are the bytes with the signature where it stands inside. `judged`:
/// the reference has found the bytes valid, as far as they are without it.
Result<void> add_references(Passage& passage, const Order& order, Outgoing& outgoing, const std::string& bytes, const std::string& whole, bool judged) {
    const bool inside = &bytes != &whole;
    const Made made = look_at(passage, order, whole);
    const bool good = made.valid || (made.lacks_signature && !inside);
    if ((inside || !judged) && (!good || (inside && passage.watched))) {
        const auto checked = check_signed(passage, order, whole);
        if (!checked) return checked;
    }
    std::vector<Facts> facts;
    if (made.facts && !passage.watched) {
        facts = *made.facts;
    } else {
        auto back = read_back(passage, outgoing, bytes);
        if (!back) return back.error();
        facts = *std::move(back);
        for (std::size_t i = 0; made.facts && i < std::max(facts.size(), made.facts->size()); ++i) {
            if (i < facts.size() && i < made.facts->size() && facts[i].references == (*made.facts)[i].references) continue;
            note_difference(passage, fmt::format("the fast way finds other references in what is sent to {}", outgoing.receiver->id));
            break;
        }
    }
    std::ranges::move(references_as_sent(outgoing, facts), std::back_inserter(outgoing.references));
    return {};
}

/// The receiver's frame; nothing: it has none. Errors: exchange.format-needed
Result<const envelope::Frame*> frame_for(const Passage& passage, const Agency& receiver) {
    if (receiver.frame.empty()) return nullptr;
    const auto& frames = *passage.with.frames;
    const auto frame = std::ranges::find(frames, receiver.frame, &envelope::Frame::format);
    if (frame == frames.end()) return Error{codes::format_needed, fmt::format("'{}' for the frame", receiver.frame)};
    return &*frame;
}

/// The last step: the frame around it, where the receiver has one. Its own message id is a name by which the receiver
/// may answer.
Result<void> finish(Passage& passage, const Order& order, Outgoing&& outgoing, std::span<const std::string> messages) {
    const auto frame = frame_for(passage, *order.receiver);
    if (!frame) return frame.error();
    if (*frame == nullptr) {
        passage.outgoing.push_back(std::move(outgoing));
        return {};
    }
    auto headers = headers_for(passage, **frame, *order.receiver, order.route, outgoing.id, order.answered);
    if (!headers) return headers.error();
    headers->try_emplace("IssueDateTime", format_iso(passage.received));
    headers->try_emplace("Payload/TypeName", order.format->root_local);
    for (const auto& [path, scheme] : {std::pair{"MessageID", "ENVELOPE"}, std::pair{"ConversationID", "CONVERSATION"}}) {
        const auto said = headers->find(path);
        if (said != headers->end()) outgoing.references.push_back({outgoing.id, order.receiver->id, scheme, said->second});
    }
    auto framed = envelope::put_in(**frame, messages, *headers, passage.digest);
    if (!framed) return framed.error();
    outgoing.bytes = *std::move(framed);
    passage.outgoing.push_back(std::move(outgoing));
    return {};
}

Result<void> finish(Passage& passage, const Order& order, Outgoing&& outgoing) {
    const std::string bytes = order.receiver->frame.empty() ? std::string() : outgoing.bytes;
    return finish(passage, order, std::move(outgoing), std::span(&bytes, 1));
}

/// The ledger of an order that the reference did: what reading lost of its documents, and what writing lost. Other
/// receivers' documents are no business of this one's.
mapping::Ledger ledger_of(const Passage& passage, const Order& order, const WriteResult& written) {
    mapping::Ledger out;
    std::ranges::copy_if(passage.reading_ledger.entries, std::back_inserter(out.entries), [&](const mapping::LossEntry& entry) {
        return entry.document == mapping::LossEntry::no_document || std::ranges::binary_search(order.documents, entry.document);
    });
    out.entries.insert(out.entries.end(), written.ledger.entries.begin(), written.ledger.entries.end());
    return out;
}

/// What was written for an order, and by whom.
struct Rendered {
    WriteResult written;
    bool by_plan = false;  ///< its ledger names what the reading lost, too
    std::string difference, other;
};

/// `last`: what was rendered is not asked again.
Outgoing started(const Passage& passage, const Order& order, Rendered& rendered, bool last = true) {
    WriteResult& written = rendered.written;
    Outgoing out;
    out.id = message_id();
    out.route = order.route;
    out.receiver = order.receiver;
    out.format = order.format;
    out.profile = order.profile;
    out.purpose = order.purpose;
    if (!rendered.by_plan)
        out.ledger = ledger_of(passage, order, written);
    else if (last)
        out.ledger = std::move(written.ledger);
    else
        out.ledger = written.ledger;
    out.aliases = written.aliases;
    out.difference = rendered.difference;
    out.other = rendered.other;
    out.plan = mapping::plan_id(*passage.format->mapping, *order.format->mapping, passage.sender->settings, order.receiver->settings);
    return out;
}

/// Each document signed, side by side in the receiver's frame.
Result<void> render_side_by_side(Passage& passage, const Order& order, Rendered& rendered) {
    Outgoing outgoing = started(passage, order, rendered);
    outgoing.documents = order.documents;
    const bool inside = signs_inside(passage, order);
    std::vector<std::string> messages;
    for (const WrittenMessage& message : rendered.written.messages) {
        auto done = signed_bytes(passage, order, message.bytes, outgoing.id);
        if (!done) return done.error();
        messages.push_back(*std::move(done));
        const auto added = add_references(passage, order, outgoing, message.bytes, inside ? messages.back() : message.bytes, !rendered.by_plan);
        if (!added) return added;
    }
    return finish(passage, order, std::move(outgoing), messages);
}

/// As envelope::wrap_batch, of what a plan has written: canonical behind its XML declaration, so that nobody has to look for
/// the roots once more.
Result<std::string> wrapped(const std::vector<WrittenMessage>& messages, const Order& order, bool by_plan) {
    std::size_t size = 0;
    for (const WrittenMessage& message : messages) size += message.bytes.size();
    const envelope::Limits limits;
    if (!by_plan || messages.size() > limits.documents_max || size > limits.bytes_max) {
        std::vector<std::string> packed;
        for (const WrittenMessage& message : messages) packed.push_back(message.bytes);
        return envelope::wrap_batch(packed, order.format->id);
    }
    constexpr std::size_t around_a_document = 64;
    std::string out;
    out.reserve(size + messages.size() * around_a_document + 256);
    envelope::append_batch_start(out, messages.size(), order.format->id);
    for (const WrittenMessage& message : messages) {
        const auto root = trust::canonical_document(message.bytes).canonical;
        envelope::append_batch_document(out, std::string_view(message.bytes).substr(root.from, root.to - root.from));
    }
    envelope::append_batch_end(out);
    return out;
}

/// Many documents of a format that holds one, as one hansa.batch, or side by side where the frame has places for them.
Result<void> render_batch(Passage& passage, const Order& order, Rendered& rendered) {
    const auto frame = frame_for(passage, *order.receiver);
    if (!frame) return frame.error();
    if (*frame != nullptr && (*frame)->place && (*frame)->place->repeats != 0) return render_side_by_side(passage, order, rendered);
    Outgoing outgoing = started(passage, order, rendered);
    outgoing.documents = order.documents;
    for (const WrittenMessage& message : rendered.written.messages) {
        const auto added = add_references(passage, order, outgoing, message.bytes, message.bytes, !rendered.by_plan);
        if (!added) return added;
    }
    auto batch = wrapped(rendered.written.messages, order, rendered.by_plan);
    if (!batch) return batch.error();
    auto done = signed_bytes(passage, order, *batch, outgoing.id);
    if (!done) return done.error();
    outgoing.bytes = *std::move(done);
    return finish(passage, order, std::move(outgoing));
}

Result<void> render_each(Passage& passage, const Order& order, Rendered& rendered) {
    for (const WrittenMessage& message : rendered.written.messages) {
        Outgoing outgoing = started(passage, order, rendered, &message == &rendered.written.messages.back());
        for (const std::size_t number : message.documents) outgoing.documents.push_back(order.documents[number]);
        auto done = signed_bytes(passage, order, message.bytes, outgoing.id);
        if (!done) return done.error();
        outgoing.bytes = *std::move(done);
        const bool inside = signs_inside(passage, order) && !order.batch;
        const auto added = add_references(passage, order, outgoing, message.bytes, inside ? outgoing.bytes : message.bytes, !rendered.by_plan);
        if (!added) return added;
        const auto finished = finish(passage, order, std::move(outgoing));
        if (!finished) return finished;
    }
    return {};
}

/// Plans know nothing of what the stages before have changed.
bool fast_may(const Passage& passage, const Order& order) {
    const bool read = passage.fast != nullptr && !passage.parts.empty() &&
                      std::ranges::all_of(passage.parts, [](const Part& part) { return part.read.valid(); });
    if (!read) return false;
    if (order.purpose != Purpose::answer) return true;
    leave(passage, "an answer needs its question");
    return false;
}

FastTranslation by_fast(Passage& passage, const Order& order, const mapping::Context& target) {
    mapping::Context source = context_of(passage, *passage.sender, *passage.format, passage.id);
    source.alias_of = [&](std::string_view alias) { return value_behind(passage, alias); };
    std::vector<const FastRead*> reads;
    for (const Part& part : passage.parts) reads.push_back(&part.read);
    FastPair pair{*passage.format, *order.format, source, target};
    pair.in_words = true;
    if (order.documents.size() != passage.facts.size()) {
        pair.chosen.resize(passage.facts.size());
        for (const std::size_t number : order.documents) pair.chosen[number] = true;
    }
    return passage.fast->fast().translate(reads, pair);
}

Rendered take_fast(FastTranslation&& found) {
    Rendered out;
    out.written.messages = std::move(found.messages);
    out.written.ledger = std::move(found.ledger);
    out.written.warnings = std::move(found.warnings);
    out.by_plan = true;
    return out;
}

std::string all_bytes(const std::vector<WrittenMessage>& messages) {
    std::string out;
    for (const WrittenMessage& message : messages) out += message.bytes + "\n";
    return out;
}

/// The difference in words; empty where there is none.
std::string compare(Passage& passage, const Order& order, const FastTranslation& found, const Result<Judged>& judged) {
    if (found.outcome == FastOutcome::declined) return {};
    note_compared(passage);
    const auto same = agree(found, judged);
    if (same) return {};
    note_difference(passage, fmt::format("for {} as {}: {}", order.receiver->id, order.format->id, same.error().detail));
    return same.error().detail;
}

Result<Rendered> written_by_engine(Passage& passage, const Order& order) {
    const mapping::Context context = context_of(passage, *order.receiver, *order.format, message_id());
    std::optional<FastTranslation> found;
    if (fast_may(passage, order)) found = by_fast(passage, order, context);
    if (found && found->outcome == FastOutcome::done && !passage.watched) return take_fast(*std::move(found));
    if (const auto made = need_documents(passage); !made) return made.error();
    std::vector<pivot::Document> documents;
    std::vector<std::vector<mapping::SourceLeaf>> leaves;
    for (const std::size_t number : order.documents) {
        documents.push_back(passage.documents[number]);
        leaves.push_back(passage.leaves[number]);
    }
    auto written = write_message(*passage.with.registry, *order.format, documents, context, passage.faults, leaves);
    if (!written) {
        if (found) (void)compare(passage, order, *found, written.error());
        return written.error();
    }
    Rendered out;
    out.written = *std::move(written);
    if (!found) return out;
    const mapping::Ledger whole = ledger_of(passage, order, out.written);
    out.difference = compare(passage, order, *found, Judged{out.written.messages, whole});
    if (!out.difference.empty()) out.other = all_bytes(found->messages);
    return out;
}

Result<void> render_order(Passage& passage, const Order& order) {
    auto rendered = written_by_engine(passage, order);
    if (!rendered) return rendered.error();
    std::ranges::move(rendered->written.warnings, std::back_inserter(passage.warnings));
    const bool many = order.batch && rendered->written.messages.size() > 1;
    return many ? render_batch(passage, order, *rendered) : render_each(passage, order, *rendered);
}

}  // namespace

std::vector<const Route*> routes_of(const Passage& passage, std::size_t document) {
    std::vector<const Route*> out;
    if (passage.format->kind == pivot::Kind::response) return out;
    for (const Route& route : passage.with.directory->routes) {
        if (takes(route, passage) && route.test == passage.submission.test && takes(route, passage, document)) out.push_back(&route);
    }
    return out;
}

Result<void> render_own_answer(Passage& passage, const Question& question) {
    auto order = answer_order(passage, question);
    if (!order) return order.error();
    passage.format = order->format;
    order->documents.push_back(0);
    return render_order(passage, *order);
}

Result<void> render_for_route(Passage& passage, const Route& route) {
    auto order = order_for(route, passage);
    if (!order) return order.error();
    order->batch = false;
    for (std::size_t i = 0; i < passage.documents.size(); ++i) order->documents.push_back(i);
    return render_order(passage, *order);
}

Result<void> render(Passage& passage) {
    const bool answers = passage.format->kind == pivot::Kind::response;
    const auto orders = answers ? answered(passage) : routed(passage);
    if (!orders) return orders.error();
    for (const Order& order : *orders) {
        const bool gathers = order.route != nullptr && order.route->consolidate;
        const auto done = gathers ? gather(passage, *order.route, order.documents) : render_order(passage, order);
        if (!done) return done;
    }
    return {};
}

}  // namespace hansa::exchange
