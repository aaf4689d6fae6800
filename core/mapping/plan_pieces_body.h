// The body of plan_pieces.cpp, compiled once a level: it knows of it copy_block(), 64 bytes, and copy_text(), which
// copies up to 64 bytes and says whether each stands for itself. Both may write 64.

inline bool write(const Course& course, const OtherTexts& other, OutBytes& out) {
    const Made* const made = course.texts.data();
    const char* const literals = course.literals.begin();
    const std::size_t begin = out.size();
    std::size_t free = 0;
    char* at = out.room(course.bytes + course.pieces.size() * block, free);
    char* end = at + free;
    for (const CoursePiece& piece : course.pieces) {
        const std::string_view text =
            piece.text.of == Operand::Of::made ? made[piece.text.number].text : other(piece.text);
        if (text.empty() != piece.empty) {
            out.shorten(begin);
            return false;
        }
        const std::size_t size = piece.before.size;
        if (static_cast<std::size_t>(end - at) < size + text.size() + 2 * block) [[unlikely]] {
            out.end_at(at);
            at = out.room(size + text.size() + 2 * block, free);
            end = at + free;
        }
        const char* const from = literals + piece.before.at;
        for (std::size_t done = 0; done < size; done += block) copy_block(at + done, from + done);
        at += size;
        bool is_plain = true;
        for (std::size_t done = 0; done < text.size(); done += block) {
            const auto count = static_cast<unsigned>(std::min(block, text.size() - done));
            is_plain = copy_text(at + done, text.data() + done, count, piece.attribute) && is_plain;
        }
        if (is_plain) [[likely]] {
            at += text.size();
            continue;
        }
        out.end_at(at);
        if (piece.attribute)
            out.attribute(text);
        else
            out.text(text);
        at = out.room(2 * block, free);
        end = at + free;
    }
    out.end_at(at);
    return true;
}
