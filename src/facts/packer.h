// The packer keeps the facts of contestants packed, behind the writes that change them. Nothing depends on its being
// quick, nor on its running at all: an evaluation sees by itself what is not packed yet, and reads the source instead.
#ifndef THIDUA_FACTS_PACKER_H
#define THIDUA_FACTS_PACKER_H

#include "database/session.h"

bool packer_start(const struct session_options *options);
// Something was committed here.
void packer_wake(void);
void packer_stop(void);
// Units whose facts have changed since they were packed, when the packer last looked.
long long packer_lag(void);

#endif
