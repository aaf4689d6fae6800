#include "core/exchange/streamed_translation.h"

#include <fmt/format.h>

#include <cstring>
#include <limits>

#include "core/envelope/batch.h"
#include "core/envelope/envelope.h"
#include "core/exchange/fast_translation_state.h"
#include "core/exchange/streamed_list.h"
#include "core/mapping/codes.h"
#include "core/schema/codes.h"
#include "core/xml/line_index.h"

namespace hansa::exchange {
namespace {

constexpr std::uint32_t around_mark = 0xFFFFFFFF;

template <class Number>
Result<void> append_number(Spool& spool, Number number) {
    char bytes[sizeof number];
    std::memcpy(bytes, &number, sizeof number);
    return spool.append({bytes, sizeof bytes});
}

template <class Number>
Result<Number> take_number(SpoolReader& reader) {
    const auto bytes = reader.take(sizeof(Number));
    if (!bytes) return bytes.error();
    Number out;
    std::memcpy(&out, bytes->data(), sizeof out);
    return out;
}

Result<std::string_view> take_text(SpoolReader& reader) {
    const auto size = take_number<std::uint32_t>(reader);
    if (!size) return size.error();
    return reader.take(*size);
}

Result<void> give(SpoolReader& from, std::uint64_t size, const StagedTranslation::Write& write) {
    constexpr std::uint64_t piece = std::uint64_t{1} << 16U;
    for (; size != 0; size -= std::min(size, piece)) {
        const auto bytes = from.take(static_cast<std::size_t>(std::min(size, piece)));
        if (!bytes) return bytes.error();
        if (const auto written = write(*bytes); !written) return written;
    }
    return {};
}

/// Size of the XML declaration that every plan writes in front, with its line end.
constexpr std::size_t declaration_size = std::string_view("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").size();

}  // namespace

/// One message on its way into the stage.
class Streaming {
public:
    Streaming(const FastTranslator& fast, const StreamRequest& request)
        : state_(fast.state()), request_(request), staged_(request.memory_max, request.folder) {}

    StagedTranslation run() {
        staged_.from_ = request_.from.id;
        staged_.to_ = request_.to.id;
        const Ending ending = all();
        if (ending == Ending::declined) state_.count_declined(staged_.why_);
        if (ending == Ending::invalid) ++state_.invalid;
        if (ending == Ending::done) ++state_.done;
        staged_.outcome_ = ending == Ending::done      ? FastOutcome::done
                           : ending == Ending::invalid ? FastOutcome::invalid
                                                       : FastOutcome::declined;
        return std::move(staged_);
    }

private:
    enum class Ending { done, invalid, declined };

    Ending decline(std::string why) {
        staged_.faults_ = Diagnostics();
        staged_.why_ = std::move(why);
        return Ending::declined;
    }
    Ending refuse(const Error& error) {
        if (staged_.faults_.empty()) staged_.faults_.add(error);
        return Ending::invalid;
    }

    Ending all() {
        if (request_.from.syntax != "xml") return decline("the reference alone reads what is no XML");
        PlannedPair& pair =
            state_.pair(request_.from, request_.to, request_.source.settings, request_.target.settings);
        if (pair.unsupported) return decline(pair.unsupported->text());
        FormatReaders& readers = state_.readers_of(request_.from);
        if (!readers.grammar) return decline("the reference alone reads the schema");
        reader_ = readers.pool.take([&] { return std::make_unique<schema::FastReader>(readers.grammar); });
        run_ = pair.pool.take([&] { return std::make_unique<mapping::PlanRun>(*pair.plan); });
        run_->begin(request_.source, request_.target);
        staged_.plan_ = pair.plan->id();
        cut_ = pair.plan->cut();
        list_ = pair.plan->list();
        readers_ = &readers;
        const Ending ending = envelope::is_batch(request_.bytes.substr(0, head_bytes))
                                  ? batch()
                                  : tape(request_.bytes, mapping::PlanEnd::message);
        staged_.documents_ = run_->documents();
        return ending;
    }

