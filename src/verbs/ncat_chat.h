// ncat's --chat: what a client sends goes to all others behind its number, "<user4> hello".
#pragma once
#include "serve/mode.h"

namespace trama {

extern const serve::Mode ncat_chat_mode;

}  // namespace trama
