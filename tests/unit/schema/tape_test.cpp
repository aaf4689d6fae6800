#include "core/schema/tape.h"

#include <gtest/gtest.h>

#include <string>

namespace hansa::schema::test {
namespace {

void add(Tape& tape, PathIndex path, std::string_view text) {
    Entry& entry = tape.add();
    entry = {text.data(), static_cast<std::uint32_t>(text.size()), path, tape.size(), 0};
}

TEST(Tape, KeepsWhatItIsGivenWhileItGrows) {
    Tape tape;
    for (std::uint32_t i = 0; i < 5'000; ++i) {
        add(tape, i, {});
        const std::string_view kept = tape.keep(i, std::to_string(i));
        tape.at(i).text = kept.data();
        tape.at(i).size = static_cast<std::uint32_t>(kept.size());
    }
    ASSERT_EQ(tape.entries().size(), 5'000u);
    for (std::uint32_t i = 0; i < 5'000; ++i) EXPECT_EQ(tape[i].value(), std::to_string(i));
}

TEST(Tape, DoesNotGrowWhenItIsTruncatedEachTime) {
    Tape tape;
    add(tape, 0, "");
    tape.set_floor(1);
    std::size_t held = 0;
    for (int round = 0; round < 1'000; ++round) {
        for (std::uint32_t i = 0; i < 50; ++i) {
            add(tape, i, "");
            tape.keep(tape.size() - 1, std::string(700, 'x'));
            tape.add_foreign({tape.size() - 1, false, "", "n"});
        }
        if (round == 0) held = tape.bytes_held();
        tape.truncate(1);
        EXPECT_EQ(tape.foreign().size(), 0u);
    }
    EXPECT_EQ(tape.bytes_held(), held);
}

TEST(Tape, NeverDropsWhatIsOpen) {
    Tape tape;
    add(tape, 0, "root");
    add(tape, 1, "attribute");
    add(tape, 2, "child");
    tape.set_floor(2);
    tape.truncate(0);
    EXPECT_EQ(tape.size(), 2u);
    EXPECT_EQ(tape[1].value(), "attribute");
}

TEST(Tape, NamesForeignEntries) {
    Tape tape;
    add(tape, 0, "");
    add(tape, no_path, "");
    add(tape, no_path, "");
    tape.add_foreign({1, false, "urn:x", "a"});
    tape.add_foreign({2, true, "", "b"});
    EXPECT_EQ(tape.foreign(0), nullptr);
    ASSERT_NE(tape.foreign(2), nullptr);
    EXPECT_EQ(tape.foreign(2)->local, "b");
    tape.truncate(2);
    EXPECT_EQ(tape.foreign(2), nullptr);
    EXPECT_EQ(tape.foreign(1)->ns, "urn:x");
}

}  // namespace
}  // namespace hansa::schema::test