    /// The next document is looked for before one is read, so that the last one is known.
    Ending batch() {
        constexpr std::size_t documents_max = std::numeric_limits<std::size_t>::max();
        envelope::BatchDocuments documents(request_.bytes, documents_max);
        auto next = documents.next();
        for (std::size_t number = 1;; ++number) {
            if (!next) return refuse(next.error());
            const std::string_view one = **next;
            next = documents.next();
            if (!next) return refuse(next.error());
            const Ending ending = tape(one, *next ? mapping::PlanEnd::tape : mapping::PlanEnd::message);
            if (ending == Ending::invalid) return invalid_document(documents, number);
            if (ending == Ending::declined) return ending;
            run_->drop();
            forget(static_cast<std::size_t>(one.data() + one.size() - request_.bytes.data()));
            if (!*next) return Ending::done;
        }
    }

    /// A batch that is none is refused as such, whatever its documents are.
    Ending invalid_document(envelope::BatchDocuments& documents, std::size_t number) {
        for (auto rest = documents.next();; rest = documents.next()) {
            if (rest && *rest) continue;
            Error why = rest ? staged_.faults_.errors().front() : rest.error();
            if (rest) why.detail = fmt::format("document {} of {}: {}", number, documents.count(), why.detail);
            staged_.faults_ = Diagnostics();
            return refuse(why);
        }
    }

    Ending tape(std::string_view bytes, mapping::PlanEnd last) {
        xml::Limits limits;
        limits.document_bytes_max = std::max(limits.document_bytes_max, bytes.size());
        std::vector<schema::PathIndex> cuts;
        if (cut_ != schema::no_path) cuts.push_back(cut_);
        if (list_ != schema::no_path) cuts.push_back(list_);
        if (const auto good = reader_->open(bytes, cuts, staged_.faults_, limits); !good) return refuse(good.error());
        tape_bytes_ = bytes;
        following_.leave();
        tape_documents_ = 0;
        xml::LineIndex lines(reader_->text());
        for (;;) {
            const auto stop = read();
            if (!stop) return unread(stop.error());
            if (*stop == Stop::list) {
                const Ending ending = long_document(lines, last);
                if (ending != Ending::done) return ending;
                if (long_tape_ended_) return Ending::done;
                continue;
            }
            const bool ended = *stop == Stop::end;
            if (run_->part(reader_->tape(), ended ? last : mapping::PlanEnd::none) != mapping::Fast::done)
                return decline(run_->why());
            if (const auto kept = keep(lines, ended); !kept) return decline(kept.error().text());
            if (ended) return Ending::done;
            const std::uint32_t last_offset = reader_->tape()[reader_->tape().size() - 1].offset;
            lines.forget(last_offset);
            run_->drop(&reader_->tape());
            forget_read(last_offset);
        }
    }

    Ending unread(const Error& error) {
        if (error.code == schema::codes::undecided) return decline("the schema asks for what only the reference judges");
        return refuse(error);
    }

    /// Where the reader stopped.
    enum class Stop { document, end, list };

    /// Reads on by as many documents as are planned at once, or to where one is too long to be read whole.
    Result<Stop> read() {
        const std::size_t at_once = list_ == schema::no_path ? std::max<std::size_t>(request_.documents_at_once, 1) : 1;
        std::size_t members = 0;
        for (std::size_t count = 0; count < at_once;) {
            const auto step = reader_->next();
            if (!step) return step.error();
            if (*step == schema::ReadStep::end) return Stop::end;
            if (list_ == schema::no_path || reader_->cut() != list_) {
                ++count;
                ++tape_documents_;
            } else if (++members > request_.members_at_once) {
                return Stop::list;
            }
        }
        return Stop::document;
    }

    // ---- a document that is one long list ----

    /// The document that is being read, whose first members are on the tape.
    Ending long_document(xml::LineIndex& lines, mapping::PlanEnd last) {
        schema::Tape& tape = reader_->tape();
        std::uint32_t document = 0;
        if (cut_ != schema::no_path) {
            document = tape.size() - 1;
            while (document > 0 && (tape[document].path != cut_ || tape[document].next != schema::Entry::open)) --document;
        }
        if (run_->open_document(tape, document) != mapping::Fast::done) return decline(run_->why());
        std::uint32_t place = document;
        while (place < tape.size() && tape[place].path != list_) ++place;
        for (std::uint32_t member = place; member < tape.size(); member = tape[member].next) {
            if (tape[member].path != list_) return decline("a long list in two places");
            if (run_->add_up(tape, member) != mapping::Fast::done) return decline(run_->why());
            ++members_;
        }
        tape.truncate(place);
        if (const Ending ending = first_reading(place); ending != Ending::done) return ending;
        ListStage members(request_.memory_max, request_.folder);
        if (const Ending ending = second_reading(lines, place, members); ending != Ending::done) return ending;
        const auto kept = keep_document(lines, members, last);
        return kept ? Ending::done : decline(kept.error().text());
    }

