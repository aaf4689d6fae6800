#include "core/consolidation/waiting_room.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/consolidation/codes.h"
#include "core/journal/store_file.h"

namespace hansa::consolidation {
namespace {

using journal::Row;

constexpr std::int64_t store_version = 2;  // 1 had no `ending`

// `closing` of a guest is 0 while it waits. Numbers of closings are never given again.
constexpr const char* tables = R"(
CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE guest(message INTEGER NOT NULL, document INTEGER NOT NULL, room TEXT NOT NULL, grp TEXT NOT NULL, due INTEGER NOT NULL,
  closing INTEGER NOT NULL, PRIMARY KEY(message, document, room)) WITHOUT ROWID;
CREATE INDEX guest_group ON guest(room, grp) WHERE closing=0;
CREATE INDEX guest_due ON guest(due) WHERE closing=0;
CREATE INDEX guest_closing ON guest(closing) WHERE closing<>0;
CREATE TABLE closing(number INTEGER PRIMARY KEY AUTOINCREMENT, room TEXT NOT NULL, ending INTEGER NOT NULL DEFAULT 0);
)";

}  // namespace

std::string closing_name(const Closing& closing) {
    if (closing.guests.empty()) return closing.room;
    return fmt::format("{} {}/{}", closing.room, closing.guests.front().message, closing.guests.front().document);
}

Result<std::unique_ptr<WaitingRoom>> WaitingRoom::open(const std::filesystem::path& path) {
    auto connection = journal::Connection::open(path.string(), {.read_only = false, .create = true});
    if (!connection) return connection.error();
    std::unique_ptr<WaitingRoom> room(new WaitingRoom(*std::move(connection)));
    if (auto ready = room->prepare(); !ready) return ready.error();
    return room;
}

Result<void> WaitingRoom::prepare() {
    const auto version = journal::begin_store(*connection_, {.version = store_version, .oldest = 1, .wrong_version = codes::store_version});
    if (!version) return version.error();
    if (*version == store_version) return {};
    const char* const change = *version == 1 ? "ALTER TABLE closing ADD COLUMN ending INTEGER NOT NULL DEFAULT 0;" : tables;
    return connection_->transaction([&] { return connection_->script(fmt::format("{} PRAGMA user_version={};", change, store_version)); });
}

Result<std::int64_t> WaitingRoom::position() {
    return connection_->number("SELECT ifnull(max(value), 0) FROM meta WHERE name='position'");
}

Result<bool> WaitingRoom::has_position() {
    const auto rows = connection_->number("SELECT count(*) FROM meta WHERE name='position'");
    if (!rows) return rows.error();
    return *rows != 0;
}

Result<void> WaitingRoom::add(const Guest& guest, std::int64_t closing) {
    return connection_->run("INSERT OR IGNORE INTO guest VALUES(?, ?, ?, ?, ?, ?)", {guest.message, static_cast<std::int64_t>(guest.document), std::string_view(guest.room),
                                                                                    std::string_view(guest.group), guest.due_s, closing});
}

Result<std::int64_t> WaitingRoom::new_closing(const std::string& room, Ending ending) {
    if (auto done = connection_->run("INSERT INTO closing(room, ending) VALUES(?, ?)", {std::string_view(room), static_cast<std::int64_t>(ending)}); !done) return done.error();
    return connection_->last_row();
}

/// Does the guest wait then?
Result<bool> WaitingRoom::change_other(Guest& guest) {
    const auto other = static_cast<std::int64_t>(guest.other_document);
    const auto waits = connection_->number("SELECT ifnull(max(due), 0) FROM guest WHERE message=? AND document=? AND room=? AND closing=0", {guest.other_message, other, std::string_view(guest.room)});
    if (!waits) return waits.error();
    const Ending ending = *waits == 0 ? Ending::late : guest.takes_out ? Ending::taken_out : Ending::replaced;
    const auto closing = new_closing(guest.room, ending);
    if (!closing) return closing.error();
    if (ending != Ending::late) {
        auto moved = connection_->run("UPDATE guest SET closing=? WHERE message=? AND document=? AND room=?", {*closing, guest.other_message, other, std::string_view(guest.room)});
        if (!moved) return moved.error();
    }
    // Who waits for the other one does not wait any longer for this one.
    guest.due_s = std::min(guest.due_s, *waits);
    if (ending == Ending::replaced) return true;
    if (auto done = add(guest, *closing); !done) return done.error();
    return false;
}

