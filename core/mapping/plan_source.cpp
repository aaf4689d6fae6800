#include "core/mapping/plan_source.h"

#include <algorithm>

#include "core/mapping/code_list_row.h"
#include "core/mapping/codes.h"
#include "core/mapping/plan_source_compiler.h"

namespace hansa::mapping::program {
namespace reading {

SourceProgram SourceCompiler::run() {
    const Row& top = *model_.rows->front();
    out_.steps.resize(2, Steps(paths_.size()));
    out_.groups.resize(2);
    out_.groups[0].row = model_.document_row;
    out_.outer = 1;
    out_.root = std::make_unique<TemplateNode>();
    const pivot::Field& root = pivot::root(model_.head.kind);
    out_.root->name = std::string(root.name);
    out_.root->field = &root;
    out_.root->group = 0;
    grow_order();
    const Where root_at{.path = 0, .shape = model_.root.get(), .group = 1, .steps = 1};
    if (top.document) {
        out_.document = 0;
        out_.document_is_root = true;
        document(top, {.path = 0, .shape = model_.root.get(), .group = 0, .steps = 0});
    } else {
        rows(top.rows, {.at = root_at});
    }
    while (!whens_.empty() || !lates_.empty()) {
        auto& from = whens_.empty() ? lates_ : whens_;
        const std::function<void()> next = std::move(from.front());
        from.erase(from.begin());
        next();
    }
    for (std::size_t i = 0; i < expressions_.size(); ++i) expressions_[i]();
    settle_steps();
    settle_chains();
    leave_out_idle_loops();
    for (ReadRow& row : out_.rows) {
        if (!row.plain || !row.puts[0].simple() || !row.parts[0].fast.single()) continue;
        const Put& put = row.puts[0];
        row.op = {.slot = row.terms[0].slot, .place = put.place, .done = row.parts[0].done};
        row.op.conversion = &row.parts[0].fast;
        row.op.fit = &put.fit;
        row.op.none = row.row->none ? &*row.row->none : nullptr;
        row.op.attribute = put.attribute;
    }
    for (auto& pass : out_.leaves) {
        for (auto& group : pass) {
            for (LeafStep& step : group) {
                for (const Put& put : step.fed) step.fed_places.push_back(put.place);
            }
        }
    }
    for (ReadChain& chain : out_.chains) {
        for (auto& leaves : chain.leaves) {
            for (LeafStep& step : leaves) {
                for (const Put& put : step.fed) step.fed_places.push_back(put.place);
            }
        }
    }
    for (Id group = 0; group < out_.groups.size(); ++group) out_.triggers.push_back(triggers_of(out_, group));
    return std::move(out_);
}

}  // namespace reading

std::shared_ptr<const SchemeTable> scheme_table(const CodeList& list) {
    auto made = std::make_shared<SchemeTable>();
    for (const CodeListRow& row : list.rows()) {
        if (!row.pattern) continue;
        auto shape = row.pattern->table();
        if (!shape || row.scheme.empty()) return nullptr;
        made->names.push_back(row.scheme);
        made->shapes.emplace_back(*std::move(shape), pivot::QualifiedCode{});
    }
    for (std::size_t i = 0; i < made->names.size(); ++i) made->shapes[i].second = pivot::split_code(made->names[i]);
    return made;
}

namespace {

/// A row has nothing to do before one of these is there; none: it has always.
std::vector<Slot> slots_of(const SourceProgram& program, const ReadStep& step) {
    std::vector<Slot> slots;
    if (step.kind != ReadStep::Kind::row) return slots;
    for (const SourceTerm& term : program.rows[step.number].terms) {
        if (!term.term->constant && !term.term->borrowed) slots.push_back(term.slot);
    }
    return slots;
}

}  // namespace

Triggers triggers_of(const SourceProgram& program, Id group) {
    constexpr Id word = 64;
    Triggers made;
    std::vector<std::vector<Id>> waiting(program.groups[group].slots);
    const auto wait = [&](Id bit, const std::vector<Slot>& slots) {
        const bool own = !slots.empty() && std::all_of(slots.begin(), slots.end(), [&](const Slot& slot) {
            return slot.group == group && slot.number < waiting.size();
        });
        if (!own) made.always[bit / word] |= std::uint64_t{1} << (bit % word);
        for (const Slot& slot : slots) {
            if (own) waiting[slot.number].push_back(bit);
        }
    };
    for (std::size_t pass = 0; pass < passes; ++pass) {
        const auto& order = program.order[pass][group];
        made.order[pass] = static_cast<Id>(made.always.size());
        made.always.resize(made.always.size() + (order.size() + word - 1) / word);
        for (Id i = 0; i < order.size(); ++i) wait(made.order[pass] * word + i, slots_of(program, order[i]));
        const auto& leaves = program.leaves[pass][group];
        made.leaves[pass] = static_cast<Id>(made.always.size());
        made.always.resize(made.always.size() + (leaves.size() + word - 1) / word);
        for (Id i = 0; i < leaves.size(); ++i) {
            const bool waits = leaves[i].kind != LeafStep::Kind::loop && leaves[i].kind != LeafStep::Kind::chain &&
                               leaves[i].kind != LeafStep::Kind::stated;
            wait(made.leaves[pass] * word + i, waits ? std::vector<Slot>{leaves[i].slot} : std::vector<Slot>());
        }
    }
    for (const std::vector<Id>& bits : waiting) {
        made.first.push_back(static_cast<Id>(made.waits.size()));
        for (const Id bit : bits) {
            const std::uint64_t mask = std::uint64_t{1} << (bit % word);
            const bool again = made.waits.size() > made.first.back() && made.waits.back().word == bit / word;
            if (again)
                made.waits.back().mask |= mask;
            else
                made.waits.push_back({bit / word, mask});
        }
    }
    made.first.push_back(static_cast<Id>(made.waits.size()));
    return made;
}

Result<SourceProgram> compile_source(const Mapping& mapping, const schema::PathTable& paths, const Settings& settings) {
    try {
        return reading::SourceCompiler(mapping, paths, settings).run();
    } catch (const Unsupported& one) {
        return Error{codes::plan_unsupported, one.row.place + ": " + one.row.text + ": " + one.detail};
    }
}

}  // namespace hansa::mapping::program
