// The words for a verdict: its state as nmap's readers know it, and the reason with its evidence,
// in the reader's language.
#pragma once
#include <string>
#include <string_view>

#include "scan/local.h"
#include "scan/verdict.h"

namespace trama::scan {

// "open", "closed", "filtered", "open|filtered".
std::string_view name_of(PortState state);

// "syn-ack", "rst", "icmp", "answer", "no-response", "not-sent": for JSON, never translated.
std::string_view name_of(Proof proof);

// "port unreachable" for 3/3, translated; "" where the RFCs give it no words.
std::string_view meaning_of(const Icmp& icmp);

// "syn-ack, listening: python3/812", "ICMP 3/13 (administratively prohibited) from 10.0.0.1".
std::string reason_of(const Verdict& verdict, const Local& local, const Address& target);

// The same for many ports at once, without times, tries and owners: "RST", "no answer".
std::string short_reason_of(const Verdict& verdict);

// "0.1 ms", "2.0 s".
std::string duration_text(std::chrono::nanoseconds duration);

}  // namespace trama::scan