    /// To the document's end, without its members.
    Ending first_reading(std::uint32_t place) {
        schema::Tape& tape = reader_->tape();
        for (;;) {
            const auto step = reader_->next();
            if (!step) return unread(step.error());
            long_tape_ended_ = *step == schema::ReadStep::end;
            if (long_tape_ended_ || reader_->cut() != list_) return Ending::done;
            if (tape[place].path != list_ || tape[place].next != tape.size()) return decline("a long list in two places");
            if (run_->add_up(tape, place) != mapping::Fast::done) return decline(run_->why());
            ++members_;
            forget_read(tape[place].offset);
            tape.truncate(place);
        }
    }

    /// The members, one by one; once more where they need other prefixes than was thought.
    Ending second_reading(xml::LineIndex& lines, std::uint32_t place, ListStage& members) {
        constexpr int attempts = 4;
        for (int attempt = 0; attempt < attempts; ++attempt) {
            std::optional<xml::LineIndex> own;
            if (attempt != 0) own.emplace(reader_->text());
            if (run_->begin_list(reader_->tape(), place) != mapping::Fast::done) return decline(run_->why());
            const mapping::LossCounts losses = staged_.losses_;
            if (const auto there = following_.go_to(*readers_, tape_bytes_, cut_, list_, tape_documents_); !there)
                return unread(there.error());
            for (std::uint64_t number = 0; number < members_; ++number) {
                const auto member = following_.next();
                if (!member) return unread(member.error());
                if (run_->member(following_.tape(), *member) != mapping::Fast::done) return decline(run_->why());
                if (const auto kept = keep_member(own ? *own : lines, members); !kept) return decline(kept.error().text());
                const std::uint32_t offset = following_.tape()[*member].offset;
                (own ? *own : lines).forget(offset);
                forget_read(offset);
                following_.tape().truncate(*member);
            }
            const mapping::ListEnd end = run_->end_list(reader_->tape());
            if (end == mapping::ListEnd::done) return Ending::done;
            if (end == mapping::ListEnd::declined) return decline(run_->why());
            staged_.losses_ = losses;
            members = ListStage(request_.memory_max, request_.folder);
            following_.leave();
        }
        return decline("name spaces that do not settle");
    }

    Result<void> keep_member(xml::LineIndex& lines, ListStage& members) {
        if (const auto kept = members.take(run_->member_bytes()); !kept) return kept;
        run_->count_member_losses(staged_.losses_);
        mapping::MemberLosses losses;
        run_->member_losses(losses, lines);
        if (!request_.with_ledger) {
            losses.read = {};
            losses.own = {};
        }
        return members.take(losses);
    }

    /// The document, with its members where they belong; the tape goes on behind it, or has ended.
    Result<void> keep_document(xml::LineIndex& lines, const ListStage& members, mapping::PlanEnd last) {
        const std::size_t hole = run_->list_hole();
        const bool waits = run_->messages() == 0;
        const std::string_view bytes = waits ? run_->waiting() : run_->bytes(0);
        Spool& to = waits ? staged_.waiting_ : staged_.finished_;
        Result<void> kept;
        if (!waits) {
            kept = append_number(to, static_cast<std::uint64_t>(bytes.size()) + members.bytes().size());
            if (kept) kept = append_number(to, std::uint64_t{0});
            ++staged_.messages_;
        }
        if (kept) kept = to.append(bytes.substr(0, hole));
        if (kept) kept = append_spool(to, members.bytes());
        if (kept) kept = to.append(bytes.substr(hole));
        run_->count_losses(staged_.losses_);
        mapping::ListLosses losses;
        run_->list_losses(losses, lines);
        if (kept) kept = append_warnings(staged_.read_warnings_, losses.warned_before);
        if (kept) kept = append_spool(staged_.read_warnings_, members.warned());
        if (kept) kept = append_warnings(staged_.read_warnings_, losses.warned_behind);
        if (kept) kept = append_warnings(staged_.written_warnings_, losses.written);
        if (kept && request_.with_ledger) kept = members.give_read(losses, staged_.read_losses_);
        if (kept && request_.with_ledger) kept = members.give_own(losses, staged_.own_losses_);
        if (kept && request_.with_ledger) kept = append_number(staged_.own_losses_, around_mark);
        if (kept && request_.with_ledger) kept = append_losses(staged_.own_losses_, losses.tail);
        if (!kept) return kept;
        members_ = 0;
        ++tape_documents_;
        run_->drop(long_tape_ended_ ? nullptr : &reader_->tape());
        if (!long_tape_ended_) return {};
        if (run_->close(last) != mapping::Fast::done) return Error{mapping::codes::plan_unsupported, run_->why()};
        return keep(lines, true);
    }

