// What the check of a filter asks about its parts: which words are fields, and whether two values
// can be compared.
#pragma once
#include "packet/filter/program.h"

namespace trama::filter {

// Wireshark's protocols whose names read like bytes: there they are protocols.
bool is_foreign_protocol(std::string_view text);

bool is_constant(Form form);

// The field that a word names for certain: typed in lower case.
const parse::Word* exact_word(std::string_view text);

// Brings two expressions to one sort, or says at `node`, the second one's place, why that cannot
// be.
Checked<void> fit(Expression& one, Expression& other, const Node& node);

// Wraps what has bytes of another sort, so that it gives bytes.
void as_bytes(Expression& expression);

tl::unexpected<Complaint> no_such_field(const Node& node);
tl::unexpected<Complaint> no_text_inside(const Node& node, const Expression& made,
                                         std::string_view operation);
tl::unexpected<Complaint> not_calculable(const Node& node, Type type, char sign);

}  // namespace trama::filter
