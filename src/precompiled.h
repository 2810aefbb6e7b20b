// What almost every source includes, parsed once for all of them: a clean build spends most of its
// time here otherwise. Sources still include what they use; this file only makes it cheap.
#pragma once
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <charconv>
#include <chrono>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>
