// The listening sockets of the event loops: one each, all on the same port.
#ifndef THIDUA_HTTP_TRANSPORT_LISTEN_H
#define THIDUA_HTTP_TRANSPORT_LISTEN_H

#include <stdbool.h>
#include <stdint.h>

// The caller's to close; -1 with the reason where there is none. `first`: nobody else may listen there yet. Where
// `*port` is 0 it becomes the free one that was found. Loops are started one after another, by one thread.
int listen_on(const char *address, uint16_t *port, bool first, const char **ret_reason);

#endif