    /// Takes into the stage what a part has made.
    Result<void> keep(xml::LineIndex& lines, bool ended) {
        for (std::size_t i = 0; i < run_->messages(); ++i) {
            const std::string_view bytes = run_->bytes(i);
            Result<void> kept = append_number(staged_.finished_, static_cast<std::uint64_t>(bytes.size()));
            if (kept) kept = append_number(staged_.finished_, static_cast<std::uint64_t>(run_->hole(i)));
            if (kept) kept = staged_.finished_.append(bytes);
            if (!kept) return kept;
            ++staged_.messages_;
        }
        if (run_->messages() == 0) {
            if (const auto kept = staged_.waiting_.append(run_->waiting()); !kept) return kept;
        }
        run_->count_losses(staged_.losses_);
        if (const auto kept = keep_warnings(); !kept) return kept;
        return request_.with_ledger ? keep_losses(lines, ended) : Result<void>{};
    }

    Result<void> keep_losses(xml::LineIndex& lines, bool ended) {
        mapping::PartLosses losses;
        run_->losses(losses, lines);
        Result<void> kept = append_losses(staged_.read_losses_, losses.read);
        if (kept) kept = append_losses(staged_.own_losses_, losses.tail);
        for (const mapping::PartLosses::Document& one : losses.documents) {
            if (kept) kept = append_losses(staged_.own_losses_, one.own);
            if (kept) kept = append_number(staged_.own_losses_, around_mark);
            if (kept) kept = append_losses(staged_.own_losses_, one.tail);
        }
        if (kept) kept = append_losses(staged_.around_losses_, losses.around);
        if (ended) staged_.tapes_.push_back({staged_.own_losses_.size(), staged_.around_losses_.size()});
        return kept;
    }

    Result<void> keep_warnings() {
        std::vector<Error> read, written;
        run_->warnings(read, written);
        if (const auto kept = append_warnings(staged_.read_warnings_, read); !kept) return kept;
        return append_warnings(staged_.written_warnings_, written);
    }

    /// The tape's text up to this offset will hardly be looked at any more.
    void forget_read(std::size_t offset) const {
        if (reader_->text().data() != tape_bytes_.data()) return;
        forget(static_cast<std::size_t>(tape_bytes_.data() - request_.bytes.data()) + offset);
    }
    void forget(std::size_t count) const {
        if (request_.forget) request_.forget(count);
    }

