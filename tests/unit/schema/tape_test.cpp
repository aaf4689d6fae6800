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

/// What is noted of a document goes with its last entry, and with the tape.
TEST(Tape, KeepsShapesAsLongAsTheirEntries) {
    Tape tape;
    const auto shape = std::make_shared<const Shape>(Shape{1, 2});
    const auto fill = [&] {
        add(tape, 0, "");
        for (std::uint32_t i = 1; i < 9; ++i) add(tape, i, "");
        // Documents of two entries behind the root.
        for (const std::uint32_t document : {1U, 3U, 5U, 7U}) {
            tape.at(document).next = document + 2;
            tape.note_shape(document, shape);
        }
    };
    const auto noted = [&](std::uint32_t entry) { return tape.noted_shape(entry) != nullptr; };
    fill();
    EXPECT_FALSE(noted(0) || noted(2) || noted(8) || noted(9));
    // In their order, in another one, and from the front again.
    for (const std::uint32_t document : {1U, 3U, 5U, 7U, 5U, 1U, 1U, 7U, 3U}) EXPECT_TRUE(noted(document)) << document;
    EXPECT_EQ(*tape.noted_shape(3), shape);
    tape.note_shape(3, nullptr);
    EXPECT_EQ(*tape.noted_shape(3), shape) << "what is noted stays";
    tape.truncate(6);
    EXPECT_TRUE(noted(3));
    EXPECT_FALSE(noted(5) || noted(7)) << "the third has lost an entry";
    add(tape, 6, "");
    EXPECT_FALSE(noted(5));
    tape.clear();
    EXPECT_FALSE(noted(1));
    fill();
    EXPECT_TRUE(noted(1) && noted(7));
    EXPECT_EQ(shape.use_count(), 5);
}

}  // namespace
}  // namespace hansa::schema::test
