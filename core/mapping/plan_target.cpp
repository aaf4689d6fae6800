#include "core/mapping/plan_target.h"

#include <algorithm>

#include "core/mapping/codes.h"
#include "core/mapping/plan_target_compiler.h"

namespace hansa::mapping::program {
namespace writing {

namespace {

/// The row that takes members or fields of this name, if any.
const Row* row_of(const std::vector<std::unique_ptr<Row>>& rows, std::string_view name) {
    for (const auto& row : rows) {
        const bool writes = row->direction != Direction::to_pivot;
        const bool names =
            writes && std::ranges::any_of(row->right, [&](const PivotTerm& term) {
                return std::ranges::any_of(term.steps, [&](const PivotStep& step) { return step.name == name; });
            });
        if (names) return row.get();
        if (const Row* inside = row_of(row->rows, name)) return inside;
    }
    return nullptr;
}

}  // namespace

TargetProgram TargetCompiler::run() {
    const Row& top = *model_.rows->front();
    // What an answer says where by a place becomes pointers in a target that has those, and the other way round
    // (TreeWriter::document).
    const auto gives = [&](std::string_view name) {
        return std::ranges::any_of(source_.root->children,
                                   [&](const auto& child) { return child->child(name) != nullptr; });
    };
    if (const Row* const pointers = gives("Place") ? row_of(*model_.rows, "Pointer") : nullptr)
        throw Unsupported(*pointers, "pointers made of the places that an answer names");
    if (const Row* const place = gives("Pointer") ? row_of(*model_.rows, "Place") : nullptr)
        throw Unsupported(*place, "a place made of the pointers of an answer");
    out_.bodies.resize(2);
    out_.bodies[0].group = 0;
    out_.bodies[1].group = source_.outer;
    out_.root = std::make_unique<OutNode>();
    out_.root->name = model_.root->name;
    out_.root->shape = model_.root.get();
    out_.root->kept = true;
    Scope scope{.out = out_.root.get()};
    if (top.document) {
        out_.root->body = 0;
        out_.document = out_.root.get();
        document(top, scope);
    } else {
        out_.root->body = 1;
        scope.body = 1;
        scope.sink.number = 1;
        rows(top.rows, scope);
        const NationalPath& path = model_.document_row->left[0].path;
        OutNode* element = place(scope, path, *model_.document_row);
        element->body = 0;
        element->loop = 0;
        element->kept = true;
        out_.document = element;
        out_.bodies[0].parent = 1;
        out_.bodies[0].list = out_.bodies[1].lists++;
        Scope inner = scope;
        inner.out = element;
        inner.body = 0;
        inner.sink.number = 0;
        document(*model_.document_row, inner);
    }
    for (std::size_t i = 0; i < whens_.size(); ++i) whens_[i]();
    for (std::size_t i = 0; i < lates_.size(); ++i) lates_[i]();
    fill(*out_.root, out_.root.get(), "");
    for (std::size_t i = 0; i < expressions_.size(); ++i) expressions_[i]();
    for (WriteLoop& loop : out_.loops) places_below(*loop.node, loop.content);
    for (const auto& one : out_.rows) straighten(*one);
    settle_output(out_);
    return std::move(out_);
}

WriteSteps& TargetCompiler::steps(const Sink& sink, std::size_t turn) {
    switch (sink.kind) {
        case Sink::Kind::select:
            return out_.selects[sink.number].steps[turn];
        case Sink::Kind::member:
            return out_.members[sink.number].steps[turn];
        case Sink::Kind::chain:
            return out_.chains[sink.number].cases[sink.part].steps[turn];
        case Sink::Kind::body:
            break;
    }
    return out_.bodies[sink.number].steps[turn];
}

void TargetCompiler::push(const Scope& scope, std::size_t turn, WriteStep::Kind kind, std::size_t number) {
    steps(scope.sink, turn).push_back({kind, static_cast<Id>(number)});
}

/// A container does something in every turn from the one on in which it is made.
void TargetCompiler::push_all(const Scope& scope, WriteStep::Kind kind, std::size_t number) {
    for (std::size_t turn = scope.turn; turn < turns; ++turn) push(scope, turn, kind, number);
}

void TargetCompiler::document(const Row& row, Scope scope) {
    scope.pivot = source_.root.get();
    scope.in_document = true;
    scope.place.clear();
    scope.groups = {0};
    document_scope_ = scope;
    for (const OnlyOf& one : model_.only) {
        const std::size_t number = out_.only.size();
        out_.only.push_back({.only = &one, .place = {}});
        expressions_.push_back([this, number, &one, &row, scope] {
            OutExpression place = expression(one.condition.place, scope, row);
            out_.only[number].place = std::move(place);
        });
    }
    rows(row.rows, scope);
}

void TargetCompiler::rows(const std::vector<std::unique_ptr<Row>>& list, const Scope& scope) {
    for (const auto& one : list) row(*one, scope);
}

void TargetCompiler::row(const Row& row, const Scope& scope) {
    switch (row.form) {
        case RowForm::enter:
            if (!row.document) enter(row, scope);
            return;
        case RowForm::each:
            if (!row.document) each(row, scope);
            return;
        case RowForm::when:
            return when(row, scope);
        case RowForm::value:
        case RowForm::carry_as:
            return value(row, scope);
        case RowForm::position:
            return position(row, scope);
        case RowForm::fixed:
            if (row.always) throw Unsupported(row, "a constant that is always written");
            for (std::size_t i = 0; i < row.left.size(); ++i) pend(row, scope, i);
            return;
        case RowForm::envelope:
            for (std::size_t i = 0; i < row.left.size(); ++i) pend(row, scope, i);
            return;
        case RowForm::computed:
            return computed(row, scope);
        case RowForm::derive:
            return derive(row, scope);
        case RowForm::check:
            return check(row, scope);
        case RowForm::attached:
            if (scope.pivot && row.attached &&
                scope.pivot->child("Attached" + std::string(pivot::root(row.attached->kind()).name)))
                throw Unsupported(row, "a document inside a document");
            return;
        case RowForm::carry:
        case RowForm::drop:
        case RowForm::signature:
        case RowForm::same_group:
        case RowForm::same_rest:
            return;
    }
}

void TargetCompiler::pend(const Row& row, const Scope& scope, std::size_t term) {
    Pendings& known = pending_[scope.out][term_place(row.left[term])];
    if (scope.cases.empty()) std::erase_if(known, [](const Pending& one) { return one.scope.cases.empty(); });
    known.push_back({&row, scope, term});
}

}  // namespace writing

Result<TargetProgram> compile_target(const Mapping& mapping, const SourceProgram& source, const Settings& settings) {
    try {
        return writing::TargetCompiler(mapping, source, settings).run();
    } catch (const Unsupported& one) {
        return Error{codes::plan_unsupported, one.row.place + ": " + one.row.text + ": " + one.detail};
    }
}

}  // namespace hansa::mapping::program
