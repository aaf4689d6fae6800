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
    for (Id group = 0; group < out_.groups.size(); ++group) out_.triggers.push_back(triggers(group));
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

Result<SourceProgram> compile_source(const Mapping& mapping, const schema::PathTable& paths, const Settings& settings) {
    try {
        return reading::SourceCompiler(mapping, paths, settings).run();
    } catch (const Unsupported& one) {
        return Error{codes::plan_unsupported, one.row.place + ": " + one.row.text + ": " + one.detail};
    }
}

}  // namespace hansa::mapping::program
