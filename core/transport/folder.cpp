#include "core/transport/folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/codes.h"
#include "core/base/file.h"
#include "core/base/log.h"
#include "core/exchange/batches.h"
#include "core/exchange/codes.h"
#include "core/journal/codes.h"

namespace hansa::transport {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view scheme = "folder:";
constexpr std::size_t files_a_look_max = 500;

class FolderTransport final : public exchange::Transport {
public:
    bool serves(std::string_view url) const override { return url.starts_with(scheme); }

    Result<exchange::Delivered> deliver(const exchange::Attempt& attempt) override {
        const fs::path folder = attempt.address.url.substr(scheme.size());
        std::error_code trouble;
        fs::create_directories(folder, trouble);
        const auto done = write_file_atomically(folder / attempt.file_name, attempt.bytes);
        if (!done) return Error{exchange::codes::partner_unreachable, done.error().text()};
        return exchange::Delivered{{}, "renamed into place"};
    }
};

bool is_finished_file(const fs::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    std::error_code trouble;
    return entry.is_regular_file(trouble) && !entry.is_symlink(trouble) && !name.starts_with(".") &&
           !name.ends_with(".part") && !name.ends_with(".tmp") && !name.ends_with(".error.json");
}

std::vector<fs::path> finished_files(const fs::path& folder) {
    std::vector<fs::path> out;
    std::error_code trouble;
    for (const auto& entry : fs::directory_iterator(folder, trouble)) {
        if (is_finished_file(entry)) out.push_back(entry.path());
        if (out.size() >= files_a_look_max) break;
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::string error_json(const Diagnostics& faults, const Error& first) {
    nlohmann::ordered_json out;
    out["code"] = first.code.name();
    out["detail"] = first.detail;
    out["errors"] = nlohmann::ordered_json::array();
    const std::vector<Error> all = faults.errors().empty() ? std::vector<Error>{first} : faults.errors();
    for (const Error& error : all) {
        nlohmann::ordered_json one{{"code", error.code.name()}};
        if (error.place.line != 0) {
            one["line"] = error.place.line;
            one["column"] = error.place.column;
        }
        if (!error.place.path.empty()) one["path"] = error.place.path;
        one["detail"] = error.detail;
        out["errors"].push_back(std::move(one));
    }
    return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

/// Moves a file beside; a name that is taken gets the next free number.
Result<fs::path> move_into(const fs::path& file, const fs::path& folder) {
    std::error_code trouble;
    fs::create_directories(folder, trouble);
    fs::path target = folder / file.filename();
    for (int number = 1; fs::exists(target, trouble) && number < 10'000; ++number) {
        target = folder / fmt::format("{}.{}", file.filename().string(), number);
    }
    fs::rename(file, target, trouble);
    if (trouble) return Error{base::codes::file_unwritable, trouble.message(), Place{.file = target.string()}};
    return target;
}

}  // namespace

std::shared_ptr<exchange::Transport> make_folder_transport() {
    return std::make_shared<FolderTransport>();
}

struct DropFolders::State {
    exchange::Gateway& gateway;
    std::function<void()> recorded;
    std::uint32_t poll_ms;
    std::thread thread = {};
    std::mutex mutex = {};
    std::condition_variable woken = {};
    bool stopping = false;

    void take(const exchange::Agency& agency, const fs::path& file);
    void take_apart(const exchange::Submission& submission, const std::vector<std::string_view>& documents, const fs::path& file);
    std::size_t look();
};

void DropFolders::State::take(const exchange::Agency& agency, const fs::path& file) {
    Diagnostics faults;
    auto bytes = read_file(file, agency.message_bytes_max);
    Result<exchange::Acceptance> answer = Error{};
    exchange::Submission submission;
    submission.agency = agency.id;
    submission.test = file.filename().string().starts_with("test-");
    submission.transport = "folder";
    if (bytes) {
        submission.bytes = *std::move(bytes);
        if (const auto documents = exchange::apart_documents(gateway, submission)) return take_apart(submission, *documents, file);
        answer = gateway.accept(submission, faults);
    } else {
        const bool large = bytes.error().code == base::codes::too_large;
        answer = large ? Error{exchange::codes::message_too_large, bytes.error().detail} : bytes.error();
        if (large) gateway.refuse_unread(submission, answer.error());
    }
    // Trouble of ours is no verdict on the file: it stays where it is and is tried again.
    if (!answer && answer.error().code.row().http_status >= 500) {
        log::error(fmt::format("drop folder of {}: {}", agency.id, answer.error().text()));
        return;
    }
    const auto moved = move_into(file, file.parent_path() / (answer ? "done" : "refused"));
    if (!moved) {
        log::error(moved.error().text());
        return;
    }
    // A repetition of what was accepted so long ago that its receipt is gone is told so, beside the file in done/.
    const bool receipt = answer && !answer->receipt_dropped;
    const auto beside = fs::path(moved->string() + (receipt ? ".receipt.xml" : ".error.json"));
    const auto written = write_file_atomically(
        beside, receipt ? answer->receipt
                        : error_json(faults, answer ? Error{journal::codes::body_dropped, "the receipt of message " + answer->message_id + ", which was accepted before"} : answer.error()));
    if (!written) log::error(written.error().text());
    if (answer) recorded();
    log::info(fmt::format("drop folder of {}: {} {}", agency.id, file.filename().string(),
                          answer ? "accepted as " + answer->message_id : answer.error().text()));
}

/// What was refused of it makes it a refused file: accepted documents give their answer again when the mended batch comes.
void DropFolders::State::take_apart(const exchange::Submission& submission, const std::vector<std::string_view>& documents, const fs::path& file) {
    const auto parts = exchange::accept_apart(gateway, submission, documents);
    if (exchange::any_accepted(parts)) recorded();
    if (const auto trouble = exchange::own_trouble(parts)) {
        log::error(fmt::format("drop folder of {}: {}", submission.agency, trouble->text()));
        return;
    }
    const auto moved = move_into(file, file.parent_path() / (exchange::all_accepted(parts) ? "done" : "refused"));
    if (!moved) {
        log::error(moved.error().text());
        return;
    }
    const auto problem = [](const exchange::PartAnswer& part) { return error_json(part.faults, part.answer.error()); };
    const auto written = write_file_atomically(fs::path(moved->string() + ".answers.json"), exchange::answers_json(parts, problem));
    if (!written) log::error(written.error().text());
    const auto accepted = std::ranges::count_if(parts, [](const exchange::PartAnswer& part) { return part.answer.has_value(); });
    log::info(fmt::format("drop folder of {}: {}: {} of {} documents accepted", submission.agency, file.filename().string(), accepted, parts.size()));
}

std::size_t DropFolders::State::look() {
    const auto directory = gateway.surroundings().directory;
    std::size_t handled = 0;
    for (const exchange::Agency& agency : directory->agencies) {
        if (agency.drop_folder.empty()) continue;
        for (const fs::path& file : finished_files(agency.drop_folder)) {
            take(agency, file);
            ++handled;
        }
    }
    return handled;
}

DropFolders::DropFolders(exchange::Gateway& gateway, std::function<void()> recorded, std::uint32_t poll_ms)
    : state_(new State{gateway, std::move(recorded), poll_ms}) {}

DropFolders::~DropFolders() {
    stop();
}

void DropFolders::start() {
    state_->thread = std::thread([this] {
        std::unique_lock lock(state_->mutex);
        while (!state_->stopping) {
            lock.unlock();
            state_->look();
            lock.lock();
            state_->woken.wait_for(lock, std::chrono::milliseconds(state_->poll_ms), [this] { return state_->stopping; });
        }
    });
}

void DropFolders::stop() {
    {
        const std::lock_guard lock(state_->mutex);
        state_->stopping = true;
        state_->woken.notify_all();
    }
    if (state_->thread.joinable()) state_->thread.join();
}

std::size_t DropFolders::run_once() {
    return state_->look();
}

}  // namespace hansa::transport
