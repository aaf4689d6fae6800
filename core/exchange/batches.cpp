#include "core/exchange/batches.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/envelope/batch.h"
#include "core/envelope/envelope.h"

namespace hansa::exchange {
namespace {

bool is_accepted(const PartAnswer& part) {
    return part.answer.has_value();
}

}  // namespace

std::optional<std::vector<std::string_view>> apart_documents(const Gateway& gateway, const Submission& submission) {
    const auto directory = gateway.surroundings().directory;
    const Agency* sender = directory->agency(submission.agency);
    if (sender == nullptr || !sender->batches_apart || !envelope::is_batch(submission.bytes)) return std::nullopt;
    auto batch = envelope::read_batch(submission.bytes, envelope::Limits{}.documents_max);
    if (!batch) return std::nullopt;
    return std::move(batch->documents);
}

std::vector<PartAnswer> accept_apart(Gateway& gateway, const Submission& submission, const std::vector<std::string_view>& documents) {
    std::vector<PartAnswer> out;
    Submission one = submission;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        one.bytes = documents[i];
        if (!submission.idempotency_key.empty()) one.idempotency_key = fmt::format("{}/{}", submission.idempotency_key, i + 1);
        Diagnostics faults;
        auto answer = gateway.accept(one, faults);
        out.push_back({std::move(answer), std::move(faults)});
    }
    return out;
}

std::optional<Error> own_trouble(const std::vector<PartAnswer>& parts) {
    constexpr int first_of_own = 500;
    for (const PartAnswer& part : parts) {
        if (!part.answer && part.answer.error().code.row().http_status >= first_of_own) return part.answer.error();
    }
    return std::nullopt;
}

bool all_accepted(const std::vector<PartAnswer>& parts) {
    return std::ranges::all_of(parts, is_accepted);
}

bool any_accepted(const std::vector<PartAnswer>& parts) {
    return std::ranges::any_of(parts, is_accepted);
}

std::string answers_json(const std::vector<PartAnswer>& parts, const std::function<std::string(const PartAnswer&)>& problem) {
    using Json = nlohmann::ordered_json;
    Json all = Json::array();
    for (const PartAnswer& part : parts) {
        Json one{{"document", all.size() + 1}};
        if (part.answer) {
            one["message"] = part.answer->message_id;
            if (part.answer->repeated) one["repeated"] = true;
            if (!part.answer->receipt_dropped) one["receipt"] = part.answer->receipt;
        } else {
            one["problem"] = Json::parse(problem(part));
        }
        all.push_back(std::move(one));
    }
    return Json{{"documents", std::move(all)}}.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace hansa::exchange
