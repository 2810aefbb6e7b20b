// The words and signs of the filter language that are no names and no values.
#pragma once
#include "packet/filter/lexer.h"

namespace trama::filter {

struct Keyword {
  std::string_view text;
  Kind kind;
  Relation relation = Relation::equal;
  bool every = false;
  char sign = 0;
};

// Words are lower-case in tshark; the logical ones are taken in upper case too.
constexpr Keyword keywords[] = {
    {"and",         Kind::both,      Relation::equal,         false, 0  },
    {"AND",         Kind::both,      Relation::equal,         false, 0  },
    {"or",          Kind::either,    Relation::equal,         false, 0  },
    {"OR",          Kind::either,    Relation::equal,         false, 0  },
    {"xor",         Kind::differing, Relation::equal,         false, 0  },
    {"XOR",         Kind::differing, Relation::equal,         false, 0  },
    {"not",         Kind::negated,   Relation::equal,         false, 0  },
    {"NOT",         Kind::negated,   Relation::equal,         false, 0  },
    {"any",         Kind::any,       Relation::equal,         false, 0  },
    {"all",         Kind::all,       Relation::equal,         false, 0  },
    {"in",          Kind::in,        Relation::equal,         false, 0  },
    {"contains",    Kind::contains,  Relation::equal,         false, 0  },
    {"matches",     Kind::matches,   Relation::equal,         false, 0  },
    {"eq",          Kind::relation,  Relation::equal,         false, 0  },
    {"any_eq",      Kind::relation,  Relation::equal,         false, 0  },
    {"all_eq",      Kind::relation,  Relation::equal,         true,  0  },
    {"ne",          Kind::relation,  Relation::differ,        true,  0  },
    {"all_ne",      Kind::relation,  Relation::differ,        true,  0  },
    {"any_ne",      Kind::relation,  Relation::differ,        false, 0  },
    {"gt",          Kind::relation,  Relation::greater,       false, 0  },
    {"ge",          Kind::relation,  Relation::greater_equal, false, 0  },
    {"lt",          Kind::relation,  Relation::less,          false, 0  },
    {"le",          Kind::relation,  Relation::less_equal,    false, 0  },
    {"bitwise_and", Kind::sign,      Relation::equal,         false, '&'},
    {"bitand",      Kind::sign,      Relation::equal,         false, '&'},
};

// The longest first.
constexpr Keyword signs[] = {
    {"===", Kind::relation,  Relation::equal,         true,  0  },
    {"!==", Kind::relation,  Relation::differ,        false, 0  },
    {"==",  Kind::relation,  Relation::equal,         false, 0  },
    {"!=",  Kind::relation,  Relation::differ,        true,  0  },
    {"~=",  Kind::relation,  Relation::differ,        false, 0  },
    {">=",  Kind::relation,  Relation::greater_equal, false, 0  },
    {"<=",  Kind::relation,  Relation::less_equal,    false, 0  },
    {"&&",  Kind::both,      Relation::equal,         false, 0  },
    {"||",  Kind::either,    Relation::equal,         false, 0  },
    {"^^",  Kind::differing, Relation::equal,         false, 0  },
    {"..",  Kind::dots,      Relation::equal,         false, 0  },
    {">",   Kind::relation,  Relation::greater,       false, 0  },
    {"<",   Kind::relation,  Relation::less,          false, 0  },
    {"!",   Kind::negated,   Relation::equal,         false, 0  },
    {"~",   Kind::matches,   Relation::equal,         false, 0  },
    {"(",   Kind::open,      Relation::equal,         false, 0  },
    {")",   Kind::close,     Relation::equal,         false, 0  },
    {"{",   Kind::open_set,  Relation::equal,         false, 0  },
    {"}",   Kind::close_set, Relation::equal,         false, 0  },
    {",",   Kind::comma,     Relation::equal,         false, 0  },
    {"+",   Kind::sign,      Relation::equal,         false, '+'},
    {"-",   Kind::sign,      Relation::equal,         false, '-'},
    {"*",   Kind::sign,      Relation::equal,         false, '*'},
    {"/",   Kind::sign,      Relation::equal,         false, '/'},
    {"%",   Kind::sign,      Relation::equal,         false, '%'},
    {"&",   Kind::sign,      Relation::equal,         false, '&'},
};

}  // namespace trama::filter