Result<void> WaitingRoom::put(Guest guest) {
    const auto known = connection_->number("SELECT count(*) FROM guest WHERE message=? AND document=? AND room=?",
                                           {guest.message, static_cast<std::int64_t>(guest.document), std::string_view(guest.room)});
    if (!known) return known.error();
    if (*known != 0) return {};
    if (guest.other_message != 0) {
        const auto waits = change_other(guest);
        if (!waits) return waits.error();
        if (!*waits) return {};
    }
    if (auto done = add(guest, 0); !done) return done;
    const auto there = connection_->number("SELECT count(*) FROM guest WHERE room=? AND grp=? AND closing=0", {std::string_view(guest.room), std::string_view(guest.group)});
    if (!there) return there.error();
    if (*there == 0 || static_cast<std::size_t>(*there) < guest.most) return {};
    return close(guest.room, guest.group);
}

Result<void> WaitingRoom::close(const std::string& room, const std::string& group) {
    const auto closing = new_closing(room, Ending::together);
    if (!closing) return closing.error();
    return connection_->run("UPDATE guest SET closing=? WHERE room=? AND grp=? AND closing=0", {*closing, std::string_view(room), std::string_view(group)});
}

Result<void> WaitingRoom::arrive(std::span<const Guest> guests, std::int64_t position) {
    return connection_->transaction([&]() -> Result<void> {
        for (const Guest& guest : guests) {
            if (auto done = put(guest); !done) return done;
        }
        return connection_->run("INSERT OR REPLACE INTO meta VALUES('position', ?)", {position});
    });
}

Result<void> WaitingRoom::expire(std::int64_t now_s) {
    std::vector<std::pair<std::string, std::string>> over;
    const auto read = connection_->query("SELECT DISTINCT room, grp FROM guest WHERE closing=0 AND due<=?", {now_s}, [&](const Row& row) {
        over.emplace_back(row.text(0), row.text(1));
        return true;
    });
    if (!read || over.empty()) return read;
    return connection_->transaction([&]() -> Result<void> {
        for (const auto& [room, group] : over) {
            if (auto done = close(room, group); !done) return done;
        }
        return {};
    });
}

Result<std::vector<Closing>> WaitingRoom::closings(std::size_t most) {
    std::vector<Closing> out;
    const auto read = connection_->query("SELECT number, room, ending FROM closing ORDER BY number LIMIT ?", {static_cast<std::int64_t>(most)}, [&](const Row& row) {
        out.push_back({row.number(0), row.text(1), static_cast<Ending>(row.number(2)), {}});
        return true;
    });
    if (!read) return read.error();
    for (Closing& closing : out) {
        const auto guests = connection_->query("SELECT message, document FROM guest WHERE closing=? ORDER BY message, document", {closing.number}, [&](const Row& row) {
            Guest guest;
            guest.room = closing.room;
            guest.message = row.number(0);
            guest.document = static_cast<std::size_t>(row.number(1));
            closing.guests.push_back(std::move(guest));
            return true;
        });
        if (!guests) return guests.error();
    }
    return out;
}

Result<void> WaitingRoom::settled(std::int64_t closing) {
    return connection_->transaction([&]() -> Result<void> {
        if (auto done = connection_->run("DELETE FROM guest WHERE closing=?", {closing}); !done) return done;
        return connection_->run("DELETE FROM closing WHERE number=?", {closing});
    });
}

Result<bool> WaitingRoom::others_of(std::int64_t message, std::int64_t closing) {
    const auto rows = connection_->number("SELECT count(*) FROM guest WHERE message=? AND closing<>?", {message, closing});
    if (!rows) return rows.error();
    return *rows != 0;
}

Result<std::map<std::string, std::uint64_t>> WaitingRoom::waiting() {
    std::map<std::string, std::uint64_t> out;
    const auto read = connection_->query("SELECT room, count(*) FROM guest WHERE closing=0 GROUP BY room", {}, [&](const Row& row) {
        out[row.text(0)] = static_cast<std::uint64_t>(row.number(1));
        return true;
    });
    if (!read) return read.error();
    return out;
}

}  // namespace hansa::consolidation
