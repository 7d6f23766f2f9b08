// What a service manager is told (sd_notify(3), Type=notify and WatchdogSec): a datagram to the socket that it named.
// Nothing happens where there is none. The protocol is stable and documented for this use; libsystemd would bring its
// compressors into the process for these few lines.
#ifndef THIDUA_APP_SYSTEMD_H
#define THIDUA_APP_SYSTEMD_H

#include <stdbool.h>

// Takes what the manager said in the environment, before there is a child: PostgreSQL's programs would answer to it,
// too.
void systemd_listen(void);
void systemd_tell(const char *state); // as in "READY=1"
// Signs of life at half of the time that the manager waits for one, as long as every event loop turns.
bool systemd_watchdog_start(void);
void systemd_watchdog_stop(void);

#endif
