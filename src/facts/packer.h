// The packer keeps the facts of contestants packed, behind the writes that change them. Nothing depends on its being
// quick, nor on its running at all: an evaluation sees by itself what is not packed yet, and reads the source instead.
#ifndef THIDUA_FACTS_PACKER_H
#define THIDUA_FACTS_PACKER_H

#include "database/session.h"

// Packs whenever something was committed here, and what other instances left.
bool packer_start(const struct session_options *options);
void packer_stop(void);

#endif