    static constexpr std::size_t head_bytes = std::size_t{1} << 16U;  ///< a batch's root stands in them, or it is none
    FastTranslator::State& state_;
    const StreamRequest& request_;
    StagedTranslation staged_;
    Pool<schema::FastReader>::Lent reader_;
    Pool<mapping::PlanRun>::Lent run_;
    FormatReaders* readers_ = nullptr;
    schema::PathIndex cut_ = schema::no_path, list_ = schema::no_path;
    std::string_view tape_bytes_;
    FollowingReader following_;
    std::uint64_t tape_documents_ = 0;  ///< of the tape, behind which the reader is
    std::uint64_t members_ = 0;         ///< of a long document
    bool long_tape_ended_ = false;
};

StagedTranslation stream_translation(const FastTranslator& fast, const StreamRequest& request) {
    return Streaming(fast, request).run();
}

// ---- giving out ----

Result<void> StagedTranslation::give_message(SpoolReader& finished, const Write& write, bool only_root) const {
    const auto size = take_number<std::uint64_t>(finished);
    if (!size) return size.error();
    const auto hole = take_number<std::uint64_t>(finished);
    if (!hole) return hole.error();
    std::uint64_t done = 0;
    if (only_root) {
        const auto declaration = finished.take(declaration_size);
        if (!declaration) return declaration.error();
        done = declaration_size;
    }
    if (waiting_.size() != 0) {
        if (const auto given = give(finished, *hole - done, write); !given) return given;
        done = *hole;
        SpoolReader waiting(waiting_);
        if (const auto given = give(waiting, waiting_.size(), write); !given) return given;
    }
    return give(finished, *size - done, write);
}

Result<void> StagedTranslation::give_messages(const std::function<Result<void>(std::size_t number)>& begin,
                                              const Write& write, const std::function<Result<void>()>& end) const {
    SpoolReader finished(finished_);
    for (std::size_t number = 0; number < messages_; ++number) {
        Result<void> given = begin(number);
        if (given) given = give_message(finished, write, false);
        if (given) given = end();
        if (!given) return given;
    }
    return {};
}

Result<void> StagedTranslation::give_batch(const Write& write) const {
    SpoolReader finished(finished_);
    if (messages_ == 1) return give_message(finished, write, false);
    std::string frame;
    envelope::append_batch_start(frame, messages_, to_);
    // What append_batch_document writes around a document.
    std::string around;
    envelope::append_batch_document(around, {});
    const std::string_view opening = std::string_view(around).substr(0, around.find('>') + 1);
    const std::string_view closing = std::string_view(around).substr(opening.size());
    Result<void> given = write(frame);
    for (std::size_t number = 0; number < messages_ && given; ++number) {
        given = write(opening);
        if (given) given = give_message(finished, write, true);
        if (given) given = write(closing);
    }
    if (!given) return given;
    frame.clear();
    envelope::append_batch_end(frame);
    return write(frame);
}

Result<void> StagedTranslation::give_ledger(const Write& write) const {
    std::string head;
    mapping::LedgerJson::begin(head, from_, to_);
    bool any = false;
    const auto entry = [&](std::string_view text) -> Result<void> {
        const auto put = write(any ? mapping::LedgerJson::next : mapping::LedgerJson::before_first);
        any = true;
        return put ? write(text) : put;
    };
    Result<void> given = write(head);
    for (SpoolReader reader(read_losses_); given && reader.left() != 0;) {
        const auto text = take_text(reader);
        given = text ? entry(*text) : text.error();
    }
    std::uint64_t own = 0, around = 0;
    for (const Tape& tape : tapes_) {
        std::vector<std::string> shared;
        for (SpoolReader reader(around_losses_, around, tape.around); given && reader.left() != 0;) {
            const auto text = take_text(reader);
            if (text) shared.emplace_back(*text);
            if (!text) given = text.error();
        }
        for (SpoolReader reader(own_losses_, own, tape.own); given && reader.left() != 0;) {
            const auto size = take_number<std::uint32_t>(reader);
            if (!size) {
                given = size.error();
            } else if (*size != around_mark) {
                const auto text = reader.take(*size);
                given = text ? entry(*text) : text.error();
            } else {
                for (std::size_t i = 0; i < shared.size() && given; ++i) given = entry(shared[i]);
            }
        }
        own = tape.own;
        around = tape.around;
    }
    if (!given) return given;
    return write(any ? mapping::LedgerJson::end : mapping::LedgerJson::end_of_none);
}

Result<void> StagedTranslation::give_warnings(const std::function<void(const Error&)>& use) const {
    if (const auto given = give_warnings(read_warnings_, use); !given) return given;
    return give_warnings(written_warnings_, use);
}

Result<void> StagedTranslation::give_warnings(const Spool& spool, const std::function<void(const Error&)>& use) const {
    for (SpoolReader reader(spool); reader.left() != 0;) {
        const auto detail = take_text(reader);
        if (!detail) return detail.error();
        Error warning{mapping::codes::check_failed, std::string(*detail)};
        const auto path = take_text(reader);
        if (!path) return path.error();
        warning.place.path = *path;
        use(warning);
    }
    return {};
}

}  // namespace hansa::exchange
